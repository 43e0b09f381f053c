//! Taking back what one did, and leaving alone what others have built on it since.

use serde::{Deserialize, Serialize};

use crate::{Context, Delta, Op, Roadmap, Timestamp, UserId, apply};

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
    /// The text that taking it back edits, as it was then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    on: Option<String>,
    /// What of it was done elsewhere than on the roadmap, by a number that only this page knows.
    #[serde(skip)]
    pub elsewhere: Option<u64>,
}

impl Step {
    /// An edit, and what takes it back on the roadmap as it is now.
    pub fn new(label: String, did: Op, inverse: Vec<Op>, roadmap: &Roadmap) -> Self {
        let text = inverse.first().and_then(Op::edits_text).and_then(|(text, _)| roadmap.text(text));
        Self { label, did, on: text.map(str::to_owned), ops: inverse, elsewhere: None }
    }

    /// The same, with what was done elsewhere.
    pub fn with(self, elsewhere: Option<u64>) -> Self {
        Self { elsewhere, ..self }
    }

    /// Whether it did something to the roadmap.
    pub fn is_of_roadmap(&self) -> bool {
        !self.ops.is_empty()
    }

    /// Whether there is nothing to take back.
    fn is_empty(&self) -> bool {
        self.ops.is_empty() && self.elsewhere.is_none()
    }

    /// What takes it back, as one operation. What was written since is kept.
    pub fn op(&self, roadmap: &Roadmap) -> Op {
        match self.ops.as_slice() {
            [Op::EditText { text, base, delta }] => {
                let now = roadmap.text(*text);
                let since = self.on.as_deref().zip(now).map(|(on, now)| Delta::between(on, now));
                let carried = since.and_then(|since| Delta::transform(&since, delta));
                let delta = carried.map_or_else(|| delta.clone(), |(_, delta)| delta);
                Op::EditText { text: *text, base: *base, delta }
            }
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
        if !step.is_empty() {
            self.undone.push(step);
        }
    }

    /// An edit was done again.
    pub fn redone(&mut self, step: Step) {
        self.revision += 1;
        if step.is_empty() {
            return;
        }
        if self.done.len() == DEPTH {
            self.done.remove(0);
        }
        self.done.push(step);
    }

    /// An edit was not taken: there is nothing of it to take back, or to do again.
    pub fn refused(&mut self, op: &Op) {
        for steps in [&mut self.undone, &mut self.done] {
            if let Some(index) = steps.iter().rposition(|step| step.did == *op) {
                steps.remove(index);
                self.revision += 1;
                return;
            }
        }
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
        // What another page did elsewhere, this one cannot take back.
        earlier.done.retain(|step| !step.is_empty());
        earlier.undone.retain(|step| !step.is_empty());
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
            Op::RenameLane { id, .. } | Op::SetLaneStatus { id, .. } | Op::SetLaneLimit { id, .. } => {
                roadmap.lane(*id)?.name.to_string()
            }
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
    use crate::{
        Context, Delta, ItemChange, Op, Place, Roadmap, Status, Step, TextOf, Timestamp, Undo, apply,
        fixture::*,
    };

    fn after(roadmap: &Roadmap, ops: &[Op]) -> Roadmap {
        let mut roadmap = roadmap.clone();
        for op in ops {
            apply(&mut roadmap, op, &Context { actor: person(1), at: Timestamp(9) }).unwrap();
        }
        roadmap
    }

    #[test]
    fn what_was_typed_is_taken_back_and_what_others_wrote_since_stays() {
        let describe = |roadmap: &Roadmap, new: &str| {
            let text = TextOf::Description(item(1));
            let delta = Delta::between(roadmap.text(text).unwrap(), new);
            Op::EditText { text, base: 0, delta }
        };
        let text = |roadmap: &Roadmap| roadmap.text(TextOf::Description(item(1))).unwrap().to_owned();
        let start = roadmap();
        let start = after(&start, &[describe(&start, "One. Two.")]);
        let mut roadmap = start.clone();
        let did = describe(&start, "One. Mine. Two.");
        let inverse =
            apply(&mut roadmap, &did, &Context { actor: person(1), at: Timestamp(9) }).unwrap().inverse;
        let step = Step::new(String::new(), did, inverse, &roadmap);
        let roadmap = after(&roadmap, &[describe(&roadmap, "Zero. One. Mine. Two. Theirs.")]);
        assert_eq!(step.did.overtaken(&roadmap), None);
        assert_eq!(text(&after(&roadmap, &[step.op(&roadmap)])), "Zero. One. Two. Theirs.");
    }

    #[test]
    fn what_was_not_taken_is_neither_taken_back_nor_done_again() {
        let restore = Op::RestoreComment { id: comment(2) };
        let step = |did: &Op, roadmap: &Roadmap| {
            let context = Context { actor: person(1), at: Timestamp(9) };
            let inverse = apply(&mut roadmap.clone(), did, &context).unwrap().inverse;
            Step::new(String::new(), did.clone(), inverse, roadmap)
        };
        let start = roadmap();
        let restored = after(&start, std::slice::from_ref(&restore));
        let mut undo = Undo::default();
        undo.done(step(&restore, &start));
        // Somebody else has deleted the comment again, which this page does not know.
        let back = undo.take_undo().unwrap().op(&restored);
        undo.undone(step(&back, &restored));
        assert_eq!(undo.undone_steps(), 1);
        undo.refused(&back);
        assert_eq!(undo.undone_steps(), 0);
        undo.done(step(&restore, &start));
        undo.refused(&set(1, ItemChange::Status(Status::Done)));
        undo.refused(&restore);
        assert!(undo.take_undo().is_none());
    }

    #[test]
    fn what_was_done_elsewhere_is_a_step_on_its_own_page_alone() {
        let roadmap = roadmap();
        let mut undo = Undo::default();
        let nothing = || Step::new("Linked".to_owned(), Op::batch(Vec::new()), Vec::new(), &roadmap);
        undo.done(nothing());
        assert!(undo.take_undo().is_none());
        undo.done(nothing().with(Some(3)));
        let kept: Undo = serde_json::from_str(&serde_json::to_string(&undo).unwrap()).unwrap();
        let mut later = Undo::default();
        later.after(kept);
        assert!(later.take_undo().is_none());
        let step = undo.take_undo().unwrap();
        assert_eq!((step.elsewhere, step.is_of_roadmap()), (Some(3), false));
        undo.undone(step);
        assert_eq!(undo.undone_steps(), 1);
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
