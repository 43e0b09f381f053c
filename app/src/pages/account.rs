//! `/account`: what people change about themselves.

pub(crate) mod api;
#[cfg(feature = "ssr")]
pub(crate) mod data;
#[cfg(feature = "ssr")]
pub(crate) mod plain;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::{api::Plain, frame::ErrorPage, pages::account::api::account, ui::PlainPart};

/// Plain forms that the server makes: they work before the application does, and the theme comes with the next page.
#[component]
pub fn AccountPage() -> impl IntoView {
    let query = use_query_map();
    let page = Resource::new_blocking(move || query.read().get("done"), account);
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
