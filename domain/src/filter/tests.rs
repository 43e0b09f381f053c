use super::*;
use crate::{FiscalYear, Investment, ItemChange, ItemKind, Look, Op, Roadmap, Status, fixture::*};

fn found(roadmap: &Roadmap, filter: &Filter) -> String {
    let me = person(1).to_string();
    let fold = |text: &str| crate::fold(text, &crate::NATIVE);
    let view = View { roadmap, year: FiscalYear::default(), me: &me, changed: None, fold };
    let matches = filter.matcher(&view);
    let items = roadmap.items().filter(|item| matches(item));
    items.map(|item| item.fields.title.to_string()).collect::<Vec<_>>().join(" ")
}

fn text(text: &str) -> Filter {
    Filter { text: text.to_owned(), ..Filter::default() }
}

#[test]
fn everything_asked_for_must_hold() {
    let mut roadmap = roadmap();
    for (number, change) in [
        (1, ItemChange::Title(title("Überblick über ALLES"))),
        (1, ItemChange::Owner(Some(person(2)))),
        (2, ItemChange::Description("Alles neu".parse().unwrap())),
        (2, ItemChange::Investment(Some(Investment::Run))),
        (3, ItemChange::AddTag("security".parse().unwrap())),
    ] {
        done(&mut roadmap, &set(number, change), 1);
    }
    let all = found(&roadmap, &Filter::default());
    assert!(Filter::default().is_empty() && text("  ").is_empty());
    assert_eq!(found(&roadmap, &text("  ")), all);
    assert_eq!(found(&roadmap, &text("alles")), "Überblick über ALLES B");
    assert_eq!(found(&roadmap, &text("ALLES überblick")), "Überblick über ALLES");
    assert_eq!(found(&roadmap, &text("alles nirgends")), "");
    assert_eq!(found(&roadmap, &text("secur")), "C");
    assert_eq!(found(&roadmap, &text("erp-4")), "D");
    assert_eq!(found(&roadmap, &text("4")), "D");

    let by = |owner| Filter { owner: Some(owner), ..Filter::default() };
    assert_eq!(found(&roadmap, &by(Owner::Person(person(2)))), "Überblick über ALLES");
    assert_eq!(found(&roadmap, &by(Owner::Nobody)), "B C D E X");
    let run = Filter { investment: Some(Investment::Run), ..text("alles") };
    assert_eq!(found(&roadmap, &run), "B");
    let tag = Filter { tag: Some("security".parse().unwrap()), ..Filter::default() };
    assert_eq!(found(&roadmap, &tag), "C");
    assert_eq!(found(&roadmap, &Filter { tag: Some("secur".parse().unwrap()), ..Filter::default() }), "");
}

#[test]
fn words_are_found_whatever_keyboard_they_were_typed_with() {
    let mut roadmap = roadmap();
    for (number, change) in [
        (1, ItemChange::Title(title("Cafe\u{301} für Zoë"))),
        (2, ItemChange::AddTag("Ma\u{df}e".parse().unwrap())),
        (3, ItemChange::Description("Σίσυφος".parse().unwrap())),
    ] {
        done(&mut roadmap, &set(number, change), 1);
    }
    assert_eq!(found(&roadmap, &text("café")), "Cafe\u{301} für Zoë");
    assert_eq!(found(&roadmap, &text("FU\u{308}R zoe\u{308}")), "Cafe\u{301} für Zoë");
    assert_eq!(found(&roadmap, &text("MASSE")), "B");
    assert_eq!(found(&roadmap, &text("ΣΊΣΥΦΟΣ")), "C");
    assert_eq!(found(&roadmap, &text("４")), "D");
}

