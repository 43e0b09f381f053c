//! What the parts of a timeline share.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    sync::Arc,
};

use domain::{
    Calendar, Date, ItemId, Precision, Quarter, Roadmap, Snap, Span, Zoom,
    dependency::{Early, Shift},
};
use leptos::prelude::*;

use super::{
    connect::Drawing,
    feed::Wanted,
    ghosts::Ghosts,
    rows::{Group, Row},
    slip::Moved,
};
use crate::board::Board;

/// What scrolls, both ways.
pub(super) const SCROLL: &str = "timeline-scroll";
/// What the bars are drawn on.
pub(super) const CANVAS: &str = "timeline-canvas";

/// How high a row is, and a bar in it, in pixels. The style has the same height for rows.
pub(super) const ROW: usize = 36;
pub(super) const BAR: usize = 24;
/// Rows and quarters that the server draws.
const FIRST: usize = 40;
const FIRST_QUARTERS: i32 = 12;

/// The key of the field that says how exactly days are meant, and of that of the quarter that was promised.
const PRECISION: &str = "precision";
pub(super) const PROMISED: &str = "promised";

/// What is shown, and what only this page knows.
#[derive(Clone, Copy)]
pub(super) struct Timeline {
    pub(super) board: Board,
    /// Known in the browser alone.
    pub(super) today: RwSignal<Option<Date>>,
    pub(super) zoom: Memo<Zoom>,
    /// Nothing before it is known which days there are: on an empty roadmap, until it is known what day it is.
    pub(super) calendar: Memo<Option<Calendar>>,
    pub(super) groups: Memo<Vec<Group>>,
    pub(super) rows: Memo<Vec<Row>>,
    /// At which place each row stands.
    pub(super) places: Memo<BTreeMap<Row, usize>>,
    /// What has no days.
    pub(super) unscheduled: Memo<Vec<ItemId>>,
    /// The rows and quarters that are near what is in sight.
    pub(super) near: RwSignal<Range<usize>>,
    pub(super) quarters: RwSignal<Range<i32>>,
    /// Where what is in sight begins, in pixels from the first day: names that begin before that are written there.
    pub(super) left: RwSignal<f64>,
    /// The item whose bar `Tab` reaches, and that of the list of what has no days.
    pub(super) current: RwSignal<Option<ItemId>>,
    pub(super) listed: RwSignal<Option<ItemId>>,
    /// When items would be planned if what is dragged were let go now.
    pub(super) moving: RwSignal<Option<Arc<BTreeMap<ItemId, Span>>>>,
    /// Where something would land that had no days: how far down, and when.
    pub(super) landing: RwSignal<Option<(f64, Span)>>,
    /// The day in the middle of what is in sight, which stays there when the calendar changes.
    pub(super) middle: StoredValue<Option<Date>>,
    /// Whether the list of what has no days is open, once somebody said so.
    pub(super) unfolded: RwSignal<Option<bool>>,
    /// Whether a drag was given up, and the button not let go yet.
    pub(super) was_cancelled: StoredValue<bool>,
    /// The bar that the pointer is on, and that has the focus.
    pub(super) pointed: RwSignal<Option<ItemId>>,
    pub(super) focused: RwSignal<Option<ItemId>>,
    /// The dependency that is being drawn.
    pub(super) drawing: RwSignal<Option<Drawing>>,
    /// What starts before something ends that it waits for, here or at the other end of a dependency.
    pub(super) conflicts: Memo<Vec<Early>>,
    /// Those here, each with the key of what it waits for.
    pub(super) early: Memo<Vec<(ItemId, String)>>,
    /// What bars wait for and what waits for them, in words.
    pub(super) linked: Memo<BTreeMap<ItemId, Vec<String>>>,
    /// What was moved so that others start too early, until somebody has dealt with that; and what has to move then.
    pub(super) slipped: RwSignal<Option<Moved>>,
    pub(super) shifts: Memo<Vec<Shift>>,
    /// Whether it is being printed.
    pub(super) on_paper: RwSignal<bool>,
    /// The days at the baseline that is chosen.
    pub(super) ghosts: Ghosts,
    /// Whose dates a link for calendars is to have, while its dialog is open.
    pub(super) feed: RwSignal<Option<Wanted>>,
}

