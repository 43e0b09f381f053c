//! Models: by which criteria items are scored, and how these become one number.

use super::{Formula, Number, line};
use crate::{FieldKey, Item, Value};

/// How a model makes one number of its criteria.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    NeedValueFeasibility,
    Rice,
    Wsjf,
    ValueEffort,
    Moscow,
    Kano,
    Weighted,
    Formula,
}

/// The method of a product that has chosen no model.
pub const DEFAULT_METHOD: Method = Method::NeedValueFeasibility;

/// A criterion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Criterion {
    pub name: String,
    pub source: Source,
    /// How much it counts among weighted criteria.
    pub weight: Number,
    pub direction: Direction,
}

/// Where the number of a criterion comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The mean of what people say, on a scale.
    Rating(Scale),
    /// A field of the item.
    Field(ItemField),
    /// How many people voted for the item.
    Upvotes,
    /// The points of the item in the last voting session about its product whose result is shown.
    VotingResult,
}

/// What a rating can be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Every whole number from one to the other.
    Range(i64, i64),
    /// One of these, the smallest first.
    Steps(Vec<Number>),
}

/// Whether a larger number speaks for the item, among weighted criteria.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    #[default]
    Higher,
    Lower,
}

/// A field that every item has, as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ItemField {
    Effort,
    Confidence,
    Cost,
    Bookings,
    RetainedRevenue,
    Likelihood,
    Impact,
    Priority,
    Moscow,
    Kano,
}

/// Criteria, and what becomes of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScoreModel {
    pub criteria: Vec<Criterion>,
    pub formula: Formula,
}

impl Method {
    pub const ALL: [Method; 8] = [
        Method::NeedValueFeasibility,
        Method::Rice,
        Method::Wsjf,
        Method::ValueEffort,
        Method::Moscow,
        Method::Kano,
        Method::Weighted,
        Method::Formula,
    ];

    /// As it is kept.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::NeedValueFeasibility => "nvf",
            Method::Rice => "rice",
            Method::Wsjf => "wsjf",
            Method::ValueEffort => "value_effort",
            Method::Moscow => "moscow",
            Method::Kano => "kano",
            Method::Weighted => "weighted",
            Method::Formula => "formula",
        }
    }

    /// As people read it.
    pub fn label(self) -> &'static str {
        match self {
            Method::NeedValueFeasibility => "Need, value, feasibility",
            Method::Rice => "RICE",
            Method::Wsjf => "WSJF",
            Method::ValueEffort => "Value / effort",
            Method::Moscow => "MoSCoW",
            Method::Kano => "Kano",
            Method::Weighted => "Weighted criteria",
            Method::Formula => "Own formula",
        }
    }

    /// The method that is kept so.
    pub fn find(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.as_str() == key)
    }

    /// The model of a method that brings its own criteria and formula; `None` for those that people fill.
    ///
    /// - *Need, value, feasibility*: the mean of what users need, what it is worth to the business, and how feasible it is, each
    ///   from 1 to 5; the three questions that product managers ask of each feature.
    /// - *RICE* (Sean McBride, “RICE: Simple prioritization for product managers”, Intercom, 2016): reach × impact × confidence ÷
    ///   effort. Reach is how many people in a quarter, impact one of 3, 2, 1, 0.5 and 0.25, effort in person-months: here of 20
    ///   person-days.
    /// - *WSJF* (“Weighted Shortest Job First”, Scaled Agile Framework, after Don Reinertsen, *The Principles of Product Development
    ///   Flow*, 2009): the cost of delay ÷ the job size. The cost of delay is user and business value + time criticality + risk
    ///   reduction and opportunity enablement; all on the scale 1, 2, 3, 5, 8, 13, 20.
    /// - *Value / effort*: value from 1 to 10 ÷ effort in person-days; benefit over cost.
    /// - *MoSCoW* (Dai Clegg and Richard Barker, *Case Method Fast-Track*, 1994): must before should before could before won't.
    /// - *Kano* (Noriaki Kano, “Attractive quality and must-be quality”, 1984): basic before performance before excitement before
    ///   indifferent before reverse, the order in which Berger and others (*Kano's methods for understanding customer-defined
    ///   quality*, 1993) say to look after them.
    pub fn model(self) -> Option<ScoreModel> {
        let (lines, formula) = match self {
            Method::NeedValueFeasibility => ("Need\nValue\nFeasibility", "(Need + Value + Feasibility) ÷ 3"),
            Method::Rice => (
                "Reach: 0 to 1000000\nImpact: one of 0.25 0.5 1 2 3\nConfidence: field confidence\nEffort: field effort",
                "Reach × Impact × (Confidence ÷ 100) ÷ (Effort ÷ 20)",
            ),
            Method::Wsjf => (
                "Business value: one of 1 2 3 5 8 13 20\nTime criticality: one of 1 2 3 5 8 13 20\n\
                 Risk and opportunity: one of 1 2 3 5 8 13 20\nJob size: one of 1 2 3 5 8 13 20",
                "(Business value + Time criticality + Risk and opportunity) ÷ Job size",
            ),
            Method::ValueEffort => ("Value: 1 to 10\nEffort: field effort", "Value ÷ Effort"),
            Method::Moscow => ("MoSCoW: field moscow", "MoSCoW"),
            Method::Kano => ("Kano: field kano", "Kano"),
            Method::Weighted | Method::Formula => return None,
        };
        let criteria = line::criteria(lines).expect("a test makes every model");
        let model = ScoreModel::with_formula(criteria, formula);
        Some(model.expect("a test makes every model"))
    }
}

