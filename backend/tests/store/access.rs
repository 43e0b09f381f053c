//! Products that exist for some, and roles in a product.

use std::time::{Duration, Instant};

use backend::{
    AccessChange, Error, Viewer,
    exchange::{Format, Separator},
    people::NewUser,
    rooms::{Bell, Cut, Event, Hello, HistoryFilter, HistoryPlace, JoinedLine, Moment},
    voting::Download,
};
use domain::{
    ClientId, Holder, ItemChange, Op, Product, ProductEvent, ProductKey, Reject, Role, Visibility,
    voting::{Candidate, Choice, Mode, SegmentKind},
    wire::Outcome,
};

use crate::{
    harness::{Store, stories},
    products::{profile, said},
    rooms::{create, first_lane, id, is_sound, join, product},
    voting::{House, cast_id},
};

stories! {
    a_secret_product_does_not_exist_for_others
    a_product_gives_people_a_role_of_their_own
    a_group_decides_who_sees_a_product_and_only_owners_who_is_in_it
    who_leaves_the_workspace_leaves_the_products
    an_access_that_cannot_be_is_refused
    a_vote_on_a_secret_product_is_for_those_who_see_it
    the_history_of_a_product_tells_of_no_vote_on_a_hidden_one
    the_turnout_counts_who_votes_by_a_group
    an_open_page_follows_at_once
    another_process_follows_within_a_second
}

const ENOUGH: Duration = Duration::from_secs(20);

fn key() -> ProductKey {
    "ERP".parse().unwrap()
}

async fn change(owner: &Viewer, wanted: AccessChange) {
    owner.as_owner().unwrap().change_access(&key(), wanted).await.unwrap();
}

fn person(viewer: &Viewer) -> Holder {
    Holder::Person(viewer.member().id)
}

fn is_missing<T: std::fmt::Debug>(what: &str, result: Result<T, Error>) {
    assert!(matches!(result, Err(Error::NotFound(_))), "{what}: {result:?}");
}

/// Every way in which a person can ask for a product or its roadmap.
async fn sees_nothing(viewer: &Viewer, product: &Product) {
    let (key, roadmap) = (&product.key, product.roadmap);
    let listed = viewer.products().await.unwrap().iter().any(|listed| listed.id == product.id);
    let counted =
        viewer.product_summaries().await.unwrap().iter().any(|listed| listed.product.id == product.id);
    assert!(!listed && !counted, "in no list");
    is_missing("product", viewer.product(key).await);
    is_missing("editor", viewer.as_editor_of(key).await);
    is_missing("view", viewer.view(roadmap).await);
    is_missing("snapshot", viewer.snapshot(roadmap, &[], Some(1)).await);
    is_missing("thread", viewer.thread(roadmap, id(domain::ItemId::new), None).await);
    is_missing("history", viewer.history(roadmap, None, None, 10).await);
    let (filter, start) = (HistoryFilter::default(), HistoryPlace::default());
    is_missing("product history", viewer.product_history(product, &filter, start, 10).await);
    is_missing("past", viewer.past(roadmap, Moment::Seq(1)).await);
    is_missing("baselines", viewer.baselines(roadmap).await);
    is_missing("submit", viewer.submit(roadmap, Vec::new()).await);
    let hello = Hello { roadmap, client: id(ClientId::new), epoch: 0, have: 0, plain: true };
    is_missing("join", viewer.join(hello, Bell::default()).await);
    for format in [Format::Csv, Format::Xlsx, Format::Json] {
        is_missing("export", viewer.export(key, format, Separator::Comma).await);
    }
    assert!(viewer.running_votes(roadmap).await.unwrap().is_empty());
    assert!(viewer.published_results(roadmap).await.unwrap().is_empty());
    if let Ok(editor) = viewer.as_editor() {
        is_missing("preview", editor.preview_import(key, "Title\nOne").await);
        is_missing("import", editor.import(key, "Title\nOne").await);
        is_missing("undo", editor.undo_import(key, Vec::new()).await);
        is_missing("cancel", editor.cancel_import(key, id(ClientId::new)).await);
        is_missing("profile", editor.edit_product(key, said("Mine")).await);
        is_missing("archive", editor.set_archived(key, true).await);
        is_missing("fields", editor.change_fields(key, Vec::new()).await);
        is_missing("baseline", editor.name_baseline(key, 1, "Now".parse().unwrap()).await);
        match editor.create_product(key.clone(), profile("Mine")).await {
            Err(Error::Conflict(sentence)) => assert_eq!(sentence, "The key ERP is taken. Choose another."),
            other => panic!("{other:?}"),
        }
    }
}

