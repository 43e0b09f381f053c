//! Random edits that make sense on the board as somebody sees it.

use std::{num::NonZeroU16, sync::Arc};

use domain::{
    Choice, ClientId, Comment, CommentBody, CommentChange, CommentId, Context, CustomField, Date, Delta,
    Description, FieldChange, FieldId, FieldKind, FieldLabel, Investment, Item, ItemChange, ItemFields,
    ItemId, ItemKind, LaneId, LaneName, Op, PersonDays, Place, Reaction, Roadmap, Role, SourceKey, Status,
    Tag, TextOf, Timestamp, Title, UserId, apply,
};
use rand::{Rng, RngExt as _, seq::IndexedRandom as _};

/// The most items, lanes and comments, those in the bin too: what a long drill adds is its log, not its board.
const MOST_ITEMS: usize = 150;
const MOST_LANES: usize = 12;
/// Fields that people made.
const MOST_FIELDS: usize = 8;
const MOST_COMMENTS: usize = 200;

const WORDS: [&str; 24] = [
    "single",
    "sign-on",
    "faster",
    "search",
    "export",
    "ledger",
    "mobile",
    "offline",
    "import",
    "audit",
    "calendar",
    "approval",
    "invoice",
    "“quoted”",
    "naïve",
    "archive",
    "backup",
    "restore",
    "access",
    "report",
    "dark",
    "mode",
    "tags",
    "review",
];

/// 2026-11-21, when ids begin that are drawn here.
const EPOCH: u64 = 1_795_219_200_000;
const DAY: u64 = 86_400_000;

/// A fresh id of any kind: `id(rng, ItemId::new)`. Its time is drawn as well, so that a seed means the same edits again.
pub fn id<T>(rng: &mut impl Rng, make: fn(u64, [u8; 10]) -> T) -> T {
    make(EPOCH + rng.random_range(0..DAY), rng.random())
}

/// The identity of a page that was just opened.
pub fn client(rng: &mut impl Rng) -> ClientId {
    id(rng, ClientId::new)
}

/// A few words. Never empty.
pub fn words(rng: &mut impl Rng, at_least: usize, at_most: usize) -> String {
    let count = rng.random_range(at_least.max(1)..=at_most);
    let words: Vec<&str> = (0..count).filter_map(|_| WORDS.choose(rng).copied()).collect();
    words.join(" ")
}

pub fn title(rng: &mut impl Rng) -> Title {
    Title::parse(&words(rng, 2, 7)).expect("a few words are a title")
}

/// An item as people describe them: most fields set, some lines of text.
pub fn fields(rng: &mut impl Rng) -> ItemFields {
    let tags = (0..rng.random_range(0..3)).map(|_| tag(rng)).collect();
    ItemFields {
        description: Description::parse(&words(rng, 10, 60)).expect("some words are a description"),
        kind: *ItemKind::ALL.choose(rng).expect("there are kinds"),
        effort: effort(rng),
        tags,
        status: *Status::ALL.choose(rng).expect("there are states"),
        ..ItemFields::titled(title(rng))
    }
}

pub(crate) fn tag(rng: &mut impl Rng) -> Tag {
    Tag::parse(&words(rng, 1, 1)).expect("a word is a tag")
}

fn effort(rng: &mut impl Rng) -> Option<PersonDays> {
    PersonDays::from_tenths(rng.random_range(1..400))
}

