//! What is different at the later moment, by what it means to people.

use backend::rooms::{Changes, Origin};
use domain::{
    Field, FieldValue, PersonDays, UserId,
    compare::{Difference, ItemDifference, LaneDifference},
    counted,
};
use leptos::prelude::*;

use super::Drawing;
use crate::ui::{history::before_and_after, time};

/// Under which heading a difference is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Added,
    Removed,
    Moved,
    Slipped,
    Earlier,
    Reestimated,
    Reprioritised,
    Edited,
}

const PARTS: [(Part, &str); 8] = [
    (Part::Added, "Added"),
    (Part::Removed, "Removed"),
    (Part::Moved, "Moved"),
    (Part::Slipped, "Slipped"),
    (Part::Earlier, "Earlier"),
    (Part::Reestimated, "Re-estimated"),
    (Part::Reprioritised, "Reprioritised"),
    (Part::Edited, "Edited"),
];

impl Part {
    fn of(difference: &Difference) -> Self {
        match difference {
            Difference::Added { .. } => Part::Added,
            Difference::Removed { .. } => Part::Removed,
            Difference::Moved { .. } => Part::Moved,
            Difference::Reordered { .. } => Part::Reprioritised,
            Difference::Rescheduled { before, after } if after > before => Part::Slipped,
            Difference::Rescheduled { .. } => Part::Earlier,
            Difference::Reestimated { .. } => Part::Reestimated,
            Difference::Set { .. } | Difference::ValueSet(_) => Part::Edited,
        }
    }
}

impl Drawing<'_> {
    pub(super) fn changes(&self, changes: &Changes) -> AnyView {
        let words = (self.from.seq != self.to.seq).then(|| {
            let (from, to) = (self.moment_words(self.from), self.moment_words(self.to));
            view! { <p class="quiet">"From " {from} " to " {to}</p> }
        });
        let span = view! {
            <header class="past__summary">
                <h2>"What changed"</h2>
                {words}
            </header>
        };
        if changes.comparison.is_empty() {
            let nothing = if self.from.seq == self.to.seq {
                "This is one moment. Drag the slider back to see what has changed since."
            } else {
                "Nothing is different between these two moments."
            };
            return view! { <section class="past__part">{span} <p>{nothing}</p></section> }.into_any();
        }
        let items = changes.comparison.items.iter().enumerate();
        let items: Vec<(&ItemDifference, Option<&Origin>)> =
            items.map(|(index, difference)| (difference, changes.origins.get(&index))).collect();
        let parts = PARTS.into_iter().map(|(part, heading)| {
            let rows: Vec<_> = items.iter().filter(|(row, _)| Part::of(&row.what) == part).collect();
            (!rows.is_empty()).then(|| {
                let sum = sum(part, rows.iter().map(|(row, _)| &row.what));
                view! {
                    <div class="past__changes" data-part=heading>
                        {heading_of(heading, rows.len(), sum)}
                        <ul>{rows.into_iter().map(|(row, origin)| self.row(row, *origin)).collect_view()}</ul>
                    </div>
                }
            })
        });
        view! {
            <section class="past__part">
                {span} {parts.collect_view()} {lanes(&changes.comparison.lanes)}
            </section>
        }
        .into_any()
    }

    fn row(&self, row: &ItemDifference, origin: Option<&Origin>) -> AnyView {
        let origin = origin.map(|Origin { at, actor, reason }| {
            let who = if *actor == UserId::NIL { "someone".to_owned() } else { self.name(*actor) };
            let reason = reason.as_ref().map(|reason| {
                let says = format!("Reason: {reason}");
                view! { " · " <span dir="auto">{says}</span> }
            });
            view! {
                <p class="past__origin">
                    <span dir="auto">{who}</span>
                    ", "
                    {time(*at)}
                    {reason}
                </p>
            }
        });
        view! {
            <li class="past__change">
                <p>
                    <a href=self.item_path(row.number)>
                        <span class="past__key">{format!("{}-{}", self.product.key, row.number)}</span>
                        " "
                        <span dir="auto">{row.title.clone()}</span>
                    </a>
                </p>
                <p class="past__what">{self.what(&row.what)}</p>
                {texts(&row.what)}
                {origin}
            </li>
        }
        .into_any()
    }

    /// A difference in words, without the item.
    pub(super) fn what(&self, difference: &Difference) -> String {
        let words = |value: &FieldValue| value.words(|user| self.name(user));
        match difference {
            Difference::Added { lane } => format!("to {lane}"),
            Difference::Removed { lane } => format!("from {lane}"),
            Difference::Moved { from, to } => format!("{from} → {to}"),
            Difference::Reordered { lane, from, to } => {
                let direction = if to < from { "up" } else { "down" };
                format!("{direction} in {lane}, from {from} to {to}")
            }
            Difference::Rescheduled { before, after } => {
                let days = difference.slip().unwrap_or_default().unsigned_abs();
                let direction = if after > before { "later" } else { "earlier" };
                format!("{} {direction}: {before} → {after}", counted(days, "day", "days"))
            }
            Difference::Reestimated { before, after } => format!("{} → {}", effort(*before), effort(*after)),
            Difference::Set { field: Field::Description, .. } => "description".to_owned(),
            Difference::ValueSet(value) if value.is_long() => value.in_sentence(),
            Difference::Set { field, before, after } => {
                format!("{}: {} → {}", field.label(), words(before), words(after))
            }
            Difference::ValueSet(value) => {
                format!("{}: {} → {}", value.in_sentence(), words(&value.before), words(&value.after))
            }
        }
    }
}

