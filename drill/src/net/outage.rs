//! Pages that edit while the network fails one of them: nothing may be lost or done twice, and who comes back is soon as far
//! as the others.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use futures::future::try_join_all;
use rand::RngExt as _;
use tokio::time::{Instant, sleep, timeout};

use super::proxy::{Proxy, Weather};
use crate::{people::People, server::Server};

/// Each way, and how much more at random.
const DELAY: Duration = Duration::from_millis(20);
const JITTER: Duration = Duration::from_millis(2);
pub(super) const ROUND_TRIP: Duration = Duration::from_millis(2 * (20 + 2));

const PAGES: usize = 4;

/// Edits of all pages together while the network fails once.
const EDITS: usize = 400;

/// How long it fails, in milliseconds.
const OUTAGE: std::ops::Range<u64> = 50..300;

const PATIENCE: Duration = Duration::from_secs(60);

/// How the network fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Failure {
    /// The connection is reset, and no other can be made for a while.
    Reset,
    /// The connection goes silent. The page comes by another; then what it had sent by the first arrives after all.
    Silence,
    /// The connection stands still for a while and goes on.
    Stall,
    /// The same page comes twice at once.
    Double,
}

const FAILURES: [Failure; 4] = [Failure::Reset, Failure::Silence, Failure::Stall, Failure::Double];

/// How pages came back.
#[derive(Debug, Default)]
pub(super) struct Times {
    /// From hello to everything the room had, in milliseconds.
    pub(super) resumed: Vec<f64>,
    /// The same from the moment a connection could be made again: with the opening of the WebSocket before.
    pub(super) since_network: Vec<f64>,
}

/// Lets the network fail so many times. Prints what became of the edits.
///
/// # Errors
/// When anything was lost, done twice or out of order, when two documents differ, or when it hangs.
pub(super) async fn run(server: &Server, failures: usize, seed: u64) -> Result<Times> {
    let mut people = People::come(server, PAGES, seed).await?;
    let mut ways = Vec::with_capacity(PAGES);
    for page in &mut people.pages {
        let way = Proxy::open(server.address(), Weather::far(DELAY, JITTER)).await?;
        page.go_through(way.address());
        ways.push(way);
    }
    let mut times = Times::default();
    let begun = Instant::now();
    let mut result = Ok(());
    for n in 0..failures {
        let failure = FAILURES[n % FAILURES.len()];
        let round = async {
            edit_through(failure, &mut people, &ways, &mut times).await?;
            people.compare(server).await
        };
        result = timeout(PATIENCE, round)
            .await
            .unwrap_or_else(|_| bail!("the pages do not come to rest"))
            .with_context(|| format!("after {failure:?}, the failure number {}", n + 1));
        if result.is_err() {
            break;
        }
    }
    let beside = format!("failures of the network {failures}  time {:.1} s", begun.elapsed().as_secs_f64());
    let book = people.report(&beside);
    result.and(book).map(|()| times)
}

/// Everybody edits; at a random moment the network fails one page.
async fn edit_through(
    failure: Failure,
    people: &mut People,
    ways: &[Proxy],
    times: &mut Times,
) -> Result<()> {
    let made = AtomicUsize::new(0);
    let moment = people.rng.random_range(EDITS / 20..EDITS / 2);
    let outage = Duration::from_millis(people.rng.random_range(OUTAGE));
    let victim = people.rng.random_range(0..PAGES);
    let (way, orders) = (&ways[victim], people.pages[victim].orders());
    let editing = people.pages.iter_mut().map(|page| {
        page.returns.clear();
        page.edit(EDITS / PAGES, &made)
    });
    let failing = async {
        while made.load(Ordering::Relaxed) < moment {
            sleep(Duration::from_millis(1)).await;
        }
        match failure {
            Failure::Reset => {
                way.cut(true);
                sleep(outage).await;
                way.admit();
            }
            Failure::Silence => {
                way.hold();
                sleep(outage).await;
                orders.leave.notify_one();
            }
            Failure::Stall => {
                way.hold();
                sleep(outage).await;
                way.release();
            }
            Failure::Double => orders.double.notify_one(),
        }
        let back = Instant::now();
        if failure == Failure::Silence {
            // What was under way by the first connection comes when all of it was sent again by the second.
            sleep(DELAY * 10).await;
            way.release();
        }
        anyhow::Ok(back)
    };
    let (_, back) = tokio::try_join!(try_join_all(editing), failing)?;
    let page = &mut people.pages[victim];
    page.forget();
    if matches!(failure, Failure::Reset | Failure::Silence) {
        let first = page.returns.iter().find(|there| there.complete > back);
        let first = first.context("the page never came back")?;
        times.resumed.push((first.complete - first.hello).as_secs_f64() * 1e3);
        times.since_network.push((first.complete - back.max(first.began)).as_secs_f64() * 1e3);
    }
    Ok(())
}
