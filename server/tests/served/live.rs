//! The live channel, on a real server with real sockets.

use std::collections::BTreeSet;

use crate::support::{TestApp, create, id};
use domain::{
    ClientId, Op, Reject, RoadmapId, Role, UserId,
    wire::{
        ClientMessage, Dragging, MAX_DRAGGED, MAX_FRAME, MAX_PUSH, MAX_SMALL, Outcome, PROTOCOL, Presence,
        ServerMessage,
    },
};
use futures::{SinkExt as _, StreamExt as _};
use tokio_tungstenite::tungstenite::{Error, Message};

#[tokio::test(flavor = "multi_thread")]
async fn edits_are_answered_and_told_to_everybody_in_order() {
    let app = TestApp::start().await;
    let (ann, bob) = (app.person("ann", Role::Owner).await, app.person("bob", Role::Editor).await);
    let roadmap = app.product().await.roadmap;
    let lane = app.first_lane(roadmap).await;
    let mut anns = app.page(&ann, roadmap, id(ClientId::new)).await;
    let mut bobs = app.page(&bob, roadmap, id(ClientId::new)).await;
    for round in 0..10 {
        anns.push(round * 3 + 1, (0..3).map(|n| create(lane, &format!("Ann {round} {n}")).1).collect()).await;
        bobs.push(round + 1, vec![create(lane, &format!("Bob {round}")).1]).await;
    }
    let (ours, theirs) = (anns.entries_to(44).await, bobs.entries_to(44).await);
    assert_eq!(ours, theirs);
    assert_eq!(ours.iter().filter(|entry| entry.actor == bob.id).count(), 10);
    assert_eq!(app.running.backend.check().await.unwrap().problems, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_resumes_after_a_restart_and_nothing_happens_twice() {
    let app = TestApp::start().await;
    let ann = app.person("ann", Role::Owner).await;
    let roadmap = app.product().await.roadmap;
    let lane = app.first_lane(roadmap).await;
    let client = id(ClientId::new);
    let mut page = app.page(&ann, roadmap, client).await;
    let ops: Vec<Op> = (0..5).map(|n| create(lane, &n.to_string()).1).collect();
    page.push(1, ops.clone()).await;
    let first = page.answers().await;
    assert_eq!(first, (5..10).map(|seq| Outcome::Accepted { seq }).collect::<Vec<_>>());

    let (stopped, said) = tokio::join!(app.restart(), page.bye());
    let app = stopped;
    assert!(said.0.contains("restarting") && said.1.is_some(), "{said:?}");

    let mut page = app.socket(Some(&ann)).await;
    page.hello(roadmap, client, 4).await;
    page.push(1, ops).await;
    let (told, again) = (page.entries_to(9).await, page.answers().await);
    assert_eq!(told.len(), 5);
    assert_eq!(again, first);
    page.push(6, vec![create(lane, "after").1]).await;
    assert_eq!(page.answers().await, [Outcome::Accepted { seq: 10 }]);
    assert_eq!(app.running.backend.check().await.unwrap().problems, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_gets_in_from_nowhere() {
    let app = TestApp::start().await;
    let ann = app.person("ann", Role::Owner).await;
    let own = app.url("");
    let other_port = own.replace("127.0.0.1:", "127.0.0.1:1");
    for origin in [
        None,
        Some("null"),
        Some("https://evil.example"),
        Some("http://127.0.0.1"),
        Some(&*other_port),
        Some("http://127.0.0.1.evil.example"),
    ] {
        match app.socket_from(Some(&ann), origin).await {
            Err(Error::Http(response)) => assert_eq!(response.status(), 403, "{origin:?}"),
            other => panic!("{origin:?}: {other:?}"),
        }
    }
    app.socket_from(Some(&ann), Some(&own)).await.expect("our own page gets in");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_signed_in_is_told_so() {
    let app = TestApp::start().await;
    let ann = app.person("ann", Role::Owner).await;
    let (reason, retry) = app.socket(None).await.bye().await;
    assert!(reason.contains("not signed in") && retry.is_none(), "{reason}");
    app.running.backend.people().sign_out(&ann.secret).await.unwrap();
    let (reason, _) = app.socket(Some(&ann)).await.bye().await;
    assert!(reason.contains("not signed in"), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_makes_no_sense_ends_the_connection_and_changes_nothing() {
    let app = TestApp::start().await;
    let ann = app.person("ann", Role::Owner).await;
    let roadmap = app.product().await.roadmap;
    let lane = app.first_lane(roadmap).await;
    let push = |count: usize| {
        let ops = (1..).zip(vec![create(lane, "x").1; count]);
        let ops = ops.map(|(cseq, op)| domain::wire::Pushed { cseq, op }).collect();
        serde_json::to_string(&ClientMessage::Push { ops }).unwrap()
    };
    let texts = [
        "no JSON".to_owned(),
        r#"{"push":{"ops":[{"cseq":1,"op":{"explode":{}}}]}}"#.to_owned(),
        r#"{"presence":{"item":7}}"#.to_owned(),
        push(MAX_PUSH + 1),
    ];
    for text in texts {
        let mut page = app.page(&ann, roadmap, id(ClientId::new)).await;
        page.say_text(text.clone()).await;
        let (reason, retry) = page.bye().await;
        assert!(reason.contains("Reload") && retry.is_none(), "{reason}");
        assert_eq!(page.code, Some(1003), "{text}");
    }
    // Before hello nothing but hello is understood.
    let mut early = app.socket(Some(&ann)).await;
    early.say_text(push(1)).await;
    assert!(early.bye().await.0.contains("Reload"));
    assert_eq!(early.code, Some(1003));
    let mut binary = app.page(&ann, roadmap, id(ClientId::new)).await;
    binary.stream.send(Message::binary(vec![1, 2, 3])).await.unwrap();
    assert!(binary.bye().await.0.contains("Reload"));
    assert_eq!(binary.code, Some(1003));

    let mut fine = app.page(&ann, roadmap, id(ClientId::new)).await;
    fine.say_text(push(1)).await;
    assert_eq!(fine.answers().await, [Outcome::Accepted { seq: 5 }]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_that_is_too_long_is_refused_with_its_code() {
    let app = TestApp::start().await;
    let ann = app.person("ann", Role::Owner).await;
    let roadmap = app.product().await.roadmap;
    for length in [MAX_FRAME + 1, 10_000_000] {
        let page = app.page(&ann, roadmap, id(ClientId::new)).await;
        let (mut sink, mut stream) = page.stream.split();
        // The server reads none of it: it may never get through.
        let send = tokio::spawn(async move { sink.send(Message::text("x".repeat(length))).await });
        let mut reason = None;
        let code = loop {
            match stream.next().await.expect("a close frame").unwrap() {
                Message::Close(frame) => break frame.map(|frame| u16::from(frame.code)),
                Message::Text(text) => match serde_json::from_str(&text).unwrap() {
                    ServerMessage::Bye { reason: why, .. } => reason = Some(why),
                    message => assert!(!matches!(message, ServerMessage::Ack { .. }), "{message:?}"),
                },
                _ => {}
            }
        };
        assert_eq!(code, Some(1009), "{length} bytes");
        assert!(reason.is_some_and(|reason| reason.contains("too long")), "{length} bytes");
        drop(send.await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_say_hello_is_closed_with_a_code() {
    let app = TestApp::start().await;
    let ann = app.person("ann", Role::Owner).await;
    let mut silent = app.socket(Some(&ann)).await;
    assert!(silent.bye().await.0.contains("which board"));
    assert_eq!(silent.code, Some(1003));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_roadmap_and_another_protocol_are_refused() {
    let app = TestApp::start().await;
    let ann = app.person("ann", Role::Owner).await;
    let roadmap = app.product().await.roadmap;
    let hello = |protocol, roadmap| ClientMessage::Hello {
        protocol,
        roadmap,
        client: id(ClientId::new),
        epoch: 1,
        have: 0,
        plain: true,
    };
    let mut page = app.socket(Some(&ann)).await;
    page.say(&hello(PROTOCOL, id(RoadmapId::new))).await;
    let (code, reason, retry) = page.closed().await;
    assert!(code == 404 && reason.contains("no such roadmap") && retry.is_none(), "{reason}");

    // Pages of an earlier version write no more than they knew.
    let mut page = app.socket(Some(&ann)).await;
    let text = serde_json::to_string(&hello(PROTOCOL - 1, roadmap)).unwrap();
    page.say_text(text.replace(r#","plain":true"#, "")).await;
    let Some(ServerMessage::Welcome { protocol, .. }) = page.next().await else { panic!("no welcome") };
    assert_eq!(protocol, PROTOCOL);
    assert!(page.bye().await.0.contains("another version"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_may_say_hello_again() {
    let app = TestApp::start().await;
    let ann = app.person("ann", Role::Owner).await;
    let roadmap = app.product().await.roadmap;
    let lane = app.first_lane(roadmap).await;
    let client = id(ClientId::new);
    let mut page = app.socket(Some(&ann)).await;
    page.hello(roadmap, client, 99).await;
    assert_eq!(page.next().await, Some(ServerMessage::Refetch));
    page.hello(roadmap, client, 4).await;
    page.push(1, vec![create(lane, "x").1]).await;
    assert_eq!(page.entries_to(5).await.len(), 1);
    assert_eq!(app.running.backend.rooms.population().1, 1);

    // As a page does that sends what another one left, and then its own.
    page.hello(roadmap, id(ClientId::new), 5).await;
    page.push(1, vec![create(lane, "y").1]).await;
    assert_eq!(page.entries_to(6).await.len(), 1);
    assert_eq!(app.running.backend.rooms.population().1, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vote_is_told_without_its_voter_to_those_who_may_not_know() {
    let app = TestApp::start().await;
    let (ann, stan) = (app.person("ann", Role::Owner).await, app.person("stan", Role::Stakeholder).await);
    let vera = app.person("vera", Role::Viewer).await;
    let roadmap = app.product().await.roadmap;
    let lane = app.first_lane(roadmap).await;
    let mut pages = Vec::new();
    for person in [&ann, &stan, &vera] {
        let mut page = app.page(person, roadmap, id(ClientId::new)).await;
        page.entries_to(4).await;
        pages.push(page);
    }
    let (item, created) = create(lane, "Wanted");
    pages[0].push(1, vec![created]).await;
    pages[1].entries_to(5).await;
    pages[1].push(1, vec![Op::Upvote { item }]).await;
    let mut voters = Vec::new();
    for page in &mut pages {
        voters.push(page.entries_to(6).await.pop().unwrap().actor);
    }
    assert_eq!(voters, [stan.id, stan.id, UserId::NIL]);
    pages[2].push(1, vec![Op::Upvote { item }]).await;
    assert_eq!(pages[2].answers().await, [Outcome::Refused(Reject::NotAllowed(Role::Viewer))]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_loses_the_role_loses_the_room_and_comes_back_with_the_new_one() {
    let app = TestApp::start().await;
    let (ann, bob) = (app.person("ann", Role::Owner).await, app.person("bob", Role::Editor).await);
    let roadmap = app.product().await.roadmap;
    let lane = app.first_lane(roadmap).await;
    let owner = app.running.backend.people().authenticate(&ann.secret).await.unwrap().unwrap();
    let owner = owner.as_owner().unwrap();
    let client = id(ClientId::new);
    let mut page = app.page(&bob, roadmap, client).await;

    owner.set_role(bob.id, Role::Viewer).await.unwrap();
    let (code, reason, retry) = page.closed().await;
    assert!(code == 403 && reason.contains("role") && retry == Some(0), "{reason}");
    // What was on its way is ignored, and the same connection goes on.
    page.push(1, vec![create(lane, "too late").1]).await;
    page.hello(roadmap, client, 4).await;
    page.push(1, vec![create(lane, "x").1]).await;
    assert_eq!(page.answers().await, [Outcome::Refused(Reject::NotAllowed(Role::Viewer))]);

    owner.remove_member(bob.id).await.unwrap();
    page.bye().await;
    let (reason, retry) = app.socket(Some(&bob)).await.bye().await;
    assert!(reason.contains("not signed in") && retry.is_none(), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_stops_reading_is_cut_while_others_go_on() {
    let app = TestApp::start().await;
    let (ann, bob) = (app.person("ann", Role::Owner).await, app.person("bob", Role::Editor).await);
    let roadmap = app.product().await.roadmap;
    let lane = app.first_lane(roadmap).await;
    // This one never reads from here on.
    let _slow = app.page(&bob, roadmap, id(ClientId::new)).await;
    let mut quick = app.page(&ann, roadmap, id(ClientId::new)).await;
    let text = "x".repeat(19_000);
    let mut cseq = 0;
    // The system takes some megabytes before a socket is full.
    for _ in 0..1_500 {
        let (item, created) = create(lane, "Long");
        let description = domain::ItemChange::Description(text.parse().unwrap());
        quick.push(cseq + 1, vec![created, Op::set(item, description)]).await;
        cseq += 2;
        quick.entries_to(4 + cseq).await;
        if app.running.backend.rooms.population().1 == 1 {
            return;
        }
    }
    panic!("the slow page is still there");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_see_each_other_and_what_they_look_at() {
    let app = TestApp::start().await;
    let (ann, bob) = (app.person("ann", Role::Owner).await, app.person("bob", Role::Viewer).await);
    let roadmap = app.product().await.roadmap;
    let lane = app.first_lane(roadmap).await;
    let mut anns = app.page(&ann, roadmap, id(ClientId::new)).await;
    anns.entries_to(4).await;
    let mut bobs = app.page(&bob, roadmap, id(ClientId::new)).await;
    let came = anns.peer().await;
    assert_eq!(came.user, bob.id);
    let looking = Presence { item: Some(create(lane, "x").0), ..Presence::default() };
    bobs.say(&ClientMessage::Presence(looking.clone())).await;
    let looks = anns.peer().await;
    assert_eq!((looks.connection, looks.presence), (came.connection, looking));
    drop(bobs);
    assert_eq!(
        anns.next().await,
        Some(ServerMessage::Peers { here: Vec::new(), left: vec![came.connection] })
    );
    anns.say(&ClientMessage::Ping).await;
    assert_eq!(anns.next().await, Some(ServerMessage::Pong { head: 4 }));
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_others_show_everybody_is_welcomed() {
    let app = TestApp::start().await;
    let (ann, bob) = (app.person("ann", Role::Owner).await, app.person("bob", Role::Viewer).await);
    let roadmap = app.product().await.roadmap;
    let drag = |count: usize| {
        let items = vec![id(domain::ItemId::new); count];
        let dragging = Some(Dragging { items, over: None });
        ClientMessage::Presence(Presence { dragging, ..Presence::default() })
    };
    let mut held = Vec::new();
    for _ in 0..20 {
        let mut page = app.page(&bob, roadmap, id(ClientId::new)).await;
        page.say(&drag(MAX_DRAGGED)).await;
        held.push(page);
    }
    let mut anns = app.socket(Some(&ann)).await;
    anns.say(&ClientMessage::Hello {
        protocol: PROTOCOL,
        roadmap,
        client: id(ClientId::new),
        epoch: 1,
        have: 4,
        plain: true,
    })
    .await;
    let mut dragging = BTreeSet::new();
    while dragging.len() < held.len() {
        let message = anns.next().await.expect("the page stays");
        assert!(serde_json::to_string(&message).unwrap().len() < 10 * 1024);
        let (ServerMessage::Welcome { peers, .. } | ServerMessage::Peers { here: peers, .. }) = message
        else {
            panic!("{message:?}")
        };
        let busy = peers.into_iter().filter(|peer| peer.presence.dragging.is_some());
        dragging.extend(busy.map(|peer| peer.connection));
    }
    // More than a page may show is no message, and so is whatever is too long, however it came to be.
    for text in [
        serde_json::to_string(&drag(6_500)).unwrap(),
        serde_json::to_string(&drag(MAX_DRAGGED + 1)).unwrap(),
        format!(r#"{{"presence":{{{}}}}}"#, " ".repeat(MAX_SMALL)),
        format!("{}\"ping\"", " ".repeat(MAX_SMALL)),
    ] {
        let mut page = held.pop().unwrap();
        page.say_text(text).await;
        assert_eq!(page.close().await, 1003);
    }
    assert_eq!(app.running.backend.rooms.population().1, 17);
}
