//! The ballot as voters will see it, while it is set up.

use domain::{
    CastId, VotingId,
    voting::{Ballot, BallotPage, Phase, Turnout, VotingDraft, VotingFacts},
};
use leptos::prelude::*;

use super::Setup;
use crate::pages::voting::{
    api::setup::DraftForm,
    ballot::{BallotForm, Purpose},
};

/// As many items are enough to see what a ballot is like.
const SHOWN: usize = 5;

pub(super) fn aside(setup: Setup) -> impl IntoView {
    let draft = Memo::new(move |_| {
        let form = setup.form.get();
        let title = if form.title.trim().is_empty() { "Untitled".to_owned() } else { form.title.clone() };
        setup.items.with(|items| DraftForm { title, ..form }.draft(items).ok())
    });
    view! {
        <aside class="setup__preview" aria-label="Preview of the ballot">
            <p class="setup__preview-title">"What voters see"</p>
            <div class="phone">
                {move || match draft.get() {
                    Some(draft) if !draft.candidates.is_empty() => ballot(draft).into_any(),
                    _ => {
                        view! { <p class="quiet phone__empty">"Choose items, and the ballot appears here."</p> }
                            .into_any()
                    }
                }}
            </div>
        </aside>
    }
}

fn ballot(draft: VotingDraft) -> impl IntoView {
    let (title, question) = (draft.title.to_string(), draft.question.to_string());
    let more = draft.candidates.len().saturating_sub(SHOWN);
    let page = page(draft);
    view! {
        <p class="phone__title" dir="auto">
            {title}
        </p>
        {(!question.is_empty()).then(|| view! { <p class="quiet" dir="auto">{question}</p> })}
        <BallotForm
            page
            cast=CastId::NIL
            purpose=Purpose::Preview
            tally=RwSignal::new(None)
            refused=RwSignal::new(None)
        />
        {(more > 0).then(|| view! { <p class="quiet phone__more">{format!("and {more} more")}</p> })}
    }
}

fn page(mut draft: VotingDraft) -> BallotPage {
    draft.candidates.truncate(SHOWN);
    let (id, phase, turnout) = (VotingId::NIL, Phase::Draft, Turnout::default());
    let facts = VotingFacts { id, draft, phase, turnout, revision: 0, keyless: false, removing: false };
    BallotPage {
        facts,
        voter: String::new(),
        ballot: Ballot::default(),
        receipt: None,
        descriptions: Vec::new(),
        tally: None,
        setup: String::new(),
    }
}
