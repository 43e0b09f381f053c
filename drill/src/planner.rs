//! People who plan across products beside those who edit boards: they make and remove dependencies, save and change views, and move
//! items to another product and back. A witness knows what was asked and what was answered. Whatever befell the server, what was
//! acknowledged is there once, dependencies have no cycle, and each item is in one product, with its comments and votes, where all
//! of its keys lead.

mod book;
mod read;

use std::{
    fmt::Write as _,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use domain::{
    CommentBody, CommentId, ItemFields, ItemId, Op, Place, RecordId, Title,
    wire::{ClientMessage, Outcome, PROTOCOL, Pushed, ServerMessage},
};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use serde_json::json;
use tokio::time::sleep;

use crate::{edits, page::lock, server::Server, session::Session, socket::Door};
use book::{Answer, Asked, Book, Item};

/// The products among which items are moved.
const KEYS: [&str; 3] = ["PLANA", "PLANB", "PLANC"];

/// Items of each planner.
const ITEMS: usize = 6;

/// Between two changes of one planner, and after one that got no answer.
const PAUSE: Duration = Duration::from_millis(12);
const LONG_PAUSE: Duration = Duration::from_millis(40);

/// From so many on, some of a kind of change have to succeed.
const ENOUGH: usize = 10;

/// How often what does not fit is read once more, as other processes may have yet to hear of it.
const TRIES: u32 = 40;

/// A member who plans at a server.
#[derive(Clone, Debug)]
pub(crate) struct Planner {
    session: Session,
    book: Arc<Mutex<Book>>,
    /// Which of the planners, each of whom changes what is their own: nobody else does.
    number: usize,
    rests: Arc<AtomicBool>,
}

impl Planner {
    /// Makes the products and the items of so many planners.
    pub(crate) async fn begin(server: &Server, session: Session, planners: usize, seed: u64) -> Result<Self> {
        let mut rng = StdRng::seed_from_u64(seed);
        for key in KEYS {
            session.create_product(key).await?;
        }
        let mut items = Vec::new();
        for (product, key) in KEYS.into_iter().enumerate() {
            let mut ops = Vec::new();
            let lane = session.board(key).await?.snapshot.document.lanes.first().map(|lane| lane.id);
            let lane = lane.context("a roadmap has a lane")?;
            for number in (product..planners * ITEMS).step_by(KEYS.len()) {
                let (id, comment) = (edits::id(&mut rng, ItemId::new), edits::id(&mut rng, CommentId::new));
                let fields = Box::new(ItemFields::titled(Title::parse(&format!("Planned {number}"))?));
                let body = CommentBody::parse(&format!("Said of {number}"))?;
                ops.push(Op::CreateItem { id, lane, place: Place::Last, fields });
                ops.push(Op::comment(comment, id, body));
                ops.push(Op::Upvote { item: id });
                let key = format!(
                    "{key}-{}",
                    items.iter().filter(|item: &&Item| item.places == [product]).count() + 1
                );
                items.push(Item {
                    number,
                    id,
                    places: vec![product],
                    key,
                    comments: vec![comment],
                    moves: 0,
                    most_moves: 0,
                });
            }
            push(server, &session, key, ops, &mut rng).await?;
        }
        items.sort_by_key(|item| item.number);
        let book = Arc::new(Mutex::new(Book::new(items, rng)));
        let planner = Self { session, book, number: 0, rests: Arc::default() };
        planner.compare(server).await?;
        Ok(planner)
    }

    /// A colleague at another server, with the same book.
    pub(crate) fn at(&self, server: &Server, number: usize) -> Self {
        Self { session: self.session.at(server), number, ..self.clone() }
    }

    /// Changes one thing after the other until somebody says [`Planner::rest`].
    pub(crate) async fn work(&self) {
        self.rests.store(false, Ordering::Relaxed);
        while !self.rests.load(Ordering::Relaxed) {
            let asked = lock(&self.book).ask(self.number);
            let answer = match &asked {
                Some(asked) => self.send(asked).await,
                None => Ok(Answer::Done),
            };
            let pause = if answer.is_ok() { PAUSE } else { LONG_PAUSE };
            if let Some(asked) = asked {
                lock(&self.book).hear(asked, answer);
            }
            sleep(pause).await;
        }
    }

    /// Workers stop after the change that is under way.
    pub(crate) fn rest(&self) {
        self.rests.store(true, Ordering::Relaxed);
    }

    async fn send(&self, asked: &Asked) -> Result<Answer> {
        let session = &self.session;
        let id_of = |value: &serde_json::Value| -> Result<RecordId> {
            Ok(value.as_str().context("a record has an id")?.parse()?)
        };
        Ok(match asked {
            Asked::Link { kind, keys: (from, to), .. } => {
                let question = json!({ "from": from, "kind": kind, "to": to });
                let made: serde_json::Value = session.ask("add_dependency", &question).await?;
                Answer::Record(id_of(&made["id"])?)
            }
            Asked::Unlink { id, .. } => {
                let question = json!({ "id": id, "restore": false });
                session.ask::<serde_json::Value>("remove_dependency", &question).await?;
                Answer::Done
            }
            Asked::Move { id, from, to, .. } => {
                let question = json!({ "key": KEYS[*from], "item": id, "to": KEYS[*to] });
                let moved: serde_json::Value = session.ask("move_item_to_product", &question).await?;
                Answer::Key(moved["key"].as_str().context("a moved item has a key")?.to_owned())
            }
            Asked::Save { view, product, id, state } => {
                let mut saved =
                    json!({ "name": view_name(*view), "face": "table", "state": state, "shared": true });
                if let Some(id) = id {
                    saved["id"] = json!(id);
                }
                let question = json!({ "key": KEYS[*product], "view": saved });
                let answer: serde_json::Value = session.ask("save_view", &question).await?;
                Answer::Record(id_of(&answer[0])?)
            }
            Asked::Delete { product, id, .. } => {
                let question = json!({ "key": KEYS[*product], "id": id, "restore": false });
                session.ask::<serde_json::Value>("delete_view", &question).await?;
                Answer::Done
            }
        })
    }

    /// Compares what is there with the book, now that nobody changes anything; then one more comment is made on an item, which has
    /// to go wherever that goes.
    ///
    /// # Errors
    /// When something acknowledged is not there, or anything is there twice.
    pub(crate) async fn compare(&self, server: &Server) -> Result<()> {
        let session = self.session.at(server);
        for _ in 1..TRIES {
            if self.compare_once(server, &session).await.is_ok() {
                return Ok(());
            }
            sleep(LONG_PAUSE).await;
        }
        self.compare_once(server, &session).await
    }

    /// Says something about an item.
    ///
    /// # Errors
    /// When the comment is refused.
    pub(crate) async fn comment(&self, server: &Server) -> Result<()> {
        let (mut rng, index, id, key) = {
            let mut book = lock(&self.book);
            let items = book.items.len();
            let index = book.rng.random_range(0..items);
            let item = &book.items[index];
            let (id, key) = (item.id, KEYS[item.places[0]]);
            (StdRng::seed_from_u64(book.rng.random()), index, id, key)
        };
        let comment = edits::id(&mut rng, CommentId::new);
        let body = CommentBody::parse(&edits::words(&mut rng, 2, 6))?;
        let session = self.session.at(server);
        push(server, &session, key, vec![Op::comment(comment, id, body)], &mut rng).await?;
        lock(&self.book).items[index].comments.push(comment);
        Ok(())
    }

    /// Prints what was counted.
    ///
    /// # Errors
    /// When a kind of change was never acknowledged: what is not done is not tested.
    pub(crate) fn report(&self) -> Result<()> {
        let book = lock(&self.book);
        let mut line = String::new();
        for (kind, counts) in &book.counts {
            let _ = write!(line, "{kind} {} of {}  ", counts.done, counts.asked);
        }
        println!("plans: {}refused {}", line, book.refused);
        // In a short run some are not.
        let none = book.counts.iter().find(|(_, counts)| counts.done == 0 && counts.asked >= ENOUGH);
        ensure!(none.is_none(), "a kind of change was never acknowledged: {line}");
        let moved = book.counts.get("moved").map_or(0, |counts| counts.done);
        ensure!(book.came_back > 0 || moved < 3 * ENOUGH, "no item came back to a product that it had left");
        Ok(())
    }
}

/// What the view of that number is called.
fn view_name(number: usize) -> String {
    format!("View {number}")
}

/// Does operations in the roadmap of a product.
async fn push(server: &Server, session: &Session, key: &str, ops: Vec<Op>, rng: &mut StdRng) -> Result<()> {
    let board = session.board(key).await?;
    let hello = ClientMessage::Hello {
        protocol: PROTOCOL,
        roadmap: board.product.roadmap,
        client: edits::client(rng),
        epoch: board.snapshot.epoch,
        have: board.snapshot.head,
        plain: true,
    };
    let mut socket = Door::of(server, session).enter(&hello).await?;
    socket.welcome().await?;
    let ops: Vec<Pushed> = (1..).zip(ops).map(|(cseq, op)| Pushed { cseq, op }).collect();
    socket.send(&ClientMessage::Push { ops }).await?;
    loop {
        if let ServerMessage::Ack { results } = socket.receive().await? {
            let refused = results.iter().find(|answer| matches!(answer.outcome, Outcome::Refused(_)));
            ensure!(refused.is_none(), "a planner is refused: {refused:?}");
            return Ok(());
        }
    }
}
