//! Members and invitations, by plain forms.

use domain::Role;
use reqwest::{Client, Response, redirect::Policy};

use crate::support::{Person, TestApp};

async fn post(app: &TestApp, person: &Person, function: &str, form: &str) -> Response {
    let client = Client::builder().redirect(Policy::none()).build().unwrap();
    let request = client.post(app.url(&format!("/api/{function}"))).header("accept", "text/html,*/*");
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let request = request.header("referer", app.url("/people")).header("cookie", cookie_of(person));
    request.body(form.to_owned()).send().await.unwrap()
}

fn cookie_of(person: &Person) -> String {
    format!("cairn={}", person.secret.reveal())
}

/// The page of people as the browser gets it that was just sent there.
async fn page_after(app: &TestApp, person: &Person, answer: &Response) -> String {
    assert_eq!(answer.headers()["location"], "/people");
    let form = answer.headers().get("set-cookie").map(|set| set.to_str().unwrap().split(';').next().unwrap());
    let cookies = format!("{}; {}", cookie_of(person), form.unwrap_or_default());
    let request = Client::new().get(app.url("/people")).header("accept", "text/html");
    let html = request.header("cookie", cookies).send().await.unwrap().text().await.unwrap();
    html.split("</main>").next().unwrap().to_owned()
}

fn links(html: &str) -> Vec<&str> {
    html.split("value=\"http").skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn links_made_by_a_plain_form_are_shown_once() {
    let app = TestApp::start().await;
    let ann = app.person("ann", Role::Owner).await;
    let answer =
        post(&app, &ann, "invite", "kind=personal&names=Grace+Hopper%0D%0AKay&role=editor&uses=20&days=7")
            .await;
    assert_eq!(answer.status(), 302);
    let html = page_after(&app, &ann, &answer).await;
    assert!(html.contains("Link for Grace Hopper") && html.contains("Link for Kay"), "{html}");
    let shown = links(&html);
    assert_eq!(shown.len(), 2);
    let token = shown[0].rsplit('/').next().unwrap();
    let offer = app.running.backend.people();
    let offer = offer.offer(&backend::people::Secret::parse(token).unwrap()).await.unwrap();
    assert_eq!((offer.name.as_deref(), offer.role), (Some("Grace Hopper"), Role::Editor));
    assert_eq!(links(&page_after(&app, &ann, &answer).await).len(), 0, "the second time there is no link");

    let answer = post(&app, &ann, "invite", "kind=shared&names=&role=viewer&uses=30&days=1").await;
    let html = page_after(&app, &ann, &answer).await;
    assert_eq!(links(&html).len(), 1);
    assert!(html.contains("Shared link: 0 of 30 joined"), "{html}");

    for (form, sentence) in [
        ("kind=shared&names=&role=viewer&uses=many&days=7", "2 to 500 people"),
        ("kind=shared&names=&role=owner&uses=20&days=7", "can’t make owners"),
    ] {
        let answer = post(&app, &ann, "invite", form).await;
        assert_eq!(answer.status(), 303);
        let html = page_after(&app, &ann, &answer).await;
        assert!(html.contains(sentence), "{form}: {html}");
        assert!(html.contains("value=\"shared\" checked"), "what was chosen is still chosen");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_managed_by_plain_forms() {
    let app = TestApp::start().await;
    let (ann, bob) = (app.person("ann", Role::Owner).await, app.person("bob", Role::Viewer).await);
    let owner = app.running.backend.people().first_owner().await.unwrap();
    let answer = post(&app, &ann, "set_role", &format!("user={}&role=editor", bob.id)).await;
    assert_eq!((answer.status().as_u16(), answer.headers()["location"].to_str().unwrap()), (302, "/people"));
    assert_eq!(owner.members().await.unwrap()[1].role, Role::Editor);

    let refused = post(&app, &ann, "set_role", &format!("user={}&role=viewer", ann.id)).await;
    assert_eq!(refused.status(), 303);
    let html = page_after(&app, &ann, &refused).await;
    assert!(html.contains("A workspace keeps at least one owner."), "{html}");

    post(&app, &ann, "invite", "kind=personal&names=&role=viewer&uses=&days=").await;
    let id = owner.invitations().await.unwrap()[0].id;
    let revoked = post(&app, &ann, "revoke_invitation", &format!("id={id}")).await;
    assert_eq!(revoked.status(), 302);
    assert_eq!(owner.invitations().await.unwrap(), []);

    let removed = post(&app, &ann, "remove_member", &format!("user={}", bob.id)).await;
    assert_eq!(removed.status(), 302);
    assert!(page_after(&app, &ann, &removed).await.contains("Former members (1)"));
}
