//! Several roadmaps read as one, such as those of a portfolio. Nothing is stored of it and nothing applied to it: a page makes it
//! from its copies of the roadmaps, and sends each change to the roadmap of its item.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use crate::{
    Choice, CommentId, FieldDef, FieldKind, FieldPlan, Item, ItemId, LaneId, Op, Product, ProductKind,
    Property, Roadmap, Stage, TextOf, Touched, Value,
};

/// Of which product each lane is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Origins {
    products: Vec<Product>,
    lanes: BTreeMap<LaneId, usize>,
    /// What can be asked of products, with what each has there, in their order.
    properties: Vec<(Property, FieldDef, Vec<Value>)>,
}

fn choice(key: &str, label: &str) -> Choice {
    Choice { key: Cow::Owned(key.to_owned()), label: Cow::Owned(label.to_owned()), colour: 0, retired: false }
}

/// A property that has one of these choices.
fn property(
    property: Property,
    label: &'static str,
    choices: Vec<Choice>,
    values: Vec<&str>,
) -> (Property, FieldDef, Vec<Value>) {
    let key = match property {
        Property::Product => "product",
        Property::ProductKind => "kind",
        _ => "stage",
    };
    let def = FieldDef::new(key, label, FieldKind::Choice(Cow::Owned(choices)), &[]);
    (property, def, values.into_iter().map(|value| Value::Text(value.to_owned())).collect())
}

impl Origins {
    /// What products are called, and what they are.
    fn properties(products: &[Product]) -> Vec<(Property, FieldDef, Vec<Value>)> {
        let names = products.iter().map(|product| choice(&product.key, &product.name)).collect();
        let kinds = ProductKind::ALL.iter().map(|kind| choice(kind.as_str(), kind.label())).collect();
        let stages = Stage::ALL.iter().map(|stage| choice(stage.as_str(), stage.label())).collect();
        let each = |value: fn(&Product) -> &str| products.iter().map(value).collect::<Vec<_>>();
        vec![
            property(Property::Product, "Product", names, each(|product| &product.key)),
            property(Property::ProductKind, "Product kind", kinds, each(|product| product.kind.as_str())),
            property(Property::Stage, "Stage", stages, each(|product| product.stage.as_str())),
        ]
    }
}

impl Roadmap {
    /// Roadmaps of products as one, product by product in this order.
    pub fn joined(parts: &[(&Product, &Roadmap)]) -> Roadmap {
        let mut joined = Roadmap::default();
        for (_, part) in parts {
            joined.lanes.extend(part.lanes.iter().map(|(id, lane)| (*id, lane.clone())));
            // What went to another product is there, or was left out with it.
            let here = part.items.iter().filter(|(_, item)| item.moved.is_none());
            joined.items.extend(here.map(|(id, item)| (*id, item.clone())));
            let is_here = |id: &ItemId| part.items.get(id).is_some_and(|item| item.moved.is_none());
            let comments = part.comments.iter().filter(|(_, comment)| is_here(&comment.item));
            joined.comments.extend(comments.map(|(id, comment)| (*id, comment.clone())));
            let more = part.more_comments.iter().filter(|(id, _)| is_here(id));
            joined.more_comments.extend(more.map(|(id, count)| (*id, *count)));
            joined.votes.extend(part.votes.iter().map(|(id, votes)| (*id, votes.clone())));
            joined.order.extend(part.order.iter().map(|(id, items)| (*id, items.clone())));
            let threads = part.threads.iter().filter(|(id, _)| is_here(id));
            joined.threads.extend(threads.map(|(id, thread)| (*id, thread.clone())));
        }
        joined.rejoin(parts);
        joined
    }

