//! What fits into the days that people have in a quarter: planned effort against capacity, and the line below which nothing fits.

use serde::{Deserialize, Serialize};

/// What capacity asks of an item, in the order in which items are ranked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ask {
    /// Its effort in the quarter, in tenths of a person-day.
    pub effort: u64,
    /// What is done has had its days, whatever its rank.
    pub done: bool,
}

/// The work of a quarter against the days that there are for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// All of it, in tenths of a person-day.
    pub planned: u64,
    /// Indices of what does not fit, from the highest rank to the lowest.
    pub below: Vec<usize>,
}

impl Line {
    /// The lowest rank falls below first, until the rest fits. What has no effort takes no days and stays.
    pub fn of(asks: &[Ask], capacity: u64) -> Self {
        let planned = asks.iter().map(|ask| ask.effort).sum();
        let mut left: u64 = planned;
        let mut below = Vec::new();
        for (index, ask) in asks.iter().enumerate().rev() {
            if left <= capacity {
                break;
            }
            if !ask.done && ask.effort > 0 {
                left -= ask.effort;
                below.push(index);
            }
        }
        below.reverse();
        Self { planned, below }
    }

    pub fn is_over(&self, capacity: u64) -> bool {
        self.planned > capacity
    }
}

/// The days of a team in a quarter, as a board asks for them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamQuarter {
    /// As items name it.
    pub team: String,
    /// As it is written: `2027-Q1`.
    pub quarter: String,
    /// In tenths of a person-day.
    pub capacity: u64,
    /// What is planned for the team in other products, in tenths of a person-day. Only of those that the person may see.
    pub elsewhere: u64,
}

impl TeamQuarter {
    /// Whether an item is meant by the name of its team, in any case.
    pub fn is_of(&self, team: &str) -> bool {
        is_same_team(&self.team, team)
    }
}

/// Whether two names are those of one team.
pub fn is_same_team(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks(efforts: &[(u64, bool)]) -> Vec<Ask> {
        efforts.iter().map(|(effort, done)| Ask { effort: *effort, done: *done }).collect()
    }

    /// Twenty days, in tenths. By hand, from the lowest rank:
    ///
    /// | rank | effort | done | left when it is asked | |
    /// |---|---|---|---|---|
    /// | 7 | 30 | yes | 310 | done: stays |
    /// | 6 | 20 | | 310 | below, 290 are left |
    /// | 5 | 0 | | 290 | takes no days: stays |
    /// | 4 | 60 | | 290 | below, 230 are left |
    /// | 3 | 50 | | 230 | below, 180 are left, which fit |
    /// | 2 | 80 | | | fits |
    /// | 1 | 70 | | | fits |
    #[test]
    fn the_lowest_rank_falls_below_the_line_first() {
        let quarter =
            asks(&[(70, false), (80, false), (50, false), (60, false), (0, false), (20, false), (30, true)]);
        let line = Line::of(&quarter, 200);
        assert_eq!((line.planned, line.is_over(200)), (310, true));
        assert_eq!(line.below, [2, 3, 5]);
        // A smaller one of a lower rank does not jump over one that does not fit.
        assert_eq!(Line::of(&asks(&[(150, false), (100, false), (10, false)]), 200).below, [1, 2]);
    }

    #[test]
    fn what_fits_exactly_fits_and_without_days_nothing_does() {
        let quarter = asks(&[(100, false), (100, false)]);
        assert_eq!(Line::of(&quarter, 200), Line { planned: 200, below: Vec::new() });
        assert_eq!(Line::of(&quarter, 199).below, [1]);
        assert_eq!(Line::of(&quarter, 0).below, [0, 1]);
        assert_eq!(Line::of(&[], 0), Line::default());
        // What is done keeps its place even where there were too few days.
        assert_eq!(Line::of(&asks(&[(100, true), (50, false)]), 40).below, [1]);
    }

    #[test]
    fn a_team_is_meant_in_any_case() {
        let payments = TeamQuarter {
            team: "Payments".to_owned(),
            quarter: "2027-Q1".to_owned(),
            capacity: 0,
            elsewhere: 0,
        };
        assert!(payments.is_of(" payments") && !payments.is_of("Payment"));
    }
}
