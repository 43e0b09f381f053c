//! Money of products: entries by month, what items are worth by them, and how a workspace counts.

use backend::{
    AccessChange, Error, Owner, Viewer, copying,
    figures::KpiDraft,
    money::{Added, MoneyDraft, MoneySettings},
};
use domain::{
    ItemId, Product, ProductKey, Reject, Role, Visibility,
    money::{Currency, written},
};

use crate::{
    dependencies::product,
    harness::{Store, stories},
};

stories! {
    entries_are_typed_edited_removed_and_restored
    a_stale_form_changes_what_was_edited
    entries_in_another_currency_are_refused
    pasted_entries_are_added_whole_or_not_at_all
    entries_of_a_product_are_bounded
    an_item_is_worth_what_its_entries_say
    the_latest_count_of_users_is_that_of_the_product
    the_money_of_a_hidden_product_is_hidden
    a_backup_holds_money
}

fn draft(month: &str, kind: &str, basis: &str, amount: &str) -> MoneyDraft {
    let [month, kind, basis, amount] = [month, kind, basis, amount].map(str::to_owned);
    MoneyDraft { month, kind, basis, amount, label: "Licences".to_owned(), item: String::new(), seen: None }
}

/// A line for each entry.
async fn entries(viewer: &Viewer, key: &ProductKey) -> Vec<String> {
    let money = viewer.product_money(key).await.unwrap();
    let line = |entry: &backend::money::MoneyEntry| {
        let domain::money::Entry { month, kind, basis, amount, label, .. } = &entry.entry;
        format!("{month} {} {} {} {label}", kind.as_str(), basis.as_str(), domain::amount(*amount))
    };
    money.entries.iter().map(line).collect()
}

async fn in_euros(owner: &Owner) {
    let currency = Currency::find("EUR");
    owner.set_money(MoneySettings { currency, discount: 800 }, None).await.unwrap();
}

async fn items(owner: &Owner, product: &Product) -> Vec<ItemId> {
    let view = owner.view(product.roadmap).await.unwrap();
    let mut items: Vec<_> = view.roadmap.items().map(|item| (item.number, item.id)).collect();
    items.sort_unstable();
    items.into_iter().map(|(_, id)| id).collect()
}

async fn entries_are_typed_edited_removed_and_restored(store: Store) {
    let (owner, reader) = (store.owner().await, store.person("vic", Role::Viewer).await);
    let erp = product(&owner, "ERP", 1).await;
    let first = draft("2027-01", "cost", "plan", "1 200,50");
    owner.save_money(&erp.key, None, &first).await.unwrap();
    owner.save_money(&erp.key, None, &draft("Feb 2027", "revenue", "actual", "5000")).await.unwrap();
    assert_eq!(
        entries(&reader, &erp.key).await,
        ["2027-02 revenue actual 5000 Licences", "2027-01 cost plan 1200.50 Licences"]
    );
    for (wrong, why) in [
        (draft("soon", "cost", "plan", "5"), "isn’t a month"),
        (draft("2027-01", "rent", "plan", "5"), "isn’t a kind"),
        (draft("2027-01", "cost", "maybe", "5"), "neither plan nor actual"),
        (draft("2027-01", "cost", "plan", "-5"), "negative"),
        (MoneyDraft { item: "ERP-9".to_owned(), ..first.clone() }, "no item ERP-9"),
        (MoneyDraft { item: "CRM-1".to_owned(), ..first.clone() }, "no item CRM-1"),
    ] {
        let refused = owner.save_money(&erp.key, None, &wrong).await;
        assert!(matches!(&refused, Err(Error::Invalid(said)) if said.contains(why)), "{refused:?}");
    }
    let id = owner.product_money(&erp.key).await.unwrap().entries[1].id;
    let changed = MoneyDraft { item: "ERP-1".to_owned(), ..draft("2027-01", "cost", "plan", "1300") };
    owner.save_money(&erp.key, Some(id), &changed).await.unwrap();
    for refused in [
        reader.save_money(&erp.key, None, &first).await.map(drop),
        reader.save_money(&erp.key, Some(id), &first).await.map(drop),
        reader.bin_money(&erp.key, id, true).await.map(drop),
        reader.add_money_lines(&erp.key, "2027-01,cost,plan,5").await.map(drop),
    ] {
        assert!(matches!(refused, Err(Error::Refused(Reject::NotAllowed(Role::Viewer)))), "{refused:?}");
    }
    owner.bin_money(&erp.key, id, true).await.unwrap();
    let gone = owner.save_money(&erp.key, Some(id), &first).await;
    assert!(matches!(gone, Err(Error::NotFound(_))), "{gone:?}");
    let money = owner.product_money(&erp.key).await.unwrap();
    assert_eq!((money.entries.len(), money.removed.len()), (1, 1));
    assert_eq!(money.items[&money.removed[0].entry.item.unwrap()].1, "ERP item 1");
    owner.bin_money(&erp.key, id, false).await.unwrap();
    assert_eq!(entries(&owner, &erp.key).await.len(), 2);
    let other = product(&owner, "CRM", 0).await;
    let elsewhere = owner.bin_money(&other.key, id, true).await;
    assert!(matches!(elsewhere, Err(Error::NotFound(_))), "{elsewhere:?}");

    // An archived product is read only.
    owner.set_archived(&erp.key, true).await.unwrap();
    let archived = owner.save_money(&erp.key, None, &first).await;
    assert!(matches!(archived, Err(Error::Refused(Reject::Archived))), "{archived:?}");
    assert_eq!(entries(&reader, &erp.key).await.len(), 2);
    assert_eq!(store.backend.check().await.unwrap().problems, Vec::<String>::new());
}

