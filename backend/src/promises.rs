//! Items that are to come: their days, and the quarters for which they were promised.

use std::collections::BTreeMap;

use domain::{Commitment, Date, FieldKey, First, Product, Quarter, RoadmapId, Span, Status, Value, Values};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::{
    Error, Viewer,
    codec::{json, parse},
    db::padded,
    entity::item,
};

/// The most items that are read at once.
const MOST_ITEMS: u64 = 20_000;

/// The field of the promised quarter, which keeps what was promised first.
pub(crate) const PROMISED: &str = "promised";

/// The quarter that a value of that field names.
fn quarter(value: Option<&Value>) -> Option<Quarter> {
    match value {
        Some(Value::Text(text)) => text.parse().ok(),
        _ => None,
    }
}

/// The quarter that was promised before any other, of what a row keeps of first values.
pub(crate) fn first_promised(firsts: Option<&str>) -> Result<Option<Quarter>, Error> {
    let firsts: BTreeMap<FieldKey, First> = firsts.map(json).transpose()?.unwrap_or_default();
    Ok(quarter(firsts.get(PROMISED).map(|first| &first.value)))
}

/// An item that is neither done nor dropped and has a day or a promised quarter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Committed {
    pub(crate) roadmap: RoadmapId,
    pub(crate) number: u32,
    pub(crate) title: String,
    pub(crate) commitment: Commitment,
}

impl Viewer {
    /// The items of these products that are to come, those of a product together, the earliest end first.
    pub(crate) async fn committed(&self, products: &[Product]) -> Result<Vec<Committed>, Error> {
        if products.is_empty() {
            return Ok(Vec::new());
        }
        let settled = Status::ALL.iter().filter(|status| status.is_settled()).map(|status| status.as_str());
        let has_date = Condition::any()
            .add(item::Column::StartOn.is_not_null())
            .add(item::Column::EndOn.is_not_null())
            .add(item::Column::FirstValues.is_not_null());
        type Row =
            (String, i64, String, String, Option<String>, Option<String>, Option<String>, Option<String>);
        let rows: Vec<Row> = item::Entity::find()
            .select_only()
            .columns([item::Column::RoadmapId, item::Column::Number, item::Column::Title])
            .columns([item::Column::Status, item::Column::StartOn, item::Column::EndOn])
            .columns([item::Column::FieldValues, item::Column::FirstValues])
            .filter(item::Column::WorkspaceId.eq(self.workspace.to_string()))
            .filter(
                item::Column::RoadmapId
                    .is_in(padded(products.iter().map(|product| product.roadmap.to_string()))),
            )
            .filter(item::Column::DeletedMs.is_null())
            .filter(item::Column::MovedTo.is_null())
            .filter(item::Column::Status.is_not_in(settled))
            .filter(has_date)
            .order_by_asc(item::Column::RoadmapId)
            .order_by_asc(item::Column::EndOn)
            .order_by_asc(item::Column::Number)
            .limit(MOST_ITEMS)
            .into_tuple()
            .all(self.backend.db.reader())
            .await?;
        let day = |day: Option<String>| day.as_deref().map(parse::<Date>).transpose();
        let mut items = Vec::with_capacity(rows.len());
        for (roadmap, number, title, status, start, end, values, firsts) in rows {
            let values: Values = values.as_deref().map(json).transpose()?.unwrap_or_default();
            items.push(Committed {
                roadmap: parse(&roadmap)?,
                number: u32::try_from(number).map_err(Error::internal)?,
                title,
                commitment: Commitment {
                    span: Span { start: day(start)?, end: day(end)? },
                    status: parse(&status)?,
                    promised: quarter(values.get(PROMISED)),
                    first: first_promised(firsts.as_deref())?,
                },
            });
        }
        Ok(items)
    }
}
