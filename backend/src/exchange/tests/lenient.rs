//! No row with a title is lost, whatever else stands in it.

use super::*;
use crate::rooms::MAX_DESCRIPTION_BYTES;

#[test]
fn one_odd_cell_never_costs_the_row() {
    let mut product = Product::new("ERP");
    let odd = [
        "x,Title 1,perhaps,nonsense,lots,soon,2026-99-99,nobody@example.org,maybe",
        "x,Title 2,planned,Bug,-4,2026-02-01,2026-01-01,,",
        "\"x,Title 3,planned",
        "y,Title 4,\"pla\"nned,,,,,,,,more,and more",
        "z,\"Title 5",
        "",
        ",Title 6",
    ];
    let text = format!("Key,Title,Status,Type,Effort,Start,End,Owner,Urgent\n{}\n", odd.join("\n"));
    let plan = product.plan(&text, None).unwrap();
    assert_eq!((plan.counts.created, plan.counts.left_out), (6, 0), "{:?}", plan.problems);
    plan.into_steps().iter().for_each(|step| product.apply(step));
    let titles: Vec<_> = product.roadmap.items().map(|item| item.fields.title.to_string()).collect();
    for number in 1..=6 {
        assert!(
            titles.iter().any(|title| title.contains(&format!("Title {number}"))),
            "{number} of {titles:?}"
        );
    }
    assert_eq!(&*product.item("Title 4").fields.description, "More values: more, and more");
}

#[test]
fn what_is_too_long_is_shortened_and_kept_whole_elsewhere() {
    let mut product = Product::new("ERP");
    let title = "A long title ".repeat(30);
    let (tag, lane) = ("t".repeat(50), "l".repeat(70));
    let tags: String = (10..50).map(|n| format!(";tag {n}")).collect();
    let description = "word ".repeat(5_000);
    let text = format!("Title,Tags,Lane,Description\n{title},{tag}{tags},{lane},{description}\n");
    let plan = product.plan(&text, None).unwrap();
    assert_eq!(plan.counts.created, 1);
    assert!(plan.problems.iter().all(|problem| problem.loss == Loss::Change), "{:?}", plan.problems);
    assert_eq!(plan.problems.len(), 5);
    plan.into_steps().iter().for_each(|step| product.apply(step));
    let item = product.roadmap.items().next().unwrap();
    let fields = &item.fields;
    assert_eq!(fields.title.chars().count(), 200);
    assert!(fields.title.ends_with('…'));
    assert_eq!(fields.tags.len(), 30);
    let comments: String = product.roadmap.thread(item.id).map(|comment| comment.body.to_string()).collect();
    let all = format!("{}{comments}", &*fields.description);
    assert!(all.contains(&format!("Full title: {}", title.trim())));
    for n in 10..50 {
        let tag = format!("tag {n}");
        assert!(fields.tags.iter().any(|it| **it == *tag) || all.contains(&tag), "{tag}");
    }
    assert_eq!(all.matches("word").count(), 5_000);
    // Again changes nothing.
    let again = product.plan(&text, None).unwrap().counts;
    assert_eq!((again.created, again.updated, again.unchanged), (0, 0, 1));
}

#[test]
fn a_description_without_room_is_left_out_and_not_its_item() {
    let mut product = Product::new("ERP");
    let lane = product.roadmap.lane_order()[0];
    let mut fields = domain::ItemFields::titled(Title::parse("Long").unwrap());
    fields.description = "x".repeat(20_000).parse().unwrap();
    for n in 0..(MAX_DESCRIPTION_BYTES / 20_000) as u64 {
        let (id, fields) = (domain::ItemId::new(n, [9; 10]), Box::new(fields.clone()));
        product.apply(&Op::CreateItem { id, lane, place: Place::Last, fields });
    }
    let text = format!("Title,Description\nA,{}\nB,short\n", "y".repeat(20_000));
    let plan = product.plan(&text, None).unwrap();
    assert_eq!((plan.counts.created, plan.counts.left_out), (2, 0));
    let problems: Vec<_> = plan.problems.iter().map(|it| (it.loss, it.column.as_deref(), it.count)).collect();
    assert_eq!(problems, [(Loss::Cell, Some("Description"), 1)]);
    plan.into_steps().iter().for_each(|step| product.apply(step));
    assert_eq!(&*product.item("A").fields.description, "");
    assert_eq!(&*product.item("B").fields.description, "short");
}

#[test]
fn each_unknown_value_is_asked_once_and_answers_count() {
    let mut product = Product::new("ERP").with_member(1, "Ada", "ada@example.org", true);
    let text = "Title,Status,Type,Priority,Lane,Owner\n\
                A,Blocked,Chore,High,Q1 2026,Bob\n\
                B,blocked,Chore,Low,Q1 2026,Bob\n\
                C,Done,Bug,High,Done,Ada\n";
    let plan = product.plan(text, None).unwrap();
    let asked: Vec<_> = plan.questions.iter().flat_map(|group| &group.questions).collect();
    let asked: Vec<_> = asked.iter().map(|it| (&*it.id, it.count, &*it.answer)).collect();
    assert_eq!(
        asked,
        [
            ("status:blocked", 2, "tag"),
            ("type:chore", 2, "tag"),
            ("owner:bob", 2, "text"),
            ("lane:q1 2026", 2, "create"),
            ("priority:high", 2, "tag"),
            ("priority:low", 1, "tag"),
        ]
    );
    assert_eq!(plan.problems, []);
    let answers = [
        ("status:blocked", "=planned"),
        ("type:chore", "empty"),
        ("owner:bob", "=ada@example.org"),
        ("lane:q1 2026", "=Now"),
        ("priority:low", "text"),
        ("priority:high", "nonsense"),
        ("no such question", "x"),
    ];
    let plan = product.plan_file(text.as_bytes(), None, &answers).unwrap();
    assert_eq!(plan.new_lanes, Vec::<String>::new());
    plan.into_steps().iter().for_each(|step| product.apply(step));
    let (a, b) = (product.item("A"), product.item("B"));
    assert_eq!(a.fields.status, domain::Status::Planned);
    assert_eq!(a.fields.owner, Some(product.members[0].id));
    assert_eq!(a.fields.tags.iter().map(|tag| &**tag).collect::<Vec<_>>(), ["priority: high"]);
    assert_eq!((b.fields.tags.len(), &*b.fields.description), (0, "Priority: Low"));
    assert_eq!(product.board()[0].1, ["A", "B"]);
}

