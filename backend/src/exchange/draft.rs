//! What a row says about an item. A value that cannot be taken is left out and counted; it never costs the row.

use std::{
    borrow::Cow,
    collections::{BTreeSet, HashMap, HashSet},
};

use domain::{
    CommentBody, Date, Description, FieldKey, FieldKind, Investment, ItemFields, ItemKey, ItemKind, LaneName,
    MAX_TAGS, PersonDays, SourceKey, Status, Tag, Title, UserId, Value,
    exchange::{Loss, MAX_HEADER, Target},
};

use super::{
    columns::Columns,
    dates::{self, Edge},
    fields::Fields,
    grid::{BETWEEN, Row, one_line, shown, values},
    problems::Problems,
    table::first_value,
    values::{Taken, Values},
    words,
};
use crate::rooms::turns_direction;

const MAX_TITLE: usize = 200;
const MAX_LANE: usize = 60;
const MAX_TAG: usize = 40;
const MAX_DESCRIPTION: usize = 20_000;
const MAX_COMMENT: usize = 5_000;

/// Comments of one row, and those that go on with a long description.
const MAX_COMMENTS: usize = 200;

/// What tools write for no priority, folded.
const NO_PRIORITY: [&str; 5] = ["nopriority", "none", "keine", "aucune", "ninguna"];

/// Begins the tags that priorities become.
pub(super) const PRIORITY: &str = "priority: ";

/// A row, understood. Fields whose column is not in the file are `None` and stay as they are.
#[derive(Debug)]
pub(super) struct Draft<'a> {
    pub(super) line: u64,
    pub(super) key: Option<SourceKey>,
    /// What the row was exported as.
    pub(super) own_key: Option<ItemKey>,
    pub(super) title: Title,
    /// Not said where the cell is empty.
    pub(super) lane: Option<LaneName>,
    pub(super) comments: Vec<CommentBody>,
    description: Option<String>,
    /// Paragraphs "Header: value"; without a value the paragraph goes. Empty cells of appended columns are not listed,
    /// as short rows may have more of them than the file has bytes.
    appended: Vec<(&'a str, String)>,
    kind: Option<ItemKind>,
    investment: Option<Option<Investment>>,
    effort: Option<Option<PersonDays>>,
    start: Option<Option<Date>>,
    end: Option<Option<Date>>,
    owner: Option<Option<UserId>>,
    tags: Option<BTreeSet<Tag>>,
    /// Tags that stand for themselves, and whether the row has them.
    flags: Vec<(Tag, bool)>,
    /// Whether the file has priorities, which replace those an item has.
    has_priority: bool,
    status: Option<Status>,
    /// What fields of the table hold; `None` where the cell is empty.
    values: Vec<(FieldKey, Option<Value>)>,
}

/// Where rows are read: the columns, what values stand for, and what was not taken.
#[derive(Debug)]
pub(super) struct Reading<'a, 'b> {
    pub(super) columns: &'a Columns<'a>,
    pub(super) fields: &'a Fields,
    pub(super) values: &'a mut Values<'b>,
    pub(super) problems: &'a mut Problems,
}

impl<'a> Draft<'a> {
    /// `None` for a row without a title, which is added to the problems.
    pub(super) fn read(row: &Row, it: &mut Reading<'a, '_>) -> Option<Self> {
        let cell = it.cell(row, Target::Title).map_or("", |(_, cell)| first_value(cell));
        let (short, is_cut) = one_line(cell, MAX_TITLE);
        let Ok(title) = Title::parse(&short) else {
            it.problem(Loss::Row, Target::Title, "The row has no title.", row.line, "");
            return None;
        };
        let mut draft = Draft {
            line: row.line,
            key: None,
            own_key: it.cell(row, Target::OwnKey).and_then(|(_, cell)| cell.parse().ok()),
            title,
            lane: None,
            comments: Vec::new(),
            description: it.cell(row, Target::Description).map(|(_, cell)| shown(cell).into_owned()),
            appended: Vec::new(),
            kind: None,
            investment: None,
            effort: None,
            start: None,
            end: None,
            owner: None,
            tags: None,
            flags: Vec::new(),
            has_priority: it.columns.of(Target::Priority).next().is_some(),
            status: None,
            values: Vec::new(),
        };
        if is_cut {
            it.problem(
                Loss::Change,
                Target::Title,
                "Shortened; the full title is in the description.",
                row.line,
                cell,
            );
            draft.appended.push(("Full title", one_line(cell, MAX_DESCRIPTION / 2).0));
        }
        draft.read_key(row, it);
        draft.read_choices(row, it);
        draft.read_lane(row, it);
        draft.read_owner(row, it);
        draft.read_numbers(row, it);
        draft.read_tags(row, it);
        draft.read_texts(row, it);
        draft.read_values(row, it);
        Some(draft)
    }

