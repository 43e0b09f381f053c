//! Links to the dates of roadmaps, for calendars.

use sea_orm::sea_query::{Alias, Index};

use super::{
    Step, made,
    records::{bytes, key, number, reference, table, text, unique},
};

pub(super) fn steps() -> Vec<Step> {
    let feed = table("feed")
        .col(text("workspace_id"))
        .col(text("id"))
        .col(bytes("token_hash"))
        .col(text("user_id"))
        .col(text("product_id"))
        .col(text("view_id").null())
        .col(number("created_ms"))
        .col(number("used_ms").null())
        .primary_key(&mut key(&["workspace_id", "id"]))
        .foreign_key(&mut reference(
            "feed",
            &["workspace_id", "user_id"],
            "member",
            &["workspace_id", "user_id"],
        ))
        .foreign_key(&mut reference(
            "feed",
            &["workspace_id", "product_id"],
            "product",
            &["workspace_id", "id"],
        ))
        .take();
    let of_user = Index::create()
        .name("feed_user")
        .table(Alias::new("feed"))
        .col(Alias::new("workspace_id"))
        .col(Alias::new("user_id"))
        .take();
    made(vec![feed], vec![unique("feed", &["workspace_id", "token_hash"]), of_user])
}
