//! Key figures of a product: what is measured, in which unit, and where it shall be. Business owner and IT owner agree on one;
//! until both have, it is proposed.

use std::borrow::Cow;

use crate::{Choice, FieldDef, FieldKind, Figure, Record, RecordChange, RecordDef, Role, Scope, UserId};

/// The most key figures of a product.
pub const MOST_KPIS: usize = 40;

const FAMILIES: &[Choice] = &[
    Choice::new("adoption", "Adoption"),
    Choice::new("feature_use", "Feature use"),
    Choice::new("retention", "Retention"),
    Choice::new("quality", "Quality"),
    Choice::new("satisfaction", "Satisfaction"),
    Choice::new("efficiency", "Efficiency"),
    Choice::new("delivery", "Delivery"),
];

const DIRECTIONS: &[Choice] =
    &[Choice::new("up", "Higher is better"), Choice::new("down", "Lower is better")];

/// A key figure.
pub static KPI: RecordDef = RecordDef {
    kind: "kpi",
    one: "key figure",
    many: "Key figures",
    purpose: "What a product is measured by.",
    scope: Scope::Product { reads, may },
    writes: Role::Editor,
    fields: &[
        FieldDef::new("name", "Name", FieldKind::Line, &[]),
        FieldDef::new("definition", "Definition", FieldKind::Text, &[]),
        FieldDef::new("family", "Family", FieldKind::Choice(Cow::Borrowed(FAMILIES)), &[]),
        FieldDef::new("unit", "Unit", FieldKind::Line, &[]),
        FieldDef::new("direction", "Direction", FieldKind::Choice(Cow::Borrowed(DIRECTIONS)), &[]),
        FieldDef::new("target", "Target", FieldKind::Line, &[]),
        FieldDef::new("agreed_business", "Agreed by the business owner", FieldKind::Person, &[]),
        FieldDef::new("agreed_it", "Agreed by the IT owner", FieldKind::Person, &[]),
        FieldDef::new("published", "Published", FieldKind::Checkbox, &[]),
    ],
    check,
};

/// What an agreement is about: a change of one of these withdraws it.
const AGREED_ON: [&str; 4] = ["definition", "unit", "direction", "target"];

crate::choices! {
    /// A side of a product that owns it, and agrees on its key figures.
    OwnerSide {
        Business = "business", "Business owner";
        It = "it", "IT owner";
    }
}

impl OwnerSide {
    /// Its label in the middle of a sentence.
    pub fn in_sentence(self) -> &'static str {
        match self {
            Self::Business => "business owner",
            Self::It => "IT owner",
        }
    }

    /// The field of a key figure that holds this side's agreement.
    pub fn field(self) -> &'static str {
        match self {
            Self::Business => "agreed_business",
            Self::It => "agreed_it",
        }
    }
}

/// A figure among the values of a record.
pub fn figure_of(record: &Record, key: &str) -> Option<Figure> {
    record.text(key)?.parse().ok()
}

/// The unit of a key figure or a key result; may be empty.
pub fn unit_of(record: &Record) -> &str {
    record.text("unit").unwrap_or_default()
}

/// Whether a smaller value is the better one.
pub fn is_lower_better(kpi: &Record) -> bool {
    kpi.text("direction") == Some("down")
}

/// Whether a value is where the key figure should be; `None` without a target.
pub fn is_on_target(kpi: &Record, value: Figure) -> Option<bool> {
    let target = figure_of(kpi, "target")?;
    Some(if is_lower_better(kpi) { value <= target } else { value >= target })
}

/// Families that say how much something is used.
const USE: [&str; 2] = ["adoption", "feature_use"];

crate::choices! {
    /// What can be decided about something that is used less and less.
    UseDecision {
        Improve = "improve", "Improve";
        Retire = "retire", "Retire";
    }
}

/// Whether a key figure says that something is used less and less: it is of a family of use, higher is better, and each of the last
/// three values is lower than the one before it. `values` are by day, the latest last.
pub fn is_falling_use(kpi: &Record, values: &[Figure]) -> bool {
    let is_use = kpi.text("family").is_some_and(|family| USE.contains(&family));
    let falls =
        values.last_chunk::<3>().is_some_and(|[first, second, third]| first > second && second > third);
    is_use && !is_lower_better(kpi) && falls
}

/// The member who agreed for a side.
pub fn agreed_by(kpi: &Record, side: OwnerSide) -> Option<UserId> {
    kpi.text(side.field())?.parse().ok()
}

