//! The roadmap as it was: a slider over all that ever happened, and what changed since.

pub(crate) mod api;
pub(crate) mod data;
#[cfg(feature = "ssr")]
pub(crate) mod moment;
#[cfg(feature = "ssr")]
pub(crate) mod plain;

use leptos::{ev::SubmitEvent, html::Input, prelude::*, task::spawn_local};
use leptos_meta::Title;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_params_map, use_query_map},
};

use crate::{
    frame::{ErrorPage, ProductBar},
    pages::past::data::PastPage as Shown,
    ui::{Icon, PlainPart, Toasts},
};

/// Which moment is asked for, and the later one to compare it with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Asked {
    at: Option<String>,
    until: Option<String>,
}

/// `/p/:key/past`; `?at=` and `?until=` say which moments.
#[component]
pub fn PastPage() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let key = Memo::new(move |_| params.read().get("key").unwrap_or_default());
    let asked = Memo::new(move |_| {
        let query = query.read();
        let named = |name| query.get(name).filter(|text| !text.is_empty());
        Asked { at: named("at"), until: named("until") }
    });
    // Later moments of the same roadmap are asked for by the page itself, which stays as it is meanwhile.
    let first = Resource::new_blocking(
        move || key.get(),
        move |key| {
            let Asked { at, until } = asked.get_untracked();
            api::load_past(key, at, until)
        },
    );
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                match first.await {
                    Ok(first) => view! { <Content first asked /> }.into_any(),
                    Err(error) => view! { <ErrorPage error /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Content(first: Shown, asked: Memo<Asked>) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let (product, head) = (first.product.clone(), first.head);
    let key = StoredValue::new(product.key.to_string());
    let path = format!("/p/{}/past", product.key);
    let position = RwSignal::new(first.seq);
    let until = RwSignal::new(first.until);
    let baselines = StoredValue::new(first.baselines.clone());
    let date = RwSignal::new(day(&first));
    let shown = RwSignal::new(first);
    // One question at a time; while it is open only the last wish is remembered.
    let wish = StoredValue::new(None::<Asked>);
    let busy = StoredValue::new(false);
    let ask = move |asked: Asked| {
        wish.set_value(Some(asked));
        if busy.get_value() {
            return;
        }
        busy.set_value(true);
        spawn_local(async move {
            while let Some(Asked { at, until: later }) = wish.try_update_value(Option::take).flatten() {
                // A day that was picked stays in its field, though nothing may have happened on it.
                let picked = at.as_deref().is_some_and(|at| at.contains('-'));
                match api::load_past(key.get_value(), at, later).await {
                    Ok(page) => {
                        // The page may have been left meanwhile.
                        let Some(sliding) = wish.try_with_value(Option::is_some) else { return };
                        if !sliding {
                            position.set(page.seq);
                        }
                        until.set(page.until);
                        if !picked {
                            date.set(day(&page));
                        }
                        shown.set(page);
                    }
                    Err(error) => toasts.error(error.to_string()),
                }
            }
            busy.try_set_value(false);
        });
    };
    Effect::watch(move || asked.get(), move |asked, _, _| ask(asked.clone()), false);

    let navigate = use_navigate();
    let go = move |at: u64, until: Option<u64>| {
        let until = until.map(|until| format!("&until={until}")).unwrap_or_default();
        let options = NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() };
        navigate(&format!("/p/{}/past?at={at}{until}", key.get_value()), options);
    };
    let slide = move |event| {
        let seq = event_target_value(&event).parse().unwrap_or(head);
        position.set(seq);
        ask(Asked { at: Some(seq.to_string()), until: until.get_untracked().map(|it| it.to_string()) });
    };
    let rest = {
        let go = go.clone();
        move |_| go(position.get_untracked(), until.get_untracked())
    };
    let step = |by: i64| {
        let go = go.clone();
        move |_| {
            let seq = position.get_untracked().saturating_add_signed(by).min(head);
            go(seq, until.get_untracked());
        }
    };
    let (back, on) = (step(-1), step(1));
    let day = NodeRef::<Input>::new();
    // The end of the day in the reader's time zone.
    let show_day = {
        let navigate = use_navigate();
        move || {
            let Some(field) = day.get_untracked().filter(|field| field.check_validity()) else { return };
            let at = js_sys::Date::parse(&format!("{}T23:59", field.value()));
            if at.is_finite() {
                date.set(field.value());
                let utc = String::from(js_sys::Date::new(&at.into()).to_iso_string());
                let until = until.get_untracked().map(|until| format!("&until={until}")).unwrap_or_default();
                let minute = utc.get(..16).unwrap_or_default();
                navigate(
                    &format!("/p/{}/past?at={minute}{until}", key.get_value()),
                    NavigateOptions { scroll: false, ..NavigateOptions::default() },
                );
            }
        }
    };
    let submit = {
        let show_day = show_day.clone();
        move |event: SubmitEvent| {
            event.prevent_default();
            show_day();
        }
    };
    let show_baseline = {
        let go = go.clone();
        move |event| {
            if let Ok(at) = event_target_value(&event).parse() {
                go(at, until.get_untracked());
            }
        }
    };
    let named = move || {
        let all = baselines.get_value();
        let option = |(seq, name): (u64, String)| {
            view! {
                <option value=seq.to_string() selected=move || position.get() == seq>
                    {name}
                </option>
            }
        };
        (!all.is_empty()).then(|| {
            view! {
                <label class="field needs-life">
                    <span class="field__label">"Baseline"</span>
                    <select on:change=show_baseline>
                        <option value="">"None"</option>
                        {all.into_iter().map(option).collect_view()}
                    </select>
                </label>
            }
        })
    };
    let compare = move |event| go(position.get_untracked(), event_target_value(&event).parse().ok());
    let others = move || {
        let chosen = until.get();
        let named = baselines.get_value();
        let other = chosen.filter(|seq| !named.iter().any(|(named, _)| named == seq));
        let other = other.map(|seq| (seq, format!("Change {seq} of {head}")));
        let option = |(seq, name): (u64, String)| {
            view! {
                <option value=seq.to_string() selected=chosen == Some(seq)>
                    {name}
                </option>
            }
        };
        named.into_iter().chain(other).map(option).collect_view()
    };
    view! {
        <Title text=format!("Past of {}", product.name) />
        <ProductBar product view="past" />
        <div class="past">
            <h1 class="past__title">"Past"</h1>
            <form class="past__tools" method="get" action=path on:submit=submit>
                <div class="past__where">
                    <button
                        type="button"
                        class="icon-button"
                        aria-label="One change back"
                        disabled=move || position.get() == 0
                        on:click=back
                    >
                        <Icon name="back" />
                    </button>
                    <input
                        class="past__slider"
                        type="range"
                        min="0"
                        max=head.to_string()
                        value=position.get_untracked().to_string()
                        prop:value=move || position.get().to_string()
                        aria-label="Moment"
                        aria-valuetext=move || format!("Change {} of {head}", position.get())
                        on:input=slide
                        on:change=rest
                    />
                    <button
                        type="button"
                        class="icon-button past__on"
                        aria-label="One change on"
                        disabled=move || { position.get() >= head }
                        on:click=on
                    >
                        <Icon name="back" />
                    </button>
                    <p class="past__words" aria-live="polite">
                        <strong dir="auto" inner_html=move || shown.read().words.clone()></strong>
                        <span class="quiet">{move || format!("change {} of {head}", position.get())}</span>
                    </p>
                </div>
                <label class="field past__date">
                    <span class="field__label">"Day" <span class="no-life">" (UTC)"</span></span>
                    <input
                        type="date"
                        name="at"
                        required
                        min="1990-01-01"
                        max="2199-12-31"
                        value=date.get_untracked()
                        prop:value=date
                        node_ref=day
                        on:change=move |_| show_day()
                    />
                </label>
                {named()}
                <label class="field">
                    <span class="field__label">"Compare with"</span>
                    <select name="until" on:change=compare>
                        <option value="" selected=move || until.get().is_none()>
                            "Now"
                        </option>
                        {others}
                    </select>
                </label>
                <button class="button no-life" type="submit">
                    "Show"
                </button>
            </form>
            <PlainPart html=Signal::derive(move || shown.read().html.clone()) />
        </div>
    }
}

/// The day that is shown, as date fields have it.
fn day(page: &Shown) -> String {
    page.day.map(|day| day.to_string()).unwrap_or_default()
}
