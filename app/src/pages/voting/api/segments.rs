//! Groups whose votes are counted together.

use std::collections::BTreeMap;

use domain::{SegmentId, UserId, voting::SegmentKind};
use leptos::prelude::*;

use crate::api::Plain;
use crate::api::{ApiError, FieldKey, Json};
#[cfg(feature = "ssr")]
use crate::{
    api::edge::{editor, field, go, keep, refusal},
    pages::voting::plain,
};

/// Every segment and who belongs to which.
#[server(endpoint = "segments", input = Json, output = Json)]
pub async fn segments() -> Result<Plain, ApiError> {
    let editor = editor().await?;
    let (segments, members) = (editor.segments().await?, editor.members().await?);
    let memberships = editor.memberships().await?;
    let refused = refusal(&["/api/save_segment", "/api/remove_segment", "/api/assign_segments"]);
    Ok(plain::segments::page(&segments, members, &memberships, refused))
}

/// Makes a segment, or gives one another name or weight.
#[server(endpoint = "save_segment")]
pub async fn save_segment(
    id: Option<SegmentId>,
    kind: SegmentKind,
    name: String,
    weight: String,
) -> Result<String, ApiError> {
    let known = id.map(|id| id.to_string()).unwrap_or_default();
    keep([("id", &known), ("kind", kind.as_str()), ("name", &name), ("weight", &weight)]);
    let editor = editor().await?;
    let name = field("name", backend::tidy(&name).parse())?;
    let weight: domain::voting::Weight = field(
        "weight",
        weight
            .parse()
            .map_err(|error: domain::voting::InvalidWeight| backend::Error::Invalid(error.to_string())),
    )?;
    editor.save_segment(id, kind, name, weight).await?;
    Ok(go("/segments".to_owned()))
}

/// Removes a segment. Its members stay, without it.
#[server(endpoint = "remove_segment")]
pub async fn remove_segment(id: SegmentId) -> Result<String, ApiError> {
    editor().await?.remove_segment(id).await?;
    Ok(go("/segments".to_owned()))
}

/// Puts people into segments: for each kind and person the id of one, or nothing.
#[server(endpoint = "assign_segments")]
pub async fn assign_segments(
    #[server(default)] of: BTreeMap<String, BTreeMap<FieldKey<UserId>, String>>,
) -> Result<String, ApiError> {
    let editor = editor().await?;
    let before = editor.memberships().await?;
    let kinds: BTreeMap<SegmentId, SegmentKind> =
        editor.segments().await?.into_iter().map(|segment| (segment.id, segment.kind)).collect();
    for (kind, people) in of {
        let kind = kind.parse().map_err(backend::Error::Invalid)?;
        for (FieldKey(user), segment) in people {
            let segment = chosen(&segment)?;
            let current = before.iter().find(|(who, id)| *who == user && kinds.get(id) == Some(&kind));
            if current.map(|(_, id)| *id) != segment {
                editor.assign_segment(user, kind, segment).await?;
            }
        }
    }
    Ok(go("/segments".to_owned()))
}

/// The segment whose id was chosen in a form; none where nothing was.
#[cfg(feature = "ssr")]
pub(super) fn chosen(id: &str) -> Result<Option<SegmentId>, ApiError> {
    if id.is_empty() {
        return Ok(None);
    }
    let unknown = |_| ApiError::new(404, "There is no such segment any more. Reload the page.");
    id.parse().map(Some).map_err(unknown)
}
