//! Lines as they are drawn. Their height never differs, so that what is out of sight need not be drawn.

use domain::{Date, Field, FieldKind, Investment, ItemId, Property, Value, counted};
use leptos::prelude::*;
use uuid::Uuid;

use super::{
    columns::Column,
    layout::{Line, sum_written},
    read,
    state::{Editing, Grid},
};
use crate::{
    board::{Subject, badges, card_id},
    platform,
    ui::{Avatar, Icon, each},
};

/// The ids of what takes the room of the lines that are not drawn.
const ABOVE: &str = "grid-above";
const BELOW: &str = "grid-below";

/// The lines near what is in sight, in the room of all.
pub(super) fn body(grid: Grid) -> AnyView {
    Effect::new(move |_| {
        let (layout, near) = (grid.layout.read(), grid.near.get());
        let count = layout.lines.len();
        let (first, end) = (near.0.min(count), near.1.min(count));
        let sticky = usize::from(sticky_group(grid).is_some());
        let line = grid.line_height();
        set_height(ABOVE, line, first - sticky.min(first));
        set_height(BELOW, line, count - end);
    });
    let keys = move || {
        let (layout, near) = (grid.layout.read(), grid.near.get());
        let count = layout.lines.len();
        let (first, end) = (near.0.min(count), near.1.min(count));
        let mut keys = Vec::with_capacity(end - first + 1);
        keys.extend(sticky_group(grid).map(|group| Line::Group(group).key()));
        keys.extend(layout.lines[first..end].iter().map(|line| line.key()));
        keys
    };
    view! {
        <div id=ABOVE role="presentation"></div>
        {each(keys, move |key| line(grid, key))}
        <div id=BELOW role="presentation"></div>
    }
    .into_any()
}

/// The group that the first drawn line belongs to, where its own line is further up.
fn sticky_group(grid: Grid) -> Option<usize> {
    let (layout, near) = (grid.layout.read(), grid.near.get());
    let group = layout.group_at(near.0.min(layout.lines.len().checked_sub(1)?))?;
    (layout.at(Line::Group(group))? < near.0).then_some(group)
}

fn set_height(id: &str, line: f64, lines: usize) {
    use wasm_bindgen::JsCast as _;
    if let Some(element) = platform::element(id).and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = element.style().set_property("height", &format!("{}px", lines as f64 * line));
    }
}

fn line(grid: Grid, key: Uuid) -> AnyView {
    let line = Line::of_key(key);
    match line {
        Line::Item(id) => item(grid, key, id),
        Line::Group(group) => group_line(grid, key, group),
        Line::Draft | Line::New => new_item(grid, key, line),
        Line::Head => ().into_any(),
    }
}

/// What a cell shows.
#[derive(Clone, Debug, PartialEq)]
struct Shown {
    text: String,
    face: Face,
}