async fn a_secret_product_does_not_exist_for_others(store: Store) {
    let (owner, product) = product(&store).await;
    let others = [
        store.person("vic", Role::Viewer).await,
        store.person("sue", Role::Stakeholder).await,
        store.person("edith", Role::Editor).await,
    ];
    let chosen = store.person("cho", Role::Viewer).await;
    let second = store.person("ola", Role::Owner).await;
    change(&owner, AccessChange::Show(Visibility::Chosen)).await;
    change(&owner, AccessChange::Grant(person(&chosen), Some(Role::Viewer))).await;
    for other in &others {
        sees_nothing(other, &product).await;
    }
    for viewer in [&owner, &second, &chosen] {
        let seen = viewer.product(&product.key).await.unwrap();
        assert!(seen.restricted);
        assert_eq!(viewer.view(product.roadmap).await.unwrap().role, seen.role);
    }
    change(&owner, AccessChange::Show(Visibility::Everyone)).await;
    for (other, role) in others.iter().zip([Role::Viewer, Role::Stakeholder, Role::Editor]) {
        assert_eq!(other.product(&product.key).await.unwrap().role, role);
    }
    assert_eq!(store.rows("SELECT 1 FROM audit WHERE action = 'product.access_changed'").await, 3);
    is_sound(&store.backend).await;
}

async fn try_as(viewer: &Viewer, product: &Product, op: Op) -> Outcome {
    viewer.submit(product.roadmap, vec![op]).await.unwrap().remove(0).outcome
}

async fn a_product_gives_people_a_role_of_their_own(store: Store) {
    let (owner, product) = product(&store).await;
    let lane = first_lane(&owner, product.roadmap).await;
    let (item, made) = create(lane, "Single sign-on");
    owner.submit(product.roadmap, vec![made]).await.unwrap();
    let viewer = store.person("vic", Role::Viewer).await;
    let editor = store.person("edith", Role::Editor).await;
    let rename = |title: &str| Op::set(item, ItemChange::Title(title.parse().unwrap()));
    let refused = |role| Outcome::Refused(Reject::NotAllowed(role));
    assert_eq!(try_as(&viewer, &product, rename("A")).await, refused(Role::Viewer));
    change(&owner, AccessChange::Grant(person(&viewer), Some(Role::Editor))).await;
    change(&owner, AccessChange::Grant(person(&editor), Some(Role::Stakeholder))).await;

    assert!(matches!(try_as(&viewer, &product, rename("B")).await, Outcome::Accepted { .. }));
    let here = viewer.as_editor_of(&product.key).await.unwrap();
    here.edit_product(&product.key, said("Renamed")).await.unwrap();
    here.name_baseline(&product.key, 1, "Start".parse().unwrap()).await.unwrap();
    here.import(&product.key, "Title\nImported").await.unwrap();
    // A role in a product is none in the workspace, whoever holds the handle.
    let not_here = |result: Result<(), Error>| match result {
        Err(Error::Refused(Reject::NotAllowed(Role::Viewer))) => {}
        other => panic!("{other:?}"),
    };
    not_here(here.create_product("CRM".parse().unwrap(), profile("CRM")).await.map(drop));
    let weight = "2".parse().unwrap();
    not_here(
        here.save_segment(None, SegmentKind::Department, "North".parse().unwrap(), weight).await.map(drop),
    );
    owner.as_editor().unwrap().create_product("CRM".parse().unwrap(), profile("CRM")).await.unwrap();
    not_here(here.edit_product(&"CRM".parse().unwrap(), said("Mine")).await);
    let crm = owner.product(&"CRM".parse().unwrap()).await.unwrap();
    let lane = first_lane(&owner, crm.roadmap).await;
    assert_eq!(try_as(&here, &crm, create(lane, "Sneaked in").1).await, refused(Role::Viewer));

    assert_eq!(try_as(&editor, &product, rename("C")).await, refused(Role::Stakeholder));
    assert!(matches!(editor.as_editor_of(&product.key).await, Err(Error::Refused(Reject::NotAllowed(_)))));
    let edited = editor.as_editor().unwrap().edit_product(&product.key, said("Mine")).await;
    assert!(matches!(edited, Err(Error::Refused(Reject::NotAllowed(Role::Stakeholder)))), "{edited:?}");
    assert!(matches!(try_as(&editor, &product, Op::Upvote { item }).await, Outcome::Accepted { .. }));
    // Who votes is shown to editors of the product, and to no others.
    let votes = |view: backend::rooms::View| view.roadmap.votes(item).cloned();
    let (named, counted) =
        (viewer.view(product.roadmap).await.unwrap(), owner.view(product.roadmap).await.unwrap());
    assert_eq!(votes(named), votes(counted));
    is_sound(&store.backend).await;
}

