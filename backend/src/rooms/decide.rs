//! What becomes of pushed operations, given what the transaction has read. No input or output here.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use domain::{
    Change, ClientId, Context, Entry, Op, Reject, Roadmap, Role, Timestamp, Touched, UserId, apply,
    authorise,
    wire::{Acked, Outcome, Pushed},
};

use super::{
    growth::{Size, Spent, check_size},
    names::refuse_turned,
    room::{Published, Room},
};

/// A room in the course of a commit.
#[derive(Debug)]
pub(super) struct Work {
    pub(super) room: Arc<Room>,
    /// Where the room stands in the database, before this commit.
    pub(super) base: Published,
    /// Entries another process committed, which this one had not seen.
    pub(super) caught_up: Vec<Entry>,
    /// The room was restored: what pages hold of it cannot be continued.
    pub(super) reset: bool,
    /// The product is archived: its roadmap cannot be changed.
    pub(super) archived: bool,
    /// The product exists for chosen people and groups only.
    pub(super) restricted: bool,
    /// Roles in the product of those who pushed, as the transaction reads them. Users who are missing are not members; the
    /// product no longer exists for those without a role.
    pub(super) roles: HashMap<UserId, Option<Role>>,
    pub(super) cursors: HashMap<ClientId, Cursor>,
    /// Answers that were given before, by page and number.
    pub(super) answered: HashMap<(ClientId, u64), Outcome>,
    /// Entries about the items whose texts are edited here, in order, with what they changed.
    pub(super) written: Vec<(u64, ClientId, Op, Vec<Change>)>,
    /// Edits of texts that were made on an earlier entry than this are too old.
    pub(super) oldest_base: u64,
    /// What is decided is an import, whose comments have no pace; how many there may be is bounded all the same.
    pub(super) is_import: bool,

    pub(super) roadmap: Roadmap,
    /// How much it holds, once that was asked.
    pub(super) size: Option<Size>,
    /// What it takes of people's paces.
    pub(super) spent: Spent,
    pub(super) head: u64,
    pub(super) entries: Vec<(Entry, Vec<Change>)>,
    pub(super) refusals: Vec<(ClientId, u64, Reject)>,
    pub(super) touched: Touched,
    /// Cursors that moved.
    pub(super) moved: BTreeMap<ClientId, Cursor>,
}

/// How far a page's operations were decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cursor {
    pub(super) user: UserId,
    pub(super) last: u64,
}

impl Work {
    pub(super) fn new(room: Arc<Room>, base: Published) -> Self {
        Self {
            room,
            roadmap: (*base.roadmap).clone(),
            size: None,
            spent: Spent::default(),
            head: base.head,
            base,
            caught_up: Vec::new(),
            reset: false,
            archived: false,
            restricted: false,
            roles: HashMap::new(),
            cursors: HashMap::new(),
            answered: HashMap::new(),
            written: Vec::new(),
            oldest_base: 0,
            is_import: false,
            entries: Vec::new(),
            refusals: Vec::new(),
            touched: Touched::default(),
            moved: BTreeMap::new(),
        }
    }

    /// Decides the operations of one push, in order, and answers each.
    ///
    /// An operation gets its answer once: a repetition gets the one it got, a number out of order moves nothing.
    pub(super) fn decide(
        &mut self,
        user: UserId,
        client: ClientId,
        ops: &[Pushed],
        at: Timestamp,
    ) -> Vec<Acked> {
        let mut cursor = self.cursors.get(&client).copied().unwrap_or(Cursor { user, last: 0 });
        if cursor.user != user || client == ClientId::NIL {
            let refused =
                |op: &Pushed| Acked { cseq: op.cseq, outcome: Outcome::Refused(Reject::ForeignClient) };
            return ops.iter().map(refused).collect();
        }
        let mut answers = Vec::with_capacity(ops.len());
        for Pushed { cseq, op } in ops {
            let expected = cursor.last + 1;
            let outcome = if *cseq == expected {
                cursor.last = *cseq;
                let outcome = self.decide_one(user, client, *cseq, op, at);
                self.answered.insert((client, *cseq), outcome.clone());
                outcome
            } else {
                let out_of_order = Outcome::Refused(Reject::OutOfOrder { expected, got: *cseq });
                self.answered.get(&(client, *cseq)).cloned().unwrap_or(out_of_order)
            };
            answers.push(Acked { cseq: *cseq, outcome });
        }
        if self.cursors.insert(client, cursor) != Some(cursor) && cursor.last > 0 {
            self.moved.insert(client, cursor);
        }
        answers
    }

