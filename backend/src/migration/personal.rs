//! Tables of what people keep for themselves: favourites, and when they were last at a roadmap.

use sea_orm::{DbBackend, sea_query::TableCreateStatement};

use super::{
    Step,
    records::{key, number, reference, table, text},
    rooms::in_its_key,
};

pub(super) fn steps(backend: DbBackend) -> Vec<Step> {
    vec![Step::Create(in_its_key(backend, favourite())), Step::Create(in_its_key(backend, visit()))]
}

/// What somebody has starred, in the order of `place`.
fn favourite() -> TableCreateStatement {
    of_member("favourite")
        .col(text("kind"))
        .col(text("target_id"))
        .col(number("place"))
        .col(number("added_ms"))
        .primary_key(&mut key(&["workspace_id", "user_id", "kind", "target_id"]))
        .take()
}

/// Up to where somebody has seen a roadmap: at the end of the visit before, and now.
fn visit() -> TableCreateStatement {
    of_member("visit")
        .col(text("roadmap_id"))
        .col(number("since_seq"))
        .col(number("since_ms").null())
        .col(number("seen_seq"))
        .col(number("seen_ms"))
        .primary_key(&mut key(&["workspace_id", "user_id", "roadmap_id"]))
        .take()
}

fn of_member(name: &str) -> TableCreateStatement {
    table(name)
        .col(text("workspace_id"))
        .col(text("user_id"))
        .foreign_key(&mut reference(
            name,
            &["workspace_id", "user_id"],
            "member",
            &["workspace_id", "user_id"],
        ))
        .take()
}
