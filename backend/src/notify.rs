//! What records tell open pages and live rooms, and ask of them.

use std::collections::HashMap;

use domain::{ProductId, RoadmapId, SetUp, Timestamp, UserId, WorkspaceId};
use sea_orm::DatabaseTransaction;

use crate::{
    Backend, Error,
    db::complete,
    rooms::{self, Figures, RoomId},
    wake::Word,
};

impl Backend {
    /// Roles or names changed: open pages fetch them again, and those whose role changed come back with the new one.
    pub(crate) fn members_changed(&self) {
        self.rooms.members_changed();
        self.stream.wake();
    }

    /// Invitations were made or revoked. Those that look at them in another process see it within a second.
    pub(crate) fn invitations_changed(&self) {
        self.stream.wake();
    }

    /// Records changed: open pages are sent what they have become.
    pub(crate) fn records_changed(&self) {
        self.stream.wake();
        self.rooms.say(Word::Records);
    }

    /// Another process changed records.
    pub(crate) fn hear_of_records(&self) {
        self.stream.wake();
    }

    /// Another process changed names, roles or membership.
    pub(crate) fn hear_of_members(&self) {
        self.rooms.hear_of_members();
        self.stream.wake();
    }

    /// A product's name, stage or archive state changed.
    pub(crate) fn product_changed(&self, roadmap: RoadmapId) {
        self.rooms.product_changed(roadmap);
    }

    /// Items of a roadmap were rated, or are scored by another model.
    pub(crate) fn scores_changed(&self, roadmap: RoadmapId) {
        self.rooms.scores_changed(roadmap);
    }

    /// Makes a product's roadmap, set up as a template says.
    pub(crate) async fn create_roadmap(
        &self,
        tx: &DatabaseTransaction,
        workspace: WorkspaceId,
        (product, roadmap): (ProductId, RoadmapId),
        set_up: &SetUp,
        by: (UserId, Timestamp),
    ) -> Result<(), Error> {
        rooms::create(tx, RoomId { workspace, roadmap }, product, set_up, by).await
    }

    /// Items not in the bin and their standing upvotes, by roadmap.
    pub(crate) async fn counts(
        &self,
        workspace: WorkspaceId,
    ) -> Result<HashMap<RoadmapId, (u32, u32)>, Error> {
        rooms::counts(self.db.reader(), workspace).await
    }

    /// Verifies that the database is complete, that every roadmap's rows follow from its log, and that nobody tampered with the audit log.
    ///
    /// # Errors
    /// When the database cannot be read. What is wrong in it is in [`Figures::problems`].
    pub async fn check(&self) -> Result<Figures, Error> {
        let tx = self.db.begin_read().await?;
        let missing = complete::missing(&tx).await?;
        tx.rollback().await?;
        if !missing.is_empty() {
            return Ok(Figures { problems: missing, ..Figures::default() });
        }
        let mut figures = rooms::check(&self.db).await?;
        figures.problems.extend(complete::leftovers(&self.db));
        crate::voting::check(self, &mut figures).await?;
        self.check_records(&mut figures.problems).await?;
        self.check_measurements(&mut figures.problems).await?;
        self.check_money(&mut figures.problems).await?;
        self.check_links(&mut figures.problems).await?;
        self.check_search(&mut figures.problems).await?;
        self.check_inbox(&mut figures.problems).await?;
        self.check_scores(&mut figures.problems).await?;
        self.check_visions(&mut figures.problems).await?;
        self.check_matrix(&mut figures.problems).await?;
        crate::files::check(self, &mut figures).await?;
        match self.verify_audit().await {
            Ok(events) => figures.audited = events,
            Err(Error::Conflict(problem)) => figures.problems.push(problem),
            Err(error) => return Err(error),
        }
        Ok(figures)
    }
}
