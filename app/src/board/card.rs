//! A card: what people see of an item on the board.

use domain::{Date, ItemFields, ItemId};
use leptos::prelude::*;

use super::{Board, focus::card_id, menu};
use crate::{
    lazy,
    live::CardView,
    ui::{Avatar, Icon, MONTHS},
};

#[component]
pub(super) fn Card(
    id: ItemId,
    /// Whether `Tab` reaches it when nobody has focused a card of its lane yet.
    first: bool,
) -> impl IntoView {
    let board = expect_context::<Board>();
    let card = board.room.card(id)?;
    let can_edit = board.room.can_edit();
    // Not followed here: a thousand cards would ask each time whether it is them; see `mark`.
    let is_open = move || board.open.get_untracked() == Some(id);
    let class = {
        let card = card.clone();
        move || {
            let investment = card.read().fields().investment.map_or("none", |kind| kind.as_str());
            let selected = if board.selected.read_untracked().contains(&id) { " card--selected" } else { "" };
            let open = if is_open() { " card--open" } else { "" };
            format!("card card--{investment}{selected}{open}")
        }
    };
    let number = card.read_untracked().number();
    let key = format!("{}-{number}", board.room.product.read_untracked().key);
    let open_menu = move |event: web_sys::MouseEvent| board.open_menu(menu::Subject::Item(id), &event);
    let title = {
        let card = card.clone();
        move || card.read().fields().title.to_string()
    };
    Some(view! {
        <li class=class id=card_id(id) data-item=id.to_string()>
            <a
                class="card__link"
                href=board.item_path(number)
                tabindex=if first { "0" } else { "-1" }
                draggable="false"
                aria-current=is_open().then_some("true")
            >
                {title}
            </a>
            {move || view! { <Badges id view=card.get() key=key.clone() /> }}
            {can_edit
                .then(|| {
                    view! {
                        <button
                            type="button"
                            class="icon-button card__menu"
                            aria-label="Actions"
                            aria-haspopup="menu"
                            tabindex="-1"
                            on:click=open_menu
                        >
                            <Icon name="more" />
                        </button>
                    }
                })}
        </li>
    })
}

/// The line of quiet badges, always in the same order: votes, comments, effort, dates, owner.
#[component]
fn Badges(id: ItemId, view: CardView, key: String) -> impl IntoView {
    let board = expect_context::<Board>();
    let CardView { votes, voted, comments, .. } = view;
    let fields = view.fields();
    let owner = fields.owner.map(|owner| {
        view! { <Avatar name=board.room.person(owner) colour=board.room.colour(owner) /> }
    });
    let investment = fields.investment.map(|investment| {
        view! {
            <span class=format!("badge badge--{}", investment.as_str()) title=investment.label()>
                <Icon name=investment.as_str() />
                <span class="visually-hidden">{investment.label()}</span>
            </span>
        }
    });
    view! {
        <div class="card__badges">
            <span class="card__key">{key}</span>
            {investment}
            <VoteButton item=id votes voted />
            {move || standing(board, id)}
            {(comments > 0)
                .then(|| {
                    view! {
                        <span class="badge" title="Comments">
                            <Icon name="comment" />
                            {comments}
                            <span class="visually-hidden">" comments"</span>
                        </span>
                    }
                })}
            {fields
                .effort
                .map(|effort| {
                    view! {
                        <span class="badge" title="Effort in person-days">
                            {effort.to_string()} " d"
                        </span>
                    }
                })} {dates(fields)} {owner}
        </div>
    }
}

/// That a vote is under way on the item, and what it has got so far.
fn standing(board: Board, id: ItemId) -> Option<impl IntoView> {
    let points = board
        .standing
        .with(|standing| standing.iter().find(|(item, _)| *item == id).map(|(_, points)| points.clone()))?;
    Some(view! {
        <span class="badge badge--ballot" title="Up for vote">
            <Icon name="voting" />
            <span class="visually-hidden">"Up for vote "</span>
            {points}
        </span>
    })
}

/// The upvote count; a button for those who may vote.
#[component]
pub(super) fn VoteButton(item: ItemId, votes: u32, voted: bool) -> impl IntoView {
    let board = expect_context::<Board>();
    if !board.room.can_vote() {
        return (votes > 0)
            .then(|| {
                view! {
                    <span class="badge" title="Upvotes">
                        <Icon name="up" />
                        {votes}
                        <span class="visually-hidden">" upvotes"</span>
                    </span>
                }
            })
            .into_any();
    }
    let label =
        if voted { format!("Withdraw upvote, {votes} so far") } else { format!("Upvote, {votes} so far") };
    view! {
        <button
            type="button"
            class="vote"
            aria-pressed=voted.to_string()
            aria-label=label
            tabindex="-1"
            on:click=move |_| leptos::task::spawn_local(lazy::toggle_vote(board, item))
        >
            <Icon name="up" />
            <span class="vote__count">{votes}</span>
        </button>
    }
    .into_any()
}

pub(crate) fn dates(fields: &ItemFields) -> Option<impl IntoView + use<>> {
    let text = match (fields.start, fields.end) {
        (None, None) => return None,
        (Some(start), None) => format!("from {}", day(start)),
        (None, Some(end)) => format!("by {}", day(end)),
        (Some(start), Some(end)) if (start.year(), start.month()) == (end.year(), end.month()) => month(end),
        (Some(start), Some(end)) if start.year() == end.year() => {
            format!("{}–{}", month_name(start), month(end))
        }
        (Some(start), Some(end)) => format!("{}–{}", month(start), month(end)),
    };
    Some(view! {
        <span class="badge badge--dates" title="Dates">
            {text}
        </span>
    })
}

/// `Nov 26`: month and year.
pub(super) fn month(date: Date) -> String {
    format!("{} {:02}", month_name(date), date.year().rem_euclid(100))
}

/// `21 Nov 26`.
pub(super) fn day(date: Date) -> String {
    format!("{} {}", date.day(), month(date))
}

fn month_name(date: Date) -> &'static str {
    MONTHS[usize::from(date.month().unsigned_abs()).saturating_sub(1) % 12]
}
