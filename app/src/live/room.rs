//! The replica as signals. Views read signals and call [`Room::edit`]; everything else happens here.

mod elsewhere;
mod joint;
mod kept;
mod returning;
mod shown;
mod threads;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use domain::{
    ClientId, Computed, Edited, Entry, ItemId, LaneId, Member, Op, Product, Reject, Replica, Roadmap, Role,
    Step, Touched, Undo, UserId,
    dependency::Linked,
    wire::{Acked, MAX_DRAGGED, Peer, Presence, Pushed, ServerMessage, Snapshot},
};
use futures::channel::mpsc::UnboundedSender;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::connection::{Connection, Wake};
use crate::{platform, ui::Toasts};
use elsewhere::Elsewhere;
pub(crate) use elsewhere::Way;
use joint::Joint;
use returning::Returning;
pub(crate) use shown::{CardView, LaneView};

/// An open room. Copied freely; lives as long as the board's page.
#[derive(Clone, Copy)]
pub(crate) struct Room {
    state: StoredValue<State>,
    pub(crate) product: RwSignal<Product>,
    pub(crate) members: RwSignal<Vec<Member>>,
    /// Lanes in board order.
    pub(crate) lanes: RwSignal<Vec<LaneId>>,
    pub(crate) connection: RwSignal<Connection>,
    /// Why the server ended the last connection, in a sentence; empty otherwise.
    pub(crate) why: RwSignal<String>,
    /// Edits that are not on the server's disk yet.
    pub(crate) unsaved: RwSignal<usize>,
    /// Whether all of them are on this device's disk.
    pub(crate) kept: RwSignal<bool>,
    /// Edits the server did not take, until the person has dealt with them.
    pub(crate) attention: RwSignal<Vec<Refused>>,
    /// Other open pages of this room, by connection.
    pub(crate) peers: RwSignal<BTreeMap<u64, Peer>>,
    /// Counts up whenever the inbox of the page's person changed.
    pub(crate) inbox: RwSignal<u64>,
    /// Counts up with every change, for what depends on the whole roadmap and must be right at once.
    pub(crate) revision: RwSignal<u64>,
    /// Counts up with every own edit that is undone.
    pub(crate) undone: RwSignal<u64>,
    /// Follows `revision` once the frame that shows a change has been drawn.
    drawn: RwSignal<u64>,
    /// Counts up when dependencies of items changed.
    pub(crate) linked: RwSignal<u64>,
    /// Counts up when ratings of items changed, or the model they are scored by.
    pub(crate) scored: RwSignal<u64>,
    pub(crate) toasts: Toasts,
}

/// An edit the server did not take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Refused {
    pub(crate) op: Op,
    /// A sentence.
    pub(crate) why: String,
}

/// Whether something is lost with a refused edit. What is so already, as it was wanted, is not.
fn needs_attention(reject: &Reject) -> bool {
    !matches!(
        reject,
        Reject::AlreadyUpvoted
            | Reject::NotUpvoted
            | Reject::DuplicateId
            | Reject::ItemNotDeleted(_)
            | Reject::LaneNotDeleted(_)
            | Reject::CommentNotDeleted
    )
}

/// An edit by who sends it and its number there.
pub(super) type Number = (ClientId, u64);

struct State {
    replica: Replica,
    cards: HashMap<ItemId, ArcRwSignal<CardView>>,
    lanes: HashMap<LaneId, (ArcRwSignal<LaneView>, ArcRwSignal<Vec<ItemId>>)>,
    undo: Undo,
    /// Wakes the connection's task.
    wake: Option<UnboundedSender<Wake>>,
    /// Wakes the task that keeps on this device what waits.
    keeper: Option<UnboundedSender<()>>,
    presence: Presence,
    returning: Returning,
    /// Items whose comments this device kept, and the page does not hold.
    opened_before: BTreeSet<ItemId>,
    /// Hears of fields that were set.
    listener: Option<Listener>,
    /// How it belongs to others that are shown together.
    joint: Joint,
    /// What steps did elsewhere than on the roadmap.
    elsewhere: Elsewhere,
}

type Listener = Arc<dyn Fn(&[Entry]) + Send + Sync>;

