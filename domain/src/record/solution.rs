//! Solutions: products that are offered together. A product, such as a capability, may be a part of several.

use std::collections::BTreeMap;

use crate::{FieldDef, FieldKind, ProductId, Record, RecordDef, Role, Scope, Value};

/// The most products of a solution, and the most solutions.
pub const MOST_PARTS: usize = 50;
pub const MOST_SOLUTIONS: usize = 200;

/// A solution made of products. It belongs to the portfolio of all; which of its parts somebody is told of is up to the products
/// they see.
pub static SOLUTION: RecordDef = RecordDef {
    kind: "solution",
    one: "solution",
    many: "Solutions",
    purpose: "Products that are offered together, and what they share.",
    scope: Scope::Product {
        reads: |_, _| true,
        may: |solution, _, role| solution.product.is_none() && role.can_edit(),
    },
    writes: Role::Editor,
    fields: &[
        FieldDef::new("name", "Name", FieldKind::Line, &[]),
        FieldDef::new("purpose", "Purpose", FieldKind::Text, &[]),
        FieldDef::new("owner", "Owner", FieldKind::Person, &[]),
        // The ids of products, in their order.
        FieldDef::new("parts", "Parts", FieldKind::Text, &[]),
    ],
    check,
};

/// The products of a solution, in their order.
pub fn parts_of(solution: &Record) -> Vec<ProductId> {
    solution.text("parts").unwrap_or_default().split_whitespace().filter_map(|id| id.parse().ok()).collect()
}

/// Products as a solution keeps them; `None` for none.
pub fn parts_value(parts: &[ProductId]) -> Option<Value> {
    let text: Vec<String> = parts.iter().map(ToString::to_string).collect();
    (!text.is_empty()).then(|| Value::Text(text.join(" ")))
}

/// What warns a solution: everything that is late in any of its parts, in the order of its parts.
pub fn warnings<'a, Late>(parts: &[ProductId], late: &'a BTreeMap<ProductId, Vec<Late>>) -> Vec<&'a Late> {
    parts.iter().filter_map(|part| late.get(part)).flatten().collect()
}

fn check(solution: &Record, others: &[Record]) -> Result<(), String> {
    SOLUTION.has_its_own_name(solution, others)?;
    let parts = parts_of(solution);
    if parts.len() > MOST_PARTS {
        return Err(format!("A solution has at most {MOST_PARTS} products."));
    }
    if parts.iter().enumerate().any(|(at, part)| parts[..at].contains(part)) {
        return Err("A product is a part of a solution once.".to_owned());
    }
    if others.iter().filter(|other| other.id != solution.id).count() >= MOST_SOLUTIONS {
        return Err(format!("There are {MOST_SOLUTIONS} solutions. Remove one that nobody needs."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{RecordId, Stamp, Timestamp, UserId};

    fn product(number: u8) -> ProductId {
        ProductId::new(1, [number; 10])
    }

    fn solution(number: u8, name: &str, parts: &[ProductId]) -> Record {
        let stamp = Stamp { by: UserId::NIL, at: Timestamp(1) };
        let name = ("name".parse().unwrap(), Value::Text(name.to_owned()));
        let parts = parts_value(parts).map(|parts| ("parts".parse().unwrap(), parts));
        let values = [name].into_iter().chain(parts).collect();
        let id = RecordId::new(1, [number; 10]);
        Record { id, product: None, version: 1, values, created: stamp, changed: stamp, deleted: None }
    }

    /// The capability 1 is a part of the first two solutions, and its items 12 and 14 are late; of product 3 the item 7 is. So the first
    /// solution is warned by 12 and 14, the second by 7, 12 and 14, and the third, made of product 2 alone, by none.
    #[test]
    fn a_slip_of_a_shared_part_warns_every_solution_that_uses_it() {
        let late = BTreeMap::from([(product(1), vec![12, 14]), (product(3), vec![7])]);
        let of = |parts: &[u8]| {
            let solution =
                solution(1, "Order to cash", &parts.iter().map(|part| product(*part)).collect::<Vec<_>>());
            warnings(&parts_of(&solution), &late).into_iter().copied().collect::<Vec<i32>>()
        };
        assert_eq!(of(&[1, 2]), [12, 14]);
        assert_eq!(of(&[3, 1]), [7, 12, 14]);
        assert_eq!(of(&[2]), [0; 0]);
    }

    #[test]
    fn a_solution_has_few_parts_each_once() {
        let many: Vec<ProductId> = (1..=51).map(product).collect();
        assert_eq!(SOLUTION.check(&solution(1, "All", &many[..50]), &[]), Ok(()));
        assert!(SOLUTION.check(&solution(1, "All", &many), &[]).unwrap_err().contains("50 products"));
        let twice = solution(1, "Twice", &[product(1), product(1)]);
        assert!(SOLUTION.check(&twice, &[]).unwrap_err().contains("once"));
        assert_eq!(parts_of(&solution(1, "None", &[])), [], "one may be planned before its products");
        let of_product = Record { product: Some(product(1)), ..solution(1, "Mine", &[]) };
        assert!(!SOLUTION.may(&of_product, UserId::NIL, Role::Owner));
        assert!(!SOLUTION.may(&solution(1, "All", &[]), UserId::NIL, Role::Stakeholder));
    }
}
