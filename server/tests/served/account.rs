//! One's own account as browsers without scripts see it.

use domain::Role;
use reqwest::{Client, Response, redirect::Policy};

use crate::support::{Person, TestApp, settings};

const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";

fn client() -> Client {
    Client::builder().redirect(Policy::none()).build().unwrap()
}

/// Posts a form of `/account` as a browser does without scripts.
async fn post(app: &TestApp, cookies: &str, function: &str, form: &str) -> Response {
    let request = client().post(app.url(&format!("/api/{function}"))).header("accept", "text/html,*/*");
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let request = request.header("referer", app.url("/account")).header("cookie", cookies);
    request.header("user-agent", BROWSER).body(form.to_owned()).send().await.unwrap()
}

async fn get(app: &TestApp, cookies: &str, path: &str) -> Response {
    let request = client().get(app.url(path)).header("accept", "text/html").header("cookie", cookies);
    request.send().await.unwrap()
}

async fn page(app: &TestApp, cookies: &str, path: &str) -> String {
    get(app, cookies, path).await.text().await.unwrap()
}

fn cookie_of(person: &Person) -> String {
    format!("cairn={}", person.secret.reveal())
}

/// What an answer has the browser keep, without how long.
fn kept(answer: &Response) -> Vec<String> {
    let set = answer.headers().get_all("set-cookie").iter();
    set.map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap().to_owned()).collect()
}

