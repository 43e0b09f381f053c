//! What the database holds of a ballot while its session is open: encrypted, and of one length for all voters.

use std::fmt;

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use domain::{
    SegmentId, VotingId,
    voting::{Ballot, Candidate, CastDone, CastRefusal, Receipt, Weight},
};

use super::{
    record,
    secret::{Who, hmac, pseudonym},
    session::Session,
};
use crate::{
    Error,
    codec::{hex, to_json},
    people::tokens::random_bytes,
};

const NONCE: usize = 24;

/// The key of one open session.
#[derive(Clone)]
pub(super) struct SessionKey([u8; 32]);

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionKey(…)")
    }
}

/// How a cast is known when it is sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Number {
    /// A hash of its id.
    pub(super) id: [u8; 16],
    /// A hash of the choices that were sent.
    pub(super) digest: [u8; 32],
}

/// All that a ballot's row is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Content {
    pub(super) choices: Ballot,
    pub(super) nonce: Vec<u8>,
    /// What it cost when it was cast.
    pub(super) spent: u32,
    pub(super) weight: Weight,
    pub(super) group: Option<SegmentId>,
    /// The cast that it came with.
    pub(super) number: Number,
}

impl Content {
    pub(super) fn receipt(&self, session: &Session) -> String {
        let said = (&self.choices, self.weight, self.group);
        record::receipt(session.bound_digest(), session.draft.secrecy, &self.nonce, said)
    }

    pub(super) fn done(&self, session: &Session) -> CastDone {
        let receipt = Receipt(self.receipt(session));
        CastDone { spent: self.spent, receipt, ballot: self.choices.clone() }
    }
}

impl SessionKey {
    pub(super) fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub(super) fn pseudonym(&self, who: Who) -> Vec<u8> {
        pseudonym(&self.derive(b"pseudonym"), who)
    }

    /// Tells the key that the session was opened with from others.
    pub(super) fn print(&self) -> Vec<u8> {
        self.derive(b"print")[..8].to_vec()
    }

    /// A cast's number and digest as they are stored.
    pub(super) fn number(&self, number: &Number) -> (String, Vec<u8>) {
        keyed(&self.derive(b"cast"), number)
    }

    fn derive(&self, purpose: &[u8]) -> [u8; 32] {
        hmac(&self.0, &[b"session ", purpose])
    }

    /// Encrypts a ballot. Its length depends on the number of candidates alone.
    pub(super) fn seal(&self, session: &Session, pseudonym: &[u8], content: &Content) -> Vec<u8> {
        let mut text = Vec::new();
        text.extend_from_slice(&content.spent.to_be_bytes());
        text.extend_from_slice(&content.weight.thousandths().to_be_bytes());
        text.extend_from_slice(&content.group.map_or([0; 16], |group| *group.0.as_bytes()));
        text.extend_from_slice(&content.number.id);
        text.extend_from_slice(&content.number.digest);
        text.extend_from_slice(&content.nonce);
        for candidate in &session.draft.candidates {
            // Nothing given is not the same as a grade of zero.
            let amount = content.choices.get(candidate.item).map_or(0, |amount| u64::from(amount) + 1);
            text.extend_from_slice(&amount.to_be_bytes());
        }
        self.encrypt(b"ballot", session.id, pseudonym, &text)
    }

