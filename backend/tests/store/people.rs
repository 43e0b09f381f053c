//! Founding, signing in, inviting, leaving.

use backend::{
    Error, Owner,
    people::{NewInvitation, NewUser, Newcomer, Password, People, Secret, Visit},
    rooms::{Cut, Event},
};
use domain::{ClientId, Invitation, Reject, Role};

use crate::{
    harness::{Store, stories},
    rooms::{create, first_lane, id, join, numbered, product},
};

stories! {
    of_many_first_visitors_exactly_one_founds_the_workspace
    a_wrong_password_and_an_unknown_account_get_the_same_answer
    too_many_wrong_passwords_have_to_wait_but_sessions_go_on
    strangers_who_guess_keep_nobody_out
    a_person_has_so_many_devices_and_no_more
    names_are_tidied_and_passwords_that_are_guessed_first_refused
    a_session_ends_with_signing_out
    what_is_pushed_after_signing_out_is_not_accepted
    a_live_channel_ends_with_its_session_whoever_ends_it
    an_expired_session_is_nobodys
    an_invitation_lets_one_person_in_once
    an_invitation_ends_by_time_and_by_revoking
    of_many_who_accept_an_invitation_one_joins
    somebody_known_joins_with_their_own_password
    the_last_owner_stays
    two_owners_who_remove_each_other_leave_one
    whoever_is_removed_is_out_at_once_and_can_come_back
    a_former_member_added_again_signs_in_with_the_new_password
    a_role_taken_away_counts_for_handles_held_already
    only_owners_get_the_handle_for_people
    the_audit_log_tells_everything_and_shows_tampering
}

async fn of_many_first_visitors_exactly_one_founds_the_workspace(store: Store) {
    let other = store.second_process().await;
    let tries = (0..6).map(|n| {
        let people = if n % 2 == 0 { store.backend.people() } else { other.people() };
        tokio::spawn(async move {
            let (name, email) = (format!("Visitor {n}"), format!("visitor{n}@example.org"));
            people.found("Works".parse()?, name.parse()?, email.parse()?, None, None).await
        })
    });
    let mut won = 0;
    for attempt in tries.collect::<Vec<_>>() {
        match attempt.await.unwrap() {
            Ok(founding) => {
                won += 1;
                let viewer =
                    store.backend.people().authenticate(&founding.session.secret).await.unwrap().unwrap();
                assert_eq!(viewer.role(), Role::Owner);
                assert_eq!(viewer.members().await.unwrap().len(), 1);
            }
            Err(Error::Conflict(sentence)) => assert!(sentence.contains("exists already"), "{sentence}"),
            Err(error) => panic!("{error:?}"),
        }
    }
    assert_eq!(won, 1);
    assert_eq!(&*other.people().workspace().await.unwrap().unwrap().name, "Works");
}

async fn a_wrong_password_and_an_unknown_account_get_the_same_answer(store: Store) {
    store.owner().await;
    let people = store.backend.people();
    let wrong = people.sign_in("ada@example.org", "not her password", None).await.unwrap_err();
    let unknown = people.sign_in("nobody@example.org", "not her password", None).await.unwrap_err();
    assert!(matches!((&wrong, &unknown), (Error::Unauthenticated(a), Error::Unauthenticated(b)) if a == b));
    assert!(matches!(people.sign_in("no address", "x", None).await, Err(Error::Invalid(_))));
}

async fn too_many_wrong_passwords_have_to_wait_but_sessions_go_on(store: Store) {
    let owner = store.owner().await;
    let people = store.backend.people();
    for _ in 0..5 {
        let refused = people.sign_in("Ada@Example.org", "a wrong password", None).await;
        assert!(matches!(refused, Err(Error::Unauthenticated(_))), "{refused:?}");
    }
    match people.sign_in("ada@example.org", "a wrong password", None).await {
        Err(Error::TooMany { sentence, .. }) => {
            assert!(sentence.contains("seconds and try again"), "{sentence}")
        }
        other => panic!("{other:?}"),
    }
    invite(&owner, Role::Viewer).await.expect("who is signed in is not affected");
    let other = people.sign_in("nobody@example.org", "a wrong password", None).await;
    assert!(matches!(other, Err(Error::Unauthenticated(_))), "another account has its own count: {other:?}");
}

