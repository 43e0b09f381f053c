//! The page of a kind of records, and what its forms mean.

use std::collections::BTreeMap;

use backend::records::Saved;
use domain::{
    Choice, FieldDef, FieldKind, Member, RECORDS, Record, RecordChange, RecordDef, RecordDid, RecordEvent,
    RecordId, UserId, Value, counted,
};
use leptos::prelude::*;

use crate::{
    api::{FieldKey, voting::Plain},
    pages::plain::{html, named_post, notice},
    ui::{Avatar, time},
};

pub(crate) fn address(def: &RecordDef) -> String {
    format!("/{}s", def.kind)
}

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

/// Which of the ways to look at a kind this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum View {
    List,
    History,
    Bin,
}

/// What a choice is where nobody has made one: the type of a field is text then.
fn usual_choice(field: &FieldDef) -> Option<&Choice> {
    if field.key == "holds" { field.kind.choices().first() } else { None }
}

/// What a page of a kind needs.
pub(crate) struct Page<'a> {
    pub(crate) def: &'static RecordDef,
    pub(crate) members: &'a [Member],
    pub(crate) can_write: bool,
    pub(crate) can_invite: bool,
    pub(crate) refused: Option<String>,
}

impl Page<'_> {
    pub(crate) fn list(self, records: &[Record]) -> Plain {
        let def = self.def;
        let heads = def
            .fields
            .iter()
            .map(|field| view! { <th scope="col">{field.label.to_string()}</th> })
            .collect_view();
        let rows = records.iter().map(|record| self.row(record)).collect_view();
        let new = self.can_write.then(|| {
            view! {
                <details class="records__new">
                    <summary class="button button--primary">{format!("New {}", def.one)}</summary>
                    {self.form(None)}
                </details>
            }
            .into_any()
        });
        if records.is_empty() {
            let empty = self.empty(new);
            return self.frame(View::List, def.many.to_owned(), String::new(), None, empty);
        }
        let count = counted(records.len(), def.one, &def.many.to_lowercase());
        let table = view! {
            <table class="table records__table">
                <thead>
                    <tr>{heads} <th scope="col"><span class="visually-hidden">"Change"</span></th></tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        };
        self.frame(View::List, def.many.to_owned(), count, new, table)
    }

    /// What the kind is for, and where to begin.
    fn empty(&self, new: Option<AnyView>) -> impl IntoView + use<> {
        let def = self.def;
        let invite = (self.can_invite && def.has_people()).then(|| {
            view! {
                <a class="button" href="/people">
                    "Invite people"
                </a>
            }
        });
        view! {
            <div class="empty">
                <h2>{format!("No {} yet", def.many.to_lowercase())}</h2>
                <p>{def.purpose}</p>
                <div class="empty__actions">{new} {invite}</div>
            </div>
        }
    }

    fn row(&self, record: &Record) -> impl IntoView + use<> {
        let cells = self.def.fields.iter().enumerate().map(|(index, field)| {
            let words = match record.values.get(&*field.key) {
                Some(value) => Some(self.words(field, value)),
                None => usual_choice(field).map(|choice| choice.label.to_string()),
            };
            if index == 0 {
                view! { <th scope="row" dir="auto">{words}</th> }.into_any()
            } else {
                view! { <td dir="auto" data-label=field.label.to_string()>{words}</td> }.into_any()
            }
        });
        let (name, id) = (self.def.name_of(record), record.id.to_string());
        let ids = || vec![("kind", self.def.kind.to_owned()), ("id", id.clone())];
        let delete = named_post(
            "/api/delete_record",
            &ids(),
            "Move to bin",
            "button--quiet",
            Some(format!("Move {name} to bin")),
        );
        let edit = self.can_write.then(|| {
            view! {
                <details class="records__edit">
                    <summary class="button button--quiet" aria-label=format!("Edit {name}")>"Edit"</summary>
                    {self.form(Some(record))}
                    {delete}
                </details>
            }
        });
        let history = format!("{}?history={id}", address(self.def));
        view! {
            <tr>
                {cells.collect_view()}
                <td class="records__actions">
                    <a class="button button--quiet" href=history aria-label=format!("History of {name}")>"History"</a>
                    {edit}
                </td>
            </tr>
        }
    }

    /// A value as people read it.
    fn words(&self, field: &FieldDef, value: &Value) -> String {
        field.told(value).words(|user| self.name(user))
    }

    fn name(&self, user: UserId) -> String {
        let member = self.members.iter().find(|member| member.id == user);
        member.map_or_else(|| "Someone".to_owned(), |member| member.name.to_string())
    }

    fn form(&self, record: Option<&Record>) -> impl IntoView + use<> {
        let of = record.map_or_else(|| "new".to_owned(), |record| record.id.to_string());
        let fields = self.def.fields.iter().map(|field| {
            let value = record.and_then(|record| record.values.get(&*field.key));
            let written = value.map(|value| field.written(value)).unwrap_or_default();
            let was =
                view! { <input type="hidden" name=format!("was[{}]", field.key) value=written.clone() /> };
            let control = self.control(field, value, &written, &of);
            view! { {was} {control} }
        });
        let fields = fields.collect_view();
        let id = record.map(|record| view! { <input type="hidden" name="id" value=record.id.to_string() /> });
        let reason = format!("reason-{of}");
        let why = record.map(|_| {
            view! {
                <div class="field">
                    <label for=reason.clone()>"Reason"</label>
                    <input id=reason name="reason" dir="auto" maxlength="200" autocomplete="off" placeholder="Optional" />
                </div>
            }
        });
        view! {
            <form
                class="records__form keeps-draft"
                data-draft=format!("{}-{of}", self.def.kind)
                method="post"
                action="/api/save_record"
            >
                <input type="hidden" name="kind" value=self.def.kind />
                {id}
                {fields}
                {why}
                <button class="button button--primary" type="submit">
                    {if record.is_some() { "Save" } else { "Add" }}
                </button>
            </form>
        }
    }

    fn control(&self, field: &FieldDef, value: Option<&Value>, written: &str, of: &str) -> AnyView {
        let is_new = of == "new";
        let (id, name, label) =
            (format!("{}-{of}", field.key), format!("values[{}]", field.key), field.label.to_string());
        let control = match &field.kind {
            FieldKind::People => {
                let chosen = |member: &Member| {
                    matches!(value, Some(Value::Keys(people)) if people.contains(&member.id.to_string()))
                };
                let boxes = self.members.iter().filter(|member| member.active || chosen(member)).map(|member| {
                    let name = format!("people[{}][{}]", field.key, FieldKey(member.id));
                    view! {
                        <label class="records__person">
                            <input type="checkbox" name=name value="yes" checked=chosen(member) autocomplete="off" />
                            <span aria-hidden="true"><Avatar name=member.name.to_string() colour=member.colour /></span>
                            <span dir="auto">{member.name.to_string()}</span>
                        </label>
                    }
                });
                return view! {
                    <fieldset class="records__people">
                        <legend>{label}</legend>
                        {boxes.collect_view()}
                    </fieldset>
                }
                .into_any();
            }
            FieldKind::Person => {
                // Whoever is chosen and has left stays so.
                let offered =
                    self.members.iter().filter(|member| member.active || member.id.to_string() == written);
                let options = offered.map(|member| (member.id.to_string(), member.name.to_string()));
                select(id.clone(), name, std::iter::once((String::new(), "Nobody".to_owned())).chain(options), written)
            }
            FieldKind::Choice(choices) => {
                let options = choices.iter().map(|choice| (choice.key.to_string(), choice.label.to_string()));
                match usual_choice(field) {
                    // What nobody has said stays so.
                    Some(usual) if is_new || written.is_empty() => {
                        let key = if is_new { usual.key.to_string() } else { String::new() };
                        let usual = std::iter::once((key, usual.label.to_string()));
                        let others = options.skip(1).filter(|_| is_new);
                        select(id.clone(), name, usual.chain(others), "")
                    }
                    Some(_) => select(id.clone(), name, options.filter(|(key, _)| key == written), written),
                    None => {
                        let none = std::iter::once((String::new(), "None".to_owned()));
                        select(id.clone(), name, none.chain(options), written)
                    }
                }
            }
            // An empty text would be written as a space.
            FieldKind::Text | FieldKind::Links | FieldKind::Choices(_) if written.is_empty() => {
                let hint = (field.key == "choices").then_some("One per line");
                view! {
                    <textarea id=id.clone() name=name dir="auto" rows="2" autocomplete="off" placeholder=hint></textarea>
                }
                .into_any()
            }
            FieldKind::Text | FieldKind::Links | FieldKind::Choices(_) => {
                view! { <textarea id=id.clone() name=name dir="auto" rows="2" autocomplete="off">{written.to_owned()}</textarea> }.into_any()
            }
            kind => {
                let kind = if matches!(kind, FieldKind::Date) { "date" } else { "text" };
                view! { <input id=id.clone() name=name type=kind dir="auto" value=written.to_owned() autocomplete="off" /> }.into_any()
            }
        };
        view! {
            <div class="field" data-field=field.key.to_string()>
                <label for=id>{label}</label>
                {control}
            </div>
        }
        .into_any()
    }

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
        self.frame(View::Bin, format!("Bin of {}", def.many.to_lowercase()), String::new(), None, list)
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
        self.frame(View::History, title, String::new(), None, list)
    }

    fn frame(
        self,
        shown: View,
        title: String,
        count: String,
        new: Option<AnyView>,
        content: impl IntoView + 'static,
    ) -> Plain {
        let tab = |label: &'static str, href: String, is_current: bool, class: &'static str| {
            view! {
                <a class=class href=href aria-current=is_current.then_some("page")>
                    {label}
                </a>
            }
        };
        let kinds = RECORDS
            .iter()
            .map(|def| {
                let is_current = shown == View::List && def.kind == self.def.kind;
                tab(def.many, address(def), is_current, "tab")
            })
            .collect_view();
        let of = |view: &str| format!("{}?{view}", address(self.def));
        let history = tab("History", of("history"), shown == View::History, "tab records__gap");
        let bin = tab("Bin", of("bin"), shown == View::Bin, "tab");
        let page = view! {
            <div class="page records">
                <header class="page__header">
                    <h1 dir="auto">{title.clone()}</h1>
                    {(!count.is_empty()).then(|| view! { <p class="page__count">{count}</p> })}
                    <nav class="records__ways" aria-label="Views">
                        {kinds} {history} {bin}
                    </nav>
                    {new}
                </header>
                {notice(self.refused)}
                {content}
            </div>
        };
        Plain { title, html: html(page) }
    }
}

fn select(
    id: String,
    name: String,
    options: impl Iterator<Item = (String, String)>,
    chosen: &str,
) -> AnyView {
    let options = options
        .map(|(key, label)| {
            let is_chosen = key == chosen;
            view! {
                <option value=key selected=is_chosen>
                    {label}
                </option>
            }
        })
        .collect_view();
    view! { <select id=id name=name autocomplete="off">{options}</select> }.into_any()
}