async fn a_group_decides_who_sees_a_product_and_only_owners_who_is_in_it(store: Store) {
    let (owner, product) = product(&store).await;
    let editor = store.person("edith", Role::Editor).await;
    let member = store.person("finn", Role::Viewer).await;
    let kind = SegmentKind::Department;
    let editing = editor.as_editor().unwrap();
    let weight = "1".parse().unwrap();
    let finance = editing.save_segment(None, kind, "Finance".parse().unwrap(), weight).await.unwrap();
    editing.assign_segment(member.member().id, kind, Some(finance)).await.unwrap();
    change(&owner, AccessChange::Show(Visibility::Chosen)).await;
    change(&owner, AccessChange::Grant(Holder::Group(finance), Some(Role::Editor))).await;
    assert_eq!(member.product(&product.key).await.unwrap().role, Role::Editor);
    let lane = first_lane(&member, product.roadmap).await;
    assert!(matches!(try_as(&member, &product, create(lane, "Ours").1).await, Outcome::Accepted { .. }));

    // An editor of the workspace does not let themselves in, nor anybody out.
    sees_nothing(&editor, &product).await;
    for (user, segment) in [(editor.member().id, Some(finance)), (member.member().id, None)] {
        let refused = editing.assign_segment(user, kind, segment).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
    }
    let renamed = editing.save_segment(Some(finance), kind, "Other".parse().unwrap(), weight).await;
    assert!(matches!(renamed, Err(Error::Forbidden(_))), "{renamed:?}");
    editing
        .save_segment(Some(finance), kind, "Finance".parse().unwrap(), "3".parse().unwrap())
        .await
        .unwrap();
    assert!(matches!(editing.remove_segment(finance).await, Err(Error::Forbidden(_))));
    sees_nothing(&editor, &product).await;

    let owning = owner.as_owner().unwrap();
    owning.assign_segment(member.member().id, kind, None).await.unwrap();
    sees_nothing(&member, &product).await;
    owning.assign_segment(member.member().id, kind, Some(finance)).await.unwrap();
    assert!(member.product(&product.key).await.is_ok());
    owning.remove_segment(finance).await.unwrap();
    sees_nothing(&member, &product).await;
    assert!(owning.product_access(&product.key).await.unwrap().access.grants.is_empty());
    is_sound(&store.backend).await;
}

async fn who_leaves_the_workspace_leaves_the_products(store: Store) {
    let (owner, product) = product(&store).await;
    let member = store.person("finn", Role::Viewer).await;
    change(&owner, AccessChange::Show(Visibility::Chosen)).await;
    change(&owner, AccessChange::Grant(person(&member), Some(Role::Editor))).await;
    let owning = owner.as_owner().unwrap();
    let kind = SegmentKind::Department;
    let name = "Finance".parse().unwrap();
    let finance = owning.save_segment(None, kind, name, "1".parse().unwrap()).await.unwrap();
    owning.assign_segment(member.member().id, kind, Some(finance)).await.unwrap();
    owning.remove_member(member.member().id).await.unwrap();
    assert!(owning.product_access(&product.key).await.unwrap().access.grants.is_empty());
    // Whoever comes back is in no group, either.
    change(&owner, AccessChange::Grant(Holder::Group(finance), Some(Role::Editor))).await;
    let back = store.person("finn", Role::Viewer).await;
    assert_eq!(back.member().id, member.member().id);
    sees_nothing(&back, &product).await;
    // Nor does an owner keep what they had before they were one.
    change(&owner, AccessChange::Grant(person(&back), Some(Role::Editor))).await;
    owning.set_role(back.member().id, Role::Owner).await.unwrap();
    owning.set_role(back.member().id, Role::Viewer).await.unwrap();
    sees_nothing(&back, &product).await;
}

