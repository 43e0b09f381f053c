//! A real roadmap in and out: 190 goals of the Rust project.

use std::time::{Duration, Instant};

use backend::{
    Editor, Error, Viewer,
    exchange::{Format, Separator, Upload},
};
use domain::{
    ClientId, FieldChange, FieldKey, ItemFields, Op, Product, ProductKey, ProductKind, Reject, Role, Stage,
    Status,
    exchange::{Answers, Counts, Imported, Loss, MAX_ROWS, Mapping, Progress, Target},
};
use tokio::task::JoinHandle;

use crate::harness::{Store, stories};

stories! {
    the_goals_are_previewed_imported_and_found_again_by_another_process
    a_second_import_changes_only_what_differs
    an_export_goes_into_an_empty_product_with_equal_content
    of_two_imports_at_once_neither_doubles_an_item
    an_import_is_one_step_of_the_history
    an_import_can_be_taken_back
    only_editors_import_and_everybody_exports
    the_whole_document_names_voters_only_to_those_who_may_know
    nothing_is_imported_into_an_archived_product
    what_was_chosen_is_remembered_for_files_with_the_same_columns
    tags_and_priorities_are_mapped_to_other_tags_and_that_is_remembered
    a_row_that_lacks_a_required_field_comes_in_and_no_row_empties_one
    a_cancelled_import_leaves_nothing
    an_import_that_nobody_waits_for_leaves_nothing
    an_import_cancelled_in_another_process_is_not_done
    an_import_is_cancelled_by_its_person_alone
    an_import_that_is_complete_is_not_cancelled
    of_fifty_thousand_rows_as_many_come_in_as_fit_and_the_others_are_counted
}

const GOALS: &str = include_str!("../../../end2end/fixtures/rust-project-goals.csv");

fn key(text: &str) -> ProductKey {
    text.parse().unwrap()
}

async fn product(editor: &Editor, text: &str) -> Product {
    let profile = backend::Profile {
        name: text.parse().unwrap(),
        kind: ProductKind::Platform,
        stage: Stage::Growth,
        purpose: "".parse().unwrap(),
    };
    editor.create_product(key(text), profile).await.unwrap()
}

/// Every lane with what people see of its items, in board order. The key by which an item came is not its content.
async fn content(viewer: &Viewer, product: &Product) -> Vec<(String, Vec<ItemFields>)> {
    let roadmap = viewer.view(product.roadmap).await.unwrap().roadmap;
    let items = |lane| {
        let items = roadmap.lane_items(lane).iter().map(|id| roadmap.item(*id).unwrap());
        items.map(|item| ItemFields { source_key: None, ..item.fields.clone() }).collect()
    };
    let lanes = roadmap.lane_order().iter();
    lanes.map(|id| (roadmap.lane(*id).unwrap().name.to_string(), items(*id))).collect()
}

async fn the_goals_are_previewed_imported_and_found_again_by_another_process(store: Store) {
    let owner = store.owner().await;
    let rust = product(&owner, "RUST").await;
    let preview = owner.preview_import(&rust.key, GOALS).await.unwrap();
    assert_eq!((preview.refused.as_deref(), preview.counts.created, preview.problems.len()), (None, 190, 0));
    assert_eq!(preview.new_lanes, ["2024h2", "2025h1", "2025h2", "2026"]);
    assert_eq!(preview.columns[1].target, Target::Lane);
    assert_eq!(content(&owner, &rust).await.iter().map(|(_, items)| items.len()).sum::<usize>(), 0);

    let imported = owner.import(&rust.key, GOALS).await.unwrap();
    assert_eq!((imported.counts, &imported.new_lanes), (preview.counts, &preview.new_lanes));
    let here = content(&owner, &rust).await;
    assert_eq!(here.iter().map(|(_, items)| items.len()).collect::<Vec<_>>(), [30, 42, 42, 76, 0, 0, 0, 0]);

    let other = store.second_process().await;
    let there = other.people().first_owner().await.unwrap();
    assert_eq!(content(&there, &rust).await, here);
    let figures = store.backend.check().await.unwrap();
    assert_eq!(figures.problems, Vec::<String>::new());
    assert_eq!(figures.items, 190);
}

