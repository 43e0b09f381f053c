//! Saved views: a face of a roadmap, what is filtered, and how it is looked at, under a name.

use std::borrow::Cow;

use crate::{Choice, Face, FieldDef, FieldKind, Record, RecordDef, Role, Scope, UserId, Value};

/// The most views of a product that are shared, and the most that a member has there for themselves.
const MOST: usize = 100;

/// The most characters of what a view says.
const MAX_STATE: usize = 4_000;

const FACES: &[Choice] =
    &[Choice::new("board", "Board"), Choice::new("timeline", "Timeline"), Choice::new("table", "Table")];

/// A view of a product's roadmap.
pub static VIEW: RecordDef = RecordDef {
    kind: "view",
    one: "view",
    many: "Views",
    purpose: "Ways to look at a roadmap.",
    scope: Scope::Product { reads, may },
    // Everybody may keep views of their own.
    writes: Role::Viewer,
    fields: &[
        FieldDef::new("name", "Name", FieldKind::Line, &[]),
        FieldDef::new("face", "Face", FieldKind::Choice(Cow::Borrowed(FACES)), &[]),
        FieldDef::new("state", "State", FieldKind::Text, &[]),
        FieldDef::new("shared", "Shared", FieldKind::Checkbox, &[]),
        FieldDef::new("default", "Default", FieldKind::Checkbox, &[]),
    ],
    check,
};

/// Whether everybody sees it for whom the product exists.
pub fn is_shared(view: &Record) -> bool {
    view.values.contains_key("shared")
}

/// Whether it is what the product's address shows.
pub fn is_default(view: &Record) -> bool {
    view.values.contains_key("default")
}

/// As what it shows the roadmap, and the parameters of an address that ask for the rest.
pub fn state(view: &Record) -> (Face, &str) {
    let text = |key: &str| match view.values.get(key) {
        Some(Value::Text(text)) => text.as_str(),
        _ => "",
    };
    (text("face").parse().unwrap_or(Face::Board), text("state"))
}

fn reads(view: &Record, user: UserId) -> bool {
    is_shared(view) || view.created.by == user
}

fn may(view: &Record, user: UserId, role: Role) -> bool {
    if is_shared(view) { role.can_edit() } else { view.created.by == user }
}

fn check(view: &Record, others: &[Record]) -> Result<(), String> {
    let of_those = |other: &&Record| {
        other.id != view.id
            && is_shared(other) == is_shared(view)
            && (is_shared(view) || other.created.by == view.created.by)
    };
    let beside: Vec<Record> = others.iter().filter(of_those).cloned().collect();
    VIEW.has_its_own_name(view, &beside)?;
    if beside.len() >= MOST {
        return Err(format!("There are {MOST} views already. Remove one that nobody needs."));
    }
    if state(view).1.chars().count() > MAX_STATE {
        return Err("This view is too long. Use fewer conditions.".to_owned());
    }
    if is_default(view) && !is_shared(view) {
        return Err("Only a shared view can be the default.".to_owned());
    }
    if is_default(view) && others.iter().any(|other| other.id != view.id && is_default(other)) {
        return Err("Another view is the default. Change that one first.".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{RecordId, Stamp, Timestamp};

    fn view(number: u8, by: u8, values: &[(&str, Value)]) -> Record {
        let stamp = Stamp { by: UserId::new(1, [by; 10]), at: Timestamp(1) };
        let mut all: crate::Values =
            values.iter().map(|(key, value)| (key.parse().unwrap(), value.clone())).collect();
        let name = || Value::Text(format!("View {number}"));
        all.entry("name".parse().unwrap()).or_insert_with(name);
        let id = RecordId::new(1, [number; 10]);
        Record { id, product: None, version: 1, values: all, created: stamp, changed: stamp, deleted: None }
    }

    #[test]
    fn a_view_is_read_and_changed_by_those_it_is_for() {
        let [own, other] = [1, 2].map(|number| UserId::new(1, [number; 10]));
        let (personal, shared) = (view(1, 1, &[]), view(2, 1, &[("shared", Value::Yes)]));
        assert!(VIEW.reads(&personal, own) && !VIEW.reads(&personal, other));
        assert!(VIEW.reads(&shared, other));
        assert!(VIEW.may(&personal, own, Role::Viewer) && !VIEW.may(&personal, other, Role::Owner));
        assert!(VIEW.may(&shared, other, Role::Editor) && !VIEW.may(&shared, own, Role::Stakeholder));
    }

    #[test]
    fn views_have_names_of_their_own_among_those_that_are_seen_together() {
        let name = ("name", Value::Text("Plan".to_owned()));
        let shared = ("shared", Value::Yes);
        let theirs = view(1, 1, std::slice::from_ref(&name));
        assert_eq!(
            VIEW.check(&view(2, 2, std::slice::from_ref(&name)), std::slice::from_ref(&theirs)),
            Ok(())
        );
        assert!(VIEW.check(&view(2, 1, std::slice::from_ref(&name)), std::slice::from_ref(&theirs)).is_err());
        assert_eq!(VIEW.check(&view(2, 1, &[name, shared.clone()]), &[theirs]), Ok(()));
        let default = ("default", Value::Yes);
        let first = view(3, 1, &[shared.clone(), default.clone()]);
        assert!(VIEW.check(&view(4, 1, std::slice::from_ref(&default)), &[]).unwrap_err().contains("shared"));
        assert!(VIEW.check(&view(4, 1, &[shared, default]), &[first]).unwrap_err().contains("Another"));
        let long = view(5, 1, &[("state", Value::Text("x".repeat(4_001)))]);
        assert!(VIEW.check(&long, &[]).unwrap_err().contains("too long"));
    }
}
