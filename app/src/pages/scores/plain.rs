//! Scores as HTML.

use std::collections::HashMap;

use backend::{
    Error, Viewer,
    scores::{Said, Scoreboard, ScoredItem},
};
use domain::{
    ItemId, Member, ProductKey, counted,
    score::{Number, Scored},
};
use leptos::prelude::*;

use super::{
    data::{Asked, ScoresPage},
    matrix::Axes,
};
use crate::pages::plain::{html, notice, post};

/// How many items a page lists.
const LISTED: usize = 50;

pub(super) fn address(key: &ProductKey) -> String {
    format!("/p/{key}/scores")
}

/// Of an item that is open.
pub(super) fn item_address(key: &ProductKey, number: u32) -> String {
    format!("/p/{key}/scores?item={key}-{number}#{key}-{number}")
}

pub(super) struct Page {
    pub(super) board: Scoreboard,
    pub(super) scored: Vec<Scored>,
    pub(super) members: Vec<Member>,
    /// What people said about the items that are listed.
    pub(super) said: HashMap<ItemId, Vec<Said>>,
    pub(super) edits: bool,
    pub(super) rates: bool,
    pub(super) open: Option<u32>,
    pub(super) axes: Option<Axes>,
    from: usize,
    applied: Option<u64>,
}

pub(super) async fn page(
    viewer: &Viewer,
    key: &ProductKey,
    asked: &Asked,
    refused: Option<String>,
) -> Result<ScoresPage, Error> {
    let board = viewer.scoreboard(key).await?;
    let product = board.product.clone();
    let number =
        asked.item.as_deref().and_then(|item| item.rsplit_once('-')).and_then(|(_, n)| n.parse().ok());
    let place = number.and_then(|number: u32| board.items.iter().position(|item| item.number == number));
    let wanted = asked.from.as_deref().and_then(|from| from.parse::<usize>().ok());
    let from = wanted.or(place).unwrap_or_default();
    let from = from.min(board.items.len().saturating_sub(1)) / LISTED * LISTED;
    let listed: Vec<ItemId> =
        board.items.iter().skip(from).take(LISTED).map(|item| item.scored.item).collect();
    let may_change = !product.archived;
    let page = Page {
        scored: board.items.iter().map(|item| item.scored.clone()).collect(),
        said: viewer.ratings_of(&board, &listed).await?,
        members: viewer.members().await?,
        edits: may_change && product.role.can_edit(),
        rates: may_change && product.role.can_vote() && board.model.model.has_ratings(),
        open: number,
        axes: Axes::of(asked, &board.model.model.criteria),
        from,
        applied: asked.applied.as_deref().and_then(|seq| seq.parse().ok()),
        board,
    };
    Ok(ScoresPage { product, html: html(page.view(refused)) })
}

impl Page {
    pub(super) fn key(&self) -> &ProductKey {
        &self.board.product.key
    }

    fn view(&self, refused: Option<String>) -> AnyView {
        let count = self.board.items.len();
        let list = if count == 0 {
            let board = format!("/p/{}", self.key());
            view! {
                <div class="empty">
                    <h2>"Nothing to score yet"</h2>
                    <p>"Items that are neither done nor dropped are listed here by their scores."</p>
                    <a class="button button--primary" href=board>"Open the board"</a>
                </div>
            }
            .into_any()
        } else {
            let items = self.board.items.iter().enumerate().skip(self.from).take(LISTED);
            let items: Vec<AnyView> = items.map(|(place, item)| self.item(place, item)).collect();
            view! { <ol class="scores__list" start=(self.from + 1).to_string()>{items}</ol> {self.pages()} }
                .into_any()
        };
        view! {
            <div class="page scores">
                <header class="page__header">
                    <h1>"Scores"</h1>
                    <p class="page__count">{counted(count, "item", "items")}</p>
                    {self.to_matrix()}
                    {self.apply()}
                </header>
                {notice(refused)}
                {self.was_applied()}
                {self.model()}
                {self.hidden()}
                {self.matrix()}
                {list}
            </div>
        }
        .into_any()
    }

    /// By what is scored, and the choice of another.
    fn model(&self) -> AnyView {
        let model = &self.board.model;
        let choose = self.edits.then(|| {
            let options = self.board.models.iter().map(|(key, name)| {
                let is_it = self.board.is_chosen && *key == model.key;
                view! { <option value=key.clone() selected=is_it>{name.clone()}</option> }
            });
            view! {
                <form method="post" action="/api/choose_score_model" class="scores__choose">
                    <input type="hidden" name="key" value=self.key().to_string() />
                    <label for="score-model">"Score by"</label>
                    <select id="score-model" name="model" class="select">
                        <option value="" selected=!self.board.is_chosen>"The workspace’s default"</option>
                        {options.collect_view()}
                    </select>
                    <button class="button" type="submit">"Use model"</button>
                    <a class="button button--quiet" href="/score-models">"Score models"</a>
                </form>
            }
        });
        view! {
            <section class="scores__model" aria-labelledby="score-model-name">
                <div class="scores__formula">
                    <h2 id="score-model-name" dir="auto">{model.name.clone()}</h2>
                    <p class="quiet" dir="auto">{model.model.formula.to_string()}</p>
                </div>
                {choose}
            </section>
        }
        .into_any()
    }