async fn strangers_who_guess_keep_nobody_out(store: Store) {
    let owner = store.owner().await;
    let people = store.backend.people();
    add(&people, "bea").await;
    let office = from("203.0.113.1");
    let first = people.sign_in("bea@example.org", "a long password", office.clone()).await.unwrap();
    let device = Visit { device: Some(first.device.clone()), ..office.clone() };

    // Somebody guesses in the same office, and a few elsewhere.
    for address in ["203.0.113.1", "198.51.100.1", "198.51.100.2", "198.51.100.3"] {
        let tried = async |password| people.sign_in("bea@example.org", password, from(address)).await;
        for _ in 0..5 {
            let refused = tried("a wrong password").await;
            assert!(matches!(refused, Err(Error::Unauthenticated(_))), "{address}: {refused:?}");
        }
        let waits = tried("a long password").await;
        assert!(matches!(waits, Err(Error::TooMany { .. })), "a new browser there waits: {waits:?}");
    }
    let again = people.sign_in("bea@example.org", "a long password", device.clone()).await.unwrap();
    assert_eq!(again.device, first.device, "a device keeps its secret");
    let other = people.sign_in("bea@example.org", "a long password", from("192.0.2.1")).await;
    assert_ne!(other.expect("a new browser elsewhere gets in").device, first.device);

    // It is known in other processes, and after a restart; to others it says nothing.
    let elsewhere = store.second_process().await.people();
    for _ in 0..5 {
        let wrong = elsewhere.sign_in("bea@example.org", "a wrong password", device.address).await;
        assert!(matches!(wrong, Err(Error::Unauthenticated(_))), "{wrong:?}");
    }
    elsewhere.sign_in("bea@example.org", "a long password", device.clone()).await.unwrap();
    add(&people, "cleo").await;
    for _ in 0..5 {
        let wrong = people.sign_in("cleo@example.org", "a wrong password", device.clone()).await;
        assert!(matches!(wrong, Err(Error::Unauthenticated(_))), "{wrong:?}");
    }
    let of_another = people.sign_in("cleo@example.org", "a long password", device.address).await;
    assert!(matches!(of_another, Err(Error::TooMany { .. })), "it counts as that network's: {of_another:?}");

    // The owner has two: founding the workspace was the first.
    assert_eq!(store.rows("SELECT 1 FROM device").await, 6);
    let bea = owner.members().await.unwrap().into_iter().find(|member| &*member.name == "bea").unwrap();
    owner.remove_member(bea.id).await.unwrap();
    assert_eq!(store.rows("SELECT 1 FROM device").await, 3, "who has left has no devices");
}

async fn a_person_has_so_many_devices_and_no_more(store: Store) {
    store.owner().await;
    let people = store.backend.people();
    add(&people, "bea").await;
    for _ in 0..24 {
        people.sign_in("bea@example.org", "a long password", None).await.unwrap();
    }
    // The owner has two.
    assert_eq!(store.rows("SELECT 1 FROM device").await, 22);
}

async fn names_are_tidied_and_passwords_that_are_guessed_first_refused(store: Store) {
    let owner = store.owner().await;
    let people = store.backend.people();
    let (_, secret) = invite(&owner, Role::Viewer).await.unwrap();
    let bea = |password: &str| Newcomer {
        name: "Bea\u{202e} \u{200b} Lindqvist".into(),
        ..newcomer("bea", password)
    };
    for guessed in ["password1234", "Lindqvist2024", "abcabcabcabc"] {
        match people.accept(&secret, bea(guessed)).await {
            Err(Error::Invalid(sentence)) => assert!(sentence.contains("Choose another"), "{sentence}"),
            other => panic!("{guessed}: {other:?}"),
        }
    }
    people.accept(&secret, bea("tulip ferry anvil")).await.unwrap();
    assert_eq!(&*owner.members().await.unwrap()[1].name, "Bea Lindqvist");
}

async fn a_session_ends_with_signing_out(store: Store) {
    store.owner().await;
    let people = store.backend.people();
    add(&people, "bea").await;
    let one = people.sign_in("bea@example.org", "a long password", None).await.unwrap().secret;
    let other = people.sign_in("bea@example.org", "a long password", None).await.unwrap().secret;
    people.sign_out(&one).await.unwrap();
    people.sign_out(&one).await.unwrap();
    assert!(people.authenticate(&one).await.unwrap().is_none());
    assert!(people.authenticate(&other).await.unwrap().is_some());
}

