//! Links by which a calendar reads the dates of a roadmap: personal, secret, and good until they are revoked.
//!
//! A link opens nothing but that. Each time it is read, it shows what its owner may see at that moment.

use domain::{
    FeedId, ItemId, Product, ProductId, ProductKey, RecordId, Role, Timestamp, UserId, VIEW, WorkspaceId,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, FromQueryResult, JoinType, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, sea_query::Expr,
};
use serde_json::json;
use std::collections::{HashMap, hash_map::Entry};

use super::{MemberRow, People, Secret, members};
use crate::{
    Error,
    access::{RecordTx, Viewer, change},
    audit::Action,
    clock::{new_id, now},
    codec::parse,
    entity::{feed, log_item, member, op_log, product},
};

/// The most links of one person.
const MOST: u64 = 50;

/// The use of a link is noted again after this time.
const NOTED_AFTER_MS: i64 = 60 * 60 * 1000;

/// A link as its owner sees it. Its secret is not known any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    pub id: FeedId,
    /// Nothing where the product is hidden from its owner now.
    pub product: Option<Product>,
    /// The name of the saved view whose items it has; nothing where it has all, or the view is gone.
    pub view: Option<String>,
    pub created: Timestamp,
    pub used: Option<Timestamp>,
}

/// What a link leads to.
#[derive(Clone, Debug)]
pub(crate) struct Opened {
    /// Its owner, as they may see things now.
    pub(crate) viewer: Viewer,
    pub(crate) product: Product,
    /// The saved view whose items are wanted.
    pub(crate) view: Option<RecordId>,
}

/// A link with its owner.
#[derive(Debug, FromQueryResult)]
struct FeedRow {
    #[sea_orm(nested)]
    member: MemberRow,
    id: String,
    product_id: String,
    view_id: Option<String>,
    used_ms: Option<i64>,
}

impl Viewer {
    /// Makes a link to the dates of a product's roadmap, or of the items of a saved view. Its secret is returned once.
    ///
    /// # Errors
    /// [`Error::NotFound`] without such a product or view, [`Error::Conflict`] when the person has 50 links.
    pub async fn make_feed(
        &self,
        key: &ProductKey,
        view: Option<RecordId>,
    ) -> Result<(FeedId, Secret), Error> {
        if let Some(view) = view
            && !self.product_records(&VIEW, Some(key)).await?.iter().any(|record| record.id == view)
        {
            return Err(no_view());
        }
        change!(self.backend, |tx| {
            let (change, row) = RecordTx::in_product(tx, self, key, Role::Viewer).await?;
            if own(change.workspace, self.member.id).count(tx).await? >= MOST {
                return Err(Error::Conflict(format!(
                    "You have {MOST} calendar links. Revoke one on your account page first."
                )));
            }
            let (id, secret) = (new_id(FeedId::new), Secret::random());
            feed::Entity::insert(feed::ActiveModel {
                workspace_id: Set(change.workspace.to_string()),
                id: Set(id.to_string()),
                token_hash: Set(secret.hash()),
                user_id: Set(self.member.id.to_string()),
                product_id: Set(row.id.clone()),
                view_id: Set(view.map(|view| view.to_string())),
                created_ms: Set(change.at.0),
                used_ms: Set(None),
            })
            .exec_without_returning(tx)
            .await?;
            change.audit(Action::FeedMade, &id.to_string(), json!({ "product": row.id })).await?;
            Ok((id, secret))
        })
    }

    /// One's own links, the latest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn feeds(&self) -> Result<Vec<Feed>, Error> {
        let rows = own(self.workspace, self.member.id)
            .order_by_desc(feed::Column::CreatedMs)
            .order_by_desc(feed::Column::Id)
            .all(self.backend.db.reader())
            .await?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let products = self.products().await?;
        let mut views_of: HashMap<ProductId, Vec<domain::Record>> = HashMap::new();
        let mut feeds = Vec::with_capacity(rows.len());
        for row in rows {
            let id: ProductId = parse(&row.product_id)?;
            let product = products.iter().find(|product| product.id == id).cloned();
            let view = match (&product, row.view_id) {
                (Some(product), Some(view)) => {
                    let view: RecordId = parse(&view)?;
                    if let Entry::Vacant(unread) = views_of.entry(id) {
                        unread.insert(self.product_records(&VIEW, Some(&product.key)).await?);
                    }
                    views_of[&id].iter().find(|record| record.id == view).map(|record| VIEW.name_of(record))
                }
                _ => None,
            };
            feeds.push(Feed {
                id: parse(&row.id)?,
                product,
                view,
                created: Timestamp(row.created_ms),
                used: row.used_ms.map(Timestamp),
            });
        }
        Ok(feeds)
    }

    /// Makes one of one's own links useless, at once.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the person has no such link.
    pub async fn revoke_feed(&self, id: FeedId) -> Result<(), Error> {
        change!(self.backend, |tx| {
            let change = RecordTx::by_member(tx, self, Role::Viewer).await?;
            let gone = feed::Entity::delete_many()
                .filter(feed::Column::WorkspaceId.eq(change.workspace.to_string()))
                .filter(feed::Column::UserId.eq(self.member.id.to_string()))
                .filter(feed::Column::Id.eq(id.to_string()))
                .exec(tx)
                .await?;
            if gone.rows_affected == 0 {
                return Err(Error::NotFound("There is no such calendar link. Reload the page.".into()));
            }
            change.audit(Action::FeedRevoked, &id.to_string(), json!({})).await
        })
    }

    /// When each item of a roadmap was last part of a change.
    pub(crate) async fn item_changes(&self, product: &Product) -> Result<HashMap<ItemId, Timestamp>, Error> {
        let rows: Vec<(String, i64)> = log_item::Entity::find()
            .select_only()
            .column(log_item::Column::ItemId)
            .column_as(op_log::Column::AtMs.max(), "changed")
            .join(
                JoinType::InnerJoin,
                log_item::Entity::belongs_to(op_log::Entity)
                    .from((log_item::Column::WorkspaceId, log_item::Column::RoadmapId, log_item::Column::Seq))
                    .to((op_log::Column::WorkspaceId, op_log::Column::RoadmapId, op_log::Column::Seq))
                    .into(),
            )
            .filter(log_item::Column::WorkspaceId.eq(self.workspace.to_string()))
            .filter(log_item::Column::RoadmapId.eq(product.roadmap.to_string()))
            .group_by(log_item::Column::ItemId)
            .into_tuple()
            .all(self.backend.db.reader())
            .await?;
        rows.into_iter().map(|(id, at)| Ok((parse(&id)?, Timestamp(at)))).collect()
    }
}

