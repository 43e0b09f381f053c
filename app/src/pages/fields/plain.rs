//! The page of fields, and what its forms mean.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use domain::{
    Choice, FieldChange, FieldDef, FieldKey, FieldKind, FieldPlan, Op, Place, Product, Roadmap, Status,
    counted,
};
use leptos::prelude::*;

use crate::{
    api::Plain,
    pages::{
        fields::data::Typed,
        plain::{html, named_post, notice},
        product_page::settings_tabs,
    },
};

/// What a field of the product's own can be: as forms name it, and as people read it.
const KINDS: [(&str, &str); 9] = [
    ("text", "Text"),
    ("number", "Number"),
    ("money", "Money"),
    ("date", "Date"),
    ("person", "Person"),
    ("choice", "One choice"),
    ("choices", "Several choices"),
    ("checkbox", "Check box"),
    ("links", "Links"),
];

/// The kind that a form names, with the choices on its lines.
pub(crate) fn kind(name: &str, unit: &str, choices: &str) -> Result<FieldKind, backend::Error> {
    Ok(match name {
        "text" => FieldKind::Text,
        "number" => FieldKind::number(unit),
        "money" => FieldKind::Money,
        "date" => FieldKind::Date,
        "person" => FieldKind::Person,
        "choice" => FieldKind::Choice(some_choices(choices)?.into()),
        "choices" => FieldKind::Choices(some_choices(choices)?.into()),
        "checkbox" => FieldKind::Checkbox,
        "links" => FieldKind::Links,
        _ => {
            return Err(backend::Error::Invalid(format!(
                "“{name}” isn’t a kind of field. Choose one of the list."
            )));
        }
    })
}

fn some_choices(text: &str) -> Result<Vec<Choice>, backend::Error> {
    let choices = more_choices(&[], text);
    if choices.is_empty() {
        return Err(backend::Error::Invalid(
            "Name at least one choice, each on a line of its own.".to_owned(),
        ));
    }
    Ok(choices)
}

/// The choices on the lines of a text that are not there yet, with keys of their own.
fn more_choices(present: &[Choice], text: &str) -> Vec<Choice> {
    let mut all = present.to_vec();
    for label in text.lines().map(backend::tidy).filter(|label| !label.is_empty()) {
        all.extend(Choice::beside(&all, &label));
    }
    all.split_off(present.len())
}

/// What the form of a field changes.
///
/// # Errors
/// A sentence where its name cannot be one.
pub(crate) fn changes(
    plan: &FieldPlan,
    key: &FieldKey,
    typed: &Typed,
    required_from: Option<Status>,
) -> Result<Vec<Op>, backend::Error> {
    let Some(def) = plan.find(key) else {
        return Err(backend::Error::NotFound("There is no such field any more. Reload the page.".to_owned()));
    };
    let mut changes = Vec::new();
    if required_from != plan.required_from(key) {
        changes.push(FieldChange::RequiredFrom(required_from));
    }
    if def.is_custom {
        let label = backend::tidy(&typed.label);
        if *label != *def.label {
            changes.push(FieldChange::Label(label.parse()?));
        }
        match &def.kind {
            FieldKind::Number { unit, .. } if backend::tidy(&typed.unit).trim() != unit => {
                changes.push(FieldChange::Unit(backend::tidy(&typed.unit).trim().to_owned()));
            }
            FieldKind::Choice(choices) | FieldKind::Choices(choices) => {
                for choice in choices.iter() {
                    let label =
                        typed.choices.get(&*choice.key).map(|label| backend::tidy(label).trim().to_owned());
                    let label = label.filter(|label| !label.is_empty());
                    let after = Choice {
                        label: label.map_or_else(|| choice.label.clone(), Cow::Owned),
                        retired: typed.retired.contains_key(&*choice.key),
                        ..choice.clone()
                    };
                    if after != *choice {
                        changes.push(FieldChange::Choice(after));
                    }
                }
                changes.extend(more_choices(choices, &typed.more).into_iter().map(FieldChange::Choice));
            }
            _ => {}
        }
    }
    Ok(changes.into_iter().map(|change| Op::SetField { field: key.clone(), change }).collect())
}