    fn read_key(&mut self, row: &Row, it: &mut Reading<'_, '_>) {
        let Some((_, cell)) = it.cell(row, Target::Key).filter(|(_, cell)| !cell.is_empty()) else { return };
        self.key = SourceKey::parse(&shown(cell)).ok();
        if self.key.is_none() {
            it.problem(
                Loss::Cell,
                Target::Key,
                "A key is one line of at most 200 characters.",
                row.line,
                cell,
            );
        }
    }

    fn read_choices(&mut self, row: &Row, it: &mut Reading<'a, '_>) {
        if let Some((header, cell)) = it.filled(row, Target::Status) {
            self.status = match it.values.status(cell) {
                Taken::As(status) => Some(status),
                other => self.put_elsewhere(header, cell, &other),
            };
        }
        if let Some((header, cell)) = it.filled(row, Target::Kind) {
            self.kind = match it.values.kind(cell) {
                Taken::As(kind) => Some(kind),
                other => self.put_elsewhere(header, cell, &other),
            };
        }
        if let Some((header, cell)) = it.cell(row, Target::Investment) {
            self.investment = Some(match first_value(cell) {
                "" => None,
                cell => match it.values.investment(cell) {
                    Taken::As(investment) => Some(investment),
                    other => self.put_elsewhere(header, cell, &other),
                },
            });
        }
        if let Some((header, cell)) = it.filled(row, Target::Priority)
            && !NO_PRIORITY.contains(&&*words::folded(cell))
        {
            match it.values.priority(cell) {
                Taken::Text => self.appended.push((header, cell.to_owned())),
                Taken::Empty => {}
                Taken::As(tag) => self.flags.push((tag, true)),
                Taken::Tag => self.flags.extend(priority_tag(cell).map(|tag| (tag, true))),
            }
        }
    }

    /// Keeps a value that is none of its field's as a tag or in the description.
    fn put_elsewhere<T, U>(&mut self, header: &'a str, cell: &str, taken: &Taken<T>) -> Option<U> {
        match taken {
            Taken::Tag => self.flags.extend(tag(cell).map(|(tag, _)| (tag, true))),
            Taken::Text => self.appended.push((header, paragraph(cell))),
            Taken::Empty | Taken::As(_) => {}
        }
        None
    }

    fn read_lane(&mut self, row: &Row, it: &mut Reading<'a, '_>) {
        let Some((header, cell)) = it.cell(row, Target::Lane) else { return };
        // Of several sprints the latest.
        let cell = values(cell).last().unwrap_or_default();
        let (name, is_cut) = one_line(cell, MAX_LANE);
        let Ok(name) = LaneName::parse(&name) else { return };
        if is_cut {
            it.problem(Loss::Change, Target::Lane, "Shortened to 60 characters.", row.line, cell);
        }
        self.lane = match it.values.lane(name) {
            Taken::As(name) => Some(name),
            other => self.put_elsewhere(header, cell, &other),
        };
    }

