//! What items of an open roadmap depend on, on it and on others.

pub(crate) mod api;

use std::{collections::BTreeMap, sync::Arc};

use domain::{
    Item, ItemId, Op, RecordId, Roadmap, Span,
    dependency::{self, Dependency, DependencyKind, Early, FarItem, ItemRef, Plan, Shift},
};
use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::JsCast as _;
use web_sys::HtmlElement;

use super::{Board, state::Portfolio};
use crate::{
    live::{Connection, Room, Way},
    platform,
};

/// The field of the panel into which an item is typed.
pub(super) const FIELD: &str = "dependency-item";

/// Frames after which nobody waits for the panel any more.
const PATIENCE: u32 = 120;

/// Loads dependencies when the page is connected, and whenever they change.
pub(super) fn follow(board: Board) {
    let whole = board.whole();
    let parts = board.portfolio.map_or_else(|| vec![whole], Portfolio::parts);
    follow_counts(board);
    let is_live = Memo::new(move |_| whole.connection.get() == Connection::Live);
    let (is_loading, is_due) = (StoredValue::new(false), StoredValue::new(false));
    Effect::new(move |_| {
        parts.iter().for_each(|part| part.linked.track());
        // What changed while there was no connection was not heard.
        if !is_live.get() {
            return;
        }
        is_due.set_value(true);
        if is_loading.get_value() {
            return;
        }
        is_loading.set_value(true);
        spawn_local(async move {
            // A dependency of two products is heard of in both of their rooms. The page may be left meanwhile.
            while is_due.try_update_value(std::mem::take) == Some(true) {
                board.load_dependencies().await;
            }
            is_loading.try_set_value(false);
        });
    });
}

