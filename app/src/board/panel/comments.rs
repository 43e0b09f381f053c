//! What people said about an item.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use domain::{Comment, CommentBody, CommentChange, CommentId, Delta, ItemId, Op, Reaction, TextOf, counted};
use leptos::{html, prelude::*};

use super::{Board, Markdown, attach::Attach, mentions::Mentions, prose::Prose};
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
    let html = Callback::new(move |comment: CommentId| {
        let index = thread.read().iter().position(|other| other.id == comment)?;
        markdown.get()?.get(index + 1).cloned()
    });
    let threads = Memo::new(move |_| threads(&thread.read()));
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
                        each=move || threads.get()
                        key=|thread| thread.first
                        children=move |Threaded { first, .. }| {
                            view! { <Thread item=id first threads html can_comment /> }
                        }
                    />
                </ul>
            </Transition>
            {can_comment.then(|| view! { <NewComment id /> })}
        </section>
    }
}

/// The comments of a thread, the one that began it first.
#[derive(Clone, PartialEq)]
struct Threaded {
    first: CommentId,
    comments: Vec<Arc<Comment>>,
}

/// Comments by thread, in the order in which threads began. Where what began one is not loaded yet, an answer stands for itself.
fn threads(comments: &[Arc<Comment>]) -> Vec<Threaded> {
    // What was written within one moment stands in no order, so answers come second.
    let (mut firsts, answers): (Vec<_>, Vec<_>) =
        comments.iter().cloned().partition(|comment| comment.reply_to.is_none());
    let begun: BTreeSet<CommentId> = firsts.iter().map(|comment| comment.id).collect();
    let mut replies: BTreeMap<CommentId, Vec<Arc<Comment>>> = BTreeMap::new();
    for answer in answers {
        match answer.reply_to.filter(|first| begun.contains(first)) {
            Some(first) => replies.entry(first).or_default().push(answer),
            None => firsts.push(answer),
        }
    }
    firsts.sort_by_key(|comment| (comment.created.at, comment.id));
    let thread = |first: Arc<Comment>| {
        let (id, answers) = (first.id, replies.remove(&first.id).unwrap_or_default());
        Threaded { first: id, comments: std::iter::once(first).chain(answers).collect() }
    };
    firsts.into_iter().map(thread).collect()
}

