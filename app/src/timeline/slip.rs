//! What a moved bar makes start too early: shown as ghosts where it would go, and shifted as one step.

use std::{collections::BTreeMap, sync::Arc};

use domain::{
    ItemChange, ItemId, Op, Reason, RoadmapId, Span, counted,
    dependency::{ItemRef, Move, Shift},
};
use leptos::{prelude::*, task::spawn_local};

use super::{
    bar::{ABOVE, HIGH, extent},
    rows::Row,
    state::{ROW, Timeline, px},
};
use crate::{
    board::{Board, dependencies::api::shift_items},
    live::Way,
    ui::{Icon, click},
};

/// What was moved so that others start too early.
pub(super) type Moved = Arc<Vec<ItemId>>;

/// The most keys of items that stay that are named.
const NAMED: usize = 3;

impl Timeline {
    /// Offers to shift what starts too early, after items were moved; `before` is when they were planned.
    pub(super) fn offer_shift(&self, before: &[(ItemId, Span)]) {
        let later = |(id, was): &(ItemId, Span)| {
            let now = self.span(*id);
            (now.end > was.end).then_some((*id, now))
        };
        let moved: BTreeMap<ItemId, Span> = before.iter().filter_map(later).collect();
        if !moved.is_empty() && !self.board.slip(&moved).is_empty() {
            self.slipped.set(Some(Arc::new(moved.into_keys().collect())));
        }
    }

    /// What has to move because of what is dragged, or was moved last.
    pub(super) fn find_shifts(&self) -> Vec<Shift> {
        self.board.links.track();
        if let Some(moving) = self.moving.get() {
            let is_moved = |(id, span): &(&ItemId, &Span)| self.span(**id).end < span.end;
            return self.board.slip(&moving.iter().filter(is_moved).map(|(id, span)| (*id, *span)).collect());
        }
        let Some(moved) = self.slipped.get() else { return Vec::new() };
        self.board.room.revision.track();
        self.board.slip(&moved.iter().map(|id| (*id, self.span(*id))).collect())
    }

    /// Those among them that are shown and that this person may change, and when they would be planned.
    fn own(&self, shifts: &[Shift]) -> Vec<(ItemRef, Span)> {
        let own = shifts.iter().filter(|shift| {
            self.board.is_shown(shift.item) && self.board.at(shift.item.item).room.can_edit()
        });
        own.map(|shift| (shift.item, shift.to)).collect()
    }

    /// `ERP-12 moved`, as the history of what is shifted in a product says why. Where few see the product of the cause, other products
    /// do not name it.
    fn cause(&self, moved: &[ItemId], product: RoadmapId) -> Option<Reason> {
        let first = *moved.first()?;
        let of = self.board.at(first).room.product.get_untracked();
        if of.restricted && of.roadmap != product {
            return Reason::parse("An item that this waits for moved").ok();
        }
        let first = self.board.key_of(self.board.item_ref(first));
        let more = if moved.len() > 1 { format!(" and {} more", moved.len() - 1) } else { String::new() };
        Reason::parse(&format!("{first}{more} moved")).ok()
    }

    /// Shifts what starts too early, as one step. False where nothing is offered.
    pub(super) fn shift(&self) -> bool {
        let Some(moved) = self.slipped.get_untracked() else { return false };
        let shifts = self.shifts.get_untracked();
        let (own, far) = (self.own(&shifts), self.far(&shifts));
        self.slipped.set(None);
        let Some(first) = moved.first().filter(|_| !own.is_empty() || !far.is_empty()) else { return false };
        let count = own.len();
        let mut by_product: BTreeMap<RoadmapId, Vec<Op>> = BTreeMap::new();
        for (item, Span { start, end }) in own {
            let op = Op::set(item.item, ItemChange::Schedule { start, end });
            by_product.entry(item.roadmap).or_default().push(op);
        }
        let (mut did, mut inverse) = (Vec::new(), Vec::new());
        for (product, ops) in by_product {
            let op = Op::Batch { ops, reason: self.cause(&moved, product) };
            // Tried before it is sent: what one product refuses is named, and the others are shifted.
            let Some(edited) = self.board.room.edit(op.clone()) else { continue };
            did.push(op);
            inverse.splice(0..0, edited.inverse);
        }
        let did = match (did.pop(), did.is_empty()) {
            (Some(only), true) => only,
            (last, _) => {
                let each = |op| if let Op::Batch { ops, .. } = op { ops } else { Vec::new() };
                Op::batch(did.into_iter().chain(last).flat_map(each).collect())
            }
        };
        let cause = self.board.key_of(self.board.item_ref(*first));
        let shifted = Shifted { board: self.board, count, did, inverse, cause };
        if far.is_empty() {
            shifted.show_toast()
        } else {
            spawn_local(shifted.shift_far_too(far))
        }
        true
    }

    /// Those of other products that this person may shift, by product.
    fn far(&self, shifts: &[Shift]) -> Far {
        let links = self.board.links.read_untracked();
        let mut far = Far::new();
        for shift in shifts {
            let item = links.far.iter().find(|item| item.at == shift.item && item.can_edit);
            if let Some(item) = item {
                let (was, to) = ((item.plan.start, item.plan.end), (shift.to.start, shift.to.end));
                let (product, this) = (item.product.to_string(), Move { number: item.number, was, to });
                match far.iter_mut().find(|(other, _)| *other == product) {
                    Some((_, moves)) => moves.push(this),
                    None => far.push((product, vec![this])),
                }
            }
        }
        far
    }
}

/// What is to be shifted in other products, by their keys.
type Far = Vec<(String, Vec<Move>)>;

