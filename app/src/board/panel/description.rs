//! The description: read as it looks, written as Markdown, together with others.

use domain::{ItemId, TextOf};
use leptos::prelude::*;

use super::{
    Board, Markdown, attach::Attach, carets::Carets, mentions::Mentions, prose::Prose, writing::Writing,
};

#[component]
pub(super) fn DescriptionField(
    id: ItemId,
    editable: Signal<bool>,
    editing: RwSignal<bool>,
    markdown: Markdown,
) -> impl IntoView {
    let board = expect_context::<Board>();
    let html = Signal::derive(move || {
        let html = markdown.get().and_then(|texts| texts.into_iter().next());
        html.unwrap_or(Some(String::new()))
    });
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
                            <Shown board id html ticks=editable />
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
fn Shown(board: Board, id: ItemId, html: Signal<Option<String>>, ticks: Signal<bool>) -> impl IntoView {
    // Read here, where whoever waits for it is known.
    let empty = Memo::new(move |_| html.read().as_ref().is_some_and(String::is_empty));
    move || {
        if empty.get() {
            view! { <p class="quiet">"No description yet."</p> }.into_any()
        } else {
            view! { <Prose board text=TextOf::Description(id) html ticks /> }.into_any()
        }
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
    let mentions = Mentions::new(board, area, "description-mentions");
    let attach = Attach::new(board, area, Some(id));
    let key = move |event: web_sys::KeyboardEvent| match event.key().as_str() {
        _ if mentions.key(&event) => {}
        "Enter" if event.ctrl_key() || event.meta_key() => done(),
        "Escape" => {
            event.stop_propagation();
            done();
        }
        _ => {}
    };
    view! {
        <div
            class="writing"
            class:takes-files=move || attach.is_over()
            on:dragover=move |event| attach.over(&event)
            on:dragleave=move |_| attach.leave()
            on:drop=move |event| attach.drop(&event)
        >
            <textarea
                node_ref=area
                class="item-panel__text writing__text"
                dir="auto"
                rows="8"
                aria-label="Description in Markdown"
                on:keydown=key
                aria-autocomplete="list"
                on:input=move |_| {
                    writing.typed();
                    mentions.look();
                }
                on:paste=move |event| attach.paste(&event)
                on:compositionstart=move |_| writing.compose(true)
                on:compositionend=move |_| writing.compose(false)
                on:keyup=move |_| writing.tell_place()
                on:pointerup=move |_| writing.tell_place()
                on:blur=move |_| {
                    writing.rest();
                    mentions.close();
                }
            ></textarea>
            {mentions.view()}
            <Carets board id area changed=writing.changed in_field=move |at| writing.in_field(at) />
        </div>
        <div class="row">
            <button type="button" class="button button--primary" on:click=move |_| done()>
                "Done"
            </button>
            {attach.button()}
            <span class="field__hint">"Markdown, and @ for people. Others see what you type."</span>
        </div>
        {attach.status()}
        <Show when=move || !error.read().is_empty()>
            <p class="field__error" role="alert">
                {move || error.get()}
            </p>
        </Show>
    }
}
