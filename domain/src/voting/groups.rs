//! Small groups must not give away who chose what.

use std::collections::BTreeMap;

use crate::SegmentId;

/// The least number of ballots of which something is shown by itself.
pub const LEAST: u32 = 3;

/// The segments whose part of a secret result may be shown, given how many ballots each holds; `None` stands for the
/// ballots without a segment. All others are counted together as "everybody else".
///
/// A segment with fewer than [`LEAST`] ballots is not shown. What is left must be no smaller either, because it can be
/// computed from the whole and the parts: while it has some ballots, but too few, the smallest segment that is shown
/// joins it.
pub fn shown(ballots: &BTreeMap<Option<SegmentId>, u32>) -> Vec<SegmentId> {
    let mut shown: Vec<(u32, SegmentId)> = ballots
        .iter()
        .filter_map(|(segment, count)| segment.filter(|_| *count >= LEAST).map(|segment| (*count, segment)))
        .collect();
    shown.sort_unstable();
    let all: u32 = ballots.values().sum();
    let mut rest = all - shown.iter().map(|(count, _)| count).sum::<u32>();
    while (1..LEAST).contains(&rest) && !shown.is_empty() {
        rest += shown.remove(0).0;
    }
    let mut segments: Vec<SegmentId> = shown.into_iter().map(|(_, segment)| segment).collect();
    segments.sort_unstable();
    segments
}
