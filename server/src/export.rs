//! Downloads of a roadmap: `/p/ERP/export.csv`, `export.xlsx` and `export.json` for scripts and bookmarks, and
//! `export?format=csv` for the form of the page, which works without the application.

use app::api::{ApiError, session_secret};
use axum::{
    extract::{Path, Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use backend::{
    exchange::{Format, Separator},
    reports::Report,
};
use domain::{ProductKey, Quarter};

use crate::shared::Shared;

/// Without it, spreadsheets take the text for something else than UTF-8.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// What is asked for behind a CSV file's address: `?separator=semicolon`.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    separator: Option<String>,
}

pub(crate) async fn csv(
    state: State<Shared>,
    path: Path<String>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Response {
    match wanted.separator.as_deref().unwrap_or("comma").parse() {
        Ok(separator) => download(state, path, headers, Format::Csv, separator).await,
        Err(sentence) => refuse(&ApiError::new(400, sentence)),
    }
}

pub(crate) async fn xlsx(state: State<Shared>, path: Path<String>, headers: HeaderMap) -> Response {
    download(state, path, headers, Format::Xlsx, Separator::Comma).await
}

pub(crate) async fn json(state: State<Shared>, path: Path<String>, headers: HeaderMap) -> Response {
    download(state, path, headers, Format::Json, Separator::Comma).await
}

/// What the form of a page asks for: `?format=csv-semicolon`.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct Chosen {
    #[serde(default)]
    format: String,
}

pub(crate) async fn chosen(
    state: State<Shared>,
    path: Path<String>,
    Query(Chosen { format }): Query<Chosen>,
    headers: HeaderMap,
) -> Response {
    let (format, separator) = match format.as_str() {
        "csv" => (Format::Csv, Separator::Comma),
        "csv-semicolon" => (Format::Csv, Separator::Semicolon),
        "xlsx" => (Format::Xlsx, Separator::Comma),
        "json" => (Format::Json, Separator::Comma),
        "" => return refuse(&ApiError::new(400, "Choose a format: csv, csv-semicolon, xlsx or json.")),
        other => {
            let known = "Choose csv, csv-semicolon, xlsx or json.";
            let other: String = other.chars().take(40).collect();
            return refuse(&ApiError::new(400, format!("“{other}” isn’t a format of exports. {known}")));
        }
    };
    download(state, path, headers, format, separator).await
}

/// What was measured for a key figure: `/p/ERP/figures/<id>.csv`.
pub(crate) async fn figures(
    State(shared): State<Shared>,
    Path((key, file)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    match measurements(&shared, &key, &file, &headers).await {
        Ok((key, body)) => self::file(&format!("{key}-figures.csv"), Format::Csv.content_type(), body),
        Err(error) => refuse(&error),
    }
}

/// The alignment matrix of a quarter: `/direction/2027-Q1/alignment.csv`.
pub(crate) async fn alignment(
    State(shared): State<Shared>,
    Path(quarter): Path<String>,
    headers: HeaderMap,
) -> Response {
    match matrix(&shared, &quarter, &headers).await {
        Ok((quarter, body)) => {
            self::file(&format!("alignment-{quarter}.csv"), Format::Csv.content_type(), body)
        }
        Err(error) => refuse(&error),
    }
}

/// The money entries of a product: `/p/ERP/money.csv`.
pub(crate) async fn money(
    State(shared): State<Shared>,
    Path(key): Path<String>,
    headers: HeaderMap,
) -> Response {
    let entries = async {
        let (viewer, key) = asked(&shared, &key, &headers).await?;
        let body = viewer.money_csv(&key).await?;
        Ok::<_, ApiError>((key, body))
    };
    match entries.await {
        Ok((key, body)) => file(&format!("{key}-money.csv"), Format::Csv.content_type(), body),
        Err(error) => refuse(&error),
    }
}

/// The outcomes of a product: `/p/ERP/outcomes.csv`.
pub(crate) async fn outcomes(
    State(shared): State<Shared>,
    Path(key): Path<String>,
    headers: HeaderMap,
) -> Response {
    let outcomes = async {
        let (viewer, key) = asked(&shared, &key, &headers).await?;
        let body = viewer.outcomes_csv(&key).await?;
        Ok::<_, ApiError>((key, body))
    };
    match outcomes.await {
        Ok((key, body)) => file(&format!("{key}-outcomes.csv"), Format::Csv.content_type(), body),
        Err(error) => refuse(&error),
    }
}

/// Of which product a report is; without one, of all.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct OfProduct {
    #[serde(default)]
    product: Option<String>,
}

/// A report: `/reports/precision.csv`, or with `?product=ERP` that of a product.
pub(crate) async fn report(
    State(shared): State<Shared>,
    Path(name): Path<String>,
    Query(OfProduct { product }): Query<OfProduct>,
    headers: HeaderMap,
) -> Response {
    let report = async {
        let viewer = viewer(&shared, &headers).await?;
        let report = name.strip_suffix(".csv").and_then(Report::named);
        let report = report.ok_or_else(|| ApiError::new(404, "There is no such file."))?;
        let key = product.map(|key| product_key(&key)).transpose()?;
        let body = viewer.report_csv(key.as_ref(), report).await?;
        Ok::<_, ApiError>(body)
    };
    match report.await {
        Ok(body) => file(&name, Format::Csv.content_type(), body),
        Err(error) => refuse(&error),
    }
}

async fn matrix(shared: &Shared, quarter: &str, headers: &HeaderMap) -> Result<(Quarter, Vec<u8>), ApiError> {
    let viewer = viewer(shared, headers).await?;
    let unknown = |()| ApiError::new(404, "There is no such quarter. Write it like 2027-Q1.");
    let quarter: Quarter = quarter.parse().map_err(unknown)?;
    Ok((quarter, viewer.matrix_csv(quarter).await?))
}

async fn measurements(
    shared: &Shared,
    key: &str,
    file: &str,
    headers: &HeaderMap,
) -> Result<(ProductKey, Vec<u8>), ApiError> {
    let (viewer, key) = asked(shared, key, headers).await?;
    let kpi = file.strip_suffix(".csv").and_then(|id| id.parse().ok());
    let kpi = kpi.ok_or_else(|| ApiError::new(404, "There is no such file."))?;
    let (_, body) = viewer.measurements_csv(&key, kpi).await?;
    Ok((key, body))
}

async fn download(
    State(shared): State<Shared>,
    Path(key): Path<String>,
    headers: HeaderMap,
    format: Format,
    separator: Separator,
) -> Response {
    match export(&shared, &key, &headers, format, separator).await {
        Ok((key, body)) => file(&format!("{key}.{format}"), format.content_type(), body),
        Err(error) => refuse(&error),
    }
}

async fn export(
    shared: &Shared,
    key: &str,
    headers: &HeaderMap,
    format: Format,
    separator: Separator,
) -> Result<(ProductKey, Vec<u8>), ApiError> {
    let (viewer, key) = asked(shared, key, headers).await?;
    let body = viewer.export(&key, format, separator).await?;
    Ok((key, body))
}

/// Who asks.
async fn viewer(shared: &Shared, headers: &HeaderMap) -> Result<backend::Viewer, ApiError> {
    let viewer = match session_secret(headers, &shared.address) {
        Some(secret) => shared.backend.people().authenticate(&secret).await?,
        None => None,
    };
    viewer.ok_or_else(|| ApiError::new(401, "You are not signed in. Sign in and try again."))
}

/// Who asks, and for which product.
async fn asked(
    shared: &Shared,
    key: &str,
    headers: &HeaderMap,
) -> Result<(backend::Viewer, ProductKey), ApiError> {
    let viewer = viewer(shared, headers).await?;
    Ok((viewer, product_key(key)?))
}

fn product_key(key: &str) -> Result<ProductKey, ApiError> {
    key.parse().map_err(|_| ApiError::new(404, format!("There is no product {key}.")))
}

/// A file to be kept, by nobody but who asked for it.
pub(crate) fn file(name: &str, content_type: &'static str, body: Vec<u8>) -> Response {
    let name = format!("attachment; filename=\"{name}\"");
    let name = HeaderValue::from_str(&name).expect("names of files are letters, digits and points");
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (header::CONTENT_DISPOSITION, name),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
    ];
    let body = if content_type.starts_with("text/csv") { [BYTE_ORDER_MARK, &body].concat() } else { body };
    (headers, body).into_response()
}

/// Why there is no file.
pub(crate) fn refuse(error: &ApiError) -> Response {
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, error.sentence.clone()).into_response();
    if let Some(seconds) = error.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
