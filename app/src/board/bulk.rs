//! What can be done to all selected cards at once. Each is one step, which one undo reverts.

use domain::{Date, ItemChange, ItemFields, Op, PersonDays, Place, Status, Tag};
use leptos::{html, prelude::*};
use wasm_bindgen::JsCast as _;
use web_sys::{HtmlElement, HtmlInputElement, KeyboardEvent, MouseEvent};

use super::{
    Board, lanes,
    menu::{Line, Part},
    moves::Tell,
    selection::selected,
    state::{Property, Subject},
};
use crate::platform;

/// What is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Typed {
    Tags,
    Dates,
    Effort,
}

impl Typed {
    fn label(self) -> &'static str {
        match self {
            Typed::Tags => "Tags",
            Typed::Dates => "Dates",
            Typed::Effort => "Effort",
        }
    }
}

impl Board {
    /// The choices for a property of the selected items.
    pub(super) fn selection_menu(self, property: Property) -> Vec<Part> {
        let (heading, lines) = match property {
            Property::Status => ("Set status to", self.status_lines()),
            Property::Owner => ("Set owner to", self.owner_lines()),
            Property::Lane => ("Move to", self.lane_lines()),
        };
        vec![Part { heading, lines }]
    }

    fn status_lines(self) -> Vec<Line> {
        let line = |status: &Status| {
            let status = *status;
            Line::new(status.label(), "", move || {
                self.change_selected(&format!("Set the status to {}", status.label()), |fields| {
                    (fields.status != status).then_some(ItemChange::Status(status))
                });
            })
        };
        Status::ALL.iter().map(line).collect()
    }

    fn owner_lines(self) -> Vec<Line> {
        let people = untrack(|| self.room.active_people()).into_iter().map(|(user, name)| (Some(user), name));
        let line = |(owner, name): (Option<domain::UserId>, String)| {
            let what = format!("Set the owner to {name}");
            Line::new(name, "", move || {
                self.change_selected(&what, |fields| {
                    (fields.owner != owner).then_some(ItemChange::Owner(owner))
                });
            })
        };
        std::iter::once((None, "Nobody".to_owned())).chain(people).map(line).collect()
    }

    fn lane_lines(self) -> Vec<Line> {
        let lanes = self.room.with(|roadmap| lanes(roadmap).collect::<Vec<_>>());
        let line = |(lane, name): (domain::LaneId, String)| {
            Line::new(name, "", move || self.move_items(self.selection(), lane, Place::Last, Tell::Toast))
        };
        lanes.into_iter().map(line).collect()
    }

    /// Changes a field of the selected items where it is not so already. Returns whether something changed.
    fn change_selected(&self, what: &str, change: impl Fn(&ItemFields) -> Option<ItemChange>) -> bool {
        let ids = self.selection();
        let ops: Vec<Op> = self.room.with(|roadmap| {
            let items = ids.iter().filter_map(|id| roadmap.item(*id));
            items.filter_map(|item| Some(Op::set(item.id, change(&item.fields)?))).collect()
        });
        if ops.is_empty() {
            self.room.toasts.info("The selected items have that already.");
            return false;
        }
        let items = domain::counted(ops.len(), "item", "items");
        self.room.edit_with_toast(Op::batch(ops), format!("{what} for {items}."))
    }

