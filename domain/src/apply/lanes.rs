//! Lanes: the columns of the board.

use std::num::NonZeroU16;

use crate::{Change, Context, Effects, Lane, LaneId, LaneName, Op, Place, Rank, Reject, Roadmap, Status};

use super::items::position;

pub(super) fn create(
    roadmap: &mut Roadmap,
    id: LaneId,
    name: &LaneName,
    place: &Place<LaneId>,
    effects: &mut Effects,
) -> Result<(), Reject> {
    if roadmap.lanes.contains_key(&id) || id == LaneId::NIL {
        return Err(Reject::DuplicateId);
    }
    let index = place.resolve(&roadmap.lane_order);
    let rank = make_room(roadmap, index, effects);
    roadmap.lanes.insert(id, Lane { id, name: name.clone(), rank, status: None, limit: None, deleted: None });
    show(roadmap, id, index, effects);
    effects.changes.push(Change::LaneCreated { lane: id, name: name.to_string() });
    if let Some(other) = roadmap.lane_order.iter().copied().find(|lane| *lane != id) {
        effects.inverse.push(Op::DeleteLane { id, move_to: other });
    }
    Ok(())
}

pub(super) fn rename(
    roadmap: &mut Roadmap,
    id: LaneId,
    name: &LaneName,
    effects: &mut Effects,
) -> Result<(), Reject> {
    let before = live(roadmap, id)?.name.clone();
    if before == *name {
        return Ok(());
    }
    roadmap.lanes.get_mut(&id).expect("it was just found").name = name.clone();
    effects.touched.lanes.insert(id);
    effects.changes.push(Change::LaneRenamed {
        lane: id,
        before: before.to_string(),
        after: name.to_string(),
    });
    effects.inverse.push(Op::RenameLane { id, name: before });
    Ok(())
}

pub(super) fn set_status(
    roadmap: &mut Roadmap,
    id: LaneId,
    status: Option<Status>,
    effects: &mut Effects,
) -> Result<(), Reject> {
    let Lane { name, status: before, .. } = live(roadmap, id)?.clone();
    if before == status {
        return Ok(());
    }
    roadmap.lanes.get_mut(&id).expect("it was just found").status = status;
    effects.touched.lanes.insert(id);
    effects.changes.push(Change::LaneStatusSet { lane: id, name: name.to_string(), status });
    effects.inverse.push(Op::SetLaneStatus { id, status: before });
    Ok(())
}

pub(super) fn set_limit(
    roadmap: &mut Roadmap,
    id: LaneId,
    limit: Option<NonZeroU16>,
    effects: &mut Effects,
) -> Result<(), Reject> {
    let Lane { name, limit: before, .. } = live(roadmap, id)?.clone();
    if before == limit {
        return Ok(());
    }
    roadmap.lanes.get_mut(&id).expect("it was just found").limit = limit;
    effects.touched.lanes.insert(id);
    effects.changes.push(Change::LaneLimitSet { lane: id, name: name.to_string(), before, after: limit });
    effects.inverse.push(Op::SetLaneLimit { id, limit: before });
    Ok(())
}

pub(super) fn move_to(
    roadmap: &mut Roadmap,
    id: LaneId,
    place: &Place<LaneId>,
    effects: &mut Effects,
) -> Result<(), Reject> {
    let name = live(roadmap, id)?.name.to_string();
    let from = roadmap.lane_order.iter().position(|lane| *lane == id).expect("a live lane is in the order");
    let back = way_back(&roadmap.lane_order, from);
    let mut rest = roadmap.lane_order.clone();
    rest.remove(from);
    let to = place.resolve(&rest);
    if to == from {
        return Ok(());
    }
    roadmap.lane_order = rest;
    let rank = make_room(roadmap, to, effects);
    roadmap.lanes.get_mut(&id).expect("it was just found").rank = rank;
    roadmap.lane_order.insert(to, id);
    effects.touched.lanes.insert(id);
    effects.touched.lane_order = true;
    effects.changes.push(Change::LaneMoved { lane: id, name, from: position(from), to: position(to) });
    effects.inverse.push(Op::MoveLane { id, place: back });
    Ok(())
}

