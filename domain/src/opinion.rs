//! What several people say on a scale of whole numbers.

use std::collections::BTreeMap;

use crate::{
    SegmentId, UserId,
    voting::groups::{Size, shown},
};

/// What people said, together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Opinion {
    pub raters: u32,
    pub sum: u32,
    /// The lowest and the highest that was said; 0 where nobody said anything.
    pub low: u8,
    pub high: u8,
}

impl Opinion {
    /// The opinion of those who said these.
    pub fn of(said: impl IntoIterator<Item = u8>) -> Self {
        said.into_iter().fold(Self::default(), Self::with)
    }

    /// With one more that was said.
    pub fn with(self, said: u8) -> Self {
        let low = if self.raters == 0 { said } else { self.low.min(said) };
        Self { raters: self.raters + 1, sum: self.sum + u32::from(said), low, high: self.high.max(said) }
    }

    /// The mean with one decimal place, halves rounded up: `3.7`. `None` where nobody said anything.
    pub fn mean(self) -> Option<String> {
        let tenths = (self.sum * 10 + self.raters / 2).checked_div(self.raters)?;
        Some(format!("{}.{}", tenths / 10, tenths % 10))
    }

    /// How far apart the lowest and the highest are.
    pub fn spread(self) -> u8 {
        self.high - self.low
    }
}

/// The opinion of each segment that is large enough to be shown, and of everybody else together, where some are shown. `segments` are
/// those of one kind, with who belongs to them.
pub fn by_segment(
    said: &[(UserId, u8)],
    segments: &BTreeMap<UserId, SegmentId>,
) -> Vec<(Option<SegmentId>, Opinion)> {
    let mut groups: BTreeMap<Option<SegmentId>, Opinion> = BTreeMap::new();
    for (user, value) in said {
        let group = groups.entry(segments.get(user).copied()).or_default();
        *group = group.with(*value);
    }
    let sizes =
        groups.iter().map(|(segment, of)| (*segment, Size { ballots: of.raters, own: of.raters })).collect();
    let apart = shown(&sizes);
    let is_apart = |user: &UserId| segments.get(user).is_some_and(|segment| apart.contains(segment));
    let rest = Opinion::of(said.iter().filter(|(user, _)| !is_apart(user)).map(|(_, value)| *value));
    let mut found: Vec<_> = apart.iter().map(|segment| (Some(*segment), groups[&Some(*segment)])).collect();
    if !found.is_empty() && rest.raters > 0 {
        found.push((None, rest));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: 5 + 4 + 2 = 11, 11 / 3 = 3.67, from 2 to 5. 1 + 2 = 3, 3 / 2 = 1.5. 4 + 4 + 5 + 5 = 18, 18 / 4 = 4.5; with 3 it is
    /// 21 / 5 = 4.2. 1 + 1 + 1 + 2 = 5, 5 / 4 = 1.25, which is 1.3.
    #[test]
    fn an_opinion_has_a_mean_and_a_spread() {
        let opinion = Opinion::of([5, 4, 2]);
        assert_eq!(opinion, Opinion { raters: 3, sum: 11, low: 2, high: 5 });
        assert_eq!((opinion.mean().as_deref(), opinion.spread()), (Some("3.7"), 3));
        let mean = |said: &[u8]| Opinion::of(said.iter().copied()).mean();
        assert_eq!(mean(&[1, 2]).as_deref(), Some("1.5"));
        assert_eq!(mean(&[4, 4, 5, 5]).as_deref(), Some("4.5"));
        assert_eq!(mean(&[4, 4, 5, 5, 3]).as_deref(), Some("4.2"));
        assert_eq!(mean(&[1, 1, 1, 2]).as_deref(), Some("1.3"));
        assert_eq!((mean(&[]), mean(&[0]).as_deref()), (None, Some("0.0")));
    }

    fn user(n: u8) -> UserId {
        UserId::new(1, [n; 10])
    }

    fn segment(n: u8) -> SegmentId {
        SegmentId::new(1, [n; 10])
    }

    /// By hand: Sales is 1 to 3 with 5 + 4 + 3 = 12, IT is 4 to 6 with 1 + 1 + 2 = 4, and the others say 3 + 3 + 3 = 9.
    #[test]
    fn segments_of_three_are_shown_and_smaller_ones_are_with_everybody_else() {
        let said = |values: &[u8]| -> Vec<(UserId, u8)> {
            (1..).zip(values).map(|(n, value)| (user(n), *value)).collect()
        };
        let mut segments: BTreeMap<UserId, SegmentId> =
            (1..=6).map(|n| (user(n), segment(if n <= 3 { 1 } else { 2 }))).collect();
        segments.insert(user(7), segment(3));
        let nine = said(&[5, 4, 3, 1, 1, 2, 3, 3, 3]);
        let sums = |said: &[(UserId, u8)]| -> Vec<(Option<SegmentId>, u32, u32)> {
            let found = by_segment(said, &segments).into_iter();
            found.map(|(segment, of)| (segment, of.sum, of.raters)).collect()
        };
        assert_eq!(
            sums(&nine),
            [(Some(segment(1)), 12, 3), (Some(segment(2)), 4, 3), (None, 9, 3)],
            "the one of segment 3 is among everybody else"
        );
        // Two others alone could be told from the whole: the smallest segment joins them.
        assert_eq!(sums(&nine[..8]), [(Some(segment(2)), 4, 3), (None, 18, 5)]);
        assert_eq!(sums(&nine[..6]), [(Some(segment(1)), 12, 3), (Some(segment(2)), 4, 3)]);
        assert_eq!(sums(&nine[..2]), [], "two people are no group");
    }
}
