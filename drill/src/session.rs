//! Somebody signed in, over HTTP as a browser would.

use anyhow::{Context as _, Result, bail};
use domain::{CommentId, Product, Record, RoadmapId, Role, UserId, wire::Snapshot};
use reqwest::{
    Client, RequestBuilder, Response,
    header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, COOKIE, HeaderMap, ORIGIN, SET_COOKIE},
    redirect::Policy,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::server::Server;

/// What browsers send forms as.
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

/// The encodings that browsers take.
const ENCODINGS: &str = "gzip, deflate, br";

/// A member's session.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    http: Client,
    origin: String,
    cookie: String,
}

/// What a board starts from, as far as it is needed here.
#[derive(Debug, Deserialize)]
pub(crate) struct Board {
    pub(crate) product: Product,
    pub(crate) snapshot: Snapshot,
    pub(crate) user: UserId,
    pub(crate) role: Role,
    /// The saved views that this person may see.
    pub(crate) views: Vec<Record>,
}

/// A client that does what it is told: no redirects, no proxies; and, as the server may have been killed since, no
/// connection that was open before.
pub(crate) fn http_client() -> Result<Client> {
    Ok(Client::builder().redirect(Policy::none()).no_proxy().pool_max_idle_per_host(0).build()?)
}

/// A client that keeps its connections open, as browsers do.
pub(crate) fn kept_alive() -> Result<Client> {
    Ok(Client::builder().redirect(Policy::none()).no_proxy().build()?)
}

impl Session {
    /// Signs in to a demonstration as its member with this role.
    pub(crate) async fn demo(server: &Server, role: Role) -> Result<Self> {
        Self::begin(server, "demo_sign_in", format!("role={role}")).await
    }

    /// Founds the workspace of a fresh server and signs in as its owner.
    pub(crate) async fn found(server: &Server) -> Result<Self> {
        let form = "workspace=Drill&name=Driller&email=driller%40example.org&password=correct-horse-battery";
        Self::begin(server, "set_up", form.to_owned()).await
    }

    /// Takes the session that a form brings.
    pub(crate) async fn begin(server: &Server, function: &str, form: String) -> Result<Self> {
        let mut session = Self { http: http_client()?, origin: server.origin(), cookie: String::new() };
        let answer = session.post(function, FORM, form).await?;
        session.cookie = cookies(answer.headers()).with_context(|| format!("{function} set no cookie"))?;
        Ok(session)
    }

    /// The same session at another process of the server.
    pub(crate) fn at(&self, server: &Server) -> Self {
        Self { origin: server.origin(), ..self.clone() }
    }

    /// The same session in a browser that keeps its connections open.
    pub(crate) fn kept_alive(&self) -> Result<Self> {
        Ok(Self { http: kept_alive()?, ..self.clone() })
    }

    /// Invites somebody new, who comes with a password.
    pub(crate) async fn invite(&self, server: &Server, role: Role, name: &str) -> Result<Self> {
        let asked = format!("kind=personal&names={name}&role={role}&uses=&days=");
        let made: serde_json::Value = self.submit("invite", &asked).await?;
        let link = made[0]["link"].as_str().context("an invitation has a link")?;
        let token = link.rsplit('/').next().context("an invitation is a link")?;
        let person = format!("name={name}&email={name}%40example.org&password=correct-horse-battery-too");
        Self::begin(server, "accept_invitation", format!("token={token}&{person}")).await
    }

    /// Makes a product with this key and an empty roadmap.
    pub(crate) async fn create_product(&self, key: &str) -> Result<()> {
        let form = format!("key={key}&name=Product+{key}&kind=service&stage=growth&purpose=");
        self.post("create_product", FORM, form).await.map(drop)
    }

