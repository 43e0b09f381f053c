//! The quick filter: words, owner, tag, investment, status, type, and lanes by votes.

use std::collections::BTreeSet;

use domain::{
    Investment, Look, Tag, UserId, VIEW,
    filter::{Filter, Owner},
};
use leptos::prelude::*;

use super::{
    Board,
    filter_menu::{FilterMenu, place},
};
use crate::{
    platform,
    ui::{self, Icon, click, flag, text},
};

/// What opens below the buttons; see `conditions`, `display` and `views`.
pub(super) const CONDITIONS: &str = "conditions-menu";
pub(super) const DISPLAY: &str = "display-menu";
pub(super) const VIEWS: &str = "views-menu";

#[component]
pub(super) fn FilterBar() -> impl IntoView {
    let board = expect_context::<Board>();
    let owners = move || {
        board.room.track_drawn(|roadmap| {
            let live = roadmap.items().filter(|item| item.deleted.is_none());
            let mut owners: BTreeSet<UserId> = BTreeSet::new();
            owners.extend(live.filter_map(|item| item.fields.owner));
            // What is asked for stays to be seen, even if nothing is left of it.
            if let Some(Owner::Person(user)) = board.filter.read().owner {
                owners.insert(user);
            }
            let members = board.room.members.read();
            let here = |user: &UserId| members.iter().any(|member| member.id == *user && member.active);
            let name = |user: UserId| {
                let left = if here(&user) { "" } else { " (left)" };
                (user.to_string(), format!("{}{left}", board.room.person(user)))
            };
            owners.into_iter().map(name).collect::<Vec<_>>()
        })
    };
    let tags = move || {
        board.room.track_drawn(|roadmap| {
            let live = roadmap.items().filter(|item| item.deleted.is_none());
            let mut tags: BTreeSet<Tag> = BTreeSet::new();
            tags.extend(live.flat_map(|item| item.fields.tags.iter().cloned()));
            tags.extend(board.filter.read().tag.clone());
            tags.into_iter().map(|tag| (tag.to_string(), tag.to_string())).collect::<Vec<_>>()
        })
    };
    let owners = Memo::new(move |_| {
        let mut owners = domain::sorted(&owners(), |a, b| a.1.cmp(&b.1));
        owners.insert(0, (Owner::Nobody.to_string(), "Nobody".to_owned()));
        owners
    });
    let tags = Memo::new(move |_| tags());
    let investments = Signal::stored(
        Investment::ALL
            .iter()
            .map(|kind| (kind.as_str().to_owned(), kind.label().to_owned()))
            .collect::<Vec<_>>(),
    );
    let set_owner = move |value: String| {
        board.filter.update(|filter| filter.owner = value.parse().ok());
    };
    let set_tag = move |value: String| board.filter.update(|filter| filter.tag = Tag::try_from(value).ok());
    let set_investment =
        move |value: String| board.filter.update(|filter| filter.investment = value.parse().ok());
    let owner =
        Signal::derive(move || board.filter.read().owner.map_or_else(String::new, |owner| owner.to_string()));
    let tag = Signal::derive(move || {
        board.filter.read().tag.as_ref().map_or_else(String::new, ToString::to_string)
    });
    let investment =
        Signal::derive(move || board.filter.read().investment.map_or("", Investment::as_str).to_owned());
    let conditions = move || {
        let filter = board.filter.read();
        filter.conditions.iter().filter(|one| one.is_whole()).count() + usize::from(filter.changed)
    };
    let by_votes = move || board.look.read().sort == Look::by_votes();
    view! {
        <form class="filter" role="search" aria-label="Filter cards" on:submit=|event| event.prevent_default()>
            <label class="filter__text">
                <Icon name="search" />
                <span class="visually-hidden">"Filter by text"</span>
                <input
                    id="filter-text"
                    type="search"
                    dir="auto"
                    placeholder="Filter"
                    autocomplete="off"
                    name="q"
                    maxlength="200"
                    value=board.filter.read_untracked().text.clone()
                    prop:value=text(move || board.filter.read().text.clone())
                    on:input:target=move |event| {
                        // The letter is drawn first. What the field says by then is what counts.
                        let field = event.target();
                        platform::after_frame(move || {
                            let _ = board.filter.try_update(|filter| filter.text = field.value());
                        });
                    }
                />
            </label>
            // Where there is room the choices stand beside the text; elsewhere this opens them.
            <button
                type="button"
                class="button button--quiet filter__fold"
                popovertarget="filter-choices"
            >
                <Icon name="filter" />
                "Filters"
            </button>
            <div class="filter__choices" id="filter-choices" popover="auto">
                <Choice label="Owner" name="owner" all="Owner" options=owners value=owner set=set_owner />
                <Choice label="Tag" name="tag" all="Tag" options=tags value=tag set=set_tag />
                <Choice
                    label="Investment"
                    name="investment"
                    all="Investment"
                    options=investments
                    value=investment
                    set=set_investment
                />
                <FilterMenu />
                <button
                    type="button"
                    class="button button--quiet filter__more needs-life"
                    class:filter__more--on=flag(move || conditions() > 0)
                    popovertarget=CONDITIONS
                    on:click=click(|event| place(&event, CONDITIONS))
                >
                    "Conditions"
                    <span class="filter__count" hidden=flag(move || conditions() == 0)>
                        {text(move || conditions().to_string())}
                    </span>
                </button>
            </div>
            <button
                type="button"
                class="button button--quiet filter__order"
                title="By votes"
                aria-pressed=text(move || by_votes().to_string())
                on:click=click(move |_| {
                    let sort = if by_votes() { Vec::new() } else { Look::by_votes() };
                    board.look.update(|look| look.sort = sort);
                })
            >
                <Icon name="sort" />
                <span class="filter__label">"By votes"</span>
            </button>
            <button
                type="button"
                class="button button--quiet filter__display needs-life"
                title="Display"
                popovertarget=DISPLAY
                on:click=click(|event| place(&event, DISPLAY))
            >
                <Icon name="settings" />
                <span class="filter__label">"Display"</span>
            </button>
            <button
                type="button"
                class="button button--quiet filter__views needs-life"
                title="Views"
                popovertarget=VIEWS
                on:click=click(|event| place(&event, VIEWS))
            >
                <Icon name="view" />
                <span class="visually-hidden">{text(move || if board.view().is_some() { "Views: ".to_owned() } else { String::new() })}</span>
                <span class="filter__view" class:filter__label=flag(move || board.view().is_none()) dir="auto">
                    {text(move || board.view().map_or_else(|| "Views".to_owned(), |view| VIEW.name_of(&view)))}
                </span>
            </button>
            <Show when=move || !board.filter.read().is_empty()>
                <button
                    type="button"
                    class="button button--quiet filter__clear"
                    title="Clear"
                    on:click=click(move |_| board.filter.set(Filter::default()))
                >
                    <Icon name="close" />
                    <span class="filter__label">"Clear"</span>
                </button>
            </Show>
        </form>
    }
}

#[component]
fn Choice(
    label: &'static str,
    name: &'static str,
    all: &'static str,
    #[prop(into)] options: Signal<Vec<(String, String)>>,
    value: Signal<String>,
    #[prop(into)] set: Callback<String>,
) -> impl IntoView {
    view! {
        <select
            class="filter__choice"
            class:filter__choice--on=flag(move || !value.read().is_empty())
            name=name
            aria-label=label
            on:change:target=move |event| set.run(event.target().value())
        >
            <option value="" prop:selected=flag(move || value.read().is_empty())>
                {all}
            </option>
            {ui::options(options, value)}
        </select>
    }
}
