//! Fields of text. What somebody types is theirs until they leave the field: nobody else's change moves it.

use std::{borrow::Cow, ops::Deref};

use domain::Date;
use leptos::{
    html::{self, ElementType},
    prelude::*,
};
use wasm_bindgen::JsCast;

use crate::{board::badges::month_name, platform, ui::Icon};

/// What is typed into a field, until it is kept or refused.
#[derive(Clone, Copy)]
struct Draft {
    value: Signal<String>,
    /// What the field showed before anybody typed.
    seen: StoredValue<String>,
    error: RwSignal<String>,
    /// What was asked about, until it is kept all the same or changed.
    asked: RwSignal<Option<String>>,
    commit: Callback<String, Result<(), String>>,
}

/// What text is typed into.
trait TextBox: Deref<Target = web_sys::HtmlElement> {
    fn text(&self) -> String;
    fn set_text(&self, text: &str);

    /// Whether it is a date of which a part is missing. Its text is empty then.
    fn is_incomplete(&self) -> bool {
        false
    }

    fn is_date(&self) -> bool {
        false
    }
}

impl TextBox for web_sys::HtmlInputElement {
    fn text(&self) -> String {
        self.value()
    }

    fn set_text(&self, text: &str) {
        self.set_value(text);
    }

    fn is_incomplete(&self) -> bool {
        self.validity().bad_input()
    }