async fn an_access_that_cannot_be_is_refused(store: Store) {
    let (owner, _) = product(&store).await;
    let other = store.person("ola", Role::Owner).await;
    let editor = store.person("edith", Role::Editor).await;
    let owning = owner.as_owner().unwrap();
    let stranger = Holder::Person(id(domain::UserId::new));
    let gone = Holder::Group(id(domain::SegmentId::new));
    let erp = key();
    let grant = |to, role| owning.change_access(&erp, AccessChange::Grant(to, Some(role)));
    is_missing("stranger", grant(stranger, Role::Viewer).await);
    is_missing("group", grant(gone, Role::Viewer).await);
    assert!(matches!(grant(person(&other), Role::Viewer).await, Err(Error::Conflict(_))));
    assert!(matches!(grant(person(&editor), Role::Owner).await, Err(Error::Invalid(_))));
    is_missing(
        "product",
        owning.change_access(&"CRM".parse().unwrap(), AccessChange::Show(Visibility::Chosen)).await,
    );
    assert_eq!(store.rows("SELECT 1 FROM audit WHERE action = 'product.access_changed'").await, 0);
    // An owner who has become an editor since decides nothing.
    let former = other.as_owner().unwrap();
    owning.set_role(other.member().id, Role::Editor).await.unwrap();
    let refused = former.change_access(&key(), AccessChange::Show(Visibility::Chosen)).await;
    assert!(matches!(refused, Err(Error::Refused(Reject::NotAllowed(Role::Editor)))), "{refused:?}");
}

async fn a_vote_on_a_secret_product_is_for_those_who_see_it(store: Store) {
    let house = House::build(&store, 2).await;
    let owner = store.backend.people().first_owner().await.unwrap();
    let chosen = store.person("cho", Role::Viewer).await;
    let outsider = store.person("sue", Role::Stakeholder).await;
    let editor = store.person("edith", Role::Editor).await;
    change(&owner, AccessChange::Show(Visibility::Chosen)).await;
    change(&owner, AccessChange::Grant(person(&chosen), Some(Role::Stakeholder))).await;
    let voting = house.open(house.draft(Mode::Approval, 0)).await;
    let turnout = house.editor.voting(voting).await.unwrap().turnout;
    assert_eq!((turnout.cast, turnout.invited), (0, 2), "the owner and who was chosen");
    let editing = editor.as_editor().unwrap();
    for viewer in [&outsider, &editor] {
        is_missing("voting", viewer.voting(voting).await);
        is_missing("ballot", viewer.ballot_page(voting).await);
        is_missing("results", viewer.results(voting, None).await);
        is_missing("record", viewer.record_of(voting).await);
        is_missing("events", viewer.subscribe_voting(voting).await);
        is_missing("download", viewer.download_voting(voting, Download::Record).await);
        assert!(viewer.votings().await.unwrap().is_empty());
        assert!(viewer.waiting_votings().await.unwrap().is_empty());
        is_missing("cast", viewer.cast(voting, cast_id(), house.choices(&[1])).await);
    }
    is_missing("close", editing.close_voting(voting).await);
    is_missing("extend", editing.extend_voting(voting, 5).await);
    is_missing("entries", editing.entries(voting).await);
    let (code, _) = house.editor.make_entry(voting, None, None).await.unwrap();
    is_missing("revoke", editing.revoke_entry(voting, code.id).await);
    let draft = house.editor.create_voting(house.draft(Mode::Approval, 0)).await.unwrap();
    is_missing("a cast in a draft", outsider.cast(draft, cast_id(), house.choices(&[1])).await);
    is_missing("code", editing.make_entry(voting, None, None).await);
    is_missing("voters", editing.voters(voting).await);
    is_missing("edit", editing.edit_voting(voting, house.draft(Mode::Approval, 0)).await);
    is_missing("withdraw", editing.withdraw_candidate(voting, house.items[0]).await);
    let own = editing.create_voting(house.draft(Mode::Approval, 0)).await;
    assert!(matches!(own, Err(Error::Invalid(_))), "{own:?}");
    chosen.cast(voting, cast_id(), house.choices(&[1])).await.unwrap();

    // Who could vote is counted among the invited, and votes no more.
    change(&owner, AccessChange::Grant(person(&chosen), None)).await;
    is_missing("voting", chosen.voting(voting).await);
    is_missing("cast", chosen.cast(voting, cast_id(), house.choices(&[0, 1])).await);
    let turnout = house.editor.voting(voting).await.unwrap().turnout;
    assert_eq!((turnout.cast, turnout.invited), (1, 2));
    house.editor.close_voting(voting).await.unwrap();
    assert_eq!(house.editor.record_of(voting).await.unwrap().ballots.len(), 1);
    assert_eq!(house.editor.published_results(house.product.roadmap).await.unwrap().len(), 1);
    assert!(outsider.published_results(house.product.roadmap).await.unwrap().is_empty());
    is_missing("a cast that is too late", outsider.cast(voting, cast_id(), house.choices(&[1])).await);
    is_sound(&store.backend).await;
}

