//! `/join` and `/join/:code`: guests come in with a code and a name.

use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use crate::{
    api::{
        FormState, use_form,
        voting::ballot::{EnterVoting, look_up_entry},
    },
    ui::{FormError, TextField},
};

#[component]
pub fn JoinPage() -> impl IntoView {
    let params = use_params_map();
    let code = Memo::new(move |_| params.read().get("code").filter(|code| !code.is_empty()));
    let offer = Resource::new_blocking(
        move || code.get(),
        async |code| match code {
            Some(code) => look_up_entry(code).await.map(Some),
            None => Ok(None),
        },
    );
    let form = use_form::<EnterVoting>();
    view! {
        <Title text="Join a vote" />
        <div class="entry">
            <div class="entry__panel">
                <span class="mark" aria-hidden="true"></span>
                <Suspense>
                    {move || Suspend::new(async move {
                        let code = code.get_untracked().unwrap_or_default();
                        match offer.await {
                            Ok(Some(offer)) => {
                                let question = offer.question.to_string();
                                let name = offer.name.clone().unwrap_or_default();
                                view! {
                                    <h1>{offer.title.to_string()}</h1>
                                    {(!question.is_empty()).then(|| view! { <p>{question}</p> })}
                                    <Fields form code code_fixed=true name />
                                }
                                    .into_any()
                            }
                            Ok(None) => {
                                view! {
                                    <h1>"Join a vote"</h1>
                                    <p>"Type the code you were given."</p>
                                    <Fields form code=form.typed("code") code_fixed=false name=String::new() />
                                }
                                    .into_any()
                            }
                            Err(error) => {
                                view! {
                                    <h1>"This code cannot be used"</h1>
                                    <p role="alert">{error.to_string()}</p>
                                    <Fields form code code_fixed=false name=String::new() />
                                }
                                    .into_any()
                            }
                        }
                    })}
                </Suspense>
                <p class="entry__aside">"You need no account. Others see how many have voted; who sees names is up to the session."</p>
            </div>
        </div>
    }
}

#[component]
fn Fields(
    form: FormState<EnterVoting>,
    code: String,
    /// It came with the link.
    code_fixed: bool,
    /// Of whom the code is for, if it is for one person.
    name: String,
) -> impl IntoView {
    let name = if name.is_empty() { form.typed("name") } else { name };
    let code = if code_fixed {
        view! { <input type="hidden" name="code" value=code /> }.into_any()
    } else {
        view! { <TextField name="code" label="Code" value=code error=form.error_of("code") /> }.into_any()
    };
    view! {
        <ActionForm action=form.action attr:class="stack">
            <FormError error=form.general_error() />
            {code}
            <TextField
                name="name"
                label="Your name"
                autocomplete="name"
                value=name
                error=form.error_of("name")
            />
            <button class="button button--primary join__button" type="submit" disabled=form.pending()>
                "Join"
            </button>
        </ActionForm>
    }
}
