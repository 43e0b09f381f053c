//! How often one may guess a password, or a code.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use domain::Email;

/// The span in which tries are counted.
const WINDOW: Duration = Duration::from_secs(15 * 60);
/// Tries for one account in a window, right ones not counted.
pub(crate) const PER_ACCOUNT: usize = 5;
/// Tries from one address in a window: more, because an office shares one.
pub(crate) const PER_ADDRESS: usize = 50;
/// Counters kept before the oldest are swept, so that guessing names does not fill the memory.
const SWEEP_AT: usize = 10_000;

/// Counts wrong passwords by account and by address. Kept in memory: each process counts for itself, and a restart
/// forgives. Whoever is signed in already is never affected.
#[derive(Debug, Default)]
pub(crate) struct Throttle {
    tries: Mutex<Tries>,
}

type Tries = HashMap<Key, Vec<Instant>>;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Account(Email),
    Address(IpAddr),
}

impl Key {
    fn limit(&self) -> usize {
        match self {
            Key::Account(_) => PER_ACCOUNT,
            Key::Address(_) => PER_ADDRESS,
        }
    }
}

impl Throttle {
    /// Counts a try before it is made, so that many at once cannot slip through.
    ///
    /// # Errors
    /// How long to wait, when there were too many.
    pub(crate) fn admit(&self, email: &Email, address: Option<IpAddr>, now: Instant) -> Result<(), Duration> {
        let keys: Vec<Key> = keys(email, address).collect();
        let mut tries = self.lock();
        check(&mut tries, &keys, now)?;
        count(&mut tries, keys.into_iter(), now);
        Ok(())
    }

    /// Whether an address may try once more, for guesses that are for no account. Counts nothing: those who come with the
    /// right code, a whole room at the same moment, are not guessing. What slips through is what is under way at once.
    ///
    /// # Errors
    /// How long to wait, when there were too many.
    pub(crate) fn check_from(&self, address: Option<IpAddr>, now: Instant) -> Result<(), Duration> {
        let keys: Vec<Key> = from(address).collect();
        check(&mut self.lock(), &keys, now)
    }

    /// Counts a wrong guess from an address.
    pub(crate) fn failed_from(&self, address: Option<IpAddr>, now: Instant) {
        count(&mut self.lock(), from(address), now);
    }

    fn lock(&self) -> MutexGuard<'_, Tries> {
        self.tries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes back the latest try from an address and forgets those for the account: the password was right.
    pub(crate) fn succeeded(&self, email: &Email, address: Option<IpAddr>) {
        let mut tries = self.lock();
        for key in keys(email, address) {
            match key {
                Key::Account(_) => {
                    tries.remove(&key);
                }
                Key::Address(_) => {
                    tries.get_mut(&key).map(Vec::pop);
                }
            }
        }
    }
}

fn check(tries: &mut Tries, keys: &[Key], now: Instant) -> Result<(), Duration> {
    if tries.len() > SWEEP_AT {
        tries.retain(|_, times| times.iter().any(|time| recent(*time, now)));
    }
    for key in keys {
        let Some(times) = tries.get_mut(key) else { continue };
        times.retain(|time| recent(*time, now));
        if times.len() >= key.limit() {
            let oldest = times.iter().min().copied().unwrap_or(now);
            return Err(WINDOW.saturating_sub(now.duration_since(oldest)));
        }
    }
    Ok(())
}

fn count(tries: &mut Tries, keys: impl Iterator<Item = Key>, now: Instant) {
    for key in keys {
        tries.entry(key).or_default().push(now);
    }
}

fn recent(time: Instant, now: Instant) -> bool {
    now.duration_since(time) < WINDOW
}

fn keys(email: &Email, address: Option<IpAddr>) -> impl Iterator<Item = Key> {
    std::iter::once(Key::Account(email.clone())).chain(from(address))
}

fn from(address: Option<IpAddr>) -> impl Iterator<Item = Key> {
    address.map(|address| Key::Address(network(address))).into_iter()
}

/// What is counted for an address: who has one IPv6 address usually has its whole /64.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn email(text: &str) -> Email {
        text.parse().unwrap()
    }

    #[test]
    fn the_sixth_wrong_password_in_a_window_waits_for_the_first_to_age() {
        let (throttle, start) = (Throttle::default(), Instant::now());
        let ada = email("ada@example.org");
        for n in 0..PER_ACCOUNT as u64 {
            assert_eq!(throttle.admit(&ada, None, start + Duration::from_secs(n)), Ok(()));
        }
        let now = start + Duration::from_secs(60);
        assert_eq!(throttle.admit(&ada, None, now), Err(WINDOW - Duration::from_secs(60)));
        assert_eq!(throttle.admit(&email("bea@example.org"), None, now), Ok(()));
        assert_eq!(throttle.admit(&ada, None, start + WINDOW), Ok(()));
    }

    #[test]
    fn a_right_password_forgives_the_wrong_ones_before_it() {
        let (throttle, now) = (Throttle::default(), Instant::now());
        let ada = email("ada@example.org");
        for _ in 0..PER_ACCOUNT {
            throttle.admit(&ada, None, now).unwrap();
        }
        throttle.succeeded(&ada, None);
        assert_eq!(throttle.admit(&ada, None, now), Ok(()));
    }

    #[test]
    fn one_network_cannot_try_account_after_account() {
        let (throttle, now) = (Throttle::default(), Instant::now());
        for n in 0..PER_ADDRESS {
            let address: IpAddr = format!("2001:db8::{n:x}").parse().unwrap();
            throttle.admit(&email(&format!("{n}@example.org")), Some(address), now).unwrap();
        }
        let same = "2001:db8::ffff".parse().ok();
        let other = "2001:db8:0:1::1".parse().ok();
        assert!(throttle.admit(&email("ada@example.org"), same, now).is_err());
        assert!(throttle.admit(&email("ada@example.org"), other, now).is_ok());
    }
}
