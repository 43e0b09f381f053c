//! Where the bytes of files are: a folder, or S3.

use std::{
    error::Error as _,
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use bytes::Bytes;
use domain::FileHash;
use futures::{StreamExt as _, TryStreamExt as _, future, stream, stream::BoxStream};
use object_store::{
    ObjectMeta, ObjectStore, ObjectStoreExt as _, local::LocalFileSystem, path::Path as ObjectPath,
};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait};
use tokio::sync::OnceCell;

use super::FileSettings;
use crate::{
    Error, OpenError,
    db::{folder_of, private},
    entity::{file, file_contents},
};

/// Where the files are when nothing else is said and the database is no file, as with the secret of voting sessions.
const DEFAULT_FOLDER: &str = "data/cairn.files";

/// Where files are kept. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Files {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    place: Place,
    settings: FileSettings,
    /// Opened when it is needed first.
    store: OnceCell<Arc<dyn ObjectStore>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Folder(PathBuf),
    S3(String),
}

impl Files {
    /// Files at a place, or beside a database. Nothing is made before there is a file to write.
    ///
    /// # Errors
    /// A sentence, for a place of a kind that this program does not know.
    pub(crate) fn at(settings: FileSettings, db: Option<&Path>) -> Result<Self, OpenError> {
        let place = match settings.place.as_deref() {
            None => {
                Place::Folder(db.map_or_else(|| DEFAULT_FOLDER.into(), |file| file.with_extension("files")))
            }
            Some(url) if url.starts_with("s3://") && cfg!(feature = "s3") => Place::S3(url.to_owned()),
            Some(url) if url.contains("://") => return Err(OpenError::Files(url.to_owned())),
            Some(folder) => Place::Folder(folder.into()),
        };
        Ok(Self { inner: Arc::new(Inner { place, settings, store: OnceCell::new() }) })
    }

    /// MiB of one product's files, and of all.
    pub(super) fn limits(&self) -> (u64, u64) {
        (self.inner.settings.product_mib, self.inner.settings.all_mib)
    }

    /// The store; nothing where it is a folder that is not there yet and shall not be made.
    async fn store(&self, make: bool) -> Result<Option<Arc<dyn ObjectStore>>, Error> {
        if let Place::Folder(folder) = &self.inner.place
            && !make
            && self.inner.store.get().is_none()
            && !folder.try_exists().map_err(Error::internal)?
        {
            return Ok(None);
        }
        let store = self.inner.store.get_or_try_init(|| async { open(&self.inner.place) }).await?;
        Ok(Some(Arc::clone(store)))
    }

    /// Writes the bytes of a file, and returns when they are durable.
    pub(super) async fn write(&self, hash: FileHash, bytes: Bytes) -> Result<(), Error> {
        let store = self.store(true).await?.ok_or_else(|| Error::internal("there is no place for files"))?;
        let path = path_of(hash);
        match store.head(&path).await {
            Ok(there) if there.size == bytes.len() as u64 => return Ok(()),
            // Missing or cut short.
            Ok(_) | Err(object_store::Error::NotFound { .. }) => {}
            Err(error) => return Err(failed(error)),
        }
        store.put(&path, bytes.into()).await.map(drop).map_err(failed)
    }

    /// The bytes of a file in pieces; nothing where they are missing.
    pub(super) async fn stream(
        &self,
        db: &impl ConnectionTrait,
        row: &file::Model,
    ) -> Result<Option<BoxStream<'static, io::Result<Bytes>>>, Error> {
        let hash = super::parse_hash(&row.hash)?;
        if let Some(store) = self.store(false).await? {
            match store.get(&path_of(hash)).await {
                Ok(found) => return Ok(Some(found.into_stream().map_err(io::Error::other).boxed())),
                Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(failed(error)),
            }
        }
        let kept = packed(db, row).await?;
        Ok(kept.map(|bytes| stream::once(future::ready(Ok(bytes))).boxed()))
    }

    /// All bytes of a file; nothing where they are missing.
    pub(super) async fn read(
        &self,
        db: &impl ConnectionTrait,
        row: &file::Model,
    ) -> Result<Option<Bytes>, Error> {
        let Some(mut pieces) = self.stream(db, row).await? else { return Ok(None) };
        let mut bytes = Vec::new();
        while let Some(piece) = pieces.try_next().await.map_err(Error::internal)? {
            bytes.extend_from_slice(&piece);
        }
        Ok(Some(bytes.into()))
    }

    /// All bytes of a file as they are kept here; nothing where they are not.
    pub(super) async fn read_kept(&self, hash: FileHash) -> Result<Option<Bytes>, Error> {
        let Some(store) = self.store(false).await? else { return Ok(None) };
        match store.get(&path_of(hash)).await {
            Ok(found) => found.bytes().await.map(Some).map_err(failed),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    /// Everything that is kept.
    pub(super) async fn list(&self) -> Result<BoxStream<'static, Result<ObjectMeta, Error>>, Error> {
        Ok(match self.store(false).await? {
            Some(store) => store.list(None).map_err(failed).boxed(),
            None => stream::empty().boxed(),
        })
    }
}

/// The bytes as a backup has them.
async fn packed(db: &impl ConnectionTrait, row: &file::Model) -> Result<Option<Bytes>, Error> {
    let key = (row.workspace_id.clone(), row.hash.clone());
    let found = file_contents::Entity::find_by_id(key).one(db).await?;
    Ok(found.map(|found| found.contents.into()))
}

/// By the first digits, so that no folder holds too many.
pub(super) fn path_of(hash: FileHash) -> ObjectPath {
    let digits = hash.to_string();
    ObjectPath::from_iter([&digits[..2], &digits])
}

fn open(place: &Place) -> Result<Arc<dyn ObjectStore>, Error> {
    match place {
        Place::Folder(folder) => {
            make_folder(folder).map_err(Error::internal)?;
            let store = LocalFileSystem::new_with_prefix(folder).map_err(failed)?;
            Ok(Arc::new(store.with_fsync(true)))
        }
        Place::S3(url) => open_s3(url),
    }
}

/// Makes the folder, for nobody else to enter, and has the disk remember it.
fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.try_exists()? {
        return Ok(());
    }
    private::create_folder(folder)?;
    if cfg!(unix) { std::fs::File::open(folder_of(folder))?.sync_all() } else { Ok(()) }
}

#[cfg(feature = "s3")]
fn open_s3(url: &str) -> Result<Arc<dyn ObjectStore>, Error> {
    let store = object_store::aws::AmazonS3Builder::from_env().with_url(url).build().map_err(failed)?;
    let prefix = url.trim_start_matches("s3://").split_once('/').map_or("", |(_, prefix)| prefix);
    Ok(Arc::new(object_store::prefix::PrefixStore::new(store, prefix)))
}

#[cfg(not(feature = "s3"))]
fn open_s3(url: &str) -> Result<Arc<dyn ObjectStore>, Error> {
    Err(Error::internal(OpenError::Files(url.to_owned())))
}

/// What a store's error means for who asked.
fn failed(error: object_store::Error) -> Error {
    let mut cause = error.source();
    while let Some(source) = cause {
        if let Some(io) = source.downcast_ref::<io::Error>()
            && matches!(io.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
        {
            return Error::Full(DbErr::Custom(error.to_string()));
        }
        cause = source.source();
    }
    Error::Files(error)
}
