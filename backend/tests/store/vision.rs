//! Visions that are published in versions and rated, and the strategy of a product.

use backend::{
    AccessChange, Editor, Error, Owner, Viewer, copying,
    strategy::{Block, BlockDraft, Strategy},
};
use domain::{
    Op, Opinion, Product, RecordId, Reject, Role, StrategyBlock, VISION, Visibility, VisionCheck,
    voting::{SegmentKind, Weight},
};

use crate::{
    harness::{Store, stories},
    products::profile,
    rooms::{create, first_lane, is_sound},
};

stories! {
    a_version_is_published_once_and_older_ones_stay
    a_new_version_asks_again
    who_may_vote_rates_and_may_change_that
    segments_of_three_raters_are_shown
    a_block_is_stale_until_somebody_says_that_it_is_still_true
    a_stale_form_changes_what_was_edited_in_it
    links_of_a_block_are_seen_by_those_who_see_the_item
    an_archived_product_keeps_its_direction
    a_backup_holds_visions_ratings_and_strategies
}

fn typed(ratings: &[(&str, &str)]) -> Vec<(String, String)> {
    ratings.iter().map(|(check, text)| ((*check).to_owned(), (*text).to_owned())).collect()
}

async fn made(store: &Store) -> (Owner, Product) {
    let owner = store.owner().await;
    let product = owner.create_product("ERP".parse().unwrap(), profile("ERP")).await.unwrap();
    (owner, product)
}

/// What all say of the newest version by a check.
async fn opinion(viewer: &Viewer, product: &Product, check: VisionCheck) -> Opinion {
    let page = viewer.vision(Some(&product.key), None).await.unwrap();
    page.checks.iter().find(|found| found.check == check).unwrap().all
}

fn draft(text: &str, owner: &str, items: &str) -> BlockDraft {
    BlockDraft { text: text.to_owned(), owner: owner.to_owned(), items: items.to_owned() }
}

async fn strategy(viewer: &Viewer, product: &Product) -> Strategy {
    viewer.strategy(&product.key).await.unwrap()
}

async fn scope(viewer: &Viewer, product: &Product) -> Block {
    let blocks = strategy(viewer, product).await.blocks;
    blocks.into_iter().find(|block| block.block == StrategyBlock::Scope).unwrap()
}

async fn a_version_is_published_once_and_older_ones_stay(store: Store) {
    let (owner, erp) = made(&store).await;
    let bea = store.person("bea", Role::Stakeholder).await;
    let key = Some(&erp.key);
    assert!(bea.vision(key, None).await.unwrap().version().is_none());
    let refused = bea.publish_vision(key, "Mine", None).await;
    assert!(matches!(refused, Err(Error::Refused(Reject::NotAllowed(Role::Stakeholder)))), "{refused:?}");
    let empty = owner.publish_vision(key, " \r\n ", None).await;
    assert!(matches!(empty, Err(Error::Invalid(_))), "{empty:?}");
    let first = owner.publish_vision(key, "Closed in a day.  \r\n\r\nEverywhere.", None).await.unwrap();
    let same = owner.publish_vision(key, "Closed in a day.\n\nEverywhere.\n", Some(first)).await;
    assert!(matches!(same, Err(Error::Invalid(_))), "{same:?}");
    let late = owner.publish_vision(key, "Closed in an hour", None).await;
    assert!(matches!(&late, Err(Error::Conflict(why)) if why.contains("Version 1")), "{late:?}");
    let second = owner.publish_vision(key, "Closed in an hour", Some(first)).await.unwrap();

    let page = bea.vision(key, None).await.unwrap();
    let names: Vec<String> = page.versions.iter().map(|version| VISION.name_of(version)).collect();
    assert_eq!(
        (names, page.version().unwrap().id),
        (vec!["Version 2".to_owned(), "Version 1".to_owned()], second)
    );
    let older = bea.vision(key, Some(first)).await.unwrap();
    let version = older.version().unwrap();
    assert_eq!(version.text("text"), Some("Closed in a day.\n\nEverywhere."));
    assert_eq!((version.created.by, older.is_newest(), older.rates), (owner.member().id, false, false));
    let unknown = bea.vision(None, Some(first)).await;
    assert!(matches!(unknown, Err(Error::NotFound(_))), "it is of another vision");
    // The workspace has one of its own, which owners publish.
    let edith = store.editor().await;
    let refused = edith.publish_vision(None, "All of us", None).await;
    assert!(matches!(refused, Err(Error::Refused(Reject::NotAllowed(Role::Editor)))), "{refused:?}");
    owner.publish_vision(None, "All of us", None).await.unwrap();
    assert_eq!(edith.vision(None, None).await.unwrap().versions.len(), 1);
    is_sound(&store.backend).await;
}

