use std::collections::BTreeSet;

use super::*;
use crate::{Place, Reject, Status};

fn field(key: &str) -> &'static FieldDef {
    FieldDef::find(key).unwrap()
}

fn number(number: i64) -> Option<Value> {
    Some(Value::Number(number))
}

fn text(text: &str) -> Option<Value> {
    Some(Value::Text(text.to_owned()))
}

#[test]
fn keys_labels_and_headers_name_one_field_each() {
    let mut names = BTreeSet::new();
    for field in FIELDS {
        assert_eq!(&*FieldKey::from(field), field.key);
        for name in
            field.headers.iter().map(|header| (*header).to_owned()).chain([field.label.to_lowercase()])
        {
            assert_eq!(name, name.to_lowercase());
            assert!(names.insert(name.clone()), "{name} names two fields");
        }
    }
}

#[test]
fn what_is_typed_is_read_and_written_again() {
    for (key, typed, value, words) in [
        ("confidence", "80 %", number(80), "80%"),
        ("confidence", "0", number(0), "0%"),
        ("cost", "12 500", number(1_250_000), "12500"),
        ("cost", "-99,5", number(-9_950), "-99.50"),
        ("impact", "5", number(5), "5"),
        ("moscow", "must have", text("must"), "Must have"),
        ("kano", "BASIC", text("basic"), "Basic"),
        ("promised", "q3/2027", text("2027-Q3"), "Q3 2027"),
        ("promised", "2027-Q3", text("2027-Q3"), "Q3 2027"),
        ("team", " Payments ", text("Payments"), "Payments"),
        ("problem", "One\r\ntwo", text("One\ntwo"), "One\ntwo"),
    ] {
        let field = field(key);
        assert_eq!(field.parse(typed), Ok(value.clone()), "{typed}");
        let value = value.unwrap();
        assert_eq!(field.words(&value), words);
        assert_eq!(field.parse(&field.written(&value)), Ok(Some(value)), "{typed}");
    }
    assert!(FIELDS.iter().all(|field| field.parse("  ") == Ok(None)));
}

#[test]
fn links_have_a_name_before_the_address() {
    let links = field("links");
    let value = links.parse("Design draft https://example.org/d\n\nhttps://example.org").unwrap().unwrap();
    let link = |name: &str, url: &str| Link { name: name.to_owned(), url: url.to_owned() };
    assert_eq!(
        value,
        Value::Links(vec![link("Design draft", "https://example.org/d"), link("", "https://example.org")])
    );
    assert_eq!(links.words(&value), "2 links");
    assert_eq!(links.parse(&links.written(&value)), Ok(Some(value)));
    assert!(links.parse("javascript:alert(1)").is_err());
}

#[test]
fn what_cannot_be_is_refused_with_a_sentence_that_says_what_can() {
    for (key, typed, says) in [
        ("confidence", "101", "from 0 to 100"),
        ("confidence", "half", "from 0 to 100"),
        ("impact", "0", "from 1 to 5"),
        ("cost", "1.000", "like 12500"),
        ("cost", "12e3", "like 12500"),
        ("cost", "99999999999999999999", "like 12500"),
        ("moscow", "maybe", "Must have, Should have"),
        ("promised", "2027-Q5", "like 2027-Q1"),
        ("promised", "27-Q1", "like 2027-Q1"),
        ("team", &"x".repeat(201), "at most 200"),
        ("team", "two\nlines", "one line"),
        ("problem", &"x".repeat(5_001), "at most 5000"),
        ("links", "example", "https://"),
    ] {
        let sentence = field(key).parse(typed).unwrap_err();
        assert!(sentence.contains(says) && sentence.chars().count() < 300, "{sentence}");
    }
}

#[test]
fn a_value_of_another_kind_is_refused() {
    assert!(field("confidence").check(&Value::Text("80".to_owned())).is_err());
    assert!(field("team").check(&Value::Number(3)).is_err());
    assert!(field("links").check(&Value::Links(Vec::new())).is_err());
    assert!(field("promised").check(&Value::Text("Q1 2027".to_owned())).is_err(), "not as it is kept");
}

