//! Titles, names of lanes and tags that an operation gives. What turns the direction of the text around it is refused when it is
//! new; documents and logs that hold some go on being read.

use domain::{ItemChange, Op, Reject};

/// Whether an operation gives a name with characters that turn the direction of what follows, such as U+202E.
pub(super) fn refuse_turned(op: &Op) -> Result<(), Reject> {
    let (what, turned) = match op {
        Op::CreateItem { fields, .. } => {
            let tags = fields.tags.iter().any(|tag| is_turned(tag));
            if tags { ("A tag", true) } else { ("A title", is_turned(&fields.title)) }
        }
        Op::SetItem { change: ItemChange::Title(title), .. } => ("A title", is_turned(title)),
        Op::SetItem { change: ItemChange::AddTag(tag), .. } => ("A tag", is_turned(tag)),
        Op::CreateLane { name, .. } | Op::RenameLane { name, .. } => ("A lane's name", is_turned(name)),
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
