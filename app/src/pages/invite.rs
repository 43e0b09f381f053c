//! Joining by an invitation's link.

use leptos::{either::Either, form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use super::people::{role_label, role_says};
use crate::{
    api::use_form,
    frame::Session,
    pages::people::api::{self, AcceptInvitation, Offer},
    ui::{FormError, TextField},
};

/// What the link offers, and the form that takes it.
#[component]
pub fn InvitePage() -> impl IntoView {
    let session = expect_context::<Session>().0;
    let params = use_params_map();
    let token = move || params.with(|params| params.get("token")).unwrap_or_default();
    let offer = Resource::new_blocking(token, api::look_up_invitation);
    let form = use_form::<AcceptInvitation>();
    let joining = move |offer: Offer, token: String| {
        view! {
            <h1>{format!("Join {}", offer.workspace)}</h1>
            <p>
                <span dir="auto">{offer.invited_by}</span> " invites you as " <strong>{role_label(offer.role)}</strong> "."
            </p>
            <p class="field__hint">{role_says(offer.role)}</p>
            <ActionForm action=form.action attr:class="stack">
                <FormError error=form.general_error() />
                <input type="hidden" name="token" value=token />
                <TextField
                    name="name"
                    label="Your name"
                    autocomplete="name"
                    value=form.typed_or("name", offer.name.as_deref().unwrap_or_default())
                    error=form.error_of("name")
                />
                <TextField
                    name="email"
                    label="E-mail"
                    kind="email"
                    autocomplete="username"
                    value=form.typed("email")
                    error=form.error_of("email")
                />
                <TextField
                    name="password"
                    label="Password"
                    kind="password"
                    autocomplete="new-password"
                    hint="At least 10 characters. If you have an account here, use its password."
                    error=form.error_of("password")
                />
                <button class="button button--primary" type="submit" disabled=form.pending()>
                    "Join"
                </button>
            </ActionForm>
        }
    };
    view! {
        <Title text="Invitation" />
        <div class="entry">
            <div class="entry__panel">
                <span class="mark" aria-hidden="true"></span>
                <Suspense>
                    {move || {
                        let token = token();
                        Suspend::new(async move {
                            let member = session.await.is_ok_and(|context| context.me.is_some());
                            match offer.await {
                                _ if member => Either::Left(already_member()),
                                Err(error) => Either::Left(useless(error.to_string())),
                                Ok(offer) => Either::Right(joining(offer, token)),
                            }
                        })
                    }}
                </Suspense>
            </div>
        </div>
    }
}

fn already_member() -> AnyView {
    view! {
        <h1>"You are a member already"</h1>
        <p>"This invitation is for somebody new. It stays valid: pass the link on, or sign out to use it for another account."</p>
        <a class="button" href="/">
            "All products"
        </a>
    }
    .into_any()
}

fn useless(why: String) -> AnyView {
    view! {
        <h1>"This invitation cannot be used"</h1>
        <p role="alert">{why}</p>
        <a class="button" href="/sign-in">
            "Sign in"
        </a>
    }
    .into_any()
}
