//! The days that teams have in a quarter, which their leads set, and requests for more of them.

use std::collections::{BTreeMap, HashMap};

use domain::{
    CAPACITY, CAPACITY_REQUEST, CapacityRequest, DISCIPLINES, Discipline, Efforts, MOST_DAYS, Product,
    Quarter, Record, RecordDef, RecordDid, RecordId, RoadmapId, Role, Stamp, Status, TEAM, UserId, Value,
    Values,
    capacity::{Ask, Line, TeamQuarter, name_key},
    capacity_of, capacity_request_of, disciplines, lead_of,
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};

use crate::{
    Error, Viewer,
    access::{RecordTx, change},
    amounts::{self, Amount},
    balance::{Work, changes},
    clock::new_id,
    db::padded,
    entity::{item, lane, record},
    records,
};

/// The most quarters of a team that are set at once.
pub const MOST_QUARTERS: usize = 8;

/// The most disciplines without a part of the team's days that are told apart.
const MOST_OTHERS: usize = 12;

/// The most requests of a person that nobody has answered yet.
const MOST_WAITING: usize = 50;

/// The days of teams over some quarters, as a person may see them.
#[derive(Clone, Debug)]
pub struct Capacities {
    pub quarters: Vec<Quarter>,
    pub teams: Vec<TeamRow>,
    /// Effort that is planned for no team, or for one that there is not, in the order of the quarters; tenths of a person-day.
    pub unassigned: Vec<u64>,
    /// The products in which work is counted.
    pub products: Vec<Product>,
    /// Whether there is more work than can be read.
    pub is_cut: bool,
    /// The latest first.
    pub requests: Vec<Request>,
}

/// The days of a team.
#[derive(Clone, Debug)]
pub struct TeamRow {
    pub team: Record,
    /// Whether this person may set them.
    pub may_set: bool,
    /// In the order of the quarters.
    pub cells: Vec<Cell>,
}

/// The days of a team in a quarter.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    /// Whole person-days; `None` where nobody has said.
    pub days: Option<u32>,
    /// In tenths of a person-day.
    pub planned: u64,
    /// What does not fit, from the highest rank to the lowest.
    pub below: Vec<Work>,
    /// Those that have a part of the team's days, then others that its work takes, the largest first.
    pub disciplines: Vec<DisciplineDays>,
}

/// The days of a discipline of a team in a quarter, in tenths of a person-day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisciplineDays {
    pub name: String,
    /// Planned effort.
    pub planned: u64,
    /// Its part of the team's days; `None` where it has none.
    pub days: Option<u64>,
}

/// A request for days.
#[derive(Clone, Debug)]
pub struct Request {
    pub id: RecordId,
    pub said: CapacityRequest,
    /// What the team is called.
    pub team: String,
    pub asked: Stamp,
    /// By whom and when it was answered.
    pub answered: Option<Stamp>,
    /// Whether this person may answer it.
    pub may_answer: bool,
}

/// Days in tenths.
fn tenths(days: u32) -> u64 {
    u64::from(days) * 10
}

impl Viewer {
    fn leads(&self, team: &Record) -> bool {
        self.member.role == Role::Owner || lead_of(team) == Some(self.member.id)
    }