async fn the_history_of_a_product_tells_of_no_vote_on_a_hidden_one(store: Store) {
    let house = House::build(&store, 1).await;
    let owner = store.backend.people().first_owner().await.unwrap();
    let outsider = store.person("edith", Role::Editor).await;
    let desk = owner.create_product("DESK".parse().unwrap(), profile("Desktop support")).await.unwrap();
    let lane = first_lane(&owner, desk.roadmap).await;
    let (item, made) = create(lane, "Printers");
    owner.submit(desk.roadmap, vec![made]).await.unwrap();
    let mut draft = house.draft(Mode::Approval, 0);
    draft.candidates.push(Candidate { item, roadmap: desk.roadmap, ..draft.candidates[0].clone() });
    let voting = house.open(draft).await;
    owner.cast(voting, cast_id(), vec![Choice { item, amount: 1 }]).await.unwrap();
    owner.close_voting(voting).await.unwrap();
    let told = async |viewer: &Viewer| {
        let (filter, start) = (HistoryFilter::default(), HistoryPlace::default());
        let history = viewer.product_history(&desk, &filter, start, 100).await.unwrap();
        let votes = history.lines.iter().filter(|line| match line {
            JoinedLine::Event(line) => {
                line.events.iter().any(|event| matches!(event, ProductEvent::Voting { .. }))
            }
            JoinedLine::Change(_) => false,
        });
        votes.count()
    };
    assert!(told(&owner).await >= 2);
    assert_eq!(told(&outsider).await, told(&owner).await);
    change(&owner, AccessChange::Show(Visibility::Chosen)).await;
    assert_eq!(told(&outsider).await, 0);
    is_missing("voting", outsider.voting(voting).await);
    // Nor does a step on the board name it.
    owner.take_order(voting, false).await.unwrap();
    let lines = outsider.history(desk.roadmap, None, None, 10).await.unwrap().lines;
    assert!(
        lines.iter().all(|line| line.reason.as_deref().is_none_or(|reason| !reason.contains("Next quarter")))
    );
}

