//! The binary `cairn`: configuration, router, live channel, command line.
//!
//! [`start`] runs a whole server inside a test, too; `main` adds the command line, signals and logs.

mod answer;
mod bodies;
mod buckets;
mod calendar;
pub mod cli;
mod commands;
mod connections;
mod detached_render;
mod export;
mod files;
mod headers;
mod health;
mod live;
mod proxy;
mod rates;
mod refusal;
mod router;
pub mod routes;
mod shared;
mod shares;
mod site;
mod start;
mod visitor;
mod voting;
mod write_limit;

pub use commands::run;
pub use detached_render::threads;
pub use live::Limits;
pub use start::{Running, Settings, StartError, start};