async fn a_stale_form_changes_what_was_edited(store: Store) {
    let owner = store.owner().await;
    let erp = product(&owner, "ERP", 0).await;
    let seen = draft("2027-01", "cost", "plan", "100");
    owner.save_money(&erp.key, None, &seen).await.unwrap();
    let id = owner.product_money(&erp.key).await.unwrap().entries[0].id;
    let edited = |edited: MoneyDraft| MoneyDraft { seen: Some(Box::new(seen.clone())), ..edited };
    owner.save_money(&erp.key, Some(id), &edited(draft("2027-01", "cost", "plan", "200"))).await.unwrap();
    owner.save_money(&erp.key, Some(id), &edited(draft("2027-02", "cost", "actual", "100"))).await.unwrap();
    assert_eq!(entries(&owner, &erp.key).await, ["2027-02 cost actual 200 Licences"], "both are kept");
    let other = owner.save_money(&erp.key, Some(id), &edited(draft("2027-01", "cost", "plan", "300"))).await;
    assert!(matches!(&other, Err(Error::Conflict(why)) if why.contains("changed this entry")), "{other:?}");
    owner.save_money(&erp.key, Some(id), &edited(draft("2027-01", "cost", "plan", "200"))).await.unwrap();
    assert_eq!(entries(&owner, &erp.key).await, ["2027-02 cost actual 200 Licences"]);
}

async fn entries_in_another_currency_are_refused(store: Store) {
    let owner = store.owner().await;
    let erp = product(&owner, "ERP", 0).await;
    let none = owner.save_money(&erp.key, None, &draft("2027-01", "cost", "plan", "5 EUR")).await;
    assert!(matches!(&none, Err(Error::Invalid(why)) if why.contains("has none yet")), "{none:?}");
    in_euros(&owner).await;
    let foreign = owner.save_money(&erp.key, None, &draft("2027-01", "cost", "plan", "5 USD")).await;
    assert!(matches!(&foreign, Err(Error::Invalid(why)) if why.contains("counts in EUR")), "{foreign:?}");
    let foreign = owner.add_money_lines(&erp.key, "2027-01,cost,plan,€ 5\n2027-02,cost,plan,$5\n").await;
    assert!(matches!(&foreign, Err(Error::Invalid(why)) if why.contains("Line 2")), "{foreign:?}");
    assert_eq!(entries(&owner, &erp.key).await, [""; 0], "nothing is half done");
    owner.save_money(&erp.key, None, &draft("2027-01", "cost", "plan", "€ 5")).await.unwrap();
    let editor = store.editor().await;
    assert!(editor.as_owner().is_err(), "only owners choose the currency");
    assert_eq!(editor.money_settings().await.unwrap().code(), "EUR");
}

