//! The binary `cairn`: configuration, router, live channel, command line.
//!
//! [`start`] runs a whole server inside a test, too; `main` adds the command line, signals and logs.

mod answer;
mod bodies;
mod buckets;
mod busy;
pub mod cli;
mod commands;
mod connections;
mod export;
mod headers;
mod live;
mod people;
mod proxy;
mod rates;
mod refusal;
mod router;
pub mod routes;
mod shares;
mod site;
mod start;
mod visitor;
mod voting;
mod watching;
mod whole;

pub use commands::run;
pub use live::Limits;
pub use start::{Running, Settings, StartError, start};
pub use whole::threads;
