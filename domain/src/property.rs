//! Properties: all that a view can show of an item, and sort, filter, group and change it by. Those that every item has always,
//! declared fields, where it stands, and what is counted of it are one thing here: a [`FieldDef`], and a [`Value`] or none.

use std::{borrow::Cow, cmp::Ordering, collections::BTreeSet};

use crate::{
    Checklist, Choice, Date, Field, FieldDef, FieldKey, FieldKind, FiscalYear, Investment, Item, ItemChange,
    ItemId, ItemKind, LaneId, Op, PersonDays, Place, Quarter, Roadmap, Status, Tag, Title, UserId, Value,
};

/// Something of an item.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Property {
    /// Its number, the second half of its key.
    Key,
    /// Where it stands.
    Lane,
    /// A field that every item has always.
    Own(Field),
    /// The quarter in which it ends, or begins where no end is planned.
    Quarter,
    Upvotes,
    Comments,
    /// How much of the [checklist](crate::Checklist) in its description is done.
    Checklist,
    /// How many items it waits for, how many wait for it, and before how many of the former have ended it starts: counted by pages.
    Blocked,
    Blocks,
    Conflicts,
    /// By the score model of its product, and whether an objective that it serves is over its budget: computed by the server.
    Score,
    OverBudget,
    /// Where several roadmaps are read as one: the product, its kind, and its stage.
    Product,
    ProductKind,
    Stage,
    /// A field of the [table](crate::FIELDS), or one that people made.
    Declared(FieldKey),
}

/// What is not a field, as addresses name it.
const OTHERS: [(Property, &str); 14] = [
    (Property::Key, "key"),
    (Property::Lane, "lane"),
    (Property::Quarter, "quarter"),
    (Property::Upvotes, "upvotes"),
    (Property::Comments, "comments"),
    (Property::Checklist, "checklist"),
    (Property::Blocked, "blocked"),
    (Property::Blocks, "blocks"),
    (Property::Conflicts, "conflicts"),
    (Property::Score, "score"),
    (Property::OverBudget, "over_budget"),
    (Property::Product, "product"),
    (Property::ProductKind, "kind"),
    (Property::Stage, "stage"),
];

impl Property {
    /// Its name in addresses and in saved views.
    pub fn as_str(&self) -> &str {
        match self {
            Property::Own(Field::Kind) => "type",
            Property::Own(field) => field.as_str(),
            Property::Declared(key) => key,
            other => OTHERS.iter().find(|(property, _)| property == other).map_or("", |(_, name)| name),
        }
    }

    /// The property of that name. Whether a roadmap has a field of that key is not asked.
    pub fn named(name: &str) -> Option<Self> {
        if let Some((property, _)) = OTHERS.iter().find(|(_, other)| *other == name) {
            return Some(property.clone());
        }
        let own = Field::ALL.iter().copied().map(Property::Own).find(|own| own.as_str() == name);
        own.or_else(|| name.parse().ok().map(Property::Declared))
    }

    /// Those that a roadmap offers, in the order in which people are asked: fields that it does not use are not among them.
    pub fn all(roadmap: &Roadmap) -> Vec<Self> {
        let mut all = vec![
            Property::Key,
            Property::Own(Field::Title),
            Property::Lane,
            Property::Own(Field::Status),
            Property::Own(Field::Kind),
            Property::Own(Field::Investment),
            Property::Own(Field::Owner),
            Property::Own(Field::Effort),
            Property::Own(Field::Start),
            Property::Own(Field::End),
            Property::Quarter,
            Property::Own(Field::Tags),
            Property::Upvotes,
            Property::Comments,
            Property::Checklist,
            Property::Blocked,
            Property::Blocks,
            Property::Conflicts,
            Property::Score,
            Property::OverBudget,
            Property::Own(Field::SourceKey),
        ];
        if roadmap.is_joined() {
            // Lanes are each product's own.
            all.splice(2..3, [Property::Product, Property::ProductKind, Property::Stage]);
        }
        let plan = roadmap.fields();
        all.extend(plan.keys().into_iter().filter(|key| plan.is_used(key)).map(Property::Declared));
        all
    }