/// A comment and the answers to it. Once it is settled, it is a line until somebody looks into it.
#[component]
fn Thread(
    item: ItemId,
    first: CommentId,
    threads: Memo<Vec<Threaded>>,
    html: Callback<CommentId, Option<Option<String>>>,
    can_comment: bool,
) -> impl IntoView {
    let board = expect_context::<Board>();
    let room = board.room;
    let comments = Memo::new(move |_| {
        let threads = threads.read();
        threads
            .iter()
            .find(|thread| thread.first == first)
            .map(|thread| thread.comments.clone())
            .unwrap_or_default()
    });
    let began = move || comments.read().first().filter(|comment| comment.id == first).cloned();
    let resolved = Memo::new(move |_| began().and_then(|comment| comment.resolved));
    let answers = move || comments.read().len().saturating_sub(1);
    let can_resolve = Memo::new(move |_| {
        can_comment && began().is_some_and(|it| room.role().can_edit() || it.created.by == room.user())
    });
    let unfolded = RwSignal::new(false);
    let answering = RwSignal::new(false);
    let draft = format!("{}-reply-{first}", room.user());
    let sent = draft.clone();
    let send = move |body: CommentBody| {
        let op = Op::AddComment { id: platform::new_comment(), item, body, reply_to: Some(first) };
        let kept = room.edit_undoable(op, "Replied.");
        if kept {
            platform::forget_draft(&sent);
            answering.set(false);
            room.toasts.announce("Reply added.");
        }
        kept
    };
    let put_aside = {
        let draft = draft.clone();
        move |()| {
            platform::forget_draft(&draft);
            answering.set(false);
        }
    };
    let (send, put_aside, draft) = (Callback::new(send), Callback::new(put_aside), StoredValue::new(draft));
    let resolve = move |_| {
        let resolve = resolved.get_untracked().is_none();
        let op = Op::SetComment { id: first, change: CommentChange::Resolved(resolve) };
        unfolded.set(false);
        room.edit_with_toast(op, if resolve { "Thread resolved." } else { "Thread reopened." });
    };
    let folded = move || resolved.read().is_some() && !unfolded.get();
    let summary = move || {
        let who = resolved.get().map(|stamp| room.person(stamp.by)).unwrap_or_default();
        format!("{who} resolved {}.", counted(comments.read().len(), "comment", "comments"))
    };
    view! {
        <li class="thread">
            <Show when=move || resolved.read().is_some()>
                <p class="thread__resolved quiet">
                    <span dir="auto">{summary}</span>
                    " "
                    <button
                        type="button"
                        class="link-button"
                        aria-expanded=move || unfolded.get().to_string()
                        on:click=move |_| unfolded.update(|unfolded| *unfolded = !*unfolded)
                    >
                        {move || if unfolded.get() { "Hide" } else { "Show" }}
                    </button>
                </p>
            </Show>
            <Show when=move || !folded()>
                <ul class="comments thread__comments">
                    <For
                        each=move || comments.get()
                        key=|comment| (comment.id, comment.edited.map(|stamp| stamp.at))
                        children=move |comment| {
                            let id = comment.id;
                            let html = Signal::derive(move || html.run(id).unwrap_or(Some(String::new())));
                            view! { <CommentView comment html can_comment /> }
                        }
                    />
                </ul>
                <Show when=move || answering.get()>
                    <Editor
                        text=String::new()
                        draft=draft.get_value()
                        kind=Kind::Reply
                        keep=send
                        cancel=put_aside
                        leave=move |()| answering.set(false)
                    />
                </Show>
                <Show when=move || can_comment && !answering.get()>
                    <p class="comment__actions thread__actions">
                        <Show when=move || resolved.read().is_none()>
                            <button type="button" class="link-button" on:click=move |_| answering.set(true)>
                                "Reply"
                            </button>
                        </Show>
                        <Show when=move || can_resolve.get() && (answers() > 0 || resolved.read().is_some())>
                            <button type="button" class="link-button" on:click=resolve>
                                {move || if resolved.read().is_some() { "Reopen" } else { "Resolve" }}
                            </button>
                        </Show>
                    </p>
                </Show>
            </Show>
        </li>
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
fn CommentView(comment: Arc<Comment>, html: Signal<Option<String>>, can_comment: bool) -> impl IntoView {
    let board = expect_context::<Board>();
    let editing = RwSignal::new(false);
    let reacting = RwSignal::new(false);
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
                        kind=Kind::Edit
                        keep
                        cancel
                        leave=move |()| editing.set(false)
                    />
                </Show>
                <Reactions id can_comment reacting />
                <Show when=move || (can_comment || can_change || can_delete) && !editing.get()>
                    <p class="comment__actions">
                        {can_comment
                            .then(|| {
                                view! {
                                    <button
                                        type="button"
                                        class="link-button"
                                        aria-expanded=move || reacting.get().to_string()
                                        on:click=move |_| reacting.update(|open| *open = !*open)
                                    >
                                        "React"
                                    </button>
                                }
                            })}
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

/// How people reacted, and for those who may, their own signs.
#[component]
fn Reactions(
    id: CommentId,
    can_comment: bool,
    /// Whether those that nobody gave yet are offered.
    reacting: RwSignal<bool>,
) -> impl IntoView {
    let room = expect_context::<Board>().room;
    let given = Memo::new(move |_| {
        room.track(|roadmap| roadmap.comment(id).map(|comment| comment.reactions.clone()).unwrap_or_default())
    });
    let chip = move |reaction: Reaction| {
        let people = move || given.read().get(&reaction).cloned().unwrap_or_default();
        let own = move || people().contains(&room.user());
        let react = move |_| {
            reacting.set(false);
            let change = CommentChange::Reacted { reaction, on: !own() };
            room.edit_undoable(Op::SetComment { id, change }, "Reacted to a comment.");
        };
        let names = move || {
            let names: Vec<String> = people().into_iter().map(|user| room.person(user)).collect();
            if names.is_empty() {
                reaction.label().to_owned()
            } else {
                format!("{}: {}", reaction.label(), names.join(", "))
            }
        };
        let count = move || Some(people().len()).filter(|count| *count > 0);
        view! {
            <button
                type="button"
                class="reaction"
                aria-pressed=move || own().to_string()
                aria-label=names
                title=names
                disabled=!can_comment
                on:click=react
            >
                <span aria-hidden="true">{reaction.sign()}</span>
                {count}
            </button>
        }
    };
    let shown = move || {
        let given = given.read();
        Reaction::ALL
            .iter()
            .copied()
            .filter(|it| reacting.get() || given.contains_key(it))
            .collect::<Vec<_>>()
    };
    view! {
        <Show when=move || reacting.get() || !given.read().is_empty()>
            <div class="reactions" role="group" aria-label="Reactions">
                <For each=shown key=|reaction| *reaction children=chip />
            </div>
        </Show>
    }
}

#[component]
fn NewComment(id: ItemId) -> impl IntoView {
    let board = expect_context::<Board>();
    let draft = format!("{}-comment-{id}", board.room.user());
    let sent = draft.clone();
    let keep = move |body: CommentBody| {
        let op = Op::comment(platform::new_comment(), id, body);
        let kept = board.room.edit_undoable(op, "Commented.");
        if kept {
            platform::forget_draft(&sent);
            board.room.toasts.announce("Comment added.");
        }
        kept
    };
    view! { <Editor text=String::new() draft kind=Kind::New keep cancel=|()| () leave=|()| () /> }
}

/// What an editor writes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    New,
    Edit,
    Reply,
}

impl Kind {
    fn action(self) -> &'static str {
        match self {
            Self::New => "Comment",
            Self::Edit => "Save",
            Self::Reply => "Reply",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::New => "New comment in Markdown",
            Self::Edit => "Comment in Markdown",
            Self::Reply => "Reply in Markdown",
        }
    }

    fn placeholder(self) -> &'static str {
        match self {
            Self::New | Self::Edit => "Write a comment. @ mentions people.",
            Self::Reply => "Write a reply",
        }
    }
}

