//! How the sample organisation decides: what it wants to reach this quarter, and by whom, for how much and in which order it is done.

use domain::{
    DISCIPLINES, FieldKey, ItemChange, ItemId, OBJECTIVE, OBJECTIVES, Op, PersonDays, Product, ProductKey,
    Quarter, Record, RecordChange, RecordId, TEAM, UserId, Value, VisionCheck, balance::TargetMix,
    objective_key, score::DEFAULT_METHOD,
};

use super::{People, edit, person};
use crate::{Error, Viewer, clock::now, funding::FundingDraft};

/// An objective with its budget in whole units, and the items that serve it.
struct Aim {
    name: &'static str,
    problem: &'static str,
    why: &'static str,
    budget: i64,
    items: &'static [(&'static str, &'static str, i64)],
}

const AIMS: [Aim; 3] = [
    Aim {
        name: "Half as many open baskets",
        problem: "Four of ten baskets never become an order.",
        why: "Spring is when gardeners choose their shop.",
        budget: 60_000,
        items: &[
            ("SHOP", "Checkout in one page", 38_000),
            ("SHOP", "Pay by invoice for farms", 21_000),
            ("SHOP", "Product pictures load at once", 9_000),
        ],
    },
    Aim {
        name: "Year-end closing in three days",
        problem: "The closing takes eleven days, and everybody waits for it.",
        why: "The bank asks for figures a week earlier this year.",
        budget: 90_000,
        items: &[
            ("ERP", "Year-end closing in three days", 45_000),
            ("ERP", "Replace the tax table before January", 8_000),
            ("ERP", "Fix rounding in intercompany invoices", 4_000),
        ],
    },
    Aim {
        name: "One account for everything",
        problem: "People sign in five times before they can work.",
        why: "A third of the calls to support are about passwords.",
        budget: 40_000,
        items: &[("ERP", "Single sign-on for every module", 36_000)],
    },
];

/// What people say of the shop's items by need, value and feasibility.
const RATINGS: [(&str, &str, [&str; 3]); 14] = [
    ("Leila", "Checkout in one page", ["5", "5", "3"]),
    ("Astrid", "Checkout in one page", ["4", "5", "4"]),
    ("Ruth", "Pay by invoice for farms", ["4", "3", "4"]),
    ("Leila", "Pay by invoice for farms", ["5", "4", "4"]),
    ("Leila", "Product pictures load at once", ["3", "3", "5"]),
    ("Daniel", "Order again with one click", ["4", "3", "5"]),
    ("Leila", "Order again with one click", ["3", "3", "5"]),
    ("Daniel", "Show stock of the nearest store", ["5", "4", "2"]),
    ("Astrid", "Show stock of the nearest store", ["3", "4", "3"]),
    ("Ruth", "Accessible for everyone", ["5", "4", "3"]),
    ("Leila", "Subscriptions for animal feed", ["2", "5", "2"]),
    ("Leila", "Advice from experts by video", ["2", "2", "3"]),
    ("Leila", "Reviews by customers", ["3", "4", "4"]),
    ("Ruth", "Leave the second payment provider", ["2", "3", "4"]),
];

const CRITERIA: [&str; 3] = ["Need", "Value", "Feasibility"];

/// The team that works on the shop, and its person-days in this quarter and the next ones.
const TEAM_NAME: &str = "Web shop";
const DAYS: [u32; 4] = [45, 60, 60, 60];

const VISION: &str = "In three years every gardener and every farm within our five countries **orders from us without thinking about it**: \
what they need is in stock nearby, paid as they like, and there on the promised day.";

/// Shares of innovation, retention, run and retire in percent, and the band around them in points.
const MIX: TargetMix = TargetMix { shares: [45, 35, 15, 5], band: 10 };

pub(super) async fn decide(people: &People) -> Result<(), Error> {
    let (owner, maker) = (person(people, "Astrid")?, person(people, "Tomasz")?);
    let shop: ProductKey = "SHOP".parse()?;
    let quarter = owner.fiscal_year().await?.quarter(now().utc().date);
    for aim in &AIMS {
        reach(owner, aim, quarter).await?;
    }
    staff(owner, maker, quarter).await?;
    maker.set_target(Some(&shop), None, Some(MIX)).await?;
    maker.publish_vision(Some(&shop), VISION, None).await?;
    say(people, &shop).await?;
    maker.add_money_lines(&shop, &money(quarter)).await?;
    Ok(())
}

fn text(field: &str, to: impl Into<String>) -> Result<RecordChange, Error> {
    Ok(RecordChange { field: field.parse()?, was: None, to: Some(Value::Text(to.into())) })
}

/// Opens an objective, and has items serve it.
async fn reach(owner: &Viewer, aim: &Aim, quarter: Quarter) -> Result<(), Error> {
    let changes = vec![
        text("name", aim.name)?,
        text("quarter", quarter.to_string())?,
        text("state", "open")?,
        text("owner", owner.member().id.to_string())?,
        text("problem", aim.problem)?,
        text("why", aim.why)?,
        RecordChange { field: "budget".parse()?, was: None, to: Some(Value::Number(aim.budget * 100)) },
    ];
    let objective: Record = owner.as_owner()?.save_record(&OBJECTIVE, None, changes, None).await?.record;
    let draft = FundingDraft {
        name: "Investment budget of the group".to_owned(),
        amount: aim.budget.to_string(),
        from: quarter.to_string(),
        to: quarter.to_string(),
        seen: None,
    };
    owner.as_owner()?.add_funding(objective.id, &draft).await?;
    for (product, title, cost) in aim.items {
        let product = owner.product(&product.parse()?).await?;
        let item = item(owner, &product, title).await?;
        let keys = Value::Keys([objective_key(objective.id)].into());
        let ops = vec![
            set(item, FieldKey::from(OBJECTIVES), keys),
            set(item, "cost".parse()?, Value::Number(cost * 100)),
        ];
        edit(owner, product.roadmap, ops).await?;
    }
    Ok(())
}

