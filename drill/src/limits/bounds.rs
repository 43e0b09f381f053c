//! What one request may take, where nothing else is going on.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use domain::{MAX_TEXT, wire::ClientMessage};
use tokio::{task::JoinSet, time::timeout};

use super::{
    attacks,
    house::{self, House},
};
use crate::{
    edits, room,
    server::Server,
    session::{Session, kept_alive},
    socket::Socket,
};

/// How long a channel may stay open after its session was signed out.
const SIGNED_OUT: Duration = Duration::from_millis(100);

/// How long a text may take to be rendered, with its way there and back.
const RENDERED: Duration = Duration::from_millis(50);

/// The live channels of the session that is signed out.
const CHANNELS: u64 = 20;

/// The channel has been closed a while after anyway.
const ENOUGH: Duration = Duration::from_secs(10);

/// Measures each bound, prints it, and returns those that did not hold. A development build gets so many times as long.
pub(super) async fn check(server: &Server, house: &House, slack: u32) -> Result<Vec<String>> {
    let mut faults = Vec::new();
    for (what, took, bound) in [
        ("channels signed out", sign_out(server, house).await?, SIGNED_OUT),
        ("costliest text", render(house).await?, RENDERED),
    ] {
        let bound = bound * slack;
        println!("{what:22}{:>15.1} ms (at most {})", took.as_secs_f64() * 1e3, bound.as_millis());
        if took > bound {
            faults.push(format!("{what} took {took:.1?}, not {bound:?}"));
        }
    }
    Ok(faults)
}

/// Signs out somebody with many live channels, of which each second repeats its hello. Returns how long after the answer the
/// last of them was open.
async fn sign_out(server: &Server, house: &House) -> Result<Duration> {
    let session = Session::begin(server, "sign_in", house::owner()).await?;
    let mut channels = JoinSet::new();
    for number in 0..CHANNELS {
        let socket = attacks::page(house, &session, 3_000 + number).await?;
        let board = session.board(room::KEY).await?.snapshot;
        let hello =
            house.room.hello(edits::client(&mut edits::fresh(4_000 + number)), board.epoch, board.head);
        channels.spawn(async move { until_it_closes(socket, (number % 2 == 0).then_some(hello)).await });
    }
    session.submit::<String>("sign_out", "").await?;
    let since = Instant::now();
    let mut last = Duration::ZERO;
    while let Some(closed) = timeout(ENOUGH, channels.join_next()).await.context("a channel stays open")? {
        last = last.max(closed?.saturating_duration_since(since));
    }
    Ok(last)
}

/// When the server closes a channel; with a hello, which is said again whenever it is answered.
async fn until_it_closes(mut socket: Socket, hello: Option<ClientMessage>) -> Instant {
    loop {
        if let Some(hello) = &hello
            && socket.send(hello).await.is_err()
        {
            return Instant::now();
        }
        if socket.receive_text().await.is_err() {
            return Instant::now();
        }
    }
}

/// How long the slowest of the texts takes that cost a renderer most, each as long as a text may be.
async fn render(house: &House) -> Result<Duration> {
    let http = kept_alive()?;
    let lines = include_str!("../../../backend/tests/corpus/markdown-repeated/costly.lines").lines();
    let mut texts: Vec<String> = lines.map(repeated).collect();
    let rising = |part: fn(usize) -> String| (0..200).map(part).collect::<String>();
    texts.push(rising(|n| "> ".repeat(n) + "a\n"));
    texts.push(rising(|n| "`".repeat(n) + "a"));
    texts.push((0..1_600).map(|n| format!("<b {n}>")).collect::<String>() + &"<p>x".repeat(2_000));
    let mut slowest = Duration::ZERO;
    for text in texts {
        let text: String = text.chars().take(MAX_TEXT).collect();
        let body = serde_json::json!({ "texts": [text] }).to_string();
        let since = Instant::now();
        let answer = house.call(&http, &house.viewer, "render_markdown", body).await?;
        let status = answer.status();
        let html = answer.bytes().await?;
        slowest = slowest.max(since.elapsed());
        ensure!(status.is_success() && html.len() > 4, "a text was not rendered: {status}");
    }
    Ok(slowest)
}

/// A text as long as one may be: the parts of a line, each repeated to its share.
fn repeated(line: &str) -> String {
    let parts: Vec<String> =
        line.split('§').map(|part| part.replace("\\n", "\n").replace("\\t", "\t")).collect();
    let share = MAX_TEXT / parts.len();
    parts.iter().map(|part| part.repeat(share / part.chars().count().max(1))).collect()
}
