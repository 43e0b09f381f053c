//! The lines of a product's history, drawn by the server.

use backend::{
    Error, Viewer,
    rooms::{HistoryFilter, JoinedLine},
};
use domain::{Change, Field, Member, Product, ProductEvent, Roadmap, Timestamp, counted};
use leptos::prelude::*;

use super::address::{self, Wanted};
use crate::{
    pages::{
        history::data::{Asked, HistoryPage, HistoryPart},
        plain::html,
    },
    ui::{
        HistoryList,
        history::{Line, Link, before_and_after, change, fact},
    },
};

/// How many lines are read at once.
const LINES: u64 = 50;

/// The most changes of one step that are listed: an import has many thousands.
const FACTS: usize = 300;

/// The page of a product's history; see [`product_history`](crate::pages::history::api::product_history).
pub(crate) async fn page(
    viewer: &Viewer,
    product: Product,
    asked: &Asked,
    after: Option<Timestamp>,
) -> Result<HistoryPage, Error> {
    let members = viewer.members().await?;
    let roadmap = viewer.view(product.roadmap).await?.roadmap;
    let Wanted { filter, before, notices } = address::read(asked, &product, &members, &roadmap);
    let found = viewer.product_history(&product, &filter, before, LINES).await?;
    let drawing = Drawing { product: &product, members: &members, roadmap: &roadmap };
    let part = HistoryPart {
        lines: found.lines.len(),
        last: found.lines.last().map(JoinedLine::at),
        is_cut_short: found.more && found.lines.len() < usize::try_from(LINES).unwrap_or(usize::MAX),
        next: found.more.then(|| found.next.to_string()),
        html: drawing.html(found.lines, notices, after, nothing(&filter, found.more)),
    };
    let fields = fields(&roadmap);
    let people = members.iter().map(|member| {
        let left = if member.active { "" } else { " (left)" };
        (member.id.to_string(), format!("{}{left}", member.name))
    });
    Ok(HistoryPage { people: people.collect(), fields, part, product })
}

/// Keys and labels of the fields of items, as people read them.
fn fields(roadmap: &Roadmap) -> Vec<(String, String)> {
    let own = Field::ALL.iter().map(|field| {
        let mut label = field.label().to_owned();
        if let Some(first) = label.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        (field.as_str().to_owned(), label)
    });
    let declared = roadmap.fields().all().map(|field| (field.key.to_string(), field.label.to_string()));
    own.chain(declared).collect()
}

/// What stands where no line does.
fn nothing(filter: &HistoryFilter, more: bool) -> &'static str {
    match (*filter == HistoryFilter::default(), more) {
        (_, true) => "Nothing among the latest changes.",
        (true, false) => "Nothing has happened yet.",
        (false, false) => "No changes match these filters.",
    }
}

struct Drawing<'a> {
    product: &'a Product,
    members: &'a [Member],
    roadmap: &'a Roadmap,
}

impl Drawing<'_> {
    fn html(
        &self,
        lines: Vec<JoinedLine>,
        notices: Vec<String>,
        after: Option<Timestamp>,
        nothing: &'static str,
    ) -> String {
        let notices = notices
            .into_iter()
            .map(|sentence| view! { <p class="notice history-page__notice" role="status">{sentence}</p> })
            .collect_view();
        let lines: Vec<Line> = lines.into_iter().map(|line| self.line(line)).collect();
        let list = if !lines.is_empty() {
            view! { <HistoryList lines members=self.members.to_vec() by_day=true after /> }.into_any()
        } else if after.is_none() {
            view! { <p class="quiet">{nothing}</p> }.into_any()
        } else {
            ().into_any()
        };
        html(view! { {notices} {list} })
    }

    fn line(&self, line: JoinedLine) -> Line {
        match line {
            JoinedLine::Change(line) => Line {
                seq: Some(line.seq),
                at: line.at,
                actor: line.actor,
                otherwise: "Someone",
                what: facts(&line.changes, |it| change(it, self.members, self.item(it))),
                reason: line.reason,
            },
            JoinedLine::Event(line) => Line {
                seq: None,
                at: line.at,
                actor: line.actor,
                otherwise: "Cairn",
                what: facts(&line.events, |event| self.event(event)),
                reason: line.reason,
            },
        }
    }

    /// The panel of the item that a change is about.
    fn item(&self, change: &Change) -> Option<Link> {
        let (key, item) = (&self.product.key, self.roadmap.item(change.item()?)?);
        // What was moved to the bin says so itself.
        let is_in_bin =
            item.deleted.is_some() && item.moved.is_none() && !matches!(change, Change::ItemDeleted { .. });
        Some(Link { href: format!("/p/{key}/i/{key}-{}", item.number), is_in_bin })
    }

    fn event(&self, event: &ProductEvent) -> AnyView {
        let href = match event {
            ProductEvent::BaselineNamed { seq, .. } => Some(format!("/p/{}/past?at={seq}", self.product.key)),
            ProductEvent::Voting { voting: Some(voting), .. } => Some(format!("/voting/{voting}")),
            _ => None,
        };
        let link = href.map(|href| Link { href, is_in_bin: false });
        let told = fact(event.sentence(), event.title(), link);
        let texts = event.long_texts().map(|(before, after)| before_and_after(before, after));
        view! {
            {told}
            {texts}
        }
        .into_any()
    }
}

/// What one step did, fact by fact.
fn facts<T>(all: &[T], draw: impl Fn(&T) -> AnyView) -> Vec<AnyView> {
    let mut drawn: Vec<AnyView> = all.iter().take(FACTS).map(draw).collect();
    if all.len() > FACTS {
        let left = counted(all.len() - FACTS, "change that is", "changes that are");
        drawn.push(view! { <p class="quiet">{format!("{left} not listed")}</p> }.into_any());
    }
    drawn
}
