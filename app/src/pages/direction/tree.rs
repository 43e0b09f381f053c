//! The way from the vision over objectives to items as HTML, with what is on none.

use std::collections::BTreeMap;

use backend::{
    Error, Viewer,
    direction::{QuarterItem, QuarterPlan},
};
use domain::{
    FieldKey, OBJECTIVE, OBJECTIVES, Product, Quarter, Record, alignment::Share, counted, objective_state,
};
use leptos::prelude::*;

use super::plain::address;
use crate::{api::Plain, pages::plain::html};

/// The most items that are listed of a product below an objective.
const LISTED: usize = 50;

/// The most characters of the vision that are shown.
const SHOWN: usize = 600;

struct Page {
    plan: QuarterPlan,
    products: Vec<Product>,
    /// The beginning of the vision of the workspace as HTML; empty where there is none.
    vision: String,
    /// Products with how many of their items serve no objective.
    orphans: Vec<(Product, usize)>,
}

pub(super) async fn page(viewer: &Viewer, quarter: Quarter) -> Result<Plain, Error> {
    let mut products = viewer.products().await?;
    products.retain(|product| !product.archived);
    let plan = viewer.quarter(quarter, &products).await?;
    let unaligned = viewer.unaligned(&products).await?;
    let text = viewer.newest_vision().await?.unwrap_or_default();
    let first = text.split("\n\n").next().unwrap_or_default();
    let first: String = first.chars().take(SHOWN).collect();
    let vision = viewer.render_markdown(vec![first]).await?.remove(0);
    let orphans =
        products.iter().filter_map(|product| Some((product.clone(), *unaligned.get(&product.roadmap)?)));
    let orphans = orphans.collect();
    let page = Page { plan, products, vision, orphans };
    let label = page.plan.year.label(quarter);
    Ok(Plain { title: format!("Tree, {label}"), html: html(page.view(&label)) })
}

impl Page {
    fn view(&self, label: &str) -> AnyView {
        let quarter = self.plan.quarter;
        let way = |to: Quarter| {
            let href = format!("{}/tree", address(to));
            view! { <a class="button button--quiet" href=href>{self.plan.year.label(to)}</a> }
        };
        let vision = if self.vision.trim().is_empty() {
            view! { <p class="quiet">"There is no vision yet."</p> }.into_any()
        } else {
            view! { <div class="prose" dir="auto" inner_html=self.vision.clone()></div> }.into_any()
        };
        let shares = self.plan.objectives.iter().zip(&self.plan.alignment.objectives);
        let objectives = shares.map(|(objective, share)| self.objective(objective, share)).collect_view();
        let none = self.plan.objectives.is_empty().then(|| {
            view! { <li class="quiet">"This quarter has no objectives yet."</li> }
        });
        let cut = self
            .plan
            .is_cut
            .then(|| view! { <p class="quiet">"Only the first 5,000 items are counted."</p> });
        view! {
            <div class="page direction">
                <header class="page__header">
                    <h1>"From vision to items"</h1>
                    <p class="page__count">{label.to_owned()}</p>
                </header>
                <nav class="direction__ways" aria-label="Direction">
                    <a class="button button--quiet" href=address(quarter)>"Objectives"</a>
                    {way(quarter.plus(-1))} {way(quarter.plus(1))}
                </nav>
                {cut}
                <section class="tree" aria-label="Tree">
                    <div class="tree__vision">
                        <h2><a class="link" href="/vision">"Vision"</a></h2>
                        {vision}
                    </div>
                    <ul class="tree__objectives">{objectives} {none}</ul>
                </section>
                {self.orphans()}
            </div>
        }
        .into_any()
    }

    fn objective(&self, objective: &Record, share: &Share) -> AnyView {
        let name = OBJECTIVE.name_of(objective);
        let href = format!("{}#objective-{}", address(self.plan.quarter), objective.id);
        let state = objective_state(objective).label();
        let mut by_product: BTreeMap<usize, Vec<&QuarterItem>> = BTreeMap::new();
        for item in share.items.iter().filter_map(|at| self.plan.items.get(*at)) {
            if let Some(place) = self.products.iter().position(|product| product.roadmap == item.roadmap) {
                by_product.entry(place).or_default().push(item);
            }
        }
        let orphan = share.items.is_empty().then(|| {
            view! { <span class="badge badge--warning">"No items"</span> }
        });
        let counts = (!share.items.is_empty()).then(|| {
            view! { <span class="quiet">{counted(share.items.len(), "item", "items")}</span> }
        });
        let products =
            by_product.into_iter().filter_map(|(place, items)| Some((self.products.get(place)?, items)));
        let products = products.map(|(product, items)| branch(product, &items, &name)).collect_view();
        view! {
            <li>
                <p class="tree__objective">
                    <a class="link" href=href dir="auto">{name.clone()}</a>
                    <span class="quiet">{state}</span>
                    {counts}
                    {orphan}
                </p>
                <ul>{products}</ul>
            </li>
        }
        .into_any()
    }

    /// Items that serve no objective, by product.
    fn orphans(&self) -> Option<AnyView> {
        if self.orphans.is_empty() {
            return None;
        }
        let key = FieldKey::from(OBJECTIVES);
        let rows = self.orphans.iter().map(|(product, count)| {
            let href = format!("/p/{}/table?where={key}~empty;status~not~done,dropped", product.key);
            let counts = counted(*count, "item", "items");
            view! {
                <tr>
                    <th scope="row" dir="auto">{product.name.to_string()}</th>
                    <td>
                        <a class="link" href=href aria-label=format!("{counts} of {} without an objective", product.name)>
                            {counts.clone()}
                        </a>
                    </td>
                </tr>
            }
        });
        Some(
            view! {
                <section aria-labelledby="orphans">
                    <h2 id="orphans">"Without an objective"</h2>
                    <p class="quiet">"Items that are neither done nor dropped, and serve no objective of any quarter."</p>
                    <table class="table tree__orphans">
                        <thead>
                            <tr>
                                <th scope="col">"Product"</th>
                                <th scope="col">"Items"</th>
                            </tr>
                        </thead>
                        <tbody>{rows.collect_view()}</tbody>
                    </table>
                </section>
            }
            .into_any(),
        )
    }
}

/// The items of a product that serve an objective.
fn branch(product: &Product, items: &[&QuarterItem], objective: &str) -> AnyView {
    let rows = items.iter().take(LISTED).map(|item| {
        let name = format!("{}-{}", product.key, item.number);
        view! {
            <li>
                <a class="link" href=format!("/p/{}/i/{name}", product.key)>
                    <span class="direction__key">{name.clone()}</span>
                    " "
                    <span dir="auto">{item.title.clone()}</span>
                </a>
                " "
                <span class="quiet">{item.status.label()}</span>
            </li>
        }
    });
    let more = items.len().saturating_sub(LISTED);
    let more = (more > 0).then(|| view! { <li class="quiet">{format!("{more} more")}</li> });
    let counts = counted(items.len(), "item", "items");
    view! {
        <li>
            <details>
                <summary aria-label=format!("{counts} of {} for {objective}", product.name)>
                    <span dir="auto">{product.name.to_string()}</span>
                    " "
                    <span class="quiet">{counts.clone()}</span>
                </summary>
                <ul>{rows.collect_view()} {more}</ul>
            </details>
        </li>
    }
    .into_any()
}
