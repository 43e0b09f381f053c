//! The history of a product: its roadmap's log and the audit log's events about it, as one list.

use std::time::Duration;

use backend::{
    Editor, Profile, StageMove, Ticked, Viewer,
    rooms::{HistoryFilter, HistoryPlace, JoinedHistory, JoinedLine, Moment},
};
use domain::{
    CustomField, FieldId, FieldKey, FieldKind, HistoryKind, ItemChange, Op, Product, ProductEvent,
    ProductKind, Role, Stage, Status, Timestamp, UserId, Value, voting::Mode,
};

use crate::{
    harness::{Store, stories},
    rooms::{create, first_lane, id, product},
    voting::House,
};

stories! {
    the_history_of_a_product_joins_both_logs_by_time
    each_filter_takes_what_it_asks_for
    days_and_reasons_are_asked_for
    pages_have_every_line_once_in_one_order
    a_page_reads_so_many_rows_and_says_that_there_is_more
    history_of_a_person_keeps_their_votes_secret
    the_set_up_of_a_session_is_for_editors
    an_event_is_in_the_history_of_the_products_it_is_about
    items_of_ones_own_are_those_still_to_be_done
}

/// What a line tells, in words.
fn words(line: &JoinedLine) -> Vec<String> {
    match line {
        JoinedLine::Change(line) => {
            line.changes.iter().map(|change| change.sentence(|_| "somebody".to_owned())).collect()
        }
        JoinedLine::Event(line) => line.events.iter().map(ProductEvent::sentence).collect(),
    }
}

fn told(history: &JoinedHistory) -> Vec<String> {
    history.lines.iter().flat_map(words).collect()
}

async fn read(viewer: &Viewer, product: &Product, filter: HistoryFilter) -> JoinedHistory {
    let history = viewer.product_history(product, &filter, HistoryPlace::default(), 500).await.unwrap();
    assert!(history.lines.is_sorted_by(|later, earlier| later.at() >= earlier.at()));
    history
}

async fn all(viewer: &Viewer, product: &Product) -> JoinedHistory {
    let history = read(viewer, product, HistoryFilter::default()).await;
    assert!(!history.more);
    history
}

async fn do_all(viewer: &Viewer, product: &Product, ops: Vec<Op>) {
    // Nothing that follows is in the same millisecond.
    tokio::time::sleep(Duration::from_millis(3)).await;
    viewer.submit(product.roadmap, ops).await.unwrap();
    tokio::time::sleep(Duration::from_millis(3)).await;
}

fn profile(name: &str, stage: Stage, purpose: &str) -> Profile {
    Profile {
        name: name.parse().unwrap(),
        kind: ProductKind::Platform,
        stage,
        purpose: purpose.parse().unwrap(),
    }
}

async fn the_history_of_a_product_joins_both_logs_by_time(store: Store) {
    let (owner, product) = product(&store).await;
    let editor = owner.as_editor().unwrap();
    let lane = first_lane(&owner, product.roadmap).await;
    let (item, created) = create(lane, "Single sign-on");
    do_all(&owner, &product, vec![created]).await;
    let pause = async || tokio::time::sleep(Duration::from_millis(3)).await;
    let baseline = editor.name_baseline(&product.key, 5, "Q1".parse().unwrap()).await.unwrap();
    do_all(&owner, &product, vec![Op::set(item, ItemChange::Title("SSO".parse().unwrap()))]).await;
    let said = || ("Planning".parse().unwrap(), ProductKind::Platform, "Plans.".parse().unwrap());
    editor.edit_product(&product.key, said()).await.unwrap();
    pause().await;
    let done = vec!["Its use has stopped growing for two quarters".to_owned()];
    let reason = Some("The board decided so".parse().unwrap());
    let moved =
        StageMove { from: Stage::Growth, to: Stage::Maturity, done, reason, ticked: Ticked::default() };
    editor.move_stage(&product.key, &moved).await.unwrap();
    pause().await;
    editor.remove_baseline(&product.key, baseline.id).await.unwrap();
    pause().await;
    editor.set_archived(&product.key, true).await.unwrap();
    pause().await;
    editor.set_archived(&product.key, false).await.unwrap();
    // What changes nothing is told nowhere.
    editor.edit_product(&product.key, said()).await.unwrap();
    let history = all(&owner, &product).await;
    assert_eq!(
        told(&history),
        [
            "restored the product",
            "archived the product",
            "removed the baseline “Q1”",
            "changed the stage of the product from Growth to Maturity",
            "ticked off 1 of 3 points of the checklist, and left open: Its cost per user is known; The work \
             that keeps it running is planned",
            "renamed the product “ERP” to “Planning”",
            "wrote the purpose of the product",
            "renamed “Single sign-on” to “SSO”",
            "named the baseline “Q1”",
            "added “Single sign-on” to Now",
            "added the lane Done",
            "added the lane Later",
            "added the lane Next",
            "added the lane Now",
            // At the same time as its lanes, and below them: the audit log comes after.
            "created the product “ERP”",
        ]
    );
    assert!(history.lines.iter().all(|line| match line {
        JoinedLine::Change(line) => line.actor == owner.member().id,
        JoinedLine::Event(line) => line.actor == owner.member().id,
    }));
}

