//! Dependencies between items, of one product or of two: what would be a cycle, what starts before what it waits for has ended,
//! and what has to move when something slips.

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque, btree_map::Entry},
    fmt,
    str::FromStr,
};

use serde::{Deserialize, Serialize};

use crate::{
    Date, FiscalYear, Item, ItemId, ItemKey, Precision, ProductKey, RecordId, RoadmapId, Snap, Span, Zoom,
    choices, counted,
};

/// The most dependencies of a workspace, and the most of one item.
pub const MAX_DEPENDENCIES: usize = 10_000;
pub const MAX_DEPENDENCIES_OF_ITEM: usize = 100;

/// The most days between the end of a blocker and the start of what waits for it, or by which they may overlap.
pub const MAX_DAYS_BETWEEN: i32 = 3_650;

/// An item of any roadmap. Ids of items are unique within a roadmap alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ItemRef {
    pub roadmap: RoadmapId,
    pub item: ItemId,
}

impl fmt::Display for ItemRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.roadmap, self.item)
    }
}

impl FromStr for ItemRef {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (roadmap, item) = text.split_once('/').ok_or(())?;
        Ok(Self { roadmap: roadmap.parse().map_err(drop)?, item: item.parse().map_err(drop)? })
    }
}

choices! {
    /// How one item depends on another, as it was said.
    DependencyKind {
        /// The other starts after this one ends.
        Blocks = "blocks", "Blocks";
        /// This one starts after the other ends.
        Needs = "needs", "Needs";
        /// They have to do with each other; neither waits.
        Relates = "relates", "Relates to";
    }
}

/// That an item depends on another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dependency {
    pub id: RecordId,
    pub from: ItemRef,
    pub kind: DependencyKind,
    pub to: ItemRef,
    /// Days between the end of the blocker and the start of the dependant.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub lag: i32,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

fn is_zero(lag: &i32) -> bool {
    *lag == 0
}

impl Dependency {
    /// The blocker and what waits for it, whichever way that was said; `None` where neither waits.
    pub fn order(&self) -> Option<(ItemRef, ItemRef)> {
        match self.kind {
            DependencyKind::Blocks => Some((self.from, self.to)),
            DependencyKind::Needs => Some((self.to, self.from)),
            DependencyKind::Relates => None,
        }
    }

    /// `3 days between`, or `2 days of overlap`; nothing where the one follows the other.
    pub fn between(&self) -> Option<String> {
        let days = counted(self.lag.unsigned_abs() as usize, "day", "days");
        match self.lag {
            0 => None,
            1.. => Some(format!("{days} between")),
            _ => Some(format!("{days} of overlap")),
        }
    }

    /// The item at the other end; `None` when it is not about this one.
    pub fn other(&self, item: ItemRef) -> Option<ItemRef> {
        match item {
            _ if item == self.from => Some(self.to),
            _ if item == self.to => Some(self.from),
            _ => None,
        }
    }
}

/// Why an item cannot depend on another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unlinkable {
    Itself,
    /// They do already, in this way.
    Twice(Box<Dependency>),
    /// From the blocker by what waits for it back to the blocker.
    Cycle(Vec<ItemRef>),
    /// This item has as many as one may have.
    TooManyOfItem(ItemRef),
    /// The workspace has as many as it may have.
    TooMany,
}

impl Unlinkable {
    /// The items that the sentence names.
    pub fn items(&self) -> Vec<ItemRef> {
        match self {
            Self::Itself | Self::TooMany => Vec::new(),
            Self::Twice(there) => vec![there.from, there.to],
            Self::Cycle(path) => path.clone(),
            Self::TooManyOfItem(item) => vec![*item],
        }
    }

