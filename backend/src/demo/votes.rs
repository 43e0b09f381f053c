//! The sample organisation decides together: one vote is over, in another everybody can still take part.

use domain::{
    ItemId, LaneId, PersonDays, Status, Timestamp, VotingId,
    voting::{Audience, Candidate, Choice, Mode, Reveal, Rules, Secrecy, SegmentKind, VotingDraft},
};

use super::{People, past::Calendar, person};
use crate::{
    Error,
    clock::{in_the_past, new_cast},
};

/// Days ago: departments were named, the first vote was opened, closed, its order taken; the second was opened.
const DEPARTMENTS_NAMED: i64 = 40;
const OPENED: i64 = 30;
const CLOSED: i64 = 24;
const DECIDED: i64 = 20;
const ASKED: i64 = 3;

/// In how many days the second closes by itself.
const DAYS_LEFT: i64 = 9;

const DAY: i64 = 24 * 60 * 60 * 1_000;

/// Departments with their weights, and who belongs to them.
const DEPARTMENTS: [(&str, &str, &[&str]); 2] = [
    ("Stores and warehouses", "2", &["Daniel", "Leila", "Ingrid"]),
    ("Head office", "1", &["Ruth", "Mei", "Tomasz", "Astrid"]),
];

struct Vote {
    product: &'static str,
    title: &'static str,
    question: &'static str,
    mode: Mode,
    tokens: u32,
    weighted: bool,
    /// What each person gives to the items, in ballot order.
    ballots: &'static [(&'static str, &'static [i64])],
}

const DECISION: Vote = Vote {
    product: "FARM",
    title: "What helps our stores first?",
    question: "Five dots each. Stores count twice: they live with the answer.",
    mode: Mode::Dots,
    tokens: 5,
    weighted: true,
    ballots: &[
        ("Daniel", &[3, 0, 1, 0, 1, 0]),
        ("Leila", &[2, 1, 0, 2, 0, 0]),
        ("Ingrid", &[0, 2, 0, 2, 0, 1]),
        ("Ruth", &[0, 0, 4, 0, 1, 0]),
        ("Tomasz", &[0, 1, 3, 0, 0, 1]),
    ],
};

const QUESTION: Vote = Vote {
    product: "SHOP",
    title: "The shop in the next quarter",
    question: "Spend 50 person-days on what brings us most.",
    mode: Mode::Budget,
    tokens: 50,
    weighted: false,
    ballots: &[
        ("Daniel", &[1, 0, 1, 0, 0, 0]),
        ("Leila", &[0, 1, 1, 0, 0, 1]),
        ("Tomasz", &[1, 0, 0, 1, 0, 0]),
    ],
};

/// How many items are up for vote in each.
const ITEMS: usize = 6;

/// When the order of the first result was taken.
pub(super) fn decided(calendar: Calendar) -> Timestamp {
    calendar.moment(DECIDED, 0)
}

/// Holds the first vote, and takes the order of its result.
pub(super) async fn decide(people: &People, calendar: Calendar) -> Result<(), Error> {
    in_the_past(calendar.moment(DEPARTMENTS_NAMED, 0), name_departments(people)).await?;
    let mei = person(people, "Mei")?.as_editor()?;
    let id = in_the_past(calendar.moment(OPENED, 0), open(people, &DECISION, None)).await?;
    in_the_past(calendar.moment(CLOSED, 0), mei.close_voting(id)).await?;
    in_the_past(decided(calendar), mei.take_order(id, false)).await.map(drop)
}

/// Opens the second vote, which is still going on.
pub(super) async fn ask(people: &People, calendar: Calendar) -> Result<(), Error> {
    let closes = Timestamp(calendar.now.0 + DAYS_LEFT * DAY);
    in_the_past(calendar.moment(ASKED, 0), open(people, &QUESTION, Some(closes))).await.map(drop)
}

async fn name_departments(people: &People) -> Result<(), Error> {
    let mei = person(people, "Mei")?.as_editor()?;
    for (name, weight, members) in DEPARTMENTS {
        let (kind, weight) = (SegmentKind::Department, weight.parse().map_err(Error::internal)?);
        let segment = mei.save_segment(None, kind, name.parse()?, weight).await?;
        for member in members {
            mei.assign_segment(person(people, member)?.member().id, kind, Some(segment)).await?;
        }
    }
    Ok(())
}

/// Opens a vote and casts its ballots.
async fn open(people: &People, vote: &Vote, closes: Option<Timestamp>) -> Result<VotingId, Error> {
    let mei = person(people, "Mei")?.as_editor()?;
    let draft = draft(people, vote, closes).await?;
    let items: Vec<ItemId> = draft.candidates.iter().map(|candidate| candidate.item).collect();
    let id = mei.create_voting(draft).await?;
    mei.open_voting(id).await?;
    for (voter, amounts) in vote.ballots {
        let choices =
            items.iter().zip(*amounts).map(|(item, amount)| Choice { item: *item, amount: *amount });
        person(people, voter)?.cast(id, new_cast(), choices.collect()).await?;
    }
    Ok(id)
}

async fn draft(people: &People, vote: &Vote, closes: Option<Timestamp>) -> Result<VotingDraft, Error> {
    let mei = person(people, "Mei")?;
    let product = mei.product(&vote.product.parse()?).await?;
    let view = mei.view(product.roadmap).await?;
    let lanes = view.roadmap.lane_order().iter().copied();
    let items = lanes.flat_map(|lane: LaneId| view.roadmap.lane_items(lane).iter());
    let items = items.filter_map(|id| view.roadmap.item(*id));
    // What is being done or was done need not be decided.
    let waits = items.filter(|item| item.fields.status < Status::InProgress);
    let candidates = waits.take(ITEMS).map(|item| Candidate {
        item: item.id,
        roadmap: product.roadmap,
        key: format!("{}-{}", product.key, item.number),
        title: item.fields.title.clone(),
        cost: item.fields.effort.map_or(1, PersonDays::whole),
        withdrawn: false,
    });
    Ok(VotingDraft {
        title: vote.title.parse()?,
        question: vote.question.parse()?,
        candidates: candidates.collect(),
        rules: Rules { mode: vote.mode, tokens: vote.tokens, most: 0 },
        secrecy: Secrecy::Open,
        reveal: Reveal::AtClose,
        weighted: vote.weighted,
        split: Some(SegmentKind::Department),
        quorum: 50,
        opens: None,
        closes,
        audience: Audience::Everybody,
        guests: true,
        refund: true,
    })
}
