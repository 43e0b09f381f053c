//! What an item waits for, what waits for it, and what it has to do with.

use domain::{
    Item, ItemId, RecordId,
    dependency::{Dependency, DependencyKind, Early, ItemRef, MAX_DAYS_BETWEEN, Plan},
};
use leptos::{ev, html, prelude::*, task::spawn_local};

use crate::{
    board::{Board, badges, dependencies::FIELD, focus},
    palette::api::search,
    platform,
    ui::Icon,
};

/// The most items that are offered while one is typed, of this roadmap and of all.
const OFFERED_HERE: usize = 6;
const OFFERED: usize = 8;

const LIST: &str = "dependency-list";

/// The days that may be between two items.
const MOST_DAYS: std::ops::RangeInclusive<i32> = -MAX_DAYS_BETWEEN..=MAX_DAYS_BETWEEN;
const WRONG: &str = "Use a whole number of days from -3650 to 3650, or nothing.";

/// What stands below one heading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Blockers,
    Dependants,
    Related,
}

/// An item at the other end of a dependency.
#[derive(Clone, PartialEq)]
struct Line {
    id: RecordId,
    side: Side,
    key: String,
    title: String,
    path: String,
    days: String,
    in_bin: bool,
    is_done: bool,
    /// By how many days the dependant starts too early.
    early: Option<i32>,
    link: Dependency,
}

/// The dependency whose days between and note are being edited.
type Editing = RwSignal<Option<RecordId>>;

#[component]
pub(super) fn Dependencies(id: ItemId, editable: Signal<bool>) -> impl IntoView {
    let board = expect_context::<Board>();
    let own = board.item_ref(id);
    let lines = Memo::new(move |_| lines(board, own));
    let editing: Editing = RwSignal::new(None);
    let group = move |side: Side, heading: &'static str| {
        let list = move || {
            let lines: Vec<Line> = lines.get().into_iter().filter(|line| line.side == side).collect();
            (!lines.is_empty()).then(|| {
                view! {
                    <h4 class="dependencies__heading">{heading}</h4>
                    <ul class="dependencies__list">
                        {lines.into_iter().map(|line| line.view(board, own, (editable, editing))).collect_view()}
                    </ul>
                }
            })
        };
        view! { {list} }.into_any()
    };
    let is_hidden = move || lines.read().is_empty() && !editable.get();
    view! {
        <section class="item-panel__section dependencies" aria-labelledby="dependencies-title" hidden=is_hidden>
            <h3 id="dependencies-title">"Dependencies"</h3>
            {group(Side::Blockers, "Blocked by")}
            {group(Side::Dependants, "Blocks")}
            {group(Side::Related, "Related")}
            <Show when=move || editable.get()>{form(board, id)}</Show>
        </section>
    }
}

fn lines(board: Board, own: ItemRef) -> Vec<Line> {
    board.whole().revision.track();
    let conflicts = board.conflicts(&std::collections::BTreeMap::new());
    let links = board.links.read();
    let mut lines: Vec<Line> = links
        .links
        .iter()
        .filter_map(|link| {
            let other = link.other(own)?;
            let side = match link.order() {
                None => Side::Related,
                Some((blocker, _)) if blocker == own => Side::Dependants,
                Some(_) => Side::Blockers,
            };
            let named = board.named(other)?;
            let early = conflicts.iter().find(|early| early.dependency == link.id);
            Some(Line {
                id: link.id,
                side,
                key: named.key,
                title: named.title,
                path: named.path,
                days: named.plan.map(days).unwrap_or_default(),
                in_bin: named.in_bin,
                is_done: named.plan.is_some_and(|plan| plan.is_settled),
                early: early.map(|Early { days, .. }| *days),
                link: link.clone(),
            })
        })
        .collect();
    lines.sort_by(|a, b| a.key.len().cmp(&b.key.len()).then_with(|| a.key.cmp(&b.key)));
    lines
}

