//! Whether sessions hold what they promise: part of `cairn check`.

use std::collections::BTreeSet;

use domain::voting::Phase;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};

use super::{
    Memory,
    close::holds,
    gate,
    record::{self, recount},
    session::{self, Session},
};
use crate::{
    Backend, Error,
    entity::{voting, voting_cast},
    rooms::Figures,
};

/// Checks every session: no ballot costs more than its voter had, and what was frozen at close is what the rows add up
/// to. Reads one state of the database throughout.
pub(crate) async fn check(backend: &Backend, figures: &mut Figures) -> Result<(), Error> {
    let tx = backend.db.begin_read().await?;
    for row in voting::Entity::find().order_by_asc(voting::Column::Id).all(&tx).await? {
        let id = row.id.clone();
        let mut problems = Vec::new();
        figures.sessions += 1;
        match check_session(&tx, &backend.voting, row, &mut problems).await {
            Ok(ballots) => figures.ballots += ballots,
            Err(error) => problems.push(format!("it cannot be read: {error:?}")),
        }
        figures
            .problems
            .extend(problems.into_iter().map(|problem| format!("Voting session {id}: {problem}")));
    }
    tx.rollback().await?;
    Ok(())
}

async fn check_session(
    tx: &DatabaseTransaction,
    memory: &Memory,
    row: voting::Model,
    problems: &mut Vec<String>,
) -> Result<u64, Error> {
    let has_salt = row.salt.is_some();
    let session = Session::read(row)?;
    let rows = session::ballots(session.workspace, session.id).all(tx).await?;
    let open = session.open_candidates();
    // Without its key, of which there need not be a copy here, the ballots of an open session cannot be read.
    let key = (session.phase == Phase::Open).then(|| session.session_key(memory).ok()).flatten();
    let mut contents = Vec::with_capacity(rows.len());
    for row in rows.iter().filter(|row| row.sealed.is_none() || key.is_some()) {
        let content = session.content(key.as_ref(), row)?;
        if holds(&session, &open, row, &content).is_err() {
            problems.push(format!(
                "The ballot of receipt {} costs something else than its row says, or more than its voter has.",
                content.receipt(&session)
            ));
        }
        contents.push(content);
    }
    if session.phase == Phase::Open
        // A session that an older version has opened has no gate before the server starts.
        && !gate::counters(tx, &session).await?.is_empty()
        && gate::casts(tx, &session).await? != session::casts(tx, &session).await?
    {
        problems.push("It has let in other casts than its ballots count.".to_owned());
    }
    let mut ballots: Vec<_> = contents.iter().map(|content| record::published(&session, content)).collect();
    ballots.sort_by(|one, other| one.receipt.cmp(&other.receipt));
    let closed = matches!(session.phase, Phase::Closed | Phase::Revealed);
    match session.outcome(tx).await? {
        None if closed => problems.push("It is closed, but was not counted.".to_owned()),
        Some(_) if !closed => problems.push("It was counted, but is not closed.".to_owned()),
        Some(outcome) => {
            if outcome.withheld(&session)?.is_none() {
                problems.extend(recount(&outcome.record).1);
            }
            // With this its tally, which was just counted again, is that of the stored ballots, too.
            if outcome.record.ballots != ballots {
                problems.push(
                    "The stored ballots are not those of its record, so its tally is not what they add up to."
                        .to_owned(),
                );
            }
        }
        None => {
            let receipts: BTreeSet<_> = ballots.iter().map(|ballot| &ballot.receipt).collect();
            if receipts.len() != ballots.len() {
                problems.push("Two ballots have the same receipt.".to_owned());
            }
        }
    }
    if closed && rows.iter().any(|row| row.sealed.is_some()) {
        problems.push("It is closed, but its ballots are still encrypted.".to_owned());
    }
    if closed && session.is_secret() {
        let casts = voting_cast::Entity::find()
            .filter(voting_cast::Column::WorkspaceId.eq(session.workspace.to_string()))
            .filter(voting_cast::Column::VotingId.eq(session.id.to_string()))
            .count(tx)
            .await?;
        if has_salt || casts > 0 {
            problems
                .push("It is secret and closed, but still holds what links people to ballots.".to_owned());
        }
    }
    Ok(u64::try_from(rows.len()).unwrap_or(u64::MAX))
}
