//! A ballot while it is being filled in.

use std::collections::BTreeMap;

use domain::{
    CastId, ItemId, VotingId,
    voting::{Ballot, Candidate, Mode, Rules, VotingFacts},
};
use leptos::prelude::*;

use super::super::words;
use crate::{platform, ui::Toasts};

/// What was chosen so far, and what it leaves.
#[derive(Clone, Copy)]
pub(super) struct Filling {
    pub(super) rules: Rules,
    candidates: StoredValue<Vec<Candidate>>,
    /// Votes, dots, grades or places.
    pub(super) amounts: RwSignal<BTreeMap<ItemId, u32>>,
    /// In which order the items are shown: in a ranking the ranked ones first.
    pub(super) order: RwSignal<Vec<ItemId>>,
    /// Whether this differs from what was cast.
    pub(super) changed: RwSignal<bool>,
    /// The number of the cast, until it is answered or something changes: the same cast sent twice counts once.
    cast: StoredValue<Option<CastId>>,
    /// Under which names the browser keeps it.
    kept: StoredValue<Option<Kept>>,
    toasts: Toasts,
}

impl Filling {
    /// From what was cast before. With `kept`, the browser keeps what is not cast yet.
    pub(super) fn new(facts: &VotingFacts, cast: &Ballot, kept: Option<Kept>) -> Self {
        let keep = kept.is_some();
        let filling = Self {
            rules: facts.draft.rules,
            candidates: StoredValue::new(facts.draft.candidates.clone()),
            amounts: RwSignal::new(cast.iter().collect()),
            order: RwSignal::default(),
            changed: RwSignal::new(false),
            cast: StoredValue::new(None),
            kept: StoredValue::new(kept),
            toasts: expect_context(),
        };
        filling.arrange();
        if keep {
            Effect::new(move |_| filling.restore());
        }
        filling
    }

    pub(super) fn amount(self, item: ItemId) -> Option<u32> {
        self.amounts.read().get(&item).copied()
    }

    pub(super) fn ballot(self) -> Ballot {
        self.amounts.read().iter().map(|(item, amount)| (*item, *amount)).collect()
    }

    /// What is left to spend; less than nothing where too much was typed.
    pub(super) fn left(self) -> i64 {
        let cost = self.candidates.with_value(|all| self.rules.cost(&self.ballot(), all));
        i64::from(self.rules.tokens) - i64::try_from(cost).unwrap_or(i64::MAX)
    }

    pub(super) fn top(self) -> u32 {
        self.rules.top(self.candidates.with_value(Vec::len))
    }

    /// Whether an item can be given this much with what is left.
    pub(super) fn affords(self, item: ItemId, amount: u32) -> bool {
        if amount > self.top() {
            return false;
        }
        if !self.rules.has_tokens() {
            return true;
        }
        let cost = self.cost_of(item);
        let now = self.rules.price(self.amount(item).unwrap_or(0), cost);
        let more = self.rules.price(amount, cost).saturating_sub(now);
        i64::try_from(more).unwrap_or(i64::MAX) <= self.left().max(0)
    }

    fn cost_of(self, item: ItemId) -> u32 {
        self.candidates
            .with_value(|all| all.iter().find(|each| each.item == item).map_or(0, |each| each.cost))
    }

    fn title(self, item: ItemId) -> String {
        self.candidates.with_value(|all| {
            all.iter().find(|each| each.item == item).map(|each| each.title.to_string()).unwrap_or_default()
        })
    }

    /// How many items have something.
    pub(super) fn chosen(self) -> usize {
        self.amounts.read().len()
    }

    pub(super) fn size(self) -> usize {
        self.candidates.with_value(|all| all.iter().filter(|each| !each.withdrawn).count())
    }

    /// Gives an item an amount, or takes it off the ballot; says what is left.
    pub(super) fn give(self, item: ItemId, amount: Option<u32>) {
        let amount = amount.filter(|amount| *amount > 0 || self.rules.mode == Mode::Importance);
        self.amounts.update(|amounts| {
            match amount {
                Some(amount) => amounts.insert(item, amount),
                None => amounts.remove(&item),
            };
        });
        self.touched();
        let (title, amount) = (self.title(item), amount.unwrap_or(0));
        let left = match self.left() {
            left if self.rules.has_tokens() => {
                format!(" {left} {} left.", words::tokens(self.rules.mode, left.unsigned_abs()))
            }
            _ => String::new(),
        };
        self.toasts.announce(format!("“{title}”: {amount}.{left}"));
    }

