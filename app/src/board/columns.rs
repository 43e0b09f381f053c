//! The board in columns of a property and swimlanes of another, instead of its lanes.

use std::collections::BTreeMap;

use domain::{Group, ItemId, Property};
use leptos::{ev, prelude::*};

use super::{
    Board, badges, capacity,
    card::Card,
    cells::{self, Cell, Heads},
};
use crate::{platform, ui::each};

/// So many cards of a cell are drawn, until more are asked for.
const FIRST: usize = 40;

/// What stands in which cell.
type Cells = BTreeMap<Cell, Vec<ItemId>>;

pub(crate) fn columns(board: Board) -> AnyView {
    let shown = Memo::new(move |_| board.shown());
    let heads = Memo::new(move |_| board.heads(&shown.read()));
    let cells = Memo::new(move |_| {
        let mut cells = Cells::new();
        for (id, cell) in board.cells_of(&shown.read()) {
            cells.entry(cell).or_default().push(id);
        }
        cells
    });
    Effect::new(move |_| {
        board.rows.set(shown.get());
        cells.track();
        platform::next_frame(cells::keep_reachable);
    });
    view! {
        <div
            class="board board--columns"
            id="board"
            role="group"
            aria-label="Roadmap board"
            on:dragstart=|event: ev::DragEvent| event.prevent_default()
            on:mousedown=move |event| super::page::keep_text_unselected(board, &event)
            on:click=move |event| super::page::select_by_click(board, &event)
            on:focusin=|event| super::page::rove(&event)
        >
            {move || grid(board, heads.get(), cells)}
        </div>
    }
    .into_any()
}

fn grid(board: Board, heads: Heads, cells: Memo<Cells>) -> AnyView {
    let Heads { columns, rows } = heads;
    let of_column = move |key: Option<String>| {
        cells.with(|cells| {
            let here = cells.iter().filter(|(cell, _)| cell.column == key).flat_map(|(_, items)| items);
            here.copied().collect::<Vec<_>>()
        })
    };
    let is_of_quarters = untrack(|| board.axes.get()).is_some_and(|axes| axes.columns == Property::Quarter);
    let header = |column: &Group| {
        let (key, other) = (column.key.clone(), column.key.clone());
        view! {
            <header class="column__header">
                <h2 class="lane__name" dir="auto">
                    {column.label.clone()}
                </h2>
                <span class="lane__count">
                    {move || of_column(key.clone()).len()} <span class="visually-hidden">" items"</span>
                </span>
                <span class="lane__effort" title="Sum of effort in person-days">
                    {move || board.room.track_drawn(|roadmap| badges::effort_sum(roadmap, &of_column(other.clone())))}
                </span>
                {is_of_quarters.then(|| capacity::of_column(board, column.key.as_deref()))}
            </header>
        }
    };
    let headers = columns.iter().map(header).collect_view();
    let row = |row: Option<&Group>| {
        let here = |column: &Group| {
            let cell = Cell { column: column.key.clone(), row: row.and_then(|row| row.key.clone()) };
            let label =
                row.map_or_else(|| column.label.clone(), |row| format!("{}, {}", column.label, row.label));
            cell_view(&cell, label, cells)
        };
        let key = row.map(|row| row.key.clone());
        let title = row.map(|row| {
            let count = move || {
                cells.with(|cells| {
                    let here = cells.iter().filter(|(cell, _)| Some(&cell.row) == key.as_ref());
                    here.map(|(_, items)| items.len()).sum::<usize>()
                })
            };
            view! {
                <h3 class="swimlane__name">
                    <span dir="auto">{row.label.clone()}</span>
                    <span class="lane__count">{count} <span class="visually-hidden">" items"</span></span>
                </h3>
            }
        });
        view! {
            {title}
            <div class="swimlane__cells">{columns.iter().map(here).collect_view()}</div>
        }
    };
    let body = if rows.is_empty() {
        row(None).into_any()
    } else {
        rows.iter().map(|group| row(Some(group))).collect_view().into_any()
    };
    view! {
        <div class="columns">
            <div class="columns__headers">{headers}</div>
            {body}
        </div>
    }
    .into_any()
}

fn cell_view(cell: &Cell, label: String, cells: Memo<Cells>) -> AnyView {
    let most = RwSignal::new(FIRST);
    let key = cell.clone();
    let all = Memo::new(move |_| cells.with(|cells| cells.get(&key).cloned().unwrap_or_default()));
    let some = move || all.with(|all| all.iter().take(most.get()).map(|id| id.0).collect());
    let first = all.with_untracked(|all| all.first().copied());
    let more = move || all.with(|all| all.len().saturating_sub(most.get()));
    let (column, row) = (cell.column.clone().unwrap_or_default(), cell.row.clone().unwrap_or_default());
    view! {
        <section
            class="lane lane--cell"
            data-lane=""
            data-column=column
            data-row=row
            role="group"
            aria-label=label
        >
            <ol class="lane__cards">
                {each(
                    some,
                    move |id| {
                        let id = ItemId(id);
                        view! { <Card id first=Some(id) == first far=false /> }.into_any()
                    },
                )}
            </ol>
            <Show when=move || { more() > 0 }>
                <button
                    type="button"
                    class="button button--quiet"
                    on:click=move |_| most.update(|most| *most += FIRST)
                >
                    {move || format!("Show {} more", more().min(FIRST))}
                </button>
            </Show>
        </section>
    }
    .into_any()
}
