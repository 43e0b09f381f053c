//! Fields of forms: a label, an input, what it wants and what is wrong with it.

use leptos::prelude::*;

/// A line of text.
#[component]
pub(crate) fn TextField(
    /// The server function's argument.
    name: &'static str,
    label: &'static str,
    /// What stands in it at first.
    #[prop(optional, into)]
    value: String,
    /// What is wrong with it.
    #[prop(into)]
    error: Signal<Option<String>>,
    #[prop(default = "text")] kind: &'static str,
    #[prop(optional)] hint: Option<&'static str>,
    #[prop(default = "off")] autocomplete: &'static str,
    #[prop(default = true)] required: bool,
    #[prop(optional)] placeholder: Option<&'static str>,
) -> impl IntoView {
    let id = format!("field-{name}");
    let notes = Notes::of(&id, hint, error);
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <input
                id=id
                name=name
                type=kind
                dir="auto"
                value=value
                autocomplete=autocomplete
                required=required
                placeholder=placeholder
                aria-invalid=move || error.read().is_some().then_some("true")
                aria-describedby=notes.described_by()
            />
            {notes.view()}
        </div>
    }
}

/// A choice of a few.
#[component]
pub(crate) fn SelectField(
    name: &'static str,
    label: &'static str,
    /// Values and what people read for them.
    choices: Vec<(&'static str, &'static str)>,
    /// The value that is chosen at first.
    #[prop(into)]
    value: String,
    #[prop(optional)] hint: Option<&'static str>,
) -> impl IntoView {
    let id = format!("field-{name}");
    let notes = Notes::of(&id, hint, Signal::stored(None));
    let options = choices
        .into_iter()
        .map(|(choice, label)| {
            view! {
                <option value=choice selected=choice == value>
                    {label}
                </option>
            }
        })
        .collect_view();
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <select id=id name=name aria-describedby=notes.described_by()>
                {options}
            </select>
            {notes.view()}
        </div>
    }
}

/// What is wrong with a form as a whole. Read aloud when it appears.
#[component]
pub(crate) fn FormError(#[prop(into)] error: Signal<Option<String>>) -> impl IntoView {
    view! {
        <div role="alert">
            {move || error.get().map(|error| view! { <p class="notice notice--error">{error}</p> })}
        </div>
    }
}

/// Hint and error of a field, and how the input names them.
struct Notes {
    id: String,
    hint: Option<&'static str>,
    error: Signal<Option<String>>,
}

impl Notes {
    fn of(id: &str, hint: Option<&'static str>, error: Signal<Option<String>>) -> Self {
        Self { id: id.to_owned(), hint, error }
    }

    fn described_by(&self) -> impl Fn() -> Option<String> + Send + Sync + 'static + use<> {
        let (id, hint, error) = (self.id.clone(), self.hint, self.error);
        move || {
            let hint = hint.map(|_| format!("{id}-hint"));
            let error = error.read().is_some().then(|| format!("{id}-error"));
            let ids: Vec<String> = hint.into_iter().chain(error).collect();
            (!ids.is_empty()).then(|| ids.join(" "))
        }
    }

    fn view(self) -> impl IntoView + use<> {
        let Self { id, hint, error } = self;
        let hint_id = format!("{id}-hint");
        view! {
            {hint.map(|hint| view! { <p class="field__hint" id=hint_id>{hint}</p> })}
            {move || {
                let id = format!("{id}-error");
                error.get().map(|error| view! { <p class="field__error" id=id role="alert">{error}</p> })
            }}
        }
    }
}
