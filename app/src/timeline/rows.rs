//! Which rows there are: items, and the headers of their groups.

use std::collections::BTreeMap;

use domain::{ItemId, PersonDays, Quarter, Roadmap, Span};
use leptos::prelude::*;

use crate::board::Board;

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

/// Items by what they are grouped by, without groups that have none.
pub(super) fn groups(board: Board, items: &[ItemId]) -> Vec<Group> {
    let property = board.look.read().group.clone();
    board.room.track(|roadmap| {
        let Some(property) = property.filter(|property| property.groups(roadmap)) else {
            let (key, efforts) = (String::new(), BTreeMap::new());
            return vec![Group { key, name: None, items: items.to_vec(), efforts }];
        };
        let mut by: BTreeMap<Option<String>, Vec<ItemId>> = BTreeMap::new();
        for item in items.iter().filter_map(|id| roadmap.item(*id)) {
            by.entry(property.group_of(roadmap, item, board.year)).or_default().push(item.id);
        }
        let all = property.groups_of(roadmap, items, board.year, &|user| board.room.person(user));
        let group = |domain::Group { key, label }| {
            let items = by.remove(&key)?;
            let efforts = efforts(roadmap, &items, board);
            Some(Group { key: key.unwrap_or_default(), name: Some(label), efforts, items })
        };
        all.into_iter().filter_map(group).collect()
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
