//! What a product's history shows beside the changes of its roadmap, and of which sort each fact is.

use crate::{
    Change, ChecklistState, Field, FieldValue, RecordChange, RecordDid, Value, VotingId, change::set,
    choices, counted,
};

choices! {
    /// Of which sort a fact of a product's history is.
    HistoryKind {
        Items = "items", "Items";
        Comments = "comments", "Comments";
        Votes = "votes", "Upvotes";
        Lanes = "lanes", "Lanes";
        Fields = "fields", "Fields";
        Product = "product", "Product";
        Baselines = "baselines", "Baselines";
        Voting = "voting", "Voting sessions";
        Dependencies = "dependencies", "Dependencies";
        Figures = "figures", "Key figures";
    }
}

impl HistoryKind {
    /// Whether the log of the roadmap has such facts; the audit log has the others.
    pub fn is_of_roadmap(self) -> bool {
        !matches!(
            self,
            HistoryKind::Product
                | HistoryKind::Baselines
                | HistoryKind::Voting
                | HistoryKind::Dependencies
                | HistoryKind::Figures
        )
    }
}

choices! {
    /// What is said about a product.
    ProductField {
        Name = "name", "name";
        Kind = "kind", "kind";
        Stage = "stage", "stage";
        Purpose = "purpose", "purpose";
        ScoreModel = "score_model", "score model";
        Ratings = "ratings", "ratings";
    }
}

choices! {
    /// What was done to a voting session.
    VotingDid {
        Created = "voting.created", "set up";
        Edited = "voting.edited", "edited";
        Deleted = "voting.deleted", "deleted";
        Scheduled = "voting.scheduled", "scheduled";
        Opened = "voting.opened", "opened";
        Closed = "voting.closed", "closed";
        Uncounted = "voting.uncounted", "ended without a result";
        Revealed = "voting.revealed", "revealed the result of";
        OrderTaken = "voting.order_taken", "applied the order of";
        OrderUndone = "voting.order_undone", "undid applying the order of";
        Withdrawn = "voting.candidate_withdrawn", "took items off the ballot of";
    }
}

impl VotingDid {
    /// Whether it belongs to the set-up of a session, which is its editors' own.
    pub fn is_setup(self) -> bool {
        matches!(self, VotingDid::Created | VotingDid::Edited | VotingDid::Deleted)
    }
}

/// A fact about a product that is not a change of its roadmap. Names are those of the moment it happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProductEvent {
    Created {
        name: String,
    },
    Set {
        field: ProductField,
        before: FieldValue,
        after: FieldValue,
    },
    /// With what its stage was left: points of the checklist that were ticked off, and those that were not.
    StageLeft(ChecklistState),
    /// Others own the product for the business or for IT.
    OwnersSet,
    Archived,
    Restored,
    BaselineNamed {
        name: String,
        /// The place in the roadmap's log that got the name.
        seq: u64,
    },
    BaselineRemoved {
        name: String,
    },
    Voting {
        did: VotingDid,
        /// `None` where the session was deleted.
        voting: Option<VotingId>,
        /// `None` where that is not known any more.
        title: Option<String>,
        /// The keys of the product's items that were taken off the ballot.
        items: Vec<String>,
    },
    Dependency {
        did: RecordDid,
        /// Such as `ERP-12 blocks CRM-4`.
        name: String,
        /// What changed of it.
        changes: Vec<RecordChange>,
    },
    /// Something was done to a key figure, or measured.
    Figure {
        name: String,
        /// What, to be read before the name: `added the key figure`.
        did: String,
        /// More about it, to be read behind the name; may be empty.
        more: String,
    },
    /// Something was done to the vision or the strategy of the product; read as [`ProductEvent::Figure`].
    Strategy {
        name: String,
        did: String,
        more: String,
    },
}

