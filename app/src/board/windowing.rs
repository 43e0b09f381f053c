//! Which cards of a lane are drawn.
//!
//! All cards are in the document, for those who print it or read it without this program. What the filter does not show is
//! hidden. Of a long lane only the cards near what is in sight are laid out and painted: the others are empty boxes as high as
//! the cards were last. `content-visibility`, which would leave them to a search of the browser, was measured: each such box
//! is a layer, and with hundreds of them whatever the pointer does takes twice as long.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use domain::ItemId;
use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast as _;
use web_sys::HtmlElement;

use super::{
    Board,
    focus::{self, FAR},
    ids::{self, card_id, list_id},
    order,
    state::List,
};
use crate::platform;

/// A lane with no more cards than this is drawn whole.
const WHOLE: usize = 40;
/// So many cards are drawn beyond those in sight, to either side.
const BEYOND: usize = 4;
/// When fewer than this are left beyond them, it is seen anew which those are.
const LEAST: usize = 2;

/// How high a card is that is far from what is in sight.
const HEIGHT: &str = "--height";

/// Why a card is not drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Undrawn {
    /// The filter does not show it.
    Filtered,
    /// It is far from what is in sight.
    Far,
}

/// Whether the card at this place of so many that are shown is not to be drawn.
fn is_far(shown: usize, near: &Range<usize>, at: usize) -> bool {
    shown > WHOLE && !near.contains(&at)
}

impl List {
    /// Whether a card that comes is not to be drawn yet.
    pub(super) fn is_far(self, id: ItemId) -> bool {
        let (shown, near) = (self.shown.read_untracked(), self.near.read_untracked());
        // Before it is known what is in sight, nothing is far, and nothing has to be looked for.
        near.end < usize::MAX
            && shown.iter().position(|other| *other == id).is_some_and(|at| is_far(shown.len(), &near, at))
    }

    /// The cards that the filter shows and that are not to be drawn; none when the lane has gone.
    fn far(self) -> BTreeSet<ItemId> {
        let mut far = BTreeSet::new();
        if let (Some(shown), Some(near)) = (self.shown.try_read_untracked(), self.near.try_read_untracked()) {
            let ids = shown.iter().enumerate().filter(|(at, _)| is_far(shown.len(), &near, *at));
            far.extend(ids.map(|(_, id)| *id));
        }
        far
    }
}

/// Keeps those cards of the lanes drawn that should be, from now on.
pub(super) fn follow(board: Board) {
    Effect::new(move |_| {
        for list in board.lists.get() {
            let window = Window::follow(list);
            Effect::new(move |_| {
                if board.scrolled.get() == Some(list.lane) {
                    window.look();
                }
            });
            Effect::new(move |_| {
                board.rendered.track();
                platform::next_frame(move || window.look());
            });
            let handle = window_event_listener(ev::resize, move |_| window.look());
            on_cleanup(move || handle.remove());
        }
    });
}

/// What is drawn of a lane.
#[derive(Clone, Copy)]
struct Window {
    list: List,
}

impl Window {
    fn follow(list: List) -> Self {
        let List { arranged, shown, near, .. } = list;
        let window = Self { list };
        if let Some(in_sight) = window.in_sight() {
            list.near.set(reaching(&in_sight, BEYOND));
        }
        Effect::new(move |former: Option<Vec<Looks>>| {
            // The lane may have gone, in the same moment as something changed in it.
            let (Some(arranged), Some(shown)) = (arranged.try_read(), shown.try_read()) else {
                return former.unwrap_or_default();
            };
            let looks = looks(&arranged, &shown, &near.read());
            let changes = former.map_or_else(|| looks.clone(), |former| changes(&former, &looks));
            if !changes.is_empty() {
                platform::after_effects(move || draw(list, &changes));
            }
            looks
        });
        let count = Memo::new(move |_| shown.try_read().map_or(0, |shown| shown.len()));
        Effect::new(move |_| {
            count.track();
            platform::next_frame(move || window.look());
        });
        window
    }

    /// Sees which cards are in sight: the lane was scrolled, or is of another size.
    fn look(self) {
        let (Some(in_sight), Some(near)) = (self.in_sight(), self.list.near.try_get_untracked()) else {
            return;
        };
        let least = reaching(&in_sight, LEAST);
        if least.start < near.start || least.end > near.end || near.len() > in_sight.len() + 2 * BEYOND {
            self.list.near.set(reaching(&in_sight, BEYOND));
        }
    }

    /// Which cards of a long lane are in sight, while the lane is there.
    fn in_sight(self) -> Option<Range<usize>> {
        let shown = self.list.shown.try_read_untracked()?;
        if shown.len() <= WHOLE {
            return None;
        }
        let list = platform::element(&list_id(self.list.lane))?;
        let top = list.scroll_top();
        let bottom = top + list.client_height();
        let card = |id: &ItemId| platform::element(&card_id(*id))?.dyn_into::<HtmlElement>().ok();
        let is_above =
            |id: &ItemId| card(id).is_some_and(|card| card.offset_top() + card.offset_height() <= top);
        let begins_above = |id: &ItemId| card(id).is_some_and(|card| card.offset_top() < bottom);
        Some(shown.partition_point(is_above)..shown.partition_point(begins_above))
    }
}

