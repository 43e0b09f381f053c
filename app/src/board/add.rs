//! Typing a new item into a lane, adding a lane, and naming one.

use domain::{ItemId, LaneId, LaneName, Op, Place, Title};
use leptos::{html::Input, prelude::*};

use super::{Board, focus, incremental};
use crate::{
    lazy::BoardPart,
    platform,
    ui::{Icon, click},
};

/// The row at the foot of a lane: a button, and while typing a field that takes one item after the other.
#[component]
pub(super) fn AddItem(lane: LaneId) -> impl IntoView {
    let board = expect_context::<Board>();
    let open = move || board.composing.get() == Some(lane);
    view! {
        <Show
            when=open
            fallback=move || {
                view! {
                    <button type="button" class="lane__add" on:click=click(move |_| board.composing.set(Some(lane)))>
                        <Icon name="plus" />
                        "Add item"
                    </button>
                }
            }
        >
            {move || BoardPart::NameField(Naming::Item(lane)).view(board)}
        </Show>
    }
}

/// The button after the last lane.
#[component]
pub(super) fn AddLane() -> impl IntoView {
    let board = expect_context::<Board>();
    view! {
        <div class="board__end">
            <Show
                when=move || board.adding_lane.get()
                fallback=move || {
                    view! {
                        <button
                            type="button"
                            class="button button--quiet"
                            on:click=click(move |_| board.adding_lane.set(true))
                        >
                            <Icon name="plus" />
                            "Add lane"
                        </button>
                    }
                }
            >
                {move || BoardPart::NameField(Naming::NewLane).view(board)}
            </Show>
        </div>
    }
}

/// What a name is being typed for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Naming {
    /// A new item in this lane.
    Item(LaneId),
    /// A lane that has a name already.
    Lane(LaneId),
    NewLane,
}

/// The field for a name.
pub(crate) fn name_field(naming: Naming) -> AnyView {
    match naming {
        Naming::Item(lane) => view! { <Compose lane /> }.into_any(),
        Naming::Lane(id) => view! { <Rename id /> }.into_any(),
        Naming::NewLane => view! { <NewLane /> }.into_any(),
    }
}

#[component]
fn Compose(lane: LaneId) -> impl IntoView {
    let board = expect_context::<Board>();
    let input = NodeRef::<Input>::new();
    let error = RwSignal::new(String::new());
    Effect::new(move |_| {
        if let Some(input) = input.get() {
            let _ = input.focus();
        }
    });
    let draft = StoredValue::new(format!("{}-new-{lane}", board.room.user()));
    // Titles of lines that were pasted together.
    let lines = RwSignal::new(Vec::<Title>::new());
    let empty = move || {
        if let Some(input) = input.try_get_untracked().flatten() {
            input.set_value("");
        }
        draft.with_value(|draft| platform::forget_draft(draft));
        lines.set(Vec::new());
        error.set(String::new());
        let _ = platform::element(&super::ids::list_id(lane)).map(|list| {
            platform::next_frame(move || list.set_scroll_top(list.scroll_height()));
        });
    };
    // Where the keyboard goes on: the card that was added last, or the one that `Tab` reaches.
    let added = StoredValue::new(None::<ItemId>);
    let create_all = move |_| {
        incremental::render_all(board);
        let titles = lines.get_untracked();
        let label = format!("Added {} items.", titles.len());
        let item = |title| Op::CreateItem {
            id: platform::new_item(),
            lane,
            place: Place::Last,
            fields: board.new_fields(lane, title),
        };
        let ops = titles.into_iter().map(item).collect();
        if board.room.edit_with_toast(Op::batch(ops), label) {
            empty();
        }
    };
    let paste = move |event: web_sys::ClipboardEvent| {
        let text = event.clipboard_data().and_then(|data| data.get_data("text").ok());
        lines.set(titles(&text.unwrap_or_default()));
    };
    let create = move || {
        let Some(input) = input.try_get_untracked().flatten() else { return };
        match Title::parse(&input.value()) {
            Ok(title) => {
                incremental::render_all(board);
                let id = platform::new_item();
                let op = Op::CreateItem {
                    id,
                    lane,
                    place: Place::Last,
                    fields: board.new_fields(lane, title.clone()),
                };
                if board.room.edit_undoable(op, format!("Added “{title}”.")) {
                    added.set_value(Some(id));
                    board.room.toasts.announce(format!("Added “{title}”."));
                    empty();
                }
            }
            Err(reason) => error.set(reason.to_string()),
        }
    };
    let key = move |event: web_sys::KeyboardEvent| match event.key().as_str() {
        "Enter" => {
            event.prevent_default();
            create();
        }
        "Escape" => {
            event.stop_propagation();
            let added = added.get_value();
            board.composing.set(None);
            match added {
                Some(id) => focus::card(id),
                None => focus::lane(lane),
            }
        }
        _ => {}
    };
    let leave = move |_| {
        // A field loses the focus also when it is taken away, and is gone by then.
        let empty = |input: web_sys::HtmlInputElement| input.value().trim().is_empty();
        if input.try_get_untracked().flatten().is_some_and(empty)
            && lines.try_with_untracked(Vec::is_empty) == Some(true)
        {
            board.composing.set(None);
        }
    };
    view! {
        <div class="compose">
            <input
                node_ref=input
                class="compose__input keeps-draft"
                data-draft=draft.get_value()
                type="text"
                dir="auto"
                autocomplete="off"
                aria-label="Title of the new item"
                placeholder="What should be done?"
                maxlength="400"
                on:keydown=key
                on:paste=paste
                on:blur=leave
            />
            <Show when=move || !lines.read().is_empty()>
                <button type="button" class="button" on:click=click(create_all)>
                    {move || format!("Add {} items", lines.read().len())}
                </button>
            </Show>
            <p class="compose__hint">
                {move || {
                    let error = error.get();
                    if error.is_empty() { "Enter adds, Esc closes".to_owned() } else { error }
                }}
            </p>
        </div>
    }
}

