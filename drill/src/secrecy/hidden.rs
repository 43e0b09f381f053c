//! A product for chosen people alone. Everything in it has a word that stands nowhere else, in its name, items, comments, fields,
//! history and votes. Members who were not chosen look everywhere, listen to whatever there is, and ask for the product itself by
//! what only the chosen can know; no byte that they are sent may hold such a word. The chosen see them all, and none any more
//! once they are not.

use std::{collections::BTreeSet, time::Duration};

use anyhow::{Context as _, Result, bail, ensure};
use domain::{
    CommentId, CustomField, FieldId, FieldKey, FieldKind, ItemChange, ItemFields, ItemId, LaneId, Op, Place,
    Replica, RoadmapId, Role, Value, VotingId,
    wire::{ClientMessage, Cursor, Outcome, Pushed, ServerMessage},
};
use futures::future::try_join_all;
use rand::rngs::StdRng;
use reqwest::{
    Response,
    header::{ACCEPT, CONTENT_TYPE, COOKIE, ORIGIN},
};
use serde_json::{Value as Json, json};
use tokio::time::timeout;

use super::Secrecy;
use crate::{
    edits,
    server::Server,
    session::{Session, http_client},
    socket::{Door, Socket, plainly},
    votes::KEY as OTHER,
};

const KEY: &str = "QZXJ";

/// What is searched for, and where it is written.
const NAME: &str = "Quixzephyr";
const PURPOSE: &str = "Jackdawish";
const LANE: &str = "Flibbertig";
const FIELD: &str = "Grawlixian";
const VALUE: &str = "Kwyjiboard";
const ITEM: &str = "Zyzzogeton";
const IMPORTED: &str = "Xertzable";
const BINNED: &str = "Gobbledygo";
const COMMENT: &str = "Vlixomantic";
const REASON: &str = "Yclepting";
const BASELINE: &str = "Brobdingna";
const VOTE: &str = "Jumentously";
const FIGURE: &str = "Widdershin";
const CONTRACT: &str = "Snollygost";
const WORDS: [&str; 14] = [
    NAME, PURPOSE, LANE, FIELD, VALUE, ITEM, IMPORTED, BINNED, COMMENT, REASON, BASELINE, VOTE, FIGURE,
    CONTRACT,
];

/// After so long without a word nothing more is told.
const SILENCE: Duration = Duration::from_millis(400);

/// Who was not chosen.
const OUTSIDE: [Role; 2] = [Role::Stakeholder, Role::Viewer];

/// Lets people look for a product that is hidden from them. Returns how many answers and frames were searched.
pub(super) async fn search(arguments: &Secrecy, rng: &mut StdRng) -> Result<usize> {
    let mut server = Server::prepare(arguments.folder.as_deref(), true)?;
    server.start().await?;
    let owner = Session::demo(&server, Role::Owner).await?;
    let chosen = Session::demo(&server, Role::Editor).await?;
    owner.create_product(KEY).await?;
    owner.submit::<Json>("show_product", &format!("key={KEY}&visibility=chosen")).await?;
    let to = format!("key={KEY}&to=person:{}", chosen.board(OTHER).await?.user);
    owner.submit::<Json>("grant_access", &format!("{to}&role=editor")).await?;

    let mut place = Hidden::new(&owner, rng).await?;
    let mut inside = Eye::open(&server, &chosen, &place).await?;
    let mut outside = Vec::new();
    for role in OUTSIDE {
        let session = Session::demo(&server, role).await?;
        outside.push(Eye::open(&server, &session, &place).await?);
    }
    place.fill(&server, &owner, &chosen, rng).await?;
    let mut searched = 0;
    for is_open in [true, false] {
        // Side by side, because most of the time is spent waiting for silence.
        let looks = try_join_all(outside.iter_mut().map(|eye| eye.look(&place)));
        let (looks, told) = tokio::try_join!(looks, inside.look(&place))?;
        for (told, role) in looks.into_iter().zip(OUTSIDE) {
            searched += told.none(role.as_str())?;
        }
        if is_open {
            told.all()?;
            owner.close_poll(place.voting.context("there is a session")?).await?;
        }
    }

    owner.submit::<Json>("revoke_access", &to).await?;
    let more = Op::comment(edits::id(rng, CommentId::new), place.item, COMMENT.parse()?);
    write(&server, &owner, vec![more], rng).await?;
    searched += inside.look(&place).await?.none("somebody who is chosen no more")?;
    server.stop().await?;
    Ok(searched)
}

/// What there is to be found.
struct Hidden {
    roadmap: RoadmapId,
    item: ItemId,
    comment: CommentId,
    voting: Option<VotingId>,
}

