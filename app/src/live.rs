//! A room in the browser: the page's replica, its signals, and the connection that keeps it current.

mod connection;
mod room;
mod undo;

pub(crate) use connection::{Connection, connect};
pub(crate) use room::{CardView, Room};
