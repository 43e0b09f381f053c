use super::*;

#[test]
fn efforts_are_read_as_people_write_them() {
    for (text, tenths) in [
        ("3", 30),
        ("2.5", 25),
        ("2,5", 25),
        (" 0.1 ", 1),
        ("0", 0),
        ("2.50", 25),
        ("2.0", 20),
        ("100000", 1_000_000),
    ] {
        assert_eq!(text.parse::<PersonDays>().unwrap().tenths(), tenths, "{text}");
    }
}

#[test]
fn what_could_mean_another_effort_is_refused() {
    for text in [
        "",
        "x",
        "-1",
        "+1",
        "1e3",
        "2.55",
        "2.55555",
        "1,000",
        "1.000",
        "1.000,5",
        "1,000.5",
        ".5",
        "2.",
        "1 000",
        "½",
        "100000.1",
        "100001",
        "4294967296",
        "٣",
    ] {
        let error = text.parse::<PersonDays>().unwrap_err();
        let sentence =
            format!("“{text}” isn’t a valid effort. Use person-days, like 3 or 2.5, up to 100000.");
        assert_eq!(error, sentence);
    }
}

#[test]
fn efforts_are_written_as_they_are_read() {
    for tenths in (0..100).chain([999_999, 1_000_000]) {
        let days = PersonDays::from_tenths(tenths).unwrap();
        assert_eq!(days.to_string().parse::<PersonDays>(), Ok(days));
    }
    assert_eq!(PersonDays::from_tenths(1_000_001), None);
    assert!(serde_json::from_str::<PersonDays>("1000001").is_err());
    assert!(serde_json::from_str::<PersonDays>("2.5").is_err());
}

#[test]
fn choices_are_read_by_name_and_by_label() {
    assert_eq!(" In Progress ".parse::<Status>(), Ok(Status::InProgress));
    assert_eq!("in_progress".parse::<Status>(), Ok(Status::InProgress));
    let error = "none".parse::<Investment>().unwrap_err();
    assert_eq!(error, "“none” is not one of innovation, retention, run, retire.");
    for status in Status::ALL {
        assert_eq!(serde_json::to_string(status).unwrap(), format!("\"{}\"", status.as_str()));
    }
}
