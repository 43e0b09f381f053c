//! How the roadmap is looked at: columns, groups, order and badges, and the ready-made lenses.

use domain::{Face, Field, Lens, Look, Property, SortBy};
use leptos::prelude::*;

use super::{Board, filter::DISPLAY};

/// How many properties the order can be asked by here.
const SORTS: usize = 2;

#[component]
pub(super) fn DisplayMenu() -> impl IntoView {
    let board = expect_context::<Board>();
    let is_board = move || board.face.get() == Face::Board;
    let usual = if board.portfolio.is_some() { "Quarter" } else { "Lanes" };
    let columns = move || board.look.read().columns.clone();
    let group = move || board.look.read().group.clone();
    let lens = |lens: Lens| {
        let (shown, sort) = lens.look();
        let wanted = (shown.clone(), sort.clone());
        let is_on = move || board.look.with(|look| look.shown == wanted.0 && look.sort == wanted.1);
        let pressed = is_on.clone();
        let toggle = move |_| {
            let (shown, sort) =
                if untrack(&is_on) { Default::default() } else { (shown.clone(), sort.clone()) };
            board.look.update(|look| (look.shown, look.sort) = (shown, sort));
        };
        view! {
            <button
                type="button"
                class="button button--quiet"
                aria-pressed=move || pressed().to_string()
                on:click=toggle
            >
                {lens.label()}
            </button>
        }
    };
    view! {
        <div class="display" id=DISPLAY popover="auto" role="group" aria-label="Display">
            <div class="display__lenses" role="group" aria-label="Lens">
                <span class="display__label">"Lens"</span>
                {Lens::ALL.iter().map(|one| lens(*one)).collect_view()}
            </div>
            <Show when=is_board>
                {choice(board, "Columns", usual, columns, |look, property| look.columns = property)}
            </Show>
            {move || {
                let label = if is_board() { "Swimlanes" } else { "Group by" };
                choice(board, label, "None", group, |look, property| look.group = property)
            }}
            {(0..SORTS).map(|index| sort(board, index)).collect_view()}
            <Show when=move || is_board()>
                <fieldset class="display__badges">
                    <legend>"On cards"</legend>
                    {move || badges(board)}
                </fieldset>
            </Show>
            <button
                type="button"
                class="button button--quiet"
                on:click=move |_| {
                    let zoom = board.look.read_untracked().zoom;
                    board.look.set(Look { zoom, ..Look::default() });
                }
            >
                "Reset display"
            </button>
        </div>
    }
}

/// Properties that make groups, and what they are called.
fn grouping(board: Board) -> Vec<(Property, String)> {
    board.room.track_drawn(|roadmap| {
        let all = Property::all(roadmap).into_iter().filter(|property| property.groups(roadmap));
        all.filter_map(|property| {
            let label = property.def(roadmap)?.label.to_string();
            Some((property, label))
        })
        .collect()
    })
}

fn choice(
    board: Board,
    label: &'static str,
    none: &'static str,
    now: impl Fn() -> Option<Property> + Copy + Send + Sync + 'static,
    set: fn(&mut Look, Option<Property>),
) -> AnyView {
    let options = move || {
        let now = now();
        let option = |(property, label): (Property, String)| {
            let is_chosen = now.as_ref() == Some(&property);
            view! {
                <option value=property.as_str().to_owned() prop:selected=is_chosen>
                    {label}
                </option>
            }
        };
        // What is shown unless something is chosen is there already.
        grouping(board).into_iter().filter(|(_, label)| label != none).map(option).collect_view()
    };
    let change = move |event: web_sys::Event| {
        let property = Property::named(&event_target_value(&event));
        board.look.update(|look| set(look, property));
    };
    view! {
        <label class="display__choice">
            <span class="display__label">{label}</span>
            <select autocomplete="off" on:change=change>
                <option value="" prop:selected=move || now().is_none()>
                    {none}
                </option>
                {options}
            </select>
        </label>
    }
    .into_any()
}

/// One of the properties that the order is asked by, and its direction.
fn sort(board: Board, index: usize) -> AnyView {
    let now = move || board.look.read().sort.get(index).cloned();
    let options = move || {
        let now = now().map(|sort| sort.property);
        board.room.track_drawn(|roadmap| {
            let named = |property: Property| Some((property.def(roadmap)?.label.to_string(), property));
            let all = Property::all(roadmap).into_iter().filter_map(named);
            all.map(|(label, property)| {
                let is_chosen = now.as_ref() == Some(&property);
                view! {
                    <option value=property.as_str().to_owned() prop:selected=is_chosen>
                        {label}
                    </option>
                }
            })
            .collect_view()
        })
    };
    let change = move |event: web_sys::Event| {
        let property = Property::named(&event_target_value(&event));
        board.look.update(|look| match property {
            Some(property) if index < look.sort.len() => look.sort[index].property = property,
            Some(property) => look.sort.push(SortBy { property, descending: false }),
            None => look.sort.truncate(index),
        });
    };
    let turn = move |_| {
        board.look.update(|look| {
            if let Some(sort) = look.sort.get_mut(index) {
                sort.descending = !sort.descending;
            }
        });
    };
    let is_shown = move || index <= board.look.read().sort.len();
    view! {
        <div class="display__choice" hidden=move || !is_shown()>
            <label class="display__choice">
                <span class="display__label">{if index == 0 { "Sort by" } else { "Then by" }}</span>
                <select autocomplete="off" on:change=change>
                    <option value="" prop:selected=move || now().is_none()>
                        {if index == 0 { "Board order" } else { "Nothing" }}
                    </option>
                    {options}
                </select>
            </label>
            <Show when=move || now().is_some()>
                <button type="button" class="button button--quiet" on:click=turn>
                    {move || {
                        if now().is_some_and(|sort| sort.descending) { "Descending" } else { "Ascending" }
                    }}
                </button>
            </Show>
        </div>
    }
    .into_any()
}

/// What cards can show beside title and status.
fn badges(board: Board) -> AnyView {
    let is_offered = |property: &Property| {
        !matches!(
            property,
            Property::Key
                | Property::Own(Field::Title | Field::Status | Field::Description | Field::SourceKey)
        )
    };
    let all = board.room.track_drawn(|roadmap| {
        let all = Property::all(roadmap).into_iter().filter(is_offered);
        all.filter_map(|property| {
            let label = property.def(roadmap)?.label.to_string();
            Some((property, label))
        })
        .collect::<Vec<_>>()
    });
    all.into_iter()
        .map(|(property, label)| {
            let this = property.clone();
            let is_on = move || board.look.read().shown.contains(&this);
            let toggle = move |_| {
                board.look.update(|look| match look.shown.iter().position(|other| *other == property) {
                    Some(index) => drop(look.shown.remove(index)),
                    None => look.shown.push(property.clone()),
                });
            };
            view! {
                <label class="filter-menu__choice">
                    <input type="checkbox" autocomplete="off" prop:checked=is_on on:change=toggle />
                    {label}
                </label>
            }
        })
        .collect_view()
        .into_any()
}
