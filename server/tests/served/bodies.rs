//! Requests that begin and do not go on, and those who must not suffer from them.

use std::time::{Duration, Instant};

use domain::Role;
use server::{Limits, start};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
    time::timeout,
};

use crate::support::{Person, TestApp, settings};

const ENOUGH: Duration = Duration::from_secs(20);

/// The head of a request with so long a body.
fn head(function: &str, person: Option<&Person>, length: usize) -> String {
    let cookie =
        person.map(|person| format!("cookie: cairn={}\r\n", person.secret.reveal())).unwrap_or_default();
    let content_type = server::routes::ROUTES
        .iter()
        .find(|route| route.function == function)
        .unwrap()
        .encoding
        .content_type();
    format!(
        "POST /api/{function} HTTP/1.1\r\nhost: localhost\r\naccept: application/json\r\n{cookie}\
         content-type: {content_type}\r\ncontent-length: {length}\r\n\r\n"
    )
}

/// Sends bytes on a connection of their own.
async fn send(app: &TestApp, bytes: impl AsRef<[u8]>) -> TcpStream {
    let mut stream = TcpStream::connect(app.running.addr).await.unwrap();
    stream.write_all(bytes.as_ref()).await.unwrap();
    stream
}

/// The status that comes.
async fn status(stream: &mut TcpStream) -> u16 {
    let mut begin = [0; 12];
    timeout(ENOUGH, stream.read_exact(&mut begin)).await.expect("an answer comes").unwrap();
    String::from_utf8_lossy(&begin[9..]).parse().unwrap()
}

/// Whether the other side has hung up, with or without a word.
async fn is_closed(stream: &mut TcpStream, within: Duration) -> bool {
    let mut all = Vec::new();
    timeout(within, stream.read_to_end(&mut all)).await.is_ok()
}

async fn ask_for_products(app: &TestApp, person: &Person) -> reqwest::Response {
    let request = reqwest::Client::new()
        .post(app.url("/api/home"))
        .header("cookie", format!("cairn={}", person.secret.reveal()))
        .header("content-type", "application/json")
        .body("{}");
    request.send().await.unwrap()
}

