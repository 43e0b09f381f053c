//! `drill votes`: many voters cast at once, twice, over their budget and too late, while servers are killed and sessions
//! close. Every cast that was acknowledged must be counted, and every one that is not counted must have been refused.

mod booth;
mod round;
mod witness;

use std::{
    convert::Infallible,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use domain::{
    Role, Status,
    voting::{Candidate, Choice, Mode, RecordOfVoting, Rules, Secrecy},
};
use futures::future::try_join_all;
use rand::{Rng, RngExt as _, SeedableRng as _, rngs::StdRng};
use tokio::time::sleep;

use crate::{
    page::lock,
    server::{Keeper, Server},
    session::{Session, kept_alive},
    times::Sample,
};
pub(crate) use booth::{Answer, Booth, Customer, Poll};
use round::Round;
use witness::{Fate, Faults};

/// The product of the sample organisation whose items are voted on.
pub(crate) const KEY: &str = "ERP";

/// How many items are up for vote, and what they cost in turn.
const ITEMS: usize = 12;
const COSTS: [u32; 4] = [10, 25, 40, 60];

/// A drill with as many casts as this has to come by everything it is for.
const THOROUGH: usize = 1_000;

/// How often the data is checked while servers are killed. It is read as a whole every time, and grows.
const CHECKS: u16 = 20;

/// Between two lines that say how far a drill has come.
const PROGRESS: Duration = Duration::from_secs(10);

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
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..))]
    casts: u32,
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
/// a cast is called late before anybody closed the session, a repeated one is answered differently, a recount differs, or
/// a long drill never came by something it is for.
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
    let totals = Arc::<Mutex<Totals>>::default();
    let casts = usize::try_from(arguments.casts)?;
    let mut drill = Drill { servers, totals: totals.clone() };
    let begun = Instant::now();
    let result = tokio::select! {
        result = drill.sessions(&arguments, casts, StdRng::seed_from_u64(seed)) => result,
        never = tell_progress(&totals, casts) => match never {},
    };
    let mut totals = lock(&totals);
    totals.print(begun.elapsed());
    let verdict = result.and_then(|check| {
        print!("{check}");
        ensure!(totals.faults.count == 0, "votes were not counted as they were acknowledged");
        let untested = totals.untested(arguments.kills);
        ensure!(
            casts < THOROUGH || untested.is_empty(),
            "the drill proves nothing about what never happened in it: {}",
            untested.join(", ")
        );
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

/// Says again and again how far the drill has come.
async fn tell_progress(totals: &Mutex<Totals>, casts: usize) -> Infallible {
    let mut before = 0;
    loop {
        sleep(PROGRESS).await;
        let answered = lock(totals).answered();
        let rate = (answered - before) as u64 / PROGRESS.as_secs();
        eprintln!("{answered} of {casts} casts, {rate} a second");
        before = answered;
    }
}

struct Drill {
    servers: Vec<Server>,
    totals: Arc<Mutex<Totals>>,
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
    /// Milliseconds of those casts that were answered at the first attempt.
    times: Sample,
    faults: Faults,
}

impl Totals {
    fn count(&mut self, fate: Fate) {
        match fate {
            Fate::Counted => self.acknowledged += 1,
            Fate::OverBudget => self.over_budget += 1,
            Fate::Late => self.late += 1,
            Fate::Refused => {}
        }
        self.refused += usize::from(fate != Fate::Counted);
    }

    fn answered(&self) -> usize {
        self.acknowledged + self.refused
    }

    /// What never happened.
    fn untested(&self, kills: bool) -> Vec<&'static str> {
        let happened = [
            ("a ballot that is counted", self.acknowledged),
            ("one that is over its budget", self.over_budget),
            ("one that is too late", self.late),
            ("one that is repeated", self.repeated),
        ];
        let amid_kills = [("a kill", self.kills), ("a cast that had to be sent again", self.resent)];
        let all = happened.into_iter().chain(amid_kills.into_iter().filter(|_| kills));
        all.filter(|(_, count)| *count == 0).map(|(what, _)| what).collect()
    }

    fn print(&mut self, took: Duration) {
        for fault in &self.faults.sentences {
            println!("  fault: {fault}");
        }
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
            self.faults.count,
            self.times.quantile(0.5).unwrap_or_default(),
            self.times.quantile(0.99).unwrap_or_default(),
            took.as_secs_f64()
        );
    }
}

