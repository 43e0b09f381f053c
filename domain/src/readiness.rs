//! How ready an item is to be worked on: whether it is known why, when, what for, and how that will be seen.

use crate::{Choice, Span, Status, Value, Values};

/// The field of an item that names the key figure it is measured by.
pub const KEY_FIGURE: &str = "key_figure";

/// What is asked, and how it is called where it is missing.
const ASKED: [&str; 4] = ["problem", "dates", "outcome", "key figure"];

/// What of it is there, in the order in which it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Readiness([bool; 4]);

impl Readiness {
    /// By what an item holds; `None` where it is done or dropped, which needs no readiness any more. The same for a card and for a page:
    /// nothing is asked that the item does not say itself.
    pub fn of(status: Status, span: Span, values: &Values) -> Option<Self> {
        let is_written =
            |key: &str| matches!(values.get(key), Some(Value::Text(text)) if !text.trim().is_empty());
        let is_planned = span.start.is_some() || span.end.is_some();
        (!status.is_settled())
            .then(|| Self([is_written("problem"), is_planned, is_written("outcome"), is_written(KEY_FIGURE)]))
    }

    /// How many of the four are there.
    pub fn points(self) -> usize {
        self.0.iter().filter(|is| **is).count()
    }

    /// As it is kept by views, and as people read it.
    pub fn choice(self) -> &'static Choice {
        &READINESS[self.points()]
    }

    /// What is missing, in the middle of a sentence.
    pub fn missing(self) -> impl Iterator<Item = &'static str> {
        ASKED.into_iter().zip(self.0).filter(|(_, is)| !is).map(|(asked, _)| asked)
    }
}

/// What readiness can be.
pub static READINESS: &[Choice] = &[
    Choice::new("0", "0/4"),
    Choice::new("1", "1/4"),
    Choice::new("2", "2/4"),
    Choice::new("3", "3/4"),
    Choice::new("4", "4/4"),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: a problem and an end are 2 of 4; with an outcome 3, which lacks the key figure; with that 4.
    #[test]
    fn an_item_is_ready_when_four_things_are_known() {
        let mut values = Values::new();
        let none = Span { start: None, end: None };
        let planned = Span { end: "2027-03-31".parse().ok(), ..none };
        let mut said = |key: &str, text: &str| {
            values.insert(key.parse().unwrap(), Value::Text(text.to_owned()));
            Readiness::of(Status::Planned, planned, &values).unwrap()
        };
        let two = said("problem", "Nobody finds the report");
        assert_eq!((two.points(), two.missing().collect::<Vec<_>>()), (2, vec!["outcome", "key figure"]));
        let three = said("outcome", "Half the calls");
        assert_eq!(
            (&*three.choice().label, three.missing().collect::<Vec<_>>()),
            ("3/4", vec!["key figure"])
        );
        assert_eq!(said(KEY_FIGURE, " ").points(), 3, "a blank names none");
        assert_eq!(&*said(KEY_FIGURE, "Calls").choice().label, "4/4");
        let unplanned = Readiness::of(Status::Planned, none, &values).unwrap();
        assert_eq!(unplanned.missing().collect::<Vec<_>>(), ["dates"]);
        assert_eq!(Readiness::of(Status::Done, planned, &values), None);
        assert_eq!(Readiness::of(Status::Dropped, planned, &values), None);
    }
}
