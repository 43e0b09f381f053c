//! The page that holds a board.

use domain::{Face, LaneId, Look, Record, RecordId, counted, filter::Filter};
use leptos::{ev, prelude::*};
use leptos_meta::Title;
use leptos_router::{
    components::Outlet,
    hooks::{use_location, use_params_map},
    params::ParamsMap,
};

use super::{
    Board, add::AddLane, address, empty::EmptyBoard, filter::FilterBar, focus, ids, lane::Lane, mark,
    presence::Here, press::DROP_LINE, state::Address,
};
use crate::{
    board::api::{self, BoardData},
    frame::{ErrorPage, ProductBar},
    lazy::{BoardPart, face_part, panel_part},
    live::{Connection, Room},
    platform,
    ui::{Toasts, click, each, flag, text},
};

/// What is filtered, and how the roadmap is looked at.
type State = (Filter, Look);

/// `/p/:key`, its faces such as `/p/:key/timeline`, saved views at `/p/:key/v/:view`, and each with `/i/:item`.
#[component]
pub(crate) fn BoardPage() -> impl IntoView {
    let params = use_params_map();
    let key = Memo::new(move |_| params.read().get("key").unwrap_or_default());
    // Not inside: on the server, what waits there may outlive the request, and with it the router.
    let (location, toasts) = (use_location(), expect_context::<Toasts>());
    let (path, query) = (location.pathname, location.query);
    let item = move || item_number(&path.try_read_untracked()?);
    let board = Resource::new_blocking(move || key.get(), move |key| api::load_board(key, item()));
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                match board.await {
                    Ok(data) => view! { <OpenBoard data path query toasts /> }.into_any(),
                    Err(error) => view! { <ErrorPage error /> }.into_any(),
                }
            })}
        </Suspense>
        // Shows nothing: the panel belongs to the board. But without it the router never finishes going to an item, and
        // the address stays behind.
        <Outlet />
    }
}

#[component]
fn OpenBoard(data: BoardData, path: Memo<String>, query: Memo<ParamsMap>, toasts: Toasts) -> impl IntoView {
    let room = Room::new(data.product, data.members, data.snapshot, data.user, data.role, toasts);
    let open = Memo::new(move |_| item_number(&path.read()));
    // An address of another page is that of one that is about to go.
    let address = Memo::new(move |former: Option<&Address>| {
        Address::of_path(&path.read()).or(former.copied()).unwrap_or(Address::Product)
    });
    let views = RwSignal::new(data.views);
    let numbered = move |number: u32| room.track(|roadmap| roadmap.item_numbered(number).map(|item| item.id));
    let open_item = Memo::new(move |_| numbered(open.get()?));
    let said = query.try_read_untracked().and_then(|query| address::read(&query));
    let state = said.unwrap_or_else(|| views.with_untracked(|views| address.get_untracked().state(views)));
    let board = Board::new(room, address, views, data.year, open_item, state);
    let face = board.face;
    follow_address(board, query, address::read, Address::state);
    let is_gone = move || matches!(address.get(), Address::View(_)) && board.view().is_none();
    let has_default = move || views.with(|views| Address::Product.view(views).is_some());
    let work = self::open(board);
    Effect::new(move |_| {
        let item = open_item.get();
        room.present(|presence| presence.item = item);
    });
    let in_panel = drawn_first(open);
    let item_in_panel = Memo::new(move |_| numbered(in_panel.get()?));
    let panel = move || {
        let number = in_panel.get()?;
        Some(match item_in_panel.get() {
            Some(id) => panel_part(id),
            None => view! { <NoSuchItem number /> }.into_any(),
        })
    };
    let title_of = |product: &domain::Product| format!("{} · Roadmap", product.name);
    let first_title = title_of(&room.product.read_untracked());
    // The server asks for the title after the board is rendered: its signals are out of reach by then, even to be tried. A browser
    // asks once more on the way to another product, when they are gone.
    let title = move || {
        let product = if cfg!(feature = "ssr") { None } else { room.product.try_read() };
        product.map_or_else(|| first_title.clone(), |product| title_of(&product))
    };
    let has_columns = Memo::new(move |_| board.has_columns());
    // Read when the page comes to life; see `lazy`.
    let part = move || match face.get() {
        Face::Board if has_columns.get() => "columns",
        face => face.as_str(),
    };
    let is_empty =
        Memo::new(move |_| room.track_drawn(|roadmap| roadmap.items().all(|item| item.deleted.is_some())));
    view! {
        <Title text=title />
        <ProductBar
            product=room.product
            view=Signal::derive(move || face.get().as_str())
            board=Signal::derive(move || if has_default() { "/board" } else { "" })
        >
            <span id=ids::STAR class="product-bar__star"></span>
            <Here />
            <ConnectionState />
        </ProductBar>
        <div class="board-tools" hidden=flag(move || is_empty.get())>
            <FilterBar />
            <div id=ids::BALANCE class="balance-slot"></div>
        </div>
        <Show when=is_gone>
            <p class="notice board-notice" role="status">
                "This view was removed, or is not shared with you."
            </p>
        </Show>
        <div class="board-row" data-part=part>
            {move || match face.get() {
                Face::Board if !has_columns.get() => view! { <Lanes is_empty /> }.into_any(),
                face => face_part(board, face),
            }}
            {panel}
        </div>
        <div class="drop-line" id=DROP_LINE hidden></div>
        {work}
    }
}

