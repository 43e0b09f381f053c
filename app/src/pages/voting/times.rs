//! Countdowns.

use domain::Timestamp;
use gloo_timers::callback::Interval;
use leptos::prelude::*;
use send_wrapper::SendWrapper;

use crate::platform;

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
