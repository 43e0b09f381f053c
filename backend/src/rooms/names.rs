//! Titles, names of lanes and tags that an operation gives. What turns the direction of the text around it is refused when it is
//! new; documents and logs that hold some go on being read.

use domain::{FieldChange, FieldKind, ItemChange, Op, Reject};

/// Whether an operation gives a name with characters that turn the direction of what follows, such as U+202E.
pub(super) fn refuse_turned(op: &Op) -> Result<(), Reject> {
    let (what, turned) = match op {
        Op::CreateItem { fields, .. } => {
            let tags = fields.tags.iter().any(|tag| is_turned(tag));
            if fields.values.values().any(|value| value.lines().any(is_turned)) {
                ("A field", true)
            } else if tags {
                ("A tag", true)
            } else {
                ("A title", is_turned(&fields.title))
            }
        }
        Op::SetItem { change: ItemChange::Title(title), .. } => ("A title", is_turned(title)),
        Op::SetItem { change: ItemChange::AddTag(tag), .. } => ("A tag", is_turned(tag)),
        Op::SetItem { change: ItemChange::Value { to: Some(value), .. }, .. } => {
            ("A field", value.lines().any(is_turned))
        }
        Op::CreateLane { name, .. } | Op::RenameLane { name, .. } => ("A lane's name", is_turned(name)),
        Op::CreateField { field, .. } => {
            let choices = field.kind.choices().iter().any(|choice| is_turned(&choice.label));
            let unit = matches!(&field.kind, FieldKind::Number { unit, .. } if is_turned(unit));
            ("A field's name", is_turned(&field.label) || choices || unit)
        }
        Op::SetField { change: FieldChange::Label(label), .. } => ("A field's name", is_turned(label)),
        Op::SetField { change: FieldChange::Unit(unit), .. } => ("A unit", is_turned(unit)),
        Op::SetField { change: FieldChange::Choice(choice), .. } => ("A choice", is_turned(&choice.label)),
        Op::Batch { ops, reason } => {
            ops.iter().try_for_each(refuse_turned)?;
            ("A reason", reason.as_ref().is_some_and(|reason| is_turned(reason)))
        }
        _ => return Ok(()),
    };
    if turned {
        let sentence =
            format!("{what} must not turn the direction of the text. Type it again instead of pasting it.");
        return Err(Reject::InvalidText(sentence));
    }
    Ok(())
}

fn is_turned(text: &str) -> bool {
    text.contains(turns_direction)
}

/// Whether a character turns the direction of the text after it.
pub(crate) fn turns_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
