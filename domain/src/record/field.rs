//! Fields of the workspace: those that items of every product have, beside those that a product adds.

use std::borrow::Cow;

use crate::{
    Choice, CustomField, FieldChange, FieldDef, FieldId, FieldKey, FieldKind, FieldPlan, Op, Record,
    RecordDef, RecordId, Role, Scope, Value,
};

/// The most fields of a workspace: a roadmap has room for as many of its own.
const MOST: usize = 30;

/// What a field can hold, as it is kept.
const HOLDS: &[Choice] = &[
    Choice::new("text", "Text"),
    Choice::new("number", "Number"),
    Choice::new("money", "Money"),
    Choice::new("date", "Date"),
    Choice::new("person", "Person"),
    Choice::new("choice", "One choice"),
    Choice::new("choices", "Several choices"),
    Choice::new("checkbox", "Check box"),
    Choice::new("links", "Links"),
];

/// The kind of record that a field of the workspace is.
pub static FIELD: RecordDef = RecordDef {
    kind: "field",
    one: "field",
    many: "Fields",
    purpose: "What items of every product can have, beside the fields that a product adds.",
    scope: Scope::Workspace,
    writes: Role::Owner,
    fields: &[
        FieldDef::new("name", "Name", FieldKind::Line, &[]),
        FieldDef::new("holds", "Type", FieldKind::Choice(Cow::Borrowed(HOLDS)), &[]),
        FieldDef::new("unit", "Unit", FieldKind::Line, &[]),
        FieldDef::new("choices", "Choices", FieldKind::Text, &[]),
    ],
    check,
};

fn check(field: &Record, others: &[Record]) -> Result<(), String> {
    FIELD.has_its_own_name(field, others)?;
    if others.iter().filter(|other| other.id != field.id).count() >= MOST {
        return Err(format!(
            "A workspace can have at most {MOST} fields. Remove one, or add it to a product."
        ));
    }
    let before = others.iter().find(|other| other.id == field.id);
    if before.is_some_and(|before| holds(before) != holds(field)) {
        return Err("The type of a field can't change, because items use it. Add another field.".to_owned());
    }
    custom(field).and_then(|custom| custom.check().map_err(|refused| refused.to_string()))
}

fn text<'a>(field: &'a Record, key: &str) -> &'a str {
    match field.values.get(key) {
        Some(Value::Text(text)) => text.trim(),
        _ => "",
    }
}

/// What a field holds; text where nobody has said.
fn holds(field: &Record) -> &str {
    Some(text(field, "holds")).filter(|holds| !holds.is_empty()).unwrap_or("text")
}

/// The labels of a field's choices.
fn labels(field: &Record) -> Vec<&str> {
    text(field, "choices").lines().map(str::trim).filter(|line| !line.is_empty()).collect()
}

/// A field of the workspace as a roadmap has it.
fn custom(field: &Record) -> Result<CustomField, String> {
    let choices = || -> Result<Cow<'static, [Choice]>, String> {
        let mut choices = Vec::new();
        for label in labels(field) {
            choices.extend(Choice::beside(&choices, label));
        }
        if choices.is_empty() {
            return Err("Name at least one choice, each on a line of its own.".to_owned());
        }
        Ok(choices.into())
    };
    let kind = match holds(field) {
        "number" => FieldKind::number(text(field, "unit")),
        "money" => FieldKind::Money,
        "date" => FieldKind::Date,
        "person" => FieldKind::Person,
        "choice" => FieldKind::Choice(choices()?),
        "choices" => FieldKind::Choices(choices()?),
        "checkbox" => FieldKind::Checkbox,
        "links" => FieldKind::Links,
        _ => FieldKind::Text,
    };
    let label = FIELD.name_of(field).parse().map_err(|error: crate::InvalidText| error.to_string())?;
    Ok(CustomField { label, kind, required_from: None })
}

/// The field of a roadmap that a field of the workspace is.
pub fn field_of(id: RecordId) -> FieldId {
    FieldId(id.0)
}

/// What makes the fields of a roadmap those of the workspace, those in the bin included: new ones are added, names, units and
/// choices follow, and what was moved to the bin is not offered any more. `restored` came back from there just now; otherwise it
/// is the roadmap's own which of them it offers.
pub fn follow(plan: &FieldPlan, fields: &[Record], restored: Option<RecordId>) -> Vec<Op> {
    fields.iter().flat_map(|field| follow_one(plan, field, restored == Some(field.id))).collect()
}

fn follow_one(plan: &FieldPlan, field: &Record, is_restored: bool) -> Vec<Op> {
    let (id, mut changes) = (field_of(field.id), Vec::new());
    let key = FieldKey::from(id);
    let Ok(wanted) = custom(field) else { return Vec::new() };
    let Some(present) = plan.find(&key) else {
        let is_gone = field.deleted.is_some();
        return if is_gone { Vec::new() } else { vec![Op::CreateField { id, field: Box::new(wanted) }] };
    };
    if field.deleted.is_some() {
        if plan.is_used(&key) {
            changes.push(FieldChange::Used(false));
        }
    } else {
        if is_restored && !plan.is_used(&key) {
            changes.push(FieldChange::Used(true));
        }
        if *present.label != *wanted.label {
            changes.push(FieldChange::Label(wanted.label.clone()));
        }
        if let (FieldKind::Number { unit, .. }, FieldKind::Number { unit: was, .. }) =
            (&wanted.kind, &present.kind)
            && unit != was
        {
            changes.push(FieldChange::Unit(unit.to_string()));
        }
        changes.extend(choices(present.kind.choices(), &labels(field)).into_iter().map(FieldChange::Choice));
    }
    changes.into_iter().map(|change| Op::SetField { field: key.clone(), change }).collect()
}

