//! How well what somebody types fits a name: its letters must occur in order; beginnings of words and letters in a row count more.

/// Points for a letter that begins a word, for one right after the letter before, and for any other.
const BEGINS: u32 = 8;
const FOLLOWS: u32 = 6;
const OCCURS: u32 = 1;

/// The points of a name, both [folded](crate::platform::fold); `None` where it does not fit. The first fitting letter is taken, or
/// the whole text where it stands there in a row.
pub(super) fn points(name: &str, typed: &str) -> Option<u32> {
    let whole = name.find(typed).map(|at| {
        let begins = at == 0 || !name[..at].chars().next_back().is_some_and(char::is_alphanumeric);
        let letters = u32::try_from(typed.chars().count()).unwrap_or(u32::MAX);
        letters.saturating_mul(FOLLOWS) + if begins { 4 * BEGINS } else { 0 } + u32::from(at == 0) * BEGINS
    });
    whole.or_else(|| scattered(name, typed))
}

fn scattered(name: &str, typed: &str) -> Option<u32> {
    let mut points = 0;
    let mut letters = name.chars();
    let (mut before, mut follows) = (None::<char>, false);
    for wanted in typed.chars().filter(|c| !c.is_whitespace()) {
        loop {
            let letter = letters.next()?;
            let begins = !before.is_some_and(char::is_alphanumeric);
            before = Some(letter);
            if letter == wanted {
                points += if follows {
                    FOLLOWS
                } else if begins {
                    BEGINS
                } else {
                    OCCURS
                };
                follows = true;
                break;
            }
            follows = false;
        }
    }
    // Letters that lie scattered over a long name say little.
    (points >= 3 * u32::try_from(typed.chars().count()).unwrap_or(u32::MAX)).then_some(points)
}

#[cfg(test)]
mod tests {
    use super::points;

    #[test]
    fn beginnings_of_words_and_letters_in_a_row_come_first() {
        let better = |name: &str, other: &str, typed: &str| {
            assert!(points(name, typed) > points(other, typed), "{name} before {other} for {typed}");
        };
        better("single sign-on", "design system", "sig");
        better("erp platform", "the erp", "erp");
        better("single sign-on", "sales insights", "sso");
        better("board", "keyboard shortcuts", "board");
        assert_eq!(points("board", "xyz"), None);
        assert_eq!(points("a long name with letters far apart", "lnz"), None);
        assert!(points("history", "").is_some());
    }
}
