use proptest::prelude::*;

use super::*;

fn item(n: u8) -> ItemRef {
    ItemRef { roadmap: RoadmapId::new(1, [n / 10; 10]), item: ItemId::new(2, [n; 10]) }
}

/// `"1 blocks 2"`.
fn link(text: &str) -> Dependency {
    let parts: Vec<&str> = text.split(' ').collect();
    let [from, kind, to] = parts[..] else { panic!("{text}") };
    let (from, to) = (from.parse().unwrap(), to.parse().unwrap());
    let id = RecordId::new(u64::from(from) * 1_000 + u64::from(to), [7; 10]);
    Dependency {
        id,
        from: item(from),
        kind: kind.parse().unwrap(),
        to: item(to),
        lag: 0,
        note: String::new(),
    }
}

fn links(texts: &[&str]) -> Vec<Dependency> {
    texts.iter().map(|text| link(text)).collect()
}

/// `"2027-04-01..2027-06-30 quarter"`, with either day missing.
fn plan(text: &str) -> Plan {
    let (days, rest) = text.split_once(' ').unwrap_or((text, ""));
    let (start, end) = days.split_once("..").unwrap();
    let is_settled = rest == "done";
    Plan { start: start.parse().ok(), end: end.parse().ok(), precision: rest.parse().ok(), is_settled }
}

fn told(shifts: &[Shift]) -> Vec<String> {
    let day = |day: Option<Date>| day.map_or_else(String::new, |day| day.to_string());
    let number = |shift: &Shift| (0..100).find(|n| item(*n) == shift.item).unwrap();
    let told = |shift: &Shift| {
        format!("{} +{}: {}..{}", number(shift), shift.days, day(shift.to.start), day(shift.to.end))
    };
    shifts.iter().map(told).collect()
}

fn key(at: ItemRef) -> String {
    format!("ERP-{}", (0..100).find(|n| item(*n) == at).unwrap())
}

#[test]
fn a_cycle_is_refused_with_its_path() {
    let there = links(&["1 blocks 2", "3 needs 2", "3 blocks 4", "5 relates 1"]);
    let refused = |new: &str| linkable(&link(new), &there).unwrap_err().sentence(key);
    assert_eq!(
        refused("4 blocks 1"),
        "This would be a cycle: ERP-4 → ERP-1 → ERP-2 → ERP-3 → ERP-4. Remove one of these first."
    );
    assert_eq!(
        refused("1 needs 3"),
        "This would be a cycle: ERP-3 → ERP-1 → ERP-2 → ERP-3. Remove one of these first."
    );
    assert_eq!(
        refused("2 blocks 1"),
        "This would be a cycle: ERP-2 → ERP-1 → ERP-2. Remove one of these first."
    );
    // What relates waits for nothing.
    assert_eq!(linkable(&link("1 blocks 5"), &links(&["1 blocks 2"])), Ok(()));
    assert_eq!(linkable(&link("4 relates 1"), &there), Ok(()));
    assert_eq!(linkable(&link("1 blocks 4"), &there), Ok(()), "a shorter way is no cycle");
}

#[test]
fn an_item_depends_on_another_once_and_never_on_itself() {
    let there = links(&["1 blocks 2", "5 relates 1"]);
    let refused = |new: &str| linkable(&link(new), &there).unwrap_err().sentence(key);
    assert!(refused("1 blocks 1").contains("itself"));
    for twice in ["1 blocks 2", "2 needs 1", "1 relates 2", "2 relates 1"] {
        assert_eq!(refused(twice), "ERP-1 already blocks ERP-2. Remove that dependency first.", "{twice}");
    }
    assert_eq!(refused("1 blocks 5"), "ERP-5 already relates to ERP-1. Remove that dependency first.");
    let many: Vec<Dependency> = (2..102).map(|n| link(&format!("1 blocks {n}"))).collect();
    let refused = linkable(&link("1 blocks 150"), &many).unwrap_err();
    assert_eq!(refused, Unlinkable::TooManyOfItem(item(1)));
}

