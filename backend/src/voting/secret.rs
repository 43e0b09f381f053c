//! What keeps ballots apart from their voters: the secret outside the database, the key of each session, and the
//! pseudonyms made with it.

use std::{
    fmt, fs,
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
    sync::OnceLock,
};

use domain::{UserId, VoterId};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::{
    keys::sync_folder,
    sealed::{Number, keyed},
};
use crate::{
    OpenError,
    codec::hex,
    db::{folder_of, private},
    people::tokens::random_bytes,
};

const BYTES: usize = 32;

/// Where the secret is when the database is not a file.
const BESIDE_A_SERVER: &str = "data/cairn.secret";

/// The secret's place. The file is read, or made, when it is needed first.
pub(crate) struct Keeper {
    file: PathBuf,
    secret: OnceLock<[u8; BYTES]>,
}

impl fmt::Debug for Keeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keeper").field("file", &self.file).finish_non_exhaustive()
    }
}

impl Keeper {
    /// The secret in `file`, or else beside the database's file.
    pub(crate) fn new(file: Option<PathBuf>, database: Option<&Path>) -> Self {
        let beside = || database.map(|database| database.with_extension("secret"));
        let file = file.or_else(beside).unwrap_or_else(|| PathBuf::from(BESIDE_A_SERVER));
        Self { file, secret: OnceLock::new() }
    }

    pub(super) fn file(&self) -> &Path {
        &self.file
    }

    /// The secret, made when there is none.
    pub(crate) fn secret(&self) -> Result<&[u8; BYTES], OpenError> {
        if let Some(secret) = self.secret.get() {
            return Ok(secret);
        }
        let secret = read_or_make(&self.file)?;
        Ok(self.secret.get_or_init(|| secret))
    }
}

fn read_or_make(file: &Path) -> Result<[u8; BYTES], OpenError> {
    match fs::read_to_string(file) {
        Ok(text) => {
            private::warn_of_open([file.to_owned()]);
            parse(&text).ok_or_else(|| unusable(file, "it does not hold 64 hexadecimal digits"))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            make(file).map_err(|error| unusable(file, error))?;
            let text = fs::read_to_string(file).map_err(|error| unusable(file, error))?;
            parse(&text).ok_or_else(|| unusable(file, "it does not hold 64 hexadecimal digits"))
        }
        Err(error) => Err(unusable(file, error)),
    }
}

/// Makes the file whole and at once, so that of two programs which start together one wins and both read the same.
fn make(file: &Path) -> std::io::Result<()> {
    let folder = folder_of(file);
    private::create_folder(folder)?;
    let unique = hex(&random_bytes::<8>());
    let draft = file.with_extension(format!("secret-{unique}"));
    let mut opened = private::create_file(&draft)?;
    writeln!(opened, "{}", hex(&random_bytes::<BYTES>()))?;
    opened.sync_all()?;
    let made = fs::hard_link(&draft, file);
    fs::remove_file(&draft)?;
    match made {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        // Ballots are taken with it from now on: its name has to be on disk as well.
        _ => sync_folder(folder),
    }
}

fn parse(text: &str) -> Option<[u8; BYTES]> {
    unhex(text.trim())?.try_into().ok()
}

fn unusable(file: &Path, cause: impl fmt::Display) -> OpenError {
    OpenError::Secret { file: file.to_owned(), cause: cause.to_string() }
}

/// Whose ballot it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Who {
    Member(UserId),
    Voter(VoterId),
}

/// The key of a closed session's pseudonyms: made of the secret and the session's salt, so it takes both to name a ballot.
pub(super) struct RoundKey([u8; BYTES]);

impl RoundKey {
    pub(super) fn new(secret: &[u8; BYTES], salt: &[u8]) -> Self {
        Self(hmac(secret, &[b"round", salt]))
    }

    pub(super) fn pseudonym(&self, who: Who) -> Vec<u8> {
        pseudonym(&self.0, who)
    }

    /// A cast's number and digest as they are stored.
    pub(super) fn number(&self, number: &Number) -> (String, Vec<u8>) {
        keyed(&self.0, number)
    }

    /// By which it is seen later whether the secret is the one the session was opened with.
    pub(super) fn print(&self) -> Vec<u8> {
        hmac(&self.0, &[b"print"])[..8].to_vec()
    }
}

/// Who somebody is, to those alone who have the key.
pub(super) fn pseudonym(key: &[u8; BYTES], who: Who) -> Vec<u8> {
    let name = match who {
        Who::Member(user) => format!("member:{user}"),
        Who::Voter(voter) => format!("voter:{voter}"),
    };
    hmac(key, &[name.as_bytes()]).to_vec()
}

/// What the table keeps of a code. Keyed, because a code that people type is short enough to be guessed from a hash.
pub(super) fn code_hash(secret: &[u8; BYTES], code: &str) -> Vec<u8> {
    hmac(secret, &[b"code:", code.as_bytes()]).to_vec()
}

pub(super) fn hmac(key: &[u8; BYTES], parts: &[&[u8]]) -> [u8; BYTES] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key may have any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

pub(super) fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        text.chars().map(|digit| digit.to_digit(16).and_then(|value| u8::try_from(value).ok())).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    Some(digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_is_made_once_and_read_from_then_on() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("cairn.db");
        let one = *Keeper::new(None, Some(&database)).secret().unwrap();
        assert_eq!(Keeper::new(None, Some(&database)).secret().unwrap(), &one);
        let file = folder.path().join("cairn.secret");
        assert_eq!(Keeper::new(Some(file.clone()), None).secret().unwrap(), &one);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left behind");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        }
        fs::write(&file, "short").unwrap();
        assert!(matches!(Keeper::new(Some(file), None).secret(), Err(OpenError::Secret { .. })));
    }

    #[test]
    fn another_secret_or_salt_or_person_is_another_pseudonym() {
        let who = Who::Member(UserId::NIL);
        let one = RoundKey::new(&[1; BYTES], &[7; BYTES]);
        let names = [
            one.pseudonym(who),
            one.pseudonym(Who::Voter(VoterId::NIL)),
            RoundKey::new(&[2; BYTES], &[7; BYTES]).pseudonym(who),
            RoundKey::new(&[1; BYTES], &[8; BYTES]).pseudonym(who),
        ];
        for (index, name) in names.iter().enumerate() {
            assert!(!names[..index].contains(name));
        }
        assert_eq!(one.pseudonym(who), RoundKey::new(&[1; BYTES], &[7; BYTES]).pseudonym(who));
    }

    #[test]
    fn hexadecimal_digits_go_both_ways() {
        assert_eq!(unhex(&hex(&[0, 1, 0xab, 0xff])), Some(vec![0, 1, 0xab, 0xff]));
        assert_eq!(unhex("abc"), None);
        assert_eq!(unhex("zz"), None);
    }
}
