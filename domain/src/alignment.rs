//! How the work of a quarter serves its objectives.

use crate::{FiscalYear, Quarter, RecordId, Span, Status};

/// What alignment asks of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    pub span: Span,
    /// In tenths of a person-day; 0 where nobody has said.
    pub effort: u32,
    /// In hundredths of the workspace's currency; 0 where nobody has said.
    pub cost: i64,
    pub status: Status,
    /// The objectives that it names, of any quarter.
    pub objectives: Vec<RecordId>,
}

/// What serves an objective, or none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// Indices of the items.
    pub items: Vec<usize>,
    /// Its part of the quarter's effort, in tenths of a person-day.
    pub effort: u32,
    /// How many of the items are done.
    pub done: usize,
    /// Tenths of a person-day of the items, all quarters together, and of those of them that are done.
    pub whole: u32,
    pub whole_done: u32,
    /// What the items cost, all quarters together, in hundredths of the workspace's currency: what they draw from the objective.
    pub drawn: i64,
}

/// The work of a quarter by its objectives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alignment {
    /// In the order of the objectives.
    pub objectives: Vec<Share>,
    /// What is planned for the quarter and serves none of them.
    pub none: Share,
    /// The quarter's effort: that of the shares together.
    pub effort: u32,
}

impl Share {
    fn add(&mut self, index: usize, item: &Planned, effort: u32, whole: u32, drawn: i64) {
        self.items.push(index);
        self.drawn += drawn;
        self.effort += effort;
        self.whole += whole;
        if item.status == Status::Done {
            self.done += 1;
            self.whole_done += whole;
        }
    }

    /// How much is done, in percent: of the effort, or of the items where none has any. `None` without items.
    pub fn progress(&self) -> Option<u32> {
        let (done, all) = if self.whole > 0 {
            (self.whole_done, self.whole)
        } else {
            (u32::try_from(self.done).ok()?, u32::try_from(self.items.len()).ok()?)
        };
        percent(done, all)
    }
}

fn percent(part: u32, all: u32) -> Option<u32> {
    let percent = (u64::from(part) * 100 + u64::from(all) / 2).checked_div(u64::from(all))?;
    u32::try_from(percent).ok()
}

/// An amount in equal parts; the first ones get what is left over.
fn parts(amount: u32, count: usize) -> impl Iterator<Item = u32> {
    let count = u32::try_from(count).unwrap_or(u32::MAX).max(1);
    (0..count).map(move |part| amount / count + u32::from(part < amount % count))
}

/// The same of money.
fn money_parts(cents: i64, count: usize) -> impl Iterator<Item = i64> {
    let count = i64::try_from(count).unwrap_or(i64::MAX).max(1);
    (0..count).map(move |part| cents.div_euclid(count) + i64::from(part < cents.rem_euclid(count)))
}

impl Alignment {
    /// An item belongs to the quarter where it is planned for it, or names one of its objectives. Its effort is spread over the
    /// days of its plan; without a plan all of it counts. What serves several objectives counts for each with an equal part, and so does
    /// its cost, which is never spread over quarters.
    pub fn of(items: &[Planned], objectives: &[RecordId], quarter: Quarter, year: FiscalYear) -> Self {
        let mut alignment = Self { objectives: vec![Share::default(); objectives.len()], ..Self::default() };
        for (index, item) in items.iter().enumerate().filter(|(_, item)| item.status != Status::Dropped) {
            let spread = item.span.spread(item.effort, year);
            let now = spread.iter().find(|(part, _)| *part == quarter).map(|(_, effort)| *effort);
            let served: Vec<usize> =
                (0..objectives.len()).filter(|at| item.objectives.contains(&objectives[*at])).collect();
            let effort = match now {
                Some(effort) => effort,
                None if served.is_empty() => continue,
                None if spread.is_empty() => item.effort,
                None => 0,
            };
            alignment.effort += effort;
            if served.is_empty() {
                alignment.none.add(index, item, effort, item.effort, item.cost);
            }
            let (efforts, wholes) = (parts(effort, served.len()), parts(item.effort, served.len()));
            let costs = money_parts(item.cost, served.len());
            for (at, ((effort, whole), cost)) in served.into_iter().zip(efforts.zip(wholes).zip(costs)) {
                alignment.objectives[at].add(index, item, effort, whole, cost);
            }
        }
        alignment
    }

