//! Operations that nobody should do. Most are refused, each for its reason; a few make sense by accident.

use std::{collections::BTreeSet, num::NonZeroU16};

use domain::{
    CommentBody, CommentId, CustomField, Delta, Description, FIELDS, FieldId, FieldKind, FieldLabel,
    ItemChange, ItemFields, ItemId, LaneId, MAX_CUSTOM_FIELDS, MAX_THINGS, Op, Place, Reason, Roadmap,
    Status, Tag, TextOf, Value,
};
use rand::{RngExt as _, rngs::StdRng, seq::IndexedRandom as _};

use crate::edits;

/// An operation about anything whatever, there or gone or never heard of.
pub fn random(rng: &mut StdRng, view: &Roadmap) -> Op {
    match rng.random_range(0..1_000) {
        0 => Op::DeleteItems { ids: (0..=MAX_THINGS).map(|_| edits::id(rng, ItemId::new)).collect() },
        1 => too_large(rng, view),
        2..4 => Op::batch((0..=MAX_CUSTOM_FIELDS).map(|_| another_field(rng)).collect()),
        4..20 => Op::set(item(rng, view), wrong_value(rng)),
        20..30 => Op::batch(Vec::new()),
        30..60 => Op::batch(vec![rename(rng, view), scribble(rng, view)]),
        60..120 => Op::batch(vec![rename(rng, view), Op::Upvote { item: item(rng, view) }]),
        120..180 => Op::batch(vec![rename(rng, view), Op::batch(vec![rename(rng, view)])]),
        180..300 => {
            let ops = (0..rng.random_range(2..6)).map(|_| one(rng, view)).collect();
            let reason = rng.random_bool(0.3).then(|| Reason::parse("a vote").expect("that is a reason"));
            Op::Batch { ops, reason }
        }
        _ => one(rng, view),
    }
}

fn one(rng: &mut StdRng, view: &Roadmap) -> Op {
    match rng.random_range(0..24) {
        22 => Op::SetComment { id: comment(rng, view), change: edits::reaction(rng) },
        23 => {
            let reply_to = Some(comment(rng, view));
            Op::AddComment { id: comment(rng, view), item: item(rng, view), body: body(rng), reply_to }
        }
        21 => edits::field(rng, view),
        19 | 20 => scribble(rng, view),
        0 => Op::set(item(rng, view), edits::change(rng, view)),
        1 => {
            let (start, end) = (Some(edits::day(rng)), Some(edits::day(rng)));
            Op::set(item(rng, view), ItemChange::Schedule { start, end })
        }
        2 => {
            let mut fields = edits::fields(rng);
            fields.tags = tags(rng);
            create(rng, view, fields)
        }
        3 => {
            let fields = edits::fields(rng);
            create(rng, view, fields)
        }
        4 => Op::MoveItems { ids: items(rng, view), lane: lane(rng, view), place: place(item(rng, view)) },
        5 => Op::DeleteItems { ids: items(rng, view) },
        6 => Op::restore(items(rng, view)),
        7 => Op::CreateLane { id: lane(rng, view), name: edits::lane_name(rng), place: Place::First },
        8 => Op::RenameLane { id: lane(rng, view), name: edits::lane_name(rng) },
        9 if rng.random_bool(0.5) => {
            Op::SetLaneLimit { id: lane(rng, view), limit: NonZeroU16::new(rng.random_range(0..6)) }
        }
        9 => Op::SetLaneStatus { id: lane(rng, view), status: Status::ALL.choose(rng).copied() },
        10 => Op::MoveLane { id: lane(rng, view), place: place(lane(rng, view)) },
        11 => Op::DeleteLane { id: lane(rng, view), move_to: lane(rng, view) },
        12 => Op::RestoreLane { id: lane(rng, view), place: place(lane(rng, view)) },
        13 => Op::Upvote { item: item(rng, view) },
        14 => Op::WithdrawUpvote { item: item(rng, view) },
        15 => Op::comment(comment(rng, view), item(rng, view), body(rng)),
        16 => Op::EditComment { id: comment(rng, view), body: body(rng) },
        17 => Op::DeleteComment { id: comment(rng, view) },
        _ => Op::RestoreComment { id: comment(rng, view) },
    }
}

