//! Copies of everything: backups, restored, and moves between databases.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use backend::{
    Backend, OpenError,
    copying::{self, CopyError},
};
use domain::{ItemChange, Op};

use crate::{
    harness::{Store, stories},
    rooms::{create, first_lane, product},
};

stories! {
    a_backup_holds_everything_and_can_be_restored
    a_backup_made_while_people_write_is_whole
    nothing_is_written_over
    what_was_moved_is_the_same_on_the_other_kind_of_database
}

async fn a_backup_holds_everything_and_can_be_restored(store: Store) {
    let (owner, product) = product(&store).await;
    let (item, created) = create(first_lane(&owner, product.roadmap).await, "Single “sign-on”, naïve");
    owner.submit(product.roadmap, vec![created]).await.unwrap();
    let before = owner.view(product.roadmap).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("friday.db");
    let copied = copying::backup(&store.url, &file).await.unwrap();
    assert_eq!(copied.rows["item"], 1);
    let left: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(left, ["friday.db"], "one file, nothing beside it");

    // What happens after the backup is not in it.
    let title = ItemChange::Title("Later".parse().unwrap());
    owner.submit(product.roadmap, vec![Op::set(item, title)]).await.unwrap();
    let place = format!("sqlite://{}/restored.db", folder.path().display());
    assert_eq!(copying::restore(&file, &place).await.unwrap(), copied);
    let restored = Backend::open(&place).await.unwrap();
    assert_eq!(restored.check().await.unwrap().problems, Vec::<String>::new());
    let view = restored.people().first_owner().await.unwrap().view(product.roadmap).await.unwrap();
    assert_eq!((&view.roadmap, view.head), (&before.roadmap, before.head));
    assert!(view.epoch > before.epoch, "pages that saw more must load it anew");
}

async fn a_backup_made_while_people_write_is_whole(store: Store) {
    let (owner, product) = product(&store).await;
    let lane = first_lane(&owner, product.roadmap).await;
    let done = Arc::new(AtomicBool::new(false));
    let writing = {
        let (owner, done) = (owner.clone(), done.clone());
        tokio::spawn(async move {
            let mut count = 0;
            while !done.load(Ordering::Relaxed) {
                let ops = (0..5).map(|n| create(lane, &format!("Item {count} {n}")).1).collect();
                owner.submit(product.roadmap, ops).await.unwrap();
                count += 1;
            }
            count
        })
    };
    let folder = tempfile::tempdir().unwrap();
    let mut sizes = Vec::new();
    for n in 0..3 {
        let file = folder.path().join(format!("{n}.db"));
        sizes.push(copying::backup(&store.url, &file).await.unwrap().total());
        let copy = Backend::open_existing(&format!("sqlite://{}", file.display())).await.unwrap();
        assert_eq!(copy.check().await.unwrap().problems, Vec::<String>::new());
    }
    done.store(true, Ordering::Relaxed);
    assert!(writing.await.unwrap() > 3, "people were held up by the backup");
    assert!(sizes.is_sorted() && sizes[0] < sizes[2], "nothing was written meanwhile: {sizes:?}");
}

async fn nothing_is_written_over(store: Store) {
    product(&store).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("friday.db");
    std::fs::write(&file, "precious").unwrap();
    let refused = copying::backup(&store.url, &file).await.unwrap_err();
    assert!(matches!(refused, CopyError::Exists(_)), "{refused}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "precious");

    let other = Store::sqlite().await;
    product(&other).await;
    let refused = copying::migrate(&other.url, &store.url).await.unwrap_err();
    assert!(matches!(refused, CopyError::NotEmpty(_)), "{refused}");
    assert_eq!(store.backend.check().await.unwrap().roadmaps, 1);

    let nowhere = folder.path().join("nowhere.db");
    let place = format!("sqlite://{}/new.db", folder.path().display());
    let refused = copying::restore(&nowhere, &place).await.unwrap_err();
    assert!(matches!(refused, CopyError::Open(OpenError::Missing(_))), "{refused}");
}

/// From here to SQLite and back to this kind of database again.
async fn what_was_moved_is_the_same_on_the_other_kind_of_database(store: Store) {
    let (owner, product) = product(&store).await;
    let lane = first_lane(&owner, product.roadmap).await;
    let ops = (0..300).map(|n| create(lane, &format!("Item {n}")).1).collect();
    owner.submit(product.roadmap, ops).await.unwrap();
    let there = Store::sqlite().await;
    let moved = copying::migrate(&store.url, &there.url).await.unwrap();
    let Some(back) = store.another("moved_back").await else { return };
    assert_eq!(copying::migrate(&there.url, &back.url).await.unwrap(), moved);
    let again = back.second_process().await;
    assert_eq!(again.check().await.unwrap().problems, Vec::<String>::new());
    let view = again.people().first_owner().await.unwrap().view(product.roadmap).await.unwrap();
    assert_eq!(view.roadmap, owner.view(product.roadmap).await.unwrap().roadmap);
}