    /// What it is called and what it holds; `None` for a field that the roadmap has not.
    pub fn def(&self, roadmap: &Roadmap) -> Option<Cow<'static, FieldDef>> {
        let def = match self {
            Property::Declared(key) => return roadmap.fields().find(key),
            Property::Key => FieldDef::new("key", "Key", COUNT, &[]),
            Property::Upvotes => FieldDef::new("upvotes", "Upvotes", COUNT, &[]),
            Property::Comments => FieldDef::new("comments", "Comments", COUNT, &[]),
            Property::Checklist => FieldDef::new("checklist", "Checklist", SHARE, &[]),
            Property::Blocked => FieldDef::new("blocked", "Blocked by", COUNT, &[]),
            Property::Blocks => FieldDef::new("blocks", "Blocks", COUNT, &[]),
            Property::Conflicts => FieldDef::new("conflicts", "Conflicts", COUNT, &[]),
            // Hundredths, as money is.
            Property::Score => FieldDef::new("score", "Score", FieldKind::Money, &[]),
            Property::OverBudget => FieldDef::new("over_budget", "Over budget", FieldKind::Checkbox, &[]),
            Property::Quarter => FieldDef::new("quarter", "Quarter", FieldKind::Quarter, &[]),
            Property::Lane => FieldDef::new("lane", "Lane", FieldKind::Choice(lanes(roadmap)), &[]),
            Property::Own(field) => own(*field),
            of_product => return roadmap.def_of_product(of_product),
        };
        Some(Cow::Owned(def))
    }

    /// What an item has there.
    pub fn get(&self, roadmap: &Roadmap, item: &Item, year: FiscalYear) -> Option<Value> {
        let fields = &item.fields;
        let text = |text: &str| Value::Text(text.to_owned());
        let some = |count: u32| (count > 0).then(|| Value::Number(count.into()));
        match self {
            Property::Blocked => some(roadmap.linked(item.id).blocked),
            Property::Blocks => some(roadmap.linked(item.id).blocks),
            Property::Conflicts => some(roadmap.linked(item.id).early),
            Property::Score => roadmap.computed(item.id).score.map(Value::Number),
            Property::OverBudget => roadmap.computed(item.id).over_budget.then_some(Value::Yes),
            Property::Key => Some(Value::Number(item.number.into())),
            Property::Lane => Some(Value::Text(item.lane.to_string())),
            Property::Quarter => Some(Value::Text(item.quarter(year)?.to_string())),
            Property::Upvotes => Some(Value::Number(roadmap.vote_count(item.id).into())),
            Property::Comments => Some(Value::Number(i64::try_from(roadmap.comment_count(item.id)).ok()?)),
            Property::Checklist => {
                Checklist::of(&fields.description).map(|list| Value::Number(list.percent()))
            }
            Property::Product | Property::ProductKind | Property::Stage => {
                roadmap.value_of_product(self, item.lane)
            }
            Property::Declared(key) => fields.values.get(key).cloned(),
            Property::Own(field) => match field {
                Field::Title => Some(text(&fields.title)),
                Field::Description => (!fields.description.is_empty()).then(|| text(&fields.description)),
                Field::Kind => Some(text(fields.kind.as_str())),
                Field::Investment => fields.investment.map(|investment| text(investment.as_str())),
                Field::Effort => fields.effort.map(|effort| Value::Number(effort.tenths().into())),
                Field::Start => fields.start.map(|date| Value::Text(date.to_string())),
                Field::End => fields.end.map(|date| Value::Text(date.to_string())),
                Field::Owner => fields.owner.map(|owner| Value::Text(owner.to_string())),
                Field::Tags => (!fields.tags.is_empty()).then(|| {
                    // Built one by one: `collect` brings a sort into the program.
                    let mut tags = BTreeSet::new();
                    tags.extend(fields.tags.iter().map(ToString::to_string));
                    Value::Keys(tags)
                }),
                Field::Status => Some(text(fields.status.as_str())),
                Field::SourceKey => fields.source_key.as_ref().map(|key| text(key)),
            },
        }
    }

    /// A value as people read it. Of quarters only that in which an item ends follows the workspace's year.
    pub fn words(
        &self,
        def: &FieldDef,
        value: &Value,
        year: FiscalYear,
        person: &dyn Fn(UserId) -> String,
    ) -> String {
        match (self, value) {
            (Property::Quarter, Value::Text(quarter)) => {
                quarter.parse().map_or_else(|()| quarter.clone(), |quarter| year.label(quarter))
            }
            _ => def.told(value).words(person),
        }
    }

    /// Whether every item has one.
    pub fn is_required(&self) -> bool {
        matches!(
            self,
            Property::Key | Property::Lane | Property::Own(Field::Title | Field::Kind | Field::Status)
        ) || self.is_of_product()
    }

    /// Whether it is something of the item's product, which several roadmaps read as one have.
    pub fn is_of_product(&self) -> bool {
        matches!(self, Property::Product | Property::ProductKind | Property::Stage)
    }

    /// Whether people can set it here. Descriptions are edited together with others, in the item's panel.
    pub fn is_editable(&self) -> bool {
        let is_derived = matches!(
            self,
            Property::Key
                | Property::Upvotes
                | Property::Comments
                | Property::Checklist
                | Property::Blocked
                | Property::Blocks
                | Property::Conflicts
                | Property::Score
                | Property::OverBudget
                | Property::Own(Field::Description | Field::SourceKey)
        );
        !is_derived && !self.is_of_product()
    }

    /// What sets it, or empties it; nothing where it is so already. Tags have to be read by [`Tag`] before.
    ///
    /// # Errors
    /// A sentence that says why it cannot be that.
    pub fn set(
        &self,
        roadmap: &Roadmap,
        item: &Item,
        to: Option<Value>,
        year: FiscalYear,
    ) -> Result<Vec<Op>, String> {
        if self.get(roadmap, item, year) == to {
            return Ok(Vec::new());
        }
        let def = self.def(roadmap).ok_or("This roadmap has no such field any more.")?;
        if let Some(value) = &to {
            def.check(value)?;
        }
        let one = |change: ItemChange| Ok(vec![Op::set(item.id, change)]);
        let needed = || format!("An item needs a {}.", def.in_sentence());
        let fields = &item.fields;
        match (self, to) {
            (Property::Declared(key), to) => one(ItemChange::Value { field: key.clone(), to }),
            (Property::Lane, Some(Value::Text(lane))) => {
                let lane: LaneId = lane.parse().map_err(|_| needed())?;
                Ok(moved(roadmap, item, lane))
            }
            (Property::Quarter, Some(Value::Text(quarter))) => {
                let quarter = quarter.parse().map_err(|()| needed())?;
                let (start, end) = in_quarter(fields.start, fields.end, quarter, year)
                    .ok_or("That date is out of range.")?;
                one(ItemChange::Schedule { start, end })
            }
            (Property::Quarter, None) => one(ItemChange::Schedule { start: None, end: None }),
            (Property::Own(Field::Title), Some(Value::Text(title))) => {
                one(ItemChange::Title(Title::try_from(title).map_err(|error| error.to_string())?))
            }
            (Property::Own(Field::Kind), Some(Value::Text(kind))) => one(ItemChange::Kind(kind.parse()?)),
            (Property::Own(Field::Status), Some(Value::Text(status))) => {
                one(ItemChange::Status(status.parse()?))
            }
            (Property::Own(Field::Investment), to) => {
                let investment = to.map(|to| to.to_string().parse()).transpose()?;
                one(ItemChange::Investment(investment))
            }
            (Property::Own(Field::Effort), to) => {
                let effort = match to {
                    Some(Value::Number(tenths)) => {
                        u32::try_from(tenths).ok().and_then(PersonDays::from_tenths)
                    }
                    _ => None,
                };
                one(ItemChange::Effort(effort))
            }
            (Property::Own(field @ (Field::Start | Field::End)), to) => {
                let date: Option<Date> = to.and_then(|to| to.to_string().parse().ok());
                let (start, end) =
                    if *field == Field::Start { (date, fields.end) } else { (fields.start, date) };
                if start.zip(end).is_some_and(|(start, end)| end < start) {
                    return Err("The end is before the start.".to_owned());
                }
                one(ItemChange::Schedule { start, end })
            }
            (Property::Own(Field::Owner), to) => {
                one(ItemChange::Owner(to.and_then(|to| to.to_string().parse().ok())))
            }
            (Property::Own(Field::Tags), to) => {
                let tags: BTreeSet<Tag> = match to {
                    Some(Value::Keys(tags)) => {
                        let tags = tags.into_iter().map(Tag::try_from);
                        tags.collect::<Result<_, _>>().map_err(|error| error.to_string())?
                    }
                    _ => BTreeSet::new(),
                };
                let added = tags.difference(&fields.tags).cloned().map(ItemChange::AddTag);
                let removed = fields.tags.difference(&tags).cloned().map(ItemChange::RemoveTag);
                Ok(removed.chain(added).map(|change| Op::set(item.id, change)).collect())
            }
            (_, None) => Err(needed()),
            _ => Err(format!("The {} can't be changed here.", def.in_sentence())),
        }
    }
}

