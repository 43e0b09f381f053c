//! The palette: everything that can be gone to and done, by typing a few of its letters. It opens with `Ctrl K` on every page.

pub(crate) mod api;
mod fuzzy;
mod lines;

use gloo_timers::future::TimeoutFuture;
use leptos::{ev, html, prelude::*};
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate},
};
use wasm_bindgen::JsCast as _;

use self::{
    api::{Hit, search},
    lines::{Line, Reach, Run, lines},
};
use crate::{
    frame::{OpenBoard, PaletteOpen, Session},
    lazy, platform,
    ui::Icon,
};

/// How many lines of what the browser has are shown.
const MOST: usize = 12;

/// How long somebody has stopped typing before the server is asked, and the fewest letters for that.
const PAUSE: u32 = 150;
const FEWEST: usize = 2;

/// The palette once it is shown.
const SHOWN: &str = ".palette:is(:popover-open, [open])";

/// The element id of the list, and the beginning of those of its lines.
const LIST: &str = "palette-list";

/// Opens the palette with its key, from now on.
pub(crate) fn listen(palette: PaletteOpen) {
    let handle = window_event_listener(ev::keydown, move |event| {
        let command = event.ctrl_key() || event.meta_key();
        let is_key = command && !event.alt_key() && !event.shift_key();
        if is_key && platform::shortcut(&event).eq_ignore_ascii_case("k") {
            event.prevent_default();
            if palette.open.get_untracked() { palette.open.set(false) } else { open(palette) }
        } else if palette.open.get_untracked() && !command && is_on_its_way() {
            // Who knows what to look for types on.
            let key = event.key();
            if key == "Escape" {
                palette.open.set(false);
            } else if key.chars().nth(1).is_none() {
                event.prevent_default();
                palette.typed.update(|typed| typed.push_str(&key));
            }
        }
    });
    on_cleanup(move || handle.remove());
    platform::after_frame(|| {
        leptos::task::spawn_local(async {
            // Asked for again when somebody opens it.
            let _ = lazy::fetch_palette().await;
        });
    });
}

pub(crate) fn open(palette: PaletteOpen) {
    palette.typed.set(String::new());
    palette.open.set(true);
    leptos::task::spawn_local(async move {
        if !lazy::fetch_palette().await && palette.open.try_set(false).is_none() {
            palette.toasts.error("The search can’t be loaded. Check the connection and try again.");
        }
    });
}

/// Whether the palette was asked for and has not come yet.
fn is_on_its_way() -> bool {
    platform::document().query_selector(SHOWN).is_ok_and(|palette| palette.is_none())
}

/// A line as it is shown.
#[derive(Clone)]
struct Shown {
    title: String,
    says: String,
    keys: &'static str,
    icon: &'static str,
    run: Run,
}

