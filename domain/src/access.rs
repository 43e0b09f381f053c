//! Who sees a product, and what they may do in it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Role, SegmentId, UserId, choices};

/// The most grants of a product.
pub const MAX_GRANTS: usize = 200;

choices! {
    /// To whom a product exists.
    Visibility {
        Everyone = "everyone", "Everyone in the workspace";
        Chosen = "chosen", "Only chosen people and groups";
    }
}

/// A person, or all members of a group, to whom a product gives a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holder {
    Person(UserId),
    /// A segment of people.
    Group(SegmentId),
}

/// A role that a product gives somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    pub to: Holder,
    pub role: Role,
}

/// To whom a product exists, and what they may do in it.
///
/// The most specific scope decides: a role given to a person counts before those of their groups, of which the highest counts, and
/// these before the role in the workspace. Owners of the workspace are owners of each product: nobody can lock them out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductAccess {
    pub visibility: Visibility,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grants: Vec<Grant>,
}

impl Default for ProductAccess {
    fn default() -> Self {
        Self { visibility: Visibility::Everyone, grants: Vec::new() }
    }
}

/// Why an access cannot be so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAccess {
    #[error(
        "A product can give a role to at most {MAX_GRANTS} people and groups. Use a group for several people."
    )]
    TooMany,
    #[error("Owners of the workspace own every product. Choose editor, stakeholder or viewer.")]
    Owner,
}

impl ProductAccess {
    /// What a member may do in the product; `None` to whom it does not exist. `belongs` says whether they are in a group.
    pub fn role_of(&self, user: UserId, role: Role, belongs: impl Fn(SegmentId) -> bool) -> Option<Role> {
        if role == Role::Owner {
            return Some(role);
        }
        let own = self.grants.iter().find(|grant| grant.to == Holder::Person(user));
        let of_groups = || {
            let groups = self.grants.iter().filter(|grant| match grant.to {
                Holder::Group(group) => belongs(group),
                Holder::Person(_) => false,
            });
            groups.map(|grant| grant.role).max()
        };
        let of_workspace = || (self.visibility == Visibility::Everyone).then_some(role);
        own.map(|grant| grant.role).or_else(of_groups).or_else(of_workspace)
    }

    /// Gives a role, in place of one that was given before, or takes it.
    ///
    /// # Errors
    /// For the role of an owner, and for more than [`MAX_GRANTS`].
    pub fn grant(&mut self, to: Holder, role: Option<Role>) -> Result<(), InvalidAccess> {
        if role == Some(Role::Owner) {
            return Err(InvalidAccess::Owner);
        }
        let place = self.grants.iter().position(|grant| grant.to == to);
        match (place, role) {
            (Some(place), Some(role)) => self.grants[place].role = role,
            (Some(place), None) => drop(self.grants.remove(place)),
            (None, Some(_)) if self.grants.len() >= MAX_GRANTS => return Err(InvalidAccess::TooMany),
            (None, Some(role)) => self.grants.push(Grant { to, role }),
            (None, None) => {}
        }
        Ok(())
    }

    /// The groups that are given a role.
    pub fn groups(&self) -> impl Iterator<Item = SegmentId> {
        self.grants.iter().filter_map(|grant| match grant.to {
            Holder::Group(group) => Some(group),
            Holder::Person(_) => None,
        })
    }
}

impl fmt::Display for Holder {
    /// As forms name it: `person:` or `group:` with the id.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person(user) => write!(f, "person:{user}"),
            Self::Group(group) => write!(f, "group:{group}"),
        }
    }
}

impl std::str::FromStr for Holder {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let holder = match text.split_once(':') {
            Some(("person", id)) => id.parse().ok().map(Self::Person),
            Some(("group", id)) => id.parse().ok().map(Self::Group),
            _ => None,
        };
        holder.ok_or_else(|| "Choose a person or a group.".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(number: u64) -> UserId {
        UserId::new(number, [1; 10])
    }

    fn group(number: u64) -> SegmentId {
        SegmentId::new(number, [2; 10])
    }

    #[test]
    fn the_most_specific_scope_decides() {
        let mut access = ProductAccess::default();
        assert_eq!(access.role_of(person(1), Role::Viewer, |_| false), Some(Role::Viewer));
        access.grant(Holder::Group(group(1)), Some(Role::Viewer)).unwrap();
        access.grant(Holder::Group(group(2)), Some(Role::Editor)).unwrap();
        let of = |access: &ProductAccess, role, groups: &[u64]| {
            access.role_of(person(1), role, |asked| groups.iter().any(|number| group(*number) == asked))
        };
        assert_eq!(of(&access, Role::Stakeholder, &[]), Some(Role::Stakeholder));
        assert_eq!(
            of(&access, Role::Editor, &[1]),
            Some(Role::Viewer),
            "a group's role counts before the workspace's"
        );
        assert_eq!(of(&access, Role::Viewer, &[1, 2]), Some(Role::Editor), "of several groups the highest");
        access.grant(Holder::Person(person(1)), Some(Role::Stakeholder)).unwrap();
        assert_eq!(of(&access, Role::Editor, &[1, 2]), Some(Role::Stakeholder), "a person's own before all");
        access.visibility = Visibility::Chosen;
        assert_eq!(access.role_of(person(2), Role::Editor, |_| false), None);
        assert_eq!(access.role_of(person(2), Role::Editor, |asked| asked == group(1)), Some(Role::Viewer));
    }

    #[test]
    fn owners_cannot_be_locked_out() {
        let mut access = ProductAccess { visibility: Visibility::Chosen, grants: Vec::new() };
        access.grant(Holder::Person(person(1)), Some(Role::Viewer)).unwrap();
        assert_eq!(access.role_of(person(1), Role::Owner, |_| false), Some(Role::Owner));
        assert_eq!(access.grant(Holder::Person(person(2)), Some(Role::Owner)), Err(InvalidAccess::Owner));
    }

    #[test]
    fn a_grant_is_replaced_taken_and_bounded() {
        let mut access = ProductAccess::default();
        access.grant(Holder::Person(person(1)), Some(Role::Viewer)).unwrap();
        access.grant(Holder::Person(person(1)), Some(Role::Editor)).unwrap();
        assert_eq!(access.grants, [Grant { to: Holder::Person(person(1)), role: Role::Editor }]);
        access.grant(Holder::Person(person(1)), None).unwrap();
        access.grant(Holder::Person(person(1)), None).unwrap();
        assert_eq!(access, ProductAccess::default());
        for number in 0..MAX_GRANTS as u64 {
            access.grant(Holder::Person(person(number)), Some(Role::Viewer)).unwrap();
        }
        assert_eq!(access.grant(Holder::Group(group(1)), Some(Role::Viewer)), Err(InvalidAccess::TooMany));
        access.grant(Holder::Person(person(3)), Some(Role::Editor)).unwrap();
    }

    #[test]
    fn forms_name_holders() {
        for holder in [Holder::Person(person(1)), Holder::Group(group(2))] {
            assert_eq!(holder.to_string().parse(), Ok(holder));
        }
        assert!("person:ann".parse::<Holder>().is_err());
        assert!("".parse::<Holder>().is_err());
    }
}
