//! Kinds of records that are declared once: things that an organisation keeps beside its roadmaps. A kind is a file here and a
//! line of [`RECORDS`]; storage, services, history, bin, the page and the tests that try everything take the rest from its
//! [`RecordDef`].

// Pages have capacities and targets as what they say, and not as records.
#[cfg(not(target_family = "wasm"))]
mod capacity;
mod competitor;
// Pages have dependencies as what they say, and not as records.
#[cfg(not(target_family = "wasm"))]
mod dependency;
mod field;
#[cfg(not(target_family = "wasm"))]
mod funding;
#[cfg(not(target_family = "wasm"))]
mod item_template;
// Pages with key figures are drawn by the server.
#[cfg(not(target_family = "wasm"))]
mod key_result;
#[cfg(not(target_family = "wasm"))]
mod kpi;
mod objective;
// Pages with outcomes are drawn by the server.
#[cfg(not(target_family = "wasm"))]
mod outcome;
mod playbook;
// Pages with plans are drawn by the server.
#[cfg(not(target_family = "wasm"))]
mod retirement;
mod score_model;
// Pages with solutions are drawn by the server.
#[cfg(not(target_family = "wasm"))]
mod solution;
#[cfg(not(target_family = "wasm"))]
mod strategy;
#[cfg(not(target_family = "wasm"))]
mod target_mix;
mod team;
mod template;
mod view;
// Pages with visions and strategies are drawn by the server.
#[cfg(not(target_family = "wasm"))]
mod vision;

use serde::{Deserialize, Serialize};

use crate::{
    FieldDef, FieldKey, FieldValue, ProductId, Reason, RecordId, Role, Stamp, Timestamp, UserId, Value,
    Values, dependency::ItemRef,
};

#[cfg(not(target_family = "wasm"))]
pub use capacity::{
    CAPACITY, CAPACITY_REQUEST, CapacityRequest, MOST_DAYS, capacity_of, capacity_request_of, lead_of,
};
#[cfg(not(target_family = "wasm"))]
pub use dependency::{DEPENDENCY, of as dependency_of, values as dependency_values};
pub use field::{FIELD as WORKSPACE_FIELD, field_of, follow as follow_fields};
#[cfg(not(target_family = "wasm"))]
pub use funding::{FUNDING, Funding, MOST_FUNDING_LINES};
#[cfg(not(target_family = "wasm"))]
pub use item_template::{ITEM_TEMPLATE, fields as item_template_fields, kept as item_template_of};
#[cfg(not(target_family = "wasm"))]
pub use key_result::{
    KEY_RESULT, MOST_KEY_RESULTS, kpi_of as key_result_kpi, objective_of as key_result_objective,
};
#[cfg(not(target_family = "wasm"))]
pub use kpi::{
    KPI, MOST_KPIS, OwnerSide, UseDecision, agreed_by as kpi_agreed_by, figure_of,
    is_agreed as kpi_is_agreed, is_falling_use, is_lower_better as kpi_is_lower_better,
    is_on_target as kpi_is_on_target, is_published as kpi_is_published, terms as kpi_terms, unit_of,
    withdraw as kpi_withdraw,
};
pub use objective::{
    MOST_OPEN, OBJECTIVE, OBJECTIVES, ObjectiveState, follow as follow_objectives, objective_key,
    quarter_of as objective_quarter, state_of as objective_state,
};
#[cfg(not(target_family = "wasm"))]
pub use outcome::{OUTCOME, Outcome, OutcomeState, nearest as nearest_figure};
pub use playbook::{
    ChecklistState, PLAYBOOK, checklist_of, leave as leave_stage, stage_of as playbook_stage,
};
#[cfg(not(target_family = "wasm"))]
pub use playbook::{Kit, KitFigure, kit_of, usual_mix};
#[cfg(not(target_family = "wasm"))]
pub use retirement::{
    CONTRACT, Contract, MOST_CONTRACTS, MOST_MOVES, NOTICE_NEAR_DAYS, Notice, Retirement, USER_MOVE, UserMove,
};
pub use score_model::{
    SCORE_MODEL, hides_ratings, is_default_score_model, method_of as score_model_method, score_model,
};
#[cfg(not(target_family = "wasm"))]
pub use solution::{
    MOST_PARTS, MOST_SOLUTIONS, SOLUTION, parts_of as solution_parts, parts_value as solution_parts_value,
    warnings as solution_warnings,
};
#[cfg(not(target_family = "wasm"))]
pub use strategy::{
    MOST_STRATEGY_ITEMS, STALE_AFTER_DAYS, STRATEGY_BLOCK, StrategyBlock, block_of as strategy_block_of,
    is_stale as is_strategy_stale, items_of as strategy_items, items_value as strategy_items_value,
};
#[cfg(not(target_family = "wasm"))]
pub use target_mix::{TARGET_MIX, of as target_of};
pub use team::TEAM;
pub use template::TEMPLATE;
#[cfg(not(target_family = "wasm"))]
pub use template::{BUILT_IN as BUILT_IN_TEMPLATES, BuiltIn as BuiltInTemplate, SetUp};
pub use view::{VIEW, is_default as is_default_view, is_shared as is_shared_view, state as view_state};
#[cfg(not(target_family = "wasm"))]
pub use vision::{VISION, VISION_SCALE, VisionCheck, number_of as vision_number};

