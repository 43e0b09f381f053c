//! What a template says, line by line.

use std::{collections::BTreeSet, num::NonZeroU16};

use crate::{
    CustomField, Face, FieldChange, FieldDef, FieldId, FieldKey, FieldKind, FieldLabel, FieldPlan,
    ItemFields, ItemId, LaneId, LaneName, Op, Place, Record, RecordId, Roadmap, Stamp, Status, Timestamp,
    Title, UserId, Value, is_shared_view, view_state,
};

/// The most lanes, fields, views and items of a template.
const MOST: [(&str, usize); 4] = [("lanes", 40), ("fields", 120), ("views", 40), ("items", 100)];

/// The most characters of each of these.
const MOST_CHARACTERS: usize = 5_000;

/// The most characters of a name that a sentence quotes.
const MOST_QUOTED: usize = 40;

/// What separates the parts of a line.
const BAR: char = '|';

/// The set-up of a product.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SetUp {
    pub lanes: Vec<Lane>,
    /// The fields that are used, in their order; as every roadmap has them where there are none.
    pub fields: Vec<Field>,
    /// Names, faces and states of shared views.
    pub views: Vec<(String, Face, String)>,
    /// Titles, each with the place of its lane.
    pub items: Vec<(usize, Title)>,
}

/// A lane of a new product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lane {
    pub name: LaneName,
    pub status: Option<Status>,
    pub limit: Option<NonZeroU16>,
}

/// A field of a new product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field {
    /// One that every roadmap has.
    Usual(FieldKey),
    Custom(CustomField),
}

/// A template that comes with the program.
#[derive(Debug)]
pub struct BuiltIn {
    pub key: &'static str,
    pub name: &'static str,
    lanes: &'static str,
    fields: &'static str,
    views: &'static str,
    items: &'static str,
}

/// Templates that every workspace has. The first is what a product begins with unless somebody chooses another.
pub static BUILT_IN: &[BuiltIn] = &[
    BuiltIn {
        key: "now-next-later",
        name: "Now / Next / Later",
        lanes: "Now\nNext\nLater\nDone",
        fields: "",
        views: "",
        items: "",
    },
    BuiltIn {
        key: "service",
        name: "Service roadmap",
        lanes: "Requests | Proposed\nCommitted | Planned\nIn delivery | In progress | 6\nIn service | Done",
        fields: "Service level | choice | Gold, Silver, Bronze\nUsers affected | number | people\nMaintenance window | text",
        views: "By quarter | board | columns=quarter\nPlan | timeline | group=lane\nEverything by owner | table | group=owner",
        items: "Requests | Describe the service and who uses it\nRequests | Agree on service levels\nCommitted | Publish the maintenance calendar",
    },
    BuiltIn {
        key: "internal",
        name: "Internal product",
        lanes: "Ideas | Proposed\nReady | Planned | 10\nBuilding | In progress | 4\nTrial | In progress | 4\nShipped | Done",
        fields: "Department | choice | Finance, HR, IT, Operations, Sales\nHours saved | number | h per month\nSponsor | person",
        views: "What is in progress | board | status=in_progress\nPlan | timeline | group=lane\nBy owner | table | group=owner",
        items: "Ideas | Interview five people who will use it\nIdeas | Write down the problem it solves\nReady | Name a sponsor",
    },
];

impl BuiltIn {
    /// What it says.
    pub fn set_up(&self) -> SetUp {
        SetUp::read([self.lanes, self.fields, self.views, self.items]).expect("a test reads all of them")
    }
}

impl SetUp {
    /// What a template says.
    ///
    /// # Errors
    /// A sentence that names the line that cannot be read.
    pub fn of(template: &Record) -> Result<Self, String> {
        Self::read(MOST.map(|(key, _)| match template.values.get(key) {
            Some(Value::Text(text)) => text.as_str(),
            _ => "",
        }))
    }

