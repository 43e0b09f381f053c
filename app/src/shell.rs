//! The frame around every page: document, left rail, product bar.

#[cfg(feature = "ssr")]
mod early;
mod program;

use leptos::prelude::*;
use leptos_meta::{HashedStylesheet, MetaTags, Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{A, ParentRoute, Route, Router, Routes},
    hooks::use_location,
    path,
};

pub use self::program::Program;
#[cfg(feature = "ssr")]
use crate::api::theme;
use crate::{
    board::BoardPage,
    frame::{OpenBoard, PaletteOpen, RailFavourites, Session, WaitingCount},
    lazy::{DecidingPage, Page, VotingPage, palette_part, portfolio_page},
    pages::{
        people::api::{self as people, SessionContext},
        sign_in::SignOutForm,
    },
    palette, platform,
    ui::{Avatar, Icon, Sprite, ToastList, Toasts, click, flag, text, word},
};

/// The element id of what a page is about.
const MAIN: &str = "main";

/// Moves the focus, which the router's way to a part of a page does not.
fn skip_to_content(event: &web_sys::MouseEvent) {
    use wasm_bindgen::JsCast as _;
    let main = platform::element(MAIN).and_then(|main| main.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(main) = main {
        event.prevent_default();
        let _ = main.focus();
    }
}

/// The version pages and server compare: a page of another build is told to reload.
pub const BUILD: &str = env!("CARGO_PKG_VERSION");

/// The document, rendered on the server only.
pub fn shell(options: LeptosOptions, program: &Program) -> impl IntoView + use<> {
    #[cfg(feature = "ssr")]
    let (theme, early) = (theme().map(|theme| theme.as_str()), early::script());
    #[cfg(not(feature = "ssr"))]
    let (theme, early) = (None::<&'static str>, ());
    view! {
        <!DOCTYPE html>
        <html lang="en" data-build=BUILD data-theme=theme>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content=theme.unwrap_or("light dark") />
                {early}
                {program.scripts()}
                <link rel="icon" href="/pkg/assets/icon.svg" type="image/svg+xml" />
                <HashedStylesheet options id="style" />
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// Pages are sent when they are whole: a redirect or a status that is found out on the way still counts, and what is
/// sent can be read without scripts.
const WHOLE: SsrMode = SsrMode::Async;

/// Says in the document that the page is alive: it was hydrated to its end, and its first effects have run.
pub fn say_alive() {
    crate::platform::after_effects(|| {
        if let Some(html) = crate::platform::document().document_element() {
            let _ = html.set_attribute("data-hydrated", "");
        }
    });
}

#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let toasts = Toasts::new();
    provide_context(toasts);
    let session = Session(Resource::new_blocking(|| (), |()| people::context()));
    provide_context(session);
    provide_context(WaitingCount { votes: RwSignal::new(None), notices: RwSignal::new(None) });
    provide_context(RailFavourites(RwSignal::default()));
    provide_context(OpenBoard(RwSignal::new(None)));
    let palette = PaletteOpen { open: RwSignal::new(false), typed: RwSignal::default(), toasts };
    provide_context(palette);
    Effect::new(move |_| palette::listen(palette));
    view! {
        <Title formatter=|title: String| {
            if title.is_empty() { "Cairn".to_owned() } else { format!("{title} · Cairn") }
        } />
        <Sprite />
        <Router>
            <a class="skip-link" href="#main" on:click=click(|event| skip_to_content(&event))>
                "Skip to content"
            </a>
            <div class="frame">
                <Rail />
                <main class="main" id=MAIN tabindex="-1">
                    <Routes fallback=NotFound>
                        <Route path=path!("/") ssr=WHOLE view=Page::Home.view() />
                        <Route path=path!("/inbox") ssr=WHOLE view=Page::Inbox.view() />
                        <Route path=path!("/my-work") ssr=WHOLE view=Page::MyWork.view() />
                        <Route path=path!("/direction") ssr=WHOLE view=DecidingPage::Direction.view() />
                        <Route path=path!("/direction/:quarter") ssr=WHOLE view=DecidingPage::Direction.view() />
                        <Route path=path!("/direction/:quarter/alignment") ssr=WHOLE view=DecidingPage::Matrix.view() />
                        <Route path=path!("/direction/:quarter/tree") ssr=WHOLE view=DecidingPage::Tree.view() />
                        <Route path=path!("/objectives") ssr=WHOLE view=Page::Records("objective").view() />
                        <Route path=path!("/lifecycle") ssr=WHOLE view=DecidingPage::Lifecycle.view() />
                        <Route path=path!("/solutions") ssr=WHOLE view=DecidingPage::Solutions.view() />
                        <Route path=path!("/playbooks") ssr=WHOLE view=Page::Records("playbook").view() />
                        <Route path=path!("/balance") ssr=WHOLE view=DecidingPage::Balance.view() />
                        <Route path=path!("/capacity") ssr=WHOLE view=DecidingPage::Capacity.view() />
                        <Route path=path!("/reports") ssr=WHOLE view=DecidingPage::Reports.view() />
                        <Route path=path!("/vision") ssr=WHOLE view=DecidingPage::Vision.view() />
                        <Route path=path!("/setup") ssr=WHOLE view=Page::Setup.view() />
                        <Route path=path!("/sign-in") ssr=WHOLE view=Page::SignIn.view() />
                        <Route path=path!("/invite/:token") ssr=WHOLE view=Page::Invite.view() />
                        <Route path=path!("/people") ssr=WHOLE view=Page::People.view() />
                        <Route path=path!("/teams") ssr=WHOLE view=Page::Records("team").view() />
                        <Route path=path!("/fields") ssr=WHOLE view=Page::Records("field").view() />
                        <Route path=path!("/competitors") ssr=WHOLE view=Page::Records("competitor").view() />
                        <Route path=path!("/score-models") ssr=WHOLE view=Page::Records("score_model").view() />
                        <Route path=path!("/templates") ssr=WHOLE view=Page::Records("template").view() />
                        <Route path=path!("/workspace") ssr=WHOLE view=Page::Workspace.view() />
                        <Route path=path!("/account") ssr=WHOLE view=Page::Account.view() />
                        <Route path=path!("/voting") ssr=WHOLE view=VotingPage::List.view() />
                        <Route path=path!("/voting/new") ssr=WHOLE view=VotingPage::Setup.view() />
                        <Route path=path!("/voting/:id") ssr=WHOLE view=VotingPage::Session.view() />
                        <Route path=path!("/voting/:id/setup") ssr=WHOLE view=VotingPage::Setup.view() />
                        <Route path=path!("/voting/:id/results") ssr=WHOLE view=VotingPage::Results.view() />
                        <Route path=path!("/voting/:id/present") ssr=WHOLE view=VotingPage::Present.view() />
                        <Route path=path!("/voting/:id/customer") ssr=WHOLE view=VotingPage::Customer.view() />
                        <Route path=path!("/join") ssr=WHOLE view=VotingPage::Join.view() />
                        <Route path=path!("/join/:code") ssr=WHOLE view=VotingPage::Join.view() />
                        <Route path=path!("/segments") ssr=WHOLE view=VotingPage::Segments.view() />
                        <Route path=path!("/p/:key/voting") ssr=WHOLE view=VotingPage::Product.view() />
                        <Route path=path!("/p/:key/history") ssr=WHOLE view=Page::History.view() />
                        <Route path=path!("/p/:key/past") ssr=WHOLE view=Page::Past.view() />
                        <Route path=path!("/p/:key/import") ssr=WHOLE view=Page::Import.view() />
                        <Route path=path!("/p/:key/bin") ssr=WHOLE view=Page::Bin.view() />
                        <Route path=path!("/p/:key/fields") ssr=WHOLE view=Page::Fields.view() />
                        <Route path=path!("/p/:key/access") ssr=WHOLE view=Page::Access.view() />
                        <Route path=path!("/p/:key/scores") ssr=WHOLE view=DecidingPage::Scores.view() />
                        <Route path=path!("/p/:key/figures") ssr=WHOLE view=DecidingPage::Figures.view() />
                        <Route path=path!("/p/:key/money") ssr=WHOLE view=DecidingPage::Money.view() />
                        <Route path=path!("/p/:key/overview") ssr=WHOLE view=DecidingPage::Overview.view() />
                        <Route path=path!("/p/:key/outcomes") ssr=WHOLE view=DecidingPage::Outcomes.view() />
                        <Route path=path!("/p/:key/reports") ssr=WHOLE view=DecidingPage::Reports.view() />
                        <Route path=path!("/p/:key/retirement") ssr=WHOLE view=DecidingPage::Retirement.view() />
                        <Route path=path!("/p/:key/balance") ssr=WHOLE view=DecidingPage::Balance.view() />
                        <Route path=path!("/p/:key/vision") ssr=WHOLE view=DecidingPage::Vision.view() />
                        <Route path=path!("/p/:key/settings") ssr=WHOLE view=Page::Settings.view() />
                        <ParentRoute path=path!("/portfolio") ssr=WHOLE view=portfolio_page>
                            <Route path=path!("") ssr=WHOLE view=nothing />
                            <Route path=path!("*rest") ssr=WHOLE view=nothing />
                        </ParentRoute>
                        <ParentRoute path=path!("/p/:key") ssr=WHOLE view=BoardPage>
                            <Route path=path!("") ssr=WHOLE view=nothing />
                            <Route path=path!("i/:item") ssr=WHOLE view=nothing />
                            <Route path=path!("board") ssr=WHOLE view=nothing />
                            <Route path=path!("board/i/:item") ssr=WHOLE view=nothing />
                            <Route path=path!("v/:view") ssr=WHOLE view=nothing />
                            <Route path=path!("v/:view/i/:item") ssr=WHOLE view=nothing />
                            <Route path=path!("timeline") ssr=WHOLE view=nothing />
                            <Route path=path!("timeline/i/:item") ssr=WHOLE view=nothing />
                            <Route path=path!("table") ssr=WHOLE view=nothing />
                            <Route path=path!("table/i/:item") ssr=WHOLE view=nothing />
                        </ParentRoute>
                    </Routes>
                </main>
            </div>
            <ToastList />
            {move || palette.open.get().then(palette_part)}
        </Router>
    }
}

/// What a route shows whose page is that of its parent: one kind of view for all of them.
fn nothing() {}

/// The left rail: workspace, products, people, and who is signed in. Nothing for those who are not.
#[component]
fn Rail() -> impl IntoView {
    let session = expect_context::<Session>().0;
    view! {
        <Transition>
            {move || Suspend::new(async move {
                let context = session.await.ok()?;
                let me = context.me.clone()?;
                Some(view! { <RailContent context me /> })
            })}
        </Transition>
    }
}

#[component]
fn RailContent(context: SessionContext, me: domain::Member) -> impl IntoView {
    let path = use_location().pathname;
    let search = expect_context::<PaletteOpen>();
    let WaitingCount { votes, notices } = expect_context();
    votes.set(Some(context.waiting));
    notices.set(Some(context.unread));
    let favourites = expect_context::<RailFavourites>().0;
    favourites.set(context.favourites);
    let waits = move |of: RwSignal<Option<u32>>| of.get().is_some_and(|count| count > 0);
    // On a phone the rail is folded away until it is asked for, and again after every step.
    let open = RwSignal::new(false);
    Effect::new(move |_| {
        path.track();
        open.set(false);
    });
    // Pages that have no entry of their own belong to one.
    let is_at = move |own: &'static str, others: &'static [&'static str]| {
        let path = path.read();
        let below =
            |page: &str| path.strip_prefix(page).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let is_here =
            if own == "/" { *path == "/" } else { below(own) || others.iter().any(|page| below(page)) };
        is_here.then_some("page")
    };
    let entry = move |href, icon, label, others, count: Option<AnyView>| {
        view! {
            <li>
                <a href=href aria-current=word(move || is_at(href, others))>
                    <Icon name=icon />
                    {label}
                    {count}
                </a>
            </li>
        }
    };
    let count = |of: RwSignal<Option<u32>>, says: &'static str| {
        let count = view! {
            <span class="rail__count" hidden=flag(move || !waits(of)) title=says>
                {text(move || of.get().map_or_else(String::new, |count| count.to_string()))}
                <span class="visually-hidden">" " {says}</span>
            </span>
        };
        Some(count.into_any())
    };
    let owns = me.role.can_manage_people();
    let shown = context.products.into_iter().filter(|product| !product.archived);
    let products: Vec<_> = shown
        .map(|product| {
            let stage = product.stage;
            let href = format!("/p/{}", product.key);
            view! {
                <li>
                    <A href=href>
                        <span class=format!("dot dot--{}", stage.as_str()) title=stage.label()></span>
                        <span class="rail__product">{product.name.to_string()}</span>
                        {product
                            .restricted
                            .then(|| {
                                view! {
                                    <span class="rail__restricted" title="For chosen people and groups only">
                                        <Icon name="lock" />
                                        <span class="visually-hidden">"For chosen people and groups only"</span>
                                    </span>
                                }
                            })}
                        <span class="rail__key">{product.key.to_string()}</span>
                    </A>
                </li>
            }
        })
        .collect();
    let has_products = !products.is_empty();
    view! {
        <nav
            class="rail"
            class:rail--open=flag(move || open.get())
            class:rail--away=flag(move || path.read().ends_with("/present"))
            aria-label="Workspace"
            data-person=me.id.to_string()
        >
            <div class="rail__top">
                <a class="rail__workspace" href="/">
                    <span class="mark" aria-hidden="true"></span>
                    <span class="rail__name">{context.workspace_name.unwrap_or_else(|| "Cairn".to_owned())}</span>
                </a>
                <button
                    type="button"
                    class="icon-button rail__toggle"
                    aria-label="Menu"
                    class:rail__toggle--waiting=flag(move || waits(votes) || waits(notices))
                    aria-expanded=text(move || open.get().to_string())
                    on:click=click(move |_| open.update(|open| *open = !*open))
                >
                    <Icon name="menu" />
                </button>
            </div>
            <div class="rail__body">
                <button
                    type="button"
                    class="rail__search needs-life"
                    aria-keyshortcuts="Control+K"
                    on:click=click(move |_| palette::open(search))
                >
                    <Icon name="search" />
                    "Search"
                    <kbd class="rail__keys" aria-hidden="true">"Ctrl K"</kbd>
                </button>
                <ul class="rail__list">
                    {entry("/", "home", "Home", &[], None)}
                    {entry("/my-work", "check", "My work", &[], None)}
                    {entry("/inbox", "inbox", "Inbox", &[], count(notices, "with news for you"))}
                    {entry("/portfolio", "timeline", "Portfolio", &["/lifecycle", "/playbooks", "/solutions"], None)}
                    {entry("/direction", "direction", "Direction", &["/objectives", "/balance", "/capacity", "/vision", "/reports"], None)}
                    {entry("/voting", "voting", "Voting", &["/join", "/segments"], count(votes, "waiting for your vote"))}
                    {entry("/people", "people", "People", &["/teams", "/competitors", "/templates", "/score-models"], None)}
                    {owns.then(|| entry("/fields", "settings", "Settings", &["/workspace"], None))}
                </ul>
                <div class="rail__favourites" inner_html=move || favourites.get()></div>
                {has_products.then(|| view! { <p class="rail__heading">"Products"</p> })}
                <ul class="rail__list rail__list--products">{products}</ul>
                <div class="rail__me">
                    <a
                        class="rail__account"
                        href="/account"
                        aria-current=word(move || is_at("/account", &[]))
                        aria-label=format!("{} {}, your account", me.name, me.role)
                        title="Your account"
                    >
                        <Avatar name=me.name.to_string() colour=me.colour />
                        <span class="rail__who">
                            <span class="rail__person" dir="auto">
                                {me.name.to_string()}
                            </span>
                            <span class="rail__role">{me.role.to_string()}</span>
                        </span>
                    </a>
                    <SignOutForm />
                </div>
            </div>
        </nav>
    }
}

#[component]
fn NotFound() -> impl IntoView {
    #[cfg(feature = "ssr")]
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(http::StatusCode::NOT_FOUND);
    }
    view! {
        <Title text="Page not found" />
        <div class="page">
            <div class="empty">
                <h1>"Page not found"</h1>
                <p>"It may have been moved, or the link is incomplete."</p>
                <a class="button" href="/">
                    "All products"
                </a>
            </div>
        </div>
    }
}
