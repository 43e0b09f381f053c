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
    voting_in_path,
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
    loaded(page, move |data| view! { <Content data live /> }.into_any())
}

#[component]
fn Content(data: Screen, live: Live) -> impl IntoView {
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
                <Countdown closes now />
            </p>
        }
        .into_any(),
        _ => view! { <p class="present__clock present__clock--words">{phase_words(phase)}</p> }.into_any(),
    };
    let joins = facts.draft.guests && phase <= Phase::Open;
    let pass = RwSignal::new(None::<Pass>);
    let join = joins.then(|| view! { <JoinButton id pass /> });
    let counted = (phase >= Phase::Open && phase != Phase::Revealed).then(|| {
        view! {
            <section class="present__turnout" aria-label="Turnout">
                <p class="present__count" role="status">
                    <strong>{move || turnout.read().cast}</strong>
                    {move || format!(" of {} have voted", turnout.read().invited)}
                </p>
                {bar("present__gauge", move || u64::from(turnout.read().percent()) * 10, quorum)}
                {(quorum > 0).then(|| view! { <p class="quiet">{format!("Quorum: {quorum} %")}</p> })}
            </section>
        }
    });
    view! {
        <Title text=title.clone() />
        <article class=format!("present present--{}", phase.as_str())>
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
        view! { <ol class="present__lines">{titles.into_iter().map(|(item, title)| line(item, title)).collect_view()}</ol> }
    })
}

/// Makes the code to join with, unless this browser has one to show.
#[component]
fn JoinButton(id: VotingId, pass: RwSignal<Option<Pass>>) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    Effect::new(move |_| {
        let Some((entry, code)) = codes::kept(id) else { return };
        spawn_local(async move {
            // A code that was revoked is forgotten.
            if let Ok(Some(found)) = run::show_entry(id, entry, code).await {
                pass.set(Some(found));
            }
        });
    });
    let make = move |_| {
        spawn_local(async move {
            match run::make_entry(id, None, None).await {
                Ok(made) => {
                    codes::keep(id, &made);
                    pass.set(Some(made));
                }
                Err(error) => toasts.error(error.to_string()),
            }
        });
    };
    view! {
        <button type="button" class="button needs-life" hidden=move || pass.read().is_some() on:click=make>
            "Show join code"
        </button>
    }
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
