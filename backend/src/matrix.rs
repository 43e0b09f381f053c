//! The alignment matrix of a quarter: how much each product serves each objective, as several people see it.

use std::collections::{BTreeMap, HashMap};

use domain::{
    FiscalYear, Member, OBJECTIVE, ObjectiveState, Opinion, Product, ProductId, ProductKey, Quarter, Record,
    RecordId, Role, Timestamp, UserId, objective_quarter, objective_state,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, sea_query::OnConflict,
};

use crate::{
    Backend, Error, Viewer,
    access::{RecordTx, change},
    codec::parse,
    db::padded,
    entity::{alignment_rating, record},
    exchange::CsvWriter,
    problems::tell_rows,
    records::{self, unknown},
};

/// The least role that may rate: the one that may vote.
const RATES: Role = Role::Stakeholder;

/// The highest rating: 0 is that a product does not serve an objective at all.
pub const HIGHEST: u8 = 3;

/// The most objectives of a quarter that are columns.
const MOST_COLUMNS: usize = 12;

/// The most ratings of a quarter that are counted.
const MOST_RATINGS: u64 = 200_000;

/// The most cells that are rated at once.
const MOST_AT_ONCE: usize = 500;

/// The matrix of a quarter, as a person may see it: products that do not exist for them have no row.
#[derive(Clone, Debug)]
pub struct Matrix {
    pub quarter: Quarter,
    pub year: FiscalYear,
    /// The columns: open objectives first, then drafts, then closed ones.
    pub objectives: Vec<Record>,
    /// Whether the quarter has more objectives than columns.
    pub is_cut: bool,
    pub rows: Vec<Row>,
    pub members: Vec<Member>,
}

/// A product in the matrix.
#[derive(Clone, Debug)]
pub struct Row {
    pub product: Product,
    /// In the order of the objectives.
    pub cells: Vec<Cell>,
    /// Whether this person may rate it.
    pub rates: bool,
}

/// How much a product serves an objective.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    pub all: Opinion,
    /// What this person says.
    pub own: Option<u8>,
    /// Who said what and when, the latest first.
    pub said: Vec<Said>,
}

/// What one person said about a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    pub user: UserId,
    pub value: u8,
    pub at: Timestamp,
}

/// A rating of a cell as it was typed; empty takes it back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypedCell {
    pub objective: RecordId,
    pub product: ProductKey,
    pub text: String,
}

impl Row {
    /// What all say of the product, over the objectives.
    pub fn sum(&self) -> u32 {
        self.cells.iter().map(|cell| cell.all.sum).sum()
    }
}

impl Matrix {
    /// What all say of each objective, over the products.
    pub fn column_sums(&self) -> Vec<u32> {
        let sum = |column: usize| {
            self.rows.iter().filter_map(|row| row.cells.get(column)).map(|cell| cell.all.sum).sum()
        };
        (0..self.objectives.len()).map(sum).collect()
    }

    /// What all say altogether.
    pub fn sum(&self) -> u32 {
        self.rows.iter().map(Row::sum).sum()
    }

    /// Whether an objective can be rated still.
    pub fn is_open(objective: &Record) -> bool {
        objective_state(objective) != ObjectiveState::Closed
    }
}

