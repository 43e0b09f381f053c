//! The menu of a card or a lane: everything dragging can do, and more, without dragging.

use domain::{Face, FavouriteKind, ItemId, LaneId, Op, Place, Status};
use leptos::{html, prelude::*};
use wasm_bindgen::JsCast as _;
use web_sys::{HtmlElement, KeyboardEvent};

use super::{
    Board, focus, lanes,
    moves::{Step, Tell},
    state::{OpenMenu, Subject},
};
use crate::{platform, ui::Icon};

/// One line of a menu.
pub(crate) struct Line {
    label: String,
    keys: &'static str,
    /// Whether it deletes something.
    deletes: bool,
    /// Of a choice among others, whether it is the one that holds.
    chosen: Option<bool>,
    run: Box<dyn Fn() + Send + Sync>,
}

impl Line {
    pub(crate) fn new(
        label: impl Into<String>,
        keys: &'static str,
        run: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        Self { label: label.into(), keys, deletes: false, chosen: None, run: Box::new(run) }
    }

    pub(crate) fn deletes(self) -> Self {
        Self { deletes: true, ..self }
    }

    pub(crate) fn chosen(self, is: bool) -> Self {
        Self { chosen: Some(is), ..self }
    }
}

/// A part of a menu, with its heading.
pub(crate) struct Part {
    pub(crate) heading: &'static str,
    pub(crate) lines: Vec<Line>,
}

impl Board {
    pub(crate) fn open_menu(&self, subject: Subject, event: &web_sys::MouseEvent) {
        event.prevent_default();
        event.stop_propagation();
        let button = event.current_target().and_then(|target| target.dyn_into::<HtmlElement>().ok());
        if let Some(button) = button {
            self.open_menu_at(subject, &button);
        }
    }

    pub(crate) fn open_menu_at(&self, subject: Subject, anchor: &HtmlElement) {
        let place = anchor.get_bounding_client_rect();
        self.menu.set(Some(OpenMenu { subject, x: place.left(), y: place.bottom() + 4.0 }));
    }

    /// Opens a menu where the pointer is.
    pub(crate) fn open_menu_at_point(&self, subject: Subject, x: f64, y: f64) {
        self.menu.set(Some(OpenMenu { subject, x, y }));
    }

    /// Opens a menu of another face than the board.
    pub(crate) fn open_face_menu(&self, parts: Vec<Part>, anchor: &HtmlElement) {
        self.face_menu.set_value(parts);
        self.open_menu_at(Subject::Face, anchor);
    }

    fn item_menu(self, id: ItemId, open: OpenMenu) -> Vec<Part> {
        let products = OpenMenu { subject: Subject::Product(id), ..open };
        let step = move |step| move || self.step(id, step);
        let here = self.room.with(|roadmap| roadmap.item(id).map(|item| item.lane));
        // Lanes and votes are of one product.
        let own = self.at(id);
        let with = move || if self.portfolio.is_some() { vec![id] } else { self.with_selection(id) };
        let to = own
            .room
            .with(|roadmap| lanes(roadmap).filter(|(lane, _)| Some(*lane) != here).collect::<Vec<_>>());
        let to = to.into_iter().map(|(lane, name)| {
            Line::new(name, "", move || {
                own.move_items(with(), lane, Place::Last, Tell::Toast);
            })
        });
        let mut rows = Vec::new();
        if self.face.get_untracked() == Face::Table {
            rows.push(Line::new("Insert below", "", move || self.inserting.set(Some(id))));
        }
        let mut lines = vec![
            Line::new("Upvote or withdraw", "V", move || self.toggle_vote(id)),
            Line::new("Select", "X", move || {
                self.toggle_selected(id);
                focus::card(id);
            }),
            Line::new("Add dependency…", "B", move || self.begin_dependency(id)),
            Line::new("Duplicate", "D", move || self.duplicate(&self.with_selection(id))),
            Line::new("Copy link", "Y", move || self.copy_link_to(id)),
            Line::new("Copy as Markdown", "Shift Y", move || self.copy_markdown(&self.with_selection(id))),
            Line::new("Save as template", "", move || self.save_as_template(id)),
            Line::new(self.star_words(FavouriteKind::Item, id.0), "S", move || self.star_item(id)),
            Line::new("Start a vote…", "", move || {
                let path = own.vote_path(&with());
                platform::window().location().assign(&path).unwrap_or_default();
            }),
        ];
        if !self.target_products(id).is_empty() {
            lines.push(Line::new("Move to product…", "", move || self.menu.set(Some(products))));
        }
        lines.push(Line::new("Delete", "Del", move || self.delete(self.with_selection(id))).deletes());
        vec![
            Part { heading: "Row", lines: rows },
            Part { heading: "Move to", lines: to.collect() },
            Part {
                heading: "Order",
                // In columns a step is to another one.
                lines: if untrack(|| self.has_columns()) {
                    Vec::new()
                } else {
                    vec![
                        Line::new("Move up", "Alt ↑", step(Step::Up)),
                        Line::new("Move down", "Alt ↓", step(Step::Down)),
                        Line::new("Move to top", "Alt Home", step(Step::Top)),
                        Line::new("Move to bottom", "Alt End", step(Step::Bottom)),
                    ]
                },
            },
            Part { heading: "Item", lines },
        ]
    }

