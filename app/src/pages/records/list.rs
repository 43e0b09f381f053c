//! The list of the records of a kind. What others change is shown at once; a form that somebody has open stays as it is, and the
//! rows stay where they are as long.

use std::collections::BTreeMap;

use domain::{
    Choice, FieldDef, FieldKind, Member, OBJECTIVE, RECORDS, Record, RecordDef, RecordId, Role, UserId,
    Value, counted,
};
use leptos::{html, prelude::*};
use uuid::Uuid;

use super::{Changed, data::Loaded};
use crate::{
    api::FieldKey,
    platform,
    ui::{Avatar, each, tab},
};

pub(crate) fn address(def: &RecordDef) -> String {
    format!("/{}s", def.kind.replace('_', "-"))
}

/// Which of the ways to look at a kind this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum View {
    List,
    History,
    Bin,
}

/// What a choice is where nobody has made one: the type of a field is text then.
fn usual_choice(field: &FieldDef) -> Option<&Choice> {
    if field.key == "holds" { field.kind.choices().first() } else { None }
}

/// Where the members are.
pub(crate) const MEMBERS: &str = "/people";

/// Where what holds for all products is.
const WORKSPACE: &str = "/workspace";

/// Members, every kind of records, and what holds for all products; `current` is the address of what is shown.
pub(crate) fn tabs(current: &str) -> AnyView {
    let members = tab("Members", MEMBERS.to_owned(), current == MEMBERS);
    let kinds = RECORDS
        .iter()
        .filter(|def| def.is_of_workspace() && def.kind != OBJECTIVE.kind)
        .map(|def| tab(def.many, address(def), current == address(def)));
    let workspace = tab("Workspace", WORKSPACE.to_owned(), current == WORKSPACE);
    view! { {members} {kinds.collect_view()} {workspace} }.into_any()
}

/// Whether somebody has a form open.
pub(crate) fn is_typing() -> bool {
    platform::document().query_selector("details[open] form").is_ok_and(|form| form.is_some())
}

/// The list as it was loaded, and what it has become.
#[derive(Clone, Copy)]
pub(super) struct List {
    def: &'static RecordDef,
    members: StoredValue<Vec<Member>>,
    can_write: bool,
    can_invite: bool,
    refused: StoredValue<Option<String>>,
    loaded: StoredValue<BTreeMap<RecordId, Record>>,
    changed: Changed,
    /// The rows in their order.
    rows: RwSignal<Vec<Uuid>>,
    /// Called when a form was closed.
    closed: Callback<()>,
}

impl List {
    pub(super) fn new(
        def: &'static RecordDef,
        role: Role,
        loaded: Loaded,
        changed: Changed,
        closed: Callback<()>,
    ) -> Self {
        let rows = loaded.records.iter().map(|record| record.id.0).collect();
        let records = loaded.records.into_iter().map(|record| (record.id, record)).collect();
        Self {
            def,
            members: StoredValue::new(loaded.members),
            can_write: role >= def.writes,
            can_invite: role.can_manage_people(),
            refused: StoredValue::new(loaded.refused),
            loaded: StoredValue::new(records),
            changed,
            rows: RwSignal::new(rows),
            closed,
        }
    }

    /// A record as it is; `None` where it is in the bin.
    fn find(self, id: RecordId) -> Option<Record> {
        let changed = self.changed.read();
        self.loaded.with_value(|loaded| {
            let loaded = loaded.get(&id);
            let newer = |record: &&Record| loaded.is_none_or(|loaded| loaded.version < record.version);
            let record = changed.get(&id).filter(newer).or(loaded)?;
            record.deleted.is_none().then(|| record.clone())
        })
    }

    /// Puts the rows in order, where that is in nobody's way.
    fn arrange(self) {
        if is_typing() {
            return;
        }
        let mut ids: Vec<RecordId> = self.loaded.with_value(|loaded| loaded.keys().copied().collect());
        ids.extend(self.changed.read_untracked().keys());
        ids.sort_unstable();
        ids.dedup();
        let mut rows: Vec<(String, Uuid)> = untrack(|| {
            let record =
                |id| self.find(id).map(|record| (platform::fold(&self.def.name_of(&record)), record.id.0));
            ids.into_iter().filter_map(record).collect()
        });
        rows.sort_unstable();
        let rows: Vec<Uuid> = rows.into_iter().map(|(_, id)| id).collect();
        if *self.rows.read_untracked() != rows {
            self.rows.set(rows);
        }
    }

