//! What an import would do to a roadmap: operations, and the rows that cannot be taken. No input or output.

mod shown;

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque},
};

use domain::{
    Change, CommentBody, Context, Description, FieldChange, FieldKey, Item, ItemChange, ItemFields, ItemId,
    ItemKey, LaneId, LaneName, MAX_THINGS, Member, Op, Place, ProductKey, Roadmap, RoadmapId, SourceKey,
    Status, Timestamp, UserId, apply,
    exchange::{Answers, Counts, Fate, Loss, Mapping, PreviewRow, Problem, Questions, Target},
};

use super::{
    columns::Columns,
    draft::{Draft, Reading},
    fields::Fields,
    ids::Ids,
    lanes,
    people::People,
    problems::Problems,
    running::Running,
    table::{Table, question},
    values::Values,
    words::{alike, composed},
};
use crate::{
    Error,
    rooms::{MAX_COMMENT_BYTES, MAX_COMMENTS, MAX_COMMENTS_OF_ITEM, MAX_DESCRIPTION_BYTES, MAX_ITEMS},
};

/// The most lanes an import adds: more are a sign that the wrong column was taken for the lane.
pub(super) const MAX_NEW_LANES: usize = 40;

/// The most lanes a file may name that do not exist, those of rows that are left out too. Finding their places takes the
/// square of it.
const MAX_NAMED_LANES: usize = 500;

/// The question whether items in the bin are restored.
const BIN: &str = "bin";

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
    pub(super) new_fields: Vec<String>,
    pub(super) problems: Vec<Problem>,
    /// What can be chosen about dates, values and what is in the bin.
    pub(super) questions: Vec<Questions>,
    /// The first of the rows that are taken.
    pub(super) rows: Vec<PreviewRow>,
    fields: Vec<Op>,
    lanes: Vec<Op>,
    items: Vec<Op>,
    new_items: Vec<ItemId>,
    /// What takes the updates back, first to be done last.
    back: Vec<Op>,
}

