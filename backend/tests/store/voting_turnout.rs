//! The turnout counts one population: everybody who was ever invited, voted or not.

use std::collections::BTreeSet;

use backend::{
    Backend, Viewer,
    voting::{Download, Guest},
};
use domain::{
    EntryId, Role, SegmentId, UserId, VoterId, VotingId,
    voting::{Audience, Choice, Mode, Secrecy, SegmentKind, Turnout, VotingDraft},
};

use crate::{
    harness::{Store, rounds, seed, stories},
    voting::{House, cast_id, enter, guests, is_sound},
};

stories! {
    who_leaves_after_voting_is_counted_among_the_invited
    a_code_for_one_person_is_an_invitation_until_it_is_revoked
    the_turnout_is_the_one_that_somebody_counts_who_saw_it_all
    who_leaves_a_secret_session_is_not_given_away_by_the_turnout
}

async fn turnout(house: &House, voting: VotingId) -> (u32, u32) {
    let Turnout { invited, cast } = house.editor.voting(voting).await.unwrap().turnout;
    (cast, invited)
}

async fn who_leaves_after_voting_is_counted_among_the_invited(store: Store) {
    let house = House::build(&store, 2).await;
    let owner = store.backend.people().first_owner().await.unwrap().as_owner().unwrap();
    let (sam, sue) =
        (store.person("sam", Role::Stakeholder).await, store.person("sue", Role::Stakeholder).await);
    let voting = house.open(house.draft(Mode::Approval, 0)).await;
    for voter in [&sam, &sue] {
        voter.cast(voting, cast_id(), house.choices(&[1])).await.unwrap();
    }
    let late = store.person("late", Role::Stakeholder).await;
    late.cast(voting, cast_id(), house.choices(&[1])).await.unwrap();
    assert_eq!(turnout(&house, voting).await, (3, 4));
    owner.remove_member(sam.member().id).await.unwrap();
    owner.set_role(sue.member().id, Role::Viewer).await.unwrap();
    owner.remove_member(late.member().id).await.unwrap();
    assert_eq!(turnout(&house, voting).await, (3, 4));
    house.editor.close_voting(voting).await.unwrap();
    assert_eq!(turnout(&house, voting).await, (3, 4));
    assert_eq!(house.editor.record_of(voting).await.unwrap().ballots.len(), 3);
    assert_eq!(store.rows("SELECT 1 FROM voting_roll").await, 0, "once it is closed the roll is not kept");
    is_sound(&store.backend).await;
}

async fn who_leaves_a_secret_session_is_not_given_away_by_the_turnout(store: Store) {
    let house = House::build(&store, 2).await;
    let owner = store.backend.people().first_owner().await.unwrap().as_owner().unwrap();
    let (sam, sue) =
        (store.person("sam", Role::Stakeholder).await, store.person("sue", Role::Stakeholder).await);
    let mut draft = house.draft(Mode::Approval, 0);
    draft.secrecy = Secrecy::Secret;
    let voting = house.open(draft).await;
    sam.cast(voting, cast_id(), house.choices(&[1])).await.unwrap();
    let before = turnout(&house, voting).await;
    owner.remove_member(sam.member().id).await.unwrap();
    assert_eq!(turnout(&house, voting).await, before);
    owner.remove_member(sue.member().id).await.unwrap();
    assert_eq!(turnout(&house, voting).await, before, "the same of who voted and of who did not");
}

async fn a_code_for_one_person_is_an_invitation_until_it_is_revoked(store: Store) {
    let house = House::build(&store, 2).await;
    let mut draft = house.draft(Mode::Approval, 0);
    draft.audience = Audience::Nobody;
    let voting = house.open(draft).await;
    house.editor.make_entry(voting, None, None).await.unwrap();
    assert_eq!(turnout(&house, voting).await, (0, 0), "nobody knows how many a shared code brings");
    let (_, code) = house.editor.make_entry(voting, Some("Ann".parse().unwrap()), None).await.unwrap();
    let (ben, _) = house.editor.make_entry(voting, Some("Ben".parse().unwrap()), None).await.unwrap();
    assert_eq!(turnout(&house, voting).await, (0, 2));
    let ann = enter(&store.backend, &code, "").await.unwrap();
    ann.cast(cast_id(), house.choices(&[1])).await.unwrap();
    assert_eq!(turnout(&house, voting).await, (1, 2));
    house.editor.revoke_entry(voting, ben.id).await.unwrap();
    assert_eq!(turnout(&house, voting).await, (1, 1));
    house.editor.remove_voter(voting, ann.id()).await.unwrap();
    assert_eq!(turnout(&house, voting).await, (0, 0));
}

