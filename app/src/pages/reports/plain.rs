//! The reports as HTML.

use backend::reports::{QuarterValue, Reports, Shipped};
use domain::{
    Investment, OutcomeState, Quarter,
    balance::{Balance, Parts, shares},
    counted,
    delivery::Precision,
    money::written,
};
use leptos::prelude::*;

use super::charts;
use crate::{
    api::Plain,
    pages::{
        figures::chart::day,
        outcomes::plain::before_and_after,
        plain::{Head, html, promised_quarter, table},
    },
};

/// The most shipped items that are listed, the latest.
const LISTED: usize = 100;

/// The most people who are named beside an item.
const NAMED: usize = 3;

struct Page<'a> {
    reports: &'a Reports,
    /// What the quarters of the workspace's year are called, the latest last.
    quarters: Vec<String>,
}

pub(super) fn page(reports: &Reports) -> Plain {
    let quarters = reports.value.iter().map(|value| reports.year.label(value.quarter)).collect();
    let page = Page { reports, quarters };
    let title = match &reports.product {
        Some(product) => format!("Reports of {}", product.name),
        None => "Reports".to_owned(),
    };
    Plain { title, html: html(page.view()) }
}

fn percent(percent: Option<u32>) -> String {
    percent.map_or_else(|| "–".to_owned(), |percent| format!("{percent} %"))
}

/// A count as a cell.
fn count(count: usize) -> AnyView {
    view! { <td class="figures__number">{count.to_string()}</td> }.into_any()
}

/// A head of numbers.
fn number(label: &str) -> AnyView {
    view! { <th scope="col" class="figures__number">{label.to_owned()}</th> }.into_any()
}

