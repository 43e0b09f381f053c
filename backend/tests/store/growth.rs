//! What rooms hold at most, and what is forgotten.

use backend::now;
use domain::{ClientId, CommentBody, CommentId, Op, Reject, Role, Timestamp, wire::Outcome};

use crate::{
    harness::{Store, stories},
    rooms::{answers, create, first_lane, id, is_sound, join, numbered, product},
};

stories! {
    refusals_are_remembered_for_a_pages_last_numbers_and_some_days
    a_flood_of_refusals_is_not_kept
    a_flood_of_comments_is_refused_and_others_go_on
}

const DAY: i64 = 24 * 60 * 60 * 1_000;

async fn refusals_are_remembered_for_a_pages_last_numbers_and_some_days(store: Store) {
    let (owner, product) = product(&store).await;
    let (item, created) = create(first_lane(&owner, product.roadmap).await, "Once");
    let client = id(ClientId::new);
    let mut page = join(&owner, product.roadmap, client).await.connection;
    let refused = Outcome::Refused(Reject::NotUpvoted);
    page.push(numbered(1, vec![created]), 0).await.unwrap();
    assert_eq!(answers(&mut page).await, [Outcome::Accepted { seq: 5 }]);
    page.push(numbered(2, vec![Op::WithdrawUpvote { item }; 10]), 0).await.unwrap();
    assert_eq!(answers(&mut page).await, vec![refused.clone(); 10]);
    // As many as a person's are remembered at once are not reached here.
    page.push(numbered(12, vec![Op::Upvote { item }]), 0).await.unwrap();
    answers(&mut page).await;
    page.push(
        numbered(
            13,
            [Op::WithdrawUpvote { item }, Op::Upvote { item }].iter().cycle().take(1_000).cloned().collect(),
        ),
        0,
    )
    .await
    .unwrap();
    answers(&mut page).await;
    page.push(numbered(1_013, vec![Op::Upvote { item }]), 0).await.unwrap();
    assert_eq!(answers(&mut page).await, [Outcome::Refused(Reject::AlreadyUpvoted)]);

    let forgotten = |got| Outcome::Refused(Reject::OutOfOrder { expected: 1_014, got });
    page.push(numbered(5, vec![Op::WithdrawUpvote { item }]), 0).await.unwrap();
    assert_eq!(answers(&mut page).await, [forgotten(5)]);
    page.push(numbered(1, vec![Op::Upvote { item }]), 0).await.unwrap();
    assert_eq!(answers(&mut page).await, [Outcome::Accepted { seq: 5 }], "what was accepted is in the log");
    let in_days = |days: i64| Timestamp(now().0 + days * DAY);
    assert_eq!(store.backend.rooms.forget_refusals(in_days(6)).await.unwrap(), 0);
    page.push(numbered(1_013, vec![Op::Upvote { item }]), 0).await.unwrap();
    assert_eq!(answers(&mut page).await, [Outcome::Refused(Reject::AlreadyUpvoted)]);
    assert_eq!(store.backend.rooms.forget_refusals(in_days(8)).await.unwrap(), 1);
    page.push(numbered(1_013, vec![Op::Upvote { item }]), 0).await.unwrap();
    assert_eq!(answers(&mut page).await, [forgotten(1_013)]);
    is_sound(&store.backend).await;
}

async fn a_flood_of_refusals_is_not_kept(store: Store) {
    let (owner, product) = product(&store).await;
    let (item, created) = create(first_lane(&owner, product.roadmap).await, "Once");
    let mut page = join(&owner, product.roadmap, id(ClientId::new)).await.connection;
    page.push(numbered(1, vec![created]), 0).await.unwrap();
    answers(&mut page).await;
    // Each from a page of its own, so that none has many.
    for _ in 0..30 {
        let mut page = join(&owner, product.roadmap, id(ClientId::new)).await.connection;
        page.push(numbered(1, vec![Op::WithdrawUpvote { item }; 100]), 0).await.unwrap();
        let refused = Outcome::Refused(Reject::NotUpvoted);
        assert_eq!(answers(&mut page).await, vec![refused; 100]);
    }
    let kept = store.backend.rooms.forget_refusals(Timestamp(now().0 + 8 * DAY)).await.unwrap();
    assert!((1_000..1_200).contains(&kept), "{kept} of 3,000 refusals were kept");
    is_sound(&store.backend).await;
}

async fn a_flood_of_comments_is_refused_and_others_go_on(store: Store) {
    let (owner, product) = product(&store).await;
    let (item, created) = create(first_lane(&owner, product.roadmap).await, "Once");
    let mut page = join(&owner, product.roadmap, id(ClientId::new)).await.connection;
    page.push(numbered(1, vec![created]), 0).await.unwrap();
    answers(&mut page).await;
    let stakeholder = store.person("sam", Role::Stakeholder).await;
    let body = CommentBody::parse(&"x".repeat(5_000)).unwrap();
    let comment = || Op::AddComment { id: id(CommentId::new), item, body: body.clone() };
    let mut flood = join(&stakeholder, product.roadmap, id(ClientId::new)).await.connection;
    let mut written = 0;
    for round in 0..20_u64 {
        flood.push(numbered(1 + 40 * round, (0..40).map(|_| comment()).collect()), 0).await.unwrap();
        for outcome in answers(&mut flood).await {
            match outcome {
                Outcome::Accepted { .. } => written += 1,
                Outcome::Refused(Reject::Limit(sentence)) => {
                    assert!(sentence.contains("Try again in"), "{sentence}")
                }
                other => panic!("{other:?}"),
            }
        }
    }
    assert!((30..60).contains(&written), "{written} of 800 long comments were taken");
    page.push(numbered(2, vec![comment()]), 0).await.unwrap();
    assert!(matches!(answers(&mut page).await[..], [Outcome::Accepted { .. }]));
    is_sound(&store.backend).await;
}
