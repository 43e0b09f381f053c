//! What stakeholders add: upvotes and comments.

use std::sync::Arc;

use crate::{
    Change, Comment, CommentBody, CommentChange, CommentId, Context, Effects, ItemId, Op, Reject, Roadmap,
    UserId,
};

use super::items;

pub(super) fn upvote(
    roadmap: &mut Roadmap,
    item: ItemId,
    context: &Context,
    effects: &mut Effects,
) -> Result<(), Reject> {
    let title = items::live(roadmap, item)?.fields.title.to_string();
    if roadmap.has_voted(item, context.actor) {
        return Err(Reject::AlreadyUpvoted);
    }
    let votes = Arc::make_mut(roadmap.votes.entry(item).or_default());
    votes.count += 1;
    if context.actor != UserId::NIL {
        votes.voters.insert(context.actor);
    }
    effects.touched.votes.insert((item, context.actor));
    effects.changes.push(Change::Upvoted { item, title });
    Ok(())
}

pub(super) fn withdraw_upvote(
    roadmap: &mut Roadmap,
    item: ItemId,
    context: &Context,
    effects: &mut Effects,
) -> Result<(), Reject> {
    // Allowed on a binned item too: a vote is its voter's own.
    let title = roadmap.item(item).ok_or(Reject::UnknownItem)?.fields.title.to_string();
    let known = roadmap.has_voted(item, context.actor);
    let masked = context.actor == UserId::NIL && roadmap.vote_count(item) > 0;
    if !known && !masked {
        return Err(Reject::NotUpvoted);
    }
    let votes = Arc::make_mut(roadmap.votes.entry(item).or_default());
    votes.count -= 1;
    votes.voters.remove(&context.actor);
    if votes.count == 0 {
        roadmap.votes.remove(&item);
    }
    effects.touched.votes.insert((item, context.actor));
    effects.changes.push(Change::UpvoteWithdrawn { item, title });
    Ok(())
}

pub(super) fn add(
    roadmap: &mut Roadmap,
    id: CommentId,
    (item, reply_to): (ItemId, Option<CommentId>),
    body: &CommentBody,
    context: &Context,
    effects: &mut Effects,
) -> Result<(), Reject> {
    if roadmap.comments.contains_key(&id) || id == CommentId::NIL {
        return Err(Reject::DuplicateId);
    }
    let title = items::live(roadmap, item)?.fields.title.to_string();
    let comment = Comment { reply_to, ..Comment::new(id, item, body.clone(), context.stamp()) };
    let thread = roadmap.threads.entry(item).or_default();
    let place = (comment.created.at, id);
    let index = thread.partition_point(|other| (roadmap.comments[other].created.at, *other) < place);
    thread.insert(index, id);
    roadmap.comments.insert(id, Arc::new(comment));
    touch(effects, id, item);
    effects.changes.push(Change::CommentAdded { item, title, comment: id, body: body.to_string() });
    effects.inverse.push(Op::DeleteComment { id });
    Ok(())
}

pub(super) fn edit(
    roadmap: &mut Roadmap,
    id: CommentId,
    body: &CommentBody,
    context: &Context,
    effects: &mut Effects,
) -> Result<(), Reject> {
    let comment = roadmap.comment(id).ok_or(Reject::UnknownComment)?;
    if comment.deleted.is_some() {
        return Err(Reject::CommentDeleted);
    }
    if comment.body == *body {
        return Ok(());
    }
    let (item, title) = subject(roadmap, comment);
    let comment = Arc::make_mut(roadmap.comments.get_mut(&id).expect("it was just found"));
    let before = std::mem::replace(&mut comment.body, body.clone());
    comment.edited = Some(context.stamp());
    touch(effects, id, item);
    let (before_text, after) = (before.to_string(), body.to_string());
    effects.changes.push(Change::CommentEdited { item, title, comment: id, before: before_text, after });
    effects.inverse.push(Op::EditComment { id, body: before });
    Ok(())
}

pub(super) fn delete(
    roadmap: &mut Roadmap,
    id: CommentId,
    context: &Context,
    effects: &mut Effects,
) -> Result<(), Reject> {
    let comment = roadmap.comment(id).ok_or(Reject::UnknownComment)?;
    if comment.deleted.is_some() {
        return Err(Reject::CommentDeleted);
    }
    let (item, title) = subject(roadmap, comment);
    let body = comment.body.to_string();
    let comment = Arc::make_mut(roadmap.comments.get_mut(&id).expect("it was just found"));
    comment.deleted = Some(context.stamp());
    touch(effects, id, item);
    effects.changes.push(Change::CommentDeleted { item, title, comment: id, body });
    effects.inverse.push(Op::RestoreComment { id });
    Ok(())
}

pub(super) fn restore(roadmap: &mut Roadmap, id: CommentId, effects: &mut Effects) -> Result<(), Reject> {
    let comment = roadmap.comment(id).ok_or(Reject::UnknownComment)?;
    if comment.deleted.is_none() {
        return Err(Reject::CommentNotDeleted);
    }
    let (item, title) = subject(roadmap, comment);
    Arc::make_mut(roadmap.comments.get_mut(&id).expect("it was just found")).deleted = None;
    touch(effects, id, item);
    effects.changes.push(Change::CommentRestored { item, title, comment: id });
    effects.inverse.push(Op::DeleteComment { id });
    Ok(())
}

pub(super) fn set(
    roadmap: &mut Roadmap,
    id: CommentId,
    change: CommentChange,
    context: &Context,
    effects: &mut Effects,
) -> Result<(), Reject> {
    let comment = roadmap.comment(id).ok_or(Reject::UnknownComment)?;
    if comment.deleted.is_some() {
        return Err(Reject::CommentDeleted);
    }
    let (item, title) = subject(roadmap, comment);
    let comment = Arc::make_mut(roadmap.comments.get_mut(&id).expect("it was just found"));
    let inverse = match change {
        CommentChange::Resolved(resolved) => {
            if comment.resolved.is_some() == resolved {
                return Ok(());
            }
            comment.resolved = resolved.then(|| context.stamp());
            CommentChange::Resolved(!resolved)
        }
        CommentChange::Reacted { reaction, on } => {
            let people = comment.reactions.entry(reaction).or_default();
            let changed = if on { people.insert(context.actor) } else { people.remove(&context.actor) };
            comment.reactions.retain(|_, people| !people.is_empty());
            if !changed {
                return Ok(());
            }
            CommentChange::Reacted { reaction, on: !on }
        }
    };
    touch(effects, id, item);
    effects.changes.push(Change::CommentSet { item, title, comment: id, change });
    effects.inverse.push(Op::SetComment { id, change: inverse });
    Ok(())
}

fn subject(roadmap: &Roadmap, comment: &Comment) -> (ItemId, String) {
    let title = roadmap.item(comment.item).map_or_else(String::new, |item| item.fields.title.to_string());
    (comment.item, title)
}

fn touch(effects: &mut Effects, comment: CommentId, item: ItemId) {
    effects.touched.comments.insert(comment);
    effects.touched.threads.insert(item);
}
