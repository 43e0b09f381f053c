//! Voting sessions beside their pages: events, files, counting again.

use std::{
    fs,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use backend::{Editor, Viewer, people::Secret, voting::Arrival};
use domain::{
    CastId, ItemId, Role, VotingId,
    voting::{
        Audience, Candidate, Choice, Mode, Phase, RecordOfVoting, Reveal, Rules, Secrecy, SegmentKind,
        VotingDraft, VotingNews,
    },
};

use sqlx::{Connection as _, Executor as _, SqliteConnection};

use crate::support::{TestApp, create, id};

const ENOUGH: Duration = Duration::from_secs(20);

/// Somebody who runs sessions, and the items they are about.
struct House {
    editor: Editor,
    items: Vec<ItemId>,
    voting: VotingId,
    cookie: String,
}

impl House {
    async fn build(app: &TestApp, secrecy: Secrecy) -> Self {
        let owner = app.person("ann", Role::Owner).await;
        let product = app.product().await;
        let editor = app.running.backend.people().first_owner().await.unwrap().as_editor().unwrap();
        let lane = app.first_lane(product.roadmap).await;
        let (items, ops): (Vec<_>, Vec<_>) = (0..2).map(|n| create(lane, &format!("Item {n}"))).unzip();
        editor.submit(product.roadmap, ops).await.unwrap();
        let candidate = |item: &ItemId| Candidate {
            item: *item,
            roadmap: product.roadmap,
            key: String::new(),
            title: "?".parse().unwrap(),
            cost: 1,
            withdrawn: false,
        };
        let draft = VotingDraft {
            title: "Next quarter".parse().unwrap(),
            question: "".parse().unwrap(),
            candidates: items.iter().map(candidate).collect(),
            rules: Rules { mode: Mode::Dots, tokens: 3, most: 0 },
            secrecy,
            reveal: Reveal::AtClose,
            weighted: false,
            split: None,
            quorum: 0,
            opens: None,
            closes: None,
            audience: Audience::Everybody,
            guests: true,
            refund: false,
        };
        let voting = editor.create_voting(draft).await.unwrap();
        editor.open_voting(voting).await.unwrap();
        let cookie = format!("cairn={}", owner.secret.reveal());
        Self { editor, items, voting, cookie }
    }

    /// The same people and items in another open session, whose set-up is changed before.
    async fn with(self, change: impl FnOnce(&mut VotingDraft)) -> Self {
        let mut draft = self.editor.voting(self.voting).await.unwrap().draft;
        change(&mut draft);
        let voting = self.editor.create_voting(draft).await.unwrap();
        self.editor.open_voting(voting).await.unwrap();
        Self { voting, ..self }
    }

    async fn cast(&self, viewer: &Viewer, amount: i64) {
        let choices = vec![Choice { item: self.items[0], amount }];
        viewer.cast(self.voting, id(CastId::new), choices).await.unwrap();
    }

    async fn guest(&self, app: &TestApp) -> Secret {
        let (_, code) = self.editor.make_entry(self.voting, None, None).await.unwrap();
        let arrival = Arrival { code, name: "Gil".into(), known: None, address: None };
        app.running.backend.votings().enter(arrival).await.unwrap().1
    }
}

async fn get(app: &TestApp, path: &str, cookie: &str) -> reqwest::Response {
    reqwest::Client::new().get(app.url(path)).header("cookie", cookie).send().await.unwrap()
}

/// A page that listens.
struct Events {
    response: reqwest::Response,
    text: String,
}

impl Events {
    async fn listen(app: &TestApp, voting: VotingId, cookie: &str) -> Self {
        let response = get(app, &format!("/voting/{voting}/events"), cookie).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-cache");
        Self { response, text: String::new() }
    }

    /// The next event, or `None` once the server has ended them.
    async fn next(&mut self) -> Option<VotingNews> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let data = event.strip_prefix("data: ").map(str::to_owned);
                self.text = rest.to_owned();
                match data {
                    Some(data) => return Some(serde_json::from_str(&data).expect("news of a session")),
                    None => continue,
                }
            }
            let chunk = tokio::time::timeout(ENOUGH, self.response.chunk()).await.expect("something comes");
            self.text += std::str::from_utf8(&chunk.ok()??).expect("events are text");
        }
    }

    async fn until(&mut self, is_so: impl Fn(&VotingNews) -> bool) -> VotingNews {
        loop {
            let news = self.next().await.expect("the server goes on");
            if is_so(&news) {
                return news;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn open_pages_hear_of_a_vote_until_the_server_stops() {
    let app = TestApp::start().await;
    let house = House::build(&app, Secrecy::Open).await;
    let guest = house.guest(&app).await;
    let mut member = Events::listen(&app, house.voting, &house.cookie).await;
    let cookie = format!("cairn-guest={}", guest.reveal());
    let mut page_of_guest = Events::listen(&app, house.voting, &cookie).await;
    let first = member.next().await.unwrap();
    assert_eq!((first.phase, first.turnout.cast, first.turnout.invited), (Phase::Open, 0, 2));

    let since = Instant::now();
    house.cast(&house.editor, 3).await;
    for events in [&mut member, &mut page_of_guest] {
        let news = events.until(|news| news.turnout.cast == 1).await;
        assert_eq!(news.tally.unwrap().lines[0].raw.0, 3_000);
    }
    assert!(since.elapsed() < Duration::from_secs(5), "{:?}", since.elapsed());
    house.editor.close_voting(house.voting).await.unwrap();
    let news = member.until(|news| news.phase == Phase::Revealed).await;
    assert!(news.revision > first.revision);

    let stopping = Instant::now();
    app.running.stop().await;
    assert!(member.next().await.is_none());
    assert!(stopping.elapsed() < Duration::from_secs(4), "events do not hold the server up");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_guest_follows_a_vote_in_so_many_tabs_and_no_more() {
    let app = TestApp::start().await;
    let house = House::build(&app, Secrecy::Open).await;
    let cookie = format!("cairn-guest={}", house.guest(&app).await.reveal());
    let path = format!("/voting/{}/events", house.voting);
    let mut held = Vec::new();
    let refused = loop {
        let answer = get(&app, &path, &cookie).await;
        if answer.status() != 200 {
            break answer;
        }
        held.push(answer);
        assert!(held.len() <= 100, "there is no bound");
    };
    assert!(held.len() >= 6, "a few tabs are nobody's fault: {}", held.len());
    assert_eq!(refused.status(), 429);
    assert!(refused.headers().contains_key("retry-after"));
    assert!(refused.text().await.unwrap().contains("Close some"));
    // Others are not held up, and what is closed is free again.
    let other = format!("cairn-guest={}", house.guest(&app).await.reveal());
    Events::listen(&app, house.voting, &other).await;
    Events::listen(&app, house.voting, &house.cookie).await;
    held.pop();
    let since = Instant::now();
    while get(&app, &path, &cookie).await.status() != 200 {
        assert!(since.elapsed() < ENOUGH);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_see_a_session_hears_nothing_of_it() {
    let app = TestApp::start().await;
    let house = House::build(&app, Secrecy::Sealed).await;
    let guest = house.guest(&app).await;
    let cookie = format!("cairn-guest={}", guest.reveal());
    let other = id(VotingId::new);
    for (path, cookie, expected) in [
        (format!("/voting/{}/events", house.voting), "", 401),
        (format!("/voting/{}/record.json", house.voting), "", 401),
        (format!("/voting/{other}/events"), &*cookie, 401),
        (format!("/voting/{other}/events"), &*house.cookie, 404),
        ("/voting/x/events".to_owned(), &*house.cookie, 404),
        (format!("/voting/{}/record.json", house.voting), &*house.cookie, 409),
        (format!("/voting/{}/result.csv", house.voting), &*cookie, 409),
        (format!("/voting/{}/ballots.csv", house.voting), &*house.cookie, 409),
        (format!("/voting/{}/ballots.csv", house.voting), &*cookie, 403),
    ] {
        assert_eq!(get(&app, &path, cookie).await.status(), expected, "{path}");
    }

    // Who signs out or is removed hears no more, even when there is nothing to hear.
    let ann = app.person("anna", Role::Owner).await;
    let mut events = Events::listen(&app, house.voting, &format!("cairn={}", ann.secret.reveal())).await;
    events.next().await.unwrap();
    app.running.backend.people().sign_out(&ann.secret).await.unwrap();
    assert!(events.next().await.is_none());
    let mut events = Events::listen(&app, house.voting, &cookie).await;
    events.next().await.unwrap();
    let voter = house.editor.voters(house.voting).await.unwrap()[0].id;
    house.editor.remove_voter(house.voting, voter).await.unwrap();
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    house.cast(&house.editor, 1).await;
    let ended = async {
        while let Some(news) = events.next().await {
            assert_eq!(news.turnout.cast, 0, "what came later is not told");
        }
    };
    tokio::time::timeout(ENOUGH, ended).await.expect("the events end");
    app.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_downloaded_record_is_counted_again_by_the_command_line() {
    let app = TestApp::start().await;
    let house = House::build(&app, Secrecy::Sealed).await;
    let guest = house.guest(&app).await;
    let sam = app.person("sam", Role::Stakeholder).await;
    let viewer = app.running.backend.people().authenticate(&sam.secret).await.unwrap().unwrap();
    house.cast(&viewer, 2).await;
    house.cast(&house.editor, 1).await;
    house.editor.close_voting(house.voting).await.unwrap();
    let path = |file: &str| format!("/voting/{}/{file}", house.voting);
    let of_sam = format!("cairn={}", sam.secret.reveal());
    let of_guest = format!("cairn-guest={}", guest.reveal());
    for (file, cookie, expected) in [
        ("record.json", &of_sam, 200),
        ("record.json", &of_guest, 200),
        ("result.json", &of_guest, 200),
        ("result.csv", &of_sam, 200),
        ("ballots.csv", &of_sam, 403),
        ("ballots.csv", &of_guest, 403),
        ("ballots.csv", &house.cookie, 200),
    ] {
        assert_eq!(get(&app, &path(file), cookie).await.status(), expected, "{file}");
    }
    let csv = get(&app, &path("result.csv"), &of_sam).await;
    assert!(csv.headers()["content-disposition"].to_str().unwrap().contains("result.csv"));
    let csv = csv.text().await.unwrap();
    assert!(csv.contains("1,ERP-1,Item 0,3,3,2,2,3,\r\n"), "{csv}");

    let file = app.folder.path().join("record.json");
    let text = get(&app, &path("record.json"), &of_guest).await.text().await.unwrap();
    fs::write(&file, &text).unwrap();
    let recount_with = |flags: &[&str]| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_cairn"));
        program.arg("recount").arg(&file).args(flags).current_dir(app.folder.path()).stdin(Stdio::null());
        let output = program.output().expect("cairn runs");
        let text = |bytes| String::from_utf8(bytes).expect("cairn writes text");
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let recount = || recount_with(&[]);
    let (code, said, _) = recount();
    assert_eq!(code, Some(0));
    assert!(said.contains("Next quarter: 2 ballots") && said.contains("ERP-1 Item 0"), "{said}");
    assert!(said.contains("2 of 3 voted\n"), "{said}");

    let original: RecordOfVoting = serde_json::from_str(&text).unwrap();
    let page = get(&app, &path("results"), &of_guest).await.text().await.unwrap();
    assert!(said.contains(&original.digest) && page.contains(&original.digest), "the same digest on both");
    let receipt = original.ballots[0].receipt.0.to_uppercase();
    let (code, ..) = recount_with(&["--digest", &original.digest.to_uppercase(), "--receipt", &receipt]);
    assert_eq!(code, Some(0));
    let (code, _, problems) =
        recount_with(&["--digest", &"0".repeat(64), "--receipt", "7f3a-0000-0000-0000-0000"]);
    assert_eq!(code, Some(1));
    assert!(problems.contains("not the record with the digest 0000"), "{problems}");
    assert!(problems.contains("no ballot with the receipt 7f3a-"), "{problems}");

    let mut record: RecordOfVoting = serde_json::from_str(&text).unwrap();
    record.ballots.pop();
    fs::write(&file, serde_json::to_string(&record).unwrap()).unwrap();
    let (code, _, problems) = recount();
    assert_eq!(code, Some(1));
    assert!(problems.contains("not what its ballots add up to"), "{problems}");
    fs::write(&file, "{}").unwrap();
    let (code, _, problems) = recount();
    assert_eq!(code, Some(1));
    assert!(problems.contains("is not the record of a voting session"), "{problems}");
    app.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_session_with_too_few_ballots_says_so_on_its_pages() {
    for casts in 1..3_usize {
        let app = TestApp::start().await;
        let house = House::build(&app, Secrecy::Secret).await;
        let sam = app.person("sam", Role::Stakeholder).await;
        let viewer = app.running.backend.people().authenticate(&sam.secret).await.unwrap().unwrap();
        house.cast(&viewer, 2).await;
        if casts == 2 {
            house.cast(&house.editor, 1).await;
        }
        house.editor.close_voting(house.voting).await.unwrap();
        for page in ["", "/results", "/present"] {
            let answer = get(&app, &format!("/voting/{}{page}", house.voting), &house.cookie).await;
            assert_eq!(answer.status(), 200, "{page}");
            let html = answer.text().await.unwrap();
            assert!(html.contains("Too few people voted"), "{page}: {html}");
            assert!(!html.contains("Apply this order"), "{page}");
        }
        app.running.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_says_so_while_traces_of_a_secret_session_are_removed() {
    let app = TestApp::start().await;
    let house = House::build(&app, Secrecy::Secret).await;
    house.cast(&house.editor, 2).await;
    let file = format!("sqlite://{}/cairn.db", app.folder.path().display());
    let mut reader = SqliteConnection::connect(&file).await.unwrap();
    reader.execute("BEGIN").await.unwrap();
    reader.fetch_one("SELECT count(*) FROM voting").await.unwrap();
    house.editor.close_voting(house.voting).await.unwrap();
    let path = format!("/voting/{}", house.voting);
    let says_so =
        async || get(&app, &path, &house.cookie).await.text().await.unwrap().contains("Removing traces…");
    assert!(says_so().await, "somebody still reads the log");
    reader.close().await.unwrap();
    let removed = async { while says_so().await {} };
    tokio::time::timeout(ENOUGH, removed).await.expect("the traces are removed");
}

#[tokio::test(flavor = "multi_thread")]
async fn small_groups_and_few_grades_are_said_where_they_count() {
    let app = TestApp::start().await;
    let house = House::build(&app, Secrecy::Secret).await;
    let change = |draft: &mut VotingDraft| {
        draft.rules = Rules { mode: Mode::Importance, tokens: 0, most: 0 };
        (draft.split, draft.weighted) = (Some(SegmentKind::Department), true);
    };
    let house = house.with(change).await;
    let voting = house.voting;
    let page = async |path: &str| get(&app, path, &house.cookie).await.text().await.unwrap();
    let small = "segments with fewer than 3 voters are counted with everybody else, at weight 1";
    for path in ["/voting/new?product=ERP".to_owned(), format!("/voting/{voting}")] {
        assert!(page(&path).await.contains(small), "{path}");
    }
    for name in ["sam", "sue", "sid"] {
        let person = app.person(name, Role::Stakeholder).await;
        let viewer = app.running.backend.people().authenticate(&person.secret).await.unwrap().unwrap();
        house.cast(&viewer, 2).await;
    }
    let both = [3, 1].iter().zip(&house.items).map(|(amount, item)| Choice { item: *item, amount: *amount });
    house.editor.cast(voting, id(CastId::new), both.collect()).await.unwrap();
    house.editor.close_voting(voting).await.unwrap();
    let results = page(&format!("/voting/{voting}/results")).await;
    assert!(results.contains(small), "{results}");
    assert!(results.contains("graded by only 1 of 4"), "{results}");
    app.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_that_still_moves_does_not_speak_as_if_it_were_over() {
    let app = TestApp::start().await;
    let house = House::build(&app, Secrecy::Open).await;
    app.person("sam", Role::Stakeholder).await;
    let house = house
        .with(|draft| {
            (draft.quorum, draft.closes) = (51, Some(domain::Timestamp(backend::now().0 + 86_400_000)))
        })
        .await;
    let voting = house.voting;
    house.cast(&house.editor, 1).await;
    let html = get(&app, &format!("/voting/{voting}/results"), &house.cookie).await.text().await.unwrap();
    assert!(html.contains("The quorum of 51 % is not reached yet.") && html.contains("Closes "), "{html}");
    assert!(!html.contains("was missed") && !html.contains(">Closed "), "{html}");
    app.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missed_quorum_is_shown_wherever_the_result_is() {
    let app = TestApp::start().await;
    let house = House::build(&app, Secrecy::Sealed).await;
    app.person("sam", Role::Stakeholder).await;
    let house = house.with(|draft| draft.quorum = 51).await;
    let voting = house.voting;
    house.cast(&house.editor, 1).await;
    house.editor.close_voting(voting).await.unwrap();
    for page in ["", "/results", "/present"] {
        let html = get(&app, &format!("/voting/{voting}{page}"), &house.cookie).await.text().await.unwrap();
        assert!(html.contains("The quorum of 51 % was missed"), "{page}: {html}");
    }
    let html = get(&app, &format!("/voting/{voting}"), &house.cookie).await.text().await.unwrap();
    assert!(html.contains("Apply anyway"), "the order is taken on confirmation only");
    let csv = get(&app, &format!("/voting/{voting}/result.csv"), &house.cookie).await.text().await.unwrap();
    assert!(csv.contains(",1,2,51 % missed\r\n"), "{csv}");
    let take = async |body: String| {
        let request = reqwest::Client::new().post(app.url("/api/take_order")).body(body);
        let request = request.header("content-type", "application/json").header("accept", "application/json");
        request.header("cookie", &house.cookie).send().await.unwrap().status().as_u16()
    };
    assert_eq!(take(format!(r#"{{"id":"{voting}"}}"#)).await, 409);
    assert_eq!(take(format!(r#"{{"id":"{voting}","despite_quorum":true}}"#)).await, 200);
    app.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_budget_of_one_voter_says_what_fits_and_how_firm_that_is() {
    let app = TestApp::start().await;
    let house = House::build(&app, Secrecy::Sealed).await;
    let house = house.with(|draft| draft.rules = Rules { mode: Mode::Budget, tokens: 1, most: 0 }).await;
    let voting = house.voting;
    house.cast(&house.editor, 1).await;
    house.editor.close_voting(voting).await.unwrap();
    for page in ["", "/results"] {
        let html = get(&app, &format!("/voting/{voting}{page}"), &house.cookie).await.text().await.unwrap();
        for sentence in [
            "1 item for 1 of the 1 token a voter has, taken in the order of the result.",
            "✓ fits",
            "does not fit",
            "One different ballot would make another item win.",
        ] {
            assert!(html.contains(sentence), "{sentence}: {page}: {html}");
        }
        assert!(!html.contains("Talk about these first"), "one voter disagrees with nobody: {page}");
    }
    app.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_weighted_result_says_how_many_ballots_there_are_and_what_they_weigh() {
    let app = TestApp::start().await;
    let house = House::build(&app, Secrecy::Sealed).await;
    let sam = app.person("sam", Role::Stakeholder).await;
    let viewer = app.running.backend.people().authenticate(&sam.secret).await.unwrap().unwrap();
    let (kind, name) = (SegmentKind::Department, "Sales".parse().unwrap());
    let sales = house.editor.save_segment(None, kind, name, "2.5".parse().unwrap()).await.unwrap();
    house.editor.assign_segment(sam.id, kind, Some(sales)).await.unwrap();
    let house = house.with(|draft| (draft.split, draft.weighted) = (Some(kind), true)).await;
    let voting = house.voting;
    house.cast(&viewer, 2).await;
    house.cast(&house.editor, 1).await;
    house.editor.close_voting(voting).await.unwrap();
    let html = get(&app, &format!("/voting/{voting}/results"), &house.cookie).await.text().await.unwrap();
    assert!(html.contains("2 ballots weigh 3.5 in all, by the weights of the opening."), "{html}");
    app.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_set_up_still_shows_the_items_of_a_product_that_was_archived() {
    let app = TestApp::start().await;
    let house = House::build(&app, Secrecy::Sealed).await;
    let draft = house.editor.voting(house.voting).await.unwrap().draft;
    let planned = house.editor.create_voting(draft).await.unwrap();
    house.editor.set_archived(&"ERP".parse().unwrap(), true).await.unwrap();
    for voting in [planned, house.voting] {
        let answer = get(&app, &format!("/voting/{voting}/setup"), &house.cookie).await;
        assert_eq!(answer.status(), 200);
        let html = answer.text().await.unwrap();
        for (key, title) in [("ERP-1", "Item 0"), ("ERP-2", "Item 1")] {
            let row = html.split("<li").find(|row| row.contains(&format!("value=\"{key}\"")));
            let row = row.unwrap_or_else(|| panic!("{key} is not in {html}"));
            assert!(row.contains(" checked") && row.contains(&format!(">{title}<")), "{row}");
        }
    }
    app.running.stop().await;
}

/// Posts a form as a browser without the application does, and follows it back to its page with the cookie it was given. The
/// cookie as it was set, and the page.
async fn refused(app: &TestApp, function: &str, page: &str, cookie: &str, form: String) -> (String, String) {
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let answer = client
        .post(app.url(&format!("/api/{function}")))
        .header("accept", "text/html")
        .header("referer", app.url(page))
        .header("content-type", "application/x-www-form-urlencoded")
        .header("cookie", cookie)
        .body(form)
        .send()
        .await
        .unwrap();
    assert_eq!((answer.status().as_u16(), answer.headers()["location"].to_str().unwrap()), (303, page));
    let set = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
    let cookies = format!("{cookie}; {}", set.split(';').next().unwrap());
    let html = get(app, page, &cookies).await.text().await.unwrap();
    (set, html)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_ballot_loses_nothing_and_no_cookie_holds_it() {
    let app = TestApp::start().await;
    let house = House::build(&app, Secrecy::Secret).await;
    let page = format!("/voting/{}", house.voting);
    let [one, two] = [house.items[0], house.items[1]];
    let cast = id(CastId::new);
    let form = format!("id={}&cast={cast}&amounts%5Bid-{one}%5D=2&amounts%5Bid-{two}%5D=7", house.voting);
    let (set, html) = refused(&app, "cast_ballot", &page, &house.cookie, form).await;
    let value = set.split(['=', ';']).nth(1).unwrap();
    assert_eq!(value.len(), 43, "a random number and nothing else: {set}");
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax"), "{set}");
    for amount in ["value=\"2\"", "value=\"7\""] {
        assert!(html.contains(amount), "{amount} is on the page");
    }
    app.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_join_link_that_other_sites_load_tries_no_code() {
    let app = TestApp::start().await;
    let house = House::build(&app, Secrecy::Sealed).await;
    let (_, code) = house.editor.make_entry(house.voting, None, None).await.unwrap();
    let right = get(&app, &format!("/join/{code}"), "").await.text().await.unwrap();
    for n in 0..60 {
        let wrong = get(&app, &format!("/join/WRON-G{n:03}"), "").await;
        assert_eq!(wrong.status(), 200);
        if n == 0 {
            let wrong = wrong.text().await.unwrap().replace("WRON-G000", &code);
            let shown = |html: &str| html.split("<main").nth(1).unwrap_or(html).matches("Join").count();
            assert_eq!(shown(&wrong), shown(&right), "a page does not show whether a code exists");
            assert!(right.contains(&format!("value=\"{code}\"")), "the code is in the form");
        }
    }
    let form = "code=WRON-GXXX&name=Gil".to_owned();
    let (set, html) = refused(&app, "enter_voting", "/join", "", form).await;
    assert!(html.contains("There is no such code") && html.contains("value=\"WRON-GXXX\""), "{html}");
    assert!(!set.contains("WRON"), "{set}");
    let request =
        reqwest::Client::new().post(app.url("/api/enter_voting")).body(format!("code={code}&name=Gil"));
    let entered = request.header("content-type", "application/x-www-form-urlencoded").send().await.unwrap();
    assert_eq!(entered.status(), 200, "the network still has its guesses");
    app.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn guests_are_called_guests_by_a_tidied_name() {
    let app = TestApp::start().await;
    let house = House::build(&app, Secrecy::Sealed).await;
    let (_, code) = house.editor.make_entry(house.voting, None, None).await.unwrap();
    let enter = async |name: &str| {
        let arrival = Arrival { code: code.clone(), name: name.into(), known: None, address: None };
        app.running.backend.votings().enter(arrival).await
    };
    assert!(enter("\u{202e}\u{200b} ").await.is_err(), "nothing of this name can be seen");
    enter(" Gil \u{202e}\u{200b} Gray\u{2066}").await.unwrap();
    let html = get(&app, &format!("/voting/{}", house.voting), &house.cookie).await.text().await.unwrap();
    assert!(html.contains("Guests (1)") && html.contains("Gil Gray"), "{html}");
    assert!(!html.contains('\u{202e}') && !html.contains('\u{2066}'));
    app.running.stop().await;
}
