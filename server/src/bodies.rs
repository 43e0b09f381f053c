//! Bodies of requests: read whole before anything is done, within bounds of bytes, time and memory.
//!
//! A function gets its arguments at once, and the place of a request that writes is taken after they came. Strangers and
//! members have budgets of their own, so that nobody who is not signed in keeps a member from sending something.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use app::api::ApiError;
use axum::{
    body::{Body, BodyDataStream, HttpBody as _},
    extract::{Request, State},
    http::{HeaderMap, Method, header},
    middleware::Next,
    response::Response,
};
use backend::BUSY_SECONDS;
use domain::{Reject, UserId};
use futures::StreamExt as _;
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::{
    connections::Arriving,
    refusal::{Refuse, later},
    routes::{self, Encoding, LARGEST_SMALL, Route},
    shared::Shared,
    shares::Shares,
    visitor::{self, Share, Visitor},
};

const MIB: usize = 1024 * 1024;

/// A body begins within this time, and at any moment has come at the slowest rate but for this time.
const GRACE: Duration = Duration::from_secs(10);

/// The slowest rate, in bytes a second.
const SLOWEST: u32 = 1024;

/// No body takes longer than this.
const LONGEST: Duration = Duration::from_secs(600);

/// The most bytes of a body of somebody who is not signed in.
const STRANGERS_BODY: usize = MIB / 4;

/// The most bytes that all members' unfinished bodies take, those with a place of their own aside.
const OF_MEMBERS: usize = 64 * MIB;

/// The same for all strangers.
const OF_STRANGERS: usize = 32 * MIB;

/// The same for one member, and for one network address.
const OF_ONE: usize = 8 * MIB;

/// How many long bodies are read or worked on at a time; of one person one.
const LARGE_AT_ONCE: usize = 4;

/// How long the sender of a refused body gets to read why.
const DRAIN: Duration = Duration::from_secs(2);

/// How much of a refused body is thrown away in that time.
const DRAINED: usize = MIB / 4;

/// What all bodies that are being read share. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bodies {
    held: Arc<Mutex<Held>>,
}

#[derive(Debug, Default)]
struct Held {
    /// Bytes that count in the budgets.
    counted: Shares,
    /// Who sends a long body.
    large: HashSet<UserId>,
}

/// Reads the body, unless it is refused, and only then lets the request go on.
pub(crate) async fn guard(State(shared): State<Shared>, mut request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    let refuse = Refuse::to(&request);
    let peer = visitor::peer(&request);
    let visitor = Visitor::of(&shared, request.headers(), peer).await;
    if let Err(wait) = shared.rates.take(&visitor, Instant::now()) {
        let seconds = u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).saturating_add(1);
        let sentence = "Too many requests come from you. Wait a moment and try again.";
        return refuse.with(later(429, sentence, seconds));
    }
    let body = std::mem::take(request.body_mut());
    let has_body = routes::has_body(request.uri().path());
    let mut reading = shared.bodies.begin(&visitor);
    let arriving = request.extensions().get::<Arriving>().cloned().filter(|_| visitor.member.is_none());
    if has_body {
        // Strangers who send nothing hold no connection that somebody else needs.
        if let Some(arriving) = &arriving {
            arriving.wait();
        }
        let route = routes::find(request.uri().path());
        let expects = request.headers().contains_key(header::EXPECT);
        let mut body = Incoming { declared: body.size_hint().exact(), stream: body.into_data_stream() };
        let mut closing = shared.gate.pass();
        let read = tokio::select! {
            read = reading.read(request.headers(), route, &mut body) => read,
            _ = closing.wait_for(|closing| *closing) => {
                Err(later(503, "The server is restarting. Try again in a moment.", BUSY_SECONDS))
            }
        };
        if let Some(arriving) = &arriving {
            arriving.begin().await;
        }
        match read {
            Ok(bytes) => *request.body_mut() = Body::from(bytes),
            Err(error) => {
                // A client that asked first (`Expect: 100-continue`) sends nothing now.
                if !expects {
                    tokio::spawn(drain(body.stream));
                }
                return refuse.with(error);
            }
        }
    }
    request.extensions_mut().insert(visitor.share());
    let _large = reading.finish();
    next.run(request).await
}

struct Incoming {
    /// How long it says it is; `None` when it does not say.
    declared: Option<u64>,
    stream: BodyDataStream,
}

/// Keeps the connection until the answer is read. A short rest of the body is thrown away; a long one is not taken any more.
async fn drain(mut stream: BodyDataStream) {
    let until = Instant::now() + DRAIN;
    let mut left = DRAINED;
    while left > 0 {
        match timeout_at(until, stream.next()).await {
            Ok(Some(Ok(piece))) => left = left.saturating_sub(piece.len()),
            _ => return,
        }
    }
    sleep_until(until).await;
}

/// Whether the arguments are written as the function reads them.
fn is_understood(headers: &HeaderMap, route: Option<&Route>) -> bool {
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return false };
    let essence = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
    let is = |encoding: Encoding| essence.eq_ignore_ascii_case(encoding.content_type());
    route.map_or(is(Encoding::Json) || is(Encoding::Form), |route| is(route.encoding))
}

