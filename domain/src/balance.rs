//! What the work of a quarter is for: its shares of innovation, retention, run and retire, and how they compare to a target.

use serde::{Deserialize, Serialize};

use crate::{Date, Investment, Item, ItemFields, PersonDays, Quarter, Roadmap, Span, Status, Value, Values};

/// Something for each investment, in the order of [`Investment::ALL`].
pub type Parts<T> = [T; 4];

crate::choices! {
    /// By what items are weighed.
    Measure {
        Effort = "effort", "Effort";
        Cost = "cost", "Cost";
        Bookings = "bookings", "Expected bookings";
    }
}

impl Measure {
    /// How much an item weighs: tenths of a person-day, or hundredths of the workspace's currency. Nothing where nobody has said, and
    /// where the amount is negative.
    pub fn of(self, fields: &ItemFields) -> u64 {
        self.amount(u64::from(fields.effort.map_or(0, PersonDays::tenths)), &fields.values)
    }

    /// The same of an effort in tenths of a person-day, and of what declared fields hold.
    pub fn amount(self, effort: u64, values: &Values) -> u64 {
        let key = match self {
            Self::Effort => return effort,
            Self::Cost => "cost",
            Self::Bookings => "bookings",
        };
        match values.get(key) {
            Some(Value::Number(amount)) => u64::try_from(*amount).unwrap_or(0),
            _ => 0,
        }
    }
}

/// What balance asks of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weighed {
    pub span: Span,
    pub status: Status,
    pub investment: Option<Investment>,
    pub amount: u64,
}

impl Weighed {
    pub fn new(fields: &ItemFields, by: Measure) -> Self {
        Self {
            span: Span { start: fields.start, end: fields.end },
            status: fields.status,
            investment: fields.investment,
            amount: by.of(fields),
        }
    }
}

/// What work is for. What has no investment is apart: it is in no share.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Balance {
    /// All that is planned, with what is done of it.
    pub planned: Parts<u64>,
    pub delivered: Parts<u64>,
    /// What is planned without an investment.
    pub unsorted: u64,
}

impl Balance {
    /// The balance between two days, over which the amount of an item counts as far as its plan is within them. Without days, the whole
    /// amount of every item counts. What is dropped never does.
    pub fn of(items: impl IntoIterator<Item = Weighed>, days: Option<(Date, Date)>) -> Self {
        let mut balance = Self::default();
        for item in items {
            if item.amount == 0 || item.status == Status::Dropped {
                continue;
            }
            let amount = days.map_or(item.amount, |(from, to)| item.span.part(item.amount, from, to));
            let Some(investment) = item.investment else {
                balance.unsorted += amount;
                continue;
            };
            let at = place(investment);
            balance.planned[at] += amount;
            if item.status == Status::Done {
                balance.delivered[at] += amount;
            }
        }
        balance
    }

    /// What is planned and not done.
    pub fn open(&self) -> Parts<u64> {
        std::array::from_fn(|at| self.planned[at] - self.delivered[at])
    }
}

/// Where an investment stands among the parts.
pub fn place(investment: Investment) -> usize {
    Investment::ALL.iter().position(|other| *other == investment).unwrap_or_default()
}

/// Parts in whole percent that add up to 100: what is left over by rounding down goes to those that lost most by it. `None` where there
/// is nothing.
pub fn shares(parts: &Parts<u64>) -> Option<Parts<u8>> {
    let all: u128 = parts.iter().map(|part| u128::from(*part)).sum();
    let hundredfold = parts.map(|part| u128::from(part) * 100);
    if all == 0 {
        return None;
    }
    let mut shares = hundredfold.map(|part| u8::try_from(part / all).unwrap_or(100));
    let left = 100 - shares.iter().sum::<u8>();
    let mut order = [0, 1, 2, 3];
    order.sort_by_key(|at| std::cmp::Reverse(hundredfold[*at] % all));
    for at in order.into_iter().take(usize::from(left)) {
        shares[at] += 1;
    }
    Some(shares)
}

/// The mix that is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetMix {
    /// In percent; they add up to 100.
    pub shares: Parts<u8>,
    /// By how many points a share may be above or below.
    pub band: u8,
}

/// On which side of its band a share is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outside {
    Below,
    Above,
}

