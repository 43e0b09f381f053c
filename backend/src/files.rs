//! Files that people attach to what is on a roadmap: their bytes are in a folder or in S3 by their hash, and a row says to which
//! roadmap a file belongs. Everyone who sees its product may read it.
//!
//! The row is written after the bytes are durable, so that a file which has a row can be read. Bytes are never changed or removed.

mod carry;
mod check;
mod copy;
mod place;

use std::collections::{BTreeSet, HashSet};

use bytes::Bytes;
use domain::{FileAddress, FileHash, MAX_FILE, ProductKey, Reject, Role, file_name, picture_type};
use futures::stream::BoxStream;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{Alias, Expr, Query},
};
use serde_json::json;
use sha2::{Digest, Sha256};

use self::place::path_of;
pub(crate) use self::{
    carry::carry,
    check::check,
    copy::{fill, unpack},
    place::Files,
};
use crate::{
    Error, Viewer,
    access::{RecordTx, change},
    audit::Action,
    codec::{signed, unsigned},
    db::{MAX_VALUES, padded},
    entity::{file, product},
    exchange::ExportedFile,
};

const MIB: u64 = 1024 * 1024;

/// Where files are kept, and how many.
#[derive(Clone, Debug)]
pub struct FileSettings {
    /// A folder, or `s3://bucket/prefix`. Otherwise a folder beside the database.
    pub place: Option<String>,
    /// The most MiB of the files of one product; 0 for no limit.
    pub product_mib: u64,
    /// The same of all files.
    pub all_mib: u64,
}

impl Default for FileSettings {
    fn default() -> Self {
        Self { place: None, product_mib: 1_024, all_mib: 5_120 }
    }
}

/// A file that was attached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttachedFile {
    /// Without the address's begin: as the path of the site.
    pub address: String,
    pub is_picture: bool,
}

/// A file that is read.
pub struct ReadFile {
    pub name: String,
    /// Of a picture that pages show; nothing for anything else.
    pub picture: Option<&'static str>,
    pub size: u64,
    pub body: BoxStream<'static, std::io::Result<Bytes>>,
}

impl std::fmt::Debug for ReadFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReadFile").field("name", &self.name).field("size", &self.size).finish_non_exhaustive()
    }
}

/// The kinds of pictures that are stored.
const PICTURES: [&str; 5] = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"];

impl Viewer {
    /// Attaches a file to a product, so that texts there can refer to it. The same bytes twice are one file, under the name it got
    /// first.
    ///
    /// # Errors
    /// [`Error::NotFound`] without such a product, a [`Reject`] where this person may not comment there or it is archived,
    /// [`Error::Invalid`] for an empty or too long file, [`Error::Conflict`] when there is no room for it. Nothing was kept then.
    pub async fn attach_file(
        &self,
        key: &ProductKey,
        name: &str,
        bytes: Bytes,
    ) -> Result<AttachedFile, Error> {
        if bytes.is_empty() {
            return Err(Error::Invalid("This file is empty. Choose another.".to_owned()));
        }
        if bytes.len() > MAX_FILE {
            let most = MAX_FILE / (1024 * 1024);
            return Err(Error::Invalid(format!("A file may have at most {most} MiB. Choose a smaller one.")));
        }
        let product = self.product(key).await?;
        if !product.role.can_comment() {
            return Err(Reject::NotAllowed(product.role).into());
        }
        if product.archived {
            return Err(Reject::Archived.into());
        }
        let (bytes, hash) = hashed(bytes).await?;
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let reader = self.backend.db.reader();
        let (workspace, roadmap) = (self.workspace.to_string(), product.roadmap.to_string());
        let known = file::Entity::find_by_id((workspace.clone(), roadmap.clone(), hash.to_string()));
        if let Some(row) = known.one(reader).await? {
            // Where the bytes were lost, they are there again.
            self.backend.files.write(hash, bytes).await?;
            return Ok(attached(hash, &row));
        }
        // Before the bytes are written: what there is no room for is not on the disk, either.
        self.backend.files.check_room(reader, (&workspace, &roadmap, hash), size).await?;
        let picture = picture_type(&bytes).unwrap_or_default();
        self.backend.files.write(hash, bytes).await?;
        let row = change!(self.backend, |tx| {
            let (change, row) = RecordTx::in_product(tx, self, key, Role::Stakeholder).await?;
            if row.archived_ms.is_some() {
                return Err(Reject::Archived.into());
            }
            let known = file::Entity::find_by_id((workspace.clone(), roadmap.clone(), hash.to_string()));
            if let Some(row) = known.one(tx).await? {
                return Ok(row);
            }
            self.backend.files.check_room(tx, (&workspace, &roadmap, hash), size).await?;
            let file = file::Model {
                workspace_id: workspace.clone(),
                roadmap_id: roadmap.clone(),
                hash: hash.to_string(),
                name: file_name(name),
                media_type: picture.to_owned(),
                size: signed(size),
                user_id: change.actor.to_string(),
                created_ms: change.at.0,
            };
            file::Entity::insert(active(file.clone())).exec_without_returning(tx).await?;
            let body = json!({ "product": row.id, "name": file.name, "size": file.size });
            change.audit(Action::FileAttached, &file.hash, body).await?;
            Ok(file)
        })?;
        Ok(attached(hash, &row))
    }

