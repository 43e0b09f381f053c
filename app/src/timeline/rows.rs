//! Which rows there are: items, and the headers of their groups.

use std::{cmp::Ordering, collections::BTreeMap};

use domain::{FieldKind, ItemId, PersonDays, Property, Quarter, Roadmap, Span, UserId, Value};
use leptos::prelude::*;

use crate::{board::Board, platform};

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Row {
    /// The header of the group with this key.
    Group(String),
    Item(ItemId),
}

impl Row {
    pub(super) fn item(&self) -> Option<ItemId> {
        match self {
            Row::Group(_) => None,
            Row::Item(id) => Some(*id),
        }
    }
}

/// Items that have the same, in the order in which they are shown.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Group {
    /// What its items have there, as it is kept.
    pub(super) key: String,
    /// Nothing where nothing is grouped.
    pub(super) name: Option<String>,
    pub(super) items: Vec<ItemId>,
    /// Their effort in each quarter, in tenths of a day.
    pub(super) efforts: BTreeMap<Quarter, u32>,
}

/// Items by what they are grouped by.
pub(super) fn groups(board: Board, items: &[ItemId]) -> Vec<Group> {
    let property = board.look.read().group.clone();
    let room = board.room;
    room.track(|roadmap| {
        let def = property.as_ref().filter(|property| property.groups(roadmap));
        let def = def.and_then(|property| Some((property, property.def(roadmap)?)));
        let Some((property, def)) = def else {
            return vec![Group {
                key: String::new(),
                name: None,
                items: items.to_vec(),
                efforts: BTreeMap::new(),
            }];
        };
        let mut by: Vec<(Option<Value>, Vec<ItemId>)> = Vec::new();
        let mut at: BTreeMap<String, usize> = BTreeMap::new();
        for id in items {
            let Some(item) = roadmap.item(*id) else { continue };
            let value = property.get(roadmap, item, board.year);
            let key = value.as_ref().map_or_else(String::new, Value::to_string);
            let at = *at.entry(key).or_insert_with(|| {
                by.push((value, Vec::new()));
                by.len() - 1
            });
            by[at].1.push(*id);
        }
        let name = |value: &Value| match &def.kind {
            FieldKind::Person => {
                let user: Option<UserId> = value.to_string().parse().ok();
                user.map_or_else(|| "Someone".to_owned(), |user| room.person(user))
            }
            FieldKind::Quarter if *property == Property::Quarter => {
                let quarter = value.to_string().parse();
                quarter.map_or_else(|()| value.to_string(), |quarter| board.year.label(quarter))
            }
            _ => def.words(value),
        };
        let person = |user| room.person(user);
        let order = |a: &Option<Value>, b: &Option<Value>| -> Ordering {
            def.order(a.as_ref(), b.as_ref(), platform::fold, &person)
        };
        let sorted = domain::sorted(&by, |a, b| order(&a.0, &b.0));
        let group = |(value, items): (Option<Value>, Vec<ItemId>)| {
            let key = value.as_ref().map_or_else(String::new, Value::to_string);
            let name = value.as_ref().map_or_else(|| format!("No {}", def.in_sentence()), name);
            Group { key, name: Some(name), efforts: efforts(roadmap, &items, board), items }
        };
        sorted.into_iter().map(group).collect()
    })
}

fn efforts(roadmap: &Roadmap, items: &[ItemId], board: Board) -> BTreeMap<Quarter, u32> {
    let mut efforts = BTreeMap::new();
    for item in items.iter().filter_map(|id| roadmap.item(*id)) {
        let Some(effort) = item.fields.effort else { continue };
        let span = Span { start: item.fields.start, end: item.fields.end };
        for (quarter, part) in span.spread(effort.tenths(), board.year) {
            let sum: &mut u32 = efforts.entry(quarter).or_default();
            *sum = sum.saturating_add(part);
        }
    }
    efforts
}

pub(super) fn rows(groups: &[Group]) -> Vec<Row> {
    let mut rows = Vec::new();
    for group in groups {
        rows.extend(group.name.is_some().then(|| Row::Group(group.key.clone())));
        rows.extend(group.items.iter().copied().map(Row::Item));
    }
    rows
}

/// `12.5 d`.
pub(super) fn effort(tenths: u32) -> String {
    let capped = PersonDays::from_tenths(tenths.min(PersonDays::MAX_TENTHS)).unwrap_or_default();
    format!("{capped} d")
}
