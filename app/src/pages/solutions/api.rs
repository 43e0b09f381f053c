//! Solutions, and what is late in them.

use domain::RecordId;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use super::{forms::FORM, plain};
#[cfg(feature = "ssr")]
use crate::api::edge::{go, keep, take_returned_of, viewer};
use crate::api::{ApiError, Json, Plain};

/// The forms of the page.
#[cfg(feature = "ssr")]
const FORMS: [&str; 2] = ["/api/save_solution", "/api/bin_solution"];

/// What is typed about a solution.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(not(feature = "ssr"), expect(dead_code, reason = "browsers post it as a form"))]
pub struct TypedSolution {
    name: String,
    #[serde(default)]
    purpose: String,
    #[serde(default)]
    owner: String,
    /// The keys of products that are ticked.
    #[serde(default)]
    parts: Vec<String>,
}

#[cfg(feature = "ssr")]
impl TypedSolution {
    fn draft(self) -> backend::solutions::SolutionDraft {
        let Self { name, purpose, owner, parts } = self;
        backend::solutions::SolutionDraft { name, purpose, owner, parts, seen: None }
    }
}

/// Every solution with its parts.
#[server(endpoint = "solutions", input = Json, output = Json)]
pub async fn solutions(#[server(default)] edit: Option<String>) -> Result<Plain, ApiError> {
    let solutions = viewer().await?.solutions().await?;
    let edit = edit.and_then(|id| id.parse().ok());
    Ok(plain::page(&solutions, edit, take_returned_of(&FORMS)))
}

/// Makes a solution, or changes one: what is not as it was seen.
#[server(endpoint = "save_solution")]
pub async fn save_solution(
    solution: TypedSolution,
    #[server(default)] seen: Option<TypedSolution>,
    #[server(default)] id: Option<RecordId>,
) -> Result<String, ApiError> {
    keep([
        (FORM, &id.map(|id| id.to_string()).unwrap_or_default()),
        ("name", &solution.name),
        ("purpose", &solution.purpose),
        ("owner", &solution.owner),
        ("parts", &solution.parts.join("\n")),
    ]);
    let viewer = viewer().await?;
    let mut draft = solution.draft();
    draft.seen = seen.map(|seen| Box::new(seen.draft()));
    let id = viewer.save_solution(id, &draft).await?;
    Ok(go(format!("/solutions#solution-{id}")))
}

/// Moves a solution to the bin, or takes it out.
#[server(endpoint = "bin_solution")]
pub async fn bin_solution(id: RecordId, deletes: bool) -> Result<String, ApiError> {
    viewer().await?.bin_solution(id, deletes).await?;
    Ok(go("/solutions".to_owned()))
}
