//! Refused forms, and links just made, on their way back to their pages, in the memory of this process. The browser has a
//! cookie with a random number that leads to one, so neither a ballot's choices nor a code is ever in a cookie.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use backend::people::Secret;

use super::form::Returned;

/// How long a form waits for its page, which is asked for at once.
pub(crate) const KEPT: Duration = Duration::from_secs(60);

/// The most bytes that wait. Beyond, the oldest form loses what was typed.
const MOST: usize = 16 * 1024 * 1024;

#[derive(Debug)]
struct Waiting {
    key: String,
    since: Instant,
    bytes: usize,
    returned: Returned,
}

#[derive(Debug, Default)]
struct Store {
    waiting: VecDeque<Waiting>,
    bytes: usize,
}

static STORE: Mutex<Store> = Mutex::new(Store { waiting: VecDeque::new(), bytes: 0 });

impl Store {
    fn put(&mut self, returned: Returned, now: Instant) -> String {
        let key = Secret::random().reveal().to_owned();
        let typed = returned.typed.iter().map(|(name, value)| name.len() + value.len());
        let sentence = returned.error.as_ref().map_or(0, |error| error.sentence.len());
        let bytes = 256 + sentence + typed.sum::<usize>();
        self.bytes += bytes;
        self.waiting.push_back(Waiting { key: key.clone(), since: now, bytes, returned });
        self.forget(now);
        key
    }

    fn take(&mut self, key: &str, paths: &[&str], now: Instant) -> Option<Returned> {
        self.forget(now);
        let is_meant =
            |waiting: &Waiting| waiting.key == key && paths.contains(&waiting.returned.path.as_str());
        let taken = self.waiting.remove(self.waiting.iter().position(is_meant)?)?;
        self.bytes -= taken.bytes;
        Some(taken.returned)
    }

    /// Forgets what waited too long, and the oldest where there is too much.
    fn forget(&mut self, now: Instant) {
        while let Some(oldest) = self.waiting.front()
            && (self.bytes > MOST || now.duration_since(oldest.since) > KEPT)
        {
            self.bytes -= oldest.bytes;
            self.waiting.pop_front();
        }
    }
}

/// Keeps a refused form. Returns what the cookie has to hold.
pub(crate) fn put(returned: Returned) -> String {
    STORE.lock().unwrap_or_else(PoisonError::into_inner).put(returned, Instant::now())
}

/// The form that a cookie leads to, once, if it is of one of these server functions.
fn take(key: &str, paths: &[&str]) -> Option<Returned> {
    STORE.lock().unwrap_or_else(PoisonError::into_inner).take(key, paths, Instant::now())
}

/// What a request has taken already. A page that does not come is made a second time for the same request, and says the
/// same then.
#[derive(Clone, Debug, Default)]
pub struct BroughtBack(Arc<Mutex<Option<Returned>>>);

impl BroughtBack {
    /// The form that a request's cookie leads to, if it is of one of these server functions. No other request is given it.
    pub(crate) fn take(&self, key: &str, paths: &[&str]) -> Option<Returned> {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(returned) = taken.as_ref().filter(|returned| paths.contains(&returned.path.as_str())) {
            return Some(returned.clone());
        }
        let returned = take(key, paths)?;
        *taken = Some(returned.clone());
        Some(returned)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::api::ApiError;

    fn returned(typed: &str) -> Returned {
        Returned {
            path: "/api/one".to_owned(),
            error: Some(ApiError::new(409, "Not now.")),
            typed: BTreeMap::from([("amounts".to_owned(), typed.to_owned())]),
        }
    }

    #[test]
    fn a_refused_form_comes_back_once_to_its_page_alone() {
        let (mut store, now) = (Store::default(), Instant::now());
        let key = store.put(returned("3"), now);
        assert_eq!(store.take("another", &["/api/one"], now), None);
        assert_eq!(store.take(&key, &["/api/two"], now), None);
        assert_eq!(store.take(&key, &["/api/two", "/api/one"], now), Some(returned("3")));
        assert_eq!(store.take(&key, &["/api/one"], now), None);
        let late = store.put(returned("3"), now);
        assert_eq!(store.take(&late, &["/api/one"], now + KEPT * 2), None);
        assert!(store.waiting.is_empty() && store.bytes == 0);
    }

    #[test]
    fn a_page_that_is_made_again_says_the_same_and_another_request_nothing() {
        let key = put(returned("3"));
        let (request, other) = (BroughtBack::default(), BroughtBack::default());
        for _attempt in 1..=2 {
            assert_eq!(request.take(&key, &["/api/two"]), None);
            assert_eq!(request.take(&key, &["/api/one"]), Some(returned("3")));
        }
        assert_eq!(other.take(&key, &["/api/one"]), None);
    }

    #[test]
    fn refused_forms_take_a_bounded_memory() {
        let (mut store, now) = (Store::default(), Instant::now());
        let first = store.put(returned("first"), now);
        let long = "x".repeat(1024 * 1024);
        for _ in 0..20 {
            store.put(returned(&long), now);
        }
        assert!(store.bytes <= MOST && store.waiting.len() == 15, "{}", store.waiting.len());
        assert_eq!(store.take(&first, &["/api/one"], now), None);
    }
}
