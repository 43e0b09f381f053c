//! A server without a disk or a network: the rules of `docs/PROTOCOL.md` and nothing else.

use std::collections::{BTreeMap, VecDeque};

use domain::{
    Change, ClientId, Comment, CommentId, Context, Document, Entry, ItemId, Op, Reject, Roadmap, RoadmapId,
    Role, Timestamp, UserId, apply, authorise,
    wire::{
        Acked, ClientMessage, Outcome, PROTOCOL, Pushed, ServerMessage, Snapshot, Thread,
        short::{MARK, Writer},
    },
};

use super::random::Random;

/// So many entries are sent to a page that comes back; when it missed more, it loads the document again.
const TAIL: u64 = 40;

/// So many comments are sent at once.
const THREAD: usize = 3;

/// What is on the model's disk.
pub(crate) struct Server {
    pub(crate) log: Vec<Entry>,
    /// What each entry changed.
    facts: Vec<Vec<Change>>,
    pub(crate) cursors: BTreeMap<ClientId, Cursor>,
    /// The document after every entry, beginning with the empty log's.
    pub(crate) states: Vec<Roadmap>,
    pub(crate) roles: BTreeMap<UserId, Role>,
    pub(crate) archived: bool,
    /// Pushes that wait for the next commit; lost in a crash.
    inbox: VecDeque<(usize, Vec<Pushed>)>,
    /// Subscribed pages, by connection.
    subscribers: BTreeMap<usize, Subscriber>,
    writer: Writer,
    clock: i64,
}

/// How far a client's operations are decided.
#[derive(Default)]
pub(crate) struct Cursor {
    pub(crate) last: u64,
    pub(crate) accepted: BTreeMap<u64, u64>,
    pub(crate) refused: BTreeMap<u64, Reject>,
}

#[derive(Clone, Copy)]
struct Subscriber {
    client: ClientId,
    user: UserId,
    plain: bool,
}

/// A frame for a connection.
pub(crate) type Outgoing = (usize, String);

fn plain(message: &ServerMessage) -> String {
    serde_json::to_string(message).unwrap()
}

pub(crate) const ROADMAP: RoadmapId = RoadmapId::NIL;
pub(crate) const EPOCH: u64 = 1;

impl Server {
    pub(crate) fn new(document: Document, roles: BTreeMap<UserId, Role>) -> Self {
        Self {
            log: Vec::new(),
            facts: Vec::new(),
            cursors: BTreeMap::new(),
            states: vec![Roadmap::from(document)],
            roles,
            archived: false,
            inbox: VecDeque::new(),
            subscribers: BTreeMap::new(),
            writer: Writer::default(),
            clock: 1_000_000,
        }
    }

    pub(crate) fn head(&self) -> u64 {
        self.log.len() as u64
    }

    /// The document at `seq` as this person may see it.
    pub(crate) fn state_for(&self, user: UserId, seq: u64) -> Roadmap {
        let state = &self.states[seq as usize];
        if self.roles[&user].sees_voters() { state.clone() } else { state.masked_for(user) }
    }

    /// The document as HTTP would send it, with these comments and the number of the others.
    pub(crate) fn snapshot(&self, user: UserId, comments: &[CommentId]) -> Snapshot {
        let held = |comment: &Comment| comments.contains(&comment.id);
        let document = Document::from(self.state_for(user, self.head()).holding(held));
        Snapshot { roadmap: ROADMAP, epoch: EPOCH, head: self.head(), document }
    }

    /// Some comments of an item, as HTTP would send them: the newest, or those before one.
    pub(crate) fn thread(&self, item: ItemId, before: Option<(Timestamp, CommentId)>) -> Thread {
        let seq = self.head();
        let comments = self.states[seq as usize].part_of_thread(item, before, THREAD, 40);
        Thread { epoch: EPOCH, seq, comments }
    }

    pub(crate) fn receive(
        &mut self,
        connection: usize,
        user: UserId,
        message: ClientMessage,
    ) -> Vec<Outgoing> {
        match message {
            ClientMessage::Hello { protocol, roadmap, client, epoch, have, plain: is_plain } => {
                assert_eq!((protocol, roadmap), (PROTOCOL, ROADMAP));
                if epoch != EPOCH || have > self.head() || self.head() - have > TAIL {
                    self.subscribers.remove(&connection);
                    return vec![(connection, plain(&ServerMessage::Refetch))];
                }
                let subscriber = Subscriber { client, user, plain: is_plain };
                self.subscribers.insert(connection, subscriber);
                let welcome = ServerMessage::Welcome {
                    protocol: PROTOCOL,
                    build: "model".to_owned(),
                    epoch: EPOCH,
                    head: self.head(),
                    user,
                    role: self.roles[&user],
                    peers: Vec::new(),
                    slots: self.writer.slots(),
                };
                let missed = self.entries_for(user, &self.log[have as usize..]);
                vec![(connection, plain(&welcome)), (connection, plain(&missed))]
            }
            ClientMessage::Push { ops } => {
                // Without a hello there is no room; the real server closes the connection.
                if self.subscribers.contains_key(&connection) {
                    self.inbox.push_back((connection, ops));
                }
                Vec::new()
            }
            ClientMessage::Ping => vec![(connection, plain(&ServerMessage::Pong { head: self.head() }))],
            ClientMessage::Presence(_) | ClientMessage::Records { .. } | ClientMessage::Leave => Vec::new(),
        }
    }

