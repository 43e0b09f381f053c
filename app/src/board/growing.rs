//! Cards come alive by and by.
//!
//! Of each lane the first cards are alive from the start, more than a screen shows. The rest is one block of links, which needs
//! nothing of this program: it can be read, printed and followed at once. Then a few cards take the place of their links with
//! each frame, so that whatever people do meanwhile is answered.

use std::collections::BTreeSet;

use domain::{ItemId, LaneId};
use leptos::prelude::*;

use super::{Board, order};
use crate::platform;

/// So many cards of a lane are alive from the start.
pub(super) const FIRST: usize = 20;

/// How long making cards may take in a frame, in milliseconds, and how many come with the first.
const SLICE: i64 = 10;
const STEP: usize = 4;

/// The cards of a lane that are alive: those that were, and the first of those that stand there and that the filter shows.
pub(super) fn alive(
    former: Option<&Vec<ItemId>>,
    arranged: &[ItemId],
    shown: impl FnOnce() -> Vec<ItemId>,
    most: usize,
) -> Vec<ItemId> {
    if most >= arranged.len() {
        return order::as_they_came(former, arranged);
    }
    let mut wanted = order::ids(former.map_or(&[], Vec::as_slice));
    wanted.extend(arranged.iter().take(most));
    if former.is_some() {
        wanted.extend(shown().iter().take(most));
    }
    order::as_they_came(former, &among(arranged, &wanted))
}

/// Those of a list that are in a set.
pub(super) fn among(list: &[ItemId], set: &BTreeSet<ItemId>) -> Vec<ItemId> {
    list.iter().copied().filter(|id| set.contains(id)).collect()
}

/// The element id of the block of links in a lane.
pub(super) fn rest_id(lane: LaneId) -> String {
    format!("rest-{lane}")
}

/// The links to cards that are not alive yet. Made by the server; a browser has them from there.
pub(super) fn links(board: Board, arranged: &[ItemId]) -> String {
    if cfg!(not(feature = "ssr")) {
        return String::new();
    }
    board.room.with(|roadmap| {
        let items = arranged.iter().skip(FIRST).filter_map(|id| roadmap.item(*id));
        items
            .map(|item| {
                let title = item.fields.title.to_string();
                view! { <a href=board.item_path(item.number)>{title}</a> }.to_html()
            })
            .collect()
    })
}

/// Lets the cards come alive, from now on.
pub(super) fn follow(board: Board) {
    let handle = window_event_listener(leptos::ev::beforeprint, move |_| all(board));
    on_cleanup(move || handle.remove());
    grow(board, STEP);
}

/// Has all cards alive at once: something is done that may concern any of them.
pub(super) fn all(board: Board) {
    if board.alive.get_untracked() < usize::MAX {
        board.alive.set(usize::MAX);
        platform::after_effects(move || take_away(board));
    }
}

fn grow(board: Board, step: usize) {
    let (Some(alive), Some(lists)) = (board.alive.try_get_untracked(), board.lists.try_read_untracked())
    else {
        return;
    };
    let lengths = lists.iter().filter_map(|list| Some(list.arranged.try_read_untracked()?.len()));
    if alive >= lengths.max().unwrap_or(0) {
        return all(board);
    }
    drop(lists);
    let since = platform::now().0;
    board.alive.set(alive + step);
    platform::after_effects(move || {
        take_away(board);
        let took = platform::now().0 - since;
        let step = if took > SLICE { step / 2 } else { step + step.div_ceil(4) };
        platform::after_frame(move || grow(board, step.max(1)));
    });
}

/// Takes links away whose cards have come.
fn take_away(board: Board) {
    let (Some(alive), Some(lists)) = (board.alive.try_get_untracked(), board.lists.try_read_untracked())
    else {
        return;
    };
    for list in lists.iter() {
        let Some(rest) = platform::element(&rest_id(list.lane)) else { continue };
        let left = list.arranged.try_read_untracked().map_or(0, |cards| cards.len().saturating_sub(alive));
        if left == 0 {
            rest.set_text_content(None);
            let _ = rest.set_attribute("hidden", "");
        }
        while rest.child_element_count() as usize > left
            && let Some(link) = rest.first_element_child()
        {
            link.remove();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(numbers: impl IntoIterator<Item = u64>) -> Vec<ItemId> {
        numbers.into_iter().map(|number| ItemId::new(number, [0; 10])).collect()
    }

    fn come(former: Option<&[u64]>, arranged: &[u64], shown: &[u64], most: usize) -> Vec<ItemId> {
        let former = former.map(|former| ids(former.iter().copied()));
        let arranged = ids(arranged.iter().copied());
        alive(former.as_ref(), &arranged, || ids(shown.iter().copied()), most)
    }

    #[test]
    fn the_first_are_alive_and_then_more_without_the_others_moving() {
        let all = [1, 2, 3, 4, 5, 6];
        assert_eq!(come(None, &all, &all, 2), ids([1, 2]));
        assert_eq!(come(Some(&[1, 2]), &all, &all, 4), ids([1, 2, 3, 4]));
        assert_eq!(come(Some(&[1, 2, 3, 4]), &all, &all, usize::MAX), ids(all));
    }

    #[test]
    fn what_the_filter_shows_comes_first_and_what_was_alive_stays() {
        let all = [1, 2, 3, 4, 5, 6];
        assert_eq!(come(Some(&[1, 2]), &all, &[5, 6], 2), ids([1, 2, 5, 6]));
        assert_eq!(
            come(Some(&[1, 2]), &[3, 4, 5, 6, 2, 1], &[], 1),
            ids([1, 2, 3]),
            "others came before them"
        );
        assert_eq!(come(Some(&[1, 2]), &[3, 4, 5, 2], &[], 1), ids([2, 3]), "one has gone");
    }
}