async fn what_is_pushed_after_signing_out_is_not_accepted(store: Store) {
    let (owner, product) = product(&store).await;
    let roadmap = product.roadmap;
    let lane = first_lane(&owner, roadmap).await;

    for how in ["signed out", "expired"] {
        let editor = store.person(&how.replace(' ', ""), Role::Editor).await;
        let page = join(&editor, roadmap, id(ClientId::new)).await.connection;
        let head = owner.view(roadmap).await.unwrap().head;
        // Behind the back of everything that closes channels: the commit finds out by itself.
        match how {
            "expired" => store.execute("UPDATE session SET expires_ms = 1").await,
            _ => store.execute("DELETE FROM session").await,
        }
        page.push(numbered(1, vec![create(lane, "Pushed").1]), 100).await.unwrap();
        loop {
            match page.next().await {
                Event::Frame(frame) => assert!(!frame.starts_with(b"{\"ack"), "{how}: {frame:?}"),
                Event::Cut(why) => {
                    assert_eq!(why, Cut::SignedOut, "{how}");
                    break;
                }
            }
        }
        let imported = editor.submit(roadmap, vec![create(lane, "Imported").1]).await;
        assert!(matches!(imported, Err(Error::Unauthenticated(_))), "{how}: {imported:?}");
        let archived = editor.as_editor().unwrap().set_archived(&product.key, true).await;
        assert!(matches!(archived, Err(Error::Unauthenticated(_))), "{how}: {archived:?}");
        assert_eq!(owner.view(roadmap).await.unwrap().head, head, "{how}");
    }
}

async fn a_live_channel_ends_with_its_session_whoever_ends_it(store: Store) {
    let owner = store.owner().await;
    let people = store.backend.people();
    let elsewhere = match store.url.starts_with("postgres") {
        true => store.second_process().await,
        false => store.backend.clone(),
    };
    let watch = async |name: &str| {
        let secret = add(&people, name).await;
        let viewer = people.authenticate(&secret).await.unwrap().unwrap();
        (viewer.watch_session().await.unwrap().unwrap(), secret, viewer)
    };
    let (mut signed_out, secret, viewer) = watch("bea").await;
    elsewhere.people().sign_out(&secret).await.unwrap();
    signed_out.ended().await;
    assert!(matches!(viewer.watch_session().await, Err(Error::Unauthenticated(_))));

    let (mut removed, _, viewer) = watch("cleo").await;
    owner.remove_member(viewer.member().id).await.unwrap();
    removed.ended().await;

    if store.url.starts_with("postgres") {
        // Nobody notifies of this: it is found by looking.
        let (mut found, ..) = watch("dora").await;
        store.execute("DELETE FROM session").await;
        found.ended().await;
    }
}

async fn an_expired_session_is_nobodys(store: Store) {
    store.owner().await;
    let people = store.backend.people();
    let session = add(&people, "bea").await;
    store.execute("UPDATE session SET expires_ms = 1").await;
    assert!(people.authenticate(&session).await.unwrap().is_none());
}

async fn an_invitation_lets_one_person_in_once(store: Store) {
    let owner = store.owner().await;
    let people = store.backend.people();
    let (invitation, secret) = invite(&owner, Role::Stakeholder).await.unwrap();
    assert_eq!(owner.invitations().await.unwrap(), std::slice::from_ref(&invitation));
    let offer = people.offer(&secret).await.unwrap();
    assert_eq!((offer.role, &*offer.invited_by), (Role::Stakeholder, "ada"));

    let short = people.accept(&secret, newcomer("bea", "short")).await;
    assert!(matches!(short, Err(Error::Invalid(_))), "{short:?}");
    let session = people.accept(&secret, newcomer("bea", "a long password")).await.unwrap();
    let bea = people.authenticate(&session.secret).await.unwrap().unwrap();
    assert_eq!(bea.role(), Role::Stakeholder);

    let again = people.accept(&secret, newcomer("cleo", "a long password")).await;
    assert!(
        matches!(&again, Err(Error::Conflict(sentence)) if sentence.contains("has been used")),
        "{again:?}"
    );
    assert_eq!(owner.invitations().await.unwrap(), []);
    assert!(matches!(owner.revoke_invitation(invitation.id).await, Err(Error::Conflict(_))));
    assert_eq!(owner.members().await.unwrap().len(), 2);
}

