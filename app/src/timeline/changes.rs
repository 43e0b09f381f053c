//! What people do to plans, however they asked for it: by pointer or key.

use domain::{ItemChange, ItemId, Op, Part, Precision, Span};
use leptos::prelude::*;

use super::{state::Timeline, words};
use crate::platform;

/// Whether the result is shown in a toast or only said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tell {
    Toast,
    Speech,
}

impl Timeline {
    /// Plans items as one step that can be taken back, and says so. False where nothing is changed by it.
    pub(super) fn plan(&self, spans: &[(ItemId, Span)], part: Part, tell: Tell) -> bool {
        let changed: Vec<(ItemId, Span)> =
            spans.iter().copied().filter(|(id, span)| self.span(*id) != *span).collect();
        let Some((first, span)) = changed.first().copied() else { return false };
        let label = self.told(first, span, part, changed.len());
        let before: Vec<(ItemId, Span)> = changed.iter().map(|(id, _)| (*id, self.span(*id))).collect();
        let change =
            |(id, Span { start, end }): (ItemId, Span)| Op::set(id, ItemChange::Schedule { start, end });
        let mut ops: Vec<Op> = changed.into_iter().map(change).collect();
        let op = if ops.len() == 1 { ops.remove(0) } else { Op::batch(ops) };
        let room = self.board.room;
        let done = match tell {
            Tell::Speech => {
                let done = room.edit_undoable(op, label.clone());
                if done {
                    room.toasts.announce(label);
                }
                done
            }
            Tell::Toast => room.edit_with_toast(op, label),
        };
        if done {
            self.offer_shift(&before);
        }
        done
    }

    /// `Moved “Single sign-on” to 1 Apr – 30 Jun 2027.`
    fn told(&self, id: ItemId, span: Span, part: Part, count: usize) -> String {
        let (title, before) = (self.title(id), self.span(id));
        let is_new = before.shown().is_none();
        if count > 1 {
            return format!("{} {count} items.", if is_new { "Scheduled" } else { "Moved" });
        }
        match (part, span.start, span.end) {
            _ if is_new => format!("Scheduled “{title}” for {}.", words::span(span)),
            (Part::Start, Some(start), _) => format!("“{title}” now starts on {}.", words::day(start)),
            (Part::End, _, Some(end)) => format!("“{title}” now ends on {}.", words::day(end)),
            _ => format!("Moved “{title}” to {}.", words::span(span)),
        }
    }

    /// Moves an item, and those that are selected with it, by steps of the calendar.
    pub(super) fn step(&self, id: ItemId, part: Part, steps: i32) -> bool {
        let year = self.board.year;
        let moved = |id: ItemId| Some((id, self.span(id).stepped(part, self.snap(id), steps, year)?));
        let spans: Vec<_> = self.board.with_selection(id).into_iter().filter_map(moved).collect();
        self.plan(&spans, part, Tell::Speech)
    }

    /// Plans an item that has no days, and those that are selected with it, for this quarter.
    pub(super) fn schedule(&self, id: ItemId, tell: Tell) -> bool {
        let Some(today) = self.today.get_untracked().or_else(|| self.middle.get_value()) else {
            return false;
        };
        let zoom = self.zoom.get_untracked();
        let span = Span::put(today, Some(Precision::Quarter), zoom, self.board.year);
        let Some(span) = span else { return false };
        let items = self.board.with_selection(id).into_iter().filter(|id| self.span(*id).shown().is_none());
        self.plan(&items.map(|id| (id, span)).collect::<Vec<_>>(), Part::Whole, tell)
    }

    /// Puts an item into the bin, or those that are selected with it. Another takes the focus.
    pub(super) fn delete(&self, id: ItemId) {
        let items = self.board.with_selection(id);
        let shown = self.items();
        let at = shown.iter().position(|other| *other == id).unwrap_or_default();
        let (before, after) = shown.split_at(at);
        let stays = |id: &&ItemId| !items.contains(id);
        let next = after.iter().find(stays).or_else(|| before.iter().rev().find(stays)).copied();
        self.board.delete(items.clone());
        if let Some(next) = next {
            let timeline = *self;
            platform::after_effects(move || super::sight::focus(timeline, next));
        }
    }
}
