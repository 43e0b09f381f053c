//! Outcomes of shipped items: what one changed, or why nobody measures that.

use std::borrow::Cow;

use super::kpi::figure_of;
use crate::{
    Choice, Date, FieldDef, FieldKind, Figure, ItemId, Record, RecordDef, RecordId, Role, Scope, UserId,
    Value,
};

const STATES: &[Choice] = &[Choice::new("recorded", "Recorded"), Choice::new("waived", "Waived")];

/// An outcome. An item that is done and has none is measuring.
pub static OUTCOME: RecordDef = RecordDef {
    kind: "outcome",
    one: "outcome",
    many: "Outcomes",
    purpose: "What a shipped item changed, or why that is not measured.",
    scope: Scope::Product { reads, may },
    writes: Role::Editor,
    fields: &[
        FieldDef::new("name", "Item", FieldKind::Line, &[]),
        FieldDef::new("item", "Item", FieldKind::Line, &[]),
        FieldDef::new("state", "State", FieldKind::Choice(Cow::Borrowed(STATES)), &[]),
        FieldDef::new("kpi", "Key figure", FieldKind::Line, &[]),
        // As it was called then: a key figure may be measured in another unit later.
        FieldDef::new("unit", "Unit", FieldKind::Line, &[]),
        FieldDef::new("before", "Before", FieldKind::Line, &[]),
        FieldDef::new("after", "After", FieldKind::Line, &[]),
        FieldDef::new("value", "Value per year", FieldKind::Money, &[]),
        FieldDef::new("note", "What changed", FieldKind::Text, &[]),
        FieldDef::new("reason", "Reason", FieldKind::Line, &[]),
        FieldDef::new("date", "Date", FieldKind::Date, &[]),
    ],
    check,
};

crate::choices! {
    /// What is known of a shipped item.
    OutcomeState {
        Recorded = "recorded", "Recorded";
        Waived = "waived", "Waived";
    }
}

/// What an outcome says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub item: ItemId,
    pub state: OutcomeState,
    pub kpi: Option<RecordId>,
    pub before: Option<Figure>,
    pub after: Option<Figure>,
    /// What it is worth in a year, in hundredths of the workspace's currency.
    pub value: Option<i64>,
}

impl Outcome {
    /// What a record says; `None` where that is not enough.
    pub fn of(record: &Record) -> Option<Self> {
        let value = match record.values.get("value") {
            Some(Value::Number(amount)) => Some(*amount),
            _ => None,
        };
        Some(Self {
            item: record.text("item")?.parse().ok()?,
            state: record.text("state")?.parse().ok()?,
            kpi: record.text("kpi").and_then(|id| id.parse().ok()),
            before: figure_of(record, "before"),
            after: figure_of(record, "after"),
            value,
        })
    }

    /// Before and after, where both are known.
    pub fn measured(&self) -> Option<(Figure, Figure)> {
        self.before.zip(self.after)
    }

    /// How much more it is than before; `None` where that is not known, or beyond all figures.
    pub fn change(&self) -> Option<Figure> {
        let (before, after) = self.measured()?;
        Figure::from_parts(after.parts() - before.parts())
    }
}

/// What was measured nearest to a day; of two that are as near the earlier. `measured` is by day, the latest last.
pub fn nearest(measured: &[(Date, Figure)], day: Date) -> Option<Figure> {
    let away = |(other, _): &&(Date, Figure)| other.days().abs_diff(day.days());
    measured.iter().min_by_key(away).map(|(_, figure)| *figure)
}

fn reads(_: &Record, _: UserId) -> bool {
    true
}

fn may(record: &Record, _: UserId, role: Role) -> bool {
    role.can_edit() && record.product.is_some()
}

