//! A field in which somebody writes while others write in the same text.
//!
//! What the field holds is what the roadmap shows, and what was typed since. Both are brought together whenever one of them
//! changes; the caret keeps its place in the text.

use domain::{Delta, ItemId, Op, TextOf, wire::Caret};
use gloo_timers::callback::Timeout;
use leptos::{html, prelude::*};

use super::Board;
use crate::platform;

/// For so long typing is collected, in milliseconds.
const PACE: u32 = 300;

/// After a pause of so many milliseconds a new step begins, to be taken back by itself.
const PAUSE: i64 = 30_000;

#[derive(Clone, Copy)]
pub(super) struct Writing {
    board: Board,
    text: TextOf,
    pub(super) area: NodeRef<html::Textarea>,
    pub(super) error: RwSignal<String>,
    /// Counts up when others' places in the field may have moved.
    pub(super) changed: RwSignal<u64>,
    state: StoredValue<State>,
}

#[derive(Default)]
struct State {
    /// The text of which the field holds a changed copy.
    base: String,
    /// What the field holds.
    typed: String,
    /// Takes back what was written here since the last step, and nothing that others wrote.
    back: Delta,
    composing: bool,
    /// A timer runs that will send what was typed.
    waits: bool,
    last: i64,
}

impl Writing {
    pub(super) fn new(board: Board, id: ItemId) -> Self {
        Self {
            board,
            text: TextOf::Description(id),
            area: NodeRef::new(),
            error: RwSignal::default(),
            changed: RwSignal::new(0),
            state: StoredValue::new(State::default()),
        }
    }

    fn now(&self) -> String {
        self.board.room.with(|roadmap| roadmap.text(self.text).unwrap_or_default().to_owned())
    }

    /// What the field shows first.
    pub(super) fn begin(&self) -> String {
        let now = self.now();
        let nothing = Delta::between(&now, &now);
        let state = State { base: now.clone(), typed: now.clone(), back: nothing, ..State::default() };
        self.state.set_value(state);
        now
    }

    /// Something was typed: it goes out soon.
    pub(super) fn typed(&self) {
        let Some(value) = self.area.get_untracked().map(|area| area.value()) else { return };
        let now = platform::now().0;
        let (paused, waits) = self
            .state
            .try_update_value(|state| {
                let paused = state.last != 0 && now - state.last > PAUSE;
                state.typed = value;
                state.last = now;
                (paused, std::mem::replace(&mut state.waits, true))
            })
            .unwrap_or_default();
        if paused {
            self.remember();
        }
        self.changed.update(|changed| *changed += 1);
        if !waits {
            let writing = *self;
            Timeout::new(PACE, move || {
                if writing.state.try_update_value(|state| state.waits = false).is_some() {
                    writing.send();
                }
            })
            .forget();
        }
    }

    /// Letters are being put together; until they are, the field is left alone.
    pub(super) fn compose(&self, composing: bool) {
        self.state.update_value(|state| state.composing = composing);
        if !composing {
            self.typed();
            self.follow();
        }
    }

    /// Takes what others wrote into the field.
    pub(super) fn follow(&self) {
        let now = self.now();
        let area = self.area.try_get_untracked().flatten();
        let done = self.state.try_update_value(|state| {
            if state.composing || state.base == now {
                return false;
            }
            let theirs = Delta::between(&state.base, &now);
            let mine = Delta::between(&state.base, &state.typed);
            // What is typed stays before what is inserted at its place, as the caret does.
            let Some((mine, in_field)) = Delta::transform(&mine, &theirs) else { return false };
            let Some(merged) = mine.apply(&now) else { return false };
            if let Some((_, back)) = Delta::transform(&theirs, &state.back) {
                state.back = back;
            }
            if let Some(area) = area.filter(|_| merged != state.typed) {
                let place = |at: Option<u32>| {
                    let at = scalars(&state.typed, at.unwrap_or_default());
                    utf16(&merged, in_field.position(at))
                };
                let start = place(area.selection_start().ok().flatten());
                let end = place(area.selection_end().ok().flatten());
                area.set_value(&merged);
                let _ = area.set_selection_range(start, end);
            }
            (state.base, state.typed) = (now, merged);
            true
        });
        if done == Some(true) {
            self.changed.update(|changed| *changed += 1);
        }
    }