impl Room {
    pub(crate) fn new(
        product: Product,
        members: Vec<Member>,
        snapshot: Snapshot,
        user: UserId,
        role: Role,
        toasts: Toasts,
    ) -> Self {
        // The client's id is drawn when the connection is made: the first render must not be random.
        let replica = Replica::new(snapshot, domain::ClientId::NIL, user, role);
        let lanes = replica.view().lane_order().to_vec();
        Self {
            state: StoredValue::new(State {
                replica,
                cards: HashMap::new(),
                lanes: HashMap::new(),
                undo: Undo::default(),
                wake: None,
                keeper: None,
                presence: Presence::default(),
                returning: Returning::default(),
                opened_before: BTreeSet::new(),
                listener: None,
                joint: Joint::default(),
                elsewhere: Elsewhere::default(),
            }),
            product: RwSignal::new(product),
            members: RwSignal::new(members),
            lanes: RwSignal::new(lanes),
            connection: RwSignal::new(Connection::Connecting),
            why: RwSignal::default(),
            unsaved: RwSignal::new(0),
            kept: RwSignal::new(false),
            attention: RwSignal::default(),
            peers: RwSignal::default(),
            inbox: RwSignal::new(0),
            revision: RwSignal::new(0),
            undone: RwSignal::new(0),
            drawn: RwSignal::new(0),
            linked: RwSignal::new(0),
            scored: RwSignal::new(0),
            toasts,
        }
    }

    /// Reads the roadmap as people see it, without subscribing to it.
    pub(crate) fn with<T>(&self, read: impl FnOnce(&Roadmap) -> T) -> T {
        self.state.with_value(|state| read(state.replica.view()))
    }

    /// Reads the roadmap and runs again after every change.
    pub(crate) fn track<T>(&self, read: impl FnOnce(&Roadmap) -> T) -> T {
        self.revision.track();
        self.with(read)
    }

    /// Reads the roadmap and runs again after every change, but not before it has been drawn: for sums and choices over
    /// the whole roadmap, which a moved card must not wait for.
    pub(crate) fn track_drawn<T>(&self, read: impl FnOnce(&Roadmap) -> T) -> T {
        self.drawn.track();
        self.with(read)
    }

    pub(crate) fn user(&self) -> UserId {
        self.state.with_value(|state| state.replica.user())
    }

    pub(crate) fn role(&self) -> Role {
        self.state.with_value(|state| state.replica.role())
    }

    /// Whether this person may change lanes and items here.
    pub(crate) fn can_edit(&self) -> bool {
        self.role().can_edit() && !self.product.read_untracked().archived
    }

    pub(crate) fn can_vote(&self) -> bool {
        self.role().can_vote() && !self.product.read_untracked().archived
    }

    /// A person's name; also of people who have left.
    pub(crate) fn person(&self, user: UserId) -> String {
        let members = self.members.read();
        members
            .iter()
            .find(|member| member.id == user)
            .map_or_else(|| "Someone".to_owned(), |m| m.name.to_string())
    }

    /// Who belongs to the workspace now, by name.
    pub(crate) fn active_people(&self) -> Vec<(UserId, String)> {
        let members = self.members.read();
        let active = members.iter().filter(|member| member.active);
        let people: Vec<_> = active.map(|member| (member.id, member.name.to_string())).collect();
        domain::sorted(&people, |a, b| a.1.cmp(&b.1))
    }

    /// Index of a person's colour.
    pub(crate) fn colour(&self, user: UserId) -> u8 {
        self.members.read().iter().find(|member| member.id == user).map_or(0, |member| member.colour)
    }

    /// The signal of an item's card; `None` for an item that is not on this roadmap.
    pub(crate) fn card(&self, id: ItemId) -> Option<ArcRwSignal<CardView>> {
        self.state.try_update_value(|state| state.card(id)).flatten()
    }

    /// The signals of a lane: its header, and its items in board order.
    pub(crate) fn lane(&self, id: LaneId) -> Option<(ArcRwSignal<LaneView>, ArcRwSignal<Vec<ItemId>>)> {
        self.state.try_update_value(|state| state.lane(id)).flatten()
    }

