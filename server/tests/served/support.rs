//! A whole server in the test's process, and pages that talk to it.

use std::{net::SocketAddr, time::Duration};

use backend::people::{NewUser, Password, Secret};
use domain::{
    ClientId, Entry, ItemFields, ItemId, LaneId, Op, Place, Product, ProductKind, RoadmapId, Role, Stage,
    Title, UserId,
    wire::{ClientMessage, Outcome, PROTOCOL, Peer, Pushed, ServerMessage},
};
use futures::{SinkExt, StreamExt};
use server::{Limits, Running, Settings, start};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest, http::HeaderValue},
};

const ENOUGH: Duration = Duration::from_secs(20);

/// A server with a database of its own.
#[derive(Debug)]
pub(crate) struct TestApp {
    pub(crate) running: Running,
    pub(crate) folder: TempDir,
}

/// Somebody signed in.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) id: UserId,
    pub(crate) secret: Secret,
}

impl TestApp {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let running = start(settings(&folder, "127.0.0.1:0".parse().unwrap())).await.unwrap();
        Self { running, folder }
    }

    /// Stops the server in order and starts it again at the same address.
    pub(crate) async fn restart(self) -> Self {
        let addr = self.running.addr;
        self.running.stop().await;
        let running = start(settings(&self.folder, addr)).await.unwrap();
        Self { running, folder: self.folder }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.running.addr)
    }

    /// Adds a member; the first one must be an owner.
    pub(crate) async fn person(&self, name: &str, role: Role) -> Person {
        let people = self.running.backend.people();
        let password = people.generate_password();
        let id = self.add(name, role, password.clone()).await;
        let email = format!("{name}@example.org");
        let secret = people.sign_in(&email, password.reveal(), None).await.unwrap().secret;
        Person { id, secret }
    }

    /// Adds a viewer with the password `tulip ferry anvil`, who has not signed in.
    pub(crate) async fn add_bob(&self) {
        self.add("bob", Role::Viewer, Password::parse("tulip ferry anvil", &[]).unwrap()).await;
    }

    async fn add(&self, name: &str, role: Role, password: Password) -> UserId {
        let user = NewUser {
            email: format!("{name}@example.org").parse().unwrap(),
            name: name.parse().unwrap(),
            role,
            password: Some(password),
        };
        self.running.backend.people().add_user(user).await.unwrap()
    }

    /// A product, made by the first owner.
    pub(crate) async fn product(&self) -> Product {
        self.product_called("ERP").await
    }

    pub(crate) async fn product_called(&self, key: &str) -> Product {
        let owner = self.running.backend.people().first_owner().await.unwrap();
        let profile = backend::Profile {
            name: "ERP".parse().unwrap(),
            kind: ProductKind::Platform,
            stage: Stage::Growth,
            purpose: "".parse().unwrap(),
        };
        owner.create_product(key.parse().unwrap(), profile).await.unwrap()
    }

    pub(crate) async fn first_lane(&self, roadmap: RoadmapId) -> LaneId {
        let owner = self.running.backend.people().first_owner().await.unwrap();
        owner.view(roadmap).await.unwrap().roadmap.lane_order()[0]
    }

    /// Opens the socket of a page, without saying anything yet.
    pub(crate) async fn socket(&self, person: Option<&Person>) -> Page {
        self.socket_from(person, Some(&self.url(""))).await.expect("the socket opens")
    }

    pub(crate) async fn socket_from(
        &self,
        person: Option<&Person>,
        origin: Option<&str>,
    ) -> Result<Page, Error> {
        self.socket_with(person, origin, &[]).await
    }

    pub(crate) async fn socket_with(
        &self,
        person: Option<&Person>,
        origin: Option<&str>,
        more: &[(&'static str, &str)],
    ) -> Result<Page, Error> {
        let address = format!("ws://{}/live", self.running.addr);
        let mut request = address.into_client_request().unwrap();
        let headers = request.headers_mut();
        if let Some(origin) = origin {
            headers.insert("origin", HeaderValue::from_str(origin).unwrap());
        }
        if let Some(person) = person {
            let cookie = format!("theme=dark; cairn={}", person.secret.reveal());
            headers.insert("cookie", HeaderValue::from_str(&cookie).unwrap());
        }
        for (name, value) in more {
            request.headers_mut().insert(*name, HeaderValue::from_str(value).unwrap());
        }
        let (stream, _) = connect_async(request).await?;
        Ok(Page { stream, told: 0, code: None })
    }

    /// A page that starts from an empty document and gets the whole log.
    pub(crate) async fn page(&self, person: &Person, roadmap: RoadmapId, client: ClientId) -> Page {
        let mut page = self.socket(Some(person)).await;
        page.hello(roadmap, client, 0).await;
        page
    }
}

pub(crate) fn settings(folder: &TempDir, addr: SocketAddr) -> Settings {
    Settings {
        addr,
        db: format!("sqlite://{}/cairn.db", folder.path().display()),
        files: backend::FileSettings::default(),
        secret_file: None,
        public_url: None,
        site: Some(folder.path().join("site")),
        demo: false,
        ops_per_second: 0,
        requests_per_second: 0,
        limits: Limits { in_all: 0, per_address: 0, per_person: 0 },
        behind_proxy: false,
        metrics: None,
    }
}

/// The browser's side of a live channel.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// The last entry this page was told; every entry must follow the one before.
    pub(crate) told: u64,
    /// With what code the server closed the connection.
    pub(crate) code: Option<u16>,
}

