//! Stories about a whole server: real sockets, real requests.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on has failed")]

#[path = "served/account.rs"]
mod account;
#[path = "served/bodies.rs"]
mod bodies;
#[path = "served/calendar.rs"]
mod calendar;
#[path = "served/command_line.rs"]
mod command_line;
#[path = "served/comments.rs"]
mod comments;
#[path = "served/exchange.rs"]
mod exchange;
#[path = "served/files.rs"]
mod files;
#[path = "served/history.rs"]
mod history;
#[path = "served/http.rs"]
mod http;
#[path = "served/limits.rs"]
mod limits;
#[path = "served/live.rs"]
mod live;
#[path = "served/people.rs"]
mod people;
#[path = "served/protocol.rs"]
mod protocol;
#[path = "served/records.rs"]
mod records;
#[path = "served/scores.rs"]
mod scores;
#[path = "served/sessions.rs"]
mod sessions;
#[path = "served/statuses.rs"]
mod statuses;
#[path = "served/support.rs"]
mod support;
#[path = "served/times.rs"]
mod times;
#[path = "served/voting.rs"]
mod voting;
#[path = "served/wire.rs"]
mod wire;
