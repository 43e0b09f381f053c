//! What the sample organisation's products cost, who uses them, what they are parts of, and what a plan to end one holds.

use domain::{
    Figure, FiscalYear, ItemChange, Op, ProductKey, Timestamp, Value,
    money::{Currency, Month},
};

use super::{People, edit, person};
use crate::{
    Error,
    clock::now,
    figures::{KpiDraft, Point},
    money::MoneySettings,
    retirement::{ContractDraft, MoveDraft},
    solutions::SolutionDraft,
};

/// Between two measurements, in milliseconds.
const FOUR_WEEKS: i64 = 28 * 24 * 60 * 60 * 1_000;

/// What a product costs in a month, and in how many months it costs that much more.
const COSTS: [(&str, &str, i64, i64); 4] = [
    ("ERP", "Licences and operation", 184_000, 9),
    ("DESK", "People and devices", 96_500, 6),
    ("SHOP", "Hosting and payment", 58_200, 4),
    ("FARM", "Tills and lines", 71_300, 12),
];

/// The months for which costs are known.
const MONTHS: i32 = 16;

/// Who moves off the old tills: how many, to which product or where else, in how many days, and whether they have.
const MOVES: [(&str, u32, &str, &str, i32, bool); 4] = [
    ("Garden centres", 140, "SHOP", "", -40, true),
    ("Stores in the north", 210, "ERP", "Cloud tills", 45, false),
    ("Stores in the south", 185, "ERP", "Cloud tills", 120, false),
    ("Weekend market stalls", 22, "", "Card readers only", -6, false),
];

/// Contracts of the old tills: supplier, days to the end and to the notice, cost in a year.
const CONTRACTS: [(&str, &str, i32, i32, &str, &str); 3] = [
    ("Till leasing", "Kassa & Co", 210, 25, "186000", "63 stores, four tills each"),
    ("Scale calibration", "Vektor", 95, -12, "24500", ""),
    ("Leased lines", "Nordnet", 400, 220, "61200", "The ERP platform uses two of them, too."),
];

/// Products that are offered together.
const SOLUTIONS: [(&str, &str, &str, &[&str]); 3] = [
    (
        "Order to delivery",
        "From the click in the shop to the parcel at the door.",
        "Tomasz",
        &["SHOP", "ERP"],
    ),
    (
        "Store operations",
        "Everything that a store needs to open in the morning.",
        "Ingrid",
        &["FARM", "ERP", "DESK"],
    ),
    (
        "Working life",
        "A device, an account and help, from the first day to the last.",
        "Mei",
        &["DESK", "ERP"],
    ),
];

/// An item of the help desk that was promised earlier than it comes.
const LATE: &str = "Remote help for the store tills";

pub(super) async fn live(people: &People) -> Result<(), Error> {
    let today = now().utc().date;
    let in_days = |days: i32| today.plus_days(days).map(|day| day.to_string()).unwrap_or_default();
    let owner = person(people, "Astrid")?.as_owner()?;
    owner.set_money(MoneySettings { currency: Currency::find("EUR"), discount: 800 }, None).await?;
    for (key, label, cost, steps) in COSTS {
        let lines: Vec<String> = (1..=MONTHS)
            .map(|ago| {
                let month = Month::of(today).plus(-ago);
                let cost = cost + i64::from(ago) % steps * 850;
                format!("{month},cost,actual,{cost},{label}")
            })
            .collect();
        owner.add_money_lines(&key.parse()?, &lines.join("\n")).await?;
    }
    served(people).await?;

    let ingrid = person(people, "Ingrid")?;
    let farm: ProductKey = "FARM".parse()?;
    for (name, users, product, to, by, moved) in MOVES {
        let [name, product, to] = [name, product, to].map(str::to_owned);
        let (users, by) = (users.to_string(), in_days(by));
        ingrid
            .save_user_move(&farm, None, &MoveDraft { name, users, product, to, by, moved, seen: None })
            .await?;
    }
    for (name, supplier, ends, notice, cost, note) in CONTRACTS {
        let [name, supplier, cost, note] = [name, supplier, cost, note].map(str::to_owned);
        let (ends, notice) = (in_days(ends), in_days(notice));
        let draft = ContractDraft { name, supplier, ends, notice, cost, note, seen: None };
        ingrid.save_contract(&farm, None, &draft).await?;
    }
    for (name, purpose, by, parts) in SOLUTIONS {
        let parts = parts.iter().map(|part| (*part).to_owned()).collect();
        let (name, purpose) = (name.to_owned(), purpose.to_owned());
        let responsible = person(people, by)?.member().id.to_string();
        let draft = SolutionDraft { name, purpose, owner: responsible, parts, seen: None };
        ingrid.save_solution(None, &draft).await?;
    }
    promise(people).await
}

/// Whom the help desk serves.
async fn served(people: &People) -> Result<(), Error> {
    let (ingrid, key) = (person(people, "Ingrid")?, "DESK".parse()?);
    let draft = KpiDraft {
        name: "People served".to_owned(),
        definition: "People with an account and a device in our care".to_owned(),
        family: "adoption".to_owned(),
        direction: "up".to_owned(),
        target: "2400".to_owned(),
        ..KpiDraft::default()
    };
    let kpi = ingrid.save_kpi(&key, None, &draft).await?;
    let mut points = Vec::new();
    for (ago, value) in (0..).zip(["2412", "2405", "2391", "2377", "2380", "2352"]) {
        let day = Timestamp(now().0 - ago * FOUR_WEEKS).utc().date;
        let value = Figure::read(value, "").map_err(Error::internal)?;
        points.push(Point { day, value, source: "Directory".to_owned() });
    }
    ingrid.measure(&key, kpi, points, false).await?;
    Ok(())
}

/// Promises an item for the quarter before this one, in which it did not come.
async fn promise(people: &People) -> Result<(), Error> {
    let ingrid = person(people, "Ingrid")?;
    let desk = ingrid.product(&"DESK".parse()?).await?;
    let quarter = FiscalYear::default().quarter(now().utc().date).plus(-1);
    let view = ingrid.view(desk.roadmap).await?;
    let late = view.roadmap.items().find(|item| &*item.fields.title == LATE);
    let late = late.ok_or_else(|| Error::internal(format!("there is no item “{LATE}”")))?.id;
    let field = "promised".parse().map_err(Error::internal)?;
    let promise = ItemChange::Value { field, to: Some(Value::Text(quarter.to_string())) };
    edit(ingrid, desk.roadmap, vec![Op::set(late, promise)]).await
}
