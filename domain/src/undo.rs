//! Taking back what others have built on since.

use crate::{ItemChange, ItemFields, Op, Roadmap};

impl Op {
    /// What this operation did and is not as it did it any more, by the name it has now: somebody changed the same since, and
    /// taking the operation back would undo that, too. Told of fields, names and lanes; whether the rest can be taken back
    /// shows when it is tried.
    pub fn overtaken(&self, roadmap: &Roadmap) -> Option<String> {
        match self {
            Op::SetItem { id, change } => {
                let item = roadmap.item(*id)?;
                (!holds(&item.fields, change)).then(|| item.fields.title.to_string())
            }
            Op::MoveItems { ids, lane, .. } => {
                let items = ids.iter().filter_map(|id| roadmap.item(*id));
                let away = items.filter(|item| item.deleted.is_none()).find(|item| item.lane != *lane)?;
                Some(away.fields.title.to_string())
            }
            Op::RenameLane { id, name } => {
                let lane = roadmap.lane(*id)?;
                (lane.name != *name).then(|| lane.name.to_string())
            }
            Op::EditComment { id, body } => {
                let comment = roadmap.comment(*id)?;
                (comment.body != *body)
                    .then(|| roadmap.item(comment.item).map(|item| item.fields.title.to_string()))?
            }
            Op::Batch { ops, .. } => ops.iter().find_map(|op| op.overtaken(roadmap)),
            _ => None,
        }
    }
}

/// Whether a change would change nothing.
fn holds(fields: &ItemFields, change: &ItemChange) -> bool {
    match change {
        ItemChange::Title(title) => fields.title == *title,
        ItemChange::Description(text) => fields.description == *text,
        ItemChange::Kind(kind) => fields.kind == *kind,
        ItemChange::Investment(investment) => fields.investment == *investment,
        ItemChange::Effort(effort) => fields.effort == *effort,
        ItemChange::Schedule { start, end } => (fields.start, fields.end) == (*start, *end),
        ItemChange::Owner(owner) => fields.owner == *owner,
        ItemChange::AddTag(tag) => fields.tags.contains(tag),
        ItemChange::RemoveTag(tag) => !fields.tags.contains(tag),
        ItemChange::Status(status) => fields.status == *status,
        ItemChange::SourceKey(key) => fields.source_key == *key,
    }
}

#[cfg(test)]
mod tests {
    use crate::{Context, Op, Place, Roadmap, Timestamp, apply, fixture::*};
    use crate::{ItemChange, Status};

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
