//! Money entries out of files between separators, with dates and decimal signs as an import knows them.

use domain::{
    ItemKey,
    money::{Basis, Currency, Entry, MoneyKind, Month, read_amount},
};

use super::{
    dates::{self, Edge, Order},
    grid::Row,
    series::{grid_of, refused},
};

/// The most rows that are read at once.
const MOST_ROWS: usize = 2_000;

/// The most characters of a label.
const MAX_LABEL: usize = 80;

/// How columns are called, by the places of [`Columns`].
const NAMES: [&[&str]; 7] = [
    &["month", "monat", "mois", "mes", "date", "datum", "period"],
    &["kind", "type", "art", "typ"],
    &[
        "plan or actual",
        "plan/actual",
        "plan / actual",
        "basis",
        "planned or actual",
        "plan/ist",
        "plan",
        "scenario",
    ],
    &["amount", "betrag", "montant", "importe", "value", "wert"],
    &["label", "source", "note", "bezeichnung", "text", "quelle"],
    &["item", "key", "posten"],
    &["currency", "währung", "devise", "moneda"],
];

/// Where a file has month, kind, basis, amount, label, item and currency.
type Columns = [Option<usize>; 7];

/// What a file without a row of names has, in this order.
const USUAL: Columns = [Some(0), Some(1), Some(2), Some(3), Some(4), Some(5), None];

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MoneyLine {
    pub(crate) line: u64,
    pub(crate) entry: Entry,
    /// The item that it names.
    pub(crate) item: Option<ItemKey>,
}

/// Reads month, kind, plan or actual, amount and, if there are some, label and item, from every line or from none.
///
/// # Errors
/// A sentence that names the first lines that cannot be read.
pub(crate) fn read(text: &str, currency: Option<&Currency>) -> Result<Vec<MoneyLine>, String> {
    let grid = grid_of(text)?;
    let mut rows = &grid.rows[..];
    let mut columns = USUAL;
    if let Some(named) = rows.first().and_then(header) {
        columns = named;
        rows = &rows[1..];
    }
    if rows.is_empty() {
        return Err("There are no entries here. Write month, kind, plan or actual, and amount on each line."
            .to_owned());
    }
    if rows.len() > MOST_ROWS {
        return Err(format!("There are {} lines. Add at most {MOST_ROWS} at a time.", rows.len()));
    }
    let (mut lines, mut wrong) = (Vec::with_capacity(rows.len()), Vec::new());
    for row in rows {
        match line(row, columns, currency) {
            Ok(line) => lines.push(line),
            Err(sentence) => wrong.push(format!("Line {}: {sentence}", row.line)),
        }
    }
    if wrong.is_empty() { Ok(lines) } else { Err(refused(wrong)) }
}

fn line(row: &Row, columns: Columns, currency: Option<&Currency>) -> Result<MoneyLine, String> {
    let [month_at, kind_at, basis_at, amount_at, label_at, item_at, currency_at] = columns;
    let cell = |at: Option<usize>| at.map_or("", |at| row.cells.get(at)).trim();
    let amount = format!("{} {}", cell(amount_at), cell(currency_at));
    let entry = Entry {
        month: month(cell(month_at))?,
        kind: kind(cell(kind_at))?,
        basis: basis(cell(basis_at))?,
        amount: read_amount(amount.trim(), currency)?,
        label: label(cell(label_at))?,
        item: None,
    };
    let item = match cell(item_at) {
        "" => None,
        typed => Some(typed.parse().map_err(|error: domain::InvalidText| error.to_string())?),
    };
    Ok(MoneyLine { line: row.line, entry, item })
}

/// Reads a month: `2027-01`, `Jan 2027`, or the month of a day.
///
/// # Errors
/// A sentence.
pub(crate) fn month(text: &str) -> Result<Month, String> {
    let shown: String = text.trim().chars().take(40).collect();
    let day = dates::day(text, Edge::First, Order::DayFirst)
        .map_err(|_| format!("“{shown}” isn’t a month. Write it like 2027-01."))?;
    Ok(Month::of(day.likely()?))
}

/// Reads what an amount is.
///
/// # Errors
/// A sentence.
pub(crate) fn kind(text: &str) -> Result<MoneyKind, String> {
    let shown: String = text.trim().chars().take(40).collect();
    match &*text.trim().to_lowercase() {
        "cost" | "costs" | "kosten" | "aufwand" | "coût" | "coste" => Ok(MoneyKind::Cost),
        "revenue" | "revenues" | "income" | "erlös" | "erlöse" | "umsatz" | "ertrag" => {
            Ok(MoneyKind::Revenue)
        }
        "saving" | "savings" | "einsparung" | "einsparungen" => Ok(MoneyKind::Saving),
        _ => Err(format!("“{shown}” isn’t a kind. Write cost, revenue or saving.")),
    }
}

