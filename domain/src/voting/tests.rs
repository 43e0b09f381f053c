//! Every mode against figures computed by hand, and what must hold for whatever ballots.

use uuid::Uuid;

use super::*;
use crate::{ItemId, RoadmapId, SegmentId};

mod counting;
mod drafts;
mod firmness;
mod meaning;
mod opinions;
mod points;
mod properties;
mod rules;

fn item(number: u32) -> ItemId {
    ItemId(Uuid::from_u128(u128::from(number)))
}

fn segment(number: u32) -> SegmentId {
    SegmentId(Uuid::from_u128(u128::from(number)))
}

/// Candidates 1 to n, with these costs.
fn candidates(costs: &[u32]) -> Vec<Candidate> {
    (1..)
        .zip(costs)
        .map(|(number, cost)| Candidate {
            item: item(number),
            roadmap: RoadmapId::NIL,
            key: format!("ERP-{number}"),
            title: format!("Item {number}").parse().unwrap(),
            cost: *cost,
            withdrawn: false,
        })
        .collect()
}

/// A ballot that gives the candidates these amounts in turn.
fn ballot(amounts: &[Option<u32>]) -> Ballot {
    (1..).zip(amounts).filter_map(|(number, amount)| Some((item(number), (*amount)?))).collect()
}

/// A ballot from amounts where zero means nothing was chosen.
fn amounts(amounts: &[u32]) -> Ballot {
    ballot(&amounts.iter().map(|amount| Some(*amount).filter(|amount| *amount > 0)).collect::<Vec<_>>())
}

/// A ballot that ranks these candidates, the first best.
fn ranking(order: &[u32]) -> Ballot {
    order.iter().zip(1..).map(|(number, place)| (item(*number), place)).collect()
}

/// The ballot, counted with a weight in thousandths.
fn weighing(choices: Ballot, weight: u32) -> CountedBallot {
    CountedBallot { choices, weight: Weight::try_from(weight).unwrap(), group: None }
}

fn counted(choices: Ballot) -> CountedBallot {
    weighing(choices, 1_000)
}

fn rules(mode: Mode, tokens: u32, most: u32) -> Rules {
    Rules::new(mode, tokens, most).unwrap()
}

/// Items by number with raw points and place, best first.
fn raw(tally: &Tally) -> Vec<(u32, String, u32)> {
    let number = |item: ItemId| u32::try_from(item.0.as_u128()).unwrap();
    tally.lines.iter().map(|line| (number(line.item), line.raw.to_string(), line.place)).collect()
}

fn lines(expected: &[(u32, &str, u32)]) -> Vec<(u32, String, u32)> {
    expected.iter().map(|(number, points, place)| (*number, (*points).to_owned(), *place)).collect()
}
