//! Live rooms: order, exactly once, who may do and see what, several processes.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use backend::{
    Backend, Error, Viewer,
    people::NewUser,
    rooms::{Bell, Connection, Cut, Event, Hello, Joined},
};
use domain::{
    ClientId, CommentId, Description, Document, FieldDef, Investment, ItemChange, ItemFields, ItemId,
    ItemKind, LaneId, Op, PersonDays, Place, Product, ProductKind, Reject, Roadmap, RoadmapId, Role, Stage,
    Status, Title, UserId,
    wire::{Acked, Outcome, Pushed, ServerMessage, Topic},
};

use sea_orm::DbBackend;

use crate::harness::{Store, stories};

stories! {
    what_was_acknowledged_is_there_after_a_restart
    every_field_comes_back_from_the_tables
    a_repetition_gets_the_answer_it_got_even_after_a_restart
    a_page_belongs_to_one_person
    operations_of_many_pages_and_rooms_are_ordered_without_gaps
    two_processes_write_to_one_room
    other_processes_hear_of_a_commit_at_once
    roles_and_archiving_count_in_the_commit
    who_loses_a_role_is_cut
    only_those_who_may_know_are_told_who_votes
    a_page_that_comes_back_gets_what_it_missed
    a_page_that_does_not_read_is_cut_and_hinders_nobody
    an_unknown_roadmap_is_not_found
    answers_come_before_the_entries_they_tell_of
    a_database_that_hangs_up_loses_and_doubles_nothing
}

/// Edits of one process, each of which a page of another has before the next is made.
const ROUNDS: u32 = 8;

pub(crate) const ENOUGH: Duration = Duration::from_secs(20);

pub(crate) fn id<T>(make: fn(u64, [u8; 10]) -> T) -> T {
    let bytes = uuid::Uuid::now_v7().into_bytes();
    make(1_700_000_000_000, bytes[6..].try_into().unwrap())
}

pub(crate) async fn product(store: &Store) -> (Viewer, Product) {
    let owner = store.owner().await;
    let profile = backend::Profile {
        name: "ERP".parse().unwrap(),
        kind: ProductKind::Platform,
        stage: Stage::Growth,
        purpose: "".parse().unwrap(),
    };
    let product = owner.create_product("ERP".parse().unwrap(), profile).await.unwrap();
    ((**owner).clone(), product)
}

pub(crate) async fn first_lane(viewer: &Viewer, roadmap: RoadmapId) -> LaneId {
    viewer.view(roadmap).await.unwrap().roadmap.lane_order()[0]
}

pub(crate) fn create(lane: LaneId, title: &str) -> (ItemId, Op) {
    let item = id(ItemId::new);
    let fields = Box::new(ItemFields::titled(Title::parse(title).unwrap()));
    (item, Op::CreateItem { id: item, lane, place: Place::Last, fields })
}

pub(crate) fn numbered(from: u64, ops: Vec<Op>) -> Vec<Pushed> {
    (from..).zip(ops).map(|(cseq, op)| Pushed { cseq, op }).collect()
}

pub(crate) async fn join(viewer: &Viewer, roadmap: RoadmapId, client: ClientId) -> Joined {
    let view = viewer.view(roadmap).await.unwrap();
    viewer
        .join(Hello { roadmap, client, epoch: view.epoch, have: view.head, plain: true }, Bell::default())
        .await
        .unwrap()
}

/// The next message, whatever it is.
pub(crate) async fn next(connection: &mut Connection) -> ServerMessage {
    match tokio::time::timeout(ENOUGH, connection.next()).await.expect("something comes") {
        Event::Frame(frame) => serde_json::from_slice(&frame).unwrap(),
        Event::Cut(why) => panic!("cut: {why:?}"),
    }
}

pub(crate) async fn answers(connection: &mut Connection) -> Vec<Outcome> {
    loop {
        if let ServerMessage::Ack { results } = next(connection).await {
            return results.into_iter().map(|acked: Acked| acked.outcome).collect();
        }
    }
}

pub(crate) async fn entries(connection: &mut Connection) -> Vec<domain::Entry> {
    loop {
        if let ServerMessage::Entries { entries } = next(connection).await {
            return entries;
        }
    }
}

pub(crate) async fn is_sound(backend: &Backend) {
    let figures = backend.check().await.unwrap();
    assert_eq!(figures.problems, Vec::<String>::new());
}

