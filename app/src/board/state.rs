//! What the parts of an open board share.

use std::{collections::BTreeSet, ops::Range};

use domain::{
    Face, FiscalYear, Item, ItemId, LaneId, Look, Property as ItemProperty, Record, RecordId, Roadmap,
    Timestamp, VotingId,
    dependency::Dependencies,
    filter::{Filter, View},
    is_default_view, read_state, view_state,
};
use leptos::prelude::*;

use super::menu::Part;
use crate::{frame::RailFavourites, live::Room, pages::balance::data::PlanFrame, platform};

/// Cards of a lane that the page renders: about what a laptop's screen shows.
pub(super) const FIRST: usize = 12;

/// The address of the portfolio.
pub(super) const PORTFOLIO: &str = "/portfolio";

/// The most columns or swimlanes.
const MOST_GROUPS: usize = 60;

/// What the parts of an open board share: the room, and what only this page knows.
#[derive(Clone, Copy)]
pub(crate) struct Board {
    pub(crate) room: Room,
    /// Where the roadmaps of several products are shown as one. `room` is all of them then, or one of its parts.
    pub(crate) portfolio: Option<Portfolio>,
    /// Which of the product's addresses this is.
    pub(crate) address: Memo<Address>,
    /// The saved views that this person may see.
    pub(super) views: RwSignal<Vec<Record>>,
    /// As what the roadmap is shown.
    pub(crate) face: Memo<Face>,
    pub(crate) year: FiscalYear,
    /// The items as another face than the board shows them, from top to bottom.
    pub(crate) rows: RwSignal<Vec<ItemId>>,
    pub(crate) filter: RwSignal<Filter>,
    /// What the board has its columns and swimlanes by; nothing where it shows its lanes.
    pub(super) axes: Memo<Option<Axes>>,
    /// What cards show instead of their usual badges.
    pub(super) badges: Memo<Vec<ItemProperty>>,
    /// How it is looked at beside that.
    pub(crate) look: RwSignal<Look>,
    pub(crate) selected: RwSignal<BTreeSet<ItemId>>,
    /// From which card to which `Shift` selected last.
    pub(super) range: StoredValue<Option<(ItemId, ItemId)>>,
    /// Whether the panel is to take the focus: it was asked for by a key.
    pub(super) focus_panel: StoredValue<bool>,
    /// What there is in each lane.
    pub(super) lists: RwSignal<Vec<List>>,
    /// How many cards of each lane are rendered; the rest are links until their turn comes.
    pub(super) rendered: RwSignal<usize>,
    /// The lane that was scrolled last.
    pub(super) scrolled: RwSignal<Option<LaneId>>,
    /// The item in the panel.
    pub(crate) open: Memo<Option<ItemId>>,
    /// The lane in which a new item is being typed.
    pub(crate) composing: RwSignal<Option<LaneId>>,
    /// The lane whose name is being edited.
    pub(super) renaming: RwSignal<Option<LaneId>>,
    /// The lane whose limit is being set.
    pub(super) limiting: RwSignal<Option<LaneId>>,
    /// Whether the name of a new lane is being typed.
    pub(super) adding_lane: RwSignal<bool>,
    /// What votes say of items, sorted by item.
    pub(super) standing: RwSignal<Vec<Standing>>,
    /// What items depend on, and what depends on them.
    pub(crate) links: RwSignal<Dependencies>,
    /// The item below which a new one is typed, where the roadmap is a table.
    pub(crate) inserting: RwSignal<Option<ItemId>>,
    /// What others have changed since the person was here before.
    pub(super) news: RwSignal<News>,
    /// What the person has starred.
    pub(super) stars: RailFavourites,
    /// What its work is compared to.
    pub(super) frame: RwSignal<PlanFrame>,
    pub(crate) menu: RwSignal<Option<OpenMenu>>,
    /// What is in the menu of another face that is about to open.
    pub(super) face_menu: StoredValue<Vec<Part>>,
    pub(super) keys_shown: RwSignal<bool>,
}

/// What others have changed since the person was here before.
#[derive(Default)]
pub(super) struct News {
    /// When that was; nothing where it was never, or on a portfolio.
    pub(super) since: Option<Timestamp>,
    /// `None` as long as it is not known.
    pub(super) changed: Option<BTreeSet<ItemId>>,
    /// Whether there was too much to ask for all of it.
    pub(super) more: bool,
}

