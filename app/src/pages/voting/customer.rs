//! `/voting/:id/customer`: an editor casts the ballot of a customer who told it somewhere else.

use leptos::prelude::*;
use leptos_meta::Title;

use super::{
    ballot::{BallotForm, Purpose},
    loaded, of_session, voting_in_path,
};
use crate::pages::voting::api::ballot::{CustomerPage, customer_ballot};

#[component]
pub fn CustomerBallotPage() -> impl IntoView {
    let page = of_session(voting_in_path(), customer_ballot);
    loaded(page, |ballot| view! { <Content ballot /> }.into_any())
}

#[component]
fn Content(ballot: CustomerPage) -> impl IntoView {
    let CustomerPage { page, cast, segments, customer, refused } = ballot;
    let (title, back) = (page.facts.draft.title.to_string(), format!("/voting/{}", page.facts.id));
    view! {
        <Title text="Vote for a customer" />
        <article class="page page--reading voting">
            <header class="voting__head">
                <p class="voting__facts">
                    <a class="link" href=back dir="auto">
                        {title}
                    </a>
                </p>
                <h1>"Vote for a customer"</h1>
            </header>
            <BallotForm
                page
                cast
                purpose=Purpose::Customer(customer, segments)
                tally=RwSignal::new(None)
                refused=RwSignal::new(refused)
            />
        </article>
    }
}