/// Every kind of record that is declared.
pub static RECORDS: &[&RecordDef] = &[
    &team::TEAM,
    &competitor::COMPETITOR,
    &objective::OBJECTIVE,
    &field::FIELD,
    &TEMPLATE,
    &SCORE_MODEL,
    &PLAYBOOK,
    &view::VIEW,
    #[cfg(not(target_family = "wasm"))]
    &TARGET_MIX,
    #[cfg(not(target_family = "wasm"))]
    &CAPACITY,
    #[cfg(not(target_family = "wasm"))]
    &CAPACITY_REQUEST,
    #[cfg(not(target_family = "wasm"))]
    &ITEM_TEMPLATE,
    #[cfg(not(target_family = "wasm"))]
    &KPI,
    #[cfg(not(target_family = "wasm"))]
    &KEY_RESULT,
    #[cfg(not(target_family = "wasm"))]
    &FUNDING,
    #[cfg(not(target_family = "wasm"))]
    &DEPENDENCY,
    #[cfg(not(target_family = "wasm"))]
    &VISION,
    #[cfg(not(target_family = "wasm"))]
    &STRATEGY_BLOCK,
    #[cfg(not(target_family = "wasm"))]
    &OUTCOME,
    #[cfg(not(target_family = "wasm"))]
    &USER_MOVE,
    #[cfg(not(target_family = "wasm"))]
    &CONTRACT,
    #[cfg(not(target_family = "wasm"))]
    &SOLUTION,
];

/// A kind of record.
#[derive(Debug)]
pub struct RecordDef {
    /// As it is kept and named on the wire.
    pub kind: &'static str,
    /// What one is called, in the middle of a sentence.
    pub one: &'static str,
    /// What several are called, as a title.
    pub many: &'static str,
    /// Says on its page what it is for.
    pub purpose: &'static str,
    pub scope: Scope,
    /// Who may make and change them: in the workspace, or in the product they belong to.
    pub writes: Role,
    /// What one holds. The first is its name, which it must have.
    pub fields: &'static [FieldDef],
    /// Whether one can be so beside the others of its kind, those in the bin not included; says why not in a sentence.
    pub check: fn(&Record, &[Record]) -> Result<(), String>,
}

/// What a record links, by its fields.
pub type Links = [(&'static str, ItemRef); 2];

/// To what records of a kind belong.
#[derive(Clone, Copy, Debug)]
pub enum Scope {
    /// Members may read them, and follow them live.
    Workspace,
    /// They exist for those alone for whom their product does.
    Product {
        /// Whether a member may read one.
        reads: fn(&Record, UserId) -> bool,
        /// Whether a member with this role in the product may make one so. Asked about it as it was, too.
        may: fn(&Record, UserId, Role) -> bool,
    },
    /// They link two items, of one product or of two, and exist for those alone who see both products. Who may edit one of the two
    /// may make them.
    Items {
        /// What one links, by its fields.
        links: fn(&Record) -> Option<Links>,
    },
}

/// A record as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    pub id: RecordId,
    /// To which product it belongs, where its kind does to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<ProductId>,
    /// Counts its changes, from 1.
    pub version: u64,
    pub values: Values,
    pub created: Stamp,
    pub changed: Stamp,
    /// When set, it lies in the bin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<Stamp>,
}

/// That a field of a record gets another value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordChange {
    pub field: FieldKey,
    /// What its author saw there. Where somebody else has set another since, both are told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Value>,
}

