//! Known devices: browsers in which somebody signed in before, so that guesses of strangers do not slow them down.
//!
//! A device has a secret of its own in a cookie that outlives sessions. It opens nothing: with it one may try passwords for the
//! accounts that signed in there, at a pace of its own.

use std::net::IpAddr;

use domain::{UserId, WorkspaceId};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, sea_query::OnConflict,
};

use super::{DAY_MS, Secret};
use crate::{Error, access::RecordTx, entity::device};

/// How long a device is known after the person last signed in there.
pub const DEVICE_DAYS: i64 = 400;

/// The most devices of one person; the one used least recently makes room.
const MOST: u64 = 20;

/// Where somebody signs in from.
#[derive(Clone, Debug, Default)]
pub struct Visit {
    /// The network address, where there is one.
    pub address: Option<IpAddr>,
    /// The secret in the browser's device cookie.
    pub device: Option<Secret>,
    /// What the person comes with, such as `Firefox on Windows`.
    pub browser: Option<String>,
}

impl From<Option<IpAddr>> for Visit {
    fn from(address: Option<IpAddr>) -> Self {
        Self { address, ..Self::default() }
    }
}

/// Whether this person signed in on the device before. Takes as long for somebody who does not exist.
pub(super) async fn is_known(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    device: &Secret,
    user: Option<UserId>,
) -> Result<bool, Error> {
    let found = device::Entity::find()
        .filter(device::Column::WorkspaceId.eq(workspace.to_string()))
        .filter(device::Column::TokenHash.eq(device.hash()))
        .filter(device::Column::UserId.eq(user.unwrap_or(UserId::NIL).to_string()))
        .count(db)
        .await?;
    Ok(found > 0)
}

/// Remembers that the person signed in on this device. Returns its secret: a new one where we never gave it any.
pub(super) async fn remember(
    change: &RecordTx<'_>,
    user: UserId,
    device: Option<&Secret>,
) -> Result<Secret, Error> {
    let workspace = change.workspace.to_string();
    device::Entity::delete_many()
        .filter(device::Column::WorkspaceId.eq(&workspace))
        .filter(device::Column::UserId.eq(user.to_string()))
        .filter(device::Column::UsedMs.lte(change.at.0 - DEVICE_DAYS * DAY_MS))
        .exec(change.tx)
        .await?;
    let secret = match device {
        Some(device) if is_ours(change, device).await? => device.clone(),
        _ => Secret::random(),
    };
    device::Entity::insert(device::ActiveModel {
        workspace_id: Set(workspace.clone()),
        token_hash: Set(secret.hash()),
        user_id: Set(user.to_string()),
        used_ms: Set(change.at.0),
    })
    .on_conflict(
        OnConflict::columns([device::Column::WorkspaceId, device::Column::TokenHash, device::Column::UserId])
            .update_column(device::Column::UsedMs)
            .to_owned(),
    )
    .exec_without_returning(change.tx)
    .await?;
    let surplus: Vec<Vec<u8>> = device::Entity::find()
        .select_only()
        .column(device::Column::TokenHash)
        .filter(device::Column::WorkspaceId.eq(&workspace))
        .filter(device::Column::UserId.eq(user.to_string()))
        .order_by_desc(device::Column::UsedMs)
        .offset(MOST)
        .limit(MOST)
        .into_tuple()
        .all(change.tx)
        .await?;
    for hash in surplus {
        device::Entity::delete_by_id((workspace.clone(), hash, user.to_string())).exec(change.tx).await?;
    }
    Ok(secret)
}

/// Whether somebody signed in on the device before: only then was its secret made here.
async fn is_ours(change: &RecordTx<'_>, device: &Secret) -> Result<bool, Error> {
    let found = device::Entity::find()
        .filter(device::Column::WorkspaceId.eq(change.workspace.to_string()))
        .filter(device::Column::TokenHash.eq(device.hash()))
        .count(change.tx)
        .await?;
    Ok(found > 0)
}

/// Forgets every device of a person.
pub(super) async fn forget_all(change: &RecordTx<'_>, user: UserId) -> Result<(), Error> {
    device::Entity::delete_many()
        .filter(device::Column::WorkspaceId.eq(change.workspace.to_string()))
        .filter(device::Column::UserId.eq(user.to_string()))
        .exec(change.tx)
        .await?;
    Ok(())
}
