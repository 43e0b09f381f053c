//! Operations of every kind, most of which make sense on the roadmap they are drawn for.

use std::collections::BTreeSet;

use domain::{
    Choice, CommentBody, CommentId, CustomField, Date, Delta, Description, FieldChange, FieldId, FieldKind,
    Investment, ItemChange, ItemFields, ItemId, ItemKind, LaneId, Op, PersonDays, Place, Roadmap, SourceKey,
    Status, Tag, TextOf, Title, UserId,
};

use super::random::Random;

/// Above this many live items, nothing is created, so that documents stay small.
const MAX_ITEMS: usize = 40;
const MAX_LANES: usize = 7;

const WORDS: [&str; 6] = ["Anmeldung", "Überblick", "Suche ✓", "“Bericht”", "Archive", "移行"];

/// What a stakeholder may do.
pub(crate) fn random_voice(random: &mut Random, roadmap: &Roadmap, user: UserId) -> Op {
    let item = some_item(random, roadmap);
    let own: Vec<CommentId> =
        roadmap.comments().filter(|comment| comment.created.by == user).map(|comment| comment.id).collect();
    let all: Vec<CommentId> = roadmap.comments().map(|comment| comment.id).collect();
    let comment = if random.chance(80) { random.pick(&own) } else { random.pick(&all) };
    match (random.below(8), comment) {
        (0..=2, _) => Op::Upvote { item },
        (3, _) => Op::WithdrawUpvote { item },
        (4, Some(id)) => edit_text(random, roadmap, TextOf::Comment(id)),
        (5, Some(id)) => Op::EditComment { id, body: body(random) },
        (6, Some(id)) => Op::DeleteComment { id },
        (7, Some(id)) => Op::RestoreComment { id },
        _ => Op::AddComment {
            id: CommentId::new(random.next() >> 20, random.bytes()),
            item,
            body: body(random),
        },
    }
}

/// What an editor may do.
pub(crate) fn random_op(random: &mut Random, roadmap: &Roadmap, user: UserId) -> Op {
    match random.below(20) {
        0..=3 => random_voice(random, roadmap, user),
        4 => {
            let mut scratch = roadmap.clone();
            let context = domain::Context { actor: user, at: domain::Timestamp(0) };
            let ops = (0..=random.below(4)).map(|_| {
                let op = random_edit(random, &scratch);
                // Later steps build on earlier ones; a step that is refused there spoils the batch, as it should.
                let _ = domain::apply(&mut scratch, &op, &context);
                op
            });
            Op::batch(ops.collect())
        }
        5..=9 => {
            let item = some_written(random, roadmap);
            edit_text(random, roadmap, TextOf::Description(item))
        }
        _ => random_edit(random, roadmap),
    }
}

/// Somebody types, deletes, or seldom writes everything anew.
fn edit_text(random: &mut Random, roadmap: &Roadmap, text: TextOf) -> Op {
    let before: Vec<char> = roadmap.text(text).unwrap_or_default().chars().collect();
    let mut after = before.clone();
    let at = random.below(before.len() + 1);
    let end = before.len().min(at + random.below(4));
    let typed = if random.chance(70) || before.len() < 2 { word(random) } else { "" };
    after.splice(at..if random.chance(60) { at } else { end }, typed.chars());
    if random.chance(3) {
        after = format!("{} {}", word(random), random.below(1_000)).chars().collect();
    }
    let (before, after): (String, String) = (before.into_iter().collect(), after.into_iter().collect());
    Op::EditText { text, base: 0, delta: Delta::between(&before, &after) }
}

/// Mostly one of a few items, so that people meet there.
fn some_written(random: &mut Random, roadmap: &Roadmap) -> ItemId {
    let few =
        roadmap.items().filter(|item| item.deleted.is_none()).map(|item| item.id).take(3).collect::<Vec<_>>();
    if random.chance(90) { random.pick(&few).unwrap_or(ItemId::NIL) } else { some_item(random, roadmap) }
}

