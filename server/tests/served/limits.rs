//! Too many connections, too much at once, and those who must not suffer from it.

use std::time::{Duration, Instant};

use domain::{
    ClientId, LaneId, Op, Role,
    wire::{ClientMessage, MAX_PUSH, Pushed},
};
use futures::{SinkExt as _, StreamExt as _};
use server::{Limits, start};
use tokio::task::JoinHandle;
use tokio_tungstenite::{
    MaybeTlsStream,
    tungstenite::{self, Message},
};

use crate::support::{Page, Person, TestApp, create, id, settings};

/// So soon a server is well again that had ten times more to do than it can.
const RECOVERED: Duration = Duration::from_secs(5);

async fn limited(limits: Limits, behind_proxy: bool) -> TestApp {
    let folder = tempfile::tempdir().unwrap();
    let settings =
        server::Settings { limits, behind_proxy, ..settings(&folder, "127.0.0.1:0".parse().unwrap()) };
    TestApp { running: start(settings).await.unwrap(), folder }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_person_has_so_many_boards_open_and_no_more() {
    let app = limited(Limits { in_all: 0, per_address: 0, per_person: 2 }, false).await;
    let (ann, bob) = (app.person("ann", Role::Owner).await, app.person("bob", Role::Viewer).await);
    let roadmap = app.product().await.roadmap;
    let mut first = app.page(&ann, roadmap, id(ClientId::new)).await;
    let second = app.page(&ann, roadmap, id(ClientId::new)).await;
    let (reason, retry) = app.socket(Some(&ann)).await.bye().await;
    assert!(reason.contains("too many boards") && retry.is_some_and(|retry| retry >= 1_000), "{reason}");
    app.page(&bob, roadmap, id(ClientId::new)).await;

    // Those that were there go on, and a place that is given back is another's.
    first.say(&ClientMessage::Ping).await;
    drop(second);
    let since = Instant::now();
    while app.running.backend.rooms.population().1 > 1 {
        assert!(since.elapsed() < RECOVERED);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    app.page(&ann, roadmap, id(ClientId::new)).await;
}

/// Opens a socket as if it came by a proxy that had seen this address.
async fn from_address(app: &TestApp, person: &Person, seen: &str) -> Result<Page, tungstenite::Error> {
    app.socket_with(Some(person), Some(&app.url("")), &[("x-forwarded-for", seen)]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_has_so_many_connections_as_the_proxy_saw_it() {
    let app = limited(Limits { in_all: 0, per_address: 1, per_person: 0 }, true).await;
    let ann = app.person("ann", Role::Owner).await;
    let roadmap = app.product().await.roadmap;
    let mut held = from_address(&app, &ann, "192.0.2.1").await.unwrap();
    held.hello(roadmap, id(ClientId::new), 0).await;
    // Whatever the request claims before: what the proxy added counts.
    let (reason, _) = from_address(&app, &ann, "203.0.113.9, 192.0.2.1").await.unwrap().bye().await;
    assert!(reason.contains("in your network"), "{reason}");
    let mut other = from_address(&app, &ann, "192.0.2.1, 203.0.113.9").await.unwrap();
    other.hello(roadmap, id(ClientId::new), 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_claims_an_address_where_no_proxy_stands() {
    let app = limited(Limits { in_all: 0, per_address: 1, per_person: 0 }, false).await;
    let ann = app.person("ann", Role::Owner).await;
    let roadmap = app.product().await.roadmap;
    let mut held = Vec::new();
    for _ in 0..3 {
        // All from this machine, which has no limit.
        let mut page = from_address(&app, &ann, "192.0.2.1").await.unwrap();
        page.hello(roadmap, id(ClientId::new), 0).await;
        held.push(page);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_one_too_many_for_the_server_is_asked_to_come_later() {
    let app = limited(Limits { in_all: 1, per_address: 0, per_person: 0 }, false).await;
    let ann = app.person("ann", Role::Owner).await;
    let roadmap = app.product().await.roadmap;
    let mut page = app.page(&ann, roadmap, id(ClientId::new)).await;
    let refused = app.socket_from(Some(&ann), Some(&app.url(""))).await;
    let Err(tungstenite::Error::Http(answer)) = refused else { panic!("{refused:?}") };
    assert_eq!(answer.status(), 503);
    assert!(answer.headers()["retry-after"].to_str().unwrap().parse::<u32>().unwrap() > 0);
    page.push(1, vec![create(app.first_lane(roadmap).await, "x").1]).await;
    page.answers().await;
}

/// Sends pushes as fast as the connection takes them, and reads what comes. Then the page is gone, with all that it had sent and
/// the server not read.
fn flood(page: Page, lane: LaneId, until: Instant) -> JoinHandle<u64> {
    if let MaybeTlsStream::Plain(socket) = page.stream.get_ref() {
        socket.set_zero_linger().unwrap();
    }
    let (mut sink, mut stream) = page.stream.split();
    let reading = tokio::spawn(async move { while stream.next().await.is_some() {} });
    tokio::spawn(async move {
        let mut cseq = 0;
        while Instant::now() < until {
            let ops = (0..MAX_PUSH as u64).map(|n| {
                let name = format!("Lane {}", cseq + n).parse().unwrap();
                Pushed { cseq: cseq + n + 1, op: Op::RenameLane { id: lane, name } }
            });
            let push = ClientMessage::Push { ops: ops.collect() };
            cseq += MAX_PUSH as u64;
            let text = serde_json::to_string(&push).unwrap();
            // A connection that is not read from takes no more: then this waits.
            let sent = tokio::time::timeout_at(until.into(), sink.send(Message::text(text))).await;
            if !matches!(sent, Ok(Ok(()))) {
                break;
            }
        }
        reading.abort();
        cseq
    })
}

/// A figure of the server.
fn figure(app: &TestApp, name: &str) -> u64 {
    let text = app.running.backend.metrics();
    let line =
        text.lines().find(|line| line.starts_with(&format!("{name} "))).expect("there is such a figure");
    line.rsplit(' ').next().unwrap().parse().unwrap()
}

/// Imports a row over HTTP. Its status, and after how many seconds it may be tried again.
async fn import(app: &TestApp, ann: &Person, title: &str) -> (u16, Option<u32>, String) {
    let body = serde_json::json!({ "key": "ERP", "text": format!("Title\n{title}\n"), "mapping": { "Title": "title" } });
    let request = reqwest::Client::new()
        .post(app.url("/api/run_import"))
        .header("cookie", format!("cairn={}", ann.secret.reveal()))
        .header("content-type", "application/json")
        .body(body.to_string());
    let answer = request.send().await.unwrap();
    let after = answer.headers().get("retry-after").map(|after| after.to_str().unwrap().parse().unwrap());
    (answer.status().as_u16(), after, answer.text().await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_with_far_too_much_to_do_says_so_and_is_well_soon_after() {
    let app = TestApp::start().await;
    let (ann, bob) = (app.person("ann", Role::Owner).await, app.person("bob", Role::Editor).await);
    let roadmap = app.product().await.roadmap;
    let lane = app.first_lane(roadmap).await;
    // The disk stalls while they come, so that far more is to be done than can be.
    let held = app.running.backend.db.begin().await.unwrap();
    let end = Instant::now() + Duration::from_secs(4);
    let mut floods = Vec::new();
    // Each has a push under way at any time, and all together more than may wait.
    for _ in 0..80 {
        floods.push(flood(app.page(&bob, roadmap, id(ClientId::new)).await, lane, end));
    }
    while figure(&app, "cairn_waiting_operations") < 4_000 {
        assert!(Instant::now() < end, "it was not too much");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let busy = import(&app, &ann, "An item").await;
    assert!(busy.0 == 503 && busy.1.is_some_and(|after| after > 0) && busy.2.contains("busy"), "{busy:?}");
    held.rollback().await.unwrap();
    let mut most = 0;
    while Instant::now() < end {
        most = most.max(figure(&app, "cairn_waiting_operations"));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let stopped = Instant::now();
    for flood in floods {
        flood.await.unwrap();
    }
    assert!(most <= 4_096, "{most} operations waited");
    while import(&app, &ann, "The end").await.0 != 200 {
        assert!(stopped.elapsed() < RECOVERED, "it is busy still");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let mut page = app.page(&ann, roadmap, id(ClientId::new)).await;
    page.push(1, vec![create(lane, "x").1]).await;
    page.answers().await;
    assert!(stopped.elapsed() < RECOVERED, "{:?}", stopped.elapsed());
    println!("well again after {:?}", stopped.elapsed());
    assert_eq!(app.running.backend.check().await.unwrap().problems, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sends_without_end_holds_up_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let slow = server::Settings { ops_per_second: 200, ..settings(&folder, "127.0.0.1:0".parse().unwrap()) };
    let app = TestApp { running: start(slow).await.unwrap(), folder };
    let (ann, bob) = (app.person("ann", Role::Owner).await, app.person("bob", Role::Editor).await);
    let roadmap = app.product().await.roadmap;
    let lane = app.first_lane(roadmap).await;
    let end = Instant::now() + Duration::from_secs(3);
    // Two pages of one person have no more than one.
    let bobs =
        [app.page(&bob, roadmap, id(ClientId::new)).await, app.page(&bob, roadmap, id(ClientId::new)).await];
    let before = bobs[0].told;
    let flooding = bobs.map(|page| flood(page, lane, end));
    let mut anns = app.page(&ann, roadmap, id(ClientId::new)).await;
    let mut cseq = 0;
    while Instant::now() < end {
        cseq += 1;
        let since = Instant::now();
        anns.push(cseq, vec![create(lane, "x").1]).await;
        anns.answers().await;
        assert!(since.elapsed() < Duration::from_secs(2), "{:?}", since.elapsed());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    for flood in flooding {
        flood.await.unwrap();
    }
    let done = figure(&app, "cairn_operations_accepted_total") - cseq - before;
    // Five seconds' worth at once, and then the rate. A page is read until it has too much.
    assert!((1_000..=200 * 5 + 200 * 4 + 2 * MAX_PUSH as u64).contains(&done), "{done} were let through");
}

#[tokio::test(flavor = "multi_thread")]
async fn more_requests_than_can_be_done_are_asked_to_come_later() {
    let app = TestApp::start().await;
    let ann = app.person("ann", Role::Owner).await;
    app.product().await;
    // Held up here, so that they pile up.
    let held = app.running.backend.db.begin().await.unwrap();
    let client = reqwest::Client::new();
    let cookie = format!("cairn={}", ann.secret.reveal());
    let mut waiting = tokio::task::JoinSet::new();
    for n in 0..700 {
        let request = client
            .post(app.url("/api/run_import"))
            .header("cookie", &cookie)
            .header("content-type", "application/json")
            .body(format!(r#"{{"key":"ERP","text":"Title\nItem {n}\n","mapping":{{"Title":"title"}}}}"#));
        waiting.spawn(async move { request.send().await.unwrap() });
    }
    let mut refused = 0;
    while refused < 700 - 512 {
        let answer = waiting.join_next().await.unwrap().unwrap();
        assert_eq!(answer.status(), 503);
        assert!(answer.headers()["retry-after"].to_str().unwrap().parse::<u32>().unwrap() > 0);
        assert!(answer.text().await.unwrap().contains("Try again in"));
        refused += 1;
    }
    held.rollback().await.unwrap();
    let mut done = 0;
    while let Some(answer) = waiting.join_next().await {
        let answer = answer.unwrap();
        assert!(answer.status() == 200 || answer.status() == 503, "{}", answer.status());
        done += u32::from(answer.status() == 200);
    }
    assert!(done > 0);
}
