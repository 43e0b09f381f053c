//! The quiet badges of a card, which the board has and a picture of its past.

use domain::{
    Checklist, Date, FieldKey, ItemFields, ItemId, OBJECTIVES, PersonDays, Property, Roadmap, Status, Tag,
    Value,
};
use leptos::prelude::*;

use super::Board;
use crate::ui::{Icon, MONTHS};

/// What ends the badges of a card: tags, dates and owner in a line of their own, or the owner alone.
pub(crate) fn last(fields: &ItemFields, owner: impl IntoView + 'static) -> AnyView {
    let dates = dates(fields);
    if fields.tags.is_empty() && dates.is_none() {
        return owner.into_any();
    }
    view! { <span class="card__line">{tags(fields)} {dates} {owner}</span> }.into_any()
}

/// How far the item has come. The style draws it, so that it is a single element.
pub(crate) fn status(fields: &ItemFields) -> impl IntoView + use<> {
    mark(fields.status, fields.status.label().to_owned())
}

/// The mark of a status, with what it means here.
pub(crate) fn mark(status: Status, means: String) -> impl IntoView + use<> {
    let class = format!("status status--{}", status.as_str());
    view! { <span class=class title=means.clone() role="img" aria-label=means></span> }
}

pub(crate) fn investment(fields: &ItemFields) -> Option<impl IntoView + use<>> {
    let investment = fields.investment?;
    Some(view! {
        <span
            class=format!("badge badge--{}", investment.as_str())
            title=investment.label()
            role="img"
            aria-label=investment.label()
        >
            <Icon name=investment.as_str() />
        </span>
    })
}

pub(crate) fn upvotes(votes: u32) -> Option<impl IntoView> {
    counted(votes as usize, "up", "Upvotes", [" upvote", " upvotes"])
}

pub(crate) fn comments(comments: usize) -> Option<impl IntoView> {
    counted(comments, "comment", "Comments", [" comment", " comments"])
}

/// How many tasks of the description are done: `2/5`.
pub(crate) fn checklist(fields: &ItemFields) -> Option<impl IntoView + use<>> {
    let Checklist { done, all } = Checklist::of(&fields.description)?;
    Some(view! {
        <span class="badge" title="Tasks done">
            <Icon name="check" />
            {format!("{done}/{all}")}
            <span class="visually-hidden">" tasks done"</span>
        </span>
    })
}

/// What a view wants to see on cards: properties in its order, as far as the item has them.
pub(crate) fn chosen(board: Board, id: ItemId, properties: &[Property]) -> AnyView {
    let badges = board.room.with(|roadmap| {
        let item = roadmap.item(id)?;
        let badge = |property: &Property| {
            let def = property.def(roadmap)?;
            let value = property.get(roadmap, item, board.year).filter(|value| *value != Value::Number(0))?;
            let words = property.words(&def, &value, board.year, &|user| board.room.person(user));
            let warning = match property {
                Property::Blocked if roadmap.linked(id).early > 0 => ". Starts before what it waits for ends",
                Property::Declared(key)
                    if *key == FieldKey::from(OBJECTIVES) && roadmap.computed(id).over_budget =>
                {
                    ". Over budget"
                }
                _ => "",
            };
            Some((def.label.to_string(), words, warning))
        };
        Some(properties.iter().filter_map(badge).collect::<Vec<_>>())
    });
    let view = |(label, words, warning): (String, String, &'static str)| {
        let title = format!("{label}: {words}{warning}");
        let is_marked = !warning.is_empty();
        let class = if is_marked { "badge badge--chosen badge--early" } else { "badge badge--chosen" };
        view! {
            <span class=class title=title dir="auto">
                <span class="badge__label">{label}</span>
                " "
                {words}
                {is_marked.then(|| view! { <span class="visually-hidden">{warning}</span> })}
            </span>
        }
    };
    badges.unwrap_or_default().into_iter().map(view).collect_view().into_any()
}

/// How many there are, where there are any.
fn counted(
    count: usize,
    icon: &'static str,
    title: &'static str,
    [one, many]: [&'static str; 2],
) -> Option<impl IntoView> {
    (count > 0).then(|| {
        view! {
            <span class="badge" title=title>
                <Icon name=icon />
                {count}
                <span class="visually-hidden">{if count == 1 { one } else { many }}</span>
            </span>
        }
    })
}

/// How many tags a card shows.
const TAGS: usize = 2;

/// The first tags, and how many there are beyond.
fn tags(fields: &ItemFields) -> impl IntoView + use<> {
    let tag = |tag: &Tag| {
        view! {
            <span class="card__tag" title=tag.to_string() dir="auto">
                {tag.to_string()}
            </span>
        }
    };
    let beyond: Vec<String> = fields.tags.iter().skip(TAGS).map(ToString::to_string).collect();
    let more = (!beyond.is_empty()).then(|| {
        view! {
            <span class="card__more" title=beyond.join(", ")>
                {format!("+{}", beyond.len())}
            </span>
        }
    });
    (fields.tags.iter().take(TAGS).map(tag).collect_view(), more)
}

pub(crate) fn effort(fields: &ItemFields) -> Option<impl IntoView + use<>> {
    let effort = fields.effort?;
    Some(view! {
        <span class="badge" title="Effort in person-days">
            {effort.to_string()} " d"
        </span>
    })
}

/// The sum of the effort of items, where there is any: `5 d`.
pub(super) fn effort_sum(roadmap: &Roadmap, items: &[ItemId]) -> Option<String> {
    let items = items.iter().filter_map(|id| roadmap.item(*id));
    let tenths: u32 = items.filter_map(|item| item.fields.effort).map(PersonDays::tenths).sum();
    (tenths > 0).then(|| PersonDays::from_tenths(tenths).map(|sum| format!("{sum} d"))).flatten()
}

fn dates(fields: &ItemFields) -> Option<impl IntoView + use<>> {
    let text = match (fields.start, fields.end) {
        (None, None) => return None,
        (Some(start), None) => format!("from {}", day(start)),
        (None, Some(end)) => format!("by {}", day(end)),
        (Some(start), Some(end)) if (start.year(), start.month()) == (end.year(), end.month()) => month(end),
        (Some(start), Some(end)) if start.year() == end.year() => {
            format!("{}–{}", month_name(start), month(end))
        }
        (Some(start), Some(end)) => format!("{}–{}", month(start), month(end)),
    };
    Some(view! {
        <span class="badge badge--dates" title="Dates">
            {text}
        </span>
    })
}

/// `Nov 26`: month and year.
fn month(date: Date) -> String {
    format!("{} {:02}", month_name(date), date.year().rem_euclid(100))
}

/// `21 Nov 26`.
pub(crate) fn day(date: Date) -> String {
    format!("{} {}", date.day(), month(date))
}

/// `Nov`.
pub(crate) fn month_name(date: Date) -> &'static str {
    MONTHS[usize::from(date.month().unsigned_abs()).saturating_sub(1) % 12]
}
