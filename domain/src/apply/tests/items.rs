use std::collections::BTreeSet;

use crate::{
    Change, Context, Date, Field, FieldValue, Investment, ItemChange, ItemFields, ItemKind, MAX_VALUES, Op,
    PersonDays, Place, Reject, Roadmap, Spot, Stamp, Status, Timestamp, Value, apply, fixture::*,
};

fn beside(after: Option<u8>, before: Option<u8>) -> Place<crate::ItemId> {
    Place::Beside { after: after.map(item), before: before.map(item) }
}

#[test]
fn a_new_item_gets_the_next_number_its_author_and_its_place() {
    let mut roadmap = roadmap();
    let effects = done(&mut roadmap, &create(9, 1, beside(Some(1), Some(2)), "New"), 2);
    let new = roadmap.item(item(9)).unwrap();
    assert_eq!(new.number, 7, "numbers of deleted items are not used again");
    assert_eq!(new.created, Stamp { by: person(2), at: Timestamp(1_000) });
    assert_eq!(board(&roadmap), "Now: A New B C D | Next: E | Later:");
    assert_eq!(effects.touched.items, BTreeSet::from([item(9)]));
    assert_eq!(effects.touched.orders, BTreeSet::from([lane(1)]));
    assert_eq!(sentences(&effects), ["added “New” to Now"]);
    done_and_taken_back(&crate::fixture::roadmap(), &create(9, 1, Place::First, "New"), 1);
}

#[test]
fn a_taken_back_item_lies_in_the_bin_and_keeps_its_number() {
    let mut roadmap = roadmap();
    let effects = done(&mut roadmap, &create(9, 1, Place::Last, "New"), 1);
    done(&mut roadmap, &effects.inverse[0], 1);
    assert!(roadmap.item(item(9)).unwrap().deleted.is_some());
    done(&mut roadmap, &create(10, 1, Place::Last, "Newer"), 1);
    assert_eq!(roadmap.item(item(10)).unwrap().number, 8);
}

#[test]
fn every_field_is_set_told_and_taken_back() {
    let day = |day| Some(Date::constant(2026, 3, day));
    let mut roadmap = roadmap();
    let cases = [
        (ItemChange::Title(title("Alpha")), "renamed “A” to “Alpha”"),
        (ItemChange::Description("Long.".parse().unwrap()), "changed the description of “A”"),
        (ItemChange::Kind(ItemKind::Fix), "changed the type of “A” from Feature to Fix"),
        (ItemChange::Investment(Some(Investment::Run)), "set the investment of “A” to Run"),
        (ItemChange::Effort(PersonDays::from_tenths(25)), "set the effort of “A” to 2.5 person-days"),
        (ItemChange::Schedule { start: day(1), end: None }, "set the start of “A” to 2026-03-01"),
        (ItemChange::Schedule { start: None, end: day(2) }, "set the end of “A” to 2026-03-02"),
        (ItemChange::Owner(Some(person(1))), "set the owner of “A” to Anna"),
        (ItemChange::AddTag("API".parse().unwrap()), "set the tags of “A” to api"),
        (ItemChange::Status(Status::InProgress), "changed the status of “A” from Proposed to In progress"),
        (ItemChange::SourceKey(Some("G-1".parse().unwrap())), "set the import key of “A” to G-1"),
    ];
    for (change, sentence) in cases {
        let op = set(1, change);
        let after = done_and_taken_back(&roadmap, &op, 1);
        assert_ne!(after.item(item(1)), roadmap.item(item(1)));
        let mut again = roadmap.clone();
        let effects = done(&mut again, &op, 1);
        assert_eq!(sentences(&effects), [sentence]);
        assert_eq!(effects.touched.items, BTreeSet::from([item(1)]));
        assert_eq!(effects.touched.orders, BTreeSet::new());
    }
    done(&mut roadmap, &set(1, ItemChange::AddTag("api".parse().unwrap())), 1);
    let effects = done(&mut roadmap, &set(1, ItemChange::RemoveTag("api".parse().unwrap())), 1);
    assert_eq!(sentences(&effects), ["cleared the tags of “A”, which was api"]);
    assert_eq!(effects.inverse, [set(1, ItemChange::AddTag("api".parse().unwrap()))]);
}

