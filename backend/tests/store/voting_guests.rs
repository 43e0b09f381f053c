//! Guests: codes that let in one person or everybody, and those that no longer do.

use std::net::IpAddr;

use backend::{Error, voting::Arrival};
use domain::voting::Mode;

use crate::{
    harness::{Store, stories},
    voting::{House, cast_id, conflict, enter, is_sound},
};

stories! {
    a_shared_code_lets_many_in_until_it_is_revoked
    a_personal_code_lets_one_person_in
    of_many_who_use_a_personal_code_at_once_one_comes_in
    an_unknown_code_leads_nowhere_and_guessing_has_to_wait
    a_guest_sees_one_session_alone
    a_closed_session_lets_nobody_in
}

async fn a_shared_code_lets_many_in_until_it_is_revoked(store: Store) {
    let house = House::build(&store, 2).await;
    let voting = house.open(house.draft(Mode::Dots, 3)).await;
    let (entry, code) = house.editor.make_entry(voting, None, None).await.unwrap();
    for (name, code) in [("Gil", code.to_lowercase()), ("Gus", code.clone())] {
        let guest = enter(&store.backend, &code, name).await.unwrap();
        assert_eq!((guest.voting(), guest.name()), (voting, name));
        guest.cast(cast_id(), house.choices(&[1, 2])).await.unwrap();
    }
    assert_eq!(house.editor.entries(voting).await.unwrap()[0].used, 2);
    let nameless = enter(&store.backend, &code, "  ").await;
    assert!(matches!(nameless, Err(Error::Invalid(_))), "{nameless:?}");

    // The same browser does not come in twice.
    let votings = store.backend.votings();
    let arrival = Arrival { code: code.clone(), name: "Gina".into(), known: None, address: None };
    let (_, secret) = votings.enter(arrival.clone()).await.unwrap();
    let again = Arrival { name: "Gina again".into(), known: Some(secret.clone()), ..arrival };
    assert_eq!(votings.enter(again).await.unwrap(), (voting, secret.clone()));
    assert_eq!(house.editor.voters(voting).await.unwrap().len(), 3);

    house.editor.revoke_entry(voting, entry.id).await.unwrap();
    assert!(conflict(enter(&store.backend, &code, "Greg").await).contains("was revoked"));
    assert_eq!(house.editor.entries(voting).await.unwrap(), []);
    assert!(matches!(house.editor.revoke_entry(voting, entry.id).await, Err(Error::NotFound(_))));
    let inside = votings.guest(&secret).await.unwrap().expect("who is in stays in");
    inside.cast(cast_id(), house.choices(&[3])).await.unwrap();
    assert_eq!(store.rows(&format!("SELECT 1 FROM voting_entry WHERE name = '{code}'")).await, 0);
    is_sound(&store.backend).await;
}

async fn a_personal_code_lets_one_person_in(store: Store) {
    let house = House::build(&store, 2).await;
    let voting = house.open(house.draft(Mode::Dots, 3)).await;
    let name = "Grace Hopper".parse().unwrap();
    let (_, code) = house.editor.make_entry(voting, Some(name), None).await.unwrap();
    let arrival = Arrival { code: code.clone(), name: String::new(), known: None, address: None };
    let (_, secret) = store.backend.votings().enter(arrival.clone()).await.unwrap();
    let guest = store.backend.votings().guest(&secret).await.unwrap().unwrap();
    assert_eq!(guest.name(), "Grace Hopper");
    assert!(conflict(enter(&store.backend, &code, "Mallory").await).contains("has been used"));
    let back = Arrival { known: Some(secret.clone()), ..arrival };
    assert_eq!(
        store.backend.votings().enter(back).await.unwrap().1,
        secret,
        "the link works on in her browser"
    );
}

async fn of_many_who_use_a_personal_code_at_once_one_comes_in(store: Store) {
    let house = House::build(&store, 2).await;
    let voting = house.open(house.draft(Mode::Dots, 3)).await;
    let (_, code) = house.editor.make_entry(voting, Some("Grace".parse().unwrap()), None).await.unwrap();
    let other = store.second_process().await;
    let tries: Vec<_> = (0..6)
        .map(|n| {
            let backend = if n % 2 == 0 { store.backend.clone() } else { other.clone() };
            let code = code.clone();
            tokio::spawn(async move { enter(&backend, &code, "").await.is_ok() })
        })
        .collect();
    let mut entered = 0;
    for attempt in tries {
        entered += usize::from(attempt.await.unwrap());
    }
    assert_eq!(entered, 1);
    assert_eq!(house.editor.voters(voting).await.unwrap().len(), 1);
}

