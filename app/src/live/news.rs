//! What a voting session tells those who look at it, as it happens.

use domain::{VotingId, voting::VotingNews};
use send_wrapper::SendWrapper;
use wasm_bindgen::{JsCast as _, closure::Closure};
use web_sys::{EventSource, MessageEvent};

/// Listens until it is dropped. The browser connects again by itself.
pub(crate) struct News(SendWrapper<Source>);

struct Source {
    events: EventSource,
    /// Called by the browser for as long as this is kept.
    _told: Closure<dyn Fn(MessageEvent)>,
}

impl News {
    /// `None` where the browser refuses the address.
    pub(crate) fn of(voting: VotingId, hear: impl Fn(VotingNews) + 'static) -> Option<Self> {
        let events = EventSource::new(&format!("/voting/{voting}/events")).ok()?;
        let told = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            if let Some(news) = event.data().as_string().and_then(|text| serde_json::from_str(&text).ok()) {
                hear(news);
            }
        });
        events.set_onmessage(Some(told.as_ref().unchecked_ref()));
        Some(Self(SendWrapper::new(Source { events, _told: told })))
    }
}

impl Drop for News {
    fn drop(&mut self) {
        self.0.events.close();
    }
}
