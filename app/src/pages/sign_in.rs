//! Signing in and out.

use domain::Role;
use leptos::{form::ActionForm, prelude::*, server_fn::ServerFn as _};
use leptos_meta::Title;
use leptos_router::{components::Redirect, hooks::use_query_map};

use super::people::{role_label, role_says};
use crate::{
    api::use_form,
    frame::{ErrorPage, Session},
    pages::people::api::{DemoSignIn, SignIn, SignOut},
    ui::{FormError, TextField},
};

/// Where members come in. `?next=` says where they were going.
#[component]
pub fn SignInPage() -> impl IntoView {
    let session = expect_context::<Session>().0;
    let next = use_query_map().with_untracked(|query| query.get("next")).unwrap_or_default();
    let form = use_form::<SignIn>();
    let demo = use_form::<DemoSignIn>();
    let content = move |workspace: String, is_demo: bool, next: String| {
        let demo_next = next.clone();
        view! {
            <div class="entry__panel">
                <span class="mark" aria-hidden="true"></span>
                <h1>"Sign in"</h1>
                <p class="entry__workspace" dir="auto">
                    {workspace}
                </p>
                <ActionForm action=form.action attr:class="stack">
                    <FormError error=form.general_error() />
                    <input type="hidden" name="next" value=next />
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
                        autocomplete="current-password"
                        error=form.error_of("password")
                    />
                    <button class="button button--primary" type="submit" disabled=form.pending()>
                        "Sign in"
                    </button>
                </ActionForm>
                <p class="entry__aside">
                    "No account yet? An owner of the workspace can send you an invitation."
                </p>
            </div>
            {is_demo
                .then(|| {
                    view! {
                        <section class="entry__panel entry__demo" aria-labelledby="demo">
                            <h2 id="demo">"This is a demonstration"</h2>
                            <p>
                                "It shows an invented organisation. Look around as one of its people; no password is needed."
                            </p>
                            <ActionForm action=demo.action attr:class="entry__roles">
                                <FormError error=demo.general_error() />
                                <input type="hidden" name="next" value=demo_next />
                                {Role::ALL.map(demo_button).collect_view()}
                            </ActionForm>
                        </section>
                    }
                })}
        }
    };
    view! {
        <Title text="Sign in" />
        <div class="entry">
            <Suspense>
                {move || {
                    let next = next.clone();
                    Suspend::new(async move {
                        match session.await {
                            Err(error) => view! { <ErrorPage error /> }.into_any(),
                            Ok(context) => {
                                match context.workspace_name {
                                    None => view! { <Redirect path="/setup" /> }.into_any(),
                                    Some(workspace) => {
                                        content(workspace, context.demo, next).into_any()
                                    }
                                }
                            }
                        }
                    })
                }}
            </Suspense>
        </div>
    }
}

fn demo_button(role: Role) -> impl IntoView {
    view! {
        <button class="button entry__role" type="submit" name="role" value=role.as_str()>
            <span class="entry__role-name">{role_label(role)}</span>
            <span class="entry__role-says">{role_says(role)}</span>
        </button>
    }
}

/// The button that ends the session.
#[component]
pub(crate) fn SignOutForm() -> impl IntoView {
    view! {
        <form method="post" action=SignOut::url()>
            <button class="button button--quiet" type="submit">
                "Sign out"
            </button>
        </form>
    }
}
