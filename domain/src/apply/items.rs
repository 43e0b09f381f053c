//! Items: creating, editing, moving, the bin.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{
    Change, Context, Effects, Field, FieldPlan, Item, ItemChange, ItemFields, ItemId, LaneId, Op, Place,
    Rank, Reject, Roadmap, Spot,
};

use super::at_most;

/// The most tags an item can have.
pub const MAX_TAGS: usize = 30;

/// The most fields of the [table](crate::FIELDS) an item can have filled.
pub const MAX_VALUES: usize = 100;

pub(super) fn create(
    roadmap: &mut Roadmap,
    id: ItemId,
    lane: LaneId,
    place: &Place<ItemId>,
    fields: &ItemFields,
    context: &Context,
    effects: &mut Effects,
) -> Result<(), Reject> {
    if roadmap.items.contains_key(&id) || id == ItemId::NIL {
        return Err(Reject::DuplicateId);
    }
    check_schedule(fields.start, fields.end)?;
    check_tags(fields.tags.len())?;
    check_values(fields.values.len())?;
    let lane_name = super::lanes::live(roadmap, lane)?.name.to_string();

    let index = place.resolve(roadmap.lane_items(lane));
    let rank = make_room(roadmap, lane, index, 1, effects).pop().expect("one rank was asked for");
    roadmap.last_number += 1;
    let mut item = Item {
        id,
        number: roadmap.last_number,
        lane,
        rank,
        fields: fields.clone(),
        firsts: BTreeMap::new(),
        created: context.stamp(),
        deleted: None,
        moved: None,
    };
    for field in fields.values.keys() {
        item.keep_first(field, context.at);
    }
    effects.changes.push(Change::ItemCreated {
        item: id,
        title: item.fields.title.to_string(),
        lane: lane_name,
    });
    roadmap.items.insert(id, Arc::new(item));
    roadmap.order.entry(lane).or_default().insert(index, id);
    effects.touched.items.insert(id);
    effects.touched.orders.insert(lane);
    effects.inverse.push(Op::DeleteItems { ids: vec![id] });
    Ok(())
}

pub(super) fn set(
    roadmap: &mut Roadmap,
    id: ItemId,
    change: &ItemChange,
    context: &Context,
    effects: &mut Effects,
) -> Result<(), Reject> {
    let item = live(roadmap, id)?;
    let before = &item.fields;
    let mut after = before.clone();
    let inverse = match change {
        ItemChange::Title(title) => ItemChange::Title(std::mem::replace(&mut after.title, title.clone())),
        ItemChange::Description(text) => {
            ItemChange::Description(std::mem::replace(&mut after.description, text.clone()))
        }
        ItemChange::Kind(kind) => ItemChange::Kind(std::mem::replace(&mut after.kind, *kind)),
        ItemChange::Investment(investment) => {
            ItemChange::Investment(std::mem::replace(&mut after.investment, *investment))
        }
        ItemChange::Effort(effort) => ItemChange::Effort(std::mem::replace(&mut after.effort, *effort)),
        ItemChange::Schedule { start, end } => {
            check_schedule(*start, *end)?;
            ItemChange::Schedule {
                start: std::mem::replace(&mut after.start, *start),
                end: std::mem::replace(&mut after.end, *end),
            }
        }
        ItemChange::Owner(owner) => ItemChange::Owner(std::mem::replace(&mut after.owner, *owner)),
        ItemChange::AddTag(tag) => {
            after.tags.insert(tag.clone());
            check_tags(after.tags.len())?;
            ItemChange::RemoveTag(tag.clone())
        }
        ItemChange::RemoveTag(tag) => {
            after.tags.remove(tag);
            ItemChange::AddTag(tag.clone())
        }
        ItemChange::Status(status) => ItemChange::Status(std::mem::replace(&mut after.status, *status)),
        ItemChange::SourceKey(key) => {
            ItemChange::SourceKey(std::mem::replace(&mut after.source_key, key.clone()))
        }
        ItemChange::Value { field, to } => {
            let before = match to {
                Some(value) => after.values.insert(field.clone(), value.clone()),
                None => after.values.remove(field),
            };
            check_values(after.values.len())?;
            ItemChange::Value { field: field.clone(), to: before }
        }
    };
    if after == *before {
        return Ok(());
    }
    let title = before.title.to_string();
    effects.changes.extend(differences(id, &title, before, &after, &roadmap.fields));
    effects.touched.items.insert(id);
    effects.inverse.push(Op::set(id, inverse));
    let item = Arc::make_mut(roadmap.items.get_mut(&id).expect("it was just found"));
    item.fields = after;
    if let ItemChange::Value { field, .. } = change {
        item.keep_first(field, context.at);
    }
    Ok(())
}

