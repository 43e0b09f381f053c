//! What a board does beyond being read. The first look needs none of it, so it is a part of the program of its own that
//! comes when the board is alive.

use leptos::{ev, prelude::*};

use super::{
    Board, address,
    attention::{Attention, Unsent},
    bulk::SelectionBar,
    conditions::ConditionsMenu,
    conflicts,
    display::DisplayMenu,
    drag, incremental,
    keys::{self, KeyHelp},
    lane_drag,
    limit::LimitDialog,
    menu::Menu,
    presence::{PeerGhosts, PeerMarks},
    running_votes::RunningVotes,
    views::ViewsMenu,
    windowing,
};
use crate::{
    live::{self, Connection, Room},
    platform,
};

/// Begins to work; the view is what floats above the board.
pub(crate) fn work(board: Board) -> AnyView {
    live::connect(board.room);
    keys::listen(board);
    drag::listen(board);
    lane_drag::listen(board);
    address::follow(board);
    conflicts::watch(board);
    windowing::follow(board);
    incremental::start(board);
    warn_before_leaving(board.room);
    keep_comments(board.room);
    platform::after_effects(|| {
        if let Some(board) = platform::element("board") {
            let _ = board.set_attribute("data-works", "");
        }
    });
    view! {
        <Attention />
        <Unsent />
        <RunningVotes />
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

/// Comments that can be read on this device without a network stay so.
fn keep_comments(room: Room) {
    Effect::new(move |_| {
        if room.connection.get() == Connection::Live {
            leptos::task::spawn_local(async move { room.load_opened_before().await });
        }
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
