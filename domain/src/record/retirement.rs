//! The retirement plan of a product: who has to move where, and which contracts end. Products plan it before they retire, too.

use std::borrow::Cow;

use crate::{Date, FieldDef, FieldKind, ProductId, Record, RecordDef, Role, Scope, UserId, Value};

/// The most groups that have to move, and the most contracts, of a product.
pub const MOST_MOVES: usize = 100;
pub const MOST_CONTRACTS: usize = 100;

/// The most people of a group.
const MOST_USERS: i64 = 10_000_000;

/// So many days before the notice of a contract is due, it is near.
pub const NOTICE_NEAR_DAYS: i32 = 60;

/// A group of users that has to move before a product ends.
pub static USER_MOVE: RecordDef = RecordDef {
    kind: "user_move",
    one: "group to move",
    many: "Groups to move",
    purpose: "Who has to move before a product ends, where to, and by when.",
    scope: Scope::Product { reads, may },
    writes: Role::Editor,
    fields: &[
        FieldDef::new("name", "Group", FieldKind::Line, &[]),
        FieldDef::new(
            "users",
            "Users",
            FieldKind::Number { min: 1, max: MOST_USERS, unit: Cow::Borrowed("") },
            &[],
        ),
        // The id of a product, which may be hidden from a reader: no sentence repeats a text.
        FieldDef::new("product", "Product to move to", FieldKind::Text, &[]),
        FieldDef::new("to", "Moves to", FieldKind::Line, &[]),
        FieldDef::new("by", "Moves by", FieldKind::Date, &[]),
        FieldDef::new("moved", "Moved", FieldKind::Checkbox, &[]),
    ],
    check: check_move,
};

/// A contract that ends with a product.
pub static CONTRACT: RecordDef = RecordDef {
    kind: "contract",
    one: "contract",
    many: "Contracts",
    purpose: "Which contracts end with a product, until when to give notice, and what they cost.",
    scope: Scope::Product { reads, may },
    writes: Role::Editor,
    fields: &[
        FieldDef::new("name", "Contract", FieldKind::Line, &[]),
        FieldDef::new("supplier", "Supplier", FieldKind::Line, &[]),
        FieldDef::new("ends", "Ends on", FieldKind::Date, &[]),
        FieldDef::new("notice", "Notice until", FieldKind::Date, &[]),
        FieldDef::new("cost", "Cost per year", FieldKind::Money, &[]),
        FieldDef::new("note", "Note", FieldKind::Text, &[]),
    ],
    check: check_contract,
};

/// What a group that has to move says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserMove {
    pub users: u32,
    /// The product to which it moves.
    pub product: Option<ProductId>,
    pub by: Option<Date>,
    pub moved: bool,
}

impl UserMove {
    /// What a record says; `None` where it is not whole.
    pub fn of(record: &Record) -> Option<Self> {
        let Some(Value::Number(users)) = record.values.get("users") else { return None };
        Some(Self {
            users: u32::try_from(*users).ok()?,
            product: record.text("product").and_then(|id| id.parse().ok()),
            by: day(record, "by"),
            moved: record.values.contains_key("moved"),
        })
    }

    /// Whether it should have moved already.
    pub fn is_late(&self, today: Date) -> bool {
        !self.moved && self.by.is_some_and(|by| by < today)
    }
}

/// What a contract says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contract {
    pub ends: Date,
    /// The last day to give notice.
    pub notice: Option<Date>,
    /// A year, in hundredths of the workspace's currency.
    pub cost: i64,
}

/// Where a contract stands on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Notice {
    /// It has ended.
    Ended,
    /// The last day to give notice has passed, and it has not ended.
    Past,
    /// Notice is due within [`NOTICE_NEAR_DAYS`] days: so many are left, none on the last.
    Near(i32),
    /// Notice is due later, or at no known day.
    Open,
}

impl Contract {
    /// What a record says; `None` where it is not whole.
    pub fn of(record: &Record) -> Option<Self> {
        let cost = match record.values.get("cost") {
            Some(Value::Number(cost)) => *cost,
            _ => 0,
        };
        Some(Self { ends: day(record, "ends")?, notice: day(record, "notice"), cost })
    }