    /// Makes what was typed an edit.
    fn send(&self) {
        self.follow();
        let delta = self.state.try_with_value(|state| {
            let typed = !state.composing && state.typed != state.base;
            typed.then(|| Delta::between(&state.base, &state.typed))
        });
        let Some(Some(delta)) = delta else { return };
        match self.board.room.try_edit(Op::EditText { text: self.text, base: 0, delta }) {
            Ok(edited) => {
                self.state.update_value(|state| {
                    state.base.clone_from(&state.typed);
                    let inverse = edited.inverse.first().and_then(Op::edits_text);
                    if let Some(back) = inverse.and_then(|(_, inverse)| inverse.compose(&state.back)) {
                        state.back = back;
                    }
                });
                self.set_error(String::new());
            }
            Err(reject) => self.set_error(reject.to_string()),
        }
    }

    fn set_error(&self, error: String) {
        if self.error.try_get_untracked().is_some_and(|shown| shown != error) {
            self.error.set(error);
        }
    }

    /// Sends what was typed, and makes everything since the last step one that can be taken back.
    pub(super) fn rest(&self) {
        self.send();
        self.remember();
        self.show_place(None);
    }

    /// The field goes away.
    pub(super) fn leave(&self) {
        // With the whole board, nobody is left to tell.
        if self.board.room.revision.try_get_untracked().is_some() {
            self.state.try_update_value(|state| state.composing = false);
            self.rest();
        }
    }

    fn remember(&self) {
        let back = self.state.try_update_value(|state| {
            let nothing = Delta::between(&state.base, &state.base);
            std::mem::replace(&mut state.back, nothing)
        });
        let Some(delta) = back.filter(|back| !back.is_identity()) else { return };
        let inverse = Op::EditText { text: self.text, base: 0, delta };
        self.board.room.remember("Changed the description.".to_owned(), inverse.clone(), vec![inverse]);
    }

    /// A place in the shown text, in what the field holds.
    pub(super) fn in_field(&self, at: usize) -> usize {
        self.state.with_value(|state| Delta::between(&state.base, &state.typed).position(at))
    }

    /// Tells the others where this person writes, unless there is something they do not have yet.
    pub(super) fn tell_place(&self) {
        let Some(area) = self.area.try_get_untracked().flatten() else { return };
        let clean = self.state.with_value(|state| state.typed == state.base && !state.composing);
        let focused = platform::focused().as_ref() == Some(&*area);
        if !focused || !clean || self.board.room.unsaved.get_untracked() > 0 {
            return;
        }
        let value = area.value();
        let place =
            |at: Option<u32>| u32::try_from(scalars(&value, at.unwrap_or_default())).unwrap_or(u32::MAX);
        let start = place(area.selection_start().ok().flatten());
        let end = place(area.selection_end().ok().flatten());
        let from = (start != end).then_some(start);
        self.show_place(Some(Caret { text: self.text, at: end, from }));
    }

    fn show_place(&self, caret: Option<Caret>) {
        self.board.room.present(|presence| presence.caret = caret);
    }
}

/// A place that the browser counts in UTF-16, in scalars.
fn scalars(text: &str, at: u32) -> usize {
    let mut left = usize::try_from(at).unwrap_or(usize::MAX);
    let within = |c: &char| left.checked_sub(c.len_utf16()).map(|rest| left = rest).is_some();
    text.chars().take_while(within).count()
}

/// A place in scalars, as the browser counts it.
fn utf16(text: &str, at: usize) -> u32 {
    let units = text.chars().take(at).map(char::len_utf16).sum::<usize>();
    u32::try_from(units).unwrap_or(u32::MAX)
}