impl ScoreModel {
    /// Criteria under a formula of their own.
    ///
    /// # Errors
    /// A sentence where the formula cannot be read.
    pub fn with_formula(criteria: Vec<Criterion>, formula: &str) -> Result<Self, String> {
        let names: Vec<String> = criteria.iter().map(|criterion| criterion.name.clone()).collect();
        let formula = Formula::parse(formula, &names).map_err(|error| format!("Formula: {error}"))?;
        Ok(ScoreModel { criteria, formula })
    }

    /// Criteria by their weights: the sum of each number times its weight, divided by the sum of the weights (a weighted arithmetic
    /// mean). Of a criterion that is better when lower, what its scale leaves counts.
    ///
    /// # Errors
    /// A sentence where the weights sum to nothing.
    pub fn weighted(criteria: Vec<Criterion>) -> Result<Self, String> {
        let mut sum = Number::ZERO;
        let mut parts = Vec::new();
        for criterion in &criteria {
            sum = sum.plus(criterion.weight).unwrap_or(sum);
            let name = &criterion.name;
            let number = match criterion.direction {
                Direction::Higher => name.clone(),
                Direction::Lower => {
                    let Some((low, high)) = criterion.source.bounds() else {
                        return Err(format!(
                            "“{name}” has no highest value, so it can’t be better when lower."
                        ));
                    };
                    let both = low.plus(high).ok_or("This scale is too large.")?;
                    format!("({both} − {name})")
                }
            };
            parts.push(format!("{} × {number}", criterion.weight.literal()));
        }
        if sum.is_zero() {
            return Err("The weights add up to nothing. Give at least one criterion a weight.".to_owned());
        }
        let formula = format!("({}) ÷ {}", parts.join(" + "), sum.literal());
        Self::with_formula(criteria, &formula)
    }

    /// The criterion of that name.
    pub fn criterion(&self, name: &str) -> Option<&Criterion> {
        self.criteria.iter().find(|criterion| criterion.name.to_lowercase() == name.to_lowercase())
    }

    /// Whether people rate anything in it.
    pub fn has_ratings(&self) -> bool {
        self.criteria.iter().any(|criterion| criterion.scale().is_some())
    }
}

impl Criterion {
    /// By what people rate it, when they do.
    pub fn scale(&self) -> Option<&Scale> {
        match &self.source {
            Source::Rating(scale) => Some(scale),
            Source::Field(_) | Source::Upvotes | Source::VotingResult => None,
        }
    }
}

impl Source {
    /// The smallest and largest number there can be, where there are such.
    pub fn bounds(&self) -> Option<(Number, Number)> {
        match self {
            Source::Rating(scale) => Some(scale.bounds()),
            Source::Field(field) => {
                field.bounds().map(|(low, high)| (Number::whole(low), Number::whole(high)))
            }
            Source::Upvotes | Source::VotingResult => None,
        }
    }
}

impl Scale {
    pub fn bounds(&self) -> (Number, Number) {
        match self {
            Scale::Range(low, high) => (Number::whole(*low), Number::whole(*high)),
            Scale::Steps(steps) => {
                let ends = steps.first().zip(steps.last());
                ends.map_or((Number::ZERO, Number::ZERO), |(low, high)| (*low, *high))
            }
        }
    }