#[test]
fn setting_what_is_so_already_changes_nothing() {
    let roadmap = roadmap();
    let same = [
        set(1, ItemChange::Title(title("A"))),
        set(1, ItemChange::RemoveTag("none".parse().unwrap())),
        set(1, ItemChange::Schedule { start: None, end: None }),
        move_items(&[1, 2], 1, Place::First),
        move_items(&[4], 1, Place::Last),
        move_items(&[2], 1, beside(Some(1), Some(3))),
    ];
    for op in same {
        let mut after = roadmap.clone();
        assert_eq!(done(&mut after, &op, 1), crate::Effects::default(), "{op:?}");
        assert_eq!(after, roadmap);
    }
}

#[test]
fn a_schedule_never_ends_before_it_starts() {
    let roadmap = roadmap();
    let (early, late) = (Date::constant(2026, 1, 1), Date::constant(2026, 1, 2));
    let backwards = ItemChange::Schedule { start: Some(late), end: Some(early) };
    assert_eq!(refused(&roadmap, &set(1, backwards), 1), Reject::EndBeforeStart);
    done_and_taken_back(&roadmap, &set(1, ItemChange::Schedule { start: Some(late), end: Some(late) }), 1);

    let mut fields = ItemFields::titled(title("New"));
    (fields.start, fields.end) = (Some(late), Some(early));
    let op = Op::CreateItem { id: item(9), lane: lane(1), place: Place::Last, fields: Box::new(fields) };
    assert_eq!(refused(&roadmap, &op, 1), Reject::EndBeforeStart);
}

#[test]
fn an_item_has_at_most_thirty_tags() {
    let mut roadmap = roadmap();
    for number in 0..30 {
        done(&mut roadmap, &set(1, ItemChange::AddTag(format!("t{number}").parse().unwrap())), 1);
    }
    let full = Reject::TooManyTags { max: 30 };
    assert_eq!(refused(&roadmap, &set(1, ItemChange::AddTag("more".parse().unwrap())), 1), full);
    // One that is there already is no more.
    done(&mut roadmap, &set(1, ItemChange::AddTag("t3".parse().unwrap())), 1);

    let mut fields = ItemFields::titled(title("New"));
    fields.tags = (0..31).map(|number| format!("t{number}").parse().unwrap()).collect();
    let op = Op::CreateItem { id: item(9), lane: lane(1), place: Place::Last, fields: Box::new(fields) };
    assert_eq!(refused(&roadmap, &op, 1), full);
}

fn promise(quarter: Option<&str>) -> Op {
    let to = quarter.map(|quarter| Value::Text(quarter.to_owned()));
    set(1, ItemChange::Value { field: "promised".parse().unwrap(), to })
}

fn at_minute(roadmap: &mut Roadmap, minute: i64, op: &Op) -> Option<(String, i64)> {
    let context = Context { actor: person(1), at: Timestamp(minute * 60_000) };
    apply(roadmap, op, &context).unwrap();
    let first = roadmap.item(item(1)).unwrap().firsts.get("promised")?;
    Some((first.value.to_string(), first.at.0 / 60_000))
}

#[test]
fn declared_fields_are_filled_changed_and_emptied() {
    let roadmap = roadmap();
    done_and_taken_back(&roadmap, &promise(Some("2027-Q1")), 1);
    let mut filled = roadmap.clone();
    done(&mut filled, &promise(Some("2027-Q1")), 1);
    for to in [Some("2027-Q2"), None] {
        done_and_taken_back(&filled, &promise(to), 1);
    }
    let changes = done(&mut filled, &promise(None), 1).changes;
    let sentences: Vec<_> = changes.iter().map(|change| change.sentence(|_| String::new())).collect();
    assert_eq!(sentences, ["cleared the promised quarter of “A”, which was Q1 2027"]);
}