/// What makes choices those of these labels. One that is not among them is kept by those who have it.
fn choices(present: &[Choice], labels: &[&str]) -> Vec<Choice> {
    let is_wanted = |choice: &Choice| labels.iter().any(|label| choice.label == *label);
    let changed = present.iter().filter(|choice| choice.retired == is_wanted(choice));
    let mut changes: Vec<Choice> =
        changed.map(|choice| Choice { retired: !choice.retired, ..choice.clone() }).collect();
    let mut all = present.to_vec();
    for label in labels.iter().filter(|label| !present.iter().any(|choice| choice.label == **label)) {
        if let Some(choice) = Choice::beside(&all, label) {
            all.push(choice.clone());
            changes.push(choice);
        }
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Context, Roadmap, Stamp, Timestamp, UserId, apply};

    const STAMP: Stamp = Stamp { by: UserId::NIL, at: Timestamp(1) };

    fn field(number: u8, values: &[(&str, &str)]) -> Record {
        let values = values.iter().map(|(key, text)| (key.parse().unwrap(), Value::Text((*text).to_owned())));
        let id = RecordId::new(1, [number; 10]);
        Record {
            id,
            product: None,
            version: 1,
            values: values.collect(),
            created: STAMP,
            changed: STAMP,
            deleted: None,
        }
    }

    fn followed(roadmap: &mut Roadmap, fields: &[Record], restored: Option<RecordId>) -> usize {
        let ops = follow(roadmap.fields(), fields, restored);
        for op in &ops {
            apply(roadmap, op, &Context { actor: UserId::NIL, at: Timestamp(1) }).unwrap();
        }
        assert_eq!(follow(roadmap.fields(), fields, None), [], "once is enough");
        ops.len()
    }

    #[test]
    fn a_roadmap_follows_the_fields_of_the_workspace() {
        let mut roadmap = Roadmap::default();
        let region = field(1, &[("name", "Region"), ("holds", "choice"), ("choices", "North\nSouth")]);
        let cost = field(2, &[("name", "Seats"), ("holds", "number"), ("unit", "seats")]);
        assert_eq!(followed(&mut roadmap, &[region.clone(), cost.clone()], None), 2);
        let key = FieldKey::from(field_of(region.id));
        let labels = |roadmap: &Roadmap| {
            let def = roadmap.fields().find(&key).unwrap().into_owned();
            let choices = def.kind.choices().iter().filter(|choice| !choice.retired);
            (def.label.to_string(), choices.map(|choice| choice.label.to_string()).collect::<Vec<_>>())
        };
        assert_eq!(labels(&roadmap), ("Region".to_owned(), vec!["North".to_owned(), "South".to_owned()]));

        let region = field(1, &[("name", "Area"), ("holds", "choice"), ("choices", "South\nWest")]);
        let cost = field(2, &[("name", "Seats"), ("holds", "number"), ("unit", "licences")]);
        assert_eq!(followed(&mut roadmap, &[region.clone(), cost.clone()], None), 4);
        assert_eq!(labels(&roadmap), ("Area".to_owned(), vec!["South".to_owned(), "West".to_owned()]));
        let region = field(1, &[("name", "Area"), ("holds", "choice"), ("choices", "North\nSouth\nWest")]);
        assert_eq!(
            followed(&mut roadmap, std::slice::from_ref(&region), None),
            1,
            "the choice of before comes back"
        );

        let binned = Record { deleted: Some(STAMP), ..region.clone() };
        assert_eq!(followed(&mut roadmap, &[binned], None), 1);
        assert!(!roadmap.fields().is_used(&key));
        assert_eq!(
            followed(&mut roadmap, std::slice::from_ref(&region), None),
            0,
            "what a roadmap does not offer is its own"
        );
        assert_eq!(followed(&mut roadmap, std::slice::from_ref(&region), Some(region.id)), 1);
        assert!(roadmap.fields().is_used(&key));
    }

    #[test]
    fn a_field_keeps_what_it_holds_and_needs_choices() {
        let region = field(1, &[("name", "Region"), ("holds", "choice"), ("choices", "North")]);
        assert_eq!(FIELD.check(&region, &[]), Ok(()));
        let other = field(1, &[("name", "Region"), ("holds", "date")]);
        assert!(FIELD.check(&other, &[region]).unwrap_err().contains("can't change"));
        let none = field(1, &[("name", "Region"), ("holds", "choices")]);
        assert!(FIELD.check(&none, &[]).unwrap_err().contains("at least one choice"));
        let comma = field(1, &[("name", "Region"), ("holds", "choices"), ("choices", "a, b")]);
        assert!(FIELD.check(&comma, &[]).unwrap_err().contains("without commas"));
        assert_eq!(FIELD.check(&field(1, &[("name", "Notes")]), &[]), Ok(()), "text where nothing is said");
        let many: Vec<Record> =
            (1..=30).map(|number| field(number, &[("name", &format!("Field {number}"))])).collect();
        assert!(FIELD.check(&field(31, &[("name", "One more")]), &many).unwrap_err().contains("at most 30"));
        assert_eq!(FIELD.check(&many[0], &many), Ok(()));
    }
}