fn place(answer: &Response) -> (u16, &str) {
    (answer.status().as_u16(), answer.headers()["location"].to_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_theme_chosen_in_a_browser_is_in_its_pages_from_the_first_byte() {
    let app = TestApp::start().await;
    app.person("ann", Role::Owner).await;
    for (cookies, theme, scheme) in [
        ("", None, "light dark"),
        ("cairn-theme=dark", Some("dark"), "dark"),
        ("a=b; cairn-theme=light", Some("light"), "light"),
        ("cairn-theme=\"><script>", None, "light dark"),
    ] {
        for path in ["/sign-in", "/nowhere"] {
            let html = page(&app, cookies, path).await;
            let head = html.split("<body").next().unwrap();
            assert!(
                head.contains(&format!("name=\"color-scheme\" content=\"{scheme}\"")),
                "{cookies}: {head}"
            );
            let marked = theme.map(|theme| format!("data-theme=\"{theme}\""));
            match marked {
                Some(marked) => assert!(head.contains(&marked), "{cookies} {path}: {head}"),
                None => assert!(!head.contains("data-theme"), "{cookies} {path}: {head}"),
            }
        }
    }
    for (theme, cookie) in
        [("dark", "cairn-theme=dark"), ("light", "cairn-theme=light"), ("system", "cairn-theme=")]
    {
        let answer = post(&app, "", "set_theme", &format!("theme={theme}")).await;
        assert_eq!(place(&answer), (302, "/account"));
        assert_eq!(kept(&answer), [cookie]);
    }
    let refused = client().post(app.url("/api/set_theme")).header("accept", "application/json");
    let refused = refused.header("content-type", "application/x-www-form-urlencoded").body("theme=sepia");
    assert_eq!(refused.send().await.unwrap().status(), 422);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cookie_of_the_theme_insists_on_https_where_the_site_has_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = settings(&folder, "127.0.0.1:0".parse().unwrap());
    settings.public_url = Some("https://roadmaps.example".to_owned());
    let app = TestApp { running: server::start(settings).await.unwrap(), folder };
    app.person("ann", Role::Owner).await;
    let answer = post(&app, "", "set_theme", "theme=dark").await;
    let cookie = answer.headers()["set-cookie"].to_str().unwrap();
    assert!(
        cookie.starts_with("__Host-cairn-theme=dark; Path=/; ") && cookie.ends_with("; Secure"),
        "{cookie}"
    );
    assert!(page(&app, "__Host-cairn-theme=dark", "/sign-in").await.contains("data-theme=\"dark\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_changed_by_plain_forms() {
    let app = TestApp::start().await;
    let ann = app.person("ann", Role::Owner).await;
    let cookies = cookie_of(&ann);

    let saved = post(&app, &cookies, "save_profile", "name=Ann+Bergstr%C3%B6m&colour=9").await;
    assert_eq!(place(&saved), (302, "/account?done=profile"));
    let html = page(&app, &cookies, "/account?done=profile").await;
    assert!(html.contains("Others see your name and colour from now on."), "it says that it was saved");
    assert!(html.contains("value=\"Ann Bergström\""), "the new name stands in the form");
    assert!(html.contains("avatar colour-9"), "and the colour is everywhere");

    let refused = post(&app, &cookies, "save_profile", "name=+&colour=1").await;
    assert_eq!(place(&refused), (303, "/account"));
    let html = page(&app, &format!("{cookies}; {}", kept(&refused)[0]), "/account").await;
    assert!(html.contains("must not be empty"), "the refusal is shown");
    assert!(!html.contains(ann.secret.reveal()), "no secret is in the page");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_changed_by_a_plain_form_and_known_browsers_are_forgotten() {
    let app = TestApp::start().await;
    app.person("ann", Role::Owner).await;
    app.add_bob().await;
    let signed_in = async || {
        let answer = post(&app, "", "sign_in", "email=bob%40example.org&password=tulip+ferry+anvil").await;
        kept(&answer)
    };
    let (here, there) = (signed_in().await, signed_in().await);
    let cookies = here.join("; ");

    for (form, sentence) in [
        ("current=tulip+ferry+anvil&new=short&repeat=short", "at least 10 characters"),
        ("current=tulip+ferry+anvil&new=granite+heron+lamp&repeat=granite+heron+lamb", "passwords differ"),
        (
            "current=wrong+and+long&new=granite+heron+lamp&repeat=granite+heron+lamp",
            "not your current password",
        ),
        ("current=tulip+ferry+anvil&new=bob%40example.org&repeat=bob%40example.org", "that others know"),
    ] {
        let refused = post(&app, &cookies, "change_password", form).await;
        assert_eq!(place(&refused), (303, "/account"), "{form}");
        let html = page(&app, &format!("{cookies}; {}", kept(&refused)[0]), "/account").await;
        assert!(html.contains(sentence), "{form}: {html}");
        assert!(!html.contains("granite"), "no password comes back");
    }
    let form = "current=tulip+ferry+anvil&new=granite+heron+lamp&repeat=granite+heron+lamp";
    let changed = post(&app, &cookies, "change_password", form).await;
    assert_eq!(place(&changed), (302, "/account?done=password"));
    let device = &kept(&changed)[0];
    assert!(device.starts_with("cairn-device=") && !here.contains(device), "{device}");
    assert!(page(&app, &cookies, "/account?done=password").await.contains("Your password was changed."));
    let elsewhere = get(&app, &there[0], "/account").await;
    assert_eq!(elsewhere.status(), 302, "another browser is signed out");
}

#[tokio::test(flavor = "multi_thread")]
async fn browsers_are_listed_by_name_and_signed_out_by_plain_forms() {
    let app = TestApp::start().await;
    app.person("ann", Role::Owner).await;
    app.add_bob().await;
    let sign_in = "email=bob%40example.org&password=tulip+ferry+anvil";
    let here = kept(&post(&app, "", "sign_in", sign_in).await)[0].clone();
    let there = kept(&post(&app, "", "sign_in", sign_in).await)[0].clone();
    let html = page(&app, &here, "/account").await;
    let html = html.split("</main>").next().unwrap();
    assert_eq!(html.matches("Firefox on Linux").count(), 3, "two rows, and the name of one's button: {html}");
    assert_eq!(html.matches("This browser").count(), 1);
    let button = html.split("/api/end_session").nth(1).unwrap().split("</form>").next().unwrap();
    assert!(button.contains("Firefox on Linux"), "{button}");
    assert!(button.contains("last used <time datetime="), "moments are in the reader's time zone: {button}");
    let id = html.split("name=\"id\" value=\"").nth(1).unwrap().split('"').next().unwrap();

    let ended = post(&app, &here, "end_session", &format!("id={id}")).await;
    assert_eq!(place(&ended), (302, "/account?done=session"));
    let gone = get(&app, &there, "/account").await;
    assert_eq!(gone.status(), 302);
    let html = page(&app, &here, "/account").await;
    assert!(!html.contains("Sign out everywhere else"), "there is no other");

    let again = kept(&post(&app, "", "sign_in", sign_in).await)[0].clone();
    let ended = post(&app, &here, "end_other_sessions", "").await;
    assert_eq!(place(&ended), (302, "/account?done=sessions"));
    let gone = get(&app, &again, "/account").await;
    assert_eq!(gone.status(), 302);
}
