//! What people do with items every day: another one like it, a link to it, and the same as text for elsewhere.

use domain::{Field, FiscalYear, Item, ItemId, Op, Place, Property, Roadmap, Title, UserId, Value};
use leptos::prelude::*;
use web_sys::KeyboardEvent;

use super::{Board, ids};
use crate::{
    platform::{self, new_item},
    ui::{copy_link, copy_text},
};

/// The keys of all this and what they do, as `?` shows them.
pub(super) const KEYS: &[(&str, &str)] = &[
    ("V", "Upvote, or withdraw it"),
    ("X", "Select the item"),
    ("S", "Add to favourites, or remove"),
    ("T", "New item from a template"),
    ("B", "Add a dependency"),
    ("D", "Duplicate"),
    ("Y", "Copy the link"),
    ("Shift Y", "Copy as Markdown"),
];

/// What the title of a copy ends with.
const COPY: &str = " (copy)";

impl Board {
    /// Does what one of [`KEYS`] does to an item. Returns whether it was one.
    pub(crate) fn pressed_everyday(self, id: ItemId, event: &KeyboardEvent) -> bool {
        let can_edit = self.room.can_edit();
        match platform::shortcut(event).as_str() {
            "v" | "V" => self.toggle_vote(id),
            "x" | "X" => self.toggle_selected(id),
            "s" | "S" => self.star_item(id),
            "t" | "T" if can_edit => {
                self.offer_templates(self.room.with(|roadmap| roadmap.item(id).map(|item| item.lane)));
            }
            "b" | "B" if can_edit => self.begin_dependency(id),
            "d" | "D" if can_edit => self.duplicate(&self.with_selection(id)),
            "y" | "Y" if event.shift_key() => self.copy_markdown(&self.with_selection(id)),
            "y" | "Y" => self.copy_link_to(id),
            _ => return false,
        }
        true
    }

    /// The items that an action without one is about: those selected, the one in the panel, or the one that has the focus.
    pub(crate) fn target_items(self) -> Vec<ItemId> {
        let selected = self.selection();
        if !selected.is_empty() {
            return selected;
        }
        let focused = || platform::focused().and_then(|element| ids::item_of(&element));
        self.open.get_untracked().or_else(focused).into_iter().collect()
    }

    /// Makes another of each item, right behind it: with its fields, and without its comments and votes. One step.
    pub(crate) fn duplicate(self, items: &[ItemId]) {
        if !self.room.can_edit() {
            return;
        }
        let copies = self.room.with(|roadmap| {
            let items = items.iter().filter_map(|id| roadmap.item(*id)).filter(|item| item.deleted.is_none());
            items.map(|item| copy(item)).collect::<Vec<_>>()
        });
        let label = match copies.as_slice() {
            [] => return,
            [Op::CreateItem { fields, .. }] => format!("Added “{}”.", fields.title),
            copies => format!("Added {}.", domain::counted(copies.len(), "copy", "copies")),
        };
        let op = if copies.len() == 1 { copies.into_iter().next() } else { Some(Op::batch(copies)) };
        if let Some(op) = op {
            self.room.edit_with_toast(op, label);
        }
    }

    /// Copies the address of an item, as one gives it to others.
    pub(crate) fn copy_link_to(self, id: ItemId) {
        let link = self.room.with(|roadmap| {
            let item = roadmap.item(id)?;
            Some(link_to(&self.product_key(roadmap, item), item.number))
        });
        if let Some(link) = link {
            copy_link(&link, self.room.toasts);
        }
    }

    /// Copies items as Markdown.
    pub(crate) fn copy_markdown(self, items: &[ItemId]) {
        let texts = self.room.with(|roadmap| {
            let items = items.iter().filter_map(|id| roadmap.item(*id));
            let text = |item: &Item| {
                let product = self.product_key(roadmap, item);
                let head = (format!("{product}-{}", item.number), link_to(&product, item.number));
                markdown(roadmap, item, head, self.year, &|user| self.room.person(user))
            };
            items.map(|item| text(item)).collect::<Vec<_>>()
        });
        let done = match texts.len() {
            0 => return,
            1 => "The item was copied as Markdown.".to_owned(),
            count => format!("{count} items were copied as Markdown."),
        };
        copy_text(&texts.join("\n"), done, self.room.toasts);
    }
}

/// The address of an item on its own product, which leads there from anywhere.
fn link_to(product: &str, number: u32) -> String {
    let origin = platform::window().location().origin().unwrap_or_default();
    format!("{origin}/p/{product}/i/{product}-{number}")
}

