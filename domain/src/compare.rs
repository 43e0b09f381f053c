//! What is different on a roadmap between two moments: what came and went, what moved, what slipped.
//!
//! Two states are compared, and not what happened between them: something that was moved away and back is not told.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Change, Date, Field, FieldValue, Item, ItemId, PersonDays, Roadmap, UserId};

/// What is different, lanes first, then items by number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    pub lanes: Vec<LaneDifference>,
    pub items: Vec<ItemDifference>,
}

/// A lane that came, went, or is called something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LaneDifference {
    Added { name: String },
    Removed { name: String },
    Renamed { before: String, after: String },
}

/// One thing that is different about an item. An item has as many as there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemDifference {
    pub item: ItemId,
    pub number: u32,
    /// As it is at the later moment; of a removed item, as it was.
    pub title: String,
    pub what: Difference,
}

/// How an item differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// It was not on the board, and is.
    Added { lane: String },
    /// It was on the board, and is in the bin.
    Removed { lane: String },
    /// It is in another lane.
    Moved { from: String, to: String },
    /// It stands elsewhere in its lane. The fewest items that explain the new order are told of, positions from 1.
    Reordered { lane: String, from: usize, to: usize },
    /// It is to end on another day. Later is what people call slipped.
    Rescheduled { before: Date, after: Date },
    /// Another effort, or one where there was none.
    Reestimated { before: Option<PersonDays>, after: Option<PersonDays> },
    /// Any other field.
    Set { field: Field, before: FieldValue, after: FieldValue },
}

impl Difference {
    /// By how many days the end is later; negative when it is earlier. `None` where the end did not move.
    pub fn slip(&self) -> Option<i64> {
        match self {
            Difference::Rescheduled { before, after } => Some(after.days() - before.days()),
            _ => None,
        }
    }

    /// Whether a fact of the history brought this about: the last such is the one to ask.
    pub fn is_of(&self, change: &Change) -> bool {
        match (self, change) {
            (Difference::Added { .. }, Change::ItemCreated { .. } | Change::ItemRestored { .. })
            | (Difference::Removed { .. }, Change::ItemDeleted { .. })
            | (Difference::Moved { .. }, Change::ItemMoved { .. })
            | (Difference::Reordered { .. }, Change::ItemReordered { .. }) => true,
            (Difference::Rescheduled { .. }, Change::ItemSet { field, .. }) => *field == Field::End,
            (Difference::Reestimated { .. }, Change::ItemSet { field, .. }) => *field == Field::Effort,
            (Difference::Set { field, .. }, Change::ItemSet { field: set, .. }) => field == set,
            _ => false,
        }
    }
}

impl Comparison {
    /// What is different in `after`, seen from `before`.
    pub fn between(before: &Roadmap, after: &Roadmap) -> Self {
        let numbers: BTreeMap<u32, ItemId> =
            before.items().chain(after.items()).map(|item| (item.number, item.id)).collect();
        let reordered = reordered(before, after);
        let mut items = Vec::new();
        for (number, id) in numbers {
            let (then, now) = (on_board(before, id), on_board(after, id));
            let (title, differences) = match (then, now) {
                (None, None) => continue,
                (None, Some(now)) => (now, vec![Difference::Added { lane: lane_name(after, now) }]),
                (Some(then), None) => (then, vec![Difference::Removed { lane: lane_name(before, then) }]),
                (Some(then), Some(now)) => {
                    let place = reordered.get(&id).cloned();
                    (now, place.into_iter().chain(differences((before, then), (after, now))).collect())
                }
            };
            let title = title.fields.title.to_string();
            let difference = |what| ItemDifference { item: id, number, title: title.clone(), what };
            items.extend(differences.into_iter().map(difference));
        }
        Self { lanes: lanes(before, after), items }
    }

    pub fn is_empty(&self) -> bool {
        self.lanes.is_empty() && self.items.is_empty()
    }
}

fn on_board(roadmap: &Roadmap, id: ItemId) -> Option<&Item> {
    roadmap.item(id).map(AsRef::as_ref).filter(|item| item.deleted.is_none())
}

fn lane_name(roadmap: &Roadmap, item: &Item) -> String {
    roadmap.lane(item.lane).map(|lane| lane.name.to_string()).unwrap_or_default()
}

fn lanes(before: &Roadmap, after: &Roadmap) -> Vec<LaneDifference> {
    let name = |roadmap: &Roadmap, id| roadmap.lane(id).map(|lane| lane.name.to_string()).unwrap_or_default();
    let came = after.lane_order().iter().filter(|id| !before.lane_order().contains(id));
    let came = came.map(|id| LaneDifference::Added { name: name(after, *id) });
    let went = before.lane_order().iter().filter(|id| !after.lane_order().contains(id));
    let went = went.map(|id| LaneDifference::Removed { name: name(before, *id) });
    let stayed = after.lane_order().iter().filter(|id| before.lane_order().contains(id));
    let renamed = stayed
        .map(|id| (name(before, *id), name(after, *id)))
        .filter(|(before, after)| before != after)
        .map(|(before, after)| LaneDifference::Renamed { before, after });
    came.chain(went).chain(renamed).collect()
}

