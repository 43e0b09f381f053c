//! Imports planned and done on a roadmap in memory.

mod families;
mod fields;
mod lenient;
mod mangled;
mod quarters;

use std::io::Cursor;

use calamine::{Data, Reader as _, Xlsx};
use domain::{
    Context, FieldPlan, ItemChange, Member, Op, Place, ProductKey, Roadmap, RoadmapId, Role, SourceKey, Tag,
    Timestamp, Title, UserId, apply,
    exchange::{Answers, Counts, Fate, Loss, Mapping, Problem, Target},
};

use super::{
    csv,
    guess::guess,
    plan::{Destination, Plan, plan},
    running::{Run, Running},
    table::Table,
};

const GOALS: &str = include_str!("../../../end2end/fixtures/rust-project-goals.csv");

/// A year that begins in April.
fn april() -> domain::FiscalYear {
    domain::FiscalYear::beginning_in(4).unwrap()
}

/// A roadmap that starts with the lanes every product starts with.
struct Product {
    key: ProductKey,
    roadmap: Roadmap,
    members: Vec<Member>,
}

impl Product {
    fn new(key: &str) -> Self {
        let mut product =
            Self { key: key.parse().unwrap(), roadmap: Roadmap::default(), members: Vec::new() };
        for (n, name) in (1..).zip(["Now", "Next", "Later", "Done"]) {
            let id = domain::LaneId::new(n, [0; 10]);
            product.apply(&Op::CreateLane { id, name: name.parse().unwrap(), place: Place::Last });
        }
        product
    }

    fn with_member(mut self, n: u64, name: &str, email: &str, active: bool) -> Self {
        self.members.push(Member {
            id: UserId::new(n, [0; 10]),
            name: name.parse().unwrap(),
            email: email.parse().ok(),
            role: Role::Editor,
            colour: 0,
            active,
        });
        self
    }

    fn apply(&mut self, op: &Op) {
        apply(&mut self.roadmap, op, &Context { actor: UserId::NIL, at: Timestamp(1) }).unwrap();
    }

    fn plan(&self, text: &str, mapping: Option<Mapping>) -> Result<Plan, String> {
        self.plan_file(text.as_bytes(), mapping, &[])
    }

    fn plan_file(
        &self,
        bytes: &[u8],
        mapping: Option<Mapping>,
        answers: &[(&str, &str)],
    ) -> Result<Plan, String> {
        let answers = answers.iter().map(|(question, answer)| ((*question).to_owned(), (*answer).to_owned()));
        let answers = Answers(answers.collect());
        let table = Table::read(bytes, &answers)?;
        let mapping = mapping.unwrap_or_else(|| guess(&table, self.roadmap.fields()));
        let id = RoadmapId::new(1, [0; 10]);
        plan(
            Destination { product: &self.key, id, roadmap: &self.roadmap, members: &self.members },
            &table,
            &mapping,
            &answers,
            &Running::default(),
        )
    }

    /// Imports a file, and tells how many items it created, updated and left as they were.
    fn import(&mut self, text: &str) -> (u32, u32, u32) {
        let plan = self.plan(text, None).unwrap();
        assert_eq!(plan.problems, []);
        let counts = plan.counts;
        for step in plan.into_steps() {
            self.apply(&step);
        }
        (counts.created, counts.updated, counts.unchanged)
    }

    fn problems(&self, text: &str) -> Vec<Problem> {
        self.plan(text, None).unwrap().problems
    }

    fn export(&self) -> String {
        String::from_utf8(csv::write(&self.key, &self.roadmap, &self.members, april(), b',')).unwrap()
    }

    /// Every lane with the titles of its items.
    fn board(&self) -> Vec<(String, Vec<String>)> {
        let titles = |lane| {
            let items = self.roadmap.lane_items(lane).iter();
            items.map(|id| self.roadmap.item(*id).unwrap().fields.title.to_string()).collect()
        };
        let lanes = self.roadmap.lane_order().iter();
        lanes.map(|id| (self.roadmap.lane(*id).unwrap().name.to_string(), titles(*id))).collect()
    }