pub(super) fn move_to(
    roadmap: &mut Roadmap,
    ids: &[ItemId],
    lane: LaneId,
    place: &Place<ItemId>,
    effects: &mut Effects,
) -> Result<(), Reject> {
    let to = super::lanes::live(roadmap, lane)?.name.to_string();
    let ids = distinct(ids)?;
    let moved: BTreeSet<ItemId> = ids.iter().copied().collect();
    for id in &ids {
        live(roadmap, *id)?;
    }

    let target = roadmap.lane_items(lane);
    let remaining: Vec<ItemId> = target.iter().copied().filter(|id| !moved.contains(id)).collect();
    let index = place.resolve(&remaining);
    let mut wanted = remaining.clone();
    wanted.splice(index..index, ids.iter().copied());
    if wanted == target {
        return Ok(());
    }

    let sources: BTreeSet<LaneId> =
        ids.iter().filter_map(|id| roadmap.item(*id)).map(|item| item.lane).collect();
    let mut positions = BTreeMap::new();
    for source in &sources {
        let list = roadmap.lane_items(*source);
        effects.inverse.extend(way_back(list, &moved, *source));
        for (position, id) in list.iter().enumerate() {
            if moved.contains(id) {
                positions.insert(*id, position);
            }
        }
    }
    for source in sources {
        if let Some(list) = roadmap.order.get_mut(&source) {
            list.retain(|id| !moved.contains(id));
        }
        effects.touched.orders.insert(source);
    }

    let ranks = make_room(roadmap, lane, index, ids.len(), effects);
    for (offset, (id, rank)) in ids.iter().zip(ranks).enumerate() {
        let from_lane = roadmap.items[id].lane;
        let from = roadmap.lanes.get(&from_lane).map_or_else(String::new, |lane| lane.name.to_string());
        let item = Arc::make_mut(roadmap.items.get_mut(id).expect("every id was found above"));
        item.lane = lane;
        item.rank = rank;
        effects.touched.items.insert(*id);
        let title = item.fields.title.to_string();
        let from_position = positions.get(id).copied();
        if from_lane != lane {
            effects.changes.push(Change::ItemMoved { item: *id, title, from, to: to.clone() });
        } else if let Some(from) = from_position.filter(|from| *from != index + offset) {
            effects.changes.push(Change::ItemReordered {
                item: *id,
                title,
                lane: to.clone(),
                from: position(from),
                to: position(index + offset),
            });
        }
    }
    roadmap.order.insert(lane, wanted);
    effects.touched.orders.insert(lane);
    Ok(())
}

pub(super) fn delete(
    roadmap: &mut Roadmap,
    ids: &[ItemId],
    context: &Context,
    effects: &mut Effects,
) -> Result<(), Reject> {
    let ids = distinct(ids)?;
    for id in &ids {
        live(roadmap, *id)?;
    }
    for id in &ids {
        let item = Arc::make_mut(roadmap.items.get_mut(id).expect("every id was found above"));
        item.deleted = Some(context.stamp());
        let (lane, title) = (item.lane, item.fields.title.to_string());
        if let Some(list) = roadmap.order.get_mut(&lane) {
            list.retain(|other| other != id);
        }
        effects.touched.items.insert(*id);
        effects.touched.orders.insert(lane);
        effects.changes.push(Change::ItemDeleted { item: *id, title });
    }
    effects.inverse.push(Op::restore(ids));
    Ok(())
}

pub(super) fn restore(roadmap: &mut Roadmap, ids: &[ItemId], effects: &mut Effects) -> Result<(), Reject> {
    let ids = distinct(ids)?;
    for id in &ids {
        let item = roadmap.item(*id).ok_or(Reject::UnknownItem)?;
        if let Some(refusal) = item.has_moved() {
            return Err(refusal);
        }
        if item.deleted.is_none() {
            return Err(Reject::ItemNotDeleted(item.fields.title.to_string()));
        }
    }
    let first_lane = *roadmap.lane_order.first().ok_or(Reject::UnknownLane)?;
    let mut spots = Vec::new();
    let mut former = None;
    for id in &ids {
        let item = roadmap.items[id].clone();
        let home = roadmap.order.contains_key(&item.lane);
        let lane = if home { item.lane } else { first_lane };
        let list = roadmap.lane_items(lane);
        let index = if home {
            list.partition_point(|other| roadmap.items[other].rank < item.rank)
        } else {
            list.len()
        };
        // It keeps its key, by which others from the bin find their place beside it, unless that was given away.
        let free = home && list.get(index).is_none_or(|other| roadmap.items[other].rank != item.rank);
        let rank = if free {
            item.rank.clone()
        } else {
            make_room(roadmap, lane, index, 1, effects).pop().expect("one rank was asked for")
        };
        let item = Arc::make_mut(roadmap.items.get_mut(id).expect("every id was found above"));
        item.deleted = None;
        item.lane = lane;
        item.rank = rank;
        let title = item.fields.title.to_string();
        let list = roadmap.order.entry(lane).or_default();
        let after = index.checked_sub(1).map(|before| list[before]);
        list.insert(index, *id);
        match spots.last_mut() {
            Some(Spot { lane: last, count, .. }) if *last == lane && after == former => *count += 1,
            _ => spots.push(Spot { lane, after, count: 1 }),
        }
        former = Some(*id);
        effects.touched.items.insert(*id);
        effects.touched.orders.insert(lane);
        let lane = roadmap.lanes[&lane].name.to_string();
        effects.changes.push(Change::ItemRestored { item: *id, title, lane });
    }
    effects.inverse.push(Op::DeleteItems { ids });
    effects.spots.push(spots);
    Ok(())
}

