//! Dependencies between items as records.

use std::borrow::Cow;

use crate::{
    Choice, FieldDef, FieldKind, Record, RecordDef, Role, Scope, Value, Values,
    dependency::{Dependency, ItemRef, MAX_DAYS_BETWEEN},
    record::Links,
};

const KINDS: &[Choice] =
    &[Choice::new("blocks", "Blocks"), Choice::new("needs", "Needs"), Choice::new("relates", "Relates to")];

const MOST_DAYS: i64 = MAX_DAYS_BETWEEN as i64;

/// That an item depends on another. It is kept with the product of the item that was said first.
pub static DEPENDENCY: RecordDef = RecordDef {
    kind: "dependency",
    one: "dependency",
    many: "Dependencies",
    purpose: "Which items wait for which others.",
    scope: Scope::Items { links },
    writes: Role::Editor,
    fields: &[
        // `ERP-12 blocks CRM-4`, for those who read the audit log.
        FieldDef::new("name", "Name", FieldKind::Line, &[]),
        FieldDef::new("from", "From", FieldKind::Line, &[]),
        FieldDef::new("kind", "Kind", FieldKind::Choice(Cow::Borrowed(KINDS)), &[]),
        FieldDef::new("to", "To", FieldKind::Line, &[]),
        FieldDef::new(
            "lag",
            "Days between",
            FieldKind::Number { min: -MOST_DAYS, max: MOST_DAYS, unit: Cow::Borrowed("days") },
            &[],
        ),
        FieldDef::new("note", "Note", FieldKind::Line, &[]),
    ],
    check,
};

fn links(record: &Record) -> Option<Links> {
    let end = |key: &'static str| Some((key, record.text(key)?.parse().ok()?));
    Some([end("from")?, end("to")?])
}

/// What a record says; `None` where it is none of this kind.
pub fn of(record: &Record) -> Option<Dependency> {
    let [(_, from), (_, to)] = links(record)?;
    let lag = match record.values.get("lag") {
        Some(Value::Number(days)) => i32::try_from(*days).ok()?,
        _ => 0,
    };
    let note = record.text("note").unwrap_or_default().to_owned();
    Some(Dependency { id: record.id, from, kind: record.text("kind")?.parse().ok()?, to, lag, note })
}

/// What a record of this kind holds, by its fields. `key` is what an item is called.
pub fn values(dependency: &Dependency, key: impl Fn(ItemRef) -> String) -> Values {
    let Dependency { from, kind, to, lag, note, .. } = dependency;
    let name = format!("{} {} {}", key(*from), kind.label().to_lowercase(), key(*to));
    let mut values = vec![
        ("name", Value::Text(name)),
        ("from", Value::Text(from.to_string())),
        ("kind", Value::Text(kind.as_str().to_owned())),
        ("to", Value::Text(to.to_string())),
    ];
    values.extend((*lag != 0).then(|| ("lag", Value::Number(i64::from(*lag)))));
    values.extend((!note.is_empty()).then(|| ("note", Value::Text(note.clone()))));
    let named = |(key, value): (&str, Value)| (key.parse().expect("a test checks the keys"), value);
    values.into_iter().map(named).collect()
}

/// What it is among others, [`linkable`](crate::dependency::linkable) says: the service asks it, which knows the keys of items.
fn check(record: &Record, _: &[Record]) -> Result<(), String> {
    of(record).map(drop).ok_or_else(|| "Name both items, and how one depends on the other.".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ItemId, RecordId, RoadmapId, Stamp, Timestamp, UserId, dependency::DependencyKind};

    #[test]
    fn a_dependency_is_kept_as_a_record_and_read_back() {
        let end = |n: u8| ItemRef { roadmap: RoadmapId::new(1, [n; 10]), item: ItemId::new(2, [n; 10]) };
        let id = RecordId::new(1, [9; 10]);
        let note = "needs the interface".to_owned();
        let new = Dependency { id, from: end(1), kind: DependencyKind::Needs, to: end(2), lag: -3, note };
        let values = values(&new, |item| if item == end(1) { "ERP-1" } else { "CRM-2" }.to_owned());
        let stamp = Stamp { by: UserId::NIL, at: Timestamp(1) };
        let record =
            Record { id, product: None, version: 1, values, created: stamp, changed: stamp, deleted: None };
        assert_eq!(of(&record), Some(new));
        assert_eq!(DEPENDENCY.name_of(&record), "ERP-1 needs CRM-2");
        assert_eq!(DEPENDENCY.check(&record, std::slice::from_ref(&record)), Ok(()), "it is the same");
        let mut broken = record;
        broken.values.remove("to");
        assert!(DEPENDENCY.check(&broken, &[]).unwrap_err().contains("both items"));
        assert_eq!("ERP-1".parse::<ItemRef>(), Err(()));
        let kinds = DependencyKind::ALL.iter().map(|kind| (kind.as_str(), kind.label()));
        assert!(KINDS.iter().map(|kind| (&*kind.key, &*kind.label)).eq(kinds));
    }
}
