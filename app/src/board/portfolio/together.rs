//! What the page says of all its rooms at once: how they are connected, what is unsaved, who is there.

use std::collections::BTreeMap;

use leptos::prelude::*;

use super::super::Board;
use crate::live::{Connection, Room};

/// Keeps what is said of the whole as it is in the parts, from now on.
pub(super) fn follow(board: Board, parts: &[Room]) {
    let whole = board.room;
    let all = StoredValue::new(parts.to_vec());
    let each = move || all.get_value().into_iter();
    Effect::new(move |_| {
        let unsaved = each().map(|part| part.unsaved.get()).sum();
        if whole.unsaved.get_untracked() != unsaved {
            whole.unsaved.set(unsaved);
        }
    });
    Effect::new(move |_| {
        let kept = each().all(|part| part.kept.get() || part.unsaved.get() == 0);
        if whole.kept.get_untracked() != kept {
            whole.kept.set(kept);
        }
    });
    Effect::new(move |_| {
        let connections: Vec<Connection> = each().map(|part| part.connection.get()).collect();
        let is_any = |wanted| connections.contains(&wanted);
        let connection = if is_any(Connection::Offline) {
            Connection::Offline
        } else if is_any(Connection::Connecting) {
            Connection::Connecting
        } else if is_any(Connection::Live) {
            Connection::Live
        } else {
            Connection::Closed
        };
        if whole.connection.get_untracked() != connection {
            whole.connection.set(connection);
        }
    });
    Effect::new(move |_| {
        let why = each().map(|part| part.why.get()).find(|why| !why.is_empty()).unwrap_or_default();
        if *whole.why.read_untracked() != why {
            whole.why.set(why);
        }
    });
    Effect::new(move |_| {
        let mut peers = BTreeMap::new();
        for (place, part) in (0u64..).zip(each()) {
            // Numbers of connections are each room's own.
            let numbered =
                part.peers.get().into_iter().map(|(connection, peer)| (connection << 6 | place, peer));
            peers.extend(numbered);
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