    /// Reads a file that belongs to a product which exists for this person.
    ///
    /// # Errors
    /// [`Error::NotFound`] for all others.
    pub async fn read_file(&self, hash: FileHash) -> Result<ReadFile, Error> {
        let row = self.visible_files([hash]).await?.pop().ok_or_else(no_file)?;
        let picture = PICTURES.into_iter().find(|picture| *picture == row.media_type);
        let body = self.backend.files.stream(self.backend.db.reader(), &row).await?.ok_or_else(|| {
            tracing::error!(%hash, "the bytes of a file are missing");
            no_file()
        })?;
        Ok(ReadFile { name: row.name, picture, size: unsigned(row.size)?, body })
    }

    /// Of these files those that this person may read, each once.
    pub(crate) async fn visible_files(
        &self,
        hashes: impl IntoIterator<Item = FileHash>,
    ) -> Result<Vec<file::Model>, Error> {
        let mut hashes: Vec<String> = hashes.into_iter().map(|hash| hash.to_string()).collect();
        hashes.sort_unstable();
        hashes.dedup();
        hashes.truncate(MAX_VALUES / 2);
        if hashes.is_empty() {
            return Ok(Vec::new());
        }
        let workspace = self.workspace.to_string();
        let reader = self.backend.db.reader();
        let mut rows = file::Entity::find()
            .filter(file::Column::WorkspaceId.eq(&workspace))
            .filter(file::Column::Hash.is_in(padded(hashes)))
            .all(reader)
            .await?;
        if rows.is_empty() {
            return Ok(rows);
        }
        let roadmaps: BTreeSet<String> = rows.iter().map(|row| row.roadmap_id.clone()).collect();
        let products = product::Entity::find()
            .filter(product::Column::WorkspaceId.eq(&workspace))
            .filter(product::Column::RoadmapId.is_in(padded(roadmaps)))
            .all(reader)
            .await?;
        let roles = self.roles_in(&products).await?;
        let seen: HashSet<&str> = products
            .iter()
            .zip(roles)
            .filter_map(|(product, role)| role.map(|_| product.roadmap_id.as_str()))
            .collect();
        rows.retain(|row| seen.contains(row.roadmap_id.as_str()));
        rows.sort_by(|a, b| (&a.hash, a.created_ms).cmp(&(&b.hash, b.created_ms)));
        rows.dedup_by(|later, first| later.hash == first.hash);
        Ok(rows)
    }