    /// One more or one less. Says why not, when it cannot be.
    pub(super) fn step(self, item: ItemId, by: i32) {
        let now = self.amount(item).unwrap_or(0);
        let next = now.saturating_add_signed(by);
        if by < 0 || self.affords(item, next) {
            self.give(item, Some(next));
        } else if next > self.top() {
            self.toasts.announce(format!("One item can get {} at most.", self.top()));
        } else {
            let left = self.left().unsigned_abs();
            let name = words::tokens(self.rules.mode, left);
            self.toasts.announce(format!("Only {left} {name} left."));
        }
    }

    /// Puts an item in a place of the ranking, or takes it out.
    pub(super) fn rank(self, item: ItemId, place: Option<u32>) {
        let mut ranked = self.ranked();
        ranked.retain(|other| *other != item);
        let count = ranked.len();
        if let Some(place) = place {
            let index = usize::try_from(place.saturating_sub(1)).unwrap_or(count).min(count);
            ranked.insert(index, item);
        }
        let places = ranked.iter().zip(1..).map(|(item, place)| (*item, place)).collect();
        self.amounts.set(places);
        self.arrange();
        self.touched();
        let title = self.title(item);
        self.toasts.announce(match self.amount(item) {
            Some(place) => format!("“{title}” is in place {place} of {}.", self.ranked().len()),
            None => format!("“{title}” is not ranked."),
        });
    }

    /// Moves an item up or down; one that is not ranked comes in at the end.
    pub(super) fn shift(self, item: ItemId, by: i32) {
        match self.amount(item) {
            None if by < 0 => self.rank(item, Some(u32::MAX)),
            None => {}
            Some(place) => {
                let last = u32::try_from(self.ranked().len()).unwrap_or(u32::MAX);
                let next = place.saturating_add_signed(by);
                self.rank(item, (next <= last).then_some(next.max(1)));
            }
        }
    }

    /// Ranked items in order.
    fn ranked(self) -> Vec<ItemId> {
        let mut places: Vec<(u32, ItemId)> =
            self.amounts.read().iter().map(|(item, place)| (*place, *item)).collect();
        places.sort_unstable();
        places.into_iter().map(|(_, item)| item).collect()
    }

    fn arrange(self) {
        let all: Vec<ItemId> = self.candidates.with_value(|all| all.iter().map(|each| each.item).collect());
        if self.rules.mode != Mode::Ranking {
            self.order.set(all);
            return;
        }
        let mut order = self.ranked();
        let rest: Vec<ItemId> = all.into_iter().filter(|item| !order.contains(item)).collect();
        order.extend(rest);
        self.order.set(order);
    }

    fn touched(self) {
        self.changed.set(true);
        self.cast.set_value(None);
        self.keep();
    }

    /// The number to cast this under.
    pub(super) fn cast_id(self) -> CastId {
        let id = self.cast.get_value().unwrap_or_else(platform::new_cast);
        self.cast.set_value(Some(id));
        id
    }

    /// It was cast as it is. A receipt is kept for whose ballot it is.
    pub(super) fn was_cast(self, receipt: Option<&str>) {
        self.changed.set(false);
        self.cast.set_value(None);
        self.kept.with_value(|kept| {
            if let Some(kept) = kept {
                platform::forget(&kept.ballot());
                if let Some(receipt) = receipt {
                    platform::keep(&kept.receipt(), receipt);
                }
            }
        });
    }

    fn keep(self) {
        let text = serde_json::to_string(&*self.amounts.read_untracked());
        self.kept.with_value(|kept| {
            if let (Some(kept), Ok(text)) = (kept, text) {
                platform::keep(&kept.ballot(), &text);
            }
        });
    }

    /// What was filled in before and not cast.
    fn restore(self) {
        let text = self.kept.with_value(|kept| platform::kept(&kept.as_ref()?.ballot()));
        let Some(mut kept) = text.and_then(|text| serde_json::from_str::<BTreeMap<ItemId, u32>>(&text).ok())
        else {
            return;
        };
        self.candidates.with_value(|all| {
            kept.retain(|item, _| all.iter().any(|each| each.item == *item && !each.withdrawn));
        });
        if kept != *self.amounts.read_untracked() {
            self.amounts.set(kept);
            self.arrange();
            self.changed.set(true);
        }
    }
}

/// Under which names the browser keeps what a person chose in a session. The name is part of them: several people may vote
/// in one browser, and a receipt shows whoever has it the ballot.
#[derive(Clone, Debug)]
pub(in crate::pages::voting) struct Kept(String);

impl Kept {
    pub(in crate::pages::voting) fn of(id: VotingId, voter: &str) -> Self {
        Self(format!("{id}-{voter}"))
    }

    fn ballot(&self) -> String {
        format!("cairn-ballot-{}", self.0)
    }

    pub(in crate::pages::voting) fn receipt(&self) -> String {
        format!("cairn-receipt-{}", self.0)
    }
}
