//! JSON that other tools write: a Trello board, and what `gh … --json` prints. Both become rows like those of their CSV.

use std::collections::{HashMap, HashSet};

use domain::exchange::MAX_ROWS;
use serde::Deserialize;

use super::grid::{BETWEEN, Cells, Grid, Row};

/// Reads a document of a tool that is known.
///
/// # Errors
/// A sentence that says what the document is, and what to do.
pub(super) fn read(text: &str) -> Result<Grid, String> {
    let refusal = |error: &serde_json::Error| {
        if error.is_data() {
            UNKNOWN.to_owned()
        } else {
            format!(
                "This JSON file is damaged in line {}. Export it again and choose the new file.",
                error.line()
            )
        }
    };
    if text.trim_start().starts_with('[') {
        let issues: Vec<Issue> = serde_json::from_str(text).map_err(|error| refusal(&error))?;
        if issues.is_empty() {
            return Err("This JSON file is an empty list. Choose one with items.".to_owned());
        }
        if issues.iter().all(|issue| issue.title.is_none()) {
            return Err(UNKNOWN.to_owned());
        }
        return table(&GITHUB, issues.into_iter().map(Issue::cells));
    }
    let document: Document = serde_json::from_str(text).map_err(|error| refusal(&error))?;
    match document {
        Document { lists: Some(lists), cards: Some(cards), checklists, actions, members, .. } => {
            Board { lists, cards, checklists, actions, members }.table()
        }
        Document { items: Some(items), .. } if items.iter().any(|item| item.title.is_some()) => {
            table(&GITHUB, items.into_iter().map(Issue::cells))
        }
        Document { format: Some(format), .. } if format == "cairn-roadmap" => Err(
            "This is Cairn's own JSON export, which is for other programs. Export the roadmap as CSV and choose that file."
                .to_owned(),
        ),
        _ => Err(UNKNOWN.to_owned()),
    }
}

const UNKNOWN: &str = "This JSON file is neither a Trello board nor a list that “gh … --json” printed. Export the items as CSV or Excel and choose that file.";

fn table<const N: usize>(
    header: &[&str; N],
    rows: impl Iterator<Item = [String; N]>,
) -> Result<Grid, String> {
    let mut grid = Grid::default();
    let header = Row { line: 1, cells: header.iter().collect(), ..Row::default() };
    grid.push(header)?;
    for (line, cells) in (1..).zip(rows) {
        grid.push(Row { line, cells: cells.iter().collect::<Cells>(), ..Row::default() })?;
    }
    Ok(grid)
}

#[derive(Deserialize)]
struct Document {
    lists: Option<Vec<List>>,
    cards: Option<Vec<Card>>,
    #[serde(default)]
    checklists: Vec<Checklist>,
    #[serde(default)]
    actions: Vec<Action>,
    #[serde(default)]
    members: Vec<TrelloMember>,
    items: Option<Vec<Issue>>,
    format: Option<String>,
}

