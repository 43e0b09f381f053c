//! Completes the names of people behind `@`.

use domain::mention_before;
use leptos::{html::Textarea, prelude::*};
use web_sys::{Event, EventInit, HtmlTextAreaElement, KeyboardEvent};

use super::{Board, watch::Watching};
use crate::platform;

/// The most names that are offered.
const OFFERED: usize = 6;

/// A name that is being written in a text.
#[derive(Clone, Copy)]
pub(super) struct Mentions {
    board: Board,
    area: NodeRef<Textarea>,
    watching: Watching,
    list: StoredValue<String>,
    offered: RwSignal<Vec<String>>,
    chosen: RwSignal<usize>,
}

impl Mentions {
    /// `list` is the element id of what is offered.
    pub(super) fn new(board: Board, area: NodeRef<Textarea>, list: impl Into<String>) -> Self {
        let (watching, list) = (expect_context::<Watching>(), StoredValue::new(list.into()));
        Self { board, area, watching, list, offered: RwSignal::default(), chosen: RwSignal::new(0) }
    }

    fn option_id(self, index: usize) -> String {
        self.list.with_value(|list| format!("{list}-{index}"))
    }

    /// Offers names where one is being written.
    pub(super) fn look(self) {
        let names = self.query().map_or_else(Vec::new, |(_, query)| self.matching(&query));
        if *self.offered.read_untracked() != names {
            self.chosen.set(0);
            self.offered.set(names);
        }
    }

    pub(super) fn close(self) {
        if self.offered.try_with_untracked(Vec::is_empty) == Some(false) {
            self.offered.set(Vec::new());
        }
    }

    /// Where the sign of the name stands, and what is behind it.
    fn query(self) -> Option<(usize, String)> {
        let area = self.area.try_get_untracked().flatten()?;
        let text = area.value();
        let (at, query) = mention_before(&text, caret(&area, &text)?)?;
        Some((at, query.to_owned()))
    }

    fn matching(self, query: &str) -> Vec<String> {
        let query = platform::fold(query);
        let begins = |name: &str| {
            let name = platform::fold(name);
            name.starts_with(&query) || name.split(' ').any(|word| word.starts_with(&query))
        };
        let mut names: Vec<String> =
            self.watching.people(self.board).into_iter().map(|(_, name)| name).collect();
        names.retain(|name| begins(name));
        // It is written already.
        if names.len() == 1 && platform::fold(&names[0]) == query {
            names.clear();
        }
        names.truncate(OFFERED);
        names
    }

    /// Takes a key that is meant for what is offered, and says whether it was.
    pub(super) fn key(self, event: &KeyboardEvent) -> bool {
        let offered = self.offered.read_untracked().len();
        if offered == 0 || event.ctrl_key() || event.meta_key() || event.is_composing() {
            return false;
        }
        let chosen = self.chosen.get_untracked();
        match event.key().as_str() {
            "ArrowDown" => self.chosen.set((chosen + 1) % offered),
            "ArrowUp" => self.chosen.set((chosen + offered - 1) % offered),
            "Enter" | "Tab" => self.take(chosen),
            "Escape" => self.close(),
            _ => return false,
        }
        event.prevent_default();
        event.stop_propagation();
        true
    }

    /// Writes a name that was offered.
    fn take(self, index: usize) {
        let name = self.offered.read_untracked().get(index).cloned();
        let (Some(name), Some((at, query))) = (name, self.query()) else { return };
        let Some(area) = self.area.try_get_untracked().flatten() else { return };
        let text = area.value();
        let (before, after) = (&text[..at], &text[at + 1 + query.len()..]);
        let space = if after.starts_with(char::is_whitespace) { "" } else { " " };
        let written = format!("{before}@{name} ");
        area.set_value(&format!("{before}@{name}{space}{after}"));
        let place = u32::try_from(written.encode_utf16().count()).unwrap_or(u32::MAX);
        let _ = area.set_selection_range(place, place);
        self.close();
        // As if it had been typed.
        let init = EventInit::new();
        init.set_bubbles(true);
        if let Ok(event) = Event::new_with_event_init_dict("input", &init) {
            let _ = area.dispatch_event(&event);
        }
    }

    /// What is offered, beside the text.
    pub(super) fn view(self) -> AnyView {
        Effect::new(move |_| {
            let (offered, chosen) = (self.offered.read().len(), self.chosen.get());
            let Some(area) = self.area.get() else { return };
            if offered == 0 {
                let _ = area.remove_attribute("aria-activedescendant");
            } else {
                let _ = area.set_attribute("aria-activedescendant", &self.option_id(chosen));
            }
        });
        let option = move |(index, name): (usize, String)| {
            view! {
                <li
                    class="mentions__name"
                    id=self.option_id(index)
                    role="option"
                    dir="auto"
                    aria-selected=move || (self.chosen.get() == index).to_string()
                    on:pointerdown=move |event| {
                        // The focus stays in the text.
                        event.prevent_default();
                        self.take(index);
                    }
                >
                    {name}
                </li>
            }
        };
        view! {
            <Show when=move || !self.offered.read().is_empty()>
                <ul class="mentions" id=self.list.get_value() role="listbox" aria-label="People to mention">
                    {move || self.offered.get().into_iter().enumerate().map(option).collect_view()}
                </ul>
            </Show>
        }
        .into_any()
    }
}

/// Where somebody writes, in bytes; nothing while a part is selected.
fn caret(area: &HtmlTextAreaElement, text: &str) -> Option<usize> {
    let start = area.selection_start().ok()??;
    if area.selection_end().ok()?? != start {
        return None;
    }
    let mut left = start;
    let mut bytes = 0;
    for c in text.chars() {
        let units = u32::try_from(c.len_utf16()).unwrap_or(1);
        if left < units {
            break;
        }
        left -= units;
        bytes += c.len_utf8();
    }
    Some(bytes)
}
