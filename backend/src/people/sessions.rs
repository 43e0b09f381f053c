//! Signing in and out.

use std::time::Instant;

use domain::{Email, Member, Role, Timestamp, UserId, WorkspaceId};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, FromQueryResult, JoinType, QueryFilter,
    QueryOrder, QuerySelect, sea_query::Expr,
};

use super::{
    DAY_MS, MemberRow, People, Secret, Visit, accounts,
    channels::{SessionHash, SessionKey, hash_of},
    devices, members, throttle,
};
use crate::{
    Error,
    access::{RecordTx, Viewer, change},
    clock::now,
    entity::{account, member, session},
};

/// How long a browser stays signed in.
pub const SESSION_DAYS: i64 = 30;

/// In how many browsers a person can be signed in; of more, the one that was used longest ago is signed out.
pub const MAX_SESSIONS: u64 = 50;

/// The use of a session is noted again after this time.
const NOTED_AFTER_MS: i64 = 60 * 60 * 1000;

/// A session just opened. Its secrets belong into the browser's cookies.
#[derive(Clone, Debug)]
pub struct NewSession {
    pub secret: Secret,
    pub expires: Timestamp,
    /// By which this browser is known from now on.
    pub device: Secret,
    /// Sessions that ended because there were too many.
    pub(super) ended: Vec<SessionHash>,
}

/// A session with its member.
#[derive(Debug, FromQueryResult)]
struct SessionRow {
    #[sea_orm(nested)]
    member: MemberRow,
    expires_ms: i64,
    used_ms: i64,
}

impl People {
    /// Who holds this session's secret: an active member, or nobody.
    pub async fn authenticate(&self, secret: &Secret) -> Result<Option<Viewer>, Error> {
        let Some(workspace) = self.workspace().await? else { return Ok(None) };
        let row = members::query(workspace.id)
            .join(
                JoinType::InnerJoin,
                member::Entity::belongs_to(session::Entity)
                    .from((member::Column::WorkspaceId, member::Column::UserId))
                    .to((session::Column::WorkspaceId, session::Column::UserId))
                    .into(),
            )
            .filter(session::Column::TokenHash.eq(secret.hash()))
            .filter(session::Column::ExpiresMs.gt(now().0))
            .filter(member::Column::RemovedMs.is_null())
            .columns([session::Column::ExpiresMs, session::Column::UsedMs])
            .into_model::<SessionRow>()
            .one(self.backend.db.reader())
            .await?;
        let Some(SessionRow { member, expires_ms, used_ms }) = row else { return Ok(None) };
        if now().0 - used_ms >= NOTED_AFTER_MS {
            self.note_use(workspace.id, secret.hash());
        }
        let session = Some(SessionKey { hash: secret.digest(), expires: Timestamp(expires_ms) });
        let member = member.try_into()?;
        Ok(Some(Viewer { backend: self.backend.clone(), workspace: workspace.id, member, session }))
    }

    /// Notes that a session was used, without holding up whoever uses it. One note at a time: what is missed is noted with a
    /// later request.
    fn note_use(&self, workspace: WorkspaceId, hash: Vec<u8>) {
        let Ok(turn) = self.backend.people.noting.clone().try_lock_owned() else { return };
        let backend = self.backend.clone();
        tokio::spawn(async move {
            let noted = async {
                change!(backend, |tx| {
                    session::Entity::update_many()
                        .col_expr(session::Column::UsedMs, Expr::value(now().0))
                        .filter(session::Column::WorkspaceId.eq(workspace.to_string()))
                        .filter(session::Column::TokenHash.eq(hash.clone()))
                        .exec(tx)
                        .await?;
                    Ok(())
                })
            };
            if let Err(error) = noted.await {
                tracing::debug!(?error, "the use of a session was not noted");
            }
            drop(turn);
        });
    }

    /// Signs a member in.
    ///
    /// An unknown account takes the same work and gives the same answer as a wrong password.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for a wrong address or password, [`Error::TooMany`] when it has to wait after too many
    /// wrong tries, [`Error::Forbidden`] for a former member.
    pub async fn sign_in(
        &self,
        email: &str,
        password: &str,
        visit: impl Into<Visit>,
    ) -> Result<NewSession, Error> {
        let workspace = self.founded().await?;
        let (email, visit): (Email, Visit) = (email.parse()?, visit.into());
        let account = self.verify(&email, password, &visit).await?.ok_or_else(|| {
            Error::Unauthenticated(
                "The e-mail address or the password is wrong. Check both and try again.".into(),
            )
        })?;
        self.open_session(workspace.id, account, &visit).await
    }

    /// The account with this address and password. Counts the try.
    pub(super) async fn verify(
        &self,
        email: &Email,
        password: &str,
        visit: &Visit,
    ) -> Result<Option<UserId>, Error> {
        let (memory, db) = (&self.backend.people, self.backend.db.reader());
        let account =
            account::Entity::find().filter(account::Column::Email.eq(email.to_string())).one(db).await?;
        let user = account.as_ref().map(accounts::id_of).transpose()?;
        let workspace = self.founded().await?.id;
        let device = match &visit.device {
            Some(device) if devices::is_known(db, workspace, device, user).await? => Some(device.digest()),
            _ => None,
        };
        let from = throttle::From { address: visit.address, device };
        memory.throttle.admit(email, from, Instant::now()).map_err(|wait| {
            let words = throttle::in_words(wait);
            let sentence = format!(
                "Too many wrong passwords. Wait {words} and try again. Where you are signed in, nothing changes."
            );
            Error::TooMany { sentence, wait }
        })?;
        let hash = account.and_then(|account| account.password_hash);
        if !memory.hasher.verify(password.to_owned(), hash, device.is_some()).await? {
            return Ok(None);
        }
        memory.throttle.succeeded(email, from);
        Ok(user)
    }

