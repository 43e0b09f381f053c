//! How much a room may hold and how fast a person may add to it. Asked before an operation is applied, never when the log
//! is read: what is in it stays, whatever the limits are by then.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
};

use domain::{ItemChange, ItemId, Op, Reject, Roadmap, TextOf, Timestamp, UserId, Value};

/// Items of a room, those in the bin too.
pub(crate) const MAX_ITEMS: usize = 20_000;

/// Lanes of a room, deleted ones too.
const MAX_LANES: usize = 1_000;

/// Comments of an item.
pub(crate) const MAX_COMMENTS_OF_ITEM: usize = 500;

/// Comments of a room, deleted ones too.
pub(crate) const MAX_COMMENTS: usize = 50_000;

/// Bytes of a room's comments, deleted ones too.
pub(crate) const MAX_COMMENT_BYTES: usize = 8 * 1_024 * 1_024;

/// Bytes of a room's descriptions and of what its items' fields hold, those in the bin too.
pub(crate) const MAX_DESCRIPTION_BYTES: usize = 32 * 1_024 * 1_024;

/// Comments a person may write at once, and milliseconds until one more. Every 4 KiB of a comment count like one.
const COMMENTS_AT_ONCE: i64 = 60;
const MILLIS_PER_COMMENT: i64 = 2_000;
const COMMENT_SHARE: usize = 4 * 1_024;

/// Refusals of a person that are remembered at once, and milliseconds until one more.
const REFUSALS_AT_ONCE: i64 = 1_000;
const MILLIS_PER_REFUSAL: i64 = 1_000;

/// People whose pace is known before those who have rested are forgotten.
const MAX_PACES: usize = 1_024;

/// What a room holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Size {
    items: usize,
    lanes: usize,
    comments: usize,
    comment_bytes: usize,
    description_bytes: usize,
}

impl Size {
    fn of(roadmap: &Roadmap) -> Self {
        let mut size = Size { lanes: roadmap.lanes().count(), ..Size::default() };
        for item in roadmap.items() {
            size.items += 1;
            size.description_bytes += item.fields.text_bytes();
        }
        for comment in roadmap.comments() {
            size.comments += 1;
            size.comment_bytes += comment.body.len();
        }
        size
    }