    fn lane_menu(self, id: LaneId, open: OpenMenu) -> Vec<Part> {
        let order = self.room.with(|roadmap| roadmap.lane_order().to_vec());
        let index = order.iter().position(|lane| *lane == id).unwrap_or_default();
        let rest: Vec<LaneId> = order.iter().copied().filter(|lane| *lane != id).collect();
        let to = |index: usize| {
            let place = Place::at(&rest, index);
            move || self.move_lane(id, place)
        };
        let status = OpenMenu { subject: Subject::LaneStatus(id), ..open };
        let mut lines = vec![
            Line::new("Rename", "", move || self.renaming.set(Some(id))),
            Line::new("Set status of items put here…", "", move || self.menu.set(Some(status))),
            Line::new("Set limit…", "", move || self.limiting.set(Some(id))),
            Line::new("New from template…", "T", move || self.offer_templates(Some(id))),
        ];
        if index > 0 {
            lines.push(Line::new("Move left", "", to(index - 1)));
        }
        if index + 1 < order.len() {
            lines.push(Line::new("Move right", "", to(index + 1)));
        }
        let is_empty = self.room.with(|roadmap| roadmap.lane_items(id).is_empty());
        if let Some(other) = rest.first().copied() {
            let delete = if is_empty {
                Line::new("Delete lane", "", move || self.delete_lane(id, other))
            } else {
                let ask = OpenMenu { subject: Subject::DeleteLane(id), ..open };
                Line::new("Delete lane…", "", move || self.menu.set(Some(ask)))
            };
            lines.push(delete.deletes());
        }
        vec![Part { heading: "Lane", lines }]
    }

    /// Which status a lane sets.
    fn lane_status_menu(self, id: LaneId) -> Vec<Part> {
        let Some((name, now)) =
            self.room.with(|roadmap| roadmap.lane(id).map(|lane| (lane.name.to_string(), lane.status)))
        else {
            return Vec::new();
        };
        let line = |status: Option<Status>| {
            let (label, told) = match status {
                Some(status) => (status.label(), format!("Items put into {name} become {}.", status.label())),
                None => ("Keep their status", format!("Items put into {name} keep their status.")),
            };
            let set = move || {
                self.room.edit_with_toast(Op::SetLaneStatus { id, status }, told.clone());
            };
            Line::new(label, "", set).chosen(now == status)
        };
        let all = std::iter::once(None).chain(Status::ALL.iter().copied().map(Some));
        vec![Part { heading: "Items put here", lines: all.map(line).collect() }]
    }

    /// Where the items of a lane go that is to be deleted.
    fn delete_lane_menu(self, id: LaneId) -> Vec<Part> {
        let others =
            self.room.with(|roadmap| lanes(roadmap).filter(|(lane, _)| *lane != id).collect::<Vec<_>>());
        let lines = others
            .into_iter()
            .map(|(other, name)| Line::new(name, "", move || self.delete_lane(id, other)).deletes());
        vec![Part { heading: "Delete, and move items to", lines: lines.collect() }]
    }

    fn delete_lane(self, id: LaneId, move_to: LaneId) {
        let label = self.room.with(|roadmap| {
            let name = |id| roadmap.lane(id).map_or_else(String::new, |lane| lane.name.to_string());
            if roadmap.lane_items(id).is_empty() {
                format!("Deleted the lane {}.", name(id))
            } else {
                format!("Deleted the lane {}; its items are in {}.", name(id), name(move_to))
            }
        });
        self.room.edit_with_toast(Op::DeleteLane { id, move_to }, label);
    }
}

/// The open menu, above everything else. Closes on a choice, on `Esc` and when the focus leaves it.
#[component]
pub(super) fn Menu() -> impl IntoView {
    let board = expect_context::<Board>();
    move || board.menu.get().map(|open| view! { <MenuList open /> })
}

