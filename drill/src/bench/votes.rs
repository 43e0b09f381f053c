//! Voting: how many casts are kept a second, how long a crowd waits, how soon others see the tally move.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use domain::{
    CastId, Role, VotingId,
    voting::{Candidate, Mode, Rules, Secrecy},
};
use futures::future::try_join_all;
use rand::{RngExt as _, rngs::StdRng};
use reqwest::header::{ACCEPT, COOKIE};
use tokio::time::{Instant as TokioInstant, sleep, sleep_until, timeout};

use super::{
    load::{Load, counted},
    nodes,
    report::{Figure, Goal},
};
use crate::{
    edits,
    server::{Keeper, Server},
    session::{Session, http_client, kept_alive},
    times::quantile,
    votes::{Answer, Booth, Poll, candidates, some_dots},
};

/// Voters who cast again as soon as they are answered.
const BUSY: usize = 32;
const MEASURED: Duration = Duration::from_secs(3);

/// A crowd that is asked to vote in a meeting.
const CROWD: usize = 1_000;
const ARRIVAL: Duration = Duration::from_secs(10);

/// Casts of which it is measured how soon others see them, and the longest pause between two. The tally is told at most four
/// times a second, so a cast has to wait for as long as it comes too soon after the one before.
const TOLD: usize = 100;
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

pub(super) async fn measure(folder: &Path, load: Load) -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for (keeper, database) in [(Keeper::Sqlite, "SQLite"), (Keeper::Postgres, "PostgreSQL")] {
        if keeper == Keeper::Postgres && !cluster::is_installed() {
            figures.push(Figure::missing("Casts on PostgreSQL", nodes::NO_POSTGRES));
            continue;
        }
        let mut server = Server::prepare_on(keeper, Some(folder), true)?;
        server.start().await?;
        let measured = Measured::prepare(&server, load).await?;
        let saturated = format!("Casts kept on disk, {database}, {BUSY} voters");
        figures.push(Figure::new("", saturated, "casts/s", Goal::None, measured.saturated().await?));
        let crowd = counted(load.of(CROWD));
        let crowd = format!("Cast answered, {crowd} voters within 10 s, {database}, p99");
        figures.push(Figure::new("", crowd, "ms", Goal::None, measured.crowd().await?));
        if keeper == Keeper::Sqlite {
            let mut times = measured.told().await?;
            let told = "A cast in the tally on another page, p95";
            let time = quantile(&mut times, 0.95);
            figures.push(Figure::new("", told, "ms", Goal::AtMost(300.0), vec![time]));
        }
        server.kill().await?;
    }
    Ok(figures)
}

struct Measured {
    origins: [String; 1],
    owner: Session,
    candidates: Vec<Candidate>,
    load: Load,
}

impl Measured {
    async fn prepare(server: &Server, load: Load) -> Result<Self> {
        let owner = Session::demo(server, Role::Owner).await?;
        let candidates = candidates(&owner).await?;
        Ok(Self { origins: [server.origin()], owner, candidates, load })
    }

    /// Opens a session and lets guests in.
    async fn open(&self, secrecy: Secrecy, guests: usize) -> Result<(VotingId, Vec<Booth>)> {
        let poll = Poll {
            title: "Bench".to_owned(),
            rules: Rules { mode: Mode::Dots, tokens: 10, most: 0 },
            secrecy,
            candidates: self.candidates.clone(),
            split: None,
        };
        let voting = self.owner.open_poll(&poll).await?;
        let code = self.owner.entry_code(voting, None).await?;
        let mut booths = Vec::with_capacity(guests);
        for number in 0..guests {
            booths.push(Booth::enter(kept_alive()?, &self.origins, &code, number).await?);
        }
        Ok((voting, booths))
    }

    async fn cast(&self, voting: VotingId, booth: &Booth, rng: &mut StdRng) -> Result<()> {
        let (cast, choices) = (edits::id(rng, CastId::new), some_dots(&self.candidates, rng));
        match booth.cast(voting, cast, &choices, rng).await? {
            (Answer::Counted { .. }, 0) => Ok(()),
            (answer, resent) => bail!("a cast is answered {answer:?} after {resent} more attempts"),
        }
    }

    async fn saturated(&self) -> Result<Vec<f64>> {
        let (voting, booths) = self.open(Secrecy::Secret, BUSY).await?;
        let mut rates = Vec::new();
        for run in 0..self.load.runs() {
            let begun = Instant::now();
            let casting = booths.iter().zip(0..).map(|(booth, seed)| async move {
                let mut rng = edits::fresh(seed + 1_000 * run as u64);
                let mut casts = 0_u32;
                while begun.elapsed() < MEASURED {
                    self.cast(voting, booth, &mut rng).await?;
                    casts += 1;
                }
                anyhow::Ok(casts)
            });
            let casts: u32 = try_join_all(casting).await?.into_iter().sum();
            rates.push(f64::from(casts) / begun.elapsed().as_secs_f64());
        }
        Ok(rates)
    }

    /// Each comes when it is due, whether or not those before have been answered; its time counts from then.
    async fn crowd(&self) -> Result<Vec<f64>> {
        let crowd = self.load.of(CROWD);
        let (voting, booths) = self.open(Secrecy::Secret, crowd).await?;
        let gap = ARRIVAL / u32::try_from(crowd)?;
        let begun = TokioInstant::now();
        let arriving = booths.iter().zip(0_u32..).map(|(booth, number)| async move {
            let due = begun + gap * number;
            sleep_until(due).await;
            self.cast(voting, booth, &mut edits::fresh(number.into())).await?;
            anyhow::Ok(due.elapsed().as_secs_f64() * 1e3)
        });
        let mut times = try_join_all(arriving).await?;
        Ok(vec![quantile(&mut times, 0.99)])
    }

    /// From a cast to the event that holds it, on the page of somebody else.
    async fn told(&self) -> Result<Vec<f64>> {
        let (voting, booths) = self.open(Secrecy::Open, self.load.of(TOLD)).await?;
        let address = format!("{}/voting/{voting}/events", self.origins[0]);
        let request = http_client()?.get(address).header(COOKIE, self.owner.cookie());
        let mut events = request.header(ACCEPT, "text/event-stream").send().await?;
        ensure!(events.status() == 200, "nobody may listen: {}", events.status());
        events.chunk().await?.context("nothing is told at the beginning")?;
        let mut rng = edits::fresh(1);
        let mut times = Vec::with_capacity(booths.len());
        for (booth, count) in booths.iter().zip(1..) {
            sleep(rng.random_range(Duration::ZERO..LONGEST_PAUSE)).await;
            let begun = Instant::now();
            self.cast(voting, booth, &mut rng).await?;
            let wanted = format!("\"ballots\":{count}");
            let mut text = String::new();
            while !text.contains(&wanted) {
                let told =
                    timeout(Duration::from_secs(5), events.chunk()).await.context("a cast is not told")?;
                text.push_str(&String::from_utf8_lossy(&told?.context("the events ended")?));
            }
            times.push(begun.elapsed().as_secs_f64() * 1e3);
        }
        Ok(times)
    }
}
