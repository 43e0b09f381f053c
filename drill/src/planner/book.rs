//! What the witness of planners knows: what was asked, what was answered, and so what may be there.

use std::collections::BTreeMap;

use anyhow::Result;
use domain::{CommentId, ItemId, RecordId, Roadmap, dependency::DependencyKind};
use rand::{RngExt as _, rngs::StdRng, seq::IndexedRandom as _};

use super::{ITEMS, KEYS};

/// Of a planner's items those before are mostly linked, and those from here on mostly moved: an item with dependencies stays.
const MOVERS: usize = 3;

/// Views that a planner has at most.
const VIEWS: usize = 4;

/// An item, and in which products it may be: one, unless a move got no answer.
#[derive(Debug)]
pub(super) struct Item {
    /// Its place among the items of all planners.
    pub(super) number: usize,
    pub(super) id: ItemId,
    pub(super) places: Vec<usize>,
    /// Its key where it is.
    pub(super) key: String,
    /// All that was said about it.
    pub(super) comments: Vec<CommentId>,
    /// How often it was moved for certain, and at most.
    pub(super) moves: usize,
    pub(super) most_moves: usize,
}

/// A dependency of one item on another, by their numbers, and whether it may be there.
#[derive(Debug, Default)]
pub(super) struct Link {
    pub(super) id: Option<RecordId>,
    pub(super) there: Vec<bool>,
}

/// A view, and what it may say; nothing where it may not be there.
#[derive(Debug)]
pub(super) struct View {
    pub(super) product: usize,
    pub(super) id: Option<RecordId>,
    pub(super) says: Vec<Option<String>>,
}

/// What is asked of the server.
#[derive(Debug)]
pub(super) enum Asked {
    Link { pair: (usize, usize), kind: DependencyKind, keys: (String, String) },
    Unlink { pair: (usize, usize), id: RecordId },
    Move { item: usize, id: ItemId, from: usize, to: usize },
    Save { view: usize, product: usize, id: Option<RecordId>, state: String },
    Delete { view: usize, product: usize, id: RecordId },
}

/// What the server answers.
#[derive(Debug)]
pub(super) enum Answer {
    Done,
    Record(RecordId),
    Key(String),
}

#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) asked: usize,
    pub(super) done: usize,
}

#[derive(Debug)]
pub(super) struct Book {
    pub(super) rng: StdRng,
    pub(super) items: Vec<Item>,
    pub(super) links: BTreeMap<(usize, usize), Link>,
    pub(super) views: Vec<View>,
    pub(super) counts: BTreeMap<&'static str, Counts>,
    pub(super) refused: usize,
    /// Moves to a product that the item had left.
    pub(super) came_back: usize,
    /// The fold of each product's log, up to its entry of that number.
    pub(super) folds: Vec<(Roadmap, u64)>,
    /// How often each item was sent and received, by the logs.
    pub(super) sent: BTreeMap<ItemId, (usize, usize)>,
    /// Marks what is saved.
    marks: usize,
}

/// How the second of two items depends on the first: each pair is linked in one way.
pub(super) fn kind_of((from, to): (usize, usize)) -> DependencyKind {
    match (from + to) % 5 {
        0 | 1 => DependencyKind::Needs,
        2 => DependencyKind::Relates,
        _ => DependencyKind::Blocks,
    }
}

impl Asked {
    fn name(&self) -> &'static str {
        match self {
            Asked::Link { .. } => "linked",
            Asked::Unlink { .. } => "unlinked",
            Asked::Move { .. } => "moved",
            Asked::Save { .. } => "views saved",
            Asked::Delete { .. } => "views deleted",
        }
    }
}

impl Book {
    pub(super) fn new(items: Vec<Item>, rng: StdRng) -> Self {
        Self {
            rng,
            items,
            links: BTreeMap::new(),
            views: Vec::new(),
            counts: BTreeMap::new(),
            refused: 0,
            came_back: 0,
            folds: KEYS.iter().map(|_| (Roadmap::default(), 0)).collect(),
            sent: BTreeMap::new(),
            marks: 0,
        }
    }

    /// What a planner changes next. From now on both may be there, what was and what is asked for.
    pub(super) fn ask(&mut self, planner: usize) -> Option<Asked> {
        let asked = match self.rng.random_range(0..10) {
            0..4 => self.link(planner),
            4..7 => self.carry(planner),
            _ => self.view(planner),
        }?;
        self.counts.entry(asked.name()).or_default().asked += 1;
        match &asked {
            Asked::Link { pair, .. } => self.links.entry(*pair).or_insert_with(unlinked).there.push(true),
            Asked::Unlink { pair, .. } => self.links.entry(*pair).or_default().there.push(false),
            Asked::Move { item, to, .. } => {
                self.items[*item].places.push(*to);
                self.items[*item].most_moves += 1;
            }
            Asked::Save { view, state, .. } => self.views[*view].says.push(Some(state.clone())),
            Asked::Delete { view, .. } => self.views[*view].says.push(None),
        }
        Some(asked)
    }

