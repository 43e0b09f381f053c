//! Exact figures: what key figures measure, and how far a key result is.

use std::{fmt, str::FromStr};

/// Digits behind the decimal point.
const DIGITS: usize = 4;

/// How many of the smallest parts make one.
const ONE: i64 = 10_000;

/// A decimal number with at most four digits behind the point, up to a trillion. Never a floating point number: what was typed is
/// what is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Figure(i64);

impl Figure {
    /// The largest one, a trillion.
    pub const MAX: Self = Self(1_000_000_000_000 * ONE);

    /// From ten-thousandths; `None` beyond a trillion.
    pub fn from_parts(parts: i64) -> Option<Self> {
        (-Self::MAX.0..=Self::MAX.0).contains(&parts).then_some(Self(parts))
    }

    /// In ten-thousandths.
    pub fn parts(self) -> i64 {
        self.0
    }

    /// As it is typed, and as it stands in a file: [`read`](Self::read) takes it for nothing else. Three digits behind the point could
    /// be thousands, so a fourth follows them.
    pub fn written(self) -> String {
        let text = self.to_string();
        let is_open = text.split_once('.').is_some_and(|(_, part)| part.len() == 3);
        if is_open { text + "0" } else { text }
    }

    /// Reads a figure as people write it: `1200`, `99.5`, `-1 200,75`, `1,234.5`, also with its unit behind it.
    ///
    /// # Errors
    /// A sentence that says how to write it. What could be thousands to some and a fraction to others is refused.
    pub fn read(text: &str, unit: &str) -> Result<Self, String> {
        let shown: String = text.trim().chars().take(40).collect();
        let bare = text.trim();
        let own = Some(unit.trim()).filter(|unit| !unit.is_empty());
        let without = own.and_then(|unit| bare.strip_suffix(unit)).or_else(|| bare.strip_suffix('%'));
        let bare = without.unwrap_or(bare);
        let wrong = || format!("“{shown}” isn’t a number. Write it like 1200 or 99.5.");
        let is_space = |c: &char| matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\'' | '’');
        let bare: String = bare.trim().chars().filter(|c| !is_space(c)).collect();
        let (minus, bare) = match bare.strip_prefix(['-', '−']) {
            Some(rest) => (true, rest),
            None => (false, &*bare),
        };
        let (whole, part) = split(bare).ok_or_else(|| {
            format!("“{shown}” can be read in two ways. Write 1200 without separators, or 1.2340 with four decimals.")
        })?;
        let is_number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !is_number(&whole) || !is_number(&part) {
            return Err(wrong());
        }
        if part.len() > DIGITS {
            return Err(format!("“{shown}” has more than {DIGITS} digits behind the point."));
        }
        let part: i64 = format!("{part:0<DIGITS$}").parse().map_err(|_| wrong())?;
        let parts = whole.parse::<i64>().ok().and_then(|whole| whole.checked_mul(ONE)?.checked_add(part));
        let parts = parts.map(|parts| if minus { -parts } else { parts });
        parts.and_then(Self::from_parts).ok_or_else(|| format!("“{shown}” is too large. Use another unit."))
    }
}

/// The digits before and behind the decimal point. `None` where that could be either of two numbers.
fn split(text: &str) -> Option<(String, String)> {
    let (points, commas) = (text.matches('.').count(), text.matches(',').count());
    let joined = |text: &str| {
        let groups: Vec<&str> = text.split(['.', ',']).collect();
        let is_grouped = groups[1..].iter().all(|group| group.len() == 3) && groups[0].len() <= 3;
        is_grouped.then(|| groups.concat())
    };
    match (points, commas) {
        (0, 0) => Some((text.to_owned(), String::new())),
        // The one that comes last is the decimal point.
        (1, 1..) | (1.., 1) => {
            let at = text.rfind(['.', ','])?;
            let (whole, part) = (&text[..at], &text[at + 1..]);
            // A sign that groups is not the decimal point as well.
            if whole.contains(&text[at..=at]) {
                return None;
            }
            Some((joined(whole)?, part.to_owned()))
        }
        (2.., 0) | (0, 2..) => Some((joined(text)?, String::new())),
        (1, 0) | (0, 1) => {
            let (whole, part) = text.split_once(['.', ','])?;
            let could_be_thousands = part.len() == 3 && (1..=3).contains(&whole.len()) && whole != "0";
            (!could_be_thousands).then(|| (whole.to_owned(), part.to_owned()))
        }
        _ => None,
    }
}

impl FromStr for Figure {
    type Err = String;

    /// Reads what [`Display`](fmt::Display) writes.
    fn from_str(text: &str) -> Result<Self, String> {
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        Self::read(&format!("{whole}.{part:0<DIGITS$}"), "")
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, parts, one) =
            (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs(), ONE.unsigned_abs());
        match (parts / one, parts % one) {
            (whole, 0) => write!(f, "{sign}{whole}"),
            (whole, part) => {
                let part = format!("{part:0DIGITS$}");
                write!(f, "{sign}{whole}.{}", part.trim_end_matches('0'))
            }
        }
    }
}

