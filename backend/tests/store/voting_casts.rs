//! Casts that come at once: decided together, answered each for itself.

use std::time::Duration;

use backend::{Error, voting::Guest};
use domain::{
    CastId, Role,
    voting::{CastDone, CastRefusal, Choice, Mode},
};
use tokio::task::JoinHandle;

use crate::{
    harness::{Store, stories},
    voting::{House, cast_id, guests, is_sound, refusal},
};

stories! {
    casts_that_wait_are_committed_together_and_answered_each_for_itself
    a_voters_last_answers_are_remembered_and_earlier_ones_forgotten
    a_customer_whom_two_enter_at_once_is_one_however_the_name_is_written
}

type Asked = JoinHandle<Result<CastDone, Error>>;

fn cast(guest: &Guest, id: CastId, choices: Vec<Choice>) -> Asked {
    let guest = guest.clone();
    tokio::spawn(async move { guest.cast(id, choices).await })
}

/// How often was committed since SQLite's log began: the last page of each commit carries the length of the file.
fn commits(store: &Store) -> usize {
    let file = store.url.trim_start_matches("sqlite://");
    let log = std::fs::read(format!("{file}-wal")).unwrap();
    let number = |at: usize| u32::from_be_bytes(log[at..at + 4].try_into().unwrap());
    let (page, salt) = (number(8) as usize, number(16));
    let frames = (32..log.len().saturating_sub(24 + page) + 1).step_by(24 + page);
    frames.take_while(|frame| number(frame + 8) == salt).filter(|frame| number(frame + 4) != 0).count()
}

async fn casts_that_wait_are_committed_together_and_answered_each_for_itself(store: Store) {
    let house = House::build(&store, 3).await;
    let voting = house.open(house.draft(Mode::Dots, 6)).await;
    let elsewhere = house.open(house.draft(Mode::Dots, 6)).await;
    let vera = store.person("vera", Role::Viewer).await;
    let voters = guests(&store.backend, &house.editor, voting, 12).await;
    let others = guests(&store.backend, &house.editor, elsewhere, 3).await;
    let removed = guests(&store.backend, &house.editor, voting, 1).await.remove(0);
    house.editor.remove_voter(voting, removed.id()).await.unwrap();

    // SQLite's one writer is taken until all of them wait.
    let taken = store.backend.db.begin().await.unwrap();
    let before = store.is_sqlite().then(|| commits(&store));
    let good: Vec<Asked> =
        voters[..8].iter().map(|guest| cast(guest, cast_id(), house.choices(&[1, 2, 3]))).collect();
    let there: Vec<Asked> = others.iter().map(|guest| cast(guest, cast_id(), house.choices(&[6]))).collect();
    let (twice, other, left) = (cast_id(), cast_id(), cast_id());
    let same = [0, 1].map(|_| cast(&voters[8], twice, house.choices(&[2])));
    let differing = [1, 2].map(|amount| cast(&voters[9], other, house.choices(&[amount])));
    let dear = cast(&voters[10], cast_id(), house.choices(&[4, 4]));
    let late = cast(&removed, cast_id(), house.choices(&[1]));
    let leaves = cast(&voters[11], left, house.choices(&[4]));
    let (viewer, choices) = (vera.clone(), house.choices(&[1]));
    let may_not = tokio::spawn(async move { viewer.cast(voting, cast_id(), choices).await });
    tokio::time::sleep(Duration::from_millis(500)).await;
    leaves.abort();
    taken.rollback().await.unwrap();

    for asked in good.into_iter().chain(there) {
        asked.await.unwrap().unwrap();
    }
    let [one, two] = same;
    assert_eq!(
        one.await.unwrap().unwrap(),
        two.await.unwrap().unwrap(),
        "a cast is the same cast beside itself"
    );
    let [one, two] = differing;
    let answers = [one.await.unwrap(), two.await.unwrap()];
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    assert_eq!(refusal(answers.into_iter().find(Result::is_err).unwrap()), CastRefusal::OtherCast);
    assert!(matches!(refusal(dear.await.unwrap()), CastRefusal::OverBudget { .. }));
    assert_eq!(refusal(late.await.unwrap()), CastRefusal::NotInvited);
    assert_eq!(refusal(may_not.await.unwrap()), CastRefusal::NotInvited);
    if let Some(before) = before {
        let times = commits(&store) - before;
        assert!(times <= 3, "19 casts take {times} commits");
    }
    // Whoever left asks again, and it is counted once.
    voters[11].cast(left, house.choices(&[4])).await.unwrap();
    is_sound(&store.backend).await;
    for (voting, ballots) in [(voting, 11), (elsewhere, 3)] {
        house.editor.close_voting(voting).await.unwrap();
        assert_eq!(house.editor.record_of(voting).await.unwrap().ballots.len(), ballots);
    }
    is_sound(&store.backend).await;
}

