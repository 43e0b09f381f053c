//! Links with which people join, and pages that follow who is there.

use std::time::Duration;

use backend::{
    Error, Owner,
    people::{NewInvitation, NewUser, Newcomer, People, Secret, Visit},
};
use domain::{
    PersonName, Role,
    wire::{ServerMessage, Topic},
};

use crate::{
    harness::{Store, stories},
    stream::Page,
};

stories! {
    invitations_carry_names_and_are_made_all_or_none
    a_shared_link_lets_in_as_many_as_it_says
    of_many_who_come_by_a_shared_link_no_more_join_than_may
    a_shared_link_ends_by_time_and_by_revoking_and_whoever_joined_stays
    a_shared_link_makes_no_owners_and_has_bounds
    pages_of_people_are_notified_of_every_change_whichever_process_makes_it
}

fn named(name: &str) -> NewInvitation {
    NewInvitation::personal(Role::Viewer, Some(name.parse::<PersonName>().unwrap()))
}

async fn shared(owner: &Owner, uses: u32) -> Secret {
    let link = NewInvitation::shared(Role::Editor, uses, 7).unwrap();
    owner.invite(&[link]).await.unwrap().remove(0).1
}

async fn join(people: &People, secret: &Secret, name: &str) -> Result<(), Error> {
    let newcomer = Newcomer {
        name: name.to_owned(),
        email: format!("{name}@example.org").parse().unwrap(),
        password: "a long password".to_owned(),
        visit: Visit::default(),
    };
    people.accept(secret, newcomer).await.map(drop)
}

fn is_conflict(result: &Result<(), Error>, words: &str) -> bool {
    matches!(result, Err(Error::Conflict(sentence)) if sentence.contains(words))
}

async fn invitations_carry_names_and_are_made_all_or_none(store: Store) {
    let owner = store.owner().await;
    let people = store.backend.people();
    let made = owner.invite(&["Grace Hopper", "Kay McNulty"].map(named)).await.unwrap();
    assert_eq!(made.len(), 2);
    let offer = people.offer(&made[0].1).await.unwrap();
    assert_eq!(offer.name.as_deref(), Some("Grace Hopper"));
    let open = owner.invitations().await.unwrap();
    let names: Vec<_> = open.iter().map(|open| open.name.as_deref().unwrap()).collect();
    assert!(names.contains(&"Grace Hopper") && names.contains(&"Kay McNulty"), "{names:?}");
    assert!(open.iter().all(|open| !open.is_shared() && open.uses == 0));

    join(&people, &made[0].1, "grace").await.unwrap();
    let again = join(&people, &made[0].1, "impostor").await;
    assert!(is_conflict(&again, "has been used"), "{again:?}");
    assert_eq!(owner.invitations().await.unwrap().len(), 1);

    let too_many = owner.invite(&vec![named("Somebody"); 51]).await;
    assert!(matches!(&too_many, Err(Error::Invalid(sentence)) if sentence.contains("50")), "{too_many:?}");
    for _ in 0..3 {
        owner.invite(&vec![named("Somebody"); 50]).await.unwrap();
    }
    owner.invite(&vec![named("Somebody"); 48]).await.unwrap();
    let full = owner.invite(&vec![named("Somebody"); 2]).await;
    assert!(matches!(&full, Err(Error::Conflict(sentence)) if sentence.contains("200")), "{full:?}");
    assert_eq!(owner.invitations().await.unwrap().len(), 199, "none of the two was made");
    owner.invite(&[named("The last")]).await.unwrap();
    assert_eq!(store.rows("SELECT n FROM audit WHERE action = 'invitation.created'").await, 201);
}

async fn a_shared_link_lets_in_as_many_as_it_says(store: Store) {
    let owner = store.owner().await;
    let people = store.backend.people();
    let secret = shared(&owner, 2).await;
    assert_eq!(people.offer(&secret).await.unwrap().name, None);
    join(&people, &secret, "grace").await.unwrap();
    let twice = join(&people, &secret, "grace").await;
    assert!(is_conflict(&twice, "member already"), "a member uses up nothing: {twice:?}");
    let open = owner.invitations().await.unwrap();
    assert_eq!((open[0].uses, open[0].max_uses, open[0].is_shared()), (1, 2, true));
    join(&people, &secret, "kay").await.unwrap();
    let late = join(&people, &secret, "late").await;
    assert!(is_conflict(&late, "as many as it may"), "{late:?}");
    assert_eq!(owner.invitations().await.unwrap(), []);
    let roles: Vec<_> = owner.members().await.unwrap().iter().map(|member| member.role).collect();
    assert_eq!(roles, [Role::Owner, Role::Editor, Role::Editor]);
    let joined = store.texts("SELECT body FROM audit WHERE action = 'member.joined'").await;
    assert_eq!(joined.len(), 2);
    assert!(joined.iter().all(|body| body.contains("\"invitation\"")), "each says by which link: {joined:?}");
}