    /// What operations add at most.
    fn added<'a>(roadmap: &Roadmap, ops: impl Iterator<Item = &'a Op>) -> Self {
        let mut size = Size::default();
        for op in ops {
            match op {
                Op::CreateItem { fields, .. } => {
                    size.items += 1;
                    size.description_bytes += fields.text_bytes();
                }
                Op::ReceiveItem { id, fields, .. } => {
                    let before = roadmap.item(*id);
                    size.items += usize::from(before.is_none());
                    let before = before.map_or(0, |item| item.fields.text_bytes());
                    size.description_bytes += fields.text_bytes().saturating_sub(before);
                }
                Op::ReceiveComments { comments } => {
                    let new = comments.iter().filter(|comment| roadmap.comment(comment.id).is_none());
                    for comment in new {
                        size.comments += 1;
                        size.comment_bytes += comment.body.len();
                    }
                }
                Op::CreateLane { .. } => size.lanes += 1,
                Op::SetItem { id, change: ItemChange::Description(text), .. } => {
                    let before = roadmap.item(*id).map_or(0, |item| item.fields.description.len());
                    size.description_bytes += text.len().saturating_sub(before);
                }
                Op::SetItem { id, change: ItemChange::Value { field, to: Some(value) }, .. } => {
                    let before = roadmap.item(*id).and_then(|item| item.fields.values.get(field));
                    size.description_bytes += value.bytes().saturating_sub(before.map_or(0, Value::bytes));
                }
                Op::AddComment { body, .. } => {
                    size.comments += 1;
                    size.comment_bytes += body.len();
                }
                Op::EditComment { id, body } => {
                    let before = roadmap.comment(*id).map_or(0, |comment| comment.body.len());
                    size.comment_bytes += body.len().saturating_sub(before);
                }
                Op::EditText { text, delta, .. } => {
                    let typed: usize = delta.inserted().map(str::len).sum();
                    match text {
                        TextOf::Description(_) => size.description_bytes += typed,
                        TextOf::Comment(_) => size.comment_bytes += typed,
                    }
                }
                _ => {}
            }
        }
        size
    }

    pub(super) fn plus(self, more: Size) -> Self {
        Size {
            items: self.items + more.items,
            lanes: self.lanes + more.lanes,
            comments: self.comments + more.comments,
            comment_bytes: self.comment_bytes + more.comment_bytes,
            description_bytes: self.description_bytes + more.description_bytes,
        }
    }

    /// The sentence of the first limit that `more` would exceed. What adds nothing of a kind is never refused for it.
    fn refusal(self, more: Size) -> Option<String> {
        let mib = |bytes: usize| bytes / (1_024 * 1_024);
        let after = self.plus(more);
        if more.items > 0 && after.items > MAX_ITEMS {
            Some(format!(
                "A roadmap holds at most {MAX_ITEMS} items, the bin's too. Use another product for more."
            ))
        } else if more.lanes > 0 && after.lanes > MAX_LANES {
            Some(format!("A roadmap holds at most {MAX_LANES} lanes, deleted ones too. Rename one instead."))
        } else if more.comments > 0 && after.comments > MAX_COMMENTS {
            Some(format!(
                "A roadmap holds at most {MAX_COMMENTS} comments. Write into the description instead."
            ))
        } else if more.comment_bytes > 0 && after.comment_bytes > MAX_COMMENT_BYTES {
            let max = mib(MAX_COMMENT_BYTES);
            Some(format!(
                "A roadmap's comments have at most {max} MiB together. Write into the description instead."
            ))
        } else if more.description_bytes > 0 && after.description_bytes > MAX_DESCRIPTION_BYTES {
            let max = mib(MAX_DESCRIPTION_BYTES);
            Some(format!("A roadmap's descriptions have at most {max} MiB together. Shorten some first."))
        } else {
            None
        }
    }
}

/// Refuses an operation that would make a room larger than it may be. `size` is measured when it is first needed, and kept
/// for further operations on the same document.
pub(super) fn check_size(size: &mut Option<Size>, roadmap: &Roadmap, op: &Op) -> Result<Size, Reject> {
    let added = Size::added(roadmap, steps(op).iter());
    if added == Size::default() {
        return Ok(added);
    }
    let mut commented: BTreeMap<ItemId, usize> = BTreeMap::new();
    for step in steps(op) {
        if let Op::AddComment { item, .. } = step {
            *commented.entry(*item).or_default() += 1;
        }
    }
    for (item, more) in commented {
        if roadmap.thread(item).count() + more > MAX_COMMENTS_OF_ITEM {
            return Err(Reject::Limit(format!(
                "An item has at most {MAX_COMMENTS_OF_ITEM} comments. Delete some, or write into the description."
            )));
        }
    }
    let size = size.get_or_insert_with(|| Size::of(roadmap));
    size.refusal(added).map_or(Ok(added), |sentence| Err(Reject::Limit(sentence)))
}

fn steps(op: &Op) -> &[Op] {
    match op {
        Op::Batch { ops, .. } => ops,
        op => std::slice::from_ref(op),
    }
}

/// How fast people add to a room lately. In memory: each process counts for itself, and a restart forgives.
#[derive(Debug, Default)]
pub(super) struct Paces(Mutex<HashMap<(UserId, Kind), i64>>);

/// What a commit takes of people's paces. It counts when the commit is durable: one that fails is tried again, and must come
/// to the same answers.
#[derive(Debug, Default)]
pub(super) struct Spent(HashMap<(UserId, Kind), i64>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Comments,
    Refusals,
}