impl Page<'_> {
    fn view(&self) -> AnyView {
        let link = |href: String, label: &'static str| {
            view! {
                <a class="button button--quiet" href=href>
                    {label}
                </a>
            }
        };
        let ways = match &self.reports.product {
            Some(product) => [
                (format!("/p/{}/outcomes", product.key), "Outcomes"),
                ("/reports".to_owned(), "All products"),
            ],
            None => [("/direction".to_owned(), "This quarter"), ("/balance".to_owned(), "Balance")],
        };
        let ways = ways.map(|(href, label)| link(href, label)).collect_view();
        let ways = view! {
            <nav class="direction__ways" aria-label="Beside these reports">
                {ways}
            </nav>
        };
        let cut = self
            .reports
            .is_cut
            .then(|| view! { <p class="quiet">"Only the newest 20,000 items are counted."</p> });
        view! {
            <div class="page figures reports">
                <header class="page__header">
                    <h1>"Reports"</h1>
                </header>
                {ways}
                {self.precision()}
                {self.value()}
                {self.balance()}
                {self.shipped()}
                {cut}
                {self.products()}
            </div>
        }
        .into_any()
    }

    /// A report with its file.
    fn section(
        &self,
        id: &'static str,
        title: &'static str,
        explained: &'static str,
        body: AnyView,
    ) -> AnyView {
        let product = self.reports.product.as_ref();
        let query = product.map(|product| format!("?product={}", product.key)).unwrap_or_default();
        view! {
            <section id=id aria-labelledby=format!("reports-{id}")>
                <header class="reports__head">
                    <h2 id=format!("reports-{id}")>{title}</h2>
                    <a
                        class="button button--quiet"
                        href=format!("/reports/{id}.csv{query}")
                        aria-label=format!("Download {title} as CSV")
                        rel="external"
                        download
                    >
                        "CSV"
                    </a>
                </header>
                <p class="quiet reports__words">{explained}</p>
                {body}
            </section>
        }
        .into_any()
    }

    fn precision(&self) -> AnyView {
        let all = &self.reports.precision;
        let now = all.len().saturating_sub(1);
        let row = |(at, (quarter, precision)): (usize, &(Quarter, Precision))| {
            let so_far = (at == now).then(|| view! { " " <span class="quiet">"so far"</span> });
            view! {
                <tr>
                    <th scope="row">{promised_quarter(*quarter)} {so_far}</th>
                    {count(precision.promised)}
                    {count(precision.on_time)}
                    {count(precision.early)}
                    {count(precision.late)}
                    {count(precision.open())}
                    <td class="figures__number">{percent(precision.percent())}</td>
                </tr>
            }
        };
        let names: Vec<String> = all.iter().map(|(quarter, _)| promised_quarter(*quarter)).collect();
        let values: Vec<Option<i64>> =
            all.iter().map(|(_, precision)| precision.percent().map(i64::from)).collect();
        let said = said("Delivery precision", &names, &values, |value| format!("{value} %"));
        let chart = charts::bars(said, &names, &values, 100, |value| format!("{value} %"));
        let chart = chart.unwrap_or_else(|| {
            view! {
                <p class="quiet">"Nothing was promised for these quarters. Fill in “Promised quarter” of items."</p>
            }
            .into_any()
        });
        let body = view! {
            <div class="reports__body">
                {chart}
                {table("Delivery precision by quarter", &[Head::Text("Quarter"), Head::Number("Promised"), Head::Number("On time"), Head::Number("Early"), Head::Number("Late"), Head::Number("Open"), Head::Number("Precision")], all.iter().enumerate().map(row).collect_view().into_any())}
            </div>
        };
        self.section(
            "precision",
            "Delivery precision",
            "Items done in the quarter that was promised first, of all promised for it. Quarters are of the calendar year.",
            body.into_any(),
        )
    }

    fn value(&self) -> AnyView {
        let all = &self.reports.value;
        let row = |(value, name): (&QuarterValue, &String)| {
            view! {
                <tr>
                    <th scope="row">{name.clone()}</th>
                    {count(value.shipped)}
                    {count(value.recorded)}
                    {count(value.waived)}
                    {count(value.measuring())}
                    <td class="figures__number">{written(value.value)}</td>
                </tr>
            }
        };
        let values: Vec<Option<i64>> =
            all.iter().map(|value| (value.recorded > 0).then_some(value.value)).collect();
        let settings = self.reports.settings;
        let said = said("Value delivered", &self.quarters, &values, |value| settings.amount(value));
        let chart = values
            .iter()
            .flatten()
            .any(|value| *value != 0)
            .then(|| charts::bars(said, &self.quarters, &values, 0, written))
            .flatten();
        let chart = chart.unwrap_or_else(|| {
            view! { <p class="quiet">"No recorded outcome of these quarters has a value yet."</p> }.into_any()
        });
        let value = settings.label("Value per year");
        let body = view! {
            <div class="reports__body">
                {chart}
                {table("Value delivered by quarter", &[Head::Text("Quarter"), Head::Number("Shipped"), Head::Number("Recorded"), Head::Number("Waived"), Head::Number("Measuring"), Head::Number(&value)], all.iter().zip(&self.quarters).map(row).collect_view().into_any())}
            </div>
        };
        self.section(
            "value",
            "Value delivered",
            "Items by the quarter in which they were done, and what their recorded outcomes are worth in a year.",
            body.into_any(),
        )
    }

    fn balance(&self) -> AnyView {
        let all = &self.reports.balance;
        let names: Vec<String> = all.iter().map(|(quarter, _)| self.reports.year.label(*quarter)).collect();
        let planned: Vec<Option<Parts<u8>>> =
            all.iter().map(|(_, balance)| shares(&balance.planned)).collect();
        let delivered: Vec<Option<Parts<u8>>> =
            all.iter().map(|(_, balance)| shares(&balance.delivered)).collect();
        let cells = |of: &Option<Parts<u8>>| {
            let cell = |at: usize| {
                let share = of.map_or_else(|| "–".to_owned(), |shares| format!("{} %", shares[at]));
                view! { <td class="figures__number">{share}</td> }
            };
            (0..4).map(cell).collect_view()
        };
        let rows = names.iter().zip(planned.iter().zip(&delivered)).map(|(name, (planned, delivered))| {
            view! {
                <tr>
                    <th scope="rowgroup" rowspan="2" class="reports__quarter">
                        {name.clone()}
                    </th>
                    <td>"Planned"</td>
                    {cells(planned)}
                </tr>
                <tr>
                    <td>"Delivered"</td>
                    {cells(delivered)}
                </tr>
            }
        });
        let rows = rows.map(|rows| view! { <tbody>{rows}</tbody> }).collect_view();
        let said = |what: &str| {
            let first = Investment::ALL.first().map_or("", |kind| kind.label());
            let of = if what == "Planned" { &planned } else { &delivered };
            let parts: Vec<String> = names
                .iter()
                .zip(of)
                .filter_map(|(name, shares)| Some(format!("{name} {} %", (*shares)?[0])))
                .collect();
            format!("{what} work by investment; {first}: {}", parts.join(", "))
        };
        let chart = |what: &'static str, of: &[Option<Parts<u8>>]| {
            let drawn = charts::shares(said(what), &names, of);
            drawn.map(|drawn| view! { <figure class="reports__figure"><figcaption>{what}</figcaption>{drawn}</figure> })
        };
        let heads = Investment::ALL.iter().map(|kind| {
            view! {
                <th scope="col" class="figures__number">
                    <span class=format!("reports__key badge--{}", kind.as_str()) aria-hidden="true"></span>
                    {kind.label()}
                </th>
            }
        });
        let is_empty =
            all.iter().all(|(_, balance): &(Quarter, Balance)| balance.planned.iter().all(|part| *part == 0));
        let body = if is_empty {
            view! { <p class="quiet">"Nothing planned for these quarters has both an effort and an investment."</p> }
                .into_any()
        } else {
            view! {
                <div class="reports__pair">{chart("Planned", &planned)} {chart("Delivered", &delivered)}</div>
                <div class="figures__summary" tabindex="0" role="region" aria-label="Balance by quarter">
                    <table class="table">
                        <thead>
                            <tr>
                                <th scope="col">"Quarter"</th>
                                <th scope="col">"Work"</th>
                                {heads.collect_view()}
                            </tr>
                        </thead>
                        {rows}
                    </table>
                </div>
            }
            .into_any()
        };
        self.section("balance", "Balance over time", "What the work was for, by effort.", body)
    }

    fn shipped(&self) -> AnyView {
        let all = &self.reports.shipped;
        let more = all.len().saturating_sub(LISTED);
        let more = (more > 0).then(|| {
            let says = format!("{} in the CSV file.", counted(more, "older item is", "older items are"));
            view! { <p class="quiet">{says}</p> }
        });
        let rows = all.iter().take(LISTED).map(|item| self.shipped_row(item)).collect_view();
        let body = if all.is_empty() {
            view! { <p class="quiet">"Nothing was shipped in these quarters."</p> }.into_any()
        } else {
            view! {
                <div class="figures__summary" tabindex="0" role="region" aria-label="Shipped items">
                    <table class="table">
                        <thead>
                            <tr>
                                <th scope="col">"Item"</th>
                                <th scope="col">"Done"</th>
                                <th scope="col">"Objectives"</th>
                                <th scope="col">"Outcome"</th>
                                {number("Value per year")}
                                <th scope="col">"Asked for by"</th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
                {more}
            }
            .into_any()
        };
        self.section(
            "shipped",
            "Shipped",
            "What was done in these quarters, what came of it, and who asked for it.",
            body,
        )
    }

    fn shipped_row(&self, item: &Shipped) -> AnyView {
        let outcome = match &item.outcome {
            None => view! { <span class="outcomes__state outcomes__state--measuring">"Measuring"</span> }
                .into_any(),
            Some(outcome) if outcome.state == OutcomeState::Waived => {
                view! { <span class="outcomes__state">"Waived"</span> }.into_any()
            }
            Some(outcome) => {
                let figures = before_and_after(outcome, &item.unit);
                let words = match (figures, &item.kpi) {
                    (Some(figures), Some(kpi)) => format!("{kpi}: {figures}"),
                    (Some(figures), None) => figures,
                    (None, _) => "Recorded".to_owned(),
                };
                view! { <span dir="auto">{words}</span> }.into_any()
            }
        };
        let value = item.outcome.as_ref().and_then(|outcome| outcome.value);
        let objectives =
            if item.objectives.is_empty() { "–".to_owned() } else { item.objectives.join(", ") };
        view! {
            <tr>
                <th scope="row">
                    <a class="link" href=item.path.clone()>
                        <span class="direction__key">{item.key.clone()}</span>
                        " "
                        <span dir="auto">{item.title.clone()}</span>
                    </a>
                </th>
                <td class="reports__day">{day(item.done)}</td>
                <td dir="auto">{objectives}</td>
                <td>{outcome}</td>
                <td class="figures__number">{value.map_or_else(|| "–".to_owned(), written)}</td>
                <td dir="auto">{self.voters(item)}</td>
            </tr>
        }
        .into_any()
    }

    /// `Ada, Ben and 3 more`, or how many where the reader may not know who.
    fn voters(&self, item: &Shipped) -> String {
        let mut names = self.reports.names(&item.voters);
        if item.votes == 0 {
            return "–".to_owned();
        }
        if names.is_empty() {
            return counted(item.votes, "person", "people");
        }
        names.truncate(NAMED);
        match item.votes.saturating_sub(names.len()) {
            0 => names.join(", "),
            more => format!("{} and {more} more", names.join(", ")),
        }
    }

    /// The same for each product.
    fn products(&self) -> Option<AnyView> {
        let links = self.reports.products.iter().map(|product| {
            view! {
                <a class="button button--quiet" href=format!("/p/{}/reports", product.key)>
                    <span dir="auto">{product.name.to_string()}</span>
                </a>
            }
        });
        (self.reports.product.is_none() && !self.reports.products.is_empty()).then(|| {
            view! {
                <nav class="reports__products" aria-label="Reports of one product">
                    {links.collect_view()}
                </nav>
            }
            .into_any()
        })
    }
}

/// What a chart shows, for those who do not see it.
fn said(what: &str, names: &[String], values: &[Option<i64>], written: impl Fn(i64) -> String) -> String {
    let parts: Vec<String> = names
        .iter()
        .zip(values)
        .filter_map(|(name, value)| Some(format!("{name} {}", written((*value)?))))
        .collect();
    format!("{what}: {}", parts.join(", "))
}
