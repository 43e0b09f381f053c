//! What key figures were on days: a table of its own, since series grow long.

use std::collections::{BTreeMap, HashMap};

use domain::{Date, Figure, KPI, ProductId, ProductKey, Record, RecordId, Role, Timestamp, counted, unit_of};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
    sea_query::{Expr, ExprTrait, OnConflict},
};
use serde_json::json;

use super::{Measurement, kpis::of_product};
use crate::{
    Backend, Error, Viewer,
    access::{RecordTx, change},
    audit::Action,
    clock::now,
    codec::parse,
    db::padded,
    entity::{measurement, record},
    exchange::{CsvWriter, read_day, read_series},
    records,
};

/// The most measurements of a key figure: one a day for thirteen years.
const MOST: u64 = 5_000;

/// The most measurements that are added at once.
const MOST_AT_ONCE: usize = 2_000;

/// Key figures that are asked about in one query.
const KPIS_AT_ONCE: usize = 5_000;

/// Rows that are written in one statement.
const ROWS: usize = 500;

/// The most characters of a source.
const MAX_SOURCE: usize = 80;

/// Days that a refusal names.
const NAMED: usize = 5;

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// A value of a day, to be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    pub day: Date,
    pub value: Figure,
    /// Where it comes from, in a few words; may be empty.
    pub source: String,
}

/// What came of adding measurements.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    pub added: usize,
    pub corrected: usize,
    /// Were there with the same value.
    pub unchanged: usize,
}

impl Viewer {
    /// The newest measurements of a key figure by day, and how many there are.
    pub(super) async fn newest_of(
        &self,
        kpi: RecordId,
        limit: u64,
    ) -> Result<(Vec<Measurement>, u64), Error> {
        let own = || of_kpi(&self.workspace.to_string(), &kpi.to_string());
        let count = own().count(self.backend.db.reader()).await?;
        let rows =
            own().order_by_desc(measurement::Column::Day).limit(limit).all(self.backend.db.reader()).await?;
        let mut measurements = rows.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
        measurements.reverse();
        Ok((measurements, count))
    }

    /// The newest measurement of each of these key figures that has one.
    pub(crate) async fn newest_of_each(
        &self,
        kpis: Vec<RecordId>,
    ) -> Result<HashMap<RecordId, Measurement>, Error> {
        let mut newest = HashMap::new();
        let of_workspace = || {
            measurement::Entity::find()
                .filter(measurement::Column::WorkspaceId.eq(self.workspace.to_string()))
        };
        for some in kpis.chunks(KPIS_AT_ONCE) {
            let days = of_workspace()
                .select_only()
                .column(measurement::Column::KpiId)
                .column_as(measurement::Column::Day.max(), "day")
                .filter(measurement::Column::KpiId.is_in(padded(some.iter().map(ToString::to_string))))
                .group_by(measurement::Column::KpiId);
            let key = [measurement::Column::KpiId, measurement::Column::Day].map(Expr::col);
            let rows = of_workspace()
                .filter(Expr::tuple(key).in_subquery(days.into_query()))
                .all(self.backend.db.reader())
                .await?;
            for row in rows {
                newest.insert(parse(&row.kpi_id)?, read(row)?);
            }
        }
        Ok(newest)
    }

