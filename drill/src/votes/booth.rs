//! Where a voter casts ballots: a guest's browser, with windows on every server.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use domain::{
    CastId, SegmentId, VotingId,
    voting::{Candidate, Choice, Receipt, RecordOfVoting, Rules, Secrecy, SegmentKind},
};
use rand::{RngExt as _, rngs::StdRng};
use reqwest::header::{ACCEPT, CONTENT_TYPE, COOKIE, ORIGIN};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};

use crate::session::{FORM, Session, cookies, http_client};

/// Between two attempts to reach a server that has gone.
const RETRY: Duration = Duration::from_millis(10);

/// How long a cast may stay without an answer before the drill says that it hangs. A server that was killed is away for as
/// long as `cairn check` reads its data.
const PATIENCE: Duration = Duration::from_secs(180);

/// What is put to the vote, and how.
#[derive(Debug)]
pub(crate) struct Poll {
    pub(crate) title: String,
    pub(crate) rules: Rules,
    pub(crate) secrecy: Secrecy,
    pub(crate) candidates: Vec<Candidate>,
    /// The kind of segments whose votes are counted apart, too.
    pub(crate) split: Option<SegmentKind>,
}

/// A customer for whom an editor votes.
#[derive(Debug)]
pub(crate) struct Customer {
    pub(crate) name: String,
    pub(crate) segment: Option<SegmentId>,
}

/// A guest, with the servers they may reach.
#[derive(Debug)]
pub(crate) struct Booth {
    http: reqwest::Client,
    origins: Vec<String>,
    cookie: String,
}

/// How a cast was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Counted { spent: u32, receipt: Receipt },
    Refused(String),
}

impl Booth {
    /// Comes in with a code.
    pub(crate) async fn enter(
        http: reqwest::Client,
        origins: &[String],
        code: &str,
        number: usize,
    ) -> Result<Self> {
        let origin = &origins[number % origins.len()];
        let body = form(&[("code", code), ("name", &format!("Guest {number}"))]);
        let request = http.post(format!("{origin}/api/enter_voting")).body(body);
        let request = request.header(CONTENT_TYPE, FORM).header(ACCEPT, "application/json");
        let answer = request.header(ORIGIN, origin).send().await?;
        if !answer.status().is_success() {
            bail!("enter_voting answers {}: {}", answer.status(), answer.text().await?);
        }
        let cookie = cookies(answer.headers()).context("enter_voting set no cookie")?;
        Ok(Self { http, origins: origins.to_vec(), cookie })
    }

    /// The same guest, as a cookie knows them.
    pub(crate) fn with(origins: &[String], cookie: &str) -> Result<Self> {
        Ok(Self { http: http_client()?, origins: origins.to_vec(), cookie: cookie.to_owned() })
    }

    pub(crate) fn cookie(&self) -> &str {
        &self.cookie
    }

    /// Casts a ballot and goes on until it is answered, wherever. Returns how often it had to be sent again, too.
    pub(crate) async fn cast(
        &self,
        voting: VotingId,
        cast: CastId,
        choices: &[Choice],
        rng: &mut StdRng,
    ) -> Result<(Answer, usize)> {
        let (id, cast) = (voting.to_string(), cast.to_string());
        let mut fields = vec![("id".to_owned(), id), ("cast".to_owned(), cast)];
        fields.extend(
            choices.iter().map(|choice| (format!("amounts[id-{}]", choice.item), choice.amount.to_string())),
        );
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
        let body = form(&fields);
        let begun = Instant::now();
        let mut resent = 0;
        loop {
            let origin = &self.origins[rng.random_range(0..self.origins.len())];
            if let Some(answer) = self.attempt(origin, body.clone()).await? {
                return Ok((answer, resent));
            }
            if begun.elapsed() > PATIENCE {
                bail!("a cast is not answered");
            }
            resent += 1;
            sleep(RETRY).await;
        }
    }

    /// `None` when there was no answer, or only that there is none at present.
    async fn attempt(&self, origin: &str, body: String) -> Result<Option<Answer>> {
        #[derive(Deserialize)]
        struct Cast {
            spent: u32,
            receipt: Receipt,
        }
        #[derive(Deserialize)]
        struct Refusal {
            sentence: String,
        }
        let request = self.http.post(format!("{origin}/api/cast_ballot")).body(body);
        let request = request.header(CONTENT_TYPE, FORM).header(ACCEPT, "application/json");
        let Ok(answer) = request.header(ORIGIN, origin).header(COOKIE, &self.cookie).send().await else {
            return Ok(None);
        };
        let status = answer.status().as_u16();
        let Ok(body) = answer.bytes().await else { return Ok(None) };
        match status {
            200 => {
                let Cast { spent, receipt } = serde_json::from_slice(&body)?;
                Ok(Some(Answer::Counted { spent, receipt }))
            }
            403 | 409 | 422 => {
                let Refusal { sentence } = serde_json::from_slice(&body)?;
                Ok(Some(Answer::Refused(sentence)))
            }
            503 => Ok(None),
            _ => bail!("a cast is answered {status}: {}", String::from_utf8_lossy(&body)),
        }
    }
}

