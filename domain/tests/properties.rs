//! What holds after any operations whatever.

#![expect(clippy::unwrap_used, reason = "a test may")]

use std::collections::BTreeMap;

use domain::{
    ClientId, Context, Document, Entry, Item, ItemFields, ItemId, Lane, LaneId, Op, Place, Rank, Reject,
    Roadmap, Role, Timestamp, UserId, apply,
    wire::{
        MAX_FRAME,
        short::{CLOSE, MARK, OPEN, Reader, Writer},
    },
};
use proptest::prelude::*;
use rand::{SeedableRng as _, rngs::StdRng};
use simulation::{edits, lists::Lists, wild};

fn start() -> Roadmap {
    let ranks = Rank::fill(None, None, 2).unwrap();
    let lanes = (1..).zip(ranks).map(|(number, rank)| Lane {
        id: LaneId::new(number, [0; 10]),
        name: format!("Lane {number}").parse().unwrap(),
        rank,
        status: None,
        limit: None,
        deleted: None,
    });
    Roadmap::from(Document { lanes: lanes.collect(), ..Document::default() })
}

/// Each number becomes an operation that fits the roadmap it meets; a failure shrinks to the few that matter.
fn play(
    numbers: &[u64],
    mut each: impl FnMut(&Roadmap, &Op, &Result<domain::Effects, Reject>, &Roadmap),
) -> Roadmap {
    let mut roadmap = start();
    for number in numbers {
        let mut rng = StdRng::seed_from_u64(*number);
        let user = UserId::new(1, [rng.random_range(0..3); 10]);
        let op = match rng.random_range(0..10) {
            0 => wild::random(&mut rng, &roadmap),
            _ => edits::random(&mut rng, &roadmap, user, Role::Editor),
        };
        let before = roadmap.clone();
        let context = Context { actor: user, at: Timestamp(rng.random_range(0..1_000)) };
        let result = apply(&mut roadmap, &op, &context);
        each(&before, &op, &result, &roadmap);
    }
    roadmap
}

fn check_ranks(roadmap: &Roadmap) {
    let lanes: Vec<&Rank> = roadmap.lane_order().iter().map(|id| &roadmap.lane(*id).unwrap().rank).collect();
    assert!(lanes.is_sorted_by(|a, b| a < b), "lanes ascend strictly: {lanes:?}");
    for lane in roadmap.lane_order() {
        let ranks: Vec<&Rank> =
            roadmap.lane_items(*lane).iter().map(|id| &roadmap.item(*id).unwrap().rank).collect();
        assert!(ranks.is_sorted_by(|a, b| a < b), "items ascend strictly: {ranks:?}");
        assert!(ranks.iter().all(|rank| rank.as_str().len() <= Rank::REBALANCE_AT));
    }
    for item in roadmap.items().filter(|item| item.deleted.is_none()) {
        assert!(roadmap.lane_items(item.lane).contains(&item.id), "a live item is on the board");
    }
}

/// What people see of a roadmap: everything but rank keys, stamps of the moment, and what lies in the bin.
#[derive(Debug, PartialEq)]
struct Seen {
    lanes: Vec<(LaneId, String, Vec<ItemId>)>,
    fields: BTreeMap<ItemId, (u32, ItemFields)>,
    comments: BTreeMap<domain::CommentId, String>,
    votes: BTreeMap<ItemId, u32>,
}

impl Seen {
    fn forget_lanes(&mut self) {
        let mut items: Vec<ItemId> =
            self.lanes.iter_mut().flat_map(|(_, _, items)| items.drain(..)).collect();
        items.sort();
        self.lanes.push((LaneId::NIL, String::new(), items));
    }

    fn forget_order(&mut self) {
        self.lanes.iter_mut().for_each(|(_, _, items)| items.sort());
    }

