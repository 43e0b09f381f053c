//! `/voting/:id`: what a session asks, the ballot while it is open, the result afterwards.

use domain::voting::{Phase, VotingDraft, VotingFacts};
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
    api::voting::{self, SessionPage as Data},
    platform,
    ui::{PlainPart, time},
};

#[component]
pub fn SessionPage() -> impl IntoView {
    let id = voting_in_path();
    let page = of_session(id, voting::voting);
    let live = Live::new();
    live.follow(id, move || page.refetch());
    loaded(page, move |data| view! { <Content data live /> }.into_any())
}

#[component]
fn Content(data: Data, live: Live) -> impl IntoView {
    let Data { facts, now, viewer, manages, ballot, cast, run, segments, below, has_order, refused } = data;
    live.show(&facts, ballot.as_ref().and_then(|page| page.tally.clone()));
    if refused.is_some() {
        live.refused.set(refused);
    }
    let (id, phase, guests, quorum) = (facts.id, facts.phase, facts.draft.guests, facts.draft.quorum);
    let missed = facts.turnout.misses(quorum).then_some(quorum);
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
        <article class="page voting">
            <Head facts now live />
            {on_page}
            <PlainPart html=run />
            {(manages && guests && phase <= Phase::Open).then(|| view! { <Codes id segments /> })}
            {(manages && has_order).then(|| view! { <TakeOrder id missed /> })}
            {ballot
                .map(|page| {
                    view! {
                        <section class="voting__ballot" aria-labelledby="ballot">
                            <h2 id="ballot">"Your ballot"</h2>
                            <p class="quiet voting__as">{format!("Voting as {viewer}")}</p>
                            <BallotForm page cast purpose=Purpose::Own tally=live.tally refused=live.refused />
                        </section>
                    }
                })}
            <PlainPart html=below />
        </article>
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
            {(!question.is_empty()).then(|| view! { <p class="voting__question">{question}</p> })}
            <p class="voting__state">
                <span class="voting__time">{times}</span>
                {(phase >= Phase::Open)
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
