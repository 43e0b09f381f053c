//! A page of the model: a replica, its connection, and a ledger of what its person was told.

use std::collections::{BTreeMap, VecDeque};

use domain::{
    ClientId, CommentId, Context, ItemId, Op, Reject, Replica, Role, Timestamp, Unready, UserId, apply,
    wire::{ClientMessage, Outcome, ServerMessage, Snapshot, Thread, short::Reader},
};

use super::{
    ops::{random_op, random_voice},
    random::Random,
    screen::Screen,
};

pub(crate) struct Page {
    pub(crate) user: UserId,
    pub(crate) role: Role,
    pub(crate) replica: Replica,
    pub(crate) link: Option<Link>,
    /// Every operation this page queued, by its number.
    pub(crate) issued: BTreeMap<u64, Op>,
    /// Operations its person was told to be refused.
    pub(crate) refusals: Vec<Op>,
    /// Where acknowledged operations are said to be in the log.
    pub(crate) acked: BTreeMap<u64, u64>,
    pub(crate) loading: Option<Loading>,
    undo: Vec<Vec<Op>>,
    screen: Screen,
}

/// A connection: frames on their way in both directions, as text.
pub(crate) struct Link {
    pub(crate) id: usize,
    pub(crate) up: VecDeque<String>,
    pub(crate) down: VecDeque<String>,
    live: bool,
    reader: Reader,
    /// A document asked for over HTTP with some comments, and not here yet; `None` within while the request is under way.
    pub(crate) fetching: Option<(Vec<CommentId>, Option<Snapshot>)>,
}

/// Comments of an item on their way.
pub(crate) enum Loading {
    /// Those before one, or the newest.
    Asked(ItemId, Option<(Timestamp, CommentId)>),
    Answered(Thread),
}

impl Page {
    pub(crate) fn open(snapshot: Snapshot, user: UserId, role: Role, random: &mut Random) -> Self {
        let client = ClientId::new(random.next() >> 20, random.bytes());
        let replica = Replica::new(snapshot, client, user, role);
        Self {
            user,
            role,
            screen: Screen::new(replica.view(), user),
            replica,
            link: None,
            issued: BTreeMap::new(),
            refusals: Vec::new(),
            acked: BTreeMap::new(),
            undo: Vec::new(),
            loading: None,
        }
    }

    pub(crate) fn connect(&mut self, id: usize) {
        let mut link = Link {
            id,
            up: VecDeque::new(),
            down: VecDeque::new(),
            live: false,
            reader: Reader::default(),
            fetching: None,
        };
        link.say(&self.replica.hello());
        self.link = Some(link);
    }

    /// One edit of the page's person: something new, or the latest one taken back.
    pub(crate) fn edit(&mut self, random: &mut Random) {
        let back = if self.role.can_edit() && random.chance(15) { self.undo.pop() } else { None };
        let op = match back {
            Some(mut ops) if ops.len() == 1 => ops.remove(0),
            Some(ops) => Op::batch(ops),
            None if self.role.can_edit() => random_op(random, self.replica.view(), self.user),
            None => random_voice(random, self.replica.view(), self.user),
        };
        let before = self.replica.view().clone();
        // Every device has its own idea of the time.
        let at = Timestamp(random.below(5_000_000) as i64);
        match self.replica.edit(op, at) {
            Ok(edited) => {
                self.screen.update(self.replica.view(), &edited.touched);
                let waits = self.replica.pending().last().expect("an edit waits for its answer");
                let before = self.issued.insert(waits.cseq, waits.op.clone());
                let joins = |before: Op| before.edits_text().is_some() && waits.revision > 0;
                assert!(before.is_none_or(joins), "number {} was given twice", waits.cseq);
                if !edited.inverse.is_empty() {
                    self.undo.push(edited.inverse);
                }
            }
            Err(_) => assert_eq!(*self.replica.view(), before, "a refused edit changed the view"),
        }
    }

    /// Sends what waits, where the connection allows.
    pub(crate) fn push(&mut self) {
        if let Some(link) = self.link.as_mut().filter(|link| link.live)
            && let Some(ops) = self.replica.take_push()
        {
            link.say(&ClientMessage::Push { ops });
        }
    }