/// What makes another item like this, right behind it.
fn copy(item: &Item) -> Op {
    let mut fields = Box::new(item.fields.clone());
    fields.title = copied_title(&item.fields.title);
    // That is of one item alone.
    fields.source_key = None;
    let place = Place::Beside { after: Some(item.id), before: None };
    Op::CreateItem { id: new_item(), lane: item.lane, place, fields }
}

/// The title with ` (copy)`, shortened where it would be too long.
fn copied_title(title: &Title) -> Title {
    let mut kept: Vec<char> = title.chars().collect();
    loop {
        let text: String = kept.iter().copied().chain(COPY.chars()).collect();
        match Title::parse(&text) {
            Ok(title) => return title,
            Err(_) if kept.pop().is_some() => {}
            Err(_) => return title.clone(),
        }
    }
}

/// An item as Markdown: its title as a link, its fields as a list, its description.
fn markdown(
    roadmap: &Roadmap,
    item: &Item,
    (key, link): (String, String),
    year: FiscalYear,
    person: &dyn Fn(UserId) -> String,
) -> String {
    let mut text = format!("## [{key} {}]({link})\n\n", escaped(&item.fields.title));
    for property in Property::all(roadmap) {
        use Field::{Description, SourceKey, Title};
        if matches!(property, Property::Key | Property::Own(Title | Description | SourceKey)) {
            continue;
        }
        let Some(def) = property.def(roadmap) else { continue };
        let value = property.get(roadmap, item, year).filter(|value| *value != Value::Number(0));
        let Some(value) = value else { continue };
        let words = property.words(&def, &value, year, person);
        // A value of several lines stays within its line of the list.
        let words =
            words.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
        if !words.is_empty() {
            text.push_str(&format!("- **{}:** {words}\n", def.label));
        }
    }
    let description = item.fields.description.trim();
    if !description.is_empty() {
        text.push_str(&format!("\n{description}\n"));
    }
    text
}

/// A text within the brackets of a link.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for char in text.chars() {
        if matches!(char, '[' | ']' | '\\') {
            escaped.push('\\');
        }
        escaped.push(char);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use domain::{Context, ItemChange, ItemFields, LaneId, Timestamp, apply};

    use super::*;

    #[test]
    fn a_copy_has_a_title_of_its_own_that_is_never_too_long() {
        let copied = |title: &str| copied_title(&Title::parse(title).unwrap()).to_string();
        assert_eq!(copied("Sign in"), "Sign in (copy)");
        let long = "x".repeat(200);
        let copy = copied(&long);
        assert!(copy.ends_with("x (copy)") && copy.chars().count() == 200, "{copy}");
    }

    #[test]
    fn an_item_as_markdown_has_its_link_its_fields_and_its_description() {
        let mut roadmap = Roadmap::default();
        let context = Context { actor: UserId::NIL, at: Timestamp(1) };
        let (lane, id) = (LaneId::new(1, [0; 10]), ItemId::new(1, [0; 10]));
        let fields = Box::new(ItemFields::titled(Title::parse("Sign [in]").unwrap()));
        for op in [
            Op::CreateLane { id: lane, name: "Now".parse().unwrap(), place: Place::Last },
            Op::CreateItem { id, lane, place: Place::Last, fields },
            Op::set(id, ItemChange::Schedule { start: None, end: "2027-03-31".parse().ok() }),
            Op::set(id, ItemChange::Owner(Some(UserId::NIL))),
            Op::set(id, ItemChange::Description("With *one* account.\n".parse().unwrap())),
        ] {
            apply(&mut roadmap, &op, &context).unwrap();
        }
        let year = FiscalYear::beginning_in(4).unwrap();
        let head = ("ERP-1".to_owned(), "https://x.example/p/ERP/i/ERP-1".to_owned());
        let item = roadmap.item(id).unwrap();
        let text = markdown(&roadmap, item, head, year, &|_| "Ada".to_owned());
        assert!(
            text.starts_with(
                "## [ERP-1 Sign \\[in\\]](https://x.example/p/ERP/i/ERP-1)\n\n- **Lane:** Now\n"
            ),
            "{text}"
        );
        for line in ["- **Status:** Proposed\n", "- **Owner:** Ada\n", "- **Quarter:** Q4 FY27\n"] {
            assert!(text.contains(line), "{text}");
        }
        assert!(text.ends_with("\n\nWith *one* account.\n"), "{text}");
        assert!(!text.contains("Upvotes"), "{text}");
    }
}
