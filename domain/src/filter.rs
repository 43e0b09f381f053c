//! The quick filter of a roadmap.

mod condition;

use std::{cell::LazyCell, collections::BTreeSet, fmt, str::FromStr};

pub use self::condition::{Condition, ME, MOST as MOST_CONDITIONS, Test};
pub(crate) use self::condition::{escape, unescape};
use crate::{
    FiscalYear, Investment, Item, ItemId, ItemKind, Product, Property, Roadmap, Status, Tag, UserId,
};

/// What the quick filter asks for. Everything given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Words that must all occur in title, description, tags, declared fields or number, in any case.
    pub text: String,
    pub owner: Option<Owner>,
    pub tag: Option<Tag>,
    pub investment: Option<Investment>,
    /// Any of these; every status when there are none.
    pub statuses: Vec<Status>,
    /// Any of these; every type when there are none.
    pub kinds: Vec<ItemKind>,
    /// Whether only what others changed since the reader was here before is wanted.
    pub changed: bool,
    /// Those that are not whole ask for nothing.
    pub conditions: Vec<Condition>,
    /// Whether one of the conditions is enough.
    pub any: bool,
}

/// What is asked about, and by whom.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    pub roadmap: &'a Roadmap,
    pub year: FiscalYear,
    /// The id of whoever looks.
    pub me: &'a str,
    /// What others have changed since they were here before; everything as long as that is not known.
    pub changed: Option<&'a BTreeSet<ItemId>>,
    /// Makes texts that look the same the same, as [`fold`](crate::fold()) does; which tables it uses is the caller's to say.
    pub fold: fn(&str) -> String,
}

/// The names of these.
const OF_PRODUCT: [&str; 3] = ["product", "kind", "stage"];

/// What a portfolio asks of products.
const PRODUCT: [Property; 3] = [Property::Product, Property::ProductKind, Property::Stage];

/// Characters of a filter's text that an address carries.
const MAX_TEXT: usize = 200;

/// Whose items are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    Nobody,
    Person(UserId),
}

const NOBODY: &str = "nobody";

impl FromStr for Owner {
    type Err = <UserId as FromStr>::Err;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == NOBODY { Ok(Owner::Nobody) } else { text.parse().map(Owner::Person) }
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Owner::Nobody => f.write_str(NOBODY),
            Owner::Person(user) => user.fmt(f),
        }
    }
}

/// Choices separated by commas, each once.
fn chosen<T: FromStr + PartialEq>(list: Option<String>) -> Vec<T> {
    let mut chosen = Vec::new();
    for choice in list.unwrap_or_default().split(',').filter_map(|name| name.parse().ok()) {
        if !chosen.contains(&choice) {
            chosen.push(choice);
        }
    }
    chosen
}

fn listed<T: Copy>(chosen: &[T], name: fn(T) -> &'static str) -> Option<String> {
    let names: Vec<_> = chosen.iter().map(|choice| name(*choice)).collect();
    (!names.is_empty()).then(|| names.join(","))
}

impl Filter {
    /// Whether it lets everything through.
    pub fn is_empty(&self) -> bool {
        self.text.trim().is_empty()
            && self.owner.is_none()
            && self.tag.is_none()
            && self.investment.is_none()
            && self.statuses.is_empty()
            && self.kinds.is_empty()
            && !self.changed
            && !self.conditions.iter().any(Condition::is_whole)
    }

    /// Reads the parameters of an address. What it does not know asks for nothing.
    pub fn from_query(get: impl Fn(&str) -> Option<String>) -> Self {
        Self {
            text: get("q").map(|text| text.chars().take(MAX_TEXT).collect()).unwrap_or_default(),
            owner: get("owner").and_then(|owner| owner.parse().ok()),
            tag: get("tag").and_then(|tag| Tag::try_from(tag).ok()),
            investment: get("investment").and_then(|investment| investment.parse().ok()),
            statuses: chosen(get("status")),
            kinds: chosen(get("type")),
            changed: get("changed").as_deref() == Some("yes"),
            conditions: get("where")
                .unwrap_or_default()
                .split(';')
                .filter_map(Condition::read)
                .take(condition::MOST)
                .collect(),
            any: get("match").as_deref() == Some("any"),
        }
    }