    /// Which part of the effort serves an objective, in percent. `None` where there is no effort.
    pub fn aligned(&self) -> Option<u32> {
        percent(self.effort - self.none.effort, self.effort)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn id(n: u8) -> RecordId {
        RecordId(uuid::Uuid::from_bytes([n; 16]))
    }

    fn item(plan: &str, effort: u32, status: Status, objectives: &[RecordId]) -> Planned {
        let (start, end) = plan.split_once("..").unwrap();
        let day = |text: &str| (!text.is_empty()).then(|| text.parse().unwrap());
        let span = Span { start: day(start), end: day(end) };
        Planned { span, effort, cost: 0, status, objectives: objectives.to_vec() }
    }

    fn dear(cost: i64, of: Planned) -> Planned {
        Planned { cost, ..of }
    }

    /// By hand, in hundredths: 1 draws 100 and half of 61 (31, the first one gets what is left over), 2 the other half (30) and 7 of what
    /// has no plan. What is dropped draws nothing, and nothing is drawn for the objective of another quarter. That an item is planned
    /// for another quarter changes nothing: 40 more for 1.
    #[test]
    fn objectives_pay_for_their_items_in_equal_parts() {
        let january = "2027-01-01..2027-01-31";
        let items = [
            dear(100, item(january, 0, Status::Done, &[id(1)])),
            dear(61, item(january, 0, Status::Planned, &[id(1), id(2), id(9)])),
            dear(7, item("..", 0, Status::Planned, &[id(2)])),
            dear(5_000, item(january, 0, Status::Dropped, &[id(1)])),
            dear(40, item("2027-04-01..2027-06-30", 0, Status::Planned, &[id(1)])),
        ];
        let quarter = "2027-Q1".parse().unwrap();
        let alignment = Alignment::of(&items, &[id(1), id(2)], quarter, FiscalYear::default());
        let drawn: Vec<i64> = alignment.objectives.iter().map(|share| share.drawn).collect();
        assert_eq!(drawn, [171, 37]);
        assert_eq!(money_parts(-5, 2).collect::<Vec<_>>(), [-2, -3]);
    }

    /// The first quarter of 2027 has 90 days. By hand, in tenths of a person-day:
    ///
    /// | item | in the quarter | for 1 | for 2 | for none |
    /// |---|---|---|---|---|
    /// | 0: January, 100, done, serves 1 | 100 | 100 | | |
    /// | 1: March and April (31 of 61 days), 61, serves 1 and 2 | 31 | 16 | 15 | |
    /// | 2: no plan, 70, serves 2 | 70 | | 70 | |
    /// | 3: February, 50, serves another quarter's | 50 | | | 50 |
    /// | 4: the second quarter, 40, serves 1 | 0 | 0 | | |
    /// | 5: no plan, 30 | | | | |
    /// | 6: January, 20, dropped | | | | |
    #[test]
    fn the_effort_of_a_quarter_is_that_of_its_objectives_and_of_none() {
        let items = [
            item("2027-01-01..2027-01-31", 100, Status::Done, &[id(1)]),
            item("2027-03-01..2027-04-30", 61, Status::InProgress, &[id(1), id(2)]),
            item("..", 70, Status::Planned, &[id(2)]),
            item("2027-02-01..2027-02-28", 50, Status::Planned, &[id(9)]),
            item("2027-04-01..2027-06-30", 40, Status::Planned, &[id(1)]),
            item("..", 30, Status::Planned, &[]),
            item("2027-01-01..2027-01-31", 20, Status::Dropped, &[id(1)]),
        ];
        let quarter = "2027-Q1".parse().unwrap();
        let alignment = Alignment::of(&items, &[id(1), id(2)], quarter, FiscalYear::default());
        let effort = |share: &Share| share.effort;
        assert_eq!(alignment.objectives.iter().map(effort).collect::<Vec<_>>(), [116, 85]);
        assert_eq!((alignment.none.effort, alignment.effort), (50, 251));
        let sum: u32 = alignment.objectives.iter().chain([&alignment.none]).map(effort).sum();
        assert_eq!(sum, alignment.effort, "no effort is lost or counted twice");
        assert_eq!(alignment.objectives[0].items, [0, 1, 4]);
        assert_eq!(alignment.none.items, [3]);
        // 100 of 100 + 31 + 40.
        assert_eq!(alignment.objectives[0].progress(), Some(58));
        assert_eq!(alignment.objectives[1].progress(), Some(0));
        // 201 of 251.
        assert_eq!(alignment.aligned(), Some(80));
    }

    #[test]
    fn without_efforts_items_are_counted() {
        let items = [
            item("2027-01-01..2027-01-31", 0, Status::Done, &[id(1)]),
            item("2027-01-01..2027-01-31", 0, Status::Planned, &[id(1)]),
            item("2027-01-01..2027-01-31", 0, Status::Planned, &[id(1)]),
        ];
        let of = |items: &[Planned]| {
            Alignment::of(items, &[id(1)], "2027-Q1".parse().unwrap(), FiscalYear::default())
        };
        assert_eq!(of(&items).objectives[0].progress(), Some(33));
        assert_eq!(of(&items).aligned(), None);
        assert_eq!(of(&[]).objectives[0].progress(), None);
    }
}
