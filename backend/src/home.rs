//! How it stands with each product, for a person's first page. A few queries, however many products there are.

use std::collections::HashMap;

use domain::{Change, HistoryKind, Investment, Product, RoadmapId, Status, Timestamp, UserId};
use sea_orm::{
    ColumnTrait, EntityTrait, JoinType, QueryFilter, QuerySelect,
    sea_query::{CaseStatement, Expr, ExprTrait, Func, SimpleExpr},
};

use crate::{
    Error, Viewer,
    codec::{json, parse, unsigned},
    db::padded,
    entity::{item, op_log, roadmap},
};

/// The most characters of a change that is shown in words.
const LONGEST: i32 = 2 * 1024;

/// How it stands with a product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductState {
    pub product: Product,
    /// Items that are not in the bin.
    pub items: u32,
    /// By [`Investment::ALL`]: tenths of person-days of all items that are neither done nor dropped; where none of them has an
    /// effort, how many they are.
    pub balance: [u64; 4],
    /// Whether the balance is effort, and no number of items.
    pub is_effort: bool,
    /// Open voting sessions on its items that the person sees.
    pub open_votes: u32,
    pub last: Option<LastChange>,
}

/// What happened last on a roadmap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastChange {
    pub at: Timestamp,
    /// Who did what; `None` for a vote, and for what is too much to be read here and may be one.
    pub what: Option<(UserId, Change)>,
}

/// What a roadmap holds.
#[derive(Clone, Copy, Default)]
struct Sums {
    items: u32,
    efforts: [u64; 4],
    counts: [u64; 4],
}

impl Viewer {
    /// How it stands with these products.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn product_states(&self, products: Vec<Product>) -> Result<Vec<ProductState>, Error> {
        if products.is_empty() {
            return Ok(Vec::new());
        }
        let roadmaps = padded(products.iter().map(|product| product.roadmap.to_string()));
        let (sums, votes) = (self.sums(&roadmaps).await?, self.count_open_votings().await?);
        let mut last = self.last_changes(&roadmaps).await?;
        let state = |product: Product| {
            let Sums { items, efforts, counts } = sums.get(&product.roadmap).copied().unwrap_or_default();
            let is_effort = efforts.iter().any(|sum| *sum > 0);
            let balance = if is_effort { efforts } else { counts };
            let open_votes = votes.get(&product.roadmap).copied().unwrap_or_default();
            let last = last.remove(&product.roadmap);
            ProductState { product, items, balance, is_effort, open_votes, last }
        };
        Ok(products.into_iter().map(state).collect())
    }

    /// What each of these roadmaps holds.
    async fn sums(&self, roadmaps: &[String]) -> Result<HashMap<RoadmapId, Sums>, Error> {
        let is_open =
            || Expr::col(item::Column::Status).is_not_in([Status::Done, Status::Dropped].map(Status::as_str));
        let of_open = |value: SimpleExpr| {
            let case = CaseStatement::new().case(is_open(), value).finally(Expr::value(0_i64));
            // PostgreSQL makes sums of these a type of their own.
            Expr::from(Func::sum(case)).cast_as("BIGINT")
        };
        let effort = Func::coalesce([Expr::col(item::Column::EffortTenths), Expr::value(0_i64)]).into();
        let rows: Vec<(String, Option<String>, i64, i64, i64)> = item::Entity::find()
            .select_only()
            .columns([item::Column::RoadmapId, item::Column::Investment])
            .column_as(item::Column::Id.count(), "items")
            .expr_as(of_open(Expr::value(1_i64)), "open_items")
            .expr_as(of_open(effort), "effort")
            .filter(item::Column::WorkspaceId.eq(self.workspace.to_string()))
            .filter(item::Column::RoadmapId.is_in(roadmaps))
            .filter(item::Column::DeletedMs.is_null())
            .group_by(item::Column::RoadmapId)
            .group_by(item::Column::Investment)
            .into_tuple()
            .all(self.backend.db.reader())
            .await?;
        let mut sums: HashMap<RoadmapId, Sums> = HashMap::new();
        for (roadmap, investment, items, open, effort) in rows {
            let sum = sums.entry(parse(&roadmap)?).or_default();
            sum.items += u32::try_from(unsigned(items)?).unwrap_or(u32::MAX);
            let Some(investment) = investment else { continue };
            let kind: Investment = parse(&investment)?;
            let at = Investment::ALL.iter().position(|other| *other == kind).unwrap_or_default();
            sum.efforts[at] += unsigned(effort)?;
            sum.counts[at] += unsigned(open)?;
        }
        Ok(sums)
    }

    /// The last entry of each of these logs. Of a vote only when it was: whose it is may be a secret.
    async fn last_changes(&self, roadmaps: &[String]) -> Result<HashMap<RoadmapId, LastChange>, Error> {
        let length = Expr::from(Func::char_length(Expr::col(op_log::Column::Changes)));
        let is_short = length.lte(Expr::value(LONGEST));
        let changes = CaseStatement::new().case(is_short, Expr::col(op_log::Column::Changes)).finally("");
        let rows: Vec<(String, String, i64, String)> = roadmap::Entity::find()
            .select_only()
            .column(roadmap::Column::Id)
            .columns([op_log::Column::ActorId, op_log::Column::AtMs])
            .expr_as(changes, "short_changes")
            .join(
                JoinType::InnerJoin,
                roadmap::Entity::belongs_to(op_log::Entity)
                    .from((roadmap::Column::WorkspaceId, roadmap::Column::Id, roadmap::Column::Head))
                    .to((op_log::Column::WorkspaceId, op_log::Column::RoadmapId, op_log::Column::Seq))
                    .into(),
            )
            .filter(roadmap::Column::WorkspaceId.eq(self.workspace.to_string()))
            .filter(roadmap::Column::Id.is_in(roadmaps))
            .into_tuple()
            .all(self.backend.db.reader())
            .await?;
        let mut last = HashMap::with_capacity(rows.len());
        for (id, actor, at, text) in rows {
            let changes: Vec<Change> = if text.is_empty() { Vec::new() } else { json(&text)? };
            let is_vote = changes.iter().any(|change| change.kind() == HistoryKind::Votes);
            let first = changes.into_iter().next().filter(|_| !is_vote);
            let what = first.map(|change| Ok::<_, Error>((parse(&actor)?, change))).transpose()?;
            last.insert(parse(&id)?, LastChange { at: Timestamp(at), what });
        }
        Ok(last)
    }
}
