//! Forms of the retirement plan. All of them work without the application.

use std::collections::BTreeMap;

use backend::retirement::{PlannedMove, RetirementPlan};
use domain::{CONTRACT, Contract, Product, Record, RecordDef, RecordId, USER_MOVE, amount};
use leptos::prelude::*;

use crate::pages::plain::{Line, seen};

/// Under this name a refused form says which one it was.
pub(super) const FORM: &str = "form";

/// What was typed into a form that was refused, by the names of its fields.
pub(super) type Typed = BTreeMap<String, String>;

/// What a form is called: that of a record, or that of a new one of a kind.
pub(super) fn name(def: &RecordDef, id: Option<RecordId>) -> String {
    format!("{}-{}", def.kind, id.map_or_else(|| "new".to_owned(), |id| id.to_string()))
}

/// The values of a form, by the names of its fields; and those that stand in it, which are what was typed where it was refused.
struct Values<const N: usize> {
    seen: [(&'static str, String); N],
    typed: Option<Typed>,
}

impl<const N: usize> Values<N> {
    fn new(form: &str, seen: [(&'static str, String); N], typed: &Typed) -> Self {
        let is_this = typed.get(FORM).is_some_and(|refused| refused == form);
        Self { seen, typed: is_this.then(|| typed.clone()) }
    }

    fn of(&self, key: &str) -> String {
        match &self.typed {
            Some(typed) => typed.get(key).cloned().unwrap_or_default(),
            None => self
                .seen
                .iter()
                .find(|(name, _)| *name == key)
                .map_or_else(String::new, |(_, value)| value.clone()),
        }
    }
}

fn text(record: Option<&Record>, key: &str) -> String {
    record.and_then(|record| record.text(key)).unwrap_or_default().to_owned()
}

/// What a form about a record says before it is edited.
fn hidden<const N: usize>(record: Option<&Record>, values: &Values<N>) -> Option<AnyView> {
    let record = record?;
    // A box that is not ticked is not sent.
    let said = values.seen.iter().filter(|(name, value)| *name != "moved" || !value.is_empty()).cloned();
    Some(
        view! {
            <input type="hidden" name="id" value=record.id.to_string() />
            {seen(said)}
        }
        .into_any(),
    )
}

fn day_field(id: String, name: &'static str, label: &'static str, value: String, required: bool) -> AnyView {
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <input id=id type="date" name=name value=value required=required autocomplete="off" />
        </div>
    }
    .into_any()
}

/// The fields of a group that has to move, of a new one too.
pub(super) fn move_form(plan: &RetirementPlan, planned: Option<&PlannedMove>, typed: &Typed) -> AnyView {
    let key = plan.product.key.to_string();
    let record = planned.map(|planned| &planned.record);
    let form = name(&USER_MOVE, record.map(|record| record.id));
    let to = planned.and_then(|planned| planned.to.as_ref());
    let seen = [
        ("name", text(record, "name")),
        ("users", planned.map(|planned| planned.group.users.to_string()).unwrap_or_default()),
        ("product", to.map(|to| to.key.to_string()).unwrap_or_default()),
        ("to", text(record, "to")),
        ("by", text(record, "by")),
        ("moved", planned.filter(|planned| planned.group.moved).map_or("", |_| "yes").to_owned()),
    ];
    let values = Values::new(&form, seen, typed);
    let id = |field: &str| format!("{form}-{field}");
    let chosen = values.of("product");
    // One that is archived stays where it is chosen.
    let archived = to.filter(|to| to.archived);
    let options = plan.products.iter().chain(archived).map(|to: &Product| {
        let key = to.key.to_string();
        let selected = key == chosen;
        view! {
            <option value=key selected=selected>
                {to.name.to_string()}
            </option>
        }
    });
    let submit = if record.is_some() { "Save group" } else { "Add group" };
    view! {
        <form
            method="post"
            action="/api/save_user_move"
            class="stack keeps-draft figures__form"
            data-draft=format!("{key}-{form}")
        >
            <input type="hidden" name="key" value=key.clone() />
            {hidden(record, &values)}
            <div class="figures__fields">
                {Line::new(id("name"), "group[name]", "Group", 200)
                    .value(values.of("name"))
                    .required()
                    .placeholder("Finance, Nordics")
                    .view()}
                {Line::new(id("users"), "group[users]", "Users", 10)
                    .value(values.of("users"))
                    .required()
                    .number()
                    .placeholder("120")
                    .view()}
                <div class="field">
                    <label for=id("product")>"Moves to product"</label>
                    <select id=id("product") name="group[product]" autocomplete="off">
                        <option value="">"None of these"</option>
                        {options.collect_view()}
                    </select>
                </div>
                {Line::new(id("to"), "group[to]", "Or elsewhere", 200)
                    .value(values.of("to"))
                    .placeholder("Shared drive")
                    .view()}
                {day_field(id("by"), "group[by]", "Moves by", values.of("by"), false)}
            </div>
            <label class="figures__choice">
                <input
                    type="checkbox"
                    name="group[moved]"
                    value="yes"
                    checked=!values.of("moved").is_empty()
                    autocomplete="off"
                />
                "Has moved"
            </label>
            <button class="button button--primary" type="submit">
                {submit}
            </button>
        </form>
    }
    .into_any()
}

/// The fields of a contract, of a new one too.
pub(super) fn contract_form(
    plan: &RetirementPlan,
    contract: Option<&(Record, Contract)>,
    typed: &Typed,
) -> AnyView {
    let key = plan.product.key.to_string();
    let record = contract.map(|(record, _)| record);
    let form = name(&CONTRACT, record.map(|record| record.id));
    let has_cost = record.is_some_and(|record| record.values.contains_key("cost"));
    let cost = contract.filter(|_| has_cost).map(|(_, contract)| amount(contract.cost));
    let seen = [
        ("name", text(record, "name")),
        ("supplier", text(record, "supplier")),
        ("ends", text(record, "ends")),
        ("notice", text(record, "notice")),
        ("cost", cost.unwrap_or_default()),
        ("note", text(record, "note")),
    ];
    let values = Values::new(&form, seen, typed);
    let id = |field: &str| format!("{form}-{field}");
    let cost_label = plan.settings.label("Cost per year");
    let submit = if record.is_some() { "Save contract" } else { "Add contract" };
    view! {
        <form
            method="post"
            action="/api/save_contract"
            class="stack keeps-draft figures__form"
            data-draft=format!("{key}-{form}")
        >
            <input type="hidden" name="key" value=key.clone() />
            {hidden(record, &values)}
            <div class="figures__fields">
                {Line::new(id("name"), "contract[name]", "Contract", 200)
                    .value(values.of("name"))
                    .required()
                    .placeholder("Hosting")
                    .view()}
                {Line::new(id("supplier"), "contract[supplier]", "Supplier", 200)
                    .value(values.of("supplier"))
                    .view()}
                {day_field(id("ends"), "contract[ends]", "Ends on", values.of("ends"), true)}
                {day_field(id("notice"), "contract[notice]", "Notice until", values.of("notice"), false)}
                {Line::new(id("cost"), "contract[cost]", cost_label, 40).value(values.of("cost")).number().view()}
            </div>
            <div class="field">
                <label for=id("note")>"Note"</label>
                <textarea id=id("note") name="contract[note]" rows="2" maxlength="5000" dir="auto">
                    {values.of("note")}
                </textarea>
            </div>
            <button class="button button--primary" type="submit">
                {submit}
            </button>
        </form>
    }
    .into_any()
}
