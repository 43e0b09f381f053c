//! The publisher: tells open pages what was committed, in order. A task of its own, so that the next commit is under
//! way meanwhile.

use std::{collections::BTreeMap, sync::Arc};

use bytes::Bytes;
use domain::{
    Entry, Roadmap,
    wire::{Acked, ServerMessage},
};
use tokio::sync::mpsc;

use super::{
    band::Bands,
    commit::{News, Reply},
    linked::Linked,
    room::{Audience, Encoded, Published, Room, Short, State, frames, refetch, short_frames},
};

pub(super) async fn run(mut news: mpsc::Receiver<News>, linked: Linked, bands: Bands) {
    while let Some(news) = news.recv().await {
        match news {
            News::Committed { answers, rooms } => {
                // Answers first: a page takes an entry of its own for the echo of something answered.
                let mut callers = Vec::new();
                for (reply, answers) in answers {
                    match reply {
                        Reply::Page(seat) => seat.send(answers.map_or_else(refetch, acks)),
                        Reply::Caller(caller) => callers.push((caller, answers.unwrap_or_default())),
                    }
                }
                for told in rooms {
                    linked.committed(told.room.id.roadmap, &told.entries);
                    bands.committed(told.room.id, &told.entries);
                    tell(&told.room, told.published, &told.entries, told.reset);
                }
                // Whoever asked finds the change when looking.
                for (caller, answers) in callers {
                    drop(caller.send(Ok(answers)));
                }
            }
            News::Drain(done) => drop(done.send(())),
        }
    }
}

fn tell(room: &Room, published: Published, entries: &[Entry], reset: bool) {
    let encoded = Encoded::all(entries, &published.roadmap);
    let mut state = room.state();
    // Numbers that pages of this room know before these entries.
    let known = state.published.as_ref().map_or(0, |published| published.roadmap.last_number());
    let roadmap = published.roadmap.clone();
    state.published = Some(published);
    if reset {
        state.ring.clear();
        for seat in state.seats.values() {
            seat.send(refetch());
        }
        return;
    }
    broadcast(&mut state, &encoded, &roadmap, known);
    for entry in encoded {
        state.ring.push(entry);
    }
}

/// Sends entries to every page of a room. They are put together once for everybody who may see the same.
fn broadcast(state: &mut State, entries: &[Encoded], roadmap: &Roadmap, known: u32) {
    let State { seats, writer, .. } = state;
    let short = if seats.values().any(|seat| !seat.plain) {
        Short::all(entries, writer, roadmap, known)
    } else {
        // Nobody knows the slots.
        writer.clear();
        None
    };
    let mut made: BTreeMap<(Audience, bool), Vec<Bytes>> = BTreeMap::new();
    for seat in seats.values() {
        let audience = seat.audience(entries);
        let short = short.as_deref().filter(|_| !seat.plain);
        let frames = made.entry((audience, short.is_some())).or_insert_with(|| match short {
            Some(short) => short_frames(entries, short, audience),
            None => frames(entries, audience),
        });
        for frame in frames.iter() {
            seat.send(frame.clone());
        }
    }
}

fn acks(results: Vec<Acked>) -> Bytes {
    encode(&ServerMessage::Ack { results })
}

/// A message as the text of a frame.
pub(crate) fn encode(message: &ServerMessage) -> Bytes {
    Bytes::from(serde_json::to_vec(message).expect("a message has nothing that JSON cannot hold"))
}

/// What pages of a room are told.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) room: Arc<Room>,
    pub(super) published: Published,
    pub(super) entries: Vec<Entry>,
    /// Pages cannot continue from what they have.
    pub(super) reset: bool,
}
