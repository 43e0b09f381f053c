//! What rooms hold at most, and what is forgotten.

use backend::{Profile, now};
use domain::{
    ClientId, CommentBody, CommentId, Op, ProductKind, Reject, Role, Stage, Timestamp,
    voting::{Mode, SegmentKind, Weight},
    wire::Outcome,
};

use crate::{
    harness::{Store, stories},
    rooms::{answers, create, first_lane, id, is_sound, join, numbered, product},
    voting::{House, conflict, enter},
};

stories! {
    refusals_are_remembered_for_a_pages_last_numbers_and_some_days
    a_flood_of_refusals_is_not_kept
    a_flood_of_comments_is_refused_and_others_go_on
    of_each_kind_of_record_there_is_a_number_that_is_not_exceeded
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
    let comment = || Op::comment(id(CommentId::new), item, body.clone());
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

/// Puts more rows into a table like the one that is there, with these columns made of their number `i`.
async fn multiply(store: &Store, table: &str, rows: u32, other: &[(&str, &str)]) {
    let columns = store.columns(table).await;
    let values: Vec<&str> = columns
        .iter()
        .map(|column| other.iter().find(|(name, _)| name == column).map_or(column.as_str(), |(_, made)| made))
        .collect();
    let (columns, values) = (columns.join(", "), values.join(", "));
    store
        .execute(&format!(
            "INSERT INTO {table} ({columns}) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) \
             SELECT {values} FROM (SELECT * FROM {table} LIMIT 1) AS one, n"
        ))
        .await;
}

async fn of_each_kind_of_record_there_is_a_number_that_is_not_exceeded(store: Store) {
    let house = House::build(&store, 2).await;
    let voting = house.open(house.draft(Mode::Dots, 5)).await;
    let (_, code) = house.editor.make_entry(voting, None, None).await.unwrap();
    enter(&store.backend, &code, "First").await.unwrap();
    let segment = |name: &str| {
        house.editor.save_segment(None, SegmentKind::Department, name.parse().unwrap(), Weight::ONE)
    };
    segment("Sales").await.unwrap();
    let profile = || Profile {
        name: "More".parse().unwrap(),
        kind: ProductKind::Service,
        stage: Stage::Launch,
        purpose: "".parse().unwrap(),
    };
    let bytes = if store.is_sqlite() { "CAST('x' || i AS BLOB)" } else { "CAST('x' || i AS bytea)" };
    let named = [("id", "'x' || i"), ("code_hash", bytes), ("token_hash", bytes), ("name", "'Name ' || i")];

    multiply(&store, "segment", 998, &named).await;
    segment("The last").await.unwrap();
    assert!(conflict(segment("One more").await).contains("1,000 segments"));

    multiply(&store, "voting_entry", 1_998, &named).await;
    house.editor.make_entry(voting, None, None).await.unwrap();
    assert!(conflict(house.editor.make_entry(voting, None, None).await).contains("2,000 codes"));

    multiply(&store, "voting_voter", 19_998, &named).await;
    enter(&store.backend, &code, "The last").await.unwrap();
    assert!(conflict(enter(&store.backend, &code, "One more").await).contains("20,000 guests"));
    let customer = house.editor.vote_for_customer(
        voting,
        "Customer".parse().unwrap(),
        "call".parse().unwrap(),
        None,
        house.choices(&[1, 0]),
    );
    assert!(conflict(customer.await).contains("20,000 guests"));

    multiply(&store, "voting", 9_998, &[("id", "'x' || i")]).await;
    house.editor.create_voting(house.draft(Mode::Dots, 5)).await.unwrap();
    assert!(
        conflict(house.editor.create_voting(house.draft(Mode::Dots, 5)).await)
            .contains("10,000 voting sessions")
    );

    let made = [("id", "'x' || i"), ("roadmap_id", "'x' || i"), ("key", "'X' || i")];
    multiply(&store, "product", 998, &made).await;
    house.editor.create_product("LAST".parse().unwrap(), profile()).await.unwrap();
    let one_more = house.editor.create_product("MORE".parse().unwrap(), profile()).await;
    assert!(conflict(one_more).contains("1,000 products"));
}
