//! The page of a product's key figures as HTML.

use backend::figures::{Kpi, Measured, Measurement, Owners, ProductFigures};
use domain::{
    KPI, OwnerSide, UserId, counted, figure_of, kpi_agreed_by, kpi_is_agreed, kpi_is_on_target,
    kpi_is_published, unit_of,
};
use leptos::prelude::*;

use super::{chart, forms};
use crate::{
    api::Plain,
    pages::plain::{Head, html, named_post, nothing_yet, notice, person, removed, table, with_unit},
};

/// The newest measurements that a table lists.
const LISTED: usize = 50;

/// What came of adding measurements.
pub(super) fn told(measured: Measured) -> String {
    let parts =
        [(measured.added, "added"), (measured.corrected, "corrected"), (measured.unchanged, "unchanged")];
    let parts: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    format!("Measurements: {}.", parts.join(", "))
}

struct Page<'a> {
    key: String,
    figures: &'a ProductFigures,
    asker: UserId,
    edits: bool,
}

pub(super) fn page(
    figures: &ProductFigures,
    asker: UserId,
    refused: Option<String>,
    outcome: Option<String>,
) -> Plain {
    let edits = figures.product.role.can_edit() && !figures.product.archived;
    let page = Page { key: figures.product.key.to_string(), figures, asker, edits };
    let title = format!("Key figures of {}", figures.product.name);
    Plain { title, html: html(page.view(refused, outcome)) }
}

