//! The strategy of a product, in blocks with fixed titles.

use std::borrow::Cow;

use crate::{Choice, FieldDef, FieldKind, ItemId, Record, RecordDef, Role, Scope, Timestamp, Value};

/// After so many days without a change or a confirmation a block is stale.
pub const STALE_AFTER_DAYS: i64 = 180;

/// The most items that a block links.
pub const MOST_STRATEGY_ITEMS: usize = 20;

const BLOCKS: &[Choice] = &[
    Choice::new("what", "What it will be"),
    Choice::new("whom", "Whom it serves"),
    Choice::new("value", "How it delivers value"),
    Choice::new("markets", "Markets"),
    Choice::new("needs", "Needs"),
    Choice::new("scope", "Scope"),
    Choice::new("competition", "Competition"),
    Choice::new("opportunity", "Opportunity"),
];

/// A block of a product's strategy.
pub static STRATEGY_BLOCK: RecordDef = RecordDef {
    kind: "strategy_block",
    one: "strategy block",
    many: "Strategy blocks",
    purpose: "What a product will be, whom it serves, and how it delivers value.",
    scope: Scope::Product {
        reads: |_, _| true,
        may: |block, _, role| block.product.is_some() && role.can_edit(),
    },
    writes: Role::Editor,
    fields: &[
        FieldDef::new("name", "Title", FieldKind::Line, &[]),
        FieldDef::new("block", "Block", FieldKind::Choice(Cow::Borrowed(BLOCKS)), &[]),
        FieldDef::new("text", "Text", FieldKind::Text, &[]),
        FieldDef::new("owner", "Owner", FieldKind::Person, &[]),
        // The ids of items, which they keep in another product.
        FieldDef::new("items", "Items", FieldKind::Text, &[]),
        // The day on which somebody last said that it is still true.
        FieldDef::new("confirmed", "Confirmed", FieldKind::Date, &[]),
    ],
    check,
};

crate::choices! {
    /// What a strategy answers.
    StrategyBlock {
        What = "what", "What it will be";
        Whom = "whom", "Whom it serves";
        Value = "value", "How it delivers value";
        Markets = "markets", "Markets";
        Needs = "needs", "Needs";
        Scope = "scope", "Scope";
        Competition = "competition", "Competition";
        Opportunity = "opportunity", "Opportunity";
    }
}

impl StrategyBlock {
    /// What its text answers.
    pub fn question(self) -> &'static str {
        match self {
            Self::What => "What can people do with it in a few years that they can’t do today?",
            Self::Whom => "Who are its users and its customers?",
            Self::Value => "Why do they choose it, and what is it worth to the organisation?",
            Self::Markets => "In which markets, units or regions is it offered?",
            Self::Needs => "Which needs does it meet, and how do we know?",
            Self::Scope => "What belongs to it, and what deliberately does not?",
            Self::Competition => "What else do people use, and what is better or worse there?",
            Self::Opportunity => "What changes outside that makes now the time?",
        }
    }
}

/// Which block a record is.
pub fn block_of(record: &Record) -> Option<StrategyBlock> {
    record.text("block")?.parse().ok()
}

/// The items that a block links, in their order.
pub fn items_of(block: &Record) -> Vec<ItemId> {
    block.text("items").unwrap_or_default().split_whitespace().filter_map(|id| id.parse().ok()).collect()
}

/// Items as a block keeps them; `None` for none.
pub fn items_value(items: &[ItemId]) -> Option<Value> {
    let text: Vec<String> = items.iter().map(ToString::to_string).collect();
    (!text.is_empty()).then(|| Value::Text(text.join(" ")))
}

/// Whether nobody has changed or confirmed a block for [`STALE_AFTER_DAYS`].
pub fn is_stale(block: &Record, now: Timestamp) -> bool {
    now.0.saturating_sub(block.changed.at.0) > STALE_AFTER_DAYS * 24 * 60 * 60 * 1_000
}

fn check(block: &Record, others: &[Record]) -> Result<(), String> {
    let kind = block_of(block).ok_or("Choose a block of the strategy.")?;
    if block.text("text").is_none_or(|text| text.trim().is_empty()) {
        return Err(format!("Write something about “{}”, or remove the block.", kind.label()));
    }
    if others.iter().any(|other| other.id != block.id && block_of(other) == Some(kind)) {
        return Err(format!("“{}” is written already. Change that one instead.", kind.label()));
    }
    if items_of(block).len() > MOST_STRATEGY_ITEMS {
        return Err(format!("Link at most {MOST_STRATEGY_ITEMS} items."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ProductId, RecordId, Stamp, UserId};

    fn block(number: u8, block: &str, text: &str) -> Record {
        let stamp = Stamp { by: UserId::NIL, at: Timestamp(1_000) };
        let values = [("name", block), ("block", block), ("text", text)];
        let values = values.into_iter().filter(|(_, text)| !text.is_empty());
        Record {
            id: RecordId::new(1, [number; 10]),
            product: Some(ProductId::new(1, [1; 10])),
            version: 1,
            values: values.map(|(key, text)| (key.parse().unwrap(), Value::Text(text.to_owned()))).collect(),
            created: stamp,
            changed: stamp,
            deleted: None,
        }
    }

    #[test]
    fn a_block_is_one_of_the_strategy_and_written_once() {
        let scope = block(1, "scope", "Closing the books");
        assert_eq!(STRATEGY_BLOCK.check(&scope, &[]), Ok(()));
        let refused = |block: &Record| STRATEGY_BLOCK.check(block, std::slice::from_ref(&scope)).unwrap_err();
        assert!(refused(&block(2, "scope", "Something else")).contains("written already"));
        assert!(refused(&block(2, "needs", "")).contains("“Needs”"));
        assert!(!refused(&block(2, "weather", "Rain")).is_empty());
        let choices = StrategyBlock::ALL.iter().map(|block| (block.as_str(), block.label()));
        assert!(BLOCKS.iter().map(|choice| (&*choice.key, &*choice.label)).eq(choices));
        assert!(!STRATEGY_BLOCK.may(&Record { product: None, ..scope.clone() }, UserId::NIL, Role::Owner));
        assert!(STRATEGY_BLOCK.may(&scope, UserId::NIL, Role::Editor));
    }

    /// 180 days are 180 × 86,400,000 = 15,552,000,000 milliseconds; the block changed at 1,000.
    #[test]
    fn a_block_is_stale_after_180_days() {
        let block = block(1, "scope", "x");
        assert!(!is_stale(&block, Timestamp(15_552_001_000)));
        assert!(is_stale(&block, Timestamp(15_552_001_001)));
    }

    #[test]
    fn links_are_kept_in_their_order_and_bounded() {
        let mut block = block(1, "scope", "x");
        let items: Vec<ItemId> = (1..=21).map(|n| ItemId::new(1, [n; 10])).collect();
        block.values.insert("items".parse().unwrap(), items_value(&items[..20]).unwrap());
        assert_eq!(items_of(&block), items[..20]);
        assert_eq!(STRATEGY_BLOCK.check(&block, &[]), Ok(()));
        block.values.insert("items".parse().unwrap(), items_value(&items).unwrap());
        assert!(STRATEGY_BLOCK.check(&block, &[]).unwrap_err().contains("20 items"));
        assert_eq!(items_value(&[]), None);
    }
}