async fn of_many_who_come_by_a_shared_link_no_more_join_than_may(store: Store) {
    let owner = store.owner().await;
    let secret = shared(&owner, 3).await;
    let tries: Vec<_> = (0..6)
        .map(|n| {
            let (people, secret) = (store.backend.people(), secret.clone());
            tokio::spawn(async move { join(&people, &secret, &format!("p{n}")).await })
        })
        .collect();
    let mut joined = 0;
    for attempt in tries {
        joined += usize::from(attempt.await.unwrap().is_ok());
    }
    assert_eq!(joined, 3);
    assert_eq!(owner.members().await.unwrap().len(), 4);
}

async fn a_shared_link_ends_by_time_and_by_revoking_and_whoever_joined_stays(store: Store) {
    let owner = store.owner().await;
    let people = store.backend.people();
    let secret = shared(&owner, 20).await;
    join(&people, &secret, "grace").await.unwrap();
    let id = owner.invitations().await.unwrap()[0].id;
    owner.revoke_invitation(id).await.unwrap();
    let refused = join(&people, &secret, "kay").await;
    assert!(is_conflict(&refused, "was revoked"), "{refused:?}");
    assert_eq!(owner.members().await.unwrap().len(), 2);
    assert_eq!(store.rows("SELECT n FROM audit WHERE action = 'invitation.revoked'").await, 1);

    let secret = shared(&owner, 20).await;
    store.execute("UPDATE invitation SET expires_ms = 1").await;
    let refused = join(&people, &secret, "kay").await;
    assert!(is_conflict(&refused, "has expired"), "{refused:?}");
}

async fn a_shared_link_makes_no_owners_and_has_bounds(store: Store) {
    drop(store);
    for (role, uses, days, ok) in [
        (Role::Editor, 2, 1, true),
        (Role::Viewer, 500, 30, true),
        (Role::Owner, 20, 7, false),
        (Role::Editor, 1, 7, false),
        (Role::Editor, 501, 7, false),
        (Role::Editor, 20, 0, false),
        (Role::Editor, 20, 31, false),
    ] {
        let made = NewInvitation::shared(role, uses, days);
        assert_eq!(made.is_ok(), ok, "{role} {uses} {days}: {made:?}");
    }
}

async fn heard(page: &Page, what: &str) {
    assert_eq!(page.next().await, Ok(ServerMessage::Changed { topic: Topic::Members }), "{what}");
}

async fn pages_of_people_are_notified_of_every_change_whichever_process_makes_it(store: Store) {
    let owner = store.owner().await;
    let people = store.backend.people();
    let viewer = store.person("vera", Role::Viewer).await;
    let page = Page::open(&owner, None).await;
    let secret = shared(&owner, 20).await;
    heard(&page, "an invitation").await;
    join(&people, &secret, "grace").await.unwrap();
    heard(&page, "somebody who joins").await;
    let id = owner.invitations().await.unwrap()[0].id;
    owner.revoke_invitation(id).await.unwrap();
    heard(&page, "a revoked invitation").await;
    owner.set_role(viewer.member().id, Role::Editor).await.unwrap();
    heard(&page, "another role").await;
    viewer.set_profile("Vera Lind".parse().unwrap(), 3).await.unwrap();
    heard(&page, "another name").await;

    // The command line is another process, on SQLite, too.
    let elsewhere = store.second_process().await;
    let kay = NewUser {
        email: "kay@example.org".parse().unwrap(),
        name: "kay".parse().unwrap(),
        role: Role::Viewer,
        password: None,
    };
    elsewhere.people().add_user(kay).await.unwrap();
    heard(&page, "somebody added elsewhere").await;
    owner.remove_member(viewer.member().id).await.unwrap();
    heard(&page, "a removal").await;

    // Who comes again later is notified again.
    drop(page);
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let page = Page::open(&owner, None).await;
    shared(&owner, 20).await;
    heard(&page, "an invitation after a pause").await;
}