async fn a_new_version_asks_again(store: Store) {
    let (owner, erp) = made(&store).await;
    let bea = store.person("bea", Role::Stakeholder).await;
    let key = Some(&erp.key);
    let first = owner.publish_vision(key, "Closed in a day", None).await.unwrap();
    let all = typed(&[("challenging", "5"), ("believable", "2"), ("grounded", "3"), ("benefits", "4")]);
    assert!(bea.vision(key, None).await.unwrap().asks());
    bea.rate_vision(key, first, &all).await.unwrap();
    assert!(!bea.vision(key, None).await.unwrap().asks());
    let second = owner.publish_vision(key, "Closed in an hour", Some(first)).await.unwrap();
    let page = bea.vision(key, None).await.unwrap();
    assert!(page.asks() && page.checks.iter().all(|check| check.all.raters == 0));
    let older = bea.vision(key, Some(first)).await.unwrap();
    assert_eq!(older.checks[0].all, Opinion::of([5]), "what was said stays with its version");
    let late = bea.rate_vision(key, first, &all).await;
    assert!(matches!(&late, Err(Error::Conflict(why)) if why.contains("Version 2")), "{late:?}");
    bea.rate_vision(key, second, &all[..1]).await.unwrap();
    assert!(bea.vision(key, None).await.unwrap().asks(), "three checks are left");
    is_sound(&store.backend).await;
}

/// By hand: 5 and 2 are 7, 7 / 2 = 3.5, from 2 to 5; with 4 in place of 2 it is 9 / 2 = 4.5.
async fn who_may_vote_rates_and_may_change_that(store: Store) {
    let (owner, erp) = made(&store).await;
    let (vera, bea) =
        (store.person("vera", Role::Viewer).await, store.person("bea", Role::Stakeholder).await);
    let key = Some(&erp.key);
    let vision = owner.publish_vision(key, "Closed in a day", None).await.unwrap();
    let refused = vera.rate_vision(key, vision, &typed(&[("grounded", "3")])).await;
    assert!(matches!(refused, Err(Error::Refused(Reject::NotAllowed(Role::Viewer)))), "{refused:?}");
    assert!(!vera.vision(key, None).await.unwrap().rates);
    for (check, text) in
        [("grounded", "0"), ("grounded", "6"), ("grounded", "2.5"), ("grounded", "x"), ("pretty", "3")]
    {
        let refused = bea.rate_vision(key, vision, &typed(&[("believable", "3"), (check, text)])).await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    }
    owner.rate_vision(key, vision, &typed(&[("grounded", "5")])).await.unwrap();
    bea.rate_vision(key, vision, &typed(&[("grounded", "2")])).await.unwrap();
    let found = opinion(&vera, &erp, VisionCheck::Grounded).await;
    assert_eq!((found.mean().as_deref(), found.raters, found.low, found.high), (Some("3.5"), 2, 2, 5));
    assert_eq!(opinion(&vera, &erp, VisionCheck::Believable).await, Opinion::default(), "all or nothing");
    bea.rate_vision(key, vision, &typed(&[("grounded", "4")])).await.unwrap();
    assert_eq!(opinion(&vera, &erp, VisionCheck::Grounded).await.mean().as_deref(), Some("4.5"));
    bea.rate_vision(key, vision, &typed(&[("grounded", "")])).await.unwrap();
    assert_eq!(opinion(&vera, &erp, VisionCheck::Grounded).await, Opinion::of([5]));
    let unknown = bea.rate_vision(None, vision, &typed(&[("grounded", "4")])).await;
    assert!(matches!(unknown, Err(Error::NotFound(_))), "it is of a product");
    // Of a hidden product there is no vision.
    owner.change_access(&erp.key, AccessChange::Show(Visibility::Chosen)).await.unwrap();
    assert!(matches!(bea.vision(key, None).await, Err(Error::NotFound(_))));
    let hidden = bea.rate_vision(key, vision, &typed(&[("grounded", "4")])).await;
    assert!(matches!(hidden, Err(Error::NotFound(_))), "{hidden:?}");
}