impl ProductEvent {
    pub fn kind(&self) -> HistoryKind {
        match self {
            ProductEvent::Created { .. }
            | ProductEvent::Set { .. }
            | ProductEvent::StageLeft(_)
            | ProductEvent::OwnersSet
            | ProductEvent::Archived
            | ProductEvent::Restored
            | ProductEvent::Strategy { .. } => HistoryKind::Product,
            ProductEvent::BaselineNamed { .. } | ProductEvent::BaselineRemoved { .. } => {
                HistoryKind::Baselines
            }
            ProductEvent::Voting { .. } => HistoryKind::Voting,
            ProductEvent::Dependency { .. } => HistoryKind::Dependencies,
            ProductEvent::Figure { .. } => HistoryKind::Figures,
        }
    }

    /// What happened, to be read after a person's name, as [`Change::sentence`].
    pub fn sentence(&self) -> String {
        match self {
            ProductEvent::Created { name } => format!("created the product “{name}”"),
            ProductEvent::Set { field: ProductField::Name, before, after } => {
                format!("renamed the product “{}” to “{}”", before.text(), after.text())
            }
            ProductEvent::Set { field: ProductField::Purpose, before, after } => match (before, after) {
                (FieldValue::Empty, _) => "wrote the purpose of the product".to_owned(),
                (_, FieldValue::Empty) => "cleared the purpose of the product".to_owned(),
                _ => "changed the purpose of the product".to_owned(),
            },
            ProductEvent::Set { field, before, after } => {
                set(field.label(), "the product", before, after, |_| String::new())
            }
            ProductEvent::StageLeft(state @ ChecklistState { done, open }) => {
                let all = counted(state.points(), "point", "points");
                let ticked = format!("ticked off {} of {all} of the checklist", done.len());
                if open.is_empty() { ticked } else { format!("{ticked}, and left open: {}", open.join("; ")) }
            }
            ProductEvent::OwnersSet => "changed the owners of the product".to_owned(),
            ProductEvent::Archived => "archived the product".to_owned(),
            ProductEvent::Restored => "restored the product".to_owned(),
            ProductEvent::BaselineNamed { name, .. } => format!("named the baseline “{name}”"),
            ProductEvent::BaselineRemoved { name } => format!("removed the baseline “{name}”"),
            ProductEvent::Voting { did, title, items, .. } => {
                let session = match title {
                    Some(title) => format!("the voting session “{title}”"),
                    None => "a voting session that was deleted".to_owned(),
                };
                match did {
                    VotingDid::Uncounted => format!("ended {session} without a result"),
                    VotingDid::Withdrawn if !items.is_empty() => {
                        format!("took {} off the ballot of {session}", items.join(", "))
                    }
                    did => format!("{} {session}", did.label()),
                }
            }
            ProductEvent::Dependency { did, name, changes } => {
                let did = match did {
                    RecordDid::Created => "added",
                    RecordDid::Changed => "changed",
                    RecordDid::Deleted => "removed",
                    RecordDid::Restored => "restored",
                };
                let changes: Vec<String> = changes.iter().filter_map(changed).collect();
                let what = if changes.is_empty() { "" } else { ": " };
                format!("{did} the dependency “{name}”{what}{}", changes.join(", "))
            }
            ProductEvent::Figure { name, did, more } | ProductEvent::Strategy { name, did, more } => {
                format!("{did} “{name}”{more}")
            }
        }
    }

    /// What the sentence has in quotation marks: a baseline or a voting session.
    pub fn title(&self) -> Option<&str> {
        match self {
            ProductEvent::BaselineNamed { name, .. } => Some(name),
            ProductEvent::Voting { title, .. } => title.as_deref(),
            ProductEvent::Dependency { name, .. }
            | ProductEvent::Figure { name, .. }
            | ProductEvent::Strategy { name, .. } => Some(name),
            _ => None,
        }
    }

    /// A text before and after that is too long for the sentence.
    pub fn long_texts(&self) -> Option<(&str, &str)> {
        match self {
            ProductEvent::Set { field: ProductField::Purpose, before, after } => {
                Some((before.text(), after.text()))
            }
            _ => None,
        }
    }
}