#[component]
pub(crate) fn Palette() -> impl IntoView {
    let PaletteOpen { open, typed, .. } = expect_context::<PaletteOpen>();
    let path = use_location().pathname;
    Effect::new(move |former: Option<String>| {
        let path = path.get();
        if former.is_some_and(|former| former != path) {
            open.set(false);
        }
        path
    });
    let board = expect_context::<OpenBoard>().0;
    let session = expect_context::<Session>().0;
    let navigate = use_navigate();
    let chosen = RwSignal::new(0_usize);
    let hits = RwSignal::new(Vec::<Hit>::new());
    let trouble = RwSignal::new(None::<String>);
    // What there is when it opens: others' changes meanwhile do not move what somebody is about to choose.
    let context = untrack(|| session.get()).and_then(Result::ok).unwrap_or_default();
    let (first, items) = untrack(|| lines(&context, board.get()));
    let all = RwSignal::new(first);
    // Of a roadmap's items, of which there may be thousands, those that are shown at once come first, and all once that is seen.
    platform::after_frame(move || {
        if let Some(board) = board.try_get_untracked().flatten() {
            let every = untrack(|| lines::items(board, Reach::All));
            let _ = all.try_update(|all| all.splice(items, every).for_each(drop));
        }
    });
    let former = platform::focused();
    let shown = Memo::new_with_compare(
        move |_| {
            let wanted = platform::fold(typed.read().trim());
            let mut shown = best(&all.read(), &wanted);
            // The same item beside another face has another address.
            let last = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
            let known: Vec<String> = shown.iter().filter_map(|line| Some(last(&line.run.path()?))).collect();
            let is_new = |hit: &Hit| !known.contains(&last(&hit.path)) || !hit.excerpt.is_empty();
            let found = hits.get().into_iter().filter(is_new);
            shown.extend(found.map(|hit| Shown {
                says: if hit.excerpt.is_empty() {
                    hit.what
                } else {
                    format!("{} · {}", hit.what, hit.excerpt)
                },
                title: hit.title,
                keys: "",
                icon: "search",
                run: Run::Go(hit.path),
            }));
            shown
        },
        |_, _| true,
    );
    let asked = StoredValue::new(0_u32);
    Effect::new(move |_| {
        let text = typed.get();
        chosen.set(0);
        // What was found for another text is not what somebody means now.
        hits.set(Vec::new());
        trouble.set(None);
        let number = asked.get_value() + 1;
        asked.set_value(number);
        if text.trim().chars().count() < FEWEST {
            return;
        }
        leptos::task::spawn_local(async move {
            TimeoutFuture::new(PAUSE).await;
            if asked.try_get_value() != Some(number) {
                return;
            }
            let found = search(text).await;
            // Answers to what was typed before are not wanted any more.
            if asked.try_get_value() == Some(number) {
                trouble.set(found.as_ref().err().map(ToString::to_string));
                hits.set(found.unwrap_or_default());
            }
        });
    });
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = dialog.get() else { return };
        let is_behind = platform::document().query_selector("dialog:modal").is_ok_and(|one| one.is_some());
        // A modal dialog makes everything else inert, which takes a browser long on a board of thousands of cards.
        let _ = if is_behind { dialog.show_modal() } else { dialog.show_popover() };
    });
    let former = send_wrapper::SendWrapper::new(former);
    // Once it has gone: what is below a dialog cannot take the focus.
    on_cleanup(move || {
        platform::after_effects(move || {
            let is_lost = platform::focused().is_none_or(|focused| focused.tag_name() == "BODY");
            if let Some(former) = former.as_ref().filter(|_| is_lost) {
                platform::focus(former);
            }
        });
    });
    let leave = move || open.set(false);
    let choose = {
        move |at: usize| {
            let Some(line) = shown.with_untracked(|shown| shown.get(at).cloned()) else { return };
            lines::remember(&line.run);
            leave();
            match line.run {
                Run::Go(path) => navigate(&path, NavigateOptions::default()),
                Run::Do(run) => platform::after_effects(move || run()),
            }
        }
    };
    let key = {
        let choose = choose.clone();
        move |event: web_sys::KeyboardEvent| {
            let count = shown.with_untracked(Vec::len);
            let step = |by: isize| {
                if count > 0 {
                    let count = isize::try_from(count).unwrap_or(1);
                    let at = isize::try_from(chosen.get_untracked()).unwrap_or(0);
                    chosen.set(usize::try_from((at + by).rem_euclid(count)).unwrap_or(0));
                    reveal(chosen.get_untracked());
                }
            };
            match event.key().as_str() {
                "ArrowDown" => step(1),
                "ArrowUp" => step(-1),
                "Enter" if !event.is_composing() => choose(chosen.get_untracked()),
                // There is nowhere else to go before it is closed.
                "Tab" => {}
                _ => return,
            }
            event.prevent_default();
        }
    };
    let options = move || {
        let option = |(at, line): (usize, Shown)| {
            let choose = choose.clone();
            view! {
                <li
                    id=format!("{LIST}-{at}")
                    class="palette__line"
                    role="option"
                    aria-selected=move || (chosen.get() == at).to_string()
                    on:pointermove=move |_| {
                        if chosen.get_untracked() != at {
                            chosen.set(at);
                        }
                    }
                    on:click=move |_| choose(at)
                >
                    <Icon name=line.icon />
                    <span class="palette__title" dir="auto">
                        {line.title}
                    </span>
                    <span class="palette__says" dir="auto">
                        {line.says}
                    </span>
                    {(!line.keys.is_empty()).then(|| view! { <kbd>{line.keys}</kbd> })}
                </li>
            }
        };
        shown.get().into_iter().enumerate().map(option).collect_view()
    };
    let is_empty = move || shown.with(Vec::is_empty);
    view! {
        <dialog
            class="palette"
            node_ref=dialog
            popover="auto"
            aria-label="Search and commands"
            aria-modal="true"
            on:close=move |_| leave()
            on:toggle=move |_| {
                if is_on_its_way() {
                    leave();
                }
            }
            on:click=move |event| {
                // Beside what is in it.
                if event.target() == event.current_target() {
                    leave();
                }
            }
        >
            <div class="palette__box">
                <div class="palette__field">
                    <Icon name="search" />
                    <input
                        type="text"
                        role="combobox"
                        aria-expanded="true"
                        aria-controls=LIST
                        aria-activedescendant=move || {
                            (!is_empty()).then(|| format!("{LIST}-{}", chosen.get()))
                        }
                        aria-label="Search or run a command"
                        placeholder="Search or run a command"
                        autocomplete="off"
                        autofocus
                        maxlength="200"
                        dir="auto"
                        prop:value=move || typed.get()
                        on:keydown=key
                        on:input:target=move |event| typed.set(event.target().value())
                    />
                </div>
                <ul class="palette__list" id=LIST role="listbox" aria-label="Results">
                    {options}
                </ul>
                <p class="palette__empty" role="status" hidden=move || !is_empty()>
                    {move || trouble.get().unwrap_or_else(|| "Nothing found.".to_owned())}
                </p>
            </div>
        </dialog>
    }
}

/// The lines that fit best; without letters those chosen last, and then as they come.
fn best(all: &[Line], wanted: &str) -> Vec<Shown> {
    let points = |line: &Line| {
        if wanted.is_empty() {
            return Some(line.first);
        }
        Some(fuzzy::points(&line.folded, wanted)?.saturating_mul(4) + line.first)
    };
    // Few are shown: the others need no order.
    let mut fitting: Vec<(u32, &Line)> = Vec::with_capacity(MOST + 1);
    for (points, line) in all.iter().filter_map(|line| Some((points(line)?, line))) {
        let at = fitting.iter().position(|(other, _)| *other < points).unwrap_or(fitting.len());
        if at < MOST {
            fitting.insert(at, (points, line));
            fitting.truncate(MOST);
        }
    }
    let shown = |(_, line): &(u32, &Line)| Shown {
        title: line.title.clone(),
        says: line.says.clone(),
        keys: line.keys,
        icon: line.icon,
        run: line.run.clone(),
    };
    fitting.iter().map(shown).collect()
}

/// Scrolls a line into sight once it is drawn as chosen.
fn reveal(at: usize) {
    platform::after_effects(move || {
        let line = platform::element(&format!("{LIST}-{at}"));
        if let Some(line) = line.and_then(|line| line.dyn_into::<web_sys::HtmlElement>().ok()) {
            let options = web_sys::ScrollIntoViewOptions::new();
            options.set_block(web_sys::ScrollLogicalPosition::Nearest);
            line.scroll_into_view_with_scroll_into_view_options(&options);
        }
    });
}
