//! Casting ballots: the purse, repetitions, refusals, and who may.

use backend::{
    Backend, Editor, Error, Viewer,
    voting::{Arrival, Guest},
};
use domain::{
    CastId, ItemId, Product, Role, VotingId,
    voting::{
        Audience, Ballot, Candidate, CastDone, CastRefusal, Choice, Mode, Phase, Reveal, Rules, Secrecy,
        SegmentKind, VotingDraft, Weight,
    },
};

use crate::{
    harness::{Store, stories},
    rooms::{create, first_lane, id, product},
};

stories! {
    a_ballot_is_counted_within_the_budget_and_refused_above_it
    a_ballot_cast_again_replaces_the_one_before
    the_same_cast_is_one_cast_and_gets_the_same_answer
    what_is_not_up_for_vote_is_refused
    a_ballot_before_the_opening_and_after_the_end_is_refused
    many_casts_of_one_voter_never_exceed_the_purse
    who_loses_the_role_or_the_membership_votes_no_more
    only_the_segments_that_are_invited_vote
    a_customer_has_one_ballot_by_name
    a_session_that_cannot_be_is_refused
    what_only_editors_may_do_is_refused_to_others
    without_the_right_secret_no_ballot_is_taken
}

/// A product with items, and somebody who runs sessions about them.
pub(crate) struct House {
    pub(crate) editor: Editor,
    pub(crate) product: Product,
    pub(crate) items: Vec<ItemId>,
}

impl House {
    pub(crate) async fn build(store: &Store, items: usize) -> Self {
        let (owner, product) = product(store).await;
        let lane = first_lane(&owner, product.roadmap).await;
        let (items, ops) = (0..items).map(|n| create(lane, &format!("Item {n}"))).unzip();
        owner.submit(product.roadmap, ops).await.unwrap();
        Self { editor: owner.as_editor().unwrap(), product, items }
    }

    /// A session about all items, with guests allowed.
    pub(crate) fn draft(&self, mode: Mode, tokens: u32) -> VotingDraft {
        let candidate = |item: &ItemId| Candidate {
            item: *item,
            roadmap: self.product.roadmap,
            key: "?".into(),
            title: "?".parse().unwrap(),
            cost: 10,
            withdrawn: false,
        };
        VotingDraft {
            title: "Next quarter".parse().unwrap(),
            question: "What comes first?".parse().unwrap(),
            candidates: self.items.iter().map(candidate).collect(),
            rules: Rules { mode, tokens, most: 0 },
            secrecy: Secrecy::Sealed,
            reveal: Reveal::AtClose,
            weighted: false,
            split: None,
            quorum: 0,
            opens: None,
            closes: None,
            audience: Audience::Everybody,
            guests: true,
            refund: false,
        }
    }

    pub(crate) async fn open(&self, draft: VotingDraft) -> VotingId {
        let id = self.editor.create_voting(draft).await.unwrap();
        self.editor.open_voting(id).await.unwrap();
        id
    }

    /// What each item gets, in order.
    pub(crate) fn choices(&self, amounts: &[i64]) -> Vec<Choice> {
        self.items.iter().zip(amounts).map(|(item, amount)| Choice { item: *item, amount: *amount }).collect()
    }

    pub(crate) fn ballot(&self, amounts: &[u32]) -> Ballot {
        let given = self.items.iter().copied().zip(amounts.iter().copied());
        given.filter(|(_, amount)| *amount > 0).collect()
    }
}

pub(crate) fn cast_id() -> CastId {
    id(CastId::new)
}

