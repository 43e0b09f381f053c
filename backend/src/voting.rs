//! Voting sessions: records, not operations. Nothing of a ballot is in a roadmap's log, its history or its presence.
//!
//! While a session is open its ballots are encrypted ([`sealed`]) under a key that is in a file outside the database
//! ([`keys`]) and destroyed at the close. A ballot is stored under a pseudonym that takes that key, or later a secret that is
//! not in the database either ([`secret`]). Casting ([`cast`]) and closing ([`close`]) are transactions, and the [`gate`]
//! decides between them; SQLite takes the casts of its [`queue`] together. The [`sweep`] opens and closes sessions by the
//! clock; [`live`] notifies open pages.

mod board;
mod cast;
mod check;
mod close;
mod download;
mod entries;
mod events;
mod forget;
mod gate;
mod guest;
mod keys;
mod live;
pub(crate) mod order;
mod pages;
mod parts;
mod pauses;
mod published;
mod queue;
mod record;
mod results;
mod roll;
mod sealed;
mod secret;
mod segments;
mod session;
mod setup;
mod sweep;
mod take_over;
mod voters;
mod waiting;

use std::{
    collections::BTreeSet,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use domain::VotingId;

pub(crate) use board::is_in_open_vote;
pub(crate) use check::check;
pub use download::Download;
pub(crate) use events::{Told, told};
pub use guest::{Arrival, Guest, Votings};
pub use published::Published;
pub use record::recount;
pub(crate) use roll::{Losing, note as note_voter, note_all as note_voters};
pub(crate) use segments::leave as leave_segments;

use crate::{Backend, Database, Error, OpenError, people::throttle::Throttle};

/// What the process remembers about voting. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Memory {
    keeper: Arc<secret::Keeper>,
    keys: Arc<keys::Keys>,
    /// Closed sessions whose traces are still being removed.
    removing: Arc<Mutex<BTreeSet<VotingId>>>,
    /// Sessions about whose missing key there was a line in the log.
    warned: Arc<Mutex<BTreeSet<VotingId>>>,
    live: Arc<live::Live>,
    known: Arc<published::Known>,
    /// Counts guesses of codes.
    codes: Arc<Throttle>,
    pauses: Arc<pauses::Pauses>,
    queue: Arc<queue::Queue>,
}

impl Memory {
    pub(crate) fn new(secret_file: Option<PathBuf>, db: &Database) -> Self {
        let keeper = secret::Keeper::new(secret_file, db.file());
        Self {
            keys: Arc::new(keys::Keys::beside(keeper.file())),
            keeper: Arc::new(keeper),
            removing: Arc::default(),
            warned: Arc::default(),
            live: Arc::default(),
            known: Arc::default(),
            codes: Arc::default(),
            pauses: Arc::default(),
            queue: Arc::default(),
        }
    }

    fn removing(&self) -> MutexGuard<'_, BTreeSet<VotingId>> {
        self.removing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this is the first time that a session is found to be over without its key.
    fn is_first_warning(&self, id: VotingId) -> bool {
        self.warned.lock().unwrap_or_else(PoisonError::into_inner).insert(id)
    }

    fn is_removing(&self, id: VotingId) -> bool {
        self.removing().contains(&id)
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
