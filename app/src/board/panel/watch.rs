//! Who watches an item, and whether one does.

use domain::{ItemId, UserId};
use leptos::{prelude::*, task::spawn_local};

use super::Board;
use crate::{
    live::Connection,
    pages::inbox::api::{self, Watchers},
    ui::Icon,
};

/// The most names that stand in a line.
const NAMED: usize = 4;

/// What the server said of an item; nothing before it has answered.
#[derive(Clone, Copy)]
pub(super) struct Watching(RwSignal<Option<Watchers>>);

impl Watching {
    /// Asks the server, and again when something happens that decides it. An open item is read.
    pub(super) fn of(board: Board, id: ItemId) -> Self {
        let state = RwSignal::new(None);
        let involved = Memo::new(move |_| {
            board.room.track(|roadmap| {
                (roadmap.thread(id).count(), roadmap.item(id).and_then(|item| item.fields.owner))
            })
        });
        // An edit decides it once the server has it.
        Effect::new(move |asked: Option<Option<_>>| {
            let asked = asked.flatten();
            let now = Some((involved.get(), board.room.inbox.get()));
            let is_live = board.room.connection.get() == Connection::Live;
            if !is_live || board.room.unsaved.get() > 0 || asked == now {
                return asked;
            }
            Self(state).ask(board, id);
            now
        });
        Self(state)
    }

    fn ask(self, board: Board, id: ItemId) {
        let roadmap = board.room.product.read_untracked().roadmap;
        spawn_local(async move {
            // Without an answer it stays as it was.
            if let Ok(watch) = api::item_watch(roadmap, id).await {
                let _ = self.0.try_set(Some(watch));
            }
        });
    }

    /// Who can be mentioned: who sees the product, as far as that is known.
    pub(super) fn people(self, board: Board) -> Vec<(UserId, String)> {
        let mut people = board.room.active_people();
        match self.0.try_get_untracked().flatten() {
            Some(watch) => people.retain(|(user, _)| watch.readers.contains(user)),
            None if board.room.product.read_untracked().restricted => people.clear(),
            None => {}
        }
        people
    }
}

#[component]
pub(super) fn Watch(id: ItemId, watching: Watching) -> impl IntoView {
    let board = expect_context::<Board>();
    let is_mine = move || watching.0.read().as_ref().is_some_and(|watch| watch.watching);
    let toggle = move |_| {
        let (roadmap, wanted) = (board.room.product.read_untracked().roadmap, !is_mine());
        spawn_local(async move {
            match api::watch_item(roadmap, id, wanted).await {
                Ok(_) => {
                    watching.ask(board, id);
                    let said = if wanted {
                        "Watching. Changes come to your inbox."
                    } else {
                        "Stopped watching. Only mentions come to your inbox."
                    };
                    board.room.toasts.announce(said);
                }
                Err(error) => board.room.toasts.error(error.to_string()),
            }
        });
    };
    let names = move || {
        let watchers = watching.0.get().map(|watch| watch.watchers)?;
        let mut names: Vec<String> = watchers
            .iter()
            .filter(|user| **user != board.room.user())
            .map(|user| board.room.person(*user))
            .collect();
        names.sort();
        if is_mine() {
            names.insert(0, "You".to_owned());
        }
        let more = names.len().saturating_sub(NAMED);
        names.truncate(if more > 1 { NAMED } else { names.len() });
        Some(match (names.is_empty(), more) {
            (true, _) => "Nobody watches this.".to_owned(),
            (false, 0 | 1) => names.join(", "),
            (false, more) => format!("{} and {more} more", names.join(", ")),
        })
    };
    view! {
        <section class="item-panel__section watch">
            <h3>"Watching"</h3>
            <p class="watch__line">
                <button
                    type="button"
                    class="button needs-life"
                    aria-pressed=move || is_mine().to_string()
                    disabled=move || watching.0.read().is_none()
                    on:click=toggle
                >
                    <Icon name="view" />
                    {move || if is_mine() { "Watching" } else { "Watch" }}
                </button>
                <span class="watch__names quiet" dir="auto">
                    {names}
                </span>
            </p>
        </section>
    }
}
