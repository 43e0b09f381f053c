//! Solutions: products that are offered together, and what is late in them. Parts that somebody does not see are not there for them,
//! nor are they in any count.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::{
    Date, ItemKey, Member, Product, ProductId, ProductKey, Record, RecordChange, RecordId, RoadmapId,
    SOLUTION, Slip, Span, UserId, solution_parts, solution_parts_value, solution_warnings,
};

use crate::{
    Error, Viewer,
    access::change,
    figures::seen_changes,
    records::{self, Wanted, unknown},
};

/// The most removed solutions that can be restored: the latest.
const SHOWN_REMOVED: usize = 50;

/// How many of the items to come are shown of a part.
const NEXT: usize = 3;

/// The solutions, as a person may see them.
#[derive(Clone, Debug)]
pub struct Solutions {
    /// By name.
    pub solutions: Vec<Solution>,
    /// What is known of each part that this person sees.
    pub parts: HashMap<ProductId, Part>,
    /// The parts of several solutions, by name, each with the places of these.
    pub shared: Vec<(ProductId, Vec<usize>)>,
    pub members: Vec<Member>,
    /// The products that can be parts: those that this person sees.
    pub products: Vec<Product>,
    /// Those in the bin, the latest first.
    pub removed: Vec<Record>,
    pub edits: bool,
}

/// A solution.
#[derive(Clone, Debug)]
pub struct Solution {
    pub record: Record,
    pub owner: Option<UserId>,
    /// Its parts, as far as this person sees them.
    pub parts: Vec<ProductId>,
    /// What is late in these.
    pub warnings: Vec<LateItem>,
}

/// A product as a part of solutions.
#[derive(Clone, Debug)]
pub struct Part {
    pub product: Product,
    /// The items that end or start next.
    pub next: Vec<NextItem>,
    /// How many of its items are late.
    pub late: usize,
}

/// An item with its days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextItem {
    pub key: ItemKey,
    pub title: String,
    pub span: Span,
}

/// An item that comes later than it was promised first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LateItem {
    pub key: ItemKey,
    pub title: String,
    pub slip: Slip,
}

/// What somebody writes about a solution.
#[derive(Clone, Debug, Default)]
pub struct SolutionDraft {
    pub name: String,
    pub purpose: String,
    /// The id of a member, or empty for nobody.
    pub owner: String,
    /// The keys of products.
    pub parts: Vec<String>,
    /// What its author saw. What is still so in the draft is left as others have made it since, with parts that they cannot see.
    pub seen: Option<Box<Self>>,
}

impl SolutionDraft {
    fn values(&self) -> Vec<(&'static str, String)> {
        vec![("name", self.name.clone()), ("purpose", self.purpose.clone()), ("owner", self.owner.clone())]
    }
}

