//! The timeline by keyboard, and what a click does.

use domain::{ItemId, Part};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, FocusEvent, HtmlElement, KeyboardEvent, MouseEvent, PointerEvent};

use super::{changes::Tell, sight, state::Timeline};
use crate::{
    board::{OpenMenu, Subject},
    platform,
};

/// Every key and what it does, as `?` shows them: before those of every day, and behind them.
pub(crate) const KEYS: [&[(&str, &str)]; 2] = [
    &[
        ("↑ ↓", "Go from row to row"),
        ("Home / End", "Go to the first or last row"),
        ("Alt ← →", "Move the bar one step"),
        ("Alt Shift ← →", "Move its end"),
        ("Alt Home / End", "Move its start earlier or later"),
        ("Enter or E", "Open the item"),
        ("S", "Schedule for this quarter"),
        ("Shift ↑ ↓", "Select from row to row"),
    ],
    &[
        ("M", "The item’s menu"),
        ("Delete", "Move to bin"),
        ("/", "Filter"),
        ("Ctrl Z", "Undo"),
        ("Ctrl Shift Z", "Redo"),
        ("R", "Run the action of the notice"),
        ("Esc", "Close, or clear the selection"),
        ("?", "These keys"),
    ],
];

/// Gives the focus back to the bar when the panel closes that it opened.
pub(super) fn follow(timeline: Timeline) {
    let open = timeline.board.open;
    let give_back = move |id: ItemId| {
        let focused = platform::document().active_element();
        let is_lost = focused.is_none_or(|element| element.tag_name() == "BODY");
        if is_lost && timeline.current.try_get_untracked().flatten() == Some(id) {
            sight::focus(timeline, id);
        }
    };
    Effect::new(move |former: Option<Option<ItemId>>| {
        let open = open.get();
        if let (Some(Some(id)), None) = (former, open) {
            // The panel goes a frame later.
            platform::after_frame(move || platform::after_frame(move || give_back(id)));
        }
        open
    });
}

/// What of an item was met: its bar, its title, or its line in the list of what has no days.
fn met(event: &web_sys::Event, attribute: &str) -> Option<(Element, ItemId)> {
    let target = event.target()?.dyn_into::<Element>().ok()?;
    let element = target.closest(&format!("[{attribute}]")).ok().flatten()?;
    let id = element.get_attribute(attribute)?.parse().ok()?;
    Some((element, id))
}

pub(super) fn focused(timeline: Timeline, event: &FocusEvent) {
    let Some((_, id)) = met(event, "data-bar") else { return };
    timeline.focused.set(Some(id));
    if timeline.current.get_untracked() != Some(id) {
        timeline.current.set(Some(id));
    }
}

/// The pointer went to a bar, or from one to something else.
pub(super) fn pointed(timeline: Timeline, event: &PointerEvent) {
    let id = met(event, "data-bar").map(|(_, id)| id);
    if timeline.pointed.get_untracked() != id {
        timeline.pointed.set(id);
    }
}

/// A click opens an item; with `Ctrl` it selects it, and with `Shift` all up to it.
pub(super) fn clicked(timeline: Timeline, event: &MouseEvent, navigate: &impl Fn(&str, NavigateOptions)) {
    if timeline.was_cancelled.get_value() {
        // It ends a drag that was given up.
        timeline.was_cancelled.set_value(false);
        event.prevent_default();
        return;
    }
    let chip = platform::target(event);
    let chip = chip.and_then(|chip| chip.closest("[data-chip]").ok().flatten()?.get_attribute("data-chip"));
    if let Some(path) = chip {
        navigate(&path, NavigateOptions::default());
        return;
    }
    let on_bar = met(event, "data-bar");
    let Some((_, id)) = on_bar.clone().or_else(|| met(event, "data-title")) else { return };
    let board = timeline.board;
    let selects = event.ctrl_key() || event.meta_key() || event.shift_key();
    if selects && board.room.can_edit() {
        event.prevent_default();
        event.stop_propagation();
        if event.shift_key() {
            board.select_among(&timeline.items(), id, timeline.current.get_untracked());
        } else {
            board.toggle_selected(id);
        }
        sight::focus(timeline, id);
    } else if !selects {
        timeline.current.set(Some(id));
        sight::reveal(timeline, id);
        if on_bar.is_some() {
            // The router follows only links that are HTML.
            event.prevent_default();
            open(timeline, id, navigate);
        }
    }
}

/// Who selects up to a bar selects from the one that has the focus, which keeps it until the click.
pub(super) fn keep_focus(event: &MouseEvent) {
    if (event.shift_key() || event.ctrl_key() || event.meta_key()) && met(event, "data-bar").is_some() {
        event.prevent_default();
    }
}

fn open(timeline: Timeline, id: ItemId, navigate: &impl Fn(&str, NavigateOptions)) {
    let path = timeline.board.panel_path(id);
    navigate(&path, NavigateOptions { scroll: false, ..Default::default() });
}

/// A key on a bar.
pub(super) fn pressed(timeline: Timeline, event: &KeyboardEvent, navigate: &impl Fn(&str, NavigateOptions)) {
    let Some((bar, id)) = met(event, "data-bar") else { return };
    if event.ctrl_key() || event.meta_key() {
        return;
    }
    if if event.alt_key() { moves(timeline, id, event) } else { on_bar(timeline, &bar, id, event, navigate) }
    {
        event.prevent_default();
    }
}