#[test]
fn a_dependant_is_early_that_starts_before_its_blocker_ends() {
    let year = FiscalYear::beginning_in(4).unwrap();
    let early = |blocker: &str, dependant: &str| starts_early(&plan(blocker), &plan(dependant), 0, year);
    assert_eq!(early("2027-01-01..2027-03-31", "2027-04-01..2027-06-30"), None);
    assert_eq!(early("2027-01-01..2027-03-31", "2027-03-31..2027-06-30"), Some(1));
    assert_eq!(early("2027-01-01..2027-03-31", "2027-01-01..2027-02-28"), Some(90));
    // A point in time may fall on the day.
    assert_eq!(early("..2027-03-31", "2027-03-31..2027-06-30"), None);
    assert_eq!(early("2027-01-01..2027-03-31", "..2027-03-31"), None);
    assert_eq!(early("2027-01-01..2027-03-31", "..2027-03-30"), Some(1));
    // Nothing says when it ends, or when it starts.
    assert_eq!(early("2027-01-01..", "2027-01-01..2027-02-28"), None);
    assert_eq!(early("2027-01-01..2027-03-31", ".."), None);
    // What is meant by quarter ends with it, and begins with it.
    assert_eq!(early("2027-04-01..2027-05-10 quarter", "2027-06-01..2027-08-31"), Some(30));
    assert_eq!(early("2027-04-01..2027-05-10 month", "2027-06-01..2027-08-31"), None);
    assert_eq!(early("2027-04-01..2027-05-10", "2027-06-01..2027-08-31 quarter"), Some(40));
    assert_eq!(early("2027-01-01..2027-03-31 done", "2027-01-01..2027-02-28"), None);
    assert_eq!(early("2027-01-01..2027-03-31", "2027-01-01..2027-02-28 done"), None);
    let lag = |days| starts_early(&plan("2027-01-01..2027-03-31"), &plan("2027-04-05.."), days, year);
    assert_eq!([lag(4), lag(5), lag(-400)], [None, Some(1), None]);
}

#[test]
fn a_slip_shifts_what_waits_for_it_over_several_levels() {
    let there = links(&["1 blocks 2", "2 blocks 3", "4 needs 1", "3 blocks 5", "6 relates 1", "1 blocks 7"]);
    let plans = |moved: &str| {
        let moved = plan(moved);
        move |at: ItemRef| {
            let text = match (1..=7).find(|n| item(*n) == at)? {
                1 => return Some(moved),
                // Two weeks, right behind it.
                2 => "2027-04-01..2027-04-14",
                // With nine days to spare.
                3 => "2027-04-24..2027-05-07",
                // By quarter.
                4 => "2027-04-01..2027-06-30 quarter",
                5 => "..2027-05-08",
                6 => "2027-01-01..2027-01-31",
                _ => "2027-01-01..2027-02-28 done",
            };
            Some(plan(text))
        }
    };
    let slip = |end: &str| {
        let plan = plans(&format!("2027-03-01..{end}"));
        told(&super::slip(&[item(1)], &there, plan, FiscalYear::default()))
    };
    assert_eq!(slip("2027-03-31"), Vec::<String>::new());
    // The second starts on 9 April and ends on the 22nd; the third need not move.
    assert_eq!(slip("2027-04-08"), ["2 +8: 2027-04-09..2027-04-22", "4 +91: 2027-07-01..2027-09-30"]);
    // The second ends on 30 April, the third on 14 May; a milestone may fall on that day.
    assert_eq!(
        slip("2027-04-16"),
        [
            "2 +16: 2027-04-17..2027-04-30",
            "4 +91: 2027-07-01..2027-09-30",
            "3 +7: 2027-05-01..2027-05-14",
            "5 +6: ..2027-05-14"
        ]
    );
}

#[test]
fn a_slip_leaves_what_was_moved_by_hand_and_takes_the_latest_blocker() {
    let there = links(&["1 blocks 3", "2 blocks 3", "1 blocks 2"]);
    let plan = |at: ItemRef| {
        let text = match (1..=3).find(|n| item(*n) == at)? {
            1 => "2027-03-01..2027-03-10",
            2 => "2027-03-05..2027-03-20",
            _ => "2027-03-01..2027-03-05",
        };
        Some(plan(text))
    };
    let year = FiscalYear::default();
    assert_eq!(told(&slip(&[item(1), item(2)], &there, plan, year)), ["3 +20: 2027-03-21..2027-03-25"]);
    // The second shifts by six days, and the third behind it.
    assert_eq!(
        told(&slip(&[item(1)], &there, plan, year)),
        ["2 +6: 2027-03-11..2027-03-26", "3 +26: 2027-03-27..2027-03-31"]
    );
    assert_eq!(told(&slip(&[item(3)], &there, plan, year)), Vec::<String>::new());
}

