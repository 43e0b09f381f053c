//! Values of a file that mean nothing to Cairn yet, each with what becomes of it: the usual, or what was chosen.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use domain::{
    Investment, ItemKind, LaneName, Roadmap, Status, Tag, UserId,
    exchange::{Answers, Choice, Question, Questions},
};

use super::{
    draft::{PRIORITY, priority_tag},
    grid::one_line,
    people::People,
    words,
};

/// Values of a kind that are listed, most frequent first, and those that are counted at all.
const LISTED: usize = 100;
const COUNTED: usize = 20_000;

/// Characters of a value that tell it from others.
const MAX_VALUE: usize = 200;

/// What a value stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum What {
    Status,
    Kind,
    Investment,
    Owner,
    Lane,
    Priority,
    Tag,
}

impl What {
    fn id(self) -> &'static str {
        match self {
            What::Status => "status",
            What::Kind => "type",
            What::Investment => "investment",
            What::Owner => "owner",
            What::Lane => "lane",
            What::Priority => "priority",
            What::Tag => "tag",
        }
    }

    fn title(self) -> &'static str {
        match self {
            What::Status => "Unknown statuses",
            What::Kind => "Unknown types",
            What::Investment => "Unknown investments",
            What::Owner => "People who are not members",
            What::Lane => "New lanes",
            What::Priority => "Priorities",
            What::Tag => "New tags",
        }
    }

    fn usual(self) -> &'static str {
        match self {
            What::Status | What::Kind | What::Investment | What::Priority => TAG,
            What::Owner => TEXT,
            What::Lane | What::Tag => CREATE,
        }
    }
}

const EMPTY: &str = "empty";
const TAG: &str = "tag";
const TEXT: &str = "text";
const CREATE: &str = "create";

/// What becomes of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Taken<T> {
    As(T),
    Empty,
    Tag,
    Text,
}

/// Looks values up, and counts those that are unknown.
#[derive(Debug)]
pub(super) struct Values<'a> {
    answers: &'a Answers,
    pub(super) people: People<'a>,
    lanes: BTreeMap<String, String>,
    /// How many items have each tag.
    tags: HashMap<String, u32>,
    /// What priorities were chosen to become.
    priorities: HashSet<&'a str>,
    /// By kind and value in lower case: how often, as it is first written, and the answer in force.
    unknown: BTreeMap<What, HashMap<String, (u32, String, String)>>,
}

impl<'a> Values<'a> {
    pub(super) fn new(answers: &'a Answers, people: People<'a>, roadmap: &Roadmap) -> Self {
        let lanes = roadmap.lane_order().iter().filter_map(|id| roadmap.lane(*id));
        let mut tags = HashMap::new();
        for item in roadmap.items().filter(|item| item.deleted.is_none()) {
            for tag in &item.fields.tags {
                *tags.entry(tag.to_string()).or_default() += 1;
            }
        }
        let priorities = answers.0.iter().filter(|(id, _)| id.starts_with("priority:"));
        Self {
            answers,
            people,
            lanes: lanes.map(|lane| (words::alike(&lane.name), lane.name.to_string())).collect(),
            tags,
            priorities: priorities.filter_map(|(_, answer)| answer.strip_prefix('=')).collect(),
            unknown: BTreeMap::new(),
        }
    }

    /// The answer about a value: one of the usual ones, or `=` and what it is taken for.
    fn ask(&mut self, what: What, value: &str) -> &str {
        let lower: String = value.to_lowercase().chars().take(MAX_VALUE).collect();
        let unknown = self.unknown.entry(what).or_default();
        if unknown.len() >= COUNTED && !unknown.contains_key(&lower) {
            return what.usual();
        }
        let answers = self.answers;
        let id = || format!("{}:{lower}", what.id());
        let answer = || answers.0.get(&id()).map_or(what.usual(), String::as_str).to_owned();
        let entry =
            unknown.entry(lower.clone()).or_insert_with(|| (0, one_line(value, MAX_VALUE).0, answer()));
        entry.0 += 1;
        &entry.2
    }

    fn choose<T>(&mut self, what: What, value: &str, named: impl Fn(&str) -> Option<T>) -> Taken<T> {
        match self.ask(what, value) {
            EMPTY => Taken::Empty,
            TEXT => Taken::Text,
            answer => answer.strip_prefix('=').and_then(named).map_or(Taken::Tag, Taken::As),
        }
    }

    pub(super) fn status(&mut self, value: &str) -> Taken<Status> {
        match words::status(value) {
            Some(status) => Taken::As(status),
            None => self.choose(What::Status, value, |name| name.parse().ok()),
        }
    }

    pub(super) fn kind(&mut self, value: &str) -> Taken<ItemKind> {
        match words::kind(value) {
            Some(kind) => Taken::As(kind),
            None => self.choose(What::Kind, value, |name| name.parse().ok()),
        }
    }

    pub(super) fn investment(&mut self, value: &str) -> Taken<Investment> {
        match words::investment(value) {
            Some(investment) => Taken::As(investment),
            None => self.choose(What::Investment, value, |name| name.parse().ok()),
        }
    }

    pub(super) fn priority(&mut self, value: &str) -> Taken<Tag> {
        self.choose(What::Priority, value, |name| name.parse().ok())
    }

