//! The inbox: who is notified of what, and what they see of it.

use std::time::Instant;

use backend::{AccessChange, Backend, Viewer, inbox::InboxItem};
use domain::{CommentId, ItemChange, ItemId, LaneId, Op, Product, Role, Status, Visibility, wire::Outcome};

use crate::{
    harness::{Store, stories},
    rooms::{ENOUGH, create, first_lane, id, is_sound, product},
};

stories! {
    owner_author_and_commenters_watch_and_are_not_notified_of_their_own
    who_stops_hears_of_mentions_alone
    a_name_means_the_person_after_they_changed_it
    what_is_read_counts_again_when_more_happens
    nothing_of_a_hidden_product_is_shown_or_counted
    two_processes_notify_once
    an_import_is_no_news_of_each_item
    somebody_keeps_the_latest_notices
}

async fn done(viewer: &Viewer, product: &Product, ops: Vec<Op>) {
    let count = ops.len();
    let answers = viewer.submit(product.roadmap, ops).await.unwrap();
    let taken = answers.iter().filter(|answer| matches!(answer.outcome, Outcome::Accepted { .. }));
    assert_eq!(taken.count(), count, "{answers:?}");
}

fn comment(item: ItemId, body: &str) -> Op {
    Op::comment(id(CommentId::new), item, body.parse().unwrap())
}

async fn lane_and_item(viewer: &Viewer, product: &Product, title: &str) -> (LaneId, ItemId) {
    let lane = first_lane(viewer, product.roadmap).await;
    let (item, make) = create(lane, title);
    done(viewer, product, vec![make]).await;
    (lane, item)
}

/// Kinds with how often each happened since it was read, item by item.
fn told(inbox: &[InboxItem]) -> Vec<String> {
    let kinds = |item: &InboxItem| {
        let mut kinds: Vec<String> =
            item.notices.iter().map(|notice| format!("{} {}", notice.kind.as_str(), notice.unread)).collect();
        kinds.sort();
        kinds
    };
    inbox.iter().map(|item| format!("{}: {}", item.title, kinds(item).join(", "))).collect()
}

/// Waits until the reader has read the log up to its head.
async fn read(backend: &Backend) {
    backend.read_for_notices().await.unwrap();
}

async fn unread(viewer: &Viewer) -> u32 {
    viewer.count_unread(&viewer.products().await.unwrap()).await.unwrap()
}

async fn owner_author_and_commenters_watch_and_are_not_notified_of_their_own(store: Store) {
    let (ada, product) = product(&store).await;
    let edith: Viewer = (*store.editor().await).clone();
    let stan = store.person("stan", Role::Stakeholder).await;
    let (_, item) = lane_and_item(&ada, &product, "Single sign-on").await;
    done(&stan, &product, vec![comment(item, "When?")]).await;
    done(&edith, &product, vec![Op::set(item, ItemChange::Status(Status::InProgress))]).await;
    done(&edith, &product, vec![Op::Upvote { item }]).await;
    read(&store.backend).await;
    assert_eq!(told(&ada.inbox().await.unwrap()), ["Single sign-on: change 1, comment 1"]);
    assert_eq!(told(&stan.inbox().await.unwrap()), ["Single sign-on: change 1"]);
    assert_eq!(told(&edith.inbox().await.unwrap()), Vec::<String>::new(), "she has only changed it");

    let owner = edith.member().id;
    done(&ada, &product, vec![Op::set(item, ItemChange::Owner(Some(owner)))]).await;
    done(&ada, &product, vec![comment(item, "Edith takes it.")]).await;
    read(&store.backend).await;
    assert_eq!(told(&edith.inbox().await.unwrap()), ["Single sign-on: assigned 1, comment 1"]);
    let watch = stan.item_watch(product.roadmap, item, false).await.unwrap();
    let mut watchers = watch.watchers;
    watchers.sort();
    let mut all = [ada.member().id, edith.member().id, stan.member().id];
    all.sort();
    assert_eq!((watch.watching, watchers), (true, all.to_vec()));
    is_sound(&store.backend).await;
}