fn random_edit(random: &mut Random, roadmap: &Roadmap) -> Op {
    let live: usize = roadmap.lane_order().iter().map(|lane| roadmap.lane_items(*lane).len()).sum();
    match random.below(20) {
        0..=2 if live < MAX_ITEMS => {
            let lane = some_lane(random, roadmap);
            Op::CreateItem {
                id: ItemId::new(random.next() >> 20, random.bytes()),
                lane,
                place: place(random, roadmap.lane_items(lane)),
                fields: Box::new(fields(random, roadmap)),
            }
        }
        0..=5 => Op::set(some_item(random, roadmap), change(random, roadmap)),
        6..=11 => {
            let lane = some_lane(random, roadmap);
            let to = if random.chance(40) { lane } else { some_lane(random, roadmap) };
            Op::MoveItems {
                ids: some_items(random, roadmap.lane_items(lane)),
                lane: to,
                place: place(random, roadmap.lane_items(to)),
            }
        }
        12 => {
            let lane = some_lane(random, roadmap);
            Op::DeleteItems { ids: some_items(random, roadmap.lane_items(lane)) }
        }
        13 | 14 => {
            let binned: Vec<ItemId> =
                roadmap.items().filter(|item| item.deleted.is_some()).map(|item| item.id).collect();
            Op::restore(some_items(random, &binned))
        }
        15 if roadmap.lane_order().len() < MAX_LANES => Op::CreateLane {
            id: LaneId::new(random.next() >> 20, random.bytes()),
            name: word(random).parse().unwrap(),
            place: place(random, roadmap.lane_order()),
        },
        16 if random.chance(30) => set_field(random, roadmap),
        16 if random.chance(30) => {
            let status = if random.chance(70) { random.pick(Status::ALL) } else { None };
            Op::SetLaneStatus { id: some_lane(random, roadmap), status }
        }
        16 => Op::RenameLane { id: some_lane(random, roadmap), name: word(random).parse().unwrap() },
        17 => Op::MoveLane { id: some_lane(random, roadmap), place: place(random, roadmap.lane_order()) },
        18 => Op::DeleteLane { id: some_lane(random, roadmap), move_to: some_lane(random, roadmap) },
        _ => {
            let deleted: Vec<LaneId> =
                roadmap.lanes().filter(|lane| lane.deleted.is_some()).map(|lane| lane.id).collect();
            let id = random.pick(&deleted).unwrap_or(LaneId::NIL);
            Op::RestoreLane { id, place: place(random, roadmap.lane_order()) }
        }
    }
}

fn change(random: &mut Random, roadmap: &Roadmap) -> ItemChange {
    let date = |random: &mut Random| random.chance(80).then(|| day(random));
    match random.below(13) {
        11 | 12 => value(random, roadmap),
        0 => ItemChange::Title(title(random)),
        1 => ItemChange::Description(Description::parse(word(random)).unwrap()),
        2 => ItemChange::Kind(random.pick(ItemKind::ALL).unwrap()),
        3 => ItemChange::Investment(random.chance(80).then(|| random.pick(Investment::ALL).unwrap())),
        4 => ItemChange::Effort(PersonDays::from_tenths(random.below(2_000) as u32)),
        5 => ItemChange::Schedule { start: date(random), end: date(random) },
        6 => ItemChange::Owner(random.chance(80).then(|| UserId::new(1, random.bytes()))),
        7 => ItemChange::AddTag(tag(random)),
        8 => ItemChange::RemoveTag(tag(random)),
        9 => ItemChange::Status(random.pick(Status::ALL).unwrap()),
        _ => ItemChange::SourceKey(random.chance(80).then(|| SourceKey::parse(word(random)).unwrap())),
    }
}

/// Mostly one of a few fields, so that people meet there.
fn value(random: &mut Random, roadmap: &Roadmap) -> ItemChange {
    let fields: Vec<_> = roadmap.fields().all().collect();
    let few = if random.chance(50) { 3 } else { fields.len() };
    let def = &*fields[random.below(few)];
    let to = random.chance(80).then(|| def.example(random.below(1_000) as u64));
    ItemChange::Value { field: def.into(), to }
}

