//! Solutions made of products: their parts, and what is late in them.

use backend::{AccessChange, Error, Owner, Viewer, copying, solutions::SolutionDraft};
use domain::{
    FieldKey, FiscalYear, ItemChange, ItemId, Op, Product, RecordId, Reject, Role, SOLUTION, Status, Value,
    Visibility,
};

use crate::{
    dependencies::product,
    harness::{Store, stories},
};

stories! {
    a_slip_of_a_capability_warns_every_solution_that_uses_it
    a_hidden_part_is_not_there_and_stays
    two_who_edit_a_solution_do_not_replace_each_other
    solutions_are_for_editors_and_in_every_copy
}

fn draft(name: &str, parts: &[&str]) -> SolutionDraft {
    let parts = parts.iter().map(|part| (*part).to_owned()).collect();
    SolutionDraft { name: name.to_owned(), parts, ..SolutionDraft::default() }
}

async fn items(owner: &Owner, product: &Product) -> Vec<ItemId> {
    let view = owner.view(product.roadmap).await.unwrap();
    let mut items: Vec<_> = view.roadmap.items().map(|item| (item.number, item.id)).collect();
    items.sort_unstable();
    items.into_iter().map(|(_, id)| id).collect()
}

/// What each solution is warned of, as `name: keys`.
async fn warned(viewer: &Viewer) -> Vec<String> {
    let solutions = viewer.solutions().await.unwrap();
    let line = |solution: &backend::solutions::Solution| {
        let keys: Vec<String> = solution.warnings.iter().map(|late| late.key.to_string()).collect();
        format!("{}: {}", SOLUTION.name_of(&solution.record), keys.join(" "))
    };
    solutions.solutions.iter().map(line).collect()
}

/// The first item of the capability was promised for a quarter long ago and is not done: it warns both solutions that use the
/// capability, and not the third.
async fn a_slip_of_a_capability_warns_every_solution_that_uses_it(store: Store) {
    let owner = store.owner().await;
    let auth = product(&owner, "AUTH", 2).await;
    for key in ["ERP", "CRM"] {
        product(&owner, key, 0).await;
    }
    for (name, parts) in
        [("Billing", &["ERP", "AUTH"][..]), ("Sales", &["AUTH", "CRM"]), ("Reports", &["ERP"])]
    {
        owner.save_solution(None, &draft(name, parts)).await.unwrap();
    }
    assert_eq!(warned(&owner).await, ["Billing: ", "Reports: ", "Sales: "]);
    let first = items(&owner, &auth).await[0];
    let promised: FieldKey = "promised".parse().unwrap();
    let promise =
        |to: &str| ItemChange::Value { field: promised.clone(), to: Some(Value::Text(to.to_owned())) };
    let days = ("2090-01-01".parse().ok(), "2090-02-01".parse().ok());
    let set = async |change: ItemChange| {
        owner.submit(auth.roadmap, vec![Op::set(first, change)]).await.unwrap();
    };
    set(promise("2020-Q1")).await;
    set(ItemChange::Schedule { start: days.0, end: days.1 }).await;
    assert_eq!(warned(&owner).await, ["Billing: AUTH-1", "Reports: ", "Sales: AUTH-1"]);
    let of = owner.solutions().await.unwrap();
    let shared =
        |key: &Product| of.shared.iter().find(|(part, _)| *part == key.id).map(|(_, uses)| &uses[..]);
    assert_eq!((of.shared.len(), shared(&auth)), (2, Some(&[0, 2][..])), "ERP is the other one");
    let slip = of.solutions[0].warnings[0].slip;
    assert_eq!([slip.promised, slip.expected].map(|at| at.to_string()), ["2020-Q1", "2090-Q1"]);
    // Promises are quarters of the calendar year, also where that of the workspace begins in April.
    owner.set_fiscal_year(FiscalYear::beginning_in(4).unwrap()).await.unwrap();
    let slip = owner.solutions().await.unwrap().solutions[0].warnings[0].slip;
    assert_eq!([slip.promised, slip.expected].map(|at| at.to_string()), ["2020-Q1", "2090-Q1"]);
    assert_eq!((of.parts[&auth.id].late, of.parts[&auth.id].next.len()), (1, 1));
    let using = owner.solutions_of(auth.id).await.unwrap();
    assert_eq!(using.iter().map(|of| SOLUTION.name_of(of)).collect::<Vec<_>>(), ["Billing", "Sales"]);
    // What is done is not late.
    set(ItemChange::Status(Status::Done)).await;
    assert_eq!(warned(&owner).await, ["Billing: ", "Reports: ", "Sales: "]);
    assert_eq!(store.backend.check().await.unwrap().problems, Vec::<String>::new());
}

