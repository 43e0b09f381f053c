//! What items of an open roadmap depend on, on it and on others.

pub(crate) mod api;

use std::collections::BTreeMap;

use domain::{
    ItemId, RecordId, Roadmap, Span,
    dependency::{self, Dependency, DependencyKind, Early, FarItem, ItemRef, Plan, Shift},
};
use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::JsCast as _;
use web_sys::HtmlElement;

use super::Board;
use crate::{live::Connection, platform};

/// The field of the panel into which an item is typed.
pub(super) const FIELD: &str = "dependency-item";

/// Frames after which nobody waits for the panel any more.
const PATIENCE: u32 = 120;

/// Loads dependencies when the page is connected, and whenever they change.
pub(super) fn follow(board: Board) {
    let is_live = Memo::new(move |_| board.room.connection.get() == Connection::Live);
    Effect::new(move |_| {
        board.room.linked.track();
        // What changed while there was no connection was not heard.
        if is_live.get() {
            board.load_dependencies();
        }
    });
}

/// An item as others name it.
pub(crate) struct Named {
    pub(crate) key: String,
    pub(crate) title: String,
    /// Its address.
    pub(crate) path: String,
    pub(crate) plan: Option<Plan>,
    pub(crate) in_bin: bool,
}

impl Board {
    /// Whether dependencies are shown and made here. They are loaded product by product, and a portfolio shows many.
    pub(crate) fn has_dependencies(self) -> bool {
        self.portfolio.is_none()
    }

    fn load_dependencies(self) {
        let key = self.room.product.read_untracked().key.to_string();
        spawn_local(async move {
            // Where this fails, the next change loads them. The page may have been left meanwhile.
            if let Ok(loaded) = api::load_dependencies(key).await
                && self.links.try_with_untracked(|links| *links != loaded) == Some(true)
            {
                self.links.set(loaded);
            }
        });
    }

    /// An item of this roadmap as dependencies name it.
    pub(crate) fn item_ref(&self, item: ItemId) -> ItemRef {
        ItemRef { roadmap: self.room.product.read_untracked().roadmap, item }
    }

    /// When items are planned: those of this roadmap as they are seen here, some of them as they would be.
    fn plan(
        &self,
        roadmap: &Roadmap,
        far: &[FarItem],
        changed: &BTreeMap<ItemId, Span>,
        at: ItemRef,
    ) -> Option<Plan> {
        if at.roadmap != self.room.product.read_untracked().roadmap {
            let found = far.iter().find(|item| item.at == at)?;
            return (!found.in_bin).then_some(found.plan);
        }
        let plan = Plan::of(roadmap.item(at.item)?)?;
        Some(match changed.get(&at.item) {
            Some(span) => Plan { start: span.start, end: span.end, ..plan },
            None => plan,
        })
    }

    /// Every dependant here or elsewhere that starts before what it waits for ends.
    pub(crate) fn conflicts(&self, changed: &BTreeMap<ItemId, Span>) -> Vec<Early> {
        let links = self.links.read();
        if links.links.is_empty() {
            return Vec::new();
        }
        let here = self.item_ref(ItemId::NIL).roadmap;
        self.room.track(|roadmap| {
            let plan = |at| self.plan(roadmap, &links.far, changed, at);
            let early = dependency::conflicts(&links.links, plan, self.year);
            // What happens between other products is not of this roadmap.
            let is_here =
                |early: &Early| [early.blocker, early.dependant].iter().any(|end| end.roadmap == here);
            early.into_iter().filter(is_here).collect()
        })
    }

    /// What has to move when items are planned so.
    pub(crate) fn slip(&self, changed: &BTreeMap<ItemId, Span>) -> Vec<Shift> {
        let links = self.links.read_untracked();
        if links.links.is_empty() {
            return Vec::new();
        }
        let moved: Vec<ItemRef> = changed.keys().map(|item| self.item_ref(*item)).collect();
        self.room.with(|roadmap| {
            let plan = |at| self.plan(roadmap, &links.far, changed, at);
            dependency::slip(&moved, &links.links, plan, self.year)
        })
    }