    /// The files of a product, in the order in which they were attached.
    pub(crate) async fn files_of(&self, roadmap: domain::RoadmapId) -> Result<Vec<ExportedFile>, Error> {
        let mut rows = file::Entity::find()
            .filter(file::Column::WorkspaceId.eq(self.workspace.to_string()))
            .filter(file::Column::RoadmapId.eq(roadmap.to_string()))
            .all(self.backend.db.reader())
            .await?;
        rows.sort_by(|a, b| (a.created_ms, &a.hash).cmp(&(b.created_ms, &b.hash)));
        let named = |row: file::Model| {
            let hash = parse_hash(&row.hash)?;
            let address = FileAddress { hash, name: &row.name, size: None }.to_string();
            Ok(ExportedFile { address, size: unsigned(row.size)? })
        };
        rows.into_iter().map(named).collect()
    }
}

/// The same for a file that there is not and one that is hidden.
fn no_file() -> Error {
    Error::NotFound("There is nothing at this address.".to_owned())
}

fn attached(hash: FileHash, row: &file::Model) -> AttachedFile {
    let address = FileAddress { hash, name: &row.name, size: None }.to_string();
    AttachedFile { address, is_picture: !row.media_type.is_empty() }
}

fn parse_hash(text: &str) -> Result<FileHash, Error> {
    text.parse().map_err(|()| crate::codec::unreadable(&text))
}

pub(crate) fn hash_of(bytes: &[u8]) -> FileHash {
    FileHash::new(Sha256::digest(bytes).into())
}

/// Hashes on a thread that may be busy for a while.
async fn hashed(bytes: Bytes) -> Result<(Bytes, FileHash), Error> {
    let hash = move || {
        let hash = hash_of(&bytes);
        (bytes, hash)
    };
    tokio::task::spawn_blocking(hash).await.map_err(Error::internal)
}

fn active(row: file::Model) -> file::ActiveModel {
    file::ActiveModel {
        workspace_id: Set(row.workspace_id),
        roadmap_id: Set(row.roadmap_id),
        hash: Set(row.hash),
        name: Set(row.name),
        media_type: Set(row.media_type),
        size: Set(row.size),
        user_id: Set(row.user_id),
        created_ms: Set(row.created_ms),
    }
}

/// The bytes that are taken, as PostgreSQL would otherwise count them in a type of its own.
const SUM: &str = "CAST(COALESCE(SUM(size), 0) AS BIGINT)";

async fn sum(db: &impl ConnectionTrait, of: sea_orm::Select<file::Entity>) -> Result<u64, Error> {
    let query = Query::select()
        .expr_as(Expr::cust(SUM), Alias::new("taken"))
        .from_subquery(of.into_query(), Alias::new("files"))
        .to_owned();
    let row = db.query_one(&query).await?.ok_or_else(|| Error::internal("a sum has no row"))?;
    unsigned(row.try_get("", "taken")?)
}

impl Files {
    /// Whether there is room for a file that is new to a roadmap.
    async fn check_room(
        &self,
        db: &impl ConnectionTrait,
        (workspace, roadmap, hash): (&str, &str, FileHash),
        size: u64,
    ) -> Result<(), Error> {
        let all = || {
            file::Entity::find()
                .select_only()
                .column(file::Column::Hash)
                .column(file::Column::Size)
                .filter(file::Column::WorkspaceId.eq(workspace))
        };
        let exceeds = |taken: u64, most: u64| most > 0 && taken.saturating_add(size) > most * MIB;
        let (of_product, of_all) = self.limits();
        if exceeds(sum(db, all().filter(file::Column::RoadmapId.eq(roadmap))).await?, of_product) {
            return Err(Error::Conflict(format!(
                "The files of this product may take {of_product} MiB, and there is no room for this one."
            )));
        }
        // The bytes are kept once, whichever products have them.
        let others = all().filter(file::Column::Hash.ne(hash.to_string())).distinct();
        if exceeds(sum(db, others).await?, of_all) {
            return Err(Error::Conflict(format!(
                "All files may take {of_all} MiB, and there is no room for this one. Ask an administrator for more."
            )));
        }
        Ok(())
    }
}

type Tx = DatabaseTransaction;
