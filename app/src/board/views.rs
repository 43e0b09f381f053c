//! Saved views: chosen, saved, shared and removed.

use domain::{
    FavouriteKind, Record, RecordId, VIEW, is_default_view, is_shared_view, read_state, view_state,
    write_state,
};
use leptos::{ev, prelude::*};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use wasm_bindgen::JsCast as _;
use web_sys::HtmlElement;

use super::{
    Board,
    api::{SavedView, delete_view, save_view},
    filter::VIEWS,
};
use crate::{platform, ui::Icon};

/// What is being named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Naming {
    Nothing,
    New,
    Present,
}

#[derive(Clone, Copy)]
struct Menu {
    board: Board,
    naming: RwSignal<Naming>,
    waiting: RwSignal<bool>,
    wrong: RwSignal<Option<String>>,
    go: Callback<String>,
}

#[component]
pub(super) fn ViewsMenu() -> impl IntoView {
    let board = expect_context::<Board>();
    let navigate = use_navigate();
    let go = Callback::new(move |path: String| {
        navigate(&path, NavigateOptions { scroll: false, ..Default::default() });
    });
    let menu = Menu {
        board,
        naming: RwSignal::new(Naming::Nothing),
        waiting: RwSignal::new(false),
        wrong: RwSignal::new(None),
        go,
    };
    view! {
        <div
            class="views"
            id=VIEWS
            popover="auto"
            role="group"
            aria-label="Views"
            on:toggle=move |_| menu.naming.set(Naming::Nothing)
        >
            {move || menu.list("Shared", true)}
            {move || menu.list("Only you", false)}
            {move || menu.actions()}
        </div>
    }
}

impl Menu {
    /// The views that are shared, or one's own.
    fn list(self, heading: &'static str, shared: bool) -> Option<AnyView> {
        let views: Vec<Record> =
            self.board.views.get().into_iter().filter(|view| is_shared_view(view) == shared).collect();
        if views.is_empty() {
            return None;
        }
        let path = self.board.board_path();
        let current = self.board.view().map(|view| view.id);
        let line = |view: Record| {
            let default = is_default_view(&view).then(|| view! { <span class="badge">"Default"</span> });
            view! {
                <li>
                    <a
                        class="views__view"
                        href=format!("{path}/v/{}", view.id)
                        aria-current=(current == Some(view.id)).then_some("page")
                        on:click=|_| close()
                    >
                        <Icon name=view_state(&view).0.as_str() />
                        <span class="views__name" dir="auto">
                            {VIEW.name_of(&view)}
                        </span>
                        {default}
                    </a>
                </li>
            }
        };
        Some(
            view! {
                <h3 class="views__heading">{heading}</h3>
                <ul class="views__list">{views.into_iter().map(line).collect_view()}</ul>
            }
            .into_any(),
        )
    }

    /// Whether the roadmap is looked at otherwise than the view says.
    fn is_changed(self, view: &Record) -> bool {
        let (filter, look) = read_state(view_state(view).1);
        write_state(&filter, &look) != self.state() || view_state(view).0 != self.board.face.get()
    }

    fn state(self) -> String {
        write_state(&self.board.filter.read(), &self.board.look.read())
    }

    fn may_change(self, view: &Record) -> bool {
        VIEW.may(view, self.board.room.user(), self.board.room.role())
    }

    fn actions(self) -> AnyView {
        let view = self.board.view();
        if self.naming.get() != Naming::Nothing {
            let present = view.filter(|_| self.naming.get() == Naming::Present);
            return self.form(present);
        }
        let star = view.as_ref().map(|view| {
            let words = if self.board.is_starred(FavouriteKind::View, view.id.0) {
                "Remove view from favourites"
            } else {
                "Add view to favourites"
            };
            self.button(words, move || self.board.star_view())
        });
        let own = view.filter(|view| self.may_change(view));
        let save = own.clone().filter(|view| self.is_changed(view)).map(|view| {
            self.button("Save changes", move || {
                let saved = SavedView {
                    id: Some(view.id),
                    face: Some(self.board.face.get_untracked()),
                    state: Some(untrack(|| self.state())),
                    ..SavedView::default()
                };
                self.save(saved, VIEW.name_of(&view));
            })
        });
        let manage = own.map(|view| {
            let id = view.id;
            (
                self.button("Rename or share…", move || self.naming.set(Naming::Present)),
                self.button("Remove view", move || self.remove(id)),
            )
        });
        view! {
            <div class="views__actions">
                {save} {self.button("Save as new view…", move || self.naming.set(Naming::New))} {star} {manage}
            </div>
        }
        .into_any()
    }

    fn button(self, label: &'static str, run: impl Fn() + 'static) -> AnyView {
        view! {
            <button
                type="button"
                class="button button--quiet"
                disabled=move || self.waiting.get()
                on:click=move |_| run()
            >
                {label}
            </button>
        }
        .into_any()
    }