/// Moves a field one place up or down among those that are used, or those that are not.
pub(crate) fn step(plan: &FieldPlan, field: FieldKey, up: bool) -> Option<Op> {
    let keys = plan.keys();
    let alike: Vec<&FieldKey> = keys.iter().filter(|key| plan.is_used(key) == plan.is_used(&field)).collect();
    let at = alike.iter().position(|key| **key == field)?;
    let other = alike.get(if up { at.checked_sub(1)? } else { at + 1 })?;
    let place = match up {
        true => Place::Beside { after: None, before: Some((*other).clone()) },
        false => Place::Beside { after: Some((*other).clone()), before: None },
    };
    Some(Op::SetField { field, change: FieldChange::Place(place) })
}

/// The fields of a product; `shared` are those of the workspace, which are changed there. `can_edit` says whether the reader
/// changes fields, and `owns` whether they own the workspace.
pub(crate) fn page(
    product: &Product,
    roadmap: &Roadmap,
    shared: &BTreeSet<FieldKey>,
    (can_edit, owns): (bool, bool),
    refused: Option<String>,
) -> Plain {
    let plan = roadmap.fields();
    let (used, unused): (Vec<_>, Vec<_>) = plan.all().partition(|def| plan.is_used(&def.key));
    let filled = filled(roadmap);
    let key = product.key.to_string();
    let draw = |defs: &[Cow<'static, FieldDef>], is_used: bool| {
        let last = defs.len().saturating_sub(1);
        let rows = defs.iter().enumerate().map(|(index, def)| {
            let count = filled.get(&*def.key).copied().unwrap_or(0);
            let required = plan.required_from(&FieldKey::from(&**def));
            let is_shared = shared.contains(&*def.key);
            let row = Row { product: &key, def, count, required, can_edit, is_used, is_shared };
            row.draw(index == 0, index == last)
        });
        view! { <ol class="fields__list">{rows.collect_view()}</ol> }
    };
    let hidden = if unused.is_empty() { String::new() } else { format!(", {} hidden", unused.len()) };
    let count = format!("{} shown{hidden}", counted(used.len(), "field", "fields"));
    let page = view! {
        <div class="page page--reading fields">
            <header class="page__header">
                <h1>"Fields"</h1>
                <p class="page__count">{count}</p>
                <a class="button button--quiet" href="/fields">
                    "Workspace fields"
                </a>
            </header>
            {settings_tabs(&key, "fields", owns)}
            {notice(refused)}
            {draw(&used, true)}
            {can_edit.then(|| new_field(&key))}
            {(!unused.is_empty())
                .then(|| {
                    view! {
                        <section aria-labelledby="unused-fields">
                            <h2 id="unused-fields">"Hidden"</h2>
                            <p class="quiet">"An item that has a value keeps it and shows it."</p>
                            {draw(&unused, false)}
                        </section>
                    }
                })}
        </div>
    };
    Plain { title: format!("Fields of {}", product.name), html: html(page) }
}

/// How many items have each field filled.
fn filled(roadmap: &Roadmap) -> BTreeMap<&str, usize> {
    let mut filled = BTreeMap::new();
    for item in roadmap.items().filter(|item| item.deleted.is_none()) {
        for key in item.fields.values.keys() {
            *filled.entry(&**key).or_default() += 1;
        }
    }
    filled
}

struct Row<'a> {
    product: &'a str,
    def: &'a FieldDef,
    count: usize,
    required: Option<Status>,
    can_edit: bool,
    is_used: bool,
    is_shared: bool,
}