/// How it is drawn: as in the panel and on cards.
#[derive(Clone, Debug, PartialEq)]
enum Face {
    Words,
    /// A link to the panel.
    Key(String),
    /// What its key names in the style.
    Status(String),
    Investment(&'static str),
    /// A name, and the index of a colour.
    Person(u8),
    Tags(Vec<String>),
    Check,
}

fn shown(grid: Grid, id: ItemId) -> Vec<Shown> {
    let board = grid.board;
    let columns = grid.columns.read();
    let members = board.room.members.read();
    board.room.track(|roadmap| {
        let Some(item) = roadmap.item(id) else { return Vec::new() };
        let product = board.product_key(roadmap, item);
        let show = |column: &Column| {
            let Column { property, def, .. } = column;
            let Some(value) = property.get(roadmap, item, board.year) else {
                return Shown { text: String::new(), face: Face::Words };
            };
            let text = match (&def.kind, &value) {
                (FieldKind::Date, Value::Text(date)) => {
                    date.parse::<Date>().map_or_else(|_| date.clone(), badges::day)
                }
                (FieldKind::Quarter, Value::Text(quarter)) if *property == Property::Quarter => {
                    quarter.parse().map_or_else(|()| quarter.clone(), |quarter| board.year.label(quarter))
                }
                (FieldKind::Text | FieldKind::Links | FieldKind::Choices(_) | FieldKind::Quarter, _) => {
                    def.words(&value)
                }
                _ => read::written(property, def, &value, &product, &members),
            };
            let face = match (property, &def.kind, &value) {
                (Property::Key, ..) => Face::Key(board.panel_of(&text)),
                (Property::Own(Field::Status), ..) => Face::Status(value.to_string()),
                (Property::Own(Field::Investment), ..) => {
                    item.fields.investment.map_or(Face::Words, |kind| Face::Investment(kind.as_str()))
                }
                (_, FieldKind::Person, Value::Text(id)) => {
                    let colour = id.parse().map_or(0, |id| board.room.colour(id));
                    Face::Person(colour)
                }
                (_, FieldKind::Tags, Value::Keys(tags)) => Face::Tags(tags.iter().cloned().collect()),
                (_, FieldKind::Checkbox, _) => Face::Check,
                _ => Face::Words,
            };
            Shown { text, face }
        };
        columns.iter().map(show).collect()
    })
}

/// What is in a cell.
fn inside(shown: Shown) -> AnyView {
    let Shown { text, face } = shown;
    match face {
        Face::Words => text.into_any(),
        Face::Key(path) => {
            view! { <a class="grid__key" href=path tabindex="-1" draggable="false">{text}</a> }.into_any()
        }
        Face::Status(key) => view! {
            <span class=format!("status status--{key}") aria-hidden="true"></span>
            {text}
        }
        .into_any(),
        Face::Investment(key) => view! {
            <span class=format!("grid__icon badge--{key}")>
                <Icon name=key />
            </span>
            {text}
        }
        .into_any(),
        Face::Person(colour) => view! {
            <span class="grid__icon" aria-hidden="true">
                <Avatar name=text.clone() colour />
            </span>
            {text}
        }
        .into_any(),
        Face::Tags(tags) => {
            let tag = |tag: String| view! { <span class="card__tag">{tag}</span> };
            tags.into_iter().map(tag).collect_view().into_any()
        }
        Face::Check => view! { <Icon name="check" /><span class="visually-hidden">{text}</span> }.into_any(),
    }
}

/// The classes of the cells of a column.
pub(super) fn class(column: &Column) -> String {
    let number = if column.is_number { " grid__cell--right" } else { "" };
    format!("grid__cell {}{number}", column.class())
}

fn pinned(column: &Column, at: usize) -> String {
    let pin = match column.pinned {
        Some(0) => " grid__pin grid__pin--0",
        Some(_) => " grid__pin grid__pin--1",
        None => "",
    };
    format!("{} grid__c{at}{pin}", class(column))
}

pub(super) fn cell_class(column: &Column, at: usize) -> String {
    pinned(column, at)
}

/// Where a line is drawn first; later on the marks keep it.
fn row_index(grid: Grid, line: Line) -> String {
    let layout = grid.layout.read_untracked();
    (layout.at(line).map_or(0, |at| at + 2)).to_string()
}

fn item(grid: Grid, key: Uuid, id: ItemId) -> AnyView {
    let board = grid.board;
    let can_edit = grid.can_edit();
    let cells = Memo::new(move |_| shown(grid, id));
    let place = move || {
        let layout = grid.layout.read();
        let (own, shown) = layout.places.get(&id).copied().unwrap_or_default();
        let look = board.look.read();
        // Groups have an order of their own.
        let differs = !look.sort.is_empty() && look.group.is_none() && own != shown;
        let by = own.abs_diff(shown);
        let sign = if own < shown { "−" } else { "+" };
        view! {
            {own}
            {differs.then(|| view! { <span class="grid__differs">{format!("{sign}{by}")}</span> })}
        }
    };
    let open_menu = move |event: web_sys::MouseEvent| board.open_menu(Subject::Item(id), &event);
    let tools = can_edit.then(|| {
        view! {
            <span class="grid__handle" data-handle title="Drag to move">
                <Icon name="drag" />
            </span>
            <button type="button" class="grid__more" tabindex="-1" aria-label="Actions" aria-haspopup="menu" on:click=open_menu>
                <Icon name="more" />
            </button>
        }
    });
    let cell = move |(at, (column, shown)): (usize, (&Column, Shown))| {
        let long =
            (column.pinned.is_some() || column.class() == "grid__cell--long").then(|| shown.text.clone());
        view! {
            <div
                class=cell_class(column, at)
                role="gridcell"
                data-column=at.to_string()
                aria-colindex=(at + 2).to_string()
                aria-readonly=(!can_edit || !column.property.is_editable()).then_some("true")
                title=long.filter(|text| text.len() > 8)
                dir=(column.class() == "grid__cell--title").then_some("auto")
            >
                {inside(shown)}
            </div>
        }
    };
    let is_open = move || board.open.get() == Some(id);
    let is_chosen = move || board.selected.read().contains(&id);
    view! {
        <div
            class="grid__row"
            class:grid__row--open=is_open
            class:grid__row--chosen=is_chosen
            id=card_id(id)
            role="row"
            data-line=key.to_string()
            aria-rowindex=row_index(grid, Line::Item(id))
        >
            <div class="grid__gutter grid__pin" role="gridcell" aria-colindex="1">
                <span class="grid__place">{place}</span>
                {tools}
            </div>
            {move || {
                let columns = grid.columns.read();
                columns.iter().zip(cells.get()).enumerate().map(cell).collect_view()
            }}
        </div>
    }
    .into_any()
}

/// The name of a group, how many items it has, and sums below their columns.
fn group_line(grid: Grid, key: Uuid, at: usize) -> AnyView {
    let board = grid.board;
    let group = Memo::new(move |_| grid.layout.read().groups.get(at).cloned());
    let words = move || {
        let (group, by) = (group.get()?, board.look.read().group.clone()?);
        let members = board.room.members.read();
        let face = board.room.track(|roadmap| {
            let def = by.def(roadmap)?;
            let Some(value) = &group.value else {
                return Some(Shown { text: format!("No {}", def.in_sentence()), face: Face::Words });
            };
            let text = match (&def.kind, value) {
                (FieldKind::Quarter, Value::Text(text)) if by == Property::Quarter => {
                    text.parse().map_or_else(|()| text.clone(), |quarter| board.year.label(quarter))
                }
                (FieldKind::Quarter, _) => def.words(value),
                _ => read::written(&by, &def, value, "", &members),
            };
            let face = match &by {
                Property::Own(Field::Status) => Face::Status(value.to_string()),
                Property::Own(Field::Investment) => {
                    let kind: Option<Investment> = value.to_string().parse().ok();
                    kind.map_or(Face::Words, |kind| Face::Investment(kind.as_str()))
                }
                _ if matches!(def.kind, FieldKind::Person) => {
                    Face::Person(value.to_string().parse().map_or(0, |id| board.room.colour(id)))
                }
                _ => Face::Words,
            };
            Some(Shown { text, face })
        })?;
        Some(view! {
            <span class="grid__group-name">{inside(face)}</span>
            <span class="grid__group-count">{counted(group.count, "item", "items")}</span>
        })
    };
    let sums = move || {
        let sums = group.get().map(|group| group.sums).unwrap_or_default();
        let columns = grid.columns.read();
        let cell = |(at, column): (usize, &Column)| {
            let sum = sums.iter().find(|(property, _)| *property == column.property);
            let written = sum.filter(|(_, sum)| *sum != 0).map(|(_, sum)| sum_written(&column.def, *sum));
            view! {
                <div class=format!("{} grid__c{at}", class(column)) role="gridcell" aria-colindex=(at + 2).to_string()>
                    {written}
                </div>
            }
        };
        let is_after = |(at, column): &(usize, &Column)| *at > 0 && column.pinned.is_none();
        columns.iter().enumerate().filter(is_after).map(cell).collect_view()
    };
    let is_open = move || !group.read().as_ref().is_some_and(|group| group.is_collapsed);
    let lead = move || {
        let columns = grid.columns.read();
        let count = columns.iter().take_while(|column| column.pinned.is_some()).count().max(1);
        format!("grid__cell grid__lead grid__lead--{count} grid__pin")
    };
    view! {
        <div
            class="grid__row grid__group"
            role="row"
            data-line=key.to_string()
            data-collapsed=move || (!is_open()).then_some("")
            aria-rowindex=row_index(grid, Line::Group(at))
        >
            <div
                class=lead
                role="gridcell"
                data-column="0"
                aria-colindex="1"
                aria-expanded=move || is_open().to_string()
                data-toggle
            >
                <Icon name="next" />
                {words}
            </div>
            {sums}
        </div>
    }
    .into_any()
}

/// The line in which the title of a new item is typed.
fn new_item(grid: Grid, key: Uuid, line: Line) -> AnyView {
    let cell = |(at, column): (usize, &Column)| {
        let is_title = column.property == Property::Own(Field::Title);
        let words = is_title.then(|| {
            view! {
                <span class="grid__add">
                    <Icon name="plus" />
                    "New item"
                </span>
            }
        });
        view! {
            <div
                class=cell_class(column, at)
                role="gridcell"
                data-column=at.to_string()
                aria-colindex=(at + 2).to_string()
                aria-readonly=(!is_title).then_some("true")
            >
                {words}
            </div>
        }
    };
    view! {
        <div class="grid__row grid__row--new" role="row" data-line=key.to_string() aria-rowindex=row_index(grid, line)>
            <div class="grid__gutter grid__pin" role="gridcell" aria-colindex="1"></div>
            {move || grid.columns.read().iter().enumerate().map(cell).collect_view()}
        </div>
    }
    .into_any()
}

impl Grid {
    /// Shows the items of a group, or hides them.
    pub(super) fn toggle_group(self, at: usize) {
        let key = self.layout.read_untracked().groups.get(at).map(|group| group.key.clone());
        let Some(key) = key else { return };
        self.collapsed.update(|collapsed| {
            if !collapsed.remove(&key) {
                collapsed.insert(key);
            }
        });
        self.look();
    }

    /// Begins to edit a cell, where that can be done.
    pub(super) fn begin(self, line: Line, property: Property, typed: Option<String>, by_pointer: bool) {
        let is_title = property == Property::Own(Field::Title);
        let can = self.can_edit()
            && match line {
                Line::Item(_) => property.is_editable(),
                Line::Draft | Line::New => is_title,
                Line::Head | Line::Group(_) => false,
            };
        if can {
            self.editing.set(Some(Editing { line, property, typed, by_pointer }));
        }
    }
}