    /// Adds or removes tags, which are separated by commas.
    fn tag_selected(&self, text: &str, remove: bool) -> Result<(), String> {
        let names = text.split([',', ';']).filter(|name| !name.trim().is_empty());
        let tags: Vec<Tag> =
            names.map(platform::parse_tag).collect::<Result<_, _>>().map_err(|e| e.to_string())?;
        if tags.is_empty() {
            return Err("Enter a tag.".to_owned());
        }
        let ids = self.selection();
        let mut ops = Vec::new();
        self.room.with(|roadmap| {
            for item in ids.iter().filter_map(|id| roadmap.item(*id)) {
                let tags = tags.iter().filter(|tag| item.fields.tags.contains(*tag) == remove).cloned();
                let change = |tag| if remove { ItemChange::RemoveTag(tag) } else { ItemChange::AddTag(tag) };
                ops.extend(tags.map(|tag| Op::set(item.id, change(tag))));
            }
        });
        if ops.is_empty() {
            let why = if remove { "None of the items has it." } else { "All items have it already." };
            return Err(why.to_owned());
        }
        let names = tags.iter().map(|tag| format!("“{tag}”")).collect::<Vec<_>>().join(", ");
        let label = if remove { format!("Removed {names}.") } else { format!("Added {names}.") };
        self.room.edit_with_toast(Op::batch(ops), label);
        Ok(())
    }
}

/// A day that was typed; nothing where none was.
fn date(text: &str) -> Result<Option<Date>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let date: Date = text.parse().map_err(|_| "Write dates like 2026-11-21.".to_owned())?;
    date.likely().map(Some)
}

/// What can be done with the selected cards.
#[component]
pub(super) fn SelectionBar() -> impl IntoView {
    let board = expect_context::<Board>();
    let typing = RwSignal::new(None::<Typed>);
    let selection = Memo::new(move |_| {
        board.selected.track();
        board.room.revision.track();
        board.selection()
    });
    let count = move || {
        let (all, seen) = (selection.read().len(), board.matching(&selection.read()).len());
        let hidden = if seen < all { format!(" ({} hidden)", all - seen) } else { String::new() };
        format!("{}{hidden}", selected(all))
    };
    let is_any = Memo::new(move |_| !selection.read().is_empty());
    Effect::new(move |_| {
        if !is_any.get() {
            typing.set(None);
        }
    });
    let vote = move || board.vote_path(&selection.read());
    let choose = move |label: &'static str, property: Property| {
        view! {
            <button
                type="button"
                class="button button--quiet"
                aria-haspopup="menu"
                on:click=move |event: MouseEvent| board.open_menu(Subject::Selection(property), &event)
            >
                {label}
            </button>
        }
    };
    let write = move |what: Typed| {
        let toggle =
            move |_| typing.update(|typing| *typing = if *typing == Some(what) { None } else { Some(what) });
        view! {
            <button
                type="button"
                class="button button--quiet"
                aria-expanded=move || (typing.get() == Some(what)).to_string()
                on:click=toggle
            >
                {what.label()}
            </button>
        }
    };
    view! {
        <Show when=move || is_any.get()>
            <div class="selection" role="toolbar" aria-label="Selected cards">
                {move || typing.get().map(|what| view! { <TypedForm what typing /> })}
                <div class="selection__row">
                    <span class="selection__count">{count}</span>
                    {choose("Status", Property::Status)} {choose("Owner", Property::Owner)}
                    {board.portfolio.is_none().then(|| choose("Lane", Property::Lane))} {write(Typed::Tags)} {write(Typed::Dates)}
                    {write(Typed::Effort)} <span class="selection__line"></span>
                    {board.portfolio.is_none().then(|| view! {
                        <a class="button button--quiet" href=vote>
                            "Start a vote…"
                        </a>
                    })}
                    <button
                        type="button"
                        class="button button--quiet selection__delete"
                        on:click=move |_| board.delete(board.selection())
                    >
                        "Delete"
                    </button>
                    <button type="button" class="button button--quiet" on:click=move |_| board.clear_selection()>
                        "Clear"
                    </button>
                </div>
            </div>
        </Show>
    }
}