async fn an_invitation_ends_by_time_and_by_revoking(store: Store) {
    let owner = store.owner().await;
    let people = store.backend.people();
    let (revoked, secret) = invite(&owner, Role::Viewer).await.unwrap();
    owner.revoke_invitation(revoked.id).await.unwrap();
    let refused = people.accept(&secret, newcomer("bea", "a long password")).await;
    assert!(
        matches!(&refused, Err(Error::Conflict(sentence)) if sentence.contains("was revoked")),
        "{refused:?}"
    );

    let (_, secret) = invite(&owner, Role::Viewer).await.unwrap();
    store.execute("UPDATE invitation SET expires_ms = 1").await;
    let refused = people.offer(&secret).await;
    assert!(
        matches!(&refused, Err(Error::Conflict(sentence)) if sentence.contains("has expired")),
        "{refused:?}"
    );
    assert_eq!(owner.invitations().await.unwrap(), []);

    let (_, secret) = invite(&owner, Role::Viewer).await.unwrap();
    store.execute("DELETE FROM invitation").await;
    assert!(matches!(people.offer(&secret).await, Err(Error::NotFound(_))));
}

async fn of_many_who_accept_an_invitation_one_joins(store: Store) {
    let owner = store.owner().await;
    let (_, secret) = invite(&owner, Role::Editor).await.unwrap();
    let tries: Vec<_> = (0..4)
        .map(|n| {
            let (people, secret) = (store.backend.people(), secret.clone());
            tokio::spawn(async move {
                people.accept(&secret, newcomer(&format!("p{n}"), "a long password")).await
            })
        })
        .collect();
    let mut joined = 0;
    for attempt in tries {
        joined += usize::from(attempt.await.unwrap().is_ok());
    }
    assert_eq!(joined, 1);
    assert_eq!(owner.members().await.unwrap().len(), 2);
}

async fn somebody_known_joins_with_their_own_password(store: Store) {
    let owner = store.owner().await;
    let people = store.backend.people();
    let (_, first) = invite(&owner, Role::Viewer).await.unwrap();
    people.accept(&first, newcomer("bea", "a long password")).await.unwrap();
    let bea = owner.members().await.unwrap()[1].id;

    let (_, second) = invite(&owner, Role::Editor).await.unwrap();
    let member = people.accept(&second, newcomer("bea", "a long password")).await;
    assert!(
        matches!(&member, Err(Error::Conflict(sentence)) if sentence.contains("member already")),
        "{member:?}"
    );

    owner.remove_member(bea).await.unwrap();
    let stolen = people.accept(&second, newcomer("bea", "another password")).await;
    assert!(matches!(stolen, Err(Error::Conflict(_))), "{stolen:?}");
    let session = people.accept(&second, newcomer("bea", "a long password")).await.unwrap();
    let back = people.authenticate(&session.secret).await.unwrap().unwrap();
    assert_eq!((back.member().id, back.role()), (bea, Role::Editor));
}

async fn the_last_owner_stays(store: Store) {
    let owner = store.owner().await;
    let me = owner.member().id;
    assert!(matches!(owner.set_role(me, Role::Editor).await, Err(Error::Conflict(_))));
    assert!(matches!(owner.remove_member(me).await, Err(Error::Conflict(_))));
    let second = store.person("olga", Role::Owner).await;
    owner.set_role(me, Role::Editor).await.unwrap();
    let second = second.as_owner().unwrap();
    assert!(matches!(second.remove_member(second.member().id).await, Err(Error::Conflict(_))));
}

async fn two_owners_who_remove_each_other_leave_one(store: Store) {
    let ada = store.owner().await;
    let olga = store.person("olga", Role::Owner).await.as_owner().unwrap();
    let (one, other) = (ada.member().id, olga.member().id);
    let (a, b) = tokio::join!(
        tokio::spawn(async move { ada.remove_member(other).await }),
        tokio::spawn(async move { olga.remove_member(one).await }),
    );
    assert_ne!(a.unwrap().is_ok(), b.unwrap().is_ok());
}

async fn whoever_is_removed_is_out_at_once_and_can_come_back(store: Store) {
    let owner = store.owner().await;
    let people = store.backend.people();
    let secret = add(&people, "bea").await;
    let bea = people.authenticate(&secret).await.unwrap().unwrap();
    owner.remove_member(bea.member().id).await.unwrap();
    assert!(people.authenticate(&secret).await.unwrap().is_none());
    let refused = people.sign_in("bea@example.org", "a long password", None).await;
    assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
    let members = owner.members().await.unwrap();
    assert_eq!(members.iter().map(|member| member.active).collect::<Vec<_>>(), [true, false]);
    assert!(matches!(owner.set_role(bea.member().id, Role::Owner).await, Err(Error::NotFound(_))));
}

