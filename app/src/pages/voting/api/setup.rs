//! Setting up a session. The form is read by the same code in the browser, which shows what comes of it while it is
//! filled in, and on the server, which keeps it.

use std::collections::BTreeMap;

use domain::{
    ItemId, Product, RoadmapId, SegmentId, Timestamp, Title, VotingId,
    voting::{Audience, Candidate, Rules, Segment, VotingDraft},
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::api::edge::{editor, go, keep, product_key, take_returned};
use crate::api::{ApiError, FieldKey, Json};

/// A session's form, as it is filled in. Every field is what a browser would send for it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DraftForm {
    pub title: String,
    pub question: String,
    /// Keys of items, like `ERP-12`, in ballot order.
    pub items: Vec<String>,
    /// What items cost in a budget, by key.
    pub costs: BTreeMap<FieldKey<String>, String>,
    pub mode: String,
    pub tokens: String,
    pub most: String,
    pub secrecy: String,
    pub reveal: String,
    /// `on` where items are ranked by weight.
    pub weighted: String,
    pub split: String,
    pub quorum: String,
    /// As the browser's date and time field has it, in UTC where the application is not alive.
    pub opens: String,
    pub closes: String,
    /// The same in milliseconds, filled in by the application from the browser's time zone.
    pub opens_ms: String,
    pub closes_ms: String,
    pub audience: String,
    pub segments: Vec<String>,
    pub guests: String,
    pub refund: String,
}

/// An item that can be put to the vote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetupItem {
    pub item: ItemId,
    pub roadmap: RoadmapId,
    pub key: String,
    pub title: Title,
    pub lane: String,
    pub votes: u32,
    /// What it would cost in a budget: its effort in whole days, but at least 1.
    pub cost: u32,
}

/// The form for a new session, or for one that is changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetupPage {
    pub id: Option<VotingId>,
    /// Only closing time and texts can be changed any more.
    pub open: bool,
    pub form: DraftForm,
    pub products: Vec<Product>,
    /// Items of the products that were asked for, in board order.
    pub items: Vec<SetupItem>,
    pub segments: Vec<Segment>,
    pub now: Timestamp,
}

impl DraftForm {
    /// What the form comes to.
    ///
    /// # Errors
    /// The field that makes no sense, with a sentence.
    pub fn draft(&self, items: &[SetupItem]) -> Result<VotingDraft, ApiError> {
        let number = |name: &str, text: &str| match text.trim() {
            "" => Ok(0),
            text => text.parse().map_err(|_| wrong(name, format!("“{text}” is not a whole number."))),
        };
        let choice = |name: &'static str| move |sentence: String| wrong(name, sentence);
        let candidate = |key: &String| -> Result<Candidate, ApiError> {
            let item = items.iter().find(|item| item.key == *key);
            let item = item.ok_or_else(|| wrong("items", format!("There is no item {key} any more.")))?;
            let cost = match self.costs.get(&FieldKey(key.clone())) {
                Some(cost) => number("items", cost)?,
                None => item.cost,
            };
            let (key, title) = (key.clone(), item.title.clone());
            Ok(Candidate { item: item.item, roadmap: item.roadmap, key, title, cost, withdrawn: false })
        };
        let mode = self.mode.parse().map_err(choice("mode"))?;
        let rules = Rules::new(mode, number("tokens", &self.tokens)?, number("most", &self.most)?);
        let segments = || self.segments.iter().filter_map(|id| id.parse::<SegmentId>().ok()).collect();
        Ok(VotingDraft {
            title: self.title.parse().map_err(|error| wrong("title", format!("{error}")))?,
            question: self.question.parse().map_err(|error| wrong("question", format!("{error}")))?,
            candidates: self.items.iter().map(candidate).collect::<Result<_, _>>()?,
            rules: rules.map_err(|error| wrong("tokens", error.to_string()))?,
            secrecy: self.secrecy.parse().map_err(choice("secrecy"))?,
            reveal: self.reveal.parse().map_err(choice("reveal"))?,
            weighted: is_on(&self.weighted),
            split: match self.split.as_str() {
                "" => None,
                split => Some(split.parse().map_err(choice("split"))?),
            },
            quorum: number("quorum", &self.quorum)?,
            opens: moment("opens", &self.opens_ms, &self.opens)?,
            closes: moment("closes", &self.closes_ms, &self.closes)?,
            audience: match self.audience.as_str() {
                "segments" => Audience::Segments(segments()),
                "nobody" => Audience::Nobody,
                _ => Audience::Everybody,
            },
            guests: is_on(&self.guests),
            refund: is_on(&self.refund),
        })
    }

