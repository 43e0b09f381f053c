//! HTML that was made lately, by the text it was made of.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use sha2::{Digest as _, Sha256};

/// The most bytes that are remembered.
const MAX_BYTES: usize = 16 * 1_024 * 1_024;

/// About what an entry takes beside its HTML.
const ENTRY: usize = 192;

/// A text's hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key([u8; 32]);

impl Key {
    pub(super) fn of(text: &str) -> Self {
        Self(Sha256::digest(text).into())
    }
}

/// Forgets first what was not asked for the longest.
#[derive(Debug, Default)]
pub(super) struct Cache {
    entries: HashMap<Key, (u64, Arc<str>)>,
    /// The entries by when they were asked for last.
    order: BTreeMap<u64, Key>,
    asked: u64,
    bytes: usize,
}

impl Cache {
    pub(super) fn get(&mut self, key: &Key) -> Option<Arc<str>> {
        let (used, html) = self.entries.get_mut(key)?;
        self.asked += 1;
        self.order.remove(used);
        self.order.insert(self.asked, *key);
        *used = self.asked;
        Some(Arc::clone(html))
    }

    pub(super) fn put(&mut self, key: Key, html: Arc<str>) {
        if self.get(&key).is_some() {
            return;
        }
        self.asked += 1;
        self.bytes += html.len() + ENTRY;
        self.order.insert(self.asked, key);
        self.entries.insert(key, (self.asked, html));
        while self.bytes > MAX_BYTES {
            let Some((_, oldest)) = self.order.pop_first() else { return };
            let html = self.entries.remove(&oldest).map(|(_, html)| html);
            self.bytes -= html.map_or(0, |html| html.len()) + ENTRY;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_for_last_stays_within_the_bytes() {
        let mut cache = Cache::default();
        let html: Arc<str> = Arc::from("x".repeat(100_000));
        let key = |n: u32| Key::of(&n.to_string());
        cache.put(key(0), Arc::clone(&html));
        for n in 1..1_000 {
            cache.put(key(n), Arc::clone(&html));
            assert!(cache.get(&key(0)).is_some(), "it is asked for all the time, and was gone after {n}");
            assert!(cache.bytes <= MAX_BYTES);
        }
        assert!(cache.get(&key(1)).is_none() && cache.get(&key(999)).is_some());
        assert_eq!(cache.entries.len(), cache.order.len());
        assert_eq!(cache.bytes, cache.entries.len() * (html.len() + ENTRY));
    }
}
