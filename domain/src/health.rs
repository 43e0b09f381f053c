//! How a product is doing, by one rule for all, with its reasons.

use crate::counted;

/// What the health of a product is read from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Vitals {
    /// Key figures that have a target and were measured.
    pub measured: usize,
    /// Those of them whose newest value misses its target.
    pub off_target: usize,
    /// Items that are neither done nor dropped and have a day or a promised quarter.
    pub planned: usize,
    /// Those of them that should have ended, or come later than they were promised first.
    pub late: usize,
}

crate::choices! {
    /// How a product is doing.
    Health {
        Good = "good", "On track";
        Watch = "watch", "Needs a look";
        Poor = "poor", "At risk";
        Unknown = "unknown", "Not known";
    }
}

impl Vitals {
    /// At risk: more than half of the key figures miss their target, or more than a quarter of the planned items are late. Needs a
    /// look: any of them. Not known: nothing is measured or planned.
    pub fn health(&self) -> Health {
        let Self { measured, off_target, planned, late } = *self;
        if measured == 0 && planned == 0 {
            Health::Unknown
        } else if off_target * 2 > measured || late * 4 > planned {
            Health::Poor
        } else if off_target > 0 || late > 0 {
            Health::Watch
        } else {
            Health::Good
        }
    }

    /// Why, in a few words.
    pub fn reason(&self) -> String {
        let Self { measured, off_target, planned, late } = *self;
        let figures = match (measured, off_target) {
            (0, _) => None,
            (_, 0) => Some(format!("{} on target", counted(measured, "key figure", "key figures"))),
            _ => {
                Some(format!("{off_target} of {} off target", counted(measured, "key figure", "key figures")))
            }
        };
        let items = match (planned, late) {
            (0, _) => None,
            (_, 0) => Some(if measured == 0 { "No item late" } else { "no item late" }.to_owned()),
            _ => Some(format!("{late} of {} late", counted(planned, "planned item", "planned items"))),
        };
        let said: Vec<String> = figures.into_iter().chain(items).collect();
        if said.is_empty() { "Nothing is measured or planned".to_owned() } else { said.join(", ") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Half of the key figures may miss their target, and a quarter of the items may be late, before a product is at risk.
    #[test]
    fn a_product_is_at_risk_when_much_is_off_target_or_late() {
        let health =
            |measured, off_target, planned, late| Vitals { measured, off_target, planned, late }.health();
        assert_eq!(health(0, 0, 0, 0), Health::Unknown);
        assert_eq!(health(3, 0, 10, 0), Health::Good);
        assert_eq!(health(0, 0, 10, 0), Health::Good);
        assert_eq!(health(4, 2, 10, 0), Health::Watch);
        assert_eq!(health(4, 3, 10, 0), Health::Poor);
        assert_eq!(health(0, 0, 8, 2), Health::Watch);
        assert_eq!(health(0, 0, 8, 3), Health::Poor);
        assert_eq!(health(2, 2, 0, 0), Health::Poor);
    }

    #[test]
    fn health_has_its_reason() {
        let reason =
            |measured, off_target, planned, late| Vitals { measured, off_target, planned, late }.reason();
        assert_eq!(reason(3, 2, 10, 1), "2 of 3 key figures off target, 1 of 10 planned items late");
        assert_eq!(reason(1, 0, 4, 0), "1 key figure on target, no item late");
        assert_eq!(reason(0, 0, 4, 0), "No item late");
        assert_eq!(reason(0, 0, 0, 0), "Nothing is measured or planned");
    }
}
