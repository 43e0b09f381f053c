//! A filled board, and pages that push to it without a document of their own.

use anyhow::{Result, bail};
use domain::{
    ClientId, ItemChange, ItemId, LaneId, Op, Place, Roadmap, RoadmapId, UserId,
    wire::{Acked, ClientMessage, Outcome, PROTOCOL, Pushed, ServerMessage, Snapshot},
};
use rand::{Rng, RngExt as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};

use crate::{
    edits,
    server::Server,
    session::Session,
    socket::{Door, Socket, plainly},
};

/// Items on the board: as many as the public roadmap that the tests import.
pub(crate) const ITEMS: usize = 190;

pub(crate) const KEY: &str = "BENCH";

/// A product with a filled board, and its owner.
#[derive(Clone, Debug)]
pub(crate) struct Room {
    pub(crate) session: Session,
    pub(crate) door: Door,
    pub(crate) roadmap: RoadmapId,
    pub(crate) user: UserId,
    items: Vec<ItemId>,
    lanes: Vec<LaneId>,
}

impl Room {
    /// Founds a fresh server, with one filled board. The same every time.
    pub(crate) async fn prepare(server: &Server) -> Result<Self> {
        let session = Session::found(server).await?;
        Self::create(server, &session, KEY, ITEMS).await
    }

    /// A product of this owner, filled.
    pub(crate) async fn of(server: &Server, session: &Session) -> Result<Self> {
        Self::create(server, session, KEY, ITEMS).await
    }

    /// Makes a product with so many items on its board.
    pub(crate) async fn create(server: &Server, session: &Session, key: &str, items: usize) -> Result<Self> {
        session.create_product(key).await?;
        let board = session.board(key).await?;
        let mut room = Self {
            door: Door::of(server, session),
            session: session.clone(),
            roadmap: board.product.roadmap,
            user: board.user,
            items: Vec::new(),
            lanes: Roadmap::from(board.snapshot.document).lane_order().to_vec(),
        };
        // The same for a key every time, and not what another board has.
        let seed = key.bytes().fold(190, |seed: u64, byte| seed.wrapping_mul(257) + u64::from(byte));
        let mut rng = StdRng::seed_from_u64(seed);
        let ops: Vec<Op> = (0..items)
            .map(|n| Op::CreateItem {
                id: edits::id(&mut rng, ItemId::new),
                lane: room.lanes[n % room.lanes.len()],
                place: Place::Last,
                fields: Box::new(edits::fields(&mut rng)),
            })
            .collect();
        let (epoch, head) = (board.snapshot.epoch, board.snapshot.head);
        let mut writer = room.writer((epoch, head), false, &mut rng).await?;
        for ops in ops.chunks(64) {
            writer.push(ops.to_vec()).await?.iter().try_for_each(expect_accepted)?;
        }
        room.items = ops
            .iter()
            .filter_map(|op| match op {
                Op::CreateItem { id, .. } => Some(*id),
                _ => None,
            })
            .collect();
        Ok(room)
    }

    /// The same room at another server of the same data.
    pub(crate) fn at(&self, server: &Server) -> Self {
        Self { door: Door::of(server, &self.session), ..self.clone() }
    }

    pub(crate) async fn snapshot(&self) -> Result<Snapshot> {
        self.session.snapshot(self.roadmap).await
    }

    /// Pages that push, and do without a document of their own. All of them start from where the room is.
    pub(crate) async fn connect(&self, count: usize, rng: &mut impl Rng) -> Result<Vec<Writer>> {
        self.connect_as(false, count, rng).await
    }

    /// As [`connect`](Self::connect), for pages whose frames are all in plain form.
    pub(crate) async fn connect_plainly(&self, count: usize, rng: &mut impl Rng) -> Result<Vec<Writer>> {
        self.connect_as(true, count, rng).await
    }

    async fn connect_as(&self, plain: bool, count: usize, rng: &mut impl Rng) -> Result<Vec<Writer>> {
        let Snapshot { epoch, head, .. } = self.snapshot().await?;
        let mut writers = Vec::with_capacity(count);
        for _ in 0..count {
            writers.push(self.writer((epoch, head), plain, rng).await?);
        }
        Ok(writers)
    }

