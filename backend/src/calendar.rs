//! The dates of a roadmap as a calendar (iCalendar, RFC 5545): a day-long event for each item that has any.
//!
//! Days have no time zone here, and none in the file: `VALUE=DATE` is the same day wherever it is read.

mod write;

use domain::{
    Date, FiscalYear, Item, ItemId, ItemKey, NATIVE, ProductKey, Roadmap, Span, Status, Timestamp, VIEW,
    filter, read_state, view_state,
};
use std::collections::HashMap;

use self::write::Writer;
use crate::{
    Error,
    exchange::apart,
    people::{People, Secret, feeds},
};

/// The most events of a calendar; the latest stay.
const MOST: usize = 5_000;

/// A calendar, and the product it is of.
#[derive(Clone, Debug)]
pub struct Calendar {
    pub key: ProductKey,
    pub body: Vec<u8>,
}

impl People {
    /// The calendar that a link leads to, as its owner may see the roadmap now. `site` is what comes before the path of an
    /// item's address.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a link that is unknown or revoked, whose owner has left or does not see the product any more, or
    /// whose view is gone.
    pub async fn calendar(&self, secret: &Secret, site: String) -> Result<Calendar, Error> {
        let feeds::Opened { viewer, product, view } = self.open_feed(secret).await?;
        let view = match view {
            Some(id) => {
                let views = viewer.product_records(&VIEW, Some(&product.key)).await?;
                Some(views.into_iter().find(|record| record.id == id).ok_or_else(feeds::no_view)?)
            }
            None => None,
        };
        let year = viewer.fiscal_year().await?;
        let changes = viewer.item_changes(&product).await?;
        let roadmap = viewer.view(product.roadmap).await?.roadmap;
        let me = viewer.member().id.to_string();
        let key = product.key.clone();
        let body = apart(move || {
            let name = match &view {
                Some(view) => format!("{} · {}", product.name, VIEW.name_of(view)),
                None => format!("{} · Roadmap", product.name),
            };
            let filter = view.map(|view| read_state(view_state(&view).1).0).unwrap_or_default();
            let seen = filter::View {
                roadmap: &roadmap,
                year,
                me: &me,
                changed: None,
                fold: |text| domain::fold(text, &NATIVE),
            };
            let matches = filter.matcher(&seen);
            let items = roadmap.board_order().filter_map(|id| roadmap.item(id)).map(AsRef::as_ref);
            let items = items.filter(|item| matches(item)).collect();
            let drawing =
                Drawing { key: &product.key, roadmap: &roadmap, year, site: &site, changes: &changes };
            drawing.calendar(&name, items)
        })
        .await?;
        Ok(Calendar { key, body })
    }
}

/// What a calendar is written from.
struct Drawing<'a> {
    key: &'a ProductKey,
    roadmap: &'a Roadmap,
    year: FiscalYear,
    site: &'a str,
    changes: &'a HashMap<ItemId, Timestamp>,
}

impl Drawing<'_> {
    fn calendar(&self, name: &str, items: Vec<&Item>) -> Vec<u8> {
        let days = |item: &Item| {
            let (first, last) = Span { start: item.fields.start, end: item.fields.end }.shown()?;
            Some((first, last.max(first)))
        };
        let mut events: Vec<(&Item, Date, Date)> = items
            .into_iter()
            .filter_map(|item| days(item).map(|(first, last)| (item, first, last)))
            .collect();
        events.sort_by_key(|(item, first, last)| (std::cmp::Reverse(*last), *first, item.number));
        events.truncate(MOST);
        events.sort_by_key(|(item, first, last)| (*first, *last, item.number));
        let mut writer = Writer::default();
        writer.plain("BEGIN", "VCALENDAR");
        writer.plain("VERSION", "2.0");
        writer.plain("PRODID", "-//Cairn//Roadmap//EN");
        writer.text("NAME", name);
        writer.text("X-WR-CALNAME", name);
        writer.plain("REFRESH-INTERVAL;VALUE=DURATION", "PT1H");
        writer.plain("X-PUBLISHED-TTL", "PT1H");
        for (item, first, last) in events {
            self.event(&mut writer, item, first, last);
        }
        writer.plain("END", "VCALENDAR");
        writer.finish()
    }

    fn event(&self, writer: &mut Writer, item: &Item, first: Date, last: Date) {
        let key = ItemKey { product: self.key.clone(), number: item.number };
        let changed = self.changes.get(&item.id).copied().unwrap_or(item.created.at);
        let address = format!("{}/p/{}/i/{key}", self.site, self.key);
        let lane = self.roadmap.lane(item.lane).map(|lane| lane.name.to_string());
        let quarter = item.quarter(self.year);
        let facts = [
            Some(item.fields.status.label().to_owned()),
            lane,
            quarter.map(|quarter| self.year.label(quarter)),
        ];
        let facts: Vec<String> = facts.into_iter().flatten().collect();
        writer.plain("BEGIN", "VEVENT");
        writer.plain("UID", &format!("{}@cairn", item.id));
        writer.moment("DTSTAMP", changed);
        writer.moment("LAST-MODIFIED", changed);
        writer.day("DTSTART", first);
        // The first day that does not belong to it. The last day of the calendar has none after it: an event without an end
        // is one day long.
        if let Some(end) = last.plus_days(1) {
            writer.day("DTEND", end);
        }
        writer.text("SUMMARY", &format!("{key} {}", &*item.fields.title));
        writer.text("DESCRIPTION", &format!("{}\n{address}", facts.join(" · ")));
        writer.plain("URL", &address);
        writer.plain(
            "STATUS",
            match item.fields.status {
                Status::Proposed => "TENTATIVE",
                Status::Dropped => "CANCELLED",
                _ => "CONFIRMED",
            },
        );
        // Nobody is busy because of a plan.
        writer.plain("TRANSP", "TRANSPARENT");
        writer.plain("END", "VEVENT");
    }
}

#[cfg(test)]
mod tests;
