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

/// Keeps those of a lane's cards hidden that are not to be shown: to make them anew would take long where there are many.
pub(super) fn hide(lane: LaneId, cards: Memo<Vec<ItemId>>, shown: Memo<Vec<ItemId>>) {
    Effect::new(move |former: Option<BTreeSet<ItemId>>| {
        let mut hidden = BTreeSet::new();
        hidden.extend(cards.read().iter().copied());
        for id in shown.read().iter() {
            hidden.remove(id);
        }
        let former = former.unwrap_or_default();
        // Cards that went to another lane are not this one's to show.
        let here = cards.get_untracked();
        let changed: Vec<ItemId> =
            here.into_iter().filter(|id| hidden.contains(id) != former.contains(id)).collect();
        if !changed.is_empty() {
            let hidden = hidden.clone();
            platform::after_effects(move || {
                for id in changed {
                    if let Some(card) = platform::element(&card_id(id)) {
                        let _ = card.toggle_attribute_with_force("hidden", hidden.contains(&id));
                    }
                }
                focus::ensure_reachable(lane);
            });
        }
        hidden
    });
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
