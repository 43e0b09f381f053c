//! Which columns the table has, and how wide they are.

use std::{collections::BTreeMap, sync::Arc};

use domain::{Field, FieldDef, FieldKind, Property, Roadmap};
use leptos::prelude::*;

use super::{layout::is_summed, state::Grid};
use crate::{board::Board, platform};

/// The most columns: the style has a width for each.
pub(super) const MOST: usize = 24;
/// The most columns where nobody chose.
const USUAL: usize = 12;
/// How narrow and how wide a column can be, in CSS pixels.
const WIDTHS: (u32, u32) = (56, 800);
/// Under which name this device keeps widths.
const KEPT: &str = "cairn-table-widths";

/// A column.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Column {
    pub(super) property: Property,
    pub(super) def: FieldDef,
    /// Whether its values are numbers, which stand to the right.
    pub(super) is_number: bool,
    pub(super) is_summed: bool,
    /// Whether it stays in sight, and as which.
    pub(super) pinned: Option<usize>,
}

impl Column {
    /// What stands above it: its name, and the unit of its numbers.
    pub(super) fn heading(&self) -> String {
        match &self.def.kind {
            FieldKind::Days => format!("{} (d)", self.def.label),
            FieldKind::Number { unit, .. } if !unit.is_empty() => format!("{} ({unit})", self.def.label),
            _ => self.def.label.to_string(),
        }
    }

    /// The class that gives it the width of its kind.
    pub(super) fn class(&self) -> &'static str {
        match (&self.property, &self.def.kind) {
            (Property::Key, _) => "grid__cell--key",
            (Property::Own(Field::Title), _) => "grid__cell--title",
            (_, FieldKind::Date | FieldKind::Quarter | FieldKind::Checkbox) => "grid__cell--date",
            (_, FieldKind::Number { .. } | FieldKind::Days | FieldKind::Money) => "grid__cell--number",
            (_, FieldKind::Tags | FieldKind::Text | FieldKind::Links | FieldKind::Choices(_)) => {
                "grid__cell--long"
            }
            _ => "grid__cell--words",
        }
    }
}

/// What is shown where nobody chose: what every item has, then the fields that some item has filled.
fn usual(roadmap: &Roadmap) -> Vec<Property> {
    let own = [Field::Status, Field::Owner, Field::Effort, Field::Start, Field::End, Field::Tags];
    let place = if roadmap.is_joined() { Property::Product } else { Property::Lane };
    let mut usual = vec![Property::Key, Property::Own(Field::Title), place];
    usual.extend(own.map(Property::Own));
    let mut filled = BTreeMap::new();
    for item in roadmap.items().filter(|item| item.deleted.is_none()) {
        for key in item.fields.values.keys() {
            if !filled.contains_key(key) {
                filled.insert(key.clone(), ());
            }
        }
    }
    let is_filled =
        |property: &Property| matches!(property, Property::Declared(key) if filled.contains_key(key));
    // Texts of several lines are read in the panel.
    let is_long = |property: &Property| property.def(roadmap).is_some_and(|def| def.is_long());
    let fields = Property::all(roadmap).into_iter().filter(|one| is_filled(one) && !is_long(one));
    usual.extend(fields);
    usual.truncate(USUAL);
    usual
}

/// The columns as the look has them.
pub(super) fn columns(board: Board) -> Arc<Vec<Column>> {
    let shown = board.look.with(|look| look.shown.clone());
    board.room.track_drawn(|roadmap| {
        let mut shown = if shown.is_empty() { usual(roadmap) } else { shown };
        // A table without titles is nothing to work in.
        if !shown.contains(&Property::Own(Field::Title)) {
            shown.insert(usize::from(shown.first() == Some(&Property::Key)), Property::Own(Field::Title));
        }
        let mut columns: Vec<Column> = Vec::new();
        for property in shown {
            let Some(def) = property.def(roadmap) else { continue };
            if columns.iter().any(|column| column.property == property) || columns.len() == MOST {
                continue;
            }
            let is_number = matches!(def.kind, FieldKind::Number { .. } | FieldKind::Days | FieldKind::Money)
                && property != Property::Key;
            let pinned = match (columns.len(), &property) {
                (0, Property::Key | Property::Own(Field::Title)) => Some(columns.len()),
                (1, Property::Own(Field::Title)) if columns[0].property == Property::Key => Some(1),
                _ => None,
            };
            let is_summed = is_summed(&property, &def);
            columns.push(Column { def: def.into_owned(), property, is_number, is_summed, pinned });
        }
        Arc::new(columns)
    })
}

/// The widths that people gave columns on this device, by property.
pub(super) type Widths = BTreeMap<String, u32>;

/// Reads the widths, and writes what becomes of them.
pub(super) fn keep_widths(grid: Grid) {
    Effect::new(move |_| {
        let mut widths = Widths::new();
        let kept = platform::kept(KEPT).unwrap_or_default();
        for (name, width) in kept.split(',').filter_map(|one| one.split_once('=')).take(200) {
            if let Ok(width) = width.parse::<u32>() {
                widths.insert(name.to_owned(), width.clamp(WIDTHS.0, WIDTHS.1));
            }
        }
        if !widths.is_empty() {
            grid.widths.set(widths);
        }
    });
    Effect::new(move |_| {
        let (columns, widths) = (grid.columns.get(), grid.widths.get());
        let Some(element) = grid.element() else { return };
        let style = element.style();
        for at in 0..MOST {
            let name = format!("--w{at}");
            let width = columns.get(at).and_then(|column| widths.get(column.property.as_str()));
            let _ = match width {
                Some(width) => style.set_property(&name, &format!("{width}px")),
                None => style.remove_property(&name).map(drop),
            };
        }
    });
}

impl Grid {
    /// Makes a column as wide as that, from now on.
    pub(super) fn resize(self, property: &Property, width: u32) {
        let width = width.clamp(WIDTHS.0, WIDTHS.1);
        self.widths.update(|widths| {
            widths.insert(property.as_str().to_owned(), width);
        });
        let widths = self.widths.read_untracked();
        let all: Vec<String> = widths.iter().map(|(name, width)| format!("{name}={width}")).collect();
        platform::keep(KEPT, &all.join(","));
    }

    /// Shows these columns, in this order; the address says so.
    fn show(self, columns: Vec<Property>) {
        self.board.look.update(|look| look.shown = columns);
    }

    fn shown(self) -> Vec<Property> {
        self.columns.read_untracked().iter().map(|column| column.property.clone()).collect()
    }

    /// Shows a column, or hides it.
    pub(super) fn toggle_column(self, property: &Property) {
        let mut shown = self.shown();
        match shown.iter().position(|other| other == property) {
            Some(at) => drop(shown.remove(at)),
            None if shown.len() == MOST => {
                self.board.room.toasts.info(format!("A table has at most {MOST} columns. Hide one first."));
                return;
            }
            None => shown.push(property.clone()),
        }
        self.show(shown);
    }

    /// Moves a column one place to the left or right.
    pub(super) fn move_column(self, at: usize, by: isize) {
        let mut shown = self.shown();
        let to = super::span::stepped(at, by, shown.len());
        if at < shown.len() && at != to {
            shown.swap(at, to);
            self.show(shown);
        }
    }
}
