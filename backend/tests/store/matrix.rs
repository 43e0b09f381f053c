//! The alignment matrix: rated by several people, for those who see the product.

use backend::{AccessChange, Editor, Error, Owner, Viewer, matrix::TypedCell};
use domain::{
    FieldKey, ItemChange, OBJECTIVE, OBJECTIVES, Op, Opinion, Product, Quarter, RecordChange, RecordId,
    Reject, Role, Status, Value, Visibility, objective_key, wire::Outcome,
};

use crate::{
    harness::{Store, stories},
    products::profile,
    rooms::{create, first_lane, is_sound},
};

stories! {
    cells_are_rated_by_several_people_and_add_up
    a_rating_is_from_0_to_3_and_by_those_who_may_vote
    a_hidden_product_has_no_row
    what_items_name_is_counted_and_what_names_none_is_an_orphan
}

fn quarter() -> Quarter {
    "2027-Q1".parse().unwrap()
}

async fn objective(owner: &Editor, name: &str, values: &[(&str, &str)]) -> RecordId {
    let values = [("name", name), ("quarter", "2027-Q1")].into_iter().chain(values.iter().copied());
    let changes = values.map(|(field, to)| RecordChange {
        field: field.parse().unwrap(),
        was: None,
        to: Some(Value::Text(to.to_owned())),
    });
    owner.save_record(&OBJECTIVE, None, changes.collect(), None).await.unwrap().record.id
}

async fn made(store: &Store) -> (Owner, [Product; 2], [RecordId; 2]) {
    let owner = store.owner().await;
    let mut products = Vec::new();
    for key in ["CRM", "ERP"] {
        products.push(owner.create_product(key.parse().unwrap(), profile(key)).await.unwrap());
    }
    let first = objective(&owner, "Faster closing", &[("state", "open")]).await;
    let second = objective(&owner, "Fewer calls", &[]).await;
    (owner, products.try_into().unwrap(), [first, second])
}

async fn rate(who: &Viewer, cells: &[(RecordId, &Product, &str)]) -> Result<(), Error> {
    let cells: Vec<TypedCell> = cells
        .iter()
        .map(|(objective, product, text)| TypedCell {
            objective: *objective,
            product: product.key.clone(),
            text: (*text).to_owned(),
        })
        .collect();
    who.rate_alignment(quarter(), &cells).await
}

/// By hand: CRM says 3 + 1 = 4 and 2, in all 6; ERP 0 and 3, in all 3; the columns are 4 + 0 = 4 and 2 + 3 = 5, together 9.
async fn cells_are_rated_by_several_people_and_add_up(store: Store) {
    let (owner, [crm, erp], [closing, calls]) = made(&store).await;
    let bea = store.person("bea", Role::Stakeholder).await;
    rate(&owner, &[(closing, &crm, "3"), (calls, &crm, "2"), (closing, &erp, "0")]).await.unwrap();
    rate(&bea, &[(closing, &crm, "1"), (calls, &erp, "3")]).await.unwrap();
    let matrix = bea.matrix(quarter()).await.unwrap();
    let sums: Vec<u32> = matrix.rows.iter().map(backend::matrix::Row::sum).collect();
    assert_eq!((sums, matrix.column_sums(), matrix.sum()), (vec![6, 3], vec![4, 5], 9));
    let cell = &matrix.rows[0].cells[0];
    assert_eq!((cell.all, cell.own), (Opinion { raters: 2, sum: 4, low: 1, high: 3 }, Some(1)));
    let said: Vec<_> = cell.said.iter().map(|said| (said.user, said.value)).collect();
    assert!(said.contains(&(owner.member().id, 3)) && said.contains(&(bea.member().id, 1)), "{said:?}");
    assert_eq!(matrix.rows[1].cells[0].all, Opinion::of([0]), "0 is an opinion");
    // Again is another rating, and nothing is none.
    rate(&bea, &[(closing, &crm, "2"), (calls, &erp, "")]).await.unwrap();
    let matrix = owner.matrix(quarter()).await.unwrap();
    assert_eq!((matrix.rows[0].cells[0].all.sum, matrix.rows[1].cells[1].all), (5, Opinion::default()));
    let csv = String::from_utf8(owner.matrix_csv(quarter()).await.unwrap()).unwrap();
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(
        lines,
        [
            "Key,Product,Faster closing,Faster closing: raters,Faster closing: spread,Fewer calls,\
             Fewer calls: raters,Fewer calls: spread,Total",
            "CRM,CRM,5,2,1,2,1,0,7",
            "ERP,ERP,0,1,0,,0,,0",
            ",Total,5,,,2,,,7",
        ]
    );
    is_sound(&store.backend).await;
    store.execute("UPDATE alignment_rating SET value = 4 WHERE value = 0").await;
    let problems = store.backend.check().await.unwrap().problems;
    assert!(problems.iter().any(|problem| problem.contains("not from 0 to 3")), "{problems:?}");
}

