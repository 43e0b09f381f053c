//! What the shop of the sample organisation is measured by, over the last year.

use domain::{Figure, OwnerSide, ProductKey, Timestamp};

use super::{People, person};
use crate::{
    Error,
    clock::now,
    figures::{KpiDraft, Owners, Point},
};

/// Between two measurements, in milliseconds.
const FOUR_WEEKS: i64 = 28 * 24 * 60 * 60 * 1_000;

struct Sample {
    name: &'static str,
    definition: &'static str,
    family: &'static str,
    unit: &'static str,
    direction: &'static str,
    target: &'static str,
    /// The latest last.
    values: [&'static str; 12],
    agreed: bool,
}

const FIGURES: [Sample; 4] = [
    Sample {
        name: "Conversion",
        definition: "Orders per hundred visits of the shop, without those of our own people",
        family: "feature_use",
        unit: "%",
        direction: "up",
        target: "3.5",
        values: ["2.1", "2.2", "2.1", "2.4", "2.5", "2.4", "2.7", "2.9", "2.8", "3.1", "3.2", "3.4"],
        agreed: true,
    },
    Sample {
        name: "Delivered on time",
        definition: "Orders that arrive on the promised day",
        family: "quality",
        unit: "%",
        direction: "up",
        target: "97",
        values: ["91", "92.4", "90.8", "93", "93.6", "94.1", "92.9", "94.8", "95.5", "95.2", "96.1", "96.5"],
        agreed: false,
    },
    Sample {
        name: "Orders by catalogue number",
        definition: "Orders that begin with a number typed from the printed catalogue",
        family: "feature_use",
        unit: "orders",
        direction: "up",
        target: "400",
        values: ["520", "505", "498", "510", "470", "455", "460", "431", "402", "380", "341", "296"],
        agreed: false,
    },
    Sample {
        name: "Support contacts",
        definition: "Calls and mails per hundred orders",
        family: "efficiency",
        unit: "contacts",
        direction: "down",
        target: "8",
        values: ["14.2", "13.8", "13.9", "12.6", "12.1", "11.4", "10.8", "11.2", "9.9", "9.1", "8.6", "7.9"],
        agreed: true,
    },
];

/// Names the shop's owners, and measures it.
pub(super) async fn measure(people: &People) -> Result<(), Error> {
    let key: ProductKey = "SHOP".parse()?;
    let (business, it) = (person(people, "Ruth")?, person(people, "Mei")?);
    let owners = Owners { business: Some(business.member().id), it: Some(it.member().id) };
    it.set_owners(&key, owners).await?;
    for sample in &FIGURES {
        let draft = KpiDraft {
            name: sample.name.to_owned(),
            definition: sample.definition.to_owned(),
            family: sample.family.to_owned(),
            unit: sample.unit.to_owned(),
            direction: sample.direction.to_owned(),
            target: sample.target.to_owned(),
            published: sample.agreed,
            seen: None,
        };
        let kpi = it.save_kpi(&key, None, &draft).await?;
        let mut points = Vec::with_capacity(sample.values.len());
        for (ago, value) in (0..).zip(sample.values.iter().rev()) {
            let day = Timestamp(now().0 - ago * FOUR_WEEKS).utc().date;
            let value = Figure::read(value, sample.unit).map_err(Error::internal)?;
            points.push(Point { day, value, source: "Shop reports".to_owned() });
        }
        it.measure(&key, kpi, points, false).await?;
        if sample.agreed {
            business.agree_on_kpi(&key, kpi, OwnerSide::Business, true, None).await?;
            it.agree_on_kpi(&key, kpi, OwnerSide::It, true, None).await?;
        }
    }
    Ok(())
}
