//! A roadmap as a table, which an import takes back with the same content: values between separators, or the rows of a
//! workbook.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

use domain::{
    Date, FieldDef, FieldKind, FiscalYear, Item, ItemKey, Member, ProductKey, Roadmap, UserId, Value,
    exchange::Target,
};

use super::cells::CsvWriter;

/// The columns, with what an import takes each for. The votes are for people, and so is the quarter, which follows from the days.
pub(super) const COLUMNS: [(&str, Target); 15] = [
    ("Key", Target::Key),
    ("Title", Target::Title),
    ("Lane", Target::Lane),
    ("Status", Target::Status),
    ("Type", Target::Kind),
    ("Investment", Target::Investment),
    ("Effort", Target::Effort),
    ("Start", Target::Start),
    ("End", Target::End),
    ("Owner", Target::Owner),
    ("Tags", Target::Tags),
    ("Description", Target::Description),
    ("Cairn key", Target::OwnKey),
    ("Votes", Target::Ignore),
    ("Fiscal quarter", Target::Ignore),
];

/// What a cell holds, for those who tell numbers and days from text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    Text(String),
    /// In tenths.
    Number(u32),
    Whole(i64),
    /// In hundredths.
    Cents(i64),
    Day(Date),
    Empty,
}

impl Cell {
    fn into_text(self) -> String {
        match self {
            Cell::Text(text) => text,
            Cell::Number(tenths) => {
                let (whole, tenth) = (tenths / 10, tenths % 10);
                if tenth == 0 { whole.to_string() } else { format!("{whole}.{tenth}") }
            }
            Cell::Whole(number) => number.to_string(),
            Cell::Cents(cents) => domain::amount(cents),
            Cell::Day(day) => day.to_string(),
            Cell::Empty => String::new(),
        }
    }
}

/// Every item that is not in the bin, in board order.
pub(super) fn write(
    product: &ProductKey,
    roadmap: &Roadmap,
    members: &[Member],
    year: FiscalYear,
    separator: u8,
) -> Vec<u8> {
    let mut writer = CsvWriter::separated_by(separator);
    writer.record(headers(roadmap));
    for cells in rows(product, roadmap, members, year) {
        writer.record(cells.into_iter().map(Cell::into_text));
    }
    writer.finish()
}

/// The headers: of the columns that are always there, and of the fields of the table that an item has filled.
pub(super) fn headers(roadmap: &Roadmap) -> impl Iterator<Item = String> + use<> {
    let fields = used(roadmap).into_iter().map(|field| field.label.to_string());
    COLUMNS.into_iter().map(|(header, _)| header.to_owned()).chain(fields)
}

/// The fields of the table that an item on the board has filled.
fn used(roadmap: &Roadmap) -> Vec<Cow<'static, FieldDef>> {
    let on_board = || roadmap.items().filter(|item| item.deleted.is_none());
    let is_used = |def: &FieldDef| on_board().any(|item| item.fields.values.contains_key(&*def.key));
    roadmap.fields().all().filter(|def| is_used(def)).collect()
}

/// The cells of every item that is not in the bin, in board order.
pub(super) fn rows<'a>(
    product: &'a ProductKey,
    roadmap: &'a Roadmap,
    members: &'a [Member],
    year: FiscalYear,
) -> impl Iterator<Item = Vec<Cell>> + 'a {
    let used = used(roadmap);
    let source_keys: HashSet<&str> =
        roadmap.items().filter_map(|item| item.fields.source_key.as_deref()).collect();
    let people: HashMap<UserId, &str> =
        members.iter().map(|member| (member.id, member.address_or_name())).collect();
    let lanes = roadmap.lane_order().iter().filter_map(|id| roadmap.lane(*id));
    let items = lanes.flat_map(|lane| {
        let items = roadmap.lane_items(lane.id).iter().filter_map(|id| roadmap.item(*id));
        items.map(move |item| (lane, item))
    });
    items.map(move |(lane, item)| {
        let fields = &item.fields;
        let own = ItemKey { product: product.clone(), number: item.number }.to_string();
        let owner = fields.owner.and_then(|owner| people.get(&owner));
        let text = |text: &str| if text.is_empty() { Cell::Empty } else { Cell::Text(text.to_owned()) };
        let day = |day: Option<Date>| day.map_or(Cell::Empty, Cell::Day);
        let mut cells = vec![
            Cell::Text(key(item, &own, &source_keys)),
            text(&fields.title),
            text(&lane.name),
            text(fields.status.label()),
            text(fields.kind.label()),
            text(fields.investment.map_or("", |investment| investment.label())),
            fields.effort.map_or(Cell::Empty, |effort| Cell::Number(effort.tenths())),
            day(fields.start),
            day(fields.end),
            text(owner.copied().unwrap_or_default()),
            text(&fields.tags.iter().map(|tag| &**tag).collect::<Vec<_>>().join("; ")),
            text(&fields.description),
            Cell::Text(own),
            Cell::Number(10 * roadmap.vote_count(item.id)),
            text(&item.quarter(year).map_or_else(String::new, |quarter| year.label(quarter))),
        ];
        cells.extend(used.iter().map(|def| match (&def.kind, fields.values.get(&*def.key)) {
            (FieldKind::Person, Some(Value::Text(user))) => {
                let address = user.parse().ok().and_then(|user: UserId| people.get(&user));
                text(address.unwrap_or(&""))
            }
            (FieldKind::Number { .. }, Some(Value::Number(number))) => Cell::Whole(*number),
            (FieldKind::Money, Some(Value::Number(cents))) => Cell::Cents(*cents),
            (_, Some(value)) => Cell::Text(def.written(value)),
            (_, None) => Cell::Empty,
        }));
        cells
    })
}

/// What identifies the row. An item's own key, unless another item was imported under just that.
fn key(item: &Item, own: &str, source_keys: &HashSet<&str>) -> String {
    match &item.fields.source_key {
        Some(key) => key.to_string(),
        None if source_keys.contains(own) => item.id.to_string(),
        None => own.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use domain::exchange::Answers;

    use super::*;
    use crate::exchange::{guess::guess, table::Table};

    #[test]
    fn an_import_guesses_every_column_right() {
        // Values that mean nothing by themselves, so that only the headers tell.
        let text = COLUMNS.map(|(header, _)| header).join(",") + "\n" + &["?"; COLUMNS.len()].join(",");
        let table = Table::read(text.as_bytes(), &Answers::default()).unwrap();
        let mapping = guess(&table, &domain::FieldPlan::default());
        assert_eq!(COLUMNS.map(|(header, _)| (header, mapping.target(header))), COLUMNS);
    }
}
