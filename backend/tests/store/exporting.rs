//! A workspace as lines of JSON.

use std::collections::BTreeSet;

use backend::{
    copying::{self, Carried, CopyError},
    matrix::TypedCell,
};
use domain::{
    FUNDING, KEY_RESULT, KPI, OBJECTIVE, OUTCOME, PLAYBOOK, RecordChange, SCORE_MODEL, SOLUTION, VISION,
    Value, objective_quarter,
};

use crate::{
    figures::result,
    harness::{Store, stories},
};

stories! {
    a_workspace_is_the_same_where_it_is_imported
    an_export_that_was_cut_short_or_changed_is_refused
}

/// The sample organisation, and what it has none of.
async fn exported(store: &Store) -> (Vec<u8>, Carried) {
    let demo = store.backend.clone().into_demo().await.unwrap();
    let owner = demo.people().first_owner().await.unwrap();
    let text = |field: &str, to: &str| RecordChange {
        field: field.parse().unwrap(),
        was: None,
        to: Some(Value::Text(to.to_owned())),
    };
    let playbook =
        vec![text("name", "Launches"), text("stage", "launch"), text("checklist", "Everyone knows")];
    owner.save_record(&PLAYBOOK, None, playbook, None).await.unwrap();
    let model = vec![text("name", "Own"), text("method", "weighted"), text("criteria", "Need")];
    owner.save_record(&SCORE_MODEL, None, model, None).await.unwrap();
    let objective = owner.records(&OBJECTIVE).await.unwrap().remove(0);
    let cell = TypedCell { objective: objective.id, product: "ERP".parse().unwrap(), text: "3".to_owned() };
    owner.rate_alignment(objective_quarter(&objective).unwrap(), &[cell]).await.unwrap();
    owner.add_key_result(objective.id, None, &result("Calls", "12", "4", "10")).await.unwrap();
    let mut lines = Vec::new();
    let carried = copying::export(&store.url, &mut lines).await.unwrap();
    (lines, carried)
}

async fn a_workspace_is_the_same_where_it_is_imported(store: Store) {
    let (lines, exported) = exported(&store).await;
    let text = String::from_utf8(lines.clone()).unwrap();
    let kinds = text.split("\"kind\":\"").skip(1).filter_map(|rest| rest.split('"').next());
    let kinds: BTreeSet<&str> = kinds.collect();
    for def in
        [&OBJECTIVE, &KEY_RESULT, &KPI, &SCORE_MODEL, &FUNDING, &PLAYBOOK, &VISION, &SOLUTION, &OUTCOME]
    {
        assert!(kinds.contains(def.kind), "there is no {}", def.kind);
    }
    let tables = [
        "op_log",
        "voting_ballot",
        "rating",
        "vision_rating",
        "alignment_rating",
        "measurement",
        "money_entry",
        "audit",
    ];
    for table in tables {
        assert!(exported.copied.rows.get(table).is_some_and(|rows| *rows > 0), "there is no {table}");
    }
    // Into both kinds of database, and out of them again.
    let places = [Some(Store::sqlite().await), Store::postgres("imported").await];
    for there in places.iter().flatten() {
        // Nobody works on it meanwhile.
        there.backend.db.close().await;
        assert_eq!(copying::import(&*lines, &there.url).await.unwrap(), exported);
        let mut again = Vec::new();
        assert_eq!(copying::export(&there.url, &mut again).await.unwrap().content, exported.content);
        let opened = there.second_process().await;
        assert_eq!(opened.check().await.unwrap().problems, Vec::<String>::new());
        let refused = copying::import(&*lines, &there.url).await.unwrap_err();
        assert!(matches!(refused, CopyError::NotEmpty(_)), "{refused}");
    }
}

async fn an_export_that_was_cut_short_or_changed_is_refused(store: Store) {
    let (lines, exported) = exported(&store).await;
    let text = String::from_utf8(lines).unwrap();
    let (head, rest) = text.split_once('\n').unwrap();
    let (row, _) = rest.split_once('\n').unwrap();
    let there = store.another("exported").await.expect("there was one before");
    there.backend.db.close().await;
    let refusal =
        async |text: String| copying::import(text.as_bytes(), &there.url).await.unwrap_err().to_string();
    for (text, says) in [
        ("Title\nOne\n".to_owned(), "isn’t a workspace export"),
        (String::new(), "isn’t a workspace export"),
        (head.replace("\"version\":", "\"version\":9"), "was written by a newer Cairn"),
        (head.to_owned(), "The file ends before its last line."),
        (text.trim_end().rsplit_once('\n').unwrap().0.to_owned(), "The file ends before its last line."),
        (text[..head.len() + 20].to_owned(), "Line 2 can’t be imported: EOF"),
        (text.replacen("\"rows\":", "\"rows\":1", 1), "rows, and there are"),
        (
            text.replacen("\"created_ms\":", "\"created_ms\":\"\",\"x\":", 1),
            "the value of created_ms has the wrong type",
        ),
        (format!("{head}\n{text}"), "can’t be imported: it begins another export"),
        (text.clone() + row, "nothing may follow the last line"),
        (text.replacen("\"values\":{", "\"values\":{\"more\":1,", 1), "has no column more"),
        (text.replacen("\"name\":", "\"title\":", 1), "Line 2 can’t be imported: name is missing"),
        (text.replacen("\"table\":\"lane\"", "\"table\":\"lanes\"", 1), "there is no table lanes"),
        (text.replacen("Self-service", "Someone else", 1), "The file was changed or damaged"),
    ] {
        let said = refusal(text).await;
        assert!(said.contains(says), "{said}");
    }
    // Nothing was kept of them.
    assert_eq!(copying::import(text.as_bytes(), &there.url).await.unwrap(), exported);
}
