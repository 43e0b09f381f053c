//! Retirement plans of products: who has to move where, and which contracts end.

use backend::{
    AccessChange, Error, Viewer, copying,
    money::MoneyDraft,
    retirement::{ContractDraft, MoveDraft},
    rooms::{HistoryFilter, HistoryPlace, JoinedLine},
};
use domain::{ProductKey, RecordId, Reject, Role, Visibility};

use crate::{
    dependencies::product,
    harness::{Store, stories},
};

stories! {
    a_plan_adds_up_users_and_contracts
    a_stale_form_keeps_what_others_changed_and_never_replaces_it
    a_hidden_product_is_no_name_in_a_plan
    a_plan_is_in_every_copy_and_in_the_history
}

pub(crate) fn group(name: &str, users: &str, product: &str) -> MoveDraft {
    let [name, users, product] = [name, users, product].map(str::to_owned);
    MoveDraft { name, users, product, ..MoveDraft::default() }
}

pub(crate) fn contract(name: &str, ends: &str, cost: &str) -> ContractDraft {
    let [name, ends, cost] = [name, ends, cost].map(str::to_owned);
    ContractDraft { name, ends, cost, ..ContractDraft::default() }
}

/// Where the first group moves to, by the key of a product.
async fn first_target(viewer: &Viewer, key: &ProductKey) -> Option<String> {
    let plan = viewer.retirement_plan(key).await.unwrap();
    plan.moves[0].to.as_ref().map(|to| to.key.to_string())
}

fn is_invalid(outcome: Result<RecordId, Error>, words: &str) {
    assert!(matches!(&outcome, Err(Error::Invalid(said)) if said.contains(words)), "{outcome:?}");
}

/// 40 + 25 users, 25 of whom have moved: 40 are left. Contracts of 1,200 and 300.50 a year release 1,500.50.
async fn a_plan_adds_up_users_and_contracts(store: Store) {
    let owner = store.owner().await;
    let (erp, crm) = (product(&owner, "ERP", 0).await.key, product(&owner, "CRM", 0).await.key);
    let reader = store.person("vic", Role::Viewer).await;
    owner.save_user_move(&erp, None, &group("Finance", "40", "crm")).await.unwrap();
    let sales = owner.save_user_move(&erp, None, &group("Sales", "25", "")).await.unwrap();
    owner.mark_moved(&erp, sales, true).await.unwrap();
    owner.save_contract(&erp, None, &contract("Hosting", "2090-06-30", "1200")).await.unwrap();
    let licences =
        owner.save_contract(&erp, None, &contract("Licences", "2089-01-31", "300.50")).await.unwrap();
    is_invalid(owner.save_user_move(&erp, None, &group("Others", "many", "")).await, "many");
    is_invalid(owner.save_user_move(&erp, None, &group("Others", "5", "NONE")).await, "no product NONE");
    is_invalid(owner.save_user_move(&erp, None, &group("Others", "5", "ERP")).await, "that it leaves");
    is_invalid(owner.save_contract(&erp, None, &contract("Support", "soon", "5")).await, "soon");
    is_invalid(
        owner.save_contract(&erp, None, &contract("Support", "2090-01-01", "5 USD")).await,
        "currency",
    );

    let plan = reader.retirement_plan(&erp).await.unwrap();
    assert_eq!((plan.sums.users, plan.sums.left(), plan.sums.released), (65, 40, 150_050));
    assert_eq!(plan.sums.next_end, "2089-01-31".parse().ok());
    assert_eq!(plan.contracts[0].0.id, licences, "the earliest end comes first");
    assert_eq!(plan.moves[0].to.as_ref().map(|to| &to.key), Some(&crm));
    assert_eq!((plan.cost, plan.moves[1].group.moved), (None, true));

    // Four months ago lies within the four quarters that ended last, whatever the day.
    let today = backend::now().utc().date;
    let month = domain::money::Month::of(today).plus(-4).to_string();
    let cost = MoneyDraft {
        month,
        kind: "cost".into(),
        basis: "plan".into(),
        amount: "70".into(),
        ..Default::default()
    };
    owner.save_money(&erp, None, &cost).await.unwrap();
    let plan = reader.retirement_plan(&erp).await.unwrap();
    assert_eq!(plan.cost.map(|(_, cost)| cost), Some(7_000));

    for refused in [
        reader.save_user_move(&erp, None, &group("Others", "5", "")).await.map(drop),
        reader.mark_moved(&erp, sales, false).await,
        reader.save_contract(&erp, None, &contract("Support", "2090-01-01", "")).await.map(drop),
        reader.bin_retirement(&erp, "contract", licences, true).await,
    ] {
        assert!(matches!(refused, Err(Error::Refused(Reject::NotAllowed(Role::Viewer)))), "{refused:?}");
    }
    let elsewhere = owner.bin_retirement(&crm, "contract", licences, true).await;
    assert!(matches!(elsewhere, Err(Error::NotFound(_))), "{elsewhere:?}");
    let unknown = owner.bin_retirement(&erp, "team", licences, true).await;
    assert!(matches!(unknown, Err(Error::NotFound(_))), "{unknown:?}");
    owner.bin_retirement(&erp, "contract", licences, true).await.unwrap();
    let plan = owner.retirement_plan(&erp).await.unwrap();
    assert_eq!((plan.sums.released, plan.removed.len()), (120_000, 1));
    owner.bin_retirement(&erp, "contract", licences, false).await.unwrap();
    owner.set_archived(&erp, true).await.unwrap();
    let archived = owner.mark_moved(&erp, sales, false).await;
    assert!(matches!(archived, Err(Error::Refused(Reject::Archived))), "{archived:?}");
    assert_eq!(store.backend.check().await.unwrap().problems, Vec::<String>::new());
}

