//! What to make of a result: where people disagree, how firm the order is, what changed.

use domain::voting::{Compared, Mode, Results};
use leptos::prelude::*;

use super::{super::percent, ordinal, title};
use crate::ui::bar;

/// How many lines of a list are shown before the rest is folded away.
const FIRST: usize = 5;

/// The items voters are furthest apart on.
pub(super) fn disagreements(results: &Results) -> Option<impl IntoView + use<>> {
    let candidates = &results.facts.draft.candidates;
    let grouped = results.groups.len() > 1;
    (!results.disagreements.is_empty()).then(|| {
        let rows = results
            .disagreements
            .iter()
            .take(FIRST)
            .map(|found| {
                view! {
                    <tr>
                        <th scope="row" class="results__item">
                            {title(candidates, found.item)}
                        </th>
                        <td class="results__cell">
                            <span class="results__number">{percent(found.spread)}</span>
                            {apart(found.spread)}
                        </td>
                        {grouped
                            .then(|| {
                                view! {
                                    <td class="results__cell">
                                        <span class="results__number">{percent(found.gap)}</span>
                                        {apart(found.gap)}
                                    </td>
                                }
                            })}
                    </tr>
                }
            })
            .collect_view();
        view! {
            <section class="results__part" aria-labelledby="result-talk">
                <h2 id="result-talk">"Talk about these first"</h2>
                <p class="quiet">
                    "Where voters are furthest apart. Spread: how far two voters drawn at random differ, as a share of the most one can give."
                    {grouped.then_some(" Gap: how far the means of two segments differ.")}
                </p>
                <table class="table results__table">
                    <thead>
                        <tr>
                            <th scope="col">"Item"</th>
                            <th scope="col">"Spread"</th>
                            {grouped.then(|| view! { <th scope="col">"Gap"</th> })}
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </section>
        }
    })
}

/// What it would take to swap neighbours.
pub(super) fn leads(results: &Results) -> Option<impl IntoView + use<>> {
    let (candidates, mode) = (&results.facts.draft.candidates, results.facts.draft.rules.mode);
    (!results.leads.is_empty()).then(|| {
        let rows = results
            .leads
            .iter()
            .map(|lead| {
                let margin = match mode {
                    Mode::Ranking => format!("{} more prefer it", lead.margin),
                    _ => format!("{} ahead", lead.margin),
                };
                let swap = match lead.voters {
                    Some(1) => "One voter could swap them".to_owned(),
                    Some(voters) => format!("{voters} voters could swap them"),
                    None => "Decided by way of others".to_owned(),
                };
                let firm = lead.voters.is_none_or(|voters| voters > 1);
                view! {
                    <tr>
                        <th scope="row" class="results__item">
                            <span>{title(candidates, lead.item)}</span>
                            <span class="results__key">"before " {title(candidates, lead.over)}</span>
                        </th>
                        <td>{margin}</td>
                        <td class:results__close=!firm>{swap}</td>
                    </tr>
                }
            })
            .collect_view();
        view! {
            <section class="results__part" aria-labelledby="result-firm">
                <details>
                    <summary>
                        <h2 id="result-firm">"How firm the order is"</h2>
                    </summary>
                    <p class="quiet">
                        "The least number of voters who, by one vote, dot or step more for the lower one, would put it ahead."
                    </p>
                    <table class="table results__table">
                        <thead>
                            <tr>
                                <th scope="col">"Neighbours"</th>
                                <th scope="col">"Lead"</th>
                                <th scope="col">"To swap"</th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </details>
            </section>
        }
    })
}

/// How far apart people are, in thousandths.
fn apart(thousandths: u32) -> impl IntoView {
    bar("bar bar--thin bar--apart", move || u64::from(thousandths), 0)
}

/// Places beside those of an earlier session.
pub(super) fn earlier(results: &Results) -> Option<impl IntoView + use<>> {
    let (id, candidates) = (results.facts.id, &results.facts.draft.candidates);
    let chosen = results.compared.as_ref().map(|compared| compared.voting);
    (!results.earlier.is_empty()).then(|| {
        let options = results
            .earlier
            .iter()
            .map(|(id, title)| {
                view! {
                    <option value=id.to_string() selected=chosen == Some(*id)>
                        {title.to_string()}
                    </option>
                }
            })
            .collect_view();
        let table = results.compared.as_ref().map(|Compared { title: name, since, .. }| {
            let rows = since
                .iter()
                .map(|line| {
                    let (sign, says) = match line.before {
                        None => ("new", "new".to_owned()),
                        Some(before) if before > line.place => ("up", format!("▲ {}", before - line.place)),
                        Some(before) if before < line.place => ("down", format!("▼ {}", line.place - before)),
                        Some(_) => ("same", "=".to_owned()),
                    };
                    view! {
                        <tr>
                            <th scope="row" class="results__item">
                                {title(candidates, line.item)}
                            </th>
                            <td>{line.before.map(ordinal).unwrap_or_default()}</td>
                            <td>{ordinal(line.place)}</td>
                            <td class=format!("results__move results__move--{sign}")>{says}</td>
                        </tr>
                    }
                })
                .collect_view();
            view! {
                <table class="table results__table">
                    <caption class="visually-hidden">{format!("Places since {name}")}</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Item"</th>
                            <th scope="col">"Then"</th>
                            <th scope="col">"Now"</th>
                            <th scope="col">"Change"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            }
        });
        view! {
            <section class="results__part" aria-labelledby="result-earlier">
                <h2 id="result-earlier">"Compared with an earlier session"</h2>
                <form class="row results__compare" method="get" action=format!("/voting/{id}/results#result-earlier")>
                    <label class="visually-hidden" for="compare">
                        "Earlier session"
                    </label>
                    <select class="select" id="compare" name="compare">
                        {options}
                    </select>
                    <button class="button" type="submit">
                        "Compare"
                    </button>
                </form>
                {table}
            </section>
        }
    })
}
