//! The part of the filter that takes several choices: status and type, behind one button.

use domain::{ItemKind, Status, filter::Filter};
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::HtmlElement;

use super::Board;
use crate::{
    platform,
    ui::{click, flag, text},
};

const MENU: &str = "filter-menu";

/// The button with the number of choices, and the choices. The browser opens and closes them.
#[component]
pub(super) fn FilterMenu() -> impl IntoView {
    let board = expect_context::<Board>();
    let count = move || {
        let filter = board.filter.read();
        filter.statuses.len() + filter.kinds.len()
    };
    let is_any = move || count() != 0;
    let statuses = Status::ALL.iter().map(|status| {
        let (status, label) = (*status, status.label());
        check(
            board,
            "status",
            status.as_str(),
            label,
            status,
            |filter| &filter.statuses,
            |filter| &mut filter.statuses,
        )
    });
    let kinds = ItemKind::ALL.iter().map(|kind| {
        let (kind, label) = (*kind, kind.label());
        check(board, "type", kind.as_str(), label, kind, |filter| &filter.kinds, |filter| &mut filter.kinds)
    });
    view! {
        <button
            type="button"
            class="button button--quiet filter__more"
            class:filter__more--on=flag(is_any)
            popovertarget=MENU
            on:click=click(|event| place(&event, MENU))
        >
            "Status, type"
            <span class="filter__count" hidden=flag(move || !is_any())>
                {text(move || count().to_string())}
                <span class="visually-hidden">" chosen"</span>
            </span>
        </button>
        <div class="filter-menu" id=MENU popover="auto" role="group" aria-label="Status and type">
            <fieldset class="filter-menu__part">
                <legend>"Status"</legend>
                {statuses.collect_view()}
            </fieldset>
            <fieldset class="filter-menu__part">
                <legend>"Type"</legend>
                {kinds.collect_view()}
            </fieldset>
        </div>
    }
}

fn check<T: Copy + PartialEq + Send + Sync + 'static>(
    board: Board,
    name: &'static str,
    value: &'static str,
    label: &'static str,
    choice: T,
    chosen: fn(&Filter) -> &Vec<T>,
    chosen_mut: fn(&mut Filter) -> &mut Vec<T>,
) -> AnyView {
    let is_chosen = flag(move || chosen(&board.filter.read()).contains(&choice));
    let toggle = Callback::new(move |()| {
        board.filter.update(|filter| {
            let list = chosen_mut(filter);
            if list.contains(&choice) {
                list.retain(|other| *other != choice);
            } else {
                list.push(choice);
            }
        });
    });
    check_box([name, value, label], is_chosen, toggle)
}

fn check_box(
    [name, value, label]: [&'static str; 3],
    is_chosen: ArcSignal<bool>,
    toggle: Callback<()>,
) -> AnyView {
    view! {
        <label class="filter-menu__choice">
            <input
                type="checkbox"
                name=name
                value=value
                autocomplete="off"
                checked=is_chosen.get_untracked()
                prop:checked=is_chosen
                on:change=move |_| toggle.run(())
            />
            {label}
        </label>
    }
    .into_any()
}

/// Puts a menu below its button, but inside the window.
pub(super) fn place(event: &web_sys::MouseEvent, menu: &str) {
    let button = event.current_target().and_then(|target| target.dyn_into::<HtmlElement>().ok());
    let menu = platform::element(menu).and_then(|menu| menu.dyn_into::<HtmlElement>().ok());
    let (Some(button), Some(menu)) = (button, menu) else { return };
    let below = button.get_bounding_client_rect();
    let style = menu.style();
    let _ = style.set_property(
        "left",
        &format!("max(8px, min({}px, 100vw - var(--menu, 300px) - 8px))", below.left()),
    );
    let _ = style.set_property("top", &format!("{}px", below.bottom() + 4.0));
}
