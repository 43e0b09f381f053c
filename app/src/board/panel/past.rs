//! What happened to an item, from the log.

use domain::ItemId;
use leptos::prelude::*;

use super::Board;
use crate::{
    board::api,
    ui::{HistoryList, Icon, history::Line},
};

/// Loaded when it is opened: most people come for what is, not for what was.
#[component]
pub(super) fn Past(id: ItemId) -> impl IntoView {
    let board = expect_context::<Board>();
    let open = RwSignal::new(false);
    let roadmap = board.room.product.read_untracked().roadmap;
    let past = LocalResource::new(move || {
        let wanted = open.get();
        board.room.revision.track();
        async move {
            if !wanted {
                return None;
            }
            Some(api::history(roadmap, None, Some(id)).await)
        }
    });
    view! {
        <section class="item-panel__section">
            <button
                type="button"
                class="item-panel__toggle"
                aria-expanded=move || open.get().to_string()
                on:click=move |_| open.update(|open| *open = !*open)
            >
                <Icon name="history" />
                "History"
            </button>
            <Show when=move || open.get()>
                <Transition fallback=|| ()>
                    {move || match past.get().flatten() {
                        Some(Ok(page)) => {
                            let members = board.room.members.get();
                            let lines = page.lines.iter().map(|line| Line::of(line, &members)).collect::<Vec<_>>();
                            view! { <HistoryList lines members /> }.into_any()
                        }
                        Some(Err(error)) => view! { <p class="notice notice--error">{error.to_string()}</p> }.into_any(),
                        None => ().into_any(),
                    }}
                </Transition>
            </Show>
        </section>
    }
}
