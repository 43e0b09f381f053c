//! Small files of every tool, encoding and format, each with what becomes of it beside it.
//!
//! `CAIRN_WRITE_EXPECTED=1` writes the expected results, to be read before it is committed.

use std::{fmt::Write as _, fs, path::PathBuf};

use super::*;

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/import"))
}

/// How a file is read, and the board that comes of it.
fn outcome(bytes: &[u8], answers: &[(&str, &str)]) -> String {
    let mut product = Product::new("ERP")
        .with_member(1, "Ada Lovelace", "ada@example.org", true)
        .with_member(2, "Bob Byte", "bob@example.org", true);
    let mut text = String::new();
    let chosen = Answers(answers.iter().map(|(q, a)| ((*q).to_owned(), (*a).to_owned())).collect());
    let table = match Table::read(bytes, &chosen) {
        Ok(table) => table,
        Err(sentence) => return format!("Refused: {sentence}\n"),
    };
    writeln!(text, "{}", table.source.join(" · ")).unwrap();
    let mapping = guess(&table, product.roadmap.fields());
    for header in &table.headers {
        writeln!(text, "  {header} → {}", mapping.target(header).stored()).unwrap();
    }
    let plan = product.plan_file(bytes, None, answers).unwrap();
    for group in table.questions.iter().chain(&plan.questions) {
        writeln!(text, "{}", group.title).unwrap();
        for question in &group.questions {
            writeln!(text, "  {} → {} ({}×)", question.id, question.answer, question.count).unwrap();
        }
    }
    for problem in &plan.problems {
        let column = problem.column.as_deref().unwrap_or("row");
        writeln!(text, "{}: {column}, lines {:?}: {}", problem.loss.label(), problem.lines, problem.sentence)
            .unwrap();
    }
    plan.into_steps().iter().for_each(|step| product.apply(step));
    let again = product.plan_file(bytes, None, answers).unwrap().counts;
    assert_eq!((again.created, again.updated), (0, 0), "the same again changes nothing\n{text}");
    for lane in product.roadmap.lane_order() {
        let items = product.roadmap.lane_items(*lane);
        if items.is_empty() {
            continue;
        }
        writeln!(text, "# {}", &*product.roadmap.lane(*lane).unwrap().name).unwrap();
        for item in items.iter().map(|id| product.roadmap.item(*id).unwrap()) {
            let fields = &item.fields;
            write!(text, "{} [{}, {}]", &*fields.title, fields.kind.as_str(), fields.status.as_str())
                .unwrap();
            for part in [
                fields.source_key.as_ref().map(|key| format!("key {key}")),
                fields.effort.map(|effort| format!("{effort} d")),
                fields.start.map(|day| format!("from {day}")),
                fields.end.map(|day| format!("until {day}")),
                fields
                    .owner
                    .map(|id| product.members.iter().find(|it| it.id == id).unwrap().name.to_string()),
            ]
            .into_iter()
            .flatten()
            {
                write!(text, ", {part}").unwrap();
            }
            for tag in &fields.tags {
                write!(text, " #{}", &**tag).unwrap();
            }
            text.push('\n');
            for line in fields.description.lines() {
                writeln!(text, "    {line}").unwrap();
            }
            for comment in product.roadmap.thread(item.id) {
                writeln!(text, "    > {}", comment.body.replace('\n', " / ")).unwrap();
            }
        }
    }
    text
}

