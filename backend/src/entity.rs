//! Rows as the tables hold them. They never leave this crate; services speak in types of `domain`.
