//! Who is there, told between processes.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use backend::{Viewer, rooms::Connection};
use domain::{
    ClientId, ItemId, Role,
    wire::{Dragging, Peer, Presence, ServerMessage},
};
use sea_orm::DbBackend;

use crate::{
    harness::{Store, stories},
    rooms::{ENOUGH, id, join, next, product},
};

stories! {
    pages_of_other_processes_are_seen_until_they_leave
}

/// Reads until what a page knows of others is as it should be.
async fn until(
    page: &mut Connection,
    known: &mut BTreeMap<u64, Peer>,
    enough: impl Fn(&BTreeMap<u64, Peer>) -> bool,
) {
    let since = Instant::now();
    while !enough(known) {
        assert!(since.elapsed() < ENOUGH, "{known:?}");
        match next(page).await {
            ServerMessage::Peer(peer) => drop(known.insert(peer.connection, peer)),
            ServerMessage::Left { connection } => {
                known.remove(&connection).expect("who leaves was there");
            }
            // People were added meanwhile.
            ServerMessage::Changed { .. } => {}
            other => panic!("{other:?}"),
        }
    }
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
                == ServerMessage::Left { connection: 7 };
        }
    }
    assert!(since.elapsed() > Duration::from_secs(25), "it might have come again");

    // What nobody understands is passed over.
    store.execute("SELECT pg_notify('cairn', 'a-ghost presence {\"roadmap\":1}')").await;
    drop(late.connection);
    until(&mut veras, &mut known, |known| known.len() <= 1).await;
}