/// How far `current` is on the way from `start` to `target`, in percent, rounded half away from zero: below 0 where it went the other
/// way, above 100 beyond the target. `None` where start and target are the same. The way goes up or down, as they say.
pub fn progress(start: Figure, target: Figure, current: Figure) -> Option<i32> {
    let all = i128::from(target.0) - i128::from(start.0);
    let done = (i128::from(current.0) - i128::from(start.0)) * 100;
    if all == 0 {
        return None;
    }
    let (all, done) = if all < 0 { (-all, -done) } else { (all, done) };
    let rounded = (done.abs() + all / 2) / all * done.signum();
    Some(i32::try_from(rounded.clamp(-MOST_PERCENT, MOST_PERCENT)).unwrap_or(0))
}

/// Beyond this a progress says no more.
const MOST_PERCENT: i128 = 9_999;

/// The progress of an objective: the mean of that of its key results, each between 0 and 100, so that one beyond its target does not
/// hide another that lags. One that was not measured counts as 0. `None` without key results.
pub fn mean_progress(results: &[Option<i32>]) -> Option<u32> {
    let count = u32::try_from(results.len()).ok().filter(|count| *count > 0)?;
    let within = |percent: &Option<i32>| u32::try_from(percent.unwrap_or(0).clamp(0, 100)).unwrap_or(0);
    let sum: u32 = results.iter().map(within).sum();
    Some((sum + count / 2) / count)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(text: &str) -> Figure {
        Figure::read(text, "").unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn figures_are_read_as_people_write_them_and_kept_exactly() {
        for (text, written) in [
            ("1200", "1200"),
            ("99.5", "99.5"),
            ("99,5", "99.5"),
            ("-1 200,75", "-1200.75"),
            ("1'200.75", "1200.75"),
            ("1,234.5", "1234.5"),
            ("1.234,5", "1234.5"),
            ("1,234,567", "1234567"),
            ("1.234.567,1234", "1234567.1234"),
            ("0.125", "0.125"),
            ("0,0001", "0.0001"),
            ("97 %", "97"),
            ("−3", "-3"),
            ("007", "7"),
            ("1000000000000", "1000000000000"),
            ("12.3450", "12.345"),
        ] {
            assert_eq!(figure(text).to_string(), written, "{text}");
            assert_eq!(written.parse(), Ok(figure(text)), "{written}");
            assert_eq!(figure(&figure(text).written()), figure(text), "{written} is read again");
        }
        assert_eq!(Figure::read("12,5 days", "days").unwrap().to_string(), "12.5");
    }

    #[test]
    fn what_is_no_figure_or_could_be_two_is_refused_with_a_sentence() {
        for (text, says) in [
            ("", "isn’t a number"),
            ("soon", "isn’t a number"),
            ("1e5", "isn’t a number"),
            ("--1", "isn’t a number"),
            (".", "isn’t a number"),
            ("12.500", "in two ways"),
            ("1,200", "in two ways"),
            ("1,23,4.5", "in two ways"),
            ("0.00001", "more than 4 digits"),
            ("1000000000001", "too large"),
            ("99999999999999999999", "too large"),
        ] {
            let refused = Figure::read(text, "").unwrap_err();
            assert!(refused.contains(says), "{text}: {refused}");
        }
    }

    /// By hand:
    ///
    /// | start | target | current | done / way | percent |
    /// |---|---|---|---|---|
    /// | 40 | 80 | 50 | 10 / 40 | 25 |
    /// | 12 | 4 | 10 | -2 / -8 | 25 |
    /// | 12 | 4 | 14 | 2 / -8 | -25 |
    /// | 40 | 80 | 90 | 50 / 40 | 125 |
    /// | 0 | 3 | 2 | 2 / 3 = 66.67 | 67 |
    /// | 0.5 | 0.9 | 0.7 | 0.2 / 0.4 | 50 |
    /// | -10 | 10 | 0 | 10 / 20 | 50 |
    /// | 0 | 8 | 1 | 1 / 8 = 12.5 | 13 |
    /// | 0 | 8 | -1 | -1 / 8 = -12.5 | -13 |
    #[test]
    fn progress_goes_up_or_down_and_beyond_the_target() {
        for (start, target, current, percent) in [
            ("40", "80", "50", 25),
            ("12", "4", "10", 25),
            ("12", "4", "14", -25),
            ("40", "80", "90", 125),
            ("0", "3", "2", 67),
            ("0.5", "0.9", "0.7", 50),
            ("-10", "10", "0", 50),
            ("0", "8", "1", 13),
            ("0", "8", "-1", -13),
        ] {
            let found = progress(figure(start), figure(target), figure(current));
            assert_eq!(found, Some(percent), "{start} to {target} at {current}");
        }
        assert_eq!(progress(figure("5"), figure("5"), figure("5")), None, "there is no way to go");
        let far = progress(figure("0"), figure("0.0001"), Figure::MAX);
        assert_eq!(far, Some(9_999));
    }

    /// By hand: (25 + 100 + 0) / 3 = 41.67, with 125 taken as 100; (100 + 0) / 2 = 50 where one was never measured; (33 + 34) / 2 = 33.5.
    #[test]
    fn an_objective_is_as_far_as_its_key_results_together() {
        assert_eq!(mean_progress(&[Some(25), Some(125), Some(-25)]), Some(42));
        assert_eq!(mean_progress(&[Some(100), None]), Some(50));
        assert_eq!(mean_progress(&[Some(33), Some(34)]), Some(34));
        assert_eq!(mean_progress(&[]), None);
    }
}