/// `until 30 Jun 27`.
fn days(plan: Plan) -> String {
    match (plan.start, plan.end) {
        (None, None) => String::new(),
        (Some(start), None) => format!("from {}", badges::day(start)),
        (None, Some(end)) => format!("until {}", badges::day(end)),
        (Some(start), Some(end)) => format!("{} – {}", badges::day(start), badges::day(end)),
    }
}

impl Line {
    fn view(self, board: Board, own: ItemRef, (editable, editing): (Signal<bool>, Editing)) -> AnyView {
        let Self { id, key, title, path, link, .. } = self;
        let early = self.early.map(|days| {
            let days = domain::counted(days.unsigned_abs() as usize, "day", "days");
            let said = if self.side == Side::Blockers {
                format!("Starts {days} before this ends")
            } else {
                format!("Starts {days} too early")
            };
            view! {
                <span class="dependency__early">
                    <Icon name="warning" />
                    {said}
                </span>
            }
        });
        let state = match (self.in_bin, self.is_done) {
            (true, _) => Some("In the bin"),
            (false, true) => Some("Closed"),
            _ => None,
        };
        let said = format!("{} and {key} no longer depend on each other.", board.key_of(own));
        let buttons = {
            let key = key.clone();
            move || {
                let said = said.clone();
                view! {
                    <button
                        type="button"
                        class="icon-button dependency__edit"
                        aria-label=format!("Edit the dependency on {key}")
                        aria-expanded=move || (editing.get() == Some(id)).to_string()
                        title="Days between and note"
                        on:click=move |_| editing.update(|now| *now = (*now != Some(id)).then_some(id))
                    >
                        <Icon name="edit" />
                    </button>
                    <button
                        type="button"
                        class="icon-button dependency__remove"
                        aria-label=format!("Remove the dependency on {key}")
                        title="Remove"
                        on:click=move |_| board.unlink(id, said.clone())
                    >
                        <Icon name="close" />
                    </button>
                }
            }
        };
        let between = link.between();
        let note = (!link.note.is_empty()).then(|| view! { <span dir="auto">{link.note.clone()}</span> });
        let form = move || {
            let is_open = editable.get() && editing.get() == Some(id);
            is_open.then(|| edit(board, link.clone(), editing))
        };
        view! {
            <li class="dependency" class:dependency--early=self.early.is_some()>
                <span class="dependency__what">
                    <a href=path class="dependency__link">
                        <span class="dependency__key">{key}</span>
                        " "
                        <span dir="auto">{title}</span>
                    </a>
                    <span class="dependency__facts">
                        <span>{self.days}</span>
                        {state.map(|state| view! { <span>{state}</span> })}
                        {early}
                        {between.map(|between| view! { <span>{between}</span> })}
                        {note}
                    </span>
                </span>
                <Show when=move || editable.get()>{buttons.clone()}</Show>
                {form}
            </li>
        }
        .into_any()
    }
}

/// The days between the items and the note, to be edited in the row.
fn edit(board: Board, link: Dependency, editing: Editing) -> AnyView {
    let (days, note) = (NodeRef::<html::Input>::new(), NodeRef::<html::Input>::new());
    let wrong = RwSignal::new(None::<String>);
    let (lag, text) = ((link.lag != 0).then(|| link.lag.to_string()), link.note.clone());
    // Between two that only have to do with each other there are no days.
    let is_ordered = link.order().is_some();
    let save = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let Some(note) = note.get_untracked() else { return };
        let lag = match days.get_untracked() {
            None => 0,
            // A number field has no value while its text isn’t a number.
            Some(days) if days.value().trim().is_empty() && days.check_validity() => 0,
            Some(days) => match days.value().trim().parse() {
                Ok(days) if MOST_DAYS.contains(&days) => days,
                _ => return wrong.set(Some(WRONG.to_owned())),
            },
        };
        if (lag, note.value()) == (link.lag, link.note.clone()) {
            return editing.set(None);
        }
        board.set_link(link.clone(), (lag, note.value()), move |why| {
            if why.is_none() {
                editing.try_set(None);
            }
            wrong.try_set(why);
        });
    };
    let key = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" {
            event.prevent_default();
            event.stop_propagation();
            editing.set(None);
        }
    };
    let days = is_ordered.then(|| {
        view! {
            <label class="dependency__days">
                <span>"Days between"</span>
                <input type="number" step="1" min="-3650" max="3650" autocomplete="off" value=lag node_ref=days />
            </label>
        }
    });
    view! {
        <form class="dependency__form" novalidate on:submit=save on:keydown=key>
            {days}
            <label class="dependency__note">
                <span>"Note"</span>
                <input type="text" maxlength="200" autocomplete="off" dir="auto" value=text node_ref=note />
            </label>
            <button type="submit" class="button">
                "Save"
            </button>
            {move || wrong.get().map(|why| view! { <p class="field__error" role="alert">{why}</p> })}
        </form>
    }
    .into_any()
}

