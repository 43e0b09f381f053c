//! The days that a team has in a quarter, and requests for more of them. They are the team lead's to give: a service of its own writes
//! them, which asks who leads the team.

use std::borrow::Cow;

use crate::{Choice, FieldDef, FieldKind, Quarter, Record, RecordDef, RecordId, Role, Scope, UserId, Value};

/// The most person-days of a team in a quarter.
pub const MOST_DAYS: u32 = 100_000;

const DAYS: FieldKind =
    FieldKind::Number { min: 0, max: MOST_DAYS as i64, unit: Cow::Borrowed("person-days") };

const ANSWERS: &[Choice] = &[Choice::new("yes", "Yes"), Choice::new("no", "No")];

/// The kind of record that a team's days in a quarter are.
pub static CAPACITY: RecordDef = RecordDef {
    kind: "capacity",
    one: "capacity",
    many: "Capacities",
    purpose: "The person-days that each team has in a quarter.",
    // Of the portfolio: teams work for several products.
    scope: Scope::Product { reads: |_, _| true, may: |_, _, role| role >= Role::Owner },
    writes: Role::Owner,
    fields: &[
        FieldDef::new("name", "Name", FieldKind::Line, &[]),
        FieldDef::new("team", "Team", FieldKind::Line, &[]),
        FieldDef::new("quarter", "Quarter", FieldKind::Quarter, &[]),
        FieldDef::new("days", "Person-days", DAYS, &[]),
    ],
    check: |capacity, others| {
        let (team, quarter, _) =
            capacity_of(capacity).ok_or("Name a team, a quarter and its person-days.")?;
        let is_same = |other: &Record| {
            other.id != capacity.id
                && capacity_of(other).is_some_and(|(of, then, _)| (of, then) == (team, quarter))
        };
        if others.iter().any(is_same) {
            return Err(format!("The team has days in {quarter} already. Change those instead."));
        }
        Ok(())
    },
};

/// The kind of record that a request for days is.
pub static CAPACITY_REQUEST: RecordDef = RecordDef {
    kind: "capacity_request",
    one: "capacity request",
    many: "Capacity requests",
    purpose: "Requests for more days of a team, and what its lead answered.",
    scope: Scope::Product { reads: |_, _| true, may: |_, _, role| role >= Role::Owner },
    writes: Role::Owner,
    fields: &[
        FieldDef::new("name", "Name", FieldKind::Line, &[]),
        FieldDef::new("team", "Team", FieldKind::Line, &[]),
        FieldDef::new("quarter", "Quarter", FieldKind::Quarter, &[]),
        FieldDef::new("days", "Person-days", DAYS, &[]),
        FieldDef::new("reason", "Reason", FieldKind::Text, &[]),
        FieldDef::new("answer", "Answer", FieldKind::Choice(Cow::Borrowed(ANSWERS)), &[]),
        FieldDef::new("because", "Because", FieldKind::Text, &[]),
    ],
    check: |request, _| {
        let request = capacity_request_of(request)
            .ok_or("Name a team, a quarter and how many more person-days you need.")?;
        if request.days == 0 {
            return Err("Ask for at least one person-day.".to_owned());
        }
        if request.reason.is_empty() {
            return Err("Say what the days are for.".to_owned());
        }
        if request.answer.is_some() && request.because.is_empty() {
            return Err("Give a reason with your answer.".to_owned());
        }
        Ok(())
    },
};

/// A request for days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CapacityRequest {
    pub team: RecordId,
    pub quarter: Quarter,
    /// How many more.
    pub days: u32,
    pub reason: String,
    /// Whether they are given; `None` as long as nobody has answered.
    pub answer: Option<bool>,
    /// Why so.
    pub because: String,
}

/// The team, the quarter and the days that a record says.
pub fn capacity_of(record: &Record) -> Option<(RecordId, Quarter, u32)> {
    let days = match record.values.get("days")? {
        Value::Number(days) => u32::try_from(*days).ok()?,
        _ => return None,
    };
    Some((record.text("team")?.parse().ok()?, record.text("quarter")?.parse().ok()?, days))
}

/// What a request says.
pub fn capacity_request_of(record: &Record) -> Option<CapacityRequest> {
    let (team, quarter, days) = capacity_of(record)?;
    let said = |key: &str| record.text(key).unwrap_or_default().to_owned();
    let answer = record.text("answer").map(|answer| answer == "yes");
    Some(CapacityRequest { team, quarter, days, reason: said("reason"), answer, because: said("because") })
}

/// Who leads a team.
pub fn lead_of(team: &Record) -> Option<UserId> {
    team.text("lead")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Stamp, Timestamp};

    fn record(number: u8, values: &[(&str, &str)], days: i64) -> Record {
        let stamp = Stamp { by: UserId::NIL, at: Timestamp(1) };
        let mut all: crate::Values = values
            .iter()
            .map(|(key, text)| (key.parse().unwrap(), Value::Text((*text).to_owned())))
            .collect();
        all.insert("name".parse().unwrap(), Value::Text("Payments, 2027-Q1".to_owned()));
        all.insert("days".parse().unwrap(), Value::Number(days));
        let id = RecordId::new(1, [number; 10]);
        Record { id, product: None, version: 1, values: all, created: stamp, changed: stamp, deleted: None }
    }

    #[test]
    fn a_team_has_days_once_in_a_quarter() {
        let team = RecordId::new(1, [9; 10]).to_string();
        let first = record(1, &[("team", &team), ("quarter", "2027-Q1")], 60);
        assert_eq!(CAPACITY.check(&first, &[]), Ok(()));
        let again = record(2, &[("team", &team), ("quarter", "2027-Q1")], 20);
        assert!(CAPACITY.check(&again, std::slice::from_ref(&first)).unwrap_err().contains("already"));
        let later = record(2, &[("team", &team), ("quarter", "2027-Q2")], 20);
        assert_eq!(CAPACITY.check(&later, std::slice::from_ref(&first)), Ok(()));
        let nowhere = record(2, &[("quarter", "2027-Q2")], 20);
        assert!(CAPACITY.check(&nowhere, &[]).unwrap_err().contains("team"));
        let many = record(2, &[("team", &team), ("quarter", "2027-Q2")], 100_001);
        assert!(CAPACITY.check(&many, &[]).is_err());
    }

    #[test]
    fn a_request_says_what_for_and_an_answer_why() {
        let team = RecordId::new(1, [9; 10]).to_string();
        let asked = [("team", &*team), ("quarter", "2027-Q1"), ("reason", "The audit")];
        assert_eq!(CAPACITY_REQUEST.check(&record(1, &asked, 5), &[]), Ok(()));
        let refused = |values: &[(&str, &str)], days| {
            CAPACITY_REQUEST.check(&record(1, values, days), &[]).unwrap_err()
        };
        assert!(refused(&asked, 0).contains("at least one"));
        assert!(refused(&asked[..2], 5).contains("what the days are for"));
        let answered = [&asked[..], &[("answer", "no")]].concat();
        assert!(refused(&answered, 5).contains("reason"));
        let whole = record(1, &[&answered[..], &[("because", "Holidays")]].concat(), 5);
        assert_eq!(CAPACITY_REQUEST.check(&whole, &[]), Ok(()));
        let request = capacity_request_of(&whole).unwrap();
        assert_eq!((request.answer, &*request.because, request.days), (Some(false), "Holidays", 5));
    }
}
