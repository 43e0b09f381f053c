//! Files of items, mangled.

use fuzz::{Target as Fed, feed};

use super::*;

const WORDS: [&str; 26] = [
    "Title",
    "Key",
    "Lane",
    "Tags",
    "Start",
    "End",
    "Owner",
    "Status",
    "Type",
    "Effort",
    "Investment",
    "Description",
    "\r\n",
    "\r",
    "\n\n",
    "\"\"",
    "\",\"",
    "\";\"",
    "ERP-1",
    "ERP-4294967296",
    "Ann Smith",
    "2026-02-30",
    "2025h2",
    "Q3 2026",
    "'=1+1",
    "yes",
];

#[test]
fn every_row_of_a_mangled_file_is_taken_or_explained() {
    let mut product = Product::new("ERP").with_member(1, "Ann Smith", "ann@example.org", true);
    product.import("Title,Key,Lane\nFirst,a,Now\nSecond,b,Next\nThird,,Later\n");
    let fed = Fed {
        name: "table",
        corpus: concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus"),
        words: &WORDS,
        longest: 4 * 1024,
    };
    feed(fed, |bytes| {
        let text = match domain::exchange::decode(bytes) {
            Ok(text) => text,
            Err(sentence) => return sentence,
        };
        let table = match Table::parse(text) {
            Ok(table) => table,
            Err(sentence) => return sentence,
        };
        assert!(table.rows.iter().all(|row| row.cells.len() == table.headers.len()));
        let rows = table.rows.len() + table.problems.len();
        assert_eq!(rows + 1, records(text), "every row is there, or a problem");
        let plan = match product.plan(text, None) {
            Ok(plan) => plan,
            Err(sentence) => return sentence,
        };
        let Counts { created, updated, unchanged } = plan.counts;
        let taken = (created + updated + unchanged) as usize;
        assert_eq!(
            taken + rows_of(&plan.problems),
            rows,
            "every row is taken or explained: {:?}",
            plan.problems
        );
        let told = plan.problems.iter().take(3).map(|problem| problem.sentence.clone()).collect::<String>();
        there_and_back(&product, plan);
        format!("{} {told}", "x".repeat(taken.min(3)))
    });
}

/// Does what was planned, writes the roadmap to a file, reads that, and takes all of it back.
fn there_and_back(product: &Product, plan: Plan) {
    let mut after = Product {
        key: product.key.clone(),
        roadmap: product.roadmap.clone(),
        members: product.members.clone(),
    };
    let undo = plan.undo(product.roadmap.lane_order()[0]);
    for step in plan.into_steps() {
        after.apply(&step);
    }
    assert_eq!(after.plan(&after.export(), None).unwrap().problems, [], "what is exported can be imported");
    for step in undo {
        after.apply(&step);
    }
    assert_eq!(after.board(), product.board(), "an import can be taken back");
}

/// How many lines of a table a text has that are not empty, quoted line breaks aside.
fn records(text: &str) -> usize {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let delimiters = [b',', b';', b'\t'];
    let count = |delimiter: u8| {
        let mut reader = ::csv::ReaderBuilder::new();
        let mut reader =
            reader.has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
        let filled = |record: &::csv::StringRecord| {
            record.iter().any(|cell| !super::super::cells::unguarded(cell).trim().is_empty())
        };
        // The header counts whatever it holds.
        reader
            .records()
            .map(Result::unwrap)
            .enumerate()
            .filter(|(n, record)| *n == 0 || filled(record))
            .count()
    };
    let delimiter = super::super::table::delimiter(text);
    count(*delimiters.iter().find(|other| **other == delimiter).unwrap())
}
