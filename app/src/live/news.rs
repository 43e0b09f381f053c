//! What the server reports of voting sessions to pages while they are open.

use std::{cell::RefCell, rc::Rc};

use domain::{VotingId, voting::VotingNews};
use leptos::prelude::{WindowListenerHandle, window_event_listener_untyped};
use send_wrapper::SendWrapper;
use wasm_bindgen::{JsCast as _, closure::Closure};
use web_sys::{EventSource, MessageEvent};

use crate::platform;

/// Listens until it is dropped, while the page can be seen: browsers have few connections to one site, and pages in the
/// background would use them up. What is so comes first whenever listening begins. The browser connects again by itself.
pub(crate) struct News(SendWrapper<Listener>);

struct Listener {
    line: Rc<Line>,
    /// Taken when listening ends.
    seen: Option<WindowListenerHandle>,
}

struct Line {
    address: String,
    /// Called by the browser for as long as this is kept.
    told: Closure<dyn Fn(MessageEvent)>,
    events: RefCell<Option<EventSource>>,
}

impl News {
    pub(crate) fn of(voting: VotingId, hear: impl Fn(VotingNews) + 'static) -> Self {
        let told = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            let news = event.data().as_string().and_then(|text| serde_json::from_str(&text).ok());
            if let Some(news) = news {
                hear(news);
            }
        });
        let address = format!("/voting/{voting}/events");
        let line = Rc::new(Line { address, told, events: RefCell::default() });
        line.follow_sight();
        let seen = {
            let line = line.clone();
            window_event_listener_untyped("visibilitychange", move |_| line.follow_sight())
        };
        Self(SendWrapper::new(Listener { line, seen: Some(seen) }))
    }
}

impl Line {
    /// Open while the page is seen, closed while it is not.
    fn follow_sight(&self) {
        let mut events = self.events.borrow_mut();
        if platform::document().hidden() {
            if let Some(open) = events.take() {
                open.close();
            }
        } else if events.is_none() {
            *events = EventSource::new(&self.address).ok();
            if let Some(open) = &*events {
                open.set_onmessage(Some(self.told.as_ref().unchecked_ref()));
            }
        }
    }
}

impl Drop for News {
    fn drop(&mut self) {
        if let Some(seen) = self.0.seen.take() {
            seen.remove();
        }
        if let Some(open) = self.0.line.events.take() {
            open.close();
        }
    }
}