async fn a_rating_is_from_0_to_3_and_by_those_who_may_vote(store: Store) {
    let (owner, [crm, erp], [closing, _]) = made(&store).await;
    let vera = store.person("vera", Role::Viewer).await;
    let refused = rate(&vera, &[(closing, &crm, "3")]).await;
    assert!(matches!(refused, Err(Error::Refused(Reject::NotAllowed(Role::Viewer)))), "{refused:?}");
    for text in ["4", "-1", "x", "1.5"] {
        let refused = rate(&owner, &[(closing, &crm, "1"), (closing, &erp, text)]).await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    }
    let closed = objective(&owner, "Done", &[("state", "closed"), ("result", "Yes")]).await;
    let refused = rate(&owner, &[(closing, &crm, "1"), (closed, &crm, "2")]).await;
    assert!(matches!(&refused, Err(Error::Conflict(why)) if why.contains("“Done”")), "{refused:?}");
    let unknown = rate(&owner, &[(RecordId::new(1, [9; 10]), &crm, "2")]).await;
    assert!(matches!(unknown, Err(Error::NotFound(_))), "{unknown:?}");
    assert_eq!(owner.matrix(quarter()).await.unwrap().sum(), 0, "all of it or nothing");
    owner.set_archived(&crm.key, true).await.unwrap();
    let archived = rate(&owner, &[(closing, &crm, "1")]).await;
    assert!(matches!(archived, Err(Error::Refused(Reject::Archived))), "{archived:?}");
    assert_eq!(owner.matrix(quarter()).await.unwrap().rows.len(), 1);
}

/// By hand: of four items of ERP one serves an objective and one is done: two are left. CRM has none.
async fn what_items_name_is_counted_and_what_names_none_is_an_orphan(store: Store) {
    let (owner, [_, erp], [closing, _]) = made(&store).await;
    let lane = first_lane(&owner, erp.roadmap).await;
    let (ids, mut ops): (Vec<_>, Vec<_>) =
        ["A", "B", "C", "D"].map(|title| create(lane, title)).into_iter().unzip();
    let serves = Some(Value::Keys([objective_key(closing)].into()));
    ops.push(Op::set(ids[0], ItemChange::Value { field: FieldKey::from(OBJECTIVES), to: serves }));
    ops.push(Op::set(ids[1], ItemChange::Status(Status::Done)));
    // Another field is no objective.
    ops.push(Op::set(
        ids[2],
        ItemChange::Value { field: "team".parse().unwrap(), to: Some(Value::Text("A".to_owned())) },
    ));
    for answer in owner.submit(erp.roadmap, ops).await.unwrap() {
        assert!(matches!(answer.outcome, Outcome::Accepted { .. }), "{answer:?}");
    }
    let products = owner.products().await.unwrap();
    let found = owner.unaligned(&products).await.unwrap();
    assert_eq!(found, [(erp.roadmap, 2)].into());
    let named = owner.quarter(quarter(), &products).await.unwrap();
    assert_eq!(named.alignment.objectives.iter().map(|share| share.items.len()).collect::<Vec<_>>(), [1, 0]);
}

async fn a_hidden_product_has_no_row(store: Store) {
    let (owner, [crm, erp], [closing, _]) = made(&store).await;
    let bea = store.person("bea", Role::Stakeholder).await;
    rate(&owner, &[(closing, &crm, "3"), (closing, &erp, "1")]).await.unwrap();
    owner.change_access(&crm.key, AccessChange::Show(Visibility::Chosen)).await.unwrap();
    let matrix = bea.matrix(quarter()).await.unwrap();
    let keys: Vec<String> = matrix.rows.iter().map(|row| row.product.key.to_string()).collect();
    assert_eq!((keys, matrix.sum()), (vec!["ERP".to_owned()], 1));
    let hidden = rate(&bea, &[(closing, &crm, "2")]).await;
    assert!(matches!(hidden, Err(Error::NotFound(_))), "{hidden:?}");
    assert!(!String::from_utf8(bea.matrix_csv(quarter()).await.unwrap()).unwrap().contains("CRM"));
    assert_eq!(owner.matrix(quarter()).await.unwrap().sum(), 4);
}
