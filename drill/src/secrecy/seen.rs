//! What somebody who looks on can see, without what is different every time.

use std::{collections::BTreeMap, sync::LazyLock, time::Duration};

use anyhow::{Result, ensure};
use domain::{RoadmapId, VotingId};
use regex::Regex;
use reqwest::{
    Response,
    header::{ACCEPT, CONTENT_TYPE, COOKIE, ORIGIN},
};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::{server::Server, session::http_client, votes::KEY};

/// Observations by who looked at what, and when.
#[derive(Debug, Default)]
pub(super) struct Seen {
    observations: BTreeMap<String, String>,
    /// Whether a page or a function was ever shown to somebody, rather than refused to all.
    shown: BTreeMap<String, bool>,
    /// Ids that were given while somebody looked on, and what they are compared as.
    ids: Vec<(String, String)>,
}

impl Seen {
    /// Adds what was seen, made comparable.
    pub(super) fn add(&mut self, what: &str, seen: &str) {
        let seen = self.comparable(seen);
        self.observations.insert(what.to_owned(), seen);
    }

    /// Adds lines that lie in an order of chance.
    pub(super) fn add_lines(&mut self, what: &str, lines: impl Iterator<Item = String>) {
        let mut lines: Vec<String> = lines.map(|line| self.comparable(&line)).collect();
        lines.sort();
        self.observations.insert(what.to_owned(), lines.join("\n"));
    }

    /// From now on overlooks which id somebody has.
    pub(super) fn overlook(&mut self, id: &str, name: String) {
        self.ids.push((id.to_owned(), name));
    }

    fn comparable(&self, text: &str) -> String {
        let text = self.ids.iter().fold(text.to_owned(), |text, (id, name)| text.replace(id, name));
        comparable(&text)
    }

    pub(super) fn len(&self) -> usize {
        self.observations.len()
    }

    /// Pages and functions that nobody was ever shown.
    pub(super) fn never_shown(&self) -> Vec<&str> {
        self.shown.iter().filter(|(_, shown)| !**shown).map(|(what, _)| what.as_str()).collect()
    }
}

/// The first observation that differs, and where.
pub(super) fn difference(one: &Seen, other: &Seen) -> Option<String> {
    let names = one.observations.keys().chain(other.observations.keys());
    names.into_iter().find_map(|name| {
        let (a, b) = (one.observations.get(name), other.observations.get(name));
        if a == b {
            return None;
        }
        let (a, b) = (a.map_or("", String::as_str), b.map_or("", String::as_str));
        let same = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
        let around = |text: &str| text.chars().skip(same.saturating_sub(120)).take(300).collect::<String>();
        Some(format!("{name}, from character {same}:\n  {}\n  {}", around(a), around(b)))
    })
}

/// What is different every time, whoever chose what: random ids and numbers, moments, the server's port.
fn comparable(text: &str) -> String {
    static VARYING: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
        let patterns = [
            (r"127\.0\.0\.1:\d+", "<host>"),
            // Receipts before other numbers: groups of four hexadecimal digits.
            (r"\b[0-9a-f]{4}(-[0-9a-f]{4}){4}\b", "<receipt>"),
            // Only the number of the next cast; all other ids were there before the folder was copied.
            (
                r#"(?<before>cast\W{1,6}(value=\W{1,2})?)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"#,
                "$before<id>",
            ),
            (r"\b[0-9a-f]{20,}\b", "<hex>"),
            (r#"(nonce|crossorigin)="[^"]*""#, "<nonce>"),
            (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?Z?", "<time>"),
            (r"\b1[0-9]{12}\b", "<time>"),
            (r"\b\d\d:\d\d\b", "<time>"),
            // How long stopping took.
            (r"\bstopped [^\n]*", "stopped"),
        ];
        patterns
            .into_iter()
            .map(|(pattern, mark)| (Regex::new(pattern).expect("the pattern is right"), mark))
            .collect()
    });
    let text = VARYING
        .iter()
        .fold(text.to_owned(), |text, (pattern, mark)| pattern.replace_all(&text, *mark).into_owned());
    with_ballots_in_order(&text)
}

/// Published ballots come by their receipts, which are made of chance; here by what they hold.
fn with_ballots_in_order(text: &str) -> String {
    const LIST: &str = "\"ballots\":";
    let Some((before, after)) = text.split_once(LIST) else { return text.to_owned() };
    let mut values = serde_json::Deserializer::from_str(after).into_iter::<Value>();
    let (ballots, rest) = match values.next() {
        Some(Ok(Value::Array(mut ballots))) => {
            ballots.sort_by_cached_key(Value::to_string);
            (Value::Array(ballots).to_string(), &after[values.byte_offset()..])
        }
        // A number of ballots.
        _ => (String::new(), after),
    };
    format!("{before}{LIST}{ballots}{}", with_ballots_in_order(rest))
}