/// The field in which a new lane gets its name.
#[component]
fn NewLane() -> impl IntoView {
    let board = expect_context::<Board>();
    let open = board.adding_lane;
    let input = NodeRef::<Input>::new();
    Effect::new(move |_| {
        if let Some(input) = input.get() {
            let _ = input.focus();
        }
    });
    let create = move || {
        let Some(element) = input.try_get_untracked().flatten().filter(|_| open.get_untracked()) else {
            return;
        };
        if element.value().trim().is_empty() {
            open.set(false);
            return;
        }
        match LaneName::parse(&element.value()) {
            Ok(name) => {
                let op = Op::CreateLane { id: platform::new_lane(), name: name.clone(), place: Place::Last };
                // Closed first: the field loses the focus when it goes, and must not add the lane again then.
                open.set(false);
                if board.room.edit_undoable(op, format!("Added the lane {name}.")) {
                    board.room.toasts.announce(format!("Added the lane {name}."));
                }
            }
            Err(reason) => board.room.toasts.error(reason.to_string()),
        }
    };
    let key = move |event: web_sys::KeyboardEvent| match event.key().as_str() {
        "Enter" => create(),
        "Escape" => open.set(false),
        _ => {}
    };
    view! {
        <input
            node_ref=input
            class="compose__input"
            type="text"
            dir="auto"
            aria-label="Name of the new lane"
            placeholder="Name of the lane"
            maxlength="100"
            on:keydown=key
            on:blur=move |_| create()
        />
    }
}

/// The field in which a lane gets another name.
#[component]
fn Rename(id: LaneId) -> impl IntoView {
    let board = expect_context::<Board>();
    let input = NodeRef::<Input>::new();
    let name =
        board.room.with(|roadmap| roadmap.lane(id).map_or_else(String::new, |lane| lane.name.to_string()));
    Effect::new(move |_| {
        if let Some(input) = input.get() {
            let _ = input.focus();
            input.select();
        }
    });
    let done = move || {
        let Some(input) =
            input.try_get_untracked().flatten().filter(|_| board.renaming.get_untracked() == Some(id))
        else {
            return;
        };
        match LaneName::parse(&input.value()) {
            Ok(name) => {
                board.renaming.set(None);
                let label = format!("Renamed the lane to {name}.");
                board.room.edit_undoable(Op::RenameLane { id, name }, label);
            }
            Err(reason) => board.room.toasts.error(reason.to_string()),
        }
    };
    let key = move |event: web_sys::KeyboardEvent| {
        event.stop_propagation();
        match event.key().as_str() {
            "Enter" => done(),
            "Escape" => board.renaming.set(None),
            _ => {}
        }
    };
    view! {
        <input
            node_ref=input
            class="lane__rename"
            type="text"
            dir="auto"
            aria-label="Name of the lane"
            value=name
            maxlength="100"
            on:keydown=key
            on:blur=move |_| done()
        />
    }
}

/// At most so many items are made of lines that are pasted; longer lists are imported.
const MAX_LINES: usize = 100;

/// The titles in lines of text, where there are several: marks of lists are left out, and what is too long is cut.
fn titles(text: &str) -> Vec<Title> {
    let marks = |c: char| c.is_whitespace() || "-*•–·☐☑".contains(c);
    let lines = text.lines().filter_map(|line| {
        let words: Vec<&str> = line.trim_start_matches(marks).split_whitespace().collect();
        Title::parse(&words.join(" ").chars().take(200).collect::<String>()).ok()
    });
    let titles: Vec<Title> = lines.take(MAX_LINES).collect();
    if titles.len() > 1 { titles } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_lines_are_several_titles() {
        let found = |text: &str| titles(text).iter().map(ToString::to_string).collect::<Vec<_>>();
        let pasted = "- Alpha\r\n\n  * Bravo\tand more\n•Charlie\n--\n";
        assert_eq!(found(pasted), ["Alpha", "Bravo and more", "Charlie"]);
        assert_eq!(found("Alpha"), Vec::<String>::new());
        assert_eq!(found("Alpha\n\n"), Vec::<String>::new());
        let long = format!("{}\n{}", "x".repeat(500), "y");
        assert_eq!(titles(&long).first().map(|title| title.chars().count()), Some(200));
        assert_eq!(titles(&"a\n".repeat(1_000)).len(), MAX_LINES);
    }
}
