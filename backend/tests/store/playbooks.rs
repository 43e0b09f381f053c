//! What the playbook of a stage suggests for a product that moves there, and what is done of it.

use std::collections::BTreeSet;

use backend::{Editor, Error, Moved, Owner, StageMove, Ticked, rooms::HistoryFilter};
use domain::{
    HistoryKind, ItemChange, KPI, Op, PLAYBOOK, PersonDays, Product, RecordChange, RecordId, SCORE_MODEL,
    Stage, Value, balance::TargetMix, kpi_is_agreed,
};

use crate::{
    dependencies::product,
    harness::{Store, stories},
};

stories! {
    a_stage_suggests_and_only_what_is_ticked_is_done
    a_playbook_that_has_changed_stops_the_whole_move
    a_playbook_names_a_model_that_exists
}

const MIX: TargetMix = TargetMix { shares: [60, 25, 10, 5], band: 10 };

fn changes(values: &[(&str, &str)]) -> Vec<RecordChange> {
    let text = |text: &str| Some(Value::Text(text.to_owned()));
    let change =
        |(field, to): &(&str, &str)| RecordChange { field: field.parse().unwrap(), was: None, to: text(to) };
    values.iter().map(change).collect()
}

/// A playbook of Growth that names a model of the workspace, two key figures and a balance; and the key of the model.
async fn playbook(owner: &Owner) -> (RecordId, String) {
    let model = [
        ("name", "Growth weights"),
        ("method", "formula"),
        ("criteria", "Effort: field effort"),
        ("formula", "effort"),
    ];
    let model = owner.save_record(&SCORE_MODEL, None, changes(&model), None).await.unwrap().record.id;
    let grow = [
        ("name", "Grow"),
        ("stage", "growth"),
        ("score_model", "growth WEIGHTS"),
        ("figures", "Active users: up to 500 users\nCost per user: down"),
        ("mix", "60/25/10/5, band 10"),
    ];
    let grow = owner.save_record(&PLAYBOOK, None, changes(&grow), None).await.unwrap().record.id;
    (grow, model.to_string())
}

fn moved(from: Stage, to: Stage, ticked: Ticked) -> StageMove {
    StageMove { from, to, done: Vec::new(), reason: "Use grows".parse().ok(), ticked }
}

/// The model by which a product is scored, its key figures, and its mix.
async fn state(editor: &Editor, product: &Product) -> (String, Vec<String>, Option<TargetMix>) {
    let board = editor.scoreboard(&product.key).await.unwrap();
    let kpis = editor.product_records(&KPI, Some(&product.key)).await.unwrap();
    let targets = editor.targets(Some(&product.key)).await.unwrap();
    let names = kpis.iter().map(|kpi| KPI.name_of(kpi)).collect();
    (board.model.name, names, targets.first().map(|target| target.mix))
}

