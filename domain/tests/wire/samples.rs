//! One of everything that goes over the wire.

use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZeroU16,
};

use domain::{
    Change, Choice, ClientId, CommentChange, CommentId, CustomField, Date, Delta, Entry, Field, FieldChange,
    FieldFact, FieldId, FieldKind, FieldValue, First, Investment, Item, ItemChange, ItemFields, ItemId,
    ItemKind, Lane, LaneId, Op, PersonDays, Place, Rank, Reaction, Record, Reject, RoadmapId, Role, Spot,
    Stamp, Status, TextOf, Timestamp, UserId, Value, Votes,
    wire::{
        Acked, Caret, ChangedRecord, ClientMessage, Cursor, Dragging, Outcome, PROTOCOL, Peer, Presence,
        Pushed, ServerMessage, Snapshot, Topic,
    },
};
use serde::{Serialize, de::DeserializeOwned};

fn uuid(number: u32) -> String {
    format!("01938a4e-8000-7000-8000-{number:012}")
}

pub(crate) fn user(number: u32) -> UserId {
    uuid(number).parse().unwrap()
}

pub(crate) fn lane(number: u32) -> LaneId {
    uuid(100 + number).parse().unwrap()
}

pub(crate) fn item(number: u32) -> ItemId {
    uuid(200 + number).parse().unwrap()
}

pub(crate) fn comment(number: u32) -> CommentId {
    uuid(300 + number).parse().unwrap()
}

fn client() -> ClientId {
    uuid(400).parse().unwrap()
}

fn roadmap() -> RoadmapId {
    uuid(500).parse().unwrap()
}

const NOON: Timestamp = Timestamp(1_795_262_400_000);

fn fields() -> ItemFields {
    ItemFields {
        description: "Sign in **once** for everything.".parse().unwrap(),
        kind: ItemKind::Enhancement,
        investment: Some(Investment::Retention),
        effort: PersonDays::from_tenths(125),
        start: Some(Date::constant(2026, 11, 23)),
        end: Some(Date::constant(2026, 12, 4)),
        owner: Some(user(1)),
        tags: ["security", "users"].iter().map(|tag| tag.parse().unwrap()).collect(),
        status: Status::Planned,
        source_key: Some("GOAL-7".parse().unwrap()),
        values: [("cost", Value::Number(1_250_000)), ("promised", Value::Text("2027-Q1".to_owned()))]
            .map(|(key, value)| (key.parse().unwrap(), value))
            .into(),
        ..ItemFields::titled("Single sign-on".parse().unwrap())
    }
}

fn field(number: u32) -> FieldId {
    uuid(600 + number).parse().unwrap()
}

fn field_set(fact: FieldFact) -> Change {
    Change::FieldSet { field: field(1).into(), name: "Service level".to_owned(), fact }
}

fn custom_field() -> CustomField {
    let choice = |key: &'static str, label: &'static str| Choice {
        key: key.into(),
        label: label.into(),
        colour: 0,
        retired: false,
    };
    CustomField {
        label: "Service level".parse().unwrap(),
        kind: FieldKind::Choice(vec![choice("gold", "Gold"), choice("silver", "Silver")].into()),
        required_from: Some(Status::Planned),
    }
}

