//! What came of a session: charts that are tables, and tables that are charts.

mod insight;
mod proof;

use domain::{
    ItemId,
    voting::{Candidate, Line, Mode, Phase, Results, Score, Secrecy, VotingFacts},
};
use leptos::prelude::*;

use super::{counted, html};
use crate::{
    api::Plain,
    pages::voting::words,
    ui::{bar, share, time},
};

/// Who reads a result.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader {
    /// Whether they run the session.
    pub(crate) manages: bool,
    /// Guests see no boards.
    pub(crate) is_guest: bool,
}

/// The result as a page of its own.
pub(crate) fn page(results: Results, receipt: Option<&str>, reader: Reader) -> Plain {
    let facts = &results.facts;
    let (title, id) = (facts.draft.title.to_string(), facts.id);
    let closes = if facts.phase < Phase::Closed { "Closes " } else { "Closed " };
    let closed = facts.draft.closes.map(|at| view! { <span>{closes} {time(at)}</span> });
    let head = view! {
        <header class="voting__head">
            <p class="voting__facts">
                <span class=format!("phase phase--{}", facts.phase.as_str())>{facts.phase.label()}</span>
                <span>{facts.draft.rules.mode.label()}</span>
                <span>{words::secrecy_name(facts.draft.secrecy)}</span>
                {closed}
            </p>
            <h1>
                <a href=format!("/voting/{id}")>{title.clone()}</a>
            </h1>
            <p class="voting__question" dir="auto">
                {facts.draft.question.to_string()}
            </p>
        </header>
    };
    let has_order = reader.manages && facts.phase == Phase::Revealed && results.tally.ballots > 0;
    let uses = has_order.then(|| {
        view! {
            <aside class="run" aria-labelledby="result-use">
                <h2 id="result-use">"Use the result"</h2>
                <div class="run__bar">
                    <a class="button button--primary" href=format!("/voting/{id}")>
                        "Apply this order…"
                    </a>
                    <a class="button" href=format!("/voting/{id}/present")>
                        "Present"
                    </a>
                </div>
            </aside>
        }
    });
    let body = body(results, receipt, reader);
    let page = view! {
        <article class="page page--reading voting voting--result">
            {head} <div class="voting__columns">{uses} {body}</div>
        </article>
    };
    Plain { title: format!("{title} · Result"), html: html(page) }
}

/// The result below a session's heading.
pub(crate) fn html_of(results: Results, reader: Reader) -> String {
    html(body(results, None, reader))
}

/// The first of the result, for a shared screen.
pub(crate) fn screen(results: &Results) -> String {
    const SHOWN: usize = 8;
    let facts = &results.facts;
    if let Some(withheld) = results.withheld {
        return html(view! { <p class="notice present__notice">{words::withheld(withheld)}</p> });
    }
    let (mode, weighted) = (facts.draft.rules.mode, facts.draft.weighted);
    let most = results.tally.most(mode, weighted);
    let missed = missed_quorum(facts)
        .map(|sentence| view! { <p class="notice notice--error present__notice">{sentence}</p> });
    let given = words::given(mode);
    let lines = results
        .tally
        .lines
        .iter()
        .take(SHOWN)
        .enumerate()
        .map(|(index, line)| {
            let points = points_of(line, mode, weighted);
            // The first says of what, for all.
            let unit = given.filter(|_| index == 0).map(|(one, many)| if points == "1" { one } else { many });
            view! {
                <li class="present__line">
                    <span class="present__place">{line.place}</span>
                    <span>{title(&facts.draft.candidates, line.item)}</span>
                    {bar_of(line.deciding(weighted), most, "bar present__bar")}
                    <span class="present__points">{points}</span>
                    {unit.map(|unit| view! { <span class="present__unit">{unit}</span> })}
                </li>
            }
        })
        .collect_view();
    let weighted = if weighted && facts.draft.split.is_some() { "weighted " } else { "" };
    let of = given.map_or("mean grade", |(_, many)| many);
    let turnout = facts.turnout;
    html(view! {
        <p class="present__basis">{format!("{} of {} voted · {weighted}{of}", turnout.cast, turnout.invited)}</p>
        {missed}
        <ol class="present__lines present__lines--result">{lines}</ol>
    })
}