    /// The form that comes to `draft`.
    #[cfg(feature = "ssr")]
    pub fn of(draft: &VotingDraft) -> Self {
        let count = |number: u32| if number == 0 { String::new() } else { number.to_string() };
        let on = |is: bool| if is { "on".to_owned() } else { String::new() };
        let candidates = &draft.candidates;
        let (audience, segments) = match &draft.audience {
            Audience::Everybody => ("everybody", Vec::new()),
            Audience::Segments(ids) => ("segments", ids.iter().map(ToString::to_string).collect()),
            Audience::Nobody => ("nobody", Vec::new()),
        };
        Self {
            title: draft.title.to_string(),
            question: draft.question.to_string(),
            items: candidates.iter().map(|candidate| candidate.key.clone()).collect(),
            costs: candidates
                .iter()
                .map(|each| (FieldKey(each.key.clone()), each.cost.to_string()))
                .collect(),
            mode: draft.rules.mode.as_str().to_owned(),
            tokens: count(draft.rules.tokens),
            most: count(draft.rules.most),
            secrecy: draft.secrecy.as_str().to_owned(),
            reveal: draft.reveal.as_str().to_owned(),
            weighted: on(draft.weighted),
            split: draft.split.map(|kind| kind.as_str().to_owned()).unwrap_or_default(),
            quorum: count(draft.quorum),
            opens: minute(draft.opens),
            closes: minute(draft.closes),
            opens_ms: String::new(),
            closes_ms: String::new(),
            audience: audience.to_owned(),
            segments,
            guests: on(draft.guests),
            refund: on(draft.refund),
        }
    }
}

fn is_on(checkbox: &str) -> bool {
    !checkbox.is_empty()
}

fn wrong(field: &str, sentence: impl Into<String>) -> ApiError {
    ApiError { field: Some(field.to_owned()), ..ApiError::new(422, sentence) }
}

/// `2026-11-22T10:00` in UTC, as date and time fields have it.
#[cfg(feature = "ssr")]
fn minute(at: Option<Timestamp>) -> String {
    let Some(at) = at else { return String::new() };
    let at = at.utc();
    format!("{}T{:02}:{:02}", at.date, at.hour, at.minute)
}

/// Reads a time: in milliseconds where the application filled them in, otherwise from the field, in UTC.
fn moment(name: &str, millis: &str, text: &str) -> Result<Option<Timestamp>, ApiError> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let known = millis.parse().ok().map(Timestamp);
    let at = known.or_else(|| Timestamp::from_utc_minute(text.trim()));
    let at = at.ok_or_else(|| wrong(name, format!("“{text}” is not a date and time.")))?;
    at.utc().date.likely().map_err(|sentence| wrong(name, sentence))?;
    Ok(Some(at))
}