/// By hand: Sales says 5 + 4 + 3 = 12, 12 / 3 = 4; IT says 1 + 1 = 2, and with the owner's 3 everybody else says 5, 5 / 3 = 1.7.
async fn segments_of_three_raters_are_shown(store: Store) {
    let (owner, erp) = made(&store).await;
    let key = Some(&erp.key);
    let vision = owner.publish_vision(key, "Closed in a day", None).await.unwrap();
    let segment = async |name: &str| {
        let kind = SegmentKind::Department;
        owner.save_segment(None, kind, name.parse().unwrap(), Weight::ONE).await.unwrap()
    };
    let (sales, it) = (segment("Sales").await, segment("IT").await);
    for (name, segment, rating) in
        [("s1", sales, "5"), ("s2", sales, "4"), ("s3", sales, "3"), ("i1", it, "1"), ("i2", it, "1")]
    {
        let person = store.person(name, Role::Stakeholder).await;
        owner.assign_segment(person.member().id, SegmentKind::Department, Some(segment)).await.unwrap();
        person.rate_vision(key, vision, &typed(&[("grounded", rating)])).await.unwrap();
    }
    owner.rate_vision(key, vision, &typed(&[("grounded", "3")])).await.unwrap();
    let page = owner.vision(key, None).await.unwrap();
    assert_eq!(page.groups.len(), 1);
    let of = |check: VisionCheck| -> Vec<(&str, Option<String>)> {
        let found = page.groups[0].checks.iter().find(|(of, _)| *of == check).unwrap();
        found.1.iter().map(|(name, opinion)| (&**name, opinion.mean())).collect()
    };
    assert_eq!(
        of(VisionCheck::Grounded),
        [("Sales", Some("4.0".to_owned())), ("Everybody else", Some("1.7".to_owned()))]
    );
    assert_eq!(of(VisionCheck::Believable), []);
}

async fn a_block_is_stale_until_somebody_says_that_it_is_still_true(store: Store) {
    let (owner, erp) = made(&store).await;
    let edith = store.editor().await;
    let none = BlockDraft::default();
    assert_eq!(strategy(&edith, &erp).await.blocks.len(), 8);
    let empty = edith.save_strategy_block(&erp.key, StrategyBlock::Scope, &none, &none, &[]).await;
    assert!(matches!(empty, Err(Error::Invalid(_))), "{empty:?}");
    let me = edith.member().id.to_string();
    let first = draft("Closing the books", &me, "");
    edith.save_strategy_block(&erp.key, StrategyBlock::Scope, &first, &none, &[]).await.unwrap();
    let block = scope(&owner, &erp).await;
    let record = block.record.clone().unwrap();
    assert_eq!((record.text("text"), record.text("owner")), (Some("Closing the books"), Some(&*me)));
    assert!(!block.is_stale && block.confirmed().is_none());
    assert_eq!(block.changed().unwrap().by, edith.member().id);

    // 181 days ago.
    let then = record.changed.at.0 - 181 * 86_400_000;
    store.execute(&format!("UPDATE record SET changed_ms = {then} WHERE id = '{}'", record.id)).await;
    assert!(scope(&owner, &erp).await.is_stale);
    let late = owner.confirm_strategy_block(&erp.key, record.id, record.version + 1).await;
    assert!(matches!(late, Err(Error::Conflict(_))), "{late:?}");
    let bea = store.person("bea", Role::Stakeholder).await;
    let refused = bea.confirm_strategy_block(&erp.key, record.id, record.version).await;
    assert!(matches!(refused, Err(Error::Refused(Reject::NotAllowed(_)))), "{refused:?}");
    owner.confirm_strategy_block(&erp.key, record.id, record.version).await.unwrap();
    let block = scope(&owner, &erp).await;
    assert!(!block.is_stale);
    assert_eq!(block.confirmed().unwrap().by, owner.member().id);
    assert_eq!(block.changed().unwrap().by, edith.member().id);
    // A change is newer than that.
    edith
        .save_strategy_block(&erp.key, StrategyBlock::Scope, &draft("Closing", &me, ""), &first, &[])
        .await
        .unwrap();
    assert!(scope(&owner, &erp).await.confirmed().is_none());
    // What is removed can be written again, and then it does not come back.
    edith.bin_strategy_block(&erp.key, record.id, true).await.unwrap();
    assert!(scope(&owner, &erp).await.record.is_none());
    edith.save_strategy_block(&erp.key, StrategyBlock::Scope, &first, &none, &[]).await.unwrap();
    let twice = edith.bin_strategy_block(&erp.key, record.id, false).await;
    assert!(matches!(twice, Err(Error::Invalid(_))), "{twice:?}");
    is_sound(&store.backend).await;
}

