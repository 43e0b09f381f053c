//! The board by keyboard.

use domain::Face;
use leptos::{ev, html, prelude::*};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlElement, KeyboardEvent};

use super::{Board, everyday, focus, ids, moves::Step, state::Subject};
use crate::{platform, timeline, ui::Icon};

/// The field of the filter.
const FILTER_TEXT: &str = "filter-text";

/// Every key and what it does, as `?` shows them: before those of every day, and behind them.
const KEYS: [&[(&str, &str)]; 2] = [
    &[
        ("↑ ↓ ← →", "Go to the board, and from card to card"),
        ("Alt ↑ ↓ ← →", "Move the card"),
        ("Alt Home / End", "Move the card to top or bottom"),
        ("Enter or E", "Open the item"),
        ("C", "New item in this lane"),
        ("Shift ↑ ↓", "Select from card to card"),
    ],
    &[
        ("M", "The card's menu"),
        ("Delete", "Move to bin"),
        ("/", "Filter"),
        ("Ctrl K", "Search and commands"),
        ("Ctrl Z", "Undo"),
        ("Ctrl Shift Z", "Redo"),
        ("F2", "Table: edit the cell"),
        ("Ctrl C / V", "Table: copy and paste cells"),
        ("Ctrl D", "Table: fill down"),
        ("R", "Run the action of the notice"),
        ("Esc", "Close, or clear the selection"),
        ("?", "These keys"),
    ],
];

/// Listens for the keys of the whole page while the board is open.
pub(super) fn listen(board: Board) {
    let navigate = use_navigate();
    let handle = window_event_listener(ev::keydown, move |event| {
        if event.default_prevented() {
            return;
        }
        let target = platform::target(&event);
        let typing = target.as_ref().is_some_and(is_typing);
        let command = event.ctrl_key() || event.meta_key();
        let key = platform::shortcut(&event);
        if command && !event.alt_key() && key.eq_ignore_ascii_case("z") && !typing {
            event.prevent_default();
            if event.shift_key() {
                board.room.redo()
            } else {
                board.room.undo()
            }
            return;
        }
        if key == "Escape" {
            escape(board, &navigate);
            return;
        }
        let from_filter = target.as_ref().is_some_and(|target| target.id() == FILTER_TEXT);
        if from_filter && key == "ArrowDown" && !event.is_composing() && !event.alt_key() {
            if focus::enter() {
                event.prevent_default();
            }
            return;
        }
        if typing || command {
            return;
        }
        let link = target.as_ref().and_then(card_link);
        let handled = match link {
            Some(link) => on_card(board, &link, &event) || on_page(board, Some(&link), &event),
            None => on_page(board, None, &event),
        };
        if handled {
            event.prevent_default();
        }
    });
    on_cleanup(move || handle.remove());
}

fn is_typing(element: &Element) -> bool {
    let fields = "input:not([type=checkbox]), textarea, select, [contenteditable], dialog";
    element.closest(fields).ok().flatten().is_some()
}

fn card_link(element: &Element) -> Option<HtmlElement> {
    let card = element.closest("[data-item]").ok().flatten()?;
    focus::link(&card)
}

fn escape(board: Board, navigate: &impl Fn(&str, NavigateOptions)) {
    let is_open = |what: &str| platform::document().query_selector(what).is_ok_and(|open| open.is_some());
    if is_open(":popover-open") || is_open(".palette[open]") {
        // The browser closes it.
    } else if board.keys_shown.get_untracked() {
        board.keys_shown.set(false);
    } else if !board.selected.read_untracked().is_empty() {
        board.clear_selection();
    } else if let Ok(path) = platform::window().location().pathname()
        && path.contains("/i/")
    {
        navigate(&board.face_path(), NavigateOptions { scroll: false, ..Default::default() });
    }
}

fn on_card(board: Board, link: &HtmlElement, event: &KeyboardEvent) -> bool {
    let Some(id) = ids::item_of(link) else { return false };
    let key = platform::shortcut(event);
    if event.alt_key() {
        let step = match key.as_str() {
            "ArrowUp" => Step::Up,
            "ArrowDown" => Step::Down,
            "ArrowLeft" => Step::LaneBefore,
            "ArrowRight" => Step::LaneAfter,
            "Home" => Step::Top,
            "End" => Step::Bottom,
            _ => return false,
        };
        board.step(id, step);
        return true;
    }
    if event.shift_key() && matches!(key.as_str(), "ArrowUp" | "ArrowDown") {
        if let Some(next) = focus::beside(link, key == "ArrowDown") {
            if let Some(to) = ids::item_of(&next) {
                board.select_to(to, Some(id));
            }
            focus::focus(&next);
        }
        return true;
    }
    let go = match key.as_str() {
        "ArrowUp" => focus::beside(link, false),
        "ArrowDown" => focus::beside(link, true),
        "ArrowLeft" => focus::across(link, -1),
        "ArrowRight" => focus::across(link, 1),
        _ => None,
    };
    if let Some(link) = go {
        focus::focus(&link);
        return true;
    }
    match key.as_str() {
        "ArrowUp" | "ArrowDown" | "ArrowLeft" | "ArrowRight" => {}
        "e" | "E" => {
            if !board.enter_panel(id) {
                link.click();
            }
        }
        // Else the browser follows the link.
        "Enter" if !event.shift_key() && platform::focused().as_ref() == Some(link) => {
            return board.enter_panel(id);
        }
        "m" | "M" if board.room.can_edit() => board.open_menu_at(Subject::Item(id), link),
        "Delete" if board.room.can_edit() => board.delete(board.with_selection(id)),
        _ => return board.pressed_everyday(id, event),
    }
    true
}

