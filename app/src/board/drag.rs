//! Dragging cards.

use domain::{ItemId, LaneId, Place, wire::Dragging};
use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlElement, PointerEvent};

use super::{
    Board,
    balance::Aim,
    cells::Cell,
    ids,
    moves::Tell,
    press::{self, Draggable, LINE},
};
use crate::platform;

/// How much faster a lane scrolls for each second at its edge, and at most: its end may be a thousand cards away.
const FASTER: f64 = 3.0;
const FASTEST: f64 = 16.0;

/// A card, with the others that are selected when it is.
struct Cards {
    board: Board,
    /// Tells where they would land to what shows what would come of it.
    aim: Aim,
    card: Element,
    item: ItemId,
    items: Vec<ItemId>,
    target: Option<Target>,
    /// For how long a lane has been scrolling, in seconds.
    scrolling: f64,
}

/// Where cards would land.
#[derive(Clone, Debug, PartialEq)]
enum Target {
    Lane(LaneId, Place<ItemId>),
    Cell(Cell),
}

/// Watches for presses on cards while the board is open.
pub(super) fn listen(board: Board, aim: Aim) {
    let handle = window_event_listener(ev::pointerdown, move |event| press(board, aim, &event));
    on_cleanup(move || handle.remove());
}

fn press(board: Board, aim: Aim, event: &PointerEvent) {
    if event.button() != 0
        || !board.room.can_edit()
        || event.ctrl_key()
        || event.meta_key()
        || event.shift_key()
    {
        return;
    }
    let Some(target) = platform::target(event) else { return };
    let on_control = target.closest("button, input, textarea, select").ok().flatten().is_some();
    let Some(card) = target.closest("[data-item]").ok().flatten().filter(|_| !on_control) else { return };
    let Some(item) = ids::item_of(&card) else { return };
    press::press(event, Cards { board, aim, card, item, items: Vec::new(), target: None, scrolling: 0.0 });
}

impl Draggable for Cards {
    fn element(&self) -> &Element {
        &self.card
    }

    fn begin(&mut self) -> Option<HtmlElement> {
        self.items = self.board.with_selection(self.item);
        let ghost = press::ghost(&self.card, "card--ghost")?;
        if self.items.len() > 1 {
            let badge = platform::document().create_element("span").ok()?;
            badge.set_class_name("card__stack");
            badge.set_text_content(Some(&self.items.len().to_string()));
            ghost.append_child(&badge).ok()?;
        }
        mark(&self.items, true);
        let items = self.items.clone();
        self.board.room.present(|presence| presence.dragging = Some(Dragging { items, over: None }));
        Some(ghost)
    }

    fn aim(&mut self, (x, y): (f64, f64), elapsed: f64) {
        let lane = lane_at(x, y);
        press::scroll_board(x, elapsed);
        let is_scrolling = lane.as_ref().is_some_and(|lane| scroll(lane, y, elapsed, self.scrolling));
        self.scrolling = if is_scrolling { self.scrolling + elapsed } else { 0.0 };
        let target = lane.and_then(|lane| cell(&lane).or_else(|| target(self.board, &lane, y, &self.items)));
        if target != self.target {
            let over = match &target {
                Some(Target::Lane(lane, place)) => Some((*lane, *place)),
                _ => None,
            };
            let aimed = match &target {
                Some(Target::Cell(cell)) => Some((self.items.clone(), cell.clone())),
                _ => None,
            };
            self.target = target;
            let _ = self.aim.try_set(aimed);
            self.board.room.present(|presence| {
                if let Some(dragging) = &mut presence.dragging {
                    dragging.over = over;
                }
            });
        }
    }

    fn end(&mut self) {
        mark(&self.items, false);
        let _ = self.aim.try_set(None);
        self.board.room.present(|presence| presence.dragging = None);
    }

    fn land(&mut self) {
        match &self.target {
            Some(Target::Lane(lane, place)) => {
                self.board.move_items(self.items.clone(), *lane, *place, Tell::Toast);
            }
            Some(Target::Cell(cell)) => self.board.move_to_cell(&self.items, cell, Tell::Toast),
            None => return,
        }
        self.board.clear_selection();
    }
}

fn mark(items: &[ItemId], dragging: bool) {
    for id in items {
        if let Some(card) = platform::element(&ids::card_id(*id)) {
            let _ = card.class_list().toggle_with_force("card--dragging", dragging);
        }
    }
}

