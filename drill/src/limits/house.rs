//! The people of the drill: those who work, those who attack, and what both have to do with.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use domain::{Role, VotingId};
use reqwest::{
    Client, Response,
    header::{ACCEPT, CONTENT_TYPE, COOKIE, ORIGIN},
};
use tokio::{io::AsyncWriteExt as _, net::TcpStream, task::JoinHandle, time::sleep};

use super::attack::Attack;
use crate::{
    edits,
    room::{self, ITEMS, Room},
    server::Server,
    session::{FORM, Session, cookies, http_client},
    socket::Door,
};

/// The owner's, as [`Session::found`] makes it.
const EMAIL: &str = "driller%40example.org";
const PASSWORD: &str = "correct-horse-battery";

/// The header by which a proxy says where a request came from.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// Where attackers come from, and where the others are.
pub(super) const ATTACKERS: &str = "203.0.113.66";
const HOME: &str = "198.51.100.7";

/// The form with which the owner signs in.
pub(super) fn owner() -> String {
    format!("email={EMAIL}&password={PASSWORD}")
}

/// Everybody and everything.
#[derive(Clone, Debug)]
pub(super) struct House {
    pub(super) origin: String,
    pub(super) address: SocketAddr,
    /// Somebody who only reads.
    pub(super) reader: Session,
    /// The board, edited by its owner.
    pub(super) room: Room,
    /// Attackers.
    pub(super) viewer: Session,
    pub(super) stakeholder: Session,
    /// A stakeholder who may still write comments, however many others have written.
    pub(super) commenter: Session,
    pub(super) editor: Session,
    /// An open session to vote in, and its code.
    pub(super) voting: VotingId,
    pub(super) code: String,
    pub(super) guest: String,
    /// How many attackers flood with requests, in percent.
    crowd: u16,
}

impl House {
    /// How many of so many attackers come.
    pub(super) fn part_of(&self, many: usize) -> usize {
        many * usize::from(self.crowd) / 100
    }

    pub(super) async fn found(server: &Server, crowd: u16) -> Result<Self> {
        let owner = Session::found(server).await?;
        let room = Room::create(server, &owner, room::KEY, ITEMS).await?;
        let invited = async |role, name| owner.invite(server, role, name).await;
        let key = room::KEY;
        let draft = format!(
            "draft%5Btitle%5D=Drill&draft%5Bmode%5D=dots&draft%5Btokens%5D=5&draft%5Bsecrecy%5D=open\
             &draft%5Breveal%5D=at_close&draft%5Bguests%5D=on&draft%5Baudience%5D=everybody&draft%5Bitems%5D%5B%5D={key}-1&draft%5Bitems%5D%5B%5D={key}-2&open=true"
        );
        let saved: String = owner.submit("save_voting", &draft).await?;
        let voting: VotingId = saved
            .split('/')
            .nth(2)
            .and_then(|id| id.parse().ok())
            .with_context(|| format!("save_voting leads to {saved}"))?;
        let code = owner.entry_code(voting, None).await?;
        let mut house = Self {
            origin: server.origin(),
            address: server.address(),
            reader: invited(Role::Editor, "Reader").await?,
            viewer: invited(Role::Viewer, "Viewer").await?,
            stakeholder: invited(Role::Stakeholder, "Stakeholder").await?,
            commenter: invited(Role::Stakeholder, "Commenter").await?,
            editor: invited(Role::Editor, "Editor").await?,
            room,
            voting,
            code,
            guest: String::new(),
            crowd,
        };
        let answer = house.enter(HOME).await?;
        house.guest = cookies(answer.headers()).context("a guest is not let in")?;
        Ok(house)
    }

    /// Sends a form from somewhere.
    pub(super) async fn post_from(
        &self,
        http: &Client,
        address: &str,
        function: &str,
        form: &str,
    ) -> Result<Response> {
        let request = http.post(format!("{}/api/{function}", self.origin)).body(form.to_owned());
        let request = request.header(CONTENT_TYPE, FORM).header(ACCEPT, "application/json");
        Ok(request.header(ORIGIN, &self.origin).header(FORWARDED_FOR, address).send().await?)
    }

