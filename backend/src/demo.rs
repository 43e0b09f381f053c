//! The sample organisation: an invented group with a shop, stores and warehouses, made through the same services that
//! people use.

mod deciding;
mod figures;
mod lifecycle;
mod outcomes;
mod past;
mod text;
mod votes;

use std::collections::HashMap;

use domain::{
    ItemId, LaneId, Op, Product, ProductKind, RoadmapId, Role, Stage, Timestamp, UserId, wire::Outcome,
};

use crate::{
    Backend, Error, Profile, Viewer,
    clock::{in_the_past, new_id, now},
    people::NewUser,
    rooms::PastEdit,
};
use past::{Calendar, FIRST};
use text::Sketch;

const ORGANISATION: &str = "Havnvik Group";

/// How long ago what came last was done, in milliseconds.
const LATELY: i64 = 2 * 60 * 1_000;

/// How many days ago the plan of the quarter was agreed.
const QUARTER: i64 = 60;

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
    /// Whether quarters are promised to those who wait.
    promises: bool,
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
        promises: false,
        roadmap: include_str!("demo/erp.txt"),
    },
    Sample {
        key: "DESK",
        name: "Desktop support",
        kind: ProductKind::SupportService,
        stage: Stage::Growth,
        purpose: "Keeps 2,400 people and their devices at work.",
        maker: "Ingrid",
        promises: false,
        roadmap: include_str!("demo/desk.txt"),
    },
    Sample {
        key: "SHOP",
        name: "Havnvik online",
        kind: ProductKind::RevenueProduct,
        stage: Stage::Growth,
        purpose: "Sells to gardeners and farms in five countries.",
        maker: "Tomasz",
        promises: true,
        roadmap: include_str!("demo/shop.txt"),
    },
    Sample {
        key: "FARM",
        name: "Farm-supply stores",
        kind: ProductKind::Service,
        stage: Stage::Maturity,
        purpose: "Tills, scales and back office of 63 stores.",
        maker: "Ingrid",
        promises: false,
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
        let calendar = Calendar { now: now() };
        let people = self.gather(calendar.moment(FIRST + 8, 0)).await?;
        let mut roadmaps = Vec::new();
        for sample in &PRODUCTS {
            let begun = calendar.moment(FIRST + 4, 0);
            roadmaps.push(in_the_past(begun, plan(&people, sample, calendar)).await?);
        }
        for (product, edits) in &mut roadmaps {
            let since = edits.split_off(edits.partition_point(|edit| edit.at < votes::decided(calendar)));
            let before = std::mem::replace(edits, since);
            let moments: Vec<Timestamp> = before.iter().map(|edit| edit.at).collect();
            let last = submit(&people, product, before).await?;
            let quarter = calendar.moment(QUARTER, 0);
            let later = u64::try_from(moments.iter().filter(|at| **at > quarter).count()).unwrap_or_default();
            let planner = person(&people, "Astrid")?.as_editor()?;
            let name = "Agreed at the steering meeting".parse()?;
            in_the_past(quarter, planner.name_baseline(&product.key, last - later, name)).await?;
        }
        votes::decide(&people, calendar).await?;
        for (product, edits) in roadmaps {
            submit(&people, &product, edits).await?;
        }
        votes::ask(&people, calendar).await?;
        figures::measure(&people).await?;
        // After all that was told of roadmaps, and before anybody looks at them.
        let lately = Timestamp(calendar.now.0 - LATELY);
        let decided = async {
            deciding::decide(&people).await?;
            outcomes::tell(&people).await?;
            lifecycle::live(&people).await
        };
        in_the_past(lately, decided).await
    }

    /// Founds the organisation and lets its people in, a minute after each other: whom the sign-in page offers is who came
    /// first.
    async fn gather(&self, mut at: Timestamp) -> Result<People, Error> {
        let mut people = HashMap::new();
        for (name, role) in PEOPLE {
            let (first, user) = in_the_past(at, self.let_in(name, role)).await?;
            people.insert(first, self.people().on_behalf_of(user).await?);
            at.0 += 60_000;
        }
        Ok(people)
    }

    async fn let_in(&self, name: &'static str, role: Role) -> Result<(&'static str, UserId), Error> {
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
        Ok((first, user))
    }
}

/// First name and address.
fn names(name: &'static str) -> (&'static str, String) {
    let (first, last) = name.split_once(' ').unwrap_or((name, name));
    (first, format!("{first}.{last}@havnvik.example").to_lowercase())
}

type People = HashMap<&'static str, Viewer>;

/// Makes a product, and says what is to happen to its roadmap.
async fn plan(
    people: &People,
    sample: &Sample,
    calendar: Calendar,
) -> Result<(Product, Vec<PastEdit>), Error> {
    let maker = person(people, sample.maker)?;
    let profile = Profile {
        name: sample.name.parse()?,
        kind: sample.kind,
        stage: sample.stage,
        purpose: sample.purpose.parse()?,
    };
    let product = maker.as_editor()?.create_product(sample.key.parse()?, profile).await?;
    let mut sketches: Vec<(ItemId, Sketch)> =
        text::read(sample.roadmap).into_iter().map(|sketch| (new_id(ItemId::new), sketch)).collect();
    for (_, sketch) in &mut sketches {
        sketch.promised = sample.promises && sketch.weeks.is_some();
    }
    let view = maker.view(product.roadmap).await?;
    let lanes: HashMap<String, LaneId> =
        view.roadmap.lanes().map(|lane| (lane.name.to_string(), lane.id)).collect();
    Ok((product, past::tell(people, sample.maker, &sketches, &lanes, calendar)?))
}

fn person<'a>(people: &'a People, first: &str) -> Result<&'a Viewer, Error> {
    people.get(first).ok_or_else(|| Error::internal(format!("nobody is called {first}")))
}

/// Does what one person does to a roadmap, all of which must be accepted.
async fn edit(viewer: &Viewer, roadmap: RoadmapId, ops: Vec<Op>) -> Result<(), Error> {
    for answer in viewer.submit(roadmap, ops).await? {
        if let Outcome::Refused(reject) = answer.outcome {
            return Err(reject.into());
        }
    }
    Ok(())
}

/// Does what people did, all of which must be accepted. Returns the last entry of the log.
async fn submit(people: &People, product: &Product, edits: Vec<PastEdit>) -> Result<u64, Error> {
    let answers = person(people, "Astrid")?.submit_past(product.roadmap, edits).await?;
    answers.into_iter().try_fold(0, |_, answer| match answer.outcome {
        Outcome::Accepted { seq } => Ok(seq),
        Outcome::Refused(reject) => Err(reject.into()),
    })
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
                assert!(["Now", "Next", "Later", "Done", "Bin"].contains(&sketch.lane), "{}", sketch.title);
                assert!(people.contains(&sketch.owner), "{}: {}", sketch.title, sketch.owner);
                for name in sketch.voters.iter().chain(sketch.comments.iter().map(|(name, _)| name)) {
                    let index = people.iter().position(|person| person == name);
                    assert!(index.is_some_and(|index| roles[index]), "{}: {name} cannot", sketch.title);
                }
            }
        }
    }
}
