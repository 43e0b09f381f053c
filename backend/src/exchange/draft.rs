//! What a row says about an item.

use std::collections::{BTreeSet, HashMap};

use domain::{
    Date, Description, Investment, ItemFields, ItemKey, ItemKind, LaneName, Member, PersonDays, SourceKey,
    Status, Tag, Title, UserId,
    exchange::{MAX_HEADER, RowProblem, Target},
};

use super::{
    table::Row,
    words::{self, Edge},
};

/// A row, understood. Fields whose column is not in the file are `None` and stay as they are.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) line: u64,
    pub(super) key: Option<SourceKey>,
    /// What the row was exported as.
    pub(super) own_key: Option<ItemKey>,
    pub(super) title: Title,
    /// Not said where the cell is empty.
    pub(super) lane: Option<LaneName>,
    description: Option<Description>,
    /// Paragraphs "Header: value"; without a value the paragraph goes.
    appended: Vec<(String, String)>,
    kind: Option<ItemKind>,
    investment: Option<Option<Investment>>,
    effort: Option<Option<PersonDays>>,
    start: Option<Option<Date>>,
    end: Option<Option<Date>>,
    owner: Option<Option<UserId>>,
    tags: Option<BTreeSet<Tag>>,
    /// Tags that are headers, and whether the row says yes.
    flags: Vec<(Tag, bool)>,
    status: Option<Status>,
}

/// Collects what is wrong with a row, so that all of it is told at once.
struct Reading<'a> {
    row: &'a Row,
    columns: &'a [(String, Target)],
    problems: Vec<RowProblem>,
}

impl Draft {
    /// # Errors
    /// Everything that is wrong with the row.
    pub(super) fn read(
        row: &Row,
        columns: &[(String, Target)],
        members: &[Member],
    ) -> Result<Self, Vec<RowProblem>> {
        let mut it = Reading { row, columns, problems: Vec::new() };
        let title = it.cells(Target::Title).next().map(|(_, text)| text.to_owned()).unwrap_or_default();
        let title = it.value(Target::Title, &title, Title::parse);
        let draft = Draft {
            line: row.line,
            key: it.filled(Target::Key, SourceKey::parse),
            own_key: it.filled(Target::OwnKey, str::parse),
            title: title.unwrap_or_else(|| Title::parse("?").expect("a question mark is a title")),
            lane: it.filled(Target::Lane, LaneName::parse),
            description: it
                .mapped(Target::Description, |text| Description::parse(text.trim()))
                .map(Option::unwrap_or_default),
            appended: it
                .cells(Target::Append)
                .map(|(header, text)| (header.to_owned(), paragraph(text)))
                .collect(),
            kind: it.filled(Target::Kind, words::kind),
            investment: it.mapped(Target::Investment, words::investment),
            effort: it.mapped(Target::Effort, words::effort),
            start: it.mapped(Target::Start, |text| words::day(text, Edge::First)),
            end: it.mapped(Target::End, |text| words::day(text, Edge::Last)),
            owner: it.mapped(Target::Owner, |text| member(text, members)),
            tags: it.tags(),
            flags: it.flags(),
            status: it.filled(Target::Status, words::status),
        };
        if it.problems.is_empty() { Ok(draft) } else { Err(it.problems) }
    }

    /// The fields of an item after this row, given those before.
    pub(super) fn onto(&self, before: &ItemFields) -> Result<ItemFields, String> {
        let mut fields = before.clone();
        fields.title = self.title.clone();
        fields.description = self.describe(&before.description)?;
        fields.kind = self.kind.unwrap_or(before.kind);
        fields.investment = self.investment.unwrap_or(before.investment);
        fields.effort = self.effort.unwrap_or(before.effort);
        fields.start = self.start.unwrap_or(before.start);
        fields.end = self.end.unwrap_or(before.end);
        fields.owner = self.owner.unwrap_or(before.owner);
        fields.status = self.status.unwrap_or(before.status);
        if let Some(tags) = &self.tags {
            fields.tags = tags.clone();
        }
        for (tag, yes) in &self.flags {
            // A tag that is also among the tags stays, whatever its own column says.
            if *yes {
                fields.tags.insert(tag.clone());
            } else if self.tags.is_none() {
                fields.tags.remove(tag);
            }
        }
        Ok(fields)
    }

