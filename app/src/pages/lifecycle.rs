//! Products by the stage of their life cycle. Carrying a product to another stage, or Alt and an arrow on it, opens what is
//! needed for that move; without the program, its link does.

pub(crate) mod api;
mod drag;
#[cfg(feature = "ssr")]
mod kit;
#[cfg(feature = "ssr")]
mod plain;

#[cfg(feature = "ssr")]
pub(super) use self::plain::used_by;
use leptos::{ev, prelude::*};
use leptos_router::hooks::{use_navigate, use_query_map};
use wasm_bindgen::JsCast as _;
use web_sys::HtmlElement;

use super::product_page::drawn;
use crate::platform;

/// The id of what a move needs.
const PANEL: &str = "stage-panel";

/// `/lifecycle`, with `?product=ERP&to=growth` at what that move needs.
#[component]
pub fn LifecyclePage() -> impl IntoView {
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        let query = query.read();
        (query.get("product"), query.get("to"))
    });
    let page = Resource::new_blocking(move || asked.get(), |(product, to)| api::life_cycle(product, to));
    let go = use_navigate();
    let go = Callback::new(move |path: String| go(&path, Default::default()));
    Effect::new(move |_| drag::listen(go));
    let keys = window_event_listener(ev::keydown, move |event| drag::key(&event, go));
    on_cleanup(move || keys.remove());
    // The focus is where the move goes on.
    Effect::new(move |was: Option<bool>| {
        let is_open = asked.read().0.is_some();
        if page.read().is_some() && is_open && was.is_some() {
            platform::next_frame(|| {
                let panel = platform::element(PANEL).and_then(|panel| panel.dyn_into::<HtmlElement>().ok());
                if let Some(panel) = panel {
                    panel.scroll_into_view();
                    platform::focus(&panel);
                }
            });
        }
        is_open
    });
    drawn(page)
}
