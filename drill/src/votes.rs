//! `drill votes`: many voters cast at once, twice, over their budget and too late, while servers are killed and sessions
//! close. Every cast that was acknowledged must be counted, and every one that is not counted must have been refused.

mod booth;
mod witness;

use std::{
    path::PathBuf,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use domain::{
    CastId, ItemId, Role, Status, VotingId,
    voting::{Candidate, CastRefusal, Choice, Mode, Rules, Secrecy},
};
use futures::future::try_join_all;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use tokio::time::sleep;

use crate::{
    edits,
    page::lock,
    server::{Keeper, Server},
    session::{Board, Session},
};
pub(crate) use booth::{Answer, Booth, Poll};
use witness::Witness;

/// The product of the sample organisation whose items are voted on.
const KEY: &str = "ERP";

/// How many items are up for vote, and what they cost in turn.
const ITEMS: usize = 12;
const COSTS: [u32; 4] = [10, 25, 40, 60];

/// Casts that are under way at the same time.
const AT_ONCE: usize = 48;

/// What is voted on in the course of a drill, in turn: the modes that spend something most often.
const POLLS: [(Mode, u32, u32, Secrecy); 8] = [
    (Mode::Dots, 10, 5, Secrecy::Open),
    (Mode::Budget, 100, 0, Secrecy::Sealed),
    (Mode::Quadratic, 30, 0, Secrecy::Secret),
    (Mode::Ranking, 0, 0, Secrecy::Sealed),
    (Mode::Upvote, 4, 0, Secrecy::Secret),
    (Mode::Budget, 90, 0, Secrecy::Open),
    (Mode::Importance, 0, 0, Secrecy::Secret),
    (Mode::Approval, 0, 0, Secrecy::Open),
];

/// Cast ballots at the same time, repeat them, kill servers and close sessions amid it, and recount
#[derive(Debug, Args)]
pub(crate) struct Votes {
    /// How many ballots to cast, all sessions together
    #[arg(long, default_value_t = 10_000)]
    casts: usize,
    /// Voters of each session; several windows cast for each
    #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u16).range(3..=500))]
    voters: u16,
    /// Sessions, each of which is closed while people cast
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..))]
    sessions: u16,
    /// Where the data is
    #[arg(long, value_enum, default_value = "sqlite")]
    db: Keeper,
    /// Servers on the same data; more than one needs PostgreSQL
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=8))]
    processes: u16,
    /// Kill a server in every session, and start it again
    #[arg(long, default_value_t = true, action = clap::ArgAction::Set)]
    kills: bool,
    /// Chooses ballots and moments; random when left out
    #[arg(long)]
    seed: Option<u64>,
    /// Where to put the servers' data; the system's folder for temporary files when left out
    #[arg(long)]
    folder: Option<PathBuf>,
}

/// Runs the drill and prints what it found.
///
/// # Errors
/// When an acknowledged cast is not counted, one is counted that was refused, a ballot costs more than its voter had,
/// a repeated cast is answered differently, or a recount differs.
pub(crate) async fn run(arguments: Votes) -> Result<()> {
    let seed = arguments.seed.unwrap_or_else(|| rand::random_range(0..=u64::from(u32::MAX)));
    ensure!(
        arguments.processes == 1 || arguments.db == Keeper::Postgres,
        "Several servers need PostgreSQL: add --db postgres."
    );
    println!(
        "votes: {} casts in {} sessions of {} voters, {} server(s) on {:?}, seed {seed}",
        arguments.casts, arguments.sessions, arguments.voters, arguments.processes, arguments.db
    );
    let mut first = Server::prepare_on(arguments.db, arguments.folder.as_deref(), true)?;
    first.start().await?;
    let mut servers = vec![first];
    for _ in 1..arguments.processes {
        let mut sibling = servers[0].sibling()?;
        sibling.start().await?;
        servers.push(sibling);
    }
    let mut drill = Drill { servers, totals: Totals::default() };
    let begun = Instant::now();
    let result = drill.sessions(&arguments, StdRng::seed_from_u64(seed)).await;
    drill.totals.print(begun.elapsed());
    let verdict = result.and_then(|check| {
        print!("{check}");
        ensure!(drill.totals.faults.is_empty(), "votes were not counted as they were acknowledged");
        Ok(())
    });
    verdict.map_err(|error| {
        for server in &mut drill.servers {
            server.keep();
        }
        let log = drill.servers[0].last_words();
        let folder = drill.servers[0].keep();
        error.context(format!(
            "drill votes --seed {seed}: data kept in {}; the log ends:\n{log}\n",
            folder.display()
        ))
    })
}