    async fn open_session(
        &self,
        workspace: WorkspaceId,
        user: UserId,
        visit: &Visit,
    ) -> Result<NewSession, Error> {
        let opened = change!(self.backend, |tx| {
            let change = RecordTx::begin(tx, workspace, user).await?;
            if change.role_of(user).await?.is_none() {
                return Err(Error::Forbidden(domain::Reject::NotMember.to_string()));
            }
            open(&change, user, visit).await
        })?;
        self.backend.sessions_ended(&opened.ended);
        Ok(opened)
    }

    /// Signs in as somebody of the sample organisation.
    ///
    /// # Errors
    /// [`Error::Forbidden`] unless the program was started with sample data.
    pub async fn demo_sign_in(&self, role: Role, visit: impl Into<Visit>) -> Result<NewSession, Error> {
        if !self.backend.people.demo {
            return Err(Error::Forbidden("This is not a demonstration. Sign in with your password.".into()));
        }
        let visit = Visit { device: None, ..visit.into() };
        let workspace = self.founded().await?.id;
        let row = members::query(workspace)
            .filter(member::Column::Role.eq(role.as_str()))
            .filter(member::Column::RemovedMs.is_null())
            .order_by_asc(member::Column::UserId)
            .into_model::<MemberRow>()
            .one(self.backend.db.reader())
            .await?;
        let member: Member =
            row.ok_or_else(|| Error::NotFound(format!("Nobody here is {role}.")))?.try_into()?;
        self.open_session(workspace, member.id, &visit).await
    }

    /// Whether this is a demonstration, where anybody may sign in as anybody.
    pub fn is_demo(&self) -> bool {
        self.backend.people.demo
    }

    /// Ends a session and every live channel it opened. A second time does nothing.
    pub async fn sign_out(&self, secret: &Secret) -> Result<(), Error> {
        let Some(workspace) = self.workspace().await? else { return Ok(()) };
        change!(self.backend, |tx| {
            session::Entity::delete_by_id((workspace.id.to_string(), secret.hash())).exec(tx).await?;
            Ok(())
        })?;
        self.backend.sessions_ended(&[secret.digest()]);
        Ok(())
    }
}

/// Opens a session. Sweeps those that have expired, and the oldest of the person's where there are too many.
pub(super) async fn open(change: &RecordTx<'_>, user: UserId, visit: &Visit) -> Result<NewSession, Error> {
    session::Entity::delete_many()
        .filter(session::Column::WorkspaceId.eq(change.workspace.to_string()))
        .filter(session::Column::ExpiresMs.lte(change.at.0))
        .exec(change.tx)
        .await?;
    let too_many: Vec<Vec<u8>> = session::Entity::find()
        .select_only()
        .column(session::Column::TokenHash)
        .filter(of_user(change, user))
        .order_by_desc(session::Column::UsedMs)
        .offset(MAX_SESSIONS - 1)
        .limit(MAX_SESSIONS)
        .into_tuple()
        .all(change.tx)
        .await?;
    let ended = too_many.iter().map(|hash| hash_of(hash)).collect::<Result<_, _>>()?;
    if !too_many.is_empty() {
        let is_ended = session::Column::TokenHash.is_in(too_many);
        session::Entity::delete_many().filter(of_user(change, user).add(is_ended)).exec(change.tx).await?;
    }
    let secret = Secret::random();
    let expires = Timestamp(change.at.0 + SESSION_DAYS * DAY_MS);
    session::Entity::insert(session::ActiveModel {
        workspace_id: Set(change.workspace.to_string()),
        token_hash: Set(secret.hash()),
        user_id: Set(user.to_string()),
        created_ms: Set(change.at.0),
        expires_ms: Set(expires.0),
        used_ms: Set(change.at.0),
        browser: Set(visit.browser.clone()),
    })
    .exec_without_returning(change.tx)
    .await?;
    let device = devices::remember(change, user, visit.device.as_ref()).await?;
    Ok(NewSession { secret, expires, device, ended })
}

/// The sessions of a person.
fn of_user(change: &RecordTx<'_>, user: UserId) -> Condition {
    Condition::all()
        .add(session::Column::WorkspaceId.eq(change.workspace.to_string()))
        .add(session::Column::UserId.eq(user.to_string()))
}

/// Ends the sessions of a person, all but one if that is named, and returns which, for
/// [`Backend::sessions_ended`](crate::Backend) after the commit.
pub(super) async fn close_all(
    change: &RecordTx<'_>,
    user: UserId,
    but: Option<&SessionHash>,
) -> Result<Vec<SessionHash>, Error> {
    let of_user =
        of_user(change, user).add_option(but.map(|hash| session::Column::TokenHash.ne(hash.to_vec())));
    let hashes: Vec<Vec<u8>> = session::Entity::find()
        .select_only()
        .column(session::Column::TokenHash)
        .filter(of_user.clone())
        .into_tuple()
        .all(change.tx)
        .await?;
    session::Entity::delete_many().filter(of_user).exec(change.tx).await?;
    hashes.iter().map(|hash| hash_of(hash)).collect()
}
