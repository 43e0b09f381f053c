//! What wakes a connection, whichever of its rooms has something for it.

use std::sync::{
    Arc,
    atomic::{AtomicU64, AtomicUsize, Ordering},
};

use tokio::sync::Notify;

/// The most frames that wait for one connection, of all its rooms together.
const MAX_WAITING: usize = 1_024;

/// Wakes a connection. Its rooms have numbers below 64; each rings by a [bell](Bells::of) of its own. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Bells(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    /// A bit for each room that has rung.
    rung: AtomicU64,
    /// Frames that wait in all rooms.
    waiting: AtomicUsize,
    wake: Notify,
}

impl Bells {
    /// The bell of the room with this number.
    ///
    /// # Panics
    /// When there are no such numbers.
    pub fn of(&self, number: u8) -> Bell {
        assert!(u32::from(number) < u64::BITS, "a connection has 64 rooms at most");
        Bell { bells: self.clone(), bit: 1 << number }
    }

    /// Waits until rooms have rung, and returns their bits. Can be dropped while waiting.
    pub async fn rung(&self) -> u64 {
        loop {
            match self.0.rung.swap(0, Ordering::AcqRel) {
                0 => self.0.wake.notified().await,
                rung => return rung,
            }
        }
    }
}

/// Wakes a connection for one of its rooms.
#[derive(Clone, Debug)]
pub struct Bell {
    bells: Bells,
    bit: u64,
}

impl Default for Bell {
    /// The bell of a connection with one room.
    fn default() -> Self {
        Bells::default().of(0)
    }
}

impl Bell {
    pub(crate) fn ring(&self) {
        self.bells.0.rung.fetch_or(self.bit, Ordering::AcqRel);
        self.bells.0.wake.notify_one();
    }

    /// Waits until any room of the connection has rung.
    pub(super) async fn heard(&self) {
        self.bells.rung().await;
    }

    /// Counts another frame that waits. False when too many do.
    pub(super) fn add(&self) -> bool {
        let waiting = &self.bells.0.waiting;
        let fits = waiting.fetch_add(1, Ordering::Relaxed) < MAX_WAITING;
        if !fits {
            self.remove(1);
        }
        fits
    }

    /// So many frames wait no more.
    pub(super) fn remove(&self, count: usize) {
        self.bells.0.waiting.fetch_sub(count, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_room_is_heard_of_once() {
        let bells = Bells::default();
        let (first, last) = (bells.of(0), bells.of(63));
        first.ring();
        last.ring();
        last.ring();
        assert_eq!(bells.rung().await, 1 | 1 << 63);
        let nothing = tokio::time::timeout(std::time::Duration::from_millis(20), bells.rung()).await;
        assert!(nothing.is_err());
        let (rung, ()) = tokio::join!(bells.rung(), async { first.ring() });
        assert_eq!(rung, 1);
    }

    #[test]
    fn frames_of_all_rooms_are_counted_together() {
        let bells = Bells::default();
        let (one, other) = (bells.of(1), bells.of(2));
        assert!((0..MAX_WAITING).all(|_| one.add()));
        assert!(!other.add());
        one.remove(1);
        assert!(other.add() && !other.add());
    }
}