pub(crate) fn refusal<T: std::fmt::Debug>(result: Result<T, Error>) -> CastRefusal {
    match result {
        Err(Error::Cast(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn conflict<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    match result {
        Err(Error::Conflict(sentence)) => sentence,
        other => panic!("{other:?}"),
    }
}

/// Guests who came in with one code.
pub(crate) async fn guests(backend: &Backend, editor: &Editor, voting: VotingId, count: usize) -> Vec<Guest> {
    let (_, code) = editor.make_entry(voting, None, None).await.unwrap();
    let mut guests = Vec::with_capacity(count);
    for n in 0..count {
        guests.push(enter(backend, &code, &format!("Guest {n}")).await.unwrap());
    }
    guests
}

pub(crate) async fn enter(backend: &Backend, code: &str, name: &str) -> Result<Guest, Error> {
    let arrival = Arrival { code: code.into(), name: name.into(), known: None, address: None };
    let (_, secret) = backend.votings().enter(arrival).await?;
    Ok(backend.votings().guest(&secret).await?.expect("who came in is a guest"))
}

pub(crate) async fn is_sound(backend: &Backend) {
    assert_eq!(backend.check().await.unwrap().problems, Vec::<String>::new());
}

async fn a_ballot_is_counted_within_the_budget_and_refused_above_it(store: Store) {
    let house = House::build(&store, 3).await;
    let voter = store.person("sam", Role::Stakeholder).await;
    let voting = house.open(house.draft(Mode::Budget, 25)).await;
    let done = voter.cast(voting, cast_id(), house.choices(&[1, 0, 1])).await.unwrap();
    assert_eq!((done.spent, &done.ballot), (20, &house.ballot(&[1, 0, 1])));

    let refused = refusal(voter.cast(voting, cast_id(), house.choices(&[1, 1, 1])).await);
    assert_eq!(refused, CastRefusal::OverBudget { cost: 30, tokens: 25 });
    let page = voter.ballot_page(voting).await.unwrap();
    assert_eq!((page.ballot, page.receipt), (done.ballot, Some(done.receipt)), "the earlier ballot stands");
    assert_eq!(page.facts.draft.candidates[2].key, "ERP-3", "the board says what an item is called");
    assert_eq!(page.tally, None, "a sealed session tells nothing but the turnout");
    assert_eq!(page.facts.turnout.cast, 1);

    let past_the_program = store.backend.db.begin().await.unwrap();
    let forced = sea_orm::ConnectionTrait::execute_unprepared(
        &past_the_program,
        "UPDATE voting_ballot SET spent = 26",
    );
    assert!(forced.await.is_err(), "the table itself refuses to overspend");
    past_the_program.rollback().await.unwrap();
    is_sound(&store.backend).await;
}

async fn a_ballot_cast_again_replaces_the_one_before(store: Store) {
    let house = House::build(&store, 3).await;
    let voting = house.open(house.draft(Mode::Dots, 5)).await;
    let first = house.editor.cast(voting, cast_id(), house.choices(&[5, 0, 0])).await.unwrap();
    let second = house.editor.cast(voting, cast_id(), house.choices(&[0, 2, 1])).await.unwrap();
    assert_eq!(second.spent, 3);
    assert_ne!(first.receipt, second.receipt);
    let empty = house.editor.cast(voting, cast_id(), Vec::new()).await.unwrap();
    assert_eq!((empty.spent, empty.ballot), (0, Ballot::default()));
    house.editor.cast(voting, cast_id(), house.choices(&[0, 2, 1])).await.unwrap();
    house.editor.close_voting(voting).await.unwrap();
    let results = house.editor.results(voting, None).await.unwrap();
    assert_eq!(results.tally.ballots, 1);
    let points: Vec<u64> = house.items.iter().map(|item| results.tally.line(*item).unwrap().raw.0).collect();
    assert_eq!(points, [0, 2_000, 1_000]);
    is_sound(&store.backend).await;
}

async fn the_same_cast_is_one_cast_and_gets_the_same_answer(store: Store) {
    let house = House::build(&store, 3).await;
    let voter = store.person("sam", Role::Stakeholder).await;
    let voting = house.open(house.draft(Mode::Dots, 5)).await;
    let (one, two, over) = (cast_id(), cast_id(), cast_id());
    let first = voter.cast(voting, one, house.choices(&[5, 0, 0])).await.unwrap();
    let mut turned = house.choices(&[5, 0, 0]);
    turned.reverse();
    assert_eq!(voter.cast(voting, one, turned).await.unwrap(), first, "the order of lines says nothing");
    let second = voter.cast(voting, two, house.choices(&[0, 0, 4])).await.unwrap();
    assert_eq!(voter.cast(voting, one, house.choices(&[5, 0, 0])).await.unwrap(), first);
    let refused = refusal(voter.cast(voting, over, house.choices(&[3, 3, 3])).await);
    assert_eq!(refusal(voter.cast(voting, over, house.choices(&[3, 3, 3])).await), refused);
    assert_eq!(refusal(voter.cast(voting, two, house.choices(&[1, 0, 0])).await), CastRefusal::OtherCast);
    let page = voter.ballot_page(voting).await.unwrap();
    assert_eq!(page.ballot, second.ballot, "a repetition does not bring the earlier ballot back");

    let somebody_else = house.editor.cast(voting, one, house.choices(&[0, 1, 0])).await.unwrap();
    assert_eq!(somebody_else.spent, 1, "numbers are each voter's own");

    house.editor.close_voting(voting).await.unwrap();
    let again = store.second_process().await;
    let voter = signed_in(&again, "sam").await;
    assert_eq!(voter.cast(voting, two, house.choices(&[0, 0, 4])).await.unwrap(), second);
    assert_eq!(refusal(voter.cast(voting, cast_id(), house.choices(&[1, 0, 0])).await), CastRefusal::Closed);
    is_sound(&again).await;
}

/// Somebody who is a member already, in another process.
async fn signed_in(backend: &Backend, name: &str) -> Viewer {
    let people = backend.people();
    let password = people.generate_password();
    let owner = people.first_owner().await.unwrap().as_owner().unwrap();
    let member = owner.members().await.unwrap().into_iter().find(|member| &*member.name == name).unwrap();
    owner.remove_member(member.id).await.unwrap();
    let user = backend::people::NewUser {
        email: member.email.clone().unwrap(),
        name: member.name,
        role: member.role,
        password: Some(password.clone()),
    };
    people.add_user(user).await.unwrap();
    let session = people.sign_in(member.email.as_ref().unwrap(), password.reveal(), None).await.unwrap();
    people.authenticate(&session.secret).await.unwrap().unwrap()
}

async fn what_is_not_up_for_vote_is_refused(store: Store) {
    let house = House::build(&store, 4).await;
    let mut draft = house.draft(Mode::Dots, 5);
    draft.candidates.truncate(3);
    let voting = house.open(draft).await;
    let cast = |choices| house.editor.cast(voting, cast_id(), choices);
    assert_eq!(refusal(cast(house.choices(&[0, 0, 0, 1])).await), CastRefusal::NotACandidate);
    assert_eq!(refusal(cast(house.choices(&[-1])).await), CastRefusal::Negative(-1));
    let twice = [house.choices(&[1]), house.choices(&[1])].concat();
    assert_eq!(refusal(cast(twice).await), CastRefusal::Twice);

    cast(house.choices(&[2, 3])).await.unwrap();
    house.editor.withdraw_candidate(voting, house.items[1]).await.unwrap();
    let page = house.editor.ballot_page(voting).await.unwrap();
    assert_eq!(page.ballot, house.ballot(&[2]));
    assert!(page.facts.draft.candidates[1].withdrawn);
    assert_eq!(refusal(cast(house.choices(&[2, 3])).await), CastRefusal::Withdrawn("Item 1".into()));
    assert_eq!(
        cast(house.choices(&[2, 0, 3])).await.unwrap().spent,
        5,
        "what was spent on it is there again"
    );
    let gone = house.editor.withdraw_candidate(voting, house.items[1]).await;
    assert!(matches!(gone, Err(Error::NotFound(_))), "{gone:?}");
    is_sound(&store.backend).await;
}

async fn a_ballot_before_the_opening_and_after_the_end_is_refused(store: Store) {
    let house = House::build(&store, 2).await;
    let voting = house.editor.create_voting(house.draft(Mode::Approval, 0)).await.unwrap();
    let cast = || house.editor.cast(voting, cast_id(), house.choices(&[1]));
    assert_eq!(refusal(cast().await), CastRefusal::NotOpen);
    house.editor.open_voting(voting).await.unwrap();
    cast().await.unwrap();
    assert!(conflict(house.editor.open_voting(voting).await).contains("opened before"));
    // The end passes; whether somebody has closed it by then makes no difference.
    store.execute("UPDATE voting SET closes_ms = 1").await;
    assert_eq!(refusal(cast().await), CastRefusal::Closed);
    let unknown = house.editor.cast(id(VotingId::new), cast_id(), Vec::new()).await;
    assert!(matches!(unknown, Err(Error::NotFound(_))), "{unknown:?}");
}

async fn many_casts_of_one_voter_never_exceed_the_purse(store: Store) {
    let house = House::build(&store, 4).await;
    let voter = store.person("sam", Role::Stakeholder).await;
    let voting = house.open(house.draft(Mode::Quadratic, 30)).await;
    let casts: Vec<_> = (0..40)
        .map(|n: i64| {
            let voter = voter.clone();
            // Each alone fits, any two together would not.
            let mut amounts = [0; 4];
            amounts[usize::try_from(n % 4).unwrap()] = 5;
            amounts[usize::try_from((n + 1) % 4).unwrap()] = n % 3;
            let choices = house.choices(&amounts);
            tokio::spawn(async move { voter.cast(voting, cast_id(), choices).await })
        })
        .collect();
    let mut answers: Vec<CastDone> = Vec::new();
    for cast in casts {
        answers.push(cast.await.unwrap().unwrap());
    }
    assert_eq!(store.rows("SELECT 1 FROM voting_ballot WHERE casts = 40 AND spent <= tokens").await, 1);
    let page = voter.ballot_page(voting).await.unwrap();
    let standing = answers.iter().find(|done| Some(&done.receipt) == page.receipt.as_ref()).unwrap();
    assert_eq!(standing.ballot, page.ballot, "one of them stands, whole");
    is_sound(&store.backend).await;
}

async fn who_loses_the_role_or_the_membership_votes_no_more(store: Store) {
    let house = House::build(&store, 2).await;
    let owner = house.editor.as_owner().unwrap();
    let sam = store.person("sam", Role::Stakeholder).await;
    let vera = store.person("vera", Role::Viewer).await;
    let voting = house.open(house.draft(Mode::Approval, 0)).await;
    let cast = |who: &Viewer| {
        let (who, choices) = (who.clone(), house.choices(&[1, 1]));
        async move { who.cast(voting, cast_id(), choices).await }
    };
    assert_eq!(refusal(cast(&vera).await), CastRefusal::NotInvited);
    assert_eq!(refusal(vera.ballot_page(voting).await), CastRefusal::NotInvited);
    assert!(!vera.votings().await.unwrap()[0].invited);
    cast(&sam).await.unwrap();
    owner.set_role(sam.member().id, Role::Viewer).await.unwrap();
    assert_eq!(refusal(cast(&sam).await), CastRefusal::NotInvited, "with a handle from before");
    owner.set_role(sam.member().id, Role::Stakeholder).await.unwrap();
    cast(&sam).await.unwrap();
    owner.remove_member(sam.member().id).await.unwrap();
    assert_eq!(refusal(cast(&sam).await), CastRefusal::NotInvited);

    let guest = guests(&store.backend, &house.editor, voting, 1).await.remove(0);
    guest.cast(cast_id(), house.choices(&[0, 1])).await.unwrap();
    assert_eq!(house.editor.voting(voting).await.unwrap().turnout.cast, 2);
    let voters = house.editor.voters(voting).await.unwrap();
    assert_eq!((&*voters[0].name, voters[0].voted), ("Guest 0", true));
    house.editor.remove_voter(voting, voters[0].id).await.unwrap();
    let refused = refusal(guest.cast(cast_id(), house.choices(&[0, 1])).await);
    assert_eq!(refused, CastRefusal::NotInvited);
    assert_eq!(house.editor.voting(voting).await.unwrap().turnout.cast, 1, "the ballot went with the guest");
    assert_eq!(house.editor.voters(voting).await.unwrap(), []);
    is_sound(&store.backend).await;
}

async fn only_the_segments_that_are_invited_vote(store: Store) {
    let house = House::build(&store, 2).await;
    let editor = &house.editor;
    let (sales, it) =
        (store.person("sal", Role::Stakeholder).await, store.person("ian", Role::Stakeholder).await);
    let kind = SegmentKind::Department;
    let weight = |text: &str| text.parse::<Weight>().unwrap();
    let segment = editor.save_segment(None, kind, "Sales".parse().unwrap(), weight("2")).await.unwrap();
    let taken = conflict(editor.save_segment(None, kind, "SALES".parse().unwrap(), weight("1")).await);
    assert!(taken.contains("Choose another name"), "{taken}");
    editor.assign_segment(sales.member().id, kind, Some(segment)).await.unwrap();
    let mut draft = house.draft(Mode::Approval, 0);
    draft.audience = Audience::Segments(vec![segment]);
    draft.guests = false;
    (draft.split, draft.weighted) = (Some(kind), true);
    let voting = house.open(draft).await;
    sales.cast(voting, cast_id(), house.choices(&[1, 0])).await.unwrap();
    assert_eq!(refusal(it.cast(voting, cast_id(), house.choices(&[0, 1])).await), CastRefusal::NotInvited);
    let turnout = editor.voting(voting).await.unwrap().turnout;
    assert_eq!((turnout.invited, turnout.cast, turnout.percent()), (1, 1, 100));
    editor.assign_segment(it.member().id, kind, Some(segment)).await.unwrap();
    editor.save_segment(Some(segment), kind, "Selling".parse().unwrap(), weight("0.5")).await.unwrap();
    it.cast(voting, cast_id(), house.choices(&[0, 1])).await.unwrap();
    editor.remove_segment(segment).await.unwrap();
    assert_eq!(editor.segments().await.unwrap(), []);
    assert_eq!(
        refusal(sales.cast(voting, cast_id(), house.choices(&[1, 0])).await),
        CastRefusal::NotInvited,
        "leaving the segment counts at once"
    );
    editor.close_voting(voting).await.unwrap();
    let results = editor.results(voting, None).await.unwrap();
    let weighted: Vec<String> =
        house.items.iter().map(|item| results.tally.line(*item).unwrap().weighted.to_string()).collect();
    assert_eq!(weighted, ["2", "2"], "each ballot weighs what its segment weighed at the opening");
    assert_eq!(results.groups[0].name.as_deref(), Some("Sales"));
    let turnout = results.facts.turnout;
    assert_eq!((turnout.invited, turnout.cast), (2, 2), "who was invited is, even when the segment is gone");
    is_sound(&store.backend).await;
}

async fn a_customer_has_one_ballot_by_name(store: Store) {
    let house = House::build(&store, 2).await;
    let editor = &house.editor;
    let voting = house.open(house.draft(Mode::Dots, 3)).await;
    let enter = |name: &str, source: &str, amounts: &[i64]| {
        let (name, source) = (name.parse().unwrap(), source.parse().unwrap());
        editor.vote_for_customer(voting, name, source, None, house.choices(amounts))
    };
    enter("Acme AG", "call of 12 March", &[3, 0]).await.unwrap();
    enter("ACME ag", "mail of 14 March", &[0, 2]).await.unwrap();
    enter("Globex", "call", &[1, 0]).await.unwrap();
    let refused = refusal(enter("Initech", "call", &[2, 2]).await);
    assert_eq!(refused, CastRefusal::OverBudget { cost: 4, tokens: 3 });
    let voters = editor.voters(voting).await.unwrap();
    let told: Vec<_> =
        voters.iter().map(|voter| (&*voter.name, voter.source.as_deref(), voter.voted)).collect();
    assert_eq!(told, [("ACME ag", Some("mail of 14 March"), true), ("Globex", Some("call"), true)]);
    assert_eq!(voters[0].entered_by, Some(editor.member().id));
    editor.remove_voter(voting, voters[1].id).await.unwrap();
    enter("Globex", "another call", &[1, 0]).await.unwrap();
    assert_eq!(editor.customer_ballot_page(voting).await.unwrap().ballot, Ballot::default());
    editor.close_voting(voting).await.unwrap();
    assert_eq!(refusal(enter("Late GmbH", "call", &[1]).await), CastRefusal::Closed);
    let named = editor.named_ballots(voting).await.unwrap();
    let told: Vec<_> = named.iter().map(|ballot| (&*ballot.name, &ballot.choices)).collect();
    assert_eq!(told, [("ACME ag", &house.ballot(&[0, 2])), ("Globex", &house.ballot(&[1]))]);
    is_sound(&store.backend).await;
}

async fn a_session_that_cannot_be_is_refused(store: Store) {
    let house = House::build(&store, 3).await;
    let good = || house.draft(Mode::Dots, 5);
    let past = domain::Timestamp(1);
    let soon = domain::Timestamp(backend::now().0 + 60_000);
    type Spoil = fn(&mut VotingDraft, domain::Timestamp);
    let spoilt: [(&str, Spoil); 5] = [
        ("nothing to vote on", |draft, _| draft.candidates.clear()),
        ("on the ballot twice", |draft, _| draft.candidates[1] = draft.candidates[0].clone()),
        ("closing time has passed", |draft, past| draft.closes = Some(past)),
        ("at least one token", |draft, _| draft.rules.tokens = 0),
        ("no longer on the board", |draft, _| draft.candidates[0].item = id(ItemId::new)),
    ];
    for (sentence, spoil) in spoilt {
        let mut draft = good();
        spoil(&mut draft, past);
        let refused = house.editor.create_voting(draft).await;
        assert!(matches!(&refused, Err(Error::Invalid(said)) if said.contains(sentence)), "{refused:?}");
    }
    let mut backwards = good();
    (backwards.opens, backwards.closes) = (Some(domain::Timestamp(soon.0 + 1)), Some(soon));
    assert!(matches!(house.editor.create_voting(backwards).await, Err(Error::Invalid(_))));
    assert_eq!(house.editor.votings().await.unwrap(), []);

    let voting = house.editor.create_voting(good()).await.unwrap();
    let mut longer = good();
    longer.title = "Renamed".parse().unwrap();
    longer.rules.tokens = 7;
    house.editor.edit_voting(voting, longer.clone()).await.unwrap();
    assert_eq!(house.editor.voting(voting).await.unwrap().draft.rules.tokens, 7);
    house.editor.open_voting(voting).await.unwrap();
    longer.title = "Once more".parse().unwrap();
    longer.rules.tokens = 100;
    house.editor.edit_voting(voting, longer.clone()).await.unwrap();
    let facts = house.editor.voting(voting).await.unwrap();
    assert_eq!(
        (&*facts.draft.title, facts.draft.rules.tokens),
        ("Once more", 7),
        "while it is open, rules stay"
    );
    assert!(conflict(house.editor.delete_voting(voting).await).contains("Only a draft"));
    house.editor.close_voting(voting).await.unwrap();
    assert!(conflict(house.editor.edit_voting(voting, longer).await).contains("closed"));
    assert!(conflict(house.editor.close_voting(voting).await).contains("already"));

    let draft = house.editor.create_voting(good()).await.unwrap();
    house.editor.make_entry(draft, None, None).await.unwrap();
    house.editor.delete_voting(draft).await.unwrap();
    assert!(matches!(house.editor.voting(draft).await, Err(Error::NotFound(_))));
    is_sound(&store.backend).await;
}

async fn what_only_editors_may_do_is_refused_to_others(store: Store) {
    let house = House::build(&store, 2).await;
    let former = store.editor().await;
    let sam = store.person("sam", Role::Stakeholder).await;
    let voting = house.editor.create_voting(house.draft(Mode::Dots, 5)).await.unwrap();
    assert!(matches!(sam.voting(voting).await, Err(Error::NotFound(_))), "drafts are for editors");
    assert_eq!(sam.votings().await.unwrap(), []);
    assert!(sam.as_editor().is_err());
    house.editor.as_owner().unwrap().set_role(former.member().id, Role::Stakeholder).await.unwrap();
    let refused = [
        former.open_voting(voting).await,
        former.close_voting(voting).await,
        former.reveal_voting(voting).await,
        former.delete_voting(voting).await,
        former.edit_voting(voting, house.draft(Mode::Dots, 9)).await,
        former.withdraw_candidate(voting, house.items[0]).await,
        former.make_entry(voting, None, None).await.map(drop),
        former.create_voting(house.draft(Mode::Dots, 9)).await.map(drop),
    ];
    for answer in refused {
        assert!(matches!(answer, Err(Error::Refused(domain::Reject::NotAllowed(_)))), "{answer:?}");
    }
    assert_eq!(house.editor.voting(voting).await.unwrap().phase, Phase::Draft);
}

async fn without_the_right_secret_no_ballot_is_taken(store: Store) {
    let house = House::build(&store, 2).await;
    let voting = house.open(house.draft(Mode::Dots, 5)).await;
    house.editor.cast(voting, cast_id(), house.choices(&[1])).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let stranger = Backend::open_with(&store.url, Some(folder.path().join("other.secret"))).await.unwrap();
    let owner = stranger.people().first_owner().await.unwrap();
    let refused = owner.cast(voting, cast_id(), house.choices(&[1])).await;
    assert!(conflict(refused).contains("does not have the key"), "nobody votes twice under two names");
    assert_eq!(owner.votings().await.unwrap().len(), 1, "but everybody can still look");
    assert_eq!(owner.ballot_page(voting).await.unwrap().receipt, None);
    assert_eq!(store.rows("SELECT 1 FROM voting_ballot").await, 1);
}
