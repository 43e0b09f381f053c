//! The full-text search: what it finds, and for whom.

use backend::{
    AccessChange, Viewer,
    search::{Found, Hit},
};
use domain::{
    CommentId, ItemChange, Op, Product, RecordChange, RecordDef, Role, Value, Visibility, wire::Outcome,
};

use crate::{
    harness::{Store, stories},
    rooms::{create, first_lane, id, product},
};

stories! {
    items_comments_and_records_are_found_by_beginnings_of_words
    what_changes_is_found_as_it_is_and_what_is_in_the_bin_is_not
    nothing_of_a_hidden_product_is_found
    what_is_typed_is_never_taken_for_a_query
    a_copy_finds_what_its_original_does
}

async fn done(viewer: &Viewer, product: &Product, ops: Vec<Op>) {
    let count = ops.len();
    let answers = viewer.submit(product.roadmap, ops).await.unwrap();
    let taken = answers.iter().filter(|answer| matches!(answer.outcome, Outcome::Accepted { .. }));
    assert_eq!(taken.count(), count, "{answers:?}");
}

async fn found(viewer: &Viewer, text: &str) -> Vec<String> {
    let hits = viewer.search(text).await.unwrap();
    let name = |hit: &Hit| match &hit.what {
        Found::Item { product, number } => format!("{product}-{number} {}", hit.title),
        Found::Comment { product, number } => format!("comment on {product}-{number}: {}", hit.excerpt),
        Found::Record { kind } => format!("{kind} {}: {}", hit.title, hit.excerpt),
    };
    let mut names: Vec<String> = hits.iter().map(name).collect();
    names.sort();
    names
}

async fn items_comments_and_records_are_found_by_beginnings_of_words(store: Store) {
    let (owner, product) = product(&store).await;
    let lane = first_lane(&owner, product.roadmap).await;
    let (first, make_first) = create(lane, "Single sign-on for everyone");
    let (second, make_second) = create(lane, "Invoice archive");
    let describe = Op::set(second, ItemChange::Description("Keeps what the auditors need.".parse().unwrap()));
    let fill =
        ItemChange::Value { field: "team".parse().unwrap(), to: Some(Value::Text("Ledger crew".to_owned())) };
    let comment =
        Op::comment(id(CommentId::new), first, "The auditors ask for a **passkey**.".parse().unwrap());
    done(&owner, &product, vec![make_first, make_second, describe, Op::set(second, fill), comment]).await;
    let editor = owner.as_editor().unwrap();
    let team = RecordDef::find("team").unwrap();
    let set = |field: &str, to: &str| RecordChange {
        field: field.parse().unwrap(),
        was: None,
        to: Some(Value::Text(to.to_owned())),
    };
    let lead = set("lead", &owner.member().id.to_string());
    let changes = vec![set("name", "Identity"), set("disciplines", "Passkeys, directories"), lead];
    editor.save_record(team, None, changes, None).await.unwrap();

    assert_eq!(found(&owner, "sign").await, ["ERP-1 Single sign-on for everyone"]);
    assert_eq!(found(&owner, "SING every").await, ["ERP-1 Single sign-on for everyone"]);
    assert_eq!(found(&owner, "single archive").await, Vec::<String>::new(), "all words");
    assert_eq!(found(&owner, "ledger").await, ["ERP-2 Invoice archive"], "in a field");
    assert_eq!(
        found(&owner, "auditors").await,
        ["ERP-2 Invoice archive", "comment on ERP-1: The auditors ask for a **passkey**."]
    );
    assert_eq!(
        found(&owner, "passk").await,
        ["comment on ERP-1: The auditors ask for a **passkey**.", "team Identity: Passkeys, directories"]
    );
    let titles: Vec<String> =
        owner.search("archive").await.unwrap().into_iter().map(|hit| hit.excerpt).collect();
    assert_eq!(titles, [""], "a word of the title needs no excerpt");
    assert_eq!(store.backend.check().await.unwrap().problems, Vec::<String>::new());
}

