//! The days of teams as HTML.

use backend::{
    Error, Viewer,
    balance::Work,
    capacity::{Capacities, Cell, Request, TeamRow},
};
use domain::{FiscalYear, Member, Quarter, TEAM, UserId, counted, lead_of};
use leptos::prelude::*;

use crate::{
    api::Plain,
    pages::plain::{html, notice, person},
    ui::Icon,
};

/// How many quarters are shown.
const QUARTERS: usize = 4;

/// The most items that are listed as not fitting.
const LISTED: usize = 10;

/// The most requests that are listed.
const REQUESTS: usize = 30;

pub(super) fn address(from: Quarter) -> String {
    format!("/capacity?from={from}")
}

/// A text of several lines as it is kept.
pub(super) fn tidy(text: &str) -> String {
    text.lines().map(backend::tidy).collect::<Vec<_>>().join("\n")
}

struct Page {
    capacities: Capacities,
    members: Vec<Member>,
    year: FiscalYear,
    from: Quarter,
    /// Whether this person may ask for days.
    may_ask: bool,
}

pub(super) async fn page(
    viewer: &Viewer,
    from: Quarter,
    now: Quarter,
    refused: Option<String>,
) -> Result<Plain, Error> {
    let mut products = viewer.products().await?;
    products.retain(|product| !product.archived);
    let page = Page {
        capacities: viewer.capacities(from, QUARTERS, products).await?,
        members: viewer.members().await?,
        year: viewer.fiscal_year().await?,
        from,
        may_ask: viewer.as_editor().is_ok(),
    };
    Ok(Plain { title: "Capacity".to_owned(), html: html(page.view(now, refused)) })
}

/// Tenths of a person-day as people read them.
fn days(tenths: u64) -> String {
    if tenths.is_multiple_of(10) {
        format!("{} d", tenths / 10)
    } else {
        format!("{}.{} d", tenths / 10, tenths % 10)
    }
}