fn on_page(board: Board, link: Option<&HtmlElement>, event: &KeyboardEvent) -> bool {
    match platform::shortcut(event).as_str() {
        "?" => board.show_keys(),
        "ArrowDown" if link.is_none() && enters(event) => return focus::enter(),
        "/" => Board::focus_filter(),
        "c" | "C" if board.room.can_edit() => {
            let lane = link.and_then(|link| ids::item_of(link));
            let lane = lane.and_then(|id| board.room.with(|roadmap| Some(roadmap.item(id)?.lane)));
            board.compose_in(lane);
        }
        "t" | "T" if board.room.can_edit() => board.offer_templates(None),
        "r" | "R" => return board.room.toasts.accept(),
        _ => return false,
    }
    true
}

/// Whether `↓` goes from here to the board: from the page itself and what stands above the board.
fn enters(event: &KeyboardEvent) -> bool {
    let target = platform::target(event);
    let is_plain = !event.alt_key() && !event.shift_key();
    is_plain
        && target.is_some_and(|target| {
            let is = |selector: &str| target.matches(selector).unwrap_or(false);
            let within = |selector: &str| target.closest(selector).is_ok_and(|found| found.is_some());
            is("body, main, .skip-link") || within(".product-bar, .filter, .board") && !within("[popover]")
        })
}

impl Board {
    pub(crate) fn show_keys(self) {
        self.keys_shown.set(true);
    }

    pub(crate) fn focus_filter() {
        if let Some(field) = platform::element(FILTER_TEXT).and_then(|e| e.dyn_into::<HtmlElement>().ok()) {
            let _ = field.focus();
        }
    }

    /// Begins a new item in the first lane.
    pub(crate) fn compose(self) {
        self.compose_in(None);
    }

    /// Begins a new item in a lane, or the first one, where there is a place to type it.
    fn compose_in(self, lane: Option<domain::LaneId>) {
        if self.face.get_untracked() == Face::Timeline || untrack(|| self.has_columns()) {
            self.room.toasts.info("Add items on the board with its lanes, or in the table.");
            return;
        }
        self.composing.set(lane.or_else(|| self.room.lanes.read_untracked().first().copied()));
    }

    /// The saved view that is shown, and its name.
    pub(crate) fn shown_view(self) -> Option<(domain::RecordId, String)> {
        self.view().map(|view| (view.id, domain::VIEW.name_of(&view)))
    }

    /// The saved views that this person may see.
    pub(crate) fn saved_views(self) -> Vec<domain::Record> {
        self.views.get_untracked()
    }

    /// Has the panel of an item take the focus: at once where it is open, else when it comes. Returns whether it is open.
    pub(crate) fn enter_panel(&self, id: domain::ItemId) -> bool {
        let panel = platform::document().query_selector(".item-panel").ok().flatten();
        match panel.and_then(|panel| panel.dyn_into::<HtmlElement>().ok()) {
            Some(panel) if self.open.get_untracked() == Some(id) => {
                platform::focus(&panel);
                true
            }
            _ => {
                self.focus_panel.set_value(true);
                false
            }
        }
    }
}

/// The list of keys, as `?` shows it.
#[component]
pub(super) fn KeyHelp() -> impl IntoView {
    let board = expect_context::<Board>();
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = dialog.get() else { return };
        if board.keys_shown.get() && !dialog.open() {
            let _ = dialog.show_modal();
        } else if !board.keys_shown.get() && dialog.open() {
            dialog.close();
        }
    });
    view! {
        <dialog
            class="dialog"
            node_ref=dialog
            aria-labelledby="keys-title"
            on:close=move |_| board.keys_shown.set(false)
        >
            <header class="dialog__header">
                <h2 id="keys-title">"Keys"</h2>
                <button
                    type="button"
                    class="icon-button"
                    aria-label="Close"
                    on:click=move |_| board.keys_shown.set(false)
                >
                    <Icon name="close" />
                </button>
            </header>
            <dl class="keys">
                {move || {
                    let is_timeline = board.face.get() == Face::Timeline;
                    let [before, behind] = if is_timeline { timeline::KEYS } else { KEYS };
                    before.iter().chain(everyday::KEYS).chain(behind)
                    .map(|(key, what)| {
                        view! {
                            <div class="keys__line">
                                <dt>
                                    <kbd>{*key}</kbd>
                                </dt>
                                <dd>{*what}</dd>
                            </div>
                        }
                    })
                    .collect_view()
                }}
            </dl>
        </dialog>
    }
}
