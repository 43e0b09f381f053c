//! How often one may guess a password, or a code. Guessing gets slower and slower; nobody is locked out.
//!
//! Three counts slow a guess down, in memory, for each process by itself:
//!
//! - **An account from a network.** Five tries are free; after each further one the network waits for that account, twice as
//!   long each time, up to [`LONGEST`].
//! - **An account from everywhere.** When very many fail for it within a day, networks it was not signed in from get two free
//!   tries, start at a minute and go up to [`LONGEST_UNDER_ATTACK`]. A network that comes for the first time may always try.
//! - **A network, for whatever account.** [`BURST`] wrong tries at once, then one every [`REFILL`].
//!
//! A browser that signed in to the account before is a known device and has a count of its own, so what strangers do never
//! reaches it.

use std::{
    collections::HashMap,
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use domain::{Email, counted};
use sha2::{Digest, Sha256};

use super::channels::SessionHash;

/// Wrong tries for an account before its network or device has to wait.
pub(crate) const FREE: u32 = 5;
/// As [`FREE`], from each network while the account is under attack.
const FREE_UNDER_ATTACK: u32 = 2;

/// The first wait; each further one is twice as long.
const FIRST: Duration = Duration::from_secs(5);
/// As [`FIRST`], while the account is under attack.
const FIRST_UNDER_ATTACK: Duration = Duration::from_secs(60);

/// The longest wait of a network for an account.
const LONGEST: Duration = Duration::from_secs(15 * 60);
/// As [`LONGEST`], while the account is under attack.
const LONGEST_UNDER_ATTACK: Duration = Duration::from_secs(6 * 60 * 60);
/// The longest wait of a known device.
const LONGEST_KNOWN: Duration = Duration::from_secs(60);

/// An account for which so many tries failed within a [`DAY`] is under attack.
const ATTACK: u32 = 50;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Wrong tries from one network at once: an office shares one.
pub(crate) const BURST: u32 = 50;
/// How long one of them takes to be given back.
const REFILL: Duration = Duration::from_secs(18);

/// Counts kept of each kind before the oldest are dropped, so that guessing names does not fill the memory.
const MOST: usize = 50_000;

/// Where a guess comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct From {
    pub(crate) address: Option<IpAddr>,
    /// A browser that signed in to the account before.
    pub(crate) device: Option<SessionHash>,
}

/// Counts wrong guesses. A restart forgives them; who is signed in already is never affected.
#[derive(Debug, Default)]
pub(crate) struct Throttle {
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    pairs: HashMap<(Account, Place), Pair>,
    accounts: HashMap<Account, Failures>,
    /// When the last of a network's wrong tries will have been given back.
    networks: HashMap<IpAddr, Instant>,
}

/// The beginning of the hash of an address, known or not: as long for each.
type Account = [u8; 16];

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Place {
    Network(IpAddr),
    Device(SessionHash),
    /// The program itself, and tests.
    Here,
}

/// What an account and a place have with each other.
#[derive(Clone, Copy, Debug)]
struct Pair {
    wrong: u32,
    not_before: Instant,
    last: Instant,
}

/// How many tries failed for an account since when.
#[derive(Clone, Copy, Debug)]
struct Failures {
    wrong: u32,
    since: Instant,
}

impl Throttle {
    /// Counts a try as a wrong one before it is made, so that many at once cannot slip through.
    ///
    /// # Errors
    /// How long to wait.
    pub(crate) fn admit(&self, email: &Email, from: From, now: Instant) -> Result<(), Duration> {
        let (account, place) = (account(email), place(from));
        let mut counts = self.lock();
        let pair = counts.pairs.get(&(account, place)).copied().filter(|pair| now < pair.last + DAY);
        if let Some(pair) = pair
            && now < pair.not_before
        {
            return Err(pair.not_before - now);
        }
        if let Place::Network(network) = place {
            take(&mut counts.networks, network, now)?;
        }
        let attacked = counts.is_attacked(account, now);
        if !matches!(place, Place::Device(_)) {
            counts.failed(account, now);
        }
        let wrong = pair.map_or(1, |pair| pair.wrong.saturating_add(1));
        let not_before = now + wait(wrong, place, attacked);
        make_room(&mut counts.pairs, |pair| pair.last);
        counts.pairs.insert((account, place), Pair { wrong, not_before, last: now });
        Ok(())
    }

    /// Takes back what [`Self::admit`] counted, and forgets what the place tried before: the password was right.
    pub(crate) fn succeeded(&self, email: &Email, from: From) {
        let (account, place) = (account(email), place(from));
        let mut counts = self.lock();
        counts.pairs.remove(&(account, place));
        if let Place::Network(network) = place {
            give_back(&mut counts.networks, network);
        }
        if !matches!(place, Place::Device(_))
            && let Some(failures) = counts.accounts.get_mut(&account)
        {
            failures.wrong = failures.wrong.saturating_sub(1);
        }
    }

