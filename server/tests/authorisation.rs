//! Who may do what: every server function, page and operation, tried by everyone.
//!
//! The tables are complete by construction: a server function that is in none of them fails the test, and so does a
//! kind of operation.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    collections::BTreeSet,
    path::PathBuf,
    sync::atomic::{AtomicU64, Ordering},
};

#[path = "authorisation/calls.rs"]
mod calls;

use backend::{AccessChange, Profile, Viewer, figures::KpiDraft, people::NewUser, strategy::BlockDraft};
use domain::{
    CommentChange, CommentId, CustomField, Delta, FieldChange, FieldId, FieldKind, ItemChange, ItemFields,
    ItemId, LaneId, Op, Place, Product, ProductKind, Role, Stage, Status, StrategyBlock, TextOf, Title,
    Visibility, VotingId,
    voting::{Audience, Candidate, Mode, Reveal, Rules, Secrecy, VotingDraft},
    wire::{ClientMessage, Outcome, PROTOCOL, ServerMessage},
};
use futures::{SinkExt as _, StreamExt as _};
use server::{Running, Settings, start};
use tempfile::TempDir;
use tokio_tungstenite::{
    connect_async,
    tungstenite::{Message, client::IntoClientRequest as _},
};
use uuid::Uuid;

use calls::{Body, Call, calls, pages};

/// Who asks, in the order of the tables' columns.
const WHO: [&str; 6] = ["nobody", "viewer", "stakeholder", "editor", "owner", "removed"];

/// A server with a product and somebody of every kind.
struct House {
    running: Running,
    http: reqwest::Client,
    /// Cookies, by column.
    cookies: [Option<String>; 6],
    /// Handles, for all but nobody.
    viewers: Vec<Viewer>,
    product: Product,
    /// How many answers to editors and owners named the address of somebody who has left.
    told_of_former: AtomicU64,
    _folder: TempDir,
}

/// The address of [`WHO`]'s last.
const FORMER: &str = "removed@example.org";