async fn a_stale_form_changes_what_was_edited_in_it(store: Store) {
    let (owner, erp) = made(&store).await;
    let edith = store.editor().await;
    let save = async |who: &Editor, to: &BlockDraft, seen: &BlockDraft| {
        who.save_strategy_block(&erp.key, StrategyBlock::Scope, to, seen, &[]).await
    };
    let none = BlockDraft::default();
    let first = draft("Closing the books", "", "");
    save(&owner, &first, &none).await.unwrap();
    // Both saw the first: one changes the text, the other the owner.
    let (ada, me) = (owner.member().id.to_string(), edith.member().id.to_string());
    save(&owner, &draft("Closing the books of all units", "", ""), &first).await.unwrap();
    save(&edith, &draft("Closing the books", &me, ""), &first).await.unwrap();
    let record = scope(&owner, &erp).await.record.unwrap();
    assert_eq!(
        (record.text("text"), record.text("owner")),
        (Some("Closing the books of all units"), Some(&*me))
    );
    // The same field is a conflict, also where somebody else was first to write the block.
    for (to, seen) in [
        (draft("Only payroll", "", ""), &first),
        (draft("Only payroll", "", ""), &none),
        (draft("Closing the books", &ada, ""), &first),
    ] {
        let clash = save(&edith, &to, seen).await;
        assert!(matches!(&clash, Err(Error::Conflict(why)) if why.contains("“Scope”")), "{clash:?}");
    }
    let before = scope(&owner, &erp).await.record.unwrap().version;
    save(&edith, &first, &first).await.unwrap();
    assert_eq!(scope(&owner, &erp).await.record.unwrap().version, before, "nothing was edited");
    let stranger = RecordId::new(1, [9; 10]).to_string();
    let wrong = save(&edith, &draft("Closing the books", &stranger, ""), &first).await;
    assert!(matches!(wrong, Err(Error::Conflict(_) | Error::Invalid(_))), "{wrong:?}");
}