    /// What is asked for is certain, or what was is; without an answer nobody knows.
    pub(super) fn hear(&mut self, asked: Asked, answer: Result<Answer>) {
        let is_done = match &answer {
            Ok(_) => true,
            Err(error) if error.to_string().contains(" answers 4") => false,
            Err(_) => return,
        };
        if is_done {
            self.counts.entry(asked.name()).or_default().done += 1;
        } else {
            self.refused += 1;
        }
        match asked {
            Asked::Link { pair, .. } | Asked::Unlink { pair, .. } => {
                let link = self.links.entry(pair).or_default();
                settle(&mut link.there, is_done);
                if let Ok(Answer::Record(id)) = answer {
                    link.id = Some(id);
                }
            }
            Asked::Move { item, to, .. } => {
                let item = &mut self.items[item];
                settle(&mut item.places, is_done);
                item.moves += usize::from(is_done);
                item.most_moves -= usize::from(!is_done);
                if let Ok(Answer::Key(key)) = answer {
                    let had = self.folds[to].0.item(item.id).is_some();
                    self.came_back += usize::from(had);
                    item.key = key;
                }
            }
            Asked::Save { view, .. } | Asked::Delete { view, .. } => {
                let view = &mut self.views[view];
                settle(&mut view.says, is_done);
                if let Ok(Answer::Record(id)) = answer {
                    view.id = Some(id);
                }
            }
        }
    }

    /// One of a planner's items, mostly of those that are linked or of those that are moved.
    fn own(&mut self, planner: usize, mover: bool) -> usize {
        let mover = mover != self.rng.random_bool(0.1);
        let range = if mover { MOVERS..ITEMS } else { 0..MOVERS };
        planner * ITEMS + self.rng.random_range(range)
    }

    /// Makes a dependency of an item of one's own on any, or removes one.
    fn link(&mut self, planner: usize) -> Option<Asked> {
        let own = |pair: &(usize, usize)| pair.0 / ITEMS == planner;
        let certain = self.links.iter().filter(|(pair, link)| own(pair) && link.there == [true]);
        let certain: Vec<_> = certain.filter_map(|(pair, link)| Some((*pair, link.id?))).collect();
        if let Some((pair, id)) = certain.choose(&mut self.rng).copied().filter(|_| self.rng.random()) {
            return Some(Asked::Unlink { pair, id });
        }
        let other = self.rng.random_range(0..self.items.len() / ITEMS);
        let mut pair = (self.own(planner, false), self.own(other, false));
        // Now and then the other way round: what would be a cycle is refused.
        let there =
            self.links.iter().filter(|(pair, link)| pair.1 / ITEMS == planner && link.there == [true]);
        let there: Vec<_> = there.map(|(pair, _)| *pair).collect();
        if let Some((from, to)) = there.choose(&mut self.rng).copied().filter(|_| self.rng.random_bool(0.3)) {
            pair = (to, from);
        }
        let is_certain = self.links.get(&pair).is_none_or(|link| link.there == [false]);
        let keys = (self.items[pair.0].key.clone(), self.items[pair.1].key.clone());
        is_certain.then(|| Asked::Link { pair, kind: kind_of(pair), keys })
    }

    /// Moves an item of one's own to another product.
    fn carry(&mut self, planner: usize) -> Option<Asked> {
        let item = self.own(planner, true);
        let [from] = self.items[item].places[..] else { return None };
        let to = (from + self.rng.random_range(1..KEYS.len())) % KEYS.len();
        Some(Asked::Move { item, id: self.items[item].id, from, to })
    }

    /// Saves a view, changes it or deletes it.
    fn view(&mut self, planner: usize) -> Option<Asked> {
        let planners = self.items.len() / ITEMS;
        let own: Vec<usize> = (0..self.views.len()).filter(|view| view % planners == planner).collect();
        self.marks += 1;
        let state = format!("?sort=title&mark={}", self.marks);
        let live: Vec<usize> =
            own.iter().copied().filter(|view| matches!(self.views[*view].says[..], [Some(_)])).collect();
        if live.len() < VIEWS && self.rng.random_bool(0.4) {
            let product = self.rng.random_range(0..KEYS.len());
            // Those of others get numbers between, so that a number says whose it is.
            while self.views.len() % planners != planner {
                self.views.push(View { product, id: None, says: vec![None] });
            }
            self.views.push(View { product, id: None, says: vec![None] });
            return Some(Asked::Save { view: self.views.len() - 1, product, id: None, state });
        }
        let view = *live.choose(&mut self.rng)?;
        let View { product, id, .. } = self.views[view];
        let id = id?;
        Some(if self.rng.random_bool(0.25) {
            Asked::Delete { view, product, id }
        } else {
            Asked::Save { view, product, id: Some(id), state }
        })
    }
}

fn unlinked() -> Link {
    Link { id: None, there: vec![false] }
}

/// Of what was and what was asked for, one is certain.
fn settle<T>(possible: &mut Vec<T>, is_done: bool) {
    if is_done {
        possible.drain(..possible.len() - 1);
    } else {
        possible.pop();
    }
}
