//! What waits for somebody's vote, and the count of it in the rail.

use leptos::{prelude::*, task::spawn_local};

use crate::{
    frame::WaitingCount,
    pages::voting::api::{self, Waiting},
    ui::PlainPart,
};

/// The sessions that wait for the person's vote, each with its button. Nothing without any.
#[component]
pub(crate) fn WaitingForYou(votes: Waiting) -> impl IntoView {
    let Waiting { count, html } = votes;
    let known = expect_context::<WaitingCount>().votes;
    Effect::new(move |_| known.set(Some(count)));
    (count > 0).then(|| view! { <PlainPart html /> })
}

/// Asks for the count again, for those who have one: they have voted, or a session has opened or closed.
pub(super) fn count_again(known: WaitingCount) {
    if known.votes.get_untracked().is_none() {
        return;
    }
    spawn_local(async move {
        // Without an answer it stays as it was.
        if let Ok(votes) = api::waiting_votes().await {
            let _ = known.votes.try_set(Some(votes.count));
        }
    });
}