pub(crate) fn ops() -> Vec<Op> {
    vec![
        Op::CreateItem { id: item(1), lane: lane(1), place: Place::Last, fields: Box::new(fields()) },
        Op::SetItem { id: item(1), change: ItemChange::Status(Status::InProgress), seen: Some(41) },
        Op::MoveItems {
            ids: vec![item(1), item(2)],
            lane: lane(2),
            place: Place::Beside { after: Some(item(3)), before: Some(item(4)) },
        },
        Op::DeleteItems { ids: vec![item(1)] },
        Op::restore(vec![item(1)]),
        Op::RestoreItems {
            ids: vec![item(1), item(2), item(3)],
            spots: vec![
                Spot { lane: lane(1), after: Some(item(4)), count: 2 },
                Spot { lane: lane(2), after: None, count: 1 },
            ],
        },
        Op::CreateLane { id: lane(1), name: "Now".parse().unwrap(), place: Place::First },
        Op::RenameLane { id: lane(1), name: "This quarter".parse().unwrap() },
        Op::SetLaneStatus { id: lane(1), status: Some(Status::Done) },
        Op::SetLaneStatus { id: lane(1), status: None },
        Op::SetLaneLimit { id: lane(1), limit: NonZeroU16::new(4) },
        Op::SetLaneLimit { id: lane(1), limit: None },
        Op::MoveLane { id: lane(1), place: Place::Beside { after: Some(lane(2)), before: None } },
        Op::DeleteLane { id: lane(1), move_to: lane(2) },
        Op::RestoreLane { id: lane(1), place: Place::Last },
        Op::CreateField { id: field(1), field: Box::new(custom_field()) },
        Op::SetField {
            field: field(1).into(),
            change: FieldChange::Choice(Choice {
                key: "gold".into(),
                label: "Gold".into(),
                colour: 3,
                retired: true,
            }),
        },
        Op::SetField { field: "kano".parse().unwrap(), change: FieldChange::Used(false) },
        Op::SendItem { id: item(1), to: "CRM-14".parse().unwrap() },
        Op::ReceiveItem {
            id: item(1),
            lane: lane(1),
            place: Place::Last,
            fields: Box::new(fields()),
            firsts: std::collections::BTreeMap::new(),
            created: Stamp { by: user(1), at: NOON },
            from: "ERP-12".parse().unwrap(),
        },
        Op::ReceiveComments { comments: snapshot().document.comments },
        Op::Upvote { item: item(1) },
        Op::WithdrawUpvote { item: item(1) },
        Op::comment(comment(1), item(1), "Which accounts?\n*All of them.*".parse().unwrap()),
        Op::EditComment { id: comment(1), body: "Which accounts?".parse().unwrap() },
        Op::DeleteComment { id: comment(1) },
        Op::RestoreComment { id: comment(1) },
        Op::AddComment {
            id: comment(2),
            item: item(1),
            body: "All of them.".parse().unwrap(),
            reply_to: Some(comment(1)),
        },
        Op::SetComment { id: comment(1), change: CommentChange::Resolved(true) },
        Op::SetComment {
            id: comment(2),
            change: CommentChange::Reacted { reaction: Reaction::Agree, on: true },
        },
        Op::EditText {
            text: TextOf::Description(item(1)),
            base: 41,
            delta: Delta::between("Sign in.", "Sign on once."),
        },
        Op::EditText { text: TextOf::Comment(comment(1)), base: 41, delta: Delta::appending(15, "!") },
        Op::batch(vec![
            Op::DeleteItems { ids: vec![item(2)] },
            Op::set(item(1), ItemChange::Title("Sign-on".parse().unwrap())),
        ]),
        Op::Batch {
            ops: vec![Op::MoveItems { ids: vec![item(2)], lane: lane(1), place: Place::First }],
            reason: Some("the vote “What comes next?”".parse().unwrap()),
        },
    ]
}

pub(crate) fn item_changes() -> Vec<ItemChange> {
    let fields = fields();
    vec![
        ItemChange::Title(fields.title),
        ItemChange::Description(fields.description),
        ItemChange::Kind(fields.kind),
        ItemChange::Investment(fields.investment),
        ItemChange::Effort(fields.effort),
        ItemChange::Schedule { start: fields.start, end: None },
        ItemChange::Owner(None),
        ItemChange::AddTag("security".parse().unwrap()),
        ItemChange::RemoveTag("users".parse().unwrap()),
        ItemChange::Status(fields.status),
        ItemChange::SourceKey(fields.source_key),
        ItemChange::Value { field: "cost".parse().unwrap(), to: Some(Value::Number(1_250_000)) },
        ItemChange::Value { field: "problem".parse().unwrap(), to: None },
    ]
}

pub(crate) fn places() -> Vec<Place<ItemId>> {
    vec![
        Place::First,
        Place::Last,
        Place::Beside { after: Some(item(1)), before: Some(item(2)) },
        Place::Beside { after: None, before: Some(item(2)) },
        Place::Beside { after: None, before: None },
    ]
}

