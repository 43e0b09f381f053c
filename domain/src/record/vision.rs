//! Visions: where a product, or all of them together, is to go. Each version is a record of its own that is not changed any more, so
//! that what people say about it stays true of it.

use crate::{FieldDef, FieldKind, Record, RecordDef, Role, Scope, UserId};

/// The lowest and the highest rating of a check.
pub const VISION_SCALE: (u8, u8) = (1, 5);

/// A version of the vision of a product, or of the workspace.
pub static VISION: RecordDef = RecordDef {
    kind: "vision",
    one: "vision",
    many: "Visions",
    purpose: "Where a product is to go.",
    scope: Scope::Product { reads: |_, _| true, may },
    writes: Role::Editor,
    fields: &[
        FieldDef::new("name", "Version", FieldKind::Line, &[]),
        FieldDef::new("text", "Vision", FieldKind::Text, &[]),
    ],
    check,
};

crate::choices! {
    /// What a vision is asked for.
    VisionCheck {
        Challenging = "challenging", "Challenging";
        Believable = "believable", "Believable";
        Grounded = "grounded", "Grounded";
        Benefits = "benefits", "Benefits everyone";
    }
}

impl VisionCheck {
    /// What a rating answers.
    pub fn question(self) -> &'static str {
        match self {
            Self::Challenging => "Does it ask for more than we do today?",
            Self::Believable => "Can we get there?",
            Self::Grounded => "Does it build on what we know and can do?",
            Self::Benefits => "Is everyone it concerns better off?",
        }
    }
}

/// The number of a version, from 1.
pub fn number_of(vision: &Record) -> u32 {
    let name = vision.text("name").unwrap_or_default();
    name.rsplit(' ').next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// Owners publish the vision of the workspace; in a product, those who edit it do.
fn may(vision: &Record, _: UserId, role: Role) -> bool {
    role >= if vision.product.is_some() { Role::Editor } else { Role::Owner }
}

fn check(vision: &Record, others: &[Record]) -> Result<(), String> {
    if vision.text("text").is_none_or(|text| text.trim().is_empty()) {
        return Err("Write the vision before you publish it.".to_owned());
    }
    VISION.has_its_own_name(vision, others)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ProductId, RecordId, Stamp, Timestamp, Value};

    fn vision(number: u8, text: &str) -> Record {
        let stamp = Stamp { by: UserId::NIL, at: Timestamp(1) };
        let name = format!("Version {number}");
        let values = [("name", name), ("text", text.to_owned())];
        let values = values.into_iter().filter(|(_, text)| !text.is_empty());
        let values = values.map(|(key, text)| (key.parse().unwrap(), Value::Text(text)));
        Record {
            id: RecordId::new(1, [number; 10]),
            product: None,
            version: 1,
            values: values.collect(),
            created: stamp,
            changed: stamp,
            deleted: None,
        }
    }

    #[test]
    fn a_version_has_a_text_and_a_number_of_its_own() {
        let first = vision(1, "Everybody closes in a day");
        assert_eq!(VISION.check(&first, &[]), Ok(()));
        assert_eq!(number_of(&vision(12, "x")), 12);
        assert!(VISION.check(&vision(2, ""), &[]).unwrap_err().contains("Write the vision"));
        let again = Record { id: RecordId::new(1, [9; 10]), ..first.clone() };
        assert!(VISION.check(&again, &[first]).unwrap_err().contains("Version 1"));
    }

    #[test]
    fn owners_publish_the_vision_of_the_workspace() {
        let all = vision(1, "x");
        assert!(VISION.may(&all, UserId::NIL, Role::Owner));
        assert!(!VISION.may(&all, UserId::NIL, Role::Editor));
        let own = Record { product: Some(ProductId::new(1, [1; 10])), ..all };
        assert!(VISION.may(&own, UserId::NIL, Role::Editor));
        assert!(!VISION.may(&own, UserId::NIL, Role::Stakeholder));
    }
}
