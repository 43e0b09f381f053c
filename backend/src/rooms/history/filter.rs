//! What of a product's history is wanted.

use std::cell::OnceCell;

use domain::{Change, HistoryKind, ItemId, NATIVE, Reason, Timestamp, UserId, fold};

/// What of a product's history is wanted. Everything given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HistoryFilter {
    /// What this person did, as far as the reader may know it to be theirs.
    pub by: Option<UserId>,
    pub kind: Option<HistoryKind>,
    pub item: Option<ItemId>,
    /// The key of a field of items, declared or made by people.
    pub field: Option<String>,
    /// From this moment on.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
    /// What somebody gave a reason for.
    pub has_reason: bool,
    /// Words that must all occur in the reason, in any case.
    pub words: String,
}

impl HistoryFilter {
    /// Whether the log of the roadmap can have what is wanted.
    pub(super) fn reads_log(&self) -> bool {
        self.kind.is_none_or(HistoryKind::is_of_roadmap)
    }

    /// Whether the audit log can. Of its events only those of dependencies are about items, and none about a field of items.
    pub(super) fn reads_audit(&self) -> bool {
        self.field.is_none() && self.kind.is_none_or(|kind| !kind.is_of_roadmap())
    }

    /// Whether somebody's step at a moment is wanted, whatever it changed.
    pub(super) fn takes(&self, actor: UserId, at: Timestamp, reason: Option<&Reason>) -> bool {
        self.by.is_none_or(|by| by == actor)
            && self.until.is_none_or(|until| at < until)
            && (!self.has_reason || reason.is_some())
            && self.has_words(reason)
    }

    fn has_words(&self, reason: Option<&Reason>) -> bool {
        let wanted = fold(&self.words, &NATIVE);
        let reason_folded = OnceCell::new();
        wanted.split_whitespace().all(|word| {
            let folded =
                reason_folded.get_or_init(|| reason.map_or_else(String::new, |reason| fold(reason, &NATIVE)));
            folded.contains(word)
        })
    }

    pub(super) fn takes_kind(&self, kind: HistoryKind) -> bool {
        self.kind.is_none_or(|wanted| wanted == kind)
    }

    pub(super) fn takes_change(&self, change: &Change) -> bool {
        self.takes_kind(change.kind()) && self.field.as_ref().is_none_or(|field| change.is_of_field(field))
    }

    /// Whether a moment, and with it all that was before, is too early.
    pub(super) fn is_over_at(&self, at: Timestamp) -> bool {
        self.from.is_some_and(|from| at < from)
    }
}
