//! The days of teams, and requests for more.

use domain::RecordId;
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use super::plain;
use crate::api::{ApiError, Json, Plain};
#[cfg(feature = "ssr")]
use crate::{
    api::edge::{field, go, refusal, viewer},
    pages::balance::api::quarter_of,
};

/// The days of all teams in some quarters, from the present one on where none is named.
#[server(endpoint = "capacity", input = Json, output = Json)]
pub async fn capacity(#[server(default)] from: Option<String>) -> Result<Plain, ApiError> {
    let viewer = viewer().await?;
    let refused = refusal(&["/api/set_capacity", "/api/ask_capacity", "/api/answer_capacity"]);
    let now = viewer.fiscal_year().await?.quarter(backend::now().utc().date);
    let from = from.as_deref().map(quarter_of).transpose()?.unwrap_or(now);
    Ok(plain::page(&viewer, from, now, refused).await?)
}

/// Person-days that somebody typed.
#[cfg(feature = "ssr")]
fn days_of(typed: &str) -> Result<Option<u32>, ApiError> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    let days = typed.parse().ok().filter(|days| *days <= domain::MOST_DAYS);
    let refused = || {
        backend::Error::Invalid(format!(
            "“{typed}” isn’t a number of person-days. Use a whole number up to 100,000."
        ))
    };
    Ok(Some(field("days", days.ok_or_else(refused))?))
}

/// Sets the days of a team in quarters that follow each other, where they are not as they were seen. An empty field says that
/// nobody knows.
#[server(endpoint = "set_capacity")]
pub async fn set_capacity(
    team: RecordId,
    from: String,
    #[server(default)] days: Vec<String>,
    #[server(default)] seen: Vec<String>,
) -> Result<String, ApiError> {
    let viewer = viewer().await?;
    let first = quarter_of(&from)?;
    let quarters = (0..).map(|at| first.plus(at));
    let edited = |(at, (_, typed)): &(usize, (domain::Quarter, &String))| seen.get(*at) != Some(typed);
    let edited = quarters.zip(&days).enumerate().filter(edited);
    let wanted = edited.map(|(_, (quarter, typed))| Ok((quarter, days_of(typed)?)));
    let wanted = wanted.collect::<Result<Vec<_>, ApiError>>()?;
    viewer.set_capacity(team, &wanted).await?;
    Ok(go(plain::address(first)))
}

/// Asks the lead of a team for more days in a quarter.
#[server(endpoint = "ask_capacity")]
pub async fn ask_capacity(
    team: RecordId,
    quarter: String,
    from: String,
    #[server(default)] days: String,
    #[server(default)] reason: String,
) -> Result<String, ApiError> {
    let viewer = viewer().await?;
    let (quarter, from) = (quarter_of(&quarter)?, quarter_of(&from)?);
    let days = days_of(&days)?.unwrap_or(0);
    viewer.ask_for_capacity(team, quarter, days, plain::tidy(&reason)).await?;
    Ok(go(plain::address(from)))
}

/// Answers a request for days.
#[server(endpoint = "answer_capacity")]
pub async fn answer_capacity(
    id: RecordId,
    answer: String,
    from: String,
    #[server(default)] because: String,
) -> Result<String, ApiError> {
    let viewer = viewer().await?;
    let from = quarter_of(&from)?;
    viewer.answer_request(id, answer == "yes", plain::tidy(&because)).await?;
    Ok(go(plain::address(from)))
}
