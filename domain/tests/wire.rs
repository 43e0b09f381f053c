//! The wire: every message as it is written, the protocol's document, who may send what, and frames gone wrong.

#![expect(clippy::unwrap_used, reason = "a test may")]

#[path = "wire/authority.rs"]
mod authority;
#[path = "wire/bounds.rs"]
mod bounds;
#[path = "wire/document.rs"]
mod document;
#[path = "wire/golden.rs"]
mod golden;
#[path = "wire/mutations.rs"]
mod mutations;
#[path = "wire/samples.rs"]
mod samples;
