//! What those who run a session can do with it.

use domain::voting::{Entry, Phase, Secrecy, Segment, Voter, VoterKind, VotingFacts};
use leptos::prelude::*;

use super::{counted, html, named_post, post};
use crate::{pages::voting::api::run::Controls, ui::time};

/// All that can be done with a session but sharing it and making codes.
pub(crate) fn controls(
    facts: &VotingFacts,
    entries: &[Entry],
    voters: &[Voter],
    segments: &[Segment],
) -> Controls {
    let open = facts.phase == Phase::Open;
    let customer = open.then(|| {
        view! {
            <a class="run__row" href=format!("/voting/{}/customer", facts.id)>
                "Vote for a customer"
            </a>
        }
    });
    let rest = view! {
        <div class="run__rest">
            {customer} {people(facts, voters, segments)} {items(facts)} {open.then(|| closing(facts))}
        </div>
    };
    Controls { next: next(facts), codes: codes(facts, entries), rest: html(rest) }
}

/// What comes next.
fn next(facts: &VotingFacts) -> String {
    let id = facts.id;
    let setup = matches!(facts.phase, Phase::Draft | Phase::Scheduled).then(|| {
        view! {
            <a class="button" href=format!("/voting/{id}/setup")>
                "Change"
            </a>
        }
    });
    let open = facts.phase == Phase::Open;
    let delete = (facts.phase == Phase::Draft)
        .then(|| post("/api/delete_voting", &[("id", id.to_string())], "Delete the draft", "button--quiet"));
    html(view! {
        <div class="run__next">
            {hint(facts).map(|hint| view! { <p class="run__hint">{hint}</p> })}
            <div class="run__bar">
                {(!open).then(|| steps(facts, false))}
                <a class="button" class:run__present=open href=format!("/voting/{id}/present")>
                    "Present"
                </a>
                {setup}
                {delete}
            </div>
        </div>
    })
}

/// When an open session closes, later, and now.
fn closing(facts: &VotingFacts) -> impl IntoView + use<> {
    let id = facts.id;
    let until = match facts.draft.closes {
        Some(closes) => view! { "Closes " {time(closes)} }.into_any(),
        None => "Open until you close it".into_any(),
    };
    // Without an end there is nothing to move.
    let extend = facts.draft.closes.map(|_| {
        view! {
            <form class="run__extend" method="post" action="/api/extend_voting">
                <input type="hidden" name="id" value=id.to_string() />
                <label for="extend">"Extend by"</label>
                <select class="select" id="extend" name="minutes" autocomplete="off">
                    <option value="15">"15 minutes"</option>
                    <option value="60">"1 hour"</option>
                    <option value="1440">"1 day"</option>
                </select>
                <button class="button" type="submit">
                    "Extend"
                </button>
            </form>
        }
    });
    view! {
        <section class="run__closing" aria-labelledby="run-closing">
            <h3 id="run-closing">"Closing"</h3>
            <p class="run__hint">
                {until} " · "
                <a class="link" href=format!("/voting/{id}/setup") aria-label="Change times">
                    "Change"
                </a>
            </p>
            {extend}
            <div class="run__bar">{steps(facts, false)}</div>
        </section>
    }
}

/// The next steps alone, for the shared screen.
pub(crate) fn next_steps(facts: &VotingFacts) -> String {
    html(steps(facts, true))
}

fn steps(facts: &VotingFacts, present: bool) -> AnyView {
    let mut fields = vec![("id", facts.id.to_string())];
    if present {
        fields.push(("back", "present".to_owned()));
    }
    match facts.phase {
        Phase::Draft if facts.draft.opens.is_some() => {
            post("/api/open_voting", &fields, "Open at its time", "button--primary")
        }
        Phase::Draft | Phase::Scheduled => post("/api/open_voting", &fields, "Open now", "button--primary"),
        Phase::Open if facts.keyless => view! {
            <details class="run__close">
                <summary class="button button--danger">"End without a result…"</summary>
                <div class="run__sure">
                    <p>
                        "The server does not have the key of these ballots. Ask its operator to restore the folder of keys. \
                         If the key is lost, end the session here: all ballots are deleted."
                    </p>
                    {post("/api/end_uncounted", &fields, "Delete the ballots", "button--danger")}
                </div>
            </details>
        }
        .into_any(),
        // A closed session cannot be opened again, so closing takes a second click.
        Phase::Open => view! {
            <details class="run__close">
                <summary class="button">"Close voting…"</summary>
                <div class="run__sure">
                    <p>"Nobody can vote after that, and it cannot be opened again."</p>
                    {post("/api/close_voting", &fields, "Close now", "button--danger")}
                </div>
            </details>
        }
        .into_any(),
        Phase::Closed => post("/api/reveal_voting", &fields, "Reveal the result", "button--primary"),
        Phase::Revealed => ().into_any(),
    }
}

