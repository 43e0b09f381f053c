//! What is there, compared with what may be there.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, bail, ensure};
use domain::{
    CommentId, ItemId, ItemKey, Op, Record, RecordId, Roadmap, UserId, apply_entry,
    dependency::{Dependencies, Dependency, ItemRef},
    wire::Snapshot,
};
use serde_json::json;

use super::{
    KEYS, Planner,
    book::{Book, kind_of},
    view_name,
};
use crate::{edits, page::lock, people::read_log, server::Server, session::Session};

/// The most steps from an old key of an item to the present one.
const MOST_STEPS: usize = 5;

/// In which product each item is, and its key there.
type Places = BTreeMap<ItemId, (usize, ItemKey)>;

/// Keys that items had, each with the present one.
type Moved = Vec<(ItemKey, ItemKey)>;

/// A product as it is.
struct Product {
    snapshot: Snapshot,
    views: Vec<Record>,
    links: Vec<Dependency>,
    user: UserId,
}

impl Planner {
    pub(super) async fn compare_once(&self, server: &Server, session: &Session) -> Result<()> {
        let comments: Vec<CommentId> =
            lock(&self.book).items.iter().flat_map(|item| item.comments.clone()).collect();
        let mut products = Vec::with_capacity(KEYS.len());
        for (number, key) in KEYS.into_iter().enumerate() {
            let board = session.board(key).await?;
            let (roadmap, views, user) = (board.product.roadmap, board.views, board.user);
            let snapshot = session.snapshot_with(roadmap, &comments).await?;
            let found: Dependencies = session.ask("load_dependencies", &json!({ "keys": [key] })).await?;
            let have = lock(&self.book).folds[number].1;
            ensure!(snapshot.head >= have, "{key} has yet to hear of what others wrote");
            let client = edits::client(&mut lock(&self.book).rng);
            let log = read_log(server, session, &snapshot, have, client).await?;
            lock(&self.book).fold(number, &log, &snapshot).with_context(|| format!("in {key}"))?;
            products.push(Product { snapshot, views, links: found.links, user });
        }
        let moved = lock(&self.book).compare(&products)?;
        for (old, key) in moved {
            lead(session, &old, &key).await?;
        }
        Ok(())
    }
}

/// Follows the address of an item by a key that it had.
async fn lead(session: &Session, old: &ItemKey, to: &ItemKey) -> Result<()> {
    let address = |key: &ItemKey| format!("/p/{}/i/{key}", key.product);
    let mut path = address(old);
    for _ in 0..MOST_STEPS {
        if path == address(to) {
            return Ok(());
        }
        let answer = session.open(&path).await?;
        let next = answer.headers().get("location").and_then(|to| to.to_str().ok());
        path = next.with_context(|| format!("{path} leads nowhere ({})", answer.status()))?.to_owned();
    }
    bail!("{old} does not lead to {to}")
}

impl Book {
    /// The rows of a product are what its log says.
    fn fold(&mut self, product: usize, log: &[domain::Entry], snapshot: &Snapshot) -> Result<()> {
        let (folded, head) = &mut self.folds[product];
        for entry in log {
            apply_entry(folded, entry)
                .map_err(|reject| anyhow::anyhow!("an entry does not apply: {reject}"))?;
            *head = entry.seq;
            match &entry.op {
                Op::SendItem { id, .. } => self.sent.entry(*id).or_default().0 += 1,
                Op::ReceiveItem { id, .. } => self.sent.entry(*id).or_default().1 += 1,
                _ => {}
            }
        }
        let held = Roadmap::from(snapshot.document.clone());
        let expected = folded.holding(|comment| held.comment(comment.id).is_some());
        ensure!(held == expected, "the rows are not what the log says, at entry {head}");
        Ok(())
    }

    /// Compares everything with what may be there, and takes what is there for certain. Returns the keys that moved items had, each
    /// with the present one.
    fn compare(&mut self, products: &[Product]) -> Result<Moved> {
        let (places, moved) = self.compare_items(products)?;
        let links = self.compare_links(products, &places)?;
        let views = self.compare_views(products)?;
        for item in &mut self.items {
            let (product, key) = &places[&item.id];
            item.places = vec![*product];
            item.key = key.to_string();
            let sent = self.sent.get(&item.id).map_or(0, |sent| sent.0);
            (item.moves, item.most_moves) = (sent, sent);
        }
        for (pair, link) in &mut self.links {
            let id = links.get(pair).copied();
            link.there = vec![id.is_some()];
            link.id = id.or(link.id);
        }
        for (number, view) in self.views.iter_mut().enumerate() {
            let (id, says) = views.get(&number).cloned().unzip();
            view.says = vec![says];
            view.id = id.or(view.id);
        }
        Ok(moved)
    }