    /// Adds measurements to a key figure: all of them or none. A day that was measured already is refused, unless it is corrected.
    ///
    /// # Errors
    /// [`Error::Conflict`] naming the days that were measured already, [`Error::Invalid`] for days in the future.
    pub async fn measure(
        &self,
        key: &ProductKey,
        id: RecordId,
        points: Vec<Point>,
        corrects: bool,
    ) -> Result<Measured, Error> {
        let points = checked(points)?;
        let measured = change!(self.backend, |tx| {
            let (change, row) = RecordTx::in_open_product(tx, self, key, Role::Editor).await?;
            let kpi = kpi(tx, &row.workspace_id, parse(&row.id)?, id).await?;
            let days = padded(points.keys().map(ToString::to_string));
            let present = of_kpi(&row.workspace_id, &id.to_string())
                .filter(measurement::Column::Day.is_in(days))
                .all(tx)
                .await?;
            let mut was = BTreeMap::new();
            for row in present {
                let row = read(row)?;
                was.insert(row.day, row.value);
            }
            let mut measured = Measured::default();
            let (mut rows, mut conflicts) = (Vec::new(), Vec::new());
            for (day, point) in &points {
                match was.get(day) {
                    Some(value) if *value == point.value => {
                        measured.unchanged += 1;
                        continue;
                    }
                    Some(value) => {
                        measured.corrected += 1;
                        conflicts.push(format!("{day} ({})", with_unit(*value, &kpi)));
                    }
                    None => measured.added += 1,
                }
                rows.push(measurement::ActiveModel {
                    workspace_id: Set(row.workspace_id.clone()),
                    kpi_id: Set(id.to_string()),
                    day: Set(day.to_string()),
                    value: Set(point.value.parts()),
                    source: Set(point.source.clone()),
                    by_id: Set(change.actor.to_string()),
                    at_ms: Set(change.at.0),
                });
            }
            if !conflicts.is_empty() && !corrects {
                return Err(Error::Conflict(twice(conflicts)));
            }
            if rows.is_empty() {
                return Ok(measured);
            }
            let count = of_kpi(&row.workspace_id, &id.to_string()).count(tx).await?;
            if count + measured.added as u64 > MOST {
                return Err(Error::Conflict(format!(
                    "A key figure has at most {MOST} measurements, and this one has {count}. Measure less often."
                )));
            }
            let (first, last) = (points.keys().next(), points.keys().next_back());
            let body = json!({
                "name": KPI.name_of(&kpi),
                "product": row.id,
                "added": measured.added,
                "corrected": measured.corrected,
                "first": first,
                "last": last,
            });
            for some in rows.chunks(ROWS) {
                let key =
                    [measurement::Column::WorkspaceId, measurement::Column::KpiId, measurement::Column::Day];
                let replaced = [
                    measurement::Column::Value,
                    measurement::Column::Source,
                    measurement::Column::ById,
                    measurement::Column::AtMs,
                ];
                let conflict = OnConflict::columns(key).update_columns(replaced).to_owned();
                measurement::Entity::insert_many(some.to_vec())
                    .on_conflict(conflict)
                    .exec_without_returning(tx)
                    .await?;
            }
            let about = kpi.product.as_slice();
            change.audit_about(about, Action::Measured, &id.to_string(), body).await?;
            Ok(measured)
        })?;
        Ok(measured)
    }

    /// Adds one measurement as somebody typed it: day, value and source.
    ///
    /// # Errors
    /// [`Error::Invalid`] where one of them cannot be read; otherwise as [`Viewer::measure`].
    pub async fn measure_typed(
        &self,
        key: &ProductKey,
        id: RecordId,
        (day, value, source): (&str, &str, &str),
        corrects: bool,
    ) -> Result<Measured, Error> {
        let kpi = self.own_kpi(key, id).await?;
        let day = read_day(day).map_err(Error::Invalid)?;
        let value = Figure::read(value, unit_of(&kpi)).map_err(Error::Invalid)?;
        let point = Point { day, value, source: source.to_owned() };
        self.measure(key, id, vec![point], corrects).await
    }

    /// Adds the measurements of a text: a day and a value on each line, as spreadsheets write them.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the lines that cannot be read; otherwise as [`Viewer::measure`].
    pub async fn measure_text(
        &self,
        key: &ProductKey,
        id: RecordId,
        text: &str,
        corrects: bool,
    ) -> Result<Measured, Error> {
        let kpi = self.own_kpi(key, id).await?;
        let series = read_series(text, unit_of(&kpi)).map_err(Error::Invalid)?;
        let point = |point: crate::exchange::Point| Point {
            day: point.day,
            value: point.value,
            source: if point.source.is_empty() { "CSV".to_owned() } else { point.source },
        };
        self.measure(key, id, series.into_iter().map(point).collect(), corrects).await
    }

    /// Removes the measurement of a day.
    ///
    /// # Errors
    /// [`Error::NotFound`] when nothing was measured on that day.
    pub async fn remove_measurement(&self, key: &ProductKey, id: RecordId, day: Date) -> Result<(), Error> {
        change!(self.backend, |tx| {
            let (change, row) = RecordTx::in_open_product(tx, self, key, Role::Editor).await?;
            let kpi = kpi(tx, &row.workspace_id, parse(&row.id)?, id).await?;
            let place = (row.workspace_id.clone(), id.to_string(), day.to_string());
            let found = measurement::Entity::find_by_id(place.clone()).one(tx).await?;
            let found = found.ok_or_else(|| Error::NotFound(format!("Nothing was measured on {day}.")))?;
            measurement::Entity::delete_by_id(place).exec(tx).await?;
            let value = read(found)?.value.to_string();
            let body = json!({ "name": KPI.name_of(&kpi), "product": row.id, "day": day, "value": value });
            let about = kpi.product.as_slice();
            change.audit_about(about, Action::MeasurementRemoved, &id.to_string(), body).await
        })
    }

