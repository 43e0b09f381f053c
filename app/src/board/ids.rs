//! The element ids of what is on the board, and back.

use domain::{ItemId, LaneId};
use web_sys::Element;

/// The element id of a lane's list of cards, which scrolls.
pub(super) fn list_id(lane: LaneId) -> String {
    format!("lane-{lane}")
}

/// The element id of a card.
pub(crate) fn card_id(id: ItemId) -> String {
    format!("card-{id}")
}

/// The item whose card holds an element.
pub(super) fn item_of(element: &Element) -> Option<ItemId> {
    element.closest("[data-item]").ok().flatten()?.get_attribute("data-item")?.parse().ok()
}

/// Where the balance bar is put, above the board.
pub(super) const BALANCE: &str = "balance";

/// Where the product's star is put, above its board.
pub(super) const STAR: &str = "product-star";