impl House {
    async fn build() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let running = start(Settings {
            addr: "127.0.0.1:0".parse().unwrap(),
            db: format!("sqlite://{}/cairn.db", folder.path().display()),
            files: backend::FileSettings::default(),
            secret_file: None,
            public_url: None,
            site: Some(PathBuf::from(folder.path())),
            demo: false,
            ops_per_second: 0,
            requests_per_second: 0,
            limits: server::Limits { in_all: 0, per_address: 0, per_person: 0 },
            behind_proxy: false,
            metrics: None,
        })
        .await
        .unwrap();
        let mut cookies = [const { None }; 6];
        let mut viewers = Vec::new();
        // The owner first, who founds the workspace.
        for (column, role) in
            [(4, Role::Owner), (1, Role::Viewer), (2, Role::Stakeholder), (3, Role::Editor), (5, Role::Owner)]
        {
            let (cookie, viewer) = add(&running, WHO[column], role).await;
            cookies[column] = Some(cookie);
            viewers.push((column, viewer));
        }
        viewers.sort_by_key(|(column, _)| *column);
        let viewers: Vec<Viewer> = viewers.into_iter().map(|(_, viewer)| viewer).collect();
        let owner = viewers[3].as_owner().unwrap();
        let profile = Profile {
            name: "ERP platform".parse().unwrap(),
            kind: ProductKind::Platform,
            stage: Stage::Growth,
            purpose: "".parse().unwrap(),
        };
        let product = owner.create_product("ERP".parse().unwrap(), profile).await.unwrap();
        owner.remove_member(viewers[4].member().id).await.unwrap();
        // Redirects are answers to look at.
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let told_of_former = AtomicU64::new(0);
        Self { running, http, cookies, viewers, product, told_of_former, _folder: folder }
    }

    /// An open voting session on two items, for members and guests, revealed by hand.
    async fn voting(&self) -> VotingId {
        let editor = self.viewers[2].as_editor().unwrap();
        let lane = editor.view(self.product.roadmap).await.unwrap().roadmap.lane_order()[0];
        let mut candidates = Vec::new();
        for (number, title) in (1..).zip(["One", "Two"]) {
            let (item, title) = (ItemId::new(1, random()), Title::parse(title).unwrap());
            let fields = Box::new(ItemFields::titled(title.clone()));
            let create = Op::CreateItem { id: item, lane, place: Place::Last, fields };
            // An item of somebody who has left: files name its owner.
            let owned = Op::set(item, ItemChange::Owner(Some(self.viewers[4].member().id)));
            editor.submit(self.product.roadmap, vec![create, owned]).await.unwrap();
            let (roadmap, key) = (self.product.roadmap, format!("ERP-{number}"));
            candidates.push(Candidate { item, roadmap, key, title, cost: 1, withdrawn: false });
        }
        let draft = VotingDraft {
            title: "Next quarter".parse().unwrap(),
            question: "".parse().unwrap(),
            candidates,
            rules: Rules::new(Mode::Dots, 5, 0).unwrap(),
            secrecy: Secrecy::Sealed,
            reveal: Reveal::ByHand,
            weighted: false,
            split: None,
            quorum: 0,
            opens: None,
            closes: None,
            audience: Audience::Everybody,
            guests: true,
            refund: false,
        };
        let id = editor.create_voting(draft).await.unwrap();
        editor.open_voting(id).await.unwrap();
        id
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.running.addr)
    }

    async fn call(&self, call: &Call, column: usize) -> u16 {
        self.ask(call, column).await.0
    }

    /// The status of a function's answer, and its text.
    async fn ask(&self, call: &Call, column: usize) -> (u16, String) {
        let url = self.url(&format!("/api/{}", call.function));
        let request = self.http.post(url).header("accept", "application/json");
        let request = match &call.body {
            Body::Json(_) => request.header("content-type", "application/json"),
            Body::Form(_) => request.header("content-type", "application/x-www-form-urlencoded"),
        };
        let request = request.body(call.body.text().replace("{column}", &column.to_string()));
        self.answer(request, column).await
    }

    /// The same of a page or a file.
    async fn look(&self, path: &str, column: usize) -> (u16, String) {
        self.answer(self.http.get(self.url(path)).header("accept", "text/html"), column).await
    }

    async fn send(&self, request: reqwest::RequestBuilder, column: usize) -> u16 {
        self.answer(request, column).await.0
    }

    async fn answer(&self, request: reqwest::RequestBuilder, column: usize) -> (u16, String) {
        let request = match &self.cookies[column] {
            Some(cookie) => request.header("cookie", cookie),
            None => request,
        };
        let answer = request.send().await.unwrap();
        let path = answer.url().path().to_owned();
        let status = answer.status().as_u16();
        // Read to its end, as browsers do: a page is still being rendered when its first bytes come.
        let body = answer.bytes().await.unwrap();
        if body.windows(FORMER.len()).any(|text| text == FORMER.as_bytes()) {
            assert!(column >= 3, "{} is told the address of a former member: {path}", WHO[column]);
            self.told_of_former.fetch_add(1, Ordering::Relaxed);
        }
        (status, String::from_utf8_lossy(&body).into_owned())
    }
}

