//! Outcomes: recorded, waived, changed and removed by editors.

use domain::{
    Figure, ItemId, OUTCOME, Outcome, OutcomeState, Product, ProductKey, Record, RecordId, Reject, Status,
    amount, figure_of, unit_of,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::{
    Error, Viewer,
    clock::now,
    codec::parse,
    entity::item,
    figures::changes,
    funding::typed_amount,
    records::{self, unknown},
};

/// The most characters of a record's name.
const MAX_NAME: usize = 200;

/// What somebody writes about an outcome.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutcomeDraft {
    /// A key figure of the product, or empty.
    pub kpi: String,
    pub before: String,
    pub after: String,
    /// What it is worth in a year.
    pub value: String,
    pub note: String,
}

impl OutcomeDraft {
    /// As a recorded outcome is typed.
    pub fn of(record: &Record) -> Self {
        let text = |key: &str| record.text(key).unwrap_or_default().to_owned();
        let figure = |key: &str| figure_of(record, key).map(Figure::written).unwrap_or_default();
        let value = Outcome::of(record).and_then(|outcome| outcome.value);
        Self {
            kpi: text("kpi"),
            before: figure("before"),
            after: figure("after"),
            value: value.map(amount).unwrap_or_default(),
            note: text("note"),
        }
    }

    /// The fields that are figures: they are one thing, since they mean nothing without each other.
    fn figures(&self) -> [String; 3] {
        [&self.kpi, &self.before, &self.after].map(|typed| crate::tidy(typed))
    }

    fn note(&self) -> String {
        self.note.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim().to_owned()
    }
}

impl Viewer {
    /// Records the outcome of an item that is done.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the product or the item does not exist for this person, [`Error::Conflict`] when the item is not done,
    /// [`Error::Invalid`] with a sentence when the outcome cannot be so, or the item has one.
    pub async fn record_outcome(
        &self,
        key: &ProductKey,
        item: ItemId,
        draft: &OutcomeDraft,
    ) -> Result<(), Error> {
        let mut values = self.begin_outcome(key, item, OutcomeState::Recorded).await?;
        let product = self.product(key).await?;
        let currency = self.money_settings().await?.currency;
        values.extend(self.figures_typed(&product, draft).await?);
        values.push(("value", typed_amount(&draft.value, currency)?));
        values.push(("note", draft.note()));
        self.save_product_record(&OUTCOME, Some(key), None, changes(&OUTCOME, None, &values, None)?).await?;
        Ok(())
    }

    /// Changes an outcome that was recorded: what is in the draft and was not `seen` so.
    ///
    /// # Errors
    /// [`Error::Conflict`] when somebody else changed meanwhile what this changes; otherwise as [`Viewer::record_outcome`].
    pub async fn change_outcome(
        &self,
        key: &ProductKey,
        id: RecordId,
        draft: &OutcomeDraft,
        seen: &OutcomeDraft,
    ) -> Result<(), Error> {
        let product = self.edited_product(key).await?;
        let (reader, workspace) = (self.backend.db.reader(), self.workspace.to_string());
        let found = records::by_ids(reader, &workspace, &OUTCOME, vec![id.to_string()]).await?.pop();
        let is_it = |record: &Record| record.product == Some(product.id) && record.deleted.is_none();
        let record = found.filter(is_it).ok_or_else(|| unknown(&OUTCOME))?;
        if Outcome::of(&record).is_some_and(|outcome| outcome.state == OutcomeState::Waived) {
            return Err(Error::Conflict("This outcome is waived. Remove that, then record one.".to_owned()));
        }
        let now = OutcomeDraft::of(&record);
        let currency = self.money_settings().await?.currency;
        let clash = |what: &str| {
            Error::Conflict(format!(
                "Somebody else changed {what} of “{}” since you opened the page. Read it, then put in what you wrote.",
                OUTCOME.name_of(&record)
            ))
        };
        let mut values = Vec::new();
        if draft.figures() != seen.figures() {
            let typed = self.figures_typed(&product, draft).await?;
            let is_so = typed.iter().all(|(key, value)| record.text(key).unwrap_or_default() == value);
            if now.figures() != seen.figures() && !is_so {
                return Err(clash("the figures"));
            }
            values.extend(typed);
        }
        let value = typed_amount(&draft.value, currency)?;
        if value != typed_amount(&seen.value, currency)? {
            if now.value != typed_amount(&seen.value, currency)? && now.value != value {
                return Err(clash("the value"));
            }
            values.push(("value", value));
        }
        if draft.note() != seen.note() {
            if now.note() != seen.note() && now.note() != draft.note() {
                return Err(clash("what changed"));
            }
            values.push(("note", draft.note()));
        }
        let changes = changes(&OUTCOME, Some(&record), &values, None)?;
        self.save_product_record(&OUTCOME, Some(key), Some(id), changes).await?;
        Ok(())
    }