async fn a_second_import_changes_only_what_differs(store: Store) {
    let owner = store.owner().await;
    let rust = product(&owner, "RUST").await;
    owner.import(&rust.key, GOALS).await.unwrap();
    let head = owner.view(rust.roadmap).await.unwrap().head;
    let again = owner.import(&rust.key, GOALS).await.unwrap().counts;
    assert_eq!((again.created, again.updated, again.unchanged), (0, 0, 190));
    assert_eq!(owner.view(rust.roadmap).await.unwrap().head, head);

    // By another process, as the command line is one beside a running server.
    let other = store.second_process().await;
    let there = other.people().first_owner().await.unwrap();
    let newer = GOALS.replace("Rust 2024 Edition,Accepted", "Rust 2024 Edition,In progress");
    let updated = there.import(&rust.key, &*newer).await.unwrap().counts;
    assert_eq!((updated.created, updated.updated, updated.unchanged), (0, 1, 189));
}

async fn a_row_that_lacks_a_required_field_comes_in_and_no_row_empties_one(store: Store) {
    let owner = store.owner().await;
    let erp = product(&owner, "ERP").await;
    let change = FieldChange::RequiredFrom(Some(Status::Planned));
    let require = Op::SetField { field: "cost".parse().unwrap(), change };
    owner.change_fields(&erp.key, vec![require]).await.unwrap();
    let file = "Id,Title,Status,Cost\n1,Without,Planned,\n2,With,Planned,300\n";
    let imported = owner.import(&erp.key, file).await.unwrap();
    assert_eq!(imported.counts.created, 2);
    let sentences = |imported: &Imported| {
        imported.problems.iter().map(|problem| problem.sentence.clone()).collect::<Vec<_>>()
    };
    assert_eq!(sentences(&imported), ["Items need “Cost” from Planned on. The status stays."]);
    let found = |title: &'static str| async {
        let roadmap = owner.view(erp.roadmap).await.unwrap().roadmap;
        let item = roadmap.items().find(|item| *item.fields.title == *title).unwrap().fields.clone();
        (item.status, item.values.contains_key(&"cost".parse::<FieldKey>().unwrap()))
    };
    assert_eq!(found("Without").await, (Status::Proposed, false));
    assert_eq!(found("With").await, (Status::Planned, true));
    // The next file has nothing where the item needs something.
    let emptied = "Id,Title,Status,Cost\n1,Without,Proposed,\n2,With,In progress,\n";
    let imported = owner.import(&erp.key, emptied).await.unwrap();
    assert_eq!(found("With").await, (Status::InProgress, true), "{:?}", imported.problems);
    assert!(sentences(&imported).iter().all(|sentence| sentence.contains("It stays.")), "{imported:?}");
    assert_eq!(store.backend.check().await.unwrap().problems, Vec::<String>::new());
}

async fn an_export_goes_into_an_empty_product_with_equal_content(store: Store) {
    let owner = store.owner().await;
    let (rust, copy) = (product(&owner, "RUST").await, product(&owner, "COPY").await);
    owner.import(&rust.key, GOALS).await.unwrap();
    let export =
        String::from_utf8(owner.export(&rust.key, Format::Csv, Separator::Comma).await.unwrap()).unwrap();
    let imported = owner.import(&copy.key, &*export).await.unwrap();
    assert_eq!((imported.counts.created, imported.problems), (190, Vec::new()));
    assert_eq!(content(&owner, &copy).await, content(&owner, &rust).await);
    // What was exported is the same again, but for the keys that each product counts by itself.
    let again =
        String::from_utf8(owner.export(&copy.key, Format::Csv, Separator::Comma).await.unwrap()).unwrap();
    assert_eq!(again.replace("COPY-", "RUST-"), export);
}