/// Chance that is the same every time (Marsaglia, "Xorshift RNGs", 2003).
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 16) % sides as u64).unwrap()
    }
}

/// A member, and what somebody knows of them who saw it all.
struct Known {
    viewer: Viewer,
    role: Role,
    segment: Option<SegmentId>,
}

impl Known {
    async fn join(store: &Store, number: usize) -> Self {
        let viewer = store.person(&format!("person{number}"), Role::Stakeholder).await;
        Known { viewer, role: Role::Stakeholder, segment: None }
    }

    fn may_vote(&self, invited: &Audience) -> bool {
        let belongs = match invited {
            Audience::Everybody => true,
            Audience::Segments(segments) => self.segment.is_some_and(|own| segments.contains(&own)),
            Audience::Nobody => false,
        };
        belongs && self.role.can_vote()
    }

    fn id(&self) -> UserId {
        self.viewer.member().id
    }
}

/// An open session, and what somebody knows of it who saw it all.
struct Seen<'a> {
    house: &'a House,
    backend: &'a Backend,
    id: VotingId,
    draft: VotingDraft,
    came: Vec<Guest>,
    codes: Vec<(EntryId, String)>,
    on_roll: BTreeSet<UserId>,
    cast: BTreeSet<UserId>,
    guests_cast: BTreeSet<VoterId>,
}

impl<'a> Seen<'a> {
    async fn open(house: &'a House, backend: &'a Backend, draft: VotingDraft) -> Self {
        let id = house.open(draft.clone()).await;
        Seen {
            house,
            backend,
            id,
            draft,
            came: Vec::new(),
            codes: Vec::new(),
            on_roll: BTreeSet::new(),
            cast: BTreeSet::new(),
            guests_cast: BTreeSet::new(),
        }
    }

    /// A ballot of this mode, or a blank one.
    fn choices(&self, is_blank: bool) -> Vec<Choice> {
        if is_blank { Vec::new() } else { self.house.choices(&[1]) }
    }

    /// Guests and codes come and go, or `who` votes.
    async fn step(&mut self, dice: &mut Dice, who: &Known) {
        let editor = &self.house.editor;
        match dice.below(7) {
            0 => self.came.extend(guests(self.backend, editor, self.id, 1).await),
            1 => {
                let name = Some("Ann".parse().unwrap());
                let (entry, code) = editor.make_entry(self.id, name, None).await.unwrap();
                self.codes.push((entry.id, code));
            }
            2 if !self.codes.is_empty() => {
                let (entry, code) = self.codes.remove(dice.below(self.codes.len()));
                if dice.below(2) == 0 {
                    editor.revoke_entry(self.id, entry).await.unwrap();
                } else {
                    self.came.push(enter(self.backend, &code, "").await.unwrap());
                }
            }
            3 if !self.came.is_empty() => {
                let guest = &self.came[dice.below(self.came.len())];
                guest.cast(cast_id(), self.choices(dice.below(4) == 0)).await.unwrap();
                self.guests_cast.insert(guest.id());
            }
            4 if !self.came.is_empty() => {
                let guest = self.came.remove(dice.below(self.came.len()));
                editor.remove_voter(self.id, guest.id()).await.unwrap();
                self.guests_cast.remove(&guest.id());
            }
            _ => {
                let done = who.viewer.cast(self.id, cast_id(), self.choices(dice.below(4) == 0)).await;
                assert_eq!(done.is_ok(), who.may_vote(&self.draft.audience), "{done:?}");
                if done.is_ok() {
                    self.cast.insert(who.id());
                }
            }
        }
    }

    /// How many have cast, and how many were invited.
    fn expected(&mut self, members: &[Known]) -> (u32, u32) {
        let may_vote = members.iter().filter(|known| known.may_vote(&self.draft.audience));
        self.on_roll.extend(may_vote.map(Known::id));
        let the_owner = usize::from(self.draft.audience == Audience::Everybody);
        let cast = self.cast.len() + self.guests_cast.len();
        let invited = self.on_roll.len() + the_owner + self.came.len() + self.codes.len();
        (u32::try_from(cast).unwrap(), u32::try_from(invited).unwrap())
    }

