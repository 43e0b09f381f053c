//! What people said about an item.

use std::sync::Arc;

use domain::{Comment, CommentBody, CommentId, Delta, ItemId, Op, TextOf, counted};
use leptos::{html, prelude::*};

use super::{Board, Markdown, mentions::Mentions, prose::Prose};
use crate::{
    live::Connection,
    platform,
    ui::{Avatar, time},
};

#[component]
pub(super) fn Comments(id: ItemId, markdown: Markdown) -> impl IntoView {
    let board = expect_context::<Board>();
    let thread = Memo::new(move |_| {
        board.room.track(|roadmap| roadmap.thread(id).cloned().collect::<Vec<Arc<Comment>>>())
    });
    let can_comment = board.room.role().can_comment() && !board.room.product.read_untracked().archived;
    let html = move |comment: CommentId| {
        let index = thread.read().iter().position(|other| other.id == comment)?;
        markdown.get()?.get(index + 1).cloned()
    };
    let more = Memo::new(move |_| board.room.track(|roadmap| roadmap.more_comments(id)));
    view! {
        <section class="item-panel__section">
            <h3>"Comments"</h3>
            <Show when=move || more.get() != 0>
                <MoreComments id more />
            </Show>
            <Transition>
                <ul class="comments">
                    <For
                        each=move || thread.get()
                        key=|comment| (comment.id, comment.edited.map(|stamp| stamp.at))
                        children=move |comment| {
                            let id = comment.id;
                            view! { <CommentView comment html=Signal::derive(move || html(id).unwrap_or(Some(String::new()))) /> }
                        }
                    />
                </ul>
            </Transition>
            {can_comment.then(|| view! { <NewComment id /> })}
        </section>
    }
}

/// Loads what is not on this page: the newest at once, older ones when they are wanted.
#[component]
fn MoreComments(id: ItemId, more: Memo<u32>) -> impl IntoView {
    let room = expect_context::<Board>().room;
    // The oldest comment that was loaded last: what comes next is before it.
    let oldest = StoredValue::new(None);
    let loading = RwSignal::new(false);
    let wanted = RwSignal::new(true);
    let load = move || {
        if loading.get_untracked() {
            return;
        }
        loading.set(true);
        leptos::task::spawn_local(async move {
            let Some(before) = oldest.try_get_value() else { return };
            let loaded = room.load_thread(id, before).await;
            // The panel may have been closed meanwhile.
            let _ = wanted.try_set(loaded.is_err());
            let _ = oldest.try_set_value(loaded.unwrap_or(before));
            let _ = loading.try_set(false);
        });
    };
    Effect::new(move |_| {
        if room.connection.get() == Connection::Live && wanted.get_untracked() {
            load();
        }
    });
    let count = move || counted(more.get(), "more comment", "more comments");
    view! {
        <p class="quiet">
            {move || match room.connection.get() {
                _ if loading.get() => "Loading comments…".into_any(),
                Connection::Connecting => count().into_any(),
                Connection::Offline | Connection::Closed => {
                    format!("{} can be read once you are online.", count()).into_any()
                }
                Connection::Live => {
                    view! {
                        <button type="button" class="link-button" on:click=move |_| load()>
                            "Show " {count()}
                        </button>
                    }
                        .into_any()
                }
            }}
        </p>
    }
}

#[component]
fn CommentView(comment: Arc<Comment>, html: Signal<Option<String>>) -> impl IntoView {
    let board = expect_context::<Board>();
    let editing = RwSignal::new(false);
    let author = comment.created.by;
    let id = comment.id;
    let own = author == board.room.user();
    let open = !board.room.product.read_untracked().archived;
    let can_delete = open && ((own && board.room.role().can_comment()) || board.room.role().can_edit());
    let can_change = open && own && board.room.role().can_comment();
    let draft = StoredValue::new(format!("{}-edit-{id}", board.room.user()));
    let has_draft = RwSignal::new(false);
    Effect::new(move |_| {
        if !editing.get() {
            has_draft.set(can_change && draft.with_value(|draft| platform::has_draft(draft)));
        }
    });
    let text = comment.body.to_string();
    let delete = move |_| {
        board.room.edit_with_toast(Op::DeleteComment { id }, "Comment deleted.");
    };
    let cancel = move |()| {
        draft.with_value(|draft| platform::forget_draft(draft));
        editing.set(false);
    };
    let keep = move |body: CommentBody| {
        cancel(());
        let text = TextOf::Comment(id);
        let delta = board.room.with(|roadmap| Delta::between(roadmap.text(text).unwrap_or_default(), &body));
        board.room.edit_undoable(Op::EditText { text, base: 0, delta }, "Changed a comment.")
    };
    view! {
        <li class="comment">
            <Avatar name=board.room.person(author) colour=board.room.colour(author) />
            <div class="comment__main">
                <p class="comment__by">
                    <strong dir="auto">{board.room.person(author)}</strong>
                    " "
                    <span class="quiet">
                        {time(comment.created.at)} {comment.edited.is_some().then_some(", edited")}
                    </span>
                </p>
                <Show
                    when=move || editing.get()
                    fallback=move || {
                        view! { <Prose board text=TextOf::Comment(id) html ticks=can_change /> }
                    }
                >
                    <Editor
                        text=text.clone()
                        draft=draft.get_value()
                        action="Save"
                        keep
                        cancel
                        leave=move |()| editing.set(false)
                    />
                </Show>
                <Show when=move || (can_change || can_delete) && !editing.get()>
                    <p class="comment__actions">
                        {can_change
                            .then(|| {
                                view! {
                                    <button type="button" class="link-button" on:click=move |_| editing.set(true)>
                                        {move || if has_draft.get() { "Continue editing" } else { "Edit" }}
                                    </button>
                                }
                            })}
                        {can_delete
                            .then(|| {
                                view! {
                                    <button type="button" class="link-button" on:click=delete>
                                        "Delete"
                                    </button>
                                }
                            })}
                    </p>
                </Show>
            </div>
        </li>
    }
}