async fn add(running: &Running, name: &str, role: Role) -> (String, Viewer) {
    let people = running.backend.people();
    let password = people.generate_password();
    let email = format!("{name}@example.org");
    let user = NewUser {
        email: email.parse().unwrap(),
        name: name.parse().unwrap(),
        role,
        password: Some(password.clone()),
    };
    people.add_user(user).await.unwrap();
    let session = people.sign_in(&email, password.reveal(), None).await.unwrap();
    let viewer = people.authenticate(&session.secret).await.unwrap().unwrap();
    (format!("cairn={}", session.secret.reveal()), viewer)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_server_function_answers_each_as_their_role_allows() {
    let house = House::build().await;
    let voting = house.voting().await;
    let calls = calls(&house.product, voting);

    let listed: BTreeSet<String> = calls.iter().map(|call| format!("/api/{}", call.function)).collect();
    let registered: BTreeSet<String> =
        leptos::server_fn::axum::server_fn_paths().map(|(path, _)| path.to_owned()).collect();
    assert_eq!(registered, listed, "every server function has its line in the table");

    let mut wrong = Vec::new();
    for call in &calls {
        for (column, expected) in call.expected.into_iter().enumerate() {
            let status = house.call(call, column).await;
            if status != expected {
                wrong.push(format!("{} by {}: {status} instead of {expected}", call.function, WHO[column]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(house.told_of_former.load(Ordering::Relaxed) > 0, "those who may know are told");
    house.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_are_shown_no_page_but_the_door() {
    let house = House::build().await;
    let voting = house.voting().await;
    let mut wrong = Vec::new();
    for (path, expected) in pages(voting) {
        for (column, expected) in expected.into_iter().enumerate() {
            let request = house.http.get(house.url(&path)).header("accept", "text/html");
            let status = house.send(request, column).await;
            if status != expected {
                wrong.push(format!("{path} for {}: {status} instead of {expected}", WHO[column]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // The page of people and both files, to editor and owner.
    assert!(house.told_of_former.load(Ordering::Relaxed) >= 6, "those who may know are told");
    house.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_taken_from_those_who_comment_and_given_to_those_who_see_the_product() {
    let house = House::build().await;
    let attach = |column: usize| {
        let request = house.http.post(house.url("/p/ERP/files?name=plan.png"));
        let request = request.header("content-type", "application/octet-stream").body("plan");
        house.answer(request.header("accept", "application/json"), column)
    };
    let mut addresses = Vec::new();
    for (column, expected) in [401, 403, 200, 200, 200, 401].into_iter().enumerate() {
        let (status, body) = attach(column).await;
        assert_eq!(status, expected, "{}: {body}", WHO[column]);
        addresses.extend(
            serde_json::from_str::<serde_json::Value>(&body).unwrap()["address"].as_str().map(str::to_owned),
        );
    }
    assert!(
        addresses.len() == 3 && addresses.iter().all(|address| *address == addresses[0]),
        "{addresses:?}"
    );
    for (visibility, expected) in [
        (Visibility::Everyone, [401, 200, 200, 200, 200, 401]),
        (Visibility::Chosen, [401, 404, 404, 404, 200, 401]),
    ] {
        let owner = house.viewers[3].as_owner().unwrap();
        owner.change_access(&house.product.key, AccessChange::Show(visibility)).await.unwrap();
        for (column, expected) in expected.into_iter().enumerate() {
            assert_eq!(house.look(&addresses[0], column).await.0, expected, "{}", WHO[column]);
        }
    }
    // To people without access the product does not exist.
    assert_eq!(attach(3).await.0, 404);
    house.running.stop().await;
}

/// A text without the moments in it, which are numbers of 13 digits.
fn timeless(text: &str) -> String {
    text.split(|c: char| !c.is_ascii_digit())
        .filter(|digits| digits.len() == 13)
        .fold(text.to_owned(), |text, moment| text.replace(moment, ""))
}

/// What the product and the things on it are called, in the test that looks for it in what others are told.
const SECRETS: [&str; 4] = ["Quixotic ledger", "Zyzzyva", "Next quarter", "47114711"];

#[tokio::test(flavor = "multi_thread")]
async fn to_others_a_secret_product_is_in_no_answer() {
    let house = House::build().await;
    let voting = house.voting().await;
    let owner = house.viewers[3].as_owner().unwrap();
    let key = house.product.key.clone();
    let profile = (SECRETS[0].parse().unwrap(), ProductKind::Platform, SECRETS[1].parse().unwrap());
    owner.edit_product(&key, profile).await.unwrap();
    owner.import(&key, format!("Title\n{}\n", SECRETS[1]).as_str()).await.unwrap();
    owner.name_baseline(&key, 1, SECRETS[1].parse().unwrap()).await.unwrap();
    let figure = KpiDraft { name: SECRETS[1].to_owned(), unit: "days".to_owned(), ..KpiDraft::default() };
    let figure = owner.save_kpi(&key, None, &figure).await.unwrap();
    owner.measure_text(&key, figure, &format!("2026-10-31,{}", SECRETS[3]), false).await.unwrap();
    owner.publish_vision(Some(&key), SECRETS[1], None).await.unwrap();
    let block = BlockDraft { text: SECRETS[1].to_owned(), ..BlockDraft::default() };
    let none = BlockDraft::default();
    owner.save_strategy_block(&key, StrategyBlock::Needs, &block, &none, &[]).await.unwrap();
    // They were notified while they saw it.
    let item = owner.view(house.product.roadmap).await.unwrap().roadmap.items().next().unwrap().id;
    let body = format!("{}: @viewer, @stakeholder, @editor", SECRETS[1]).parse().unwrap();
    let comment = Op::comment(CommentId::new(1, random()), item, body);
    owner.submit(house.product.roadmap, vec![comment]).await.unwrap();
    house.running.backend.read_for_notices().await.unwrap();
    assert!(house.look("/inbox", 1).await.1.contains(SECRETS[1]));
    let chosen = AccessChange::Show(Visibility::Chosen);
    owner.change_access(&key, chosen).await.unwrap();

    // The same questions about what there is not.
    let (roadmap, other) = (house.product.roadmap.to_string(), Uuid::from_u128(9).to_string());
    let voting_id = voting.to_string();
    let unlike =
        |text: &str| text.replace("ERP", "NIL").replace(&roadmap, &other).replace(&voting_id, &other);
    let mut wrong = Vec::new();
    let mut compared = 0;
    for call in calls(&house.product, voting).iter().filter(|call| call.function != "sign_out") {
        let missing = match &call.body {
            Body::Json(value) => Body::Json(serde_json::from_str(&unlike(&value.to_string())).unwrap()),
            Body::Form(text) => Body::Form(unlike(text)),
        };
        let missing = Call { function: call.function, body: missing, expected: call.expected };
        let is_about_it = call.body.text() != missing.body.text();
        for (column, who) in WHO.iter().enumerate().take(4).skip(1) {
            let (status, body) = house.ask(call, column).await;
            for secret in SECRETS.iter().filter(|secret| body.contains(**secret)) {
                wrong.push(format!("{} tells {} of {secret}: {body}", call.function, who));
            }
            if !is_about_it {
                continue;
            }
            compared += 1;
            let (as_missing, as_missing_body) = house.ask(&missing, column).await;
            if (status, timeless(&unlike(&body))) != (as_missing, timeless(&as_missing_body)) {
                wrong.push(format!(
                    "{} by {}: {status} {body}, and of what there is not {as_missing} {as_missing_body}",
                    call.function, who
                ));
            }
        }
    }
    for (path, _) in pages(voting).into_iter().chain([(format!("/voting/{voting}/events"), [0; 6])]) {
        for (column, who) in WHO.iter().enumerate().take(4).skip(1) {
            let (status, body) = house.look(&path, column).await;
            for secret in SECRETS.iter().filter(|secret| body.contains(**secret)) {
                wrong.push(format!("{path} tells {} of {secret}", who));
            }
            let missing = unlike(&path);
            if missing == path {
                continue;
            }
            compared += 1;
            let (as_missing, _) = house.look(&missing, column).await;
            if status != as_missing {
                wrong.push(format!("{path} for {}: {status}, and of what there is not {as_missing}", who));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(compared > 150, "{compared} answers were compared");
    // The owner, for whom it exists, is told.
    for path in ["/", "/p/ERP", "/voting"] {
        let (_, body) = house.look(path, 4).await;
        assert!(SECRETS.iter().any(|secret| body.contains(secret)), "{path}");
    }
    house.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_from_another_site_does_nothing() {
    let house = House::build().await;
    for (header, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")] {
        let request = house
            .http
            .post(house.url("/api/archive_product"))
            .header("content-type", "application/x-www-form-urlencoded")
            .header(header, value)
            .body("key=ERP&archived=true");
        assert_eq!(house.send(request, 4).await, 403, "{header}");
    }
    let owner = &house.viewers[3];
    assert!(!owner.products().await.unwrap()[0].archived);
    house.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_form_comes_back_with_what_was_typed() {
    let house = House::build().await;
    let answer = house
        .http
        .post(house.url("/api/create_product"))
        .header("accept", "text/html,*/*")
        .header("referer", house.url("/?from=form"))
        .header("content-type", "application/x-www-form-urlencoded")
        .header("cookie", house.cookies[3].as_deref().unwrap())
        .body("key=E!&name=Billing+service&kind=service&stage=growth&purpose=Bills")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status().as_u16(), 303);
    assert_eq!(answer.headers()["location"], "/?from=form");
    let set = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(set.contains("HttpOnly"), "{set}");
    let value = set.split(['=', ';']).nth(1).unwrap();
    assert_eq!(value.len(), 43, "a number and nothing that was typed: {set}");
    let cookies = format!("{}; {}", house.cookies[3].as_deref().unwrap(), set.split(';').next().unwrap());
    let page = house.http.get(house.url("/?from=form")).header("cookie", cookies).send().await.unwrap();
    let clears =
        page.headers().get("set-cookie").is_some_and(|set| set.to_str().unwrap().contains("Max-Age=0"));
    assert!(clears, "the refusal is shown once");
    let html = page.text().await.unwrap();
    assert!(html.contains("is not a product key"), "the sentence is on the page");
    assert!(html.contains("value=\"Billing service\""), "what was typed is in the form");
    house.running.stop().await;
}

/// The column from which on a role may do a kind of operation: 1 viewer, 2 stakeholder, 3 editor. Adding an operation
/// without deciding this does not compile.
fn allowed_from(op: &Op) -> usize {
    match op {
        Op::Upvote { .. }
        | Op::WithdrawUpvote { .. }
        | Op::AddComment { .. }
        | Op::EditComment { .. }
        | Op::DeleteComment { .. }
        | Op::RestoreComment { .. }
        | Op::SetComment { .. }
        | Op::EditText { text: TextOf::Comment(_), .. } => 2,
        Op::CreateItem { .. }
        | Op::SetItem { .. }
        | Op::MoveItems { .. }
        | Op::DeleteItems { .. }
        | Op::RestoreItems { .. }
        | Op::CreateLane { .. }
        | Op::RenameLane { .. }
        | Op::SetLaneStatus { .. }
        | Op::SetLaneLimit { .. }
        | Op::CreateField { .. }
        | Op::SetField { .. }
        | Op::MoveLane { .. }
        | Op::DeleteLane { .. }
        | Op::RestoreLane { .. }
        | Op::EditText { text: TextOf::Description(_), .. }
        | Op::Batch { .. } => 3,
        // Only the server does these; `only_the_server_moves_items_between_products` tries them.
        Op::SendItem { .. } | Op::ReceiveItem { .. } | Op::ReceiveComments { .. } => usize::MAX,
    }
}

/// Ten bytes that are no other call's.
fn random() -> [u8; 10] {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let mut bytes = [0; 10];
    bytes[2..].copy_from_slice(&NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    bytes
}

/// A day in the life of a roadmap in which every kind of operation happens once and, by its author, succeeds.
fn every_operation(first_lane: LaneId) -> Vec<Op> {
    let item = ItemId::new(1, random());
    let lane = LaneId::new(1, random());
    let comment = CommentId::new(1, random());
    let ids = vec![item];
    let fields = || Box::new(ItemFields::titled("An item".parse().unwrap()));
    let body: domain::CommentBody = "Words".parse().unwrap();
    let ops = vec![
        Op::CreateItem { id: item, lane: first_lane, place: Place::Last, fields: fields() },
        Op::set(item, ItemChange::Title("Another".parse().unwrap())),
        Op::EditText { text: TextOf::Description(item), base: 0, delta: Delta::appending(0, "More.") },
        Op::CreateLane { id: lane, name: "Soon".parse().unwrap(), place: Place::Last },
        Op::RenameLane { id: lane, name: "Sooner".parse().unwrap() },
        Op::SetLaneStatus { id: lane, status: Some(Status::Done) },
        Op::SetLaneLimit { id: lane, limit: std::num::NonZeroU16::new(4) },
        Op::CreateField {
            id: FieldId::new(1, random()),
            field: Box::new(CustomField {
                label: "Tier".parse().unwrap(),
                kind: FieldKind::Money,
                required_from: None,
            }),
        },
        Op::SetField { field: "kano".parse().unwrap(), change: FieldChange::Used(false) },
        Op::MoveLane { id: lane, place: Place::First },
        Op::MoveItems { ids: ids.clone(), lane, place: Place::First },
        Op::Upvote { item },
        Op::WithdrawUpvote { item },
        Op::comment(comment, item, body.clone()),
        Op::EditComment { id: comment, body },
        Op::EditText { text: TextOf::Comment(comment), base: 0, delta: Delta::appending(5, ".") },
        Op::SetComment { id: comment, change: CommentChange::Resolved(true) },
        Op::DeleteComment { id: comment },
        Op::RestoreComment { id: comment },
        Op::DeleteItems { ids: ids.clone() },
        Op::restore(ids),
        Op::DeleteLane { id: lane, move_to: first_lane },
        Op::RestoreLane { id: lane, place: Place::Last },
        Op::batch(vec![Op::RenameLane { id: lane, name: "Soonest".parse().unwrap() }]),
    ];
    let kinds: BTreeSet<String> = ops.iter().map(kind).collect();
    assert_eq!(kinds.len(), 23, "every kind of operation is tried: {kinds:?}");
    ops
}

fn kind(op: &Op) -> String {
    let value = serde_json::to_value(op).unwrap();
    value.as_object().unwrap().keys().next().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_is_accepted_from_whom_it_may_and_refused_from_others() {
    let house = House::build().await;
    let roadmap = house.product.roadmap;
    let editor = &house.viewers[2];
    let lane = editor.view(roadmap).await.unwrap().roadmap.lane_order()[0];
    for (viewer, column) in house.viewers.iter().zip(1..) {
        // What somebody may not do, the editor does, so that the next thing can be tried.
        for op in every_operation(lane) {
            let allowed = column != 5 && column >= allowed_from(&op);
            let before = viewer_head(editor, roadmap).await;
            let answers = viewer.submit(roadmap, vec![op.clone()]).await.unwrap();
            let outcome = &answers[0].outcome;
            let accepted = matches!(outcome, Outcome::Accepted { .. });
            assert_eq!(accepted, allowed, "{} by {}: {outcome:?}", kind(&op), WHO[column]);
            if !allowed {
                assert_eq!(viewer_head(editor, roadmap).await, before, "a refused operation leaves no trace");
                let helper = editor.submit(roadmap, vec![op]).await.unwrap();
                assert!(matches!(helper[0].outcome, Outcome::Accepted { .. }), "{helper:?}");
            }
        }
    }
    house.running.stop().await;
}

/// What a connection without any room is told first that asks for the stream of records.
async fn first_of_stream(house: &House, column: usize) -> ServerMessage {
    let address = format!("ws://{}/live", house.running.addr);
    let mut request = address.into_client_request().unwrap();
    request.headers_mut().insert("origin", house.url("").parse().unwrap());
    if let Some(cookie) = &house.cookies[column] {
        request.headers_mut().insert("cookie", cookie.parse().unwrap());
    }
    let (mut stream, _) = connect_async(request).await.unwrap();
    let ask = ClientMessage::Records { protocol: PROTOCOL, since: None };
    stream.send(Message::text(serde_json::to_string(&ask).unwrap())).await.unwrap();
    let first = stream.next().await.unwrap().unwrap();
    serde_json::from_str(first.to_text().unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_member_may_follow_the_stream_of_records_and_nobody_else() {
    let house = House::build().await;
    let roles =
        [None, Some(Role::Viewer), Some(Role::Stakeholder), Some(Role::Editor), Some(Role::Owner), None];
    for (column, expected) in roles.into_iter().enumerate() {
        let first = first_of_stream(&house, column).await;
        let followed_as = match &first {
            ServerMessage::RecordsFrom { role, .. } => Some(*role),
            _ => None,
        };
        assert_eq!(followed_as, expected, "{}: {first:?}", WHO[column]);
    }
    house.running.stop().await;
}

async fn viewer_head(viewer: &Viewer, roadmap: domain::RoadmapId) -> u64 {
    viewer.view(roadmap).await.unwrap().head
}
