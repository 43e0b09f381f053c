//! A roadmap as comma-separated values, which an import takes back with the same content.

use std::collections::HashSet;

use domain::{Item, ItemKey, Member, ProductKey, Roadmap, exchange::Target};

use super::cells::CsvWriter;

/// The columns, with what an import takes each for. The votes are for people.
const COLUMNS: [(&str, Target); 14] = [
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

/// Every item that is not in the bin, in board order.
pub(super) fn write(product: &ProductKey, roadmap: &Roadmap, members: &[Member]) -> Vec<u8> {
    let mut writer = CsvWriter::new();
    let mut record = |cells: [String; COLUMNS.len()]| writer.record(&cells);
    record(COLUMNS.map(|(header, _)| header.to_owned()));
    let source_keys: HashSet<&str> =
        roadmap.items().filter_map(|item| item.fields.source_key.as_deref()).collect();
    for lane in roadmap.lane_order().iter().filter_map(|id| roadmap.lane(*id)) {
        for item in roadmap.lane_items(lane.id).iter().filter_map(|id| roadmap.item(*id)) {
            let fields = &item.fields;
            let own = ItemKey { product: product.clone(), number: item.number }.to_string();
            let owner = fields.owner.and_then(|owner| members.iter().find(|member| member.id == owner));
            record([
                key(item, &own, &source_keys),
                fields.title.to_string(),
                lane.name.to_string(),
                fields.status.label().to_owned(),
                fields.kind.label().to_owned(),
                optional(fields.investment.map(|investment| investment.label())),
                optional(fields.effort),
                optional(fields.start),
                optional(fields.end),
                owner.map(Member::address_or_name).unwrap_or_default().to_owned(),
                fields.tags.iter().map(|tag| &**tag).collect::<Vec<_>>().join("; "),
                fields.description.to_string(),
                own,
                roadmap.vote_count(item.id).to_string(),
            ]);
        }
    }
    writer.finish()
}

/// What identifies the row. An item's own key, unless another item was imported under just that.
fn key(item: &Item, own: &str, source_keys: &HashSet<&str>) -> String {
    match &item.fields.source_key {
        Some(key) => key.to_string(),
        None if source_keys.contains(own) => item.id.to_string(),
        None => own.to_owned(),
    }
}

fn optional(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::{guess::guess, table::Table};

    #[test]
    fn an_import_guesses_every_column_right() {
        // Values that mean nothing by themselves, so that only the headers tell.
        let text = COLUMNS.map(|(header, _)| header).join(",") + "\n" + &["?"; COLUMNS.len()].join(",");
        let mapping = guess(&Table::parse(&text).unwrap());
        assert_eq!(COLUMNS.map(|(header, _)| (header, mapping.target(header))), COLUMNS);
    }
}
