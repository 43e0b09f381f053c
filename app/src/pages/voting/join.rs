//! `/join` and `/join/:code`: guests come in with a code and a name.
//!
//! The page tries no code: other sites can make a browser load it, and would use up the guesses of its network.

use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use crate::{
    api::use_form,
    pages::voting::api::ballot::EnterVoting,
    ui::{FormError, TextField},
};

#[component]
pub fn JoinPage() -> impl IntoView {
    let form = use_form::<EnterVoting>();
    let in_link = use_params_map().with_untracked(|params| params.get("code")).unwrap_or_default();
    let code = if form.was_refused() { form.typed("code") } else { in_link };
    view! {
        <Title text="Join a vote" />
        <div class="entry">
            <div class="entry__panel">
                <span class="mark" aria-hidden="true"></span>
                <h1>"Join a vote"</h1>
                <p>"Type the code you were given, if it is not there already, and your name."</p>
                <ActionForm action=form.action attr:class="stack">
                    <FormError error=form.general_error() />
                    <TextField name="code" label="Code" value=code error=form.error_of("code") />
                    <TextField
                        name="name"
                        label="Your name"
                        autocomplete="name"
                        hint="A code made for one person keeps that person's name."
                        value=form.typed("name")
                        error=form.error_of("name")
                    />
                    <button class="button button--primary join__button" type="submit" disabled=form.pending()>
                        "Join"
                    </button>
                </ActionForm>
                <p class="entry__aside">"You need no account. Others see how many have voted; who sees names is up to the session."</p>
            </div>
        </div>
    }
}