#[test]
fn the_first_promise_is_kept_once_an_hour_has_passed() {
    let is = |quarter: &str, minute| Some((quarter.to_owned(), minute));
    let mut roadmap = roadmap();
    assert_eq!(at_minute(&mut roadmap, 0, &promise(Some("2072-Q1"))), is("2072-Q1", 0));
    assert_eq!(at_minute(&mut roadmap, 5, &promise(Some("2027-Q1"))), is("2027-Q1", 0), "a slip of the pen");
    assert_eq!(at_minute(&mut roadmap, 9, &promise(None)), None, "taken back");
    assert_eq!(at_minute(&mut roadmap, 20, &promise(Some("2027-Q2"))), is("2027-Q2", 20));
    assert_eq!(
        at_minute(&mut roadmap, 80, &promise(Some("2027-Q3"))),
        is("2027-Q3", 20),
        "an hour is soon enough"
    );
    assert_eq!(at_minute(&mut roadmap, 81, &promise(Some("2027-Q4"))), is("2027-Q3", 20));
    assert_eq!(at_minute(&mut roadmap, 900, &promise(None)), is("2027-Q3", 20), "nobody takes that back");
    assert_eq!(at_minute(&mut roadmap, 901, &promise(Some("2028-Q1"))), is("2027-Q3", 20));

    let mut fields = ItemFields::titled(title("New"));
    fields.values.insert("promised".parse().unwrap(), Value::Text("2027-Q1".to_owned()));
    let op = Op::CreateItem { id: item(9), lane: lane(1), place: Place::Last, fields: Box::new(fields) };
    done(&mut roadmap, &op, 1);
    assert!(roadmap.item(item(9)).unwrap().firsts.contains_key("promised"), "of a new item, too");
}

#[test]
fn an_item_has_at_most_a_hundred_declared_fields() {
    let mut roadmap = roadmap();
    let fill = |number: usize| {
        let field = format!("f{number}").parse().unwrap();
        set(1, ItemChange::Value { field, to: Some(Value::Number(1)) })
    };
    for number in 0..MAX_VALUES {
        done(&mut roadmap, &fill(number), 1);
    }
    assert_eq!(refused(&roadmap, &fill(MAX_VALUES), 1), Reject::TooManyValues { max: MAX_VALUES });
    done(&mut roadmap, &fill(3), 1);
}

#[test]
fn items_move_within_and_across_lanes() {
    let roadmap = roadmap();
    let cases: [(&[u8], u8, Place<_>, &str); 7] = [
        (&[4], 1, Place::First, "Now: D A B C | Next: E | Later:"),
        (&[1], 1, Place::Last, "Now: B C D A | Next: E | Later:"),
        (&[1], 1, beside(Some(2), Some(3)), "Now: B A C D | Next: E | Later:"),
        (&[1], 2, Place::First, "Now: B C D | Next: A E | Later:"),
        (&[3, 1], 2, Place::Last, "Now: B D | Next: E C A | Later:"),
        (&[1, 3, 5], 3, Place::First, "Now: B D | Next: | Later: A C E"),
        (&[1, 3, 4], 1, beside(Some(2), None), "Now: B A C D | Next: E | Later:"),
    ];
    for (numbers, to, place, expected) in cases {
        let after = done_and_taken_back(&roadmap, &move_items(numbers, to, place), 1);
        assert_eq!(board(&after), expected);
    }
}

