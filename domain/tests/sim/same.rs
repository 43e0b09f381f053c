//! What becomes of an operation on its way into the log.

use domain::Op;

/// Whether the log has what was asked for. An edit of a text is carried over what others did to it, and inserts the same all
/// the while: nothing that was typed and taken is lost, unless somebody deletes it.
pub(crate) fn same(asked: &Op, logged: &Op) -> bool {
    match (asked, logged) {
        (Op::EditText { text, delta, .. }, Op::EditText { text: other, delta: carried, .. }) => {
            text == other && delta.inserted().collect::<String>() == carried.inserted().collect::<String>()
        }
        _ => asked == logged,
    }
}
