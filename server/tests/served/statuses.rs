//! What every server function answers to requests that no page of ours sends.

use std::collections::BTreeSet;

use domain::Role;
use reqwest::{Client, Method, Response};
use server::routes::{Encoding, ROUTES, Route};

use crate::support::{Person, TestApp, create};

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// These have no arguments that must be there, so no form is malformed.
const WITHOUT_ARGUMENTS: [&str; 4] = ["sign_out", "end_other_sessions", "assign_segments", "read_notices"];

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
            // No function takes them.
            Encoding::Bytes => &[],
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

#[tokio::test(flavor = "multi_thread")]
async fn times_of_years_that_nobody_plans_are_refused() {
    let app = TestApp::start().await;
    let ann = app.person("ann", Role::Owner).await;
    let product = app.product().await;
    let lane = app.first_lane(product.roadmap).await;
    let owner = app.running.backend.people().first_owner().await.unwrap();
    let ops = ["Search", "Export"].map(|title| create(lane, title).1);
    owner.submit(product.roadmap, ops.to_vec()).await.unwrap();
    let route = ROUTES.iter().find(|route| route.function == "save_voting").unwrap();
    let saved = async |times: &str| {
        let draft = "draft%5Btitle%5D=Another&draft%5Bmode%5D=dots&draft%5Btokens%5D=5&draft%5Bsecrecy%5D=open\
                     &draft%5Breveal%5D=at_close&draft%5Bitems%5D%5B%5D=ERP-1&draft%5Bitems%5D%5B%5D=ERP-2";
        let body = format!("{draft}&{times}").into_bytes();
        send(&app, Some(&ann), route, Method::POST, Some(FORM), body).await
    };
    let likely = "draft%5Bopens%5D=1990-01-01T00:00&draft%5Bcloses%5D=2199-12-31T23:59";
    assert_eq!(saved(likely).await.status(), 200);
    for (times, year) in [
        ("draft%5Bopens%5D=1989-12-31T23:59", "1989"),
        ("draft%5Bcloses%5D=2200-01-01T00:00", "2200"),
        ("draft%5Bcloses%5D=2199-12-31T23:59&draft%5Bcloses_ms%5D=7258118400000", "2200"),
    ] {
        let answer = saved(times).await;
        assert_eq!(answer.status(), 422, "{times}");
        let error: serde_json::Value = answer.json().await.unwrap();
        assert_eq!(error["sentence"], format!("Check the year {year}."), "{times}");
    }
    assert_eq!(owner.votings().await.unwrap().len(), 1);

    let past = async |query: &str| {
        let request = Client::new().get(app.url(&format!("/p/ERP/past?{query}")));
        request.header("cookie", format!("cairn={}", ann.secret.reveal())).send().await.unwrap()
    };
    assert_eq!(past("at=1990-01-01&until=2199-12-31T23:59").await.status(), 200);
    for (query, year) in [("at=1989-12-31", "1989"), ("at=1&until=2200-01-01T00:00", "2200")] {
        let answer = past(query).await;
        assert_eq!(answer.status(), 422, "{query}");
        let html = answer.text().await.unwrap();
        assert!(html.contains(&format!("Check the year {year}.")), "{query}: {html}");
    }
    app.running.stop().await;
}

/// Pages and downloads of a product or a vote, with `*` for which; and those that are about nothing in particular.
const ABOUT: [&str; 21] = [
    "/p/*",
    "/p/*/i/1",
    "/p/*/voting",
    "/p/*/history",
    "/p/*/past",
    "/p/*/import",
    "/p/*/bin",
    "/p/*/settings",
    "/p/*/fields",
    "/p/*/export?format=csv",
    "/p/*/export.csv",
    "/p/*/export.xlsx",
    "/p/*/export.json",
    "/voting/*",
    "/voting/*/setup",
    "/voting/*/results",
    "/voting/*/present",
    "/voting/*/record.json",
    "/voting/*/result.csv",
    "/voting/*/ballots.csv",
    "/voting/*/events",
];
const OTHERS: [&str; 8] =
    ["/", "/people", "/account", "/voting", "/voting/new", "/join", "/segments", "/live"];

#[tokio::test(flavor = "multi_thread")]
async fn pages_and_downloads_of_nothing_are_not_found_and_none_takes_a_post() {
    let app = TestApp::start().await;
    let ann = app.person("ann", Role::Owner).await;
    let cookie = format!("cairn={}", ann.secret.reveal());
    let ask = async |method: Method, path: &str| {
        let request = Client::new().request(method, app.url(path)).header("cookie", &cookie);
        request.header("accept", "text/html").send().await.unwrap().status().as_u16()
    };
    let mut wrong = Vec::new();
    let unknown = ["NOWHERE", "01938a4e-8000-7000-8000-000000000001", "x", "%00", "%ff", "..%2f", "%3Cb%3E"];
    for path in ABOUT {
        for which in unknown.iter().copied().chain([&*"a".repeat(2_000)]) {
            let path = path.replace('*', which);
            let status = ask(Method::GET, &path).await;
            if !matches!(status, 400 | 404) {
                wrong.push(format!("GET {}: {status}", &path[..path.len().min(60)]));
            }
        }
    }
    for path in ABOUT.iter().map(|path| path.replace('*', "ERP")).chain(OTHERS.map(str::to_owned)) {
        let status = ask(Method::POST, &path).await;
        if !matches!(status, 400 | 403 | 404 | 405) {
            wrong.push(format!("POST {path}: {status}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    app.running.stop().await;
}
