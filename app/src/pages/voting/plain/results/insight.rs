//! What to make of a result: where people disagree, how stable the order is, what changed.

use domain::voting::{Compared, Firmness, Margin, Results, Score};
use leptos::prelude::*;

use super::{
    super::{counted, percent},
    ordinal, title,
};
use crate::{pages::voting::words, ui::bar};

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
                    "Spread: how far voters differ." {grouped.then_some(" Gap: how far segments differ.")}
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
                <details class="results__how">
                    <summary>"How this is measured"</summary>
                    <p class="quiet">
                        "Spread is Gini's mean difference between two voters, from 0 % (all give the same) to 100 % (half give the most, half nothing)."
                        {grouped.then_some(" Gap is the greatest difference between the means of two segments, from 0 % to 100 %. Voters without a segment count as one.")}
                    </p>
                </details>
            </section>
        }
    })
}

/// What the items of a budget cost, and what one purse buys.
pub(super) fn budget(results: &Results) -> Option<impl IntoView + use<>> {
    let draft = &results.facts.draft;
    (!results.fits.is_empty()).then(|| {
        let rows = results
            .fits
            .iter()
            .map(|fit| {
                view! {
                    <tr>
                        <th scope="row" class="results__item">
                            {title(&draft.candidates, fit.item)}
                        </th>
                        <td class="results__number">{fit.price}</td>
                        <td class="results__number">{fit.fits.then_some(fit.total)}</td>
                        <td class:results__close=!fit.fits>{if fit.fits { "✓ fits" } else { "does not fit" }}</td>
                    </tr>
                }
            })
            .collect_view();
        let bought = results.fits.iter().filter(|fit| fit.fits).count();
        let spent = results.fits.last().map_or(0, |fit| fit.total);
        let purse = draft.rules.tokens;
        let tokens = words::tokens(draft.rules.mode, purse.into());
        view! {
            <section class="results__part" aria-labelledby="result-budget">
                <h2 id="result-budget">"What fits"</h2>
                <p class="quiet">
                    {format!(
                        "{} for {spent} of the {purse} {tokens} a voter has, taken in the order of the result. An item that costs more than is left is skipped.",
                        counted(bought, "item", "items"),
                    )}
                </p>
                <table class="table results__table">
                    <thead>
                        <tr>
                            <th scope="col">"Item"</th>
                            <th scope="col" class="results__number">
                                "Price"
                            </th>
                            <th scope="col" class="results__number">
                                "Total"
                            </th>
                            <th scope="col">"Fits"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </section>
        }
    })
}

/// What it would take to swap neighbours, and for another winner.
pub(super) fn leads(results: &Results) -> Option<impl IntoView + use<>> {
    let draft = &results.facts.draft;
    (!results.leads.is_empty()).then(|| {
        let rows = results
            .leads
            .iter()
            .map(|lead| {
                let close = matches!(lead.firmness, Firmness::Exactly(1));
                let level = lead.margin == Margin::Level;
                view! {
                    <tr>
                        <th scope="row" class="results__item">
                            <span>{title(&draft.candidates, lead.item)}</span>
                            <span class="results__key">
                                {if level { "level with " } else { "before " }} {title(&draft.candidates, lead.over)}
                            </span>
                        </th>
                        <td>{margin(lead.margin, draft.weighted)}</td>
                        <td class:results__close=close>{ballots(lead.firmness)}</td>
                    </tr>
                }
            })
            .collect_view();
        let winner = results.winner.map(|winner| match winner {
            Firmness::Never => "No change of ballots would make another item win. ".to_owned(),
            Firmness::Exactly(1) => "One different ballot would make another item win. ".to_owned(),
            firm => format!("{} would have to be different for another item to win. ", ballots(firm)),
        });
        view! {
            <section class="results__part" aria-labelledby="result-firm">
                <details>
                    <summary>
                        <h2 id="result-firm">"How stable is this order?"</h2>
                    </summary>
                    <p class="quiet">
                        {winner}
                        "The table says how many cast ballots would have to be different, in any way the rules allow, for the lower item to come first (the margin of victory)."
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

fn margin(margin: Margin, weighted: bool) -> String {
    match margin {
        Margin::Level => "Level".to_owned(),
        Margin::Points(Score(0)) => "Less than 0.001 ahead".to_owned(),
        Margin::Points(points) => format!("{points} ahead"),
        Margin::Ungraded => "Nobody graded the lower one".to_owned(),
        Margin::Preferred(weight) if weighted => format!("Preferred, by a weight of {weight}"),
        Margin::Preferred(Score(1_000)) => "Preferred by 1 more ballot".to_owned(),
        Margin::Preferred(number) => format!("Preferred by {number} more ballots"),
        Margin::Indirect => "Decided by way of other items".to_owned(),
    }
}

fn ballots(firmness: Firmness) -> String {
    let ballots = |number: u32| counted(number, "ballot", "ballots");
    match firmness {
        Firmness::Exactly(number) => ballots(number),
        Firmness::AtLeast(number) => format!("At least {}", ballots(number)),
        Firmness::Never => "No number of ballots".to_owned(),
    }
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

#[cfg(test)]
mod tests;
