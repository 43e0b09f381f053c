//! How each attack is made.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use anyhow::{Context as _, Result};
use domain::{
    CastId, CommentBody, CommentId, ItemChange, ItemId, Op,
    wire::{ClientMessage, Dragging, MAX_PUSH, Presence, Pushed},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
    time::{Instant, sleep, sleep_until, timeout_at},
};

use super::house::{ATTACKERS, House};
use crate::{
    edits,
    page::lock,
    session::{FORM, Session, http_client, kept_alive},
    socket::Door,
};

/// An attacker who is refused waits this long, not as long as asked to.
pub(super) const IMPATIENCE: Duration = Duration::from_millis(20);

const JSON: &str = "application/json";

/// How often something came of an attack.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally(Arc<Mutex<BTreeMap<String, usize>>>);

impl Tally {
    pub(super) fn add(&self, what: impl Into<String>) {
        *lock(&self.0).entry(what.into()).or_default() += 1;
    }

    fn text(&self) -> String {
        let counts = lock(&self.0);
        counts.iter().map(|(what, count)| format!("{what} {count}×")).collect::<Vec<_>>().join(", ")
    }
}

/// Lets so many attack at the same time until the end.
pub(super) async fn crowd<F>(
    many: usize,
    until: Instant,
    attacker: impl Fn(usize, Tally) -> F,
) -> Result<String>
where
    F: Future<Output = Result<()>> + Send + 'static,
{
    let tally = Tally::default();
    let mut all = JoinSet::new();
    for number in 0..many {
        all.spawn(attacker(number, tally.clone()));
    }
    sleep_until(until).await;
    all.abort_all();
    while let Some(one) = all.join_next().await {
        if let Ok(Err(error)) = one {
            tally.add(format!("{:.40}", format!("{error:#}")));
        }
    }
    Ok(tally.text())
}

/// Sends one request after the other, and counts the statuses.
async fn requests<F>(
    many: usize,
    until: Instant,
    request: impl Fn(usize) -> F + Send + Sync + Clone + 'static,
) -> Result<String>
where
    F: Future<Output = Result<reqwest::Response>> + Send + 'static,
{
    crowd(many, until, move |number, tally| {
        let request = request.clone();
        async move {
            for turn in 0.. {
                let answer = request(number + turn * many).await;
                let Ok(answer) = answer else {
                    tally.add("cut");
                    sleep(IMPATIENCE).await;
                    continue;
                };
                tally.add(answer.status().as_u16().to_string());
                let refused = !answer.status().is_success();
                drop(answer.bytes().await);
                if refused {
                    sleep(IMPATIENCE).await;
                }
            }
            Ok(())
        }
    })
    .await
}

/// Reads the status that comes on a connection, if any, and waits until it is closed.
async fn fate(mut stream: TcpStream, until: Instant, tally: &Tally) {
    let mut begin = [0; 12];
    match timeout_at(until, stream.read_exact(&mut begin)).await {
        Ok(Ok(_)) => {
            tally.add(String::from_utf8_lossy(&begin[9..]).into_owned());
            let mut rest = Vec::new();
            drop(timeout_at(until, stream.read_to_end(&mut rest)).await);
        }
        Ok(Err(_)) => tally.add("closed"),
        Err(_) => tally.add("held"),
    }
}

/// Holds so many connections on which something was begun, and opens another for each that is closed.
async fn hold<F>(
    many: usize,
    until: Instant,
    open: impl Fn() -> F + Send + Sync + Clone + 'static,
) -> Result<String>
where
    F: Future<Output = Result<TcpStream>> + Send + 'static,
{
    let end = until - Duration::from_millis(200);
    crowd(many, until, move |_, tally| {
        let open = open.clone();
        async move {
            while Instant::now() < end {
                match open().await {
                    Ok(stream) => fate(stream, end, &tally).await,
                    Err(_) => tally.add("cut"),
                }
                sleep(IMPATIENCE).await;
            }
            sleep_until(until).await;
            Ok(())
        }
    })
    .await
}

pub(super) async fn render_bombs(house: Arc<House>, until: Instant) -> Result<String> {
    let bombs = [
        "<div>".repeat(64_000),
        (0..1_660).map(|n| format!("<b {n}>")).collect::<String>() + &"<p>x".repeat(2_000),
        "<ul><li>".repeat(10_000),
        ">".repeat(20_000),
        "<div>".repeat(4_000),
    ];
    let bodies = bombs.map(|text| serde_json::json!({ "texts": [text] }).to_string());
    let (bodies, http) = (Arc::new(bodies), kept_alive()?);
    requests(8, until, move |number| {
        let (house, http, bodies) = (house.clone(), http.clone(), bodies.clone());
        async move {
            let body = bodies[number % bodies.len()].clone();
            house.call(&http, &house.viewer, "render_markdown", body).await
        }
    })
    .await
}

pub(super) async fn silent_bodies(house: Arc<House>, until: Instant) -> Result<String> {
    hold(600, until, move || {
        let house = house.clone();
        async move { house.raw(house.head("sign_in", "", FORM, 100)).await }
    })
    .await
}

