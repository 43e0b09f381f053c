//! A product's roadmap as a page: the board to start from, fresh documents, history, and texts made readable.

use domain::{
    Change, CommentId, Face, FiscalYear, ItemId, Member, Product, Reason, Record, RecordId, RoadmapId, Role,
    Timestamp, UserId,
    wire::{Snapshot, Thread},
};
#[cfg(feature = "ssr")]
use domain::{RecordChange, VIEW, Value};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::api::edge::viewer;
use crate::api::{ApiError, Json};

/// All that a board needs for its first render.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoardData {
    pub product: Product,
    pub members: Vec<Member>,
    pub snapshot: Snapshot,
    pub user: UserId,
    pub role: Role,
    /// By what quarters are counted.
    pub year: FiscalYear,
    /// The saved views that this person may see.
    pub views: Vec<Record>,
}

/// A view as somebody saves it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedView {
    /// Which it is; a new one otherwise.
    #[serde(default)]
    pub id: Option<RecordId>,
    /// Here and below: what is not said stays as it is.
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub face: Option<Face>,
    /// The parameters of an address that ask for it.
    #[serde(default)]
    pub state: Option<String>,
    #[serde(default)]
    pub shared: Option<bool>,
    #[serde(default)]
    pub default: Option<bool>,
}

/// A line of history: what one accepted operation changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryLine {
    pub seq: u64,
    pub at: Timestamp,
    pub actor: UserId,
    pub changes: Vec<Change>,
    /// Why it was done, where that was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}

/// Lines of history, the latest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryPage {
    pub lines: Vec<HistoryLine>,
    /// Whether there are older ones.
    pub more: bool,
    /// The place in the log before which they are.
    pub next: u64,
    /// What was done to dependencies of the item, where the newest lines of one are asked for; the latest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<HistoryEvent>,
}

/// What was done to something else than a roadmap, to be read after a person's name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryEvent {
    pub at: Timestamp,
    pub actor: UserId,
    pub said: String,
}

/// How many lines of history are read at once.
#[cfg(feature = "ssr")]
const HISTORY_PAGE: u64 = 50;

/// The most texts that are made into HTML at once.
#[cfg(feature = "ssr")]
const MAX_TEXTS: usize = 2_000;

/// The board of a product, with the newest comments of an item by its number, where one is open.
#[server(endpoint = "load_board", input = Json, output = Json)]
pub async fn load_board(key: String, item: Option<u32>) -> Result<BoardData, ApiError> {
    let viewer = viewer().await?;
    let product = viewer.product(&crate::api::edge::product_key(&key)?).await?;
    let snapshot = viewer.snapshot(product.roadmap, &[], item).await?;
    // What was moved to another product is there.
    let open = snapshot.document.items.iter().find(|one| Some(one.number) == item);
    if let Some(to) = open.and_then(|item| item.moved.as_ref()) {
        crate::api::edge::go(format!("/p/{}/i/{to}", to.product));
    }
    let members = viewer.members().await?;
    let role = product.role;
    let (year, views) = (viewer.fiscal_year().await?, views_of(&viewer, Some(&product.key)).await?);
    Ok(BoardData { product, members, snapshot, user: viewer.member().id, role, year, views })
}

/// The saved views of a product, or of the portfolio, that this person may see. Those of the portfolio do not name products that do not
/// exist for them.
#[cfg(feature = "ssr")]
pub(super) async fn views_of(
    viewer: &backend::Viewer,
    key: Option<&domain::ProductKey>,
) -> Result<Vec<Record>, ApiError> {
    let mut views = viewer.product_records(&VIEW, key).await?;
    if key.is_some() {
        return Ok(views);
    }
    let products = viewer.products().await?;
    let state: domain::FieldKey = "state".parse().expect("a test checks the keys of the table");
    for view in &mut views {
        let (mut filter, look) = domain::read_state(domain::view_state(view).1);
        filter.keep_products(|key| products.iter().any(|product| *product.key == *key));
        view.values.insert(state.clone(), Value::Text(domain::write_state(&filter, &look)));
    }
    Ok(views)
}

#[cfg(feature = "ssr")]
fn key_of_views(key: Option<String>) -> Result<Option<domain::ProductKey>, ApiError> {
    key.map(|key| crate::api::edge::product_key(&key)).transpose()
}