pub(super) fn delete(
    roadmap: &mut Roadmap,
    id: LaneId,
    move_to: LaneId,
    context: &Context,
    effects: &mut Effects,
) -> Result<(), Reject> {
    let name = live(roadmap, id)?.name.to_string();
    if roadmap.lane_order.len() == 1 {
        return Err(Reject::LastLane);
    }
    if id == move_to {
        return Err(Reject::MoveToSameLane);
    }
    let moved_to = live(roadmap, move_to)?.name.to_string();
    let index = roadmap.lane_order.iter().position(|lane| *lane == id).expect("a live lane is in the order");
    let items = roadmap.lane_items(id).to_vec();

    effects.inverse.push(Op::RestoreLane { id, place: way_back(&roadmap.lane_order, index) });
    if !items.is_empty() {
        effects.inverse.push(Op::MoveItems { ids: items.clone(), lane: id, place: Place::First });
        let mut moves = Effects::default();
        super::items::move_to(roadmap, &items, move_to, &Place::Last, &mut moves)?;
        effects.touched.merge(moves.touched);
        effects.changes.extend(moves.changes);
    }
    roadmap.lanes.get_mut(&id).expect("it was just found").deleted = Some(context.stamp());
    roadmap.lane_order.remove(index);
    roadmap.order.remove(&id);
    effects.touched.lanes.insert(id);
    effects.touched.orders.insert(id);
    effects.touched.lane_order = true;
    let items = u32::try_from(items.len()).unwrap_or(u32::MAX);
    effects.changes.push(Change::LaneDeleted { lane: id, name, moved_to, items });
    Ok(())
}

pub(super) fn restore(
    roadmap: &mut Roadmap,
    id: LaneId,
    place: &Place<LaneId>,
    effects: &mut Effects,
) -> Result<(), Reject> {
    let lane = roadmap.lanes.get(&id).ok_or(Reject::UnknownLane)?;
    let name = lane.name.to_string();
    if lane.deleted.is_none() {
        return Err(Reject::LaneNotDeleted(name));
    }
    let index = place.resolve(&roadmap.lane_order);
    let rank = make_room(roadmap, index, effects);
    let lane = roadmap.lanes.get_mut(&id).expect("it was just found");
    lane.deleted = None;
    lane.rank = rank;
    show(roadmap, id, index, effects);
    effects.changes.push(Change::LaneRestored { lane: id, name });
    if let Some(other) = roadmap.lane_order.iter().copied().find(|lane| *lane != id) {
        effects.inverse.push(Op::DeleteLane { id, move_to: other });
    }
    Ok(())
}

/// The lane, if it exists and is not deleted.
pub(super) fn live(roadmap: &Roadmap, id: LaneId) -> Result<&Lane, Reject> {
    let lane = roadmap.lane(id).ok_or(Reject::UnknownLane)?;
    if lane.deleted.is_some() { Err(Reject::LaneDeleted(lane.name.to_string())) } else { Ok(lane) }
}

fn show(roadmap: &mut Roadmap, id: LaneId, index: usize, effects: &mut Effects) {
    roadmap.lane_order.insert(index, id);
    roadmap.order.insert(id, Vec::new());
    effects.touched.lanes.insert(id);
    effects.touched.orders.insert(id);
    effects.touched.lane_order = true;
}

fn way_back(order: &[LaneId], index: usize) -> Place<LaneId> {
    match (index.checked_sub(1).map(|i| order[i]), order.get(index + 1).copied()) {
        (None, _) => Place::First,
        (_, None) => Place::Last,
        (after, before) => Place::Beside { after, before },
    }
}

/// A rank for a lane to be put at `index`. Spreads all lanes' keys anew when they got long.
fn make_room(roadmap: &mut Roadmap, index: usize, effects: &mut Effects) -> Rank {
    let rank = |index: usize| roadmap.lane_order.get(index).map(|id| &roadmap.lanes[id].rank);
    let between = Rank::between(index.checked_sub(1).and_then(rank), rank(index));
    if let Some(rank) = between.filter(|rank| rank.as_str().len() <= Rank::REBALANCE_AT) {
        return rank;
    }
    let mut ranks =
        Rank::fill(None, None, roadmap.lane_order.len() + 1).expect("open ends always leave room");
    let new = ranks.remove(index);
    for (id, rank) in roadmap.lane_order.iter().zip(ranks) {
        roadmap.lanes.get_mut(id).expect("the order lists lanes that exist").rank = rank;
        effects.touched.lanes.insert(*id);
    }
    new
}
