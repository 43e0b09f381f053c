//! Comments of items: a page holds those that were opened, and counts the others.

use domain::{CommentId, ItemId, Timestamp, Unready, wire::Thread};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;

use super::Room;
use crate::board::api;

/// After so long a page tries again to take in comments that it is not ready for, in milliseconds.
const AGAIN: u32 = 200;

/// So often it tries.
const TRIES: usize = 20;

/// The comments of so many items are loaded without being asked for.
const MOST_OPENED: usize = 20;

/// A comment's place in its thread.
pub(crate) type Place = (Timestamp, CommentId);

impl Room {
    /// The comments that a fresh document has to bring along.
    pub(in crate::live) fn held_comments(&self) -> Vec<CommentId> {
        self.state.try_with_value(|state| state.replica.held_comments()).unwrap_or_default()
    }

    /// How many comments this page holds.
    pub(in crate::live) fn comments_held(&self) -> Option<usize> {
        self.state.try_with_value(|state| state.replica.confirmed().comments().count())
    }

    /// Whether edits that wait need comments that this page does not hold.
    pub(in crate::live) fn lacks_comments(&self) -> bool {
        self.state.try_with_value(|state| state.replica.lacks_comments()).unwrap_or(false)
    }

    /// Loads comments of an item that are older than one, or the newest. Returns the oldest of them; an error where they
    /// cannot be had now.
    pub(crate) async fn load_thread(&self, item: ItemId, before: Option<Place>) -> Result<Option<Place>, ()> {
        for _ in 0..TRIES {
            let roadmap = self.product.try_read_untracked().ok_or(())?.roadmap;
            let thread = api::load_thread(roadmap, item, before).await.map_err(drop)?;
            if self.take_thread(&thread).await? {
                return Ok(thread.comments.first().map(|comment| (comment.created.at, comment.id)));
            }
        }
        Err(())
    }

    /// Loads the comments of items that were opened on this device before, so that it goes on keeping them.
    pub(crate) async fn load_opened_before(&self) {
        let opened = self.state.try_update_value(|state| std::mem::take(&mut state.opened_before));
        for item in opened.unwrap_or_default().into_iter().take(MOST_OPENED) {
            let counts = self.state.try_with_value(|state| state.replica.view().more_comments(item) > 0);
            // Where it fails, the comments come when the item is opened.
            if counts == Some(true) && self.load_thread(item, None).await.is_err() {
                return;
            }
        }
    }

    /// Takes in a thread once this page has the entries it was read after. False when it has to be loaded again.
    async fn take_thread(&self, thread: &Thread) -> Result<bool, ()> {
        for _ in 0..TRIES {
            match self.state.try_update_value(|state| state.replica.load_thread(thread)).ok_or(())? {
                Ok(touched) => {
                    self.project(&touched);
                    return Ok(true);
                }
                Err(Unready::Later) => TimeoutFuture::new(AGAIN).await,
                Err(Unready::Stale) => {
                    TimeoutFuture::new(AGAIN).await;
                    return Ok(false);
                }
            }
        }
        Ok(false)
    }
}
