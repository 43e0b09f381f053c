//! Secret sessions: what is left of them says nothing about who chose what.

use backend::{
    Error,
    voting::{Download, Guest},
};
use domain::{
    SegmentId, VotingId,
    voting::{Choice, Mode, RecordOfVoting, Results, Secrecy, SegmentKind, VotingDraft, Weight, Withheld},
};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::{
    harness::{Store, stories},
    voting::{House, cast_id, conflict, enter, guests, is_sound},
};

stories! {
    an_open_session_holds_no_choice_in_clear
    a_closed_session_has_other_names_than_while_it_was_open_and_no_key
    a_session_without_its_key_is_left_alone_until_an_editor_ends_it
    a_key_that_outlived_its_session_is_destroyed
    the_log_that_an_earlier_process_left_is_emptied
    customers_do_not_make_a_group_large_enough
    a_reader_of_the_log_does_not_keep_a_close_from_removing_its_traces
    a_secret_session_forgets_whose_ballot_is_whose
    the_result_is_the_same_whoever_chose_what
    small_groups_are_counted_among_everybody_else
    all_ballots_of_a_group_weigh_the_same_whenever_they_were_cast
    too_few_ballots_show_nothing
    nobody_is_told_who_has_voted
}

fn secret(house: &House) -> VotingDraft {
    VotingDraft { secrecy: Secrecy::Secret, ..house.draft(Mode::Dots, 6) }
}

