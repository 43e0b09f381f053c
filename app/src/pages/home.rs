//! The first page: what waits for somebody, their favourites, and how it stands with each product.

pub(crate) mod api;
pub(crate) mod data;
#[cfg(feature = "ssr")]
pub(crate) mod favourites;
#[cfg(feature = "ssr")]
pub(crate) mod plain;

use domain::FavouriteKind;
use leptos::{prelude::*, task::spawn_local};
use leptos_meta::Title;
use leptos_router::{components::Redirect, hooks::use_query_map};
use uuid::Uuid;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlElement, HtmlInputElement, KeyboardEvent, SubmitEvent};

use crate::{
    api::{FormState, use_form},
    frame::{ErrorPage, RailFavourites, Session, may_edit},
    pages::{
        home::data::FirstPage,
        inbox::on_inbox_change,
        products::{NewProduct, NoProducts, api::CreateProduct},
        voting::{self, WaitingForYou, api::Waiting},
    },
    platform,
    ui::{PlainPart, Toasts},
};

/// `/`: drawn by the server, and again when something happens. `Alt ↑` and `Alt ↓` move a favourite that has the focus.
#[component]
pub fn HomePage() -> impl IntoView {
    let session = expect_context::<Session>().0;
    let query = use_query_map();
    let all = Memo::new(move |_| query.read().get("all").is_some());
    let home = Resource::new_blocking(move || all.get(), api::home);
    let waiting = Resource::new_blocking(|| (), |()| voting::api::waiting_votes());
    let form = use_form::<CreateProduct>();
    view! {
        <Title text="Home" />
        <div class="page home">
            <Transition>
                {move || Suspend::new(async move {
                    let context = match session.await {
                        Ok(context) => context,
                        Err(error) => return view! { <ErrorPage error /> }.into_any(),
                    };
                    if context.workspace_name.is_none() {
                        return view! { <Redirect path="/setup" /> }.into_any();
                    }
                    let edits = may_edit(&context);
                    let invites = context.me.as_ref().is_some_and(|me| me.role.can_manage_people());
                    match home.await {
                        Err(error) => view! { <ErrorPage error /> }.into_any(),
                        Ok(FirstPage { is_empty: true, templates, .. }) => {
                            view! { <NoProducts edits invites templates form /> }.into_any()
                        }
                        Ok(shown) => {
                            // The page is there without it.
                            let waiting = waiting.await.unwrap_or_default();
                            view! { <Content shown all waiting edits form /> }.into_any()
                        }
                    }
                })}
            </Transition>
        </div>
    }
}

#[component]
fn Content(
    shown: FirstPage,
    all: Memo<bool>,
    waiting: Waiting,
    edits: bool,
    form: FormState<CreateProduct>,
) -> impl IntoView {
    let html = RwSignal::new(shown.html);
    // Not by the page's resource: the form for a product is left alone.
    let refresh = move |then: Option<Focus>| {
        spawn_local(async move {
            // The page may have been left before what was asked for is done.
            let Some(all) = all.try_get_untracked() else { return };
            let Ok(home) = api::home(all).await else { return };
            if html.try_set(home.html).is_none()
                && let Some(focus) = then
            {
                platform::after_effects(move || focus.restore());
            }
        });
    };
    on_inbox_change(move || refresh(None));
    let (rail, toasts) = (expect_context::<RailFavourites>(), expect_context::<Toasts>());
    let run = move |asked: Asked, focus: Focus| {
        spawn_local(async move {
            let Asked { kind, id, up } = asked;
            let done = match up {
                Some(up) => api::move_favourite(kind, id, up).await,
                None => api::set_favourite(kind, id, false).await,
            };
            match done {
                Ok(html) => {
                    rail.set(html);
                    refresh(Some(focus));
                }
                Err(error) => toasts.error(error.sentence),
            }
        });
    };
    let submit = move |event: SubmitEvent| {
        let form = platform::target(&event);
        let Some((form, asked)) = form.and_then(|form| Asked::by(&form).map(|asked| (form, asked))) else {
            return;
        };
        event.prevent_default();
        run(asked, Focus::of(&form, asked.up.map_or("", |up| if up { BUTTON_UP } else { BUTTON_DOWN })));
    };
    let key = move |event: KeyboardEvent| {
        let up = match (event.alt_key(), event.key().as_str()) {
            (true, "ArrowUp") => BUTTON_UP,
            (true, "ArrowDown") => BUTTON_DOWN,
            _ => return,
        };
        let line = platform::focused().and_then(|focused| focused.closest(LINE).ok().flatten());
        let Some(line) = line else { return };
        event.prevent_default();
        let button = line.query_selector(up).ok().flatten();
        // At the end of the list there is nowhere to go.
        let form = button.and_then(|button| button.closest("form").ok().flatten());
        if let Some(asked) = form.and_then(|form| Asked::by(&form)) {
            run(asked, Focus::of(&line, ""));
        }
    };
    view! {
        <div class="opener">
            <header class="page__header">
                <h1>"Home"</h1>
            </header>
            {edits
                .then(|| {
                    view! {
                        <details class="opener__details" open=form.was_refused()>
                            <summary class="button">"New product"</summary>
                            <div class="panel">
                                <NewProduct form templates=shown.templates can_cancel=true />
                            </div>
                        </details>
                    }
                })}
        </div>
        <WaitingForYou votes=waiting />
        <div on:submit=submit on:keydown=key>
            <PlainPart html />
        </div>
    }
}

