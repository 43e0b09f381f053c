//! Imports under way: how far each is, and the way to stop one.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
};

use domain::{ClientId, UserId, exchange::Progress};
use sha2::{Digest, Sha256};

use crate::{Error, rooms::lock};

/// How many imports of one person may be asked about at once.
const OF_ONE: usize = 2;

/// An import under way. It can be stopped until its transaction is committed.
#[derive(Debug, Default)]
pub(crate) struct Running {
    rows: AtomicU32,
    checked: AtomicU32,
    saved: AtomicU32,
    is_stopped: AtomicBool,
}

impl Running {
    pub(crate) fn progress(&self) -> Progress {
        Progress {
            rows: self.rows.load(Ordering::Relaxed),
            checked: self.checked.load(Ordering::Relaxed),
            saved: self.saved.load(Ordering::Relaxed),
        }
    }

    fn stop(&self) {
        self.is_stopped.store(true, Ordering::Relaxed);
    }

    /// # Errors
    /// [`Error::Cancelled`] when the import was stopped.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.is_stopped.load(Ordering::Relaxed) { Err(Error::Cancelled) } else { Ok(()) }
    }

    /// The file is read, and so many of its rows are checked.
    pub(super) fn begin(&self, rows: usize, checked: usize) {
        let count = |rows| u32::try_from(rows).unwrap_or(u32::MAX);
        self.checked.store(count(checked), Ordering::Relaxed);
        self.rows.store(count(rows), Ordering::Relaxed);
    }

    /// A row was checked. Whether to go on.
    pub(super) fn is_wanted_after_row(&self) -> bool {
        self.checked.fetch_add(1, Ordering::Relaxed);
        self.check().is_ok()
    }

    /// So many of so many records are written.
    pub(crate) fn save(&self, written: usize, records: usize) {
        let rows = u64::from(self.rows.load(Ordering::Relaxed));
        let saved = rows * written as u64 / records.max(1) as u64;
        self.saved.store(u32::try_from(saved).unwrap_or(u32::MAX), Ordering::Relaxed);
    }
}

/// The imports under way in this process that their people can ask about. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Imports(Arc<Mutex<HashMap<ClientId, Owned>>>);

/// An import, and whose it is.
type Owned = (UserId, Arc<Running>);

impl Imports {
    /// # Errors
    /// [`Error::Conflict`] when the person has too many under way, or this one already.
    pub(super) fn begin(&self, user: UserId, client: ClientId) -> Result<Run, Error> {
        let mut imports = lock(&self.0);
        let own = imports.values().filter(|(other, _)| *other == user).count();
        if own >= OF_ONE || imports.contains_key(&client) {
            let sentence = "Other imports of yours are running. Wait until they are done and try again.";
            return Err(Error::Conflict(sentence.to_owned()));
        }
        let mut run = Run::new(client);
        run.place = Some(self.clone());
        imports.insert(client, (user, run.running.clone()));
        Ok(run)
    }

    pub(super) fn get(&self, client: ClientId) -> Option<Arc<Running>> {
        lock(&self.0).get(&client).map(|(_, running)| running.clone())
    }

    pub(super) fn stop(&self, client: ClientId) {
        if let Some(running) = self.get(client) {
            running.stop();
        }
    }
}

/// The import of a caller who waits for it. It stops when the caller goes away.
#[derive(Debug)]
pub(super) struct Run {
    /// As whom it writes.
    pub(super) client: ClientId,
    pub(super) running: Arc<Running>,
    /// Where it can be asked about.
    place: Option<Imports>,
}

impl Run {
    /// One that nobody asks about.
    pub(super) fn new(client: ClientId) -> Self {
        Self { client, running: Arc::default(), place: None }
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.running.stop();
        if let Some(imports) = &self.place {
            lock(&imports.0).remove(&self.client);
        }
    }
}

/// As whom a person's import writes: made of both, so that nobody can ask about the import of another.
pub(super) fn client_of(user: UserId, id: ClientId) -> ClientId {
    let hash = Sha256::digest(format!("import {user} {id}"));
    let mut millis = [0; 8];
    millis[2..].copy_from_slice(&hash[..6]);
    let mut rest = [0; 10];
    rest.copy_from_slice(&hash[6..16]);
    ClientId::new(u64::from_be_bytes(millis), rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(n: u8) -> UserId {
        UserId::new(1, [n; 10])
    }

    fn id(n: u8) -> ClientId {
        ClientId::new(1, [n; 10])
    }

    #[test]
    fn an_import_is_asked_about_by_its_person_and_as_long_as_it_runs() {
        let imports = Imports::default();
        let client = client_of(user(1), id(1));
        let run = imports.begin(user(1), client).unwrap();
        run.running.begin(4, 0);
        assert!(run.running.is_wanted_after_row());
        run.running.save(1, 2);
        let progress = imports.get(client).map(|running| running.progress());
        assert_eq!(progress, Some(Progress { rows: 4, checked: 1, saved: 2 }));
        assert!(imports.get(client_of(user(2), id(1))).is_none());
        imports.stop(client_of(user(2), id(1)));
        assert!(run.running.check().is_ok());

        let running = run.running.clone();
        drop(run);
        assert!(imports.get(client).is_none());
        assert!(matches!(running.check(), Err(Error::Cancelled)), "nobody waits for it any more");
    }

    #[test]
    fn a_person_has_few_imports_under_way() {
        let imports = Imports::default();
        let begin = |by, n| imports.begin(user(by), client_of(user(by), id(n)));
        let first = begin(1, 1).unwrap();
        assert!(begin(1, 1).is_err(), "the same one");
        let second = begin(1, 2).unwrap();
        assert!(begin(1, 3).is_err());
        let others = begin(2, 1).unwrap();
        drop(first);
        assert!(begin(1, 3).is_ok());
        drop((second, others));
    }
}