/// Shows what the address asks for when it changes by a link or the way back. One that says nothing leaves things as they are, unless
/// it is another view.
pub(super) fn follow_address(
    board: Board,
    query: Memo<ParamsMap>,
    read: fn(&ParamsMap) -> Option<State>,
    usual: fn(Address, &[Record]) -> State,
) {
    Effect::new(move |former: Option<(Option<RecordId>, Option<State>)>| {
        let view = board.view().map(|view| view.id);
        let said = query.try_get().and_then(|query| read(&query));
        let is_other = former.is_some_and(|(was, before)| was != view || (said.is_some() && before != said));
        if is_other {
            let usual = || board.views.with_untracked(|views| usual(board.address.get_untracked(), views));
            let (filter, look) = said.clone().unwrap_or_else(usual);
            board.filter.set(filter);
            board.look.set(look);
        }
        (view, said)
    });
}

/// Makes the board the one that is open, for what is inside and for what is above all pages. The view is the part that works, once
/// the board is alive.
pub(super) fn open(board: Board) -> impl Fn() -> Option<AnyView> {
    provide_context(board);
    let open_board = expect_context::<crate::frame::OpenBoard>().0;
    Effect::new(move |_| open_board.set(Some(board)));
    on_cleanup(move || {
        let _ = open_board.try_set(None);
    });
    mark::follow(board);
    // Effects run only in a browser, once the board is there.
    let alive = RwSignal::new(false);
    Effect::new(move |_| alive.set(true));
    move || alive.get().then(|| BoardPart::Work.view(board))
}

/// The board itself: lanes beside each other.
#[component]
fn Lanes(is_empty: Memo<bool>) -> impl IntoView {
    let board = expect_context::<Board>();
    let room = board.room;
    view! {
        <div
            class="board"
            class:board--empty=flag(move || is_empty.get())
            id="board"
            role="group"
            aria-label="Roadmap board"
            on:dragstart=|event: ev::DragEvent| event.prevent_default()
            on:mousedown=move |event| keep_text_unselected(board, &event)
            on:click=click(move |event| select_by_click(board, &event))
            on:focusin=|event| rove(&event)
        >
            {each(
                move || room.lanes.read().iter().map(|id| id.0).collect(),
                |id| view! { <Lane id=LaneId(id) /> }.into_any(),
            )}
            {room.can_edit().then(|| view! { <AddLane /> })}
        </div>
        <EmptyBoard is_empty />
    }
}

/// The card that was focused is the one of its lane that `Tab` reaches.
pub(super) fn rove(event: &web_sys::FocusEvent) {
    use wasm_bindgen::JsCast as _;
    let link = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(link) = link.filter(|link| link.class_list().contains("card__link")) {
        focus::rove(&link);
    }
}