    /// Takes the next frame of the connection.
    pub(crate) fn hear(&mut self) {
        let Some(link) = &mut self.link else { return };
        let Some(frame) = link.down.pop_front() else { return };
        let read = link.reader.read(&frame, self.replica.confirmed());
        let Some(frame) = read.expect("what the server shortens can be read") else { return };
        match serde_json::from_str(&frame).expect("the server speaks the protocol") {
            ServerMessage::Welcome { epoch, slots, .. } => {
                self.replica.welcomed(epoch);
                link.reader.welcomed(slots);
                link.live = true;
            }
            ServerMessage::Refetch => link.fetching = Some((self.replica.held_comments(), None)),
            ServerMessage::Entries { entries } => match self.replica.receive(entries) {
                Ok(touched) => self.screen.update(self.replica.view(), &touched),
                Err(_) => link.say(&self.replica.hello()),
            },
            ServerMessage::Ack { results } => {
                for acked in &results {
                    if let Outcome::Accepted { seq } = acked.outcome {
                        self.acked.insert(acked.cseq, seq);
                    }
                }
                let (touched, refused) = self.replica.acknowledge(results);
                self.screen.update(self.replica.view(), &touched);
                for refusal in &refused {
                    assert_ne!(refusal.reject, Reject::StaleText, "what a page made of a text fits it");
                }
                self.refusals.extend(refused.into_iter().map(|refusal| refusal.op));
            }
            other => panic!("the model server does not send {other:?}"),
        }
    }

    /// The document asked for has come.
    pub(crate) fn fetched(&mut self) {
        let Some(link) = &mut self.link else { return };
        if let Some((_, Some(snapshot))) = link.fetching.take_if(|(_, answer)| answer.is_some()) {
            let touched = self.replica.replace(snapshot);
            self.screen.update(self.replica.view(), &touched);
            link.say(&self.replica.hello());
        }
    }

    /// Somebody opens an item with comments that are not here, or asks for older ones.
    pub(crate) fn open_some(&mut self, random: &mut Random) {
        let view = self.replica.view();
        let items: Vec<ItemId> =
            view.items().map(|item| item.id).filter(|item| view.more_comments(*item) > 0).collect();
        if let Some(item) = random.pick(&items) {
            let held: Vec<_> = view.thread(item).map(|comment| (comment.created.at, comment.id)).collect();
            let before = if random.chance(50) { random.pick(&held) } else { None };
            self.loading = Some(Loading::Asked(item, before));
        }
    }

    /// Comments have come: says whether they could be taken in.
    pub(crate) fn loaded(&mut self) -> bool {
        let Some(Loading::Answered(thread)) = self.loading.take() else { return false };
        match self.replica.load_thread(&thread) {
            Ok(touched) => self.screen.update(self.replica.view(), &touched),
            Err(Unready::Later) => self.loading = Some(Loading::Answered(thread)),
            Err(Unready::Stale) => return false,
        }
        self.loading.is_none()
    }

    pub(crate) fn settled(&self) -> bool {
        let (link, view) = (self.link.as_ref(), self.replica.view());
        self.replica.pending().count() == 0
            && link.is_some_and(|link| link.live && link.up.is_empty() && link.down.is_empty())
            && link.is_some_and(|link| link.fetching.is_none())
            && self.loading.is_none()
            && view.items().all(|item| view.more_comments(item.id) == 0)
    }

    /// `view = confirmed + pending`, built here from nothing.
    pub(crate) fn check_view(&self) {
        let mut view = self.replica.confirmed().clone();
        for pending in self.replica.pending() {
            let done = apply(&mut view, &pending.op, &Context { actor: self.user, at: pending.at });
            assert_eq!(done.err(), pending.doomed, "whether {:?} is doomed", pending.op);
        }
        assert_eq!(*self.replica.view(), view, "view = confirmed + pending");
        assert_eq!(self.screen, Screen::new(&view, self.user), "what changed is said to be touched");
    }
}

impl Link {
    fn say(&mut self, message: &ClientMessage) {
        if let ClientMessage::Hello { .. } = message {
            self.reader.said_hello();
        }
        self.up.push_back(serde_json::to_string(message).unwrap());
    }
}
