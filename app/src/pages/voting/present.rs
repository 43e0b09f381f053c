//! `/voting/:id/present`: a session on a screen that everybody in the room can see.

use domain::{
    VotingId,
    voting::{Phase, Tally, VotingFacts},
};
use leptos::{prelude::*, task::spawn_local};
use leptos_meta::Title;

use super::{
    codes::{self, JoinPicture},
    live::Live,
    loaded, of_session,
    times::Countdown,
    voting_in_path, words,
};
use crate::{
    pages::voting::api::{
        self, Screen,
        run::{self, Pass},
    },
    ui::{PlainPart, Toasts, bar, share},
};

#[component]
pub fn PresentPage() -> impl IntoView {
    let id = voting_in_path();
    let page = of_session(id, api::presentation);
    let live = Live::new();
    live.follow(id, move || page.refetch());
    let hidden = RwSignal::new(false);
    loaded(page, move |data| view! { <Content data live hidden /> }.into_any())
}

#[component]
fn Content(
    data: Screen,
    live: Live,
    /// Whether somebody has hidden the join code.
    hidden: RwSignal<bool>,
) -> impl IntoView {
    let Screen { facts, now, tally, run, result } = data;
    live.show(&facts, tally);
    let id = facts.id;
    let title = facts.draft.title.to_string();
    let question = facts.draft.question.to_string();
    let turnout = live.turnout;
    let (phase, quorum) = (facts.phase, facts.draft.quorum);
    let clock = match (phase, facts.draft.closes) {
        (Phase::Open, Some(closes)) => view! {
            <p class="present__clock">
                <span class="present__until">"Closes in "</span>
                <Countdown closes now />
            </p>
        }
        .into_any(),
        _ => view! { <p class="present__clock present__clock--words">{phase_words(phase)}</p> }.into_any(),
    };
    let joins = facts.draft.guests && phase <= Phase::Open;
    let pass = RwSignal::new(None::<Pass>);
    let join = joins.then(|| view! { <JoinButton id pass hidden /> });
    let counted = (phase >= Phase::Open && phase != Phase::Revealed).then(|| {
        view! {
            <section class="present__turnout" aria-label="Turnout">
                <p class="present__count" role="status">
                    <strong>{move || turnout.read().cast}</strong>
                    {move || format!(" of {} have voted", turnout.read().invited)}
                </p>
                {bar("present__gauge", move || u64::from(turnout.read().percent()) * 10, quorum)}
                {(quorum > 0).then(|| quorum_words(quorum))}
            </section>
        }
    });
    view! {
        <Title text=title.clone() />
        <article
            class=format!("present present--{}", phase.as_str())
            class:present--joined=move || pass.read().is_some()
        >
            <header class="present__head">
                <div>
                    <h1>{title}</h1>
                    <p class="present__question" dir="auto">
                        {question}
                    </p>
                </div>
                {clock}
            </header>
            <div class="present__body">
                <div class="present__main">{counted} {running(&facts, live)} <PlainPart html=result /></div>
                {move || pass.get().map(join_here)}
            </div>
            <footer class="present__foot">
                <PlainPart html=run />
                {join}
                <a class="button" href=format!("/voting/{id}")>
                    "Exit"
                </a>
            </footer>
        </article>
    }
}

fn phase_words(phase: Phase) -> &'static str {
    match phase {
        Phase::Draft | Phase::Scheduled => "Not open yet",
        Phase::Open => "Open",
        Phase::Closed => "Closed",
        Phase::Revealed => "Result",
    }
}

/// The quorum, in words below its mark. A length may be an attribute, but no style may be inline.
fn quorum_words(quorum: u32) -> impl IntoView {
    // Near an end the words stay within the bar.
    let anchor = match quorum {
        0..15 => "start",
        15..=85 => "middle",
        _ => "end",
    };
    view! {
        <svg class="present__quorum quiet">
            <text x=format!("{quorum}%") y="1em" text-anchor=anchor>
                {format!("Quorum: {quorum} %")}
            </text>
        </svg>
    }
}

/// The tally of an open session while it moves.
fn running(facts: &VotingFacts, live: Live) -> Option<impl IntoView + use<>> {
    let (mode, weighted) = (facts.draft.rules.mode, facts.draft.weighted);
    let shown = facts.phase == Phase::Open && live.tally.read_untracked().is_some();
    let titles: Vec<(domain::ItemId, String)> = facts
        .draft
        .candidates
        .iter()
        .map(|candidate| (candidate.item, candidate.title.to_string()))
        .collect();
    shown.then(|| {
        let line = move |item: domain::ItemId, title: String| {
            let points = move |tally: &Tally| {
                let score = tally.line(item).map(|line| line.deciding(weighted));
                (score.unwrap_or_default(), tally.most(mode, weighted))
            };
            let now = move || live.tally.with(|tally| tally.as_ref().map(points).unwrap_or_default());
            view! {
                <li class="present__line">
                    <span>{title}</span>
                    {bar("present__bar", move || share(now().0, now().1), 0)}
                    <span class="present__points">{move || now().0.to_string()}</span>
                </li>
            }
        };
        let counted = words::given(mode).map_or("mean grade", |(_, many)| many);
        let weights = if weighted { ", weighted" } else { "" };
        view! {
            <div class="present__tally">
                <p class="present__counts">{counted} " so far" {weights}</p>
                <ol class="present__lines">
                    {titles.into_iter().map(|(item, title)| line(item, title)).collect_view()}
                </ol>
            </div>
        }
    })
}

/// Shows and hides the code to join with. Makes one unless this browser has one.
#[component]
fn JoinButton(id: VotingId, pass: RwSignal<Option<Pass>>, hidden: RwSignal<bool>) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    Effect::new(move |_| {
        if hidden.get_untracked() {
            return;
        }
        spawn_local(async move {
            if let Some(found) = still_valid(id).await {
                pass.set(Some(found));
            }
        });
    });
    let show = Action::new_local(move |(): &()| async move {
        if let Some(found) = still_valid(id).await {
            pass.set(Some(found));
            return;
        }
        match run::make_entry(id, None, None).await {
            Ok(made) => {
                codes::keep(id, &made);
                pass.set(Some(made));
            }
            Err(error) => toasts.error(error.to_string()),
        }
    });
    let toggle = move |_| {
        let shown = pass.with_untracked(Option::is_some);
        hidden.set(shown);
        if shown {
            pass.set(None);
        } else if !show.pending().get_untracked() {
            // Pressed twice, it makes one code.
            show.dispatch(());
        }
    };
    // A warning about the link is for whoever runs the session, not for the room.
    let warning = move || pass.read().as_ref().and_then(|pass| pass.warning.clone());
    view! {
        <button type="button" class="button needs-life" title=warning on:click=toggle>
            {move || if pass.read().is_some() { "Hide join code" } else { "Show join code" }}
        </button>
    }
}

/// The code this browser remembers, unless it was revoked.
async fn still_valid(id: VotingId) -> Option<Pass> {
    let (entry, code) = codes::kept(id)?;
    run::show_entry(id, entry, code).await.ok().flatten()
}

/// The code to join with.
fn join_here(pass: Pass) -> impl IntoView {
    let address = pass.link.split("//").last().unwrap_or_default().to_owned();
    view! {
        <aside class="present__join" aria-label="Join">
            <p class="present__how">"Scan, or open"</p>
            <JoinPicture pass />
            <p class="present__address">{address}</p>
        </aside>
    }
}