/// Where the days of a calendar are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Grid {
    pub(super) calendar: Calendar,
    /// How wide a day is, in pixels.
    pub(super) day: f64,
}

impl Grid {
    /// Where a day begins, in pixels from the first.
    pub(super) fn x(&self, day: Date) -> f64 {
        f64::from(self.calendar.offset(day)) * self.day
    }

    /// Where a day ends.
    pub(super) fn end(&self, day: Date) -> f64 {
        self.x(day) + self.day
    }

    pub(super) fn middle(&self, day: Date) -> f64 {
        self.x(day) + self.day / 2.0
    }

    pub(super) fn width(&self) -> f64 {
        f64::from(self.calendar.days()) * self.day
    }

    /// Whether weeks are wide enough to be told apart.
    pub(super) fn has_weeks(&self) -> bool {
        self.day * 7.0 > 40.0
    }

    /// The quarters at these places, as far as they are there: place, quarter, first and last day.
    pub(super) fn quarters(
        &self,
        places: Range<i32>,
    ) -> impl Iterator<Item = (i32, Quarter, Date, Date)> + use<> {
        let calendar = self.calendar;
        let places = places.start.max(0)..places.end.min(calendar.len());
        places.filter_map(move |at| {
            calendar.quarter(at).map(|(quarter, first, last)| (at, quarter, first, last))
        })
    }
}

impl Timeline {
    pub(super) fn new(board: Board) -> Self {
        let today = RwSignal::new(None);
        let ghosts = Ghosts::new();
        let zoom = Memo::new(move |_| board.look.read().zoom.unwrap_or(Zoom::Quarter));
        let calendar = Memo::new(move |_| {
            board.room.track(|roadmap| {
                let live = || roadmap.items().filter(|item| item.deleted.is_none());
                let days = live().flat_map(|item| [item.fields.start, item.fields.end]).flatten();
                let mut days: BTreeSet<Date> = days.collect();
                ghosts.spans.with(|spans| {
                    days.extend(spans.values().flat_map(|span| [span.start, span.end]).flatten());
                });
                if days.is_empty() && today.read().is_none() {
                    // About when it was made.
                    days.extend(live().map(|item| item.created.at.utc().date).max());
                }
                Calendar::covering(days, today.get(), board.year)
            })
        });
        let order = Memo::new(move |_| board.shown());
        let is_planned = |roadmap: &Roadmap, id: &ItemId| {
            roadmap.item(*id).is_some_and(|item| span(item).shown().is_some())
        };
        let split = move |planned: bool| {
            let order = order.read();
            let room = board.room;
            room.track(|roadmap| {
                let items = order.iter().filter(|id| is_planned(roadmap, id) == planned);
                items.copied().collect::<Vec<_>>()
            })
        };
        let scheduled = Memo::new(move |_| split(true));
        let unscheduled = Memo::new(move |_| split(false));
        let groups = Memo::new(move |_| super::rows::groups(board, &scheduled.read()));
        let rows = Memo::new(move |_| super::rows::rows(&groups.read()));
        let places = Memo::new(move |_| {
            rows.read().iter().enumerate().map(|(at, row)| (row.clone(), at)).collect::<BTreeMap<_, _>>()
        });
        let mut timeline = Self {
            board,
            today,
            zoom,
            calendar,
            groups,
            rows,
            places,
            unscheduled,
            near: RwSignal::new(0..FIRST),
            quarters: RwSignal::new(0..FIRST_QUARTERS),
            left: RwSignal::new(0.0),
            current: RwSignal::new(None),
            listed: RwSignal::new(None),
            moving: RwSignal::new(None),
            landing: RwSignal::new(None),
            middle: StoredValue::new(None),
            unfolded: RwSignal::new(None),
            was_cancelled: StoredValue::new(false),
            pointed: RwSignal::new(None),
            focused: RwSignal::new(None),
            drawing: RwSignal::new(None),
            conflicts: Memo::new(|_| Vec::new()),
            early: Memo::new(|_| Vec::new()),
            linked: Memo::new(|_| BTreeMap::new()),
            slipped: RwSignal::new(None),
            shifts: Memo::new(|_| Vec::new()),
            on_paper: RwSignal::new(false),
            ghosts,
            feed: RwSignal::new(None),
        };
        timeline.conflicts = Memo::new(move |_| timeline.find_conflicts());
        timeline.early = Memo::new(move |_| timeline.find_early());
        timeline.linked = Memo::new(move |_| timeline.find_linked());
        timeline.shifts = Memo::new(move |_| timeline.find_shifts());
        timeline
    }

