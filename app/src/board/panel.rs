//! An item in full, beside the board: every field, its votes, what was said, and what happened to it.

mod attach;
mod carets;
mod comments;
mod dependencies;
mod description;
mod fields;
mod mentions;
mod missing;
mod money;
mod past;
mod prose;
mod text;
mod values;
mod votes;
mod watch;
mod writing;

use domain::{Face, FavouriteKind, ItemChange, ItemId, Op, Title};
use leptos::{html, prelude::*};

use self::{
    attach::Attach,
    comments::Comments,
    dependencies::Dependencies,
    description::DescriptionField,
    fields::Fields,
    money::Money,
    past::Past,
    text::TitleField,
    votes::Votes,
    watch::{Watch, Watching},
};
use super::{Board, focus, star::star_button, vote_button::VoteButton};
use crate::{
    board::api,
    platform,
    ui::{Icon, copy_link},
};

/// The panel of an item.
pub(crate) fn panel(id: ItemId) -> AnyView {
    view! { <ItemPanel id /> }.into_any()
}

#[component]
fn ItemPanel(id: ItemId) -> impl IntoView {
    let board = expect_context::<Board>();
    let card = board.room.card(id)?;
    let number = card.read_untracked().number();
    let key = format!("{}-{number}", board.room.product.read_untracked().key);
    let can_edit = board.room.can_edit();
    let deleted = {
        let card = card.clone();
        Memo::new(move |_| card.read().in_bin())
    };
    // In another product.
    let moved = {
        let card = card.clone();
        Memo::new(move |_| {
            let card = card.read();
            let to = card.item().moved.as_ref()?;
            Some((to.to_string(), format!("/p/{}/i/{to}", to.product)))
        })
    };
    let editable = Signal::derive(move || can_edit && !deleted.get());
    let title = {
        let card = card.clone();
        Signal::derive(move || card.read().fields().title.to_string())
    };
    let set_title = move |text: String| {
        let title = Title::parse(&text).map_err(|reason| reason.to_string())?;
        change(board, id, ItemChange::Title(title), "Renamed the item.")
    };
    let votes = {
        let card = card.clone();
        move || {
            let card = card.get();
            view! { <VoteButton item=id votes=card.votes voted=card.voted /> }
        }
    };
    let restore = move |_| {
        board.room.edit_undoable(Op::restore(vec![id]), "Restored the item.");
    };
    let copy = move |_| {
        let origin = platform::window().location().origin().unwrap_or_default();
        copy_link(&format!("{origin}{}", board.item_path(number)), board.room.toasts);
    };
    let editing = RwSignal::new(false);
    let markdown = markdown(board, id, editing);
    provide_context(missing::AskAgain::new(board, markdown));
    let attach = Attach::new(board, NodeRef::new(), Some(id));
    let watching = Watching::of(board, id);
    provide_context(watching);
    let panel = NodeRef::<html::Aside>::new();
    keep_focus(board, id, panel);
    Some(view! {
        <aside
            class="item-panel"
            class:takes-files=move || attach.is_over()
            aria-labelledby="item-title"
            tabindex="-1"
            node_ref=panel
            on:dragover=move |event| if editable.get_untracked() { attach.over(&event) }
            on:dragleave=move |_| attach.leave()
            on:drop=move |event| if editable.get_untracked() { attach.drop(&event) }
        >
            <header class="item-panel__header">
                <span class="item-panel__key">{key.clone()}</span>
                {votes}
                <span class="item-panel__space"></span>
                {beside(board, id)}
                {star_button(board, FavouriteKind::Item, id.0, move || board.star_item(id))}
                <button type="button" class="icon-button needs-life" aria-label="Copy link" title="Copy link" on:click=copy>
                    <Icon name="link" />
                </button>
                <Show when=move || editable.get()>
                    <button
                        type="button"
                        class="icon-button"
                        aria-label="Move to bin"
                        title="Move to bin"
                        on:click=move |_| board.delete(vec![id])
                    >
                        <Icon name="bin" />
                    </button>
                </Show>
                <a class="icon-button" href=move || { board.address.track(); board.face_path() } aria-label="Close" title="Close (Esc)">
                    <Icon name="close" />
                </a>
            </header>
            <div class="item-panel__body">
                <Show when=move || deleted.get()>
                    <p class="notice">
                        {match moved.get() {
                            Some((key, href)) => view! { "This item is now " <a href=href>{key}</a> "." }.into_any(),
                            None => view! {
                                "This item is in the bin." {can_edit.then(|| view! {
                                    <button type="button" class="button" on:click=restore>
                                        "Restore"
                                    </button>
                                })}
                            }
                            .into_any(),
                        }}
                    </p>
                </Show>
                <h2 class="visually-hidden" id="item-title">
                    {key} " " {title}
                </h2>
                <TitleField value=title editable commit=set_title />
                <Fields id editable />
                <DescriptionField id editable editing markdown />
                {attach.status()}
                <Dependencies id editable />
                <Money id />
                <Voters id />
                <Votes id />
                <Watch id watching />
                <Comments id markdown />
                <Past id />
            </div>
        </aside>
    })
}

