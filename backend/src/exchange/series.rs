//! Series of days and values out of files between separators, with dates and decimal signs as an import knows them.

use domain::{Date, Figure};

use super::{
    dates::{self, Edge, Evidence},
    grid::{Grid, Row},
    record,
};

/// The most rows of a series that are read at once.
const MOST_ROWS: usize = 2_000;

/// The most faults that a refusal names.
const NAMED: usize = 3;

/// The most characters of a source.
const MAX_SOURCE: usize = 80;

/// How columns are called that hold the day, the value and the source.
const DAYS: &[&str] = &["day", "date", "datum", "tag", "fecha", "jour", "period", "month"];
const VALUES: &[&str] = &["value", "wert", "valeur", "valor", "measurement", "result"];
const SOURCES: &[&str] = &["source", "quelle", "fuente", "origin"];

/// A row of a series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Point {
    pub(crate) day: Date,
    pub(crate) value: Figure,
    pub(crate) source: String,
}

/// Reads days and values, each day once. Without a row that names the columns, the day comes first and the value second.
///
/// # Errors
/// A sentence that names the first lines that cannot be read.
pub(crate) fn read(text: &str, unit: &str) -> Result<Vec<Point>, String> {
    let grid = grid_of(text)?;
    let mut rows = &grid.rows[..];
    let mut columns = (0, 1, Some(2));
    if let Some(first) = rows.first().and_then(header) {
        columns = first;
        rows = &rows[1..];
    }
    let (day_at, value_at, source_at) = columns;
    if rows.is_empty() {
        return Err("There are no measurements here. Write a day and a value on each line.".to_owned());
    }
    if rows.len() > MOST_ROWS {
        return Err(format!("There are {} lines. Add at most {MOST_ROWS} at a time.", rows.len()));
    }
    let mut evidence = Evidence::default();
    for row in rows {
        evidence.add(row.cells.get(day_at));
    }
    let order = evidence.order(Evidence::default());
    let (mut points, mut wrong) = (Vec::<(u64, Point)>::with_capacity(rows.len()), Vec::new());
    for row in rows {
        let point = || {
            // What is measured for a month is known at its end.
            let day = dates::day(row.cells.get(day_at), Edge::Last, order)?.likely()?;
            let value = Figure::read(row.cells.get(value_at), unit)?;
            let source = source_at.map_or("", |at| row.cells.get(at)).trim();
            let source = source.chars().filter(|c| !c.is_control()).take(MAX_SOURCE).collect();
            Ok::<_, String>(Point { day, value, source })
        };
        match point() {
            Ok(point) => points.push((row.line, point)),
            Err(sentence) => wrong.push(format!("Line {}: {sentence}", row.line)),
        }
    }
    points.sort_by_key(|(line, point)| (point.day, *line));
    for pair in points.windows(2) {
        if let [(first, one), (second, other)] = pair
            && one.day == other.day
        {
            wrong.push(format!("Lines {first} and {second} both measure {}.", one.day));
        }
    }
    if wrong.is_empty() {
        return Ok(points.into_iter().map(|(_, point)| point).collect());
    }
    Err(refused(wrong))
}

/// Rows of a text between separators.
///
/// # Errors
/// A sentence.
pub(super) fn grid_of(text: &str) -> Result<Grid, String> {
    let text = text.trim_start_matches('\u{feff}');
    // A comma may be the decimal sign where every line has something else between its values.
    let sure = ['\t', ';'].into_iter().find(|sign| {
        let mut lines = text.lines().filter(|line| !line.trim().is_empty()).peekable();
        lines.peek().is_some() && lines.all(|line| line.contains(*sign))
    });
    match sure {
        Some('\t') => record::separated(text, b'\t'),
        Some(_) => record::separated(text, b';'),
        None => Ok(record::read(text)?.0),
    }
}

/// That nothing was added, and the first of what is wrong with its lines.
pub(crate) fn refused(mut wrong: Vec<String>) -> String {
    let more = wrong.len().saturating_sub(NAMED);
    wrong.truncate(NAMED);
    if more > 0 {
        wrong.push(format!("{} cannot be read.", domain::counted(more, "more line", "more lines")));
    }
    format!("Nothing was added. {}", wrong.join(" "))
}

/// Reads a day as an import does; of a month, its last.
///
/// # Errors
/// A sentence.
pub(crate) fn day(text: &str) -> Result<Date, String> {
    dates::day(text, Edge::Last, dates::Order::DayFirst)?.likely()
}

/// Which columns hold day, value and source, where a row names them.
fn header(row: &Row) -> Option<(usize, usize, Option<usize>)> {
    let find = |names: &[&str]| {
        row.cells.iter().position(|cell| names.contains(&cell.trim().to_lowercase().as_str()))
    };
    match (find(DAYS), find(VALUES)) {
        (Some(day), Some(value)) => Some((day, value, find(SOURCES))),
        // Called something else, but neither a day nor a number.
        (Some(day), None) => Some((day, usize::from(day == 0), find(SOURCES))),
        _ => {
            let is_day = dates::day(row.cells.get(0), Edge::Last, dates::Order::DayFirst).is_ok();
            let holds_digits = row.cells.iter().any(|cell| cell.contains(|c: char| c.is_ascii_digit()));
            (!is_day && !holds_digits).then_some((0, 1, find(SOURCES)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<String> {
        let points = read(text, "%").unwrap_or_else(|error| panic!("{text}: {error}"));
        points.iter().map(|point| format!("{} {} {}", point.day, point.value, point.source)).collect()
    }

    #[test]
    fn days_and_values_are_read_as_an_import_reads_them() {
        assert_eq!(rows("2026-11-02,97.5\n2026-11-01,96\n"), ["2026-11-01 96 ", "2026-11-02 97.5 "]);
        assert_eq!(
            rows("Datum;Wert;Quelle\n01.11.2026;96,5 %;Survey\n02.11.2026;1.200,25;\n"),
            ["2026-11-01 96.5 Survey", "2026-11-02 1200.25 "]
        );
        assert_eq!(rows("1.10.2026;40,5\n2.10.2026;41,5\n"), ["2026-10-01 40.5 ", "2026-10-02 41.5 "]);
        assert_eq!(rows("11/02/2026\t5\n11/13/2026\t6"), ["2026-11-02 5 ", "2026-11-13 6 "]);
        assert_eq!(rows("Month,Users\n2026-10,40\nNov 2026,44\n"), ["2026-10-31 40 ", "2026-11-30 44 "]);
        assert_eq!(rows("Wert;Tag\n7;1.11.2026\n"), ["2026-11-01 7 "]);
    }

    #[test]
    fn a_series_is_read_whole_or_not_at_all() {
        let refused = |text: &str| read(text, "").unwrap_err();
        let bad = refused("2026-11-01,5\nsoon,6\n2026-11-03,many\n");
        assert!(bad.starts_with("Nothing was added. Line 2:") && bad.contains("Line 3:"), "{bad}");
        let twice = refused("2026-11-01,5\n1.11.2026,6\n");
        assert!(twice.contains("Lines 1 and 2 both measure 2026-11-01"), "{twice}");
        assert!(refused("").contains("no measurements"));
        assert!(refused("Day,Value\n").contains("no measurements"));
        assert!(refused("0027-11-01,5\n").contains("Line 1"));
        let many: String = (0..2_001).map(|n| format!("{n},1\n")).collect();
        assert!(refused(&many).contains("2001 lines"));
        let wrong = (0..9).map(|n| format!("x{n},1\n")).collect::<String>();
        assert!(refused(&wrong).contains("6 more lines"));
    }
}
