//! In which month the workspace's year begins.

use domain::{FiscalYear, Role};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, QuerySelect, sea_query::LockType};
use serde_json::json;

use crate::{
    Error, Owner, Viewer,
    access::{RecordTx, change},
    audit::Action,
    entity::workspace,
};

impl Viewer {
    /// The year by which quarters are counted.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn fiscal_year(&self) -> Result<FiscalYear, Error> {
        let row =
            workspace::Entity::find_by_id(self.workspace.to_string()).one(self.backend.db.reader()).await?;
        Ok(row.map_or_else(FiscalYear::default, |row| read(row.first_month)))
    }
}

impl Owner {
    /// Sets the year by which quarters are counted. Days stay as they are, and quarters that were named: another year has other
    /// days in them.
    ///
    /// # Errors
    /// When the person is not an owner any more, or the database fails.
    pub async fn set_fiscal_year(&self, year: FiscalYear) -> Result<(), Error> {
        change!(self.backend, |tx| {
            let change = RecordTx::by_member(tx, self, Role::Owner).await?;
            let row = workspace::Entity::find_by_id(self.workspace.to_string())
                .lock(LockType::Update)
                .one(tx)
                .await?
                .ok_or_else(|| Error::internal("the workspace has gone"))?;
            let before = read(row.first_month);
            if before == year {
                return Ok(());
            }
            let mut row = row.into_active_model();
            row.first_month = sea_orm::ActiveValue::Set(year.first_month().into());
            row.update(tx).await?;
            let body = json!({ "before": before.first_month(), "after": year.first_month() });
            change.audit(Action::WorkspaceEdited, &self.workspace.to_string(), body).await
        })
    }
}

/// What is not a month is January: a newer program may know more than this one.
pub(crate) fn read(first_month: i64) -> FiscalYear {
    u8::try_from(first_month).ok().and_then(FiscalYear::beginning_in).unwrap_or_default()
}