fn body(results: Results, receipt: Option<&str>, reader: Reader) -> impl IntoView {
    let facts = &results.facts;
    let nothing = match results.withheld {
        Some(withheld) => Some(words::withheld(withheld)),
        None if facts.turnout.cast == 0 => Some("Nobody voted, so there is no order."),
        None if results.tally.ballots == 0 => Some("Only blank ballots were cast, so there is no order."),
        None => None,
    };
    if let Some(sentence) = nothing {
        return view! {
            <section class="voting__below">
                <p class="notice">{sentence}</p>
                {(facts.turnout.cast > 0).then(|| turnout(&results))}
            </section>
        }
        .into_any();
    }
    view! {
        <div class="results">
            {turnout(&results)}
            <div class="results__main">
                {order(&results, reader)}
                {insight::budget(&results)}
                {segments(&results)}
                {insight::disagreements(&results)}
                {insight::leads(&results)}
                {insight::earlier(&results)}
                {proof::receipts(&results, receipt)}
            </div>
            {proof::downloads(facts, reader.manages)}
        </div>
    }
    .into_any()
}

/// Who is counted among those who might have voted.
const INVITED: &str =
    "Members who could vote since the opening, codes for one person, and guests and customers who came in";

/// How many voted, against those who might have.
fn turnout(results: &Results) -> impl IntoView + use<> {
    let facts = &results.facts;
    let (turnout, quorum) = (facts.turnout, facts.draft.quorum);
    let percent = turnout.percent();
    let stands = (quorum > 0).then(|| match missed_quorum(facts) {
        Some(sentence) => view! { <span class="results__falls">{sentence}</span> }.into_any(),
        None if turnout.misses(quorum) => {
            view! { <span class="quiet">{format!("The quorum of {quorum} % is not reached yet.")}</span> }
                .into_any()
        }
        None => view! {
            <span class="results__stands">{format!("✓ The quorum of {quorum} % was reached.")}</span>
        }
        .into_any(),
    });
    let blank = match results.tally.blank {
        0 => String::new(),
        1 => "One ballot was blank and counts towards the turnout only.".to_owned(),
        blank => format!("{blank} ballots were blank and count towards the turnout only."),
    };
    view! {
        <section class="results__turnout" aria-label="Turnout">
            <p>
                <strong>{format!("{percent} %")}</strong>
                {format!(" turnout: {} ", turnout.cast)} <span class="explained" title=INVITED>{format!("of {}", turnout.invited)}</span>
                " voted. " {stands}
            </p>
            {bar("bar bar--turnout", move || u64::from(percent) * 10, quorum)}
            {(!blank.is_empty()).then(|| view! { <p class="quiet">{blank}</p> })}
        </section>
    }
}

/// That the quorum was missed, if one was asked for and nobody can vote any more.
fn missed_quorum(facts: &VotingFacts) -> Option<String> {
    let quorum = facts.draft.quorum;
    (facts.phase >= Phase::Closed && facts.turnout.misses(quorum))
        .then(|| format!("The quorum of {quorum} % was missed: the result is not binding."))
}

/// Points as they are shown: a mean of no grades is a dash.
fn points_of(line: &Line, mode: Mode, weighted: bool) -> String {
    line.shown(mode, weighted).map_or_else(|| "–".to_owned(), |score| score.to_string())
}

/// How many graded an item, where these are few: fewer than half of the voters, or than three.
fn few_grades(results: &Results, line: &Line) -> Option<String> {
    let (graded, all) = (line.voters, results.tally.ballots);
    let few = graded < all && (2 * graded < all || graded < 3);
    let is_mean = results.facts.draft.rules.mode == Mode::Importance;
    (is_mean && few).then(|| match graded {
        0 => "graded by nobody".to_owned(),
        _ => format!("graded by only {graded} of {all}"),
    })
}

