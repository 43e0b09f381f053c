//! Identifiers for what an import creates, made of the key in the file instead of chance. Two imports of the same file
//! at the same moment then want the same identifiers, and the roadmap refuses the second instead of doubling every item.

use domain::{ItemId, LaneId, RoadmapId};
use sha2::{Digest, Sha256};

/// An item's id from what identifies its row; the next one where `free` says that it is taken.
pub(super) fn item(roadmap: RoadmapId, seed: &str, free: impl Fn(ItemId) -> bool) -> ItemId {
    first_free(&format!("{roadmap} item {seed}"), ItemId::new, free)
}

/// A lane's id from its name in lower case.
pub(super) fn lane(roadmap: RoadmapId, seed: &str, free: impl Fn(LaneId) -> bool) -> LaneId {
    first_free(&format!("{roadmap} lane {seed}"), LaneId::new, free)
}

fn first_free<Id: Copy>(seed: &str, make: fn(u64, [u8; 10]) -> Id, free: impl Fn(Id) -> bool) -> Id {
    let id = |attempt: u32| {
        let hash = Sha256::digest(format!("import {attempt} {seed}"));
        let mut millis = [0; 8];
        millis[2..].copy_from_slice(&hash[..6]);
        let mut rest = [0; 10];
        rest.copy_from_slice(&hash[6..16]);
        make(u64::from_be_bytes(millis), rest)
    };
    (0..).map(id).find(|id| free(*id)).expect("there are more ids than a roadmap has items")
}