impl Viewer {
    /// The alignment matrix of a quarter.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn matrix(&self, quarter: Quarter) -> Result<Matrix, Error> {
        let mut objectives = self.records(&OBJECTIVE).await?;
        objectives.retain(|objective| objective_quarter(objective) == Some(quarter));
        objectives.sort_by_key(|objective| (objective_state(objective), objective.id));
        let is_cut = objectives.len() > MOST_COLUMNS;
        objectives.truncate(MOST_COLUMNS);
        let mut products = self.products().await?;
        products.retain(|product| !product.archived);
        let mut said = self.matrix_said(&objectives, &products).await?;
        let rows = products.into_iter().map(|product| {
            let cells = objectives.iter().map(|objective| {
                let said = said.remove(&(objective.id, product.id)).unwrap_or_default();
                let own = said.iter().find(|said| said.user == self.member.id).map(|said| said.value);
                Cell { all: Opinion::of(said.iter().map(|said| said.value)), own, said }
            });
            Row { cells: cells.collect(), rates: product.role >= RATES, product }
        });
        let rows = rows.collect();
        let (year, members) = (self.fiscal_year().await?, self.members().await?);
        Ok(Matrix { quarter, year, objectives, is_cut, rows, members })
    }

    async fn matrix_said(
        &self,
        objectives: &[Record],
        products: &[Product],
    ) -> Result<HashMap<(RecordId, ProductId), Vec<Said>>, Error> {
        let mut found: HashMap<(RecordId, ProductId), Vec<Said>> = HashMap::new();
        if objectives.is_empty() || products.is_empty() {
            return Ok(found);
        }
        let rows = alignment_rating::Entity::find()
            .filter(alignment_rating::Column::WorkspaceId.eq(self.workspace.to_string()))
            .filter(
                alignment_rating::Column::ObjectiveId
                    .is_in(padded(objectives.iter().map(|objective| objective.id.to_string()))),
            )
            .filter(
                alignment_rating::Column::ProductId
                    .is_in(padded(products.iter().map(|product| product.id.to_string()))),
            )
            .order_by_desc(alignment_rating::Column::AtMs)
            .order_by_asc(alignment_rating::Column::UserId)
            .limit(MOST_RATINGS)
            .all(self.backend.db.reader())
            .await?;
        for row in rows {
            let (user, at) = (parse(&row.user_id)?, Timestamp(row.at_ms));
            let value = u8::try_from(row.value).map_err(Error::internal)?;
            let cell = (parse(&row.objective_id)?, parse(&row.product_id)?);
            found.entry(cell).or_default().push(Said { user, value, at });
        }
        Ok(found)
    }

    /// Says how much products serve objectives, from 0 to [`HIGHEST`]; what is empty takes the rating back. All of it or nothing.
    ///
    /// # Errors
    /// [`Error::Invalid`] for what is no such rating, [`Error::Conflict`] for an objective that is closed, [`Error::NotFound`] for a product
    /// that does not exist for this person or an objective that is not there, [`domain::Reject::NotAllowed`] and
    /// [`domain::Reject::Archived`].
    pub async fn rate_alignment(&self, quarter: Quarter, typed: &[TypedCell]) -> Result<(), Error> {
        if typed.len() > MOST_AT_ONCE {
            return Err(Error::Invalid(format!("Rate at most {MOST_AT_ONCE} cells at once.")));
        }
        let mut by_product: BTreeMap<&ProductKey, Vec<(RecordId, Option<u8>)>> = BTreeMap::new();
        for cell in typed {
            by_product.entry(&cell.product).or_default().push((cell.objective, value(&cell.text)?));
        }
        change!(self.backend, |tx| {
            let workspace = self.workspace.to_string();
            let mut objectives = None;
            for (key, cells) in &by_product {
                let (change, row) = RecordTx::in_open_product(tx, self, key, RATES).await?;
                // Behind the workspace's lock, which that takes: none of them is closed meanwhile.
                let objectives = match &mut objectives {
                    Some(objectives) => objectives,
                    none => none.insert(records::all(tx, &workspace, &OBJECTIVE, None).await?),
                };
                for (id, value) in cells {
                    let objective = objectives.iter().find(|objective| {
                        objective.id == *id
                            && objective.deleted.is_none()
                            && objective_quarter(objective) == Some(quarter)
                    });
                    let objective = objective.ok_or_else(|| unknown(&OBJECTIVE))?;
                    if !Matrix::is_open(objective) {
                        let name = OBJECTIVE.name_of(objective);
                        return Err(Error::Conflict(format!("“{name}” is closed. Reopen it to rate it.")));
                    }
                    write(tx, &change, &row.id, *id, *value).await?;
                }
            }
            Ok(())
        })
    }

    /// The matrix of a quarter as CSV.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn matrix_csv(&self, quarter: Quarter) -> Result<Vec<u8>, Error> {
        let matrix = self.matrix(quarter).await?;
        let mut writer = CsvWriter::new();
        let mut header = vec!["Key".to_owned(), "Product".to_owned()];
        for objective in &matrix.objectives {
            let name = OBJECTIVE.name_of(objective);
            header.extend([name.clone(), format!("{name}: raters"), format!("{name}: spread")]);
        }
        header.push("Total".to_owned());
        writer.record(header);
        for row in &matrix.rows {
            let mut line = vec![row.product.key.to_string(), row.product.name.to_string()];
            for Cell { all, .. } in &row.cells {
                let is_rated = all.raters > 0;
                let told = |number: String| if is_rated { number } else { String::new() };
                line.extend([
                    told(all.sum.to_string()),
                    all.raters.to_string(),
                    told(all.spread().to_string()),
                ]);
            }
            line.push(row.sum().to_string());
            writer.record(line);
        }
        let mut line = vec![String::new(), "Total".to_owned()];
        for sum in matrix.column_sums() {
            line.extend([sum.to_string(), String::new(), String::new()]);
        }
        line.push(matrix.sum().to_string());
        writer.record(line);
        Ok(writer.finish())
    }
}

