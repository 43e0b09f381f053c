//! What a person has to do on many roadmaps. Reads rows and opens no room.

use domain::{Date, Product, RoadmapId, Status};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::{
    Error, Viewer,
    codec::{parse, unsigned},
    entity::item,
};

/// The most items of a person that are read.
const MOST_ITEMS: u64 = 200;

/// An item that somebody owns and that is neither done nor dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnItem {
    pub roadmap: RoadmapId,
    pub number: u32,
    pub title: String,
    pub status: Status,
    pub end: Option<Date>,
}

impl Viewer {
    /// What this person owns on the roadmaps of these products and has to do, what is in progress first; at most 200 items.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn own_items(&self, products: &[Product]) -> Result<Vec<OwnItem>, Error> {
        if products.is_empty() {
            return Ok(Vec::new());
        }
        let rows: Vec<(String, i64, String, String, Option<String>)> = item::Entity::find()
            .select_only()
            .columns([
                item::Column::RoadmapId,
                item::Column::Number,
                item::Column::Title,
                item::Column::Status,
                item::Column::EndOn,
            ])
            .filter(item::Column::WorkspaceId.eq(self.workspace().to_string()))
            .filter(item::Column::RoadmapId.is_in(products.iter().map(|product| product.roadmap.to_string())))
            .filter(item::Column::OwnerId.eq(self.member().id.to_string()))
            .filter(item::Column::DeletedMs.is_null())
            .filter(item::Column::Status.is_not_in([Status::Done, Status::Dropped].map(Status::as_str)))
            .order_by_desc(item::Column::Status.eq(Status::InProgress.as_str()))
            .order_by_asc(item::Column::EndOn.is_null())
            .order_by_asc(item::Column::EndOn)
            .order_by_asc(item::Column::Number)
            .limit(MOST_ITEMS)
            .into_tuple()
            .all(self.backend.db.reader())
            .await?;
        let item = |(roadmap, number, title, status, end): (String, i64, String, String, Option<String>)| {
            let number = u32::try_from(unsigned(number)?).map_err(Error::internal)?;
            let (roadmap, status) = (parse(&roadmap)?, parse(&status)?);
            let end = end.as_deref().map(parse).transpose()?;
            Ok(OwnItem { roadmap, number, title, status, end })
        };
        rows.into_iter().map(item).collect()
    }
}
