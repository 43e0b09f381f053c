//! The board as it was, with what has become of its cards.

use std::collections::BTreeMap;

use domain::{
    Item, ItemId, PersonDays,
    compare::{Comparison, Difference},
};
use leptos::prelude::*;

use super::Drawing;
use crate::{board::badges, ui::Avatar};

impl Drawing<'_> {
    pub(super) fn board(&self, comparison: &Comparison) -> AnyView {
        let mut marks: BTreeMap<ItemId, Vec<&Difference>> = BTreeMap::new();
        for difference in &comparison.items {
            marks.entry(difference.item).or_default().push(&difference.what);
        }
        let roadmap = &self.shown.roadmap;
        let lanes = roadmap.lane_order().iter().filter_map(|id| roadmap.lane(*id)).map(|lane| {
            let items = roadmap.lane_items(lane.id).iter().filter_map(|id| roadmap.item(*id));
            let items: Vec<&Item> = items.map(AsRef::as_ref).collect();
            let tenths: u32 = items.iter().filter_map(|item| item.fields.effort).map(PersonDays::tenths).sum();
            let effort = (tenths > 0).then(|| PersonDays::from_tenths(tenths)).flatten();
            let cards =
                items.iter().map(|item| self.card(item, marks.get(&item.id).map_or(&[], Vec::as_slice)));
            let empty = items.is_empty().then(|| view! { <p class="lane__empty">"Nothing was here"</p> });
            let heading = format!("lane-name-{}", lane.id);
            let labelled_by = heading.clone();
            view! {
                <section class="lane" aria-labelledby=labelled_by>
                    <header class="lane__header">
                        <h2 class="lane__name" id=heading>
                            {lane.name.to_string()}
                        </h2>
                        <span class="lane__count">{items.len()} <span class="visually-hidden">" items"</span></span>
                        <span class="lane__effort">{effort.map(|sum| format!("{sum} d"))}</span>
                    </header>
                    <ol class="lane__cards">{cards.collect_view()}</ol>
                    {empty}
                </section>
            }
        });
        let nothing = roadmap.lane_order().is_empty().then(|| {
            view! {
                <div class="empty">
                    <h2>"There was nothing yet"</h2>
                    <p>"The roadmap begins with its first change."</p>
                </div>
            }
        });
        view! {
            <div class="board past__board" role="group" aria-label="Roadmap as it was" tabindex="0">
                {lanes.collect_view()}
                {nothing}
            </div>
        }
        .into_any()
    }

    fn card(&self, item: &Item, differences: &[&Difference]) -> AnyView {
        let fields = &item.fields;
        let investment = fields.investment.map_or("none", |kind| kind.as_str());
        let owner =
            fields.owner.map(|owner| view! { <Avatar name=self.name(owner) colour=self.colour(owner) /> });
        let marks: Vec<String> = differences.iter().filter_map(|difference| self.mark(difference)).collect();
        view! {
            <li class=format!("card past__card card--{investment} card--{}", fields.status.as_str())>
                <a class="card__link" href=self.item_path(item.number) dir="auto">
                    {fields.title.to_string()}
                </a>
                <div class="card__badges">
                    {badges::status(fields)}
                    <span class="card__key">{format!("{}-{}", self.product.key, item.number)}</span>
                    {badges::investment(fields)}
                    {badges::upvotes(self.shown.roadmap.vote_count(item.id))}
                    {badges::effort(fields)}
                    {badges::last(fields, owner)}
                </div>
                {(!marks.is_empty()).then(|| view! { <p class="past__mark" dir="auto">{marks.join(" · ")}</p> })}
            </li>
        }
        .into_any()
    }

    /// What became of a card, as seen from the moment that is shown. Backwards when that is the later one.
    fn mark(&self, difference: &Difference) -> Option<String> {
        let backwards = self.shown.seq == self.to.seq && self.from.seq != self.to.seq;
        Some(match (difference, backwards) {
            (Difference::Added { .. }, true) => "new".to_owned(),
            (Difference::Removed { .. }, false) => "later removed".to_owned(),
            (Difference::Moved { from, .. }, true) => format!("was in {from}"),
            (Difference::Moved { to, .. }, false) => format!("later in {to}"),
            (Difference::Rescheduled { .. } | Difference::Reestimated { .. }, _) => self.what(difference),
            (Difference::Set { field, .. }, _) => format!("{} edited", field.label()),
            _ => return None,
        })
    }
}