    /// Commits some of the waiting pushes together; the answers leave after it, acknowledgements first.
    pub(crate) fn commit(&mut self, random: &mut Random) -> Vec<Outgoing> {
        let first = self.log.len();
        let mut outgoing = Vec::new();
        for _ in 0..=random.below(4) {
            let Some((connection, ops)) = self.inbox.pop_front() else { break };
            // Somebody whose connection broke while the push waited still wrote it.
            let Some(subscriber) = self.subscribers.get(&connection).copied() else { continue };
            let results = ops.into_iter().map(|pushed| self.decide(subscriber, pushed, random)).collect();
            outgoing.push((connection, plain(&ServerMessage::Ack { results })));
        }
        if self.log.len() > first {
            let short = self.shorten(first);
            for (connection, Subscriber { user, plain: is_plain, .. }) in &self.subscribers {
                let frame = if *is_plain {
                    plain(&self.entries_for(*user, &self.log[first..]))
                } else {
                    let sees = |entry: &Entry| self.roles[user].sees_voters() || entry.actor == *user;
                    let told = short.iter().zip(&self.log[first..]);
                    let told = told.map(|((full, masked), entry)| if sees(entry) { full } else { masked });
                    format!("{MARK}{}", told.map(String::as_str).collect::<Vec<_>>().join(","))
                };
                outgoing.push((*connection, frame));
            }
        }
        outgoing
    }

    /// The entries of a commit in short form, each for those who see who votes and for the others.
    fn shorten(&mut self, first: usize) -> Vec<(String, String)> {
        let before = &self.states[first];
        let number = |id| before.item(id).map(|item| item.number);
        let mut short = Vec::new();
        for entry in &self.log[first..] {
            let masked = entry.masked_for(UserId::NIL);
            let same = masked == *entry;
            let mut write =
                |entry: &Entry| self.writer.shorten(&serde_json::to_string(entry).unwrap(), same, number);
            let full = write(entry);
            short.push((full.clone(), if same { full } else { write(&masked) }));
        }
        short
    }

    fn decide(
        &mut self,
        Subscriber { client, user, .. }: Subscriber,
        pushed: Pushed,
        random: &mut Random,
    ) -> Acked {
        let Pushed { cseq, op } = pushed;
        let rebased = self.rebase(client, &op);
        let cursor = self.cursors.entry(client).or_default();
        if let Some(seq) = cursor.accepted.get(&cseq) {
            return Acked { cseq, outcome: Outcome::Accepted { seq: *seq } };
        }
        if let Some(reject) = cursor.refused.get(&cseq) {
            return Acked { cseq, outcome: Outcome::Refused(reject.clone()) };
        }
        assert_eq!(cseq, cursor.last + 1, "a page sends its operations in order");
        cursor.last = cseq;

        // The clock jumps back now and then: order must not depend on it.
        self.clock += random.below(50) as i64 - 10;
        let at = Timestamp(self.clock);
        let mut roadmap = self.states.last().expect("the first state is the empty log's").clone();
        let decided = if self.archived { Err(Reject::Archived) } else { Ok(()) }
            .and_then(|()| authorise(&roadmap, &op, user, self.roles[&user]))
            .and(rebased)
            .and_then(|op| Ok((apply(&mut roadmap, &op, &Context { actor: user, at })?, op)));
        let outcome = match decided {
            Ok((effects, op)) => {
                let seq = self.log.len() as u64 + 1;
                let op = op.with_spots(effects.spots);
                let items = op.comment_items(&roadmap);
                self.log.push(Entry { seq, client, cseq, actor: user, at, op, items });
                self.states.push(roadmap);
                self.facts.push(effects.changes);
                cursor.accepted.insert(cseq, seq);
                Outcome::Accepted { seq }
            }
            Err(reject) => {
                cursor.refused.insert(cseq, reject.clone());
                Outcome::Refused(reject)
            }
        };
        Acked { cseq, outcome }
    }

    /// An edit of a text as it is after what others did to it.
    fn rebase(&self, client: ClientId, op: &Op) -> Result<Op, Reject> {
        let Op::EditText { text, base, delta } = op else { return Ok(op.clone()) };
        if *base > self.head() {
            return Err(Reject::StaleText);
        }
        let since = self.log.iter().zip(&self.facts).skip(*base as usize);
        let since = since.map(|(entry, changes)| (entry.client, &entry.op, changes.as_slice()));
        let delta = Op::rebase(*text, (client, delta), since).ok_or(Reject::StaleText)?;
        Ok(Op::EditText { text: *text, base: self.head(), delta })
    }

    fn entries_for(&self, user: UserId, entries: &[Entry]) -> ServerMessage {
        let sees = self.roles[&user].sees_voters();
        let entries =
            entries.iter().map(|entry| if sees { entry.clone() } else { entry.masked_for(user) }).collect();
        ServerMessage::Entries { entries }
    }

    /// The connection is gone; what it sent already may still be committed.
    pub(crate) fn disconnect(
        &mut self,
        connection: usize,
        commit_what_came: bool,
        random: &mut Random,
    ) -> Vec<Outgoing> {
        let mut outgoing = Vec::new();
        if commit_what_came {
            while self.inbox.iter().any(|(from, _)| *from == connection) {
                outgoing.extend(self.commit(random));
            }
        }
        self.inbox.retain(|(from, _)| *from != connection);
        self.subscribers.remove(&connection);
        outgoing.retain(|(to, _)| *to != connection);
        outgoing
    }

    /// Everything that was not committed is gone.
    pub(crate) fn crash(&mut self) {
        self.inbox.clear();
        self.subscribers.clear();
        self.writer.clear();
    }

    pub(crate) fn idle(&self) -> bool {
        self.inbox.is_empty()
    }
}