impl Page<'_> {
    fn view(&self, refused: Option<String>, outcome: Option<String>) -> AnyView {
        let kpis = &self.figures.kpis;
        let outcome = outcome.map(|outcome| view! { <p class="notice" role="status">{outcome}</p> });
        let count = (!kpis.is_empty())
            .then(|| view! { <p class="page__count">{counted(kpis.len(), "key figure", "key figures")}</p> });
        let new = self.edits.then(|| {
            view! {
                <details class="figures__new">
                    <summary class="button button--primary">"New key figure"</summary>
                    <div class="panel">{forms::kpi_form(&self.key, None)}</div>
                </details>
            }
        });
        let empty = kpis.is_empty().then(|| self.empty());
        let cards = kpis.iter().map(|kpi| self.kpi(kpi)).collect_view();
        view! {
            <div class="page figures">
                <header class="page__header">
                    <h1>"Key figures"</h1>
                    {count}
                </header>
                {notice(refused)}
                {outcome}
                {self.owners()}
                {empty}
                {self.summary()}
                {new}
                {cards}
                {self.removed()}
            </div>
        }
        .into_any()
    }

    fn empty(&self) -> AnyView {
        let who = (!self.edits).then_some("An editor of this product can add the first one.");
        let picture = view! { <path d="M12 8v52h74M20 48l16-12 14 6 18-20 14 4"></path>
        <path d="M12 18h74" stroke-dasharray="4 4"></path> }
        .into_any();
        nothing_yet(
            picture,
            "Measure whether it helps",
            "A key figure has a definition, a unit and a target. Business owner and IT owner agree on it; then you add what you measure, by hand or as CSV.",
            who,
        )
    }

    fn person(&self, user: UserId) -> String {
        person(&self.figures.members, user)
    }

    /// Who owns the product.
    fn owners(&self) -> AnyView {
        let owners: Owners = self.figures.owners;
        let said = OwnerSide::ALL
            .iter()
            .map(|side| {
                let who = owners.of(*side).map_or_else(|| "Nobody yet".to_owned(), |user| self.person(user));
                view! {
                    <div>
                        <dt>{side.label()}</dt>
                        <dd dir="auto">{who}</dd>
                    </div>
                }
            })
            .collect_view();
        let change = self.edits.then(|| {
            view! {
                <details class="figures__more">
                    <summary class="button button--quiet">"Change owners"</summary>
                    <div class="panel">{forms::owners_form(&self.key, self.figures)}</div>
                </details>
            }
        });
        view! {
            <section class="figures__owners" aria-label="Owners">
                <dl>{said}</dl>
                {change}
            </section>
        }
        .into_any()
    }

    /// All of them at a glance.
    fn summary(&self) -> Option<AnyView> {
        let kpis = &self.figures.kpis;
        let rows = kpis
            .iter()
            .map(|kpi| {
                let unit = unit_of(&kpi.record);
                let newest =
                    kpi.newest().map_or_else(|| "–".to_owned(), |newest| with_unit(newest.value, unit));
                let target = figure_of(&kpi.record, "target");
                let target = target.map_or_else(|| "–".to_owned(), |target| with_unit(target, unit));
                view! {
                    <tr>
                        <th scope="row">
                            <a class="link" href=format!("#kpi-{}", kpi.record.id) dir="auto">
                                {KPI.name_of(&kpi.record)}
                            </a>
                        </th>
                        <td class="figures__trend">{chart::sparkline(&kpi.measurements)}</td>
                        <td class="figures__number">{newest}</td>
                        <td class="figures__number">{target}</td>
                        <td>{standing(kpi)}</td>
                        <td>{state(kpi)}</td>
                    </tr>
                }
            })
            .collect_view();
        (kpis.len() > 1).then(|| {
            view! {
                <div class="figures__summary" tabindex="0" role="region" aria-label="Overview">
                    <table class="table">
                        <thead>
                            <tr>
                                <th scope="col">"Key figure"</th>
                                <th scope="col" class="figures__trend">
                                    "Trend"
                                </th>
                                <th scope="col" class="figures__number">
                                    "Newest"
                                </th>
                                <th scope="col" class="figures__number">
                                    "Target"
                                </th>
                                <th scope="col">"Status"</th>
                                <th scope="col">
                                    "Agreement"
                                </th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            }
            .into_any()
        })
    }

    fn kpi(&self, kpi: &Kpi) -> AnyView {
        let record = &kpi.record;
        let (name, unit) = (KPI.name_of(record), unit_of(record).to_owned());
        let id = format!("kpi-{}", record.id);
        let words = |key: &str| {
            let value = record.values.get(key)?;
            Some(KPI.field(key)?.words(value))
        };
        let family = words("family").map(|family| view! { <span class="quiet">{family}</span> });
        let definition =
            words("definition").map(|text| view! { <p class="figures__definition" dir="auto">{text}</p> });
        let target = figure_of(record, "target");
        let newest = match kpi.newest() {
            Some(newest) => view! {
                <p class="figures__newest">
                    <strong>{with_unit(newest.value, &unit)}</strong>
                    <span class="quiet">{chart::day(newest.day)}</span>
                </p>
            }
            .into_any(),
            None => view! { <p class="quiet">"Not measured yet."</p> }.into_any(),
        };
        let better = if domain::kpi_is_lower_better(record) { "lower is better" } else { "higher is better" };
        let goal = match target {
            Some(target) => format!("Target {}, {better}", with_unit(target, &unit)),
            None => format!("No target yet, {better}"),
        };
        let is_drawn = target.is_some() && kpi.count > 0;
        let goal_class = if is_drawn { "quiet figures__goal" } else { "quiet" };
        let said = chart_says(&name, kpi, &unit);
        view! {
            <article class="panel figures__kpi" id=id.clone() aria-labelledby=format!("{id}-name")>
                <header class="figures__head">
                    <h2 id=format!("{id}-name") dir="auto">
                        {name.clone()}
                    </h2>
                    {state(kpi)}
                    {family}
                </header>
                {definition}
                <div class="figures__body">
                    <div class="figures__facts">
                        {newest}
                        <p class=goal_class>{goal}</p>
                        {standing(kpi)}
                        {self.agreement(kpi, &name)}
                    </div>
                    {chart::chart(said, &kpi.measurements, target)}
                </div>
                {self.actions(kpi, &name, &unit)}
            </article>
        }
        .into_any()
    }

    /// Who agreed, and what the reader can do about it.
    fn agreement(&self, kpi: &Kpi, name: &str) -> AnyView {
        let rows = OwnerSide::ALL
            .iter()
            .map(|side| {
                let by = kpi_agreed_by(&kpi.record, *side);
                let said = match by {
                    Some(user) => format!("agreed, {}", self.person(user)),
                    None => "has not agreed yet".to_owned(),
                };
                let is_theirs =
                    self.figures.owners.of(*side) == Some(self.asker) && !self.figures.product.archived;
                let (label, agrees) = if by.is_some() { ("Withdraw", "false") } else { ("Agree", "true") };
                let form = is_theirs.then(|| {
                    let fields = [
                        ("key", self.key.clone()),
                        ("id", kpi.record.id.to_string()),
                        ("side", side.as_str().to_owned()),
                        ("agrees", agrees.to_owned()),
                        ("read", domain::kpi_terms(&kpi.record)),
                    ];
                    let called = format!("{label} as {} on {name}", side.label());
                    named_post("/api/agree_kpi", &fields, label, "", Some(called))
                });
                view! {
                    <li>
                        <span>
                            {side.label()} " "
                            <span class="quiet" dir="auto">
                                {said}
                            </span>
                        </span>
                        {form}
                    </li>
                }
            })
            .collect_view();
        view! { <ul class="figures__agreement">{rows}</ul> }.into_any()
    }

    fn actions(&self, kpi: &Kpi, name: &str, unit: &str) -> AnyView {
        let more = |label: &'static str, class: &'static str, form: AnyView| {
            view! {
                <details class="figures__more">
                    <summary class=class aria-label=format!("{label}: {name}")>
                        {label}
                    </summary>
                    {form}
                </details>
            }
        };
        let id = kpi.record.id;
        let edits = self.edits.then(|| {
            let remove = [("key", self.key.clone()), ("id", id.to_string()), ("deletes", "true".to_owned())];
            view! {
                {more("Add measurement", "button", forms::measure_form(&self.key, kpi, name))}
                {more("Paste several", "button", forms::lines_form(&self.key, kpi, name))}
                {more("Edit", "button button--quiet", forms::kpi_form(&self.key, Some(&kpi.record)))}
                {named_post("/api/bin_kpi", &remove, "Remove", "button--quiet", Some(format!("Remove {name}")))}
            }
        });
        let values = (kpi.count > 0).then(|| {
            let label = counted(usize::try_from(kpi.count).unwrap_or(usize::MAX), "value", "values");
            view! {
                <details class="figures__more">
                    <summary class="button button--quiet" aria-label=format!("{label} of {name}")>
                        {label.clone()}
                    </summary>
                    {self.table(kpi, name, unit)}
                </details>
                <a
                    class="button button--quiet"
                    href=format!("/p/{}/figures/{id}.csv", self.key)
                    aria-label=format!("Download {name} as CSV")
                    rel="external"
                    download
                >
                    "CSV"
                </a>
            }
        });
        view! { <div class="figures__actions">{edits} {values}</div> }.into_any()
    }

    fn table(&self, kpi: &Kpi, name: &str, unit: &str) -> AnyView {
        let header = if unit.is_empty() { "Value".to_owned() } else { format!("Value in {unit}") };
        let newest: Vec<&Measurement> = kpi.measurements.iter().rev().take(LISTED).collect();
        let more = usize::try_from(kpi.count).unwrap_or(usize::MAX).saturating_sub(newest.len());
        let more = (more > 0).then(|| {
            let says = format!("{} in the CSV file.", counted(more, "older value is", "older values are"));
            view! { <p class="quiet">{says}</p> }
        });
        let rows = newest
            .into_iter()
            .map(|measurement| {
                let day = measurement.day;
                let remove = self.edits.then(|| {
                    let fields = [
                        ("key", self.key.clone()),
                        ("id", kpi.record.id.to_string()),
                        ("day", day.to_string()),
                    ];
                    let called = format!("Remove the value of {} from {name}", chart::day(day));
                    let form = named_post(
                        "/api/remove_measurement",
                        &fields,
                        "Remove",
                        "button--quiet",
                        Some(called),
                    );
                    view! { <td class="figures__number">{form}</td> }
                });
                view! {
                    <tr>
                        <td>{chart::day(day)}</td>
                        <td class="figures__number">{measurement.value.to_string()}</td>
                        <td dir="auto">{measurement.source.clone()}</td>
                        <td dir="auto">{self.person(measurement.by)}</td>
                        {remove}
                    </tr>
                }
            })
            .collect_view();
        view! {
            {table(format!("Values of {name}"), &[Head::Text("Day"), Head::Number(&header), Head::Text("Source"), Head::Text("Recorded by"), Head::Actions(self.edits)], rows.into_any())}
            {more}
        }
        .into_any()
    }

    fn removed(&self) -> Option<AnyView> {
        let kpis = &self.figures.removed;
        let rows = kpis
            .iter()
            .filter(|_| self.edits)
            .map(|kpi| (KPI.name_of(kpi), vec![("key", self.key.clone()), ("id", kpi.id.to_string())]))
            .collect();
        let label = counted(kpis.len(), "removed key figure", "removed key figures");
        removed(label, ("/api/bin_kpi", ""), rows)
    }
}

