//! A database that goes away and comes back.

use std::time::{Duration, Instant};

use backend::{Backend, Viewer};
use domain::{ClientId, wire::Outcome};
use tokio::{
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};

use crate::{
    harness::{Store, stories},
    rooms::{answers, create, first_lane, id, is_sound, join, numbered, product},
};

stories! {
    writes_are_back_soon_after_the_database_is
}

/// So soon after the database takes connections again, operations are written again.
const BACK_WITHIN: Duration = Duration::from_secs(3);

/// What stands between a process and its database, and can be cut.
struct Wire {
    address: String,
    database: String,
    passing: JoinHandle<()>,
}

impl Wire {
    async fn to(database: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let passing = tokio::spawn(pass(listener, database.clone()));
        Self { address, database, passing }
    }

    /// Cuts every connection, and refuses others until it is mended.
    async fn cut(&mut self) {
        self.passing.abort();
        assert!((&mut self.passing).await.unwrap_err().is_cancelled());
    }

    async fn mend(&mut self) {
        let listener = TcpListener::bind(&self.address).await.unwrap();
        self.passing = tokio::spawn(pass(listener, self.database.clone()));
    }
}

async fn pass(listener: TcpListener, database: String) {
    // Those that pass end with this.
    let mut passing = JoinSet::new();
    loop {
        let (mut from, _) = listener.accept().await.unwrap();
        let database = database.clone();
        passing.spawn(async move {
            let mut to = TcpStream::connect(database).await.unwrap();
            // An error is a connection that was cut.
            drop(tokio::io::copy_bidirectional(&mut from, &mut to).await);
        });
    }
}

async fn writes_are_back_soon_after_the_database_is(store: Store) {
    let Some((before, rest)) = store.url.strip_prefix("postgres").and_then(|_| store.url.split_once('@'))
    else {
        // SQLite is part of the program.
        return;
    };
    let (host, name) = rest.split_once('/').unwrap();
    let host = if host.contains(':') { host.to_owned() } else { format!("{host}:5432") };
    let mut wire = Wire::to(host).await;
    let (owner, product) = product(&store).await;
    let lane = first_lane(&owner, product.roadmap).await;
    let process = Backend::open(&format!("{before}@{}/{name}", wire.address)).await.unwrap();
    let there: Viewer = (**process.people().first_owner().await.unwrap()).clone();
    let mut page = join(&there, product.roadmap, id(ClientId::new)).await.connection;
    let mut outcomes = Vec::new();
    let mut cseq = 0;
    // Short ones come amid commits; long ones are when the next try may be far away.
    for away in [0, 5, 10, 20, 40, 80, 160, 0, 3, 7, 4_500] {
        for _ in 0..3 {
            cseq += 1;
            page.push(numbered(cseq, vec![create(lane, &cseq.to_string()).1]), 0).await.unwrap();
            if cseq % 3 != 0 {
                outcomes.extend(answers(&mut page).await);
            }
        }
        // The last one of the three is on its way.
        wire.cut().await;
        tokio::time::sleep(Duration::from_millis(away)).await;
        wire.mend().await;
        let since = Instant::now();
        outcomes.extend(answers(&mut page).await);
        assert!(since.elapsed() < BACK_WITHIN, "{:?} after {away} ms", since.elapsed());
    }
    assert_eq!(outcomes, (5..5 + cseq).map(|seq| Outcome::Accepted { seq }).collect::<Vec<_>>());
    is_sound(&store.backend).await;
}
