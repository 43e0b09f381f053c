//! A file as named columns and rows, with the lines they stand on.

use std::collections::{BTreeMap, BTreeSet};

use domain::exchange::{Answers, Choice, MAX_COLUMNS, MAX_HEADER, Question, Questions, Target};

use super::{
    boards,
    dates::{self, Edge, Order},
    family::{self, Family},
    file::{self, Content},
    grid::{BETWEEN, Cells, Grid, MAX_CELLS, Row, one_line, shown, values},
    guess::named,
    record,
    words::folded,
    workbook,
};

/// Rows among which the one that names the columns is looked for: exports begin with a title or facts about themselves.
const ABOVE: usize = 12;

/// The question whether the first row names the columns.
const HEADER: &str = "header";

/// The question whether archived cards are imported.
const ARCHIVED: &str = "archived";

/// A file that could be read.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// Each different from the others.
    pub(super) headers: Vec<String>,
    /// The headers' letters and digits in lower case.
    pub(super) folded: Vec<String>,
    pub(super) rows: Vec<Row>,
    pub(super) family: Option<&'static Family>,
    /// The tool's own order of lanes is the order of its rows.
    pub(super) keeps_order: bool,
    /// How it was read, in words.
    pub(super) source: Vec<String>,
    /// What can be chosen about the file as a whole.
    pub(super) questions: Vec<Questions>,
}

impl Table {
    /// Reads a file: values between separators, an Excel workbook, or JSON of a tool that is known.
    ///
    /// # Errors
    /// A sentence about the file as a whole.
    pub(super) fn read(bytes: &[u8], answers: &Answers) -> Result<Self, String> {
        let mut source = Vec::new();
        let mut questions = Vec::new();
        let content = file::look(bytes)?;
        let keeps_order = matches!(content, Content::Json(_));
        let grid = match content {
            Content::Text(text, encoding) => {
                let (grid, separator) = record::read(&text)?;
                if let Some(encoding) = encoding {
                    source.push(encoding.to_owned());
                }
                let is_wide = grid.rows.first().is_some_and(|row| row.cells.len() > 1);
                source.extend(is_wide.then(|| separated_by(separator)).flatten().map(str::to_owned));
                grid
            }
            Content::Json(text) => boards::read(&text)?,
            Content::Workbook => {
                let workbook = workbook::read(bytes, answers)?;
                source.push(format!("Sheet “{}”", workbook.sheet));
                questions.extend(workbook.question);
                workbook.grid
            }
        };
        let mut table = Self::of(grid, answers)?;
        if let Some(family) = table.family {
            let article = if family.name.starts_with(['A', 'E', 'I', 'O', 'U']) { "an" } else { "a" };
            source.insert(0, format!("Looks like {article} {} export", family.name));
        }
        table.source = source;
        table.keeps_order = keeps_order;
        questions.append(&mut table.questions);
        table.questions = questions;
        Ok(table)
    }

    fn of(mut grid: Grid, answers: &Answers) -> Result<Self, String> {
        if grid.rows.is_empty() {
            return Err("The file is empty. Choose a file with one item in each row.".to_owned());
        }
        let begin = header_row(&grid.rows);
        grid.rows.drain(..begin);
        let mut questions = Vec::new();
        let is_known = known(&grid.rows[0].cells) > 0;
        let names_columns = match answers.0.get(HEADER).map(String::as_str) {
            Some("names") => true,
            Some("item") => false,
            _ => is_known || !is_data(&grid.rows),
        };
        if !is_known {
            questions.push(question(
                "First row",
                HEADER,
                [("names", "Names the columns"), ("item", "Is an item")],
                if names_columns { "names" } else { "item" },
                0,
            ));
        }
        let wide = grid.rows.iter().map(|row| row.cells.len()).max().unwrap_or_default();
        let first = if names_columns { Some(grid.rows.remove(0)) } else { None };
        if grid.rows.is_empty() {
            return Err(
                "The file has a header but no rows. Every line below the header is one item.".to_owned()
            );
        }
        let names = match &first {
            Some(row) => row.cells.clone(),
            None => (0..wide).map(|_| "").collect(),
        };
        let (mut table, places) = Self::named(&names)?;
        let (rows, columns) = (grid.rows.len(), table.headers.len());
        // Rows may be far shorter than the header.
        if rows * columns > MAX_CELLS {
            return Err(format!(
                "The file has {rows} rows of {columns} columns, which is too much at once. Remove columns that are not needed, or split it into several files."
            ));
        }
        table.questions = questions;
        table.rows = grid.rows.into_iter().map(|row| table.arranged(row, &places)).collect();
        table.finish(answers);
        Ok(table)
    }

