//! The page of a product's history: what its address asks for, with and without sense.

use domain::{CommentId, ItemChange, ItemId, Op, Product, Role};

use crate::support::{Person, TestApp, create, id};

/// A page as text, without what separates texts in it.
async fn page(app: &TestApp, person: &Person, query: &str) -> String {
    let request = reqwest::Client::new().get(app.url(&format!("/p/ERP/history{query}")));
    let request = request.header("cookie", format!("cairn={}", person.secret.reveal()));
    let answer = request.header("accept", "text/html").send().await.unwrap();
    assert_eq!(answer.status(), 200, "{query}");
    answer.text().await.unwrap().replace("<!>", "")
}

/// A product with an item that was commented on and one in the bin.
async fn house() -> (TestApp, Person, Product, ItemId) {
    let app = TestApp::start().await;
    let ann = app.person("ann", Role::Owner).await;
    let product = app.product().await;
    let owner = app.running.backend.people().first_owner().await.unwrap();
    let lane = app.first_lane(product.roadmap).await;
    let ((item, one), (gone, other)) = (create(lane, "Single sign-on"), create(lane, "Faxes"));
    let body = format!("It is <b>needed</b> {}indeed.", "very ".repeat(60)).parse().unwrap();
    let comment = Op::comment(id(CommentId::new), item, body);
    let reason = "The audit asks for it".parse().ok();
    let rename = Op::set(item, ItemChange::Title("SSO".parse().unwrap()));
    let step = Op::Batch { ops: vec![rename], reason };
    let delete = Op::DeleteItems { ids: vec![gone] };
    owner.submit(product.roadmap, vec![one, other, comment, step, delete]).await.unwrap();
    (app, ann, product, item)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_address_asks_for_is_shown_without_scripts() {
    let (app, ann, _, _) = house().await;
    let whole = page(&app, &ann, "").await;
    for told in [
        "created the product “ERP”",
        "added the lane Later",
        "Reason: The audit asks for it",
        "<a href=\"/p/ERP/i/ERP-1\">“SSO”</a>",
        // Comments are plain text, cut, and there as a whole.
        "It is &lt;b&gt;needed&lt;/b&gt; very",
        "very very…</span>",
        "very indeed.</blockquote>",
        "In the bin",
        "10 changes",
    ] {
        assert!(whole.contains(told), "{told} in {whole}");
    }
    assert!(!whole.contains("Clear filters"));

    let day = backend::now().utc().date;
    for (query, there, not) in [
        ("?what=product".to_owned(), "created the product", "added the lane"),
        ("?what=comments".to_owned(), "commented on", "created the product"),
        ("?item=erp-2".to_owned(), "“Faxes”", "SSO"),
        ("?field=title".to_owned(), "renamed “Single sign-on” to", "Faxes"),
        (format!("?by={}", ann.id), "created the product", "No changes match"),
        (format!("?day={day}"), "created the product", "No changes match"),
        (format!("?from={day}T00:00&to={day}"), "created the product", "No changes match"),
        ("?to=2020-01-01".to_owned(), "No changes match these filters.", "created the product"),
        ("?reason=yes".to_owned(), "Reason: The audit asks for it", "Faxes"),
        ("?words=AUDIT".to_owned(), "Reason: The audit asks for it", "Faxes"),
        ("?words=nothing".to_owned(), "No changes match these filters.", "Faxes"),
        // As a form sends it that was left as it is.
        ("?by=&what=lanes&field=&item=&from=&to=&words=".to_owned(), "added the lane", "Faxes"),
    ] {
        let html = page(&app, &ann, &query).await;
        assert!(html.contains(there), "{query}: {there} in {html}");
        assert!(!html.contains(not), "{query}: {not} in {html}");
        assert!(html.contains("Clear filters"), "{query}");
    }
    app.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_address_cannot_ask_for_is_left_out_in_a_sentence() {
    let (app, ann, _, _) = house().await;
    let long = format!("?what={}", "x".repeat(3_000));
    for (query, sentence) in [
        ("?by=ann", "names nobody who is or was a member"),
        ("?by=01938a4e-8000-7000-8000-000000000001", "names nobody who is or was a member"),
        ("?what=everything", "“everything” isn’t a kind of change"),
        (&long, "xxxxxx…” isn’t a kind of change"),
        ("?item=FARM-1", "FARM-1 isn’t an item of ERP"),
        ("?item=ERP-99", "ERP-99 isn’t an item of ERP"),
        ("?item=12", "Write it like ERP-12"),
        ("?field=colour", "ERP has no field “colour”"),
        ("?day=yesterday", "“yesterday” isn’t a day like 2026-11-21. All days are shown."),
        ("?from=2026-02-30", "“2026-02-30” isn’t a day"),
        ("?to=%3Cb%3E", "“&lt;b&gt;” isn’t a day"),
        ("?reason=maybe", "All changes are shown."),
        ("?before=x", "names no place in this history"),
    ] {
        let html = page(&app, &ann, query).await;
        assert!(html.contains(sentence), "{query}: {sentence} in {html}");
        assert!(html.contains("created the product “ERP”"), "{query}: the rest is shown");
    }
    let html = page(&app, &ann, "?from=2026-11-22&to=2026-11-21").await;
    assert!(html.contains("The first day is after the last"), "{html}");
    app.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn older_lines_are_a_page_of_their_own_without_scripts() {
    let (app, ann, product, item) = house().await;
    let owner = app.running.backend.people().first_owner().await.unwrap();
    let rename = |n: u32| Op::set(item, ItemChange::Title(format!("Title {n}").parse().unwrap()));
    owner.submit(product.roadmap, (0..60).map(rename).collect()).await.unwrap();
    let first = page(&app, &ann, "?what=items").await;
    assert!(first.contains("“Title 59”") && !first.contains("“Title 1”"), "{first}");
    assert!(first.contains("The latest 50 changes"), "{first}");
    let (_, rest) = first.split_once("name=\"before\" value=\"").unwrap();
    let place = rest.split('"').next().unwrap();
    assert!(first.contains("<input type=\"hidden\" name=\"what\" value=\"items\""));
    let second = page(&app, &ann, &format!("?what=items&before={place}")).await;
    assert!(second.contains("“Title 1”") && !second.contains("“Title 59”"), "{second}");
    assert!(second.contains("14 changes") && !second.contains("added the lane"), "{second}");
    let all = page(&app, &ann, &format!("?before={place}")).await;
    assert!(all.contains("Back to the latest"), "{all}");
    app.running.stop().await;
}
