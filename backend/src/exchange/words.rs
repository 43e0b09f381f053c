//! Words that other tools use for what an item has, and days as people write them.

use domain::{Date, Investment, ItemKind, PersonDays, Status};

/// Letters and digits in lower case: `Fix version/s` and `fix_versions` are one word.
pub(super) fn folded(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

pub(super) fn status(text: &str) -> Result<Status, String> {
    let status = match folded(text).as_str() {
        "accepted"
        | "approved"
        | "committed"
        | "todo"
        | "ready"
        | "scheduled"
        | "open"
        | "selected"
        | "selectedfordevelopment"
        | "next" => Status::Planned,
        "new" | "idea" | "draft" | "backlog" | "underconsideration" | "candidate" | "submitted"
        | "requested" => Status::Proposed,
        "doing" | "started" | "active" | "wip" | "ongoing" | "indevelopment" | "inreview" | "intesting"
        | "underway" | "inflight" => Status::InProgress,
        "complete" | "completed" | "shipped" | "released" | "closed" | "delivered" | "launched"
        | "resolved" | "finished" => Status::Done,
        "notaccepted" | "rejected" | "declined" | "cancelled" | "canceled" | "wontdo" | "wontfix"
        | "abandoned" | "withdrawn" | "notplanned" => Status::Dropped,
        _ => return choice(text),
    };
    Ok(status)
}

pub(super) fn kind(text: &str) -> Result<ItemKind, String> {
    let kind = match folded(text).as_str() {
        "story" | "userstory" | "epic" | "newfeature" | "task" | "initiative" => ItemKind::Feature,
        "improvement" | "change" => ItemKind::Enhancement,
        "bug" | "bugfix" | "defect" | "incident" | "problem" => ItemKind::Fix,
        "enabler" => ItemKind::Capability,
        "spike" | "research" | "discovery" | "prototype" => ItemKind::Experiment,
        "removal" | "sunset" | "deprecation" | "decommission" => ItemKind::Retirement,
        _ => return choice(text),
    };
    Ok(kind)
}

pub(super) fn investment(text: &str) -> Result<Investment, String> {
    let investment = match folded(text).as_str() {
        "innovate" | "growth" | "grow" | "new" => Investment::Innovation,
        "retain" | "customers" => Investment::Retention,
        "runthebusiness" | "keepthelightson" | "ktlo" | "maintenance" | "operations" => Investment::Run,
        "retirement" | "sunset" | "decommission" => Investment::Retire,
        _ => return choice(text),
    };
    Ok(investment)
}

/// The stored name or the label, with any spelling between words.
fn choice<T: std::str::FromStr<Err = String>>(text: &str) -> Result<T, String> {
    let joined = text.trim().split([' ', '-', '_']).filter(|word| !word.is_empty()).collect::<Vec<_>>();
    joined.join("_").parse().map_err(|_| {
        // The sentence names what was written.
        text.parse::<T>().err().unwrap_or_default()
    })
}

/// `3`, `2.5`, `3 d`, `3 days`, `3 person-days`.
pub(super) fn effort(text: &str) -> Result<PersonDays, String> {
    let number = text.trim().trim_end_matches(|c: char| !c.is_ascii_digit());
    let unit = folded(&text.trim()[number.len()..]);
    match unit.as_str() {
        "" | "d" | "day" | "days" | "pd" | "persondays" | "personday" => {
            number.parse().map_err(|_| wrong_effort(text))
        }
        _ => Err(wrong_effort(text)),
    }
}

fn wrong_effort(text: &str) -> String {
    // The sentence of the domain, about what was written.
    text.parse::<PersonDays>().err().unwrap_or_default()
}

/// Whether a yes-or-no cell says yes; nothing counts as no.
pub(super) fn yes(text: &str) -> Result<bool, String> {
    match folded(text).as_str() {
        "yes" | "y" | "true" | "x" | "1" | "ja" | "oui" | "si" | "sí" => Ok(true),
        "no" | "n" | "false" | "0" | "nein" | "non" => Ok(false),
        // A tick has neither letters nor digits.
        "" => Ok(matches!(text.trim(), "✓" | "✔" | "☑" | "✅")),
        _ => Err(format!("“{}” is neither yes nor no. Write yes, or leave it empty.", text.trim())),
    }
}

/// Which day of a month is meant when only the month is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edge {
    First,
    Last,
}

