//! Items that go to another room and come back: in one transaction with both, made by the server, as long as nothing depends on
//! them. The other room is on the same disk; nobody has a page of it.

use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use domain::{
    Comment, CommentBody, CommentId, Context, ItemChange, ItemId, ItemKey, LaneId, LaneName, Op, Place,
    Roadmap, Timestamp, UserId, apply,
};
use rand::{RngExt as _, rngs::StdRng, seq::IndexedRandom as _};

use crate::{
    edits,
    sabotage::Sabotage,
    server::News,
    world::{Event, World},
};

/// What the server does in the room, and in the other before or after it, each by somebody.
#[derive(Clone, Debug, Default)]
pub(crate) struct Carried {
    pub(crate) here: Steps,
    pub(crate) there: Steps,
}

/// Operations, each by somebody.
type Steps = Vec<(UserId, Op)>;

/// The other room, in which nothing is yet.
pub(crate) fn elsewhere() -> Roadmap {
    let mut roadmap = Roadmap::default();
    let name = LaneName::parse("Elsewhere").expect("that is a name");
    let op = Op::CreateLane { id: LaneId::new(1, [1; 10]), name, place: Place::Last };
    apply(&mut roadmap, &op, &Context { actor: UserId::NIL, at: Timestamp(0) }).expect("it is empty");
    roadmap
}

fn key(product: &str, number: u32) -> ItemKey {
    format!("{product}-{number}").parse().expect("that is a key")
}

impl World {
    /// Somebody moves an item of the room to the other, or one of the other back.
    pub(crate) fn carry(&mut self) -> Result<()> {
        let disk = &self.server.disk;
        let is_over = disk.archived || disk.end().head > self.weather.entries;
        let Some(node) = self.some_node().filter(|node| !is_over && !self.server.nodes[*node].committing)
        else {
            return Ok(());
        };
        let (owner, at) = (self.people[0], self.wall_clock());
        let (rng, disk) = (&mut self.rng, &self.server.disk);
        let away: Vec<ItemId> = live(&disk.elsewhere);
        let carried = match away.choose(rng).copied().filter(|_| rng.random_bool(0.6)) {
            Some(id) => bring_back(rng, (disk.roadmap(), &disk.elsewhere), id, owner, self.sabotage),
            None => match live(disk.roadmap()).choose(rng).copied() {
                Some(id) => send_away((disk.roadmap(), &disk.elsewhere), id, owner),
                None => return Ok(()),
            },
        };
        let moved = carried.there.iter().chain(&carried.here).find_map(|(_, op)| match op {
            Op::SendItem { id, .. } => Some(*id),
            _ => None,
        });
        let is_held = moved.is_some_and(|id| self.server.disk.plans.is_linked(id));
        if is_held && self.sabotage != Some(Sabotage::MoveLinked) {
            self.figures.held += 1;
            return Ok(());
        }
        let client = edits::client(&mut self.rng);
        self.witness.begins(client, self.server.disk.end().epoch)?;
        for ((_, op), cseq) in carried.here.iter().zip(1..) {
            self.witness.issued(client, cseq, op.clone())?;
            self.witness.came_back(op);
        }
        let mut news: News = self.server.carry(node, (owner, client), carried, at)?;
        self.server.disk.check_plans()?;
        self.write_down(&mut news)?;
        self.witness.left(client);
        self.figures.carried += 1;
        let life = self.server.nodes[node].life;
        self.plan(1, Event::Tell { node, life, news });
        Ok(())
    }
}

fn live(roadmap: &Roadmap) -> Vec<ItemId> {
    roadmap.items().filter(|item| item.deleted.is_none()).map(|item| item.id).collect()
}

fn said(roadmap: &Roadmap, id: ItemId) -> Vec<Arc<Comment>> {
    roadmap.comments().filter(|comment| comment.item == id).cloned().collect()
}

