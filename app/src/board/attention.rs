//! Edits the server did not take, kept until the person has dealt with them: with what was typed, why it was refused, and what
//! can be done.

use domain::{CommentBody, CommentChange, Description, ItemChange, ItemId, Op, Roadmap, TextOf, counted};
use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast as _;

use super::Board;
use crate::{
    live::{Connection, Refused},
    platform,
};

/// What waits for a server that is not there: to be saved as a file by whoever trusts neither browser nor device.
#[component]
pub(super) fn Unsent() -> impl IntoView {
    let board = expect_context::<Board>();
    let room = board.room;
    let gone = move || matches!(room.connection.get(), Connection::Offline | Connection::Closed);
    let waiting = move || counted(room.unsaved.get(), "change not sent yet.", "changes not sent yet.");
    let name = format!("cairn-{}-not-sent.txt", room.product.read_untracked().key);
    // Written when it is wanted, and not with every edit. The browser follows the link as it is after this.
    let fill = move |event: ev::MouseEvent| {
        let link = event.target().and_then(|link| link.dyn_into::<web_sys::Element>().ok());
        match link.zip(platform::file_address(&file(board))) {
            Some((link, address)) => drop(link.set_attribute("href", &address)),
            None => event.prevent_default(),
        }
    };
    view! {
        <Show when=move || gone() && room.unsaved.get() != 0>
            <aside class="attention attention__line" aria-label="Changes that wait">
                <p class="attention__what">{waiting} " " {room.why}</p>
                <a class="button button--quiet" download=name.clone() href="#" on:click=fill>
                    "Save as a file"
                </a>
            </aside>
        </Show>
    }
}

/// Everything that waits: in words, and as JSON, so that nothing is missing.
fn file(board: Board) -> String {
    let (ops, product) = (board.room.unsent(), board.room.product.read_untracked().name.to_string());
    let lines: String = board.room.with(|roadmap| {
        let line = |op: &Op| match typed(op) {
            Some(text) => format!("- {}\n\n{text}\n\n", says(roadmap, op)),
            None => format!("- {}\n", says(roadmap, op)),
        };
        ops.iter().map(line).collect()
    });
    let json = serde_json::to_string_pretty(&ops).expect("operations are plain data");
    format!(
        "Changes to {product} that the server does not have yet\n\n{lines}\nThe same as JSON:\n\n{json}\n"
    )
}

#[component]
pub(super) fn Attention() -> impl IntoView {
    let board = expect_context::<Board>();
    let list = board.room.attention;
    let lines = move || {
        list.get().into_iter().enumerate().map(|(index, refused)| line(board, index, refused)).collect_view()
    };
    view! {
        <aside class="attention" aria-label="Review changes" hidden=move || list.read().is_empty()>
            <h2 class="attention__title">
                {move || counted(list.read().len(), "change was not saved", "changes were not saved")}
            </h2>
            <ul class="attention__list">{lines}</ul>
        </aside>
    }
}

fn line(board: Board, index: usize, refused: Refused) -> impl IntoView {
    let Refused { op, why } = refused;
    let (what, text) = board.room.with(|roadmap| (says(roadmap, &op), typed(&op)));
    let (again, label) = board.room.with(|roadmap| again(roadmap, op));
    let retry = move |_| {
        if board.room.edit_undoable(again.clone(), "Reapplied a change.") {
            board.room.dealt_with(index);
        }
    };
    view! {
        <li class="attention__line">
            <div class="attention__what">
                <p dir="auto">{what}</p>
                {text.map(|text| view! { <blockquote class="attention__text" dir="auto">{text}</blockquote> })}
                <p class="quiet" dir="auto">{why}</p>
            </div>
            <button type="button" class="button" on:click=retry>
                {label}
            </button>
            <button type="button" class="button button--quiet" on:click=move |_| board.room.dealt_with(index)>
                "Discard"
            </button>
        </li>
    }
}

