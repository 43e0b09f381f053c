//! The first visitor founds the workspace.

use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::components::Redirect;

use crate::{
    api::use_form,
    frame::{ErrorPage, Session},
    pages::people::api::SetUp,
    ui::{FormError, TextField},
};

/// Founding: the organisation's name and its first owner.
#[component]
pub fn SetupPage() -> impl IntoView {
    let session = expect_context::<Session>().0;
    let form = use_form::<SetUp>();
    let content = move || {
        view! {
            <div class="entry__panel">
                <span class="mark" aria-hidden="true"></span>
                <h1>"Welcome to Cairn"</h1>
                <p>"Name your workspace. You’ll be its owner and can invite others."</p>
                <ActionForm action=form.action attr:class="stack keeps-draft" attr:data-draft="setup">
                    <FormError error=form.general_error() />
                    <TextField
                        name="workspace"
                        label="Organisation"
                        autocomplete="organization"
                        value=form.typed("workspace")
                        error=form.error_of("workspace")
                    />
                    <TextField
                        name="name"
                        label="Your name"
                        autocomplete="name"
                        value=form.typed("name")
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
                        hint="At least 10 characters; a few words are easy to remember."
                        error=form.error_of("password")
                    />
                    <button class="button button--primary" type="submit" disabled=form.pending()>
                        "Create the workspace"
                    </button>
                </ActionForm>
            </div>
        }
    };
    view! {
        <Title text="Welcome" />
        <div class="entry">
            <Suspense>
                {move || Suspend::new(async move {
                    match session.await {
                        Err(error) => view! { <ErrorPage error /> }.into_any(),
                        Ok(context) if context.workspace_name.is_some() => {
                            view! { <Redirect path="/sign-in" /> }.into_any()
                        }
                        Ok(_) => content().into_any(),
                    }
                })}
            </Suspense>
        </div>
    }
}