async fn pasted_entries_are_added_whole_or_not_at_all(store: Store) {
    let owner = store.owner().await;
    in_euros(&owner).await;
    let erp = product(&owner, "ERP", 2).await;
    let bad = "2027-01,cost,plan,5,Licences,ERP-2\n2027-01,cost,plan,5,Licences,ERP-3\nsoon,cost,plan,5\n";
    let refused = owner.add_money_lines(&erp.key, bad).await;
    assert!(matches!(&refused, Err(Error::Invalid(why)) if why.contains("Line 3: “soon”")), "{refused:?}");
    let missing = owner.add_money_lines(&erp.key, bad.rsplit_once("soon").unwrap().0).await;
    assert!(
        matches!(&missing, Err(Error::Invalid(why)) if why.contains("Line 2: There is no item ERP-3")),
        "{missing:?}"
    );
    assert_eq!(entries(&owner, &erp.key).await, [""; 0]);
    let text = "Month,Kind,Plan or actual,Amount,Label,Item\n2027-01,cost,plan,5,Licences,ERP-2\n\
                2027-01,cost,plan,5,Licences,ERP-2\n2027-03,saving,actual,99.50,,\n";
    let added = owner.add_money_lines(&erp.key, text).await.unwrap();
    assert_eq!(added, Added { added: 3, unchanged: 0 }, "two that are the same are two");
    let again = owner.add_money_lines(&erp.key, text).await.unwrap();
    assert_eq!(again, Added { added: 0, unchanged: 3 }, "the same file once more changes nothing");
    let file = String::from_utf8(owner.money_csv(&erp.key).await.unwrap()).unwrap();
    assert!(file.contains("2027-03,saving,actual,99.50,EUR,,,ada\r\n"), "{file}");
    assert!(file.contains("2027-01,cost,plan,5,EUR,Licences,ERP-2,ada\r\n"), "{file}");
    let back = owner.add_money_lines(&erp.key, &file).await.unwrap();
    assert_eq!(back, Added { added: 0, unchanged: 3 }, "what is downloaded can be pasted");
    let more = owner.add_money_lines(&erp.key, &format!("{text}2027-04,cost,plan,1,,\n")).await.unwrap();
    assert_eq!(more, Added { added: 1, unchanged: 3 });
}

async fn entries_of_a_product_are_bounded(store: Store) {
    let owner = store.owner().await;
    let erp = product(&owner, "ERP", 0).await;
    let lines = |from: usize, count: usize| {
        (from..from + count).map(|n| format!("2027-01,cost,plan,{n}\n")).collect::<String>()
    };
    for (from, count) in [(0, 2_000), (2_000, 2_000), (4_000, 999)] {
        owner.add_money_lines(&erp.key, &lines(from, count)).await.unwrap();
    }
    let full = owner.add_money_lines(&erp.key, &lines(4_999, 2)).await;
    assert!(matches!(&full, Err(Error::Conflict(why)) if why.contains("at most 5000")), "{full:?}");
    owner.save_money(&erp.key, None, &draft("2027-01", "cost", "plan", "1")).await.unwrap();
    let full = owner.save_money(&erp.key, None, &draft("2027-01", "cost", "plan", "2")).await;
    assert!(matches!(&full, Err(Error::Conflict(why)) if why.contains("5,000 money entries")), "{full:?}");
    assert_eq!(owner.product_money(&erp.key).await.unwrap().entries.len(), 5_000);
}

/// At 8 %: 1,000 go out in January 2027 and 1,080 come in twelve months later, which is worth 0. The plan of 9,999 in that month does
/// not count, since something has come about then. At 0 % it is worth the difference, 80.
async fn an_item_is_worth_what_its_entries_say(store: Store) {
    let owner = store.owner().await;
    let erp = product(&owner, "ERP", 2).await;
    let text = "Month,Kind,Plan or actual,Amount,Item\n2027-01,cost,plan,1000,ERP-1\n\
                2028-01,revenue,plan,9999,ERP-1\n2028-01,revenue,actual,1000,ERP-1\n\
                2028-01,saving,actual,80,ERP-1\n2027-01,cost,plan,500,\n";
    owner.add_money_lines(&erp.key, text).await.unwrap();
    let of_item = items(&owner, &erp).await;
    let (_, worth) = owner.item_money(&erp.key, of_item[0]).await.unwrap();
    let worth = worth.unwrap();
    assert_eq!((worth.net, worth.npv, worth.entries), (8_000, 0, 4));
    assert_eq!(worth.payback.unwrap().to_string(), "2028-01");
    assert_eq!(worth.first.to_string(), "2027-01");
    assert_eq!(owner.product_money(&erp.key).await.unwrap().items_worth(), [worth]);
    assert_eq!(owner.item_money(&erp.key, of_item[1]).await.unwrap().1, None);
    owner.set_money(MoneySettings { currency: None, discount: 0 }, None).await.unwrap();
    let (settings, worth) = owner.item_money(&erp.key, of_item[0]).await.unwrap();
    assert_eq!((settings.discount, worth.unwrap().npv), (0, 8_000));
    assert_eq!(written(8_000), "80");
    assert_eq!(store.backend.check().await.unwrap().problems, Vec::<String>::new());
}