    /// Takes over what is about all items of the parts: the order of lanes, the fields, and whose each lane is.
    pub(crate) fn rejoin(&mut self, parts: &[(&Product, &Roadmap)]) {
        let mut origins = Origins::default();
        self.lane_order.clear();
        for (index, (product, part)) in parts.iter().enumerate() {
            origins.products.push((*product).clone());
            origins.lanes.extend(part.lanes.keys().map(|lane| (*lane, index)));
            self.lane_order.extend(&part.lane_order);
        }
        origins.properties = Origins::properties(&origins.products);
        let plans: Vec<&FieldPlan> = parts.iter().map(|(_, part)| part.fields()).collect();
        self.fields = Arc::new(FieldPlan::joined(&plans));
        self.origins = Some(Arc::new(origins));
    }

    /// Takes over what changed in one of the parts, apart from what [`rejoin`](Self::rejoin) does.
    pub(crate) fn take_in(&mut self, part: &Roadmap, touched: &Touched) {
        let mut touched = Touched { lane_order: false, fields: false, ..touched.clone() };
        // What went to another product belongs to that part, which may have told of it before.
        let went = |id: &ItemId| part.items.get(id).is_some_and(|item| item.moved.is_some());
        let gone: Vec<ItemId> = touched.items.iter().copied().filter(|id| went(id)).collect();
        for id in gone {
            let is_of_part = self.items.get(&id).is_some_and(|item| part.lanes.contains_key(&item.lane));
            if is_of_part {
                self.items.remove(&id);
                self.votes.remove(&id);
                self.more_comments.remove(&id);
                for comment in self.threads.remove(&id).unwrap_or_default() {
                    self.comments.remove(&comment);
                }
            }
            touched.items.remove(&id);
            touched.threads.remove(&id);
            touched.votes.retain(|(item, _)| *item != id);
            touched.comments.retain(|comment| part.comments.get(comment).is_none_or(|one| one.item != id));
        }
        // What comes from another part is in one place at a time, whichever of the two tells of it first.
        for id in &touched.items {
            let left = self.items.get(id).map(|item| item.lane).filter(|lane| !part.lanes.contains_key(lane));
            if let Some(order) = left.and_then(|lane| self.order.get_mut(&lane)) {
                order.retain(|other| other != id);
            }
        }
        self.take_over(part, &touched);
        // Numbers are each product's own.
        self.last_number = 0;
    }

    /// An operation as those of the parts that it is about, by their places among [`products`](Self::products). What names none of
    /// them is for the first, which refuses it.
    pub fn parts_of(&self, op: &Op) -> Vec<(usize, Op)> {
        let of_item = |id: &ItemId| self.item(*id).and_then(|item| self.place_of(item.lane)).unwrap_or(0);
        let of_comment = |id: &CommentId| self.comment(*id).map_or(0, |comment| of_item(&comment.item));
        let of_lane = |id: &LaneId| self.place_of(*id).unwrap_or(0);
        let each = |ids: &[ItemId], make: &dyn Fn(Vec<ItemId>) -> Op| {
            let mut by: BTreeMap<usize, Vec<ItemId>> = BTreeMap::new();
            for id in ids {
                by.entry(of_item(id)).or_default().push(*id);
            }
            by.into_iter().map(|(place, ids)| (place, make(ids))).collect()
        };
        let place = match op {
            Op::Batch { ops, reason } => {
                let mut by: BTreeMap<usize, Vec<Op>> = BTreeMap::new();
                for op in ops {
                    for (place, op) in self.parts_of(op) {
                        by.entry(place).or_default().push(op);
                    }
                }
                let batch = |ops| Op::Batch { ops, reason: reason.clone() };
                return by.into_iter().map(|(place, ops)| (place, batch(ops))).collect();
            }
            Op::DeleteItems { ids } => return each(ids, &|ids| Op::DeleteItems { ids }),
            Op::RestoreItems { ids, .. } => return each(ids, &Op::restore),
            Op::SetItem { id, .. } | Op::SendItem { id, .. } => of_item(id),
            Op::Upvote { item } | Op::WithdrawUpvote { item } | Op::AddComment { item, .. } => of_item(item),
            Op::EditComment { id, .. }
            | Op::DeleteComment { id }
            | Op::RestoreComment { id }
            | Op::SetComment { id, .. } => of_comment(id),
            Op::EditText { text: TextOf::Description(item), .. } => of_item(item),
            Op::EditText { text: TextOf::Comment(id), .. } => of_comment(id),
            Op::CreateItem { lane, .. } | Op::MoveItems { lane, .. } | Op::ReceiveItem { lane, .. } => {
                of_lane(lane)
            }
            Op::RenameLane { id, .. }
            | Op::SetLaneStatus { id, .. }
            | Op::SetLaneLimit { id, .. }
            | Op::MoveLane { id, .. }
            | Op::DeleteLane { id, .. }
            | Op::RestoreLane { id, .. } => of_lane(id),
            Op::CreateLane { .. }
            | Op::CreateField { .. }
            | Op::SetField { .. }
            | Op::ReceiveComments { .. } => 0,
        };
        vec![(place, op.clone())]
    }

