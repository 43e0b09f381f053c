//! Passwords that are guessed first: those many people use, and those made of what everybody knows about the person.

use std::{collections::HashSet, sync::OnceLock};

use crate::Error;

const LIST: &str = include_str!("common_passwords.txt");

/// Rows and orders that hands and minds run along.
const ROWS: [&str; 7] = [
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "qwertzuiop",
    "asdfghjkl",
    "zxcvbnm",
    "yxcvbnm",
];

/// What has fewer letters and digits of its own than this is taken for what it was made from.
const OWN: usize = 5;

/// So many steps along a row, or repetitions, are one piece.
const PIECE: usize = 3;

/// Refuses a password that would be among the first guesses. `about` is what everybody knows: the person's name and address,
/// the workspace.
///
/// # Errors
/// [`Error::Invalid`] with a sentence that says why and what to do.
pub(super) fn refuse_guessable(password: &str, about: &[&str]) -> Result<(), Error> {
    let folded = fold(password);
    if is_worn(password) {
        return Err(refused("Many people use this password, or one like it"));
    }
    if pieces(&folded) < OWN {
        return Err(refused("This password repeats itself or follows the keyboard"));
    }
    let known = about.iter().copied().chain(["cairn"]).flat_map(words);
    if left_of(&fold(&unleet(password)), known) {
        return Err(refused("This password is made of a name or an address that others know"));
    }
    Ok(())
}

fn refused(why: &str) -> Error {
    Error::Invalid(format!("{why}. Choose another, a few unrelated words for example."))
}

/// Lower case, letters and digits alone; of a text without any, the text.
fn fold(text: &str) -> String {
    let folded: String = text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    if folded.is_empty() { text.to_owned() } else { folded }
}

/// Digits and signs that stand for letters, as these.
fn unleet(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '@' => 'a',
            '$' => 's',
            '0' => 'o',
            '1' => 'l',
            '3' => 'e',
            '4' => 'a',
            '5' => 's',
            '7' => 't',
            other => other,
        })
        .collect()
}

fn list() -> &'static HashSet<&'static str> {
    static PARSED: OnceLock<HashSet<&'static str>> = OnceLock::new();
    PARSED.get_or_init(|| LIST.lines().filter(|line| !line.starts_with('#')).collect())
}

/// Whether it is in the list, or is once the digits and signs around it are left out.
fn is_worn(password: &str) -> bool {
    let core = password.trim_matches(|c: char| !c.is_alphabetic());
    let forms = [fold(password), fold(core), fold(&unleet(core))];
    forms.iter().any(|form| list().contains(form.as_str()) || list().contains(once(form)))
}

/// The block that a text repeats, or the text.
fn once(text: &str) -> &str {
    let repeats = |len: &usize| {
        text.is_char_boundary(*len) && text.len().is_multiple_of(*len) && {
            let block = &text.as_bytes()[..*len];
            text.as_bytes().chunks(*len).all(|chunk| chunk == block)
        }
    };
    (1..=text.len() / 2).find(repeats).map_or(text, |len| &text[..len])
}

/// How many characters are left when each run along a row, forwards or backwards, and each repetition counts as one.
fn pieces(folded: &str) -> usize {
    let chars: Vec<char> = once(folded).chars().collect();
    let mut count = 0;
    let mut at = 0;
    while at < chars.len() {
        let mut end = at + 1;
        let mut step = None;
        while end < chars.len()
            && let Some(next) = stride(chars[end - 1], chars[end], step)
        {
            step = Some(next);
            end += 1;
        }
        if end - at < PIECE {
            end = at + 1;
        }
        count += 1;
        at = end;
    }
    count
}

/// By how much `b` is further along some row than `a`, if that is what the run did so far: one, back one, or nothing.
fn stride(a: char, b: char, so_far: Option<i8>) -> Option<i8> {
    let found = |step: i8| match step {
        0 => a == b,
        _ => ROWS.iter().any(|row| {
            let (one, other) = if step > 0 { (a, b) } else { (b, a) };
            row.match_indices(one).any(|(at, _)| row[at + one.len_utf8()..].starts_with(other))
        }),
    };
    match so_far {
        Some(step) => found(step).then_some(step),
        None => [1, -1, 0].into_iter().find(|step| found(*step)),
    }
}

/// Words of at least three letters, also as they are written together.
fn words(about: &str) -> Vec<String> {
    let lower = about.to_lowercase();
    let mut words: Vec<String> = lower.split(|c: char| !c.is_alphanumeric()).map(unleet).collect();
    words.push(unleet(&fold(&lower)));
    words.retain(|word| word.chars().count() >= 3);
    words
}

/// Whether next to nothing is left of a password without these words.
fn left_of(folded: &str, known: impl Iterator<Item = String>) -> bool {
    let mut words: Vec<String> = known.collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let mut rest = folded.to_owned();
    for word in words {
        rest = rest.replace(&word, "");
    }
    rest.chars().count() < OWN && rest.len() < folded.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(password: &str) -> Option<String> {
        let about = ["Ann O'Smithson", "ann.smithson@roadworks.example", "Northern Lights"];
        refuse_guessable(password, &about).err().map(|error| error.to_string())
    }

    #[test]
    fn passwords_that_many_use_are_refused_in_any_dress() {
        for password in [
            "password123",
            "Passw0rd!!!",
            "Pa$sword2024",
            "PASSWORD-2025",
            "1234567890",
            "qwertyuiop",
            "QWERTZ123456",
            "iloveyou2023",
            "sunshine2024!",
            "Manchester1",
            "baseballbaseball",
            "l3tmein12345",
            "2024 Sommer 2024",
        ] {
            assert!(
                refusal(password).is_some_and(|sentence| sentence.contains("Choose another")),
                "{password}"
            );
        }
    }

    #[test]
    fn rows_and_repetitions_are_refused() {
        for password in [
            "aaaaaaaaaaaa",
            "abababababab",
            "abcabcabcabcabc",
            "abcdefghijkl",
            "0987654321",
            "lkjhgfdsa-qwert",
            "aaaabbbbcccc",
            "!!!!!!!!!!",
            "ääääääääääää",
            "123 456 789 000",
        ] {
            assert!(refusal(password).is_some(), "{password}");
        }
    }

    #[test]
    fn names_of_person_house_and_program_are_refused() {
        for password in [
            "AnnSmithson1",
            "smithson2024",
            "ann.smithson",
            "Roadworks1985",
            "northern.lights",
            "cairn-cairn-1",
            "NorthernLights!1",
        ] {
            let sentence = refusal(password).unwrap_or_else(|| panic!("{password}"));
            assert!(sentence.contains("name or an address"), "{password}: {sentence}");
        }
    }

    #[test]
    fn words_that_do_not_belong_together_are_fine() {
        for password in [
            "correct horse",
            "a long password",
            "quite another one",
            "tulip ferry anvil",
            "4tv9-kqzm-w2xp",
            "Ann has 3 brown goats",
            "northern goats dance",
            "größer als ein haus",
        ] {
            assert_eq!(refusal(password), None, "{password}");
        }
    }

    #[test]
    fn the_list_holds_what_folding_leaves() {
        assert!(list().len() > 2_000);
        for entry in list() {
            assert_eq!(fold(entry), **entry);
        }
    }
}
