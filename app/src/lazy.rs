//! Parts of the program that a browser loads when they are needed. To show a board and bring it to life is in the main part,
//! since it is what people come for. What a board does beyond being read comes right after, and an item in full behind that; the
//! pages beside it and those of voting sessions come when they are visited.

use domain::{Face, ItemId};
use futures::{
    FutureExt as _,
    future::{BoxFuture, join3},
};
use js_sys::Promise;
use leptos::{
    prelude::*,
    wasm_split::{SplitLoaderError, wasm_split},
};
use wasm_bindgen_futures::JsFuture;

use crate::board::{self, Board, Naming, PortfolioPage};
use crate::pages::{
    access::ProductAccessPage,
    account::AccountPage,
    balance::BalancePage,
    bin::BinPage,
    capacity::CapacityPage,
    direction::{DirectionPage, TreePage},
    fields::ProductFieldsPage,
    figures::FiguresPage,
    history::HistoryPage,
    home::HomePage,
    import::ImportPage,
    inbox::InboxPage,
    invite::InvitePage,
    lifecycle::LifecyclePage,
    matrix::MatrixPage,
    money::MoneyPage,
    my_work::MyWorkPage,
    outcomes::OutcomesPage,
    overview::OverviewPage,
    past::PastPage,
    people::PeoplePage,
    records::RecordsPage,
    reports::ReportsPage,
    retirement::RetirementPage,
    scores::ScoresPage,
    settings::SettingsPage,
    setup::SetupPage,
    sign_in::SignInPage,
    solutions::SolutionsPage,
    vision::VisionPage,
    voting,
    workspace::WorkspacePage,
};
use crate::{palette::Palette, platform, table, timeline};

/// The pages beside the board.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Page {
    Home,
    Setup,
    SignIn,
    Invite,
    People,
    Workspace,
    Account,
    History,
    Past,
    Import,
    Bin,
    Fields,
    Access,
    Settings,
    Inbox,
    MyWork,
    /// Of a kind of records.
    Records(&'static str),
}

impl Page {
    /// The page as a route's view.
    pub(crate) fn view(self) -> impl Fn() -> AnyView + Clone + Send + 'static {
        move || soon(page(self), from_server)
    }
}

/// A part as a view: at once where it is there, as on the server and after [`ready`], or as soon as it has come. Without a
/// network, or when the server has another build by now, it does not come.
pub(crate) fn soon(
    part: impl Future<Output = Result<AnyView, SplitLoaderError>> + Send + 'static,
    missing: fn() -> AnyView,
) -> AnyView {
    let mut part: BoxFuture<'static, AnyView> =
        Box::pin(part.map(move |view| view.unwrap_or_else(|_| missing())));
    match part.as_mut().now_or_never() {
        Some(view) => view,
        None => waiting(part),
    }
}

/// A part that has not come yet. Within a boundary of its own: what is around it stays as it is meanwhile.
fn waiting(part: BoxFuture<'static, AnyView>) -> AnyView {
    view! { <Suspense>{Suspend::new(part)}</Suspense> }.into_any()
}

/// Asks the server for the whole page instead. It can be read, even if it does not come alive.
fn from_server() -> AnyView {
    // Fails nowhere: the address is the page's own.
    let _ = platform::window().location().reload();
    ().into_any()
}

/// Nothing in place of a part that the page can do without.
pub(crate) fn nothing() -> AnyView {
    ().into_any()
}