async fn what_was_acknowledged_is_there_after_a_restart(store: Store) {
    let (owner, product) = product(&store).await;
    let lane = first_lane(&owner, product.roadmap).await;
    let ops: Vec<Op> = (0..50).map(|n| create(lane, &format!("Item {n}")).1).collect();
    let answers = owner.submit(product.roadmap, ops).await.unwrap();
    let seqs: Vec<_> = answers.into_iter().map(|acked| acked.outcome).collect();
    assert_eq!(seqs, (5..55).map(|seq| Outcome::Accepted { seq }).collect::<Vec<_>>());
    let before = owner.snapshot(product.roadmap, &[], None).await.unwrap();
    assert_eq!(before.head, 54);

    let again = store.second_process().await;
    let owner = again.people().first_owner().await.unwrap();
    assert_eq!(owner.snapshot(product.roadmap, &[], None).await.unwrap(), before);
    is_sound(&again).await;
}

async fn every_field_comes_back_from_the_tables(store: Store) {
    let (owner, product) = product(&store).await;
    let lanes = owner.view(product.roadmap).await.unwrap().roadmap.lane_order().to_vec();
    let (item, created) = create(lanes[0], "“Quoted”, with comma — and ünïcode 🚀");
    let (binned, other) = create(lanes[1], "Goes into the bin");
    let comment = id(CommentId::new);
    let kept = id(CommentId::new);
    let set = |change| Op::set(item, change);
    let value = |field: &str, written: &str| {
        let to = FieldDef::find(field).unwrap().parse(written).unwrap();
        set(ItemChange::Value { field: field.parse().unwrap(), to })
    };
    let ops = vec![
        created,
        other,
        set(ItemChange::Description(Description::parse("# Why\n\n- so").unwrap())),
        set(ItemChange::Kind(ItemKind::Experiment)),
        set(ItemChange::Investment(Some(Investment::Retention))),
        set(ItemChange::Effort(PersonDays::from_tenths(125))),
        set(ItemChange::Schedule {
            start: Some("2026-01-31".parse().unwrap()),
            end: Some("2026-12-01".parse().unwrap()),
        }),
        set(ItemChange::Owner(Some(owner.member().id))),
        set(ItemChange::AddTag("cloud".parse().unwrap())),
        set(ItemChange::AddTag("\"odd\" tag".parse().unwrap())),
        set(ItemChange::Status(Status::InProgress)),
        set(ItemChange::SourceKey(Some("GOAL-7".parse().unwrap()))),
        value("promised", "Q1 2027"),
        value("cost", "-99.50"),
        value("links", "Draft https://example.org"),
        Op::Upvote { item },
        Op::Upvote { item: binned },
        Op::comment(comment, item, "First".parse().unwrap()),
        Op::comment(kept, item, "Second".parse().unwrap()),
        Op::EditComment { id: kept, body: "Second, edited".parse().unwrap() },
        Op::DeleteComment { id: comment },
        Op::DeleteItems { ids: vec![binned] },
        Op::WithdrawUpvote { item: binned },
        Op::DeleteLane { id: lanes[3], move_to: lanes[0] },
        Op::MoveItems { ids: vec![item], lane: lanes[2], place: Place::First },
    ];
    let count = ops.len();
    let answers = owner.submit(product.roadmap, ops).await.unwrap();
    let refused: Vec<_> =
        answers.iter().filter(|acked| !matches!(acked.outcome, Outcome::Accepted { .. })).collect();
    assert!(refused.is_empty() && answers.len() == count, "{refused:?}");

    let kept_in_memory = Document::from((*owner.view(product.roadmap).await.unwrap().roadmap).clone());
    let again = store.second_process().await;
    let owner = again.people().first_owner().await.unwrap();
    let read = Document::from((*owner.view(product.roadmap).await.unwrap().roadmap).clone());
    assert_eq!(read, kept_in_memory);
    assert_eq!(Roadmap::from(read.clone()), Roadmap::from(kept_in_memory));
    assert_eq!(serde_json::from_str::<Document>(&serde_json::to_string(&read).unwrap()).unwrap(), read);
    is_sound(&again).await;
}

