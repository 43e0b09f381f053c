//! Visions of the workspace and of products: versions that are published, and what people say about each.

use std::collections::{BTreeMap, HashMap};

use domain::{
    Opinion, Product, ProductKey, Record, RecordChange, RecordDid, RecordId, Reject, Role, SegmentId, Stamp,
    UserId, VISION, VISION_SCALE, Value, Values, VisionCheck, opinions_by_segment, vision_number,
    voting::{Segment, SegmentKind},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, sea_query::OnConflict,
};

use crate::{
    Backend, Error, Viewer,
    access::{RecordTx, change},
    clock::new_id,
    codec::parse,
    entity::{record, vision_rating},
    problems::tell_rows,
    records::{self, unknown},
};

/// The least role that may rate: the one that may vote.
const RATES: Role = Role::Stakeholder;

/// The most versions of a vision.
const MOST_VERSIONS: usize = 200;

/// The most ratings of a version that are counted.
const MOST_RATINGS: u64 = 100_000;

/// The vision of a product, or of the workspace, as a person may see it.
#[derive(Clone, Debug)]
pub struct VisionPage {
    pub product: Option<Product>,
    /// What was published, the newest first.
    pub versions: Vec<Record>,
    /// The place of the version that is shown. `None` where none was published.
    pub shown: Option<usize>,
    /// What people say about it, by the checks in their order.
    pub checks: Vec<CheckOpinion>,
    /// The kinds of segments of which some are large enough to be shown.
    pub groups: Vec<SegmentOpinions>,
    /// Whether this person may publish.
    pub publishes: bool,
    /// Whether this person may rate the version that is shown.
    pub rates: bool,
}

/// What people say about a version by a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckOpinion {
    pub check: VisionCheck,
    pub all: Opinion,
    /// What this person says.
    pub own: Option<u8>,
}

/// What segments of a kind say.
#[derive(Clone, Debug)]
pub struct SegmentOpinions {
    pub kind: SegmentKind,
    /// Of each check those segments that are large enough by name, and everybody else.
    pub checks: Vec<(VisionCheck, Vec<(String, Opinion)>)>,
}

impl VisionPage {
    /// The version that is shown.
    pub fn version(&self) -> Option<&Record> {
        self.versions.get(self.shown?)
    }

    /// Whether the version that is shown is the newest.
    pub fn is_newest(&self) -> bool {
        self.shown == Some(0)
    }

    /// Whether this person is asked to rate: they may, and something is not rated.
    pub fn asks(&self) -> bool {
        self.rates && self.checks.iter().any(|check| check.own.is_none())
    }
}

impl Viewer {
    /// The vision of a product, or of the workspace: the newest version, or the one that is named.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the product does not exist for this person, or there is no such version.
    pub async fn vision(
        &self,
        key: Option<&ProductKey>,
        version: Option<RecordId>,
    ) -> Result<VisionPage, Error> {
        let product = match key {
            Some(key) => Some(self.product(key).await?),
            None => None,
        };
        let mut versions = self.product_records(&VISION, key).await?;
        versions.sort_by_key(|version| std::cmp::Reverse(vision_number(version)));
        let shown = match version {
            Some(id) => {
                let place = versions.iter().position(|version| version.id == id);
                Some(place.ok_or_else(|| unknown(&VISION))?)
            }
            None => (!versions.is_empty()).then_some(0),
        };
        let role = product.as_ref().map_or(self.member.role, |product| product.role);
        let is_open = product.as_ref().is_none_or(|product| !product.archived);
        let least = if product.is_some() { Role::Editor } else { Role::Owner };
        let (mut checks, mut groups) = (Vec::new(), Vec::new());
        if let Some(version) = shown.and_then(|shown| versions.get(shown)) {
            let said = self.said_of(version.id).await?;
            for check in VisionCheck::ALL {
                let said = said.get(check).map_or(&[][..], Vec::as_slice);
                let own = said.iter().find(|(user, _)| *user == self.member.id).map(|(_, value)| *value);
                let all = Opinion::of(said.iter().map(|(_, value)| *value));
                checks.push(CheckOpinion { check: *check, all, own });
            }
            groups = self.by_segments(&said).await?;
        }
        Ok(VisionPage {
            product,
            rates: is_open && role >= RATES && shown == Some(0),
            publishes: is_open && role >= least,
            versions,
            shown,
            checks,
            groups,
        })
    }