    /// Sends a server function's arguments as somebody who attacks.
    pub(super) async fn call(
        &self,
        http: &Client,
        who: &Session,
        function: &str,
        body: String,
    ) -> Result<Response> {
        self.send(http, who.cookie(), function, "application/json", body).await
    }

    /// Sends a form as somebody who attacks.
    pub(super) async fn submit(
        &self,
        http: &Client,
        cookie: &str,
        function: &str,
        form: String,
    ) -> Result<Response> {
        self.send(http, cookie, function, FORM, form).await
    }

    async fn send(
        &self,
        http: &Client,
        cookie: &str,
        function: &str,
        content_type: &str,
        body: String,
    ) -> Result<Response> {
        let request = http.post(format!("{}/api/{function}", self.origin)).body(body);
        let request = request.header(CONTENT_TYPE, content_type).header(ACCEPT, "application/json");
        let request = request.header(ORIGIN, &self.origin).header(FORWARDED_FOR, ATTACKERS);
        Ok(request.header(COOKIE, cookie).send().await?)
    }

    /// Opens a page as somebody who attacks.
    pub(super) async fn get(&self, http: &Client, cookie: &str, path: &str) -> Result<Response> {
        let request = http.get(format!("{}{path}", self.origin)).header(COOKIE, cookie);
        Ok(request.header(FORWARDED_FOR, ATTACKERS).header(ACCEPT, "text/html").send().await?)
    }

    /// A connection on which whatever is written comes from an attacker.
    pub(super) async fn raw(&self, bytes: impl AsRef<[u8]>) -> Result<TcpStream> {
        let mut stream = TcpStream::connect(self.address).await?;
        stream.write_all(bytes.as_ref()).await?;
        Ok(stream)
    }

    /// The head of a request with so long a body.
    pub(super) fn head(&self, function: &str, cookie: &str, content_type: &str, length: usize) -> String {
        format!(
            "POST /api/{function} HTTP/1.1\r\nhost: {}\r\norigin: {}\r\n{FORWARDED_FOR}: {ATTACKERS}\r\n\
             accept: application/json\r\ncookie: {cookie}\r\ncontent-type: {content_type}\r\n\
             content-length: {length}\r\n\r\n",
            self.address, self.origin
        )
    }

    async fn enter(&self, address: &str) -> Result<Response> {
        let form = format!("code={}&name=Guest", self.code.replace(' ', "+"));
        Ok(self.post_from(&http_client()?, address, "enter_voting", &form).await?.error_for_status()?)
    }

    /// Everybody who has a right to it comes in: the owner with the right password, a guest with the right code, from an
    /// office from which others tried wrong ones; a board opens, and a page comes.
    pub(super) async fn everybody_gets_in(&self, attack: Attack) -> Result<()> {
        let http = http_client()?;
        let answer = self.post_from(&http, HOME, "sign_in", &owner()).await?;
        let (status, text) = (answer.status(), answer.text().await?);
        ensure!(status.is_success(), "the owner cannot sign in: {status} {text}");
        let office = if attack == Attack::ImageTags { ATTACKERS } else { HOME };
        self.enter(office).await.context("a guest with the right code")?;
        self.reader.load("/sign-in").await.context("the door")?;
        let mut rng = edits::fresh(9);
        let board = self.reader.board(room::KEY).await?.snapshot;
        for session in [&self.reader, &self.viewer] {
            let door = Door::at(self.address, &self.origin, session);
            let hello = self.room.hello(edits::client(&mut rng), board.epoch, board.head);
            door.enter(&hello).await?.welcome().await.context("a board opens")?;
        }
        Ok(())
    }

    /// Asks the server to end while it is attacked, and returns how long it took.
    pub(super) async fn stop_amid(&self, server: &mut Server) -> Result<Duration> {
        let until = tokio::time::Instant::now() + Duration::from_secs(30);
        let attacks = [Attack::RenderBombs, Attack::SilentBodies, Attack::SlowHeads]
            .map(|attack| attack.start(Arc::new(self.clone()), until));
        sleep(Duration::from_secs(1)).await;
        let since = Instant::now();
        server.stop().await?;
        let ended = since.elapsed();
        attacks.iter().for_each(JoinHandle::abort);
        Ok(ended)
    }
}