/// The item whose panel an address opens.
fn item_number(path: &str) -> Option<u32> {
    path.split_once("/i/")?.1.rsplit_once('-')?.1.parse().ok()
}

/// The item that is open, once its card is drawn as such: a panel that comes or goes takes longer, and so does the board beside
/// it, which becomes narrower or wider.
fn drawn_first(open: Memo<Option<u32>>) -> RwSignal<Option<u32>> {
    let in_panel = RwSignal::new(open.get_untracked());
    let follow = move || {
        // The page may have been left meanwhile.
        let (Some(open), Some(shown)) = (open.try_get_untracked(), in_panel.try_get_untracked()) else {
            return;
        };
        if shown != open {
            in_panel.set(open);
        }
    };
    Effect::new(move |_| {
        open.track();
        platform::after_frame(follow);
    });
    in_panel
}

/// `Ctrl` and a click selects a card instead of opening it, `Shift` and a click all up to it.
pub(super) fn select_by_click(board: Board, event: &ev::MouseEvent) {
    if !selects(board, event) {
        return;
    }
    let Some(card) = card_at(event) else { return };
    let Some((id, link)) = ids::item_of(&card).zip(focus::link(&card)) else { return };
    event.prevent_default();
    event.stop_propagation();
    if event.shift_key() {
        let focused = platform::focused().and_then(|focused| ids::item_of(&focused));
        board.select_to(id, focused);
    } else {
        board.toggle_selected(id);
    }
    focus::focus(&link);
}

/// The text between two cards is not what somebody who selects cards wants to select. The focus stays until the click.
pub(super) fn keep_text_unselected(board: Board, event: &ev::MouseEvent) {
    if selects(board, event) && card_at(event).is_some() {
        event.prevent_default();
    }
}

fn selects(board: Board, event: &ev::MouseEvent) -> bool {
    (event.ctrl_key() || event.meta_key() || event.shift_key()) && board.room.can_edit()
}

fn card_at(event: &ev::MouseEvent) -> Option<web_sys::Element> {
    use wasm_bindgen::JsCast as _;
    let target = event.target()?.dyn_into::<web_sys::Element>().ok()?;
    target.closest("[data-item]").ok().flatten()
}

/// A dot that says how it stands with the server, in words for those who hover or listen; a bar when it is lost.
#[component]
pub(super) fn ConnectionState() -> impl IntoView {
    let board = expect_context::<Board>();
    let place = move || if board.room.kept.get() { "this device" } else { "this page" };
    let state = move || match (board.room.connection.get(), board.room.unsaved.get()) {
        (Connection::Connecting, _) => ("connecting", "Connecting…".to_owned()),
        (Connection::Live, 0) => ("saved", "Saved".to_owned()),
        (Connection::Live, _) => ("saving", "Saving…".to_owned()),
        (Connection::Offline, 0) => ("offline", "Offline – trying to reconnect".to_owned()),
        (Connection::Offline, unsaved) => {
            ("offline", format!("Offline – {} kept on {}", counted(unsaved, "change", "changes"), place()))
        }
        (Connection::Closed, _) => {
            let why = board.room.why.get();
            let signed_out = || "Signed out – reload the page to sign in again".to_owned();
            ("offline", if why.is_empty() { signed_out() } else { why })
        }
    };
    view! {
        <span
            class=text(move || format!("connection connection--{}", state().0))
            data-state=text(move || state().0.to_owned())
            title=text(move || state().1)
        >
            <span class="connection__dot"></span>
            <span class="connection__words">{text(move || state().1)}</span>
        </span>
    }
}

#[component]
fn NoSuchItem(number: u32) -> impl IntoView {
    let board = expect_context::<Board>();
    view! {
        <aside class="item-panel" aria-label="Item">
            <div class="empty">
                <p>{format!("There is no item {}-{number} on this roadmap.", board.room.product.read_untracked().key)}</p>
                <a class="button" href=board.face_path()>
                    "Close"
                </a>
            </div>
        </aside>
    }
}
