//! How many connections there may be: in all, from one address, of one person.

use std::{
    collections::HashMap,
    hash::Hash,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard},
};

use app::api::ApiError;
use domain::{UserId, VoterId};

use super::FULL_SECONDS;
use crate::{refusal::later, visitor::counted_network};

/// The most connections that are held open at once. 0 for no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub in_all: usize,
    /// From one network address; of IPv6 from one /64. This machine's own have no limit: a proxy would be there.
    pub per_address: usize,
    /// Live channels of one person: their open boards and pages of records; and as many pages that follow a vote.
    pub per_person: usize,
}

/// Of what there are too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Full {
    InAll,
    Address,
    Person,
    /// Of one guest of a voting session.
    Guest,
}

impl Full {
    /// The HTTP status, where there is no connection yet: whether it is the server's or the person's too many.
    fn status(self) -> u16 {
        match self {
            Self::InAll | Self::Address => 503,
            Self::Person | Self::Guest => 429,
        }
    }

    /// For the person.
    pub(super) fn sentence(self) -> &'static str {
        match self {
            Self::InAll => "The server has as many open pages as it can bear. This one comes back by itself.",
            Self::Address => {
                "Too many pages are open in your network. Close some; this one comes back by itself."
            }
            Self::Person => "You have too many boards open. Close some; this one comes back by itself.",
            Self::Guest => "You have this vote open too often. Close some of its pages.",
        }
    }
}

impl From<Full> for ApiError {
    fn from(full: Full) -> Self {
        later(full.status(), full.sentence(), FULL_SECONDS)
    }
}

/// What is open now. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Counts {
    limits: Limits,
    open: Arc<Mutex<Open>>,
}

#[derive(Debug, Default)]
struct Open {
    all: usize,
    addresses: HashMap<IpAddr, usize>,
    people: HashMap<Holder, usize>,
}

/// Whose connection it is, and of which kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Holder {
    /// A member's open board or page of records.
    Board(UserId),
    /// A member who follows a vote.
    Follower(UserId),
    /// A guest who does.
    Guest(VoterId),
}

/// A guest is in one browser, and follows one vote in each of its tabs.
const PER_GUEST: usize = 10;

impl Counts {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, open: Arc::default() }
    }

    /// Counts a connection for as long as what is returned is held.
    pub(super) fn enter(&self, address: IpAddr) -> Result<Place, Full> {
        let address = counted_network(address);
        let mut open = self.lock();
        if is_full(open.all, self.limits.in_all) {
            return Err(Full::InAll);
        }
        if let Some(address) = address {
            add(&mut open.addresses, address, self.limits.per_address).ok_or(Full::Address)?;
        }
        open.all += 1;
        Ok(Place { counts: self.clone(), address, person: None })
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// The place of one connection. Dropping it gives the place to another.
#[derive(Debug)]
pub(crate) struct Place {
    counts: Counts,
    address: Option<IpAddr>,
    person: Option<Holder>,
}

impl Place {
    /// Counts the connection as one of this person's.
    pub(crate) fn of(&mut self, holder: Holder) -> Result<(), Full> {
        let (most, full) = match holder {
            Holder::Board(_) | Holder::Follower(_) => (self.counts.limits.per_person, Full::Person),
            Holder::Guest(_) => (PER_GUEST, Full::Guest),
        };
        add(&mut self.counts.lock().people, holder, most).ok_or(full)?;
        self.person = Some(holder);
        Ok(())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.counts.lock();
        open.all -= 1;
        if let Some(address) = &self.address {
            remove(&mut open.addresses, address);
        }
        if let Some(person) = &self.person {
            remove(&mut open.people, person);
        }
    }
}

fn is_full(count: usize, limit: usize) -> bool {
    limit > 0 && count >= limit
}

fn add<K: Eq + Hash>(counts: &mut HashMap<K, usize>, key: K, limit: usize) -> Option<()> {
    let count = counts.entry(key).or_default();
    if is_full(*count, limit) {
        return None;
    }
    *count += 1;
    Some(())
}

fn remove<K: Eq + Hash>(counts: &mut HashMap<K, usize>, key: &K) {
    if let Some(count) = counts.get_mut(key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_and_given_back() {
        let counts = Counts::new(Limits { in_all: 4, per_address: 2, per_person: 1 });
        let from = |text: &str| counts.enter(text.parse().unwrap());
        let mut first = from("2001:db8::1").unwrap();
        let mut second = from("2001:db8::2").unwrap();
        assert_eq!(from("2001:db8::3").unwrap_err(), Full::Address, "the same network");
        let ann = Holder::Board(UserId::new(1, [1; 10]));
        first.of(ann).unwrap();
        assert_eq!(second.of(ann), Err(Full::Person));
        drop(first);
        second.of(ann).unwrap();
        let others: Vec<Place> = (1..=3).map(|_| from("127.0.0.1").unwrap()).collect();
        assert_eq!(from("192.0.2.1").unwrap_err(), Full::InAll);
        drop((second, others));
        let open = counts.lock();
        assert!(open.all == 0 && open.addresses.is_empty() && open.people.is_empty(), "{open:?}");
    }

    #[test]
    fn without_limits_everybody_comes_in() {
        let counts = Counts::new(Limits { in_all: 0, per_address: 0, per_person: 0 });
        let places: Vec<Place> =
            (0..100).map(|_| counts.enter("192.0.2.1".parse().unwrap()).unwrap()).collect();
        assert_eq!(places.len(), 100);
    }
}
