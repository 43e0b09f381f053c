//! The roadmap as a table: a row for each item, a column for each property, to be edited like a spreadsheet.

mod columns;
mod dates;
mod edit;
mod editor;
mod head;
mod keys;
mod layout;
mod marks;
mod paste;
mod pointer;
mod read;
mod rows;
mod span;
mod state;
mod tsv;

use leptos::prelude::*;

use self::{layout::Line, pointer::Pointer, state::Grid};
use crate::{
    board::{Board, EmptyBoard},
    platform,
};

pub(crate) fn table(board: Board) -> AnyView {
    let grid = Grid::new(board);
    let pointer = Pointer::new(grid);
    follow(grid);
    let is_empty = Memo::new(move |_| {
        board.room.track_drawn(|roadmap| roadmap.items().all(|item| item.deleted.is_some()))
    });
    let is_filtered = move || {
        let layout = grid.layout.read();
        !is_empty.get() && layout.places.is_empty() && layout.groups.is_empty()
    };
    let can_edit = grid.can_edit();
    let has_long_keys = board.room.product.read_untracked().key.len() > 4;
    let row_count = move || (grid.layout.read().lines.len() + 1).to_string();
    let column_count = move || (grid.columns.read().len() + 1).to_string();
    view! {
        <section class="grid-face" aria-label="Table">
            {head::columns_button(grid)}
            <div
                class="grid"
                class:grid--sorted=move || !board.look.read().sort.is_empty()
                class:grid--editable=can_edit
                class:grid--long-keys=has_long_keys
                id="grid"
                role="grid"
                aria-label="Items"
                aria-multiselectable="true"
                aria-readonly=(!can_edit).then_some("true")
                aria-rowcount=row_count
                aria-colcount=column_count
                tabindex="0"
                on:keydown=move |event| keys::press(grid, &event)
                on:focus=move |_| grid.ensure_active()
                on:scroll=move |_| {
                    grid.look();
                    editor::place(grid);
                }
                on:pointerdown=move |event| pointer.down(&event)
                on:pointermove=move |event| pointer.moved(&event)
                on:pointerup=move |_| pointer.up()
                on:pointercancel=move |_| pointer.up()
                on:click=move |event| pointer.click(&event)
                on:dblclick=move |event| pointer.double_click(&event)
                on:contextmenu=move |event| pointer.menu(&event)
                on:dragstart=|event: web_sys::DragEvent| event.prevent_default()
            >
                <div class="grid__sheet" role="presentation">
                    {head::head(grid)}
                    {rows::body(grid)}
                </div>
            </div>
            {editor::editor(grid)}
            <Show when=is_filtered>
                <p class="grid-face__none">
                    "No item matches the filter."
                    <button type="button" class="button" on:click=move |_| board.filter.set(Default::default())>
                        "Clear filter"
                    </button>
                </p>
            </Show>
            <EmptyBoard is_empty />
        </section>
    }
    .into_any()
}

/// What goes on while the table is open.
fn follow(grid: Grid) {
    let board = grid.board;
    columns::keep_widths(grid);
    marks::follow(grid);
    // The panel's buttons go from item to item as they stand here.
    Effect::new(move |_| {
        let items = grid.layout.read().items().collect::<Vec<_>>();
        if *board.rows.read_untracked() != items {
            board.rows.set(items);
        }
    });
    // The page's key for a new item, and its first offer.
    Effect::new(move |_| {
        if let Some(lane) = board.composing.get() {
            board.composing.set(None);
            let last = board.room.with(|roadmap| roadmap.lane_items(lane).last().copied());
            let last = last.filter(|last| grid.layout.read_untracked().at(Line::Item(*last)).is_some());
            match last {
                Some(last) => platform::after_effects(move || grid.insert_below(last)),
                None => platform::after_effects(move || grid.edit_title_of(Line::New)),
            }
        }
    });
    // A menu asks for a line below an item; the title is typed once the line is there.
    Effect::new(move |_| {
        if board.inserting.get().is_some() {
            platform::after_effects(move || grid.edit_title_of(Line::Draft));
        }
    });
    Effect::new(move |former: Option<()>| {
        grid.layout.track();
        if former.is_some() {
            grid.look();
        } else {
            // In sight is what the browser scrolled to meanwhile.
            platform::next_frame(move || {
                if grid.near.try_get_untracked().is_some() {
                    grid.look();
                }
            });
        }
    });
    Effect::new(move |_| {
        paste::listen(grid);
        let resized = window_event_listener(leptos::ev::resize, move |_| grid.look());
        on_cleanup(move || resized.remove());
    });
}
