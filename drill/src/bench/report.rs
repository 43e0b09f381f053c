//! Figures, their goals, and the table they are shown in.

use std::{fmt::Write as _, path::Path};

use anyhow::{Context as _, Result};
use serde::Serialize;

use super::machine::Machine;
use crate::times::quantile;

const BEGIN: &str = "<!-- figures: written by cargo xtask bench -->";
const END: &str = "<!-- end of figures -->";

#[derive(Debug, Serialize)]
pub(super) struct Report {
    #[serde(flatten)]
    pub(super) machine: Machine,
    pub(super) figures: Vec<Figure>,
}

/// One thing that was to be measured.
#[derive(Debug, Serialize)]
pub(super) struct Figure {
    /// Its name in the list of goals; empty for what has none there.
    id: &'static str,
    name: String,
    unit: &'static str,
    goal: Goal,
    #[serde(flatten)]
    measured: Option<Measured>,
    /// None without a goal, or without a measurement.
    met: Option<bool>,
    /// What has to be known about it; why there is no figure, when there is none.
    note: String,
}

/// What several runs gave.
#[derive(Debug, Serialize)]
struct Measured {
    median: f64,
    least: f64,
    most: f64,
    runs: usize,
}

/// What is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Goal {
    None,
    AtMost(f64),
    AtLeast(f64),
}

impl Figure {
    /// # Panics
    /// Without a single run.
    pub(super) fn new(
        id: &'static str,
        name: impl Into<String>,
        unit: &'static str,
        goal: Goal,
        mut runs: Vec<f64>,
    ) -> Self {
        let median = quantile(&mut runs, 0.5);
        let met = match goal {
            Goal::None => None,
            Goal::AtMost(most) => Some(median <= most),
            Goal::AtLeast(least) => Some(median >= least),
        };
        let measured = Measured { median, least: runs[0], most: runs[runs.len() - 1], runs: runs.len() };
        Self { id, name: name.into(), unit, goal, measured: Some(measured), met, note: String::new() }
    }

    /// What could not be measured, and why.
    pub(super) fn missing(name: impl Into<String>, why: impl Into<String>) -> Self {
        Self {
            id: "",
            name: name.into(),
            unit: "",
            goal: Goal::None,
            measured: None,
            met: None,
            note: why.into(),
        }
    }

    pub(super) fn noting(self, note: impl Into<String>) -> Self {
        Self { note: note.into(), ..self }
    }

    fn row(&self) -> String {
        let Self { id, name, unit, note, .. } = self;
        let goal = match self.goal {
            Goal::None => String::new(),
            Goal::AtMost(most) => format!("≤ {} {unit}", number(most)),
            Goal::AtLeast(least) => format!("≥ {} {unit}", number(least)),
        };
        let verdict = match self.met {
            None => "",
            Some(true) => "met",
            Some(false) => "**missed**",
        };
        let told = [verdict, note].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("; ");
        let Some(Measured { median, least, most, runs }) = &self.measured else {
            return format!("| {id} | {name} | {goal} | | | | {told} |");
        };
        let spread =
            if *runs > 1 { format!("{}–{}", number(*least), number(*most)) } else { String::new() };
        format!("| {id} | {name} | {goal} | {} {unit} | {spread} | {runs} | {told} |", number(*median))
    }
}

impl Report {
    pub(super) fn add(&mut self, figure: Figure) {
        self.figures.push(figure);
    }

    pub(super) fn extend(&mut self, figures: impl IntoIterator<Item = Figure>) {
        self.figures.extend(figures);
    }

    pub(super) fn markdown(&self) -> String {
        let Machine { processor, cores, kernel, file_system, commit } = &self.machine;
        let mut text = format!(
            "Commit {commit} · {processor}, {cores} cores · Linux {kernel} · {file_system}. Load and server share the \
             machine, over loopback.\n\n\
             | | Figure | Goal | Median | Spread | Runs | |\n|---|---|---|---|---|---|---|\n"
        );
        for figure in &self.figures {
            writeln!(text, "{}", figure.row()).expect("writing to a string does not fail");
        }
        text
    }

    /// Puts the table between the marks of a file.
    pub(super) fn write_into(&self, file: &Path) -> Result<()> {
        let shown = file.display();
        let text = std::fs::read_to_string(file).with_context(|| format!("{shown} cannot be read"))?;
        let marked = text.split_once(BEGIN).and_then(|(before, rest)| {
            let (_, after) = rest.split_once(END)?;
            Some((before, after))
        });
        let (before, after) =
            marked.with_context(|| format!("{shown} has no lines `{BEGIN}` and `{END}` to write between"))?;
        let text = format!("{before}{BEGIN}\n\n{}\n{END}{after}", self.markdown());
        std::fs::write(file, text).with_context(|| format!("{shown} cannot be written"))
    }
}

/// Three significant digits, with thousands apart.
fn number(value: f64) -> String {
    if value >= 1000.0 {
        let mut whole = format!("{value:.0}");
        for end in
            (1..whole.len()).rev().filter(|at| (whole.len() - at).is_multiple_of(3)).collect::<Vec<_>>()
        {
            whole.insert(end, ',');
        }
        return whole;
    }
    let digits = if value >= 100.0 {
        0
    } else if value >= 10.0 {
        1
    } else {
        2
    };
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_is_met_by_the_median() {
        let met = |goal| Figure::new("P0", "x", "ms", goal, vec![9.0, 1.0, 2.0]).met;
        assert_eq!(met(Goal::AtMost(2.0)), Some(true));
        assert_eq!(met(Goal::AtMost(1.9)), Some(false));
        assert_eq!(met(Goal::AtLeast(2.1)), Some(false));
        assert_eq!(met(Goal::None), None);
    }

    #[test]
    fn a_row_says_what_there_is() {
        let figure = |runs| Figure::new("P0", "x", "ms", Goal::AtMost(2.0), runs);
        assert_eq!(figure(vec![3.0]).row(), "| P0 | x | ≤ 2 ms | 3 ms |  | 1 | **missed** |");
        assert_eq!(
            figure(vec![1.0, 2.0]).noting("half").row(),
            "| P0 | x | ≤ 2 ms | 1 ms | 1–2 | 2 | met; half |"
        );
        assert_eq!(Figure::missing("x", "no disk").row(), "|  | x |  | | | | no disk |");
    }

    #[test]
    fn numbers_keep_three_digits() {
        let shown: Vec<_> = [12_345.6, 1_000.0, 123.4, 40.0, 12.34, 0.5678].map(number).into();
        assert_eq!(shown, ["12,346", "1,000", "123", "40", "12.3", "0.57"]);
    }
}