    /// Everything people see of the items, lane by lane. The key by which an item came is its own, if it had none.
    fn content(&self) -> Vec<(String, Vec<domain::ItemFields>)> {
        let items = |lane| {
            let items = self.roadmap.lane_items(lane).iter().map(|id| self.roadmap.item(*id).unwrap());
            items.map(|item| domain::ItemFields { source_key: None, ..item.fields.clone() }).collect()
        };
        let lanes = self.roadmap.lane_order().iter();
        lanes.map(|id| (self.roadmap.lane(*id).unwrap().name.to_string(), items(*id))).collect()
    }

    fn item(&self, title: &str) -> domain::Item {
        let item = self.roadmap.items().find(|item| &*item.fields.title == title);
        domain::Item::clone(item.unwrap_or_else(|| panic!("there is no item {title}")))
    }
}

#[test]
fn the_goals_become_items_in_lanes_of_their_periods() {
    let mut product = Product::new("RUST");
    assert_eq!(product.import(GOALS), (190, 0, 0));
    let sizes: Vec<(String, usize)> =
        product.board().into_iter().map(|(lane, items)| (lane, items.len())).collect();
    let expected = [
        ("2024h2", 30),
        ("2025h1", 42),
        ("2025h2", 42),
        ("2026", 76),
        ("Now", 0),
        ("Next", 0),
        ("Later", 0),
        ("Done", 0),
    ];
    assert_eq!(sizes, expected.map(|(lane, size)| (lane.to_owned(), size)));
    let edition = product.item("Rust 2024 Edition").fields;
    assert_eq!(edition.source_key.as_deref(), Some("2024h2/Rust-2024-Edition"));
    assert_eq!(edition.status, domain::Status::Planned);
    assert_eq!(
        edition.tags.iter().map(|tag| &**tag).collect::<Vec<_>>(),
        ["flagship", "lang", "leadership-council"]
    );
    assert_eq!(&*edition.description, "Tracking issue: 117");
    assert_eq!(edition.start.unwrap().to_string(), "2024-07-01");
    assert_eq!(edition.end.unwrap().to_string(), "2024-12-31");
    product.item("Implement \"merged doctests\" to save doctest time");
    product.item("Reduce clones and unwraps, support partial borrows");
}

#[test]
fn what_looks_the_same_is_the_same_to_an_import() {
    let mut product = Product::new("DESK").with_member(2, "Zo\u{eb} Lund", "zoe@example.org", true);
    assert_eq!(product.import("Title,Lane,Owner\nCaf\u{e9},\u{dc}ber,Zo\u{eb} Lund\nCar,Car,\n"), (2, 0, 0));
    // Marks as characters of their own, as macOS writes them, and letters of full width.
    let again = "Title,Lane,Owner\nCafe\u{301},u\u{308}ber,Zoe\u{308} Lund\nCar,\u{ff23}ar,\n";
    assert_eq!(product.import(again), (0, 0, 2));
    assert_eq!(product.item("Caf\u{e9}").fields.owner, Some(UserId::new(2, [0; 10])));
}

#[test]
fn a_workbook_has_real_numbers_and_days() {
    let mut product = Product::new("DESK");
    product.import("Title,Effort,Start\nSearch,2.5,2026-11-23\n");
    let bytes = super::sheet::write(&product.key, &product.roadmap, &product.members, april()).unwrap();
    let mut workbook: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).unwrap();
    let range = workbook.worksheet_range_at(0).unwrap().unwrap();
    let cell = |name: &str| {
        let at = csv::COLUMNS.iter().position(|(header, _)| *header == name).unwrap();
        range.get((1, at)).cloned().unwrap()
    };
    assert_eq!(cell("Title"), Data::String("Search".to_owned()));
    assert_eq!(cell("Effort"), Data::Float(2.5));
    assert!(matches!(cell("Start"), Data::DateTime(day) if day.as_f64() == 46_349.0), "{:?}", cell("Start"));
}

