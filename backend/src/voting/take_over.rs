//! Sessions that an older version of the program has opened go on in this one.

use std::collections::BTreeMap;

use domain::{
    UserId, VotingId, WorkspaceId,
    voting::{Ballot, CastDone, CastRefusal, Edition, Phase, Weight},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel,
    QueryFilter,
};

use super::{
    close, forget, gate,
    sealed::Number,
    secret::{RoundKey, Who, unhex},
    session::{self, Session},
    setup,
};
use crate::{
    Backend, Error, OpenError,
    access::{RecordTx, change},
    codec::{json, to_json},
    entity::{voting, voting_ballot, voting_cast},
};

/// Gives what this version needs to sessions that are open. Done before anybody is served; changes nothing the second time.
pub(super) async fn take_over(backend: &Backend) -> Result<(), OpenError> {
    let rows = voting::Entity::find()
        .filter(voting::Column::Phase.eq(Phase::Open.as_str()))
        .all(backend.db.reader())
        .await?;
    for row in rows {
        let id = row.id.clone();
        let taken = match Session::read(row) {
            Ok(session) => take(backend, session.workspace, session.id).await,
            Err(error) => Err(error),
        };
        if let Err(error) = taken {
            tracing::error!(?error, %id, "a voting session that is open could not be taken over");
        }
    }
    Ok(())
}

async fn take(backend: &Backend, workspace: WorkspaceId, id: VotingId) -> Result<(), Error> {
    let traces = change!(backend, |tx| {
        let change = RecordTx::begin(tx, workspace, UserId::NIL).await?;
        let mut session = session::lock(tx, workspace, id).await?;
        if session.phase != Phase::Open {
            return Ok(Vec::new());
        }
        if session.opened.is_none() {
            // Its voters hold receipts of the first edition.
            setup::freeze(tx, &mut session, Edition::FIRST).await?;
            session.save_frozen(tx).await?;
        }
        if gate::counters(change.tx, &session).await?.is_empty() {
            let casts = session::casts(tx, &session).await?;
            gate::open(tx, &session, casts).await?;
        }
        match session.round_key(&backend.voting)? {
            Some(round) => encrypt(backend, tx, &session, &round).await,
            None => Ok(Vec::new()),
        }
    })?;
    if !traces.is_empty() {
        forget::clear(backend, id, traces);
    }
    Ok(())
}

/// Encrypts the ballots of a session that has a salt, under pseudonyms of a key that is made. Returns what must no longer be
/// found in the log.
async fn encrypt(
    backend: &Backend,
    tx: &DatabaseTransaction,
    session: &Session,
    round: &RoundKey,
) -> Result<Vec<Vec<u8>>, Error> {
    let key = backend.voting.keys.make(session.id).map_err(Error::internal)?;
    let people = session::people(tx, session).await?;
    let people: BTreeMap<Vec<u8>, Who> =
        people.into_iter().map(|(who, _)| (round.pseudonym(who), who)).collect();
    let renamed = |old: &Vec<u8>| {
        let who =
            people.get(old).ok_or_else(|| Error::internal("a ballot belongs to nobody in its session"))?;
        Ok::<_, Error>(key.pseudonym(*who))
    };
    let all = voting_cast::Entity::find().filter(voting_cast::Column::VotingId.eq(session.id.to_string()));
    let mut numbers = BTreeMap::new();
    let mut casts = Vec::new();
    for row in all.all(tx).await? {
        let pseudonym = renamed(&row.pseudonym)?;
        let bytes =
            |bytes: Option<Vec<u8>>| bytes.ok_or_else(|| Error::internal("a cast's number is unreadable"));
        let number = Number {
            id: bytes(unhex(&row.cast_id))?
                .try_into()
                .map_err(|_| Error::internal("a number is too long"))?,
            digest: row.digest.try_into().map_err(|_| Error::internal("a digest is too long"))?,
        };
        let answer: Result<CastDone, CastRefusal> = json(&row.answer)?;
        if let Ok(done) = &answer {
            numbers.insert(done.receipt.0.clone(), number);
        }
        let (cast_id, digest) = key.number(&number);
        casts.push(voting_cast::ActiveModel {
            workspace_id: Set(row.workspace_id),
            voting_id: Set(row.voting_id),
            sealed: Set(Some(key.seal_answer(session, &pseudonym, &answer))),
            pseudonym: Set(pseudonym),
            cast_id: Set(cast_id),
            digest: Set(digest),
            answer: Set(String::new()),
            nth: Set(0),
        });
    }
    let (mut ballots, mut traces) = (Vec::new(), Vec::new());
    for row in session::ballots(session.workspace, session.id).all(tx).await? {
        let mut content = session.content(None, &row)?;
        content.number = numbers.get(&row.receipt).copied().unwrap_or(content.number);
        let pseudonym = renamed(&row.pseudonym)?;
        let sealed = key.seal(session, &pseudonym, &content);
        traces.push(row.pseudonym.clone());
        let mut row = row.into_active_model().reset_all();
        row.sealed = Set(Some(sealed));
        row.pseudonym = Set(pseudonym);
        row.spent = Set(0);
        row.choices = Set(to_json(&Ballot::default()));
        row.nonce = Set(Vec::new());
        row.receipt = Set(String::new());
        row.weight = Set(i64::from(Weight::ONE.thousandths()));
        row.segment_id = Set(None);
        ballots.push(row);
    }
    close::remove_rows(tx, session).await?;
    for some in ballots.chunks(1_000) {
        voting_ballot::Entity::insert_many(some.iter().cloned()).exec_without_returning(tx).await?;
    }
    for some in casts.chunks(1_000) {
        voting_cast::Entity::insert_many(some.iter().cloned()).exec_without_returning(tx).await?;
    }
    session.save_opened(tx, &key).await?;
    traces.truncate(forget::TRACES);
    Ok(traces)
}

