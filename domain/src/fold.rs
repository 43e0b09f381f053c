//! Texts that look the same compare as the same, whatever keyboard, input method or file they came from.

use crate::is_hidden;

/// What a platform knows of Unicode. A browser has its tables already and need not load them.
#[derive(Clone, Copy, Debug)]
pub struct Unicode {
    /// Normalisation Form C.
    pub composed: fn(&str) -> String,
    /// Normalisation Form KC: one form also for full-width letters, ligatures, and digits in circles.
    pub compatible: fn(&str) -> String,
    /// Full lower case mapping.
    pub lower: fn(&str) -> String,
}

/// The tables of this program.
#[cfg(not(target_family = "wasm"))]
pub const NATIVE: Unicode = Unicode {
    composed: |text| unicode_normalization::UnicodeNormalization::nfc(text).collect(),
    compatible: |text| unicode_normalization::UnicodeNormalization::nfkc(text).collect(),
    lower: str::to_lowercase,
};

/// A text to compare others with, never to be shown: in one form, without case, invisible characters and spare white space.
/// Accents count, as they do for readers. Both sides of a comparison have to be folded.
pub fn fold(text: &str, unicode: &Unicode) -> String {
    let lower = if text.is_ascii() {
        text.to_ascii_lowercase()
    } else {
        (unicode.lower)(&(unicode.compatible)(text))
    };
    let mut folded = String::with_capacity(lower.len());
    for c in lower.chars() {
        match c {
            c if c.is_whitespace() => {
                if !folded.is_empty() && !folded.ends_with(' ') {
                    folded.push(' ');
                }
            }
            c if is_hidden(c) => {}
            'ß' => folded.push_str("ss"),
            'ς' => folded.push('σ'),
            // What is left of the dot of a Turkish capital.
            '\u{307}' if folded.ends_with('i') => {}
            c => folded.push(c),
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

/// A text in lower case and composed form: how tags and addresses are kept.
pub(crate) fn lower_and_composed(text: &str, unicode: &Unicode) -> String {
    if text.is_ascii() { text.to_ascii_lowercase() } else { (unicode.composed)(&(unicode.lower)(text)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> String {
        fold(text, &NATIVE)
    }

    #[test]
    fn texts_that_look_the_same_are_the_same() {
        for (one, other) in [
            ("Zoë", "Zoe\u{308}"),
            ("ＥＲＰ－１２", "ERP-12"),
            ("ﬁnance", "Finance"),
            ("STRASSE", "Straße"),
            ("ΣΊΣΥΦΟΣ", "σίσυφος"),
            ("İzmir", "izmir"),
            ("Sign-\u{ad}on\u{200b}", "sign-on"),
            ("  next\u{a0}\u{3000}quarter ", "Next quarter"),
            ("ｶﾞ", "ガ"),
            ("한글", "\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}"),
        ] {
            assert_eq!(folded(one), folded(other), "{one:?} and {other:?}");
        }
    }

    #[test]
    fn texts_that_look_different_stay_different() {
        for (one, other) in [("Zoe", "Zoë"), ("sign on", "signon"), ("ı", "i"), ("が", "か"), ("1", "l")]
        {
            assert_ne!(folded(one), folded(other), "{one:?} and {other:?}");
        }
    }
}