#[test]
fn a_second_import_changes_only_what_differs() {
    let mut product = Product::new("RUST");
    product.import(GOALS);
    let before = product.roadmap.clone();
    assert_eq!(product.import(GOALS), (0, 0, 190));
    assert_eq!(product.roadmap, before);

    let newer = GOALS
        .replace("Rust 2024 Edition,Accepted,yes", "Rust 2024 edition,Proposed,")
        .replace("2024h2/Polonius,2024h2,", "2024h2/Polonius,2025h1,");
    let plan = product.plan(&newer, None).unwrap();
    let details: Vec<_> =
        plan.rows.iter().filter(|row| row.fate == Fate::Update).map(|row| row.details.clone()).collect();
    assert_eq!(
        details,
        [
            vec!["lane: 2024h2 → 2025h1"],
            vec![
                "title: Rust 2024 Edition → Rust 2024 edition",
                "status: Planned → Proposed",
                "tags: flagship, lang, leadership-council → lang, leadership-council",
            ],
        ]
    );
    assert_eq!(product.import(&newer), (0, 2, 188));
    assert_eq!(product.import(&newer), (0, 0, 190));
    assert_eq!(product.roadmap.items().count(), 190);
}

#[test]
fn an_export_goes_into_an_empty_product_with_equal_content() {
    let mut product = Product::new("RUST").with_member(1, "Ada", "ada@example.org", true);
    product.import(GOALS);
    let ada = product.members[0].id;
    let id = product.item("Rust 2024 Edition").id;
    for change in [
        ItemChange::Owner(Some(ada)),
        ItemChange::Effort("2.5".parse().ok()),
        ItemChange::Investment(Some(domain::Investment::Run)),
        ItemChange::Kind(domain::ItemKind::Experiment),
        ItemChange::Title(Title::parse("=cmd|'/C calc'!A0, \"quoted\"; ünïcode 漢字").unwrap()),
        ItemChange::Description("- first\n- second\n\n\"quotes\", 'apostrophes'".parse().unwrap()),
        ItemChange::AddTag(Tag::parse("@home").unwrap()),
        ItemChange::Schedule { start: None, end: "2026-12-31".parse().ok() },
    ] {
        product.apply(&Op::set(id, change));
    }
    let first = product.roadmap.lane_order()[0];
    product.apply(&Op::MoveItems { ids: vec![id], lane: first, place: Place::First });

    let export = product.export();
    assert!(export.contains("\"'=cmd|'/C calc'!A0"), "formulas are guarded");
    let mut other = Product::new("COPY").with_member(2, "Ada", "ada@example.org", true);
    other.members[0].id = ada;
    assert_eq!(other.import(&export), (190, 0, 0));
    assert_eq!(other.content(), product.content());
    assert_eq!(other.import(&export), (0, 0, 190));
    // What came from outside keeps the key it had there.
    assert_eq!(other.import(GOALS), (0, 1, 189));
}

#[test]
fn every_form_of_a_table_goes_into_an_empty_product_with_equal_content() {
    let mut product = Product::new("RUST").with_member(1, "Ada", "ada@example.org", true);
    product.import(GOALS);
    let id = product.item("Rust 2024 Edition").id;
    for change in [
        ItemChange::Owner(Some(product.members[0].id)),
        ItemChange::Effort("2.5".parse().ok()),
        ItemChange::Title(Title::parse("=1+1, \"quoted\"; | ünïcode 漢字").unwrap()),
        ItemChange::Description("- first\n- second; third\ttab".parse().unwrap()),
        ItemChange::Schedule { start: None, end: "2026-12-31".parse().ok() },
    ] {
        product.apply(&Op::set(id, change));
    }
    let (key, roadmap, members) = (&product.key, &product.roadmap, &product.members);
    let files = [
        csv::write(key, roadmap, members, april(), b';'),
        csv::write(key, roadmap, members, april(), b'\t'),
        super::sheet::write(key, roadmap, members, april()).unwrap(),
    ];
    for file in files {
        let mut other = Product::new("COPY").with_member(1, "Ada", "ada@example.org", true);
        let plan = other.plan_file(&file, None, &[]).unwrap();
        assert_eq!((plan.counts.created, &*plan.problems), (190, &[][..]));
        plan.into_steps().iter().for_each(|step| other.apply(step));
        assert_eq!(other.content(), product.content());
    }
}

