//! `/voting` and `/p/:key/voting`: sessions, by how far they have come.

use std::ops::Not as _;

use domain::{
    Product,
    voting::{Phase, VotingSummary},
};
use leptos::prelude::*;

use super::{counted, html, notice};
use crate::{
    api::Plain,
    pages::voting::words,
    ui::{bar, time},
};

/// Every session.
pub(crate) fn page(sessions: Vec<VotingSummary>, new: Option<NewSession>, refused: Option<String>) -> Plain {
    let content = content(sessions, "Voting", new);
    let page = view! { <div class="page">{notice(refused)} {content}</div> };
    Plain { title: "Voting".to_owned(), html: html(page) }
}

/// Those that wait for somebody's vote, for their first page. Nothing without any.
pub(crate) fn waiting(sessions: &[VotingSummary]) -> String {
    if sessions.is_empty() {
        return String::new();
    }
    html(part("Waiting for you", sessions.iter()))
}

/// Those on the items of a product, below its bar.
pub(crate) fn of_product(
    product: &Product,
    sessions: Vec<VotingSummary>,
    edits: bool,
    has_items: bool,
) -> Plain {
    let new = (edits && !product.archived).then(|| NewSession {
        href: format!("/voting/new?product={}", product.key),
        before: has_items.not().then(|| (format!("/p/{}", product.key), "Add items")),
    });
    let page = view! { <div class="page">{content(sessions, "Votes on this roadmap", new)}</div> };
    Plain { title: format!("Votes on {}", product.name), html: html(page) }
}

/// Where those who may set up a session do so.
pub(crate) struct NewSession {
    pub(crate) href: String,
    /// What comes first, as long as there is nothing to vote on.
    pub(crate) before: Option<(String, &'static str)>,
}

fn content(sessions: Vec<VotingSummary>, heading: &'static str, new: Option<NewSession>) -> AnyView {
    if sessions.is_empty() { nothing(new).into_any() } else { list(sessions, heading, new).into_any() }
}

fn nothing(new: Option<NewSession>) -> impl IntoView {
    let action = match new {
        Some(NewSession { href, before: None }) => view! {
            <a class="button button--primary" href=href>
                "New session"
            </a>
        }
        .into_any(),
        Some(NewSession { href, before: Some((first, label)) }) => view! {
            <div class="row">
                <a class="button button--primary" href=first>
                    {label}
                </a>
                <a class="button" href=href>
                    "New session"
                </a>
            </div>
        }
        .into_any(),
        None => view! { <p>"An editor or owner of the workspace can set up the first one."</p> }.into_any(),
    };
    view! {
        <div class="empty">
            <svg class="voting-list__urn" viewBox="0 0 96 72" aria-hidden="true">
                <path class="voting-list__slip" d="M38 4h22v30H38z" />
                <path d="M43 12h12M43 18h12M43 24h7" />
                <path class="voting-list__box" d="M14 34h68v32H14z" />
                <path d="M32 34h34" />
            </svg>
            <h1>"Decide together"</h1>
            <p>
                "A voting session asks people what matters to them: with dots, tokens, grades or a ranking, openly or in secret. Everybody can check the count."
            </p>
            {action}
        </div>
    }
}

fn list(sessions: Vec<VotingSummary>, heading: &'static str, new: Option<NewSession>) -> impl IntoView {
    let in_phases = |heading: &'static str, phases: &'static [Phase]| {
        part(heading, sessions.iter().filter(|each| phases.contains(&each.phase) && !each.waits()))
    };
    view! {
        <header class="page__header">
            <h1>{heading}</h1>
            <p class="page__count">{counted(sessions.len(), "session", "sessions")}</p>
            {new
                .map(|new| {
                    view! {
                        <a class="button button--quiet" href="/segments">
                            "Segments"
                        </a>
                        <a class="button button--primary" href=new.href>
                            "New session"
                        </a>
                    }
                })}
        </header>
        {part("Waiting for you", sessions.iter().filter(|each| each.waits()))}
        {in_phases("Open", &[Phase::Open])}
        {in_phases("Being set up", &[Phase::Draft, Phase::Scheduled])}
        {in_phases("Waiting to be revealed", &[Phase::Closed])}
        {in_phases("Results", &[Phase::Revealed])}
    }
}

/// Sessions under a heading; nothing without any.
fn part<'a>(heading: &'static str, sessions: impl Iterator<Item = &'a VotingSummary>) -> Option<AnyView> {
    let rows: Vec<_> = sessions.map(row).collect();
    (!rows.is_empty()).then(|| {
        view! {
            <section class="voting-list__part">
                <h2>{heading}</h2>
                <ul class="voting-list">{rows}</ul>
            </section>
        }
        .into_any()
    })
}

fn row(session: &VotingSummary) -> impl IntoView + use<> {
    let (open, href) = (session.phase == Phase::Open, format!("/voting/{}", session.id));
    let when = match (session.phase, session.opens, session.closes) {
        (Phase::Open, _, Some(closes)) => view! { "closes " {time(closes)} }.into_any(),
        (Phase::Draft | Phase::Scheduled, Some(opens), _) => view! { "opens " {time(opens)} }.into_any(),
        (Phase::Closed | Phase::Revealed, _, Some(closed)) => view! { "closed " {time(closed)} }.into_any(),
        _ => ().into_any(),
    };
    let own = (open && session.invited && (session.voted || session.waits())).then(|| {
        if session.voted {
            view! { <span class="voting-list__done">"You have voted"</span> }.into_any()
        } else {
            view! {
                <a class="button button--primary" href=href.clone() aria-label=format!("Vote in {}", session.title)>
                    "Vote"
                </a>
            }
            .into_any()
        }
    });
    let own = own.or_else(|| {
        (session.phase == Phase::Revealed).then(|| {
            view! {
                <a
                    class="button"
                    href=format!("{href}/results")
                    aria-label=format!("Results of {}", session.title)
                >
                    "Results"
                </a>
            }
            .into_any()
        })
    });
    // Results stand under a heading that says so.
    let phase = (session.phase != Phase::Revealed).then(|| {
        view! { <span class=format!("phase phase--{}", session.phase.as_str())>{session.phase.label()}</span> }
    });
    let turnout = session.turnout;
    view! {
        <li class="voting-list__row">
            <div class="voting-list__what">
                <a class="voting-list__title" href=href.clone()>
                    {session.title.to_string()}
                </a>
                {phase}
                <p class="voting-list__facts">
                    <span>{session.rules.mode.label()}</span>
                    <span>{words::secrecy_name(session.secrecy)}</span>
                    <span>
                        {counted(session.candidates, "item", "items")}
                    </span>
                    <span>{when}</span>
                </p>
            </div>
            {(session.phase >= Phase::Open)
                .then(|| {
                    view! {
                        <span class="voting-list__turnout">
                            {bar("bar bar--thin", move || u64::from(turnout.percent()) * 10, 0)}
                            {format!("{} of {} voted", turnout.cast, turnout.invited)}
                        </span>
                    }
                })}
            <span class="voting-list__own">{own}</span>
        </li>
    }
}