#[wasm_split(pages, wasm_split_path = leptos::wasm_split, preload(load_pages), fallible)]
fn page(page: Page) -> Result<AnyView, SplitLoaderError> {
    Ok(match page {
        Page::Home => view! { <HomePage /> }.into_any(),
        Page::Setup => view! { <SetupPage /> }.into_any(),
        Page::SignIn => view! { <SignInPage /> }.into_any(),
        Page::Invite => view! { <InvitePage /> }.into_any(),
        Page::People => view! { <PeoplePage /> }.into_any(),
        Page::Workspace => view! { <WorkspacePage /> }.into_any(),
        Page::Account => view! { <AccountPage /> }.into_any(),
        Page::History => view! { <HistoryPage /> }.into_any(),
        Page::Past => view! { <PastPage /> }.into_any(),
        Page::Import => view! { <ImportPage /> }.into_any(),
        Page::Bin => view! { <BinPage /> }.into_any(),
        Page::Fields => view! { <ProductFieldsPage /> }.into_any(),
        Page::Access => view! { <ProductAccessPage /> }.into_any(),
        Page::Settings => view! { <SettingsPage /> }.into_any(),
        Page::Inbox => view! { <InboxPage /> }.into_any(),
        Page::MyWork => view! { <MyWorkPage /> }.into_any(),
        Page::Records(kind) => view! { <RecordsPage kind /> }.into_any(),
    })
}

/// The pages on which an organisation decides and looks at what came of it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum DecidingPage {
    Balance,
    Capacity,
    Direction,
    Figures,
    Lifecycle,
    Matrix,
    Money,
    Outcomes,
    Overview,
    Reports,
    Retirement,
    Scores,
    Solutions,
    Tree,
    Vision,
}

impl DecidingPage {
    /// What their addresses begin with, behind a product's or at once.
    const SECTIONS: [&str; 13] = [
        "balance",
        "capacity",
        "direction",
        "figures",
        "lifecycle",
        "money",
        "outcomes",
        "overview",
        "reports",
        "retirement",
        "scores",
        "solutions",
        "vision",
    ];

    /// As [`Page::view`].
    pub(crate) fn view(self) -> impl Fn() -> AnyView + Clone + Send + 'static {
        move || soon(deciding_page(self), from_server)
    }
}

#[wasm_split(deciding, wasm_split_path = leptos::wasm_split, preload(load_deciding), fallible)]
fn deciding_page(page: DecidingPage) -> Result<AnyView, SplitLoaderError> {
    Ok(match page {
        DecidingPage::Balance => view! { <BalancePage /> }.into_any(),
        DecidingPage::Capacity => view! { <CapacityPage /> }.into_any(),
        DecidingPage::Direction => view! { <DirectionPage /> }.into_any(),
        DecidingPage::Figures => view! { <FiguresPage /> }.into_any(),
        DecidingPage::Lifecycle => view! { <LifecyclePage /> }.into_any(),
        DecidingPage::Matrix => view! { <MatrixPage /> }.into_any(),
        DecidingPage::Money => view! { <MoneyPage /> }.into_any(),
        DecidingPage::Outcomes => view! { <OutcomesPage /> }.into_any(),
        DecidingPage::Overview => view! { <OverviewPage /> }.into_any(),
        DecidingPage::Reports => view! { <ReportsPage /> }.into_any(),
        DecidingPage::Retirement => view! { <RetirementPage /> }.into_any(),
        DecidingPage::Scores => view! { <ScoresPage /> }.into_any(),
        DecidingPage::Solutions => view! { <SolutionsPage /> }.into_any(),
        DecidingPage::Tree => view! { <TreePage /> }.into_any(),
        DecidingPage::Vision => view! { <VisionPage /> }.into_any(),
    })
}

/// The pages of voting sessions.
#[derive(Clone, Copy, Debug)]
pub(crate) enum VotingPage {
    List,
    Product,
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
        move || soon(voting_page(self), from_server)
    }
}

#[wasm_split(voting, wasm_split_path = leptos::wasm_split, preload(load_voting), fallible)]
fn voting_page(page: VotingPage) -> Result<AnyView, SplitLoaderError> {
    Ok(match page {
        VotingPage::List => view! { <voting::VotingListPage /> }.into_any(),
        VotingPage::Product => view! { <voting::ProductVotingPage /> }.into_any(),
        VotingPage::Setup => view! { <voting::SetupPage /> }.into_any(),
        VotingPage::Session => view! { <voting::SessionPage /> }.into_any(),
        VotingPage::Results => view! { <voting::ResultsPage /> }.into_any(),
        VotingPage::Present => view! { <voting::PresentPage /> }.into_any(),
        VotingPage::Customer => view! { <voting::CustomerBallotPage /> }.into_any(),
        VotingPage::Join => view! { <voting::JoinPage /> }.into_any(),
        VotingPage::Segments => view! { <voting::SegmentsPage /> }.into_any(),
    })
}