    /// Columns with these names, and in which of them each cell of a row belongs.
    fn named(names: &Cells) -> Result<(Self, Vec<usize>), String> {
        let mut table = Self::default();
        if names.len() > 20 * MAX_COLUMNS {
            return Err(too_many_columns(names.len()));
        }
        let raw: Vec<String> = names.iter().map(|name| one_line(name, MAX_HEADER).0).collect();
        let keys: Vec<String> = raw.iter().map(|name| folded(name)).collect();
        table.family = family::of(&keys);
        let is_azure = table.family.is_some_and(|family| family.name == "Azure Boards");
        let mut places = Vec::with_capacity(raw.len());
        let mut by_name: BTreeMap<String, usize> = BTreeMap::new();
        let mut taken: BTreeSet<String> = BTreeSet::new();
        for (index, name) in raw.into_iter().enumerate() {
            // A tree of work items has its titles in a column for each level.
            let level = is_azure
                && keys[index].strip_prefix("title").is_some_and(|level| level.parse::<u8>().is_ok());
            let name = if level { "Title".to_owned() } else { name };
            let lower = name.to_lowercase();
            if let Some(column) = by_name.get(&lower)
                && (level || is_joined(&keys[index], table.family))
            {
                places.push(*column);
                continue;
            }
            let mut header = if name.is_empty() { format!("Column {}", index + 1) } else { name.clone() };
            let mut count = 1;
            while !taken.insert(header.to_lowercase()) {
                count += 1;
                header = format!("{name} {count}");
            }
            let column = table.headers.len();
            places.push(column);
            if !name.is_empty() {
                by_name.entry(lower).or_insert(column);
            }
            table.folded.push(if count > 1 { String::new() } else { folded(&header) });
            table.headers.push(header);
        }
        if table.headers.len() > MAX_COLUMNS {
            return Err(too_many_columns(table.headers.len()));
        }
        Ok((table, places))
    }

    /// A row with its cells in the order of the headers. What stands beyond the last header is one more cell.
    fn arranged(&self, row: Row, places: &[usize]) -> Row {
        let count = self.headers.len();
        let beyond = row.cells.iter().skip(places.len()).any(|cell| !cell.trim().is_empty());
        if places.len() == count && !beyond {
            return row;
        }
        let mut cells = vec![String::new(); count];
        for (cell, column) in row.cells.iter().zip(places) {
            if !cell.trim().is_empty() {
                if !cells[*column].is_empty() {
                    cells[*column].push(BETWEEN);
                }
                cells[*column].push_str(cell);
            }
        }
        if beyond {
            let rest = row.cells.iter().skip(places.len()).map(str::trim).filter(|cell| !cell.is_empty());
            cells.push(rest.collect::<Vec<_>>().join(", "));
        }
        Row { cells: cells.iter().collect(), ..row }
    }

    /// What single tools write in a manner of their own.
    fn finish(&mut self, answers: &Answers) {
        let Some(family) = self.family else { return };
        let column = |name: &str| self.folded.iter().position(|folded| folded == name);
        if family.name == "Trello"
            && let Some(archived) = column("archived")
        {
            let is_archived = |row: &Row| row.cells.get(archived).trim().eq_ignore_ascii_case("true");
            let count = self.rows.iter().filter(|row| is_archived(row)).count();
            if count > 0 {
                let wanted = answers.0.get(ARCHIVED).is_some_and(|answer| answer == "import");
                self.questions.push(question(
                    "Archived cards",
                    ARCHIVED,
                    [("leave", "Leave out"), ("import", "Import")],
                    if wanted { "import" } else { "leave" },
                    u32::try_from(count).unwrap_or(u32::MAX),
                ));
                if !wanted {
                    self.rows.retain(|row| !is_archived(row));
                }
            }
        }
        if family.name == "Asana"
            && let Some(completed) = column("completedat")
        {
            for row in &mut self.rows {
                if !row.cells.get(completed).trim().is_empty() {
                    let cells = row.cells.iter().enumerate();
                    row.cells =
                        cells.map(|(index, cell)| if index == completed { "Done" } else { cell }).collect();
                }
            }
        }
    }

