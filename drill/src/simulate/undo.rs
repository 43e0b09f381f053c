//! What a person can take back, kept as `app/src/live/undo.rs` keeps it.

use domain::Op;

#[derive(Debug, Default)]
pub(super) struct Undo {
    done: Vec<Vec<Op>>,
    undone: Vec<Vec<Op>>,
}

/// How many steps back are kept.
const DEPTH: usize = 200;

impl Undo {
    /// A new edit; what had been taken back before it cannot be done again.
    pub(super) fn done(&mut self, inverse: Vec<Op>) {
        self.undone.clear();
        self.redone(inverse);
    }

    pub(super) fn take_undo(&mut self) -> Option<Op> {
        self.done.pop().map(one)
    }

    pub(super) fn take_redo(&mut self) -> Option<Op> {
        self.undone.pop().map(one)
    }

    /// How many steps can be done again.
    pub(super) fn undone_steps(&self) -> usize {
        self.undone.len()
    }

    pub(super) fn undone(&mut self, inverse: Vec<Op>) {
        if !inverse.is_empty() {
            self.undone.push(inverse);
        }
    }

    pub(super) fn redone(&mut self, inverse: Vec<Op>) {
        if inverse.is_empty() {
            return;
        }
        if self.done.len() == DEPTH {
            self.done.remove(0);
        }
        self.done.push(inverse);
    }
}

/// The step as one operation.
fn one(mut ops: Vec<Op>) -> Op {
    if ops.len() == 1 { ops.remove(0) } else { Op::batch(ops) }
}
