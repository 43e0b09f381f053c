//! Taking back what one did, and leaving alone what others have built on it since.

use serde::{Deserialize, Serialize};

use crate::{Context, Op, Roadmap, Timestamp, UserId, apply};

/// Own edits in order, with the operations that take each back.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Undo {
    done: Vec<Step>,
    undone: Vec<Step>,
    /// Counts up with every change.
    #[serde(skip)]
    revision: u64,
}

/// One edit as the person experienced it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Step {
    pub label: String,
    /// What was done.
    pub did: Op,
    /// What takes it back.
    ops: Vec<Op>,
}

impl Step {
    /// An edit, and what takes it back.
    pub fn new(label: String, did: Op, inverse: Vec<Op>) -> Self {
        Self { label, did, ops: inverse }
    }

    /// What takes it back, as one operation.
    pub fn op(&self) -> Op {
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
    pub fn done(&mut self, step: Step) {
        self.undone.clear();
        self.redone(step);
    }

    /// The latest edit, to be taken back.
    pub fn take_undo(&mut self) -> Option<Step> {
        self.revision += 1;
        self.done.pop()
    }

    /// The latest that was taken back, to be done again.
    pub fn take_redo(&mut self) -> Option<Step> {
        self.revision += 1;
        self.undone.pop()
    }

    /// An edit was taken back; the step is what does it again.
    pub fn undone(&mut self, step: Step) {
        self.revision += 1;
        if !step.ops.is_empty() {
            self.undone.push(step);
        }
    }

    /// An edit was done again.
    pub fn redone(&mut self, step: Step) {
        self.revision += 1;
        if step.ops.is_empty() {
            return;
        }
        if self.done.len() == DEPTH {
            self.done.remove(0);
        }
        self.done.push(step);
    }

    /// How many steps can be done again.
    pub fn undone_steps(&self) -> usize {
        self.undone.len()
    }

    /// Another whenever something changed.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// What was done before this page was opened comes before what was done here.
    pub fn after(&mut self, mut earlier: Undo) {
        if self.done.is_empty() && self.undone.is_empty() {
            self.undone = earlier.undone;
        }
        earlier.done.append(&mut self.done);
        self.done = earlier.done;
    }
}

impl Op {
    /// What this operation did and is not as it did it any more, by the name it has now: somebody changed the same since, and
    /// taking the operation back would undo that, too. Told of fields, texts, names and lanes; whether the rest can be taken
    /// back shows when it is tried.
    pub fn overtaken(&self, roadmap: &Roadmap) -> Option<String> {
        let about = match self {
            Op::SetItem { id, .. } => roadmap.item(*id)?.fields.title.to_string(),
            Op::RenameLane { id, .. } => roadmap.lane(*id)?.name.to_string(),
            Op::EditComment { id, .. } => roadmap.item(roadmap.comment(*id)?.item)?.fields.title.to_string(),
            // Where in its lane an item stands is not asked: neighbours come and go.
            Op::MoveItems { ids, lane, .. } => {
                let items = ids.iter().filter_map(|id| roadmap.item(*id));
                let away = items.filter(|item| item.deleted.is_none()).find(|item| item.lane != *lane)?;
                return Some(away.fields.title.to_string());
            }
            Op::Batch { ops, .. } => return ops.iter().find_map(|op| op.overtaken(roadmap)),
            _ => return None,
        };
        // Done once more, it changes nothing where it still holds.
        let nobody = Context { actor: UserId::NIL, at: Timestamp(0) };
        let again = apply(&mut roadmap.clone(), self, &nobody).ok()?;
        (!again.changes.is_empty()).then_some(about)
    }
}

#[cfg(test)]
mod tests {
    use crate::{Context, ItemChange, Op, Place, Roadmap, Status, Timestamp, apply, fixture::*};

    fn after(roadmap: &Roadmap, ops: &[Op]) -> Roadmap {
        let mut roadmap = roadmap.clone();
        for op in ops {
            apply(&mut roadmap, op, &Context { actor: person(1), at: Timestamp(9) }).unwrap();
        }
        roadmap
    }

    #[test]
    fn what_others_changed_since_is_not_taken_back_unasked() {
        let rename = |name: &str| set(1, ItemChange::Title(title(name)));
        let (lane, other) = (lane(1), lane(2));
        let moved = |to| Op::MoveItems { ids: vec![item(1)], lane: to, place: Place::Last };
        let cases = [
            (rename("Mine"), rename("Theirs"), Some("Theirs")),
            (rename("Mine"), set(1, ItemChange::Status(Status::Done)), None),
            (rename("Mine"), set(2, ItemChange::Title(title("Theirs"))), None),
            (moved(other), moved(lane), Some("A")),
            (moved(other), Op::MoveItems { ids: vec![item(1)], lane: other, place: Place::First }, None),
            (Op::batch(vec![moved(other), rename("Mine")]), rename("Theirs"), Some("Theirs")),
        ];
        for (mine, theirs, told) in cases {
            let roadmap = after(&roadmap(), std::slice::from_ref(&mine));
            assert_eq!(mine.overtaken(&roadmap), None, "nobody did anything since");
            let roadmap = after(&roadmap, &[theirs]);
            assert_eq!(mine.overtaken(&roadmap).as_deref(), told, "{mine:?}");
        }
    }
}
