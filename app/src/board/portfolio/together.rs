//! What the page says of all its rooms at once: how they are connected, what is unsaved, who is there.

use std::collections::BTreeMap;

use domain::wire::MAX_ROOMS;
use leptos::prelude::*;

use super::super::Board;
use crate::live::{Connection, Room};

/// Keeps what is said of the whole as it is in the parts, from now on.
pub(super) fn follow(board: Board, parts: &[Room]) {
    let whole = board.room;
    let all = StoredValue::new(parts.to_vec());
    let each = move || all.get_value().into_iter();
    mirror(whole.unsaved, move || each().map(|part| part.unsaved.get()).sum());
    mirror(whole.kept, move || each().all(|part| part.kept.get() || part.unsaved.get() == 0));
    mirror(whole.connection, move || {
        let connections: Vec<Connection> = each().map(|part| part.connection.get()).collect();
        let is_any = |wanted| connections.contains(&wanted);
        if is_any(Connection::Offline) {
            Connection::Offline
        } else if is_any(Connection::Connecting) {
            Connection::Connecting
        } else if is_any(Connection::Live) {
            Connection::Live
        } else {
            Connection::Closed
        }
    });
    mirror(whole.why, move || {
        each().map(|part| part.why.get()).find(|why| !why.is_empty()).unwrap_or_default()
    });
    Effect::new(move |_| {
        let mut peers = BTreeMap::new();
        for (place, part) in (0u64..).zip(each()) {
            // Numbers of connections are each room's own.
            let number = |connection: u64| connection * u64::from(MAX_ROOMS) + place;
            peers.extend(part.peers.get().into_iter().map(|(connection, peer)| (number(connection), peer)));
        }
        whole.peers.set(peers);
    });
    Effect::new(move |former: Option<()>| {
        let members = each().next().map(|part| part.members.get()).unwrap_or_default();
        if former.is_some() {
            whole.members.set(members);
        }
    });
    // The name, the kind and the stage of a product are shown and filtered by.
    Effect::new(move |former: Option<()>| {
        each().for_each(|part| part.product.track());
        if former.is_some() {
            whole.show_parts(&all.get_value());
            whole.revision.update(|revision| *revision += 1);
        }
    });
    // Others see the open item in its own room.
    Effect::new(move |_| {
        let open = board.open.get();
        for part in each() {
            let here = open.filter(|id| part.with(|roadmap| roadmap.item(*id).is_some()));
            part.present(|presence| presence.item = here);
        }
    });
}

/// Keeps a signal as what it follows is, and wakes nobody where that is the same.
fn mirror<T: PartialEq + Send + Sync + 'static>(to: RwSignal<T>, of: impl Fn() -> T + 'static) {
    Effect::new(move |_| {
        let now = of();
        if *to.read_untracked() != now {
            to.set(now);
        }
    });
}
