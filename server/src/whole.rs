//! Pages are made to their end, also when whoever asked for them has gone.
//!
//! A page is made by several tasks that share what the request owns, and that is given up with the answer: a browser that
//! went elsewhere in the middle would take it away from those who are still at work with it.

use std::future::ready;

use axum::{
    body::Body,
    extract::Request,
    http::{Method, StatusCode},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures::{
    SinkExt, StreamExt,
    channel::{mpsc, oneshot},
    stream,
};

/// So many pieces of a page are made before the reader takes one.
const AHEAD: usize = 4;

/// Makes what is read in a task of its own, and passes it on as long as somebody takes it.
pub(crate) async fn guard(request: Request, next: Next) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    let (answer, answered) = oneshot::channel();
    let (mut pieces, body) = mpsc::channel(AHEAD);
    let task = tokio::spawn(async move {
        let (parts, body) = next.run(request).await.into_parts();
        let mut is_read = answer.send(parts).is_ok();
        let mut body = body.into_data_stream();
        while let Some(piece) = body.next().await {
            is_read = is_read && pieces.send(piece).await.is_ok();
        }
    });
    let Ok(parts) = answered.await else {
        let sentence = "This page could not be made. Please try again.";
        return (StatusCode::INTERNAL_SERVER_ERROR, sentence).into_response();
    };
    // A page that broke off is not taken for a whole one.
    let broken_off =
        stream::once(task).filter_map(|ended| ready(ended.err().map(|error| Err(axum::Error::new(error)))));
    Response::from_parts(parts, Body::from_stream(body.chain(broken_off)))
}
