//! Small things of pages that the server draws whole. In a browser these are HTML as it came: nothing of them is in the
//! program that browsers load.

use leptos::prelude::*;

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