    fn place_of(&self, lane: LaneId) -> Option<usize> {
        self.origins.as_ref()?.lanes.get(&lane).copied()
    }

    /// What is asked of products, where several roadmaps are read as one.
    pub(crate) fn def_of_product(&self, property: &Property) -> Option<Cow<'static, FieldDef>> {
        let properties = &self.origins.as_ref()?.properties;
        properties.iter().find(|(other, ..)| other == property).map(|(_, def, _)| Cow::Owned(def.clone()))
    }

    /// What the product of a lane has there.
    pub(crate) fn value_of_product(&self, property: &Property, lane: LaneId) -> Option<Value> {
        let origins = self.origins.as_ref()?;
        let (_, _, values) = origins.properties.iter().find(|(other, ..)| other == property)?;
        values.get(*origins.lanes.get(&lane)?).cloned()
    }

    /// Whether it is several roadmaps read as one.
    pub fn is_joined(&self) -> bool {
        self.origins.is_some()
    }

    /// The products whose roadmaps are read as one; none otherwise.
    pub fn products(&self) -> &[Product] {
        self.origins.as_ref().map_or(&[], |origins| &origins.products)
    }

    /// The product of an item, where several roadmaps are read as one.
    pub fn product_of(&self, item: &Item) -> Option<&Product> {
        self.products().get(self.place_of(item.lane)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        FiscalYear, ItemChange, Op, Property, Status,
        fixture::{self, done, item, roadmap, set},
    };

    fn product(key: &str) -> Product {
        Product { key: key.parse().unwrap(), ..fixture::product() }
    }

    /// The same roadmap as another product's, with ids of its own.
    fn other() -> Roadmap {
        let mut other = Roadmap::default();
        let lane = LaneId::new(9, [9; 10]);
        let name = crate::LaneName::parse("Now").unwrap();
        done(&mut other, &Op::CreateLane { id: lane, name, place: crate::Place::Last }, 1);
        let fields = Box::new(crate::ItemFields::titled(fixture::title("Theirs")));
        let create = Op::CreateItem { id: item(90), lane, place: crate::Place::Last, fields };
        done(&mut other, &create, 1);
        other
    }

    #[test]
    fn items_stand_product_by_product_and_know_theirs() {
        let (mine, theirs) = (roadmap(), other());
        let (erp, crm) = (product("ERP"), product("CRM"));
        let joined = Roadmap::joined(&[(&crm, &theirs), (&erp, &mine)]);
        let own: Vec<_> = mine.board_order().collect();
        let all: Vec<_> = joined.board_order().collect();
        assert_eq!(all.first(), Some(&item(90)));
        assert_eq!(all[1..], own);
        let key = |id| joined.product_of(joined.item(id).unwrap()).unwrap().key.to_string();
        assert_eq!((key(item(90)), key(item(1))), ("CRM".to_owned(), "ERP".to_owned()));
        assert!(mine.product_of(mine.item(item(1)).unwrap()).is_none());
    }

    #[test]
    fn products_are_groups_of_those_that_are_there() {
        let (mine, theirs) = (roadmap(), other());
        let (erp, crm) = (product("ERP"), product("CRM"));
        let joined = Roadmap::joined(&[(&erp, &mine), (&crm, &theirs)]);
        let groups = |items: &[crate::ItemId]| {
            let groups =
                Property::Product.groups_of(&joined, items, FiscalYear::default(), &|_| String::new());
            groups.into_iter().filter_map(|group| group.key).collect::<Vec<_>>()
        };
        assert_eq!(groups(&[item(90), item(1)]), ["ERP", "CRM"]);
        assert_eq!(groups(&[item(90)]), ["CRM"]);
        assert!(!Property::Product.is_editable());
        let all = Property::all(&joined);
        assert!(all.contains(&Property::Product) && !all.contains(&Property::Lane));
        assert!(!Property::all(&mine).contains(&Property::Product));
        assert!(Property::Product.def(&mine).is_none(), "one roadmap has no products to tell apart");
    }

    #[test]
    fn what_changes_in_a_part_changes_in_the_whole() {
        let (mut mine, theirs) = (roadmap(), other());
        let (erp, crm) = (product("ERP"), product("CRM"));
        let mut joined = Roadmap::joined(&[(&erp, &mine), (&crm, &theirs)]);
        let context = crate::Context { actor: fixture::person(1), at: crate::Timestamp(9) };
        let change = set(1, ItemChange::Status(Status::Done));
        let effects = crate::apply(&mut mine, &change, &context).unwrap();
        joined.take_in(&mine, &effects.touched);
        assert_eq!(joined.item(item(1)).unwrap().fields.status, Status::Done);
        assert_eq!(joined, Roadmap::joined(&[(&erp, &mine), (&crm, &theirs)]));
    }

    #[test]
    fn an_operation_goes_to_the_roadmaps_of_its_items() {
        let (mine, theirs) = (roadmap(), other());
        let (erp, crm) = (product("ERP"), product("CRM"));
        let joined = Roadmap::joined(&[(&erp, &mine), (&crm, &theirs)]);
        let done = |number| set(number, ItemChange::Status(Status::Done));
        assert_eq!(joined.parts_of(&done(90)), [(1, done(90))]);
        let all = Op::batch(vec![done(1), done(90), Op::DeleteItems { ids: vec![item(2), item(90)] }]);
        let delete = |number| Op::DeleteItems { ids: vec![item(number)] };
        let (first, second) = (Op::batch(vec![done(1), delete(2)]), Op::batch(vec![done(90), delete(90)]));
        assert_eq!(joined.parts_of(&all), [(0, first), (1, second)]);
    }

    #[test]
    fn an_item_that_moves_between_parts_is_in_one_place_whichever_tells_first() {
        let (erp, crm) = (product("ERP"), product("CRM"));
        for is_arrival_first in [true, false] {
            let (mut mine, mut theirs) = (roadmap(), other());
            let mut joined = Roadmap::joined(&[(&erp, &mine), (&crm, &theirs)]);
            let moved = mine.item(item(1)).unwrap().clone();
            let receive = Op::ReceiveItem {
                id: item(1),
                lane: LaneId::new(9, [9; 10]),
                place: crate::Place::First,
                fields: Box::new(moved.fields.clone()),
                firsts: BTreeMap::new(),
                created: moved.created,
                from: "ERP-1".parse().unwrap(),
            };
            let sent = done(&mut mine, &Op::SendItem { id: item(1), to: "CRM-2".parse().unwrap() }, 1);
            let received = done(&mut theirs, &receive, 1);
            let places = |joined: &Roadmap| joined.board_order().filter(|id| *id == item(1)).count();
            if is_arrival_first {
                joined.take_in(&theirs, &received.touched);
                assert_eq!(places(&joined), 1, "never twice");
                joined.take_in(&mine, &sent.touched);
            } else {
                joined.take_in(&mine, &sent.touched);
                assert_eq!(places(&joined), 0);
                joined.take_in(&theirs, &received.touched);
            }
            let whole = Roadmap::joined(&[(&erp, &mine), (&crm, &theirs)]);
            let ids = |joined: &Roadmap| joined.board_order().collect::<Vec<_>>();
            assert_eq!(ids(&joined), ids(&whole));
            assert_eq!(joined.items, whole.items);
        }
    }
}
