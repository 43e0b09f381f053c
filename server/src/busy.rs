//! Requests that write, when more come than can be done: some wait, the others are asked to come back.

use app::api::ApiError;
use axum::{
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use backend::{BUSY_SECONDS, Error};

use crate::router::Shared;

/// The most requests other than reading that are worked on or wait for the database at once.
pub(crate) const AT_ONCE: usize = 512;

/// Lets a request in, unless too many are in already. Reading is not counted: it waits for nobody who writes.
pub(crate) async fn guard(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    let Ok(_place) = shared.writing.try_acquire() else {
        return refuse(&request);
    };
    next.run(request).await
}

fn refuse(request: &Request) -> Response {
    let error = ApiError::from(Error::Busy);
    let accept = request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    // A browser that posts a form shows what comes; a page that lives reads it.
    let mut response = if accept.is_some_and(|accept| accept.contains("text/html")) {
        (StatusCode::SERVICE_UNAVAILABLE, error.sentence).into_response()
    } else {
        let text = serde_json::to_string(&error).expect("a refusal is always JSON");
        (StatusCode::SERVICE_UNAVAILABLE, [(header::CONTENT_TYPE, "application/json")], text).into_response()
    };
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(BUSY_SECONDS));
    response
}
