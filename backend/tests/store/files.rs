//! Files that people attach: who may, who reads them, how many there may be, and where they go.

use backend::{AccessChange, Backend, Error, FileSettings, ReadFile, Viewer, copying, exchange};
use bytes::Bytes;
use domain::{
    CommentId, FileAddress, FileHash, ItemChange, ItemFields, ItemId, Op, Place, ProductKey, Role, Title,
    Visibility,
};
use futures::TryStreamExt as _;

use crate::{
    harness::{Store, stories},
    products::profile,
};

stories! {
    a_file_is_read_by_those_who_see_its_product
    who_may_not_comment_attaches_nothing
    files_take_no_more_room_than_they_may
    files_go_along_with_an_item_that_moves
    a_backup_holds_the_files_and_brings_them_back
    a_check_finds_files_that_are_missing_or_changed
}

const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n and what makes up the picture";

fn key(key: &str) -> ProductKey {
    key.parse().unwrap()
}

async fn attach(viewer: &Viewer, product: &str, name: &str, bytes: &[u8]) -> Result<String, Error> {
    let file = viewer.attach_file(&key(product), name, Bytes::copy_from_slice(bytes)).await;
    file.map(|file| file.address)
}

fn hash(address: &str) -> FileHash {
    FileAddress::parse(address).unwrap().hash
}

async fn bytes(file: ReadFile) -> Vec<u8> {
    let pieces: Vec<Bytes> = file.body.try_collect().await.unwrap();
    pieces.concat()
}

async fn is_hidden(viewer: &Viewer, address: &str) {
    let read = viewer.read_file(hash(address)).await;
    assert!(matches!(read, Err(Error::NotFound(_))), "{read:?}");
}

async fn a_file_is_read_by_those_who_see_its_product(store: Store) {
    let owner = store.owner().await;
    owner.create_product(key("ERP"), profile("ERP")).await.unwrap();
    let stakeholder = store.person("stan", Role::Stakeholder).await;
    let address = attach(&stakeholder, "ERP", "The plan.png", PICTURE).await.unwrap();
    assert!(address.ends_with("/The-plan.png"), "{address}");
    let viewer = store.person("vera", Role::Viewer).await;
    let read = viewer.read_file(hash(&address)).await.unwrap();
    assert_eq!((read.name.as_str(), read.picture), ("The-plan.png", Some("image/png")));
    assert_eq!(bytes(read).await, PICTURE);
    // What its name says does not matter, and the same bytes are one file.
    let page = attach(&owner, "ERP", "page.png", b"<html><script>alert(1)</script>").await.unwrap();
    assert_eq!(owner.read_file(hash(&page)).await.unwrap().picture, None);
    assert_eq!(attach(&owner, "ERP", "again.png", PICTURE).await.unwrap(), address);
    assert_eq!(store.rows("SELECT 1 FROM file").await, 2);

    let shown = |viewer: Viewer, address: String| async move {
        viewer.render_markdown(vec![format!("![Plan]({address})")]).await.unwrap().remove(0)
    };
    assert!(shown(viewer.clone(), address.clone()).await.contains("<img "));
    owner.change_access(&key("ERP"), AccessChange::Show(Visibility::Chosen)).await.unwrap();
    is_hidden(&viewer, &address).await;
    let html = shown(viewer.clone(), address.clone()).await;
    assert!(html.contains("The picture “Plan” isn’t available") && !html.contains("<img"), "{html}");
    // Another product that has the same bytes opens them, and nothing else.
    owner.create_product(key("CRM"), profile("CRM")).await.unwrap();
    attach(&owner, "CRM", "copy.png", PICTURE).await.unwrap();
    assert_eq!(viewer.read_file(hash(&address)).await.unwrap().name, "copy.png");
    is_hidden(&viewer, &page).await;
    is_hidden(&owner, &format!("/files/{}/a", "0".repeat(64))).await;

    let export = owner.export(&key("CRM"), exchange::Format::Json, exchange::Separator::Comma).await.unwrap();
    let export = String::from_utf8(export).unwrap();
    assert!(export.contains("/copy.png") && !export.contains("page.png"), "{export}");
    assert_eq!(store.backend.check().await.unwrap().problems, Vec::<String>::new());
}