async fn what_changes_is_found_as_it_is_and_what_is_in_the_bin_is_not(store: Store) {
    let (owner, product) = product(&store).await;
    let lane = first_lane(&owner, product.roadmap).await;
    let (item, make) = create(lane, "Alpha");
    let comment = id(CommentId::new);
    let add = Op::comment(comment, item, "Bravo".parse().unwrap());
    done(&owner, &product, vec![make, add]).await;
    done(&owner, &product, vec![Op::set(item, ItemChange::Title("Charlie".parse().unwrap()))]).await;
    assert_eq!(found(&owner, "alpha").await, Vec::<String>::new());
    assert_eq!(found(&owner, "charlie").await, ["ERP-1 Charlie"]);
    done(&owner, &product, vec![Op::DeleteItems { ids: vec![item] }]).await;
    assert_eq!(found(&owner, "charlie").await, Vec::<String>::new());
    assert_eq!(found(&owner, "bravo").await, Vec::<String>::new(), "a comment on what is in the bin");
    done(&owner, &product, vec![Op::restore(vec![item])]).await;
    assert_eq!(found(&owner, "charlie").await, ["ERP-1 Charlie"]);
    assert_eq!(found(&owner, "bravo").await, ["comment on ERP-1: Bravo"]);
    done(&owner, &product, vec![Op::DeleteComment { id: comment }]).await;
    assert_eq!(found(&owner, "bravo").await, Vec::<String>::new());
    let editor = owner.as_editor().unwrap();
    let team = RecordDef::find("team").unwrap();
    let name = |to: &str| RecordChange {
        field: "name".parse().unwrap(),
        was: None,
        to: Some(Value::Text(to.to_owned())),
    };
    let id = editor.save_record(team, None, vec![name("Delta")], None).await.unwrap().record.id;
    editor.save_record(team, Some(id), vec![name("Echo")], None).await.unwrap();
    assert_eq!(found(&owner, "delta").await, Vec::<String>::new());
    assert_eq!(found(&owner, "echo").await, ["team Echo: "]);
    editor.delete_record(team, id, None).await.unwrap();
    assert_eq!(found(&owner, "echo").await, Vec::<String>::new());
    assert_eq!(store.backend.check().await.unwrap().problems, Vec::<String>::new());
}

async fn nothing_of_a_hidden_product_is_found(store: Store) {
    let (owner, product) = product(&store).await;
    let lane = first_lane(&owner, product.roadmap).await;
    let (item, make) = create(lane, "Takeover");
    let comment = Op::comment(id(CommentId::new), item, "Nobody knows of the takeover.".parse().unwrap());
    done(&owner, &product, vec![make, comment]).await;
    let editor = store.person("edda", Role::Editor).await;
    assert_eq!(found(&editor, "takeover").await.len(), 2);
    let hide = AccessChange::Show(Visibility::Chosen);
    owner.as_owner().unwrap().change_access(&product.key, hide).await.unwrap();
    assert_eq!(found(&editor, "takeover").await, Vec::<String>::new());
    assert_eq!(found(&owner, "takeover").await.len(), 2);
}

async fn what_is_typed_is_never_taken_for_a_query(store: Store) {
    let (owner, product) = product(&store).await;
    let lane = first_lane(&owner, product.roadmap).await;
    let (_, make) = create(lane, "Alpha or NOT near");
    done(&owner, &product, vec![make]).await;
    for text in [
        "\"",
        "alpha\"",
        "alpha'",
        "alpha OR",
        "NOT alpha",
        "alpha*",
        "title:alpha",
        "alpha & ! |",
        "NEAR(alpha)",
    ] {
        let hits = owner.search(text).await;
        assert!(hits.is_ok(), "{text}: {hits:?}");
    }
    let (_, make) = create(lane, "Login/signup for node.js, ISO-27001");
    done(&owner, &product, vec![make]).await;
    for text in ["Login/signup", "signup", "node.js", "js login", "ISO-27001", "27001"] {
        assert_eq!(found(&owner, text).await, ["ERP-2 Login/signup for node.js, ISO-27001"], "{text}");
    }
    assert_eq!(found(&owner, "or not").await, ["ERP-1 Alpha or NOT near"], "words, not operators");
    assert_eq!(found(&owner, "a").await, Vec::<String>::new(), "one letter is not looked for");
    assert_eq!(found(&owner, &"x".repeat(5_000)).await, Vec::<String>::new());
}

async fn a_copy_finds_what_its_original_does(store: Store) {
    let (owner, product) = product(&store).await;
    let lane = first_lane(&owner, product.roadmap).await;
    let (_, make) = create(lane, "Alpha");
    done(&owner, &product, vec![make]).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backup.db");
    backend::copying::backup(&store.url, &file).await.unwrap();
    let Some(place) = store.another("search_restored").await else { return };
    backend::copying::restore(&file, &place.url).await.unwrap();
    let restored = place.second_process().await;
    let again = restored.people().first_owner().await.unwrap();
    assert_eq!(found(&again, "alph").await, ["ERP-1 Alpha"]);
    assert_eq!(restored.check().await.unwrap().problems, Vec::<String>::new());
}