impl Hidden {
    async fn new(owner: &Session, rng: &mut StdRng) -> Result<Self> {
        let roadmap = owner.board(KEY).await?.product.roadmap;
        let (item, comment) = (edits::id(rng, ItemId::new), edits::id(rng, CommentId::new));
        Ok(Self { roadmap, item, comment, voting: None })
    }

    /// Writes the words where they belong.
    async fn fill(
        &mut self,
        server: &Server,
        owner: &Session,
        chosen: &Session,
        rng: &mut StdRng,
    ) -> Result<()> {
        let profile = format!("key={KEY}&name={NAME}&kind=service&purpose={PURPOSE}");
        owner.submit::<Json>("edit_product", &profile).await?;
        let (lane, field) = (edits::id(rng, LaneId::new), edits::id(rng, FieldId::new));
        let custom = CustomField { label: FIELD.parse()?, kind: FieldKind::Text, required_from: None };
        let [item, second, binned] = [ITEM, ITEM, BINNED].map(|title| title.parse().map(ItemFields::titled));
        let gone = edits::id(rng, ItemId::new);
        let value =
            ItemChange::Value { field: FieldKey::from(field), to: Some(Value::Text(VALUE.to_owned())) };
        let create = |id, fields| Op::CreateItem { id, lane, place: Place::Last, fields: Box::new(fields) };
        let ops = vec![
            Op::CreateLane { id: lane, name: LANE.parse()?, place: Place::First },
            Op::CreateField { id: field, field: Box::new(custom) },
            create(self.item, item?),
            create(edits::id(rng, ItemId::new), second?),
            create(gone, binned?),
            Op::DeleteItems { ids: vec![gone] },
            Op::Batch { ops: vec![Op::set(self.item, value)], reason: Some(REASON.parse()?) },
            Op::comment(self.comment, self.item, COMMENT.parse()?),
        ];
        write(server, chosen, ops, rng).await?;
        let table =
            json!({ "key": KEY, "text": format!("Title\n{IMPORTED}\n"), "mapping": { "Title": "title" } });
        let _: Json = chosen.ask("run_import", &table).await.context("an import")?;
        let _: Json = chosen.submit("name_baseline", &format!("key={KEY}&seq=3&name={BASELINE}")).await?;
        let _: Json = chosen
            .submit("save_kpi", &format!("key={KEY}&kpi%5Bname%5D={FIGURE}&kpi%5Bunit%5D=days"))
            .await?;
        let contract = format!("contract%5Bname%5D={CONTRACT}&contract%5Bends%5D=2090-01-01");
        let _: Json = chosen.submit("save_contract", &format!("key={KEY}&{contract}")).await?;
        // Others see the solution without the part, and the group without where it moves.
        let parts = format!("solution%5Bparts%5D%5B0%5D={KEY}&solution%5Bparts%5D%5B1%5D={OTHER}");
        let _: Json = chosen.submit("save_solution", &format!("solution%5Bname%5D=Both&{parts}")).await?;
        let group = format!("group%5Bname%5D=All&group%5Busers%5D=9&group%5Bproduct%5D={KEY}");
        let _: Json = chosen.submit("save_user_move", &format!("key={OTHER}&{group}")).await?;
        let draft = [
            ("title", VOTE),
            ("mode", "dots"),
            ("tokens", "5"),
            ("secrecy", "open"),
            ("reveal", "at_close"),
            ("audience", "everybody"),
        ];
        let draft = draft.map(|(name, value)| format!("draft%5B{name}%5D={value}")).join("&");
        let items = format!("draft%5Bitems%5D%5B0%5D={KEY}-1&draft%5Bitems%5D%5B1%5D={KEY}-2");
        let path: String = chosen.submit("save_voting", &format!("{draft}&{items}")).await?;
        let voting: VotingId =
            path.split('/').find_map(|part| part.parse().ok()).context("no session was made")?;
        let _: Json = chosen.submit("open_voting", &format!("id={voting}")).await?;
        self.voting = Some(voting);
        Ok(())
    }
}

/// Does something in the hidden product.
async fn write(server: &Server, session: &Session, ops: Vec<Op>, rng: &mut StdRng) -> Result<()> {
    let board = session.board(KEY).await?;
    let replica = Replica::new(board.snapshot, edits::client(rng), board.user, board.role);
    let mut socket = Door::of(server, session).enter(&plainly(replica.hello())).await?;
    socket.welcome().await?;
    let ops = ops.into_iter().zip(1..).map(|(op, cseq)| Pushed { cseq, op }).collect();
    socket.send(&ClientMessage::Push { ops }).await?;
    loop {
        if let ServerMessage::Ack { results } = socket.receive().await? {
            let refused = results.iter().find(|acked| matches!(acked.outcome, Outcome::Refused(_)));
            return refused.map_or(Ok(()), |acked| bail!("an edit was refused: {acked:?}"));
        }
    }
}