    /// Whether its page is still there. Toasts outlive it; what they offer says so when it is not.
    pub(super) fn is_open(&self) -> bool {
        let is_open = !self.state.is_disposed();
        if !is_open {
            self.toasts.info("That page was left. Open the product again, and press Ctrl Z there to undo.");
        }
        is_open
    }

    /// Does an edit at once and sends it. What cannot be done is said in a toast.
    pub(crate) fn edit(&self, op: Op) -> Option<Edited> {
        if !self.is_open() {
            return None;
        }
        match self.try_edit(op) {
            Ok(edited) => Some(edited),
            Err(reject) => {
                self.toasts.error(reject.to_string());
                None
            }
        }
    }

    /// Does an edit at once and sends it, without offering to take it back.
    ///
    /// # Errors
    /// Why it cannot be done; nothing has changed then.
    pub(crate) fn try_edit(&self, op: Op) -> Result<Edited, Reject> {
        if let Some(edit) = self.state.with_value(|state| state.joint.edit()) {
            return edit(&op);
        }
        let edited = self
            .state
            .try_update_value(|state| state.replica.edit(op, platform::now()))
            .expect("the board's page is open")?;
        if self.kept.get_untracked() {
            self.kept.set(false);
        }
        if self.connection.get_untracked() == Connection::Offline {
            self.made_offline();
        }
        self.project(&edited.touched);
        self.wake(Wake::Push);
        Ok(edited)
    }

    /// What waits for the server now was made without it.
    fn made_offline(&self) {
        self.state.update_value(|state| state.returning.begin(&state.replica));
    }

    /// Does an edit that can be taken back with `Ctrl Z`; `label` says what was done.
    pub(crate) fn edit_undoable(&self, op: Op, label: impl Into<String>) -> bool {
        let Some(edited) = self.edit(op.clone()) else { return false };
        self.remember(label.into(), op, edited.inverse);
        true
    }

    /// Keeps what takes an edit back.
    pub(crate) fn remember(&self, label: String, did: Op, inverse: Vec<Op>) {
        if let Some(whole) = self.whole() {
            return whole.remember(label, did, inverse);
        }
        self.state.update_value(|state| {
            let step = Step::new(label, did, inverse, state.replica.view());
            state.undo.done(step);
        });
        self.wake_keeper();
    }

    /// Like [`Room::edit_undoable`], and says so in a toast with *Undo*.
    pub(crate) fn edit_with_toast(&self, op: Op, label: impl Into<String>) -> bool {
        let label = label.into();
        let done = self.edit_undoable(op, label.clone());
        if done {
            let room = *self;
            self.toasts.undoable(label, move || room.undo());
        }
        done
    }

    /// Undoes the latest own edit.
    pub(crate) fn undo(&self) {
        if !self.is_open() {
            return;
        }
        if let Some(whole) = self.whole() {
            return whole.undo();
        }
        let step = self.state.try_update_value(|state| state.undo.take_undo()).flatten();
        self.step(step, Way::Back);
    }

    /// Redoes the edit undone last.
    pub(crate) fn redo(&self) {
        let step = self.state.try_update_value(|state| state.undo.take_redo()).flatten();
        self.step(step, Way::Again);
    }

    fn step(&self, step: Option<Step>, way: Way) {
        let (verb, done, keep): (_, _, fn(&mut Undo, Step)) = match way {
            Way::Back => ("undo", "Undone", Undo::undone),
            Way::Again => ("redo", "Redone", Undo::redone),
        };
        let Some(step) = step else {
            self.toasts.info(format!("Nothing to {verb}."));
            return;
        };
        // What others made of it since is theirs.
        if let Some(name) = self.with(|roadmap| step.did.overtaken(roadmap)) {
            self.toasts.info(format!("Can’t {verb}: “{name}” has changed since. {}", step.label));
            self.wake_keeper();
            return;
        }
        let op = self.with(|roadmap| step.op(roadmap));
        let edited = if step.is_of_roadmap() { self.edit(op.clone()) } else { Some(Edited::default()) };
        if let Some(edited) = edited {
            self.toasts.info(format!("{done}: {}", step.label));
            self.do_elsewhere(&step, way);
            if matches!(way, Way::Back) {
                self.undone.update(|count| *count += 1);
            }
            self.state.update_value(|state| {
                let back = Step::new(step.label, op, edited.inverse, state.replica.view());
                keep(&mut state.undo, back.with(step.elsewhere));
            });
        }
        self.wake_keeper();
    }

