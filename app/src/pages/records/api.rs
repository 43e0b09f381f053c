//! Records of the kinds that are declared: one page and four forms for all.

use std::collections::BTreeMap;

use domain::{RecordId, UserId};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::api::edge::{editor, field, go, refusal, viewer};
use crate::api::{ApiError, FieldKey, Json};
use crate::pages::records::data::Page;
#[cfg(feature = "ssr")]
use crate::pages::records::{
    data::{Loaded, Shown},
    plain,
};

/// What of a kind is looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    pub kind: String,
    /// Those in the bin instead.
    #[serde(default)]
    pub bin: bool,
    /// The history instead.
    #[serde(default)]
    pub history: bool,
    /// Of one alone.
    #[serde(default)]
    pub of: Option<RecordId>,
}

/// How many events a history shows.
#[cfg(feature = "ssr")]
const EVENTS: usize = 200;

#[cfg(feature = "ssr")]
fn kind(name: &str) -> Result<&'static domain::RecordDef, ApiError> {
    let found = domain::RecordDef::find(name).filter(|def| def.is_of_workspace());
    found.ok_or_else(|| ApiError::new(404, "There is no such page here."))
}

#[cfg(feature = "ssr")]
fn why(reason: &str) -> Result<Option<domain::Reason>, ApiError> {
    let reason = backend::tidy(reason);
    (!reason.is_empty()).then(|| field("reason", reason.parse())).transpose()
}

/// The page of a kind of records.
#[server(endpoint = "records", input = Json, output = Json)]
pub async fn records(look: Look) -> Result<Page, ApiError> {
    let viewer = viewer().await?;
    let def = kind(&look.kind)?;
    let refused =
        refusal(&["/api/save_record", "/api/delete_record", "/api/restore_record", "/api/undo_record"]);
    // First the place in the log, then the records: what changes in between is sent to the page, too.
    let (cursor, role) = (viewer.cursor().await?, viewer.role());
    let members = viewer.members().await?;
    let page = |refused| plain::Page { def, members: &members, can_write: role >= def.writes, refused };
    let shown = match look {
        Look { history: true, of, .. } => {
            let events = viewer.record_history(def, of, EVENTS).await?;
            let all = viewer.records(def).await?;
            Shown::Plain(page(refused).history(&events, &all, of))
        }
        Look { bin: true, .. } => Shown::Plain(page(refused).bin(&viewer.records_in_bin(def).await?)),
        _ => Shown::List(Loaded { records: viewer.records(def).await?, members, refused }),
    };
    Ok(Page { cursor, role, shown })
}

/// Makes a record, or changes one. `was` has what the form was made of: what is as it was is not changed.
#[server(endpoint = "save_record")]
pub async fn save_record(
    kind: String,
    #[server(default)] id: Option<RecordId>,
    #[server(default)] values: BTreeMap<String, String>,
    #[server(default)] people: BTreeMap<String, BTreeMap<FieldKey<UserId>, String>>,
    #[server(default)] was: BTreeMap<String, String>,
    #[server(default)] reason: String,
) -> Result<String, ApiError> {
    let editor = editor().await?;
    let def = self::kind(&kind)?;
    let people: BTreeMap<String, Vec<UserId>> = people
        .into_iter()
        .map(|(field, people)| (field, people.into_keys().map(|key| key.0).collect()))
        .collect();
    let changes = plain::changes(def, &values, &people, &was)?;
    let reason = why(&reason)?;
    let saved = editor.save_record(def, id, changes, reason).await?;
    Ok(go(plain::address_after(def, &saved)))
}

/// Moves a record to the bin.
#[server(endpoint = "delete_record")]
pub async fn delete_record(
    kind: String,
    id: RecordId,
    #[server(default)] reason: String,
) -> Result<String, ApiError> {
    let editor = editor().await?;
    let def = self::kind(&kind)?;
    let reason = why(&reason)?;
    editor.delete_record(def, id, reason).await?;
    Ok(go(plain::address(def)))
}

/// Takes a record out of the bin.
#[server(endpoint = "restore_record")]
pub async fn restore_record(kind: String, id: RecordId) -> Result<String, ApiError> {
    let editor = editor().await?;
    let def = self::kind(&kind)?;
    editor.restore_record(def, id).await?;
    Ok(go(plain::address(def)))
}

/// Takes back what one change did to a record, unless it was changed there since.
#[server(endpoint = "undo_record")]
pub async fn undo_record(kind: String, id: RecordId, version: u64) -> Result<String, ApiError> {
    let editor = editor().await?;
    let def = self::kind(&kind)?;
    editor.undo_record(def, id, version).await?;
    Ok(go(format!("{}?history={id}", plain::address(def))))
}
