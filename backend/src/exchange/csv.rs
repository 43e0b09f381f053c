//! A roadmap as a table, which an import takes back with the same content: values between separators, or the rows of a
//! workbook.

use std::collections::{HashMap, HashSet};

use domain::{Date, Item, ItemKey, Member, ProductKey, Roadmap, UserId, exchange::Target};

use super::cells::CsvWriter;

/// The columns, with what an import takes each for. The votes are for people.
pub(super) const COLUMNS: [(&str, Target); 14] = [
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
];

/// What a cell holds, for those who tell numbers and days from text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    Text(String),
    /// In tenths.
    Number(u32),
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
            Cell::Day(day) => day.to_string(),
            Cell::Empty => String::new(),
        }
    }
}

/// Every item that is not in the bin, in board order.
pub(super) fn write(product: &ProductKey, roadmap: &Roadmap, members: &[Member], separator: u8) -> Vec<u8> {
    let mut writer = CsvWriter::separated_by(separator);
    writer.record(COLUMNS.map(|(header, _)| header));
    for cells in rows(product, roadmap, members) {
        writer.record(cells.map(Cell::into_text));
    }
    writer.finish()
}

/// The cells of every item that is not in the bin, in board order.
pub(super) fn rows<'a>(
    product: &'a ProductKey,
    roadmap: &'a Roadmap,
    members: &'a [Member],
) -> impl Iterator<Item = [Cell; COLUMNS.len()]> + 'a {
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
        [
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
        ]
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
        let mapping = guess(&Table::read(text.as_bytes(), &Answers::default()).unwrap());
        assert_eq!(COLUMNS.map(|(header, _)| (header, mapping.target(header))), COLUMNS);
    }
}
