//! What happened, from the log; and whether the present follows from it.

use domain::{Change, ItemChange, Op, Role, Title, UserId};

use crate::{
    harness::{Store, stories},
    rooms::{create, first_lane, product},
};

stories! {
    history_tells_what_happened_latest_first
    an_item_has_its_own_history_even_in_the_bin
    history_keeps_votes_secret
    the_check_finds_what_does_not_follow_from_the_log
}

async fn history_tells_what_happened_latest_first(store: Store) {
    let (owner, product) = product(&store).await;
    let lane = first_lane(&owner, product.roadmap).await;
    owner.submit(product.roadmap, (0..10).map(|n| create(lane, &n.to_string()).1).collect()).await.unwrap();
    let all = owner.history(product.roadmap, None, None, 100).await.unwrap();
    assert!(!all.more);
    assert_eq!(all.lines.iter().map(|line| line.seq).collect::<Vec<_>>(), (1..=14).rev().collect::<Vec<_>>());
    assert!(all.lines.iter().all(|line| line.actor == owner.member().id));
    assert_eq!(all.lines[0].changes[0].sentence(|_| String::new()), "added “9” to Now");

    let page = owner.history(product.roadmap, Some(9), None, 3).await.unwrap();
    assert!(page.more);
    assert_eq!(page.lines.iter().map(|line| line.seq).collect::<Vec<_>>(), [8, 7, 6]);
}

async fn an_item_has_its_own_history_even_in_the_bin(store: Store) {
    let (owner, product) = product(&store).await;
    let lane = first_lane(&owner, product.roadmap).await;
    let (one, create_one) = create(lane, "One");
    let (other, create_other) = create(lane, "Other");
    let rename = |id| Op::set(id, ItemChange::Title(Title::parse("Renamed").unwrap()));
    let both = Op::DeleteItems { ids: vec![one, other] };
    let ops = vec![create_one, create_other, rename(one), rename(other), both];
    owner.submit(product.roadmap, ops).await.unwrap();
    let history = owner.history(product.roadmap, None, Some(one), 100).await.unwrap();
    assert_eq!(history.lines.iter().map(|line| line.seq).collect::<Vec<_>>(), [9, 7, 5]);
    assert_eq!(history.lines[0].changes, [Change::ItemDeleted { item: one, title: "Renamed".into() }]);
    let page = owner.history(product.roadmap, Some(9), Some(one), 1).await.unwrap();
    assert_eq!((page.lines[0].seq, page.more), (7, true));
}

async fn history_keeps_votes_secret(store: Store) {
    let (owner, product) = product(&store).await;
    let lane = first_lane(&owner, product.roadmap).await;
    let (item, created) = create(lane, "Wanted");
    owner.submit(product.roadmap, vec![created]).await.unwrap();
    let voter = store.person("stan", Role::Stakeholder).await;
    let viewer = store.person("vera", Role::Viewer).await;
    voter.submit(product.roadmap, vec![Op::Upvote { item }]).await.unwrap();
    let mut actors = Vec::new();
    for person in [&owner, &voter, &viewer] {
        actors.push(person.history(product.roadmap, None, None, 1).await.unwrap().lines[0].actor);
    }
    let stan = voter.member().id;
    assert_eq!(actors, [stan, stan, UserId::NIL]);
}

async fn the_check_finds_what_does_not_follow_from_the_log(store: Store) {
    let (owner, product) = product(&store).await;
    let lane = first_lane(&owner, product.roadmap).await;
    let (item, created) = create(lane, "Sound");
    owner.submit(product.roadmap, vec![created, Op::Upvote { item }]).await.unwrap();
    let figures = store.backend.check().await.unwrap();
    assert_eq!(figures.problems, Vec::<String>::new());
    assert_eq!((figures.roadmaps, figures.lanes, figures.items, figures.votes), (1, 4, 1, 1));
    assert_eq!((figures.entries, figures.pages), (6, 2));

    let harms = [
        ("UPDATE item SET title = 'Forged'", "UPDATE item SET title = 'Sound'", "differ"),
        ("UPDATE roadmap SET head = 7", "UPDATE roadmap SET head = 6", "log ends at 6"),
        (
            "UPDATE client_cursor SET last_cseq = 1 WHERE last_cseq = 2",
            "UPDATE client_cursor SET last_cseq = 2 WHERE last_cseq = 1",
            "cursor is at 1",
        ),
        (
            "UPDATE op_log SET seq = 9 WHERE seq = 3",
            "UPDATE op_log SET seq = 3 WHERE seq = 9",
            "lacks entry 3",
        ),
        (
            "UPDATE vote SET user_id = '00000000-0000-7000-8000-000000000001'",
            &format!("UPDATE vote SET user_id = '{}'", owner.member().id),
            "votes of item",
        ),
    ];
    for (harm, repair, found) in harms {
        store.execute(harm).await;
        let problems = store.backend.check().await.unwrap().problems;
        assert!(problems.iter().any(|problem| problem.contains(found)), "{harm}: {problems:?}");
        store.execute(repair).await;
    }
    assert_eq!(store.backend.check().await.unwrap().problems, Vec::<String>::new());
}
