//! Making a product.

pub(crate) mod api;

use domain::{ProductKind, Stage};
use leptos::{either::Either, form::ActionForm, prelude::*};
use wasm_bindgen::JsCast as _;
use web_sys::{Event, HtmlInputElement};

use crate::{
    api::FormState,
    pages::products::api::CreateProduct,
    platform,
    ui::{FormError, SelectField, TextField},
};

/// What a product is, for those who have none yet.
#[component]
pub(super) fn NoProducts(
    edits: bool,
    invites: bool,
    templates: Vec<(String, String)>,
    form: FormState<CreateProduct>,
) -> impl IntoView {
    let action = if edits {
        Either::Left(view! {
            <div class="panel">
                <NewProduct form templates />
            </div>
        })
    } else {
        Either::Right(view! { <p>"An editor or owner of the workspace can add the first one."</p> })
    };
    view! {
        <div class="empty products__empty">
            <Waymark />
            <h1>"Begin with one product"</h1>
            <p>
                "A product is anything your IT runs for somebody: a service, an application, a platform. Each has a roadmap that people plan on together."
            </p>
            {action}
            {invites
                .then(|| {
                    view! {
                        <a class="button" href="/people">
                            "Invite people first"
                        </a>
                    }
                })}
        </div>
    }
}

/// The form for a new product.
#[component]
pub(super) fn NewProduct(
    form: FormState<CreateProduct>,
    /// Keys or ids with names.
    templates: Vec<(String, String)>,
    #[prop(optional)] can_cancel: bool,
) -> impl IntoView {
    // As long as nobody typed a key, it follows the name.
    let suggested = StoredValue::new(String::new());
    let suggest = move |event: Event| {
        let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        let key = platform::element("field-key").and_then(|key| key.dyn_into::<HtmlInputElement>().ok());
        let (Some(name), Some(key)) = (input.filter(|input| input.name() == "name"), key) else { return };
        let typed = key.value();
        if typed.is_empty() || suggested.with_value(|suggested| typed == *suggested) {
            let next = key_of(&name.value());
            key.set_value(&next);
            suggested.set_value(next);
        }
    };
    view! {
        <ActionForm
            action=form.action
            attr:class="stack products__form keeps-draft"
            attr:data-draft="new-product"
            on:input=suggest
        >
            <FormError error=form.general_error() />
            <TextField
                name="name"
                label="Name"
                value=form.typed("name")
                error=form.error_of("name")
                placeholder="Desktop support"
            />
            <TextField
                name="key"
                label="Key"
                value=form.typed("key")
                error=form.error_of("key")
                hint="2 to 10 letters and digits. Item numbers use it, like DESK-12, so it can’t be changed later."
                placeholder="DESK"
            />
            <ProfileFields
                kind=form.typed("kind")
                stage=Some(form.typed("stage"))
                purpose=form.typed("purpose")
                purpose_error=form.error_of("purpose")
            />
            <Template templates form />
            <div class="row products__buttons">
                <button class="button button--primary" type="submit" disabled=form.pending()>
                    "Create product"
                </button>
                // Empties and closes the form; see `shell/early.js`.
                {can_cancel
                    .then(|| view! { <button class="button button--quiet needs-life" type="reset">"Cancel"</button> })}
            </div>
        </ActionForm>
    }
}

/// What the product begins with.
#[component]
fn Template(templates: Vec<(String, String)>, form: FormState<CreateProduct>) -> impl IntoView {
    let typed = form.typed("template");
    let error = form.error_of("template");
    let options = templates.into_iter().map(|(key, name)| {
        view! {
            <option value=key.clone() selected=key == typed>
                {name}
            </option>
        }
    });
    view! {
        <div class="field">
            <label for="field-template">"Template"</label>
            <select id="field-template" name="template" aria-describedby="field-template-hint">
                {options.collect_view()}
            </select>
            <p class="field__hint" id="field-template-hint">
                "Lanes, fields and views to begin with. You can change all of them later."
            </p>
            {move || {
                error.get().map(|error| view! { <p class="field__error" role="alert">{error}</p> })
            }}
        </div>
    }
}

/// A key as people would make it of a name: its first word, or the beginning of that.
fn key_of(name: &str) -> String {
    const FEW: usize = 4;
    let word = name.split_whitespace().next().unwrap_or_default();
    let is_short_name = word.len() <= 10 && !word.contains(char::is_lowercase);
    let most = if is_short_name { 10 } else { FEW };
    let signs = word.chars().filter(char::is_ascii_alphanumeric).skip_while(char::is_ascii_digit);
    let key: String = signs.take(most).map(|sign| sign.to_ascii_uppercase()).collect();
    if key.len() < 2 { String::new() } else { key }
}

/// Kind, stage and purpose, as the forms for new and for known products have them.
#[component]
pub(super) fn ProfileFields(
    kind: String,
    /// Of a product that is made: later it moves from stage to stage.
    #[prop(optional_no_strip)]
    stage: Option<String>,
    purpose: String,
    #[prop(into)] purpose_error: Signal<Option<String>>,
) -> impl IntoView {
    view! {
        <SelectField
            name="kind"
            label="Kind"
            choices=ProductKind::ALL.iter().map(|kind| (kind.as_str(), kind.label())).collect()
            value=kind
        />
        {stage
            .map(|stage| {
                view! {
                    <SelectField
                        name="stage"
                        label="Life-cycle stage"
                        choices=Stage::ALL.iter().map(|stage| (stage.as_str(), stage.label())).collect()
                        value=stage
                    />
                }
            })}
        <TextField
            name="purpose"
            label="Purpose"
            value=purpose
            error=purpose_error
            required=false
            hint="What it is for, in one line."
        />
    }
}

/// Three stones on one another: a way-mark.
#[component]
fn Waymark() -> impl IntoView {
    view! {
        <svg class="products__waymark" viewBox="0 0 96 72" aria-hidden="true">
            <ellipse cx="48" cy="58" rx="34" ry="10"></ellipse>
            <ellipse cx="46" cy="38" rx="24" ry="9"></ellipse>
            <ellipse cx="50" cy="20" rx="15" ry="8"></ellipse>
        </svg>
    }
}

#[cfg(test)]
mod tests {
    use super::key_of;

    #[test]
    fn a_key_is_suggested_by_the_name() {
        for (name, key) in [
            ("Desktop support", "DESK"),
            ("ERP platform", "ERP"),
            ("SALESFORCE", "SALESFORCE"),
            ("2nd line", "ND"),
            ("Ärzte", "RZTE"),
            ("X", ""),
            ("", ""),
        ] {
            assert_eq!(key_of(name), key, "{name}");
        }
    }
}
