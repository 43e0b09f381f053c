//! Tables of what people say about visions, and about how products serve objectives.

use sea_orm::{DbBackend, sea_query::TableCreateStatement};

use super::{
    Step,
    records::{key, number, reference, table, text},
    rooms::in_its_key,
};

pub(super) fn steps(backend: DbBackend) -> Vec<Step> {
    vec![
        Step::Create(in_its_key(backend, vision_rating())),
        Step::Create(in_its_key(backend, alignment_rating())),
    ]
}

/// What a member says about a version of a vision.
fn vision_rating() -> TableCreateStatement {
    table("vision_rating")
        .col(text("workspace_id"))
        .col(text("vision_id"))
        .col(text("asked"))
        .col(text("user_id"))
        .col(number("value"))
        .col(number("at_ms"))
        .primary_key(&mut key(&["workspace_id", "vision_id", "asked", "user_id"]))
        .foreign_key(&mut reference(
            "vision_rating",
            &["workspace_id", "vision_id"],
            "record",
            &["workspace_id", "id"],
        ))
        .foreign_key(&mut reference(
            "vision_rating",
            &["workspace_id", "user_id"],
            "member",
            &["workspace_id", "user_id"],
        ))
        .take()
}

/// How much a member says that a product serves an objective.
fn alignment_rating() -> TableCreateStatement {
    table("alignment_rating")
        .col(text("workspace_id"))
        .col(text("objective_id"))
        .col(text("product_id"))
        .col(text("user_id"))
        .col(number("value"))
        .col(number("at_ms"))
        .primary_key(&mut key(&["workspace_id", "objective_id", "product_id", "user_id"]))
        .foreign_key(&mut reference(
            "alignment_rating",
            &["workspace_id", "objective_id"],
            "record",
            &["workspace_id", "id"],
        ))
        .foreign_key(&mut reference(
            "alignment_rating",
            &["workspace_id", "product_id"],
            "product",
            &["workspace_id", "id"],
        ))
        .foreign_key(&mut reference(
            "alignment_rating",
            &["workspace_id", "user_id"],
            "member",
            &["workspace_id", "user_id"],
        ))
        .take()
}