/// Saves a view of a product's roadmap, or of the portfolio where no product is named: which it is, and all that there are then. What
/// is the default stops being so when another becomes it.
#[server(endpoint = "save_view", input = Json, output = Json)]
pub async fn save_view(key: Option<String>, view: SavedView) -> Result<(RecordId, Vec<Record>), ApiError> {
    let viewer = viewer().await?;
    let key = key_of_views(key)?;
    let key = key.as_ref();
    let views = viewer.product_records(&VIEW, key).await?;
    let set = |field: &str, to: Option<Value>| RecordChange {
        field: field.parse().expect("a test checks the keys of the table"),
        was: None,
        to,
    };
    let checked = |is: bool| is.then_some(Value::Yes);
    let text = |text: String| (!text.trim().is_empty()).then_some(Value::Text(text));
    let is_other = |other: &&Record| domain::is_default_view(other) && Some(other.id) != view.id;
    let other = views.iter().find(is_other).filter(|_| view.default == Some(true)).map(|other| other.id);
    let mut changes = Vec::new();
    changes.extend(view.name.map(|name| set("name", text(backend::tidy(&name)))));
    changes.extend(view.face.map(|face| set("face", Some(Value::Text(face.as_str().to_owned())))));
    changes.extend(view.state.map(|state| set("state", text(state))));
    changes.extend(view.shared.map(|shared| set("shared", checked(shared))));
    if other.is_none() {
        changes.extend(view.default.map(|default| set("default", checked(default))));
    }
    let saved = viewer.save_product_record(&VIEW, key, view.id, changes).await?;
    if let Some(other) = other {
        viewer.save_product_record(&VIEW, key, Some(other), vec![set("default", None)]).await?;
        let default = vec![set("default", checked(true))];
        viewer.save_product_record(&VIEW, key, Some(saved.record.id), default).await?;
    }
    Ok((saved.record.id, views_of(&viewer, key).await?))
}

/// Moves a view to the bin, or takes it out: all that there are then.
#[server(endpoint = "delete_view", input = Json, output = Json)]
pub async fn delete_view(key: Option<String>, id: RecordId, restore: bool) -> Result<Vec<Record>, ApiError> {
    let viewer = viewer().await?;
    let key = key_of_views(key)?;
    viewer.bin_product_record(&VIEW, key.as_ref(), id, !restore).await?;
    views_of(&viewer, key.as_ref()).await
}

/// The document of a room with the comments that are named, for a page that cannot be continued from what it has.
#[server(endpoint = "load_snapshot", input = Json, output = Json)]
pub async fn load_snapshot(
    roadmap: RoadmapId,
    #[server(default)] comments: Vec<CommentId>,
) -> Result<Snapshot, ApiError> {
    Ok(viewer().await?.snapshot(roadmap, &comments, None).await?)
}

/// Comments of an item that are older than the one given by its time and id, or the newest.
#[server(endpoint = "load_thread", input = Json, output = Json)]
pub async fn load_thread(
    roadmap: RoadmapId,
    item: ItemId,
    before: Option<(Timestamp, CommentId)>,
) -> Result<Thread, ApiError> {
    Ok(viewer().await?.thread(roadmap, item, before).await?)
}

/// What happened on a roadmap or to one item, the latest first, before a place in the log.
#[server(endpoint = "history", input = Json, output = Json)]
pub async fn history(
    roadmap: RoadmapId,
    before: Option<u64>,
    item: Option<ItemId>,
) -> Result<HistoryPage, ApiError> {
    let viewer = viewer().await?;
    let page = viewer.history(roadmap, before, item, HISTORY_PAGE).await?;
    let events = match item.filter(|_| before.is_none()) {
        Some(item) => viewer.item_events(roadmap, item).await?,
        None => Vec::new(),
    };
    let of_line = |line: backend::rooms::EventLine| {
        let said = line.events.iter().map(domain::ProductEvent::sentence).collect::<Vec<_>>().join(", ");
        HistoryEvent { at: line.at, actor: line.actor, said }
    };
    let events = events.into_iter().map(of_line).collect();
    let lines = page.lines.into_iter();
    let lines = lines.map(|line| HistoryLine {
        seq: line.seq,
        at: line.at,
        actor: line.actor,
        changes: line.changes,
        reason: line.reason,
    });
    Ok(HistoryPage { lines: lines.collect(), more: page.more, next: page.next, events })
}

/// Markdown as HTML that can do no harm, text by text.
#[server(endpoint = "render_markdown", input = Json, output = Json)]
pub async fn render_markdown(texts: Vec<String>) -> Result<Vec<String>, ApiError> {
    let viewer = viewer().await?;
    if texts.len() > MAX_TEXTS {
        return Err(ApiError::new(413, "These are too many texts at once. Reload the page."));
    }
    if texts.iter().any(|text| text.len() > domain::MAX_TEXT && text.chars().count() > domain::MAX_TEXT) {
        let max = domain::MAX_TEXT;
        return Err(ApiError::new(413, format!("A text may have at most {max} characters. Shorten it.")));
    }
    Ok(viewer.render_markdown(texts).await?)
}