impl Viewer {
    /// Every solution with its parts, and what is late in them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn solutions(&self) -> Result<Solutions, Error> {
        let (db, workspace) = (self.backend.db.reader(), self.workspace.to_string());
        let all = records::all(db, &workspace, &SOLUTION, None).await?;
        let (present, mut removed): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|record| record.deleted.is_none());
        removed.sort_by_key(|record| std::cmp::Reverse(record.deleted.map(|deleted| deleted.at)));
        removed.truncate(SHOWN_REMOVED);
        let mut products = self.products().await?;
        let today = crate::now().utc().date;
        let used: HashSet<ProductId> = present.iter().flat_map(solution_parts).collect();
        let seen: Vec<Product> =
            products.iter().filter(|product| used.contains(&product.id)).cloned().collect();
        let (parts, late) = self.parts(&seen, today).await?;
        let mut uses: BTreeMap<ProductId, Vec<usize>> = BTreeMap::new();
        let mut solutions = Vec::with_capacity(present.len());
        for (at, record) in present.into_iter().enumerate() {
            let own: Vec<ProductId> =
                solution_parts(&record).into_iter().filter(|part| parts.contains_key(part)).collect();
            for part in &own {
                uses.entry(*part).or_default().push(at);
            }
            let owner = record.text("owner").and_then(|id| id.parse().ok());
            let warnings = solution_warnings(&own, &late).into_iter().cloned().collect();
            solutions.push(Solution { record, owner, parts: own, warnings });
        }
        let mut shared: Vec<_> = uses.into_iter().filter(|(_, of)| of.len() > 1).collect();
        shared.sort_by_cached_key(|(part, _)| parts[part].product.name.to_lowercase());
        products.retain(|product| !product.archived);
        let edits = self.as_editor().is_ok();
        let members = self.members().await?;
        Ok(Solutions { solutions, parts, shared, members, products, removed, edits })
    }

    /// What is known of products as parts, and what is late in each.
    async fn parts(
        &self,
        products: &[Product],
        today: Date,
    ) -> Result<(HashMap<ProductId, Part>, BTreeMap<ProductId, Vec<LateItem>>), Error> {
        let mut parts: HashMap<ProductId, Part> = HashMap::new();
        let mut late: BTreeMap<ProductId, Vec<LateItem>> = BTreeMap::new();
        for product in products {
            let (product, next) = (product.clone(), Vec::new());
            parts.insert(product.id, Part { product, next, late: 0 });
        }
        let of_roadmap: HashMap<RoadmapId, ProductId> =
            products.iter().map(|product| (product.roadmap, product.id)).collect();
        // What is archived is neither planned nor late.
        let live: Vec<Product> = products.iter().filter(|product| !product.archived).cloned().collect();
        for item in self.committed(&live).await? {
            let Some(part) = of_roadmap.get(&item.roadmap).and_then(|id| parts.get_mut(id)) else { continue };
            let key = ItemKey { product: part.product.key.clone(), number: item.number };
            if let Some(slip) = item.commitment.slip(today) {
                part.late += 1;
                let late = late.entry(part.product.id).or_default();
                late.push(LateItem { key: key.clone(), title: item.title.clone(), slip });
            }
            let span = item.commitment.span;
            if part.next.len() < NEXT && span.end.or(span.start).is_some_and(|day| day >= today) {
                part.next.push(NextItem { key, title: item.title, span });
            }
        }
        Ok((parts, late))
    }

    /// The solutions that a product is a part of, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn solutions_of(&self, product: ProductId) -> Result<Vec<Record>, Error> {
        let mut solutions = self.product_records(&SOLUTION, None).await?;
        solutions.retain(|solution| solution_parts(solution).contains(&product));
        Ok(solutions)
    }

    /// Makes a solution, or changes one: what is not as it was seen. Parts that this person cannot see stay.
    ///
    /// # Errors
    /// [`Error::Invalid`] with a sentence when it cannot be so, [`Error::Conflict`] when somebody else changed meanwhile what this
    /// changes, [`Error::NotFound`] when it is not there.
    pub async fn save_solution(
        &self,
        id: Option<RecordId>,
        draft: &SolutionDraft,
    ) -> Result<RecordId, Error> {
        let products = self.products().await?;
        let seen = draft.seen.as_ref().map(|seen| seen.values());
        let edits =
            seen_changes(&SOLUTION, &draft.values(), seen.as_deref(), |_, typed| Ok(typed.to_owned()))?;
        let wanted =
            draft.parts.iter().map(|key| part_typed(&products, key)).collect::<Result<Vec<_>, _>>()?;
        // What is gone by now was not shown so.
        let shown: Vec<ProductId> = draft
            .seen
            .iter()
            .flat_map(|seen| &seen.parts)
            .filter_map(|key| part_typed(&products, key).ok())
            .collect();
        let saved = change!(self.backend, |tx| {
            let (change, product, role) = self.begin(tx, &SOLUTION, None).await?;
            let mut changes = edits.clone();
            for edit in edits.iter().filter(|edit| *edit.field == *"owner") {
                if let Some(owner) = &edit.to {
                    let wrong = || Error::Invalid("Choose a member as the owner.".to_owned());
                    let user: UserId = owner.to_string().parse().map_err(|_| wrong())?;
                    change.role_of(user).await?.ok_or_else(wrong)?;
                }
            }
            let workspace = self.workspace.to_string();
            let present = match id {
                Some(id) => {
                    let found = records::by_ids(tx, &workspace, &SOLUTION, vec![id.to_string()]).await?;
                    let found = found.into_iter().find(|record| record.deleted.is_none());
                    Some(found.ok_or_else(|| unknown(&SOLUTION))?)
                }
                None => None,
            };
            // What was taken out goes, what was put in comes, and everything else stays.
            let mut parts = present.as_ref().map(solution_parts).unwrap_or_default();
            parts.retain(|part| !shown.contains(part) || wanted.contains(part));
            for part in &wanted {
                if !shown.contains(part) && !parts.contains(part) {
                    parts.push(*part);
                }
            }
            let field = SOLUTION.field("parts").ok_or_else(|| unknown(&SOLUTION))?;
            let was = present.and_then(|record| record.values.get("parts").cloned());
            let to = solution_parts_value(&parts);
            if was != to {
                changes.push(RecordChange { field: field.into(), was, to });
            }
            let wanted = Wanted { id, changes, reason: None, only_as_seen: true };
            self.save_in(&change, &SOLUTION, (product, role), &wanted).await
        })?;
        self.backend.records_changed();
        Ok(saved.record.id)
    }

    /// Moves a solution to the bin, or takes it out.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not there.
    pub async fn bin_solution(&self, id: RecordId, deletes: bool) -> Result<(), Error> {
        self.bin_product_record(&SOLUTION, None, id, deletes).await
    }
}

/// The product of a key, where this person sees it.
fn part_typed(products: &[Product], typed: &str) -> Result<ProductId, Error> {
    let key = typed.trim().parse::<ProductKey>().ok();
    let found = products.iter().find(|product| Some(&product.key) == key.as_ref());
    let missing = || Error::Invalid(format!("There is no product {typed}. Choose one of the list."));
    found.map(|product| product.id).ok_or_else(missing)
}
