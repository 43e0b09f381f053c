//! What an import would do to a roadmap: operations, and the rows that cannot be taken. No input or output.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};

use domain::{
    Change, Context, Field, Item, ItemChange, ItemFields, ItemId, ItemKey, LaneId, LaneName, MAX_THINGS,
    Member, Op, Place, ProductKey, Roadmap, RoadmapId, SourceKey, Timestamp, UserId, apply,
    exchange::{Counts, Fate, Mapping, PreviewRow, RowProblem, Target},
};

use super::{draft::Draft, ids::Ids, table::Table};

/// The most lanes an import adds: more are a sign that the wrong column was taken for the lane.
const MAX_NEW_LANES: usize = 40;

/// The most lanes a file may name that do not exist, those of rows that are left out too. Finding their places takes the
/// square of it.
const MAX_NAMED_LANES: usize = 500;

/// The rows that a preview shows.
const SHOWN: usize = 50;

/// Where rows are going.
#[derive(Clone, Copy, Debug)]
pub(super) struct Destination<'a> {
    pub(super) product: &'a ProductKey,
    pub(super) id: RoadmapId,
    pub(super) roadmap: &'a Roadmap,
    pub(super) members: &'a [Member],
}

#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) counts: Counts,
    pub(super) new_lanes: Vec<String>,
    pub(super) problems: Vec<RowProblem>,
    /// The first of the rows that are taken.
    pub(super) rows: Vec<PreviewRow>,
    lanes: Vec<Op>,
    items: Vec<Op>,
    new_items: Vec<ItemId>,
    /// What takes the updates back, first to be done last.
    back: Vec<Op>,
}

impl Plan {
    /// The operations, in as few steps as a roadmap takes.
    pub(super) fn into_steps(self) -> Vec<Op> {
        let mut ops = self.lanes;
        ops.extend(self.items);
        steps(ops)
    }

    /// Steps that take the import back. Items of a lane that goes move to `home`.
    pub(super) fn undo(&self, home: LaneId) -> Vec<Op> {
        let mut ops: Vec<Op> = self.back.iter().rev().cloned().collect();
        ops.extend(self.new_items.chunks(MAX_THINGS).map(|ids| Op::DeleteItems { ids: ids.to_vec() }));
        ops.extend(self.lanes.iter().rev().filter_map(|op| match op {
            Op::CreateLane { id, .. } => Some(Op::DeleteLane { id: *id, move_to: home }),
            _ => None,
        }));
        steps(ops)
    }
}

fn steps(mut ops: Vec<Op>) -> Vec<Op> {
    let mut steps = Vec::new();
    while !ops.is_empty() {
        let rest = ops.split_off(ops.len().min(MAX_THINGS));
        steps.push(Op::batch(std::mem::replace(&mut ops, rest)));
    }
    steps
}

/// Finds out what becomes of each row. Every operation is tried on a copy of the roadmap, so that none is refused later
/// unless somebody changes the roadmap in between.
///
/// # Errors
/// A sentence, when the file cannot be imported like this at all.
pub(super) fn plan(to: Destination<'_>, table: &Table, mapping: &Mapping) -> Result<Plan, String> {
    mapping.check(&table.headers)?;
    let columns: Vec<(String, Target)> =
        table.headers.iter().map(|header| (header.clone(), mapping.target(header))).collect();
    let mut problems = table.problems.clone();
    let mut drafts = Vec::with_capacity(table.rows.len());
    for row in &table.rows {
        match Draft::read(row, &columns, to.members) {
            Err(wrong) => problems.extend(wrong),
            Ok(draft) => drafts.push(draft),
        }
    }
    let mut planner = Planner::new(to, &drafts);
    let unknown = planner.file_lanes.iter().filter(|lane| !planner.lanes.contains_key(*lane)).count();
    if unknown > MAX_NAMED_LANES {
        return Err(too_many_lanes(unknown));
    }
    planner.plan.problems = problems;
    for draft in &drafts {
        if let Err((target, sentence)) = planner.take(draft) {
            let column = columns.iter().find(|(_, column)| Some(*column) == target);
            let column = column.map(|(header, _)| header.clone());
            planner.plan.problems.push(RowProblem { line: draft.line, column, sentence });
        }
    }
    let mut plan = planner.plan;
    if plan.lanes.len() > MAX_NEW_LANES {
        return Err(too_many_lanes(plan.lanes.len()));
    }
    let position = |column: &String| table.headers.iter().position(|header| header == column);
    plan.problems.sort_by_key(|problem| (problem.line, problem.column.as_ref().and_then(position)));
    Ok(plan)
}