    fn of(roadmap: &Roadmap) -> Self {
        let live = |item: &&std::sync::Arc<Item>| item.deleted.is_none();
        Self {
            lanes: roadmap
                .lane_order()
                .iter()
                .map(|id| {
                    (*id, roadmap.lane(*id).unwrap().name.to_string(), roadmap.lane_items(*id).to_vec())
                })
                .collect(),
            fields: roadmap
                .items()
                .filter(live)
                .map(|item| (item.id, (item.number, item.fields.clone())))
                .collect(),
            comments: roadmap
                .comments()
                .filter(|comment| comment.deleted.is_none())
                .map(|comment| (comment.id, comment.body.to_string()))
                .collect(),
            votes: roadmap
                .items()
                .map(|item| (item.id, roadmap.vote_count(item.id)))
                .filter(|(_, count)| *count > 0)
                .collect(),
        }
    }
}

fn uses_bin(op: &Op) -> bool {
    matches!(op, Op::DeleteItems { .. } | Op::RestoreItems { .. })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rows_rebuild_the_same_roadmap(numbers in prop::collection::vec(any::<u64>(), 0..120)) {
        let roadmap = play(&numbers, |_, _, _, after| check_ranks(after));
        let document = Document::from(roadmap.clone());
        let text = serde_json::to_string(&document).unwrap();
        prop_assert_eq!(&Roadmap::from(document), &roadmap);
        prop_assert_eq!(serde_json::from_str::<Roadmap>(&text).unwrap(), roadmap);
    }

    #[test]
    fn a_refusal_changes_nothing(numbers in prop::collection::vec(any::<u64>(), 0..120)) {
        play(&numbers, |before, op, result, after| {
            if let Err(reject) = result {
                assert_eq!(before, after, "{op:?} was refused with {reject:?}");
            }
        });
    }

    #[test]
    fn the_inverse_takes_back(numbers in prop::collection::vec(any::<u64>(), 0..120)) {
        play(&numbers, |before, op, result, after| {
            let Ok(effects) = result else { return };
            if effects.changes.is_empty() {
                assert_eq!(before, after, "{op:?} told of no change");
            }
            let has_inverse = !effects.inverse.is_empty();
            let is_vote = matches!(op, Op::Upvote { .. } | Op::WithdrawUpvote { .. });
            assert_eq!(has_inverse, !is_vote && !effects.changes.is_empty(), "{op:?} and {effects:?}");
            if has_inverse {
                let mut back = after.clone();
                let context = Context { actor: UserId::new(1, [9; 10]), at: Timestamp(0) };
                let inverse = match effects.inverse.as_slice() {
                    [op] => op.clone(),
                    ops => Op::batch(ops.to_vec()),
                };
                apply(&mut back, &inverse, &context).unwrap();
                let (mut seen, mut wanted) = (Seen::of(&back), Seen::of(before));
                if let Op::Batch { ops, .. } = op && ops.iter().any(uses_bin) {
                    // An item comes back from the bin beside those that stayed; what a later step moved and the
                    // inverse moved back may be on its other side.
                    seen.forget_order();
                    wanted.forget_order();
                    if ops.iter().any(|op| matches!(op, Op::DeleteLane { .. })) {
                        // One that came back to the first lane, because its own was deleted meanwhile, stays there.
                        seen.forget_lanes();
                        wanted.forget_lanes();
                    }
                }
                assert_eq!(seen, wanted, "{op:?} was taken back with {:?}", effects.inverse);
            }
        });
    }

    #[test]
    fn operations_survive_the_wire(numbers in prop::collection::vec(any::<u64>(), 0..40)) {
        play(&numbers, |_, op, _, _| {
            let entry = Entry {
                seq: 1,
                client: ClientId::NIL,
                cseq: 1,
                actor: UserId::NIL,
                at: Timestamp(-1),
                op: op.clone(),
                items: Vec::new(),
            };
            let text = serde_json::to_string(&entry).unwrap();
            assert_eq!(serde_json::from_str::<Entry>(&text).unwrap(), entry, "{text}");
        });
    }

    #[test]
    fn short_frames_are_read_as_what_was_written(numbers in prop::collection::vec(any::<u64>(), 0..120)) {
        let (mut writer, mut reader) = (Writer::default(), Reader::default());
        reader.welcomed(Vec::new());
        play(&numbers, |before, op, result, _| {
            if result.is_err() {
                return;
            }
            let who = [u8::try_from(numbers.len()).unwrap() % 3; 10];
            let entry = Entry {
                seq: 1,
                client: ClientId::new(2, who),
                cseq: 1,
                actor: UserId::new(1, who),
                at: Timestamp(0),
                op: op.clone(),
                items: op.comment_items(before),
            };
            let json = serde_json::to_string(&entry).unwrap();
            if OPEN.len() + json.len() + CLOSE.len() > MAX_FRAME {
                // A room asks its readers to load the document again.
                return;
            }
            let number = |id| before.item(id).map(|item| item.number);
            let short = format!("{MARK}{}", writer.shorten(&json, true, number));
            assert!(short.len() <= json.len(), "{short} for {json}");
            let plain = reader.read(&short, before).unwrap().unwrap();
            assert_eq!(plain, format!("{OPEN}{json}{CLOSE}"), "{short}");
        });
    }

    #[test]
    fn a_client_that_keeps_lists_agrees(numbers in prop::collection::vec(any::<u64>(), 0..120)) {
        let document = |roadmap: &Roadmap| serde_json::to_value(Document::from(roadmap.clone())).unwrap();
        let mut lists = Lists::of(&document(&start()));
        play(&numbers, |_, op, result, after| {
            if let Ok(effects) = result {
                let logged = op.clone().with_spots(effects.spots.clone());
                lists.apply(&serde_json::to_value(&logged).unwrap());
                assert_eq!(lists, Lists::of(&document(after)), "after {logged:?}");
            }
        });
    }

    #[test]
    fn the_same_operations_give_the_same_bytes(numbers in prop::collection::vec(any::<u64>(), 0..60)) {
        let bytes = |roadmap| serde_json::to_vec(&Document::from(roadmap)).unwrap();
        prop_assert_eq!(bytes(play(&numbers, |_, _, _, _| {})), bytes(play(&numbers, |_, _, _, _| {})));
    }

    #[test]
    fn a_masked_copy_follows_masked_entries(numbers in prop::collection::vec(any::<u64>(), 0..120)) {
        let viewer = UserId::new(1, [1; 10]);
        let mut masked = start().masked_for(viewer);
        let mut full = start();
        for number in numbers {
            let mut rng = StdRng::seed_from_u64(number);
            let actor = UserId::new(1, [rng.random_range(0..3); 10]);
            let op = edits::random(&mut rng, &full, actor, Role::Stakeholder);
            let create = edits::random(&mut rng, &full, actor, Role::Editor);
            for op in [create, op] {
                let entry = Entry { seq: 1, client: ClientId::NIL, cseq: 1, actor, at: Timestamp(1), op, items: Vec::new() };
                if apply(&mut full, &entry.op, &Context { actor, at: entry.at }).is_ok() {
                    let entry = entry.masked_for(viewer);
                    apply(&mut masked, &entry.op, &Context { actor: entry.actor, at: entry.at }).unwrap();
                }
            }
            prop_assert_eq!(&masked, &full.masked_for(viewer));
        }
    }

    #[test]
    fn between_two_ranks_there_is_another(choices in prop::collection::vec(any::<u16>(), 1..300)) {
        let mut ranks: Vec<Rank> = Vec::new();
        for choice in choices {
            let index = usize::from(choice) % (ranks.len() + 1);
            let low = index.checked_sub(1).map(|index| &ranks[index]);
            let rank = Rank::between(low, ranks.get(index)).unwrap();
            prop_assert_eq!(&Rank::try_from(rank.as_str().to_owned()).unwrap(), &rank);
            ranks.insert(index, rank);
            prop_assert!(ranks.is_sorted_by(|a, b| a < b), "{:?}", ranks);
        }
    }

    #[test]
    fn ranks_fill_a_space_in_order(count in 0usize..3_000, open in any::<(bool, bool)>()) {
        let ends = Rank::fill(None, None, 2).unwrap();
        let (low, high) = (open.0.then_some(&ends[0]), open.1.then_some(&ends[1]));
        let ranks = Rank::fill(low, high, count).unwrap();
        prop_assert_eq!(ranks.len(), count);
        let all: Vec<&Rank> = low.into_iter().chain(&ranks).chain(high).collect();
        prop_assert!(all.is_sorted_by(|a, b| a < b));
        prop_assert!(ranks.iter().all(|rank| rank.as_str().len() <= 24), "{:?}", ranks.iter().max_by_key(|r| r.as_str().len()));
    }

    #[test]
    fn no_text_makes_a_rank_that_lies(text in "\\PC{0,12}|[0-9a-z]{0,12}") {
        if let Ok(rank) = Rank::try_from(text) {
            let above = Rank::between(Some(&rank), None).unwrap();
            let below = Rank::between(None, Some(&rank)).unwrap();
            let middle = Rank::between(Some(&below), Some(&rank)).unwrap();
            prop_assert!(below < middle && middle < rank && rank < above);
            prop_assert!(Rank::between(Some(&above), Some(&rank)).is_none());
            prop_assert!(Rank::between(Some(&rank), Some(&rank)).is_none());
        }
    }
}

