//! Whether a person may do an operation. Kept apart from [`apply`](crate::apply), because the log is replayed long after
//! roles have changed.

use crate::{CommentId, Op, Reject, Roadmap, Role, TextOf, UserId};

/// Checks what a member may do. The server calls it inside the transaction that commits the operation, with the role
/// read there; the browser calls it to refuse at once.
pub fn authorise(roadmap: &Roadmap, op: &Op, actor: UserId, role: Role) -> Result<(), Reject> {
    if !role.permits(op) {
        return Err(Reject::NotAllowed(role));
    }
    match op {
        Op::EditComment { id, .. } | Op::EditText { text: TextOf::Comment(id), .. }
            if !wrote(roadmap, *id, actor)? =>
        {
            Err(Reject::NotYourComment)
        }
        Op::DeleteComment { id } | Op::RestoreComment { id }
            if !role.can_edit() && !wrote(roadmap, *id, actor)? =>
        {
            Err(Reject::NotYourComment)
        }
        Op::Batch { ops, .. } => ops.iter().try_for_each(|op| match op {
            // What a batch creates cannot be looked up before it is applied; its author is the actor.
            Op::EditComment { id, .. } if roadmap.comment(*id).is_none() => Ok(()),
            op => authorise(roadmap, op, actor, role),
        }),
        _ => Ok(()),
    }
}

fn wrote(roadmap: &Roadmap, comment: CommentId, actor: UserId) -> Result<bool, Reject> {
    Ok(roadmap.comment(comment).ok_or(Reject::UnknownComment)?.created.by == actor)
}