/// A field set to something.
pub(crate) fn change(rng: &mut impl Rng, view: &Roadmap) -> ItemChange {
    match rng.random_range(0..19) {
        16.. => value(rng, view),
        0..4 => ItemChange::Title(title(rng)),
        4 | 5 => {
            ItemChange::Description(Description::parse(&words(rng, 5, 40)).expect("words are a description"))
        }
        6 | 7 => ItemChange::Status(*Status::ALL.choose(rng).expect("there are states")),
        8 | 9 => ItemChange::AddTag(tag(rng)),
        10 => ItemChange::RemoveTag(tag(rng)),
        11 => ItemChange::Effort(effort(rng)),
        12 => ItemChange::Kind(*ItemKind::ALL.choose(rng).expect("there are kinds")),
        13 => ItemChange::Investment(Investment::ALL.choose(rng).copied()),
        14 => {
            let (start, end) = (day(rng), day(rng));
            let end = rng.random_bool(0.8).then_some(start.max(end));
            ItemChange::Schedule { start: Some(start), end }
        }
        _ if rng.random() => ItemChange::Owner(rng.random_bool(0.8).then(|| id(rng, UserId::new))),
        _ => ItemChange::SourceKey(SourceKey::parse(&words(rng, 1, 2)).ok()),
    }
}

/// A declared field set to something, or emptied.
fn value(rng: &mut impl Rng, view: &Roadmap) -> ItemChange {
    let fields: Vec<_> = view.fields().all().collect();
    let def = &**fields.choose(rng).expect("there are fields");
    ItemChange::Value {
        field: def.into(),
        to: rng.random_bool(0.8).then(|| def.example(rng.random_range(0..10_000))),
    }
}

pub(crate) fn day(rng: &mut impl Rng) -> Date {
    Date::constant(2026, rng.random_range(1..=12), rng.random_range(1..=28))
}

/// A random edit. It may still be refused, as a person's may be; then another is to be tried.
pub fn random(rng: &mut impl Rng, view: &Roadmap, user: UserId, role: Role) -> Op {
    if role.can_edit() && rng.random_range(0..10) < 8 {
        structure(rng, view, user, role)
    } else {
        word(rng, view, user)
    }
}

/// Several edits in one, of which later ones build on earlier ones.
fn steps(rng: &mut impl Rng, view: &Roadmap, user: UserId, role: Role) -> Op {
    let (mut view, told) = (view.clone(), Context { actor: user, at: Timestamp(0) });
    let ops = (0..rng.random_range(1..5)).map(|_| {
        let op = random(rng, &view, user, role);
        // One that is refused here spoils the whole, as it should.
        let _ = apply(&mut view, &op, &told);
        op
    });
    Op::batch(ops.collect())
}

