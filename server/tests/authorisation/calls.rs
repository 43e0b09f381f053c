//! The tables: every server function and page, with what each of those who ask is answered.

use domain::{Product, VotingId};
use serde_json::{Value, json};
use uuid::Uuid;

const READ: [u16; 6] = [401, 200, 200, 200, 200, 401];
const EDIT: [u16; 6] = [401, 403, 403, 200, 200, 401];
const OWN: [u16; 6] = [401, 403, 403, 403, 200, 401];
/// An owner gets as far as to hear that there is no such thing.
const OWN_UNKNOWN: [u16; 6] = [401, 403, 403, 403, 404, 401];
/// The same for editors.
const EDIT_UNKNOWN: [u16; 6] = [401, 403, 403, 404, 404, 401];

/// Who may rate hears that there is no such item.
const RATE_UNKNOWN: [u16; 6] = [401, 403, 404, 404, 404, 401];

/// Who may do it first does it; the next hears that it is done.
const DEPEND: [u16; 6] = [401, 403, 403, 200, 422, 401];

/// Who may edit first adds it; the next hears that there is one of that name.
const ADD: [u16; 6] = [401, 403, 403, 200, 422, 401];

/// The same, where the next is in conflict with what was done.
const DEPEND_LATE: [u16; 6] = [401, 403, 403, 200, 409, 401];

/// What a playbook does not suggest, or the product is elsewhere: both are conflicts.
const KIT: [u16; 6] = [401, 403, 403, 409, 409, 401];

/// The next finds it shifted.
const SHIFT: [u16; 6] = [401, 403, 403, 200, 409, 401];

/// What is sent.
pub(crate) enum Body {
    Json(Value),
    Form(String),
}

impl Body {
    pub(crate) fn text(&self) -> String {
        match self {
            Body::Json(value) => value.to_string(),
            Body::Form(text) => text.clone(),
        }
    }
}

/// A question to a server function.
pub(crate) struct Call {
    pub(crate) function: &'static str,
    pub(crate) body: Body,
    pub(crate) expected: [u16; 6],
}

fn form(function: &'static str, body: impl Into<String>, expected: [u16; 6]) -> Call {
    Call { function, body: Body::Form(body.into()), expected }
}

fn json(function: &'static str, body: Value, expected: [u16; 6]) -> Call {
    Call { function, body: Body::Json(body), expected }
}

