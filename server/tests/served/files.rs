//! Files that people attach, as browsers send and get them.

use domain::Role;
use reqwest::{RequestBuilder, Response};

use crate::support::{Person, TestApp};

const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n and what makes up the picture";
const BYTES: &str = "application/octet-stream";

fn by(person: Option<&Person>, request: RequestBuilder) -> RequestBuilder {
    match person {
        Some(person) => request.header("cookie", format!("cairn={}", person.secret.reveal())),
        None => request,
    }
}

async fn attach(app: &TestApp, person: Option<&Person>, path: &str, kind: &str, body: Vec<u8>) -> Response {
    let request = reqwest::Client::new().post(app.url(path));
    let request = request.header("content-type", kind).header("accept", "application/json").body(body);
    by(person, request).send().await.unwrap()
}

async fn get(app: &TestApp, person: Option<&Person>, path: &str) -> Response {
    by(person, reqwest::Client::new().get(app.url(path))).send().await.unwrap()
}

async fn address(answer: Response) -> String {
    assert_eq!(answer.status(), 200);
    let answer: serde_json::Value = answer.json().await.unwrap();
    answer["address"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_is_shown_and_everything_else_is_a_download_that_does_nothing() {
    let app = TestApp::start().await;
    let ann = app.person("ann", Role::Owner).await;
    app.product().await;
    let picture = attach(&app, Some(&ann), "/p/ERP/files?name=Plan%20A.png", BYTES, PICTURE.to_vec()).await;
    let picture = address(picture).await;
    assert!(picture.ends_with("/Plan-A.png"), "{picture}");
    let shown = get(&app, Some(&ann), &picture).await;
    assert_eq!(shown.status(), 200);
    let header = |answer: &Response, name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header(&shown, "content-type"), "image/png");
    assert!(header(&shown, "content-disposition").starts_with("inline; filename=\"Plan-A.png\""));
    assert_eq!(header(&shown, "x-content-type-options"), "nosniff");
    assert!(header(&shown, "content-security-policy").starts_with("default-src 'none'; sandbox"));
    assert_eq!(header(&shown, "cache-control"), "private, no-cache");
    let tag = header(&shown, "etag");
    assert_eq!(shown.bytes().await.unwrap(), PICTURE);
    let again = by(Some(&ann), reqwest::Client::new().get(app.url(&picture))).header("if-none-match", tag);
    assert_eq!(again.send().await.unwrap().status(), 304);
    let head = by(Some(&ann), reqwest::Client::new().head(app.url(&picture))).send().await.unwrap();
    assert_eq!((head.status().as_u16(), header(&head, "content-length")), (200, PICTURE.len().to_string()));

    // What its name and the browser say of it does not matter.
    for body in ["<html><script>alert(1)</script>", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>"] {
        let page = attach(&app, Some(&ann), "/p/ERP/files?name=x.png", BYTES, body.into()).await;
        let page = get(&app, Some(&ann), &address(page).await).await;
        assert_eq!(header(&page, "content-type"), BYTES);
        assert!(header(&page, "content-disposition").starts_with("attachment; "));
        assert!(header(&page, "content-security-policy").contains("sandbox"));
        assert_eq!(page.text().await.unwrap(), body);
    }
    app.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_taken_from_who_may_comment_within_its_bounds() {
    let app = TestApp::start().await;
    let ann = app.person("ann", Role::Owner).await;
    let stan = app.person("stan", Role::Stakeholder).await;
    let vera = app.person("vera", Role::Viewer).await;
    app.product().await;
    let path = "/p/ERP/files?name=a.bin";
    let most = domain::MAX_FILE;
    for (who, path, kind, bytes, expected) in [
        (Some(&stan), path, BYTES, most, 200),
        (Some(&ann), path, BYTES, most + 1, 413),
        (Some(&ann), path, BYTES, 0, 422),
        (Some(&ann), path, "text/plain", 10, 415),
        (Some(&ann), path, "multipart/form-data; boundary=x", 10, 415),
        (Some(&ann), "/p/NIL/files?name=a", BYTES, 10, 404),
        (Some(&ann), "/p/%C3%A9/files?name=a", BYTES, 10, 404),
        (Some(&vera), path, BYTES, 10, 403),
        (Some(&vera), path, BYTES, most, 403),
        (None, path, BYTES, 10, 401),
        (None, path, BYTES, most, 401),
    ] {
        let answer = attach(&app, who, path, kind, vec![1; bytes]).await;
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        assert_eq!(status, expected, "{path} {kind} {bytes}: {text}");
        if status != 200 {
            let error: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert!(error["sentence"].as_str().unwrap().ends_with('.'), "{text}");
        }
    }
    assert_eq!(get(&app, Some(&ann), path).await.status(), 405);
    // Pages of other sites send nothing.
    let foreign = reqwest::Client::new().post(app.url(path)).header("content-type", BYTES).body("x");
    let foreign = foreign.header("sec-fetch-site", "cross-site").header("origin", "https://example.org");
    assert_eq!(by(Some(&ann), foreign).send().await.unwrap().status(), 403);
    app.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_hidden_and_what_there_is_not_are_answered_alike() {
    let app = TestApp::start().await;
    let ann = app.person("ann", Role::Owner).await;
    let vera = app.person("vera", Role::Viewer).await;
    let product = app.product().await;
    let file = attach(&app, Some(&ann), "/p/ERP/files?name=a.png", BYTES, PICTURE.to_vec()).await;
    let file = address(file).await;
    assert_eq!(get(&app, Some(&vera), &file).await.status(), 200);
    let owner = app.running.backend.people().first_owner().await.unwrap();
    let chosen = backend::AccessChange::Show(domain::Visibility::Chosen);
    owner.change_access(&product.key, chosen).await.unwrap();
    let nothing = format!("/files/{}/a.png", "0".repeat(64));
    let mut answers = Vec::new();
    for path in [file.as_str(), &nothing, "/files/nothing/a.png", "/files/%C3%A9/%0D%0A"] {
        let answer = get(&app, Some(&vera), path).await;
        let (status, headers) = (answer.status(), answer.headers().clone());
        answers.push((status, headers.len(), answer.text().await.unwrap()));
    }
    assert_eq!((answers[0].0.as_u16(), answers[0].2.as_str()), (404, "There is nothing at this address."));
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    for path in [file.as_str(), &nothing] {
        assert_eq!(get(&app, None, path).await.status(), 401);
    }
    // Nor is it hidden from the browser's cache alone.
    let tag = file.split('/').nth(2).unwrap();
    let known = by(Some(&vera), reqwest::Client::new().get(app.url(&file)));
    assert_eq!(known.header("if-none-match", format!("\"{tag}\"")).send().await.unwrap().status(), 404);
    app.running.stop().await;
}
