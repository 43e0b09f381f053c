//! Playbooks: what a product needs before it leaves a stage of its life cycle for a later one, and what it should have in that stage.

// The server alone reads what a playbook suggests.
#[cfg(not(target_family = "wasm"))]
mod kit;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

#[cfg(not(target_family = "wasm"))]
pub use self::kit::{Kit, KitFigure, kit_of, usual_mix};
use crate::{Choice, FieldDef, FieldKind, Record, RecordDef, Role, Scope, Stage};

/// How many open points a refusal names.
const NAMED: usize = 3;

/// The most points of a checklist, and the most characters of one.
const MOST_POINTS: usize = 20;
const MAX_POINT: usize = 200;

// In the order of `Stage::ALL`; a test compares them.
const STAGES: &[Choice] = &[
    Choice::new("ideation", "Ideation"),
    Choice::new("development", "Development"),
    Choice::new("launch", "Launch"),
    Choice::new("growth", "Growth"),
    Choice::new("maturity", "Maturity"),
    Choice::new("retirement", "Retirement"),
];

/// The playbook of a stage.
pub static PLAYBOOK: RecordDef = RecordDef {
    kind: "playbook",
    one: "playbook",
    many: "Playbooks",
    purpose: "What a product needs before it leaves a stage: one point of the checklist on each line. What it should have in the stage: a score model, key figures such as “Active users: up to 500 users”, one on each line, and a balance such as “60/25/10/5, band 10”. A stage without a playbook has the built-in checklist.",
    scope: Scope::Workspace,
    // It binds every product.
    writes: Role::Owner,
    fields: &[
        FieldDef::new("name", "Name", FieldKind::Line, &[]),
        FieldDef::new("stage", "Stage", FieldKind::Choice(Cow::Borrowed(STAGES)), &[]),
        FieldDef::new("checklist", "Checklist", FieldKind::Text, &[]),
        // The name of a score model or of a method, a key figure on each line, and shares with a band: see `kit`.
        FieldDef::new("score_model", "Score model", FieldKind::Line, &[]),
        FieldDef::new("figures", "Key figures", FieldKind::Text, &[]),
        FieldDef::new("mix", "Balance", FieldKind::Line, &[]),
    ],
    check,
};

/// The checklists of stages without a playbook, by the stage that a product leaves.
const BUILT_IN: [(Stage, &str); 5] = [
    (
        Stage::Ideation,
        "The problem and whom it affects are written down\n\
         The value is stated in a sentence that its users agree with\n\
         A business owner and an IT owner are named\n\
         The first measure of success has a target",
    ),
    (
        Stage::Development,
        "Pilot users have worked with it\n\
         Operations have accepted the hand-over\n\
         Security and data protection have been reviewed\n\
         Support knows what to answer",
    ),
    (
        Stage::Launch,
        "Everyone it is for can reach it\n\
         What it replaces is switched off or has a date\n\
         Its use is measured every month",
    ),
    (
        Stage::Growth,
        "Its use has stopped growing for two quarters\n\
         Its cost per user is known\n\
         The work that keeps it running is planned",
    ),
    (
        Stage::Maturity,
        "It is known who has to move, and to what\n\
         Contracts and their ends are listed\n\
         The cost that is released is known\n\
         Data that has to be kept has a place",
    ),
];

/// The stage that a playbook is for.
pub fn stage_of(playbook: &Record) -> Option<Stage> {
    playbook.text("stage")?.parse().ok()
}

/// The points of a checklist, one on each line.
fn points(list: &str) -> impl Iterator<Item = &str> {
    list.lines().map(str::trim).filter(|line| !line.is_empty())
}

/// What a product needs before it leaves a stage: the checklist of its playbook, or the built-in one.
pub fn checklist_of(stage: Stage, playbooks: &[Record]) -> Vec<String> {
    let own =
        playbooks.iter().find(|playbook| playbook.deleted.is_none() && stage_of(playbook) == Some(stage));
    let built_in = || BUILT_IN.iter().find(|(of, _)| *of == stage).map_or("", |(_, list)| *list);
    let list = own.map_or_else(built_in, |own| own.text("checklist").unwrap_or_default());
    points(list).map(str::to_owned).collect()
}

fn check(playbook: &Record, others: &[Record]) -> Result<(), String> {
    PLAYBOOK.has_its_own_name(playbook, others)?;
    let stage = stage_of(playbook).ok_or("Choose the stage that the playbook is for.")?;
    if let Some(other) = others.iter().find(|other| other.id != playbook.id && stage_of(other) == Some(stage))
    {
        let name = PLAYBOOK.name_of(other);
        return Err(format!("“{name}” is the playbook of this stage already. Change that one."));
    }
    let points: Vec<&str> = points(playbook.text("checklist").unwrap_or_default()).collect();
    if points.len() > MOST_POINTS {
        return Err(format!("A checklist has at most {MOST_POINTS} points."));
    }
    if points.iter().any(|point| point.chars().count() > MAX_POINT) {
        return Err(format!("A point of a checklist has at most {MAX_POINT} characters."));
    }
    let twice = points.iter().enumerate().find(|(at, point)| points[..*at].contains(point));
    if let Some((_, point)) = twice {
        return Err(format!("“{point}” is on the checklist twice."));
    }
    // A page asks the server.
    #[cfg(not(target_family = "wasm"))]
    kit_of(playbook)?;
    Ok(())
}