/// A favourite on this page, its link, and its buttons that can be pressed.
const LINE: &str = ".favourites__line";
const NAME: &str = ".favourites__name";
const BUTTON_UP: &str = "form:has([name=up][value=true]) button:enabled";
const BUTTON_DOWN: &str = "form:has([name=up][value=false]) button:enabled";

/// What one of the forms beside a favourite asks for.
#[derive(Clone, Copy)]
struct Asked {
    kind: FavouriteKind,
    id: Uuid,
    /// Whether to move it up or down; to remove it otherwise.
    up: Option<bool>,
}

impl Asked {
    /// By a form; `None` where it is another.
    fn by(form: &Element) -> Option<Self> {
        form.closest(LINE).ok()??;
        let value = |name: &str| {
            let input = form.query_selector(&format!("input[name={name}]")).ok().flatten()?;
            Some(input.dyn_into::<HtmlInputElement>().ok()?.value())
        };
        let up = value("up").map(|up| up == "true");
        Some(Self { kind: value("kind")?.parse().ok()?, id: value("id")?.parse().ok()?, up })
    }
}

/// Where the focus belongs when the list is drawn again.
struct Focus {
    star: String,
    /// How far down it was.
    at: u32,
    /// The button that was pressed; empty for the name.
    button: &'static str,
}

impl Focus {
    fn of(within: &Element, button: &'static str) -> Self {
        let line = within.closest(LINE).ok().flatten();
        let star = line.as_ref().and_then(|line| line.get_attribute("data-star")).unwrap_or_default();
        let mut before = line.and_then(|line| line.previous_element_sibling());
        let mut at = 0;
        while let Some(line) = before {
            at += 1;
            before = line.previous_element_sibling();
        }
        Self { star, at, button }
    }

    fn restore(&self) {
        let Ok(lines) = platform::document().query_selector_all(LINE) else { return };
        let line = |at: u32| lines.get(at).and_then(|line| line.dyn_into::<Element>().ok());
        let is_it = |line: &Element| line.get_attribute("data-star").as_deref() == Some(&*self.star);
        let same = (0..lines.length()).filter_map(line).find(is_it);
        // One that is gone leaves the focus to the next.
        let Some(line) = same.or_else(|| line(self.at.min(lines.length().saturating_sub(1)))) else { return };
        let find = |what: &str| line.query_selector(what).ok().flatten()?.dyn_into::<HtmlElement>().ok();
        let button = if self.button.is_empty() { None } else { find(self.button) };
        if let Some(found) = button.or_else(|| find(NAME)) {
            platform::focus(&found);
        }
    }
}
