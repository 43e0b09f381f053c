//! Lines of history: who, when, what, and the texts that are too long for a sentence.

use domain::{Change, Member, Reason, Timestamp, UserId, file_words};
use leptos::prelude::*;

use super::{Avatar, day, time, time_of_day};
use crate::board::api::{HistoryEvent, HistoryLine};

/// What one person does within so many milliseconds stands together.
const SITTING: i64 = 15 * 60 * 1_000;

/// The most characters, and lines, of a comment that are shown at once.
const COMMENT: (usize, usize) = (240, 3);

/// A line, with what happened drawn already.
pub(crate) struct Line {
    /// Its place in the roadmap's log, where it is of that.
    pub(crate) seq: Option<u64>,
    pub(crate) at: Timestamp,
    pub(crate) actor: UserId,
    /// Who did it where that is no member.
    pub(crate) otherwise: &'static str,
    pub(crate) reason: Option<Reason>,
    pub(crate) what: Vec<AnyView>,
}

impl Line {
    /// A line of one item's history, which need not lead to it.
    pub(crate) fn of(line: &HistoryLine, members: &[Member]) -> Self {
        let what = line.changes.iter().map(|it| change(it, members, None)).collect();
        let reason = line.reason.clone();
        Self { seq: Some(line.seq), at: line.at, actor: line.actor, otherwise: "Someone", reason, what }
    }

    /// A line about something that the roadmap's log does not have.
    pub(crate) fn of_event(event: &HistoryEvent) -> Self {
        let what = vec![fact(event.said.clone(), None, None)];
        Self { seq: None, at: event.at, actor: event.actor, otherwise: "Someone", reason: None, what }
    }
}

/// Where the thing leads that a sentence has in quotation marks.
pub(crate) struct Link {
    pub(crate) href: String,
    /// An item that is in the bin by now.
    pub(crate) is_in_bin: bool,
}

#[component]
pub(crate) fn HistoryList(
    lines: Vec<Line>,
    members: Vec<Member>,
    /// Whether days are headings, and lines have the time of day alone.
    #[prop(optional)]
    by_day: bool,
    /// When the line was that stands above these.
    #[prop(optional_no_strip)]
    after: Option<Timestamp>,
) -> impl IntoView {
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
    let line = move |((mut line, same), above): ((Line, bool), Option<Timestamp>)| {
        let heading = by_day.then(|| {
            let goes_on = above.is_some_and(|above| above.utc().date == line.at.utc().date);
            view! {
                <li class="history__day" hidden=goes_on>
                    <h2>{day(line.at, above)}</h2>
                </li>
            }
        });
        let member = members.iter().find(|member| member.id == line.actor);
        let (who, colour) = member.map_or_else(
            || (line.otherwise.to_owned(), 0),
            |member| (member.name.to_string(), member.colour),
        );
        let rest = line.what.split_off(shown(line.what.len()));
        let rest = (!rest.is_empty()).then(|| {
            view! {
                <details class="history__details">
                    <summary>{format!("and {} more changes", rest.len())}</summary>
                    {rest}
                </details>
            }
        });
        view! {
            {heading}
            <li
                class="history__line"
                class:history__line--same=same
                data-seq=line.seq.map(|seq| seq.to_string())
            >
                <Avatar name=who.clone() colour />
                <div class="history__main">
                    <p class="history__who">
                        <strong dir="auto">{who}</strong>
                        <span class="quiet">{if by_day { time_of_day(line.at) } else { time(line.at) }}</span>
                    </p>
                    {line.reason.map(|reason| view! { <p class="history__reason">{format!("Reason: {reason}")}</p> })}
                    {line.what}
                    {rest}
                </div>
            </li>
        }
    };
    view! { <ol class="history">{lines.into_iter().zip(same).zip(above).map(line).collect_view()}</ol> }
        .into_any()
}

/// How many changes of a step are shown at once. An import changes hundreds of things; nobody reads past them.
fn shown(changes: usize) -> usize {
    const FEW: usize = 5;
    // One more takes no more room than saying that there is one more.
    if changes <= FEW + 1 { changes } else { FEW }
}