fn lanes(lanes: &[LaneDifference]) -> Option<AnyView> {
    let told = |lane: &LaneDifference| match lane {
        LaneDifference::Added { name } => format!("{name} was added"),
        LaneDifference::Removed { name } => format!("{name} was removed"),
        LaneDifference::Renamed { before, after } => format!("{before} is now called {after}"),
    };
    let rows = lanes
        .iter()
        .map(|lane| view! { <li class="past__change" dir="auto">{told(lane)}</li> })
        .collect_view();
    (!lanes.is_empty()).then(|| {
        view! {
            <div class="past__changes" data-part="Lanes">
                {heading_of("Lanes", lanes.len(), None)}
                <ul>{rows}</ul>
            </div>
        }
        .into_any()
    })
}

fn heading_of(what: &'static str, number: usize, sum: Option<String>) -> AnyView {
    let sum = sum.map(|sum| view! { <span class="quiet">{sum}</span> });
    view! {
        <h3 class="past__heading">{what} " " <span class="past__count">{number}</span> {sum}</h3>
    }
    .into_any()
}

fn effort(effort: Option<PersonDays>) -> String {
    effort.map_or_else(|| "no estimate".to_owned(), |effort| format!("{effort} d"))
}

/// What the differences of a part come to together.
fn sum<'a>(part: Part, differences: impl Iterator<Item = &'a Difference>) -> Option<String> {
    match part {
        Part::Slipped | Part::Earlier => {
            let days: i64 = differences.filter_map(Difference::slip).sum();
            Some(format!("{} in all", counted(days.unsigned_abs(), "day", "days")))
        }
        Part::Reestimated => {
            let tenths = |effort: &Option<PersonDays>| effort.map_or(0, |effort| i64::from(effort.tenths()));
            let more: i64 = differences
                .map(|difference| match difference {
                    Difference::Reestimated { before, after } => tenths(after) - tenths(before),
                    _ => 0,
                })
                .sum();
            let sign = if more < 0 { '−' } else { '+' };
            let all = PersonDays::from_tenths(u32::try_from(more.unsigned_abs()).ok()?)?;
            Some(format!("{sign}{all} d in all"))
        }
        _ => None,
    }
}

/// Long texts before and after, to open on demand.
fn texts(difference: &Difference) -> Option<AnyView> {
    let Difference::Set { field: Field::Description, before, after } = difference else { return None };
    Some(before_and_after(before.text(), after.text()))
}