/// The item, if it exists and is not in the bin.
pub(super) fn live(roadmap: &Roadmap, id: ItemId) -> Result<&Arc<Item>, Reject> {
    let item = roadmap.item(id).ok_or(Reject::UnknownItem)?;
    match item.deleted {
        None => Ok(item),
        Some(_) => {
            Err(item.has_moved().unwrap_or_else(|| Reject::ItemDeleted(item.fields.title.to_string())))
        }
    }
}

/// Ranks for `count` items to be put at `index` of a lane. Spreads the lane's keys anew when they got long.
pub(super) fn make_room(
    roadmap: &mut Roadmap,
    lane: LaneId,
    index: usize,
    count: usize,
    effects: &mut Effects,
) -> Vec<Rank> {
    let list = roadmap.lane_items(lane);
    let rank = |index: usize| list.get(index).map(|id| &roadmap.items[id].rank);
    let low = index.checked_sub(1).and_then(rank);
    let fits = |ranks: &Vec<Rank>| ranks.iter().all(|rank| rank.as_str().len() <= Rank::REBALANCE_AT);
    if let Some(ranks) = Rank::fill(low, rank(index), count).filter(fits) {
        return ranks;
    }
    let list = list.to_vec();
    let mut ranks = Rank::fill(None, None, list.len() + count).expect("open ends always leave room");
    let new = ranks.drain(index..index + count).collect();
    for (id, rank) in list.iter().zip(ranks) {
        Arc::make_mut(roadmap.items.get_mut(id).expect("a lane lists items that exist")).rank = rank;
        effects.touched.items.insert(*id);
    }
    new
}

/// The moves that put the moved items of a lane back: one for each run of neighbours.
fn way_back(list: &[ItemId], moved: &BTreeSet<ItemId>, lane: LaneId) -> Vec<Op> {
    let mut ops = Vec::new();
    let mut index = 0;
    while index < list.len() {
        let run = list[index..].iter().take_while(|id| moved.contains(id)).count();
        if run == 0 {
            index += 1;
            continue;
        }
        let after = index.checked_sub(1).map(|before| list[before]);
        let place = match (after, list.get(index + run).copied()) {
            (None, _) => Place::First,
            (_, None) => Place::Last,
            (after, before) => Place::Beside { after, before },
        };
        ops.push(Op::MoveItems { ids: list[index..index + run].to_vec(), lane, place });
        index += run;
    }
    ops
}

/// A position as people count, from 1.
pub(super) fn position(index: usize) -> u32 {
    u32::try_from(index + 1).unwrap_or(u32::MAX)
}

/// The ids, each once, at its first place.
fn distinct(ids: &[ItemId]) -> Result<Vec<ItemId>, Reject> {
    at_most(ids.len())?;
    let mut seen = BTreeSet::new();
    let ids: Vec<ItemId> = ids.iter().copied().filter(|id| seen.insert(*id)).collect();
    if ids.is_empty() { Err(Reject::Nothing) } else { Ok(ids) }
}

fn check_schedule(start: Option<crate::Date>, end: Option<crate::Date>) -> Result<(), Reject> {
    match (start, end) {
        (Some(start), Some(end)) if end < start => Err(Reject::EndBeforeStart),
        _ => Ok(()),
    }
}

fn check_tags(count: usize) -> Result<(), Reject> {
    if count > MAX_TAGS { Err(Reject::TooManyTags { max: MAX_TAGS }) } else { Ok(()) }
}

fn check_values(count: usize) -> Result<(), Reject> {
    if count > MAX_VALUES { Err(Reject::TooManyValues { max: MAX_VALUES }) } else { Ok(()) }
}

fn differences(
    item: ItemId,
    title: &str,
    before: &ItemFields,
    after: &ItemFields,
    plan: &FieldPlan,
) -> Vec<Change> {
    Field::ALL
        .iter()
        .map(|field| (*field, before.value(*field), after.value(*field)))
        .filter(|(_, before, after)| before != after)
        .map(|(field, before, after)| Change::ItemSet { item, title: title.to_owned(), field, before, after })
        .chain(before.different_values(after, plan).into_iter().map(|value| Change::ValueSet {
            item,
            title: title.to_owned(),
            field: value.field,
            name: value.name,
            before: value.before,
            after: value.after,
        }))
        .collect()
}
