//! What this person did on this page and can take back.

use domain::Op;

/// Own edits in order, with the operations that take each back.
#[derive(Debug, Default)]
pub(super) struct Undo {
    done: Vec<Step>,
    undone: Vec<Step>,
}

/// One edit as the person experienced it.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) label: String,
    ops: Vec<Op>,
}

impl Step {
    pub(super) fn op(&self) -> Op {
        match self.ops.as_slice() {
            [op] => op.clone(),
            ops => Op::batch(ops.to_vec()),
        }
    }
}

/// How many steps back are kept.
const DEPTH: usize = 200;

impl Undo {
    /// A new edit; what had been taken back before it cannot be done again.
    pub(super) fn done(&mut self, label: String, inverse: Vec<Op>) {
        self.undone.clear();
        self.redone(label, inverse);
    }

    pub(super) fn take_undo(&mut self) -> Option<Step> {
        self.done.pop()
    }

    pub(super) fn take_redo(&mut self) -> Option<Step> {
        self.undone.pop()
    }

    pub(super) fn undone(&mut self, label: String, inverse: Vec<Op>) {
        if !inverse.is_empty() {
            self.undone.push(Step { label, ops: inverse });
        }
    }

    pub(super) fn redone(&mut self, label: String, inverse: Vec<Op>) {
        if inverse.is_empty() {
            return;
        }
        if self.done.len() == DEPTH {
            self.done.remove(0);
        }
        self.done.push(Step { label, ops: inverse });
    }
}
