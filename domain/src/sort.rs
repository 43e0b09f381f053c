//! One sort for rows of every type.

use std::cmp::Ordering;

/// The rows in order; equal ones stay as they stand. The standard sort is compiled anew for each type and weighs a kilobyte
/// in the browser's program every time, so it is only ever called for places in a list.
pub fn sorted<T: Clone>(rows: &[T], compare: impl Fn(&T, &T) -> Ordering) -> Vec<T> {
    let mut places: Vec<usize> = (0..rows.len()).collect();
    sort(&mut places, &|a, b| compare(&rows[a], &rows[b]));
    places.into_iter().map(|place| rows[place].clone()).collect()
}

fn sort(places: &mut [usize], compare: &dyn Fn(usize, usize) -> Ordering) {
    places.sort_by(|a, b| compare(*a, *b));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_rows_stay_as_they_stand() {
        let rows = [(2, 'a'), (1, 'b'), (2, 'c'), (1, 'd')];
        let sorted = sorted(&rows, |a, b| a.0.cmp(&b.0));
        assert_eq!(sorted, [(1, 'b'), (1, 'd'), (2, 'a'), (2, 'c')]);
    }
}
