//! Which cards are marked: that of the open item, the selected ones, and those that the filter hides. Cards are drawn with their
//! marks; when these change, only the cards concerned are looked at.

use std::collections::BTreeSet;

use domain::{ItemId, LaneId};
use leptos::prelude::*;

use super::{
    Board,
    focus::{self, card_id, link},
};
use crate::platform;

/// Keeps the marks of cards as they should be, from now on.
pub(super) fn follow(board: Board) {
    follow_set("card--open", move || board.open.get().into_iter().collect());
    follow_set("card--selected", move || board.selected.get());
}

fn follow_set(class: &'static str, marked: impl Fn() -> BTreeSet<ItemId> + Send + Sync + 'static) {
    Effect::new(move |former: Option<BTreeSet<ItemId>>| {
        let (former, marked) = (former.unwrap_or_default(), marked());
        for id in former.symmetric_difference(&marked) {
            mark(*id, class, marked.contains(id));
        }
        marked
    });
}

/// So many of a lane's cards come back at once, more than are in sight; the others follow frame by frame, because the browser
/// has to lay each of them out.
const AT_ONCE: usize = 40;

/// Keeps those of a lane's cards hidden that are not to be shown: to make them anew would take long where there are many.
pub(super) fn hide(lane: LaneId, cards: Memo<Vec<ItemId>>, shown: Memo<Vec<ItemId>>) {
    Effect::new(move |hid: Option<bool>| {
        let hides = cards.read().len() != shown.read().len();
        if hides || hid == Some(true) {
            platform::after_effects(move || hide_and_show(lane, cards, shown));
        }
        hides
    });
}

fn hide_and_show(lane: LaneId, cards: Memo<Vec<ItemId>>, shown: Memo<Vec<ItemId>>) {
    // The page may have been left meanwhile.
    let (Some(cards_now), Some(shown_now)) = (cards.try_get_untracked(), shown.try_get_untracked()) else {
        return;
    };
    let mut visible = BTreeSet::new();
    visible.extend(shown_now);
    let mut came_back = 0;
    for id in cards_now {
        let Some(card) = platform::element(&card_id(id)) else { continue };
        let (hide, is_hidden) = (!visible.contains(&id), card.has_attribute("hidden"));
        if hide == is_hidden {
            continue;
        }
        came_back += usize::from(is_hidden);
        if came_back > AT_ONCE {
            platform::after_frame(move || hide_and_show(lane, cards, shown));
            break;
        }
        let _ = card.toggle_attribute_with_force("hidden", hide);
    }
    focus::ensure_reachable(lane);
}

fn mark(id: ItemId, class: &str, is: bool) {
    // Without a card, it is in the bin.
    let Some(card) = platform::element(&card_id(id)) else { return };
    let _ = card.class_list().toggle_with_force(class, is);
    if class == "card--open"
        && let Some(link) = link(&card)
    {
        let _ = if is {
            link.set_attribute("aria-current", "true")
        } else {
            link.remove_attribute("aria-current")
        };
    }
}
