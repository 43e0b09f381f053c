//! Files that were attached without a network: this device keeps them until they are sent.

use domain::UserId;
use js_sys::{ArrayBuffer, Object, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};

use super::database::Database;

/// The most bytes of files that wait on this device.
const MOST: u32 = 50 * 1024 * 1024;

/// A file that waits.
#[derive(Clone, Debug)]
pub(crate) struct WaitingFile {
    key: String,
    /// What it was called where it was attached.
    pub(crate) name: String,
    pub(crate) bytes: ArrayBuffer,
}

impl WaitingFile {
    fn read(key: String, value: &JsValue) -> Option<Self> {
        let name = Reflect::get(value, &"name".into()).ok()?.as_string()?;
        let bytes = Reflect::get(value, &"bytes".into()).ok()?.dyn_into().ok()?;
        Some(Self { key, name, bytes })
    }

    /// The hash by which texts name it.
    pub(crate) fn hash(&self) -> &str {
        self.key.rsplit('/').next().unwrap_or_default()
    }

    /// It is on the server, or never will be.
    pub(crate) async fn forget(&self) {
        if let Some(database) = Database::open().await {
            database.write_values(Vec::new(), std::slice::from_ref(&self.key)).await;
        }
    }
}

fn prefix(user: UserId, product: &str) -> String {
    format!("file/{user}/{product}/")
}

/// Keeps a file for a product until it can be sent.
///
/// # Errors
/// A sentence, where this device cannot keep it.
pub(crate) async fn keep_file(
    user: UserId,
    product: &str,
    hash: &str,
    name: &str,
    bytes: &ArrayBuffer,
) -> Result<(), String> {
    let cannot =
        || "You’re offline, and this browser can’t keep files. Attach it when you’re back online.".to_owned();
    let database = Database::open().await.ok_or_else(cannot)?;
    let kept = database.values("file/").await.map_err(|_| cannot())?;
    let kept = kept.into_iter().filter_map(|(key, value)| WaitingFile::read(key, &value));
    let taken = kept.map(|file| file.bytes.byte_length()).fold(0, u32::saturating_add);
    if taken.saturating_add(bytes.byte_length()) > MOST {
        return Err("50 MiB of files aren’t sent yet. Attach this one when you’re back online.".to_owned());
    }
    let value = Object::new();
    // Fails on no object.
    let _ = Reflect::set(&value, &"name".into(), &name.into());
    let _ = Reflect::set(&value, &"bytes".into(), bytes);
    let key = prefix(user, product) + hash;
    if database.write_values(vec![(&key, value.into())], &[]).await { Ok(()) } else { Err(cannot()) }
}

/// The files of a product that wait here.
pub(crate) async fn waiting_files(user: UserId, product: &str) -> Vec<WaitingFile> {
    let Some(database) = Database::open().await else { return Vec::new() };
    let kept = database.values(&prefix(user, product)).await.unwrap_or_default();
    kept.into_iter().filter_map(|(key, value)| WaitingFile::read(key, &value)).collect()
}
