//! What records tell the live rooms.

use std::collections::HashMap;

use domain::{ProductId, RoadmapId, Timestamp, UserId, WorkspaceId};
use sea_orm::DatabaseTransaction;

use crate::{Backend, Error};

impl Backend {
    /// Roles or names changed: open rooms read them again.
    pub(crate) fn members_changed(&self) {}

    /// A product's name, stage or archive state changed.
    pub(crate) fn product_changed(&self, _roadmap: RoadmapId) {}

    /// Makes a product's roadmap with the lanes it starts with.
    pub(crate) async fn create_roadmap(
        &self,
        _tx: &DatabaseTransaction,
        _workspace: WorkspaceId,
        _product: ProductId,
        _roadmap: RoadmapId,
        _actor: UserId,
        _at: Timestamp,
    ) -> Result<(), Error> {
        Ok(())
    }

    /// Items not in the bin and their standing upvotes, by roadmap.
    pub(crate) async fn counts(
        &self,
        _workspace: WorkspaceId,
    ) -> Result<HashMap<RoadmapId, (u32, u32)>, Error> {
        Ok(HashMap::new())
    }
}
