//! Templates of items: saved from an item, and what a new one begins with.

use domain::{Face, ItemFields, ItemId, LaneId, Op, Place, ProductKey, RecordId, Title};
#[cfg(feature = "ssr")]
use domain::{ITEM_TEMPLATE, Record, item_template_fields};
use leptos::{prelude::*, task::spawn_local};
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::api::edge::{product_key, viewer};
use crate::{
    api::{ApiError, Json},
    platform,
    ui::{MONTHS, Toasts},
};

use super::{
    Board,
    menu::{Line, Part},
    state::{OpenMenu, Subject},
};

/// What new items of a product can begin with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemTemplate {
    pub id: RecordId,
    pub name: String,
    pub fields: ItemFields,
}

/// The templates of a product's items, by name.
#[server(endpoint = "item_templates", input = Json, output = Json)]
pub async fn item_templates(key: String) -> Result<Vec<ItemTemplate>, ApiError> {
    let records = viewer().await?.product_records(&ITEM_TEMPLATE, Some(&product_key(&key)?)).await?;
    let template = |record: &Record| {
        let fields = item_template_fields(record)?;
        Some(ItemTemplate { id: record.id, name: ITEM_TEMPLATE.name_of(record), fields })
    };
    Ok(records.iter().filter_map(template).collect())
}

/// Saves what an item has as a template, under the name of its title.
#[server(endpoint = "save_item_template", input = Json, output = Json)]
pub async fn save_item_template(key: String, fields: ItemFields) -> Result<RecordId, ApiError> {
    Ok(viewer().await?.save_item_template(&product_key(&key)?, &fields).await?)
}

/// Moves a template to the bin, or takes it out.
#[server(endpoint = "bin_item_template", input = Json, output = Json)]
pub async fn bin_item_template(key: String, id: RecordId, deletes: bool) -> Result<(), ApiError> {
    let viewer = viewer().await?;
    Ok(viewer.bin_product_record(&ITEM_TEMPLATE, Some(&product_key(&key)?), id, deletes).await?)
}

impl Board {
    /// Saves an item as a template of its product.
    pub(crate) fn save_as_template(self, id: ItemId) {
        let own = self.at(id);
        let fields = own.room.with(|roadmap| roadmap.item(id).map(|item| item.fields.clone()));
        let Some(fields) = fields else { return };
        let key = own.key();
        let toasts = self.room.toasts;
        spawn_local(async move {
            let name = fields.title.to_string();
            match save_item_template(key.to_string(), fields).await {
                Ok(template) => {
                    let undo = move || bin(key.clone(), toasts, template, true, None);
                    toasts.undoable(format!("Saved “{name}” as a template."), undo);
                }
                Err(error) => toasts.error(error.sentence),
            }
        });
    }

    /// Offers the templates of the product for a new item in a lane, or the first one.
    pub(crate) fn offer_templates(self, lane: Option<LaneId>) {
        if !self.room.can_edit() || self.portfolio.is_some() {
            return;
        }
        let lane = lane.or_else(|| self.room.lanes.read_untracked().first().copied());
        let Some(lane) = lane else { return };
        let (key, toasts) = (self.key(), self.room.toasts);
        spawn_local(async move {
            let templates = match item_templates(key.to_string()).await {
                Ok(templates) => templates,
                Err(error) => return toasts.error(error.sentence),
            };
            // The page was left meanwhile.
            if self.menu.is_disposed() {
                return;
            }
            if templates.is_empty() {
                let how = "No item templates yet. Choose “Save as template” in an item’s menu.";
                return toasts.info(how);
            }
            let add = templates.iter().map(|template| {
                let fields = template.fields.clone();
                Line::new(template.name.clone(), "", move || self.add_from(lane, &fields))
            });
            let remove = templates.iter().map(|template| {
                let (id, name, key) = (template.id, template.name.clone(), key.clone());
                let remove = move || bin(key.clone(), toasts, id, true, Some(name.clone()));
                Line::new(template.name.clone(), "", remove).deletes()
            });
            self.face_menu.set_value(vec![
                Part { heading: "New from template", lines: add.collect() },
                Part { heading: "Remove template", lines: remove.collect() },
            ]);
            let place = platform::element(&super::ids::list_id(lane))
                .or_else(|| platform::element("board"))
                .map(|list| list.get_bounding_client_rect());
            let (x, y) = place.map_or((80.0, 120.0), |place| (place.left() + 8.0, place.top() + 8.0));
            self.menu.set(Some(OpenMenu { subject: Subject::Face, x, y }));
        });
    }

    /// Adds an item as a template has it, and opens it.
    fn add_from(self, lane: LaneId, template: &ItemFields) {
        let title = match Title::parse(&filled(&template.title, self)) {
            Ok(title) => title,
            Err(reason) => return self.room.toasts.error(reason.to_string()),
        };
        let mut fields = Box::new(ItemFields {
            status: self.new_fields(lane, title.clone()).status,
            title: title.clone(),
            ..template.clone()
        });
        // Fields that the product does not have any more.
        self.room.with(|roadmap| fields.values.retain(|key, value| roadmap.fields().takes(key, value)));
        super::incremental::render_all(self);
        let id = platform::new_item();
        let op = Op::CreateItem { id, lane, place: Place::Last, fields };
        if self.room.edit_with_toast(op, format!("Added “{title}”.")) {
            let on_board = self.face.get_untracked() == Face::Board && !untrack(|| self.has_columns());
            if on_board {
                platform::after_effects(move || super::focus::card(id));
            }
        }
    }

    fn key(self) -> ProductKey {
        self.room.product.read_untracked().key.clone()
    }
}

/// Moves a template to the bin, which can be undone, or takes it out.
fn bin(key: ProductKey, toasts: Toasts, id: RecordId, deletes: bool, name: Option<String>) {
    spawn_local(async move {
        match bin_item_template(key.to_string(), id, deletes).await {
            Ok(()) => {
                if let Some(name) = name {
                    let undo = move || bin(key.clone(), toasts, id, false, None);
                    toasts.undoable(format!("Removed the template “{name}”."), undo);
                }
            }
            Err(error) => toasts.error(error.sentence),
        }
    });
}

/// A title with today's date, month, quarter and year where the template says so.
fn filled(title: &str, board: Board) -> String {
    if !title.contains('{') {
        return title.to_owned();
    }
    let today = platform::now().utc().date;
    let month = MONTHS[usize::from(today.month().unsigned_abs()).saturating_sub(1) % 12];
    title
        .replace("{date}", &today.to_string())
        .replace("{month}", &format!("{month} {}", today.year()))
        .replace("{quarter}", &board.year.label(board.year.quarter(today)))
        .replace("{year}", &today.year().to_string())
}
