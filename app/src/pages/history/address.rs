//! What the address of a history asks for. What it cannot ask for is left out, and a sentence says so.

use backend::rooms::{HistoryFilter, HistoryPlace};
use domain::{Date, Field, HistoryKind, ItemKey, Member, Product, Roadmap, Timestamp, UserId};

use crate::pages::history::data::Asked;

/// The most characters of a parameter.
const MOST: usize = 200;

const DAY: i64 = 86_400_000;

/// What is wanted, and what of the address was left out.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    pub(super) filter: HistoryFilter,
    pub(super) before: HistoryPlace,
    pub(super) notices: Vec<String>,
}

pub(super) fn read(asked: &Asked, product: &Product, members: &[Member], roadmap: &Roadmap) -> Wanted {
    let mut address = Address { asked, notices: Vec::new() };
    let by = address.take("by", |text| person(text, members));
    let kind = address.take("what", |text| {
        let kind = text.parse::<HistoryKind>();
        kind.map_err(|_| format!("“{}” isn’t a kind of change. All kinds are shown.", short(text)))
    });
    let item = address.take("item", |text| {
        let key = text.parse::<ItemKey>().map_err(|error| format!("{error} All items are shown."))?;
        let found = roadmap.item_numbered(key.number).filter(|_| key.product == product.key);
        found
            .map(|item| item.id)
            .ok_or_else(|| format!("{key} isn’t an item of {}. All items are shown.", product.key))
    });
    let field = address.take("field", |text| {
        let is_known =
            Field::ALL.iter().any(|field| field.as_str() == text) || roadmap.fields().find(text).is_some();
        let unknown = || format!("{} has no field “{}”. All fields are shown.", product.key, short(text));
        is_known.then(|| text.to_owned()).ok_or_else(unknown)
    });
    let day = address.take("day", |text| Ok((moment(text, Edge::Start)?, moment(text, Edge::End)?)));
    let from = address.take("from", |text| moment(text, Edge::Start)).or(day.map(|(start, _)| start));
    let until = address.take("to", |text| moment(text, Edge::End)).or(day.map(|(_, end)| end));
    if from.zip(until).is_some_and(|(from, until)| from >= until) {
        address.notices.push("The first day is after the last, so there is nothing between them.".to_owned());
    }
    let has_reason = address.take("reason", |text| {
        let wrong =
            || "The address asks for changes with a reason by “yes”. All changes are shown.".to_owned();
        (text == "yes").then_some(()).ok_or_else(wrong)
    });
    let words = address.take("words", |text| Ok(text.to_owned())).unwrap_or_default();
    let before = address.take("before", |text| {
        let wrong = "The address names no place in this history. The latest changes are shown.";
        text.parse::<HistoryPlace>().map_err(|_| wrong.to_owned())
    });
    let filter =
        HistoryFilter { by, kind, item, field, from, until, has_reason: has_reason.is_some(), words };
    Wanted { filter, before: before.unwrap_or_default(), notices: address.notices }
}

struct Address<'a> {
    asked: &'a Asked,
    notices: Vec<String>,
}

impl Address<'_> {
    fn take<T>(&mut self, name: &str, read: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        let text: String = self.asked.get(name)?.trim().chars().take(MOST).collect();
        if text.is_empty() {
            return None;
        }
        read(&text).map_err(|sentence| self.notices.push(sentence)).ok()
    }
}

fn person(text: &str, members: &[Member]) -> Result<UserId, String> {
    let user = text.parse::<UserId>().ok().filter(|user| members.iter().any(|member| member.id == *user));
    user.ok_or_else(|| {
        "The address names nobody who is or was a member. Changes by everyone are shown.".to_owned()
    })
}

#[derive(Clone, Copy)]
enum Edge {
    Start,
    End,
}

/// A day, or a moment of one, in UTC.
fn moment(text: &str, edge: Edge) -> Result<Timestamp, String> {
    let Ok(day) = text.parse::<Date>() else {
        let wrong = || format!("“{}” isn’t a day like 2026-11-21. All days are shown.", short(text));
        return Timestamp::from_utc_minute(text).ok_or_else(wrong);
    };
    let start = Timestamp::from_utc_minute(&format!("{day}T00:00")).unwrap_or_default();
    Ok(match edge {
        Edge::Start => start,
        Edge::End => Timestamp(start.0 + DAY),
    })
}

/// As much of a text as a sentence repeats.
fn short(text: &str) -> String {
    const MOST: usize = 40;
    let beginning: String = text.chars().take(MOST).collect();
    if beginning.len() < text.len() { format!("{beginning}…") } else { beginning }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str, edge: Edge) -> Result<String, String> {
        moment(text, edge).map(|at| at.utc().to_string())
    }

    #[test]
    fn a_day_lasts_to_its_end_and_a_moment_is_exact() {
        assert_eq!(utc("2026-11-21", Edge::Start).as_deref(), Ok("2026-11-21T00:00:00.000Z"));
        assert_eq!(utc("2026-11-21", Edge::End).as_deref(), Ok("2026-11-22T00:00:00.000Z"));
        assert_eq!(utc("2026-11-21T22:00", Edge::Start), utc("2026-11-21T22:00", Edge::End));
        for text in ["yesterday", "2026-11-31", "2026-11-21T25:00"] {
            let sentence = utc(text, Edge::Start).unwrap_err();
            assert!(sentence.contains(text) && sentence.contains("a day like"), "{sentence}");
        }
    }
}
