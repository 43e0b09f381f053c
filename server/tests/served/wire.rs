//! Short frames, and many rooms on one connection.

use std::collections::{BTreeMap, BTreeSet};

use backend::Viewer;
use domain::{
    ClientId, Entry, ItemId, LaneId, Op, Place, Replica, RoadmapId, Role, UserId,
    wire::{
        ClientMessage, MAX_ROOMS, Outcome, PROTOCOL, Peer, Presence, Pushed, ServerMessage, in_room, room_of,
        short::{MARK, Reader, SLOTS},
    },
};

use crate::support::{Page, Person, TestApp, create, id};

/// A page with a document, which reads short frames.
struct Browser {
    page: Page,
    replica: Replica,
    reader: Reader,
    entries: Vec<Entry>,
    /// The short frames that came.
    short: Vec<String>,
    /// What the slots were at first.
    slots: String,
}

async fn viewer(app: &TestApp, person: &Person) -> Viewer {
    app.running.backend.people().authenticate(&person.secret).await.unwrap().unwrap()
}

impl Browser {
    async fn open(app: &TestApp, person: &Person, roadmap: RoadmapId) -> Self {
        let viewer = viewer(app, person).await;
        let snapshot = viewer.snapshot(roadmap, &[], None).await.unwrap();
        let (user, role) = (viewer.member().id, viewer.member().role);
        let mut page = app.socket(Some(person)).await;
        let replica = Replica::new(snapshot, id(ClientId::new), user, role);
        page.say(&replica.hello()).await;
        let (entries, short, slots) = (Vec::new(), Vec::new(), String::new());
        let mut browser = Self { page, replica, reader: Reader::default(), entries, short, slots };
        browser.listen(|message| matches!(message, ServerMessage::Welcome { .. })).await;
        browser
    }

    /// Takes what comes until that comes.
    async fn listen(&mut self, is_it: impl Fn(&ServerMessage) -> bool) {
        loop {
            let text = self.page.next_text().await.expect("the server goes on");
            let plain = self.reader.read(&text, self.replica.confirmed()).expect("it can be read").unwrap();
            if text.starts_with(MARK) {
                self.short.push(text.clone());
            }
            let message: ServerMessage = serde_json::from_str(&plain).unwrap();
            let done = is_it(&message);
            match message {
                ServerMessage::Welcome { epoch, slots, .. } => {
                    self.slots = format!("{slots:?}");
                    self.reader.welcomed(slots);
                    self.replica.welcomed(epoch);
                }
                ServerMessage::Entries { entries } => {
                    self.entries.extend(entries.clone());
                    self.replica.receive(entries).unwrap();
                }
                ServerMessage::Bye { reason, .. } => panic!("{reason}"),
                _ => {}
            }
            if done {
                return;
            }
        }
    }

    async fn reach(&mut self, head: u64) {
        while self.replica.head() < head {
            self.listen(|message| matches!(message, ServerMessage::Entries { .. })).await;
        }
    }
}

async fn with_items(app: &TestApp, roadmap: RoadmapId, count: usize) -> (LaneId, Vec<ItemId>) {
    let lane = app.first_lane(roadmap).await;
    let (items, ops): (Vec<_>, Vec<_>) = (0..count).map(|n| create(lane, &n.to_string())).unzip();
    let owner = app.running.backend.people().first_owner().await.unwrap();
    owner.submit(roadmap, ops).await.unwrap();
    (lane, items)
}