    /// The first different values of a column.
    pub(super) fn samples(&self, column: usize, count: usize) -> Vec<String> {
        let mut samples: Vec<String> = Vec::with_capacity(count);
        // What begins alike for thousands of rows shows nothing new.
        for value in self.values(column).take(1_000) {
            if samples.len() == count {
                break;
            }
            let (value, _) = one_line(&shown(value), 120);
            if !samples.contains(&value) {
                samples.push(value);
            }
        }
        samples
    }

    /// The values of a column that are not empty.
    pub(super) fn values(&self, column: usize) -> impl Iterator<Item = &str> {
        self.rows.iter().map(move |row| row.cells.get(column).trim()).filter(|value| !value.is_empty())
    }
}

fn too_many_columns(count: usize) -> String {
    format!(
        "The file has {count} columns; at most {MAX_COLUMNS} can be imported. Remove those that are not needed."
    )
}

/// A question about the file as a whole.
pub(super) fn question<const N: usize>(
    title: &str,
    id: &str,
    options: [(&str, &str); N],
    answer: &str,
    count: u32,
) -> Questions {
    let choice = |(id, label): (&str, &str)| Choice { id: id.to_owned(), label: label.to_owned() };
    Questions {
        title: title.to_owned(),
        options: options.into_iter().map(choice).collect(),
        questions: vec![Question {
            id: id.to_owned(),
            label: String::new(),
            count,
            answer: answer.to_owned(),
        }],
    }
}

fn separated_by(separator: u8) -> Option<&'static str> {
    match separator {
        b';' => Some("Separated by semicolons"),
        b'\t' => Some("Separated by tabs"),
        b'|' => Some("Separated by bars"),
        _ => None,
    }
}

/// Whether columns of one name are one column with several values.
fn is_joined(folded: &str, family: Option<&Family>) -> bool {
    match named(folded, family) {
        Some(target) => matches!(
            target,
            Target::Tags | Target::Comment | Target::Append | Target::Lane | Target::Owner | Target::Ignore
        ),
        // Exports that are known repeat only what has several values.
        None => family.is_some(),
    }
}

/// How many cells are names of columns.
fn known(cells: &Cells) -> usize {
    let is_short = |cell: &&str| cell.len() <= MAX_HEADER;
    cells
        .iter()
        .take(2 * MAX_COLUMNS)
        .filter(is_short)
        .filter(|cell| named(&folded(cell), None).is_some())
        .count()
}

/// Which of the first rows names the columns: the first, unless a later one is much more like it.
fn header_row(rows: &[Row]) -> usize {
    let score = |row: &Row| {
        let names: Vec<String> = row.cells.iter().take(2 * MAX_COLUMNS).map(folded).collect();
        let family = if family::of(&names).is_some() { 100 } else { 0 };
        family + known(&row.cells)
    };
    let filled = |row: &Row| row.cells.iter().filter(|cell| !cell.trim().is_empty()).count();
    let first = rows.first().map_or(0, score);
    let widest = rows.iter().take(2 * ABOVE).map(filled).max().unwrap_or_default();
    // A row that is as wide as the others is an item, whatever it says.
    let before = rows.iter().take(ABOVE).take_while(|row| 2 * filled(row) <= widest.max(3)).count();
    let best = (0..rows.len().min(before + 1)).max_by_key(|index| (score(&rows[*index]), rows.len() - index));
    best.filter(|index| score(&rows[*index]) >= 2 && score(&rows[*index]) > first).unwrap_or(0)
}

/// Whether the first row is of the same kind as those below: a list without a header.
fn is_data(rows: &[Row]) -> bool {
    let kind = |cell: &str| {
        let cell = cell.trim();
        if cell.is_empty() {
            0
        } else if dates::day(cell, Edge::First, Order::DayFirst).is_ok() {
            1
        } else if cell.parse::<domain::Email>().is_ok() {
            2
        } else if cell.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b',')) {
            3
        } else if cell.starts_with("http") {
            4
        } else {
            5
        }
    };
    let first = &rows[0].cells;
    if rows.iter().take(50).all(|row| row.cells.len() == 1) {
        return true;
    }
    first.iter().take(MAX_COLUMNS).enumerate().any(|(column, cell)| {
        let kind_of_first = kind(cell);
        let below =
            || rows.iter().skip(1).take(50).map(|row| kind(row.cells.get(column))).filter(|kind| *kind > 0);
        (1..5).contains(&kind_of_first)
            && below().next().is_some()
            && below().all(|kind| kind == kind_of_first)
    })
}

