//! What a preview shows of the rows of a plan, in words.

use domain::{
    Change, Field, ItemFields, LaneId, UserId,
    exchange::{Fate, PreviewRow},
};

use super::{Draft, Planner, SHOWN};

impl Planner<'_> {
    /// A row as it is shown, as long as there are few.
    pub(super) fn row(
        &self,
        draft: &Draft<'_>,
        fate: Fate,
        lane: LaneId,
        details: impl FnOnce(&Self) -> Vec<String>,
    ) -> Option<PreviewRow> {
        (self.plan.rows.len() < SHOWN).then(|| PreviewRow {
            line: draft.line,
            fate,
            title: draft.title.to_string(),
            lane: self.after.lane(lane).map_or_else(String::new, |lane| lane.name.to_string()),
            details: details(self),
        })
    }

    pub(super) fn show(&mut self, row: Option<PreviewRow>) {
        self.plan.rows.extend(row);
    }

    pub(super) fn name(&self, user: UserId) -> String {
        let member = self.to.members.iter().find(|member| member.id == user);
        member.map_or_else(|| "someone".to_owned(), |member| member.name.to_string())
    }

    /// What a new item has besides its title, in words.
    pub(super) fn facts(&self, fields: &ItemFields) -> Vec<String> {
        let mut facts = vec![fields.status.label().to_owned(), fields.kind.label().to_owned()];
        facts.extend(fields.investment.map(|investment| investment.label().to_owned()));
        facts.extend(fields.effort.map(|effort| format!("{effort} person-days")));
        facts.extend(match (fields.start, fields.end) {
            (Some(start), Some(end)) => Some(format!("{start} to {end}")),
            (Some(start), None) => Some(format!("from {start}")),
            (None, Some(end)) => Some(format!("until {end}")),
            (None, None) => None,
        });
        facts.extend(fields.owner.map(|owner| self.name(owner)));
        facts.extend(fields.tags.iter().map(|tag| format!("#{tag}")));
        facts.extend(fields.values.iter().filter_map(|(field, value)| {
            let def = self.after.fields().find(field)?;
            let words = def.told(value).words(|user| self.name(user));
            Some(if def.is_long() { def.in_sentence() } else { format!("{}: {words}", def.in_sentence()) })
        }));
        facts
    }

    /// What changes, in words.
    pub(super) fn words(&self, change: &Change) -> Option<String> {
        match change {
            Change::ItemSet { field: Field::Description, .. } => Some("description".to_owned()),
            Change::ItemSet { field, before, after, .. } => {
                let words = |value: &domain::FieldValue| value.words(|user| self.name(user));
                Some(format!("{}: {} → {}", field.label(), words(before), words(after)))
            }
            Change::ValueSet { field, before, after, .. } => {
                let def = self.after.fields().find(field)?;
                let words = |value: &domain::FieldValue| value.words(|user| self.name(user));
                Some(match def.is_long() {
                    true => def.in_sentence(),
                    false => format!("{}: {} → {}", def.in_sentence(), words(before), words(after)),
                })
            }
            Change::ItemMoved { from, to, .. } => Some(format!("lane: {from} → {to}")),
            Change::CommentAdded { .. } => Some("a comment".to_owned()),
            _ => None,
        }
    }
}
