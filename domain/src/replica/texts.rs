//! Pending edits of texts: carried over what others do to the same text meanwhile.

use std::collections::{BTreeSet, VecDeque};

use super::{Change, ClientId, Delta, Entry, Op, Pending, Reject, Replica, TextOf, Timestamp};

impl Pending {
    pub(super) fn new(client: ClientId, cseq: u64, op: Op, at: Timestamp) -> Self {
        Self { client, cseq, op, at, accepted: None, doomed: None, revision: 0, sent: false }
    }

    fn edits(&self, text: TextOf) -> bool {
        self.op.edits_text().is_some_and(|(edited, _)| edited == text)
    }
}

impl Replica {
    /// Edits that are not confirmed, with the text each was made on where it is the first of that text.
    pub fn left(&self) -> impl Iterator<Item = (&Pending, Option<&str>)> {
        let mut seen = BTreeSet::new();
        self.pending.iter().map(move |pending| {
            let text = pending.op.edits_text().map(|(text, _)| text).filter(|text| seen.insert(*text));
            (pending, text.and_then(|text| self.confirmed_or_missing(text)))
        })
    }

    /// A text that lacks an earlier edit, because it would be refused, cannot be edited further.
    pub(super) fn check_text(&self, op: &Op) -> Result<(), Reject> {
        let Some((text, _)) = op.edits_text() else { return Ok(()) };
        let doomed = self.pending.iter().filter(|pending| pending.op.effect_on(text, 0).is_some());
        doomed.filter_map(|pending| pending.doomed.clone()).next().map_or(Ok(()), Err)
    }

    /// Makes an edit of a text part of the one that waits last, if that is of the same text and was never sent.
    pub(super) fn join(&mut self, op: &Op, at: Timestamp) -> bool {
        let Some((text, delta)) = op.edits_text() else { return false };
        let Some(last) = self.pending.back_mut().filter(|last| !last.sent && last.edits(text)) else {
            return false;
        };
        let Op::EditText { delta: before, .. } = &mut last.op else { return false };
        let Some(both) = before.compose(delta) else { return false };
        *before = both;
        last.at = at;
        last.revision += 1;
        true
    }

    /// Whether an edit of a text was made on top of another that is not confirmed.
    pub(super) fn waits(&self, index: usize) -> bool {
        let Some((text, _)) = self.pending[index].op.edits_text() else { return false };
        if self.missing.contains_key(&text) {
            return true;
        }
        self.pending.iter().take(index).any(|earlier| earlier.op.effect_on(text, 0).is_some())
    }

    /// The texts with pending edits, as they are confirmed.
    pub(super) fn edited_texts(&self) -> Vec<(TextOf, String)> {
        let edited = self.pending.iter().filter_map(|pending| pending.op.edits_text());
        let texts: BTreeSet<TextOf> = edited.map(|(text, _)| text).collect();
        let confirmed = |text: TextOf| Some((text, self.confirmed.text(text)?.to_owned()));
        texts.into_iter().filter_map(confirmed).collect()
    }

    /// An entry was applied to these confirmed texts; `mine` is what it was while it was pending.
    pub(super) fn carry_over(
        &mut self,
        texts: &[(TextOf, String)],
        entry: &Entry,
        changes: &[Change],
        mine: Option<&Pending>,
    ) {
        for (text, before) in texts {
            let len = before.chars().count();
            let done = Change::any_of(changes, *text).then(|| entry.op.effect_on(*text, len)).flatten();
            let expected = mine.and_then(|mine| changes_text(&mine.op, *text, before));
            if expected == done {
                continue;
            }
            // The server carried it over something else than this page did.
            if let Some(back) = expected.and_then(|expected| expected.invert(before)) {
                self.follow(0, *text, back, None);
            }
            if let Some(done) = done {
                self.follow(0, *text, done, Some(entry.client));
            }
        }
    }

    /// The texts with pending edits, as they would be confirmed with those operations that a fresh document includes. One that
    /// was created here begins as it was created.
    pub(super) fn texts_with(&self, included: impl Fn(&Pending) -> bool) -> Vec<(TextOf, String)> {
        let edited = self.pending.iter().filter_map(|pending| pending.op.edits_text());
        let texts: BTreeSet<TextOf> = edited.map(|(text, _)| text).collect();
        let with = |text: TextOf| {
            let mut now = self.begins(text)?.to_owned();
            for pending in self.pending.iter().filter(|pending| included(pending)) {
                let effect = pending.op.effect_on(text, now.chars().count());
                now = effect.and_then(|effect| effect.apply(&now)).unwrap_or(now);
            }
            Some((text, now))
        };
        texts.into_iter().filter_map(with).collect()
    }

    /// A fresh document was taken. These were the texts before.
    pub(super) fn merge(&mut self, texts: &[(TextOf, String)]) {
        for (text, before) in texts {
            if let Some(after) = self.begins(*text)
                && after != before
            {
                self.follow(0, *text, Delta::between(before, after), None);
            }
        }
    }