    /// Where the description itself has no column, what people wrote stays, and only the paragraphs change.
    fn describe(&self, before: &Description) -> Result<Description, String> {
        let base = self.description.as_ref().unwrap_or(before);
        if self.appended.is_empty() {
            return Ok(base.clone());
        }
        let mut paragraphs: Vec<Option<String>> =
            base.split("\n\n").filter(|text| !text.is_empty()).map(|text| Some(text.to_owned())).collect();
        // Looked up by what stands before a colon, as there may be as many columns as paragraphs.
        let mut begins: HashMap<&str, usize> = HashMap::new();
        for (index, text) in base.split("\n\n").filter(|text| !text.is_empty()).enumerate() {
            for (colon, _) in text.match_indices(": ").take_while(|(colon, _)| *colon <= 4 * MAX_HEADER) {
                begins.entry(&text[..colon]).or_insert(index);
            }
        }
        for (header, text) in &self.appended {
            let wanted = (!text.is_empty()).then(|| format!("{header}: {text}"));
            match (begins.get(&**header), wanted) {
                (Some(index), wanted) => paragraphs[*index] = wanted,
                (None, Some(wanted)) => paragraphs.push(Some(wanted)),
                (None, None) => {}
            }
        }
        let paragraphs: Vec<String> = paragraphs.into_iter().flatten().collect();
        Description::parse(&paragraphs.join("\n\n")).map_err(|error| error.to_string())
    }
}

impl<'a> Reading<'a> {
    /// The columns taken for a target, with the row's cells.
    fn cells(&self, target: Target) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        let (row, columns) = (self.row, self.columns);
        columns
            .iter()
            .zip(&row.cells)
            .filter(move |((_, column), _)| *column == target)
            .map(|((header, _), cell)| (header.as_str(), cell.trim()))
    }

    fn value<T, E: ToString>(
        &mut self,
        target: Target,
        text: &str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<T> {
        match parse(text) {
            Ok(value) => Some(value),
            Err(error) => {
                let column = self.cells(target).next().map(|(header, _)| header.to_owned());
                self.problem(column, error.to_string());
                None
            }
        }
    }

    /// The value of a cell that is not empty.
    fn filled<T, E: ToString>(&mut self, target: Target, parse: impl Fn(&str) -> Result<T, E>) -> Option<T> {
        let (_, text) = self.cells(target).next()?;
        if text.is_empty() { None } else { self.value(target, text, parse) }
    }

    /// The value of a cell, which may be empty, if there is such a column.
    fn mapped<T, E: ToString>(
        &mut self,
        target: Target,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<Option<T>> {
        self.cells(target).next()?;
        Some(self.filled(target, parse))
    }

    fn tags(&mut self) -> Option<BTreeSet<Tag>> {
        self.cells(Target::Tags).next()?;
        let mut tags = BTreeSet::new();
        for (header, cell) in self.cells(Target::Tags) {
            for text in cell.split([',', ';']).filter(|text| !text.trim().is_empty()) {
                match Tag::parse(text) {
                    Ok(tag) => drop(tags.insert(tag)),
                    Err(error) => self.problem(Some(header.to_owned()), error.to_string()),
                }
            }
        }
        Some(tags)
    }

    fn flags(&mut self) -> Vec<(Tag, bool)> {
        let mut flags = Vec::new();
        for (header, cell) in self.cells(Target::TagIfYes) {
            let tag = Tag::parse(header).map_err(|error| error.to_string());
            match tag.and_then(|tag| Ok((tag, words::yes(cell)?))) {
                Ok(flag) => flags.push(flag),
                Err(sentence) => self.problem(Some(header.to_owned()), sentence),
            }
        }
        flags
    }

    fn problem(&mut self, column: Option<String>, sentence: String) {
        self.problems.push(RowProblem { line: self.row.line, column, sentence });
    }
}

/// A text without empty lines, which would end the paragraph.
fn paragraph(text: &str) -> String {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

/// A member by e-mail address or, if only one is called so, by name. Former members only where no other is meant.
fn member(text: &str, members: &[Member]) -> Result<UserId, String> {
    let wanted = text.to_lowercase();
    if let Some(member) = members.iter().find(|member| member.email.as_deref() == Some(wanted.as_str())) {
        return Ok(member.id);
    }
    let named = |active: bool| {
        members
            .iter()
            .filter(|member| member.active == active && member.name.to_lowercase() == wanted)
            .map(|member| member.id)
            .collect::<Vec<_>>()
    };
    let found = Some(named(true)).filter(|found| !found.is_empty()).unwrap_or_else(|| named(false));
    match found.as_slice() {
        [one] => Ok(*one),
        [] => Err(format!("“{text}” is not a member. Invite this person first, or leave the column out.")),
        _ => Err(format!("Several members are called “{text}”. Write the e-mail address.")),
    }
}
