//! Files about a session, for people who count again or compute further.

use domain::{
    VotingId,
    voting::{GroupResult, Mode, NamedBallot, RecordOfVoting, Results, Score},
};
use serde::Serialize;

use super::results;
use crate::{
    Error, Viewer,
    exchange::{CsvWriter, apart},
};

/// A file about a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Download {
    /// Every ballot with its receipt, and the tally: for `cairn recount`.
    Record,
    ResultCsv,
    ResultJson,
    /// Who chose what; for editors, where the session is not secret.
    Ballots,
}

impl Viewer {
    /// A file about a session.
    ///
    /// # Errors
    /// [`Error::Conflict`] while the result is not to be shown; for [`Download::Ballots`] as
    /// [`named_ballots`](crate::Editor::named_ballots).
    pub async fn download_voting(&self, id: VotingId, what: Download) -> Result<Vec<u8>, Error> {
        match what {
            Download::Record => write_record(self.record_of(id).await?).await,
            Download::ResultJson | Download::ResultCsv => {
                write_result(self.results(id, None).await?, what).await
            }
            Download::Ballots => {
                let ballots = self.as_editor()?.named_ballots(id).await?;
                let (facts, segments) = (self.voting(id).await?, self.segments().await?);
                apart(move || ballots_csv(&ballots, &facts, &segments)).await
            }
        }
    }
}

/// A record as a file.
pub(super) async fn write_record(record: RecordOfVoting) -> Result<Vec<u8>, Error> {
    apart(move || json(&record)).await
}

/// A result as a file, of which there is something to be written.
pub(super) async fn write_result(results: Results, what: Download) -> Result<Vec<u8>, Error> {
    let results = shown(results)?;
    apart(move || if what == Download::ResultCsv { result_csv(&results) } else { json(&results) }).await
}

fn shown(results: Results) -> Result<Results, Error> {
    match results.withheld {
        None => Ok(results),
        Some(withheld) => Err(results::withheld(withheld)),
    }
}

fn json(value: &impl Serialize) -> Vec<u8> {
    let mut text = serde_json::to_vec_pretty(value).expect("these types have nothing that JSON cannot hold");
    text.push(b'\n');
    text
}

/// One line for each candidate, with the points of each segment behind, and the turnout behind these. A mean of no grades is
/// left empty.
fn result_csv(results: &Results) -> Vec<u8> {
    let draft = &results.facts.draft;
    let mode = draft.rules.mode;
    let of_group = |group: &GroupResult| match &group.name {
        Some(name) => format!("Points of {name}"),
        None => "Points of everybody else".to_owned(),
    };
    let header = ["Place", "Key", "Title", "Points", "Weighted points", "Voters"].map(str::to_owned);
    let budget: &[&str] = if mode == Mode::Budget { &["Price", "Price in all", "Fits"] } else { &[] };
    let behind = ["Ballots cast", "Invited", "Quorum"];
    let mut lines: Vec<Vec<String>> = vec![
        header
            .into_iter()
            .chain(results.groups.iter().map(of_group))
            .chain(budget.iter().chain(&behind).map(|name| (*name).to_owned()))
            .collect(),
    ];
    let turnout = results.facts.turnout;
    let quorum = match draft.quorum {
        0 => String::new(),
        quorum if turnout.misses(quorum) => format!("{quorum} % missed"),
        quorum => format!("{quorum} % reached"),
    };
    let written = |score: Option<Score>| score.map_or_else(String::new, |score| score.to_string());
    for line in &results.tally.lines {
        let candidate = draft.candidates.iter().find(|candidate| candidate.item == line.item);
        let (key, title) = candidate
            .map(|candidate| (candidate.key.clone(), candidate.title.to_string()))
            .unwrap_or_default();
        let own = [
            line.place.to_string(),
            key,
            title,
            written(line.shown(mode, false)),
            written(line.shown(mode, true)),
            line.voters.to_string(),
        ];
        let points = results
            .groups
            .iter()
            .map(|group| written(group.tally.line(line.item).and_then(|line| line.shown(mode, false))));
        let fit = results.fits.iter().find(|fit| fit.item == line.item).map(|fit| {
            let fits = if fit.fits { "yes" } else { "no" };
            [fit.price.to_string(), fit.total.to_string(), fits.to_owned()]
        });
        let behind = [turnout.cast.to_string(), turnout.invited.to_string(), quorum.clone()];
        lines.push(own.into_iter().chain(points).chain(fit.into_iter().flatten()).chain(behind).collect());
    }
    table(lines)
}

/// One line for each voter, one column for each candidate.
fn ballots_csv(
    ballots: &[NamedBallot],
    facts: &domain::voting::VotingFacts,
    segments: &[domain::voting::Segment],
) -> Vec<u8> {
    let header = ["Name", "As", "Segment", "Weight"].map(str::to_owned);
    let keys =
        facts.draft.candidates.iter().map(|candidate| format!("{} {}", candidate.key, candidate.title));
    let mut lines = vec![header.into_iter().chain(keys).collect()];
    for ballot in ballots {
        let segment = segments.iter().find(|segment| Some(segment.id) == ballot.segment);
        let own = [
            ballot.name.clone(),
            ballot.kind.map_or("Member", |kind| kind.label()).to_owned(),
            segment.map_or_else(String::new, |segment| segment.name.to_string()),
            ballot.weight.to_string(),
        ];
        let amounts = facts.draft.candidates.iter().map(|candidate| {
            ballot.choices.get(candidate.item).map_or_else(String::new, |amount| amount.to_string())
        });
        lines.push(own.into_iter().chain(amounts).collect());
    }
    table(lines)
}

fn table(lines: Vec<Vec<String>>) -> Vec<u8> {
    let mut writer = CsvWriter::new();
    for line in lines {
        writer.record(line);
    }
    writer.finish()
}
