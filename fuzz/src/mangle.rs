//! Inputs made of others.

use rand::{RngExt as _, rngs::StdRng, seq::IndexedRandom as _};

use crate::json;

/// What readers of text stumble over, whatever they read.
const SPICE: [&[u8]; 24] = [
    b"\"",
    b"'",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b";",
    b"\t",
    b"\r\n",
    b"\n\n",
    b"\0",
    b"\xff",
    b"\xc3",
    b"null",
    b"-1",
    b"1e999",
    b"18446744073709551616",
    b"\\ud800",
    b"\xef\xbb\xbf",
    "\u{202e}é".as_bytes(),
    "\u{2028}".as_bytes(),
    "İ".as_bytes(),
    b"[[[[[[[[[[[[[[[[[[[[[[[[",
];

pub(crate) struct Mangler<'a> {
    random: StdRng,
    words: &'a [&'a str],
    longest: usize,
}

impl<'a> Mangler<'a> {
    pub(crate) fn new(random: StdRng, words: &'a [&'a str], longest: usize) -> Self {
        Self { random, words, longest }
    }

    /// An input made of one of the corpus, with pieces of another.
    pub(crate) fn make(&mut self, corpus: &[Vec<u8>]) -> Vec<u8> {
        let one = corpus.choose(&mut self.random).cloned().unwrap_or_default();
        let other = corpus.choose(&mut self.random).map_or(&[][..], Vec::as_slice);
        let structured = if self.random.random_bool(0.4) {
            json::mangled(&one, other, self.words, &mut self.random)
        } else {
            None
        };
        // A structure that was changed is mostly left whole: broken ones are refused at their first byte.
        let bytes = structured.is_none() || self.random.random_bool(0.2);
        let mut input = structured.unwrap_or(one);
        if bytes {
            for _ in 0..=self.random.random_range(0..4) {
                self.change(&mut input, other);
            }
        }
        input.truncate(self.longest);
        input
    }

    fn change(&mut self, input: &mut Vec<u8>, other: &[u8]) {
        let at = self.random.random_range(0..=input.len());
        match self.random.random_range(0..9) {
            0 if at < input.len() => input[at] ^= 1 << self.random.random_range(0..8),
            1 if at < input.len() => input[at] = b'0' + self.random.random_range(0..10),
            2 => input.truncate(at),
            3 => {
                let end = (at + self.random.random_range(0..24)).min(input.len());
                input.drain(at..end);
            }
            4 if !self.words.is_empty() => {
                let word = self.words.choose(&mut self.random).copied().unwrap_or_default();
                self.put(input, at, word.as_bytes());
            }
            5 => {
                let piece = self.piece(other, 64);
                self.put(input, at, &piece);
            }
            6 => {
                // Again and again the same: what takes more time the longer it is shows.
                let piece = self.piece(input, 32);
                let often = 1 << self.random.random_range(0..12);
                self.put(input, at, &piece.repeat(often));
            }
            7 => {
                let tail = other.get(self.random.random_range(0..=other.len())..).unwrap_or_default();
                input.truncate(at);
                input.extend_from_slice(tail);
            }
            _ => {
                let spice = SPICE.choose(&mut self.random).copied().unwrap_or_default();
                self.put(input, at, spice);
            }
        }
    }

    fn put(&self, input: &mut Vec<u8>, at: usize, piece: &[u8]) {
        let room = self.longest.saturating_sub(input.len());
        input.splice(at..at, piece.iter().take(room).copied());
    }

    fn piece(&mut self, of: &[u8], most: usize) -> Vec<u8> {
        let from = self.random.random_range(0..=of.len());
        let to = (from + self.random.random_range(0..=most)).min(of.len());
        of[from..to].to_vec()
    }
}
