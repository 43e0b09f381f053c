//! A client written from `docs/PROTOCOL.md` alone, with JSON and nothing of the house's types: what the document promises is
//! what a server does.

use std::time::Duration;

use futures::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest as _},
};

use crate::support::TestApp;

const PATIENCE: Duration = Duration::from_secs(20);
const CLIENT: &str = "01938a4e-8000-7000-8000-000000000400";

/// Somebody signed in, and the roadmap of a product.
struct Client {
    site: String,
    cookie: String,
    roadmap: String,
    lane: String,
}

struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

/// Signs an owner in and finds the roadmap of the product ERP.
async fn client(app: &TestApp) -> Client {
    let people = app.running.backend.people();
    let password = people.generate_password();
    let user = backend::people::NewUser {
        email: "ann@example.org".parse().unwrap(),
        name: "Ann".parse().unwrap(),
        role: domain::Role::Owner,
        password: Some(password.clone()),
    };
    people.add_user(user).await.unwrap();
    app.product().await;

    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let form = format!("email=ann%40example.org&password={}", password.reveal());
    let signed_in = http
        .post(app.url("/api/sign_in"))
        .header("content-type", "application/x-www-form-urlencoded")
        .header("accept", "application/json")
        .body(form)
        .send()
        .await
        .unwrap();
    assert!(signed_in.status().is_success(), "{signed_in:?}");
    let cookies = signed_in.headers().get_all("set-cookie").iter();
    let mut cookies = cookies.map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap());
    let cookie = cookies.find(|cookie| cookie.starts_with("cairn=")).expect("a session").to_owned();

    let site = app.url("");
    let board = post(&site, &cookie, "load_board", json!({ "key": "ERP" })).await;
    let roadmap = board["product"]["roadmap"].as_str().unwrap().to_owned();
    let snapshot = post(&site, &cookie, "load_snapshot", json!({ "roadmap": roadmap })).await;
    assert_eq!(snapshot, board["snapshot"]);
    let lanes = snapshot["document"]["lanes"].as_array().unwrap();
    let first = lanes.iter().min_by_key(|lane| lane["rank"].as_str().unwrap()).unwrap();
    let lane = first["id"].as_str().unwrap().to_owned();
    Client { site, cookie, roadmap, lane }
}

async fn post(site: &str, cookie: &str, function: &str, content: Value) -> Value {
    let request = reqwest::Client::new().post(format!("{site}/api/{function}"));
    let request = request.header("content-type", "application/json").header("cookie", cookie);
    let response = request.body(content.to_string()).send().await.unwrap();
    assert_eq!(response.status(), 200, "{function}");
    serde_json::from_str(&response.text().await.unwrap()).unwrap()
}

fn item(number: u32) -> String {
    format!("01938a4e-8000-7000-8000-0000000002{number:02}")
}

impl Client {
    async fn open(&self) -> Socket {
        let address = format!("{}/live", self.site.replace("http", "ws"));
        let mut request = address.into_client_request().unwrap();
        request.headers_mut().insert("origin", self.site.parse().unwrap());
        request.headers_mut().insert("cookie", self.cookie.parse().unwrap());
        let (stream, response) = connect_async(request).await.unwrap();
        assert!(response.headers().get("sec-websocket-extensions").is_none(), "frames are not compressed");
        Socket(stream)
    }

    /// Opens a socket and says hello; everything up to the welcome is thrown away.
    async fn enter(&self, epoch: u64, have: u64) -> Socket {
        let mut socket = self.open().await;
        socket.hello(self, epoch, have).await;
        socket
    }

    /// The same under another id.
    async fn enter_as(&self, id: &str, have: u64) -> Socket {
        let mut socket = self.open().await;
        socket.hello_as(self, id, 1, have).await;
        socket
    }

    fn create(&self, number: u32, title: &str) -> Value {
        let fields = json!({ "title": title, "kind": "feature", "status": "planned" });
        json!({ "create_item": { "id": item(number), "lane": self.lane, "place": "last", "fields": fields } })
    }
}

