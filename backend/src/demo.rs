//! The sample organisation: an invented group with a shop, stores and warehouses, made through the same services that
//! people use.

mod text;
mod votes;

use std::collections::{BTreeSet, HashMap};

use domain::{
    CommentId, Date, Description, ItemFields, ItemId, LaneId, Op, Place, Product, ProductKind, Role, Stage,
    Status, Tag,
    wire::{Acked, Outcome},
};

use crate::{
    Backend, Error, Profile, Viewer,
    clock::{new_id, now},
    people::NewUser,
};
use text::Sketch;

const ORGANISATION: &str = "Havnvik Group";

/// Names and roles. The first of each role is whom the sign-in page offers.
const PEOPLE: [(&str, Role); 9] = [
    ("Astrid Lunde", Role::Owner),
    ("Mei Tanaka", Role::Editor),
    ("Ruth Okafor", Role::Stakeholder),
    ("Oskar Nyman", Role::Viewer),
    ("Ingrid Solberg", Role::Editor),
    ("Tomasz Wilk", Role::Editor),
    ("Daniel Berg", Role::Stakeholder),
    ("Leila Haddad", Role::Stakeholder),
    ("Jonas Reed", Role::Viewer),
];

struct Sample {
    key: &'static str,
    name: &'static str,
    kind: ProductKind,
    stage: Stage,
    purpose: &'static str,
    /// First name of the editor who makes it.
    maker: &'static str,
    roadmap: &'static str,
}

const PRODUCTS: [Sample; 4] = [
    Sample {
        key: "ERP",
        name: "ERP platform",
        kind: ProductKind::Platform,
        stage: Stage::Maturity,
        purpose: "Finance, purchasing, stock and planning for every company of the group.",
        maker: "Mei",
        roadmap: include_str!("demo/erp.txt"),
    },
    Sample {
        key: "DESK",
        name: "Desktop support",
        kind: ProductKind::SupportService,
        stage: Stage::Growth,
        purpose: "Keeps 2,400 people and their devices at work.",
        maker: "Ingrid",
        roadmap: include_str!("demo/desk.txt"),
    },
    Sample {
        key: "SHOP",
        name: "Havnvik online",
        kind: ProductKind::RevenueProduct,
        stage: Stage::Growth,
        purpose: "Sells to gardeners and farms in five countries.",
        maker: "Tomasz",
        roadmap: include_str!("demo/shop.txt"),
    },
    Sample {
        key: "FARM",
        name: "Farm-supply stores",
        kind: ProductKind::Service,
        stage: Stage::Maturity,
        purpose: "Tills, scales and back office of 63 stores.",
        maker: "Ingrid",
        roadmap: include_str!("demo/farm.txt"),
    },
];

impl Backend {
    /// Lets anybody sign in as one of the sample organisation's people, and makes that organisation when the database
    /// is empty.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the database holds another organisation: nobody may sign in there without a password.
    pub async fn into_demo(mut self) -> Result<Self, Error> {
        match self.people().workspace().await? {
            None => self.fill().await?,
            Some(workspace) if &*workspace.name == ORGANISATION => {}
            Some(workspace) => {
                return Err(Error::Conflict(format!(
                    "The database holds {}, not the sample organisation. Choose an empty one for a demonstration.",
                    workspace.name
                )));
            }
        }
        self.people.demo = true;
        Ok(self)
    }

    async fn fill(&self) -> Result<(), Error> {
        let mut people = HashMap::new();
        for (name, role) in PEOPLE {
            let (first, email) = names(name);
            let user = match role {
                Role::Owner => {
                    let founding = self
                        .people()
                        .found(ORGANISATION.parse()?, name.parse()?, email.parse()?, None, None)
                        .await?;
                    self.people().sign_out(&founding.session.secret).await?;
                    founding.owner
                }
                role => {
                    let user = NewUser { email: email.parse()?, name: name.parse()?, role, password: None };
                    self.people().add_user(user).await?
                }
            };
            people.insert(first, self.people().on_behalf_of(user).await?);
        }
        for sample in &PRODUCTS {
            plan(&people, sample).await?;
        }
        votes::hold(&people).await
    }
}

/// First name and address.
fn names(name: &'static str) -> (&'static str, String) {
    let (first, last) = name.split_once(' ').unwrap_or((name, name));
    (first, format!("{first}.{last}@havnvik.example").to_lowercase())
}

type People = HashMap<&'static str, Viewer>;

