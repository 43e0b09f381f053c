//! One item of a ballot.

use domain::{
    ItemId,
    voting::{Candidate, Mode, Tally},
};
use leptos::prelude::*;

use super::{choice, state::Filling};
use crate::{
    pages::voting::words,
    ui::{Icon, bar, share},
};

#[component]
pub(super) fn Line(
    filling: Filling,
    candidate: Candidate,
    /// HTML.
    description: String,
    tally: RwSignal<Option<Tally>>,
    /// Whether the weighted points decide.
    weighted: bool,
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
                    {move || so_far(tally, item, mode, weighted)}
                </p>
                {details}
            </div>
            {control}
        </li>
    }
}

/// What an item has so far, in a session whose tally is open.
fn so_far(tally: RwSignal<Option<Tally>>, item: ItemId, mode: Mode, weighted: bool) -> Option<impl IntoView> {
    let (score, most) = tally.with(|tally| {
        let tally = tally.as_ref()?;
        Some((tally.line(item)?.deciding(weighted), tally.most(mode, weighted)))
    })?;
    Some(view! {
        <span class="ballot__so-far" title="So far">
            {bar("ballot__share", move || share(score, most), 0)}
            <span class="visually-hidden">"So far: "</span>
            <span class="ballot__points">{score.to_string()}</span>
        </span>
    })
}