fn too_many_lanes(count: usize) -> String {
    format!(
        "This would add {count} lanes; at most {MAX_NEW_LANES} can be added at once. Choose another column for the lane."
    )
}

/// Why a row is not taken: the column it is about, if it is about one, and a sentence.
type Refused = (Option<Target>, String);

struct Planner<'a> {
    to: Destination<'a>,
    /// The roadmap as it would be after the rows so far.
    after: Roadmap,
    by_key: HashMap<&'a str, &'a Item>,
    by_number: HashMap<u32, &'a Item>,
    by_title: HashMap<&'a str, VecDeque<&'a Item>>,
    ids: Ids,
    seen: HashMap<SourceKey, u64>,
    claimed: HashSet<ItemId>,
    /// Lanes by name in lower case, those to be added too.
    lanes: HashMap<String, LaneId>,
    /// Names of lanes in lower case, in the order in which the file comes to them.
    file_lanes: Vec<String>,
    /// Operations for lanes that no row has used so far.
    unused: BTreeMap<LaneId, (Op, LaneName)>,
    plan: Plan,
}

impl<'a> Planner<'a> {
    fn new(to: Destination<'a>, drafts: &[Draft]) -> Self {
        let mut by_key: HashMap<&str, &Item> = HashMap::new();
        let mut by_number = HashMap::new();
        for item in to.roadmap.items() {
            by_number.insert(item.number, &**item);
            if let Some(key) = &item.fields.source_key {
                // Of several the one that is not in the bin.
                let entry = by_key.entry(key).or_insert(item);
                if entry.deleted.is_some() {
                    *entry = item;
                }
            }
        }
        let mut by_title: HashMap<&str, VecDeque<&Item>> = HashMap::new();
        let mut lanes = HashMap::new();
        for id in to.roadmap.lane_order() {
            if let Some(lane) = to.roadmap.lane(*id) {
                lanes.entry(lane.name.to_lowercase()).or_insert(*id);
            }
            for item in to.roadmap.lane_items(*id).iter().filter_map(|id| to.roadmap.item(*id)) {
                by_title.entry(&item.fields.title).or_default().push_back(item);
            }
        }
        Self {
            to,
            after: to.roadmap.clone(),
            by_key,
            by_number,
            by_title,
            ids: Ids::default(),
            seen: HashMap::new(),
            claimed: HashSet::new(),
            lanes,
            file_lanes: distinct(drafts.iter().filter_map(|draft| draft.lane.as_ref())),
            unused: BTreeMap::new(),
            plan: Plan::default(),
        }
    }

    fn take(&mut self, draft: &Draft) -> Result<(), Refused> {
        if let Some(key) = &draft.key {
            if let Some(line) = self.seen.get(key) {
                let sentence =
                    format!("“{key}” is the key of line {line} already. Give every row a key of its own.");
                return Err((Some(Target::Key), sentence));
            }
            self.seen.insert(key.clone(), draft.line);
        }
        match self.find(draft) {
            Some(item) if item.deleted.is_some() => Err((
                Some(Target::Key),
                format!("“{}” is in the bin. Restore it there, then import again.", item.fields.title),
            )),
            Some(item) => self.update(draft, item),
            None => self.create(draft),
        }
    }

