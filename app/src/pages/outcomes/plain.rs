//! The outcomes page as HTML.

use backend::outcomes::{FallingUse, Measuring, Planned, ProductOutcomes, Settled};
use domain::{
    Figure, OUTCOME, Outcome, OutcomeState, ProductKey, Record, RecordId, UseDecision, UserId, counted,
    money::written, unit_of,
};
use leptos::prelude::*;

use super::forms;
use crate::{
    api::Plain,
    pages::{
        figures::chart::day,
        plain::{Head, html, named_post, nothing_yet, notice, person, removed, table, with_unit},
    },
    ui,
};

/// The most items that are listed of those that are measuring, and of those that are settled.
const LISTED: usize = 50;

/// A part of the page.
pub(super) fn address(key: &ProductKey, part: &str) -> String {
    format!("/p/{key}/outcomes#{part}")
}

struct Page<'a> {
    key: String,
    outcomes: &'a ProductOutcomes,
    edits: bool,
    /// The outcome that is edited.
    edit: Option<RecordId>,
}

pub(super) fn page(outcomes: &ProductOutcomes, edit: Option<RecordId>, refused: Option<String>) -> Plain {
    let edits = outcomes.product.role.can_edit() && !outcomes.product.archived;
    let page = Page { key: outcomes.product.key.to_string(), outcomes, edits, edit: edit.filter(|_| edits) };
    let title = format!("Outcomes of {}", outcomes.product.name);
    Plain { title, html: html(page.view(refused)) }
}

/// `12 → 9 days`.
pub(crate) fn before_and_after(outcome: &Outcome, unit: &str) -> Option<String> {
    let (before, after) = outcome.measured()?;
    Some(format!("{before} → {}", with_unit(after, unit)))
}

/// A change with its sign.
fn signed(change: Figure) -> String {
    let text = change.to_string();
    match text.strip_prefix('-') {
        Some(rest) => format!("−{rest}"),
        None if change > Figure::default() => format!("+{text}"),
        None => text,
    }
}

/// What is known of an item that is done, for its panel: what came of it, or that this is still measured.
pub(crate) fn of_item(key: &ProductKey, known: Option<&(Record, Outcome)>) -> String {
    let said = match known {
        None => {
            view! { <span class="outcomes__state outcomes__state--measuring">"Measuring"</span> }.into_any()
        }
        Some((record, outcome)) => {
            let figures = before_and_after(outcome, unit_of(record));
            let words = figures.or_else(|| record.text("note").map(str::to_owned));
            let words = words.or_else(|| record.text("reason").map(|reason| format!("Waived: {reason}")));
            view! { <span dir="auto">{words.unwrap_or_default()}</span> }.into_any()
        }
    };
    html(view! {
        <h3>"Outcome"</h3>
        <p class="outcomes__line">
            {said} " "
            <a class="link" href=address(key, if known.is_some() { "recorded" } else { "measuring" })>
                "All outcomes"
            </a>
        </p>
    })
}

