//! The form of a solution. It works without the application.

use std::collections::{BTreeMap, BTreeSet};

use backend::solutions::{Solution, Solutions};
use domain::Product;
use leptos::prelude::*;

use crate::pages::plain::{Line, seen};

/// Under this name a refused form says of which solution it is; empty for a new one.
pub(super) const FORM: &str = "form";

/// What was typed into a form that was refused, by the names of its fields.
pub(super) type Typed = BTreeMap<String, String>;

/// The fields of a solution, of a new one too.
pub(super) fn solution_form(of: &Solutions, solution: Option<&Solution>, typed: &Typed) -> AnyView {
    let record = solution.map(|solution| &solution.record);
    let form = record.map(|record| record.id.to_string()).unwrap_or_default();
    let text = |key: &str| record.and_then(|record| record.text(key)).unwrap_or_default().to_owned();
    let part = |part| of.parts.get(part).map(|part: &backend::solutions::Part| &part.product);
    let parts: Vec<&Product> =
        solution.iter().flat_map(|solution| &solution.parts).filter_map(part).collect();
    let keys: Vec<String> = parts.iter().map(|part| part.key.to_string()).collect();
    let values = [("name", text("name")), ("purpose", text("purpose")), ("owner", text("owner"))];
    let refused = typed.get(FORM).is_some_and(|refused| *refused == form).then_some(typed);
    let value = |key: &str| match refused {
        Some(typed) => typed.get(key).cloned().unwrap_or_default(),
        None => {
            values.iter().find(|(name, _)| *name == key).map_or_else(String::new, |(_, value)| value.clone())
        }
    };
    let ticked: BTreeSet<String> = match refused {
        Some(typed) => {
            typed.get("parts").map(|parts| parts.lines().map(str::to_owned).collect()).unwrap_or_default()
        }
        None => keys.iter().cloned().collect(),
    };
    let hidden = record.map(|record| {
        let shown = keys.iter().enumerate().map(|(at, key)| {
            view! { <input type="hidden" name=format!("seen[parts][{at}]") value=key.clone() /> }
        });
        view! {
            <input type="hidden" name="id" value=record.id.to_string() />
            {seen(values.clone())}
            {shown.collect_view()}
        }
    });
    let at = if form.is_empty() { "new".to_owned() } else { form.clone() };
    let id = |field: &str| format!("solution-{field}-{at}");
    let owner = value("owner");
    // Who has left stays where they are chosen.
    let members = of.members.iter().filter(|member| member.active || member.id.to_string() == owner);
    let owners = members.map(|member| {
        let selected = member.id.to_string() == owner;
        view! {
            <option value=member.id.to_string() selected=selected>
                {member.name.to_string()}
            </option>
        }
    });
    // So does a part that is archived.
    let archived = parts.iter().copied().filter(|part| part.archived);
    let choices = of.products.iter().chain(archived).enumerate().map(|(at, product)| {
        let key = product.key.to_string();
        let checked = ticked.contains(&key);
        view! {
            <label class="solutions__choice">
                <input
                    type="checkbox"
                    name=format!("solution[parts][{at}]")
                    value=key
                    checked=checked
                    autocomplete="off"
                />
                <span dir="auto">{product.name.to_string()}</span>
                <span class="quiet">{product.kind.label()}</span>
            </label>
        }
    });
    let submit = if record.is_some() { "Save solution" } else { "Create solution" };
    view! {
        <form
            method="post"
            action="/api/save_solution"
            class="stack keeps-draft figures__form"
            data-draft=format!("solution-{at}")
        >
            {hidden}
            {Line::new(id("name"), "solution[name]", "Name", 200)
                .value(value("name"))
                .required()
                .placeholder("Order to cash")
                .view()}
            <div class="field">
                <label for=id("purpose")>"Purpose"</label>
                <textarea id=id("purpose") name="solution[purpose]" rows="2" maxlength="5000" dir="auto">
                    {value("purpose")}
                </textarea>
            </div>
            <div class="field">
                <label for=id("owner")>"Owner"</label>
                <select id=id("owner") name="solution[owner]" autocomplete="off">
                    <option value="">"Nobody yet"</option>
                    {owners.collect_view()}
                </select>
            </div>
            <fieldset class="solutions__choices">
                <legend>"Parts"</legend>
                {choices.collect_view()}
            </fieldset>
            <button class="button button--primary" type="submit">
                {submit}
            </button>
        </form>
    }
    .into_any()
}
