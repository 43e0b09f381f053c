//! Identifiers: UUID version 7 in newtypes, so that an item's id can never be taken for a lane's.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta] $name:ident;)*) => {$(
        #[$doc]
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A version 7 UUID from milliseconds since 1970 and ten random bytes, both from outside.
            pub fn new(millis: u64, random: [u8; 10]) -> Self {
                Self(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
            }

            /// The id that names nothing; stands for "someone" where an author is withheld.
            pub const NIL: Self = Self(Uuid::nil());
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    )*};
}

id! {
    /// The organisation whose products are kept together.
    WorkspaceId;
    /// A person with an account.
    UserId;
    /// A link with which one person may join.
    InvitationId;
    /// A product or service of the portfolio.
    ProductId;
    /// A product's roadmap: the room in which people edit together.
    RoadmapId;
    /// A column of the board.
    LaneId;
    /// A roadmap item.
    ItemId;
    /// A record of a kind that is declared.
    RecordId;
    /// A field of items that people made.
    FieldId;
    /// A comment on an item.
    CommentId;
    /// A moment of a roadmap that was given a name.
    BaselineId;
    /// A personal link to the dates of a roadmap.
    FeedId;
    /// A voting session.
    VotingId;
    /// Somebody who may vote in one voting session: a member, a guest, or a customer somebody votes for.
    VoterId;
    /// A link or code by which guests come to a voting session.
    EntryId;
    /// A group of people whose votes are counted together: a department, customers, a role.
    SegmentId;
    /// One cast of a ballot. Sent again, it is the same cast.
    CastId;
    /// One open page. Its operations are numbered, so that each is applied exactly once.
    ClientId;
}