async fn links_of_a_block_are_seen_by_those_who_see_the_item(store: Store) {
    let (owner, erp) = made(&store).await;
    let secret = owner.create_product("SEC".parse().unwrap(), profile("Secret")).await.unwrap();
    for (product, titles) in [(&erp, ["One", "Two"]), (&secret, ["Hidden", "Other"])] {
        let lane = first_lane(&owner, product.roadmap).await;
        let ops: Vec<Op> = titles.iter().map(|title| create(lane, title).1).collect();
        owner.submit(product.roadmap, ops).await.unwrap();
    }
    owner.change_access(&secret.key, AccessChange::Show(Visibility::Chosen)).await.unwrap();
    let edith = store.editor().await;
    let save = async |who: &Viewer, items: &str, block: &Block| {
        let seen: Vec<&str> = block.items.iter().map(|item| &*item.key).collect();
        let ids: Vec<_> = block.items.iter().map(|item| item.id).collect();
        let text = block.record.as_ref().and_then(|record| record.text("text")).unwrap_or_default();
        let seen = draft(text, "", &seen.join(", "));
        let to = draft("Closing", "", items);
        who.save_strategy_block(&erp.key, StrategyBlock::Scope, &to, &seen, &ids).await
    };
    let keys = |block: &Block| block.items.iter().map(|item| item.key.clone()).collect::<Vec<_>>();
    save(&owner, "ERP-1, SEC-1", &scope(&owner, &erp).await).await.unwrap();
    assert_eq!(keys(&scope(&owner, &erp).await), ["ERP-1", "SEC-1"]);
    let seen = scope(&edith, &erp).await;
    assert_eq!(keys(&seen), ["ERP-1"]);
    assert!(!format!("{:?}", seen.items).contains("Hidden"));
    // What one does not see stays, and cannot be linked.
    for unknown in ["SEC-2", "ERP-9", "something"] {
        let refused = save(&edith, unknown, &seen).await;
        assert!(matches!(&refused, Err(Error::Invalid(why)) if why.contains(unknown)), "{refused:?}");
    }
    save(&edith, "ERP-2 ERP-2", &seen).await.unwrap();
    assert_eq!(keys(&scope(&owner, &erp).await), ["SEC-1", "ERP-2"]);
    let many = "ERP-1 ".repeat(21);
    assert!(matches!(save(&owner, &many, &scope(&owner, &erp).await).await, Err(Error::Invalid(_))));
    is_sound(&store.backend).await;
}

async fn an_archived_product_keeps_its_direction(store: Store) {
    let (owner, erp) = made(&store).await;
    let key = Some(&erp.key);
    let vision = owner.publish_vision(key, "Closed in a day", None).await.unwrap();
    let none = BlockDraft::default();
    let text = draft("Closing", "", "");
    owner.save_strategy_block(&erp.key, StrategyBlock::Scope, &text, &none, &[]).await.unwrap();
    let block = scope(&owner, &erp).await.record.unwrap();
    owner.set_archived(&erp.key, true).await.unwrap();
    let refused = [
        owner.publish_vision(key, "More", Some(vision)).await.map(drop),
        owner.rate_vision(key, vision, &typed(&[("grounded", "3")])).await,
        owner.save_strategy_block(&erp.key, StrategyBlock::Needs, &text, &none, &[]).await,
        owner.confirm_strategy_block(&erp.key, block.id, block.version).await,
        owner.bin_strategy_block(&erp.key, block.id, true).await,
    ];
    assert!(refused.iter().all(|done| matches!(done, Err(Error::Refused(Reject::Archived)))), "{refused:?}");
    let page = owner.vision(key, None).await.unwrap();
    assert!(page.version().is_some() && !page.rates && !page.publishes);
    assert!(!strategy(&owner, &erp).await.edits);
}

async fn a_backup_holds_visions_ratings_and_strategies(store: Store) {
    let (owner, erp) = made(&store).await;
    let vision = owner.publish_vision(Some(&erp.key), "Closed in a day", None).await.unwrap();
    owner.rate_vision(Some(&erp.key), vision, &typed(&[("grounded", "3")])).await.unwrap();
    let (text, none) = (draft("Closing", "", ""), BlockDraft::default());
    owner.save_strategy_block(&erp.key, StrategyBlock::Scope, &text, &none, &[]).await.unwrap();
    // What happened to it is in the history of its product.
    let told = store.texts("SELECT body FROM audit WHERE n IN (SELECT n FROM audit_product)").await;
    assert!(
        told.iter().any(|body| body.contains("Version 1"))
            && told.iter().any(|body| body.contains("Closing"))
    );
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("copy.db");
    copying::backup(&store.url, &target).await.unwrap();
    let copy = backend::Backend::open_existing(&format!("sqlite://{}", target.display())).await.unwrap();
    assert_eq!(copy.check().await.unwrap().problems, Vec::<String>::new());
    // A rating of nothing, and one beside the scale, are found.
    store.execute("UPDATE vision_rating SET value = 9").await;
    let problems = store.backend.check().await.unwrap().problems;
    assert!(problems.iter().any(|problem| problem.contains("not from 1 to 5")), "{problems:?}");
}
