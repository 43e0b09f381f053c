//! How everybody can verify the count, and download it.

use domain::voting::{Phase, Results, Secrecy, VotingFacts};
use leptos::prelude::*;

use super::super::counted;

/// Whether a receipt is in the count.
pub(super) fn receipts(results: &Results, asked: Option<&str>) -> impl IntoView + use<> {
    let id = results.facts.id;
    let asked = asked.map(|receipt| receipt.trim().to_lowercase());
    let answer = asked.as_ref().map(|asked| {
        if results.receipts.iter().any(|receipt| receipt.0 == *asked) {
            view! {
                <p class="results__stands" role="status">
                    "✓ Your ballot is in the count."
                </p>
            }
            .into_any()
        } else {
            view! {
                <p class="notice notice--error" role="alert">
                    "There is no ballot with this receipt in the count. Check that the whole receipt was copied."
                </p>
            }
            .into_any()
        }
    });
    let digests = (!results.digest.is_empty()).then(|| {
        view! {
            <dl class="results__digests">
                <dt>"Record"</dt>
                <dd>
                    <code>{results.digest.clone()}</code>
                </dd>
                <dt>"Set-up"</dt>
                <dd>
                    <code>{results.setup.clone()}</code>
                </dd>
            </dl>
            <p class="quiet">
                "The first is the digest of the whole record: every ballot with its weight, the turnout and the tally. The second is on every receipt: the session, its rules, the items in their order, and the segments with their weights."
            </p>
        }
    });
    let command =
        format!("cairn recount record.json{}", if results.digest.is_empty() { "" } else { " --digest …" });
    let ballots = counted(results.receipts.len(), "ballot", "ballots");
    view! {
        <section class="results__part results__proof" aria-labelledby="result-receipt">
            <h2 id="result-receipt">"Verify the count"</h2>
            <p class="quiet">
                {format!("{ballots} in the count. With your receipt you can see that yours is one of them. With the record of the vote anybody can count it again: ")}
                <code>{command}</code>
            </p>
            <form class="row" method="get" action=format!("/voting/{id}/results#result-receipt")>
                <label class="visually-hidden" for="receipt">
                    "Receipt"
                </label>
                <input
                    class="results__receipt"
                    id="receipt"
                    name="receipt"
                    placeholder="7f3a-91c2-…"
                    autocomplete="off"
                    spellcheck="false"
                    value=asked.unwrap_or_default()
                />
                <button class="button" type="submit">
                    "Look it up"
                </button>
            </form>
            {answer}
            {digests}
        </section>
    }
}

/// The result in files.
pub(super) fn downloads(facts: &VotingFacts, manages: bool) -> impl IntoView + use<> {
    let id = facts.id;
    let file = |path: &str, label: &'static str| {
        view! {
            <a class="button" href=format!("/voting/{id}/{path}") rel="external" download>
                {label}
            </a>
        }
    };
    let named = manages && facts.draft.secrecy != Secrecy::Secret && facts.phase >= Phase::Closed;
    view! {
        <section class="results__part results__files" aria-labelledby="result-files">
            <h2 id="result-files">"Download"</h2>
            <div class="row">
                {file("result.csv", "Result (CSV)")} {file("result.json", "Result (JSON)")}
                {file("record.json", "Record for a recount (JSON)")}
                {named.then(|| file("ballots.csv", "Who chose what (CSV)"))}
            </div>
        </section>
    }
}
