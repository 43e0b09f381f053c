//! Pages beside the board, one file each.

pub(crate) mod access;
pub(crate) mod account;
pub(crate) mod balance;
pub(crate) mod bin;
pub(crate) mod capacity;
#[cfg(feature = "ssr")]
mod chart;
pub(crate) mod direction;
pub(crate) mod fields;
pub(crate) mod figures;
pub(crate) mod history;
pub(crate) mod home;
pub(crate) mod import;
pub(crate) mod inbox;
pub(crate) mod invite;
pub(crate) mod lifecycle;
pub(crate) mod matrix;
pub(crate) mod money;
pub(crate) mod my_work;
pub(crate) mod outcomes;
pub(crate) mod overview;
pub(crate) mod past;
pub(crate) mod people;
#[cfg(feature = "ssr")]
mod plain;
pub(crate) mod product_page;
pub(crate) mod products;
pub(crate) mod records;
pub(crate) mod reports;
pub(crate) mod retirement;
pub(crate) mod scores;
pub(crate) mod settings;
pub(crate) mod setup;
pub(crate) mod sign_in;
pub(crate) mod solutions;
pub(crate) mod vision;
pub(crate) mod voting;
pub(crate) mod workspace;