/// Somebody who looks and listens.
struct Eye {
    http: reqwest::Client,
    origin: String,
    cookie: String,
    /// In the room of a product that everybody sees, and, asked for, in that of the hidden one.
    live: Socket,
    streams: Vec<Response>,
}

impl Eye {
    async fn open(server: &Server, session: &Session, place: &Hidden) -> Result<Self> {
        let (origin, cookie) = (server.origin(), session.cookie().to_owned());
        let board = session.board(OTHER).await?;
        let client = edits::client(&mut edits::fresh(0));
        let hello = |roadmap, epoch, have| ClientMessage::Hello {
            protocol: domain::wire::PROTOCOL,
            roadmap,
            client,
            epoch,
            have,
            plain: true,
        };
        let known = hello(board.snapshot.roadmap, board.snapshot.epoch, board.snapshot.head);
        let mut live = Door::of(server, session).enter(&known).await?;
        live.send_in(1, &hello(place.roadmap, 1, 0)).await?;
        let protocol = domain::wire::PROTOCOL;
        live.send_in(2, &ClientMessage::Records { protocol, since: Some(Cursor::default()) }).await?;
        Ok(Self { http: http_client()?, origin, cookie, live, streams: Vec::new() })
    }

    /// Asks for everything there is, and takes what was told since the last time.
    async fn look(&mut self, place: &Hidden) -> Result<Told> {
        let mut told = Told { place: place.ids(), said: Vec::new() };
        for path in pages(place) {
            let request = self.http.get(format!("{}{path}", self.origin)).header(COOKIE, &self.cookie);
            let answer = request.header(ACCEPT, "text/html,*/*").send().await?;
            told.add(&path, answer).await?;
        }
        for (function, question) in functions(place) {
            let question = question.to_string();
            let request = self.http.post(format!("{}/api/{function}", self.origin)).body(question.clone());
            let request = request.header(CONTENT_TYPE, "application/json").header(ORIGIN, &self.origin);
            let answer =
                request.header(ACCEPT, "application/json").header(COOKIE, &self.cookie).send().await?;
            told.add(&format!("{function} {question}"), answer).await?;
        }
        if let Some(voting) = place.voting {
            let path = format!("{}/voting/{voting}/events", self.origin);
            let request = self.http.get(path).header(COOKIE, &self.cookie);
            self.streams.push(request.header(ACCEPT, "text/event-stream").send().await?);
        }
        while let Ok(frame) = timeout(SILENCE, self.live.receive_text()).await {
            let Ok(frame) = frame else { break };
            told.said.push(("the live channel".to_owned(), frame.to_string()));
        }
        for stream in &mut self.streams {
            let mut events = format!("{:?}", stream.headers());
            while let Ok(Ok(Some(bytes))) = timeout(SILENCE, stream.chunk()).await {
                events.push_str(&String::from_utf8_lossy(&bytes));
            }
            told.said.push((stream.url().path().to_owned(), events));
        }
        Ok(told)
    }
}

/// Whatever there is to be loaded.
const PAGES: &str = "/ /direction /lifecycle /solutions /reports /reports/precision.csv /reports/value.csv /reports/shipped.csv /reports/balance.csv /people /teams /competitors /fields /account /voting /voting/new /segments /join /nowhere /healthz";
const OF_PRODUCT: &str = "/i/1 /history /past /bin /fields /figures /overview /outcomes /outcomes.csv /reports /retirement /vision /money /settings /import /voting /access /export.csv /export.json /export.xlsx /export?format=csv /export?format=json /scores";
const OF_VOTING: &str =
    "/setup /results /present /customer /record.json /result.csv /result.json /ballots.csv";

fn pages(place: &Hidden) -> Vec<String> {
    let mut pages: Vec<String> = PAGES.split(' ').map(str::to_owned).collect();
    let mut below = |root: String, paths: &str| {
        pages.extend(paths.split(' ').map(|path| format!("{root}{path}")));
        pages.push(root);
    };
    below(format!("/p/{KEY}"), OF_PRODUCT);
    below(format!("/p/{OTHER}"), OF_PRODUCT);
    if let Some(voting) = place.voting {
        below(format!("/voting/{voting}"), OF_VOTING);
    }
    pages
}

