//! What the device is told of a room, and gives back to it.

use std::collections::BTreeMap;

use domain::{
    ClientId, Left, Op, Undo,
    wire::{Snapshot, Thread},
};
use futures::channel::mpsc::UnboundedSender;
use leptos::prelude::*;

use super::{Number, Room};

/// What the task does that keeps on this device what is not on the server. `None` once the page is left.
impl Room {
    /// Person and roadmap.
    pub(in crate::live) fn home(&self) -> Option<String> {
        let user = self.state.try_with_value(|state| state.replica.user())?;
        Some(format!("{user}/{}", self.product.try_read_untracked()?.roadmap))
    }

    /// Continues from the document this device kept, when the page was loaded from an older one.
    pub(in crate::live) fn continue_from(&self, kept: Snapshot) {
        let touched = self.state.try_update_value(|state| {
            let replica = &mut state.replica;
            if kept.epoch == replica.epoch() && kept.head > replica.head() {
                return Some(replica.replace(kept));
            }
            // What the page has is as new: all but the comments of items that were opened before.
            let Snapshot { epoch, head, document, .. } = kept;
            let thread = Thread { epoch, seq: head, comments: document.comments };
            let taken = replica.load_thread(&thread);
            if taken.is_err() {
                state.opened_before = thread.comments.iter().map(|comment| comment.item).collect();
            }
            taken.ok()
        });
        if let Some(Some(touched)) = touched {
            self.project(&touched);
        }
    }

    /// Takes over what a page that is gone left.
    pub(in crate::live) fn adopt(&self, client: ClientId, epoch: u64, left: Vec<Left>) {
        if let Some(touched) = self.state.try_update_value(|state| state.replica.adopt(client, epoch, left)) {
            self.made_offline();
            self.project(&touched);
        }
    }

    pub(in crate::live) fn keep_with(&self, keeper: UnboundedSender<()>) {
        // Something may have been edited meanwhile.
        let _ = keeper.unbounded_send(());
        self.state.try_update_value(|state| state.keeper = Some(keeper));
    }

    /// Edits that are not on the server's disk, by client and number; each with its revision.
    pub(in crate::live) fn waiting(&self) -> Option<Vec<(Number, u64, Left)>> {
        self.state.try_with_value(|state| {
            let waiting = state.replica.left().filter(|(pending, _)| pending.accepted.is_none());
            let left = waiting.map(|(pending, on)| {
                let left = Left {
                    cseq: pending.cseq,
                    op: pending.op.clone(),
                    at: pending.at,
                    on: on.map(str::to_owned),
                };
                ((pending.client, pending.cseq), pending.revision, left)
            });
            left.collect()
        })
    }

    /// Edits that are not on the server's disk, in order.
    pub(crate) fn unsent(&self) -> Vec<Op> {
        self.waiting().into_iter().flatten().map(|(_, _, left)| left.op).collect()
    }

    /// These are kept: says whether they are all that waits.
    pub(in crate::live) fn kept_all(&self, kept: &BTreeMap<Number, u64>) -> Option<()> {
        let all = self.state.try_with_value(|state| {
            let mut waiting = state.replica.pending().filter(|pending| pending.accepted.is_none());
            waiting.all(|pending| kept.get(&(pending.client, pending.cseq)) == Some(&pending.revision))
        })?;
        if self.kept.try_get_untracked()? != all {
            self.kept.set(all);
        }
        Some(())
    }

    /// What can be taken back, when it is another than at that revision; and its revision now.
    pub(in crate::live) fn undo_since(&self, revision: u64) -> Option<(Option<Undo>, u64)> {
        self.state.try_with_value(|state| {
            let now = state.undo.revision();
            ((now != revision).then(|| state.undo.clone()), now)
        })
    }

    /// Takes over what can be taken back from before this page.
    pub(in crate::live) fn undo_after(&self, earlier: Undo) {
        self.state.try_update_value(|state| state.undo.after(earlier));
    }

    /// Epoch and place in the log of what the server has confirmed.
    pub(in crate::live) fn confirmed_at(&self) -> Option<(u64, u64)> {
        self.state.try_with_value(|state| (state.replica.epoch(), state.replica.head()))
    }

    pub(in crate::live) fn confirmed(&self) -> Option<Snapshot> {
        let roadmap = self.product.try_read_untracked()?.roadmap;
        self.state.try_with_value(|state| Snapshot {
            roadmap,
            epoch: state.replica.epoch(),
            head: state.replica.head(),
            document: state.replica.confirmed().clone().into(),
        })
    }
}
