//! What a vote gave an item, in a few words: `6 dots · 1st of 8`.

use backend::voting::Published;
use domain::{
    ItemId,
    voting::{Line, Mode},
};

use super::{counted, results::ordinal};
use crate::pages::voting::words;

/// Each item of a result with its points and place.
pub(crate) fn places(published: &Published) -> Vec<(ItemId, String)> {
    let said = |line: &Line| {
        let place = format!("{} of {}", ordinal(line.place), published.of);
        match points(published, line) {
            Some(points) => format!("{points} · {place}"),
            None => place,
        }
    };
    published.lines.iter().map(|line| (line.item, said(line))).collect()
}

/// `None` for a mean of no grades.
fn points(published: &Published, line: &Line) -> Option<String> {
    let score = line.shown(published.mode, published.weighted)?.to_string();
    Some(match (published.mode, words::given(published.mode)) {
        (Mode::Budget, _) => format!("bought by {}", counted(line.voters, "voter", "voters")),
        (_, Some((one, many))) => format!("{score} {}", if score == "1" { one } else { many }),
        (_, None) => format!("grade {score}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Timestamp, VotingId, voting::Score};

    fn said(mode: Mode, points: u64, voters: u32, place: u32) -> String {
        let line = Line {
            item: ItemId::NIL,
            raw: Score(points),
            weighted: Score(9_000),
            voters,
            place,
            other_place: 5,
            weightless: false,
        };
        let published = Published {
            voting: VotingId::NIL,
            title: "Next quarter".parse().expect("a title"),
            mode,
            weighted: false,
            closed: Timestamp(0),
            of: 8,
            lines: vec![line],
        };
        places(&published).remove(0).1
    }

    #[test]
    fn points_are_called_what_voters_gave() {
        assert_eq!(said(Mode::Dots, 6_000, 3, 1), "6 dots · 1st of 8");
        assert_eq!(said(Mode::Dots, 1_000, 1, 2), "1 dot · 2nd of 8");
        assert_eq!(said(Mode::Upvote, 0, 0, 8), "0 votes · 8th of 8");
        assert_eq!(said(Mode::Ranking, 2_500, 3, 3), "2.5 points · 3rd of 8");
        assert_eq!(said(Mode::Budget, 4_000, 4, 1), "bought by 4 voters · 1st of 8");
        assert_eq!(said(Mode::Importance, 2_500, 2, 1), "grade 2.5 · 1st of 8");
        assert_eq!(said(Mode::Importance, 0, 0, 8), "8th of 8", "nobody has graded it");
    }
}
