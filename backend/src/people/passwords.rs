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

use super::{common::refuse_guessable, tokens::random_bytes};
use crate::Error;

/// A password somebody chose, long enough to be one.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// Shorter ones can be guessed offline.
    pub const MIN: usize = 10;
    /// Longer ones would only cost time to hash.
    pub const MAX: usize = 256;

    /// Takes a password as typed, spaces included. `about` is what others know of the person: the name, the address, what the
    /// organisation is called.
    ///
    /// # Errors
    /// A sentence, when it has fewer than [`Password::MIN`] or more than [`Password::MAX`] characters, or would be among the
    /// first guesses.
    pub fn parse(text: &str, about: &[&str]) -> Result<Self, Error> {
        match text.chars().count() {
            len if len < Self::MIN => Err(Error::Invalid(format!(
                "A password has at least {} characters; this has {len}. Choose a longer one, a few words for example.",
                Self::MIN
            ))),
            len if len > Self::MAX => Err(Error::Invalid(format!(
                "A password has at most {} characters; this has {len}. Choose a shorter one.",
                Self::MAX
            ))),
            _ => {
                refuse_guessable(text, about)?;
                Ok(Self(text.to_owned()))
            }
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
    /// Turns of known devices, so that guesses of strangers never hold them up.
    known: Arc<Semaphore>,
    /// What the password of an unknown account is compared with, so that it takes as long.
    decoy: Arc<OnceLock<String>>,
}

/// How many hashes are computed at once.
const AT_ONCE: usize = 2;

/// And how many more for known devices.
const AT_ONCE_KNOWN: usize = 1;

/// How long somebody waits for a turn before being asked to come back.
const PATIENCE: Duration = Duration::from_secs(10);

impl Default for Hasher {
    fn default() -> Self {
        Self {
            permits: Arc::new(Semaphore::new(AT_ONCE)),
            known: Arc::new(Semaphore::new(AT_ONCE_KNOWN)),
            decoy: Arc::default(),
        }
    }
}

impl Hasher {
    pub(crate) async fn hash(&self, password: Password) -> Result<String, Error> {
        in_turn(&self.permits, move || hash(&composed(&password.0))).await
    }

    /// Whether the password is the one of the hash. Without a hash it is false, after the same work.
    pub(crate) async fn verify(
        &self,
        password: String,
        hash: Option<String>,
        from_known_device: bool,
    ) -> Result<bool, Error> {
        let decoy = Arc::clone(&self.decoy);
        let turns = if from_known_device { &self.known } else { &self.permits };
        in_turn(turns, move || {
            let known = hash.is_some();
            let stored = hash.unwrap_or_else(|| decoy.get_or_init(|| self::hash("decoy")).clone());
            // Nothing that long was ever accepted; the cut keeps the work the same for every guess.
            let typed: String = password.chars().take(Password::MAX + 1).collect();
            let right = |typed: &str| {
                let stored = PasswordHash::new(&stored);
                stored.is_ok_and(|it| Argon2::default().verify_password(typed.as_bytes(), &it).is_ok())
            };
            let composed = composed(&typed);
            // Passwords of an older version were hashed as they were typed.
            (right(&composed) || (composed != typed && right(&typed))) && known
        })
        .await
    }
}

/// The same password from every keyboard: some compose accented letters, others send letter and accent (RFC 8265).
fn composed(password: &str) -> String {
    (domain::NATIVE.composed)(password)
}

async fn in_turn<T: Send + 'static>(
    turns: &Arc<Semaphore>,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Error> {
    let permit = timeout(PATIENCE, Arc::clone(turns).acquire_owned())
        .await
        .map_err(|_| Error::TooMany {
            sentence: "Too many people are signing in right now. Try again in a minute.".into(),
            wait: Duration::from_secs(60),
        })?
        .expect("the semaphore is never closed");
    let result = spawn_blocking(work).await.map_err(Error::internal)?;
    drop(permit);
    Ok(result)
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
        let hash = hasher.hash(Password::parse("correct horse", &[]).unwrap()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(hasher.verify("correct horse".into(), Some(hash.clone()), false).await.unwrap());
        assert!(!hasher.verify("correct  horse".into(), Some(hash.clone()), false).await.unwrap());
        assert!(!hasher.verify(String::new(), Some(hash), false).await.unwrap());
    }

    #[tokio::test]
    async fn a_password_is_the_same_from_every_keyboard() {
        let hasher = Hasher::default();
        let (whole, parts) = ("Zoë spielt Klavier", "Zoe\u{308} spielt Klavier");
        let hash = hasher.hash(Password::parse(parts, &[]).unwrap()).await.unwrap();
        for typed in [whole, parts] {
            assert!(hasher.verify(typed.into(), Some(hash.clone()), false).await.unwrap(), "{typed:?}");
        }
        let older = self::hash(parts);
        assert!(hasher.verify(parts.into(), Some(older), false).await.unwrap());
    }

    #[tokio::test]
    async fn an_unknown_account_has_no_right_password_not_even_the_decoys() {
        assert!(!Hasher::default().verify("decoy".into(), None, false).await.unwrap());
    }

    #[test]
    fn passwords_have_bounds_counted_in_characters() {
        assert!(Password::parse("ninechars", &[]).is_err());
        assert!(Password::parse("äöü äöü ßx", &[]).is_ok());
        assert!(Password::parse(&"x".repeat(257), &[]).is_err());
    }

    #[test]
    fn generated_passwords_are_accepted_and_differ() {
        let (one, other) = (Password::generate(), Password::generate());
        assert!(Password::parse(one.reveal(), &[]).is_ok());
        assert_ne!(one, other);
    }
}
