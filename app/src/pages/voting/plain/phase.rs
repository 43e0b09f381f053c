//! What stands where the result will be.

use domain::voting::{Phase, Secrecy, VotingFacts};
use leptos::prelude::*;

use super::{counted, html};
use crate::pages::voting::words;

pub(crate) fn html_of(facts: &VotingFacts, may_vote: bool, is_guest: bool) -> String {
    let secrecy = words::secrecy_says(facts.draft.secrecy);
    let items =
        counted(facts.draft.candidates.iter().filter(|each| !each.withdrawn).count(), "item", "items");
    match facts.phase {
        Phase::Draft | Phase::Scheduled => {
            let lines = facts
                .draft
                .candidates
                .iter()
                .map(|candidate| {
                    view! {
                        <li>
                            <span class="ballot__key">{candidate.key.clone()}</span>
                            " "
                            <span dir="auto">{candidate.title.to_string()}</span>
                        </li>
                    }
                })
                .collect_view();
            html(view! {
                <section class="voting__below">
                    <h2>{format!("{items} up for vote")}</h2>
                    <p class="quiet">{words::to_do(&facts.draft.rules)} " " {secrecy}</p>
                    <ol class="voting__items">{lines}</ol>
                </section>
            })
        }
        // The ballot says it.
        Phase::Open if may_vote => String::new(),
        Phase::Open => html(view! {
            <section class="voting__below">
                <p class="notice">
                    "You are not among the voters of this session. Ask its facilitator for an invitation."
                </p>
                <p class="quiet">{secrecy}</p>
            </section>
        }),
        Phase::Closed => {
            let kept = match (facts.draft.secrecy, is_guest) {
                (Secrecy::Secret, _) => "Nothing kept links a person to a choice any more.",
                (_, true) => "Stay on this page: the result appears here.",
                (_, false) => "The result appears here as soon as it is revealed.",
            };
            html(view! {
                <section class="voting__below voting__wait">
                    <h2>"The session is closed"</h2>
                    <p>"The ballots are counted, and the result waits to be revealed. " {kept}</p>
                </section>
            })
        }
        Phase::Revealed => String::new(),
    }
}