/// Puts an item at the end of a lane, with the status that the lane sets.
fn moved(roadmap: &Roadmap, item: &Item, lane: LaneId) -> Vec<Op> {
    let mut ops = vec![Op::MoveItems { ids: vec![item.id], lane, place: Place::<ItemId>::Last }];
    let sets = roadmap.lane(lane).and_then(|lane| lane.status);
    ops.extend(
        sets.filter(|status| *status != item.fields.status)
            .map(|status| Op::set(item.id, ItemChange::Status(status))),
    );
    ops
}

/// An item's days once it is in another quarter: as far into it as before, for as long; without days, the whole quarter.
fn in_quarter(
    start: Option<Date>,
    end: Option<Date>,
    quarter: Quarter,
    year: FiscalYear,
) -> Option<(Option<Date>, Option<Date>)> {
    let Some(decides) = end.or(start) else {
        return Some((Some(year.first_day(quarter)?), Some(year.last_day(quarter)?)));
    };
    let months = quarter.since(year.quarter(decides)) * 3;
    let later = |date: Option<Date>| match date {
        Some(date) => date.plus_months(months).map(Some),
        None => Some(None),
    };
    Some((later(start)?, later(end)?))
}

const COUNT: FieldKind = FieldKind::Number { min: 0, max: u32::MAX as i64, unit: Cow::Borrowed("") };

