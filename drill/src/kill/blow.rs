//! What is struck.

use std::{fmt, time::Duration};

use anyhow::{Context as _, Result};
use tokio::time::{Instant, sleep};

use super::line::Line;
use crate::server::{Keeper, Server};

/// How often the connections to the database are ended, and how far apart: new ones are to be met in a commit, too.
const CUTS: u32 = 3;
const CUTS_APART: Duration = Duration::from_millis(7);

/// How many commits are cut, and how long they are waited for.
const COMMITS: usize = 2;
const PATIENCE: Duration = Duration::from_secs(3);

/// A blow amid edits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blow {
    /// The server is killed.
    Server,
    /// PostgreSQL crashes and comes back; the server lives on.
    Database,
    /// PostgreSQL ends all connections of the server, and soon again.
    Connections,
    /// The line to PostgreSQL is cut amid commits: before PostgreSQL hears of one, and after it has made another.
    Commits,
}

impl Blow {
    /// What is struck in this round: on PostgreSQL three of five times what is behind the server.
    pub(super) fn of_round(round: usize, keeper: Keeper) -> Self {
        match (keeper, round % 5) {
            (Keeper::Postgres, 2) => Self::Database,
            (Keeper::Postgres, 3) => Self::Commits,
            (Keeper::Postgres, 4) => Self::Connections,
            _ => Self::Server,
        }
    }

    /// Strikes. A server that was killed is not started again.
    pub(super) async fn strike(self, server: &mut Server, line: Option<&Line>) -> Result<()> {
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
            Self::Commits => {
                let line = line.context("there is no line to cut")?;
                line.cut(COMMITS);
                let begun = Instant::now();
                // Perhaps nobody has anything left to commit.
                while line.left_to_cut() > 0 && begun.elapsed() < PATIENCE {
                    sleep(Duration::from_millis(1)).await;
                }
                line.cut(0);
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
    commits: usize,
}

impl Blows {
    pub(super) fn count(&mut self, blow: Blow) {
        *match blow {
            Blow::Server => &mut self.server,
            Blow::Database => &mut self.database,
            Blow::Connections => &mut self.connections,
            Blow::Commits => &mut self.commits,
        } += 1;
    }
}

impl fmt::Display for Blows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { server, database, connections, commits } = self;
        write!(f, "kills {}", server + database + connections + commits)?;
        if database + connections + commits > 0 {
            write!(
                f,
                " (server {server}, database {database}, its connections {connections}, amid commits {commits})"
            )?;
        }
        Ok(())
    }
}
