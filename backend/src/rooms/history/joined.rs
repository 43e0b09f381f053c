//! A product's history: the log of its roadmap and the audit log's events about it, as one list.

use std::{collections::VecDeque, fmt, str::FromStr};

use domain::{ItemId, Product, ProductEvent, Reason, RoadmapId, Role, Timestamp, UserId};

use super::{HistoryFilter, HistoryLine, MOST, MOST_READS, events};
use crate::{
    Error, Viewer, audit,
    codec::unsigned,
    entity::op_log,
    rooms::{not_loaded, past},
};

/// Rows of a log that are read at once.
const PAGE: usize = 64;

/// A product's history, the latest first: by time, and at one time the roadmap's log before the audit log, each from its
/// higher numbers to its lower.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JoinedHistory {
    pub lines: Vec<JoinedLine>,
    /// Whether there may be older ones.
    pub more: bool,
    /// Where they begin.
    pub next: HistoryPlace,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JoinedLine {
    /// Of the roadmap's log.
    Change(HistoryLine),
    /// Of the audit log.
    Event(EventLine),
}

impl JoinedLine {
    /// When it was; of several entries the last.
    pub fn at(&self) -> Timestamp {
        match self {
            Self::Change(line) => line.at,
            Self::Event(line) => line.at,
        }
    }
}

/// What somebody did to a product, or around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventLine {
    /// Its number in the audit log.
    pub n: u64,
    pub at: Timestamp,
    /// [`UserId::NIL`] for what happened by the clock.
    pub actor: UserId,
    pub events: Vec<ProductEvent>,
    /// Why it was done, where that was said.
    pub reason: Option<Reason>,
}

/// A place in both logs, before which the rest of a history is. Written as `120-45`; where a number is missing, that log is read
/// from its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HistoryPlace {
    pub seq: Option<u64>,
    pub n: Option<u64>,
}

impl fmt::Display for HistoryPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let written = |number: Option<u64>| number.map_or_else(String::new, |number| number.to_string());
        write!(f, "{}-{}", written(self.seq), written(self.n))
    }
}

impl FromStr for HistoryPlace {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "This is no place in a history.".to_owned();
        let read = |digits: &str| match digits {
            "" => Ok(None),
            digits => digits.parse().map(Some).map_err(|_| wrong()),
        };
        let (seq, n) = text.split_once('-').ok_or_else(wrong)?;
        Ok(Self { seq: read(seq)?, n: read(n)? })
    }
}

/// A log that is read from its end, some rows at a time.
struct Backwards<Row> {
    rows: VecDeque<Row>,
    /// The place before which the next row is.
    next: Option<u64>,
    is_over: bool,
}

impl<Row> Backwards<Row> {
    fn from(next: Option<u64>, is_wanted: bool) -> Self {
        Self { rows: VecDeque::new(), next, is_over: !is_wanted }
    }

    fn is_empty(&self) -> bool {
        self.rows.is_empty() && !self.is_over
    }

    fn fill(&mut self, rows: Vec<Row>) {
        self.is_over = rows.len() < PAGE;
        self.rows = rows.into();
    }

    fn before(&self) -> u64 {
        self.next.unwrap_or(u64::MAX).min(i64::MAX.unsigned_abs())
    }

    /// Nothing that is left is wanted.
    fn end(&mut self) {
        self.rows.clear();
        self.is_over = true;
    }
}