#[cfg(test)]
mod tests {
    use sea_orm::sea_query::Expr;

    use super::*;
    use crate::codec::hex;

    /// Stores a session as versions did that encrypted nothing.
    async fn store_in_clear(backend: &Backend, session: &Session) {
        let key = session.session_key(&backend.voting).unwrap();
        let salt = [7; 32];
        let round = RoundKey::new(backend.voting.secret().unwrap(), &salt);
        let tx = backend.db.begin().await.unwrap();
        let people = session::people(&tx, session).await.unwrap();
        let rows = session::ballots(session.workspace, session.id).all(&tx).await.unwrap();
        close::remove_rows(&tx, session).await.unwrap();
        for row in rows {
            let content = session.content(Some(&key), &row).unwrap();
            let (who, _) = people.iter().find(|(who, _)| key.pseudonym(*who) == row.pseudonym).unwrap();
            let (workspace, id) = (row.workspace_id.clone(), row.voting_id.clone());
            let mut row = row.into_active_model().reset_all();
            row.pseudonym = Set(round.pseudonym(*who));
            row.spent = Set(i64::from(content.spent));
            row.choices = Set(to_json(&content.choices));
            row.nonce = Set(content.nonce.clone());
            row.receipt = Set(content.receipt(session));
            row.weight = Set(i64::from(content.weight.thousandths()));
            row.segment_id = Set(content.group.map(|group| group.to_string()));
            row.sealed = Set(None);
            voting_ballot::Entity::insert(row).exec_without_returning(&tx).await.unwrap();
            voting_cast::Entity::insert(voting_cast::ActiveModel {
                workspace_id: Set(workspace),
                voting_id: Set(id),
                pseudonym: Set(round.pseudonym(*who)),
                cast_id: Set(hex(&content.number.id)),
                nth: Set(1),
                digest: Set(content.number.digest.to_vec()),
                answer: Set(to_json(&Ok::<_, CastRefusal>(content.done(session)))),
                sealed: Set(None),
            })
            .exec_without_returning(&tx)
            .await
            .unwrap();
        }
        gate::remove(&tx, session).await.unwrap();
        voting::Entity::update_many()
            .col_expr(voting::Column::Salt, Expr::value(salt.to_vec()))
            .col_expr(voting::Column::KeyPrint, Expr::value(round.print()))
            .filter(voting::Column::Id.eq(session.id.to_string()))
            .exec(&tx)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        backend.voting.keys.destroy(session.id).unwrap();
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn ballots_that_an_older_version_stored_in_clear_are_encrypted_and_counted() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/cairn.db", folder.path().display());
        let backend = Backend::open(&url).await.unwrap().into_demo().await.unwrap();
        let find = async || {
            let open = voting::Entity::find().filter(voting::Column::Phase.eq(Phase::Open.as_str()));
            Session::read(open.one(backend.db.reader()).await.unwrap().unwrap()).unwrap()
        };
        let contents = async |session: &Session| {
            let mut all = session::contents(backend.db.reader(), &backend.voting, session).await.unwrap();
            all.sort_by_cached_key(|content| content.receipt(session));
            all
        };
        let session = find().await;
        let before = contents(&session).await;
        assert_eq!(before.len(), 3);
        store_in_clear(&backend, &session).await;
        take_over(&backend).await.unwrap();
        take_over(&backend).await.unwrap();
        let session = find().await;
        assert_eq!(contents(&session).await, before);
        let rows = session::ballots(session.workspace, session.id).all(backend.db.reader()).await.unwrap();
        assert!(rows.iter().all(|row| row.choices == "{}" && row.spent == 0 && row.receipt.is_empty()));
        close::close(&backend, session.workspace, session.id, UserId::NIL).await.unwrap();
        assert_eq!(backend.check().await.unwrap().problems, Vec::<String>::new());
        let answers =
            voting_cast::Entity::find().filter(voting_cast::Column::VotingId.eq(session.id.to_string()));
        assert_eq!(answers.all(backend.db.reader()).await.unwrap().len(), 3);
    }
}