/// Every server function. Signing out comes last, because it ends the sessions of the others.
pub(crate) fn calls(product: &Product, voting: VotingId) -> Vec<Call> {
    let unknown = Uuid::from_u128(7);
    let key = json!({ "key": "ERP" });
    let profile = "name=Name&kind=service&stage=growth&purpose=";
    let of_erp = format!("key=ERP&{profile}");
    let of_new = format!("key=NEW{{column}}&{profile}");
    let typed = "result%5Bname%5D=R&result%5Bstart%5D=1&result%5Btarget%5D=2";
    let csv = "Title\nOne\n";
    let line = "line%5Bname%5D=Fund&line%5Bamount%5D=5";
    let money = "entry%5Bmonth%5D=2027-01&entry%5Bkind%5D=cost&entry%5Bbasis%5D=plan&entry%5Bamount%5D=5";
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
        json("workspace", json!({ "done": null }), READ),
        form("save_workspace", "first_month=4", OWN),
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
        form("revoke_feed", format!("id={unknown}"), [401, 404, 404, 404, 404, 401]),
        json("make_feed", json!({ "key": "ERP", "view": null }), READ),
        json("home", json!({ "all": true }), READ),
        form("set_favourite", format!("kind=product&id={}&starred=true", product.id), READ),
        form("set_favourite", format!("kind=item&id={unknown}&starred=true"), [401, 404, 404, 404, 404, 401]),
        form("move_favourite", format!("kind=product&id={}&up=true", product.id), READ),
        json("favourites", json!({}), READ),
        json("visit", json!({ "keys": ["ERP"] }), READ),
        json("visit", json!({ "keys": ["NONE"] }), [401, 404, 404, 404, 404, 401]),
        form("create_product", of_new, EDIT),
        form("edit_product", of_erp, EDIT),
        json("life_cycle", json!({ "product": "ERP" }), READ),
        // The first moves it; the next hears that it is in another stage.
        form("move_stage", "key=ERP&from=growth&to=launch&reason=Again", SHIFT),
        form(
            "move_stage",
            "key=ERP&from=launch&to=growth&reason=Again&ticked[model]=rice&ticked[mix]=100+0+0+0+5",
            KIT,
        ),
        form("keep_playbook", "stage=growth", OWN),
        json("solutions", json!({}), READ),
        form("save_solution", "solution%5Bname%5D=Order+to+cash&solution%5Bparts%5D%5B0%5D=ERP", ADD),
        form("save_solution", format!("solution%5Bname%5D=Others&id={unknown}"), EDIT_UNKNOWN),
        form("bin_solution", format!("id={unknown}&deletes=true"), EDIT_UNKNOWN),
        form("archive_product", "key=ERP&archived=false", EDIT),
        form("save_template", "key=ERP&template=Set-up{column}", EDIT),
        json("item_templates", key.clone(), READ),
        json(
            "save_item_template",
            json!({ "key": "ERP", "fields": { "title": "Release {column}", "kind": "feature", "status": "proposed" } }),
            EDIT,
        ),
        json("bin_item_template", json!({ "key": "ERP", "id": unknown, "deletes": true }), EDIT_UNKNOWN),
        json("records", json!({ "look": { "kind": "team" } }), READ),
        form("save_record", "kind=team&values%5Bname%5D=Team+{column}", EDIT),
        form("delete_record", format!("kind=team&id={unknown}"), EDIT_UNKNOWN),
        form("restore_record", format!("kind=team&id={unknown}"), EDIT_UNKNOWN),
        form("undo_record", format!("kind=team&id={unknown}&version=1"), EDIT_UNKNOWN),
        json("figures", key.clone(), READ),
        form("save_kpi", "key=ERP&kpi%5Bname%5D=Figure+{column}&kpi%5Bunit%5D=%25&kpi%5Btarget%5D=80", EDIT),
        form(
            "agree_kpi",
            format!("key=ERP&id={unknown}&side=it&agrees=true"),
            [401, 404, 404, 404, 404, 401],
        ),
        form("bin_kpi", format!("key=ERP&id={unknown}&deletes=true"), EDIT_UNKNOWN),
        form("measure", format!("key=ERP&id={unknown}&day=2026-11-01&value=5"), EDIT_UNKNOWN),
        form("measure_lines", format!("key=ERP&id={unknown}&lines=2026-11-01%2C5"), EDIT_UNKNOWN),
        form("remove_measurement", format!("key=ERP&id={unknown}&day=2026-11-01"), EDIT_UNKNOWN),
        form("set_owners", "key=ERP&business=&it=", EDIT),
        json("money", json!({ "key": "ERP", "year": "2027" }), READ),
        json("overview", json!({ "key": "ERP" }), READ),
        form("save_money", format!("key=ERP&{money}"), EDIT),
        form("save_money", format!("key=ERP&{money}&id={unknown}"), EDIT_UNKNOWN),
        form("bin_money", format!("key=ERP&id={unknown}&deletes=true"), EDIT_UNKNOWN),
        form("money_lines", "key=ERP&lines=2027-01%2Ccost%2Cplan%2C5", EDIT),
        json("item_money", json!({ "key": "ERP", "item": unknown }), READ),
        form("save_money_settings", "currency=EUR&discount=8", OWN),
        json("outcomes", json!({ "key": "ERP", "edit": unknown }), READ),
        form("record_outcome", format!("key=ERP&item={unknown}&outcome%5Bnote%5D=Less"), EDIT_UNKNOWN),
        form("change_outcome", format!("key=ERP&id={unknown}&outcome%5Bnote%5D=Less"), EDIT_UNKNOWN),
        form("waive_outcome", format!("key=ERP&item={unknown}&reason=Law"), EDIT_UNKNOWN),
        form("bin_outcome", format!("key=ERP&id={unknown}&deletes=true"), EDIT_UNKNOWN),
        form("decide_use", format!("key=ERP&kpi={unknown}&act=improve"), EDIT_UNKNOWN),
        json("reports", json!({ "key": "" }), READ),
        json("reports", key.clone(), READ),
        json("reports", json!({ "key": "NONE" }), [401, 404, 404, 404, 404, 401]),
        json("retirement", json!({ "key": "ERP" }), READ),
        // The first adds it; the next hears that it is there.
        form("save_user_move", "key=ERP&group%5Bname%5D=Sales&group%5Busers%5D=5", ADD),
        form("save_user_move", format!("key=ERP&group%5Bname%5D=Sales&id={unknown}"), EDIT_UNKNOWN),
        form("mark_moved", format!("key=ERP&id={unknown}&moved=true"), EDIT_UNKNOWN),
        form("save_contract", "key=ERP&contract%5Bname%5D=Hosting&contract%5Bends%5D=2027-06-30", ADD),
        form("bin_retirement", format!("key=ERP&kind=contract&id={unknown}&deletes=true"), EDIT_UNKNOWN),
        form("add_key_result", format!("objective={unknown}&quarter=2027-Q1&{typed}&kpi="), EDIT_UNKNOWN),
        form(
            "set_key_result",
            format!("id={unknown}&quarter=2027-Q1&{typed}"),
            [401, 404, 404, 404, 404, 401],
        ),
        form(
            "bin_key_result",
            format!("id={unknown}&quarter=2027-Q1&deletes=true"),
            [401, 404, 404, 404, 404, 401],
        ),
        form("save_funding", format!("objective={unknown}&quarter=2027-Q1&{line}"), OWN_UNKNOWN),
        form("save_funding", format!("objective={unknown}&quarter=2027-Q1&{line}&id={unknown}"), OWN_UNKNOWN),
        form("bin_funding", format!("id={unknown}&quarter=2027-Q1&deletes=true"), OWN_UNKNOWN),
        form("set_budget", format!("id={unknown}&quarter=2027-Q1&budget=5"), OWN_UNKNOWN),
        json("save_view", json!({ "key": "ERP", "view": { "name": "Mine {column}" } }), READ),
        json("save_view", json!({ "key": "ERP", "view": { "name": "Ours {column}", "shared": true } }), EDIT),
        json("save_view", json!({ "key": null, "view": { "name": "Mine {column}" } }), READ),
        json("save_view", json!({ "key": null, "view": { "name": "Ours {column}", "shared": true } }), EDIT),
        json(
            "delete_view",
            json!({ "key": "ERP", "id": unknown, "restore": false }),
            [401, 404, 404, 404, 404, 401],
        ),
        json("load_dependencies", json!({ "keys": ["ERP"] }), READ),
        json("load_computed", json!({ "keys": ["ERP"] }), READ),
        json("add_dependency", json!({ "from": "ERP-1", "kind": "blocks", "to": "ERP-2" }), DEPEND),
        json(
            "change_dependency",
            json!({ "id": unknown, "lag": 3, "note": "" }),
            [401, 404, 404, 404, 404, 401],
        ),
        json("remove_dependency", json!({ "id": unknown, "restore": false }), [401, 404, 404, 404, 404, 401]),
        json(
            "shift_items",
            json!({
                "key": "ERP",
                "moves": [{ "number": 1, "was": [null, null], "to": [null, "2027-06-30"] }],
                "cause": "ERP-2",
            }),
            SHIFT,
        ),
        json("search", json!({ "text": "alpha" }), READ),
        json("inbox", json!({}), READ),
        json("my_work", json!({}), READ),
        json("direction", json!({ "quarter": null }), READ),
        form("add_objective", "quarter=2027-Q1&name=Objective+{column}", OWN),
        form("set_objective", format!("id={unknown}&quarter=2027-Q1&state=open"), OWN_UNKNOWN),
        json("load_scores", json!({ "asked": { "key": "ERP" } }), READ),
        form(
            "rate_item",
            format!("key=ERP&item={unknown}&number=1&model=nvf&ratings%5BNeed%5D=3"),
            RATE_UNKNOWN,
        ),
        form("choose_score_model", "key=ERP&model=rice", EDIT),
        form("choose_score_model", "key=ERP&model=", EDIT),
        form("reveal_ratings", "key=ERP&revealed=true", [401, 403, 403, 409, 409, 401]),
        form("apply_score_order", "key=ERP", EDIT),
        form("undo_score_order", "key=ERP&seq=0", [401, 403, 403, 409, 409, 401]),
        form("save_record", "kind=score_model&values%5Bname%5D=Model+{column}&values%5Bmethod%5D=rice", OWN),
        json("vision", json!({ "key": "ERP" }), READ),
        json("vision", json!({}), READ),
        // The first publishes; what others saw by then was nothing.
        form("publish_vision", "key=ERP&text=Closed+in+a+day", DEPEND_LATE),
        form("publish_vision", "text=Closed+in+a+day", OWN),
        form("rate_vision", format!("key=ERP&id={unknown}&ratings%5Bgrounded%5D=3"), RATE_UNKNOWN),
        form("rate_vision", format!("id={unknown}&ratings%5Bgrounded%5D=3"), RATE_UNKNOWN),
        form("save_strategy_block", "key=ERP&block=scope&typed%5Btext%5D=Closing", EDIT),
        form("confirm_strategy_block", format!("key=ERP&id={unknown}&read=1"), EDIT_UNKNOWN),
        form("bin_strategy_block", format!("key=ERP&id={unknown}&deletes=true"), EDIT_UNKNOWN),
        json("direction_tree", json!({ "quarter": "2027-Q1" }), READ),
        json("alignment", json!({ "quarter": "2027-Q1" }), READ),
        form("rate_alignment", "quarter=2027-Q1", READ),
        form("rate_alignment", format!("quarter=2027-Q1&cells%5BERP.{unknown}%5D=2"), RATE_UNKNOWN),
        json("plan_frame", json!({ "key": "ERP" }), READ),
        json("balance", json!({ "key": "ERP" }), READ),
        json("balance", json!({}), READ),
        form("set_target", "key=ERP&shares[0]=50&shares[1]=30&shares[2]=20&shares[3]=0&band=10", EDIT),
        form("set_target", "shares[0]=50&shares[1]=30&shares[2]=20&shares[3]=0&band=10", OWN),
        form("remove_target", "key=ERP&quarter=2031-Q4", [401, 404, 404, 404, 404, 401]),
        json("capacity", json!({}), READ),
        // Who may is a question of who leads the team: the store's tests ask it.
        form(
            "set_capacity",
            format!("team={unknown}&from=2027-Q1&days[0]=5"),
            [401, 404, 404, 404, 404, 401],
        ),
        form(
            "ask_capacity",
            format!("team={unknown}&quarter=2027-Q1&from=2027-Q1&days=5&reason=x"),
            EDIT_UNKNOWN,
        ),
        form(
            "answer_capacity",
            format!("id={unknown}&answer=yes&from=2027-Q1&because=x"),
            [401, 404, 404, 404, 404, 401],
        ),
        json("unread_notices", json!({}), READ),
        form("read_notices", "", READ),
        form("read_notices", format!("roadmap={}&item={unknown}", product.roadmap), READ),
        form("read_notices", format!("roadmap={}", product.roadmap), [401, 422, 422, 422, 422, 401]),
        form(
            "watch_item",
            format!("roadmap={}&item={unknown}&watching=true", product.roadmap),
            [401, 404, 404, 404, 404, 401],
        ),
        json(
            "item_watch",
            json!({ "roadmap": product.roadmap, "item": unknown }),
            [401, 404, 404, 404, 404, 401],
        ),
        json("product_access", key.clone(), OWN),
        form("show_product", "key=ERP&visibility=everyone", OWN),
        form("grant_access", format!("key=ERP&to=person:{unknown}&role=viewer"), OWN_UNKNOWN),
        form("revoke_access", format!("key=ERP&to=person:{unknown}"), OWN),
        json("product_fields", key.clone(), READ),
        form("create_field", "key=ERP&label=Tier&kind=text", EDIT),
        form("save_field", "key=ERP&field_key=cost&required_from=done", EDIT),
        form("use_field", "key=ERP&field_key=kano&used=false", EDIT),
        form("move_field", "key=ERP&field_key=cost&up=true", EDIT),
        json("load_board", key.clone(), READ),
        json("load_portfolio", json!({ "asked": "where=product~is~ERP", "item": null }), READ),
        json("move_item_to_product", json!({ "key": "ERP", "item": unknown, "to": "NONE" }), EDIT_UNKNOWN),
        json("load_bin", key, READ),
        json("load_snapshot", json!({ "roadmap": product.roadmap }), READ),
        json("load_thread", json!({ "roadmap": product.roadmap, "item": unknown, "before": null }), READ),
        json("running_votes", json!({ "roadmap": product.roadmap }), READ),
        json("history", json!({ "roadmap": product.roadmap, "before": null, "item": null }), READ),
        json("product_history", json!({ "key": "ERP", "asked": { "what": "product" } }), READ),
        json("load_past", json!({ "key": "ERP", "at": null, "until": null }), READ),
        json("baseline_dates", json!({ "key": "ERP", "baseline": unknown }), READ),
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
        json("import_progress", json!({ "id": unknown }), READ),
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

/// Every page and file, with what each is answered.
pub(crate) fn pages(voting: VotingId) -> Vec<(String, [u16; 6])> {
    // A page that is not for somebody sends them to sign in.
    const ANY: [u16; 6] = [200; 6];
    const PAGE: [u16; 6] = [302, 200, 200, 200, 200, 302];
    const MISSING: [u16; 6] = [302, 404, 404, 404, 404, 302];
    const RUN: [u16; 6] = [302, 403, 403, 200, 200, 302];
    const NOT_SHOWN: [u16; 6] = [401, 409, 409, 409, 409, 401];
    const OWNERS: [u16; 6] = [302, 403, 403, 403, 200, 302];
    let of_voting = |path: &str| format!("/voting/{voting}{path}");
    vec![
        ("/sign-in".to_owned(), ANY),
        ("/invite/x".to_owned(), ANY),
        ("/join".to_owned(), ANY),
        ("/join/x".to_owned(), ANY),
        ("/voting".to_owned(), PAGE),
        ("/voting/new".to_owned(), RUN),
        ("/segments".to_owned(), RUN),
        ("/voting/nothing".to_owned(), [404; 6]),
        (of_voting(""), PAGE),
        (of_voting("/setup"), RUN),
        (of_voting("/present"), RUN),
        (of_voting("/customer"), RUN),
        (of_voting("/results"), [302, 409, 409, 409, 409, 302]),
        (of_voting("/record.json"), NOT_SHOWN),
        (of_voting("/result.csv"), NOT_SHOWN),
        (of_voting("/result.json"), NOT_SHOWN),
        (of_voting("/ballots.csv"), [401, 403, 403, 409, 409, 401]),
        ("/healthz".to_owned(), ANY),
        ("/setup".to_owned(), [302; 6]),
        ("/".to_owned(), PAGE),
        ("/inbox".to_owned(), PAGE),
        ("/my-work".to_owned(), PAGE),
        ("/direction".to_owned(), PAGE),
        ("/direction/2027-Q1".to_owned(), PAGE),
        ("/objectives".to_owned(), PAGE),
        ("/lifecycle".to_owned(), PAGE),
        ("/lifecycle?product=ERP&to=growth".to_owned(), PAGE),
        ("/lifecycle?product=NONE".to_owned(), [302, 404, 404, 404, 404, 302]),
        ("/playbooks".to_owned(), PAGE),
        ("/solutions".to_owned(), PAGE),
        ("/direction/2027-Q1/alignment".to_owned(), PAGE),
        ("/direction/nothing/alignment".to_owned(), MISSING),
        ("/direction/2027-Q1/tree".to_owned(), PAGE),
        ("/direction/2027-Q1/alignment.csv".to_owned(), READ),
        ("/vision".to_owned(), PAGE),
        ("/vision?version=nothing".to_owned(), MISSING),
        ("/p/ERP/vision".to_owned(), PAGE),
        ("/p/NONE/vision".to_owned(), MISSING),
        ("/balance".to_owned(), PAGE),
        ("/capacity".to_owned(), PAGE),
        ("/capacity?from=nothing".to_owned(), [302, 404, 404, 404, 404, 302]),
        ("/p/ERP/balance".to_owned(), PAGE),
        ("/people".to_owned(), PAGE),
        ("/portfolio".to_owned(), PAGE),
        ("/portfolio/table".to_owned(), PAGE),
        ("/teams".to_owned(), PAGE),
        ("/competitors".to_owned(), PAGE),
        ("/templates".to_owned(), PAGE),
        ("/score-models".to_owned(), PAGE),
        ("/fields".to_owned(), PAGE),
        ("/workspace".to_owned(), PAGE),
        ("/account".to_owned(), PAGE),
        ("/p/ERP".to_owned(), PAGE),
        ("/p/ERP/timeline".to_owned(), PAGE),
        ("/p/ERP/table".to_owned(), PAGE),
        ("/p/ERP/history".to_owned(), PAGE),
        ("/p/ERP/past".to_owned(), PAGE),
        ("/p/ERP/past?at=yesterday".to_owned(), [302, 422, 422, 422, 422, 302]),
        ("/p/ERP/bin".to_owned(), PAGE),
        ("/p/ERP/import".to_owned(), PAGE),
        ("/p/ERP/scores".to_owned(), PAGE),
        ("/p/ERP/scores?item=ERP-1&from=50".to_owned(), PAGE),
        ("/p/ERP/settings".to_owned(), PAGE),
        ("/p/ERP/figures".to_owned(), PAGE),
        (format!("/p/ERP/figures/{}.csv", Uuid::from_u128(7)), [401, 404, 404, 404, 404, 401]),
        ("/p/ERP/figures/nothing".to_owned(), [401, 404, 404, 404, 404, 401]),
        ("/p/ERP/money".to_owned(), PAGE),
        ("/p/ERP/overview".to_owned(), PAGE),
        ("/p/ERP/money?year=nothing".to_owned(), [302, 404, 404, 404, 404, 302]),
        ("/p/ERP/money.csv".to_owned(), READ),
        ("/p/ERP/outcomes".to_owned(), PAGE),
        ("/p/ERP/outcomes.csv".to_owned(), READ),
        ("/p/ERP/reports".to_owned(), PAGE),
        ("/reports".to_owned(), PAGE),
        ("/reports?product=ERP".to_owned(), PAGE),
        ("/reports/precision.csv".to_owned(), READ),
        ("/reports/shipped.csv?product=ERP".to_owned(), READ),
        ("/reports/value.csv?product=NONE".to_owned(), [401, 404, 404, 404, 404, 401]),
        ("/reports/nothing.csv".to_owned(), [401, 404, 404, 404, 404, 401]),
        ("/p/ERP/retirement".to_owned(), PAGE),
        ("/p/ERP/fields".to_owned(), PAGE),
        ("/p/NONE".to_owned(), MISSING),
        ("/p/%C3%A9".to_owned(), MISSING),
        ("/p/a%0D%0Ab".to_owned(), MISSING),
        ("/nowhere".to_owned(), [404; 6]),
        ("/p/ERP/export?format=json".to_owned(), READ),
        ("/p/ERP/export.csv".to_owned(), READ),
        ("/p/ERP/export.xlsx".to_owned(), READ),
        ("/p/ERP/export.json".to_owned(), READ),
        ("/p/ERP/access".to_owned(), OWNERS),
        (format!("/calendar/{}.ics", "A".repeat(43)), [404; 6]),
        (format!("/files/{}/plan.png", "0".repeat(64)), [401, 404, 404, 404, 404, 401]),
        ("/p/ERP/files".to_owned(), [405; 6]),
    ]
}
