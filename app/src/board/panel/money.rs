//! What came of an item once it is done, and what it is worth by the money entries of its product.

use domain::ItemId;
use leptos::{prelude::*, task::spawn_local};

use super::Board;
use crate::{live::Connection, pages::money::api};

/// Asked for when the panel is open: nothing of it is in the board.
#[component]
pub(super) fn Money(id: ItemId) -> impl IntoView {
    let board = expect_context::<Board>();
    let drawn = RwSignal::new(String::new());
    Effect::new(move |asked: Option<bool>| {
        let asked = asked.unwrap_or_default();
        if asked || board.room.connection.get() != Connection::Live {
            return asked;
        }
        let key = board.room.product.read_untracked().key.to_string();
        spawn_local(async move {
            // Without an answer nothing is shown.
            if let Ok(html) = api::item_money(key, id).await {
                let _ = drawn.try_set(html);
            }
        });
        true
    });
    view! { <section class="item-panel__section" hidden=move || drawn.read().is_empty() inner_html=drawn></section> }
}