/// Something that was done to a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordEvent {
    pub record: RecordId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<ProductId>,
    pub by: UserId,
    pub at: Timestamp,
    pub did: RecordDid,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<RecordChange>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}

crate::choices! {
    /// What was done to a record.
    RecordDid {
        Created = "record.created", "added";
        Changed = "record.changed", "changed";
        Deleted = "record.deleted", "moved to the bin";
        Restored = "record.restored", "restored";
    }
}

impl RecordDef {
    /// The kind of that name.
    pub fn find(kind: &str) -> Option<&'static RecordDef> {
        RECORDS.iter().copied().find(|def| def.kind == kind)
    }

    pub fn field(&self, key: &str) -> Option<&FieldDef> {
        self.fields.iter().find(|field| field.key == key)
    }

    /// Whether a record can be so beside the others of its kind.
    ///
    /// # Errors
    /// A sentence that says what to do.
    pub fn check(&self, record: &Record, others: &[Record]) -> Result<(), String> {
        for (key, value) in &record.values {
            let field = self.field(key).ok_or_else(|| format!("A {} has no field “{key}”.", self.one))?;
            field.check(value)?;
        }
        if self.name_of(record).is_empty() {
            return Err(format!("Give the {} a name.", self.one));
        }
        (self.check)(record, others)
    }

    /// Whether its records belong to the workspace, and have a page of their own.
    pub fn is_of_workspace(&self) -> bool {
        matches!(self.scope, Scope::Workspace)
    }

    /// The items that a record links, by its fields.
    pub fn links(&self, record: &Record) -> Option<Links> {
        match self.scope {
            Scope::Items { links } => links(record),
            _ => None,
        }
    }

    /// Whether a member may read a record, for whom its product exists.
    pub fn reads(&self, record: &Record, user: UserId) -> bool {
        match self.scope {
            Scope::Workspace | Scope::Items { .. } => true,
            Scope::Product { reads, .. } => reads(record, user),
        }
    }

    /// Whether a member with this role may make a record so, or change it when it is so.
    pub fn may(&self, record: &Record, user: UserId, role: Role) -> bool {
        match self.scope {
            Scope::Workspace => true,
            Scope::Items { .. } => role >= self.writes,
            Scope::Product { may, .. } => may(record, user, role),
        }
    }

    /// Whether those who belong to the workspace are part of one.
    pub fn has_people(&self) -> bool {
        self.fields.iter().any(|field| matches!(field.kind, crate::FieldKind::People))
    }

    /// What a record is called.
    pub fn name_of(&self, record: &Record) -> String {
        let name = &self.fields[0];
        record.values.get(&*name.key).map_or_else(String::new, |value| name.words(value))
    }

    /// Refuses a name that another has.
    ///
    /// # Errors
    /// A sentence.
    pub fn has_its_own_name(&self, record: &Record, others: &[Record]) -> Result<(), String> {
        let name = self.name_of(record);
        let is_taken = others
            .iter()
            .any(|other| other.id != record.id && self.name_of(other).to_lowercase() == name.to_lowercase());
        if is_taken {
            return Err(format!("There is a {} “{name}” already. Choose another name.", self.one));
        }
        Ok(())
    }
}

impl RecordChange {
    /// The change that takes this one back.
    pub fn back(&self) -> Self {
        Self { field: self.field.clone(), was: self.to.clone(), to: self.was.clone() }
    }

    /// Before and after as people read them, and what the field is called in the middle of a sentence.
    pub fn told(&self, def: &RecordDef) -> (String, FieldValue, FieldValue) {
        let field = def.field(&self.field);
        let told = |value: &Option<Value>| match (value, field) {
            (None, _) => FieldValue::Empty,
            (Some(value), Some(field)) => field.told(value),
            (Some(value), None) => FieldValue::of(value.to_string()),
        };
        let name = field.map_or_else(|| self.field.to_string(), FieldDef::in_sentence);
        (name, told(&self.was), told(&self.to))
    }
}

