//! The first page below its heading: what waits for somebody, their favourites, and how it stands with each product.

use backend::{Error, LastChange, ProductState, Viewer, now};
use domain::{BUILT_IN_TEMPLATES, Change, Investment, Member, PersonDays, Product, TEMPLATE, counted};
use leptos::prelude::*;

use super::{data::FirstPage, favourites};
use crate::{
    pages::{
        my_work::plain::{ASKED, Work, own_line},
        plain::html,
    },
    ui::{Avatar, history::fact, time},
};

/// How many of each kind of thing that waits are listed.
const WAITING: usize = 5;

/// The most products that are listed at first.
const PRODUCTS: usize = 60;

/// See [`home`](super::api::home).
pub(crate) async fn home(viewer: &Viewer, all: bool) -> Result<FirstPage, Error> {
    let products = viewer.products().await?;
    let starred = viewer.favourites(&products).await?;
    let is_empty = products.is_empty();
    let (archived, current): (Vec<_>, Vec<_>) = products.into_iter().partition(|product| product.archived);
    let work = Work::of(viewer, &current).await?;
    let members = viewer.members().await?;
    let waiting = waiting(&work, &current, &members);
    let count = current.len();
    let shown = if all { count } else { count.min(PRODUCTS) };
    let mut current = current;
    current.truncate(shown);
    let states = viewer.product_states(current).await?;
    let more = (shown < count).then(|| {
        view! {
            <p class="home__more">
                <a class="button" href="/?all=true">
                    {format!("Show all {count} products")}
                </a>
            </p>
        }
    });
    let page = view! {
        <div class="home__top">{waiting} {favourites::section(&starred)}</div>
        <section class="home__part" aria-labelledby="products-title">
            <h2 id="products-title">
                "Products " <span class="news__count">{count}</span>
            </h2>
            <ul class="states">{states.iter().map(|state| row(state, &members)).collect_view()}</ul>
            {more}
        </section>
        {(!archived.is_empty()).then(|| archive(&archived))}
    };
    let templates = templates(viewer).await?;
    Ok(FirstPage { is_empty, templates, html: html(page) })
}

/// What a new product can begin with.
async fn templates(viewer: &Viewer) -> Result<Vec<(String, String)>, Error> {
    if !viewer.role().can_edit() {
        return Ok(Vec::new());
    }
    let built_in = BUILT_IN_TEMPLATES.iter().map(|one| (one.key.to_owned(), one.name.to_owned()));
    let saved = viewer.records(&TEMPLATE).await?;
    let saved = saved.iter().map(|record| (record.id.to_string(), TEMPLATE.name_of(record)));
    Ok(built_in.chain(saved).collect())
}

/// The first few of what *My work* has in full, those votes aside that the page shows above.
fn waiting(work: &Work, products: &[Product], members: &[Member]) -> AnyView {
    let heading = view! { <h3 id=ASKED>"Waiting for your answer"</h3> }.into_any();
    let asked = work.asked(heading, members, WAITING);
    let today = now().utc().date;
    let due = work.by_date();
    let lines: Vec<_> = due.iter().take(WAITING).filter_map(|item| own_line(item, products, today)).collect();
    let own = (!lines.is_empty()).then(|| {
        view! {
            <section class="news__part" aria-labelledby="own-items">
                <h3 id="own-items">"My items " <span class="news__count">{work.own.len()}</span></h3>
                <ul>{lines}</ul>
            </section>
        }
    });
    let unread = work.inbox.iter().filter(|item| item.is_unread()).count();
    let unread = (unread > 0).then(|| {
        let news = counted(unread, "item has news", "items have news");
        view! {
            <p class="home__unread">
                <a href="/inbox">{format!("{news} in your inbox")}</a>
            </p>
        }
    });
    let is_idle = work.votes.is_empty() && asked.is_none() && own.is_none() && unread.is_none();
    let idle = is_idle.then(|| {
        view! { <p class="quiet">"Nothing at the moment. Votes, mentions and items you own come here."</p> }
    });
    view! {
        <section class="home__part" aria-labelledby="waiting-title">
            <header class="home__heading">
                <h2 id="waiting-title">"My work"</h2>
                <a href="/my-work">"Show all"</a>
            </header>
            {asked}
            {own}
            {unread}
            {idle}
        </section>
    }
    .into_any()
}

