//! What comes of a session: the record, the result, the order on the board, the audit log.

use backend::{
    Error,
    voting::{Download, recount},
};
use domain::{
    ItemId, Op, Place, Role, UserId, VotingId,
    voting::{Candidate, Choice, Edition, Mode, RecordOfVoting, Secrecy, SegmentKind, Weight},
};

use crate::{
    harness::{Store, stories},
    rooms::{create, first_lane},
    voting::{House, cast_id, conflict, enter, guests, is_sound},
};

stories! {
    anybody_can_count_again
    no_part_of_a_record_can_be_changed_unnoticed
    receipts_are_of_the_setup_the_ballot_page_shows
    an_order_that_missed_its_quorum_is_taken_only_on_confirmation
    weights_are_those_of_the_opening
    a_session_that_an_older_version_opened_keeps_its_receipts
    blank_ballots_count_towards_the_turnout_alone
    a_result_is_split_by_segment_and_compared_with_an_earlier_one
    the_order_of_a_result_is_taken_as_one_step_and_given_back
    the_order_is_taken_on_all_roadmaps_or_on_none
    the_audit_log_tells_who_ran_a_session_and_nothing_of_choices
    the_check_finds_a_count_that_was_changed
}

async fn anybody_can_count_again(store: Store) {
    let house = House::build(&store, 3).await;
    for (mode, tokens) in [(Mode::Ranking, 0), (Mode::Importance, 0), (Mode::Budget, 20), (Mode::Upvote, 2)] {
        let voting = house.open(house.draft(mode, tokens)).await;
        let mut receipts = Vec::new();
        for (guest, n) in guests(&store.backend, &house.editor, voting, 3).await.iter().zip(0..) {
            let given: [[i64; 3]; 3] = match mode {
                Mode::Ranking => [[1, 2, 3], [2, 1, 0], [0, 0, 1]],
                Mode::Importance => [[0, 3, 2], [1, 1, 1], [3, 0, 0]],
                _ => [[1, 1, 0], [0, 1, 1], [0, 0, 1]],
            };
            receipts.push(guest.cast(cast_id(), house.choices(&given[n])).await.unwrap().receipt);
        }
        house.editor.close_voting(voting).await.unwrap();
        let file = house.editor.download_voting(voting, Download::Record).await.unwrap();
        let record: RecordOfVoting = serde_json::from_slice(&file).unwrap();
        let (tally, problems) = recount(&record);
        assert_eq!(problems, Vec::<String>::new());
        assert_eq!(tally, house.editor.results(voting, None).await.unwrap().tally);
        assert!(
            receipts.iter().all(|receipt| record.ballots.iter().any(|ballot| ballot.receipt == *receipt))
        );

        let mut tampered = record.clone();
        tampered.ballots[0].choices = tampered.ballots[1].choices.clone();
        assert!(recount(&tampered).1.iter().any(|problem| problem.contains("not that of its ballot")));
        let mut tampered = record.clone();
        tampered.tally.lines.swap(0, 1);
        assert!(recount(&tampered).1.iter().any(|problem| problem.contains("tally")));
        let mut stuffed = record.clone();
        stuffed.ballots.push(stuffed.ballots[0].clone());
        assert!(recount(&stuffed).1.iter().any(|problem| problem.contains("twice")));
        let results = house.editor.results(voting, None).await.unwrap();
        assert_eq!((&results.digest, &results.setup), (&record.digest, &record.setup));
        assert_eq!((results.digest.len(), results.setup.len()), (64, 64));
    }
    is_sound(&store.backend).await;
}

/// What somebody might do to a record before passing it on.
type Forgery = fn(&mut RecordOfVoting);

