//! `drill secrecy`: the same session held twice, with the same ballots cast by other people. Whatever anybody but the
//! voters themselves can see must be the same both times: pages, answers, frames, downloads, log, and, once the session
//! is closed, the database.
//!
//! Both times begin from copies of one folder, in which the session is open and its guests have come in. So ids are the
//! same, and only moments and random numbers have to be overlooked. While the session is open the drill reads the database,
//! its log and a backup, in which no ballot may be readable. Somebody reads the database while it is closed, so that its log
//! stays, and afterwards all files are searched for the session's key and the names its ballots had. To show that it would
//! notice, it goes on with a session that is not secret, in which the difference has to be seen, and ends with editors who
//! vote for customers beside a voter or two, to have their ballots published.

mod filled;
mod seen;
mod tables;

use std::{path::PathBuf, time::Duration};

use anyhow::{Context as _, Result, bail, ensure};
use clap::Args;
use domain::{
    CastId, Role,
    voting::{Candidate, Choice, Mode, Rules, Secrecy as Level},
};
use futures::future::try_join_all;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use tokio::time::sleep;

use crate::{
    edits,
    server::Server,
    session::{Session, http_client},
    votes::{Answer, Booth, Poll, candidates, some_dots},
};
use seen::{Observer, Place, Seen, difference};

/// Who looks on: a member of each role.
const ONLOOKERS: [Role; 4] = [Role::Owner, Role::Editor, Role::Stakeholder, Role::Viewer];

/// Guests who vote. One more looks on.
const VOTERS: usize = 5;

/// Between two casts, so that what is told of them is not told together.
const PAUSE: Duration = Duration::from_millis(400);

/// Hold a session twice with the choices of the voters exchanged, and compare all that others can see
#[derive(Debug, Args)]
pub(crate) struct Secrecy {
    /// How many pairs of sessions to compare
    #[arg(long, default_value_t = 20)]
    pairs: usize,
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
/// When two observations differ that must not, or when a difference is not noticed that must be.
pub(crate) async fn run(arguments: Secrecy) -> Result<()> {
    let seed = arguments.seed.unwrap_or_else(|| rand::random_range(0..=u64::from(u32::MAX)));
    println!("secrecy: {} pairs, seed {seed}", arguments.pairs);
    let mut rng = StdRng::seed_from_u64(seed);
    let mut compared = 0;
    for pair in 0..arguments.pairs {
        let stage = Stage::set(&arguments, Level::Secret).await?;
        let (one, other) = stage.hold_twice(&mut rng).await.with_context(|| format!("in pair {pair}"))?;
        compared += one.len();
        if let Some(difference) = difference(&one, &other) {
            bail!("drill secrecy --seed {seed}: pair {pair} can be told apart:\n{difference}");
        }
    }
    let stage = Stage::set(&arguments, Level::Sealed).await?;
    let (one, other) = stage.hold_twice(&mut rng).await.context("in the pair that is not secret")?;
    ensure!(
        difference(&one, &other).is_some(),
        "A sealed session shows editors who chose what, but the drill did not notice: it looks at too little."
    );
    let filled = filled::fill(&arguments, &mut rng).await.context("editors who fill small groups")?;
    let never = one.never_shown();
    ensure!(never.is_empty(), "Nobody is ever shown what the drill looks at: {}", never.join(", "));
    let ballots = 2 * VOTERS * arguments.pairs;
    println!(
        "pairs {}  observations compared {compared}  differences 0  (and a sealed pair was told apart)",
        arguments.pairs
    );
    println!(
        "ballots sought in files, logs and backups {ballots}  readable 0  groups filled up {filled}  shown 0"
    );
    Ok(())
}

/// A folder in which everything is ready for people to vote.
struct Stage {
    server: Server,
    place: Place,
    candidates: Vec<Candidate>,
    cookies: Vec<String>,
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
        for number in 0..=VOTERS {
            let booth = Booth::enter(http_client()?, &origins, &code, number).await?;
            cookies.push(booth.cookie().to_owned());
        }
        server.stop().await?;
        let place = Place { voting, roadmap: candidates[0].roadmap, code };
        Ok(Self { server, place, candidates, cookies })
    }

    /// Holds the session with ballots drawn at random, and once more with each cast by somebody else.
    async fn hold_twice(&self, rng: &mut StdRng) -> Result<(Seen, Seen)> {
        let ballots: Vec<Vec<Choice>> = (0..VOTERS).map(|_| some_dots(&self.candidates, rng)).collect();
        let turned: Vec<Vec<Choice>> = (1..=VOTERS).map(|n| ballots[n % VOTERS].clone()).collect();
        ensure!(ballots != turned, "every voter drew the same ballot");
        // Side by side, because most of the time is spent waiting.
        let mut held =
            try_join_all([self.hold(&ballots, rng.random()), self.hold(&turned, rng.random())]).await?;
        let (Some(other), Some(one)) = (held.pop(), held.pop()) else { bail!("nothing was held") };
        Ok((one, other))
    }

    /// Holds the session on a copy of the folder and returns all that others saw.
    async fn hold(&self, ballots: &[Vec<Choice>], seed: u64) -> Result<Seen> {
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
        onlookers.push(Observer::new("guest", &server, &self.cookies[VOTERS], &self.place)?);
        for onlooker in &mut onlookers {
            onlooker.listen().await?;
        }
        let mut seen = Seen::default();
        let voters: Vec<Booth> = self.cookies[..VOTERS]
            .iter()
            .map(|cookie| Booth::with(&origins, cookie))
            .collect::<Result<_>>()?;
        // Everybody casts, and then casts once more: something else first.
        for round in 0..2 {
            for (voter, booth) in voters.iter().enumerate() {
                let choices = &ballots[(voter + 1 - round) % VOTERS];
                let cast = edits::id(&mut rng, CastId::new);
                let (answer, _) = booth.cast(voting, cast, choices, &mut rng).await?;
                ensure!(matches!(answer, Answer::Counted { .. }), "a cast is answered {answer:?}");
                sleep(PAUSE).await;
            }
            for onlooker in &onlookers {
                onlooker.look(&mut seen, &format!("open, round {round}")).await?;
            }
        }
        let taken = tables::take(&server, voting, ballots).await?;
        let reader = tables::Reader::begin(&server).await?;
        Session::demo(&server, Role::Owner).await?.close_poll(voting).await?;
        reader.end(&server, voting, &taken).await?;
        sleep(PAUSE).await;
        for onlooker in &mut onlookers {
            onlooker.look(&mut seen, "closed").await?;
            onlooker.heard(&mut seen).await?;
        }
        server.stop().await?;
        seen.add("log", &server.log_text()?);
        tables::look(&server, &taken, &mut seen).await?;
        Ok(seen)
    }
}
