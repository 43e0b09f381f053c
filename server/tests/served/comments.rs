//! Comments over HTTP: a board brings their number, an item its thread.

use domain::{
    ClientId, CommentBody, CommentId, Op, Roadmap, Role,
    wire::{Outcome, Snapshot, Thread},
};
use serde_json::{Value, json};

use crate::support::{Person, TestApp, create, id};

/// Those who comment on one item, and how many comments each writes at once. Each is as long as it may be.
const PEOPLE: usize = 12;
const COMMENTS_EACH: usize = 30;
const COMMENTS: usize = PEOPLE * COMMENTS_EACH;

/// A page and its document may be so long with that many comments, in bytes. They are less than a tenth of it.
const SMALL: usize = 100_000;

async fn ask(app: &TestApp, person: &Person, function: &str, question: Value) -> String {
    let http = reqwest::Client::new();
    let request = http.post(app.url(&format!("/api/{function}")));
    let request = request.header("cookie", format!("cairn={}", person.secret.reveal()));
    let answer = request.header("origin", app.url("")).json(&question).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{function}");
    answer.text().await.unwrap()
}

async fn page(app: &TestApp, person: &Person, path: &str) -> String {
    let request = reqwest::Client::new().get(app.url(path));
    let request = request.header("cookie", format!("cairn={}", person.secret.reveal()));
    request.send().await.unwrap().text().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_board_with_many_long_comments_stays_small() {
    let app = TestApp::start().await;
    let ann = app.person("ann", Role::Owner).await;
    let product = app.product().await;
    let owner = app.running.backend.people().first_owner().await.unwrap();
    let (item, created) = create(app.first_lane(product.roadmap).await, "Single sign-on");
    owner.submit(product.roadmap, vec![created]).await.unwrap();
    let body: CommentBody = "long ".repeat(999).parse().unwrap();
    let add = |_| Op::comment(id(CommentId::new), item, body.clone());
    for n in 0..PEOPLE {
        let person = app.person(&format!("sam{n}"), Role::Stakeholder).await;
        let people = app.running.backend.people();
        let stakeholder = people.authenticate(&person.secret).await.unwrap().unwrap();
        let ops = (0..COMMENTS_EACH).map(add).collect();
        let answers = stakeholder.submit(product.roadmap, ops).await.unwrap();
        assert!(answers.iter().all(|acked| matches!(acked.outcome, Outcome::Accepted { .. })));
    }

    let board = page(&app, &ann, "/p/ERP").await;
    assert!(board.contains("Single sign-on") && board.contains(&COMMENTS.to_string()));
    assert!(board.len() < SMALL, "a board's page has {} bytes", board.len());
    let snapshot = ask(&app, &ann, "load_snapshot", json!({ "roadmap": product.roadmap })).await;
    assert!(snapshot.len() < SMALL / 10, "a document has {} bytes", snapshot.len());
    let snapshot: Snapshot = serde_json::from_str(&snapshot).unwrap();
    assert_eq!(snapshot.document.comments, []);
    assert_eq!(snapshot.document.more_comments[&item] as usize, COMMENTS);

    // The item's own page has the newest, to be read without scripts; and each answer holds a part.
    let item_page = page(&app, &ann, "/p/ERP/i/ERP-1").await;
    assert!(item_page.contains("class=\"comment\"") && item_page.contains("more comments"));
    assert!(item_page.len() < 12 * SMALL, "an item's page has {} bytes", item_page.len());
    let mut before = None;
    for _ in 0..3 {
        let question = json!({ "roadmap": product.roadmap, "item": item, "before": before });
        let answer = ask(&app, &ann, "load_thread", question).await;
        assert!(answer.len() < 2 * SMALL, "a part of a thread has {} bytes", answer.len());
        let thread: Thread = serde_json::from_str(&answer).unwrap();
        assert_eq!((thread.epoch, thread.seq), (snapshot.epoch, snapshot.head));
        let last = thread.comments.last().map(|comment| (comment.created.at, comment.id));
        assert!(before.is_none_or(|before| last < Some(before)), "older ones come next");
        before = thread.comments.first().map(|comment| (comment.created.at, comment.id));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_without_a_thread_counts_what_others_do_to_it() {
    let app = TestApp::start().await;
    let ann = app.person("ann", Role::Owner).await;
    let product = app.product().await;
    let owner = app.running.backend.people().first_owner().await.unwrap();
    let (item, created) = create(app.first_lane(product.roadmap).await, "Single sign-on");
    let comments: Vec<CommentId> = (0..3).map(|_| id(CommentId::new)).collect();
    let add = |id: &CommentId| Op::comment(*id, item, "So be it.".parse().unwrap());
    let ops = std::iter::once(created).chain(comments.iter().map(add)).collect();
    owner.submit(product.roadmap, ops).await.unwrap();

    let snapshot = owner.snapshot(product.roadmap, &[], None).await.unwrap();
    let have = snapshot.head;
    let roadmap = Roadmap::from(snapshot.document);
    assert_eq!((roadmap.comments().count(), roadmap.comment_count(item)), (0, 3));
    let ops = vec![
        Op::DeleteComment { id: comments[0] },
        Op::EditComment { id: comments[1], body: "Or not.".parse().unwrap() },
        Op::DeleteComment { id: comments[1] },
        Op::RestoreComment { id: comments[0] },
    ];
    // Some hear it as it happens, some when they come back.
    let mut there = app.socket(Some(&ann)).await;
    there.hello(product.roadmap, id(ClientId::new), have).await;
    owner.submit(product.roadmap, ops).await.unwrap();
    let mut later = app.socket(Some(&ann)).await;
    later.hello(product.roadmap, id(ClientId::new), have).await;
    for page in [&mut there, &mut later] {
        let mut copy = roadmap.clone();
        for (entry, count) in page.entries_to(have + 4).await.iter().zip([2, 2, 1, 2]) {
            domain::apply_entry(&mut copy, entry).unwrap();
            assert_eq!(copy.comment_count(item), count, "after {:?}", entry.op);
        }
        assert_eq!(copy.comments().count(), 0);
    }
    let thread = owner.thread(product.roadmap, item, None).await.unwrap();
    assert_eq!(thread.comments.iter().map(|it| it.id).collect::<Vec<_>>(), [comments[0], comments[2]]);
    // Named ones come with the document, deleted ones too.
    let snapshot = owner.snapshot(product.roadmap, &comments[..2], None).await.unwrap();
    let roadmap = Roadmap::from(snapshot.document);
    assert_eq!((roadmap.comments().count(), roadmap.comment_count(item)), (2, 2));
}