impl TargetMix {
    /// Which shares are outside their band, exactly: not by the percent they are rounded to. Nothing is, where there is nothing.
    pub fn outside(&self, parts: &Parts<u64>) -> Parts<Option<Outside>> {
        let all: i128 = parts.iter().map(|part| i128::from(*part)).sum();
        std::array::from_fn(|at| {
            let away = i128::from(parts[at]) * 100 - i128::from(self.shares[at]) * all;
            let band = i128::from(self.band) * all;
            match away {
                _ if away > band => Some(Outside::Above),
                _ if away < -band => Some(Outside::Below),
                _ => None,
            }
        })
    }
}

/// A target, and for which quarter it holds: every one where it names none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quarter: Option<Quarter>,
    pub mix: TargetMix,
}

/// The target that holds in a quarter, by lists of which the nearest comes first: those of a product before those of the portfolio.
/// In a list, the target of the quarter comes before that of every quarter.
pub fn target(lists: &[&[Target]], quarter: Option<Quarter>) -> Option<TargetMix> {
    lists.iter().find_map(|targets| {
        let own = targets.iter().find(|target| quarter.is_some() && target.quarter == quarter);
        let usual = || targets.iter().find(|target| target.quarter.is_none());
        own.or_else(usual).map(|target| target.mix)
    })
}

/// Whether an item keeps customers, and none of them has asked for it: it has neither an upvote nor a comment.
pub fn lacks_evidence(roadmap: &Roadmap, item: &Item) -> bool {
    item.fields.investment == Some(Investment::Retention)
        && !matches!(item.fields.status, Status::Done | Status::Dropped)
        && roadmap.vote_count(item.id) == 0
        && roadmap.comment_count(item.id) == 0
}

