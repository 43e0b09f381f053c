//! The page of a kind of records, drawn by the server alone and drawn again when somebody changes one.

pub(crate) mod api;
#[cfg(feature = "ssr")]
pub(crate) mod plain;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::{frame::ErrorPage, live::News, pages::records::api::Look, ui::PlainPart};

/// `/teams` and its like: `?bin` shows the bin, `?history` what was done, `?history=ID` to one.
#[component]
pub fn RecordsPage(kind: &'static str) -> impl IntoView {
    let query = use_query_map();
    let look = Memo::new(move |_| {
        let query = query.read();
        let history = query.get("history");
        let of = history.as_ref().and_then(|id| id.parse().ok());
        Look { kind: kind.to_owned(), bin: query.get("bin").is_some(), history: history.is_some(), of }
    });
    let page = Resource::new_blocking(move || look.get(), api::records);
    Effect::new(move |_| {
        // The first news comes at once, and says nothing that the page does not have.
        let first = StoredValue::new(true);
        let news = News::at("/people/events".to_owned(), move |_| {
            let was_first = first.get_value();
            first.set_value(false);
            if !was_first && !is_typing() {
                page.refetch();
            }
        });
        on_cleanup(move || drop(news));
    });
    view! {
        <Transition>
            {move || Suspend::new(async move {
                match page.await {
                    Ok(page) => view! {
                        <Title text=page.title />
                        <PlainPart html=page.html />
                    }
                    .into_any(),
                    Err(error) => view! { <ErrorPage error /> }.into_any(),
                }
            })}
        </Transition>
    }
}

/// Whether somebody has a form open, which drawing the page again would close.
fn is_typing() -> bool {
    crate::platform::document().query_selector("details[open] form").is_ok_and(|form| form.is_some())
}
