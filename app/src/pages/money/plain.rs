//! The money page as HTML.

use backend::money::{Added, ItemValue, MoneyEntry, MoneySettings, ProductMoney};
use domain::{
    FiscalYear, ProductKey, Quarter, RecordId, UserId, counted,
    money::{MoneyYear, Month, written},
};
use leptos::prelude::*;

use super::{chart, forms, tables};
use crate::{
    api::{ApiError, Plain},
    pages::{
        figures::chart::day,
        plain::{Head, html, named_post, nothing_yet, notice, person, removed, table},
    },
};

/// The most entries that are listed of a year.
const LISTED: usize = 200;

/// A year of the workspace as an address names it.
pub(super) fn year_of(text: &str) -> Option<i16> {
    text.parse().ok().filter(|year| (1990..=2199).contains(year))
}

/// What a year of the workspace is called.
fn named(year: FiscalYear, number: i16) -> String {
    let quarter = year.label(Quarter { year: number, number: 1 });
    quarter.trim_start_matches("Q1 ").to_owned()
}

/// The page of the year in which a month is.
pub(super) fn address(key: &ProductKey, year: FiscalYear, month: Month) -> String {
    match month.first_day() {
        Some(day) => format!("/p/{key}/money?year={}", year.quarter(day).year),
        None => format!("/p/{key}/money"),
    }
}

/// What came of adding entries.
pub(super) fn told(added: Added) -> String {
    let parts = [(added.added, "added"), (added.unchanged, "here already")];
    let parts: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    format!("Entries: {}.", parts.join(", "))
}

/// What an item is worth, for its panel.
pub(super) fn worth(key: &ProductKey, settings: MoneySettings, worth: &ItemValue) -> String {
    let amount = |amount| settings.amount(amount);
    html(view! {
        <h3>"Money"</h3>
        <dl class="direction__funds">
            <div>
                <dt>{format!("NPV at {} % a year", settings.percent())}</dt>
                <dd>{amount(worth.npv)}</dd>
            </div>
            <div>
                <dt>"Net"</dt>
                <dd>{amount(worth.net)}</dd>
            </div>
            <div>
                <dt>"Payback"</dt>
                <dd>{tables::payback(worth)}</dd>
            </div>
        </dl>
        <a class="link" href=format!("/p/{key}/money#money-items")>
            {counted(worth.entries, "entry", "entries")}
        </a>
    })
}

struct Page<'a> {
    key: String,
    money: &'a ProductMoney,
    sums: MoneyYear,
    year: i16,
    now: i16,
    edits: bool,
    /// The entry that is edited.
    edit: Option<&'a MoneyEntry>,
}

pub(super) fn page(
    money: &ProductMoney,
    (year, now): (i16, i16),
    edit: Option<RecordId>,
    refused: Option<String>,
    outcome: Option<String>,
) -> Result<Plain, ApiError> {
    let sums = MoneyYear::of(money.entries.iter().map(|entry| &entry.entry), money.year, year)
        .ok_or_else(|| ApiError::new(404, "There is no such year. Write it like 2027."))?;
    let edits = money.product.role.can_edit() && !money.product.archived;
    let edit = edit.filter(|_| edits).and_then(|id| money.entries.iter().find(|entry| entry.id == id));
    let page = Page { key: money.product.key.to_string(), money, sums, year, now, edits, edit };
    let title = format!("Money of {}", money.product.name);
    Ok(Plain { title, html: html(page.view(refused, outcome)) })
}

