//! Passwords, kept as Argon2id hashes.

use std::{
    fmt,
    sync::{Arc, OnceLock},
    time::Duration,
};

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::{sync::Semaphore, task::spawn_blocking, time::timeout};

use super::tokens::random_bytes;
use crate::Error;

/// A password somebody chose, long enough to be one.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// Shorter ones can be guessed offline.
    pub const MIN: usize = 10;
    /// Longer ones would only cost time to hash.
    pub const MAX: usize = 256;

    /// Takes a password as typed, spaces included.
    ///
    /// # Errors
    /// A sentence, when it has fewer than [`Password::MIN`] or more than [`Password::MAX`] characters.
    pub fn parse(text: &str) -> Result<Self, Error> {
        match text.chars().count() {
            len if len < Self::MIN => Err(Error::Invalid(format!(
                "A password has at least {} characters; this has {len}. Choose a longer one, a few words for example.",
                Self::MIN
            ))),
            len if len > Self::MAX => Err(Error::Invalid(format!(
                "A password has at most {} characters; this has {len}. Choose a shorter one.",
                Self::MAX
            ))),
            _ => Ok(Self(text.to_owned())),
        }
    }

    /// Twenty characters that are easy to tell apart.
    pub(crate) fn generate() -> Self {
        const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
        let letters =
            random_bytes::<20>().map(|byte| char::from(ALPHABET[usize::from(byte) % ALPHABET.len()]));
        let words: Vec<String> = letters.chunks(5).map(|word| word.iter().collect()).collect();
        Self(words.join("-"))
    }

    /// The password itself, to be shown once to whoever asked for a generated one.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// Hashes and verifies, a few at a time: each takes 19 MiB and tens of milliseconds of a core.
#[derive(Clone, Debug)]
pub(crate) struct Hasher {
    permits: Arc<Semaphore>,
    /// What the password of an unknown account is compared with, so that it takes as long.
    decoy: Arc<OnceLock<String>>,
}

/// How many hashes are computed at once.
const AT_ONCE: usize = 2;

/// How long somebody waits for a turn before being asked to come back.
const PATIENCE: Duration = Duration::from_secs(10);

impl Default for Hasher {
    fn default() -> Self {
        Self { permits: Arc::new(Semaphore::new(AT_ONCE)), decoy: Arc::default() }
    }
}

impl Hasher {
    pub(crate) async fn hash(&self, password: Password) -> Result<String, Error> {
        self.in_turn(move || hash(&password.0)).await
    }

    /// Whether the password is the one of the hash. Without a hash it is false, after the same work.
    pub(crate) async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, Error> {
        let decoy = Arc::clone(&self.decoy);
        self.in_turn(move || {
            let known = hash.is_some();
            let stored = hash.unwrap_or_else(|| decoy.get_or_init(|| self::hash("decoy")).clone());
            // Nothing that long was ever accepted; the cut keeps the work the same for every guess.
            let typed: String = password.chars().take(Password::MAX + 1).collect();
            let right = PasswordHash::new(&stored)
                .is_ok_and(|stored| Argon2::default().verify_password(typed.as_bytes(), &stored).is_ok());
            right && known
        })
        .await
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        let permit = timeout(PATIENCE, Arc::clone(&self.permits).acquire_owned())
            .await
            .map_err(|_| {
                Error::TooMany("Too many people are signing in right now. Try again in a minute.".into())
            })?
            .expect("the semaphore is never closed");
        let result = spawn_blocking(work).await.map_err(Error::internal)?;
        drop(permit);
        Ok(result)
    }
}

/// Argon2id with the crate's defaults, which are OWASP's (19 MiB, two passes, one lane) and a random salt.
fn hash(password: &str) -> String {
    Argon2::default()
        .hash_password(password.as_bytes())
        .expect("default parameters and a random salt are always valid")
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_verifies() {
        let hasher = Hasher::default();
        let hash = hasher.hash(Password::parse("correct horse").unwrap()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(hasher.verify("correct horse".into(), Some(hash.clone())).await.unwrap());
        assert!(!hasher.verify("correct  horse".into(), Some(hash.clone())).await.unwrap());
        assert!(!hasher.verify(String::new(), Some(hash)).await.unwrap());
    }

    #[tokio::test]
    async fn an_unknown_account_has_no_right_password_not_even_the_decoys() {
        assert!(!Hasher::default().verify("decoy".into(), None).await.unwrap());
    }

    #[test]
    fn passwords_have_bounds_counted_in_characters() {
        assert!(Password::parse("ninechars").is_err());
        assert!(Password::parse("ääääääääää").is_ok());
        assert!(Password::parse(&"x".repeat(257)).is_err());
    }

    #[test]
    fn generated_passwords_are_accepted_and_differ() {
        let (one, other) = (Password::generate(), Password::generate());
        assert!(Password::parse(one.reveal()).is_ok());
        assert_ne!(one, other);
    }
}
