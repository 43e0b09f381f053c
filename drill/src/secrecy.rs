//! `drill secrecy`: the same session held twice, with the same ballots cast by other people. Whatever anybody but the
//! voters themselves can see must be the same both times: pages, answers, frames, downloads, log, and, once the session
//! is closed, the database.
//!
//! Both times begin from copies of one folder, in which the session is open and most of its guests have come in; the others
//! come in between and vote at once. So ids are the same but for theirs, and only moments and random numbers have to be
//! overlooked. While the session is open the drill reads the database, its log and a backup, in which no ballot may be
//! readable. Somebody reads the database while it is closed, so that its log stays and goes into what is compared with another
//! backup, and afterwards all files are searched for the session's key and whatever its rows held. To show that it would
//! notice, it goes on with a session that is not secret, in which the difference has to be seen, and ends with editors who
//! vote for customers beside a voter or two, to have their ballots published.
//!
//! Which encrypted ballot is whose the order of commits may tell, and the drill knows it of all. From there on it looks for
//! links from a voter to a choice: bytes that rows from before and after the close have in common, or rows of different
//! voters, and guesses by every order on the disk that are right more often than chance.
//!
//! At last a whole product is secret, and those look for it who must not see it.

mod bytes;
mod chance;
mod filled;
mod hidden;
mod seen;
mod tables;
mod trail;

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use anyhow::{Context as _, Result, bail, ensure};
use clap::Args;
use domain::{
    CastId, Role,
    voting::{Candidate, Choice, Mode, Rules, Secrecy as Level},
};
use futures::{StreamExt as _, TryStreamExt as _, future::try_join_all, stream};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng, seq::SliceRandom as _};
use tokio::time::sleep;

use crate::{
    edits,
    server::Server,
    session::{Session, http_client},
    votes::{Answer, Booth, Poll, candidates, some_dots},
};
use chance::Guesses;
use seen::{Observer, Place, Seen, difference};
use trail::Trail;

/// Who looks on: a member of each role.
const ONLOOKERS: [Role; 4] = [Role::Owner, Role::Editor, Role::Stakeholder, Role::Viewer];

/// Guests who vote. One more looks on.
const VOTERS: usize = 5;

/// Of these, who came before. The others come in when it is their turn, and vote at once.
const EARLY: usize = 3;

/// How many links are told of one by one.
const TOLD: usize = 20;

/// Between two casts, so that what is told of them is not told together.
const PAUSE: Duration = Duration::from_millis(400);

/// Hold a session twice with the choices of the voters exchanged, and compare all that others can see
#[derive(Debug, Args)]
pub(crate) struct Secrecy {
    /// How many pairs of sessions to compare
    #[arg(long, default_value_t = 20)]
    pairs: usize,
    /// How many of them to hold at the same time
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=32))]
    at_once: u16,
    /// Chooses ballots; random when left out
    #[arg(long)]
    seed: Option<u64>,
    /// Where to put the servers' data; the system's folder for temporary files when left out
    #[arg(long)]
    folder: Option<PathBuf>,
}

/// Runs the drill and prints what it found.
///
/// # Errors
/// When two observations differ that must not, when something leads from a voter to a choice, or when a difference is not
/// noticed that must be.
pub(crate) async fn run(arguments: Secrecy) -> Result<()> {
    let seed = arguments.seed.unwrap_or_else(|| rand::random_range(0..=u64::from(u32::MAX)));
    println!("secrecy: {} pairs, seed {seed}", arguments.pairs);
    let mut rng = StdRng::seed_from_u64(seed);
    let mut totals = Totals::default();
    let seeds: Vec<u64> = (0..arguments.pairs).map(|_| rng.random()).collect();
    let held = seeds.into_iter().enumerate().map(|(pair, own)| compare(&arguments, pair, own));
    let mut held = stream::iter(held).buffer_unordered(arguments.at_once.into());
    while let Some((compared, trails)) =
        held.try_next().await.with_context(|| format!("drill secrecy --seed {seed}"))?
    {
        totals.compared += compared;
        for trail in trails {
            totals.guesses.add(&trail.before, &trail.after);
            totals.add(trail);
        }
    }
    let stage = Stage::set(&arguments, Level::Sealed).await?;
    let [(one, trail), (other, another)] =
        stage.hold_twice(&mut rng).await.context("in the pair that is not secret")?;
    ensure!(
        difference(&one, &other).is_some(),
        "A sealed session shows editors who chose what, but the drill did not notice: it looks at too little."
    );
    [trail, another].into_iter().for_each(|trail| totals.add(trail));
    let filled = filled::fill(&arguments, &mut rng).await.context("editors who fill small groups")?;
    let searched = hidden::search(&arguments, &mut rng).await.context("a product for chosen people")?;
    let never = one.never_shown();
    ensure!(never.is_empty(), "Nobody is ever shown what the drill looks at: {}", never.join(", "));
    let ballots = 2 * VOTERS * arguments.pairs;
    println!(
        "pairs {}  observations compared {}  differences 0  (and a sealed pair was told apart)",
        arguments.pairs, totals.compared
    );
    println!(
        "ballots sought in files, logs and backups {ballots}  readable 0  groups filled up {filled}  shown 0"
    );
    println!("answers and frames searched for a hidden product {searched}  found 0  (and the chosen see it)");
    totals.judge(arguments.pairs).with_context(|| format!("drill secrecy --seed {seed}"))
}