impl Page {
    /// As [`Page::say`], where the server may have hung up.
    pub(crate) async fn try_say(&mut self, message: &ClientMessage) -> Result<(), Error> {
        self.stream.send(Message::text(serde_json::to_string(message).unwrap())).await
    }

    pub(crate) async fn say(&mut self, message: &ClientMessage) {
        self.say_text(serde_json::to_string(message).unwrap()).await;
    }

    pub(crate) async fn say_text(&mut self, text: String) {
        self.stream.send(Message::text(text)).await.expect("the server listens");
    }

    /// The next message; `None` when the server has hung up.
    pub(crate) async fn next(&mut self) -> Option<ServerMessage> {
        let message = serde_json::from_str(&self.next_text().await?).expect("a message of the wire");
        if let ServerMessage::Entries { entries } = &message {
            for entry in entries {
                assert_eq!(entry.seq, self.told + 1, "entries come in order");
                self.told = entry.seq;
            }
        }
        Some(message)
    }

    /// The next frame; `None` when the server has hung up.
    pub(crate) async fn next_text(&mut self) -> Option<String> {
        loop {
            let message = tokio::time::timeout(ENOUGH, self.stream.next()).await.expect("something comes");
            match message {
                Some(Ok(Message::Text(text))) => return Some(text.as_str().to_owned()),
                Some(Ok(Message::Close(frame))) => {
                    self.code = frame.map(|frame| frame.code.into());
                    return None;
                }
                Some(Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }

    /// Says hello and waits for the welcome. Returns the epoch.
    pub(crate) async fn hello(&mut self, roadmap: RoadmapId, client: ClientId, have: u64) -> u64 {
        self.told = have;
        self.say(&ClientMessage::Hello { protocol: PROTOCOL, roadmap, client, epoch: 1, have, plain: true })
            .await;
        loop {
            match self.next().await.expect("a welcome") {
                ServerMessage::Welcome { epoch, .. } => return epoch,
                ServerMessage::Bye { reason, .. } => panic!("bye: {reason}"),
                _ => {}
            }
        }
    }

    pub(crate) async fn push(&mut self, from: u64, ops: Vec<Op>) {
        let ops = (from..).zip(ops).map(|(cseq, op)| Pushed { cseq, op }).collect();
        self.say(&ClientMessage::Push { ops }).await;
    }

    pub(crate) async fn answers(&mut self) -> Vec<Outcome> {
        loop {
            if let ServerMessage::Ack { results } = self.next().await.expect("an answer") {
                return results.into_iter().map(|acked| acked.outcome).collect();
            }
        }
    }

    /// Reads until the entry with this number has come, and returns all that came.
    pub(crate) async fn entries_to(&mut self, seq: u64) -> Vec<Entry> {
        let mut all = Vec::new();
        while self.told < seq {
            if let ServerMessage::Entries { entries } = self.next().await.expect("entries") {
                all.extend(entries);
            }
        }
        all
    }

    /// The one other page the next message is about.
    pub(crate) async fn peer(&mut self) -> Peer {
        match self.next().await {
            Some(ServerMessage::Peers { mut here, .. }) if here.len() == 1 => here.remove(0),
            other => panic!("{other:?}"),
        }
    }

    /// Reads until the server closes room 0: its status, its reason, and whether to say hello again.
    pub(crate) async fn closed(&mut self) -> (u16, String, Option<u32>) {
        loop {
            match self.next().await.expect("a room that is closed") {
                ServerMessage::Closed { code, reason, retry_ms } => return (code, reason, retry_ms),
                ServerMessage::Bye { reason, .. } => panic!("bye: {reason}"),
                _ => {}
            }
        }
    }

    /// Reads until the server closes the connection; its code.
    pub(crate) async fn close(&mut self) -> u16 {
        while self.next().await.is_some() {}
        self.code.expect("a close frame with a code")
    }

    /// Reads until the server says good-bye; its reason, and whether to come back.
    pub(crate) async fn bye(&mut self) -> (String, Option<u32>) {
        loop {
            if let ServerMessage::Bye { reason, retry_ms } = self.next().await.expect("a good-bye") {
                assert_eq!(self.next().await, None, "nothing follows a good-bye");
                return (reason, retry_ms);
            }
        }
    }
}

pub(crate) fn id<T>(make: fn(u64, [u8; 10]) -> T) -> T {
    let bytes = uuid::Uuid::now_v7().into_bytes();
    make(1_700_000_000_000, bytes[6..].try_into().unwrap())
}

pub(crate) fn create(lane: LaneId, title: &str) -> (ItemId, Op) {
    let item = id(ItemId::new);
    let fields = Box::new(ItemFields::titled(Title::parse(title).unwrap()));
    (item, Op::CreateItem { id: item, lane, place: Place::Last, fields })
}