/// Whether both sides agreed. Until then the key figure is proposed.
pub fn is_agreed(kpi: &Record) -> bool {
    OwnerSide::ALL.iter().all(|side| agreed_by(kpi, *side).is_some())
}

/// Whether it may be shown outside: it is to be, and both sides agreed.
pub fn is_published(kpi: &Record) -> bool {
    kpi.values.contains_key("published") && is_agreed(kpi)
}

/// A fingerprint of the agreed terms (FNV-1a), by which an agreement says what its owner read.
pub fn terms(kpi: &Record) -> String {
    let mut sign: u64 = 0xcbf2_9ce4_8422_2325;
    for key in AGREED_ON {
        for byte in kpi.text(key).unwrap_or_default().bytes().chain([0]) {
            sign = (sign ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    format!("{sign:016x}")
}

/// Adds to changes of a key figure that they withdraw what was agreed on.
///
/// # Errors
/// A sentence where they would agree for somebody: the two owners do that themselves.
pub fn withdraw(kpi: &Record, changes: &mut Vec<RecordChange>) -> Result<(), String> {
    let agrees = |change: &RecordChange| {
        change.to.is_some() && OwnerSide::ALL.iter().any(|side| *change.field == *side.field())
    };
    if changes.iter().any(agrees) {
        return Err("Only the business owner and the IT owner agree on a key figure.".to_owned());
    }
    if !changes.iter().any(|change| AGREED_ON.contains(&&*change.field)) {
        return Ok(());
    }
    for side in OwnerSide::ALL {
        let Some(was) = kpi.values.get(side.field()) else { continue };
        if changes.iter().any(|change| *change.field == *side.field()) {
            continue;
        }
        let Ok(field) = side.field().parse() else { continue };
        changes.push(RecordChange { field, was: Some(was.clone()), to: None });
    }
    Ok(())
}

fn reads(_: &Record, _: UserId) -> bool {
    true
}

fn may(_: &Record, _: UserId, role: Role) -> bool {
    role.can_edit()
}

fn check(kpi: &Record, others: &[Record]) -> Result<(), String> {
    KPI.has_its_own_name(kpi, others)?;
    if others.iter().filter(|other| other.id != kpi.id).count() >= MOST_KPIS {
        return Err(format!("There are {MOST_KPIS} key figures. Remove one that nobody needs."));
    }
    if let Some(target) = kpi.text("target") {
        let figure = target.parse().or_else(|_| Figure::read(target, unit_of(kpi)))?;
        if figure.to_string() != target {
            return Err(format!("Write the target as {figure}."));
        }
    }
    let is_agreed_on = OwnerSide::ALL.iter().any(|side| agreed_by(kpi, *side).is_some());
    if is_agreed_on && (kpi.text("definition").is_none() || figure_of(kpi, "target").is_none()) {
        return Err("Write a definition and a target before anybody agrees.".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{RecordId, Stamp, Timestamp, Value, Values};

    fn kpi(number: u8, values: &[(&str, &str)]) -> Record {
        let stamp = Stamp { by: UserId::NIL, at: Timestamp(1) };
        let mut all: Values = values
            .iter()
            .map(|(key, text)| (key.parse().unwrap(), Value::Text((*text).to_owned())))
            .collect();
        all.entry("name".parse().unwrap()).or_insert_with(|| Value::Text(format!("Figure {number}")));
        let id = RecordId::new(1, [number; 10]);
        Record { id, product: None, version: 1, values: all, created: stamp, changed: stamp, deleted: None }
    }

    fn change(field: &str, to: Option<&str>) -> RecordChange {
        let to = to.map(|text| Value::Text(text.to_owned()));
        RecordChange { field: field.parse().unwrap(), was: None, to }
    }

    fn agreed() -> Record {
        let [ada, ben] = [1, 2].map(|n| UserId::new(n, [7; 10]).to_string());
        kpi(
            1,
            &[
                ("definition", "People who signed in"),
                ("target", "80"),
                ("agreed_business", &ada),
                ("agreed_it", &ben),
            ],
        )
    }

    #[test]
    fn a_key_figure_is_proposed_until_both_owners_agreed() {
        let mut kpi = agreed();
        assert!(is_agreed(&kpi) && !is_published(&kpi));
        kpi.values.insert("published".parse().unwrap(), Value::Yes);
        assert!(is_published(&kpi));
        kpi.values.remove("agreed_it");
        assert!(!is_agreed(&kpi) && !is_published(&kpi));
        assert_eq!(KPI.check(&kpi, &[]), Ok(()));
        kpi.values.remove("target");
        assert!(KPI.check(&kpi, &[]).unwrap_err().contains("a target before"));
    }

    #[test]
    fn what_was_agreed_on_changes_and_the_agreement_is_withdrawn() {
        for field in ["definition", "unit", "direction", "target"] {
            let mut changes = vec![change(field, Some("down"))];
            withdraw(&agreed(), &mut changes).unwrap();
            let withdrawn: Vec<&str> = changes[1..].iter().map(|change| &*change.field).collect();
            assert_eq!(withdrawn, ["agreed_business", "agreed_it"], "{field}");
            assert!(changes[1..].iter().all(|change| change.to.is_none() && change.was.is_some()));
        }
        for field in ["name", "family", "published"] {
            let mut changes = vec![change(field, Some("x"))];
            withdraw(&agreed(), &mut changes).unwrap();
            assert_eq!(changes.len(), 1, "{field}");
        }
        let mut forged = vec![change("agreed_it", Some(&UserId::NIL.to_string()))];
        assert!(withdraw(&agreed(), &mut forged).is_err());
    }

    #[test]
    fn terms_differ_where_what_is_agreed_on_does() {
        let mut kpi = agreed();
        let before = terms(&kpi);
        kpi.values.insert("name".parse().unwrap(), Value::Text("Others".to_owned()));
        kpi.values.remove("agreed_it");
        assert_eq!(terms(&kpi), before);
        kpi.values.insert("target".parse().unwrap(), Value::Text("90".to_owned()));
        assert_ne!(terms(&kpi), before);
    }

    /// By hand: 9, 8, 7 falls at each of the last three; 9, 8, 8 stands still at the last, and 7, 8, 7 rose before. Two are too few. What
    /// came before the last three is not asked.
    #[test]
    fn use_falls_when_each_of_the_last_three_values_is_lower() {
        let figures = |values: &[i64]| {
            values.iter().map(|value| Figure::from_parts(value * 10_000).unwrap()).collect::<Vec<_>>()
        };
        let of = |family: &str, direction: &str| kpi(1, &[("family", family), ("direction", direction)]);
        let feature = of("feature_use", "up");
        assert!(is_falling_use(&feature, &figures(&[9, 8, 7])));
        assert!(is_falling_use(&feature, &figures(&[1, 2, 9, 8, 7])));
        for other in [&[9, 8, 8][..], &[7, 8, 7], &[9, 8], &[], &[7, 8, 9]] {
            assert!(!is_falling_use(&feature, &figures(other)), "{other:?}");
        }
        assert!(is_falling_use(&of("adoption", "up"), &figures(&[9, 8, 7])));
        assert!(!is_falling_use(&of("adoption", "down"), &figures(&[9, 8, 7])), "less of it is the goal");
        assert!(!is_falling_use(&of("quality", "up"), &figures(&[9, 8, 7])));
        assert!(!is_falling_use(&kpi(1, &[]), &figures(&[9, 8, 7])));
        let all = UseDecision::ALL.iter().map(|decision| decision.label()).collect::<Vec<_>>();
        assert_eq!(all, ["Improve", "Retire"]);
    }

    #[test]
    fn targets_are_figures_and_values_are_on_target_by_the_direction() {
        assert!(KPI.check(&kpi(1, &[("target", "a lot")]), &[]).unwrap_err().contains("isn’t a number"));
        assert!(KPI.check(&kpi(1, &[("target", "99,5")]), &[]).unwrap_err().contains("as 99.5"));
        let figure = |text: &str| Figure::read(text, "").unwrap();
        let (up, down) = (kpi(1, &[("target", "80")]), kpi(2, &[("target", "4"), ("direction", "down")]));
        assert_eq!([79, 80].map(|n| is_on_target(&up, figure(&n.to_string()))), [Some(false), Some(true)]);
        assert_eq!([4, 5].map(|n| is_on_target(&down, figure(&n.to_string()))), [Some(true), Some(false)]);
        assert_eq!(is_on_target(&kpi(3, &[]), figure("1")), None);
        let many: Vec<Record> = (2..=41).map(|number| kpi(number, &[])).collect();
        assert!(KPI.check(&kpi(1, &[]), &many).unwrap_err().contains("40 key figures"));
    }
}