async fn who_may_not_comment_attaches_nothing(store: Store) {
    let owner = store.owner().await;
    owner.create_product(key("ERP"), profile("ERP")).await.unwrap();
    let viewer = store.person("vera", Role::Viewer).await;
    let refused = attach(&viewer, "ERP", "a.png", PICTURE).await;
    assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
    let refused = attach(&owner, "NIL", "a.png", PICTURE).await;
    assert!(matches!(refused, Err(Error::NotFound(_))), "{refused:?}");
    let refused = attach(&owner, "ERP", "a.png", b"").await;
    assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    let refused = attach(&owner, "ERP", "a.png", &vec![0; domain::MAX_FILE + 1]).await;
    assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    owner.set_archived(&key("ERP"), true).await.unwrap();
    let refused = attach(&owner, "ERP", "a.png", PICTURE).await;
    assert!(matches!(refused, Err(Error::Refused(domain::Reject::Archived))), "{refused:?}");
    assert_eq!(store.rows("SELECT 1 FROM file").await, 0);
}

async fn files_take_no_more_room_than_they_may(store: Store) {
    let owner = store.owner().await;
    for product in ["ERP", "CRM", "HRM"] {
        owner.create_product(key(product), profile(product)).await.unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let place = Some(folder.path().join("files").display().to_string());
    let limited = store.second_process().await;
    let limited = limited.with_files(FileSettings { place, product_mib: 2, all_mib: 3 }).unwrap();
    let owner = limited.people().first_owner().await.unwrap();
    let mib = |letter: u8| vec![letter; 1024 * 1024];
    for letter in [1, 2] {
        attach(&owner, "ERP", "a.bin", &mib(letter)).await.unwrap();
    }
    let full = attach(&owner, "ERP", "a.bin", b"more").await.unwrap_err();
    assert!(matches!(&full, Error::Conflict(why) if why.contains("2 MiB")), "{full}");
    // The same bytes in another product take room there, and none in all.
    attach(&owner, "CRM", "a.bin", &mib(1)).await.unwrap();
    attach(&owner, "HRM", "a.bin", &mib(3)).await.unwrap();
    let full = attach(&owner, "CRM", "a.bin", b"more").await.unwrap_err();
    assert!(matches!(&full, Error::Conflict(why) if why.contains("3 MiB")), "{full}");
    assert_eq!(limited.check().await.unwrap().problems, Vec::<String>::new());
    assert_eq!(limited.check().await.unwrap().files, 3);
}

async fn files_go_along_with_an_item_that_moves(store: Store) {
    let owner = store.owner().await;
    let erp = owner.create_product(key("ERP"), profile("ERP")).await.unwrap();
    owner.create_product(key("CRM"), profile("CRM")).await.unwrap();
    let secret = owner.create_product(key("HRM"), profile("HRM")).await.unwrap();
    let [named, said, other] = [b"\xff\xd8\xff a".as_slice(), b"b", b"c"];
    let named = attach(&owner, "ERP", "a.jpg", named).await.unwrap();
    let said = attach(&owner, "ERP", "b.txt", said).await.unwrap();
    let other = attach(&owner, "ERP", "c.txt", other).await.unwrap();
    let hidden = attach(&owner, "HRM", "d.txt", b"d").await.unwrap();

    let lane = owner.view(erp.roadmap).await.unwrap().roadmap.lane_order()[0];
    let item = ItemId::new(1, [1; 10]);
    let fields = Box::new(ItemFields::titled(Title::parse("Alpha").unwrap()));
    let create = Op::CreateItem { id: item, lane, place: Place::Last, fields };
    let text = format!("![a]({named}) and [d]({hidden})").parse().unwrap();
    let describe = Op::set(item, ItemChange::Description(text));
    let comment = Op::comment(CommentId::new(1, [1; 10]), item, format!("[b]({said})").parse().unwrap());
    owner.submit(erp.roadmap, vec![create, describe, comment]).await.unwrap();
    owner.move_item(&key("ERP"), item, &key("CRM")).await.unwrap();

    for product in [&erp, &secret] {
        owner.change_access(&product.key, AccessChange::Show(Visibility::Chosen)).await.unwrap();
    }
    let viewer = store.person("vera", Role::Viewer).await;
    viewer.read_file(hash(&named)).await.unwrap();
    viewer.read_file(hash(&said)).await.unwrap();
    is_hidden(&viewer, &other).await;
    // Its address was written down, but the product that the item left does not have it.
    is_hidden(&viewer, &hidden).await;
}

async fn a_backup_holds_the_files_and_brings_them_back(store: Store) {
    let owner = store.owner().await;
    owner.create_product(key("ERP"), profile("ERP")).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name).display().to_string();
    let at = |name: &str| FileSettings { place: Some(place(name)), ..FileSettings::default() };
    let kept = store.second_process().await.with_files(at("kept")).unwrap();
    let owner = kept.people().first_owner().await.unwrap();
    let picture = attach(&owner, "ERP", "a.png", PICTURE).await.unwrap();
    let long = vec![7; 3 * 1024 * 1024];
    let text = attach(&owner, "ERP", "b.bin", &long).await.unwrap();

    let file = folder.path().join("friday.db");
    let whole = copying::Whole { database: &store.url, files: Some(&place("kept")) };
    let copied = copying::backup(whole, &file).await.unwrap();
    assert_eq!((copied.rows["file"], copied.missing.len()), (2, 0));
    // A backup is a database with all that is in it.
    let opened = Backend::open_existing(&format!("sqlite://{}", file.display())).await.unwrap();
    assert_eq!(opened.check().await.unwrap().problems, Vec::<String>::new());
    opened.db.close().await;

    let Some(there) = store.another("files_there").await else { return };
    let whole = copying::Whole { database: &there.url, files: Some(&place("there")) };
    assert_eq!(copying::restore(&file, whole).await.unwrap(), copied);
    let restored = there.second_process().await.with_files(at("there")).unwrap();
    assert_eq!(restored.check().await.unwrap().problems, Vec::<String>::new());
    assert_eq!(there.rows("SELECT 1 FROM file_contents").await, 0, "they are in the folder");
    let owner = restored.people().first_owner().await.unwrap();
    assert_eq!(bytes(owner.read_file(hash(&picture)).await.unwrap()).await, PICTURE);
    assert_eq!(bytes(owner.read_file(hash(&text)).await.unwrap()).await, long);

    let mut lines = Vec::new();
    let whole = copying::Whole { database: &store.url, files: Some(&place("kept")) };
    let exported = copying::export(whole, &mut lines).await.unwrap();
    let Some(carried) = store.another("files_carried").await else { return };
    carried.backend.db.close().await;
    // Bytes that were changed on the way are found before anything is written.
    let exported_lines = String::from_utf8(lines.clone()).unwrap();
    let changed = exported_lines.replacen("\"contents\":\"BwcH", "\"contents\":\"CAcH", 1);
    assert_ne!(changed, exported_lines);
    let refused = copying::import(changed.as_bytes(), &carried.url).await.unwrap_err();
    assert!(matches!(refused, copying::CopyError::Content { .. }), "{refused}");
    let whole = copying::Whole { database: &carried.url, files: Some(&place("carried")) };
    assert_eq!(copying::import(&*lines, whole).await.unwrap(), exported);
    let imported = carried.second_process().await.with_files(at("carried")).unwrap();
    assert_eq!(imported.check().await.unwrap().problems, Vec::<String>::new());
    let owner = imported.people().first_owner().await.unwrap();
    assert_eq!(bytes(owner.read_file(hash(&text)).await.unwrap()).await, long);
}

