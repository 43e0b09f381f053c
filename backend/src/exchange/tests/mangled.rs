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
        let table = match Table::read(bytes, &Answers::default()) {
            Ok(table) => table,
            Err(sentence) => return sentence,
        };
        let rows = table.rows.len();
        let plan = match product.plan_file(bytes, None, &[]) {
            Ok(plan) => plan,
            Err(sentence) => return sentence,
        };
        let Counts { created, updated, unchanged, left_out } = plan.counts;
        assert_eq!(
            (created + updated + unchanged + left_out) as usize,
            rows,
            "every row is taken or explained: {:?}",
            plan.problems
        );
        let explained: u32 = plan.problems.iter().filter(|it| it.loss == Loss::Row).map(|it| it.count).sum();
        assert_eq!(explained, left_out);
        let taken = (created + updated + unchanged) as usize;
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
    let again = after.plan(&after.export(), None).unwrap();
    assert_eq!(again.problems, [], "what is exported can be imported");
    assert_eq!((again.counts.created, again.counts.updated), (0, 0), "and is what it was");
    for step in undo {
        after.apply(&step);
    }
    assert_eq!(after.board(), product.board(), "an import can be taken back");
}
