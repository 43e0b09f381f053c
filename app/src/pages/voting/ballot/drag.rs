//! Ranking by dragging: an item follows the pointer from place to place. `Esc` puts it back.

use domain::ItemId;
use gloo_events::EventListener;
use leptos::prelude::*;
use std::{cell::RefCell, rc::Rc};
use wasm_bindgen::JsCast as _;
use web_sys::{KeyboardEvent, PointerEvent};

use super::state::Filling;
use crate::platform;

/// Begins when a handle is pressed.
pub(super) fn press(filling: Filling, event: &PointerEvent) {
    let target = platform::target(event);
    let handle = target.and_then(|target| target.closest(".ballot__handle").ok().flatten());
    let item = handle.and_then(|handle| handle.get_attribute("data-item")?.parse::<ItemId>().ok());
    let Some(item) = item else { return };
    event.prevent_default();
    let before = filling.amount(item);
    mark(item, true);
    let window = platform::window();
    // Dropped, and with them deaf, when the pointer is let go.
    let listeners: Rc<RefCell<Vec<EventListener>>> = Rc::default();
    let finish = {
        let listeners = Rc::clone(&listeners);
        move || {
            mark(item, false);
            let ended = listeners.take();
            // A listener must not be dropped while it runs.
            platform::next_frame(move || drop(ended));
        }
    };
    let moved = EventListener::new(&window, "pointermove", move |event| {
        if let Some(event) = event.dyn_ref::<PointerEvent>() {
            follow(filling, item, f64::from(event.client_y()));
        }
    });
    let up = EventListener::new(&window, "pointerup", {
        let finish = finish.clone();
        move |_| finish()
    });
    let gone = EventListener::new(&window, "pointercancel", {
        let finish = finish.clone();
        move |_| finish()
    });
    let escape = EventListener::new(&window, "keydown", move |event| {
        if event.dyn_ref::<KeyboardEvent>().is_some_and(|event| event.key() == "Escape") {
            filling.rank(item, before);
            finish();
        }
    });
    listeners.borrow_mut().extend([moved, up, gone, escape]);
}

fn mark(item: ItemId, held: bool) {
    if let Some(line) = platform::element(&format!("line-{item}")) {
        let _ = line.class_list().toggle_with_force("ballot__line--held", held);
    }
}

/// Moves the item to the place of the line under the pointer.
fn follow(filling: Filling, item: ItemId, y: f64) {
    let order = filling.order.get_untracked();
    let middle = |item: &ItemId| {
        let line = platform::element(&format!("line-{item}"))?;
        let place = line.get_bounding_client_rect();
        Some(place.top() + place.height() / 2.0)
    };
    let above = order.iter().filter(|other| **other != item);
    let above = above.filter(|other| middle(other).is_some_and(|middle| middle < y)).count();
    let place = u32::try_from(above + 1).unwrap_or(u32::MAX);
    if filling.amount(item) != Some(place) {
        let ranked = u32::try_from(filling.chosen()).unwrap_or(u32::MAX);
        // Below the ranked ones there is one place: the next.
        let last = if filling.amount(item).is_some() { ranked } else { ranked + 1 };
        if filling.amount(item) != Some(place.min(last)) {
            filling.rank(item, Some(place.min(last)));
        }
    }
}