async fn a_check_finds_files_that_are_missing_or_changed(store: Store) {
    let owner = store.owner().await;
    owner.create_product(key("ERP"), profile("ERP")).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let place = Some(folder.path().display().to_string());
    let kept = store.second_process().await.with_files(FileSettings { place, ..FileSettings::default() });
    let kept = kept.unwrap();
    let owner = kept.people().first_owner().await.unwrap();
    let address = attach(&owner, "ERP", "a.png", PICTURE).await.unwrap();
    let digits = hash(&address).to_string();
    let file = folder.path().join(&digits[..2]).join(&digits);
    assert_eq!(std::fs::read(&file).unwrap(), PICTURE);
    std::fs::write(&file, "something else").unwrap();
    let problems = kept.check().await.unwrap().problems;
    assert!(problems.len() == 1 && problems[0].contains("a.png") && problems[0].contains("other bytes"));
    std::fs::remove_file(&file).unwrap();
    let problems = kept.check().await.unwrap().problems;
    assert!(problems.len() == 1 && problems[0].contains("is missing"), "{problems:?}");
    is_hidden(&owner, &address).await;
    // Attaching the file again restores it.
    assert_eq!(attach(&owner, "ERP", "a.png", PICTURE).await.unwrap(), address);
    assert_eq!(kept.check().await.unwrap().problems, Vec::<String>::new());
    std::fs::remove_file(&file).unwrap();
    // What is left of an attempt that broke off does no harm.
    std::fs::write(folder.path().join("left"), "left").unwrap();
    let old = std::fs::File::options().write(true).open(folder.path().join("left")).unwrap();
    old.set_modified(std::time::SystemTime::now() - std::time::Duration::from_secs(90_000)).unwrap();
    let figures = kept.check().await.unwrap();
    assert_eq!((figures.unused_files, figures.problems.len()), (1, 1));
    let file = folder.path().join("backup.db");
    let whole = copying::Whole { database: &store.url, files: folder.path().to_str() };
    assert_eq!(copying::backup(whole, &file).await.unwrap().missing, ["a.png"]);
}
