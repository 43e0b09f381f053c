//! Objectives: the few big things that an organisation wants to reach in a quarter. Items name those they serve in a field that
//! every roadmap gets, so that views, history, exports and the past know it like any other.

use std::borrow::Cow;

use uuid::Uuid;

use crate::{
    Choice, CustomField, FieldChange, FieldDef, FieldId, FieldKey, FieldKind, FieldPlan, MAX_CHOICES, Op,
    Quarter, Record, RecordDef, RecordId, Role, Scope, Value,
};

/// The most objectives of a quarter that can be open.
pub const MOST_OPEN: usize = 3;

/// The most characters of an objective's name in the field of an item.
const MAX_LABEL: usize = 60;

/// The field of an item that names its objectives. It is the same in every roadmap.
pub const OBJECTIVES: FieldId = FieldId(Uuid::from_u128(0x0193_5b70_0000_7000_8000_6f62_6a65_6374));

const STATES: &[Choice] =
    &[Choice::new("draft", "Draft"), Choice::new("open", "Open"), Choice::new("closed", "Closed")];

/// The kind of record that an objective is.
pub static OBJECTIVE: RecordDef = RecordDef {
    kind: "objective",
    one: "objective",
    many: "Objectives",
    purpose: "The big things to reach in a quarter: at most three are open at a time.",
    scope: Scope::Workspace,
    // The field is offered on every roadmap, and owners reach them all.
    writes: Role::Owner,
    fields: &[
        FieldDef::new("name", "Title", FieldKind::Line, &[]),
        FieldDef::new("quarter", "Quarter", FieldKind::Quarter, &[]),
        FieldDef::new("state", "State", FieldKind::Choice(Cow::Borrowed(STATES)), &[]),
        FieldDef::new("owner", "Owner", FieldKind::Person, &[]),
        FieldDef::new("problem", "Problem", FieldKind::Text, &[]),
        FieldDef::new("why", "Why now", FieldKind::Text, &[]),
        FieldDef::new("budget", "Budget", FieldKind::Money, &[]),
        FieldDef::new("result", "Result", FieldKind::Text, &[]),
        FieldDef::new("lesson", "Lesson", FieldKind::Text, &[]),
    ],
    check,
};

/// How far an objective is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ObjectiveState {
    Open,
    Draft,
    Closed,
}

impl ObjectiveState {
    /// As people read it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Draft => "Draft",
            Self::Open => "Open",
            Self::Closed => "Closed",
        }
    }
}

/// An objective is a draft until somebody opens it.
pub fn state_of(objective: &Record) -> ObjectiveState {
    match objective.text("state") {
        Some("open") => ObjectiveState::Open,
        Some("closed") => ObjectiveState::Closed,
        _ => ObjectiveState::Draft,
    }
}

/// The quarter in which an objective is to be reached.
pub fn quarter_of(objective: &Record) -> Option<Quarter> {
    objective.text("quarter")?.parse().ok()
}

fn check(objective: &Record, others: &[Record]) -> Result<(), String> {
    OBJECTIVE.has_its_own_name(objective, others)?;
    if matches!(objective.values.get("budget"), Some(Value::Number(budget)) if *budget < 0) {
        return Err("A budget can’t be negative. Leave it empty where there is none.".to_owned());
    }
    match state_of(objective) {
        ObjectiveState::Draft => Ok(()),
        ObjectiveState::Closed if objective.text("result").is_none() => {
            Err("Write down the result before you close the objective.".to_owned())
        }
        ObjectiveState::Closed => Ok(()),
        ObjectiveState::Open => {
            let quarter = quarter_of(objective).ok_or("Choose a quarter before you open the objective.")?;
            let is_open_then = |other: &&Record| {
                other.id != objective.id
                    && state_of(other) == ObjectiveState::Open
                    && quarter_of(other) == Some(quarter)
            };
            let open: Vec<String> =
                others.iter().filter(is_open_then).map(|other| OBJECTIVE.name_of(other)).collect();
            if open.len() < MOST_OPEN {
                return Ok(());
            }
            let open: Vec<String> = open.iter().map(|name| format!("“{name}”")).collect();
            Err(format!(
                "Three objectives are open in {quarter} already: {}. Close one, or move it to another quarter.",
                open.join(", ")
            ))
        }
    }
}

/// The key by which an item names an objective in its field.
pub fn objective_key(id: RecordId) -> String {
    id.to_string()
}

/// An objective as a choice of the field: without the characters that separate choices, and no longer than one can be.
fn choice(objective: &Record, place: usize) -> Choice {
    let name = OBJECTIVE.name_of(objective).replace([',', ';'], " ");
    let mut label = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if label.chars().count() > MAX_LABEL {
        label = label.chars().take(MAX_LABEL - 1).collect::<String>().trim_end().to_owned() + "…";
    }
    let colour = u8::try_from(place % usize::from(crate::Member::COLOURS)).unwrap_or(0);
    // Items keep the objective they served; only what can still be reached is offered.
    let retired = objective.deleted.is_some() || state_of(objective) == ObjectiveState::Closed;
    Choice { key: objective_key(objective.id).into(), label: label.into(), colour, retired }
}

