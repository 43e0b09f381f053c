//! The fields of a roadmap: which it uses, in which order, and those that people made.

use std::sync::Arc;

use crate::{Change, CustomField, Effects, FieldChange, FieldFact, FieldId, FieldKey, Op, Reject, Roadmap};

pub(super) fn create(
    roadmap: &mut Roadmap,
    id: FieldId,
    field: &CustomField,
    effects: &mut Effects,
) -> Result<(), Reject> {
    Arc::make_mut(&mut roadmap.fields).create(id, field)?;
    let key = FieldKey::from(id);
    effects.touched.fields = true;
    effects.changes.push(Change::FieldCreated { field: key.clone(), name: field.label.to_string() });
    effects.inverse.push(Op::SetField { field: key, change: FieldChange::Used(false) });
    Ok(())
}

pub(super) fn set(
    roadmap: &mut Roadmap,
    key: &FieldKey,
    change: &FieldChange,
    effects: &mut Effects,
) -> Result<(), Reject> {
    let name =
        roadmap.fields.find(key).ok_or_else(|| Reject::UnknownField(key.to_string()))?.label.to_string();
    let mut plan = (*roadmap.fields).clone();
    let Some(back) = plan.set(key, change)? else { return Ok(()) };
    let fact = match (change, &back) {
        (FieldChange::Label(label), _) => FieldFact::Renamed(label.to_string()),
        (FieldChange::Unit(unit), _) => FieldFact::Unit(unit.clone()),
        (FieldChange::Choice(choice), FieldChange::Choice(before)) if before.key == choice.key => {
            match (before.label == choice.label, before.retired, choice.retired) {
                (false, ..) => FieldFact::ChoiceRenamed {
                    before: before.label.to_string(),
                    after: choice.label.to_string(),
                },
                (true, false, true) => FieldFact::ChoiceRetired(choice.label.to_string()),
                _ => FieldFact::ChoiceOffered(choice.label.to_string()),
            }
        }
        (FieldChange::Choice(choice), _) => FieldFact::ChoiceOffered(choice.label.to_string()),
        (FieldChange::RequiredFrom(from), _) => FieldFact::RequiredFrom(*from),
        (FieldChange::Used(used), _) => FieldFact::Used(*used),
        (FieldChange::Place(_), _) => FieldFact::Moved,
    };
    roadmap.fields = Arc::new(plan);
    effects.touched.fields = true;
    effects.changes.push(Change::FieldSet { field: key.clone(), name, fact });
    effects.inverse.push(Op::SetField { field: key.clone(), change: back });
    Ok(())
}