impl Socket {
    async fn say(&mut self, message: Value) {
        self.0.send(Message::text(message.to_string())).await.unwrap();
    }

    async fn hello(&mut self, client: &Client, epoch: u64, have: u64) {
        self.hello_as(client, CLIENT, epoch, have).await;
    }

    async fn hello_as(&mut self, client: &Client, id: &str, epoch: u64, have: u64) {
        let roadmap = &client.roadmap;
        self.say(json!({ "hello": {
            "protocol": 6, "roadmap": roadmap, "client": id, "epoch": epoch, "have": have, "plain": true,
        } }))
        .await;
        while self.hear().await.get("welcome").is_none() {}
    }

    async fn push(&mut self, from: u64, ops: &[Value]) {
        let ops: Vec<Value> = (from..).zip(ops).map(|(cseq, op)| json!({ "cseq": cseq, "op": op })).collect();
        self.say(json!({ "push": { "ops": ops } })).await;
    }

    async fn hear(&mut self) -> Value {
        loop {
            let frame = tokio::time::timeout(PATIENCE, self.0.next()).await.expect("something comes");
            match frame.expect("the connection stays").unwrap() {
                Message::Text(text) => return serde_json::from_str(&text).unwrap(),
                Message::Close(frame) => panic!("closed: {frame:?}"),
                _ => {}
            }
        }
    }

