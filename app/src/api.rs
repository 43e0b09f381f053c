//! What server functions have in common. The functions themselves stand beside the pages that call them, each in an `api`
//! module: it finds out who is asking, takes the handle that person may have, calls one service and returns types of
//! `domain`. Rules live in `backend`.

mod codec;
#[cfg(feature = "ssr")]
pub(crate) mod edge;
pub(crate) mod form;
mod page;
#[cfg(feature = "ssr")]
mod reach;
#[cfg(feature = "ssr")]
mod returned;

use leptos::server_fn::{
    Bytes, Decodes, Encodes,
    error::{FromServerFnError, ServerFnErrorErr},
};
use serde::{Deserialize, Serialize};

pub(crate) use codec::Json;
pub use codec::JsonText;
#[cfg(feature = "ssr")]
pub(crate) use edge::theme;
#[cfg(feature = "ssr")]
pub use edge::{Asker, Site, session_secret};
pub use form::FieldKey;
pub(crate) use form::{FormState, use_form, use_form_and, use_refusal};
pub use page::{Plain, ProductPage, ProductPart};
#[cfg(feature = "ssr")]
pub use returned::BroughtBack;

/// Why a request was refused: the HTTP status, and a sentence for the person who asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{sentence}")]
pub struct ApiError {
    /// As in HTTP; 0 when no answer came at all.
    pub status: u16,
    pub sentence: String,
    /// The field of the form that has to be put right, when it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// After how many seconds it makes sense to ask again, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u32>,
}

impl ApiError {
    pub fn new(status: u16, sentence: impl Into<String>) -> Self {
        Self { status, sentence: sentence.into(), field: None, retry_after: None }
    }

    /// Whether signing in would help.
    pub fn is_unauthenticated(&self) -> bool {
        self.status == 401
    }
}

impl FromServerFnError for ApiError {
    type Encoder = JsonText;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Request(_) => {
                Self::new(0, "The server cannot be reached. Check the connection and try again.")
            }
            ServerFnErrorErr::Args(_)
            | ServerFnErrorErr::MissingArg(_)
            | ServerFnErrorErr::UnsupportedRequestMethod(_) => {
                Self::new(400, "The request is not complete. Reload the page and try again.")
            }
            // The server reads arguments, the browser answers.
            #[cfg(feature = "ssr")]
            ServerFnErrorErr::Deserialization(_) => {
                Self::new(400, "The request cannot be read. Reload the page and try again.")
            }
            // Answers that are not ours come from something in between, or from a server of another version.
            _ => Self::new(500, "The server's answer makes no sense. Reload the page and try again."),
        }
    }

    /// Called where a refusal becomes the answer to a request, which is where the answer gets its status.
    fn ser(&self) -> Bytes {
        #[cfg(feature = "ssr")]
        edge::answer(self);
        JsonText::encode(self).unwrap_or_default()
    }

    fn de(data: Bytes) -> Self {
        <JsonText as Decodes<Self>>::decode(data).unwrap_or_else(|error| {
            Self::from_server_fn_error(ServerFnErrorErr::Deserialization(error.to_string()))
        })
    }
}

/// The address to go to after signing in: a path of this site, or the first page.
pub(crate) fn safe_next(next: Option<&str>) -> String {
    let safe = |path: &&str| {
        path.starts_with('/')
            && !path.starts_with("//")
            && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
    };
    next.filter(safe).unwrap_or("/").to_owned()
}

#[cfg(test)]
mod tests {
    use super::safe_next;

    #[test]
    fn one_is_only_sent_on_to_pages_of_this_site() {
        assert_eq!(safe_next(Some("/p/ERP/i/ERP-12?q=1")), "/p/ERP/i/ERP-12?q=1");
        for elsewhere in
            ["", "p", "//evil.example", "/\\evil.example", "https://evil.example", "/a b", "/\r\nX: y", "/é"]
        {
            assert_eq!(safe_next(Some(elsewhere)), "/", "{elsewhere}");
        }
        assert_eq!(safe_next(None), "/");
    }
}
