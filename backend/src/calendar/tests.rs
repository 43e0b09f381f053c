//! Calendars as other programs read them.

use domain::{Context, ItemChange, ItemFields, LaneId, Op, Place, Title, UserId, apply};

use super::*;

/// A calendar of items with their days; the workspace's year begins in April.
fn calendar(items: &[(&str, &str, &str)]) -> String {
    let mut roadmap = Roadmap::default();
    let context = Context { actor: UserId::NIL, at: Timestamp(1_795_000_000_000) };
    let lane = LaneId::new(1, [0; 10]);
    let mut done = |op: Op| drop(apply(&mut roadmap, &op, &context).unwrap());
    done(Op::CreateLane { id: lane, name: "Now, soon".parse().unwrap(), place: Place::Last });
    for (n, (title, start, end)) in (1..).zip(items) {
        let id = ItemId::new(n, [0; 10]);
        let fields = Box::new(ItemFields::titled(Title::parse(title).unwrap()));
        done(Op::CreateItem { id, lane, place: Place::Last, fields });
        let (start, end) = (start.parse().ok(), end.parse().ok());
        done(Op::set(id, ItemChange::Schedule { start, end }));
    }
    let key = "ERP".parse().unwrap();
    let changes = HashMap::from([(ItemId::new(1, [0; 10]), Timestamp(1_796_000_000_000))]);
    let year = FiscalYear::beginning_in(4).unwrap();
    let drawing =
        Drawing { key: &key, roadmap: &roadmap, year, site: "https://x.example", changes: &changes };
    let items = roadmap.board_order().map(|id| &**roadmap.item(id).unwrap()).collect();
    String::from_utf8(drawing.calendar("ERP · Roadmap", items)).unwrap()
}

/// The lines as they were before they were folded.
fn lines(calendar: &str) -> Vec<String> {
    calendar.replace("\r\n ", "").split_terminator("\r\n").map(str::to_owned).collect()
}

#[test]
fn an_event_is_of_whole_days_without_a_zone_and_ends_before_its_end() {
    let calendar = calendar(&[("Sign in; out, and \\", "2027-01-01", "2027-03-31")]);
    assert_eq!(
        lines(&calendar),
        [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//Cairn//Roadmap//EN",
            "NAME:ERP · Roadmap",
            "X-WR-CALNAME:ERP · Roadmap",
            "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
            "X-PUBLISHED-TTL:PT1H",
            "BEGIN:VEVENT",
            "UID:00000000-0001-7000-8000-000000000000@cairn",
            "DTSTAMP:20261130T005320Z",
            "LAST-MODIFIED:20261130T005320Z",
            "DTSTART;VALUE=DATE:20270101",
            "DTEND;VALUE=DATE:20270401",
            "SUMMARY:ERP-1 Sign in\\; out\\, and \\\\",
            "DESCRIPTION:Proposed · Now\\, soon · Q4 FY27\\nhttps://x.example/p/ERP/i/ERP-1",
            "URL:https://x.example/p/ERP/i/ERP-1",
            "STATUS:TENTATIVE",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
            "END:VCALENDAR",
        ]
    );
}

#[test]
fn a_year_that_begins_in_april_has_its_quarters() {
    let quarter = |start: &str, end: &str| {
        let calendar = calendar(&[("One", start, end)]);
        let line = lines(&calendar).into_iter().find(|line| line.starts_with("DESCRIPTION:")).unwrap();
        line.split(" · ").nth(2).unwrap().split("\\n").next().unwrap().to_owned()
    };
    assert_eq!(quarter("2027-01-01", "2027-03-31"), "Q4 FY27");
    assert_eq!(quarter("2027-04-01", ""), "Q1 FY28");
}

#[test]
fn what_has_one_day_or_none() {
    let calendar = calendar(&[
        ("Starts", "2027-02-28", ""),
        ("Ends", "", "2028-02-28"),
        ("Never", "", ""),
        ("Last of days", "", "9999-12-31"),
    ]);
    let days: Vec<String> = lines(&calendar).into_iter().filter(|line| line.contains("=DATE:")).collect();
    assert_eq!(
        days,
        [
            "DTSTART;VALUE=DATE:20270228",
            "DTEND;VALUE=DATE:20270301",
            "DTSTART;VALUE=DATE:20280228",
            "DTEND;VALUE=DATE:20280229",
            "DTSTART;VALUE=DATE:99991231",
        ]
    );
    assert!(!calendar.contains("Never"));
}

#[test]
fn lines_are_folded_at_75_octets_and_never_within_a_character() {
    let title = "Überprüfung der Schnittstellen für Bestellungen 漢字漢字漢字漢字漢字 🚀🚀🚀🚀🚀🚀🚀🚀";
    let calendar = calendar(&[(title, "2027-01-01", "2027-01-02")]);
    assert!(calendar.ends_with("\r\n") && !calendar.replace("\r\n", "").contains(['\r', '\n']));
    for line in calendar.split("\r\n") {
        assert!(line.len() <= 75, "{line}");
    }
    assert!(lines(&calendar).contains(&format!("SUMMARY:ERP-1 {title}")));
}

#[test]
fn nothing_in_a_title_begins_a_line_or_a_property() {
    let mut writer = Writer::default();
    writer.text("SUMMARY", "a\r\nATTENDEE:mailto:x\u{7}\u{85}, b");
    assert_eq!(writer.finish(), b"SUMMARY:a\\nATTENDEE:mailto:x\\, b\r\n");
}
