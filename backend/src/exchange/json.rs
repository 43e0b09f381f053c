//! A whole roadmap as JSON, for other programs: people by e-mail address, or by name where the reader may not know it, items in board order, the bin too.

use std::{
    collections::{BTreeMap, HashMap},
    num::NonZeroU16,
};

use domain::{
    Date, FiscalYear, Investment, Item, ItemKey, ItemKind, Member, PersonDays, Product, Reaction, Roadmap,
    Stamp, Status, Timestamp, UserId, Values, dependency::DependencyKind,
};
use serde::Serialize;

/// Raised whenever a program written for the older form could misunderstand the newer.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Export<'a> {
    format: &'static str,
    version: u32,
    exported: String,
    product: ProductProfile<'a>,
    /// In which month the year of the quarters begins, from 1 for January.
    fiscal_year_begins: u8,
    lanes: Vec<ExportedLane<'a>>,
    /// Items that were deleted and can be restored.
    bin: Vec<ExportedItem<'a>>,
    /// Between its items and others, as far as the reader sees both.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    dependencies: &'a [ExportedDependency],
    /// What people attached, to be asked for at this address by those who may see the product.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    files: &'a [ExportedFile],
}

#[derive(Serialize)]
pub(crate) struct ExportedFile {
    pub(crate) address: String,
    /// In bytes.
    pub(crate) size: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
fn is_zero(days: &i32) -> bool {
    *days == 0
}

/// `ERP-12` blocks `CRM-4`.
#[derive(Serialize)]
pub(super) struct ExportedDependency {
    pub(super) from: String,
    pub(super) kind: DependencyKind,
    pub(super) to: String,
    /// Days between the end of one and the start of the other.
    #[serde(skip_serializing_if = "is_zero")]
    pub(super) lag: i32,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) note: String,
}

#[derive(Serialize)]
struct ProductProfile<'a> {
    key: &'a str,
    name: &'a str,
    kind: &'static str,
    stage: &'static str,
    purpose: &'a str,
}

#[derive(Serialize)]
struct ExportedLane<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<NonZeroU16>,
    items: Vec<ExportedItem<'a>>,
}

#[derive(Serialize)]
struct ExportedItem<'a> {
    key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_key: Option<&'a str>,
    title: &'a str,
    description: &'a str,
    r#type: ItemKind,
    status: Status,
    investment: Option<Investment>,
    /// In person-days, as text: `2.5`.
    effort: Option<String>,
    start: Option<Date>,
    end: Option<Date>,
    /// That of the end, or else of the start: `2027-Q1`, the years named by those in which they end.
    #[serde(skip_serializing_if = "Option::is_none")]
    fiscal_quarter: Option<String>,
    owner: Option<&'a str>,
    tags: Vec<&'a str>,
    /// Fields of the table by key; amounts in hundredths.
    #[serde(skip_serializing_if = "Values::is_empty")]
    fields: &'a Values,
    votes: u32,
    /// Only in exports of those who may see who voted.
    #[serde(skip_serializing_if = "Option::is_none")]
    voters: Option<Vec<&'a str>>,
    created: Moment<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted: Option<Moment<'a>>,
    comments: Vec<ExportedComment<'a>>,
}

#[derive(Serialize)]
struct ExportedComment<'a> {
    body: &'a str,
    created: Moment<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    edited: Option<Moment<'a>>,
    /// The place in this list, from 1, of the comment that began the thread it answers in.
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_to: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resolved: Option<Moment<'a>>,
    /// Names of those who reacted, by how.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    reactions: BTreeMap<Reaction, Vec<&'a str>>,
}

#[derive(Serialize)]
struct Moment<'a> {
    at: String,
    by: Option<&'a str>,
}

/// Whether a document names voters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Voters {
    Named,
    Counted,
}

