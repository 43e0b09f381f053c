//! Short notices at the lower edge, and what is read aloud.

use std::sync::Arc;

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use uuid::Uuid;

use super::{Icon, click, each, text};

/// The notices of a page. Provided once in the shell; every page takes it from context.
#[derive(Clone, Copy)]
pub(crate) struct Toasts {
    list: RwSignal<Vec<Toast>>,
    next: StoredValue<u32>,
    /// Said to screen readers, politely.
    spoken: RwSignal<String>,
}

#[derive(Clone)]
struct Toast {
    id: u32,
    text: String,
    kind: Kind,
    action: Option<Action>,
}

/// What can be done about a notice, and how that is called.
type Action = (&'static str, Arc<dyn Fn() + Send + Sync>);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Info,
    /// Stays until it is dismissed, or somebody did what it offers.
    Offer,
    /// Stays until it is dismissed: something did not happen.
    Error,
}

/// How long a notice stays, in milliseconds: long enough to reach for *Undo*.
const STAY: u32 = 8_000;

impl Toasts {
    pub(crate) fn new() -> Self {
        Self { list: RwSignal::default(), next: StoredValue::new(0), spoken: RwSignal::default() }
    }

    pub(crate) fn info(&self, text: impl Into<String>) {
        self.show(text.into(), Kind::Info, None);
    }

    pub(crate) fn error(&self, text: impl Into<String>) {
        self.show(text.into(), Kind::Error, None);
    }

    pub(crate) fn undoable(&self, text: impl Into<String>, undo: impl Fn() + Send + Sync + 'static) {
        self.show(text.into(), Kind::Info, Some(("Undo", Arc::new(undo))));
    }

    /// Says something that the person may want to do something about.
    pub(crate) fn offer(
        &self,
        text: impl Into<String>,
        label: &'static str,
        action: impl Fn() + Send + Sync + 'static,
    ) {
        self.show(text.into(), Kind::Offer, Some((label, Arc::new(action))));
    }

    /// Does what the latest notice offers. False when none does.
    pub(crate) fn accept(&self) -> bool {
        let latest = self.list.read_untracked().iter().rfind(|toast| toast.kind == Kind::Offer).cloned();
        let Some((id, (_, action))) = latest.and_then(|toast| Some((toast.id, toast.action?))) else {
            return false;
        };
        self.dismiss(id);
        action();
        true
    }

    /// Says something to screen readers only.
    pub(crate) fn announce(&self, text: impl Into<String>) {
        self.spoken.set(text.into());
    }

    fn show(&self, text: String, kind: Kind, action: Option<Action>) {
        let id = self.next.get_value();
        self.next.set_value(id + 1);
        self.spoken.set(text.clone());
        self.list.update(|list| {
            // Refusals and offers stay until they are read; of the others one at a time: a row of "Moved …" helps nobody.
            list.retain(|toast| toast.kind != Kind::Info && toast.text != text);
            list.push(Toast { id, text, kind, action });
        });
        if kind == Kind::Info {
            let toasts = *self;
            leptos::task::spawn_local(async move {
                TimeoutFuture::new(STAY).await;
                toasts.dismiss(id);
            });
        }
    }

    fn with_key(&self, key: Uuid) -> Option<Toast> {
        let list = self.list.read_untracked();
        list.iter().find(|toast| u128::from(toast.id) == key.as_u128()).cloned()
    }

    fn dismiss(&self, id: u32) {
        self.list.try_update(|list| list.retain(|toast| toast.id != id));
    }
}

/// Where the notices appear.
#[component]
pub(crate) fn ToastList() -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let item = move |toast: Toast| {
        let id = toast.id;
        let class = if toast.kind == Kind::Error { "toast toast--error" } else { "toast" };
        let action = toast.action.map(|(label, action)| {
            let act = move |_| {
                toasts.dismiss(id);
                action();
            };
            view! { <button type="button" class="toast__action" on:click=click(act)>{label}</button> }
        });
        view! {
            <li class=class>
                <span class="toast__text">{toast.text}</span>
                {action}
                <button
                    type="button"
                    class="icon-button"
                    aria-label="Dismiss"
                    on:click=click(move |_| toasts.dismiss(id))
                >
                    <Icon name="close" />
                </button>
            </li>
        }
    };
    view! {
        <p class="visually-hidden" role="status" aria-live="polite">{text(move || toasts.spoken.get())}</p>
        // A landmark, to be found by those who go from one to the next.
        <section aria-label="Notices">
            <ul class="toasts">
                {each(
                    move || toasts.list.read().iter().map(|toast| Uuid::from_u128(toast.id.into())).collect(),
                    move |key| toasts.with_key(key).map(item).into_any(),
                )}
            </ul>
        </section>
    }
}
