//! The fields of a product's items: which it uses, in which order, and those of its own.

use domain::{CustomField, FieldId, Op, ProductKey, Reject, wire::Outcome};

use crate::{Editor, Error, clock::new_id};

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