async fn items_of_ones_own_are_those_still_to_be_done(store: Store) {
    let (owner, product) = product(&store).await;
    let lane = first_lane(&owner, product.roadmap).await;
    let me = owner.member().id;
    let mut ids = Vec::new();
    for title in ["Later", "Now", "Done", "In the bin", "Of nobody"] {
        let (item, created) = create(lane, title);
        do_all(&owner, &product, vec![created]).await;
        if title != "Of nobody" {
            do_all(&owner, &product, vec![Op::set(item, ItemChange::Owner(Some(me)))]).await;
        }
        ids.push(item);
    }
    let set = |item, change| Op::set(item, change);
    let ops = vec![
        set(ids[1], ItemChange::Status(Status::InProgress)),
        set(ids[2], ItemChange::Status(Status::Done)),
        Op::DeleteItems { ids: vec![ids[3]] },
    ];
    do_all(&owner, &product, ops).await;
    let products = owner.products().await.unwrap();
    let own = owner.own_items(&products).await.unwrap();
    let titles: Vec<_> = own.iter().map(|item| (&*item.title, item.number)).collect();
    assert_eq!(titles, [("Now", 2), ("Later", 1)], "what is in progress comes first");
    assert_eq!(owner.own_items(&[]).await.unwrap(), []);
    let other = store.person("sam", Role::Stakeholder).await;
    assert_eq!(other.own_items(&products).await.unwrap(), []);
}

/// A product with something of every kind in its history.
async fn busy(store: &Store) -> (Editor, Viewer, House) {
    let house = House::build(store, 2).await;
    let other = store.person("edda", Role::Editor).await;
    let (product, item) = (&house.product, house.items[0]);
    let field = FieldId::new(1, [5; 10]);
    let made = CustomField { label: "Tier".parse().unwrap(), kind: FieldKind::Text, required_from: None };
    let value = |field: FieldKey, to| Op::set(item, ItemChange::Value { field, to: Some(to) });
    do_all(
        &other,
        product,
        vec![
            Op::CreateField { id: field, field: Box::new(made) },
            value(field.into(), Value::Text("Gold".into())),
            value("cost".parse().unwrap(), Value::Number(1_000)),
            Op::set(item, ItemChange::Title("First".parse().unwrap())),
            Op::comment(id(domain::CommentId::new), item, "So it is.".parse().unwrap()),
            Op::Upvote { item },
            Op::DeleteItems { ids: house.items.clone() },
        ],
    )
    .await;
    (house.editor.clone(), other, house)
}