    fn read_owner(&mut self, row: &Row, it: &mut Reading<'a, '_>) {
        let Some((header, cell)) = it.cell(row, Target::Owner) else { return };
        let mut others = Vec::new();
        let mut owner = None;
        let names: Vec<_> = values(cell).flat_map(|cell| people(cell, it.values)).collect();
        for name in names {
            match it.values.owner(&name) {
                Taken::As(id) if owner.is_none() => owner = Some(id),
                Taken::As(_) | Taken::Text => others.push(name.into_owned()),
                Taken::Tag => self.flags.extend(tag(&name).map(|(tag, _)| (tag, true))),
                Taken::Empty => {}
            }
        }
        self.owner = Some(owner);
        // A name that was kept as text goes when its owner has become a member.
        if !others.is_empty() || self.description.is_none() {
            self.appended.push((header, paragraph(&others.join(", "))));
        }
    }

    fn read_numbers(&mut self, row: &Row, it: &mut Reading<'_, '_>) {
        if let Some((_, cell)) = it.cell(row, Target::Effort) {
            self.effort = match first_value(cell) {
                "" => Some(None),
                cell => match words::effort(cell) {
                    Ok(effort) => Some(Some(effort)),
                    Err(sentence) => it.leave_out(Target::Effort, sentence, row.line, cell),
                },
            };
        }
        self.start = it.day(row, Target::Start, Edge::First);
        self.end = it.day(row, Target::End, Edge::Last);
    }

    fn read_tags(&mut self, row: &Row, it: &mut Reading<'_, '_>) {
        let columns = it.columns;
        for index in columns.of(Target::Tags) {
            let tags = self.tags.get_or_insert_default();
            for text in row.cells.get(index).split([',', ';', '\n', BETWEEN]) {
                let Some((tag, is_cut)) = tag(text) else { continue };
                if is_cut {
                    it.problems.add(
                        Loss::Change,
                        Some((index, columns.header(index))),
                        "Shortened to 40 characters.",
                        row.line,
                        text,
                    );
                }
                tags.extend(it.values.tag(tag));
            }
        }
        for index in columns.of(Target::TagIfYes) {
            let (header, cell) = (columns.header(index), first_value(row.cells.get(index)));
            match (tag(header), words::yes(cell)) {
                (Some((tag, _)), Ok(yes)) => self.flags.push((tag, yes)),
                (_, Err(sentence)) => {
                    it.problems.add(Loss::Cell, Some((index, header)), sentence, row.line, cell);
                }
                (None, Ok(_)) => {}
            }
        }
    }

    /// Declared fields.
    fn read_values(&mut self, row: &Row, it: &mut Reading<'a, '_>) {
        for (index, def) in it.fields.columns() {
            // The roadmap refuses them.
            let cell = shown(row.cells.get(index)).replace(turns_direction, "");
            let value = match &def.kind {
                FieldKind::Person if !cell.trim().is_empty() => match it.values.owner(cell.trim()) {
                    Taken::As(user) => Ok(Some(Value::Text(user.to_string()))),
                    other => {
                        let header = it.columns.header(index);
                        Ok(self.put_elsewhere::<UserId, Value>(header, &cell, &other))
                    }
                },
                FieldKind::Date => {
                    let day = dates::day(cell.trim(), Edge::First, it.columns.order(index));
                    def.parse(&day.map_or_else(|_| cell.clone(), |day| day.to_string()))
                }
                _ => def.parse(&cell),
            };
            match value {
                Ok(value) => self.values.push((FieldKey::from(def), value)),
                Err(_) => {
                    let header = it.columns.header(index);
                    it.problems.add(Loss::Cell, Some((index, header)), def.how(), row.line, &cell);
                }
            }
        }
    }

