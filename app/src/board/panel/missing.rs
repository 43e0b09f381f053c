//! Pictures that a text names before they are there: their author was offline, and sends them soon.

use gloo_timers::future::TimeoutFuture;
use leptos::{prelude::*, task::spawn_local};

use super::{Board, Markdown};
use crate::{board::files, live::Connection};

/// How the server marks the place of a picture that it does not have.
const MARK: &str = "data-missing";

/// The first pause in milliseconds; each is twice as long as the one before.
const PAUSE: u32 = 2_000;

/// So often the server is asked again: for about eight minutes.
const ATTEMPTS: u32 = 8;

/// Has texts rendered again while pictures in them are missing.
#[derive(Clone, Copy)]
pub(super) struct AskAgain {
    markdown: Markdown,
    is_asking: StoredValue<bool>,
}

impl AskAgain {
    pub(super) fn new(board: Board, markdown: Markdown) -> Self {
        // What could not be rendered without a network is rendered when it is back.
        Effect::new(move |was_live: Option<bool>| {
            let is_live = board.room.connection.get() == Connection::Live;
            let texts = || markdown.try_get_untracked().flatten().unwrap_or_default();
            if is_live && was_live == Some(false) && texts().iter().any(Option::is_none) {
                markdown.refetch();
            }
            is_live
        });
        Self { markdown, is_asking: StoredValue::new(false) }
    }

    /// Looks at a text that is shown.
    pub(super) fn look(self, html: &str) {
        if html.contains(MARK) && !self.is_asking.get_value() {
            self.is_asking.set_value(true);
            spawn_local(async move {
                for attempt in 0..ATTEMPTS {
                    TimeoutFuture::new(PAUSE << attempt).await;
                    // The panel may have been closed meanwhile.
                    let texts = self.markdown.try_get_untracked().flatten();
                    let Some(texts) =
                        texts.filter(|texts| texts.iter().flatten().any(|html| html.contains(MARK)))
                    else {
                        break;
                    };
                    drop(texts);
                    self.markdown.refetch();
                }
                let _ = self.is_asking.try_set_value(false);
            });
        }
    }
}

/// Pictures on this device that a text names, for as long as nobody can render the text.
#[component]
pub(super) fn PicturesHere(board: Board, text: Memo<String>) -> impl IntoView {
    let pictures = RwSignal::new(Vec::new());
    Effect::new(move |_| {
        let text = text.get();
        if text.contains("/files/") {
            spawn_local(async move {
                let _ = pictures.try_set(files::pictures_here(board.room, text).await);
            });
        }
    });
    move || {
        let picture =
            |(name, address): (String, String)| view! { <img class="picture-here" src=address alt=name /> };
        pictures.get().into_iter().map(picture).collect_view()
    }
}