/// How far a checklist was ticked off when a product left its stage, each in the order of the checklist.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChecklistState {
    pub done: Vec<String>,
    pub open: Vec<String>,
}

impl ChecklistState {
    /// How many points the checklist has.
    pub fn points(&self) -> usize {
        self.done.len() + self.open.len()
    }
}

/// Whether a product may leave a stage: for a later one with its whole checklist ticked off or with a reason, for an earlier one
/// with a reason.
///
/// # Errors
/// A sentence that says what is missing.
pub fn leave(
    (from, to): (Stage, Stage),
    checklist: Vec<String>,
    done: &[String],
    reason: &str,
) -> Result<ChecklistState, String> {
    let is_explained = !reason.trim().is_empty();
    if to < from {
        let sentence = format!("Say why the product goes back from {} to {}.", from.label(), to.label());
        return if is_explained { Ok(ChecklistState::default()) } else { Err(sentence) };
    }
    let (done, open): (Vec<_>, Vec<_>) = checklist.into_iter().partition(|point| done.contains(point));
    if open.is_empty() || is_explained {
        return Ok(ChecklistState { done, open });
    }
    let named: Vec<String> = open.iter().take(NAMED).map(|point| format!("“{point}”")).collect();
    let more = match open.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Err(format!("Tick off {}{more}, or give a reason for moving on without.", named.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{RecordId, Stamp, Timestamp, UserId, Value};

    fn playbook(number: u8, name: &str, stage: &str, list: &str) -> Record {
        let text = |text: &str| Value::Text(text.to_owned());
        let values = [("name", name), ("stage", stage), ("checklist", list)];
        let stamp = Stamp { by: UserId::NIL, at: Timestamp(0) };
        Record {
            id: RecordId::new(1, [number; 10]),
            product: None,
            version: 1,
            values: values.into_iter().map(|(key, value)| (key.parse().unwrap(), text(value))).collect(),
            created: stamp,
            changed: stamp,
            deleted: None,
        }
    }

    #[test]
    fn a_playbook_is_for_every_stage() {
        let named: Vec<_> = STAGES.iter().map(|stage| (&*stage.key, &*stage.label)).collect();
        let all: Vec<_> = Stage::ALL.iter().map(|stage| (stage.as_str(), stage.label())).collect();
        assert_eq!(named, all);
        for (number, (stage, list)) in (1..).zip(BUILT_IN) {
            let built_in = playbook(number, stage.label(), stage.as_str(), list);
            assert_eq!(PLAYBOOK.check(&built_in, &[]), Ok(()));
            assert!(checklist_of(stage, &[]).len() > 2);
        }
        assert!(checklist_of(Stage::Retirement, &[]).is_empty(), "nothing comes after it");
    }

    #[test]
    fn a_stage_has_one_playbook_with_a_list_of_few_points() {
        let growth = playbook(1, "Grow", "growth", "Users\n Costs \n\n");
        let check = |one: Record| PLAYBOOK.check(&one, std::slice::from_ref(&growth));
        assert_eq!(check(growth.clone()), Ok(()));
        assert!(check(playbook(2, "Other", "growth", "One")).unwrap_err().contains("“Grow”"));
        assert!(check(playbook(2, "Other", "launch", "One\n One ")).unwrap_err().contains("twice"));
        let long = (0..21).map(|n| format!("{n}\n")).collect::<String>();
        assert!(check(playbook(2, "Other", "launch", &long)).unwrap_err().contains("at most 20"));
        assert!(check(playbook(2, "Other", "launch", &"x".repeat(201))).unwrap_err().contains("200"));
        assert_eq!(checklist_of(Stage::Growth, std::slice::from_ref(&growth)), ["Users", "Costs"]);
        let none = playbook(1, "Grow", "growth", "");
        assert!(checklist_of(Stage::Growth, &[none]).is_empty(), "a playbook can ask for nothing");
    }

    #[test]
    fn a_stage_is_left_with_its_checklist_or_a_reason() {
        let texts = |points: &[&str]| points.iter().map(|point| (*point).to_owned()).collect::<Vec<_>>();
        let list = || texts(&["Users", "Costs"]);
        let state = |done: &[&str], open: &[&str]| ChecklistState { done: texts(done), open: texts(open) };
        let on = (Stage::Growth, Stage::Maturity);
        let all = leave(on, list(), &texts(&["Costs", "Users", "Else"]), "");
        assert_eq!(all, Ok(state(&["Users", "Costs"], &[])));
        assert!(leave(on, list(), &texts(&["Users"]), " ").unwrap_err().contains("“Costs”"));
        let some = leave(on, list(), &texts(&["Users"]), "The board decided so");
        assert_eq!(some, Ok(state(&["Users"], &["Costs"])));
        assert!(leave(on, Vec::new(), &[], "").is_ok(), "where nothing is asked for");
        let back = (Stage::Growth, Stage::Launch);
        assert!(leave(back, list(), &list(), "").unwrap_err().contains("goes back"));
        assert!(leave(back, list(), &[], "The pilot failed").unwrap().open.is_empty());
    }
}