    fn read(texts: [&str; 4]) -> Result<Self, String> {
        let [lanes, fields, views, items] = texts
            .map(|text| text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<&str>>());
        for (lines, (what, most)) in [&lanes, &fields, &views, &items].into_iter().zip(MOST) {
            if lines.len() > most {
                return Err(format!("A template can have at most {most} {what}."));
            }
        }
        let mut set_up = SetUp::default();
        for line in lanes {
            let lane = lane(line)?;
            if set_up.lanes.iter().any(|other| other.name == lane.name) {
                return Err(format!("There are two lanes “{}”. Give each a name of its own.", lane.name));
            }
            set_up.lanes.push(lane);
        }
        set_up.fields = fields.into_iter().map(field).collect::<Result<_, _>>()?;
        for line in views {
            let (name, face, state) = view(line)?;
            if set_up.views.iter().any(|(other, ..)| other.to_lowercase() == name.to_lowercase()) {
                return Err(format!("There are two views “{name}”. Give each a name of its own."));
            }
            set_up.views.push((name, face, state));
        }
        for line in items {
            let (lane, title) = line.split_once(BAR).unwrap_or(("", line));
            let lane = lane.trim();
            let at = set_up.lanes.iter().position(|other| lane.is_empty() || *other.name == *lane);
            let at = at.ok_or_else(|| {
                format!("“{line}” is in no lane of the template. Begin with a lane’s name.")
            })?;
            let title = Title::parse(title.trim()).map_err(|reason| reason.to_string())?;
            set_up.items.push((at, title));
        }
        Ok(set_up)
    }

