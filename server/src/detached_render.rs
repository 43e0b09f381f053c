//! Pages are made to their end, a few at a time.
//!
//! A page is made by several tasks that share what the request owns, and that is given up with the answer: a browser that
//! went elsewhere in the middle would take it away from those who are still at work with it. So a page that was begun is made
//! to its end. Before it begins it waits for a place, and readers who leave by then cost nothing. One that does not come, because
//! something in it waits for what never happens, is given up and made again: it must not hold its place for ever.

mod places;

use std::{future::ready, time::Duration};

use app::api::BroughtBack;
use axum::{
    body::Body,
    extract::{Request, State},
    http::{Method, StatusCode},
    middleware::Next,
    response::{IntoResponse, Response},
};
use backend::Error;
use futures::{
    SinkExt, StreamExt,
    channel::{mpsc, oneshot},
    stream,
};
use tokio::time::{sleep, timeout};

pub(crate) use self::places::Renders;
pub use self::places::threads;
use crate::{
    answer::hold,
    refusal::Refuse,
    routes,
    shared::Shared,
    visitor::{self, Share, Visitor},
};

/// How long a page may take before it is made a second time, and then given up. The longest board takes a tenth of it.
const PATIENCE: Duration = Duration::from_secs(15);

/// After how long a visitor who asks for more pages than they may is refused. Who asks again at each refusal asks at this pace,
/// and not as fast as the processor refuses.
const REFUSED_AFTER: Duration = Duration::from_secs(1);

/// So many pieces of a page are made before the reader takes one.
const AHEAD: usize = 4;

/// Makes what is read in a task of its own, when there is a place for it, and passes it on as long as somebody takes it.
/// Server functions that are as much work take a place, too.
pub(crate) async fn guard(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    if !is_read && !routes::find(request.uri().path()).is_some_and(|route| route.is_heavy) {
        return next.run(request).await;
    }
    // Known already, where a body was read.
    let share = match request.extensions().get::<Share>() {
        Some(share) => *share,
        None => {
            let peer = visitor::peer(&request);
            Visitor::of(&shared, request.headers(), peer).await.share()
        }
    };
    // What is not begun when the server stops is not begun any more.
    if shared.gate.is_closing() {
        return Refuse::to(&request).with(Error::Busy);
    }
    let Some(waiting) = shared.renders.wait(share) else {
        if let Some(_held_back) = shared.renders.hold_back(share) {
            sleep(REFUSED_AFTER).await;
        }
        return Refuse::to(&request).with(Error::Busy);
    };
    // Given up with the request: a reader who has left is out of the queue.
    let (place, reader) = waiting.place().await;
    if shared.gate.is_closing() {
        return Refuse::to(&request).with(Error::Busy);
    }
    if !is_read {
        let response = next.run(request).await;
        drop(place);
        return hold(response, reader);
    }
    let (answer, answered) = oneshot::channel();
    let (mut pieces, body) = mpsc::channel(AHEAD);
    let task = tokio::spawn(async move {
        let mut place = Some(place);
        let made = in_time(request, PATIENCE, |request| next.clone().run(request)).await;
        let Some((parts, body)) = made.map(Response::into_parts) else { return };
        let mut is_read = answer.send(parts).is_ok();
        let mut body = body.into_data_stream();
        while let Ok(Some(piece)) = timeout(PATIENCE, body.next()).await {
            // A reader who is slow does not hold up others.
            if is_read && let Err(error) = pieces.try_send(piece) {
                place = None;
                is_read = error.is_full() && pieces.send(error.into_inner()).await.is_ok();
            }
        }
        drop(place);
    });
    let Ok(parts) = answered.await else {
        let sentence = "This page could not be made. Please try again.";
        return (StatusCode::INTERNAL_SERVER_ERROR, sentence).into_response();
    };
    // A page that broke off is not taken for a whole one.
    let broken_off =
        stream::once(task).filter_map(|ended| ready(ended.err().map(|error| Err(axum::Error::new(error)))));
    hold(Response::from_parts(parts, Body::from_stream(body.chain(broken_off))), reader)
}

/// Has a page made, a second time where it does not come; `None` when it does not come then, either.
async fn in_time<F: Future<Output = Response>>(
    request: Request,
    patience: Duration,
    make: impl Fn(Request) -> F,
) -> Option<Response> {
    // What is read has no body.
    let (mut parts, _) = request.into_parts();
    // What was typed into a refused form is taken once, and there for the second attempt.
    parts.extensions.insert(BroughtBack::default());
    for attempt in 1..=2 {
        let request = Request::from_parts(parts.clone(), Body::empty());
        match timeout(patience, make(request)).await {
            Ok(response) => return Some(response),
            Err(_) => tracing::warn!(attempt, "a page does not come and is given up"),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// Asks for a page that does not come so many times. Returns its address as it was asked for, and the attempts.
    async fn ask(stuck: usize) -> (Option<String>, usize) {
        let attempts = AtomicUsize::new(0);
        let request = Request::builder().uri("/join/CODE").body(Body::empty()).unwrap();
        let made = in_time(request, Duration::from_millis(20), |request| {
            let attempt = attempts.fetch_add(1, Ordering::Relaxed);
            async move {
                if attempt < stuck {
                    futures::future::pending::<()>().await;
                }
                request.uri().to_string().into_response()
            }
        });
        let page = match made.await {
            Some(response) => {
                let bytes = axum::body::to_bytes(response.into_body(), 1_000).await.unwrap();
                Some(String::from_utf8(bytes.to_vec()).unwrap())
            }
            None => None,
        };
        (page, attempts.into_inner())
    }

    #[tokio::test]
    async fn a_page_that_does_not_come_is_made_again_and_then_given_up() {
        assert_eq!(ask(0).await, (Some("/join/CODE".to_owned()), 1));
        assert_eq!(ask(1).await, (Some("/join/CODE".to_owned()), 2));
        assert_eq!(ask(2).await, (None, 2));
    }
}
