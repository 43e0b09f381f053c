//! Items that go to another product's roadmap, and come from one.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    Change, Comment, CommentId, Context, Effects, FieldKey, First, Item, ItemFields, ItemId, ItemKey, LaneId,
    Place, Reject, Roadmap, Stamp, UserId,
};

use super::items;

/// What came.
pub(super) struct Received<'a> {
    pub(super) id: ItemId,
    pub(super) fields: &'a ItemFields,
    pub(super) firsts: &'a BTreeMap<FieldKey, First>,
    pub(super) created: Stamp,
    pub(super) from: &'a ItemKey,
}

pub(super) fn send(
    roadmap: &mut Roadmap,
    id: ItemId,
    to: &ItemKey,
    context: &Context,
    effects: &mut Effects,
) -> Result<(), Reject> {
    items::live(roadmap, id)?;
    let item = Arc::make_mut(roadmap.items.get_mut(&id).expect("it was just found"));
    item.deleted = Some(context.stamp());
    item.moved = Some(to.clone());
    let (lane, title) = (item.lane, item.fields.title.to_string());
    if let Some(list) = roadmap.order.get_mut(&lane) {
        list.retain(|other| *other != id);
    }
    // They count where the item is.
    if let Some(votes) = roadmap.votes.remove(&id) {
        effects.touched.votes.extend(votes.voters.iter().map(|voter| (id, *voter)));
        if votes.voters.is_empty() {
            effects.touched.votes.insert((id, UserId::NIL));
        }
    }
    effects.touched.items.insert(id);
    effects.touched.orders.insert(lane);
    effects.changes.push(Change::ItemSent { item: id, title, to: to.to_string() });
    Ok(())
}

pub(super) fn receive(
    roadmap: &mut Roadmap,
    received: &Received,
    lane: LaneId,
    place: &Place<ItemId>,
    effects: &mut Effects,
) -> Result<(), Reject> {
    let id = received.id;
    let known = roadmap.item(id);
    if id == ItemId::NIL || known.is_some_and(|item| item.moved.is_none()) {
        return Err(Reject::DuplicateId);
    }
    let known = known.map(|item| item.number);
    let lane_name = super::lanes::live(roadmap, lane)?.name.to_string();
    let index = place.resolve(roadmap.lane_items(lane));
    let rank = items::make_room(roadmap, lane, index, 1, effects).pop().expect("one rank was asked for");
    let number = known.unwrap_or_else(|| {
        roadmap.last_number += 1;
        roadmap.last_number
    });
    let item = Item {
        id,
        number,
        lane,
        rank,
        fields: received.fields.clone(),
        firsts: received.firsts.clone(),
        created: received.created,
        deleted: None,
        moved: None,
    };
    let title = item.fields.title.to_string();
    roadmap.items.insert(id, Arc::new(item));
    roadmap.order.entry(lane).or_default().insert(index, id);
    // Those that it left here come again, as they are now.
    roadmap.more_comments.remove(&id);
    for comment in roadmap.threads.remove(&id).unwrap_or_default() {
        roadmap.comments.remove(&comment);
        effects.touched.comments.insert(comment);
    }
    effects.touched.threads.insert(id);
    effects.touched.items.insert(id);
    effects.touched.orders.insert(lane);
    let from = received.from.to_string();
    effects.changes.push(Change::ItemReceived { item: id, title, lane: lane_name, from });
    Ok(())
}

