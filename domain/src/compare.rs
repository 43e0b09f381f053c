//! What is different on a roadmap between two moments: what came and went, what moved, what slipped.
//!
//! Two states are compared, and not what happened between them: something that was moved away and back is not told.

use std::collections::BTreeMap;

use crate::{
    Change, Date, DifferentValue, Field, FieldValue, Item, ItemId, PersonDays, Roadmap, longest_rise,
};

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
    /// A declared field.
    ValueSet(DifferentValue),
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
            (
                Difference::Added { .. },
                Change::ItemCreated { .. } | Change::ItemRestored { .. } | Change::ItemReceived { .. },
            )
            | (Difference::Removed { .. }, Change::ItemDeleted { .. } | Change::ItemSent { .. })
            | (Difference::Moved { .. }, Change::ItemMoved { .. })
            | (Difference::Reordered { .. }, Change::ItemReordered { .. }) => true,
            (Difference::Rescheduled { .. }, Change::ItemSet { field, .. }) => *field == Field::End,
            (Difference::Reestimated { .. }, Change::ItemSet { field, .. }) => *field == Field::Effort,
            (Difference::Set { field, .. }, Change::ItemSet { field: set, .. }) => field == set,
            (Difference::ValueSet(value), Change::ValueSet { field, .. }) => value.field == *field,
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

/// Items that stand elsewhere among those that stayed in their lane. The most that kept their order are left out.
fn reordered(before: &Roadmap, after: &Roadmap) -> BTreeMap<ItemId, Difference> {
    let mut found = BTreeMap::new();
    for lane in after.lane_order() {
        let place = |order: &[ItemId], id| order.iter().position(|other| *other == id);
        let (old, new) = (before.lane_items(*lane), after.lane_items(*lane));
        let former: BTreeMap<ItemId, usize> =
            old.iter().enumerate().map(|(place, id)| (*id, place)).collect();
        let stayed: Vec<(ItemId, usize)> =
            new.iter().filter_map(|id| former.get(id).map(|place| (*id, *place))).collect();
        let kept = longest_rise(&stayed.iter().map(|(_, place)| *place).collect::<Vec<_>>());
        let name = after.lane(*lane).map(|lane| lane.name.to_string()).unwrap_or_default();
        for (id, from) in stayed.into_iter().filter(|(_, from)| kept.binary_search(from).is_err()) {
            if let Some(to) = place(new, id) {
                found.insert(id, Difference::Reordered { lane: name.clone(), from: from + 1, to: to + 1 });
            }
        }
    }
    found
}

/// What is different about an item that is on the board at both moments.
fn differences((before, then): (&Roadmap, &Item), (after, now): (&Roadmap, &Item)) -> Vec<Difference> {
    let (old, new) = (&then.fields, &now.fields);
    let mut found = Vec::new();
    if then.lane != now.lane {
        found.push(Difference::Moved { from: lane_name(before, then), to: lane_name(after, now) });
    }
    if let (Some(before), Some(after)) = (old.end, new.end)
        && before != after
    {
        found.push(Difference::Rescheduled { before, after });
    }
    if old.effort != new.effort {
        found.push(Difference::Reestimated { before: old.effort, after: new.effort });
    }
    // Told above, or of no interest beyond an import.
    let is_told = |field: Field| match field {
        Field::Effort | Field::SourceKey => false,
        Field::End => old.end.is_some() != new.end.is_some(),
        _ => true,
    };
    let fields = Field::ALL.iter().filter(|field| is_told(**field));
    let set = |field: &Field| {
        let (before, after) = (old.value(*field), new.value(*field));
        (before != after).then_some(Difference::Set { field: *field, before, after })
    };
    found.extend(fields.filter_map(set));
    let values = old.different_values(new, after.fields()).into_iter();
    found.extend(values.map(Difference::ValueSet));
    found
}

#[cfg(test)]
mod tests;
