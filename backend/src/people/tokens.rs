//! Secrets that stand for a person: in a session's cookie and in an invitation's link.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// 256 random bits, written in the URL-safe alphabet of base64. Only its hash is ever stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// Bytes of randomness in a secret.
const BYTES: usize = 32;

impl Secret {
    /// A new secret from the operating system's randomness.
    pub fn random() -> Self {
        Self(URL_SAFE_NO_PAD.encode(random_bytes::<BYTES>()))
    }

    /// Reads what a browser sent. `None` when it cannot be a secret of ours.
    pub fn parse(text: &str) -> Option<Self> {
        let decoded = URL_SAFE_NO_PAD.decode(text).ok()?;
        (decoded.len() == BYTES).then(|| Self(text.to_owned()))
    }

    /// The secret itself, for the cookie or the link and nowhere else.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What the table keeps. A plain hash is enough: the secret has too much randomness to be guessed from it.
    pub(crate) fn hash(&self) -> Vec<u8> {
        self.digest().to_vec()
    }

    /// As [`Secret::hash`], of a known length.
    pub(crate) fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

pub(crate) fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_differ_and_survive_the_way_through_a_cookie() {
        let (one, other) = (Secret::random(), Secret::random());
        assert_ne!(one.reveal(), other.reveal());
        assert_ne!(one.hash(), other.hash());
        assert_eq!(Secret::parse(one.reveal()), Some(one));
    }

    #[test]
    fn what_cannot_be_a_secret_is_not_looked_up() {
        for text in ["", "abc", "é", &"A".repeat(42), &"A".repeat(44), &"=".repeat(43)] {
            assert_eq!(Secret::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_secret_does_not_show_in_logs() {
        let secret = Secret::random();
        assert!(!format!("{secret:?}").contains(secret.reveal()));
    }

    #[test]
    fn mangled_secrets_are_refused_or_kept_as_they_are() {
        let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus");
        let words = ["=", "-", "_", "+", "/", "%3D", "A"];
        fuzz::feed(fuzz::Target { name: "secrets", corpus, words: &words, longest: 4_096 }, |bytes| {
            let text = String::from_utf8_lossy(bytes);
            let Some(secret) = Secret::parse(&text) else { return "refused".to_owned() };
            assert_eq!(secret.reveal(), text);
            assert_eq!(text.len(), 43, "each secret is written in one way");
            assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
            "taken".to_owned()
        });
    }
}