pub(super) fn receive_comments(
    roadmap: &mut Roadmap,
    comments: &[Arc<Comment>],
    effects: &mut Effects,
) -> Result<(), Reject> {
    super::at_most(comments.len())?;
    for comment in comments {
        items::live(roadmap, comment.item)?;
        if roadmap.comments.contains_key(&comment.id) || comment.id == CommentId::NIL {
            return Err(Reject::DuplicateId);
        }
        let thread = roadmap.threads.entry(comment.item).or_default();
        let place = (comment.created.at, comment.id);
        let index = thread.partition_point(|other| (roadmap.comments[other].created.at, *other) < place);
        thread.insert(index, comment.id);
        roadmap.comments.insert(comment.id, comment.clone());
        effects.touched.comments.insert(comment.id);
        effects.touched.threads.insert(comment.item);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::{ItemChange, ItemKey, Op, Place, Reject, Roadmap, Status, fixture::*};

    fn key(text: &str) -> ItemKey {
        text.parse().unwrap()
    }

    /// What brings an item of one roadmap to another, as the server makes it.
    fn received(roadmap: &Roadmap, number: u8, from: &str, lane: crate::LaneId) -> Vec<Op> {
        let item = roadmap.item(item(number)).unwrap();
        let comments = roadmap.comments().filter(|comment| comment.item == item.id).cloned().collect();
        vec![
            Op::ReceiveItem {
                id: item.id,
                lane,
                place: Place::Last,
                fields: Box::new(item.fields.clone()),
                firsts: item.firsts.clone(),
                created: item.created,
                from: key(from),
            },
            Op::ReceiveComments { comments },
        ]
    }

    fn other() -> (Roadmap, crate::LaneId) {
        let mut other = Roadmap::default();
        let there = crate::LaneId::new(9, [9; 10]);
        done(&mut other, &Op::CreateLane { id: there, name: "Now".parse().unwrap(), place: Place::Last }, 1);
        (other, there)
    }

    #[test]
    fn an_item_goes_to_another_roadmap_and_comes_back_as_it_is_by_then() {
        let (mut mine, (mut other, there)) = (roadmap(), other());
        let before = mine.item(item(1)).unwrap().clone();
        let send = Op::SendItem { id: item(1), to: key("CRM-1") };
        for op in received(&mine, 1, "ERP-1", there) {
            done(&mut other, &op, 1);
        }
        done(&mut other, &Op::Upvote { item: item(1) }, 2);
        let effects = done(&mut mine, &send, 1);
        assert_eq!(sentences(&effects), ["moved “A” to CRM-1"]);
        assert!(effects.inverse.is_empty(), "the server takes it back");
        let arrived = other.item(item(1)).unwrap();
        assert_eq!((arrived.number, &arrived.fields, arrived.created), (1, &before.fields, before.created));
        assert_eq!(other.comment_count(item(1)), mine.comment_count(item(1)));
        assert_eq!(other.comment(comment(2)).unwrap().deleted, mine.comment(comment(2)).unwrap().deleted);
        assert_eq!((mine.vote_count(item(1)), other.vote_count(item(1))), (0, 1));

        let moved = || Reject::ItemMoved { title: "A".to_owned(), to: "CRM-1".to_owned() };
        let change = set(1, ItemChange::Status(Status::Done));
        assert_eq!(refused(&mine, &change, 1), moved());
        assert_eq!(refused(&mine, &Op::restore(vec![item(1)]), 1), moved());
        assert_eq!(refused(&mine, &send, 1), moved());

        done(&mut other, &change, 1);
        done(&mut other, &Op::EditComment { id: comment(1), body: body("How?") }, 1);
        for op in received(&other, 1, "CRM-1", lane(2)) {
            done(&mut mine, &op, 1);
        }
        done(&mut other, &Op::SendItem { id: item(1), to: key("ERP-1") }, 1);
        let back = mine.item(item(1)).unwrap();
        assert_eq!((back.number, back.fields.status, back.lane), (before.number, Status::Done, lane(2)));
        assert_eq!(&*mine.comment(comment(1)).unwrap().body, "How?");
        assert_eq!(mine.comment_count(item(1)), 1);
        assert_eq!(refused(&mine, &received(&other, 1, "CRM-1", lane(1))[0], 1), Reject::DuplicateId);
    }

    #[test]
    fn what_was_said_is_changed_where_the_item_is() {
        let mut mine = roadmap();
        done(&mut mine, &Op::SendItem { id: item(1), to: key("CRM-1") }, 1);
        let text = crate::TextOf::Comment(comment(1));
        let delta = crate::Delta::replacing(4, "How?");
        for op in [
            Op::EditComment { id: comment(1), body: body("How?") },
            Op::DeleteComment { id: comment(1) },
            Op::EditText { text, base: 0, delta: delta.clone() },
            Op::batch(vec![Op::RestoreComment { id: comment(2) }]),
        ] {
            let wrote = mine.comment(comment(1)).unwrap().created.by;
            let refused = crate::authorise(&mine, &op, wrote, crate::Role::Owner);
            assert!(matches!(refused, Err(Reject::ItemMoved { .. })), "{op:?}: {refused:?}");
        }
        // Somebody may have changed it there: what was made on the text as it was before does not fit it any more.
        let back = received(&mine, 1, "CRM-1", lane(1)).remove(1);
        let client = crate::ClientId::new(1, [1; 10]);
        let since = [(crate::ClientId::NIL, &back, &[][..])];
        assert_eq!(Op::rebase(text, (client, &delta), since), None);
        let other = crate::TextOf::Comment(comment(9));
        assert_eq!(Op::rebase(other, (client, &delta), since), Some(delta));
    }

    #[test]
    fn a_copy_without_the_comments_counts_right_when_the_item_comes_back() {
        let mut mine = roadmap();
        let ops = received(&mine, 1, "CRM-1", lane(1));
        done(&mut mine, &Op::SendItem { id: item(1), to: key("CRM-1") }, 1);
        let mut copy = mine.holding(|_| false);
        for (seq, op) in (1..).zip(ops) {
            done(&mut mine, &op, 1);
            let context = by(1);
            let (actor, at) = (context.actor, context.at);
            let entry =
                crate::Entry { seq, client: crate::ClientId::NIL, cseq: 0, actor, at, op, items: Vec::new() };
            crate::apply_entry(&mut copy, &entry).unwrap();
        }
        assert_eq!(copy.comment_count(item(1)), mine.comment_count(item(1)));
        assert_eq!(copy.comment_count(item(1)), 1);
        assert_eq!(copy.item(item(1)), mine.item(item(1)));
    }

    #[test]
    fn only_the_server_moves_items_between_products() {
        let mine = roadmap();
        let send = Op::SendItem { id: item(1), to: key("CRM-1") };
        let role = crate::Role::Owner;
        let all = [send.clone(), Op::batch(vec![send]), received(&mine, 1, "CRM-1", lane(1)).remove(0)];
        for op in all {
            assert_eq!(crate::authorise(&mine, &op, person(1), role), Err(Reject::NotAllowed(role)));
        }
    }
}
