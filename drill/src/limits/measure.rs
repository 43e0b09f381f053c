//! People who read and edit, and how long they wait.

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};

use super::{attack::Attack, house::House};
use crate::{
    edits,
    room::{Room, expect_accepted},
    server::Server,
    session::{Session, http_client},
    times::quantile,
};

/// Between two requests of one person.
const PACE: Duration = Duration::from_millis(40);

/// A person who waits for so long has not been served.
const PATIENCE: Duration = Duration::from_secs(15);

/// What people experienced for some seconds.
#[derive(Debug, Default)]
pub(super) struct Figures {
    /// The p99 in milliseconds of a page, of an edit's acknowledgement, and of `/healthz`.
    pub(super) page: f64,
    pub(super) edit: f64,
    pub(super) health: f64,
    /// The most memory of the server, in MiB.
    pub(super) memory: f64,
    /// What went wrong.
    pub(super) faults: Vec<String>,
    /// What the attack says of itself.
    pub(super) note: String,
}

/// Measures for so long, with or without an attack.
pub(super) async fn run(
    server: &Server,
    house: &House,
    lasting: Duration,
    attack: Option<Attack>,
) -> Result<Figures> {
    let until = Instant::now() + lasting;
    let attacking = attack.map(|attack| attack.start(Arc::new(house.clone()), until));
    // The first blows have fallen.
    sleep(lasting / 10).await;
    let watch = async {
        let mut most = 0;
        while Instant::now() < until {
            most = most.max(server.memory()?);
            sleep(Duration::from_millis(50)).await;
        }
        anyhow::Ok(most)
    };
    let (page, edit, health, memory) = tokio::join!(
        read(house.reader.kept_alive()?, until),
        edit(&house.room, until),
        ask_health(server.origin(), until),
        watch
    );
    let mut figures = Figures {
        page: page.p99(),
        edit: edit.p99(),
        health: health.p99(),
        memory: mebibytes(memory?),
        ..Figures::default()
    };
    figures.faults.extend([page.fault, edit.fault, health.fault].into_iter().flatten());
    if let Some(attacking) = attacking {
        figures.note =
            timeout(PATIENCE, attacking).await.context("the attack does not end")??.context("the attack")?;
    }
    Ok(figures)
}

#[expect(clippy::cast_precision_loss, reason = "memory of a process")]
fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / 1_048_576.0
}

/// How long somebody waited each time, in milliseconds, and what was not served in the end.
#[derive(Debug, Default)]
struct Experience {
    times: Vec<f64>,
    fault: Option<String>,
}

impl Experience {
    fn none(fault: String) -> Self {
        Self { times: Vec::new(), fault: Some(fault) }
    }

    fn p99(&self) -> f64 {
        if self.times.is_empty() { f64::INFINITY } else { quantile(&mut self.times.clone(), 0.99) }
    }
}

/// Does something again and again until the end, and notes how long each took.
async fn again(what: &str, until: Instant, mut step: impl AsyncFnMut() -> Result<()>) -> Experience {
    let mut pace = interval(PACE);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut experience = Experience::default();
    loop {
        pace.tick().await;
        if Instant::now() >= until {
            return experience;
        }
        let since = Instant::now();
        let done = timeout(PATIENCE, step()).await;
        experience.times.push(since.elapsed().as_secs_f64() * 1e3);
        experience.fault = match done {
            Ok(Ok(())) => continue,
            Ok(Err(error)) => Some(format!("{what} is refused: {error:#}")),
            Err(_) => Some(format!("{what} is not answered after {PATIENCE:?}")),
        };
        return experience;
    }
}

async fn read(session: Session, until: Instant) -> Experience {
    let path = format!("/p/{}", crate::room::KEY);
    again("a page", until, async || session.load(&path).await.map(drop)).await
}

async fn edit(room: &Room, until: Instant) -> Experience {
    let mut rng = edits::fresh(7);
    let come_in = async {
        let mut writers = room.connect(1, &mut rng).await?;
        writers.pop().context("nobody came in")
    };
    let mut writer = match timeout(PATIENCE, come_in).await {
        Ok(Ok(writer)) => writer,
        Ok(Err(error)) => return Experience::none(format!("a board does not open: {error:#}")),
        Err(_) => return Experience::none("a board does not open".to_owned()),
    };
    let mut rng = edits::fresh(8);
    again("an edit", until, async || {
        let op = room.edit(&mut rng);
        writer.push(vec![op]).await?.iter().try_for_each(expect_accepted)
    })
    .await
}

async fn ask_health(origin: String, until: Instant) -> Experience {
    let http = match http_client() {
        Ok(http) => http,
        Err(error) => return Experience::none(format!("{error:#}")),
    };
    // A connection of its own each time, as somebody's who comes newly.
    let address = format!("{origin}/healthz");
    again("/healthz", until, async || {
        http.get(&address).send().await?.error_for_status()?.bytes().await?;
        Ok(())
    })
    .await
}
