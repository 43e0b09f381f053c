//! The stream of records: sent once, in order and in bounds, resumed by its place in the log, whichever process writes.

use std::time::{Duration, Instant};

use backend::{
    Editor, Error, Following, Viewer,
    rooms::{Bells, Cut},
};
use domain::{
    RecordChange, RecordDef, RecordId, Role, Value,
    wire::{ChangedRecord, Cursor, ServerMessage},
};
use sea_orm::DbBackend;

use crate::harness::{Store, stories};

stories! {
    a_page_is_sent_what_records_have_become
    a_page_resumes_by_its_place_in_the_log
    a_page_that_missed_too_much_loads_all_records_again
    a_page_of_another_history_loads_all_records_again
    a_page_is_sent_what_other_processes_change
    a_page_loses_the_stream_with_the_role
}

/// Changes of one process, each of which a page of another has before the next is made.
const ROUNDS: u32 = 6;

/// An open page that follows.
pub(crate) struct Page {
    bells: Bells,
    following: Following,
    pub(crate) role: Role,
    cursor: Cursor,
    tail: Vec<ServerMessage>,
}

impl Page {
    pub(crate) async fn open(viewer: &Viewer, since: Option<Cursor>) -> Self {
        let bells = Bells::default();
        let followed = viewer.follow_records(since, bells.of(0)).await.unwrap();
        let tail = followed.tail.iter().map(|frame| serde_json::from_slice(frame).unwrap()).collect();
        let (role, cursor) = (followed.role, followed.cursor);
        Self { bells, following: followed.following, role, cursor, tail }
    }

