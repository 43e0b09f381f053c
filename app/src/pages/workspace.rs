//! `/workspace`: what holds for all products.

pub(crate) mod api;
#[cfg(feature = "ssr")]
mod plain;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::{api::Plain, frame::ErrorPage, pages::workspace::api::workspace, ui::PlainPart};

/// A plain form that the server makes: it works before the application does.
#[component]
pub fn WorkspacePage() -> impl IntoView {
    let query = use_query_map();
    let page = Resource::new_blocking(move || query.read().get("done"), workspace);
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                match page.await {
                    Ok(Plain { title, html }) => {
                        view! {
                            <Title text=title />
                            <PlainPart html />
                        }
                            .into_any()
                    }
                    Err(error) => view! { <ErrorPage error /> }.into_any(),
                }
            })}
        </Suspense>
    }
}
