//! The first page below its heading: what somebody has to do, what changed last, and every product.

use std::collections::HashMap;

use backend::{
    Error, Viewer,
    rooms::{OwnItem, RecentLine},
};
use domain::{Change, Member, Product, ProductSummary, RoadmapId, Timestamp, counted};
use leptos::prelude::*;

use crate::{
    board::badges,
    pages::plain::html,
    pages::products::data::Portfolio,
    ui::{
        Avatar,
        history::{Link, fact},
        time,
    },
};

/// How many changes, and items of the reader's own, are listed.
const LINES: usize = 5;

/// See [`products`](crate::pages::products::api::products).
pub(crate) async fn portfolio(viewer: &Viewer) -> Result<Portfolio, Error> {
    let summaries = viewer.product_summaries().await?;
    let is_empty = summaries.is_empty();
    let (archived, current): (Vec<_>, Vec<_>) =
        summaries.into_iter().partition(|summary| summary.product.archived);
    let products: Vec<Product> = current.iter().map(|summary| summary.product.clone()).collect();
    let recent = viewer.recent(&products, LINES).await?;
    let items = viewer.own_items(&products).await?;
    let members = viewer.members().await?;
    let news = News { products: &products, members: &members };
    let (own, changes) = (news.own(&items), news.changes(recent.lines));
    let both =
        (own.is_some() || changes.is_some()).then(|| view! { <div class="news">{own} {changes}</div> });
    let page = view! {
        {both}
        {table(&current, &recent.updated)}
        {(!archived.is_empty()).then(|| archive(&archived))}
    };
    Ok(Portfolio { count: current.len(), is_empty, html: html(page) })
}

/// What is new on the roadmaps of products.
struct News<'a> {
    products: &'a [Product],
    members: &'a [Member],
}

impl News<'_> {
    fn product(&self, roadmap: RoadmapId) -> Option<&Product> {
        self.products.iter().find(|product| product.roadmap == roadmap)
    }

    fn own(&self, items: &[OwnItem]) -> Option<AnyView> {
        let count = (items.len() > LINES).then(|| view! { <span class="news__count">{items.len()}</span> });
        let lines: Vec<_> =
            items.iter().take(LINES).filter_map(|item| own_line(item, self.products)).collect();
        (!lines.is_empty()).then(|| {
            view! {
                <section class="news__part" aria-labelledby="own-items">
                    <h2 id="own-items">"My items " {count}</h2>
                    <ul>{lines}</ul>
                </section>
            }
            .into_any()
        })
    }

    fn changes(&self, lines: Vec<RecentLine>) -> Option<AnyView> {
        let lines: Vec<_> = lines.into_iter().filter_map(|line| self.change(line)).collect();
        (!lines.is_empty()).then(|| {
            view! {
                <section class="news__part" aria-labelledby="recently-changed">
                    <h2 id="recently-changed">"Recently changed"</h2>
                    <ul>{lines}</ul>
                </section>
            }
            .into_any()
        })
    }

    fn change(&self, line: RecentLine) -> Option<AnyView> {
        let product = self.product(line.roadmap)?;
        let member = |user| self.members.iter().find(|member| member.id == user);
        let name = |user| member(user).map_or_else(|| "someone".to_owned(), |member| member.name.to_string());
        let (who, colour) = member(line.actor)
            .map_or_else(|| ("Someone".to_owned(), 0), |member| (member.name.to_string(), member.colour));
        let key = &product.key;
        let moved_to_bin = matches!(line.change, Some(Change::ItemDeleted { .. }));
        let link = line.item.map(|(number, is_in_bin)| Link {
            href: format!("/p/{key}/i/{key}-{number}"),
            // What was moved to the bin says so itself.
            is_in_bin: is_in_bin && !moved_to_bin,
        });
        let told = match &line.change {
            Some(change) => fact(change.sentence(name), change.item_title(), link),
            None => view! { <p class="history__what">"made a change too large to show here"</p> }.into_any(),
        };
        let more = (line.more > 0)
            .then(|| view! { <span class="quiet">{format!("and {}", counted(line.more, "more change", "more changes"))}</span> });
        Some(
            view! {
                <li class="news__line news__line--change">
                    <span aria-hidden="true">
                        <Avatar name=who.clone() colour />
                    </span>
                    <div class="news__what">
                        <strong dir="auto">{who}</strong>
                        " "
                        {told}
                        " "
                        {more}
                    </div>
                    <span class="news__aside">
                        <a href=format!("/p/{key}/history") title=product.name.to_string()>
                            {key.to_string()}
                        </a>
                        " · "
                        {time(line.at)}
                    </span>
                </li>
            }
            .into_any(),
        )
    }
}

/// A line with an item of the reader's own, and when it is due.
pub(crate) fn own_line(item: &OwnItem, products: &[Product]) -> Option<AnyView> {
    let key = &products.iter().find(|product| product.roadmap == item.roadmap)?.key;
    let name = format!("{key}-{}", item.number);
    let end = item.end.map(|end| format!(" · by {}", badges::day(end)));
    Some(
        view! {
            <li class="news__line">
                {badges::mark(item.status, item.status.label().to_owned())}
                <a class="news__what" href=format!("/p/{key}/i/{name}") dir="auto">
                    {item.title.clone()}
                </a>
                <span class="news__aside">{name} {end}</span>
            </li>
        }
        .into_any(),
    )
}

fn table(list: &[ProductSummary], updated: &HashMap<RoadmapId, Timestamp>) -> AnyView {
    let rows = list.iter().map(|summary| row(summary, updated.get(&summary.product.roadmap).copied()));
    view! {
        <table class="table products">
            <thead>
                <tr>
                    <th scope="col">"Name"</th>
                    <th scope="col" class="products__wide">
                        "Kind"
                    </th>
                    <th scope="col" class="products__stage">
                        "Stage"
                    </th>
                    <th scope="col" class="products__number">
                        "Items"
                    </th>
                    <th scope="col" class="products__number">
                        "Upvotes"
                    </th>
                    <th scope="col" class="products__number products__updated">
                        "Updated"
                    </th>
                </tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
    .into_any()
}

fn row(summary: &ProductSummary, updated: Option<Timestamp>) -> impl IntoView + use<> {
    let ProductSummary { product, items, votes } = summary.clone();
    view! {
        <tr>
            <td>
                <a href=format!("/p/{}", product.key) class="products__name" dir="auto">
                    {product.name.to_string()}
                </a>
                <p class="products__purpose" dir="auto">
                    {product.purpose.to_string()}
                </p>
            </td>
            <td class="products__wide">{product.kind.label()}</td>
            <td class="products__stage">
                <span class=format!("dot dot--{}", product.stage.as_str())></span>
                {product.stage.label()}
            </td>
            <td class="products__number">{items}</td>
            <td class="products__number">{votes}</td>
            <td class="products__number products__updated">{updated.map(time)}</td>
        </tr>
    }
}

fn archive(list: &[ProductSummary]) -> AnyView {
    let rows = list
        .iter()
        .map(|ProductSummary { product, .. }| {
            view! {
                <li>
                    <a href=format!("/p/{}/settings", product.key) dir="auto">
                        {product.name.to_string()}
                    </a>
                    " "
                    <span class="products__key">{product.key.to_string()}</span>
                </li>
            }
        })
        .collect_view();
    view! {
        <details class="products__archived">
            <summary>{format!("Archived ({})", list.len())}</summary>
            <ul>{rows}</ul>
        </details>
    }
    .into_any()
}
