//! What this person did on this board and can take back: on the page, and kept by the device for the next one.

use domain::Op;
use serde::{Deserialize, Serialize};

/// Own edits in order, with the operations that take each back.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Undo {
    done: Vec<Step>,
    undone: Vec<Step>,
    /// Counts up with every change.
    #[serde(skip)]
    revision: u64,
}

/// One edit as the person experienced it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Step {
    pub(super) label: String,
    /// What was done.
    pub(super) did: Op,
    /// What takes it back.
    ops: Vec<Op>,
}

impl Step {
    pub(super) fn new(label: String, did: Op, inverse: Vec<Op>) -> Self {
        Self { label, did, ops: inverse }
    }

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
    pub(super) fn done(&mut self, step: Step) {
        self.undone.clear();
        self.redone(step);
    }

    pub(super) fn take_undo(&mut self) -> Option<Step> {
        self.revision += 1;
        self.done.pop()
    }

    pub(super) fn take_redo(&mut self) -> Option<Step> {
        self.revision += 1;
        self.undone.pop()
    }

    pub(super) fn undone(&mut self, step: Step) {
        self.revision += 1;
        if !step.ops.is_empty() {
            self.undone.push(step);
        }
    }

    pub(super) fn redone(&mut self, step: Step) {
        self.revision += 1;
        if step.ops.is_empty() {
            return;
        }
        if self.done.len() == DEPTH {
            self.done.remove(0);
        }
        self.done.push(step);
    }

    /// Another whenever something changed.
    pub(super) fn revision(&self) -> u64 {
        self.revision
    }

    /// What was done before this page was opened comes before what was done here.
    pub(super) fn after(&mut self, mut earlier: Undo) {
        if self.done.is_empty() && self.undone.is_empty() {
            self.undone = earlier.undone;
        }
        earlier.done.append(&mut self.done);
        self.done = earlier.done;
    }
}
