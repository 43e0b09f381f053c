//! Moments on pages: each is in a `<time>` that knows it exactly, from which the page's script makes the reader's own.

use std::collections::BTreeSet;

use backend::people::NewInvitation;
use domain::{
    RecordChange, Role, Timestamp, VIEW, Value,
    voting::{Phase, Reveal},
};
use reqwest::{Client, redirect::Policy};
use server::{Settings, start};

use crate::support::{TestApp, settings};

const DAY: i64 = 24 * 60 * 60 * 1_000;

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Attributes that are shown or read aloud.
const SAID: [&str; 5] = ["title", "aria-label", "aria-valuetext", "placeholder", "alt"];

/// Every route of the application, as its source has them. Those within others begin without a slash.
fn routes() -> impl Iterator<Item = &'static str> {
    let source = include_str!("../../../app/src/shell.rs");
    source.split("path!(\"").skip(1).filter_map(|rest| rest.split('"').next())
}

/// What a page says outside of its `<time>` elements, and within them beside the moments they stand for.
#[derive(Debug, Default)]
struct Said {
    outside: Vec<String>,
    moments: Vec<(String, String)>,
}

impl Said {
    fn of(html: &str) -> Self {
        let mut said = Self::default();
        let (mut rest, mut in_time) = (html, false);
        while let Some((text, markup)) = rest.split_once('<') {
            match said.moments.last_mut() {
                Some((_, written)) if in_time => written.push_str(text),
                _ => said.outside.push(text.to_owned()),
            }
            let (tag, after) = markup.split_once('>').unwrap_or((markup, ""));
            rest = match tag.split([' ', '\n']).next() {
                Some("script") => after.split_once("</script>").map_or("", |(_, after)| after),
                Some("style") => after.split_once("</style>").map_or("", |(_, after)| after),
                _ => after,
            };
            if tag.starts_with("time") {
                said.moments.push((attribute(tag, "datetime").unwrap_or_default().to_owned(), String::new()));
            }
            in_time = (in_time || tag.starts_with("time")) && tag != "/time";
            said.outside.extend(SAID.iter().filter_map(|name| attribute(tag, name)).map(str::to_owned));
        }
        said
    }
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let (_, value) = tag.split_once(&format!(" {name}=\""))?;
    value.split('"').next()
}

/// Whether there is a time of day: a colon behind a digit, before two and no third.
fn has_hour(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    (1..bytes.len()).any(|at| {
        bytes[at] == b':' && is_digit(at - 1) && is_digit(at + 1) && is_digit(at + 2) && !is_digit(at + 3)
    })
}

/// How a moment is written until the page's script writes it.
fn written(datetime: &str) -> Option<String> {
    let utc = Timestamp::from_utc_minute(datetime.get(..16)?).filter(|_| datetime.ends_with('Z'))?.utc();
    let month = MONTHS[usize::from(utc.date.month().unsigned_abs()) - 1];
    Some(format!("{} {month} {}, {:02}:{:02} UTC", utc.date.day(), utc.date.year(), utc.hour, utc.minute))
}

/// Whether a text is a whole moment, or its day or its time alone, as where days are headings.
fn is_part(whole: &str, text: &str) -> bool {
    text == whole || whole.split(", ").any(|part| part == text)
}