/// Links to the items above and below in the lane, as far as the filter shows them.
fn beside(board: Board, id: ItemId) -> impl IntoView {
    let near = Memo::new(move |_| {
        let shown = if board.face.get() == Face::Board && !board.has_columns() {
            let lists = board.lists.read();
            lists.iter().map(|list| list.shown.get()).find(|shown| shown.contains(&id))
        } else {
            Some(board.rows.get()).filter(|rows| rows.contains(&id))
        };
        let Some(shown) = shown else { return [None, None] };
        let at = shown.iter().position(|other| *other == id).unwrap_or_default();
        [at.checked_sub(1).and_then(|before| shown.get(before)), shown.get(at + 1)]
            .map(Option::<&ItemId>::copied)
    });
    let link = move |index: usize, element: &'static str, label: &'static str| {
        let href = move || Some(board.panel_path(near.read()[index]?));
        view! {
            <a
                class="icon-button"
                id=element
                href=href
                role="link"
                aria-disabled=move || near.read()[index].is_none().then_some("true")
                aria-label=label
                title=label
            >
                <Icon name=element />
            </a>
        }
    };
    (link(0, "previous", "Previous in lane"), link(1, "next", "Next in lane"))
}

/// A panel that was opened by a key takes the focus, and gives it to the card when it closes. What had it in a panel that is
/// replaced by another gives it to its like there.
fn keep_focus(board: Board, id: ItemId, panel: NodeRef<html::Aside>) {
    Effect::new(move |_| {
        if let Some(panel) = panel.get()
            && board.focus_panel.get_value()
        {
            board.focus_panel.set_value(false);
            platform::after_effects(move || platform::focus(&panel));
        }
    });
    on_cleanup(move || {
        // On the server there is nothing to focus.
        if cfg!(not(feature = "ssr"))
            && let Some(focused) = platform::focused()
            && focused.closest(".item-panel").is_ok_and(|panel| panel.is_some())
        {
            let (open, control) = (board.open.try_get_untracked().flatten(), focused.id());
            if control.is_empty() || open.is_none_or(|open| open == id) {
                focus::card(id);
            } else {
                platform::after_effects(move || focus::control(&control));
            }
        }
    });
}

/// Changes a field, to be taken back with `Ctrl Z`.
fn change(board: Board, id: ItemId, change: ItemChange, label: &str) -> Result<(), String> {
    let op = Op::set(id, change);
    let edited = board.room.try_edit(op.clone()).map_err(|reject| reject.to_string())?;
    board.room.remember(label.to_owned(), op, edited.inverse);
    Ok(())
}

/// Texts of an item as safe HTML: the description first, then the comments in their order. Nothing for one that cannot be had
/// now.
type Markdown = Resource<Vec<Option<String>>>;

/// Markdown is made into HTML by the server, which also makes it harmless.
fn markdown(board: Board, id: ItemId, editing: RwSignal<bool>) -> Markdown {
    let texts = move || {
        board.room.track(|roadmap| {
            let description =
                roadmap.item(id).map_or_else(String::new, |item| item.fields.description.to_string());
            let comments = roadmap.thread(id).map(|comment| comment.body.to_string());
            std::iter::once(description).chain(comments).collect::<Vec<_>>()
        })
    };
    // A description that is being written is not read.
    let texts = Memo::new(move |before: Option<&Vec<String>>| {
        let mut texts = texts();
        if let Some(before) = before.filter(|_| editing.get()) {
            texts[0].clone_from(&before[0]);
        }
        texts
    });
    Resource::new_blocking(move || texts.get(), render)
}

/// Bytes of texts after which they are sent to be rendered. A page that is drawn by the server has them all rendered in one go, before
/// anything of it can be given up.
const RENDERED_AT_ONCE: usize = if cfg!(feature = "ssr") { 1 << 30 } else { 32 * 1024 };

async fn render(texts: Vec<String>) -> Vec<Option<String>> {
    let all = texts.len();
    let (mut html, mut batch, mut bytes) = (Vec::new(), Vec::new(), 0);
    for (index, text) in texts.into_iter().enumerate() {
        bytes += text.len();
        batch.push(text);
        if bytes > RENDERED_AT_ONCE || index + 1 == all {
            let rendered = api::render_markdown(std::mem::take(&mut batch)).await;
            html.extend(rendered.unwrap_or_default().into_iter().map(Some));
            html.resize(index + 1, None);
            bytes = 0;
        }
    }
    html
}

/// Who upvoted, for those who may know.
#[component]
fn Voters(id: ItemId) -> impl IntoView {
    let board = expect_context::<Board>();
    if !board.room.role().sees_voters() {
        return None;
    }
    let names = move || {
        board.room.track(|roadmap| {
            let voters = roadmap.votes(id).map(|votes| votes.voters.clone()).unwrap_or_default();
            voters.into_iter().map(|user| board.room.person(user)).collect::<Vec<_>>()
        })
    };
    Some(view! {
        <section class="item-panel__section">
            <h3>"Upvotes"</h3>
            <p class="item-panel__voters" dir="auto">
                {move || {
                    let mut names = names();
                    names.sort();
                    if names.is_empty() { "Nobody has upvoted this yet.".to_owned() } else { names.join(", ") }
                }}
            </p>
        </section>
    })
}