#[test]
fn an_export_of_items_made_here_finds_them_again() {
    let mut product = Product::new("ERP");
    product.import("Title,Lane\nSingle sign-on,Now\nAudit log,Later\n");
    let export = product.export();
    assert!(export.contains("\r\nERP-1,Single sign-on,Now,"), "{export}");
    assert_eq!(product.import(&export), (0, 0, 2));
    assert_eq!(product.import(&export.replace("Audit log", "Audit trail")), (0, 1, 1));
    assert_eq!(product.item("Audit trail").fields.source_key, None);

    // Another tool's key may look like an item's own. That changes nothing here, and the item's id stands in for it.
    assert_eq!(product.import("Key,Title\nERP-1,Foreign\n"), (1, 0, 0));
    let export = product.export();
    assert!(export.contains(&product.item("Single sign-on").id.to_string()), "{export}");
    assert_eq!(product.import(&export), (0, 0, 3));

    // An item that has a key from elsewhere is found by that alone.
    let foreign = product.item("Foreign").number;
    let text = format!("Key,Title,Cairn key\nERP-{foreign},Another,ERP-{foreign}\n");
    assert_eq!(product.import(&text), (1, 0, 0));
}

#[test]
fn rows_without_keys_are_found_by_their_titles() {
    let mut product = Product::new("ERP");
    let text = "Title,Status\nSame,planned\nSame,done\nOther,\n";
    assert_eq!(product.import(text), (3, 0, 0));
    assert_eq!(product.import(text), (0, 0, 3));
    assert_eq!(product.board()[0].1, ["Same", "Same", "Other"]);
}

#[test]
fn every_problem_is_listed_by_its_cause_and_costs_no_row_with_a_title() {
    let product = Product::new("ERP").with_member(1, "Ada", "ada@example.org", true);
    let long = "x".repeat(201);
    let text = format!(
        "Key,Title,Lane,Status,Effort,Start,End,Owner,Urgent\n\
         1,Good,New lane,planned,1,2026-01-01,2026-02-01,ada,yes\n\
         2,,Never used,,,,,,\n\
         3,{long},Now,,,,,,\n\
         1,Repeated,Now,,,,,,\n\
         4,Wrong words,Now,perhaps,many,soon,,bob@example.org,maybe\n\
         5,Backwards,Now,,some,2026-02-01,2026-01-01,,\n\
         6,Too short\n"
    );
    let table = Table::read(text.as_bytes(), &Answers::default()).unwrap();
    let mut mapping = guess(&table, &FieldPlan::default());
    mapping.0.insert("Urgent".to_owned(), Target::TagIfYes);
    let plan = product.plan(&text, Some(mapping)).unwrap();
    let listed: Vec<_> = plan
        .problems
        .iter()
        .map(|problem| {
            (problem.loss, problem.column.as_deref().unwrap_or_default(), problem.lines.as_slice())
        })
        .collect();
    assert_eq!(
        listed,
        [
            (Loss::Row, "Title", &[3][..]),
            (Loss::Cell, "Key", &[5]),
            (Loss::Cell, "Effort", &[6, 7]),
            (Loss::Cell, "Start", &[6]),
            (Loss::Cell, "End", &[7]),
            (Loss::Cell, "Urgent", &[6]),
            (Loss::Change, "Title", &[4]),
        ]
    );
    assert_eq!(plan.problems[2].examples, ["many", "some"]);
    assert_eq!((plan.counts.created, plan.counts.left_out), (6, 1));
    // A lane that only a refused row named is not added.
    assert_eq!(plan.new_lanes, ["New lane"]);
}

#[test]
fn lanes_are_matched_without_regard_to_case() {
    let mut product = Product::new("ERP");
    product.import("Title,Lane\nA,NOW\nB,someday\nC,Someday\nD,\n");
    let board = product.board();
    assert_eq!(board[0], ("Now".to_owned(), vec!["A".to_owned(), "D".to_owned()]));
    assert_eq!(board[1], ("someday".to_owned(), vec!["B".to_owned(), "C".to_owned()]));
    assert_eq!(board.len(), 5);
}