#[test]
fn a_move_tells_from_where_to_where() {
    let mut roadmap = roadmap();
    let effects = done(&mut roadmap, &move_items(&[1, 5], 2, Place::First), 1);
    let told = ["moved “A” from Now to Next", "moved “E” down in Next, from position 1 to 2"];
    assert_eq!(sentences(&effects), told);
    let effects = done(&mut roadmap, &move_items(&[4], 1, Place::First), 1);
    assert_eq!(sentences(&effects), ["moved “D” up in Now, from position 3 to 1"]);
    let effects = done(&mut roadmap, &move_items(&[4], 1, Place::Last), 1);
    assert_eq!(sentences(&effects), ["moved “D” down in Now, from position 1 to 3"]);
}

#[test]
fn a_place_survives_what_others_did() {
    let moved = |first: &[&Op], place| {
        let mut roadmap = roadmap();
        first.iter().for_each(|op| drop(done(&mut roadmap, op, 2)));
        done(&mut roadmap, &move_items(&[4], 1, place), 1);
        board(&roadmap)
    };
    let between = beside(Some(1), Some(2));
    let a_gone = Op::DeleteItems { ids: items(&[1]) };
    let b_away = move_items(&[2], 3, Place::First);
    assert_eq!(moved(&[], between), "Now: A D B C | Next: E | Later:");
    assert_eq!(moved(&[&a_gone], between), "Now: D B C | Next: E | Later:", "before B, as A is gone");
    assert_eq!(moved(&[&b_away], between), "Now: A D C | Next: E | Later: B", "after A, as B is away");
    assert_eq!(
        moved(&[&a_gone, &b_away], between),
        "Now: C D | Next: E | Later: B",
        "at the end, as both are away"
    );
    let apart = move_items(&[1], 1, Place::Last);
    assert_eq!(
        moved(&[&apart], between),
        "Now: B C A D | Next: E | Later:",
        "where they parted, the one before counts"
    );
    assert_eq!(
        moved(&[], beside(Some(4), None)),
        "Now: A B C D | Next: E | Later:",
        "an item is no neighbour of itself"
    );
}

#[test]
fn the_bin_takes_items_and_gives_them_back() {
    let roadmap = roadmap();
    let op = Op::DeleteItems { ids: items(&[2, 5, 3, 2]) };
    let after = done_and_taken_back(&roadmap, &op, 2);
    assert_eq!(board(&after), "Now: A D | Next: | Later:");
    assert_eq!(after.item(item(2)).unwrap().deleted, Some(Stamp { by: person(2), at: Timestamp(1_000) }));

    let after = done_and_taken_back(&roadmap, &Op::restore(items(&[6])), 1);
    assert_eq!(board(&after), "Now: A B C D X | Next: E | Later:");
}

#[test]
fn items_come_back_from_the_bin_where_they_were_among_the_others() {
    let mut roadmap = roadmap();
    done(&mut roadmap, &Op::DeleteItems { ids: items(&[2, 3]) }, 1);
    done(&mut roadmap, &create(9, 1, beside(Some(1), Some(4)), "New"), 1);
    done(&mut roadmap, &Op::restore(items(&[3])), 1);
    done(&mut roadmap, &Op::restore(items(&[2])), 1);
    let order = board(&roadmap);
    let position = |name: &str| order.find(name).unwrap();
    assert!(
        position(" A") < position(" B") && position(" B") < position(" C") && position(" C") < position(" D")
    );
}

