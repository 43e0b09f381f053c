//! Groups of items by what they have in common: columns and swimlanes of a board, groups of timeline and table.

use std::collections::BTreeSet;

use crate::{Choice, FieldKind, FiscalYear, Item, ItemId, Property, Quarter, Roadmap, UserId, Value, sorted};

/// How far quarters may lie apart for those between to be there, too: ten years.
const MOST_QUARTERS: i32 = 40;

/// Items that have the same value of a property, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The value as it is kept; `None` of those that have none.
    pub key: Option<String>,
    /// As people read it.
    pub label: String,
}

impl Property {
    /// The group of an item.
    pub fn group_of(&self, roadmap: &Roadmap, item: &Item, year: FiscalYear) -> Option<String> {
        self.get(roadmap, item, year).map(|value| match value {
            Value::Yes => YES.to_owned(),
            value => value.to_string(),
        })
    }

    /// The value that those of a group have.
    pub fn value_of(group: Option<&str>, kind: &FieldKind) -> Option<Value> {
        let key = group?;
        Some(if *kind == FieldKind::Checkbox { Value::Yes } else { Value::Text(key.to_owned()) })
    }

    /// The groups that items fall into, in the order in which people expect them. Choices and lanes are there whether or not an
    /// item has them, but of products only those that have one, and quarters without a gap; those without a value come last, and only where that can be.
    pub fn groups_of(
        &self,
        roadmap: &Roadmap,
        items: &[ItemId],
        year: FiscalYear,
        person: &dyn Fn(UserId) -> String,
    ) -> Vec<Group> {
        let Some(def) = self.def(roadmap) else { return Vec::new() };
        let items = items.iter().filter_map(|id| roadmap.item(*id));
        let mut present: BTreeSet<Option<String>> = BTreeSet::new();
        present.extend(items.map(|item| self.group_of(roadmap, item, year)));
        let has_none = present.remove(&None);
        let present: Vec<String> = present.into_iter().flatten().collect();
        let group = |key: &str, label: String| Group { key: Some(key.to_owned()), label };
        let (mut groups, none): (Vec<Group>, _) = match &def.kind {
            FieldKind::Choice(choices) => {
                let is_there = |key: &str| present.iter().any(|present| present == key);
                let is_offered = |choice: &&Choice| !choice.retired && !self.is_of_product();
                let offered = choices.iter().filter(|choice| is_offered(choice) || is_there(&choice.key));
                (
                    offered.map(|choice| group(&choice.key, choice.label.to_string())).collect(),
                    !self.is_required(),
                )
            }
            FieldKind::Quarter => {
                let mut quarters: BTreeSet<Quarter> = BTreeSet::new();
                quarters.extend(present.iter().filter_map(|key| key.parse::<Quarter>().ok()));
                if let (Some(first), Some(last)) = (quarters.first().copied(), quarters.last().copied())
                    && last.since(first) < MOST_QUARTERS
                {
                    quarters.extend((0..last.since(first)).map(|later| first.plus(later)));
                }
                // Only that in which an item ends or begins follows the workspace's year.
                let label = |quarter: Quarter| match self {
                    Property::Quarter => year.label(quarter),
                    _ => FiscalYear::default().label(quarter),
                };
                let others = present.iter().filter(|key| key.parse::<Quarter>().is_err());
                let others: Vec<Group> = others.map(|key| group(key, key.clone())).collect();
                let known = quarters.into_iter().map(|quarter| group(&quarter.to_string(), label(quarter)));
                (known.chain(others).collect(), true)
            }
            FieldKind::Person => {
                let name = |key: &String| key.parse().map_or_else(|_| key.clone(), person);
                let people: Vec<Group> = present.iter().map(|key| group(key, name(key))).collect();
                (sorted(&people, |a, b| a.label.cmp(&b.label)), true)
            }
            FieldKind::Checkbox => (vec![group(YES, "Yes".to_owned())], true),
            _ => (present.iter().map(|key| group(key, key.clone())).collect(), true),
        };
        if none || has_none {
            let label = match (&def.kind, self) {
                (FieldKind::Person, _) => "Nobody".to_owned(),
                (FieldKind::Checkbox, _) => "No".to_owned(),
                (_, Property::Quarter) => "No date".to_owned(),
                _ => format!("No {}", def.in_sentence()),
            };
            groups.push(Group { key: None, label });
        }
        groups
    }
}