/// The fields for what is typed. `Enter` sets it, `Esc` closes them.
#[component]
fn TypedForm(what: Typed, typing: RwSignal<Option<Typed>>) -> impl IntoView {
    let board = expect_context::<Board>();
    let form = NodeRef::<html::Form>::new();
    let error = RwSignal::new(String::new());
    let opener = send_wrapper::SendWrapper::new(platform::focused());
    let close = move || {
        typing.set(None);
        if let Some(opener) = opener.as_ref() {
            let _ = opener.focus();
        }
    };
    let field = move |name: &str| -> Option<HtmlInputElement> {
        let found = form.get_untracked()?.query_selector(&format!("[name={name}]")).ok()??;
        found.dyn_into().ok()
    };
    let text =
        move |name: &str| field(name).map_or_else(String::new, |field| field.value().trim().to_owned());
    Effect::new(move |_| {
        if form.get().is_some()
            && let Ok(Some(first)) =
                form.get_untracked().map_or(Ok(None), |form| form.query_selector("input"))
            && let Ok(first) = first.dyn_into::<HtmlElement>()
        {
            platform::after_effects(move || drop(first.focus()));
        }
    });
    // What is set, or with `clear` removed.
    let set = move |clear: bool| -> Result<(), String> {
        match what {
            Typed::Tags => return board.tag_selected(&text("tags"), clear),
            Typed::Dates if clear => {
                board.change_selected("Cleared the dates", |fields| {
                    let any = fields.start.is_some() || fields.end.is_some();
                    any.then_some(ItemChange::Schedule { start: None, end: None })
                });
            }
            Typed::Dates => {
                let incomplete = |name| field(name).is_some_and(|field| field.validity().bad_input());
                if incomplete("start") || incomplete("end") {
                    return Err("Complete the date, or clear it.".to_owned());
                }
                let (start, end) = (date(&text("start"))?, date(&text("end"))?);
                if start.is_none() && end.is_none() {
                    return Err("Enter a start or an end.".to_owned());
                }
                board.change_selected("Set the dates", |fields| {
                    let (start, end) = (start.or(fields.start), end.or(fields.end));
                    ((start, end) != (fields.start, fields.end))
                        .then_some(ItemChange::Schedule { start, end })
                });
            }
            Typed::Effort => {
                let effort = if clear { None } else { Some(text("effort").parse::<PersonDays>()?) };
                let label = effort
                    .map_or_else(|| "Cleared the effort".to_owned(), |e| format!("Set the effort to {e} d"));
                board.change_selected(&label, |fields| {
                    (fields.effort != effort).then_some(ItemChange::Effort(effort))
                });
            }
        }
        Ok(())
    };
    let run = move |clear: bool| error.set(set(clear).err().unwrap_or_default());
    let key = move |event: KeyboardEvent| {
        if event.key() == "Escape" && !event.is_composing() {
            event.stop_propagation();
            close();
        }
    };
    let fields = match what {
        Typed::Tags => view! {
            <label>
                "Tags"
                <input name="tags" dir="auto" maxlength="400" autocomplete="off" placeholder="security, users" />
            </label>
        }
        .into_any(),
        Typed::Dates => view! {
            <label>"Start" <input type="date" name="start" /></label>
            <label>"End" <input type="date" name="end" /></label>
        }
        .into_any(),
        Typed::Effort => view! {
            <label>
                "Person-days"
                <input name="effort" inputmode="decimal" maxlength="12" autocomplete="off" />
            </label>
        }
        .into_any(),
    };
    let (set_label, clear_label) = match what {
        Typed::Tags => ("Add", "Remove"),
        Typed::Dates | Typed::Effort => ("Set", "Remove"),
    };
    view! {
        <form
            class="selection__form"
            aria-label=what.label()
            node_ref=form
            on:keydown=key
            on:submit=move |event| {
                event.prevent_default();
                run(false);
            }
        >
            {fields}
            <button class="button">{set_label}</button>
            <button type="button" class="button button--quiet" on:click=move |_| run(true)>
                {clear_label}
            </button>
            <Show when=move || !error.read().is_empty()>
                <span class="field__error" role="alert">
                    {move || error.get()}
                </span>
            </Show>
        </form>
    }
}
