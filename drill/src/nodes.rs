//! `drill nodes`: several servers on one PostgreSQL, all but one writing to one room. All must have the same order, and what was
//! written must be told soon by the one that only listens: at once with wake-ups, at its next look without. (Those that write
//! catch up with each commit of their own.) Once more, somebody at each of them changes records that all of them have, and plans across products.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use clap::Args;
use domain::{
    ClientId, Op, Place, Replica, Roadmap, Role, Title,
    wire::{Outcome, ServerMessage},
};
use futures::future::{join_all, select_all, try_join_all};
use rand::{RngExt as _, rngs::StdRng};
use tokio::time::{sleep, timeout};

use crate::{
    edits,
    page::lock,
    planner::Planner,
    records::Clerk,
    server::{Keeper, Server},
    session::Session,
    socket::{Door, Socket},
    times::quantile,
};

/// The product whose roadmap is edited.
const KEY: &str = "DRILL";

/// How long the last edits may take to be everywhere.
const PATIENCE: Duration = Duration::from_secs(30);

/// Chooses what is planned.
const PLANS: u64 = 1;

/// What is asked: with every wake-up, and without any.
const GOALS: [(u8, f64); 2] = [(0, 35.0), (100, 1_100.0)];

/// Let several servers write to one room, with wake-ups between them lost
#[derive(Debug, Args)]
pub(crate) struct Nodes {
    /// Servers on one PostgreSQL
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(2..=8))]
    servers: u8,
    /// Edits of each other server's page in each run
    #[arg(long, default_value_t = 120, value_parser = clap::value_parser!(u32).range(1..))]
    edits: u32,
    /// Milliseconds between two edits of a page, on average
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
    pace: u64,
    /// How many of a hundred wake-ups are lost, run by run
    #[arg(long, value_delimiter = ',', default_value = "0,50,100")]
    lost: Vec<u8>,
}

/// Runs the drill and prints what it found.
///
/// # Errors
/// When two pages differ in order or document, or an edit never arrives.
pub(crate) async fn run(arguments: Nodes) -> Result<()> {
    println!(
        "nodes: {} servers on PostgreSQL, one of which only listens, {} edits of each other in {} runs",
        arguments.servers,
        arguments.edits,
        arguments.lost.len()
    );
    let mut first = Server::prepare_on(Keeper::Postgres, None, false)?;
    first.start().await?;
    let owner = Session::found(&first).await?;
    owner.create_product(KEY).await?;
    let mut servers = vec![first];
    for _ in 1..arguments.servers {
        servers.push(servers[0].sibling()?);
    }
    for lost in &arguments.lost {
        let traffic = Traffic { edits: arguments.edits, pace: arguments.pace };
        let mut times = deliveries(&mut servers, &owner, KEY, *lost, traffic).await?;
        let (middle, high) = (quantile(&mut times, 0.5), quantile(&mut times, 0.99));
        let goal =
            GOALS.iter().find(|(share, _)| share == lost).map(|(_, most)| format!("  (goal {most} ms)"));
        println!(
            "{lost:>3} % of wake-ups lost: {} deliveries, p50 {middle:.1} ms, p99 {high:.1} ms{}",
            times.len(),
            goal.unwrap_or_default()
        );
    }
    records(&mut servers, &owner).await.context("with records")?;
    print!("{}", servers[0].check().await?);
    println!("the same order and the same document everywhere");
    Ok(())
}

/// Somebody at each server changes the same records beside the edits, and one of them who sees a product. All servers are killed
/// amid that; and somebody at each plans across products. Afterwards each has every acknowledged change once.
async fn records(servers: &mut [Server], owner: &Session) -> Result<()> {
    let onlooker = owner.invite(&servers[0], Role::Viewer, "onlooker").await?;
    let clerk = Clerk::begin(owner.clone()).await?;
    let clerks: Vec<Clerk> = servers.iter().map(|server| clerk.at(server)).chain([clerk.clone()]).collect();
    let planner = Planner::begin(&servers[0], owner.clone(), servers.len(), PLANS).await?;
    let planners: Vec<Planner> = servers.iter().zip(0..).map(|(server, n)| planner.at(server, n)).collect();
    let traffic = Traffic { edits: 40, pace: 60 };
    let delivered = async {
        let delivered = tokio::select! {
            delivered = deliveries(servers, owner, KEY, 50, traffic) => delivered,
            (never, ..) = select_all(clerks.iter().map(|clerk| Box::pin(clerk.work()))) => match never {},
        };
        planner.rest();
        delivered
    };
    let (delivered, _) = tokio::join!(delivered, join_all(planners.iter().map(Planner::work)));
    drop(delivered?);
    for server in &*servers {
        clerk.compare(server).await?;
        clerk.compare_access(&onlooker.at(server)).await?;
        planner.compare(server).await.context("with plans")?;
    }
    clerk.report()?;
    planner.report()
}

/// What is written at each server but the last.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Traffic {
    pub(crate) edits: u32,
    /// Milliseconds between two edits, on average.
    pub(crate) pace: u64,
}