    fn read_texts(&mut self, row: &Row, it: &mut Reading<'a, '_>) {
        let columns = it.columns;
        for index in columns.of(Target::Append) {
            let text = paragraph(&shown(row.cells.get(index)));
            if !text.is_empty() {
                self.appended.push((label(columns.header(index)), text));
            }
        }
        let rest = row.cells.get(columns.len()).trim();
        if !rest.is_empty() {
            self.appended.push(("More values", paragraph(rest)));
            let sentence =
                "The row has more values than there are columns. The others are in the description.";
            it.problems.add(Loss::Change, None, sentence, row.line, rest);
        }
        if row.is_misquoted {
            let sentence = "A quote is not closed, or text follows it. The value was taken as it stands.";
            it.problems.add(Loss::Change, None, sentence, row.line, "");
        }
        for index in columns.of(Target::Comment) {
            for text in values(row.cells.get(index)) {
                self.add_comment(&comment(text));
            }
        }
        if self.comments.len() > MAX_COMMENTS {
            let sentence = "A row can have at most 200 comments. The oldest are left out.";
            it.problems.add(Loss::Cell, None, sentence, row.line, "");
            self.comments.drain(..self.comments.len() - MAX_COMMENTS);
        }
    }

    /// Adds a comment, in several parts when it is long.
    fn add_comment(&mut self, text: &str) {
        self.comments.extend(parts(&printable(text), MAX_COMMENT));
    }

    /// The fields of an item after this row, given those before, and what of the description did not fit.
    pub(super) fn onto(
        &self,
        before: &ItemFields,
        it: &mut Reading<'_, '_>,
    ) -> (ItemFields, Vec<CommentBody>) {
        let mut fields = before.clone();
        if words::composed(&before.title) != words::composed(&self.title) {
            fields.title = self.title.clone();
        }
        fields.kind = self.kind.unwrap_or(before.kind);
        fields.investment = self.investment.unwrap_or(before.investment);
        fields.effort = self.effort.unwrap_or(before.effort);
        fields.owner = self.owner.unwrap_or(before.owner);
        fields.status = self.status.unwrap_or(before.status);
        for (def, value) in &self.values {
            match value {
                Some(value) => drop(fields.values.insert(def.clone(), value.clone())),
                None => drop(fields.values.remove(def)),
            }
        }
        self.schedule(&mut fields, before, it);
        let more_tags = self.tag(&mut fields, it);
        let (description, rest) = self.describe(&before.description, more_tags, it.columns);
        fields.description = description;
        let mut comments: Vec<CommentBody> = Vec::new();
        if !rest.is_empty() {
            let sentence = "Longer than 20000 characters. The rest is in comments.";
            it.problem(Loss::Change, Target::Description, sentence, self.line, "");
            comments.extend(parts(&rest, MAX_COMMENT).take(MAX_COMMENTS));
        }
        (fields, comments)
    }

    fn schedule(&self, fields: &mut ItemFields, before: &ItemFields, it: &mut Reading<'_, '_>) {
        let is_turned =
            |start: Option<Date>, end: Option<Date>| matches!((start, end), (Some(a), Some(b)) if b < a);
        fields.start = self.start.unwrap_or(before.start);
        fields.end = self.end.unwrap_or(before.end);
        if is_turned(fields.start, fields.end) && self.end.is_some() {
            let end = fields.end.map(|end| end.to_string()).unwrap_or_default();
            it.problem(Loss::Cell, Target::End, "The end is before the start.", self.line, &end);
            fields.end = before.end;
        }
        if is_turned(fields.start, fields.end) && self.start.is_some() {
            if self.end.is_none() {
                let start = fields.start.map(|start| start.to_string()).unwrap_or_default();
                it.problem(Loss::Cell, Target::Start, "The start is after the end.", self.line, &start);
                fields.start = before.start;
            } else {
                fields.end = None;
            }
        }
    }