async fn each_filter_takes_what_it_asks_for(store: Store) {
    let (editor, other, house) = busy(&store).await;
    let product = &house.product;
    editor.name_baseline(&product.key, 5, "Q1".parse().unwrap()).await.unwrap();
    let ask = async |filter| told(&read(&editor, product, filter).await);
    let of = HistoryFilter::default;
    let kind = async |kind| ask(HistoryFilter { kind: Some(kind), ..of() }).await;
    assert_eq!(kind(HistoryKind::Comments).await, ["commented on “First”"]);
    assert_eq!(kind(HistoryKind::Votes).await, ["upvoted “First”"]);
    assert_eq!(kind(HistoryKind::Fields).await, ["added the field “Tier”"]);
    assert_eq!(kind(HistoryKind::Product).await, ["created the product “ERP”"]);
    assert_eq!(kind(HistoryKind::Baselines).await, ["named the baseline “Q1”"]);
    assert_eq!(kind(HistoryKind::Lanes).await.len(), 4);
    assert_eq!(kind(HistoryKind::Items).await.len(), 7);
    assert_eq!(kind(HistoryKind::Voting).await, Vec::<String>::new());

    let field = async |key: &str| ask(HistoryFilter { field: Some(key.to_owned()), ..of() }).await;
    assert_eq!(field("cost").await, ["set the cost of “Item 0” to 10"]);
    assert_eq!(field("title").await, ["renamed “Item 0” to “First”"]);
    let tier: FieldKey = FieldId::new(1, [5; 10]).into();
    assert_eq!(field(&tier).await, ["set the “Tier” of “Item 0” to Gold", "added the field “Tier”"]);

    // Of a step on several items only what happened to the one; the other's history is not in it.
    let item = ask(HistoryFilter { item: Some(house.items[1]), ..of() }).await;
    assert_eq!(item, ["moved “Item 1” to the bin", "added “Item 1” to Now"]);
    let by = async |user: UserId| read(&editor, product, HistoryFilter { by: Some(user), ..of() }).await;
    assert_eq!(by(other.member().id).await.lines.len(), 7);
    assert_eq!(told(&by(editor.member().id).await)[0], "named the baseline “Q1”");
    let nobody = by(UserId::NIL).await;
    assert_eq!((nobody.lines.len(), nobody.more), (0, false));
    // All that is given must hold.
    let both = HistoryFilter {
        item: Some(house.items[0]),
        kind: Some(HistoryKind::Comments),
        by: Some(editor.member().id),
        ..of()
    };
    assert_eq!(ask(both).await, Vec::<String>::new());
}

async fn days_and_reasons_are_asked_for(store: Store) {
    let (owner, product) = product(&store).await;
    let lane = first_lane(&owner, product.roadmap).await;
    let (item, created) = create(lane, "Early");
    do_all(&owner, &product, vec![created]).await;
    let middle = backend::now();
    let status = || Op::set(item, ItemChange::Status(domain::Status::Dropped));
    let step = Op::Batch { ops: vec![status()], reason: "Budget for Zürich was cut".parse().ok() };
    do_all(&owner, &product, vec![step]).await;
    owner.as_editor().unwrap().set_archived(&product.key, true).await.unwrap();
    let ask = async |filter| told(&read(&owner, &product, filter).await);
    let of = HistoryFilter::default;
    let after = ask(HistoryFilter { from: Some(middle), ..of() }).await;
    let dropped = "changed the status of “Early” from Proposed to Dropped";
    assert_eq!(after, ["archived the product", dropped]);
    let before = ask(HistoryFilter { until: Some(middle), ..of() }).await;
    assert_eq!(before.len(), 6);
    assert_eq!(before[0], "added “Early” to Now");
    let none = HistoryFilter { from: Some(middle), until: Some(middle), ..of() };
    assert_eq!(ask(none).await, Vec::<String>::new());
    let future = Timestamp(backend::now().0 + 1_000_000);
    assert_eq!(ask(HistoryFilter { until: Some(future), ..of() }).await.len(), 8);
    assert_eq!(ask(HistoryFilter { until: Some(Timestamp(0)), ..of() }).await, Vec::<String>::new());

    assert_eq!(ask(HistoryFilter { has_reason: true, ..of() }).await, [dropped]);
    let words = async |words: &str| ask(HistoryFilter { words: words.to_owned(), ..of() }).await.len();
    assert_eq!(words("ZÜRICH budget").await, 1);
    assert_eq!(words("budget rose").await, 0);
}

