//! What the palette offers: actions of where one is, items, views, products, people and pages.

use std::{ops::Range, sync::Arc};

use domain::{FavouriteKind, ItemId, Product, VIEW};
use leptos::prelude::*;

use crate::{board::Board, pages::people::api::SessionContext, platform};

/// Under which name the browser keeps what was chosen last, and how many that are.
const RECENT: &str = "cairn-palette";
const KEPT: usize = 8;

/// What a line does.
#[derive(Clone)]
pub(super) enum Run {
    /// Goes to a page within the application.
    Go(String),
    Do(Arc<dyn Fn() + Send + Sync>),
}

impl Run {
    pub(super) fn path(&self) -> Option<String> {
        match self {
            Run::Go(path) => Some(path.clone()),
            Run::Do(_) => None,
        }
    }
}

pub(super) struct Line {
    pub(super) title: String,
    /// What is compared with what somebody types.
    pub(super) folded: String,
    pub(super) says: String,
    pub(super) keys: &'static str,
    pub(super) icon: &'static str,
    /// Comes earlier among equals.
    pub(super) first: u32,
    pub(super) run: Run,
}

impl Line {
    fn new(title: impl Into<String>, says: impl Into<String>, icon: &'static str, run: Run) -> Self {
        let (title, says) = (title.into(), says.into());
        let folded = platform::fold(&format!("{title} {says}"));
        Self { title, folded, says, keys: "", icon, first: 0, run }
    }

    fn page(title: &str, icon: &'static str, path: &str) -> Self {
        Self::new(title, "Page", icon, Run::Go(path.to_owned()))
    }
}

/// How many of the items of a roadmap are wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// Those that can be among the lines before anything is typed.
    Shown,
    All,
}

/// Everything, what was chosen last first, and which of the lines are items: few of them.
pub(super) fn lines(context: &SessionContext, board: Option<Board>) -> (Vec<Line>, Range<usize>) {
    let mut lines = board.map(actions).unwrap_or_default();
    let begin = lines.len();
    lines.extend(board.map(|board| items(board, Reach::Shown)).unwrap_or_default());
    let items = begin..lines.len();
    lines.extend(board.map(views).unwrap_or_default());
    let here = board.filter(|board| board.portfolio.is_none());
    let here = here.map(|board| board.room.product.get_untracked());
    if let Some(product) = &here {
        lines.extend(pages_of(product));
    }
    let shown = context.products.iter().filter(|product| !product.archived);
    lines.extend(shown.map(|product| {
        let path = format!("/p/{}", product.key);
        Line::new(product.name.to_string(), format!("Product {}", product.key), "products", Run::Go(path))
    }));
    if context.me.is_some() {
        lines.extend(
            [
                ("Home", "home", "/"),
                ("My work", "check", "/my-work"),
                ("Direction", "direction", "/direction"),
                ("Vision", "direction", "/vision"),
                ("Objectives", "direction", "/objectives"),
                ("Balance", "direction", "/balance"),
                ("Capacity", "people", "/capacity"),
                ("Life cycle", "products", "/lifecycle"),
                ("Solutions", "products", "/solutions"),
                ("Inbox", "inbox", "/inbox"),
                ("Voting", "voting", "/voting"),
                ("People", "people", "/people"),
                ("Teams", "people", "/teams"),
                ("Competitors", "people", "/competitors"),
                ("Templates", "board", "/templates"),
                ("Score models", "check", "/score-models"),
                ("Playbooks of stages", "check", "/playbooks"),
                ("Fields of the workspace", "settings", "/fields"),
                ("Workspace and fiscal year", "settings", "/workspace"),
                ("Segments", "people", "/segments"),
                ("Your account", "settings", "/account"),
            ]
            .map(|(title, icon, path)| Line::page(title, icon, path)),
        );
        let members = context.members.iter().filter(|member| member.active);
        lines.extend(members.map(|member| {
            Line::new(member.name.to_string(), "Person", "people", Run::Go("/people".to_owned()))
        }));
    }
    put_first(&mut lines);
    (lines, items)
}

/// What was chosen last comes first.
fn put_first(lines: &mut [Line]) {
    let recent = recent();
    if recent.is_empty() {
        return;
    }
    for line in lines {
        let at = line.run.path().and_then(|path| recent.iter().position(|other| *other == path));
        if let Some(at) = at {
            line.first += u32::try_from(KEPT.saturating_sub(at)).unwrap_or(0);
        }
    }
}

