//! What of the timeline is in sight: what is drawn, and where it is scrolled to.

use domain::{Date, ItemId};
use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast as _;
use web_sys::Element;

use super::{
    rows::Row,
    state::{CANVAS, ROW, SCROLL, Timeline},
};
use crate::platform;

/// Rows and quarters beyond what is in sight that are drawn, too; and by how many these change at once.
const SPARE: usize = 12;
const SPARE_QUARTERS: i32 = 2;
/// Where a day is that was gone to, as a share of what is in sight.
const FROM_LEFT: f64 = 0.3;
/// How far from the edge a bar is that is brought into sight.
const MARGIN: f64 = 24.0;

/// What is in sight of the bars, in pixels from the first day and the first row.
#[derive(Clone, Copy)]
pub(super) struct Sight {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// What scrolls, and what of the bars is in sight.
pub(super) fn sight() -> Option<(Element, Sight)> {
    let scroll = platform::element(SCROLL)?;
    let canvas = platform::element(CANVAS)?.get_bounding_client_rect();
    let rect = scroll.get_bounding_client_rect();
    // The titles and the head stand before it, however far it is scrolled.
    let titles = canvas.left() - rect.left() + f64::from(scroll.scroll_left());
    let head = canvas.top() - rect.top() + f64::from(scroll.scroll_top());
    let sight = Sight {
        left: f64::from(scroll.scroll_left()),
        top: f64::from(scroll.scroll_top()),
        width: (f64::from(scroll.client_width()) - titles).max(1.0),
        height: (f64::from(scroll.client_height()) - head).max(1.0),
    };
    Some((scroll, sight))
}

/// Once it is alive: finds what day it is, goes there, and keeps what is drawn near what is in sight.
pub(super) fn follow(timeline: Timeline) {
    Effect::new(move |_| {
        timeline.today.set(today());
        platform::after_effects(move || arrive(timeline));
    });
    // The day in the middle stays there when the calendar grows or days become wider.
    Effect::new(move |former: Option<()>| {
        timeline.calendar.track();
        timeline.zoom.track();
        if former.is_some() {
            platform::after_effects(move || {
                if let Some(day) = timeline.middle.try_get_value().flatten() {
                    show(timeline, day, 0.5);
                }
            });
        }
    });
    Effect::new(move |_| {
        timeline.rows.track();
        timeline.unfolded.track();
        platform::after_frame(move || measure(timeline));
    });
    Effect::new(move |_| {
        timeline.board.rows.set(timeline.rows.read().iter().filter_map(Row::item).collect())
    });
    let resized = move |_| scrolled(timeline);
    if cfg!(not(feature = "ssr")) {
        let handle = window_event_listener(ev::resize, resized);
        on_cleanup(move || handle.remove());
    }
}

/// Goes to today, or as near to it as there are plans: those of a year that has passed are not an empty page.
fn arrive(timeline: Timeline) {
    let Some(today) = timeline.today.try_get_untracked().flatten() else { return };
    let spans = timeline.items().into_iter().filter_map(|id| timeline.span(id).shown());
    match spans.reduce(|all, span| (all.0.min(span.0), all.1.max(span.1))) {
        Some((first, _)) if first > today => show(timeline, first, FROM_LEFT),
        Some((_, last)) if last < today => show(timeline, last, 1.0 - FROM_LEFT),
        _ => show(timeline, today, FROM_LEFT),
    }
}

/// The day by the browser's clock and time zone.
fn today() -> Option<Date> {
    let now = js_sys::Date::new_0();
    let year = i16::try_from(now.get_full_year()).ok()?;
    let month = i8::try_from(now.get_month() + 1).ok()?;
    Date::new(year, month, i8::try_from(now.get_date()).ok()?).ok()
}

/// It was scrolled, or its size has changed.
pub(super) fn scrolled(timeline: Timeline) {
    platform::next_frame(move || measure(timeline));
}

fn measure(timeline: Timeline) {
    let Some((_, sight)) = sight() else { return };
    // The page may have been left meanwhile.
    let (Some(near), Some(quarters)) =
        (timeline.near.try_get_untracked(), timeline.quarters.try_get_untracked())
    else {
        return;
    };
    let first = (sight.top / ROW as f64) as usize;
    let last = ((sight.top + sight.height) / ROW as f64) as usize + 1;
    // As long as enough is drawn, nothing changes.
    if near.start + SPARE / 3 > first && near.start > 0
        || near.end < last + SPARE / 3
        || near.end > last + 3 * SPARE
    {
        timeline.near.set(first.saturating_sub(SPARE)..last + SPARE);
    }
    if timeline.left.get_untracked() != sight.left {
        timeline.left.set(sight.left);
    }
    timeline.middle.set_value(timeline.day_at(sight.left + sight.width / 2.0));
    let place = |x: f64| {
        let (calendar, day) = (timeline.calendar.get_untracked()?, timeline.day_at(x)?);
        Some(calendar.place(day))
    };
    if let Some((first, last)) = place(sight.left).zip(place(sight.left + sight.width)) {
        let drawn = first - SPARE_QUARTERS..last + SPARE_QUARTERS + 1;
        if quarters.start > first
            || quarters.end <= last
            || quarters.end - quarters.start > 2 * (drawn.end - drawn.start)
        {
            timeline.quarters.set(drawn);
        }
    }
}

/// Scrolls to a day, so that it is at that share of what is in sight.
pub(super) fn show(timeline: Timeline, day: Date, share: f64) {
    let Some((scroll, sight)) = sight() else { return };
    let Some(x) = untrack(|| timeline.grid()).map(|grid| grid.middle(day)) else { return };
    scroll.set_scroll_left((x - sight.width * share).round() as i32);
    measure(timeline);
}

/// Goes to today.
pub(super) fn show_today(timeline: Timeline) {
    timeline.today.set(today());
    if let Some(today) = timeline.today.get_untracked() {
        show(timeline, today, FROM_LEFT);
    }
}

/// Brings an item's bar into sight.
pub(super) fn reveal(timeline: Timeline, id: ItemId) {
    let Some((scroll, sight)) = sight() else { return };
    let Some(at) = timeline.places.read_untracked().get(&Row::Item(id)).copied() else { return };
    let (top, row) = ((at * ROW) as f64, ROW as f64);
    if top < sight.top {
        scroll.set_scroll_top(top as i32);
    } else if top + row > sight.top + sight.height {
        scroll.set_scroll_top((top + row - sight.height).ceil() as i32);
    }
    if let Some(((first, last), grid)) = timeline.span(id).shown().zip(untrack(|| timeline.grid())) {
        let (start, end) = (grid.x(first), grid.end(last));
        if end < sight.left + MARGIN || start > sight.left + sight.width - MARGIN {
            scroll.set_scroll_left((start - sight.width * FROM_LEFT) as i32);
        }
    }
    measure(timeline);
}

/// Focuses an item's bar once it is drawn.
pub(super) fn focus(timeline: Timeline, id: ItemId) {
    timeline.current.set(Some(id));
    reveal(timeline, id);
    platform::after_effects(move || {
        if !take_focus(id) {
            platform::next_frame(move || {
                take_focus(id);
            });
        }
    });
}

/// Whether the bar is drawn and has the focus now.
fn take_focus(id: ItemId) -> bool {
    let Some(bar) = bar(id) else { return false };
    // It is no HTML, but takes the focus just so.
    platform::focus(&bar.unchecked_into());
    true
}

/// The bar of an item, if it is drawn.
fn bar(id: ItemId) -> Option<Element> {
    platform::document().query_selector(&format!("[data-bar=\"{id}\"]")).ok().flatten()
}
