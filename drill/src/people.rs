//! People on the pages of one room, what an outside witness knows of them, and whether the room is what they made of it.

use std::sync::{Arc, Mutex};

use anyhow::{Result, bail, ensure};
use domain::{
    ClientId, Entry, Roadmap, Role, apply_entry,
    wire::{ClientMessage, PROTOCOL, ServerMessage, Snapshot},
};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

use crate::{
    edits,
    ledger::Ledger,
    page::{Page, lock},
    server::Server,
    session::Session,
    socket::Door,
};

/// The product whose roadmap is edited.
const KEY: &str = "DRILL";

/// Who sits at the pages, in turn. The stakeholder holds a document in which votes are masked.
const ROLES: [Role; 4] = [Role::Owner, Role::Editor, Role::Stakeholder, Role::Editor];

/// Faults that are printed in full.
const SHOWN: usize = 20;

/// The pages of a room, and their witness.
pub(crate) struct People {
    pub(crate) pages: Vec<Page>,
    pub(crate) ledger: Arc<Mutex<Ledger>>,
    pub(crate) rng: StdRng,
    /// The log's fold, computed here.
    folded: Roadmap,
    head: u64,
    epoch: u64,
}

impl People {
    /// Opens so many pages of a new room on a server with the sample organisation.
    pub(crate) async fn come(server: &Server, clients: usize, seed: u64) -> Result<Self> {
        let ledger = Arc::new(Mutex::new(Ledger::default()));
        let mut rng = StdRng::seed_from_u64(seed);
        let owner = Session::demo(server, Role::Owner).await?;
        owner.create_product(KEY).await?;
        let snapshot = owner.board(KEY).await?.snapshot;
        let mut pages = Vec::with_capacity(clients);
        for role in ROLES.into_iter().cycle().take(clients) {
            let session = Session::demo(server, role).await?;
            pages.push(Page::open(server, session, KEY, rng.random(), ledger.clone()).await?);
        }
        let (head, epoch) = (snapshot.head, snapshot.epoch);
        Ok(Self { pages, ledger, rng, folded: snapshot.document.into(), head, epoch })
    }

    /// Compares log, ledger, rows and every page, now that everything has been answered.
    pub(crate) async fn compare(&mut self, server: &Server) -> Result<()> {
        for page in &mut self.pages {
            page.repeat().await?;
        }
        let owner = self.pages[0].session().clone();
        let snapshot = owner.snapshot(self.pages[0].roadmap()).await?;
        ensure!(snapshot.epoch == self.epoch, "the room began anew");
        let log = read_log(server, &owner, &snapshot, self.head, edits::client(&mut self.rng)).await?;
        for entry in &log {
            if let Err(reject) = apply_entry(&mut self.folded, entry) {
                bail!("entry {} does not apply: {reject}", entry.seq);
            }
        }
        self.head = snapshot.head;
        lock(&self.ledger).compare(&log);
        ensure!(
            self.folded.holding(|_| false) == Roadmap::from(snapshot.document),
            "the rows are not what the log says, at entry {}",
            self.head
        );
        for (n, page) in self.pages.iter_mut().enumerate() {
            page.reach(self.head).await?;
            let (user, role) = (page.replica.user(), page.replica.role());
            let expected =
                if role.sees_voters() { self.folded.clone() } else { self.folded.masked_for(user) };
            let view = page.replica.view();
            let seen = expected.holding(|comment| view.comment(comment.id).is_some());
            ensure!(*view == seen, "page {n} ({role}) differs from the log's fold");
            let fresh = page.session().snapshot(page.roadmap()).await?;
            ensure!(
                fresh.head == self.head && Roadmap::from(fresh.document) == expected.holding(|_| false),
                "a fresh document for page {n} ({role}) differs from the log's fold"
            );
        }
        Ok(())
    }

    /// Prints what went wrong by the witness's book, and what was counted.
    ///
    /// # Errors
    /// When anything went wrong.
    pub(crate) fn report(&self, beside: &str) -> Result<()> {
        let ledger = lock(&self.ledger);
        let sentences = &ledger.faults.sentences;
        for sentence in sentences.iter().take(SHOWN) {
            println!("  fault: {sentence}");
        }
        if sentences.len() > SHOWN {
            println!("  and {} more", sentences.len() - SHOWN);
        }
        println!(
            "acked {}  refused {}  resent {}  lost {}  doubled {}  reordered {}  {beside}",
            ledger.accepted,
            ledger.refused,
            ledger.resent,
            ledger.faults.lost,
            ledger.faults.doubled,
            ledger.faults.reordered,
        );
        ensure!(sentences.is_empty(), "the log is not what was acknowledged");
        Ok(())
    }
}

/// The log of a room from a place to the head of a snapshot, as a page gets it that was away.
///
/// # Errors
/// When an entry is missing, or the server does not tell what is that long ago.
pub(crate) async fn read_log(
    server: &Server,
    session: &Session,
    snapshot: &Snapshot,
    have: u64,
    client: ClientId,
) -> Result<Vec<Entry>> {
    let Snapshot { roadmap, epoch, head, .. } = *snapshot;
    let hello = ClientMessage::Hello { protocol: PROTOCOL, roadmap, client, epoch, have, plain: true };
    let mut socket = Door::of(server, session).enter(&hello).await?;
    socket.welcome().await?;
    let mut log: Vec<Entry> = Vec::new();
    while log.last().map_or(have, |entry| entry.seq) < head {
        match socket.receive().await? {
            ServerMessage::Entries { entries } => log.extend(entries),
            ServerMessage::Refetch => bail!("the log since {have} is not told"),
            _ => {}
        }
    }
    for (entry, expected) in log.iter().zip(have + 1..) {
        ensure!(entry.seq == expected, "the log has {} where {expected} belongs", entry.seq);
    }
    Ok(log)
}