#[test]
fn most_votes_come_first_and_equal_ones_stay() {
    let mut roadmap = roadmap();
    for (number, voter) in [(3, 1), (3, 2), (4, 1)] {
        done(&mut roadmap, &Op::Upvote { item: item(number) }, voter);
    }
    let look = Look { sort: Look::by_votes(), ..Look::default() };
    let sorted = look.sorted(
        &roadmap,
        roadmap.lane_items(lane(1)),
        FiscalYear::default(),
        |text| text.to_lowercase(),
        &|_| String::new(),
    );
    assert_eq!(sorted, items(&[3, 1, 4, 2]));
}

#[test]
fn any_of_the_statuses_and_types_asked_for_will_do() {
    let mut roadmap = roadmap();
    for (number, change) in [
        (1, ItemChange::Status(Status::Done)),
        (2, ItemChange::Status(Status::Planned)),
        (2, ItemChange::Kind(ItemKind::Fix)),
    ] {
        done(&mut roadmap, &set(number, change), 1);
    }
    let statuses = Filter { statuses: vec![Status::Planned, Status::Done], ..Filter::default() };
    assert!(!statuses.is_empty());
    assert_eq!(found(&roadmap, &statuses), "A B");
    let both = Filter { kinds: vec![ItemKind::Fix, ItemKind::Experiment], ..statuses };
    assert_eq!(found(&roadmap, &both), "B");
}

#[test]
fn what_changed_is_asked_for_once_it_is_known() {
    let roadmap = roadmap();
    let filter = Filter { changed: true, ..Filter::default() };
    let items: Vec<ItemId> = roadmap.board_order().collect();
    let shown = |changed: Option<&BTreeSet<ItemId>>| {
        let me = UserId::NIL.to_string();
        let fold = |text: &str| crate::fold(text, &crate::NATIVE);
        let view = View { roadmap: &roadmap, year: FiscalYear::default(), me: &me, changed, fold };
        let matches = filter.matcher(&view);
        items.iter().copied().filter(|id| matches(roadmap.item(*id).unwrap())).collect::<Vec<_>>()
    };
    assert_eq!(shown(None), items);
    assert_eq!(shown(Some(&BTreeSet::from([items[1]]))), [items[1]]);
    assert_eq!(shown(Some(&BTreeSet::new())), []);
}