/// What changed of a dependency: the days between its items, or its note.
fn changed(change: &RecordChange) -> Option<String> {
    let said = |value: &Option<Value>, none: &str| value.as_ref().map_or(none.to_owned(), Value::to_string);
    match &*change.field {
        "lag" => Some(format!("days between from {} to {}", said(&change.was, "0"), said(&change.to, "0"))),
        "note" => Some(match &change.to {
            Some(note) => format!("note “{note}”"),
            None => "no note any more".to_owned(),
        }),
        _ => None,
    }
}

impl Change {
    /// Of which sort it is.
    pub fn kind(&self) -> HistoryKind {
        match self {
            Change::ItemCreated { .. }
            | Change::ItemSet { .. }
            | Change::ValueSet { .. }
            | Change::ItemMoved { .. }
            | Change::ItemReordered { .. }
            | Change::ItemDeleted { .. }
            | Change::ItemRestored { .. }
            | Change::ItemSent { .. }
            | Change::ItemReceived { .. } => HistoryKind::Items,
            Change::LaneCreated { .. }
            | Change::LaneRenamed { .. }
            | Change::LaneStatusSet { .. }
            | Change::LaneLimitSet { .. }
            | Change::LaneMoved { .. }
            | Change::LaneDeleted { .. }
            | Change::LaneRestored { .. } => HistoryKind::Lanes,
            Change::FieldCreated { .. } | Change::FieldSet { .. } => HistoryKind::Fields,
            Change::Upvoted { .. } | Change::UpvoteWithdrawn { .. } => HistoryKind::Votes,
            Change::CommentAdded { .. }
            | Change::CommentEdited { .. }
            | Change::CommentDeleted { .. }
            | Change::CommentRestored { .. }
            | Change::CommentSet { .. } => HistoryKind::Comments,
        }
    }

    /// Whether it is about the field of items with this key, declared or made by people.
    pub fn is_of_field(&self, key: &str) -> bool {
        match self {
            Change::ItemSet { field, .. } => field.as_str() == key,
            Change::ValueSet { field, .. }
            | Change::FieldCreated { field, .. }
            | Change::FieldSet { field, .. } => **field == *key,
            _ => false,
        }
    }

    /// What the sentence calls the item this is about.
    pub fn item_title(&self) -> Option<&str> {
        match self {
            Change::ItemSet { field: Field::Title, after, .. } => Some(after.text()),
            Change::ItemCreated { title, .. }
            | Change::ItemSet { title, .. }
            | Change::ValueSet { title, .. }
            | Change::ItemMoved { title, .. }
            | Change::ItemReordered { title, .. }
            | Change::ItemDeleted { title, .. }
            | Change::ItemRestored { title, .. }
            | Change::ItemSent { title, .. }
            | Change::ItemReceived { title, .. }
            | Change::Upvoted { title, .. }
            | Change::UpvoteWithdrawn { title, .. }
            | Change::CommentAdded { title, .. }
            | Change::CommentEdited { title, .. }
            | Change::CommentDeleted { title, .. }
            | Change::CommentRestored { title, .. }
            | Change::CommentSet { title, .. } => Some(title),
            _ => None,
        }
    }

