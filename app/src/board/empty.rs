//! What a board without items offers: the two ways to begin.

use leptos::prelude::*;

use super::Board;
use crate::ui::{Icon, click};

#[component]
pub(crate) fn EmptyBoard(is_empty: Memo<bool>) -> impl IntoView {
    let board = expect_context::<Board>();
    let can_edit = board.room.can_edit() && board.portfolio.is_none();
    let add = move |_| match board.room.lanes.read_untracked().first() {
        Some(lane) => board.composing.set(Some(*lane)),
        None => board.adding_lane.set(true),
    };
    view! {
        <Show when=move || is_empty.get()>
            <section class="empty board-empty" aria-labelledby="board-empty">
                <span class="mark board-empty__mark" aria-hidden="true"></span>
                <h2 id="board-empty">"Nothing on this roadmap yet"</h2>
                {if can_edit {
                    view! {
                        <p>"Add the first item by hand, or bring a list that you have: from Excel, Jira, Trello and others."</p>
                        <div class="empty__actions">
                            <button type="button" class="button button--primary" on:click=click(add)>
                                <Icon name="plus" />
                                "Add item"
                            </button>
                            <a class="button" href=format!("{}/import", board.board_path())>
                                <Icon name="import" />
                                "Import a spreadsheet"
                            </a>
                        </div>
                    }
                        .into_any()
                } else {
                    view! { <p>"Items appear here as soon as somebody adds them."</p> }.into_any()
                }}
            </section>
        </Show>
    }
}
