//! Voting sessions: records, not operations. Nothing of a ballot is in a roadmap's log, its history or its presence.
//!
//! A ballot is stored under a pseudonym that only this program can make, with a secret that is not in the database
//! ([`secret`]). Casting ([`cast`]) and closing ([`close`]) are one transaction each, and the session's row decides
//! between them. The [`sweep`] opens and closes sessions by the clock; [`live`] tells open pages.

mod board;
mod cast;
mod check;
mod close;
mod download;
mod entries;
mod gate;
mod guest;
mod live;
mod order;
mod pages;
mod pauses;
mod record;
mod results;
mod secret;
mod segments;
mod session;
mod setup;
mod sweep;
mod take_over;
mod voters;

use std::{path::PathBuf, sync::Arc};

pub(crate) use check::check;
pub use download::Download;
pub use guest::{Arrival, Guest, Votings};
pub use record::recount;

use crate::{Backend, Database, Error, OpenError, people::throttle::Throttle};

/// What the process remembers about voting. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Memory {
    keeper: Arc<secret::Keeper>,
    live: Arc<live::Live>,
    /// Counts guesses of codes.
    codes: Arc<Throttle>,
    pauses: Arc<pauses::Pauses>,
}

impl Memory {
    pub(crate) fn new(secret_file: Option<PathBuf>, db: &Database) -> Self {
        Self {
            keeper: Arc::new(secret::Keeper::new(secret_file, db.file())),
            live: Arc::default(),
            codes: Arc::default(),
            pauses: Arc::default(),
        }
    }

    fn secret(&self) -> Result<&[u8; 32], Error> {
        self.keeper.secret().map_err(Error::internal)
    }
}

impl Backend {
    /// Starts what happens by itself: sessions open and close on time, open pages are told.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn start_voting(&self) -> Result<(), OpenError> {
        take_over::take_over(self).await?;
        tokio::spawn(sweep::run(self.weak()));
        tokio::spawn(live::run(self.weak()));
        Ok(())
    }

    /// Reads or makes the secret that keeps ballots apart from their voters, before somebody needs it.
    ///
    /// # Errors
    /// A sentence for whoever started the program.
    pub fn prepare_secret(&self) -> Result<(), OpenError> {
        self.voting.keeper.secret().map(drop)
    }
}