/// Inserts at one spot of a lane, a hundred thousand times.
fn insert_at(place: impl Fn(&[ItemId]) -> Place<ItemId>) {
    let mut roadmap = start();
    let lane = roadmap.lane_order()[0];
    let context = Context { actor: UserId::NIL, at: Timestamp(0) };
    let mut longest = 0;
    for number in 0..100_000u64 {
        let id = ItemId::new(number, [1; 10]);
        let fields = Box::new(ItemFields::titled("Item".parse().unwrap()));
        let list = roadmap.lane_items(lane);
        let op = Op::CreateItem { id, lane, place: place(list), fields };
        apply(&mut roadmap, &op, &context).unwrap();
        longest = longest.max(roadmap.item(id).unwrap().rank.as_str().len());
        // The lane is kept short: what matters is how often the spot is split.
        let list = roadmap.lane_items(lane);
        if list.len() > 8 {
            let far = if list[0] == id || list[1] == id { list[list.len() - 1] } else { list[0] };
            apply(&mut roadmap, &Op::DeleteItems { ids: vec![far] }, &context).unwrap();
        }
        if number % 1_000 == 0 {
            check_ranks(&roadmap);
        }
    }
    check_ranks(&roadmap);
    assert!(longest <= Rank::REBALANCE_AT, "a key of {longest} characters");
}