    /// The set-up that a roadmap has, with the shared ones of these views, and with its items if that is wanted. Fields of the
    /// workspace are left out: a new product gets them anyway.
    ///
    /// # Errors
    /// A sentence when it is too large for a template.
    pub fn from_roadmap(
        roadmap: &Roadmap,
        views: &[Record],
        of_workspace: &BTreeSet<FieldKey>,
        with_items: bool,
    ) -> Result<[(&'static str, String); 4], String> {
        let lanes: Vec<_> = roadmap.lane_order().iter().filter_map(|id| roadmap.lane(*id)).collect();
        let lane_line = |lane: &&crate::Lane| {
            let mut line = plain(&lane.name);
            if let Some(status) = lane.status {
                line += &format!(" | {}", status.label());
            }
            if let Some(limit) = lane.limit {
                line += &format!(" | {limit}");
            }
            line
        };
        let field_lines = |plan: &FieldPlan| {
            let own =
                plan.all().filter(|field| plan.is_used(&field.key) && !of_workspace.contains(&*field.key));
            own.map(|field| field_line(&field)).collect::<Vec<_>>()
        };
        let mut fields = field_lines(roadmap.fields());
        if fields == field_lines(&FieldPlan::default()) {
            fields.clear();
        }
        let view_line = |view: &Record| {
            let (face, state) = view_state(view);
            format!("{} | {} | {state}", plain(&crate::VIEW.name_of(view)), face.as_str())
        };
        let item_lines: Vec<String> = if with_items {
            let of_lane = |lane: &crate::Lane| {
                let items = roadmap.lane_items(lane.id).iter().filter_map(|id| roadmap.item(*id));
                let name = plain(&lane.name);
                items.map(|item| format!("{name} | {}", item.fields.title)).collect::<Vec<_>>()
            };
            lanes.iter().flat_map(|lane| of_lane(lane)).collect()
        } else {
            Vec::new()
        };
        let texts = [
            lanes.iter().map(lane_line).collect::<Vec<_>>(),
            fields,
            views.iter().filter(|view| is_shared_view(view)).map(view_line).collect(),
            item_lines,
        ];
        let mut written = Vec::new();
        for (lines, (key, most)) in texts.into_iter().zip(MOST) {
            let text = lines.join("\n");
            if lines.len() > most || text.chars().count() > MOST_CHARACTERS {
                return Err(format!(
                    "A template has room for {most} {key} and {MOST_CHARACTERS} characters of them. Save it without some of them."
                ));
            }
            written.push((key, text));
        }
        // One for each of the kinds of lines.
        Ok(written.try_into().unwrap_or_default())
    }

    /// The operations that make an empty roadmap so. The ids come from outside.
    pub fn ops(
        &self,
        mut lane_id: impl FnMut() -> LaneId,
        mut field_id: impl FnMut() -> FieldId,
        mut item_id: impl FnMut() -> ItemId,
    ) -> Vec<Op> {
        let mut ops = Vec::new();
        let lanes: Vec<LaneId> = self.lanes.iter().map(|_| lane_id()).collect();
        for (lane, id) in self.lanes.iter().zip(lanes.iter().copied()) {
            ops.push(Op::CreateLane { id, name: lane.name.clone(), place: Place::Last });
            if lane.status.is_some() {
                ops.push(Op::SetLaneStatus { id, status: lane.status });
            }
            if lane.limit.is_some() {
                ops.push(Op::SetLaneLimit { id, limit: lane.limit });
            }
        }
        let mut order: Vec<FieldKey> = Vec::new();
        for field in &self.fields {
            order.push(match field {
                Field::Usual(key) => key.clone(),
                Field::Custom(field) => {
                    let id = field_id();
                    ops.push(Op::CreateField { id, field: Box::new(field.clone()) });
                    id.into()
                }
            });
        }
        let only_own = self.fields.iter().all(|field| matches!(field, Field::Custom(_)));
        if !only_own {
            for unused in crate::FIELDS.iter().map(FieldKey::from).filter(|key| !order.contains(key)) {
                ops.push(Op::SetField { field: unused, change: FieldChange::Used(false) });
            }
        }
        // The last one first, so that each comes to stand before those behind it.
        for key in order.into_iter().rev() {
            ops.push(Op::SetField { field: key, change: FieldChange::Place(Place::First) });
        }
        for (lane, title) in &self.items {
            let Some(lane_id) = lanes.get(*lane).copied() else { continue };
            let mut fields = Box::new(ItemFields::titled(title.clone()));
            fields.status = self.lanes[*lane].status.unwrap_or(fields.status);
            ops.push(Op::CreateItem { id: item_id(), lane: lane_id, place: Place::Last, fields });
        }
        ops
    }
}

/// A name without what separates the parts of a line.
fn plain(name: &str) -> String {
    name.replace(BAR, "/")
}

/// `Doing | In progress | 5`: a name, a status that items get there, a limit.
fn lane(line: &str) -> Result<Lane, String> {
    let mut parts = line.split(BAR).map(str::trim);
    let name = parts.next().unwrap_or_default();
    let name = LaneName::parse(name).map_err(|reason| format!("“{line}” isn’t a lane: {reason}"))?;
    let mut lane = Lane { name, status: None, limit: None };
    for part in parts.filter(|part| !part.is_empty()) {
        if let Ok(limit) = part.parse() {
            lane.limit = Some(limit);
        } else if let Ok(status) = part.parse() {
            lane.status = Some(status);
        } else {
            return Err(format!("“{part}” in “{line}” is neither a status nor a limit."));
        }
    }
    Ok(lane)
}

/// `Confidence`, or `Risk | choice | Low, High`: a label, a kind, and its unit or choices. One of no kind that no roadmap has is a text.
fn field(line: &str) -> Result<Field, String> {
    let mut parts = line.splitn(3, BAR).map(str::trim);
    let (label, kind, more) =
        (parts.next().unwrap_or_default(), parts.next(), parts.next().unwrap_or_default());
    let usual = crate::FIELDS.iter().find(|field| kind.is_none() && field.label.eq_ignore_ascii_case(label));
    if let Some(usual) = usual {
        return Ok(Field::Usual(usual.into()));
    }
    let choices = || {
        let mut choices = Vec::new();
        for label in more.split(',').map(str::trim).filter(|label| !label.is_empty()) {
            choices.extend(crate::Choice::beside(&choices, label));
        }
        if choices.is_empty() {
            Err(format!("Add choices to “{line}”, such as “Low, High”."))
        } else {
            Ok(choices)
        }
    };
    let kind = match kind.unwrap_or("text") {
        "text" => FieldKind::Text,
        "number" => FieldKind::number(more),
        "money" => FieldKind::Money,
        "date" => FieldKind::Date,
        "person" => FieldKind::Person,
        "choice" => FieldKind::Choice(choices()?.into()),
        "choices" => FieldKind::Choices(choices()?.into()),
        "checkbox" => FieldKind::Checkbox,
        "links" => FieldKind::Links,
        other => return Err(format!("“{other}” in “{line}” isn’t a kind of field.")),
    };
    let label = FieldLabel::parse(label).map_err(|reason| reason.to_string())?;
    let field = CustomField { label, kind, required_from: None };
    field.check().map_err(|reject| reject.to_string())?;
    Ok(Field::Custom(field))
}

fn field_line(field: &FieldDef) -> String {
    let label = plain(&field.label);
    if !field.is_custom {
        return label;
    }
    let listed = |choices: &[crate::Choice]| {
        let shown = choices.iter().filter(|choice| !choice.retired);
        shown.map(|choice| choice.label.to_string()).collect::<Vec<_>>().join(", ")
    };
    match &field.kind {
        FieldKind::Number { unit, .. } => format!("{label} | number | {unit}"),
        FieldKind::Money => format!("{label} | money"),
        FieldKind::Date => format!("{label} | date"),
        FieldKind::Person => format!("{label} | person"),
        FieldKind::Choice(choices) => format!("{label} | choice | {}", listed(choices)),
        FieldKind::Choices(choices) => format!("{label} | choices | {}", listed(choices)),
        FieldKind::Checkbox => format!("{label} | checkbox"),
        FieldKind::Links => format!("{label} | links"),
        _ => format!("{label} | text"),
    }
}

/// `By quarter | board | columns=quarter`: a name, a face, and what an address would say.
fn view(line: &str) -> Result<(String, Face, String), String> {
    let mut parts = line.splitn(3, BAR).map(str::trim);
    let (name, face) = (parts.next().unwrap_or_default(), parts.next().unwrap_or("board"));
    let face = face
        .parse()
        .map_err(|_| format!("“{face}” in “{line}” isn’t a face. Use board, timeline or table."))?;
    if name.is_empty() {
        return Err(format!("Give the view “{line}” a name."));
    }
    let state = parts.next().unwrap_or_default();
    check_view(name, face, state).map_err(|why| {
        let name: String = name.chars().take(MOST_QUOTED).collect();
        format!("“{name}” isn’t a view: {why}")
    })?;
    Ok((name.to_owned(), face, state.to_owned()))
}

/// Whether a product can have such a shared view. Its views are added after it, so one that is refused would leave it half made.
fn check_view(name: &str, face: Face, state: &str) -> Result<(), String> {
    let text = |text: &str| Some(Value::Text(text.to_owned()));
    let values = [
        ("name", text(name)),
        ("face", text(face.as_str())),
        ("state", text(state).filter(|_| !state.is_empty())),
        ("shared", Some(Value::Yes)),
    ];
    let key = |key: &str| key.parse().expect("a key of the table");
    let values = values.into_iter().filter_map(|(name, value)| Some((key(name), value?))).collect();
    let stamp = Stamp { by: UserId::NIL, at: Timestamp(0) };
    let id = RecordId::new(0, [0; 10]);
    let view =
        Record { id, product: None, version: 1, values, created: stamp, changed: stamp, deleted: None };
    crate::VIEW.check(&view, &[])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Context, apply};

