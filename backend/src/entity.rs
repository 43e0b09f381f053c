//! Rows as the tables hold them. They never leave this crate; services speak in types of `domain`.

#![expect(unreachable_pub, reason = "the derives make everything public")]

pub(crate) mod account;
pub(crate) mod audit;
pub(crate) mod invitation;
pub(crate) mod member;
pub(crate) mod product;
pub(crate) mod session;
pub(crate) mod workspace;
