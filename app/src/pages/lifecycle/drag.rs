//! Carrying products from stage to stage.

use domain::Stage;
use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast as _;
use web_sys::{Element, Event, HtmlElement, KeyboardEvent, PointerEvent};

use crate::{
    board::press::{self, Draggable},
    platform,
};

struct Card {
    card: Element,
    key: String,
    from: Stage,
    over: Option<(Stage, Element)>,
    go: Callback<String>,
}

/// Watches for presses on cards while the page is open.
pub(super) fn listen(go: Callback<String>) {
    let handle = window_event_listener(ev::pointerdown, move |event| press(&event, go));
    on_cleanup(move || handle.remove());
}

/// Alt with an arrow on a card asks for the stage beside its own.
pub(super) fn key(event: &KeyboardEvent, go: Callback<String>) {
    let step = match (event.alt_key(), &*event.key()) {
        (true, "ArrowLeft") => -1,
        (true, "ArrowRight") => 1,
        _ => return,
    };
    let Some((_, key, from)) = card_at(event) else { return };
    event.prevent_default();
    let place = Stage::ALL.iter().position(|stage| *stage == from);
    let to = place.and_then(|place| place.checked_add_signed(step)).and_then(|place| Stage::ALL.get(place));
    if let Some(to) = to {
        go.try_run(address(&key, *to));
    }
}

/// The page at what a move needs.
fn address(key: &str, to: Stage) -> String {
    format!("/lifecycle?product={key}&to={}", to.as_str())
}

/// The card that an event is within, with its product and stage; only one that may be moved has them.
fn card_at(event: &Event) -> Option<(Element, String, Stage)> {
    let card = platform::within(event, "[data-product]")?;
    let (key, stage) = (card.get_attribute("data-product")?, card.get_attribute("data-stage")?);
    Some((card, key, stage.parse().ok()?))
}

fn press(event: &PointerEvent, go: Callback<String>) {
    if event.button() != 0 {
        return;
    }
    if let Some((card, key, from)) = card_at(event) {
        press::press(event, Card { card, key, from, over: None, go });
    }
}

impl Draggable for Card {
    fn element(&self) -> &Element {
        &self.card
    }

    fn begin(&mut self) -> Option<HtmlElement> {
        let ghost = press::ghost(&self.card, "lifecycle__card--ghost")?;
        let _ = self.card.class_list().add_1("lifecycle__card--dragging");
        Some(ghost)
    }

    fn aim(&mut self, (x, y): (f64, f64), _: f64) {
        let over = column_at(x, y).filter(|(stage, _)| *stage != self.from);
        let is_same = match (&over, &self.over) {
            (Some((new, _)), Some((old, _))) => new == old,
            (None, None) => true,
            _ => false,
        };
        if !is_same {
            self.mark(false);
            self.over = over;
            self.mark(true);
        }
    }

    fn end(&mut self) {
        self.mark(false);
        let _ = self.card.class_list().remove_1("lifecycle__card--dragging");
    }

    fn land(&mut self) {
        if let Some((to, _)) = self.over.take() {
            self.go.try_run(address(&self.key, to));
        }
    }
}

impl Card {
    /// Shows where it would land, or no longer.
    fn mark(&self, is_over: bool) {
        if let Some((_, column)) = &self.over {
            let _ = column.class_list().toggle_with_force("lifecycle__stage--over", is_over);
        }
    }
}

/// The column at a place of the window, with its stage.
fn column_at(x: f64, y: f64) -> Option<(Stage, Element)> {
    let found = platform::document().query_selector_all("[data-column]").ok()?;
    let columns = (0..found.length()).filter_map(|at| found.get(at)?.dyn_into::<Element>().ok());
    let mut around = columns.filter(|column| {
        let rect = column.get_bounding_client_rect();
        (rect.left()..rect.right()).contains(&x) && (rect.top()..rect.bottom()).contains(&y)
    });
    let column = around.next()?;
    Some((column.get_attribute("data-column")?.parse().ok()?, column))
}
