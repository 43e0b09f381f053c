//! The fields of a roadmap: which it uses, in which order, and those that people made. Part of the document, so that they are
//! there offline and in the past.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde::{Deserialize, Serialize};

use super::{Choice, FIELDS, FieldDef, FieldKind, is_line};
use crate::{FieldId, FieldKey, FieldLabel, Member, Place, Reject, Status, Value};

/// The most fields that people can make for a roadmap, retired ones too.
pub const MAX_CUSTOM_FIELDS: usize = 60;
/// The most choices of a field, retired ones too.
pub const MAX_CHOICES: usize = 100;
/// The most characters of a choice, and of a unit.
const MAX_LABEL: usize = 60;
/// How far from zero a number can be.
const MAX_NUMBER: i64 = 1_000_000_000_000;

/// A field that people made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomField {
    pub label: FieldLabel,
    pub kind: FieldKind,
    /// From this status on an item has to have it filled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required_from: Option<Status>,
}

/// What changes about a field of a roadmap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldChange {
    /// Of a field that people made.
    Label(FieldLabel),
    /// What a number of a field that people made counts.
    Unit(String),
    /// A choice of a field that people made: one more, or the one with its key as it is now.
    Choice(Choice),
    /// From which status on items need it.
    RequiredFrom(Option<Status>),
    /// Whether it is offered. What is filled is kept and shown.
    Used(bool),
    /// Where it stands among the fields.
    Place(Place<FieldKey>),
}

/// The fields of a roadmap, as far as they are not those of every roadmap in their usual order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldPlan {
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    custom: BTreeMap<FieldId, Arc<CustomField>>,
    /// Those that are not offered.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    unused: BTreeSet<FieldKey>,
    /// From which status on items need fields of every roadmap.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    required_from: BTreeMap<FieldKey, Status>,
    /// All of them in order, once somebody has moved one; what came later follows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    order: Vec<FieldKey>,
}

impl CustomField {
    /// As whatever is general takes it.
    pub fn def(&self, id: FieldId) -> FieldDef {
        FieldDef {
            key: Cow::Owned(String::from(FieldKey::from(id))),
            label: Cow::Owned(self.label.to_string()),
            kind: self.kind.clone(),
            headers: &[],
            keeps_first: false,
            is_custom: true,
        }
    }

    /// Whether somebody can make it so.
    ///
    /// # Errors
    /// A [`Reject`] with a sentence.
    pub(crate) fn check(&self) -> Result<(), Reject> {
        let wrong = |sentence: &str| Err(Reject::InvalidField(sentence.to_owned()));
        match &self.kind {
            FieldKind::Line
            | FieldKind::Quarter
            | FieldKind::People
            | FieldKind::Days
            | FieldKind::Efforts
            | FieldKind::Tags => wrong("Fields of your own can't be of this kind."),
            FieldKind::Number { min, max, .. } if (*min, *max) != (-MAX_NUMBER, MAX_NUMBER) => {
                wrong("A number of your own has no bounds.")
            }
            FieldKind::Number { unit, .. } => check_unit(unit),
            FieldKind::Choice(choices) | FieldKind::Choices(choices) => {
                let keys: BTreeSet<_> = choices.iter().map(|choice| &choice.key).collect();
                if choices.len() > MAX_CHOICES || keys.len() < choices.len() {
                    return wrong("A field can have at most 100 choices, each with a key of its own.");
                }
                choices.iter().try_for_each(check_choice)
            }
            _ => Ok(()),
        }
    }
}

fn check_unit(unit: &str) -> Result<(), Reject> {
    if unit.is_empty() || is_line(unit, MAX_LABEL) {
        return Ok(());
    }
    Err(Reject::InvalidField(format!("Use a unit of one line of at most {MAX_LABEL} characters.")))
}

fn check_choice(choice: &Choice) -> Result<(), Reject> {
    if super::key(&choice.key).is_ok()
        && is_line(&choice.label, MAX_LABEL)
        && !choice.label.contains([',', ';'])
        && choice.colour < Member::COLOURS
    {
        return Ok(());
    }
    let how =
        format!("Use a choice of one line of at most {MAX_LABEL} characters, without commas or semicolons.");
    Err(Reject::InvalidField(how))
}

