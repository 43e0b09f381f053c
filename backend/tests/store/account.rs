//! What members change about themselves, and where they are signed in.

use std::time::Duration;

use backend::{
    Error, Viewer,
    people::{MAX_SESSIONS, NewUser, OpenSession, Password, People, Secret, Visit},
};
use domain::Role;

use crate::harness::{Store, stories};

stories! {
    a_name_and_colour_are_changed_for_everybody
    a_new_password_takes_the_old_one_and_ends_every_other_session
    whoever_guesses_the_old_password_has_to_wait
    browsers_are_listed_and_signed_out_one_by_one
    signing_out_everywhere_else_leaves_this_browser
    of_too_many_browsers_the_one_used_longest_ago_is_signed_out
    the_use_of_a_session_is_noted_after_an_hour
}

const OLD: &str = "tulip ferry anvil";
const NEW: &str = "granite heron lamp";

async fn add(people: &People, name: &str) {
    let user = NewUser {
        email: format!("{name}@example.org").parse().unwrap(),
        name: name.parse().unwrap(),
        role: Role::Viewer,
        password: Some(password(OLD)),
    };
    people.add_user(user).await.unwrap();
}

fn password(text: &str) -> Password {
    Password::parse(text, &[]).unwrap()
}

/// Signs in with a browser of this name.
async fn browser(people: &People, name: &str, browser: &str) -> (Viewer, Secret, Visit) {
    let visit = Visit { browser: Some(browser.to_owned()), ..Visit::default() };
    let session = people.sign_in(&format!("{name}@example.org"), OLD, visit.clone()).await.unwrap();
    let viewer = people.authenticate(&session.secret).await.unwrap().unwrap();
    (viewer, session.secret, Visit { device: Some(session.device), ..visit })
}

fn names(sessions: &[OpenSession]) -> Vec<&str> {
    sessions.iter().map(|session| session.browser.as_deref().unwrap()).collect()
}