/// Makes the team of the shop, gives it days, and has it do what is next there.
async fn staff(owner: &Viewer, lead: &Viewer, quarter: Quarter) -> Result<(), Error> {
    let lead_id: UserId = lead.member().id;
    let changes = vec![
        text("name", TEAM_NAME)?,
        text("lead", lead_id.to_string())?,
        text("disciplines", "Design 25 %\nDevelopment 65 %")?,
    ];
    let team: RecordId = owner.as_owner()?.save_record(&TEAM, None, changes, None).await?.record.id;
    let days: Vec<(Quarter, Option<u32>)> =
        (0..).zip(DAYS).map(|(ahead, days)| (quarter.plus(ahead), Some(days))).collect();
    lead.set_capacity(team, &days).await?;
    let shop: ProductKey = "SHOP".parse()?;
    let product = lead.product(&shop).await?;
    let view = lead.view(product.roadmap).await?;
    let planned = view.roadmap.board_order().filter_map(|id| view.roadmap.item(id));
    let field: FieldKey = "team".parse()?;
    let mut ops = Vec::new();
    for item in planned.filter(|item| item.fields.start.is_some()) {
        ops.push(set(item.id, field.clone(), Value::Text(TEAM_NAME.to_owned())));
        // A quarter of the work is design.
        let effort = item.fields.effort.map_or(0, PersonDays::tenths);
        let parts = PersonDays::from_tenths(effort / 4).zip(PersonDays::from_tenths(effort - effort / 4));
        if let Some((design, development)) = parts.filter(|_| effort > 0) {
            let by = format!("Design {design}, Development {development}");
            ops.push(set(item.id, DISCIPLINES.parse()?, Value::Text(by)));
        }
    }
    edit(lead, product.roadmap, ops).await
}

/// The item of a product with a title.
async fn item(viewer: &Viewer, product: &Product, title: &str) -> Result<ItemId, Error> {
    let view = viewer.view(product.roadmap).await?;
    let found = view
        .roadmap
        .board_order()
        .find(|id| view.roadmap.item(*id).is_some_and(|item| *item.fields.title == *title));
    found.ok_or_else(|| Error::internal(format!("{} has no item “{title}”", product.key)))
}

/// What sets a field of an item.
fn set(item: ItemId, field: FieldKey, to: Value) -> Op {
    Op::set(item, ItemChange::Value { field, to: Some(to) })
}

/// Has people rate the vision and the items of the shop.
async fn say(people: &People, shop: &ProductKey) -> Result<(), Error> {
    let typed = |names: &[&str], ratings: &[&str]| -> Vec<(String, String)> {
        names.iter().zip(ratings).map(|(name, rating)| ((*name).to_owned(), (*rating).to_owned())).collect()
    };
    let vision = person(people, "Leila")?.vision(Some(shop), None).await?;
    if let Some(version) = vision.version() {
        let checks = VisionCheck::ALL.iter().map(|check| check.as_str()).collect::<Vec<_>>();
        for (name, ratings) in [("Leila", ["4", "3", "4", "5"]), ("Ruth", ["5", "2", "3", "4"])] {
            person(people, name)?.rate_vision(Some(shop), version.id, &typed(&checks, &ratings)).await?;
        }
    }
    let product = person(people, "Leila")?.product(shop).await?;
    for (name, title, ratings) in RATINGS {
        let rater = person(people, name)?;
        let item = item(rater, &product, title).await?;
        rater.rate(shop, item, DEFAULT_METHOD.as_str(), &typed(&CRITERIA, &ratings)).await?;
    }
    Ok(())
}

/// What the shop costs and brings in the year of a quarter: planned for all of it, actual up to the quarter before.
fn money(quarter: Quarter) -> String {
    let (mut lines, year) = (String::new(), quarter.year);
    for month in 1..=12_i64 {
        // More is sold in early summer.
        let season = 6 - (month - 6).abs();
        let (cost, revenue) = (42_000 + month * 300, 118_000 + season * 9_000);
        lines.push_str(&format!("{year}-{month:02},cost,plan,{cost},People and hosting\n"));
        lines.push_str(&format!("{year}-{month:02},revenue,plan,{revenue},Margin of orders\n"));
        if month <= i64::from(quarter.number - 1) * 3 {
            let (cost, revenue) = (cost + 1_700, revenue + 1_800 * season - 4_000);
            lines.push_str(&format!("{year}-{month:02},cost,actual,{cost},People and hosting\n"));
            lines.push_str(&format!("{year}-{month:02},revenue,actual,{revenue},Margin of orders\n"));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_money_of_a_year_is_planned_for_all_of_it_and_actual_until_now() {
        let lines = money(Quarter { year: 2027, number: 3 });
        assert_eq!(lines.lines().filter(|line| line.contains(",plan,")).count(), 24);
        assert_eq!(lines.lines().filter(|line| line.contains(",actual,")).count(), 12);
        assert!(lines.contains("2027-06,revenue,plan,172000,"));
    }
}
