//! What members change about themselves: name, colour, password, and where they are signed in.

use domain::{Member, PersonName, Role, Timestamp};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::json;

use super::{
    Password, Secret, Visit, accounts,
    channels::{self, SessionHash, hash_of},
    devices, sessions,
};
use crate::{
    Error,
    access::{RecordTx, Viewer, change},
    audit::Action,
    clock::now,
    codec::hex,
    entity::{account, session},
};

/// The most sessions that are listed. Beyond, the ones used longest ago are left out.
const LISTED: u64 = 50;

/// A browser in which somebody is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenSession {
    /// Names the session to its owner, and opens nothing.
    pub id: String,
    /// Such as `Firefox on Windows`.
    pub browser: Option<String>,
    pub since: Timestamp,
    /// When it was last used, give or take an hour.
    pub used: Timestamp,
    /// Whether it is the one that asks.
    pub is_current: bool,
}

impl Viewer {
    /// Changes the person's own name and colour. Others see it at once.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a colour that is not in the palette.
    pub async fn set_profile(&self, name: PersonName, colour: u8) -> Result<(), Error> {
        if colour >= Member::COLOURS {
            return Err(Error::Invalid("There is no such colour. Choose one of those shown.".into()));
        }
        let changed = change!(self.backend, |tx| {
            let change = RecordTx::by_member(tx, self, Role::Viewer).await?;
            let before = own(&change).await?;
            if before.name == *name && before.colour == i64::from(colour) {
                return Ok(false);
            }
            let mut row = account::ActiveModel::from(before.clone());
            (row.name, row.colour) = (Set(name.to_string()), Set(i64::from(colour)));
            row.update(tx).await?;
            let body = json!({
                "before": { "name": before.name, "colour": before.colour },
                "after": { "name": name, "colour": colour },
            });
            change.audit(Action::ProfileChanged, &before.id, body).await?;
            Ok(true)
        })?;
        if changed {
            self.backend.members_changed();
        }
        Ok(())
    }

    /// Whether the person signs in with a password.
    pub async fn has_password(&self) -> Result<bool, Error> {
        let account = account::Entity::find_by_id(self.member.id.to_string());
        let account = account.one(self.backend.db.reader()).await?;
        Ok(account.is_some_and(|account| account.password_hash.is_some()))
    }

    /// Gives the person another password. All their other sessions end, and no browser is known any more but this one, whose
    /// new secret is returned.
    ///
    /// # Errors
    /// [`Error::Invalid`] when `current` is not the password, or `new` cannot be one; [`Error::TooMany`] after too many wrong
    /// tries.
    pub async fn change_password(&self, current: &str, new: Password, visit: Visit) -> Result<Secret, Error> {
        let people = self.backend.people();
        let email =
            self.member.email.as_ref().ok_or_else(|| Error::internal("a member without an address"))?;
        let stored = account::Entity::find_by_id(self.member.id.to_string());
        let stored = stored.one(self.backend.db.reader()).await?.and_then(|account| account.password_hash);
        if people.verify(email, current, &visit).await? != Some(self.member.id) {
            return Err(Error::Invalid("This is not your current password. Check it and try again.".into()));
        }
        if new.reveal() == current {
            return Err(Error::Conflict(
                "The new password is the one you have. Choose another to change it.".into(),
            ));
        }
        let hash = self.backend.people.hasher.hash(new).await?;
        let (ended, device) = change!(self.backend, |tx| {
            let change = RecordTx::by_member(tx, self, Role::Viewer).await?;
            if own(&change).await?.password_hash != stored {
                return Err(Error::Conflict(
                    "Your password was changed elsewhere in the meantime. Try again with that one.".into(),
                ));
            }
            accounts::set_password(tx, self.member.id, hash.clone()).await?;
            let ended = sessions::close_all(&change, self.member.id, self.own_session()).await?;
            devices::forget_all(&change, self.member.id).await?;
            let device = devices::remember(&change, self.member.id, None).await?;
            change.audit(Action::PasswordChanged, &self.member.id.to_string(), json!({})).await?;
            Ok((ended, device))
        })?;
        self.backend.sessions_ended(&ended);
        Ok(device)
    }

    /// Where the person is signed in, this browser first, then those used last. At most fifty.
    pub async fn sessions(&self) -> Result<Vec<OpenSession>, Error> {
        let rows = session::Entity::find()
            .filter(session::Column::WorkspaceId.eq(self.workspace.to_string()))
            .filter(session::Column::UserId.eq(self.member.id.to_string()))
            .filter(session::Column::ExpiresMs.gt(now().0))
            .order_by_desc(session::Column::UsedMs)
            .order_by_desc(session::Column::CreatedMs)
            .limit(LISTED)
            .all(self.backend.db.reader())
            .await?;
        let mut listed = Vec::with_capacity(rows.len());
        for row in rows {
            let hash = hash_of(&row.token_hash)?;
            listed.push(OpenSession {
                id: name_of(&hash),
                browser: row.browser,
                since: Timestamp(row.created_ms),
                used: Timestamp(row.used_ms),
                is_current: Some(&hash) == self.own_session(),
            });
        }
        listed.sort_by_key(|session| !session.is_current);
        Ok(listed)
    }

    /// Signs the person out in one of their browsers, and ends what is open there.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the person has no such session any more.
    pub async fn end_session(&self, id: &str) -> Result<(), Error> {
        let ended = change!(self.backend, |tx| {
            let change = RecordTx::by_member(tx, self, Role::Viewer).await?;
            let hashes: Vec<Vec<u8>> = session::Entity::find()
                .select_only()
                .column(session::Column::TokenHash)
                .filter(session::Column::WorkspaceId.eq(change.workspace.to_string()))
                .filter(session::Column::UserId.eq(change.actor.to_string()))
                .into_tuple()
                .all(tx)
                .await?;
            let hashes: Vec<SessionHash> =
                hashes.iter().map(|hash| hash_of(hash)).collect::<Result<_, _>>()?;
            let ended = hashes.into_iter().find(|hash| name_of(hash) == id).ok_or_else(|| {
                Error::NotFound("That browser is signed out already. Reload the page.".into())
            })?;
            let key = (change.workspace.to_string(), ended.to_vec());
            session::Entity::delete_by_id(key).exec(tx).await?;
            Ok(ended)
        })?;
        self.backend.sessions_ended(&[ended]);
        Ok(())
    }

    /// Signs the person out everywhere but in this browser. Returns in how many.
    pub async fn end_other_sessions(&self) -> Result<usize, Error> {
        let own = self.own_session().ok_or_else(channels::ended)?;
        let ended = change!(self.backend, |tx| {
            let change = RecordTx::by_member(tx, self, Role::Viewer).await?;
            sessions::close_all(&change, self.member.id, Some(own)).await
        })?;
        self.backend.sessions_ended(&ended);
        Ok(ended.len())
    }

    fn own_session(&self) -> Option<&SessionHash> {
        self.session.as_ref().map(|session| &session.hash)
    }
}

/// The account of whoever makes the change.
async fn own(change: &RecordTx<'_>) -> Result<account::Model, Error> {
    account::Entity::find_by_id(change.actor.to_string())
        .one(change.tx)
        .await?
        .ok_or_else(|| Error::internal("a member without an account"))
}

/// By what a session is named where it is listed: half of its hash, from which nothing follows.
fn name_of(hash: &SessionHash) -> String {
    hex(&hash[..16])
}