#[test]
fn values_are_plain_json() {
    let link = Value::Links(vec![Link { name: String::new(), url: "https://example.org".to_owned() }]);
    for (value, json) in [
        (Value::Number(-5), "-5"),
        (Value::Text("must".to_owned()), r#""must""#),
        (link, r#"[{"url":"https://example.org"}]"#),
        (Value::Keys(["b", "a"].map(str::to_owned).into()), r#"["a","b"]"#),
        (Value::Yes, "true"),
    ] {
        assert_eq!(serde_json::to_string(&value).unwrap(), json);
        assert_eq!(serde_json::from_str::<Value>(json).unwrap(), value);
    }
    for json in ["1.5", "false", "null", "{}", "18446744073709551615", r#"["a",{"url":"b"}]"#, "[1]", "[[]]"]
    {
        assert!(serde_json::from_str::<Value>(json).is_err(), "{json}");
    }
}

#[test]
fn examples_can_be_held_read_and_written() {
    for field in FIELDS {
        for number in 0..200 {
            let value = field.example(number);
            assert_eq!(field.check(&value), Ok(()), "{value:?}");
            assert_eq!(field.parse(&field.written(&value)), Ok(Some(value)));
        }
    }
}

fn id(number: u8) -> FieldId {
    FieldId::new(1, [number; 10])
}

fn custom(label: &str, kind: FieldKind) -> CustomField {
    CustomField { label: label.parse().unwrap(), kind, required_from: None }
}

fn choice(key: &str, label: &str) -> Choice {
    Choice { key: key.to_owned().into(), label: label.to_owned().into(), colour: 0, retired: false }
}

fn tiers() -> FieldKind {
    FieldKind::Choices(vec![choice("k1", "Gold"), choice("k2", "Silver")].into())
}

/// A plan with a field of each kind that people can make.
fn plan() -> FieldPlan {
    let mut plan = FieldPlan::default();
    let kinds = [
        FieldKind::Text,
        FieldKind::number("tickets"),
        FieldKind::Money,
        FieldKind::Date,
        FieldKind::Person,
        FieldKind::Choice(vec![choice("k1", "Gold"), choice("k2", "Silver")].into()),
        tiers(),
        FieldKind::Checkbox,
        FieldKind::Links,
    ];
    for (number, kind) in (1..).zip(kinds) {
        let field = custom(&format!("Field {number}"), kind);
        assert_eq!(field.check(), Ok(()));
        plan.create(id(number), &field).unwrap();
    }
    plan
}

#[test]
fn keys_of_fields_that_people_made_lead_back_to_their_ids() {
    let key = FieldKey::from(id(7));
    assert_eq!(key.id(), Some(id(7)));
    assert!(FIELDS.iter().all(|field| FieldKey::from(field).id().is_none()));
}

#[test]
fn examples_of_fields_that_people_made_can_be_held_read_and_written() {
    for field in plan().all().filter(|field| field.is_custom) {
        for number in 0..50 {
            let value = field.example(number);
            assert_eq!(field.check(&value), Ok(()), "{value:?}");
            assert_eq!(field.parse(&field.written(&value)), Ok(Some(value)), "{field:?}");
        }
    }
}

#[test]
fn what_is_typed_into_fields_that_people_made_is_read_whatever_its_case() {
    let plan = plan();
    let field = |number| plan.find(&FieldKey::from(id(number))).unwrap();
    let keys = |keys: &[&str]| Some(Value::Keys(keys.iter().map(|key| (*key).to_owned()).collect()));
    for (number, typed, value, words) in [
        (2, "12 tickets", number_value(12), "12 tickets"),
        (4, "2027-03-01", text("2027-03-01"), "2027-03-01"),
        (6, "GOLD", text("k1"), "Gold"),
        (7, "silver; gold", keys(&["k1", "k2"]), "Gold, Silver"),
        (8, "yes", Some(Value::Yes), "Yes"),
    ] {
        assert_eq!(field(number).parse(typed), Ok(value.clone()), "{typed}");
        assert_eq!(field(number).words(&value.unwrap()), words);
    }
    assert_eq!(field(8).parse("no"), Ok(None));
    for (number, typed) in
        [(4, "0027-03-01"), (4, "soon"), (5, "Ada"), (6, "Bronze"), (7, "Gold, Bronze"), (8, "perhaps")]
    {
        assert!(field(number).parse(typed).is_err(), "{typed}");
    }
}

fn number_value(value: i64) -> Option<Value> {
    number(value)
}

#[test]
fn fields_that_cannot_be_are_refused() {
    let wrong = [
        custom("A", FieldKind::Line),
        custom("A", FieldKind::Number { min: 0, max: 9, unit: "".into() }),
        custom("A", FieldKind::number("two\nlines")),
        custom("A", FieldKind::Choice(vec![choice("k1", "Gold"), choice("k1", "Silver")].into())),
        custom("A", FieldKind::Choice(vec![choice("K 1", "Gold")].into())),
        custom("A", FieldKind::Choice(vec![choice("k1", "Gold, or so")].into())),
        custom("A", FieldKind::Choices((0..=MAX_CHOICES).map(|n| choice(&format!("k{n}"), "A")).collect())),
    ];
    for field in wrong {
        assert!(matches!(field.check(), Err(Reject::InvalidField(_))), "{field:?}");
    }
}

#[test]
fn every_change_of_a_field_is_taken_back_by_what_it_returns() {
    let before = plan();
    let (choices, number) = (FieldKey::from(id(7)), FieldKey::from(id(2)));
    let cost: FieldKey = "cost".parse().unwrap();
    let renamed = Choice { label: "Golden".into(), ..choice("k1", "") };
    for (field, change) in [
        (&choices, FieldChange::Label("Levels".parse().unwrap())),
        (&choices, FieldChange::Choice(renamed)),
        (&number, FieldChange::Unit("calls".to_owned())),
        (&number, FieldChange::RequiredFrom(Some(Status::Done))),
        (&cost, FieldChange::RequiredFrom(Some(Status::Planned))),
        (&cost, FieldChange::Used(false)),
        (&cost, FieldChange::Place(Place::First)),
        (&choices, FieldChange::Place(Place::Beside { after: Some(cost.clone()), before: None })),
    ] {
        let mut plan = before.clone();
        let back =
            plan.set(field, &change).unwrap().unwrap_or_else(|| panic!("{change:?} changes something"));
        assert_ne!(plan, before);
        assert_eq!(plan.set(field, &change), Ok(None), "{change:?} once more changes nothing");
        assert!(plan.set(field, &back).unwrap().is_some());
        assert_eq!(plan, before, "{change:?}");
    }
    let mut plan = before;
    assert!(matches!(
        plan.set(&cost, &FieldChange::Label("Price".parse().unwrap())),
        Err(Reject::UnknownField(_))
    ));
    assert!(matches!(plan.set(&choices, &FieldChange::Unit("a".to_owned())), Err(Reject::InvalidField(_))));
    assert!(matches!(
        plan.set(&FieldKey::from(id(99)), &FieldChange::Used(true)),
        Err(Reject::UnknownField(_))
    ));
}

#[test]
fn two_who_add_choices_at_once_both_have_theirs() {
    let mut plan = plan();
    let key = FieldKey::from(id(7));
    for (number, label) in [("k3", "Bronze"), ("k4", "Tin")] {
        plan.set(&key, &FieldChange::Choice(choice(number, label))).unwrap();
    }
    let labels: Vec<_> =
        plan.find(&key).unwrap().kind.choices().iter().map(|it| it.label.to_string()).collect();
    assert_eq!(labels, ["Gold", "Silver", "Bronze", "Tin"]);
}

#[test]
fn fields_come_in_their_order_and_later_ones_follow() {
    let mut plan = FieldPlan::default();
    let keys = |plan: &FieldPlan| plan.keys().iter().map(|key| key.to_string()).collect::<Vec<_>>();
    let usual: Vec<String> = FIELDS.iter().map(|field| field.key.to_string()).collect();
    assert_eq!(keys(&plan), usual);
    plan.set(&"team".parse().unwrap(), &FieldChange::Place(Place::First)).unwrap();
    plan.create(id(1), &custom("Later", FieldKind::Text)).unwrap();
    let ordered = keys(&plan);
    assert_eq!(ordered[0], "team");
    assert_eq!(ordered.last(), Some(&FieldKey::from(id(1)).to_string()));
    assert_eq!(ordered.len(), FIELDS.len() + 1);
}

#[test]
fn there_are_at_most_sixty_fields_of_ones_own() {
    let mut plan = FieldPlan::default();
    for number in 1..=60 {
        plan.create(id(number), &custom("A", FieldKind::Text)).unwrap();
    }
    let refused = plan.create(id(61), &custom("A", FieldKind::Text));
    assert_eq!(refused, Err(Reject::TooManyFields { max: MAX_CUSTOM_FIELDS }));
    assert_eq!(plan.create(id(1), &custom("A", FieldKind::Text)), Err(Reject::DuplicateId));
}