    /// As [`Work::decide`], for an import, which is alone in its commit: if one of its operations is refused, none is done,
    /// and it is as if they had never been pushed.
    pub(super) fn decide_whole(
        &mut self,
        user: UserId,
        client: ClientId,
        ops: &[Pushed],
        at: Timestamp,
    ) -> Vec<Acked> {
        let mut answers = self.decide(user, client, ops, at);
        let refused = answers.iter().find_map(|answer| match &answer.outcome {
            Outcome::Refused(reject) => Some(reject.clone()),
            Outcome::Accepted { .. } => None,
        });
        if let Some(reject) = refused {
            self.begin_again();
            for answer in &mut answers {
                answer.outcome = Outcome::Refused(reject.clone());
            }
        }
        answers
    }

    /// As if nothing had been decided.
    pub(super) fn begin_again(&mut self) {
        self.roadmap = (*self.base.roadmap).clone();
        self.head = self.base.head;
        self.size = None;
        self.spent = Spent::default();
        self.entries.clear();
        self.refusals.clear();
        self.touched = Touched::default();
        self.moved.clear();
    }

    fn decide_one(&mut self, user: UserId, client: ClientId, cseq: u64, op: &Op, at: Timestamp) -> Outcome {
        match self.try_one(user, client, op, at) {
            Ok((op, changes)) => {
                self.head += 1;
                let entry = Entry { seq: self.head, client, cseq, actor: user, at, op, items: Vec::new() };
                self.entries.push((entry, changes));
                Outcome::Accepted { seq: self.head }
            }
            Err(reject) => {
                if self.room.paces.remembers_refusal(&mut self.spent, user, at) {
                    self.refusals.push((client, cseq, reject.clone()));
                }
                Outcome::Refused(reject)
            }
        }
    }

    /// The operation as it goes into the log, and what it changed.
    fn try_one(
        &mut self,
        user: UserId,
        client: ClientId,
        op: &Op,
        at: Timestamp,
    ) -> Result<(Op, Vec<Change>), Reject> {
        let role = self.roles.get(&user).ok_or(Reject::NotMember)?.ok_or(Reject::NoAccess)?;
        if self.archived {
            return Err(Reject::Archived);
        }
        authorise(&self.roadmap, op, user, role)?;
        refuse_turned(op)?;
        let op = self.rebase(client, op)?;
        let added = check_size(&mut self.size, &self.roadmap, &op)?;
        if !self.is_import {
            self.room.paces.check_comments(&mut self.spent, user, at, &op)?;
        }
        let effects = apply(&mut self.roadmap, &op, &Context { actor: user, at })?;
        self.size = self.size.map(|size| size.plus(added));
        self.touched.merge(effects.touched);
        Ok((op.with_spots(effects.spots), effects.changes))
    }

    /// An edit of a text, carried over what others did to the text since the entry it was made on.
    fn rebase(&self, client: ClientId, op: &Op) -> Result<Op, Reject> {
        let Op::EditText { text, base, delta } = op else { return Ok(op.clone()) };
        if *base > self.head || *base < self.oldest_base {
            return Err(Reject::StaleText);
        }
        let before = self.written.iter().map(|(seq, client, op, changes)| (*seq, *client, op, changes));
        let here = self.entries.iter().map(|(entry, changes)| (entry.seq, entry.client, &entry.op, changes));
        let since = before.chain(here).filter(|(seq, ..)| seq > base);
        let since = since.map(|(_, client, op, changes)| (client, op, changes.as_slice()));
        let delta = Op::rebase(*text, (client, delta), since).ok_or(Reject::StaleText)?;
        Ok(Op::EditText { text: *text, base: self.head, delta })
    }

