//! Requests that write, when more come than can be done: some wait, the others are asked to come back.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::{
    extract::{Request, State},
    http::Method,
    middleware::Next,
    response::Response,
};
use backend::Error;

use crate::{answer::hold, refusal::Refuse, shared::Shared, shares::Shares, visitor::Share};

/// The most requests other than reading that are worked on or wait for the database at once.
const AT_ONCE: usize = 512;

/// Of these, so many are of people who are not signed in.
const OF_STRANGERS: usize = 384;

/// And so many of one member.
const OF_ONE: usize = 64;

/// The requests that write now. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Writing {
    places: Arc<Mutex<Shares>>,
}

/// One request's place. Dropping it gives it to another.
struct Place {
    writing: Writing,
    share: Share,
}

impl Writing {
    fn lock(&self) -> MutexGuard<'_, Shares> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(&self, share: Share) -> Option<Place> {
        let mut places = self.lock();
        let (of_kind, own) = places.of(share);
        let is_full = match share {
            Share::Member(_) => own >= OF_ONE,
            Share::Network(_) | Share::Unknown => of_kind >= OF_STRANGERS,
        };
        if is_full || places.members + places.strangers >= AT_ONCE {
            return None;
        }
        places.add(share, 1);
        Some(Place { writing: self.clone(), share })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.writing.lock().remove(self.share, 1);
    }
}

/// Lets a request in whose body has come, unless too many are in already. Reading is not counted: it waits for nobody who
/// writes.
pub(crate) async fn guard(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    let share = request.extensions().get::<Share>().copied().unwrap_or(Share::Unknown);
    let Some(place) = shared.writing.enter(share) else {
        return Refuse::to(&request).with(Error::Busy);
    };
    // Until the answer is read: those who do not read do not get another without end.
    hold(next.run(request).await, place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_leave_places_for_members_and_one_member_for_others() {
        let writing = Writing::default();
        let mut strangers: Vec<Place> = std::iter::from_fn(|| writing.enter(Share::Unknown)).collect();
        assert_eq!(strangers.len(), OF_STRANGERS);
        let member = |number| Share::Member(domain::UserId::new(number, [1; 10]));
        let ones: Vec<Place> = std::iter::from_fn(|| writing.enter(member(1))).collect();
        assert_eq!(ones.len(), OF_ONE);
        let others: Vec<Place> = std::iter::from_fn(|| writing.enter(member(2))).collect();
        assert_eq!(others.len(), AT_ONCE - OF_STRANGERS - OF_ONE);
        strangers.pop();
        assert!(writing.enter(Share::Unknown).is_some());
        drop((strangers, ones, others));
        let places = writing.lock();
        assert!(places.members == 0 && places.strangers == 0 && places.each.is_empty(), "{places:?}");
    }
}
