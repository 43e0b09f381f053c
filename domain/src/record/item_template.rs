//! Templates of items: what a new item of a product begins with, under a name.

use crate::{FieldDef, FieldKind, ItemFields, Record, RecordDef, Role, Scope, UserId, Value};

/// The most templates of a product.
const MOST: usize = 100;

/// What a new item of a product begins with.
pub static ITEM_TEMPLATE: RecordDef = RecordDef {
    kind: "item_template",
    one: "item template",
    many: "Item templates",
    purpose: "What new items begin with.",
    scope: Scope::Product { reads, may },
    writes: Role::Editor,
    fields: &[
        FieldDef::new("name", "Name", FieldKind::Line, &[]),
        FieldDef::new("content", "Content", FieldKind::Text, &[]),
    ],
    check,
};

/// What an item made of it has; `None` where that cannot be read.
pub fn fields(template: &Record) -> Option<ItemFields> {
    match template.values.get("content") {
        Some(Value::Text(text)) => serde_json::from_str(text).ok(),
        _ => None,
    }
}

/// What a template keeps of an item: nothing that is of that item alone.
pub fn kept(item: &ItemFields) -> ItemFields {
    ItemFields { start: None, end: None, owner: None, source_key: None, ..item.clone() }
}

fn reads(_: &Record, _: UserId) -> bool {
    true
}

fn may(_: &Record, _: UserId, role: Role) -> bool {
    role.can_edit()
}

fn check(template: &Record, others: &[Record]) -> Result<(), String> {
    ITEM_TEMPLATE.has_its_own_name(template, others)?;
    if others.iter().filter(|other| other.id != template.id).count() >= MOST {
        return Err(format!("There are {MOST} item templates. Remove one that nobody needs."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Date, RecordId, Stamp, Timestamp};

    #[test]
    fn a_template_keeps_what_is_not_of_one_item_alone() {
        let mut item = ItemFields::titled("Release {month}".parse().unwrap());
        item.description = "- [ ] Notes\n- [ ] Mail".parse().unwrap();
        item.end = "2026-11-30".parse::<Date>().ok();
        item.owner = Some(UserId::NIL);
        let text = serde_json::to_string(&kept(&item)).unwrap();
        let stamp = Stamp { by: UserId::NIL, at: Timestamp(1) };
        let values = [("name", "Release"), ("content", &text)];
        let values = values.map(|(key, text)| (key.parse().unwrap(), Value::Text(text.to_owned()))).into();
        let id = RecordId::new(1, [1; 10]);
        let record =
            Record { id, product: None, version: 1, values, created: stamp, changed: stamp, deleted: None };
        assert_eq!(ITEM_TEMPLATE.check(&record, &[]), Ok(()));
        let back = fields(&record).unwrap();
        assert_eq!((back.title, back.description), (item.title, item.description));
        assert_eq!((back.end, back.owner), (None, None));
        let mut odd = record;
        odd.values.insert("content".parse().unwrap(), Value::Text("{".to_owned()));
        assert_eq!(fields(&odd), None, "it is not offered");
    }
}