#[component]
fn MenuList(open: OpenMenu) -> impl IntoView {
    let board = expect_context::<Board>();
    let list = NodeRef::<html::Div>::new();
    let opener = send_wrapper::SendWrapper::new(platform::focused());
    let parts = match open.subject {
        Subject::Item(id) => board.item_menu(id, open),
        Subject::Product(id) => board.product_menu(id),
        Subject::Lane(id) => board.lane_menu(id, open),
        Subject::LaneStatus(id) => board.lane_status_menu(id),
        Subject::DeleteLane(id) => board.delete_lane_menu(id),
        Subject::Selection(property) => board.selection_menu(property),
        Subject::Face => board.face_menu.try_update_value(std::mem::take).unwrap_or_default(),
    };
    Effect::new(move |_| {
        let Some(list) = list.get() else { return };
        place(&list, open);
        focus_line(&list, 0);
    });
    let close = {
        let opener = opener.clone();
        move || {
            board.menu.set(None);
            if let Some(opener) = opener.as_ref() {
                let _ = opener.focus();
            }
        }
    };
    let keys = {
        let close = close.clone();
        move |event: KeyboardEvent| {
            event.stop_propagation();
            let Some(list) = list.get_untracked() else { return };
            match event.key().as_str() {
                "ArrowDown" => move_focus(&list, 1),
                "ArrowUp" => move_focus(&list, -1),
                "Home" => focus_line(&list, 0),
                "End" => move_focus(&list, i32::MAX),
                "Escape" | "Tab" => close(),
                _ => return,
            }
            event.prevent_default();
        }
    };
    let leave = move |event: web_sys::FocusEvent| {
        let to = event.related_target().and_then(|target| target.dyn_into::<web_sys::Node>().ok());
        // A menu that is gone already loses the focus by that.
        let Some(list) = list.try_get_untracked().flatten() else { return };
        if !to.is_some_and(|to| list.contains(Some(&to))) {
            board.menu.set(None);
        }
    };
    let close = StoredValue::new(send_wrapper::SendWrapper::new(close));
    let part = move |part: Part| {
        let lines = part.lines.into_iter().map(|line| {
            let run = line.run;
            let choose = move |_| {
                close.with_value(|close| close());
                run();
            };
            view! {
                <button
                    type="button"
                    class="menu__line"
                    class:menu__line--deletes=line.deletes
                    role=if line.chosen.is_some() { "menuitemradio" } else { "menuitem" }
                    aria-checked=line.chosen.map(|is| is.to_string())
                    tabindex="-1"
                    on:click=choose
                >
                    <span class="menu__label" dir="auto">
                        {line.label}
                    </span>
                    {if line.chosen == Some(true) {
                        view! { <Icon name="check" /> }.into_any()
                    } else {
                        view! { <kbd class="menu__keys">{line.keys}</kbd> }.into_any()
                    }}
                </button>
            }
        });
        view! {
            <div class="menu__part" role="group" aria-label=part.heading>
                <p class="menu__heading" aria-hidden="true">
                    {part.heading}
                </p>
                {lines.collect_view()}
            </div>
        }
    };
    view! {
        <div class="menu" role="menu" aria-label="Actions" node_ref=list on:keydown=keys on:focusout=leave>
            {parts.into_iter().filter(|part| !part.lines.is_empty()).map(part).collect_view()}
        </div>
    }
}

/// Puts the menu where it was asked for, but inside the window.
fn place(list: &HtmlElement, open: OpenMenu) {
    let window = platform::window();
    let size =
        |value: Result<wasm_bindgen::JsValue, _>| value.ok().and_then(|v| v.as_f64()).unwrap_or_default();
    let (width, height) = (size(window.inner_width()), size(window.inner_height()));
    let x = open.x.min(width - f64::from(list.offset_width()) - 8.0).max(8.0);
    let y = open.y.min(height - f64::from(list.offset_height()) - 8.0).max(8.0);
    let style = list.style();
    let _ = style.set_property("left", &format!("{x}px"));
    let _ = style.set_property("top", &format!("{y}px"));
}

fn lines(list: &HtmlElement) -> Vec<HtmlElement> {
    let Ok(found) = list.query_selector_all("[role^=menuitem]") else { return Vec::new() };
    (0..found.length()).filter_map(|index| found.get(index)?.dyn_into().ok()).collect()
}

fn focus_line(list: &HtmlElement, index: usize) {
    if let Some(line) = lines(list).get(index) {
        let _ = line.focus();
    }
}

fn move_focus(list: &HtmlElement, by: i32) {
    let lines = lines(list);
    let focused = platform::focused();
    let at = lines.iter().position(|line| focused.as_ref() == Some(line)).unwrap_or_default();
    let last = lines.len().saturating_sub(1);
    let to = i32::try_from(at).unwrap_or_default().saturating_add(by);
    let to = if to < 0 { last } else { usize::try_from(to).unwrap_or_default().min(last) };
    let to = if by == 1 && at == last { 0 } else { to };
    focus_line(list, to);
}
