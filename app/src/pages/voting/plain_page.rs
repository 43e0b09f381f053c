//! Pages the server makes whole: nothing on them is typed but into plain forms.

use domain::VotingId;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::{loaded, no_such_session, voting_in_path};
use crate::{
    api::{ApiError, Plain},
    pages::{product_page::product_page, voting::api},
    ui::PlainPart,
};

/// Which of them.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Which {
    List,
    Segments,
    Results { id: Option<VotingId>, compare: Option<VotingId>, receipt: Option<String> },
}

async fn fetch(which: Which) -> Result<Plain, ApiError> {
    match which {
        Which::List => api::votings().await,
        Which::Segments => api::segments::segments().await,
        Which::Results { id, compare, receipt } => {
            api::voting_results(id.ok_or_else(no_such_session)?, compare, receipt).await
        }
    }
}

/// `/voting`: every session.
#[component]
pub fn VotingListPage() -> impl IntoView {
    plain_page(Signal::stored(Which::List))
}

/// `/p/:key/voting`: sessions on a product's items.
#[component]
pub fn ProductVotingPage() -> impl IntoView {
    product_page("voting", api::product_votings)
}

/// `/segments`: groups whose votes are counted together.
#[component]
pub fn SegmentsPage() -> impl IntoView {
    plain_page(Signal::stored(Which::Segments))
}

/// `/voting/:id/results`: what came of a session; `?compare=` and `?receipt=` ask more.
#[component]
pub fn ResultsPage() -> impl IntoView {
    let (id, query) = (voting_in_path(), use_query_map());
    plain_page(Signal::derive(move || {
        let query = query.read();
        Which::Results {
            id: id.get(),
            compare: query.get("compare").and_then(|id| id.parse().ok()),
            receipt: query.get("receipt").filter(|receipt| !receipt.trim().is_empty()),
        }
    }))
}

fn plain_page(which: Signal<Which>) -> impl IntoView {
    let page = Resource::new_blocking(move || which.get(), fetch);
    loaded(page, |Plain { title, html }| {
        view! {
            <Title text=title />
            <PlainPart html />
        }
        .into_any()
    })
}