/// What was shifted here.
struct Shifted {
    board: Board,
    /// How many items.
    count: usize,
    did: Op,
    inverse: Vec<Op>,
    /// The key of what moved.
    cause: String,
}

impl Shifted {
    /// Shows a toast with *Undo*.
    fn show_toast(self) {
        let room = self.board.room;
        let label = format!("Shifted {}.", counted(self.count, "dependant", "dependants"));
        if !self.inverse.is_empty() {
            room.remember(label.clone(), self.did, self.inverse);
            room.toasts.undoable(label, move || room.undo());
        }
    }

    /// Shifts what waits in products that are not shown, each as a step of its roadmap. All of it is one step here.
    async fn shift_far_too(self, far: Far) {
        let Self { board, count, did, inverse, cause } = self;
        let done = shift_far(board, far, cause.clone(), false).await;
        let there: usize = done.iter().map(|(_, moves)| moves.len()).sum();
        // The page may have been left meanwhile.
        if (there == 0 && inverse.is_empty()) || board.links.is_disposed() {
            return;
        }
        let products = done.iter().map(|(product, _)| product.clone()).collect::<Vec<_>>().join(", ");
        let all = counted(count + there, "dependant", "dependants");
        let said = match there {
            0 => format!("Shifted {all}."),
            _ => format!("Shifted {all}, {there} in {products}."),
        };
        let go = move |way| {
            let is_back = way == Way::Back;
            let turn = |step: &Move| if is_back { step.back() } else { step.clone() };
            let each = |(product, moves): &(String, Vec<Move>)| {
                (product.clone(), moves.iter().map(turn).collect::<Vec<_>>())
            };
            let moves: Far = done.iter().map(each).collect();
            let cause = cause.clone();
            spawn_local(async move {
                shift_far(board, moves, cause, is_back).await;
            });
        };
        board.room.remember_elsewhere_with_toast(said, did, inverse, go);
    }
}

/// Shifts items of other products, or undoes that; returns what was done.
async fn shift_far(board: Board, far: Far, cause: String, is_back: bool) -> Far {
    let mut done = Far::new();
    for (product, moves) in far {
        match shift_items(product.clone(), moves.clone(), cause.clone(), is_back).await {
            Ok(()) => done.push((product, moves)),
            Err(error) => board.room.toasts.error(format!("Not shifted in {product}: {}", error.sentence)),
        }
    }
    done
}

/// Where what starts too early would go.
pub(super) fn ghosts(timeline: Timeline) -> AnyView {
    let view = move || {
        let own = timeline.own(&timeline.shifts.read());
        let grid = timeline.grid()?;
        let places = timeline.places.read();
        let near = timeline.near.get();
        let ghost = |(item, span): (ItemRef, Span)| {
            let row = places.get(&Row::Item(item.item)).copied().filter(|row| near.contains(row))?;
            let (left, right) = extent(grid, span)?;
            Some(view! {
                <rect
                    class="bar__shift"
                    x=px(left)
                    y=px((row * ROW) as f64 + ABOVE)
                    width=px(right - left)
                    height=px(HIGH)
                    rx="4"
                />
            })
        };
        Some(own.into_iter().filter_map(ghost).collect_view())
    };
    view! { <g aria-hidden="true">{view}</g> }.into_any()
}

/// The offer to shift them, at the lower edge.
pub(super) fn offer(timeline: Timeline) -> AnyView {
    let board = timeline.board;
    let offered = Memo::new(move |_| {
        if timeline.moving.read().is_some() || timeline.slipped.read().is_none() {
            return None;
        }
        board.links.track();
        let shifts = timeline.shifts.get();
        let own = timeline.own(&shifts);
        let far: usize = timeline.far(&shifts).iter().map(|(_, moves)| moves.len()).sum();
        let stays = |shift: &&Shift| {
            let links = board.links.read_untracked();
            !own.iter().any(|(item, _)| *item == shift.item)
                && !links.far.iter().any(|item| item.at == shift.item && item.can_edit)
        };
        let stay: Vec<String> = shifts.iter().filter(stays).map(|shift| board.key_of(shift.item)).collect();
        (!shifts.is_empty()).then_some((own.len() + far, stay))
    });
    let view = move || {
        let (own, far) = offered.get()?;
        let said = match own {
            0 => None,
            1 => Some("1 dependant now starts too early.".to_owned()),
            _ => Some(format!("{own} dependants now start too early.")),
        };
        let named = far.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
        let more = if far.len() > NAMED { format!(" and {} more", far.len() - NAMED) } else { String::new() };
        let stays = match far.len() {
            0 => None,
            1 => Some(format!("{named} stays: you can’t change it.")),
            _ => Some(format!("{named}{more} stay: you can’t change them.")),
        };
        let shift = (own > 0).then(|| {
            let label = format!("Shift {}", counted(own, "dependant", "dependants"));
            view! {
                <button
                    type="button"
                    class="button button--primary"
                    title="Shift them (R)"
                    on:click=click(move |_| {
                        let _ = timeline.shift();
                    })
                >
                    {label}
                </button>
            }
        });
        Some(view! {
            <div class="slip" role="group" aria-label="Dependants that start too early">
                <Icon name="warning" />
                <p role="status">
                    {said}
                    " "
                    {stays}
                </p>
                {shift}
                <button
                    type="button"
                    class="icon-button"
                    aria-label="Leave them"
                    title="Leave them"
                    on:click=click(move |_| timeline.slipped.set(None))
                >
                    <Icon name="close" />
                </button>
            </div>
        })
    };
    view! { {view} }.into_any()
}
