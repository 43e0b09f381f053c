//! What runs came to: to be told, and to be sure that they went where they should.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use domain::{DEPENDENCY, ItemChange, Op, Reject, wire::Outcome};

use crate::disk::Decided;

/// Names every variant of an enum, and fails to compile when there is one more.
macro_rules! kinds {
    ($all:ident, $kind:ident, $type:ident: $($variant:ident)*) => {
        const $all: &[&str] = &[$(concat!(stringify!($type), "::", stringify!($variant))),*];

        fn $kind(value: &$type) -> &'static str {
            match value {
                $($type::$variant { .. } => concat!(stringify!($type), "::", stringify!($variant)),)*
            }
        }
    };
}

kinds!(OPS, op, Op:
    CreateItem SetItem MoveItems DeleteItems RestoreItems CreateLane RenameLane SetLaneStatus SetLaneLimit MoveLane DeleteLane
    RestoreLane CreateField SetField SendItem ReceiveItem ReceiveComments Upvote WithdrawUpvote AddComment EditComment DeleteComment RestoreComment SetComment
    EditText
    Batch);

kinds!(CHANGES, change, ItemChange:
    Title Description Kind Investment Effort Schedule Owner AddTag RemoveTag Status SourceKey Value);

kinds!(REJECTS, reject, Reject:
    NotAllowed NotMember NoAccess Archived UnknownItem ItemDeleted ItemMoved ItemNotDeleted UnknownLane LaneDeleted LaneNotDeleted LastLane
    MoveToSameLane EndBeforeStart AlreadyUpvoted NotUpvoted UnknownComment CommentDeleted CommentNotDeleted NotYourComment
    DuplicateId Nothing TooMany TooLarge TooManyTags TooManyValues UnknownField RetiredField RequiredField TooManyFields InvalidField InvalidValue NotInBatch StaleText InvalidText OutOfOrder ForeignClient Limit);

/// Counts of what happened in one or several runs.
#[derive(Debug, Default)]
pub struct Figures {
    pub seeds: u64,
    /// Rooms of eight pages with a long log.
    pub crowds: u64,
    /// Simulated time.
    pub milliseconds: u64,
    /// Edits of people at their pages.
    pub edits: u64,
    /// Entries in the logs at the end.
    pub entries: u64,
    /// Operations that the server refused.
    pub refused: u64,
    pub connections: u64,
    /// Rooms that were opened beside another on its connection.
    pub shared: u64,
    pub drops: u64,
    pub offline: u64,
    pub restarts: u64,
    pub restores: u64,
    pub refetches: u64,
    /// Threads that pages took in.
    pub threads: u64,
    /// Operations that came again after they had been decided.
    pub resent: u64,
    /// Frames that came twice, and frames with entries that were held up, lost or repeated.
    pub doubled: u64,
    pub unruly: u64,
    /// Frames in short form.
    pub short: u64,
    /// Edits taken back and done again, on the spot and with everybody watching.
    pub excursions: u64,
    pub tours: u64,
    /// Edits that were lost with a page that was closed.
    pub left_unsaved: u64,
    /// Operations that were sent again after a restore, although the backup had them.
    pub redone: u64,
    /// Items that went to another room, or came back.
    pub carried: u64,
    /// Those that something depended on, and so stayed.
    pub held: u64,
    /// What was done to dependencies and views, and what was refused of it.
    pub dependencies: u64,
    pub views: u64,
    pub plans_refused: u64,
    kinds: BTreeMap<&'static str, u64>,
}

impl Figures {
    /// An operation that is in a log.
    pub(crate) fn applied(&mut self, done: &Op) {
        self.meet(op(done));
        match done {
            Op::SetItem { change: field, .. } => self.meet(change(field)),
            Op::Batch { ops, .. } => ops.iter().for_each(|op| self.applied(op)),
            _ => {}
        }
    }

    pub(crate) fn decided(&mut self, decided: &Decided) {
        for (_, outcome) in decided {
            if let Outcome::Refused(why) = outcome {
                self.refused += 1;
                self.meet(reject(why));
            }
        }
    }

    /// Something that was done to a record.
    pub(crate) fn planned(&mut self, kind: &str) {
        if kind == DEPENDENCY.kind {
            self.dependencies += 1;
        } else {
            self.views += 1;
        }
    }

    /// A refusal that somebody met, at the server or already at the page.
    pub(crate) fn met(&mut self, why: &Reject) {
        self.meet(reject(why));
    }

    fn meet(&mut self, kind: &'static str) {
        *self.kinds.entry(kind).or_default() += 1;
    }

    pub(crate) fn add(&mut self, other: Figures) {
        self.seeds += other.seeds;
        self.crowds += other.crowds;
        self.milliseconds += other.milliseconds;
        self.edits += other.edits;
        self.entries += other.entries;
        self.refused += other.refused;
        self.connections += other.connections;
        self.shared += other.shared;
        self.drops += other.drops;
        self.offline += other.offline;
        self.restarts += other.restarts;
        self.restores += other.restores;
        self.refetches += other.refetches;
        self.threads += other.threads;
        self.resent += other.resent;
        self.doubled += other.doubled;
        self.unruly += other.unruly;
        self.short += other.short;
        self.excursions += other.excursions;
        self.tours += other.tours;
        self.left_unsaved += other.left_unsaved;
        self.redone += other.redone;
        self.carried += other.carried;
        self.held += other.held;
        self.dependencies += other.dependencies;
        self.views += other.views;
        self.plans_refused += other.plans_refused;
        for (kind, count) in other.kinds {
            *self.kinds.entry(kind).or_default() += count;
        }
    }

    /// Kinds of operations, of changes and of refusals that no run met: what is not met is not tested.
    pub fn never_met(&self) -> BTreeSet<&'static str> {
        // How much a room holds and how fast people add to it is the server's own business, which the model does not have.
        // More fields than an item may have filled are more than a roadmap can have.
        const NEVER: [&str; 2] = ["Reject::Limit", "Reject::TooManyValues"];
        let all = [OPS, CHANGES, REJECTS].into_iter().flatten().copied();
        all.filter(|kind| !NEVER.contains(kind) && !self.kinds.contains_key(kind)).collect()
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (kind, count) in &self.kinds {
            writeln!(f, "  {kind:<28}{count:>12}")?;
        }
        let Self { edits, entries, refused, resent, doubled, unruly, short, crowds, .. } = self;
        let Self { connections, shared, drops, offline, restarts, restores, refetches, threads, .. } = self;
        let Self { excursions, tours, left_unsaved, redone, carried, held, .. } = self;
        let Self { dependencies, views, plans_refused, .. } = self;
        write!(
            f,
            "\nedits {edits}  entries {entries}  refused {refused}  resent {resent}  frames doubled {doubled}  \
             held up or lost {unruly}  in short form {short}\n\
             connections {connections}  rooms beside others {shared}  drops {drops}  offline {offline}  restarts {restarts}  restores {restores}  \
             documents loaded again {refetches}  threads loaded {threads}  full rooms {crowds}\n\
             taken back and done again {excursions}, with everybody watching {tours}  closed unsaved {left_unsaved}  \
             done again after a restore {redone}  moved between rooms {carried}, held by dependencies {held}\n\
             changes of dependencies {dependencies}  of views {views}  refused {plans_refused}"
        )
    }
}