    fn is_date(&self) -> bool {
        self.type_() == "date"
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
    fn new(value: Signal<String>, commit: Callback<String, Result<(), String>>) -> Self {
        let seen = StoredValue::new(value.get_untracked());
        Self { value, seen, error: RwSignal::default(), asked: RwSignal::new(None), commit }
    }

    /// Shows a text that nobody typed here.
    fn show(self, field: &impl TextBox, text: String) {
        if field.text() != text {
            field.set_text(&text);
        }
        self.seen.set_value(text);
    }

    /// Whether somebody changed what the field showed.
    fn is_typed(self, field: &impl TextBox) -> bool {
        field.is_incomplete() || self.seen.with_value(|seen| *seen != field.text())
    }

    /// Shows what others keep, unless somebody has typed here, or has something to put right. The focus alone keeps nothing away.
    fn follow<E>(self, field: NodeRef<E>)
    where
        E: ElementType,
        E::Output: TextBox + JsCast + Clone + 'static,
    {
        Effect::new(move |_| {
            let value = self.value.get();
            let Some(field) = field.get() else { return };
            let is_typing = platform::focused().as_ref() == Some(&*field) && self.is_typed(&field);
            if !is_typing && self.error.read_untracked().is_empty() {
                self.show(&field, value);
            }
        });
    }

    /// Keeps what was typed. With `sure`, also what was asked about.
    fn keep_typed<E>(self, field: NodeRef<E>, sure: bool)
    where
        E: ElementType,
        E::Output: TextBox + JsCast + Clone + 'static,
    {
        let Some(field) = field.try_get_untracked().flatten() else { return };
        self.asked.set(None);
        if !self.is_typed(&field) {
            self.show(&field, self.put_back());
            return;
        }
        if field.is_incomplete() {
            self.error.set("Complete the date, or clear it.".to_owned());
            return;
        }
        let text = field.text();
        if field.is_date() && text != self.value.get_untracked() && !sure {
            let unlikely = text.parse::<Date>().ok().filter(|date| !date.is_likely());
            if let Some(date) = unlikely {
                self.error.set(format!("Is {:04} the right year?", date.year()));
                self.asked.set(Some(text));
                return;
            }
        }
        if let Some(kept) = self.keep(text) {
            self.show(&field, kept);
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
                let typed = field.try_get_untracked().flatten().map(|field| field.text());
                // `Enter` answers the question with yes.
                let sure = typed.is_some() && typed == self.asked.get_untracked();
                self.keep_typed(field, sure);
            }
            "Escape" => {
                event.stop_propagation();
                if let Some(field) = field.try_get_untracked().flatten() {
                    self.show(&field, self.put_back());
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
        self.asked.set(None);
        self.value.get_untracked()
    }

    /// What is wrong with the text, or asked about it.
    fn says<E>(self, field: NodeRef<E>) -> impl IntoView
    where
        E: ElementType,
        E::Output: TextBox + JsCast + Clone + 'static,
    {
        view! {
            <Show when=move || !self.error.read().is_empty()>
                <span class="field__error" role="alert">
                    {move || self.error.get()}
                </span>
            </Show>
            <Show when=move || self.asked.read().is_some()>
                <button
                    type="button"
                    class="link-button"
                    on:click=move |_| {
                        self.keep_typed(field, true);
                    }
                >
                    "Keep it"
                </button>
            </Show>
        }
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
    let draft = Draft::new(value, commit);
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
                dir="auto"
                autocomplete="off"
                rows=move || (1 + value.read().chars().count() / LINE).to_string()
                readonly=move || !editable.get()
                aria-invalid=move || (!draft.error.read().is_empty()).to_string()
                on:keydown=move |event| draft.key(area, &event)
                on:input=flatten
                on:blur=move |_| draft.keep_typed(area, false)
            >
                {initial}
            </textarea>
            {draft.says(area)}
        </label>
    }
}

/// A single line that is kept when it is left or on `Enter`, and put back on `Esc`. Dates are, too: while one is typed, the
/// field holds others that nobody means.
#[component]
pub(super) fn LineField(
    #[prop(into)] label: Cow<'static, str>,
    #[prop(optional)] class: &'static str,
    #[prop(optional)] placeholder: &'static str,
    /// What stands before the value.
    #[prop(optional)]
    icon: Option<&'static str>,
    #[prop(default = "text")] kind: &'static str,
    /// What a value is counted in, and that in full.
    #[prop(optional)]
    unit: Option<(&'static str, &'static str)>,
    value: Signal<String>,
    editable: Signal<bool>,
    /// Takes the new text, or says why not.
    #[prop(into)]
    commit: Callback<String, Result<(), String>>,
) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    let label = StoredValue::new(label);
    let draft = Draft::new(value, commit);
    draft.follow(input);
    let shown = move || {
        let text = value.get();
        match text.parse::<Date>() {
            _ if text.is_empty() => "None".to_owned(),
            Ok(date) if kind == "date" => day(date),
            _ => unit.map_or(text.clone(), |(unit, _)| format!("{text} {unit}")),
        }
    };
    let mark = move || icon.map(|name| mark(view! { <Icon name /> }.into_any()));
    // Until somebody is in the field, or has something to put right, a date is written as everywhere else.
    let as_elsewhere = move || (kind == "date" && draft.error.read().is_empty()).then(shown);
    let field = move || {
        view! {
            <label class=format!("field field--inline {class}") data-shown=as_elsewhere data-unit=unit.map(|unit| unit.0)>
                <span class="field__label">{label.get_value()}</span>
                {mark()}
                <input
                    node_ref=input
                    type=kind
                    dir="auto"
                    autocomplete="off"
                    value=value.get_untracked()
                    // Four digits of a year are enough.
                    max=(kind == "date").then_some("9999-12-31")
                    placeholder=placeholder
                    title=unit.map(|unit| unit.1)
                    aria-invalid=move || (!draft.error.read().is_empty()).to_string()
                    on:keydown=move |event| draft.key(input, &event)
                    on:blur=move |_| draft.keep_typed(input, false)
                />
                {draft.says(input)}
            </label>
        }
    };
    move || if editable.get() { field().into_any() } else { fixed(label.get_value(), mark(), shown) }
}

/// What stands before a value. It says nothing that the value does not.
pub(super) fn mark(looks: AnyView) -> AnyView {
    view! {
        <span class="field__mark" aria-hidden="true">
            {looks}
        </span>
    }
    .into_any()
}

/// Several lines, kept when they are left or on `Ctrl Enter`, and put back on `Esc`.
#[component]
pub(super) fn AreaField(
    #[prop(into)] label: Cow<'static, str>,
    value: Signal<String>,
    editable: Signal<bool>,
    /// Takes the new text, or says why not.
    #[prop(into)]
    commit: Callback<String, Result<(), String>>,
) -> impl IntoView {
    let area = NodeRef::<html::Textarea>::new();
    let label = StoredValue::new(label);
    let draft = Draft::new(value, commit);
    draft.follow(area);
    let key = move |event: web_sys::KeyboardEvent| {
        if event.key() != "Enter" || event.ctrl_key() || event.meta_key() {
            draft.key(area, &event);
        }
    };
    let field = move || {
        view! {
            <label class="field field--inline">
                <span class="field__label">{label.get_value()}</span>
                <textarea
                    node_ref=area
                    dir="auto"
                    autocomplete="off"
                    rows="3"
                    aria-invalid=move || (!draft.error.read().is_empty()).to_string()
                    on:keydown=key
                    on:blur=move |_| draft.keep_typed(area, false)
                >
                    {value.get_untracked()}
                </textarea>
                {draft.says(area)}
            </label>
        }
    };
    move || {
        if editable.get() { field().into_any() } else { fixed(label.get_value(), None, move || value.get()) }
    }
}

/// A value that cannot be changed here: plain text beside its label.
pub(super) fn fixed(
    label: impl Into<Cow<'static, str>>,
    mark: Option<AnyView>,
    value: impl Fn() -> String + Send + 'static,
) -> AnyView {
    view! {
        <div class="field field--inline">
            <span class="field__label">{label.into()}</span>
            {mark}
            <span class="field__value" dir="auto">
                {value}
            </span>
        </div>
    }
    .into_any()
}

/// `21 Nov 2026`.
fn day(date: Date) -> String {
    format!("{} {} {:04}", date.day(), month_name(date), date.year())
}