async fn the_turnout_counts_who_votes_by_a_group(store: Store) {
    let house = House::build(&store, 2).await;
    let owner = store.backend.people().first_owner().await.unwrap();
    let (kind, weight) = (SegmentKind::Department, "1".parse().unwrap());
    let finance = owner.save_segment(None, kind, "Finance".parse().unwrap(), weight).await.unwrap();
    let voter = store.person("vic", Role::Viewer).await;
    let silent = store.person("sue", Role::Stakeholder).await;
    change(&owner, AccessChange::Grant(Holder::Group(finance), Some(Role::Stakeholder))).await;
    change(&owner, AccessChange::Grant(person(&silent), Some(Role::Viewer))).await;
    let voting = house.open(house.draft(Mode::Approval, 0)).await;
    let turnout = async || {
        let turnout = house.editor.voting(voting).await.unwrap().turnout;
        (turnout.cast, turnout.invited)
    };
    assert_eq!(turnout().await, (0, 1), "the owner alone");
    owner.assign_segment(voter.member().id, kind, Some(finance)).await.unwrap();
    assert_eq!(turnout().await, (0, 2));
    voter.cast(voting, cast_id(), house.choices(&[1])).await.unwrap();
    owner.assign_segment(voter.member().id, kind, None).await.unwrap();
    assert_eq!(turnout().await, (1, 2), "who has voted is counted among the invited");
    owner.assign_segment(silent.member().id, kind, Some(finance)).await.unwrap();
    assert_eq!(turnout().await, (1, 2), "their own role counts before that of their group");
    change(&owner, AccessChange::Grant(person(&silent), None)).await;
    assert_eq!(turnout().await, (1, 3));
    owner.remove_segment(finance).await.unwrap();
    assert_eq!(turnout().await, (1, 3));
    is_sound(&store.backend).await;
}

/// Why a connection ends, and how long that took.
async fn cut(connection: &backend::rooms::Connection, since: Instant) -> (Cut, Duration) {
    let cut = tokio::time::timeout(ENOUGH, async {
        loop {
            if let Event::Cut(why) = connection.next().await {
                return why;
            }
        }
    });
    (cut.await.unwrap(), since.elapsed())
}

async fn an_open_page_follows_at_once(store: Store) {
    let (owner, product) = product(&store).await;
    let lane = first_lane(&owner, product.roadmap).await;
    let editor = store.person("edith", Role::Editor).await;
    let hers = join(&editor, product.roadmap, id(ClientId::new)).await;
    assert_eq!(hers.role, Role::Editor);
    change(&owner, AccessChange::Grant(person(&editor), Some(Role::Viewer))).await;
    assert_eq!(cut(&hers.connection, Instant::now()).await.0, Cut::Permissions);
    let hers = join(&editor, product.roadmap, id(ClientId::new)).await;
    assert_eq!(hers.role, Role::Viewer);
    change(&owner, AccessChange::Grant(person(&editor), None)).await;
    assert_eq!(cut(&hers.connection, Instant::now()).await.0, Cut::Permissions);
    let hers = join(&editor, product.roadmap, id(ClientId::new)).await;
    let pushed = domain::wire::Pushed { cseq: 1, op: create(lane, "Too late").1 };
    let head = owner.view(product.roadmap).await.unwrap().head;
    change(&owner, AccessChange::Show(Visibility::Chosen)).await;
    let since = Instant::now();
    hers.connection.push(vec![pushed], 100).await.unwrap();
    let (why, _) = cut(&hers.connection, since).await;
    assert_eq!(why, Cut::Permissions);
    store.backend.rooms.drain().await;
    assert_eq!(
        owner.view(product.roadmap).await.unwrap().head,
        head,
        "what came after the change is refused"
    );
    is_missing("join", editor.view(product.roadmap).await);
}

async fn another_process_follows_within_a_second(store: Store) {
    let (owner, product) = product(&store).await;
    let people = store.backend.people();
    let password = people.generate_password();
    let user = NewUser {
        email: "edith@example.org".parse().unwrap(),
        name: "edith".parse().unwrap(),
        role: Role::Editor,
        password: Some(password.clone()),
    };
    people.add_user(user).await.unwrap();
    let elsewhere = store.second_process().await;
    let session = elsewhere.people().sign_in("edith@example.org", password.reveal(), None).await.unwrap();
    let there = elsewhere.people().authenticate(&session.secret).await.unwrap().unwrap();
    let hers = join(&there, product.roadmap, id(ClientId::new)).await;
    let mut accesses = there.subscribe_accesses();
    accesses.mark_unchanged();
    change(&owner, AccessChange::Show(Visibility::Chosen)).await;
    let (why, after) = cut(&hers.connection, Instant::now()).await;
    assert_eq!(why, Cut::Permissions);
    assert!(after < Duration::from_secs(5), "{after:?}");
    tokio::time::timeout(ENOUGH, accesses.changed()).await.unwrap().unwrap();
}
