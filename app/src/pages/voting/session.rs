//! `/voting/:id`: what a session asks, the ballot while it is open, the result afterwards.

use domain::voting::{Phase, Segment, VotingDraft, VotingFacts};
use leptos::prelude::*;
use leptos_meta::Title;

use super::{
    ballot::{BallotForm, Kept, Purpose},
    codes::Codes,
    live::{Live, TurnoutLine},
    loaded, of_session,
    order::TakeOrder,
    times::Countdown,
    voting_in_path, words,
};
use crate::{
    pages::voting::api::{self, SessionPage as Data, run::Controls},
    platform,
    ui::{LinkToPassOn, PlainPart, time},
};

#[component]
pub fn SessionPage() -> impl IntoView {
    let id = voting_in_path();
    let page = of_session(id, api::voting);
    let live = Live::new();
    live.follow(id, move || page.refetch());
    loaded(page, move |data| view! { <Content data live /> }.into_any())
}

#[component]
fn Content(data: Data, live: Live) -> impl IntoView {
    let Data {
        facts,
        now,
        viewer,
        manages,
        ballot,
        cast,
        run,
        link,
        link_warning,
        segments,
        below,
        has_order,
        refused,
    } = data;
    live.show(&facts, ballot.as_ref().and_then(|page| page.tally.clone()));
    if refused.is_some() {
        live.refused.set(refused);
    }
    let (id, phase) = (facts.id, facts.phase);
    // What those who run a session came for is its panel, unless they have a ballot.
    let ballot_first = ballot.is_some();
    let panel =
        manages.then(|| view! { <Panel facts=facts.clone() run link link_warning segments has_order /> });
    let (before, after) = if ballot_first { (None, panel) } else { (panel, None) };
    let is_result = phase == Phase::Revealed;
    let beside = manages && !is_result;
    fill_in_receipt(Kept::of(id, &viewer));
    let title = facts.draft.title.to_string();
    // On the ballot a refusal stands where the answers do.
    let says = move || {
        live.refused
            .get()
            .map(|sentence| view! { <p class="notice notice--error" role="alert">{sentence}</p> })
    };
    let on_page = ballot.is_none().then_some(says);
    view! {
        <Title text=title />
        <article class="page voting" class=("voting--beside", beside) class=("page--reading", !beside) class=("voting--result", is_result)>
            <Head facts now live />
            {on_page}
            {(manages && ballot_first)
                .then(|| {
                    view! {
                        <a class="link voting__to-run" href="#run">
                            "Share, extend or close"
                        </a>
                    }
                })}
            <div class="voting__columns">
                {before}
                <div class="voting__main">
                    {ballot
                        .map(|page| {
                            view! {
                                <section class="voting__ballot" aria-labelledby="ballot">
                                    <h2 id="ballot">"Your ballot"</h2>
                                    <p class="quiet voting__as" dir="auto">
                                        {format!("Voting as {viewer}")}
                                    </p>
                                    <BallotForm
                                        page
                                        cast
                                        purpose=Purpose::Own
                                        tally=live.tally
                                        refused=live.refused
                                    />
                                </section>
                            }
                        })}
                    <PlainPart html=below />
                </div>
                {after}
            </div>
        </article>
    }
}

/// What those who run the session can do with it: the next step and sharing it, then everything else.
#[component]
fn Panel(
    facts: VotingFacts,
    run: Controls,
    link: String,
    link_warning: Option<String>,
    segments: Vec<Segment>,
    /// Whether there is a result whose order can be taken.
    has_order: bool,
) -> impl IntoView {
    let VotingFacts { id, phase, draft, turnout, .. } = facts;
    let share = matches!(phase, Phase::Scheduled | Phase::Open).then(|| {
        view! {
            <LinkToPassOn
                id="session-link"
                link
                label="Link for members"
                hint="They sign in and see their ballot."
            />
            {link_warning.map(|sentence| view! { <p class="notice notice--warning">{sentence}</p> })}
        }
    });
    let heading = if phase == Phase::Revealed { "Use the result" } else { "Manage session" };
    let Controls { next, codes, rest } = run;
    let codes = (draft.guests && phase <= Phase::Open).then(|| {
        view! {
            <details class="run__part">
                <summary class="run__row">"Guest codes"</summary>
                <Codes id segments />
                <p class="run__hint no-life">"Codes can be created where scripts run."</p>
                <PlainPart html=codes />
            </details>
        }
    });
    let missed = turnout.misses(draft.quorum).then_some(draft.quorum);
    let order = has_order.then(|| {
        let mut boards: Vec<String> = Vec::new();
        for candidate in &draft.candidates {
            if let Some((key, _)) = candidate.key.rsplit_once('-')
                && !boards.iter().any(|known| known == key)
            {
                boards.push(key.to_owned());
            }
        }
        view! { <TakeOrder id boards missed /> }
    });
    view! {
        <aside class="run" id="run" tabindex="-1" aria-labelledby="run-heading">
            <h2 id="run-heading">{heading}</h2>
            {order}
            <PlainPart html=next />
            {share}
            <div class="run__parts">{codes} <PlainPart html=rest /></div>
        </aside>
    }
}

/// What is asked, how, and until when.
#[component]
fn Head(facts: VotingFacts, now: domain::Timestamp, live: Live) -> impl IntoView {
    let VotingFacts { draft, phase, .. } = facts;
    let VotingDraft { title, question, rules, secrecy, opens, closes, quorum, .. } = draft;
    let question = question.to_string();
    let times = match (phase, opens, closes) {
        (Phase::Open, _, Some(closes)) => view! { "Closes in " <Countdown closes now /> }.into_any(),
        (Phase::Open, _, None) => "Open until it is closed by hand".into_any(),
        (Phase::Draft | Phase::Scheduled, Some(opens), _) => view! { "Opens " {time(opens)} }.into_any(),
        (Phase::Closed | Phase::Revealed, _, Some(closed)) => view! { "Closed " {time(closed)} }.into_any(),
        _ => ().into_any(),
    };
    view! {
        <header class="voting__head">
            <p class="voting__facts">
                <span class=format!("phase phase--{}", phase.as_str())>{phase.label()}</span>
                <span>{rules.mode.label()}</span>
                <span>{words::secrecy_name(secrecy)}</span>
            </p>
            <h1>{title.to_string()}</h1>
            {(!question.is_empty()).then(|| view! { <p class="voting__question" dir="auto">{question}</p> })}
            <p class="voting__state">
                <span class="voting__time">{times}</span>
                {matches!(phase, Phase::Open | Phase::Closed)
                    .then(|| view! { <TurnoutLine turnout=live.turnout quorum /> })}
            </p>
        </header>
    }
}

/// Puts the receipt this browser keeps where receipts are looked up.
fn fill_in_receipt(kept: Kept) {
    use wasm_bindgen::JsCast as _;
    Effect::new(move |_| {
        let kept = kept.clone();
        platform::next_frame(move || {
            let input = platform::element("receipt");
            let input = input.and_then(|input| input.dyn_into::<web_sys::HtmlInputElement>().ok());
            if let (Some(input), Some(receipt)) = (input, platform::kept(&kept.receipt()))
                && input.value().is_empty()
            {
                input.set_value(&receipt);
            }
        });
    });
}