pub(crate) fn rejects() -> Vec<Reject> {
    let text = || "Single sign-on".to_owned();
    vec![
        Reject::NotAllowed(Role::Viewer),
        Reject::NoAccess,
        Reject::NotMember,
        Reject::StaleText,
        Reject::InvalidText("A description must have no control characters.".to_owned()),
        Reject::Limit("An item has at most 500 comments.".to_owned()),
        Reject::Archived,
        Reject::UnknownItem,
        Reject::ItemDeleted(text()),
        Reject::ItemMoved { title: text(), to: "CRM-14".to_owned() },
        Reject::ItemNotDeleted(text()),
        Reject::UnknownLane,
        Reject::LaneDeleted("Now".to_owned()),
        Reject::LaneNotDeleted("Now".to_owned()),
        Reject::LastLane,
        Reject::MoveToSameLane,
        Reject::EndBeforeStart,
        Reject::AlreadyUpvoted,
        Reject::NotUpvoted,
        Reject::UnknownComment,
        Reject::CommentDeleted,
        Reject::CommentNotDeleted,
        Reject::NotYourComment,
        Reject::DuplicateId,
        Reject::Nothing,
        Reject::TooMany { max: 5_000, count: 5_001 },
        Reject::TooLarge,
        Reject::TooManyTags { max: 30 },
        Reject::TooManyValues { max: 100 },
        Reject::UnknownField("colour".to_owned()),
        Reject::RetiredField("Service level".to_owned()),
        Reject::RequiredField { field: "Service level".to_owned(), from: Status::Planned },
        Reject::TooManyFields { max: 60 },
        Reject::InvalidField("Use a unit of one line of at most 60 characters.".to_owned()),
        Reject::InvalidValue("“5 %” isn't valid for Cost. Use an amount, like 12500 or 99.50.".to_owned()),
        Reject::NotInBatch,
        Reject::OutOfOrder { expected: 3, got: 5 },
        Reject::ForeignClient,
    ]
}

pub(crate) fn changes() -> Vec<Change> {
    let (item, lane, comment) = (item(1), lane(1), comment(1));
    let title = || "Single sign-on".to_owned();
    let (now, next) = (|| "Now".to_owned(), || "Next".to_owned());
    let text = |text: &str| FieldValue::Text(text.to_owned());
    vec![
        Change::ItemCreated { item, title: title(), lane: now() },
        Change::ItemSet {
            item,
            title: title(),
            field: Field::Title,
            before: text("SSO"),
            after: text("Single sign-on"),
        },
        Change::ItemSet {
            item,
            title: title(),
            field: Field::Description,
            before: FieldValue::Empty,
            after: text("…"),
        },
        Change::ItemSet { item, title: title(), field: Field::Effort, before: text("3"), after: text("4") },
        Change::ItemSet {
            item,
            title: title(),
            field: Field::Owner,
            before: FieldValue::Empty,
            after: FieldValue::Person(user(1)),
        },
        Change::ItemSet {
            item,
            title: title(),
            field: Field::Owner,
            before: FieldValue::Person(user(1)),
            after: FieldValue::Empty,
        },
        Change::ValueSet {
            item,
            title: title(),
            field: "cost".parse().unwrap(),
            name: None,
            before: FieldValue::Empty,
            after: text("12500"),
        },
        Change::ValueSet {
            item,
            title: title(),
            field: "problem".parse().unwrap(),
            name: None,
            before: text("Too many passwords."),
            after: FieldValue::Empty,
        },
        Change::ValueSet {
            item,
            title: title(),
            field: field(1).into(),
            name: Some("Service level".to_owned()),
            before: text("Silver"),
            after: text("Gold"),
        },
        Change::FieldCreated { field: field(1).into(), name: "Service level".to_owned() },
        field_set(FieldFact::Renamed("Level".to_owned())),
        field_set(FieldFact::Unit("tickets".to_owned())),
        field_set(FieldFact::ChoiceOffered("Bronze".to_owned())),
        field_set(FieldFact::ChoiceRenamed { before: "Gold".to_owned(), after: "Golden".to_owned() }),
        field_set(FieldFact::ChoiceRetired("Silver".to_owned())),
        field_set(FieldFact::RequiredFrom(Some(Status::Done))),
        field_set(FieldFact::RequiredFrom(None)),
        field_set(FieldFact::Used(false)),
        field_set(FieldFact::Used(true)),
        field_set(FieldFact::Moved),
        Change::ItemMoved { item, title: title(), from: now(), to: next() },
        Change::ItemReordered { item, title: title(), lane: now(), from: 3, to: 1 },
        Change::ItemReordered { item, title: title(), lane: now(), from: 1, to: 3 },
        Change::ItemDeleted { item, title: title() },
        Change::ItemRestored { item, title: title(), lane: now() },
        Change::ItemSent { item, title: title(), to: "CRM-14".to_owned() },
        Change::ItemReceived { item, title: title(), lane: now(), from: "ERP-12".to_owned() },
        Change::LaneCreated { lane, name: now() },
        Change::LaneRenamed { lane, before: now(), after: next() },
        Change::LaneStatusSet { lane, name: now(), status: Some(Status::InProgress) },
        Change::LaneStatusSet { lane, name: now(), status: None },
        Change::LaneLimitSet { lane, name: now(), before: None, after: NonZeroU16::new(4) },
        Change::LaneLimitSet { lane, name: now(), before: NonZeroU16::new(4), after: NonZeroU16::new(5) },
        Change::LaneLimitSet { lane, name: now(), before: NonZeroU16::new(5), after: None },
        Change::LaneMoved { lane, name: now(), from: 1, to: 2 },
        Change::LaneDeleted { lane, name: now(), moved_to: next(), items: 0 },
        Change::LaneDeleted { lane, name: now(), moved_to: next(), items: 1 },
        Change::LaneDeleted { lane, name: now(), moved_to: next(), items: 7 },
        Change::LaneRestored { lane, name: now() },
        Change::Upvoted { item, title: title() },
        Change::UpvoteWithdrawn { item, title: title() },
        Change::CommentAdded { item, title: title(), comment, body: "Why?".to_owned() },
        Change::CommentEdited {
            item,
            title: title(),
            comment,
            before: "Why?".to_owned(),
            after: "How?".to_owned(),
        },
        Change::CommentDeleted { item, title: title(), comment, body: "How?".to_owned() },
        Change::CommentRestored { item, title: title(), comment },
        Change::CommentSet { item, title: title(), comment, change: CommentChange::Resolved(true) },
    ]
}