    /// All measurements of a key figure as a file of comma-separated values, and what the key figure is called.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it does not exist for this person.
    pub async fn measurements_csv(&self, key: &ProductKey, id: RecordId) -> Result<(String, Vec<u8>), Error> {
        let product = self.product(key).await?;
        let kpi = self.kpi(product.id, id).await?;
        let (measurements, _) = self.newest_of(id, MOST).await?;
        let members = self.members().await?;
        let mut writer = CsvWriter::new();
        writer.record(["Day", "Value", "Unit", "Source", "Recorded by"]);
        for measurement in measurements {
            let by = members.iter().find(|member| member.id == measurement.by);
            let by = by.map_or_else(String::new, |member| member.name.to_string());
            let (day, value) = (measurement.day.to_string(), measurement.value.written());
            writer.record([day, value, unit_of(&kpi).to_owned(), measurement.source, by]);
        }
        Ok((KPI.name_of(&kpi), writer.finish()))
    }
}

impl Backend {
    /// Adds to the problems every measurement that cannot be one.
    pub(crate) async fn check_measurements(&self, problems: &mut Vec<String>) -> Result<(), Error> {
        let tx = self.db.begin_read().await?;
        // A table of very many rows is read by its key figures.
        let kpis: Vec<(String, String)> = measurement::Entity::find()
            .select_only()
            .columns([measurement::Column::WorkspaceId, measurement::Column::KpiId])
            .distinct()
            .order_by_asc(measurement::Column::WorkspaceId)
            .order_by_asc(measurement::Column::KpiId)
            .into_tuple()
            .all(&tx)
            .await?;
        for (workspace, kpi) in kpis {
            let row = record::Entity::find_by_id((workspace.clone(), kpi.clone())).one(&tx).await?;
            if row.is_none_or(|row| row.kind != KPI.kind) {
                problems.push(format!("Measurements of {kpi} belong to no key figure."));
            }
            let rows = of_kpi(&workspace, &kpi).order_by_asc(measurement::Column::Day).all(&tx).await?;
            for row in rows {
                let day = row.day.clone();
                if read(row).is_err() {
                    problems.push(format!("The measurement of {kpi} on {day} cannot be read."));
                }
            }
        }
        tx.rollback().await?;
        Ok(())
    }
}

/// Measurements by their days, each of which can be one.
fn checked(points: Vec<Point>) -> Result<BTreeMap<Date, Point>, Error> {
    if points.is_empty() {
        return Err(Error::Invalid("Add at least one measurement.".to_owned()));
    }
    if points.len() > MOST_AT_ONCE {
        return Err(Error::Invalid(format!(
            "Add at most {MOST_AT_ONCE} measurements at a time; these are {}.",
            points.len()
        )));
    }
    // It may be tomorrow already where somebody measures.
    let latest = Timestamp(now().0 + DAY_MS).utc().date;
    let mut checked = BTreeMap::new();
    for point in points {
        let day = point.day.likely().map_err(Error::Invalid)?;
        if day > latest {
            return Err(Error::Invalid(format!("{day} is in the future. Use today or an earlier day.")));
        }
        let source: String = crate::tidy(&point.source).chars().take(MAX_SOURCE).collect();
        if checked.insert(day, Point { source, ..point }).is_some() {
            return Err(Error::Invalid(format!("{day} appears twice. Enter one value per day.")));
        }
    }
    Ok(checked)
}

/// That days were measured already.
fn twice(mut days: Vec<String>) -> String {
    let count = days.len();
    days.truncate(NAMED);
    let named = days.join(", ");
    let more = if count > NAMED { format!(" and {} more", count - NAMED) } else { String::new() };
    let days = counted(count, "day was", "days were");
    format!("{days} measured already: {named}{more}. Choose “Correct measured days” to replace the value.")
}

fn with_unit(value: Figure, kpi: &Record) -> String {
    format!("{value} {}", unit_of(kpi)).trim_end().to_owned()
}

fn of_kpi(workspace: &str, kpi: &str) -> sea_orm::Select<measurement::Entity> {
    measurement::Entity::find()
        .filter(measurement::Column::WorkspaceId.eq(workspace))
        .filter(measurement::Column::KpiId.eq(kpi))
}

async fn kpi(
    tx: &impl ConnectionTrait,
    workspace: &str,
    product: ProductId,
    id: RecordId,
) -> Result<Record, Error> {
    of_product(records::by_ids(tx, workspace, &KPI, vec![id.to_string()]).await?, product)
}

fn read(row: measurement::Model) -> Result<Measurement, Error> {
    Ok(Measurement {
        day: parse(&row.day)?,
        value: Figure::from_parts(row.value).ok_or_else(|| crate::codec::unreadable(&row.value))?,
        source: row.source,
        by: parse(&row.by_id)?,
        at: Timestamp(row.at_ms),
    })
}