/// Which of a product's addresses is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Address {
    /// The product's own: its default view, or the board.
    Product,
    Face(Face),
    View(RecordId),
}

impl Address {
    /// Of a path such as `/p/ERP/timeline/i/ERP-12`; `None` where it is of another page.
    pub(super) fn of_path(path: &str) -> Option<Self> {
        let rest = path.strip_prefix("/p/")?;
        Some(Self::of_rest(rest.split_once('/').map_or("", |(_, rest)| rest)))
    }

    /// Of a path such as `/portfolio/timeline/i/ERP-12`; `None` where it is of another page.
    pub(super) fn of_portfolio(path: &str) -> Option<Self> {
        let rest = path.strip_prefix(PORTFOLIO)?;
        Some(Self::of_rest(rest.strip_prefix('/').unwrap_or(rest)))
    }

    fn of_rest(rest: &str) -> Self {
        let mut parts = rest.split('/');
        match parts.next() {
            Some("v") => {
                // One that cannot be is one that there is not.
                let id = parts.next().and_then(|id| id.parse().ok());
                Self::View(id.unwrap_or_else(|| RecordId::new(0, [0; 10])))
            }
            Some(face) => face.parse().map_or(Self::Product, Self::Face),
            None => Self::Product,
        }
    }

    /// What it has after the product's.
    fn path(self) -> String {
        match self {
            Self::Product => String::new(),
            Self::Face(face) => format!("/{}", face.as_str()),
            Self::View(id) => format!("/v/{id}"),
        }
    }

    /// The saved view that is shown there.
    pub(super) fn view(self, views: &[Record]) -> Option<&Record> {
        match self {
            Self::Product => views.iter().find(|view| is_default_view(view)),
            Self::Face(_) => None,
            Self::View(id) => views.iter().find(|view| view.id == id),
        }
    }

    /// What is filtered there and how it is looked at, as long as the address says nothing else.
    pub(super) fn state(self, views: &[Record]) -> (Filter, Look) {
        self.view(views).map(|view| read_state(view_state(view).1)).unwrap_or_default()
    }
}

/// By what a board has its columns, and its swimlanes where there are any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Axes {
    pub(super) columns: ItemProperty,
    pub(super) group: Option<ItemProperty>,
}

/// Whether items fall into groups of a property that a board has room for. What does not asks for nothing.
fn makes_few_groups(property: &ItemProperty, roadmap: &Roadmap, year: FiscalYear) -> bool {
    let mut groups = BTreeSet::new();
    property.groups(roadmap)
        && roadmap.board_order().filter_map(|id| roadmap.item(id)).all(|item| {
            groups.insert(property.group_of(roadmap, item, year));
            groups.len() <= MOST_GROUPS
        })
}

/// What the board has its columns and swimlanes by; `usual` where nothing is said. Lanes are not drawn as columns unless there are
/// swimlanes.
pub(super) fn axes(
    room: Room,
    face: Memo<Face>,
    look: RwSignal<Look>,
    year: FiscalYear,
    usual: ItemProperty,
) -> Memo<Option<Axes>> {
    let draws_lanes = usual == ItemProperty::Lane;
    Memo::new(move |_| {
        let (columns, group) = look.with(|look| (look.columns.clone(), look.group.clone()));
        if face.get() != Face::Board || (draws_lanes && columns.is_none() && group.is_none()) {
            return None;
        }
        room.track(|roadmap| {
            let usable =
                |axis: Option<ItemProperty>| axis.filter(|axis| makes_few_groups(axis, roadmap, year));
            let (columns, group) = (usable(columns), usable(group));
            let is_lanes = draws_lanes && columns.is_none() && group.is_none();
            (!is_lanes).then(|| Axes { columns: columns.unwrap_or_else(|| usual.clone()), group })
        })
    })
}

/// Roadmaps of several products that are shown as one.
#[derive(Clone, Copy)]
pub(crate) struct Portfolio(StoredValue<(Room, Vec<Room>)>);

impl Portfolio {
    /// The room that shows all of them, and one of each product in the same order.
    pub(super) fn new(whole: Room, parts: Vec<Room>) -> Self {
        Self(StoredValue::new((whole, parts)))
    }

    pub(super) fn whole(self) -> Room {
        self.0.with_value(|(whole, _)| *whole)
    }

