//! Arithmetic of selected cells.

/// A rectangle of cells, by places of lines and columns; ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) top: usize,
    pub(super) bottom: usize,
    pub(super) left: usize,
    pub(super) right: usize,
}

impl Span {
    /// From one cell to another, whichever comes first; each by line and column.
    pub(super) fn between(one: (usize, usize), other: (usize, usize)) -> Self {
        Self {
            top: one.0.min(other.0),
            bottom: one.0.max(other.0),
            left: one.1.min(other.1),
            right: one.1.max(other.1),
        }
    }

    pub(super) fn contains(&self, line: usize, column: usize) -> bool {
        (self.top..=self.bottom).contains(&line) && (self.left..=self.right).contains(&column)
    }

    pub(super) fn rows(&self) -> usize {
        self.bottom - self.top + 1
    }

    pub(super) fn columns(&self) -> usize {
        self.right - self.left + 1
    }

    pub(super) fn is_one(&self) -> bool {
        self.rows() == 1 && self.columns() == 1
    }
}

/// How many rows and columns a pasted range fills: it is repeated over a selection that is so many times as large, in either
/// direction, and put there once otherwise. Both are of rows and columns.
pub(super) fn filled(pasted: (usize, usize), selected: (usize, usize)) -> (usize, usize) {
    let one = |pasted: usize, selected: usize| {
        let is_whole = pasted > 0 && selected > pasted && selected.is_multiple_of(pasted);
        if is_whole { selected } else { pasted }
    };
    (one(pasted.0, selected.0), one(pasted.1, selected.1))
}

/// A place so many steps further, within a list of so many.
pub(super) fn stepped(at: usize, by: isize, count: usize) -> usize {
    at.saturating_add_signed(by).min(count.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_the_same_from_every_corner() {
        let span = Span { top: 2, bottom: 5, left: 1, right: 3 };
        for (one, other) in [((2, 1), (5, 3)), ((5, 3), (2, 1)), ((2, 3), (5, 1)), ((5, 1), (2, 3))] {
            assert_eq!(Span::between(one, other), span);
        }
        assert_eq!((span.rows(), span.columns()), (4, 3));
        assert!(span.contains(2, 1) && span.contains(5, 3) && !span.contains(6, 3) && !span.contains(3, 0));
        assert!(Span::between((4, 4), (4, 4)).is_one());
    }

    #[test]
    fn a_pasted_range_is_repeated_as_spreadsheets_do() {
        assert_eq!(filled((1, 1), (5, 3)), (5, 3), "one cell fills all");
        assert_eq!(filled((1, 3), (5, 3)), (5, 3), "a row fills the rows");
        assert_eq!(filled((2, 1), (6, 1)), (6, 1), "two rows, three times");
        assert_eq!(filled((2, 1), (5, 1)), (2, 1), "no half of it");
        assert_eq!(filled((4, 4), (1, 1)), (4, 4), "beyond the selection");
        assert_eq!(filled((4, 1), (2, 3)), (4, 3), "each direction for itself");
    }

    #[test]
    fn steps_end_at_the_ends() {
        assert_eq!(stepped(3, -5, 10), 0);
        assert_eq!(stepped(3, 5, 10), 8);
        assert_eq!(stepped(3, isize::MAX, 10), 9);
        assert_eq!(stepped(0, 1, 0), 0);
    }
}
