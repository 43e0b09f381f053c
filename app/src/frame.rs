//! What every page has around it or instead of it: who looks, the bar above a product, the page for errors.

use domain::{Product, Role};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{components::Redirect, hooks::use_location};

use crate::{
    api::{self, ApiError},
    board::Board,
    pages::people::api::SessionContext,
    ui::{Icon, Toasts, text, word},
};

/// Who looks, read once per page load and again when it may have changed.
#[derive(Clone, Copy)]
pub(crate) struct Session(pub(crate) Resource<Result<SessionContext, ApiError>>);

/// How many sessions wait for the person's vote, and how many items have something new in their inbox, as far as this page knows;
/// `None` before that is known, and for guests.
#[derive(Clone, Copy)]
pub(crate) struct WaitingCount {
    pub(crate) votes: RwSignal<Option<u32>>,
    pub(crate) notices: RwSignal<Option<u32>>,
}

/// The rail's part with the person's favourites, as the server draws it.
#[derive(Clone, Copy)]
pub(crate) struct RailFavourites(pub(crate) RwSignal<String>);

impl RailFavourites {
    pub(crate) fn set(self, html: String) {
        let _ = self.0.try_set(html);
    }
}

/// The open roadmap, for what is above all pages; `None` on pages without one.
#[derive(Clone, Copy)]
pub(crate) struct OpenBoard(pub(crate) RwSignal<Option<Board>>);

/// Whether the palette is open, and what is typed into it: also before it has come.
#[derive(Clone, Copy)]
pub(crate) struct PaletteOpen {
    pub(crate) open: RwSignal<bool>,
    pub(crate) typed: RwSignal<String>,
    pub(crate) toasts: Toasts,
}

/// The bar above a product's pages: name, stage, and the ways to look at it. A short bar has room for four of these; the others
/// are behind *More* there, which opens without scripts.
#[component]
pub(crate) fn ProductBar(
    #[prop(into)] product: Signal<Product>,
    /// Which of the ways this is.
    #[prop(into)]
    view: Signal<&'static str>,
    /// What the board's address has after the product's.
    #[prop(into, optional)]
    board: Option<Signal<&'static str>>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let key = product.read_untracked().key.to_string();
    let name = text(move || product.read().name.to_string());
    let board = move || board.map_or("", |board| board.get());
    let tab = |name: &'static str, icon: &'static str, label: &'static str, path: &str| {
        let href = format!("/p/{key}{path}");
        view! {
            <a href=href class="tab" title=label aria-current=word(move || (view.get() == name).then_some("page"))>
                <Icon name=icon />
                <span class="tab__label">{label}</span>
            </a>
        }
    };
    let board_tab = {
        let key = key.clone();
        view! {
            <a
                href=text(move || format!("/p/{key}{}", board()))
                class="tab"
                title="Board"
                aria-current=word(move || (view.get() == "board").then_some("page"))
            >
                <Icon name="board" />
                <span class="tab__label">"Board"</span>
            </a>
        }
    };
    view! {
        <header class="product-bar">
            <div class="product-bar__product">
                <span
                    class=text(move || format!("dot dot--{}", product.read().stage.as_str()))
                    title=text(move || product.read().stage.label().to_owned())
                ></span>
                {if ["board", "timeline", "table"].contains(&view.get_untracked()) {
                    view! { <h1 class="product-bar__name">{name}</h1> }.into_any()
                } else {
                    // These pages have a title of their own.
                    view! { <p class="product-bar__name">{name}</p> }.into_any()
                }}
                <span class="product-bar__stage">{text(move || product.read().stage.label().to_owned())}</span>
                <Show when=move || product.read().archived>
                    <span class="badge badge--warning">"Archived"</span>
                </Show>
            </div>
            <nav class="tabs" aria-label="Views">
                {board_tab} {tab("timeline", "timeline", "Timeline", "/timeline")}
                {tab("table", "table", "Table", "/table")} {tab("voting", "voting", "Voting", "/voting")}
                <button type="button" class="tab tabs__more" popovertarget="more-views">
                    <Icon name="more" />
                    <span class="tab__label">"More"</span>
                </button>
                <div class="tabs__rest" id="more-views" popover="auto">
                    {tab("overview", "products", "Overview", "/overview")}
                    {tab("vision", "direction", "Vision", "/vision")} {tab("scores", "check", "Scores", "/scores")}
                    {tab("figures", "figures", "Figures", "/figures")}
                    {tab("money", "money", "Money", "/money")}
                    {tab("outcomes", "check", "Outcomes", "/outcomes")}
                    {tab("reports", "figures", "Reports", "/reports")}
                    {tab("retirement", "retire", "Retirement", "/retirement")}
                    {tab("history", "history", "History", "/history")} {tab("past", "past", "Past", "/past")}
                    {tab("bin", "bin", "Bin", "/bin")} {tab("import", "import", "Import", "/import")}
                    {tab("settings", "settings", "Settings", "/settings")}
                </div>
            </nav>
            <div class="product-bar__end">{children.map(|children| children())}</div>
        </header>
    }
}

/// Whether the signed-in person may edit, for pages outside a room.
pub(crate) fn may_edit(context: &SessionContext) -> bool {
    context.me.as_ref().is_some_and(|me| me.role >= Role::Editor)
}

/// What is shown instead of a page that could not be loaded. Who is not signed in goes to sign in, and comes back.
#[component]
pub(crate) fn ErrorPage(error: ApiError) -> impl IntoView {
    if error.is_unauthenticated() {
        let path = use_location().pathname.get_untracked();
        return view! { <Redirect path=format!("/sign-in?next={}", api::safe_next(Some(&path))) /> }
            .into_any();
    }
    #[cfg(feature = "ssr")]
    if let (Some(response), Ok(status)) =
        (use_context::<leptos_axum::ResponseOptions>(), http::StatusCode::from_u16(error.status))
    {
        response.set_status(status);
    }
    let title = if error.status == 404 { "Page not found" } else { "This page can’t be shown" };
    view! {
        <Title text=title />
        <div class="page">
            <div class="empty">
                <h1>{title}</h1>
                <p role="alert">{error.to_string()}</p>
                <a class="button" href="/">
                    "All products"
                </a>
            </div>
        </div>
    }
    .into_any()
}