async fn a_name_and_colour_are_changed_for_everybody(store: Store) {
    let owner = store.owner().await;
    let bea = store.person("bea", Role::Viewer).await;
    let colours = || async {
        let members = owner.members().await.unwrap();
        members.iter().map(|member| (member.name.to_string(), member.colour)).collect::<Vec<_>>()
    };
    bea.set_profile("Beatrix Nilsson".parse().unwrap(), 7).await.unwrap();
    assert_eq!(colours().await, [("ada".to_owned(), 0), ("Beatrix Nilsson".to_owned(), 7)]);
    let refused = bea.set_profile("Beatrix".parse().unwrap(), 12).await;
    assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    assert_eq!(colours().await[1].0, "Beatrix Nilsson");

    // What changes nothing leaves no event.
    bea.set_profile("Beatrix Nilsson".parse().unwrap(), 7).await.unwrap();
    let events = "SELECT body FROM audit WHERE action = 'member.profile_changed'";
    let events = store.texts(events).await;
    assert_eq!(events.len(), 1);
    assert!(events[0].contains(r#""before":{"colour":1,"name":"bea"}"#), "{events:?}");
    store.backend.verify_audit().await.unwrap();

    owner.remove_member(bea.member().id).await.unwrap();
    assert!(bea.set_profile("Gone".parse().unwrap(), 1).await.is_err());
}

async fn a_new_password_takes_the_old_one_and_ends_every_other_session(store: Store) {
    store.owner().await;
    let people = store.backend.people();
    add(&people, "bea").await;
    let (here, mine, visit) = browser(&people, "bea", "Here").await;
    let (there, theirs, other) = browser(&people, "bea", "There").await;
    let mut channel = there.watch_session().await.unwrap().unwrap();

    let wrong = here.change_password("not the old one", password(NEW), visit.clone()).await;
    assert!(
        matches!(&wrong, Err(Error::Invalid(sentence)) if sentence.contains("current password")),
        "{wrong:?}"
    );
    let same = here.change_password(OLD, password(OLD), visit.clone()).await;
    assert!(matches!(same, Err(Error::Conflict(_))), "{same:?}");
    assert!(people.authenticate(&theirs).await.unwrap().is_some(), "a refusal ends nothing");

    let device = here.change_password(OLD, password(NEW), visit.clone()).await.unwrap();
    channel.ended().await;
    assert!(people.authenticate(&theirs).await.unwrap().is_none());
    assert!(people.authenticate(&mine).await.unwrap().is_some(), "this browser stays signed in");
    assert!(![&visit, &other].iter().any(|visit| visit.device.as_ref() == Some(&device)));
    let devices = format!("SELECT user_id FROM device WHERE user_id = '{}'", here.member().id);
    assert_eq!(store.rows(&devices).await, 1, "this browser alone is known, by another secret");
    let old = people.sign_in("bea@example.org", OLD, None).await;
    assert!(matches!(old, Err(Error::Unauthenticated(_))), "{old:?}");
    people.sign_in("bea@example.org", NEW, None).await.expect("the new password counts");
    assert_eq!(store.rows("SELECT n FROM audit WHERE action = 'member.password_changed'").await, 1);

    // A handle whose session has ended changes nothing any more.
    let late = there.change_password(NEW, password("copper lantern moss"), other).await;
    assert!(matches!(late, Err(Error::Unauthenticated(_))), "{late:?}");
    people.sign_in("bea@example.org", NEW, None).await.expect("it still counts");
}

async fn whoever_guesses_the_old_password_has_to_wait(store: Store) {
    store.owner().await;
    let people = store.backend.people();
    add(&people, "bea").await;
    let (viewer, _, visit) = browser(&people, "bea", "Here").await;
    for _ in 0..20 {
        match viewer.change_password("a wrong guess", password(NEW), visit.clone()).await {
            Err(Error::TooMany { .. }) => return,
            refused => assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}"),
        }
    }
    panic!("guessing is never slowed down");
}

async fn browsers_are_listed_and_signed_out_one_by_one(store: Store) {
    let owner = store.owner().await;
    let people = store.backend.people();
    add(&people, "bea").await;
    let (phone, secret, _) = browser(&people, "bea", "Phone").await;
    store.execute("UPDATE session SET used_ms = used_ms - 60000").await;
    let (desk, ..) = browser(&people, "bea", "Desk").await;

    assert_eq!(names(&phone.sessions().await.unwrap()), ["Phone", "Desk"], "one's own comes first");
    let listed = desk.sessions().await.unwrap();
    assert_eq!(names(&listed), ["Desk", "Phone"]);
    assert_eq!(listed.iter().map(|session| session.is_current).collect::<Vec<_>>(), [true, false]);
    assert!(listed.iter().all(|session| !secret.reveal().contains(&session.id)));

    let mut channel = phone.watch_session().await.unwrap().unwrap();
    let others = owner.end_session(&listed[1].id).await;
    assert!(matches!(others, Err(Error::NotFound(_))), "nobody ends the sessions of others: {others:?}");
    desk.end_session(&listed[1].id).await.unwrap();
    channel.ended().await;
    assert!(people.authenticate(&secret).await.unwrap().is_none());
    assert_eq!(names(&desk.sessions().await.unwrap()), ["Desk"]);
    let again = desk.end_session(&listed[1].id).await;
    assert!(matches!(again, Err(Error::NotFound(_))), "{again:?}");
}

async fn signing_out_everywhere_else_leaves_this_browser(store: Store) {
    let owner = store.owner().await;
    let people = store.backend.people();
    add(&people, "bea").await;
    for other in ["Phone", "Tablet"] {
        browser(&people, "bea", other).await;
    }
    let (desk, secret, _) = browser(&people, "bea", "Desk").await;
    assert_eq!(desk.end_other_sessions().await.unwrap(), 2);
    assert_eq!(names(&desk.sessions().await.unwrap()), ["Desk"]);
    assert_eq!(desk.end_other_sessions().await.unwrap(), 0);
    assert!(people.authenticate(&secret).await.unwrap().is_some());
    assert_eq!(owner.sessions().await.unwrap().len(), 1, "others stay signed in");
}

async fn of_too_many_browsers_the_one_used_longest_ago_is_signed_out(store: Store) {
    let owner = store.owner().await;
    let people = store.backend.people();
    add(&people, "bea").await;
    let (phone, secret, _) = browser(&people, "bea", "Phone").await;
    let mut channel = phone.watch_session().await.unwrap().unwrap();
    store.execute("UPDATE session SET used_ms = used_ms - 60000").await;
    for n in 1..MAX_SESSIONS {
        browser(&people, "bea", &format!("Browser {n}")).await;
    }
    assert!(people.authenticate(&secret).await.unwrap().is_some(), "so many are allowed");
    let (last, ..) = browser(&people, "bea", "One more").await;
    channel.ended().await;
    assert!(people.authenticate(&secret).await.unwrap().is_none());
    let left = last.sessions().await.unwrap();
    assert_eq!(left.len() as u64, MAX_SESSIONS);
    assert!(!names(&left).contains(&"Phone"));
    assert_eq!(owner.sessions().await.unwrap().len(), 1, "others stay signed in");
}

async fn the_use_of_a_session_is_noted_after_an_hour(store: Store) {
    store.owner().await;
    let people = store.backend.people();
    add(&people, "bea").await;
    let (viewer, secret, _) = browser(&people, "bea", "Desk").await;
    let used = async || viewer.sessions().await.unwrap()[0].used;
    store.execute("UPDATE session SET used_ms = used_ms - 3590000").await;
    let before = used().await;
    people.authenticate(&secret).await.unwrap().unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(used().await, before, "less than an hour is not worth a note");

    store.execute("UPDATE session SET used_ms = used_ms - 20000").await;
    people.authenticate(&secret).await.unwrap().unwrap();
    let noted = async {
        while used().await <= before {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), noted).await.expect("it is noted");
}
