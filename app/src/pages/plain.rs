//! Small things of pages that the server draws whole. In a browser these are HTML as it came: nothing of them is in the
//! program that browsers load.

use domain::{FiscalYear, Member, Quarter, UserId};
use leptos::prelude::*;

/// What a member is called.
pub(super) fn person(members: &[Member], user: UserId) -> String {
    let member = members.iter().find(|member| member.id == user);
    member.map_or_else(|| "Someone".to_owned(), |member| member.name.to_string())
}

/// What a quarter is called for which something was promised: one of the calendar year, whenever that of the workspace begins.
pub(super) fn promised_quarter(quarter: Quarter) -> String {
    FiscalYear::default().label(quarter)
}

/// A figure with its unit.
pub(super) fn with_unit(value: impl std::fmt::Display, unit: &str) -> String {
    format!("{value} {unit}").trim_end().to_owned()
}

/// A view as HTML.
pub(super) fn html(view: impl IntoView) -> String {
    view.into_view().to_html()
}

/// A button that posts a few values; `class` says how it looks.
pub(super) fn post(
    action: &'static str,
    fields: &[(&'static str, String)],
    label: impl Into<String>,
    class: &'static str,
) -> AnyView {
    named_post(action, fields, label, class, None)
}

/// As [`post`], called something else by those who do not see what is beside it.
pub(super) fn named_post(
    action: &'static str,
    fields: &[(&'static str, String)],
    label: impl Into<String>,
    class: &'static str,
    name: Option<String>,
) -> AnyView {
    let label: String = label.into();
    form(action, fields, label.into_any(), class, name)
}

/// As [`post`], with something behind the label for those who do not see what is beside it: unlike a name, that may hold
/// moments in the reader's time zone.
pub(super) fn explained_post(
    action: &'static str,
    fields: &[(&'static str, String)],
    label: &'static str,
    class: &'static str,
    more: impl IntoView + 'static,
) -> AnyView {
    let label = view! { {label} " " <span class="visually-hidden">{more.into_view()}</span> };
    form(action, fields, label.into_any(), class, None)
}

fn form(
    action: &'static str,
    fields: &[(&'static str, String)],
    label: AnyView,
    class: &'static str,
    name: Option<String>,
) -> AnyView {
    let fields = fields
        .iter()
        .map(|(name, value)| view! { <input type="hidden" name=*name value=value.clone() /> })
        .collect_view();
    view! {
        <form method="post" action=action>
            {fields}
            <button class=format!("button {class}") type="submit" aria-label=name>
                {label}
            </button>
        </form>
    }
    .into_any()
}

/// What a form showed, by the names of its fields: its server function then changes only what was edited.
pub(super) fn seen(values: impl IntoIterator<Item = (&'static str, String)>) -> AnyView {
    let hidden = |(name, value)| view! { <input type="hidden" name=format!("seen[{name}]") value=value /> };
    values.into_iter().map(hidden).collect_view().into_any()
}

/// A field for a line of text or a number.
pub(super) struct Line {
    id: String,
    name: String,
    label: String,
    value: String,
    /// The most characters.
    most: u16,
    required: bool,
    is_number: bool,
    placeholder: Option<String>,
}

impl Line {
    pub(super) fn new(id: String, name: impl Into<String>, label: impl Into<String>, most: u16) -> Self {
        Self {
            id,
            name: name.into(),
            label: label.into(),
            value: String::new(),
            most,
            required: false,
            is_number: false,
            placeholder: None,
        }
    }

    pub(super) fn value(self, value: String) -> Self {
        Self { value, ..self }
    }

    pub(super) fn placeholder(self, placeholder: impl Into<String>) -> Self {
        Self { placeholder: Some(placeholder.into()), ..self }
    }

    pub(super) fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// Phones show digits for it.
    pub(super) fn number(self) -> Self {
        Self { is_number: true, ..self }
    }

    pub(super) fn view(self) -> AnyView {
        view! {
            <div class="field">
                <label for=self.id.clone()>{self.label}</label>
                <input
                    id=self.id
                    name=self.name
                    inputmode=self.is_number.then_some("decimal")
                    required=self.required
                    maxlength=self.most.to_string()
                    dir="auto"
                    autocomplete="off"
                    value=self.value
                    placeholder=self.placeholder
                />
            </div>
        }
        .into_any()
    }
}

/// What was removed, each with its name and what its form posts to restore it; nothing where that is nothing. `what` is said before the
/// name to those who do not see what is around it.
pub(super) fn removed(
    label: String,
    (action, what): (&'static str, &'static str),
    removed: Vec<(String, Vec<(&'static str, String)>)>,
) -> Option<AnyView> {
    (!removed.is_empty()).then(|| {
        let rows = removed.into_iter().map(|(name, mut fields)| {
            fields.push(("deletes", "false".to_owned()));
            let called = Some(format!("Restore {what}{name}"));
            view! {
                <li>
                    <span dir="auto">{name}</span>
                    " "
                    {named_post(action, &fields, "Restore", "button--quiet", called)}
                </li>
            }
        });
        view! {
            <details class="removed">
                <summary>{label}</summary>
                <ul>{rows.collect_view()}</ul>
            </details>
        }
        .into_any()
    })
}

/// The head of a column.
pub(super) enum Head<'a> {
    Text(&'a str),
    Number(&'a str),
    /// What can be done to a row, where anything can.
    Actions(bool),
}

/// A table that scrolls to the side where it has no room. `name` says what it lists.
pub(super) fn table(name: impl Into<String>, heads: &[Head<'_>], rows: AnyView) -> AnyView {
    let head = |head: &Head<'_>| match *head {
        Head::Text(label) => Some(view! { <th scope="col">{label.to_owned()}</th> }.into_any()),
        Head::Number(label) => {
            Some(view! { <th scope="col" class="figures__number">{label.to_owned()}</th> }.into_any())
        }
        Head::Actions(are) => are.then(|| {
            view! {
                <th scope="col">
                    <span class="visually-hidden">"Actions"</span>
                </th>
            }
            .into_any()
        }),
    };
    let name: String = name.into();
    view! {
        <div class="figures__summary" tabindex="0" role="region" aria-label=name>
            <table class="table">
                <thead>
                    <tr>{heads.iter().filter_map(head).collect_view()}</tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// What a page is for, where nothing is there yet: with a picture of 96 by 72, and who can begin.
pub(super) fn nothing_yet(
    picture: AnyView,
    title: &'static str,
    text: &'static str,
    who: Option<&'static str>,
) -> AnyView {
    view! {
        <div class="empty figures__empty">
            <svg class="inbox__picture" viewBox="0 0 96 72" aria-hidden="true">
                {picture}
            </svg>
            <h2>{title}</h2>
            <p>{text}</p>
            {who.map(|who| view! { <p>{who}</p> })}
        </div>
    }
    .into_any()
}

/// Why a form was refused.
pub(super) fn notice(refused: Option<String>) -> Option<AnyView> {
    refused.map(|sentence| view! { <p class="notice notice--error" role="alert">{sentence}</p> }.into_any())
}

/// What a page is for, instead of what it lists where that is nothing: with a picture of 96 by 72, and another page to go to.
pub(super) fn empty(
    picture: AnyView,
    title: &'static str,
    text: &'static str,
    (href, label): (&'static str, &'static str),
) -> AnyView {
    view! {
        <div class="empty">
            <svg class="inbox__picture" viewBox="0 0 96 72" aria-hidden="true">
                {picture}
            </svg>
            <h1>{title}</h1>
            <p>{text}</p>
            <div class="empty__actions">
                <a class="button button--primary" href="/">
                    "All products"
                </a>
                <a class="button" href=href>
                    {label}
                </a>
            </div>
        </div>
    }
    .into_any()
}
