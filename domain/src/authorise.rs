//! Whether a person may do an operation. Kept apart from [`apply`](crate::apply), because the log is replayed long after
//! roles have changed.

use crate::{
    CommentChange, CommentId, Context, FieldKey, FieldPlan, ItemChange, ItemId, Op, Reject, Roadmap, Role,
    TextOf, Timestamp, UserId, apply,
};

/// Checks what a member may do. The server calls it inside the transaction that commits the operation, with the role
/// read there; the browser calls it to refuse at once.
pub fn authorise(roadmap: &Roadmap, op: &Op, actor: UserId, role: Role) -> Result<(), Reject> {
    check_authors(roadmap, op, actor, role)?;
    check_comment_is_here(roadmap, op)?;
    check_fields(roadmap.fields(), op)?;
    check_required(roadmap, op)
}

/// Whether somebody may change what others wrote.
fn check_authors(roadmap: &Roadmap, op: &Op, actor: UserId, role: Role) -> Result<(), Reject> {
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
        Op::SetComment { id, change: CommentChange::Resolved(_) }
            if !role.can_edit() && !wrote(roadmap, *id, actor)? =>
        {
            Err(Reject::NotYourComment)
        }
        Op::AddComment { item, reply_to: Some(first), .. } => check_thread(roadmap, *item, *first),
        Op::Batch { ops, .. } => ops.iter().try_for_each(|op| match op {
            // What a batch creates cannot be looked up before it is applied; its author is the actor.
            Op::EditComment { id, .. } if roadmap.comment(*id).is_none() => Ok(()),
            op => check_authors(roadmap, op, actor, role),
        }),
        _ => Ok(()),
    }
}

/// What was said about an item goes on where the item does: a change here would be lost when it comes back.
fn check_comment_is_here(roadmap: &Roadmap, op: &Op) -> Result<(), Reject> {
    match op {
        Op::EditComment { id, .. }
        | Op::DeleteComment { id }
        | Op::RestoreComment { id }
        | Op::SetComment { id, .. }
        | Op::EditText { text: TextOf::Comment(id), .. } => {
            let item = roadmap.comment(*id).and_then(|comment| roadmap.item(comment.item));
            item.and_then(|item| item.has_moved()).map_or(Ok(()), Err)
        }
        Op::Batch { ops, .. } => ops.iter().try_for_each(|op| check_comment_is_here(roadmap, op)),
        _ => Ok(()),
    }
}

/// Whether fields can be as an operation makes them, and hold what it puts into them.
fn check_fields(plan: &FieldPlan, op: &Op) -> Result<(), Reject> {
    match op {
        Op::SetItem { change: ItemChange::Value { field, to: Some(value) }, .. } => plan.check(field, value),
        Op::CreateItem { fields, .. } => {
            fields.values.iter().try_for_each(|(field, value)| plan.check(field, value))
        }
        Op::CreateField { field, .. } => field.check(),
        Op::SetField { change, .. } => change.check(),
        // What a batch makes can be filled by it.
        Op::Batch { ops, .. } => {
            let mut plan = plan.clone();
            ops.iter().try_for_each(|op| {
                check_fields(&plan, op)?;
                match op {
                    Op::CreateField { id, field } => plan.create(*id, field),
                    Op::SetField { field, change } => plan.set(field, change).map(drop),
                    _ => Ok(()),
                }
            })
        }
        _ => Ok(()),
    }
}

/// Whether every item that an operation makes, or takes to another status, has filled what it needs there, and no item loses it.
/// What lacked it before may stay as it is.
fn check_required(roadmap: &Roadmap, op: &Op) -> Result<(), Reject> {
    let can_lack = matches!(
        op,
        Op::CreateItem { .. }
            | Op::SetItem { change: ItemChange::Status(_) | ItemChange::Value { to: None, .. }, .. }
            | Op::Batch { .. }
    );
    let plan = roadmap.fields();
    if !can_lack || !plan.requires_any() {
        return Ok(());
    }
    let mut after = roadmap.clone();
    let nobody = Context { actor: UserId::NIL, at: Timestamp(0) };
    // What cannot be done is refused where it is done.
    let Ok(effects) = apply(&mut after, op, &nobody) else { return Ok(()) };
    let plan = after.fields();
    for id in effects.touched.items {
        let Some(item) = after.item(id).filter(|item| item.deleted.is_none()) else { continue };
        let status = item.fields.status;
        let before = roadmap.item(id).filter(|before| before.fields.status == status);
        let lacked = |key: &FieldKey| before.is_some_and(|before| !before.fields.values.contains_key(key));
        let lacks = plan.lacks(status, |key| item.fields.values.contains_key(key) || lacked(key));
        if let Some((key, from)) = lacks {
            let field = plan.find(&key).map_or_else(|| key.to_string(), |def| def.label.to_string());
            return Err(Reject::RequiredField { field, from });
        }
    }
    Ok(())
}

/// Whether a comment on the item began a thread that can be answered in.
fn check_thread(roadmap: &Roadmap, item: ItemId, first: CommentId) -> Result<(), Reject> {
    let first = roadmap.comment(first).filter(|first| first.item == item && first.reply_to.is_none());
    match first {
        None => Err(Reject::UnknownComment),
        Some(first) if first.deleted.is_some() => Err(Reject::CommentDeleted),
        Some(_) => Ok(()),
    }
}

fn wrote(roadmap: &Roadmap, comment: CommentId, actor: UserId) -> Result<bool, Reject> {
    Ok(roadmap.comment(comment).ok_or(Reject::UnknownComment)?.created.by == actor)
}
