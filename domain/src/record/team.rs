//! Teams: who works together, and on what.

use crate::{FieldDef, FieldKind, RecordDef, Role, Scope, disciplines};

/// The kind of record that a team is.
pub static TEAM: RecordDef = RecordDef {
    kind: "team",
    one: "team",
    many: "Teams",
    purpose: "Who works together, who leads, and what they can do: disciplines with their part of the days, like “Design 25 %, Development 60 %”.",
    scope: Scope::Workspace,
    writes: Role::Editor,
    fields: &[
        FieldDef::new("name", "Name", FieldKind::Line, &[]),
        FieldDef::new("lead", "Lead", FieldKind::Person, &[]),
        FieldDef::new("members", "Members", FieldKind::People, &[]),
        FieldDef::new("disciplines", "Disciplines", FieldKind::Text, &[]),
    ],
    check: |team, others| {
        TEAM.has_its_own_name(team, others)?;
        disciplines(team.text("disciplines").unwrap_or_default()).map(drop)
    },
};