    /// What somebody wrote as a comment, or what was there until it was deleted.
    pub fn comment(&self) -> Option<&str> {
        match self {
            Change::CommentAdded { body, .. } | Change::CommentDeleted { body, .. } => Some(body),
            Change::CommentEdited { after, .. } => Some(after),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ItemId;

    fn text(text: &str) -> FieldValue {
        FieldValue::of(text.to_owned())
    }

    #[test]
    fn events_are_told_in_the_words_of_changes() {
        let set =
            |field, before, after| ProductEvent::Set { field, before: text(before), after: text(after) };
        let voting = |did, title: Option<&str>, items: &[&str]| ProductEvent::Voting {
            did,
            voting: None,
            title: title.map(str::to_owned),
            items: items.iter().map(|item| (*item).to_owned()).collect(),
        };
        let linked = |did, changes: &[(&str, Value)]| {
            let change = |(field, to): &(&str, Value)| RecordChange {
                field: field.parse().unwrap(),
                was: None,
                to: Some(to.clone()),
            };
            let changes = changes.iter().map(change).collect();
            ProductEvent::Dependency { did, name: "ERP-1 blocks CRM-2".to_owned(), changes }
        };
        for (event, sentence) in [
            (ProductEvent::Created { name: "Till".into() }, "created the product “Till”"),
            (set(ProductField::Name, "Till", "Tills"), "renamed the product “Till” to “Tills”"),
            (
                set(ProductField::Stage, "Growth", "Maturity"),
                "changed the stage of the product from Growth to Maturity",
            ),
            (set(ProductField::Purpose, "", "Sells."), "wrote the purpose of the product"),
            (set(ProductField::Purpose, "Sells.", "Buys."), "changed the purpose of the product"),
            (
                set(ProductField::Ratings, "Hidden", "Revealed"),
                "changed the ratings of the product from Hidden to Revealed",
            ),
            (ProductEvent::BaselineNamed { name: "Q1".into(), seq: 4 }, "named the baseline “Q1”"),
            (voting(VotingDid::Opened, Some("Next"), &[]), "opened the voting session “Next”"),
            (voting(VotingDid::Scheduled, None, &[]), "scheduled a voting session that was deleted"),
            (
                voting(VotingDid::Uncounted, Some("Next"), &[]),
                "ended the voting session “Next” without a result",
            ),
            (
                voting(VotingDid::Withdrawn, Some("Next"), &["ERP-1", "ERP-2"]),
                "took ERP-1, ERP-2 off the ballot of the voting session “Next”",
            ),
            (ProductEvent::OwnersSet, "changed the owners of the product"),
            (
                ProductEvent::StageLeft(ChecklistState {
                    done: vec!["Users".into()],
                    open: vec!["Costs".into(), "Terms".into()],
                }),
                "ticked off 1 of 3 points of the checklist, and left open: Costs; Terms",
            ),
            (
                ProductEvent::Figure {
                    name: "Users".into(),
                    did: "changed the key figure".into(),
                    more: ": target from 80 to 90".into(),
                },
                "changed the key figure “Users”: target from 80 to 90",
            ),
            (
                ProductEvent::Strategy {
                    name: "Scope".into(),
                    did: "changed in the strategy".into(),
                    more: ": text".into(),
                },
                "changed in the strategy “Scope”: text",
            ),
            (linked(RecordDid::Created, &[]), "added the dependency “ERP-1 blocks CRM-2”"),
            (linked(RecordDid::Deleted, &[]), "removed the dependency “ERP-1 blocks CRM-2”"),
            (
                linked(RecordDid::Changed, &[("lag", Value::Number(3)), ("note", Value::Text("api".into()))]),
                "changed the dependency “ERP-1 blocks CRM-2”: days between from 0 to 3, note “api”",
            ),
        ] {
            assert_eq!(event.sentence(), sentence);
            assert!(!event.kind().is_of_roadmap());
            assert!(event.title().is_none_or(|title| sentence.contains(&format!("“{title}”"))));
        }
    }

    #[test]
    fn a_sentence_names_its_item_by_the_title_in_it() {
        let (item, title) = (ItemId::NIL, "Old".to_owned());
        let renamed = Change::ItemSet {
            item,
            title: title.clone(),
            field: Field::Title,
            before: text("Old"),
            after: text("New"),
        };
        let moved = Change::ItemMoved { item, title, from: "Now".into(), to: "Next".into() };
        for (change, title) in [(&renamed, "New"), (&moved, "Old")] {
            assert_eq!(change.item_title(), Some(title));
            assert!(change.sentence(|_| String::new()).contains(&format!("“{title}”")));
            assert_eq!(change.kind(), HistoryKind::Items);
        }
        assert!(
            renamed.is_of_field("title") && !renamed.is_of_field("status") && !moved.is_of_field("title")
        );
    }
}
