//! A room in the browser: the page's replica, its signals, and the connection that keeps it current; the stream of records; and
//! the news of voting sessions.

mod connection;
pub(crate) mod device;
mod news;
mod records;
mod room;
mod shared;

pub(crate) use connection::{Connection, connect};
pub(crate) use device::keep_undo;
pub(crate) use news::News;
pub(crate) use records::{Heard, Records};
pub(crate) use room::{CardView, Refused, Room, Way};
pub(crate) use shared::connect_all;