    /// Whether a tag says what priority an item has.
    pub(super) fn is_priority(&self, tag: &Tag) -> bool {
        tag.starts_with(PRIORITY) || self.priorities.contains(&**tag)
    }

    pub(super) fn owner(&mut self, value: &str) -> Taken<UserId> {
        if let Some(id) = self.people.find(value) {
            return Taken::As(id);
        }
        match self.ask(What::Owner, value).to_owned().as_str() {
            EMPTY => Taken::Empty,
            TAG => Taken::Tag,
            answer => {
                let member = answer.strip_prefix('=').and_then(|address| self.people.by_address(address));
                member.map_or(Taken::Text, Taken::As)
            }
        }
    }

    /// The name of the lane that is meant.
    pub(super) fn lane(&mut self, name: LaneName) -> Taken<LaneName> {
        if self.lanes.contains_key(&words::alike(&name)) {
            return Taken::As(name);
        }
        match self.ask(What::Lane, &name) {
            EMPTY => Taken::Empty,
            TAG => Taken::Tag,
            TEXT => Taken::Text,
            answer => Taken::As(answer.strip_prefix('=').and_then(|name| name.parse().ok()).unwrap_or(name)),
        }
    }

    pub(super) fn tag(&mut self, tag: Tag) -> Option<Tag> {
        if self.tags.contains_key(&*tag) {
            return Some(tag);
        }
        match self.ask(What::Tag, &tag) {
            EMPTY => None,
            answer => Some(answer.strip_prefix('=').and_then(|name| name.parse().ok()).unwrap_or(tag)),
        }
    }

    /// The values of a kind that are listed, the most frequent first.
    fn listed(&self, what: What) -> Vec<(&String, &(u32, String, String))> {
        let mut listed: Vec<_> = self.unknown.get(&what).into_iter().flatten().collect();
        listed.sort_by(|(a, (often, ..)), (b, (seldom, ..))| seldom.cmp(often).then_with(|| a.cmp(b)));
        listed.truncate(LISTED);
        listed
    }

    /// Tags to choose from: the most frequent of the product, then those of the file.
    fn known_tags(&self) -> BTreeSet<String> {
        let mut own: Vec<_> = self.tags.iter().collect();
        own.sort_by(|(a, often), (b, seldom)| seldom.cmp(often).then_with(|| a.cmp(b)));
        let own = own.into_iter().map(|(tag, _)| tag.clone()).take(LISTED);
        let priorities = self.listed(What::Priority).into_iter();
        let priorities = priorities.filter_map(|(value, _)| Some(priority_tag(value)?.to_string()));
        own.chain(self.listed(What::Tag).into_iter().map(|(tag, _)| tag.clone())).chain(priorities).collect()
    }

    /// What can be chosen, the most frequent values first.
    pub(super) fn questions(&self) -> Vec<Questions> {
        let of = |what: &What| {
            let listed = self.listed(*what);
            let options = self.options(*what);
            let known: BTreeSet<&str> = options.iter().map(|choice| choice.id.as_str()).collect();
            let question = |(lower, (count, value, answer)): (&String, &(u32, String, String))| Question {
                id: format!("{}:{lower}", what.id()),
                label: value.clone(),
                count: *count,
                answer: if known.contains(answer.as_str()) {
                    answer.clone()
                } else {
                    what.usual().to_owned()
                },
            };
            let questions = listed.into_iter().map(question).collect();
            Questions { title: what.title().to_owned(), options, questions }
        };
        self.unknown.keys().map(of).collect()
    }

    fn options(&self, what: What) -> Vec<Choice> {
        let choice = |id: &str, label: &str| Choice { id: id.to_owned(), label: label.to_owned() };
        let is = |id: &str, label: &str| choice(&format!("={id}"), label);
        let (empty, tag, text) =
            (choice(EMPTY, "Leave empty"), choice(TAG, "Keep as a tag"), choice(TEXT, "Keep as text"));
        let mut options = match what {
            What::Status | What::Kind | What::Investment | What::Priority => vec![tag, text, empty],
            What::Owner => vec![text, tag, empty],
            What::Lane => {
                vec![choice(CREATE, "Add the lane"), tag, text, choice(EMPTY, "Use the first lane")]
            }
            What::Tag => vec![choice(CREATE, "Add the tag"), choice(EMPTY, "Leave out")],
        };
        match what {
            What::Status => options.extend(Status::ALL.iter().map(|it| is(it.as_str(), it.label()))),
            What::Kind => options.extend(ItemKind::ALL.iter().map(|it| is(it.as_str(), it.label()))),
            What::Investment => options.extend(Investment::ALL.iter().map(|it| is(it.as_str(), it.label()))),
            What::Owner => {
                let members = self.people.members().iter().filter(|member| member.active);
                options
                    .extend(members.filter_map(|it| Some(is(it.email.as_deref()?, &it.name))).take(LISTED));
            }
            What::Lane => options.extend(self.lanes.values().take(LISTED).map(|name| is(name, name))),
            What::Priority | What::Tag => {
                options.extend(self.known_tags().iter().map(|tag| is(tag, tag)));
            }
        }
        options
    }
}
