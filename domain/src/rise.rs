//! What kept its order when a list was put into another.

/// A longest rising subsequence of distinct numbers, by patience sorting (Schensted, 1961).
pub fn longest_rise(numbers: &[usize]) -> Vec<usize> {
    // For each length, where the subsequence of that length ends lowest; and for each number, what comes before it.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(numbers.len());
    for (at, number) in numbers.iter().enumerate() {
        let length = ends.partition_point(|end| numbers[*end] < *number);
        before.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        match ends.get_mut(length) {
            Some(end) => *end = at,
            None => ends.push(at),
        }
    }
    let last = ends.last().copied();
    let mut rise: Vec<usize> = std::iter::successors(last, |at| before[*at]).map(|at| numbers[at]).collect();
    rise.reverse();
    rise
}

#[cfg(test)]
mod tests {
    use super::longest_rise;

    #[test]
    fn the_longest_rise_is_found_past_a_tempting_start() {
        assert_eq!(longest_rise(&[7, 8, 1, 2, 3]), [1, 2, 3]);
        assert_eq!(longest_rise(&[]), Vec::<usize>::new());
    }
}