    /// What an item is called.
    pub(crate) fn named(&self, at: ItemRef) -> Option<Named> {
        let product = self.room.product.read_untracked();
        if at.roadmap == product.roadmap {
            return self.room.with(|roadmap| {
                let item = roadmap.item(at.item)?;
                Some(Named {
                    key: format!("{}-{}", product.key, item.number),
                    title: item.fields.title.to_string(),
                    path: self.panel_path(at.item),
                    plan: Plan::of(item),
                    in_bin: item.deleted.is_some(),
                })
            });
        }
        let links = self.links.read_untracked();
        let far = links.far.iter().find(|item| item.at == at)?;
        let (key, title) = (far.key(), far.title.clone());
        let path = format!("/p/{}/i/{key}", far.product);
        Some(Named { key, title, path, plan: Some(far.plan), in_bin: far.in_bin })
    }

    /// The key of an item; empty where it is not known any more.
    pub(crate) fn key_of(&self, at: ItemRef) -> String {
        if at.roadmap == self.room.product.read_untracked().roadmap {
            return self.item_key(at.item).unwrap_or_default();
        }
        let links = self.links.read_untracked();
        links.far.iter().find(|item| item.at == at).map(FarItem::key).unwrap_or_default()
    }

    /// Says that an item depends on another, both by their keys, and calls `done` with why not where it cannot be.
    pub(crate) fn link_items(
        self,
        from: String,
        kind: DependencyKind,
        to: String,
        done: impl Fn(Option<String>) + 'static,
    ) {
        spawn_local(async move {
            match api::add_dependency(from.clone(), kind, to.clone(), 0, String::new()).await {
                Ok(made) => {
                    // The page may have been left meanwhile.
                    if self.links.is_disposed() {
                        return;
                    }
                    let id = made.id;
                    self.added(made);
                    let how = kind.label().to_lowercase();
                    let said = format!("{from} {how} {}.", to.trim().to_uppercase());
                    self.room.toasts.undoable(said, move || self.unlink(id, None));
                    done(None);
                }
                Err(error) => {
                    if !self.links.is_disposed() {
                        done(Some(error.sentence));
                    }
                }
            }
        });
    }

    /// Shows a dependency right after it was made. What it leads to in other products is loaded.
    fn added(self, made: Dependency) {
        let here = self.item_ref(ItemId::NIL).roadmap;
        if [made.from, made.to].iter().all(|end| end.roadmap == here) {
            self.links.update(|links| {
                links.links.retain(|link| link.id != made.id);
                links.links.push(made);
            });
        } else {
            self.load_dependencies();
        }
    }

    /// Removes a dependency. With what is said about it, that can be taken back.
    pub(crate) fn unlink(self, id: RecordId, said: Option<String>) {
        spawn_local(async move {
            let removed = api::remove_dependency(id, false).await;
            if self.links.is_disposed() {
                return;
            }
            match removed {
                Ok(()) => {
                    self.links.update(|links| links.links.retain(|link| link.id != id));
                    if let Some(said) = said {
                        self.room.toasts.undoable(said, move || self.bring_back(id));
                    }
                }
                Err(error) => self.room.toasts.error(error.sentence),
            }
        });
    }

    fn bring_back(self, id: RecordId) {
        spawn_local(async move {
            if let Err(error) = api::remove_dependency(id, true).await {
                self.room.toasts.error(error.sentence);
            }
        });
    }

    /// Opens an item where what it depends on is typed.
    pub(crate) fn begin_dependency(self, id: ItemId) {
        if !self.has_dependencies() {
            return self.room.toasts.info("Open the product to add a dependency.");
        }
        if self.open.get_untracked() != Some(id) {
            follow_link(&self.panel_path(id));
        }
        focus_field(id, PATIENCE);
    }
}

/// Goes to an address of the application.
fn follow_link(path: &str) {
    let link =
        platform::document().create_element("a").ok().and_then(|link| link.dyn_into::<HtmlElement>().ok());
    if let (Some(link), Some(body)) = (link, platform::document().body()) {
        let _ = link.set_attribute("href", path);
        // The router hears of clicks in the page alone.
        let _ = body.append_child(&link);
        link.click();
        link.remove();
    }
}

/// Focuses the field once the panel of the item is there.
fn focus_field(id: ItemId, patience: u32) {
    platform::after_frame(move || {
        let field = platform::element(FIELD)
            .filter(|field| field.get_attribute("data-of").as_deref() == Some(&*id.to_string()));
        match field.and_then(|field| field.dyn_into::<HtmlElement>().ok()) {
            Some(field) => {
                field.scroll_into_view();
                platform::focus(&field);
            }
            None if patience > 0 => focus_field(id, patience - 1),
            None => {}
        }
    });
}