/// What of an open board is not there from the start.
#[derive(Clone, Copy, Debug)]
pub(crate) enum BoardPart {
    /// What the board does beyond being read, and what floats above it.
    Work,
    /// A field to type a name into.
    NameField(Naming),
}

impl BoardPart {
    pub(crate) fn view(self, board: Board) -> AnyView {
        soon(board_part(board, self), nothing)
    }
}

// One function for all: where one of them has come, the others are there at once.
#[wasm_split(work, wasm_split_path = leptos::wasm_split, preload(load_work), fallible)]
fn board_part(board: Board, part: BoardPart) -> Result<AnyView, SplitLoaderError> {
    Ok(untrack(|| match part {
        BoardPart::Work => board::work(board),
        BoardPart::NameField(naming) => board::name_field(naming),
    }))
}

/// An item in full, beside the board that is in the context.
pub(crate) fn panel_part(item: ItemId) -> AnyView {
    soon(panel_view(item), no_panel)
}

/// In place of a panel that has not come.
fn no_panel() -> AnyView {
    view! {
        <p class="notice board-notice" role="alert">
            "The item can’t be loaded. Check the connection and open it again."
        </p>
    }
    .into_any()
}

#[wasm_split(panel, wasm_split_path = leptos::wasm_split, preload(load_panel), fallible)]
fn panel_view(item: ItemId) -> Result<AnyView, SplitLoaderError> {
    Ok(untrack(|| board::panel(item)))
}

/// Fetches the panel before somebody opens an item, so that it is there without a network, too.
pub(crate) async fn fetch_panel() -> bool {
    load_panel().await.is_ok()
}

/// The roadmaps of several products, as a route's view.
pub(crate) fn portfolio_page() -> AnyView {
    soon(columns_part(None), from_server)
}

/// The roadmap in another face than the board with its lanes.
pub(crate) fn face_part(board: Board, face: Face) -> AnyView {
    match face {
        Face::Board => soon(columns_part(Some(board)), from_server),
        Face::Timeline => soon(timeline_part(board), from_server),
        Face::Table => soon(table_part(board), from_server),
    }
}

// One function for both: the portfolio is a board in columns unless it is asked for another face.
#[wasm_split(columns, wasm_split_path = leptos::wasm_split, preload(load_columns), fallible)]
fn columns_part(board: Option<Board>) -> Result<AnyView, SplitLoaderError> {
    Ok(match board {
        Some(board) => untrack(|| board::columns(board)),
        None => view! { <PortfolioPage /> }.into_any(),
    })
}

/// The palette of everything that can be gone to and done.
pub(crate) fn palette_part() -> AnyView {
    soon(palette_view(), nothing)
}

#[wasm_split(palette, wasm_split_path = leptos::wasm_split, preload(load_palette), fallible)]
fn palette_view() -> Result<AnyView, SplitLoaderError> {
    Ok(view! { <Palette /> }.into_any())
}

/// Fetches the palette before somebody asks for it, so that it opens with the key.
pub(crate) async fn fetch_palette() -> bool {
    load_palette().await.is_ok()
}

#[wasm_split(timeline, wasm_split_path = leptos::wasm_split, preload(load_timeline), fallible)]
fn timeline_part(board: Board) -> Result<AnyView, SplitLoaderError> {
    Ok(untrack(|| timeline::timeline(board)))
}

#[wasm_split(table, wasm_split_path = leptos::wasm_split, preload(load_table), fallible)]
fn table_part(board: Board) -> Result<AnyView, SplitLoaderError> {
    Ok(untrack(|| table::table(board)))
}