    /// The item a row is about: the one imported with its key, or exported with it; without a key, the one with its
    /// title.
    fn find(&mut self, draft: &Draft) -> Option<&'a Item> {
        let found = match &draft.key {
            Some(key) => {
                self.exported_as(key, draft.own_key.as_ref()).or_else(|| self.by_key.get(&**key).copied())
            }
            None => {
                let claimed = &self.claimed;
                let queue = self.by_title.get_mut(&*draft.title)?;
                std::iter::from_fn(|| queue.pop_front()).find(|item| !claimed.contains(&item.id))
            }
        };
        found.filter(|item| self.claimed.insert(item.id))
    }

    /// An item without a key from elsewhere is exported with its own, or with its id when another came under that key.
    /// The key alone does not tell: another tool may number its things just like this roadmap.
    fn exported_as(&self, key: &str, own: Option<&ItemKey>) -> Option<&'a Item> {
        let own = own.filter(|own| own.product == *self.to.product)?;
        let item = self.by_number.get(&own.number).copied()?;
        let is_meant = key == own.to_string() || key == item.id.to_string();
        (is_meant && item.fields.source_key.is_none()).then_some(item)
    }

    fn create(&mut self, draft: &Draft) -> Result<(), Refused> {
        let mut fields =
            draft.onto(&ItemFields::titled(draft.title.clone())).map_err(|sentence| (None, sentence))?;
        fields.source_key.clone_from(&draft.key);
        let lane = match &draft.lane {
            Some(name) => self.lane(name)?,
            None => *self.to.roadmap.lane_order().first().ok_or_else(no_lane)?,
        };
        let seed = match &draft.key {
            Some(key) => format!("key {key}"),
            None => format!("title {}", draft.title),
        };
        let id = self.ids.item(self.to.id, &seed, |id| self.after.item(id).is_none());
        let row = self.row(draft, Fate::Create, lane, self.facts(&fields));
        let op = Op::CreateItem { id, lane, place: Place::Last, fields: Box::new(fields) };
        self.attempt(vec![op], lane)?;
        self.plan.new_items.push(id);
        self.plan.counts.created += 1;
        self.show(row);
        Ok(())
    }

    fn update(&mut self, draft: &Draft, item: &Item) -> Result<(), Refused> {
        let fields = draft.onto(&item.fields).map_err(|sentence| (None, sentence))?;
        let lane = match &draft.lane {
            Some(name) => self.lane(name)?,
            None => item.lane,
        };
        let mut ops: Vec<Op> =
            differences(&item.fields, &fields).into_iter().map(|change| Op::set(item.id, change)).collect();
        if lane != item.lane {
            ops.push(Op::MoveItems { ids: vec![item.id], lane, place: Place::Last });
        }
        if ops.is_empty() {
            self.plan.counts.unchanged += 1;
            let row = self.row(draft, Fate::Keep, lane, Vec::new());
            self.show(row);
            return Ok(());
        }
        let (changes, back) = self.attempt(ops, lane)?;
        self.plan.back.extend(back.into_iter().rev());
        let details = changes.iter().filter_map(|change| self.words(change)).collect();
        self.plan.counts.updated += 1;
        let row = self.row(draft, Fate::Update, lane, details);
        self.show(row);
        Ok(())
    }

    /// Tries the operations of a row on the copy, and takes them into the plan if none is refused. Returns what they
    /// changed and what takes them back.
    fn attempt(&mut self, ops: Vec<Op>, lane: LaneId) -> Result<(Vec<Change>, Vec<Op>), Refused> {
        let context = Context { actor: UserId::NIL, at: Timestamp::default() };
        let mut changes = Vec::new();
        let mut back: Vec<Op> = Vec::new();
        for op in &ops {
            match apply(&mut self.after, op, &context) {
                Ok(effects) => {
                    changes.extend(effects.changes);
                    back.splice(0..0, effects.inverse);
                }
                // What went before stays on the copy, where no other row is about this item.
                Err(reject) => return Err((None, reject.to_string())),
            }
        }
        if let Some((op, name)) = self.unused.remove(&lane) {
            self.plan.lanes.push(op);
            self.plan.new_lanes.push(name.to_string());
        }
        self.plan.items.extend(ops);
        Ok((changes, back))
    }

    /// The lane with this name; one that does not exist is added as soon as a row needs it.
    fn lane(&mut self, name: &LaneName) -> Result<LaneId, Refused> {
        let folded = name.to_lowercase();
        if let Some(id) = self.lanes.get(&folded) {
            return Ok(*id);
        }
        let id = self.ids.lane(self.to.id, &folded, |id| self.after.lane(id).is_none());
        let op = Op::CreateLane { id, name: name.clone(), place: self.place_of(&folded) };
        let context = Context { actor: UserId::NIL, at: Timestamp::default() };
        apply(&mut self.after, &op, &context).map_err(|reject| (Some(Target::Lane), reject.to_string()))?;
        self.lanes.insert(folded, id);
        self.unused.insert(id, (op, name.clone()));
        Ok(id)
    }

    /// Where a new lane goes: where the file has it among its neighbours there. When all the file's lanes are new, they
    /// come last, but on a roadmap without items first, so that what was imported is what one sees.
    fn place_of(&self, folded: &str) -> Place<LaneId> {
        let at = self.file_lanes.iter().position(|lane| lane == folded).unwrap_or(self.file_lanes.len());
        let (earlier, later) = self.file_lanes.split_at(at);
        let known = |lane: &String| self.lanes.get(lane).filter(|id| !self.unused.contains_key(id)).copied();
        let empty = !self.to.roadmap.items().any(|item| item.deleted.is_none());
        let first = || self.to.roadmap.lane_order().first().copied().filter(|_| empty);
        if let Some(after) = earlier.iter().rev().find_map(known) {
            Place::Beside { after: Some(after), before: None }
        } else if let Some(before) = later.iter().find_map(known).or_else(first) {
            Place::Beside { after: None, before: Some(before) }
        } else {
            Place::Last
        }
    }

    fn row(&self, draft: &Draft, fate: Fate, lane: LaneId, details: Vec<String>) -> Option<PreviewRow> {
        (self.plan.rows.len() < SHOWN).then(|| PreviewRow {
            line: draft.line,
            fate,
            title: draft.title.to_string(),
            lane: self.after.lane(lane).map_or_else(String::new, |lane| lane.name.to_string()),
            details,
        })
    }

    fn show(&mut self, row: Option<PreviewRow>) {
        self.plan.rows.extend(row);
    }

    fn name(&self, user: UserId) -> String {
        let member = self.to.members.iter().find(|member| member.id == user);
        member.map_or_else(|| "someone".to_owned(), |member| member.name.to_string())
    }

    /// What a new item has besides its title, in words.
    fn facts(&self, fields: &ItemFields) -> Vec<String> {
        let mut facts = vec![fields.status.label().to_owned(), fields.kind.label().to_owned()];
        facts.extend(fields.investment.map(|investment| investment.label().to_owned()));
        facts.extend(fields.effort.map(|effort| format!("{effort} person-days")));
        facts.extend(match (fields.start, fields.end) {
            (Some(start), Some(end)) => Some(format!("{start} to {end}")),
            (Some(start), None) => Some(format!("from {start}")),
            (None, Some(end)) => Some(format!("until {end}")),
            (None, None) => None,
        });
        facts.extend(fields.owner.map(|owner| self.name(owner)));
        facts.extend(fields.tags.iter().map(|tag| format!("#{tag}")));
        facts
    }

    /// What changes, in words.
    fn words(&self, change: &Change) -> Option<String> {
        match change {
            Change::ItemSet { field: Field::Description, .. } => Some("description".to_owned()),
            Change::ItemSet { field, before, after, .. } => {
                let words = |value: &domain::FieldValue| value.words(|user| self.name(user));
                Some(format!("{}: {} → {}", field.label(), words(before), words(after)))
            }
            Change::ItemMoved { from, to, .. } => Some(format!("lane: {from} → {to}")),
            _ => None,
        }
    }
}

