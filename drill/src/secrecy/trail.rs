//! What somebody finds out about each voter's ballot who takes copies of the disk before and after the close, and knows of
//! every row whose it is. That much the order of casts may tell; what is in the rows, nothing may.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, ensure};
use domain::{VotingId, voting::Choice};
use sqlx::{Column as _, Connection as _, Row as _, SqliteConnection};

use super::{
    bytes::{commits, in_common, places},
    chance::Order,
    tables::{line, open, text_of},
};
use crate::server::Server;

/// What differs between the rows of an open session: whose they are and what is encrypted or hashed. All else says
/// nothing about a ballot only if it is the same in all rows.
const OF_CHANCE: [&str; 4] = ["pseudonym", "cast_id", "digest", "sealed"];

/// One voter's.
#[derive(Debug)]
struct Voter {
    name: String,
    id: String,
    pseudonym: Vec<u8>,
    /// What the rows of the open session held for the voter, by what it is.
    values: BTreeSet<(&'static str, Vec<u8>)>,
    /// The ballot as it was encrypted last, and the number and the digest of the cast it came with.
    last: [Vec<u8>; 3],
}

/// What is known of one session.
#[derive(Debug)]
pub(super) struct Trail {
    pub(super) voting: VotingId,
    voters: Vec<Voter>,
    /// The voters' numbers, as they first cast.
    casts: Vec<usize>,
    /// Orders of the voters, or of their rows while the session is open.
    pub(super) before: Vec<Order>,
    /// Orders of the ballots that are published, each as the number of its voter.
    pub(super) after: Vec<Order>,
    /// What leads from a voter to a choice, or tells one choice from another.
    pub(super) links: Vec<String>,
    /// Voters who came while the session was open and cast at once, and of how many the order of commits told whose the
    /// encrypted ballot is.
    pub(super) at_once: usize,
    pub(super) told: usize,
}

impl Trail {
    pub(super) fn begin(voting: VotingId) -> Self {
        let (voters, casts, before, after, links) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { voting, voters, casts, before, after, links, at_once: 0, told: 0 }
    }

    /// Somebody has cast for the first time: theirs is the row that is new.
    pub(super) async fn first_cast(
        &mut self,
        server: &Server,
        number: usize,
        at_once: bool,
    ) -> Result<String> {
        let mut db = open(server).await?;
        let name = format!("Guest {number}");
        let id: String = sqlx::query_scalar("SELECT id FROM voting_voter WHERE voting_id = ? AND name = ?")
            .bind(self.voting.to_string())
            .bind(&name)
            .fetch_one(&mut db)
            .await?;
        let mut rows = pseudonyms(&mut db, self.voting).await?;
        db.close().await?;
        rows.retain(|row| self.voters.iter().all(|voter| voter.pseudonym != *row));
        ensure!(rows.len() == 1, "{} rows are new after the first cast of one voter", rows.len());
        let pseudonym = rows.swap_remove(0);
        self.voters.push(Voter {
            name,
            id: id.clone(),
            pseudonym,
            values: BTreeSet::new(),
            last: Default::default(),
        });
        self.casts.push(number);
        self.at_once += usize::from(at_once);
        Ok(id)
    }

    pub(super) fn name_of(&self, number: usize) -> String {
        format!("Guest {number}")
    }

