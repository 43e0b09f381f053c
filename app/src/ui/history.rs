//! Lines of history: who, when, what, and the long texts before and after.

use domain::{Change, Field, Member, Timestamp, UserId};
use leptos::prelude::*;

use super::{Avatar, day, time, time_of_day};
use crate::api::rooms::HistoryLine;

#[component]
pub(crate) fn HistoryList(
    lines: Vec<HistoryLine>,
    members: Vec<Member>,
    /// Whether days are headings, and lines have the time of day alone.
    #[prop(optional)]
    by_day: bool,
    /// When the line was that stands above these.
    #[prop(optional_no_strip)]
    after: Option<Timestamp>,
) -> impl IntoView {
    let name = move |user: UserId| {
        members.iter().find(|member| member.id == user).map(|member| (member.name.to_string(), member.colour))
    };
    if lines.is_empty() {
        return view! { <p class="quiet">"Nothing has happened yet."</p> }.into_any();
    }
    let earlier = std::iter::once(None).chain(lines.iter().map(|line| Some((line.actor, line.at.0))));
    let same: Vec<bool> = lines
        .iter()
        .zip(earlier)
        .map(|(line, before)| {
            before.is_some_and(|(actor, at)| actor == line.actor && at - line.at.0 < SITTING)
        })
        .collect();
    let above: Vec<_> = std::iter::once(after).chain(lines.iter().map(|line| Some(line.at))).collect();
    let line = move |((line, same), above): ((HistoryLine, bool), Option<Timestamp>)| {
        let heading = by_day.then(|| {
            let goes_on = above.is_some_and(|above| above.utc().date == line.at.utc().date);
            view! {
                <li class="history__day" hidden=goes_on>
                    <h2>{day(line.at, above)}</h2>
                </li>
            }
        });
        let (who, colour) = name(line.actor).unwrap_or_else(|| ("Someone".to_owned(), 0));
        let what = |changes: &[Change]| {
            let what = changes.iter().map(|change| {
                let sentence =
                    change.sentence(|user| name(user).map_or_else(|| "someone".to_owned(), |(name, _)| name));
                view! {
                    <p class="history__what">{sentence}</p>
                    {long(change)}
                }
            });
            what.collect_view()
        };
        let (first, rest) = line.changes.split_at(shown(line.changes.len()));
        let rest = (!rest.is_empty()).then(|| {
            view! {
                <details class="history__details">
                    <summary>{format!("and {} more changes", rest.len())}</summary>
                    {what(rest)}
                </details>
            }
        });
        view! {
            {heading}
            <li class="history__line" class:history__line--same=same data-seq=line.seq.to_string()>
                <Avatar name=who.clone() colour />
                <div class="history__main">
                    <p class="history__who">
                        <strong dir="auto">{who}</strong>
                        <span class="quiet">{if by_day { time_of_day(line.at) } else { time(line.at) }}</span>
                    </p>
                    {line.reason.map(|reason| view! { <p class="history__reason">{format!("Reason: {reason}")}</p> })}
                    {what(first)}
                    {rest}
                </div>
            </li>
        }
    };
    view! { <ol class="history">{lines.into_iter().zip(same).zip(above).map(line).collect_view()}</ol> }
        .into_any()
}

/// What one person does within so many milliseconds stands together.
const SITTING: i64 = 15 * 60 * 1_000;

/// How many changes of a step are shown at once. An import changes hundreds of things; nobody reads past them.
fn shown(changes: usize) -> usize {
    const FEW: usize = 5;
    // One more takes no more room than saying that there is one more.
    if changes <= FEW + 1 { changes } else { FEW }
}

/// Texts too long for the sentence, to open on demand.
fn long(change: &Change) -> Option<impl IntoView + use<>> {
    let (before, after) = match change {
        Change::ItemSet { field: Field::Description, before, after, .. } => {
            (before.text().to_owned(), after.text().to_owned())
        }
        Change::CommentAdded { body, .. } => (String::new(), body.clone()),
        Change::CommentEdited { before, after, .. } => (before.clone(), after.clone()),
        Change::CommentDeleted { body, .. } => (body.clone(), String::new()),
        _ => return None,
    };
    let part = |label: &'static str, text: String| {
        (!text.is_empty()).then(|| {
            view! {
                <div class="history__text">
                    <span class="quiet">{label}</span>
                    <blockquote>{text}</blockquote>
                </div>
            }
        })
    };
    Some(view! {
        <details class="history__details">
            <summary>"Show the text"</summary>
            {part("Before", before)}
            {part("After", after)}
        </details>
    })
}
