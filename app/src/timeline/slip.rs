//! What a moved bar makes start too early: shown as ghosts where it would go, and shifted as one step.

use std::{collections::BTreeMap, sync::Arc};

use domain::{
    ItemChange, ItemId, Op, Reason, Span, counted,
    dependency::{FarItem, Move, Shift},
};
use leptos::{prelude::*, task::spawn_local};

use super::{
    bar::{ABOVE, HIGH, extent},
    rows::Row,
    state::{ROW, Timeline, px},
};
use crate::{
    board::{Board, dependencies::api::shift_items},
    ui::Icon,
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

    /// Those of this roadmap among them, and when they would be planned.
    fn own(&self, shifts: &[Shift]) -> Vec<(ItemId, Span)> {
        let here = self.board.item_ref(ItemId::NIL).roadmap;
        let own = shifts.iter().filter(|shift| shift.item.roadmap == here);
        own.map(|shift| (shift.item.item, shift.to)).collect()
    }

    /// `ERP-12 moved`, as the history of what is shifted says why.
    fn cause(&self, moved: &[ItemId]) -> Option<Reason> {
        let first = self.board.key_of(self.board.item_ref(*moved.first()?));
        let more = if moved.len() > 1 { format!(" and {} more", moved.len() - 1) } else { String::new() };
        Reason::parse(&format!("{first}{more} moved")).ok()
    }

    /// Shifts what starts too early, as one step. False where nothing is offered.
    pub(super) fn shift(&self) -> bool {
        let Some(moved) = self.slipped.get_untracked() else { return false };
        let shifts = self.shifts.get_untracked();
        let (own, far) = (self.own(&shifts), self.far(&shifts));
        self.slipped.set(None);
        if own.is_empty() && far.is_empty() {
            return false;
        }
        let count = own.len();
        let change = |(id, Span { start, end })| Op::set(id, ItemChange::Schedule { start, end });
        let ops: Vec<Op> = own.into_iter().map(change).collect();
        let own = (count > 0).then(|| Op::Batch { ops, reason: self.cause(&moved) });
        let room = self.board.room;
        let label = format!("Shifted {}.", counted(count, "dependant", "dependants"));
        match (own, moved.first().filter(|_| !far.is_empty())) {
            (Some(op), None) => return room.edit_with_toast(op, label),
            // The toast comes once the server has answered, and takes back all of it.
            (own, Some(first)) => {
                if let Some(op) = &own
                    && !room.edit_undoable(op.clone(), label)
                {
                    return false;
                }
                let cause = self.board.key_of(self.board.item_ref(*first));
                spawn_local(shift_far(self.board, own.map(|op| (op, count)), far, cause));
            }
            (None, None) => {}
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

/// Shifts what waits in other products, each as a step of its own, and offers to take all of it back: with what was shifted here by
/// `own`, and how many items that were.
async fn shift_far(board: Board, own: Option<(Op, usize)>, far: Far, cause: String) {
    let mut done = Far::new();
    for (product, moves) in far {
        match shift_items(product.clone(), moves.clone(), cause.clone(), false).await {
            Ok(()) => done.push((product, moves)),
            Err(error) => board.room.toasts.error(format!("Not shifted in {product}: {}", error.sentence)),
        }
    }
    let count: usize = done.iter().map(|(_, moves)| moves.len()).sum();
    // The page may have been left meanwhile.
    if (count == 0 && own.is_none()) || board.links.is_disposed() {
        return;
    }
    let products = done.iter().map(|(product, _)| product.clone()).collect::<Vec<_>>().join(", ");
    let (own, shifted) = own.unzip();
    let all = counted(shifted.unwrap_or_default() + count, "dependant", "dependants");
    let said =
        if count == 0 { format!("Shifted {all}.") } else { format!("Shifted {all}, {count} in {products}.") };
    board.room.toasts.undoable(said, move || {
        // The page may have been left meanwhile.
        if let Some(own) = own.as_ref().filter(|_| !board.links.is_disposed())
            && !board.room.undo_latest(own)
        {
            let sentence = "What was shifted here is no longer your latest edit. Use Ctrl Z to take it back.";
            board.room.toasts.info(sentence);
        }
        for (product, moves) in done.clone() {
            let (back, cause) = (moves.iter().map(Move::back).collect(), cause.clone());
            spawn_local(async move {
                if let Err(error) = shift_items(product, back, cause, true).await {
                    board.room.toasts.error(error.sentence);
                }
            });
        }
    });
}

/// Where what starts too early would go.
pub(super) fn ghosts(timeline: Timeline) -> AnyView {
    let view = move || {
        let own = timeline.own(&timeline.shifts.read());
        let grid = timeline.grid()?;
        let places = timeline.places.read();
        let near = timeline.near.get();
        let ghost = |(id, span): (ItemId, Span)| {
            let row = places.get(&Row::Item(id)).copied().filter(|row| near.contains(row))?;
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
        let shifts = timeline.shifts.get();
        let own = timeline.own(&shifts).len()
            + timeline.far(&shifts).iter().map(|(_, moves)| moves.len()).sum::<usize>();
        let far: Vec<String> = {
            let links = board.links.read();
            let stays = links.far.iter().filter(|item| !item.can_edit);
            let stays = stays.filter(|item| shifts.iter().any(|shift| shift.item == item.at));
            stays.map(FarItem::key).collect()
        };
        (!shifts.is_empty()).then_some((own, far))
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
                    on:click=move |_| {
                        let _ = timeline.shift();
                    }
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
                    on:click=move |_| timeline.slipped.set(None)
                >
                    <Icon name="close" />
                </button>
            </div>
        })
    };
    view! { {view} }.into_any()
}
