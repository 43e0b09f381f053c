//! Models by which items are scored, beside those that come with the program.

use std::borrow::Cow;

use crate::{
    Choice, FieldDef, FieldKind, Record, RecordDef, Role, Scope,
    score::{Method, ScoreModel, criteria},
};

const METHODS: &[Choice] = &[
    Choice::new("weighted", "Weighted criteria"),
    Choice::new("formula", "Own formula"),
    Choice::new("nvf", "Need, value, feasibility"),
    Choice::new("rice", "RICE"),
    Choice::new("wsjf", "WSJF"),
    Choice::new("value_effort", "Value / effort"),
    Choice::new("moscow", "MoSCoW"),
    Choice::new("kano", "Kano"),
];

/// A model of scores.
pub static SCORE_MODEL: RecordDef = RecordDef {
    kind: "score_model",
    one: "score model",
    many: "Score models",
    purpose: "Ways to rank items, one criterion on each line: “Need: 1 to 5, weight 2”, “Risk: 1 to 5, lower is better”, “Impact: one of 0.5 1 2”, “Effort: field effort”, “Support: upvotes”, “Choice: voting result”.",
    scope: Scope::Workspace,
    // What hides ratings is a promise to all who rate, in every product.
    writes: Role::Owner,
    fields: &[
        FieldDef::new("name", "Name", FieldKind::Line, &[]),
        FieldDef::new("method", "Method", FieldKind::Choice(Cow::Borrowed(METHODS)), &[]),
        FieldDef::new("criteria", "Criteria", FieldKind::Text, &[]),
        FieldDef::new("formula", "Formula", FieldKind::Text, &[]),
        FieldDef::new("hidden", "Hide ratings until revealed", FieldKind::Checkbox, &[]),
        FieldDef::new("default", "Use where a product chooses none", FieldKind::Checkbox, &[]),
    ],
    check: |model, others| {
        SCORE_MODEL.has_its_own_name(model, others)?;
        // A page asks the server.
        #[cfg(not(target_family = "wasm"))]
        {
            score_model(model)?;
            let other = others.iter().find(|other| other.id != model.id && is_default_score_model(other));
            if let Some(other) = other.filter(|_| is_default_score_model(model)) {
                let name = SCORE_MODEL.name_of(other);
                return Err(format!(
                    "“{name}” is used already where a product chooses none. Change it first."
                ));
            }
        }
        Ok(())
    },
};

/// Whether products that have chosen none are scored by it.
pub fn is_default_score_model(model: &Record) -> bool {
    model.values.contains_key("default")
}

/// Whether ratings are hidden until somebody reveals them.
pub fn hides_ratings(model: &Record) -> bool {
    model.values.contains_key("hidden")
}

/// The method of a model: criteria with weights where it names none.
pub fn method_of(model: &Record) -> Method {
    model.text("method").and_then(Method::find).unwrap_or(Method::Weighted)
}

/// What a model scores by.
///
/// # Errors
/// A sentence where its criteria or its formula cannot be read.
pub fn score_model(model: &Record) -> Result<ScoreModel, String> {
    let method = method_of(model);
    let (lines, formula) = (model.text("criteria"), model.text("formula"));
    if let Some(own) = method.model() {
        if lines.or(formula).is_some() {
            return Err(format!(
                "{} has its own criteria and formula. Leave both empty, or choose another method.",
                method.label()
            ));
        }
        return Ok(own);
    }
    let criteria = criteria(lines.unwrap_or_default())?;
    match (method, formula) {
        (Method::Formula, formula) => ScoreModel::with_formula(criteria, formula.unwrap_or_default()),
        (_, Some(_)) => {
            Err("Weighted criteria have no formula. Choose “Own formula” as the method.".to_owned())
        }
        (_, None) => ScoreModel::weighted(criteria),
    }
}