/// The keys of the parts of the first solution.
async fn parts(viewer: &Viewer) -> Vec<String> {
    let of = viewer.solutions().await.unwrap();
    of.solutions[0].parts.iter().map(|part| of.parts[part].product.key.to_string()).collect()
}

async fn a_hidden_part_is_not_there_and_stays(store: Store) {
    let owner = store.owner().await;
    let editor = store.editor().await;
    let crm = product(&owner, "CRM", 0).await;
    for key in ["ERP", "AUTH"] {
        product(&owner, key, 0).await;
    }
    let id = owner.save_solution(None, &draft("Billing", &["ERP", "CRM"])).await.unwrap();
    owner.save_solution(None, &draft("Sales", &["CRM"])).await.unwrap();
    owner.change_access(&crm.key, AccessChange::Show(Visibility::Chosen)).await.unwrap();
    let seen = editor.solutions().await.unwrap();
    assert_eq!((parts(&editor).await, seen.shared.len(), seen.parts.len()), (vec!["ERP".to_owned()], 0, 1));
    assert!(seen.products.iter().all(|product| product.id != crm.id));
    let refused = editor.save_solution(None, &draft("Others", &["CRM"])).await;
    assert!(matches!(&refused, Err(Error::Invalid(said)) if said.contains("no product CRM")), "{refused:?}");
    // What an editor does not see stays a part.
    let edited =
        SolutionDraft { seen: Some(Box::new(draft("Billing", &["ERP"]))), ..draft("Billing", &["AUTH"]) };
    editor.save_solution(Some(id), &edited).await.unwrap();
    assert_eq!(parts(&editor).await, ["AUTH"]);
    assert_eq!(parts(&owner).await, ["CRM", "AUTH"]);
}

async fn two_who_edit_a_solution_do_not_replace_each_other(store: Store) {
    let owner = store.owner().await;
    for key in ["ERP", "CRM", "AUTH"] {
        product(&owner, key, 0).await;
    }
    let seen = draft("Billing", &["ERP"]);
    let id = owner.save_solution(None, &seen).await.unwrap();
    let edited = |draft: SolutionDraft| SolutionDraft { seen: Some(Box::new(seen.clone())), ..draft };
    owner.save_solution(Some(id), &edited(draft("Invoicing", &["ERP", "CRM"]))).await.unwrap();
    owner.save_solution(Some(id), &edited(draft("Billing", &["AUTH"]))).await.unwrap();
    assert_eq!(parts(&owner).await, ["CRM", "AUTH"]);
    assert_eq!(warned(&owner).await, ["Invoicing: "]);
    let late = owner.save_solution(Some(id), &edited(draft("Payments", &["ERP"]))).await;
    assert!(matches!(&late, Err(Error::Conflict(said)) if said.contains("the name")), "{late:?}");
    assert_eq!(warned(&owner).await, ["Invoicing: "]);
}

async fn solutions_are_for_editors_and_in_every_copy(store: Store) {
    let owner = store.owner().await;
    product(&owner, "ERP", 0).await;
    let stan = store.person("stan", Role::Stakeholder).await;
    let refused = |outcome: Result<(), Error>| {
        assert!(matches!(outcome, Err(Error::Refused(Reject::NotAllowed(_)))), "{outcome:?}");
    };
    refused(stan.save_solution(None, &draft("Billing", &[])).await.map(drop));
    let owned = SolutionDraft { owner: stan.member().id.to_string(), ..draft("Billing", &["ERP"]) };
    let id: RecordId = owner.save_solution(None, &owned).await.unwrap();
    refused(stan.bin_solution(id, true).await);
    let nobody = SolutionDraft { owner: domain::UserId::NIL.to_string(), ..draft("Sales", &[]) };
    let wrong = owner.save_solution(None, &nobody).await;
    assert!(matches!(&wrong, Err(Error::Invalid(said)) if said.contains("a member")), "{wrong:?}");
    let read = stan.solutions().await.unwrap();
    assert_eq!((read.solutions[0].owner, read.edits), (Some(stan.member().id), false));
    owner.bin_solution(id, true).await.unwrap();
    assert_eq!(owner.solutions().await.unwrap().removed.len(), 1);
    owner.bin_solution(id, false).await.unwrap();

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backup.db");
    copying::backup(&store.url, &file).await.unwrap();
    let Some(place) = store.another("solutions_restored").await else { return };
    copying::restore(&file, &place.url).await.unwrap();
    let restored = place.second_process().await;
    assert_eq!(restored.check().await.unwrap().problems, Vec::<String>::new());
    assert_eq!(parts(&restored.people().first_owner().await.unwrap()).await, ["ERP"]);
}
