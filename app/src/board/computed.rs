//! What the server computes of items: their scores, and whether an objective that they serve is over its budget.

mod api;

use domain::{FieldKey, OBJECTIVES, Property};
use gloo_timers::future::TimeoutFuture;
use leptos::{prelude::*, task::spawn_local};

use super::{Board, state::Portfolio};
use crate::{live::Connection, platform};

/// How much longer than an answer takes a page waits before it asks again, so that a busy roadmap does not busy the server.
const REST: i64 = 3;

/// The shortest rest in milliseconds, and the longest.
const RESTS: (i64, i64) = (200, 5_000);

/// Whether a property shows something of it. The badge of objectives is marked where one is over its budget.
fn shows(property: &Property) -> bool {
    match property {
        Property::Score | Property::OverBudget => true,
        Property::Declared(key) => *key == FieldKey::from(OBJECTIVES),
        _ => false,
    }
}

impl Board {
    /// Whether anything of it is shown, or decides what is; tracked.
    fn shows_computed(self) -> bool {
        let is_looked_at = self.look.with(|look| {
            let axes = look.columns.iter().chain(&look.group);
            axes.chain(&look.shown).chain(look.sort.iter().map(|sort| &sort.property)).any(shows)
        });
        is_looked_at
            || self.filter.with(|filter| filter.conditions.iter().any(|asked| shows(&asked.property)))
    }

    async fn load_computed(self, keys: Vec<String>) {
        // Where this fails, the next change asks again. The page may have been left meanwhile.
        if let Ok(computed) = api::load_computed(keys).await
            && !self.look.is_disposed()
        {
            self.whole().show_computed(computed);
        }
    }
}

/// Asks for it when it is shown, and again when what it is computed from may have changed.
pub(super) fn follow(board: Board) {
    let whole = board.whole();
    let parts = board.portfolio.map_or_else(|| vec![whole], Portfolio::parts);
    let keys: Vec<String> = parts.iter().map(|part| part.product.read_untracked().key.to_string()).collect();
    // What of it the server has, and the page has not asked about. An own edit counts once the server has it.
    let known = Memo::new(move |_| {
        let is_live = whole.connection.get() == Connection::Live;
        let is_due = is_live && board.shows_computed() && parts.iter().all(|part| part.unsaved.get() == 0);
        is_due.then(|| {
            whole.track_drawn(|_| ());
            parts.iter().map(|part| (part.head(), part.scored.get())).collect::<Vec<_>>()
        })
    });
    let (is_loading, is_due) = (StoredValue::new(false), StoredValue::new(false));
    Effect::new(move |_| {
        if known.read().is_none() {
            return;
        }
        is_due.set_value(true);
        if is_loading.get_value() {
            return;
        }
        is_loading.set_value(true);
        let keys = keys.clone();
        spawn_local(async move {
            while is_due.try_update_value(std::mem::take) == Some(true) {
                let began = platform::now();
                board.load_computed(keys.clone()).await;
                let rest = ((platform::now().0 - began.0) * REST).clamp(RESTS.0, RESTS.1);
                TimeoutFuture::new(u32::try_from(rest).unwrap_or(0)).await;
            }
            is_loading.try_set_value(false);
        });
    });
}
