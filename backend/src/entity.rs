//! Rows as the tables hold them. They never leave this crate; services speak in types of `domain`.

#![expect(unreachable_pub, reason = "the derives make everything public")]

pub(crate) mod account;
pub(crate) mod audit;
pub(crate) mod audit_product;
pub(crate) mod baseline;
pub(crate) mod client_cursor;
pub(crate) mod comment;
pub(crate) mod device;
pub(crate) mod favourite;
pub(crate) mod feed;
pub(crate) mod field_plan;
pub(crate) mod file;
pub(crate) mod file_contents;
pub(crate) mod import_memory;
pub(crate) mod invitation;
pub(crate) mod item;
pub(crate) mod lane;
pub(crate) mod log_item;
pub(crate) mod measurement;
pub(crate) mod member;
pub(crate) mod mention;
pub(crate) mod notice;
pub(crate) mod notice_place;
pub(crate) mod op_log;
pub(crate) mod product;
pub(crate) mod product_owner;
pub(crate) mod record;
pub(crate) mod record_item;
pub(crate) mod refusal;
pub(crate) mod roadmap;
pub(crate) mod segment;
pub(crate) mod segment_member;
pub(crate) mod session;
pub(crate) mod visit;
pub(crate) mod vote;
pub(crate) mod voting;
pub(crate) mod voting_ballot;
pub(crate) mod voting_cast;
pub(crate) mod voting_count;
pub(crate) mod voting_entry;
pub(crate) mod voting_outcome;
pub(crate) mod voting_roll;
pub(crate) mod voting_voter;
pub(crate) mod watch;
pub(crate) mod workspace;