    async fn writer(&self, (epoch, have): (u64, u64), plain: bool, rng: &mut impl Rng) -> Result<Writer> {
        let client = edits::client(rng);
        let hello = self.hello(client, epoch, have);
        let mut socket = self.door.enter(&if plain { plainly(hello) } else { hello }).await?;
        socket.welcome().await?;
        Ok(Writer { client, socket, cseq: 0 })
    }

    pub(crate) fn hello(&self, client: ClientId, epoch: u64, have: u64) -> ClientMessage {
        let roadmap = self.roadmap;
        ClientMessage::Hello { protocol: PROTOCOL, roadmap, client, epoch, have, plain: false }
    }

    /// A field set on an item at random.
    pub(crate) fn set(&self, change: ItemChange, rng: &mut impl Rng) -> Op {
        Op::set(*self.items.choose(rng).expect("the board has items"), change)
    }

    /// An edit that is possible whatever others do at the same time, and leaves the board as large as it is: a title, an
    /// effort, or a move.
    pub(crate) fn edit(&self, rng: &mut impl Rng) -> Op {
        let item = *self.items.choose(rng).expect("the board has items");
        match rng.random_range(0..3) {
            0 => Op::set(item, ItemChange::Title(edits::title(rng))),
            1 => {
                let effort = domain::PersonDays::from_tenths(rng.random_range(1..500));
                Op::set(item, ItemChange::Effort(effort))
            }
            _ => {
                let after = self.items.choose(rng).copied().filter(|other| *other != item);
                let lane = *self.lanes.choose(rng).expect("the board has lanes");
                Op::MoveItems { ids: vec![item], lane, place: Place::Beside { after, before: None } }
            }
        }
    }

    /// A card that is dropped between two others, as a page sends it.
    pub(crate) fn drop_between(&self, rng: &mut impl Rng) -> Op {
        let cards: Vec<ItemId> = self.items.sample(rng, 3).copied().collect();
        let lane = *self.lanes.choose(rng).expect("the board has lanes");
        let place = Place::Beside { after: cards.get(1).copied(), before: cards.get(2).copied() };
        Op::MoveItems { ids: cards[..1].to_vec(), lane, place }
    }
}

/// A connection with numbered operations.
#[derive(Debug)]
pub(crate) struct Writer {
    pub(crate) client: ClientId,
    pub(crate) socket: Socket,
    cseq: u64,
}

impl Writer {
    /// Numbers operations for the next push.
    pub(crate) fn number(&mut self, ops: Vec<Op>) -> ClientMessage {
        let ops = ops.into_iter().map(|op| {
            self.cseq += 1;
            Pushed { cseq: self.cseq, op }
        });
        ClientMessage::Push { ops: ops.collect() }
    }

    /// The number of the latest operation.
    pub(crate) fn last(&self) -> u64 {
        self.cseq
    }

    /// Pushes and waits for the answers.
    pub(crate) async fn push(&mut self, ops: Vec<Op>) -> Result<Vec<Acked>> {
        let message = self.number(ops);
        self.socket.send(&message).await?;
        loop {
            let results = answers(&self.socket.receive_text().await?)?;
            if !results.is_empty() {
                return Ok(results);
            }
        }
    }
}

/// The answers in a frame, if it is of that kind. Others are not even parsed: the load shall cost little.
pub(crate) fn answers(text: &str) -> Result<Vec<Acked>> {
    if !text.starts_with(r#"{"ack""#) {
        return Ok(Vec::new());
    }
    match serde_json::from_str(text)? {
        ServerMessage::Ack { results } => Ok(results),
        other => bail!("{other:?} begins like answers"),
    }
}

/// The measured edits are possible ones; a refusal would make the figures worthless.
pub(crate) fn expect_accepted(answer: &Acked) -> Result<()> {
    match &answer.outcome {
        Outcome::Accepted { .. } => Ok(()),
        Outcome::Refused(reject) => bail!("operation {} was refused: {reject}", answer.cseq),
    }
}
