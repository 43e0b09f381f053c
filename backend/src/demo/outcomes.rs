//! What came of items of the shop, and how ready its next ones are.

use domain::{FieldKey, Item, ItemChange, ItemId, KPI, Op, ProductKey, Status, Value, readiness::KEY_FIGURE};

use super::{People, edit, person};
use crate::{Error, outcomes::OutcomeDraft};

/// What was recorded of items that are done: title, key figure, before, after, value in a year, and what changed.
const RECORDED: [[&str; 6]; 1] = [[
    "Search understands spelling mistakes",
    "Conversion",
    "2.9",
    "3.4",
    "64000",
    "One search in nine had found nothing; now it is one in forty. Names of plants in Latin are still missing.",
]];

/// What is not measured, and why.
const WAIVED: [[&str; 2]; 1] = [["Gift vouchers by e-mail", "Too few orders a year to tell"]];

/// What is known of items before work begins: title, problem, outcome, key figure.
const KNOWN: [[&str; 4]; 4] = [
    [
        "Checkout in one page",
        "Four of ten baskets are left between address and payment.",
        "Three of ten, and a conversion of 3.5 %.",
        "Conversion",
    ],
    [
        "Pay by invoice for farms",
        "Farms order by phone because they can’t pay by card.",
        "Half of the farms’ orders come through the shop.",
        "",
    ],
    ["Product pictures load at once", "Pages with many pictures take six seconds on phones.", "", ""],
    ["Delivery to parcel lockers", "", "Fewer parcels come back.", "Delivered on time"],
];

/// Records, waives, and writes down what is known.
pub(super) async fn tell(people: &People) -> Result<(), Error> {
    let key: ProductKey = "SHOP".parse()?;
    let owner = person(people, "Tomasz")?;
    let product = owner.product(&key).await?;
    let roadmap = owner.view(product.roadmap).await?.roadmap;
    let item = |title: &str| -> Result<&Item, Error> {
        let found = roadmap.items().find(|item| &*item.fields.title == title);
        found.map(|item| &**item).ok_or_else(|| Error::internal(format!("no item is called {title}")))
    };
    let mut ops = Vec::new();
    for [title, problem, outcome, figure] in KNOWN {
        let id: ItemId = item(title)?.id;
        for (field, text) in [("problem", problem), ("outcome", outcome), (KEY_FIGURE, figure)] {
            if !text.is_empty() {
                let field: FieldKey = field.parse()?;
                ops.push(Op::set(id, ItemChange::Value { field, to: Some(Value::Text(text.to_owned())) }));
            }
        }
    }
    edit(owner, product.roadmap, ops).await?;
    let (kpis, _) = owner.kpis_of(product.id).await?;
    for [title, figure, before, after, value, note] in RECORDED {
        let kpi = kpis.iter().find(|kpi| KPI.name_of(kpi) == figure);
        let draft = OutcomeDraft {
            kpi: kpi.map(|kpi| kpi.id.to_string()).unwrap_or_default(),
            before: before.to_owned(),
            after: after.to_owned(),
            value: value.to_owned(),
            note: note.to_owned(),
        };
        owner.record_outcome(&key, item(title)?.id, &draft).await?;
    }
    for [title, reason] in WAIVED {
        let item = item(title)?;
        debug_assert_eq!(item.fields.status, Status::Done);
        owner.waive_outcome(&key, item.id, reason).await?;
    }
    Ok(())
}
