//! Codes with which guests come in: one for a person, or one for everybody in the room.

use domain::{
    EntryId, PersonName, Role, SegmentId, VotingId,
    voting::{Entry, Phase},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr};
use serde_json::json;

use super::{secret::code_hash, segments};
use crate::{
    Editor, Error,
    access::{RecordTx, change},
    amounts,
    audit::Action,
    clock::new_id,
    codec::parse,
    entity::voting_entry,
    people::tokens::random_bytes,
};

/// Crockford's base 32: without letters that are read as digits.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Letters of a code that many people type from a screen; guesses are throttled.
const SHARED: usize = 8;

/// Letters of a code that is sent as a link.
const PERSONAL: usize = 16;

impl Editor {
    /// Makes a code: for the person of that name, or for everybody. It is returned once and cannot be had again.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the session lets no guests in or is closed.
    pub async fn make_entry(
        &self,
        id: VotingId,
        name: Option<PersonName>,
        segment: Option<SegmentId>,
    ) -> Result<(Entry, String), Error> {
        let letters = if name.is_some() { PERSONAL } else { SHARED };
        let code = random_code(letters);
        let hash = code_hash(self.backend.voting.secret()?, &normal(&code));
        let entry = Entry { id: new_id(EntryId::new), name: name.map(String::from), segment, used: 0 };
        change!(self.backend, |tx| {
            let change = RecordTx::by_member(tx, self, Role::Editor).await?;
            let session = self.lock_led(&change, id).await?;
            if matches!(session.phase, Phase::Closed | Phase::Revealed) {
                return Err(Error::Conflict("This voting session is closed.".into()));
            }
            if !session.draft.guests {
                return Err(Error::Conflict(
                    "This voting session lets no guests in. Allow guests in its set-up first.".into(),
                ));
            }
            segments::must_exist(&change, segment).await?;
            let all = voting_entry::Entity::find()
                .filter(voting_entry::Column::WorkspaceId.eq(self.workspace.to_string()))
                .filter(voting_entry::Column::VotingId.eq(id.to_string()));
            amounts::ENTRIES.check(tx, all).await?;
            voting_entry::Entity::insert(voting_entry::ActiveModel {
                workspace_id: Set(self.workspace.to_string()),
                id: Set(entry.id.to_string()),
                voting_id: Set(id.to_string()),
                code_hash: Set(hash.clone()),
                name: Set(entry.name.clone()),
                segment_id: Set(segment.map(|segment| segment.to_string())),
                used: Set(0),
                revoked_ms: Set(None),
            })
            .exec_without_returning(tx)
            .await?;
            let body = json!({ "entry": entry.id, "name": entry.name, "segment": segment });
            change.audit(Action::EntryMade, &id.to_string(), body).await
        })?;
        Ok((entry, code))
    }

    /// Makes a code useless. Guests who came in with it stay.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such code any more.
    pub async fn revoke_entry(&self, id: VotingId, entry: EntryId) -> Result<(), Error> {
        change!(self.backend, |tx| {
            let change = RecordTx::by_member(tx, self, Role::Editor).await?;
            self.lock_led(&change, id).await?;
            let revoked = voting_entry::Entity::update_many()
                .col_expr(voting_entry::Column::RevokedMs, Expr::value(change.at.0))
                .filter(voting_entry::Column::WorkspaceId.eq(self.workspace.to_string()))
                .filter(voting_entry::Column::VotingId.eq(id.to_string()))
                .filter(voting_entry::Column::Id.eq(entry.to_string()))
                .filter(voting_entry::Column::RevokedMs.is_null())
                .exec(tx)
                .await?;
            if revoked.rows_affected == 0 {
                return Err(Error::NotFound("There is no such code. Reload the page.".into()));
            }
            change.audit(Action::EntryRevoked, &id.to_string(), json!({ "entry": entry })).await
        })
    }

    /// The codes that were not revoked, newest first.
    pub async fn entries(&self, id: VotingId) -> Result<Vec<Entry>, Error> {
        let session = self.led(id).await?;
        let rows = voting_entry::Entity::find()
            .filter(voting_entry::Column::WorkspaceId.eq(self.workspace.to_string()))
            .filter(voting_entry::Column::VotingId.eq(session.id.to_string()))
            .filter(voting_entry::Column::RevokedMs.is_null())
            .order_by_desc(voting_entry::Column::Id)
            .all(self.backend.db.reader())
            .await?;
        rows.into_iter()
            .map(|row| {
                Ok(Entry {
                    id: parse(&row.id)?,
                    name: row.name,
                    segment: row.segment_id.as_deref().map(parse).transpose()?,
                    used: u32::try_from(row.used).map_err(Error::internal)?,
                })
            })
            .collect()
    }
}

/// A code like `7QK2-M4TX`.
fn random_code(letters: usize) -> String {
    let letter = |byte: &u8| char::from(ALPHABET[usize::from(byte % 32)]);
    let letters: Vec<char> = random_bytes::<PERSONAL>().iter().take(letters).map(letter).collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join("-")
}

/// A code as it is looked up, however it was typed.
pub(super) fn normal(code: &str) -> String {
    let letter = |letter: char| match letter.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    code.chars().filter(|letter| letter.is_ascii_alphanumeric()).map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_however_it_is_typed() {
        let code = random_code(SHARED);
        assert_eq!(code.len(), SHARED + 1);
        assert_eq!(normal(&code.to_lowercase().replace('-', " ")), normal(&code));
        assert_eq!(normal("oil-0"), "0110");
        assert_eq!(random_code(PERSONAL).len(), PERSONAL + 3);
    }
}
