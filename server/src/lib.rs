//! The binary `cairn`: configuration, router, live channel, command line.
//!
//! [`start`] runs a whole server inside a test, too; `main` adds the command line, signals and logs.

mod busy;
pub mod cli;
mod commands;
mod export;
mod headers;
mod live;
mod proxy;
mod router;
mod site;
mod start;
mod voting;
mod watching;
mod whole;

pub use commands::run;
pub use live::Limits;
pub use start::{Running, Settings, StartError, start};