/// What editors do.
fn structure(rng: &mut impl Rng, view: &Roadmap, user: UserId, role: Role) -> Op {
    let live = |item: &&Arc<Item>| item.deleted.is_none();
    let items: Vec<ItemId> = view.items().filter(live).map(|item| item.id).collect();
    let some = |rng: &mut _| -> Vec<ItemId> {
        let count = *[1, 1, 1, 2, 5].choose(rng).expect("there are counts");
        items.sample(rng, count).copied().collect()
    };
    match rng.random_range(0..100) {
        0..20 if view.items().count() < MOST_ITEMS => {
            let lane = lane(rng, view);
            let id = id(rng, ItemId::new);
            let mut fields = fields(rng);
            if let (true, ItemChange::Value { field, to: Some(to) }) = (rng.random(), value(rng, view)) {
                fields.values.insert(field, to);
            }
            Op::CreateItem { id, lane, place: place(rng, view.lane_items(lane)), fields: Box::new(fields) }
        }
        20..26 => Op::DeleteItems { ids: some(rng) },
        26..34 => {
            let bin: Vec<ItemId> =
                view.items().filter(|item| item.deleted.is_some()).map(|item| item.id).collect();
            Op::restore(bin.choose(rng).copied().into_iter().collect())
        }
        0..20 | 34..60 => {
            let lane = lane(rng, view);
            Op::MoveItems { ids: some(rng), lane, place: place(rng, view.lane_items(lane)) }
        }
        60..78 => {
            // Mostly one of a few, so that people write in the same text.
            let few = &items[..items.len().min(4)];
            let id =
                if rng.random_bool(0.8) { few } else { &items }.choose(rng).copied().unwrap_or(ItemId::NIL);
            write(rng, view, TextOf::Description(id))
        }
        78..92 => {
            let id = items.choose(rng).copied().unwrap_or(ItemId::NIL);
            Op::set(id, change(rng, view))
        }
        92..94 if view.lanes().count() < MOST_LANES => {
            Op::CreateLane { id: id(rng, LaneId::new), name: lane_name(rng), place: Place::Last }
        }
        92..94 => {
            let gone: Vec<LaneId> =
                view.lanes().filter(|lane| lane.deleted.is_some()).map(|lane| lane.id).collect();
            Op::RestoreLane { id: gone.choose(rng).copied().unwrap_or(LaneId::NIL), place: Place::Last }
        }
        94 => Op::DeleteLane { id: lane(rng, view), move_to: lane(rng, view) },
        95 if rng.random_bool(0.5) => {
            Op::SetLaneLimit { id: lane(rng, view), limit: NonZeroU16::new(rng.random_range(0..6)) }
        }
        95 => {
            let status = Status::ALL.choose(rng).copied().filter(|_| rng.random_bool(0.7));
            Op::SetLaneStatus { id: lane(rng, view), status }
        }
        96 if rng.random_bool(0.5) => field(rng, view),
        96 => Op::RenameLane { id: lane(rng, view), name: lane_name(rng) },
        97 => Op::MoveLane { id: lane(rng, view), place: place(rng, view.lane_order()) },
        98 => steps(rng, view, user, role),
        _ => {
            let ids = some(rng);
            let ops = ids.into_iter().map(|id| Op::set(id, change(rng, view)));
            Op::batch(ops.collect())
        }
    }
}

/// A field of all items is made, renamed, moved, retired or used again, or gets one more choice.
pub(crate) fn field(rng: &mut impl Rng, view: &Roadmap) -> Op {
    let label = |rng: &mut _| FieldLabel::parse(&words(rng, 1, 3)).expect("a few words are a name");
    let choice = |rng: &mut _| Choice {
        key: format!("k{}", Rng::next_u32(rng) % 5).into(),
        label: words(rng, 1, 2).into(),
        colour: 0,
        retired: false,
    };
    let keys = view.fields().keys();
    let field = keys.choose(rng).expect("there are fields").clone();
    let change = match rng.random_range(0..10) {
        0..4 if view.fields().custom().count() < MOST_FIELDS => {
            let kind = match rng.random_range(0..5) {
                0 => FieldKind::Date,
                1 => FieldKind::Person,
                2 => FieldKind::number("tickets"),
                3 => FieldKind::Choice(vec![choice(rng)].into()),
                _ => FieldKind::Choices(vec![choice(rng)].into()),
            };
            let custom = CustomField { label: label(rng), kind, required_from: None };
            return Op::CreateField { id: id(rng, FieldId::new), field: Box::new(custom) };
        }
        0..5 => FieldChange::Label(label(rng)),
        5 => FieldChange::Choice(choice(rng)),
        6 => FieldChange::Used(rng.random_bool(0.7)),
        7 => FieldChange::RequiredFrom(rng.random_bool(0.2).then_some(Status::Done)),
        _ => FieldChange::Place(Place::at(&keys, rng.random_range(0..keys.len()))),
    };
    Op::SetField { field, change }
}