fn hint(facts: &VotingFacts) -> Option<&'static str> {
    match facts.phase {
        _ if facts.removing => {
            Some("Removing traces… The ballots can no longer be read; old rows are being overwritten.")
        }
        Phase::Draft => Some("This is a draft. Only those who run sessions see it."),
        Phase::Scheduled => Some("It opens by itself at its time."),
        _ => None,
    }
}

fn codes(facts: &VotingFacts, entries: &[Entry]) -> String {
    // Nobody comes in any more once it is closed.
    let entries = if facts.phase < Phase::Closed { entries } else { &[] };
    let rows = entries
        .iter()
        .map(|entry| {
            let who = entry.name.clone().unwrap_or_else(|| "Anyone with the code".to_owned());
            let fields = [("id", facts.id.to_string()), ("entry", entry.id.to_string())];
            let name = format!("Revoke the code for {who}");
            let used = match entry.used {
                0 => "not used yet".to_owned(),
                used => format!("used {}", counted(used, "time", "times")),
            };
            view! {
                <li class="run__line">
                    <span class="run__who" dir="auto">
                        {who}
                    </span>
                    <span class="quiet">{used}</span>
                    {named_post("/api/revoke_entry", &fields, "Revoke", "button--quiet", Some(name))}
                </li>
            }
        })
        .collect_view();
    if entries.is_empty() { String::new() } else { html(view! { <ul class="run__lines">{rows}</ul> }) }
}

fn people(facts: &VotingFacts, voters: &[Voter], segments: &[Segment]) -> Option<AnyView> {
    let over = facts.phase >= Phase::Closed;
    let rows = voters
        .iter()
        .map(|voter| {
            let segment = segments.iter().find(|segment| Some(segment.id) == voter.segment);
            let mut facts_of = vec![voter.kind.label().to_owned()];
            facts_of.extend(segment.map(|segment| segment.name.to_string()));
            facts_of.extend(voter.source.as_ref().map(|source| format!("from {source}")));
            if facts.draft.secrecy != Secrecy::Secret {
                facts_of.push(if voter.voted { "has voted".to_owned() } else { "has not voted".to_owned() });
            }
            let fields = [("id", facts.id.to_string()), ("voter", voter.id.to_string())];
            let name = format!("Remove {} and the ballot", voter.name);
            view! {
                <li class="run__line">
                    <span class="run__who" dir="auto">
                        {voter.name.clone()}
                    </span>
                    <span class="quiet" dir="auto">
                        {facts_of.join(" · ")}
                    </span>
                    {(!over)
                        .then(|| {
                            named_post("/api/remove_voter", &fields, "Remove", "button--quiet", Some(name))
                        })}
                </li>
            }
        })
        .collect_view();
    let guests = voters.iter().filter(|voter| voter.kind == VoterKind::Guest).count();
    let label = if guests == voters.len() { "Guests" } else { "Guests and customers" };
    part(label, voters.len(), rows)
}

/// Items that can be taken off the ballot while people vote.
fn items(facts: &VotingFacts) -> Option<AnyView> {
    let open: Vec<_> = facts.draft.candidates.iter().filter(|candidate| !candidate.withdrawn).collect();
    if facts.phase != Phase::Open {
        return None;
    }
    let rows = open
        .iter()
        .map(|candidate| {
            let fields = [("id", facts.id.to_string()), ("item", candidate.item.to_string())];
            let name = format!("Take “{}” off the ballot", candidate.title);
            view! {
                <li class="run__line">
                    <span class="run__who" dir="auto">
                        {candidate.title.to_string()}
                    </span>
                    <span class="ballot__key">{candidate.key.clone()}</span>
                    {named_post("/api/withdraw_candidate", &fields, "Take off", "button--quiet", Some(name))}
                </li>
            }
        })
        .collect_view();
    part("Items", open.len(), rows)
}

fn part(heading: &'static str, number: usize, rows: impl IntoView + 'static) -> Option<AnyView> {
    (number > 0).then(|| {
        view! {
            <details class="run__part">
                <summary class="run__row">{format!("{heading} ({number})")}</summary>
                <ul class="run__lines">{rows.into_any()}</ul>
            </details>
        }
        .into_any()
    })
}
