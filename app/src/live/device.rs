//! What this device keeps of a board: edits that are not on the server yet, and the document they belong to. A board that was
//! opened before opens again without a network, and nothing is lost with a browser that is closed or killed.
//!
//! Everything is under the person's and the roadmap's id. Each open page has a [Web Lock] by its client's id for as long as it
//! lives: what a page left whose lock is free is taken over by the next. Without locks, as on a page that did not come over
//! HTTPS, nothing is kept.
//!
//! [Web Lock]: https://w3c.github.io/web-locks/

mod database;
pub(crate) mod files;
mod worker;

use std::collections::BTreeMap;

use domain::{ClientId, Left, Op, Timestamp};
use futures::{StreamExt as _, channel::mpsc};
use gloo_timers::future::TimeoutFuture;
use js_sys::{Function, Object, Promise, Reflect};
use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::{JsCast as _, JsValue, closure::Closure};

use super::{Refused, Room, room::Number};
use crate::platform;
use database::Database;

/// For so long changes are collected, in milliseconds: the frame that shows them comes first, and most are on the server before
/// they are written here.
const PACE: u32 = 40;

/// How often the document is kept, when it has changed, in milliseconds.
const DOCUMENT_PACE: u32 = 5_000;

/// Takes over what pages that are gone left for this board, and keeps from now on what this page does. Ends at once where the
/// device can keep nothing.
pub(super) async fn keep(room: Room, client: ClientId) {
    if !hold(client, false).await {
        return;
    }
    let Some(database) = Database::open().await else { return };
    let Some(home) = room.home() else { return };
    let device = Device { database, home };
    let adopted = device.restore(room).await;
    let (sender, changes) = mpsc::unbounded();
    room.keep_with(sender);
    spawn_local(device.clone().follow(room, adopted, changes));
    spawn_local(device.keep_document(room));
    ask_to_persist();
    spawn_local(worker::keep_shell(room.user()));
}

/// Keeps on this device what can be taken back on several boards that are shown as one: it belongs to the whole, all else to them.
pub(crate) async fn keep_undo(whole: Room) {
    let Some(database) = Database::open().await else { return };
    let Some(home) = whole.home() else { return };
    let device = Device { database, home };
    if let Some(undo) = device.database.find(&device.undo()).await {
        whole.undo_after(undo);
    }
    let (sender, mut changes) = mpsc::unbounded();
    whole.keep_with(sender);
    let mut kept = 0;
    while changes.next().await.is_some() {
        TimeoutFuture::new(PACE).await;
        while changes.try_recv().is_ok() {}
        let Some((undo, revision)) = whole.undo_since(kept) else { return };
        let Some(undo) = undo else { continue };
        let text = serde_json::to_string(&undo).expect("steps are plain data");
        if !device.database.write(&[(device.undo(), text)], &[]).await {
            return;
        }
        kept = revision;
    }
}

/// An edit as it is kept: the epoch of its number, when it was made, and the text that it edits.
type Edit = (u64, Op, Timestamp, Option<String>);

#[derive(Clone, Debug)]
struct Device {
    database: Database,
    /// Person and roadmap.
    home: String,
}

impl Device {
    fn edits(&self) -> String {
        format!("edit/{}/", self.home)
    }

    fn edit(&self, (client, cseq): Number) -> String {
        // In the order of the numbers when they are sorted as texts.
        format!("{}{client}/{cseq:012}", self.edits())
    }

    fn document(&self) -> String {
        format!("document/{}", self.home)
    }

    fn undo(&self) -> String {
        format!("undo/{}", self.home)
    }

    fn attention(&self) -> String {
        format!("attention/{}", self.home)
    }

    /// Brings back what was kept, and says which edits of it this page has taken over.
    async fn restore(&self, room: Room) -> BTreeMap<Number, u64> {
        if let Some(document) = self.database.find(&self.document()).await {
            room.continue_from(document);
        }
        if let Some(undo) = self.database.find(&self.undo()).await {
            room.undo_after(undo);
        }
        if let Some(refused) = self.database.find::<Vec<Refused>>(&self.attention()).await {
            let _ = room.attention.try_update(|list| list.splice(0..0, refused).count());
        }
        let mut left: BTreeMap<(ClientId, u64), Vec<Left>> = BTreeMap::new();
        for (key, text) in self.database.read(&self.edits()).await {
            let number = key.strip_prefix(&self.edits()).and_then(|number| number.split_once('/'));
            let number = number.and_then(|(client, cseq)| Some((client.parse().ok()?, cseq.parse().ok()?)));
            // What an older version wrote and this one cannot read stays where it is.
            if let (Some((client, cseq)), Some((epoch, op, at, on))) = (number, edit_from(&text)) {
                left.entry((client, epoch)).or_default().push(Left { cseq, op, at, on });
            }
        }
        let mut left: Vec<_> = left.into_iter().collect();
        left.sort_by_key(|(_, ops)| ops.first().map(|left| left.at));
        let mut adopted = BTreeMap::new();
        for ((client, epoch), ops) in left {
            if hold(client, true).await {
                // Their revisions begin anew: they are written down once more.
                adopted.extend(ops.iter().map(|left| ((client, left.cseq), u64::MAX)));
                room.adopt(client, epoch, ops);
            }
        }
        adopted
    }