async fn products(app: &TestApp, person: &Person) -> u16 {
    ask_for_products(app, person).await.status().as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_do_not_come_keep_nobody_out() {
    let app = TestApp::start().await;
    let ann = app.person("ann", Role::Owner).await;
    let bob = app.person("bob", Role::Viewer).await;
    let mut silent = Vec::new();
    for number in 0..600 {
        let person = (number % 2 == 0).then_some(&bob);
        silent.push(send(&app, head("cast_ballot", person, 100)).await);
    }
    // All have been taken in when the last of them is answered.
    let mut last = silent.pop().unwrap();
    last.write_all(&[b'x'; 100]).await.unwrap();
    assert_eq!(status(&mut last).await, 400);
    assert_eq!(products(&app, &ann).await, 200);
    assert_eq!(products(&app, &bob).await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn long_bodies_are_refused_before_they_come_and_are_few_at_a_time() {
    let app = TestApp::start().await;
    let ann = app.person("ann", Role::Owner).await;
    let bob = app.person("bob", Role::Viewer).await;
    app.product().await;
    let long = 10 * 1024 * 1024;
    for (person, length, expected) in
        [(None, long, 401), (Some(&bob), long, 403), (Some(&ann), 3 * long, 413), (None, 20 * long, 413)]
    {
        let mut stream = send(&app, head("run_import", person, length)).await;
        assert_eq!(status(&mut stream).await, expected);
    }
    let mut editors = Vec::new();
    for number in 0..4 {
        editors.push(app.person(&format!("editor{number}"), Role::Editor).await);
    }
    // One that comes slowly has its place. Another of the same person waits; those of others are taken.
    let slowly = async || send(&app, head("run_import", Some(&ann), long) + "{").await;
    let answer = async |stream: &mut TcpStream| timeout(Duration::from_millis(200), status(stream)).await;
    let mut held = slowly().await;
    let since = Instant::now();
    loop {
        let mut second = slowly().await;
        held = match answer(&mut second).await {
            Ok(429) if answer(&mut held).await.is_err() => break,
            // The one before it had the place, and has left.
            Ok(429) => slowly().await,
            // It was faster than the first.
            Err(_) => second,
            Ok(other) => panic!("{other}"),
        };
        assert!(since.elapsed() < ENOUGH, "one of two has to wait");
    }
    let mut others = Vec::new();
    for editor in &editors {
        others.push(send(&app, head("run_import", Some(editor), long) + "{").await);
    }
    let mut statuses = JoinSet::new();
    for mut other in others {
        statuses.spawn(async move { status(&mut other).await });
    }
    assert_eq!(statuses.join_next().await.unwrap().unwrap(), 503, "three fit beside the first");
    let another = timeout(Duration::from_millis(200), statuses.join_next()).await;
    assert!(another.is_err(), "the others are waited for: {another:?}");
    assert_eq!(products(&app, &ann).await, 200, "short ones are not held up");
    drop(held);
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_and_bodies_that_do_not_come_are_given_up() {
    let app = TestApp::start().await;
    let ann = app.person("ann", Role::Owner).await;
    let mut nothing = send(&app, "").await;
    let mut half = send(&app, "POST /api/home HTTP/1.1\r\nhost: x\r\n").await;
    let mut body = send(&app, head("home", Some(&ann), 100) + "{").await;
    // A body that comes slowly, but comes, is read.
    let mut slow = send(&app, head("home", Some(&ann), 7)).await;
    for _ in 0..5 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        slow.write_all(b" ").await.unwrap();
    }
    slow.write_all(b"{}").await.unwrap();
    assert_eq!(status(&mut slow).await, 200);
    assert_eq!(status(&mut body).await, 408);
    assert!(is_closed(&mut body, ENOUGH).await);
    assert!(is_closed(&mut nothing, ENOUGH).await);
    assert!(is_closed(&mut half, ENOUGH).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_stops_at_once_whatever_has_begun() {
    let app = TestApp::start().await;
    let ann = app.person("ann", Role::Owner).await;
    let mut held = Vec::new();
    for _ in 0..50 {
        held.push(send(&app, "").await);
        held.push(send(&app, "GET / HTTP/1.1\r\nhost: x\r\n").await);
        held.push(send(&app, head("home", Some(&ann), 100)).await);
        held.push(send(&app, head("sign_in", None, 100) + "email").await);
    }
    assert_eq!(products(&app, &ann).await, 200);
    let since = Instant::now();
    app.running.stop().await;
    // Otherwise it is as long as requests get to end.
    assert!(since.elapsed() < Duration::from_secs(4), "{:?}", since.elapsed());
    for stream in &mut held {
        assert!(is_closed(stream, ENOUGH).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_too_often_is_asked_to_wait_and_others_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits { in_all: 0, per_address: 0, per_person: 0 };
    let settings = server::Settings {
        requests_per_second: 1,
        limits,
        ..settings(&folder, "127.0.0.1:0".parse().unwrap())
    };
    let app = TestApp { running: start(settings).await.unwrap(), folder };
    let (ann, bob) = (app.person("ann", Role::Owner).await, app.person("bob", Role::Viewer).await);
    let mut tried = 0;
    let refused = loop {
        let answer = ask_for_products(&app, &bob).await;
        if answer.status() != 200 {
            break answer;
        }
        tried += 1;
        assert!(tried < 1_000);
    };
    assert!(tried >= 4, "a burst is let through: {tried}");
    assert_eq!(refused.status(), 429);
    assert_eq!(refused.headers()["retry-after"], "1");
    assert!(refused.text().await.unwrap().contains("Wait a moment"));
    assert_eq!(products(&app, &ann).await, 200);
}
