//! Importing a file: choose it, check its columns, see what would happen, do it. And the way back: exports.

pub(crate) mod api;
mod columns;
mod outcome;
mod progress;
mod source;
mod state;

use domain::Product;
use leptos::{either::Either, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use crate::{
    api::ApiError,
    frame::{ErrorPage, ProductBar, Session},
};
use columns::{Choices, Columns};
use outcome::{Done, Outlook};
use progress::{Reading, Running};
use source::Source;
use state::Import;

/// `/p/:key/import`.
#[component]
pub fn ImportPage() -> impl IntoView {
    let session = expect_context::<Session>().0;
    let params = use_params_map();
    let key = Memo::new(move |_| params.read().get("key").unwrap_or_default());
    view! {
        <Suspense>
            {move || {
                let key = key.get();
                Suspend::new(async move {
                    let context = match session.await {
                        Ok(context) => context,
                        Err(error) => return view! { <ErrorPage error /> }.into_any(),
                    };
                    if context.me.is_none() {
                        let error = ApiError::new(401, "You are not signed in.");
                        return view! { <ErrorPage error /> }.into_any();
                    }
                    let wanted = |product: &Product| product.key.eq_ignore_ascii_case(&key);
                    match context.products.into_iter().find(wanted) {
                        Some(product) => view! { <Content product /> }.into_any(),
                        None => {
                            let error = ApiError::new(404, format!("There is no product {key} here."));
                            view! { <ErrorPage error /> }.into_any()
                        }
                    }
                })
            }}
        </Suspense>
    }
}

#[component]
fn Content(product: Product) -> impl IntoView {
    let body = if !product.role.can_edit() {
        Either::Left(view! {
            <p class="notice">
                "Editors and owners can import items. Ask an owner of the workspace for another role."
            </p>
        })
    } else if product.archived {
        Either::Left(view! {
            <p class="notice">"This product is archived. Restore it in its settings to import items."</p>
        })
    } else {
        Either::Right(view! { <Steps product=product.clone() /> })
    };
    view! {
        <Title text=format!("Import into {}", product.name) />
        <ProductBar product=product.clone() view="import" />
        <div class="page import stack">
            <header class="page__header">
                <h1>"Import"</h1>
                <p class="page__count">"Add or update items from a file"</p>
            </header>
            {body} <Export product />
        </div>
    }
}

/// The steps, each shown as soon as the one before it is done.
#[component]
fn Steps(product: Product) -> impl IntoView {
    let import = Import::new(product.key.to_string());
    provide_context(import);
    view! {
        <Show when=move || import.done.read().is_none() fallback=|| view! { <Done /> }>
            <Show when=move || import.progress.read().is_none() fallback=|| view! { <Running /> }>
                <Source />
                <Show when=move || import.has_columns() fallback=|| view! { <Reading /> }>
                    <Columns />
                    <Choices />
                    <Outlook />
                </Show>
            </Show>
        </Show>
    }
}

/// The heading of a step, and how far it is.
fn step(id: &'static str, number: &'static str, does: &'static str) -> AnyView {
    view! {
        <h2 id=id>
            {does} " " <span class="import__step">{number} " of 3"</span>
        </h2>
    }
    .into_any()
}

/// The way out, for everybody who may read.
#[component]
fn Export(product: Product) -> impl IntoView {
    view! {
        <section class="panel stack import__export" aria-labelledby="export">
            <h2 id="export">"Export"</h2>
            <p>
                "The table opens in any spreadsheet and can be imported again, here or into another product. The JSON file also has comments, votes and the bin."
            </p>
            <form class="row" method="get" action=format!("/p/{}/export", product.key)>
                <select class="select" name="format" aria-label="Format">
                    <option value="xlsx">"Excel (.xlsx)"</option>
                    <option value="csv">"CSV"</option>
                    <option value="csv-semicolon">"CSV with semicolons"</option>
                    <option value="json">"JSON"</option>
                </select>
                <button class="button" type="submit">
                    "Export"
                </button>
            </form>
        </section>
    }
}