    fn ops(set_up: &SetUp) -> Vec<Op> {
        let mut number = 0;
        let mut next = || {
            number += 1;
            [number; 10]
        };
        let mut ids = Vec::new();
        (0..200).for_each(|_| ids.push(next()));
        let (mut lanes, mut fields, mut items) =
            (ids.clone().into_iter(), ids.clone().into_iter(), ids.into_iter());
        set_up.ops(
            || LaneId::new(1, lanes.next().unwrap()),
            || FieldId::new(1, fields.next().unwrap()),
            || ItemId::new(1, items.next().unwrap()),
        )
    }

    fn made(set_up: &SetUp) -> Roadmap {
        let mut roadmap = Roadmap::default();
        for op in ops(set_up) {
            apply(&mut roadmap, &op, &Context { actor: UserId::NIL, at: Timestamp(1) }).unwrap();
        }
        roadmap
    }

    fn template(texts: &[(&'static str, String)]) -> Record {
        let stamp = Stamp { by: UserId::NIL, at: Timestamp(1) };
        let text = |text: &String| Value::Text(text.clone());
        let values = texts.iter().filter(|(_, words)| !words.is_empty());
        let values = values.map(|(key, words)| (key.parse().unwrap(), text(words))).collect();
        let id = RecordId::new(1, [1; 10]);
        Record { id, product: None, version: 1, values, created: stamp, changed: stamp, deleted: None }
    }

    #[test]
    fn what_comes_with_the_program_makes_roadmaps() {
        for built_in in BUILT_IN {
            let set_up = built_in.set_up();
            let roadmap = made(&set_up);
            assert!(roadmap.lane_order().len() >= 4, "{}", built_in.name);
            assert_eq!(roadmap.items().count(), set_up.items.len());
        }
        let names: Vec<_> = BUILT_IN[0].set_up().lanes.iter().map(|lane| lane.name.to_string()).collect();
        assert_eq!(names, ["Now", "Next", "Later", "Done"]);
    }

    #[test]
    fn what_a_roadmap_is_like_comes_back() {
        let set_up = BUILT_IN[1].set_up();
        let roadmap = made(&set_up);
        let texts = SetUp::from_roadmap(&roadmap, &[], &BTreeSet::new(), true).unwrap();
        let again = SetUp::of(&template(&texts)).unwrap();
        assert_eq!((&again.lanes, &again.items), (&set_up.lanes, &set_up.items));
        assert_eq!(again.fields[..3], set_up.fields[..]);
        let keys = |roadmap: &Roadmap| {
            roadmap.fields().all().map(|field| field.label.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(keys(&made(&again)), keys(&roadmap));
        let without = SetUp::from_roadmap(&roadmap, &[], &BTreeSet::new(), false).unwrap();
        assert_eq!(SetUp::of(&template(&without)).unwrap().items, []);
    }

    #[test]
    fn fields_of_the_workspace_stay_with_it() {
        let mut roadmap = Roadmap::default();
        let context = Context { actor: UserId::NIL, at: Timestamp(1) };
        let mut create = |number: u8, label: &str| {
            let (id, label) = (FieldId::new(1, [number; 10]), label.parse().unwrap());
            let field = Box::new(CustomField { label, kind: FieldKind::Text, required_from: None });
            apply(&mut roadmap, &Op::CreateField { id, field }, &context).unwrap();
            (FieldKey::from(id), roadmap.clone())
        };
        let (shared, without) = create(1, "Cost centre");
        let (_, with_own) = create(2, "Sponsor");
        let of_workspace = BTreeSet::from([shared]);
        let fields = |roadmap| SetUp::from_roadmap(roadmap, &[], &of_workspace, false).unwrap()[1].1.clone();
        assert_eq!(fields(&without), "", "as every roadmap has them");
        let lines = fields(&with_own);
        assert!(lines.contains("Sponsor | text") && !lines.contains("Cost centre"), "{lines}");
    }

    #[test]
    fn a_line_that_cannot_be_read_is_named() {
        let wrong =
            |key: &'static str, text: &str| SetUp::of(&template(&[(key, text.to_owned())])).unwrap_err();
        assert!(wrong("lanes", "Now | soon").contains("“soon”"));
        assert!(wrong("lanes", "Now\nNow").contains("two lanes"));
        assert!(wrong("fields", "Size | choice").contains("choices"));
        assert!(wrong("fields", "Size | colour").contains("“colour”"));
        assert!(wrong("views", "Plan | globe").contains("“globe”"));
        assert!(wrong("views", "Plan | board\nplan | table").contains("two views"));
        assert!(wrong("views", &format!("{} | board", "x".repeat(500))).contains("“xxx"));
        assert!(wrong("views", &format!("Plan | board | {}", "x".repeat(4_001))).contains("too long"));
        assert!(wrong("items", "Nowhere | One").contains("no lane"));
        assert!(wrong("lanes", &(0..41).map(|n| format!("L{n}\n")).collect::<String>()).contains("40 lanes"));
    }
}
