//! Moments and countdowns in the browser's time.

use domain::Timestamp;
use gloo_timers::callback::Interval;
use leptos::prelude::*;
use send_wrapper::SendWrapper;
use wasm_bindgen::{JsCast as _, JsValue};

use crate::{platform, ui::moment};

/// A moment, in UTC until the page is alive and in the browser's time zone after that; see [`localise`].
#[component]
pub(super) fn Moment(at: Timestamp) -> impl IntoView {
    view! { <time data-at=at.0.to_string()>{moment(at)}</time> }
}

/// Writes every [`Moment`] of the page in the browser's language and time zone.
pub(super) fn localise() {
    Effect::new(|_| platform::next_frame(localise_now));
}

fn localise_now() {
    let Ok(found) = platform::document().query_selector_all("time[data-at]") else { return };
    let language = platform::window().navigator().language().unwrap_or_default();
    let options = js_sys::Object::new();
    for (name, value) in [
        ("weekday", "short"),
        ("day", "numeric"),
        ("month", "short"),
        ("hour", "2-digit"),
        ("minute", "2-digit"),
    ] {
        // Fails only for what is no object.
        let _ = js_sys::Reflect::set(&options, &JsValue::from_str(name), &JsValue::from_str(value));
    }
    for index in 0..found.length() {
        let Some(element) = found.get(index).and_then(|node| node.dyn_into::<web_sys::Element>().ok()) else {
            continue;
        };
        let at = element.get_attribute("data-at").and_then(|at| at.parse::<f64>().ok());
        if let Some(at) = at {
            let date = js_sys::Date::new(&JsValue::from_f64(at));
            let text: String = date.to_locale_string(&language, &options).into();
            element.set_text_content(Some(&text));
        }
    }
}

/// How long it is until something closes. Counts down once the page is alive.
#[component]
pub(super) fn Countdown(
    closes: Timestamp,
    /// The server's clock when the page was made.
    now: Timestamp,
) -> impl IntoView {
    let left = RwSignal::new((closes.0 - now.0).max(0));
    Effect::new(move |_| {
        let behind = now.0 - platform::now().0;
        let tick = move || {
            left.try_set((closes.0 - platform::now().0 - behind).max(0));
        };
        tick();
        let interval = SendWrapper::new(Interval::new(1_000, tick));
        on_cleanup(move || drop(interval));
    });
    view! {
        <span class="countdown" class:countdown--soon=move || left.get() < 60_000 role="timer">
            {move || written(left.get())}
        </span>
    }
}

/// `2 d 3 h`, `3 h 05 min`, `4:59`.
fn written(millis: i64) -> String {
    let seconds = (millis + 999) / 1_000;
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    match (days, hours) {
        (0, 0) => format!("{minutes}:{:02}", seconds % 60),
        (0, hours) => format!("{hours} h {:02} min", minutes % 60),
        (days, hours) => format!("{days} d {} h", hours % 24),
    }
}

#[cfg(test)]
mod tests {
    use super::written;

    #[test]
    fn time_is_written_as_finely_as_it_matters() {
        assert_eq!(written(0), "0:00");
        assert_eq!(written(1), "0:01");
        assert_eq!(written(299_000), "4:59");
        assert_eq!(written(3_900_000), "1 h 05 min");
        assert_eq!(written(180_000_000), "2 d 2 h");
    }
}