    /// As [`Page::open`], once the stream has looked at all of the log: what was missed is in the tail alone.
    async fn resume(viewer: &Viewer, since: &Cursor) -> Self {
        let end = Instant::now() + Duration::from_secs(20);
        let last = viewer.cursor().await.unwrap();
        loop {
            let page = Self::open(viewer, Some(since.clone())).await;
            if page.cursor == last {
                return page;
            }
            assert!(Instant::now() < end, "the log is not looked at");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub(crate) async fn next(&self) -> Result<ServerMessage, Cut> {
        loop {
            if let Some(cut) = self.following.is_cut() {
                return Err(cut);
            }
            if let Some(frame) = self.following.ready() {
                return Ok(serde_json::from_slice(&frame).unwrap());
            }
            tokio::time::timeout(Duration::from_secs(20), self.bells.rung()).await.expect("something comes");
        }
    }

    async fn changes(&self) -> Vec<ChangedRecord> {
        match self.next().await {
            Ok(ServerMessage::Records { changes }) => changes,
            other => panic!("{other:?}"),
        }
    }

    /// What it missed.
    fn missed(&self) -> Vec<ChangedRecord> {
        let changes = |message: &ServerMessage| match message {
            ServerMessage::Records { changes } => changes.clone(),
            other => panic!("{other:?}"),
        };
        self.tail.iter().flat_map(changes).collect()
    }
}

fn team() -> &'static RecordDef {
    RecordDef::find("team").unwrap()
}

async fn save(editor: &Editor, id: Option<RecordId>, field: &str, to: &str) -> RecordId {
    let to = Some(Value::Text(to.to_owned()));
    let change = RecordChange { field: field.parse().unwrap(), was: None, to };
    editor.save_record(team(), id, vec![change], None).await.unwrap().record.id
}

fn names(changes: &[ChangedRecord]) -> Vec<String> {
    changes.iter().map(|change| team().name_of(&change.record)).collect()
}

async fn a_page_is_sent_what_records_have_become(store: Store) {
    let owner = store.owner().await;
    let page = Page::open(&owner, None).await;
    let id = save(&owner, None, "name", "Payments").await;
    let [change] = &page.changes().await[..] else { panic!("one record changed") };
    assert_eq!((&*change.kind, change.record.version), ("team", 1));
    assert_eq!(change.record, owner.records(team()).await.unwrap()[0]);
    assert_eq!(change.cursor, owner.cursor().await.unwrap());
    assert_eq!(change.cursor.n, page.cursor.n + 1);
    owner.delete_record(team(), id, None).await.unwrap();
    let [gone] = &page.changes().await[..] else { panic!("one record changed") };
    assert_eq!((gone.record.id, gone.record.version), (id, 2));
    assert!(gone.record.deleted.is_some() && gone.cursor.n == change.cursor.n + 1);
    owner.restore_record(team(), id).await.unwrap();
    assert_eq!(page.changes().await[0].record.deleted, None);
}

async fn a_page_resumes_by_its_place_in_the_log(store: Store) {
    let owner = store.owner().await;
    let id = save(&owner, None, "name", "Payments").await;
    let since = owner.cursor().await.unwrap();
    assert_eq!(Page::resume(&owner, &since).await.tail, []);
    save(&owner, Some(id), "disciplines", "Rust").await;
    save(&owner, None, "name", "Search").await;
    save(&owner, Some(id), "disciplines", "Java").await;
    // While somebody else follows, and while nobody does: each record once, as it is.
    for others in [Some(Page::open(&owner, None).await), None] {
        let page = Page::resume(&owner, &since).await;
        let missed = page.missed();
        assert_eq!(names(&missed), ["Search", "Payments"]);
        assert_eq!(missed[1].record.version, 3);
        assert_eq!((missed[0].cursor.n, missed[1].cursor.n), (since.n + 2, since.n + 3));
        let resumed = Page::resume(&owner, &missed[0].cursor).await;
        assert_eq!(names(&resumed.missed()), ["Payments"]);
        drop((page, resumed, others));
        tokio::time::sleep(Duration::from_millis(1_200)).await;
    }
    // From the very beginning, as a page that has nothing.
    assert_eq!(Page::resume(&owner, &Cursor::default()).await.missed().len(), 2);
}

async fn a_page_that_missed_too_much_loads_all_records_again(store: Store) {
    let owner = store.owner().await;
    save(&owner, None, "name", "Payments").await;
    let since = owner.cursor().await.unwrap();
    let more = |count: u32| {
        format!(
            "INSERT INTO audit (workspace_id, n, at_ms, actor_id, action, object, body, prev_hash, hash)
             WITH RECURSIVE more (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM more WHERE i < {count}),
             last (n) AS (SELECT MAX(n) FROM audit)
             SELECT workspace_id, audit.n + i, at_ms, actor_id, action, object, body, prev_hash, hash
             FROM audit, more, last WHERE audit.n = last.n"
        )
    };
    store.execute(&more(2_000)).await;
    assert_eq!(names(&Page::resume(&owner, &since).await.missed()), ["Payments"]);
    store.execute(&more(1)).await;
    let page = Page::resume(&owner, &since).await;
    assert_eq!(page.tail, [ServerMessage::Refetch]);
    save(&owner, None, "name", "Search").await;
    assert_eq!(names(&page.changes().await), ["Search"]);

    // Or in bytes: of few events.
    let since = owner.cursor().await.unwrap();
    let long = "\u{1f980}".repeat(4_900);
    for number in 0..30 {
        let id = save(&owner, None, "name", &format!("Team {number}")).await;
        save(&owner, Some(id), "disciplines", &long).await;
    }
    assert_eq!(Page::resume(&owner, &since).await.tail, [ServerMessage::Refetch]);
}

async fn a_page_of_another_history_loads_all_records_again(store: Store) {
    let owner = store.owner().await;
    save(&owner, None, "name", "Payments").await;
    let Cursor { n, hash } = owner.cursor().await.unwrap();
    // As after a backup was restored: the number is another event's, or there is none.
    for since in [Cursor { n, hash: "0".repeat(16) }, Cursor { n: n + 5, hash }] {
        let page = Page::resume(&owner, &since).await;
        assert_eq!(page.tail, [ServerMessage::Refetch]);
        let name = format!("Team {}", page.cursor.n);
        save(&owner, None, "name", &name).await;
        assert_eq!(names(&page.changes().await), [name]);
    }
}

async fn a_page_is_sent_what_other_processes_change(store: Store) {
    let owner = store.owner().await;
    let other = store.second_process().await;
    let page = Page::open(&other.people().first_owner().await.unwrap(), None).await;
    let since = Instant::now();
    for round in 0..ROUNDS {
        let name = format!("Team {round}");
        save(&owner, None, "name", &name).await;
        assert_eq!(names(&page.changes().await), [name]);
    }
    // SQLite has no wake-ups between processes: as where they are lost, the log is looked at once a second.
    if store.backend.db.backend() == DbBackend::Postgres {
        assert!(since.elapsed() < Duration::from_secs(u64::from(ROUNDS)) / 2, "{:?}", since.elapsed());
    }
    // Both at once: nothing is lost or doubled, and all is in order.
    let there = other.people().first_owner().await.unwrap();
    let write = async |editor: &Editor, who: &str| {
        for number in 0..10 {
            save(editor, None, "name", &format!("{who} {number}")).await;
        }
    };
    tokio::join!(write(&owner, "Here"), write(&there, "There"));
    let mut sent = Vec::new();
    while sent.len() < 20 {
        sent.extend(page.changes().await);
    }
    let numbers: Vec<u64> = sent.iter().map(|change| change.cursor.n).collect();
    let first = numbers[0];
    assert_eq!(numbers, (first..first + 20).collect::<Vec<_>>());
}

async fn a_page_loses_the_stream_with_the_role(store: Store) {
    let owner = store.owner().await;
    let vera = store.person("vera", Role::Viewer).await;
    let (hers, ours) = (Page::open(&vera, None).await, Page::open(&owner, None).await);
    owner.set_role(vera.member().id, Role::Editor).await.unwrap();
    assert_eq!(hers.next().await, Err(Cut::Permissions));
    assert!(matches!(ours.next().await, Ok(ServerMessage::Changed { .. })));
    let again = Page::open(&vera, None).await;
    assert_eq!(again.role, Role::Editor);
    owner.remove_member(vera.member().id).await.unwrap();
    assert_eq!(again.next().await, Err(Cut::Permissions));
    let refused = vera.follow_records(None, Bells::default().of(0)).await;
    assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
}
