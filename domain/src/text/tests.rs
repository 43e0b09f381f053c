use proptest::prelude::*;

use super::*;

#[test]
fn texts_are_trimmed_and_counted_in_characters() {
    assert_eq!(&*Title::parse("  Überblick ✓ \n").unwrap(), "Überblick ✓");
    assert!(Title::parse(&"移".repeat(200)).is_ok());
    let long = Title::parse(&"移".repeat(201)).unwrap_err();
    assert_eq!(long.to_string(), "A title may have at most 200 characters; this has 201. Shorten it.");
    assert!(Title::parse(&format!("  {}  ", "x".repeat(200))).is_ok());
}

#[test]
fn a_text_without_anything_to_see_is_empty() {
    for empty in ["", "  ", "\n\t", "\u{200b}", " \u{feff}\u{2060} ", "\u{a0}\u{3000}"] {
        assert_eq!(Title::parse(empty), Err(InvalidText::Empty("A title".to_owned())), "{empty:?}");
        assert!(CommentBody::parse(empty).is_err());
        assert!(Tag::parse(empty).is_err());
    }
    assert_eq!(&*Description::parse(" \r\n ").unwrap(), " \n ");
    assert!(Purpose::parse("").unwrap().is_empty());
    assert!(Title::parse("👩\u{200d}💻").is_ok(), "joiners are fine within");
}

#[test]
fn a_single_line_is_a_single_line() {
    for broken in ["a\nb", "a\rb", "a\tb", "a\0b", "a\u{7f}b", "a\u{85}b", "a\u{2028}b", "a\u{2029}b"] {
        assert_eq!(
            Title::parse(broken),
            Err(InvalidText::ControlCharacter("A title".to_owned())),
            "{broken:?}"
        );
        assert!(Purpose::parse(broken).is_err(), "a purpose is one line");
        assert!(Tag::parse(broken).is_err());
    }
    assert!(Description::parse("a\n\tb\r\nc").is_ok());
    for broken in ["a\0b", "a\u{1b}[31mb"] {
        assert!(Description::parse(broken).is_err());
        assert!(CommentBody::parse(broken).is_err());
    }
}

#[test]
fn every_text_has_its_limit() {
    let x = |count| "x".repeat(count);
    assert!(LaneName::parse(&x(60)).is_ok() && LaneName::parse(&x(61)).is_err());
    assert!(Description::parse(&x(20_000)).is_ok() && Description::parse(&x(20_001)).is_err());
    assert!(CommentBody::parse(&x(5_000)).is_ok() && CommentBody::parse(&x(5_001)).is_err());
    assert!(ProductName::parse(&x(80)).is_ok() && ProductName::parse(&x(81)).is_err());
    assert!(Purpose::parse(&x(200)).is_ok() && Purpose::parse(&x(201)).is_err());
    assert!(PersonName::parse(&x(80)).is_ok() && PersonName::parse(&x(81)).is_err());
    assert!(SourceKey::parse(&x(200)).is_ok() && SourceKey::parse(&x(201)).is_err());
    assert!(Tag::parse(&x(40)).is_ok() && Tag::parse(&x(41)).is_err());
}

#[test]
fn tags_are_in_lower_case_and_separable() {
    assert_eq!(&*Tag::parse(" API Über ").unwrap(), "api über");
    assert_eq!(Tag::parse("a,b"), Err(InvalidText::Tag("a,b".to_owned())));
    assert!(Tag::parse("a;b").is_err());
    assert!(Tag::parse(&"İ".repeat(40)).is_err(), "in lower case it is twice as long");
}

#[test]
fn an_e_mail_address_has_a_name_and_a_host() {
    assert_eq!(&*Email::parse(" Anna@Example.ORG ").unwrap(), "anna@example.org");
    for wrong in ["anna", "@example.org", "anna@", "a@b@c", "an na@example.org", "anna@exa\u{a0}mple.org", ""]
    {
        assert!(Email::parse(wrong).is_err(), "{wrong}");
    }
    assert!(Email::parse(&format!("{}@example.org", "x".repeat(242))).is_ok());
    assert!(Email::parse(&format!("{}@example.org", "x".repeat(243))).is_err());
}

#[test]
fn product_keys_are_short_and_plain() {
    assert_eq!(&*ProductKey::parse(" erp2 ").unwrap(), "ERP2");
    for wrong in ["", "E", "2ERP", "ERP-2", "ÉRP", "ßß", "ABCDEFGHIJK", "E P"] {
        assert_eq!(ProductKey::parse(wrong), Err(InvalidText::ProductKey(wrong.to_owned())));
    }
}

#[test]
fn item_keys_are_read_as_people_type_them() {
    let key: ItemKey = " erp-12 ".parse().unwrap();
    assert_eq!((&*key.product, key.number, key.to_string().as_str()), ("ERP", 12, "ERP-12"));
    for wrong in
        ["", "ERP", "ERP-", "-12", "ERP-x", "ERP-+1", "ERP--1", "ERP- 1", "ERP-4294967296", "ERP 12", "E-1"]
    {
        assert_eq!(wrong.parse::<ItemKey>(), Err(InvalidText::ItemKey(wrong.to_owned())), "{wrong}");
    }
}

#[test]
fn texts_are_checked_where_they_come_in() {
    assert!(serde_json::from_str::<Title>("\" \"").is_err());
    assert!(serde_json::from_str::<Title>("7").is_err());
    let error = serde_json::from_str::<Tag>("\"a,b\"").unwrap_err().to_string();
    assert!(error.starts_with("A tag must not contain a comma"), "{error}");
}

/// What was taken once is taken again as it is: from the database, from the log, from the wire.
fn stays<T>(text: &str)
where
    T: Clone + PartialEq + fmt::Debug + FromStr<Err = InvalidText> + serde::de::DeserializeOwned + Serialize,
{
    if let Ok(parsed) = text.parse::<T>() {
        let written = serde_json::to_string(&parsed).unwrap();
        assert_eq!(serde_json::from_str::<T>(&written).unwrap(), parsed, "{text:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    #[test]
    fn parsing_twice_is_parsing_once(text in "(?s).{0,44}|[İIıſßΣς]{35,44}|[a-zA-Z.İ]{1,4}@[a-zA-ZİΣ]{1,4}", key in "[a-zA-Zß0-9]{0,11}-?[0-9+]{0,3}") {
        stays::<Title>(&text);
        stays::<LaneName>(&text);
        stays::<Description>(&text);
        stays::<CommentBody>(&text);
        stays::<Purpose>(&text);
        stays::<Tag>(&text);
        stays::<Email>(&text);
        stays::<ProductKey>(&key);
        if let Ok(key) = key.parse::<ItemKey>() {
            prop_assert_eq!(key.to_string().parse::<ItemKey>().unwrap(), key);
        }
    }
}

#[test]
fn tags_and_addresses_that_look_the_same_are_the_same() {
    let tag = |text: &str| Tag::parse(text).unwrap();
    assert_eq!(tag("Cafe\u{301}"), tag("café"));
    assert_eq!(&*tag("CAFÉ"), "café");
    let email = |text: &str| Email::parse(text).unwrap();
    assert_eq!(email("Zoe\u{308}@example.org"), email("zoë@example.org"));
    assert_eq!(email("ａｄａ＠ｅｘａｍｐｌｅ．ｏｒｇ"), email("ada@example.org"));
}
