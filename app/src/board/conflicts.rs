//! Two people set the same field, and the later one had not seen the other's value: the later one stands, both are told, and
//! each can put it right with one key.

use std::collections::HashMap;

use domain::{Entry, Field, FieldKey, FieldValue, ItemChange, ItemId, Op, UserId};
use leptos::prelude::*;

use super::Board;

/// Values of one field that are remembered. More people than that seldom set one at once.
const REMEMBERED: usize = 8;

/// Who set which field to what, as far as this page has heard.
#[derive(Debug, Default)]
struct Heard(HashMap<(ItemId, Which), Vec<Set>>);

#[derive(Clone, Debug)]
struct Set {
    seq: u64,
    actor: UserId,
    change: ItemChange,
}

/// A field of which one value stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Which {
    Field(Field),
    /// Of the table.
    Value(FieldKey),
}

impl Which {
    fn label(&self, board: Board) -> String {
        match self {
            Which::Field(Field::End) => "dates".to_owned(),
            Which::Field(field) => field.label().to_owned(),
            Which::Value(field) => {
                let def = board.room.with(|roadmap| roadmap.fields().find(field));
                def.map_or_else(|| field.to_string(), |def| def.in_sentence())
            }
        }
    }
}

/// A value that was overwritten unseen.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Conflict {
    item: ItemId,
    field: Which,
    other: UserId,
    /// Whether the value that stands is this person's.
    stands: bool,
    /// The value that does not.
    lost: ItemChange,
}

impl Heard {
    /// Takes an entry of the log, in order. Returns what this person is to be told.
    fn take(&mut self, entry: &Entry, own: UserId) -> Option<Conflict> {
        let Op::SetItem { id, change, seen } = &entry.op else { return None };
        let (item, field) = (*id, field(change)?);
        let sets = self.0.entry((item, field.clone())).or_default();
        let unseen = |set: &&Set| {
            seen.is_some_and(|seen| seen < set.seq) && set.actor != entry.actor && set.change != *change
        };
        let lost = if entry.actor == own {
            sets.iter().rfind(unseen)
        } else {
            // What somebody else lost meanwhile is told to them.
            sets.last().filter(unseen).filter(|set| set.actor == own)
        };
        let conflict = lost.map(|set| Conflict {
            item,
            field,
            other: if entry.actor == own { set.actor } else { entry.actor },
            stands: entry.actor == own,
            lost: set.change.clone(),
        });
        if sets.len() == REMEMBERED {
            sets.remove(0);
        }
        sets.push(Set { seq: entry.seq, actor: entry.actor, change: change.clone() });
        conflict
    }
}

/// The field of which one value stands. Tags are added one by one, and texts merge.
fn field(change: &ItemChange) -> Option<Which> {
    Some(Which::Field(match change {
        ItemChange::Value { field, .. } => return Some(Which::Value(field.clone())),
        ItemChange::Title(_) => Field::Title,
        ItemChange::Kind(_) => Field::Kind,
        ItemChange::Investment(_) => Field::Investment,
        ItemChange::Effort(_) => Field::Effort,
        ItemChange::Schedule { .. } => Field::End,
        ItemChange::Owner(_) => Field::Owner,
        ItemChange::Status(_) => Field::Status,
        ItemChange::SourceKey(_) => Field::SourceKey,
        ItemChange::Description(_) | ItemChange::AddTag(_) | ItemChange::RemoveTag(_) => return None,
    }))
}

/// Tells this person of conflicts from now on.
pub(super) fn watch(board: Board) {
    let heard = StoredValue::new(Heard::default());
    let own = board.room.user();
    board.room.listen(move |entries: &[Entry]| {
        for entry in entries {
            let conflict = heard.try_update_value(|heard| heard.take(entry, own)).flatten();
            if let Some(conflict) = conflict {
                tell(board, conflict);
            }
        }
    });
}

fn tell(board: Board, conflict: Conflict) {
    let Conflict { item, field, other, stands, lost } = conflict;
    let room = board.room;
    let Some(title) = room.with(|roadmap| roadmap.item(item).map(|item| item.fields.title.to_string()))
    else {
        return;
    };
    let (who, what) = (room.person(other), value(board, &lost));
    let field = field.label(board);
    let (told, action) = if stands {
        (
            format!(
                "{who} had set the {field} of “{title}” to {what} before your change arrived. Yours was kept."
            ),
            "Take theirs",
        )
    } else {
        (format!("{who} changed the {field} of “{title}” without having seen yours, {what}."), "Restore mine")
    };
    let label = format!("Restored the {field} of “{title}”.");
    room.toasts.offer(told, action, move || {
        room.edit_undoable(Op::set(item, lost.clone()), label.clone());
    });
}