fn moved(items: &[ItemId], lane: LaneId, round: usize) -> Op {
    let at = |n: usize| items[(round + n) % items.len()];
    let place = Place::Beside { after: Some(at(1)), before: Some(at(2)) };
    Op::MoveItems { ids: vec![at(0)], lane, place }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_told_the_same_in_either_form() {
    let app = TestApp::start().await;
    let (ann, bob) = (app.person("ann", Role::Owner).await, app.person("bob", Role::Editor).await);
    let roadmap = app.product().await.roadmap;
    let (lane, items) = with_items(&app, roadmap, 5).await;
    let start = 4 + items.len() as u64;
    let mut plain = app.socket(Some(&bob)).await;
    plain.hello(roadmap, id(ClientId::new), start).await;
    let mut early = Browser::open(&app, &bob, roadmap).await;

    // More pages write than there are slots.
    let mut writer = app.socket(Some(&ann)).await;
    let mut late = None;
    let rounds = SLOTS + 20;
    let mut head = start;
    for round in 0..rounds {
        writer.hello(roadmap, id(ClientId::new), head).await;
        let mut ops = vec![moved(&items, lane, round), create(lane, "$ #1 ~0 \" \\ {S1").1];
        if round % 3 == 0 {
            let title = format!("#{round} ~{round} !{{S{round}");
            ops.push(Op::set(items[round % items.len()], domain::ItemChange::Title(title.parse().unwrap())));
        }
        head += ops.len() as u64;
        writer.push(1, ops).await;
        writer.entries_to(head).await;
        if round == rounds / 2 {
            late = Some((Browser::open(&app, &ann, roadmap).await, head));
        }
    }
    let expected = plain.entries_to(head).await;
    early.reach(head).await;
    assert_eq!(early.entries, expected);
    let (mut late, since) = late.unwrap();
    late.reach(head).await;
    assert_eq!(late.entries[..], expected[usize::try_from(since - start).unwrap()..]);
    assert!(!early.short.is_empty() && early.entries.len() > rounds);
    let document = viewer(&app, &ann).await.view(roadmap).await.unwrap().roadmap;
    for browser in [&early, &late] {
        assert_eq!(*browser.replica.confirmed(), *document);
    }
    // A card that is moved by somebody known.
    let frames = early.short.len();
    writer.push(4, vec![moved(&items, lane, 0)]).await;
    early.reach(head + 1).await;
    let frame = &early.short[frames];
    assert!(frame.len() <= 110, "{frame}");
}

#[tokio::test(flavor = "multi_thread")]
async fn votes_in_short_frames_name_only_those_who_may_be_known() {
    let app = TestApp::start().await;
    let (ann, stan) = (app.person("ann", Role::Owner).await, app.person("stan", Role::Stakeholder).await);
    let vera = app.person("vera", Role::Viewer).await;
    let roadmap = app.product().await.roadmap;
    let (lane, items) = with_items(&app, roadmap, 3).await;
    let head = 4 + items.len() as u64;
    let (mut owner, mut viewer) =
        (Browser::open(&app, &ann, roadmap).await, Browser::open(&app, &vera, roadmap).await);
    let mut own = Browser::open(&app, &stan, roadmap).await;
    let mut writer = app.socket(Some(&ann)).await;
    writer.hello(roadmap, id(ClientId::new), head).await;
    writer.push(1, vec![moved(&items, lane, 0)]).await;
    let client = id(ClientId::new);
    let mut voter = app.socket(Some(&stan)).await;
    voter.hello(roadmap, client, head).await;
    voter.entries_to(head + 1).await;
    voter.push(1, items.iter().map(|item| Op::Upvote { item: *item }).collect()).await;
    voter.entries_to(head + 4).await;
    writer.push(2, vec![moved(&items, lane, 1)]).await;
    for browser in [&mut owner, &mut viewer, &mut own] {
        browser.reach(head + 5).await;
        let votes = browser.entries.iter().filter(|entry| matches!(entry.op, Op::Upvote { .. }));
        let voters: Vec<_> = votes.map(|entry| (entry.actor, entry.client)).collect();
        let known = browser.replica.user() != vera.id;
        let seen = if known { (stan.id, client) } else { (UserId::NIL, ClientId::NIL) };
        assert!(voters.len() == 3 && voters.iter().all(|voter| *voter == seen), "{voters:?}");
        let names = [stan.id.to_string(), client.to_string()];
        let told = browser.short.iter().any(|frame| names.iter().any(|name| frame.contains(name)));
        assert_eq!(told, known, "{:?}", browser.short);
    }
    let later = Browser::open(&app, &vera, roadmap).await;
    assert!(later.slots.contains(&ann.id.to_string()));
    assert!(!later.slots.contains(&stan.id.to_string()) && !later.slots.contains(&client.to_string()));
}

/// A page that reads frames of many rooms.
struct Hall {
    page: Page,
    /// The last entry that each room was told of.
    told: BTreeMap<u8, u64>,
}

impl Hall {
    async fn say(&mut self, room: u8, message: &ClientMessage) {
        self.page.say_text(in_room(room, &serde_json::to_string(message).unwrap())).await;
    }

    async fn hello(&mut self, room: u8, roadmap: RoadmapId, have: u64) {
        self.told.insert(room, have);
        let client = id(ClientId::new);
        let (protocol, plain) = (PROTOCOL, true);
        self.say(room, &ClientMessage::Hello { protocol, roadmap, client, epoch: 1, have, plain }).await;
    }

    async fn push(&mut self, room: u8, cseq: u64, op: Op) {
        self.say(room, &ClientMessage::Push { ops: vec![Pushed { cseq, op }] }).await;
    }

    /// The next message, and its room.
    async fn next(&mut self) -> (u8, ServerMessage) {
        let text = self.page.next_text().await.expect("the connection goes on");
        let (room, text) = room_of(&text).expect("a room there is");
        let message = serde_json::from_str(text).unwrap();
        if let ServerMessage::Entries { entries } = &message {
            let told = self.told.get_mut(&room).unwrap();
            for entry in entries {
                assert_eq!(entry.seq, *told + 1, "entries of a room come in order");
                *told = entry.seq;
            }
        }
        (room, message)
    }

    /// Reads until that comes, and returns of which room.
    async fn until(&mut self, is_it: impl Fn(&ServerMessage) -> bool) -> u8 {
        loop {
            let (room, message) = self.next().await;
            assert!(!matches!(message, ServerMessage::Bye { .. }), "{message:?}");
            if is_it(&message) {
                return room;
            }
        }
    }
}

async fn hall(app: &TestApp, person: &Person) -> Hall {
    Hall { page: app.socket(Some(person)).await, told: BTreeMap::new() }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_rooms_on_one_connection_go_on_each_by_itself() {
    const ROOMS: u8 = 40;
    const UNKNOWN: u8 = 20;
    let app = TestApp::start().await;
    let (ann, bob) = (app.person("ann", Role::Owner).await, app.person("bob", Role::Editor).await);
    let mut roadmaps = BTreeMap::new();
    for number in 0..ROOMS {
        roadmaps.insert(number, app.product_called(&format!("P{number}")).await.roadmap);
    }
    // All at once. Some have to be told of the beginning, and one there is not.
    let mut hall = hall(&app, &bob).await;
    for (number, roadmap) in &roadmaps {
        if *number == UNKNOWN {
            hall.hello(UNKNOWN, id(RoadmapId::new), 0).await;
            hall.say(UNKNOWN, &ClientMessage::Ping).await;
        } else {
            hall.hello(*number, *roadmap, u64::from(number % 2) * 4).await;
        }
    }
    let mut welcome = BTreeSet::new();
    while welcome.len() + 1 < usize::from(ROOMS)
        || hall.told.iter().any(|(n, told)| *n != UNKNOWN && *told < 4)
    {
        match hall.next().await {
            (room, ServerMessage::Welcome { head: 4, .. }) => assert!(welcome.insert(room)),
            (UNKNOWN, ServerMessage::Closed { code: 404, retry_ms: None, .. }) => {}
            (room, ServerMessage::Entries { .. }) => assert!(room % 2 == 0 && welcome.contains(&room)),
            other => panic!("{other:?}"),
        }
    }
    assert!(!welcome.contains(&UNKNOWN));
    assert_eq!(app.running.backend.rooms.population().1, usize::from(ROOMS) - 1);

    // Each room is told of its own.
    let owner = app.running.backend.people().first_owner().await.unwrap();
    for (number, roadmap) in roadmaps.iter().filter(|(number, _)| **number != UNKNOWN) {
        let lane = app.first_lane(*roadmap).await;
        owner.submit(*roadmap, vec![create(lane, &number.to_string()).1]).await.unwrap();
        let (room, message) = hall.next().await;
        assert_eq!(room, *number);
        let ServerMessage::Entries { entries } = message else { panic!("{message:?}") };
        let Op::CreateItem { fields, .. } = &entries[0].op else { panic!("{entries:?}") };
        assert_eq!(fields.title.to_string(), number.to_string());
    }

    // Each page there has numbers of its own, and is seen in its room.
    for number in [0, 7, 39] {
        let lane = app.first_lane(roadmaps[&number]).await;
        hall.push(number, 1, create(lane, "mine").1).await;
        let (room, message) = hall.next().await;
        let ServerMessage::Ack { results } = message else { panic!("{message:?}") };
        assert_eq!((room, &results[0].outcome), (number, &Outcome::Accepted { seq: 6 }));
        assert_eq!(hall.until(|message| matches!(message, ServerMessage::Entries { .. })).await, number);
    }
    let mut other = app.socket(Some(&ann)).await;
    other.hello(roadmaps[&7], id(ClientId::new), 6).await;
    assert_eq!(hall.until(|message| matches!(message, ServerMessage::Peers { .. })).await, 7);
    let item = Some(id(ItemId::new));
    hall.say(7, &ClientMessage::Presence(Presence { item, ..Presence::default() })).await;
    let Peer { user, presence, .. } = other.peer().await;
    assert_eq!((user, presence.item), (bob.id, item));

    // One leaves, one changes places; the others go on.
    hall.say(7, &ClientMessage::Leave).await;
    let Some(ServerMessage::Peers { left, .. }) = other.next().await else { panic!("somebody left") };
    assert_eq!(left.len(), 1);
    hall.hello(3, roadmaps[&7], 6).await;
    assert_eq!(hall.until(|message| matches!(message, ServerMessage::Welcome { head: 6, .. })).await, 3);
    for number in [3, 7, 8] {
        let lane = app.first_lane(roadmaps[&number]).await;
        owner.submit(roadmaps[&number], vec![create(lane, "late").1]).await.unwrap();
    }
    let mut told = BTreeSet::new();
    while told.len() < 2 {
        told.insert(hall.until(|message| matches!(message, ServerMessage::Entries { .. })).await);
    }
    assert_eq!(told, [3, 8].into());
    hall.say(8, &ClientMessage::Ping).await;
    assert_eq!(hall.until(|message| matches!(message, ServerMessage::Pong { head: 6 })).await, 8);
    assert_eq!(app.running.backend.check().await.unwrap().problems, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_changes_closes_every_room_and_each_is_opened_again() {
    let app = TestApp::start().await;
    let (ann, bob) = (app.person("ann", Role::Owner).await, app.person("bob", Role::Editor).await);
    let roadmaps = [app.product_called("AA").await.roadmap, app.product_called("BB").await.roadmap];
    let mut hall = hall(&app, &bob).await;
    for (number, roadmap) in (4..).zip(roadmaps) {
        hall.hello(number, roadmap, 4).await;
        hall.until(|message| matches!(message, ServerMessage::Welcome { role: Role::Editor, .. })).await;
    }
    let owner = viewer(&app, &ann).await;
    owner.as_owner().unwrap().set_role(bob.id, Role::Viewer).await.unwrap();
    let is_closed = |message: &ServerMessage| {
        matches!(message, ServerMessage::Closed { code: 403, retry_ms: Some(0), .. })
    };
    let mut closed = BTreeSet::new();
    while closed.len() < 2 {
        closed.insert(hall.until(is_closed).await);
    }
    for (number, roadmap) in (4..).zip(roadmaps) {
        hall.hello(number, roadmap, 4).await;
        let is_welcome =
            |message: &ServerMessage| matches!(message, ServerMessage::Welcome { role: Role::Viewer, .. });
        assert_eq!(hall.until(is_welcome).await, number);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_that_is_not_open_or_not_there_ends_the_connection() {
    let app = TestApp::start().await;
    let ann = app.person("ann", Role::Owner).await;
    let roadmap = app.product().await.roadmap;
    let most = format!("{MAX_ROOMS}:\"ping\"");
    for frame in ["1:\"ping\"", &most, "0:\"ping\"", "00:\"ping\"", "7", "7:", ":\"ping\"", "7:8:\"ping\""] {
        let mut page = app.page(&ann, roadmap, id(ClientId::new)).await;
        page.say_text(frame.to_owned()).await;
        assert_eq!(page.close().await, 1003, "{frame}");
    }
    // What is left is not there any more.
    let mut page = app.page(&ann, roadmap, id(ClientId::new)).await;
    page.say(&ClientMessage::Leave).await;
    page.say(&ClientMessage::Ping).await;
    assert_eq!(page.close().await, 1003);
}