const YES: &str = "yes";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Field, ItemChange, Status, fixture::*};

    fn labels(property: &Property, roadmap: &Roadmap) -> Vec<String> {
        let all: Vec<ItemId> =
            roadmap.items().filter(|item| item.deleted.is_none()).map(|item| item.id).collect();
        let name = |user: UserId| if user == person(2) { "Ada".to_owned() } else { "Zoe".to_owned() };
        let groups = property.groups_of(roadmap, &all, FiscalYear::default(), &name);
        groups.into_iter().map(|group| group.label).collect()
    }

    #[test]
    fn every_choice_is_a_group_and_those_without_come_last() {
        let mut roadmap = roadmap();
        assert_eq!(labels(&Property::Lane, &roadmap), ["Now", "Next", "Later"]);
        let statuses = labels(&Property::Own(Field::Status), &roadmap);
        assert_eq!(statuses, ["Proposed", "Planned", "In progress", "Done", "Dropped"]);
        let investments = labels(&Property::Own(Field::Investment), &roadmap);
        assert_eq!(investments.last().map(String::as_str), Some("No investment"));
        done(&mut roadmap, &set(1, ItemChange::Owner(Some(person(1)))), 1);
        done(&mut roadmap, &set(2, ItemChange::Owner(Some(person(2)))), 1);
        assert_eq!(labels(&Property::Own(Field::Owner), &roadmap), ["Ada", "Zoe", "Nobody"]);
    }

    #[test]
    fn quarters_come_without_a_gap() {
        let mut roadmap = roadmap();
        let end = |day: &str| ItemChange::Schedule { start: None, end: Some(day.parse().unwrap()) };
        done(&mut roadmap, &set(1, end("2026-11-30")), 1);
        done(&mut roadmap, &set(2, end("2027-05-01")), 1);
        assert_eq!(labels(&Property::Quarter, &roadmap), ["Q4 2026", "Q1 2027", "Q2 2027", "No date"]);
        done(&mut roadmap, &set(3, end("2010-12-31")), 1);
        let far = ["Q4 2010", "Q4 2026", "Q2 2027", "No date"];
        assert_eq!(labels(&Property::Quarter, &roadmap), far, "what there is, and not fifteen empty years");
    }

    #[test]
    fn a_group_is_set_as_the_value_its_items_have() {
        let mut roadmap = roadmap();
        let name: crate::FieldKey = "team".parse().unwrap();
        let team = Property::Declared(name.clone());
        let value = Some(Value::Text("Payments".to_owned()));
        done(&mut roadmap, &set(1, ItemChange::Value { field: name, to: value.clone() }), 1);
        assert_eq!(labels(&team, &roadmap), ["Payments", "No team"]);
        let key = team.group_of(&roadmap, roadmap.item(item(1)).unwrap(), FiscalYear::default());
        assert_eq!(Property::value_of(key.as_deref(), &FieldKind::Line), value);
        assert_eq!(Property::value_of(Some("yes"), &FieldKind::Checkbox), Some(Value::Yes));
        assert_eq!(Property::value_of(None, &FieldKind::Line), None);
        done(&mut roadmap, &set(1, ItemChange::Status(Status::Done)), 1);
        let status = Property::Own(Field::Status);
        let key = status.group_of(&roadmap, roadmap.item(item(1)).unwrap(), FiscalYear::default());
        assert_eq!(key.as_deref(), Some("done"));
    }
}