async fn no_part_of_a_record_can_be_changed_unnoticed(store: Store) {
    let house = House::build(&store, 3).await;
    let kind = SegmentKind::CustomerGroup;
    let north = house.editor.save_segment(None, kind, "North".parse().unwrap(), Weight::ONE).await.unwrap();
    let mut draft = house.draft(Mode::Dots, 4);
    (draft.split, draft.weighted, draft.quorum) = (Some(kind), true, 10);
    let voting = house.open(draft).await;
    let (_, code) = house.editor.make_entry(voting, None, Some(north)).await.unwrap();
    for n in 0..3 {
        let guest = enter(&store.backend, &code, &format!("Guest {n}")).await.unwrap();
        guest.cast(cast_id(), house.choices(&[n, 1, 0])).await.unwrap();
    }
    house.editor.cast(voting, cast_id(), house.choices(&[0, 0, 4])).await.unwrap();
    house.editor.close_voting(voting).await.unwrap();
    let record = house.editor.record_of(voting).await.unwrap();
    assert_eq!(recount(&record).1, Vec::<String>::new());
    let of_north = record.ballots.iter().position(|ballot| ballot.group.is_some()).unwrap();
    assert_eq!(record.ballots[of_north].group, Some(north));
    let forgeries: [(&str, Forgery); 11] = [
        ("a ballot is dropped", |record| drop(record.ballots.pop())),
        ("a ballot is dropped, and was never cast", |record| {
            record.ballots.pop();
            record.turnout.cast -= 1;
        }),
        ("a ballot is forged", |record| {
            let other = record.ballots.iter().find(|ballot| ballot.choices != record.ballots[0].choices);
            record.ballots[0].choices = other.unwrap().choices.clone();
        }),
        ("a ballot weighs more", |record| record.ballots[0].weight = "2".parse().unwrap()),
        ("a ballot is moved to another segment", |record| {
            record.ballots.iter_mut().for_each(|ballot| ballot.group = None);
        }),
        ("a segment weighs more", |record| {
            record.segments[0].weight = "2".parse().unwrap();
            record.ballots.iter_mut().filter(|ballot| ballot.group.is_some()).for_each(|ballot| {
                ballot.weight = "2".parse().unwrap();
            });
        }),
        ("a segment is called something else", |record| record.segments[0].name = "South".parse().unwrap()),
        ("titles are exchanged", |record| {
            let title = record.candidates[0].title.clone();
            record.candidates[0].title = std::mem::replace(&mut record.candidates[1].title, title);
        }),
        ("items are in another order", |record| record.candidates.swap(0, 1)),
        ("voters had more", |record| record.rules.tokens += 1),
        ("it is another session", |record| record.voting = VotingId::NIL),
    ];
    for (what, forge) in forgeries {
        let mut forged = record.clone();
        forge(&mut forged);
        assert_ne!(forged, record, "{what}");
        assert_ne!(recount(&forged).1, Vec::<String>::new(), "{what}");
        // A forged tally is given away by the digest. A forged digest is no longer the one of the result page.
        forged.tally = forged.count();
        let problems = recount(&forged).1;
        assert!(
            problems.iter().any(|problem| problem.contains("The digest in the file")),
            "{what}: {problems:?}"
        );
    }
}

async fn receipts_are_of_the_setup_the_ballot_page_shows(store: Store) {
    let house = House::build(&store, 3).await;
    for secrecy in [Secrecy::Open, Secrecy::Secret] {
        let mut draft = house.draft(Mode::Dots, 4);
        draft.secrecy = secrecy;
        let voting = house.open(draft.clone()).await;
        for guest in guests(&store.backend, &house.editor, voting, 3).await {
            guest.cast(cast_id(), house.choices(&[1, 1, 1])).await.unwrap();
        }
        let done = house.editor.cast(voting, cast_id(), house.choices(&[1, 2, 0])).await.unwrap();
        let page = house.editor.ballot_page(voting).await.unwrap();
        assert_eq!(page.receipt.as_ref(), Some(&done.receipt));
        // What can be changed while it is open is not in it.
        draft.title = "Another title".parse().unwrap();
        house.editor.edit_voting(voting, draft).await.unwrap();
        house.editor.withdraw_candidate(voting, house.items[1]).await.unwrap();
        house.editor.close_voting(voting).await.unwrap();
        let record = house.editor.record_of(voting).await.unwrap();
        assert_eq!(record.setup, page.setup);
        assert!(record.ballots.iter().any(|ballot| ballot.receipt == done.receipt));
        assert_eq!(recount(&record).1, Vec::<String>::new());
    }
    is_sound(&store.backend).await;
}

