//! Small groups must not give away who chose what.

use std::collections::BTreeMap;

use crate::SegmentId;

/// The least number of voters, casting themselves, of whom something is shown.
pub const LEAST: u32 = 3;

/// How many ballots a group holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    pub ballots: u32,
    /// Those that their voters cast themselves. An editor who enters ballots on behalf of customers knows them, and would be left
    /// with the ballot of a single voter.
    pub own: u32,
}

/// The segments whose part of a secret result may be shown, given the size of each; `None` stands for the
/// ballots without a segment. All others are counted together as "everybody else".
///
/// A segment with fewer than [`LEAST`] own ballots is not shown. What is left must be no smaller either, because it can be
/// computed from the whole and the parts: while it has some ballots, but too few of their voters' own, the smallest
/// segment that is shown joins it.
pub fn shown(groups: &BTreeMap<Option<SegmentId>, Size>) -> Vec<SegmentId> {
    let mut shown: Vec<(Size, SegmentId)> = groups
        .iter()
        .filter_map(|(segment, size)| segment.filter(|_| size.own >= LEAST).map(|segment| (*size, segment)))
        .collect();
    shown.sort_unstable_by_key(|(size, segment)| (size.own, *segment));
    let mut rest = Size::default();
    for (segment, size) in groups {
        if !shown.iter().any(|(_, shown)| Some(*shown) == *segment) {
            rest.ballots += size.ballots;
            rest.own += size.own;
        }
    }
    while rest.ballots > 0 && rest.own < LEAST && !shown.is_empty() {
        let (size, _) = shown.remove(0);
        rest.ballots += size.ballots;
        rest.own += size.own;
    }
    let mut segments: Vec<SegmentId> = shown.into_iter().map(|(_, segment)| segment).collect();
    segments.sort_unstable();
    segments
}
