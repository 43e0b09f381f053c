//! Forms of the page of key figures. All of them work without the application.

use backend::figures::{Kpi, ProductFigures};
use domain::{Choice, KPI, Member, OwnerSide, Record, UserId, figure_of, unit_of};
use leptos::prelude::*;

use crate::pages::plain::{self, Line};

fn text(kpi: Option<&Record>, key: &str) -> String {
    kpi.and_then(|kpi| kpi.text(key)).unwrap_or_default().to_owned()
}

/// The target as it is typed.
fn target(kpi: Option<&Record>) -> String {
    kpi.and_then(|kpi| figure_of(kpi, "target")).map(|target| target.written()).unwrap_or_default()
}

/// What the form says before it is edited, so that only what was edited is changed.
fn seen(kpi: &Record) -> AnyView {
    let texts = ["name", "definition", "family", "direction", "unit"].map(|key| (key, text(Some(kpi), key)));
    let published = kpi.values.contains_key("published").then(|| ("published", "yes".to_owned()));
    let values = texts.into_iter().chain([("target", target(Some(kpi)))]).chain(published);
    plain::seen(values)
}

fn options(key: &str, chosen: &str, empty: bool) -> AnyView {
    let choices: &[Choice] = KPI.field(key).map_or(&[], |field| field.kind.choices());
    let options = choices.iter().map(|choice| {
        view! {
            <option value=choice.key.to_string() selected=*choice.key == *chosen>
                {choice.label.to_string()}
            </option>
        }
    });
    let none = empty.then(|| view! { <option value="">"None"</option> });
    view! { {none} {options.collect_view()} }.into_any()
}

/// The fields of a key figure, of a new one too.
pub(super) fn kpi_form(key: &str, kpi: Option<&Record>) -> AnyView {
    let at = kpi.map_or_else(|| "new".to_owned(), |kpi| kpi.id.to_string());
    let id = |field: &str| format!("{field}-{at}");
    let field = |name: &'static str, label: &'static str, most: u16, value: String| {
        Line::new(id(name), format!("kpi[{name}]"), label, most).value(value)
    };
    let hidden = kpi.map(|kpi| {
        view! {
            <input type="hidden" name="id" value=kpi.id.to_string() />
            {seen(kpi)}
        }
    });
    let is_published = kpi.is_some_and(|kpi| kpi.values.contains_key("published"));
    let label = if kpi.is_some() { "Save" } else { "Create key figure" };
    let agreed =
        kpi.is_some_and(|kpi| OwnerSide::ALL.iter().any(|side| domain::kpi_agreed_by(kpi, *side).is_some()));
    let hint = agreed.then(|| {
        view! {
            <p class="field__hint">
                "A change of definition, unit, direction or target withdraws the agreement."
            </p>
        }
    });
    view! {
        <form
            method="post"
            action="/api/save_kpi"
            class="stack keeps-draft figures__form"
            data-draft=format!("kpi-{key}-{at}")
        >
            <input type="hidden" name="key" value=key.to_owned() />
            {hidden}
            {field("name", "Name", 200, text(kpi, "name")).required().placeholder("Active users").view()}
            <div class="field">
                <label for=id("definition")>"Definition"</label>
                <textarea
                    id=id("definition")
                    name="kpi[definition]"
                    rows="2"
                    maxlength="5000"
                    dir="auto"
                    placeholder="What is counted, where, and how often"
                >
                    {text(kpi, "definition")}
                </textarea>
            </div>
            <div class="figures__fields">
                <div class="field">
                    <label for=id("family")>"Family"</label>
                    <select id=id("family") name="kpi[family]" autocomplete="off">
                        {options("family", &text(kpi, "family"), true)}
                    </select>
                </div>
                <div class="field">
                    <label for=id("direction")>"Direction"</label>
                    <select id=id("direction") name="kpi[direction]" autocomplete="off">
                        {options("direction", &text(kpi, "direction"), false)}
                    </select>
                </div>
                {field("unit", "Unit", 40, text(kpi, "unit")).placeholder("%").view()}
                {field("target", "Target", 40, target(kpi)).number().placeholder("80").view()}
            </div>
            <label class="figures__choice">
                <input type="checkbox" name="kpi[published]" value="yes" checked=is_published autocomplete="off" />
                "Publish once both owners have agreed"
            </label>
            {hint}
            <button class="button button--primary" type="submit">
                {label}
            </button>
        </form>
    }
    .into_any()
}

