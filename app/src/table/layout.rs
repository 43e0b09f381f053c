//! What the table shows from top to bottom: groups, and items in the order of the look.

use std::collections::{BTreeMap, BTreeSet};

use domain::{FieldDef, FieldKind, FiscalYear, ItemId, Property, Roadmap, Value, sorted};
use uuid::Uuid;

/// A line of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// The names of the columns.
    Head,
    /// A group, by its place among them.
    Group(usize),
    Item(ItemId),
    /// A new item below another.
    Draft,
    /// A new item at the end.
    New,
}

impl Line {
    /// The key by which its view is kept. Those of items are as random as items' ids.
    pub(super) fn key(self) -> Uuid {
        match self {
            Line::Item(id) => id.0,
            Line::Head => Uuid::from_u128(1),
            Line::Draft => Uuid::from_u128(2),
            Line::New => Uuid::from_u128(3),
            Line::Group(at) => Uuid::from_u128(16 + at as u128),
        }
    }

    pub(super) fn of_key(key: Uuid) -> Self {
        match key.as_u128() {
            1 => Line::Head,
            2 => Line::Draft,
            3 => Line::New,
            small if small < 1 << 32 => Line::Group(usize::try_from(small - 16).unwrap_or_default()),
            _ => Line::Item(ItemId(key)),
        }
    }

    pub(super) fn item(self) -> Option<ItemId> {
        match self {
            Line::Item(id) => Some(id),
            _ => None,
        }
    }
}

/// Items that have the same value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Group {
    /// The value as it is kept; empty where there is none.
    pub(super) key: String,
    /// The value of its items.
    pub(super) value: Option<Value>,
    pub(super) count: usize,
    pub(super) is_collapsed: bool,
    /// Sums of columns, by property.
    pub(super) sums: Vec<(Property, i64)>,
}

/// All lines, and where items stand by themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) lines: Vec<Line>,
    pub(super) groups: Vec<Group>,
    /// Of each item that is shown: its own place on the roadmap, and the one it is shown at. Both from 1.
    pub(super) places: BTreeMap<ItemId, (usize, usize)>,
}

impl Layout {
    pub(super) fn at(&self, line: Line) -> Option<usize> {
        self.lines.iter().position(|other| *other == line)
    }

    pub(super) fn items(&self) -> impl Iterator<Item = ItemId> {
        self.lines.iter().filter_map(|line| line.item())
    }

    /// The group of the line at a place.
    pub(super) fn group_at(&self, at: usize) -> Option<usize> {
        self.lines.get(..=at)?.iter().rev().find_map(|line| match line {
            Line::Group(group) => Some(*group),
            _ => None,
        })
    }
}

/// What a layout is made from.
pub(super) struct Plan<'a> {
    pub(super) roadmap: &'a Roadmap,
    pub(super) year: FiscalYear,
    pub(super) fold: fn(&str) -> String,
    pub(super) person: &'a dyn Fn(domain::UserId) -> String,
    pub(super) group: Option<&'a Property>,
    /// Properties to sum up.
    pub(super) summed: &'a [Property],
    pub(super) collapsed: &'a BTreeSet<String>,
    /// The item below which a new one is typed.
    pub(super) draft: Option<ItemId>,
    /// Whether there is a line for a new item.
    pub(super) has_new: bool,
}

impl Plan<'_> {
    /// Lays items out that stand on the roadmap in that order, and are shown in this.
    pub(super) fn layout(&self, own: &[ItemId], shown: &[ItemId]) -> Layout {
        let mut layout = Layout::default();
        for (at, id) in own.iter().enumerate() {
            layout.places.insert(*id, (at + 1, 0));
        }
        let grouped = self.group.and_then(|group| Some((group, group.def(self.roadmap)?)));
        match grouped {
            Some((group, def)) => self.groups(&mut layout, group, &def, shown),
            None => self.items(&mut layout, shown),
        }
        if self.has_new {
            layout.lines.push(Line::New);
        }
        let mut place = 0;
        for id in layout.lines.iter().filter_map(|line| line.item()) {
            place += 1;
            if let Some(places) = layout.places.get_mut(&id) {
                places.1 = place;
            }
        }
        layout.places.retain(|_, (_, shown)| *shown > 0);
        layout
    }

    fn items(&self, layout: &mut Layout, items: &[ItemId]) {
        for id in items {
            layout.lines.push(Line::Item(*id));
            if self.draft == Some(*id) {
                layout.lines.push(Line::Draft);
            }
        }
    }

    fn groups(&self, layout: &mut Layout, by: &Property, def: &FieldDef, items: &[ItemId]) {
        let value = |property: &Property, id: &ItemId| {
            property.get(self.roadmap, &**self.roadmap.item(*id)?, self.year)
        };
        let mut members: BTreeMap<String, (Option<Value>, Vec<ItemId>)> = BTreeMap::new();
        for id in items {
            let value = value(by, id);
            let key = value.as_ref().map_or_else(String::new, |value| (self.fold)(&value.to_string()));
            members.entry(key).or_insert_with(|| (value, Vec::new())).1.push(*id);
        }
        let all: Vec<_> = members.into_iter().collect();
        let all = sorted(&all, |(_, (a, _)), (_, (b, _))| {
            def.order(a.as_ref(), b.as_ref(), self.fold, self.person)
        });
        for (at, (key, (of, items))) in all.into_iter().enumerate() {
            let sum = |property: &Property| {
                let numbers = items.iter().filter_map(|id| match value(property, id) {
                    Some(Value::Number(number)) => Some(number),
                    _ => None,
                });
                (property.clone(), numbers.sum())
            };
            let is_collapsed = self.collapsed.contains(&key);
            layout.groups.push(Group {
                sums: self.summed.iter().map(sum).collect(),
                count: items.len(),
                value: of,
                is_collapsed,
                key,
            });
            layout.lines.push(Line::Group(at));
            if !is_collapsed {
                self.items(layout, &items);
            }
        }
    }
}