async fn a_stale_form_keeps_what_others_changed_and_never_replaces_it(store: Store) {
    let owner = store.owner().await;
    let erp = product(&owner, "ERP", 0).await.key;
    let seen = contract("Hosting", "2090-06-30", "1200");
    let id = owner.save_contract(&erp, None, &seen).await.unwrap();
    let edited = |draft: ContractDraft| ContractDraft { seen: Some(Box::new(seen.clone())), ..draft };
    owner.save_contract(&erp, Some(id), &edited(contract("Hosting", "2090-06-30", "1500"))).await.unwrap();
    owner.save_contract(&erp, Some(id), &edited(contract("Hosting", "2091-06-30", "1200"))).await.unwrap();
    let plan = owner.retirement_plan(&erp).await.unwrap();
    assert_eq!(
        (plan.sums.released, plan.sums.next_end),
        (150_000, "2091-06-30".parse().ok()),
        "both are kept"
    );
    // The cost is another by now: it is not replaced unseen.
    let late = owner.save_contract(&erp, Some(id), &edited(contract("Hosting", "2090-06-30", "900"))).await;
    assert!(matches!(&late, Err(Error::Conflict(said)) if said.contains("cost per year")), "{late:?}");
    assert_eq!(owner.retirement_plan(&erp).await.unwrap().sums.released, 150_000);
}

async fn a_hidden_product_is_no_name_in_a_plan(store: Store) {
    let owner = store.owner().await;
    let (erp, crm) = (product(&owner, "ERP", 0).await.key, product(&owner, "CRM", 0).await.key);
    let editor = store.editor().await;
    let id = owner.save_user_move(&erp, None, &group("Finance", "40", "CRM")).await.unwrap();
    assert_eq!(first_target(&editor, &erp).await.as_deref(), Some("CRM"));
    owner.change_access(&crm, AccessChange::Show(Visibility::Chosen)).await.unwrap();
    let plan = editor.retirement_plan(&erp).await.unwrap();
    assert!(plan.moves[0].to.is_none() && plan.products.is_empty());
    is_invalid(editor.save_user_move(&erp, None, &group("Sales", "5", "CRM")).await, "no product CRM");
    // What an editor does not see stays as it is.
    let seen = Some(Box::new(group("Finance", "40", "")));
    editor.save_user_move(&erp, Some(id), &MoveDraft { seen, ..group("Finance", "41", "") }).await.unwrap();
    assert_eq!(first_target(&owner, &erp).await.as_deref(), Some("CRM"));
    let hidden = editor.retirement_plan(&crm).await.map(drop);
    assert!(matches!(hidden, Err(Error::NotFound(_))), "{hidden:?}");
}

async fn a_plan_is_in_every_copy_and_in_the_history(store: Store) {
    let owner = store.owner().await;
    let made = product(&owner, "ERP", 0).await;
    let erp = made.key.clone();
    let finance = owner.save_user_move(&erp, None, &group("Finance", "40", "")).await.unwrap();
    owner.mark_moved(&erp, finance, true).await.unwrap();
    owner.save_contract(&erp, None, &contract("Hosting", "2090-06-30", "")).await.unwrap();
    let kind = Some(domain::HistoryKind::Figures);
    let filter = HistoryFilter { kind, ..HistoryFilter::default() };
    let history = owner.product_history(&made, &filter, HistoryPlace::default(), 10).await.unwrap();
    let told: Vec<String> = history
        .lines
        .iter()
        .filter_map(|line| match line {
            JoinedLine::Event(line) => Some(line.events[0].sentence()),
            JoinedLine::Change(_) => None,
        })
        .collect();
    assert_eq!(
        told,
        [
            "added the contract “Hosting”",
            "changed the group to move “Finance”: has moved",
            "added the group to move “Finance”",
        ]
    );
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backup.db");
    copying::backup(&store.url, &file).await.unwrap();
    let Some(place) = store.another("retirement_restored").await else { return };
    copying::restore(&file, &place.url).await.unwrap();
    let restored = place.second_process().await;
    assert_eq!(restored.check().await.unwrap().problems, Vec::<String>::new());
    let again = restored.people().first_owner().await.unwrap().retirement_plan(&erp).await.unwrap();
    assert_eq!((again.sums.users, again.sums.left(), again.contracts.len()), (40, 0, 1));
}
