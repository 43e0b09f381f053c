//! How much visitors take of something that is limited.

use std::collections::HashMap;

use crate::visitor::Share;

/// What all members take together, all strangers, and each visitor.
#[derive(Debug, Default)]
pub(crate) struct Shares {
    pub(crate) members: usize,
    pub(crate) strangers: usize,
    pub(crate) each: HashMap<Share, usize>,
}

impl Shares {
    /// How much all of the same kind take, and this one.
    pub(crate) fn of(&self, share: Share) -> (usize, usize) {
        let all = if let Share::Member(_) = share { self.members } else { self.strangers };
        (all, self.each.get(&share).copied().unwrap_or(0))
    }

    pub(crate) fn add(&mut self, share: Share, amount: usize) {
        *self.all(share) += amount;
        *self.each.entry(share).or_default() += amount;
    }

    pub(crate) fn remove(&mut self, share: Share, amount: usize) {
        *self.all(share) -= amount;
        if let Some(own) = self.each.get_mut(&share) {
            *own -= amount;
            if *own == 0 {
                self.each.remove(&share);
            }
        }
    }

    fn all(&mut self, share: Share) -> &mut usize {
        if let Share::Member(_) = share { &mut self.members } else { &mut self.strangers }
    }
}