/// Whether it is agreed on and published.
fn state(kpi: &Kpi) -> AnyView {
    let (label, class) = if kpi_is_published(&kpi.record) {
        ("Published", "figures__state figures__state--agreed")
    } else if kpi_is_agreed(&kpi.record) {
        ("Agreed", "figures__state figures__state--agreed")
    } else {
        ("Proposed", "figures__state")
    };
    view! { <span class=class>{label}</span> }.into_any()
}

/// Whether the newest value is where it shall be.
fn standing(kpi: &Kpi) -> Option<AnyView> {
    let on_target = kpi_is_on_target(&kpi.record, kpi.newest()?.value)?;
    let (label, class) = if on_target {
        ("On target", "figures__standing figures__standing--on")
    } else {
        ("Off target", "figures__standing figures__standing--off")
    };
    Some(view! { <span class=class>{label}</span> }.into_any())
}

/// What a chart shows, for those who do not see it.
fn chart_says(name: &str, kpi: &Kpi, unit: &str) -> String {
    let (Some(first), Some(last)) = (kpi.measurements.first(), kpi.measurements.last()) else {
        return String::new();
    };
    let target =
        figure_of(&kpi.record, "target").map(|target| format!(", target {}", with_unit(target, unit)));
    format!(
        "{name} from {} on {} to {} on {}{}",
        with_unit(first.value, unit),
        chart::day(first.day),
        with_unit(last.value, unit),
        chart::day(last.day),
        target.unwrap_or_default()
    )
}
