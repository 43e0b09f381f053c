//! Somebody who keeps records beside those who edit boards, and decides who sees a product: teams are made and changed, and a
//! product is hidden and shown. A witness knows what was asked and what was answered. Whatever befell the server, each
//! change that was acknowledged is in the history once, no other more than once, and members who must not see the product do not.

use std::{
    collections::{BTreeMap, BTreeSet},
    convert::Infallible,
    sync::{Arc, LazyLock, Mutex},
    time::Duration,
};

use anyhow::{Context as _, Result, bail, ensure};
use regex::Regex;
use serde::Deserialize;
use serde_json::json;
use tokio::time::sleep;

use crate::{page::lock, server::Server, session::Session};

/// Between two changes of one person.
const PAUSE: Duration = Duration::from_millis(15);

/// How often what does not fit is read once more.
const TRIES: u32 = 3;

/// The most teams: what a long drill adds is their history.
const MOST_TEAMS: usize = 12;

/// The product that is hidden and shown.
const HIDDEN: &str = "HIDDEN";

/// How long another process may take to hear of a change of access.
const PATIENCE: u32 = 60;

/// A member who edits records at a server.
#[derive(Clone, Debug)]
pub(crate) struct Clerk {
    session: Session,
    book: Arc<Mutex<Book>>,
    /// Whether this one hides and shows the product: one does.
    decides: bool,
}

/// What the witness knows.
#[derive(Debug, Default)]
pub(crate) struct Book {
    /// Changes by their mark, and the team that each is of; none for one that makes a team.
    asked: BTreeMap<String, Option<String>>,
    answered: BTreeSet<String>,
    /// Since all was [settled](Clerk::settle).
    since: BTreeSet<String>,
    /// Ids of the teams that were seen.
    teams: Vec<String>,
    /// Whether the product may be visible, by what was answered last and asked since.
    visible: Vec<bool>,
    faults: Vec<String>,
}

/// A page of records: the list, or a history that the server draws.
#[derive(Debug, Deserialize)]
struct Page {
    shown: Shown,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Shown {
    List { records: Vec<Record> },
    Plain { html: String },
}

#[derive(Debug, Deserialize)]
struct Record {
    id: String,
    values: BTreeMap<String, serde_json::Value>,
}

impl Clerk {
    /// Makes the first teams and the product.
    pub(crate) async fn begin(session: Session) -> Result<Self> {
        session.create_product(HIDDEN).await?;
        let book = Book { visible: vec![true], ..Book::default() };
        let clerk = Self { session, book: Arc::new(Mutex::new(book)), decides: true };
        for _ in 0..3 {
            clerk.change_a_team().await;
        }
        clerk.compare_at(&clerk.session).await?;
        Ok(clerk)
    }

    /// A colleague at another server, with the same book.
    pub(crate) fn at(&self, server: &Server) -> Self {
        Self { session: self.session.at(server), book: self.book.clone(), decides: false }
    }

    /// Changes one thing after the other, for as long as somebody waits for the end, which does not come.
    pub(crate) async fn work(&self) -> Infallible {
        loop {
            for _ in 0..4 {
                self.change_a_team().await;
                sleep(PAUSE).await;
            }
            if self.decides {
                self.change_access().await;
            }
        }
    }

    async fn change_a_team(&self) {
        let (mark, form) = lock(&self.book).ask();
        let answer = self.session.submit::<serde_json::Value>("save_record", &form).await;
        lock(&self.book).hear(answer.map(|_| mark));
    }

    async fn change_access(&self) {
        let shown = {
            let mut book = lock(&self.book);
            let shown = !book.visible.last().copied().unwrap_or_default();
            book.visible.push(shown);
            shown
        };
        let visibility = if shown { "everyone" } else { "chosen" };
        let form = format!("key={HIDDEN}&visibility={visibility}");
        if self.session.submit::<serde_json::Value>("show_product", &form).await.is_ok() {
            lock(&self.book).visible = vec![shown];
        }
    }

    /// Compares what is there with the book, now that nobody changes anything, and reads the histories of teams that were
    /// changed since the last time.
    ///
    /// # Errors
    /// When something acknowledged is not there, or anything is there twice.
    pub(crate) async fn compare(&self, server: &Server) -> Result<()> {
        self.compare_at(&self.session.at(server)).await
    }

    /// What was compared is not compared again.
    pub(crate) fn settle(&self) {
        lock(&self.book).since.clear();
    }

    async fn compare_at(&self, session: &Session) -> Result<()> {
        // A change that nobody waited for any more may be done amid the reading.
        for _ in 0..TRIES {
            if self.read(session).await.is_ok() {
                return Ok(());
            }
            sleep(PAUSE * 10).await;
        }
        self.read(session).await
    }

    async fn read(&self, session: &Session) -> Result<()> {
        let question = json!({ "look": { "kind": "team" } });
        let page: Page = session.ask("records", &question).await?;
        let Shown::List { records } = page.shown else { bail!("the list of teams is not one") };
        let mut rows = Vec::new();
        for row in records.into_iter().filter_map(Row::of) {
            let question = json!({ "look": { "kind": "team", "history": true, "of": row.id } });
            let changed = lock(&self.book).is_changed(&row);
            let history = if changed {
                let page: Page = session.ask("records", &question).await?;
                let Shown::Plain { html } = page.shown else { bail!("the history of a team is not one") };
                Some(html)
            } else {
                None
            };
            rows.push((row, history));
        }
        lock(&self.book).compare(rows)
    }