async fn of_two_imports_at_once_neither_doubles_an_item(store: Store) {
    let owner = store.owner().await;
    let rust = product(&owner, "RUST").await;
    let other = store.second_process().await;
    let there = other.people().first_owner().await.unwrap();
    let both = tokio::join!(owner.import(&rust.key, GOALS), there.import(&rust.key, GOALS));
    let created = both.0.unwrap().counts.created + both.1.unwrap().counts.created;
    assert_eq!(created, 190);
    assert_eq!(store.backend.check().await.unwrap().items, 190);
}

async fn an_import_is_one_step_of_the_history(store: Store) {
    let owner = store.owner().await;
    let rust = product(&owner, "RUST").await;
    let before = owner.view(rust.roadmap).await.unwrap().head;
    owner.import(&rust.key, GOALS).await.unwrap();
    assert_eq!(owner.view(rust.roadmap).await.unwrap().head, before + 1);
    let line = owner.history(rust.roadmap, None, None, 1).await.unwrap().lines.remove(0);
    assert_eq!(line.actor, owner.member().id);
    assert_eq!(line.changes.len(), 4 + 190);
}

async fn an_import_can_be_taken_back(store: Store) {
    let owner = store.owner().await;
    let rust = product(&owner, "RUST").await;
    let before = content(&owner, &rust).await;
    let imported = owner.import(&rust.key, GOALS).await.unwrap();
    owner.undo_import(&rust.key, imported.undo).await.unwrap();
    assert_eq!(content(&owner, &rust).await, before);
    assert_eq!(store.backend.check().await.unwrap().problems, Vec::<String>::new());
    // The items lie in the bin now, and stay there until somebody restores them.
    let again = owner.import(&rust.key, GOALS).await.unwrap();
    assert_eq!((again.counts.created, again.counts.left_out, again.problems.len()), (0, 190, 1));
}

async fn only_editors_import_and_everybody_exports(store: Store) {
    let owner = store.owner().await;
    let rust = product(&owner, "RUST").await;
    for role in [Role::Viewer, Role::Stakeholder] {
        let person = store.person(role.as_str(), role).await;
        assert!(matches!(person.as_editor(), Err(Error::Refused(Reject::NotAllowed(_)))));
        assert!(!person.export(&rust.key, Format::Csv, Separator::Comma).await.unwrap().is_empty());
    }
    let missing = owner.export(&key("NONE"), Format::Csv, Separator::Comma).await;
    assert!(matches!(missing, Err(Error::NotFound(_))), "{missing:?}");

    // A role that was taken away meanwhile counts in the commit.
    let editor = store.person("edith", Role::Editor).await.as_editor().unwrap();
    owner.set_role(editor.member().id, Role::Viewer).await.unwrap();
    let refused = editor.import(&rust.key, GOALS).await;
    assert!(matches!(refused, Err(Error::Refused(Reject::NotAllowed(Role::Viewer)))), "{refused:?}");
    assert_eq!(store.backend.check().await.unwrap().items, 0);
}