    pub(super) fn view(self) -> AnyView {
        let def = self.def;
        Effect::new(move |was: Option<()>| {
            self.changed.track();
            // The page comes in the order of the server.
            if was.is_some() || !self.changed.read_untracked().is_empty() {
                self.arrange();
            }
        });
        let count = move || match self.rows.read().len() {
            0 => String::new(),
            count => counted(count, def.one, &def.many.to_lowercase()),
        };
        let heads = def.fields.iter().map(|field| view! { <th scope="col">{field.label.to_string()}</th> });
        let heads = heads.collect_view();
        let rows = each(move || self.rows.get(), move |id| self.row(RecordId(id)));
        let table = view! {
            <table class="table records__table" hidden=move || self.rows.read().is_empty()>
                <thead>
                    <tr>{heads} <th scope="col"><span class="visually-hidden">"Change"</span></th></tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        };
        let new = self.can_write.then(|| {
            let details = NodeRef::<html::Details>::new();
            view! {
                <details class="records__new" node_ref=details on:toggle=move |_| self.toggled(details)>
                    <summary class="button button--primary">{format!("New {}", def.one)}</summary>
                    {self.form(None)}
                </details>
            }
            .into_any()
        });
        let header = Header { shown: View::List, title: def.many.to_owned(), count: count.into_any(), new };
        frame(def, header, self.refused.get_value(), view! { {self.empty()} {table} }.into_any())
    }

    /// What the kind is for, as long as there is none.
    fn empty(self) -> AnyView {
        let def = self.def;
        let invite = (self.can_invite && def.has_people()).then(|| {
            view! {
                <div class="empty__actions">
                    <a class="button" href="/people">
                        "Invite people"
                    </a>
                </div>
            }
        });
        view! {
            <div class="empty" hidden=move || !self.rows.read().is_empty()>
                <h2>{format!("No {} yet", def.many.to_lowercase())}</h2>
                <p>{def.purpose}</p>
                {invite}
            </div>
        }
        .into_any()
    }

    /// A form was opened or closed.
    fn toggled(self, details: NodeRef<html::Details>) {
        if !is_open(details) {
            self.arrange();
            self.closed.run(());
        }
    }

    fn row(self, id: RecordId) -> AnyView {
        let def = self.def;
        // One that went to the bin stays until the rows are put in order.
        let record = Memo::new(move |before: Option<&Option<Record>>| {
            self.find(id).or_else(|| before.cloned().flatten())
        });
        let name =
            Memo::new(move |_| record.read().as_ref().map_or_else(String::new, |record| def.name_of(record)));
        let cells = def.fields.iter().enumerate().map(|(index, field)| {
            let words = move || {
                let record = record.read();
                match record.as_ref()?.values.get(&*field.key) {
                    Some(value) => Some(self.words(field, value)),
                    None => usual_choice(field).map(|choice| choice.label.to_string()),
                }
            };
            if index == 0 {
                view! { <th scope="row" dir="auto">{words}</th> }.into_any()
            } else {
                view! { <td dir="auto" data-label=field.label.to_string()>{words}</td> }.into_any()
            }
        });
        let edit = self.can_write.then(|| self.edit(id, record, name));
        let history = format!("{}?history={id}", address(def));
        view! {
            <tr>
                {cells.collect_view()}
                <td class="records__actions">
                    <a
                        class="button button--quiet"
                        href=history
                        aria-label=move || format!("History of {}", name.read())
                    >
                        "History"
                    </a>
                    {edit}
                </td>
            </tr>
        }
        .into_any()
    }

    /// The form that changes a record, as it is when the form is opened.
    fn edit(self, id: RecordId, record: Memo<Option<Record>>, name: Memo<String>) -> AnyView {
        let details = NodeRef::<html::Details>::new();
        let held = RwSignal::new(record.get_untracked());
        let renew = move || {
            let now = record.get_untracked();
            if *held.read_untracked() != now {
                held.set(now);
            }
        };
        let toggled = move |_| {
            if is_open(details) {
                renew();
            }
            self.toggled(details);
        };
        view! {
            <details class="records__edit" node_ref=details on:toggle=toggled>
                <summary class="button button--quiet" aria-label=move || format!("Edit {}", name.read())>
                    "Edit"
                </summary>
                {move || self.form(held.read().as_ref())}
                <form method="post" action="/api/delete_record">
                    <input type="hidden" name="kind" value=self.def.kind />
                    <input type="hidden" name="id" value=id.to_string() />
                    <button
                        class="button button--quiet"
                        type="submit"
                        aria-label=move || format!("Move {} to bin", name.read())
                    >
                        "Move to bin"
                    </button>
                </form>
            </details>
        }
        .into_any()
    }

