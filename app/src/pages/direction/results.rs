//! Key results of objectives as HTML.

use backend::{
    Error, Viewer,
    figures::{KeyResult, MeasuredBy},
};
use domain::{
    KEY_RESULT, KPI, MOST_KEY_RESULTS, Product, Quarter, Record, RecordId, Value, counted, figure_of,
    key_result_objective, unit_of,
};
use leptos::prelude::*;

use crate::pages::{
    figures::chart,
    plain::{Line, named_post, removed, seen},
};

/// The key results of a quarter's objectives, and what the reader may do with them.
pub(super) struct Results {
    results: Vec<KeyResult>,
    removed: Vec<Record>,
    kpis: Vec<(Product, Record)>,
    quarter: Quarter,
    /// Whether the reader may add some that no key figure measures.
    edits: bool,
}

impl Results {
    pub(super) async fn read(
        viewer: &Viewer,
        quarter: Quarter,
        objectives: &[Record],
    ) -> Result<Self, Error> {
        let ids: Vec<RecordId> = objectives.iter().map(|objective| objective.id).collect();
        if ids.is_empty() {
            let (results, removed, kpis) = (Vec::new(), Vec::new(), Vec::new());
            return Ok(Self { results, removed, kpis, quarter, edits: false });
        }
        Ok(Self {
            results: viewer.key_results(&ids).await?,
            removed: viewer.removed_key_results(&ids).await?,
            kpis: viewer.kpis_to_choose().await?,
            quarter,
            edits: viewer.role().can_edit(),
        })
    }

    /// Those of an objective, and how far they are together.
    pub(super) fn of(&self, objective: &Record, name: &str) -> Option<AnyView> {
        let own: Vec<&KeyResult> =
            self.results.iter().filter(|result| result.objective == objective.id).collect();
        let adds = (self.edits || !self.kpis.is_empty()) && own.len() < MOST_KEY_RESULTS;
        if own.is_empty() && !adds {
            return None;
        }
        let together = KeyResult::together(own.iter().copied()).map(|percent| {
            view! {
                <div class="direction__progress">
                    <progress
                        max="100"
                        value=percent.to_string()
                        aria-label=format!("Key results of {name}")
                    ></progress>
                    <span>{format!("{percent} %")}</span>
                </div>
            }
        });
        let rows = own.iter().map(|result| self.row(result)).collect_view();
        let list = (!own.is_empty()).then(|| view! { <ul>{rows}</ul> });
        Some(
            view! {
                <div class="direction__results">
                    <h4>"Key results"</h4>
                    {together}
                    {list}
                    {adds.then(|| self.add(objective, name))}
                    {self.removed(objective)}
                </div>
            }
            .into_any(),
        )
    }

    fn row(&self, result: &KeyResult) -> AnyView {
        let name = KEY_RESULT.name_of(&result.record);
        let figure = |key: &str| figure_of(&result.record, key).map(|figure| figure.to_string());
        let (start, target) = (figure("start").unwrap_or_default(), figure("target").unwrap_or_default());
        let bar = result.progress.map(|percent| {
            let within = percent.clamp(0, 100).to_string();
            view! {
                <div class="direction__progress">
                    <progress max="100" value=within aria-label=format!("Progress of {name}")></progress>
                    <span>{format!("{percent} %")}</span>
                </div>
            }
        });
        let now = match result.current {
            Some(current) => format!("{current} {}", result.unit).trim_end().to_owned(),
            None if result.kpi.is_none() => "Its key figure was removed".to_owned(),
            None => "Not measured yet".to_owned(),
        };
        let way = format!("{now} · from {start} to {target}");
        let confidence = match result.record.values.get("confidence") {
            Some(Value::Number(percent)) => Some(format!(" · {percent} % confident")),
            _ => None,
        };
        let by = result.kpi.as_ref().map(measured_by);
        let actions = result.edits.then(|| self.actions(result, &name));
        view! {
            <li>
                <p class="direction__result" dir="auto">
                    {name}
                </p>
                {bar}
                <p class="quiet">{way} {confidence}</p>
                {by}
                {actions}
            </li>
        }
        .into_any()
    }

    fn actions(&self, result: &KeyResult, name: &str) -> AnyView {
        let id = result.record.id;
        let remove =
            [("id", id.to_string()), ("quarter", self.quarter.to_string()), ("deletes", "true".to_owned())];
        view! {
            <div class="direction__actions">
                <details class="direction__close">
                    <summary class="button button--quiet" aria-label=format!("Edit {name}")>
                        "Edit"
                    </summary>
                    <form method="post" action="/api/set_key_result" class="stack keeps-draft" data-draft=format!("key-result-{id}")>
                        <input type="hidden" name="id" value=id.to_string() />
                        <input type="hidden" name="quarter" value=self.quarter.to_string() />
                        {fields(Some(result), &id.to_string())}
                        <button class="button button--primary" type="submit">
                            "Save"
                        </button>
                    </form>
                </details>
                {named_post(
                    "/api/bin_key_result",
                    &remove,
                    "Remove",
                    "button--quiet",
                    Some(format!("Remove {name}")),
                )}
            </div>
        }
        .into_any()
    }