    pub(super) fn parts(self) -> Vec<Room> {
        self.0.with_value(|(_, parts)| parts.clone())
    }

    /// The part of the product with this key.
    pub(super) fn part(self, key: &str) -> Option<Room> {
        let is_it = |part: &Room| *part.product.read_untracked().key == *key;
        self.0.with_value(|(_, parts)| parts.iter().copied().find(is_it))
    }
}

/// What a vote says of an item.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Standing {
    pub(super) item: ItemId,
    /// Whether it is over and its result shown; otherwise it is under way.
    pub(super) is_result: bool,
    /// The session. Older ones come first.
    pub(super) voting: VotingId,
    /// The points so far, or nothing where they are not open to see; or the result.
    pub(super) says: String,
    /// What the session is called.
    pub(super) title: String,
}

/// The lanes in board order, with their names.
pub(super) fn lanes(roadmap: &Roadmap) -> impl Iterator<Item = (LaneId, String)> {
    let lanes = roadmap.lane_order().iter().filter_map(|lane| roadmap.lane(*lane));
    lanes.map(|lane| (lane.id, lane.name.to_string()))
}

impl Board {
    pub(super) fn new(
        room: Room,
        address: Memo<Address>,
        views: RwSignal<Vec<Record>>,
        year: FiscalYear,
        open: Memo<Option<ItemId>>,
        (filter, look): (Filter, Look),
    ) -> Self {
        let face = Memo::new(move |_| match address.get() {
            Address::Face(face) => face,
            address => views.with(|views| address.view(views).map_or(Face::Board, |view| view_state(view).0)),
        });
        let look = RwSignal::new(look);
        Self {
            axes: axes(room, face, look, year, ItemProperty::Lane),
            badges: Memo::new(move |_| look.with(|look| look.shown.clone())),
            room,
            portfolio: None,
            address,
            views,
            face,
            year,
            rows: RwSignal::default(),
            filter: RwSignal::new(filter),
            look,
            selected: RwSignal::default(),
            range: StoredValue::new(None),
            focus_panel: StoredValue::new(false),
            lists: RwSignal::default(),
            rendered: RwSignal::new(FIRST),
            scrolled: RwSignal::new(None),
            open,
            composing: RwSignal::new(None),
            renaming: RwSignal::new(None),
            limiting: RwSignal::new(None),
            adding_lane: RwSignal::new(false),
            standing: RwSignal::default(),
            links: RwSignal::default(),
            inserting: RwSignal::new(None),
            news: RwSignal::default(),
            stars: expect_context::<RailFavourites>(),
            frame: RwSignal::default(),
            menu: RwSignal::new(None),
            face_menu: StoredValue::default(),
            keys_shown: RwSignal::new(false),
        }
    }

    /// Items in the order in which they are shown: in another than the board's when asked.
    pub(crate) fn arranged(&self, order: &[ItemId]) -> Vec<ItemId> {
        let look = self.look.read();
        if look.sort.is_empty() {
            return order.to_vec();
        }
        self.room.track(|roadmap| {
            look.sorted(roadmap, order, self.year, platform::fold, &|user| self.room.person(user))
        })
    }

    /// Those that the filter shows.
    pub(crate) fn matching(&self, items: &[ItemId]) -> Vec<ItemId> {
        let filter = self.filter.read();
        if filter.is_empty() {
            return items.to_vec();
        }
        let me = self.room.user().to_string();
        let news = filter.changed.then(|| self.news.read());
        let changed = news.as_ref().and_then(|news| news.changed.as_ref());
        self.room.track(|roadmap| {
            let view = View { roadmap, year: self.year, me: &me, changed, fold: platform::fold };
            let matches = filter.matcher(&view);
            items.iter().copied().filter(|id| roadmap.item(*id).is_some_and(|item| matches(item))).collect()
        })
    }

    /// Items of a lane as they are shown.
    pub(crate) fn visible(&self, order: &[ItemId]) -> Vec<ItemId> {
        self.matching(&self.arranged(order))
    }

    /// The address of an item, as one gives it to others.
    pub(super) fn item_path(&self, number: u32) -> String {
        let key = &self.room.product.read_untracked().key;
        format!("/p/{key}/i/{key}-{number}")
    }

