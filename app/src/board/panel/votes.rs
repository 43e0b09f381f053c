//! Votes on an item: those under way, and what came of the last one.

use domain::ItemId;
use leptos::prelude::*;

use super::super::{Board, Standing};

/// Nothing for an item that nobody has voted on. What there is comes with the votes under way on the board.
#[component]
pub(super) fn Votes(id: ItemId) -> impl IntoView {
    let board = expect_context::<Board>();
    let lines = move || {
        board.standing.with(|all| {
            let of_item = all.iter().filter(|standing| standing.item == id);
            let line = |standing: &Standing| {
                let words = if standing.is_result { "" } else { "Up for vote " };
                view! {
                    <li>
                        <a class="link" href=format!("/voting/{}", standing.voting) dir="auto">
                            {standing.title.clone()}
                        </a>
                        " "
                        <span>{words} {standing.says.clone()}</span>
                    </li>
                }
            };
            of_item.map(line).collect_view()
        })
    };
    let none = move || board.standing.with(|all| all.iter().all(|standing| standing.item != id));
    view! {
        <section class="item-panel__section" hidden=none>
            <h3>"Votes"</h3>
            <ul class="item-panel__votes">{lines}</ul>
        </section>
    }
}
