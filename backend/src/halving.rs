//! Looking for a place in a log by halves.

/// Finds the last place up to which something holds, by asking about the middle of what is left: for logs that no index leads
/// into by time.
#[derive(Debug)]
pub(crate) struct Halving {
    low: u64,
    high: u64,
}

impl Halving {
    /// Among the places from 1 to `last`; 0 stands before them.
    pub(crate) fn up_to(last: u64) -> Self {
        Self { low: 0, high: last }
    }

    /// The place to ask about next; none once it is found.
    pub(crate) fn middle(&self) -> Option<u64> {
        (self.low < self.high).then(|| self.low + (self.high - self.low).div_ceil(2))
    }

    /// Whether it holds at the middle.
    pub(crate) fn answer(&mut self, holds: bool) {
        match self.middle() {
            Some(middle) if holds => self.low = middle,
            Some(middle) => self.high = middle - 1,
            None => {}
        }
    }

    pub(crate) fn found(&self) -> u64 {
        self.low
    }
}

#[cfg(test)]
mod tests {
    use super::Halving;

    #[test]
    fn the_last_place_is_found_wherever_it_is() {
        for last in 0..20 {
            for wanted in 0..=last {
                let mut search = Halving::up_to(last);
                while let Some(middle) = search.middle() {
                    search.answer(middle <= wanted);
                }
                assert_eq!(search.found(), wanted);
            }
        }
    }
}