    /// Sets the tags; returns those that are too many.
    fn tag(&self, fields: &mut ItemFields, it: &mut Reading<'_, '_>) -> Vec<Tag> {
        let before = std::mem::take(&mut fields.tags);
        fields.tags = self.tags.clone().unwrap_or_else(|| before.clone());
        if self.has_priority && self.tags.is_none() {
            fields.tags.retain(|tag| !it.values.is_priority(tag));
        }
        for (tag, yes) in &self.flags {
            // A tag that is also among the tags stays, whatever its own column says.
            if *yes {
                fields.tags.insert(tag.clone());
            } else if self.tags.is_none() {
                fields.tags.remove(tag);
            }
        }
        if fields.tags.len() <= MAX_TAGS {
            return Vec::new();
        }
        let sentence = "An item can have at most 30 tags. The others are in the description.";
        it.problem(Loss::Change, Target::Tags, sentence, self.line, "");
        // Those it has stay, so that importing the same again changes nothing.
        let (mut kept, other): (BTreeSet<Tag>, BTreeSet<Tag>) =
            std::mem::take(&mut fields.tags).into_iter().partition(|tag| before.contains(tag));
        let mut other = other.into_iter();
        while kept.len() < MAX_TAGS
            && let Some(tag) = other.next()
        {
            kept.insert(tag);
        }
        fields.tags = kept;
        other.collect()
    }

    /// Where the description itself has no column, what people wrote stays, and only the paragraphs change.
    fn describe(
        &self,
        before: &Description,
        more_tags: Vec<Tag>,
        columns: &Columns<'_>,
    ) -> (Description, String) {
        let base = self.description.as_deref().map_or(Cow::Borrowed(&**before), printable);
        let more_tags = more_tags.iter().map(|tag| &**tag).collect::<Vec<_>>().join(", ");
        let more_tags = (!more_tags.is_empty()).then_some(("More tags", more_tags));
        // Looked up by what stands before a colon, as there may be as many columns as paragraphs.
        let paragraphs = || base.split("\n\n").filter(|text| !text.is_empty());
        let mut begins: HashMap<&str, usize> = HashMap::new();
        for (index, text) in paragraphs().enumerate() {
            for (colon, _) in text.match_indices(": ").take_while(|(colon, _)| *colon <= 4 * MAX_HEADER) {
                begins.entry(&text[..colon]).or_insert(index);
            }
        }
        let mut paragraphs: Vec<Option<Cow<'_, str>>> = paragraphs().map(|text| Some(text.into())).collect();
        let mut is_same = true;
        let filled: HashSet<&str> = self.appended.iter().map(|(header, _)| *header).collect();
        let appended = columns.of(Target::Append).map(|index| label(columns.header(index)));
        for header in appended.filter(|header| !filled.contains(header)) {
            if let Some(index) = begins.get(header) {
                paragraphs[*index] = None;
                is_same = false;
            }
        }
        for (header, text) in self.appended.iter().chain(&more_tags) {
            let wanted = (!text.is_empty()).then(|| Cow::Owned(format!("{header}: {text}")));
            match (begins.get(header), wanted) {
                (Some(index), wanted) if paragraphs[*index] != wanted => paragraphs[*index] = wanted,
                (None, Some(wanted)) => paragraphs.push(Some(wanted)),
                _ => continue,
            }
            is_same = false;
        }
        if is_same {
            return cut(&base);
        }
        cut(&paragraphs.into_iter().flatten().collect::<Vec<_>>().join("\n\n"))
    }
}

impl<'a> Reading<'a, '_> {
    /// The column taken for a target, with the row's cell.
    fn cell<'r>(&self, row: &'r Row, target: Target) -> Option<(&'a str, &'r str)> {
        let index = self.columns.of(target).next()?;
        Some((self.columns.header(index), row.cells.get(index).trim()))
    }

    /// The same, where the cell is not empty.
    fn filled<'r>(&self, row: &'r Row, target: Target) -> Option<(&'a str, &'r str)> {
        let (header, cell) = self.cell(row, target)?;
        Some((header, first_value(cell))).filter(|(_, cell)| !cell.is_empty())
    }

    fn day(&mut self, row: &Row, target: Target, edge: Edge) -> Option<Option<Date>> {
        let index = self.columns.of(target).next()?;
        let cell = first_value(row.cells.get(index));
        if cell.is_empty() {
            return Some(None);
        }
        match dates::day(cell, edge, self.columns.order(index)) {
            Ok(day) => Some(Some(day)),
            Err(sentence) => self.leave_out(target, sentence, row.line, cell),
        }
    }

    fn leave_out<T>(&mut self, target: Target, sentence: &'static str, line: u64, cell: &str) -> Option<T> {
        self.problem(Loss::Cell, target, sentence, line, cell);
        None
    }

    /// Counts something about the column that is taken for a target.
    pub(super) fn problem(
        &mut self,
        loss: Loss,
        target: Target,
        sentence: impl Into<Cow<'static, str>>,
        line: u64,
        value: &str,
    ) {
        let index = self.columns.of(target).next();
        let column = index.map(|index| (index, self.columns.header(index)));
        self.problems.add(loss, column, sentence, line, value);
    }
}