pub(super) async fn held_bodies(house: Arc<House>, until: Instant) -> Result<String> {
    const WHOLE: usize = 15 * 1024 * 1024 + 512 * 1024;
    let held = Arc::new(vec![b' '; WHOLE - 1]);
    hold(100, until, move || {
        let (house, held) = (house.clone(), held.clone());
        async move {
            let mut stream = house.raw(house.head("run_import", house.viewer.cookie(), JSON, WHOLE)).await?;
            // Refused meanwhile, perhaps: then the answer is to be read.
            for piece in held.chunks(256 * 1024) {
                if stream.write_all(piece).await.is_err() {
                    break;
                }
            }
            Ok(stream)
        }
    })
    .await
}

pub(super) async fn slow_heads(house: Arc<House>, until: Instant) -> Result<String> {
    crowd(1_000, until, move |_, tally| {
        let house = house.clone();
        async move {
            loop {
                let Ok(mut stream) = house.raw("GET / HTTP/1.1\r\nx-slow: ").await else {
                    tally.add("cut");
                    sleep(IMPATIENCE).await;
                    continue;
                };
                tally.add("begun");
                while stream.write_all(b"x").await.is_ok() {
                    sleep(Duration::from_millis(500)).await;
                }
                tally.add("closed");
            }
        }
    })
    .await
}

pub(super) async fn idle(house: Arc<House>, until: Instant) -> Result<String> {
    hold(5_000, until, move || {
        let house = house.clone();
        async move { house.raw("").await }
    })
    .await
}

/// Says hello on a page of this person.
pub(super) async fn page(house: &House, who: &Session, seed: u64) -> Result<crate::socket::Socket> {
    let board = who.board(crate::room::KEY).await?.snapshot;
    let hello = house.room.hello(edits::client(&mut edits::fresh(seed)), board.epoch, board.head);
    let mut socket = Door::at(house.address, &house.origin, who).enter(&hello).await?;
    socket.welcome().await?;
    Ok(socket)
}

pub(super) async fn presence(house: Arc<House>, until: Instant) -> Result<String> {
    crowd(20, until, move |number, tally| {
        let house = house.clone();
        async move {
            let mut rng = edits::fresh(number as u64);
            let items: Vec<ItemId> = (0..6_500).map(|_| edits::id(&mut rng, ItemId::new)).collect();
            loop {
                let Ok(mut socket) = page(&house, &house.viewer, number as u64 + 1_000).await else {
                    tally.add("kept out");
                    sleep(IMPATIENCE).await;
                    continue;
                };
                tally.add("page");
                let dragging = Some(Dragging { items: items.clone(), over: None });
                let message = ClientMessage::Presence(Presence { dragging, ..Presence::default() });
                while socket.send(&message).await.is_ok() {
                    sleep(Duration::from_millis(200)).await;
                }
                tally.add("closed");
            }
        }
    })
    .await
}

