//! The upvotes of an item.

use domain::ItemId;
use leptos::prelude::*;

use super::{Board, badges};
use crate::{
    lazy,
    ui::{Icon, click},
};

/// The upvote count; a button for those who may vote.
#[component]
pub(super) fn VoteButton(item: ItemId, votes: u32, voted: bool) -> impl IntoView {
    let board = expect_context::<Board>();
    if !board.room.can_vote() {
        return badges::upvotes(votes).into_any();
    }
    let label =
        if voted { format!("Withdraw upvote, {votes} so far") } else { format!("Upvote, {votes} so far") };
    view! {
        <button
            type="button"
            class="vote"
            aria-pressed=voted.to_string()
            aria-label=label
            tabindex="-1"
            on:click=click(move |_| leptos::task::spawn_local(lazy::toggle_vote(board, item)))
        >
            <Icon name="up" />
            <span class="vote__count">{votes}</span>
        </button>
    }
    .into_any()
}