/// Reads whether an amount is planned or actual.
///
/// # Errors
/// A sentence.
pub(crate) fn basis(text: &str) -> Result<Basis, String> {
    let shown: String = text.trim().chars().take(40).collect();
    match &*text.trim().to_lowercase() {
        "plan" | "planned" | "budget" | "forecast" | "geplant" => Ok(Basis::Plan),
        "actual" | "actuals" | "ist" => Ok(Basis::Actual),
        _ => Err(format!("“{shown}” is neither plan nor actual. Write one of them.")),
    }
}

/// A label as it is kept.
///
/// # Errors
/// A sentence when it is too long.
pub(crate) fn label(text: &str) -> Result<String, String> {
    let text = crate::tidy(text);
    if text.chars().count() > MAX_LABEL {
        return Err(format!("The label is too long. Use at most {MAX_LABEL} characters."));
    }
    Ok(text)
}

/// Where a row that names the columns has them.
fn header(row: &Row) -> Option<Columns> {
    let cells: Vec<String> = row.cells.iter().map(|cell| cell.trim().to_lowercase()).collect();
    let find = |names: &[&str]| cells.iter().position(|cell| names.contains(&&**cell));
    let found = NAMES.map(find);
    let is_header = found[0].is_some() && found[3].is_some();
    is_header.then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn euro() -> Option<&'static Currency> {
        Currency::find("EUR")
    }

    fn rows(text: &str) -> Vec<String> {
        let lines = read(text, euro()).unwrap_or_else(|error| panic!("{text}: {error}"));
        let said = |MoneyLine { entry, item, .. }: &MoneyLine| {
            let item = item.as_ref().map(ToString::to_string).unwrap_or_default();
            let (kind, basis) = (entry.kind.as_str(), entry.basis.as_str());
            format!("{} {kind} {basis} {} {} {item}", entry.month, entry.amount, entry.label)
        };
        lines.iter().map(|line| said(line).trim_end().to_owned()).collect()
    }

    #[test]
    fn entries_are_read_as_people_and_exports_write_them() {
        assert_eq!(
            rows("2027-01,cost,plan,1200,Licences\n2027-02,Revenue,Actual,99.50\n"),
            ["2027-01 cost plan 120000 Licences", "2027-02 revenue actual 9950"]
        );
        assert_eq!(
            rows("Monat;Art;Plan/Ist;Betrag;Bezeichnung\nJan 2027;Kosten;Ist;1.200,50 €;Strom\n"),
            ["2027-01 cost actual 120050 Strom"]
        );
        assert_eq!(
            rows("Item,Amount,Currency,Plan or actual,Kind,Month\nERP-3,500,EUR,plan,saving,15.3.2027\n"),
            ["2027-03 saving plan 50000  ERP-3"]
        );
        assert_eq!(rows("2027-01\tcost\tplan\t5\n"), ["2027-01 cost plan 500"]);
    }

    #[test]
    fn a_file_is_read_whole_or_not_at_all() {
        let refused = |text: &str| read(text, euro()).unwrap_err();
        let bad =
            refused("2027-01,cost,plan,5\nsoon,cost,plan,5\n2027-01,rent,plan,5\n2027-01,cost,maybe,5\n");
        assert!(bad.starts_with("Nothing was added. Line 2: “soon” isn’t a month"), "{bad}");
        assert!(
            bad.contains("Line 3: “rent” isn’t a kind") && bad.contains("Line 4: “maybe” is neither"),
            "{bad}"
        );
        let foreign = refused("Month,Kind,Plan or actual,Amount,Currency\n2027-01,cost,plan,5,USD\n");
        assert!(foreign.contains("Line 2") && foreign.contains("counts in EUR"), "{foreign}");
        assert!(refused("2027-01,cost,plan,$5\n").contains("another currency"));
        assert!(refused("2027-01,cost,plan,-5\n").contains("negative"));
        assert!(refused("2027-01,cost,plan,5,x,nothing\n").contains("Line 1"));
        let long = format!("2027-01,cost,plan,5,{}\n", "x".repeat(MAX_LABEL + 1));
        assert!(refused(&long).contains("at most 80 characters"));
        assert!(refused("").contains("no entries"));
        assert!(refused("Month,Kind,Plan or actual,Amount\n").contains("no entries"));
        assert!(refused("1027-01,cost,plan,5\n").contains("Line 1"));
        assert!(refused(&"2027-01,cost,plan,5\n".repeat(2_001)).contains("2001 lines"));
        assert!(refused(&"x,cost,plan,5\n".repeat(9)).contains("6 more lines"));
    }
}