impl RecordEvent {
    /// What a record was after some of its events, the oldest first; `None` before it was made.
    pub fn fold<'a>(events: impl IntoIterator<Item = &'a RecordEvent>) -> Option<Record> {
        let mut record = None::<Record>;
        for event in events {
            let stamp = Stamp { by: event.by, at: event.at };
            let now = record.get_or_insert_with(|| Record {
                id: event.record,
                product: event.product,
                version: 0,
                values: Values::new(),
                created: stamp,
                changed: stamp,
                deleted: None,
            });
            now.version += 1;
            now.changed = stamp;
            now.deleted = (event.did == RecordDid::Deleted).then_some(stamp);
            now.apply(&event.changes);
        }
        record
    }
}

impl Record {
    /// The text that a field holds; `None` where it holds none.
    pub fn text(&self, key: &str) -> Option<&str> {
        match self.values.get(key)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Takes changes in, whatever was there.
    pub fn apply(&mut self, changes: &[RecordChange]) {
        for change in changes {
            match &change.to {
                Some(value) => drop(self.values.insert(change.field.clone(), value.clone())),
                None => drop(self.values.remove(&change.field)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn kinds_and_their_fields_are_named_once_and_begin_with_a_name() {
        let mut kinds = BTreeSet::new();
        for def in RECORDS {
            assert!(kinds.insert(def.kind));
            let keys: BTreeSet<&str> = def.fields.iter().map(|field| &*field.key).collect();
            assert_eq!(keys.len(), def.fields.len());
            assert!(def.fields.iter().all(|field| *FieldKey::from(field) == *field.key));
            assert!(matches!(def.fields[0].kind, crate::FieldKind::Line));
        }
    }

    fn record(id: u8, name: &str) -> Record {
        let stamp = Stamp { by: UserId::NIL, at: Timestamp(1) };
        let values = [("name".parse().unwrap(), Value::Text(name.to_owned()))].into();
        let id = RecordId::new(1, [id; 10]);
        Record { id, product: None, version: 1, values, created: stamp, changed: stamp, deleted: None }
    }

    #[test]
    fn a_record_needs_a_name_that_is_its_own_and_fields_of_its_kind() {
        let others = [record(1, "Payments")];
        let def = &team::TEAM;
        assert_eq!(def.check(&record(2, "Search"), &others), Ok(()));
        assert_eq!(def.check(&record(1, "Payments"), &others), Ok(()), "it is the same");
        let taken = def.check(&record(2, "payments"), &others).unwrap_err();
        assert!(taken.contains("already"), "{taken}");
        let nameless = Record { values: Values::new(), ..record(2, "x") };
        assert!(def.check(&nameless, &others).unwrap_err().contains("a name"));
        let mut odd = record(2, "Search");
        odd.values.insert("colour".parse().unwrap(), Value::Yes);
        assert!(def.check(&odd, &others).unwrap_err().contains("no field"));
    }

    #[test]
    fn events_add_up_to_the_record_and_each_is_taken_back_by_its_reverse() {
        let (id, by) = (RecordId::new(1, [1; 10]), UserId::NIL);
        let change = |was: Option<&str>, to: Option<&str>| RecordChange {
            field: "name".parse().unwrap(),
            was: was.map(|text| Value::Text(text.to_owned())),
            to: to.map(|text| Value::Text(text.to_owned())),
        };
        let event = |at, did, changes| {
            let (product, at, reason) = (None, Timestamp(at), None);
            RecordEvent { record: id, product, by, at, did, changes, reason }
        };
        let events = [
            event(1, RecordDid::Created, vec![change(None, Some("A"))]),
            event(2, RecordDid::Changed, vec![change(Some("A"), Some("B"))]),
            event(3, RecordDid::Deleted, Vec::new()),
            event(4, RecordDid::Restored, Vec::new()),
        ];
        let name =
            |count: usize| RecordEvent::fold(&events[..count]).map(|record| team::TEAM.name_of(&record));
        assert_eq!([name(0), name(1), name(2)], [None, Some("A".to_owned()), Some("B".to_owned())]);
        assert!(RecordEvent::fold(&events[..3]).unwrap().deleted.is_some());
        let mut whole = RecordEvent::fold(&events).unwrap();
        assert_eq!((whole.version, whole.deleted), (4, None));
        whole.apply(&[events[1].changes[0].back()]);
        assert_eq!(team::TEAM.name_of(&whole), "A");
    }
}
