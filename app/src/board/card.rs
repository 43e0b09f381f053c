//! A card: what people see of an item on the board.

use domain::{ItemId, Property};
use leptos::prelude::*;

use super::{Board, badges, ids::card_id, state::Subject, vote_button::VoteButton};
use crate::{
    live::CardView,
    ui::{Avatar, Icon, click},
};

#[component]
pub(super) fn Card(
    id: ItemId,
    /// Whether `Tab` reaches it when nobody has focused a card of its lane yet.
    first: bool,
    /// Whether it stands far from what is in sight.
    far: bool,
) -> impl IntoView {
    let board = expect_context::<Board>();
    let card = board.room.card(id)?;
    let can_edit = board.room.can_edit();
    // Not followed here: a thousand cards would ask each time whether it is them; see `mark`.
    let is_open = move || board.open.get_untracked() == Some(id);
    let class = {
        let card = card.clone();
        move || {
            let card = card.read();
            let fields = card.fields();
            let investment = fields.investment.map_or("none", |kind| kind.as_str());
            let status = fields.status.as_str();
            let selected = if board.selected.read_untracked().contains(&id) { " card--selected" } else { "" };
            let open = if is_open() { " card--open" } else { "" };
            format!("card card--{investment} card--{status}{selected}{open}")
        }
    };
    let is_hidden = untrack(|| board.matching(&[id])).is_empty();
    let href = board.panel_href(id);
    let open_menu = move |event: web_sys::MouseEvent| board.open_menu(Subject::Item(id), &event);
    let title = {
        let card = card.clone();
        move || card.read().fields().title.to_string()
    };
    Some(view! {
        <li class=class id=card_id(id) data-item=id.to_string() data-far=far.then_some("") hidden=is_hidden>
            <a
                class="card__link"
                href=href
                tabindex=if first { "0" } else { "-1" }
                draggable="false"
                dir="auto"
                aria-current=is_open().then_some("true")
            >
                {title}
            </a>
            {move || {
                // Another product gives it another key.
                let (view, key) = (card.get(), board.item_key(id).unwrap_or_default());
                view! { <Badges id view chosen=board.badges.get() key /> }
            }}
            {can_edit
                .then(|| {
                    view! {
                        <button
                            type="button"
                            class="icon-button card__menu"
                            aria-label="Actions"
                            aria-haspopup="menu"
                            tabindex="-1"
                            on:click=click(open_menu)
                        >
                            <Icon name="more" />
                        </button>
                    }
                })}
        </li>
    })
}

/// The status beside the title, and the quiet badges, always in the same order: votes, comments, effort; in a line of their own
/// tags, dates, and the owner at its end.
#[component]
fn Badges(id: ItemId, view: CardView, chosen: Vec<Property>, key: String) -> impl IntoView {
    let board = expect_context::<Board>();
    let CardView { votes, voted, comments, .. } = view;
    let fields = view.fields();
    let owner = fields.owner.map(|owner| {
        view! { <Avatar name=board.room.person(owner) colour=board.room.colour(owner) /> }
    });
    if !chosen.is_empty() {
        return view! {
            <div class="card__badges">
                {badges::status(fields)} <span class="card__key">{key}</span>
                {move || standing(board, id)} {badges::chosen(board, id, &chosen)}
            </div>
        }
        .into_any();
    }
    view! {
        <div class="card__badges">
            {badges::status(fields)} <span class="card__key">{key}</span>
            {badges::investment(fields)}
            <VoteButton item=id votes voted />
            {move || standing(board, id)}
            {badges::comments(comments)} {badges::checklist(fields)} {badges::effort(fields)} {badges::last(fields, owner)}
        </div>
    }
    .into_any()
}

/// That a vote is under way on the item and what it has got so far, or what came of the last one.
fn standing(board: Board, id: ItemId) -> Option<impl IntoView> {
    let (is_result, says) = board.standing.with(|all| {
        let first = all.partition_point(|standing| standing.item < id);
        let found = all.get(first).filter(|standing| standing.item == id)?;
        Some((found.is_result, found.says.clone()))
    })?;
    let (class, words) = if is_result {
        ("badge badge--result", "Result of the last vote")
    } else {
        ("badge badge--ballot", "Up for vote")
    };
    Some(view! {
        <span class=class title=words>
            <Icon name="voting" />
            <span class="visually-hidden">{words} " "</span>
            {says}
        </span>
    })
}
