//! Rooms that are shown as one, such as those of a portfolio. The parts are rooms as any other; the whole follows no roadmap of its
//! own. It shows what the parts show, and an edit of it is one of the parts that it is about.

use std::sync::Arc;

use domain::{Edited, Op, Product, Reject, Roadmap, Touched};
use leptos::prelude::*;

use super::Room;

type Edit = Arc<dyn Fn(&Op) -> Result<Edited, Reject> + Send + Sync>;
type Changed = Arc<dyn Fn(&Touched) + Send + Sync>;

/// How a room belongs to others that are shown together.
#[derive(Default)]
pub(super) enum Joint {
    #[default]
    Alone,
    /// What has to hear of changes, and keeps what can be taken back.
    Part(Box<Room>, Changed),
    /// What does an edit in the parts.
    Whole(Edit),
}

impl Joint {
    pub(super) fn edit(&self) -> Option<Edit> {
        if let Joint::Whole(edit) = self { Some(edit.clone()) } else { None }
    }

    pub(super) fn changed(&self) -> Option<Changed> {
        if let Joint::Part(_, changed) = self { Some(changed.clone()) } else { None }
    }
}

impl Room {
    /// The room that shows this one among others.
    pub(super) fn whole(&self) -> Option<Room> {
        self.state
            .try_with_value(
                |state| if let Joint::Part(whole, _) = &state.joint { Some(**whole) } else { None },
            )
            .flatten()
    }

    /// Shows these rooms as one from now on, in this order.
    pub(crate) fn join(self, parts: &[Room]) {
        let parts: Arc<[Room]> = parts.into();
        self.show_parts(&parts);
        for part in parts.iter().copied() {
            let all = parts.clone();
            let changed = move |touched: &Touched| {
                if touched.lane_order || touched.fields || !touched.lanes.is_empty() {
                    self.show_parts(&all);
                } else {
                    part.with(|view| self.state.update_value(|state| state.replica.take_in(view, touched)));
                }
                // The whole has no lanes of its own.
                self.project(&Touched { lane_order: false, ..touched.clone() });
            };
            part.state.update_value(|state| state.joint = Joint::Part(Box::new(self), Arc::new(changed)));
        }
        let edit = move |op: &Op| self.edit_parts(&parts, op);
        self.state.update_value(|state| state.joint = Joint::Whole(Arc::new(edit)));
    }

    /// Shows the parts as they are, each with what its product is now.
    pub(crate) fn show_parts(self, parts: &[Room]) {
        let roadmaps: Vec<(Product, Roadmap)> =
            parts.iter().map(|part| (part.product.get_untracked(), part.with(Roadmap::clone))).collect();
        let parts: Vec<(&Product, &Roadmap)> =
            roadmaps.iter().map(|(product, part)| (product, part)).collect();
        self.state.update_value(|state| state.replica.show_joined(&parts));
    }

    /// Does an edit in each of the parts that it is about: in all of them, or in none.
    fn edit_parts(self, parts: &[Room], op: &Op) -> Result<Edited, Reject> {
        let ops = self.with(|roadmap| roadmap.parts_of(op));
        for (place, op) in &ops {
            parts[*place].state.with_value(|state| state.replica.try_on(op))?;
        }
        let mut inverses = Vec::new();
        for (place, op) in ops {
            inverses.push(parts[place].try_edit(op)?.inverse);
        }
        let inverse = inverses.into_iter().rev().flatten().collect();
        // The parts have told of what they touched.
        Ok(Edited { touched: Touched::default(), inverse })
    }
}