impl People {
    /// What a link leads to: for an active member, to whom the product still exists.
    pub(crate) async fn open_feed(&self, secret: &Secret) -> Result<Opened, Error> {
        let workspace = self.workspace().await?.ok_or_else(unknown)?.id;
        let row = members::query(workspace)
            .join(
                JoinType::InnerJoin,
                member::Entity::belongs_to(feed::Entity)
                    .from((member::Column::WorkspaceId, member::Column::UserId))
                    .to((feed::Column::WorkspaceId, feed::Column::UserId))
                    .into(),
            )
            .filter(feed::Column::TokenHash.eq(secret.hash()))
            .filter(member::Column::RemovedMs.is_null())
            .columns([feed::Column::Id, feed::Column::ProductId, feed::Column::ViewId, feed::Column::UsedMs])
            .into_model::<FeedRow>()
            .one(self.backend.db.reader())
            .await?;
        let FeedRow { member, id, product_id, view_id, used_ms } = row.ok_or_else(unknown)?;
        let viewer =
            Viewer { backend: self.backend.clone(), workspace, member: member.try_into()?, session: None };
        let row = product::Entity::find_by_id((workspace.to_string(), product_id))
            .one(self.backend.db.reader())
            .await?
            .ok_or_else(unknown)?;
        // Hidden from its owner by now, it answers as a link that there never was.
        let product = viewer.product(&parse(&row.key)?).await.map_err(|error| match error {
            Error::NotFound(_) => unknown(),
            error => error,
        })?;
        if used_ms.is_none_or(|used| now().0 - used >= NOTED_AFTER_MS) {
            self.note_feed_use(workspace, id);
        }
        let view = view_id.as_deref().map(parse).transpose()?;
        Ok(Opened { viewer, product, view })
    }

    /// Notes that a link was used, without holding up its reader.
    fn note_feed_use(&self, workspace: WorkspaceId, id: String) {
        let Ok(turn) = self.backend.people.noting.clone().try_lock_owned() else { return };
        let backend = self.backend.clone();
        tokio::spawn(async move {
            let noted = async {
                change!(backend, |tx| {
                    feed::Entity::update_many()
                        .col_expr(feed::Column::UsedMs, Expr::value(now().0))
                        .filter(feed::Column::WorkspaceId.eq(workspace.to_string()))
                        .filter(feed::Column::Id.eq(id.clone()))
                        .exec(tx)
                        .await?;
                    Ok(())
                })
            };
            if let Err(error) = noted.await {
                tracing::debug!(?error, "the use of a calendar link was not noted");
            }
            drop(turn);
        });
    }
}

/// Makes every link of a person useless.
pub(super) async fn forget_all(change: &RecordTx<'_>, user: UserId) -> Result<(), Error> {
    feed::Entity::delete_many()
        .filter(feed::Column::WorkspaceId.eq(change.workspace.to_string()))
        .filter(feed::Column::UserId.eq(user.to_string()))
        .exec(change.tx)
        .await?;
    Ok(())
}

fn own(workspace: WorkspaceId, user: UserId) -> sea_orm::Select<feed::Entity> {
    feed::Entity::find()
        .filter(feed::Column::WorkspaceId.eq(workspace.to_string()))
        .filter(feed::Column::UserId.eq(user.to_string()))
}

fn unknown() -> Error {
    Error::NotFound("There is no such calendar. Its link may have been revoked.".into())
}

pub(crate) fn no_view() -> Error {
    Error::NotFound("This view was removed, or is not shared with you.".into())
}