    /// The days of all teams in some quarters, with what is planned for them in these products.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn capacities(
        &self,
        from: Quarter,
        count: usize,
        products: Vec<Product>,
    ) -> Result<Capacities, Error> {
        let count = count.clamp(1, MOST_QUARTERS);
        let quarters: Vec<Quarter> = (0..).take(count).map(|at| from.plus(at)).collect();
        let teams = self.records(&TEAM).await?;
        let days = self.days().await?;
        let year = self.fiscal_year().await?;
        let spans: Vec<_> = quarters.iter().map(|quarter| year.days(*quarter)).collect();
        let (work, is_cut) = match spans.first().copied().flatten().zip(spans.last().copied().flatten()) {
            Some(((first, _), (_, last))) => {
                let with_effort = |rows: sea_orm::Select<item::Entity>| {
                    let by_discipline = item::Column::FieldValues.contains(format!("\"{DISCIPLINES}\""));
                    rows.filter(Condition::any().add(item::Column::EffortTenths.gt(0)).add(by_discipline))
                };
                self.work_between(&products, first, last, with_effort).await?
            }
            None => (Vec::new(), false),
        };
        let work = self.ranked(work, &products).await?;
        let mut unassigned = vec![0; quarters.len()];
        let places: BTreeMap<String, usize> =
            teams.iter().enumerate().map(|(at, team)| (name_key(&TEAM.name_of(team)), at)).collect();
        let named = |work: &Work| places.get(&name_key(work.team()?)).copied();
        let mut of_team: Vec<Vec<&Work>> = vec![Vec::new(); teams.len()];
        for item in &work {
            match named(item) {
                Some(at) => of_team[at].push(item),
                None => {
                    for (sum, span) in unassigned.iter_mut().zip(&spans) {
                        *sum += span.map_or(0, |(from, to)| item.span.part(item.effort, from, to));
                    }
                }
            }
        }
        let rows = teams.iter().zip(of_team).map(|(team, work)| {
            let own = disciplines(team.text("disciplines").unwrap_or_default()).unwrap_or_default();
            let efforts: Vec<Efforts> = work.iter().map(|item| Efforts::of(&item.values)).collect();
            let cell = |(quarter, span): (&Quarter, &Option<(domain::Date, domain::Date)>)| {
                let days = days.get(&(team.id, *quarter)).copied();
                let part = |item: &&Work| span.map_or(0, |(from, to)| item.span.part(item.effort, from, to));
                let ask = |item: &&Work| Ask { effort: part(item), done: item.status == Status::Done };
                let asks: Vec<Ask> = work.iter().map(ask).collect();
                let line = Line::of(&asks, days.map_or(u64::MAX, tenths));
                let below = line.below.iter().map(|at| work[*at].clone()).collect();
                let taken = work.iter().zip(&efforts).flat_map(|(item, efforts)| {
                    efforts.iter().map(move |(name, tenths)| {
                        (name, span.map_or(0, |(from, to)| item.span.part(tenths, from, to)))
                    })
                });
                let disciplines = by_discipline(&own, days, taken);
                Cell { days, planned: line.planned, below, disciplines }
            };
            let cells = quarters.iter().zip(&spans).map(cell).collect();
            TeamRow { team: team.clone(), may_set: self.leads(team), cells }
        });
        let rows = rows.collect();
        let requests = self.requests(&teams).await?;
        Ok(Capacities { quarters, teams: rows, unassigned, products, is_cut, requests })
    }

    /// The days of teams by quarter.
    async fn days(&self) -> Result<BTreeMap<(RecordId, Quarter), u32>, Error> {
        let records = self.product_records(&CAPACITY, None).await?;
        let days = records.iter().filter_map(capacity_of);
        Ok(days.map(|(team, quarter, days)| ((team, quarter), days)).collect())
    }

    async fn requests(&self, teams: &[Record]) -> Result<Vec<Request>, Error> {
        let mut records = self.product_records(&CAPACITY_REQUEST, None).await?;
        records.sort_by_key(|record| std::cmp::Reverse(record.id));
        let request = |record: &Record| {
            let said = capacity_request_of(record)?;
            let team = teams.iter().find(|team| team.id == said.team)?;
            Some(Request {
                id: record.id,
                team: TEAM.name_of(team),
                asked: record.created,
                answered: said.answer.map(|_| record.changed),
                may_answer: said.answer.is_none() && self.leads(team),
                said,
            })
        };
        Ok(records.iter().filter_map(request).collect())
    }

    /// Items in the order of their boards: by lane, then by their place in it. Equal places follow
    /// the order of the products.
    async fn ranked(&self, mut work: Vec<Work>, products: &[Product]) -> Result<Vec<Work>, Error> {
        let roadmaps = padded(products.iter().map(|product| product.roadmap.to_string()));
        let mut lanes = lane::Entity::find()
            .filter(lane::Column::WorkspaceId.eq(self.workspace.to_string()))
            .filter(lane::Column::RoadmapId.is_in(roadmaps))
            .filter(lane::Column::DeletedMs.is_null())
            .all(self.backend.db.reader())
            .await?;
        lanes.sort_by(|one, other| {
            (&one.roadmap_id, &one.rank, &one.id).cmp(&(&other.roadmap_id, &other.rank, &other.id))
        });
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        let mut before = (String::new(), 0);
        for lane in lanes {
            before = (lane.roadmap_id.clone(), if lane.roadmap_id == before.0 { before.1 + 1 } else { 0 });
            places.insert(lane.id, before.1);
        }
        let product: BTreeMap<RoadmapId, usize> =
            products.iter().enumerate().map(|(at, product)| (product.roadmap, at)).collect();
        let lane = |work: &Work| places.get(&work.lane).copied().unwrap_or(usize::MAX);
        work.sort_by(|one, other| {
            let key = |work: &Work| (work.roadmap, lane(work));
            key(one).cmp(&key(other)).then_with(|| one.rank.cmp(&other.rank))
        });
        // The place within the lane, then all lanes of a place together.
        let (mut before, mut at, mut placed) = (None, 0_usize, Vec::with_capacity(work.len()));
        for item in work {
            let here = (item.roadmap, lane(&item));
            at = if before == Some(here) { at + 1 } else { 0 };
            before = Some(here);
            placed.push((here.1, at, product.get(&item.roadmap).copied(), item));
        }
        placed.sort_by_key(|(lane, at, product, _)| (*lane, *at, *product));
        Ok(placed.into_iter().map(|(.., item)| item).collect())
    }

    /// The days of teams in quarters that have some, for a board that shows some of these products. What is planned in the others is
    /// summed up.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn team_quarters(
        &self,
        now: Quarter,
        shown: &[RoadmapId],
        products: Vec<Product>,
    ) -> Result<Vec<TeamQuarter>, Error> {
        let days = self.days().await?;
        let quarters: Vec<Quarter> = (-1..).take(MOST_QUARTERS).map(|at| now.plus(at)).collect();
        let is_near = |(_, quarter): &(RecordId, Quarter)| quarters.contains(quarter);
        if !days.keys().any(&is_near) {
            return Ok(Vec::new());
        }
        let teams = self.records(&TEAM).await?;
        let year = self.fiscal_year().await?;
        let others: Vec<Product> =
            products.into_iter().filter(|product| !shown.contains(&product.roadmap)).collect();
        let ends = quarters.first().zip(quarters.last());
        let ends = ends.and_then(|(first, last)| year.first_day(*first).zip(year.last_day(*last)));
        let work = match ends {
            Some((first, last)) => {
                let of_teams = |rows: sea_orm::Select<item::Entity>| {
                    rows.filter(item::Column::EffortTenths.gt(0))
                        .filter(item::Column::FieldValues.contains("\"team\""))
                };
                self.work_between(&others, first, last, of_teams).await?.0
            }
            None => Vec::new(),
        };
        let mut of_team: BTreeMap<String, Vec<&Work>> = BTreeMap::new();
        for item in &work {
            if let Some(name) = item.team() {
                of_team.entry(name_key(name)).or_default().push(item);
            }
        }
        let row = |((team, quarter), days): (&(RecordId, Quarter), &u32)| {
            let team = TEAM.name_of(teams.iter().find(|other| other.id == *team)?);
            let (from, to) = year.days(*quarter)?;
            let own = of_team.get(&name_key(&team)).into_iter().flatten();
            let elsewhere = own.map(|item| item.span.part(item.effort, from, to)).sum();
            Some(TeamQuarter { team, quarter: quarter.to_string(), capacity: tenths(*days), elsewhere })
        };
        Ok(days.iter().filter(|(key, _)| is_near(key)).filter_map(row).collect())
    }

    /// Sets the days of a team in some quarters; without days, nobody has said.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for those who neither lead the team nor own the workspace.
    pub async fn set_capacity(&self, team: RecordId, wanted: &[(Quarter, Option<u32>)]) -> Result<(), Error> {
        if wanted.len() > MOST_QUARTERS {
            return Err(Error::Invalid(format!("Set at most {MOST_QUARTERS} quarters at once.")));
        }
        change!(self.backend, |tx| {
            let change = RecordTx::by_member(tx, self, Role::Viewer).await?;
            let team = led(&change, team).await?;
            let all = records::of_kind(tx, &change.workspace.to_string(), &CAPACITY).await?;
            for (quarter, days) in wanted {
                self.write_capacity(&change, &all, &team, *quarter, *days).await?;
            }
            Ok(())
        })?;
        self.backend.records_changed();
        Ok(())
    }

    async fn write_capacity(
        &self,
        change: &RecordTx<'_>,
        all: &[Record],
        team: &Record,
        quarter: Quarter,
        days: Option<u32>,
    ) -> Result<(), Error> {
        let is_it = |record: &&Record| {
            capacity_of(record).is_some_and(|(of, then, _)| (of, then) == (team.id, quarter))
        };
        let present = all.iter().find(is_it);
        let stands = present.filter(|record| record.deleted.is_none());
        let Some(days) = days else {
            let Some(record) = stands else { return Ok(()) };
            return self
                .write_record(change, &CAPACITY, all, Some(record), (RecordDid::Deleted, Vec::new()))
                .await;
        };
        let values = [
            ("name", Value::Text(name_of(team, quarter))),
            ("team", Value::Text(team.id.to_string())),
            ("quarter", Value::Text(quarter.to_string())),
            ("days", Value::Number(days.into())),
        ];
        if let (Some(record), None) = (present, stands) {
            self.write_record(change, &CAPACITY, all, Some(record), (RecordDid::Restored, Vec::new()))
                .await?;
            let mut record = record.clone();
            record.version += 1;
            record.deleted = None;
            return self.change_record(change, &CAPACITY, all, Some(&record), values).await;
        }
        if present.is_none() {
            check_amount(change, &CAPACITY, amounts::CAPACITIES).await?;
        }
        self.change_record(change, &CAPACITY, all, present, values).await
    }

    /// Asks the lead of a team for more days in a quarter.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it does not say what they are for.
    pub async fn ask_for_capacity(
        &self,
        team: RecordId,
        quarter: Quarter,
        days: u32,
        reason: String,
    ) -> Result<(), Error> {
        change!(self.backend, |tx| {
            let change = RecordTx::by_member(tx, self, Role::Editor).await?;
            let team = team_in(&change, team).await?;
            let all = records::of_kind(tx, &change.workspace.to_string(), &CAPACITY_REQUEST).await?;
            let waits = |record: &&Record| {
                record.created.by == change.actor
                    && capacity_request_of(record).is_some_and(|request| request.answer.is_none())
            };
            if all.iter().filter(waits).count() >= MOST_WAITING {
                return Err(Error::Conflict(format!(
                    "{MOST_WAITING} of your requests wait for an answer. Ask again when some are answered."
                )));
            }
            check_amount(&change, &CAPACITY_REQUEST, amounts::CAPACITY_REQUESTS).await?;
            let values = [
                ("name", Value::Text(name_of(&team, quarter))),
                ("team", Value::Text(team.id.to_string())),
                ("quarter", Value::Text(quarter.to_string())),
                ("days", Value::Number(days.into())),
                ("reason", Value::Text(reason.trim().to_owned())),
            ];
            self.change_record(&change, &CAPACITY_REQUEST, &all, None, values).await
        })?;
        self.backend.records_changed();
        Ok(())
    }

    /// Answers a request. Yes adds its days to those of the team, where they are known.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for those who neither lead the team nor own the workspace, [`Error::Conflict`] when it is answered already.
    pub async fn answer_request(&self, id: RecordId, yes: bool, because: String) -> Result<(), Error> {
        change!(self.backend, |tx| {
            let change = RecordTx::by_member(tx, self, Role::Viewer).await?;
            let workspace = change.workspace.to_string();
            let all = records::of_kind(tx, &workspace, &CAPACITY_REQUEST).await?;
            let found = all.iter().find(|record| record.id == id && record.deleted.is_none());
            let record = found.ok_or_else(|| records::unknown(&CAPACITY_REQUEST))?;
            let request = capacity_request_of(record).ok_or_else(|| records::unknown(&CAPACITY_REQUEST))?;
            let team = led(&change, request.team).await?;
            if request.answer.is_some() {
                return Err(Error::Conflict(
                    "This request has an answer already. Reload the page.".to_owned(),
                ));
            }
            let answer = if yes { "yes" } else { "no" };
            let values = [
                ("answer", Value::Text(answer.to_owned())),
                ("because", Value::Text(because.trim().to_owned())),
            ];
            self.change_record(&change, &CAPACITY_REQUEST, &all, Some(record), values).await?;
            if yes {
                let capacities = records::of_kind(tx, &workspace, &CAPACITY).await?;
                let has = capacities.iter().filter(|record| record.deleted.is_none()).filter_map(capacity_of);
                let has = has.filter(|(of, then, _)| (*of, *then) == (team.id, request.quarter));
                let has: u32 = has.map(|(.., days)| days).sum();
                let days = std::cmp::Ord::min(has.saturating_add(request.days), MOST_DAYS);
                self.write_capacity(&change, &capacities, &team, request.quarter, Some(days)).await?;
            }
            Ok(())
        })?;
        self.backend.records_changed();
        Ok(())
    }

    async fn change_record(
        &self,
        change: &RecordTx<'_>,
        def: &RecordDef,
        all: &[Record],
        present: Option<&Record>,
        values: impl IntoIterator<Item = (&'static str, Value)>,
    ) -> Result<(), Error> {
        // An empty text is no value.
        let is_something = |(_, value): &(&'static str, Value)| *value != Value::Text(String::new());
        let changes = changes(present, values.into_iter().filter(is_something))?;
        if changes.is_empty() {
            return Ok(());
        }
        let did = present.map_or(RecordDid::Created, |_| RecordDid::Changed);
        self.write_record(change, def, all, present, (did, changes)).await
    }

    async fn write_record(
        &self,
        change: &RecordTx<'_>,
        def: &RecordDef,
        all: &[Record],
        present: Option<&Record>,
        (did, changes): (RecordDid, Vec<domain::RecordChange>),
    ) -> Result<(), Error> {
        let stamp = Stamp { by: change.actor, at: change.at };
        let fresh = || Record {
            id: new_id(RecordId::new),
            product: None,
            version: 0,
            values: Values::new(),
            created: stamp,
            changed: stamp,
            deleted: None,
        };
        let mut record = present.cloned().unwrap_or_else(fresh);
        record.apply(&changes);
        record.version += 1;
        record.changed = stamp;
        record.deleted = (did == RecordDid::Deleted).then_some(stamp);
        let others: Vec<Record> = all.iter().filter(|other| other.deleted.is_none()).cloned().collect();
        def.check(&record, &others).map_err(Error::Invalid)?;
        records::write(change.tx, &change.workspace.to_string(), def, &record, present.is_none()).await?;
        self.audit_record(change, def, &record, (did, changes, None)).await
    }
}

/// The days of a team by discipline, and what is taken of them.
fn by_discipline<'a>(
    own: &[Discipline],
    days: Option<u32>,
    taken: impl Iterator<Item = (&'a str, u64)>,
) -> Vec<DisciplineDays> {
    let row = |discipline: &Discipline| {
        let days = days.map(|days| discipline.part_of(tenths(days)));
        DisciplineDays { name: discipline.name.clone(), planned: 0, days }
    };
    let mut rows: Vec<DisciplineDays> = own.iter().map(row).collect();
    let mut places: HashMap<String, usize> =
        rows.iter().enumerate().map(|(at, row)| (name_key(&row.name), at)).collect();
    for (name, tenths) in taken.filter(|(_, tenths)| *tenths > 0) {
        let at = *places.entry(name_key(name)).or_insert_with(|| {
            rows.push(DisciplineDays { name: name.to_owned(), planned: 0, days: None });
            rows.len() - 1
        });
        rows[at].planned += tenths;
    }
    let others = rows.split_off(own.len());
    rows.retain(|row| row.planned > 0 || row.days.is_some());
    rows.extend(largest(others));
    rows
}

/// Those of which most is planned; the rest as one.
fn largest(mut rows: Vec<DisciplineDays>) -> Vec<DisciplineDays> {
    rows.sort_by(|one, other| other.planned.cmp(&one.planned).then_with(|| one.name.cmp(&other.name)));
    let rest = rows.split_off(rows.len().min(MOST_OTHERS));
    if !rest.is_empty() {
        let planned = rest.iter().map(|row| row.planned).sum();
        rows.push(DisciplineDays { name: "Others".to_owned(), planned, days: None });
    }
    rows
}

/// What the days of a team in a quarter are called, for those who read the audit log.
fn name_of(team: &Record, quarter: Quarter) -> String {
    // A line has 200 characters at most, and so may the name of a team.
    let team: String = TEAM.name_of(team).chars().take(180).collect();
    format!("{team}, {quarter}")
}

/// A team that is there.
async fn team_in(change: &RecordTx<'_>, id: RecordId) -> Result<Record, Error> {
    let workspace = change.workspace.to_string();
    let teams = records::by_ids(change.tx, &workspace, &TEAM, vec![id.to_string()]).await?;
    let team = teams.into_iter().find(|team| team.deleted.is_none());
    team.ok_or_else(|| records::unknown(&TEAM))
}

/// The same, where it is led by who changes its days.
async fn led(change: &RecordTx<'_>, id: RecordId) -> Result<Record, Error> {
    let team = team_in(change, id).await?;
    let is_lead = |user: UserId| lead_of(&team) == Some(user);
    if is_lead(change.actor) || change.role_of(change.actor).await? == Some(Role::Owner) {
        return Ok(team);
    }
    let name = TEAM.name_of(&team);
    Err(Error::Forbidden(format!(
        "Only the lead of {name} and owners change its capacity. Ask for the days you need."
    )))
}

async fn check_amount(change: &RecordTx<'_>, def: &RecordDef, most: Amount) -> Result<(), Error> {
    let rows = record::Entity::find()
        .filter(record::Column::WorkspaceId.eq(change.workspace.to_string()))
        .filter(record::Column::Kind.eq(def.kind));
    most.check(change.tx, rows).await
}
