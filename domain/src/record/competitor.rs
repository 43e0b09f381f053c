//! Competitors: who else offers what a product does, inside the house or out.

use crate::{FieldDef, FieldKind, RecordDef, Role, Scope};

pub(super) static COMPETITOR: RecordDef = RecordDef {
    kind: "competitor",
    one: "competitor",
    many: "Competitors",
    purpose: "Who else offers what our products do, and what they do better or worse.",
    scope: Scope::Workspace,
    writes: Role::Editor,
    fields: &[
        FieldDef::new("name", "Name", FieldKind::Line, &[]),
        FieldDef::new("strengths", "Strengths", FieldKind::Text, &[]),
        FieldDef::new("weaknesses", "Weaknesses", FieldKind::Text, &[]),
        FieldDef::new("links", "Links", FieldKind::Links, &[]),
    ],
    check: |competitor, others| COMPETITOR.has_its_own_name(competitor, others),
};
