//! What processes on one PostgreSQL tell each other, so that none waits for its next look. A word that is lost is made up for by
//! that look, once a second.

use std::{collections::BTreeSet, fmt, str::FromStr, sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{ClientId, RoadmapId};
use sea_orm::{
    ConnectionTrait, DbBackend, Statement,
    sqlx::{self, postgres::PgListener},
};
use tokio::{
    sync::mpsc::{self, UnboundedReceiver, UnboundedSender},
    time::Instant,
};

use crate::{Backend, Database, WeakBackend, clock::new_id, people::channels::SessionHash};

/// Where it is said.
const CHANNEL: &str = "cairn";

/// Words are said no more often than this; what comes meanwhile is said together.
const PACE: Duration = Duration::from_millis(5);

/// How long a lost connection is left alone.
const PAUSE: Duration = Duration::from_secs(1);

/// What may have changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Word {
    /// Something was written to a room.
    Rooms,
    /// Names, roles, membership changed.
    Members,
    /// Records of declared kinds.
    Records,
    /// A voting session.
    Votes,
    /// The record of this roadmap's product.
    Product(RoadmapId),
    /// Ratings of this roadmap's items, or their score model.
    Scores(RoadmapId),
    /// Dependencies between items of these roadmaps.
    Dependencies(RoadmapId, RoadmapId),
    /// The session with this hash ended.
    Session(SessionHash),
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rooms => f.write_str("rooms"),
            Self::Members => f.write_str("members"),
            Self::Records => f.write_str("records"),
            Self::Votes => f.write_str("votes"),
            Self::Product(roadmap) => write!(f, "product {roadmap}"),
            Self::Scores(roadmap) => write!(f, "scores {roadmap}"),
            Self::Dependencies(one, other) => write!(f, "dependencies {one} {other}"),
            Self::Session(hash) => write!(f, "session {}", URL_SAFE_NO_PAD.encode(hash)),
        }
    }
}

impl FromStr for Word {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "rooms" => Ok(Self::Rooms),
            "members" => Ok(Self::Members),
            "records" => Ok(Self::Records),
            "votes" => Ok(Self::Votes),
            _ => match text.split_once(' ').ok_or(())? {
                ("product", id) => id.parse().map(Self::Product).map_err(drop),
                ("scores", id) => id.parse().map(Self::Scores).map_err(drop),
                ("dependencies", ids) => {
                    let (one, other) = ids.split_once(' ').ok_or(())?;
                    let id = |id: &str| id.parse().map_err(drop);
                    Ok(Self::Dependencies(id(one)?, id(other)?))
                }
                ("session", hash) => {
                    let hash = URL_SAFE_NO_PAD.decode(hash).map_err(drop)?;
                    hash.try_into().map(Self::Session).map_err(drop)
                }
                _ => Err(()),
            },
        }
    }
}

/// Begins what is said of who is here; what follows is [`rooms::Said`](crate::rooms) as JSON.
pub(crate) const PRESENCE: &str = "presence";

/// Says to other processes what changed. Says nothing on SQLite, which is one process's. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Wakes(Option<UnboundedSender<Word>>);

/// What is to be said, and by whom.
pub(crate) struct Words {
    /// Tells this process from the others.
    pub(crate) own: Arc<str>,
    waiting: UnboundedReceiver<Word>,
}

impl Wakes {
    /// And what is to be said, for [`run`].
    pub(crate) fn new(db: &Database) -> (Self, Option<Words>) {
        if db.backend() != DbBackend::Postgres {
            return (Self(None), None);
        }
        let (sender, waiting) = mpsc::unbounded_channel();
        let own = new_id(ClientId::new).to_string().into();
        (Self(Some(sender)), Some(Words { own, waiting }))
    }

    /// Whether there may be others to hear it.
    pub(crate) fn are_heard(&self) -> bool {
        self.0.is_some()
    }

    pub(crate) fn say(&self, word: Word) {
        if let Some(sender) = &self.0 {
            // Nobody is left to say it when the backend ends.
            let _ = sender.send(word);
        }
    }
}

