//! One item of a ballot.

use domain::voting::{Candidate, Mode, Tally};
use leptos::prelude::*;

use super::{choice, state::Filling};
use crate::{pages::voting::words, ui::Icon};

#[component]
pub(super) fn Line(
    filling: Filling,
    candidate: Candidate,
    /// HTML.
    description: String,
    tally: RwSignal<Option<Tally>>,
) -> impl IntoView {
    let item = candidate.item;
    let id = format!("line-{item}");
    let title_id = format!("title-{item}");
    let title = candidate.title.to_string();
    let mode = filling.rules.mode;
    let chosen = move || filling.amount(item).is_some();
    let control = if candidate.withdrawn {
        view! { <p class="ballot__withdrawn">"No longer up for vote"</p> }.into_any()
    } else {
        choice::control(filling, item, &title)
    };
    let price = (mode == Mode::Budget).then(|| {
        let name = words::tokens(mode, u64::from(candidate.cost));
        view! { <span class="ballot__price">{format!("{} {name}", candidate.cost)}</span> }
    });
    let details = (!description.is_empty()).then(|| {
        view! {
            <details class="ballot__details">
                <summary>
                    <span class="ballot__more">
                        "Details" <span class="visually-hidden">" of " {title.clone()}</span>
                    </span>
                </summary>
                <div class="prose" inner_html=description></div>
            </details>
        }
    });
    let handle = (mode == Mode::Ranking && !candidate.withdrawn).then(|| {
        view! {
            <span class="ballot__handle needs-life" data-item=item.to_string() aria-hidden="true">
                <Icon name="drag" />
            </span>
        }
    });
    view! {
        <li class="ballot__line" class:ballot__line--chosen=chosen id=id>
            {handle}
            <div class="ballot__what">
                <p class="ballot__title" id=title_id>
                    {title.clone()}
                </p>
                <p class="ballot__facts">
                    <span class="ballot__key">{candidate.key}</span>
                    {price}
                    {move || so_far(tally, item)}
                </p>
                {details}
            </div>
            {control}
        </li>
    }
}

/// What an item has so far, in a session whose tally is open.
fn so_far(tally: RwSignal<Option<Tally>>, item: domain::ItemId) -> Option<impl IntoView> {
    let (points, share) = tally.with(|tally| {
        let tally = tally.as_ref()?;
        let line = tally.line(item)?;
        let most = tally.lines.iter().map(|line| line.raw.0).max().unwrap_or(0).max(1);
        Some((line.raw.to_string(), (line.raw.0 * 100 / most).to_string()))
    })?;
    Some(view! {
        <span class="ballot__so-far" title="So far">
            <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
                <rect class="bar__ground" width="100" height="6" />
                <rect class="bar__value" width=share height="6" />
            </svg>
            <span class="visually-hidden">"So far: "</span>
            <span class="ballot__points">{points}</span>
        </span>
    })
}