/// A rating as it was typed; `None` where there is none.
fn value(text: &str) -> Result<Option<u8>, Error> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let value = text.parse().ok().filter(|value: &u8| *value <= HIGHEST);
    value.map(Some).ok_or_else(|| {
        let short: String = text.chars().take(20).collect();
        Error::Invalid(format!("“{short}” isn’t a rating. Use 0 to {HIGHEST}, or leave the cell empty."))
    })
}

async fn write(
    tx: &impl ConnectionTrait,
    change: &RecordTx<'_>,
    product: &str,
    objective: RecordId,
    value: Option<u8>,
) -> Result<(), Error> {
    use alignment_rating::Column;
    let (workspace, user) = (change.workspace.to_string(), change.actor.to_string());
    let Some(value) = value else {
        let at = (workspace, objective.to_string(), product.to_owned(), user);
        alignment_rating::Entity::delete_by_id(at).exec(tx).await?;
        return Ok(());
    };
    let same =
        OnConflict::columns([Column::WorkspaceId, Column::ObjectiveId, Column::ProductId, Column::UserId])
            .update_columns([Column::Value, Column::AtMs])
            .to_owned();
    alignment_rating::Entity::insert(alignment_rating::ActiveModel {
        workspace_id: Set(workspace),
        objective_id: Set(objective.to_string()),
        product_id: Set(product.to_owned()),
        user_id: Set(user),
        value: Set(i64::from(value)),
        at_ms: Set(change.at.0),
    })
    .on_conflict(same)
    .exec_without_returning(tx)
    .await?;
    Ok(())
}

impl Backend {
    /// Tells of ratings whose objective doesn’t exist, and of those out of range.
    pub(crate) async fn check_matrix(&self, problems: &mut Vec<String>) -> Result<(), Error> {
        const RATINGS: (&str, &str) = ("alignment rating is", "alignment ratings are");
        let tx = self.db.begin_read().await?;
        let objectives = record::Entity::find()
            .select_only()
            .column(record::Column::Id)
            .filter(record::Column::Kind.eq(OBJECTIVE.kind));
        let lost = alignment_rating::Entity::find()
            .filter(alignment_rating::Column::ObjectiveId.not_in_subquery(objectives.into_query()));
        tell_rows(problems, &tx, lost, RATINGS, "of objectives that don’t exist").await?;
        let odd = alignment_rating::Entity::find()
            .filter(alignment_rating::Column::Value.not_between(0, i64::from(HIGHEST)));
        tell_rows(problems, &tx, odd, RATINGS, &format!("not from 0 to {HIGHEST}")).await?;
        tx.rollback().await?;
        Ok(())
    }
}
