//! The ballot: designed for a phone and one thumb, and a plain form underneath.
//!
//! The server renders number fields, check boxes and lists to choose from, and a button that posts them. Once the page
//! is alive the same fields can be stepped, tapped and dragged, say what is left, and are kept by the browser until
//! they are cast.

mod choice;
mod drag;
mod line;
mod state;

use domain::{
    CastId,
    voting::{BallotPage, Candidate, Mode, Phase, Secrecy, Segment, Tally},
};
use leptos::{form::FromFormData as _, prelude::*, server_fn::ServerFn as _, task::spawn_local};

use super::{waiting::count_again, words};
use crate::{
    frame::WaitingCount,
    pages::voting::api::ballot::{CastBallot, Customer, cast_ballot},
    platform,
    ui::{Toasts, bar},
};
use line::Line;
use state::Filling;
pub(super) use state::Kept;

/// For whom a ballot is, and what happens to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// The voter's own.
    Own,
    /// This customer's, entered by an editor, in one of these segments.
    Customer(Customer, Vec<Segment>),
    /// To see what voters will see. Cannot be cast.
    Preview,
}

#[component]
pub(super) fn BallotForm(
    page: BallotPage,
    /// The number of the cast when the form is sent without the application.
    cast: CastId,
    purpose: Purpose,
    /// The tally so far, in an open session. Not a derived signal: it outlives the form, which is made anew with each state
    /// of the session, and still runs while that is on its way.
    tally: RwSignal<Option<Tally>>,
    /// Why the last cast was refused. It outlives the form as `tally` does: a cast may be refused because the session closed,
    /// which takes the form away.
    refused: RwSignal<Option<String>>,
) -> impl IntoView {
    let BallotPage { facts, voter, ballot, receipt, descriptions, setup, .. } = page;
    let (toasts, waiting) = (expect_context::<Toasts>(), expect_context::<WaitingCount>());
    let (is_own, is_preview) = (purpose == Purpose::Own, purpose == Purpose::Preview);
    let keep = !is_preview && facts.phase == Phase::Open;
    let filling = Filling::new(&facts, &ballot, keep.then(|| Kept::of(facts.id, &voter)));
    let receipt = RwSignal::new(receipt.map(|receipt| receipt.0));
    // A refused ballot came back as it was typed, which is not as it was cast.
    filling.changed.set(refused.read_untracked().is_some());
    let busy = RwSignal::new(false);
    let id = facts.id;

    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if is_preview || busy.get_untracked() {
            return;
        }
        let Ok(args) = CastBallot::from_event(&event) else { return };
        busy.set(true);
        let number = filling.cast_id();
        spawn_local(async move {
            match cast_ballot(args.id, number, args.amounts, args.customer).await {
                Ok(done) => {
                    refused.set(None);
                    platform::forget_sent();
                    filling.was_cast(is_own.then_some(&*done.receipt.0));
                    receipt.set(Some(done.receipt.0));
                    toasts.announce("Your ballot is cast.");
                    if is_own {
                        count_again(waiting);
                    } else {
                        platform::go(&format!("/voting/{id}"));
                    }
                }
                Err(error) => refused.set(Some(error.sentence)),
            }
            busy.set(false);
        });
    };

    let secrecy = words::secrecy_says(facts.draft.secrecy);
    let small_groups = facts.draft.split.is_some() && facts.draft.secrecy == Secrecy::Secret;
    let (mode, weighted) = (facts.draft.rules.mode, facts.draft.weighted);
    let lines: Vec<(Candidate, String)> = facts
        .draft
        .candidates
        .into_iter()
        .enumerate()
        .map(|(index, candidate)| (candidate, descriptions.get(index).cloned().unwrap_or_default()))
        .collect();
    let lines = StoredValue::new(lines);
    let line = move |item| {
        let found = lines.with_value(|all| all.iter().find(|(each, _)| each.item == item).cloned());
        found.map(|(candidate, description)| view! { <Line filling candidate description tally weighted /> })
    };
    let list = move || {
        view! { <For each=move || filling.order.get() key=|item| *item children=line /> }
    };
    let bar = view! { <Bar filling is_preview busy receipt /> };
    view! {
        <form
            class=format!("ballot ballot--{} keeps-draft", mode.as_str())
            // Who the customer is; what is chosen is kept as it is chosen.
            data-draft=format!("ballot-{id}")
            method="post"
            action=CastBallot::url()
            on:submit=submit
        >
            <input type="hidden" name="id" value=id.to_string() />
            <input type="hidden" name="cast" value=cast.to_string() />
            {match purpose {
                Purpose::Customer(customer, segments) => Some(customer_fields(customer, segments)),
                _ => None,
            }}
            <p class="ballot__todo">{words::to_do(&filling.rules)}</p>
            {small_groups.then(|| view! { <p class="quiet">{words::SMALL_GROUPS}</p> })}
            <ol class="ballot__lines" on:pointerdown=move |event| drag::press(filling, &event)>
                {list()}
            </ol>
            <div class="ballot__answers">
                <div role="alert">
                    {move || {
                        refused.get().map(|sentence| view! { <p class="notice notice--error">{sentence}</p> })
                    }}
                </div>
                {is_own.then(|| view! { <Proof filling receipt setup /> })}
                {(is_own || is_preview).then(|| view! { <p class="quiet voting__fine">{secrecy}</p> })}
            </div>
            {bar}
        </form>
    }
}

