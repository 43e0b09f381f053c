//! Fields of text. What somebody types is theirs until they leave the field: nobody else's change moves it.

use std::ops::Deref;

use leptos::{
    html::{self, ElementType},
    prelude::*,
};
use wasm_bindgen::JsCast;

use crate::platform;

/// What is typed into a field, until it is kept or refused.
#[derive(Clone, Copy)]
struct Draft {
    value: Signal<String>,
    error: RwSignal<String>,
    commit: Callback<String, Result<(), String>>,
}

/// What text is typed into.
trait TextBox: Deref<Target = web_sys::HtmlElement> {
    fn text(&self) -> String;
    fn set_text(&self, text: &str);
}

impl TextBox for web_sys::HtmlInputElement {
    fn text(&self) -> String {
        self.value()
    }

    fn set_text(&self, text: &str) {
        self.set_value(text);
    }
}

impl TextBox for web_sys::HtmlTextAreaElement {
    fn text(&self) -> String {
        self.value()
    }

    fn set_text(&self, text: &str) {
        self.set_value(text);
    }
}

impl Draft {
    /// Shows what others keep, unless somebody is typing here.
    fn follow<E>(self, field: NodeRef<E>)
    where
        E: ElementType,
        E::Output: TextBox + JsCast + Clone + 'static,
    {
        Effect::new(move |_| {
            let value = self.value.get();
            if let Some(field) = field.get()
                && platform::focused().as_ref() != Some(&*field)
                && field.text() != value
            {
                field.set_text(&value);
            }
        });
    }

    fn keep_typed<E>(self, field: NodeRef<E>)
    where
        E: ElementType,
        E::Output: TextBox + JsCast + Clone + 'static,
    {
        if let Some(field) = field.try_get_untracked().flatten()
            && let Some(kept) = self.keep(field.text())
        {
            field.set_text(&kept);
        }
    }

    /// `Enter` keeps, `Esc` puts back.
    fn key<E>(self, field: NodeRef<E>, event: &web_sys::KeyboardEvent)
    where
        E: ElementType,
        E::Output: TextBox + JsCast + Clone + 'static,
    {
        match event.key().as_str() {
            "Enter" => {
                event.prevent_default();
                self.keep_typed(field);
            }
            "Escape" => {
                event.stop_propagation();
                if let Some(field) = field.try_get_untracked().flatten() {
                    field.set_text(&self.put_back());
                    let _ = field.blur();
                }
            }
            _ => {}
        }
    }

    /// Keeps a text that differs. Returns what the field is to show then; nothing where the text was refused.
    fn keep(self, text: String) -> Option<String> {
        if text != self.value.get_untracked()
            && let Err(reason) = self.commit.run(text)
        {
            self.error.set(reason);
            return None;
        }
        Some(self.put_back())
    }

    fn put_back(self) -> String {
        self.error.set(String::new());
        self.value.get_untracked()
    }
}

/// The title: one line of text, wrapped over as many as it needs. Kept and put back like a [`LineField`].
#[component]
pub(super) fn TitleField(
    value: Signal<String>,
    editable: Signal<bool>,
    #[prop(into)] commit: Callback<String, Result<(), String>>,
) -> impl IntoView {
    /// About as many letters fit into a line of the panel, for browsers that do not size a field by its content.
    const LINE: usize = 36;
    let area = NodeRef::<html::Textarea>::new();
    let draft = Draft { value, error: RwSignal::new(String::new()), commit };
    let error = draft.error;
    draft.follow(area);
    // Pasted line breaks: a title has none.
    let flatten = move |_| {
        if let Some(area) = area.try_get_untracked().flatten().filter(|area| area.value().contains('\n')) {
            area.set_value(&area.value().replace('\n', " "));
        }
    };
    let initial = value.get_untracked();
    view! {
        <label class="field field--inline item-panel__title">
            <span class="field__label">"Title"</span>
            <textarea
                node_ref=area
                rows=move || (1 + value.read().chars().count() / LINE).to_string()
                readonly=move || !editable.get()
                aria-invalid=move || (!error.read().is_empty()).to_string()
                on:keydown=move |event| draft.key(area, &event)
                on:input=flatten
                on:blur=move |_| draft.keep_typed(area)
            >
                {initial}
            </textarea>
            <Show when=move || !error.read().is_empty()>
                <span class="field__error" role="alert">
                    {move || error.get()}
                </span>
            </Show>
        </label>
    }
}

/// A single line that is kept when it is left or on `Enter`, and put back on `Esc`.
#[component]
pub(super) fn LineField(
    label: &'static str,
    #[prop(optional)] class: &'static str,
    #[prop(optional)] placeholder: &'static str,
    #[prop(default = "text")] kind: &'static str,
    value: Signal<String>,
    editable: Signal<bool>,
    /// Takes the new text, or says why not.
    #[prop(into)]
    commit: Callback<String, Result<(), String>>,
) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    let draft = Draft { value, error: RwSignal::new(String::new()), commit };
    let error = draft.error;
    draft.follow(input);
    let initial = value.get_untracked();
    view! {
        <label class=format!("field field--inline {class}")>
            <span class="field__label">{label}</span>
            <input
                node_ref=input
                type=kind
                value=initial
                placeholder=placeholder
                readonly=move || !editable.get()
                aria-invalid=move || (!error.read().is_empty()).to_string()
                on:keydown=move |event| draft.key(input, &event)
                on:blur=move |_| draft.keep_typed(input)
                on:change=move |_| if kind == "date" { draft.keep_typed(input) }
            />
            <Show when=move || !error.read().is_empty()>
                <span class="field__error" role="alert">
                    {move || error.get()}
                </span>
            </Show>
        </label>
    }
}