async fn an_unknown_code_leads_nowhere_and_guessing_has_to_wait(store: Store) {
    let house = House::build(&store, 2).await;
    let voting = house.open(house.draft(Mode::Dots, 3)).await;
    let (_, code) = house.editor.make_entry(voting, None, None).await.unwrap();
    let address = "203.0.113.9".parse().ok();
    let votings = store.backend.votings();
    let room: Vec<_> = (0..60)
        .map(|_| {
            let (votings, code) = (store.backend.votings(), code.clone());
            tokio::spawn(async move { votings.enter(arrival(code, address)).await })
        })
        .collect();
    for person in room {
        person.await.unwrap().expect("right codes are not counted, not even many at once");
    }
    let mut refused = 0;
    for n in 0..60 {
        match votings.enter(arrival(format!("WR0N-{n:04}"), address)).await {
            Err(Error::NotFound(_)) => refused += 1,
            Err(Error::TooMany { sentence, .. }) => {
                assert!(
                    sentence.contains("Wait 18 seconds") || sentence.contains("Wait 17 seconds"),
                    "{sentence}"
                );
                break;
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(refused, 50);
    assert!(matches!(votings.enter(arrival(code.clone(), address)).await, Err(Error::TooMany { .. })));
    let elsewhere = "203.0.114.9".parse().ok();
    votings.enter(arrival(code, elsewhere)).await.expect("others are not held up");
}

fn arrival(code: String, address: Option<IpAddr>) -> Arrival {
    Arrival { code, name: "Gil".to_owned(), known: None, address }
}

async fn a_guest_sees_one_session_alone(store: Store) {
    let house = House::build(&store, 2).await;
    let voting = house.open(house.draft(Mode::Dots, 3)).await;
    let mut second = house.draft(Mode::Dots, 3);
    second.guests = false;
    let second = house.open(second).await;
    assert!(conflict(house.editor.make_entry(second, None, None).await).contains("lets no guests in"));
    let (_, code) = house.editor.make_entry(voting, None, None).await.unwrap();
    let guest = enter(&store.backend, &code, "Gil").await.unwrap();
    let page = guest.ballot_page().await.unwrap();
    assert_eq!((page.facts.id, &*page.voter), (voting, "Gil"));
    assert_eq!(page.descriptions.len(), 2);
    guest.cast(cast_id(), house.choices(&[1, 2])).await.unwrap();
    assert!(conflict(guest.results().await).contains("when the session is closed"));
    house.editor.close_voting(voting).await.unwrap();
    let results = guest.results().await.unwrap();
    assert_eq!((results.tally.ballots, results.earlier.len()), (1, 0));
    assert_eq!(guest.record_of().await.unwrap().ballots.len(), 1);
    let refused = guest.download_voting(backend::voting::Download::Ballots).await;
    assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
}

async fn a_closed_session_lets_nobody_in(store: Store) {
    let house = House::build(&store, 2).await;
    let voting = house.editor.create_voting(house.draft(Mode::Dots, 3)).await.unwrap();
    let (_, code) = house.editor.make_entry(voting, None, None).await.unwrap();
    let early = enter(&store.backend, &code, "Gil").await;
    assert!(matches!(early, Err(Error::NotFound(_))), "a draft is nobody's business: {early:?}");
    house.editor.open_voting(voting).await.unwrap();
    enter(&store.backend, &code, "Gil").await.unwrap();
    house.editor.close_voting(voting).await.unwrap();
    assert!(conflict(enter(&store.backend, &code, "Gus").await).contains("closed"));
    assert!(conflict(house.editor.make_entry(voting, None, None).await).contains("closed"));
    let voter = house.editor.voters(voting).await.unwrap()[0].id;
    assert!(conflict(house.editor.remove_voter(voting, voter).await).contains("closed"));
}
