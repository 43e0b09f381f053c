//! Identifiers for what an import creates, made of the key in the file instead of chance. Two imports of the same file
//! at the same moment then want the same identifiers, and the roadmap refuses the second instead of doubling every item.

use std::collections::HashMap;

use domain::{CommentId, FieldId, ItemId, LaneId, RoadmapId};
use sha2::{Digest, Sha256};

/// What an id was made of, to be counted up where the id is taken.
#[derive(Debug, Default)]
pub(super) struct Ids {
    /// The last attempt at each seed: a file may say the same thousands of times, and those before it are all taken.
    attempts: HashMap<String, u32>,
    comments: u64,
}

impl Ids {
    /// An item's id from what identifies its row; the next one where `free` says that it is taken.
    pub(super) fn item(&mut self, roadmap: RoadmapId, seed: &str, free: impl Fn(ItemId) -> bool) -> ItemId {
        self.first_free(format!("{roadmap} item {seed}"), ItemId::new, free)
    }

    /// A lane's id from its name in lower case.
    pub(super) fn lane(&mut self, roadmap: RoadmapId, seed: &str, free: impl Fn(LaneId) -> bool) -> LaneId {
        self.first_free(format!("{roadmap} lane {seed}"), LaneId::new, free)
    }

    /// A field's id from its name in lower case.
    pub(super) fn field(
        &mut self,
        roadmap: RoadmapId,
        seed: &str,
        free: impl Fn(FieldId) -> bool,
    ) -> FieldId {
        self.first_free(format!("{roadmap} field {seed}"), FieldId::new, free)
    }

    /// A comment's id, after those of the comments before: comments of one moment are in the order of their ids.
    pub(super) fn comment(
        &mut self,
        roadmap: RoadmapId,
        item: ItemId,
        body: &str,
        free: impl Fn(CommentId) -> bool,
    ) -> CommentId {
        let hash = Sha256::digest(format!("import {roadmap} {item} {body}"));
        let mut rest = [0; 10];
        rest.copy_from_slice(&hash[..10]);
        loop {
            self.comments += 1;
            let id = CommentId::new(self.comments, rest);
            if free(id) {
                return id;
            }
        }
    }

    fn first_free<Id: Copy>(
        &mut self,
        seed: String,
        make: fn(u64, [u8; 10]) -> Id,
        free: impl Fn(Id) -> bool,
    ) -> Id {
        let id = |attempt: u32| {
            let hash = Sha256::digest(format!("import {attempt} {seed}"));
            let mut millis = [0; 8];
            millis[2..].copy_from_slice(&hash[..6]);
            let mut rest = [0; 10];
            rest.copy_from_slice(&hash[6..16]);
            (attempt, make(u64::from_be_bytes(millis), rest))
        };
        let first = self.attempts.get(&seed).copied().unwrap_or(0);
        let (attempt, id) =
            (first..).map(id).find(|(_, id)| free(*id)).expect("there are more ids than a roadmap has items");
        self.attempts.insert(seed, attempt);
        id
    }
}