impl Row<'_> {
    fn draw(&self, is_first: bool, is_last: bool) -> impl IntoView + use<> {
        let label = self.def.label.to_string();
        let key = self.def.key.to_string();
        let of = |name: &'static str, value: &str| {
            vec![("key", self.product.to_owned()), ("field_key", key.clone()), (name, value.to_owned())]
        };
        let arrow = |up: bool, is_at_end: bool| {
            if is_at_end {
                return view! { <span></span> }.into_any();
            }
            let (sign, way) = if up { ("↑", "up") } else { ("↓", "down") };
            let name = Some(format!("Move {label} {way}"));
            named_post(
                "/api/move_field",
                &of("up", if up { "true" } else { "false" }),
                sign,
                "button--quiet",
                name,
            )
        };
        let (verb, used) = if self.is_used { ("Hide", "false") } else { ("Show", "true") };
        let verb_name = Some(format!("{verb} {label}"));
        let actions = self.can_edit.then(|| {
            view! {
                <div class="fields__actions">
                    {arrow(true, is_first)} {arrow(false, is_last)}
                    {named_post("/api/use_field", &of("used", used), verb, "button--quiet", verb_name)}
                </div>
            }
        });
        let kind = kind_in_words(&self.def.kind);
        let facts = [
            self.required.map(|from| format!("required from {} on", from.label())),
            (self.count > 0).then(|| format!("filled in {}", counted(self.count, "item", "items"))),
            self.def
                .is_custom
                .then(|| if self.is_shared { "of the workspace" } else { "this product's own" }.to_owned()),
        ];
        let facts = facts.into_iter().flatten().collect::<Vec<_>>().join(" · ");
        let name = view! {
            <span class="fields__what">
                <span class="fields__name" dir="auto">
                    {label}
                </span>
                " "
                <span class="quiet">{facts}</span>
            </span>
            <span class="quiet fields__kind">{kind}</span>
        };
        let content = if self.can_edit {
            let form = self.form();
            view! {
                <details class="fields__edit">
                    <summary>{name}</summary>
                    {form}
                </details>
            }
            .into_any()
        } else {
            view! { <div class="fields__edit">{name}</div> }.into_any()
        };
        view! { <li class="fields__field">{content} {actions}</li> }
    }

    /// What can be changed about it.
    fn form(&self) -> impl IntoView + use<> {
        let FieldDef { key, label, kind, is_custom, .. } = self.def.clone();
        let id = move |name: &str| format!("{name}-{key}");
        let statuses = Status::ALL.iter().filter(|status| **status != Status::Dropped);
        let statuses = statuses
            .map(|status| {
                view! {
                    <option value=status.as_str() selected=self.required == Some(*status)>
                        {format!("From {} on", status.label())}
                    </option>
                }
            })
            .collect_view();
        let own = (is_custom && !self.is_shared).then(|| {
            let unit = match &kind {
                FieldKind::Number { unit, .. } => Some(text_field(id("unit"), "typed[unit]", "Unit", unit)),
                _ => None,
            };
            let choices = matches!(kind, FieldKind::Choice(_) | FieldKind::Choices(_))
                .then(|| choices(kind.choices(), &id("more")));
            view! {
                {text_field(id("label"), "typed[label]", "Name", &label)}
                {unit}
                {choices}
            }
        });
        let required = id("required");
        view! {
            <form class="fields__form" method="post" action="/api/save_field">
                <input type="hidden" name="key" value=self.product.to_owned() />
                <input type="hidden" name="field_key" value=self.def.key.to_string() />
                {own}
                <div class="field">
                    <label for=required.clone()>"Required"</label>
                    <select id=required name="required_from" autocomplete="off">
                        <option value="">"Never"</option>
                        {statuses}
                    </select>
                </div>
                <button class="button" type="submit">
                    "Save"
                </button>
            </form>
        }
    }
}