    /// Closes the session, and reads its turnout and quorum in every place that states them.
    async fn close(self, (cast, invited): (u32, u32)) {
        let Self { house, id, draft, .. } = self;
        house.editor.close_voting(id).await.unwrap();
        assert_eq!(turnout(house, id).await, (cast, invited));
        let is_withheld = draft.secrecy == Secrecy::Secret && (1..3).contains(&cast);
        assert_eq!(house.editor.results(id, None).await.unwrap().withheld.is_some(), is_withheld);
        if is_withheld {
            return;
        }
        let record = house.editor.record_of(id).await.unwrap();
        assert_eq!(record.turnout, Turnout { invited, cast });
        assert_eq!(backend::voting::recount(&record).1, Vec::<String>::new());
        assert_eq!(record.ballots.len(), cast as usize);
        let quorum = match draft.quorum {
            0 => String::new(),
            // Where nobody was invited, nobody reached it.
            quorum if cast * 100 < invited.max(1) * quorum => format!("{quorum} % missed"),
            quorum => format!("{quorum} % reached"),
        };
        let file = house.editor.download_voting(id, Download::ResultCsv).await.unwrap();
        let table = String::from_utf8(file).unwrap();
        let lines: Vec<&str> = table.lines().skip(1).collect();
        assert_eq!(lines.len(), house.items.len());
        let end = format!(",{cast},{invited},{quorum}");
        assert!(lines.iter().all(|line| line.ends_with(&end)), "{end}: {table}");
    }
}

/// Each run holds so many of every one of the seven modes, on each database; with another `CAIRN_SEED` others. All that happened stays
/// in the database, so many short runs cost less than a long one: 48 of them hold two thousand sessions. The firmness and the gap, which need no database, have 300 and 500 of every mode in each run.
const SESSIONS_PER_MODE: u64 = 6;

async fn the_turnout_is_the_one_that_somebody_counts_who_saw_it_all(store: Store) {
    const STEPS: usize = 12;
    let rounds = rounds(SESSIONS_PER_MODE);
    let house = House::build(&store, 2).await;
    let owner = store.backend.people().first_owner().await.unwrap().as_owner().unwrap();
    let kind = SegmentKind::Department;
    let mut segments = Vec::new();
    for name in ["North", "South"] {
        let weight = "2".parse().unwrap();
        segments.push(house.editor.save_segment(None, kind, name.parse().unwrap(), weight).await.unwrap());
    }
    let mut members = Vec::new();
    let mut joined = 0..;
    for number in joined.by_ref().take(6) {
        members.push(Known::join(&store, number).await);
    }
    let mut dice = Dice(seed());
    let sessions = (0..rounds).flat_map(|round| Mode::ALL.iter().map(move |mode| (round, *mode)));
    for (round, mode) in sessions {
        let tokens = if matches!(mode, Mode::Dots | Mode::Budget | Mode::Quadratic) { 20 } else { 0 };
        let mut draft = house.draft(mode, tokens);
        draft.secrecy = [Secrecy::Open, Secrecy::Sealed, Secrecy::Secret][dice.below(3)];
        draft.audience = [Audience::Everybody, Audience::Nobody, Audience::Segments(vec![segments[0]])]
            [dice.below(3)]
        .clone();
        draft.split = [None, Some(kind)][dice.below(2)];
        draft.quorum = u32::try_from(dice.below(101)).unwrap();
        let mut seen = Seen::open(&house, &store.backend, draft).await;
        assert_eq!(turnout(&house, seen.id).await, seen.expected(&members), "{mode:?}, round {round}");
        for step in 0..STEPS {
            let who = dice.below(members.len());
            let known = &mut members[who];
            match dice.below(8) {
                0 => {
                    known.role = [Role::Stakeholder, Role::Viewer][dice.below(2)];
                    owner.set_role(known.id(), known.role).await.unwrap();
                }
                1 => {
                    known.segment = [None, Some(segments[0]), Some(segments[1])][dice.below(3)];
                    house.editor.assign_segment(known.id(), kind, known.segment).await.unwrap();
                }
                2 if dice.below(6) == 0 => {
                    owner.remove_member(known.id()).await.unwrap();
                    *known = Known::join(&store, joined.next().unwrap()).await;
                }
                _ => seen.step(&mut dice, known).await,
            }
            let expected = seen.expected(&members);
            assert_eq!(turnout(&house, seen.id).await, expected, "{mode:?}, round {round}, step {step}");
            assert!(expected.0 <= expected.1);
        }
        let expected = seen.expected(&members);
        seen.close(expected).await;
    }
    is_sound(&store.backend).await;
}
