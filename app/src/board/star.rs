//! Stars: what the person keeps among their favourites, from the board.

use domain::{FavouriteKind, ItemId, VIEW};
use leptos::{portal::Portal, prelude::*, task::spawn_local};
use uuid::Uuid;

use super::{Board, ids};
use crate::{pages::home::api, platform, ui::Icon};

impl Board {
    /// Whether something is among the person's favourites; tracked.
    pub(crate) fn is_starred(self, kind: FavouriteKind, id: Uuid) -> bool {
        self.stars.0.with(|html| html.contains(&format!("\"{}:{id}\"", kind.as_str())))
    }

    /// Stars something that is called so, or takes the star away, and says so.
    pub(super) fn toggle_star(self, kind: FavouriteKind, id: Uuid, name: String) {
        let starred = !untrack(|| self.is_starred(kind, id));
        spawn_local(async move {
            match api::set_favourite(kind, id, starred).await {
                Ok(html) => {
                    self.stars.set(html);
                    let (stars, toasts) = (self.stars, self.room.toasts);
                    let undo = move || {
                        spawn_local(async move {
                            match api::set_favourite(kind, id, !starred).await {
                                Ok(html) => stars.set(html),
                                Err(error) => toasts.error(error.sentence),
                            }
                        });
                    };
                    let done = if starred {
                        format!("Added “{name}” to favourites.")
                    } else {
                        format!("Removed “{name}” from favourites.")
                    };
                    toasts.undoable(done, undo);
                }
                Err(error) => self.room.toasts.error(error.sentence),
            }
        });
    }

    /// The same for an item.
    pub(crate) fn star_item(self, id: ItemId) {
        let title =
            self.at(id).room.with(|roadmap| roadmap.item(id).map(|item| item.fields.title.to_string()));
        if let Some(title) = title {
            self.toggle_star(FavouriteKind::Item, id.0, title);
        }
    }

    /// The same for the product.
    pub(crate) fn star_product(self) {
        let product = self.room.product.get_untracked();
        self.toggle_star(FavouriteKind::Product, product.id.0, product.name.to_string());
    }

    /// The same for the saved view that is shown.
    pub(crate) fn star_view(self) {
        if let Some(view) = untrack(|| self.view()) {
            self.toggle_star(FavouriteKind::View, view.id.0, VIEW.name_of(&view));
        }
    }

    /// What doing that to something says.
    pub(crate) fn star_words(self, kind: FavouriteKind, id: Uuid) -> &'static str {
        star_label(untrack(|| self.is_starred(kind, id)))
    }
}

fn star_label(is_starred: bool) -> &'static str {
    if is_starred { "Remove from favourites" } else { "Add to favourites" }
}

/// The product's star, in the bar above its board.
#[component]
pub(super) fn StarButton() -> impl IntoView {
    let board = expect_context::<Board>();
    let Some(place) = platform::element(ids::STAR) else { return ().into_any() };
    let product = board.room.product.read_untracked().id.0;
    let star = move || star_button(board, FavouriteKind::Product, product, move || board.star_product());
    view! { <Portal mount=place>{star()}</Portal> }.into_any()
}

/// A star that is full when something is a favourite.
pub(super) fn star_button(
    board: Board,
    kind: FavouriteKind,
    id: Uuid,
    toggle: impl Fn() + 'static,
) -> impl IntoView {
    let label = move || star_label(board.is_starred(kind, id));
    view! {
        <button
            type="button"
            class="icon-button star needs-life"
            class:star--on=move || board.is_starred(kind, id)
            aria-label=label
            title=label
            on:click=move |_| toggle()
        >
            <Icon name="star" />
        </button>
    }
}
