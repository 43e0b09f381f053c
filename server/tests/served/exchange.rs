//! A file comes in by the command line while a server runs, and goes out again.

use std::{
    collections::BTreeSet,
    fs,
    process::{Command, Stdio},
    time::Duration,
};

use domain::{ClientId, Role};
use serde_json::{Value, json};

use crate::support::{Person, TestApp, create, id};

const GOALS: &str = include_str!("../../../end2end/fixtures/rust-project-goals.csv");

/// Runs `cairn` beside the server, on its database: exit code, output, errors.
async fn cairn(app: &TestApp, command: &str, arguments: &[&str]) -> (Option<i32>, String, String) {
    run(app, &[&[command, "--product", "ERP"], arguments].concat()).await
}

async fn run(app: &TestApp, arguments: &[&str]) -> (Option<i32>, String, String) {
    let db = format!("sqlite://{}/cairn.db", app.folder.path().display());
    let mut program = Command::new(env!("CARGO_BIN_EXE_cairn"));
    program.args(arguments).args(["--db", &db]).current_dir(app.folder.path()).stdin(Stdio::null());
    let run = tokio::task::spawn_blocking(move || program.output());
    let output = run.await.expect("it is waited for").expect("cairn runs");
    let text = |bytes| String::from_utf8(bytes).expect("cairn writes text");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_goals_come_in_beside_a_running_server_and_open_pages_see_them() {
    let app = TestApp::start().await;
    let owner = app.person("ann", Role::Owner).await;
    let product = app.product().await;
    let mut page = app.page(&owner, product.roadmap, id(ClientId::new)).await;
    page.entries_to(4).await;
    fs::write(app.folder.path().join("goals.csv"), format!("\u{feff}{GOALS}")).unwrap();

    let (code, said, _) = cairn(&app, "import", &["--dry-run", "goals.csv"]).await;
    assert_eq!(code, Some(0));
    assert!(
        said.contains("This would import: 190 new, 0 changed, 0 as they were; new lanes 2024h2,"),
        "{said}"
    );
    let (code, said, errors) = cairn(&app, "import", &["goals.csv"]).await;
    assert_eq!(code, Some(0), "{errors}");
    assert!(said.contains("Flagship        tag_if_yes  such as yes"), "{said}");
    assert!(said.contains("Imported: 190 new, 0 changed, 0 as they were"), "{said}");
    assert_eq!(page.entries_to(5).await.len(), 1, "the dry run left nothing");
    let (_, said, _) = cairn(&app, "import", &["goals.csv"]).await;
    assert!(said.contains("Imported: 0 new, 0 changed, 190 as they were"), "{said}");

    let (code, csv, _) = cairn(&app, "export", &[]).await;
    assert_eq!(code, Some(0));
    assert_eq!(csv.matches("\r\n").count(), 1 + 190);
    let download = reqwest::Client::new()
        .get(app.url("/p/erp/export.csv"))
        .header("cookie", format!("cairn={}", owner.secret.reveal()))
        .send()
        .await
        .unwrap();
    assert_eq!(download.headers()["content-disposition"], "attachment; filename=\"ERP.csv\"");
    let download = download.text().await.unwrap();
    assert!(download.strip_prefix('\u{feff}') == Some(&*csv), "the same, marked as UTF-8 for spreadsheets");

    for (separator, begins) in [("semicolon", "\u{feff}Key;Title;"), ("tab", "\u{feff}Key\tTitle\t")] {
        let (code, csv, _) = cairn(&app, "export", &["--separator", separator]).await;
        assert_eq!((code, csv.starts_with(&begins[3..])), (Some(0), true), "{csv}");
        let download = reqwest::Client::new()
            .get(app.url(&format!("/p/ERP/export.csv?separator={separator}")))
            .header("cookie", format!("cairn={}", owner.secret.reveal()))
            .send()
            .await
            .unwrap();
        let text = download.text().await.unwrap();
        assert!(text.starts_with(begins), "{text}");
    }

    let (code, _, _) = cairn(&app, "export", &["--format", "json", "--output", "erp.json"]).await;
    assert_eq!(code, Some(0));
    let json = fs::read_to_string(app.folder.path().join("erp.json")).unwrap();
    assert_eq!(json.matches("\"source_key\": ").count(), 190);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exported_workbook_gives_another_product_the_same_items() {
    let app = TestApp::start().await;
    let ann = app.person("ann", Role::Owner).await;
    let product = app.product().await;
    let owner = app.running.backend.people().first_owner().await.unwrap();
    let lane = app.first_lane(product.roadmap).await;
    let titles = ["Search", "=1+1", "Größe, \"schnell\" & <leise>"];
    let ops = titles.map(|title| create(lane, title).1);
    owner.submit(product.roadmap, ops.to_vec()).await.unwrap();

    let (code, _, errors) = cairn(&app, "export", &["--format", "xlsx", "--output", "written.xlsx"]).await;
    assert_eq!(code, Some(0), "{errors}");
    let download = reqwest::Client::new()
        .get(app.url("/p/erp/export.xlsx"))
        .header("cookie", format!("cairn={}", ann.secret.reveal()))
        .send()
        .await
        .unwrap();
    assert_eq!(download.status(), 200);
    assert_eq!(download.headers()["content-disposition"], "attachment; filename=\"ERP.xlsx\"");
    fs::write(app.folder.path().join("loaded.xlsx"), download.bytes().await.unwrap()).unwrap();

    for (key, file) in [("ONE", "written.xlsx"), ("TWO", "loaded.xlsx")] {
        let add = ["product", "add", "--key", key, "--name", key, "--kind", "platform"];
        assert_eq!(run(&app, &add).await.0, Some(0));
        let (code, said, errors) = run(&app, &["import", "--product", key, file]).await;
        assert_eq!(code, Some(0), "{errors}");
        assert!(said.contains("Imported: 3 new, 0 changed, 0 as they were"), "{said}");
        let copy = owner.product(&key.parse().unwrap()).await.unwrap();
        let view = owner.view(copy.roadmap).await.unwrap();
        let copied: BTreeSet<&str> = view.roadmap.items().map(|item| &*item.fields.title).collect();
        assert_eq!(copied, BTreeSet::from(titles), "{file}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_chosen_once_counts_for_later_files_and_stays_remembered() {
    let app = TestApp::start().await;
    app.person("ann", Role::Owner).await;
    app.product().await;
    let file = |key: u32| {
        let text = format!("Key,Title,Status\n{key},Item {key},Blocked\n");
        fs::write(app.folder.path().join("items.csv"), text).unwrap();
    };
    file(1);
    let chosen = ["--answer", "status:blocked==planned", "items.csv"];
    let (code, _, errors) = cairn(&app, "import", &chosen).await;
    assert_eq!(code, Some(0), "{errors}");
    for key in [2, 3] {
        file(key);
        let (_, said, _) = cairn(&app, "import", &["items.csv"]).await;
        assert!(said.contains("Columns and values as chosen last time."), "{said}");
    }
    let (_, csv, _) = cairn(&app, "export", &[]).await;
    assert_eq!(csv.matches(",Planned,").count(), 3, "{csv}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_imported_is_said_and_nothing_is() {
    let app = TestApp::start().await;
    app.person("ann", Role::Owner).await;
    let product = app.product().await;
    let file = |name: &str, text: &[u8]| fs::write(app.folder.path().join(name), text).unwrap();
    file("broken.csv", b"Key,Title,When\n1,Good,Now\n2,,Now\n3,\"Open\n");
    let (code, _, errors) = cairn(&app, "import", &["--strict", "broken.csv"]).await;
    assert_eq!(code, Some(1));
    for sentence in
        ["Line 3, Title: The row has no title. (left out)", "Line 4: A quote is not closed", "1 row cannot"]
    {
        assert!(errors.contains(sentence), "{sentence} is not in:\n{errors}");
    }
    let owner = app.running.backend.people().first_owner().await.unwrap();
    assert_eq!(owner.view(product.roadmap).await.unwrap().head, 4);

    let (code, said, _) = cairn(&app, "import", &["broken.csv", "--map", "When=lane"]).await;
    assert_eq!(code, Some(0));
    assert!(said.contains("Imported: 2 new, 0 changed, 0 as they were, 1 row left out.\n"), "{said}");

    file("latin.csv", b"Title\nM\xfcnchen\n");
    let (code, said, _) = cairn(&app, "import", &["latin.csv"]).await;
    assert_eq!(code, Some(0));
    assert!(said.starts_with("windows-1252.\n"), "{said}");
    file("titles.csv", b"Key,Title\n1,\n");
    let (code, said, _) = cairn(&app, "import", &["titles.csv"]).await;
    assert_eq!(code, Some(1), "nothing was imported: {said}");

    for (arguments, sentence) in [
        (
            &["broken.csv", "--map", "Wann=lane"][..],
            "The file has no column “Wann”. Its columns are Key, Title, When.",
        ),
        (&["none.csv"], "none.csv cannot be read"),
    ] {
        let (code, _, errors) = cairn(&app, "import", arguments).await;
        assert_eq!(code, Some(1));
        assert!(errors.contains(sentence), "{sentence} is not in:\n{errors}");
    }
    file("page.json", b"{\n  \"name\": 1\n}\n");
    let (_, _, errors) = cairn(&app, "import", &["page.json"]).await;
    assert!(errors.contains("This JSON file is neither a Trello board"), "{errors}");
    let chosen = ["--answer", "status:perhaps=tag", "--answer", "lane:soon==Now", "--questions", "--dry-run"];
    file("values.csv", b"Title,Status,Lane\nA,perhaps,Soon\n");
    let (code, said, _) = cairn(&app, "import", &[&["values.csv"], &chosen[..]].concat()).await;
    assert_eq!(code, Some(0));
    assert!(said.contains("--answer \"lane:soon==Now\"") && !said.contains("new lanes"), "{said}");
    let (code, _, errors) = cairn(&app, "import", &["broken.csv", "--map", "When=lanes"]).await;
    assert_eq!(code, Some(2));
    assert!(errors.contains("“lanes” is not one of"), "{errors}");
}

/// Nobody is told that a file was written which is not there.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn an_export_that_finds_no_space_fails() {
    let app = TestApp::start().await;
    app.person("ann", Role::Owner).await;
    app.product().await;
    let (code, _, sentence) = cairn(&app, "export", &["--output", "/dev/full"]).await;
    assert_eq!(code, Some(1));
    assert!(sentence.contains("/dev/full cannot be written"), "{sentence}");

    let db = format!("sqlite://{}/cairn.db", app.folder.path().display());
    for format in ["csv", "json"] {
        let mut program = Command::new(env!("CARGO_BIN_EXE_cairn"));
        program
            .args(["export", "--db", &db, "--product", "ERP", "--format", format])
            .stdin(Stdio::null())
            .stdout(fs::OpenOptions::new().write(true).open("/dev/full").unwrap())
            .stderr(Stdio::piped());
        let output = tokio::task::spawn_blocking(move || program.output()).await.unwrap().unwrap();
        assert_eq!(output.status.code(), Some(1), "{format}");
        let sentence = String::from_utf8(output.stderr).unwrap();
        assert!(sentence.contains("The export cannot be written"), "{sentence}");
    }

    // What was there stays when the new one cannot be made, and is replaced as a whole otherwise.
    let file = app.folder.path().join("erp.csv");
    fs::write(&file, "yesterday").unwrap();
    fs::create_dir(app.folder.path().join("erp.csv.part")).unwrap();
    let (code, _, sentence) = cairn(&app, "export", &["--output", "erp.csv"]).await;
    assert_eq!(code, Some(1), "{sentence}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "yesterday");
    fs::remove_dir(app.folder.path().join("erp.csv.part")).unwrap();
    let (code, _, sentence) = cairn(&app, "export", &["--output", "erp.csv"]).await;
    assert_eq!(code, Some(0), "{sentence}");
    assert_ne!(fs::read_to_string(&file).unwrap(), "yesterday");
    assert!(!app.folder.path().join("erp.csv.part").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn products_are_added_and_listed_by_scripts() {
    let app = TestApp::start().await;
    app.person("ann", Role::Owner).await;
    app.product().await;
    let add = ["product", "add", "--key", "new", "--name", "Something new", "--kind", "platform"];
    let (code, said, errors) = run(&app, &add).await;
    assert_eq!((code, &*said), (Some(0), "NEW is a product now: Something new.\n"), "{errors}");
    let (code, _, errors) = run(&app, &add).await;
    assert_eq!(code, Some(1));
    assert!(errors.contains("NEW"), "{errors}");
    let (code, said, _) = run(&app, &["product", "list"]).await;
    assert_eq!(code, Some(0));
    assert!(said.lines().any(|line| line == "NEW\tSomething new"), "{said}");
    assert!(said.lines().any(|line| line.starts_with("ERP\t")), "{said}");
}

/// Calls a server function; the status, and what it answers.
async fn call(app: &TestApp, person: &Person, function: &str, body: &Value) -> (u16, Value) {
    let request = reqwest::Client::new()
        .post(app.url(&format!("/api/{function}")))
        .header("cookie", format!("cairn={}", person.secret.reveal()))
        .header("content-type", "application/json")
        .body(body.to_string());
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    (status, serde_json::from_str(&answer.text().await.unwrap()).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_is_cancelled_or_left_in_the_middle_leaves_nothing() {
    let app = TestApp::start().await;
    let (ann, bob) = (app.person("ann", Role::Owner).await, app.person("bob", Role::Editor).await);
    app.product().await;
    let text = (0..12_000).fold("Title\n".to_owned(), |text, n| text + &format!("Item {n}\n"));
    for is_left in [false, true] {
        let import = json!({ "id": id(ClientId::new) });
        let of_import = json!({ "key": "ERP", "id": import["id"] });
        let body = json!({ "key": "ERP", "text": text, "mapping": { "Title": "title" }, "id": import["id"] });
        let mut running = Box::pin(call(&app, &ann, "run_import", &body));
        // Until rows are being taken.
        let begun = async {
            loop {
                let (status, progress) = call(&app, &ann, "import_progress", &import).await;
                assert_eq!(status, 200);
                if progress["checked"].as_u64().is_some_and(|checked| checked > 0) {
                    assert_eq!(progress["rows"], 12_000);
                    return;
                }
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::select! {
            answer = &mut running => panic!("it was too fast: {answer:?}"),
            () = begun => {}
        }
        assert_eq!(call(&app, &bob, "import_progress", &import).await, (200, Value::Null));
        if is_left {
            // Which closes its connection.
            drop(running);
            while call(&app, &ann, "import_progress", &import).await.1 != Value::Null {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            assert_eq!(call(&app, &ann, "cancel_import", &of_import).await, (200, json!(true)));
        } else {
            let (cancelled, answer) = tokio::join!(call(&app, &ann, "cancel_import", &of_import), running);
            assert_eq!(cancelled, (200, json!(true)));
            assert_eq!(answer.0, 409, "{answer:?}");
            assert_eq!(answer.1["sentence"], "The import was cancelled. Nothing was imported.");
        }
        assert_eq!(app.running.backend.check().await.unwrap().items, 0);
    }
}