/// The set-up of a session, or of a new one with items of these products.
#[server(endpoint = "voting_setup", input = Json, output = Json)]
pub async fn voting_setup(id: Option<VotingId>, products: Vec<String>) -> Result<SetupPage, ApiError> {
    use domain::voting::Phase;
    let editor = editor().await?;
    let all: Vec<Product> =
        editor.products().await?.into_iter().filter(|product| !product.archived).collect();
    let (mut form, mut open, mut candidates) = (DraftForm::default(), false, Vec::new());
    if let Some(id) = id {
        let facts = editor.voting(id).await?;
        candidates.clone_from(&facts.draft.candidates);
        if !matches!(facts.phase, Phase::Draft | Phase::Scheduled | Phase::Open) {
            return Err(ApiError::new(409, "A closed session cannot be changed. Set up another one."));
        }
        open = facts.phase == Phase::Open;
        form = DraftForm::of(&facts.draft);
    }
    // What was typed into a form that was refused. Why it was, the form itself says.
    let typed = take_returned("/api/save_voting").and_then(|mut returned| returned.typed.remove("form"));
    if let Some(typed) = typed.and_then(|typed| serde_json::from_str(&typed).ok()) {
        form = typed;
    }
    let mut wanted = products;
    wanted.extend(form.items.iter().filter_map(|key| key.rsplit_once('-')).map(|(key, _)| key.to_owned()));
    let mut items = Vec::new();
    for product in all.iter().filter(|product| wanted.iter().any(|key| *key == *product.key)) {
        items.extend(items_of(&editor, product).await?);
    }
    add_known(&mut items, &candidates);
    let segments = editor.segments().await?;
    let now = backend::now();
    Ok(SetupPage { id, open, form, products: all, items, segments, now })
}

/// The items of one more product.
#[server(endpoint = "voting_items", input = Json, output = Json)]
pub async fn voting_items(product: String) -> Result<Vec<SetupItem>, ApiError> {
    let editor = editor().await?;
    let product = editor.product(&product_key(&product)?).await?;
    items_of(&editor, &product).await
}

/// What is on a product's board and not done or dropped.
#[cfg(feature = "ssr")]
async fn items_of(editor: &backend::Editor, product: &Product) -> Result<Vec<SetupItem>, ApiError> {
    let view = editor.view(product.roadmap).await?;
    let roadmap = &view.roadmap;
    let lanes = roadmap.lane_order().iter().filter_map(|lane| roadmap.lane(*lane));
    let found = lanes.flat_map(|lane| {
        let items = roadmap.lane_items(lane.id).iter().filter_map(|item| roadmap.item(*item));
        let open = items
            .filter(|item| !matches!(item.fields.status, domain::Status::Done | domain::Status::Dropped));
        open.map(|item| SetupItem {
            item: item.id,
            roadmap: product.roadmap,
            key: format!("{}-{}", product.key, item.number),
            title: item.fields.title.clone(),
            lane: lane.name.to_string(),
            votes: roadmap.vote_count(item.id),
            cost: item.fields.effort.map_or(1, domain::PersonDays::whole),
        })
    });
    Ok(found.collect())
}

/// Items that are on a ballot already stay there, even when they are done or deleted by now.
#[cfg(feature = "ssr")]
fn add_known(items: &mut Vec<SetupItem>, candidates: &[Candidate]) {
    for candidate in candidates {
        if !items.iter().any(|item| item.item == candidate.item) {
            items.push(SetupItem {
                item: candidate.item,
                roadmap: candidate.roadmap,
                key: candidate.key.clone(),
                title: candidate.title.clone(),
                lane: String::new(),
                votes: 0,
                cost: candidate.cost,
            });
        }
    }
}

