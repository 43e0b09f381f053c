//! Voting sessions: the list, the ballot, the result, and everything to run one.

pub(crate) mod api;
mod ballot;
mod codes;
mod customer;
mod join;
mod live;
mod order;
#[cfg(feature = "ssr")]
pub(crate) mod plain;
mod plain_page;
mod present;
mod session;
mod setup;
mod times;
mod waiting;
mod words;

pub(crate) use customer::CustomerBallotPage;
pub(crate) use join::JoinPage;
pub(crate) use plain_page::{ProductVotingPage, ResultsPage, SegmentsPage, VotingListPage};
pub(crate) use present::PresentPage;
pub(crate) use session::SessionPage;
pub(crate) use setup::SetupPage;
pub(crate) use waiting::WaitingForYou;

use domain::VotingId;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use serde::{Serialize, de::DeserializeOwned};

use crate::{api::ApiError, frame::ErrorPage};

/// The session in the page's address; `None` where there is something else.
fn voting_in_path() -> Memo<Option<VotingId>> {
    let params = use_params_map();
    Memo::new(move |_| params.read().get("id").and_then(|id| id.parse().ok()))
}

/// What the server says of the session in the page's address.
fn of_session<T, Answer>(
    id: Memo<Option<VotingId>>,
    ask: fn(VotingId) -> Answer,
) -> Resource<Result<T, ApiError>>
where
    T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
    Answer: Future<Output = Result<T, ApiError>> + Send + 'static,
{
    Resource::new_blocking(
        move || id.get(),
        move |id| async move { ask(id.ok_or_else(no_such_session)?).await },
    )
}

/// A page made of what the server says, or why there is none.
fn loaded<T>(
    page: Resource<Result<T, ApiError>>,
    content: impl Fn(T) -> AnyView + Copy + Send + 'static,
) -> impl IntoView
where
    T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
{
    view! {
        <Transition>
            {move || Suspend::new(async move {
                match page.await {
                    Ok(data) => content(data),
                    Err(error) => view! { <ErrorPage error /> }.into_any(),
                }
            })}
        </Transition>
    }
}

/// What is said where an address names no session.
fn no_such_session() -> ApiError {
    ApiError::new(404, "There is no such voting session. Look for it in the list.")
}