/// What can be done on the open roadmap, with the keys that do it.
fn actions(board: Board) -> Vec<Line> {
    let action = |title: &str, keys: &'static str, icon: &'static str, run: fn(Board)| {
        let run = Run::Do(Arc::new(move || run(board)));
        Line { keys, first: 1, ..Line::new(title, "Action", icon, run) }
    };
    let mut actions = Vec::new();
    if board.room.can_edit() {
        actions.push(action("New item", "C", "plus", Board::compose));
        if board.portfolio.is_none() {
            actions.push(action("New from template…", "T", "plus", |board| board.offer_templates(None)));
        }
        actions.push(action("Undo", "Ctrl Z", "history", |board| board.room.undo()));
        actions.push(action("Redo", "Ctrl Shift Z", "history", |board| board.room.redo()));
    }
    let meant = board.target_items();
    if let Some(first) = meant.first().copied() {
        let on_items = |title: &str, keys: &'static str, icon: &'static str, run: fn(Board, &[ItemId])| {
            let items = meant.clone();
            let run = Run::Do(Arc::new(move || run(board, &items)));
            Line { keys, first: 1, ..Line::new(title, "Action", icon, run) }
        };
        if board.room.can_edit() {
            let depend = Run::Do(Arc::new(move || board.begin_dependency(first)));
            actions.push(Line {
                keys: "B",
                first: 1,
                ..Line::new("Add dependency", "Action", "link", depend)
            });
            actions.push(on_items("Duplicate", "D", "plus", Board::duplicate));
        }
        let link = Run::Do(Arc::new(move || board.copy_link_to(first)));
        actions.push(Line { keys: "Y", first: 1, ..Line::new("Copy link", "Action", "link", link) });
        actions.push(on_items("Copy as Markdown", "Shift Y", "link", Board::copy_markdown));
        if board.room.can_edit() {
            let save = Run::Do(Arc::new(move || board.save_as_template(first)));
            actions.push(Line { first: 1, ..Line::new("Save as template", "Action", "plus", save) });
        }
        let star = Run::Do(Arc::new(move || board.star_item(first)));
        let words = board.star_words(FavouriteKind::Item, first.0);
        actions.push(Line { keys: "S", first: 1, ..Line::new(words, "Action", "star", star) });
    }
    if board.portfolio.is_none() {
        let product = board.room.product.read_untracked().id.0;
        let words = if untrack(|| board.is_starred(FavouriteKind::Product, product)) {
            "Remove this product from favourites"
        } else {
            "Add this product to favourites"
        };
        actions.push(action(words, "", "star", Board::star_product));
        if board.shown_view().is_some() {
            actions.push(action("Add this view to favourites, or remove it", "", "star", Board::star_view));
        }
    }
    let changed = if board.filter.read_untracked().changed {
        "Show all items"
    } else {
        "Show what changed since my last visit"
    };
    actions.push(action(changed, "", "history", |board| {
        board.filter.update(|filter| filter.changed = !filter.changed);
    }));
    actions.push(action("Filter", "/", "filter", |_| Board::focus_filter()));
    actions.push(action("Clear the filter", "", "filter", |board| board.filter.set(Default::default())));
    actions.push(action("Show the keys", "?", "menu", Board::show_keys));
    actions
}

/// Items of the open roadmap: all, or as many as can be shown before anything is typed.
pub(super) fn items(board: Board, reach: Reach) -> Vec<Line> {
    let item = |roadmap: &domain::Roadmap, item: &Arc<domain::Item>| {
        let key = format!("{}-{}", board.product_key(roadmap, item), item.number);
        let path = untrack(|| board.panel_of(&key));
        Line::new(item.fields.title.to_string(), key, "board", Run::Go(path))
    };
    let number = |path: &String| path.rsplit('-').next()?.parse::<u32>().ok();
    let recent: Vec<u32> = recent().iter().filter_map(number).collect();
    let mut lines: Vec<Line> = board.room.with(|roadmap| {
        let live = roadmap.items().filter(|item| item.deleted.is_none()).enumerate();
        let is_wanted = |(at, one): &(usize, &Arc<domain::Item>)| {
            reach == Reach::All || *at < super::MOST || recent.contains(&one.number)
        };
        live.filter(is_wanted).map(|(_, one)| item(roadmap, one)).collect()
    });
    if reach == Reach::All {
        put_first(&mut lines);
    }
    lines
}

/// Views of the open roadmap.
fn views(board: Board) -> Vec<Line> {
    let views = board.saved_views().into_iter();
    views
        .map(|view| {
            let path = format!("{}/v/{}", board.board_path(), view.id);
            Line::new(VIEW.name_of(&view), "View", "view", Run::Go(path))
        })
        .collect()
}

fn pages_of(product: &Product) -> Vec<Line> {
    [
        ("Board", "board", "/board"),
        ("Timeline", "timeline", "/timeline"),
        ("Table", "table", "/table"),
        ("Voting", "voting", "/voting"),
        ("Overview", "products", "/overview"),
        ("Vision and strategy", "direction", "/vision"),
        ("Scores", "check", "/scores"),
        ("Key figures", "figures", "/figures"),
        ("Money", "money", "/money"),
        ("Outcomes", "check", "/outcomes"),
        ("Reports", "figures", "/reports"),
        ("Retirement plan", "retire", "/retirement"),
        ("History", "history", "/history"),
        ("Past", "past", "/past"),
        ("Bin", "bin", "/bin"),
        ("Import", "import", "/import"),
        ("Settings", "settings", "/settings"),
        ("Fields", "settings", "/fields"),
    ]
    .map(|(title, icon, path)| {
        let run = Run::Go(format!("/p/{}{path}", product.key));
        Line::new(title, product.name.to_string(), icon, run)
    })
    .into()
}

/// The addresses that were chosen last, the latest first.
fn recent() -> Vec<String> {
    platform::kept(RECENT).unwrap_or_default().lines().map(str::to_owned).collect()
}

/// Keeps where somebody went, to offer it first.
pub(super) fn remember(run: &Run) {
    let Some(path) = run.path() else { return };
    let mut all = recent();
    all.retain(|other| *other != path);
    all.insert(0, path);
    all.truncate(KEPT);
    platform::keep(RECENT, &all.join("\n"));
}
