//! Faults that can be put into the simulated room on purpose: a simulation that does not find them proves nothing.

macro_rules! sabotages {
    ($($variant:ident $name:literal $what:literal,)*) => {
        /// What is broken on purpose.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Sabotage {
            $(#[doc = $what] $variant,)*
        }

        impl Sabotage {
            /// All there are.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// What it is called on a command line.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// What goes wrong, as a sentence.
            pub fn what(self) -> &'static str {
                match self {
                    $(Self::$variant => $what,)*
                }
            }
        }
    };
}

sabotages! {
    ForgetNumbers "forget-numbers" "The server's crash takes the numbers that were decided with it",
    ForgetRefusals "forget-refusals" "The server decides again what it had refused",
    AnswerBeforeDisk "answer-before-disk" "The server answers before the disk has it",
    KeepEpoch "keep-epoch" "A restored room goes on in its epoch",
    TellVoters "tell-voters" "Everybody is told who votes",
    NeverResend "never-resend" "A page does not send again what was not answered",
    KeepNumbers "keep-numbers" "A page goes on under its old numbers after a restore",
    KeepBase "keep-base" "The server takes an edit of a text as if nobody else had written there",
    IgnoreGaps "ignore-gaps" "A page goes on as if nothing were missing when entries do not follow",
    TakeOldThreads "take-old-threads" "A page takes comments that were read earlier or later as if they were of the moment",
    WrongSlot "wrong-slot" "A short frame names a new id by the slot of another",
    EarlyNumbers "early-numbers" "A short frame names items by numbers that pages have yet to learn",
    MixRooms "mix-rooms" "What is said about any room of a connection is taken to be about its first",
    LoseComments "lose-comments" "An item comes back from another room without what was said about it",
    TrustEnds "trust-ends" "A dependency is written although one of its items moved away meanwhile",
    MoveLinked "move-linked" "An item moves away from what depends on it",
    TraceVotes "trace-votes" "Who votes leaves traces in the slots of short frames",
}