/// The people in a cell: `Doe, Jane` is one, `Jane Doe, John Roe` are two.
fn people<'c>(cell: &'c str, values: &Values<'_>) -> Vec<Cow<'c, str>> {
    let mut people = Vec::new();
    for group in cell.split([';', '\n']).map(str::trim).filter(|group| !group.is_empty()) {
        let names = || group.split(',').map(str::trim).filter(|name| !name.is_empty());
        let are_several = values.people.find(group).is_none()
            && (names().all(|name| name.contains('@'))
                || names().all(|name| name.contains(' '))
                || names().all(|name| values.people.find(name).is_some()));
        if are_several {
            people.extend(names().map(Cow::Borrowed));
        } else {
            people.push(Cow::Borrowed(group));
        }
    }
    people
}

/// What a column is called in a description: Jira writes `Custom field (Story Points)`.
fn label(header: &str) -> &str {
    header.strip_prefix("Custom field (").and_then(|name| name.strip_suffix(')')).unwrap_or(header)
}

/// A tag made of a text, and whether it was shortened.
fn tag(text: &str) -> Option<(Tag, bool)> {
    let (text, is_cut) = one_line(&text.replace([',', ';'], " ").to_lowercase(), MAX_TAG);
    Some((Tag::parse(&text).ok()?, is_cut))
}

/// The tag that a priority becomes by itself.
pub(super) fn priority_tag(priority: &str) -> Option<Tag> {
    tag(&format!("{PRIORITY}{priority}")).map(|(tag, _)| tag)
}

/// A comment as Jira exports it, `31/Oct/25 4:05 PM;account;text`, as people read it; any other as it is.
fn comment(text: &str) -> Cow<'_, str> {
    let mut parts = text.splitn(3, ';');
    if let (Some(date), Some(author), Some(body)) = (parts.next(), parts.next(), parts.next())
        && date.contains(':')
        && let Ok(day) = dates::day(date, Edge::First, dates::Order::DayFirst)
    {
        return Cow::Owned(format!("**{}** · {day}\n\n{}", author.trim(), body.trim()));
    }
    Cow::Borrowed(text)
}

/// A text without control characters, other than tabs and line breaks.
fn printable(text: &str) -> Cow<'_, str> {
    let is_bad = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    if text.contains(is_bad) {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        Cow::Owned(text.replace(is_bad, ""))
    } else {
        Cow::Borrowed(text)
    }
}

/// As much of a text as a description takes, and the rest.
fn cut(text: &str) -> (Description, String) {
    let text = printable(text);
    let end = text.char_indices().nth(MAX_DESCRIPTION).map_or(text.len(), |(end, _)| end);
    let (begin, rest) = text.split_at(end);
    (Description::parse(begin).unwrap_or_default(), rest.to_owned())
}

/// Comments that say a text together.
fn parts(text: &str, max: usize) -> impl Iterator<Item = CommentBody> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = rest.char_indices().nth(max).map_or(rest.len(), |(end, _)| end);
        let (part, after) = rest.split_at(end);
        rest = after;
        Some(CommentBody::parse(part).ok())
    })
    .flatten()
}

/// A text without empty lines, which would end the paragraph.
fn paragraph(text: &str) -> String {
    let text = printable(text);
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}
