//! Items are moved to another product.

use std::collections::BTreeSet;

use domain::{ItemId, Product, ProductKey};
use leptos::{prelude::*, task::spawn_local};

use super::{
    Board,
    menu::{Line, Part},
    portfolio::api::{MovedItem, move_item_to_product},
};
use crate::{frame::Session, ui::Toasts};

/// An item on its way to another product.
#[derive(Clone)]
struct Sent {
    id: ItemId,
    title: String,
    /// The key of the product it comes from.
    from: String,
}

impl Board {
    /// The products to which this person can move an item. None where its own is restricted: the server refuses that.
    pub(super) fn target_products(self, id: ItemId) -> Vec<Product> {
        let own = self.at(id).room.product.get_untracked();
        if own.restricted {
            return Vec::new();
        }
        let products = use_context::<Session>().and_then(|session| session.0.get_untracked());
        let mut products = products.and_then(Result::ok).map(|context| context.products).unwrap_or_default();
        products.retain(|product| {
            product.key != own.key && product.role.can_edit() && !product.archived && !product.restricted
        });
        products
    }

    pub(super) fn product_menu(self, id: ItemId) -> Vec<Part> {
        let line = |product: Product| {
            let key = product.key.clone();
            let label = format!("{} ({key})", product.name);
            Line::new(label, "", move || self.send(vec![id], key.clone()))
        };
        let lines = self.target_products(id).into_iter().map(line).collect();
        vec![Part { heading: "Move to product", lines }]
    }

    /// Moves items to another product, which only the server can do. Needs a connection; offline it reports an error.
    pub(super) fn send(self, items: Vec<ItemId>, to: ProductKey) {
        let sent = |id: ItemId| {
            let own = self.at(id).room;
            let title = own.with(|roadmap| roadmap.item(id).map(|item| item.fields.title.to_string()));
            let from = own.product.read_untracked().key.to_string();
            Sent { id, title: title.unwrap_or_default(), from }
        };
        let sent: Vec<Sent> = items.into_iter().map(sent).collect();
        let toasts = self.room.toasts;
        spawn_local(async move {
            let (mut moved, mut left) = (Vec::new(), BTreeSet::new());
            for item in sent {
                match move_item_to_product(item.from.clone(), item.id, to.to_string()).await {
                    Ok(there) => {
                        left.extend(there.left);
                        moved.push((item, there.key));
                    }
                    Err(error) => toasts.error(error.to_string()),
                }
            }
            let mut said = match moved.as_slice() {
                [] => return,
                [(item, key)] => format!("Moved “{}” to {key}.", item.title),
                moved => format!("Moved {} items to {to}.", moved.len()),
            };
            if !left.is_empty() {
                let left: Vec<String> = left.into_iter().collect();
                said.push_str(&format!(" Left behind: {}.", left.join(", ")));
            }
            let back: Vec<Sent> = moved.into_iter().map(|(item, _)| item).rev().collect();
            let from = to.to_string();
            toasts.undoable(said, move || spawn_local(send_back(back.clone(), from.clone(), toasts)));
        });
    }
}

/// Moves items back to where they came from.
async fn send_back(items: Vec<Sent>, from: String, toasts: Toasts) {
    let mut returned = Vec::new();
    for item in items {
        match move_item_to_product(from.clone(), item.id, item.from).await {
            Ok(MovedItem { key, .. }) => returned.push((item.title, key)),
            Err(error) => toasts.error(error.to_string()),
        }
    }
    match returned.as_slice() {
        [] => {}
        [(title, key)] => toasts.info(format!("Moved “{title}” back to {key}.")),
        returned => toasts.info(format!("Moved {} items back.", returned.len())),
    }
}