async fn the_whole_document_names_voters_only_to_those_who_may_know(store: Store) {
    let owner = store.owner().await;
    let rust = product(&owner, "RUST").await;
    owner.import(&rust.key, "Key,Title,Owner\nA,Sign in,ada@example.org\nB,Sign out,\n").await.unwrap();
    let viewer = store.person("vera", Role::Viewer).await;
    let items: Vec<_> = owner.view(rust.roadmap).await.unwrap().roadmap.items().cloned().collect();
    let find = |title: &str| items.iter().find(|item| &*item.fields.title == title).unwrap().id;
    let comment = domain::CommentId::new(1, [1; 10]);
    let ops = vec![
        Op::Upvote { item: find("Sign in") },
        Op::comment(comment, find("Sign in"), "Long awaited.".parse().unwrap()),
        Op::DeleteItems { ids: vec![find("Sign out")] },
    ];
    owner.submit(rust.roadmap, ops).await.unwrap();

    let export = |bytes: Vec<u8>| serde_json::from_slice::<serde_json::Value>(&bytes).unwrap();
    let full = export(owner.export(&rust.key, Format::Json, Separator::Comma).await.unwrap());
    assert_eq!((&full["format"], &full["version"]), (&"cairn-roadmap".into(), &1.into()));
    let item = &full["lanes"][0]["items"][0];
    assert_eq!((&item["key"], &item["source_key"]), (&"RUST-1".into(), &"A".into()));
    assert_eq!((&item["owner"], &item["votes"]), (&"ada@example.org".into(), &1.into()));
    assert_eq!(item["voters"], serde_json::json!(["ada@example.org"]));
    assert_eq!(item["comments"][0]["body"], "Long awaited.");
    assert_eq!(item["comments"][0]["created"]["by"], "ada@example.org");
    assert_eq!(full["bin"][0]["title"], "Sign out");

    let masked = export(viewer.export(&rust.key, Format::Json, Separator::Comma).await.unwrap());
    let item = &masked["lanes"][0]["items"][0];
    assert_eq!((&item["votes"], item.get("voters")), (&1.into(), None));
}

async fn nothing_is_imported_into_an_archived_product(store: Store) {
    let owner = store.owner().await;
    let rust = product(&owner, "RUST").await;
    owner.set_archived(&rust.key, true).await.unwrap();
    let refused = owner.import(&rust.key, GOALS).await;
    assert!(matches!(refused, Err(Error::Refused(Reject::Archived))), "{refused:?}");
}

async fn what_was_chosen_is_remembered_for_files_with_the_same_columns(store: Store) {
    let owner = store.owner().await;
    let (rust, other) = (product(&owner, "RUST").await, product(&owner, "OTHER").await);
    let text = "Name,Phase,State\nFirst,2026,Blocked\n";
    let guessed = owner.preview_import(&rust.key, text).await.unwrap();
    assert_eq!((guessed.columns[1].target, guessed.columns[2].target), (Target::Lane, Target::Status));
    let targets = [("Name", Target::Title), ("Phase", Target::Tags), ("State", Target::Status)];
    let mapping = Mapping(targets.map(|(header, target)| (header.to_owned(), target)).into());
    let answers = Answers([("status:blocked".to_owned(), "=planned".to_owned())].into());
    let upload = Upload { bytes: text.as_bytes().into(), mapping: Some(mapping), answers: answers.clone() };
    owner.import(&rust.key, upload).await.unwrap();

    let again = owner.preview_import(&rust.key, "Name,Phase,State\nSecond,2027,blocked\n").await.unwrap();
    assert_eq!((again.columns[1].target, &again.answers), (Target::Tags, &answers));
    assert_eq!(again.source, ["Columns and values as chosen last time"]);
    assert!(again.rows[0].details.contains(&"Planned".to_owned()), "{:?}", again.rows);
    let elsewhere = owner.preview_import(&other.key, text).await.unwrap();
    assert_eq!((elsewhere.columns[1].target, elsewhere.answers), (Target::Lane, Answers::default()));
}

