//! Forms of the outcomes page. All of them work without the application.

use backend::outcomes::{Measuring, OutcomeDraft, ProductOutcomes, Settled};
use domain::{Figure, KPI, OUTCOME, unit_of};
use leptos::prelude::*;

use crate::pages::plain::{Line, seen};

/// The form of a measuring item, with what its key figure was and is.
pub(super) fn record_form(outcomes: &ProductOutcomes, of: &Measuring) -> AnyView {
    let figure = |figure: Option<Figure>| figure.map(Figure::written).unwrap_or_default();
    let draft = of.expected.as_ref().map_or_else(OutcomeDraft::default, |expected| OutcomeDraft {
        kpi: expected.kpi.to_string(),
        before: figure(expected.before),
        after: figure(expected.after),
        ..OutcomeDraft::default()
    });
    let id = of.item.id.to_string();
    let hidden = view! { <input type="hidden" name="item" value=id.clone() /> }.into_any();
    form(outcomes, "/api/record_outcome", &id, hidden, &draft)
}

/// The form of an outcome that was recorded.
pub(super) fn change_form(outcomes: &ProductOutcomes, of: &Settled) -> AnyView {
    let (draft, id) = (OutcomeDraft::of(&of.record), of.record.id.to_string());
    let values = fields(&draft);
    let hidden = view! {
        <input type="hidden" name="id" value=id.clone() />
        {seen(values)}
    };
    form(outcomes, "/api/change_outcome", &id, hidden.into_any(), &draft)
}

/// The values of a form, by the names of its fields.
fn fields(draft: &OutcomeDraft) -> [(&'static str, String); 5] {
    let OutcomeDraft { kpi, before, after, value, note } = draft.clone();
    [("kpi", kpi), ("before", before), ("after", after), ("value", value), ("note", note)]
}

fn form(
    outcomes: &ProductOutcomes,
    action: &'static str,
    at: &str,
    hidden: AnyView,
    draft: &OutcomeDraft,
) -> AnyView {
    let key = outcomes.product.key.to_string();
    let id = |field: &str| format!("{field}-{at}");
    let line = |name: &'static str, label: String, most: u16, value: &str| {
        Line::new(id(name), format!("outcome[{name}]"), label, most).value(value.to_owned()).number()
    };
    let kpis = outcomes.kpis.iter().map(|kpi| {
        let (value, name) = (kpi.id.to_string(), KPI.name_of(kpi));
        let label = match unit_of(kpi) {
            "" => name,
            unit => format!("{name} ({unit})"),
        };
        let selected = value == draft.kpi;
        view! {
            <option value=value selected=selected>
                {label}
            </option>
        }
    });
    // One in the bin is still what the figures are of.
    let is_gone = !draft.kpi.is_empty() && outcomes.kpis.iter().all(|kpi| kpi.id.to_string() != draft.kpi);
    let gone = is_gone.then(|| {
        view! {
            <option value=draft.kpi.clone() selected=true>
                "A removed key figure"
            </option>
        }
    });
    let value = outcomes.settings.label("Value per year");
    view! {
        <form method="post" action=action class="stack keeps-draft figures__form" data-draft=format!("outcome-{at}")>
            <input type="hidden" name="key" value=key />
            {hidden}
            <div class="field">
                <label for=id("kpi")>"Key figure"</label>
                <select id=id("kpi") name="outcome[kpi]" autocomplete="off">
                    <option value="">"None"</option>
                    {kpis.collect_view()}
                    {gone}
                </select>
            </div>
            <div class="figures__fields">
                {line("before", "Before".to_owned(), 40, &draft.before).view()}
                {line("after", "After".to_owned(), 40, &draft.after).view()}
                {line("value", value, 40, &draft.value).placeholder("Optional").view()}
            </div>
            <div class="field">
                <label for=id("note")>"What changed, and what you learned"</label>
                <textarea id=id("note") name="outcome[note]" rows="3" maxlength="5000" dir="auto">
                    {draft.note.clone()}
                </textarea>
            </div>
            <button class="button button--primary" type="submit">
                "Save outcome"
            </button>
        </form>
    }
    .into_any()
}

/// Says why an item is not measured.
pub(super) fn waive_form(key: &str, of: &Measuring) -> AnyView {
    let id = of.item.id.to_string();
    let reason =
        Line::new(format!("reason-{id}"), "reason", "Reason", 200).required().placeholder("Required by law");
    view! {
        <form method="post" action="/api/waive_outcome" class="stack keeps-draft figures__form" data-draft=format!("waive-{id}")>
            <input type="hidden" name="key" value=key.to_owned() />
            <input type="hidden" name="item" value=id.clone() />
            {reason.view()}
            <button class="button button--primary" type="submit">
                "Waive outcome"
            </button>
        </form>
    }
    .into_any()
}

/// What an outcome is called for those who do not see what is around it.
pub(super) fn name(settled: &Settled) -> String {
    OUTCOME.name_of(&settled.record)
}
