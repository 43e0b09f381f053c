//! Keys of open sessions: files beside the secret, one for each session, that go when it is closed.
//!
//! While a session is open the database holds its ballots encrypted, under a key that is in none of its files, logs and
//! backups. Destroying the key at the close makes all of them unreadable, wherever copies of them are.

use std::{
    collections::HashMap,
    fs::{self, File},
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use domain::VotingId;

use super::{sealed::SessionKey, secret::unhex};
use crate::{
    codec::hex,
    db::{folder_of, private},
    people::tokens::random_bytes,
};

/// The folder of keys, and the keys that were read.
#[derive(Debug)]
pub(super) struct Keys {
    folder: PathBuf,
    known: Mutex<HashMap<VotingId, SessionKey>>,
}

impl Keys {
    /// Keys in the folder of a secret's file: `cairn.secret.d` for `cairn.secret`.
    pub(super) fn beside(secret: &Path) -> Self {
        let mut folder = secret.as_os_str().to_owned();
        folder.push(".d");
        Self { folder: folder.into(), known: Mutex::default() }
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Makes a session's key and writes it to disk. One that is there already was never used and is replaced.
    pub(super) fn make(&self, id: VotingId) -> io::Result<SessionKey> {
        if !self.folder.try_exists()? {
            private::create_folder(&self.folder)?;
            sync_folder(folder_of(&self.folder))?;
        }
        let bytes = random_bytes::<32>();
        let draft = self.folder.join(format!("{id}.new"));
        remove_if_there(&draft)?;
        let mut file = private::create_file(&draft)?;
        writeln!(file, "{}", hex(&bytes))?;
        file.sync_all()?;
        fs::rename(&draft, self.file(id))?;
        sync_folder(&self.folder)?;
        let key = SessionKey::new(bytes);
        self.lock().insert(id, key.clone());
        Ok(key)
    }

    /// A session's key; `None` where this process does not have it.
    pub(super) fn find(&self, id: VotingId) -> io::Result<Option<SessionKey>> {
        if let Some(key) = self.lock().get(&id) {
            return Ok(Some(key.clone()));
        }
        let text = match fs::read_to_string(self.file(id)) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            text => text?,
        };
        let Some(bytes) = unhex(text.trim()).and_then(|bytes| bytes.try_into().ok()) else { return Ok(None) };
        let key = SessionKey::new(bytes);
        self.lock().insert(id, key.clone());
        Ok(Some(key))
    }

    /// Destroys a session's key: overwrites its file, removes it, and looks whether it has gone.
    pub(super) fn destroy(&self, id: VotingId) -> io::Result<()> {
        self.lock().remove(&id);
        for file in [self.file(id), self.folder.join(format!("{id}.new"))] {
            overwrite(&file)?;
            remove_if_there(&file)?;
            if file.try_exists()? {
                return Err(io::Error::other(format!("{} is still there", file.display())));
            }
        }
        if self.folder.try_exists()? { sync_folder(&self.folder) } else { Ok(()) }
    }

    /// The sessions of which there are keys.
    pub(super) fn list(&self) -> io::Result<Vec<VotingId>> {
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut keys = Vec::new();
        for entry in entries {
            let name = entry?.file_name();
            keys.extend(name.to_str().and_then(|name| name.parse::<VotingId>().ok()));
        }
        Ok(keys)
    }

    /// Forgets keys that were read, of sessions that are no longer open.
    pub(super) fn retain(&self, open: &[VotingId]) {
        self.lock().retain(|id, _| open.contains(id));
    }

    fn file(&self, id: VotingId) -> PathBuf {
        self.folder.join(id.to_string())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<VotingId, SessionKey>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn overwrite(file: &Path) -> io::Result<()> {
    let length = match fs::metadata(file) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        metadata => usize::try_from(metadata?.len()).unwrap_or(0),
    };
    let mut opened = fs::OpenOptions::new().write(true).open(file)?;
    opened.write_all(&vec![b'0'; length])?;
    opened.sync_all()
}

fn remove_if_there(file: &Path) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// Makes sure that names which were made or removed in a folder are so on disk.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_found_by_others_and_destroyed() {
        let place = tempfile::tempdir().unwrap();
        let secret = place.path().join("cairn.secret");
        let (keys, elsewhere) = (Keys::beside(&secret), Keys::beside(&secret));
        let id = VotingId::new(1, [7; 10]);
        assert!(keys.find(id).unwrap().is_none());
        let print = keys.make(id).unwrap().print();
        assert_eq!(elsewhere.find(id).unwrap().unwrap().print(), print);
        assert_eq!(keys.list().unwrap(), [id]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(keys.folder()), mode(&keys.file(id))), (0o700, 0o600));
        }
        keys.destroy(id).unwrap();
        keys.destroy(id).unwrap();
        assert!(keys.find(id).unwrap().is_none());
        assert_eq!(keys.list().unwrap(), []);
        elsewhere.retain(&[]);
        assert!(elsewhere.find(id).unwrap().is_none());
    }
}