async fn the_latest_count_of_users_is_that_of_the_product(store: Store) {
    let owner = store.owner().await;
    let erp = product(&owner, "ERP", 0).await;
    assert_eq!(owner.product_money(&erp.key).await.unwrap().users, None);
    for (name, family, unit, measured) in [
        ("Active users", "adoption", "users", "2026-10-01,40\n2026-11-01,120\n"),
        ("Older count", "adoption", "people", "2026-09-01,99\n"),
        ("Share of users", "adoption", "%", "2026-11-20,80\n"),
        ("Errors", "quality", "errors", "2026-11-20,7\n"),
    ] {
        let kpi = KpiDraft {
            name: name.to_owned(),
            family: family.to_owned(),
            unit: unit.to_owned(),
            direction: "up".to_owned(),
            ..KpiDraft::default()
        };
        let id = owner.save_kpi(&erp.key, None, &kpi).await.unwrap();
        owner.measure_text(&erp.key, id, measured, false).await.unwrap();
    }
    let users = owner.product_money(&erp.key).await.unwrap().users.unwrap();
    assert_eq!((&*users.name, users.count.to_string()), ("Active users", "120".to_owned()));
    assert_eq!(users.day.to_string(), "2026-11-01");
}

async fn the_money_of_a_hidden_product_is_hidden(store: Store) {
    let owner = store.owner().await;
    let other = store.person("sam", Role::Editor).await;
    let erp = product(&owner, "ERP", 1).await;
    owner.save_money(&erp.key, None, &draft("2027-01", "cost", "plan", "5")).await.unwrap();
    let id = owner.product_money(&erp.key).await.unwrap().entries[0].id;
    owner.change_access(&erp.key, AccessChange::Show(Visibility::Chosen)).await.unwrap();
    let item = items(&owner, &erp).await[0];
    for refused in [
        other.product_money(&erp.key).await.map(drop),
        other.money_csv(&erp.key).await.map(drop),
        other.item_money(&erp.key, item).await.map(drop),
        other.save_money(&erp.key, Some(id), &draft("2027-01", "cost", "plan", "6")).await.map(drop),
        other.bin_money(&erp.key, id, true).await.map(drop),
        other.add_money_lines(&erp.key, "2027-01,cost,plan,5").await.map(drop),
    ] {
        assert!(matches!(refused, Err(Error::NotFound(_))), "{refused:?}");
    }
}

async fn a_backup_holds_money(store: Store) {
    let owner = store.owner().await;
    in_euros(&owner).await;
    let erp = product(&owner, "ERP", 0).await;
    owner.save_money(&erp.key, None, &draft("2027-01", "cost", "plan", "5")).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("friday.db");
    let copied = copying::backup(&store.url, &file).await.unwrap();
    assert_eq!((copied.rows["money_entry"], copied.rows["money_setting"]), (1, 1));
    let place = format!("sqlite://{}/restored.db", folder.path().display());
    copying::restore(&file, &place).await.unwrap();
    let restored = backend::Backend::open(&place).await.unwrap();
    assert_eq!(restored.check().await.unwrap().problems, Vec::<String>::new());
    let there = restored.people().first_owner().await.unwrap().product_money(&erp.key).await.unwrap();
    assert_eq!(there.entries, owner.product_money(&erp.key).await.unwrap().entries);
    assert_eq!(there.settings.code(), "EUR");

    // A check finds what is no entry.
    store.execute("UPDATE money_entry SET month = '2026-13'").await;
    let problems = store.backend.check().await.unwrap().problems;
    assert!(problems.iter().any(|problem| problem.contains("money entry")), "{problems:?}");
}