    /// Says why the outcome of an item that is done is not measured.
    ///
    /// # Errors
    /// [`Error::Invalid`] without a reason; otherwise as [`Viewer::record_outcome`].
    pub async fn waive_outcome(&self, key: &ProductKey, item: ItemId, reason: &str) -> Result<(), Error> {
        let mut values = self.begin_outcome(key, item, OutcomeState::Waived).await?;
        values.push(("reason", crate::tidy(reason)));
        self.save_product_record(&OUTCOME, Some(key), None, changes(&OUTCOME, None, &values, None)?).await?;
        Ok(())
    }

    /// Moves an outcome to the bin, so that its item is measuring again, or takes it out.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not there, [`Error::Invalid`] when the item has got another since.
    pub async fn bin_outcome(&self, key: &ProductKey, id: RecordId, deletes: bool) -> Result<(), Error> {
        self.bin_product_record(&OUTCOME, Some(key), id, deletes).await
    }

    /// A product that this person may change.
    pub(super) async fn edited_product(&self, key: &ProductKey) -> Result<Product, Error> {
        let product = self.product(key).await?;
        if !product.role.can_edit() {
            return Err(Reject::NotAllowed(product.role).into());
        }
        if product.archived { Err(Reject::Archived.into()) } else { Ok(product) }
    }

    /// What every new outcome of an item says.
    async fn begin_outcome(
        &self,
        key: &ProductKey,
        item: ItemId,
        state: OutcomeState,
    ) -> Result<Vec<(&'static str, String)>, Error> {
        let product = self.edited_product(key).await?;
        let gone = || Error::NotFound("There is no such item here any more. Reload the page.".to_owned());
        let (title, status) = self.shipped_item(&product, item).await?.ok_or_else(gone)?;
        if status != Status::Done {
            return Err(Error::Conflict(format!(
                "“{title}” is not done. Its outcome can be recorded once it is."
            )));
        }
        Ok(vec![
            ("name", title.chars().take(MAX_NAME).collect()),
            ("item", item.to_string()),
            ("state", state.as_str().to_owned()),
            ("date", now().utc().date.to_string()),
        ])
    }

    /// The title and the status of an item of a product.
    pub(super) async fn shipped_item(
        &self,
        product: &Product,
        item: ItemId,
    ) -> Result<Option<(String, Status)>, Error> {
        let row: Option<(String, String)> = item::Entity::find()
            .select_only()
            .columns([item::Column::Title, item::Column::Status])
            .filter(item::Column::WorkspaceId.eq(self.workspace.to_string()))
            .filter(item::Column::RoadmapId.eq(product.roadmap.to_string()))
            .filter(item::Column::Id.eq(item.to_string()))
            .filter(item::Column::DeletedMs.is_null())
            .filter(item::Column::MovedTo.is_null())
            .into_tuple()
            .one(self.backend.db.reader())
            .await?;
        row.map(|(title, status)| Ok((title, parse(&status)?))).transpose()
    }

    /// A key figure of the product with what was before and after, in its unit.
    async fn figures_typed(
        &self,
        product: &Product,
        draft: &OutcomeDraft,
    ) -> Result<Vec<(&'static str, String)>, Error> {
        let [kpi, before, after] = draft.figures();
        let unit = match &*kpi {
            "" => String::new(),
            id => {
                let unknown = || Error::Invalid("Choose a key figure of this product.".to_owned());
                let id = id.parse().map_err(|_| unknown())?;
                let kpi = self.kpi(product.id, id).await.map_err(|_| unknown())?;
                unit_of(&kpi).to_owned()
            }
        };
        let read = |typed: &str| match typed {
            "" => Ok(String::new()),
            typed => Figure::read(typed, &unit).map(|figure| figure.to_string()).map_err(Error::Invalid),
        };
        let (before, after) = (read(&before)?, read(&after)?);
        Ok(vec![("kpi", kpi), ("unit", unit), ("before", before), ("after", after)])
    }
}