    /// Whether a network may guess again where guesses are for no account. Counts nothing: those who come with the right
    /// code, a whole room at the same moment, are not guessing. What slips through is what is under way at once.
    ///
    /// # Errors
    /// How long to wait.
    pub(crate) fn check_from(&self, address: Option<IpAddr>, now: Instant) -> Result<(), Duration> {
        let Some(address) = address else { return Ok(()) };
        let until = self.lock().networks.get(&network(address)).copied();
        until.map_or(Ok(()), |until| is_open(until, now))
    }

    /// Counts a wrong guess from a network.
    pub(crate) fn failed_from(&self, address: Option<IpAddr>, now: Instant) {
        if let Some(address) = address {
            // What was under way at once counts all the same.
            let _ = take(&mut self.lock().networks, network(address), now);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    fn is_attacked(&self, account: Account, now: Instant) -> bool {
        let failures = self.accounts.get(&account);
        failures.is_some_and(|failures| now < failures.since + DAY && failures.wrong >= ATTACK)
    }

    fn failed(&mut self, account: Account, now: Instant) {
        make_room(&mut self.accounts, |failures| failures.since);
        let failures = self.accounts.entry(account).or_insert(Failures { wrong: 0, since: now });
        if now >= failures.since + DAY {
            *failures = Failures { wrong: 0, since: now };
        }
        failures.wrong = failures.wrong.saturating_add(1);
    }
}

/// How long a place waits for an account after so many wrong tries.
fn wait(wrong: u32, place: Place, attacked: bool) -> Duration {
    let known = matches!(place, Place::Device(_));
    let (free, first, longest) = match (known, attacked) {
        (true, _) => (FREE, FIRST, LONGEST_KNOWN),
        (false, false) => (FREE, FIRST, LONGEST),
        (false, true) => (FREE_UNDER_ATTACK, FIRST_UNDER_ATTACK, LONGEST_UNDER_ATTACK),
    };
    match wrong.checked_sub(free) {
        Some(over) => first.saturating_mul(2_u32.saturating_pow(over)).min(longest),
        None => Duration::ZERO,
    }
}

fn is_open(until: Instant, now: Instant) -> Result<(), Duration> {
    let full = now + REFILL * (BURST - 1);
    if until <= full { Ok(()) } else { Err(until - full) }
}

/// Takes one of a network's wrong tries.
fn take(networks: &mut HashMap<IpAddr, Instant>, network: IpAddr, now: Instant) -> Result<(), Duration> {
    let until = networks.get(&network).copied().unwrap_or(now).max(now);
    is_open(until, now)?;
    make_room(networks, |until| *until);
    networks.insert(network, until + REFILL);
    Ok(())
}

fn give_back(networks: &mut HashMap<IpAddr, Instant>, network: IpAddr) {
    if let Some(until) = networks.get_mut(&network) {
        *until = until.checked_sub(REFILL).unwrap_or(*until);
    }
}

/// Drops the quarter that is oldest once there are [`MOST`].
fn make_room<K: Eq + Hash + Clone, V>(counts: &mut HashMap<K, V>, age: impl Fn(&V) -> Instant) {
    if counts.len() < MOST {
        return;
    }
    let mut ages: Vec<Instant> = counts.values().map(&age).collect();
    let (_, limit, _) = ages.select_nth_unstable(MOST / 4);
    let limit = *limit;
    counts.retain(|_, value| age(value) > limit);
}

fn account(email: &Email) -> Account {
    let hash: [u8; 32] = Sha256::digest(email.as_bytes()).into();
    let mut account = Account::default();
    account.copy_from_slice(&hash[..16]);
    account
}

fn place(from: From) -> Place {
    match (from.device, from.address) {
        (Some(device), _) => Place::Device(device),
        (None, Some(address)) => Place::Network(network(address)),
        (None, None) => Place::Here,
    }
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

/// A wait as part of a sentence: “20 seconds”, “15 minutes”.
pub(crate) fn in_words(wait: Duration) -> String {
    match wait.as_secs_f64().ceil() as u64 {
        seconds @ ..=90 => counted(seconds.max(1), "second", "seconds"),
        seconds => counted(seconds.div_ceil(60), "minute", "minutes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn email(text: &str) -> Email {
        text.parse().unwrap()
    }

    fn from(address: &str) -> From {
        From { address: Some(address.parse().unwrap()), device: None }
    }

    /// How many guesses at one account get through in a day from networks that never pause.
    fn guesses_in_a_day(networks: u32) -> u32 {
        let (throttle, start, ada) = (Throttle::default(), Instant::now(), email("ada@example.org"));
        let mut next = vec![start; networks as usize];
        let mut guesses = 0;
        while let Some(at) = next.iter().min().copied().filter(|at| *at < start + DAY) {
            for (n, next) in next.iter_mut().enumerate().filter(|(_, next)| **next <= at) {
                let n = u32::try_from(n).unwrap();
                let place = From { address: Some(std::net::Ipv4Addr::from(n + 1).into()), device: None };
                match throttle.admit(&ada, place, at) {
                    Ok(()) => guesses += 1,
                    Err(wait) => *next = at + wait,
                }
            }
        }
        guesses
    }

    #[test]
    fn wrong_passwords_make_the_next_ones_slower_and_slower() {
        let (throttle, start, ada) = (Throttle::default(), Instant::now(), email("ada@example.org"));
        let stranger = from("192.0.2.1");
        for _ in 0..FREE {
            assert_eq!(throttle.admit(&ada, stranger, start), Ok(()));
        }
        let mut now = start;
        for wait in [5, 10, 20, 40, 80, 160, 320, 640, 900, 900] {
            let wait = Duration::from_secs(wait);
            assert_eq!(throttle.admit(&ada, stranger, now), Err(wait));
            now += wait;
            assert_eq!(throttle.admit(&ada, stranger, now), Ok(()));
        }
        assert_eq!(throttle.admit(&email("bea@example.org"), stranger, now), Ok(()), "another account");
    }

    #[test]
    fn a_stranger_slows_down_neither_another_network_nor_a_known_device() {
        let (throttle, now, ada) = (Throttle::default(), Instant::now(), email("ada@example.org"));
        for n in 0..200_u8 {
            // An attack from two hundred networks, the owner's among them.
            while throttle.admit(&ada, from(&format!("192.0.2.{n}")), now).is_ok() {}
        }
        assert!(throttle.admit(&ada, from("192.0.2.7"), now).is_err());
        assert_eq!(throttle.admit(&ada, from("198.51.100.1"), now), Ok(()));
        let known = From { device: Some([1; 32]), ..from("192.0.2.7") };
        assert_eq!(throttle.admit(&ada, known, now), Ok(()));
        throttle.succeeded(&ada, known);
        for _ in 0..FREE {
            assert_eq!(throttle.admit(&ada, known, now), Ok(()));
        }
        assert_eq!(throttle.admit(&ada, known, now), Err(FIRST), "a device that was stolen");
    }

    #[test]
    fn a_right_password_forgives_the_wrong_ones_before_it() {
        let (throttle, now, ada) = (Throttle::default(), Instant::now(), email("ada@example.org"));
        for _ in 0..FREE {
            throttle.admit(&ada, from("192.0.2.1"), now).unwrap();
        }
        throttle.succeeded(&ada, from("192.0.2.1"));
        assert_eq!(throttle.admit(&ada, from("192.0.2.1"), now), Ok(()));
    }

    #[test]
    fn one_network_cannot_try_account_after_account() {
        let (throttle, now) = (Throttle::default(), Instant::now());
        for n in 0..BURST {
            throttle
                .admit(&email(&format!("{n}@example.org")), from(&format!("2001:db8::{n:x}")), now)
                .unwrap();
        }
        let ada = email("ada@example.org");
        assert_eq!(
            throttle.admit(&ada, from("2001:db8::ffff"), now),
            Err(REFILL),
            "one more is soon given back"
        );
        assert_eq!(throttle.admit(&ada, from("2001:db8::ffff"), now + REFILL), Ok(()));
        assert!(throttle.admit(&ada, from("2001:db8:0:1::1"), now).is_ok());
        let known = From { device: Some([1; 32]), ..from("2001:db8::1") };
        assert!(throttle.admit(&ada, known, now).is_ok());
    }

    #[test]
    fn codes_are_counted_when_they_are_wrong() {
        let (throttle, now, office) = (Throttle::default(), Instant::now(), "192.0.2.1".parse().ok());
        for _ in 0..BURST {
            throttle.check_from(office, now).unwrap();
            throttle.failed_from(office, now);
        }
        assert_eq!(throttle.check_from(office, now), Err(REFILL));
        assert_eq!(throttle.check_from(office, now + REFILL), Ok(()));
    }

    #[test]
    fn the_guesses_of_a_day_are_as_few_as_the_documents_say() {
        // docs/SECURITY.md names these.
        assert_eq!(guesses_in_a_day(1), 53);
        assert_eq!(guesses_in_a_day(1_000), 13_000);
    }

    #[test]
    fn what_is_remembered_has_a_bound() {
        let (throttle, now) = (Throttle::default(), Instant::now());
        for n in 0..u32::try_from(MOST).unwrap() + 10 {
            let place = From { address: Some(std::net::Ipv4Addr::from(n).into()), device: None };
            let at = now + Duration::from_millis(n.into());
            throttle.admit(&email(&format!("{n}@example.org")), place, at).unwrap();
        }
        let counts = throttle.lock();
        for len in [counts.pairs.len(), counts.accounts.len(), counts.networks.len()] {
            assert!((MOST / 2..=MOST).contains(&len), "{len}");
        }
    }

    #[test]
    fn waits_read_well() {
        for (seconds, words) in
            [(0.2, "1 second"), (5.0, "5 seconds"), (90.0, "90 seconds"), (91.0, "2 minutes")]
        {
            assert_eq!(in_words(Duration::from_secs_f64(seconds)), words);
        }
    }
}
