//! What happened to an item, from the log.

use domain::{ItemId, Member};
use leptos::prelude::*;

use super::Board;
use crate::{
    board::api::{self, HistoryPage},
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
        board.links.track();
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
                            let lines = lines(&page, &members);
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

/// What happened to the item and to its dependencies, the latest first: as far back as its own lines are there.
fn lines(page: &HistoryPage, members: &[Member]) -> Vec<Line> {
    let first = page.lines.last().filter(|_| page.more).map(|line| line.at);
    let mut events =
        page.events.iter().filter(|event| first.is_none_or(|first| event.at >= first)).peekable();
    let mut lines = Vec::new();
    for line in &page.lines {
        while let Some(event) = events.next_if(|event| event.at > line.at) {
            lines.push(Line::of_event(event));
        }
        lines.push(Line::of(line, members));
    }
    lines.extend(events.map(Line::of_event));
    lines
}
