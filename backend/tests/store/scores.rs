//! Scores: who rates, what of it others are told, and the order taken to the board.

use backend::{AccessChange, Editor, Error, Owner, Viewer, scores::Scoreboard};
use domain::{
    ClientId, Computed, FieldKey, ItemChange, ItemId, OBJECTIVE, OBJECTIVES, Op, PersonDays, Product,
    RecordChange, RecordId, Reject, Role, SCORE_MODEL, Value, Visibility, objective_key,
    score::{NoScore, Number},
    voting::{Candidate, Mode, Reveal, Secrecy, VotingDraft},
    wire::{Outcome, ServerMessage, Topic},
};

use crate::{
    dependencies,
    harness::{Store, stories},
    products::profile,
    rooms::{create, first_lane, id, is_sound, join, next},
    voting::{House, cast_id},
};

stories! {
    a_score_is_made_of_ratings_fields_and_votes
    a_rating_is_on_its_scale_and_by_those_who_may_vote
    hidden_ratings_are_their_raters_own_until_they_are_revealed
    the_order_of_scores_is_taken_to_the_board_and_back
    ratings_go_along_with_an_item_that_moves
    a_model_that_cannot_be_read_is_refused
    roadmaps_show_scores_as_their_reader_may_see_them
    the_last_voting_session_counts_once_its_result_is_shown
}