/// Keeps a session that was set up, and opens it when that was asked for.
#[server(endpoint = "save_voting")]
pub async fn save_voting(
    id: Option<VotingId>,
    draft: DraftForm,
    #[server(default)] open: bool,
) -> Result<String, ApiError> {
    keep([("form", &serde_json::to_string(&draft).unwrap_or_default())]);
    let editor = editor().await?;
    let mut products: Vec<&str> =
        draft.items.iter().filter_map(|key| key.rsplit_once('-')).map(|(key, _)| key).collect();
    products.sort_unstable();
    products.dedup();
    let mut items = Vec::new();
    for key in products {
        let product = editor.product(&product_key(key)?).await?;
        items.extend(items_of(&editor, &product).await?);
    }
    if let Some(id) = id {
        add_known(&mut items, &editor.voting(id).await?.draft.candidates);
    }
    let draft = DraftForm { title: backend::tidy(&draft.title), ..draft };
    let session = draft.draft(&items)?;
    let id = match id {
        Some(id) => {
            editor.edit_voting(id, session).await?;
            id
        }
        None => editor.create_voting(session).await?,
    };
    if open {
        editor.open_voting(id).await?;
    }
    Ok(go(format!("/voting/{id}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::voting::{Mode, Secrecy};

    fn item(key: &str, cost: u32) -> SetupItem {
        SetupItem {
            item: ItemId::new(u64::from(cost), [1; 10]),
            roadmap: RoadmapId::new(1, [0; 10]),
            key: key.to_owned(),
            title: format!("Item {key}").parse().unwrap(),
            lane: "Next".to_owned(),
            votes: 0,
            cost,
        }
    }

    fn form() -> DraftForm {
        DraftForm {
            title: "Next quarter".to_owned(),
            items: vec!["ERP-2".to_owned(), "ERP-1".to_owned()],
            costs: BTreeMap::from([(FieldKey("ERP-2".to_owned()), "8".to_owned())]),
            mode: "budget".to_owned(),
            tokens: "20".to_owned(),
            secrecy: "secret".to_owned(),
            reveal: "by_hand".to_owned(),
            closes: "2026-11-22T10:00".to_owned(),
            guests: "on".to_owned(),
            ..DraftForm::default()
        }
    }

    #[test]
    fn a_form_comes_to_a_draft_and_back() {
        let items = [item("ERP-1", 5), item("ERP-2", 3), item("ERP-3", 1)];
        let draft = form().draft(&items).unwrap();
        assert_eq!((draft.rules.mode, draft.rules.tokens), (Mode::Budget, 20));
        assert_eq!(draft.secrecy, Secrecy::Secret);
        let costs: Vec<u32> = draft.candidates.iter().map(|candidate| candidate.cost).collect();
        assert_eq!(costs, [8, 5], "what was typed goes before the effort, in the order of the ballot");
        assert_eq!(draft.closes, Some(Timestamp(1_795_341_600_000)));
        assert_eq!(DraftForm::of(&draft).draft(&items).unwrap(), draft);
    }

    #[test]
    fn a_time_from_the_browser_goes_before_the_one_in_utc() {
        let items = [item("ERP-1", 5), item("ERP-2", 3)];
        let local = DraftForm { closes_ms: "1795338000000".to_owned(), ..form() };
        assert_eq!(local.draft(&items).unwrap().closes, Some(Timestamp(1_795_338_000_000)));
    }

    #[test]
    fn a_time_of_a_year_that_nobody_plans_is_named() {
        let items = [item("ERP-1", 5), item("ERP-2", 3)];
        let with = |closes: &str, closes_ms: &str| DraftForm {
            closes: closes.to_owned(),
            closes_ms: closes_ms.to_owned(),
            ..form()
        };
        for closes in ["1990-01-01T00:00", "2199-12-31T23:59"] {
            assert_eq!(DraftForm::of(&with(closes, "").draft(&items).unwrap()).closes, closes);
        }
        for (closes, millis, year) in [
            ("1989-12-31T23:59", "", "1989"),
            ("2200-01-01T00:00", "", "2200"),
            ("2026-11-22T10:00", "7258118400000", "2200"),
            ("2026-11-22T10:00", "9223372036854775807", "9999"),
        ] {
            let refused = with(closes, millis).draft(&items).unwrap_err();
            assert_eq!((refused.status, refused.field.as_deref()), (422, Some("closes")));
            assert_eq!(refused.sentence, format!("Check the year {year}."));
        }
    }

    #[test]
    fn what_makes_no_sense_is_named() {
        let items = [item("ERP-1", 5)];
        let refused = form().draft(&items).unwrap_err();
        assert_eq!(refused.field.as_deref(), Some("items"));
        assert_eq!(refused.sentence, "There is no item ERP-2 any more.");
        let typed = DraftForm { tokens: "many".to_owned(), items: Vec::new(), ..form() };
        assert_eq!(typed.draft(&items).unwrap_err().sentence, "“many” is not a whole number.");
        let untitled = DraftForm { title: " ".to_owned(), items: Vec::new(), ..form() };
        assert_eq!(untitled.draft(&items).unwrap_err().field.as_deref(), Some("title"));
    }
}