async fn tags_and_priorities_are_mapped_to_other_tags_and_that_is_remembered(store: Store) {
    let owner = store.owner().await;
    let rust = product(&owner, "RUST").await;
    owner.import(&rust.key, "Title,Tags\nOld,security\n").await.unwrap();
    let answers = [("tag:sec", "=security"), ("priority:p1", "=urgent")];
    let answers = Answers(answers.map(|(id, answer)| (id.to_owned(), answer.to_owned())).into());
    let file = "Key,Title,Labels,Priority\nA,New,\"sec, urgent\",\nB,Newer,sec,P1\n";
    let upload = Upload { bytes: file.as_bytes().into(), answers, mapping: None };
    let preview = owner.preview_import(&rust.key, upload.clone()).await.unwrap();
    for title in ["Priorities", "New tags"] {
        let group = preview.questions.iter().find(|group| group.title == title).unwrap();
        for tag in ["=security", "=urgent"] {
            assert!(group.options.iter().any(|choice| choice.id == tag), "{group:?}");
        }
    }
    owner.import(&rust.key, upload).await.unwrap();

    let later = owner.preview_import(&rust.key, "Key,Title,Labels,Priority\nC,Newest,sec,P1\n").await;
    assert!(later.unwrap().rows[0].details.ends_with(&["#security".to_owned(), "#urgent".to_owned()]));
    let lanes = content(&owner, &rust).await;
    let tags = |item: &ItemFields| item.tags.iter().map(|tag| tag.to_string()).collect::<Vec<_>>();
    let tags: Vec<_> = lanes.iter().flat_map(|(_, items)| items.iter().map(tags)).collect();
    assert_eq!(tags, [&["security"][..], &["security", "urgent"], &["security", "urgent"]]);
}

/// A file that takes several statements, and a moment.
fn long_file() -> String {
    (0..12_000).fold("Key,Title,Lane\n".to_owned(), |text, n| text + &format!("K{n},Item {n},Now\n"))
}

fn import_id(n: u8) -> ClientId {
    ClientId::new(1, [n; 10])
}

/// Begins to import the long file, and returns when the import is as far as wanted.
async fn import_until(
    owner: &Editor,
    product: &Product,
    id: ClientId,
    wanted: fn(Progress) -> bool,
) -> JoinHandle<Result<Imported, Error>> {
    let (editor, key) = (owner.clone(), product.key.clone());
    let import = tokio::spawn(async move { editor.import_as(&key, &*long_file(), id).await });
    while !owner.import_progress(id).is_some_and(wanted) {
        assert!(!import.is_finished(), "the import was never so far");
        tokio::time::sleep(Duration::from_micros(200)).await;
    }
    import
}

async fn is_untouched(store: &Store, owner: &Editor, product: &Product) {
    let view = owner.view(product.roadmap).await.unwrap();
    assert_eq!((view.roadmap.items().count(), view.head), (0, 4), "the lanes it began with, and no more");
    let figures = store.backend.check().await.unwrap();
    assert_eq!((figures.items, figures.problems), (0, Vec::new()));
}

async fn a_cancelled_import_leaves_nothing(store: Store) {
    let owner = store.owner().await;
    let rust = product(&owner, "RUST").await;
    let stages: [fn(Progress) -> bool; 2] = [|it| it.checked > 100, |it| it.saved > 0];
    for (n, wanted) in (1..).zip(stages) {
        let import = import_until(&owner, &rust, import_id(n), wanted).await;
        assert!(owner.cancel_import(&rust.key, import_id(n)).await.unwrap(), "stage {n}");
        let cancelled = import.await.unwrap();
        assert!(matches!(cancelled, Err(Error::Cancelled)), "{cancelled:?}");
        is_untouched(&store, &owner, &rust).await;
        assert_eq!(owner.import_progress(import_id(n)), None);
    }
    // Under an id of its own the same file comes in.
    let imported = owner.import_as(&rust.key, &*long_file(), import_id(9)).await.unwrap();
    assert_eq!(imported.counts.created, 12_000);
    assert_eq!(store.backend.check().await.unwrap().items, 12_000);
}

async fn an_import_that_nobody_waits_for_leaves_nothing(store: Store) {
    let owner = store.owner().await;
    let rust = product(&owner, "RUST").await;
    let import = import_until(&owner, &rust, import_id(1), |it| it.saved > 0).await;
    import.abort();
    assert!(import.await.unwrap_err().is_cancelled());
    assert!(owner.cancel_import(&rust.key, import_id(1)).await.unwrap());
    is_untouched(&store, &owner, &rust).await;
}