fn no_lane() -> Refused {
    (None, "The roadmap has no lane. Add one first.".to_owned())
}

/// Names in lower case, each where it comes first.
fn distinct<'a>(names: impl Iterator<Item = &'a LaneName>) -> Vec<String> {
    let mut seen = HashSet::new();
    names.map(|name| name.to_lowercase()).filter(|name| seen.insert(name.clone())).collect()
}

/// The changes that make one item's fields those of another, and no more.
fn differences(before: &ItemFields, after: &ItemFields) -> Vec<ItemChange> {
    let mut changes = Vec::new();
    let mut set = |differs: bool, change: ItemChange| {
        if differs {
            changes.push(change);
        }
    };
    set(before.title != after.title, ItemChange::Title(after.title.clone()));
    set(before.description != after.description, ItemChange::Description(after.description.clone()));
    set(before.kind != after.kind, ItemChange::Kind(after.kind));
    set(before.investment != after.investment, ItemChange::Investment(after.investment));
    set(before.effort != after.effort, ItemChange::Effort(after.effort));
    let schedule = ItemChange::Schedule { start: after.start, end: after.end };
    set((before.start, before.end) != (after.start, after.end), schedule);
    set(before.owner != after.owner, ItemChange::Owner(after.owner));
    set(before.status != after.status, ItemChange::Status(after.status));
    let tags =
        |a: &ItemFields, b: &ItemFields| -> BTreeSet<_> { a.tags.difference(&b.tags).cloned().collect() };
    // First away, then on: an item's tags are limited.
    changes.extend(tags(before, after).into_iter().map(ItemChange::RemoveTag));
    changes.extend(tags(after, before).into_iter().map(ItemChange::AddTag));
    changes
}