impl Bodies {
    fn begin(&self, visitor: &Visitor) -> Reading {
        Reading {
            bodies: self.clone(),
            visitor: visitor.clone(),
            share: visitor.share(),
            counted: 0,
            large: None,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A body that is being read. Dropping it gives back what it takes.
struct Reading {
    bodies: Bodies,
    visitor: Visitor,
    share: Share,
    /// Its bytes in [`Held::counted`].
    counted: usize,
    large: Option<Large>,
}

/// The place of one long body, until its request is answered.
struct Large {
    bodies: Bodies,
    of: UserId,
}

impl Drop for Large {
    fn drop(&mut self) {
        self.bodies.lock().large.remove(&self.of);
    }
}

impl Reading {
    async fn read(
        &mut self,
        headers: &HeaderMap,
        route: Option<&Route>,
        body: &mut Incoming,
    ) -> Result<Vec<u8>, ApiError> {
        let most = route.map_or(routes::DEFAULT, |route| route.bytes);
        let declared = usize::try_from(body.declared.unwrap_or(0)).unwrap_or(usize::MAX);
        if body.declared != Some(0) && !is_understood(headers, route) {
            return Err(ApiError::new(
                415,
                "The request is written in a way that this address does not read. Reload the page and try again.",
            ));
        }
        self.allow(declared, most, route).await?;
        let begun = Instant::now();
        let mut bytes = Vec::new();
        loop {
            let came = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
            let patience = (GRACE + Duration::from_secs(1) * came / SLOWEST).min(LONGEST);
            let piece = timeout_at(begun + patience, body.stream.next()).await;
            let Ok(piece) = piece else {
                return Err(later(
                    408,
                    "The request came too slowly. Check the connection and try again.",
                    1,
                ));
            };
            let Some(piece) = piece else { return Ok(bytes) };
            let piece = piece.map_err(|_| {
                ApiError::new(400, "The request broke off. Check the connection and try again.")
            })?;
            self.allow(bytes.len() + piece.len(), most, route).await?;
            self.count(piece.len())?;
            // A copy: the piece may hold on to much more than its length.
            bytes.extend_from_slice(&piece);
        }
    }

    /// Whether so many bytes may come from this visitor. A long body takes its place.
    async fn allow(&mut self, bytes: usize, most: usize, route: Option<&Route>) -> Result<(), ApiError> {
        let is_for_commenters = route.is_some_and(Route::is_for_commenters);
        if bytes > most {
            let sentence = if is_for_commenters {
                "A file may have at most 10 MiB. Choose a smaller one."
            } else {
                "This is more than can be sent at once. Shorten it, or send it in parts."
            };
            return Err(ApiError::new(413, sentence));
        }
        let Some(member) = &self.visitor.member else {
            if bytes <= STRANGERS_BODY {
                return Ok(());
            }
            return Err(ApiError::new(401, "You are not signed in. Sign in and try again."));
        };
        if bytes > LARGEST_SMALL && self.large.is_none() {
            let may =
                if is_for_commenters { member.comments_any().await? } else { member.edits_any().await? };
            if !may {
                return Err(backend::Error::from(Reject::NotAllowed(member.role())).into());
            }
            self.large = Some(self.bodies.take_large(member.member().id)?);
            self.give_back();
        }
        Ok(())
    }

    /// Counts bytes that came.
    fn count(&mut self, bytes: usize) -> Result<(), ApiError> {
        if self.large.is_some() {
            return Ok(());
        }
        let mut held = self.bodies.lock();
        let (all, own) = held.counted.of(self.share);
        let most = if let Share::Member(_) = self.share { OF_MEMBERS } else { OF_STRANGERS };
        if self.share != Share::Unknown && own + bytes > OF_ONE {
            return Err(later(429, "You send too much at once. Wait a moment and try again.", BUSY_SECONDS));
        }
        if all + bytes > most {
            return Err(backend::Error::Busy.into());
        }
        held.counted.add(self.share, bytes);
        drop(held);
        self.counted += bytes;
        Ok(())
    }

    fn give_back(&mut self) {
        let counted = std::mem::take(&mut self.counted);
        if counted > 0 {
            self.bodies.lock().counted.remove(self.share, counted);
        }
    }

    /// The body is whole: what it took is given back, save the place of a long one.
    fn finish(mut self) -> Option<Large> {
        self.large.take()
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.give_back();
    }
}

impl Bodies {
    fn take_large(&self, of: UserId) -> Result<Large, ApiError> {
        let mut held = self.lock();
        if held.large.contains(&of) {
            let sentence = "You are sending a file already. Wait until it has come, and try again.";
            return Err(later(429, sentence, BUSY_SECONDS));
        }
        if held.large.len() >= LARGE_AT_ONCE {
            return Err(backend::Error::Busy.into());
        }
        held.large.insert(of);
        Ok(Large { bodies: self.clone(), of })
    }
}