async fn pages_have_every_line_once_in_one_order(store: Store) {
    let (editor, _, house) = busy(&store).await;
    let product = &house.product;
    for (n, name) in ["A", "B", "C"].into_iter().enumerate() {
        editor.name_baseline(&product.key, 1, name.parse().unwrap()).await.unwrap();
        let rename = ItemChange::Title(format!("Title {n}").parse().unwrap());
        editor.submit(product.roadmap, vec![Op::set(house.items[0], rename)]).await.unwrap();
    }
    let whole = all(&editor, product).await.lines;
    for limit in [1, 2, 3, 7] {
        let (mut lines, mut place) = (Vec::new(), HistoryPlace::default());
        loop {
            let page =
                editor.product_history(product, &HistoryFilter::default(), place, limit).await.unwrap();
            assert!(page.lines.len() <= limit as usize);
            lines.extend(page.lines);
            // As an address has it.
            place = page.next.to_string().parse().unwrap();
            if !page.more {
                break;
            }
        }
        assert_eq!(lines, whole, "{limit} at a time");
    }
}

async fn a_page_reads_so_many_rows_and_says_that_there_is_more(store: Store) {
    let (owner, product) = product(&store).await;
    let lane = first_lane(&owner, product.roadmap).await;
    let (item, created) = create(lane, "Busy");
    do_all(&owner, &product, vec![created]).await;
    let rename = |n: u32| Op::set(item, ItemChange::Title(format!("Busy {n}").parse().unwrap()));
    owner.submit(product.roadmap, (0..900).map(rename).collect()).await.unwrap();
    let lanes = HistoryFilter { kind: Some(HistoryKind::Lanes), ..HistoryFilter::default() };
    let first = owner.product_history(&product, &lanes, HistoryPlace::default(), 50).await.unwrap();
    assert_eq!((first.lines.len(), first.more), (0, true));
    let read = 905 - first.next.seq.unwrap() + 1;
    assert!((500..700).contains(&read), "{read} rows");
    let second = owner.product_history(&product, &lanes, first.next, 50).await.unwrap();
    assert_eq!((second.lines.len(), second.more), (4, false));
    // A day long ago is not looked for from the latest on.
    let past = owner.past(product.roadmap, Moment::Seq(5)).await.unwrap();
    let until = HistoryFilter { until: past.at.map(|at| Timestamp(at.0 + 1)), ..lanes };
    let early = owner.product_history(&product, &until, HistoryPlace::default(), 50).await.unwrap();
    assert_eq!((early.lines.len(), early.more), (4, false));
}

async fn history_of_a_person_keeps_their_votes_secret(store: Store) {
    let (owner, product) = product(&store).await;
    let lane = first_lane(&owner, product.roadmap).await;
    let (item, created) = create(lane, "Wanted");
    let editor = store.person("edda", Role::Editor).await;
    let viewer = store.person("vera", Role::Viewer).await;
    editor.submit(product.roadmap, vec![created, Op::Upvote { item }]).await.unwrap();
    let others = (0..3).map(|n| create(lane, &n.to_string()).1).collect();
    owner.submit(product.roadmap, others).await.unwrap();
    let filter = HistoryFilter { by: Some(editor.member().id), ..HistoryFilter::default() };
    let numbers = |history: &JoinedHistory| -> Vec<u64> {
        let number = |line: &JoinedLine| match line {
            JoinedLine::Change(line) => {
                assert_eq!(line.actor, editor.member().id);
                line.seq
            }
            JoinedLine::Event(line) => panic!("{line:?}"),
        };
        history.lines.iter().map(number).collect()
    };
    for (person, told) in [(&owner, vec![6, 5]), (&editor, vec![6, 5]), (&viewer, vec![5])] {
        let history = person.product_history(&product, &filter, HistoryPlace::default(), 2).await.unwrap();
        assert_eq!(numbers(&history), told);
    }
    // The reader turns pages by what is there, not by who did it.
    let newest = viewer.product_history(&product, &filter, HistoryPlace::default(), 1).await.unwrap();
    assert_eq!(numbers(&newest), [5]);
    let votes = HistoryFilter { kind: Some(HistoryKind::Votes), ..HistoryFilter::default() };
    let [JoinedLine::Change(vote)] = &read(&viewer, &product, votes).await.lines[..] else { panic!("one") };
    assert_eq!(vote.actor, UserId::NIL);
}

