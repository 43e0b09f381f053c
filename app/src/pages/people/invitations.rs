//! Making, passing on and revoking invitations.

use domain::{Invitation, InvitationId, Role};
use leptos::{form::ActionForm, prelude::*, server_fn::ServerFn as _};
use wasm_bindgen::JsCast as _;

use super::{role_label, role_says};
use crate::{
    api::{ApiError, FormState},
    pages::people::api::{self, Invite, MadeLink, RevokeInvitation},
    platform,
    ui::{FormError, LinkToPassOn, Toasts, time},
};

/// What was typed is used up. The rest of the form may be wanted again.
pub(super) fn clear_names() {
    let field = platform::element("invite-names");
    if let Some(field) = field.and_then(|field| field.dyn_into::<web_sys::HtmlTextAreaElement>().ok()) {
        field.set_value("");
    }
}

/// For owners: the form for new links, behind a button. `open` where it is what most come for.
#[component]
pub(super) fn InvitePeople(form: FormState<Invite>, open: bool) -> impl IntoView {
    let open = open || form.was_refused() || !form.typed("made").is_empty();
    let shared = form.typed_or("kind", "personal") == "shared";
    let role = RwSignal::new(form.typed_or("role", "stakeholder").parse().unwrap_or(Role::Stakeholder));
    let chosen = role.get_untracked();
    let options = Role::ALL
        .map(|choice| {
            view! {
                <option value=choice.as_str() selected=choice == chosen>
                    {role_label(choice)}
                </option>
            }
        })
        .collect_view();
    // Text alone would be a space where nothing was typed, which is in the way of the placeholder.
    let names = form.typed("names").replace('&', "&amp;").replace('<', "&lt;");
    let valid = form.typed_or("days", "7");
    let days = [("1", "1 day"), ("7", "7 days"), ("30", "30 days")]
        .map(|(value, label)| view! { <option value=value selected=value == valid>{label}</option> })
        .collect_view();
    // What was posted before the page was alive is in the form itself.
    let made = move || match form.action.value().get() {
        Some(Ok(made)) => made,
        Some(Err(_)) => Vec::new(),
        None => serde_json::from_str(&form.typed("made")).unwrap_or_default(),
    };
    let refused = Signal::derive(move || form.error().map(|error| error.sentence));
    view! {
        <details class="opener__details" open=open>
            <summary class="button">"Invite people"</summary>
            <div class="panel invitations">
                <ActionForm action=form.action attr:class="invitations__make keeps-draft" attr:data-draft="invite" attr:novalidate=true>
                    <fieldset class="invitations__kinds">
                        <legend class="visually-hidden">"Kind of link"</legend>
                        <label class="invitations__kind">
                            <input type="radio" name="kind" value="personal" checked=!shared />
                            "A link for each person"
                        </label>
                        <label class="invitations__kind">
                            <input type="radio" name="kind" value="shared" checked=shared />
                            "One link for several"
                        </label>
                    </fieldset>
                    <FormError error=refused />
                    <div class="field invitations__names">
                        <label for="invite-names">"Names"</label>
                        <textarea
                            id="invite-names"
                            name="names"
                            rows="3"
                            maxlength="8000"
                            placeholder="One person per line"
                            aria-describedby="invite-names-hint"
                            dir="auto"
                            inner_html=names
                        ></textarea>
                        <p class="field__hint" id="invite-names-hint">
                            "Each person gets a link that works once, for seven days. Without names, you get one link."
                        </p>
                    </div>
                    <div class="field invitations__bounds">
                        <label for="invite-uses">"Maximum people"</label>
                        <input
                            id="invite-uses"
                            name="uses"
                            type="number"
                            min="2"
                            max="500"
                            value=form.typed_or("uses", "20")
                        />
                    </div>
                    <div class="field invitations__bounds">
                        <label for="invite-days">"Expires after"</label>
                        <select id="invite-days" name="days">
                            {days}
                        </select>
                    </div>
                    <div class="field invitations__role">
                        <label for="invite-role">"Role"</label>
                        <select
                            id="invite-role"
                            name="role"
                            aria-describedby="invite-says"
                            on:change=move |event| {
                                if let Ok(chosen) = event_target_value(&event).parse() {
                                    role.set(chosen);
                                }
                            }
                        >
                            {options}
                        </select>
                    </div>
                    <button class="button button--primary" type="submit" disabled=form.pending()>
                        "Create link"
                    </button>
                    <p class="field__hint invitations__says" id="invite-says">
                        {move || role_says(role.get())}
                    </p>
                </ActionForm>
                <div aria-live="polite">{move || links(made())}</div>
            </div>
        </details>
    }
}

/// The invitations that can still be used.
#[component]
pub(super) fn OpenInvitations(open: Resource<Result<Vec<Invitation>, ApiError>>) -> impl IntoView {
    view! {
        <Transition>
            {move || Suspend::new(async move {
                open.await
                    .ok()
                    .filter(|open| !open.is_empty())
                    .map(|open| {
                        let rows = open
                            .into_iter()
                            .map(|invitation| view! { <Open invitation /> })
                            .collect_view();
                        view! {
                            <section class="invitations__section" aria-labelledby="open-invitations">
                                <h2 id="open-invitations">"Open invitations"</h2>
                                <ul class="invitations__open">{rows}</ul>
                            </section>
                        }
                    })
            })}
        </Transition>
    }
}

/// Links just made. They are shown once.
fn links(made: Vec<MadeLink>) -> Option<AnyView> {
    let rows = made
        .into_iter()
        .enumerate()
        .map(|(index, MadeLink { name, link })| {
            let label = name.map_or_else(|| "Link to pass on".to_owned(), |name| format!("Link for {name}"));
            view! { <LinkToPassOn id=format!("invite-link-{index}") link label /> }
        })
        .collect_view();
    (!rows.is_empty()).then(|| {
        view! {
            <div class="invitations__made">
                {rows}
                <p class="field__hint">"Copy now. You won't see these links again. Anyone who has one can join."</p>
            </div>
        }
        .into_any()
    })
}

#[component]
fn Open(invitation: Invitation) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let revoke = Action::new(move |id: &InvitationId| {
        let id = *id;
        async move {
            // The list follows by itself.
            match api::revoke_invitation(id).await {
                Ok(_) => toasts.info("The invitation was revoked; its link no longer works."),
                Err(error) => toasts.error(error.to_string()),
            }
        }
    });
    let (id, label) = (invitation.id, role_label(invitation.role));
    let whose = match &invitation.name {
        Some(name) => name.to_string(),
        None if invitation.is_shared() => {
            format!("Shared link: {} of {} joined", invitation.uses, invitation.max_uses)
        }
        None => "Without a name".to_owned(),
    };
    let until = format!("until-{id}");
    let name = format!("Revoke the invitation as {label}: {whose}");
    view! {
        <li class="row">
            <span class="badge">{label}</span>
            <span class="invitations__whose" dir="auto">
                {whose}
            </span>
            <span class="invitations__until" id=until.clone()>
                "until "
                {time(invitation.expires)}
            </span>
            <form
                method="post"
                action=RevokeInvitation::url()
                on:submit=move |event| {
                    event.prevent_default();
                    revoke.dispatch(id);
                }
            >
                <input type="hidden" name="id" value=id.to_string() />
                <button type="submit" class="button button--quiet" aria-label=name aria-describedby=until>
                    "Revoke"
                </button>
            </form>
        </li>
    }
}
