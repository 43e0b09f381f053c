//! Tables of the money page: quarters, months, and items by their worth.

use backend::money::{ItemValue, ProductMoney};
use domain::{
    ProductKey, counted,
    money::{Basis, Both, MoneyYear, Month, Sums, written},
};
use leptos::prelude::*;

use crate::pages::plain::{Head, table};

/// The most items that are listed.
const LISTED: usize = 50;

/// How a sum is read.
type Read = fn(Sums) -> i64;

/// The rows of a table: what a sum is called, and how it is read.
const ROWS: [(&str, Read); 4] = [
    ("Cost", |sums| sums.cost),
    ("Revenue", |sums| sums.revenue),
    ("Saving", |sums| sums.saving),
    ("Profit", Sums::profit),
];

/// A month as people read it.
pub(in crate::pages) fn month(month: Month) -> String {
    let Some(day) = month.first_day() else { return month.to_string() };
    let name = crate::ui::MONTHS[usize::from(day.month().unsigned_abs()).saturating_sub(1) % 12];
    format!("{name} {}", day.year())
}

/// A sum of a table; a dash where there is no entry.
fn cell(both: &Both, basis: Basis, of: Read) -> AnyView {
    let sum = both.of(basis).map(of);
    let class =
        if sum.is_some_and(|sum| sum < 0) { "figures__number money__below" } else { "figures__number" };
    let words = sum.map_or_else(|| "–".to_owned(), written);
    view! { <td class=class>{words}</td> }.into_any()
}

/// The quarters of a year, and the year.
pub(super) fn quarters(year: &MoneyYear, names: &[String; 4], named: &str) -> AnyView {
    let (quarters, total) = (year.quarters(), year.total());
    let groups = ROWS.map(|(label, of)| {
        let row = |basis: Basis| {
            let cells: Vec<_> = quarters.iter().map(|quarter| cell(quarter, basis, of)).collect();
            view! { <td class="money__basis">{basis.label()}</td> {cells} {cell(&total, basis, of)} }
        };
        let class = if label == "Profit" { "money__profit" } else { "" };
        view! {
            <tbody class=class>
                <tr>
                    <th scope="rowgroup" rowspan="2">{label}</th>
                    {row(Basis::Plan)}
                </tr>
                <tr>{row(Basis::Actual)}</tr>
            </tbody>
        }
    });
    let heads: Vec<_> = names
        .iter()
        .map(|name| view! { <th scope="col" class="figures__number">{name.clone()}</th> })
        .collect();
    view! {
        <div class="figures__summary" tabindex="0" role="region" aria-label=format!("Quarters of {named}")>
            <table class="table money__quarters">
                <thead>
                    <tr>
                        <td></td>
                        <td></td>
                        {heads}
                        <th scope="col" class="figures__number">
                            {named.to_owned()}
                        </th>
                    </tr>
                </thead>
                {groups.collect_view()}
            </table>
        </div>
    }
    .into_any()
}

/// The months behind the chart.
pub(super) fn months(year: &MoneyYear) -> AnyView {
    let rows: Vec<_> = (0..)
        .zip(&year.months)
        .map(|(at, both)| {
            let cells: Vec<_> = [Basis::Plan, Basis::Actual]
                .iter()
                .flat_map(|basis| ROWS.map(|(_, of)| cell(both, *basis, of)))
                .collect();
            view! {
                <tr>
                    <th scope="row">{month(year.first.plus(at))}</th>
                    {cells}
                </tr>
            }
        })
        .collect();
    let heads: Vec<_> = ["Planned", "Actual"]
        .iter()
        .flat_map(|basis| {
            ROWS.map(|(label, _)| {
                let label = format!("{basis} {}", label.to_lowercase());
                view! { <th scope="col" class="figures__number">{label}</th> }
            })
        })
        .collect();
    view! {
        <details class="figures__more">
            <summary class="button button--quiet">"Months as a table"</summary>
            <div class="figures__summary" tabindex="0" role="region" aria-label="Months">
                <table class="table">
                    <thead>
                        <tr>
                            <th scope="col">"Month"</th>
                            {heads}
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </details>
    }
    .into_any()
}

/// When an item has paid back what it took.
pub(super) fn payback(worth: &ItemValue) -> String {
    match worth.payback {
        Some(paid) if paid == worth.first => "From the start".to_owned(),
        Some(paid) => {
            let months = usize::try_from(paid.since(worth.first)).unwrap_or_default();
            format!("{} ({})", month(paid), counted(months, "month", "months"))
        }
        None => "Not within these entries".to_owned(),
    }
}

/// What each item is worth.
pub(super) fn items(money: &ProductMoney) -> Option<AnyView> {
    let worth = money.items_worth();
    let key: &ProductKey = &money.product.key;
    let more = worth.len().saturating_sub(LISTED);
    let rows: Vec<_> = worth
        .iter()
        .take(LISTED)
        .map(|value| {
            let name = match money.items.get(&value.item) {
                Some((item, title)) => view! {
                    <a class="link" href=format!("/p/{key}/i/{item}")>
                        <span class="direction__key">{item.to_string()}</span>
                        " "
                        <span dir="auto">{title.clone()}</span>
                    </a>
                }
                .into_any(),
                None => view! { <span class="quiet">"An item in the bin, or moved"</span> }.into_any(),
            };
            let below =
                |amount: i64| if amount < 0 { "figures__number money__below" } else { "figures__number" };
            view! {
                <tr>
                    <th scope="row">{name}</th>
                    <td class=below(value.net)>{written(value.net)}</td>
                    <td class=below(value.npv)>{written(value.npv)}</td>
                    <td>{payback(value)}</td>
                </tr>
            }
        })
        .collect();
    (!rows.is_empty()).then(|| {
        let rate = money.settings.percent();
        view! {
            <section aria-labelledby="money-items">
                <h2 id="money-items">"Items"</h2>
                <p class="quiet money__words">
                    {format!(
                        "NPV is net present value: what comes in less what goes out, discounted by month at {rate} % a year to the first month with an entry. Actual amounts count in a month that has some, planned ones otherwise.",
                    )}
                </p>
                {table("Items by value", &[Head::Text("Item"), Head::Number("Net"), Head::Number("NPV"), Head::Text("Payback")], rows.into_any())}
                {(more > 0).then(|| view! { <p class="quiet">{format!("{more} more items.")}</p> })}
            </section>
        }
        .into_any()
    })
}