/// Events without those of which the clock alone says whether they come: the comments when nothing else has come for a while,
/// the moment between the end of a session, which is set when it is closed, and its count, and the one between a guest's coming
/// and the ballot cast at once.
fn without_matters_of_time(frames: &str) -> String {
    static TURNOUT: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#""invited":(?<invited>\d+),"cast":(?<cast>\d+)"#).expect("the pattern is right")
    });
    let is_ending = |frame: &str| frame.contains(r#""phase":"open""#) && !frame.contains(r#""closes":null"#);
    let mut last: Option<(u64, u64)> = None;
    let mut only_came = |frame: &str| {
        let figures = TURNOUT.captures(frame);
        let now =
            figures.and_then(|found| Some((found["invited"].parse().ok()?, found["cast"].parse().ok()?)));
        let came = matches!((last, now), (Some(last), Some(now)) if now.0 > last.0 && now.1 == last.1);
        last = now.or(last);
        came
    };
    let kept = frames
        .split("\n\n")
        .filter(|frame| !frame.starts_with(':') && !is_ending(frame) && !only_came(frame));
    kept.collect::<Vec<_>>().join("\n\n")
}

/// Where there is something to be seen.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) voting: VotingId,
    /// Whose items are voted on.
    pub(super) roadmap: RoadmapId,
    /// Lets guests in.
    pub(super) code: String,
}

/// Somebody who may see the session, but whose ballot it is not about.
#[derive(Debug)]
pub(super) struct Observer {
    name: &'static str,
    http: reqwest::Client,
    origin: String,
    cookie: String,
    place: Place,
    events: Option<Response>,
}

impl Observer {
    pub(super) fn new(name: &'static str, server: &Server, cookie: &str, place: &Place) -> Result<Self> {
        let (origin, cookie) = (server.origin(), cookie.to_owned());
        Ok(Self { name, http: http_client()?, origin, cookie, place: place.clone(), events: None })
    }

    /// Begins to listen to what is told of the session as it happens.
    pub(super) async fn listen(&mut self) -> Result<()> {
        let path = format!("{}/voting/{}/events", self.origin, self.place.voting);
        let request = self.http.get(path).header(COOKIE, &self.cookie).header(ACCEPT, "text/event-stream");
        let events = request.send().await?;
        ensure!(events.status() == 200, "{} may not listen: {}", self.name, events.status());
        self.events = Some(events);
        Ok(())
    }

    /// Adds everything that was told since.
    pub(super) async fn heard(&mut self, seen: &mut Seen) -> Result<()> {
        const SILENCE: Duration = Duration::from_millis(600);
        let Some(events) = &mut self.events else { return Ok(()) };
        let mut frames = String::new();
        while let Ok(Some(bytes)) = timeout(SILENCE, events.chunk()).await.unwrap_or(Ok(None)) {
            frames.push_str(&String::from_utf8_lossy(&bytes));
        }
        ensure!(frames.contains("data:"), "{} was told nothing", self.name);
        seen.add(&format!("{}: events", self.name), &without_matters_of_time(&frames));
        Ok(())
    }