fn typed(ratings: &[(&str, &str)]) -> Vec<(String, String)> {
    ratings.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

async fn made(store: &Store, titles: &[&str]) -> (Owner, Product, Vec<ItemId>) {
    let owner = store.owner().await;
    let product = owner.create_product("ERP".parse().unwrap(), profile("ERP")).await.unwrap();
    let lane = first_lane(&owner, product.roadmap).await;
    let (ids, ops) = titles.iter().map(|title| create(lane, title)).unzip();
    done(&owner, &product, ops).await;
    (owner, product, ids)
}

/// An objective of the first quarter of 2027 with a budget in whole units.
async fn objective(owner: &Owner, name: &str, budget: i64) -> RecordId {
    let change = |field: &str, to| RecordChange { field: field.parse().unwrap(), was: None, to: Some(to) };
    let text = |text: &str| Value::Text(text.to_owned());
    let budget = change("budget", Value::Number(budget * 100));
    let changes = vec![change("name", text(name)), change("quarter", text("2027-Q1")), budget];
    owner.save_record(&OBJECTIVE, None, changes, None).await.unwrap().record.id
}

async fn done(viewer: &Viewer, product: &Product, ops: Vec<Op>) {
    let answers = viewer.submit(product.roadmap, ops).await.unwrap();
    assert!(answers.iter().all(|answer| matches!(answer.outcome, Outcome::Accepted { .. })), "{answers:?}");
}

async fn model(editor: &Editor, values: &[(&str, &str)]) -> Result<String, Error> {
    let changes = values.iter().map(|(field, text)| RecordChange {
        field: field.parse().unwrap(),
        was: None,
        to: Some(if *text == "yes" { Value::Yes } else { Value::Text((*text).to_owned()) }),
    });
    Ok(editor.save_record(&SCORE_MODEL, None, changes.collect(), None).await?.record.id.to_string())
}

async fn board(viewer: &Viewer, product: &Product) -> Scoreboard {
    viewer.scoreboard(&product.key).await.unwrap()
}

fn scores(board: &Scoreboard) -> Vec<(&str, String)> {
    let score =
        |score: &Result<Number, NoScore>| score.as_ref().map_or_else(|_| "–".to_owned(), Number::to_string);
    board.items.iter().map(|item| (&*item.title, score(&item.scored.score))).collect()
}

fn is(board: &Scoreboard, expected: &[(&str, &str)]) {
    let expected: Vec<(&str, String)> =
        expected.iter().map(|(title, score)| (*title, (*score).to_owned())).collect();
    assert_eq!(scores(board), expected);
}

/// By hand: A: need (5 + 4) / 2 = 4.5, value 3, feasibility 3: 10.5 / 3 = 3.5. B: 2 + 4 + 3 = 9 / 3 = 3. By value ÷ effort: B: 8 / 4.
async fn a_score_is_made_of_ratings_fields_and_votes(store: Store) {
    let (owner, product, ids) = made(&store, &["B", "A", "C"]).await;
    let bea = store.person("bea", Role::Stakeholder).await;
    owner
        .rate(&product.key, ids[1], "nvf", &typed(&[("Need", "5"), ("value", "3"), ("Feasibility", "3")]))
        .await
        .unwrap();
    bea.rate(&product.key, ids[1], "nvf", &typed(&[("Need", "4")])).await.unwrap();
    owner
        .rate(&product.key, ids[0], "nvf", &typed(&[("Need", "2"), ("Value", "4"), ("Feasibility", "3")]))
        .await
        .unwrap();
    let found = board(&bea, &product).await;
    is(&found, &[("A", "3.5"), ("B", "3"), ("C", "–")]);
    let a = &found.items[0];
    assert_eq!((a.scored.own, &*a.own, &*a.raters), (1, &[Some(400), None, None][..], &[2, 1, 1][..]));
    let need = a.scored.inputs[0].ratings.as_ref().unwrap();
    assert_eq!((need.low, need.high, need.raters), (400, 500, 2));
    let said = bea.ratings_of(&found, &ids).await.unwrap();
    assert_eq!((said[&ids[1]].len(), said[&ids[0]].len(), said.contains_key(&ids[2])), (4, 3, false));
    // Again is another rating, and nothing is none.
    bea.rate(&product.key, ids[1], "nvf", &typed(&[("Need", "1"), ("Value", "")])).await.unwrap();
    is(&board(&bea, &product).await, &[("B", "3"), ("A", "3"), ("C", "–")]);
    bea.rate(&product.key, ids[1], "nvf", &typed(&[("Need", "")])).await.unwrap();
    is(&board(&bea, &product).await, &[("A", "3.67"), ("B", "3"), ("C", "–")]);

    let lines = "Value: 1 to 10\nEffort: field effort\nSupport: upvotes";
    let own = [
        ("name", "Own"),
        ("method", "formula"),
        ("criteria", lines),
        ("formula", "value / effort + support"),
    ];
    let own = model(&owner, &own).await.unwrap();
    owner.choose_score_model(&product.key, &own).await.unwrap();
    let effort = Op::set(ids[0], ItemChange::Effort(PersonDays::from_tenths(40)));
    done(&owner, &product, vec![effort, Op::Upvote { item: ids[0] }]).await;
    owner.rate(&product.key, ids[0], &own, &typed(&[("Value", "8")])).await.unwrap();
    let found = board(&bea, &product).await;
    is(&found, &[("B", "3"), ("A", "–"), ("C", "–")]);
    assert_eq!(found.items[1].scored.score, Err(NoScore::Missing(vec![0, 1])));
    let late = owner.rate(&product.key, ids[0], "nvf", &typed(&[("Need", "1")])).await;
    assert!(matches!(late, Err(Error::Conflict(_))), "{late:?}");
    // Ratings by another model are kept.
    owner.choose_score_model(&product.key, "").await.unwrap();
    is(&board(&bea, &product).await, &[("A", "3.67"), ("B", "3"), ("C", "–")]);
    is_sound(&store.backend).await;
}

async fn the_last_voting_session_counts_once_its_result_is_shown(store: Store) {
    let house = House::build(&store, 3).await;
    let (editor, product) = (&house.editor, &house.product);
    let own = [("name", "Own"), ("method", "weighted"), ("criteria", "Choice: voting result")];
    let own = model(editor, &own).await.unwrap();
    editor.choose_score_model(&product.key, &own).await.unwrap();
    let none = [("Item 0", "–"), ("Item 1", "–"), ("Item 2", "–")];
    is(&board(editor, product).await, &none);

    let draft = VotingDraft { reveal: Reveal::ByHand, ..house.draft(Mode::Dots, 6) };
    let first = house.open(draft).await;
    editor.cast(first, cast_id(), house.choices(&[1, 2, 3])).await.unwrap();
    editor.close_voting(first).await.unwrap();
    is(&board(editor, product).await, &none);
    let mut page = join(editor, product.roadmap, id(ClientId::new)).await.connection;
    editor.reveal_voting(first).await.unwrap();
    is(&board(editor, product).await, &[("Item 2", "3"), ("Item 1", "2"), ("Item 0", "1")]);
    let is_told = ServerMessage::Changed { topic: Topic::Scores };
    while next(&mut page).await != is_told {}

    // The session after that takes its place, also for what is not in it.
    let mut draft = house.draft(Mode::Dots, 6);
    draft.candidates.pop();
    let second = house.open(draft).await;
    editor.cast(second, cast_id(), house.choices(&[6, 0])).await.unwrap();
    editor.close_voting(second).await.unwrap();
    let of_second = [("Item 0", "6"), ("Item 1", "0"), ("Item 2", "–")];
    is(&board(editor, product).await, &of_second);

    // One without a result does not: a secret one in which too few voted.
    let secret = house.open(VotingDraft { secrecy: Secrecy::Secret, ..house.draft(Mode::Dots, 6) }).await;
    editor.cast(secret, cast_id(), house.choices(&[0, 0, 6])).await.unwrap();
    editor.close_voting(secret).await.unwrap();
    is(&board(editor, product).await, &of_second);

    // Nor does one that the reader may not see, for them: it is about a hidden product, too.
    let vera = store.person("vera", Role::Viewer).await;
    let owner = editor.as_owner().unwrap();
    let hidden = dependencies::product(&owner, "PAY", 1).await;
    owner.change_access(&hidden.key, AccessChange::Show(Visibility::Chosen)).await.unwrap();
    let mut draft = house.draft(Mode::Dots, 6);
    let item = owner.view(hidden.roadmap).await.unwrap().roadmap.board_order().next().unwrap();
    draft.candidates.push(Candidate { item, roadmap: hidden.roadmap, ..draft.candidates[0].clone() });
    let third = house.open(draft).await;
    editor.cast(third, cast_id(), house.choices(&[0, 0, 5])).await.unwrap();
    editor.close_voting(third).await.unwrap();
    is(&board(editor, product).await, &[("Item 2", "5"), ("Item 0", "0"), ("Item 1", "0")]);
    is(&board(&vera, product).await, &of_second);
    let scores = vera.computed(std::slice::from_ref(&product.key)).await.unwrap();
    assert_eq!(scores[&house.items[0]].score, Some(600));
    assert!(!scores.contains_key(&house.items[2]));
}

async fn a_rating_is_on_its_scale_and_by_those_who_may_vote(store: Store) {
    let (owner, product, ids) = made(&store, &["A"]).await;
    let vera = store.person("vera", Role::Viewer).await;
    let refused = vera.rate(&product.key, ids[0], "nvf", &typed(&[("Need", "3")])).await;
    assert!(matches!(refused, Err(Error::Refused(Reject::NotAllowed(Role::Viewer)))), "{refused:?}");
    for (name, text) in [("Need", "6"), ("Need", "0"), ("Need", "2.5"), ("Need", "much"), ("Speed", "3")] {
        // All of it or nothing.
        let refused = owner.rate(&product.key, ids[0], "nvf", &typed(&[("Value", "3"), (name, text)])).await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    }
    done(&owner, &product, vec![Op::DeleteItems { ids: ids.clone() }]).await;
    let gone = owner.rate(&product.key, ids[0], "nvf", &typed(&[("Need", "3")])).await;
    assert!(matches!(gone, Err(Error::NotFound(_))), "{gone:?}");
    done(&owner, &product, vec![Op::restore(ids.clone())]).await;
    assert_eq!(board(&owner, &product).await.items[0].raters, [0, 0, 0]);
    owner.set_archived(&product.key, true).await.unwrap();
    let archived = owner.rate(&product.key, ids[0], "nvf", &typed(&[("Need", "3")])).await;
    assert!(matches!(archived, Err(Error::Refused(Reject::Archived))), "{archived:?}");
}

async fn hidden_ratings_are_their_raters_own_until_they_are_revealed(store: Store) {
    let (owner, product, ids) = made(&store, &["A", "B"]).await;
    let (bea, eve) = (store.person("bea", Role::Stakeholder).await, store.person("eve", Role::Editor).await);
    let own = [("name", "Secret"), ("criteria", "Need"), ("hidden", "yes"), ("default", "yes")];
    let own = model(&owner, &own).await.unwrap();
    bea.rate(&product.key, ids[0], &own, &typed(&[("Need", "5")])).await.unwrap();
    bea.rate(&product.key, ids[1], &own, &typed(&[("Need", "1")])).await.unwrap();
    eve.rate(&product.key, ids[1], &own, &typed(&[("Need", "4")])).await.unwrap();

    is(&board(&bea, &product).await, &[("A", "5"), ("B", "1")]);
    for (person, expected) in [(&eve, [("B", "4"), ("A", "–")]), (&**owner, [("A", "–"), ("B", "–")])] {
        let found = board(person, &product).await;
        assert!(!found.is_revealed);
        is(&found, &expected);
        assert_eq!(found.items.iter().map(|item| item.raters[0]).sum::<u32>(), 3, "how many is told");
        let said = person.ratings_of(&found, &ids).await.unwrap();
        assert!(said.values().flatten().all(|said| said.user == person.member().id), "{said:?}");
    }
    let early = eve.as_editor().unwrap().apply_score_order(&product.key).await;
    assert!(matches!(early, Err(Error::Conflict(_))), "{early:?}");

    eve.as_editor().unwrap().reveal_ratings(&product.key, true).await.unwrap();
    let found = board(&owner, &product).await;
    is(&found, &[("A", "5"), ("B", "2.5")]);
    assert_eq!(owner.ratings_of(&found, &ids).await.unwrap()[&ids[1]].len(), 2);
    eve.as_editor().unwrap().reveal_ratings(&product.key, false).await.unwrap();
    is(&board(&owner, &product).await, &[("A", "–"), ("B", "–")]);
    // What takes the place of a model whose ratings were revealed has its own hidden.
    let first = [("name", "First"), ("criteria", "Need"), ("hidden", "yes")];
    let first = model(&owner, &first).await.unwrap();
    owner.choose_score_model(&product.key, &first).await.unwrap();
    owner.reveal_ratings(&product.key, true).await.unwrap();
    owner.delete_record(&SCORE_MODEL, first.parse().unwrap(), None).await.unwrap();
    let found = board(&owner, &product).await;
    assert_eq!((&*found.model.name, found.is_revealed), ("Secret", false));
    is(&found, &[("A", "–"), ("B", "–")]);
    // Another model and back hides them, too.
    eve.as_editor().unwrap().reveal_ratings(&product.key, true).await.unwrap();
    owner.choose_score_model(&product.key, "rice").await.unwrap();
    let none = owner.reveal_ratings(&product.key, true).await;
    assert!(matches!(none, Err(Error::Conflict(_))), "{none:?}");
    owner.choose_score_model(&product.key, &own).await.unwrap();
    is(&board(&owner, &product).await, &[("A", "–"), ("B", "–")]);
    is_sound(&store.backend).await;
}

/// Need, value and feasibility are 5, 4 and 4: 13 ÷ 3 = 4.33. Two objectives of a quarter have a budget of 100; the item that costs 150
/// serves both and draws 75 from each. Another that costs 30 draws from the first: 105.
async fn roadmaps_show_scores_as_their_reader_may_see_them(store: Store) {
    let (owner, product, ids) = made(&store, &["A", "B", "C"]).await;
    let eve = store.person("eve", Role::Editor).await;
    let keys = [product.key.clone()];
    let computed = async |viewer: &Viewer| {
        let found = viewer.computed(&keys).await.unwrap();
        ids.iter().map(|id| found.get(id).copied().unwrap_or_default()).collect::<Vec<_>>()
    };
    let score = |score: Option<i64>| Computed { score, over_budget: false };
    assert_eq!(computed(&eve).await, [score(None); 3]);

    // An open page is notified of ratings, of another model and of a reveal.
    let mut page = join(&eve, product.roadmap, id(ClientId::new)).await.connection;
    let is_told = ServerMessage::Changed { topic: Topic::Scores };
    let ratings = typed(&[("Need", "5"), ("Value", "4"), ("Feasibility", "4")]);
    owner.rate(&product.key, ids[0], "nvf", &ratings).await.unwrap();
    while next(&mut page).await != is_told {}
    assert_eq!(computed(&eve).await, [score(Some(433)), score(None), score(None)]);
    let own = [("name", "Secret"), ("criteria", "Need"), ("hidden", "yes")];
    let own = model(&owner, &own).await.unwrap();
    owner.choose_score_model(&product.key, &own).await.unwrap();
    while next(&mut page).await != is_told {}
    owner.rate(&product.key, ids[1], &own, &typed(&[("Need", "2")])).await.unwrap();
    assert_eq!(computed(&eve).await, [score(None); 3], "hidden ratings are their rater's own");
    assert_eq!(computed(&owner).await[1], score(Some(200)));
    while next(&mut page).await != is_told {}
    owner.reveal_ratings(&product.key, true).await.unwrap();
    while next(&mut page).await != is_told {}
    assert_eq!(computed(&eve).await[1], score(Some(200)));

    let objectives = [objective(&owner, "First", 100).await, objective(&owner, "Second", 100).await];
    let serves = |item: ItemId, objectives: &[RecordId], cost: i64| {
        let keys = objectives.iter().map(|objective| objective_key(*objective)).collect();
        let set = |field: FieldKey, to| Op::set(item, ItemChange::Value { field, to: Some(to) });
        vec![
            set(FieldKey::from(OBJECTIVES), Value::Keys(keys)),
            set("cost".parse().unwrap(), Value::Number(cost * 100)),
        ]
    };
    done(&owner, &product, serves(ids[0], &objectives, 150)).await;
    let over = async |viewer: &Viewer| {
        computed(viewer).await.iter().map(|computed| computed.over_budget).collect::<Vec<_>>()
    };
    assert_eq!(over(&eve).await, [false; 3]);
    done(&owner, &product, serves(ids[1], &objectives[..1], 30)).await;
    done(&owner, &product, serves(ids[2], &objectives[1..], 25)).await;
    assert_eq!(over(&eve).await, [true, true, false], "what serves the first objective is marked");
    // What another product draws counts as well, until that is archived.
    let crm = owner.create_product("CRM".parse().unwrap(), profile("CRM")).await.unwrap();
    let (there, made) = create(first_lane(&owner, crm.roadmap).await, "D");
    done(&owner, &crm, [vec![made], serves(there, &objectives[1..], 10)].concat()).await;
    assert_eq!(over(&eve).await, [true; 3]);
    owner.set_archived(&crm.key, true).await.unwrap();
    assert_eq!(over(&eve).await, [true, true, false]);
}

async fn the_order_of_scores_is_taken_to_the_board_and_back(store: Store) {
    let (owner, product, ids) = made(&store, &["A", "B", "C", "D"]).await;
    for (item, need) in [(0, "1"), (1, "3"), (3, "5")] {
        let ratings = typed(&[("Need", need), ("Value", "3"), ("Feasibility", "3")]);
        owner.rate(&product.key, ids[item], "nvf", &ratings).await.unwrap();
    }
    let lane = first_lane(&owner, product.roadmap).await;
    let order = async || owner.view(product.roadmap).await.unwrap().roadmap.lane_items(lane).to_vec();
    let at = |places: [usize; 4]| places.map(|place| ids[place]).to_vec();
    let seq = owner.apply_score_order(&product.key).await.unwrap().expect("it is another order");
    assert_eq!(order().await, at([3, 1, 0, 2]), "what has no score stays behind");
    assert_eq!(owner.apply_score_order(&product.key).await.unwrap(), None, "it is in that order");
    let eve = store.person("eve", Role::Editor).await.as_editor().unwrap();
    for (editor, at) in [(&eve, seq), (&*owner, seq - 1), (&*owner, seq + 7), (&*owner, 0)] {
        let refused = editor.undo_score_order(&product.key, at).await;
        assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
    }
    owner.undo_score_order(&product.key, seq).await.unwrap();
    assert_eq!(order().await, at([0, 1, 2, 3]));
    let twice = owner.undo_score_order(&product.key, seq).await;
    assert!(matches!(twice, Err(Error::Conflict(_))), "{twice:?}");
    is_sound(&store.backend).await;
}

async fn ratings_go_along_with_an_item_that_moves(store: Store) {
    let (owner, product, ids) = made(&store, &["A"]).await;
    let crm = owner.create_product("CRM".parse().unwrap(), profile("CRM")).await.unwrap();
    let ratings = typed(&[("Need", "5"), ("Value", "3"), ("Feasibility", "4")]);
    owner.rate(&product.key, ids[0], "nvf", &ratings).await.unwrap();
    owner.move_item(&product.key, ids[0], &crm.key).await.unwrap();
    is(&board(&owner, &product).await, &[]);
    is(&board(&owner, &crm).await, &[("A", "4")]);
    is_sound(&store.backend).await;
}

async fn a_model_that_cannot_be_read_is_refused(store: Store) {
    let owner = store.owner().await;
    for (values, part) in [
        (&[("name", "M")][..], "each on a line"),
        (&[("name", "M"), ("criteria", "Need: weight 0")], "add up to nothing"),
        (
            &[("name", "M"), ("method", "formula"), ("criteria", "Need"), ("formula", "need +")],
            "At character 7",
        ),
        (&[("name", "M"), ("method", "rice"), ("criteria", "Need")], "its own criteria"),
        (&[("name", "M"), ("criteria", "Need"), ("formula", "need")], "Own formula"),
    ] {
        let Err(Error::Invalid(sentence)) = model(&owner, values).await else { panic!("{values:?}") };
        assert!(sentence.contains(part), "{sentence}");
    }
    model(&owner, &[("name", "M"), ("criteria", "Need"), ("default", "yes")]).await.unwrap();
    let second = model(&owner, &[("name", "N"), ("criteria", "Need"), ("default", "yes")]).await;
    assert!(
        matches!(&second, Err(Error::Invalid(sentence)) if sentence.contains("“M” is used")),
        "{second:?}"
    );
}