/// Whether one item is reached from another, by trying all.
fn is_reached(edges: &[(u8, u8)], from: u8, to: u8) -> bool {
    let mut reached = BTreeSet::from([from]);
    for _ in 0..edges.len() {
        let next: Vec<u8> = edges.iter().filter(|(a, _)| reached.contains(a)).map(|(_, b)| *b).collect();
        reached.extend(next);
    }
    reached.contains(&to)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_linked_has_no_cycle_and_a_slip_ends_every_conflict(
        tried in prop::collection::vec((0u8..9, 0u8..9, any::<bool>(), -2i32..9), 1..30),
        days in prop::collection::vec((0i32..60, 0i32..20, 0u8..4), 9),
        moved in 0u8..9,
    ) {
        let (mut there, mut edges) = (Vec::new(), Vec::new());
        for (a, b, needs, lag) in tried {
            let text = if needs { format!("{b} needs {a}") } else { format!("{a} blocks {b}") };
            let new = Dependency { lag, ..link(&text) };
            let is_cycle = a == b || is_reached(&edges, b, a);
            match linkable(&new, &there) {
                Ok(()) => {
                    prop_assert!(!is_cycle);
                    there.push(new);
                    edges.push((a, b));
                }
                Err(Unlinkable::Cycle(path)) => {
                    prop_assert!(is_cycle);
                    prop_assert_eq!(path.first(), path.last());
                    prop_assert_eq!((path[0], path[1]), (item(a), item(b)));
                    for step in path.windows(2).skip(1) {
                        prop_assert!(there.iter().any(|link| link.order() == Some((step[0], step[1]))));
                    }
                }
                Err(Unlinkable::Itself) => prop_assert_eq!(a, b),
                Err(Unlinkable::Twice(_)) => prop_assert!(edges.contains(&(a, b))),
                Err(other) => prop_assert!(false, "{:?}", other),
            }
        }
        let first = Date::constant(2027, 1, 1);
        let planned: BTreeMap<ItemRef, Plan> = (0u8..9).zip(&days).map(|(n, (start, length, meant))| {
            let (start, end) = (first.plus_days(*start), first.plus_days(start + length));
            let precision = match meant {
                0 => Some(Precision::Month),
                1 => Some(Precision::Quarter),
                _ => None,
            };
            (item(n), Plan { start, end, precision, is_settled: false })
        }).collect();
        let year = FiscalYear::default();
        let shifts = slip(&[item(moved)], &there, |at| planned.get(&at).copied(), year);
        let mut after = planned.clone();
        for shift in &shifts {
            prop_assert!(shift.days > 0, "{:?}", shift);
            prop_assert_ne!(shift.item, item(moved));
            let plan = after.get_mut(&shift.item).unwrap();
            (plan.start, plan.end) = (shift.to.start, shift.to.end);
        }
        let at = |item: ItemRef| shifts.iter().position(|shift| shift.item == item);
        for early in conflicts(&there, |at| after.get(&at).copied(), year) {
            // What is still early was so before, and waits for nothing that moved.
            prop_assert!(early.blocker != item(moved) && at(early.blocker).is_none(), "{:?}", early);
        }
        for shift in &shifts {
            let causes = there.iter().filter_map(Dependency::order).filter(|(_, dependant)| *dependant == shift.item);
            let is_cause = |blocker: ItemRef| {
                blocker == item(moved) || at(blocker).is_some_and(|place| place < at(shift.item).unwrap())
            };
            prop_assert!(causes.into_iter().any(|(blocker, _)| is_cause(blocker)));
        }
    }
}

#[test]
fn what_is_still_to_be_done_is_counted_on_both_sides() {
    let there = links(&["1 blocks 2", "3 blocks 2", "4 blocks 2", "2 relates 5", "2 blocks 5"]);
    let plans = ["2027-01-01..2027-02-01", "2027-01-15..2027-03-01", "2026-01-01..2026-02-01"];
    let planned = |at: ItemRef| match (1..6).find(|n| item(*n) == at)? {
        4 => Some(plan("2027-01-01..2027-06-01 done")),
        5 => None,
        n => Some(plan(plans[usize::from(n) - 1])),
    };
    let early = conflicts(&there, planned, FiscalYear::default());
    let counts = count_linked(&there, &early, planned);
    let of = |n: u8| counts.get(&item(n)).map(|it| (it.blocked, it.blocks, it.early));
    assert_eq!([of(1), of(2), of(3)], [Some((0, 1, 0)), Some((2, 0, 1)), Some((0, 1, 0))]);
    // What is done blocks nothing, and what is in the bin waits for nothing.
    assert_eq!([of(4), of(5)], [None, None]);
}

#[test]
fn days_between_are_said_in_words() {
    let between = |lag| Dependency { lag, ..link("1 blocks 2") }.between();
    assert_eq!(between(0), None);
    assert_eq!(between(1).as_deref(), Some("1 day between"));
    assert_eq!(between(-2).as_deref(), Some("2 days of overlap"));
}
