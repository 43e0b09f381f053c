//! The description: read as it looks, written as Markdown, together with others.

use domain::ItemId;
use leptos::prelude::*;

use super::{Board, Markdown, carets::Carets, writing::Writing};

#[component]
pub(super) fn DescriptionField(
    id: ItemId,
    editable: Signal<bool>,
    editing: RwSignal<bool>,
    markdown: Markdown,
) -> impl IntoView {
    let board = expect_context::<Board>();
    let shown = move || {
        let html = markdown.get().and_then(Result::ok).and_then(|texts| texts.into_iter().next());
        html.unwrap_or_default()
    };
    let editor = move || view! { <Editor board id editing /> };
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
                {editor}
            </Show>
        </section>
    }
}

#[component]
fn Editor(board: Board, id: ItemId, editing: RwSignal<bool>) -> impl IntoView {
    let writing = Writing::new(board, id);
    let (area, error) = (writing.area, writing.error);
    Effect::new(move |_| {
        if let Some(area) = area.get() {
            area.set_value(&writing.begin());
            let _ = area.focus();
        }
    });
    Effect::new(move |_| {
        board.room.revision.track();
        writing.follow();
    });
    // Where one writes is told when what was written is with the others, so that it means the same to them.
    Effect::new(move |_| {
        if board.room.unsaved.get() == 0 {
            writing.tell_place();
        }
    });
    on_cleanup(move || writing.leave());
    let done = move || {
        writing.rest();
        if error.read_untracked().is_empty() {
            editing.set(false);
        }
    };
    let key = move |event: web_sys::KeyboardEvent| match event.key().as_str() {
        "Enter" if event.ctrl_key() || event.meta_key() => done(),
        "Escape" => {
            event.stop_propagation();
            done();
        }
        _ => {}
    };
    view! {
        <div class="writing">
            <textarea
                node_ref=area
                class="item-panel__text writing__text"
                rows="8"
                aria-label="Description in Markdown"
                on:keydown=key
                on:input=move |_| writing.typed()
                on:compositionstart=move |_| writing.compose(true)
                on:compositionend=move |_| writing.compose(false)
                on:keyup=move |_| writing.tell_place()
                on:pointerup=move |_| writing.tell_place()
                on:blur=move |_| writing.rest()
            ></textarea>
            <Carets board id area changed=writing.changed in_field=move |at| writing.in_field(at) />
        </div>
        <div class="row">
            <button type="button" class="button button--primary" on:click=move |_| done()>
                "Done"
            </button>
            <span class="field__hint">"Markdown. Others see what you type."</span>
        </div>
        <Show when=move || !error.read().is_empty()>
            <p class="field__error" role="alert">
                {move || error.get()}
            </p>
        </Show>
    }
}
