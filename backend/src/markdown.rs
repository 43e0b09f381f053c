//! Markdown as people write it, made into HTML that can do no harm, with bounded work.

mod bounds;
mod cache;
mod files;
mod links;
mod people;
mod write;

use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use domain::UserId;
use tokio::sync::Semaphore;

use self::cache::{Cache, Key};
use crate::{Error, Viewer, inbox::Names};

/// The most bytes that one request has rendered, and the most HTML it gets. Texts beyond either are sent as they were typed.
const MAX_FRESH: usize = 640 * 1_024;
const MAX_HTML: usize = 4 * 1_024 * 1_024;

/// A thread is taken for so many bytes of texts, or a single longer one, and is then given to the next who waits.
const SHARE: usize = 64 * 1_024;

/// Markdown as HTML. Tags that were typed are shown as text, links open without telling where they were followed from, and
/// pictures of other sites are links because they would tell others who reads. Lines and blank lines stay as they were typed.
///
/// Work and output are proportional to the text ([`bounds`]). A text that would take more is shown as it was typed.
pub(crate) fn to_html(markdown: &str) -> String {
    let html = |text: Cow<'_, str>| write::html(&text, matches!(text, Cow::Borrowed(_)));
    bounds::readable(markdown).and_then(html).unwrap_or_else(|| write::plain(markdown))
}

/// Renders texts on threads of its own, few at a time, and remembers what came of them. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Renderer(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    cache: Mutex<Cache>,
    /// Threads that may be taken.
    threads: Semaphore,
    /// For each person who waits: nobody has more than one request worked on.
    people: Mutex<HashMap<UserId, Weak<Semaphore>>>,
}

impl Default for Renderer {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self(Arc::new(Inner {
            cache: Mutex::default(),
            threads: Semaphore::new((cores / 2).max(1)),
            people: Mutex::default(),
        }))
    }
}

impl Renderer {
    /// Each text as HTML, in their order. Requests of one person are worked on one after another.
    ///
    /// # Errors
    /// [`Error::Internal`] when a thread failed.
    pub(crate) async fn render(
        &self,
        person: Option<UserId>,
        texts: Vec<String>,
    ) -> Result<Vec<String>, Error> {
        let keys: Vec<Key> = texts.iter().map(|text| Key::of(text)).collect();
        let mut rendered: Vec<Option<Arc<str>>> = {
            let mut cache = self.cache();
            keys.iter().map(|key| cache.get(key)).collect()
        };
        let mut left = MAX_FRESH;
        let mut fresh = Vec::new();
        for (at, text) in texts.iter().enumerate().filter(|(at, _)| rendered[*at].is_none()) {
            match left.checked_sub(text.len()) {
                Some(less) => {
                    left = less;
                    fresh.push((at, text.clone()));
                }
                None => break,
            }
        }
        if !fresh.is_empty() {
            let own = person.map(|person| self.of_person(person));
            let _turn = match &own {
                Some(own) => Some(own.acquire().await.map_err(Error::internal)?),
                None => None,
            };
            while !fresh.is_empty() {
                let rest = fresh.split_off(share(&fresh));
                for (at, html) in self.work(fresh).await? {
                    self.cache().put(keys[at], Arc::clone(&html));
                    rendered[at] = Some(html);
                }
                fresh = rest;
            }
        }
        let mut left = MAX_HTML;
        let in_bounds = |(html, text): (Option<Arc<str>>, String)| {
            let html = html.filter(|html| html.len() <= left).map(|html| html.to_string());
            let html = html.unwrap_or_else(|| write::plain(&text));
            left = left.saturating_sub(html.len());
            html
        };
        Ok(rendered.into_iter().zip(texts).map(in_bounds).collect())
    }

    /// Renders a few texts on a thread that may block.
    async fn work(&self, texts: Vec<(usize, String)>) -> Result<Vec<(usize, Arc<str>)>, Error> {
        let _thread = self.0.threads.acquire().await.map_err(Error::internal)?;
        let all = move || texts.into_iter().map(|(at, text)| (at, Arc::from(to_html(&text)))).collect();
        tokio::task::spawn_blocking(all).await.map_err(Error::internal)
    }

    fn cache(&self) -> std::sync::MutexGuard<'_, Cache> {
        self.0.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn of_person(&self, person: UserId) -> Arc<Semaphore> {
        let mut people = self.0.people.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = people.get(&person).and_then(Weak::upgrade) {
            return own;
        }
        people.retain(|_, own| own.strong_count() > 0);
        let own = Arc::new(Semaphore::new(1));
        people.insert(person, Arc::downgrade(&own));
        own
    }
}

/// How many of the texts are rendered before the thread is given back: at least one.
fn share(texts: &[(usize, String)]) -> usize {
    let mut bytes = 0;
    let fits = |(_, text): &&(usize, String)| {
        bytes += text.len();
        bytes <= SHARE
    };
    texts.iter().take_while(fits).count().max(1)
}

impl Viewer {
    /// Each Markdown text as HTML that can do no harm, in their order. What is too much for one request comes as it was typed.
    /// Whom texts mention is shown by the name of today.
    ///
    /// # Errors
    /// [`Error::Internal`] when a thread failed, and those of the database.
    pub async fn render_markdown(&self, texts: Vec<String>) -> Result<Vec<String>, Error> {
        let html = self.backend.renderer.render(Some(self.member.id), texts).await?;
        let html = files::without_hidden(self, html).await?;
        if !html.iter().any(|html| html.contains('@')) {
            return Ok(html);
        }
        let names = Names::read(&self.backend, self.workspace).await?;
        let mut shown = people::Shown::new(&names, self.member.id);
        Ok(html.into_iter().map(|html| if html.contains('@') { shown.mark(&html) } else { html }).collect())
    }
}

#[cfg(test)]
mod tests;