impl Drill {
    /// Returns what the last `cairn check` printed. Ends with the first session in which there was a fault.
    async fn sessions(&mut self, arguments: &Votes, casts: usize, mut rng: StdRng) -> Result<String> {
        let owner = Session::demo(&self.servers[0], Role::Owner).await?;
        let candidates = candidates(&owner).await?;
        let casts = casts.div_ceil(usize::from(arguments.sessions));
        let check_every = arguments.sessions.div_ceil(CHECKS);
        for number in 0..arguments.sessions {
            let (mode, tokens, most, secrecy) = POLLS[usize::from(number) % POLLS.len()];
            let poll = Poll {
                title: format!("Drill {number}"),
                rules: Rules { mode, tokens, most },
                secrecy,
                candidates: candidates.clone(),
                split: None,
            };
            let voters = usize::from(arguments.voters);
            let kill = arguments.kills.then(|| Kill {
                server: rng.random_range(0..self.servers.len()),
                check: number.is_multiple_of(check_every),
            });
            self.session(&owner, poll, casts, voters, kill, &mut rng)
                .await
                .with_context(|| format!("in session {number}, {}", mode.label()))?;
            if lock(&self.totals).faults.count > 0 {
                break;
            }
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
        poll: Poll,
        casts: usize,
        voters: usize,
        kill: Option<Kill>,
        rng: &mut StdRng,
    ) -> Result<()> {
        let origins: Vec<String> = self.servers.iter().map(Server::origin).collect();
        let voting = owner.open_poll(&poll).await?;
        let code = owner.entry_code(voting, None).await?;
        let http = kept_alive()?;
        let entering = (0..voters).map(|number| Booth::enter(http.clone(), &origins, &code, number));
        let booths = try_join_all(entering).await?;
        let round = Arc::new(Round::new(voting, poll, booths, casts, self.totals.clone()));
        let held = self.hold(owner, &round, kill, rng).await;
        if let Ok(record) = &held {
            round.witness.compare(record.as_ref());
            lock(&self.totals).ballots += record.as_ref().map_or(0, |record| record.ballots.len());
        }
        lock(&self.totals).faults.append(round.witness.faults());
        held.map(drop)
    }

    /// Has people cast, kills a server amid it, and closes the session when most casts are made, so that the last ones come
    /// too late. Returns what was published.
    async fn hold(
        &mut self,
        owner: &Session,
        round: &Arc<Round>,
        kill: Option<Kill>,
        rng: &mut StdRng,
    ) -> Result<Option<RecordOfVoting>> {
        let close_after = rng.random_range(round.casts * 6 / 10..=round.casts * 9 / 10);
        let kill_after = rng.random_range(round.casts / 10..=round.casts * 5 / 10);
        let voters = round.vote(rng);
        let faults = async {
            if let Some(kill) = kill {
                round.reach(kill_after).await;
                self.servers[kill.server].kill().await?;
                if kill.check {
                    self.servers[0].check().await.context("amid a session")?;
                }
                self.servers[kill.server].start().await?;
                lock(&self.totals).kills += 1;
            }
            round.reach(close_after).await;
            round.witness.closes();
            owner.close_poll(round.voting).await
        };
        tokio::try_join!(voters, faults)?;
        owner.record(round.voting).await
    }
}

/// Which server is killed in a session, and whether its data is checked then.
struct Kill {
    server: usize,
    check: bool,
}

/// Items of the sample organisation that are still to be done, as they can be put to the vote.
pub(crate) async fn candidates(owner: &Session) -> Result<Vec<Candidate>> {
    let board = owner.board(KEY).await?;
    let key = board.product.key;
    let open = board.snapshot.document.items.into_iter().filter(|item| {
        item.deleted.is_none() && !matches!(item.fields.status, Status::Done | Status::Dropped)
    });
    let candidates: Vec<Candidate> = open
        .zip(COSTS.into_iter().cycle())
        .take(ITEMS)
        .map(|(item, cost)| Candidate {
            item: item.id,
            roadmap: board.snapshot.roadmap,
            key: format!("{key}-{}", item.number),
            title: item.fields.title.clone(),
            cost,
            withdrawn: false,
        })
        .collect();
    ensure!(candidates.len() == ITEMS, "the sample roadmap has too few items");
    Ok(candidates)
}

/// A ballot that ten dots are enough for: one or two on each of four items.
pub(crate) fn some_dots(candidates: &[Candidate], rng: &mut impl Rng) -> Vec<Choice> {
    let start = rng.random_range(0..candidates.len());
    (0..4)
        .map(|offset| Choice {
            item: candidates[(start + offset) % candidates.len()].item,
            amount: rng.random_range(1..=2),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_never_happened_is_named() {
        let mut totals = Totals { repeated: 1, ..Totals::default() };
        for fate in [Fate::Counted, Fate::OverBudget, Fate::Refused] {
            totals.count(fate);
        }
        assert_eq!((totals.answered(), totals.refused), (3, 2));
        assert_eq!(totals.untested(false), ["one that is too late"]);
        totals.count(Fate::Late);
        assert_eq!(totals.untested(true), ["a kill", "a cast that had to be sent again"]);
    }
}