    /// Reads the rows of an open session in which everybody has cast equally often.
    pub(super) async fn read_rows(&mut self, server: &Server) -> Result<()> {
        let mut db = open(server).await?;
        for table in ["voting_ballot", "voting_cast"] {
            let order = if table == "voting_cast" { ", nth" } else { "" };
            let query = format!("SELECT * FROM {table} WHERE voting_id = ? ORDER BY pseudonym{order}");
            let rows = sqlx::query(sqlx::AssertSqlSafe(query)).bind(self.voting.to_string());
            let rows = rows.fetch_all(&mut db).await?;
            let (mut said, mut lengths) = (BTreeSet::new(), BTreeSet::new());
            for row in &rows {
                let pseudonym: Vec<u8> = row.try_get("pseudonym")?;
                let voter = self.voters.iter_mut().find(|voter| voter.pseudonym == pseudonym);
                let voter = voter.context("a row is nobody's")?;
                let clear = row.columns().iter().filter(|column| !OF_CHANCE.contains(&column.name()));
                // Which of its voter's answers a row is says nothing about what is in it.
                said.insert(line(row, clear.filter(|column| column.name() != "nth"))?);
                let sealed: Vec<u8> = row.try_get("sealed")?;
                lengths.insert(sealed.len());
                if table == "voting_ballot" {
                    voter.last[0].clone_from(&sealed);
                    voter.values.insert(("ballot", sealed));
                } else {
                    let number = unhex(row.try_get("cast_id")?).context("a cast's number is not one")?;
                    let digest: Vec<u8> = row.try_get("digest")?;
                    voter.last[1].clone_from(&number);
                    voter.last[2].clone_from(&digest);
                    voter.values.extend([("answer", sealed), ("number", number), ("digest", digest)]);
                }
            }
            for (what, different) in [("clear", said.len()), ("length", lengths.len())] {
                if different != 1 {
                    self.links.push(format!("{different} rows of {table} differ in {what} while it is open"));
                }
            }
        }
        db.close().await?;
        Ok(())
    }

    /// Compares all that was read, equal choices among it: nothing has bytes in common with anything else.
    fn compare(&mut self) {
        let mut values = Vec::new();
        for Voter { name, pseudonym, values: theirs, .. } in &self.voters {
            values.push((format!("the pseudonym of {name}"), pseudonym.clone()));
            values
                .extend(theirs.iter().map(|(what, value)| (format!("the {what} of {name}"), value.clone())));
        }
        let pairs = in_common(&values);
        self.links.extend(pairs.iter().map(|(one, other)| format!("{one} has bytes in common with {other}")));
    }

    /// Compares what is published with what the rows of the open session held.
    pub(super) fn closed(&mut self, published: &[Published]) {
        let before = self.traces().into_iter().map(|trace| (String::new(), trace));
        let after = published.iter().flat_map(|ballot| {
            let name = self.name_of(ballot.owner);
            [&ballot.pseudonym, &ballot.nonce].map(|value| (name.clone(), value.clone()))
        });
        let values: Vec<(String, Vec<u8>)> = before.chain(after).collect();
        for (_, name) in
            in_common(&values).into_iter().filter(|(one, other)| one.is_empty() && !other.is_empty())
        {
            self.links
                .push(format!("the published ballot of {name} has bytes in common with a row of before"));
        }
    }

    /// Reads copies that were taken while the session was open, by all orders that they have.
    pub(super) fn opened(&mut self, database: &[u8], log: &[u8], backup: &[u8]) {
        self.compare();
        let casts = self.casts.clone();
        let by = |key: &dyn Fn(&Voter) -> Vec<u8>| {
            let mut order: Vec<(Vec<u8>, usize)> =
                self.voters.iter().map(key).zip(casts.iter().copied()).collect();
            order.sort();
            order.into_iter().map(|(_, number)| number).collect::<Vec<_>>()
        };
        let mut before = vec![
            ("first cast", casts.clone()),
            ("name", by(&|voter| voter.name.clone().into())),
            ("coming in", by(&|voter| voter.id.clone().into())),
            ("pseudonym", by(&|voter| voter.pseudonym.clone())),
            ("encrypted ballot", by(&|voter| voter.last[0].clone())),
            ("number of the cast", by(&|voter| voter.last[1].clone())),
            ("digest of the cast", by(&|voter| voter.last[2].clone())),
        ];
        let rows: Vec<&[u8]> = self.voters.iter().map(|voter| &*voter.pseudonym).collect();
        let copies =
            [("place in the database", database), ("place in the log", log), ("place in the backup", backup)];
        before.extend(
            copies.into_iter().filter_map(|(name, copy)| Some((name, by_place(copy, &rows, &casts)?))),
        );
        self.before = before;
        // By commit: where it is first that a voter's id is, and the name of the ballot.
        let ids = self.voters.iter().map(|voter| voter.id.as_bytes());
        let values: Vec<&[u8]> = ids.chain(rows.iter().copied()).collect();
        let mut first = vec![None; values.len()];
        for (number, commit) in commits(log).into_iter().enumerate() {
            for (first, place) in first.iter_mut().zip(places(commit, &values)) {
                *first = first.or(place.map(|_| number));
            }
        }
        let (came, cast) = first.split_at(rows.len());
        let told = came
            .iter()
            .zip(cast)
            .filter(|(came, cast)| matches!((came, cast), (Some(came), Some(cast)) if came + 1 == *cast));
        self.told = told.count();
    }

