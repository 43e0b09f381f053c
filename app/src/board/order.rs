//! The order of a lane's cards in the document.
//!
//! A list that is rendered by key takes every card between the old and the new place out of the document and puts it back,
//! and with a card goes its focus. So cards are rendered in the order in which they came to the lane, and afterwards as
//! few of them as possible are moved to where they belong, without leaving the document.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use domain::{ItemId, LaneId, longest_rise};

use super::ids::{card_id, list_id};
use crate::platform;

/// The cards to render: those that were there in the same order as before, then those that came.
pub(super) fn as_they_came(former: Option<&Vec<ItemId>>, shown: &[ItemId]) -> Vec<ItemId> {
    let Some(former) = former else { return shown.to_vec() };
    let (wanted, known) = (ids(shown), ids(former));
    let stayed = former.iter().filter(|id| wanted.contains(id));
    stayed.chain(shown.iter().filter(|id| !known.contains(id))).copied().collect()
}

/// Where two lists differ: what is before and after these parts is the same in both.
pub(super) fn changed<T: PartialEq>(former: &[T], now: &[T]) -> (Range<usize>, Range<usize>) {
    let begin = former.iter().zip(now).take_while(|(a, b)| a == b).count();
    let rest = former[begin..].iter().rev().zip(now[begin..].iter().rev());
    let end = rest.take_while(|(a, b)| a == b).count();
    (begin..former.len() - end, begin..now.len() - end)
}

/// Built one by one: `collect` brings a sort into the program.
pub(super) fn ids(list: &[ItemId]) -> BTreeSet<ItemId> {
    let mut ids = BTreeSet::new();
    ids.extend(list);
    ids
}

/// Moves a lane's cards in the document from how they were shown to how they are, once those that came are there.
pub(super) fn arrange(lane: LaneId, former: &[ItemId], shown: &[ItemId]) {
    let moving = out_of_place(former, shown);
    if moving.is_empty() {
        return;
    }
    let shown = shown.to_vec();
    platform::after_effects(move || {
        let Some(list) = platform::element(&list_id(lane)) else { return };
        let before = std::iter::once(None).chain(shown.iter().map(Some));
        for (before, id) in before.zip(&shown).filter(|(_, id)| moving.contains(id)) {
            let Some(card) = platform::element(&card_id(*id)) else { continue };
            let before = before.and_then(|before| platform::element(&card_id(*before)));
            let place = before.map_or_else(|| list.first_child(), |before| before.next_sibling());
            if place.as_ref() != Some(&card) {
                platform::move_before(&list, &card, place.as_ref());
            }
        }
    });
}

/// The cards to move so that those of `former` come to stand as in `shown`: the fewest, and all that are new.
fn out_of_place(former: &[ItemId], shown: &[ItemId]) -> BTreeSet<ItemId> {
    let (former_part, part) = changed(former, shown);
    let (former, shown) = (&former[former_part], &shown[part]);
    let mut wanted = BTreeMap::new();
    wanted.extend(shown.iter().enumerate().map(|(at, id)| (*id, at)));
    let now: Vec<usize> = former.iter().filter_map(|id| wanted.get(id).copied()).collect();
    let stay = longest_rise(&now);
    let mut moving = BTreeSet::new();
    moving.extend(
        shown.iter().enumerate().filter(|(at, _)| stay.binary_search(at).is_err()).map(|(_, id)| *id),
    );
    moving
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(numbers: &[u8]) -> Vec<ItemId> {
        numbers.iter().map(|number| ItemId::new(u64::from(*number), [0; 10])).collect()
    }

    fn moved(former: &[u8], shown: &[u8]) -> Vec<ItemId> {
        out_of_place(&ids(former), &ids(shown)).into_iter().collect()
    }

    #[test]
    fn only_the_card_that_moved_is_moved() {
        assert_eq!(moved(&[1, 2, 3, 4, 5], &[1, 3, 4, 5, 2]), ids(&[2]), "down");
        assert_eq!(moved(&[1, 2, 3, 4, 5], &[5, 1, 2, 3, 4]), ids(&[5]), "up");
        assert_eq!(moved(&[1, 2, 3, 4, 5], &[4, 1, 3, 5, 2]), ids(&[2, 4]), "two at once");
    }

    #[test]
    fn a_card_that_came_is_put_in_its_place_and_one_that_went_moves_nothing() {
        assert_eq!(moved(&[1, 2, 3], &[1, 9, 2, 3]), ids(&[9]));
        assert_eq!(moved(&[1, 2, 3], &[1, 3]), ids(&[]));
        assert_eq!(moved(&[1, 2, 3], &[1, 2, 3]), ids(&[]));
        assert_eq!(moved(&[], &[2, 1]), ids(&[1, 2]));
    }

    #[test]
    fn cards_are_rendered_as_they_came() {
        let came = |former: &[u8], shown: &[u8]| as_they_came(Some(&ids(former)), &ids(shown));
        assert_eq!(as_they_came(None, &ids(&[3, 1, 2])), ids(&[3, 1, 2]));
        assert_eq!(came(&[3, 1, 2], &[1, 2, 3]), ids(&[3, 1, 2]), "a move renders nothing");
        assert_eq!(came(&[3, 1, 2], &[9, 2, 3]), ids(&[3, 2, 9]));
    }

    #[test]
    fn what_changed_is_between_what_is_the_same() {
        assert_eq!(changed(&[1, 2, 3, 4, 5], &[1, 3, 2, 4, 5]), (1..3, 1..3), "a move");
        assert_eq!(changed(&[1, 2, 3], &[1, 9, 2, 3]), (1..1, 1..2), "one came");
        assert_eq!(changed(&[1, 2, 3], &[2, 3]), (0..1, 0..0), "one went");
        assert_eq!(changed(&[1, 1], &[1, 1, 1]), (2..2, 2..3), "nothing is counted twice");
        assert_eq!(changed(&[1, 2], &[1, 2]), (2..2, 2..2), "nothing");
    }
}