impl Page<'_> {
    fn view(&self, refused: Option<String>, outcome: Option<String>) -> AnyView {
        let outcome = outcome.map(|outcome| view! { <p class="notice" role="status">{outcome}</p> });
        let count = self.money.entries.len();
        let counts =
            (count > 0).then(|| view! { <p class="page__count">{counted(count, "entry", "entries")}</p> });
        let body = if count == 0 {
            self.empty()
        } else {
            view! { {self.of_year()} {tables::items(self.money)} {self.entries()} }.into_any()
        };
        view! {
            <div class="page figures money">
                <header class="page__header">
                    <h1>"Money"</h1>
                    {counts}
                </header>
                {notice(refused)}
                {outcome}
                {self.editing()}
                {self.actions()}
                {body}
                {self.removed()}
            </div>
        }
        .into_any()
    }

    fn empty(&self) -> AnyView {
        let who = (!self.edits).then_some("An editor of this product can add the first entry.");
        let picture = view! { <path d="M12 60h72M20 60V40h10v20M40 60V24h10v36M60 60V32h10v28"></path>
        <path d="M16 30l24-14 20 8 22-14" stroke-dasharray="4 4"></path> }
        .into_any();
        nothing_yet(
            picture,
            "What it costs, what it brings",
            "Add costs, revenue and savings by month, planned and actual, by hand or as CSV. You see profit by quarter, and what items are worth.",
            who,
        )
    }

    /// The form of the entry that is edited.
    fn editing(&self) -> Option<AnyView> {
        let entry = self.edit?;
        Some(
            view! {
                <section class="panel money__edit" id="edit" aria-labelledby="money-edit">
                    <h2 id="money-edit">"Edit entry"</h2>
                    {forms::entry_form(self.money, Some(entry), "")}
                    <a class="button button--quiet" href=format!("/p/{}/money?year={}", self.key, self.year)>
                        "Cancel"
                    </a>
                </section>
            }
            .into_any(),
        )
    }

    fn actions(&self) -> AnyView {
        let this_month = Month::of(backend::now().utc().date).to_string();
        let edits = self.edits.then(|| {
            view! {
                <details class="figures__more">
                    <summary class="button button--primary">"Add entry"</summary>
                    <div class="panel">{forms::entry_form(self.money, None, &this_month)}</div>
                </details>
                <details class="figures__more">
                    <summary class="button">"Paste CSV"</summary>
                    <div class="panel">{forms::lines_form(&self.key)}</div>
                </details>
            }
        });
        let file = (!self.money.entries.is_empty()).then(|| {
            view! {
                <a
                    class="button button--quiet"
                    href=format!("/p/{}/money.csv", self.key)
                    aria-label="Download all entries as CSV"
                    rel="external"
                    download
                >
                    "CSV"
                </a>
            }
        });
        view! { <div class="figures__actions money__actions">{edits} {file}</div> }.into_any()
    }

    /// A year: its quarters, its months, and what a user costs.
    fn of_year(&self) -> AnyView {
        let name = named(self.money.year, self.year);
        let link = |to: i16, words: &'static str| {
            let label = named(self.money.year, to);
            let href = format!("/p/{}/money?year={to}", self.key);
            view! {
                <a class="button button--quiet" href=href aria-label=format!("{words} {label}")>
                    {label.clone()}
                </a>
            }
        };
        let back = (self.year != self.now).then(|| {
            view! { <a class="button button--quiet" href=format!("/p/{}/money", self.key)>"This year"</a> }
        });
        let names: [String; 4] =
            [1, 2, 3, 4].map(|number| self.money.year.label(Quarter { year: self.year, number }));
        let currency = match self.money.settings.currency {
            Some(currency) => {
                view! { {format!("Amounts in {} ({}).", currency.name, currency.code)} }.into_any()
            }
            None => view! {
                "No currency is chosen yet: an owner can do that under "
                <a class="link" href="/workspace">"Workspace"</a> "."
            }
            .into_any(),
        };
        view! {
            <section aria-labelledby="money-year">
                <header class="money__year">
                    <h2 id="money-year">{name.clone()}</h2>
                    <nav class="direction__ways" aria-label="Years">
                        {link(self.year - 1, "Before:")} {link(self.year + 1, "After:")} {back}
                    </nav>
                </header>
                <p class="quiet money__words">
                    "Profit is revenue and savings less cost. " {currency}
                </p>
                {tables::quarters(&self.sums, &names, &name)}
                {self.per_user(&name)}
                {chart::chart(self.chart_says(&name), &self.sums)}
                {tables::months(&self.sums)}
            </section>
        }
        .into_any()
    }

    fn amount(&self, amount: i64) -> String {
        self.money.settings.amount(amount)
    }

    /// What the year costs for each of those who use the product.
    fn per_user(&self, name: &str) -> AnyView {
        let Some(users) = &self.money.users else {
            return view! {
                <p class="quiet money__words">
                    "For the cost per user, add a "
                    <a class="link" href=format!("/p/{}/figures", self.key)>"key figure"</a>
                    " of the family Adoption that counts people, and measure it."
                </p>
            }
            .into_any();
        };
        let total = self.sums.total();
        // Figures are in ten-thousandths, and more than nothing.
        let each = |cost: i64| {
            let (cost, parts) = (i128::from(cost) * 10_000, i128::from(users.count.parts()));
            i64::try_from((cost + parts / 2) / parts).unwrap_or(i64::MAX)
        };
        let sums = [(total.plan, "planned"), (total.actual, "actual")].into_iter();
        let said = sums.filter_map(|(sums, word)| Some(format!("{} {word}", self.amount(each(sums?.cost)))));
        let said: Vec<String> = said.collect();
        let said = if said.is_empty() { "no cost".to_owned() } else { said.join(", ") };
        view! {
            <p class="money__words">
                <strong>{format!("Cost per user in {name}: {said}.")}</strong>
                " "
                <span class="quiet">
                    {format!("{} users by “{}” on {}.", users.count, users.name, day(users.day))}
                </span>
            </p>
        }
        .into_any()
    }

    fn chart_says(&self, name: &str) -> String {
        let total = self.sums.total();
        let mut said = vec![format!("Profit by month in {name}")];
        said.extend(total.actual.map(|sums| format!("actual {} in all", self.amount(sums.profit()))));
        said.extend(total.plan.map(|sums| format!("planned {}", self.amount(sums.profit()))));
        said.join(", ")
    }

    fn person(&self, user: UserId) -> String {
        person(&self.money.members, user)
    }

    /// What an entry is called by those who do not see its row.
    fn entry_name(&self, entry: &MoneyEntry) -> String {
        let MoneyEntry { entry, .. } = entry;
        let label = if entry.label.is_empty() { String::new() } else { format!(", {}", entry.label) };
        let (basis, kind) = (entry.basis.label(), entry.kind.as_str());
        format!("{basis} {kind} of {}: {}{label}", tables::month(entry.month), self.amount(entry.amount))
    }

    fn item(&self, entry: &MoneyEntry) -> Option<AnyView> {
        let item = entry.entry.item?;
        Some(match self.money.items.get(&item) {
            Some((item, title)) => view! {
                <a class="link" href=format!("/p/{}/i/{item}", self.key) title=title.clone()>
                    {item.to_string()}
                </a>
            }
            .into_any(),
            None => view! { <span class="quiet">"gone"</span> }.into_any(),
        })
    }

    /// The entries of the year.
    fn entries(&self) -> Option<AnyView> {
        let of_year = |entry: &&MoneyEntry| (0..12).contains(&entry.entry.month.since(self.sums.first));
        let entries: Vec<&MoneyEntry> = self.money.entries.iter().filter(of_year).collect();
        let more = entries.len().saturating_sub(LISTED);
        let rows: Vec<_> = entries
            .iter()
            .take(LISTED)
            .map(|entry| {
                let (id, name) = (entry.id, self.entry_name(entry));
                let remove =
                    [("key", self.key.clone()), ("id", id.to_string()), ("deletes", "true".to_owned())];
                let actions = self.edits.then(|| {
                    view! {
                        <td class="money__row-actions">
                            <a
                                class="button button--quiet"
                                href=format!("/p/{}/money?year={}&edit={id}#edit", self.key, self.year)
                                aria-label=format!("Edit {name}")
                            >
                                "Edit"
                            </a>
                            {named_post("/api/bin_money", &remove, "Remove", "button--quiet", Some(format!("Remove {name}")))}
                        </td>
                    }
                });
                let told = &entry.entry;
                view! {
                    <tr>
                        <th scope="row">{tables::month(told.month)}</th>
                        <td>{told.kind.label()}</td>
                        <td>{told.basis.label()}</td>
                        <td class="figures__number">{written(told.amount)}</td>
                        <td dir="auto">{told.label.clone()}</td>
                        <td>{self.item(entry)}</td>
                        <td dir="auto">{self.person(entry.by)}</td>
                        {actions}
                    </tr>
                }
            })
            .collect();
        let amount = self.money.settings.label("Amount");
        (!rows.is_empty()).then(|| {
            let more = (more > 0).then(|| {
                let says =
                    format!("{} in the CSV file.", counted(more, "older entry is", "older entries are"));
                view! { <p class="quiet">{says}</p> }
            });
            view! {
                <section aria-labelledby="money-entries">
                    <h2 id="money-entries">"Entries"</h2>
                    {table("Entries of the year", &[Head::Text("Month"), Head::Text("Kind"), Head::Text("Basis"), Head::Number(&amount), Head::Text("Label"), Head::Text("Item"), Head::Text("Recorded by"), Head::Actions(self.edits)], rows.into_any())}
                    {more}
                </section>
            }
            .into_any()
        })
    }

    fn removed(&self) -> Option<AnyView> {
        let entries = &self.money.removed;
        let rows = entries
            .iter()
            .filter(|_| self.edits)
            .map(|entry| {
                (self.entry_name(entry), vec![("key", self.key.clone()), ("id", entry.id.to_string())])
            })
            .collect();
        let label = counted(entries.len(), "removed entry", "removed entries");
        removed(label, ("/api/bin_money", ""), rows)
    }
}