/// Items that stand elsewhere among those that stayed in their lane. The most that kept their order are left out: the
/// longest increasing subsequence of former positions (Schensted, 1961).
fn reordered(before: &Roadmap, after: &Roadmap) -> BTreeMap<ItemId, Difference> {
    let mut found = BTreeMap::new();
    for lane in after.lane_order() {
        let place = |order: &[ItemId], id| order.iter().position(|other| *other == id);
        let (old, new) = (before.lane_items(*lane), after.lane_items(*lane));
        let former: BTreeMap<ItemId, usize> =
            old.iter().enumerate().map(|(place, id)| (*id, place)).collect();
        let stayed: Vec<(ItemId, usize)> =
            new.iter().filter_map(|id| former.get(id).map(|place| (*id, *place))).collect();
        let kept = longest_increasing(&stayed.iter().map(|(_, place)| *place).collect::<Vec<_>>());
        let name = after.lane(*lane).map(|lane| lane.name.to_string()).unwrap_or_default();
        for (index, (id, from)) in stayed.iter().enumerate() {
            if let (false, Some(to)) = (kept.contains(&index), place(new, *id)) {
                found.insert(*id, Difference::Reordered { lane: name.clone(), from: from + 1, to: to + 1 });
            }
        }
    }
    found
}

/// Indices of a longest subsequence that increases.
fn longest_increasing(values: &[usize]) -> BTreeSet<usize> {
    // Of each length, where the subsequence with the least last value ends; and what came before each.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(values.len());
    for (index, value) in values.iter().enumerate() {
        let length = ends.partition_point(|end| values[*end] < *value);
        before.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        if length == ends.len() { ends.push(index) } else { ends[length] = index }
    }
    let mut chosen = BTreeSet::new();
    let mut next = ends.last().copied();
    while let Some(index) = next {
        chosen.insert(index);
        next = before[index];
    }
    chosen
}

/// What is different about an item that is on the board at both moments.
fn differences((before, then): (&Roadmap, &Item), (after, now): (&Roadmap, &Item)) -> Vec<Difference> {
    let (old, new) = (&then.fields, &now.fields);
    let mut found = Vec::new();
    if then.lane != now.lane {
        found.push(Difference::Moved { from: lane_name(before, then), to: lane_name(after, now) });
    }
    match (old.end, new.end) {
        (Some(before), Some(after)) if before != after => {
            found.push(Difference::Rescheduled { before, after });
        }
        _ => {}
    }
    if old.effort != new.effort {
        found.push(Difference::Reestimated { before: old.effort, after: new.effort });
    }
    let fields = [
        (Field::Title, text(old.title.to_string()), text(new.title.to_string())),
        (Field::Status, text(old.status.label()), text(new.status.label())),
        (Field::Kind, text(old.kind.label()), text(new.kind.label())),
        (Field::Investment, label(old.investment), label(new.investment)),
        (Field::Start, day(old.start), day(new.start)),
        (Field::Owner, person(old.owner), person(new.owner)),
        (Field::Tags, tags(old), tags(new)),
        (Field::Description, text(old.description.to_string()), text(new.description.to_string())),
    ];
    let set = |(field, before, after): (Field, FieldValue, FieldValue)| {
        (before != after).then_some(Difference::Set { field, before, after })
    };
    found.extend(fields.into_iter().filter_map(set));
    // An end that came or went moved nowhere.
    if old.end.is_some() != new.end.is_some() {
        found.push(Difference::Set { field: Field::End, before: day(old.end), after: day(new.end) });
    }
    found
}

fn text(text: impl Into<String>) -> FieldValue {
    let text = text.into();
    if text.is_empty() { FieldValue::Empty } else { FieldValue::Text(text) }
}

fn label(investment: Option<crate::Investment>) -> FieldValue {
    investment.map_or(FieldValue::Empty, |investment| text(investment.label()))
}

fn day(date: Option<Date>) -> FieldValue {
    date.map_or(FieldValue::Empty, |date| text(date.to_string()))
}

fn person(user: Option<UserId>) -> FieldValue {
    user.map_or(FieldValue::Empty, FieldValue::Person)
}

fn tags(fields: &crate::ItemFields) -> FieldValue {
    let tags: Vec<&str> = fields.tags.iter().map(|tag| &**tag).collect();
    text(tags.join(", "))
}

#[cfg(test)]
mod tests;