/// What stakeholders do.
fn word(rng: &mut impl Rng, view: &Roadmap, user: UserId) -> Op {
    let live = |item: &&Arc<Item>| item.deleted.is_none();
    let items: Vec<ItemId> = view.items().filter(live).map(|item| item.id).collect();
    let item = items.choose(rng).copied().unwrap_or(ItemId::NIL);
    let own = |deleted: bool| -> Vec<CommentId> {
        let mine = view.comments().filter(|comment| comment.created.by == user);
        mine.filter(|comment| comment.deleted.is_some() == deleted).map(|comment| comment.id).collect()
    };
    let body = CommentBody::parse(&words(rng, 3, 20)).expect("words are a comment");
    let said: Vec<&Comment> =
        view.comments().map(Arc::as_ref).filter(|comment| comment.deleted.is_none()).collect();
    match rng.random_range(0..23) {
        20 => {
            let begins: Vec<_> = said.into_iter().filter(|comment| comment.reply_to.is_none()).collect();
            let Some(first) = begins.choose(rng) else { return Op::Upvote { item } };
            let (id, reply_to) = (id(rng, CommentId::new), Some(first.id));
            Op::AddComment { id, item: first.item, body, reply_to }
        }
        21 => {
            let id = said.choose(rng).map_or(CommentId::NIL, |comment| comment.id);
            Op::SetComment { id, change: reaction(rng) }
        }
        22 => {
            let id = own(false).choose(rng).copied().unwrap_or(CommentId::NIL);
            Op::SetComment { id, change: CommentChange::Resolved(rng.random()) }
        }
        0..11 if view.has_voted(item, user) => Op::WithdrawUpvote { item },
        0..11 => Op::Upvote { item },
        11..16 if view.items().map(|item| view.comment_count(item.id)).sum::<usize>() < MOST_COMMENTS => {
            Op::comment(id(rng, CommentId::new), item, body)
        }
        16 => {
            let id = own(false).choose(rng).copied().unwrap_or(CommentId::NIL);
            write(rng, view, TextOf::Comment(id))
        }
        11..18 => Op::EditComment { id: own(false).choose(rng).copied().unwrap_or(CommentId::NIL), body },
        18 => Op::DeleteComment { id: own(false).choose(rng).copied().unwrap_or(CommentId::NIL) },
        _ => Op::RestoreComment { id: own(true).choose(rng).copied().unwrap_or(CommentId::NIL) },
    }
}

/// One more sign below a comment, or one less.
pub(crate) fn reaction(rng: &mut impl Rng) -> CommentChange {
    let reaction = *Reaction::ALL.choose(rng).expect("there are signs");
    CommentChange::Reacted { reaction, on: rng.random_bool(0.7) }
}

/// Somebody types a few words somewhere, or deletes or replaces some; seldom writes it all again.
fn write(rng: &mut impl Rng, view: &Roadmap, text: TextOf) -> Op {
    let before: Vec<char> = view.text(text).unwrap_or_default().chars().collect();
    let mut after = before.clone();
    let at = rng.random_range(0..=before.len());
    let end = if rng.random_bool(0.7) { at } else { before.len().min(at + rng.random_range(0..12)) };
    let typed = if rng.random_bool(0.8) { format!("{} ", words(rng, 1, 3)) } else { String::new() };
    after.splice(at..end, typed.chars());
    if rng.random_bool(0.03) || after.len() > 2_000 {
        after = words(rng, 3, 30).chars().collect();
    }
    let (before, after): (String, String) = (before.into_iter().collect(), after.into_iter().collect());
    Op::EditText { text, base: 0, delta: Delta::between(&before, &after) }
}

pub(crate) fn lane(rng: &mut impl Rng, view: &Roadmap) -> LaneId {
    view.lane_order().choose(rng).copied().unwrap_or(LaneId::NIL)
}

pub(crate) fn lane_name(rng: &mut impl Rng) -> LaneName {
    LaneName::parse(&words(rng, 1, 3)).expect("a few words are a name")
}

/// Mostly a place in the list, seldom one between things that do not stand side by side.
fn place<Id: Copy + PartialEq>(rng: &mut impl Rng, list: &[Id]) -> Place<Id> {
    match rng.random_range(0..10) {
        0 => Place::First,
        1 => Place::Last,
        2 => Place::Beside { after: list.choose(rng).copied(), before: list.choose(rng).copied() },
        _ => Place::at(list, rng.random_range(0..=list.len())),
    }
}