    /// Shows what was counted of dependencies.
    pub(crate) fn show_linked(&self, linked: BTreeMap<ItemId, Linked>) {
        if let Some(touched) = self.state.try_update_value(|state| state.replica.show_linked(linked)) {
            self.project(&touched);
        }
    }

    /// Shows what the server computed of items.
    pub(crate) fn show_computed(&self, computed: BTreeMap<ItemId, Computed>) {
        if let Some(touched) = self.state.try_update_value(|state| state.replica.show_computed(computed)) {
            self.project(&touched);
        }
    }

    /// The number of the last entry that the page has.
    pub(crate) fn head(&self) -> u64 {
        self.state.with_value(|state| state.replica.head())
    }

    /// Tells the others what this person looks at or drags.
    pub(crate) fn present(&self, change: impl FnOnce(&mut Presence)) {
        let changed = self.state.try_update_value(|state| {
            let before = state.presence.clone();
            change(&mut state.presence);
            state.presence != before
        });
        if changed == Some(true) {
            self.wake(Wake::Presence);
        }
    }

    fn wake(&self, wake: Wake) {
        self.state.with_value(|state| {
            if let Some(sender) = &state.wake {
                // The task ends with the page; nobody is left to miss the wake-up then.
                let _ = sender.unbounded_send(wake);
            }
        });
    }

    /// The person has dealt with a refused edit.
    pub(crate) fn dealt_with(&self, index: usize) {
        self.attention.update(|list| {
            if index < list.len() {
                list.remove(index);
            }
        });
        self.wake_keeper();
    }

    fn wake_keeper(&self) {
        self.state.with_value(|state| {
            if let Some(keeper) = &state.keeper {
                // The task ends with the page, or where the device keeps no more.
                let _ = keeper.unbounded_send(());
            }
        });
    }

    /// Brings the signals of what changed up to date.
    fn project(&self, touched: &Touched) {
        let lanes = self
            .state
            .try_update_value(|state| {
                state.project(touched);
                touched.lane_order.then(|| state.replica.view().lane_order().to_vec())
            })
            .flatten();
        if let Some(lanes) = lanes {
            self.lanes.set(lanes);
        }
        let unsaved = self.state.with_value(|state| state.replica.unsaved());
        self.wake_keeper();
        if self.unsaved.get_untracked() != unsaved {
            self.unsaved.set(unsaved);
        }
        if *touched == Touched::default() {
            return;
        }
        if let Some(changed) = self.state.with_value(|state| state.joint.changed()) {
            changed(touched);
        }
        let (revision, drawn) = (self.revision, self.drawn);
        revision.update(|revision| *revision += 1);
        if drawn.get_untracked() + 1 == revision.get_untracked() {
            platform::after_frame(move || {
                if let Some(revision) = revision.try_get_untracked() {
                    drawn.set(revision);
                }
            });
        }
    }
}

/// What the connection's task does.
impl Room {
    /// From now on tells of entries that set a field, once they are shown.
    pub(crate) fn listen(&self, listener: impl Fn(&[Entry]) + Send + Sync + 'static) {
        self.state.update_value(|state| state.listener = Some(Arc::new(listener)));
    }

    pub(super) fn begin(&self, client: ClientId, wake: UnboundedSender<Wake>) {
        self.state.update_value(|state| {
            state.replica.identify(client);
            state.returning.renumber(&state.replica);
            state.wake = Some(wake);
        });
    }

    pub(super) fn hello(&self) -> Option<domain::wire::ClientMessage> {
        self.state.try_with_value(|state| state.replica.hello())
    }

    /// Reads the roadmap as the server has confirmed it; `None` when the page is left.
    pub(super) fn with_confirmed<T>(&self, read: impl FnOnce(&Roadmap) -> T) -> Option<T> {
        self.state.try_with_value(|state| read(state.replica.confirmed()))
    }

    /// As whom the page has to be known to send what waits.
    pub(super) fn sender(&self) -> Option<ClientId> {
        self.state.try_with_value(|state| state.replica.sender())
    }

    pub(super) fn take_push(&self) -> Option<Vec<Pushed>> {
        self.state.try_update_value(|state| state.replica.take_push()).flatten()
    }

