//! The stream of records, on real sockets.

use backend::{Editor, Viewer};
use domain::{
    ClientId, RecordChange, RecordDef, Role, Value,
    wire::{ClientMessage, Cursor, PROTOCOL, ServerMessage, Topic, in_room, room_of},
};

use crate::support::{Page, Person, TestApp, create, id};

impl TestApp {
    async fn viewer(&self, person: &Person) -> Viewer {
        self.running.backend.people().authenticate(&person.secret).await.unwrap().unwrap()
    }

    async fn editor(&self, person: &Person) -> Editor {
        self.viewer(person).await.as_editor().unwrap()
    }

    /// A page that follows, as whom, and from where on.
    async fn follow(&self, person: &Person, since: Option<Cursor>) -> (Page, Role, Cursor) {
        let mut page = self.socket(Some(person)).await;
        page.say(&ClientMessage::Records { protocol: PROTOCOL, since }).await;
        let (role, cursor) = page.followed().await;
        (page, role, cursor)
    }
}

impl Page {
    async fn followed(&mut self) -> (Role, Cursor) {
        match self.next().await {
            Some(ServerMessage::RecordsFrom { role, cursor, .. }) => (role, cursor),
            other => panic!("{other:?}"),
        }
    }

    /// The names of records of the next frame, and the place of the last.
    async fn changed(&mut self) -> (Vec<String>, Cursor) {
        let Some(ServerMessage::Records { changes }) = self.next().await else { panic!("no records") };
        let names =
            changes.iter().map(|change| RecordDef::find(&change.kind).unwrap().name_of(&change.record));
        (names.collect(), changes.last().unwrap().cursor.clone())
    }
}

async fn make(editor: &Editor, name: &str) {
    let to = Some(Value::Text(name.to_owned()));
    let change = RecordChange { field: "name".parse().unwrap(), was: None, to };
    editor.save_record(RecordDef::find("team").unwrap(), None, vec![change], None).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn records_are_streamed_and_resumed_after_a_restart() {
    let app = TestApp::start().await;
    let (ann, vera) = (app.person("ann", Role::Owner).await, app.person("vera", Role::Viewer).await);
    let (mut page, role, from) = app.follow(&vera, None).await;
    assert_eq!((role, &from), (Role::Viewer, &app.viewer(&vera).await.cursor().await.unwrap()));
    make(&app.editor(&ann).await, "Payments").await;
    let (names, last) = page.changed().await;
    assert_eq!(names, ["Payments"]);
    assert_eq!(last.n, from.n + 1);
    page.say(&ClientMessage::Ping).await;
    assert_eq!(page.next().await, Some(ServerMessage::Pong { head: last.n }));

    let (app, said) = tokio::join!(app.restart(), page.bye());
    assert!(said.0.contains("restarting") && said.1.is_some(), "{said:?}");
    make(&app.editor(&ann).await, "Search").await;
    let (mut page, _, from) = app.follow(&vera, Some(last.clone())).await;
    assert_eq!(page.changed().await.0, ["Search"]);
    assert_eq!(from.n, last.n + 1);

    let strange = Cursor { hash: "0".repeat(16), ..last };
    let (mut page, ..) = app.follow(&vera, Some(strange)).await;
    assert_eq!(page.next().await, Some(ServerMessage::Refetch));
    make(&app.editor(&ann).await, "Mobile").await;
    assert_eq!(page.changed().await.0, ["Mobile"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stream_goes_beside_rooms_and_ends_with_leave() {
    let app = TestApp::start().await;
    let ann = app.person("ann", Role::Owner).await;
    let roadmap = app.product().await.roadmap;
    let lane = app.first_lane(roadmap).await;
    let mut page = app.page(&ann, roadmap, id(ClientId::new)).await;
    page.entries_to(4).await;
    let stream = |message: &ClientMessage| in_room(7, &serde_json::to_string(message).unwrap());
    page.say_text(stream(&ClientMessage::Records { protocol: PROTOCOL, since: None })).await;
    let next = async |page: &mut Page| {
        let text = page.next_text().await.unwrap();
        let (number, text) = room_of(&text).unwrap();
        (number, serde_json::from_str::<ServerMessage>(text).unwrap())
    };
    assert!(matches!(next(&mut page).await, (7, ServerMessage::RecordsFrom { .. })));
    page.push(1, vec![create(lane, "x").1]).await;
    assert!(matches!(next(&mut page).await, (0, ServerMessage::Ack { .. })));
    assert!(matches!(next(&mut page).await, (0, ServerMessage::Entries { .. })));
    let editor = app.editor(&ann).await;
    make(&editor, "Payments").await;
    assert!(matches!(next(&mut page).await, (7, ServerMessage::Records { .. })));
    page.say_text(stream(&ClientMessage::Leave)).await;
    let (mut other, ..) = app.follow(&ann, None).await;
    make(&editor, "Search").await;
    // Once another page has it, this one would have it, too.
    assert_eq!(other.changed().await.0, ["Search"]);
    page.say(&ClientMessage::Ping).await;
    assert!(matches!(next(&mut page).await, (0, ServerMessage::Pong { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_makes_no_sense_in_the_stream_ends_the_connection() {
    let app = TestApp::start().await;
    let ann = app.person("ann", Role::Owner).await;
    for text in [r#"{"push":{"ops":[]}}"#, r#"{"presence":{}}"#, r#"{"records":{"protocol":6,"from":3}}"#] {
        let (mut page, ..) = app.follow(&ann, None).await;
        page.say_text(text.to_owned()).await;
        assert_eq!(page.close().await, 1003, "{text}");
    }
    let mut page = app.socket(Some(&ann)).await;
    page.say(&ClientMessage::Records { protocol: PROTOCOL - 1, since: None }).await;
    page.followed().await;
    assert!(page.bye().await.0.contains("another version"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_loses_the_role_loses_the_stream_and_comes_back_with_the_new_one() {
    let app = TestApp::start().await;
    let (ann, bob) = (app.person("ann", Role::Owner).await, app.person("bob", Role::Viewer).await);
    let owner = app.viewer(&ann).await.as_owner().unwrap();
    let (mut page, _, from) = app.follow(&bob, None).await;
    owner.set_role(bob.id, Role::Editor).await.unwrap();
    let (code, reason, retry) = page.closed().await;
    assert!(code == 403 && reason.contains("role") && retry == Some(0), "{reason}");
    page.say(&ClientMessage::Records { protocol: PROTOCOL, since: Some(from) }).await;
    assert_eq!(page.followed().await.0, Role::Editor);
    owner.remove_member(bob.id).await.unwrap();
    let (reason, retry) = page.bye().await;
    assert!(reason.contains("not signed in") && retry.is_none(), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn members_and_invitations_are_reported_without_saying_what_happened() {
    let app = TestApp::start().await;
    let (ann, vera) = (app.person("ann", Role::Owner).await, app.person("vera", Role::Viewer).await);
    let (mut page, ..) = app.follow(&vera, None).await;
    let owner = app.viewer(&ann).await.as_owner().unwrap();
    let link = backend::people::NewInvitation::shared(Role::Viewer, 20, 7).unwrap();
    owner.invite(&[link]).await.unwrap();
    assert_eq!(page.next().await, Some(ServerMessage::Changed { topic: Topic::Members }));
    app.person("grace", Role::Viewer).await;
    assert_eq!(page.next().await, Some(ServerMessage::Changed { topic: Topic::Members }));
    app.running.backend.people().sign_out(&vera.secret).await.unwrap();
    assert!(page.bye().await.0.contains("not signed in"));
}