/// Counts for cards, filters and sorts what items wait for and what waits for them, from now on.
fn follow_counts(board: Board) {
    let whole = board.whole();
    Effect::new(move |_| {
        whole.track_drawn(|_| ());
        let links = board.links.read();
        let early = untrack(|| board.conflicts(&BTreeMap::new()));
        let counts = whole.with(|roadmap| {
            let nothing = BTreeMap::new();
            let plan = |at| board.plan(roadmap, &links.far, &nothing, at);
            let counts = dependency::count_linked(&links.links, &early, plan).into_iter();
            let mut shown = BTreeMap::new();
            shown.extend(
                counts.filter(|(at, _)| board.item_at(roadmap, *at).is_some()).map(|(at, it)| (at.item, it)),
            );
            shown
        });
        drop(links);
        whole.show_linked(counts);
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
    /// The room of all that the page shows.
    pub(crate) fn whole(&self) -> Room {
        self.portfolio.map_or(self.room, Portfolio::whole)
    }

    async fn load_dependencies(self) {
        let parts = self.portfolio.map_or_else(|| vec![self.room], Portfolio::parts);
        let keys = parts.iter().map(|part| part.product.read_untracked().key.to_string()).collect();
        // Where this fails, the next change loads them. The page may have been left meanwhile.
        if let Ok(loaded) = api::load_dependencies(keys).await
            && self.links.try_with_untracked(|links| *links != loaded) == Some(true)
        {
            self.links.set(loaded);
        }
    }

    /// An item of this page as dependencies name it.
    pub(crate) fn item_ref(&self, item: ItemId) -> ItemRef {
        let of = self.whole().with(|roadmap| Some(roadmap.product_of(roadmap.item(item)?)?.roadmap));
        ItemRef { roadmap: of.unwrap_or_else(|| self.room.product.read_untracked().roadmap), item }
    }

    /// An item as the page has it; `None` where it is of a product that the page does not show.
    fn item_at<'a>(&self, roadmap: &'a Roadmap, at: ItemRef) -> Option<&'a Arc<Item>> {
        let item = roadmap.item(at.item)?;
        let of = match roadmap.product_of(item) {
            Some(product) => product.roadmap,
            None => self.room.product.read_untracked().roadmap,
        };
        (of == at.roadmap).then_some(item)
    }

    /// Whether the page shows the product of an item.
    pub(crate) fn is_shown(&self, at: ItemRef) -> bool {
        self.whole().with(|roadmap| self.item_at(roadmap, at).is_some())
    }

    /// When items are planned: those that are shown as they are seen here, some of them as they would be.
    fn plan(
        &self,
        roadmap: &Roadmap,
        far: &[FarItem],
        changed: &BTreeMap<ItemId, Span>,
        at: ItemRef,
    ) -> Option<Plan> {
        let Some(item) = self.item_at(roadmap, at) else {
            let found = far.iter().find(|item| item.at == at)?;
            return (!found.in_bin).then_some(found.plan);
        };
        let plan = Plan::of(item)?;
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
        self.whole().track(|roadmap| {
            let plan = |at| self.plan(roadmap, &links.far, changed, at);
            let early = dependency::conflicts(&links.links, plan, self.year);
            // What happens between products that are not shown is not of this page.
            let is_here = |early: &Early| {
                [early.blocker, early.dependant].iter().any(|end| self.item_at(roadmap, *end).is_some())
            };
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
        self.whole().with(|roadmap| {
            let plan = |at| self.plan(roadmap, &links.far, changed, at);
            dependency::slip(&moved, &links.links, plan, self.year)
        })
    }

    /// What an item is called.
    pub(crate) fn named(&self, at: ItemRef) -> Option<Named> {
        let own = self.whole().with(|roadmap| {
            let item = self.item_at(roadmap, at)?;
            Some((item.fields.title.to_string(), Plan::of(item), item.deleted.is_some()))
        });
        if let Some((title, plan, in_bin)) = own {
            let key = self.item_key(at.item)?;
            return Some(Named { path: self.panel_of(&key), key, title, plan, in_bin });
        }
        let links = self.links.read_untracked();
        let far = links.far.iter().find(|item| item.at == at)?;
        let (key, title) = (far.key(), far.title.clone());
        let path = format!("/p/{}/i/{key}", far.product);
        Some(Named { key, title, path, plan: Some(far.plan), in_bin: far.in_bin })
    }

    /// The key of an item; empty where it is not known any more.
    pub(crate) fn key_of(&self, at: ItemRef) -> String {
        if self.is_shown(at) {
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
                    let how = kind.label().to_ascii_lowercase();
                    let said = format!("{from} {how} {}.", to.trim().to_ascii_uppercase());
                    self.remember_link(said, move |way| self.set_linked(id, way == Way::Again));
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

    /// Says what was done to a dependency, which `Ctrl Z` undoes like any edit.
    fn remember_link(self, said: String, go: impl Fn(Way) + Send + Sync + 'static) {
        self.whole().remember_elsewhere_with_toast(said, Op::batch(Vec::new()), Vec::new(), go);
    }

    /// Shows a dependency right after it was made. What it leads to in products that are not shown is loaded.
    fn added(self, made: Dependency) {
        if [made.from, made.to].iter().all(|end| self.is_shown(*end)) {
            self.links.update(|links| {
                links.links.retain(|link| link.id != made.id);
                links.links.push(made);
            });
        } else {
            spawn_local(self.load_dependencies());
        }
    }

    /// Removes a dependency, and says so.
    pub(crate) fn unlink(self, id: RecordId, said: String) {
        spawn_local(async move {
            if self.link_or_unlink(id, false).await && !self.links.is_disposed() {
                self.remember_link(said, move |way| self.set_linked(id, way == Way::Back));
            }
        });
    }

    /// Removes a dependency, or brings it back.
    fn set_linked(self, id: RecordId, is_there: bool) {
        spawn_local(async move {
            self.link_or_unlink(id, is_there).await;
        });
    }

    async fn link_or_unlink(self, id: RecordId, is_there: bool) -> bool {
        let done = api::remove_dependency(id, is_there).await;
        // The page may have been left meanwhile.
        if self.links.is_disposed() {
            return false;
        }
        match &done {
            // One that comes back is loaded: pages are told of it.
            Ok(()) if is_there => {}
            Ok(()) => self.links.update(|links| links.links.retain(|link| link.id != id)),
            Err(error) => self.room.toasts.error(error.sentence.clone()),
        }
        done.is_ok()
    }

    /// Sets the days between the items of a dependency, and its note; calls `done` with why not where that cannot be.
    pub(crate) fn set_link(
        self,
        was: Dependency,
        (lag, note): (i32, String),
        done: impl Fn(Option<String>) + 'static,
    ) {
        spawn_local(async move {
            match self.change_link(was.id, lag, note.clone()).await {
                Ok(()) => {
                    let (from, to) = (self.key_of(was.from), self.key_of(was.to));
                    let said = format!("Changed “{from} {} {to}”.", was.kind.label().to_ascii_lowercase());
                    self.remember_link(said, move |way| {
                        let (lag, note) =
                            if way == Way::Back { (was.lag, was.note.clone()) } else { (lag, note.clone()) };
                        spawn_local(async move {
                            if let Err(why) = self.change_link(was.id, lag, note).await {
                                self.room.toasts.error(why);
                            }
                        });
                    });
                    done(None);
                }
                Err(why) if !self.links.is_disposed() => done(Some(why)),
                Err(_) => {}
            }
        });
    }

    async fn change_link(self, id: RecordId, lag: i32, note: String) -> Result<(), String> {
        let changed = api::change_dependency(id, lag, note).await.map_err(|error| error.sentence)?;
        self.links.try_update(|links| {
            if let Some(link) = links.links.iter_mut().find(|link| link.id == id) {
                *link = changed;
            }
        });
        // The page may have been left meanwhile.
        if self.links.is_disposed() { Err(String::new()) } else { Ok(()) }
    }

    /// Opens an item where what it depends on is typed.
    pub(crate) fn begin_dependency(self, id: ItemId) {
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
