//! Parts of the program that a browser loads when they are shown first. The board is in the main part, since it is what
//! people come for; the pages beside it are in another, and those of voting sessions in a third.

use leptos::{prelude::*, wasm_split::wasm_split};

use crate::pages::{
    bin::BinPage, history::HistoryPage, import::ImportPage, invite::InvitePage, people::PeoplePage,
    products::ProductsPage, settings::SettingsPage, setup::SetupPage, sign_in::SignInPage, voting,
};

/// The pages beside the board.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Page {
    Products,
    Setup,
    SignIn,
    Invite,
    People,
    History,
    Import,
    Bin,
    Settings,
}

impl Page {
    /// The page as a view that waits for its part of the program. It is there at once on the server, and in a browser
    /// after [`ready`] or an earlier visit.
    pub(crate) fn view(self) -> impl Fn() -> AnyView + Clone + Send + 'static {
        move || Suspend::new(page(self)).into_any()
    }
}

#[wasm_split(pages, wasm_split_path = leptos::wasm_split, preload(load_pages))]
fn page(page: Page) -> AnyView {
    match page {
        Page::Products => view! { <ProductsPage /> }.into_any(),
        Page::Setup => view! { <SetupPage /> }.into_any(),
        Page::SignIn => view! { <SignInPage /> }.into_any(),
        Page::Invite => view! { <InvitePage /> }.into_any(),
        Page::People => view! { <PeoplePage /> }.into_any(),
        Page::History => view! { <HistoryPage /> }.into_any(),
        Page::Import => view! { <ImportPage /> }.into_any(),
        Page::Bin => view! { <BinPage /> }.into_any(),
        Page::Settings => view! { <SettingsPage /> }.into_any(),
    }
}

/// The pages of voting sessions.
#[derive(Clone, Copy, Debug)]
pub(crate) enum VotingPage {
    List,
    Setup,
    Session,
    Results,
    Present,
    Customer,
    Join,
    Segments,
}

impl VotingPage {
    /// As [`Page::view`].
    pub(crate) fn view(self) -> impl Fn() -> AnyView + Clone + Send + 'static {
        move || Suspend::new(voting_page(self)).into_any()
    }
}

#[wasm_split(voting, wasm_split_path = leptos::wasm_split, preload(load_voting))]
fn voting_page(page: VotingPage) -> AnyView {
    match page {
        VotingPage::List => view! { <voting::VotingListPage /> }.into_any(),
        VotingPage::Setup => view! { <voting::SetupPage /> }.into_any(),
        VotingPage::Session => view! { <voting::SessionPage /> }.into_any(),
        VotingPage::Results => view! { <voting::ResultsPage /> }.into_any(),
        VotingPage::Present => view! { <voting::PresentPage /> }.into_any(),
        VotingPage::Customer => view! { <voting::CustomerBallotPage /> }.into_any(),
        VotingPage::Join => view! { <voting::JoinPage /> }.into_any(),
        VotingPage::Segments => view! { <voting::SegmentsPage /> }.into_any(),
    }
}

/// Loads what the page at this address consists of, so that it comes alive in one go.
pub async fn ready(path: &str) {
    let board = path.strip_prefix("/p/").is_some_and(|rest| {
        let (_, below) = rest.split_once('/').unwrap_or((rest, ""));
        below.is_empty() || below.starts_with("i/")
    });
    let voting = ["/voting", "/join", "/segments"]
        .iter()
        .any(|page| path.strip_prefix(page).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')));
    if voting {
        load_voting().await;
    } else if !board {
        load_pages().await;
    }
}