#[test]
fn new_lanes_stand_where_the_file_has_them() {
    let lanes = |product: &Product| product.board().into_iter().map(|(lane, _)| lane).collect::<Vec<_>>();
    let mut product = Product::new("ERP");
    product.import("Title,Lane\nA,Before\nB,Now\nC,Between\nD,Done\nE,After\n");
    let expected = ["Before", "Now", "Between", "Next", "Later", "Done", "After"];
    assert_eq!(lanes(&product), expected);
    let mut copy = Product::new("COPY");
    copy.import(&product.export());
    assert_eq!(lanes(&copy), expected);

    // On a roadmap in use, lanes of another kind do not push in front.
    product.import("Title,Lane\nF,2027\nG,2028\n");
    assert_eq!(lanes(&product)[6..], ["After", "2027", "2028"]);

    // A lane that is not added, because its only row is refused, cannot be a neighbour.
    let text = "Title,Lane,Start,End\n,Never,,\nI,2029,,\n";
    let plan = product.plan(text, None).unwrap();
    assert_eq!((plan.new_lanes.clone(), plan.problems.len()), (vec!["2029".to_owned()], 1));
    plan.into_steps().iter().for_each(|step| product.apply(step));
    assert_eq!(lanes(&product)[7..], ["2027", "2028", "2029"]);
    let text = "Title,Lane,Start,End\n,Never,,\nJ,2025,,\nB,Now,,\n";
    let plan = product.plan(text, None).unwrap();
    plan.into_steps().iter().for_each(|step| product.apply(step));
    assert_eq!(lanes(&product)[..3], ["Before", "2025", "Now"]);
}

#[test]
fn what_the_file_does_not_say_stays_as_it_is() {
    let mut product = Product::new("ERP");
    product.import("Key,Title,Tracking issue,Urgent\nA,One,12,yes\n");
    let id = product.item("One").id;
    let lane = product.roadmap.lane_order()[2];
    for op in [
        Op::set(id, ItemChange::Description("Mine.\n\nTracking issue: 12\n\nMore.".parse().unwrap())),
        Op::set(id, ItemChange::AddTag(Tag::parse("mine").unwrap())),
        Op::set(id, ItemChange::Status(domain::Status::Done)),
        Op::MoveItems { ids: vec![id], lane, place: Place::Last },
    ] {
        product.apply(&op);
    }
    assert_eq!(product.import("Key,Title,Tracking issue,Urgent\nA,One,12,yes\n"), (0, 0, 1));
    assert_eq!(product.import("Key,Title,Tracking issue,Urgent\nA,One,13,\nB,Two,,x\n"), (1, 1, 0));
    let item = product.item("One");
    assert_eq!(&*item.fields.description, "Mine.\n\nTracking issue: 13\n\nMore.");
    assert_eq!(item.fields.tags.iter().map(|tag| &**tag).collect::<Vec<_>>(), ["mine"]);
    assert_eq!((item.lane, item.fields.status), (lane, domain::Status::Done));
}

#[test]
fn a_deleted_item_stays_in_the_bin() {
    let mut product = Product::new("ERP");
    product.import("Key,Title\nA,One\n");
    product.apply(&Op::DeleteItems { ids: vec![product.item("One").id] });
    let problems = product.problems("Key,Title\nA,One\n");
    assert_eq!(problems.len(), 1);
    assert!(problems[0].sentence.starts_with("The item is in the bin."), "{}", problems[0].sentence);
    assert_eq!((problems[0].loss, &*problems[0].examples), (Loss::Row, &["One".to_owned()][..]));

    // Unless it is wanted back.
    let plan = product.plan_file(b"Key,Title\nA,Two\n", None, &[("bin", "restore")]).unwrap();
    assert_eq!((plan.counts.updated, plan.problems.len()), (1, 0));
    plan.into_steps().iter().for_each(|step| product.apply(step));
    assert!(product.item("Two").deleted.is_none());
}