fn another_field(rng: &mut StdRng) -> Op {
    let label = FieldLabel::parse("Another").expect("that is a name");
    let field = CustomField { label, kind: FieldKind::Date, required_from: None };
    Op::CreateField { id: edits::id(rng, FieldId::new), field: Box::new(field) }
}

/// A value that its field cannot hold.
fn wrong_value(rng: &mut StdRng) -> ItemChange {
    let def = FIELDS.choose(rng).expect("there are fields");
    ItemChange::Value { field: def.into(), to: Some(Value::Yes) }
}

/// A change of some text or other; now and then with what no text may hold.
fn scribble(rng: &mut StdRng, view: &Roadmap) -> Op {
    let text =
        if rng.random() { TextOf::Description(item(rng, view)) } else { TextOf::Comment(comment(rng, view)) };
    let len = view.text(text).map_or(0, |text| text.chars().count());
    let len = if rng.random_bool(0.3) { len + 1 } else { len };
    let typed = if rng.random_bool(0.2) { "\u{7}\r" } else { "scribble" };
    let delta = match rng.random_range(0..3) {
        0 => Delta::replacing(len, ""),
        1 => Delta::replacing(len, typed),
        _ => Delta::appending(len, typed),
    };
    Op::EditText { text, base: rng.random_range(0..3), delta }
}

fn create(rng: &mut StdRng, view: &Roadmap, fields: ItemFields) -> Op {
    let (id, lane, place) = (item(rng, view), lane(rng, view), place(item(rng, view)));
    Op::CreateItem { id, lane, place, fields: Box::new(fields) }
}

/// More than a frame holds, by descriptions as long as they may be.
fn too_large(rng: &mut StdRng, view: &Roadmap) -> Op {
    let text = Description::parse(&"long ".repeat(4_000)).expect("it is as long as it may be");
    let set = |id| Op::set(id, ItemChange::Description(text.clone()));
    Op::batch((0..14).map(|_| set(item(rng, view))).collect())
}

fn rename(rng: &mut StdRng, view: &Roadmap) -> Op {
    Op::set(item(rng, view), ItemChange::Title(edits::title(rng)))
}

/// Now and then more than an item may have.
fn tags(rng: &mut StdRng) -> BTreeSet<Tag> {
    let count = rng.random_range(25..36);
    (0..count).filter_map(|n| Tag::parse(&format!("tag {n}")).ok()).collect()
}

fn body(rng: &mut StdRng) -> CommentBody {
    CommentBody::parse(&edits::words(rng, 1, 5)).expect("words are a comment")
}

/// One of a list, one that is new, or one that cannot be.
fn any<T: Copy>(rng: &mut StdRng, there: &[T], nil: T, make: fn(u64, [u8; 10]) -> T) -> T {
    match rng.random_range(0..21) {
        0 => nil,
        1 | 2 => edits::id(rng, make),
        _ => there.choose(rng).copied().unwrap_or(nil),
    }
}

fn item(rng: &mut StdRng, view: &Roadmap) -> ItemId {
    let there: Vec<ItemId> = view.items().map(|item| item.id).collect();
    any(rng, &there, ItemId::NIL, ItemId::new)
}

/// None up to three, seldom one of them twice.
fn items(rng: &mut StdRng, view: &Roadmap) -> Vec<ItemId> {
    let mut ids: Vec<ItemId> = (0..rng.random_range(0..4)).map(|_| item(rng, view)).collect();
    if rng.random_bool(0.1) {
        ids.extend(ids.first().copied());
    }
    ids
}

fn lane(rng: &mut StdRng, view: &Roadmap) -> LaneId {
    let there: Vec<LaneId> = view.lanes().map(|lane| lane.id).collect();
    any(rng, &there, LaneId::NIL, LaneId::new)
}

fn comment(rng: &mut StdRng, view: &Roadmap) -> CommentId {
    let there: Vec<CommentId> = view.comments().map(|comment| comment.id).collect();
    any(rng, &there, CommentId::NIL, CommentId::new)
}

fn place<Id>(after: Id) -> Place<Id> {
    Place::Beside { after: Some(after), before: None }
}