/// From one roadmap to another: what is done in the first, and in the second.
fn moved((from, to): (&Roadmap, &Roadmap), names: (&str, &str), id: ItemId, by: UserId) -> (Steps, Steps) {
    let item = from.item(id).expect("it was just found");
    let known = to.item(id);
    let number = known.map_or(to.last_number() + 1, |known| known.number);
    let mut fields = item.fields.clone();
    // What the other has no field for stays behind, and is there when it comes back.
    fields.values.retain(|key, value| to.fields().takes(key, value));
    let left = known.into_iter().flat_map(|known| &known.fields.values);
    let left = left.filter(|(key, value)| !from.fields().takes(key, value));
    fields.values.extend(left.map(|(key, value)| (key.clone(), value.clone())));
    let receive = Op::ReceiveItem {
        id,
        lane: to.lane_order()[0],
        place: Place::First,
        fields: Box::new(fields),
        firsts: item.firsts.clone(),
        created: item.created,
        from: key(names.0, item.number),
    };
    let mut received = vec![(by, receive)];
    let comments = said(from, id);
    if !comments.is_empty() {
        received.push((by, Op::ReceiveComments { comments }));
    }
    let voters = from.votes(id).map(|votes| votes.voters.clone()).unwrap_or_default();
    received.extend(voters.into_iter().map(|voter| (voter, Op::Upvote { item: id })));
    (vec![(by, Op::SendItem { id, to: key(names.1, number) })], received)
}

fn send_away(rooms: (&Roadmap, &Roadmap), id: ItemId, by: UserId) -> Carried {
    let (here, there) = moved(rooms, ("HERE", "THERE"), id, by);
    Carried { here, there }
}

/// Somebody there may have changed it meanwhile.
fn bring_back(
    rng: &mut StdRng,
    (here, elsewhere): (&Roadmap, &Roadmap),
    id: ItemId,
    by: UserId,
    sabotage: Option<Sabotage>,
) -> Carried {
    let mut there = Vec::new();
    if rng.random_bool(0.5) {
        let comment = edits::id(rng, CommentId::new);
        let body = CommentBody::parse(&edits::words(rng, 2, 6)).expect("words are a comment");
        there.push((by, Op::set(id, ItemChange::Title(edits::title(rng)))));
        if let Some(first) = said(elsewhere, id).iter().find(|first| first.deleted.is_none()) {
            there.push((by, Op::EditComment { id: first.id, body: body.clone() }));
        }
        there.push((by, Op::comment(comment, id, body)));
    }
    let mut changed = elsewhere.clone();
    for (actor, op) in &there {
        apply(&mut changed, op, &Context { actor: *actor, at: Timestamp(1) }).expect("it is there");
    }
    let (sent, mut here) = moved((&changed, here), ("THERE", "HERE"), id, by);
    if sabotage == Some(Sabotage::LoseComments) {
        here.retain(|(_, op)| !matches!(op, Op::ReceiveComments { .. }));
    }
    there.extend(sent);
    Carried { here, there }
}

/// Each item that was carried is in one of the two rooms, with all that was said about it, and the votes for it.
///
/// # Errors
/// When it is in both, in none, or lacks something.
pub(crate) fn compare(here: &Roadmap, elsewhere: &Roadmap) -> Result<()> {
    for item in elsewhere.items() {
        let id = item.id;
        let known = here.item(id).with_context(|| format!("{id} came from nowhere"))?;
        let is_there = item.deleted.is_none();
        ensure!(known.moved.is_some() == is_there, "{id} is in both rooms, or in none");
        let (at, other) = if is_there { (elsewhere, here) } else { (here, elsewhere) };
        let lost = said(other, id).into_iter().find(|comment| at.comment(comment.id).is_none());
        ensure!(lost.is_none(), "{id} went without a comment: {lost:?}");
        ensure!(other.votes(id).is_none(), "votes for {id} stayed behind");
        let number = if is_there { known.moved.clone() } else { item.moved.clone() };
        let expected = if is_there { key("THERE", item.number) } else { key("HERE", known.number) };
        ensure!(number == Some(expected), "the old key of {id} leads elsewhere");
    }
    let away =
        here.items().filter(|item| item.moved.is_some()).find(|item| elsewhere.item(item.id).is_none());
    ensure!(away.is_none(), "{away:?} was sent to nowhere");
    Ok(())
}