    /// The newest version of the workspace’s vision as it was written; `None` where there is none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn newest_vision(&self) -> Result<Option<String>, Error> {
        let versions = self.product_records(&VISION, None).await?;
        let newest = versions.iter().max_by_key(|version| vision_number(version));
        Ok(newest.and_then(|newest| newest.text("text")).map(str::to_owned))
    }

    /// What was said about a version, by check.
    async fn said_of(&self, vision: RecordId) -> Result<HashMap<VisionCheck, Vec<(UserId, u8)>>, Error> {
        let rows = vision_rating::Entity::find()
            .filter(vision_rating::Column::WorkspaceId.eq(self.workspace.to_string()))
            .filter(vision_rating::Column::VisionId.eq(vision.to_string()))
            .order_by_asc(vision_rating::Column::UserId)
            .limit(MOST_RATINGS)
            .all(self.backend.db.reader())
            .await?;
        let mut said: HashMap<VisionCheck, Vec<(UserId, u8)>> = HashMap::new();
        for row in rows {
            let value = u8::try_from(row.value).map_err(Error::internal)?;
            said.entry(parse(&row.asked)?).or_default().push((parse(&row.user_id)?, value));
        }
        Ok(said)
    }

    /// The same by the segments of each kind. Segments of today: what somebody said counts for the segment they are in.
    async fn by_segments(
        &self,
        said: &HashMap<VisionCheck, Vec<(UserId, u8)>>,
    ) -> Result<Vec<SegmentOpinions>, Error> {
        let segments: Vec<Segment> = self.segments().await?;
        let members = self.memberships().await?;
        let mut groups = Vec::new();
        for kind in SegmentKind::ALL {
            let of_kind: HashMap<SegmentId, String> = segments
                .iter()
                .filter(|segment| segment.kind == *kind)
                .map(|segment| (segment.id, segment.name.to_string()))
                .collect();
            let members: BTreeMap<UserId, SegmentId> =
                members.iter().copied().filter(|(_, segment)| of_kind.contains_key(segment)).collect();
            let name = |segment: Option<SegmentId>| match segment {
                Some(id) => of_kind.get(&id).cloned().unwrap_or_default(),
                None => "Everybody else".to_owned(),
            };
            let mut checks = Vec::new();
            for check in VisionCheck::ALL {
                let said = said.get(check).map_or(&[][..], Vec::as_slice);
                let found = opinions_by_segment(said, &members).into_iter();
                checks.push((*check, found.map(|(segment, of)| (name(segment), of)).collect::<Vec<_>>()));
            }
            if checks.iter().any(|(_, found)| !found.is_empty()) {
                groups.push(SegmentOpinions { kind: *kind, checks });
            }
        }
        Ok(groups)
    }

    /// Publishes a new version of a vision. `seen` is the newest one that its author saw.
    ///
    /// # Errors
    /// [`Error::Conflict`] when another was published since, [`Error::Invalid`] for an empty or overlong text or one that says what the
    /// newest says, [`Reject::NotAllowed`] and [`Reject::Archived`].
    pub async fn publish_vision(
        &self,
        key: Option<&ProductKey>,
        text: &str,
        seen: Option<RecordId>,
    ) -> Result<RecordId, Error> {
        let text = text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim().to_owned();
        let id = change!(self.backend, |tx| {
            let (change, product, role) = self.begin_vision(tx, key, VISION.writes).await?;
            let mut before = records::all(tx, &self.workspace.to_string(), &VISION, product).await?;
            before.sort_by_key(vision_number);
            let newest = before.iter().rev().find(|version| version.deleted.is_none());
            if let Some(newest) = newest.filter(|newest| Some(newest.id) != seen) {
                return Err(Error::Conflict(format!(
                    "{} was published since you opened the page. Read it, then publish yours.",
                    VISION.name_of(newest)
                )));
            }
            if newest.is_some_and(|newest| newest.text("text") == Some(&*text)) {
                return Err(Error::Invalid(
                    "This is the same as the published version. Change it first.".to_owned(),
                ));
            }
            if before.len() >= MOST_VERSIONS {
                return Err(Error::Conflict(format!("A vision has at most {MOST_VERSIONS} versions.")));
            }
            let stamp = Stamp { by: change.actor, at: change.at };
            let name = format!("Version {}", before.len() + 1);
            let values =
                [("name", name), ("text", text.clone())].into_iter().filter(|(_, text)| !text.is_empty());
            let done: Vec<RecordChange> = values
                .filter_map(|(key, text)| {
                    let field = VISION.field(key)?.into();
                    Some(RecordChange { field, was: None, to: Some(Value::Text(text)) })
                })
                .collect();
            let (id, created, changed) = (new_id(RecordId::new), stamp, stamp);
            let mut vision =
                Record { id, product, version: 1, values: Values::new(), created, changed, deleted: None };
            vision.apply(&done);
            if !VISION.may(&vision, change.actor, role) {
                return Err(Reject::NotAllowed(role).into());
            }
            VISION.check(&vision, &before).map_err(Error::Invalid)?;
            records::write(tx, &self.workspace.to_string(), &VISION, &vision, true).await?;
            self.audit_record(&change, &VISION, &vision, (RecordDid::Created, done, None)).await?;
            Ok(id)
        })?;
        self.backend.records_changed();
        Ok(id)
    }

    /// Begins a change of a vision: of a product that is not archived, or of the workspace.
    async fn begin_vision<'tx>(
        &self,
        tx: &'tx sea_orm::DatabaseTransaction,
        key: Option<&ProductKey>,
        needed: Role,
    ) -> Result<(RecordTx<'tx>, Option<domain::ProductId>, Role), Error> {
        let Some(key) = key else {
            let change = RecordTx::by_member(tx, self, needed).await?;
            let role = change.role_of(change.actor).await?.ok_or(Reject::NotMember)?;
            return Ok((change, None, role));
        };
        let (change, row) = RecordTx::in_open_product(tx, self, key, needed).await?;
        // Who got so far has at least this role there, which is all that is asked of a product.
        Ok((change, Some(parse(&row.id)?), needed))
    }

    /// Rates the newest version of a vision by some of its checks, as typed; what is empty takes the rating back. All of it or nothing.
    ///
    /// # Errors
    /// [`Error::Conflict`] when another version was published since, [`Error::Invalid`] for a rating that is not from 1 to 5.
    pub async fn rate_vision(
        &self,
        key: Option<&ProductKey>,
        vision: RecordId,
        typed: &[(String, String)],
    ) -> Result<(), Error> {
        change!(self.backend, |tx| {
            let (change, product, _) = self.begin_vision(tx, key, RATES).await?;
            let workspace = self.workspace.to_string();
            let versions = records::all(tx, &workspace, &VISION, product).await?;
            let present = versions.iter().filter(|version| version.deleted.is_none());
            let newest = present.max_by_key(|version| vision_number(version));
            let newest = newest.filter(|_| versions.iter().any(|version| version.id == vision));
            let newest = newest.ok_or_else(|| unknown(&VISION))?;
            if newest.id != vision {
                return Err(Error::Conflict(format!(
                    "{} was published since you opened the page. Read it and rate that one.",
                    VISION.name_of(newest)
                )));
            }
            for (check, text) in typed {
                let check: VisionCheck = check.parse().map_err(Error::Invalid)?;
                let text = text.trim();
                if text.is_empty() {
                    let at = (
                        workspace.clone(),
                        vision.to_string(),
                        check.as_str().to_owned(),
                        change.actor.to_string(),
                    );
                    vision_rating::Entity::delete_by_id(at).exec(tx).await?;
                    continue;
                }
                let (low, high) = VISION_SCALE;
                let value = text.parse().ok().filter(|value: &u8| (low..=high).contains(value));
                let value = value.ok_or_else(|| {
                    Error::Invalid(format!(
                        "“{text}” isn’t a rating of “{}”. Use {low} to {high}.",
                        check.label()
                    ))
                })?;
                rate(tx, &workspace, vision, check, &change, value).await?;
            }
            Ok(())
        })
    }
}