/// What makes the field of a roadmap offer the objectives, those in the bin included. A field holds [`MAX_CHOICES`]: beyond that
/// the latest are not offered.
pub fn follow(plan: &FieldPlan, objectives: &[Record]) -> Vec<Op> {
    let key = FieldKey::from(OBJECTIVES);
    let mut wanted: Vec<&Record> = objectives.iter().collect();
    wanted.sort_by_key(|objective| objective.id);
    let choices = wanted.iter().enumerate().map(|(place, objective)| choice(objective, place));
    let Some(present) = plan.find(&key) else {
        let choices: Vec<Choice> = choices.take(MAX_CHOICES).collect();
        if choices.iter().all(|choice| choice.retired) {
            return Vec::new();
        }
        let label = "Objectives".parse().expect("a test makes the field");
        let field = CustomField { label, kind: FieldKind::Choices(choices.into()), required_from: None };
        return vec![Op::CreateField { id: OBJECTIVES, field: Box::new(field) }];
    };
    let present = present.kind.choices();
    let room = MAX_CHOICES.saturating_sub(present.len());
    let find = |choice: &Choice| present.iter().find(|present| present.key == choice.key);
    let changed = choices.clone().filter(|choice| find(choice).is_some_and(|present| present != choice));
    let new = choices.filter(|choice| find(choice).is_none() && !choice.retired).take(room);
    let change = |choice| Op::SetField { field: key.clone(), change: FieldChange::Choice(choice) };
    changed.chain(new).map(change).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Context, Roadmap, Stamp, Timestamp, UserId, apply};

    const STAMP: Stamp = Stamp { by: UserId::NIL, at: Timestamp(1) };

    fn objective(number: u8, values: &[(&str, &str)]) -> Record {
        let values = values.iter().map(|(key, text)| (key.parse().unwrap(), Value::Text((*text).to_owned())));
        Record {
            id: RecordId::new(u64::from(number), [number; 10]),
            product: None,
            version: 1,
            values: values.collect(),
            created: STAMP,
            changed: STAMP,
            deleted: None,
        }
    }

    fn open(number: u8, quarter: &str) -> Record {
        let name = format!("Objective {number}");
        objective(number, &[("name", &name), ("quarter", quarter), ("state", "open")])
    }

    #[test]
    fn a_fourth_open_objective_of_a_quarter_is_refused_by_name() {
        let three: Vec<Record> = (1..=3).map(|number| open(number, "2027-Q1")).collect();
        let refused = OBJECTIVE.check(&open(4, "2027-Q1"), &three).unwrap_err();
        for name in ["Objective 1", "Objective 2", "Objective 3", "2027-Q1"] {
            assert!(refused.contains(name), "{refused}");
        }
        assert_eq!(OBJECTIVE.check(&open(4, "2027-Q2"), &three), Ok(()), "another quarter");
        assert_eq!(OBJECTIVE.check(&three[0], &three), Ok(()), "one of the three");
        assert_eq!(OBJECTIVE.check(&open(4, "2027-Q1"), &three[1..]), Ok(()), "the third");
        let draft = objective(5, &[("name", "Five"), ("quarter", "2027-Q1")]);
        assert_eq!(OBJECTIVE.check(&draft, &three), Ok(()));
    }

    #[test]
    fn a_budget_is_not_negative() {
        let with = |budget: i64| {
            let mut objective = objective(1, &[("name", "Calls")]);
            objective.values.insert("budget".parse().unwrap(), Value::Number(budget));
            OBJECTIVE.check(&objective, &[])
        };
        assert_eq!(with(0), Ok(()));
        assert!(with(-5).unwrap_err().contains("negative"));
    }

    #[test]
    fn an_objective_opens_for_a_quarter_and_closes_with_a_result() {
        let without = objective(1, &[("name", "One"), ("state", "open")]);
        assert!(OBJECTIVE.check(&without, &[]).unwrap_err().contains("quarter"));
        let closed = objective(1, &[("name", "One"), ("state", "closed")]);
        assert!(OBJECTIVE.check(&closed, &[]).unwrap_err().contains("result"));
        let told = objective(1, &[("name", "One"), ("state", "closed"), ("result", "Half the calls")]);
        assert_eq!(OBJECTIVE.check(&told, &[]), Ok(()));
    }

    #[test]
    fn items_of_every_roadmap_can_name_the_objectives() {
        let mut roadmap = Roadmap::default();
        let mut followed = |objectives: &[Record]| {
            let ops = follow(roadmap.fields(), objectives);
            for op in &ops {
                apply(&mut roadmap, op, &Context { actor: UserId::NIL, at: Timestamp(1) }).unwrap();
            }
            assert_eq!(follow(roadmap.fields(), objectives), [], "once is enough");
            let field = roadmap.fields().find(&FieldKey::from(OBJECTIVES));
            let choices = field.iter().flat_map(|field| field.kind.choices().to_vec());
            choices.map(|choice| (choice.label.to_string(), choice.retired)).collect::<Vec<_>>()
        };
        assert_eq!(followed(&[]), []);
        let long = "Customers, partners; and everyone else get an answer within a single working day, always";
        let (first, second) = (open(1, "2027-Q1"), objective(2, &[("name", long)]));
        let shown = followed(&[second.clone(), first.clone()]);
        assert_eq!(shown[0], ("Objective 1".to_owned(), false));
        assert!(
            shown[1].0.starts_with("Customers partners and") && shown[1].0.chars().count() <= 60,
            "{shown:?}"
        );
        let renamed = objective(1, &[("name", "Faster"), ("state", "closed"), ("result", "Yes")]);
        let binned = Record { deleted: Some(STAMP), ..second };
        let shown = followed(&[renamed, binned]);
        assert_eq!(shown[0], ("Faster".to_owned(), true));
        assert!(shown[1].1);
        let many: Vec<Record> = (1..=120).map(|number| open(number, "2027-Q1")).collect();
        assert_eq!(followed(&many).len(), MAX_CHOICES);
    }
}