async fn an_import_cancelled_in_another_process_is_not_done(store: Store) {
    let owner = store.owner().await;
    let rust = product(&owner, "RUST").await;
    let other = store.second_process().await;
    let there = other.people().first_owner().await.unwrap();
    assert!(there.cancel_import(&rust.key, import_id(1)).await.unwrap());
    let late = owner.import_as(&rust.key, &*long_file(), import_id(1)).await;
    assert!(matches!(late, Err(Error::Cancelled)), "{late:?}");
    is_untouched(&store, &owner, &rust).await;
    assert!(owner.cancel_import(&rust.key, import_id(1)).await.unwrap(), "the answer stays");
}

async fn an_import_is_cancelled_by_its_person_alone(store: Store) {
    let owner = store.owner().await;
    let rust = product(&owner, "RUST").await;
    let other = store.person("other", Role::Editor).await.as_editor().unwrap();
    let import = import_until(&owner, &rust, import_id(1), |it| it.checked > 100).await;
    assert_eq!(other.import_progress(import_id(1)), None);
    assert!(other.cancel_import(&rust.key, import_id(1)).await.unwrap(), "they have none with this id");
    assert_eq!(import.await.unwrap().unwrap().counts.created, 12_000);
}

async fn an_import_that_is_complete_is_not_cancelled(store: Store) {
    let owner = store.owner().await;
    let rust = product(&owner, "RUST").await;
    owner.import_as(&rust.key, GOALS, import_id(1)).await.unwrap();
    let other = store.second_process().await;
    let there = other.people().first_owner().await.unwrap();
    for editor in [&owner, &there] {
        assert!(!editor.cancel_import(&rust.key, import_id(1)).await.unwrap());
    }
    assert_eq!(store.backend.check().await.unwrap().items, 190);
}

/// The most rows a file may have, of which a roadmap holds fewer.
async fn of_fifty_thousand_rows_as_many_come_in_as_fit_and_the_others_are_counted(store: Store) {
    let owner = store.owner().await;
    let rust = product(&owner, "RUST").await;
    let header = "Key,Title,Lane,Tags,Description\n".to_owned();
    let row = |n: usize| format!("K{n},Item {n},Now,\"a, b{}\",Text of {n}\n", n % 90);
    let file = (1..=MAX_ROWS).fold(header, |file, n| file + &row(n));

    let begun = Instant::now();
    let preview = owner.preview_import(&rust.key, &*file).await.unwrap();
    println!("{MAX_ROWS} rows previewed in {:?}", begun.elapsed());
    let counts = Counts { created: 20_000, left_out: 30_000, ..Counts::default() };
    assert_eq!((preview.refused, preview.counts), (None, counts));

    let begun = Instant::now();
    let (editor, key) = (owner.clone(), rust.key.clone());
    let import = tokio::spawn(async move { editor.import_as(&key, &*file, import_id(1)).await });
    let mut seen = Progress::default();
    while !import.is_finished() {
        seen = owner.import_progress(import_id(1)).unwrap_or(seen);
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    println!("{MAX_ROWS} rows imported in {:?}", begun.elapsed());
    assert_eq!((seen.rows, seen.checked), (50_000, 50_000));
    assert!(seen.saved > 0, "{seen:?}");
    let imported = import.await.unwrap().unwrap();
    assert_eq!((imported.counts, &imported.problems), (counts, &preview.problems));
    let [full] = &imported.problems[..] else { panic!("{:?}", imported.problems) };
    assert_eq!((full.loss, full.count, &full.lines[..2]), (Loss::Row, 30_000, &[20_002, 20_003][..]));
    assert!(full.sentence.starts_with("The roadmap is full. It holds at most 20000 items"), "{full:?}");
    let figures = store.backend.check().await.unwrap();
    assert_eq!((figures.items, figures.problems), (20_000, Vec::new()));
}
