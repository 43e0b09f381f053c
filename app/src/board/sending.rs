//! An item is moved to another product.

use domain::{ItemId, ProductKey};
use leptos::{prelude::*, task::spawn_local};

use super::{
    Board,
    menu::{Line, Part},
    portfolio::api::{MovedItem, move_item_to_product},
};
use crate::frame::Session;

impl Board {
    /// The products to which this person can move an item.
    pub(super) fn product_menu(self, id: ItemId) -> Vec<Part> {
        let own = self.at(id).room.product.read_untracked().key.clone();
        let products = use_context::<Session>().and_then(|session| session.0.get_untracked());
        let products = products.and_then(Result::ok).map(|context| context.products).unwrap_or_default();
        let others = products.into_iter().filter(|product| {
            product.key != own && product.role.can_edit() && !product.archived && !product.restricted
        });
        let line = |product: domain::Product| {
            let key = product.key.clone();
            let label = format!("{} ({key})", product.name);
            Line::new(label, "", move || self.send(id, key.clone()))
        };
        vec![Part { heading: "Move to product", lines: others.map(line).collect() }]
    }

    /// Moves an item to another product, which only the server can do: for those who have no connection nothing happens.
    pub(super) fn send(self, id: ItemId, to: ProductKey) {
        let (own, toasts) = (self.at(id).room, self.room.toasts);
        let from = own.product.read_untracked().key.to_string();
        let title = own.with(|roadmap| roadmap.item(id).map(|item| item.fields.title.to_string()));
        let title = title.unwrap_or_default();
        spawn_local(async move {
            match move_item_to_product(from.clone(), id, to.to_string()).await {
                Ok(MovedItem { key, left }) => {
                    let mut told = format!("Moved “{title}” to {key}.");
                    if !left.is_empty() {
                        told.push_str(&format!(" Left behind: {}.", left.join(", ")));
                    }
                    let (from, to) = (from.clone(), to.to_string());
                    toasts.undoable(told, move || {
                        let (from, to, title) = (from.clone(), to.clone(), title.clone());
                        spawn_local(async move {
                            match move_item_to_product(to, id, from).await {
                                Ok(MovedItem { key, .. }) => {
                                    toasts.info(format!("Undone: “{title}” is {key} again."));
                                }
                                Err(error) => toasts.error(error.to_string()),
                            }
                        });
                    });
                }
                Err(error) => toasts.error(error.to_string()),
            }
        });
    }
}
