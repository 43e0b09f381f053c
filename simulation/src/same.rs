//! What becomes of an operation on its way into the log.

use domain::Op;

/// Whether the log has what was asked for. An edit of a text is carried over what others did to it, and inserts the same all
/// the while: nothing that was typed and taken is lost, unless somebody deletes it.
pub fn same(asked: &Op, logged: &Op) -> bool {
    match (asked, logged) {
        (Op::EditText { text, delta, .. }, Op::EditText { text: other, delta: carried, .. }) => {
            text == other && delta.inserted().collect::<String>() == carried.inserted().collect::<String>()
        }
        // Where items came back from the bin is the log's to say.
        (Op::RestoreItems { ids, .. }, Op::RestoreItems { ids: other, .. }) => ids == other,
        (Op::Batch { ops, reason }, Op::Batch { ops: others, reason: other }) => {
            reason == other
                && ops.len() == others.len()
                && ops.iter().zip(others).all(|(asked, logged)| same(asked, logged))
        }
        _ => asked == logged,
    }
}
