//! Dependencies between items, whatever face of a roadmap shows them.

#[cfg(feature = "ssr")]
use domain::{ItemKey, Reason};
use domain::{
    RecordId,
    dependency::{Dependencies, Dependency, DependencyKind, Move},
};
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use crate::api::edge::viewer;
use crate::api::{ApiError, Json};

/// The dependencies of items of these products, as far as this person sees both ends.
#[server(endpoint = "load_dependencies", input = Json, output = Json)]
pub async fn load_dependencies(keys: Vec<String>) -> Result<Dependencies, ApiError> {
    let viewer = viewer().await?;
    if keys.len() > usize::from(domain::wire::MAX_ROOMS) {
        return Err(ApiError::new(
            422,
            format!("A page shows dependencies of up to {} products at once.", domain::wire::MAX_ROOMS),
        ));
    }
    let keys = keys.iter().map(|key| crate::api::edge::product_key(key));
    Ok(viewer.dependencies(&keys.collect::<Result<Vec<_>, _>>()?).await?)
}

/// Says that an item depends on another: both by their keys, such as `ERP-12`.
#[server(endpoint = "add_dependency", input = Json, output = Json)]
pub async fn add_dependency(
    from: String,
    kind: DependencyKind,
    to: String,
    #[server(default)] lag: i32,
    #[server(default)] note: String,
) -> Result<Dependency, ApiError> {
    let viewer = viewer().await?;
    let key = |text: &str| -> Result<ItemKey, ApiError> {
        let text: String = text.trim().chars().take(80).collect();
        let wrong =
            |_| ApiError::new(422, format!("“{text}” is not the key of an item. Type one like ERP-12."));
        text.to_uppercase().parse().map_err(wrong)
    };
    let (from, to) = (key(&from)?, key(&to)?);
    Ok(viewer.add_dependency(&from, kind, &to, lag, &read_note(&note)?).await?)
}

/// Sets the days between the items of a dependency, and its note.
#[server(endpoint = "change_dependency", input = Json, output = Json)]
pub async fn change_dependency(id: RecordId, lag: i32, note: String) -> Result<Dependency, ApiError> {
    Ok(viewer().await?.change_dependency(id, lag, &read_note(&note)?).await?)
}

/// A note as it is kept: a line, or nothing.
#[cfg(feature = "ssr")]
fn read_note(note: &str) -> Result<String, ApiError> {
    let note = backend::tidy(note);
    if !note.is_empty() {
        Reason::parse(&note).map_err(|wrong| ApiError::new(422, wrong.to_string()))?;
    }
    Ok(note)
}

/// Shifts items of a product, because an item that they wait for moved, or takes that back.
#[server(endpoint = "shift_items", input = Json, output = Json)]
pub async fn shift_items(
    key: String,
    moves: Vec<Move>,
    cause: String,
    #[server(default)] back: bool,
) -> Result<(), ApiError> {
    let cause = cause.parse().map_err(|wrong: domain::InvalidText| ApiError::new(422, wrong.to_string()))?;
    let key = crate::api::edge::product_key(&key)?;
    Ok(viewer().await?.shift_items(&key, &moves, &cause, back).await?)
}

/// Removes a dependency, or brings it back.
#[server(endpoint = "remove_dependency", input = Json, output = Json)]
pub async fn remove_dependency(id: RecordId, restore: bool) -> Result<(), ApiError> {
    viewer().await?.bin_dependency(id, !restore).await?;
    Ok(())
}
