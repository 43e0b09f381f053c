//! Excel workbooks. What they inflate to is measured before anything reads them, so that a small file cannot fill the memory.

use std::{
    io::{self, Cursor, Read as _},
    panic::{AssertUnwindSafe, catch_unwind},
};

use calamine::{DataRef, Reader as _, SheetVisible, Xlsx, XlsxError};
use domain::exchange::{Answers, Choice, Question, Questions};
use zip::ZipArchive;

use super::grid::{BETWEEN, Grid, MAX_CELLS, Row};

/// The most bytes a workbook may inflate to.
const MAX_INFLATED: u64 = 120 * 1024 * 1024;

/// The most parts of a workbook, and sheets that are looked at.
const MAX_PARTS: usize = 2_000;
const MAX_SHEETS: usize = 100;

/// The most columns that are read; further ones are left out.
const MAX_COLUMNS: u32 = 2_000;

/// The question which sheet is imported.
const SHEET: &str = "sheet";

const DAMAGED: &str = "The workbook cannot be read; it may be damaged. Open it in Excel, save it again as .xlsx or CSV, and choose that file.";

#[derive(Debug)]
pub(super) struct Workbook {
    pub(super) grid: Grid,
    /// The name of the sheet that was read.
    pub(super) sheet: String,
    pub(super) question: Option<Questions>,
}

/// Reads the sheet that was chosen, or the first that is not empty.
///
/// # Errors
/// A sentence: it is no workbook, is damaged or too large, or has nothing in it.
pub(super) fn read(bytes: &[u8], answers: &Answers) -> Result<Workbook, String> {
    measure(bytes)?;
    // Its reader is well tested and yet may panic on what nobody has thought of.
    catch_unwind(AssertUnwindSafe(|| read_sheets(bytes, answers))).unwrap_or_else(|_| Err(DAMAGED.to_owned()))
}

fn measure(bytes: &[u8]) -> Result<(), String> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| DAMAGED.to_owned())?;
    if archive.index_for_name("xl/workbook.xml").is_none() {
        return Err("This is a ZIP archive and not an Excel workbook. Unpack it and choose the file inside."
            .to_owned());
    }
    if archive.len() > MAX_PARTS {
        return Err(too_large());
    }
    let mut rest = MAX_INFLATED;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|_| DAMAGED.to_owned())?;
        let inflated = io::copy(&mut part.take(rest + 1), &mut io::sink()).map_err(|_| DAMAGED.to_owned())?;
        rest = rest.checked_sub(inflated).ok_or_else(too_large)?;
    }
    Ok(())
}

fn too_large() -> String {
    format!(
        "The workbook is too large: its content takes more than {} MB. Save the sheet as CSV, in several files if need be.",
        MAX_INFLATED / (1024 * 1024)
    )
}

fn read_sheets(bytes: &[u8], answers: &Answers) -> Result<Workbook, String> {
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|error| match error {
        XlsxError::Password => "The workbook is protected by a password. Save it without one.".to_owned(),
        _ => DAMAGED.to_owned(),
    })?;
    let sheets = workbook.sheets_metadata().iter().filter(|sheet| sheet.visible == SheetVisible::Visible);
    let names: Vec<String> = sheets.map(|sheet| sheet.name.clone()).take(MAX_SHEETS).collect();
    let chosen = answers.0.get(SHEET).filter(|name| names.contains(name));
    let mut found = None;
    for name in names.iter().filter(|name| chosen.is_none_or(|chosen| chosen == *name)) {
        let is_last = names.last() == Some(name);
        let grid = match read_sheet(&mut workbook, name) {
            // A sheet of charts alone has no cells.
            Err(_) if chosen.is_none() && !is_last => continue,
            other => other?,
        };
        if chosen.is_some() || grid.rows.len() > 1 {
            found = Some((name.clone(), grid));
            break;
        }
    }
    let Some((sheet, grid)) = found else {
        return Err("The workbook is empty. Choose one with one item in each row of a sheet.".to_owned());
    };
    let question = (names.len() > 1).then(|| Questions {
        title: "Sheet".to_owned(),
        options: names.iter().map(|name| Choice { id: name.clone(), label: name.clone() }).collect(),
        questions: vec![Question {
            id: SHEET.to_owned(),
            label: String::new(),
            count: 0,
            answer: sheet.clone(),
        }],
    });
    Ok(Workbook { grid, sheet, question })
}

fn read_sheet(workbook: &mut Xlsx<Cursor<&[u8]>>, name: &str) -> Result<Grid, String> {
    let damaged = |_| DAMAGED.to_owned();
    let mut reader = workbook.worksheet_cells_reader(name).map_err(damaged)?;
    let mut grid = Grid::default();
    let mut row = Row::default();
    let mut cells = 0;
    while let Some(cell) = reader.next_cell().map_err(damaged)? {
        let (line, column) = cell.get_position();
        let line = u64::from(line) + 1;
        let text = text(cell.get_value());
        if text.trim().is_empty() || column >= MAX_COLUMNS {
            continue;
        }
        if line < row.line {
            return Err(DAMAGED.to_owned());
        }
        if line > row.line {
            grid.push(std::mem::replace(&mut row, Row { line, ..Row::default() }))?;
        }
        let column = column as usize;
        if column < row.cells.len() {
            return Err(DAMAGED.to_owned());
        }
        cells += column + 1 - row.cells.len();
        if cells > MAX_CELLS {
            return Err(too_large());
        }
        grid.check_room(row.cells.bytes() + text.len())?;
        row.cells.put(column, &text);
    }
    grid.push(row)?;
    Ok(grid)
}

fn text(value: &DataRef<'_>) -> String {
    let text = match value {
        DataRef::Empty | DataRef::Error(_) => String::new(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(is_true) => (if *is_true { "yes" } else { "no" }).to_owned(),
        DataRef::DateTime(moment) if moment.is_datetime() && moment.as_f64() >= 1.0 => {
            let (year, month, day, ..) = moment.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        DataRef::DateTime(moment) => moment.as_f64().to_string(),
    };
    if text.contains(BETWEEN) { text.replace(BETWEEN, " ") } else { text }
}