fn text_field(id: String, name: &'static str, label: &'static str, value: &str) -> impl IntoView + use<> {
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <input id=id name=name dir="auto" value=value.to_owned() maxlength="60" autocomplete="off" />
        </div>
    }
}

/// The choices of a field, each with its name and whether it is offered.
fn choices(choices: &[Choice], more: &str) -> impl IntoView + use<> {
    let rows = choices
        .iter()
        .map(|choice| {
            let name = format!("typed[choices][{}]", choice.key);
            let retired = format!("typed[retired][{}]", choice.key);
            view! {
                <li class="fields__choice">
                    <span class=format!("dot colour-{}", choice.colour)></span>
                    <input
                        name=name
                        dir="auto"
                        value=choice.label.to_string()
                        maxlength="60"
                        aria-label=format!("Name of {}", choice.label)
                        autocomplete="off"
                    />
                    <label>
                        <input type="checkbox" name=retired value="yes" checked=choice.retired autocomplete="off" />
                        "Retired"
                    </label>
                </li>
            }
        })
        .collect_view();
    let more = more.to_owned();
    view! {
        <fieldset class="fields__choices">
            <legend>"Choices"</legend>
            <ul>{rows}</ul>
            <div class="field">
                <label for=more.clone()>"More choices, one on each line"</label>
                <textarea id=more name="typed[more]" dir="auto" rows="2" autocomplete="off"></textarea>
            </div>
        </fieldset>
    }
}

/// What a field holds, for those who look for one.
fn kind_in_words(kind: &FieldKind) -> String {
    match kind {
        FieldKind::Line => "One line".to_owned(),
        FieldKind::Text => "Text".to_owned(),
        FieldKind::Number { unit, .. } if unit.is_empty() => "Number".to_owned(),
        FieldKind::Number { unit, .. } => format!("Number, {unit}"),
        FieldKind::Money => "Money".to_owned(),
        FieldKind::Date => "Date".to_owned(),
        FieldKind::Quarter => "Quarter".to_owned(),
        FieldKind::Person => "Person".to_owned(),
        FieldKind::People => "People".to_owned(),
        FieldKind::Choice(choices) => format!("One of {}", offered(choices)),
        FieldKind::Choices(choices) => format!("Some of {}", offered(choices)),
        FieldKind::Checkbox => "Check box".to_owned(),
        FieldKind::Links => "Links".to_owned(),
        FieldKind::Days => "Person-days".to_owned(),
        FieldKind::Efforts => "Person-days by discipline".to_owned(),
        FieldKind::Tags => "Tags".to_owned(),
    }
}

fn offered(choices: &[Choice]) -> String {
    counted(choices.iter().filter(|choice| !choice.retired).count(), "choice", "choices")
}

fn new_field(product: &str) -> impl IntoView + use<> {
    let kinds =
        KINDS.iter().map(|(name, label)| view! { <option value=*name>{*label}</option> }).collect_view();
    view! {
        <details class="fields__new">
            <summary class="button">"New field"</summary>
            <form
                class="fields__form keeps-draft"
                data-draft=format!("new-field-{product}")
                method="post"
                action="/api/create_field"
            >
                <input type="hidden" name="key" value=product.to_owned() />
                {text_field("new-field-label".to_owned(), "label", "Name", "")}
                <div class="field">
                    <label for="new-field-kind">"Kind"</label>
                    <select id="new-field-kind" name="kind" autocomplete="off">
                        {kinds}
                    </select>
                </div>
                <div class="field fields__unit">
                    <label for="new-field-unit">"Unit"</label>
                    <input id="new-field-unit" name="unit" maxlength="60" autocomplete="off" />
                </div>
                <div class="field fields__more">
                    <label for="new-field-choices">"Choices, one on each line"</label>
                    <textarea id="new-field-choices" name="choices" dir="auto" rows="4" autocomplete="off"></textarea>
                </div>
                <button class="button button--primary" type="submit">
                    "Add field"
                </button>
            </form>
        </details>
    }
}