async fn a_former_member_added_again_signs_in_with_the_new_password(store: Store) {
    let owner = store.owner().await;
    let people = store.backend.people();
    add(&people, "bea").await;
    let bea = owner.members().await.unwrap().into_iter().find(|member| &*member.name == "bea").unwrap();
    owner.remove_member(bea.id).await.unwrap();
    let again = NewUser {
        email: bea.email.clone().unwrap(),
        name: bea.name.clone(),
        role: Role::Editor,
        password: Some(Password::parse("quite another one", &[]).unwrap()),
    };
    assert_eq!(people.add_user(again).await.unwrap(), bea.id);
    people.sign_in("bea@example.org", "quite another one", None).await.unwrap();
    assert!(people.sign_in("bea@example.org", "a long password", None).await.is_err());
}

async fn a_role_taken_away_counts_for_handles_held_already(store: Store) {
    let owner = store.owner().await;
    let olga = store.person("olga", Role::Owner).await.as_owner().unwrap();
    owner.set_role(olga.member().id, Role::Viewer).await.unwrap();
    let refused = invite(&olga, Role::Owner).await;
    assert!(matches!(refused, Err(Error::Refused(Reject::NotAllowed(Role::Viewer)))), "{refused:?}");
    owner.remove_member(olga.member().id).await.unwrap();
    let refused = invite(&olga, Role::Owner).await;
    assert!(matches!(refused, Err(Error::Refused(Reject::NotMember))), "{refused:?}");
}

async fn only_owners_get_the_handle_for_people(store: Store) {
    store.owner().await;
    for (name, role, edits) in
        [("e", Role::Editor, true), ("s", Role::Stakeholder, false), ("v", Role::Viewer, false)]
    {
        let viewer = store.person(name, role).await;
        assert!(viewer.as_owner().is_err());
        assert_eq!(viewer.as_editor().is_ok(), edits);
    }
}

async fn the_audit_log_tells_everything_and_shows_tampering(store: Store) {
    let owner = store.owner().await;
    let bea = store.person("bea", Role::Viewer).await.member().id;
    let (invitation, _) = invite(&owner, Role::Viewer).await.unwrap();
    owner.revoke_invitation(invitation.id).await.unwrap();
    owner.set_role(bea, Role::Editor).await.unwrap();
    owner.set_role(bea, Role::Editor).await.unwrap();
    owner.remove_member(bea).await.unwrap();
    // Founded, added, invited, revoked, changed once, removed.
    assert_eq!(store.backend.verify_audit().await.unwrap(), 6);
    assert_eq!(store.backend.check().await.unwrap().audited, 6);
    for tampering in [
        "UPDATE audit SET body = '{}' WHERE n = 5",
        "UPDATE audit SET at_ms = at_ms + 1 WHERE n = 3",
        "DELETE FROM audit WHERE n = 2",
    ] {
        store.execute(tampering).await;
        assert_eq!(store.backend.check().await.unwrap().problems.len(), 1);
        let found = store.backend.verify_audit().await;
        let at = tampering.rsplit_once(' ').unwrap().1;
        assert!(
            matches!(&found, Err(Error::Conflict(sentence)) if sentence.ends_with(&format!("event {at}."))),
            "{found:?}"
        );
    }
}

fn from(address: &str) -> Visit {
    Visit::from(address.parse().ok())
}

/// A link for one person.
async fn invite(owner: &Owner, role: Role) -> Result<(Invitation, Secret), Error> {
    let mut made = owner.invite(&[NewInvitation::personal(role, None)]).await?;
    Ok(made.remove(0))
}

fn newcomer(name: &str, password: &str) -> Newcomer {
    Newcomer {
        name: name.to_owned(),
        email: format!("{name}@example.org").parse().unwrap(),
        password: password.to_owned(),
        visit: Visit::default(),
    }
}

/// Adds a viewer with a known password and signs them in.
async fn add(people: &People, name: &str) -> Secret {
    let email = format!("{name}@example.org");
    let user = NewUser {
        email: email.parse().unwrap(),
        name: name.parse().unwrap(),
        role: Role::Viewer,
        password: Some(Password::parse("a long password", &[]).unwrap()),
    };
    people.add_user(user).await.unwrap();
    people.sign_in(&email, "a long password", None).await.unwrap().secret
}
