//! Requests that are refused before a page or a function sees them: a status and a sentence.

use app::api::ApiError;
use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

/// How a refusal is written: a page that is alive reads JSON, a browser that posted a form shows text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refuse {
    as_text: bool,
}

impl Refuse {
    pub(crate) fn to(request: &Request) -> Self {
        Self::who_accepts(request.headers())
    }

    pub(crate) fn who_accepts(headers: &HeaderMap) -> Self {
        let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
        Self { as_text: accept.is_some_and(|accept| accept.contains("text/html")) }
    }

    /// The answer that says why.
    pub(crate) fn with(self, error: impl Into<ApiError>) -> Response {
        let error = error.into();
        let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = if self.as_text {
            (status, error.sentence).into_response()
        } else {
            let text = serde_json::to_string(&error).expect("a refusal is always JSON");
            (status, [(header::CONTENT_TYPE, "application/json")], text).into_response()
        };
        if let Some(seconds) = error.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// A refusal after which it makes sense to ask again.
pub(crate) fn later(status: u16, sentence: impl Into<String>, seconds: u32) -> ApiError {
    ApiError { retry_after: Some(seconds), ..ApiError::new(status, sentence) }
}

/// Says in a sentence that an address does not take a method. The router's own answer is empty.
pub(crate) fn explain_method(refuse: Refuse, response: Response) -> Response {
    if response.status() != StatusCode::METHOD_NOT_ALLOWED {
        return response;
    }
    let sentence = "This address does not take requests of this kind. Open the page and use what is on it.";
    let mut explained = refuse.with(ApiError::new(405, sentence));
    if let Some(allow) = response.headers().get(header::ALLOW) {
        explained.headers_mut().insert(header::ALLOW, allow.clone());
    }
    explained
}
