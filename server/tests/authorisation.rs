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

use backend::{Profile, Viewer, people::NewUser};
use domain::{
    CommentId, CustomField, Delta, FieldChange, FieldId, FieldKind, ItemChange, ItemFields, ItemId, LaneId,
    Op, Place, Product, ProductKind, Role, Stage, Status, TextOf, Title, VotingId,
    voting::{Audience, Candidate, Mode, Reveal, Rules, Secrecy, VotingDraft},
    wire::Outcome,
};
use serde_json::{Value, json};
use server::{Running, Settings, start};
use tempfile::TempDir;
use uuid::Uuid;

/// Who asks, in the order of the tables' columns.
const WHO: [&str; 6] = ["nobody", "viewer", "stakeholder", "editor", "owner", "removed"];

const READ: [u16; 6] = [401, 200, 200, 200, 200, 401];
const EDIT: [u16; 6] = [401, 403, 403, 200, 200, 401];
const OWN: [u16; 6] = [401, 403, 403, 403, 200, 401];
/// An owner gets as far as to hear that there is no such thing.
const OWN_UNKNOWN: [u16; 6] = [401, 403, 403, 403, 404, 401];
/// The same for editors.
const EDIT_UNKNOWN: [u16; 6] = [401, 403, 403, 404, 404, 401];

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
        let url = self.url(&format!("/api/{}", call.function));
        let request = self.http.post(url).header("accept", "application/json");
        let request = match &call.body {
            Body::Json(value) => request.header("content-type", "application/json").body(value.to_string()),
            Body::Form(text) => request
                .header("content-type", "application/x-www-form-urlencoded")
                .body(text.replace("{column}", &column.to_string())),
        };
        self.send(request, column).await
    }

    async fn send(&self, request: reqwest::RequestBuilder, column: usize) -> u16 {
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
        status
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

enum Body {
    Json(Value),
    Form(String),
}

struct Call {
    function: &'static str,
    body: Body,
    expected: [u16; 6],
}

fn form(function: &'static str, body: impl Into<String>, expected: [u16; 6]) -> Call {
    Call { function, body: Body::Form(body.into()), expected }
}

fn json(function: &'static str, body: Value, expected: [u16; 6]) -> Call {
    Call { function, body: Body::Json(body), expected }
}

/// Every server function. Signing out comes last, because it ends the sessions of the others.
fn calls(product: &Product, voting: VotingId) -> Vec<Call> {
    let unknown = Uuid::from_u128(7);
    let key = json!({ "key": "ERP" });
    let profile = "name=Name&kind=service&stage=growth&purpose=";
    let of_erp = format!("key=ERP&{profile}");
    let of_new = format!("key=NEW{{column}}&{profile}");
    let csv = "Title\nOne\n";
    let mut calls = vec![
        json("context", json!({}), [200; 6]),
        form("set_up", "workspace=W&name=N&email=n%40example.org&password=a+long+password", [409; 6]),
        form("sign_in", "email=nobody%40example.com&password=wrong", [401, 401, 401, 401, 401, 429]),
        form("demo_sign_in", "role=owner", [403; 6]),
        json("look_up_invitation", json!({ "token": "x" }), [404; 6]),
        form("accept_invitation", "token=x&name=N&email=n%40example.org&password=a+long+password", [404; 6]),
        json("invitations", json!({}), OWN),
        form("invite", "kind=personal&names=Ada%0AGrace&role=owner&uses=&days=", OWN),
        form("invite", "kind=shared&names=&role=editor&uses=20&days=7", OWN),
        form("revoke_invitation", format!("id={unknown}"), OWN_UNKNOWN),
        form("set_role", format!("user={unknown}&role=owner"), OWN_UNKNOWN),
        form("remove_member", format!("user={unknown}"), OWN_UNKNOWN),
        json("account", json!({ "done": null }), READ),
        form("save_profile", "name=Somebody&colour=3", READ),
        // Nobody gets past the password they have.
        form(
            "change_password",
            "current=x&new=a+fairly+long+one&repeat=a+fairly+long+one",
            [401, 422, 422, 422, 422, 401],
        ),
        form("set_theme", "theme=dark", [200; 6]),
        form("end_session", format!("id={unknown}"), [401, 404, 404, 404, 404, 401]),
        form("end_other_sessions", "", READ),
        json("products", json!({}), READ),
        form("create_product", of_new, EDIT),
        form("edit_product", of_erp, EDIT),
        form("archive_product", "key=ERP&archived=false", EDIT),
        json("records", json!({ "look": { "kind": "team" } }), READ),
        form("save_record", "kind=team&values%5Bname%5D=Team+{column}", EDIT),
        form("delete_record", format!("kind=team&id={unknown}"), EDIT_UNKNOWN),
        form("restore_record", format!("kind=team&id={unknown}"), EDIT_UNKNOWN),
        form("undo_record", format!("kind=team&id={unknown}&version=1"), EDIT_UNKNOWN),
        json("product_fields", key.clone(), READ),
        form("create_field", "key=ERP&label=Tier&kind=text", EDIT),
        form("save_field", "key=ERP&field_key=cost&required_from=done", EDIT),
        form("use_field", "key=ERP&field_key=kano&used=false", EDIT),
        form("move_field", "key=ERP&field_key=cost&up=true", EDIT),
        json("load_board", key.clone(), READ),
        json("load_bin", key, READ),
        json("load_snapshot", json!({ "roadmap": product.roadmap }), READ),
        json("load_thread", json!({ "roadmap": product.roadmap, "item": unknown, "before": null }), READ),
        json("running_votes", json!({ "roadmap": product.roadmap }), READ),
        json("history", json!({ "roadmap": product.roadmap, "before": null, "item": null }), READ),
        json("product_history", json!({ "key": "ERP", "asked": { "what": "product" } }), READ),
        json("load_past", json!({ "key": "ERP", "at": null, "until": null }), READ),
        form("name_baseline", "key=ERP&seq=1&name=Plan+{column}", EDIT),
        form("remove_baseline", format!("key=ERP&id={unknown}"), EDIT_UNKNOWN),
        json("render_markdown", json!({ "texts": ["*x*"] }), READ),
        // Who may restore hears that nothing was chosen.
        form(
            "restore_items",
            "key=ERP&ids[]=00000000-0000-0000-0000-000000000007",
            [401, 403, 403, 409, 409, 401],
        ),
        json("preview_import", json!({ "key": "ERP", "text": csv, "mapping": null }), EDIT),
        json("run_import", json!({ "key": "ERP", "text": csv, "mapping": { "Title": "title" } }), EDIT),
        json("import_progress", json!({ "id": unknown }), EDIT),
        json("cancel_import", json!({ "key": "ERP", "id": unknown }), EDIT),
        json("undo_import", json!({ "key": "ERP", "undo": [] }), EDIT),
    ];
    calls.extend(voting_calls(voting));
    calls.push(form("sign_out", "", [200; 6]));
    calls
}

/// A voting session from open to its end, and what is around it.
fn voting_calls(voting: VotingId) -> Vec<Call> {
    let unknown = Uuid::from_u128(7);
    let id = json!({ "id": voting });
    let of_voting = format!("id={voting}");
    let cast = format!("{of_voting}&cast=00000000-0000-0000-0000-00000000000{{column}}");
    let customer = format!("{cast}&customer%5Bname%5D=Customer+{{column}}&customer%5Bsource%5D=A+call");
    let draft = "draft%5Btitle%5D=Another&draft%5Bmode%5D=dots&draft%5Btokens%5D=5&draft%5Bsecrecy%5D=open\
                 &draft%5Breveal%5D=at_close&draft%5Bitems%5D%5B%5D=ERP-1&draft%5Bitems%5D%5B%5D=ERP-2";
    let results = json!({ "id": voting, "compare": null, "receipt": null });
    // The second who may do it hears that it was done.
    const ONCE: [u16; 6] = [401, 403, 403, 200, 409, 401];
    const NOT_NOW: [u16; 6] = [401, 409, 409, 409, 409, 401];
    vec![
        json("votings", json!({}), READ),
        json("waiting_votes", json!({}), READ),
        json("product_votings", json!({ "key": "ERP" }), READ),
        json("voting", id.clone(), READ),
        json("voting_results", results.clone(), NOT_NOW),
        json("presentation", id.clone(), EDIT),
        form("cast_ballot", cast, [401, 403, 200, 200, 200, 401]),
        json("customer_ballot", id.clone(), EDIT),
        form("cast_ballot", customer, EDIT),
        form("enter_voting", "code=nothing&name=Guest", [404; 6]),
        json("make_entry", json!({ "id": voting, "name": null, "segment": null }), EDIT),
        json("show_entry", json!({ "id": voting, "entry": unknown, "code": "nothing" }), EDIT),
        form("revoke_entry", format!("{of_voting}&entry={unknown}"), EDIT_UNKNOWN),
        form("remove_voter", format!("{of_voting}&voter={unknown}"), EDIT_UNKNOWN),
        form("withdraw_candidate", format!("{of_voting}&item={unknown}"), EDIT_UNKNOWN),
        json("voting_setup", json!({ "id": null, "products": ["ERP"] }), EDIT),
        json("voting_items", json!({ "product": "ERP" }), EDIT),
        form("save_voting", draft, EDIT),
        form("open_voting", of_voting.clone(), [401, 403, 403, 409, 409, 401]),
        form("close_voting", of_voting.clone(), ONCE),
        form("end_uncounted", of_voting.clone(), [401, 403, 403, 409, 409, 401]),
        form("extend_voting", format!("{of_voting}&minutes=15"), [401, 403, 403, 409, 409, 401]),
        form("reveal_voting", of_voting.clone(), ONCE),
        json("voting_results", results, READ),
        form("delete_voting", of_voting, [401, 403, 403, 409, 409, 401]),
        json("take_order", id, EDIT),
        json("undo_take_order", json!({ "id": voting, "undo": [] }), EDIT),
        json("segments", json!({}), EDIT),
        form("save_segment", "kind=department&name=Sales+{column}&weight=2", EDIT),
        form("remove_segment", format!("id={unknown}"), EDIT_UNKNOWN),
        form("assign_segments", "", EDIT),
    ]
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
    // A page that is not for somebody sends them to sign in.
    const ANY: [u16; 6] = [200; 6];
    const PAGE: [u16; 6] = [302, 200, 200, 200, 200, 302];
    const MISSING: [u16; 6] = [302, 404, 404, 404, 404, 302];
    const RUN: [u16; 6] = [302, 403, 403, 200, 200, 302];
    const NOT_SHOWN: [u16; 6] = [401, 409, 409, 409, 409, 401];
    let voting = house.voting().await;
    let of_voting = |path: &str| format!("/voting/{voting}{path}");
    let mut wrong = Vec::new();
    for (path, expected) in [
        ("/sign-in", ANY),
        ("/invite/x", ANY),
        ("/join", ANY),
        ("/join/x", ANY),
        ("/voting", PAGE),
        ("/voting/new", RUN),
        ("/segments", RUN),
        ("/voting/nothing", [404; 6]),
        (&of_voting(""), PAGE),
        (&of_voting("/setup"), RUN),
        (&of_voting("/present"), RUN),
        (&of_voting("/customer"), RUN),
        (&of_voting("/results"), [302, 409, 409, 409, 409, 302]),
        (&of_voting("/record.json"), NOT_SHOWN),
        (&of_voting("/result.csv"), NOT_SHOWN),
        (&of_voting("/result.json"), NOT_SHOWN),
        (&of_voting("/ballots.csv"), [401, 403, 403, 409, 409, 401]),
        ("/healthz", ANY),
        ("/setup", [302; 6]),
        ("/", PAGE),
        ("/people", PAGE),
        ("/teams", PAGE),
        ("/competitors", PAGE),
        ("/account", PAGE),
        ("/p/ERP", PAGE),
        ("/p/ERP/history", PAGE),
        ("/p/ERP/history?what=product&day=yesterday&before=x", PAGE),
        ("/p/ERP/past", PAGE),
        ("/p/ERP/past?at=yesterday", [302, 422, 422, 422, 422, 302]),
        ("/p/ERP/bin", PAGE),
        ("/p/ERP/import", PAGE),
        ("/p/ERP/settings", PAGE),
        ("/p/ERP/fields", PAGE),
        ("/p/NONE", MISSING),
        ("/p/%C3%A9", MISSING),
        ("/p/a%0D%0Ab", MISSING),
        ("/nowhere", [404; 6]),
        ("/p/ERP/export.csv", READ),
        ("/p/ERP/export.xlsx", READ),
        ("/p/ERP/export.json", READ),
    ] {
        for (column, expected) in expected.into_iter().enumerate() {
            let request = house.http.get(house.url(path)).header("accept", "text/html");
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
        | Op::EditText { text: TextOf::Comment(_), .. } => 2,
        Op::CreateItem { .. }
        | Op::SetItem { .. }
        | Op::MoveItems { .. }
        | Op::DeleteItems { .. }
        | Op::RestoreItems { .. }
        | Op::CreateLane { .. }
        | Op::RenameLane { .. }
        | Op::SetLaneStatus { .. }
        | Op::CreateField { .. }
        | Op::SetField { .. }
        | Op::MoveLane { .. }
        | Op::DeleteLane { .. }
        | Op::RestoreLane { .. }
        | Op::EditText { text: TextOf::Description(_), .. }
        | Op::Batch { .. } => 3,
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
        Op::AddComment { id: comment, item, body: body.clone() },
        Op::EditComment { id: comment, body },
        Op::EditText { text: TextOf::Comment(comment), base: 0, delta: Delta::appending(5, ".") },
        Op::DeleteComment { id: comment },
        Op::RestoreComment { id: comment },
        Op::DeleteItems { ids: ids.clone() },
        Op::restore(ids),
        Op::DeleteLane { id: lane, move_to: first_lane },
        Op::RestoreLane { id: lane, place: Place::Last },
        Op::batch(vec![Op::RenameLane { id: lane, name: "Soonest".parse().unwrap() }]),
    ];
    let kinds: BTreeSet<String> = ops.iter().map(kind).collect();
    assert_eq!(kinds.len(), 21, "every kind of operation is tried: {kinds:?}");
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

async fn viewer_head(viewer: &Viewer, roadmap: domain::RoadmapId) -> u64 {
    viewer.view(roadmap).await.unwrap().head
}
