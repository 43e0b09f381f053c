//! The part of the filter that is about products: which ones, of which kinds, in which stages.

use domain::{
    FieldKind, Property,
    filter::{Condition, Test},
};
use leptos::prelude::*;

use super::super::{Board, filter_menu::place};

const MENU: &str = "filter-products";

/// The button with the number of choices, and the choices. The browser opens and closes them.
#[component]
pub(super) fn ProductsFilter() -> impl IntoView {
    let board = expect_context::<Board>();
    let count = Memo::new(move |_| {
        board.filter.with(|filter| filter.of_product().iter().map(|one| one.values.len()).sum::<usize>())
    });
    view! {
        <div class="filter">
            <button
                type="button"
                class="button button--quiet filter__more"
                class:filter__more--on=move || count.get() != 0
                popovertarget=MENU
                on:click=move |event| place(&event, MENU)
            >
                "Products"
                <span class="filter__count" hidden=move || count.get() == 0>
                    {count}
                    <span class="visually-hidden">" chosen"</span>
                </span>
            </button>
            <div class="filter-menu filter-menu--products" id=MENU popover="auto" role="group" aria-label="Products">
                {choices(board, Property::Product, "Product")}
                <div>{choices(board, Property::ProductKind, "Kind")} {choices(board, Property::Stage, "Stage")}</div>
            </div>
        </div>
    }
}

fn choices(board: Board, property: Property, label: &'static str) -> AnyView {
    let property = StoredValue::new(property);
    let all = Memo::new(move |_| {
        board.room.track_drawn(|roadmap| match property.with_value(|one| one.def(roadmap))?.kind.clone() {
            FieldKind::Choice(all) => {
                Some(all.iter().map(|one| (one.key.to_string(), one.label.to_string())).collect::<Vec<_>>())
            }
            _ => None,
        })
    });
    let chosen = Memo::new(move |_| {
        let filter = board.filter.read();
        let of_product = filter.of_product();
        let found =
            of_product.into_iter().find(|one| property.with_value(|property| one.property == *property));
        found.map(|one| one.values.clone()).unwrap_or_default()
    });
    let toggle = move |key: &str| {
        let mut values = chosen.get_untracked();
        match values.iter().position(|other| other == key) {
            Some(at) => drop(values.remove(at)),
            None => values.push(key.to_owned()),
        }
        board.filter.update(|filter| {
            // Where one of several conditions is enough, none of them narrows the products.
            filter.any = false;
            property.with_value(|property| {
                filter.conditions.retain(|one| one.property != *property || one.test != Test::Is);
                if !values.is_empty() {
                    let condition = Condition { property: property.clone(), test: Test::Is, values };
                    filter.conditions.insert(0, condition);
                }
            });
        });
    };
    let choice = move |(key, label): (String, String)| {
        let (own, value) = (key.clone(), key.clone());
        let is_chosen = move || chosen.read().contains(&own);
        let checked = is_chosen.clone();
        view! {
            <label class="filter-menu__choice">
                <input
                    type="checkbox"
                    value=value
                    autocomplete="off"
                    checked=untrack(&checked)
                    prop:checked=is_chosen
                    on:change=move |_| toggle(&key)
                />
                <span dir="auto">{label}</span>
            </label>
        }
    };
    view! {
        <fieldset class="filter-menu__part">
            <legend>{label}</legend>
            {move || all.get().unwrap_or_default().into_iter().map(choice).collect_view()}
        </fieldset>
    }
    .into_any()
}