async fn a_repetition_gets_the_answer_it_got_even_after_a_restart(store: Store) {
    let (owner, product) = product(&store).await;
    let lane = first_lane(&owner, product.roadmap).await;
    let (item, created) = create(lane, "Once");
    let ops = numbered(1, vec![created.clone(), created, Op::Upvote { item }]);
    let expected =
        [Outcome::Accepted { seq: 5 }, Outcome::Refused(Reject::DuplicateId), Outcome::Accepted { seq: 6 }];
    let client = id(ClientId::new);
    let mut page = join(&owner, product.roadmap, client).await.connection;
    page.push(ops.clone(), 0).await.unwrap();
    page.push(ops.clone(), 0).await.unwrap();
    assert_eq!(answers(&mut page).await, expected);
    assert_eq!(answers(&mut page).await, expected);

    let again = store.second_process().await;
    let owner = again.people().first_owner().await.unwrap();
    let mut page = join(&owner, product.roadmap, client).await.connection;
    page.push(ops, 0).await.unwrap();
    assert_eq!(answers(&mut page).await, expected);
    page.push(numbered(9, vec![Op::WithdrawUpvote { item }]), 0).await.unwrap();
    let gap = Outcome::Refused(Reject::OutOfOrder { expected: 4, got: 9 });
    assert_eq!(answers(&mut page).await, [gap]);
    page.push(numbered(4, vec![Op::WithdrawUpvote { item }]), 0).await.unwrap();
    assert_eq!(answers(&mut page).await, [Outcome::Accepted { seq: 7 }]);
    is_sound(&again).await;
}

async fn a_page_belongs_to_one_person(store: Store) {
    let (owner, product) = product(&store).await;
    let lane = first_lane(&owner, product.roadmap).await;
    let editor = store.person("edith", Role::Editor).await;
    let client = id(ClientId::new);
    let mut hers = join(&owner, product.roadmap, client).await.connection;
    hers.push(numbered(1, vec![create(lane, "Mine").1]), 0).await.unwrap();
    assert_eq!(answers(&mut hers).await, [Outcome::Accepted { seq: 5 }]);
    let mut his = join(&editor, product.roadmap, client).await.connection;
    his.push(numbered(2, vec![create(lane, "Yours").1]), 0).await.unwrap();
    assert_eq!(answers(&mut his).await, [Outcome::Refused(Reject::ForeignClient)]);
    assert_eq!(owner.view(product.roadmap).await.unwrap().head, 5);
    is_sound(&store.backend).await;
}

async fn operations_of_many_pages_and_rooms_are_ordered_without_gaps(store: Store) {
    let (owner, first) = product(&store).await;
    let mut roadmaps = vec![first.roadmap];
    for key in ["CRM", "WEB"] {
        let profile = backend::Profile {
            name: key.parse().unwrap(),
            kind: ProductKind::Service,
            stage: Stage::Launch,
            purpose: "".parse().unwrap(),
        };
        let editor = owner.as_editor().unwrap();
        roadmaps.push(editor.create_product(key.parse().unwrap(), profile).await.unwrap().roadmap);
    }
    let pages = roadmaps.iter().copied().cycle().take(9).map(|roadmap| {
        let owner = owner.clone();
        tokio::spawn(async move {
            let lane = first_lane(&owner, roadmap).await;
            let mut page = join(&owner, roadmap, id(ClientId::new)).await.connection;
            let mut accepted = Vec::new();
            for batch in 0..10 {
                let ops = (0..7).map(|n| create(lane, &format!("{batch} {n}")).1).collect();
                page.push(numbered(batch * 7 + 1, ops), 0).await.unwrap();
                accepted.extend(answers(&mut page).await);
            }
            (roadmap, accepted)
        })
    });
    let pages: Vec<_> = pages.collect();
    let mut seqs: std::collections::HashMap<RoadmapId, BTreeSet<u64>> = Default::default();
    for page in pages {
        let (roadmap, accepted) = page.await.unwrap();
        for outcome in accepted {
            let Outcome::Accepted { seq } = outcome else { panic!("{outcome:?}") };
            assert!(seqs.entry(roadmap).or_default().insert(seq), "{seq} was given twice");
        }
    }
    for roadmap in roadmaps {
        assert_eq!(seqs[&roadmap], (5..=214).collect());
    }
    is_sound(&store.backend).await;
}