/// How the open item depends on the one that is typed.
const KINDS: [(DependencyKind, &str); 3] = [
    (DependencyKind::Needs, "Blocked by"),
    (DependencyKind::Blocks, "Blocks"),
    (DependencyKind::Relates, "Related to"),
];

/// A key and a title.
type Offer = (String, String);

#[derive(Clone, Copy)]
struct Form {
    board: Board,
    id: ItemId,
    kind: RwSignal<DependencyKind>,
    text: RwSignal<String>,
    /// What the server found.
    found: RwSignal<Vec<Offer>>,
    /// Which of those offered is pointed at.
    at: RwSignal<Option<usize>>,
    is_open: RwSignal<bool>,
    wrong: RwSignal<Option<String>>,
    waits: RwSignal<bool>,
}

fn form(board: Board, id: ItemId) -> AnyView {
    let form = Form {
        board,
        id,
        kind: RwSignal::new(DependencyKind::Needs),
        text: RwSignal::default(),
        found: RwSignal::default(),
        at: RwSignal::new(None),
        is_open: RwSignal::new(false),
        wrong: RwSignal::new(None),
        waits: RwSignal::new(false),
    };
    let offers = Memo::new(move |_| form.offers());
    let option = move |(at, (key, title)): (usize, Offer)| {
        let chosen = key.clone();
        view! {
            <li
                class="dependencies__offer"
                role="option"
                id=format!("{LIST}-{at}")
                aria-selected=move || (form.at.get() == Some(at)).to_string()
                // The field keeps the focus.
                on:mousedown=|event| event.prevent_default()
                on:click=move |_| form.submit(&chosen, &offers.get_untracked())
            >
                <span class="dependency__key">{key.clone()}</span>
                " "
                <span dir="auto">{title}</span>
            </li>
        }
    };
    let is_shown = move || form.is_open.get() && !offers.read().is_empty();
    let key = move |event: ev::KeyboardEvent| {
        let count = offers.read_untracked().len();
        match event.key().as_str() {
            "ArrowDown" if count > 0 => {
                form.is_open.set(true);
                form.at.update(|at| *at = Some(at.map_or(0, |at| (at + 1) % count)));
            }
            "ArrowUp" if count > 0 => {
                form.at.update(|at| *at = Some(at.map_or(count - 1, |at| (at + count - 1) % count)))
            }
            "Escape" if untrack(is_shown) => form.close(),
            "Enter" if !event.is_composing() => {
                let offers = offers.get_untracked();
                let pointed = form.at.get_untracked().and_then(|at| offers.get(at).cloned());
                form.submit(&pointed.map_or_else(|| form.text.get_untracked(), |(key, _)| key), &offers);
            }
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let kinds = KINDS.into_iter().map(|(kind, label)| {
        view! {
            <option value=kind.as_str() prop:selected=move || form.kind.get() == kind>
                {label}
            </option>
        }
    });
    view! {
        <div class="dependencies__form">
            <select
                class="filter__choice dependencies__kind"
                aria-label="How it depends"
                on:change:target=move |event| {
                    if let Ok(kind) = event.target().value().parse() {
                        form.kind.set(kind);
                    }
                }
            >
                {kinds.collect_view()}
            </select>
            <span class="dependencies__field">
                <input
                    id=FIELD
                    data-of=id.to_string()
                    type="text"
                    role="combobox"
                    aria-label="Item it depends on"
                    aria-expanded=move || is_shown().to_string()
                    aria-controls=LIST
                    aria-autocomplete="list"
                    aria-activedescendant=move || form.at.get().map(|at| format!("{LIST}-{at}"))
                    placeholder="Key or title of an item"
                    autocomplete="off"
                    maxlength="200"
                    prop:value=move || form.text.get()
                    prop:disabled=move || form.waits.get()
                    on:input:target=move |event| form.typed(event.target().value())
                    on:keydown=key
                    on:blur=move |_| form.close()
                />
                <ul class="dependencies__offers" id=LIST role="listbox" aria-label="Items" hidden=move || !is_shown()>
                    {move || offers.get().into_iter().enumerate().map(option).collect_view()}
                </ul>
            </span>
            {move || form.wrong.get().map(|why| view! { <p class="field__error dependencies__wrong" role="alert">{why}</p> })}
        </div>
    }
    .into_any()
}

impl Form {
    fn typed(self, text: String) {
        self.text.set(text.clone());
        self.wrong.set(None);
        self.at.set(None);
        self.is_open.set(true);
        self.found.set(Vec::new());
        if text.trim().chars().count() < 2 {
            return;
        }
        spawn_local(async move {
            // One question for what is typed at once.
            gloo_timers::future::TimeoutFuture::new(200).await;
            let is_still = || self.text.try_with_untracked(|now| *now == text) == Some(true);
            if !is_still() {
                return;
            }
            let hits = search(text.clone()).await.unwrap_or_default();
            if is_still() {
                // Comments and records are found, too; only items are called by their key alone.
                let items =
                    hits.into_iter().filter(|hit| !hit.what.contains(' ') && hit.path.starts_with("/p/"));
                self.found.set(items.map(|hit| (hit.what, hit.title)).collect());
            }
        });
    }

    /// Items of the page with that key or title, then those that the server found.
    fn offers(self) -> Vec<Offer> {
        let text = platform::fold(self.text.read().trim());
        if text.is_empty() {
            return Vec::new();
        }
        let mut offers: Vec<Offer> = self.board.whole().track_drawn(|roadmap| {
            let live = roadmap.items().filter(|item| item.deleted.is_none() && item.id != self.id);
            let key = |item: &Item| format!("{}-{}", self.board.product_key(roadmap, item), item.number);
            let named = live.map(|item| (key(item), item.fields.title.to_string()));
            let is_meant = |(key, title): &Offer| {
                platform::fold(key).starts_with(&text) || platform::fold(title).contains(&text)
            };
            named.filter(is_meant).take(OFFERED_HERE).collect()
        });
        let own = self.board.key_of(self.board.item_ref(self.id));
        for found in self.found.get() {
            if found.0 != own && !offers.iter().any(|offer| offer.0 == found.0) && offers.len() < OFFERED {
                offers.push(found);
            }
        }
        offers
    }

    fn close(self) {
        self.is_open.set(false);
        self.at.set(None);
    }

    /// Links what was chosen or typed; a title where it is that of one item alone.
    fn submit(self, text: &str, offers: &[Offer]) {
        let text = text.trim();
        if text.is_empty() || self.waits.get_untracked() {
            return;
        }
        let to = match offers {
            _ if text.to_ascii_uppercase().parse::<domain::ItemKey>().is_ok() => text.to_owned(),
            [(key, _)] => key.clone(),
            _ => {
                self.wrong.set(Some("Choose an item, or type its key, such as ERP-12.".to_owned()));
                return;
            }
        };
        let from = self.board.key_of(self.board.item_ref(self.id));
        self.waits.set(true);
        self.close();
        self.board.link_items(from, self.kind.get_untracked(), to, move |wrong| {
            if self.waits.try_set(false).is_some() {
                return;
            }
            if wrong.is_none() {
                self.text.set(String::new());
                self.found.set(Vec::new());
            }
            self.wrong.set(wrong);
            platform::after_effects(|| focus::control(FIELD));
        });
    }
}
