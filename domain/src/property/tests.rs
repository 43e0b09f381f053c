use super::*;
use crate::{
    FIELDS,
    fixture::{by, done, item, lane, person, roadmap, set},
};

const YEAR: fn() -> FiscalYear = || FiscalYear::beginning_in(4).unwrap();

fn named(name: &str) -> Property {
    Property::named(name).unwrap()
}

/// Sets a property of item 1, and tells what it holds then.
fn now(roadmap: &mut Roadmap, name: &str, to: Option<Value>) -> Result<Option<Value>, String> {
    let property = named(name);
    let ops = property.set(roadmap, roadmap.item(item(1)).unwrap(), to, YEAR())?;
    for op in ops {
        crate::apply(roadmap, &op, &by(1)).map_err(|reject| reject.to_string())?;
    }
    Ok(property.get(roadmap, roadmap.item(item(1)).unwrap(), YEAR()))
}

fn text(text: &str) -> Option<Value> {
    Some(Value::Text(text.to_owned()))
}

#[test]
fn every_property_has_a_name_of_its_own_and_says_what_it_holds() {
    let roadmap = roadmap();
    let all = Property::all(&roadmap);
    assert_eq!(all.len(), 21 + FIELDS.len());
    for property in &all {
        assert_eq!(Property::named(property.as_str()).as_ref(), Some(property));
        let def = property.def(&roadmap).unwrap();
        assert_eq!(def.key, property.as_str());
        assert!(!def.label.is_empty());
    }
    assert_eq!(Property::named("No such"), None);
}

#[test]
fn whatever_can_be_set_is_read_back_and_emptied_where_it_may_be() {
    let mut roadmap = roadmap();
    let lane_two = lane(2).to_string();
    let tags = Some(Value::Keys(["a", "b"].map(str::to_owned).into()));
    let values = [
        ("title", text("Another")),
        ("lane", text(&lane_two)),
        ("status", text("done")),
        ("type", text("fix")),
        ("investment", text("run")),
        ("owner", text(&person(2).to_string())),
        ("effort", Some(Value::Number(25))),
        ("start", text("2026-04-01")),
        ("end", text("2026-06-30")),
        ("quarter", text("2027-Q2")),
        ("tags", tags),
        ("confidence", Some(Value::Number(80))),
    ];
    for (name, value) in values {
        assert!(named(name).is_editable(), "{name}");
        assert_eq!(now(&mut roadmap, name, value.clone()), Ok(value), "{name}");
    }
    for name in ["investment", "owner", "effort", "quarter", "tags", "confidence"] {
        assert_eq!(now(&mut roadmap, name, None), Ok(None), "{name}");
    }
    for name in ["title", "lane", "status", "type"] {
        assert!(now(&mut roadmap, name, None).unwrap_err().starts_with("An item needs a"), "{name}");
    }
    for name in ["key", "upvotes", "comments", "source_key"] {
        assert!(!named(name).is_editable());
        assert!(now(&mut roadmap, name, Some(Value::Number(7))).is_err(), "{name}");
    }
    assert!(now(&mut roadmap, "status", text("somewhere")).unwrap_err().contains("Proposed"));
    assert!(now(&mut roadmap, "lane", text(&lane(9).to_string())).is_err());
}

#[test]
fn another_quarter_keeps_how_long_and_how_far_into_it() {
    let mut roadmap = roadmap();
    let schedule = |start: Option<&str>, end: Option<&str>| {
        let day = |day: Option<&str>| day.map(|day| day.parse().unwrap());
        set(1, ItemChange::Schedule { start: day(start), end: day(end) })
    };
    let days = |roadmap: &Roadmap| {
        let fields = &roadmap.item(item(1)).unwrap().fields;
        [fields.start, fields.end].map(|date| date.map(|date| date.to_string()).unwrap_or_default())
    };
    done(&mut roadmap, &schedule(Some("2026-01-15"), Some("2026-03-31")), 1);
    assert_eq!(named("quarter").get(&roadmap, roadmap.item(item(1)).unwrap(), YEAR()), text("2026-Q4"));
    now(&mut roadmap, "quarter", text("2027-Q1")).unwrap();
    assert_eq!(days(&roadmap), ["2026-04-15", "2026-06-30"]);
    done(&mut roadmap, &schedule(Some("2026-04-01"), None), 1);
    now(&mut roadmap, "quarter", text("2026-Q4")).unwrap();
    assert_eq!(days(&roadmap), ["2026-01-01", ""]);
    done(&mut roadmap, &schedule(None, None), 1);
    now(&mut roadmap, "quarter", text("2027-Q1")).unwrap();
    assert_eq!(days(&roadmap), ["2026-04-01", "2026-06-30"]);
    let backwards = now(&mut roadmap, "end", text("2026-03-01")).unwrap_err();
    assert_eq!(backwards, "The end is before the start.");
}

#[test]
fn a_lane_that_sets_a_status_does_so_here_too() {
    let mut roadmap = roadmap();
    done(&mut roadmap, &Op::SetLaneStatus { id: lane(2), status: Some(Status::Planned) }, 1);
    now(&mut roadmap, "lane", text(&lane(2).to_string())).unwrap();
    assert_eq!(roadmap.item(item(1)).unwrap().fields.status, Status::Planned);
}

#[test]
fn values_are_in_the_order_in_which_people_expect_them() {
    let roadmap = roadmap();
    let order = |name: &str, a: Option<Value>, b: Option<Value>| {
        named(name)
            .def(&roadmap)
            .unwrap()
            .order(a.as_ref(), b.as_ref(), |text| text.to_lowercase(), &|_| String::new())
    };
    assert_eq!(order("status", text("planned"), text("done")), Ordering::Less, "as they are offered");
    assert_eq!(order("title", text("b"), text("A")), Ordering::Greater);
    assert_eq!(order("effort", Some(Value::Number(9)), Some(Value::Number(10))), Ordering::Less);
    assert_eq!(order("end", None, text("2026-01-01")), Ordering::Greater, "what is empty comes last");
}
