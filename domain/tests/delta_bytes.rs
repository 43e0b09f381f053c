//! What holds for changes of texts, whatever they are: made from any bytes, so that a fuzzer can call it.
//!
//! `CAIRN_FUZZ_SECONDS=120` goes on for two minutes.

#![expect(clippy::unwrap_used, reason = "a test may")]

use std::time::{Duration, Instant};

use domain::{ClientId, Delta};
use proptest::prelude::*;
use rand::{SeedableRng as _, rngs::StdRng};

const LETTERS: [&str; 12] =
    ["a", "b", "c", " ", "\n", "ä", "移", "😀", "e\u{301}", "👩\u{200d}👧", "word", "ab ab\n"];

/// Bytes as a source of choices. When they are used up, the first of everything is chosen.
struct Source<'a>(std::slice::Iter<'a, u8>);

impl Source<'_> {
    fn below(&mut self, end: usize) -> usize {
        usize::from(self.0.next().copied().unwrap_or(0)) % end
    }

    fn text(&mut self, most: usize) -> String {
        (0..self.below(most + 1)).map(|_| LETTERS[self.below(LETTERS.len())]).collect()
    }

    /// A change of a text of this length.
    fn delta(&mut self, mut left: usize) -> Delta {
        let mut pieces = Vec::new();
        let mut last = '-';
        let mut first = true;
        while std::mem::take(&mut first) || left > 0 {
            let count = 1 + self.below(left.max(1));
            match self.below(3) {
                0 if last != 'r' && left > 0 => {
                    pieces.push(count.to_string());
                    (last, left) = ('r', left - count);
                }
                1 if last != 'd' && left > 0 => {
                    pieces.push(format!("-{count}"));
                    (last, left) = ('d', left - count);
                }
                2 if last == '-' || last == 'r' => {
                    pieces.push(serde_json::to_string(&format!("{}x", self.text(3))).unwrap());
                    last = 'i';
                }
                _ if left > 0 => {
                    let keep = last != 'r';
                    pieces.push(if keep { left.to_string() } else { format!("-{left}") });
                    (last, left) = (if keep { 'r' } else { 'd' }, 0);
                }
                _ => {}
            }
        }
        serde_json::from_str(&format!("[{}]", pieces.join(","))).unwrap()
    }
}

/// Everything that is promised of changes, for those these bytes make.
fn check(bytes: &[u8]) {
    let mut source = Source(bytes.iter());
    let text = source.text(12);
    let len = text.chars().count();
    let (a, b) = (source.delta(len), source.delta(len));
    let c = source.delta(a.target_len());
    let d = source.delta(c.target_len());
    let other = source.text(12);

    let after_a = a.apply(&text).unwrap();
    let after_b = b.apply(&text).unwrap();
    let after_c = c.apply(&after_a).unwrap();
    assert_eq!(after_a.chars().count(), a.target_len());

    // TP1, also where the page decides what stands first.
    let [anna, bob] = [1, 2].map(|n| ClientId::new(1, [n; 10]));
    for (mine, theirs) in [(anna, bob), (bob, anna), (anna, anna)] {
        let (a_then, b_then) = Delta::carry((mine, &a), (theirs, &b)).unwrap();
        assert_eq!(b_then.apply(&after_a), a_then.apply(&after_b));
    }
    let (a_then, b_then) = Delta::transform(&a, &b).unwrap();
    assert_eq!(b_then.apply(&after_a).unwrap(), a_then.apply(&after_b).unwrap(), "both orders give one text");
    assert_eq!(a.compose(&b_then), b.compose(&a_then));
    assert_eq!(
        a_then.inserted().collect::<String>(),
        a.inserted().collect::<String>(),
        "nothing typed is lost"
    );
    assert_eq!(
        b_then.inserted().collect::<String>(),
        b.inserted().collect::<String>(),
        "nothing typed is lost"
    );

    // One after the other.
    let a_c = a.compose(&c).unwrap();
    assert_eq!(a_c.apply(&text).unwrap(), after_c);
    assert_eq!(a_c.compose(&d), a.compose(&c.compose(&d).unwrap()));

    // There and back.
    let back = a.invert(&text).unwrap();
    assert_eq!(back.apply(&after_a).unwrap(), text);
    assert_eq!(back.invert(&after_a).unwrap(), a);

    let between = Delta::between(&text, &other);
    assert_eq!(between.apply(&text).unwrap(), other);
    assert_eq!(between.is_identity(), text == other);

    let places: Vec<usize> = (0..=len).map(|at| a.position(at)).collect();
    assert!(places.is_sorted() && places[len] <= a.target_len(), "{places:?}");

    for delta in [&a, &b_then, &a_c, &back, &between] {
        let json = serde_json::to_string(delta).unwrap();
        assert_eq!(serde_json::from_str::<Delta>(&json).unwrap(), *delta, "one form: {json}");
    }
    // A change of another text is refused, not guessed at.
    assert_eq!(a.apply(&format!("{text}+")), None);
    assert_eq!(a.invert(&format!("{text}+")), None);
}

/// Whatever is decoded is refused, or is a change in its one form.
fn check_decoding(bytes: &[u8]) {
    if let Ok(delta) = serde_json::from_slice::<Delta>(bytes) {
        let json = serde_json::to_vec(&delta).unwrap();
        assert_eq!(serde_json::from_slice::<Delta>(&json).unwrap(), delta);
        let text = "x".repeat(delta.base_len());
        assert_eq!(delta.apply(&text).unwrap().chars().count(), delta.target_len());
    }
}

proptest! {
    #[test]
    fn changes_of_one_text_converge(bytes in proptest::collection::vec(any::<u8>(), 0..120)) {
        check(&bytes);
        check_decoding(&bytes);
    }

    #[test]
    fn what_looks_like_a_change_is_refused_or_one(json in r#"\[((-?[0-9]{1,5}|"[a-c]{0,2}"|null|-0|1e2),){0,5}-?[0-9]{1,3}\]"#) {
        check_decoding(json.as_bytes());
    }
}

#[test]
fn changes_made_of_any_bytes_converge() {
    let seconds = std::env::var("CAIRN_FUZZ_SECONDS").map_or(1, |text| text.parse().expect("a number"));
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut random = StdRng::seed_from_u64(u64::from(std::process::id()) ^ seconds);
    let mut runs = 0_u64;
    while Instant::now() < end {
        let bytes: Vec<u8> = (0..random.random_range(0..160)).map(|_| random.random()).collect();
        if std::panic::catch_unwind(|| (check(&bytes), check_decoding(&bytes))).is_err() {
            panic!("fails with {bytes:?}");
        }
        runs += 1;
    }
    println!("{runs} runs");
    assert!(runs > 0);
}
