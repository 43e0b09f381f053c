//! Where the focus is, and keeping it on a card that moves.

use domain::{ItemId, LaneId};
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlElement};

use super::ids::{card_id, list_id};
use crate::platform;

/// The attribute of a card that is far from what is in sight, and empty (`windowing`).
pub(super) const FAR: &str = "data-far";

/// The links of cards that neither the filter hides nor their lane.
const LINKS: &str = ".card:not([hidden], .lane--collapsed *) .card__link";
/// The one that `Tab` reaches.
const REACHED: &str = ".card:not([hidden], .lane--collapsed *) .card__link[tabindex='0']";

/// Focuses a card once the DOM shows where it is now: at once, so that the next key meets it, and in sight with the next
/// frame, which computes the layout anyway.
pub(super) fn card(id: ItemId) {
    let find = move || platform::element(&card_id(id)).and_then(|card| link(&card));
    platform::after_effects(move || {
        if let Some(link) = find().filter(|link| platform::focused().as_ref() != Some(link)) {
            reveal(&link);
            platform::focus(&link);
        }
    });
    platform::next_frame(move || {
        if let Some(link) = find() {
            show(&link);
        }
    });
}

/// Focuses a card's link. The board makes it the one that `Tab` reaches in its lane.
pub(super) fn focus(link: &HtmlElement) {
    reveal(link);
    platform::focus(link);
    show(link);
}

/// Focuses the control of that id, where there is one.
pub(super) fn control(id: &str) {
    if let Some(control) = platform::element(id).and_then(|control| control.dyn_into().ok()) {
        platform::focus(&control);
    }
}

/// Goes to the first lane with cards: to the card in it that had the focus last. False when there is none.
pub(super) fn enter() -> bool {
    let board = platform::element("board");
    let link = board
        .and_then(|board| board.query_selector(REACHED).ok().flatten())
        .and_then(|link| link.dyn_into().ok());
    if let Some(link) = &link {
        focus(link);
    }
    link.is_some()
}

fn show(link: &HtmlElement) {
    let options = web_sys::ScrollIntoViewOptions::new();
    options.set_block(web_sys::ScrollLogicalPosition::Nearest);
    options.set_inline(web_sys::ScrollLogicalPosition::Nearest);
    link.scroll_into_view_with_scroll_into_view_options(&options);
}

/// Draws the card that holds an element, wherever it is: so that it can take the focus.
pub(super) fn reveal(element: &Element) {
    if let Ok(Some(card)) = element.closest("[data-far]") {
        let _ = card.remove_attribute(FAR);
    }
}

/// The link that stands for a card.
pub(super) fn link(card: &Element) -> Option<HtmlElement> {
    card.query_selector(".card__link").ok().flatten()?.dyn_into().ok()
}

/// Of a lane's cards `Tab` reaches one: the one that had the focus last.
pub(super) fn rove(link: &HtmlElement) {
    let Ok(Some(lane)) = link.closest("[data-lane]") else { return };
    if let Ok(Some(former)) = lane.query_selector(".card__link[tabindex='0']") {
        let _ = former.set_attribute("tabindex", "-1");
    }
    reveal(link);
    let _ = link.set_attribute("tabindex", "0");
}

/// The link that `Tab` reaches in a lane.
pub(super) fn reached(lane: LaneId) -> Option<Element> {
    platform::element(&list_id(lane))?.query_selector(REACHED).ok().flatten()
}

/// Focuses the card of a lane that `Tab` reaches, once the DOM shows it.
pub(super) fn lane(lane: LaneId) {
    platform::after_effects(move || {
        if let Some(link) = reached(lane).and_then(|link| link.dyn_into::<HtmlElement>().ok()) {
            focus(&link);
        }
    });
}

/// After cards came and went, a lane with cards must still be reached by `Tab`.
pub(super) fn ensure_reachable(lane: LaneId) {
    if let Some(cards) = platform::element(&list_id(lane)) {
        ensure_one_reachable(&cards);
    }
}

/// The same for a list of cards.
pub(super) fn ensure_one_reachable(cards: &Element) {
    if cards.query_selector(REACHED).is_ok_and(|reached| reached.is_none())
        && let Ok(Some(first)) = cards.query_selector(LINKS)
        && let Ok(first) = first.dyn_into()
    {
        rove(&first);
    }
}

/// The link of the card before or after this one in its lane.
pub(super) fn beside(from: &HtmlElement, after: bool) -> Option<HtmlElement> {
    let step =
        |card: &Element| if after { card.next_element_sibling() } else { card.previous_element_sibling() };
    let mut card = step(&from.closest(".card").ok().flatten()?)?;
    while card.has_attribute("hidden") {
        card = step(&card)?;
    }
    link(&card)
}

/// The card link at the same height in the lane `offset` lanes further, if it has cards.
pub(super) fn across(link: &HtmlElement, offset: i32) -> Option<HtmlElement> {
    let lane = link.closest("[data-lane]").ok().flatten()?;
    let (_, index) = links(&lane, link)?;
    let lanes = platform::document().query_selector_all("[data-lane]").ok()?;
    let here =
        (0..lanes.length()).find(|i| lanes.get(*i).is_some_and(|other| other.is_same_node(Some(&lane))))?;
    let mut there = i32::try_from(here).ok()? + offset;
    loop {
        let lane: Element = lanes.get(u32::try_from(there).ok()?)?.dyn_into().ok()?;
        let links = lane.query_selector_all(LINKS).ok()?;
        if links.length() > 0 {
            return links.get(index.min(links.length() - 1))?.dyn_into().ok();
        }
        there += offset;
    }
}

fn links(lane: &Element, link: &HtmlElement) -> Option<(web_sys::NodeList, u32)> {
    let links = lane.query_selector_all(LINKS).ok()?;
    let index =
        (0..links.length()).find(|i| links.get(*i).is_some_and(|other| other.is_same_node(Some(link))))?;
    Some((links, index))
}
