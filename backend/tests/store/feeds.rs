//! Links for calendars: what they show, to whom, and until when.

use backend::{AccessChange, Error, people::Secret};
use domain::{
    ItemChange, ItemFields, ItemId, Op, Place, ProductKey, RecordChange, Role, Title, VIEW, Value, Visibility,
};

use crate::{
    harness::{Store, stories},
    products::profile,
};

stories! {
    a_link_shows_what_its_owner_sees_until_it_is_revoked
    a_link_ends_with_the_membership_and_with_the_access
    a_link_of_a_view_has_its_items
    a_person_has_so_many_links_and_no_more
}

fn key() -> ProductKey {
    "ERP".parse().unwrap()
}

/// A product with two items that have days and one that has none.
async fn planned(store: &Store) -> backend::Owner {
    let owner = store.owner().await;
    let product = owner.create_product(key(), profile("ERP")).await.unwrap();
    let lane = owner.view(product.roadmap).await.unwrap().roadmap.lane_order()[0];
    for (n, title) in (1..).zip(["Alpha", "Bravo", "Charlie"]) {
        let id = ItemId::new(n, [1; 10]);
        let fields = Box::new(ItemFields::titled(Title::parse(title).unwrap()));
        let create = Op::CreateItem { id, lane, place: Place::Last, fields };
        owner.submit(product.roadmap, vec![create]).await.unwrap();
        if title == "Charlie" {
            continue;
        }
        let (start, end) = ("2027-04-01".parse().ok(), "2027-06-30".parse().ok());
        let plan = Op::set(id, ItemChange::Schedule { start, end });
        owner.submit(product.roadmap, vec![plan]).await.unwrap();
    }
    owner
}

async fn read(store: &Store, secret: &Secret) -> Result<String, Error> {
    let calendar = store.backend.people().calendar(secret, "https://x.example".to_owned()).await?;
    assert_eq!(calendar.key, key());
    Ok(String::from_utf8(calendar.body).unwrap())
}

async fn is_gone(store: &Store, secret: &Secret) {
    let read = read(store, secret).await;
    assert!(matches!(read, Err(Error::NotFound(_))), "{read:?}");
}

async fn a_link_shows_what_its_owner_sees_until_it_is_revoked(store: Store) {
    let owner = planned(&store).await;
    let viewer = store.person("vera", Role::Viewer).await;
    let (id, secret) = viewer.make_feed(&key(), None).await.unwrap();
    assert!(viewer.feeds().await.unwrap()[0].used.is_none());
    let calendar = read(&store, &secret).await.unwrap();
    assert!(calendar.contains("SUMMARY:ERP-1 Alpha") && calendar.contains("SUMMARY:ERP-2 Bravo"));
    assert!(!calendar.contains("Charlie"), "it has no dates");
    assert_eq!(read(&store, &secret).await.unwrap(), calendar, "the same as long as nothing changes");
    is_gone(&store, &Secret::random()).await;

    // Its hash alone is kept, and it is nobody else's.
    let rows = format!("SELECT 1 FROM feed WHERE user_id = '{}'", viewer.member().id);
    assert_eq!(store.rows(&rows).await, 1);
    assert_eq!(owner.feeds().await.unwrap(), []);
    let revoked = owner.revoke_feed(id).await;
    assert!(matches!(revoked, Err(Error::NotFound(_))), "{revoked:?}");
    viewer.revoke_feed(id).await.unwrap();
    is_gone(&store, &secret).await;
    assert_eq!(store.rows(&rows).await, 0);
    assert_eq!(store.backend.check().await.unwrap().problems, Vec::<String>::new());
}

async fn a_link_ends_with_the_membership_and_with_the_access(store: Store) {
    let owner = planned(&store).await;
    let viewer = store.person("vera", Role::Viewer).await;
    let (_, secret) = viewer.make_feed(&key(), None).await.unwrap();
    owner.change_access(&key(), AccessChange::Show(Visibility::Chosen)).await.unwrap();
    is_gone(&store, &secret).await;
    assert_eq!(viewer.feeds().await.unwrap()[0].product, None, "what is hidden has no name");
    let hidden = viewer.make_feed(&key(), None).await;
    assert!(matches!(hidden, Err(Error::NotFound(_))), "{hidden:?}");
    owner.change_access(&key(), AccessChange::Show(Visibility::Everyone)).await.unwrap();
    read(&store, &secret).await.unwrap();
    owner.remove_member(viewer.member().id).await.unwrap();
    is_gone(&store, &secret).await;
    assert_eq!(store.rows("SELECT 1 FROM feed").await, 0, "who has left has no links");
}

async fn a_link_of_a_view_has_its_items(store: Store) {
    let owner = planned(&store).await;
    let set = |field: &str, to: &str| RecordChange {
        field: field.parse().unwrap(),
        was: None,
        to: Some(Value::Text(to.to_owned())),
    };
    let view = vec![set("name", "Brave"), set("state", "q=brav")];
    let view = owner.save_product_record(&VIEW, Some(&key()), None, view).await.unwrap().record.id;
    let (_, secret) = owner.make_feed(&key(), Some(view)).await.unwrap();
    let calendar = read(&store, &secret).await.unwrap();
    assert!(calendar.contains("ERP-2 Bravo") && !calendar.contains("ERP-1 Alpha"));
    assert!(calendar.contains("X-WR-CALNAME:ERP · Brave"));
    assert_eq!(owner.feeds().await.unwrap()[0].view.as_deref(), Some("Brave"));
    let viewer = store.person("vera", Role::Viewer).await;
    let not_hers = viewer.make_feed(&key(), Some(view)).await;
    assert!(matches!(not_hers, Err(Error::NotFound(_))), "{not_hers:?}");
    owner.bin_product_record(&VIEW, Some(&key()), view, true).await.unwrap();
    is_gone(&store, &secret).await;
}

async fn a_person_has_so_many_links_and_no_more(store: Store) {
    planned(&store).await;
    let viewer = store.person("vera", Role::Viewer).await;
    for _ in 0..50 {
        viewer.make_feed(&key(), None).await.unwrap();
    }
    let beyond = viewer.make_feed(&key(), None).await.unwrap_err();
    assert!(matches!(&beyond, Error::Conflict(why) if why.contains("50 calendar links")), "{beyond}");
}
