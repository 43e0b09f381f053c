//! Who else is here: avatars, rings around the cards they have open, ghosts of the cards they drag.

use std::collections::{BTreeMap, BTreeSet};

use domain::{ItemId, UserId};
use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use web_sys::Element;

use super::{Board, ids::card_id};
use crate::{platform, ui::Avatar};

/// How long another person's change is tinted, in milliseconds.
const TINT: u32 = 700;

/// Shows for a moment in a person's colour what that person changed.
pub(crate) fn tint(items: &[ItemId], colour: u8) {
    let class = format!("tint-{}", colour % 12);
    let cards: Vec<Element> = items.iter().filter_map(|id| platform::element(&card_id(*id))).collect();
    for card in &cards {
        let _ = card.class_list().add_2("card--tinted", &class);
    }
    let fade = move || {
        for card in &cards {
            let _ = card.class_list().remove_2("card--tinted", &class);
        }
    };
    Timeout::new(TINT, fade).forget();
}

/// The people whose pages are open, once each, oneself left out.
#[component]
pub(super) fn Here() -> impl IntoView {
    let board = expect_context::<Board>();
    let people = move || {
        let peers = board.room.peers.read();
        let own = board.room.user();
        let mut people = BTreeSet::new();
        people.extend(peers.values().map(|peer| peer.user).filter(|user| *user != own));
        people
    };
    let person = move |user: UserId| {
        view! {
            <li>
                <Avatar name=board.room.person(user) colour=board.room.colour(user) ring=true />
            </li>
        }
    };
    view! {
        <ul class="here" aria-label="Also here">
            {move || people().into_iter().map(person).collect_view()}
        </ul>
    }
}

/// Marks on the cards what others have open or drag. Draws on the cards' elements, which belong to other components,
/// and so only after they are up to date.
#[component]
pub(super) fn PeerMarks() -> impl IntoView {
    let board = expect_context::<Board>();
    Effect::new(move |former: Option<Vec<ItemId>>| {
        let peers = board.room.peers.read();
        let mut open: BTreeMap<ItemId, u8> = BTreeMap::new();
        let mut dragged: BTreeMap<ItemId, u8> = BTreeMap::new();
        for peer in peers.values() {
            let colour = board.room.colour(peer.user) % 12;
            open.extend(peer.presence.item.map(|item| (item, colour)));
            let items = peer.presence.dragging.iter().flat_map(|dragging| &dragging.items);
            dragged.extend(items.map(|item| (*item, colour)));
        }
        let marked: Vec<ItemId> = open.keys().chain(dragged.keys()).copied().collect();
        let clear = former.unwrap_or_default();
        platform::next_frame(move || {
            for id in clear {
                unmark(id);
            }
            for (id, colour) in &open {
                set_mark(*id, "data-open-by", *colour);
            }
            for (id, colour) in &dragged {
                set_mark(*id, "data-dragged-by", *colour);
            }
        });
        marked
    });
}

/// The cards others are dragging, as small ghosts where they would land.
#[component]
pub(super) fn PeerGhosts() -> impl IntoView {
    let board = expect_context::<Board>();
    let dragging = move || {
        let peers = board.room.peers.read();
        let ghosts = peers.values().filter_map(|peer| {
            let dragging = peer.presence.dragging.as_ref()?;
            let (lane, _) = dragging.over?;
            let title = board.room.with(|roadmap| {
                let item = roadmap.item(*dragging.items.first()?)?;
                Some((item.fields.title.to_string(), roadmap.lane(lane)?.name.to_string()))
            })?;
            Some((peer.connection, board.room.person(peer.user), board.room.colour(peer.user) % 12, title))
        });
        ghosts.collect::<Vec<_>>()
    };
    view! {
        <ul class="peer-ghosts" aria-hidden="true">
            {move || {
                dragging()
                    .into_iter()
                    .map(|(_, name, colour, (title, lane))| {
                        view! {
                            <li class=format!("peer-ghost colour-{colour}") dir="auto">
                                {name} " moves “" {title} "” to " {lane}
                            </li>
                        }
                    })
                    .collect_view()
            }}
        </ul>
    }
}

fn set_mark(id: ItemId, name: &str, colour: u8) {
    if let Some(card) = platform::element(&card_id(id)) {
        let _ = card.set_attribute(name, &colour.to_string());
    }
}

fn unmark(id: ItemId) {
    if let Some(card) = platform::element(&card_id(id)) {
        let _ = card.remove_attribute("data-open-by");
        let _ = card.remove_attribute("data-dragged-by");
    }
}