    /// Whether the database has to be written at all.
    pub(super) fn changed(&self) -> bool {
        !self.moved.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use domain::{
        Delta, ItemFields, ItemId, LaneId, LaneName, Place, RoadmapId, Spot, TextOf, Title, WorkspaceId,
    };

    use super::*;
    use crate::rooms::rows::RoomId;

    const AT: Timestamp = Timestamp(1_700_000_000_000);

    fn id<T>(make: fn(u64, [u8; 10]) -> T, n: u8) -> T {
        make(1, [n; 10])
    }

    fn work(role: Role) -> Work {
        let room = RoomId { workspace: id(WorkspaceId::new, 1), roadmap: id(RoadmapId::new, 1) };
        let base = Published { roadmap: Arc::default(), head: 0, epoch: 1, product: "".into() };
        let mut work = Work::new(Arc::new(Room::new(room)), base);
        work.roles.insert(id(UserId::new, 1), Some(role));
        work
    }

    fn lane(cseq: u64, n: u8) -> Pushed {
        let name = LaneName::parse("Now").unwrap();
        Pushed { cseq, op: Op::CreateLane { id: id(LaneId::new, n), name, place: Place::Last } }
    }

    fn decide(work: &mut Work, ops: &[Pushed]) -> Vec<Outcome> {
        let answers = work.decide(id(UserId::new, 1), id(ClientId::new, 1), ops, AT);
        answers.into_iter().map(|answer| answer.outcome).collect()
    }

    #[test]
    fn a_repetition_gets_the_answer_it_got() {
        let mut work = work(Role::Editor);
        let first = decide(&mut work, &[lane(1, 1), lane(2, 1), lane(3, 2)]);
        assert_eq!(first[0], Outcome::Accepted { seq: 1 });
        assert_eq!(first[1], Outcome::Refused(Reject::DuplicateId));
        assert_eq!(first[2], Outcome::Accepted { seq: 2 });
        assert_eq!(decide(&mut work, &[lane(1, 1), lane(2, 1), lane(3, 2)]), first);
        assert_eq!(work.entries.len(), 2);
        assert_eq!(work.refusals.len(), 1);
        assert_eq!(work.moved[&id(ClientId::new, 1)].last, 3);
    }

    #[test]
    fn an_import_is_done_whole_or_not_at_all() {
        let mut work = work(Role::Editor);
        let whole = |work: &mut Work, n: u8, ops: &[Pushed]| {
            let answers = work.decide_whole(id(UserId::new, 1), id(ClientId::new, n), ops, AT);
            answers.into_iter().map(|answer| answer.outcome).collect::<Vec<_>>()
        };
        let twice = [lane(1, 1), lane(2, 2), lane(3, 1)];
        let refused = Outcome::Refused(Reject::DuplicateId);
        assert_eq!(whole(&mut work, 1, &twice), [refused.clone(), refused.clone(), refused]);
        assert!(!work.changed() && work.entries.is_empty() && work.refusals.is_empty());
        assert_eq!((work.head, work.roadmap.lanes().count()), (0, 0));
        assert_eq!(work.touched, Touched::default());

        work.cursors.clear();
        let accepted = |seq| Outcome::Accepted { seq };
        assert_eq!(whole(&mut work, 1, &twice[..2]), [accepted(1), accepted(2)]);
        assert_eq!(work.entries.len(), 2);
    }

    #[test]
    fn an_import_whose_first_number_is_taken_is_refused_whole() {
        let mut work = work(Role::Editor);
        let nothing = Op::Batch { ops: Vec::new(), reason: None };
        decide(&mut work, &[Pushed { cseq: 1, op: nothing }]);
        let ops = [lane(1, 1), lane(2, 2)];
        let answers = work.decide_whole(id(UserId::new, 1), id(ClientId::new, 1), &ops, AT);
        assert!(answers.iter().all(|answer| answer.outcome == Outcome::Refused(Reject::Nothing)));
        assert!(work.entries.is_empty());
    }

    #[test]
    fn a_number_out_of_order_moves_nothing() {
        let mut work = work(Role::Editor);
        let gap = Outcome::Refused(Reject::OutOfOrder { expected: 1, got: 2 });
        assert_eq!(decide(&mut work, &[lane(2, 1), lane(0, 1)])[0], gap);
        assert!(!work.changed());
        assert_eq!(decide(&mut work, &[lane(1, 1)]), [Outcome::Accepted { seq: 1 }]);
    }

    #[test]
    fn an_edit_of_a_text_is_carried_over_what_others_did_since() {
        let mut work = work(Role::Editor);
        let item = id(ItemId::new, 1);
        let text = TextOf::Description(item);
        let mut fields = ItemFields::titled(Title::parse("Single sign-on").unwrap());
        fields.description = "One. Two.".parse().unwrap();
        let create = Op::CreateItem {
            id: item,
            lane: id(LaneId::new, 1),
            place: Place::Last,
            fields: Box::new(fields),
        };
        decide(&mut work, &[lane(1, 1), Pushed { cseq: 2, op: create }]);
        let edit = |cseq, base, old: &str, new: &str| {
            vec![Pushed { cseq, op: Op::EditText { text, base, delta: Delta::between(old, new) } }]
        };
        let other = |work: &mut Work, ops: Vec<Pushed>| {
            work.decide(id(UserId::new, 1), id(ClientId::new, 2), &ops, AT).remove(0).outcome
        };
        let mine = edit(3, 2, "One. Two.", "One. Mine. Two.");
        assert_eq!(decide(&mut work, &mine), [Outcome::Accepted { seq: 3 }]);
        let theirs = edit(1, 2, "One. Two.", "One. Two. Theirs.");
        assert_eq!(other(&mut work, theirs), Outcome::Accepted { seq: 4 });
        assert_eq!(work.roadmap.text(text), Some("One. Mine. Two. Theirs."));
        let carried = Delta::between("One. Mine. Two.", "One. Mine. Two. Theirs.");
        assert_eq!(work.entries[3].0.op, Op::EditText { text, base: 3, delta: carried });

        // Of a moment that is not yet, of one that is forgotten, of another text.
        for (cseq, base, old) in [(4, 5, "One."), (5, 0, "One. Two."), (6, 4, "One.")] {
            work.oldest_base = 1;
            let refused = decide(&mut work, &edit(cseq, base, old, "New."));
            assert_eq!(refused, [Outcome::Refused(Reject::StaleText)], "{base}");
        }
        let rule = edit(7, 4, "One. Mine. Two. Theirs.", "One.\u{7}");
        let refused = decide(&mut work, &rule);
        assert!(matches!(refused[..], [Outcome::Refused(Reject::InvalidText(_))]), "{refused:?}");
    }

    #[test]
    fn the_log_says_where_items_come_back() {
        let mut work = work(Role::Editor);
        let (now, fields) = (id(LaneId::new, 1), ItemFields::titled(Title::parse("A").unwrap()));
        let item = |n| id(ItemId::new, n);
        let create =
            |n, place| Op::CreateItem { id: item(n), lane: now, place, fields: Box::new(fields.clone()) };
        // A B C; without B, D comes between A and C; B comes back.
        let between = Place::Beside { after: Some(item(1)), before: Some(item(3)) };
        let steps = vec![
            create(1, Place::Last),
            create(2, Place::Last),
            create(3, Place::Last),
            Op::DeleteItems { ids: vec![item(2)] },
            create(4, between),
            Op::restore(vec![item(2)]),
        ];
        let pushed = (2..).zip(steps).map(|(cseq, op)| Pushed { cseq, op });
        decide(&mut work, &std::iter::once(lane(1, 1)).chain(pushed).collect::<Vec<_>>());
        let order = work.roadmap.lane_items(now).to_vec();
        let before = order[order.iter().position(|other| *other == item(2)).unwrap() - 1];
        let spots = vec![Spot { lane: now, after: Some(before), count: 1 }];
        let logged = &work.entries.last().unwrap().0.op;
        assert_eq!(*logged, Op::RestoreItems { ids: vec![item(2)], spots });
    }

    #[test]
    fn names_that_turn_the_direction_of_text_are_refused() {
        let mut work = work(Role::Editor);
        decide(&mut work, &[lane(1, 1)]);
        let (item, of) = (id(ItemId::new, 1), id(LaneId::new, 1));
        let fields = |title: &str| Box::new(ItemFields::titled(Title::parse(title).unwrap()));
        let create = |title| Op::CreateItem { id: item, lane: of, place: Place::Last, fields: fields(title) };
        let mut tagged = fields("Tagged");
        tagged.tags.insert("api\u{2066}".parse().unwrap());
        let ops = [
            create("Pay\u{202e}fdp.exe"),
            Op::CreateItem { id: item, lane: of, place: Place::Last, fields: tagged },
            Op::RenameLane { id: of, name: LaneName::parse("\u{2067}Now").unwrap() },
            Op::batch(vec![
                create("Fine"),
                Op::RenameLane { id: of, name: LaneName::parse("\u{202b}x").unwrap() },
            ]),
        ];
        for (cseq, op) in (2..).zip(ops) {
            let refused = decide(&mut work, &[Pushed { cseq, op }]);
            assert!(matches!(&refused[..], [Outcome::Refused(Reject::InvalidText(_))]), "{refused:?}");
        }
        let fine = decide(&mut work, &[Pushed { cseq: 6, op: create("مرحبا \u{200f}שלום") }]);
        assert_eq!(fine, [Outcome::Accepted { seq: 2 }]);
    }

    #[test]
    fn a_page_belongs_to_its_user() {
        let mut work = work(Role::Editor);
        decide(&mut work, &[lane(1, 1)]);
        let foreign = work.decide(id(UserId::new, 2), id(ClientId::new, 1), &[lane(2, 2)], AT);
        assert_eq!(foreign[0].outcome, Outcome::Refused(Reject::ForeignClient));
        assert_eq!(work.entries.len(), 1);
    }

    #[test]
    fn roles_membership_and_archiving_are_refused_and_remembered() {
        let mut stakeholder = work(Role::Stakeholder);
        let refused = decide(&mut stakeholder, &[lane(1, 1)]);
        assert_eq!(refused, [Outcome::Refused(Reject::NotAllowed(Role::Stakeholder))]);
        assert_eq!(stakeholder.refusals.len(), 1);

        let mut stranger = work(Role::Owner);
        stranger.roles.clear();
        assert_eq!(decide(&mut stranger, &[lane(1, 1)]), [Outcome::Refused(Reject::NotMember)]);

        let mut outsider = work(Role::Editor);
        outsider.roles.values_mut().for_each(|role| *role = None);
        assert_eq!(decide(&mut outsider, &[lane(1, 1)]), [Outcome::Refused(Reject::NoAccess)]);

        let mut archived = work(Role::Owner);
        archived.archived = true;
        assert_eq!(decide(&mut archived, &[lane(1, 1)]), [Outcome::Refused(Reject::Archived)]);
    }

    #[test]
    fn a_refused_operation_leaves_the_document_as_it_was() {
        let mut work = work(Role::Editor);
        decide(&mut work, &[lane(1, 1)]);
        let before = work.roadmap.clone();
        let fields = ItemFields::titled(Title::parse("Single sign-on").unwrap());
        let create = |n| Op::CreateItem {
            id: id(ItemId::new, n),
            lane: id(LaneId::new, n),
            place: Place::Last,
            fields: Box::new(fields.clone()),
        };
        let batch = Pushed { cseq: 2, op: Op::batch(vec![create(1), create(2)]) };
        assert_eq!(decide(&mut work, &[batch]), [Outcome::Refused(Reject::UnknownLane)]);
        assert_eq!(work.roadmap, before);
    }
}