    /// Decrypts a ballot.
    ///
    /// # Errors
    /// [`Error::Internal`] for what was not encrypted for this session and voter.
    pub(super) fn open(&self, session: &Session, pseudonym: &[u8], bytes: &[u8]) -> Result<Content, Error> {
        let text = self.decrypt(b"ballot", session.id, pseudonym, bytes)?;
        let mut rest = &text[..];
        let spent = u32::from_be_bytes(take(&mut rest)?);
        let weight = Weight::try_from(u32::from_be_bytes(take(&mut rest)?)).map_err(Error::internal)?;
        let group: [u8; 16] = take(&mut rest)?;
        let group = (group != [0; 16]).then(|| SegmentId(uuid::Uuid::from_bytes(group)));
        let number = Number { id: take(&mut rest)?, digest: take(&mut rest)? };
        let nonce: [u8; 16] = take(&mut rest)?;
        let mut amounts = Vec::new();
        for Candidate { item, .. } in &session.draft.candidates {
            if let Some(amount) = u64::from_be_bytes(take(&mut rest)?).checked_sub(1) {
                amounts.push((*item, u32::try_from(amount).map_err(Error::internal)?));
            }
        }
        let choices = amounts.into_iter().collect();
        Ok(Content { choices, nonce: nonce.to_vec(), spent, weight, group, number })
    }

    /// Encrypts the answer to a cast. Its length depends on the session's set-up alone.
    pub(super) fn seal_answer(
        &self,
        session: &Session,
        pseudonym: &[u8],
        answer: &Result<CastDone, CastRefusal>,
    ) -> Vec<u8> {
        const LINE: usize = 64;
        let candidates = &session.draft.candidates;
        let longest = candidates.iter().map(|candidate| to_json(&candidate.title).len()).max().unwrap_or(0);
        let length = 256 + longest + LINE * candidates.len();
        let mut text = to_json(answer).into_bytes();
        text.resize(text.len().next_multiple_of(length), b' ');
        self.encrypt(b"answer", session.id, pseudonym, &text)
    }

    /// Decrypts the answer to a cast.
    ///
    /// # Errors
    /// As [`SessionKey::open`].
    pub(super) fn open_answer(
        &self,
        session: &Session,
        pseudonym: &[u8],
        bytes: &[u8],
    ) -> Result<Result<CastDone, CastRefusal>, Error> {
        let text = self.decrypt(b"answer", session.id, pseudonym, bytes)?;
        serde_json::from_slice(&text).map_err(Error::internal)
    }

    fn encrypt(&self, purpose: &[u8], id: VotingId, pseudonym: &[u8], text: &[u8]) -> Vec<u8> {
        let nonce = random_bytes::<NONCE>();
        let aad = [purpose, id.to_string().as_bytes(), pseudonym].concat();
        let mut sealed = nonce.to_vec();
        let cipher = XChaCha20Poly1305::new(&self.derive(purpose).into());
        let encrypted = cipher.encrypt(&XNonce::from(nonce), Payload { msg: text, aad: &aad });
        sealed.extend(encrypted.expect("a ballot is short enough to be encrypted"));
        sealed
    }

    fn decrypt(
        &self,
        purpose: &[u8],
        id: VotingId,
        pseudonym: &[u8],
        sealed: &[u8],
    ) -> Result<Vec<u8>, Error> {
        let unreadable = || Error::internal(format!("a ballot of session {id} cannot be decrypted"));
        let (nonce, encrypted) = sealed.split_first_chunk::<NONCE>().ok_or_else(unreadable)?;
        let aad = [purpose, id.to_string().as_bytes(), pseudonym].concat();
        let cipher = XChaCha20Poly1305::new(&self.derive(purpose).into());
        cipher.decrypt(&XNonce::from(*nonce), Payload { msg: encrypted, aad: &aad }).map_err(|_| unreadable())
    }
}

/// A cast's number and digest under a key, so that they say nothing to those who do not have it. The digest is of the number,
/// too: otherwise voters who chose the same would have the same one.
pub(super) fn keyed(key: &[u8; 32], number: &Number) -> (String, Vec<u8>) {
    let digest = hmac(key, &[b"digest", &number.id, &number.digest]);
    (hex(&hmac(key, &[b"id", &number.id])[..16]), digest.to_vec())
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Result<[u8; N], Error> {
    let (first, rest) =
        bytes.split_first_chunk::<N>().ok_or_else(|| Error::internal("an encrypted ballot is too short"))?;
    *bytes = rest;
    Ok(*first)
}
