//! Requests that write, when more come than can be done: some wait, the others are asked to come back.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    extract::{Request, State},
    http::Method,
    middleware::Next,
    response::Response,
};
use backend::Error;

use crate::{answer::hold, refusal::Refuse, router::Shared, visitor::Share};

/// The most requests other than reading that are worked on or wait for the database at once.
const AT_ONCE: usize = 512;

/// Of these, so many are of people who are not signed in.
const OF_STRANGERS: usize = 384;

/// And so many of one member.
const OF_ONE: usize = 64;

/// The requests that write now. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Writing {
    places: Arc<Mutex<Places>>,
}

#[derive(Debug, Default)]
struct Places {
    members: HashMap<Share, usize>,
    all: usize,
    strangers: usize,
}

/// One request's place. Dropping it gives it to another.
struct Place {
    writing: Writing,
    share: Share,
}

impl Writing {
    fn lock(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(&self, share: Share) -> Option<Place> {
        let mut places = self.lock();
        if places.all >= AT_ONCE {
            return None;
        }
        if let Share::Member(_) = share {
            let own = places.members.entry(share).or_default();
            if *own >= OF_ONE {
                return None;
            }
            *own += 1;
        } else if places.strangers >= OF_STRANGERS {
            return None;
        } else {
            places.strangers += 1;
        }
        places.all += 1;
        Some(Place { writing: self.clone(), share })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut places = self.writing.lock();
        places.all -= 1;
        if let Share::Member(_) = self.share {
            if let Some(own) = places.members.get_mut(&self.share) {
                *own -= 1;
                if *own == 0 {
                    places.members.remove(&self.share);
                }
            }
        } else {
            places.strangers -= 1;
        }
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
        assert!(places.all == 0 && places.strangers == 0 && places.members.is_empty(), "{places:?}");
    }
}
