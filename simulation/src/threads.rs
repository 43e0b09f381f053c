//! Items that people open: a page loads comments it only counted so far, over HTTP, while its connection goes on.

use std::rc::Rc;

use anyhow::{Context as _, Result};
use domain::{
    ClientId, CommentId, ItemId, Roadmap, Timestamp, Unready,
    wire::{Snapshot, Thread},
};
use rand::{RngExt as _, seq::IndexedRandom as _};

use crate::{
    page::Page,
    sabotage::Sabotage,
    server::Server,
    world::{Event, World},
};

/// So many comments are sent at once, and so many bytes of them.
const MOST: usize = 4;
const BYTES: usize = 120;

/// After so long a page tries again to take a thread that is ahead of it.
const AGAIN: u64 = 200;

/// So often it tries.
const TRIES: usize = 20;

/// Which comments of an item: the newest, or those before one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    pub(crate) item: ItemId,
    pub(crate) before: Option<(Timestamp, CommentId)>,
}

impl World {
    /// A page's person opens an item, or asks for older comments.
    pub(crate) fn open_thread(&mut self, index: usize) {
        let pause = if self.resting { 200 } else { 20_000 };
        let after = self.rng.random_range(1..pause);
        self.plan(after, Event::OpenThread(index));
        let page = &self.pages[index];
        let view = page.replica.view();
        let Some(item) = counted(view).choose(&mut self.rng).copied() else { return };
        let held: Vec<_> = view.thread(item).map(|comment| (comment.created.at, comment.id)).collect();
        let before = held.choose(&mut self.rng).copied().filter(|_| self.rng.random());
        let (client, wanted) = (page.replica.client(), Wanted { item, before });
        if page.online {
            let after = self.delay();
            self.plan(after, Event::ReadThread { page: index, client, wanted });
        }
    }

    /// The request reaches a server.
    pub(crate) fn read_thread(&mut self, index: usize, client: ClientId, wanted: Wanted) {
        let Some(node) = self.some_node() else { return };
        if let Some(thread) = self.server.thread(node, wanted) {
            // Now and then the answer is long under way.
            let late = if self.rng.random_bool(0.3) { self.rng.random_range(0..20_000) } else { 0 };
            let after = self.delay() + late;
            self.plan(after, Event::TakeThread { page: index, client, thread, tries: TRIES });
        }
    }

    /// The answer reaches the page, unless another has taken its place.
    pub(crate) fn take_thread(
        &mut self,
        index: usize,
        client: ClientId,
        text: Rc<str>,
        tries: usize,
    ) -> Result<()> {
        let page = &mut self.pages[index];
        if page.replica.client() != client || page.session.as_ref().is_some_and(|session| session.fetching) {
            return Ok(());
        }
        let thread = serde_json::from_str(&text).context("a thread cannot be read")?;
        match page.load_thread(thread) {
            Ok(()) => self.figures.threads += 1,
            Err(Unready::Later) if tries > 1 => {
                self.plan(AGAIN, Event::TakeThread { page: index, client, thread: text, tries: tries - 1 });
            }
            Err(_) => {}
        }
        Ok(())
    }
}

impl Page {
    fn load_thread(&mut self, mut thread: Thread) -> Result<(), Unready> {
        if self.sabotage == Some(Sabotage::TakeOldThreads) {
            thread.seq = self.replica.head();
        }
        let touched = self.replica.load_thread(&thread)?;
        self.screen.update(self.replica.view(), &touched);
        Ok(())
    }

    /// Whether it holds every comment.
    pub(crate) fn holds_all(&self) -> bool {
        counted(self.replica.view()).is_empty()
    }
}

impl Server {
    /// Comments of an item as a process hands them out over HTTP.
    fn thread(&self, node: usize, Wanted { item, before }: Wanted) -> Option<Rc<str>> {
        let place = self.published(node);
        let comments = self.disk.at(place)?.part_of_thread(item, before, MOST, BYTES);
        let thread = Thread { epoch: place.epoch, seq: place.head, comments };
        Some(serde_json::to_string(&thread).expect("a thread is plain data").into())
    }
}

/// Items with comments that the page only counts.
fn counted(view: &Roadmap) -> Vec<ItemId> {
    view.items().map(|item| item.id).filter(|item| view.more_comments(*item) > 0).collect()
}

/// A document as it begins at a page: with those comments that it has to bring along.
pub(crate) fn part(snapshot: Snapshot, comments: &[CommentId]) -> Snapshot {
    let part = Roadmap::from(snapshot.document).holding(|comment| comments.contains(&comment.id));
    Snapshot { document: part.into(), ..snapshot }
}
