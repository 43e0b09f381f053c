//! What people see: one source for the page rendered on the server and the application that runs in the browser.

#![recursion_limit = "512"]

pub mod api;
mod board;
mod live;
mod pages;
mod platform;
mod shell;
mod ui;

pub use shell::{App, shell};