#[test]
fn times_of_day_are_found_wherever_they_are_said() {
    for time in ["21 Nov 2026, 23:06 UTC", "at 7:05", "2026-11-21T23:06:00Z"] {
        assert!(has_hour(time), "{time}");
    }
    for other in ["", ":", "1:2", "http://127.0.0.1:3000/", "Links: 20", "3 h 05 min", "é:00"] {
        assert!(!has_hour(other), "{other}");
    }
    let said = Said::of(
        "<p title=\"at 7:05\">a<!>b <time datetime=\"2026-11-21T23:06:00.000Z\">21 <!>Nov</time> c</p>\
         <script>x = '8:00'</script><i aria-label=\"d\"></i>",
    );
    assert_eq!(said.outside.concat(), "at 7:05ab  cd");
    assert_eq!(said.moments, [("2026-11-21T23:06:00.000Z".to_owned(), "21 Nov".to_owned())]);
    assert_eq!(written(&said.moments[0].0).as_deref(), Some("21 Nov 2026, 23:06 UTC"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_time_on_every_page_is_in_an_element_that_knows_it() {
    let folder = tempfile::tempdir().unwrap();
    let demo = Settings { demo: true, ..settings(&folder, "127.0.0.1:0".parse().unwrap()) };
    let app = TestApp { running: start(demo).await.unwrap(), folder };
    let people = app.running.backend.people();
    let owner = people.first_owner().await.unwrap();
    let made = owner.invite(&[NewInvitation::personal(Role::Viewer, None)]).await.unwrap();

    // Beside the votes that are open and revealed: one that is not open yet, and one that is not revealed.
    let running = owner.votings().await.unwrap().into_iter().find(|vote| vote.phase == Phase::Open).unwrap();
    let revealed = owner.votings().await.unwrap().into_iter().find(|vote| vote.phase == Phase::Revealed);
    let mut draft = owner.voting(running.id).await.unwrap().draft;
    let in_days = |days: i64| Some(Timestamp(backend::now().0 + days * DAY));
    (draft.opens, draft.closes) = (in_days(1), in_days(2));
    let planned = owner.create_voting(draft.clone()).await.unwrap();
    owner.open_voting(planned).await.unwrap();
    (draft.opens, draft.reveal) = (None, Reveal::ByHand);
    let counted = owner.create_voting(draft).await.unwrap();
    owner.open_voting(counted).await.unwrap();
    owner.close_voting(counted).await.unwrap();

    let votings: Vec<String> =
        owner.votings().await.unwrap().iter().map(|vote| vote.id.to_string()).collect();
    assert_eq!(votings.len(), 4);
    let (planned, revealed) = (planned.to_string(), revealed.unwrap().id.to_string());
    let shop = "SHOP".parse().unwrap();
    let name = Some(Value::Text("Plan".to_owned()));
    let named = vec![RecordChange { field: "name".parse().unwrap(), was: None, to: name }];
    let view =
        owner.save_product_record(&VIEW, Some(&shop), None, named).await.unwrap().record.id.to_string();
    let mut paths = BTreeSet::new();
    for route in routes().filter(|route| !route.is_empty()) {
        let route = if route.starts_with('/') { route.to_owned() } else { format!("/p/:key/{route}") };
        for (key, voting) in
            ["ERP", "FARM", "SHOP"].iter().flat_map(|key| votings.iter().map(move |id| (key, id)))
        {
            // Of one product every item, so that those with comments are among them.
            let items = if *key == "SHOP" { 12 } else { 1 };
            for number in 1..=items {
                let path = route.replace(":item", &format!("{key}-{number}")).replace(":key", key);
                let path = path.replace(":id", voting).replace(":token", made[0].1.reveal());
                let path = path.replace(":quarter", "2027-Q1");
                paths.insert(path.replace(":code", "ABCD-EFGH").replace(":view", &view));
            }
        }
    }
    paths.extend([
        "/p/FARM/past?at=9&until=40".to_owned(),
        format!("/voting/{revealed}/results?compare={planned}"),
    ]);
    assert!(paths.len() > 50 && paths.iter().all(|path| !path.contains(':')), "{paths:?}");

    let client = Client::builder().redirect(Policy::none()).build().unwrap();
    let mut wrong = Vec::new();
    let mut with_moments = BTreeSet::new();
    for role in [None, Some(Role::Owner), Some(Role::Stakeholder)] {
        let cookie = match role {
            Some(role) => format!("cairn={}", people.demo_sign_in(role, None).await.unwrap().secret.reveal()),
            None => String::new(),
        };
        for path in &paths {
            let request = client.get(app.url(path)).header("accept", "text/html").header("cookie", &cookie);
            let said = Said::of(&request.send().await.unwrap().text().await.unwrap());
            let outside = said.outside.iter().filter(|text| has_hour(text));
            wrong.extend(outside.map(|text| format!("{path} as {role:?}: {text}")));
            for (datetime, text) in &said.moments {
                if !written(datetime).is_some_and(|whole| is_part(&whole, text)) {
                    wrong.push(format!("{path} as {role:?}: {text:?} of {datetime:?}"));
                }
                with_moments.insert(path.as_str());
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let of_sessions =
        [format!("/voting/{planned}"), format!("/voting/{revealed}"), format!("/voting/{revealed}/results")];
    let others =
        ["/account", "/people", "/voting", "/p/ERP/history", "/p/ERP/past", "/p/ERP/bin"].map(str::to_owned);
    for path in others.iter().chain(&of_sessions) {
        assert!(with_moments.contains(path.as_str()), "{path} shows no time");
    }
    assert!(with_moments.iter().any(|path| path.contains("/i/")), "no comment shows its time");
    app.running.stop().await;
}