#[test]
fn where_items_come_back_is_told_for_the_log() {
    let mut roadmap = roadmap();
    done(&mut roadmap, &Op::DeleteItems { ids: items(&[2, 3, 5]) }, 1);
    done(&mut roadmap, &create(9, 1, beside(Some(1), Some(4)), "New"), 1);
    done(&mut roadmap, &Op::DeleteLane { id: lane(2), move_to: lane(3) }, 1);
    let op = Op::restore(items(&[3, 2, 5, 2]));
    let effects = done(&mut roadmap, &op, 1);
    assert_eq!(board(&roadmap), "Now: A B New C D E | Later:");
    let spot = |after, count| Spot { lane: lane(1), after: Some(item(after)), count };
    assert_eq!(effects.spots, [[spot(9, 1), spot(1, 1), spot(4, 1)]]);

    let mut roadmap = crate::fixture::roadmap();
    let ids = items(&[1, 2, 3, 4]);
    done(&mut roadmap, &Op::DeleteItems { ids: ids.clone() }, 1);
    let steps = vec![set(5, ItemChange::Title("F".parse().unwrap())), Op::restore(ids.clone())];
    let effects = done(&mut roadmap, &Op::batch(steps.clone()), 1);
    let spots = vec![Spot { lane: lane(1), after: None, count: 4 }];
    let logged = Op::batch(vec![steps[0].clone(), Op::RestoreItems { ids, spots }]);
    assert_eq!(Op::batch(steps).with_spots(effects.spots), logged);
    // What a push says of spots is replaced.
    assert_eq!(logged.clone().with_spots(Vec::new()), logged.with_spots(vec![Vec::new()]));
}

#[test]
fn an_item_that_is_named_twice_counts_once_at_its_first_place() {
    let roadmap = roadmap();
    let op = move_items(&[3, 1, 3], 2, Place::First);
    let after = done_and_taken_back(&roadmap, &op, 1);
    assert_eq!(board(&after), "Now: B D | Next: C A E | Later:");
}

#[test]
fn an_item_of_a_deleted_lane_comes_back_at_the_end_of_the_first() {
    let mut roadmap = roadmap();
    done(&mut roadmap, &Op::DeleteItems { ids: items(&[5]) }, 1);
    done(&mut roadmap, &Op::DeleteLane { id: lane(2), move_to: lane(3) }, 1);
    let effects = done(&mut roadmap, &Op::restore(items(&[5])), 1);
    assert_eq!(board(&roadmap), "Now: A B C D E | Later:");
    assert_eq!(sentences(&effects), ["restored “E” to Now"]);
}

#[test]
fn an_item_in_the_bin_waits_for_its_lane_to_come_back() {
    let mut roadmap = roadmap();
    done(&mut roadmap, &Op::DeleteItems { ids: items(&[5]) }, 1);
    done(&mut roadmap, &Op::DeleteLane { id: lane(2), move_to: lane(3) }, 1);
    done(&mut roadmap, &Op::RestoreLane { id: lane(2), place: Place::Last }, 1);
    done(&mut roadmap, &Op::restore(items(&[5])), 1);
    assert_eq!(board(&roadmap), "Now: A B C D | Later: | Next: E");
}

#[test]
fn changes_name_values_as_people_read_them() {
    let mut roadmap = roadmap();
    let effects = done(&mut roadmap, &set(1, ItemChange::Owner(Some(person(3)))), 1);
    let expected = Change::ItemSet {
        item: item(1),
        title: "A".to_owned(),
        field: Field::Owner,
        before: FieldValue::Empty,
        after: FieldValue::Person(person(3)),
    };
    assert_eq!(effects.changes, [expected]);
}

#[test]
fn five_thousand_items_move_at_once_and_no_more() {
    let roadmap = roadmap();
    let ids: Vec<_> = (0..5_001).map(|number| crate::ItemId::new(number, [7; 10])).collect();
    let too_many = Reject::TooMany { max: 5_000, count: 5_001 };
    for op in [
        Op::MoveItems { ids: ids.clone(), lane: lane(1), place: Place::First },
        Op::DeleteItems { ids: ids.clone() },
        Op::restore(ids.clone()),
    ] {
        assert_eq!(refused(&roadmap, &op, 1), too_many);
    }
    let most = Op::MoveItems { ids: ids[..5_000].to_vec(), lane: lane(1), place: Place::First };
    assert_eq!(refused(&roadmap, &most, 1), Reject::UnknownItem, "so many may be named");
    let bytes = serde_json::to_vec(&most).unwrap().len();
    assert!(bytes < crate::wire::MAX_PUSH_BYTES, "{bytes} bytes fit into a frame");
}