/// Starts the servers anew so that they lose this share of a hundred wake-ups, lets all but the last write to the room of a
/// product, and returns how long that took to the last, in milliseconds.
///
/// # Errors
/// When two pages differ in order or document, or an edit never arrives.
pub(crate) async fn deliveries(
    servers: &mut [Server],
    owner: &Session,
    key: &str,
    lost: u8,
    traffic: Traffic,
) -> Result<Vec<f64>> {
    for server in &mut *servers {
        server.lose_wakes(lost);
        server.kill().await?;
        server.start().await?;
    }
    session(traffic, servers, owner, key).await
}

/// When each edit was made.
type Made = Arc<Mutex<HashMap<(ClientId, u64), Instant>>>;

/// All but the last edit, and get what the others do. Returns how long that took to the last, in milliseconds.
async fn session(traffic: Traffic, servers: &[Server], owner: &Session, key: &str) -> Result<Vec<f64>> {
    let board = owner.board(key).await?;
    let (made, mut pages) = (Made::default(), Vec::new());
    let all = u64::from(traffic.edits) * u64::try_from(servers.len() - 1)?;
    for (server, n) in servers.iter().zip(0_u64..) {
        let mut rng = edits::fresh(n);
        let replica = Replica::new(board.snapshot.clone(), edits::client(&mut rng), board.user, Role::Owner);
        let mut socket = Door::of(server, owner).enter(&replica.hello()).await?;
        let epoch = socket.welcome().await?;
        let mut page =
            Page { replica, socket, order: Vec::new(), times: Vec::new(), made: made.clone(), rng };
        page.replica.welcomed(epoch);
        pages.push(page);
    }
    let end = board.snapshot.head + all;
    let listener = pages.len() - 1;
    let runs = pages.into_iter().enumerate().map(|(index, page)| {
        let edits = if index == listener { 0 } else { traffic.edits };
        tokio::spawn(page.run(edits, traffic.pace, end))
    });
    let pages: Vec<Page> = try_join_all(runs).await?.into_iter().collect::<Result<_>>()?;
    for page in &pages[1..] {
        ensure!(page.order == pages[0].order, "two pages were told another order");
        ensure!(page.document() == pages[0].document(), "two pages have other documents");
    }
    ensure!(pages[0].order.len() == usize::try_from(all)?, "an edit was doubled or lost");
    Ok(pages.into_iter().next_back().map(|page| page.times).unwrap_or_default())
}

struct Page {
    replica: Replica,
    socket: Socket,
    /// Whose edits came, in order.
    order: Vec<(ClientId, u64)>,
    /// How long those of others took.
    times: Vec<f64>,
    made: Made,
    rng: StdRng,
}

impl Page {
    async fn run(mut self, edits: u32, pace: u64, end: u64) -> Result<Self> {
        for _ in 0..edits {
            let pause = sleep(Duration::from_millis(self.rng.random_range(0..=2 * pace)));
            tokio::pin!(pause);
            loop {
                tokio::select! {
                    () = &mut pause => break,
                    message = self.socket.receive_for(self.replica.confirmed()) => {
                        self.take(message?)?;
                        // What was made while the last was under way goes now, as in a browser.
                        self.push().await?;
                    }
                }
            }
            self.edit()?;
            self.push().await?;
        }
        let rest = async {
            while self.replica.head() < end {
                let message = self.socket.receive_for(self.replica.confirmed()).await?;
                self.take(message)?;
                self.push().await?;
            }
            anyhow::Ok(())
        };
        timeout(PATIENCE, rest).await.context("edits never arrived")??;
        Ok(self)
    }

    fn edit(&mut self) -> Result<()> {
        let lane = self.replica.view().lane_order().first().copied().context("a roadmap has a lane")?;
        let fields = domain::ItemFields::titled(Title::parse(&edits::words(&mut self.rng, 2, 5))?);
        let id = edits::id(&mut self.rng, domain::ItemId::new);
        let op = Op::CreateItem { id, lane, place: Place::First, fields: Box::new(fields) };
        self.replica.edit(op, edits::now())?;
        let cseq = self.replica.pending().last().context("an edit is pending")?.cseq;
        lock(&self.made).insert((self.replica.client(), cseq), Instant::now());
        Ok(())
    }

    async fn push(&mut self) -> Result<()> {
        match self.replica.take_push() {
            Some(ops) => self.socket.send(&domain::wire::ClientMessage::Push { ops }).await,
            None => Ok(()),
        }
    }

    fn take(&mut self, message: ServerMessage) -> Result<()> {
        match message {
            ServerMessage::Entries { entries } => {
                let own = self.replica.client();
                for entry in entries.iter().filter(|entry| entry.seq > self.replica.head()) {
                    let number = (entry.client, entry.cseq);
                    self.order.push(number);
                    if entry.client != own {
                        let made = lock(&self.made).get(&number).copied().context("an edit of nobody")?;
                        self.times.push(made.elapsed().as_secs_f64() * 1e3);
                    }
                }
                self.replica.receive(entries)?;
            }
            ServerMessage::Ack { results } => {
                if let Some(refused) =
                    results.iter().find(|acked| matches!(acked.outcome, Outcome::Refused(_)))
                {
                    bail!("an edit was refused: {refused:?}");
                }
                self.replica.acknowledge(results);
            }
            ServerMessage::Refetch | ServerMessage::Bye { .. } | ServerMessage::Closed { .. } => {
                bail!("the server says {message:?}")
            }
            _ => {}
        }
        Ok(())
    }

    fn document(&self) -> &Roadmap {
        self.replica.confirmed()
    }
}
