//! A roadmap as an Excel workbook, with real numbers and dates.

use domain::{Date, FiscalYear, Member, ProductKey, Roadmap};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, XlsxError};

use super::csv::{Cell, headers, rows};

/// The most characters of a cell, which Excel counts in halves of some.
const MAX_CELL: usize = 32_767;

/// Widths of the columns that need more than the usual, in characters.
const WIDTHS: [(u16, u32); 7] = [(1, 48), (2, 16), (7, 12), (8, 12), (9, 24), (10, 24), (11, 60)];

/// # Errors
/// When the workbook cannot be put together, which nothing that a roadmap holds can cause.
pub(super) fn write(
    product: &ProductKey,
    roadmap: &Roadmap,
    members: &[Member],
    year: FiscalYear,
) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.set_name(product.to_string())?;
    let bold = Format::new().set_bold();
    let day = Format::new().set_num_format("yyyy-mm-dd");
    for (column, header) in (0..).zip(headers(roadmap)) {
        sheet.write_string_with_format(0, column, &header, &bold)?;
    }
    for (column, width) in WIDTHS {
        sheet.set_column_width(column, f64::from(width))?;
    }
    sheet.set_freeze_panes(1, 0)?;
    for (row, cells) in (1..).zip(rows(product, roadmap, members, year)) {
        for (column, cell) in (0..).zip(cells) {
            match cell {
                // A text is never a formula, whatever it begins with.
                Cell::Text(text) => sheet.write_string(row, column, cut(&text))?,
                Cell::Number(tenths) => sheet.write_number(row, column, f64::from(tenths) / 10.0)?,
                // A float holds both exactly as far as a field may go.
                Cell::Whole(number) => sheet.write_number(row, column, number as f64)?,
                Cell::Cents(cents) => sheet.write_number(row, column, cents as f64 / 100.0)?,
                Cell::Day(date) => match moment(date) {
                    Some(moment) => sheet.write_datetime_with_format(row, column, &moment, &day)?,
                    // Excel knows no day before 1900.
                    None => sheet.write_string(row, column, date.to_string())?,
                },
                Cell::Empty => continue,
            };
        }
    }
    workbook.save_to_buffer()
}

fn moment(date: Date) -> Option<ExcelDateTime> {
    let part = |part: i8| u8::try_from(part).ok();
    ExcelDateTime::from_ymd(u16::try_from(date.year()).ok()?, part(date.month())?, part(date.day())?).ok()
}

fn cut(text: &str) -> &str {
    let mut units = 0;
    for (at, c) in text.char_indices() {
        units += c.len_utf16();
        if units > MAX_CELL {
            return &text[..at];
        }
    }
    text
}