/// What facilitators do.
impl Session {
    /// Sets up a session for guests and opens it.
    pub(crate) async fn open_poll(&self, poll: &Poll) -> Result<VotingId> {
        let (tokens, most) = (poll.rules.tokens.to_string(), poll.rules.most.to_string());
        let mut fields = vec![
            ("draft[title]".to_owned(), poll.title.as_str()),
            ("draft[mode]".to_owned(), poll.rules.mode.as_str()),
            ("draft[tokens]".to_owned(), tokens.as_str()),
            ("draft[most]".to_owned(), most.as_str()),
            ("draft[secrecy]".to_owned(), poll.secrecy.as_str()),
            ("draft[reveal]".to_owned(), "at_close"),
            ("draft[audience]".to_owned(), "nobody"),
            ("draft[guests]".to_owned(), "on"),
            ("draft[split]".to_owned(), poll.split.map_or("", SegmentKind::as_str)),
        ];
        let costs: Vec<String> = poll.candidates.iter().map(|each| each.cost.to_string()).collect();
        for (index, (candidate, cost)) in poll.candidates.iter().zip(&costs).enumerate() {
            fields.push((format!("draft[items][{index}]"), &candidate.key));
            fields.push((format!("draft[costs][id-{}]", candidate.key), cost));
        }
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (&**name, *value)).collect();
        let path: String = self.submit("save_voting", &form(&fields)).await?;
        let id =
            path.split('/').find_map(|part| part.parse().ok()).context("save_voting names no session")?;
        self.run_poll("open_voting", id).await?;
        Ok(id)
    }

    pub(crate) async fn close_poll(&self, id: VotingId) -> Result<()> {
        self.run_poll("close_voting", id).await
    }

    async fn run_poll(&self, function: &str, id: VotingId) -> Result<()> {
        self.submit::<String>(function, &form(&[("id", &id.to_string())])).await.map(drop)
    }

    /// Makes a code for guests, who are counted in the segment.
    pub(crate) async fn entry_code(&self, id: VotingId, segment: Option<SegmentId>) -> Result<String> {
        #[derive(Serialize)]
        struct Question {
            id: VotingId,
            name: Option<String>,
            segment: Option<SegmentId>,
        }
        #[derive(Deserialize)]
        struct Pass {
            code: String,
        }
        let pass: Pass = self.ask("make_entry", &Question { id, name: None, segment }).await?;
        Ok(pass.code)
    }

    /// Casts a ballot for a customer.
    pub(crate) async fn vote_for(&self, id: VotingId, customer: &Customer, choices: &[Choice]) -> Result<()> {
        let cast = CastId::new(rand::random::<u64>() >> 16, rand::random());
        let segment = customer.segment.map(|id| id.to_string()).unwrap_or_default();
        let mut fields = vec![
            ("id".to_owned(), id.to_string()),
            ("cast".to_owned(), cast.to_string()),
            ("customer[name]".to_owned(), customer.name.clone()),
            ("customer[source]".to_owned(), "call".to_owned()),
            ("customer[segment]".to_owned(), segment),
        ];
        fields.extend(
            choices.iter().map(|choice| (format!("amounts[id-{}]", choice.item), choice.amount.to_string())),
        );
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
        self.submit::<serde_json::Value>("cast_ballot", &form(&fields)).await.map(drop)
    }

    /// Makes a department and returns its id.
    pub(crate) async fn new_department(&self, name: &str) -> Result<SegmentId> {
        let fields = [("kind", SegmentKind::Department.as_str()), ("name", name), ("weight", "1")];
        self.submit::<String>("save_segment", &form(&fields)).await?;
        let page = self.load_text("/segments").await?;
        let at = page.find(&format!("value=\"{name}\"")).context("the department is not on its page")?;
        let ids = |text: &str| -> Vec<SegmentId> {
            text.split(|c: char| !c.is_ascii_hexdigit() && c != '-')
                .filter_map(|id| id.parse().ok())
                .collect()
        };
        // The form's hidden field comes before the name.
        ids(&page[..at]).pop().context("the department has no id")
    }

    /// What was published of a closed session; `None` when it has too few ballots for that.
    pub(crate) async fn record(&self, id: VotingId) -> Result<Option<RecordOfVoting>> {
        let answer = self.open(&format!("/voting/{id}/record.json")).await?;
        if answer.status() == 409 {
            return Ok(None);
        }
        let record = answer.error_for_status()?.json().await;
        record.map(Some).context("the record of the session is not one")
    }
}

/// Fields as a browser's form sends them.
fn form(fields: &[(&str, &str)]) -> String {
    let mut body = reqwest::Url::parse("form:").expect("an address");
    body.query_pairs_mut().extend_pairs(fields);
    body.query().unwrap_or_default().to_owned()
}
