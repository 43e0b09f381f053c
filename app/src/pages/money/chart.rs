//! The profit of a year's months: what has come about as bars, the plan as a line.

use domain::money::{MONTHS, MoneyYear, written};
use leptos::prelude::*;

use crate::pages::chart::{Heights, frame};

/// The width of a month's slot, whatever the chart is shown at.
const SLOT: i64 = 100;
const WIDTH: i64 = SLOT * MONTHS as i64;

/// How far a bar stands from the edges of its slot.
const BESIDE: i64 = 22;

fn left(month: usize) -> i64 {
    i64::try_from(month).unwrap_or(0) * SLOT
}

/// A bar for each month in which something has come about, from nothing to its profit.
fn bars(year: &MoneyYear, scale: &Heights) -> String {
    let bar = |(at, month): (usize, &domain::money::Both)| {
        let (x, width) = (left(at) + BESIDE, SLOT - 2 * BESIDE);
        let profit = month.actual?.profit();
        Some(format!("M{x} {}H{}V{}H{x}Z", scale.y(0), x + width, scale.y(profit)))
    };
    year.months.iter().enumerate().filter_map(bar).collect()
}

/// The plan through the middle of each month; a month without one has 0.
fn line(year: &MoneyYear, scale: &Heights) -> String {
    let point = |(at, month): (usize, &domain::money::Both)| {
        let sign = if at == 0 { 'M' } else { 'L' };
        format!("{sign}{} {}", left(at) + SLOT / 2, scale.y(month.plan.unwrap_or_default().profit()))
    };
    year.months.iter().enumerate().map(point).collect()
}

/// The chart; nothing in a year without entries. `name` says what is shown; the table of months stands beside it.
pub(super) fn chart(name: String, year: &MoneyYear) -> Option<AnyView> {
    let total = year.total();
    total.plan.or(total.actual)?;
    let amounts = year.months.iter().flat_map(|month| [month.plan, month.actual]);
    let amounts = amounts.map(|sums| sums.unwrap_or_default().profit());
    // Bars begin at nothing.
    let scale = Heights::of(amounts.chain([0]))?;
    let plan = total.plan.map(|_| view! { <path class="chart__target" d=line(year, &scale)></path> });
    let months = [0, 3, 6, 9].map(|at| {
        let month = super::tables::month(year.first.plus(at));
        view! { <span>{month}</span> }
    });
    let drawing = view! {
        <path class="money__bars" d=bars(year, &scale)></path>
        <path class="chart__grid" d=format!("M0 {}H{WIDTH}", scale.y(0))></path>
        {plan}
    };
    let below =
        view! { <div class="chart__days money__months" aria-hidden="true">{months.collect_view()}</div> };
    Some(
        view! {
            {frame(name, (WIDTH, &scale), written, drawing.into_any(), below.into_any())}
            <p class="quiet" aria-hidden="true">
                "Bars: actual profit. " {total.plan.map(|_| view! { <span class="figures__goal">"Planned profit"</span> })}
            </p>
        }
        .into_any(),
    )
}

#[cfg(test)]
mod tests {
    use domain::{
        FiscalYear,
        money::{Basis, Entry, MoneyKind},
    };

    use super::*;

    /// From −100 to 100 in four gaps of 50, by hand: nothing is half way up at 150, 100 at the top, −100 at the bottom.
    #[test]
    fn bars_begin_at_nothing_and_the_plan_goes_through_the_months() {
        let entry = |month: &str, kind, basis| Entry {
            month: month.parse().unwrap(),
            kind,
            basis,
            amount: 10_000,
            label: String::new(),
            item: None,
        };
        let entries = [
            entry("2027-01", MoneyKind::Cost, Basis::Actual),
            entry("2027-02", MoneyKind::Revenue, Basis::Plan),
        ];
        let year = MoneyYear::of(&entries, FiscalYear::default(), 2027).unwrap();
        let scale = Heights::of([-10_000, 10_000]).unwrap();
        assert_eq!((scale.y(0), scale.y(10_000), scale.y(-10_000)), (150, 0, 300));
        assert_eq!(bars(&year, &scale), "M22 150H78V300H22Z");
        assert!(line(&year, &scale).starts_with("M50 150L150 0L250 150"));
        let nothing = MoneyYear::of(&[], FiscalYear::default(), 2027).unwrap();
        assert!(chart(String::new(), &nothing).is_none());
    }
}