    /// A value as people read it.
    fn words(self, field: &FieldDef, value: &Value) -> String {
        self.members.with_value(|members| field.told(value).words(|user| name_of(members, user)))
    }

    fn form(self, record: Option<&Record>) -> AnyView {
        let of = record.map_or_else(|| "new".to_owned(), |record| record.id.to_string());
        let fields = self.def.fields.iter().map(|field| {
            let value = record.and_then(|record| record.values.get(&*field.key));
            let written = value.map(|value| field.written(value)).unwrap_or_default();
            let was =
                view! { <input type="hidden" name=format!("was[{}]", field.key) value=written.clone() /> };
            let control = self.members.with_value(|members| control(members, field, value, &written, &of));
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
                class=if record.is_some() { "records__form keeps-draft" } else { "records__form panel keeps-draft" }
                data-draft=format!("{}-{of}", self.def.kind)
                method="post"
                action="/api/save_record"
            >
                <input type="hidden" name="kind" value=self.def.kind />
                {id}
                {fields}
                {why}
                <div class="records__do">
                    <button class="button button--primary" type="submit">
                        {if record.is_some() { "Save".to_owned() } else { format!("Create {}", self.def.one) }}
                    </button>
                    <button class="button button--quiet" type="reset">
                        "Cancel"
                    </button>
                </div>
            </form>
        }
        .into_any()
    }
}

fn is_open(details: NodeRef<html::Details>) -> bool {
    details.get_untracked().is_some_and(|details| details.has_attribute("open"))
}

/// What a member is called.
pub(super) fn name_of(members: &[Member], user: UserId) -> String {
    let member = members.iter().find(|member| member.id == user);
    member.map_or_else(|| "Someone".to_owned(), |member| member.name.to_string())
}

fn control(members: &[Member], field: &FieldDef, value: Option<&Value>, written: &str, of: &str) -> AnyView {
    let is_new = of == "new";
    let (id, name, label) =
        (format!("{}-{of}", field.key), format!("values[{}]", field.key), field.label.to_string());
    let control = match &field.kind {
        FieldKind::People => {
            let chosen = |member: &Member| {
                matches!(value, Some(Value::Keys(people)) if people.contains(&member.id.to_string()))
            };
            let boxes = members.iter().filter(|member| member.active || chosen(member)).map(|member| {
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
            let offered = members.iter().filter(|member| member.active || member.id.to_string() == written);
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
        FieldKind::Checkbox => {
            let options = [(String::new(), "No".to_owned()), ("Yes".to_owned(), "Yes".to_owned())];
            select(id.clone(), name, options.into_iter(), written)
        }
        // An empty text would be written as a space.
        FieldKind::Text | FieldKind::Links | FieldKind::Choices(_) if written.is_empty() => {
            let hint = match &*field.key {
                "choices" => Some("One per line"),
                "criteria" => Some("Need: 1 to 5, weight 2"),
                "figures" => Some("Active users: up to 500 users"),
                _ => None,
            };
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

/// What stands above a page of a kind.
pub(super) struct Header {
    pub(super) shown: View,
    pub(super) title: String,
    pub(super) count: AnyView,
    /// Where a record is made.
    pub(super) new: Option<AnyView>,
}

/// What surrounds every page of a kind.
pub(super) fn frame(
    def: &'static RecordDef,
    header: Header,
    refused: Option<String>,
    content: AnyView,
) -> AnyView {
    let Header { shown, title, count, new } = header;
    let current = if shown == View::List { address(def) } else { String::new() };
    let kinds = if def.kind == OBJECTIVE.kind {
        let direction = tab("Direction", "/direction".to_owned(), false);
        let own = tab(def.many, address(def), shown == View::List);
        view! { {direction} {own} }.into_any()
    } else {
        tabs(&current)
    };
    let of = |view: &str| format!("{}?{view}", address(def));
    let history = tab("History", of("history"), shown == View::History);
    let bin = tab("Bin", of("bin"), shown == View::Bin);
    let refused =
        refused.map(|sentence| view! { <p class="notice notice--error" role="alert">{sentence}</p> });
    view! {
        <div class="page records">
            <header class="page__header">
                <h1 dir="auto">{title}</h1>
                <p class="page__count">{count}</p>
            </header>
            <nav class="subtabs records__ways" aria-label="Views">
                {kinds} {history} {bin}
            </nav>
            {new}
            {refused}
            {content}
        </div>
    }
    .into_any()
}