async fn an_order_that_missed_its_quorum_is_taken_only_on_confirmation(store: Store) {
    let house = House::build(&store, 3).await;
    store.person("sam", Role::Stakeholder).await;
    for (quorum, word) in [(51, "missed"), (50, "reached")] {
        let mut draft = house.draft(Mode::Dots, 4);
        draft.quorum = quorum;
        let voting = house.open(draft).await;
        house.editor.cast(voting, cast_id(), house.choices(&[0, 1, i64::from(quorum % 2)])).await.unwrap();
        house.editor.close_voting(voting).await.unwrap();
        let record = house.editor.record_of(voting).await.unwrap();
        assert_eq!((record.quorum, record.turnout.invited, record.turnout.cast), (quorum, 2, 1));
        let csv = house.editor.download_voting(voting, Download::ResultCsv).await.unwrap();
        let csv = String::from_utf8(csv).unwrap();
        assert!(csv.lines().nth(1).unwrap().ends_with(&format!(",1,2,{quorum} % {word}")), "{csv}");
        let taken = house.editor.take_order(voting, false).await;
        if quorum > 50 {
            let sentence = conflict(taken);
            assert!(sentence.contains("quorum of 51 % was missed: 50 % voted"), "{sentence}");
            house.editor.take_order(voting, true).await.unwrap();
        } else {
            taken.unwrap();
        }
    }
}

async fn weights_are_those_of_the_opening(store: Store) {
    let house = House::build(&store, 2).await;
    let editor = &house.editor;
    let kind = SegmentKind::Department;
    let weight = |text: &str| text.parse::<Weight>().unwrap();
    let sales = editor.save_segment(None, kind, "Sales".parse().unwrap(), weight("3")).await.unwrap();
    let sam = store.person("sam", Role::Stakeholder).await;
    let sue = store.person("sue", Role::Stakeholder).await;
    editor.assign_segment(sam.member().id, kind, Some(sales)).await.unwrap();
    let mut draft = house.draft(Mode::Dots, 4);
    (draft.split, draft.weighted) = (Some(kind), true);
    let voting = house.open(draft).await;
    sam.cast(voting, cast_id(), house.choices(&[1, 0])).await.unwrap();
    let before = editor.record_of(voting).await;
    assert!(before.is_err());

    editor.save_segment(Some(sales), kind, "Sellers".parse().unwrap(), weight("100")).await.unwrap();
    let late = editor.save_segment(None, kind, "Late".parse().unwrap(), weight("100")).await.unwrap();
    editor.assign_segment(sue.member().id, kind, Some(sales)).await.unwrap();
    sue.cast(voting, cast_id(), house.choices(&[0, 1])).await.unwrap();
    sam.cast(voting, cast_id(), house.choices(&[1, 0])).await.unwrap();
    let (_, code) = editor.make_entry(voting, None, Some(late)).await.unwrap();
    let guest = enter(&store.backend, &code, "Gus").await.unwrap();
    guest.cast(cast_id(), house.choices(&[0, 1])).await.unwrap();
    let stan = store.person("stan", Role::Stakeholder).await;
    editor.assign_segment(stan.member().id, kind, Some(sales)).await.unwrap();
    stan.cast(voting, cast_id(), house.choices(&[0, 1])).await.unwrap();
    editor.close_voting(voting).await.unwrap();
    let record = editor.record_of(voting).await.unwrap();
    let mut weights: Vec<_> =
        record.ballots.iter().map(|ballot| (ballot.group, ballot.weight.to_string())).collect();
    weights.sort();
    let expected = [(None, "1"), (None, "1"), (Some(sales), "3"), (Some(sales), "3")];
    assert_eq!(
        weights,
        expected.map(|(group, weight)| (group, weight.to_owned())),
        "sue, Gus, sam, and stan who came late"
    );
    assert_eq!(record.segments.len(), 1);
    assert_eq!((&*record.segments[0].name, record.segments[0].weight), ("Sales", weight("3")));
    let results = editor.results(voting, None).await.unwrap();
    assert_eq!(results.weight.to_string(), "8");
    is_sound(&store.backend).await;
}

