//! The roadmap board of a product.

mod add;
mod address;
mod attention;
pub(crate) mod badges;
mod balance;
mod bulk;
mod card;
mod conflicts;
mod drag;
mod empty;
mod filter;
mod filter_menu;
mod focus;
mod incremental;
mod keys;
mod lane;
mod lane_drag;
mod mark;
mod menu;
mod moves;
mod order;
mod page;
mod panel;
mod presence;
mod press;
mod running_votes;
mod selection;
mod windowing;
mod work;

use std::collections::BTreeSet;

use domain::{ItemId, LaneId, Roadmap, VotingId, filter::Filter};
use leptos::prelude::*;

use crate::{live::Room, platform};

pub(crate) use add::{Naming, name_field};
pub(crate) use page::BoardPage;
pub(crate) use panel::panel;
pub(crate) use presence::tint;
pub(crate) use work::work;

/// What the parts of an open board share: the room, and what only this page knows.
#[derive(Clone, Copy)]
pub(crate) struct Board {
    pub(crate) room: Room,
    filter: RwSignal<Filter>,
    by_votes: RwSignal<bool>,
    selected: RwSignal<BTreeSet<ItemId>>,
    /// From which card to which `Shift` selected last.
    range: StoredValue<Option<(ItemId, ItemId)>>,
    /// Whether the panel is to take the focus: it was asked for by a key.
    focus_panel: StoredValue<bool>,
    /// What there is in each lane.
    lists: RwSignal<Vec<windowing::List>>,
    /// How many cards of each lane are rendered; the rest are links until their turn comes.
    rendered: RwSignal<usize>,
    /// The lane that was scrolled last.
    scrolled: RwSignal<Option<LaneId>>,
    /// The item in the panel.
    open: Memo<Option<ItemId>>,
    /// The lane in which a new item is being typed.
    composing: RwSignal<Option<LaneId>>,
    /// The lane whose name is being edited.
    renaming: RwSignal<Option<LaneId>>,
    /// Whether the name of a new lane is being typed.
    adding_lane: RwSignal<bool>,
    /// What votes say of items, sorted by item.
    standing: RwSignal<Vec<Standing>>,
    menu: RwSignal<Option<menu::OpenMenu>>,
    keys_shown: RwSignal<bool>,
}

/// What a vote says of an item.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Standing {
    item: ItemId,
    /// Whether it is over and its result shown; otherwise it is under way.
    is_result: bool,
    /// The session. Older ones come first.
    voting: VotingId,
    /// The points so far, or nothing where they are not open to see; or the result.
    says: String,
    /// What the session is called.
    title: String,
}

/// The lanes in board order, with their names.
fn lanes(roadmap: &Roadmap) -> impl Iterator<Item = (LaneId, String)> {
    let lanes = roadmap.lane_order().iter().filter_map(|lane| roadmap.lane(*lane));
    lanes.map(|lane| (lane.id, lane.name.to_string()))
}

impl Board {
    fn new(room: Room, open: Memo<Option<ItemId>>, filter: Filter, by_votes: bool) -> Self {
        Self {
            room,
            filter: RwSignal::new(filter),
            by_votes: RwSignal::new(by_votes),
            selected: RwSignal::default(),
            range: StoredValue::new(None),
            focus_panel: StoredValue::new(false),
            lists: RwSignal::default(),
            rendered: RwSignal::new(incremental::FIRST),
            scrolled: RwSignal::new(None),
            open,
            composing: RwSignal::new(None),
            renaming: RwSignal::new(None),
            adding_lane: RwSignal::new(false),
            standing: RwSignal::default(),
            menu: RwSignal::new(None),
            keys_shown: RwSignal::new(false),
        }
    }

    /// Items of a lane in the order in which they are shown: by votes when asked.
    fn arranged(&self, order: &[ItemId]) -> Vec<ItemId> {
        if self.by_votes.get() {
            self.room.track(|roadmap| domain::filter::by_votes(roadmap, order))
        } else {
            order.to_vec()
        }
    }

    /// Those that the filter shows.
    fn matching(&self, items: &[ItemId]) -> Vec<ItemId> {
        let filter = self.filter.read();
        if filter.is_empty() {
            return items.to_vec();
        }
        let matches = filter.matcher(platform::fold);
        self.room.track(|roadmap| {
            items.iter().copied().filter(|id| roadmap.item(*id).is_some_and(|item| matches(item))).collect()
        })
    }

    /// Items of a lane as they are shown.
    fn visible(&self, order: &[ItemId]) -> Vec<ItemId> {
        self.matching(&self.arranged(order))
    }

    /// The address of an item's panel.
    fn item_path(&self, number: u32) -> String {
        let key = &self.room.product.read_untracked().key;
        format!("/p/{key}/i/{key}-{number}")
    }

    /// The address of a new voting session on these items, in board order.
    fn vote_path(&self, items: &[ItemId]) -> String {
        let key = self.room.product.read_untracked().key.to_string();
        let keys: Vec<String> = self.room.with(|roadmap| {
            let board = roadmap.lane_order().iter().flat_map(|lane| roadmap.lane_items(*lane));
            let items = board.filter(|id| items.contains(id)).filter_map(|id| roadmap.item(*id));
            items.map(|item| format!("{key}-{}", item.number)).collect()
        });
        format!("/voting/new?product={key}&items={}", keys.join(","))
    }

    fn board_path(&self) -> String {
        format!("/p/{}", self.room.product.read_untracked().key)
    }
}