async fn two_processes_write_to_one_room(store: Store) {
    let (owner, product) = product(&store).await;
    let lane = first_lane(&owner, product.roadmap).await;
    let other = store.second_process().await;
    let theirs: Viewer = (**other.people().first_owner().await.unwrap()).clone();
    let mut watching = join(&theirs, product.roadmap, id(ClientId::new)).await.connection;
    let writers = [owner.clone(), theirs.clone()].map(|viewer| {
        tokio::spawn(async move {
            for n in 0..20 {
                let answers =
                    viewer.submit(product.roadmap, vec![create(lane, &n.to_string()).1]).await.unwrap();
                assert!(matches!(answers[0].outcome, Outcome::Accepted { .. }));
            }
        })
    });
    let mut seen = Vec::new();
    while seen.len() < 40 {
        seen.extend(entries(&mut watching).await.into_iter().map(|entry| entry.seq));
    }
    assert_eq!(seen, (5..45).collect::<Vec<u64>>());
    for writer in writers {
        writer.await.unwrap();
    }
    let end = tokio::time::Instant::now() + ENOUGH;
    loop {
        let (ours, others) = (
            owner.snapshot(product.roadmap, &[], None).await.unwrap(),
            theirs.snapshot(product.roadmap, &[], None).await.unwrap(),
        );
        if ours == others && ours.head == 44 {
            break;
        }
        assert!(tokio::time::Instant::now() < end, "heads {} and {}", ours.head, others.head);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    is_sound(&store.backend).await;
}

async fn other_processes_hear_of_a_commit_at_once(store: Store) {
    let (owner, product) = product(&store).await;
    let lane = first_lane(&owner, product.roadmap).await;
    let other = store.second_process().await;
    let there = other.people().first_owner().await.unwrap();
    let mut page = join(&there, product.roadmap, id(ClientId::new)).await.connection;
    let since = Instant::now();
    for n in 0..ROUNDS {
        owner.submit(product.roadmap, vec![create(lane, &format!("Item {n}")).1]).await.unwrap();
        assert_eq!(entries(&mut page).await.len(), 1);
    }
    // SQLite is one process's; another finds what it did when it looks, once a second.
    if store.backend.db.backend() == DbBackend::Postgres {
        assert!(since.elapsed() < Duration::from_secs(u64::from(ROUNDS) / 2), "{:?}", since.elapsed());
        owner.as_editor().unwrap().set_archived(&product.key, true).await.unwrap();
        while !matches!(next(&mut page).await, ServerMessage::Changed { topic: Topic::Product }) {}
    }
    is_sound(&other).await;
}

async fn roles_and_archiving_count_in_the_commit(store: Store) {
    let (owner, product) = product(&store).await;
    let lane = first_lane(&owner, product.roadmap).await;
    let (item, created) = create(lane, "Votable");
    owner.submit(product.roadmap, vec![created]).await.unwrap();
    let try_as = async |viewer: &Viewer, op: Op| {
        viewer.submit(product.roadmap, vec![op]).await.unwrap().remove(0).outcome
    };
    let viewer = store.person("vera", Role::Viewer).await;
    let stakeholder = store.person("stan", Role::Stakeholder).await;
    let rename = Op::set(item, ItemChange::Title(Title::parse("New").unwrap()));
    let refused = |role| Outcome::Refused(Reject::NotAllowed(role));
    assert_eq!(try_as(&viewer, Op::Upvote { item }).await, refused(Role::Viewer));
    assert_eq!(try_as(&stakeholder, rename.clone()).await, refused(Role::Stakeholder));
    assert!(matches!(try_as(&stakeholder, Op::Upvote { item }).await, Outcome::Accepted { .. }));

    // The handle is old; the commit looks for itself.
    owner.as_owner().unwrap().remove_member(stakeholder.member().id).await.unwrap();
    let withdraw = Op::WithdrawUpvote { item };
    assert_eq!(try_as(&stakeholder, withdraw).await, Outcome::Refused(Reject::NotMember));
    owner.as_owner().unwrap().set_role(viewer.member().id, Role::Editor).await.unwrap();
    assert!(matches!(try_as(&viewer, rename.clone()).await, Outcome::Accepted { .. }));

    let key = product.key.clone();
    owner.as_editor().unwrap().set_archived(&key, true).await.unwrap();
    assert_eq!(try_as(&owner, rename).await, Outcome::Refused(Reject::Archived));
    is_sound(&store.backend).await;
}

async fn who_loses_a_role_is_cut(store: Store) {
    let (owner, product) = product(&store).await;
    let editor = store.person("edith", Role::Editor).await;
    let hers = join(&editor, product.roadmap, id(ClientId::new)).await.connection;
    let mut owners = join(&owner, product.roadmap, id(ClientId::new)).await.connection;
    owner.as_owner().unwrap().set_role(editor.member().id, Role::Viewer).await.unwrap();
    let cut = tokio::time::timeout(ENOUGH, async {
        loop {
            if let Event::Cut(why) = hers.next().await {
                return why;
            }
        }
    });
    assert_eq!(cut.await.unwrap(), Cut::Permissions);
    loop {
        if next(&mut owners).await == (ServerMessage::Changed { topic: Topic::Members }) {
            break;
        }
    }
}

async fn only_those_who_may_know_are_told_who_votes(store: Store) {
    let (owner, product) = product(&store).await;
    let lane = first_lane(&owner, product.roadmap).await;
    let (item, created) = create(lane, "Wanted");
    owner.submit(product.roadmap, vec![created]).await.unwrap();
    let voter = store.person("stan", Role::Stakeholder).await;
    let viewer = store.person("vera", Role::Viewer).await;
    let mut pages = Vec::new();
    for person in [&owner, &voter, &viewer] {
        pages.push(join(person, product.roadmap, id(ClientId::new)).await.connection);
    }
    voter.submit(product.roadmap, vec![Op::Upvote { item }]).await.unwrap();
    let mut actors = Vec::new();
    for page in &mut pages {
        let entry = entries(page).await.remove(0);
        assert_eq!(entry.seq, 6);
        assert_eq!(entry.client == ClientId::NIL, entry.actor == UserId::NIL);
        actors.push(entry.actor);
    }
    let stan = voter.member().id;
    assert_eq!(actors, [stan, stan, UserId::NIL]);

    let voters = async |person: &Viewer| {
        let view = person.view(product.roadmap).await.unwrap();
        let votes = view.roadmap.votes(item).unwrap();
        (votes.count, votes.voters.iter().copied().collect::<Vec<_>>())
    };
    assert_eq!(voters(&owner).await, (1, vec![stan]));
    assert_eq!(voters(&voter).await, (1, vec![stan]));
    assert_eq!(voters(&viewer).await, (1, vec![]));

    // What comes from the ring and from the log is masked, too.
    let view = viewer.view(product.roadmap).await.unwrap();
    let people = store.backend.people();
    let password = people.generate_password();
    let (email, name) = ("vic@example.org".parse().unwrap(), "Vic".parse().unwrap());
    let vic = NewUser { email, name, role: Role::Viewer, password: Some(password.clone()) };
    people.add_user(vic).await.unwrap();
    let session = people.sign_in("vic@example.org", password.reveal(), None).await.unwrap();
    for process in [store.backend.clone(), store.second_process().await] {
        let session = process.people().authenticate(&session.secret).await.unwrap().unwrap();
        let hello = Hello {
            roadmap: product.roadmap,
            client: id(ClientId::new),
            epoch: view.epoch,
            have: 5,
            plain: true,
        };
        let tail = session.join(hello, Bell::default()).await.unwrap().tail;
        assert_eq!(tail.len(), 1);
        let text = String::from_utf8(tail[0].to_vec()).unwrap();
        assert!(text.contains("upvote") && !text.contains(&stan.to_string()), "{text}");
    }
}

async fn a_page_that_comes_back_gets_what_it_missed(store: Store) {
    let (owner, product) = product(&store).await;
    let roadmap = product.roadmap;
    let lane = first_lane(&owner, roadmap).await;
    let epoch = owner.view(roadmap).await.unwrap().epoch;
    owner.submit(roadmap, (0..30).map(|n| create(lane, &n.to_string()).1).collect()).await.unwrap();
    let come = async |viewer: &Viewer, epoch, have| {
        let hello = Hello { roadmap, client: id(ClientId::new), epoch, have, plain: true };
        let tail = viewer.join(hello, Bell::default()).await.unwrap().tail;
        tail.iter().map(|frame| serde_json::from_slice(frame).unwrap()).collect::<Vec<ServerMessage>>()
    };
    let other = store.second_process().await;
    let from_the_log: Viewer = (**other.people().first_owner().await.unwrap()).clone();
    for viewer in [&owner, &from_the_log] {
        for have in [4, 20, 33] {
            let tail = come(viewer, epoch, have).await;
            let [ServerMessage::Entries { entries }] = &tail[..] else { panic!("{tail:?}") };
            let seqs: Vec<u64> = entries.iter().map(|entry| entry.seq).collect();
            assert_eq!(seqs, (have + 1..=34).collect::<Vec<_>>());
        }
        assert_eq!(come(viewer, epoch, 34).await, []);
        assert_eq!(come(viewer, epoch, 35).await, [ServerMessage::Refetch]);
        assert_eq!(come(viewer, epoch + 1, 34).await, [ServerMessage::Refetch]);
    }

    // A restore changes the epoch: pages that are there are told.
    let mut page = join(&owner, roadmap, id(ClientId::new)).await.connection;
    store.execute("UPDATE roadmap SET epoch = epoch + 1").await;
    while next(&mut page).await != ServerMessage::Refetch {}
    assert_eq!(owner.view(roadmap).await.unwrap().epoch, epoch + 1);
}

async fn a_page_that_does_not_read_is_cut_and_hinders_nobody(store: Store) {
    let (owner, product) = product(&store).await;
    let lane = first_lane(&owner, product.roadmap).await;
    let slow = join(&owner, product.roadmap, id(ClientId::new)).await.connection;
    let mut quick = join(&owner, product.roadmap, id(ClientId::new)).await.connection;
    for n in 0..300 {
        owner.submit(product.roadmap, vec![create(lane, &n.to_string()).1]).await.unwrap();
        assert_eq!(entries(&mut quick).await[0].seq, n + 5);
    }
    assert!(matches!(slow.next().await, Event::Cut(Cut::Slow)));
}

async fn an_unknown_roadmap_is_not_found(store: Store) {
    let (owner, _) = product(&store).await;
    let unknown = id(RoadmapId::new);
    assert!(matches!(owner.view(unknown).await, Err(Error::NotFound(_))));
    assert!(matches!(owner.submit(unknown, Vec::new()).await, Err(Error::NotFound(_))));
    let hello = Hello { roadmap: unknown, client: id(ClientId::new), epoch: 1, have: 0, plain: true };
    assert!(matches!(owner.join(hello, Bell::default()).await, Err(Error::NotFound(_))));
    assert_eq!(store.backend.rooms.population().0, 0);
}

async fn answers_come_before_the_entries_they_tell_of(store: Store) {
    let (owner, product) = product(&store).await;
    let lane = first_lane(&owner, product.roadmap).await;
    let mut page = join(&owner, product.roadmap, id(ClientId::new)).await.connection;
    for cseq in 1..=20 {
        page.push(numbered(cseq, vec![create(lane, "x").1]), 0).await.unwrap();
    }
    let (mut acked, mut told) = (4, 4);
    while told < 24 {
        match next(&mut page).await {
            ServerMessage::Ack { results } => acked += results.len() as u64,
            ServerMessage::Entries { entries } => {
                for entry in entries {
                    assert_eq!(entry.seq, told + 1);
                    assert!(entry.seq <= acked, "{} was told before it was answered", entry.seq);
                    told = entry.seq;
                }
            }
            other => panic!("{other:?}"),
        }
    }
}

/// On PostgreSQL only: SQLite is part of the program.
async fn a_database_that_hangs_up_loses_and_doubles_nothing(store: Store) {
    if !store.url.starts_with("postgres") {
        return;
    }
    let (owner, product) = product(&store).await;
    let lane = first_lane(&owner, product.roadmap).await;
    // Before connections are cut: what reads is not tried again.
    let mut page = join(&owner, product.roadmap, id(ClientId::new)).await.connection;
    let (stop, mut stopped) = tokio::sync::oneshot::channel();
    let url = store.url.clone();
    let killed = Arc::new(AtomicU64::new(0));
    let counter = killed.clone();
    let saboteur = tokio::spawn(async move {
        let connection = sea_orm::Database::connect(url).await.unwrap();
        while stopped.try_recv().is_err() {
            let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                        WHERE pid <> pg_backend_pid() AND datname = current_database()";
            let cut = sea_orm::ConnectionTrait::execute_unprepared(&connection, kill).await.unwrap();
            counter.fetch_add(cut.rows_affected(), Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    let mut outcomes = Vec::new();
    let mut cseq = 0;
    // However fast the machine is: at least four connections are cut in between.
    while cseq < 12 || killed.load(Ordering::Relaxed) < 4 {
        cseq += 1;
        page.push(numbered(cseq, vec![create(lane, &cseq.to_string()).1]), 0).await.unwrap();
        outcomes.extend(answers(&mut page).await);
    }
    stop.send(()).unwrap();
    saboteur.await.unwrap();
    assert_eq!(outcomes, (5..5 + cseq).map(|seq| Outcome::Accepted { seq }).collect::<Vec<_>>());
    is_sound(&store.second_process().await).await;
}
