//! The order of lanes that a file names: quarters by time, numbers by size, `Later` and `Done` at the end.

use super::words::folded;

/// Names in lower case in their natural order, if all of them have one; else as they are.
pub(super) fn in_order(names: Vec<String>) -> Vec<String> {
    let mut ranked: Vec<_> = names.iter().map(|name| rank(name)).zip(&names).collect();
    if ranked.iter().any(|(rank, _)| rank.is_none()) {
        return by_number(names);
    }
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().map(|(_, name)| name.clone()).collect()
}

/// The class of a name and its time within.
fn rank(name: &str) -> Option<(u8, u32, u32)> {
    let word = folded(name);
    let class = match word.as_str() {
        "now" | "current" | "doing" | "inprogress" | "jetzt" | "maintenant" | "ahora" => 2,
        "next" | "upcoming" | "todo" | "planned" | "nextup" | "danach" | "ensuite" | "siguiente" => 3,
        "later" | "future" | "someday" | "später" | "plustard" | "másadelante" => 4,
        "backlog" | "icebox" | "ideas" | "unscheduled" => 5,
        "done" | "shipped" | "released" | "completed" | "erledigt" | "fertig" | "terminé" | "hecho" => 6,
        _ => return period(&word).map(|(year, part)| (1, year, part)),
    };
    Some((class, 0, 0))
}

/// A year, and how far in it the period ends, in months: `q12026`, `2025h2`, `2026`.
fn period(word: &str) -> Option<(u32, u32)> {
    let is_year = |digits: &str| {
        digits.len() == 4 && digits.starts_with("20") && digits.bytes().all(|b| b.is_ascii_digit())
    };
    let (year, part) = match (word.get(..4), word.len().checked_sub(4).and_then(|at| word.get(at..))) {
        (Some(year), _) if is_year(year) => (year, &word[4..]),
        (_, Some(year)) if is_year(year) => (year, &word[..word.len() - 4]),
        _ => return None,
    };
    let year = year.parse().ok()?;
    let number: u32 = part.trim_matches(char::is_alphabetic).parse().unwrap_or(0);
    match part.trim_matches(|c: char| c.is_ascii_digit()) {
        "" if part.is_empty() => Some((year, 12)),
        "" if (1..=12).contains(&number) => Some((year, number)),
        "q" | "t" | "quarter" | "quartal" if (1..=4).contains(&number) => Some((year, 3 * number)),
        "h" | "s" | "half" if (1..=2).contains(&number) => Some((year, 6 * number)),
        _ => None,
    }
}

/// Names that differ in their last number alone are in its order: `Sprint 9`, `Sprint 10`.
fn by_number(names: Vec<String>) -> Vec<String> {
    let number = |name: &String| -> Option<(String, u64)> {
        let begin = name.trim_end_matches(|c: char| c.is_ascii_digit());
        Some((begin.to_owned(), name[begin.len()..].parse().ok()?))
    };
    let mut numbered: Vec<_> = names.iter().filter_map(number).collect();
    if numbered.len() != names.len() || numbered.iter().any(|(begin, _)| *begin != numbered[0].0) {
        return names;
    }
    numbered.sort();
    // Two may be written `7` and `07`.
    let mut names = names;
    names.sort_by_key(|name| number(name).map(|(_, number)| number));
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_are_in_natural_order_where_they_have_one() {
        for (names, expected) in [
            ("done,later,q2 2026,q1 2026,q4 2025", "q4 2025,q1 2026,q2 2026,later,done"),
            ("2026 h2,2026-h1,2025", "2025,2026-h1,2026 h2"),
            ("done,next,now", "now,next,done"),
            ("sprint 10,sprint 9,sprint 1", "sprint 1,sprint 9,sprint 10"),
            ("before,now,between,done,after", "before,now,between,done,after"),
            ("zebra,apple", "zebra,apple"),
        ] {
            let names = names.split(',').map(str::to_owned).collect();
            assert_eq!(in_order(names).join(","), expected);
        }
    }
}
