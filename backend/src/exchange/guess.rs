//! What the columns of a file may mean, from their headers first and their values second.

use std::collections::BTreeSet;

use domain::exchange::{Mapping, Target};

use super::{
    table::Table,
    words::{self, Edge, folded},
};

/// Headers that say what a column is, in the order in which they claim it.
const NAMES: &[(Target, &[&str])] = &[
    (Target::OwnKey, &["cairnkey"]),
    (
        Target::Key,
        &["key", "id", "issuekey", "itemkey", "sourcekey", "externalid", "identifier", "issueid", "ref"],
    ),
    (
        Target::Title,
        &["title", "name", "summary", "item", "feature", "goal", "epic", "subject", "initiative", "what"],
    ),
    (Target::Description, &["description", "details", "body", "descriptionmarkdown"]),
    (
        Target::Lane,
        &[
            "lane",
            "column",
            "period",
            "quarter",
            "horizon",
            "timeframe",
            "bucket",
            "milestone",
            "release",
            "list",
            "fixversion",
            "fixversions",
            "sprint",
            "phase",
        ],
    ),
    (Target::Status, &["status", "state", "progress"]),
    (Target::Kind, &["type", "kind", "itemtype", "issuetype", "category"]),
    (Target::Investment, &["investment", "investmenttype", "investmentkind"]),
    (Target::Effort, &["effort", "effortinpersondays", "persondays", "estimate", "size", "days"]),
    (Target::Start, &["start", "startdate", "begin", "from", "starts", "plannedstart"]),
    (Target::End, &["end", "enddate", "due", "duedate", "finish", "until", "to", "targetdate", "deadline"]),
    (
        Target::Owner,
        &["owner", "assignee", "lead", "responsible", "owneremail", "pointofcontact", "productmanager"],
    ),
    (
        Target::Tags,
        &["tags", "tag", "labels", "label", "teams", "team", "components", "component", "keywords"],
    ),
];

/// Columns that are exported for people and never read back.
const OURS: &[&str] = &["votes"];

/// Parts of headers whose values are worth keeping in the description.
const WORTH_KEEPING: &[&str] = &["issue", "ticket", "link", "url", "reference", "note", "comment"];

/// A mapping to begin with.
pub(super) fn guess(table: &Table) -> Mapping {
    let mut targets: Vec<Option<Target>> = table.headers.iter().map(|_| None).collect();
    let folded: Vec<String> = table.headers.iter().map(|header| folded(header)).collect();
    for (target, names) in NAMES {
        let mut claimed = false;
        for name in *names {
            for (index, header) in folded.iter().enumerate() {
                let wanted = !claimed || target.is_shared();
                if wanted && header == name && targets[index].is_none() {
                    targets[index] = Some(*target);
                    claimed = true;
                }
            }
        }
    }
    let mut taken: BTreeSet<Target> = targets.iter().flatten().copied().collect();
    for index in 0..targets.len() {
        if targets[index].is_none() {
            let target = by_values(table, index, &folded[index], &taken);
            targets[index] = Some(target);
            taken.insert(target);
        }
    }
    if !taken.contains(&Target::Title)
        && let Some(index) = wordiest(table, &targets)
    {
        targets[index] = Some(Target::Title);
    }
    let targets = targets.into_iter().map(|target| target.unwrap_or(Target::Ignore));
    Mapping(table.headers.iter().cloned().zip(targets).collect())
}

fn by_values(table: &Table, column: usize, header: &str, taken: &BTreeSet<Target>) -> Target {
    let all = |check: &dyn Fn(&str) -> bool| {
        let mut values = table.values(column).peekable();
        values.peek().is_some() && values.all(check)
    };
    let free = |target: Target| !taken.contains(&target);
    if OURS.contains(&header) || table.values(column).next().is_none() {
        Target::Ignore
    } else if all(&|value| words::yes(value).is_ok())
        && table.values(column).any(|value| words::yes(value) == Ok(true))
    {
        // Counts and numbers are zeros and ones now and then.
        if all(&|value| value.bytes().all(|byte| byte.is_ascii_digit())) {
            Target::Ignore
        } else {
            Target::TagIfYes
        }
    } else if free(Target::Status) && all(&|value| words::status(value).is_ok()) {
        Target::Status
    } else if free(Target::Owner) && all(&|value| value.parse::<domain::Email>().is_ok()) {
        Target::Owner
    } else if all(&|value| words::day(value, Edge::First).is_ok()) {
        match header {
            header if header.contains("start") && free(Target::Start) => Target::Start,
            header
                if ["end", "due", "finish", "target"].iter().any(|word| header.contains(word))
                    && free(Target::End) =>
            {
                Target::End
            }
            _ => Target::Ignore,
        }
    } else if WORTH_KEEPING.iter().any(|word| header.contains(word)) {
        Target::Append
    } else {
        Target::Ignore
    }
}

/// The column with most text that nothing else is known about.
fn wordiest(table: &Table, targets: &[Option<Target>]) -> Option<usize> {
    let length = |column: usize| table.values(column).map(str::len).sum::<usize>();
    (0..targets.len())
        .filter(|index| matches!(targets[*index], Some(Target::Ignore)) && length(*index) > 0)
        .max_by_key(|index| (length(*index), usize::MAX - index))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guessed(text: &str) -> Vec<(String, &'static str)> {
        let table = Table::parse(text).unwrap();
        let mapping = guess(&table);
        table.headers.iter().map(|header| (header.clone(), mapping.target(header).as_str())).collect()
    }

    fn targets(text: &str) -> Vec<&'static str> {
        guessed(text).into_iter().map(|(_, target)| target).collect()
    }

    #[test]
    fn the_goals_are_understood() {
        let text = include_str!("../../../end2end/fixtures/rust-project-goals.csv");
        let expected = [
            ("Key", "key"),
            ("Period", "lane"),
            ("Title", "title"),
            ("Status", "status"),
            ("Flagship", "tag_if_yes"),
            ("Teams", "tags"),
            ("Start", "start"),
            ("End", "end"),
            ("Tracking issue", "append"),
        ];
        assert_eq!(guessed(text), expected.map(|(header, target)| (header.to_owned(), target)));
    }

    #[test]
    fn headers_of_other_tools_are_understood() {
        let text = "Issue key,Summary,Issue Type,Assignee,Due Date,Fix Version/s,Labels,Component/s,Created\n\
                    A-1,Log in,Story,a@example.org,2026-01-02,1.0,x,y,2026-01-01\n";
        assert_eq!(targets(text), ["key", "title", "type", "owner", "end", "lane", "tags", "tags", "ignore"]);
    }

    #[test]
    fn values_tell_what_headers_do_not() {
        let text = "Was,Wer,Zustand,Kickoff start,Wichtig,Nothing\n\
                    Anmelden,a@example.org,done,2026-01-02,x,\n\
                    Abmelden,b@example.org,in progress,2026-02-02,,\n";
        assert_eq!(targets(text), ["title", "owner", "status", "start", "tag_if_yes", "ignore"]);
    }

    #[test]
    fn a_target_that_is_not_shared_is_guessed_once() {
        let text = "Name,Title,State,Status,ID,Key\na,b,done,done,1,2\n";
        assert_eq!(targets(text), ["ignore", "title", "ignore", "status", "ignore", "key"]);
    }
}