struct Drill {
    servers: Vec<Server>,
    totals: Totals,
}

/// What became of all casts.
#[derive(Debug, Default)]
struct Totals {
    acknowledged: usize,
    refused: usize,
    over_budget: usize,
    late: usize,
    repeated: usize,
    resent: usize,
    kills: usize,
    ballots: usize,
    /// Time of those casts that were answered at the first attempt.
    times: Vec<f64>,
    faults: Vec<String>,
}

impl Totals {
    fn print(&mut self, took: Duration) {
        for fault in self.faults.iter().take(20) {
            println!("  fault: {fault}");
        }
        self.times.sort_by(f64::total_cmp);
        let quantile = |share: f64| {
            let index = (self.times.len() as f64 * share) as usize;
            self.times.get(index).copied().unwrap_or_default()
        };
        println!(
            "acknowledged {}  refused {} (over budget {}, late {})  repeated {}  resent {}  kills {}  ballots counted {}",
            self.acknowledged,
            self.refused,
            self.over_budget,
            self.late,
            self.repeated,
            self.resent,
            self.kills,
            self.ballots
        );
        println!(
            "faults {}  answered p50 {:.1} ms, p99 {:.1} ms  time {:.1} s",
            self.faults.len(),
            quantile(0.5),
            quantile(0.99),
            took.as_secs_f64()
        );
    }
}

impl Drill {
    /// Returns what the last `cairn check` printed.
    async fn sessions(&mut self, arguments: &Votes, mut rng: StdRng) -> Result<String> {
        let owner = Session::demo(&self.servers[0], Role::Owner).await?;
        let candidates = candidates(owner.board(KEY).await?);
        ensure!(candidates.len() == ITEMS, "the sample roadmap has too few items");
        let casts = arguments.casts.div_ceil(usize::from(arguments.sessions));
        for number in 0..arguments.sessions {
            let (mode, tokens, most, secrecy) = POLLS[usize::from(number) % POLLS.len()];
            let poll = Poll {
                title: format!("Drill {number}"),
                rules: Rules { mode, tokens, most },
                secrecy,
                candidates: candidates.clone(),
            };
            self.session(&owner, &poll, casts, usize::from(arguments.voters), arguments.kills, &mut rng)
                .await
                .with_context(|| format!("in session {number}, {}", mode.label()))?;
        }
        for server in &mut self.servers {
            server.kill().await?;
        }
        self.servers[0].check().await
    }

    /// One session, from its opening to its recount.
    async fn session(
        &mut self,
        owner: &Session,
        poll: &Poll,
        casts: usize,
        voters: usize,
        kills: bool,
        rng: &mut StdRng,
    ) -> Result<()> {
        let origins: Vec<String> = self.servers.iter().map(Server::origin).collect();
        let voting = owner.open_poll(poll).await?;
        let code = owner.entry_code(voting).await?;
        let booths = try_join_all((0..voters).map(|number| Booth::enter(&origins, &code, number))).await?;
        let witness = Witness::new(poll.rules, poll.candidates.clone(), voters);
        let next = AtomicUsize::new(0);
        let totals = Mutex::new(std::mem::take(&mut self.totals));
        let seeds: Vec<u64> = (0..AT_ONCE).map(|_| rng.random()).collect();
        let workers = try_join_all(seeds.into_iter().map(|seed| {
            work(StdRng::seed_from_u64(seed), voting, poll, &booths, &witness, &next, casts, &totals)
        }));
        // Closed when most casts are made, so that the last ones come too late.
        let close_after = rng.random_range(casts * 6 / 10..casts * 9 / 10);
        let kill_after = rng.random_range(casts / 10..casts * 5 / 10);
        let victim = rng.random_range(0..self.servers.len());
        let servers = &mut self.servers;
        let faults = async {
            if kills {
                reach(&next, kill_after).await;
                servers[victim].kill().await?;
                servers[0].check().await.context("amid a session")?;
                servers[victim].start().await?;
                lock(&totals).kills += 1;
            }
            reach(&next, close_after).await;
            owner.close_poll(voting).await
        };
        tokio::try_join!(workers, faults)?;
        self.totals = totals.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        let record = owner.record(voting).await?;
        self.totals.ballots += record.ballots.len();
        self.totals.faults.extend(witness.compare(&record));
        Ok(())
    }
}