    /// Each item is in one product, with what was said about it, and voted for.
    fn compare_items(&self, products: &[Product]) -> Result<(Places, Moved)> {
        let (mut places, mut moved) = (BTreeMap::new(), Vec::new());
        for item in &self.items {
            let id = item.id;
            let mut live = Vec::new();
            let mut keys = Vec::new();
            for (number, product) in products.iter().enumerate() {
                let document = &product.snapshot.document;
                let Some(row) = document.items.iter().find(|row| row.id == id) else { continue };
                let key: ItemKey = format!("{}-{}", KEYS[number], row.number).parse()?;
                ensure!(row.deleted.is_some() == row.moved.is_some(), "{key} is in the bin");
                if row.moved.is_none() {
                    live.push((number, key));
                } else {
                    keys.push(key);
                }
            }
            let [(product, key)] = &live[..] else { bail!("{} is in {} products", item.key, live.len()) };
            ensure!(item.places.contains(product), "{key} was acknowledged to be in {:?}", item.places);
            moved.extend(keys.into_iter().map(|old| (old, key.clone())));
            let (sent, received) = self.sent.get(&id).copied().unwrap_or_default();
            ensure!(sent == received, "{key} was sent {sent} times, and received {received} times");
            ensure!(
                (item.moves..=item.most_moves).contains(&sent),
                "{key} was moved {} times, {} at most, and {sent} times by the logs",
                item.moves,
                item.most_moves
            );
            for (number, other) in products.iter().enumerate() {
                let document = &other.snapshot.document;
                let is_here = number == *product;
                for comment in &item.comments {
                    let row = document.comments.iter().find(|row| row.id == *comment);
                    // Where it was, the log keeps what was said there.
                    let is_lost = is_here && row.is_none_or(|row| row.item != id || row.deleted.is_some());
                    ensure!(!is_lost, "{key} has lost a comment");
                }
                let votes = document.votes.get(&id).is_some_and(|votes| votes.voters.contains(&other.user));
                ensure!(votes == is_here, "the vote for {key} is not where the item is");
            }
            places.insert(id, (*product, key.clone()));
        }
        Ok((places, moved))
    }

    /// Dependencies are there once, between items where these are, and nothing waits for itself.
    fn compare_links(
        &self,
        products: &[Product],
        places: &Places,
    ) -> Result<BTreeMap<(usize, usize), RecordId>> {
        let all: BTreeMap<RecordId, &Dependency> =
            products.iter().flat_map(|product| &product.links).map(|link| (link.id, link)).collect();
        let number = |at: ItemRef| -> Result<usize> {
            let item =
                self.items.iter().find(|item| item.id == at.item).context("nobody's item is linked")?;
            let (product, key) = &places[&item.id];
            let there = products[*product].snapshot.roadmap;
            ensure!(there == at.roadmap, "a dependency links {key} where it is no longer");
            Ok(item.number)
        };
        let mut found = BTreeMap::new();
        let mut waits: BTreeSet<(usize, usize)> = BTreeSet::new();
        for (id, link) in all {
            let pair = (number(link.from)?, number(link.to)?);
            ensure!(link.kind == kind_of(pair), "a dependency is of another kind than was asked for");
            ensure!(found.insert(pair, id).is_none(), "a dependency is there twice: {pair:?}");
            if let Some((blocker, dependant)) = link.order() {
                waits.insert((number(blocker)?, number(dependant)?));
            }
        }
        for (pair, link) in &self.links {
            let there = found.contains_key(pair);
            ensure!(
                link.there.contains(&there),
                "the dependency {pair:?} {} there, and was acknowledged",
                if there { "is" } else { "is not" }
            );
        }
        let unasked = found.keys().find(|pair| !self.links.contains_key(pair));
        ensure!(unasked.is_none(), "nobody asked for {unasked:?}");
        // Whatever nothing waits for can be taken away, until nothing is left.
        while !waits.is_empty() {
            let dependants: BTreeSet<usize> = waits.iter().map(|(_, dependant)| *dependant).collect();
            let before = waits.len();
            waits.retain(|(blocker, _)| dependants.contains(blocker));
            ensure!(waits.len() < before, "dependencies have a cycle: {waits:?}");
        }
        Ok(found)
    }

    /// Views are there once, as they were saved last.
    fn compare_views(&self, products: &[Product]) -> Result<BTreeMap<usize, (RecordId, String)>> {
        let mut found = BTreeMap::new();
        for (product, there) in products.iter().enumerate() {
            for record in &there.views {
                let text = |key: &str| record.values.get(key).map(ToString::to_string).unwrap_or_default();
                let number =
                    self.views.iter().zip(0..).find(|(_, number)| view_name(*number) == text("name"));
                let (view, number) = number.with_context(|| format!("nobody saved {}", text("name")))?;
                ensure!(view.product == product, "a view is in another product");
                let once = found.insert(number, (record.id, text("state"))).is_none();
                ensure!(once, "a view is there twice");
            }
        }
        for (number, view) in self.views.iter().enumerate() {
            let says = found.get(&number).map(|(_, state)| state.clone());
            ensure!(view.says.contains(&says), "view {number} says {says:?}, and may say {:?}", view.says);
        }
        Ok(found)
    }
}
