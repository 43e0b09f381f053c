//! What is being voted on, below the board whose items it is about.

use domain::{
    ItemId, Title,
    voting::{RunningVote, Tally},
};
use leptos::{prelude::*, task::spawn_local};

use super::Board;
use crate::{api, pages::voting::live::Live};

/// How many items are named with what they have got so far.
const LEADING: usize = 4;

/// Open sessions, each with its turnout and, where it is open to see, with what leads.
#[component]
pub(super) fn RunningVotes() -> impl IntoView {
    let room = expect_context::<Board>().room;
    let votes = RwSignal::new(Vec::<RunningVote>::new());
    let load = move || {
        let roadmap = room.product.read_untracked().roadmap;
        spawn_local(async move {
            // Whoever cannot be asked now is asked when the connection is back, or something changes.
            if let Ok(running) = api::voting::running_votes(roadmap).await {
                let _ = votes.try_set(running);
            }
        });
    };
    // The product is fetched anew whenever a session on its items opens or closes.
    Effect::new(move |_| {
        room.product.track();
        load();
    });
    view! {
        <aside class="running-votes" aria-label="Votes under way" hidden=move || votes.read().is_empty()>
            <For
                each=move || votes.get()
                key=|vote: &RunningVote| vote.id
                children=move |vote| running(vote, votes, load)
            />
        </aside>
    }
}

fn running(
    vote: RunningVote,
    votes: RwSignal<Vec<RunningVote>>,
    reload: impl Fn() + Copy + 'static,
) -> AnyView {
    let live = Live::new();
    let RunningVote { id, title, titles, news, .. } = vote;
    live.show(news.phase, news.revision, news.turnout, news.tally);
    live.follow(Memo::new(move |_| Some(id)), reload);
    let what = move || {
        let votes = votes.read();
        match votes.iter().find(|vote| vote.id == id).map(|vote| (vote.invited, vote.voted)) {
            Some((true, true)) => "Change your ballot",
            Some((true, false)) => "Vote",
            _ => "Look",
        }
    };
    let turnout = move || {
        let turnout = live.turnout.read();
        format!("{} of {} have voted", turnout.cast, turnout.invited)
    };
    let leading = move || leading(live.tally.read().as_ref(), &titles);
    view! {
        <section class="running-vote">
            <span class="badge">"Vote"</span>
            <a class="running-vote__title" href=format!("/voting/{id}")>
                {title.to_string()}
            </a>
            <span class="running-vote__turnout">{turnout}</span>
            <ol class="running-vote__leading">
                {move || {
                    leading()
                        .into_iter()
                        .map(|(title, points)| {
                            view! {
                                <li>
                                    <span class="running-vote__item">{title}</span>
                                    " "
                                    <strong>{points}</strong>
                                </li>
                            }
                        })
                        .collect_view()
                }}
            </ol>
            <a class="button" href=format!("/voting/{id}")>
                {what}
            </a>
        </section>
    }
    .into_any()
}

/// The items in front, with their points, by the tally that decides.
fn leading(tally: Option<&Tally>, titles: &[(ItemId, Title)]) -> Vec<(String, String)> {
    let Some(tally) = tally else { return Vec::new() };
    let named = tally.lines.iter().filter(|line| line.voters > 0).filter_map(|line| {
        let (_, title) = titles.iter().find(|(item, _)| *item == line.item)?;
        Some((title.to_string(), line.raw.to_string()))
    });
    named.take(LEADING).collect()
}