impl Paces {
    /// Refuses a comment of somebody who has written many just now, and says when to try again.
    pub(super) fn check_comments(
        &self,
        spent: &mut Spent,
        user: UserId,
        at: Timestamp,
        op: &Op,
    ) -> Result<(), Reject> {
        let shares = |op: &Op| match op {
            Op::AddComment { body, .. } => 1 + body.len() / COMMENT_SHARE,
            _ => 0,
        };
        let shares = i64::try_from(steps(op).iter().map(shares).sum::<usize>()).unwrap_or(i64::MAX);
        if shares == 0 {
            return Ok(());
        }
        let taken =
            self.take(spent, (user, Kind::Comments), at, shares, COMMENTS_AT_ONCE, MILLIS_PER_COMMENT);
        taken.map_err(|wait| {
            let seconds = wait.div_euclid(1_000) + 1;
            Reject::Limit(format!(
                "You have written many comments in a short time. Try again in {seconds} seconds."
            ))
        })
    }

    /// Whether one more refusal of a person is remembered.
    pub(super) fn remembers_refusal(&self, spent: &mut Spent, user: UserId, at: Timestamp) -> bool {
        self.take(spent, (user, Kind::Refusals), at, 1, REFUSALS_AT_ONCE, MILLIS_PER_REFUSAL).is_ok()
    }

    /// Takes some of what a person may do, or says how many milliseconds to wait for it. What is kept is the moment at which
    /// all will be given back.
    fn take(
        &self,
        spent: &mut Spent,
        key: (UserId, Kind),
        at: Timestamp,
        count: i64,
        most: i64,
        each: i64,
    ) -> Result<(), i64> {
        let before = spent.0.get(&key).copied().or_else(|| self.lock().get(&key).copied());
        let rested = before.unwrap_or_default().max(at.0);
        let after = rested.saturating_add(count.saturating_mul(each));
        let wait = after - at.0 - most * each;
        if wait > 0 {
            return Err(wait);
        }
        spent.0.insert(key, after);
        Ok(())
    }