#[test]
fn an_address_says_what_a_filter_asks_for_and_no_more_than_is_known() {
    let filter = Filter {
        conditions: Vec::new(),
        any: false,
        text: "größer & schneller".to_owned(),
        owner: Some(Owner::Person(person(2))),
        tag: Some("security".parse().unwrap()),
        investment: Some(Investment::Run),
        statuses: vec![Status::InProgress, Status::Done],
        kinds: vec![ItemKind::Fix],
        changed: true,
    };
    let read = |query: &[(&'static str, String)]| {
        Filter::from_query(|name| query.iter().find(|(key, _)| *key == name).map(|(_, value)| value.clone()))
    };
    assert_eq!(read(&filter.to_query()), filter);
    let nobody = Filter { owner: Some(Owner::Nobody), ..Filter::default() };
    assert_eq!(nobody.to_query(), [("owner", "nobody".to_owned())]);
    assert_eq!(read(&nobody.to_query()), nobody);
    assert_eq!(Filter::default().to_query(), []);
    let strange = ["status", "type", "owner", "investment"].map(|name| (name, "done,what,done,,".to_owned()));
    assert_eq!(read(&strange), Filter { statuses: vec![Status::Done], ..Filter::default() });
    assert_eq!(read(&[("q", "x".repeat(5_000))]).text.len(), MAX_TEXT);
}

fn asks(query: &str) -> Filter {
    let read = |name: &str| {
        query.split('&').filter_map(|parameter| parameter.split_once('=')).find(|(other, _)| *other == name)
    };
    let filter = Filter::from_query(|name| read(name).map(|(_, value)| value.to_owned()));
    let written: Vec<String> =
        filter.to_query().into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(written.join("&"), query, "it is written as it was read");
    filter
}

#[test]
fn conditions_ask_about_every_property() {
    let mut roadmap = roadmap();
    let value = |field: &str, to: &str| ItemChange::Value {
        field: field.parse().unwrap(),
        to: Some(crate::Value::Text(to.to_owned())),
    };
    for (number, change) in [
        (1, ItemChange::Owner(Some(person(1)))),
        (2, ItemChange::Owner(Some(person(2)))),
        (1, ItemChange::Effort(crate::PersonDays::from_tenths(50))),
        (2, ItemChange::Effort(crate::PersonDays::from_tenths(90))),
        (3, ItemChange::AddTag("tax".parse().unwrap())),
        (3, value("iteration", "a, b")),
        (3, value("promised", "2027-Q1")),
        (4, value("promised", "2027-Q2")),
    ] {
        done(&mut roadmap, &set(number, change), 1);
    }
    for (query, wanted) in [
        ("where=owner~is~me", "A"),
        (&*format!("where=owner~not~me,{}", person(2)), "C D E X"),
        ("where=owner~empty", "C D E X"),
        ("where=effort~above~50", "B"),
        ("where=effort~below~90;owner~filled", "A"),
        ("where=effort~above~50;owner~is~me&match=any", "A B"),
        ("where=promised~below~2027-Q2", "C"),
        ("where=promised~is~2027-Q1,2027-Q2", "C D"),
        ("where=tags~is~tax", "C"),
        ("where=iteration~is~a%2c b", "C"),
        ("where=title~has~a,e", "A E"),
        ("where=lane~is~00000000-0000-0000-0000-000000000000", ""),
        ("where=status~is~proposed;type~not~feature", ""),
        ("where=upvotes~above~0", "A"),
        ("where=key~is~2", "B"),
    ] {
        assert_eq!(found(&roadmap, &asks(query)), wanted, "{query}");
    }
}

#[test]
fn what_is_not_whole_or_not_there_asks_for_nothing() {
    let roadmap = roadmap();
    let read = |query: &str| Filter::from_query(|name| (name == "where").then(|| query.to_owned()));
    for query in ["", ";;", "owner", "owner~is", "owner~is~", "owner~like~me", "No such~is~1", "~~~"] {
        assert!(read(query).is_empty(), "{query}");
        assert_eq!(read(query).to_query(), []);
    }
    let gone = read("c0123456789abcdef0123456789abcdef~is~k1");
    assert_eq!(found(&roadmap, &gone), "A B C D E X", "a field that was never made");
    let beside = asks("where=c0123456789abcdef0123456789abcdef~is~k1;key~is~2&match=any");
    assert_eq!(found(&roadmap, &beside), "B", "it is not one of those that may hold");
    let percent = read("title~has~50%,100%25,%zz");
    assert_eq!(percent.conditions[0].values, ["50%", "100%", "%zz"]);
    let many = read(&"key~is~1;".repeat(80));
    assert_eq!(many.conditions.len(), 50);
}

#[test]
fn what_is_asked_of_products_stands_in_the_address_by_itself() {
    let mut filter = Filter::default();
    filter.conditions.push(Condition::read("kind~not~service").unwrap());
    let asked = [("product", "ERP,CRM"), ("stage", "growth")];
    filter.ask_products(|name| {
        let found = asked.iter().find(|(other, _)| *other == name);
        found.map(|(_, value)| (*value).to_owned())
    });
    assert_eq!(filter.conditions.len(), 3);
    assert_eq!(filter.of_product().len(), 2);
    let product = |key: &str| crate::Product { key: key.parse().unwrap(), ..product() };
    assert!(filter.takes_product(&product("CRM")) && !filter.takes_product(&product("HR")));
    let mut any = Filter { any: true, ..filter.clone() };
    assert!(any.of_product().is_empty() && any.take_products().is_empty(), "one of them is enough");
    let taken = filter.take_products();
    let taken: Vec<(&str, &str)> = taken.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(taken, asked);
    assert_eq!(filter.to_query(), [("where", "kind~not~service".to_owned())]);
}
