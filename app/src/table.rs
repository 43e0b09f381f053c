//! The roadmap as a table.

use leptos::prelude::*;

use crate::board::Board;

pub(crate) fn table(board: Board) -> AnyView {
    let rows = move || {
        board.room.track(|roadmap| {
            let items = roadmap.lane_order().iter().flat_map(|lane| roadmap.lane_items(*lane));
            let items = items.filter_map(|id| roadmap.item(*id));
            items.map(|item| view! { <li>{item.fields.title.to_string()}</li> }).collect_view()
        })
    };
    view! {
        <div class="table" role="region" aria-label="Table">
            <ul>{rows}</ul>
        </div>
    }
    .into_any()
}