    /// Whether entries got lost, now that the server has said where the log is.
    pub(super) fn lacks(&self, head: u64) -> bool {
        self.state.try_update_value(|state| state.replica.lacks(head)).unwrap_or(false)
    }

    pub(super) fn presence(&self) -> Presence {
        let mut presence = self.state.with_value(|state| state.presence.clone());
        if let Some(dragging) = &mut presence.dragging {
            dragging.items.truncate(MAX_DRAGGED);
        }
        presence
    }

    /// Takes a message about the document. `Err` asks for another hello.
    pub(super) fn receive(&self, message: ServerMessage) -> Result<(), domain::Gap> {
        match message {
            ServerMessage::Entries { entries } => {
                let by: BTreeMap<u64, UserId> =
                    entries.iter().map(|entry| (entry.seq, entry.actor)).collect();
                let own = self.user();
                // Only what is new: some may come twice.
                let told = self.state.with_value(|state| {
                    let head = state.replica.head();
                    let is_told = |entry: &&Entry| entry.seq > head && matches!(entry.op, Op::SetItem { .. });
                    let set: Vec<Entry> = entries.iter().filter(is_told).cloned().collect();
                    state.listener.clone().filter(|_| !set.is_empty()).map(|listener| (listener, set))
                });
                let touched = self
                    .state
                    .try_update_value(|state| state.replica.receive(entries))
                    .expect("the page is open")?;
                self.project(&touched);
                if let Some((listener, set)) = told {
                    listener(&set);
                }
                if let Some((_, actor)) = by.into_iter().rfind(|(_, actor)| *actor != own) {
                    self.tint(&touched.items, actor);
                }
            }
            ServerMessage::Ack { results } => self.acknowledge(results),
            ServerMessage::Peers { here, left } => self.peers.update(|peers| {
                peers.extend(here.into_iter().map(|peer| (peer.connection, peer)));
                for connection in left {
                    peers.remove(&connection);
                }
            }),
            _ => {}
        }
        Ok(())
    }

    fn acknowledge(&self, results: Vec<Acked>) {
        let answered = self.state.try_update_value(|state| {
            // What was made offline is told of together, and not one by one.
            let together = state.returning.is_awaited();
            let told = state.returning.answered(state.replica.sender(), &results);
            let answered = state.replica.acknowledge(results);
            answered.1.iter().for_each(|refusal| state.undo.refused(&refusal.op));
            (answered, together, told)
        });
        let Some(((touched, refused), together, told)) = answered else { return };
        self.project(&touched);
        match told {
            Some(Ok(well)) => self.toasts.info(well),
            Some(Err(needs)) => self.toasts.error(needs),
            None => {}
        }
        for refusal in refused {
            if !together {
                self.toasts.error(format!("Not saved: {}", refusal.reject));
            }
            if needs_attention(&refusal.reject) {
                let refused = Refused { op: refusal.op, why: refusal.reject.to_string() };
                self.attention.update(|list| list.push(refused));
            }
        }
    }

    /// Continues from a fresh document.
    pub(super) fn replace(&self, snapshot: Snapshot) {
        let replaced = self.state.try_update_value(|state| {
            if snapshot.epoch != state.replica.epoch() {
                // A server that was restored may not know the numbers this page has given.
                state.replica.identify(platform::new_client());
                state.returning.renumber(&state.replica);
            }
            state.replica.replace(snapshot)
        });
        self.project(&replaced.unwrap_or_default());
    }

    pub(super) fn snapshot_id(&self) -> domain::RoadmapId {
        self.product.read_untracked().roadmap
    }

    pub(super) fn welcomed(&self, epoch: u64, peers: Vec<Peer>) {
        self.state.update_value(|state| state.replica.welcomed(epoch));
        self.peers.set(peers.into_iter().map(|peer| (peer.connection, peer)).collect());
    }

    /// Shows for a moment, in the colour of the person who did it, what somebody else changed.
    fn tint(&self, items: &BTreeSet<ItemId>, actor: UserId) {
        let colour = self.colour(actor);
        let items: Vec<ItemId> = items.iter().copied().collect();
        platform::next_frame(move || crate::board::tint(&items, colour));
    }
}