const SHARE: FieldKind = FieldKind::Number { min: 0, max: 100, unit: Cow::Borrowed("%") };

fn lanes(roadmap: &Roadmap) -> Cow<'static, [Choice]> {
    let lanes = roadmap.lane_order().iter().filter_map(|id| roadmap.lane(*id));
    let choice = |lane: &crate::Lane| Choice {
        key: Cow::Owned(lane.id.to_string()),
        label: Cow::Owned(lane.name.to_string()),
        colour: 0,
        retired: false,
    };
    Cow::Owned(lanes.map(choice).collect())
}

fn own(field: Field) -> FieldDef {
    fn choice<T: Copy>(all: &[T], names: fn(T) -> (&'static str, &'static str)) -> FieldKind {
        let choice = |one: &T| {
            let (key, label) = names(*one);
            Choice::new(key, label)
        };
        FieldKind::Choice(Cow::Owned(all.iter().map(choice).collect()))
    }
    match field {
        Field::Title => FieldDef::new("title", "Title", FieldKind::Line, &[]),
        Field::Description => FieldDef::new("description", "Description", FieldKind::Text, &[]),
        Field::Kind => {
            FieldDef::new("type", "Type", choice(ItemKind::ALL, |kind| (kind.as_str(), kind.label())), &[])
        }
        Field::Investment => {
            let kind = choice(Investment::ALL, |investment| (investment.as_str(), investment.label()));
            FieldDef::new("investment", "Investment", kind, &[])
        }
        Field::Effort => FieldDef::new("effort", "Effort", FieldKind::Days, &[]),
        Field::Start => FieldDef::new("start", "Start", FieldKind::Date, &[]),
        Field::End => FieldDef::new("end", "End", FieldKind::Date, &[]),
        Field::Owner => FieldDef::new("owner", "Owner", FieldKind::Person, &[]),
        Field::Tags => FieldDef::new("tags", "Tags", FieldKind::Tags, &[]),
        Field::Status => {
            let kind = choice(Status::ALL, |status| (status.as_str(), status.label()));
            FieldDef::new("status", "Status", kind, &[])
        }
        Field::SourceKey => FieldDef::new("source_key", "Import key", FieldKind::Line, &[]),
    }
}

impl FieldDef {
    /// How two values stand to each other: choices as they are offered, people by their names, texts as [`fold`](crate::fold())
    /// makes them. What is empty comes last.
    pub fn order(
        &self,
        a: Option<&Value>,
        b: Option<&Value>,
        fold: fn(&str) -> String,
        person: &dyn Fn(UserId) -> String,
    ) -> Ordering {
        let (a, b) = match (a, b) {
            (Some(a), Some(b)) => (a, b),
            (a, b) => return a.is_none().cmp(&b.is_none()),
        };
        let place = |value: &Value| match value {
            Value::Text(key) => self.kind.choices().iter().position(|choice| choice.key == *key),
            _ => None,
        };
        match (a, b) {
            (Value::Number(a), Value::Number(b)) => a.cmp(b),
            _ if matches!(self.kind, FieldKind::Choice(_)) => {
                let last = |value| place(value).unwrap_or(usize::MAX);
                last(a).cmp(&last(b))
            }
            _ if matches!(self.kind, FieldKind::Date | FieldKind::Quarter) => {
                a.to_string().cmp(&b.to_string())
            }
            _ if matches!(self.kind, FieldKind::Person | FieldKind::People) => {
                let names = |value: &Value| self.told(value).words(person);
                fold(&names(a)).cmp(&fold(&names(b)))
            }
            _ => fold(&self.words(a)).cmp(&fold(&self.words(b))),
        }
    }
}

#[cfg(test)]
mod tests;