fn cursor(n: u64) -> Cursor {
    Cursor { n, hash: "9f86d081884c7d65".to_owned() }
}

fn changed_record(n: u64, version: u64, deleted: bool) -> ChangedRecord {
    let stamp = |number| Stamp { by: user(number), at: NOON };
    let values = [("name", "Payments"), ("lead", &*uuid(2))];
    let values = values.map(|(key, value)| (key.parse().unwrap(), Value::Text(value.to_owned()))).into();
    let (created, changed) = (stamp(1), stamp(2));
    let deleted = deleted.then_some(changed);
    let record =
        Record { id: uuid(700).parse().unwrap(), product: None, version, values, created, changed, deleted };
    ChangedRecord { cursor: cursor(n), kind: "team".to_owned(), record }
}

fn hello(plain: bool) -> ClientMessage {
    let (roadmap, client) = (roadmap(), client());
    ClientMessage::Hello { protocol: PROTOCOL, roadmap, client, epoch: 1, have: 41, plain }
}

pub(crate) fn client_messages() -> Vec<ClientMessage> {
    vec![
        hello(false),
        hello(true),
        ClientMessage::Records { protocol: PROTOCOL, since: None },
        ClientMessage::Records { protocol: PROTOCOL, since: Some(cursor(41)) },
        ClientMessage::Push {
            ops: vec![
                Pushed { cseq: 7, op: Op::Upvote { item: item(1) } },
                Pushed { cseq: 8, op: Op::DeleteItems { ids: vec![item(2)] } },
            ],
        },
        ClientMessage::Presence(Presence {
            item: Some(item(1)),
            dragging: Some(Dragging { items: vec![item(2)], over: Some((lane(1), Place::First)) }),
            caret: None,
        }),
        ClientMessage::Presence(Presence {
            item: Some(item(1)),
            caret: Some(Caret { text: TextOf::Description(item(1)), at: 8, from: Some(5) }),
            ..Presence::default()
        }),
        ClientMessage::Presence(Presence::default()),
        ClientMessage::Ping,
        ClientMessage::Leave,
    ]
}

fn entries() -> Vec<Entry> {
    let entry = |seq, cseq, op| Entry {
        seq,
        client: client(),
        cseq,
        actor: user(1),
        at: NOON,
        op,
        items: Vec::new(),
    };
    vec![
        entry(42, 7, Op::DeleteItems { ids: vec![item(2)] }),
        entry(43, 8, Op::Upvote { item: item(1) }).masked_for(user(2)),
    ]
}