async fn a_customer_whom_two_enter_at_once_is_one_however_the_name_is_written(store: Store) {
    let house = House::build(&store, 2).await;
    let other = store.person("edith", Role::Editor).await.as_editor().unwrap();
    let voting = house.open(house.draft(Mode::Dots, 6)).await;
    for round in 0..8 {
        let names = [format!("Straße {round}"), format!("ＳＴＲＡＳＳＥ {round}")];
        let entered = [&house.editor, &other].into_iter().zip(names).map(|(editor, name)| {
            let (editor, choices) = (editor.clone(), house.choices(&[1]));
            let (name, source) = (name.parse().unwrap(), "call".parse().unwrap());
            tokio::spawn(async move { editor.vote_for_customer(voting, name, source, None, choices).await })
        });
        for entered in entered.collect::<Vec<_>>() {
            entered.await.unwrap().unwrap();
        }
        assert_eq!(house.editor.voters(voting).await.unwrap().len(), round + 1);
    }
    is_sound(&store.backend).await;
}

async fn a_voters_last_answers_are_remembered_and_earlier_ones_forgotten(store: Store) {
    let house = House::build(&store, 2).await;
    let voting = house.open(house.draft(Mode::Dots, 6)).await;
    let voters = guests(&store.backend, &house.editor, voting, 2).await;
    let once = cast_id();
    let only = voters[1].cast(once, house.choices(&[1])).await.unwrap();
    let mut casts = Vec::new();
    for n in 0..300 {
        // One of three is refused.
        let (id, choices) = (cast_id(), house.choices(&[3 + n % 3, 2]));
        let answer = voters[0].cast(id, choices.clone()).await.map_err(|error| error.to_string());
        casts.push((id, choices, answer));
    }
    let kept = store.rows("SELECT 1 FROM voting_cast").await - 1;
    assert!((64..128).contains(&kept), "{kept} of 300 answers are remembered");
    for (id, choices, answer) in &casts[300 - 64..] {
        let again = voters[0].cast(*id, choices.clone()).await.map_err(|error| error.to_string());
        assert_eq!(again, *answer);
    }
    assert_eq!(voters[1].cast(once, house.choices(&[1])).await.unwrap(), only, "others' are kept");
    assert_eq!(store.rows("SELECT 1 FROM voting_ballot WHERE casts = 200 AND answers = 300").await, 1);
    is_sound(&store.backend).await;
    house.editor.close_voting(voting).await.unwrap();
    is_sound(&store.backend).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn casts_that_find_the_disk_full_are_not_acknowledged() {
    let store = Store::sqlite().await;
    // An answer to so long a ballot takes more than a page.
    let house = House::build(&store, 90).await;
    let voting = house.open(house.draft(Mode::Dots, 6)).await;
    let voters = guests(&store.backend, &house.editor, voting, 20).await;
    let removed = guests(&store.backend, &house.editor, voting, 1).await.remove(0);
    house.editor.remove_voter(voting, removed.id()).await.unwrap();
    let choices = house.choices(&[6]);
    // No page more than there are.
    store.execute("PRAGMA max_page_count = 1").await;
    let taken = store.backend.db.begin().await.unwrap();
    // The first is decided alone, and needs no page.
    let first = cast(&removed, cast_id(), choices.clone());
    tokio::time::sleep(Duration::from_millis(300)).await;
    let ids: Vec<CastId> = voters.iter().map(|_| cast_id()).collect();
    let asked: Vec<Asked> =
        voters.iter().zip(&ids).map(|(voter, id)| cast(voter, *id, choices.clone())).collect();
    tokio::time::sleep(Duration::from_millis(300)).await;
    taken.rollback().await.unwrap();
    assert_eq!(refusal(first.await.unwrap()), CastRefusal::NotInvited);
    for asked in asked {
        let answer = asked.await.unwrap();
        assert!(matches!(answer, Err(Error::Full(_))), "{answer:?}");
    }
    assert_eq!(store.rows("SELECT 1 FROM voting_ballot WHERE casts > 0").await, 0, "none is counted");
    is_sound(&store.backend).await;
    store.execute("PRAGMA max_page_count = 1000000").await;
    for (voter, id) in voters.iter().zip(ids) {
        voter.cast(id, choices.clone()).await.unwrap();
    }
    house.editor.close_voting(voting).await.unwrap();
    assert_eq!(house.editor.record_of(voting).await.unwrap().ballots.len(), 20);
    is_sound(&store.backend).await;
}
