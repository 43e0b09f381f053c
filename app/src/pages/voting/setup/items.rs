//! What is voted on: items of one or several products, found by words, ticked one by one or all at once.

use domain::Product;
use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::JsCast as _;
use web_sys::{HtmlFormElement, HtmlInputElement};

use super::{Setup, fields};
use crate::{
    api::FieldKey,
    pages::voting::api::setup::{DraftForm, SetupItem, voting_items},
    platform,
    ui::Toasts,
};

/// The name of the check boxes.
const NAME: &str = "draft[items][]";

pub(super) fn section(
    setup: Setup,
    form: &DraftForm,
    products: Vec<Product>,
    open: bool,
) -> impl IntoView + use<> {
    let toasts = expect_context::<Toasts>();
    let filter = RwSignal::new(String::new());
    let (chosen, costs) = (StoredValue::new(form.items.clone()), StoredValue::new(form.costs.clone()));
    let shown = move |item: &SetupItem| {
        let words = filter.read();
        if words.trim().is_empty() {
            return true;
        }
        let words = platform::fold(&words);
        let text = platform::fold(&format!("{} {} {}", item.key, item.title, item.lane));
        words.split_whitespace().all(|word| text.contains(word))
    };
    let row = move |item: SetupItem| {
        let checked = chosen.with_value(|chosen| chosen.contains(&item.key));
        let cost = costs.with_value(|costs| costs.get(&FieldKey(item.key.clone())).cloned());
        let cost = cost.unwrap_or_else(|| item.cost.to_string());
        let (key, title, lane, votes) =
            (item.key.clone(), item.title.to_string(), item.lane.clone(), item.votes);
        view! {
            <li class="pick" hidden=move || !shown(&item)>
                <label class="pick__item">
                    <input type="checkbox" name=NAME value=key.clone() checked=checked />
                    <span class="pick__key">{key.clone()}</span>
                    <span class="pick__title">{title.clone()}</span>
                    <span class="pick__lane" dir="auto">
                        {lane}
                    </span>
                    <span class="pick__votes">{(votes > 0).then(|| format!("↑ {votes}"))}</span>
                </label>
                <input
                    class="pick__cost"
                    type="number"
                    min="1"
                    step="1"
                    name=format!("draft[costs][{}]", FieldKey(&key))
                    value=cost
                    aria-label=format!("Price of {title}")
                />
            </li>
        }
    };
    let product_button = move |product: Product| {
        let key = product.key.to_string();
        let there = {
            let key = key.clone();
            move || {
                let items = setup.items.read();
                items.iter().any(|item| item.key.rsplit_once('-').is_some_and(|(own, _)| own == key))
            }
        };
        let href = format!("/voting/new?product={key}");
        let add = {
            let there = there.clone();
            move |_| {
                let key = key.clone();
                if there() {
                    return;
                }
                spawn_local(async move {
                    match voting_items(key).await {
                        Ok(more) if more.is_empty() => toasts.info("There is nothing on this board yet."),
                        Ok(more) => {
                            setup.items.update(|items| items.extend(more));
                            platform::next_frame(move || setup.read());
                        }
                        Err(error) => toasts.error(error.to_string()),
                    }
                });
            }
        };
        let name = product.name.to_string();
        view! {
            <li>
                <button
                    type="button"
                    class="chip needs-life"
                    dir="auto"
                    aria-pressed=move || there().to_string()
                    on:click=add
                >
                    {name.clone()}
                </button>
                <a class="chip no-life" href=href dir="auto">
                    {name}
                </a>
            </li>
        }
    };
    // `Enter` in the search would send the form it stands in.
    let stay = |event: web_sys::KeyboardEvent| {
        if event.key() == "Enter" {
            event.prevent_default();
        }
    };
    let all = move |checked: bool| {
        if let Some(form) = fields::form() {
            let filtered = move |item: &HtmlInputElement| item.closest("[hidden]").ok().flatten().is_some();
            pick(&form, |_, input| if filtered(input) { input.checked() } else { checked });
            setup.read();
        }
    };
    let count = move || match setup.form.read().items.len() {
        0 => "None chosen".to_owned(),
        count => format!("{count} chosen"),
    };
    view! {
        <section class="panel stack" aria-labelledby="step-what" inert=open>
            <h2 id="step-what">"1. What"</h2>
            <div class="field">
                <span class="field__label">"Products"</span>
                <ul class="chips" aria-label="Products">
                    {products.into_iter().map(product_button).collect_view()}
                </ul>
            </div>
            <Show when=move || !setup.items.read().is_empty()>
                <div class="row needs-life setup__filter">
                    <label class="visually-hidden" for="setup-filter">
                        "Find items"
                    </label>
                    <input
                        id="setup-filter"
                        type="search"
                        dir="auto"
                        placeholder="Find by words, key or lane"
                        prop:value=filter
                        on:input=move |event| filter.set(event_target_value(&event))
                        on:keydown=stay
                    />
                    <button type="button" class="button button--quiet" on:click=move |_| all(true)>
                        "Choose all shown"
                    </button>
                    <button type="button" class="button button--quiet" on:click=move |_| all(false)>
                        "Clear"
                    </button>
                    <span class="setup__count" role="status">
                        {count}
                    </span>
                </div>
                <ol class="picks" aria-label="Items" tabindex="0">
                    <For each=move || setup.items.get() key=|item| item.key.clone() children=row />
                </ol>
            </Show>
        </section>
    }
}

/// Ticks exactly the items for which `wanted` says so.
pub(super) fn pick(form: &HtmlFormElement, wanted: impl Fn(&str, &HtmlInputElement) -> bool) {
    let Ok(boxes) = form.query_selector_all(&format!("[name='{NAME}']")) else { return };
    for index in 0..boxes.length() {
        let input = boxes.get(index).and_then(|node| node.dyn_into::<HtmlInputElement>().ok());
        if let Some(input) = input {
            input.set_checked(wanted(&input.value(), &input));
        }
    }
}
