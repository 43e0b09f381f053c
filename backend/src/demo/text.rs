//! Roadmaps of the sample organisation, written as text: a line per item, its description and comments below it.

/// An item as it is now. Days are weeks from today.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Sketch {
    pub(super) lane: &'static str,
    pub(super) title: &'static str,
    pub(super) kind: &'static str,
    pub(super) investment: &'static str,
    pub(super) effort: &'static str,
    pub(super) weeks: Option<(i32, i32)>,
    pub(super) owner: &'static str,
    pub(super) tags: Vec<&'static str>,
    pub(super) status: &'static str,
    pub(super) voters: Vec<&'static str>,
    /// Whether a quarter was promised for it.
    pub(super) promised: bool,
    pub(super) description: String,
    /// First names and what they said.
    pub(super) comments: Vec<(&'static str, &'static str)>,
}

/// Reads a roadmap.
///
/// # Panics
/// When it is not written properly; the texts are part of the program, and tests read them all.
pub(super) fn read(text: &'static str) -> Vec<Sketch> {
    let mut lane = "";
    let mut sketches: Vec<Sketch> = Vec::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("# ") {
            lane = name;
        } else if let Some(comment) = line.strip_prefix("  > ") {
            let said = comment.split_once(": ").expect("a comment names its author");
            sketches.last_mut().expect("a comment follows its item").comments.push(said);
        } else if let Some(description) = line.strip_prefix("  ") {
            let sketch = sketches.last_mut().expect("a description follows its item");
            sketch.description.push_str(description);
            sketch.description.push('\n');
        } else if line.is_empty() {
            if let Some(sketch) = sketches.last_mut().filter(|sketch| !sketch.description.is_empty()) {
                sketch.description.push('\n');
            }
        } else {
            sketches.push(item(lane, line));
        }
    }
    sketches
}

fn item(lane: &'static str, line: &'static str) -> Sketch {
    let cells: Vec<&str> = line.split('|').map(str::trim).collect();
    let [title, kind, investment, effort, weeks, owner, tags, status, voters] = cells[..] else {
        panic!("an item has nine cells: {line}");
    };
    let weeks = weeks.split_once("..").map(|(start, end)| {
        let week = |text: &str| text.parse().expect("weeks are whole numbers");
        (week(start), week(end))
    });
    Sketch {
        lane,
        title,
        kind,
        investment,
        effort,
        weeks,
        owner,
        tags: tags.split(", ").collect(),
        status,
        voters: voters.split_whitespace().collect(),
        promised: false,
        description: String::new(),
        comments: Vec::new(),
    }
}