async fn the_set_up_of_a_session_is_for_editors(store: Store) {
    let house = House::build(&store, 2).await;
    let viewer = store.person("vera", Role::Viewer).await;
    let filter = || HistoryFilter { kind: Some(HistoryKind::Voting), ..HistoryFilter::default() };
    let ask = async |person: &Viewer| told(&read(person, &house.product, filter()).await);
    let id = house.editor.create_voting(house.draft(Mode::Dots, 5)).await.unwrap();
    let draft = house.editor.create_voting(house.draft(Mode::Dots, 5)).await.unwrap();
    house.editor.delete_voting(draft).await.unwrap();
    let set_up = "set up the voting session “Next quarter”";
    let deleted = "deleted the voting session “Next quarter”";
    assert_eq!(ask(&house.editor).await, [deleted, set_up, set_up]);
    assert_eq!(ask(&viewer).await, Vec::<String>::new());

    house.editor.open_voting(id).await.unwrap();
    house.editor.withdraw_candidate(id, house.items[1]).await.unwrap();
    house.editor.close_voting(id).await.unwrap();
    let seen = [
        "closed the voting session “Next quarter”",
        "took ERP-2 off the ballot of the voting session “Next quarter”",
        "opened the voting session “Next quarter”",
    ];
    assert_eq!(ask(&viewer).await, seen);
    assert_eq!(ask(&house.editor).await[..3], seen);
    // Voters and codes are no product's history.
    let [.., JoinedLine::Event(first)] = &read(&viewer, &house.product, filter()).await.lines[..] else {
        panic!("there are events")
    };
    assert_eq!(first.actor, house.editor.member().id);
    let [ProductEvent::Voting { voting, .. }] = &first.events[..] else { panic!("{first:?}") };
    assert_eq!(*voting, Some(id));
}

async fn an_event_is_in_the_history_of_the_products_it_is_about(store: Store) {
    let house = House::build(&store, 1).await;
    let editor = &house.editor;
    let shop =
        editor.create_product("SHOP".parse().unwrap(), profile("Shop", Stage::Growth, "")).await.unwrap();
    let lane = first_lane(editor, shop.roadmap).await;
    let (item, created) = create(lane, "Elsewhere");
    editor.submit(shop.roadmap, vec![created]).await.unwrap();
    editor.name_baseline(&shop.key, 1, "Of the shop".parse().unwrap()).await.unwrap();
    let mut draft = house.draft(Mode::Dots, 5);
    let mut other = draft.candidates[0].clone();
    (other.item, other.roadmap) = (item, shop.roadmap);
    draft.candidates.push(other);
    house.open(draft).await;
    let of = async |product: &Product| told(&all(editor, product).await);
    let (erp, shop) = (of(&house.product).await, of(&shop).await);
    for history in [&erp, &shop] {
        assert_eq!(history[0], "opened the voting session “Next quarter”");
    }
    assert!(shop.contains(&"named the baseline “Of the shop”".to_owned()));
    assert!(!erp.iter().any(|line| line.contains("Of the shop") || line.contains("Shop")), "{erp:?}");
    assert_eq!(store.rows("SELECT n FROM audit_product").await, 2 + 1 + 2 * 2);
    // Members and invitations are no product's.
    assert_eq!(
        store
            .rows("SELECT n FROM audit WHERE action LIKE 'member.%' AND n IN (SELECT n FROM audit_product)")
            .await,
        0
    );
}
