//! Steps that did something elsewhere than on the roadmap, such as to another product, and are undone with the rest.

use std::sync::Arc;

use domain::{Op, Step};
use leptos::prelude::*;

use super::Room;

/// Which way a step is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// It is taken back.
    Back,
    /// It is done again.
    Again,
}

type Go = Arc<dyn Fn(Way) + Send + Sync>;

/// The most that is remembered: as many as there are steps.
const MOST: usize = 200;

/// What was done elsewhere, by numbers that count up.
#[derive(Default)]
pub(super) struct Elsewhere {
    all: Vec<(u64, Go)>,
    last: u64,
}

impl Elsewhere {
    fn add(&mut self, go: Go) -> u64 {
        if self.all.len() == MOST {
            self.all.remove(0);
        }
        self.last += 1;
        self.all.push((self.last, go));
        self.last
    }
}

impl Room {
    /// Keeps how to undo a step that did something elsewhere, too, or only there. Returns its number.
    fn remember_elsewhere(
        &self,
        label: String,
        did: Op,
        inverse: Vec<Op>,
        go: impl Fn(Way) + Send + Sync + 'static,
    ) -> u64 {
        let kept = self.state.try_update_value(|state| {
            let number = state.elsewhere.add(Arc::new(go));
            let step = Step::new(label, did, inverse, state.replica.view());
            state.undo.done(step.with(Some(number)));
            number
        });
        self.wake_keeper();
        kept.unwrap_or_default()
    }

    /// The same, with a toast whose *Undo* undoes it as long as it is the latest step.
    pub(crate) fn remember_elsewhere_with_toast(
        &self,
        label: String,
        did: Op,
        inverse: Vec<Op>,
        go: impl Fn(Way) + Send + Sync + 'static,
    ) {
        let room = self.whole().unwrap_or(*self);
        let number = room.remember_elsewhere(label.clone(), did, inverse, go);
        room.toasts.undoable(label, move || {
            if room.is_open() && !room.undo_this(number) {
                room.toasts.info("You have made other edits since. Press Ctrl Z to undo them first.");
            }
        });
    }

    /// Undoes the step with this number if it is the latest. False where it is not.
    fn undo_this(&self, number: u64) -> bool {
        let taken = self.state.try_update_value(|state| {
            let step = state.undo.take_undo()?;
            if step.elsewhere == Some(number) {
                return Some(step);
            }
            state.undo.redone(step);
            None
        });
        let Some(step) = taken.flatten() else { return false };
        self.step(Some(step), Way::Back);
        true
    }

    /// Does what a step did elsewhere, the one way or the other.
    pub(super) fn do_elsewhere(&self, step: &Step, way: Way) {
        let find = |all: &[(u64, Go)]| {
            let number = step.elsewhere?;
            all.iter().find(|(other, _)| *other == number).map(|(_, go)| go.clone())
        };
        if let Some(go) = self.state.with_value(|state| find(&state.elsewhere.all)) {
            go(way);
        }
    }
}