/// What was tried, in words.
fn says(roadmap: &Roadmap, op: &Op) -> String {
    let item =
        |id: &ItemId| roadmap.item(*id).map_or_else(String::new, |item| format!("“{}”", item.fields.title));
    let items = |ids: &[ItemId]| match ids {
        [one] => item(one),
        many => format!("{} items", many.len()),
    };
    match op {
        Op::CreateItem { fields, .. } => format!("Add “{}”", fields.title),
        Op::SetItem { id, .. } => format!("Change {}", item(id)),
        Op::MoveItems { ids, .. } => format!("Move {}", items(ids)),
        Op::DeleteItems { ids } => format!("Delete {}", items(ids)),
        Op::RestoreItems { ids, .. } => format!("Restore {}", items(ids)),
        // Only the server does these.
        Op::SendItem { .. } | Op::ReceiveItem { .. } | Op::ReceiveComments { .. } => String::new(),
        Op::Upvote { item: id } | Op::WithdrawUpvote { item: id } => format!("Vote for {}", item(id)),
        Op::AddComment { item: id, .. } => format!("Comment on {}", item(id)),
        Op::EditText { text: TextOf::Description(id), .. } => format!("Change {}", item(id)),
        Op::EditText { text: TextOf::Comment(_), .. }
        | Op::EditComment { .. }
        | Op::DeleteComment { .. }
        | Op::RestoreComment { .. } => "Change a comment".to_owned(),
        Op::SetComment { change: CommentChange::Resolved(_), .. } => "Resolve a thread".to_owned(),
        Op::SetComment { change: CommentChange::Reacted { .. }, .. } => "React to a comment".to_owned(),
        Op::CreateLane { name, .. } => format!("Add the lane {name}"),
        Op::RenameLane { name, .. } => format!("Rename a lane to {name}"),
        Op::CreateField { field, .. } => format!("Add the field {}", field.label),
        Op::SetField { .. } => "Change a field of all items".to_owned(),
        Op::SetLaneStatus { .. } => "Change the status that a lane sets".to_owned(),
        Op::SetLaneLimit { .. } => "Change the limit of a lane".to_owned(),
        Op::MoveLane { .. } | Op::DeleteLane { .. } | Op::RestoreLane { .. } => "Change a lane".to_owned(),
        Op::Batch { ops, .. } => ops.first().map_or_else(String::new, |first| says(roadmap, first)),
    }
}

/// What would be lost if it were not shown.
fn typed(op: &Op) -> Option<String> {
    match op {
        Op::SetItem { change: ItemChange::Title(title), .. } => Some(title.to_string()),
        Op::SetItem { change: ItemChange::Description(text), .. } => Some(text.to_string()),
        Op::AddComment { body, .. } | Op::EditComment { body, .. } => Some(body.to_string()),
        Op::EditText { delta, .. } => Some(delta.inserted().collect()),
        Op::Batch { ops, .. } => ops.iter().find_map(typed),
        _ => None,
    }
}

/// The same edit again and the label of its button; items that are in the bin by now are restored first.
fn again(roadmap: &Roadmap, op: Op) -> (Op, &'static str) {
    let op = whole(roadmap, &op).unwrap_or(op);
    let about: Vec<ItemId> = match &op {
        Op::SetItem { id, .. } | Op::AddComment { item: id, .. } => vec![*id],
        Op::MoveItems { ids, .. } => ids.clone(),
        _ => Vec::new(),
    };
    let in_bin = |id: &ItemId| roadmap.item(*id).is_some_and(|item| item.deleted.is_some());
    let ids: Vec<ItemId> = about.into_iter().filter(in_bin).collect();
    if ids.is_empty() {
        (op, "Reapply")
    } else {
        (Op::batch(vec![Op::restore(ids), op]), "Restore and reapply")
    }
}

/// An edit of a text that fits no more, as the whole text with what was typed: at its end, where it has no place.
fn whole(roadmap: &Roadmap, op: &Op) -> Option<Op> {
    let (text, delta) = op.edits_text()?;
    let now = roadmap.text(text)?;
    let whole =
        delta.apply(now).unwrap_or_else(|| format!("{now}\n{}", delta.inserted().collect::<String>()));
    Some(match text {
        TextOf::Description(id) => Op::set(id, ItemChange::Description(Description::parse(&whole).ok()?)),
        TextOf::Comment(id) => Op::EditComment { id, body: CommentBody::parse(&whole).ok()? },
    })
}
