//! Values of `domain` as the columns of tables hold them, and back.

use std::{fmt::Display, str::FromStr};

use serde::de::DeserializeOwned;

use crate::Error;

/// A stored text as the type it was written from.
pub(crate) fn parse<T: FromStr>(text: &str) -> Result<T, Error> {
    text.parse().map_err(|_| unreadable(&text))
}

/// A value from its JSON.
pub(crate) fn json<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(Error::internal)
}

/// A value as JSON.
pub(crate) fn to_json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("these types have nothing that JSON cannot hold")
}

/// A count from a column, which has a sign.
pub(crate) fn unsigned(value: i64) -> Result<u64, Error> {
    u64::try_from(value).map_err(Error::internal)
}

/// A count for a column. Beyond what that holds, the most it holds.
pub(crate) fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// What a column holds is nothing that was ever written there.
pub(crate) fn unreadable(value: &impl Display) -> Error {
    Error::internal(format!("“{value}” in the database cannot be read"))
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
