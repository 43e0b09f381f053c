//! What fits into the days that people have in a quarter: planned effort against capacity, and the line below which nothing fits.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{FiscalYear, ItemId, PersonDays, Quarter, Roadmap, Span, Status, balance::team_of};

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

/// The name of a team or a discipline as it is compared: items name theirs in any case.
pub fn name_key(name: &str) -> String {
    name.trim().to_lowercase()
}

/// How the work of a roadmap stands against the days of a team in a quarter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeamLine {
    pub team: String,
    pub quarter: Quarter,
    /// What the team has for this roadmap: its days without what other products take. In tenths of a person-day.
    pub free: u64,
    /// What is planned here.
    pub planned: u64,
    /// What does not fit, from the highest rank to the lowest.
    pub below: Vec<ItemId>,
}

/// The lines of a roadmap, one for each team and quarter whose days are known. Items rank as on the board.
pub fn lines(roadmap: &Roadmap, year: FiscalYear, teams: &[TeamQuarter]) -> Vec<TeamLine> {
    if teams.is_empty() {
        return Vec::new();
    }
    let mut by_team: BTreeMap<String, Vec<(ItemId, Span, u64, bool)>> = BTreeMap::new();
    for item in roadmap.board_order().filter_map(|id| roadmap.item(id)) {
        let effort = u64::from(item.fields.effort.map_or(0, PersonDays::tenths));
        let Some(team) = team_of(&item.fields).filter(|_| effort > 0) else { continue };
        if item.deleted.is_none() && item.fields.status != Status::Dropped {
            let span = Span { start: item.fields.start, end: item.fields.end };
            let row = (item.id, span, effort, item.fields.status == Status::Done);
            by_team.entry(name_key(team)).or_default().push(row);
        }
    }
    let line = |known: &TeamQuarter| {
        let quarter: Quarter = known.quarter.parse().ok()?;
        let (from, to) = year.days(quarter)?;
        let items = by_team.get(&name_key(&known.team)).map_or(&[][..], Vec::as_slice);
        let ask = |(_, span, effort, done): &(ItemId, Span, u64, bool)| Ask {
            effort: span.part(*effort, from, to),
            done: *done,
        };
        let asks: Vec<Ask> = items.iter().map(ask).collect();
        let free = known.capacity.saturating_sub(known.elsewhere);
        let line = Line::of(&asks, free);
        let below = line.below.iter().map(|at| items[*at].0).collect();
        Some(TeamLine { team: known.team.clone(), quarter, free, planned: line.planned, below })
    };
    teams.iter().filter_map(line).collect()
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
        assert_eq!(line.planned, 310);
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

    /// The first quarter of 2027 has 90 days, the second 91. Payments has 20 days in the first and 5 of them are planned elsewhere: 15 are
    /// free. By hand, in tenths, in the order of the board (two lanes):
    ///
    /// | item | plan | effort | in the first quarter |
    /// |---|---|---|---|
    /// | 1 | January | 100 | 100, fits |
    /// | 2 | March and April, 31 of 61 days | 61 | 31, fits: 131 of 150 |
    /// | 3 | February | 40 | 40, does not: 171 |
    /// | 4 | February, another team | 500 | |
    /// | 5 | the second quarter | 90 | 0 |
    ///
    /// In the second quarter it has 10 days: 61 − 31 = 30 of item 2 and 90 of item 5 are 120, so item 5 falls below.
    #[test]
    fn a_roadmap_has_a_line_for_each_team_and_quarter() {
        use crate::{ItemChange, Op, Value, apply, fixture};
        let mut roadmap = fixture::roadmap();
        let ids = [1, 2, 3, 4, 5].map(fixture::item);
        let rows = [
            ("2027-01-01", "2027-01-31", 100, "Payments"),
            ("2027-03-01", "2027-04-30", 61, "payments"),
            ("2027-02-01", "2027-02-28", 40, "Payments"),
            ("2027-02-01", "2027-02-28", 500, "Search"),
            ("2027-04-01", "2027-06-30", 90, "Payments"),
        ];
        for (id, (start, end, effort, team)) in ids.iter().zip(rows) {
            let (start, end) = (start.parse().ok(), end.parse().ok());
            let field = "team".parse().unwrap();
            let to = Some(Value::Text(team.to_owned()));
            let changes = [
                ItemChange::Schedule { start, end },
                ItemChange::Effort(PersonDays::from_tenths(effort)),
                ItemChange::Value { field, to },
            ];
            for change in changes {
                apply(&mut roadmap, &Op::set(*id, change), &fixture::by(1)).unwrap();
            }
        }
        let known = |quarter: &str, capacity, elsewhere| TeamQuarter {
            team: "Payments".to_owned(),
            quarter: quarter.to_owned(),
            capacity,
            elsewhere,
        };
        let teams = [known("2027-Q1", 200, 50), known("2027-Q2", 100, 0)];
        let lines = lines(&roadmap, FiscalYear::default(), &teams);
        assert_eq!((lines[0].free, lines[0].planned, &*lines[0].below), (150, 171, &ids[2..3]));
        assert_eq!((lines[1].free, lines[1].planned, &*lines[1].below), (100, 120, &ids[4..5]));
    }

    #[test]
    fn a_team_is_meant_in_any_case() {
        let payments = TeamQuarter {
            team: "Payments".to_owned(),
            quarter: "2027-Q1".to_owned(),
            capacity: 0,
            elsewhere: 0,
        };
        assert_eq!(name_key(&payments.team), name_key(" payments"));
        assert_ne!(name_key(&payments.team), name_key("Payment"));
    }
}
