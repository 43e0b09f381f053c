//! What is struck.

use std::{fmt, time::Duration};

use anyhow::Result;
use tokio::time::sleep;

use crate::server::{Keeper, Server};

/// How often the connections to the database are ended, and how far apart: new ones are to be met in a commit, too.
const CUTS: u32 = 3;
const CUTS_APART: Duration = Duration::from_millis(7);

/// A blow amid edits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blow {
    /// The server is killed.
    Server,
    /// PostgreSQL crashes and comes back; the server lives on.
    Database,
    /// PostgreSQL ends all connections of the server, and soon again.
    Connections,
}

impl Blow {
    /// What is struck in this round: on PostgreSQL in one of five PostgreSQL itself, in one its connections.
    pub(super) fn of_round(round: usize, keeper: Keeper) -> Self {
        match (keeper, round % 5) {
            (Keeper::Postgres, 2) => Self::Database,
            (Keeper::Postgres, 4) => Self::Connections,
            _ => Self::Server,
        }
    }

    /// Strikes. A server that was killed is not started again.
    pub(super) async fn strike(self, server: &mut Server) -> Result<()> {
        match self {
            Self::Server => server.kill().await,
            Self::Database => server.crash_database().await,
            Self::Connections => {
                for _ in 0..CUTS {
                    server.cut_from_database().await?;
                    sleep(CUTS_APART).await;
                }
                Ok(())
            }
        }
    }
}

/// How often what was struck.
#[derive(Debug, Default)]
pub(super) struct Blows {
    server: usize,
    database: usize,
    connections: usize,
}

impl Blows {
    pub(super) fn count(&mut self, blow: Blow) {
        *match blow {
            Blow::Server => &mut self.server,
            Blow::Database => &mut self.database,
            Blow::Connections => &mut self.connections,
        } += 1;
    }
}

impl fmt::Display for Blows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "kills {}", self.server + self.database + self.connections)?;
        if self.database + self.connections > 0 {
            let Self { server, database, connections } = self;
            write!(f, " (server {server}, database {database}, its connections {connections})")?;
        }
        Ok(())
    }
}