    /// What it says to people. `key` is what an item is called.
    pub fn sentence(&self, key: impl Fn(ItemRef) -> String) -> String {
        match self {
            Self::Itself => "An item can’t depend on itself. Choose another item.".to_owned(),
            Self::Twice(there) => {
                let (from, to) = (key(there.from), key(there.to));
                let how = there.kind.label().to_lowercase();
                format!("{from} already {how} {to}. Remove that dependency first.")
            }
            Self::Cycle(path) => {
                let path: Vec<String> = path.iter().map(|item| key(*item)).collect();
                format!("This would be a cycle: {}. Remove one of these first.", path.join(" → "))
            }
            Self::TooManyOfItem(item) => {
                format!("{} has {MAX_DEPENDENCIES_OF_ITEM} dependencies. Remove one first.", key(*item))
            }
            Self::TooMany => {
                format!("There are {MAX_DEPENDENCIES} dependencies already. Remove some that nobody needs.")
            }
        }
    }
}

/// Whether there can be one more dependency beside all others of the workspace.
///
/// # Errors
/// Why not.
pub fn linkable(new: &Dependency, others: &[Dependency]) -> Result<(), Unlinkable> {
    if new.from == new.to {
        return Err(Unlinkable::Itself);
    }
    let is_between = |other: &&Dependency| other.other(new.from) == Some(new.to);
    let is_reverse = |other: &Dependency| {
        new.order().zip(other.order()).is_some_and(|((blocker, _), (other, _))| blocker != other)
    };
    if let Some(there) = others.iter().filter(is_between).find(|other| !is_reverse(other)) {
        return Err(Unlinkable::Twice(Box::new(there.clone())));
    }
    if let Some(path) = new.order().and_then(|edge| cycle(others, edge)) {
        return Err(Unlinkable::Cycle(path));
    }
    for item in [new.from, new.to] {
        if others.iter().filter(|other| other.other(item).is_some()).count() >= MAX_DEPENDENCIES_OF_ITEM {
            return Err(Unlinkable::TooManyOfItem(item));
        }
    }
    if others.len() >= MAX_DEPENDENCIES {
        return Err(Unlinkable::TooMany);
    }
    Ok(())
}

/// The shortest cycle that a blocker and what waits for it would close: from the blocker back to it.
pub fn cycle(dependencies: &[Dependency], (blocker, dependant): (ItemRef, ItemRef)) -> Option<Vec<ItemRef>> {
    let after = followers(dependencies);
    let mut before = BTreeMap::from([(dependant, blocker)]);
    let mut waiting = VecDeque::from([dependant]);
    while let Some(item) = waiting.pop_front() {
        if item == blocker {
            let mut path = vec![blocker];
            let mut at = blocker;
            loop {
                at = before[&at];
                path.push(at);
                if at == blocker {
                    break;
                }
            }
            path.reverse();
            return Some(path);
        }
        for next in after.get(&item).into_iter().flatten() {
            if let Entry::Vacant(entry) = before.entry(*next) {
                entry.insert(item);
                waiting.push_back(*next);
            }
        }
    }
    None
}

/// What waits for each item.
fn followers(dependencies: &[Dependency]) -> BTreeMap<ItemRef, BTreeSet<ItemRef>> {
    let mut after: BTreeMap<ItemRef, BTreeSet<ItemRef>> = BTreeMap::new();
    for (blocker, dependant) in dependencies.iter().filter_map(Dependency::order) {
        after.entry(blocker).or_default().insert(dependant);
    }
    after
}

/// When an item is planned, as far as dependencies look at it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precision: Option<Precision>,
    /// Done or dropped: nothing waits for it, and it waits for nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_settled: bool,
}

impl Plan {
    /// Of an item; `None` while it lies in the bin.
    pub fn of(item: &Item) -> Option<Self> {
        let fields = &item.fields;
        let precision = fields.values.get("precision").and_then(|value| value.to_string().parse().ok());
        let (start, end) = (fields.start, fields.end);
        let is_settled = fields.status.is_settled();
        item.deleted.is_none().then_some(Self { start, end, precision, is_settled })
    }

    pub fn span(&self) -> Span {
        Span { start: self.start, end: self.end }
    }

    /// By what it moves: days, unless it is meant less exactly.
    fn snap(&self) -> Snap {
        Snap::of(self.precision, Zoom::Month)
    }

