//! Files that people attach.

use sea_orm::sea_query::{Alias, Index};

use super::{
    Step, made,
    records::{bytes, key, number, reference, table, text},
};

pub(super) fn steps() -> Vec<Step> {
    let file = table("file")
        .col(text("workspace_id"))
        .col(text("roadmap_id"))
        .col(text("hash"))
        .col(text("name"))
        .col(text("media_type"))
        .col(number("size"))
        .col(text("user_id"))
        .col(number("created_ms"))
        .primary_key(&mut key(&["workspace_id", "roadmap_id", "hash"]))
        .foreign_key(&mut reference(
            "file",
            &["workspace_id", "roadmap_id"],
            "roadmap",
            &["workspace_id", "id"],
        ))
        .take();
    // Of a backup: elsewhere the bytes are in the folder of files.
    let contents = table("file_contents")
        .col(text("workspace_id"))
        .col(text("hash"))
        .col(bytes("contents"))
        .primary_key(&mut key(&["workspace_id", "hash"]))
        .take();
    let of_hash = Index::create()
        .name("file_hash")
        .table(Alias::new("file"))
        .col(Alias::new("workspace_id"))
        .col(Alias::new("hash"))
        .take();
    made(vec![file, contents], vec![of_hash])
}
