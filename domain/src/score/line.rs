//! Criteria as people write them, each on a line: `Need`, `Reach: 0 to 1000000`, `Impact: one of 0.5 1 2, weight 3`, `Risk: 1 to 5,
//! weight 2, lower is better`, `Effort: field effort`, `Support: upvotes`, `Choice: voting result`.

use super::{Criterion, Direction, ItemField, Number, Scale, Source};

/// The most criteria of a model.
pub const MAX_CRITERIA: usize = 12;
/// The most characters of a criterion's name.
const MAX_NAME: usize = 40;
/// The most numbers that a scale names.
const MAX_STEPS: usize = 20;
/// The largest number of a scale, and the largest weight.
const MAX_SCALE: i64 = 1_000_000_000;
const MAX_WEIGHT: i64 = 1_000;

/// Reads criteria. Empty lines are left out.
///
/// # Errors
/// A sentence that names the line.
pub fn criteria(text: &str) -> Result<Vec<Criterion>, String> {
    let mut criteria: Vec<Criterion> = Vec::new();
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    for (index, line) in lines.enumerate() {
        if index == MAX_CRITERIA {
            return Err(format!("A model has at most {MAX_CRITERIA} criteria."));
        }
        let criterion = read(line).map_err(|sentence| format!("Criterion {}: {sentence}", index + 1))?;
        let is_taken = |other: &Criterion| other.name.to_lowercase() == criterion.name.to_lowercase();
        if criteria.iter().any(is_taken) {
            return Err(format!("There are two criteria “{}”.", criterion.name));
        }
        criteria.push(criterion);
    }
    if criteria.is_empty() {
        return Err("Write down the criteria, each on a line, such as “Need: 1 to 5, weight 2”.".to_owned());
    }
    Ok(criteria)
}

fn read(line: &str) -> Result<Criterion, String> {
    let (name, rest) = line.split_once(':').unwrap_or((line, ""));
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let begins_well = name.chars().next().is_some_and(char::is_alphabetic);
    let is_plain = name.chars().all(|c| c.is_alphanumeric() || c == ' ' || c == '_');
    if !begins_well || !is_plain || name.chars().count() > MAX_NAME {
        return Err(format!(
            "a name has letters, digits and spaces, begins with a letter, and is at most {MAX_NAME} characters long."
        ));
    }
    if ["min", "max", "if"].contains(&&*name.to_lowercase()) {
        return Err(format!("“{name}” is a word of formulas. Choose another name."));
    }
    let (mut source, mut weight, mut direction) =
        (Source::Rating(Scale::Range(1, 5)), Number::ONE, Direction::Higher);
    for part in rest.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let lower = part.to_lowercase();
        let words: Vec<&str> = lower.split_whitespace().collect();
        match words.as_slice() {
            ["weight", number] => weight = weight_of(number)?,
            ["lower", "is", "better"] => direction = Direction::Lower,
            ["higher", "is", "better"] => direction = Direction::Higher,
            ["upvotes"] => source = Source::Upvotes,
            ["voting", "result"] => source = Source::VotingResult,
            ["field", key] => source = Source::Field(field(key)?),
            [low, "to", high] => source = Source::Rating(range(low, high)?),
            ["one", "of", steps @ ..] => source = Source::Rating(one_of(steps)?),
            _ => {
                return Err(format!(
                    "“{part}” has no meaning. Write “1 to 5”, “one of 1 2 3”, “field effort”, “upvotes”, “voting result”, \
                     “weight 2” or “lower is better”."
                ));
            }
        }
    }
    Ok(Criterion { name, source, weight, direction })
}

fn weight_of(text: &str) -> Result<Number, String> {
    let weight = text.parse::<Number>().ok();
    let is_weight = |weight: &Number| {
        !weight.is_negative() && *weight <= Number::whole(MAX_WEIGHT) && weight.as_hundredths().is_some()
    };
    weight.filter(is_weight).ok_or_else(|| {
        format!("“{text}” isn’t a weight. Use a number from 0 to {MAX_WEIGHT}, like 2 or 0.5.")
    })
}

fn field(key: &str) -> Result<ItemField, String> {
    ItemField::find(key).ok_or_else(|| {
        let keys: Vec<&str> = ItemField::ALL.iter().map(|field| field.as_str()).collect();
        format!("“{key}” isn’t a numeric field. Use one of {}.", keys.join(", "))
    })
}

fn range(low: &str, high: &str) -> Result<Scale, String> {
    let end = |text: &str| text.parse::<i64>().ok().filter(|number| number.abs() <= MAX_SCALE);
    match (end(low), end(high)) {
        (Some(low), Some(high)) if low < high => Ok(Scale::Range(low, high)),
        _ => Err(format!(
            "“{low} to {high}” isn’t a scale. Use whole numbers, the smaller first, like 1 to 5."
        )),
    }
}

fn one_of(words: &[&str]) -> Result<Scale, String> {
    let mut steps = Vec::new();
    for word in words {
        let step = word.parse::<Number>().ok();
        let is_step =
            |step: &Number| step.size() <= Number::whole(MAX_SCALE) && step.as_hundredths().is_some();
        steps.push(step.filter(is_step).ok_or_else(|| format!("“{word}” isn’t a number of a scale."))?);
    }
    steps.sort_unstable();
    steps.dedup();
    if (2..=MAX_STEPS).contains(&steps.len()) {
        Ok(Scale::Steps(steps))
    } else {
        Err(format!("A scale has 2 to {MAX_STEPS} different numbers, with spaces between them."))
    }
}

/// A criterion as a line that is read back.
pub fn criterion_line(criterion: &Criterion) -> String {
    let mut line = criterion.name.clone();
    line.push_str(": ");
    match &criterion.source {
        Source::Rating(Scale::Range(low, high)) => line.push_str(&format!("{low} to {high}")),
        Source::Rating(Scale::Steps(steps)) => {
            line.push_str("one of");
            for step in steps {
                let sign = if step.is_negative() { "-" } else { "" };
                line.push_str(&format!(" {sign}{}", step.size().literal()));
            }
        }
        Source::Field(field) => line.push_str(&format!("field {}", field.as_str())),
        Source::Upvotes => line.push_str("upvotes"),
        Source::VotingResult => line.push_str("voting result"),
    }
    if criterion.weight != Number::ONE {
        line.push_str(&format!(", weight {}", criterion.weight.literal()));
    }
    if criterion.direction == Direction::Lower {
        line.push_str(", lower is better");
    }
    line
}