pub(crate) fn server_messages() -> Vec<ServerMessage> {
    let peer = || Peer {
        connection: 12,
        user: user(2),
        presence: Presence { item: Some(item(1)), ..Presence::default() },
    };
    vec![
        ServerMessage::Welcome {
            protocol: PROTOCOL,
            build: "0.1.0-3f2a".to_owned(),
            epoch: 1,
            head: 43,
            user: user(1),
            role: Role::Editor,
            peers: vec![peer()],
            slots: vec![client().0, user(1).0],
        },
        ServerMessage::Refetch,
        ServerMessage::RecordsFrom {
            protocol: PROTOCOL,
            build: "0.1.0-3f2a".to_owned(),
            user: user(1),
            role: Role::Editor,
            cursor: cursor(43),
        },
        ServerMessage::Records { changes: vec![changed_record(42, 2, false), changed_record(43, 3, true)] },
        ServerMessage::Entries { entries: entries() },
        ServerMessage::Ack {
            results: vec![
                Acked { cseq: 7, outcome: Outcome::Accepted { seq: 42 } },
                Acked {
                    cseq: 8,
                    outcome: Outcome::Refused(Reject::ItemDeleted("Single sign-on".to_owned())),
                },
            ],
        },
        ServerMessage::Peers { here: vec![peer()], left: Vec::new() },
        ServerMessage::Peers { here: Vec::new(), left: vec![12, 13] },
        ServerMessage::Changed { topic: Topic::Members },
        ServerMessage::Changed { topic: Topic::Product },
        ServerMessage::Changed { topic: Topic::Inbox },
        ServerMessage::Changed { topic: Topic::Dependencies },
        ServerMessage::Changed { topic: Topic::Scores },
        ServerMessage::Pong { head: 43 },
        ServerMessage::Closed { code: 403, reason: "Your role has changed.".to_owned(), retry_ms: Some(0) },
        ServerMessage::Bye { reason: "The server restarts.".to_owned(), retry_ms: Some(500) },
        ServerMessage::Bye { reason: "You were signed out.".to_owned(), retry_ms: None },
    ]
}

pub(crate) fn snapshot() -> Snapshot {
    let stamp = Stamp { by: user(1), at: NOON };
    let ranks = Rank::fill(None, None, 2).unwrap();
    let lanes = [(1, "Now", None, None), (2, "Done", Some(Status::Done), Some(stamp))];
    let lanes = lanes.into_iter().zip(&ranks).map(|((number, name, status, deleted), rank)| Lane {
        id: lane(number),
        name: name.parse().unwrap(),
        rank: rank.clone(),
        status,
        limit: NonZeroU16::new(4).filter(|_| number == 1),
        deleted,
    });
    let items = [(1, fields(), None), (2, ItemFields::titled("SAML".parse().unwrap()), Some(stamp))];
    let items = items.into_iter().zip(&ranks).map(|((number, fields, deleted), rank)| {
        let (id, lane, rank) = (item(number), lane(1), rank.clone());
        let first = |value: &Value| First { value: value.clone(), at: stamp.at };
        let promised = fields.values.get("promised").map(first);
        let firsts = promised.map(|first| ("promised".parse().unwrap(), first)).into_iter().collect();
        std::sync::Arc::new(Item {
            id,
            number,
            lane,
            rank,
            fields,
            firsts,
            created: stamp,
            deleted,
            moved: None,
        })
    });
    let began = domain::Comment::new(comment(1), item(1), "Which accounts?".parse().unwrap(), stamp);
    let reactions = [(Reaction::Agree, BTreeSet::from([user(2)]))].into();
    let began = domain::Comment { edited: Some(stamp), resolved: Some(stamp), reactions, ..began };
    let answer = domain::Comment::new(comment(2), item(1), "All of them.".parse().unwrap(), stamp);
    let answer = domain::Comment { reply_to: Some(comment(1)), ..answer };
    let votes = Votes { count: 2, voters: BTreeSet::from([user(1), user(2)]) };
    let document = domain::Document {
        lanes: lanes.collect(),
        items: items.collect(),
        comments: vec![began.into(), answer.into()],
        more_comments: BTreeMap::new(),
        votes: [(item(1), votes.into())].into(),
        fields: Default::default(),
        last_number: 2,
    };
    Snapshot { roadmap: roadmap(), epoch: 1, head: 43, document }
}

/// The name a variant has on the wire.
pub(crate) fn kind(value: &impl Serialize) -> String {
    match serde_json::to_value(value).unwrap() {
        serde_json::Value::String(name) => name,
        value => value.as_object().and_then(|object| object.keys().next().cloned()).unwrap(),
    }
}

/// Every variant an enum has on the wire, as its own reader lists them when it meets an unknown one.
pub(crate) fn kinds<T: DeserializeOwned>() -> BTreeSet<String> {
    let error = serde_json::from_str::<T>("\"-\"").err().unwrap().to_string();
    let (_, list) = error.split_once("expected").unwrap_or_else(|| panic!("{error}"));
    list.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}
