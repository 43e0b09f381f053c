//! What a roadmap is, and how it changes.
//!
//! Everything here is pure: no input or output, no clock, no randomness, no floating point in stored state. The same
//! inputs give the same bytes on the server and in the browser, which is what lets both run [`apply`] on their own
//! copy and agree. Time and identifiers come in from outside, inside the operation or its [`Context`].

mod access;
pub mod alignment;
mod apply;
mod authorise;
pub mod balance;
pub mod capacity;
mod change;
mod checklist;
pub mod compare;
mod date;
// Reports are drawn by the server.
#[cfg(not(target_family = "wasm"))]
pub mod delivery;
mod delta;
pub mod dependency;
mod discipline;
pub mod exchange;
mod favourite;
mod field;
mod figure;
mod file;
pub mod filter;
#[cfg(test)]
mod fixture;
mod fold;
mod group;
// Pages with health and promises are drawn by the server.
#[cfg(not(target_family = "wasm"))]
mod health;
mod history;
mod id;
mod item;
mod joined;
mod mention;
// Pages with money are drawn by the server.
#[cfg(not(target_family = "wasm"))]
pub mod money;
mod notice;
mod op;
#[cfg(not(target_family = "wasm"))]
mod opinion;
mod part;
mod people;
mod plural;
mod product;
#[cfg(not(target_family = "wasm"))]
mod promise;
mod property;
mod quarter;
mod rank;
pub mod readiness;
mod record;
mod reject;
mod replica;
mod rise;
mod roadmap;
pub mod score;
mod sort;
mod text;
mod time;
mod timeline;
mod undo;
mod view;
pub mod voting;
pub mod wire;

pub use access::{Grant, Holder, InvalidAccess, MAX_GRANTS, ProductAccess, Visibility};
pub use apply::{Context, Effects, MAX_TAGS, MAX_THINGS, MAX_VALUES, Touched, apply};
pub use authorise::authorise;
pub use change::{Change, Field, FieldFact, FieldValue};
pub use checklist::Checklist;
pub use date::{Date, NoSuchDay, Utc};
pub use delta::{Delta, MAX_TEXT};
pub use discipline::{DISCIPLINES, Discipline, Efforts, disciplines};
pub use favourite::FavouriteKind;
pub use field::{
    Choice, CustomField, FIELDS, FieldChange, FieldDef, FieldKind, FieldPlan, Link, MAX_CHOICES,
    MAX_CUSTOM_FIELDS, Value, Values, amount,
};
pub use figure::{Figure, mean_progress, progress};
pub use file::{
    FileAddress, FileHash, MAX_FILE, file_markdown, file_name, file_words, files_in, picture_type,
};
#[cfg(not(target_family = "wasm"))]
pub use fold::NATIVE;
use fold::lower_and_composed;
pub use fold::{Unicode, fold};
pub use group::Group;
#[cfg(not(target_family = "wasm"))]
pub use health::{Health, Vitals};
pub use history::{HistoryKind, ProductEvent, ProductField, VotingDid};
pub use id::{
    BaselineId, CastId, ClientId, CommentId, EntryId, FeedId, FieldId, InvitationId, ItemId, LaneId,
    ProductId, RecordId, RoadmapId, SegmentId, UserId, VoterId, VotingId, WorkspaceId,
};
pub use item::{
    DifferentValue, First, Investment, Item, ItemChange, ItemFields, ItemKind, PersonDays, Status,
};
pub use mention::{mention_before, mentions};
pub use notice::NoticeKind;
pub use op::{CommentChange, Entry, Op, Place, Spot, TextOf};
#[cfg(not(target_family = "wasm"))]
pub use opinion::{Opinion, by_segment as opinions_by_segment};
pub use part::apply_entry;
pub use people::{Invitation, Member, Role};
pub use plural::{counted, plural};
pub use product::{Product, ProductKind, ProductSummary, Stage};
#[cfg(not(target_family = "wasm"))]
pub use promise::{Commitment, Slip};
pub use property::Property;
pub use quarter::{FiscalYear, Quarter};
pub use rank::Rank;
#[cfg(not(target_family = "wasm"))]
pub use record::{
    BUILT_IN_TEMPLATES, BuiltInTemplate, CAPACITY, CAPACITY_REQUEST, CONTRACT, CapacityRequest, Contract,
    DEPENDENCY, FUNDING, Funding, ITEM_TEMPLATE, KEY_RESULT, KPI, Kit, KitFigure, MOST_CONTRACTS, MOST_DAYS,
    MOST_FUNDING_LINES, MOST_KEY_RESULTS, MOST_KPIS, MOST_MOVES, MOST_PARTS, MOST_SOLUTIONS,
    MOST_STRATEGY_ITEMS, NOTICE_NEAR_DAYS, Notice, OUTCOME, Outcome, OutcomeState, OwnerSide, Retirement,
    SOLUTION, STALE_AFTER_DAYS, STRATEGY_BLOCK, SetUp, StrategyBlock, TARGET_MIX, USER_MOVE, UseDecision,
    UserMove, VISION, VISION_SCALE, VisionCheck, capacity_of, capacity_request_of, dependency_of,
    dependency_values, figure_of, is_falling_use, is_strategy_stale, item_template_fields, item_template_of,
    key_result_kpi, key_result_objective, kit_of, kpi_agreed_by, kpi_is_agreed, kpi_is_lower_better,
    kpi_is_on_target, kpi_is_published, kpi_terms, kpi_withdraw, lead_of, nearest_figure, solution_parts,
    solution_parts_value, solution_warnings, strategy_block_of, strategy_items, strategy_items_value,
    target_of, unit_of, usual_mix, vision_number,
};
pub use record::{
    ChecklistState, Links, MOST_OPEN, OBJECTIVE, OBJECTIVES, ObjectiveState, PLAYBOOK, RECORDS, Record,
    RecordChange, RecordDef, RecordDid, RecordEvent, SCORE_MODEL, Scope, TEAM, TEMPLATE, VIEW,
    WORKSPACE_FIELD, checklist_of, field_of, follow_fields, follow_objectives, hides_ratings,
    is_default_score_model, is_default_view, is_shared_view, leave_stage, objective_key, objective_quarter,
    objective_state, playbook_stage, score_model, score_model_method, view_state,
};
pub use reject::Reject;
pub use replica::{Edited, Gap, Left, Pending, Refusal, Replica, Unready};
pub use rise::longest_rise;
pub use roadmap::{Baseline, Comment, Computed, Document, Lane, Reaction, Roadmap, Votes};
pub use sort::sorted;
pub use text::{
    BaselineName, CommentBody, Description, Email, FieldKey, FieldLabel, InvalidText, ItemKey, LaneName,
    PersonName, ProductKey, ProductName, Purpose, Question, Reason, SegmentName, Source, SourceKey, Tag,
    Title, VotingTitle, WorkspaceName, is_hidden,
};
pub use time::{Stamp, Timestamp};
pub use timeline::{Calendar, Part, Precision, Snap, Span};
pub use undo::{Step, Undo};
pub use view::{Face, Lens, Look, SortBy, Zoom, read_state, write_state};
