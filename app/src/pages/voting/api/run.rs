//! Running a session: its phases, its codes, its voters, its order on the board.

use domain::{EntryId, ItemId, Op, RoadmapId, SegmentId, VoterId, VotingId};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::api::{ApiError, Json};
#[cfg(feature = "ssr")]
use crate::{
    api::edge::{editor, go, link, link_warning},
    pages::voting::plain,
};

/// Where the forms go that run a session.
#[cfg(feature = "ssr")]
pub(super) const FORMS: &[&str] = &[
    "/api/open_voting",
    "/api/extend_voting",
    "/api/close_voting",
    "/api/end_uncounted",
    "/api/reveal_voting",
    "/api/delete_voting",
    "/api/withdraw_candidate",
    "/api/revoke_entry",
    "/api/remove_voter",
];

/// A code to pass on, the address that takes it, and that address as a picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pass {
    pub entry: EntryId,
    pub code: String,
    pub link: String,
    pub qr: Qr,
    /// Why guests may be unable to open the link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
}

/// A QR code as an SVG path on a grid of squares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Qr {
    /// How many squares it is wide and high.
    pub size: u32,
    pub path: String,
}

/// What those who run a session can do with it, as HTML.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Controls {
    /// The next steps.
    pub next: String,
    /// The codes that guests have, each with a button that revokes it.
    pub codes: String,
    /// Customers, voters, items and the end.
    pub rest: String,
}

/// What facilitators see of a session beside the ballot.
#[cfg(feature = "ssr")]
pub(super) async fn controls(
    editor: &backend::Editor,
    facts: &domain::voting::VotingFacts,
) -> Result<(Controls, Vec<domain::voting::Segment>), ApiError> {
    let (entries, voters) = (editor.entries(facts.id).await?, editor.voters(facts.id).await?);
    let mut segments = editor.segments().await?;
    let controls = plain::run::controls(facts, &entries, &voters, &segments);
    segments.retain(|segment| Some(segment.kind) == facts.draft.split);
    Ok((controls, segments))
}

/// Opens a session, now or when its time comes.
#[server(endpoint = "open_voting")]
pub async fn open_voting(id: VotingId, back: Option<String>) -> Result<String, ApiError> {
    editor().await?.open_voting(id).await?;
    Ok(return_to(id, back))
}

/// Postpones the end of an open session.
#[server(endpoint = "extend_voting")]
pub async fn extend_voting(id: VotingId, minutes: u32) -> Result<String, ApiError> {
    editor().await?.extend_voting(id, minutes).await?;
    Ok(go(format!("/voting/{id}")))
}

/// Closes a session and counts it.
#[server(endpoint = "close_voting")]
pub async fn close_voting(id: VotingId, back: Option<String>) -> Result<String, ApiError> {
    editor().await?.close_voting(id).await?;
    Ok(return_to(id, back))
}

/// Ends a session without a result, because the key of its ballots was lost.
#[server(endpoint = "end_uncounted")]
pub async fn end_uncounted(id: VotingId) -> Result<String, ApiError> {
    editor().await?.end_uncounted(id).await?;
    Ok(go(format!("/voting/{id}")))
}

/// Shows the result of a closed session to everybody.
#[server(endpoint = "reveal_voting")]
pub async fn reveal_voting(id: VotingId, back: Option<String>) -> Result<String, ApiError> {
    editor().await?.reveal_voting(id).await?;
    Ok(return_to(id, back))
}

/// To the page the button was on: the session's, or its presentation.
#[cfg(feature = "ssr")]
fn return_to(id: VotingId, back: Option<String>) -> String {
    go(if back.as_deref() == Some("present") {
        format!("/voting/{id}/present")
    } else {
        format!("/voting/{id}")
    })
}

/// Deletes a session that was never opened.
#[server(endpoint = "delete_voting")]
pub async fn delete_voting(id: VotingId) -> Result<String, ApiError> {
    editor().await?.delete_voting(id).await?;
    Ok(go("/voting".to_owned()))
}

/// Takes an item off the ballot.
#[server(endpoint = "withdraw_candidate")]
pub async fn withdraw_candidate(id: VotingId, item: ItemId) -> Result<String, ApiError> {
    editor().await?.withdraw_candidate(id, item).await?;
    Ok(go(format!("/voting/{id}")))
}

