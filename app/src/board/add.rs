//! Typing a new item into a lane, and adding a lane.

use domain::{ItemFields, LaneId, LaneName, Op, Place, Title};
use leptos::{html::Input, prelude::*};

use super::Board;
use crate::{platform, ui::Icon};

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
                    <button type="button" class="lane__add" on:click=move |_| board.composing.set(Some(lane))>
                        <Icon name="plus" />
                        "Add item"
                    </button>
                }
            }
        >
            <Compose lane />
        </Show>
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
    let create = move || {
        let Some(input) = input.try_get_untracked().flatten() else { return };
        match Title::parse(&input.value()) {
            Ok(title) => {
                let op = Op::CreateItem {
                    id: platform::new_item(),
                    lane,
                    place: Place::Last,
                    fields: Box::new(ItemFields::titled(title.clone())),
                };
                if board.room.edit_undoable(op, format!("Added “{title}”.")) {
                    board.room.toasts.announce(format!("Added “{title}”."));
                    input.set_value("");
                    error.set(String::new());
                    let _ = platform::element(&super::lane::list_id(lane)).map(|list| {
                        platform::next_frame(move || list.set_scroll_top(list.scroll_height()));
                    });
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
            board.composing.set(None);
        }
        _ => {}
    };
    let leave = move |_| {
        // A field loses the focus also when it is taken away, and is gone by then.
        if input.try_get_untracked().flatten().is_some_and(|input| input.value().trim().is_empty()) {
            board.composing.set(None);
        }
    };
    view! {
        <div class="compose">
            <input
                node_ref=input
                class="compose__input"
                type="text"
                aria-label="Title of the new item"
                placeholder="What should be done?"
                maxlength="400"
                on:keydown=key
                on:blur=leave
            />
            <p class="compose__hint">
                {move || {
                    let error = error.get();
                    if error.is_empty() { "Enter adds, Esc closes".to_owned() } else { error }
                }}
            </p>
        </div>
    }
}

/// The button after the last lane.
#[component]
pub(super) fn AddLane() -> impl IntoView {
    let board = expect_context::<Board>();
    let open = RwSignal::new(false);
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
        <div class="board__end">
            <Show
                when=move || open.get()
                fallback=move || {
                    view! {
                        <button type="button" class="button button--quiet" on:click=move |_| open.set(true)>
                            <Icon name="plus" />
                            "Add lane"
                        </button>
                    }
                }
            >
                <input
                    node_ref=input
                    class="compose__input"
                    type="text"
                    aria-label="Name of the new lane"
                    placeholder="Name of the lane"
                    maxlength="100"
                    on:keydown=key
                    on:blur=move |_| create()
                />
            </Show>
        </div>
    }
}