async fn plan(people: &People, sample: &Sample) -> Result<(), Error> {
    let maker = person(people, sample.maker)?;
    let profile = Profile {
        name: sample.name.parse()?,
        kind: sample.kind,
        stage: sample.stage,
        purpose: sample.purpose.parse()?,
    };
    let product = maker.as_editor()?.create_product(sample.key.parse()?, profile).await?;
    let sketches: Vec<(ItemId, Sketch)> =
        text::read(sample.roadmap).into_iter().map(|sketch| (new_id(ItemId::new), sketch)).collect();
    write_items(maker, people, &product, &sketches).await?;
    for (first, viewer) in people {
        let votes = sketches.iter().filter(|(_, sketch)| sketch.voters.contains(first));
        let votes: Vec<Op> = votes.map(|(item, _)| Op::Upvote { item: *item }).collect();
        submit(viewer, &product, votes).await?;
    }
    for (item, sketch) in &sketches {
        for (author, said) in &sketch.comments {
            let comment = Op::AddComment { id: new_id(CommentId::new), item: *item, body: said.parse()? };
            submit(person(people, author)?, &product, vec![comment]).await?;
        }
    }
    Ok(())
}

async fn write_items(
    maker: &Viewer,
    people: &People,
    product: &Product,
    sketches: &[(ItemId, Sketch)],
) -> Result<(), Error> {
    let view = maker.view(product.roadmap).await?;
    let lanes: HashMap<String, LaneId> =
        view.roadmap.lanes().map(|lane| (lane.name.to_string(), lane.id)).collect();
    let lane = |name: &str| {
        lanes.get(name).copied().ok_or_else(|| Error::internal(format!("a new roadmap has no lane {name}")))
    };
    let today = now().utc().date;
    let mut create = Vec::new();
    let mut later = Vec::new();
    for (id, sketch) in sketches {
        let first = if sketch.moved { "Later" } else { sketch.lane };
        let fields = Box::new(fields(sketch, people, today)?);
        let place = if sketch.moved { Place::Last } else { Place::First };
        create.push(Op::CreateItem { id: *id, lane: lane(first)?, place, fields });
        if sketch.moved {
            later.push(Op::MoveItems { ids: vec![*id], lane: lane(sketch.lane)?, place: Place::First });
        }
    }
    // Each is put on top of its lane, so the last one written comes first.
    create.reverse();
    later.reverse();
    submit(maker, product, create).await?;
    submit(maker, product, later).await
}

fn fields(sketch: &Sketch, people: &People, today: Date) -> Result<ItemFields, Error> {
    let invalid = |error: String| Error::internal(format!("{}: {error}", sketch.title));
    let day = |weeks: i32| today.plus_weeks(weeks).ok_or_else(|| invalid("beyond the calendar".to_owned()));
    let days = sketch.weeks.map(|(start, end)| Ok::<_, Error>((day(start)?, day(end)?))).transpose()?;
    let tags = sketch.tags.iter().map(|tag| Tag::parse(tag)).collect::<Result<BTreeSet<_>, _>>()?;
    Ok(ItemFields {
        description: Description::parse(&sketch.description)?,
        kind: sketch.kind.parse().map_err(invalid)?,
        investment: Some(sketch.investment.parse().map_err(invalid)?),
        effort: Some(sketch.effort.parse().map_err(invalid)?),
        start: days.map(|(start, _)| start),
        end: days.map(|(_, end)| end),
        owner: Some(person(people, sketch.owner)?.member().id),
        tags,
        status: sketch.status.parse::<Status>().map_err(invalid)?,
        ..ItemFields::titled(sketch.title.parse()?)
    })
}

fn person<'a>(people: &'a People, first: &str) -> Result<&'a Viewer, Error> {
    people.get(first).ok_or_else(|| Error::internal(format!("nobody is called {first}")))
}

/// Does operations, all of which must be accepted.
async fn submit(viewer: &Viewer, product: &Product, ops: Vec<Op>) -> Result<(), Error> {
    if ops.is_empty() {
        return Ok(());
    }
    let answers = viewer.submit(product.roadmap, ops).await?;
    match answers.into_iter().find_map(refusal) {
        Some(refused) => Err(refused),
        None => Ok(()),
    }
}

fn refusal(answer: Acked) -> Option<Error> {
    match answer.outcome {
        Outcome::Accepted { .. } => None,
        Outcome::Refused(reject) => Some(reject.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_texts_are_written_properly() {
        let (people, roles): (Vec<_>, Vec<_>) =
            PEOPLE.iter().map(|(name, role)| (names(name).0, role.can_vote())).unzip();
        for sample in &PRODUCTS {
            let sketches = text::read(sample.roadmap);
            assert!(sketches.len() >= 12, "{} has {}", sample.key, sketches.len());
            for sketch in sketches {
                assert!(["Now", "Next", "Later", "Done"].contains(&sketch.lane), "{}", sketch.title);
                assert!(people.contains(&sketch.owner), "{}: {}", sketch.title, sketch.owner);
                for name in sketch.voters.iter().chain(sketch.comments.iter().map(|(name, _)| name)) {
                    let index = people.iter().position(|person| person == name);
                    assert!(index.is_some_and(|index| roles[index]), "{}: {name} cannot", sketch.title);
                }
            }
        }
    }
}