fn moves(timeline: Timeline, id: ItemId, event: &KeyboardEvent) -> bool {
    let whole = if event.shift_key() { Part::End } else { Part::Whole };
    let (part, steps) = match event.key().as_str() {
        "ArrowLeft" => (whole, -1),
        "ArrowRight" => (whole, 1),
        "Home" => (Part::Start, -1),
        "End" => (Part::Start, 1),
        // These would move a card of the board.
        "ArrowUp" | "ArrowDown" => return true,
        _ => return false,
    };
    if timeline.board.room.can_edit() && timeline.step(id, part, steps) {
        sight::focus(timeline, id);
    }
    true
}

fn on_bar(
    timeline: Timeline,
    bar: &Element,
    id: ItemId,
    event: &KeyboardEvent,
    navigate: &impl Fn(&str, NavigateOptions),
) -> bool {
    let board = timeline.board;
    let can_edit = board.room.can_edit();
    match platform::shortcut(event).as_str() {
        key @ ("ArrowUp" | "ArrowDown" | "Home" | "End") => {
            let items = timeline.items();
            let next = beside(&items, id, key);
            if let Some(next) = next {
                if event.shift_key() && can_edit {
                    board.select_among(&items, next, Some(id));
                }
                sight::focus(timeline, next);
            }
        }
        "Enter" | "e" | "E" => {
            if !board.enter_panel(id) {
                open(timeline, id, navigate);
            }
        }
        "r" | "R" if timeline.slipped.read_untracked().is_some() => return timeline.shift(),
        "m" | "M" if can_edit => {
            let place = bar.get_bounding_client_rect();
            board.menu.set(Some(OpenMenu {
                subject: Subject::Item(id),
                x: place.left(),
                y: place.bottom() + 4.0,
            }));
        }
        "Delete" if can_edit => timeline.delete(id),
        _ => return board.pressed_everyday(id, event),
    }
    true
}

fn beside(items: &[ItemId], id: ItemId, key: &str) -> Option<ItemId> {
    let at = items.iter().position(|other| *other == id)?;
    let next = match key {
        "ArrowUp" => at.checked_sub(1)?,
        "ArrowDown" => at + 1,
        "Home" => 0,
        _ => items.len() - 1,
    };
    items.get(next).copied()
}

/// The focus went to a line of the list of what has no days.
pub(super) fn focused_listed(timeline: Timeline, event: &FocusEvent) {
    if let Some((_, id)) = met(event, "data-listed") {
        timeline.listed.set(Some(id));
    }
}

/// A key on a line of the list of what has no days.
pub(super) fn pressed_listed(timeline: Timeline, event: &KeyboardEvent) {
    let Some((line, id)) = met(event, "data-listed") else { return };
    if event.ctrl_key() || event.meta_key() || event.alt_key() {
        return;
    }
    let board = timeline.board;
    let can_edit = board.room.can_edit();
    match platform::shortcut(event).as_str() {
        key @ ("ArrowUp" | "ArrowDown" | "Home" | "End") => {
            if let Some(next) = beside(&timeline.unscheduled.read_untracked(), id, key) {
                focus_listed(timeline, next);
            }
        }
        "s" | "S" if can_edit => schedule(timeline, id, Tell::Speech),
        "e" | "E" => {
            if !board.enter_panel(id)
                && let Some(link) = line.query_selector("a").ok().flatten()
            {
                link.unchecked_into::<HtmlElement>().click();
            }
        }
        "m" | "M" if can_edit => {
            let line: HtmlElement = line.unchecked_into();
            board.open_menu_at(Subject::Item(id), &line);
        }
        "Delete" if can_edit => {
            let list = timeline.unscheduled.get_untracked();
            let next = beside(&list, id, "ArrowDown").or_else(|| beside(&list, id, "ArrowUp"));
            board.delete(board.with_selection(id));
            if let Some(next) = next {
                focus_listed(timeline, next);
            }
        }
        _ if board.pressed_everyday(id, event) => {}
        _ => return,
    }
    event.prevent_default();
}

/// Plans an item for this quarter. The next in the list takes the focus, or its bar where it was the last.
pub(super) fn schedule(timeline: Timeline, id: ItemId, tell: Tell) {
    let next = {
        let list = timeline.unscheduled.read_untracked();
        beside(&list, id, "ArrowDown").or_else(|| beside(&list, id, "ArrowUp"))
    };
    if timeline.schedule(id, tell) {
        match next.filter(|next| timeline.unscheduled.read_untracked().contains(next)) {
            Some(next) => focus_listed(timeline, next),
            None => sight::focus(timeline, id),
        }
    }
}

fn focus_listed(timeline: Timeline, id: ItemId) {
    timeline.listed.set(Some(id));
    platform::after_effects(move || {
        let link = platform::document().query_selector(&format!("[data-listed=\"{id}\"] a")).ok().flatten();
        if let Some(link) = link {
            let _ = link.unchecked_into::<HtmlElement>().focus();
        }
    });
}