#[derive(Deserialize)]
struct List {
    id: String,
    name: String,
    #[serde(default)]
    closed: bool,
    #[serde(default)]
    pos: f64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Card {
    id: String,
    name: String,
    #[serde(default)]
    desc: String,
    id_list: String,
    #[serde(default)]
    closed: bool,
    #[serde(default)]
    pos: f64,
    due: Option<String>,
    start: Option<String>,
    #[serde(default)]
    due_complete: bool,
    #[serde(default)]
    labels: Vec<Label>,
    #[serde(default)]
    id_members: Vec<String>,
    short_url: Option<String>,
}

#[derive(Deserialize)]
struct Label {
    #[serde(default)]
    name: String,
    color: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Checklist {
    id_card: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    pos: f64,
    #[serde(default)]
    check_items: Vec<CheckItem>,
}

#[derive(Deserialize)]
struct CheckItem {
    name: String,
    state: Option<String>,
    #[serde(default)]
    pos: f64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Action {
    r#type: String,
    #[serde(default)]
    date: String,
    #[serde(default)]
    data: ActionData,
    member_creator: Option<TrelloMember>,
}

#[derive(Default, Deserialize)]
struct ActionData {
    card: Option<CardReference>,
    text: Option<String>,
}

#[derive(Deserialize)]
struct CardReference {
    #[serde(default)]
    id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TrelloMember {
    #[serde(default)]
    id: String,
    full_name: Option<String>,
    username: Option<String>,
}

impl TrelloMember {
    fn name(&self) -> &str {
        let name = self.full_name.as_deref().filter(|name| !name.is_empty());
        name.or(self.username.as_deref()).unwrap_or("Somebody")
    }
}

struct Board {
    lists: Vec<List>,
    cards: Vec<Card>,
    checklists: Vec<Checklist>,
    actions: Vec<Action>,
    members: Vec<TrelloMember>,
}

/// The headers of Trello's own CSV, as far as it has them.
const TRELLO: [&str; 12] = [
    "Card ID",
    "Card Name",
    "List Name",
    "Labels",
    "Members",
    "Start Date",
    "Due Date",
    "Status",
    "Card Description",
    "Card URL",
    "Comments",
    "Archived",
];

impl Board {
    fn table(mut self) -> Result<Grid, String> {
        if self.cards.is_empty() {
            return Err("This Trello board has no cards. Choose one with cards.".to_owned());
        }
        if self.cards.len() > MAX_ROWS {
            return Err(format!(
                "The board has more than {MAX_ROWS} cards. Archive some in Trello and export it again."
            ));
        }
        self.lists.sort_by(|a, b| a.pos.total_cmp(&b.pos));
        let lists: HashMap<&str, (usize, &List)> =
            self.lists.iter().enumerate().map(|(at, list)| (&*list.id, (at, list))).collect();
        let place = |card: &Card| lists.get(&*card.id_list).map_or(usize::MAX, |(at, _)| *at);
        self.cards.sort_by(|a, b| place(a).cmp(&place(b)).then(a.pos.total_cmp(&b.pos)));
        self.checklists.sort_by(|a, b| a.pos.total_cmp(&b.pos));
        let mut checklists: HashMap<&str, String> = HashMap::new();
        for checklist in &mut self.checklists {
            checklist.check_items.sort_by(|a, b| a.pos.total_cmp(&b.pos));
            let text = checklists.entry(&checklist.id_card).or_default();
            text.push_str(&format!("\n\n### {}\n", checklist.name));
            for item in &checklist.check_items {
                let tick = if item.state.as_deref() == Some("complete") { 'x' } else { ' ' };
                text.push_str(&format!("\n- [{tick}] {}", item.name));
            }
        }
        let members: HashMap<&str, &str> =
            self.members.iter().map(|member| (&*member.id, member.name())).collect();
        let mut comments: HashMap<&str, Vec<String>> = HashMap::new();
        // Trello has the latest first.
        for action in self.actions.iter().rev().filter(|action| action.r#type == "commentCard") {
            if let ActionData { card: Some(card), text: Some(text) } = &action.data {
                let author = action.member_creator.as_ref().map_or("Somebody", TrelloMember::name);
                comments.entry(&card.id).or_default().push(comment(author, &action.date, text));
            }
        }
        let rows = self.cards.iter().map(|card| {
            let list = lists.get(&*card.id_list).map(|(_, list)| *list);
            let labels = card.labels.iter().map(|label| match &*label.name {
                "" => label.color.as_deref().unwrap_or_default(),
                name => name,
            });
            let mut named = HashSet::new();
            let people = card.id_members.iter().filter(|id| named.insert(*id));
            let people = people.filter_map(|id| members.get(&**id).copied());
            let checklists = checklists.get(&*card.id).map_or("", String::as_str);
            [
                card.id.clone(),
                card.name.clone(),
                list.map_or_else(String::new, |list| list.name.clone()),
                joined(labels),
                joined(people),
                card.start.clone().unwrap_or_default(),
                card.due.clone().unwrap_or_default(),
                (if card.due_complete { "Done" } else { "" }).to_owned(),
                format!("{}{checklists}", card.desc.trim_end()).trim_start_matches('\n').to_owned(),
                card.short_url.clone().unwrap_or_default(),
                joined(comments.get(&*card.id).into_iter().flatten().map(String::as_str)),
                (card.closed || list.is_some_and(|list| list.closed)).to_string(),
            ]
        });
        table(&TRELLO, rows)
    }
}

const GITHUB: [&str; 10] =
    ["Number", "Title", "State", "Labels", "Assignees", "Milestone", "Body", "URL", "Created", "Comments"];

/// An issue, a pull request or a project's item as `gh` prints them, or as GitHub's interface for programs has them.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Issue {
    number: Option<u64>,
    title: Option<String>,
    #[serde(alias = "status")]
    state: Option<String>,
    #[serde(alias = "state_reason")]
    state_reason: Option<String>,
    body: Option<String>,
    #[serde(default)]
    labels: Vec<Name>,
    #[serde(default)]
    assignees: Vec<Name>,
    milestone: Option<Name>,
    #[serde(alias = "html_url")]
    url: Option<String>,
    #[serde(alias = "created_at")]
    created_at: Option<String>,
    #[serde(default)]
    comments: Comments,
    content: Option<Content>,
}

/// Something with a name, or the name alone.
#[derive(Deserialize)]
#[serde(untagged)]
enum Name {
    Alone(String),
    Named { name: Option<String>, login: Option<String>, title: Option<String> },
}

impl Name {
    fn text(&self) -> &str {
        match self {
            Name::Alone(text) => text,
            Name::Named { name, login, title } => {
                let given = [name, login, title].into_iter().flatten();
                given.map(String::as_str).find(|text| !text.is_empty()).unwrap_or_default()
            }
        }
    }
}

/// The comments, or how many there are.
#[derive(Deserialize)]
#[serde(untagged)]
enum Comments {
    All(Vec<IssueComment>),
    #[expect(dead_code, reason = "the number says nothing that is imported")]
    Count(u64),
}

impl Default for Comments {
    fn default() -> Self {
        Comments::All(Vec::new())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct IssueComment {
    author: Option<Name>,
    #[serde(default)]
    body: String,
    #[serde(default)]
    created_at: String,
}

/// What a project's item stands for.
#[derive(Deserialize)]
struct Content {
    number: Option<u64>,
    body: Option<String>,
    url: Option<String>,
}

impl Issue {
    fn cells(self) -> [String; 10] {
        let content = self.content.unwrap_or(Content { number: None, body: None, url: None });
        let author = |it: &IssueComment| it.author.as_ref().map_or("Somebody", Name::text).to_owned();
        let comments: Vec<String> = match &self.comments {
            Comments::All(all) => {
                all.iter().map(|it| comment(&author(it), &it.created_at, &it.body)).collect()
            }
            Comments::Count(_) => Vec::new(),
        };
        let is_dropped = self.state_reason.is_some_and(|reason| reason.eq_ignore_ascii_case("not_planned"));
        [
            self.number.or(content.number).map(|number| number.to_string()).unwrap_or_default(),
            self.title.unwrap_or_default(),
            if is_dropped { "Not planned".to_owned() } else { self.state.unwrap_or_default() },
            joined(self.labels.iter().map(Name::text)),
            joined(self.assignees.iter().map(Name::text)),
            self.milestone.as_ref().map_or("", Name::text).to_owned(),
            self.body.or(content.body).unwrap_or_default(),
            self.url.or(content.url).unwrap_or_default(),
            self.created_at.unwrap_or_default(),
            joined(comments.iter().map(String::as_str)),
        ]
    }
}

/// Several values in one cell.
fn joined<'a>(values: impl Iterator<Item = &'a str>) -> String {
    let mut cell = String::new();
    for value in values.filter(|value| !value.trim().is_empty()) {
        if !cell.is_empty() {
            cell.push(BETWEEN);
        }
        cell.extend(value.chars().map(|c| if c == BETWEEN { ' ' } else { c }));
    }
    cell
}

/// A comment of somebody who may not be a member, with its author and day.
fn comment(author: &str, at: &str, text: &str) -> String {
    let day = at.get(..10).unwrap_or(at);
    format!("**{author}** · {day}\n\n{text}")
}
