//! What charts have in common. They are SVG: lines keep their width and points stay round however wide a chart is; what is written
//! stands beside it as text, which keeps its size.

use leptos::prelude::*;

/// The height of a drawing, whatever it is shown at.
pub(super) const HEIGHT: i64 = 300;

/// Gaps between the lines of a chart.
const GAPS: i64 = 4;

/// Values as heights, between two round ones.
pub(super) struct Heights {
    low: i64,
    step: i64,
    gaps: i64,
}

impl Heights {
    /// Of all these values; `None` without any.
    pub(super) fn of(values: impl IntoIterator<Item = i64> + Clone) -> Option<Self> {
        let all = || values.clone().into_iter();
        let (low, high) = (all().min()?, all().max()?);
        let step = round_step(high.saturating_sub(low).max(1) / GAPS + 1);
        let low = low.div_euclid(step) * step;
        let gaps = ((high - low) + step - 1).div_euclid(step).max(1);
        Some(Self { low, step, gaps })
    }

    pub(super) fn y(&self, value: i64) -> i64 {
        let (all, here) = (i128::from(self.step * self.gaps), i128::from(value - self.low));
        HEIGHT - i64::try_from(here * i128::from(HEIGHT) / all).unwrap_or(0)
    }

    /// The values of the lines, the highest first.
    pub(super) fn ticks(&self) -> impl Iterator<Item = i64> {
        (0..=self.gaps).rev().map(|line| self.low + line * self.step)
    }
}

/// The next of 1, 2, 5, 10, 20 and so on that is no smaller.
fn round_step(least: i64) -> i64 {
    let mut ten = 1_i64;
    loop {
        for factor in [1, 2, 5] {
            match ten.checked_mul(factor) {
                Some(step) if step < least => {}
                Some(step) => return step,
                None => return least,
            }
        }
        ten = ten.saturating_mul(10);
    }
}

/// A drawing of this width with lines across it, values beside it as `written` has them, and something below. `name` says what is shown;
/// a table of the values stands near it.
pub(super) fn frame(
    name: String,
    (width, heights): (i64, &Heights),
    written: impl Fn(i64) -> String,
    drawing: AnyView,
    below: AnyView,
) -> AnyView {
    let grid: String = heights.ticks().map(|tick| format!("M0 {}H{width}", heights.y(tick))).collect();
    let ticks = heights.ticks().map(|tick| view! { <span>{written(tick)}</span> }).collect_view();
    view! {
        <div class="chart">
            <div class="chart__values" aria-hidden="true">
                {ticks}
            </div>
            <svg
                class="chart__picture"
                viewBox=format!("0 0 {width} {HEIGHT}")
                preserveAspectRatio="none"
                role="img"
                aria-label=name
            >
                <path class="chart__grid" d=grid></path>
                {drawing}
            </svg>
            {below}
        </div>
    }
    .into_any()
}
