//! The quick filter of the board, and lanes sorted by votes.

use std::cell::LazyCell;

use crate::{Investment, Item, ItemId, Roadmap, Tag, UserId, sorted};

/// What the quick filter asks for. Everything given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Words that must all occur in title, description, tags or number, in any case.
    pub text: String,
    pub owner: Option<Owner>,
    pub tag: Option<Tag>,
    pub investment: Option<Investment>,
}

/// Whose items are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    Nobody,
    Person(UserId),
}

impl Filter {
    /// Whether it lets everything through.
    pub fn is_empty(&self) -> bool {
        self.text.trim().is_empty() && self.owner.is_none() && self.tag.is_none() && self.investment.is_none()
    }

    /// Tells of items whether it lets them through. Texts are compared as [`fold`](crate::fold()) makes them; which tables it
    /// uses is the caller's to say.
    pub fn matcher(&self, fold: fn(&str) -> String) -> impl Fn(&Item) -> bool {
        let wanted = fold(&self.text);
        move |item| {
            let fields = &item.fields;
            let owner = match self.owner {
                None => true,
                Some(Owner::Nobody) => fields.owner.is_none(),
                Some(Owner::Person(user)) => fields.owner == Some(user),
            };
            owner
                && self.tag.as_ref().is_none_or(|tag| fields.tags.contains(tag))
                && self.investment.is_none_or(|investment| fields.investment == Some(investment))
                && has_words(item, &wanted, fold)
        }
    }
}

fn has_words(item: &Item, wanted: &str, fold: fn(&str) -> String) -> bool {
    let title = LazyCell::new(|| fold(&item.fields.title));
    let description = LazyCell::new(|| fold(&item.fields.description));
    wanted.split_whitespace().all(|word| {
        title.contains(word)
            || description.contains(word)
            || item.fields.tags.iter().any(|tag| tag.contains(word) || fold(tag).contains(word))
            || word.rsplit('-').next().is_some_and(|digits| digits.parse() == Ok(item.number))
    })
}

/// Items of a list with the most upvotes first; equal ones stay in board order.
pub fn by_votes(roadmap: &Roadmap, items: &[ItemId]) -> Vec<ItemId> {
    sorted(items, |a, b| roadmap.vote_count(*b).cmp(&roadmap.vote_count(*a)))
}

#[cfg(test)]
mod tests;