/// Says what this process has to say and hears the others, until the backend ends.
pub(crate) async fn run(backend: WeakBackend, db: Database, words: Words) {
    let Words { own, waiting: mut words } = words;
    let (mut ear, mut lost) = (None, Lost::from_environment());
    let mut quiet_until = Instant::now();
    loop {
        if ear.is_none() {
            match listen(&db).await {
                Ok(listener) => {
                    ear = Some(listener);
                    // Something may have been said before.
                    hear_all(&backend);
                }
                Err(error) => tracing::debug!(%error, "other processes are not heard; it is tried again"),
            }
        }
        let heard = async {
            match &mut ear {
                Some(ear) => ear.recv().await.map(Some),
                None => {
                    tokio::time::sleep(PAUSE).await;
                    Ok(None)
                }
            }
        };
        let next = async {
            tokio::time::sleep_until(quiet_until).await;
            words.recv().await
        };
        tokio::select! {
            word = next => {
                let Some(word) = word else { return };
                quiet_until = Instant::now() + PACE;
                let mut said = BTreeSet::from([word]);
                while let Ok(word) = words.try_recv() {
                    said.insert(word);
                }
                said.retain(|_| !lost.next());
                say(&db, &own, said).await;
            }
            heard = heard => match heard {
                Ok(Some(notification)) => {
                    let word = notification.payload().split_once(' ').filter(|(from, _)| *from != &*own);
                    if let (Some(backend), Some((_, text))) = (backend.upgrade(), word) {
                        hear_text(&backend, text);
                    }
                }
                Ok(None) => {}
                Err(error) => {
                    tracing::debug!(%error, "other processes are not heard any more; it is tried again");
                    ear = None;
                    tokio::time::sleep(PAUSE).await;
                }
            },
        }
    }
}

/// Loses words on purpose, before they are said: `CAIRN_LOST_WAKES` says how many of a hundred, for drills that show that
/// nothing depends on them.
struct Lost {
    of_a_hundred: u32,
    sum: u32,
}

impl Lost {
    fn from_environment() -> Self {
        let share = std::env::var("CAIRN_LOST_WAKES").ok().and_then(|share| share.parse().ok());
        Self { of_a_hundred: share.unwrap_or(0), sum: 0 }
    }

    /// Whether the next is lost; evenly among those that are not.
    fn next(&mut self) -> bool {
        self.sum += self.of_a_hundred;
        let lost = self.sum >= 100;
        self.sum %= 100;
        lost
    }
}

async fn listen(db: &Database) -> Result<PgListener, sqlx::Error> {
    let mut listener = PgListener::connect_with(db.reader().get_postgres_connection_pool()).await?;
    listener.listen(CHANNEL).await?;
    Ok(listener)
}

async fn say(db: &Database, own: &str, words: BTreeSet<Word>) {
    for word in words {
        notify(db, own, &word.to_string()).await;
    }
}

/// Says something to every process, as the one of this name. Less than 8,000 bytes.
pub(crate) async fn notify(db: &Database, own: &str, text: &str) {
    let values = [CHANNEL.into(), format!("{own} {text}").into()];
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, "SELECT pg_notify($1, $2)", values);
    if let Err(error) = db.reader().execute_raw(statement).await {
        tracing::debug!(%error, "other processes could not be told; they look by themselves");
    }
}

fn hear_text(backend: &Backend, text: &str) {
    if let Some(said) = text.strip_prefix(PRESENCE) {
        match serde_json::from_str(said) {
            Ok(said) => backend.rooms.hear_of_presence(said),
            Err(error) => tracing::debug!(%error, "a process of another version tells who is there"),
        }
    } else if let Ok(word) = text.parse() {
        hear(backend, word);
    }
}

fn hear(backend: &Backend, word: Word) {
    match word {
        Word::Rooms => backend.rooms.look_at_rooms(),
        Word::Members => backend.hear_of_members(),
        Word::Records => backend.hear_of_records(),
        Word::Votes => backend.hear_of_votes(),
        Word::Product(roadmap) => backend.rooms.hear_of_product(roadmap),
        Word::Scores(roadmap) => backend.rooms.hear_of_scores(roadmap),
        Word::Dependencies(one, other) => backend.rooms.hear_of_dependencies(one, other),
        Word::Session(hash) => backend.hear_of_session(&hash),
    }
}

fn hear_all(backend: &WeakBackend) {
    if let Some(backend) = backend.upgrade() {
        for word in [Word::Members, Word::Votes] {
            hear(&backend, word);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_understood_as_they_are_said() {
        let product = Word::Product(RoadmapId::new(1, [7; 10]));
        let dependencies = Word::Dependencies(RoadmapId::new(1, [8; 10]), RoadmapId::new(1, [7; 10]));
        let scores = Word::Scores(RoadmapId::new(1, [7; 10]));
        let session = Word::Session([9; 32]);
        let simple = [Word::Rooms, Word::Members, Word::Records, Word::Votes];
        for word in simple.into_iter().chain([product, dependencies, scores, session]) {
            assert_eq!(word.to_string().parse(), Ok(word));
        }
        assert_eq!("product of nobody".parse::<Word>(), Err(()));
    }
}