/// The first value of a cell.
pub(super) fn first_value(cell: &str) -> &str {
    values(cell).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use domain::exchange::MAX_ROWS;

    use super::*;

    fn read(text: &str) -> Result<Table, String> {
        Table::read(text.as_bytes(), &Answers::default())
    }

    fn headers(text: &str) -> Vec<String> {
        read(text).unwrap().headers
    }

    #[test]
    fn a_file_without_items_is_refused() {
        let refusal = |text: &str| read(text).unwrap_err();
        assert!(refusal("").contains("empty"));
        assert!(refusal("\u{feff}\r\n\r\n").contains("empty"));
        assert!(refusal("Key,Title\n").contains("no rows"));
        let wide =
            |columns: usize| (1..=columns).map(|n| format!("c{n}")).collect::<Vec<_>>().join(",") + "\nx\n";
        assert!(refusal(&wide(MAX_COLUMNS + 1)).contains("501 columns; at most 500"));
        assert_eq!(headers(&wide(MAX_COLUMNS)).len(), MAX_COLUMNS);
        assert!(refusal(&wide(100_000)).contains("100000 columns"));
        let sparse = wide(MAX_COLUMNS) + &"x\n".repeat(MAX_CELLS / MAX_COLUMNS);
        assert!(refusal(&sparse).contains("12001 rows of 500 columns"));
        let long = "Title\n".to_owned() + &"x\n".repeat(MAX_ROWS + 1);
        assert!(refusal(&long).contains("more than 50000 rows"));
    }

    #[test]
    fn columns_of_one_name_are_joined_or_numbered() {
        assert_eq!(headers("Title,Key, title \nA,B,C\n"), ["Title", "Key", "title 2"]);
        assert_eq!(headers("Title,,\nA,B,C\n"), ["Title", "Column 2", "Column 3"]);
        let long = headers(&format!("Title,{}\na,b\n", "x".repeat(MAX_HEADER + 1)));
        assert_eq!(long[1].chars().count(), MAX_HEADER);
        let jira = read("Summary,Issue key,Labels,Labels,Sprint,Sprint,Custom field (X),Custom field (X)\nA,J-1,a,b,S1,S2,,y\n").unwrap();
        assert_eq!(jira.headers, ["Summary", "Issue key", "Labels", "Sprint", "Custom field (X)"]);
        let cells: Vec<_> = jira.rows[0].cells.iter().map(|cell| shown(cell).into_owned()).collect();
        assert_eq!(cells, ["A", "J-1", "a, b", "S1, S2", "y"]);
        assert_eq!(jira.source, ["Looks like a Jira export"]);
    }

    #[test]
    fn a_first_row_like_the_others_is_an_item() {
        let table = read("Sign in;2026-01-02;a@example.org\nSign out;2026-02-03;b@example.org\n").unwrap();
        assert_eq!(table.headers, ["Column 1", "Column 2", "Column 3"]);
        assert_eq!(table.rows.len(), 2);
        assert_eq!(read("Sign in\nSign out\n").unwrap().rows.len(), 2);
        let answers = Answers([(HEADER.to_owned(), "names".to_owned())].into());
        assert_eq!(Table::read(b"Sign in\nSign out\n", &answers).unwrap().headers, ["Sign in"]);
        assert_eq!(headers("Foo;Bar\nx;y\n"), ["Foo", "Bar"]);
    }

    #[test]
    fn what_stands_above_the_header_is_passed_over() {
        let text = "Plan name,Roadmap\nExported,2026-01-02\n\nTask ID,Task Name,Bucket Name,Progress\n1,A,B,Not started\n";
        let table = read(text).unwrap();
        assert_eq!(table.headers, ["Task ID", "Task Name", "Bucket Name", "Progress"]);
        assert_eq!((table.rows.len(), table.rows[0].line), (1, 5));
        assert_eq!(headers("Title,Lane,Status\nName,Title,State\n"), ["Title", "Lane", "Status"]);
    }
}
