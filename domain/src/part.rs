//! Copies of a roadmap that hold only a part of its comments, and count the rest.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    Comment, CommentId, Context, Effects, Entry, ItemId, Op, Reject, Roadmap, Stamp, TextOf, Timestamp,
    Touched, UserId, apply,
};

impl Roadmap {
    /// Comments of an item that are not deleted, those this copy does not hold included.
    pub fn comment_count(&self, item: ItemId) -> usize {
        self.thread(item).count() + self.more_comments(item) as usize
    }

    /// Comments of an item, not deleted, that this copy does not hold.
    pub fn more_comments(&self, item: ItemId) -> u32 {
        self.more_comments.get(&item).copied().unwrap_or(0)
    }

    /// The copy that holds only some of the comments, and counts the others.
    pub fn holding(&self, keeps: impl Fn(&Comment) -> bool) -> Roadmap {
        let mut part = Roadmap { comments: BTreeMap::new(), threads: BTreeMap::new(), ..self.clone() };
        for (id, comment) in &self.comments {
            if keeps(comment) {
                part.comments.insert(*id, comment.clone());
            } else if comment.deleted.is_none() {
                *part.more_comments.entry(comment.item).or_default() += 1;
            }
        }
        for (item, thread) in &self.threads {
            let held: Vec<CommentId> =
                thread.iter().copied().filter(|id| part.comments.contains_key(id)).collect();
            if !held.is_empty() {
                part.threads.insert(*item, held);
            }
        }
        part
    }

    /// Comments of an item that are not deleted and older than the one given, or the newest, oldest first: as many as
    /// `limit` allows, and no more than fit `bytes`, but at least one.
    pub fn part_of_thread(
        &self,
        item: ItemId,
        before: Option<(Timestamp, CommentId)>,
        limit: usize,
        bytes: usize,
    ) -> Vec<Arc<Comment>> {
        let thread: Vec<&Arc<Comment>> = self.thread(item).collect();
        let older =
            |comment: &Comment| before.is_none_or(|(at, id)| (comment.created.at, comment.id) < (at, id));
        let mut left = bytes;
        let mut first = true;
        let mut part: Vec<Arc<Comment>> = thread
            .into_iter()
            .rev()
            .filter(|comment| older(comment))
            .take(limit)
            .take_while(|comment| {
                let fits = comment.body.len() <= left;
                left = left.saturating_sub(comment.body.len());
                std::mem::take(&mut first) || fits
            })
            .cloned()
            .collect();
        part.reverse();
        part
    }

    /// Takes in comments that this copy counted so far. What it holds already stays as it is.
    pub(crate) fn hold(&mut self, comments: impl IntoIterator<Item = Arc<Comment>>) -> Touched {
        let mut touched = Touched::default();
        for comment in comments {
            if self.comments.contains_key(&comment.id) {
                continue;
            }
            touched.comments.insert(comment.id);
            touched.threads.insert(comment.item);
            self.hold_one(comment);
        }
        touched
    }

    fn hold_one(&mut self, comment: Arc<Comment>) {
        let more = self.more_comments(comment.item);
        if comment.deleted.is_none() && more > 1 {
            self.more_comments.insert(comment.item, more - 1);
        } else if comment.deleted.is_none() {
            self.more_comments.remove(&comment.item);
        }
        let thread = self.threads.entry(comment.item).or_default();
        let place = (comment.created.at, comment.id);
        let index = thread.partition_point(|other| (self.comments[other].created.at, *other) < place);
        thread.insert(index, comment.id);
        self.comments.insert(comment.id, comment);
    }

    /// The opposite of holding a comment: it is counted, unless it is deleted.
    fn drop_comment(&mut self, id: CommentId) {
        let Some(comment) = self.comments.remove(&id) else { return };
        if comment.deleted.is_none() {
            *self.more_comments.entry(comment.item).or_default() += 1;
        }
        if let Some(thread) = self.threads.get_mut(&comment.item) {
            thread.retain(|other| *other != id);
            if thread.is_empty() {
                self.threads.remove(&comment.item);
            }
        }
    }
}

impl Op {
    /// The items of [`Op::named_comments`], for those who do not hold these. Asks a full document, after the operation.
    pub fn comment_items(&self, roadmap: &Roadmap) -> Vec<ItemId> {
        let item = |id| roadmap.comment(id).map_or(ItemId::NIL, |comment| comment.item);
        self.named_comments().into_iter().map(|(id, _)| item(id)).collect()
    }
}

/// Applies an entry of the log to a copy that may lack comments the entry is about: they are counted right.
///
/// # Errors
/// As [`apply`]; the copy is not the log's at the entry before.
pub fn apply_entry(roadmap: &mut Roadmap, entry: &Entry) -> Result<Effects, Reject> {
    if let Op::EditText { text: TextOf::Comment(id), .. } = &entry.op
        && !roadmap.comments.contains_key(id)
        && !entry.items.is_empty()
    {
        return Ok(Effects::default());
    }
    // A comment that is not there is lent for the moment, with no more than what its count depends on.
    let mut lent = Vec::new();
    for ((id, deleted), item) in entry.op.named_comments().into_iter().zip(&entry.items) {
        if !roadmap.comments.contains_key(&id) && (deleted || roadmap.more_comments(*item) > 0) {
            let stamp = Stamp { by: UserId::NIL, at: Timestamp(0) };
            let body = "-".parse().expect("that is a comment");
            let deleted = deleted.then_some(stamp);
            let comment = Comment { deleted, ..Comment::new(id, *item, body, stamp) };
            roadmap.hold_one(Arc::new(comment));
            lent.push(id);
        }
    }
    let effects = apply(roadmap, &entry.op, &Context { actor: entry.actor, at: entry.at });
    lent.into_iter().for_each(|id| roadmap.drop_comment(id));
    effects
}