/// Votes for an item, or takes the vote back.
pub(crate) async fn toggle_vote(board: Board, item: ItemId) {
    // Without the part nothing can be done here, and the dot says that there is no connection.
    let _ = vote_part(board, item).await;
}

#[wasm_split(work, wasm_split_path = leptos::wasm_split, fallible)]
fn vote_part(board: Board, item: ItemId) -> Result<(), SplitLoaderError> {
    board.toggle_vote(item);
    Ok(())
}

/// Loads what the page at this address shows from the start, so that it comes alive in one go. `read` is resolved when the
/// whole page is there. False when something did not come: the page stays as the server made it.
pub async fn ready(path: &str, read: Promise) -> bool {
    let below =
        |page: &str| path.strip_prefix(page).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let is_portfolio = below("/portfolio");
    let rest = path.strip_prefix("/p/").map(|rest| rest.split_once('/').unwrap_or((rest, "")).1);
    let loaded = match rest {
        Some("voting") => load_voting().await,
        rest if is_portfolio || rest.is_some_and(is_roadmap) => {
            roadmap_parts(is_portfolio, rest.unwrap_or(path), read).await
        }
        None if ["/voting", "/join", "/segments"].into_iter().any(below) => load_voting().await,
        rest if DecidingPage::SECTIONS.contains(&first(rest.unwrap_or(path.trim_start_matches('/')))) => {
            load_deciding().await
        }
        _ => load_pages().await,
    };
    loaded.is_ok()
}

/// Whether the rest of a product's address is that of its roadmap, in whatever face.
fn is_roadmap(rest: &str) -> bool {
    matches!(first(rest), "" | "i" | "v") || first(rest).parse::<Face>().is_ok()
}

/// The first section of an address.
fn first(path: &str) -> &str {
    path.split('/').next().unwrap_or_default()
}

/// The parts of a roadmap as the server has drawn it: the page says in which face.
async fn roadmap_parts(is_portfolio: bool, rest: &str, read: Promise) -> Result<(), SplitLoaderError> {
    // Not waited for: it comes while the board hydrates. Leptos has no executor yet.
    wasm_bindgen_futures::spawn_local(async {
        let _ = load_work().await;
    });
    let panel = async { if rest.contains("i/") { load_panel().await } else { Ok(()) } };
    let face = async {
        let mut face = drawn_face();
        if face.is_none() {
            // The program may come before this much of the page. A face without its part can’t come alive. Fails never.
            let _ = JsFuture::from(read).await;
            face = drawn_face();
        }
        match face.as_deref() {
            Some("timeline") => load_timeline().await,
            Some("table") => load_table().await,
            Some("columns") => load_columns().await,
            _ => Ok(()),
        }
    };
    let columns = async { if is_portfolio { load_columns().await } else { Ok(()) } };
    // All at once: they have much in common, and one after the other takes more round trips.
    let (panel, columns, face) = join3(panel, columns, face).await;
    panel.and(columns).and(face)
}

/// The face in which the server has drawn the roadmap; `None` where the page has not been read so far.
fn drawn_face() -> Option<String> {
    let row = platform::document().query_selector(".board-row[data-part]").ok().flatten();
    row.and_then(|row| row.get_attribute("data-part"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_part_of_a_deciding_page_is_known_by_its_address() {
        let routes = include_str!("shell.rs").lines().filter_map(|line| {
            let path = line.split_once("path!(\"")?.1.split_once('"')?.0;
            Some((path, line.contains("=DecidingPage::")))
        });
        let mut found = 0;
        for (path, decides) in routes {
            found += 1;
            let rest = path.strip_prefix("/p/:key/").unwrap_or(path.trim_start_matches('/'));
            assert_eq!(DecidingPage::SECTIONS.contains(&first(rest)), decides, "{path}");
        }
        assert!(found > 40, "the routes were not found");
    }
}
