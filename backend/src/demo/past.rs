//! Three months in which a roadmap of the sample organisation became what it is: items were added, re-estimated, handed
//! over, moved, voted for and talked about, by several people on working days.

use std::collections::{BTreeSet, HashMap};

use domain::{
    CommentId, Date, Description, FiscalYear, ItemChange, ItemFields, ItemId, LaneId, Op, PersonDays, Place,
    Role, Status, Tag, Timestamp, UserId, Value, Values,
};

use super::{People, person, text::Sketch};
use crate::{Error, clock::new_id, rooms::PastEdit};

const MINUTE: i64 = 60 * 1_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// How many days ago the roadmaps were first written down.
pub(super) const FIRST: i64 = 92;

/// What ended earlier than so many days ago was done when it was written down.
const KNOWN_AS_DONE: i64 = 84;

/// How many days ago items were put into the bin.
const BINNED: i64 = 2;

/// Working days before a moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Calendar {
    pub(super) now: Timestamp,
}

impl Calendar {
    /// A moment so many days ago, within working hours; at a weekend, on the Friday before. Today, within the last hours.
    pub(super) fn moment(self, days: i64, draw: u64) -> Timestamp {
        let drawn = |below: i64| i64::try_from(draw % below.unsigned_abs()).unwrap_or_default();
        if days <= 0 {
            return Timestamp(self.now.0 - 5 * MINUTE - drawn(3 * HOUR));
        }
        let day = self.now.0.div_euclid(DAY) - days;
        // The first day of 1970 was a Thursday.
        let weekday = (day + 3).rem_euclid(7);
        let day = day - (weekday - 4).max(0);
        Timestamp(day * DAY + 7 * HOUR + drawn(10 * HOUR))
    }
}

/// Everything that was done to a roadmap, in order of time.
pub(super) fn tell(
    people: &People,
    maker: &'static str,
    sketches: &[(ItemId, Sketch)],
    lanes: &HashMap<String, LaneId>,
    calendar: Calendar,
) -> Result<Vec<PastEdit>, Error> {
    let lane = |name: &str| {
        lanes.get(name).copied().ok_or_else(|| Error::internal(format!("a new roadmap has no lane {name}")))
    };
    let mut steps = Vec::new();
    // Each comes above what was written down before.
    for (index, (id, sketch)) in sketches.iter().enumerate().rev() {
        let story = Story { people, maker, calendar, id: *id, sketch };
        steps.extend(story.tell(lane)?.into_iter().map(|edit| (index, edit)));
    }
    steps.sort_by_key(|(_, edit)| edit.at);
    let mut arrived: HashMap<LaneId, BTreeSet<usize>> = HashMap::new();
    for (index, edit) in &mut steps {
        if let Op::CreateItem { lane: to, place, .. } | Op::MoveItems { lane: to, place, .. } = &mut edit.op
            && lane(sketches[*index].1.lane).is_ok_and(|last| last == *to)
        {
            // Where it is to stay it is put below those that are written above it.
            let there = arrived.entry(*to).or_default();
            *place = match there.range(..*index).next_back() {
                Some(above) => Place::Beside { after: Some(sketches[*above].0), before: None },
                None => Place::First,
            };
            there.insert(*index);
        }
    }
    Ok(steps.into_iter().map(|(_, edit)| edit).collect())
}

/// What happened to an item.
struct Story<'a> {
    people: &'a People,
    maker: &'static str,
    calendar: Calendar,
    id: ItemId,
    sketch: &'a Sketch,
}

/// Something that happened so many days ago, at a time drawn by a number.
struct Step {
    days: i64,
    draw: u64,
    who: &'static str,
    op: Op,
}

