//! Columns that hold declared fields: which those are, and what an import adds to a roadmap so that they can hold what the file
//! has.

use std::{
    borrow::Cow,
    collections::{BTreeSet, HashSet},
};

use domain::{
    Choice, CustomField, FieldChange, FieldDef, FieldId, FieldKey, FieldKind, FieldLabel, FieldPlan,
    MAX_CHOICES, MAX_CUSTOM_FIELDS, Op, RoadmapId, Value, exchange::Target,
};

use super::{
    dates::{self, Edge, Order},
    grid::one_line,
    ids::Ids,
    table::Table,
    words,
};

/// The most different values of a column that becomes a choice.
const FEW: usize = 20;

/// The most characters of a choice.
const MAX_CHOICE: usize = 60;

/// The declared fields that have a column.
#[derive(Debug, Default)]
pub(super) struct Fields {
    columns: Vec<(usize, Cow<'static, FieldDef>)>,
    /// Makes the fields and choices that are not there yet.
    pub(super) ops: Vec<Op>,
    /// What the new fields are called.
    pub(super) added: Vec<String>,
}

impl Fields {
    /// The fields that columns of `table` are taken for.
    ///
    /// # Errors
    /// A sentence when more fields would be added than a roadmap can have.
    pub(super) fn new(
        table: &Table,
        of: impl Fn(Target) -> Vec<usize>,
        targets: impl Iterator<Item = Target>,
        (roadmap, plan): (RoadmapId, &FieldPlan),
    ) -> Result<Self, String> {
        let mut fields = Self::default();
        for target in targets {
            let key = match target {
                Target::Field(key) => FieldDef::find(key).map(FieldKey::from),
                Target::Custom(id) => Some(FieldKey::from(id)),
                _ => None,
            };
            if let Some(def) = key.and_then(|key| plan.find(&key))
                && let Some(index) = of(target).first().copied()
            {
                if !plan.is_used(&def.key) {
                    let change = FieldChange::Used(true);
                    fields.ops.push(Op::SetField { field: FieldKey::from(&*def), change });
                }
                let def = fields.with_choices(table, index, def);
                fields.columns.push((index, def));
            }
        }
        let mut ids = Ids::default();
        for index in of(Target::NewField) {
            fields.add(table, index, &mut ids, (roadmap, plan));
        }
        let count = plan.custom().count() + fields.added.len();
        if !fields.added.is_empty() && count > MAX_CUSTOM_FIELDS {
            return Err(format!(
                "This would make {count} fields of the product's own; there can be at most {MAX_CUSTOM_FIELDS}. \
                 Choose something else for some columns."
            ));
        }
        Ok(fields)
    }

    /// Every field with its column.
    pub(super) fn columns(&self) -> impl Iterator<Item = (usize, &FieldDef)> {
        self.columns.iter().map(|(index, def)| (*index, &**def))
    }

    /// The field as it will be: with the choices that the file has beside its own.
    fn with_choices(
        &mut self,
        table: &Table,
        index: usize,
        def: Cow<'static, FieldDef>,
    ) -> Cow<'static, FieldDef> {
        if !def.is_custom {
            return def;
        }
        let mut def = def.into_owned();
        let field = FieldKey::from(&def);
        let several = matches!(def.kind, FieldKind::Choices(_));
        if let FieldKind::Choice(choices) | FieldKind::Choices(choices) = &mut def.kind {
            for choice in new_choices(choices, table, index, several) {
                let change = FieldChange::Choice(choice.clone());
                self.ops.push(Op::SetField { field: field.clone(), change });
                choices.to_mut().push(choice);
            }
        }
        Cow::Owned(def)
    }

    /// A field for a column that is none yet.
    fn add(&mut self, table: &Table, index: usize, ids: &mut Ids, (roadmap, plan): (RoadmapId, &FieldPlan)) {
        let (name, _) = one_line(&table.headers[index], MAX_CHOICE);
        let Ok(label) = FieldLabel::parse(&name) else { return };
        // Chosen again for the same file, it means the field that was made then.
        let same = plan.all().find(|field| {
            field.is_custom && plan.is_used(&field.key) && words::folded(&field.label) == words::folded(&name)
        });
        if let Some(def) = same {
            let def = self.with_choices(table, index, def);
            self.columns.push((index, def));
            return;
        }
        let kind = kind(table, index);
        let taken = |id: FieldId| {
            let key = FieldKey::from(id);
            plan.find(&key).is_some() || self.columns.iter().any(|(_, def)| *def.key == *key)
        };
        let id = ids.field(roadmap, &words::folded(&name), |id| !taken(id));
        let custom = CustomField { label, kind, required_from: None };
        self.columns.push((index, Cow::Owned(custom.def(id))));
        self.added.push(name);
        self.ops.push(Op::CreateField { id, field: Box::new(custom) });
    }
}

/// What a column holds, by its values.
fn kind(table: &Table, index: usize) -> FieldKind {
    let all = |check: &dyn Fn(&str) -> bool| table.values(index).all(check);
    let number = FieldKind::number("");
    let mut different = BTreeSet::new();
    let mut count = 0_usize;
    for value in table.values(index) {
        count += 1;
        if different.len() <= FEW {
            different.insert(value);
        }
    }
    if count == 0 {
        FieldKind::Text
    } else if all(&|value| words::yes(value).is_ok()) && !all(&|value| value.parse::<i64>().is_ok()) {
        FieldKind::Checkbox
    } else if all(&|value| value.trim().parse().is_ok_and(|value| number.accepts(&Value::Number(value)))) {
        number
    } else if all(&|value| dates::day(value, Edge::First, Order::DayFirst).is_ok()) {
        FieldKind::Date
    } else if all(&|value| value.starts_with("https://") || value.starts_with("http://")) {
        FieldKind::Links
    } else if different.len() <= FEW
        && count > different.len()
        && all(&|value| value.chars().count() <= MAX_CHOICE && !value.contains(['\n', ',', ';']))
    {
        FieldKind::Choice(new_choices(&[], table, index, false).into())
    } else {
        FieldKind::Text
    }
}

/// The choices that a column has beside those that are there, as many as there is room for.
fn new_choices(present: &[Choice], table: &Table, index: usize, several: bool) -> Vec<Choice> {
    let mut all = present.to_vec();
    // A column says a few things thousands of times, and each is compared with every choice.
    let mut seen = HashSet::new();
    for value in table.values(index).filter(|value| seen.insert(*value)) {
        let parts: Vec<&str> = if several { value.split([',', ';', '\n']).collect() } else { vec![value] };
        for part in parts {
            let (label, _) = one_line(part, MAX_CHOICE);
            let label = label.trim().replace([',', ';'], " ");
            if !label.is_empty() && all.len() < MAX_CHOICES {
                all.extend(Choice::beside(&all, &label));
            }
        }
    }
    all.split_off(present.len())
}
