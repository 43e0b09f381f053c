//! What is not taken as it is in a file, grouped by its cause.

use std::{borrow::Cow, collections::BTreeMap};

use domain::exchange::{Loss, Problem};

use super::grid::{one_line, shown};

/// How many lines and different values are listed for a cause.
const LINES: usize = 10;
const EXAMPLES: usize = 3;

/// The most causes that are listed; a file of 500 columns could have thousands.
const MAX_CAUSES: usize = 200;

#[derive(Debug, Default)]
pub(super) struct Problems(BTreeMap<(Loss, Option<usize>, Cow<'static, str>), Problem>);

impl Problems {
    /// Adds a row or a cell to a cause. `column` is the column's place and name.
    pub(super) fn add(
        &mut self,
        loss: Loss,
        column: Option<(usize, &str)>,
        sentence: impl Into<Cow<'static, str>>,
        line: u64,
        value: &str,
    ) {
        let key = (loss, column.map(|(index, _)| index), sentence.into());
        if !self.0.contains_key(&key) && self.0.len() >= MAX_CAUSES {
            return;
        }
        let sentence = key.2.to_string();
        let problem = self.0.entry(key).or_insert_with(|| Problem {
            loss,
            column: column.map(|(_, header)| header.to_owned()),
            sentence,
            count: 0,
            lines: Vec::new(),
            examples: Vec::new(),
        });
        problem.count += 1;
        if problem.lines.len() < LINES && problem.lines.last() != Some(&line) {
            problem.lines.push(line);
        }
        if problem.examples.len() < EXAMPLES && !value.trim().is_empty() {
            let (example, _) = one_line(&shown(value), 60);
            if !problem.examples.contains(&example) {
                problem.examples.push(example);
            }
        }
    }

    /// The heaviest first, then in the order of the columns.
    pub(super) fn into_list(self) -> Vec<Problem> {
        self.0.into_values().collect()
    }
}