    /// Writes down what is not on the server yet, and strikes out what is.
    async fn follow(
        self,
        room: Room,
        mut kept: BTreeMap<Number, u64>,
        mut changes: mpsc::UnboundedReceiver<()>,
    ) {
        let mut undo_kept = 0;
        let mut refused_kept = room.attention.try_get_untracked().unwrap_or_default();
        while changes.next().await.is_some() {
            TimeoutFuture::new(PACE).await;
            while changes.try_recv().is_ok() {}
            let (Some(waiting), Some((epoch, _))) = (room.waiting(), room.confirmed_at()) else { return };
            let now: BTreeMap<Number, u64> =
                waiting.iter().map(|(number, revision, _)| (*number, *revision)).collect();
            let Some((undo, undo_revision)) = room.undo_since(undo_kept) else { return };
            let mut new: Vec<(String, String)> = waiting
                .into_iter()
                .filter(|(number, revision, _)| kept.get(number) != Some(revision))
                .map(|(number, _, Left { op, at, on, .. })| {
                    let edit: Edit = (epoch, op, at, on);
                    let text = serde_json::to_string(&edit).expect("operations are plain data");
                    (self.edit(number), text)
                })
                .collect();
            if let Some(undo) = undo {
                new.push((self.undo(), serde_json::to_string(&undo).expect("steps are plain data")));
            }
            let Some(refused) = room.attention.try_get_untracked() else { return };
            if refused != refused_kept {
                let text = serde_json::to_string(&refused).expect("operations are plain data");
                new.push((self.attention(), text));
            }
            let gone = kept.keys().filter(|number| !now.contains_key(number));
            let gone: Vec<String> = gone.map(|number| self.edit(*number)).collect();
            let is_new = !new.is_empty() || !gone.is_empty();
            if is_new && !self.database.write(&new, &gone).await {
                // The disk is full, or the browser took the database away: what is edited lives on the page alone.
                let _ = room.kept.try_set(false);
                return;
            }
            (kept, undo_kept, refused_kept) = (now, undo_revision, refused);
            if room.kept_all(&kept).is_none() {
                return;
            }
        }
    }

    async fn keep_document(self, room: Room) {
        let mut last = None;
        loop {
            TimeoutFuture::new(DOCUMENT_PACE).await;
            let Some(now) = room.confirmed_at().zip(room.comments_held()) else { return };
            if last == Some(now) {
                continue;
            }
            let Some(document) = room.confirmed() else { return };
            let text = serde_json::to_string(&document).expect("documents are plain data");
            if !self.database.write(&[(self.document(), text)], &[]).await {
                return;
            }
            last = Some(now);
        }
    }
}

/// An edit that was kept. An older version did not keep the text that it edits.
fn edit_from(text: &str) -> Option<Edit> {
    let older = |text| serde_json::from_str(text).map(|(epoch, op, at)| (epoch, op, at, None));
    serde_json::from_str(text).or_else(|_| older(text)).ok()
}

/// Takes the lock of a client for as long as the page lives, and says whether it got it. With `if_free` it does not wait.
async fn hold(client: ClientId, if_free: bool) -> bool {
    let locks = Reflect::get(&platform::window().navigator(), &"locks".into());
    let Some(locks) = locks.ok().filter(|locks| locks.is_object()) else { return false };
    let Some(request) =
        Reflect::get(&locks, &"request".into()).ok().and_then(|f| f.dyn_into::<Function>().ok())
    else {
        return false;
    };
    let options = Object::new();
    // Fails on no object.
    let _ = Reflect::set(&options, &"ifAvailable".into(), &if_free.into());
    let got = Promise::new(&mut |resolve, _| {
        let granted = Closure::once_into_js(move |lock: JsValue| -> JsValue {
            let _ = resolve.call1(&JsValue::NULL, &JsValue::from_bool(!lock.is_null()));
            if lock.is_null() {
                return JsValue::UNDEFINED;
            }
            // Held until this is kept, which is never.
            Promise::new(&mut |_, _| {}).into()
        });
        let _ = request.call3(&locks, &format!("cairn-page-{client}").into(), &options, &granted);
    });
    wasm_bindgen_futures::JsFuture::from(got).await.is_ok_and(|got| got.is_truthy())
}

/// Asks the browser not to throw away what is kept when room runs out.
fn ask_to_persist() {
    // It decides by itself, and where it refuses, the edits are kept all the same for as long as it likes.
    let _ = platform::window().navigator().storage().persist();
}
