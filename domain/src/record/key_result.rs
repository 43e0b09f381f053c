//! Key results: by what an objective is seen to be reached. One is measured by a key figure of a product, or by a value of its own.

use std::borrow::Cow;

use super::kpi::figure_of;
use crate::{FieldDef, FieldKind, Figure, Record, RecordDef, RecordId, Role, Scope, UserId};

/// The most key results of an objective.
pub const MOST_KEY_RESULTS: usize = 10;

/// A key result. One that a key figure measures belongs to the product of that, and exists for those alone for whom the product does:
/// its start and target are values of the key figure. Others belong to the portfolio.
pub static KEY_RESULT: RecordDef = RecordDef {
    kind: "key_result",
    one: "key result",
    many: "Key results",
    purpose: "By what an objective is seen to be reached.",
    scope: Scope::Product { reads, may },
    writes: Role::Editor,
    fields: &[
        FieldDef::new("name", "Name", FieldKind::Line, &[]),
        FieldDef::new("objective", "Objective", FieldKind::Line, &[]),
        FieldDef::new("kpi", "Key figure", FieldKind::Line, &[]),
        FieldDef::new("unit", "Unit", FieldKind::Line, &[]),
        FieldDef::new("start", "Start", FieldKind::Line, &[]),
        FieldDef::new("target", "Target", FieldKind::Line, &[]),
        FieldDef::new("current", "Current", FieldKind::Line, &[]),
        FieldDef::new(
            "confidence",
            "Confidence",
            FieldKind::Number { min: 0, max: 100, unit: Cow::Borrowed("%") },
            &[],
        ),
    ],
    check,
};

/// The objective that a key result is of.
pub fn objective_of(result: &Record) -> Option<RecordId> {
    result.text("objective")?.parse().ok()
}

/// The key figure that measures it; `None` where it has a value of its own.
pub fn kpi_of(result: &Record) -> Option<RecordId> {
    result.text("kpi")?.parse().ok()
}

fn reads(_: &Record, _: UserId) -> bool {
    true
}

fn may(_: &Record, _: UserId, role: Role) -> bool {
    role.can_edit()
}

fn check(result: &Record, others: &[Record]) -> Result<(), String> {
    let of_objective = |other: &&Record| other.id != result.id && objective_of(other) == objective_of(result);
    let beside: Vec<Record> = others.iter().filter(of_objective).cloned().collect();
    KEY_RESULT.has_its_own_name(result, &beside)?;
    if beside.len() >= MOST_KEY_RESULTS {
        return Err(format!("This objective has {MOST_KEY_RESULTS} key results. Remove one first."));
    }
    if objective_of(result).is_none() {
        return Err("Choose an objective for the key result.".to_owned());
    }
    for key in ["start", "target", "current"] {
        let Some(typed) = result.text(key) else { continue };
        let figure = typed.parse().or_else(|_| Figure::read(typed, ""))?;
        if figure.to_string() != typed {
            return Err(format!("Write {key} as {figure}."));
        }
    }
    match (figure_of(result, "start"), figure_of(result, "target")) {
        (Some(start), Some(target)) if start != target => {}
        (Some(start), Some(_)) => {
            return Err(format!(
                "Start and target are both {start}. Choose a target that is not reached yet."
            ));
        }
        _ => return Err("A key result needs a start and a target.".to_owned()),
    }
    match (result.product, kpi_of(result)) {
        (None, None) => Ok(()),
        (Some(_), Some(_)) if result.text("current").is_none() => Ok(()),
        (Some(_), Some(_)) => Err("The key figure says where it is now. Add a measurement there.".to_owned()),
        _ => Err("A key result belongs to the product of its key figure.".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ProductId, Stamp, Timestamp, Value};

    fn result(number: u8, values: &[(&str, &str)]) -> Record {
        let stamp = Stamp { by: UserId::NIL, at: Timestamp(1) };
        let id = RecordId::new(1, [number; 10]);
        let (name, objective) = (format!("Result {number}"), RecordId::new(9, [9; 10]).to_string());
        let usual = [("name", &*name), ("objective", &*objective), ("start", "40"), ("target", "80")];
        let all = usual.iter().chain(values).filter(|(_, text)| !text.is_empty());
        let values = all.map(|(key, text)| (key.parse().unwrap(), Value::Text((*text).to_owned()))).collect();
        Record { id, product: None, version: 1, values, created: stamp, changed: stamp, deleted: None }
    }

    #[test]
    fn a_key_result_goes_from_a_start_to_another_target() {
        assert_eq!(KEY_RESULT.check(&result(1, &[]), &[]), Ok(()));
        let same = result(1, &[("target", "40")]);
        assert!(KEY_RESULT.check(&same, &[]).unwrap_err().contains("both 40"));
        let mut none = result(1, &[]);
        none.values.remove("start");
        assert!(KEY_RESULT.check(&none, &[]).unwrap_err().contains("needs a start"));
        let odd = result(1, &[("current", "half")]);
        assert!(KEY_RESULT.check(&odd, &[]).unwrap_err().contains("isn’t a number"));
    }

    #[test]
    fn a_key_result_of_a_key_figure_belongs_to_its_product() {
        let kpi = RecordId::new(2, [2; 10]).to_string();
        let stray = result(1, &[("kpi", &kpi)]);
        assert!(KEY_RESULT.check(&stray, &[]).unwrap_err().contains("belongs to the product"));
        let product = Some(ProductId::new(1, [3; 10]));
        assert_eq!(KEY_RESULT.check(&Record { product, ..stray }, &[]), Ok(()));
        let typed = Record { product, ..result(1, &[("kpi", &kpi), ("current", "50")]) };
        assert!(KEY_RESULT.check(&typed, &[]).unwrap_err().contains("measurement"));
    }

    #[test]
    fn an_objective_has_a_few_key_results() {
        let many: Vec<Record> = (2..=11).map(|number| result(number, &[])).collect();
        assert!(KEY_RESULT.check(&result(1, &[]), &many).unwrap_err().contains("10 key results"));
        let other = RecordId::new(8, [8; 10]).to_string();
        assert_eq!(KEY_RESULT.check(&result(1, &[("objective", &other)]), &many), Ok(()));
    }
}