impl Story<'_> {
    fn tell(&self, lane: impl Fn(&str) -> Result<LaneId, Error>) -> Result<Vec<PastEdit>, Error> {
        let sketch = self.sketch;
        let mut fields = self.fields()?;
        let (first, way) = self.way();
        let made = first.days;
        let ended = way.iter().map(|stop| stop.days).min().filter(|_| sketch.lane == "Done");
        let until = match sketch.lane {
            "Bin" => BINNED + 1,
            // What was done when it was written down is of no more interest.
            _ if first.status == Status::Done => made - 6,
            _ => ended.unwrap_or(1),
        };
        fields.status = first.status;
        let mut steps = self.edits(&mut fields, made, until);
        for stop in &way {
            let (days, draw, who) = (stop.days, self.draw(stop.lane), self.editor("move"));
            let moved = Op::MoveItems { ids: vec![self.id], lane: lane(stop.lane)?, place: Place::Last };
            let status = Op::set(self.id, ItemChange::Status(stop.status));
            steps.extend([moved, status].map(|op| Step { days, draw, who, op }));
        }
        let votes = sketch.voters.iter().map(|who| {
            let until = if sketch.lane == "Done" { until } else { 0 };
            Step {
                days: self.day(who, made, until),
                draw: self.draw(who),
                who,
                op: Op::Upvote { item: self.id },
            }
        });
        steps.extend(votes);
        let mut days = self.day("comment", made.min(until + 45), until);
        for (who, said) in &sketch.comments {
            let op = Op::comment(new_id(CommentId::new), self.id, said.parse()?);
            steps.push(Step { days, draw: self.draw(said), who, op });
            days = (days - 1).max(0);
        }
        if sketch.lane == "Bin" {
            let op = Op::DeleteItems { ids: vec![self.id] };
            steps.push(Step { days: BINNED, draw: self.draw("bin"), who: self.editor("bin"), op });
        }
        let create = Op::CreateItem {
            id: self.id,
            lane: lane(first.lane)?,
            place: Place::Last,
            fields: Box::new(fields),
        };
        steps.insert(0, Step { days: made, draw: self.draw("made"), who: self.maker, op: create });
        self.in_time(steps)
    }

    /// The edits of steps: each some minutes after the one before, at least.
    fn in_time(&self, mut steps: Vec<Step>) -> Result<Vec<PastEdit>, Error> {
        steps.sort_by_key(|step| -step.days);
        let mut last = Timestamp(i64::MIN / 2);
        let edits = steps.into_iter().map(|Step { days, draw, who, op }| {
            let soonest = last.0 + MINUTE + i64::try_from(draw % 180_000).unwrap_or_default();
            last = Timestamp(self.calendar.moment(days, draw).0.max(soonest).min(self.calendar.now.0));
            Ok(PastEdit { user: self.user(who)?, at: last, op })
        });
        edits.collect()
    }

    /// Where the item was first, and where it went.
    fn way(&self) -> (Stop, Vec<Stop>) {
        let stop = |days, lane, status| Stop { days, lane, status };
        let (begun, ended) =
            self.sketch.weeks.map_or((7, 0), |(start, end)| (-7 * i64::from(start), -7 * i64::from(end)));
        match self.sketch.lane {
            "Done" if ended > KNOWN_AS_DONE => (stop(FIRST, "Done", Status::Done), Vec::new()),
            "Done" => (stop(FIRST, "Now", Status::InProgress), vec![stop(ended, "Done", Status::Done)]),
            "Now" => {
                let begun = begun.clamp(2, KNOWN_AS_DONE);
                (stop(FIRST, "Next", Status::Planned), vec![stop(begun, "Now", Status::InProgress)])
            }
            "Next" => {
                let planned = self.day("planned", 58, 6);
                let made = if self.draw("made").is_multiple_of(3) { planned + 12 } else { FIRST };
                (stop(made, "Later", Status::Proposed), vec![stop(planned, "Next", Status::Planned)])
            }
            _ => {
                let made = if self.draw("made").is_multiple_of(2) { self.day("made", 84, 3) } else { FIRST };
                (stop(made, "Later", Status::Proposed), Vec::new())
            }
        }
    }

    /// Some of what was found out later is taken out of what an item is made with.
    fn edits(&self, fields: &mut ItemFields, made: i64, until: i64) -> Vec<Step> {
        let mut changes = Vec::new();
        let mut later = |salt, change| {
            let (days, draw) = (self.day(salt, made, until), self.draw(salt));
            changes.push(Step { days, draw, who: self.editor(salt), op: Op::set(self.id, change) });
        };
        let one_of = |salt: &str, of: u64| self.draw(salt).is_multiple_of(of);
        if one_of("effort", 3)
            && let Some(effort) = fields.effort
        {
            // Most efforts are found to be greater than was thought.
            let guess = u64::from(u32::from(effort)) * (6 + self.draw("guess") % 6) / 10;
            fields.effort = u32::try_from(guess / 10 * 10)
                .ok()
                .filter(|tenths| *tenths > 0)
                .and_then(PersonDays::from_tenths);
            if fields.effort != Some(effort) {
                later("effort", ItemChange::Effort(Some(effort)));
            }
        }
        if one_of("schedule", 2)
            && let (Some(start), Some(end)) = (fields.start, fields.end)
            && let Some(planned) = end.plus_weeks(-2).filter(|planned| *planned >= start)
        {
            fields.end = Some(planned);
            later("schedule", ItemChange::Schedule { start: Some(start), end: Some(end) });
        }
        if one_of("owner", 4) {
            later("owner", ItemChange::Owner(fields.owner.take()));
        }
        if one_of("text", 3) && !fields.description.is_empty() {
            later(
                "text",
                ItemChange::Description(std::mem::replace(&mut fields.description, Description::empty())),
            );
        }
        if one_of("tag", 4)
            && let Some(tag) = fields.tags.pop_last()
        {
            later("tag", ItemChange::AddTag(tag));
        }
        changes
    }

    /// The item as it is now.
    fn fields(&self) -> Result<ItemFields, Error> {
        let sketch = self.sketch;
        let invalid = |error: String| Error::internal(format!("{}: {error}", sketch.title));
        let today = self.calendar.now.utc().date;
        let day =
            |weeks: i32| today.plus_weeks(weeks).ok_or_else(|| invalid("beyond the calendar".to_owned()));
        let days = sketch.weeks.map(|(start, end)| Ok::<(Date, Date), Error>((day(start)?, day(end)?)));
        let days = days.transpose()?;
        let tags = sketch.tags.iter().map(|tag| Tag::parse(tag)).collect::<Result<BTreeSet<_>, _>>()?;
        let mut values = Values::new();
        // Some were promised for the quarter in which they were thought to end, as far as that was known.
        if self.sketch.promised
            && let Some((_, end)) = days
            && let Some(thought) = end.plus_weeks(if self.draw("promise").is_multiple_of(2) { 0 } else { -8 })
        {
            let quarter = FiscalYear::default().quarter(thought).to_string();
            values.insert("promised".parse()?, Value::Text(quarter));
        }
        Ok(ItemFields {
            values,
            description: Description::parse(&sketch.description)?,
            kind: sketch.kind.parse().map_err(invalid)?,
            investment: Some(sketch.investment.parse().map_err(invalid)?),
            effort: Some(sketch.effort.parse().map_err(invalid)?),
            start: days.map(|(start, _)| start),
            end: days.map(|(_, end)| end),
            owner: Some(self.user(sketch.owner)?),
            tags,
            status: sketch.status.parse::<Status>().map_err(invalid)?,
            ..ItemFields::titled(sketch.title.parse()?)
        })
    }

    /// Who changed something: mostly who owns the item, if that person may.
    fn editor(&self, salt: &str) -> &'static str {
        let edits = |who: &str| self.people.get(who).is_some_and(|viewer| viewer.role() >= Role::Editor);
        match self.draw(salt) % 7 {
            0 => "Astrid",
            1 | 2 => self.maker,
            _ if edits(self.sketch.owner) => self.sketch.owner,
            _ => self.maker,
        }
    }

    fn user(&self, who: &str) -> Result<UserId, Error> {
        Ok(person(self.people, who)?.member().id)
    }

    /// A day after it was made: so many days ago, at least `until`.
    fn day(&self, salt: &str, made: i64, until: i64) -> i64 {
        let days = (made - until).max(1).unsigned_abs();
        until + i64::try_from(self.draw(salt) % days).unwrap_or_default()
    }

    /// A number that looks drawn and is always the same (FNV-1a, with a last stir, since its low bits are poor).
    fn draw(&self, salt: &str) -> u64 {
        let bytes = self.sketch.title.bytes().chain(salt.bytes());
        let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        (hash ^ (hash >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 17
    }
}

/// A lane, since so many days ago.
struct Stop {
    days: i64,
    lane: &'static str,
    status: Status,
}
