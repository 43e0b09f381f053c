//! Where others write in the same text: a copy of the field, of which only the carets can be seen.

use std::collections::BTreeMap;

use domain::{Delta, ItemId, TextOf, UserId, wire::Caret};
use leptos::{html, prelude::*};

use super::Board;

/// Somebody's caret, as it was told and where it is by now.
#[derive(Clone, Copy, PartialEq)]
struct Place {
    user: UserId,
    told: Caret,
    at: usize,
    from: usize,
}

#[component]
pub(super) fn Carets(
    board: Board,
    id: ItemId,
    area: NodeRef<html::Textarea>,
    /// Counts up when the field holds something else.
    changed: RwSignal<u64>,
    /// Where a place of the shown text is in the field.
    #[prop(into)]
    in_field: Callback<usize, usize>,
) -> impl IntoView {
    let text = TextOf::Description(id);
    let now = move || board.room.with(|roadmap| roadmap.text(text).unwrap_or_default().to_owned());
    let known = StoredValue::new((String::new(), BTreeMap::<u64, Place>::new()));
    let mirror = NodeRef::<html::Div>::new();
    // Carets that were told move with the text until their page tells of another place.
    let places = move || {
        changed.track();
        board.room.revision.track();
        let peers = board.room.peers.read();
        known
            .try_update_value(|(before, known)| {
                let now = now();
                if *before != now && !known.is_empty() {
                    let delta = Delta::between(before, &now);
                    for place in known.values_mut() {
                        (place.at, place.from) = (delta.position(place.at), delta.position(place.from));
                    }
                }
                *before = now;
                let told = peers.values().filter_map(|peer| {
                    let told = peer.presence.caret.filter(|caret| caret.text == text)?;
                    let count = |at: u32| usize::try_from(at).unwrap_or(usize::MAX);
                    let at = count(told.at);
                    let place = Place { user: peer.user, told, at, from: told.from.map_or(at, count) };
                    let kept = known.get(&peer.connection).filter(|kept| kept.told == told);
                    Some((peer.connection, kept.copied().unwrap_or(place)))
                });
                *known = told.collect();
                known.values().copied().collect::<Vec<_>>()
            })
            .unwrap_or_default()
    };
    let drawn = move || {
        let mut places = places();
        let Some(area) = area.get().filter(|_| !places.is_empty()) else { return Vec::new() };
        for place in &mut places {
            (place.at, place.from) = (in_field.run(place.at), in_field.run(place.from));
        }
        pieces(&area.value(), &places)
    };
    let piece = move |piece: Piece| match piece {
        Piece::Text(text, None) => text.into_any(),
        Piece::Text(text, Some(user)) => {
            let class = format!("writing__selected colour-{}", board.room.colour(user) % 12);
            view! { <span class=class>{text}</span> }.into_any()
        }
        Piece::Caret(user) => {
            let class = format!("writing__caret colour-{}", board.room.colour(user) % 12);
            view! {
                <span class=class>
                    <span class="writing__name" dir="auto">
                        {board.room.person(user)}
                    </span>
                </span>
            }
            .into_any()
        }
    };
    let scroll = move || {
        if let (Some(area), Some(mirror)) = (area.get_untracked(), mirror.get_untracked()) {
            mirror.set_scroll_top(area.scroll_top());
        }
    };
    Effect::new(move |_| {
        if let Some(area) = area.get() {
            let listener = gloo_events::EventListener::new(&area, "scroll", move |_| scroll());
            let listener = send_wrapper::SendWrapper::new(listener);
            on_cleanup(move || drop(listener));
        }
    });
    view! {
        <div node_ref=mirror class="item-panel__text writing__mirror" dir="auto" aria-hidden="true">
            {move || {
                let pieces = drawn().into_iter().map(piece).collect_view();
                crate::platform::after_effects(scroll);
                pieces
            }}
        </div>
    }
}

/// What the copy is made of.
enum Piece {
    /// Text, and who selected it.
    Text(String, Option<UserId>),
    Caret(UserId),
}

fn pieces(text: &str, places: &[Place]) -> Vec<Piece> {
    let mut cuts: Vec<usize> = places.iter().flat_map(|place| [place.at, place.from]).collect();
    cuts.push(usize::MAX);
    cuts.sort_unstable();
    cuts.dedup();
    let mut pieces = Vec::new();
    let (mut letters, mut begin) = (text.chars(), 0);
    for end in cuts {
        let part: String = letters.by_ref().take(end - begin).collect();
        let selects = |place: &&Place| place.at.min(place.from) <= begin && end <= place.at.max(place.from);
        if !part.is_empty() {
            pieces.push(Piece::Text(part, places.iter().find(selects).map(|place| place.user)));
        }
        pieces.extend(places.iter().filter(|place| place.at == end).map(|place| Piece::Caret(place.user)));
        begin = end;
    }
    pieces
}