/// Whether values of a field can be summed up. Shares of a hundred cannot.
pub(super) fn is_summed(property: &Property, def: &FieldDef) -> bool {
    match &def.kind {
        FieldKind::Number { unit, .. } => *property != Property::Key && unit != "%",
        FieldKind::Money => *property != Property::Score,
        FieldKind::Days => true,
        _ => false,
    }
}

/// A sum as the field writes its values.
pub(super) fn sum_written(def: &FieldDef, sum: i64) -> String {
    match def.kind {
        // One item's effort has a bound, that of many has not.
        FieldKind::Days if sum % 10 == 0 => (sum / 10).to_string(),
        FieldKind::Days => format!("{}.{}", sum / 10, sum % 10),
        _ => def.written(&Value::Number(sum)),
    }
}

#[cfg(test)]
mod tests {
    use domain::{
        Context, Field, ItemFields, LaneId, Op, PersonDays, Place, Status, Timestamp, Title, UserId,
    };

    use super::*;

    fn id(number: u8) -> ItemId {
        ItemId::new(1, [number; 10])
    }

    /// Four items in a lane; the second is done, the others proposed, with as many days as their number.
    fn roadmap() -> Roadmap {
        let mut roadmap = Roadmap::default();
        let context = Context { actor: UserId::new(1, [1; 10]), at: Timestamp(1) };
        let lane = LaneId::new(1, [1; 10]);
        let name = domain::LaneName::parse("Now").unwrap();
        let mut done = |op| domain::apply(&mut roadmap, &op, &context).unwrap();
        done(Op::CreateLane { id: lane, name, place: Place::Last });
        for number in 1..=4 {
            let mut fields = ItemFields::titled(Title::parse(&format!("Item {number}")).unwrap());
            fields.effort = PersonDays::from_tenths(u32::from(number) * 10);
            if number == 2 {
                fields.status = Status::Done;
            }
            done(Op::CreateItem { id: id(number), lane, place: Place::Last, fields: Box::new(fields) });
        }
        roadmap
    }

    fn plan<'a>(
        roadmap: &'a Roadmap,
        group: Option<&'a Property>,
        summed: &'a [Property],
        collapsed: &'a BTreeSet<String>,
    ) -> Plan<'a> {
        let (year, fold) = (FiscalYear::default(), str::to_lowercase as fn(&str) -> String);
        Plan {
            roadmap,
            year,
            fold,
            person: &|_| String::new(),
            group,
            summed,
            collapsed,
            draft: None,
            has_new: true,
        }
    }

    #[test]
    fn lines_are_the_items_and_one_more_for_the_next() {
        let (roadmap, none) = (roadmap(), BTreeSet::new());
        let own: Vec<ItemId> = (1..=4).map(id).collect();
        let mut plan = plan(&roadmap, None, &[], &none);
        let layout = plan.layout(&own, &[id(4), id(1)]);
        assert_eq!(layout.lines, [Line::Item(id(4)), Line::Item(id(1)), Line::New]);
        assert_eq!(layout.places.get(&id(4)), Some(&(4, 1)));
        assert_eq!(layout.places.get(&id(1)), Some(&(1, 2)));
        assert_eq!(layout.places.get(&id(2)), None, "what is not shown");
        plan.draft = Some(id(4));
        assert_eq!(plan.layout(&own, &[id(4), id(1)]).lines.get(1), Some(&Line::Draft));
    }

    #[test]
    fn groups_have_counts_and_sums_and_hide_their_items() {
        let (roadmap, none) = (roadmap(), BTreeSet::new());
        let own: Vec<ItemId> = (1..=4).map(id).collect();
        let (status, effort) = (Property::Own(Field::Status), [Property::Own(Field::Effort)]);
        let layout = plan(&roadmap, Some(&status), &effort, &none).layout(&own, &own);
        assert_eq!(
            layout.lines,
            [
                Line::Group(0),
                Line::Item(id(1)),
                Line::Item(id(3)),
                Line::Item(id(4)),
                Line::Group(1),
                Line::Item(id(2)),
                Line::New
            ],
            "proposed comes before done"
        );
        let first = &layout.groups[0];
        assert_eq!((first.key.as_str(), first.count, first.sums[0].1), ("proposed", 3, 80));
        assert_eq!((layout.group_at(3), layout.group_at(5)), (Some(0), Some(1)));
        let collapsed = BTreeSet::from(["proposed".to_owned()]);
        let layout = plan(&roadmap, Some(&status), &effort, &collapsed).layout(&own, &own);
        assert_eq!(layout.lines, [Line::Group(0), Line::Group(1), Line::Item(id(2)), Line::New]);
        assert_eq!(layout.groups[0].sums[0].1, 80, "also where they are hidden");
    }

    #[test]
    fn keys_of_lines_lead_back() {
        for line in [Line::Head, Line::Draft, Line::New, Line::Group(0), Line::Group(70), Line::Item(id(7))] {
            assert_eq!(Line::of_key(line.key()), line);
        }
    }

    #[test]
    fn sums_are_written_as_their_values() {
        let roadmap = roadmap();
        let effort = Property::Own(Field::Effort).def(&roadmap).unwrap();
        assert_eq!(sum_written(&effort, 85), "8.5");
        assert_eq!(sum_written(&effort, 20_000_000), "2000000");
        assert!(is_summed(&Property::Own(Field::Effort), &effort));
        let key = Property::Key.def(&roadmap).unwrap();
        assert!(!is_summed(&Property::Key, &key));
    }
}
