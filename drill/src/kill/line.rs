//! The line between the server and PostgreSQL, which can be cut at the one moment when the server cannot know what it did.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use anyhow::{Context as _, Result};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::AbortHandle,
};

/// How the end of a transaction is asked for ("Frontend/Backend Protocol", simple query).
const COMMIT: &[u8] = b"COMMIT\0";

/// A line. It ends when dropped.
#[derive(Debug)]
pub(super) struct Line {
    address: SocketAddr,
    /// Commits that are still to be cut: an even number is cut when PostgreSQL has answered, an odd one before it is asked.
    to_cut: Arc<AtomicUsize>,
    task: AbortHandle,
}

impl Line {
    /// Lays a line to the PostgreSQL at this port.
    pub(super) async fn lay(port: u16) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let to_cut = Arc::<AtomicUsize>::default();
        let counter = to_cut.clone();
        let task = tokio::spawn(async move {
            while let Ok((server, _)) = listener.accept().await {
                let to_cut = counter.clone();
                tokio::spawn(async move { carry(server, port, &to_cut).await });
            }
        });
        Ok(Self { address, to_cut, task: task.abort_handle() })
    }

    pub(super) fn port(&self) -> u16 {
        self.address.port()
    }

    /// Cuts the next commits, so many of them, by turns before and after they are made.
    pub(super) fn cut(&self, commits: usize) {
        self.to_cut.store(commits, Ordering::Relaxed);
    }

    pub(super) fn left_to_cut(&self) -> usize {
        self.to_cut.load(Ordering::Relaxed)
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// One connection. What the server says is looked through; what it is told is not.
async fn carry(mut server: TcpStream, port: u16, to_cut: &AtomicUsize) -> Result<()> {
    let mut database = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
    server.set_nodelay(true)?;
    database.set_nodelay(true)?;
    let (mut said, mut told) = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
    loop {
        tokio::select! {
            read = server.read(&mut said) => {
                let said = &said[..read.ok().filter(|read| *read > 0).context("the server has gone")?];
                let commits = said.windows(COMMIT.len()).any(|window| window == COMMIT);
                match if commits { take(to_cut) } else { None } {
                    // PostgreSQL never hears of it.
                    Some(left) if left % 2 == 1 => return Ok(()),
                    // PostgreSQL has done it, and the server never hears of that.
                    Some(_) => {
                        database.write_all(said).await?;
                        let _ = database.read(&mut told).await?;
                        return Ok(());
                    }
                    None => database.write_all(said).await?,
                }
            }
            read = database.read(&mut told) => {
                let read = read.ok().filter(|read| *read > 0).context("PostgreSQL has gone")?;
                server.write_all(&told[..read]).await?;
            }
        }
    }
}

/// Takes one of those that are to be cut; tells how many there were.
fn take(to_cut: &AtomicUsize) -> Option<usize> {
    to_cut.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).ok()
}
