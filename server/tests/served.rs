//! Stories about a whole server: real sockets, real requests.

#[path = "served/http.rs"]
mod http;
#[path = "served/live.rs"]
mod live;
#[path = "served/support.rs"]
mod support;