#[test]
fn tags_and_priorities_can_be_mapped_to_tags_of_the_product_and_of_the_file() {
    let mut product = Product::new("ERP");
    product.import("Title,Tags\nOld,security\n");
    let text = "Key,Title,Tags,Priority\n\
                1,A,\"sec, ux, uix\",P1\n\
                2,B,ux,P1\n\
                3,C,,High\n";
    let plan = product.plan(text, None).unwrap();
    let all = ["=priority: high", "=priority: p1", "=sec", "=security", "=uix", "=ux"];
    for (title, usual) in [("Priorities", &["tag", "text", "empty"][..]), ("New tags", &["create", "empty"])]
    {
        let group = plan.questions.iter().find(|group| group.title == title).unwrap();
        let options: Vec<_> = group.options.iter().map(|choice| &*choice.id).collect();
        assert_eq!(options, [usual, &all].concat(), "{title}");
    }

    let answers = [("tag:sec", "=security"), ("tag:uix", "=ux"), ("priority:p1", "=priority: high")];
    let plan = product.plan_file(text.as_bytes(), None, &answers).unwrap();
    let asked: Vec<_> = plan.questions.iter().flat_map(|group| &group.questions).collect();
    let asked: Vec<_> = asked.iter().map(|it| (&*it.id, it.count, &*it.answer)).collect();
    assert_eq!(
        asked,
        [
            ("priority:p1", 2, "=priority: high"),
            ("priority:high", 1, "tag"),
            ("tag:ux", 2, "create"),
            ("tag:sec", 1, "=security"),
            ("tag:uix", 1, "=ux"),
        ]
    );
    plan.into_steps().iter().for_each(|step| product.apply(step));
    let tags = |product: &Product, title: &str| {
        product.item(title).fields.tags.iter().map(|tag| tag.to_string()).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(tags(&product, "A"), "priority: high, security, ux");
    assert_eq!(tags(&product, "B"), "priority: high, ux");
    assert_eq!(tags(&product, "C"), "priority: high");
}

#[test]
fn a_tag_that_a_priority_was_mapped_to_goes_with_the_priority() {
    let mut product = Product::new("ERP");
    let answers = [("priority:high", "=urgent")];
    let mut import = |text: &str| {
        let plan = product.plan_file(text.as_bytes(), None, &answers).unwrap();
        plan.into_steps().iter().for_each(|step| product.apply(step));
        let tags = product.item("A").fields.tags;
        tags.iter().map(|tag| tag.to_string()).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(import("Key,Title,Priority\n1,A,High\n"), "urgent");
    assert_eq!(import("Key,Title,Priority\n1,A,Low\n"), "priority: low");
    assert_eq!(import("Key,Title,Priority\n1,A,\n"), "");
}

/// Pieces of which random files are made: separators, quotes, values that fit nowhere, and titles.
const PIECES: [&str; 24] = [
    ",",
    ",",
    ",",
    ",",
    ",",
    "x\"",
    ",\"a, b\",",
    "'",
    "=1",
    "planned",
    "perhaps",
    "2026-01-01",
    "2025-01-01",
    "31/31/2026",
    "1e9",
    "-3",
    "bob@example.org",
    "Q1 2026",
    "Later",
    "a;b;c",
    "\u{202e}",
    "\t",
    "\u{1f}",
    "😀",
];

#[test]
fn no_row_with_a_title_is_ever_lost() {
    // A small generator of our own, so that a failure repeats.
    let mut state = 7_u64;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let header =
        "Title,Key,Status,Type,Effort,Start,End,Owner,Lane,Tags,Priority,Description,Investment,Comment";
    for round in 0..400 {
        let rows = 1 + next(12);
        let mut text = format!("{header}\n");
        for row in 0..rows {
            text.push_str(&format!("Item {row} of {round},"));
            for _ in 0..next(40) {
                text.push_str(PIECES[next(PIECES.len())]);
            }
            // A quote that pairs with one in a row below makes one row of them; in the last row there is none.
            if row + 1 == rows {
                text.push_str([",\"", ",\"open, and never closed", ""][next(3)]);
            }
            text.push('\n');
        }
        let mut product = Product::new("ERP");
        let plan = product.plan(&text, None).unwrap_or_else(|refusal| panic!("{refusal}\n{text}"));
        assert_eq!(plan.counts.left_out, 0, "{:?}\n{text}", plan.problems);
        plan.into_steps().iter().for_each(|step| product.apply(step));
        let all: String = product
            .roadmap
            .items()
            .map(|item| format!("{}\n{}\n", &*item.fields.title, &*item.fields.description))
            .collect();
        for row in 0..rows {
            assert!(all.contains(&format!("Item {row} of {round}")), "row {row} is lost\n{text}");
        }
    }
}