    /// The next message of a kind; others are thrown away.
    async fn next(&mut self, kind: &str) -> Value {
        loop {
            let mut message = self.hear().await;
            if message == json!(kind) {
                return message;
            }
            if let Some(content) = message.get_mut(kind) {
                return content.take();
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_of_the_document_alone_signs_in_edits_and_resumes() {
    let app = TestApp::start().await;
    let client = client(&app).await;
    let mut socket = client.enter(1, 4).await;
    // White space around a line is trimmed: the log has what is left.
    socket.push(1, &[client.create(1, "  x  "), client.create(1, "Twice")]).await;
    let results = json!([
        { "cseq": 1, "outcome": { "accepted": { "seq": 5 } } },
        { "cseq": 2, "outcome": { "refused": "duplicate_id" } },
    ]);
    let first = socket.hear().await;
    assert_eq!(first, json!({ "ack": { "results": results } }), "the answer comes before the entry");
    let entries = socket.next("entries").await;
    let entry = &entries["entries"][0];
    assert_eq!((&entry["seq"], &entry["client"], &entry["cseq"]), (&json!(5), &json!(CLIENT), &json!(1)));
    assert_eq!(entry["op"]["create_item"]["fields"]["title"], "x");

    // It comes back as if it had heard nothing: the tail has its own entry, before it has pushed again.
    drop(socket);
    let mut socket = client.enter(1, 4).await;
    assert_eq!(socket.next("entries").await, entries);
    socket.push(1, &[client.create(1, "  x  "), client.create(1, "Twice")]).await;
    assert_eq!(socket.next("ack").await["results"], results);
    // Two sockets with one id: each hears of everything, and the answer goes to the one that asked.
    let mut other = client.enter(1, 5).await;
    socket.push(3, &[json!({ "delete_items": { "ids": [item(1), item(1)] } })]).await;
    assert_eq!(socket.next("ack").await["results"][0]["outcome"], json!({ "accepted": { "seq": 6 } }));
    let told = loop {
        let message = other.hear().await;
        assert!(message.get("ack").is_none(), "{message}");
        if message.get("entries").is_some() {
            break message;
        }
    };
    assert_eq!(told["entries"]["entries"][0]["seq"], 6);
    other.push(4, &[json!({ "restore_items": { "ids": [item(1)] } })]).await;
    let spots = json!([{ "lane": client.lane, "count": 1 }]);
    let restored = other.next("entries").await;
    assert_eq!(restored["entries"][0]["op"]["restore_items"]["spots"], spots);

    // What is deleted says who deleted it and when; empty lists are left out.
    other.push(5, &[json!({ "delete_items": { "ids": [item(1)] } })]).await;
    other.next("ack").await;
    let snapshot =
        post(&client.site, &client.cookie, "load_snapshot", json!({ "roadmap": client.roadmap })).await;
    let document = &snapshot["document"];
    assert!(document.get("comments").is_none() && document.get("votes").is_none(), "{document}");
    let binned = &document["items"][0];
    assert!(binned["fields"].get("tags").is_none() && binned["deleted"]["by"].is_string(), "{binned}");
    assert!(binned["deleted"]["at"].is_u64(), "{binned}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_for_another_epoch_is_not_decided() {
    let app = TestApp::start().await;
    let client = client(&app).await;
    for epoch in [0, 2] {
        let mut socket = client.enter(epoch, 4).await;
        assert_eq!(socket.next("refetch").await, "refetch");
        socket.push(1, &[client.create(1, "x")]).await;
        assert_eq!(socket.hear().await, "refetch", "nothing is decided, and the document is asked for again");
        // With the right one it is decided, under the same number.
        socket.hello(&client, 1, 4).await;
        socket.say(json!("ping")).await;
        assert_eq!(socket.next("pong").await["head"], 4, "nothing was written");
    }
    let mut socket = client.enter(1, 4).await;
    socket.push(1, &[client.create(1, "x")]).await;
    assert_eq!(socket.next("ack").await["results"][0]["outcome"], json!({ "accepted": { "seq": 5 } }));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_clients_of_the_document_go_on_writing_at_one_place() {
    let app = TestApp::start().await;
    let client = client(&app).await;
    let mut first = client.enter(1, 4).await;
    first.push(1, &[client.create(1, "x")]).await;
    first.next("ack").await;
    let mut second = client.enter_as("01938a4e-8000-7000-8000-000000000300", 5).await;
    let edit = |base: u64, delta: Value| json!({ "edit_text": { "text": { "description": item(1) }, "base": base, "delta": delta } });
    first.push(2, &[edit(5, json!(["AA"]))]).await;
    first.next("ack").await;
    // Neither has heard of the other. The second id is the smaller one.
    second.push(1, &[edit(5, json!(["BB"]))]).await;
    second.next("ack").await;
    first.push(3, &[edit(6, json!([2, "aa"]))]).await;
    first.next("ack").await;

    let mut reader = client.enter_as("01938a4e-8000-7000-8000-000000000500", 5).await;
    let mut logged = Vec::new();
    while logged.len() < 3 {
        let entries = reader.next("entries").await;
        for entry in entries["entries"].as_array().unwrap() {
            logged.push(entry["op"]["edit_text"].clone());
        }
    }
    let text = json!({ "description": item(1) });
    let change = |base: u64, delta: Value| json!({ "text": text, "base": base, "delta": delta });
    assert_eq!(logged, [change(5, json!(["AA"])), change(6, json!(["BB", 2])), change(7, json!([4, "aa"]))]);
    let snapshot =
        post(&client.site, &client.cookie, "load_snapshot", json!({ "roadmap": client.roadmap })).await;
    assert_eq!(snapshot["document"]["items"][0]["fields"]["description"], "BBAAaa");
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_still_come_to_a_page_that_has_to_fetch_the_document() {
    let app = TestApp::start().await;
    let client = client(&app).await;
    let mut behind = client.enter(2, 4).await;
    assert_eq!(behind.next("refetch").await, "refetch");
    let mut other = client.enter_as("01938a4e-8000-7000-8000-000000000300", 4).await;
    other.push(1, &[client.create(1, "x")]).await;
    other.next("ack").await;
    assert_eq!(behind.next("entries").await["entries"][0]["seq"], 5);
    // With the document it goes on as any other.
    behind.hello(&client, 1, 5).await;
    behind.push(1, &[client.create(2, "y")]).await;
    assert_eq!(behind.next("ack").await["results"][0]["outcome"], json!({ "accepted": { "seq": 6 } }));
}