    /// Where it stands on a day.
    pub fn notice_on(&self, today: Date) -> Notice {
        if self.ends < today {
            return Notice::Ended;
        }
        match self.notice.map(|notice| notice.days_since(today)) {
            Some(left) if left < 0 => Notice::Past,
            Some(left) if left <= NOTICE_NEAR_DAYS => Notice::Near(left),
            _ => Notice::Open,
        }
    }
}

/// What a retirement plan adds up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retirement {
    /// Everybody who has to move, or has moved.
    pub users: u64,
    pub moved: u64,
    /// The next day on which a contract ends.
    pub next_end: Option<Date>,
    /// What the contracts cost in a year, in hundredths.
    pub released: i64,
}

impl Retirement {
    /// The sums of a plan on a day.
    pub fn of<'a>(
        moves: impl IntoIterator<Item = &'a UserMove>,
        contracts: impl IntoIterator<Item = &'a Contract>,
        today: Date,
    ) -> Self {
        let mut sums = Self::default();
        for group in moves {
            sums.users += u64::from(group.users);
            sums.moved += if group.moved { u64::from(group.users) } else { 0 };
        }
        for contract in contracts {
            sums.released = sums.released.saturating_add(contract.cost);
            if contract.ends >= today {
                sums.next_end = Some(sums.next_end.map_or(contract.ends, |next| next.min(contract.ends)));
            }
        }
        sums
    }

    /// How many users still have to move.
    pub fn left(&self) -> u64 {
        self.users - self.moved
    }
}

fn day(record: &Record, key: &str) -> Option<Date> {
    record.text(key)?.parse().ok()
}

fn reads(_: &Record, _: UserId) -> bool {
    true
}

fn may(record: &Record, _: UserId, role: Role) -> bool {
    record.product.is_some() && role.can_edit()
}

fn check_move(group: &Record, others: &[Record]) -> Result<(), String> {
    USER_MOVE.has_its_own_name(group, others)?;
    if UserMove::of(group).is_none() {
        return Err("Say how many users have to move, from 1 on.".to_owned());
    }
    if group.text("product").is_some_and(|id| id.parse::<ProductId>().is_err()) {
        return Err("Choose a product that you can see.".to_owned());
    }
    if others.iter().filter(|other| other.id != group.id).count() >= MOST_MOVES {
        return Err(format!("There are {MOST_MOVES} groups to move. Remove one, or join two."));
    }
    Ok(())
}

