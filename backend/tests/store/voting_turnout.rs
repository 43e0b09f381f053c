//! The turnout counts one population: everybody who was ever invited, voted or not.

use std::collections::BTreeSet;

use backend::{Viewer, voting::Guest};
use domain::{
    EntryId, Role, SegmentId, UserId, VoterId, VotingId,
    voting::{Audience, Mode, SegmentKind, Turnout},
};

use crate::{
    harness::{Store, rounds, stories},
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
    draft.secrecy = domain::voting::Secrecy::Secret;
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
    gone: bool,
}

impl Known {
    fn may_vote(&self, invited: &Audience) -> bool {
        let belongs = match invited {
            Audience::Everybody => true,
            Audience::Segments(segments) => self.segment.is_some_and(|own| segments.contains(&own)),
            Audience::Nobody => false,
        };
        belongs && !self.gone && self.role.can_vote()
    }

    fn id(&self) -> UserId {
        self.viewer.member().id
    }
}

async fn the_turnout_is_the_one_that_somebody_counts_who_saw_it_all(store: Store) {
    const STEPS: usize = 30;
    let sessions = rounds(12);
    let house = House::build(&store, 2).await;
    let owner = store.backend.people().first_owner().await.unwrap().as_owner().unwrap();
    let kind = SegmentKind::Department;
    let mut segments = Vec::new();
    for name in ["North", "South"] {
        let weight = "2".parse().unwrap();
        segments.push(house.editor.save_segment(None, kind, name.parse().unwrap(), weight).await.unwrap());
    }
    let mut members = vec![];
    for n in 0..6 {
        let viewer = store.person(&format!("person{n}"), Role::Stakeholder).await;
        members.push(Known { viewer, role: Role::Stakeholder, segment: None, gone: false });
    }
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    for session in 0..sessions {
        let mut draft = house.draft(Mode::Approval, 0);
        draft.audience =
            if session % 2 == 0 { Audience::Everybody } else { Audience::Segments(vec![segments[0]]) };
        draft.split = Some(kind).filter(|_| session % 3 == 0);
        let invited = draft.audience.clone();
        let voting = house.open(draft).await;
        let mut came: Vec<Guest> = Vec::new();
        let mut codes: Vec<(EntryId, String)> = Vec::new();
        let (mut on_roll, mut cast) = (BTreeSet::new(), BTreeSet::new());
        let mut guests_cast: BTreeSet<VoterId> = BTreeSet::new();
        for step in 0..STEPS {
            let who = dice.below(members.len());
            match dice.below(10) {
                0 | 1 => {
                    let known = &mut members[who];
                    if !known.gone {
                        known.role = [Role::Stakeholder, Role::Viewer][dice.below(2)];
                        owner.set_role(known.id(), known.role).await.unwrap();
                    }
                }
                2 | 3 => {
                    let known = &mut members[who];
                    known.segment = [None, Some(segments[0]), Some(segments[1])][dice.below(3)];
                    house.editor.assign_segment(known.id(), kind, known.segment).await.unwrap();
                }
                4 => came.extend(guests(&store.backend, &house.editor, voting, 1).await),
                5 => {
                    let name = Some("Ann".parse().unwrap());
                    let (entry, code) = house.editor.make_entry(voting, name, None).await.unwrap();
                    codes.push((entry.id, code));
                }
                6 if !codes.is_empty() => {
                    let (entry, code) = codes.remove(dice.below(codes.len()));
                    if dice.below(2) == 0 {
                        house.editor.revoke_entry(voting, entry).await.unwrap();
                    } else {
                        came.push(enter(&store.backend, &code, "").await.unwrap());
                    }
                }
                7 if !came.is_empty() => {
                    let guest = &came[dice.below(came.len())];
                    guest.cast(cast_id(), house.choices(&[i64::from(step % 2 == 0)])).await.unwrap();
                    guests_cast.insert(guest.id());
                }
                8 if !came.is_empty() && dice.below(3) == 0 => {
                    let guest = came.remove(dice.below(came.len()));
                    house.editor.remove_voter(voting, guest.id()).await.unwrap();
                    guests_cast.remove(&guest.id());
                }
                8 if step == 0 && session > sessions / 2 && !members[who].gone => {
                    owner.remove_member(members[who].id()).await.unwrap();
                    members[who].gone = true;
                }
                _ if !members[who].gone => {
                    let known = &members[who];
                    let done = known.viewer.cast(voting, cast_id(), house.choices(&[1])).await;
                    assert_eq!(done.is_ok(), known.may_vote(&invited), "session {session}, step {step}");
                    if done.is_ok() {
                        cast.insert(known.id());
                    }
                }
                _ => {}
            }
            on_roll.extend(members.iter().filter(|known| known.may_vote(&invited)).map(Known::id));
            let the_owner = usize::from(invited == Audience::Everybody);
            let expected =
                (cast.len() + guests_cast.len(), on_roll.len() + the_owner + came.len() + codes.len());
            let (cast, invited) = turnout(&house, voting).await;
            assert_eq!((cast as usize, invited as usize), expected, "session {session}, step {step}");
            assert!(cast <= invited);
        }
        let before = turnout(&house, voting).await;
        house.editor.close_voting(voting).await.unwrap();
        assert_eq!(turnout(&house, voting).await, before, "session {session}");
        let record = house.editor.record_of(voting).await.unwrap();
        assert_eq!(record.ballots.len(), before.0 as usize);
        assert_eq!(backend::voting::recount(&record).1, Vec::<String>::new());
    }
    is_sound(&store.backend).await;
}
