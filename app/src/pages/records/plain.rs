//! Bin and history of a kind of records, and what its forms mean.

use std::collections::BTreeMap;

use backend::records::Saved;
use domain::{FieldKind, Member, Record, RecordChange, RecordDef, RecordDid, RecordEvent, RecordId, UserId};
use leptos::prelude::*;

pub(crate) use super::list::address;
use super::list::{self, Header, View};
use crate::{
    api::Plain,
    pages::plain::{html, named_post},
    ui::time,
};

/// Where a form leads that saved a record: with what it replaced unseen.
pub(crate) fn address_after(def: &RecordDef, saved: &Saved) -> String {
    if saved.replaced.is_empty() {
        address(def)
    } else {
        format!("{}?history={}", address(def), saved.record.id)
    }
}

/// What a form changes: what is as it was is left alone.
///
/// # Errors
/// A sentence where a field cannot hold what was typed.
pub(crate) fn changes(
    def: &RecordDef,
    values: &BTreeMap<String, String>,
    people: &BTreeMap<String, Vec<UserId>>,
    was: &BTreeMap<String, String>,
) -> Result<Vec<RecordChange>, backend::Error> {
    let mut changes = Vec::new();
    for field in def.fields {
        let key: &str = &field.key;
        let before = was.get(key).map_or("", String::as_str);
        let typed = match field.kind {
            FieldKind::People => {
                let ids = people.get(key).map(Vec::as_slice).unwrap_or_default();
                ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
            }
            _ => {
                let lines = values.get(key).map_or("", String::as_str).lines();
                lines.map(backend::tidy).collect::<Vec<_>>().join("\n")
            }
        };
        let parse = |text: &str| field.parse(text).map_err(backend::Error::Invalid);
        let (to, was) = (parse(&typed)?, field.parse(before).unwrap_or(None));
        if to != was {
            changes.push(RecordChange { field: field.into(), was, to });
        }
    }
    Ok(changes)
}

/// What a page of a kind needs.
pub(crate) struct Page<'a> {
    pub(crate) def: &'static RecordDef,
    pub(crate) members: &'a [Member],
    pub(crate) can_write: bool,
    pub(crate) refused: Option<String>,
}

impl Page<'_> {
    pub(crate) fn bin(self, records: &[Record]) -> Plain {
        let def = self.def;
        let rows = records.iter().map(|record| {
            let name = def.name_of(record);
            let fields = [("kind", def.kind.to_owned()), ("id", record.id.to_string())];
            let restore = self.can_write.then(|| {
                named_post("/api/restore_record", &fields, "Restore", "", Some(format!("Restore {name}")))
            });
            let deleted = record.deleted.map(
                |stamp| view! { <span class="quiet">{self.name(stamp.by)} " · " {time(stamp.at)}</span> },
            );
            view! { <li class="records__binned"><span dir="auto">{name}</span> {deleted} {restore}</li> }
        });
        let list = if records.is_empty() {
            view! { <p class="quiet">{format!("No {} in the bin.", def.many.to_lowercase())}</p> }.into_any()
        } else {
            view! { <ul class="records__bin">{rows.collect_view()}</ul> }.into_any()
        };
        self.frame(View::Bin, format!("Bin of {}", def.many.to_lowercase()), list)
    }

    pub(crate) fn history(self, events: &[RecordEvent], all: &[Record], of: Option<RecordId>) -> Plain {
        let def = self.def;
        let name = |id: RecordId| all.iter().find(|record| record.id == id).map(|record| def.name_of(record));
        // Versions count a record's events from its first.
        let mut versions: BTreeMap<RecordId, u64> =
            all.iter().map(|record| (record.id, record.version)).collect();
        let lines = events.iter().map(|event| {
            let version = versions.get_mut(&event.record).map(|left| {
                let version = *left;
                *left = version.saturating_sub(1);
                version
            });
            let what = name(event.record).unwrap_or_else(|| format!("a {} in the bin", def.one));
            let changes = event.changes.iter().map(|change| {
                let (field, before, after) = change.told(def);
                let words = |value: &domain::FieldValue| value.words(|user| self.name(user));
                let line = match before {
                    domain::FieldValue::Empty => format!("{field}: {}", words(&after)),
                    before => format!("{field}: {} → {}", words(&before), words(&after)),
                };
                view! { <li dir="auto">{line}</li> }
            });
            let undo = match version {
                Some(version) if self.can_write && event.did == RecordDid::Changed => {
                    let fields = [
                        ("kind", def.kind.to_owned()),
                        ("id", event.record.to_string()),
                        ("version", version.to_string()),
                    ];
                    Some(named_post(
                        "/api/undo_record",
                        &fields,
                        "Undo",
                        "button--quiet",
                        Some(format!("Undo this change of {what}")),
                    ))
                }
                _ => None,
            };
            let reason = event
                .reason
                .clone()
                .map(|reason| view! { <p class="quiet" dir="auto">"Reason: " {reason.to_string()}</p> });
            view! {
                <li class="records__event">
                    <p>
                        <strong dir="auto">{self.name(event.by)}</strong> " " {event.did.label()} " "
                        <bdi>{what.clone()}</bdi> " " <span class="quiet">{time(event.at)}</span>
                    </p>
                    {reason}
                    <ul>{changes.collect_view()}</ul>
                    {undo}
                </li>
            }
        });
        let lines = lines.collect_view();
        let title = match of.and_then(name) {
            Some(name) => format!("History of {name}"),
            None => format!("History of {}", def.many.to_lowercase()),
        };
        let list = if events.is_empty() {
            view! { <p class="quiet">"No changes yet."</p> }.into_any()
        } else {
            view! { <ol class="records__history">{lines}</ol> }.into_any()
        };
        self.frame(View::History, title, list)
    }

    fn name(&self, user: UserId) -> String {
        list::name_of(self.members, user)
    }

    fn frame(self, shown: View, title: String, content: AnyView) -> Plain {
        let header = Header { shown, title: title.clone(), count: ().into_any(), new: None };
        let page = list::frame(self.def, header, self.refused, content);
        Plain { title, html: html(page) }
    }
}
