//! The roadmap as a timeline.

use domain::Property;
use leptos::prelude::*;

use crate::board::Board;

pub(crate) fn timeline(board: Board) -> AnyView {
    let rows = move || {
        board.room.track(|roadmap| {
            let items = roadmap.items().filter(|item| item.deleted.is_none());
            let row = |item: &std::sync::Arc<domain::Item>| {
                let quarter = Property::Quarter.get(roadmap, item, board.year);
                let quarter = quarter.map_or_else(String::new, |quarter| quarter.to_string());
                view! { <li>{item.fields.title.to_string()} " " {quarter}</li> }
            };
            items.map(row).collect_view()
        })
    };
    view! {
        <div class="timeline" role="region" aria-label="Timeline">
            <ul>{rows}</ul>
        </div>
    }
    .into_any()
}
