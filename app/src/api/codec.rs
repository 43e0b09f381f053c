//! JSON as server functions send it.

use leptos::server_fn::{Bytes, ContentType, Decodes, Encodes, Format, FormatType, codec::Post};
use serde::{Serialize, de::DeserializeOwned};

/// JSON that is parsed from text, as resources and the live channel parse theirs.
///
/// The encoding that comes with server functions parses from bytes, and the browser would carry every parser twice.
#[derive(Debug)]
pub struct JsonText;

/// Arguments and answers as JSON in the body of a `POST`.
pub(crate) type Json = Post<JsonText>;

impl ContentType for JsonText {
    const CONTENT_TYPE: &'static str = "application/json";
}

impl FormatType for JsonText {
    const FORMAT_TYPE: Format = Format::Text;
}

impl<T: Serialize> Encodes<T> for JsonText {
    type Error = serde_json::Error;

    fn encode(value: &T) -> Result<Bytes, Self::Error> {
        serde_json::to_string(value).map(Bytes::from)
    }
}

impl<T: DeserializeOwned> Decodes<T> for JsonText {
    type Error = serde_json::Error;

    fn decode(bytes: Bytes) -> Result<T, Self::Error> {
        // The server takes no text that is not UTF-8 for another.
        #[cfg(feature = "ssr")]
        return serde_json::from_slice(&bytes);
        #[cfg(not(feature = "ssr"))]
        serde_json::from_str(&String::from_utf8_lossy(&bytes))
    }
}