    /// The first day of what is meant.
    fn first(&self, year: FiscalYear) -> Option<Date> {
        self.snap().first(self.span().shown()?.0, year)
    }

    /// The last day of what is meant; `None` where no end is planned.
    fn last(&self, year: FiscalYear) -> Option<Date> {
        self.snap().last(self.end?, year)
    }
}

/// The first day on which a dependant may start: the day after its blocker ends, or that day where one of them is a point in time.
/// `None` where nothing says when the blocker ends.
fn earliest(blocker: &Plan, dependant: &Plan, lag: i32, year: FiscalYear) -> Option<Date> {
    let is_point = |plan: &Plan| plan.span().is_milestone() && plan.snap() == Snap::Day;
    let next = i32::from(!is_point(blocker) && !is_point(dependant));
    blocker.last(year)?.plus_days(next.checked_add(lag)?)
}

/// By how many days a dependant starts too early, where it does. Days that are meant by month or quarter stand for all of it.
pub fn starts_early(blocker: &Plan, dependant: &Plan, lag: i32, year: FiscalYear) -> Option<i32> {
    if blocker.is_settled || dependant.is_settled {
        return None;
    }
    let days = earliest(blocker, dependant, lag, year)?.days_since(dependant.first(year)?);
    (days > 0).then_some(days)
}

/// A dependant that starts before its blocker ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Early {
    pub dependency: RecordId,
    pub blocker: ItemRef,
    pub dependant: ItemRef,
    /// By how many days.
    pub days: i32,
}

/// Every dependant that starts before a blocker of it ends, once for each such blocker.
pub fn conflicts(
    dependencies: &[Dependency],
    plan: impl Fn(ItemRef) -> Option<Plan>,
    year: FiscalYear,
) -> Vec<Early> {
    let early = |dependency: &Dependency| {
        let (blocker, dependant) = dependency.order()?;
        let days = starts_early(&plan(blocker)?, &plan(dependant)?, dependency.lag, year)?;
        Some(Early { dependency: dependency.id, blocker, dependant, days })
    };
    dependencies.iter().filter_map(early).collect()
}

/// How many items one waits for, and how many wait for it, as far as both are still to be done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Linked {
    pub blocked: u32,
    pub blocks: u32,
    /// Before how many of those that it waits for have ended it starts.
    pub early: u32,
}

/// Counts that for each item that waits for another or is waited for. What is done, dropped or in the bin is not counted.
pub fn count_linked(
    dependencies: &[Dependency],
    early: &[Early],
    plan: impl Fn(ItemRef) -> Option<Plan>,
) -> BTreeMap<ItemRef, Linked> {
    let mut counts: BTreeMap<ItemRef, Linked> = BTreeMap::new();
    for (blocker, dependant) in dependencies.iter().filter_map(Dependency::order) {
        if [blocker, dependant].iter().all(|end| plan(*end).is_some_and(|plan| !plan.is_settled)) {
            counts.entry(blocker).or_default().blocks += 1;
            counts.entry(dependant).or_default().blocked += 1;
        }
    }
    for early in early {
        counts.entry(early.dependant).or_default().early += 1;
    }
    counts
}

/// An item that has to move, because something that it waits for did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shift {
    pub item: ItemRef,
    /// By how many days its start moves.
    pub days: i32,
    pub to: Span,
}

