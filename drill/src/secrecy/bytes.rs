//! Searching files for what they must not hold.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use anyhow::Result;

/// Bytes that two random values share by chance once in 10^19 places.
const SHARED: usize = 8;

/// Where each of some values is in a copy for the first time.
pub(super) fn places(copy: &[u8], values: &[&[u8]]) -> Vec<Option<usize>> {
    let mut by_first: Vec<Vec<usize>> = vec![Vec::new(); 256];
    for (index, value) in values.iter().enumerate() {
        if let Some(first) = value.first() {
            by_first[usize::from(*first)].push(index);
        }
    }
    let mut places = vec![None; values.len()];
    for (at, byte) in copy.iter().enumerate() {
        for index in &by_first[usize::from(*byte)] {
            if places[*index].is_none() && copy[at..].starts_with(values[*index]) {
                places[*index] = Some(at);
            }
        }
    }
    places
}

pub(super) fn holds(copy: &[u8], value: &[u8]) -> bool {
    places(copy, &[value]) != [None]
}

/// A file of a folder that holds one of these values.
pub(super) fn file_with(values: &[&[u8]], folder: &Path) -> Result<Option<PathBuf>> {
    for file in std::fs::read_dir(folder)? {
        let path = file?.path();
        if path.is_dir() {
            if let Some(found) = file_with(values, &path)? {
                return Ok(Some(found));
            }
        } else if places(&std::fs::read(&path)?, values).iter().any(Option::is_some) {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

/// Pairs of values that have bytes in common, by their names. What is encrypted or hashed has none.
pub(super) fn in_common(values: &[(String, Vec<u8>)]) -> Vec<(&str, &str)> {
    let mut known: HashMap<&[u8], usize> = HashMap::new();
    let mut pairs = Vec::new();
    for (index, (name, value)) in values.iter().enumerate() {
        let mut others: Vec<usize> = Vec::new();
        for window in value.windows(SHARED) {
            let first = *known.entry(window).or_insert(index);
            if first != index && !others.contains(&first) {
                others.push(first);
            }
        }
        pairs.extend(others.into_iter().map(|other| (values[other].0.as_str(), name.as_str())));
    }
    pairs
}

/// The commits in SQLite's log, first to last: the pages that each wrote.
pub(super) fn commits(log: &[u8]) -> Vec<&[u8]> {
    const HEADER: usize = 32;
    const FRAME: usize = 24;
    let number = |at: usize| log.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes);
    let Some(page) = number(8).and_then(|page| usize::try_from(page).ok()).filter(|page| *page > 0) else {
        return Vec::new();
    };
    let mut commits = Vec::new();
    let (mut begun, mut at) = (HEADER, HEADER);
    while at + FRAME + page <= log.len() {
        // Behind the frames of this round are those of an earlier one, with another salt.
        if log[at + 8..at + 16] != log[16..24] {
            break;
        }
        let ends = number(at + 4) != Some(0);
        at += FRAME + page;
        if ends {
            commits.push(&log[begun..at]);
            begun = at;
        }
    }
    commits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_where_they_are_first() {
        assert_eq!(places(b"abcabd", &[b"abd", b"b", b"x", b"abd "]), [Some(3), Some(1), None, None]);
        assert!(holds(b"abc", b"c") && !holds(b"abc", b"cc"));
    }

    #[test]
    fn what_values_share_is_found_wherever_it_is() {
        let values =
            [("one", "....12345678"), ("two", "12345678 and"), ("three", "1234567")].map(|(name, value)| {
                let value: Vec<u8> = value.into();
                (name.to_owned(), value)
            });
        assert_eq!(in_common(&values), [("one", "two")]);
    }

    #[test]
    fn a_log_is_read_commit_by_commit() {
        let frame = |salt: u8, size: u32, page: u8| {
            let numbers = [[0; 4], size.to_be_bytes(), [salt; 4], [salt; 4], [0; 4], [0; 4]].concat();
            [numbers, vec![page; 8]].concat()
        };
        let mut log = vec![0; 32];
        log[8..12].copy_from_slice(&8_u32.to_be_bytes());
        log[16..24].fill(7);
        for (salt, size, page) in [(7, 0, 1), (7, 5, 2), (7, 5, 3), (6, 5, 4)] {
            log.extend(frame(salt, size, page));
        }
        let commits = commits(&log);
        assert_eq!(commits.iter().map(|commit| commit.len()).collect::<Vec<_>>(), [64, 32]);
        assert!(holds(commits[0], &[2; 8]) && holds(commits[1], &[3; 8]));
    }
}