/// The lane at a point, by where the lanes are: to be asked what is there, the browser looks at every card.
fn lane_at(x: f64, y: f64) -> Option<Element> {
    let holds = |element: &Element| {
        let rect = element.get_bounding_client_rect();
        (rect.left()..rect.right()).contains(&x) && (rect.top()..rect.bottom()).contains(&y)
    };
    let board = platform::element("board").filter(holds)?;
    let lanes = board.query_selector_all("[data-lane]").ok()?;
    (0..lanes.length()).filter_map(|at| lanes.get(at)?.dyn_into().ok()).find(holds)
}

/// The cell that an element is, with the line drawn below its cards.
fn cell(lane: &Element) -> Option<Target> {
    let group = |name: &str| lane.get_attribute(name).map(|key| Some(key).filter(|key| !key.is_empty()));
    let cell = Cell { column: group("data-column")?, row: group("data-row")? };
    let list = lane.query_selector(".lane__cards").ok().flatten()?;
    let rect = list.get_bounding_client_rect();
    let last = list.query_selector("[data-item]:last-of-type").ok().flatten();
    let line = last.map_or(rect.top() + 4.0, |last| last.get_bounding_client_rect().bottom() + 4.0);
    press::show_line(
        rect.left() + 8.0,
        line.clamp(rect.top(), lane.get_bounding_client_rect().bottom()) - 1.0,
        rect.width() - 16.0,
        LINE,
    );
    Some(Target::Cell(cell))
}

/// Where in a lane the cards would land, with the line drawn there. Asked once per frame, so few cards are looked at: they stand
/// below each other in order.
fn target(board: Board, lane: &Element, y: f64, dragged: &[ItemId]) -> Option<Target> {
    let id: LaneId = lane.get_attribute("data-lane")?.parse().ok()?;
    let list = lane.query_selector(".lane__cards").ok().flatten()?;
    if list.client_height() == 0 {
        // Of a collapsed lane no card is in sight.
        return Some(Target::Lane(id, Place::Last));
    }
    let cards = list.query_selector_all("[data-item]:not([hidden])").ok()?;
    let card = |at: u32| cards.get(at)?.dyn_into::<Element>().ok();
    let below = first(cards.length(), |at| {
        card(at).is_some_and(|card| {
            let rect = card.get_bounding_client_rect();
            y < rect.top() + rect.height() / 2.0
        })
    });
    let standing = |at: u32| {
        let card = card(at)?;
        let item = ids::item_of(&card).filter(|item| !dragged.contains(item))?;
        Some((item, card.get_bounding_client_rect()))
    };
    let before = (below..cards.length()).find_map(standing);
    let after = (0..below).rev().find_map(standing);
    let list = list.get_bounding_client_rect();
    let line = match (&before, &after) {
        (Some((_, rect)), _) => rect.top() - 4.0,
        (None, Some((_, rect))) => rect.bottom() + 4.0,
        (None, None) => list.top() + 4.0,
    };
    press::show_line(
        list.left() + 8.0,
        line.clamp(list.top(), list.bottom()) - 1.0,
        list.width() - 16.0,
        LINE,
    );
    let beside: Vec<ItemId> = after.iter().chain(&before).map(|(item, _)| *item).collect();
    Some(Target::Lane(id, board.place(&beside, usize::from(after.is_some()))))
}

/// The first of so many of which something is true that is true of all that follow; their number when it is true of none.
fn first(count: u32, is_true: impl Fn(u32) -> bool) -> u32 {
    let (mut from, mut to) = (0, count);
    while from < to {
        let middle = from.midpoint(to);
        if is_true(middle) { to = middle } else { from = middle + 1 }
    }
    from
}

/// Scrolls a lane when the pointer is at its upper or lower edge, as far as in that time; the faster the longer it has been
/// scrolling. Returns whether it does. Times are in seconds.
fn scroll(lane: &Element, y: f64, elapsed: f64, scrolling: f64) -> bool {
    let Some(list) = lane.query_selector(".lane__cards").ok().flatten() else { return false };
    let rect = list.get_bounding_client_rect();
    let speed = press::speed(rect.bottom() - y) - press::speed(y - rect.top());
    list.scroll_by_with_x_and_y(0.0, speed * (1.0 + FASTER * scrolling).min(FASTEST) * elapsed);
    speed != 0.0
}
