//! What every server function answers to requests that no page of ours sends.

use std::collections::BTreeSet;

use domain::Role;
use reqwest::{Client, Method, Response};
use server::routes::{Encoding, ROUTES, Route};

use crate::support::{Person, TestApp};

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// These have no arguments that must be there, so no form is malformed.
const WITHOUT_ARGUMENTS: [&str; 3] = ["sign_out", "end_other_sessions", "assign_segments"];

async fn send(
    app: &TestApp,
    person: Option<&Person>,
    route: &Route,
    method: Method,
    content_type: Option<&str>,
    body: Vec<u8>,
) -> Response {
    let url = app.url(&format!("/api/{}", route.function));
    let mut request = Client::new().request(method, url).header("accept", JSON).body(body);
    if let Some(content_type) = content_type {
        request = request.header("content-type", content_type);
    }
    if let Some(person) = person {
        request = request.header("cookie", format!("cairn={}", person.secret.reveal()));
    }
    request.send().await.unwrap()
}

/// The status, when the answer has a sentence for a person and names the same status.
async fn refused(answer: Response) -> Result<u16, String> {
    let status = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    let error: serde_json::Value = serde_json::from_str(&text).map_err(|_| format!("{status}: {text:?}"))?;
    let sentence = error["sentence"].as_str().unwrap_or_default();
    if error["status"] == status && sentence.ends_with('.') && sentence.contains(' ') {
        Ok(status)
    } else {
        Err(format!("{status}: {text}"))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_malformed_or_too_large_is_refused_with_its_status_and_changes_nothing() {
    let app = TestApp::start().await;
    let ann = app.person("ann", Role::Owner).await;
    app.product().await;
    let registered: BTreeSet<String> =
        leptos::server_fn::axum::server_fn_paths().map(|(path, _)| path.to_owned()).collect();
    let listed: BTreeSet<String> = ROUTES.iter().map(|route| format!("/api/{}", route.function)).collect();
    assert_eq!(registered, listed, "every server function has its bounds in the table");
    assert_eq!(listed.len(), ROUTES.len(), "and has them once");

    let before = app.running.backend.check().await.unwrap();
    let mut wrong = Vec::new();
    for route in ROUTES {
        let own = route.encoding.content_type();
        let other = if route.encoding == Encoding::Json { FORM } else { JSON };
        let long = vec![b'1'; route.bytes + 1];
        let mut tries = vec![
            ("another form", 415, Method::POST, Some(other), b"x".to_vec()),
            ("text", 415, Method::POST, Some("text/plain"), b"{}".to_vec()),
            ("a file", 415, Method::POST, Some("multipart/form-data; boundary=x"), b"--x--".to_vec()),
            ("no form", 415, Method::POST, None, b"{}".to_vec()),
            ("too large", 413, Method::POST, Some(own), long),
            ("GET", 405, Method::GET, None, Vec::new()),
            ("PUT", 405, Method::PUT, Some(own), b"{}".to_vec()),
            ("DELETE", 405, Method::DELETE, None, Vec::new()),
        ];
        let malformed: &[&[u8]] = match route.encoding {
            Encoding::Json => &[b"{", b"", b"[1]", b"{\"key\":", b"\xff\xfe{}", b"nonsense"],
            Encoding::Form if WITHOUT_ARGUMENTS.contains(&route.function) => &[],
            Encoding::Form => &[b"", b"x", b"=&=", b"\xff\xfe"],
        };
        tries.extend(malformed.iter().map(|body| ("malformed", 400, Method::POST, Some(own), body.to_vec())));
        for (what, expected, method, content_type, body) in tries {
            let shown = String::from_utf8_lossy(&body[..body.len().min(16)]).into_owned();
            let answer = refused(send(&app, Some(&ann), route, method, content_type, body).await).await;
            if answer != Ok(expected) {
                wrong.push(format!("{} {what} {shown:?}: {answer:?} instead of {expected}", route.function));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(format!("{:?}", app.running.backend.check().await.unwrap()), format!("{before:?}"));
    assert!(app.running.backend.people().authenticate(&ann.secret).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn long_bodies_are_taken_from_those_who_may_send_them() {
    let app = TestApp::start().await;
    let ann = app.person("ann", Role::Owner).await;
    let bob = app.person("bob", Role::Viewer).await;
    app.product().await;
    for route in ROUTES.iter().filter(|route| route.is_large()) {
        for (person, expected) in [(None, 401), (Some(&bob), 403), (Some(&ann), 400)] {
            let body = vec![b'1'; route.bytes];
            let answer = send(&app, person, route, Method::POST, Some(JSON), body).await;
            assert_eq!(refused(answer).await, Ok(expected), "{}", route.function);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_that_do_not_exist_or_only_show_something_take_nothing() {
    let app = TestApp::start().await;
    let ann = app.person("ann", Role::Owner).await;
    app.product().await;
    for (path, expected) in [
        ("/", 405),
        ("/p/ERP", 405),
        ("/sign-in", 405),
        ("/healthz", 405),
        ("/p/ERP/export.csv", 405),
        ("/nowhere", 404),
        ("/api/nothing", 404),
    ] {
        let request = Client::new()
            .post(app.url(path))
            .header("accept", JSON)
            .header("content-type", JSON)
            .header("cookie", format!("cairn={}", ann.secret.reveal()))
            .body("{}");
        assert_eq!(refused(request.send().await.unwrap()).await, Ok(expected), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_longer_than_a_description_is_not_rendered_and_its_tags_are_text() {
    let app = TestApp::start().await;
    app.person("ann", Role::Owner).await;
    let viewer = app.person("vera", Role::Viewer).await;
    let route = ROUTES.iter().find(|route| route.function == "render_markdown").unwrap();
    let rendered = async |text: String| {
        let body = serde_json::json!({ "texts": [text] }).to_string().into_bytes();
        send(&app, Some(&viewer), route, Method::POST, Some(JSON), body).await
    };
    assert_eq!(refused(rendered("<div>".repeat(64_000)).await).await, Ok(413));
    let html: Vec<String> = rendered("<div>".repeat(4_000)).await.json().await.unwrap();
    assert!(html[0].starts_with("<p>&lt;div&gt;&lt;div&gt;"), "{}", &html[0][..60]);
    // Of letters with more bytes as many may be rendered.
    let html: Vec<String> = rendered("é".repeat(20_000)).await.json().await.unwrap();
    assert_eq!(html[0].chars().filter(|letter| *letter == 'é').count(), 20_000);
}