/// By need, value and feasibility the first item has 5, the second 3, the third nothing; by the weights of growth, which are their
/// efforts, 1, 4 and 9. So the third comes first and is new, the second stays where it is, and the first falls to the third place.
async fn a_stage_suggests_and_only_what_is_ticked_is_done(store: Store) {
    let owner = store.owner().await;
    let erp = product(&owner, "ERP", 3).await;
    let (_, model) = playbook(&owner).await;
    let view = owner.view(erp.roadmap).await.unwrap();
    let mut items: Vec<_> = view.roadmap.items().map(|item| (item.number, item.id)).collect();
    items.sort_unstable();
    for ((_, item), days) in items.iter().zip([1, 4, 9]) {
        let effort = ItemChange::Effort(PersonDays::from_tenths(days * 10));
        owner.submit(erp.roadmap, vec![Op::set(*item, effort)]).await.unwrap();
    }
    for ((_, item), rating) in items.iter().zip(["5", "3"]) {
        let said = ["Need", "Value", "Feasibility"].map(|name| (name.to_owned(), rating.to_owned()));
        owner.rate(&erp.key, *item, "nvf", &said).await.unwrap();
    }
    let preview = owner.stage_preview(&erp.key, Stage::Growth).await.unwrap();
    let ranked = preview.model.unwrap();
    let place = |number: u32, was, will| Moved {
        key: format!("ERP-{number}").parse().unwrap(),
        title: format!("ERP item {number}"),
        was,
        will,
    };
    assert_eq!(ranked.items, [place(3, None, 1), place(2, Some(2), 2), place(1, Some(1), 3)]);
    assert_eq!((&*ranked.name, &ranked.key, ranked.scored), ("Growth weights", &model, (3, 3)));
    assert_eq!((preview.figures.len(), preview.mix), (2, Some((None, MIX))));
    assert!(owner.stage_preview(&erp.key, Stage::Launch).await.unwrap().is_empty(), "it has no playbook");

    // Nothing is done without a tick.
    let before = state(&owner, &erp).await;
    owner.move_stage(&erp.key, &moved(Stage::Maturity, Stage::Growth, Ticked::default())).await.unwrap();
    assert_eq!(state(&owner, &erp).await, before);
    owner.move_stage(&erp.key, &moved(Stage::Growth, Stage::Maturity, Ticked::default())).await.unwrap();

    let figures = BTreeSet::from(["Active users".to_owned()]);
    let ticked = Ticked { model: Some(model), figures, mix: Some(MIX) };
    owner.move_stage(&erp.key, &moved(Stage::Maturity, Stage::Growth, ticked)).await.unwrap();
    let after = state(&owner, &erp).await;
    assert_eq!(after, ("Growth weights".to_owned(), vec!["Active users".to_owned()], Some(MIX)));
    let kpis = owner.product_records(&KPI, Some(&erp.key)).await.unwrap();
    assert!(!kpi_is_agreed(&kpis[0]), "it is proposed");
    assert_eq!((kpis[0].text("unit"), kpis[0].text("target")), (Some("users"), Some("500")));
    // Each has an event of its own.
    let filter = HistoryFilter { kind: Some(HistoryKind::Figures), ..HistoryFilter::default() };
    let history = owner.product_history(&erp, &filter, Default::default(), 10).await.unwrap();
    assert_eq!(history.lines.len(), 1);
    let left = owner.stage_preview(&erp.key, Stage::Growth).await.unwrap();
    assert!(left.model.is_none() && left.mix.is_none());
    assert_eq!(left.figures.iter().map(|figure| &*figure.name).collect::<Vec<_>>(), ["Cost per user"]);
    assert_eq!(store.backend.check().await.unwrap().problems, Vec::<String>::new());
}

async fn a_playbook_that_has_changed_stops_the_whole_move(store: Store) {
    let owner = store.owner().await;
    let erp = product(&owner, "ERP", 1).await;
    let (grow, model) = playbook(&owner).await;
    let was = Some(Value::Text("60/25/10/5, band 10".to_owned()));
    let to = Some(Value::Text("50/30/15/5, band 10".to_owned()));
    let change = vec![RecordChange { field: "mix".parse().unwrap(), was, to }];
    owner.save_record(&PLAYBOOK, Some(grow), change, None).await.unwrap();
    let before = state(&owner, &erp).await;
    let nothing = Ticked::default;
    for ticked in [
        Ticked { model: Some(model.clone()), mix: Some(MIX), ..nothing() },
        Ticked { model: Some("rice".to_owned()), ..nothing() },
        Ticked { figures: BTreeSet::from(["Other users".to_owned()]), model: Some(model), ..nothing() },
    ] {
        let late = owner.move_stage(&erp.key, &moved(Stage::Maturity, Stage::Growth, ticked)).await;
        assert!(matches!(&late, Err(Error::Conflict(said)) if said.contains("has changed")), "{late:?}");
    }
    assert_eq!(state(&owner, &erp).await, before);
    assert_eq!(owner.product(&erp.key).await.unwrap().stage, Stage::Maturity);
}

async fn a_playbook_names_a_model_that_exists(store: Store) {
    let owner = store.owner().await;
    let erp = product(&owner, "ERP", 0).await;
    let launch = |model: &str| changes(&[("name", "Go"), ("stage", "launch"), ("score_model", model)]);
    let refused = owner.save_record(&PLAYBOOK, None, launch("Astrology"), None).await;
    assert!(matches!(&refused, Err(Error::Invalid(said)) if said.contains("“Astrology”")), "{refused:?}");
    owner.save_record(&PLAYBOOK, None, launch("rice"), None).await.unwrap();
    let preview = owner.stage_preview(&erp.key, Stage::Launch).await.unwrap();
    assert_eq!(preview.model.map(|model| (model.key, model.scored)), Some(("rice".to_owned(), (0, 0))));
    // One that is removed is told of.
    let (_, model) = playbook(&owner).await;
    owner.delete_record(&SCORE_MODEL, model.parse().unwrap(), None).await.unwrap();
    let preview = owner.stage_preview(&erp.key, Stage::Growth).await.unwrap();
    assert_eq!((preview.model.is_none(), preview.missing_model.as_deref()), (true, Some("growth WEIGHTS")));
}