async fn who_stops_hears_of_mentions_alone(store: Store) {
    let (ada, product) = product(&store).await;
    let stan = store.person("stan", Role::Stakeholder).await;
    let vera = store.person("vera", Role::Viewer).await;
    let (_, item) = lane_and_item(&ada, &product, "Single sign-on").await;
    ada.set_watching(product.roadmap, item, false).await.unwrap();
    vera.set_watching(product.roadmap, item, true).await.unwrap();
    done(&stan, &product, vec![comment(item, "When?")]).await;
    read(&store.backend).await;
    assert_eq!(told(&ada.inbox().await.unwrap()), Vec::<String>::new());
    assert_eq!(told(&vera.inbox().await.unwrap()), ["Single sign-on: comment 1"]);
    done(&stan, &product, vec![comment(item, "What do you say, @ada? And ada@example.org, @adam?")]).await;
    read(&store.backend).await;
    assert_eq!(told(&ada.inbox().await.unwrap()), ["Single sign-on: mention 1"]);
    assert!(!ada.item_watch(product.roadmap, item, false).await.unwrap().watching);
    assert!(ada.inbox().await.unwrap()[0].has_stopped && !vera.inbox().await.unwrap()[0].has_stopped);
    let unknown = stan.set_watching(product.roadmap, id(ItemId::new), true).await;
    assert!(matches!(unknown, Err(backend::Error::NotFound(_))), "{unknown:?}");
}

async fn a_name_means_the_person_after_they_changed_it(store: Store) {
    let (ada, product) = product(&store).await;
    let stan = store.person("stan", Role::Stakeholder).await;
    let (_, item) = lane_and_item(&ada, &product, "Single sign-on").await;
    let describe = |text: &str| Op::set(item, ItemChange::Description(text.parse().unwrap()));
    done(&ada, &product, vec![describe("Ask @stan.")]).await;
    read(&store.backend).await;
    assert_eq!(told(&stan.inbox().await.unwrap()), ["Single sign-on: mention 1"]);
    stan.read_notices(None).await.unwrap();
    stan.set_profile("Stanislaw".parse().unwrap(), 3).await.unwrap();
    let html = ada.render_markdown(vec!["Ask @stan, `@stan` and @Stanislaw.".to_owned()]).await.unwrap();
    let span = "<span class=\"mention\">@Stanislaw</span>";
    assert_eq!(html, [format!("<p>Ask {span}, <code>@stan</code> and {span}.</p>\n")]);
    // Written before, it mentions nobody anew; in another text it means him still.
    done(&ada, &product, vec![describe("Ask @stan, soon.")]).await;
    read(&store.backend).await;
    assert_eq!(told(&stan.inbox().await.unwrap()), ["Single sign-on: change 1, mention 0"]);
    done(&ada, &product, vec![comment(item, "@stan?")]).await;
    read(&store.backend).await;
    assert_eq!(told(&stan.inbox().await.unwrap()), ["Single sign-on: change 1, mention 1"]);
}

async fn what_is_read_counts_again_when_more_happens(store: Store) {
    let (ada, product) = product(&store).await;
    let stan = store.person("stan", Role::Stakeholder).await;
    let (lane, item) = lane_and_item(&ada, &product, "Single sign-on").await;
    let (other, make) = create(lane, "Invoices");
    done(&ada, &product, vec![make]).await;
    for body in ["One", "Two", "Three"] {
        done(&stan, &product, vec![comment(item, body)]).await;
    }
    done(&stan, &product, vec![comment(other, "Four")]).await;
    read(&store.backend).await;
    assert_eq!(told(&ada.inbox().await.unwrap()), ["Invoices: comment 1", "Single sign-on: comment 3"]);
    assert_eq!(unread(&ada).await, 2);
    ada.item_watch(product.roadmap, item, true).await.unwrap();
    assert_eq!(unread(&ada).await, 1, "who opens an item has read what was new about it");
    ada.read_notices(None).await.unwrap();
    assert_eq!(unread(&ada).await, 0);
    done(&stan, &product, vec![comment(item, "Five")]).await;
    read(&store.backend).await;
    assert_eq!(told(&ada.inbox().await.unwrap()), ["Single sign-on: comment 1", "Invoices: comment 0"]);
    let inbox = ada.inbox().await.unwrap();
    assert!(inbox[0].is_unread() && !inbox[1].is_unread());
    let change = inbox[0].notices[0].change.as_ref().unwrap();
    assert_eq!(change.comment(), Some("Five"));
}