/// Items of a board that are still to be done.
pub(crate) fn candidates(board: Board) -> Vec<Candidate> {
    let key = board.product.key;
    let open = board.snapshot.document.items.into_iter().filter(|item| {
        item.deleted.is_none() && !matches!(item.fields.status, Status::Done | Status::Dropped)
    });
    open.zip(COSTS.into_iter().cycle())
        .take(ITEMS)
        .map(|(item, cost)| Candidate {
            item: item.id,
            roadmap: board.snapshot.roadmap,
            key: format!("{key}-{}", item.number),
            title: item.fields.title.clone(),
            cost,
            withdrawn: false,
        })
        .collect()
}

/// Waits until so many casts were made.
async fn reach(made: &AtomicUsize, count: usize) {
    while made.load(Ordering::Relaxed) < count {
        sleep(Duration::from_millis(1)).await;
    }
}

/// Casts one ballot after another for voters taken at random, until there are enough.
#[expect(clippy::too_many_arguments, reason = "what all workers share is borrowed, each part for itself")]
async fn work(
    mut rng: StdRng,
    voting: VotingId,
    poll: &Poll,
    booths: &[Booth],
    witness: &Witness,
    made: &AtomicUsize,
    casts: usize,
    totals: &Mutex<Totals>,
) -> Result<()> {
    while made.fetch_add(1, Ordering::Relaxed) < casts {
        let voter = rng.random_range(0..booths.len());
        let (cast, choices) = (edits::id(&mut rng, CastId::new), choose(poll, &mut rng));
        let sent = witness.sends();
        let begun = Instant::now();
        let (answer, resent) = booths[voter].cast(voting, cast, &choices, &mut rng).await?;
        witness.hears(voter, sent, &choices, &answer);
        if rng.random_ratio(1, 10) {
            let (again, _) = booths[voter].cast(voting, cast, &choices, &mut rng).await?;
            witness.repeats(voter, &answer, &again);
            lock(totals).repeated += 1;
        }
        let mut totals = lock(totals);
        totals.resent += resent;
        if resent == 0 {
            totals.times.push(begun.elapsed().as_secs_f64() * 1_000.0);
        }
        match answer {
            Answer::Counted { .. } => totals.acknowledged += 1,
            Answer::Refused(sentence) => {
                totals.refused += 1;
                totals.over_budget += usize::from(sentence.starts_with("This ballot costs"));
                totals.late += usize::from(sentence == CastRefusal::Closed.to_string());
            }
        }
    }
    Ok(())
}

/// A ballot at random: mostly right, sometimes too dear, sometimes with something on it that cannot be.
fn choose(poll: &Poll, rng: &mut StdRng) -> Vec<Choice> {
    let mut choices = Vec::new();
    let count = rng.random_range(0..=poll.candidates.len().min(6));
    let start = rng.random_range(0..poll.candidates.len());
    for (place, offset) in (1..).zip(0..count) {
        let item = poll.candidates[(start + offset) % poll.candidates.len()].item;
        let amount = match poll.rules.mode {
            Mode::Upvote | Mode::Approval | Mode::Budget => 1,
            Mode::Dots => rng.random_range(1..=4),
            Mode::Quadratic => rng.random_range(1..=3),
            Mode::Ranking => place,
            Mode::Importance => rng.random_range(0..=3),
        };
        choices.push(Choice { item, amount });
    }
    if rng.random_ratio(1, 50) {
        let amount = if rng.random() { -1 } else { 1_000_000 };
        choices.push(Choice { item: poll.candidates[(start + count) % poll.candidates.len()].item, amount });
    }
    if rng.random_ratio(1, 50) {
        choices.push(Choice { item: edits::id(rng, ItemId::new), amount: 1 });
    }
    choices
}