    /// What the open session was stored with, and must be nowhere after the close.
    pub(super) fn traces(&self) -> Vec<Vec<u8>> {
        let values = |voter: &Voter| -> Vec<Vec<u8>> {
            let numbers = voter.values.iter().filter(|(what, _)| *what == "number");
            let numbers = numbers.map(|(_, number)| hex(number).into_bytes());
            voter.values.iter().map(|(_, value)| value.clone()).chain(numbers).collect()
        };
        self.voters.iter().flat_map(|voter| [vec![voter.pseudonym.clone()], values(voter)].concat()).collect()
    }
}

/// A ballot as it is published.
#[derive(Debug)]
pub(super) struct Published {
    pub(super) pseudonym: Vec<u8>,
    pub(super) nonce: Vec<u8>,
    receipt: String,
    /// Whose it is: every voter chose something else.
    pub(super) owner: usize,
}

impl Published {
    /// What must not be in copies from before the close.
    pub(super) fn values(&self) -> [&[u8]; 3] {
        [&self.pseudonym, &self.nonce, self.receipt.as_bytes()]
    }
}

/// The ballots of a closed session, as they come from its table.
pub(super) async fn published(
    server: &Server,
    voting: VotingId,
    ballots: &[Vec<Choice>],
) -> Result<Vec<Published>> {
    let mut db = open(server).await?;
    let rows: Vec<(Vec<u8>, Vec<u8>, String, String)> =
        sqlx::query_as("SELECT pseudonym, nonce, receipt, choices FROM voting_ballot WHERE voting_id = ?")
            .bind(voting.to_string())
            .fetch_all(&mut db)
            .await?;
    db.close().await?;
    let published = rows.into_iter().map(|(pseudonym, nonce, receipt, choices)| {
        let owner = owner(&choices, ballots)?;
        Ok(Published { pseudonym, nonce, receipt, owner })
    });
    published.collect()
}

/// Whose ballot it is.
pub(super) fn owner(choices: &str, ballots: &[Vec<Choice>]) -> Result<usize> {
    ballots
        .iter()
        .position(|ballot| text_of(ballot) == choices)
        .context("a ballot is published that nobody cast")
}

/// The orders in which ballots lie in their table, and by the numbers they were hashed with.
pub(super) fn orders(published: &[Published]) -> Vec<Order> {
    let owners = |ballots: &[&Published]| ballots.iter().map(|ballot| ballot.owner).collect();
    let rows: Vec<&Published> = published.iter().collect();
    let mut by_nonce = rows.clone();
    by_nonce.sort_by_key(|ballot| &ballot.nonce);
    vec![("row", owners(&rows)), ("random number", owners(&by_nonce))]
}

/// The order in which ballots lie in a copy of the disk, if it holds all of them.
pub(super) fn order_in(name: &'static str, copy: &[u8], published: &[Published]) -> Option<Order> {
    let owners: Vec<usize> = published.iter().map(|ballot| ballot.owner).collect();
    let nonces: Vec<&[u8]> = published.iter().map(|ballot| &*ballot.nonce).collect();
    Some((name, by_place(copy, &nonces, &owners)?))
}

/// Voters by where their values are in a copy, if it holds all of them.
fn by_place(copy: &[u8], values: &[&[u8]], voters: &[usize]) -> Option<Vec<usize>> {
    let places: Option<Vec<usize>> = places(copy, values).into_iter().collect();
    let mut order: Vec<(usize, usize)> = places?.into_iter().zip(voters.iter().copied()).collect();
    order.sort_unstable();
    Some(order.into_iter().map(|(_, voter)| voter).collect())
}

/// The names under which a session's ballots are stored now.
pub(super) async fn pseudonyms(db: &mut SqliteConnection, voting: VotingId) -> Result<Vec<Vec<u8>>> {
    let names = sqlx::query_scalar("SELECT pseudonym FROM voting_ballot WHERE voting_id = ?");
    Ok(names.bind(voting.to_string()).fetch_all(db).await?)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect()
}
