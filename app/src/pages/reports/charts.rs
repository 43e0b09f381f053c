//! Charts of quarters: bars side by side, and bars of shares.

use domain::balance::Parts;
use leptos::prelude::*;

use crate::pages::chart::{Heights, frame};

/// The width of a quarter's slot, whatever the chart is shown at.
const SLOT: i64 = 100;

/// How far a bar stands from the edges of its slot.
const BESIDE: i64 = 24;

fn left(at: usize) -> i64 {
    i64::try_from(at).unwrap_or(0) * SLOT
}

/// What the quarters are called, each below its slot.
fn names(names: &[String]) -> AnyView {
    let names = names.iter().map(|name| view! { <span>{name.clone()}</span> }).collect_view();
    view! { <div class="chart__days reports__quarters" aria-hidden="true">{names}</div> }.into_any()
}

/// A bar from nothing to each value; no bar where there is none.
fn outline(values: &[Option<i64>], scale: &Heights) -> String {
    let bar = |(at, value): (usize, &Option<i64>)| {
        let (x, width) = (left(at) + BESIDE, SLOT - 2 * BESIDE);
        Some(format!("M{x} {}H{}V{}H{x}Z", scale.y(0), x + width, scale.y((*value)?)))
    };
    values.iter().enumerate().filter_map(bar).collect()
}

/// Values of quarters as bars, on a scale that ends at `most` at least. `name` says what is shown; a table stands beside it. Nothing where
/// no quarter has a value.
pub(super) fn bars(
    name: String,
    quarters: &[String],
    values: &[Option<i64>],
    most: i64,
    written: impl Fn(i64) -> String,
) -> Option<AnyView> {
    values.iter().flatten().next()?;
    let all = || values.iter().flatten().copied();
    let scale = Heights::of(all().chain([0, most]).collect::<Vec<_>>())?;
    let drawing = view! { <path class="reports__bars" d=outline(values, &scale)></path> };
    Some(frame(name, (left(values.len()), &scale), written, drawing.into_any(), names(quarters)))
}

/// Shares in percent, which add up to 100, one on the other from below.
fn stacked(shares: &[Option<Parts<u8>>], of: usize, scale: &Heights) -> String {
    let bar = |(at, shares): (usize, &Option<Parts<u8>>)| {
        let shares = (*shares)?;
        let below: i64 = shares[..of].iter().map(|share| i64::from(*share)).sum();
        let above = below + i64::from(shares[of]);
        let (x, width) = (left(at) + BESIDE, SLOT - 2 * BESIDE);
        (shares[of] > 0).then(|| format!("M{x} {}H{}V{}H{x}Z", scale.y(below), x + width, scale.y(above)))
    };
    shares.iter().enumerate().filter_map(bar).collect()
}

/// The shares of quarters as bars of parts.
pub(super) fn shares(name: String, quarters: &[String], shares: &[Option<Parts<u8>>]) -> Option<AnyView> {
    shares.iter().flatten().next()?;
    let scale = Heights::of([0, 100])?;
    let parts = domain::Investment::ALL.iter().enumerate().map(|(of, kind)| {
        let class = format!("balance__share--{}", kind.as_str());
        view! { <path class=class d=stacked(shares, of, &scale)></path> }
    });
    let drawing = parts.collect_view().into_any();
    let percent = |value: i64| format!("{value} %");
    Some(frame(name, (left(shares.len()), &scale), percent, drawing, names(quarters)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand, from 0 to 100 in gaps of 50 at heights of 300: 100 is at the top, 50 in the middle, 0 at the bottom.
    #[test]
    fn bars_begin_at_nothing_and_shares_stand_on_each_other() {
        let scale = Heights::of([0, 100]).unwrap();
        assert_eq!((scale.y(0), scale.y(50), scale.y(100)), (300, 150, 0));
        assert_eq!(outline(&[Some(50), None, Some(100)], &scale), "M24 300H76V150H24ZM224 300H276V0H224Z");
        let mixes = [Some([50, 0, 50, 0]), None];
        assert_eq!(stacked(&mixes, 0, &scale), "M24 300H76V150H24Z");
        assert_eq!(stacked(&mixes, 1, &scale), "");
        assert_eq!(stacked(&mixes, 2, &scale), "M24 150H76V0H24Z");
        assert!(bars(String::new(), &[], &[None], 0, |value| value.to_string()).is_none());
    }
}
