//! The sample organisation decides together: one vote is over, in another everybody can still take part.

use domain::{
    ItemId, LaneId, PersonDays, Timestamp,
    voting::{Audience, Candidate, Choice, Mode, Reveal, Rules, Secrecy, SegmentKind, VotingDraft},
};

use super::{People, person};
use crate::{
    Error,
    clock::{new_cast, now},
};

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
    /// In how many days it closes by itself; one that is over has none.
    closes: Option<i64>,
    /// What each person gives to the items, in ballot order.
    ballots: &'static [(&'static str, &'static [i64])],
}

const VOTES: [Vote; 2] = [
    Vote {
        product: "FARM",
        title: "What helps our stores first?",
        question: "Five dots each. Stores count twice: they live with the answer.",
        mode: Mode::Dots,
        tokens: 5,
        weighted: true,
        closes: None,
        ballots: &[
            ("Daniel", &[3, 0, 1, 0, 1, 0]),
            ("Leila", &[2, 1, 0, 2, 0, 0]),
            ("Ingrid", &[0, 2, 0, 2, 0, 1]),
            ("Ruth", &[0, 0, 4, 0, 1, 0]),
            ("Tomasz", &[0, 1, 3, 0, 0, 1]),
        ],
    },
    Vote {
        product: "SHOP",
        title: "The shop in the next quarter",
        question: "Spend 50 person-days on what brings us most.",
        mode: Mode::Budget,
        tokens: 50,
        weighted: false,
        closes: Some(9),
        ballots: &[
            ("Daniel", &[1, 0, 1, 0, 0, 0]),
            ("Leila", &[0, 1, 1, 0, 0, 1]),
            ("Tomasz", &[1, 0, 0, 1, 0, 0]),
        ],
    },
];

/// How many items are up for vote in each.
const ITEMS: usize = 6;

pub(super) async fn hold(people: &People) -> Result<(), Error> {
    let mei = person(people, "Mei")?.as_editor()?;
    for (name, weight, members) in DEPARTMENTS {
        let (kind, weight) = (SegmentKind::Department, weight.parse().map_err(Error::internal)?);
        let segment = mei.save_segment(None, kind, name.parse()?, weight).await?;
        for member in members {
            mei.assign_segment(person(people, member)?.member().id, kind, Some(segment)).await?;
        }
    }
    for vote in &VOTES {
        run(people, vote).await?;
    }
    Ok(())
}

async fn run(people: &People, vote: &Vote) -> Result<(), Error> {
    let mei = person(people, "Mei")?.as_editor()?;
    let draft = draft(people, vote).await?;
    let items: Vec<ItemId> = draft.candidates.iter().map(|candidate| candidate.item).collect();
    let id = mei.create_voting(draft).await?;
    mei.open_voting(id).await?;
    for (voter, amounts) in vote.ballots {
        let choices =
            items.iter().zip(*amounts).map(|(item, amount)| Choice { item: *item, amount: *amount });
        person(people, voter)?.cast(id, new_cast(), choices.collect()).await?;
    }
    if vote.closes.is_none() {
        mei.close_voting(id).await?;
    }
    Ok(())
}

async fn draft(people: &People, vote: &Vote) -> Result<VotingDraft, Error> {
    let mei = person(people, "Mei")?;
    let product = mei.product(&vote.product.parse()?).await?;
    let view = mei.view(product.roadmap).await?;
    let lanes = view.roadmap.lane_order().iter().copied();
    // What is being done now need not be decided.
    let planned = lanes.skip(1).flat_map(|lane: LaneId| view.roadmap.lane_items(lane).iter());
    let candidates = planned.take(ITEMS).filter_map(|id| view.roadmap.item(*id)).map(|item| Candidate {
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
        closes: vote.closes.map(|days| Timestamp(now().0 + days * DAY)),
        audience: Audience::Everybody,
        guests: true,
        refund: true,
    })
}
