//! What people see: one source for the page rendered on the server and the application that runs in the browser.

#![recursion_limit = "512"]
#![expect(
    unreachable_pub,
    reason = "the component macro makes its property types `pub` whatever the component is"
)]

pub mod api;
mod board;
mod frame;
mod lazy;
mod live;
mod pages;
mod palette;
mod platform;
mod shell;
mod table;
mod timeline;
mod ui;

pub use lazy::ready;
pub use shell::{App, Program, say_alive, shell};
