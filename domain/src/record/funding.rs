//! Funding lines: who pays for an objective, and how much.

use crate::{FieldDef, FieldKind, Quarter, Record, RecordDef, RecordId, Role, Scope, UserId, Value};

/// The most funding lines of an objective.
pub const MOST_FUNDING_LINES: usize = 20;

/// The kind of record that a funding line is. Like its objective it is for everybody to read and for owners to write; it stands on
/// the page of its quarter, not on one of its own.
pub static FUNDING: RecordDef = RecordDef {
    kind: "funding_line",
    one: "funding line",
    many: "Funding lines",
    purpose: "Who pays for an objective, how much, and for which quarters.",
    scope: Scope::Product { reads, may },
    writes: Role::Owner,
    fields: &[
        FieldDef::new("name", "Source", FieldKind::Line, &[]),
        FieldDef::new("objective", "Objective", FieldKind::Line, &[]),
        FieldDef::new("amount", "Amount", FieldKind::Money, &[]),
        FieldDef::new("from", "From quarter", FieldKind::Quarter, &[]),
        FieldDef::new("to", "To quarter", FieldKind::Quarter, &[]),
    ],
    check,
};

/// What a funding line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Funding {
    pub objective: RecordId,
    /// In hundredths of the workspace's currency.
    pub amount: i64,
    /// The first quarter it is for; without one, whatever is before the last.
    pub from: Option<Quarter>,
    pub to: Option<Quarter>,
}

impl Funding {
    /// What a record says; `None` where that is not enough.
    pub fn of(line: &Record) -> Option<Self> {
        let quarter = |key: &str| line.text(key).and_then(|text| text.parse().ok());
        let Some(Value::Number(amount)) = line.values.get("amount") else { return None };
        Some(Self {
            objective: line.text("objective")?.parse().ok()?,
            amount: *amount,
            from: quarter("from"),
            to: quarter("to"),
        })
    }

    /// Whether it pays in a quarter. Without a period it follows its objective.
    pub fn pays_in(&self, quarter: Quarter) -> bool {
        self.from.is_none_or(|from| from <= quarter) && self.to.is_none_or(|to| quarter <= to)
    }
}

fn reads(_: &Record, _: UserId) -> bool {
    true
}

fn may(_: &Record, _: UserId, role: Role) -> bool {
    role >= Role::Owner
}

fn check(line: &Record, others: &[Record]) -> Result<(), String> {
    if line.text("objective").is_none_or(|id| id.parse::<RecordId>().is_err()) {
        return Err("Choose an objective for the funding line.".to_owned());
    }
    let funding = Funding::of(line).filter(|funding| funding.amount > 0);
    let funding = funding.ok_or("Give the funding line an amount above 0.")?;
    if let (Some(from), Some(to)) = (funding.from, funding.to)
        && to < from
    {
        return Err(format!("The period ends in {to}, before it begins in {from}. Swap them."));
    }
    let of_objective = |other: &&Record| {
        other.id != line.id && Funding::of(other).is_some_and(|other| other.objective == funding.objective)
    };
    if others.iter().filter(of_objective).count() >= MOST_FUNDING_LINES {
        return Err(format!("This objective has {MOST_FUNDING_LINES} funding lines. Change one of them."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Stamp, Timestamp};

    fn line(number: u8, amount: i64, values: &[(&str, &str)]) -> Record {
        let stamp = Stamp { by: UserId::NIL, at: Timestamp(1) };
        let objective = RecordId::new(9, [9; 10]).to_string();
        let usual = [("name", "Innovation fund"), ("objective", &*objective)];
        let texts = usual.iter().chain(values).filter(|(_, text)| !text.is_empty());
        let mut all: crate::Values =
            texts.map(|(key, text)| (key.parse().unwrap(), Value::Text((*text).to_owned()))).collect();
        all.insert("amount".parse().unwrap(), Value::Number(amount));
        let id = RecordId::new(1, [number; 10]);
        Record { id, product: None, version: 1, values: all, created: stamp, changed: stamp, deleted: None }
    }

    #[test]
    fn a_funding_line_has_an_amount_and_a_period_in_order() {
        assert_eq!(FUNDING.check(&line(1, 100, &[]), &[]), Ok(()));
        assert!(FUNDING.check(&line(1, 0, &[]), &[]).unwrap_err().contains("above 0"));
        assert!(FUNDING.check(&line(1, -5, &[]), &[]).unwrap_err().contains("above 0"));
        let nowhere = line(1, 100, &[("objective", "nothing")]);
        assert!(FUNDING.check(&nowhere, &[]).unwrap_err().contains("Choose an objective"));
        let back = line(1, 100, &[("from", "2027-Q2"), ("to", "2027-Q1")]);
        assert!(FUNDING.check(&back, &[]).unwrap_err().contains("Swap"));
        let many: Vec<Record> = (2..=21).map(|number| line(number, 100, &[])).collect();
        assert!(FUNDING.check(&line(1, 100, &[]), &many).unwrap_err().contains("20 funding lines"));
    }

    #[test]
    fn a_funding_line_pays_in_its_period() {
        let quarter = |text: &str| text.parse::<Quarter>().unwrap();
        let pays = |values: &[(&str, &str)]| {
            let funding = Funding::of(&line(1, 100, values)).unwrap();
            ["2026-Q4", "2027-Q1", "2027-Q2", "2027-Q3"].map(|at| funding.pays_in(quarter(at)))
        };
        assert_eq!(pays(&[]), [true; 4]);
        assert_eq!(pays(&[("from", "2027-Q1"), ("to", "2027-Q2")]), [false, true, true, false]);
        assert_eq!(pays(&[("to", "2026-Q4")]), [true, false, false, false]);
    }
}