    /// Counts what a durable commit took.
    pub(super) fn settle(&self, spent: Spent, at: Timestamp) {
        let mut paces = self.lock();
        paces.extend(spent.0);
        if paces.len() >= MAX_PACES {
            paces.retain(|_, rested| *rested > at.0);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(UserId, Kind), i64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use domain::{CommentBody, CommentId, Context, ItemFields, LaneId, Place, Title, apply};

    use super::*;

    fn item(n: u64) -> ItemId {
        ItemId::new(n, [1; 10])
    }

    fn comment(n: u64, of: ItemId, length: usize) -> Op {
        let body = CommentBody::parse(&"x".repeat(length)).unwrap();
        Op::comment(CommentId::new(n, [1; 10]), of, body)
    }

    fn room(items: u64) -> Roadmap {
        let mut roadmap = Roadmap::default();
        let lane = LaneId::new(1, [1; 10]);
        let make = |op: &Op, roadmap: &mut Roadmap| {
            apply(roadmap, op, &Context { actor: UserId::NIL, at: Timestamp(1) }).unwrap();
        };
        make(&Op::CreateLane { id: lane, name: "Now".parse().unwrap(), place: Place::Last }, &mut roadmap);
        for n in 0..items {
            let fields = Box::new(ItemFields::titled(Title::parse("a").unwrap()));
            make(&Op::CreateItem { id: item(n), lane, place: Place::Last, fields }, &mut roadmap);
        }
        roadmap
    }

    fn refused(checked: Result<Size, Reject>) -> String {
        checked.unwrap_err().to_string()
    }

    #[test]
    fn an_item_and_a_room_hold_so_many_comments_and_bytes() {
        let mut roadmap = room(10);
        let mut size = None;
        let mut written = 0;
        let refusal = loop {
            let op = comment(written, item(written / MAX_COMMENTS_OF_ITEM as u64), 5_000);
            match check_size(&mut size, &roadmap, &op) {
                Ok(more) => {
                    apply(&mut roadmap, &op, &Context { actor: UserId::NIL, at: Timestamp(1) }).unwrap();
                    size = size.map(|size| size.plus(more));
                    written += 1;
                }
                Err(reject) => break reject.to_string(),
            }
        };
        assert!(refusal.contains("8 MiB"), "{refusal}");
        assert_eq!(written, (MAX_COMMENT_BYTES / 5_000) as u64);
        assert_eq!(size, Some(Size::of(&roadmap)));
        let refusal = refused(check_size(&mut size, &roadmap, &comment(written, item(0), 1)));
        assert!(refusal.contains("500 comments"), "{refusal}");
        check_size(&mut size, &roadmap, &comment(written, item(9), 1)).unwrap();
        let batch = Op::batch((0..501).map(|n| comment(written + n, item(9), 1)).collect());
        assert!(refused(check_size(&mut size, &roadmap, &batch)).contains("500 comments"));
    }

    #[test]
    fn a_roadmap_of_ten_thousand_items_takes_an_import_of_as_many_and_no_more() {
        let full = Size { items: MAX_ITEMS - 10_000, ..Size::default() };
        let add = |items| Size { items, ..Size::default() };
        assert_eq!(full.refusal(add(10_000)), None);
        assert!(full.refusal(add(10_001)).unwrap().contains("20000 items"));
        let over = Size { items: MAX_ITEMS + 1, lanes: MAX_LANES, ..Size::default() };
        assert_eq!(over.refusal(Size { comments: 1, comment_bytes: 10, ..Size::default() }), None);
        assert!(over.refusal(Size { lanes: 1, ..Size::default() }).unwrap().contains("1000 lanes"));
    }

    #[test]
    fn who_writes_many_comments_hears_when_to_go_on_and_others_do_not() {
        let (paces, mut spent) = (Paces::default(), Spent::default());
        let (user, other) = (UserId::new(1, [1; 10]), UserId::new(2, [1; 10]));
        let at = |millis: i64| Timestamp(1_700_000_000_000 + millis);
        let op = comment(1, item(1), 100);
        let mut check = |user, at, op: &Op| paces.check_comments(&mut spent, user, at, op);
        for _ in 0..COMMENTS_AT_ONCE {
            check(user, at(0), &op).unwrap();
        }
        let refusal = check(user, at(0), &op).unwrap_err().to_string();
        assert!(refusal.contains("Try again in 3 seconds"), "{refusal}");
        assert!(check(user, at(1_999), &op).is_err());
        check(other, at(0), &op).unwrap();
        check(user, at(2_000), &op).unwrap();
        assert!(check(user, at(2_000), &op).is_err());
        // Long ones count for more, votes not at all.
        check(user, at(6_000), &comment(1, item(1), 4_500)).unwrap();
        assert!(check(user, at(6_000), &op).is_err());
        check(user, at(6_000), &Op::Upvote { item: item(1) }).unwrap();
    }

    #[test]
    fn a_commit_that_fails_takes_nothing_of_a_pace() {
        let paces = Paces::default();
        let (user, at) = (UserId::new(1, [1; 10]), Timestamp(1_700_000_000_000));
        let write = |spent: &mut Spent| paces.check_comments(spent, user, at, &comment(1, item(1), 100));
        let all = |spent: &mut Spent| (0..=COMMENTS_AT_ONCE).filter(|_| write(spent).is_ok()).count();
        let most = usize::try_from(COMMENTS_AT_ONCE).unwrap();
        for _ in 0..3 {
            assert_eq!(all(&mut Spent::default()), most, "a commit that was tried again");
        }
        let mut spent = Spent::default();
        assert_eq!(all(&mut spent), most);
        paces.settle(spent, at);
        assert_eq!(all(&mut Spent::default()), 0);
    }
}
