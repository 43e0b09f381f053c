//! Who is there, told between processes.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use backend::{
    Viewer,
    rooms::{Connection, Event},
};
use domain::{
    ClientId, ItemId, Role,
    wire::{Dragging, Peer, Presence, ServerMessage},
};
use sea_orm::DbBackend;

use crate::{
    harness::{Store, stories},
    rooms::{ENOUGH, create, first_lane, id, join, next, product},
};

stories! {
    pages_see_who_is_there
    a_crowd_is_shown_in_part_and_each_arrival_costs_little
    pages_of_other_processes_are_seen_until_they_leave
}

/// Reads until what a page knows of others is as it should be.
pub(crate) async fn until(
    page: &mut Connection,
    known: &mut BTreeMap<u64, Peer>,
    enough: impl Fn(&BTreeMap<u64, Peer>) -> bool,
) {
    let since = Instant::now();
    while !enough(known) {
        assert!(since.elapsed() < ENOUGH, "{known:?}");
        match next(page).await {
            ServerMessage::Peers { here, left } => {
                known.extend(here.into_iter().map(|peer| (peer.connection, peer)));
                for connection in left {
                    known.remove(&connection).expect("who leaves was there");
                }
            }
            // People were added meanwhile.
            ServerMessage::Changed { .. } => {}
            other => panic!("{other:?}"),
        }
    }
}

/// How many others a page is shown at a time.
const SHOWN: usize = 64;

async fn pages_see_who_is_there(store: Store) {
    let (owner, product) = product(&store).await;
    let lane = first_lane(&owner, product.roadmap).await;
    let editor = store.person("edith", Role::Editor).await;
    let (item, created) = create(lane, "Looked at");
    owner.submit(product.roadmap, vec![created]).await.unwrap();
    let mut first = join(&owner, product.roadmap, id(ClientId::new)).await.connection;
    let second = join(&editor, product.roadmap, id(ClientId::new)).await;
    assert_eq!(second.peers.len(), 1);
    assert_eq!(second.peers[0].user, owner.member().id);
    let mut known = BTreeMap::new();
    until(&mut first, &mut known, |known| known.len() == 1).await;
    let came = known.values().next().unwrap().clone();
    assert_eq!((came.user, &came.presence), (editor.member().id, &Presence::default()));
    let looking = Presence { item: Some(item), ..Presence::default() };
    second.connection.show(looking.clone());
    until(&mut first, &mut known, |known| known[&came.connection].presence == looking).await;

    // What happens fast is shown together.
    for _ in 0..100 {
        second.connection.show(Presence::default());
        second.connection.show(looking.clone());
    }
    let mut frames = Vec::new();
    while let Ok(Event::Frame(frame)) = tokio::time::timeout(Duration::from_millis(300), first.next()).await {
        frames.push(serde_json::from_slice::<ServerMessage>(&frame).unwrap());
    }
    let last = Peer { presence: looking.clone(), ..came.clone() };
    assert_eq!(frames, [ServerMessage::Peers { here: vec![last], left: Vec::new() }]);

    drop(second.connection);
    until(&mut first, &mut known, BTreeMap::is_empty).await;
}

async fn a_crowd_is_shown_in_part_and_each_arrival_costs_little(store: Store) {
    const PAGES: usize = 300;
    let (owner, product) = product(&store).await;
    let sent = Arc::new(AtomicUsize::new(0));
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..PAGES {
        let joined = join(&owner, product.roadmap, id(ClientId::new)).await;
        assert!(joined.peers.len() <= SHOWN);
        let introduced = serde_json::to_string(&joined.peers).unwrap().len();
        sent.fetch_add(introduced, Ordering::Relaxed);
        let sent = sent.clone();
        tasks.spawn(async move {
            while let Event::Frame(frame) = joined.connection.next().await {
                sent.fetch_add(frame.len(), Ordering::Relaxed);
            }
        });
    }
    // A newcomer to a crowd sees some of it, active people before idle ones.
    let busy = join(&owner, product.roadmap, id(ClientId::new)).await.connection;
    let mut late = join(&owner, product.roadmap, id(ClientId::new)).await;
    let mut known: BTreeMap<u64, Peer> = late.peers.into_iter().map(|peer| (peer.connection, peer)).collect();
    until(&mut late.connection, &mut known, |known| known.len() == SHOWN).await;
    let looking = Presence { item: Some(id(ItemId::new)), ..Presence::default() };
    busy.show(looking.clone());
    until(&mut late.connection, &mut known, |known| known.values().any(|peer| peer.presence == looking))
        .await;
    assert_eq!(known.len(), SHOWN);

    let sent = sent.load(Ordering::Relaxed);
    println!("{PAGES} arrivals: {sent} bytes about others");
    assert!(sent < PAGES * SHOWN * 160, "{sent} bytes");
}