    pub(crate) async fn board(&self, key: &str) -> Result<Board> {
        #[derive(Serialize)]
        struct Question<'a> {
            key: &'a str,
        }
        self.ask("load_board", &Question { key }).await
    }

    pub(crate) async fn snapshot(&self, roadmap: RoadmapId) -> Result<Snapshot> {
        self.snapshot_with(roadmap, &[]).await
    }

    /// A document with these comments.
    pub(crate) async fn snapshot_with(&self, roadmap: RoadmapId, comments: &[CommentId]) -> Result<Snapshot> {
        #[derive(Serialize)]
        struct Question<'a> {
            roadmap: RoadmapId,
            comments: &'a [CommentId],
        }
        self.ask("load_snapshot", &Question { roadmap, comments }).await
    }

    /// Loads a document as a browser does, and returns its bytes as they came.
    pub(crate) async fn load_snapshot(&self, roadmap: RoadmapId) -> Result<Vec<u8>> {
        let body = serde_json::json!({ "roadmap": roadmap }).to_string();
        let request = self.request("load_snapshot", "application/json", body);
        Ok(answer("load_snapshot", request.header(ACCEPT_ENCODING, ENCODINGS)).await?.bytes().await?.into())
    }

    /// Loads a page or a file as a browser does, and returns its bytes as they came: compressed where the server
    /// compresses.
    pub(crate) async fn load(&self, path: &str) -> Result<Vec<u8>> {
        let request = self.http.get(format!("{}{path}", self.origin)).header(COOKIE, &self.cookie);
        let request = request.header(ACCEPT, "text/html,*/*").header(ACCEPT_ENCODING, ENCODINGS);
        let answer = request.send().await?;
        if answer.status() != 200 {
            bail!("{path} answers {}", answer.status());
        }
        Ok(answer.bytes().await?.into())
    }

    /// The same, as text.
    pub(crate) async fn load_text(&self, path: &str) -> Result<String> {
        Ok(self.open(path).await?.error_for_status()?.text().await?)
    }

    /// Asks for a page or a file.
    pub(crate) async fn open(&self, path: &str) -> Result<Response> {
        let request = self.http.get(format!("{}{path}", self.origin)).header(COOKIE, &self.cookie);
        Ok(request.header(ACCEPT, "text/html").send().await?)
    }

    pub(crate) fn cookie(&self) -> &str {
        &self.cookie
    }

    pub(crate) async fn ask<T: DeserializeOwned>(
        &self,
        function: &str,
        question: &impl Serialize,
    ) -> Result<T> {
        let answer = self.post(function, "application/json", serde_json::to_string(question)?).await?;
        answer.json().await.with_context(|| format!("{function} answers something unexpected"))
    }

    /// Sends a form and reads the answer.
    pub(crate) async fn submit<T: DeserializeOwned>(&self, function: &str, form: &str) -> Result<T> {
        let answer = self.post(function, FORM, form.to_owned()).await?;
        answer.json().await.with_context(|| format!("{function} answers something unexpected"))
    }

    async fn post(&self, function: &str, content_type: &str, body: String) -> Result<Response> {
        answer(function, self.request(function, content_type, body)).await
    }

    fn request(&self, function: &str, content_type: &str, body: String) -> RequestBuilder {
        let request = self.http.post(format!("{}/api/{function}", self.origin)).body(body);
        let request = request.header(CONTENT_TYPE, content_type).header(ACCEPT, "application/json");
        request.header(ORIGIN, &self.origin).header(COOKIE, &self.cookie)
    }
}

async fn answer(function: &str, request: RequestBuilder) -> Result<Response> {
    let answer = request.send().await?;
    let status = answer.status();
    if !status.is_success() {
        bail!("{function} answers {status}: {}", answer.text().await?);
    }
    Ok(answer)
}

/// What an answer asks the browser to keep, as it sends it back.
pub(crate) fn cookies(headers: &HeaderMap) -> Option<String> {
    let pairs: Vec<&str> = headers
        .get_all(SET_COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok()?.split(';').next())
        .collect();
    (!pairs.is_empty()).then(|| pairs.join("; "))
}
