//! What brings people to a vote and back from it: what waits for them, and what came of it on the board.

use std::collections::BTreeMap;

use backend::{Error, Viewer};
use domain::{
    ItemId, Role, Timestamp, VotingId,
    voting::{Audience, CastRefusal, Mode, Reveal, Secrecy, SegmentKind, Weight},
};

use crate::{
    harness::{Store, stories},
    voting::{House, cast_id},
};

stories! {
    what_waits_for_somebody_is_what_they_may_still_vote_in
    a_session_without_its_key_waits_for_nobody
    an_open_session_is_extended
    the_board_shows_what_items_got_once_it_is_revealed
    a_secret_vote_of_too_few_leaves_nothing_on_the_board
}

const HOUR: i64 = 60 * 60 * 1_000;

async fn waiting(viewer: &Viewer) -> Vec<VotingId> {
    let waiting = viewer.waiting_votings().await.unwrap();
    assert_eq!(viewer.count_waiting_votings().await.unwrap() as usize, waiting.len());
    assert!(waiting.iter().all(|session| session.invited && !session.voted));
    waiting.iter().map(|session| session.id).collect()
}

async fn what_waits_for_somebody_is_what_they_may_still_vote_in(store: Store) {
    let house = House::build(&store, 2).await;
    let (sam, vera) =
        (store.person("sam", Role::Stakeholder).await, store.person("vera", Role::Viewer).await);
    assert_eq!(waiting(&sam).await, []);

    let everybody = house.open(house.draft(Mode::Dots, 4)).await;
    let mut draft = house.draft(Mode::Dots, 4);
    draft.closes = Some(Timestamp(backend::now().0 + 2 * HOUR));
    let later = house.open(draft.clone()).await;
    draft.closes = Some(Timestamp(backend::now().0 + HOUR));
    let sooner = house.open(draft).await;
    // Not for them: a draft, one that is to open later, one of guests alone, and one of another segment.
    house.editor.create_voting(house.draft(Mode::Dots, 4)).await.unwrap();
    let mut draft = house.draft(Mode::Dots, 4);
    draft.opens = Some(Timestamp(backend::now().0 + HOUR));
    house.open(draft).await;
    let mut draft = house.draft(Mode::Dots, 4);
    draft.audience = Audience::Nobody;
    house.open(draft).await;
    let weight: Weight = "1".parse().unwrap();
    let sales = house
        .editor
        .save_segment(None, SegmentKind::Department, "Sales".parse().unwrap(), weight)
        .await
        .unwrap();
    let mut draft = house.draft(Mode::Dots, 4);
    draft.audience = Audience::Segments(vec![sales]);
    house.open(draft).await;

    assert_eq!(waiting(&sam).await, [sooner, later, everybody], "what closes first comes first");
    assert_eq!(waiting(&vera).await, [], "who may not vote has nothing to do");

    sam.cast(sooner, cast_id(), house.choices(&[1, 0])).await.unwrap();
    // An empty ballot is one, too.
    sam.cast(everybody, cast_id(), Vec::new()).await.unwrap();
    assert_eq!(waiting(&sam).await, [later]);
    house.editor.close_voting(later).await.unwrap();
    assert_eq!(waiting(&sam).await, []);
}

async fn a_session_without_its_key_waits_for_nobody(store: Store) {
    let house = House::build(&store, 2).await;
    let voting = house.open(house.draft(Mode::Dots, 4)).await;
    assert_eq!(waiting(&house.editor).await, [voting]);
    std::fs::remove_file(store.key_file(voting)).unwrap();
    let other = store.second_process().await;
    let owner = other.people().first_owner().await.unwrap();
    assert_eq!(waiting(&owner).await, []);
    let listed = owner.votings().await.unwrap();
    assert_eq!(
        listed.iter().map(|session| (session.id, session.waits())).collect::<Vec<_>>(),
        [(voting, false)]
    );
}