#[test]
fn keys_stay_short_after_endless_inserts_at_the_front() {
    insert_at(|_| Place::First);
}

#[test]
fn keys_stay_short_after_endless_inserts_at_the_end() {
    insert_at(|_| Place::Last);
}

#[test]
fn keys_stay_short_after_endless_inserts_behind_the_first() {
    insert_at(|list| Place::at(list, 1));
}

#[test]
fn keys_stay_short_after_endless_inserts_in_the_middle() {
    insert_at(|list| Place::at(list, list.len() / 2));
}

#[test]
fn keys_stay_short_when_two_cards_change_places_endlessly() {
    let mut roadmap = start();
    let lane = roadmap.lane_order()[0];
    let context = Context { actor: UserId::NIL, at: Timestamp(0) };
    let ids: Vec<ItemId> = (1..=5).map(|number| ItemId::new(number, [2; 10])).collect();
    for id in &ids {
        let fields = Box::new(ItemFields::titled("Item".parse().unwrap()));
        apply(&mut roadmap, &Op::CreateItem { id: *id, lane, place: Place::Last, fields }, &context).unwrap();
    }
    for round in 0..100_000 {
        let list = roadmap.lane_items(lane).to_vec();
        let place = Place::Beside { after: Some(list[1]), before: None };
        let op = Op::MoveItems { ids: vec![list[3]], lane, place };
        apply(&mut roadmap, &op, &context).unwrap();
        if round % 1_000 == 0 {
            check_ranks(&roadmap);
        }
    }
    check_ranks(&roadmap);
}