impl FieldChange {
    /// Whether somebody can make it so.
    pub(crate) fn check(&self) -> Result<(), Reject> {
        match self {
            FieldChange::Unit(unit) => check_unit(unit),
            FieldChange::Choice(choice) => check_choice(choice),
            _ => Ok(()),
        }
    }
}

impl FieldPlan {
    /// Whether nothing differs from what every roadmap has.
    pub fn is_usual(&self) -> bool {
        *self == FieldPlan::default()
    }

    /// The fields that people made, in the order of their ids.
    pub fn custom(&self) -> impl Iterator<Item = (FieldId, &Arc<CustomField>)> {
        self.custom.iter().map(|(id, field)| (*id, field))
    }

    /// A field, whether or not it is used.
    pub fn find(&self, key: &str) -> Option<Cow<'static, FieldDef>> {
        if let Some(def) = FieldDef::find(key) {
            return Some(Cow::Borrowed(def));
        }
        let id = key.parse::<FieldKey>().ok()?.id()?;
        self.custom.get(&id).map(|field| Cow::Owned(field.def(id)))
    }

    /// The fields of several roadmaps together: what one of them has and uses. Which are needed each decides for itself.
    pub(crate) fn joined(plans: &[&FieldPlan]) -> FieldPlan {
        let mut joined = FieldPlan::default();
        for plan in plans {
            joined.custom.extend(plan.custom.iter().map(|(id, field)| (*id, field.clone())));
            let is_used = |key: &FieldKey| plans.iter().any(|other| other.has(key) && other.is_used(key));
            joined.unused.extend(plan.unused.iter().filter(|key| !is_used(key)).cloned());
        }
        joined
    }

    fn has(&self, key: &FieldKey) -> bool {
        key.declared().is_some() || key.id().is_some_and(|id| self.custom.contains_key(&id))
    }

    /// Every field in order, whether or not it is used.
    pub fn keys(&self) -> Vec<FieldKey> {
        let all = FIELDS.iter().map(FieldKey::from).chain(self.custom.keys().map(|id| FieldKey::from(*id)));
        let mut keys: Vec<FieldKey> = self.order.iter().filter(|key| self.has(key)).cloned().collect();
        keys.extend(all.filter(|key| !self.order.contains(key)));
        keys
    }

    /// Every field in order, whether or not it is used.
    pub fn all(&self) -> impl Iterator<Item = Cow<'static, FieldDef>> {
        self.keys().into_iter().filter_map(move |key| self.find(&key))
    }

    /// Whether it is offered to be filled.
    pub fn is_used(&self, key: &str) -> bool {
        !self.unused.contains(key)
    }

    /// From which status on items need it.
    pub fn required_from(&self, key: &FieldKey) -> Option<Status> {
        match key.id() {
            Some(id) => self.custom.get(&id)?.required_from,
            None => self.required_from.get(key).copied(),
        }
    }

    /// Whether items need any field.
    pub(crate) fn requires_any(&self) -> bool {
        !self.required_from.is_empty() || self.custom.values().any(|field| field.required_from.is_some())
    }

    /// The first field that an item of this status needs and has not, and from which status on it does.
    pub fn lacks(&self, status: Status, has: impl Fn(&FieldKey) -> bool) -> Option<(FieldKey, Status)> {
        let made =
            self.custom.iter().filter_map(|(id, field)| Some((FieldKey::from(*id), field.required_from?)));
        let usual = self.required_from.iter().map(|(key, from)| (key.clone(), *from));
        usual.chain(made).find(|(key, from)| {
            self.is_used(key) && status != Status::Dropped && status >= *from && !has(key)
        })
    }

    /// Whether a field can be given a value.
    ///
    /// # Errors
    /// A [`Reject`] with a sentence.
    pub(crate) fn check(&self, key: &FieldKey, value: &Value) -> Result<(), Reject> {
        // The whole definition, with copies of its choices, is for the sentence of a refusal.
        let made = key.id().and_then(|id| self.custom.get(&id));
        let kind = made.map(|field| &field.kind).or_else(|| key.declared().map(|def| &def.kind));
        if kind.is_some_and(|kind| kind.accepts(value)) && self.is_used(key) {
            return Ok(());
        }
        let def = self.find(key).ok_or_else(|| Reject::UnknownField(key.to_string()))?;
        if !self.is_used(key) {
            return Err(Reject::RetiredField(def.label.to_string()));
        }
        def.check(value).map_err(Reject::InvalidValue)
    }

    /// Whether a field can be given a value here.
    pub fn takes(&self, key: &FieldKey, value: &Value) -> bool {
        self.check(key, value).is_ok()
    }

    /// Adds a field that people made.
    pub(crate) fn create(&mut self, id: FieldId, field: &CustomField) -> Result<(), Reject> {
        if self.custom.contains_key(&id) || id == FieldId::NIL {
            return Err(Reject::DuplicateId);
        }
        if self.custom.len() >= MAX_CUSTOM_FIELDS {
            return Err(Reject::TooManyFields { max: MAX_CUSTOM_FIELDS });
        }
        self.custom.insert(id, Arc::new(field.clone()));
        Ok(())
    }

    /// Changes a field, and says what takes that back; nothing where it was so.
    pub(crate) fn set(
        &mut self,
        key: &FieldKey,
        change: &FieldChange,
    ) -> Result<Option<FieldChange>, Reject> {
        let unknown = || Reject::UnknownField(key.to_string());
        if !self.has(key) {
            return Err(unknown());
        }
        match change {
            FieldChange::Used(used) => {
                let was = self.is_used(key);
                match used {
                    true => drop(self.unused.remove(key)),
                    false => drop(self.unused.insert(key.clone())),
                }
                return Ok((was != *used).then_some(FieldChange::Used(was)));
            }
            FieldChange::Place(place) => return Ok(self.move_to(key, place)),
            FieldChange::RequiredFrom(from) if key.id().is_none() => {
                let was = match from {
                    Some(from) => self.required_from.insert(key.clone(), *from),
                    None => self.required_from.remove(key),
                };
                return Ok((was != *from).then_some(FieldChange::RequiredFrom(was)));
            }
            _ => {}
        }
        // What every roadmap has is the same in each.
        let custom = key.id().and_then(|id| self.custom.get_mut(&id)).ok_or_else(unknown)?;
        let mut after = (**custom).clone();
        let back = match (change, &mut after.kind) {
            (FieldChange::Label(label), _) => {
                FieldChange::Label(std::mem::replace(&mut after.label, label.clone()))
            }
            (FieldChange::RequiredFrom(from), _) => {
                FieldChange::RequiredFrom(std::mem::replace(&mut after.required_from, *from))
            }
            (FieldChange::Unit(unit), FieldKind::Number { unit: now, .. }) => {
                FieldChange::Unit(std::mem::replace(now, Cow::Owned(unit.clone())).into_owned())
            }
            (FieldChange::Choice(choice), FieldKind::Choice(choices) | FieldKind::Choices(choices)) => {
                let choices = choices.to_mut();
                match choices.iter().position(|other| other.key == choice.key) {
                    Some(index) => {
                        FieldChange::Choice(std::mem::replace(&mut choices[index], choice.clone()))
                    }
                    None if choices.len() >= MAX_CHOICES => {
                        return Err(Reject::InvalidField(format!(
                            "A field can have at most {MAX_CHOICES} choices."
                        )));
                    }
                    None => {
                        choices.push(choice.clone());
                        FieldChange::Choice(Choice { retired: true, ..choice.clone() })
                    }
                }
            }
            _ => return Err(Reject::InvalidField("The field is of another kind.".to_owned())),
        };
        if after == **custom {
            return Ok(None);
        }
        *custom = Arc::new(after);
        Ok(Some(back))
    }

    fn move_to(&mut self, key: &FieldKey, place: &Place<FieldKey>) -> Option<FieldChange> {
        let before = self.keys();
        let from = before.iter().position(|other| other == key)?;
        let mut keys = before.clone();
        keys.remove(from);
        let to = place.resolve(&keys);
        if to == from {
            return None;
        }
        let back = Place::at(&keys, from);
        keys.insert(to, key.clone());
        self.order.clear();
        if self.keys() != keys {
            self.order = keys;
        }
        Some(FieldChange::Place(back))
    }
}

impl FieldKind {
    /// A number of people's own.
    pub fn number(unit: &str) -> Self {
        FieldKind::Number { min: -MAX_NUMBER, max: MAX_NUMBER, unit: Cow::Owned(unit.to_owned()) }
    }
}