async fn nothing_of_a_hidden_product_is_shown_or_counted(store: Store) {
    let (ada, product) = product(&store).await;
    let owner = ada.as_owner().unwrap();
    let stan = store.person("stan", Role::Stakeholder).await;
    let (_, item) = lane_and_item(&ada, &product, "Merger").await;
    stan.set_watching(product.roadmap, item, true).await.unwrap();
    done(&ada, &product, vec![comment(item, "Hush, @stan.")]).await;
    read(&store.backend).await;
    assert_eq!(unread(&stan).await, 1);
    owner.change_access(&product.key, AccessChange::Show(Visibility::Chosen)).await.unwrap();
    assert_eq!((unread(&stan).await, stan.inbox().await.unwrap()), (0, Vec::new()));
    let asked = stan.item_watch(product.roadmap, item, true).await;
    assert!(matches!(asked, Err(backend::Error::NotFound(_))), "{asked:?}");
    let asked = stan.set_watching(product.roadmap, item, false).await;
    assert!(matches!(asked, Err(backend::Error::NotFound(_))), "{asked:?}");
    let rows = store.rows("SELECT 1 FROM notice").await;
    done(&ada, &product, vec![comment(item, "Again, @stan.")]).await;
    read(&store.backend).await;
    assert_eq!(store.rows("SELECT 1 FROM notice").await, rows, "nothing is written for him");
    assert!(!ada.item_watch(product.roadmap, item, false).await.unwrap().readers.contains(&stan.member().id));
    stan.read_notices(None).await.unwrap();
    owner.change_access(&product.key, AccessChange::Show(Visibility::Everyone)).await.unwrap();
    assert_eq!(unread(&stan).await, 1, "what he did not see he has not read");
}

async fn two_processes_notify_once(store: Store) {
    let (ada, product) = product(&store).await;
    let stan = store.person("stan", Role::Stakeholder).await;
    let (_, item) = lane_and_item(&ada, &product, "Single sign-on").await;
    let second = store.second_process().await;
    for body in 0..20 {
        done(&stan, &product, vec![comment(item, &format!("Comment {body}"))]).await;
        let (one, other) = tokio::join!(store.backend.read_for_notices(), second.read_for_notices());
        one.unwrap();
        other.unwrap();
    }
    assert_eq!(told(&ada.inbox().await.unwrap()), ["Single sign-on: comment 20"]);
    is_sound(&store.backend).await;
    store.execute("UPDATE notice_place SET seq = 1000 WHERE roadmap_id <> ''").await;
    let problems = store.backend.check().await.unwrap().problems;
    assert!(problems.iter().any(|problem| problem.contains("beyond its end")), "{problems:?}");
}

async fn an_import_is_no_news_of_each_item(store: Store) {
    let (ada, product) = product(&store).await;
    let edith: Viewer = (*store.editor().await).clone();
    let lane = first_lane(&ada, product.roadmap).await;
    let owned = |title: String| {
        let (item, make) = create(lane, &title);
        [make, Op::set(item, ItemChange::Owner(Some(edith.member().id)))]
    };
    let many: Vec<Op> = (0..60).flat_map(|n| owned(format!("Item {n}"))).collect();
    done(&ada, &product, vec![Op::batch(many)]).await;
    read(&store.backend).await;
    assert_eq!(unread(&edith).await, 0);
    done(&ada, &product, vec![Op::batch(owned("One".to_owned()).to_vec())]).await;
    read(&store.backend).await;
    assert_eq!(told(&edith.inbox().await.unwrap()), ["One: assigned 1"]);
}

async fn somebody_keeps_the_latest_notices(store: Store) {
    let (ada, product) = product(&store).await;
    let edith: Viewer = (*store.editor().await).clone();
    let lane = first_lane(&ada, product.roadmap).await;
    for round in 0..32 {
        let ten = (0..10).flat_map(|n| {
            let (item, make) = create(lane, &format!("Item {round}-{n}"));
            [make, Op::set(item, ItemChange::Owner(Some(edith.member().id)))]
        });
        done(&ada, &product, ten.collect()).await;
        read(&store.backend).await;
        if round == 1 {
            edith.read_notices(None).await.unwrap();
        }
    }
    assert_eq!(store.rows("SELECT 1 FROM notice").await, 300);
    assert_eq!(store.rows("SELECT 1 FROM notice WHERE unread = 0").await, 0, "what was read goes first");
    assert_eq!(edith.inbox().await.unwrap().len(), 100);
    let began = Instant::now();
    assert_eq!(unread(&edith).await, 300);
    assert!(began.elapsed() < ENOUGH);
}
