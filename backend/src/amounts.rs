//! How many records of a kind there may be, so that no member fills the database with them. Two that are added
//! at the same moment may exceed a limit by one.

use sea_orm::{ConnectionTrait, EntityTrait, PaginatorTrait, Select};

use crate::Error;

/// Products of a workspace, archived ones too.
pub(crate) const PRODUCTS: Amount = Amount {
    most: 1_000,
    sentence: "There are 1,000 products, with those in the archive. Rename one that is no longer needed.",
};

/// Voting sessions of a workspace.
pub(crate) const VOTINGS: Amount =
    Amount { most: 10_000, sentence: "There are 10,000 voting sessions. Use a draft that is not open yet." };

/// Codes of a session, revoked ones too.
pub(crate) const ENTRIES: Amount = Amount {
    most: 2_000,
    sentence: "This voting session has 2,000 codes. Give several guests the same code.",
};

/// Guests and customers of a session, removed ones too.
pub(crate) const VOTERS: Amount = Amount {
    most: 20_000,
    sentence: "This voting session has 20,000 guests and customers and takes no more. Ask the facilitator.",
};

/// Segments of a workspace, removed ones too.
pub(crate) const SEGMENTS: Amount =
    Amount { most: 1_000, sentence: "There have been 1,000 segments. Rename one instead of adding another." };

/// Records of a workspace, those in the bin too.
pub(crate) const RECORDS: Amount = Amount {
    most: 20_000,
    sentence: "There are 20,000 records, with those in the bin. Change one that is no longer needed.",
};

/// Dependencies of a workspace, removed ones too.
pub(crate) const DEPENDENCIES: Amount = Amount {
    most: 20_000,
    sentence: "There have been 20,000 dependencies. Bring back a removed one instead of adding another.",
};

/// Capacities of teams in a workspace, removed ones too.
pub(crate) const CAPACITIES: Amount = Amount {
    most: 20_000,
    sentence: "There are 20,000 capacities of teams. Change one that is no longer needed.",
};

/// Requests for days of teams in a workspace, answered ones too.
pub(crate) const CAPACITY_REQUESTS: Amount = Amount {
    most: 20_000,
    sentence: "There have been 20,000 requests for capacity. Ask the lead of the team yourself.",
};

/// How many there may be, and what is said to somebody who adds one more.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Amount {
    most: u64,
    sentence: &'static str,
}

impl Amount {
    pub(crate) const fn new(most: u64, sentence: &'static str) -> Self {
        Self { most, sentence }
    }

    /// # Errors
    /// [`Error::Conflict`] when there are as many rows as there may be.
    pub(crate) async fn check<E>(self, db: &impl ConnectionTrait, rows: Select<E>) -> Result<(), Error>
    where
        E: EntityTrait<Model: Send + Sync>,
    {
        if rows.count(db).await? < self.most {
            return Ok(());
        }
        Err(Error::Conflict(self.sentence.into()))
    }
}
