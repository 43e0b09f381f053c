//! `/voting/new` and `/voting/:id/setup`: what is voted on, how, and by whom, beside the ballot that comes of it.

mod fields;
mod items;
mod preview;
mod templates;

use domain::VotingId;
use leptos::{
    either::Either,
    form::{ActionForm, FromFormData as _},
    prelude::*,
};
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

use crate::{
    api::{FormState, use_form},
    frame::ErrorPage,
    pages::voting::api::setup::{DraftForm, SaveVoting, SetupItem, SetupPage as Data, voting_setup},
};

/// The id of the form's element.
const FORM: &str = "setup";

/// A form being filled in.
#[derive(Clone, Copy)]
struct Setup {
    /// As it is in the page now.
    form: RwSignal<DraftForm>,
    /// The items of every product that was chosen.
    items: RwSignal<Vec<SetupItem>>,
    now: domain::Timestamp,
}

impl Setup {
    /// Reads what is in the page.
    fn read(self) {
        let Some(form) = fields::form() else { return };
        fields::keep_times(&form);
        let Ok(data) = web_sys::FormData::new_with_form(&form) else { return };
        if let Ok(args) = SaveVoting::from_form_data(&data) {
            self.form.set(args.draft);
        }
    }

    /// What keeps the session from being opened, in a sentence.
    fn problem(self) -> Option<String> {
        let draft = self.items.with(|items| self.form.read().draft(items));
        match draft {
            Ok(draft) => draft.check(self.now).err().map(|problem| problem.to_string()),
            Err(error) => Some(error.sentence),
        }
    }
}

#[component]
pub fn SetupPage() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let asked = Memo::new(move |_| {
        // Without one it is a new session; one that says nothing is none.
        let id = params.read().get("id").map(|id| id.parse::<VotingId>().ok());
        let query = query.read();
        let list = |name: &str| -> Vec<String> {
            let text = query.get(name).unwrap_or_default();
            text.split(',').filter(|key| !key.is_empty()).map(str::to_owned).collect()
        };
        (id, list("product"), list("items"))
    });
    let data = Resource::new_blocking(
        move || asked.get(),
        async |(id, products, _)| match id {
            Some(None) => Err(super::no_such_session()),
            id => voting_setup(id.flatten(), products).await,
        },
    );
    let save = use_form::<SaveVoting>();
    view! {
        <Transition>
            {move || Suspend::new(async move {
                match data.await {
                    Ok(data) => {
                        let items = asked.get_untracked().2;
                        view! { <Content data items save /> }.into_any()
                    }
                    Err(error) => view! { <ErrorPage error /> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn Content(
    data: Data,
    /// Keys of the items that were selected on the board.
    items: Vec<String>,
    save: FormState<SaveVoting>,
) -> impl IntoView {
    let Data { id, open, mut form, products, items: known, segments, now } = data;
    if id.is_none() && products.is_empty() {
        return Either::Left(view! {
            <Title text="New voting session" />
            <div class="page">
                <div class="empty">
                    <h1>"Create a product first"</h1>
                    <p>"People vote on the items of a roadmap. A product comes with one."</p>
                    <a class="button button--primary" href="/">
                        "Create a product"
                    </a>
                </div>
            </div>
        });
    }
    if id.is_none() && form.mode.is_empty() {
        form = fields::fresh(items);
    }
    let setup = Setup { form: RwSignal::new(form.clone()), items: RwSignal::new(known), now };
    Effect::new(move |_| {
        fields::show_times_here();
        setup.read();
    });
    let title = if id.is_some() { "Change the voting session" } else { "New voting session" };
    let class = move || {
        let form = setup.form.read();
        format!("stack setup__form keeps-draft setup--{} setup--for-{}", form.mode, form.audience)
    };
    // What was chosen on a board begins a form of its own.
    let draft = id.map_or_else(|| format!("session-{}", form.items.join(",")), |id| format!("session-{id}"));
    Either::Right(view! {
        <Title text=title />
        <div class="page setup">
            <header class="page__header">
                <h1>{title}</h1>
            </header>
            {id.is_none().then(|| templates::chips(setup))}
            <div class="setup__columns">
                <div class="setup__left" on:input=move |_| setup.read()>
                    <ActionForm action=save.action attr:id=FORM attr:class=class attr:data-draft=draft>
                        {id.map(|id| view! { <input type="hidden" name="id" value=id.to_string() /> })}
                        {fields::texts(&form)}
                        {items::section(setup, &form, products, open)}
                        {fields::how(&form, open)}
                        {fields::who(&form, &segments, open)}
                        <div class="setup__save">
                            <div role="alert">
                                {move || {
                                    save.error()
                                        .map(|error| {
                                            view! { <p class="notice notice--error">{error.sentence}</p> }
                                        })
                                }}
                            </div>
                            <p class="quiet setup__problem needs-life">{move || setup.problem()}</p>
                            <div class="row">
                                <button class="button" class:button--primary=open type="submit" disabled=save.pending()>
                                    {if open { "Save" } else { "Save as a draft" }}
                                </button>
                                {(!open)
                                    .then(|| {
                                        view! {
                                            <button
                                                class="button button--primary"
                                                type="submit"
                                                name="open"
                                                value="true"
                                                disabled=save.pending()
                                            >
                                                "Save and open"
                                            </button>
                                        }
                                    })}
                            </div>
                        </div>
                    </ActionForm>
                </div>
                {preview::aside(setup)}
            </div>
        </div>
    })
}
