//! A page without a document: it knows how far it has come, reads on, and comes back when its connection is lost.

use anyhow::{Context as _, Result, ensure};
use domain::{
    ClientId,
    wire::{ClientMessage, short::OPEN},
};
use futures::{StreamExt as _, TryStreamExt as _, stream};

use crate::{
    edits,
    room::Room,
    socket::{Door, Socket, plainly},
};

/// How many connect at the same time.
const AT_ONCE: usize = 50;

#[derive(Debug)]
pub(super) struct Follower {
    pub(super) room: Room,
    pub(super) door: Door,
    pub(super) client: ClientId,
    epoch: u64,
    /// The last entry it was told.
    pub(super) have: u64,
    /// Whether its frames are all in plain form.
    pub(super) plain: bool,
}

/// Entries of one frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Heard {
    pub(super) first: u64,
    pub(super) last: u64,
}

impl Follower {
    /// Takes its place in the room.
    pub(super) async fn enter(&mut self) -> Result<Socket> {
        let (client, epoch, have) = (self.client, self.epoch, self.have);
        let hello: ClientMessage = self.room.hello(client, epoch, have);
        let mut socket = self.door.enter(&if self.plain { plainly(hello) } else { hello }).await?;
        ensure!(socket.welcome().await? == epoch, "the room has begun anew");
        Ok(socket)
    }

    /// Takes note of a frame. Returns how many entries were in it.
    ///
    /// # Errors
    /// When entries are missing before them, or the page is asked to begin anew.
    pub(super) fn take(&mut self, text: &str) -> Result<u64> {
        ensure!(text != r#""refetch""#, "the page is asked to load its document again");
        let Some(Heard { first, last }) = heard(text) else { return Ok(0) };
        ensure!(first <= self.have + 1, "entries {} to {first} are missing", self.have + 1);
        let new = last.saturating_sub(self.have);
        self.have = last.max(self.have);
        Ok(new)
    }
}

/// So many pages of each room, which all start from where it is.
pub(super) async fn followers(rooms: &[Room], of_each: usize) -> Result<Vec<Follower>> {
    let mut rng = edits::fresh(of_each as u64);
    let mut followers = Vec::with_capacity(rooms.len() * of_each);
    for room in rooms {
        let snapshot = room.snapshot().await?;
        followers.extend((0..of_each).map(|_| Follower {
            room: room.clone(),
            door: room.door.clone(),
            client: edits::client(&mut rng),
            epoch: snapshot.epoch,
            have: snapshot.head,
            plain: false,
        }));
    }
    Ok(followers)
}

/// Lets all of them in, many at the same time.
pub(super) async fn enter_all(followers: Vec<Follower>) -> Result<Vec<(Follower, Socket)>> {
    let entering = followers.into_iter().map(|mut follower| async move {
        let socket = follower.enter().await?;
        anyhow::Ok((follower, socket))
    });
    stream::iter(entering).buffer_unordered(AT_ONCE).try_collect().await.context("a page cannot come in")
}

/// What entries a frame holds, without parsing it: the load shall cost little.
pub(super) fn heard(text: &str) -> Option<Heard> {
    // Every entry begins so, and nothing else does: within a text the quotes would be escaped, and none that is written here has
    // such a bracket.
    let begin = match text.as_bytes().first()? {
        b'!' => "{S",
        b'{' if text.starts_with(OPEN) => r#"{"seq":"#,
        _ => return None,
    };
    let number = |at: usize| {
        let digits = &text[at + begin.len()..];
        digits[..digits.find(|c: char| !c.is_ascii_digit())?].parse().ok()
    };
    Some(Heard { first: number(text.find(begin)?)?, last: number(text.rfind(begin)?)? })
}

#[cfg(test)]
mod tests {
    use domain::{Entry, ItemId, Op, Timestamp, UserId, wire::ServerMessage};

    use super::*;

    #[test]
    fn a_frame_of_entries_tells_the_first_and_the_last() {
        let mut rng = edits::fresh(1);
        let entries = (7..10).map(|seq| Entry {
            seq,
            client: edits::client(&mut rng),
            cseq: 1,
            actor: UserId::NIL,
            at: Timestamp(0),
            op: Op::DeleteItems { ids: vec![ItemId::new(1, [1; 10])] },
            items: Vec::new(),
        });
        let frame = serde_json::to_string(&ServerMessage::Entries { entries: entries.collect() }).unwrap();
        assert_eq!(heard(&frame), Some(Heard { first: 7, last: 9 }));
        assert_eq!(heard("!{S7,C~0,Q1},{S8,C~0,Q2},{S9,C~0,Q3}"), Some(Heard { first: 7, last: 9 }));
        assert_eq!(heard(r#"{"ack":{"results":[]}}"#), None);
    }
}