#[test]
fn of_items_with_the_same_key_the_one_that_is_not_deleted_is_meant() {
    for deleted in ["One", "Two"] {
        let mut product = Product::new("ERP");
        product.import("Key,Title\nA,One\nB,Two\n");
        let id = product.item("Two").id;
        product.apply(&Op::set(id, ItemChange::SourceKey(SourceKey::parse("A").ok())));
        product.apply(&Op::DeleteItems { ids: vec![product.item(deleted).id] });
        assert_eq!(product.import("Key,Title\nA,New\n"), (0, 1, 0), "{deleted} is in the bin");
        assert!(product.item("New").deleted.is_none());
    }
}

#[test]
fn a_tag_that_has_its_own_column_may_also_be_among_the_tags() {
    let mut product = Product::new("ERP");
    product.import("Title,Tags,Urgent\nA,urgent;x,no\nB,y,yes\n");
    let tags = |title| product.item(title).fields.tags.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(
        (tags("A"), tags("B")),
        (vec!["urgent".into(), "x".into()], vec!["urgent".into(), "y".into()])
    );
}

#[test]
fn owners_are_members_by_address_or_unmistakable_name() {
    let mut product = Product::new("ERP")
        .with_member(1, "Ada", "ada@example.org", true)
        .with_member(2, "Sam", "sam@example.org", true)
        .with_member(3, "Sam", "samuel@example.org", true)
        .with_member(4, "Ada", "ada@old.example", false);
    product.import("Title,Owner\nA,ADA\nB,Samuel@Example.org\nC,ada@old.example\n");
    let owner = |product: &Product, title| product.item(title).fields.owner.unwrap();
    assert_eq!(
        ["A", "B", "C"].map(|title| owner(&product, title)),
        [1, 3, 4].map(|n| UserId::new(n, [0; 10]))
    );
    // One that could be either is kept as text until somebody chooses.
    let text = "Title,Owner\nD,Sam\n";
    product.import(text);
    assert_eq!(
        (product.item("D").fields.owner, &*product.item("D").fields.description),
        (None, "Owner: Sam")
    );
    let plan = product.plan_file(text.as_bytes(), None, &[("owner:sam", "=samuel@example.org")]).unwrap();
    plan.into_steps().iter().for_each(|step| product.apply(step));
    assert_eq!((owner(&product, "D"), &*product.item("D").fields.description), (UserId::new(3, [0; 10]), ""));
}

#[test]
fn two_plans_for_the_same_rows_cannot_both_be_done() {
    let mut product = Product::new("RUST");
    let first = product.plan(GOALS, None).unwrap().into_steps();
    let second = product.plan(GOALS, None).unwrap().into_steps();
    assert_eq!(first.len(), 1);
    product.apply(&first[0]);
    let context = Context { actor: UserId::NIL, at: Timestamp(2) };
    assert_eq!(apply(&mut product.roadmap, &second[0], &context), Err(domain::Reject::DuplicateId));
    assert_eq!(product.roadmap.items().count(), 190);
}

#[test]
fn an_import_can_be_taken_back() {
    let mut product = Product::new("RUST");
    product.import("Key,Title,Status,Lane\n2024h2/Polonius,Mine,done,Now\n");
    let before = product.content();
    let plan = product.plan(GOALS, None).unwrap();
    assert_eq!((plan.counts.created, plan.counts.updated), (189, 1));
    let undo = plan.undo(product.roadmap.lane_order()[0]);
    plan.into_steps().iter().chain(&undo).for_each(|step| product.apply(step));
    assert_eq!(product.content(), before);
    assert_eq!(product.roadmap.items().filter(|item| item.deleted.is_some()).count(), 189);
}

#[test]
fn a_large_file_goes_in_few_steps() {
    let mut product = Product::new("BIG");
    let rows: String = (0..10_000).map(|n| format!("K{n},Item {n},Lane {}\n", n % 7)).collect();
    let plan = product.plan(&format!("Key,Title,Lane\n{rows}"), None).unwrap();
    let steps = plan.into_steps();
    assert_eq!(steps.len(), 3);
    steps.iter().for_each(|step| product.apply(step));
    assert_eq!(product.roadmap.items().count(), 10_000);
}

