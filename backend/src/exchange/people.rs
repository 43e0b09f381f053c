//! Members, as files name them.

use std::collections::HashMap;

use domain::{Member, UserId};

use super::words::folded;

/// Members by all that a file may call them.
#[derive(Debug)]
pub(super) struct People<'a> {
    by_email: HashMap<&'a str, UserId>,
    /// Several where a name is not unmistakable. Former members only where nobody else has the name.
    by_name: HashMap<String, Vec<UserId>>,
    members: &'a [Member],
}

impl<'a> People<'a> {
    pub(super) fn new(members: &'a [Member]) -> Self {
        let by_email =
            members.iter().filter_map(|member| Some((&**member.email.as_ref()?, member.id))).collect();
        let mut by_name: HashMap<String, Vec<UserId>> = HashMap::new();
        for active in [true, false] {
            let mut these: HashMap<String, Vec<UserId>> = HashMap::new();
            for member in members.iter().filter(|member| member.active == active) {
                these.entry(sorted_words(&member.name)).or_default().push(member.id);
            }
            for (name, ids) in these {
                by_name.entry(name).or_insert(ids);
            }
        }
        Self { by_email, by_name, members }
    }

    /// The member that a cell names by address, by name, or as `Name <name@example.org>`.
    pub(super) fn find(&self, text: &str) -> Option<UserId> {
        let text = text.trim();
        let address = text.split(['<', '>', '(', ')', ' ', ',', ';']).find(|part| part.contains('@'));
        if let Some(id) = address.and_then(|address| self.by_email.get(&*address.to_lowercase())) {
            return Some(*id);
        }
        let name = text.split(['<', '(']).next().unwrap_or_default();
        match self.by_name.get(&sorted_words(name)).map(Vec::as_slice) {
            Some([one]) => Some(*one),
            _ => None,
        }
    }

    pub(super) fn members(&self) -> &'a [Member] {
        self.members
    }

    pub(super) fn by_address(&self, address: &str) -> Option<UserId> {
        self.by_email.get(address).copied()
    }
}

/// The words of a name in one order: `Doe, Jane` is Jane Doe.
fn sorted_words(name: &str) -> String {
    let words = name.split(|c: char| c.is_whitespace() || matches!(c, ',' | '.' | '_'));
    let mut words: Vec<String> = words.map(folded).filter(|word| !word.is_empty()).collect();
    words.sort();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use domain::Role;

    use super::*;

    fn member(n: u64, name: &str, email: &str, active: bool) -> Member {
        Member {
            id: UserId::new(n, [0; 10]),
            name: name.parse().unwrap(),
            email: email.parse().ok(),
            role: Role::Editor,
            colour: 0,
            active,
        }
    }

    #[test]
    fn members_are_found_by_address_or_unmistakable_name() {
        let members = [
            member(1, "Jane Doe", "jane@example.org", true),
            member(2, "Sam", "sam@example.org", true),
            member(3, "Sam", "samuel@example.org", true),
            member(4, "Ada", "ada@example.org", false),
        ];
        let people = People::new(&members);
        let found =
            |text: &str| members.iter().position(|it| Some(it.id) == people.find(text)).map(|at| at + 1);
        for (text, expected) in [
            ("jane@example.org", Some(1)),
            ("Jane Doe <JANE@example.org>", Some(1)),
            ("Jane Doe (jane@example.org)", Some(1)),
            ("Somebody Else <jane@example.org>", Some(1)),
            ("Jane Doe <jane@elsewhere.example>", Some(1)),
            ("Doe, Jane", Some(1)),
            ("jane doe", Some(1)),
            ("Sam", None),
            ("Samuel@Example.org", Some(3)),
            ("Ada", Some(4)),
            ("Nobody", None),
            ("", None),
        ] {
            assert_eq!(found(text), expected, "{text}");
        }
    }
}
