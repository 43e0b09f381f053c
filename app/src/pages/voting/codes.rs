//! Codes by which guests come in: made, shown once, kept by this browser for the shared screen.

use domain::{EntryId, SegmentId, VotingId, voting::Segment};
use leptos::{ev::SubmitEvent, prelude::*, task::spawn_local};

use crate::{
    pages::voting::api::run::{self, Pass},
    platform,
    ui::{LinkToPassOn, Toasts},
};

/// For those who run the session: makes a code and shows it.
#[component]
pub(super) fn Codes(id: VotingId, segments: Vec<Segment>) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let pass = RwSignal::new(None::<Pass>);
    let name = RwSignal::new(String::new());
    let segment = RwSignal::new(None::<SegmentId>);
    let busy = RwSignal::new(false);
    let make = move |event: SubmitEvent| {
        event.prevent_default();
        busy.set(true);
        let (typed, segment) = (name.get_untracked(), segment.get_untracked());
        let for_all = typed.trim().is_empty();
        spawn_local(async move {
            match run::make_entry(id, (!for_all).then_some(typed), segment).await {
                Ok(made) => {
                    platform::forget_sent();
                    if for_all {
                        keep(id, &made);
                    }
                    name.set(String::new());
                    pass.set(Some(made));
                }
                Err(error) => toasts.error(error.to_string()),
            }
            busy.set(false);
        });
    };
    let options = segments
        .iter()
        .map(|segment| view! { <option value=segment.id.to_string()>{segment.name.to_string()}</option> })
        .collect_view();
    let choose = (!segments.is_empty()).then(|| {
        view! {
            <div class="field">
                <label for="entry-segment">"Segment"</label>
                <select
                    id="entry-segment"
                    name="segment"
                    on:change=move |event| segment.set(event_target_value(&event).parse().ok())
                >
                    <option value="">"None"</option>
                    {options}
                </select>
            </div>
        }
    });
    view! {
        <div class="stack codes needs-life">
            <form class="row codes__make keeps-draft" data-draft=format!("guest-{id}") on:submit=make>
                <div class="field">
                    <label for="entry-name">"Name (optional)"</label>
                    <input
                        id="entry-name"
                        name="name"
                        dir="auto"
                        autocomplete="off"
                        placeholder="Anyone with the code"
                        prop:value=name
                        on:input=move |event| name.set(event_target_value(&event))
                    />
                </div>
                {choose}
                <button class="button" disabled=busy>
                    "Create code"
                </button>
            </form>
            <div aria-live="polite">{move || pass.get().map(|pass| view! { <Shown pass /> })}</div>
        </div>
    }
}

/// A code, its address and its picture.
#[component]
fn Shown(pass: Pass) -> impl IntoView {
    let link = pass.link.clone();
    view! {
        <div class="codes__shown">
            <JoinPicture pass />
            <LinkToPassOn
                id="entry-link"
                link
                hint="Copy it now: only this browser’s shared screen shows it again."
            />
        </div>
    }
}

/// A code in large letters beside its picture.
#[component]
pub(super) fn JoinPicture(pass: Pass) -> impl IntoView {
    let Pass { code, qr, warning, .. } = pass;
    let size = qr.size;
    // The quiet zone around the code is four squares wide.
    let frame = format!("-4 -4 {0} {0}", size + 8);
    view! {
        <figure class="join-picture">
            <svg class="join-picture__qr" viewBox=frame role="img" aria-label="QR code of the link to join">
                <rect class="join-picture__ground" x="-4" y="-4" width=size + 8 height=size + 8 />
                <path class="join-picture__dark" d=qr.path shape-rendering="crispEdges" />
            </svg>
            <figcaption class="join-picture__code">{code}</figcaption>
            {warning.map(|sentence| view! { <p class="notice notice--warning">{sentence}</p> })}
        </figure>
    }
}

fn name_of(id: VotingId) -> String {
    format!("cairn-code-{id}")
}

/// Remembers the code for everybody.
pub(super) fn keep(id: VotingId, pass: &Pass) {
    platform::keep(&name_of(id), &format!("{} {}", pass.entry, pass.code));
}

/// The code for everybody this browser remembers.
pub(super) fn kept(id: VotingId) -> Option<(EntryId, String)> {
    let text = platform::kept(&name_of(id))?;
    let (entry, code) = text.split_once(' ')?;
    Some((entry.parse().ok()?, code.to_owned()))
}