    /// Looks who sees the product, by a member who is not chosen.
    ///
    /// # Errors
    /// When they see what is hidden, or do not see what everybody may.
    pub(crate) async fn compare_access(&self, onlooker: &Session) -> Result<()> {
        let allowed = lock(&self.book).visible.clone();
        let mut sees = false;
        for _ in 0..PATIENCE {
            sees = onlooker.board(HIDDEN).await.is_ok();
            if allowed.contains(&sees) {
                break;
            }
            sleep(Duration::from_millis(50)).await;
        }
        ensure!(
            allowed.contains(&sees),
            "the product that was {} is {} to a member who is not chosen",
            if sees { "hidden" } else { "shown to everybody" },
            if sees { "there" } else { "not there" },
        );
        lock(&self.book).visible = vec![sees];
        Ok(())
    }

    /// Prints what was counted.
    ///
    /// # Errors
    /// When anything went wrong.
    pub(crate) fn report(&self) -> Result<()> {
        let book = lock(&self.book);
        println!(
            "changes of records {}  acked {}  teams {}  faults {}",
            book.asked.len(),
            book.answered.len(),
            book.teams.len(),
            book.faults.len()
        );
        ensure!(book.faults.is_empty(), "a change of a record was refused: {:?}", book.faults);
        ensure!(!book.answered.is_empty(), "no change of a record was acknowledged");
        Ok(())
    }
}

impl Book {
    /// What is changed next, by a mark of its own, as a form.
    fn ask(&mut self) -> (String, String) {
        let number = self.asked.len() + 1;
        let mark = format!("mark{number}");
        let makes = self.asked.values().filter(|team| team.is_none()).count();
        let team = match self.teams.as_slice() {
            teams if !teams.is_empty() && (makes >= MOST_TEAMS || !number.is_multiple_of(5)) => {
                Some(teams[number % teams.len()].clone())
            }
            _ => None,
        };
        let form = match &team {
            None => format!("kind=team&values%5Bname%5D=Team+{mark}"),
            Some(id) => format!("kind=team&id={id}&values%5Bdisciplines%5D={mark}"),
        };
        self.since.insert(mark.clone());
        self.asked.insert(mark.clone(), team);
        (mark, form)
    }

    fn hear(&mut self, answer: Result<String>) {
        match answer {
            Ok(mark) => drop(self.answered.insert(mark)),
            // Without an answer nobody knows, and with a promise to be there again soon nobody should.
            Err(error) if error.to_string().contains(" answers 4") => self.faults.push(error.to_string()),
            Err(_) => {}
        }
    }

    /// Whether somebody asked for a change of it that may not have been read yet.
    fn is_changed(&self, row: &Row) -> bool {
        let of_row = |mark: &String| {
            self.asked[mark].as_ref().map_or(row.name.ends_with(&format!(" {mark}")), |id| *id == row.id)
        };
        self.since.iter().any(of_row)
    }

    /// Compares rows, and the histories of those that were changed.
    fn compare(&mut self, rows: Vec<(Row, Option<String>)>) -> Result<()> {
        static DONE: LazyLock<Regex> =
            LazyLock::new(|| Regex::new(r"\b(mark\d+)(<!>)?</li>").expect("the pattern is right"));
        self.teams.clear();
        let mut found: BTreeMap<String, usize> = BTreeMap::new();
        for (row, history) in rows {
            if let Some(history) = history {
                // The latest first.
                let done: Vec<&str> =
                    DONE.captures_iter(&history).filter_map(|mark| Some(mark.get(1)?.as_str())).collect();
                let last = done.first().copied().context("a team has no history")?;
                let shown = if row.disciplines.is_empty() { &row.name } else { &row.disciplines };
                ensure!(shown.ends_with(last), "a team shows {shown} where its history ends with {last}");
                for mark in done {
                    *found.entry(mark.to_owned()).or_default() += 1;
                }
            }
            self.teams.push(row.id);
        }
        for mark in &self.since {
            ensure!(
                found.contains_key(mark) || !self.answered.contains(mark),
                "the change {mark} of a team was acknowledged, and is lost"
            );
        }
        let unasked = found.keys().find(|mark| !self.asked.contains_key(*mark));
        ensure!(unasked.is_none(), "nobody asked for {unasked:?}");
        let twice = found.iter().find(|(_, times)| **times > 1);
        ensure!(twice.is_none(), "a change of a team is there twice: {twice:?}");
        Ok(())
    }
}

/// A team as it is listed.
#[derive(Debug)]
struct Row {
    id: String,
    name: String,
    disciplines: String,
}

impl Row {
    /// A team that a clerk made.
    fn of(record: Record) -> Option<Self> {
        let text =
            |field: &str| record.values.get(field).and_then(|value| value.as_str()).unwrap_or_default();
        let (name, disciplines) = (text("name").to_owned(), text("disciplines").to_owned());
        name.starts_with("Team mark").then_some(Self { id: record.id, name, disciplines })
    }
}