async fn an_open_session_is_extended(store: Store) {
    let house = House::build(&store, 2).await;
    let editor = &house.editor;
    let closes = backend::now().0 + HOUR;
    let mut draft = house.draft(Mode::Dots, 4);
    draft.closes = Some(Timestamp(closes));
    let voting = house.open(draft).await;
    let before = editor.voting(voting).await.unwrap().revision;
    editor.extend_voting(voting, 15).await.unwrap();
    let facts = editor.voting(voting).await.unwrap();
    assert_eq!(facts.draft.closes, Some(Timestamp(closes + 15 * 60_000)));
    assert!(facts.revision > before, "open pages load it again");
    for minutes in [0, 31 * 24 * 60 + 1, u32::MAX] {
        assert!(matches!(editor.extend_voting(voting, minutes).await, Err(Error::Invalid(_))));
    }
    editor.close_voting(voting).await.unwrap();
    let refused = editor.extend_voting(voting, 15).await;
    assert!(matches!(refused, Err(Error::Cast(CastRefusal::Closed))), "{refused:?}");
    let endless = house.open(house.draft(Mode::Dots, 4)).await;
    assert!(matches!(editor.extend_voting(endless, 15).await, Err(Error::Conflict(_))));
    let draft = editor.create_voting(house.draft(Mode::Dots, 4)).await.unwrap();
    assert!(matches!(editor.extend_voting(draft, 15).await, Err(Error::Cast(CastRefusal::NotOpen))));
}

/// What the board shows: points in thousandths, place and session, by item.
async fn on_board(viewer: &Viewer, house: &House) -> BTreeMap<ItemId, (u64, u32, VotingId)> {
    let published = viewer.published_results(house.product.roadmap).await.unwrap();
    let lines = published.iter().flat_map(|session| {
        session
            .lines
            .iter()
            .map(|line| (line.item, (line.deciding(session.weighted).0, line.place, session.voting)))
    });
    let all: Vec<_> = lines.collect();
    let by_item: BTreeMap<_, _> = all.iter().copied().collect();
    assert_eq!(by_item.len(), all.len(), "each item is named once");
    by_item
}

async fn the_board_shows_what_items_got_once_it_is_revealed(store: Store) {
    let house = House::build(&store, 3).await;
    let editor = &house.editor;
    let vera = store.person("vera", Role::Viewer).await;
    let mut draft = house.draft(Mode::Dots, 4);
    draft.reveal = Reveal::ByHand;
    let first = house.open(draft).await;
    editor.cast(first, cast_id(), house.choices(&[1, 3, 0])).await.unwrap();
    assert!(on_board(&vera, &house).await.is_empty(), "open");
    editor.close_voting(first).await.unwrap();
    assert!(on_board(&vera, &house).await.is_empty() && on_board(editor, &house).await.is_empty(), "closed");
    editor.reveal_voting(first).await.unwrap();
    let [one, two, three] = house.items[..] else { panic!("three items") };
    let expected = [(one, (1_000, 2, first)), (two, (3_000, 1, first)), (three, (0, 3, first))];
    assert_eq!(on_board(&vera, &house).await, BTreeMap::from(expected));
    assert_eq!(vera.published_results(house.product.roadmap).await.unwrap()[0].of, 3);

    // A later vote on two of them goes before; one in which nobody voted does not.
    let mut draft = house.draft(Mode::Dots, 4);
    draft.candidates.truncate(2);
    let second = house.open(draft).await;
    editor.cast(second, cast_id(), house.choices(&[4])).await.unwrap();
    editor.close_voting(second).await.unwrap();
    let empty = house.open(house.draft(Mode::Dots, 4)).await;
    editor.close_voting(empty).await.unwrap();
    let expected = [(one, (4_000, 1, second)), (two, (0, 2, second)), (three, (0, 3, first))];
    assert_eq!(on_board(&vera, &house).await, BTreeMap::from(expected));
    // Another process, which has read nothing of it yet, shows the same.
    let other = store.second_process().await;
    let owner = other.people().first_owner().await.unwrap();
    assert_eq!(on_board(&owner, &house).await, BTreeMap::from(expected));
}

async fn a_secret_vote_of_too_few_leaves_nothing_on_the_board(store: Store) {
    let house = House::build(&store, 2).await;
    let people = [store.person("sam", Role::Stakeholder).await, store.person("tea", Role::Stakeholder).await];
    let mut draft = house.draft(Mode::Dots, 4);
    draft.secrecy = Secrecy::Secret;
    let voting = house.open(draft.clone()).await;
    for person in &people {
        person.cast(voting, cast_id(), house.choices(&[1, 3])).await.unwrap();
    }
    house.editor.close_voting(voting).await.unwrap();
    assert!(on_board(&house.editor, &house).await.is_empty());

    let voting = house.open(draft).await;
    house.editor.cast(voting, cast_id(), house.choices(&[0, 4])).await.unwrap();
    for person in &people {
        person.cast(voting, cast_id(), house.choices(&[1, 3])).await.unwrap();
    }
    house.editor.close_voting(voting).await.unwrap();
    let expected = [(house.items[0], (2_000, 2, voting)), (house.items[1], (10_000, 1, voting))];
    assert_eq!(on_board(&house.editor, &house).await, BTreeMap::from(expected));
}
