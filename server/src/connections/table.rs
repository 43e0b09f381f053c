//! Which connections are open, and which of them wait for a request.

use std::{
    collections::{BTreeMap, HashMap},
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

/// How many connections may be open; 0 for no limit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Most {
    pub(super) in_all: usize,
    /// From one network address.
    pub(super) per_network: usize,
    /// That wait for a request, new or kept alive.
    pub(super) waiting: usize,
}

/// All open connections. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Table {
    most: Most,
    open: Arc<Mutex<Open>>,
}

#[derive(Debug, Default)]
struct Open {
    /// Counts connections and requests: a smaller number was earlier.
    next: u64,
    all: HashMap<u64, Entry>,
    /// Those that wait for a request, by when they began to.
    waiting: BTreeMap<u64, u64>,
    networks: HashMap<IpAddr, Network>,
}

#[derive(Debug, Default)]
struct Network {
    open: usize,
    waiting: BTreeMap<u64, u64>,
}

#[derive(Debug)]
struct Entry {
    network: Option<IpAddr>,
    /// Since when it waits for a request, as a number; `None` while it is at work.
    waiting: Option<u64>,
    cut: Arc<Notify>,
}

/// One open connection, counted until this is dropped.
#[derive(Debug)]
pub(super) struct Ticket {
    table: Table,
    id: u64,
    cut: Arc<Notify>,
}

impl Table {
    pub(super) fn new(most: Most) -> Self {
        Self { most, open: Arc::default() }
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a connection. Where there are too many, the one goes that has waited longest for a request: those at work and
    /// live channels stay. `None` when none waits.
    pub(super) fn enter(&self, network: Option<IpAddr>) -> Option<Ticket> {
        let mut open = self.lock();
        if let Some(own) = network.and_then(|network| open.networks.get(&network))
            && is_full(own.open, self.most.per_network)
        {
            let longest = own.waiting.first_key_value().map(|(_, id)| *id)?;
            open.cut(longest);
        }
        if is_full(open.all.len(), self.most.in_all) || is_full(open.waiting.len(), self.most.waiting) {
            let longest = open.waiting.first_key_value().map(|(_, id)| *id)?;
            open.cut(longest);
        }
        let id = open.number();
        let cut = Arc::new(Notify::new());
        open.all.insert(id, Entry { network, waiting: None, cut: cut.clone() });
        if let Some(network) = network {
            open.networks.entry(network).or_default().open += 1;
        }
        open.wait(id);
        Some(Ticket { table: self.clone(), id, cut })
    }

    /// Closes so many connections that wait for a request, those that have waited longest.
    pub(super) fn cut_waiting(&self, many: usize) {
        let mut open = self.lock();
        let longest: Vec<u64> = open.waiting.values().copied().take(many).collect();
        for id in longest {
            open.cut(id);
        }
    }

    /// Closes all connections, whatever they do.
    pub(super) fn cut_all(&self) {
        let mut open = self.lock();
        let all: Vec<u64> = open.all.keys().copied().collect();
        for id in all {
            open.cut(id);
        }
    }
}

fn is_full(count: usize, most: usize) -> bool {
    most > 0 && count >= most
}

impl Open {
    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn wait(&mut self, id: u64) {
        let since = self.number();
        let Some(entry) = self.all.get_mut(&id).filter(|entry| entry.waiting.is_none()) else { return };
        entry.waiting = Some(since);
        self.waiting.insert(since, id);
        if let Some(own) = entry.network.and_then(|network| self.networks.get_mut(&network)) {
            own.waiting.insert(since, id);
        }
    }

    /// It waits no longer. Whether it may go on: a connection that was cut is not counted any more.
    fn stop_waiting(&mut self, id: u64) -> bool {
        let Some(entry) = self.all.get_mut(&id) else { return false };
        if let Some(since) = entry.waiting.take() {
            self.waiting.remove(&since);
            if let Some(own) = entry.network.and_then(|network| self.networks.get_mut(&network)) {
                own.waiting.remove(&since);
            }
        }
        true
    }

    /// Asks a connection to go, and stops counting it.
    fn cut(&mut self, id: u64) {
        if let Some(entry) = self.remove(id) {
            entry.cut.notify_one();
        }
    }

    fn remove(&mut self, id: u64) -> Option<Entry> {
        self.stop_waiting(id);
        let entry = self.all.remove(&id)?;
        if let Some(network) = entry.network
            && let Some(own) = self.networks.get_mut(&network)
        {
            own.open -= 1;
            if own.open == 0 {
                self.networks.remove(&network);
            }
        }
        Some(entry)
    }
}

impl Ticket {
    /// A request has come. Whether it may be answered; otherwise the connection is being closed.
    pub(super) fn begin(&self) -> bool {
        self.table.lock().stop_waiting(self.id)
    }

    /// The request was answered; the next may come.
    pub(super) fn end(&self) {
        self.table.lock().wait(self.id);
    }

    /// Resolves when the connection has to go.
    pub(super) async fn cut(&self) {
        self.cut.notified().await;
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.table.lock().remove(self.id);
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    fn is_cut(ticket: &Ticket) -> bool {
        ticket.cut().now_or_never().is_some()
    }

    #[test]
    fn the_one_that_waited_longest_goes_and_those_at_work_stay() {
        let table = Table::new(Most { in_all: 3, per_network: 0, waiting: 0 });
        let live = table.enter(None).unwrap();
        assert!(live.begin());
        let (kept, idle) = (table.enter(None).unwrap(), table.enter(None).unwrap());
        assert!(kept.begin());
        kept.end();
        kept.end();
        // `kept` came first, but has waited for a shorter time.
        let new = table.enter(None).unwrap();
        assert!(is_cut(&idle) && !idle.begin() && !is_cut(&kept) && !is_cut(&live));
        assert!(new.begin() && kept.begin());
        assert!(table.enter(None).is_none(), "all are at work");
        drop(live);
        assert!(table.enter(None).is_some());
        drop((kept, idle, new));
        let open = table.lock();
        assert!(open.all.is_empty() && open.waiting.is_empty(), "{open:?}");
    }

    #[test]
    fn who_holds_many_from_one_network_loses_own_ones() {
        let table = Table::new(Most { in_all: 0, per_network: 2, waiting: 0 });
        let one = Some("192.0.2.1".parse().unwrap());
        let other = table.enter(Some("192.0.2.2".parse().unwrap())).unwrap();
        let (first, second) = (table.enter(one).unwrap(), table.enter(one).unwrap());
        let third = table.enter(one).unwrap();
        assert!(is_cut(&first) && !is_cut(&second) && !is_cut(&third) && !is_cut(&other));
        assert!(second.begin() && third.begin() && table.enter(one).is_none());
        drop((first, second, third, other));
        assert!(table.lock().networks.is_empty());
    }

    #[test]
    fn so_many_wait_and_no_more_however_many_are_at_work() {
        let table = Table::new(Most { in_all: 0, per_network: 0, waiting: 2 });
        let busy: Vec<Ticket> = (0..10)
            .map(|_| {
                let ticket = table.enter(None).unwrap();
                assert!(ticket.begin());
                ticket
            })
            .collect();
        let waiting: Vec<Ticket> = (0..10).map(|_| table.enter(None).unwrap()).collect();
        assert_eq!(waiting.iter().filter(|ticket| !is_cut(ticket)).count(), 2);
        assert!(busy.iter().all(|ticket| !is_cut(ticket)));
    }
}