async fn a_session_that_an_older_version_opened_keeps_its_receipts(store: Store) {
    let house = House::build(&store, 2).await;
    let kind = SegmentKind::Department;
    let (name, weight) = ("Sales".parse().unwrap(), "3".parse().unwrap());
    let sales = house.editor.save_segment(None, kind, name, weight).await.unwrap();
    let mut draft = house.draft(Mode::Dots, 3);
    (draft.split, draft.weighted) = (Some(kind), true);
    let voting = house.open(draft).await;
    store.execute("UPDATE voting SET opened = NULL").await;
    store.execute("DELETE FROM voting_roll").await;
    let before = house.editor.cast(voting, cast_id(), house.choices(&[1])).await.unwrap();
    let again = store.second_process().await;
    assert_eq!(store.rows("SELECT 1 FROM voting_roll").await, 1);
    let (_, code) = house.editor.make_entry(voting, None, Some(sales)).await.unwrap();
    let guest = enter(&again, &code, "Gus").await.unwrap();
    let after = guest.cast(cast_id(), house.choices(&[0, 1])).await.unwrap();
    house.editor.close_voting(voting).await.unwrap();
    let record = house.editor.record_of(voting).await.unwrap();
    assert_eq!((record.edition, recount(&record).1), (Edition::FIRST, Vec::new()));
    for receipt in [before.receipt, after.receipt] {
        assert!(record.ballots.iter().any(|ballot| ballot.receipt == receipt));
    }
    assert_eq!(record.ballots.iter().map(|ballot| ballot.weight.thousandths()).sum::<u32>(), 4_000);
    // What was published before there were editions has less in it.
    let mut old = serde_json::to_value(&record).unwrap();
    for field in ["edition", "voting", "secrecy", "quorum", "turnout", "segments", "setup", "digest"] {
        assert!(old.as_object_mut().unwrap().remove(field).is_some(), "{field}");
    }
    let old: RecordOfVoting = serde_json::from_value(old).unwrap();
    assert_eq!(recount(&old).1, Vec::<String>::new());
    store
        .execute(&format!("UPDATE voting_outcome SET outcome = REPLACE(outcome, '{}', '')", record.digest))
        .await;
    is_sound(&store.backend).await;
}

async fn blank_ballots_count_towards_the_turnout_alone(store: Store) {
    let house = House::build(&store, 3).await;
    let voting = house.open(house.draft(Mode::Ranking, 0)).await;
    for (guest, given) in
        guests(&store.backend, &house.editor, voting, 2).await.iter().zip([[1, 2, 0], [0, 0, 0]])
    {
        guest.cast(cast_id(), house.choices(&given)).await.unwrap();
    }
    house.editor.close_voting(voting).await.unwrap();
    let results = house.editor.results(voting, None).await.unwrap();
    assert_eq!((results.facts.turnout.cast, results.tally.ballots, results.tally.blank), (2, 1, 1));
    let points: Vec<String> = results.tally.lines.iter().map(|line| line.raw.to_string()).collect();
    assert_eq!(points, ["2", "1", "0"]);
    assert_eq!(results.receipts.len(), 2, "a blank ballot has its receipt");
    is_sound(&store.backend).await;
}

async fn a_result_is_split_by_segment_and_compared_with_an_earlier_one(store: Store) {
    let house = House::build(&store, 3).await;
    let editor = &house.editor;
    let kind = SegmentKind::CustomerGroup;
    let two: Weight = "2".parse().unwrap();
    let north = editor.save_segment(None, kind, "=North".parse().unwrap(), two).await.unwrap();
    let earlier = house.open(house.draft(Mode::Dots, 4)).await;
    editor.cast(earlier, cast_id(), house.choices(&[4, 0, 0])).await.unwrap();
    editor.close_voting(earlier).await.unwrap();

    let mut draft = house.draft(Mode::Dots, 4);
    (draft.secrecy, draft.split, draft.weighted) = (Secrecy::Open, Some(kind), true);
    let voting = house.open(draft).await;
    let (_, code) = editor.make_entry(voting, None, Some(north)).await.unwrap();
    enter(&store.backend, &code, "Nora")
        .await
        .unwrap()
        .cast(cast_id(), house.choices(&[0, 2, 0]))
        .await
        .unwrap();
    editor.cast(voting, cast_id(), house.choices(&[3, 0, 0])).await.unwrap();
    let live = editor.results(voting, None).await.unwrap();
    assert_eq!(live.tally.lines[0].item, house.items[1], "an open session shows where it stands, by weight");
    editor.close_voting(voting).await.unwrap();
    let results = editor.results(voting, Some(earlier)).await.unwrap();
    assert_eq!((&results.tally, &results.groups), (&live.tally, &live.groups));
    let groups: Vec<_> =
        results.groups.iter().map(|group| (group.name.as_deref(), group.tally.ballots)).collect();
    assert_eq!(groups, [(Some("=North"), 1), (None, 1)]);
    assert_eq!(results.earlier.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [earlier]);
    let since = results.compared.unwrap().since;
    let places: Vec<_> = since.iter().map(|since| (since.item, since.place, since.before)).collect();
    assert_eq!(places[0], (house.items[1], 1, Some(2)));
    assert_eq!(results.receipts.len(), 2);

    let csv = String::from_utf8(editor.download_voting(voting, Download::ResultCsv).await.unwrap()).unwrap();
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(
        lines[0],
        "Place,Key,Title,Points,Weighted points,Voters,Points of =North,Points of everybody else,Ballots cast,Invited,Quorum"
    );
    assert_eq!(lines[1], "1,ERP-2,Item 1,2,4,1,2,0,2,2,");
    let csv = String::from_utf8(editor.download_voting(voting, Download::Ballots).await.unwrap()).unwrap();
    assert!(csv.contains("Nora,Guest,'=North,2,,2,"), "no cell becomes a formula: {csv}");
    let sam = store.person("sam", Role::Stakeholder).await;
    assert!(sam.download_voting(voting, Download::Ballots).await.is_err());
    sam.download_voting(voting, Download::ResultJson).await.unwrap();
}