#[test]
fn rows_that_nobody_waits_for_are_not_read() {
    let run = Run::new(domain::ClientId::new(1, [0; 10]));
    let running = run.running.clone();
    drop(run);
    let product = Product::new("ERP");
    let table = Table::read(GOALS.as_bytes(), &Answers::default()).unwrap();
    let to = Destination {
        product: &product.key,
        id: RoadmapId::new(1, [0; 10]),
        roadmap: &product.roadmap,
        members: &[],
    };
    let mapping = guess(&table, product.roadmap.fields());
    plan(to, &table, &mapping, &Answers::default(), &running).unwrap_err();
    assert_eq!(running.progress(), domain::exchange::Progress::default());
}

#[test]
fn a_column_of_many_values_is_not_taken_for_the_lane() {
    let product = Product::new("ERP");
    let rows: String = (0..41).map(|n| format!("Item {n},Lane {n}\n")).collect();
    let text = format!("Title,Lane\n{rows}");
    let plan = product.plan(&text, None).unwrap();
    assert_eq!((plan.counts.created, plan.new_lanes.len()), (41, 0));
    let refusal = product.plan(&text, Some(by_lane())).unwrap_err();
    assert!(refusal.starts_with("This would add 41 lanes"), "{refusal}");
}

fn by_lane() -> Mapping {
    Mapping([("Title".to_owned(), Target::Title), ("Lane".to_owned(), Target::Lane)].into())
}

/// Of many lanes each is looked for among the others.
#[test]
fn a_file_of_thousands_of_lanes_is_refused_at_once() {
    let product = Product::new("ERP");
    let rows: String = (0..10_000).map(|n| format!("Item {n},Lane {n}\n")).collect();
    let refusal = product.plan(&format!("Title,Lane\n{rows}"), Some(by_lane())).unwrap_err();
    assert!(refusal.starts_with("This would add 10000 lanes"), "{refusal}");
}

#[test]
fn a_file_twice_as_large_takes_about_twice_as_long() {
    let takes = |text: &str| {
        let once = || {
            let begun = fuzz::worked();
            let product = Product::new("ERP");
            drop(std::hint::black_box(product.plan(text, None)));
            fuzz::worked() - begun
        };
        (0..4).map(|_| once()).min().unwrap()
    };
    let header = |columns: usize| (0..columns).map(|n| format!("Note {n}")).collect::<Vec<_>>().join(",");
    let wide = |columns: usize| {
        let cells = |row: usize| (0..columns).map(|n| format!(",{}", (n + row) % 7)).collect::<String>();
        let rows: String = (0..20).map(|row| format!("Item {row}{}\n", cells(row))).collect();
        format!("Title,{}\n{rows}", header(columns))
    };
    let rows = |count: usize, row: fn(usize) -> String| {
        (0..count).fold("Key,Title,Lane,Tags,Description\n".to_owned(), |text, n| text + &row(n))
    };
    let plain = |n: usize| format!("K{n},Item {n},Lane {},a;b{},text\n", n % 20, n % 90);
    let alike = |_: usize| "K,Item,Lane,a;b,text\n".to_owned();
    let broken = |n: usize| format!("K{n},Item {n}\n");
    let titles = |n: usize| format!(",Item,Lane {},,{n}\n", n % 20);
    for (what, short, long) in [
        ("columns", wide(100), wide(400)),
        ("rows", rows(1_000, plain), rows(4_000, plain)),
        ("rows alike", rows(1_000, alike), rows(4_000, alike)),
        ("broken rows", rows(1_000, broken), rows(4_000, broken)),
        ("rows of one title", rows(1_000, titles), rows(4_000, titles)),
    ] {
        // Four times the file; what looks at each pair takes sixteen times as long.
        let (short, long) = (takes(&short), takes(&long));
        assert!(
            long < 9 * short.max(std::time::Duration::from_millis(1)),
            "{what}: {short:?} became {long:?}"
        );
    }
}