/// What has to move, and to where, after items were moved so that others start too early: those, and what waits for them in turn,
/// each as little as possible and by what it snaps to. What was moved by hand stays, as does what is done, dropped or without days.
/// Blockers come before what waits for them.
pub fn slip(
    moved: &[ItemRef],
    dependencies: &[Dependency],
    plan: impl Fn(ItemRef) -> Option<Plan>,
    year: FiscalYear,
) -> Vec<Shift> {
    let graph = Graph::of(dependencies);
    // What moved, and as it is planned now.
    let mut now: Vec<Option<Plan>> = vec![None; graph.items.len()];
    for item in moved {
        if let Some(at) = graph.places.get(item) {
            now[*at] = plan(*item);
        }
    }
    let mut shifts = Vec::new();
    for at in graph.in_order(moved) {
        let item = graph.items[at];
        if moved.contains(&item) {
            continue;
        }
        let Some(own) = plan(item) else { continue };
        let required = graph.into[at].iter().filter_map(|(blocker, lag)| {
            let blocker = now[*blocker].as_ref()?;
            starts_early(blocker, &own, *lag, year)?;
            earliest(blocker, &own, *lag, year)
        });
        let Some(day) = required.max() else { continue };
        let Some(to) = own.span().starting(day, own.snap(), year) else { continue };
        let days = to.shown().zip(own.span().shown()).map_or(0, |(to, from)| to.0.days_since(from.0));
        now[at] = Some(Plan { start: to.start, end: to.end, ..own });
        shifts.push(Shift { item, days, to });
    }
    shifts
}

/// What waits for what, by places: few types, because each weighs a kilobyte in the browser.
#[derive(Default)]
struct Graph {
    places: BTreeMap<ItemRef, usize>,
    items: Vec<ItemRef>,
    /// What waits for each item, and what each waits for, with the days between them.
    out: Vec<Vec<usize>>,
    into: Vec<Vec<(usize, i32)>>,
}

impl Graph {
    fn of(dependencies: &[Dependency]) -> Self {
        let mut graph = Self::default();
        for dependency in dependencies {
            let Some((blocker, dependant)) = dependency.order() else { continue };
            let (blocker, dependant) = (graph.place(blocker), graph.place(dependant));
            graph.out[blocker].push(dependant);
            graph.into[dependant].push((blocker, dependency.lag));
        }
        graph
    }

    fn place(&mut self, item: ItemRef) -> usize {
        let next = self.items.len();
        let place = *self.places.entry(item).or_insert(next);
        if place == next {
            self.items.push(item);
            self.out.push(Vec::new());
            self.into.push(Vec::new());
        }
        place
    }

    /// What waits for items, directly or not, each behind all that it waits for among them.
    fn in_order(&self, moved: &[ItemRef]) -> Vec<usize> {
        let mut waiting: Vec<usize> =
            moved.iter().filter_map(|item| self.places.get(item).copied()).collect();
        let mut is_reached = vec![false; self.items.len()];
        waiting.iter().for_each(|at| is_reached[*at] = true);
        let mut order = waiting.clone();
        // How many of those that are reached each waits for.
        let mut blockers = vec![0_usize; self.items.len()];
        while let Some(at) = waiting.pop() {
            for next in &self.out[at] {
                blockers[*next] += 1;
                if !is_reached[*next] {
                    is_reached[*next] = true;
                    waiting.push(*next);
                }
            }
        }
        order.retain(|at| blockers[*at] == 0);
        let mut done = 0;
        while done < order.len() {
            for next in &self.out[order[done]] {
                blockers[*next] -= 1;
                if blockers[*next] == 0 {
                    order.push(*next);
                }
            }
            done += 1;
        }
        order
    }
}

/// Days from which to which something is planned.
pub type Days = (Option<Date>, Option<Date>);

/// An item of a product that is to be planned for other days, as long as it is planned as its reader saw it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Move {
    pub number: u32,
    pub was: Days,
    pub to: Days,
}

impl Move {
    /// What takes it back.
    pub fn back(&self) -> Self {
        Self { number: self.number, was: self.to, to: self.was }
    }
}

/// What a page of a product knows of dependencies: those of its items, and those that a slip of one of them would reach.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dependencies {
    pub links: Vec<Dependency>,
    /// The items of other products among them.
    pub far: Vec<FarItem>,
}

/// An item of another product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FarItem {
    pub at: ItemRef,
    pub product: ProductKey,
    pub number: u32,
    pub title: String,
    pub plan: Plan,
    /// Whether it lies in the bin.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub in_bin: bool,
    /// Whether the reader may change it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub can_edit: bool,
}

impl FarItem {
    /// `CRM-4`.
    pub fn key(&self) -> String {
        ItemKey { product: self.product.clone(), number: self.number }.to_string()
    }
}