impl Plan {
    /// The operations, in as few steps as a roadmap takes.
    pub(super) fn into_steps(self) -> Vec<Op> {
        let mut ops = self.fields;
        ops.extend(self.lanes);
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
        ops.extend(self.fields.iter().rev().filter_map(|op| match op {
            Op::CreateField { id, .. } => {
                Some(Op::SetField { field: FieldKey::from(*id), change: FieldChange::Used(false) })
            }
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
pub(super) fn plan(
    to: Destination<'_>,
    table: &Table,
    mapping: &Mapping,
    answers: &Answers,
    running: &Running,
) -> Result<Plan, String> {
    mapping.check(&table.headers)?;
    let (columns, dates) = Columns::new(table, mapping, answers);
    let mut values = Values::new(answers, People::new(to.members), to.roadmap);
    let mut problems = Problems::default();
    let of = |target| columns.of(target).collect();
    let fields = Fields::new(table, of, columns.targets(), (to.id, to.roadmap.fields()))?;
    let mut it = Reading { columns: &columns, fields: &fields, values: &mut values, problems: &mut problems };
    let mut drafts: Vec<Draft<'_>> = Vec::with_capacity(table.rows.len());
    for row in &table.rows {
        running.check().map_err(|cancelled| cancelled.to_string())?;
        drafts.extend(Draft::read(row, &mut it));
    }
    running.begin(table.rows.len(), table.rows.len() - drafts.len());
    let mut planner = Planner::new(to, &drafts, answers, table.keeps_order);
    planner.add_fields(&fields)?;
    planner.plan.counts.left_out = u32::try_from(table.rows.len() - drafts.len()).unwrap_or(u32::MAX);
    let unknown = planner.file_lanes.iter().filter(|lane| !planner.lanes.contains_key(*lane)).count();
    if unknown > MAX_NAMED_LANES {
        return Err(too_many_lanes(unknown));
    }
    for draft in &drafts {
        if !running.is_wanted_after_row() {
            return Err(Error::Cancelled.to_string());
        }
        if let Err((target, sentence, value)) = planner.take(draft, &mut it) {
            planner.plan.counts.left_out += 1;
            it.problem(Loss::Row, target.unwrap_or(Target::Title), sentence, draft.line, &value);
        }
    }
    let in_bin = planner.in_bin;
    let mut plan = planner.plan;
    if plan.lanes.len() > MAX_NEW_LANES {
        return Err(too_many_lanes(plan.lanes.len()));
    }
    plan.questions.extend(dates);
    if in_bin > 0 {
        let options = [("leave", "Leave in the bin"), ("restore", "Restore and update")];
        let answer = if restores(answers) { "restore" } else { "leave" };
        plan.questions.push(question("Items in the bin", BIN, options, answer, in_bin));
    }
    plan.questions.extend(values.questions());
    plan.problems = problems.into_list();
    Ok(plan)
}

fn restores(answers: &Answers) -> bool {
    answers.0.get(BIN).is_some_and(|answer| answer == "restore")
}

fn too_many_lanes(count: usize) -> String {
    format!(
        "This would add {count} lanes; at most {MAX_NEW_LANES} can be added at once. Choose another column for the lane."
    )
}

/// Why a row is not taken: the field it is about, if it is about one, a sentence, and the value.
type Refused = (Option<Target>, Cow<'static, str>, String);

/// How much more a roadmap may hold.
struct Capacity {
    items: usize,
    comments: usize,
    comment_bytes: usize,
    description_bytes: usize,
}

impl Capacity {
    fn of(roadmap: &Roadmap) -> Self {
        Self {
            items: MAX_ITEMS.saturating_sub(roadmap.items().count()),
            comments: MAX_COMMENTS.saturating_sub(roadmap.comments().count()),
            comment_bytes: MAX_COMMENT_BYTES
                .saturating_sub(roadmap.comments().map(|comment| comment.body.len()).sum()),
            description_bytes: MAX_DESCRIPTION_BYTES
                .saturating_sub(roadmap.items().map(|item| item.fields.text_bytes()).sum()),
        }
    }
}

struct Planner<'a> {
    to: Destination<'a>,
    /// The roadmap as it would be after the rows so far.
    after: Roadmap,
    by_key: HashMap<&'a str, &'a Item>,
    by_number: HashMap<u32, &'a Item>,
    by_title: HashMap<String, VecDeque<&'a Item>>,
    ids: Ids,
    seen: HashSet<SourceKey>,
    claimed: HashSet<ItemId>,
    /// Lanes by name in lower case, those to be added too.
    lanes: HashMap<String, LaneId>,
    /// Names of lanes in lower case, in the order in which the file comes to them.
    file_lanes: Vec<String>,
    /// Operations for lanes that no row has used so far.
    unused: BTreeMap<LaneId, (Op, LaneName)>,
    /// What items say already, where the file has comments.
    comments: HashMap<ItemId, HashSet<&'a str>>,
    capacity: Capacity,
    is_restoring: bool,
    /// Rows whose item is in the bin.
    in_bin: u32,
    plan: Plan,
}

impl<'a> Planner<'a> {
    fn new(to: Destination<'a>, drafts: &[Draft<'_>], answers: &Answers, keeps_order: bool) -> Self {
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
        let mut by_title: HashMap<String, VecDeque<&Item>> = HashMap::new();
        let mut lanes = HashMap::new();
        for id in to.roadmap.lane_order() {
            if let Some(lane) = to.roadmap.lane(*id) {
                lanes.entry(alike(&lane.name)).or_insert(*id);
            }
            for item in to.roadmap.lane_items(*id).iter().filter_map(|id| to.roadmap.item(*id)) {
                by_title.entry(composed(&item.fields.title)).or_default().push_back(item);
            }
        }
        let mut comments: HashMap<ItemId, HashSet<&str>> = HashMap::new();
        for comment in to.roadmap.comments() {
            comments.entry(comment.item).or_default().insert(&comment.body);
        }
        let named = distinct(drafts.iter().filter_map(|draft| draft.lane.as_ref()));
        Self {
            to,
            after: to.roadmap.clone(),
            by_key,
            by_number,
            by_title,
            ids: Ids::default(),
            seen: HashSet::new(),
            claimed: HashSet::new(),
            lanes,
            file_lanes: if keeps_order { named } else { lanes::in_order(named) },
            unused: BTreeMap::new(),
            comments,
            capacity: Capacity::of(to.roadmap),
            is_restoring: restores(answers),
            in_bin: 0,
            plan: Plan::default(),
        }
    }

    /// Makes the fields and choices that the file needs.
    fn add_fields(&mut self, fields: &Fields) -> Result<(), String> {
        let context = Context { actor: UserId::NIL, at: Timestamp::default() };
        for op in &fields.ops {
            apply(&mut self.after, op, &context).map_err(|reject| reject.to_string())?;
        }
        self.plan.fields.clone_from(&fields.ops);
        self.plan.new_fields.clone_from(&fields.added);
        Ok(())
    }

    fn take(&mut self, draft: &Draft<'_>, it: &mut Reading<'_, '_>) -> Result<(), Refused> {
        let mut key = draft.key.as_ref();
        if let Some(known) = key {
            if self.seen.contains(known) {
                let sentence = "Another row has this key already. The row is imported without it.";
                it.problem(Loss::Cell, Target::Key, sentence, draft.line, known);
                key = None;
            } else {
                self.seen.insert(known.clone());
            }
        }
        match self.find(draft, key) {
            Some(item) => self.update(draft, item, it),
            None => self.create(draft, key, it),
        }
    }

    /// The item a row is about: the one imported with its key, or exported with it; without a key, the one with its
    /// title.
    fn find(&mut self, draft: &Draft<'_>, key: Option<&SourceKey>) -> Option<&'a Item> {
        let found = match key {
            Some(key) => {
                self.exported_as(key, draft.own_key.as_ref()).or_else(|| self.by_key.get(&**key).copied())
            }
            None => {
                let claimed = &self.claimed;
                let queue = self.by_title.get_mut(&composed(&draft.title))?;
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

    fn create(
        &mut self,
        draft: &Draft<'_>,
        key: Option<&SourceKey>,
        it: &mut Reading<'_, '_>,
    ) -> Result<(), Refused> {
        if self.capacity.items == 0 {
            let sentence = format!(
                "The roadmap is full. It holds at most {MAX_ITEMS} items, those in the bin too. Use another product for more."
            );
            return Err((None, sentence.into(), draft.title.to_string()));
        }
        let (mut fields, rest) = draft.onto(&ItemFields::titled(draft.title.clone()), it);
        fields.source_key = key.cloned();
        self.fit_status(&mut fields, Status::Proposed, draft.line, it);
        self.fit_description(&mut fields, &Description::default(), draft.line, it);
        let lane = match &draft.lane {
            Some(name) => self.lane(name)?,
            None => *self.to.roadmap.lane_order().first().ok_or_else(no_lane)?,
        };
        let seed = match key {
            Some(key) => format!("key {key}"),
            None => format!("title {}", draft.title),
        };
        let id = self.ids.item(self.to.id, &seed, |id| self.after.item(id).is_none());
        let row = self.row(draft, Fate::Create, lane, |this| this.facts(&fields));
        let mut ops = vec![Op::CreateItem { id, lane, place: Place::Last, fields: Box::new(fields) }];
        ops.extend(self.comment_on(id, draft, &rest, it));
        self.attempt(ops, lane)?;
        self.capacity.items -= 1;
        self.plan.new_items.push(id);
        self.plan.counts.created += 1;
        self.show(row);
        Ok(())
    }

    fn update(&mut self, draft: &Draft<'_>, item: &Item, it: &mut Reading<'_, '_>) -> Result<(), Refused> {
        let mut ops = Vec::new();
        if item.deleted.is_some() {
            self.in_bin += 1;
            if !self.is_restoring {
                let sentence = "The item is in the bin. Restore it there or above, then import again.";
                return Err((Some(Target::Key), sentence.into(), item.fields.title.to_string()));
            }
            ops.push(Op::restore(vec![item.id]));
        }
        let (mut fields, rest) = draft.onto(&item.fields, it);
        self.keep_required(&mut fields, &item.fields, draft.line, it);
        if fields.status != item.fields.status {
            self.fit_status(&mut fields, item.fields.status, draft.line, it);
        }
        self.fit_description(&mut fields, &item.fields.description, draft.line, it);
        let lane = match &draft.lane {
            Some(name) => self.lane(name)?,
            None => item.lane,
        };
        ops.extend(differences(&item.fields, &fields).into_iter().map(|change| Op::set(item.id, change)));
        if lane != item.lane {
            ops.push(Op::MoveItems { ids: vec![item.id], lane, place: Place::Last });
        }
        ops.extend(self.comment_on(item.id, draft, &rest, it));
        if ops.is_empty() {
            self.plan.counts.unchanged += 1;
            let row = self.row(draft, Fate::Keep, lane, |_| Vec::new());
            self.show(row);
            return Ok(());
        }
        let (changes, back) = self.attempt(ops, lane)?;
        self.plan.back.extend(back.into_iter().rev());
        self.plan.counts.updated += 1;
        let row = self.row(draft, Fate::Update, lane, |this| {
            changes.iter().filter_map(|change| this.words(change)).collect()
        });
        self.show(row);
        Ok(())
    }

    /// Keeps the status of before where the item lacks a field that the new one needs.
    fn fit_status(&self, fields: &mut ItemFields, before: Status, line: u64, it: &mut Reading<'_, '_>) {
        let plan = self.after.fields();
        let Some((key, from)) = plan.lacks(fields.status, |key| fields.values.contains_key(key)) else {
            return;
        };
        let name = plan.find(&key).map_or_else(|| key.to_string(), |def| def.label.to_string());
        let sentence = format!("Items need “{name}” from {} on. The status stays.", from.label());
        it.problem(Loss::Cell, Target::Status, sentence, line, fields.status.label());
        fields.status = before;
    }

    /// Keeps what fields hold that the item needs, where the row has nothing: a roadmap refuses to empty them.
    fn keep_required(
        &self,
        fields: &mut ItemFields,
        before: &ItemFields,
        line: u64,
        it: &mut Reading<'_, '_>,
    ) {
        let plan = self.after.fields();
        while let Some((key, from)) = plan
            .lacks(fields.status, |key| fields.values.contains_key(key) || !before.values.contains_key(key))
        {
            let (Some(def), Some(value)) = (plan.find(&key), before.values.get(&key)) else { return };
            let sentence = format!("Items need “{}” from {} on. It stays.", def.label, from.label());
            it.problem(Loss::Cell, Target::of(&def).unwrap_or(Target::Title), sentence, line, "");
            fields.values.insert(key, value.clone());
        }
    }

    /// Keeps the description of before where the roadmap has no room for a longer one.
    fn fit_description(
        &mut self,
        fields: &mut ItemFields,
        before: &Description,
        line: u64,
        it: &mut Reading<'_, '_>,
    ) {
        let added = fields.description.len().saturating_sub(before.len());
        if let Some(left) = self.capacity.description_bytes.checked_sub(added) {
            self.capacity.description_bytes = left;
        } else {
            let sentence = "There is no room for longer descriptions in the roadmap.";
            it.problem(Loss::Cell, Target::Description, sentence, line, "");
            fields.description = before.clone();
        }
    }

    /// The comments of a row that its item does not have yet, as far as there is room.
    fn comment_on(
        &mut self,
        item: ItemId,
        draft: &Draft<'_>,
        rest: &[CommentBody],
        it: &mut Reading<'_, '_>,
    ) -> Vec<Op> {
        let mut ops = Vec::new();
        if draft.comments.is_empty() && rest.is_empty() {
            return ops;
        }
        let said = self.comments.get(&item);
        let mut count = said.map_or(0, HashSet::len);
        let mut here = HashSet::new();
        for body in rest.iter().chain(&draft.comments) {
            if said.is_some_and(|said| said.contains(&**body)) || !here.insert(body) {
                continue;
            }
            let fits = count < MAX_COMMENTS_OF_ITEM
                && self.capacity.comments > 0
                && self.capacity.comment_bytes >= body.len();
            if !fits {
                let sentence = "There is no room for more comments.";
                it.problem(Loss::Cell, Target::Comment, sentence, draft.line, body);
                continue;
            }
            count += 1;
            self.capacity.comments -= 1;
            self.capacity.comment_bytes -= body.len();
            let id = self.ids.comment(self.to.id, item, body, |id| self.after.comment(id).is_none());
            ops.push(Op::comment(id, item, body.clone()));
        }
        ops
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
                Err(reject) => return Err((None, reject.to_string().into(), String::new())),
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
        let folded = alike(name);
        if let Some(id) = self.lanes.get(&folded) {
            return Ok(*id);
        }
        let id = self.ids.lane(self.to.id, &folded, |id| self.after.lane(id).is_none());
        let op = Op::CreateLane { id, name: name.clone(), place: self.place_of(&folded) };
        let context = Context { actor: UserId::NIL, at: Timestamp::default() };
        apply(&mut self.after, &op, &context)
            .map_err(|reject| (Some(Target::Lane), reject.to_string().into(), name.to_string()))?;
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
}

fn no_lane() -> Refused {
    (None, "The roadmap has no lane. Add one first.".into(), String::new())
}

/// Names as they are compared, each where it comes first.
fn distinct<'a>(names: impl Iterator<Item = &'a LaneName>) -> Vec<String> {
    let mut seen = HashSet::new();
    names.map(|name| alike(name)).filter(|name| seen.insert(name.clone())).collect()
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
    for field in before.different_fields(after) {
        set(true, ItemChange::Value { field: field.clone(), to: after.values.get(field).cloned() });
    }
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