/// Adds one measurement.
pub(super) fn measure_form(key: &str, kpi: &Kpi, name: &str) -> AnyView {
    let at = kpi.record.id;
    let id = |field: &str| format!("{field}-{at}");
    let unit = unit_of(&kpi.record);
    let value = if unit.is_empty() { "Value".to_owned() } else { format!("Value in {unit}") };
    let today = backend::now().utc().date.to_string();
    view! {
        <form
            method="post"
            action="/api/measure"
            class="stack keeps-draft figures__form"
            data-draft=format!("measure-{at}")
        >
            <input type="hidden" name="key" value=key.to_owned() />
            <input type="hidden" name="id" value=at.to_string() />
            <div class="figures__fields">
                <div class="field">
                    <label for=id("day")>"Day"</label>
                    <input id=id("day") name="day" type="date" required value=today autocomplete="off" />
                </div>
                {Line::new(id("value"), "value", value, 40).required().number().view()}
                {Line::new(id("source"), "source", "Source", 80).placeholder("Optional").view()}
            </div>
            {corrects()}
            <button class="button button--primary" type="submit" aria-label=format!("Add measurement of {name}")>
                "Add"
            </button>
        </form>
    }
    .into_any()
}

/// Adds many measurements at once.
pub(super) fn lines_form(key: &str, kpi: &Kpi, name: &str) -> AnyView {
    let at = kpi.record.id;
    let id = format!("lines-{at}");
    view! {
        <form
            method="post"
            action="/api/measure_lines"
            class="stack keeps-draft figures__form"
            data-draft=format!("lines-{at}")
        >
            <input type="hidden" name="key" value=key.to_owned() />
            <input type="hidden" name="id" value=at.to_string() />
            <div class="field">
                <label for=id.clone()>"Days and values"</label>
                <textarea
                    id=id.clone()
                    name="lines"
                    rows="5"
                    required
                    maxlength="100000"
                    placeholder="2026-11-01,97.5\n2026-11-02,98.1"
                    aria-describedby=format!("{id}-hint")
                ></textarea>
                <p class="field__hint" id=format!("{id}-hint")>
                    "Paste CSV or cells of a spreadsheet: day, value and, if you like, source. At most 2,000 lines."
                </p>
            </div>
            {corrects()}
            <button class="button button--primary" type="submit" aria-label=format!("Add measurements of {name}")>
                "Add all"
            </button>
        </form>
    }
    .into_any()
}

fn corrects() -> AnyView {
    view! {
        <label class="figures__choice">
            <input type="checkbox" name="corrects" value="yes" autocomplete="off" />
            "Correct measured days"
        </label>
    }
    .into_any()
}

/// Names the owners.
pub(super) fn owners_form(key: &str, figures: &ProductFigures) -> AnyView {
    let select = |side: OwnerSide| {
        let id = format!("owner-{}", side.as_str());
        let chosen = figures.owners.of(side);
        view! {
            <div class="field">
                <label for=id.clone()>{side.label()}</label>
                <select id=id name=side.as_str() autocomplete="off">
                    <option value="">"Nobody"</option>
                    {people(&figures.members, chosen)}
                </select>
            </div>
        }
    };
    view! {
        <form method="post" action="/api/set_owners" class="stack figures__form">
            <input type="hidden" name="key" value=key.to_owned() />
            <div class="figures__fields">{select(OwnerSide::Business)} {select(OwnerSide::It)}</div>
            <button class="button button--primary" type="submit">
                "Save owners"
            </button>
        </form>
    }
    .into_any()
}

fn people(members: &[Member], chosen: Option<UserId>) -> AnyView {
    members
        .iter()
        .filter(|member| member.active)
        .map(|member| {
            view! {
                <option value=member.id.to_string() selected=Some(member.id) == chosen>
                    {member.name.to_string()}
                </option>
            }
        })
        .collect_view()
        .into_any()
}
