//! PostgreSQL crashes while people write, and starts again.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use domain::{
    ClientId,
    wire::{ClientMessage, Pushed},
};
use futures::future::try_join_all;
use tokio::{
    sync::{
        mpsc::{UnboundedSender, unbounded_channel},
        watch,
    },
    time::{sleep, timeout},
};

use super::{
    follower::{Follower, enter_all, followers},
    nodes::{Nodes, PATIENCE, listen},
    report::{Figure, Goal},
};
use crate::{
    edits,
    room::{answers, expect_accepted},
    socket::Socket,
};

/// Pages that each have one edit under way, always.
const WRITERS: usize = 8;

/// How long they write before and after.
const WRITING: Duration = Duration::from_secs(2);

/// Between two attempts to come back.
const RETRY: Duration = Duration::from_millis(50);

/// An operation that was acknowledged, and when.
type Acknowledged = (ClientId, u64, Instant);

pub(super) async fn measure(nodes: &mut Nodes) -> Result<Vec<Figure>> {
    nodes.restart(1).await?;
    let mut pages = followers(std::slice::from_ref(&nodes.room), WRITERS + 1).await?;
    pages.iter_mut().for_each(|page| page.plain = true);
    let mut pages = enter_all(pages).await?;
    let (listener, socket) = pages.pop().context("there are pages")?;
    let (over, end) = watch::channel(None);
    let listening = tokio::spawn(listen(listener, socket, end));
    let (acked, mut answered) = unbounded_channel();
    let writing = Arc::new(AtomicBool::new(true));
    let writers: Vec<_> = pages
        .into_iter()
        .zip(0..)
        .map(|((page, socket), seed)| tokio::spawn(write(page, socket, seed, writing.clone(), acked.clone())))
        .collect();
    drop(acked);
    sleep(WRITING).await;
    nodes.servers[0].crash_database().await?;
    let ready = Instant::now();
    sleep(WRITING).await;
    // Who has had no answer yet gets one, or we give up.
    writing.store(false, Ordering::Relaxed);
    for written in timeout(PATIENCE, try_join_all(writers)).await.context("a writer gets no answer")?? {
        written?;
    }
    over.send(Some(nodes.room.snapshot().await?.head)).context("nobody listens any more")?;
    let order = timeout(PATIENCE, listening).await.context("entries are missing")???;

    let mut times = HashMap::new();
    for number in order.into_values() {
        *times.entry(number).or_insert(0) += 1;
    }
    let mut first: HashMap<ClientId, Instant> = HashMap::new();
    while let Some((client, cseq, moment)) = answered.recv().await {
        ensure!(times.get(&(client, cseq)) == Some(&1), "what was acknowledged is not once in the log");
        if moment > ready {
            let known = first.entry(client).or_insert(moment);
            *known = moment.min(*known);
        }
    }
    ensure!(first.len() == WRITERS, "only {} of {WRITERS} pages write again", first.len());
    let last = first.values().max().context("somebody writes")?;
    let name = format!(
        "PostgreSQL crashed amid edits of {WRITERS} pages: all of them write again after it is ready"
    );
    let figure = Figure::new("H6", name, "s", Goal::AtMost(3.0), vec![(*last - ready).as_secs_f64()]);
    Ok(vec![figure.noting("nothing acknowledged lost")])
}

/// Pushes an edit as soon as the last is answered, and the same again when the connection was lost meanwhile.
async fn write(
    mut page: Follower,
    socket: Socket,
    seed: u64,
    writing: Arc<AtomicBool>,
    acked: UnboundedSender<Acknowledged>,
) -> Result<()> {
    let mut rng = edits::fresh(seed);
    let mut socket = Some(socket);
    let mut cseq = 0;
    while writing.load(Ordering::Relaxed) {
        cseq += 1;
        let push = ClientMessage::Push { ops: vec![Pushed { cseq, op: page.room.edit(&mut rng) }] };
        loop {
            let Some(open) = &mut socket else {
                sleep(RETRY).await;
                socket = page.enter().await.ok();
                continue;
            };
            match answer(&mut page, open, &push, cseq).await {
                Ok(()) => break,
                Err(_) => socket = None,
            }
        }
        acked.send((page.client, cseq, Instant::now()))?;
    }
    Ok(())
}

async fn answer(page: &mut Follower, socket: &mut Socket, push: &ClientMessage, cseq: u64) -> Result<()> {
    socket.send(push).await?;
    loop {
        let text = socket.receive_text().await?;
        page.take(&text)?;
        for answer in answers(&text)? {
            expect_accepted(&answer)?;
            if answer.cseq == cseq {
                return Ok(());
            }
        }
    }
}
