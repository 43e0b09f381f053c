//! Sessions that end, and what they leave open: nothing.

use std::time::{Duration, Instant};

use domain::{
    ClientId, LaneId, Op, RoadmapId, Role,
    wire::{ClientMessage, PROTOCOL, Pushed, ServerMessage},
};
use futures::StreamExt;
use tokio_tungstenite::tungstenite::Message;

use crate::support::{Page, Person, TestApp, id, settings};

/// Posts a form as a browser does that holds this person's cookie.
async fn post(app: &TestApp, person: &Person, path: &str, form: &'static str) -> reqwest::Response {
    let request = reqwest::Client::new().post(app.url(path));
    let cookie = format!("cairn={}", person.secret.reveal());
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    request.header("cookie", cookie).body(form).send().await.unwrap()
}

/// The next message. Entries of one hello may come behind the next, so their order says nothing.
async fn next_of_any_hello(page: &mut Page) -> Option<ServerMessage> {
    loop {
        match page.stream.next().await {
            Some(Ok(Message::Text(text))) => return Some(serde_json::from_str(&text).unwrap()),
            Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
            Some(Ok(_)) => {}
        }
    }
}

/// Says hello again whenever it is welcomed, and pushes each time, until the server closes the channel. Returns the
/// last words and the number of operations that were acknowledged.
async fn hello_without_end(mut page: Page, roadmap: RoadmapId, lane: LaneId) -> (String, usize) {
    let (client, mut cseq, mut acknowledged) = (id(ClientId::new), 0, 0);
    let mut last = String::new();
    loop {
        let hello =
            ClientMessage::Hello { protocol: PROTOCOL, roadmap, client, epoch: 1, have: 0, plain: true };
        cseq += 1;
        let op = Op::RenameLane { id: lane, name: format!("Restless {cseq}").parse().unwrap() };
        let push = ClientMessage::Push { ops: vec![Pushed { cseq, op }] };
        if page.try_say(&hello).await.is_err() || page.try_say(&push).await.is_err() {
            return (last, acknowledged);
        }
        loop {
            match next_of_any_hello(&mut page).await {
                Some(ServerMessage::Ack { results }) => {
                    acknowledged += results.len();
                    break;
                }
                Some(ServerMessage::Bye { reason, .. }) => last = reason,
                Some(_) => {}
                None => return (last, acknowledged),
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_closes_every_live_channel_even_one_that_repeats_its_hello() {
    let app = TestApp::start().await;
    let ann = app.person("ann", Role::Owner).await;
    let roadmap = app.product().await.roadmap;
    let lane = app.first_lane(roadmap).await;
    let mut quiet = app.page(&ann, roadmap, id(ClientId::new)).await;
    let mut silent = app.socket(Some(&ann)).await;
    let restless = tokio::spawn(hello_without_end(app.socket(Some(&ann)).await, roadmap, lane));
    tokio::time::sleep(Duration::from_millis(200)).await;

    assert!(post(&app, &ann, "/api/sign_out", "").await.status().is_success());
    let since = Instant::now();
    // What was committed before is told.
    app.running.backend.rooms.drain().await;
    let owner = app.running.backend.people().first_owner().await.unwrap();
    let head = owner.view(roadmap).await.unwrap().head;
    assert!(quiet.bye().await.0.contains("not signed in"));
    assert!(silent.bye().await.0.contains("not signed in"));
    let (last, acknowledged) = tokio::time::timeout(Duration::from_secs(20), restless)
        .await
        .expect("the channel closes")
        .expect("the page does not panic");
    println!("closed after {:?}; {acknowledged} pushes were answered before", since.elapsed());
    assert!(last.contains("not signed in"), "{last}");
    assert!(acknowledged > 0, "the page was alive before");
    app.running.backend.rooms.drain().await;
    assert_eq!(owner.view(roadmap).await.unwrap().head, head, "nothing is accepted after signing out");
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_ends_the_session_this_browser_had() {
    let app = TestApp::start().await;
    let ann = app.person("ann", Role::Owner).await;
    let roadmap = app.product().await.roadmap;
    let people = app.running.backend.people();
    app.add_bob().await;
    let mut page = app.page(&ann, roadmap, id(ClientId::new)).await;

    let wrong = "email=bob%40example.org&password=not+his+password";
    assert_eq!(post(&app, &ann, "/api/sign_in", wrong).await.status(), 401);
    assert!(people.authenticate(&ann.secret).await.unwrap().is_some(), "a refusal ends nothing");

    let right = "email=bob%40example.org&password=tulip+ferry+anvil";
    let answer = post(&app, &ann, "/api/sign_in", right).await;
    assert!(answer.status().is_success());
    let cookie = answer.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("cairn=") && !cookie.contains(ann.secret.reveal()), "{cookie}");
    assert!(people.authenticate(&ann.secret).await.unwrap().is_none());
    assert!(page.bye().await.0.contains("not signed in"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_cookie_insists_on_https_where_the_site_has_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = settings(&folder, "127.0.0.1:0".parse().unwrap());
    settings.public_url = Some("https://roadmaps.example".to_owned());
    let app = TestApp { running: server::start(settings).await.unwrap(), folder };
    app.person("ann", Role::Owner).await;
    app.add_bob().await;
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let cookies = async |password: &str| {
        let request = client.post(app.url("/api/sign_in")).header("accept", "text/html");
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let answer =
            request.body(format!("email=bob%40example.org&password={password}")).send().await.unwrap();
        let set = answer.headers().get_all("set-cookie").iter();
        set.map(|cookie| cookie.to_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let (refused, signed_in) = (cookies("not+his+password").await, cookies("tulip+ferry+anvil").await);
    assert_eq!((refused.len(), signed_in.len()), (1, 2), "{refused:?} {signed_in:?}");
    let all = refused.iter().chain(&signed_in);
    for (cookie, name) in all.zip(["__Host-cairn-form=", "__Host-cairn=", "__Host-cairn-device="]) {
        assert!(cookie.starts_with(name), "{cookie}");
        for part in ["; Secure", "; HttpOnly", "; SameSite=Lax", "; Path=/"] {
            assert!(cookie.contains(part), "{cookie}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_guesses_passwords_is_told_when_to_come_again() {
    let app = TestApp::start().await;
    let ann = app.person("ann", Role::Owner).await;
    let wrong = "email=nobody%40example.org&password=quite+wrong+and+long";
    for _ in 0..20 {
        let answer = post(&app, &ann, "/api/sign_in", wrong).await;
        if answer.status() == 429 {
            let wait: u32 = answer.headers()["retry-after"].to_str().unwrap().parse().unwrap();
            assert!((1..=3_600).contains(&wait), "{wait}");
            return;
        }
        assert_eq!(answer.status(), 401);
    }
    panic!("guessing is never slowed down");
}