    /// The name of a view, and for whom it is.
    fn form(self, present: Option<Record>) -> AnyView {
        let was = |is: fn(&Record) -> bool| present.as_ref().is_some_and(is);
        let name = RwSignal::new(present.as_ref().map(|view| VIEW.name_of(view)).unwrap_or_default());
        let (shared, default) = (RwSignal::new(was(is_shared_view)), RwSignal::new(was(is_default_view)));
        let id = present.as_ref().map(|view| view.id);
        // Only who made it can have it for themselves again.
        let is_own = present.as_ref().is_none_or(|view| view.created.by == self.board.room.user());
        self.wrong.set(None);
        let submit = move |event: ev::SubmitEvent| {
            event.prevent_default();
            let is_new = id.is_none();
            let is_shared = shared.get_untracked();
            let view = SavedView {
                id,
                name: Some(name.get_untracked()),
                face: is_new.then(|| self.board.face.get_untracked()),
                state: is_new.then(|| untrack(|| self.state())),
                shared: Some(is_shared),
                default: Some(is_shared && default.get_untracked()),
            };
            self.save(view, name.get_untracked());
        };
        let check = move |label: &'static str, on: RwSignal<bool>, off: Signal<bool>| {
            view! {
                <label class="filter-menu__choice">
                    <input
                        type="checkbox"
                        prop:checked=move || on.get()
                        disabled=off
                        on:change:target=move |event| on.set(event.target().checked())
                    />
                    {label}
                </label>
            }
        };
        platform::after_effects(|| {
            if let Some(field) = platform::element("view-name").and_then(|field| field.dyn_into().ok()) {
                platform::focus(&field);
            }
        });
        let can_share = self.board.room.can_edit();
        view! {
            <form class="views__form" on:submit=submit>
                <label class="field">
                    <span>"Name"</span>
                    <input
                        id="view-name"
                        required
                        maxlength="200"
                        autocomplete="off"
                        prop:value=move || name.get()
                        on:input:target=move |event| name.set(event.target().value())
                    />
                </label>
                {can_share
                    .then(|| {
                        let never = Signal::stored(!is_own);
                        view! {
                            {check("Share with everyone here", shared, never)}
                            {check(
                                "Make this the default view",
                                default,
                                Signal::derive(move || !shared.get()),
                            )}
                        }
                    })}
                {move || self.wrong.get().map(|why| view! { <p class="field__error" role="alert">{why}</p> })}
                <button
                    type="submit"
                    class="button button--primary"
                    disabled=move || self.waiting.get()
                >
                    "Save view"
                </button>
            </form>
        }
        .into_any()
    }

    /// The product whose views these are; none for those of the portfolio.
    fn key(self) -> Option<String> {
        let is_of_product = self.board.portfolio.is_none();
        is_of_product.then(|| self.board.room.product.read_untracked().key.to_string())
    }

    /// Saves a view and goes to it.
    fn save(self, view: SavedView, name: String) {
        let key = self.key();
        self.waiting.set(true);
        self.wrong.set(None);
        leptos::task::spawn_local(async move {
            let saved = save_view(key, view).await;
            if self.waiting.try_set(false).is_some() {
                return;
            }
            match saved {
                Ok((id, views)) => {
                    self.board.views.set(views);
                    self.board.room.toasts.info(format!("Saved “{}”.", name.trim()));
                    self.go.run(format!("{}/v/{id}", self.board.board_path()));
                    close();
                }
                Err(error) if self.naming.get_untracked() == Naming::Nothing => {
                    self.board.room.toasts.error(error.to_string());
                }
                Err(error) => self.wrong.set(Some(error.to_string())),
            }
        });
    }

    fn remove(self, id: RecordId) {
        let key = self.key();
        leptos::task::spawn_local(async move {
            match delete_view(key.clone(), id, false).await {
                Ok(views) => {
                    // The page may have been left meanwhile.
                    if self.board.views.try_set(views).is_some() {
                        return;
                    }
                    close();
                    self.go.run(self.board.board_path());
                    let restore = move || {
                        let key = key.clone();
                        leptos::task::spawn_local(async move {
                            match delete_view(key, id, true).await {
                                Ok(views) => self.board.views.set(views),
                                Err(error) => self.board.room.toasts.error(error.to_string()),
                            }
                        });
                    };
                    self.board.room.toasts.undoable("Removed the view.".to_owned(), restore);
                }
                Err(error) => self.board.room.toasts.error(error.to_string()),
            }
        });
    }
}

fn close() {
    if let Some(menu) = platform::element(VIEWS).and_then(|menu| menu.dyn_into::<HtmlElement>().ok()) {
        // Fails where it is closed already.
        let _ = menu.hide_popover();
    }
}
