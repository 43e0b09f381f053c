//! Target mixes: how much of the work of a quarter should be innovation, retention, run and retire.

use std::borrow::Cow;

use crate::{
    FieldDef, FieldKind, Investment, Record, RecordDef, Role, Scope, UserId, Value,
    balance::{Target, TargetMix},
};

const SHARE: FieldKind = FieldKind::Number { min: 0, max: 100, unit: Cow::Borrowed("%") };
const BAND: FieldKind = FieldKind::Number { min: 0, max: 50, unit: Cow::Borrowed("points") };

/// The kind of record that a target mix is: of a product, or of the portfolio of all.
pub static TARGET_MIX: RecordDef = RecordDef {
    kind: "target_mix",
    one: "target mix",
    many: "Target mixes",
    purpose: "How much of the work should be innovation, retention, run and retire.",
    scope: Scope::Product { reads: |_, _| true, may },
    writes: Role::Editor,
    fields: &[
        FieldDef::new("name", "Name", FieldKind::Line, &[]),
        FieldDef::new("quarter", "Quarter", FieldKind::Quarter, &[]),
        FieldDef::new("innovation", "Innovation", SHARE, &[]),
        FieldDef::new("retention", "Retention", SHARE, &[]),
        FieldDef::new("run", "Run", SHARE, &[]),
        FieldDef::new("retire", "Retire", SHARE, &[]),
        FieldDef::new("band", "Band", BAND, &[]),
    ],
    check,
};

/// Owners set the target of the portfolio; in a product, those who edit it do.
fn may(mix: &Record, _: UserId, role: Role) -> bool {
    role >= if mix.product.is_some() { Role::Editor } else { Role::Owner }
}

/// What a record says; `None` where it is not whole.
pub fn of(mix: &Record) -> Option<Target> {
    let number = |key: &str| match mix.values.get(key) {
        Some(Value::Number(number)) => u8::try_from(*number).ok(),
        _ => None,
    };
    let quarter = match mix.values.get("quarter") {
        Some(Value::Text(quarter)) => Some(quarter.parse().ok()?),
        _ => None,
    };
    let mut shares = [0; 4];
    for (share, investment) in shares.iter_mut().zip(Investment::ALL) {
        *share = number(investment.as_str()).unwrap_or(0);
    }
    Some(Target { quarter, mix: TargetMix { shares, band: number("band")? } })
}

fn check(mix: &Record, others: &[Record]) -> Result<(), String> {
    let target = of(mix).ok_or("Say by how many points a share may be above or below.")?;
    let sum: u32 = target.mix.shares.iter().map(|share| u32::from(*share)).sum();
    if sum != 100 {
        return Err(format!("The shares add up to {sum} %. Make them add up to 100 %."));
    }
    let is_same =
        |other: &&Record| other.id != mix.id && of(other).is_some_and(|of| of.quarter == target.quarter);
    if others.iter().any(|other| is_same(&other)) {
        return Err(match target.quarter {
            Some(quarter) => format!("{quarter} has a target already. Change that one instead."),
            None => "There is a target for every quarter already. Change that one instead.".to_owned(),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ProductId, RecordId, Stamp, Timestamp};

    fn mix(number: u8, quarter: Option<&str>, shares: [i64; 4], band: Option<i64>) -> Record {
        let stamp = Stamp { by: UserId::NIL, at: Timestamp(1) };
        let mut values = crate::Values::new();
        let mut set = |key: &str, value| drop(values.insert(key.parse().unwrap(), value));
        set("name", Value::Text(format!("Target {number}")));
        for (share, investment) in shares.into_iter().zip(Investment::ALL) {
            set(investment.as_str(), Value::Number(share));
        }
        if let Some(quarter) = quarter {
            set("quarter", Value::Text(quarter.to_owned()));
        }
        if let Some(band) = band {
            set("band", Value::Number(band));
        }
        let id = RecordId::new(1, [number; 10]);
        Record { id, product: None, version: 1, values, created: stamp, changed: stamp, deleted: None }
    }

    #[test]
    fn the_shares_of_a_target_add_up_and_a_quarter_has_one() {
        let usual = mix(1, None, [50, 30, 15, 5], Some(10));
        assert_eq!(TARGET_MIX.check(&usual, &[]), Ok(()));
        let refused = |mix: &Record| TARGET_MIX.check(mix, std::slice::from_ref(&usual)).unwrap_err();
        assert!(refused(&mix(2, None, [50, 30, 15, 4], Some(10))).contains("add up to 99 %"));
        assert!(refused(&mix(2, None, [50, 30, 15, 5], Some(10))).contains("every quarter already"));
        assert!(refused(&mix(2, Some("2027-Q1"), [50, 30, 15, 5], None)).contains("points"));
        assert!(refused(&mix(2, Some("2027-Q1"), [50, 30, 15, 5], Some(51))).contains('5'));
        let own = mix(2, Some("2027-Q1"), [100, 0, 0, 0], Some(0));
        assert_eq!(TARGET_MIX.check(&own, std::slice::from_ref(&usual)), Ok(()));
        assert_eq!(of(&own).unwrap().quarter, "2027-Q1".parse().ok());
        assert_eq!(of(&own).unwrap().mix, TargetMix { shares: [100, 0, 0, 0], band: 0 });
    }

    #[test]
    fn owners_set_the_target_of_the_portfolio() {
        let all = mix(1, None, [50, 30, 15, 5], Some(10));
        assert!(TARGET_MIX.may(&all, UserId::NIL, Role::Owner));
        assert!(!TARGET_MIX.may(&all, UserId::NIL, Role::Editor));
        let own = Record { product: Some(ProductId::new(1, [1; 10])), ..all };
        assert!(TARGET_MIX.may(&own, UserId::NIL, Role::Editor));
        assert!(!TARGET_MIX.may(&own, UserId::NIL, Role::Stakeholder));
    }
}
