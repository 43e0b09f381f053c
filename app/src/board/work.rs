//! What a board does beyond being read. The first look needs none of it, so it is a part of the program of its own that
//! comes when the board is alive.

use leptos::{context::Provider, ev, prelude::*};

use super::{
    Board, address,
    attention::{Attention, Unsent},
    balance::{Aim, BalanceBar},
    bulk::SelectionBar,
    capacity, computed,
    conditions::ConditionsMenu,
    conflicts, dependencies,
    display::DisplayMenu,
    drag, files, incremental,
    keys::{self, KeyHelp},
    lane_drag,
    limit::LimitDialog,
    menu::Menu,
    news::{self, NewsLine},
    presence::{PeerGhosts, PeerMarks},
    running_votes::RunningVotes,
    star::StarButton,
    state::Portfolio,
    views::ViewsMenu,
    windowing,
};
use crate::{
    frame::WaitingCount,
    lazy,
    live::{self, Connection, Room},
    pages::inbox,
    platform,
};

/// Begins to work; the view is what floats above the board.
pub(crate) fn work(board: Board) -> AnyView {
    let parts = board.portfolio.map(Portfolio::parts);
    match &parts {
        Some(parts) => {
            live::connect_all(parts);
            leptos::task::spawn_local(live::keep_undo(board.room));
        }
        None => live::connect(board.room),
    }
    keys::listen(board);
    let aim = Aim::default();
    drag::listen(board, aim);
    lane_drag::listen(board);
    address::follow(board);
    dependencies::follow(board);
    computed::follow(board);
    windowing::follow(board);
    incremental::start(board);
    news::follow(board);
    capacity::follow(board);
    warn_before_leaving(board.room);
    // One for each product that is shown.
    let boards: Vec<Board> =
        parts.unwrap_or_else(|| vec![board.room]).into_iter().map(|room| Board { room, ..board }).collect();
    for board in &boards {
        conflicts::watch(*board);
        keep_comments(board.room);
        files::send_waiting(board.room);
    }
    // A portfolio as a whole has no connection, and the inbox is the same for all of its products.
    if let Some(first) = boards.first() {
        follow_inbox(first.room);
    }
    let attention = boards.into_iter().map(|board| {
        view! {
            <Provider value=board>
                <Attention />
                <Unsent />
            </Provider>
        }
    });
    let running_votes = board.portfolio.is_none().then(|| view! { <RunningVotes /> });
    let star = board.portfolio.is_none().then(|| view! { <StarButton /> });
    platform::after_effects(|| {
        if let Some(board) = platform::element("board") {
            let _ = board.set_attribute("data-works", "");
        }
        leptos::task::spawn_local(fetch_panel());
    });
    view! {
        {attention.collect_view()}
        {running_votes}
        <NewsLine />
        <BalanceBar aim />
        {star}
        <ConditionsMenu />
        <DisplayMenu />
        <ViewsMenu />
        <SelectionBar />
        <Menu />
        <LimitDialog />
        <KeyHelp />
        <PeerMarks />
        <PeerGhosts />
    }
    .into_any()
}

/// Prefetches the item panel and marks the board once it has come. If it does not, opening an item tries again.
async fn fetch_panel() {
    if lazy::fetch_panel().await
        && let Some(board) = platform::element("board")
    {
        let _ = board.set_attribute("data-whole", "");
    }
}

/// Comments that can be read on this device without a network stay so.
fn keep_comments(room: Room) {
    Effect::new(move |_| {
        if room.connection.get() == Connection::Live {
            leptos::task::spawn_local(async move { room.load_opened_before().await });
        }
    });
}

/// The count in the rail follows what somebody is notified of.
fn follow_inbox(room: Room) {
    let count = expect_context::<WaitingCount>();
    Effect::new(move |was: Option<u64>| {
        let changes = room.inbox.get();
        if was.is_some_and(|was| was != changes) {
            inbox::refresh_unread(count);
        }
        changes
    });
}

/// Closing a page with edits that are neither on the server nor on this device asks first.
fn warn_before_leaving(room: Room) {
    let handle = window_event_listener(ev::beforeunload, move |event| {
        if room.unsaved.get_untracked() > 0 && !room.kept.get_untracked() {
            event.prevent_default();
        }
    });
    on_cleanup(move || handle.remove());
}