/// Holds one pair of sessions, which must not differ. Returns how many observations were compared, too.
async fn compare(arguments: &Secrecy, pair: usize, seed: u64) -> Result<(usize, [Trail; 2])> {
    let mut rng = StdRng::seed_from_u64(seed);
    let stage = Stage::set(arguments, Level::Secret).await?;
    let [(one, trail), (other, another)] =
        stage.hold_twice(&mut rng).await.with_context(|| format!("in pair {pair}"))?;
    if let Some(difference) = difference(&one, &other) {
        bail!("pair {pair} can be told apart:\n{difference}");
    }
    Ok((one.len(), [trail, another]))
}

/// What came of all sessions together.
#[derive(Debug, Default)]
struct Totals {
    compared: usize,
    guesses: Guesses,
    links: Vec<String>,
    at_once: usize,
    told: usize,
}

impl Totals {
    fn add(&mut self, trail: Trail) {
        self.links.extend(trail.links);
        self.at_once += trail.at_once;
        self.told += trail.told;
    }

    /// Prints how many links there are.
    ///
    /// # Errors
    /// When there are any, or the drill did not come by what it is for.
    fn judge(mut self, pairs: usize) -> Result<()> {
        let verdict = self.guesses.judge(VOTERS);
        self.links.splice(0..0, verdict.links);
        println!(
            "guests who came and voted at once {}  of whom the log says which encrypted ballot is theirs {}",
            self.at_once, self.told
        );
        println!(
            "ways to guess by order {}  ballots guessed in each {}  right at most {}  by chance {}  a link from {}",
            verdict.ways,
            verdict.ballots,
            verdict.best,
            verdict.ballots / VOTERS,
            verdict.bound
        );
        println!("pairs {pairs}  links {}", self.links.len());
        for link in self.links.iter().take(TOLD) {
            println!("  {link}");
        }
        ensure!(self.links.is_empty(), "{} links lead from voters to choices", self.links.len());
        ensure!(
            self.told > 0,
            "No ballot was the commit right after its voter came: the drill looks at too little."
        );
        Ok(())
    }
}

/// A folder in which everything is ready for people to vote.
struct Stage {
    server: Server,
    place: Place,
    candidates: Vec<Candidate>,
    /// Of the guests who came before.
    cookies: Vec<String>,
    /// Of the guest who does not vote.
    onlooker: String,
}

impl Stage {
    async fn set(arguments: &Secrecy, level: Level) -> Result<Self> {
        let mut server = Server::prepare(arguments.folder.as_deref(), true)?;
        server.start().await?;
        let owner = Session::demo(&server, Role::Owner).await?;
        let candidates = candidates(&owner).await?;
        let poll = Poll {
            title: "Who chose what?".to_owned(),
            rules: Rules { mode: Mode::Dots, tokens: 10, most: 0 },
            secrecy: level,
            candidates: candidates.clone(),
            split: None,
        };
        let voting = owner.open_poll(&poll).await?;
        let code = owner.entry_code(voting, None).await?;
        let origins = [server.origin()];
        let mut cookies = Vec::new();
        for number in 0..EARLY {
            let booth = Booth::enter(http_client()?, &origins, &code, number).await?;
            cookies.push(booth.cookie().to_owned());
        }
        let onlooker = Booth::enter(http_client()?, &origins, &code, VOTERS).await?.cookie().to_owned();
        server.stop().await?;
        let place = Place { voting, roadmap: candidates[0].roadmap, code };
        Ok(Self { server, place, candidates, cookies, onlooker })
    }

