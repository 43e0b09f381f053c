//! Taking the order of a result: to each roadmap it is one step, which can be taken back.

use std::collections::BTreeSet;

use domain::{
    Context, ItemId, LaneId, Op, Place, Reason, Roadmap, RoadmapId, Visibility, VotingId, apply,
    wire::Outcome,
};
use serde_json::json;

use super::{events, results, session::Session};
use crate::{
    Editor, Error,
    access::{
        RecordTx, change,
        product::{Locked, access_of, special},
    },
    audit::Action,
    clock::now,
};

impl Editor {
    /// Puts the session's items into the order of its result: in every lane those that are in it, at the place of the
    /// first of them. Returns what takes it back, for [`Editor::undo_take_order`]. The order of a result that missed its quorum
    /// is taken with `despite_quorum` alone.
    ///
    /// # Errors
    /// [`Error::Conflict`] while there is no result or it missed its quorum, [`Error::Refused`] when a roadmap does not take
    /// the step.
    pub async fn take_order(
        &self,
        id: VotingId,
        despite_quorum: bool,
    ) -> Result<Vec<(RoadmapId, Vec<Op>)>, Error> {
        let session = self.led(id).await?;
        let record = results::record(self.backend.db.reader(), &session).await?;
        let quorum = record.quorum;
        if record.turnout.misses(quorum) && !despite_quorum {
            let percent = record.turnout.percent();
            return Err(Error::Conflict(format!(
                "The quorum of {quorum} % was missed: {percent} % voted. Confirm to apply this order anyway."
            )));
        }
        // The history of one roadmap is not told the title of a vote that also is about a product that few see.
        let restricted = special(self.backend.db.reader(), self.workspace, None, Locked::No).await?;
        let restricted = restricted.iter().filter(|row| access_of(row).visibility == Visibility::Chosen);
        let restricted: BTreeSet<&str> = restricted.map(|row| row.roadmap_id.as_str()).collect();
        let reason = match session.roadmaps().iter().any(|roadmap| restricted.contains(&*roadmap.to_string()))
        {
            true => Reason::parse("Result of a vote").expect("it is a reason"),
            false => results::reason(&session),
        };
        let order: Vec<ItemId> = record.tally.lines.iter().map(|line| line.item).collect();
        let roadmaps: BTreeSet<RoadmapId> =
            record.candidates.iter().map(|candidate| candidate.roadmap).collect();
        let mut inverses = Vec::new();
        for roadmap in roadmaps {
            let view = self.view(roadmap).await?;
            let ops = moves(&view.roadmap, &order);
            if ops.is_empty() {
                continue;
            }
            let step = Op::Batch { ops, reason: Some(reason.clone()) };
            let mut copy = (*view.roadmap).clone();
            let context = Context { actor: self.member.id, at: now() };
            let inverse = apply(&mut copy, &step, &context)?.inverse;
            if let Err(error) = self.step(roadmap, step).await {
                // All of it or nothing: what the roadmaps before took is taken back.
                self.take_back(&inverses).await?;
                return Err(error);
            }
            inverses.push((roadmap, inverse));
        }
        self.note(&session, Action::OrderTaken, &inverses).await?;
        Ok(inverses)
    }

    /// Takes back what [`Editor::take_order`] did.
    ///
    /// # Errors
    /// [`Error::Refused`] when a roadmap has changed so much that it cannot be taken back.
    pub async fn undo_take_order(
        &self,
        id: VotingId,
        inverses: Vec<(RoadmapId, Vec<Op>)>,
    ) -> Result<(), Error> {
        let session = self.led(id).await?;
        self.take_back(&inverses).await?;
        self.note(&session, Action::OrderUndone, &inverses).await
    }

    async fn take_back(&self, inverses: &[(RoadmapId, Vec<Op>)]) -> Result<(), Error> {
        for (roadmap, ops) in inverses {
            self.step(*roadmap, Op::batch(ops.clone())).await?;
        }
        Ok(())
    }

    async fn step(&self, roadmap: RoadmapId, op: Op) -> Result<(), Error> {
        for answer in self.submit(roadmap, vec![op]).await? {
            if let Outcome::Refused(reject) = answer.outcome {
                return Err(reject.into());
            }
        }
        Ok(())
    }

    async fn note(
        &self,
        session: &Session,
        action: Action,
        steps: &[(RoadmapId, Vec<Op>)],
    ) -> Result<(), Error> {
        let roadmaps: Vec<RoadmapId> = steps.iter().map(|(roadmap, _)| *roadmap).collect();
        change!(self.backend, |tx| {
            let change = RecordTx::begin(tx, self.workspace, self.member.id).await?;
            events::audit(&change, session.named(), action, json!({ "roadmaps": roadmaps })).await
        })
    }
}

/// The moves that put items of `order` into it, lane by lane.
pub(crate) fn moves(roadmap: &Roadmap, order: &[ItemId]) -> Vec<Op> {
    roadmap.lane_order().iter().filter_map(|lane| in_lane(roadmap, *lane, order)).collect()
}

fn in_lane(roadmap: &Roadmap, lane: LaneId, order: &[ItemId]) -> Option<Op> {
    let list = roadmap.lane_items(lane);
    let ids: Vec<ItemId> = order.iter().copied().filter(|item| list.contains(item)).collect();
    let first = list.iter().position(|item| ids.contains(item))?;
    if list[first..].starts_with(&ids) {
        return None;
    }
    let place = match first {
        0 => Place::First,
        _ => Place::Beside {
            after: Some(list[first - 1]),
            before: list[first..].iter().copied().find(|item| !ids.contains(item)),
        },
    };
    Some(Op::MoveItems { ids, lane, place })
}
