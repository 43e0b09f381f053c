//! Hidden ratings, sought in all that others are answered.

use backend::Viewer;
use domain::{RecordChange, Role, SCORE_MODEL, Value};
use reqwest::Client;
use serde_json::{Value as Json, json};

use crate::support::{Person, TestApp, create};

impl TestApp {
    async fn member(&self, person: &Person) -> Viewer {
        self.running.backend.people().authenticate(&person.secret).await.unwrap().unwrap()
    }

    async fn answered(&self, person: &Person, path: &str, body: Option<&Json>) -> String {
        let (client, url) = (Client::new(), self.url(path));
        let request = match body {
            Some(body) => client.post(url).header("accept", "application/json").json(body),
            None => client.get(url),
        };
        let cookie = format!("cairn={}", person.secret.reveal());
        let answer = request.header("cookie", cookie).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        answer.text().await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hidden_rating_is_in_no_answer() {
    const SECRET: &str = "8675309";
    let app = TestApp::start().await;
    let (ann, bea) = (app.person("ann", Role::Owner).await, app.person("bea", Role::Stakeholder).await);
    let (eve, vera) = (app.person("eve", Role::Editor).await, app.person("vera", Role::Viewer).await);
    let product = app.product().await;
    let lane = app.first_lane(product.roadmap).await;
    let owner = app.member(&ann).await.as_owner().unwrap();
    let (item, make) = create(lane, "Alpha");
    owner.submit(product.roadmap, vec![make]).await.unwrap();
    let text =
        |field: &str, to: Value| RecordChange { field: field.parse().unwrap(), was: None, to: Some(to) };
    let values = vec![
        text("name", Value::Text("Blind".to_owned())),
        text("criteria", Value::Text("Reach: 0 to 1000000000".to_owned())),
        text("hidden", Value::Yes),
    ];
    let model = owner.save_record(&SCORE_MODEL, None, values, None).await.unwrap().record.id.to_string();
    owner.choose_score_model(&product.key, &model).await.unwrap();
    let rating = [("Reach".to_owned(), SECRET.to_owned())];
    app.member(&bea).await.rate(&product.key, item, &model, &rating).await.unwrap();
    // Others rate, so that there are means, spreads and neighbours.
    let other = [("Reach".to_owned(), "3".to_owned())];
    app.member(&eve).await.rate(&product.key, item, &model, &other).await.unwrap();

    let calls = [
        ("load_scores", json!({ "asked": { "key": "ERP", "item": "ERP-1" } })),
        ("load_board", json!({ "key": "ERP" })),
        ("load_snapshot", json!({ "roadmap": product.roadmap })),
        ("history", json!({ "roadmap": product.roadmap, "before": null, "item": item })),
        ("product_history", json!({ "key": "ERP", "asked": {} })),
        ("records", json!({ "look": { "kind": "score_model", "history": true } })),
        ("search", json!({ "text": SECRET })),
        ("home", json!({ "all": true })),
        ("inbox", json!({})),
    ];
    let pages = [
        "/p/ERP/scores?item=ERP-1",
        "/p/ERP",
        "/p/ERP/history",
        "/score-models",
        "/p/ERP/export.json",
        "/p/ERP/export.csv",
    ];
    // The question of a search is in its own answer.
    let tells = async |person: &Person| {
        let mut telling = Vec::new();
        for (function, body) in calls.iter().filter(|(function, _)| *function != "search") {
            if app.answered(person, &format!("/api/{function}"), Some(body)).await.contains(SECRET) {
                telling.push(*function);
            }
        }
        for page in pages {
            if app.answered(person, page, None).await.contains(SECRET) {
                telling.push(page);
            }
        }
        telling
    };
    let shown = ["load_scores", "/p/ERP/scores?item=ERP-1"];
    assert_eq!(tells(&bea).await, shown, "it is their own");
    for person in [&ann, &eve, &vera] {
        assert_eq!(tells(person).await, [""; 0]);
        // Nor is anything made of it: its half with the other, their distance.
        let page = app.answered(person, pages[0], None).await;
        assert!(page.contains("Ratings are hidden") && page.contains("2 raters"), "{page}");
        for made in ["4337656", "8675306", "8675312"] {
            assert!(!page.contains(made), "{made}");
        }
        let hits = app.answered(person, "/api/search", Some(&calls[6].1)).await;
        assert!(!hits.contains("ERP-1"), "{hits}");
    }
    owner.reveal_ratings(&product.key, true).await.unwrap();
    for person in [&ann, &eve, &vera] {
        assert_eq!(tells(person).await, shown);
    }
}