#[component]
fn Editor(
    text: String,
    /// Under which name what is typed is kept on this device.
    draft: String,
    kind: Kind,
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
    // What stands in a thread can be put aside; the editor below all comments is always there.
    let closes = kind != Kind::New;
    if kind == Kind::Edit {
        Effect::new(move |_| {
            // Unless a draft of it is there already.
            if let Some(area) = area.get().filter(|area| area.value().is_empty()) {
                area.set_value(&text);
            }
        });
    }
    if kind == Kind::Reply {
        Effect::new(move |_| {
            if let Some(area) = area.get() {
                platform::focus(&area);
            }
        });
    }
    let submit = move || {
        let Some(area) = area.try_get_untracked().flatten() else { return };
        match CommentBody::parse(area.value().trim()) {
            Ok(body) => {
                let kept = keep.run(body);
                // A comment that was taken leaves an empty editor for the next.
                if kept && kind != Kind::Edit {
                    area.set_value("");
                    error.set(String::new());
                }
            }
            Err(reason) => error.set(reason.to_string()),
        }
    };
    let mentions = Mentions::new(expect_context::<Board>(), area, format!("mentions-{draft}"));
    let attach = Attach::new(expect_context::<Board>(), area, None);
    let key = move |event: web_sys::KeyboardEvent| match event.key().as_str() {
        _ if mentions.key(&event) => {}
        "Enter" if event.ctrl_key() || event.meta_key() => submit(),
        "Escape" if closes => {
            event.stop_propagation();
            leave.run(());
        }
        _ => {}
    };
    view! {
        <div class="comment-editor">
            <div
                class="comment-editor__field"
                class:takes-files=move || attach.is_over()
                on:dragover=move |event| attach.over(&event)
                on:dragleave=move |_| attach.leave()
                on:drop=move |event| attach.drop(&event)
            >
            <textarea
                node_ref=area
                class="item-panel__text keeps-draft"
                data-draft=draft
                dir="auto"
                autocomplete="off"
                rows="3"
                aria-label=kind.label()
                placeholder=kind.placeholder()
                aria-autocomplete="list"
                on:keydown=key
                on:input=move |_| mentions.look()
                on:click=move |_| mentions.look()
                on:paste=move |event| attach.paste(&event)
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
                    {kind.action()}
                </button>
                {attach.button()}
                {closes
                    .then(|| {
                        view! {
                            <button type="button" class="button button--quiet" on:click=move |_| cancel.run(())>
                                "Cancel"
                            </button>
                        }
                    })}
            </div>
            {attach.status()}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use domain::{Stamp, Timestamp, UserId};

    use super::*;

    fn comment(number: u8, at: i64, reply_to: Option<u8>) -> Arc<Comment> {
        let id = |number: u8| CommentId::new(u64::from(number), [number; 10]);
        let stamp = Stamp { by: UserId::NIL, at: Timestamp(at) };
        let comment =
            Comment::new(id(number), ItemId::NIL, "Text.".parse().expect("that is a comment"), stamp);
        Arc::new(Comment { reply_to: reply_to.map(id), ..comment })
    }

    #[test]
    fn answers_stand_below_what_began_their_thread_or_for_themselves() {
        // 2 answers 3 within one moment; what 5 answers is not loaded.
        let comments = [
            comment(1, 0, None),
            comment(2, 7, Some(3)),
            comment(3, 7, None),
            comment(5, 8, Some(9)),
            comment(6, 9, Some(1)),
        ];
        let shown: Vec<Vec<Arc<Comment>>> =
            threads(&comments).into_iter().map(|thread| thread.comments).collect();
        let [one, two, three, five, six] = comments;
        assert_eq!(shown, [vec![one, six], vec![three, two], vec![five]]);
    }
}