/// What is left, always in view, and the button.
#[component]
fn Bar(
    filling: Filling,
    is_preview: bool,
    busy: RwSignal<bool>,
    receipt: RwSignal<Option<String>>,
) -> impl IntoView {
    let rules = filling.rules;
    let share = move || {
        let (left, all) = match rules.mode {
            _ if rules.has_tokens() => (filling.left(), i64::from(rules.tokens)),
            _ => (filling.chosen() as i64, filling.size().max(1) as i64),
        };
        (left.clamp(0, all) * 1_000 / all.max(1)).unsigned_abs()
    };
    let says = move || {
        let (chosen, size) = (filling.chosen(), filling.size());
        match rules.mode {
            _ if rules.has_tokens() => {
                let left = filling.left();
                let name = words::tokens(rules.mode, if left == 1 { 1 } else { 2 });
                if left < 0 {
                    format!("{} too many", -left)
                } else {
                    format!("of {} {name} left", rules.tokens)
                }
            }
            Mode::Ranking => format!("of {size} ranked"),
            Mode::Importance => format!("of {size} graded"),
            _ if chosen == 1 => "item chosen".to_owned(),
            _ => "items chosen".to_owned(),
        }
    };
    let number = move || {
        if rules.has_tokens() { filling.left().max(0).to_string() } else { filling.chosen().to_string() }
    };
    let label = move || match (busy.get(), filling.changed.get(), receipt.read().is_some()) {
        (true, ..) => "Casting…",
        (_, true, true) => "Cast again",
        (_, false, true) => "Cast ✓",
        _ => "Cast ballot",
    };
    view! {
        <div class="ballot__bar">
            <p class="ballot__left" class:ballot__left--over=move || rules.has_tokens() && filling.left() < 0>
                <span class="ballot__number">{number}</span>
                " "
                <span>{says}</span>
            </p>
            {bar("ballot__gauge", share, 0)}
            <button class="button button--primary ballot__cast" type="submit" disabled=is_preview>
                {label}
            </button>
        </div>
    }
}

/// That the ballot was cast, and how to find it in the count.
#[component]
fn Proof(
    filling: Filling,
    receipt: RwSignal<Option<String>>,
    /// The digest of what the receipt binds.
    setup: String,
) -> impl IntoView {
    let state = move || match (receipt.read().is_some(), filling.changed.get()) {
        (true, false) => "Your ballot is cast. You can change it until the session closes.",
        (true, true) => "You changed something since you cast this ballot. Cast it again to make it count.",
        (false, true) => "Not cast yet. This browser keeps what you chose.",
        (false, false) => "",
    };
    view! {
        <div class="proof" id="cast">
            <p class="proof__state">{state}</p>
            {move || {
                receipt
                    .get()
                    .map(|receipt| {
                        view! {
                            <p class="proof__receipt">
                                "Receipt " <code>{receipt}</code>
                                {(!setup.is_empty())
                                    .then(|| view! { <span class="proof__setup">"Set-up " {setup.clone()}</span> })}
                                <span class="field__hint">
                                    "Once the session is closed, it shows that your ballot is in the count."
                                </span>
                            </p>
                        }
                    })
            }}
        </div>
    }
}

/// Who the customer is.
fn customer_fields(customer: Customer, segments: Vec<Segment>) -> impl IntoView {
    let options = segments
        .into_iter()
        .map(|segment| {
            let id = segment.id.to_string();
            let selected = id == customer.segment;
            view! {
                <option value=id selected=selected>
                    {segment.name.to_string()}
                </option>
            }
        })
        .collect_view();
    view! {
        <div class="panel stack ballot__customer">
            <div class="field">
                <label for="customer-name">"Customer"</label>
                <input
                    id="customer-name"
                    name="customer[name]"
                    dir="auto"
                    value=customer.name
                    required
                    autocomplete="off"
                />
            </div>
            <div class="field">
                <label for="customer-source">"Source"</label>
                <input
                    id="customer-source"
                    name="customer[source]"
                    dir="auto"
                    value=customer.source
                    required
                    autocomplete="off"
                    aria-describedby="customer-source-hint"
                />
                <p class="field__hint" id="customer-source-hint">
                    "How you know, such as “call of 12 March”. A customer has one ballot in a session; entered again, it is replaced."
                </p>
            </div>
            <div class="field">
                <label for="customer-segment">"Segment"</label>
                <select id="customer-segment" name="customer[segment]">
                    <option value="">"None"</option>
                    {options}
                </select>
            </div>
        </div>
    }
}