async fn rate(
    tx: &impl ConnectionTrait,
    workspace: &str,
    vision: RecordId,
    check: VisionCheck,
    change: &RecordTx<'_>,
    value: u8,
) -> Result<(), Error> {
    use vision_rating::Column;
    let same = OnConflict::columns([Column::WorkspaceId, Column::VisionId, Column::Asked, Column::UserId])
        .update_columns([Column::Value, Column::AtMs])
        .to_owned();
    vision_rating::Entity::insert(vision_rating::ActiveModel {
        workspace_id: Set(workspace.to_owned()),
        vision_id: Set(vision.to_string()),
        asked: Set(check.as_str().to_owned()),
        user_id: Set(change.actor.to_string()),
        value: Set(i64::from(value)),
        at_ms: Set(change.at.0),
    })
    .on_conflict(same)
    .exec_without_returning(tx)
    .await?;
    Ok(())
}

impl Backend {
    /// Tells of ratings whose vision doesn’t exist, and of those that are not on the scale.
    pub(crate) async fn check_visions(&self, problems: &mut Vec<String>) -> Result<(), Error> {
        let tx = self.db.begin_read().await?;
        let visions = record::Entity::find()
            .select_only()
            .column(record::Column::Id)
            .filter(record::Column::Kind.eq(VISION.kind));
        let lost = vision_rating::Entity::find()
            .filter(vision_rating::Column::VisionId.not_in_subquery(visions.into_query()));
        tell_rows(problems, &tx, lost, ("rating is", "ratings are"), "of visions that don’t exist").await?;
        let (low, high) = VISION_SCALE;
        let odd = vision_rating::Entity::find()
            .filter(vision_rating::Column::Value.not_between(i64::from(low), i64::from(high)));
        let ratings = ("rating of visions is", "ratings of visions are");
        tell_rows(problems, &tx, odd, ratings, &format!("not from {low} to {high}")).await?;
        tx.rollback().await?;
        Ok(())
    }
}
