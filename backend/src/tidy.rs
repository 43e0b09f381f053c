//! Names as people type them, made comparable: what looks the same is the same.

use domain::is_hidden;
use unicode_normalization::UnicodeNormalization as _;

/// From here on are the scripts, Arabic and those of India among them, in which a joiner between two letters is part of the
/// word.
const JOINING_SCRIPTS: char = '\u{600}';

/// A name in one form: composed as Unicode's NFC, without characters that cannot be seen or turn the direction of others, trimmed,
/// with one space where there was white space. What is stored or in a log already is left as it is: this is for what people type,
/// before it is parsed.
pub fn tidy(name: &str) -> String {
    let composed: Vec<char> = name.nfc().collect();
    let seen = composed.iter().enumerate().filter(|(at, c)| !is_hidden(**c) || joins(&composed, *at));
    let seen: String = seen.map(|(_, c)| *c).collect();
    // What was taken away may have stood between a letter and its accent.
    seen.split_whitespace().collect::<Vec<_>>().join(" ").nfc().collect()
}

/// Whether a joiner stands between letters that it joins or holds apart, or within an emoji.
fn joins(chars: &[char], at: usize) -> bool {
    let joining = |c: &&char| **c >= JOINING_SCRIPTS && !c.is_whitespace() && !is_hidden(**c);
    let before = at.checked_sub(1).and_then(|before| chars.get(before)).filter(joining);
    let after = chars.get(at + 1).filter(joining);
    matches!(chars[at], '\u{200c}' | '\u{200d}') && before.is_some() && after.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_the_same_is_the_same() {
        for disguise in [
            "Zoë Müller",
            "  Zoë \u{a0}\t Müller ",
            "Zoe\u{308} Mu\u{308}ller",
            "Z\u{200b}oë\u{2060} Mül\u{ad}ler\u{feff}",
            "Zo\u{200d}ë\nMüll\u{200c}er",
            "\u{202e}Zoë \u{2066}Müller\u{2069}\u{200f}",
            "Zoe\u{200b}\u{308} Müller\u{e0041}\u{7}",
        ] {
            assert_eq!(tidy(disguise), "Zoë Müller", "{disguise:?}");
        }
    }

    #[test]
    fn joiners_that_are_part_of_a_word_stay() {
        for name in
            ["می\u{200c}خواهم", "क्\u{200d}ष", "👩\u{200d}💻", "❤\u{fe0f}", "O'Neill-Smith, Ph. D.", "李 小龍"]
        {
            assert_eq!(tidy(name), name, "{name:?}");
        }
        assert_eq!(tidy("\u{200d}\u{200b} "), "");
    }
}
