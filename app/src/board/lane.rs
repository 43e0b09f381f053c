//! A lane of the board: header, cards, and the row to add one.

use domain::{ItemId, LaneId};
use leptos::prelude::*;

use super::{
    Board,
    add::{AddItem, Naming},
    badges,
    card::Card,
    focus,
    ids::list_id,
    incremental, order,
    state::{List, Subject},
};
use crate::{
    lazy::BoardPart,
    platform,
    ui::{Icon, click, each, flag, text},
};

#[component]
pub(super) fn Lane(id: LaneId) -> impl IntoView {
    let board = expect_context::<Board>();
    let (header, order) = board.room.lane(id)?;
    let can_edit = board.room.can_edit();
    let name = {
        let header = header.clone();
        text(move || header.read().name.to_string())
    };
    let limit = {
        let header = header.clone();
        Memo::new(move |_| header.read().limit.map(|limit| usize::from(limit.get())))
    };
    let sets = move || {
        header.read().status.map(|status| {
            let title = format!("Items put here become {}", status.label());
            badges::mark(status, title)
        })
    };
    let arranged = {
        let order = order.clone();
        Memo::new(move |_| board.arranged(&order.read()))
    };
    let shown = Memo::new(move |_| board.matching(&arranged.read()));
    let cards = Memo::new(move |former: Option<&Vec<ItemId>>| {
        incremental::rendered(former, &arranged.read(), || shown.get(), board.rendered.get())
    });
    let placed = move || incremental::placed(&arranged.read(), &cards.read());
    let at_first = untrack(placed);
    Effect::new(move |former: Option<Vec<ItemId>>| {
        let placed = placed();
        order::arrange(id, former.as_ref().unwrap_or(&at_first), &placed);
        platform::next_frame(move || focus::ensure_reachable(id));
        placed
    });
    let list = List::new(id, arranged, shown);
    board.lists.update(|lists| lists.push(list));
    let is_partial = board.rendered.get_untracked() < arranged.read_untracked().len();
    let rest = is_partial.then(|| {
        let links = incremental::links(board, &shown.read_untracked());
        view! { <li class="lane__rest" id=incremental::rest_id(id) inner_html=links></li> }
    });
    on_cleanup(move || {
        let _ = board.lists.try_update(|lists| lists.retain(|list| list.lane != id));
    });
    let count = {
        let order = order.clone();
        text(move || {
            let (shown, all) = (shown.read().len(), order.read().len());
            match limit.get() {
                Some(limit) => format!("{all} / {limit}"),
                None if shown == all => all.to_string(),
                None => format!("{shown} of {all}"),
            }
        })
    };
    let is_over = {
        let order = order.clone();
        flag(move || limit.get().is_some_and(|limit| order.read().len() > limit))
    };
    let collapsed = Memo::new(move |_| board.look.read().is_collapsed(id));
    let effort = text(move || {
        let sum = board.room.track_drawn(|roadmap| badges::effort_sum(roadmap, roadmap.lane_items(id)));
        sum.unwrap_or_default()
    });
    let first = shown.read_untracked().first().copied();
    let renaming = move || board.renaming.get() == Some(id);
    let heading = format!("lane-name-{id}");
    let labelled_by = heading.clone();
    let empty = move || shown.read().is_empty();
    Some(view! {
        <section
            class="lane"
            class:lane--collapsed=flag(move || collapsed.get())
            data-lane=id.to_string()
            aria-labelledby=labelled_by
        >
            <header class="lane__header" class:lane__header--movable=can_edit>
                <button
                    type="button"
                    class="icon-button lane__fold"
                    aria-label="Show cards"
                    aria-expanded=text(move || (!collapsed.get()).to_string())
                    on:click=click(move |_| board.look.update(|look| look.toggle_collapsed(id)))
                >
                    <Icon name="next" />
                </button>
                <h2 class="lane__name" id=heading class:lane__name--hidden=flag(renaming)>
                    {name}
                </h2>
                <Show when=renaming>
                    {move || BoardPart::NameField(Naming::Lane(id)).view(board)}
                </Show>
                {sets}
                <span class="lane__count" class:lane__count--over=is_over>
                    {count}
                    <span class="visually-hidden">" items"</span>
                </span>
                <span class="lane__effort" title="Sum of effort in person-days">
                    {effort}
                </span>
                {can_edit
                    .then(|| {
                        view! {
                            <button
                                type="button"
                                class="icon-button"
                                aria-label="Lane actions"
                                aria-haspopup="menu"
                                on:click=click(move |event| board.open_menu(Subject::Lane(id), &event))
                            >
                                <Icon name="more" />
                            </button>
                        }
                    })}
            </header>
            <ol class="lane__cards" id=list_id(id) on:scroll=move |_| board.scrolled.set(Some(id))>
                {each(
                    move || cards.read().iter().map(|id| id.0).collect(),
                    move |id| {
                        let id = ItemId(id);
                        view! { <Card id first=Some(id) == first far=list.is_far(id) /> }.into_any()
                    },
                )}
                {rest}
            </ol>
            <Show when=empty>
                <p class="lane__empty">
                    {move || {
                        if board.filter.read().is_empty() { "Nothing here yet" } else { "No card matches the filter" }
                    }}
                </p>
            </Show>
            {can_edit.then(|| view! { <AddItem lane=id /> })}
        </section>
    })
}