/// Pushes as fast as it is answered.
async fn push_on(
    house: &House,
    who: &Session,
    number: usize,
    tally: &Tally,
    mut op: impl FnMut(&mut rand::rngs::StdRng) -> Op,
) -> Result<()> {
    let mut rng = edits::fresh(2_000 + number as u64);
    let (mut seed, mut pushed) = (number as u64, 0);
    loop {
        seed += 10_000;
        let Ok(mut socket) = page(house, who, seed).await else {
            tally.add("kept out");
            sleep(IMPATIENCE).await;
            continue;
        };
        for push in 0.. {
            let ops = (0..MAX_PUSH as u64)
                .map(|n| Pushed { cseq: push * MAX_PUSH as u64 + n + 1, op: op(&mut rng) });
            if socket.send(&ClientMessage::Push { ops: ops.collect() }).await.is_err() {
                break;
            }
            let answered = loop {
                match socket.receive_text().await {
                    Ok(text) if text.starts_with(r#"{"ack""#) => break true,
                    Ok(_) => {}
                    Err(_) => break false,
                }
            };
            if !answered {
                break;
            }
            pushed += 1;
            if pushed % 10 == 0 {
                tally.add("ten pushes");
            }
        }
        tally.add("closed");
    }
}

pub(super) async fn comments(house: Arc<House>, until: Instant) -> Result<String> {
    let board = house.stakeholder.board(crate::room::KEY).await?.snapshot;
    let items: Arc<Vec<ItemId>> = Arc::new(board.document.items.iter().map(|item| item.id).collect());
    crowd(4, until, move |number, tally| {
        let (house, items) = (house.clone(), items.clone());
        async move {
            let body: CommentBody = "long words ".repeat(200).trim().parse()?;
            let mut turn = number;
            push_on(&house, &house.stakeholder, number, &tally, |rng| {
                turn += 1;
                let id = edits::id(rng, CommentId::new);
                Op::comment(id, items[turn % items.len()], body.clone())
            })
            .await
        }
    })
    .await
}

pub(super) async fn refused_ops(house: Arc<House>, until: Instant) -> Result<String> {
    let board = house.viewer.board(crate::room::KEY).await?.snapshot;
    let items: Arc<Vec<ItemId>> = Arc::new(board.document.items.iter().map(|item| item.id).collect());
    crowd(4, until, move |number, tally| {
        let (house, items) = (house.clone(), items.clone());
        async move {
            push_on(&house, &house.viewer, number, &tally, |rng| {
                Op::set(items[number % items.len()], ItemChange::Title(edits::title(rng)))
            })
            .await
        }
    })
    .await
}

pub(super) async fn refused_casts(house: Arc<House>, until: Instant) -> Result<String> {
    let board = house.viewer.board(crate::room::KEY).await?.snapshot;
    let candidate = board.document.items.iter().find(|item| item.number == 1);
    let candidate = candidate.context("the board has no first item")?.id;
    let http = kept_alive()?;
    requests(8, until, move |_| {
        let (house, http) = (house.clone(), http.clone());
        async move {
            let cast = CastId::new(rand::random::<u64>() >> 16, rand::random());
            // A voter has five tokens.
            let form = format!("id={}&cast={cast}&amounts%5Bid-{candidate}%5D=6", house.voting);
            house.submit(&http, &house.guest, "cast_ballot", form).await
        }
    })
    .await
}

pub(super) async fn streams(house: Arc<House>, until: Instant) -> Result<String> {
    let http = http_client()?;
    crowd(house.part_of(1_500), until, move |_, tally| {
        let (house, http) = (house.clone(), http.clone());
        async move {
            let path = format!("/voting/{}/events", house.voting);
            loop {
                match house.get(&http, &house.guest, &path).await {
                    Ok(mut answer) if answer.status() == 200 => {
                        tally.add("200");
                        while let Ok(Some(_)) = answer.chunk().await {}
                    }
                    Ok(answer) => tally.add(answer.status().as_u16().to_string()),
                    Err(_) => tally.add("cut"),
                }
                sleep(Duration::from_millis(500)).await;
            }
        }
    })
    .await
}

/// A request for the board's page, as it is written on a connection.
fn question(house: &House) -> String {
    format!(
        "GET /p/{} HTTP/1.1\r\nhost: {}\r\nx-forwarded-for: {ATTACKERS}\r\naccept: text/html\r\ncookie: {}\r\n\r\n",
        crate::room::KEY,
        house.address,
        house.viewer.cookie()
    )
}

pub(super) async fn leavers(house: Arc<House>, until: Instant) -> Result<String> {
    crowd(50, until, move |_, tally| {
        let house = house.clone();
        async move {
            loop {
                match house.raw(question(&house)).await {
                    Ok(stream) => {
                        sleep(Duration::from_millis(2)).await;
                        stream.set_zero_linger()?;
                        tally.add("left");
                    }
                    Err(_) => tally.add("cut"),
                }
                sleep(Duration::from_millis(5)).await;
            }
        }
    })
    .await
}

pub(super) async fn non_readers(house: Arc<House>, until: Instant) -> Result<String> {
    crowd(house.part_of(1_000), until, move |_, tally| {
        let house = house.clone();
        async move {
            loop {
                match house.raw(question(&house)).await {
                    Ok(stream) => {
                        tally.add("asked");
                        let mut first = [0; 12];
                        // Nothing is read but what says whether there is something to read.
                        if stream.peek(&mut first).await.is_ok_and(|length| length == 12) {
                            tally.add(String::from_utf8_lossy(&first[9..]).into_owned());
                            if first.ends_with(b"200") {
                                sleep_until(until).await;
                            }
                        }
                    }
                    Err(_) => tally.add("cut"),
                }
                sleep(Duration::from_millis(100)).await;
            }
        }
    })
    .await
}

pub(super) async fn wide_file(house: Arc<House>, until: Instant) -> Result<String> {
    let header: String = (0..100_000).map(|column| format!("c{column},")).collect();
    let text = format!("{header}Title\n");
    let body = serde_json::json!({ "key": crate::room::KEY, "text": text, "mapping": null }).to_string();
    let (body, http) = (Arc::new(body), kept_alive()?);
    requests(4, until, move |_| {
        let (house, http, body) = (house.clone(), http.clone(), body.clone());
        async move { house.call(&http, &house.editor, "preview_import", body.to_string()).await }
    })
    .await
}

pub(super) async fn wrong_passwords(house: Arc<House>, until: Instant) -> Result<String> {
    let http = kept_alive()?;
    requests(4, until, move |number| {
        let (house, http) = (house.clone(), http.clone());
        async move {
            let form = format!("email=driller%40example.org&password=wrong-{number}");
            house.post_from(&http, ATTACKERS, "sign_in", &form).await
        }
    })
    .await
}

pub(super) async fn image_tags(house: Arc<House>, until: Instant) -> Result<String> {
    let http = kept_alive()?;
    requests(4, until, move |number| {
        let (house, http) = (house.clone(), http.clone());
        async move { house.get(&http, "", &format!("/join/WRONG{number:03}")).await }
    })
    .await
}
