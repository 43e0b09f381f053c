//! Which disciplines work takes, and which a team has: person-days of an item, as in “Design 3, Development 8.5”, and parts of a
//! team's days, as in “Design 25 %”.

use std::fmt;

use crate::{PersonDays, Value, capacity::name_key};

/// The most disciplines of an item or a team.
const MOST: usize = 12;
/// The most characters of a discipline's name.
const LONGEST: usize = 40;

/// The field of an item that has its effort by discipline.
pub const DISCIPLINES: &str = "disciplines";

/// Effort by discipline, as it was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Efforts(Vec<(String, PersonDays)>);

impl Efforts {
    /// Reads “Design 3, Development 8.5”, with commas or line breaks. `None` where a part has no name or no days, two parts name one
    /// discipline, or there are too many.
    pub fn parse(text: &str) -> Option<Self> {
        let mut efforts: Vec<(String, PersonDays)> = Vec::new();
        for part in parts(text) {
            let (name, days) = split(part.strip_suffix(['d', 'D']).unwrap_or(part).trim_end())?;
            let days = days.parse().ok()?;
            let is_same = |(other, _): &(String, PersonDays)| name_key(other) == name_key(&name);
            if efforts.len() == MOST || efforts.iter().any(is_same) {
                return None;
            }
            efforts.push((name, days));
        }
        (!efforts.is_empty()).then_some(Self(efforts))
    }

    /// The effort of an item by discipline; none where nobody has said.
    pub fn of(fields: &crate::Values) -> Self {
        match fields.get(DISCIPLINES) {
            Some(Value::Text(text)) => Self::parse(text).unwrap_or_default(),
            _ => Self::default(),
        }
    }

    /// Disciplines and their effort, in tenths of a person-day.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.0.iter().map(|(name, days)| (name.as_str(), days.tenths().into()))
    }
}

/// As it is kept.
impl fmt::Display for Efforts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (name, days)) in self.0.iter().enumerate() {
            write!(f, "{}{name} {days}", if index == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

/// A discipline of a team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discipline {
    pub name: String,
    /// Its part of the team's days, in percent.
    pub percent: u32,
}

impl Discipline {
    /// Its days of those of a team, both in tenths of a person-day, rounded down.
    pub fn part_of(&self, tenths: u64) -> u64 {
        tenths * u64::from(self.percent) / 100
    }
}

/// Reads the disciplines of a team that have a part of its days: “Design 25 %”, with commas or line breaks. What else its people can do
/// is left out.
///
/// # Errors
/// A sentence where a part cannot be read, one is named twice, or they add up to more than 100 %.
pub fn disciplines(text: &str) -> Result<Vec<Discipline>, String> {
    let mut found: Vec<Discipline> = Vec::new();
    for part in parts(text) {
        let Some(said) = part.strip_suffix('%') else { continue };
        let said = split(said.trim_end()).and_then(|(name, percent)| Some((name, percent.parse().ok()?)));
        let Some((name, percent)) = said else {
            let part: String = part.chars().take(LONGEST).collect();
            return Err(format!("“{part}” isn’t a part of a team. Write it like “Design 25 %”."));
        };
        if found.len() == MOST {
            return Err(format!("A team has at most {MOST} disciplines."));
        }
        if found.iter().any(|other| name_key(&other.name) == name_key(&name)) {
            return Err(format!("“{name}” is named twice."));
        }
        found.push(Discipline { name, percent });
    }
    let sum = found.iter().map(|discipline| discipline.percent).fold(0_u32, u32::saturating_add);
    if sum > 100 {
        return Err(format!("Disciplines add up to {sum} %. Use at most 100 %."));
    }
    Ok(found)
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ';', '\n']).map(str::trim).filter(|part| !part.is_empty())
}

/// The name before the last word, and that word. A colon between them is left out.
fn split(part: &str) -> Option<(String, &str)> {
    let (name, last) = part.rsplit_once(char::is_whitespace)?;
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let name = name.trim_end_matches(':').trim_end();
    let is_name = name.chars().any(char::is_alphabetic)
        && !name.chars().any(char::is_control)
        && name.chars().count() <= LONGEST;
    is_name.then(|| (name.to_owned(), last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn efforts_are_read_as_people_write_them_and_kept_in_one_form() {
        for (typed, kept) in [
            ("Design 3, Development 8.5", "Design 3, Development 8.5"),
            (" design:  3d ;UX research 0.5\n\nTest 12 d ", "design 3, UX research 0.5, Test 12"),
        ] {
            let efforts = Efforts::parse(typed).unwrap();
            assert_eq!(efforts.to_string(), kept);
            assert_eq!(Efforts::parse(kept), Some(efforts));
        }
        let efforts = Efforts::parse("Design 3, Development 8.5").unwrap();
        assert_eq!(efforts.iter().collect::<Vec<_>>(), [("Design", 30), ("Development", 85)]);
        for wrong in ["", "Design", "3", "Design three", "Design 3, design 4", "Design -1", "Design 3, Test"]
        {
            assert_eq!(Efforts::parse(wrong), None, "{wrong}");
        }
        let many = (0..=MOST).map(|n| format!("Skill{n} 1")).collect::<Vec<_>>().join(", ");
        assert_eq!(Efforts::parse(&many), None);
        assert_eq!(Efforts::parse("Design\u{7}er 3"), None);
        // However much there is.
        assert_eq!(Efforts::parse(&"a 1, b 2, ".repeat(50_000)), None);
    }

    /// 37.5 days, in tenths: a quarter of them are 9.375 days, of which tenths count.
    #[test]
    fn a_team_has_parts_of_its_days() {
        let found = disciplines("Design 25 %, Development: 60%\nSpeaks French").unwrap();
        let percents: Vec<_> = found.iter().map(|one| (one.name.as_str(), one.percent)).collect();
        assert_eq!(percents, [("Design", 25), ("Development", 60)]);
        assert_eq!(found.iter().map(|one| one.part_of(375)).collect::<Vec<_>>(), [93, 225]);
        for (text, part) in [
            ("Design 60 %\nTest 41 %", "add up to 101 %"),
            ("Design 60 %\ndesign 1 %", "twice"),
            ("Design 60.5 %", "like “Design 25 %”"),
            ("25 %", "like “Design 25 %”"),
            (&(0..=MOST).map(|n| format!("Skill{n} 1 %\n")).collect::<String>(), "at most 12"),
        ] {
            assert!(disciplines(text).unwrap_err().contains(part), "{text}");
        }
        assert_eq!(disciplines(" \n"), Ok(Vec::new()));
    }
}
