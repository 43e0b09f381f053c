//! `/voting/:id`: what a session asks, the ballot while it is open, the result afterwards.

use domain::voting::{Phase, VotingDraft, VotingFacts};
use leptos::prelude::*;
use leptos_meta::Title;

use super::{
    ballot::{BallotForm, Purpose, receipt_name},
    codes::Codes,
    live::{Live, TurnoutLine},
    loaded, of_session,
    order::TakeOrder,
    plain_page::PlainPart,
    times::{self, Countdown, Moment},
    voting_in_path, words,
};
use crate::{
    api::voting::{self, SessionPage as Data},
    platform,
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
    let Data { facts, now, manages, ballot, cast, run, segments, below, refused } = data;
    live.show(
        facts.phase,
        facts.revision,
        facts.turnout,
        ballot.as_ref().and_then(|page| page.tally.clone()),
    );
    times::localise();
    let (id, phase, guests, voted) = (facts.id, facts.phase, facts.draft.guests, facts.turnout.cast);
    fill_in_receipt(id);
    let title = facts.draft.title.to_string();
    let voter = ballot.as_ref().map(|page| page.voter.clone());
    // On the ballot a refusal stands where the answers do.
    let (on_ballot, on_page) = if ballot.is_some() { (refused, None) } else { (None, refused) };
    view! {
        <Title text=title />
        <article class="page voting">
            <Head facts now live />
            {on_page.map(|sentence| view! { <p class="notice notice--error" role="alert">{sentence}</p> })}
            <PlainPart html=run />
            {(manages && guests && phase <= Phase::Open).then(|| view! { <Codes id segments /> })}
            {(manages && phase == Phase::Revealed && voted > 0).then(|| view! { <TakeOrder id /> })}
            {ballot
                .map(|page| {
                    view! {
                        <section class="voting__ballot" aria-labelledby="ballot">
                            <h2 id="ballot">"Your ballot"</h2>
                            <p class="quiet voting__as">{voter.map(|voter| format!("Voting as {voter}"))}</p>
                            <BallotForm page cast purpose=Purpose::Own tally=live.tally refused=on_ballot />
                        </section>
                    }
                })}
            <PlainPart html=below />
        </article>
    }
}

/// What is asked, how, and until when.
#[component]
pub(super) fn Head(facts: VotingFacts, now: domain::Timestamp, live: Live) -> impl IntoView {
    let VotingFacts { draft, phase, .. } = facts;
    let VotingDraft { title, question, rules, secrecy, opens, closes, quorum, .. } = draft;
    let question = question.to_string();
    let times = match (phase, opens, closes) {
        (Phase::Open, _, Some(closes)) => view! { "Closes in " <Countdown closes now /> }.into_any(),
        (Phase::Open, _, None) => "Open until it is closed by hand".into_any(),
        (Phase::Draft | Phase::Scheduled, Some(opens), _) => {
            view! { "Opens " <Moment at=opens /> }.into_any()
        }
        (Phase::Closed | Phase::Revealed, _, Some(closed)) => {
            view! { "Closed " <Moment at=closed /> }.into_any()
        }
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
pub(super) fn fill_in_receipt(id: domain::VotingId) {
    use wasm_bindgen::JsCast as _;
    Effect::new(move |_| {
        platform::next_frame(move || {
            let input = platform::element("receipt");
            let input = input.and_then(|input| input.dyn_into::<web_sys::HtmlInputElement>().ok());
            let kept = platform::window().local_storage().ok().flatten();
            let kept = kept.and_then(|storage| storage.get_item(&receipt_name(id)).ok().flatten());
            if let (Some(input), Some(kept)) = (input, kept)
                && input.value().is_empty()
            {
                input.set_value(&kept);
            }
        });
    });
}
