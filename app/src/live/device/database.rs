//! A table of texts in IndexedDB.

use js_sys::{Array, Function, Object, Promise, Reflect};
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast as _, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{IdbDatabase, IdbKeyRange, IdbOpenDbRequest, IdbRequest, IdbTransaction};

use crate::platform;

const NAME: &str = "cairn";
const VERSION: u32 = 1;
const TABLE: &str = "kept";

/// Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Database(IdbDatabase);

impl Database {
    /// `None` where the browser has none to give, as in some private windows.
    pub(super) async fn open() -> Option<Self> {
        let request = platform::window().indexed_db().ok()??.open_with_u32(NAME, VERSION).ok()?;
        let making = request.clone();
        let make = Closure::once_into_js(move || make(&making));
        request.set_onupgradeneeded(Some(make.unchecked_ref()));
        let database: IdbDatabase = answer(&request).await.ok()?.dyn_into().ok()?;
        // A newer version of this program wants to change it: it must not wait for this page.
        let closing = database.clone();
        let close = Closure::once_into_js(move || closing.close());
        database.set_onversionchange(Some(close.unchecked_ref()));
        Some(Self(database))
    }

    /// Every text whose key begins so, by key.
    pub(super) async fn read(&self, prefix: &str) -> Vec<(String, String)> {
        self.try_read(prefix).await.unwrap_or_default()
    }

    /// What is kept under a key, unless another version of this program wrote it and this one cannot read it.
    pub(super) async fn find<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        let text = self.read(key).await.into_iter().find(|(found, _)| found == key)?.1;
        serde_json::from_str(&text).ok()
    }

    async fn try_read(&self, prefix: &str) -> Result<Vec<(String, String)>, JsValue> {
        let found = self.values(prefix).await?.into_iter();
        Ok(found.filter_map(|(key, text)| Some((key, text.as_string()?))).collect())
    }

    /// Whatever is kept under keys that begin so.
    pub(super) async fn values(&self, prefix: &str) -> Result<Vec<(String, JsValue)>, JsValue> {
        let range = IdbKeyRange::bound(&prefix.into(), &format!("{prefix}\u{ffff}").into())?;
        let table = self.0.transaction_with_str(TABLE)?.object_store(TABLE)?;
        let (keys, texts) = (table.get_all_keys_with_key(&range)?, table.get_all_with_key(&range)?);
        let (keys, texts) = (answer(&keys).await?, answer(&texts).await?);
        let (keys, texts) = (Array::from(&keys), Array::from(&texts));
        Ok(keys.iter().zip(texts.iter()).filter_map(|(key, value)| Some((key.as_string()?, value))).collect())
    }

    /// Writes and removes texts by key, all or none, and says whether they are on the disk.
    pub(super) async fn write(&self, new: &[(String, String)], gone: &[String]) -> bool {
        let texts = new.iter().map(|(key, text)| (key.as_str(), text.into()));
        self.write_values(texts.collect(), gone).await
    }

    /// As [`Database::write`], of anything that a browser can keep.
    pub(super) async fn write_values(&self, new: Vec<(&str, JsValue)>, gone: &[String]) -> bool {
        let Ok(transaction) = self.put(&new, gone) else { return false };
        let done = Promise::new(&mut |resolve, reject| {
            transaction.set_oncomplete(Some(&resolve));
            transaction.set_onabort(Some(&reject));
        });
        JsFuture::from(done).await.is_ok()
    }

    fn put(&self, new: &[(&str, JsValue)], gone: &[String]) -> Result<IdbTransaction, JsValue> {
        let options = Object::new();
        // Otherwise browsers say it is done before it is on the disk.
        Reflect::set(&options, &"durability".into(), &"strict".into())?;
        let begin: Function = Reflect::get(&self.0, &"transaction".into())?.dyn_into()?;
        let transaction = begin.call3(&self.0, &TABLE.into(), &"readwrite".into(), &options)?;
        let transaction: IdbTransaction = transaction.dyn_into()?;
        let table = transaction.object_store(TABLE)?;
        for (key, value) in new {
            table.put_with_key(value, &(*key).into())?;
        }
        for key in gone {
            table.delete(&key.into())?;
        }
        Ok(transaction)
    }
}

fn make(request: &IdbOpenDbRequest) {
    if let Some(database) = request.result().ok().and_then(|database| database.dyn_into::<IdbDatabase>().ok())
    {
        // Fails where it is there already.
        let _ = database.create_object_store(TABLE);
    }
}

async fn answer(request: &IdbRequest) -> Result<JsValue, JsValue> {
    let answered = Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    });
    JsFuture::from(answered).await?;
    request.result()
}
