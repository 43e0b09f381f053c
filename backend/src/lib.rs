//! What the organisation keeps: tables, services and live rooms. No HTML, no HTTP.
//!
//! Services are reached through [`Backend`], those that need permission through handles that only have the methods
//! their holder may call.

pub mod db;
mod entity;
mod error;
mod migration;

pub use db::{Database, OpenError};
pub use error::Error;

/// Everything the organisation keeps. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Backend {
    pub db: Database,
}

impl Backend {
    /// Opens the database at `url` and starts the live rooms.
    ///
    /// # Errors
    /// A sentence for whoever started the program.
    pub async fn open(url: &str) -> Result<Self, OpenError> {
        let db = Database::open(url).await?;
        Ok(Self { db })
    }
}