async fn pages_of_other_processes_are_seen_until_they_leave(store: Store) {
    if store.backend.db.backend() != DbBackend::Postgres {
        // On SQLite there is one process.
        return;
    }
    let (owner, product) = product(&store).await;
    let vera = store.person("vera", Role::Viewer).await;
    let other = store.second_process().await;
    let there: Viewer = (**other.people().first_owner().await.unwrap()).clone();
    let joined = join(&vera, product.roadmap, id(ClientId::new)).await;
    assert_eq!(joined.peers, []);
    let mut veras = joined.connection;
    let mut known = BTreeMap::new();

    // Who comes elsewhere is seen, and sees who was there before.
    let mut theirs = join(&there, product.roadmap, id(ClientId::new)).await.connection;
    until(&mut veras, &mut known, |known| known.len() == 1).await;
    let mut known_there = BTreeMap::new();
    until(&mut theirs, &mut known_there, |known| known.len() == 1).await;
    assert_eq!(known_there.values().next().unwrap().user, vera.member().id);
    assert_eq!(known.values().next().unwrap().user, there.member().id);
    assert!(known.keys().all(|number| !known_there.contains_key(number)), "numbers differ between processes");

    // What they open and drag is seen, of many cards some; only how it is in the end has to come.
    let item = id(ItemId::new);
    for count in 0..200 {
        let items = vec![item; count];
        let dragging = Some(Dragging { items, over: None });
        theirs.show(Presence { item: Some(item), dragging, ..Presence::default() });
    }
    let drags = |peer: &Peer| {
        let dragging = peer.presence.dragging.as_ref();
        peer.presence.item == Some(item) && dragging.is_some_and(|dragging| dragging.items.len() == 50)
    };
    until(&mut veras, &mut known, |known| known.values().any(drags)).await;

    // Who comes later is told of everybody, wherever they are.
    let late = join(&owner, product.roadmap, id(ClientId::new)).await;
    assert_eq!(late.peers.len(), 2);
    until(&mut veras, &mut known, |known| known.len() == 2).await;
    until(&mut theirs, &mut known_there, |known| known.len() == 2).await;

    drop(theirs);
    until(&mut veras, &mut known, |known| known.len() == 1).await;

    // A process that says nothing any more is forgotten, and its pages with it. This one never was.
    let workspace = store.texts("SELECT id FROM workspace").await.remove(0);
    let ghost = format!(
        r#"{{"workspace":"{workspace}","roadmap":"{}","peers":[{{"connection":7,"user":"{}","presence":{{}}}}]}}"#,
        product.roadmap,
        there.member().id
    );
    store.execute(&format!("SELECT pg_notify('cairn', 'a-ghost presence {ghost}')")).await;
    until(&mut veras, &mut known, |known| known.contains_key(&7)).await;
    let since = Instant::now();
    let mut gone = false;
    while !gone {
        assert!(since.elapsed() < Duration::from_secs(40), "the ghost stays");
        let waited = tokio::time::timeout(Duration::from_secs(1), veras.next()).await;
        if let Ok(backend::rooms::Event::Frame(frame)) = waited {
            gone = serde_json::from_slice::<ServerMessage>(&frame).unwrap()
                == ServerMessage::Peers { here: Vec::new(), left: vec![7] };
        }
    }
    assert!(since.elapsed() > Duration::from_secs(25), "it might have come again");

    // What nobody understands is passed over.
    store.execute("SELECT pg_notify('cairn', 'a-ghost presence {\"roadmap\":1}')").await;
    drop(late.connection);
    until(&mut veras, &mut known, |known| known.len() <= 1).await;
}