    /// Loads whatever there is to be loaded.
    pub(super) async fn look(&self, seen: &mut Seen, when: &str) -> Result<()> {
        let Place { voting, roadmap, code } = &self.place;
        let pages = [
            "/".to_owned(),
            "/voting".to_owned(),
            "/voting/new".to_owned(),
            format!("/voting/{voting}"),
            format!("/voting/{voting}/setup"),
            format!("/voting/{voting}/customer"),
            format!("/voting/{voting}/results"),
            format!("/voting/{voting}/present"),
            format!("/voting/{voting}/record.json"),
            format!("/voting/{voting}/result.json"),
            format!("/voting/{voting}/result.csv"),
            format!("/voting/{voting}/ballots.csv"),
            "/segments".to_owned(),
            "/join".to_owned(),
            format!("/join/{code}"),
            format!("/p/{KEY}"),
            format!("/p/{KEY}/history"),
            format!("/p/{KEY}/export.csv"),
            format!("/p/{KEY}/export.json"),
        ];
        for page in pages {
            let request = self.http.get(format!("{}{page}", self.origin)).header(COOKIE, &self.cookie);
            let answer = request.header(ACCEPT, "text/html,*/*").send().await?;
            self.add(seen, when, &page, answer).await?;
        }
        for (function, question) in [
            ("votings", json!({})),
            ("waiting_votes", json!({})),
            ("voting", json!({ "id": voting })),
            ("running_votes", json!({ "roadmap": roadmap })),
            ("voting_setup", json!({ "id": voting, "products": [] })),
            ("customer_ballot", json!({ "id": voting })),
            ("voting_results", json!({ "id": voting, "compare": null, "receipt": null })),
            ("presentation", json!({ "id": voting })),
            ("segments", json!({})),
        ] {
            let request =
                self.http.post(format!("{}/api/{function}", self.origin)).body(question.to_string());
            let request = request.header(CONTENT_TYPE, "application/json").header(ORIGIN, &self.origin);
            let answer =
                request.header(ACCEPT, "application/json").header(COOKIE, &self.cookie).send().await?;
            self.add(seen, when, function, answer).await?;
        }
        Ok(())
    }

    async fn add(&self, seen: &mut Seen, when: &str, what: &str, answer: Response) -> Result<()> {
        let status = answer.status();
        ensure!(!status.is_server_error(), "{what} answers {status} to {}", self.name);
        *seen.shown.entry(what.to_owned()).or_default() |= status == 200;
        // How long the answer is can be seen from outside even where it is encrypted.
        let body = answer.text().await?;
        seen.add(
            &format!("{}, {when}: {what}", self.name),
            &format!("{status}, {} bytes\n{body}", body.len()),
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_random_is_overlooked() {
        let id = "01938a4e-8000-7000-8000-000000000101";
        let text = format!(
            r#"<p nonce="a/b+c">7f3a-91c2-0000-aaaa-bbbb of {id} at 1795000000000: 3 dots, "cast":"{id}"</p>"#
        );
        let expected = format!(r#"<p <nonce>><receipt> of {id} at <time>: 3 dots, "cast":"<id>"</p>"#);
        assert_eq!(comparable(&text), expected);
    }

    #[test]
    fn the_order_of_published_ballots_is_that_of_chance() {
        let (one, other) =
            (r#"{"ballots": [{"a":2}, {"a":1}], "b": 1}"#, r#"{"ballots": [{"a":1}, {"a":2}], "b": 1}"#);
        assert_eq!(comparable(one), comparable(other));
        assert_ne!(comparable(one), comparable(&one.replace('2', "3")));
        assert_eq!(comparable(r#"{"ballots":3}"#), r#"{"ballots":3}"#);
    }

    #[test]
    fn what_comes_by_the_clock_is_overlooked_and_other_events_are_not() {
        assert_eq!(without_matters_of_time("data: 1\n\n:\n\ndata: 2\n\n"), "data: 1\n\ndata: 2\n\n");
        let [open, ending, over] = [("open", "null"), ("open", "1"), ("revealed", "1")]
            .map(|(phase, closes)| format!(r#"data: {{"phase":"{phase}","closes":{closes}}}"#));
        let all = format!("{open}\n\n{ending}\n\n{over}\n\n");
        assert_eq!(without_matters_of_time(&all), format!("{open}\n\n{over}\n\n"));
        let [none, came, cast] = [(3, 0), (4, 0), (4, 1)]
            .map(|(invited, cast)| format!(r#"data: {{"turnout":{{"invited":{invited},"cast":{cast}}}}}"#));
        let (apart, together) = (format!("{none}\n\n{came}\n\n{cast}"), format!("{none}\n\n{cast}"));
        assert_eq!(without_matters_of_time(&apart), together);
        assert_eq!(without_matters_of_time(&together), together);
    }

    #[test]
    fn who_came_meanwhile_is_compared_by_name() {
        let mut seen = Seen::default();
        seen.overlook("01938a4e-8000-7000-8000-000000000101", "<guest 3>".to_owned());
        seen.add("page", "01938a4e-8000-7000-8000-000000000101 came");
        assert_eq!(seen.observations["page"], "<guest 3> came");
    }

    #[test]
    fn a_difference_is_told_with_its_place() {
        let (mut one, mut other) = (Seen::default(), Seen::default());
        one.add("page", "three dots");
        other.add("page", "three votes");
        assert!(difference(&one, &other).is_some_and(|told| told.contains("from character 6")));
        other.add("page", "three dots");
        assert_eq!(difference(&one, &other), None);
    }
}
