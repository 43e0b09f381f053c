//! What the organisation keeps: tables, services and live rooms. No HTML, no HTTP.
//!
//! Services are reached through [`Backend`], those that need permission through handles that only have the methods
//! their holder may call.

mod access;
mod audit;
mod clock;
pub mod db;
mod demo;
mod entity;
mod error;
pub mod exchange;
pub mod markdown;
mod migration;
pub mod people;
mod products;
pub mod rooms;
mod told;

pub use access::{Editor, Owner, Viewer};
pub use db::{Database, OpenError};
pub use error::Error;
pub use products::Profile;

/// Everything the organisation keeps. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Backend {
    pub db: Database,
    pub rooms: rooms::Rooms,
    people: people::Memory,
}

impl Backend {
    /// Opens the database at `url`, making the file when there is none, and starts the live rooms.
    ///
    /// # Errors
    /// A sentence for whoever started the program.
    pub async fn open(url: &str) -> Result<Self, OpenError> {
        Self::start(url, db::IfMissing::Make).await
    }

    /// Like [`Backend::open`], for those who have no use for an empty database.
    ///
    /// # Errors
    /// [`OpenError::Missing`] when there is no such file, too.
    pub async fn open_existing(url: &str) -> Result<Self, OpenError> {
        Self::start(url, db::IfMissing::Refuse).await
    }

    async fn start(url: &str, if_missing: db::IfMissing) -> Result<Self, OpenError> {
        let db = Database::open(url, if_missing).await?;
        let rooms = rooms::Rooms::start(db.clone());
        Ok(Self { db, rooms, people: people::Memory::default() })
    }
}