fn check(record: &Record, others: &[Record]) -> Result<(), String> {
    let outcome =
        Outcome::of(record).ok_or("Choose a shipped item, and whether its outcome is recorded or waived.")?;
    let is_of_item = |other: &&Record| {
        other.id != record.id && Outcome::of(other).is_some_and(|other| other.item == outcome.item)
    };
    if others.iter().any(|other| is_of_item(&other)) {
        return Err("This item has an outcome already. Reload the page and edit that one.".to_owned());
    }
    for key in ["before", "after"] {
        let Some(typed) = record.text(key) else { continue };
        let figure = typed.parse().or_else(|_| Figure::read(typed, ""))?;
        if figure.to_string() != typed {
            return Err(format!("Write {key} as {figure}."));
        }
    }
    let is_said = |key: &str| record.text(key).is_some_and(|text| !text.trim().is_empty());
    match outcome.state {
        OutcomeState::Waived if !is_said("reason") => {
            Err("Give a reason for not measuring this item.".to_owned())
        }
        OutcomeState::Waived
            if ["kpi", "before", "after", "value"].iter().any(|key| record.values.contains_key(*key)) =>
        {
            Err("A waived outcome has a reason and no figures.".to_owned())
        }
        OutcomeState::Waived => Ok(()),
        OutcomeState::Recorded if outcome.before.is_some() != outcome.after.is_some() => {
            Err("Fill in both before and after, or neither.".to_owned())
        }
        OutcomeState::Recorded if outcome.before.is_some() && outcome.kpi.is_none() => {
            Err("Choose the key figure that before and after belong to.".to_owned())
        }
        OutcomeState::Recorded if outcome.before.is_none() && !is_said("note") => {
            Err("Fill in before and after, or write what changed.".to_owned())
        }
        OutcomeState::Recorded => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ProductId, Stamp, Timestamp};

    fn outcome(number: u8, state: &str, values: &[(&str, &str)]) -> Record {
        let stamp = Stamp { by: UserId::NIL, at: Timestamp(1) };
        let item = ItemId::new(1, [number; 10]).to_string();
        let usual = [("name", "Faster search"), ("item", &*item), ("state", state)];
        let values = usual.iter().chain(values);
        Record {
            id: RecordId::new(1, [number; 10]),
            product: Some(ProductId::new(1, [1; 10])),
            version: 1,
            values: values
                .map(|(key, text)| (key.parse().unwrap(), Value::Text((*text).to_owned())))
                .collect(),
            created: stamp,
            changed: stamp,
            deleted: None,
        }
    }

    fn refused(record: &Record) -> String {
        OUTCOME.check(record, &[]).unwrap_err()
    }

    #[test]
    fn an_outcome_has_figures_or_words_and_a_waived_one_a_reason() {
        let kpi = RecordId::new(2, [2; 10]).to_string();
        let measured = outcome(1, "recorded", &[("kpi", &kpi), ("before", "12.5"), ("after", "9")]);
        assert_eq!(OUTCOME.check(&measured, &[]), Ok(()));
        assert_eq!(Outcome::of(&measured).unwrap().change().unwrap().to_string(), "-3.5");
        assert_eq!(OUTCOME.check(&outcome(1, "recorded", &[("note", "Fewer calls")]), &[]), Ok(()));
        assert_eq!(OUTCOME.check(&outcome(1, "waived", &[("reason", "Required by law")]), &[]), Ok(()));
        assert!(refused(&outcome(1, "recorded", &[])).contains("what changed"));
        assert!(refused(&outcome(1, "recorded", &[("kpi", &kpi), ("before", "1")])).contains("both"));
        assert!(
            refused(&outcome(1, "recorded", &[("before", "1"), ("after", "2")])).contains("the key figure")
        );
        let odd = [("kpi", &*kpi), ("before", "1.50"), ("after", "2")];
        assert!(refused(&outcome(1, "recorded", &odd)).contains("as 1.5"));
        assert!(refused(&outcome(1, "waived", &[])).contains("a reason"));
        assert!(refused(&outcome(1, "waived", &[("reason", "x"), ("kpi", &kpi)])).contains("no figures"));
        assert!(!refused(&outcome(1, "unknown", &[])).is_empty());
        assert!(!OUTCOME.may(&Record { product: None, ..measured }, UserId::NIL, Role::Owner));
    }

    /// By hand: 10 March is 9 days after the 1st and 10 before the 20th; the 11th is 10 after and 9 before; 10 days lie between the
    /// 10th and both the 20th and 28 February.
    #[test]
    fn what_was_measured_nearest_to_a_day_is_found() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let figure = |parts| Figure::from_parts(parts).unwrap();
        let measured = [(day("2027-03-01"), figure(1)), (day("2027-03-20"), figure(2))];
        assert_eq!(nearest(&measured, day("2027-03-10")), Some(figure(1)));
        assert_eq!(nearest(&measured, day("2027-03-11")), Some(figure(2)));
        assert_eq!(nearest(&measured, day("2020-01-01")), Some(figure(1)));
        let even = [(day("2027-02-28"), figure(1)), (day("2027-03-20"), figure(2))];
        assert_eq!(nearest(&even, day("2027-03-10")), Some(figure(1)));
        assert_eq!(nearest(&[], day("2027-03-10")), None);
    }

    #[test]
    fn an_item_has_one_outcome() {
        let first = outcome(1, "waived", &[("reason", "Required by law")]);
        let again = Record { id: RecordId::new(1, [9; 10]), ..first.clone() };
        assert_eq!(OUTCOME.check(&first, std::slice::from_ref(&first)), Ok(()));
        assert!(OUTCOME.check(&again, std::slice::from_ref(&first)).unwrap_err().contains("already"));
        let other = outcome(2, "waived", &[("reason", "Required by law")]);
        assert_eq!(OUTCOME.check(&other, &[first]), Ok(()));
        let all = OutcomeState::ALL.iter().map(|state| (state.as_str(), state.label()));
        assert!(STATES.iter().map(|choice| (&*choice.key, &*choice.label)).eq(all));
    }
}
