//! The fields of a product's items: which it uses, in which order, those of its own, and those of the workspace, which all have.

use std::collections::BTreeSet;

use domain::{
    CustomField, FieldId, FieldKey, OBJECTIVE, OBJECTIVES, Op, Product, ProductKey, Record, RecordId, Reject,
    WORKSPACE_FIELD, field_of, follow_fields, follow_objectives, wire::Outcome,
};

use crate::{Editor, Error, Viewer, clock::new_id};

/// Adds a field of a product's own, under an id that no other has.
pub fn create_field(field: CustomField) -> Op {
    Op::CreateField { id: new_id(FieldId::new), field: Box::new(field) }
}

impl Editor {
    /// Changes the fields of a product in one step: all of it or nothing.
    ///
    /// # Errors
    /// [`Error::Refused`] with a sentence when a field cannot be so, [`Error::NotFound`] when there is no such product.
    pub async fn change_fields(&self, key: &ProductKey, ops: Vec<Op>) -> Result<(), Error> {
        let product = self.product(key).await?;
        if product.archived {
            return Err(Reject::Archived.into());
        }
        if !ops.iter().all(|op| matches!(op, Op::CreateField { .. } | Op::SetField { .. })) {
            return Err(Error::internal("other operations than those of fields"));
        }
        if ops.is_empty() {
            return Ok(());
        }
        let answers = self.submit(product.roadmap, vec![Op::batch(ops)]).await?;
        match answers.into_iter().next().map(|answer| answer.outcome) {
            Some(Outcome::Accepted { .. }) => Ok(()),
            Some(Outcome::Refused(reject)) => Err(reject.into()),
            None => Err(Error::internal("a step of fields was not answered")),
        }
    }
}

impl Viewer {
    /// The fields of the workspace that roadmaps have, those in the bin included.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn workspace_fields(&self) -> Result<BTreeSet<FieldKey>, Error> {
        let fields = self.all_records(&WORKSPACE_FIELD).await?;
        let own = fields.iter().map(|field| field_of(field.id));
        Ok(own.chain([OBJECTIVES]).map(FieldKey::from).collect())
    }
}

impl Editor {
    /// Makes the fields of every roadmap those of the workspace. `restored` came out of the bin just now.
    ///
    /// # Errors
    /// [`Error::Conflict`] naming the products that did not take them, [`Error::Unavailable`] when the database is not there.
    pub(crate) async fn spread_fields(&self, restored: Option<RecordId>) -> Result<(), Error> {
        let (fields, objectives) = self.fields_of_workspace().await?;
        let mut refused = Vec::new();
        for product in self.products().await?.into_iter().filter(|product| !product.archived) {
            match self.follow_those(&product, &fields, &objectives, restored).await {
                Err(Error::Refused(reject)) => {
                    tracing::warn!(%reject, key = %product.key, "a roadmap does not take the fields of the workspace");
                    refused.push(product.key.to_string());
                }
                followed => followed?,
            }
        }
        if refused.is_empty() {
            return Ok(());
        }
        Err(Error::Conflict(format!(
            "It is saved, but {} has no room for the field. Retire a field there, then save again.",
            refused.join(", ")
        )))
    }

    /// Makes the fields of a roadmap those of the workspace.
    ///
    /// # Errors
    /// [`Error::Refused`] when the roadmap does not take them.
    pub(crate) async fn follow_fields(&self, product: &Product) -> Result<(), Error> {
        let (fields, objectives) = self.fields_of_workspace().await?;
        self.follow_those(product, &fields, &objectives, None).await
    }

    /// The fields of the workspace and its objectives, those in the bin included.
    async fn fields_of_workspace(&self) -> Result<(Vec<Record>, Vec<Record>), Error> {
        Ok((self.all_records(&WORKSPACE_FIELD).await?, self.all_records(&OBJECTIVE).await?))
    }

    async fn follow_those(
        &self,
        product: &Product,
        fields: &[Record],
        objectives: &[Record],
        restored: Option<RecordId>,
    ) -> Result<(), Error> {
        if fields.is_empty() && objectives.is_empty() {
            return Ok(());
        }
        let view = self.view(product.roadmap).await?;
        let plan = view.roadmap.fields();
        let mut ops = follow_fields(plan, fields, restored);
        ops.extend(follow_objectives(plan, objectives));
        self.change_fields(&product.key, ops).await
    }
}