pub(super) fn write(
    product: &Product,
    roadmap: &Roadmap,
    members: &[Member],
    year: FiscalYear,
    voters: Voters,
    (dependencies, files): (&[ExportedDependency], &[ExportedFile]),
    at: Timestamp,
) -> Vec<u8> {
    let people = members.iter().map(|member| (member.id, member.address_or_name())).collect();
    let writer = Writer { product, roadmap, people, year, voters };
    let mut bin: Vec<&Item> = roadmap
        .items()
        .map(|item| &**item)
        .filter(|item| item.deleted.is_some() && item.moved.is_none())
        .collect();
    bin.sort_by_key(|item| item.number);
    let lanes = roadmap.lane_order().iter().filter_map(|id| roadmap.lane(*id)).map(|lane| ExportedLane {
        name: &lane.name,
        status: lane.status.map(Status::as_str),
        limit: lane.limit,
        items: roadmap
            .lane_items(lane.id)
            .iter()
            .filter_map(|id| roadmap.item(*id))
            .map(|item| writer.item(item))
            .collect(),
    });
    let export = Export {
        format: "cairn-roadmap",
        version: VERSION,
        exported: moment(at),
        product: ProductProfile {
            key: &product.key,
            name: &product.name,
            kind: product.kind.as_str(),
            stage: product.stage.as_str(),
            purpose: &product.purpose,
        },
        fiscal_year_begins: year.first_month(),
        lanes: lanes.collect(),
        bin: bin.into_iter().map(|item| writer.item(item)).collect(),
        dependencies,
        files,
    };
    let mut json = serde_json::to_vec_pretty(&export).expect("an export has nothing that JSON cannot hold");
    json.push(b'\n');
    json
}

struct Writer<'a> {
    product: &'a Product,
    roadmap: &'a Roadmap,
    people: HashMap<UserId, &'a str>,
    year: FiscalYear,
    voters: Voters,
}

impl<'a> Writer<'a> {
    fn item(&self, item: &'a Item) -> ExportedItem<'a> {
        let fields = &item.fields;
        let voters = (self.voters == Voters::Named).then(|| {
            let voters = self.roadmap.votes(item.id).into_iter().flat_map(|votes| &votes.voters);
            voters.filter_map(|voter| self.person(*voter)).collect()
        });
        let thread: Vec<_> = self.roadmap.thread(item.id).collect();
        let place = |id| thread.iter().position(|comment| comment.id == id).map(|index| index + 1);
        ExportedItem {
            key: ItemKey { product: self.product.key.clone(), number: item.number }.to_string(),
            source_key: fields.source_key.as_deref(),
            title: &fields.title,
            description: &fields.description,
            r#type: fields.kind,
            status: fields.status,
            investment: fields.investment,
            effort: fields.effort.map(|effort: PersonDays| effort.to_string()),
            start: fields.start,
            end: fields.end,
            fiscal_quarter: item.quarter(self.year).map(|quarter| quarter.to_string()),
            owner: fields.owner.and_then(|owner| self.person(owner)),
            tags: fields.tags.iter().map(|tag| &**tag).collect(),
            fields: &fields.values,
            votes: self.roadmap.vote_count(item.id),
            voters,
            created: self.moment(item.created),
            deleted: item.deleted.map(|stamp| self.moment(stamp)),
            comments: thread
                .iter()
                .map(|comment| ExportedComment {
                    reply_to: comment.reply_to.and_then(place),
                    resolved: comment.resolved.map(|stamp| self.moment(stamp)),
                    reactions: comment
                        .reactions
                        .iter()
                        .map(|(reaction, people)| {
                            (*reaction, people.iter().filter_map(|user| self.person(*user)).collect())
                        })
                        .collect(),
                    body: &comment.body,
                    created: self.moment(comment.created),
                    edited: comment.edited.map(|stamp| self.moment(stamp)),
                })
                .collect(),
        }
    }

    fn moment(&self, stamp: Stamp) -> Moment<'a> {
        Moment { at: moment(stamp.at), by: self.person(stamp.by) }
    }

    fn person(&self, user: UserId) -> Option<&'a str> {
        self.people.get(&user).copied()
    }
}

/// `2026-11-21T23:06:00.000Z`.
fn moment(at: Timestamp) -> String {
    at.utc().to_string()
}
