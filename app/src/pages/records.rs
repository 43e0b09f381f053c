//! The page of a kind of records. The list follows the stream of records; bin and history are drawn by the server alone, and again
//! when a record changes.

pub(crate) mod api;
pub(crate) mod data;
mod list;
#[cfg(feature = "ssr")]
pub(crate) mod plain;

use std::collections::BTreeMap;

use domain::{Record, RecordDef, RecordId};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::{
    frame::{ErrorPage, WaitingCount},
    live::{Heard, Records},
    pages::inbox::refresh_unread,
    ui::PlainPart,
};
use api::Look;
use data::{Page, Shown};
use list::List;
pub(crate) use list::{MEMBERS, is_typing, tabs};

/// What the stream brought since the page was made.
type Changed = RwSignal<BTreeMap<RecordId, Record>>;

/// `/teams` and its like: `?bin` shows the bin, `?history` what was done, `?history=ID` to one.
#[component]
pub fn RecordsPage(kind: &'static str) -> impl IntoView {
    let query = use_query_map();
    let look = Memo::new(move |_| {
        let query = query.read();
        let history = query.get("history");
        let of = history.as_ref().and_then(|id| id.parse().ok());
        Look { kind: kind.to_owned(), bin: query.get("bin").is_some(), history: history.is_some(), of }
    });
    let page = Resource::new_blocking(move || look.get(), api::records);
    let changed: Changed = RwSignal::default();
    // Loaded again when no form is open any more, which that would close.
    let owed = StoredValue::new(false);
    let reload = move || {
        owed.set_value(list::is_typing());
        if !owed.get_value() {
            page.refetch();
        }
    };
    let count = expect_context::<WaitingCount>();
    let hear = move |heard| match heard {
        Heard::From(role) => {
            let is_other = |page: &Page| page.role != role;
            if page.read_untracked().as_ref().is_some_and(|page| page.as_ref().is_ok_and(is_other)) {
                reload();
            }
        }
        Heard::Members => reload(),
        Heard::Inbox => refresh_unread(count),
        Heard::Refetch => {
            changed.update_untracked(BTreeMap::clear);
            reload();
        }
        Heard::Changed(changes) => {
            let ours: Vec<_> = changes.into_iter().filter(|change| change.kind == kind).collect();
            if !ours.is_empty() {
                changed.update(|all| all.extend(ours.into_iter().map(|of| (of.record.id, of.record))));
                if look.with_untracked(|look| look.bin || look.history) {
                    page.refetch();
                }
            }
        }
    };
    let stream = StoredValue::new(None::<Records>);
    Effect::new(move |_| {
        let page = page.read();
        let Some(Ok(page)) = page.as_ref() else { return };
        let since = page.cursor.clone();
        stream.update_value(|stream| match stream {
            Some(stream) => stream.loaded(since),
            None => *stream = Some(Records::follow(Some(since), hear)),
        });
    });
    let closed = Callback::new(move |()| {
        if owed.get_value() {
            reload();
        }
    });
    view! {
        <Transition>
            {move || Suspend::new(async move {
                let page = match page.await {
                    Ok(page) => page,
                    Err(error) => return view! { <ErrorPage error /> }.into_any(),
                };
                match (page.shown, RecordDef::find(kind)) {
                    (Shown::List(loaded), Some(def)) => {
                        let list = List::new(def, page.role, loaded, changed, closed);
                        view! { <Title text=def.many /> {list.view()} }.into_any()
                    }
                    (Shown::Plain(plain), _) => view! { <Title text=plain.title /> <PlainPart html=plain.html /> }.into_any(),
                    (Shown::List(_), None) => ().into_any(),
                }
            })}
        </Transition>
    }
}