/// `2026-11-21`, also with slashes or a time behind it; `21.11.2026`; and a month, `2026-11`.
pub(super) fn day(text: &str, edge: Edge) -> Result<Date, String> {
    let text = text.trim();
    let parts = |text: &str, separator: char| -> Option<Vec<i16>> {
        text.split(separator)
            .map(|part| part.parse().ok().filter(|_| part.bytes().all(|byte| byte.is_ascii_digit())))
            .collect()
    };
    let date = text.split(['T', ' ']).next().unwrap_or_default();
    let found = ['-', '/', '.'].into_iter().find_map(|separator| {
        let parts = parts(date, separator)?;
        match (parts.as_slice(), separator) {
            (&[year, month, day], _) if year > 999 => Some((year, month, Some(day))),
            (&[day, month, year], '.') if year > 999 => Some((year, month, Some(day))),
            (&[year, month], '-' | '/') if year > 999 => Some((year, month, None)),
            _ => None,
        }
    });
    found
        .and_then(|(year, month, day)| {
            let month = i8::try_from(month).ok()?;
            let first = Date::new(year, month, 1).ok()?;
            match (day, edge) {
                (Some(day), _) => Date::new(year, month, i8::try_from(day).ok()?).ok(),
                (None, Edge::First) => Some(first),
                (None, Edge::Last) => Some(first.last_of_month()),
            }
        })
        .ok_or_else(|| format!("“{text}” is no day. Write days like 2026-11-21."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_tools_words_are_understood() {
        assert_eq!(status("Accepted"), Ok(Status::Planned));
        assert_eq!(status("Not accepted"), Ok(Status::Dropped));
        assert_eq!(status("PROPOSED"), Ok(Status::Proposed));
        assert_eq!(status("in-progress"), Ok(Status::InProgress));
        assert_eq!(status("in_progress"), Ok(Status::InProgress));
        assert_eq!(status("Won't do"), Ok(Status::Dropped));
        assert!(status("perhaps").unwrap_err().starts_with("“perhaps” is not one of proposed"));
        assert_eq!(kind("User story"), Ok(ItemKind::Feature));
        assert_eq!(kind("enhancement"), Ok(ItemKind::Enhancement));
        assert_eq!(investment("Keep the lights on"), Ok(Investment::Run));
        assert!(investment("x").is_err());
    }

    #[test]
    fn every_choice_is_understood_as_it_is_exported_and_shown() {
        for choice in Status::ALL {
            assert_eq!((status(choice.as_str()), status(choice.label())), (Ok(*choice), Ok(*choice)));
        }
        for choice in ItemKind::ALL {
            assert_eq!((kind(choice.as_str()), kind(choice.label())), (Ok(*choice), Ok(*choice)));
        }
        for choice in Investment::ALL {
            assert_eq!((investment(choice.as_str()), investment(choice.label())), (Ok(*choice), Ok(*choice)));
        }
    }

    #[test]
    fn days_are_read_when_they_can_mean_only_one() {
        let date = |text| day(text, Edge::First).map(|date| date.to_string());
        assert_eq!(date("2026-11-21"), Ok("2026-11-21".to_owned()));
        assert_eq!(date(" 2026/1/5 "), Ok("2026-01-05".to_owned()));
        assert_eq!(date("21.11.2026"), Ok("2026-11-21".to_owned()));
        assert_eq!(date("2026-11-21T08:00:00Z"), Ok("2026-11-21".to_owned()));
        assert_eq!(date("2026-11-21 08:00"), Ok("2026-11-21".to_owned()));
        assert_eq!(date("2024-02"), Ok("2024-02-01".to_owned()));
        assert_eq!(day("2024-02", Edge::Last).unwrap().to_string(), "2024-02-29");
        for wrong in ["11/12/2026", "2026-13-01", "2026-02-30", "soon", "21-11-26", "-2026-1-1", "2026", ""] {
            assert!(date(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn effort_may_name_its_unit() {
        let tenths = |text| effort(text).map(PersonDays::tenths);
        assert_eq!(tenths("3"), Ok(30));
        assert_eq!(tenths("2,5 days"), Ok(25));
        assert_eq!(tenths("12 person-days"), Ok(120));
        assert!(tenths("3 weeks").unwrap_err().contains("“3 weeks”"));
        assert!(tenths("d").is_err());
        assert!(tenths("-3").is_err());
    }

    #[test]
    fn yes_is_recognised() {
        assert_eq!(yes("Yes"), Ok(true));
        assert_eq!(yes("✓"), Ok(true));
        assert_eq!(yes(""), Ok(false));
        assert_eq!(yes("FALSE"), Ok(false));
        assert!(yes("maybe").is_err());
    }
}