fn functions(place: &Hidden) -> Vec<(&'static str, Json)> {
    let Hidden { roadmap, item, comment, voting } = place;
    let key = json!({ "key": KEY });
    vec![
        ("context", json!({})),
        ("home", json!({ "all": true })),
        ("favourites", json!({})),
        ("account", json!({ "done": null })),
        ("records", json!({ "look": { "kind": "team", "history": true } })),
        ("records", json!({ "look": { "kind": "field" } })),
        ("product_access", key.clone()),
        ("product_fields", key.clone()),
        ("figures", key.clone()),
        ("overview", key.clone()),
        ("load_computed", json!({ "keys": [KEY] })),
        ("outcomes", key.clone()),
        ("reports", key.clone()),
        ("reports", json!({ "key": "" })),
        ("retirement", key.clone()),
        ("retirement", json!({ "key": OTHER })),
        ("solutions", json!({})),
        ("life_cycle", json!({})),
        ("direction", json!({ "quarter": null })),
        ("load_board", key.clone()),
        ("load_bin", key.clone()),
        ("load_scores", json!({ "asked": { "key": KEY, "item": format!("{KEY}-1") } })),
        ("load_snapshot", json!({ "roadmap": roadmap, "comments": [comment] })),
        ("load_thread", json!({ "roadmap": roadmap, "item": item, "before": null })),
        ("running_votes", json!({ "roadmap": roadmap })),
        ("history", json!({ "roadmap": roadmap, "before": null, "item": null })),
        ("history", json!({ "roadmap": roadmap, "before": null, "item": item })),
        ("product_history", json!({ "key": KEY, "asked": {} })),
        ("product_history", json!({ "key": KEY, "asked": { "what": "product" } })),
        ("product_history", json!({ "key": OTHER, "asked": {} })),
        ("load_past", json!({ "key": KEY, "at": null, "until": null })),
        ("votings", json!({})),
        ("waiting_votes", json!({})),
        ("product_votings", key),
        ("voting", json!({ "id": voting })),
        ("voting_results", json!({ "id": voting, "compare": null, "receipt": null })),
        ("presentation", json!({ "id": voting })),
        ("customer_ballot", json!({ "id": voting })),
        ("voting_setup", json!({ "id": voting, "products": [KEY] })),
        ("voting_items", json!({ "product": KEY })),
        ("segments", json!({})),
        ("invitations", json!({})),
    ]
}

impl Hidden {
    /// What only the chosen know, beside the words.
    fn ids(&self) -> Vec<String> {
        let mut ids =
            vec![KEY.to_owned(), self.roadmap.to_string(), self.item.to_string(), self.comment.to_string()];
        ids.extend(self.voting.map(|voting| voting.to_string()));
        ids
    }
}

/// What somebody was told, by what they asked.
struct Told {
    place: Vec<String>,
    said: Vec<(String, String)>,
}

impl Told {
    async fn add(&mut self, asked: &str, answer: Response) -> Result<()> {
        let (status, headers) = (answer.status(), format!("{:?}", answer.headers()));
        ensure!(!status.is_server_error(), "{asked} answers {status}");
        let body = answer.bytes().await?;
        self.said.push((asked.to_owned(), format!("{status} {headers} {}", String::from_utf8_lossy(&body))));
        Ok(())
    }

    /// Returns how much was searched.
    fn none(self, who: &str) -> Result<usize> {
        for (asked, said) in &self.said {
            // Who asks by an id has it from elsewhere, and may hear it again.
            let ids = self.place.iter().map(String::as_str).filter(|id| !asked.contains(id));
            if let Some(word) = WORDS.into_iter().chain(ids).find(|word| said.contains(word)) {
                bail!("{asked} tells {who} of {word}: {}", around(said, word));
            }
        }
        Ok(self.said.len())
    }

    fn all(self) -> Result<()> {
        let missing: BTreeSet<&str> = WORDS
            .into_iter()
            .chain(self.place.iter().map(String::as_str))
            .filter(|word| {
                !self.said.iter().any(|(asked, said)| said.contains(word) && !asked.contains(word))
            })
            .collect();
        ensure!(missing.is_empty(), "The chosen are not shown {missing:?}: the drill looks at too little.");
        let live = |(asked, said): &&(String, String)| asked == "the live channel" && said.contains(ITEM);
        ensure!(
            self.said.iter().any(|told| live(&told)),
            "The chosen are told nothing of an item as it is made."
        );
        Ok(())
    }
}

/// What stands around a word.
fn around(said: &str, word: &str) -> String {
    let (before, after) = said.split_once(word).unwrap_or_default();
    let before = before.char_indices().rev().nth(100).map_or(before, |(at, _)| &before[at..]);
    let after = after.char_indices().nth(100).map_or(after, |(at, _)| &after[..at]);
    format!("…{before}{word}{after}…")
}
