//! Templates of products: a set-up that a new product begins with, under a name. What it has is written in lines, so that people read
//! and change it as any record.

#[cfg(not(target_family = "wasm"))]
mod setup;

#[cfg(not(target_family = "wasm"))]
pub use setup::{BUILT_IN, BuiltIn, SetUp};

use crate::{FieldDef, FieldKind, RecordDef, Role, Scope};

/// The set-up of a product.
pub static TEMPLATE: RecordDef = RecordDef {
    kind: "template",
    one: "template",
    many: "Templates",
    purpose: "Set-ups for new products, one thing on each line: a lane “Doing | In progress | 5”, a field “Risk | choice | Low, High”, an item “Doing | Single sign-on”.",
    scope: Scope::Workspace,
    writes: Role::Editor,
    fields: &[
        FieldDef::new("name", "Name", FieldKind::Line, &[]),
        FieldDef::new("about", "What it is for", FieldKind::Line, &[]),
        FieldDef::new("lanes", "Lanes", FieldKind::Text, &[]),
        FieldDef::new("fields", "Fields", FieldKind::Text, &[]),
        FieldDef::new("views", "Shared views", FieldKind::Text, &[]),
        FieldDef::new("items", "Items", FieldKind::Text, &[]),
    ],
    check: |template, others| {
        TEMPLATE.has_its_own_name(template, others)?;
        // A page asks the server.
        #[cfg(not(target_family = "wasm"))]
        SetUp::of(template)?;
        Ok(())
    },
};