/// The order, with bars; two of them where votes have weights.
fn order(results: &Results, reader: Reader) -> impl IntoView + use<> {
    let facts = &results.facts;
    let (mode, weighted) = (facts.draft.rules.mode, facts.draft.weighted);
    let both = facts.draft.split.is_some();
    let (most_raw, most_weighted) = (results.tally.most(mode, false), results.tally.most(mode, true));
    let points = points(mode);
    // On a phone there is room for the points that decide.
    let class =
        |decides: bool| if decides { "results__number" } else { "results__number results__other-points" };
    let (raw, by_weight) = (class(!both || !weighted), class(weighted));
    let rows = results
        .tally
        .lines
        .iter()
        .map(|line| {
            let candidate = facts.draft.candidates.iter().find(|each| each.item == line.item);
            let key = candidate.map(|each| each.key.clone()).unwrap_or_default();
            let few =
                few_grades(results, line).map(|few| view! { <span class="results__other">{few}</span> });
            let moved = (both && line.other_place != line.place).then(|| {
                let other = if weighted { "by raw count" } else { "by weight" };
                view! { <span class="results__other">{format!("{} {other}", ordinal(line.other_place))}</span> }
            });
            // What decides comes first.
            let [first, second] = {
                let (raw, by_weight) = ((line.raw, most_raw), (line.weighted, most_weighted));
                let (deciding, other) = if both && weighted { (by_weight, raw) } else { (raw, by_weight) };
                let first = Some(bar_of(deciding.0, deciding.1, "bar"));
                [first, both.then(|| bar_of(other.0, other.1, "bar bar--second"))]
            };
            view! {
                <tr>
                    <td class="results__place">{line.place}</td>
                    <th scope="row" class="results__item">
                        <span>{item_link(title(&facts.draft.candidates, line.item), &key, reader)}</span>
                        <span class="results__key">{key} {few} {moved}</span>
                    </th>
                    <td class="results__bars">{first} {second}</td>
                    <td class=raw>{points_of(line, mode, false)}</td>
                    {both.then(|| view! { <td class=by_weight>{points_of(line, mode, true)}</td> })}
                    <td class="results__number results__voters">{line.voters}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section class="results__part" aria-labelledby="result-order">
            <h2 id="result-order">"Order"</h2>
            <p class="quiet">{how_counted(mode, both, weighted)} {small_groups(facts)}</p>
            <table class="table results__table results__order">
                <thead>
                    <tr>
                        <th scope="col">
                            <span class="visually-hidden">"Place"</span>
                        </th>
                        <th scope="col">"Item"</th>
                        <th scope="col" class="results__bars">
                            <span class="visually-hidden">"Chart"</span>
                        </th>
                        <th scope="col" class=raw>
                            {points}
                        </th>
                        {both
                            .then(|| {
                                view! {
                                    <th scope="col" class=by_weight>
                                        <span class="explained" title=weights(results)>
                                            "Weighted"
                                        </span>
                                    </th>
                                }
                            })}
                        <th scope="col" class="results__number results__voters">
                            "Voters"
                        </th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </section>
    }
}

/// An item's title, which opens the item for those who see its board.
fn item_link(title: String, key: &str, reader: Reader) -> AnyView {
    match key.rsplit_once('-') {
        Some((product, _)) if !reader.is_guest => {
            view! { <a href=format!("/p/{product}/i/{key}")>{title}</a> }.into_any()
        }
        _ => title.into_any(),
    }
}

/// What the ballots weigh together.
fn weights(results: &Results) -> String {
    let ballots = counted(results.tally.ballots, "ballot weighs", "ballots weigh");
    format!("{ballots} {} in all, by the weights of the opening.", results.weight)
}

/// Which ballots have lost their weight.
fn small_groups(facts: &VotingFacts) -> Option<String> {
    let loses = facts.draft.split.is_some() && facts.draft.secrecy == Secrecy::Secret;
    loses.then(|| format!(" {}", words::SMALL_GROUPS))
}

fn points(mode: Mode) -> &'static str {
    match mode {
        Mode::Upvote | Mode::Quadratic | Mode::Approval => "Votes",
        Mode::Dots => "Dots",
        Mode::Budget => "Bought by",
        Mode::Ranking => "Borda",
        Mode::Importance => "Mean",
    }
}

fn how_counted(mode: Mode, both: bool, weighted: bool) -> String {
    let points = match mode {
        Mode::Ranking => "Ranked by Schulze's method; the points are Borda's count.",
        Mode::Importance => "Ranked by the mean of the grades given.",
        Mode::Budget => "Ranked by number of buyers.",
        Mode::Upvote | Mode::Quadratic | Mode::Approval => "Ranked by total votes.",
        Mode::Dots => "Ranked by total dots.",
    };
    let bars = match (both, weighted) {
        (false, _) => "",
        (true, true) => " Wide bar: weighted; narrow bar: raw.",
        (true, false) => " Wide bar: raw; narrow bar: weighted.",
    };
    format!("{points}{bars}")
}

/// Each segment's part, item by item.
fn segments(results: &Results) -> Option<impl IntoView + use<>> {
    let facts = &results.facts;
    let mode = facts.draft.rules.mode;
    (results.groups.len() > 1).then(|| {
        let heads = results
            .groups
            .iter()
            .map(|group| {
                let name =
                    group.name.as_ref().map_or_else(|| "Everybody else".to_owned(), ToString::to_string);
                let says = format!("{} × {}", group.tally.ballots, group.weight);
                view! {
                    <th scope="col" class="results__group">
                        <bdi>{name}</bdi>
                        <span class="quiet">
                            {says} <span class="visually-hidden">" ballots by weight"</span>
                        </span>
                    </th>
                }
            })
            .collect_view();
        let rows = results
            .tally
            .lines
            .iter()
            .map(|line| {
                let cells = results
                    .groups
                    .iter()
                    .map(|group| {
                        let found = group.tally.line(line.item);
                        let score = found.map(|line| line.raw).unwrap_or_default();
                        let points = found.map_or_else(String::new, |line| points_of(line, mode, false));
                        view! {
                            <td class="results__cell">
                                <span class="results__number">{points}</span>
                                {bar_of(score, group.tally.most(mode, false), "bar bar--thin")}
                            </td>
                        }
                    })
                    .collect_view();
                view! {
                    <tr>
                        <th scope="row" class="results__item">
                            {title(&facts.draft.candidates, line.item)}
                        </th>
                        {cells}
                    </tr>
                }
            })
            .collect_view();
        view! {
            <section class="results__part" aria-labelledby="result-segments">
                <h2 id="result-segments">"By segment"</h2>
                <p class="quiet">"Each bar is measured against the favourite of its segment."</p>
                <div class="results__scroll" tabindex="0" role="group" aria-label="Result by segment">
                    <table class="table results__table">
                        <thead>
                            <tr>
                                <th scope="col">"Item"</th>
                                {heads}
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            </section>
        }
    })
}

fn title(candidates: &[Candidate], item: ItemId) -> String {
    let candidate = candidates.iter().find(|candidate| candidate.item == item);
    candidate.map(|candidate| candidate.title.to_string()).unwrap_or_default()
}

fn bar_of(score: Score, most: Score, class: &'static str) -> impl IntoView {
    bar(class, move || share(score, most), 0)
}

/// `1st`, `22nd`, `13th`.
pub(super) fn ordinal(place: u32) -> String {
    let ending = match (place % 100, place % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("{place}{ending}")
}

#[cfg(test)]
mod tests {
    use super::ordinal;

    #[test]
    fn places_have_their_endings() {
        let written: Vec<String> =
            [1, 2, 3, 4, 11, 12, 13, 21, 22, 101, 111].into_iter().map(ordinal).collect();
        let expected = ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "22nd", "101st", "111th"];
        assert_eq!(written, expected);
    }
}