/// A change of the roadmap in words. With a link, its item leads there.
pub(crate) fn change(change: &Change, members: &[Member], link: Option<Link>) -> AnyView {
    let sentence = change.sentence(|user| {
        let member = members.iter().find(|member| member.id == user);
        member.map_or_else(|| "someone".to_owned(), |member| member.name.to_string())
    });
    let told = fact(sentence, change.item_title(), link);
    let comment = change.comment().map(comment);
    let texts = match change {
        Change::CommentEdited { before, .. } if !before.is_empty() => {
            Some(texts("Show what it was", &[("Before", before)]))
        }
        _ => change.long_texts().map(|(before, after)| before_and_after(before, after)),
    };
    let other = match change {
        Change::ItemSent { to: key, .. } | Change::ItemReceived { from: key, .. } => Some(key),
        _ => None,
    };
    let other = other.and_then(|key| Some((key.rsplit_once('-')?.0, key))).map(|(product, key)| {
        let href = format!("/p/{product}/history?item={key}");
        view! { <p class="quiet"><a href=href>{format!("History as {key}")}</a></p> }
    });
    view! {
        {told}
        {other}
        {comment}
        {texts}
    }
    .into_any()
}

/// A sentence, whose part in quotation marks leads somewhere.
pub(crate) fn fact(sentence: String, title: Option<&str>, link: Option<Link>) -> AnyView {
    let quoted = title.map(|title| format!("“{title}”")).unwrap_or_default();
    let parts = sentence.rsplit_once(&quoted).filter(|_| !quoted.is_empty());
    let (Some(Link { href, is_in_bin }), Some((before, after))) = (link, parts) else {
        return view! { <p class="history__what">{sentence}</p> }.into_any();
    };
    let mark = is_in_bin.then(|| view! { <span class="badge history__bin">"In the bin"</span> });
    // An empty text would be written as a space.
    let (before, after) = (before.to_owned(), (!after.is_empty()).then(|| after.to_owned()));
    view! {
        <div class="history__fact">
            <p class="history__what">{before} <a href=href>{quoted}</a> {after}</p>
            {mark}
        </div>
    }
    .into_any()
}

/// A text as somebody wrote it, files by their words; of a long one the beginning, and the rest on demand.
pub(crate) fn comment(text: &str) -> AnyView {
    let text = &*file_words(text);
    match cut(text) {
        None => view! { <blockquote class="history__comment">{text.to_owned()}</blockquote> }.into_any(),
        Some(beginning) => view! {
            <details class="history__comment">
                <summary>
                    <span class="history__beginning">{format!("{beginning}…")}</span>
                    <span class="history__less">"Show less"</span>
                </summary>
                <blockquote>{text.to_owned()}</blockquote>
            </details>
        }
        .into_any(),
    }
}

/// The beginning of a text that is too long to be shown at once, up to the end of a word.
fn cut(text: &str) -> Option<&str> {
    let (characters, lines) = COMMENT;
    let by_length = text.char_indices().nth(characters).map(|(at, _)| at);
    let by_lines = text.match_indices('\n').nth(lines - 1).map(|(at, _)| at);
    let end = by_length.into_iter().chain(by_lines).min()?;
    let beginning = text.get(..end)?;
    let word = beginning.rfind(char::is_whitespace).filter(|at| by_lines != Some(end) && at * 2 > end);
    Some(beginning.get(..word.unwrap_or(end))?.trim_end())
}

/// A long text as it was and as it is, to open on demand.
pub(crate) fn before_and_after(before: &str, after: &str) -> AnyView {
    texts("Show the text", &[("Before", before), ("After", after)])
}

fn texts(summary: &'static str, texts: &[(&'static str, &str)]) -> AnyView {
    let texts = texts.iter().filter(|(_, text)| !text.is_empty()).map(|(label, text)| {
        view! {
            <div class="history__text">
                <span class="quiet">{*label}</span>
                <blockquote>{(*text).to_owned()}</blockquote>
            </div>
        }
    });
    view! {
        <details class="history__details">
            <summary>{summary}</summary>
            {texts.collect_view()}
        </details>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn a_long_text_is_cut_behind_a_word() {
        assert_eq!(cut("Short."), None);
        assert_eq!(cut("One\nTwo\nThree"), None);
        assert_eq!(cut("One\nTwo\nThree\nFour"), Some("One\nTwo\nThree"));
        let words = "word ".repeat(60);
        let beginning = cut(&words).unwrap();
        assert!(beginning.len() <= 240 && beginning.ends_with("word"), "{beginning}");
        let one = "é".repeat(300);
        assert_eq!(cut(&one).map(|text| text.chars().count()), Some(240));
    }
}