    fn add(&self, objective: &Record, name: &str) -> AnyView {
        let at = format!("new-{}", objective.id);
        let measures = format!("measure-{at}");
        let own = self.edits.then(|| view! { <option value="">"A value of its own"</option> });
        let kpis = self
            .kpis
            .iter()
            .map(|(product, kpi)| {
                let unit = unit_of(kpi);
                let unit = if unit.is_empty() { String::new() } else { format!(" ({unit})") };
                let label = format!("{} · {}{unit}", product.key, KPI.name_of(kpi));
                view! { <option value=kpi.id.to_string()>{label}</option> }
            })
            .collect_view();
        view! {
            <details class="direction__close">
                <summary class="button" aria-label=format!("Add key result to {name}")>
                    "Add key result"
                </summary>
                <form
                    method="post"
                    action="/api/add_key_result"
                    class="stack keeps-draft"
                    data-draft=format!("key-result-{}", objective.id)
                >
                    <input type="hidden" name="objective" value=objective.id.to_string() />
                    <input type="hidden" name="quarter" value=self.quarter.to_string() />
                    <div class="field">
                        <label for=measures.clone()>"Measured by"</label>
                        <select id=measures name="kpi" autocomplete="off">
                            {own}
                            {kpis}
                        </select>
                    </div>
                    {fields(None, &at)}
                    <button class="button button--primary" type="submit">
                        "Create key result"
                    </button>
                </form>
            </details>
        }
        .into_any()
    }

    fn removed(&self, objective: &Record) -> Option<AnyView> {
        let of_objective = |result: &&Record| key_result_objective(result) == Some(objective.id);
        let rows: Vec<_> = self
            .removed
            .iter()
            .filter(of_objective)
            .take(MOST_KEY_RESULTS)
            .map(|result| {
                let fields = vec![("id", result.id.to_string()), ("quarter", self.quarter.to_string())];
                (KEY_RESULT.name_of(result), fields)
            })
            .collect();
        let label = counted(rows.len(), "removed key result", "removed key results");
        removed(label, ("/api/bin_key_result", ""), rows)
    }
}

/// The key figure behind a key result, and when it was measured.
fn measured_by(by: &MeasuredBy) -> AnyView {
    let when = by.day.map(|day| format!(", measured {}", chart::day(day)));
    view! {
        <p class="quiet">
            <a class="link" href=format!("/p/{}/figures", by.product)>
                {by.product.to_string()}
                " · "
                <span dir="auto">{by.name.clone()}</span>
            </a>
            {when}
        </p>
    }
    .into_any()
}

/// What is typed about a key result. What a key figure measures has no unit and no value of its own.
fn fields(result: Option<&KeyResult>, at: &str) -> AnyView {
    let is_own = result.is_none_or(|result| domain::key_result_kpi(&result.record).is_none());
    let value = |key: &str| {
        let is_figure = ["start", "target", "current"].contains(&key);
        if let Some(figure) = result.filter(|_| is_figure).and_then(|result| figure_of(&result.record, key)) {
            return Some(figure.written());
        }
        let field = KEY_RESULT.field(key)?;
        Some(field.written(result?.record.values.get(key)?))
    };
    let seen = result.map(|_| {
        let own: &[&str] = if is_own { &["current", "unit"] } else { &[] };
        let keys = ["name", "start", "target", "confidence"].into_iter().chain(own.iter().copied());
        seen(keys.map(|key| (key, value(key).unwrap_or_default())))
    });
    let field = |key: &'static str, label: &'static str, most: u16| {
        let id = format!("{key}-{at}");
        Line::new(id, format!("result[{key}]"), label, most).value(value(key).unwrap_or_default())
    };
    let number = |key: &'static str, label: &'static str| field(key, label, 40).number();
    let own = is_own.then(|| {
        let hint = result.is_none().then(|| {
            view! { <p class="field__hint">"Unit and current value come from the key figure, if you choose one."</p> }
        });
        view! {
            <div class="direction__fields">
                {number("current", "Current").view()} {field("unit", "Unit", 40).view()}
            </div>
            {hint}
        }
    });
    view! {
        {seen}
        {field("name", "Key result", 200).required().placeholder("Books closed sooner").view()}
        <div class="direction__fields">
            {number("start", "Start").required().view()} {number("target", "Target").required().view()}
            {number("confidence", "Confidence in %").view()}
        </div>
        {own}
    }
    .into_any()
}
