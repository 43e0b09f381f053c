//! A small roadmap to test on, and short words for what tests do with it.

use std::sync::Arc;

use crate::{
    CommentBody, CommentId, Context, Effects, Item, ItemChange, ItemFields, ItemId, LaneId, Op, Place,
    Product, ProductId, ProductKind, Reject, Roadmap, RoadmapId, Role, Stage, Timestamp, Title, UserId,
    apply,
};

pub(crate) fn person(number: u8) -> UserId {
    UserId::new(1, [number; 10])
}

pub(crate) fn lane(number: u8) -> LaneId {
    LaneId::new(2, [number; 10])
}

pub(crate) fn item(number: u8) -> ItemId {
    ItemId::new(3, [number; 10])
}

pub(crate) fn comment(number: u8) -> CommentId {
    CommentId::new(4, [number; 10])
}

pub(crate) fn by(number: u8) -> Context {
    Context { actor: person(number), at: Timestamp(1_000) }
}

pub(crate) fn title(text: &str) -> Title {
    text.parse().unwrap()
}

/// A product with the key ERP.
pub(crate) fn product() -> Product {
    Product {
        id: ProductId::new(5, [1; 10]),
        roadmap: RoadmapId::new(6, [1; 10]),
        key: "ERP".parse().unwrap(),
        name: "Planning".parse().unwrap(),
        kind: ProductKind::Application,
        stage: Stage::Growth,
        purpose: "".parse().unwrap(),
        archived: false,
        restricted: false,
        role: Role::Editor,
    }
}

pub(crate) fn body(text: &str) -> CommentBody {
    text.parse().unwrap()
}

pub(crate) fn create(number: u8, to: u8, place: Place<ItemId>, name: &str) -> Op {
    Op::CreateItem {
        id: item(number),
        lane: lane(to),
        place,
        fields: Box::new(ItemFields::titled(title(name))),
    }
}

pub(crate) fn set(number: u8, change: ItemChange) -> Op {
    Op::set(item(number), change)
}

pub(crate) fn move_items(numbers: &[u8], to: u8, place: Place<ItemId>) -> Op {
    Op::MoveItems { ids: items(numbers), lane: lane(to), place }
}

pub(crate) fn items(numbers: &[u8]) -> Vec<ItemId> {
    numbers.iter().map(|number| item(*number)).collect()
}

/// Now: A B C D. Next: E. Later: nothing. The item X, of Now, is in the bin; the lane Old, after Later, is deleted.
/// Person 1 wrote comment 1 on A and, deleted, comment 2. Person 2 upvoted A.
pub(crate) fn roadmap() -> Roadmap {
    let mut roadmap = Roadmap::default();
    for (number, name) in (1..).zip(["Now", "Next", "Later", "Old"]) {
        let op = Op::CreateLane { id: lane(number), name: name.parse().unwrap(), place: Place::Last };
        done(&mut roadmap, &op, 1);
    }
    for (number, name, to) in [(1, "A", 1), (2, "B", 1), (3, "C", 1), (4, "D", 1), (5, "E", 2), (6, "X", 1)] {
        done(&mut roadmap, &create(number, to, Place::Last, name), 1);
    }
    done(&mut roadmap, &Op::DeleteItems { ids: items(&[6]) }, 1);
    done(&mut roadmap, &Op::DeleteLane { id: lane(4), move_to: lane(1) }, 1);
    for number in [1, 2] {
        let op = Op::comment(comment(number), item(1), body("Why?"));
        done(&mut roadmap, &op, 1);
    }
    done(&mut roadmap, &Op::DeleteComment { id: comment(2) }, 1);
    done(&mut roadmap, &Op::Upvote { item: item(1) }, 2);
    roadmap
}

pub(crate) fn done(roadmap: &mut Roadmap, op: &Op, actor: u8) -> Effects {
    apply(roadmap, op, &by(actor)).unwrap_or_else(|reject| panic!("{op:?} was refused: {reject}"))
}

/// The refusal; the whole roadmap must be as it was.
pub(crate) fn refused(roadmap: &Roadmap, op: &Op, actor: u8) -> Reject {
    let mut after = roadmap.clone();
    let reject = match apply(&mut after, op, &by(actor)) {
        Ok(effects) => panic!("{op:?} was done: {effects:?}"),
        Err(reject) => reject,
    };
    assert_eq!(after, *roadmap, "{op:?} was refused and changed something");
    reject
}

/// Does it, takes it back, and compares what people see: lanes, order and fields.
pub(crate) fn done_and_taken_back(roadmap: &Roadmap, op: &Op, actor: u8) -> Roadmap {
    let mut after = roadmap.clone();
    let effects = done(&mut after, op, actor);
    let mut back = after.clone();
    assert!(!effects.inverse.is_empty(), "{op:?} can be taken back");
    for inverse in &effects.inverse {
        done(&mut back, inverse, actor);
    }
    assert_eq!(board(&back), board(roadmap), "{op:?} was taken back by {:?}", effects.inverse);
    let live = |roadmap: &Roadmap| -> Vec<Arc<Item>> {
        roadmap.items().filter(|item| item.deleted.is_none()).cloned().collect()
    };
    for (back, before) in live(&back).iter().zip(live(roadmap)) {
        assert_eq!((back.id, back.number, &back.fields), (before.id, before.number, &before.fields));
    }
    after
}

/// The board in a line: `Now: A B C D | Next: E | Later:`.
pub(crate) fn board(roadmap: &Roadmap) -> String {
    let lanes: Vec<String> = roadmap
        .lane_order()
        .iter()
        .map(|id| {
            let items = roadmap
                .lane_items(*id)
                .iter()
                .map(|id| format!(" {}", roadmap.item(*id).unwrap().fields.title));
            format!("{}:{}", roadmap.lane(*id).unwrap().name, items.collect::<String>())
        })
        .collect();
    lanes.join(" | ")
}

pub(crate) fn sentences(effects: &Effects) -> Vec<String> {
    effects.changes.iter().map(|change| change.sentence(|_| "Anna".to_owned())).collect()
}
