//! Products by stage, and their moves.

use domain::Stage;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use super::{kit, plain};
#[cfg(feature = "ssr")]
use crate::api::edge::{editor_of, field, go, owner, take_returned_of, viewer};
use crate::api::{ApiError, Json, Plain};

/// Under this name a refused form brings back what was ticked off, one point on each line.
#[cfg(feature = "ssr")]
pub(super) const DONE: &str = "done";

/// Every product by its stage; with what the move of one to a stage needs, where the address asks for that.
#[server(endpoint = "life_cycle", input = Json, output = Json)]
pub async fn life_cycle(
    #[server(default)] product: Option<String>,
    #[server(default)] to: Option<String>,
) -> Result<Plain, ApiError> {
    let viewer = viewer().await?;
    let returned = take_returned_of(&["/api/move_stage", "/api/keep_playbook"]);
    let to = to.and_then(|to| to.parse::<Stage>().ok());
    let asked = product.map(|product| plain::Asked { product, to });
    Ok(plain::page(&viewer, asked, returned).await?)
}

/// What of a stage's playbook somebody ticked, as a form sends it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(not(feature = "ssr"), expect(dead_code, reason = "browsers post it as a form"))]
pub struct Ticks {
    /// The key of a score model.
    model: String,
    /// Names of key figures.
    figures: Vec<String>,
    mix: String,
}

/// Moves a product to another stage, and does what was ticked of that stage's playbook.
#[server(endpoint = "move_stage")]
pub async fn move_stage(
    key: String,
    from: Stage,
    to: Stage,
    #[server(default)] done: Vec<String>,
    #[server(default)] reason: String,
    #[server(default)] ticked: Ticks,
) -> Result<String, ApiError> {
    let Ticks { model, figures, mix } = ticked;
    crate::api::edge::keep([
        ("reason", &reason),
        (DONE, &done.join("\n")),
        (kit::MODEL, &model),
        (kit::FIGURES, &figures.join("\n")),
        (kit::MIX, &mix),
    ]);
    let (editor, key) = editor_of(&key).await?;
    let reason = backend::tidy(&reason);
    let reason = (!reason.is_empty()).then(|| field("reason", reason.parse())).transpose()?;
    let wrong = || backend::Error::Invalid("Reload the page, and tick the balance again.".to_owned());
    let mix = (!mix.is_empty()).then(|| field("mix", kit::read_mix(&mix).ok_or_else(wrong))).transpose()?;
    let model = (!model.is_empty()).then_some(model);
    let ticked = backend::Ticked { model, figures: figures.into_iter().collect(), mix };
    editor.move_stage(&key, &backend::StageMove { from, to, done, reason, ticked }).await?;
    Ok(go(format!("/lifecycle?product={key}")))
}

/// Makes the checklist of a stage the workspace's own, to be changed on the page of playbooks.
#[server(endpoint = "keep_playbook")]
pub async fn keep_playbook(stage: Stage) -> Result<String, ApiError> {
    owner().await?.keep_playbook(stage).await?;
    Ok(go("/playbooks".to_owned()))
}
