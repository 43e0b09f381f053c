//! What is being voted on, below the board whose items it is about, and what came of earlier votes.

use domain::{
    ItemId, Timestamp, VotingId,
    voting::{Phase, RunningVote, VotingNews},
};
use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::JsValue;

use super::{Board, Standing};
use crate::{
    frame::WaitingCount,
    live::{News, Room},
    pages::voting::api::{self, BoardResult, BoardVotes},
    ui::{Icon, MONTHS},
};

/// How many items are named with what they have got so far.
const LEADING: usize = 4;

/// How many sessions are followed as they happen: browsers have few connections to one site. The others are as they were when
/// the board was loaded, or a session on it opened or closed.
const LISTENED: usize = 2;

/// Open sessions, each with its turnout and, where it is open to see, with what leads.
#[component]
pub(super) fn RunningVotes() -> impl IntoView {
    let board = expect_context::<Board>();
    let room = board.room;
    let shown = Shown {
        running: RwSignal::default(),
        results: RwSignal::default(),
        waiting: expect_context::<WaitingCount>(),
    };
    let votes = shown.running;
    // The product is loaded again whenever a session on its items opens, closes, or shows its result.
    Effect::new(move |_| {
        room.product.track();
        load(room, shown);
    });
    let standing = board.standing;
    Effect::new(move |_| {
        let mut now = votes.with(|votes| up_for_vote(votes));
        now.extend(shown.results.read().iter().flat_map(got));
        now.sort();
        if standing.with_untracked(|before| *before != now) {
            standing.set(now);
        }
    });
    let open =
        Memo::new(move |_| votes.read().iter().map(|vote| vote.id).take(LISTENED).collect::<Vec<VotingId>>());
    Effect::new(move |_| {
        let listen = |id: &VotingId| {
            let id = *id;
            News::of(id, move |news| hear(room, shown, id, news))
        };
        let news: Vec<News> = open.read().iter().map(listen).collect();
        on_cleanup(move || drop(news));
    });
    view! {
        <aside class="running-votes" aria-label="Votes under way" hidden=move || votes.read().is_empty()>
            {move || votes.read().iter().map(running).collect_view()}
        </aside>
    }
}

/// What the board shows of votes.
#[derive(Clone, Copy)]
struct Shown {
    running: RwSignal<Vec<RunningVote>>,
    results: RwSignal<Vec<BoardResult>>,
    waiting: WaitingCount,
}

fn load(room: Room, shown: Shown) {
    let roadmap = room.product.read_untracked().roadmap;
    spawn_local(async move {
        // Where this fails, the next change loads them.
        if let Ok(BoardVotes { running, results, waiting }) = api::running_votes(roadmap).await {
            // The page may have been left meanwhile.
            let _ = shown.results.try_set(results);
            let _ = shown.running.try_set(running);
            let _ = shown.waiting.votes.try_set(Some(waiting));
        }
    });
}

/// Shows what is new. More than figures is loaded; a session that is over goes.
fn hear(room: Room, shown: Shown, id: VotingId, news: VotingNews) {
    let votes = shown.running;
    if news.phase != Phase::Open {
        let _ = votes.try_update(|votes| votes.retain(|vote| vote.id != id));
        return;
    }
    let more = votes.try_update(|votes| {
        let vote = votes.iter_mut().find(|vote| vote.id == id)?;
        let more = vote.news.revision != news.revision;
        vote.news = news;
        Some(more)
    });
    if more.flatten() == Some(true) {
        load(room, shown);
    }
}

fn running(vote: &RunningVote) -> AnyView {
    let what = match (vote.invited, vote.voted) {
        (true, true) => "Change your ballot",
        (true, false) => "Vote",
        _ => "Look",
    };
    let class = if vote.invited && !vote.voted { "button button--primary" } else { "button" };
    let address = format!("/voting/{}", vote.id);
    let turnout = vote.news.turnout;
    let leading = leading(vote);
    let leading = leading.into_iter().map(|(title, points)| {
        view! {
            <li>
                <span class="running-vote__item" dir="auto">
                    {title}
                </span>
                " "
                <strong>{points}</strong>
            </li>
        }
    });
    view! {
        <section class="running-vote">
            <Icon name="voting" />
            <span class="visually-hidden">"Vote: "</span>
            <a class="running-vote__title" href=address.clone() dir="auto">
                {vote.title.to_string()}
            </a>
            <span class="running-vote__turnout">
                {format!("{} of {} have voted", turnout.cast, turnout.invited)}
            </span>
            <ol class="running-vote__leading">{leading.collect_view()}</ol>
            <a class=class href=address>
                {what}
            </a>
        </section>
    }
    .into_any()
}

/// The items in front, with the points that decide.
fn leading(vote: &RunningVote) -> Vec<(String, String)> {
    let Some(tally) = &vote.news.tally else { return Vec::new() };
    let named = tally.lines.iter().filter(|line| line.voters > 0).filter_map(|line| {
        let (_, title) = vote.titles.iter().find(|(item, _)| *item == line.item)?;
        Some((title.to_string(), line.deciding(vote.weighted).to_string()))
    });
    named.take(LEADING).collect()
}

/// The items being voted on, with their points where these are open to see.
fn up_for_vote(votes: &[RunningVote]) -> Vec<Standing> {
    let of_vote = |vote: &RunningVote| {
        let points = |item: ItemId| {
            let line = vote.news.tally.as_ref().and_then(|tally| tally.line(item));
            line.map_or_else(String::new, |line| line.deciding(vote.weighted).to_string())
        };
        let standing = |(item, _): &(ItemId, _)| Standing {
            item: *item,
            is_result: false,
            says: points(*item),
            title: vote.title.to_string(),
            voting: vote.id,
        };
        vote.titles.iter().map(standing).collect::<Vec<_>>()
    };
    votes.iter().flat_map(of_vote).collect()
}

/// What the items of a session got, with the day on which it closed.
fn got(result: &BoardResult) -> Vec<Standing> {
    let day = day(result.closed);
    let standing = |(item, place): &(ItemId, String)| Standing {
        item: *item,
        is_result: true,
        says: format!("{place} · {day}"),
        title: result.title.clone(),
        voting: result.voting,
    };
    result.places.iter().map(standing).collect()
}

/// `22 Nov`, where the reader is; with the year unless it is this one.
fn day(at: Timestamp) -> String {
    let (date, today) = (js_sys::Date::new(&JsValue::from_f64(at.0 as f64)), js_sys::Date::new_0());
    let month = MONTHS[date.get_month() as usize % 12];
    let year = match date.get_full_year() {
        year if year == today.get_full_year() => String::new(),
        year => format!(" {year}"),
    };
    format!("{} {month}{year}", date.get_date())
}