impl Viewer {
    /// What happened on the roadmap of a product and to the product itself, before a place, the latest first: at most `limit`
    /// lines, and never more than 500. However much there is, an answer reads a bounded number of rows: where little is wanted, it
    /// may hold nothing and still have more. Only what the reader may know: who voted, and what of a voting session.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such roadmap.
    pub async fn product_history(
        &self,
        product: &Product,
        filter: &HistoryFilter,
        before: HistoryPlace,
        limit: u64,
    ) -> Result<JoinedHistory, Error> {
        let (room, role) = self.enter(product.roadmap).await?;
        let id = room.id;
        let limit = usize::try_from(limit.min(MOST)).unwrap_or(usize::MAX);
        let HistoryPlace { mut seq, mut n } = before;
        if let Some(until) = filter.until {
            let (reader, last) = (self.backend.db.reader(), Timestamp(until.0.saturating_sub(1)));
            if seq.is_none() && filter.reads_log() {
                let head = room.state().published.as_ref().ok_or_else(not_loaded)?.head;
                seq = Some(past::last_before(reader, id, head, last).await? + 1);
            }
            if n.is_none() && filter.reads_audit() {
                n = Some(audit::last_before(reader, self.workspace(), last).await? + 1);
            }
        }
        let mut log = Backwards::<op_log::Model>::from(seq, filter.reads_log());
        let mut audit = Backwards::<EventLine>::from(n, filter.reads_audit());
        let mut history = JoinedHistory::default();
        let mut reads = 0;
        loop {
            if (log.is_empty() || audit.is_empty()) && reads >= MOST_READS {
                history.more = true;
                break;
            }
            if log.is_empty() {
                log.fill(self.read_history(id, log.before(), filter.item, PAGE as u64).await?);
                reads += 1;
            }
            if audit.is_empty() {
                audit.fill(
                    events::read(self, (product, role), filter.item, audit.before(), PAGE as u64).await?,
                );
                reads += 1;
            }
            let is_change = match (log.rows.front(), audit.rows.front()) {
                (None, None) => break,
                (Some(change), Some(event)) => change.at_ms >= event.at.0,
                (change, _) => change.is_some(),
            };
            if history.lines.len() == limit {
                history.more = true;
                break;
            }
            if is_change && let Some(row) = log.rows.pop_front() {
                log.next = Some(unsigned(row.seq)?);
                self.take_change((&row, role), filter, &mut log, &mut history)?;
            } else if let Some(event) = audit.rows.pop_front() {
                audit.next = Some(event.n);
                take_event(event, filter, &mut audit, &mut history);
            }
        }
        history.next = HistoryPlace { seq: log.next, n: audit.next };
        Ok(history)
    }

    /// What was done to records that link an item, such as dependencies, the latest first; only what the reader may know.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such roadmap.
    pub async fn item_events(&self, roadmap: RoadmapId, item: ItemId) -> Result<Vec<EventLine>, Error> {
        let (_, role) = self.enter(roadmap).await?;
        let products = self.products().await?;
        let Some(product) = products.iter().find(|product| product.roadmap == roadmap) else {
            return Ok(Vec::new());
        };
        let mut lines =
            events::read(self, (product, role), Some(item), i64::MAX.unsigned_abs(), PAGE as u64).await?;
        lines.retain(|line| !line.events.is_empty());
        Ok(lines)
    }

    fn take_change(
        &self,
        (row, role): (&op_log::Model, Role),
        filter: &HistoryFilter,
        log: &mut Backwards<op_log::Model>,
        history: &mut JoinedHistory,
    ) -> Result<(), Error> {
        if filter.is_over_at(Timestamp(row.at_ms)) {
            log.end();
            return Ok(());
        }
        let mut line = self.line(role, row, filter.item)?;
        line.changes.retain(|change| filter.takes_change(change));
        // By the line and not in the query: how many entries a query finds would tell who voted.
        if line.changes.is_empty() || !filter.takes(line.actor, line.at, line.reason.as_ref()) {
            return Ok(());
        }
        let joins = |later: &mut JoinedLine| match later {
            JoinedLine::Change(later) => later.join(&line),
            JoinedLine::Event(_) => false,
        };
        if !history.lines.iter_mut().any(joins) {
            history.lines.push(JoinedLine::Change(line));
        }
        Ok(())
    }
}

fn take_event(
    mut line: EventLine,
    filter: &HistoryFilter,
    audit: &mut Backwards<EventLine>,
    history: &mut JoinedHistory,
) {
    if filter.is_over_at(line.at) {
        audit.end();
        return;
    }
    line.events.retain(|event| filter.takes_kind(event.kind()));
    if !line.events.is_empty() && filter.takes(line.actor, line.at, line.reason.as_ref()) {
        history.lines.push(JoinedLine::Event(line));
    }
}

#[cfg(test)]
mod tests {
    use super::HistoryPlace;

    #[test]
    fn a_place_is_read_as_it_is_written() {
        for text in ["120-45", "120-", "-45", "-"] {
            assert_eq!(text.parse::<HistoryPlace>().map(|place| place.to_string()), Ok(text.to_owned()));
        }
        for text in ["", "120", "a-4", "4--5", "99999999999999999999-1"] {
            assert!(text.parse::<HistoryPlace>().is_err(), "{text}");
        }
    }
}