/// What is in sight, and so many cards beyond it to either side.
fn reaching(in_sight: &Range<usize>, beyond: usize) -> Range<usize> {
    in_sight.start.saturating_sub(beyond)..in_sight.end + beyond
}

/// A card, and why it is not drawn where it is not.
type Looks = (ItemId, Option<Undrawn>);

/// How the cards of a lane are to look. Those that are shown are in the same order as all of them.
fn looks(arranged: &[ItemId], shown: &[ItemId], near: &Range<usize>) -> Vec<Looks> {
    let mut at = 0;
    let mut look = |id: &ItemId| {
        if shown.get(at) != Some(id) {
            return Some(Undrawn::Filtered);
        }
        at += 1;
        is_far(shown.len(), near, at - 1).then_some(Undrawn::Far)
    };
    arranged.iter().map(|id| (*id, look(id))).collect()
}

/// Which cards look different from before. Those that came are drawn.
fn changes(former: &[Looks], now: &[Looks]) -> Vec<Looks> {
    let (before, after) = order::changed(former, now);
    let mut were = BTreeMap::new();
    were.extend(former[before].iter().copied());
    now[after].iter().filter(|(id, look)| were.get(id).copied().flatten() != *look).copied().collect()
}

/// Shows cards at once and empties far ones after the frame, when the layout is computed anyway and reading heights is cheap.
fn draw(list: List, changes: &[Looks]) {
    let mut emptied = Vec::new();
    for (id, undrawn) in changes {
        let Some(card) = html(*id) else { continue };
        if *undrawn == Some(Undrawn::Far) && !card.hidden() && !card.has_attribute(FAR) {
            emptied.push(*id);
            continue;
        }
        card.set_hidden(*undrawn == Some(Undrawn::Filtered));
        let _ = card.toggle_attribute_with_force(FAR, *undrawn == Some(Undrawn::Far));
    }
    // What is far cannot be reached by `Tab`.
    if let Some(link) = focus::reached(list.lane) {
        focus::reveal(&link);
    }
    focus::ensure_reachable(list.lane);
    if !emptied.is_empty() {
        platform::after_frame(move || empty(list, &emptied));
    }
}

/// Empties those of the cards that are still far. What `Tab` reaches stays.
fn empty(list: List, cards: &[ItemId]) {
    let reached = focus::reached(list.lane).and_then(|link| ids::item_of(&link));
    let far = list.far();
    let is_emptied = |id: &&ItemId| reached != Some(**id) && far.contains(*id);
    // Heights are read before anything changes, and so without another layout.
    let heights: Vec<_> = cards
        .iter()
        .filter(is_emptied)
        .filter_map(|id| html(*id))
        .filter(|card| !card.has_attribute(FAR))
        .map(|card| (card.offset_height(), card))
        .collect();
    for (height, card) in heights {
        if height > 0 {
            let _ = card.style().set_property(HEIGHT, &format!("{height}px"));
        }
        let _ = card.set_attribute(FAR, "");
    }
}

fn html(id: ItemId) -> Option<HtmlElement> {
    platform::element(&card_id(id)).and_then(|card| card.dyn_into().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(numbers: Range<usize>) -> Vec<ItemId> {
        numbers.map(|number| ItemId::new(number as u64, [0; 10])).collect()
    }

    /// How many are drawn, hidden by the filter, and far.
    fn count(looks: &[Looks]) -> [usize; 3] {
        [None, Some(Undrawn::Filtered), Some(Undrawn::Far)]
            .map(|look| looks.iter().filter(|(_, other)| *other == look).count())
    }

    #[test]
    fn a_short_lane_is_drawn_whole_wherever_it_is_scrolled_to() {
        let cards = ids(0..WHOLE);
        assert_eq!(count(&looks(&cards, &cards, &(30..35))), [WHOLE, 0, 0]);
    }

    #[test]
    fn of_a_long_lane_those_near_what_is_in_sight_are_drawn() {
        let cards = ids(0..100);
        let looks = looks(&cards, &cards, &(20..50));
        assert_eq!(count(&looks), [30, 0, 70]);
        assert_eq!(count(&looks[20..50]), [30, 0, 0]);
    }

    #[test]
    fn what_is_near_is_counted_among_those_that_the_filter_shows() {
        let (cards, shown) = (ids(0..200), ids(100..160));
        let looks = looks(&cards, &shown, &(0..10));
        assert_eq!(count(&looks), [10, 140, 50]);
        assert_eq!(count(&looks[100..110]), [10, 0, 0]);
    }

    #[test]
    fn only_what_looks_different_is_drawn_anew() {
        let cards = ids(0..100);
        let before = looks(&cards, &cards, &(0..20));
        assert_eq!(count(&changes(&[], &before)), [0, 0, 80], "what came is drawn already");
        assert_eq!(changes(&before, &before), []);
        assert_eq!(count(&changes(&before, &looks(&cards, &cards, &(10..30)))), [10, 0, 10], "scrolled");
        let mut moved = cards.clone();
        moved[..61].rotate_left(1);
        let after = looks(&moved, &moved, &(0..20));
        assert_eq!(changes(&before, &after), [(cards[20], None), (cards[0], Some(Undrawn::Far))]);
        assert_eq!(changes(&after, &looks(&moved[..60], &moved[..60], &(0..20))), [], "the rest went");
    }
}
