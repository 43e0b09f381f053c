//! What is answered beside the live channel: pages, files, headers, refusals.

use std::fs;

use crate::support::{TestApp, create, id, settings};
use server::{StartError, start};
use tempfile::tempdir;

#[tokio::test(flavor = "multi_thread")]
async fn a_page_carries_its_policy_and_scripts_its_nonce() {
    let app = TestApp::start().await;
    app.person("ann", domain::Role::Owner).await;
    let response = reqwest::get(app.url("/sign-in")).await.unwrap();
    assert_eq!(response.status(), 200);
    let headers = response.headers().clone();
    let policy = headers["content-security-policy"].to_str().unwrap();
    let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).expect("a nonce");
    assert!(policy.contains("style-src 'self';") && !policy.contains("unsafe-inline"), "{policy}");
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    assert_eq!(headers["x-content-type-options"], "nosniff");
    assert_eq!(headers["cache-control"], "no-store");
    let html = response.text().await.unwrap();
    let scripts: Vec<&str> =
        html.split("<script").skip(1).map(|rest| rest.split('>').next().unwrap()).collect();
    assert!(!scripts.is_empty());
    for script in scripts {
        assert!(script.contains(&format!("nonce=\"{nonce}\"")), "<script{script}>");
    }
    assert!(!html.contains(" style=\""), "no inline styles");

    let again = reqwest::get(app.url("/sign-in")).await.unwrap();
    assert!(
        !again.headers()["content-security-policy"].to_str().unwrap().contains(nonce),
        "a nonce is used once"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_compressed_for_those_who_can_read_that() {
    let app = TestApp::start().await;
    app.person("ann", domain::Role::Owner).await;
    let client = reqwest::Client::new();
    let get = async |accept: &str| {
        let response =
            client.get(app.url("/sign-in")).header("accept-encoding", accept).send().await.unwrap();
        let encoding =
            response.headers().get("content-encoding").map(|value| value.to_str().unwrap().to_owned());
        (encoding, response.bytes().await.unwrap())
    };
    let (encoding, short) = get("gzip").await;
    assert_eq!(encoding.as_deref(), Some("gzip"));
    assert_eq!(short[..2], [0x1f, 0x8b]);
    let (encoding, long) = get("identity").await;
    assert_eq!(encoding, None);
    assert!(short.len() * 2 < long.len(), "{} of {}", short.len(), long.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_exist_is_a_page_that_says_so() {
    let app = TestApp::start().await;
    app.person("ann", domain::Role::Owner).await;
    let response = reqwest::get(app.url("/no/such/page")).await.unwrap();
    assert_eq!(response.status(), 404);
    assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
    assert!(response.headers()["content-security-policy"].to_str().unwrap().contains("nonce-"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_worker_may_load_this_site_and_is_asked_for_each_time() {
    let app = TestApp::start().await;
    let response = reqwest::get(app.url("/sw.js")).await.unwrap();
    assert_eq!(response.status(), 200);
    let headers = response.headers();
    assert!(headers["content-type"].to_str().unwrap().starts_with("text/javascript"));
    assert_eq!(headers["cache-control"], "no-cache");
    assert!(headers["content-security-policy"].to_str().unwrap().contains("connect-src 'self'"));
    assert!(response.text().await.unwrap().contains("addEventListener('fetch'"));
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_makes_the_browser_forget() {
    let app = TestApp::start().await;
    let ann = app.person("ann", domain::Role::Owner).await;
    let request = reqwest::Client::new().post(app.url("/api/sign_out"));
    let cookie = format!("cairn={}", ann.secret.reveal());
    let response = request.header("origin", app.url("")).header("cookie", cookie).send().await.unwrap();
    assert_eq!(response.headers()["clear-site-data"], "\"storage\"");
    assert!(app.running.backend.people().authenticate(&ann.secret).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn health_is_told_to_whoever_asks() {
    let app = TestApp::start().await;
    let response = reqwest::get(app.url("/healthz")).await.unwrap();
    assert_eq!(response.status(), 200);
    let health: serde_json::Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
    assert_eq!(health["status"], "ok");
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_are_told_on_an_address_of_their_own() {
    let folder = tempdir().unwrap();
    let nowhere = "127.0.0.1:0".parse().unwrap();
    let settings = server::Settings { metrics: Some(nowhere), ..settings(&folder, nowhere) };
    let app = TestApp { running: start(settings).await.unwrap(), folder };
    let ann = app.person("ann", domain::Role::Owner).await;
    let roadmap = app.product().await.roadmap;
    let lane = app.first_lane(roadmap).await;
    let mut page = app.page(&ann, roadmap, id(domain::ClientId::new)).await;
    page.push(1, vec![create(lane, "x").1, create(lane, "y").1]).await;
    page.entries_to(6).await;

    let watched = app.running.metrics.unwrap();
    let response = reqwest::get(format!("http://{watched}/metrics")).await.unwrap();
    assert!(response.headers()["content-type"].to_str().unwrap().starts_with("application/openmetrics-text"));
    let text = response.text().await.unwrap();
    for line in
        ["cairn_operations_accepted_total 2", "cairn_pages 1", "cairn_commit_operations_count 1", "# EOF"]
    {
        assert!(text.lines().any(|found| found == line), "{line} is not in:\n{text}");
    }
    for (base, path, status) in
        [(watched, "readyz", 200), (app.running.addr, "readyz", 200), (app.running.addr, "metrics", 404)]
    {
        assert_eq!(reqwest::get(format!("http://{base}/{path}")).await.unwrap().status(), status, "{path}");
    }
    app.running.stop().await;
    assert!(reqwest::get(format!("http://{watched}/metrics")).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_of_other_sites_that_change_something_are_refused() {
    let app = TestApp::start().await;
    app.person("ann", domain::Role::Owner).await;
    let client = reqwest::Client::new();
    let post = |site: Option<&'static str>, origin: Option<String>| {
        let mut request = client.post(app.url("/api/sign_in")).body("email=a&password=b");
        request = request.header("content-type", "application/x-www-form-urlencoded");
        if let Some(site) = site {
            request = request.header("sec-fetch-site", site);
        }
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        request.send()
    };
    let evil = || Some("https://evil.example".to_owned());
    for (site, origin) in [(Some("cross-site"), evil()), (Some("same-site"), evil()), (None, evil())] {
        assert_eq!(post(site, origin).await.unwrap().status(), 403);
    }
    assert_ne!(post(Some("same-origin"), Some(app.url(""))).await.unwrap().status(), 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn hashed_files_are_kept_and_come_compressed() {
    let folder = tempdir().unwrap();
    let pkg = folder.path().join("site").join("pkg");
    fs::create_dir_all(pkg.join("assets")).unwrap();
    fs::write(folder.path().join("site").join("hash.txt"), "js: aaaa1111\nwasm: bbbb2222\ncss: cccc3333\n")
        .unwrap();
    fs::write(pkg.join("cairn.cccc3333.css"), "body{}").unwrap();
    fs::write(pkg.join("cairn.cccc3333.css.br"), "compressed").unwrap();
    fs::write(pkg.join("assets").join("icon.svg"), "<svg/>").unwrap();
    let running = start(settings(&folder, "127.0.0.1:0".parse().unwrap())).await.unwrap();
    let get = async |path: &str, accept: &str| {
        let url = format!("http://{}/pkg/{path}", running.addr);
        reqwest::Client::new().get(url).header("accept-encoding", accept).send().await.unwrap()
    };
    let css = get("cairn.cccc3333.css", "br, gzip").await;
    assert_eq!(css.status(), 200);
    assert_eq!(css.headers()["cache-control"], "public, max-age=31536000, immutable");
    assert_eq!(css.headers()["content-type"], "text/css");
    assert_eq!(css.headers()["content-encoding"], "br");
    assert_eq!(css.text().await.unwrap(), "compressed");
    assert_eq!(get("cairn.cccc3333.css", "identity").await.text().await.unwrap(), "body{}");
    assert_eq!(get("assets/icon.svg", "br").await.headers()["cache-control"], "no-cache");
    assert_eq!(get("cairn.dddd4444.css", "br").await.status(), 404);
    assert_eq!(get("../hash.txt", "br").await.status(), 404);
    let page = reqwest::get(format!("http://{}/setup", running.addr)).await.unwrap().text().await.unwrap();
    for named in ["cairn.aaaa1111.js", "parts.aaaa1111.js", "cairn.bbbb2222.wasm", "cairn.cccc3333.css"] {
        assert!(page.contains(&format!("\"/pkg/{named}\"")), "the page names {named}");
    }
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_cannot_start_says_why() {
    let app = TestApp::start().await;
    let folder = tempdir().unwrap();
    let taken = start(settings(&folder, app.running.addr)).await.unwrap_err();
    assert!(matches!(taken, StartError::Taken(_)), "{taken}");
    assert!(taken.to_string().contains("choose another with --addr"), "{taken}");
    assert!(!folder.path().join("cairn.db").exists(), "the database is not touched");

    let addr = "127.0.0.1:0".parse().unwrap();
    for public_url in ["roadmaps.example.org", "https://roadmaps.example.org/cairn", "ftp://example.org"] {
        let wrong = server::Settings { public_url: Some(public_url.to_owned()), ..settings(&folder, addr) };
        let refused = start(wrong).await.unwrap_err();
        assert!(matches!(refused, StartError::PublicUrl(_)), "{refused}");
    }
    let newer = server::Settings { db: "mysql://nowhere".to_owned(), ..settings(&folder, addr) };
    assert!(matches!(start(newer).await.unwrap_err(), StartError::Database(_)));
}