/// A value in words.
fn value(board: Board, change: &ItemChange) -> String {
    let text = |text: Option<String>| text.map_or(FieldValue::Empty, FieldValue::Text);
    let value = match change {
        ItemChange::Title(title) => FieldValue::Text(format!("“{title}”")),
        ItemChange::Kind(kind) => FieldValue::Text(kind.label().to_owned()),
        ItemChange::Status(status) => FieldValue::Text(status.label().to_owned()),
        ItemChange::Investment(investment) => text(investment.map(|it| it.label().to_owned())),
        ItemChange::Effort(effort) => text(effort.map(|effort| format!("{effort} d"))),
        ItemChange::Owner(owner) => owner.map_or(FieldValue::Empty, FieldValue::Person),
        ItemChange::SourceKey(key) => text(key.as_ref().map(ToString::to_string)),
        ItemChange::Schedule { start, end } => {
            let day =
                |day: &Option<domain::Date>| day.map_or_else(|| "open".to_owned(), |day| day.to_string());
            FieldValue::Text(format!("{} to {}", day(start), day(end)))
        }
        ItemChange::Value { field, to } => {
            let def = board.room.with(|roadmap| roadmap.fields().find(field));
            def.zip(to.as_ref()).map_or(FieldValue::Empty, |(def, to)| def.told(to))
        }
        ItemChange::Description(_) | ItemChange::AddTag(_) | ItemChange::RemoveTag(_) => FieldValue::Empty,
    };
    value.words(|user| board.room.person(user))
}

#[cfg(test)]
mod tests {
    use domain::{ClientId, PersonDays, Timestamp};

    use super::*;

    const ME: u8 = 1;
    const ANN: u8 = 2;
    const BEN: u8 = 3;

    fn person(number: u8) -> UserId {
        UserId::new(1, [number; 10])
    }

    fn effort(tenths: u32) -> ItemChange {
        ItemChange::Effort(PersonDays::from_tenths(tenths))
    }

    fn set(seq: u64, actor: u8, seen: u64, change: ItemChange) -> Entry {
        let op = Op::SetItem { id: ItemId::new(1, [1; 10]), change, seen: Some(seen) };
        Entry {
            seq,
            client: ClientId::new(1, [actor; 10]),
            cseq: seq,
            actor: person(actor),
            at: Timestamp(0),
            op,
            items: Vec::new(),
        }
    }

    fn told(entries: &[Entry]) -> Vec<(bool, UserId, ItemChange)> {
        let mut heard = Heard::default();
        let conflicts = entries.iter().filter_map(|entry| heard.take(entry, person(ME)));
        conflicts.map(|conflict| (conflict.stands, conflict.other, conflict.lost)).collect()
    }

    #[test]
    fn who_comes_later_and_who_is_overwritten_are_both_told() {
        let mine_first = [set(1, ME, 0, effort(10)), set(2, ANN, 0, effort(20))];
        assert_eq!(told(&mine_first), [(false, person(ANN), effort(10))]);
        let hers_first = [set(1, ANN, 0, effort(20)), set(2, ME, 0, effort(10))];
        assert_eq!(told(&hers_first), [(true, person(ANN), effort(20))]);
    }

    #[test]
    fn what_was_seen_or_is_the_same_is_no_conflict() {
        assert_eq!(told(&[set(1, ME, 0, effort(10)), set(2, ANN, 1, effort(20))]), []);
        assert_eq!(told(&[set(1, ME, 0, effort(10)), set(2, ANN, 0, effort(10))]), []);
        assert_eq!(told(&[set(1, ME, 0, effort(10)), set(2, ME, 0, effort(20))]), []);
        let title = ItemChange::Title("Other".parse().unwrap());
        assert_eq!(told(&[set(1, ME, 0, effort(10)), set(2, ANN, 0, title)]), []);
        // Pages of earlier versions do not say what they had seen.
        let mut silent = set(2, ANN, 0, effort(20));
        silent.op = Op::set(ItemId::new(1, [1; 10]), effort(20));
        assert_eq!(told(&[set(1, ME, 0, effort(10)), silent]), []);
    }

    #[test]
    fn between_others_it_is_theirs_to_settle() {
        assert_eq!(told(&[set(1, ANN, 0, effort(10)), set(2, BEN, 0, effort(20))]), []);
        // Mine was overwritten by Ann, who was told; what Ben overwrites is Ann's.
        let three = [set(1, ME, 0, effort(10)), set(2, ANN, 0, effort(20)), set(3, BEN, 0, effort(30))];
        assert_eq!(told(&three), [(false, person(ANN), effort(10))]);
    }
}