    /// The parameters of an address that ask for the same, not encoded.
    pub fn to_query(&self) -> Vec<(&'static str, String)> {
        let text = self.text.trim();
        let text = (!text.is_empty()).then(|| text.chars().take(MAX_TEXT).collect());
        let conditions: Vec<String> =
            self.conditions.iter().filter(|one| one.is_whole()).map(Condition::written).collect();
        let parameters = [
            ("q", text),
            ("owner", self.owner.map(|owner| owner.to_string())),
            ("tag", self.tag.as_ref().map(ToString::to_string)),
            ("investment", self.investment.map(|investment| investment.as_str().to_owned())),
            ("status", listed(&self.statuses, Status::as_str)),
            ("type", listed(&self.kinds, ItemKind::as_str)),
            ("changed", self.changed.then(|| "yes".to_owned())),
            ("where", (!conditions.is_empty()).then(|| conditions.join(";"))),
            ("match", (self.any && conditions.len() > 1).then(|| "any".to_owned())),
        ];
        parameters.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }

    /// Tells of items whether it lets them through.
    pub fn matcher(&self, view: &View) -> impl Fn(&Item) -> bool {
        let fold = view.fold;
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
                && (self.statuses.is_empty() || self.statuses.contains(&fields.status))
                && (self.kinds.is_empty() || self.kinds.contains(&fields.kind))
                && (!self.changed || view.changed.is_none_or(|changed| changed.contains(&item.id)))
                && has_words(item, &wanted, fold)
                && self.meets(item, view)
        }
    }
}

impl Filter {
    /// What is asked of products: which ones, of which kinds, in which stages. The first condition about each; none where one of
    /// several conditions is enough.
    pub fn of_product(&self) -> Vec<&Condition> {
        let first = |property: &Property| {
            let is_it = |one: &&Condition| one.property == *property && one.is_list();
            self.conditions.iter().find(is_it)
        };
        if self.any { Vec::new() } else { PRODUCT.iter().filter_map(first).collect() }
    }

    /// Asks for no other products than these, by their keys.
    pub fn keep_products(&mut self, is_known: impl Fn(&str) -> bool) {
        let of_products = |one: &Condition| one.property == Property::Product && one.is_list();
        for condition in self.conditions.iter_mut().filter(|one| of_products(one)) {
            condition.values.retain(|key| is_known(key));
        }
        self.conditions.retain(|one| !of_products(one) || !one.values.is_empty());
    }

    /// Takes what is asked of products out of the conditions: the address of a portfolio has each under its own name.
    pub fn take_products(&mut self) -> Vec<(&'static str, String)> {
        let mut taken = Vec::new();
        for property in PRODUCT.iter().filter(|_| !self.any) {
            let at = self.conditions.iter().position(|one| one.property == *property && one.is_list());
            if let Some(one) = at.map(|at| self.conditions.remove(at)) {
                let name = OF_PRODUCT.into_iter().find(|name| *name == property.as_str());
                taken.extend(name.map(|name| (name, one.values.join(","))));
            }
        }
        taken
    }

    /// Adds what an address asks of products, by its parameters.
    pub fn ask_products(&mut self, get: impl Fn(&str) -> Option<String>) {
        let asked = PRODUCT.iter().filter_map(|one| Condition::listed(one, &get(one.as_str())?));
        let mut conditions: Vec<Condition> = asked.collect();
        conditions.append(&mut self.conditions);
        conditions.truncate(condition::MOST);
        self.conditions = conditions;
    }

    /// Whether a product can have items that it lets through.
    pub fn takes_product(&self, product: &Product) -> bool {
        self.of_product().iter().all(|one| {
            let value = match one.property {
                Property::Product => product.key.to_string(),
                Property::ProductKind => product.kind.as_str().to_owned(),
                _ => product.stage.as_str().to_owned(),
            };
            one.values.contains(&value)
        })
    }

    /// Whether the conditions hold: all of them, or one where that is enough.
    fn meets(&self, item: &Item, view: &View) -> bool {
        let mut whole = self.conditions.iter().filter(|one| one.is_asked(view));
        if self.any && whole.clone().next().is_some() {
            whole.any(|one| one.holds(item, view))
        } else {
            whole.all(|one| one.holds(item, view))
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
            || item.fields.values.iter().any(|(field, value)| {
                // By the label of a choice where every roadmap has the field; people's own keep their keys to themselves.
                let words = field.declared().map_or_else(|| value.to_string(), |def| def.words(value));
                fold(&words).contains(word)
            })
            || word.rsplit('-').next().is_some_and(|digits| digits.parse() == Ok(item.number))
    })
}

#[cfg(test)]
mod tests;
