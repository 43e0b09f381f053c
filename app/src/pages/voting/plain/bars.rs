//! Bars beside the figures they stand for. Widths are attributes, because no style may be inline.

use domain::voting::Score;
use leptos::prelude::*;

/// A bar of `score` where `most` is the whole width.
pub(super) fn bar(score: Score, most: Score, class: &'static str) -> impl IntoView {
    share(score.0 * 1_000 / most.0.max(1), class)
}

/// A bar of so many thousandths.
pub(super) fn share(thousandths: u64, class: &'static str) -> impl IntoView {
    view! {
        <svg class=format!("bar {class}") viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">
            <rect class="bar__ground" width="1000" height="10" />
            <rect class="bar__value" width=thousandths.min(1_000).to_string() height="10" />
        </svg>
    }
}