impl Page<'_> {
    fn view(&self, refused: Option<String>) -> AnyView {
        let ProductOutcomes { measuring, settled, planned, falling, .. } = self.outcomes;
        let count = (!measuring.is_empty() || !settled.is_empty()).then(|| {
            let says = format!("{} measuring, {} settled", measuring.len(), settled.len());
            view! { <p class="page__count">{says}</p> }
        });
        let is_empty = measuring.is_empty() && settled.is_empty() && planned.is_empty() && falling.is_empty();
        let file = (!measuring.is_empty() || !settled.is_empty()).then(|| {
            view! {
                <a
                    class="button button--quiet"
                    href=format!("/p/{}/outcomes.csv", self.key)
                    aria-label="Download all outcomes as CSV"
                    rel="external"
                    download
                >
                    "CSV"
                </a>
            }
        });
        let cut = self
            .outcomes
            .is_cut
            .then(|| view! { <p class="quiet">"Only the newest shipped items are counted."</p> });
        view! {
            <div class="page figures outcomes">
                <header class="page__header">
                    <h1>"Outcomes"</h1>
                    {count}
                </header>
                {notice(refused)}
                <div class="figures__actions outcomes__actions">
                    <a class="button button--quiet" href=format!("/p/{}/reports", self.key)>
                        "Reports"
                    </a>
                    {file}
                </div>
                {is_empty.then(empty)}
                {self.editing()}
                {self.falling()}
                {self.measuring()}
                {self.settled()}
                {self.planned()}
                {cut}
                {self.removed()}
            </div>
        }
        .into_any()
    }

    fn person(&self, user: UserId) -> String {
        person(&self.outcomes.members, user)
    }

    /// A link to an item.
    fn item(&self, number: u32, title: &str) -> AnyView {
        let key = format!("{}-{number}", self.key);
        view! {
            <a class="link" href=format!("/p/{}/i/{key}", self.key)>
                <span class="direction__key">{key.clone()}</span>
                " "
                <span dir="auto">{title.to_owned()}</span>
            </a>
        }
        .into_any()
    }

    fn editing(&self) -> Option<AnyView> {
        let edit = self.edit?;
        let settled = self.outcomes.settled.iter().find(|settled| settled.record.id == edit)?;
        (settled.outcome.state == OutcomeState::Recorded).then(|| {
            view! {
                <section class="panel outcomes__edit" id="edit" aria-labelledby="outcomes-edit">
                    <h2 id="outcomes-edit" dir="auto">{format!("Outcome of {}", forms::name(settled))}</h2>
                    {forms::change_form(self.outcomes, settled)}
                    <a class="button button--quiet" href=format!("/p/{}/outcomes", self.key)>
                        "Cancel"
                    </a>
                </section>
            }
            .into_any()
        })
    }

    /// What is used less and less: to be improved, or retired.
    fn falling(&self) -> Option<AnyView> {
        let falling = &self.outcomes.falling;
        let row = |of: &FallingUse| {
            let last: Vec<String> = of.last.iter().map(|(_, value)| value.to_string()).collect();
            let said = with_unit(last.join(" → "), &of.unit);
            let since = format!("{} to {}", day(of.last[0].0), day(of.last[2].0));
            let act = |act: UseDecision, class: &'static str| {
                let fields = [
                    ("key", self.key.clone()),
                    ("kpi", of.kpi.to_string()),
                    ("act", act.as_str().to_owned()),
                ];
                let called = format!("{}: {}", act.label(), of.name);
                named_post("/api/decide_use", &fields, act.label(), class, Some(called))
            };
            let acts = self.edits.then(|| {
                view! {
                    <span class="outcomes__acts">
                        {act(UseDecision::Improve, "")} {act(UseDecision::Retire, "button--quiet")}
                    </span>
                }
            });
            view! {
                <li>
                    <a class="link" href=format!("/p/{}/figures#kpi-{}", self.key, of.kpi) dir="auto">
                        {of.name.clone()}
                    </a>
                    <span class="outcomes__fall">{said}</span>
                    <span class="quiet">{since}</span>
                    {acts}
                </li>
            }
        };
        (!falling.is_empty()).then(|| {
            view! {
                <section class="panel outcomes__falling" id="decide" aria-labelledby="outcomes-decide">
                    <h2 id="outcomes-decide">"Decide: improve or retire"</h2>
                    <p class="quiet">"Use that fell at each of the last three measurements."</p>
                    <ul>{falling.iter().map(row).collect_view()}</ul>
                </section>
            }
            .into_any()
        })
    }

    fn measuring(&self) -> Option<AnyView> {
        let all = &self.outcomes.measuring;
        let more = all.len().saturating_sub(LISTED);
        let more = (more > 0).then(|| {
            let says = format!("{} in the CSV file.", counted(more, "newer item is", "newer items are"));
            view! { <p class="quiet">{says}</p> }
        });
        (!all.is_empty()).then(|| {
            let items = all.iter().take(LISTED).map(|of| self.measuring_item(of)).collect_view();
            view! {
                <section id="measuring" aria-labelledby="outcomes-measuring">
                    <h2 id="outcomes-measuring">"Measuring"</h2>
                    <p class="quiet">"Shipped, and nobody has said yet what came of it. The oldest first."</p>
                    <ul class="outcomes__items">{items}</ul>
                    {more}
                </section>
            }
            .into_any()
        })
    }

    fn measuring_item(&self, of: &Measuring) -> AnyView {
        let title = &of.item.title;
        let days =
            usize::try_from((backend::now().utc().date.days() - of.item.since.days()).max(0)).unwrap_or(0);
        let since = format!("Done since {}, {}", day(of.item.since), counted(days, "day", "days"));
        let more = |label: &'static str, class: &'static str, form: AnyView| {
            view! {
                <details class="figures__more">
                    <summary class=class aria-label=format!("{label}: {title}")>
                        {label}
                    </summary>
                    {form}
                </details>
            }
        };
        let actions = self.edits.then(|| {
            view! {
                <div class="figures__actions">
                    {more("Record outcome", "button", forms::record_form(self.outcomes, of))}
                    {more("Waive", "button button--quiet", forms::waive_form(&self.key, of))}
                </div>
            }
        });
        view! {
            <li class="outcomes__item" id=format!("item-{}", of.item.id)>
                <p class="outcomes__line">
                    {self.item(of.item.number, title)}
                    <span class="outcomes__state outcomes__state--measuring">"Measuring"</span>
                    <span class="quiet">{since}</span>
                    {unknown(of.unknown_figure.as_deref())}
                </p>
                {actions}
            </li>
        }
        .into_any()
    }

    fn settled(&self) -> Option<AnyView> {
        let all = &self.outcomes.settled;
        let more = all.len().saturating_sub(LISTED);
        let more = (more > 0).then(|| {
            let says =
                format!("{} in the CSV file.", counted(more, "older outcome is", "older outcomes are"));
            view! { <p class="quiet">{says}</p> }
        });
        let value = self.outcomes.settings.label("Value per year");
        (!all.is_empty()).then(|| {
            let rows = all.iter().take(LISTED).map(|settled| self.settled_row(settled)).collect_view();
            view! {
                <section id="recorded" aria-labelledby="outcomes-recorded">
                    <h2 id="outcomes-recorded">"Recorded"</h2>
                    {table("Recorded outcomes", &[Head::Text("Item"), Head::Text("Key figure"), Head::Number("Before → after"), Head::Number("Change"), Head::Number(&value), Head::Text("What changed"), Head::Text("Recorded"), Head::Actions(self.edits)], rows.into_any())}
                    {more}
                </section>
            }
            .into_any()
        })
    }

    fn settled_row(&self, settled: &Settled) -> AnyView {
        let Settled { record, outcome, .. } = settled;
        let name = forms::name(settled);
        let unit = unit_of(record);
        let item = match settled.number {
            Some(number) => self.item(number, &name),
            None => view! { <span dir="auto">{name.clone()}</span> }.into_any(),
        };
        let reopened =
            settled.is_reopened.then(|| view! { " " <span class="outcomes__state">"Reopened"</span> });
        let dash = || "–".to_owned();
        let said = match outcome.state {
            OutcomeState::Waived => view! {
                <span class="outcomes__state">"Waived"</span>
                " "
                <span dir="auto">{record.text("reason").unwrap_or_default().to_owned()}</span>
            }
            .into_any(),
            OutcomeState::Recorded => view! {
                <span class="outcomes__note" dir="auto">{record.text("note").unwrap_or("–").to_owned()}</span>
            }
            .into_any(),
        };
        let actions = self.edits.then(|| {
            let id = record.id.to_string();
            let remove = [("key", self.key.clone()), ("id", id.clone()), ("deletes", "true".to_owned())];
            let edit = (outcome.state == OutcomeState::Recorded).then(|| {
                view! {
                    <a
                        class="button button--quiet"
                        href=format!("/p/{}/outcomes?edit={id}#edit", self.key)
                        aria-label=format!("Edit the outcome of {name}")
                    >
                        "Edit"
                    </a>
                }
            });
            let called = Some(format!("Remove the outcome of {name}"));
            view! {
                <td>
                    <span class="outcomes__acts">
                        {edit} {named_post("/api/bin_outcome", &remove, "Remove", "button--quiet", called)}
                    </span>
                </td>
            }
        });
        view! {
            <tr>
                <th scope="row">{item} {reopened}</th>
                <td dir="auto">{settled.kpi.clone().unwrap_or_else(dash)}</td>
                <td class="figures__number">{before_and_after(outcome, unit).unwrap_or_else(dash)}</td>
                <td class="figures__number">{outcome.change().map_or_else(dash, signed)}</td>
                <td class="figures__number">{outcome.value.map_or_else(dash, written)}</td>
                <td>{said}</td>
                <td>
                    <span dir="auto">{self.person(record.created.by)}</span>
                    " "
                    <span class="quiet">{ui::time(record.created.at)}</span>
                </td>
                {actions}
            </tr>
        }
        .into_any()
    }

    /// How ready the items of this quarter and the next are.
    fn planned(&self) -> Option<AnyView> {
        let rows = self.outcomes.planned.iter().take(4 * LISTED).map(|of: &Planned| {
            let missing: Vec<&str> = of.readiness.missing().collect();
            let said = match missing.is_empty() {
                true => view! { <span class="quiet">"Nothing"</span> }.into_any(),
                false => missing.join(", ").into_any(),
            };
            view! {
                <tr>
                    <th scope="row">{self.item(of.number, &of.title)}</th>
                    <td class="reports__day">{self.outcomes.year.label(of.quarter)}</td>
                    <td>
                        <span class="badge badge--chosen">{of.readiness.choice().label.to_string()}</span>
                    </td>
                    <td>{said} {unknown(of.unknown_figure.as_deref())}</td>
                </tr>
            }
        });
        let rows = rows.collect_view();
        (!self.outcomes.planned.is_empty()).then(|| {
            view! {
                <section id="readiness" aria-labelledby="outcomes-readiness">
                    <h2 id="outcomes-readiness">"Readiness"</h2>
                    <p class="quiet">
                        "Of what is planned for this quarter and the next: a problem, dates, an expected outcome and a key figure."
                    </p>
                    {table("Readiness of planned items", &[Head::Text("Item"), Head::Text("Quarter"), Head::Text("Readiness"), Head::Text("Missing")], rows.into_any())}
                </section>
            }
            .into_any()
        })
    }

    fn removed(&self) -> Option<AnyView> {
        let outcomes = &self.outcomes.removed;
        let rows = outcomes
            .iter()
            .filter(|_| self.edits)
            .map(|record| {
                (OUTCOME.name_of(record), vec![("key", self.key.clone()), ("id", record.id.to_string())])
            })
            .collect();
        let label = counted(outcomes.len(), "removed outcome", "removed outcomes");
        removed(label, ("/api/bin_outcome", "the outcome of "), rows)
    }
}

/// That the key figure which an item names is none of the product.
fn unknown(name: Option<&str>) -> Option<AnyView> {
    let says = format!(" “{}” isn’t a key figure of this product yet.", name?);
    Some(view! { <span class="quiet" dir="auto">{says}</span> }.into_any())
}

fn empty() -> AnyView {
    let picture =
        view! { <path d="M14 58h68M24 58V44M44 58V36M64 58V22M18 26l14 8 18-14 22 4"></path> }.into_any();
    nothing_yet(
        picture,
        "What did it change?",
        "An item that is done stays here as measuring until you record its outcome, or say why you don’t measure it.",
        None,
    )
}