fn check_contract(contract: &Record, others: &[Record]) -> Result<(), String> {
    CONTRACT.has_its_own_name(contract, others)?;
    let said = Contract::of(contract).ok_or("Say when the contract ends.")?;
    if said.cost < 0 {
        return Err("The cost per year can’t be below 0.".to_owned());
    }
    if said.notice.is_some_and(|notice| notice > said.ends) {
        return Err("The notice can’t be due after the end. Check both days.".to_owned());
    }
    if others.iter().filter(|other| other.id != contract.id).count() >= MOST_CONTRACTS {
        return Err(format!("There are {MOST_CONTRACTS} contracts. Remove one that nobody needs."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{RecordId, Stamp, Timestamp};

    fn record(number: u8, values: &[(&str, &str)], numbers: &[(&str, i64)]) -> Record {
        let stamp = Stamp { by: UserId::NIL, at: Timestamp(1) };
        let texts = values.iter().map(|(key, text)| (*key, Value::Text((*text).to_owned())));
        let numbers = numbers.iter().map(|(key, number)| (*key, Value::Number(*number)));
        let values = texts.chain(numbers).map(|(key, value)| (key.parse().unwrap(), value)).collect();
        let (id, product) = (RecordId::new(1, [number; 10]), Some(ProductId::new(1, [1; 10])));
        Record { id, product, version: 1, values, created: stamp, changed: stamp, deleted: None }
    }

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn a_group_has_users_and_a_contract_has_an_end_after_its_notice() {
        let group = record(1, &[("name", "Finance")], &[("users", 40)]);
        assert_eq!(USER_MOVE.check(&group, &[]), Ok(()));
        let nobody = record(2, &[("name", "Nobody")], &[]);
        assert!(USER_MOVE.check(&nobody, &[]).unwrap_err().contains("how many users"));
        let lost = record(2, &[("name", "Sales"), ("product", "CRM")], &[("users", 1)]);
        assert!(USER_MOVE.check(&lost, &[]).unwrap_err().contains("a product"));
        let same = record(2, &[("name", "finance")], &[("users", 1)]);
        assert!(USER_MOVE.check(&same, std::slice::from_ref(&group)).unwrap_err().contains("already"));

        let refused = |values: &[(&str, &str)], cost: i64| {
            let values: Vec<_> = [("name", "Hosting")].iter().chain(values).copied().collect();
            CONTRACT.check(&record(1, &values, &[("cost", cost)]), &[]).err().unwrap_or_default()
        };
        assert_eq!(refused(&[("ends", "2027-06-30"), ("notice", "2027-06-30")], 0), "");
        assert!(refused(&[], 5).contains("when the contract ends"));
        assert!(refused(&[("ends", "2027-06-30"), ("notice", "2027-07-01")], 5).contains("after the end"));
        assert!(refused(&[("ends", "2027-06-30")], -1).contains("below 0"));
        let many: Vec<Record> = (2..=101)
            .map(|number| record(number, &[("name", &*format!("Group {number}"))], &[("users", 1)]))
            .collect();
        assert!(USER_MOVE.check(&group, &many).unwrap_err().contains("100 groups"));
        let portfolio = Record { product: None, ..group };
        assert!(!USER_MOVE.may(&portfolio, UserId::NIL, Role::Owner), "a plan is of a product");
    }

    /// From 1 March 2027 it is 60 days to 30 April, and 61 to 1 May.
    #[test]
    fn a_notice_is_near_within_60_days_and_past_after_its_day() {
        let contract =
            |notice: Option<&str>| Contract { ends: day("2027-06-30"), notice: notice.map(day), cost: 0 };
        let on = |today: &str, notice: Option<&str>| contract(notice).notice_on(day(today));
        assert_eq!(on("2027-03-01", Some("2027-05-01")), Notice::Open);
        assert_eq!(on("2027-03-01", Some("2027-04-30")), Notice::Near(60));
        assert_eq!(on("2027-04-30", Some("2027-04-30")), Notice::Near(0));
        assert_eq!(on("2027-05-01", Some("2027-04-30")), Notice::Past);
        assert_eq!(on("2027-06-30", None), Notice::Open);
        assert_eq!(on("2027-07-01", Some("2027-04-30")), Notice::Ended);
    }

    /// 40 + 25 + 5 = 70 users, of whom 25 have moved: 45 are left. The contracts cost 1,200 + 300 + 50.50 = 1,550.50 a year; the first
    /// has ended, so the next end is that of the second.
    #[test]
    fn a_plan_adds_up_users_and_what_contracts_cost() {
        let group = |users, moved| UserMove { users, product: None, by: Some(day("2027-02-01")), moved };
        let contract = |ends: &str, cost| Contract { ends: day(ends), notice: None, cost };
        let moves = [group(40, false), group(25, true), group(5, false)];
        let contracts =
            [contract("2026-12-31", 120_000), contract("2027-06-30", 30_000), contract("2028-01-31", 5_050)];
        let sums = Retirement::of(&moves, &contracts, day("2027-03-01"));
        let next_end = Some(day("2027-06-30"));
        assert_eq!(sums, Retirement { users: 70, moved: 25, next_end, released: 155_050 });
        assert_eq!(sums.left(), 45);
        assert_eq!(
            moves.each_ref().map(|group| group.is_late(day("2027-02-02"))),
            [true, false, true],
            "who has moved is not late"
        );
        assert!(!moves[0].is_late(day("2027-02-01")));
    }
}
