//! Templates: of products, which new ones begin with, and of items.

use std::num::NonZeroU16;

use backend::{AccessChange, Error, Viewer, create_field};
use domain::{
    CustomField, Face, FieldKind, ITEM_TEMPLATE, ItemFields, LaneId, OBJECTIVE, Op, RecordChange, Reject,
    Role, SetUp, Status, TEMPLATE, VIEW, Value, Visibility, WORKSPACE_FIELD, item_template_fields,
    view_state, wire::Outcome,
};

use crate::{
    harness::{Store, stories},
    products::profile,
    rooms::{create, first_lane, is_sound, product},
};

stories! {
    a_product_begins_as_another_is
    a_product_of_a_template_has_each_field_once
    an_item_template_is_for_those_who_see_the_product
}

fn text(field: &str, text: &str) -> RecordChange {
    RecordChange { field: field.parse().unwrap(), was: None, to: Some(Value::Text(text.to_owned())) }
}

async fn lanes(
    viewer: &Viewer,
    product: &domain::Product,
) -> Vec<(String, Option<Status>, Option<NonZeroU16>)> {
    let roadmap = viewer.view(product.roadmap).await.unwrap().roadmap;
    let lane = |id: &LaneId| roadmap.lane(*id).map(|lane| (lane.name.to_string(), lane.status, lane.limit));
    roadmap.lane_order().iter().filter_map(lane).collect()
}

async fn a_product_begins_as_another_is(store: Store) {
    let (viewer, erp) = product(&store).await;
    let owner = viewer.as_owner().unwrap();
    let lane = first_lane(&viewer, erp.roadmap).await;
    let limit = NonZeroU16::new(5);
    let ops = vec![
        Op::SetLaneStatus { id: lane, status: Some(Status::InProgress) },
        Op::SetLaneLimit { id: lane, limit },
        create(lane, "Single sign-on").1,
    ];
    let answers = viewer.submit(erp.roadmap, ops).await.unwrap();
    assert!(answers.iter().all(|answer| matches!(answer.outcome, Outcome::Accepted { .. })), "{answers:?}");
    let shared = RecordChange { to: Some(Value::Yes), ..text("shared", "") };
    let view = vec![text("name", "Plan"), text("face", "timeline"), text("state", "group=owner"), shared];
    viewer.save_product_record(&VIEW, Some(&erp.key), None, view).await.unwrap();
    viewer.save_product_record(&VIEW, Some(&erp.key), None, vec![text("name", "Mine")]).await.unwrap();

    let saved = owner.save_as_template(&erp.key, "Like ERP", true).await.unwrap();
    let taken = owner.save_as_template(&erp.key, "like erp", true).await;
    assert!(matches!(&taken, Err(Error::Invalid(why)) if why.contains("already")), "{taken:?}");
    let set_up = viewer.set_up_of(&saved.record.id.to_string()).await.unwrap();
    let crm = owner.create_product_as("CRM".parse().unwrap(), profile("Customers"), &set_up).await.unwrap();
    assert_eq!(lanes(&viewer, &crm).await, lanes(&viewer, &erp).await);
    assert_eq!(lanes(&viewer, &crm).await[0], ("Now".to_owned(), Some(Status::InProgress), limit));
    let titles: Vec<String> = {
        let roadmap = viewer.view(crm.roadmap).await.unwrap().roadmap;
        roadmap.items().map(|item| format!("{} {}", item.number, item.fields.title)).collect()
    };
    assert_eq!(titles, ["1 Single sign-on"]);
    let views = viewer.product_records(&VIEW, Some(&crm.key)).await.unwrap();
    let views: Vec<_> = views.iter().map(|view| (VIEW.name_of(view), view_state(view))).collect();
    assert_eq!(views, [("Plan".to_owned(), (Face::Timeline, "group=owner"))]);

    // A line that cannot be read is refused, and says which.
    let odd =
        owner.save_record(&TEMPLATE, Some(saved.record.id), vec![text("lanes", "Now | soon")], None).await;
    assert!(matches!(&odd, Err(Error::Invalid(why)) if why.contains("“soon”")), "{odd:?}");
    // A template in the bin is not offered.
    owner.delete_record(&TEMPLATE, saved.record.id, None).await.unwrap();
    let gone = viewer.set_up_of(&saved.record.id.to_string()).await;
    assert!(matches!(gone, Err(Error::NotFound(_))), "{gone:?}");
    for built_in in domain::BUILT_IN_TEMPLATES {
        let key =
            built_in.key.chars().filter(char::is_ascii_alphabetic).take(8).collect::<String>().to_uppercase();
        let set_up = viewer.set_up_of(built_in.key).await.unwrap();
        let made =
            owner.create_product_as(key.parse().unwrap(), profile(built_in.name), &set_up).await.unwrap();
        assert_eq!(lanes(&viewer, &made).await.len(), set_up.lanes.len());
    }
    assert_eq!(SetUp::default().ops(|| unreachable!(), || unreachable!(), || unreachable!()), []);
    is_sound(&store.backend).await;
}