    /// The key of the product that an item belongs to.
    pub(crate) fn product_key(&self, roadmap: &Roadmap, item: &Item) -> String {
        let product = roadmap.product_of(item).map(|product| product.key.to_string());
        product.unwrap_or_else(|| self.room.product.read_untracked().key.to_string())
    }

    /// The board with the roadmap of an item's own product, where several are shown as one.
    pub(crate) fn at(self, id: ItemId) -> Self {
        let part = self.portfolio.and_then(|portfolio| {
            let key = portfolio.whole().with(|roadmap| {
                roadmap.item(id).and_then(|item| roadmap.product_of(item)).map(|product| product.key.clone())
            })?;
            portfolio.part(&key)
        });
        Self { room: part.unwrap_or(self.room), ..self }
    }

    /// The key of an item, such as `ERP-12`.
    pub(crate) fn item_key(&self, id: ItemId) -> Option<String> {
        let room = self.portfolio.map_or(self.room, Portfolio::whole);
        room.with(|roadmap| {
            let item = roadmap.item(id)?;
            Some(format!("{}-{}", self.product_key(roadmap, item), item.number))
        })
    }

    /// The address of an item's panel beside what is shown, by the item's key.
    pub(crate) fn panel_of(&self, key: &str) -> String {
        format!("{}/i/{key}", self.face_path())
    }

    /// The address of an item's panel beside what is shown.
    pub(crate) fn panel_path(&self, id: ItemId) -> String {
        self.item_key(id).map_or_else(|| self.face_path(), |key| self.panel_of(&key))
    }

    /// The same as a link has it, which follows what is shown.
    pub(crate) fn panel_href(self, id: ItemId) -> impl Fn() -> String + Copy + Send + Sync + 'static {
        move || {
            self.address.track();
            self.panel_path(id)
        }
    }

    /// The address of a new voting session on these items, in board order.
    pub(super) fn vote_path(&self, items: &[ItemId]) -> String {
        let key = self.room.product.read_untracked().key.to_string();
        let keys: Vec<String> = self.room.with(|roadmap| {
            let items = roadmap.board_order().filter(|id| items.contains(id));
            let items = items.filter_map(|id| roadmap.item(id));
            items.map(|item| format!("{key}-{}", item.number)).collect()
        });
        format!("/voting/new?product={key}&items={}", keys.join(","))
    }

    pub(crate) fn board_path(&self) -> String {
        if self.portfolio.is_some() {
            return PORTFOLIO.to_owned();
        }
        format!("/p/{}", self.room.product.read_untracked().key)
    }

    /// The address of what is shown, without a panel.
    pub(crate) fn face_path(&self) -> String {
        format!("{}{}", self.board_path(), self.address.get_untracked().path())
    }

    /// The saved view that is shown, or was before it was changed here.
    pub(super) fn view(&self) -> Option<Record> {
        self.views.with(|views| self.address.get().view(views).cloned())
    }

    /// Whether cards stand in columns of a property, or in swimlanes, instead of the lanes.
    pub(crate) fn has_columns(&self) -> bool {
        self.axes.with(Option::is_some)
    }
}

/// What there is in a lane, as the lane tells it.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct List {
    pub(super) lane: LaneId,
    /// Its cards in the order in which they stand.
    pub(super) arranged: Memo<Vec<ItemId>>,
    /// Those of them that the filter shows.
    pub(super) shown: Memo<Vec<ItemId>>,
    /// Which of those shown are near what is in sight.
    pub(super) near: RwSignal<Range<usize>>,
}

impl List {
    pub(super) fn new(lane: LaneId, arranged: Memo<Vec<ItemId>>, shown: Memo<Vec<ItemId>>) -> Self {
        Self { lane, arranged, shown, near: RwSignal::new(0..usize::MAX) }
    }
}

/// What of the selected items is chosen from a menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Property {
    Status,
    Owner,
    Lane,
}

/// What a menu is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    Item(ItemId),
    Lane(LaneId),
    /// The status that a lane sets.
    LaneStatus(LaneId),
    /// The product that an item is moved to.
    Product(ItemId),
    /// A lane with items, to be deleted.
    DeleteLane(LaneId),
    /// Something of the selected items.
    Selection(Property),
    /// Something of another face than the board, which brings the lines along.
    Face,
}

/// A menu that is open, and where on the page it belongs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct OpenMenu {
    pub(crate) subject: Subject,
    pub(crate) x: f64,
    pub(crate) y: f64,
}