#[component]
fn NewComment(id: ItemId) -> impl IntoView {
    let board = expect_context::<Board>();
    let draft = format!("{}-comment-{id}", board.room.user());
    let sent = draft.clone();
    let keep = move |body: CommentBody| {
        let op = Op::AddComment { id: platform::new_comment(), item: id, body };
        let kept = board.room.edit_undoable(op, "Commented.");
        if kept {
            platform::forget_draft(&sent);
            board.room.toasts.announce("Comment added.");
        }
        kept
    };
    view! { <Editor text=String::new() draft action="Comment" keep cancel=|()| () leave=|()| () /> }
}

#[component]
fn Editor(
    text: String,
    /// Under which name what is typed is kept on this device.
    draft: String,
    action: &'static str,
    /// Takes the text, and says whether it was taken.
    #[prop(into)]
    keep: Callback<CommentBody, bool>,
    /// Throws away what was typed.
    #[prop(into)]
    cancel: Callback<()>,
    /// Puts it aside.
    #[prop(into)]
    leave: Callback<()>,
) -> impl IntoView {
    let area = NodeRef::<html::Textarea>::new();
    let error = RwSignal::new(String::new());
    let fresh = text.is_empty();
    if !fresh {
        Effect::new(move |_| {
            // Unless a draft of it is there already.
            if let Some(area) = area.get().filter(|area| area.value().is_empty()) {
                area.set_value(&text);
            }
        });
    }
    let submit = move || {
        let Some(area) = area.try_get_untracked().flatten() else { return };
        match CommentBody::parse(area.value().trim()) {
            Ok(body) => {
                let kept = keep.run(body);
                // A comment that was taken leaves an empty editor for the next.
                if kept && fresh {
                    area.set_value("");
                    error.set(String::new());
                }
            }
            Err(reason) => error.set(reason.to_string()),
        }
    };
    let list = if fresh { "mentions" } else { "edit-mentions" };
    let mentions = Mentions::new(expect_context::<Board>(), area, list);
    let key = move |event: web_sys::KeyboardEvent| match event.key().as_str() {
        _ if mentions.key(&event) => {}
        "Enter" if event.ctrl_key() || event.meta_key() => submit(),
        "Escape" if !fresh => {
            event.stop_propagation();
            leave.run(());
        }
        _ => {}
    };
    view! {
        <div class="comment-editor">
            <div class="comment-editor__field">
            <textarea
                node_ref=area
                class="item-panel__text keeps-draft"
                data-draft=draft
                dir="auto"
                autocomplete="off"
                rows="3"
                aria-label=if fresh { "New comment in Markdown" } else { "Comment in Markdown" }
                placeholder="Write a comment. @ mentions people."
                aria-autocomplete="list"
                on:keydown=key
                on:input=move |_| mentions.look()
                on:click=move |_| mentions.look()
                on:blur=move |_| mentions.close()
            ></textarea>
            {mentions.view()}
            </div>
            <Show when=move || !error.read().is_empty()>
                <p class="field__error" role="alert">
                    {move || error.get()}
                </p>
            </Show>
            <div class="row">
                <button type="button" class="button" on:click=move |_| submit()>
                    {action}
                </button>
                {(!fresh)
                    .then(|| {
                        view! {
                            <button type="button" class="button button--quiet" on:click=move |_| cancel.run(())>
                                "Cancel"
                            </button>
                        }
                    })}
            </div>
        </div>
    }
}
