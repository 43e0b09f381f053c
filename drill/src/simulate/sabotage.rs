//! Faults that can be put into the simulated room on purpose: a simulation that does not find them proves nothing.

use clap::ValueEnum;

/// What is broken on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Sabotage {
    /// The server's crash takes the numbers that were decided with it
    ForgetNumbers,
    /// The server decides anew what it had refused
    ForgetRefusals,
    /// The server answers before the disk has it
    AnswerBeforeDisk,
    /// A restored room goes on in its epoch
    KeepEpoch,
    /// Everybody is told who votes
    TellVoters,
    /// A page does not send again what was not answered
    NeverResend,
    /// A page goes on under its old numbers after a restore
    KeepNumbers,
    /// The server takes an edit of a text as if nobody else had written there
    KeepBase,
    /// A page goes on as if nothing were missing when entries do not follow
    IgnoreGaps,
    /// A page takes comments that were read earlier or later as if they were of the moment
    TakeOldThreads,
}
