//! Calendars read by their links.

use domain::{ItemChange, Op, Role};

use crate::support::{TestApp, create};

#[tokio::test(flavor = "multi_thread")]
async fn a_calendar_is_read_with_its_link_and_nothing_else() {
    let app = TestApp::start().await;
    app.person("ann", Role::Owner).await;
    let product = app.product().await;
    let owner = app.running.backend.people().first_owner().await.unwrap();
    let (item, op) = create(app.first_lane(product.roadmap).await, "Sign in");
    let (start, end) = ("2027-01-01".parse().ok(), "2027-03-31".parse().ok());
    let plan = Op::set(item, ItemChange::Schedule { start, end });
    owner.submit(product.roadmap, vec![op, plan]).await.unwrap();
    let (id, secret) = owner.make_feed(&product.key, None).await.unwrap();
    let link = app.url(&format!("/calendar/{}.ics", secret.reveal()));

    let answer = reqwest::get(&link).await.unwrap();
    assert_eq!(answer.status(), 200);
    let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "text/calendar; charset=utf-8");
    assert_eq!(header("cache-control"), "private, no-store");
    assert!(header("content-security-policy").starts_with("default-src 'none'"));
    assert!(!answer.headers().contains_key("set-cookie"));
    let calendar = answer.text().await.unwrap();
    let url = app.url("/p/ERP/i/ERP-1");
    assert!(calendar.replace("\r\n ", "").contains(&format!("\r\nURL:{url}\r\n")), "{calendar}");
    assert!(calendar.contains("\r\nDTEND;VALUE=DATE:20270401\r\n"), "{calendar}");

    // Whoever cuts it, writes to it, or comes too late, gets nothing.
    for wrong in [&link[..link.len() - 5], &link.replace(".ics", ""), &app.url("/calendar/x.ics")] {
        assert_eq!(reqwest::get(wrong).await.unwrap().status(), 404, "{wrong}");
    }
    let client = reqwest::Client::new();
    assert_eq!(client.post(&link).send().await.unwrap().status(), 405);
    assert_eq!(client.head(&link).send().await.unwrap().status(), 200);
    owner.revoke_feed(id).await.unwrap();
    let gone = reqwest::get(&link).await.unwrap();
    assert_eq!(gone.status(), 404);
    assert_eq!(gone.text().await.unwrap(), "There is no such calendar. Its link may have been revoked.");
}