    /// Where days are: about two years, a year or three months are in sight.
    pub(super) fn grid(&self) -> Option<Grid> {
        let day = match self.zoom.get() {
            Zoom::Year => 1.35,
            Zoom::Quarter => 2.7,
            Zoom::Month => 10.8,
        };
        Some(Grid { calendar: self.calendar.get()?, day })
    }

    /// How wide all of the calendar is.
    pub(super) fn width(&self) -> String {
        px(self.grid().map_or(0.0, |grid| grid.width()))
    }

    /// The day at a place, in pixels from the first.
    pub(super) fn day_at(&self, x: f64) -> Option<Date> {
        let grid = untrack(|| self.grid())?;
        Some(grid.calendar.day((x / grid.day).floor() as i32))
    }

    /// The item whose bar `Tab` reaches.
    pub(super) fn reached(&self) -> Option<ItemId> {
        let current = self.current.get();
        let here = current.filter(|id| self.places.read().contains_key(&Row::Item(*id)));
        here.or_else(|| self.rows.read().iter().find_map(Row::item))
    }

    /// The rows that are drawn: those near what is in sight, and the one that has the focus.
    pub(super) fn drawn(&self) -> Vec<Row> {
        let rows = self.rows.read();
        let near = self.near.get();
        let near = near.start.min(rows.len())..near.end.min(rows.len());
        let mut drawn = rows[near.clone()].to_vec();
        if let Some(row) = self.reached().map(Row::Item) {
            match self.places.read().get(&row) {
                Some(at) if *at < near.start => drawn.insert(0, row),
                Some(at) if *at >= near.end => drawn.push(row),
                _ => {}
            }
        }
        drawn
    }

    /// When an item is planned; as others see it, not as it is dragged.
    pub(super) fn span(&self, id: ItemId) -> Span {
        self.board.room.with(|roadmap| roadmap.item(id).map(|item| span(item)).unwrap_or_default())
    }

    pub(super) fn precision(&self, id: ItemId) -> Option<Precision> {
        let value = |roadmap: &Roadmap| Some(roadmap.item(id)?.fields.values.get(PRECISION)?.to_string());
        self.board.room.with(value)?.parse().ok()
    }

    /// By what an item moves.
    pub(super) fn snap(&self, id: ItemId) -> Snap {
        Snap::of(self.precision(id), self.zoom.get_untracked())
    }

    pub(super) fn title(&self, id: ItemId) -> String {
        let title = |roadmap: &Roadmap| Some(roadmap.item(id)?.fields.title.to_string());
        self.board.room.with(title).unwrap_or_default()
    }

    /// The items as they are shown from top to bottom.
    pub(super) fn items(&self) -> Vec<ItemId> {
        self.rows.read_untracked().iter().filter_map(Row::item).collect()
    }
}

pub(super) fn span(item: &domain::Item) -> Span {
    Span { start: item.fields.start, end: item.fields.end }
}

/// Where a name is written: where it belongs, or, as far as there is room, where what is in sight begins.
pub(super) fn in_sight(
    left: Option<RwSignal<f64>>,
    at: f64,
    most: f64,
) -> impl Fn() -> String + Send + 'static {
    move || px(left.map_or(at, |left| at.max(most.min(left.get() + 8.0))))
}

/// A length as an attribute has it.
pub(super) fn px(length: f64) -> String {
    format!("{length:.1}")
}
