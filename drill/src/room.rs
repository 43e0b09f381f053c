//! A filled board, and pages that push to it without a document of their own.

use anyhow::{Result, bail};
use domain::{
    ClientId, Item, ItemChange, ItemId, LaneId, Op, Place, Roadmap, RoadmapId, UserId,
    wire::{Acked, ClientMessage, Outcome, PROTOCOL, Pushed, ServerMessage, Snapshot},
};
use rand::{Rng, RngExt as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};

use crate::{
    edits,
    server::Server,
    session::Session,
    socket::{Door, Socket},
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
    /// Fills a fresh server. The same board every time.
    pub(crate) async fn prepare(server: &Server) -> Result<Self> {
        Self::of(server, Session::found(server).await?).await
    }

    /// A product of this owner, filled.
    pub(crate) async fn of(server: &Server, session: Session) -> Result<Self> {
        session.create_product(KEY).await?;
        let board = session.board(KEY).await?;
        let mut room = Self {
            door: Door::of(server, &session),
            session,
            roadmap: board.product.roadmap,
            user: board.user,
            items: Vec::new(),
            lanes: Vec::new(),
        };
        let mut rng = StdRng::seed_from_u64(190);
        let lanes = Roadmap::from(board.snapshot.document).lane_order().to_vec();
        let ops: Vec<Op> = (0..ITEMS)
            .map(|n| Op::CreateItem {
                id: edits::id(&mut rng, ItemId::new),
                lane: lanes[n % lanes.len()],
                place: Place::Last,
                fields: Box::new(edits::fields(&mut rng)),
            })
            .collect();
        let mut writer = room.connect(1, &mut rng).await?.remove(0);
        for ops in ops.chunks(64) {
            writer.push(ops.to_vec()).await?.iter().try_for_each(expect_accepted)?;
        }
        let board = Roadmap::from(room.snapshot().await?.document);
        room.items = board.items().map(|item: &std::sync::Arc<Item>| item.id).collect();
        room.lanes = board.lane_order().to_vec();
        Ok(room)
    }

    pub(crate) async fn snapshot(&self) -> Result<Snapshot> {
        self.session.snapshot(self.roadmap).await
    }

    /// Pages that push, and do without a document of their own. All of them start from where the room is.
    pub(crate) async fn connect(&self, count: usize, rng: &mut impl Rng) -> Result<Vec<Writer>> {
        let Snapshot { epoch, head, .. } = self.snapshot().await?;
        let mut writers = Vec::with_capacity(count);
        for _ in 0..count {
            let client = edits::client(rng);
            let mut socket = self.door.enter(&self.hello(client, epoch, head)).await?;
            socket.welcome().await?;
            writers.push(Writer { client, socket, cseq: 0 });
        }
        Ok(writers)
    }

    pub(crate) fn hello(&self, client: ClientId, epoch: u64, have: u64) -> ClientMessage {
        ClientMessage::Hello { protocol: PROTOCOL, roadmap: self.roadmap, client, epoch, have }
    }

    /// A field set on an item at random.
    pub(crate) fn set(&self, change: ItemChange, rng: &mut impl Rng) -> Op {
        Op::SetItem { id: *self.items.choose(rng).expect("the board has items"), change }
    }

    /// An edit that is possible whatever others do at the same time, and leaves the board as large as it is: a title, an
    /// effort, or a move.
    pub(crate) fn edit(&self, rng: &mut impl Rng) -> Op {
        let item = *self.items.choose(rng).expect("the board has items");
        match rng.random_range(0..3) {
            0 => Op::SetItem { id: item, change: ItemChange::Title(edits::title(rng)) },
            1 => {
                let effort = domain::PersonDays::from_tenths(rng.random_range(1..500));
                Op::SetItem { id: item, change: ItemChange::Effort(effort) }
            }
            _ => {
                let after = self.items.choose(rng).copied().filter(|other| *other != item);
                let lane = *self.lanes.choose(rng).expect("the board has lanes");
                Op::MoveItems { ids: vec![item], lane, place: Place::Beside { after, before: None } }
            }
        }
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
    async fn push(&mut self, ops: Vec<Op>) -> Result<Vec<Acked>> {
        let message = self.number(ops);
        self.socket.send(&message).await?;
        loop {
            if let ServerMessage::Ack { results } = self.socket.receive().await? {
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
