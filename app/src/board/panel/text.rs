//! Fields of text. What somebody types is theirs until they leave the field: nobody else's change moves it.

use domain::{Description, ItemChange, ItemId};
use leptos::{html, prelude::*};

use super::{Board, Markdown, change};
use crate::platform;

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
    let error = RwSignal::new(String::new());
    Effect::new(move |_| {
        let value = value.get();
        if let Some(input) = input.get()
            && platform::focused().as_deref() != Some(&input)
            && input.value() != value
        {
            input.set_value(&value);
        }
    });
    let keep = move || {
        let Some(input) = input.try_get_untracked().flatten() else { return };
        let text = input.value();
        if text == value.get_untracked() {
            error.set(String::new());
            return;
        }
        match commit.run(text) {
            Ok(()) => {
                error.set(String::new());
                input.set_value(&value.get_untracked());
            }
            Err(reason) => error.set(reason),
        }
    };
    let key = move |event: web_sys::KeyboardEvent| match event.key().as_str() {
        "Enter" => {
            event.prevent_default();
            keep();
        }
        "Escape" => {
            event.stop_propagation();
            if let Some(input) = input.try_get_untracked().flatten() {
                input.set_value(&value.get_untracked());
                error.set(String::new());
                let _ = input.blur();
            }
        }
        _ => {}
    };
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
                on:keydown=key
                on:blur=move |_| keep()
                on:change=move |_| if kind == "date" { keep() }
            />
            <Show when=move || !error.read().is_empty()>
                <span class="field__error" role="alert">
                    {move || error.get()}
                </span>
            </Show>
        </label>
    }
}

/// The description: read as it looks, edited as Markdown.
#[component]
pub(super) fn DescriptionField(id: ItemId, editable: Signal<bool>, markdown: Markdown) -> impl IntoView {
    let board = expect_context::<Board>();
    let editing = RwSignal::new(false);
    let error = RwSignal::new(String::new());
    let area = NodeRef::<html::Textarea>::new();
    let text = move || {
        board.room.with(|roadmap| {
            roadmap.item(id).map_or_else(String::new, |item| item.fields.description.to_string())
        })
    };
    Effect::new(move |_| {
        if let Some(area) = area.get() {
            area.set_value(&text());
            let _ = area.focus();
        }
    });
    let keep = move || {
        let Some(area) = area.try_get_untracked().flatten() else { return };
        let kept = Description::parse(&area.value())
            .map_err(|reason| reason.to_string())
            .and_then(|text| change(board, id, ItemChange::Description(text), "Changed the description."));
        match kept {
            Ok(()) => {
                error.set(String::new());
                editing.set(false);
            }
            Err(reason) => error.set(reason),
        }
    };
    let key = move |event: web_sys::KeyboardEvent| match event.key().as_str() {
        "Enter" if event.ctrl_key() || event.meta_key() => keep(),
        "Escape" => {
            event.stop_propagation();
            editing.set(false);
        }
        _ => {}
    };
    let shown = move || {
        let html = markdown.get().and_then(Result::ok).and_then(|texts| texts.into_iter().next());
        html.unwrap_or_default()
    };
    view! {
        <section class="item-panel__section">
            <header class="item-panel__section-header">
                <h3>"Description"</h3>
                <Show when=move || editable.get() && !editing.get()>
                    <button type="button" class="button button--quiet" on:click=move |_| editing.set(true)>
                        "Edit"
                    </button>
                </Show>
            </header>
            <Show
                when=move || editing.get()
                fallback=move || {
                    view! {
                        <Transition>
                            {move || {
                                let html = shown();
                                if html.is_empty() {
                                    view! { <p class="quiet">"No description yet."</p> }.into_any()
                                } else {
                                    view! { <div class="prose" inner_html=html></div> }.into_any()
                                }
                            }}
                        </Transition>
                    }
                }
            >
                <textarea
                    node_ref=area
                    class="item-panel__text"
                    rows="8"
                    aria-label="Description in Markdown"
                    on:keydown=key
                ></textarea>
                <div class="row">
                    <button type="button" class="button button--primary" on:click=move |_| keep()>
                        "Save"
                    </button>
                    <button type="button" class="button button--quiet" on:click=move |_| editing.set(false)>
                        "Cancel"
                    </button>
                    <span class="field__hint">"Markdown. Ctrl Enter saves."</span>
                </div>
                <Show when=move || !error.read().is_empty()>
                    <p class="field__error" role="alert">
                        {move || error.get()}
                    </p>
                </Show>
            </Show>
        </section>
    }
}