/// Makes a code: for everybody who has it, or for one person.
#[server(endpoint = "make_entry", input = Json, output = Json)]
pub async fn make_entry(
    id: VotingId,
    name: Option<String>,
    segment: Option<SegmentId>,
) -> Result<Pass, ApiError> {
    let editor = editor().await?;
    let name = match name.filter(|name| !name.trim().is_empty()) {
        Some(name) => Some(crate::api::edge::field("entry-name", backend::tidy(&name).parse())?),
        None => None,
    };
    let (entry, code) = editor.make_entry(id, name, segment).await?;
    Ok(pass(entry.id, code, editor.role()))
}

/// The picture of a code that was made before, as long as it can be used.
#[server(endpoint = "show_entry", input = Json, output = Json)]
pub async fn show_entry(id: VotingId, entry: EntryId, code: String) -> Result<Option<Pass>, ApiError> {
    let editor = editor().await?;
    let entries = editor.entries(id).await?;
    Ok(entries.iter().any(|known| known.id == entry).then(|| pass(entry, code, editor.role())))
}

#[cfg(feature = "ssr")]
fn pass(entry: EntryId, code: String, asker: domain::Role) -> Pass {
    let link = link(&format!("/join/{code}"));
    let (qr, warning) = (Qr::of(&link), link_warning(&link, asker));
    Pass { entry, code, link, qr, warning }
}

#[cfg(feature = "ssr")]
impl Qr {
    /// Draws a text as runs of dark squares.
    fn of(text: &str) -> Self {
        use std::fmt::Write as _;
        let Ok(code) = qrcodegen::QrCode::encode_text(text, qrcodegen::QrCodeEcc::Medium) else {
            return Self { size: 1, path: String::new() };
        };
        let size = code.size();
        let mut path = String::new();
        for y in 0..size {
            let mut x = 0;
            while x < size {
                let run = (x..size).take_while(|x| code.get_module(*x, y)).count();
                if run > 0 {
                    write!(path, "M{x} {y}h{run}v1h-{run}z").expect("a String takes everything");
                }
                x += i32::try_from(run).unwrap_or(size) + 1;
            }
        }
        Self { size: size.unsigned_abs(), path }
    }
}

/// Makes a code useless. Those who came in by it stay.
#[server(endpoint = "revoke_entry")]
pub async fn revoke_entry(id: VotingId, entry: EntryId) -> Result<String, ApiError> {
    editor().await?.revoke_entry(id, entry).await?;
    Ok(go(format!("/voting/{id}")))
}

/// Takes a guest's or customer's ballot and right to vote away.
#[server(endpoint = "remove_voter")]
pub async fn remove_voter(id: VotingId, voter: VoterId) -> Result<String, ApiError> {
    editor().await?.remove_voter(id, voter).await?;
    Ok(go(format!("/voting/{id}")))
}

/// Puts the items on their boards in the order of the result, of one that missed its quorum with `despite_quorum`. Returns what
/// takes it back.
#[server(endpoint = "take_order", input = Json, output = Json)]
pub async fn take_order(
    id: VotingId,
    #[server(default)] despite_quorum: bool,
) -> Result<Vec<(RoadmapId, Vec<Op>)>, ApiError> {
    Ok(editor().await?.take_order(id, despite_quorum).await?)
}

/// Takes back what [`take_order`] did.
#[server(endpoint = "undo_take_order", input = Json, output = Json)]
pub async fn undo_take_order(id: VotingId, undo: Vec<(RoadmapId, Vec<Op>)>) -> Result<(), ApiError> {
    Ok(editor().await?.undo_take_order(id, undo).await?)
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::Qr;

    #[test]
    fn a_code_is_drawn_square_by_square() {
        let code = Qr::of("https://roadmaps.example/join/ABCD-EFGH");
        // The frame of the finder pattern in the corner is seven squares wide.
        assert!(code.path.starts_with("M0 0h7v1h-7z"), "{}", code.path);
        let dark: u32 = code
            .path
            .split('M')
            .filter_map(|run| run.split_once('h')?.1.split_once('v')?.0.parse::<u32>().ok())
            .sum();
        let real = qrcodegen::QrCode::encode_text(
            "https://roadmaps.example/join/ABCD-EFGH",
            qrcodegen::QrCodeEcc::Medium,
        )
        .unwrap();
        let expected = (0..real.size())
            .flat_map(|y| (0..real.size()).map(move |x| (x, y)))
            .filter(|(x, y)| real.get_module(*x, *y))
            .count();
        assert_eq!(dark as usize, expected);
        assert_eq!(code.size, real.size().unsigned_abs());
    }
}