impl Page {
    fn view(&self, now: Quarter, refused: Option<String>) -> AnyView {
        let link = |to: Quarter, words: &'static str| {
            let name = format!("{words} {}", self.year.label(to));
            view! {
                <a class="button button--quiet" href=address(to) aria-label=name>
                    {self.year.label(to)}
                </a>
            }
        };
        let back = (self.from != now)
            .then(|| view! { <a class="button button--quiet" href="/capacity">"From this quarter"</a> });
        let cut = self
            .capacities
            .is_cut
            .then(|| view! { <p class="quiet">"Only the first 20,000 items are counted."</p> });
        let body = if self.capacities.teams.is_empty() {
            view! {
                <p class="quiet">
                    "There are no teams yet. " <a class="link" href="/teams">"Add teams and their leads"</a>
                    " first; then each lead says how many person-days the team has."
                </p>
            }
            .into_any()
        } else {
            view! {
                {self.table()}
                {cut}
                <p class="quiet">
                    "Planned is the effort of items that name the team, in products that you see. What does not fit is what is lowest on its board."
                </p>
                {self.requests()}
            }
            .into_any()
        };
        view! {
            <div class="page capacity">
                <header class="page__header">
                    <h1>"Capacity"</h1>
                </header>
                <nav class="capacity__ways" aria-label="Quarters">
                    {link(self.from.plus(-1), "From")} {link(self.from.plus(1), "From")} {back}
                    <a class="button button--quiet" href="/teams">
                        "Teams"
                    </a>
                    <a class="button button--quiet" href="/balance">
                        "Balance"
                    </a>
                </nav>
                {notice(refused)}
                {body}
            </div>
        }
        .into_any()
    }

    fn table(&self) -> AnyView {
        let heads = self.capacities.quarters.iter().map(|quarter| {
            view! { <th scope="col">{self.year.label(*quarter)}</th> }
        });
        let any = self.capacities.teams.iter().any(|team| team.may_set);
        let save = any.then(|| view! { <th scope="col"><span class="visually-hidden">"Save"</span></th> });
        let unassigned = self.capacities.unassigned.iter().any(|sum| *sum > 0).then(|| {
            let cells = self.capacities.unassigned.iter().map(|sum| {
                view! { <td><span class="capacity__planned">{format!("{} planned", days(*sum))}</span></td> }
            });
            view! {
                <tr>
                    <th scope="row" class="quiet">"No team"</th>
                    {cells.collect_view()}
                    {any.then(|| view! { <td></td> })}
                </tr>
            }
        });
        view! {
            <div class="capacity__table">
                <table>
                    <caption class="visually-hidden">"Person-days of teams by quarter"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Team"</th>
                            {heads.collect_view()}
                            {save}
                        </tr>
                    </thead>
                    <tbody>
                        {self.capacities.teams.iter().map(|row| self.row(row, any)).collect_view()}
                        {unassigned}
                    </tbody>
                </table>
            </div>
        }
        .into_any()
    }

    fn person(&self, user: UserId) -> String {
        person(&self.members, user)
    }

    fn row(&self, row: &TeamRow, any: bool) -> AnyView {
        let name = TEAM.name_of(&row.team);
        let lead = lead_of(&row.team)
            .map(|lead| view! { <span class="quiet" dir="auto">{self.person(lead)}</span> });
        let form = format!("team-{}", row.team.id);
        let cells = self.capacities.quarters.iter().zip(&row.cells).enumerate();
        let cells = cells.map(|(at, (quarter, cell))| {
            let label = format!("{name}, {}", self.year.label(*quarter));
            let said = if row.may_set {
                view! {
                    <span class="capacity__input">
                        <input
                            form=form.clone()
                            type="hidden"
                            name=format!("seen[{at}]")
                            value=cell.days.map(|days| days.to_string()).unwrap_or_default()
                        />
                        <input
                            form=form.clone()
                            name=format!("days[{at}]")
                            type="number"
                            inputmode="numeric"
                            min="0"
                            max="100000"
                            step="1"
                            aria-label=label
                            value=cell.days.map(|days| days.to_string())
                        />
                        " d"
                    </span>
                }
                .into_any()
            } else {
                let words = cell.days.map_or_else(|| "–".to_owned(), |days| format!("{days} d"));
                view! { <span class="capacity__days">{words}</span> }.into_any()
            };
            let is_over = cell.days.is_some_and(|days| cell.planned > u64::from(days) * 10);
            view! {
                <td class:capacity__over=is_over>
                    {said}
                    {self.planned(cell)}
                </td>
            }
        });
        let save = row.may_set.then(|| {
            view! {
                <form id=form.clone() method="post" action="/api/set_capacity">
                    <input type="hidden" name="team" value=row.team.id.to_string() />
                    <input type="hidden" name="from" value=self.from.to_string() />
                    <button class="button" type="submit" aria-label=format!("Save the days of {name}")>
                        "Save"
                    </button>
                </form>
            }
        });
        let save = any.then(|| view! { <td class="capacity__save">{save}</td> });
        view! {
            <tr>
                <th scope="row">
                    <span dir="auto">{name.clone()}</span>
                    {lead}
                </th>
                {cells.collect_view()}
                {save}
            </tr>
        }
        .into_any()
    }

    /// What is planned, and what of it does not fit.
    fn planned(&self, cell: &Cell) -> AnyView {
        let planned = format!("{} planned", days(cell.planned));
        let over =
            cell.days.map(|days| cell.planned.saturating_sub(u64::from(days) * 10)).filter(|over| *over > 0);
        let over = over.map(|over| {
            let rows: Vec<_> = cell.below.iter().take(LISTED).filter_map(|work| self.item(work)).collect();
            let more = cell.below.len().saturating_sub(LISTED);
            let count = counted(cell.below.len(), "item does", "items do");
            let list = (!rows.is_empty()).then(|| {
                view! {
                    <details class="capacity__below">
                        <summary>{format!("{count} not fit")}</summary>
                        <ul>
                            {rows}
                            {(more > 0).then(|| view! { <li class="quiet">{format!("{more} more")}</li> })}
                        </ul>
                    </details>
                }
            });
            view! {
                <span class="capacity__warning">
                    <Icon name="warning" />
                    {format!("{} over", days(over))}
                </span>
                {list}
            }
        });
        let by = cell.disciplines.iter().map(|row| {
            let of = row.days.map(|days| format!(" of {}", self::days(days)));
            let is_over = row.days.is_some_and(|days| row.planned > days);
            view! {
                <li class:capacity__warning=is_over>
                    {is_over.then(|| view! { <Icon name="warning" /> })} <bdi>{row.name.clone()}</bdi> " "
                    {days(row.planned)} {of}
                </li>
            }
        });
        let by = (!cell.disciplines.is_empty()).then(|| {
            view! {
                <ul class="capacity__disciplines" aria-label="By discipline">
                    {by.collect_view()}
                </ul>
            }
        });
        view! { <span class="capacity__planned">{planned}</span> {over} {by} }.into_any()
    }

    fn item(&self, work: &Work) -> Option<AnyView> {
        let key = &self.capacities.products.iter().find(|product| product.roadmap == work.roadmap)?.key;
        let name = format!("{key}-{}", work.number);
        Some(
            view! {
                <li>
                    <a class="link" href=format!("/p/{key}/i/{name}")>
                        <span class="quiet">{name.clone()}</span>
                        " "
                        <span dir="auto">{work.title.clone()}</span>
                    </a>
                    " "
                    <span class="quiet">{days(work.effort)}</span>
                </li>
            }
            .into_any(),
        )
    }

    fn requests(&self) -> AnyView {
        let (waiting, answered): (Vec<&Request>, Vec<&Request>) =
            self.capacities.requests.iter().partition(|request| request.said.answer.is_none());
        let shown = |requests: Vec<&Request>| {
            requests.into_iter().take(REQUESTS).map(|request| self.request(request)).collect_view()
        };
        let none = (waiting.is_empty() && answered.is_empty())
            .then(|| view! { <p class="quiet">"Nobody has asked for more days yet."</p> });
        let old = (!answered.is_empty()).then(|| {
            view! {
                <h3>"Answered"</h3>
                <ul class="capacity__requests">{shown(answered)}</ul>
            }
        });
        view! {
            <section aria-labelledby="requests">
                <h2 id="requests">"Requests"</h2>
                {self.may_ask.then(|| self.ask())}
                {none}
                <ul class="capacity__requests">{shown(waiting)}</ul>
                {old}
            </section>
        }
        .into_any()
    }

    fn request(&self, request: &Request) -> AnyView {
        let said = &request.said;
        let title = format!(
            "{} more for {} in {}",
            counted(usize::try_from(said.days).unwrap_or(usize::MAX), "person-day", "person-days"),
            request.team,
            self.year.label(said.quarter),
        );
        let answer = said.answer.zip(request.answered).map(|(yes, answered)| {
            let words = format!("{}, {}: ", if yes { "Yes" } else { "No" }, self.person(answered.by));
            view! {
                <p>
                    <strong>{words}</strong>
                    <span dir="auto">{said.because.clone()}</span>
                </p>
            }
        });
        let form = request.may_answer.then(|| {
            let field = format!("because-{}", request.id);
            view! {
                <form method="post" action="/api/answer_capacity" class="capacity__answer">
                    <input type="hidden" name="id" value=request.id.to_string() />
                    <input type="hidden" name="from" value=self.from.to_string() />
                    <div class="field">
                        <label for=field.clone()>"Reason for your answer"</label>
                        <input id=field name="because" required maxlength="1000" dir="auto" autocomplete="off" />
                    </div>
                    <button class="button button--primary" type="submit" name="answer" value="yes" aria-label=format!("Yes: {title}")>
                        "Yes, add the days"
                    </button>
                    <button class="button" type="submit" name="answer" value="no" aria-label=format!("No: {title}")>
                        "No"
                    </button>
                </form>
            }
        });
        view! {
            <li class="panel" aria-label=title.clone()>
                <p>
                    <strong dir="auto">{title.clone()}</strong>
                    " "
                    <span class="quiet" dir="auto">{self.person(request.asked.by)}</span>
                </p>
                <p dir="auto" class="capacity__reason">{said.reason.clone()}</p>
                {answer}
                {form}
            </li>
        }
        .into_any()
    }

    fn ask(&self) -> AnyView {
        let teams = self.capacities.teams.iter().map(|row| {
            view! { <option value=row.team.id.to_string()>{TEAM.name_of(&row.team)}</option> }
        });
        let quarters = self.capacities.quarters.iter().map(|quarter| {
            view! { <option value=quarter.to_string()>{self.year.label(*quarter)}</option> }
        });
        view! {
            <details class="capacity__ask">
                <summary class="button">"Ask for days"</summary>
                <form method="post" action="/api/ask_capacity" class="panel stack keeps-draft" data-draft="capacity">
                    <input type="hidden" name="from" value=self.from.to_string() />
                    <div class="field">
                        <label for="ask-team">"Team"</label>
                        <select id="ask-team" name="team" required>{teams.collect_view()}</select>
                    </div>
                    <div class="field">
                        <label for="ask-quarter">"Quarter"</label>
                        <select id="ask-quarter" name="quarter" required>{quarters.collect_view()}</select>
                    </div>
                    <div class="field">
                        <label for="ask-days">"Person-days more"</label>
                        <input id="ask-days" name="days" type="number" inputmode="numeric" min="1" max="100000" step="1" required />
                    </div>
                    <div class="field">
                        <label for="ask-reason">"What are they for?"</label>
                        <textarea id="ask-reason" name="reason" rows="2" required maxlength="2000" dir="auto"></textarea>
                    </div>
                    <button class="button button--primary" type="submit">
                        "Send the request"
                    </button>
                </form>
            </details>
        }
        .into_any()
    }
}
