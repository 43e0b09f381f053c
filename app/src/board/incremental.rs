//! Incremental rendering of long lanes.
//!
//! The page renders the first cards of each lane, about what a laptop's screen shows. The rest is one block of plain links,
//! which costs no hydration and can be read, printed and followed at once. Once the board works, cards replace their links
//! in small batches, one a frame, so that input is handled in between.

use std::collections::BTreeSet;

use domain::{ItemId, LaneId};
use gloo_timers::callback::Timeout;
use leptos::prelude::*;

use super::{Board, order, state::FIRST};
use crate::{frame::PaletteOpen, platform};

/// How long a batch may take, in milliseconds, and how many cards of each lane the first one has.
const BUDGET: i64 = 10;
const BATCH: usize = 4;

/// How long filling in pauses at a time while the palette is open, in milliseconds.
const PAUSE: u32 = 200;

/// The cards of a lane to render: those rendered before, and the first `most` in board order and among those the filter shows.
pub(super) fn rendered(
    former: Option<&Vec<ItemId>>,
    arranged: &[ItemId],
    shown: impl FnOnce() -> Vec<ItemId>,
    most: usize,
) -> Vec<ItemId> {
    if most >= arranged.len() {
        return order::as_they_came(former, arranged);
    }
    let first = &arranged[..most];
    let is_first = former.is_none_or(|former| first.starts_with(former));
    let shown = shown();
    if is_first && arranged.starts_with(&shown[..most.min(shown.len())]) {
        // What nearly always happens while a board fills in.
        return first.to_vec();
    }
    let mut wanted = order::ids(former.map_or(&[], Vec::as_slice));
    wanted.extend(first.iter().chain(shown.iter().take(most)));
    order::as_they_came(former, &among(arranged, &wanted))
}

/// The rendered cards in board order.
pub(super) fn placed(arranged: &[ItemId], rendered: &[ItemId]) -> Vec<ItemId> {
    if rendered.len() == arranged.len() {
        arranged.to_vec()
    } else if arranged.starts_with(rendered) {
        rendered.to_vec()
    } else {
        among(arranged, &order::ids(rendered))
    }
}

fn among(list: &[ItemId], set: &BTreeSet<ItemId>) -> Vec<ItemId> {
    list.iter().copied().filter(|id| set.contains(id)).collect()
}

/// The element id of the block of links in a lane.
pub(super) fn rest_id(lane: LaneId) -> String {
    format!("rest-{lane}")
}

/// The links to cards that the filter shows and that are not rendered yet. The server makes them; the browser already has them.
pub(super) fn links(board: Board, shown: &[ItemId]) -> String {
    if cfg!(not(feature = "ssr")) {
        return String::new();
    }
    board.room.with(|roadmap| {
        let items = shown.iter().skip(FIRST).filter_map(|id| roadmap.item(*id));
        items
            .map(|item| {
                let title = item.fields.title.to_string();
                view! { <a href=board.panel_path(item.id)>{title}</a> }.to_html()
            })
            .collect()
    })
}

/// Renders the remaining cards batch by batch.
pub(super) fn start(board: Board) {
    let handle = window_event_listener(leptos::ev::beforeprint, move |_| render_all(board));
    on_cleanup(move || handle.remove());
    // The links are those of the filter with which the page came.
    Effect::new(move |former: Option<()>| {
        board.filter.track();
        board.look.track();
        if former.is_some() {
            for list in board.lists.read_untracked().iter() {
                remove_links_of(list.lane, 0);
            }
        }
    });
    let palette = use_context::<PaletteOpen>().map(|palette| palette.open);
    platform::after_frame(move || render_more(board, BATCH, palette));
}

/// Renders all remaining cards at once, before something that may concern any of them.
pub(super) fn render_all(board: Board) {
    if board.rendered.get_untracked() < usize::MAX {
        board.rendered.set(usize::MAX);
        platform::after_effects(move || remove_links(board));
    }
}

fn render_more(board: Board, batch: usize, palette: Option<RwSignal<bool>>) {
    let (Some(rendered), Some(lists)) =
        (board.rendered.try_get_untracked(), board.lists.try_read_untracked())
    else {
        return;
    };
    let lengths = lists.iter().filter_map(|list| Some(list.arranged.try_read_untracked()?.len()));
    if rendered >= lengths.max().unwrap_or(0) {
        return render_all(board);
    }
    drop(lists);
    if palette.is_some_and(|palette| palette.try_get_untracked() == Some(true)) {
        // Filling in would delay typing in the palette.
        Timeout::new(PAUSE, move || render_more(board, batch, palette)).forget();
        return;
    }
    let since = platform::now().0;
    board.rendered.set(rendered + batch);
    platform::after_effects(move || {
        remove_links(board);
        let took = platform::now().0 - since;
        let batch = if took > BUDGET { batch / 2 } else { batch + batch.div_ceil(4) };
        platform::after_frame(move || render_more(board, batch.max(1), palette));
    });
}

/// Removes the links whose cards are rendered.
fn remove_links(board: Board) {
    let (Some(rendered), Some(lists)) =
        (board.rendered.try_get_untracked(), board.lists.try_read_untracked())
    else {
        return;
    };
    for list in lists.iter() {
        let left = list.shown.try_read_untracked().map_or(0, |cards| cards.len().saturating_sub(rendered));
        remove_links_of(list.lane, left);
    }
}

/// Removes the first links of a lane until no more than these are left.
fn remove_links_of(lane: LaneId, left: usize) {
    let Some(rest) = platform::element(&rest_id(lane)) else { return };
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

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(numbers: impl IntoIterator<Item = u64>) -> Vec<ItemId> {
        numbers.into_iter().map(|number| ItemId::new(number, [0; 10])).collect()
    }

    fn render(former: Option<&[u64]>, arranged: &[u64], shown: &[u64], most: usize) -> Vec<ItemId> {
        let former = former.map(|former| ids(former.iter().copied()));
        let arranged = ids(arranged.iter().copied());
        rendered(former.as_ref(), &arranged, || ids(shown.iter().copied()), most)
    }

    #[test]
    fn the_first_cards_are_rendered_then_more_without_moving_the_others() {
        let all = [1, 2, 3, 4, 5, 6];
        assert_eq!(render(None, &all, &all, 2), ids([1, 2]));
        assert_eq!(render(Some(&[1, 2]), &all, &all, 4), ids([1, 2, 3, 4]));
        assert_eq!(render(Some(&[1, 2, 3, 4]), &all, &all, usize::MAX), ids(all));
    }

    #[test]
    fn a_page_that_comes_filtered_has_the_first_cards_that_match() {
        assert_eq!(render(None, &[1, 2, 3, 4, 5, 6], &[2, 5, 6], 2), ids([1, 2, 5]));
    }

    #[test]
    fn filtered_cards_come_first_and_rendered_cards_stay() {
        let all = [1, 2, 3, 4, 5, 6];
        assert_eq!(render(Some(&[1, 2]), &all, &[5, 6], 2), ids([1, 2, 5, 6]));
        assert_eq!(
            render(Some(&[1, 2]), &[3, 4, 5, 6, 2, 1], &[], 1),
            ids([1, 2, 3]),
            "others moved before them"
        );
        assert_eq!(render(Some(&[1, 2]), &[3, 4, 5, 2], &[], 1), ids([2, 3]), "one left the lane");
    }
}