/// The field of an item that names its team.
pub fn team_of(fields: &ItemFields) -> Option<&str> {
    match fields.values.get("team") {
        Some(Value::Text(team)) => Some(team),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weighed(plan: &str, amount: u64, status: Status, investment: Option<Investment>) -> Weighed {
        let (start, end) = plan.split_once("..").unwrap();
        let day = |text: &str| (!text.is_empty()).then(|| text.parse().unwrap());
        let span = Span { start: day(start), end: day(end) };
        Weighed { span, status, investment, amount }
    }

    fn days(from: &str, to: &str) -> Option<(Date, Date)> {
        Some((from.parse().unwrap(), to.parse().unwrap()))
    }

    /// The first quarter of 2027 has 90 days. By hand, in tenths of a person-day:
    ///
    /// | item | in the quarter | innovation | retention | run | retire |
    /// |---|---|---|---|---|---|
    /// | January, 100, innovation, done | 100 | 100 (delivered) | | | |
    /// | March and April (31 of 61 days), 61, innovation | 31 | 31 | | | |
    /// | February, 50, retention | 50 | | 50 | | |
    /// | December 2026 and January (31 of 62 days), 63, run | 63 − ⌊63 · 31 ÷ 62⌋ = 32 | | | 32 | |
    /// | the second quarter, 40, retire | 0 | | | | 0 |
    /// | February, 20, retention, dropped | | | | | |
    /// | no plan, 70, retire | | | | | |
    /// | February, 30, no investment | 30, unsorted | | | | |
    ///
    /// Sums: 131 + 50 + 32 + 0 = 213. In percent 61.50, 23.47, 15.02, 0: rounded down 61, 23, 15, 0, one point is left, and the
    /// first lost most by rounding: 62, 23, 15, 0.
    #[test]
    fn the_balance_of_a_quarter_is_what_falls_into_it() {
        use Investment::{Innovation, Retention, Retire, Run};
        let items = [
            weighed("2027-01-01..2027-01-31", 100, Status::Done, Some(Innovation)),
            weighed("2027-03-01..2027-04-30", 61, Status::InProgress, Some(Innovation)),
            weighed("2027-02-01..2027-02-28", 50, Status::Planned, Some(Retention)),
            weighed("2026-12-01..2027-01-31", 63, Status::Planned, Some(Run)),
            weighed("2027-04-01..2027-06-30", 40, Status::Planned, Some(Retire)),
            weighed("2027-02-01..2027-02-28", 20, Status::Dropped, Some(Retention)),
            weighed("..", 70, Status::Planned, Some(Retire)),
            weighed("2027-02-01..2027-02-28", 30, Status::Planned, None),
        ];
        let balance = Balance::of(items, days("2027-01-01", "2027-03-31"));
        assert_eq!(balance.planned, [131, 50, 32, 0]);
        assert_eq!(balance.delivered, [100, 0, 0, 0]);
        assert_eq!(balance.open(), [31, 50, 32, 0]);
        assert_eq!(balance.unsorted, 30);
        assert_eq!(shares(&balance.planned), Some([62, 23, 15, 0]));
        // All quarters together: nothing is spread.
        let whole = Balance::of(items, None);
        assert_eq!((whole.planned, whole.unsorted), ([161, 50, 63, 110], 30));
        // The quarters add up to what has a plan.
        let spans =
            [("2026-10-01", "2026-12-31"), ("2027-01-01", "2027-03-31"), ("2027-04-01", "2027-06-30")];
        let mut sums = [0; 4];
        for (from, to) in spans {
            let part = Balance::of(items, days(from, to)).planned;
            sums = std::array::from_fn(|at| sums[at] + part[at]);
        }
        assert_eq!(sums, [161, 50, 63, 40]);
    }

    #[test]
    fn shares_add_up_to_the_whole() {
        assert_eq!(shares(&[0; 4]), None);
        assert_eq!(shares(&[1, 1, 1, 0]), Some([34, 33, 33, 0]));
        // 14.29 three times and 57.14: one point is left, and the first lost .29.
        assert_eq!(shares(&[1, 1, 1, 4]), Some([15, 14, 14, 57]));
        assert_eq!(shares(&[u64::MAX, 0, 0, u64::MAX]), Some([50, 0, 0, 50]));
        for parts in [[3, 7, 11, 13], [999, 1, 1, 1], [1, 0, 0, 0], [2, 3, 5, 7]] {
            assert_eq!(shares(&parts).unwrap().iter().sum::<u8>(), 100, "{parts:?}");
        }
    }

    /// The target is 50, 30, 15, 5 with a band of 10 points. Of 200:
    ///
    /// | | part | share | band | |
    /// |---|---|---|---|---|
    /// | innovation | 121 | 60.5 | 40 to 60 | above |
    /// | retention | 40 | 20 | 20 to 40 | at its edge, within |
    /// | run | 9 | 4.5 | 5 to 25 | below |
    /// | retire | 30 | 15 | −5 to 15 | at its edge, within |
    #[test]
    fn a_share_is_outside_when_it_is_beyond_its_band() {
        let target = TargetMix { shares: [50, 30, 15, 5], band: 10 };
        let outside = target.outside(&[121, 40, 9, 30]);
        assert_eq!(outside, [Some(Outside::Above), None, Some(Outside::Below), None]);
        assert_eq!(target.outside(&[0; 4]), [None; 4]);
    }

    /// A has an upvote and a comment, B has neither.
    #[test]
    fn retention_that_nobody_asked_for_lacks_evidence() {
        use crate::{ItemChange, fixture};
        let mut roadmap = fixture::roadmap();
        let lacks =
            |roadmap: &Roadmap, number| lacks_evidence(roadmap, roadmap.item(fixture::item(number)).unwrap());
        assert!(!lacks(&roadmap, 2), "it has no investment");
        for number in [1, 2] {
            let retention = ItemChange::Investment(Some(Investment::Retention));
            fixture::done(&mut roadmap, &fixture::set(number, retention), 1);
        }
        assert!(!lacks(&roadmap, 1) && lacks(&roadmap, 2));
        fixture::done(&mut roadmap, &fixture::set(2, ItemChange::Status(Status::Done)), 1);
        assert!(!lacks(&roadmap, 2), "it is done");
    }

    #[test]
    fn the_nearest_target_holds() {
        let mix = |first: u8| TargetMix { shares: [first, 100 - first, 0, 0], band: 5 };
        let quarter = |text: &str| text.parse::<Quarter>().ok();
        let target_of = |quarter, first| Target { quarter, mix: mix(first) };
        let own = [target_of(quarter("2027-Q1"), 10), target_of(None, 20)];
        let all = [target_of(quarter("2027-Q2"), 30), target_of(None, 40)];
        let holds = |lists: &[&[Target]], text: &str| target(lists, quarter(text)).map(|mix| mix.shares[0]);
        assert_eq!(holds(&[&own, &all], "2027-Q1"), Some(10));
        assert_eq!(
            holds(&[&own, &all], "2027-Q2"),
            Some(20),
            "the product's usual one before the portfolio's of the quarter"
        );
        assert_eq!(holds(&[&[], &all], "2027-Q2"), Some(30));
        assert_eq!(holds(&[&own[..1], &all], ""), Some(40), "of all quarters together");
        assert_eq!(holds(&[&[], &[]], "2027-Q1"), None);
        let text = serde_json::to_string(&own).unwrap();
        assert_eq!(serde_json::from_str::<Vec<Target>>(&text).unwrap(), own);
    }
}