async fn the_order_of_a_result_is_taken_as_one_step_and_given_back(store: Store) {
    let house = House::build(&store, 4).await;
    let (editor, roadmap) = (&house.editor, house.product.roadmap);
    let lane = first_lane(editor, roadmap).await;
    let (between, op) = create(lane, "Not up for vote");
    let moved = Op::MoveItems { ids: vec![between], lane, place: Place::First };
    let second = editor.view(roadmap).await.unwrap().roadmap.lane_order()[1];
    let away = Op::MoveItems { ids: vec![house.items[3]], lane: second, place: Place::Last };
    editor.submit(roadmap, vec![op, moved, away]).await.unwrap();
    let order = async || editor.view(roadmap).await.unwrap().roadmap.lane_items(lane).to_vec();
    let [a, b, c, d]: [ItemId; 4] = house.items.clone().try_into().unwrap();
    assert_eq!(order().await, [between, a, b, c]);

    let voting = house.open(house.draft(Mode::Dots, 9)).await;
    editor.cast(voting, cast_id(), house.choices(&[1, 0, 3, 5])).await.unwrap();
    editor.close_voting(voting).await.unwrap();
    let before = editor.view(roadmap).await.unwrap();
    let undo = editor.take_order(voting, false).await.unwrap();
    let after = editor.view(roadmap).await.unwrap();
    assert_eq!(order().await, [between, c, a, b]);
    assert_eq!(after.roadmap.lane_items(second), [d], "items stay in their lanes");
    assert_eq!(after.head, before.head + 1, "it is one step");
    let history = editor.history(roadmap, None, None, 1).await.unwrap();
    let reason = history.lines[0].reason.as_ref().map(ToString::to_string);
    assert_eq!(reason.as_deref(), Some("Result of the vote “Next quarter”"));
    assert_eq!(editor.take_order(voting, false).await.unwrap(), [], "taken again, there is nothing to do");

    editor.undo_take_order(voting, undo).await.unwrap();
    let undone = editor.view(roadmap).await.unwrap();
    assert_eq!(undone.roadmap.lane_items(lane), before.roadmap.lane_items(lane));
    assert_eq!(undone.head, before.head + 2);
    is_sound(&store.backend).await;
}