    /// Holds the session with ballots drawn at random, and once more with each cast by somebody else.
    async fn hold_twice(&self, rng: &mut StdRng) -> Result<[(Seen, Trail); 2]> {
        let mut ballots: Vec<Vec<Choice>> = Vec::new();
        while ballots.len() < VOTERS {
            let ballot = some_dots(&self.candidates, rng);
            // Each is another, so that it is known whose a published one is.
            if !ballots.contains(&ballot) {
                ballots.push(ballot);
            }
        }
        let turned: Vec<Vec<Choice>> = (1..=VOTERS).map(|n| ballots[n % VOTERS].clone()).collect();
        let mut turns: Vec<usize> = (0..VOTERS).collect();
        turns.shuffle(rng);
        // Side by side, because most of the time is spent waiting.
        let mut held = try_join_all([
            self.hold(&ballots, &turns, rng.random()),
            self.hold(&turned, &turns, rng.random()),
        ])
        .await?;
        let (Some(other), Some(one)) = (held.pop(), held.pop()) else { bail!("nothing was held") };
        Ok([one, other])
    }

    /// Holds the session on a copy of the folder and returns all that others saw.
    async fn hold(&self, ballots: &[Vec<Choice>], turns: &[usize], seed: u64) -> Result<(Seen, Trail)> {
        let mut rng = StdRng::seed_from_u64(seed);
        let voting = self.place.voting;
        let mut server = self.server.copy()?;
        server.start().await?;
        let origins = [server.origin()];
        let mut onlookers = Vec::new();
        for role in ONLOOKERS {
            let session = Session::demo(&server, role).await?;
            onlookers.push(Observer::new(role.as_str(), &server, session.cookie(), &self.place)?);
        }
        onlookers.push(Observer::new("guest", &server, &self.onlooker, &self.place)?);
        for onlooker in &mut onlookers {
            onlooker.listen().await?;
        }
        let (mut seen, mut trail) = (Seen::default(), Trail::begin(voting));
        let mut voters: BTreeMap<usize, Booth> = BTreeMap::new();
        for (voter, cookie) in self.cookies.iter().enumerate() {
            voters.insert(voter, Booth::with(&origins, cookie)?);
        }
        // Everybody casts, and then casts once more: something else first, which is what the next voter ends with.
        for round in 0..2 {
            for &voter in turns {
                let late = !voters.contains_key(&voter);
                if late {
                    voters.insert(
                        voter,
                        Booth::enter(http_client()?, &origins, &self.place.code, voter).await?,
                    );
                }
                let choices = &ballots[(voter + 1 - round) % VOTERS];
                let cast = edits::id(&mut rng, CastId::new);
                let (answer, _) = voters[&voter].cast(voting, cast, choices, &mut rng).await?;
                ensure!(matches!(answer, Answer::Counted { .. }), "a cast is answered {answer:?}");
                if round == 0 {
                    let id = trail.first_cast(&server, voter, late).await?;
                    if late {
                        seen.overlook(&id, format!("<guest {voter}>"));
                    }
                }
                sleep(PAUSE).await;
            }
            for onlooker in &onlookers {
                onlooker.look(&mut seen, &format!("open, round {round}")).await?;
            }
            trail.read_rows(&server).await?;
        }
        let taken = tables::take(&server, voting, ballots, &mut trail).await?;
        let reader = tables::Reader::begin(&server).await?;
        let owner = Session::demo(&server, Role::Owner).await?;
        owner.close_poll(voting).await?;
        reader.end(&server, ballots, (&taken, &mut trail), &mut seen).await?;
        sleep(PAUSE).await;
        for onlooker in &mut onlookers {
            onlooker.look(&mut seen, "closed").await?;
            onlooker.heard(&mut seen).await?;
        }
        let record = owner.record(voting).await?.context("the session has no record")?;
        let owners = record
            .ballots
            .iter()
            .map(|ballot| trail::owner(&serde_json::to_string(&ballot.choices)?, ballots));
        let owners = owners.collect::<Result<_>>()?;
        trail.after.push(("published", owners));
        server.stop().await?;
        seen.add("log", &server.log_text()?);
        tables::look(&server, ballots, (&taken, &mut trail), &mut seen).await?;
        Ok((seen, trail))
    }
}
