//! Whom names in texts mean: members as they are called now, and as they were called when somebody wrote it.

use std::collections::{BTreeMap, HashSet};

use domain::{ItemId, UserId, WorkspaceId, mentions};
use sea_orm::{ColumnTrait, EntityTrait, JoinType, QueryFilter, QuerySelect};

use crate::{
    Backend, Error,
    codec::parse,
    entity::{account, member, mention},
    people::members,
};

/// The most people that one text mentions.
const MOST: usize = 50;

/// Names, and whom they mean. Two people of one name are both meant.
#[derive(Debug, Default)]
pub(crate) struct Names {
    people: BTreeMap<String, Vec<UserId>>,
    /// How present members are called.
    current: BTreeMap<UserId, String>,
    /// What was mentioned where, with the name as it was written.
    pub(super) found: HashSet<(ItemId, UserId, String)>,
}

impl Names {
    pub(crate) async fn read(backend: &Backend, workspace: WorkspaceId) -> Result<Self, Error> {
        let db = backend.db.reader();
        let mut names = Self::default();
        let rows: Vec<(String, String)> = member::Entity::find()
            .select_only()
            .column(member::Column::UserId)
            .column(account::Column::Name)
            .join(JoinType::InnerJoin, members::with_account())
            .filter(member::Column::WorkspaceId.eq(workspace.to_string()))
            .filter(member::Column::RemovedMs.is_null())
            .into_tuple()
            .all(db)
            .await?;
        for (user, name) in rows {
            let user: UserId = parse(&user)?;
            names.people.entry(name.clone()).or_default().push(user);
            names.current.insert(user, name);
        }
        let written: Vec<(String, String)> = mention::Entity::find()
            .select_only()
            .columns([mention::Column::UserId, mention::Column::Name])
            .distinct()
            .filter(mention::Column::WorkspaceId.eq(workspace.to_string()))
            .into_tuple()
            .all(db)
            .await?;
        // Names that people had.
        for (user, name) in written {
            let user: UserId = parse(&user)?;
            // Who has the name now comes before who had it.
            let is_free = names.people.get(&name).is_none_or(|users| {
                users.iter().all(|user| names.current.get(user).is_none_or(|current| *current != name))
            });
            if is_free && names.current.contains_key(&user) {
                names.people.entry(name).or_default().push(user);
            }
        }
        Ok(names)
    }

    /// Names of present members.
    #[cfg(test)]
    pub(crate) fn of(people: &[(&str, UserId)]) -> Self {
        let mut names = Self::default();
        for (name, user) in people {
            names.people.entry((*name).to_owned()).or_default().push(*user);
            names.current.insert(*user, (*name).to_owned());
        }
        names
    }

    /// Who is mentioned in a text, and was not in the one before.
    pub(super) fn new_in(&mut self, before: &str, after: &str, item: ItemId) -> Vec<UserId> {
        let was: HashSet<UserId> = self.in_text(before).into_iter().map(|(user, _)| user).collect();
        let mut new = Vec::new();
        for (user, name) in self.in_text(after) {
            if !was.contains(&user) && !new.contains(&user) {
                self.found.insert((item, user, name));
                new.push(user);
            }
        }
        new
    }

    fn in_text(&self, text: &str) -> Vec<(UserId, String)> {
        let names: Vec<&str> = self.people.keys().map(String::as_str).collect();
        let found = mentions(text, &names).flat_map(|(_, index)| {
            let name = names[index];
            self.people[name].iter().map(move |user| (*user, name.to_owned()))
        });
        found.take(MOST).collect()
    }

    /// The names, each with how the person is called who is meant, where that is one alone.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, Option<(UserId, &str)>)> {
        self.people.iter().map(|(name, users)| {
            let person = match users[..] {
                [user] => self.current.get(&user).map(|current| (user, current.as_str())),
                _ => None,
            };
            (name.as_str(), person)
        })
    }
}