    /// What somebody rates so, in hundredths.
    ///
    /// # Errors
    /// A sentence that says what can be.
    pub fn rating(&self, text: &str) -> Result<i64, String> {
        let number = text.trim().parse::<Number>().ok();
        let on_scale = |number: &Number| match self {
            Scale::Range(low, high) => {
                let is_between = *number >= Number::whole(*low) && *number <= Number::whole(*high);
                is_between && number.as_hundredths().is_some_and(|hundredths| hundredths % 100 == 0)
            }
            Scale::Steps(steps) => steps.contains(number),
        };
        number.filter(on_scale).and_then(Number::as_hundredths).ok_or_else(|| self.to_string())
    }

    /// Those that are offered, where they are few.
    pub fn choices(&self) -> Option<Vec<Number>> {
        match self {
            Scale::Range(low, high) if high - low < 20 => Some((*low..=*high).map(Number::whole).collect()),
            Scale::Range(..) => None,
            Scale::Steps(steps) => Some(steps.clone()),
        }
    }
}

/// What can be said, as a sentence has it.
impl std::fmt::Display for Scale {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Scale::Range(low, high) => write!(f, "a whole number from {low} to {high}"),
            Scale::Steps(steps) => {
                f.write_str("one of")?;
                for (index, step) in steps.iter().enumerate() {
                    write!(f, "{} {step}", if index == 0 { "" } else { "," })?;
                }
                Ok(())
            }
        }
    }
}

impl ItemField {
    pub const ALL: [ItemField; 10] = [
        ItemField::Effort,
        ItemField::Confidence,
        ItemField::Cost,
        ItemField::Bookings,
        ItemField::RetainedRevenue,
        ItemField::Likelihood,
        ItemField::Impact,
        ItemField::Priority,
        ItemField::Moscow,
        ItemField::Kano,
    ];

    /// The key of the field.
    pub fn as_str(self) -> &'static str {
        match self {
            ItemField::Effort => "effort",
            ItemField::Confidence => "confidence",
            ItemField::Cost => "cost",
            ItemField::Bookings => "bookings",
            ItemField::RetainedRevenue => "retained_revenue",
            ItemField::Likelihood => "likelihood",
            ItemField::Impact => "impact",
            ItemField::Priority => "priority",
            ItemField::Moscow => "moscow",
            ItemField::Kano => "kano",
        }
    }

    pub fn find(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.as_str() == key)
    }

    fn bounds(self) -> Option<(i64, i64)> {
        match self {
            ItemField::Effort | ItemField::Cost | ItemField::Bookings | ItemField::RetainedRevenue => None,
            ItemField::Confidence => Some((0, 100)),
            ItemField::Likelihood | ItemField::Impact => Some((1, 5)),
            ItemField::Priority | ItemField::Moscow => Some((1, 4)),
            ItemField::Kano => Some((0, 4)),
        }
    }

    /// The number in an item; money in whole units of the currency, effort in person-days. Of choices, the first to do has the
    /// highest.
    pub fn of(self, item: &Item) -> Option<Number> {
        if self == ItemField::Effort {
            return Number::fraction(i64::from(item.fields.effort?.tenths()), 10);
        }
        let key: FieldKey = self.as_str().parse().ok()?;
        let ranked = |keys: &[&str], lowest: i64| match item.fields.values.get(&key)? {
            Value::Text(chosen) => {
                let place = keys.iter().rev().position(|key| key == chosen)?;
                Some(Number::whole(lowest + i64::try_from(place).ok()?))
            }
            _ => None,
        };
        match self {
            ItemField::Priority => ranked(&["critical", "high", "medium", "low"], 1),
            ItemField::Moscow => ranked(&["must", "should", "could", "wont"], 1),
            ItemField::Kano => ranked(&["basic", "performance", "excitement", "indifferent", "reverse"], 0),
            _ => match item.fields.values.get(&key)? {
                Value::Number(number) if self.is_money() => Some(Number::hundredths(*number)),
                Value::Number(number) => Some(Number::whole(*number)),
                _ => None,
            },
        }
    }

    fn is_money(self) -> bool {
        matches!(self, ItemField::Cost | ItemField::Bookings | ItemField::RetainedRevenue)
    }

    /// The smallest change of it that makes a difference to people.
    pub(super) fn step(self) -> Number {
        match self {
            ItemField::Effort => Number::fraction(1, 10).unwrap_or(Number::ONE),
            _ => Number::ONE,
        }
    }
}
