//! Parts of the program that a browser loads when they are shown first. The board is in the main part, since it is what
//! people come for; the pages beside it are in another.

use leptos::{prelude::*, wasm_split::wasm_split};

use crate::pages::{
    bin::BinPage, history::HistoryPage, import::ImportPage, invite::InvitePage, people::PeoplePage,
    products::ProductsPage, settings::SettingsPage, setup::SetupPage, sign_in::SignInPage,
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

/// Loads what the page at this address consists of, so that it comes alive in one go.
pub async fn ready(path: &str) {
    let board = path.strip_prefix("/p/").is_some_and(|rest| {
        let (_, below) = rest.split_once('/').unwrap_or((rest, ""));
        below.is_empty() || below.starts_with("i/")
    });
    if !board {
        load_pages().await;
    }
}