/// What a column of bytes holds, in all rows.
async fn bytes(store: &Store, table: &str, column: &str) -> Vec<Vec<u8>> {
    let db = store.backend.db.reader();
    let statement = Statement::from_string(
        db.get_database_backend(),
        format!("SELECT {column} FROM {table} WHERE {column} IS NOT NULL"),
    );
    let rows = db.query_all_raw(statement).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

async fn a_secret_session_forgets_whose_ballot_is_whose(store: Store) {
    let house = House::build(&store, 3).await;
    let voting = house.open(secret(&house)).await;
    let voters = guests(&store.backend, &house.editor, voting, 4).await;
    let mut receipts = Vec::new();
    for (guest, n) in voters.iter().zip(0..) {
        let done = guest.cast(cast_id(), house.choices(&[n, 1, 2])).await.unwrap();
        assert_eq!(guest.ballot_page().await.unwrap().receipt.as_ref(), Some(&done.receipt));
        receipts.push(done.receipt);
    }
    let before = bytes(&store, "voting_ballot", "pseudonym").await;
    assert_eq!(before.len(), 4);
    assert_eq!(store.rows("SELECT 1 FROM voting_cast").await, 4);
    house.editor.close_voting(voting).await.unwrap();

    assert_eq!(store.rows("SELECT 1 FROM voting WHERE salt IS NOT NULL OR key_print IS NOT NULL").await, 0);
    assert_eq!(store.rows("SELECT 1 FROM voting_cast").await, 0);
    let after = bytes(&store, "voting_ballot", "pseudonym").await;
    assert_eq!(after.len(), 4);
    assert!(after.iter().all(|name| !before.contains(name)), "ballots have names made of chance now");
    if store.backend.db.backend() == DbBackend::Sqlite {
        let file = store.url.trim_start_matches("sqlite://").to_owned();
        for file in [file.clone(), format!("{file}-wal")] {
            let content = std::fs::read(&file).unwrap();
            for trace in &before {
                assert!(!content.windows(trace.len()).any(|part| part == trace), "{file} still holds a key");
            }
        }
    }
    let record = house.editor.record_of(voting).await.unwrap();
    receipts.sort();
    let published: Vec<_> = record.ballots.iter().map(|ballot| ballot.receipt.clone()).collect();
    assert_eq!(published, receipts, "each voter finds the own receipt, in an order that says nothing");
    let page = voters[0].ballot_page().await.unwrap();
    assert_eq!((page.receipt, page.ballot.is_empty()), (None, true), "not even to oneself");
    let named = house.editor.named_ballots(voting).await;
    assert!(matches!(named, Err(Error::Forbidden(_))), "{named:?}");
    is_sound(&store.backend).await;
}

/// What can be seen of a result, without what is made of chance.
fn seen(results: Results, mut record: RecordOfVoting) -> String {
    let mut ballots: Vec<String> = record
        .ballots
        .drain(..)
        .map(|ballot| format!("{:?} {} {:?}", ballot.choices, ballot.weight, ballot.group))
        .collect();
    ballots.sort();
    format!(
        "{:?} {:?} {:?} {:?} {ballots:?}",
        results.tally, results.groups, results.disagreements, results.leads
    )
}

async fn the_result_is_the_same_whoever_chose_what(store: Store) {
    let house = House::build(&store, 3).await;
    let segments = departments(&house, ["Sales", "Service"]).await;
    let ballots: Vec<Vec<Choice>> =
        [[3, 2, 1], [0, 0, 6], [6, 0, 0], [1, 2, 2]].iter().map(|given| house.choices(given)).collect();
    let mut outcomes = Vec::new();
    for turn in 0..2 {
        let mut draft = secret(&house);
        (draft.split, draft.weighted) = (Some(SegmentKind::Department), true);
        let voting = house.open(draft).await;
        for segment in segments {
            let voters = in_segment(&store, &house, voting, Some(segment), ballots.len()).await;
            // The same ballots, but the other way round.
            let order: Vec<_> =
                if turn == 0 { ballots.iter().collect() } else { ballots.iter().rev().collect() };
            for (voter, choices) in voters.iter().zip(order) {
                voter.cast(cast_id(), choices.clone()).await.unwrap();
            }
        }
        house.editor.close_voting(voting).await.unwrap();
        let results = house.editor.results(voting, None).await.unwrap();
        assert_eq!(results.groups.len(), 2);
        outcomes.push(seen(results, house.editor.record_of(voting).await.unwrap()));
    }
    assert_eq!(outcomes[0], outcomes[1]);
}

async fn departments<const N: usize>(house: &House, names: [&str; N]) -> [SegmentId; N] {
    let mut segments = [SegmentId::NIL; N];
    for (segment, name) in segments.iter_mut().zip(names) {
        let weight: Weight = "3".parse().unwrap();
        let kind = SegmentKind::Department;
        *segment = house.editor.save_segment(None, kind, name.parse().unwrap(), weight).await.unwrap();
    }
    segments
}

async fn in_segment(
    store: &Store,
    house: &House,
    voting: VotingId,
    segment: Option<SegmentId>,
    count: usize,
) -> Vec<Guest> {
    let (_, code) = house.editor.make_entry(voting, None, segment).await.unwrap();
    let mut guests = Vec::new();
    for n in 0..count {
        guests.push(enter(&store.backend, &code, &format!("Guest {n}")).await.unwrap());
    }
    guests
}

async fn small_groups_are_counted_among_everybody_else(store: Store) {
    let house = House::build(&store, 2).await;
    let [large, small, lone] = departments(&house, ["Large", "Small", "Lone"]).await;
    let mut draft = secret(&house);
    (draft.split, draft.weighted) = (Some(SegmentKind::Department), true);
    let voting = house.open(draft).await;
    for (segment, count) in [(large, 4), (small, 2), (lone, 1)] {
        for guest in in_segment(&store, &house, voting, Some(segment), count).await {
            guest.cast(cast_id(), house.choices(&[1, 0])).await.unwrap();
        }
    }
    house.editor.close_voting(voting).await.unwrap();
    let results = house.editor.results(voting, None).await.unwrap();
    let groups: Vec<_> = results
        .groups
        .iter()
        .map(|group| (group.name.as_deref(), group.tally.ballots, group.weight.to_string()))
        .collect();
    assert_eq!(groups, [(Some("Large"), 4, "3".to_owned()), (None, 3, "1".to_owned())]);
    let line = results.tally.line(house.items[0]).unwrap();
    assert_eq!((line.raw.to_string(), line.weighted.to_string()), ("7".into(), "15".into()));
    for hidden in [small, lone] {
        assert_eq!(
            store.rows(&format!("SELECT 1 FROM voting_ballot WHERE segment_id = '{hidden}'")).await,
            0
        );
        let record = house.editor.record_of(voting).await.unwrap();
        assert!(record.ballots.iter().all(|ballot| ballot.group != Some(hidden)));
    }
    assert_eq!(store.rows("SELECT 1 FROM voting_ballot WHERE segment_id IS NULL AND weight = 1000").await, 3);
    is_sound(&store.backend).await;
}

async fn all_ballots_of_a_group_weigh_the_same_whenever_they_were_cast(store: Store) {
    let house = House::build(&store, 2).await;
    let [sales] = departments(&house, ["Sales"]).await;
    let mut draft = secret(&house);
    (draft.split, draft.weighted) = (Some(SegmentKind::Department), true);
    let voting = house.open(draft).await;
    for (guest, weight) in
        in_segment(&store, &house, voting, Some(sales), 4).await.iter().zip(["1", "2", "4", "0.5"])
    {
        let (kind, name) = (SegmentKind::Department, "Sales".parse().unwrap());
        house.editor.save_segment(Some(sales), kind, name, weight.parse().unwrap()).await.unwrap();
        guest.cast(cast_id(), house.choices(&[1, 0])).await.unwrap();
    }
    house.editor.close_voting(voting).await.unwrap();
    let record = house.editor.record_of(voting).await.unwrap();
    let weights: Vec<String> = record.ballots.iter().map(|ballot| ballot.weight.to_string()).collect();
    assert_eq!(weights, ["3"; 4], "a weight of its own would say when a ballot was cast");
    assert_eq!(store.rows("SELECT 1 FROM voting_ballot WHERE weight = 3000").await, 4);
    is_sound(&store.backend).await;
}

async fn too_few_ballots_show_nothing(store: Store) {
    let house = House::build(&store, 2).await;
    let voting = house.open(secret(&house)).await;
    for guest in guests(&store.backend, &house.editor, voting, 2).await {
        guest.cast(cast_id(), house.choices(&[1, 0])).await.unwrap();
    }
    house.editor.close_voting(voting).await.unwrap();
    let results = house.editor.results(voting, None).await.unwrap();
    assert_eq!(
        (results.withheld, results.tally.lines.len(), results.receipts.len()),
        (Some(Withheld::TooFew), 0, 0)
    );
    for file in [Download::Record, Download::ResultJson, Download::ResultCsv] {
        assert!(conflict(house.editor.download_voting(voting, file).await).contains("Too few ballots"));
    }
    assert!(conflict(house.editor.record_of(voting).await).contains("Too few ballots"));
    assert!(conflict(house.editor.take_order(voting, false).await).contains("Too few ballots"));
    assert_eq!(store.rows("SELECT 1 FROM voting_ballot").await, 0, "nothing is kept of what they chose");
    assert_eq!(house.editor.voting(voting).await.unwrap().turnout.cast, 2);
    is_sound(&store.backend).await;

    let empty = house.open(secret(&house)).await;
    house.editor.close_voting(empty).await.unwrap();
    assert_eq!(house.editor.results(empty, None).await.unwrap().tally.ballots, 0);
}

async fn nobody_is_told_who_has_voted(store: Store) {
    let house = House::build(&store, 2).await;
    let voting = house.open(secret(&house)).await;
    let guest = guests(&store.backend, &house.editor, voting, 1).await.remove(0);
    guest.cast(cast_id(), house.choices(&[1, 0])).await.unwrap();
    assert!(!house.editor.voters(voting).await.unwrap()[0].voted);
    assert_eq!(house.editor.voting(voting).await.unwrap().turnout.cast, 1, "how many have is told");
    let named = house.editor.named_ballots(voting).await;
    assert!(matches!(named, Err(Error::Forbidden(_))), "{named:?}");
    assert_eq!(house.editor.subscribe_voting(voting).await.unwrap().borrow().tally, None);
    assert!(conflict(house.editor.results(voting, None).await).contains("when the session is closed"));
}

/// All rows of the tables of ballots and casts, as text.
async fn rows_of(store: &Store) -> String {
    let mut all = String::new();
    for columns in
        ["'ballot ' || choices || ' ' || receipt || ' ' || spent || ' ' || weight", "'cast ' || answer"]
    {
        let table = if columns.starts_with("'ballot") { "voting_ballot" } else { "voting_cast" };
        all.extend(store.texts(&format!("SELECT {columns} FROM {table}")).await);
    }
    all
}

/// The database's files as somebody with a copy of the disk would have them; nothing on PostgreSQL.
fn files(store: &Store) -> Vec<u8> {
    let Some(file) = store.url.strip_prefix("sqlite://") else { return Vec::new() };
    let read = |suffix| std::fs::read(format!("{file}{suffix}")).unwrap_or_default();
    [read(""), read("-wal")].concat()
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

async fn an_open_session_holds_no_choice_in_clear(store: Store) {
    let house = House::build(&store, 3).await;
    let mut receipts = Vec::new();
    for secrecy in [Secrecy::Open, Secrecy::Sealed, Secrecy::Secret] {
        let [segment] = departments(&house, [&format!("{secrecy:?}")]).await;
        let split = Some(SegmentKind::Department);
        let voting = house.open(VotingDraft { secrecy, split, ..secret(&house) }).await;
        let voters = in_segment(&store, &house, voting, Some(segment), 3).await;
        for (guest, n) in voters.iter().zip(0..) {
            receipts.push(guest.cast(cast_id(), house.choices(&[n, 1, 2])).await.unwrap().receipt.0);
            guest.cast(cast_id(), house.choices(&[9])).await.unwrap_err();
        }
    }
    let (rows, files) = (rows_of(&store).await, files(&store));
    let choices = house.items.iter().map(|item| format!("\"{item}\":"));
    for text in receipts.into_iter().chain(choices) {
        assert!(!rows.contains(&text) && !holds(&files, text.as_bytes()), "{text} can be read");
    }
    let plain = "SELECT 1 FROM voting_ballot WHERE spent <> 0 OR weight <> 1000 OR segment_id IS NOT NULL";
    assert_eq!(store.rows(plain).await, 0);
    for (table, kind) in [("voting_ballot", "ballots"), ("voting_cast", "answers")] {
        let lengths: std::collections::BTreeSet<usize> =
            bytes(&store, table, "sealed").await.iter().map(Vec::len).collect();
        assert_eq!(lengths.len(), 1, "all {kind} are of one length");
    }
    assert_eq!(bytes(&store, "voting_ballot", "sealed").await.len(), 9);
    let digests = bytes(&store, "voting_cast", "digest").await;
    let different: std::collections::BTreeSet<_> = digests.iter().collect();
    assert_eq!(different.len(), digests.len(), "who sent the same cannot be told from who did not");
}

async fn a_closed_session_has_other_names_than_while_it_was_open_and_no_key(store: Store) {
    let house = House::build(&store, 3).await;
    for secrecy in [Secrecy::Open, Secrecy::Sealed, Secrecy::Secret] {
        let voting = house.open(VotingDraft { secrecy, ..secret(&house) }).await;
        let voters = guests(&store.backend, &house.editor, voting, 3).await;
        for (guest, n) in voters.iter().zip(0..) {
            guest.cast(cast_id(), house.choices(&[n, 1, 2])).await.unwrap();
        }
        let ballots = format!("(SELECT * FROM voting_ballot WHERE voting_id = '{voting}') AS ballots");
        let before = bytes(&store, &ballots, "pseudonym").await;
        assert!(store.key_file(voting).exists());
        let copy = std::fs::read(store.key_file(voting)).unwrap();
        house.editor.close_voting(voting).await.unwrap();
        assert!(!store.key_file(voting).exists(), "the key is destroyed");
        let after = bytes(&store, &ballots, "pseudonym").await;
        assert_eq!((before.len(), after.len()), (3, 3));
        assert!(after.iter().all(|name| !before.contains(name)));
        assert!(!holds(&files(&store), &copy));
    }
    is_sound(&store.backend).await;
}

async fn a_session_without_its_key_is_left_alone_until_an_editor_ends_it(store: Store) {
    let house = House::build(&store, 3).await;
    let voting = house.open(secret(&house)).await;
    house.editor.cast(voting, cast_id(), house.choices(&[1])).await.unwrap();
    assert!(conflict(house.editor.end_uncounted(voting).await).contains("Close it instead"));
    std::fs::remove_file(store.key_file(voting)).unwrap();
    let other = store.second_process().await;
    let editor = other.people().first_owner().await.unwrap().as_editor().unwrap();
    assert!(editor.voting(voting).await.unwrap().keyless);
    assert!(
        conflict(editor.cast(voting, cast_id(), house.choices(&[1])).await).contains("does not have the key")
    );
    assert!(conflict(editor.close_voting(voting).await).contains("does not have the key"));
    assert_eq!(store.rows("SELECT 1 FROM voting_ballot").await, 1, "nothing is thrown away");
    assert_eq!(editor.voters(voting).await.unwrap(), []);
    is_sound(&other).await;
    editor.end_uncounted(voting).await.unwrap();
    let results = editor.results(voting, None).await.unwrap();
    assert_eq!((results.withheld, results.tally.lines.len()), (Some(Withheld::Uncounted), 0));
    assert!(conflict(editor.record_of(voting).await).contains("without a result"));
    assert_eq!(store.rows("SELECT 1 FROM voting_ballot").await, 0);
    assert_eq!(store.rows("SELECT 1 FROM audit WHERE action = 'voting.uncounted'").await, 1);
    is_sound(&other).await;
}

async fn a_key_that_outlived_its_session_is_destroyed(store: Store) {
    let house = House::build(&store, 3).await;
    let voting = house.open(secret(&house)).await;
    house.editor.cast(voting, cast_id(), house.choices(&[1])).await.unwrap();
    let copy = std::fs::read(store.key_file(voting)).unwrap();
    house.editor.close_voting(voting).await.unwrap();
    // As a crash between the count and the removal leaves it.
    std::fs::write(store.key_file(voting), copy).unwrap();
    for _ in 0..200 {
        if !store.key_file(voting).exists() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the key of a closed session stays");
}

/// As after a crash between a close and the removal of its traces.
async fn the_log_that_an_earlier_process_left_is_emptied(store: Store) {
    let house = House::build(&store, 3).await;
    let voting = house.open(secret(&house)).await;
    house.editor.cast(voting, cast_id(), house.choices(&[1])).await.unwrap();
    if !store.is_sqlite() {
        return;
    }
    assert!(store.log_bytes() > 0);
    let _next = store.second_process().await;
    for _ in 0..200 {
        if store.log_bytes() == 0 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the log stays");
}

async fn customers_do_not_make_a_group_large_enough(store: Store) {
    let house = House::build(&store, 2).await;
    let [sales] = departments(&house, ["Sales"]).await;
    let mut draft = secret(&house);
    draft.split = Some(SegmentKind::Department);
    let (split, alone) = (house.open(draft.clone()).await, house.open(draft).await);
    let customer = |voting, n: i64| {
        let name = format!("Customer {n}").parse().unwrap();
        house.editor.vote_for_customer(
            voting,
            name,
            "call".parse().unwrap(),
            Some(sales),
            house.choices(&[n, 1]),
        )
    };
    for voting in [split, alone] {
        for n in 0..2 {
            customer(voting, n).await.unwrap();
        }
        let guest = in_segment(&store, &house, voting, Some(sales), 1).await.remove(0);
        guest.cast(cast_id(), house.choices(&[4, 0])).await.unwrap();
    }
    for guest in in_segment(&store, &house, split, None, 3).await {
        guest.cast(cast_id(), house.choices(&[0, 3])).await.unwrap();
    }
    house.editor.close_voting(split).await.unwrap();
    let groups = house.editor.results(split, None).await.unwrap().groups;
    assert_eq!(
        groups.iter().map(|group| group.segment).collect::<Vec<_>>(),
        [None],
        "one voter is not shown alone"
    );
    house.editor.close_voting(alone).await.unwrap();
    assert!(conflict(house.editor.record_of(alone).await).contains("vote themselves"));
    assert_eq!(store.rows(&format!("SELECT 1 FROM voting_ballot WHERE voting_id = '{alone}'")).await, 0);
    is_sound(&store.backend).await;
}

async fn a_reader_of_the_log_does_not_keep_a_close_from_removing_its_traces(store: Store) {
    let is_sqlite = store.backend.db.backend() == DbBackend::Sqlite;
    let house = House::build(&store, 2).await;
    let voting = house.open(secret(&house)).await;
    for guest in guests(&store.backend, &house.editor, voting, 3).await {
        guest.cast(cast_id(), house.choices(&[1, 2])).await.unwrap();
    }
    let before = bytes(&store, "voting_ballot", "pseudonym").await;
    let reader = store.backend.db.begin_read().await.unwrap();
    reader
        .query_one_raw(Statement::from_string(store.backend.db.backend(), "SELECT 1 FROM voting"))
        .await
        .unwrap();
    house.editor.close_voting(voting).await.unwrap();
    assert!(house.editor.voting(voting).await.unwrap().removing, "somebody reads what was there before");
    assert!(!store.key_file(voting).exists(), "but what it holds cannot be read by anybody");
    assert!(!is_sqlite || holds(&files(&store), &before[0]));
    reader.rollback().await.unwrap();
    for _ in 0..200 {
        if !house.editor.voting(voting).await.unwrap().removing {
            assert!(!is_sqlite || !before.iter().any(|name| holds(&files(&store), name)));
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("traces are never removed");
}
