//! The page of an item with comments that are all markup: as many as the server takes, and each as long as it may be.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use anyhow::{Context as _, Result, ensure};
use domain::{
    CommentBody, CommentId, ItemId, Op,
    wire::{ClientMessage, Outcome, Pushed},
};
use tokio::time::{Instant, sleep};

use super::{
    attacks::{self, IMPATIENCE, crowd},
    house::House,
};
use crate::{
    edits,
    room::{KEY, answers},
    session::kept_alive,
};

/// The item, by its number.
const NUMBER: u32 = 3;

/// The comments that are tried, and how many of them are pushed at once.
const COMMENTS: usize = 100;
const AT_ONCE: usize = 10;

/// Characters of a comment.
const LONG: usize = 5_000;

/// What of an item's comments comes with its page, at most: so many, and so many bytes of them.
const SHOWN: usize = 100;
const SHOWN_BYTES: usize = 128 * 1024;

/// The most bytes of a page for each byte of its comments, and beside them for each comment: as many as rendering one may
/// yield.
const GROWTH: usize = 20;
const OVERHEAD: usize = 1_024;

/// Has one item commented, and then asks for its page again and again.
///
/// # Errors
/// When a page was larger than comments may make it.
pub(super) async fn ask(house: Arc<House>, until: Instant) -> Result<String> {
    let http = kept_alive()?;
    let board = house.viewer.board(KEY).await?.snapshot;
    let item = board.document.items.iter().find(|item| item.number == NUMBER);
    let item = item.context("the board has too few items")?.id;
    let bare = house.get(&http, house.viewer.cookie(), &format!("/p/{KEY}")).await?.error_for_status()?;
    let bare = bare.bytes().await?.len();
    let written = comment(&house, item).await?;
    let path: Arc<str> = format!("/p/{KEY}/i/{KEY}-{NUMBER}").into();
    let largest = Arc::new(AtomicUsize::new(0));
    let seen = largest.clone();
    let tally = crowd(8, until, move |_, tally| {
        let (house, http, path, seen) = (house.clone(), http.clone(), path.clone(), seen.clone());
        async move {
            loop {
                let Ok(answer) = house.get(&http, house.viewer.cookie(), &path).await else {
                    tally.add("cut");
                    sleep(IMPATIENCE).await;
                    continue;
                };
                let status = answer.status();
                match answer.bytes().await {
                    Ok(page) => {
                        seen.fetch_max(page.len(), Ordering::Relaxed);
                        tally.add(status.as_u16().to_string());
                    }
                    Err(_) => tally.add("cut"),
                }
                if !status.is_success() {
                    sleep(IMPATIENCE).await;
                }
            }
        }
    })
    .await?;
    let largest = largest.load(Ordering::Relaxed);
    let most = bare + GROWTH * SHOWN_BYTES + OVERHEAD * SHOWN;
    ensure!(largest <= most, "an item's page has {largest} bytes, more than {most}; {bare} without it");
    Ok(format!("{written} comments, {tally}, largest {} kB", largest / 1_000))
}

/// Writes comments until one is refused, and returns how many were taken.
async fn comment(house: &House, item: ItemId) -> Result<usize> {
    let mut rng = edits::fresh(5_000);
    let mut socket = attacks::page(house, &house.commenter, 5_001).await?;
    let mut written = 0;
    for first in (0..COMMENTS).step_by(AT_ONCE) {
        let mut ops = Vec::with_capacity(AT_ONCE);
        for number in first..first + AT_ONCE {
            let id = edits::id(&mut rng, CommentId::new);
            let op = Op::comment(id, item, costly(number)?);
            ops.push(Pushed { cseq: number as u64 + 1, op });
        }
        socket.send(&ClientMessage::Push { ops }).await?;
        let results = loop {
            let results = answers(&socket.receive_text().await?)?;
            if !results.is_empty() {
                break results;
            }
        };
        let taken =
            results.iter().filter(|answer| matches!(answer.outcome, Outcome::Accepted { .. })).count();
        written += taken;
        if taken < AT_ONCE {
            break;
        }
    }
    Ok(written)
}

/// A text that is all markup. No two are alike, because what was rendered is remembered.
fn costly(number: usize) -> Result<CommentBody> {
    const PARTS: [&str; 6] = ["<p>x", "`", ">", "> ", "_*a`a", "[a](b 'c"];
    let part = PARTS[number % PARTS.len()];
    let end = number.to_string();
    let text = part.repeat((LONG - end.len()) / part.len()) + &end;
    Ok(text.parse()?)
}
