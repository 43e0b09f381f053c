//! Which cards are marked: that of the open item, and the selected ones. Cards are drawn with their marks; when these change,
//! only the cards concerned are looked at.

use std::collections::BTreeSet;

use domain::ItemId;
use leptos::prelude::*;

use super::{Board, focus::link, ids::card_id, order};
use crate::platform;

/// Keeps the marks of cards as they should be, from now on.
pub(super) fn follow(board: Board) {
    follow_set("card--open", move || order::ids(board.open.get().as_slice()));
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