    /// A text as it is confirmed, as what is pending creates it, or as a pending edit was made on it.
    pub(super) fn begins(&self, text: TextOf) -> Option<&str> {
        let created = || self.pending.iter().find_map(|pending| begun(&pending.op, text));
        self.confirmed_or_missing(text).or_else(created)
    }

    /// A text as it is confirmed, or where the page does not hold it, as pending edits were made on it.
    fn confirmed_or_missing(&self, text: TextOf) -> Option<&str> {
        self.confirmed.text(text).or_else(|| self.missing.get(&text).map(String::as_str))
    }

    /// What is pending from `first` on was made on these texts, and is carried over to what the texts are there. Then come
    /// the page's own edits, which did not know of it.
    pub(super) fn insert(&mut self, first: usize, on: Vec<(TextOf, String)>, own: VecDeque<Pending>) {
        let mut seen = BTreeSet::new();
        for (text, before) in on {
            if seen.insert(text)
                && let Some(now) = self.text_at(first, text)
            {
                self.follow(first, text, Delta::between(&before, &now), None);
            }
        }
        let own_first = self.pending.len();
        let texts: BTreeSet<TextOf> =
            own.iter().filter_map(|pending| pending.op.edits_text()).map(|(text, _)| text).collect();
        self.pending.extend(own);
        for text in texts {
            if let (Some(before), Some(now)) = (self.text_at(first, text), self.text_at(own_first, text)) {
                self.follow(own_first, text, Delta::between(&before, &now), None);
            }
        }
    }

    /// Takes a pending operation out that was refused, or that the document has already. What was made on top of it stays.
    pub(super) fn take_out(&mut self, index: usize) {
        let later = self.pending.iter().skip(index + 1).filter_map(|pending| pending.op.edits_text());
        let texts: BTreeSet<TextOf> = later.map(|(text, _)| text).collect();
        let taken = texts.into_iter().filter_map(|text| {
            let before = self.text_at(index, text)?;
            let effect = changes_text(&self.pending[index].op, text, &before)?;
            Some((text, effect.invert(&before)?))
        });
        let taken: Vec<(TextOf, Delta)> = taken.collect();
        self.pending.remove(index);
        for (text, back) in taken {
            self.follow(index, text, back, None);
        }
    }

    /// A text with what is pending before `end`; nothing where that does not fit.
    fn text_at(&self, end: usize, text: TextOf) -> Option<String> {
        let mut now = self.confirmed_or_missing(text).map(str::to_owned);
        for pending in self.pending.iter().take(end) {
            match &now {
                None => now = begun(&pending.op, text).map(str::to_owned),
                Some(before) => {
                    if let Some(effect) = pending.op.effect_on(text, before.chars().count()) {
                        now = Some(effect.apply(before)?);
                    }
                }
            }
        }
        now
    }

    /// Carries pending edits of a text, from an index on, over a change that came under them, of this page where it is one's.
    fn follow(&mut self, first: usize, text: TextOf, mut by: Delta, page: Option<ClientId>) {
        for pending in self.pending.range_mut(first..) {
            match &mut pending.op {
                Op::EditText { text: edited, delta, .. } if *edited == text => {
                    // What was never sent comes to be on top of it, and need not stand behind it: it may continue what does
                    // not. What was sent is carried over as the server does it.
                    let carried = match page {
                        Some(page) if pending.sent => Delta::carry((pending.client, delta), (page, &by)),
                        None if pending.sent => {
                            Delta::transform(&by, delta).map(|(further, mine)| (mine, further))
                        }
                        _ => Delta::transform(delta, &by),
                    };
                    // What does not fit waits for the server's word.
                    let Some((mine, further)) = carried else { continue };
                    (by, *delta) = (further, mine);
                    pending.revision += 1;
                }
                // It is written anew, whatever it was.
                op if op.effect_on(text, 0).is_some() => return,
                _ => {}
            }
        }
    }
}

/// What an operation does to a text, where that makes another text of it. What writes the same anew moves nothing in it.
fn changes_text(op: &Op, text: TextOf, before: &str) -> Option<Delta> {
    let effect = op.effect_on(text, before.chars().count())?;
    effect.apply(before).is_some_and(|after| after != before).then_some(effect)
}

/// The text with which an operation creates what the text is of.
fn begun(op: &Op, text: TextOf) -> Option<&str> {
    match (op, text) {
        (Op::CreateItem { id, fields, .. }, TextOf::Description(item)) if *id == item => {
            Some(&fields.description)
        }
        (Op::AddComment { id, body, .. }, TextOf::Comment(comment)) if *id == comment => Some(body),
        (Op::Batch { ops, .. }, _) => ops.iter().find_map(|op| begun(op, text)),
        _ => None,
    }
}