/// A field is made, renamed, moved or retired, or gets one more choice.
fn set_field(random: &mut Random, roadmap: &Roadmap) -> Op {
    let keys = roadmap.fields().keys();
    let choice = |random: &mut Random| {
        let key = format!("k{}", random.below(4));
        Choice {
            label: word(random).to_owned().into(),
            key: key.into(),
            colour: 0,
            retired: random.chance(20),
        }
    };
    let label = |random: &mut Random| word(random).parse().unwrap();
    if random.chance(25) && roadmap.fields().custom().count() < 6 {
        let kind = match random.below(4) {
            0 => FieldKind::Date,
            1 => FieldKind::number("tickets"),
            2 => FieldKind::Checkbox,
            _ => FieldKind::Choices(vec![choice(random)].into()),
        };
        let id = FieldId::new(random.next() >> 20, random.bytes());
        return Op::CreateField {
            id,
            field: Box::new(CustomField { label: label(random), kind, required_from: None }),
        };
    }
    let field = keys[random.below(keys.len())].clone();
    let change = match random.below(6) {
        0 => FieldChange::Label(label(random)),
        1 => FieldChange::Choice(choice(random)),
        2 => FieldChange::Used(random.chance(50)),
        3 => FieldChange::RequiredFrom(random.chance(30).then_some(Status::Done)),
        _ => {
            let index = random.below(keys.len());
            FieldChange::Place(Place::at(&keys, index))
        }
    };
    Op::SetField { field, change }
}

fn fields(random: &mut Random, roadmap: &Roadmap) -> ItemFields {
    let mut fields = ItemFields::titled(title(random));
    if random.chance(30) {
        fields.tags = (0..random.below(4)).map(|_| tag(random)).collect();
        (fields.start, fields.end) = (Some(day(random)), Some(day(random)));
        if let ItemChange::Value { field, to: Some(value) } = value(random, roadmap) {
            fields.values.insert(field, value);
        }
    }
    fields
}

fn day(random: &mut Random) -> Date {
    Date::constant(2026, 1 + random.below(12) as i8, 1 + random.below(28) as i8)
}

fn title(random: &mut Random) -> Title {
    Title::parse(&format!("{} {}", word(random), random.below(100))).unwrap()
}

fn tag(random: &mut Random) -> Tag {
    Tag::parse(["api", "İnce", "ux", "security"][random.below(4)]).unwrap()
}

fn body(random: &mut Random) -> CommentBody {
    CommentBody::parse(&format!("{}\n{}", word(random), random.below(100))).unwrap()
}

fn word(random: &mut Random) -> &'static str {
    WORDS[random.below(WORDS.len())]
}

/// Mostly a live item, sometimes one in the bin, seldom none.
fn some_item(random: &mut Random, roadmap: &Roadmap) -> ItemId {
    let wanted = random.chance(90);
    let items: Vec<ItemId> =
        roadmap.items().filter(|item| item.deleted.is_none() == wanted).map(|item| item.id).collect();
    random.pick(&items).unwrap_or(ItemId::NIL)
}

/// One to three of a list, in any order; none of an empty one. Seldom the same twice.
fn some_items(random: &mut Random, list: &[ItemId]) -> Vec<ItemId> {
    let ids: Vec<ItemId> = (0..=random.below(3)).filter_map(|_| random.pick(list)).collect();
    let mut seen = BTreeSet::new();
    let twice = random.chance(5);
    ids.into_iter().filter(|id| seen.insert(*id) || twice).collect()
}

/// Mostly a lane of the board, seldom a deleted one.
fn some_lane(random: &mut Random, roadmap: &Roadmap) -> LaneId {
    let lanes: Vec<LaneId> = roadmap.lanes().map(|lane| lane.id).collect();
    let pool = if random.chance(95) { roadmap.lane_order() } else { &lanes };
    random.pick(pool).unwrap_or(LaneId::NIL)
}

fn place<Id: Copy + PartialEq>(random: &mut Random, list: &[Id]) -> Place<Id> {
    match random.below(5) {
        0 => Place::First,
        1 => Place::Last,
        2 => Place::Beside { after: random.pick(list), before: random.pick(list) },
        _ => Place::at(list, random.below(list.len() + 1)),
    }
}
