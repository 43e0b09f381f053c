//! What the organisation keeps: tables, services and live rooms. No HTML, no HTTP.
//!
//! Services are reached through [`Backend`], those that need permission through handles that only have the methods
//! their holder may call.

mod access;
mod amounts;
mod audit;
pub mod balance;
mod calendar;
pub mod capacity;
mod clock;
mod codec;
pub mod copying;
pub mod db;
mod demo;
mod dependencies;
pub mod direction;
mod entity;
mod error;
pub mod exchange;
mod favourites;
mod fields;
pub mod figures;
mod files;
pub mod funding;
mod halving;
mod home;
pub mod inbox;
mod lifecycle;
mod markdown;
pub mod matrix;
mod metrics;
mod migration;
pub mod money;
mod notify;
pub mod outcomes;
pub mod people;
#[cfg(test)]
#[path = "../tests/store/postgres.rs"]
mod postgres;
mod problems;
mod products;
mod promises;
pub mod records;
pub mod reports;
pub mod retirement;
pub mod rooms;
pub mod scores;
pub mod search;
pub mod solutions;
pub mod strategy;
mod stream;
mod templates;
mod tidy;
pub mod vision;
mod visits;
pub mod voting;
mod wake;

use std::path::PathBuf;

pub use access::{Editor, Owner, Viewer};
pub use calendar::Calendar;
pub use clock::{new_cast, now};
pub use db::{Database, OpenError};
pub use error::{BUSY_SECONDS, Error};
pub use favourites::Favourite;
pub use fields::create_field;
pub use files::{AttachedFile, FileSettings, ReadFile};
pub use home::{LastChange, ProductState};
pub use lifecycle::{
    Glance, LifeCycle, ModelPreview, Moved, StageChange, StageMove, StagePreview, Staged, Ticked,
};
pub use products::{AccessChange, AccessFacts, Profile};
pub use stream::{Followed, Following};
pub use tidy::tidy;
pub use visits::Visited;

/// Everything the organisation keeps. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Backend {
    pub db: Database,
    pub rooms: rooms::Rooms,
    stream: stream::Stream,
    people: people::Memory,
    voting: voting::Memory,
    renderer: markdown::Renderer,
    imports: exchange::Imports,
    inbox: inbox::Reader,
    files: files::Files,
}

/// A backend as tasks hold it that shall not keep it alive.
#[derive(Clone, Debug)]
pub(crate) struct WeakBackend {
    db: db::WeakDatabase,
    rooms: rooms::WeakRooms,
    stream: stream::Stream,
    people: people::Memory,
    voting: voting::Memory,
    renderer: markdown::Renderer,
    imports: exchange::Imports,
    inbox: inbox::Reader,
    files: files::Files,
}

impl WeakBackend {
    pub(crate) fn upgrade(&self) -> Option<Backend> {
        Some(Backend {
            db: self.db.upgrade()?,
            rooms: self.rooms.upgrade()?,
            stream: self.stream.clone(),
            people: self.people.clone(),
            voting: self.voting.clone(),
            renderer: self.renderer.clone(),
            imports: self.imports.clone(),
            inbox: self.inbox.clone(),
            files: self.files.clone(),
        })
    }
}

impl Backend {
    /// Opens the database at `url`, making the file when there is none, and starts the live rooms.
    ///
    /// # Errors
    /// A sentence for whoever started the program.
    pub async fn open(url: &str) -> Result<Self, OpenError> {
        Self::start(url, db::IfMissing::Make, None).await
    }

    /// As a server does: people are notified, and voting sessions open and close by the clock, with their secret in `secret_file` or beside the
    /// database. Not for commands beside a server, which may not know its secret: a session is bound to the one it is
    /// opened with.
    ///
    /// # Errors
    /// As [`Backend::open`].
    pub async fn open_with(url: &str, secret_file: Option<PathBuf>) -> Result<Self, OpenError> {
        let backend = Self::start(url, db::IfMissing::Make, secret_file).await?;
        backend.start_voting().await?;
        tokio::spawn(inbox::run(backend.weak()));
        Ok(backend)
    }

    /// Like [`Backend::open`], for those who have no use for an empty database.
    ///
    /// # Errors
    /// [`OpenError::Missing`] when there is no such file, too.
    pub async fn open_existing(url: &str) -> Result<Self, OpenError> {
        Self::start(url, db::IfMissing::Refuse, None).await
    }

    async fn start(
        url: &str,
        if_missing: db::IfMissing,
        secret_file: Option<PathBuf>,
    ) -> Result<Self, OpenError> {
        let db = Database::open(url, if_missing).await?;
        let files = files::Files::at(FileSettings::default(), db.file())?;
        let (wakes, words) = wake::Wakes::new(&db);
        let rooms = rooms::Rooms::start(db.clone(), wakes);
        let voting = voting::Memory::new(secret_file, &db);
        let backend = Self {
            db,
            rooms,
            stream: stream::Stream::default(),
            people: people::Memory::default(),
            voting,
            renderer: markdown::Renderer::default(),
            imports: exchange::Imports::default(),
            inbox: inbox::Reader::default(),
            files,
        };
        tokio::spawn(people::channels::run(backend.weak(), words.is_some()));
        tokio::spawn(stream::run(backend.weak()));
        if let Some(words) = words {
            let own = words.own.clone();
            tokio::spawn(rooms::tell_of_presence(backend.rooms.weak(), backend.db.clone(), own));
            tokio::spawn(wake::run(backend.weak(), backend.db.clone(), words));
        }
        Ok(backend)
    }

    /// The same with files elsewhere than beside the database, or other limits for them.
    ///
    /// # Errors
    /// A sentence when files cannot be kept there.
    pub fn with_files(self, settings: FileSettings) -> Result<Self, OpenError> {
        let files = files::Files::at(settings, self.db.file())?;
        Ok(Self { files, ..self })
    }

    pub(crate) fn weak(&self) -> WeakBackend {
        WeakBackend {
            db: self.db.weak(),
            rooms: self.rooms.weak(),
            stream: self.stream.clone(),
            people: self.people.clone(),
            voting: self.voting.clone(),
            renderer: self.renderer.clone(),
            imports: self.imports.clone(),
            inbox: self.inbox.clone(),
            files: self.files.clone(),
        }
    }
}
