//! Cells as text: what is typed or pasted is read by the field's own definition, once people, tags and local days are brought
//! into the form that it reads; what is copied is what people read.

use std::collections::BTreeSet;

use domain::{Field, FieldDef, FieldKind, Item, Member, Property, Roadmap, Title, UserId, Value};

use super::dates::{self, Order};
use crate::platform;

/// Reads a cell; `None` where it is empty.
///
/// # Errors
/// A sentence that says how to write it.
pub(super) fn read(
    property: &Property,
    def: &FieldDef,
    text: &str,
    members: &[Member],
    order: Option<Order>,
) -> Result<Option<Value>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    match &def.kind {
        _ if *property == Property::Own(Field::Title) => {
            let words: Vec<&str> = text.split_whitespace().collect();
            let title = Title::parse(&words.join(" ")).map_err(|reason| reason.to_string())?;
            Ok(Some(Value::Text(title.to_string())))
        }
        FieldKind::Tags => {
            let mut tags = BTreeSet::new();
            for tag in several(text) {
                tags.insert(platform::parse_tag(tag).map_err(|reason| reason.to_string())?.to_string());
            }
            let tags = (!tags.is_empty()).then_some(Value::Keys(tags));
            tags.map(|tags| def.check(&tags).map(|()| tags)).transpose()
        }
        FieldKind::Date => def.parse(&dates::iso(text, order)?),
        FieldKind::Person => def.parse(&person(text, members)?.to_string()),
        FieldKind::People => {
            let mut ids = Vec::new();
            for name in several(text) {
                ids.push(person(name, members)?.to_string());
            }
            def.parse(&ids.join(","))
        }
        FieldKind::Days => def.parse(text.strip_suffix(['d', 'D']).unwrap_or(text).trim_end()),
        _ => def.parse(text),
    }
}

fn several(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ';', '\n']).map(str::trim).filter(|part| !part.is_empty())
}

/// Whom somebody means by a name, an address or an id.
fn person(text: &str, members: &[Member]) -> Result<UserId, String> {
    if let Ok(id) = text.parse::<UserId>() {
        return Ok(id);
    }
    let wanted = platform::fold(text);
    let is_meant = |member: &&Member| {
        let address = member.email.as_ref().is_some_and(|email| platform::fold(email) == wanted);
        address || platform::fold(&member.name) == wanted
    };
    let meant: Vec<&Member> = members.iter().filter(|member| member.active).filter(is_meant).collect();
    match meant[..] {
        [member] => Ok(member.id),
        [] => Err(format!("“{text}” isn’t a member. Use a member’s name or e-mail address.")),
        _ => Err(format!("Several members are called “{text}”. Use the e-mail address.")),
    }
}

/// A cell as it is copied, and as it is edited where that is done as text.
pub(super) fn written(
    property: &Property,
    def: &FieldDef,
    value: &Value,
    product: &str,
    members: &[Member],
) -> String {
    let name = |id: &str| {
        let id: Option<UserId> = id.parse().ok();
        let member = members.iter().find(|member| Some(member.id) == id);
        member.map_or_else(String::new, |member| member.name.to_string())
    };
    match (&def.kind, value) {
        (_, Value::Number(number)) if *property == Property::Key => format!("{product}-{number}"),
        (FieldKind::Person, Value::Text(id)) => name(id),
        (FieldKind::People, Value::Keys(ids)) => ids.iter().map(|id| name(id)).collect::<Vec<_>>().join(", "),
        (FieldKind::Choice(_), _) => def.words(value),
        _ => def.written(value),
    }
}

/// What an item has, as it is copied.
pub(super) fn copied(
    property: &Property,
    def: &FieldDef,
    roadmap: &Roadmap,
    item: &Item,
    year: domain::FiscalYear,
    product: &str,
    members: &[Member],
) -> String {
    let value = property.get(roadmap, item, year);
    value.map_or_else(String::new, |value| written(property, def, &value, product, members))
}

#[cfg(test)]
mod tests {
    use domain::{Email, PersonName, Role};

    use super::*;

    fn member(number: u8, name: &str, email: &str) -> Member {
        Member {
            id: UserId::new(1, [number; 10]),
            name: PersonName::parse(name).unwrap(),
            email: Some(Email::parse_by(email, &domain::NATIVE).unwrap()),
            role: Role::Editor,
            colour: 0,
            active: true,
        }
    }

    fn said(property: Property, text: &str) -> Result<String, String> {
        let members = [
            member(1, "Mei Tanaka", "mei@example.org"),
            member(2, "Jonas Reed", "jonas@example.org"),
            member(3, "Jonas Reed", "reed@example.org"),
        ];
        let def = property.def(&Roadmap::default()).unwrap();
        let value = read(&property, &def, text, &members, None)?;
        Ok(value.map_or_else(String::new, |value| written(&property, &def, &value, "ERP", &members)))
    }

    #[test]
    fn people_are_meant_by_name_or_address() {
        let owner = |text| said(Property::Own(Field::Owner), text);
        assert_eq!(owner("mei  TANAKA").as_deref(), Ok("Mei Tanaka"));
        assert_eq!(owner("Mei@example.org").as_deref(), Ok("Mei Tanaka"));
        assert_eq!(owner("").as_deref(), Ok(""));
        assert_eq!(
            owner("Nemo").unwrap_err(),
            "“Nemo” isn’t a member. Use a member’s name or e-mail address."
        );
        assert_eq!(
            owner("Jonas Reed").unwrap_err(),
            "Several members are called “Jonas Reed”. Use the e-mail address."
        );
        assert_eq!(owner("reed@example.org").as_deref(), Ok("Jonas Reed"));
    }

    #[test]
    fn values_are_read_by_their_fields() {
        let own = |field, text| said(Property::Own(field), text);
        assert_eq!(own(Field::Effort, "2,5").as_deref(), Ok("2.5"));
        assert_eq!(own(Field::Effort, "2.5 d").as_deref(), Ok("2.5"));
        assert!(own(Field::Effort, "1.234").is_err(), "thousands to some");
        assert_eq!(own(Field::Status, "in PROGRESS").as_deref(), Ok("In progress"));
        assert!(own(Field::Status, "doing").unwrap_err().contains("In progress"));
        assert_eq!(own(Field::Start, "21.11.2026").as_deref(), Ok("2026-11-21"));
        assert!(own(Field::Start, "03/04/2026").is_err());
        assert_eq!(own(Field::Tags, "Web; API,web").as_deref(), Ok("api, web"));
        assert_eq!(own(Field::Title, " Two\nlines ").as_deref(), Ok("Two lines"));
        assert_eq!(said(Property::Quarter, "Q1 2027").as_deref(), Ok("2027-Q1"));
    }
}
