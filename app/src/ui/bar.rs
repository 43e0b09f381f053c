//! Bars beside the figures they stand for.

use domain::voting::Score;
use leptos::prelude::*;

/// How much of a bar is filled, in thousandths.
pub(crate) fn share(score: Score, most: Score) -> u64 {
    score.0 * 1_000 / most.0.max(1)
}

/// A bar filled by so many thousandths, with a mark at so many percent unless that is nothing. Lengths are attributes,
/// because no style may be inline.
pub(crate) fn bar(
    class: &'static str,
    thousandths: impl Fn() -> u64 + Send + 'static,
    mark: u32,
) -> impl IntoView {
    let filled: Box<dyn Fn() -> u64 + Send> = Box::new(thousandths);
    let width = move || filled().min(1_000).to_string();
    // Of a mark at the very end half would be cut off.
    let mark = (mark > 0).then(|| {
        view! { <rect class="bar__mark" x=(mark * 10).min(990).to_string() width="6" height="10" /> }
    });
    view! {
        <svg class=class viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">
            <rect class="bar__ground" width="1000" height="10" />
            <rect class="bar__value" width=width height="10" />
            {mark}
        </svg>
    }
    .into_any()
}