    /// Whether others' ratings are in what is shown.
    fn hidden(&self) -> Option<AnyView> {
        if !self.board.model.hides {
            return None;
        }
        let revealed = self.board.is_revealed;
        let words = if revealed {
            "The ratings were revealed: everyone who sees this product sees them."
        } else {
            "Ratings are hidden. You see your own, and scores from these alone."
        };
        let fields = [("key", self.key().to_string()), ("revealed", (!revealed).to_string())];
        let label = if revealed { "Hide ratings" } else { "Reveal ratings" };
        let button = self.edits.then(|| post("/api/reveal_ratings", &fields, label, ""));
        Some(view! { <div class="notice scores__hidden"><p>{words}</p> {button}</div> }.into_any())
    }

    fn apply(&self) -> Option<AnyView> {
        let has_scores = self.scored.iter().any(|item| item.score.is_ok());
        let fields = [("key", self.key().to_string())];
        (self.edits && self.board.is_revealed && has_scores)
            .then(|| post("/api/apply_score_order", &fields, "Apply this order to the board", ""))
    }

    fn was_applied(&self) -> Option<AnyView> {
        let seq = self.applied.filter(|_| self.edits)?;
        let fields = [("key", self.key().to_string()), ("seq", seq.to_string())];
        Some(
            view! {
                <div class="notice scores__hidden" role="status">
                    <p>"The lanes of the board have this order now."</p>
                    {post("/api/undo_score_order", &fields, "Undo", "")}
                </div>
            }
            .into_any(),
        )
    }

    fn pages(&self) -> Option<AnyView> {
        let count = self.board.items.len();
        let link = |from: usize, label: &'static str| {
            view! { <a class="button" href=format!("{}?from={from}", address(self.key()))>{label}</a> }
        };
        let before = (self.from > 0).then(|| link(self.from.saturating_sub(LISTED), "Higher scores"));
        let after = (self.from + LISTED < count).then(|| link(self.from + LISTED, "Lower scores"));
        (count > LISTED).then(|| {
            view! { <nav class="scores__pages" aria-label="More items">{before} {after}</nav> }.into_any()
        })
    }

    fn item(&self, place: usize, item: &ScoredItem) -> AnyView {
        let name = format!("{}-{}", self.key(), item.number);
        let is_open = self.open == Some(item.number);
        let score = item.scored.score.as_ref().ok();
        let figure = score.map_or_else(|| "–".to_owned(), Number::to_string);
        let bar = score.map(|score| {
            let value = score.permille(self.lowest(), self.highest()).to_string();
            view! { <progress max="1000" value=value aria-hidden="true"></progress> }
        });
        let raters = item.raters.iter().copied().max().unwrap_or_default();
        let raters = self.board.model.model.has_ratings().then(|| {
            let raters = counted(usize::try_from(raters).unwrap_or_default(), "rater", "raters");
            let spread = self.spread(item).map(|spread| format!(" · spread {spread}"));
            view! { <span class="scores__raters">{raters} {spread}</span> }
        });
        view! {
            <li class="scores__item" id=name.clone()>
                <details open=is_open>
                    <summary>
                        <span class="scores__rank">{score.map(|_| place + 1)}</span>
                        <span class="scores__title">
                            <span class="scores__key">{name.clone()}</span>
                            " "
                            <span dir="auto">{item.title.clone()}</span>
                        </span>
                        <span class="scores__bar">{bar}</span>
                        <span class="scores__score">
                            <span class="visually-hidden">"Score "</span>
                            {figure}
                        </span>
                        {self.own(item)}
                        {raters}
                        {score.map(|_| difference(place, item.scored.own))}
                    </summary>
                    {self.why(place, item, &name)}
                </details>
            </li>
        }
        .into_any()
    }

    /// The person's own ratings, in a few characters.
    fn own(&self, item: &ScoredItem) -> Option<AnyView> {
        let criteria = self.board.model.model.criteria.iter().zip(&item.own);
        let rated = criteria.filter(|(criterion, _)| criterion.scale().is_some());
        let own: Vec<String> = rated
            .map(|(_, own)| own.map_or_else(|| "–".to_owned(), |own| Number::hundredths(own).to_string()))
            .collect();
        (self.rates).then(|| view! { <span class="scores__own">"You: " {own.join(" · ")}</span> }.into_any())
    }

    /// The largest among the criteria, where several people have rated.
    fn spread(&self, item: &ScoredItem) -> Option<Number> {
        let ratings = item.scored.inputs.iter().filter_map(|input| input.ratings.as_ref());
        ratings.filter(|ratings| ratings.raters > 1).map(domain::score::Ratings::spread).max()
    }

    fn lowest(&self) -> Number {
        let scores = self.scored.iter().filter_map(|item| item.score.as_ref().ok());
        scores.min().copied().unwrap_or(Number::ZERO).min(Number::ZERO)
    }

    fn highest(&self) -> Number {
        let scores = self.scored.iter().filter_map(|item| item.score.as_ref().ok());
        scores.max().copied().unwrap_or(Number::ONE)
    }
}

/// Where the item is on the board, and how much further up or down its score puts it.
fn difference(place: usize, own: usize) -> AnyView {
    let (sign, words) = match own.cmp(&place) {
        std::cmp::Ordering::Greater => ("↑", format!("{} higher than on the board", own - place)),
        std::cmp::Ordering::Less => ("↓", format!("{} lower than on the board", place - own)),
        std::cmp::Ordering::Equal => ("=", "as on the board".to_owned()),
    };
    let by = own.abs_diff(place);
    let figure = if by == 0 { sign.to_owned() } else { format!("{sign}{by}") };
    let title = format!("{} on the board: {words}", own + 1);
    view! {
        <span class="scores__board" title=title>
            <span aria-hidden="true">{format!("Board {} ", own + 1)} <b>{figure}</b></span>
            <span class="visually-hidden">{words}</span>
        </span>
    }
    .into_any()
}
