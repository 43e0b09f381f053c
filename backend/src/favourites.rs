//! Favourites: products, views and items that a person has starred, in an order of their own.
//!
//! A row only names what was starred. What it is called, and whether its owner may see it, is asked each time: what is hidden from
//! them now is not listed, and is there again with the access; what was deleted is not listed unless it is restored.

use std::collections::HashMap;

use domain::{
    FavouriteKind, Product, ProductId, Record, RecordId, RoadmapId, Role, UserId, VIEW, WorkspaceId,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr,
};
use uuid::Uuid;

use crate::{
    Error, Viewer,
    access::{RecordTx, change},
    codec::{parse, unsigned},
    db::padded,
    entity::{favourite, item},
    records,
};

/// The most favourites of a person that are listed.
const MOST: usize = 100;

/// The most rows of a person, with those that are not listed at the moment.
const MOST_ROWS: usize = 300;

/// Something that the person has starred, and sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Favourite {
    pub kind: FavouriteKind,
    /// The id of the product, view or item.
    pub id: Uuid,
    /// Which it is, or to which it belongs.
    pub product: Product,
    /// The name of the product or view, or the title of the item.
    pub name: String,
    /// Of an item, its number.
    pub number: Option<u32>,
}

impl Viewer {
    /// What this person has starred, in their order, as far as they see it; `products` are all that exist for them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn favourites(&self, products: &[Product]) -> Result<Vec<Favourite>, Error> {
        let rows = own(self.workspace, self.member.id)
            .order_by_asc(favourite::Column::Place)
            .order_by_asc(favourite::Column::TargetId)
            .all(self.backend.db.reader())
            .await?;
        let mut wanted = Vec::with_capacity(rows.len());
        for row in rows {
            wanted.push((parse::<FavouriteKind>(&row.kind)?, parse::<Uuid>(&row.target_id)?));
        }
        self.seen(wanted, products).await
    }

    /// Those of things to star that exist for this person.
    async fn seen(
        &self,
        wanted: Vec<(FavouriteKind, Uuid)>,
        products: &[Product],
    ) -> Result<Vec<Favourite>, Error> {
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let by_id: HashMap<ProductId, &Product> =
            products.iter().map(|product| (product.id, product)).collect();
        let by_roadmap: HashMap<RoadmapId, &Product> =
            products.iter().map(|product| (product.roadmap, product)).collect();
        let of = |kind: FavouriteKind| {
            wanted.iter().filter(move |(other, _)| *other == kind).map(|(_, id)| id.to_string())
        };
        let items = self.titles(of(FavouriteKind::Item).collect()).await?;
        let views = self.named_views(of(FavouriteKind::View).collect()).await?;
        let found = |(kind, id): (FavouriteKind, Uuid)| {
            let (product, name, number) = match kind {
                FavouriteKind::Product => {
                    let product = *by_id.get(&ProductId(id))?;
                    (product, product.name.to_string(), None)
                }
                FavouriteKind::View => {
                    let view = views.iter().find(|view| view.id == RecordId(id))?;
                    (*by_id.get(&view.product?)?, VIEW.name_of(view), None)
                }
                FavouriteKind::Item => {
                    let is_seen =
                        |(roadmap, ..): &&(RoadmapId, u32, String)| by_roadmap.contains_key(roadmap);
                    let (roadmap, number, title) = items.get(&id)?.iter().find(is_seen)?;
                    (*by_roadmap.get(roadmap)?, title.clone(), Some(*number))
                }
            };
            Some(Favourite { kind, id, product: product.clone(), name, number })
        };
        Ok(wanted.into_iter().filter_map(found).take(MOST).collect())
    }

    /// Items by their ids, with their numbers and titles. One that was moved is in another product under the same id.
    async fn titles(&self, ids: Vec<String>) -> Result<HashMap<Uuid, Vec<(RoadmapId, u32, String)>>, Error> {
        let mut titles: HashMap<Uuid, Vec<_>> = HashMap::new();
        if ids.is_empty() {
            return Ok(titles);
        }
        let rows: Vec<(String, String, i64, String)> = item::Entity::find()
            .select_only()
            .columns([item::Column::Id, item::Column::RoadmapId, item::Column::Number, item::Column::Title])
            .filter(item::Column::WorkspaceId.eq(self.workspace.to_string()))
            .filter(item::Column::Id.is_in(padded(ids)))
            .filter(item::Column::DeletedMs.is_null())
            .filter(item::Column::MovedTo.is_null())
            .into_tuple()
            .all(self.backend.db.reader())
            .await?;
        for (id, roadmap, number, title) in rows {
            let number = u32::try_from(unsigned(number)?).map_err(Error::internal)?;
            titles.entry(parse(&id)?).or_default().push((parse(&roadmap)?, number, title));
        }
        Ok(titles)
    }

    /// Views by their ids, as far as this person may read them.
    async fn named_views(&self, ids: Vec<String>) -> Result<Vec<Record>, Error> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut views =
            records::by_ids(self.backend.db.reader(), &self.workspace.to_string(), &VIEW, ids).await?;
        views.retain(|view| view.deleted.is_none() && VIEW.reads(view, self.member.id));
        Ok(views)
    }

    /// Stars something, behind what is starred already, or takes the star away.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it does not exist for this person, [`Error::Conflict`] when they have 100 favourites.
    pub async fn set_favourite(&self, kind: FavouriteKind, id: Uuid, starred: bool) -> Result<(), Error> {
        let products = self.products().await?;
        if starred && self.seen(vec![(kind, id)], &products).await?.is_empty() {
            return Err(Error::NotFound(format!("There is no such {}.", kind.label().to_lowercase())));
        }
        let listed = if starred { self.favourites(&products).await? } else { Vec::new() };
        if listed.len() >= MOST && !listed.iter().any(|one| (one.kind, one.id) == (kind, id)) {
            return Err(Error::Conflict(format!("You have {MOST} favourites. Remove one first.")));
        }
        change!(self.backend, |tx| {
            let change = RecordTx::by_member(tx, self, Role::Viewer).await?;
            let workspace = change.workspace;
            if !starred {
                return delete(tx, workspace, self.member.id, kind.as_str(), &id.to_string()).await;
            }
            let rows = own(workspace, self.member.id).order_by_asc(favourite::Column::Place).all(tx).await?;
            if rows.iter().any(|row| row.kind == kind.as_str() && row.target_id == id.to_string()) {
                return Ok(());
            }
            // What is not listed any more makes room, the oldest first.
            let is_listed = |row: &favourite::Model| {
                listed.iter().any(|one| one.kind.as_str() == row.kind && one.id.to_string() == row.target_id)
            };
            let mut spare: Vec<&favourite::Model> = rows.iter().filter(|row| !is_listed(row)).collect();
            spare.sort_by_key(|row| row.added_ms);
            for row in spare.into_iter().take((rows.len() + 1).saturating_sub(MOST_ROWS)) {
                delete(tx, workspace, self.member.id, &row.kind, &row.target_id).await?;
            }
            favourite::Entity::insert(favourite::ActiveModel {
                workspace_id: Set(workspace.to_string()),
                user_id: Set(self.member.id.to_string()),
                kind: Set(kind.as_str().to_owned()),
                target_id: Set(id.to_string()),
                place: Set(rows.last().map_or(0, |row| row.place + 1)),
                added_ms: Set(change.at.0),
            })
            .exec_without_returning(tx)
            .await?;
            Ok(())
        })
    }

    /// Exchanges a favourite with the one listed before it, or with the one behind it.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not listed. At the end of the list nothing changes.
    pub async fn move_favourite(&self, kind: FavouriteKind, id: Uuid, up: bool) -> Result<(), Error> {
        let listed = self.favourites(&self.products().await?).await?;
        let at = listed.iter().position(|one| (one.kind, one.id) == (kind, id));
        let at = at.ok_or_else(|| {
            Error::NotFound("This isn’t one of your favourites any more. Reload the page.".to_owned())
        })?;
        let beside = if up { at.checked_sub(1) } else { Some(at + 1) };
        let Some(other) = beside.and_then(|beside| listed.get(beside)) else { return Ok(()) };
        change!(self.backend, |tx| {
            let change = RecordTx::by_member(tx, self, Role::Viewer).await?;
            let rows = own(change.workspace, self.member.id).all(tx).await?;
            let row = |kind: FavouriteKind, id: Uuid| {
                let is_it =
                    |row: &&favourite::Model| row.kind == kind.as_str() && row.target_id == id.to_string();
                rows.iter().find(is_it)
            };
            // One of them was removed meanwhile.
            let (Some(one), Some(other)) = (row(kind, id), row(other.kind, other.id)) else { return Ok(()) };
            for (row, place) in [(one, other.place), (other, one.place)] {
                favourite::Entity::update_many()
                    .col_expr(favourite::Column::Place, Expr::value(place))
                    .filter(favourite::Column::WorkspaceId.eq(&row.workspace_id))
                    .filter(favourite::Column::UserId.eq(&row.user_id))
                    .filter(favourite::Column::Kind.eq(&row.kind))
                    .filter(favourite::Column::TargetId.eq(&row.target_id))
                    .exec(tx)
                    .await?;
            }
            Ok(())
        })
    }
}

fn own(workspace: WorkspaceId, user: UserId) -> sea_orm::Select<favourite::Entity> {
    favourite::Entity::find()
        .filter(favourite::Column::WorkspaceId.eq(workspace.to_string()))
        .filter(favourite::Column::UserId.eq(user.to_string()))
}

async fn delete(
    tx: &sea_orm::DatabaseTransaction,
    workspace: WorkspaceId,
    user: UserId,
    kind: &str,
    target: &str,
) -> Result<(), Error> {
    favourite::Entity::delete_many()
        .filter(favourite::Column::WorkspaceId.eq(workspace.to_string()))
        .filter(favourite::Column::UserId.eq(user.to_string()))
        .filter(favourite::Column::Kind.eq(kind))
        .filter(favourite::Column::TargetId.eq(target))
        .exec(tx)
        .await?;
    Ok(())
}

/// Removes every favourite of a person.
pub(crate) async fn forget_all(change: &RecordTx<'_>, user: UserId) -> Result<(), Error> {
    favourite::Entity::delete_many()
        .filter(favourite::Column::WorkspaceId.eq(change.workspace.to_string()))
        .filter(favourite::Column::UserId.eq(user.to_string()))
        .exec(change.tx)
        .await?;
    Ok(())
}