#[test]
fn files_of_every_tool_encoding_and_format_become_what_stands_beside_them() {
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension != "expected"));
    files.sort();
    assert!(files.len() >= 22);
    let mut wrong = Vec::new();
    for file in files {
        let actual = outcome(&fs::read(&file).unwrap(), &[]);
        let beside = PathBuf::from(format!("{}.expected", file.display()));
        if std::env::var_os("CAIRN_WRITE_EXPECTED").is_some() {
            fs::write(&beside, &actual).unwrap();
        }
        let expected = fs::read_to_string(&beside).unwrap_or_default();
        if actual != expected {
            wrong.push(format!("{}:\n{actual}\ninstead of\n{expected}", beside.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn a_sheet_archived_cards_and_orders_of_dates_can_be_chosen() {
    let file = |name: &str| fs::read(folder().join(name)).unwrap();
    let ideas = outcome(&file("roadmap.xlsx"), &[("sheet", "Ideas")]);
    assert!(ideas.contains("Sheet “Ideas”") && ideas.contains("\nAn idea ["), "{ideas}");
    for board in ["trello.csv", "trello.json"] {
        assert!(!outcome(&file(board), &[]).contains("Print flyers"), "{board}");
        assert!(outcome(&file(board), &[("archived", "import")]).contains("Print flyers"), "{board}");
    }
    let english = file("english.csv");
    assert!(outcome(&english, &[]).contains("from 2026-04-03"));
    assert!(outcome(&english, &[("dates:Start date", "month")]).contains("from 2026-03-04"));
}

#[test]
fn a_text_that_many_cells_name_cannot_fill_the_memory() {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    let long = "x".repeat(32_767);
    (0..4_000).for_each(|row| {
        sheet.write_string(row, 0, long.as_str()).unwrap();
    });
    let workbook = workbook.save_to_buffer().unwrap();
    let cards: Vec<String> = (0..150).map(|n| format!(r#"{{"id":"{n}","name":"A","idList":"l"}}"#)).collect();
    let name = "x".repeat(1024 * 1024);
    let board = format!(r#"{{"lists":[{{"id":"l","name":"{name}"}}],"cards":[{}]}}"#, cards.join(","));
    for bytes in [workbook.as_slice(), board.as_bytes()] {
        assert!(bytes.len() < 2 * 1024 * 1024);
        let refusal = Product::new("ERP").plan_file(bytes, None, &[]).unwrap_err();
        assert!(refusal.contains("more than 120 MB of text"), "{refusal}");
    }
}

#[test]
fn a_workbook_that_inflates_to_more_than_it_may_is_refused() {
    use std::io::Write as _;
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for name in ["xl/workbook.xml", "xl/sharedStrings.xml"] {
        archive.start_file(name, options).unwrap();
        let zeros = vec![b' '; 1024 * 1024];
        (0..70).for_each(|_| archive.write_all(&zeros).unwrap());
    }
    let bytes = archive.finish().unwrap().into_inner();
    assert!(bytes.len() < 1024 * 1024);
    let refusal = Product::new("ERP").plan_file(&bytes, None, &[]).unwrap_err();
    assert!(refusal.starts_with("The workbook is too large"), "{refusal}");
    for (bytes, sentence) in [
        (&b"PK\x03\x04rubbish"[..], "The workbook cannot be read"),
        (&bytes[..bytes.len() / 2], "The workbook cannot be read"),
    ] {
        let refusal = Product::new("ERP").plan_file(bytes, None, &[]).unwrap_err();
        assert!(refusal.starts_with(sentence), "{refusal}");
    }
}

/// A Jira export as large projects have it: 200 columns, most of them of a few names, with one value of many in each.
fn wide_jira(rows: u32) -> String {
    static REPEATED: [(&str, u32); 7] = [
        ("Labels", 40),
        ("Component/s", 5),
        ("Sprint", 10),
        ("Comment", 60),
        ("Outward issue link (Blocks)", 25),
        ("Attachment", 40),
        ("Watchers", 9),
    ];
    let single = [
        "Summary",
        "Issue key",
        "Issue id",
        "Issue Type",
        "Status",
        "Priority",
        "Assignee",
        "Created",
        "Due date",
        "Description",
        "Custom field (Story Points)",
    ];
    let repeated = || REPEATED.iter().flat_map(|(name, count)| (1..=*count).map(move |at| (*name, at)));
    let headers: Vec<&str> = single.into_iter().chain(repeated().map(|(name, _)| name)).collect();
    assert_eq!(headers.len(), 200);
    let mut text = headers.join(",");
    for n in 1..=rows {
        let single = [
            format!("Item {n}"),
            format!("SHOP-{n}"),
            format!("{}", 10_000 + n),
            "Story".to_owned(),
            "In Progress".to_owned(),
            "High".to_owned(),
            "Ada Lovelace".to_owned(),
            "01/Oct/25 9:00 AM".to_owned(),
            "31/Oct/25 4:05 PM".to_owned(),
            format!("Why {n}, and how"),
            format!("{n}.0"),
        ];
        let repeated = repeated().map(|(name, at)| match (name, at) {
            ("Labels", _) if n == rows || (n + at) % 5 == 0 => format!("label-{at:02}"),
            ("Component/s", 1) => "web".to_owned(),
            ("Component/s", 5) => "api".to_owned(),
            ("Sprint", 1) => "Sprint 1".to_owned(),
            ("Sprint", 2) if n % 2 == 0 => "Sprint 2".to_owned(),
            ("Comment", _) if at <= n => format!("01/Oct/25 9:00 AM;ada;Remark {at}; of {n}"),
            ("Outward issue link (Blocks)", 1) if n > 1 => format!("SHOP-{}", n - 1),
            ("Outward issue link (Blocks)", 25) if n > 2 => format!("SHOP-{}", n - 2),
            ("Attachment", _) => {
                format!("01/Oct/25 9:00 AM;ada;plan-{at}.pdf;https://jira.example.org/{n}/{at}")
            }
            ("Watchers", _) => format!("watcher-{at}"),
            _ => String::new(),
        });
        let cells: Vec<String> =
            single.into_iter().chain(repeated).map(|cell| format!("\"{cell}\"")).collect();
        write!(text, "\r\n{}", cells.join(",")).unwrap();
    }
    text
}

#[test]
fn a_jira_export_of_200_columns_is_one_column_for_each_name() {
    const ROWS: u32 = 50;
    let text = wide_jira(ROWS);
    let table = Table::read(text.as_bytes(), &Answers::default()).unwrap();
    assert_eq!(table.source, ["Looks like a Jira export"]);
    let mapping = guess(&table, &domain::FieldPlan::default());
    let stored: Vec<String> = table.headers.iter().map(|header| mapping.target(header).stored()).collect();
    let targets: Vec<(&str, &str)> = table
        .headers
        .iter()
        .zip(&stored)
        .map(|(header, target)| (header.as_str(), target.as_str()))
        .collect();
    assert_eq!(
        targets,
        [
            ("Summary", "title"),
            ("Issue key", "key"),
            ("Issue id", "ignore"),
            ("Issue Type", "type"),
            ("Status", "status"),
            ("Priority", "priority"),
            ("Assignee", "owner"),
            ("Created", "append"),
            ("Due date", "end"),
            ("Description", "description"),
            ("Custom field (Story Points)", "append"),
            ("Labels", "tags"),
            ("Component/s", "tags"),
            ("Sprint", "lane"),
            ("Comment", "comment"),
            ("Outward issue link (Blocks)", "append"),
            ("Attachment", "ignore"),
            ("Watchers", "ignore"),
        ]
    );

    let mut product = Product::new("ERP").with_member(1, "Ada Lovelace", "ada@example.org", true);
    let plan = product.plan(&text, None).unwrap();
    let problems: Vec<_> =
        plan.problems.iter().map(|it| (it.sentence.as_str(), it.lines.as_slice())).collect();
    let too_many = "An item can have at most 30 tags. The others are in the description.";
    assert_eq!(problems, [(too_many, &[u64::from(ROWS) + 1][..])]);
    plan.into_steps().iter().for_each(|step| product.apply(step));

    for n in 1..=ROWS {
        let item = product.item(&format!("Item {n}"));
        let fields = &item.fields;
        assert_eq!(fields.source_key.as_deref(), Some(&*format!("SHOP-{n}")));
        assert_eq!((fields.kind.as_str(), fields.status.as_str()), ("feature", "in_progress"));
        assert_eq!(fields.owner, Some(UserId::new(1, [0; 10])));
        assert_eq!(fields.end.unwrap().to_string(), "2025-10-31");
        let lane = product.roadmap.lane(item.lane).unwrap();
        assert_eq!(&*lane.name, if n % 2 == 0 { "Sprint 2" } else { "Sprint 1" }, "the latest sprint");

        let labels = (1..=40).filter(|at| n == ROWS || (n + at) % 5 == 0).map(|at| format!("label-{at:02}"));
        let others = ["api", "priority: high", "web"].map(str::to_owned);
        let mut tags: Vec<String> = labels.chain(others).collect();
        tags.sort();
        let more = tags.split_off(tags.len().min(30));
        assert_eq!(fields.tags.iter().map(ToString::to_string).collect::<Vec<_>>(), tags, "Item {n}");

        let links: Vec<String> = [n - 1, n.saturating_sub(2)]
            .into_iter()
            .filter(|other| *other > 0)
            .map(|other| format!("SHOP-{other}"))
            .collect();
        let mut description =
            format!("Why {n}, and how\n\nCreated: 01/Oct/25 9:00 AM\n\nStory Points: {n}.0");
        for (header, values) in [("Outward issue link (Blocks)", links), ("More tags", more)] {
            if !values.is_empty() {
                write!(description, "\n\n{header}: {}", values.join(", ")).unwrap();
            }
        }
        assert_eq!(*fields.description, *description);

        let comments: Vec<String> =
            product.roadmap.thread(item.id).map(|comment| comment.body.to_string()).collect();
        let remark = |at: u32| format!("**ada** · 2025-10-01\n\nRemark {at}; of {n}");
        assert_eq!(comments, (1..=n).map(remark).collect::<Vec<_>>());
    }

    let again = product.plan(&text, None).unwrap().counts;
    assert_eq!((again.created, again.updated, again.unchanged), (0, 0, ROWS));
}
