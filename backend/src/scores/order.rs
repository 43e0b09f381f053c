//! Taking the order of scores to the board.

use domain::{ItemId, Op, ProductKey, Reason, RoadmapId, wire::Outcome};

use crate::{Editor, Error, rooms::Moment, voting::order::moves};

impl Editor {
    /// Puts the items of a product that have a score into the order of these: in every lane those that are in it, at the place of the
    /// first of them, in one step of the roadmap's log. Returns its place there; `None` when the board has that order.
    ///
    /// # Errors
    /// [`Error::Conflict`] while ratings are hidden: the order would be that of the person's own.
    pub async fn apply_score_order(&self, key: &ProductKey) -> Result<Option<u64>, Error> {
        let board = self.scoreboard(key).await?;
        if !board.is_revealed {
            return Err(Error::Conflict(
                "Others’ ratings are hidden. Reveal them before you apply the order to the board.".to_owned(),
            ));
        }
        let scored = board.items.iter().filter(|item| item.scored.score.is_ok());
        let order: Vec<ItemId> = scored.map(|item| item.scored.item).collect();
        let view = self.view(board.product.roadmap).await?;
        let ops = moves(&view.roadmap, &order);
        if ops.is_empty() {
            return Ok(None);
        }
        let reason =
            Reason::parse(&format!("Order by {}", board.model.name.chars().take(180).collect::<String>()))
                .ok();
        self.submit_step(board.product.roadmap, Op::Batch { ops, reason }).await.map(Some)
    }

    /// Takes back what [`Editor::apply_score_order`] did at a place of the log.
    ///
    /// # Errors
    /// [`Error::Conflict`] when that place is no such step of this person, or items it moved have been moved since.
    pub async fn undo_score_order(&self, key: &ProductKey, seq: u64) -> Result<(), Error> {
        let product = self.product(key).await?;
        let after = self.past(product.roadmap, Moment::Seq(seq)).await?;
        if after.seq != seq || seq == 0 || after.actor != self.member().id {
            return Err(Error::Conflict("There is nothing here that you can undo.".to_owned()));
        }
        let before = self.past(product.roadmap, Moment::Seq(seq - 1)).await?;
        let view = self.view(product.roadmap).await?;
        let mut ops = Vec::new();
        for lane in after.roadmap.lane_order() {
            let (was, then) = (before.roadmap.lane_items(*lane), after.roadmap.lane_items(*lane));
            if was == then {
                continue;
            }
            // What was created since stays where it is; everything else has to be as it was left.
            let now: Vec<ItemId> =
                view.roadmap.lane_items(*lane).iter().copied().filter(|item| then.contains(item)).collect();
            if now != then || !is_same_set(was, then) {
                return Err(Error::Conflict("Can’t undo: the order has changed since.".to_owned()));
            }
            ops.extend(moves(&view.roadmap, was));
        }
        if ops.is_empty() {
            return Err(Error::Conflict("There is nothing here that you can undo.".to_owned()));
        }
        let reason = Reason::parse("Undo the order by score").ok();
        self.submit_step(product.roadmap, Op::Batch { ops, reason }).await.map(drop)
    }

    async fn submit_step(&self, roadmap: RoadmapId, op: Op) -> Result<u64, Error> {
        match self.submit(roadmap, vec![op]).await?.into_iter().next().map(|answer| answer.outcome) {
            Some(Outcome::Accepted { seq }) => Ok(seq),
            Some(Outcome::Refused(reject)) => Err(reject.into()),
            None => Err(Error::internal("an operation without an answer")),
        }
    }
}

fn is_same_set(a: &[ItemId], b: &[ItemId]) -> bool {
    let sorted = |list: &[ItemId]| {
        let mut list = list.to_vec();
        list.sort_unstable();
        list
    };
    sorted(a) == sorted(b)
}