/// How it stands with a product: all of the row leads to its roadmap.
fn row(state: &ProductState, members: &[Member]) -> impl IntoView + use<> {
    let ProductState { product, items, open_votes, last, .. } = state;
    let key = &product.key;
    let votes = (*open_votes > 0).then(|| {
        view! {
            <a class="states__votes" href=format!("/p/{key}/voting")>
                {counted(*open_votes as usize, "open vote", "open votes")}
            </a>
        }
    });
    view! {
        <li class="states__row">
            <div class="states__what">
                <span
                    class=format!("dot dot--{}", product.stage.as_str())
                    title=product.stage.label()
                ></span>
                <a href=format!("/p/{key}") class="states__name" dir="auto">
                    {product.name.to_string()}
                </a>
                <span class="states__key">{key.to_string()}</span>
                <p class="states__purpose" dir="auto">
                    {product.purpose.to_string()}
                </p>
            </div>
            <div class="states__facts">
                <span class="states__items">{counted(*items as usize, "item", "items")}</span>
                {votes}
            </div>
            <div class="states__balance">{balance(state)}</div>
            <div class="states__last">{last.as_ref().map(|last| last_change(last, members))}</div>
        </li>
    }
}

/// What the effort of a product goes into, as a bar; nothing where nothing is planned.
fn balance(state: &ProductState) -> Option<AnyView> {
    let total: u64 = state.balance.iter().sum();
    if total == 0 {
        return None;
    }
    let mut from = 0;
    let mut words = Vec::new();
    let mut bars = Vec::new();
    for (kind, sum) in Investment::ALL.iter().zip(state.balance).filter(|(_, sum)| *sum > 0) {
        let share = |part: u64| part as f64 * 100.0 / total as f64;
        let (x, width) = (share(from), share(sum));
        from += sum;
        let amount = if state.is_effort {
            let tenths = u32::try_from(sum).unwrap_or(u32::MAX);
            PersonDays::from_tenths(tenths).map_or_else(String::new, |days| format!(" ({days} d)"))
        } else {
            format!(" ({})", counted(usize::try_from(sum).unwrap_or(usize::MAX), "item", "items"))
        };
        words.push(format!("{} {width:.0} %{amount}", kind.label()));
        bars.push(view! {
            <rect
                class=format!("balance__share balance__share--{}", kind.as_str())
                x=format!("{x:.2}%")
                y="0"
                width=format!("{width:.2}%")
                height="100%"
            ></rect>
        });
    }
    let by = if state.is_effort { "Effort" } else { "Items" };
    let words = format!("{by} by investment: {}", words.join(", "));
    let label = words.clone();
    Some(
        view! {
            <svg class="states__bar" role="img" aria-label=label>
                <title>{words}</title>
                {bars}
            </svg>
        }
        .into_any(),
    )
}

/// What happened last, in words.
fn last_change(last: &LastChange, members: &[Member]) -> AnyView {
    let at = time(last.at);
    let Some((actor, change)) = &last.what else {
        return view! { <span class="states__when">"Changed " {at}</span> }.into_any();
    };
    let member = |user| members.iter().find(|member: &&Member| member.id == user);
    let name = |user| member(user).map_or_else(|| "someone".to_owned(), |member| member.name.to_string());
    let (who, colour) = member(*actor)
        .map_or_else(|| ("Someone".to_owned(), 0), |member| (member.name.to_string(), member.colour));
    view! {
        <span aria-hidden="true">
            <Avatar name=who.clone() colour />
        </span>
        <div class="states__did">
            <strong dir="auto">{who}</strong>
            " "
            {fact(change.sentence(name), Change::item_title(change), None)}
        </div>
        <span class="states__when">{at}</span>
    }
    .into_any()
}

fn archive(list: &[Product]) -> AnyView {
    let rows = list.iter().map(|product| {
        view! {
            <li>
                <a href=format!("/p/{}/settings", product.key) dir="auto">
                    {product.name.to_string()}
                </a>
                " "
                <span class="products__key">{product.key.to_string()}</span>
            </li>
        }
    });
    view! {
        <details class="products__archived">
            <summary>{format!("Archived ({})", list.len())}</summary>
            <ul>{rows.collect_view()}</ul>
        </details>
    }
    .into_any()
}
