//! Making, passing on and revoking invitations.

use domain::{Invitation, InvitationId, Role};
use leptos::prelude::*;

use super::{role_label, role_says};
use crate::{
    api::people,
    platform,
    ui::{LinkToPassOn, Toasts, time},
};

/// For owners: a new link, and those that can still be used.
#[component]
pub(super) fn Invitations() -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let open = Resource::new_blocking(|| (), |()| people::invitations());
    let role = RwSignal::new(Role::Stakeholder);
    // The path of a link just made. It is shown once.
    let link = RwSignal::new(None::<String>);
    let make = Action::new(move |role: &Role| {
        let role = *role;
        async move {
            match people::invite(role).await {
                Ok(path) => {
                    let origin = platform::window().location().origin().unwrap_or_default();
                    link.set(Some(format!("{origin}{path}")));
                    open.refetch();
                }
                Err(error) => toasts.error(error.to_string()),
            }
        }
    });
    let revoke = Action::new(move |id: &InvitationId| {
        let id = *id;
        async move {
            match people::revoke_invitation(id).await {
                Ok(()) => {
                    link.set(None);
                    toasts.info("The invitation was revoked; its link no longer works.");
                }
                Err(error) => toasts.error(error.to_string()),
            }
            open.refetch();
        }
    });
    let options = Role::ALL
        .map(|choice| {
            view! {
                <option value=choice.as_str() selected=choice == Role::Stakeholder>
                    {role_label(choice)}
                </option>
            }
        })
        .collect_view();
    view! {
        <section class="panel invitations" aria-labelledby="invite">
            <h2 id="invite">"Invite somebody"</h2>
            <div class="row invitations__make">
                <div class="field">
                    <label for="invite-role">"As"</label>
                    <select
                        id="invite-role"
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
                <button
                    type="button"
                    class="button button--primary"
                    disabled=make.pending()
                    on:click=move |_| {
                        make.dispatch(role.get_untracked());
                    }
                >
                    "Make a link"
                </button>
            </div>
            <p class="field__hint" id="invite-says">
                {move || role_says(role.get())} " The link works once, within seven days."
            </p>
            <div aria-live="polite">{move || link.get().map(|link| view! { <LinkToPassOn id="invite-link" link hint="It is shown only now. Whoever opens it first can join." /> })}</div>
            <Transition>
                {move || Suspend::new(async move {
                    open.await
                        .ok()
                        .filter(|open| !open.is_empty())
                        .map(|open| {
                            let rows = open
                                .into_iter()
                                .map(|invitation| view! { <Open invitation revoke /> })
                                .collect_view();
                            view! {
                                <h3>"Open invitations"</h3>
                                <ul class="invitations__open">{rows}</ul>
                            }
                        })
                })}
            </Transition>
        </section>
    }
}

#[component]
fn Open(invitation: Invitation, revoke: Action<InvitationId, ()>) -> impl IntoView {
    let label = role_label(invitation.role);
    let until = format!("until-{}", invitation.id);
    view! {
        <li class="row">
            <span class="badge">{label}</span>
            <span class="invitations__until" id=until.clone()>
                "until "
                {time(invitation.expires)}
            </span>
            <button
                type="button"
                class="button button--quiet"
                aria-label=format!("Revoke the invitation as {label}")
                aria-describedby=until
                on:click=move |_| {
                    revoke.dispatch(invitation.id);
                }
            >
                "Revoke"
            </button>
        </li>
    }
}