async fn the_order_is_taken_on_all_roadmaps_or_on_none(store: Store) {
    let house = House::build(&store, 2).await;
    let editor = &house.editor;
    let first = &house.product;
    let profile = backend::Profile {
        name: "Shop".parse().unwrap(),
        kind: first.kind,
        stage: first.stage,
        purpose: "".parse().unwrap(),
    };
    let second = editor.create_product("SHOP".parse().unwrap(), profile).await.unwrap();
    let mut draft = house.draft(Mode::Dots, 9);
    for title in ["One", "Two"] {
        let (item, op) = create(first_lane(editor, second.roadmap).await, title);
        editor.submit(second.roadmap, vec![op]).await.unwrap();
        draft.candidates.push(Candidate { item, roadmap: second.roadmap, ..draft.candidates[0].clone() });
    }
    let choices = draft.candidates.iter().zip([1, 2, 1, 2]);
    let choices = choices.map(|(candidate, amount)| Choice { item: candidate.item, amount }).collect();
    let voting = house.open(draft).await;
    editor.cast(voting, cast_id(), choices).await.unwrap();
    editor.close_voting(voting).await.unwrap();
    let orders = async || {
        let mut orders = Vec::new();
        for roadmap in [first.roadmap, second.roadmap] {
            let view = editor.view(roadmap).await.unwrap();
            orders.push(view.roadmap.lane_items(view.roadmap.lane_order()[0]).to_vec());
        }
        orders
    };
    let before = orders().await;
    // Whichever of the two comes first, in one round it has been taken before the other refuses.
    for product in [first, &second] {
        editor.set_archived(&product.key, true).await.unwrap();
        assert!(matches!(editor.take_order(voting, false).await, Err(Error::Refused(_))));
        assert_eq!(orders().await, before);
        editor.set_archived(&product.key, false).await.unwrap();
    }
    assert_eq!(editor.take_order(voting, false).await.unwrap().len(), 2);
    assert_ne!(orders().await, before);
    is_sound(&store.backend).await;
}

async fn the_audit_log_tells_who_ran_a_session_and_nothing_of_choices(store: Store) {
    let house = House::build(&store, 2).await;
    let mut draft = house.draft(Mode::Dots, 3);
    draft.secrecy = Secrecy::Secret;
    let voting = house.open(draft).await;
    let voters = guests(&store.backend, &house.editor, voting, 3).await;
    let before = store.rows("SELECT 1 FROM audit").await;
    for guest in &voters {
        guest.cast(cast_id(), house.choices(&[1, 2])).await.unwrap();
    }
    house.editor.cast(voting, cast_id(), house.choices(&[3])).await.unwrap();
    assert_eq!(store.rows("SELECT 1 FROM audit").await, before, "casting leaves no trace in it");
    house.editor.close_voting(voting).await.unwrap();
    house.editor.take_order(voting, false).await.unwrap();
    let told =
        |action: &str| format!("SELECT 1 FROM audit WHERE action = '{action}' AND object = '{voting}'");
    for action in
        ["voting.created", "voting.opened", "voting.entry_made", "voting.closed", "voting.order_taken"]
    {
        assert_eq!(store.rows(&told(action)).await, 1, "{action}");
    }
    assert_eq!(store.rows(&told("voting.voter_added")).await, 3);
    for item in &house.items {
        assert_eq!(store.rows(&format!("SELECT 1 FROM audit WHERE body LIKE '%{item}%'")).await, 0);
    }
    let nobody = UserId::NIL;
    assert_eq!(store.rows(&format!("SELECT 1 FROM audit WHERE actor_id = '{nobody}'")).await, 3, "guests");
    assert!(store.backend.verify_audit().await.unwrap() > 5);
}

async fn the_check_finds_a_count_that_was_changed(store: Store) {
    let house = House::build(&store, 2).await;
    let voting = house.open(house.draft(Mode::Dots, 3)).await;
    for guest in guests(&store.backend, &house.editor, voting, 3).await {
        guest.cast(cast_id(), house.choices(&[1, 2])).await.unwrap();
    }
    let running = house.open(house.draft(Mode::Dots, 3)).await;
    house.editor.cast(running, cast_id(), house.choices(&[2])).await.unwrap();
    house.editor.close_voting(voting).await.unwrap();
    let figures = store.backend.check().await.unwrap();
    assert_eq!((figures.sessions, figures.ballots, figures.problems.len()), (2, 4, 0));

    store.execute(&format!("UPDATE voting_ballot SET spent = 1 WHERE voting_id = '{running}'")).await;
    let problems = store.backend.check().await.unwrap().problems;
    assert!(problems.len() == 1 && problems[0].contains("costs something else"), "{problems:?}");
    let refused = house.editor.close_voting(running).await;
    assert!(matches!(refused, Err(backend::Error::Internal(_))), "what does not add up is not counted");
    store.execute(&format!("UPDATE voting_ballot SET spent = 0 WHERE voting_id = '{running}'")).await;
    is_sound(&store.backend).await;

    store.execute(&format!("DELETE FROM voting_ballot WHERE voting_id = '{voting}'")).await;
    let problems = store.backend.check().await.unwrap().problems;
    assert!(problems.iter().any(|problem| problem.contains("add up to")), "{problems:?}");
}