async fn a_product_of_a_template_has_each_field_once(store: Store) {
    let (viewer, erp) = product(&store).await;
    let owner = viewer.as_owner().unwrap();
    owner.save_record(&WORKSPACE_FIELD, None, vec![text("name", "Cost centre")], None).await.unwrap();
    owner.save_record(&OBJECTIVE, None, vec![text("name", "Faster closing")], None).await.unwrap();
    let label = "Sponsor".parse().unwrap();
    let own = CustomField { label, kind: FieldKind::Person, required_from: None };
    owner.change_fields(&erp.key, vec![create_field(own)]).await.unwrap();
    let saved = owner.save_as_template(&erp.key, "Like ERP", false).await.unwrap();
    let set_up = viewer.set_up_of(&saved.record.id.to_string()).await.unwrap();
    let crm = owner.create_product_as("CRM".parse().unwrap(), profile("Customers"), &set_up).await.unwrap();
    let labels = async |product: &domain::Product| {
        let roadmap = viewer.view(product.roadmap).await.unwrap().roadmap;
        let mut labels: Vec<String> = roadmap.fields().all().map(|field| field.label.to_string()).collect();
        labels.sort_unstable();
        labels
    };
    assert_eq!(labels(&crm).await, labels(&erp).await);
    is_sound(&store.backend).await;
}

async fn an_item_template_is_for_those_who_see_the_product(store: Store) {
    let (owner, erp) = product(&store).await;
    let [reader, editor] =
        [store.person("vera", Role::Viewer).await, store.person("edda", Role::Editor).await];
    let item = ItemFields::titled("Release {month}".parse().unwrap());
    let template = editor.save_item_template(&erp.key, &item).await.unwrap();
    let refused = reader.save_item_template(&erp.key, &item).await;
    assert!(matches!(refused, Err(Error::Refused(Reject::NotAllowed(_)))), "{refused:?}");
    let taken = owner.save_item_template(&erp.key, &item).await;
    assert!(matches!(&taken, Err(Error::Invalid(why)) if why.contains("already")), "{taken:?}");
    let listed = reader.product_records(&ITEM_TEMPLATE, Some(&erp.key)).await.unwrap();
    assert_eq!(
        listed.iter().filter_map(item_template_fields).collect::<Vec<_>>(),
        std::slice::from_ref(&item)
    );
    let title = "Long".parse().unwrap();
    let long = ItemFields { title, description: "x".repeat(6_000).parse().unwrap(), ..item };
    let refused = editor.save_item_template(&erp.key, &long).await;
    assert!(matches!(&refused, Err(Error::Invalid(why)) if why.contains("too long")), "{refused:?}");
    editor.bin_product_record(&ITEM_TEMPLATE, Some(&erp.key), template, true).await.unwrap();
    assert!(reader.product_records(&ITEM_TEMPLATE, Some(&erp.key)).await.unwrap().is_empty());
    let hide = AccessChange::Show(Visibility::Chosen);
    owner.as_owner().unwrap().change_access(&erp.key, hide).await.unwrap();
    let hidden = reader.product_records(&ITEM_TEMPLATE, Some(&erp.key)).await;
    assert!(matches!(hidden, Err(Error::NotFound(_))), "{hidden:?}");
}
