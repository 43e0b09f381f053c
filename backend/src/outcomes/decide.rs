//! What is used less and less: an item that improves it or retires it.

use domain::{
    FieldKey, Investment, ItemFields, ItemId, ItemKey, ItemKind, KPI, Op, Place, ProductKey, RecordId, Title,
    UseDecision, Value, readiness::KEY_FIGURE, wire::Outcome,
};

use crate::{Error, Viewer, clock::new_id};

/// The most characters of the name of a key figure in a title.
const MAX_NAMED: usize = 120;

impl Viewer {
    /// Makes an item that improves or retires what a key figure is about, at the end of the first lane. Where one is open already, that
    /// is it.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the key figure does not exist for this person, [`domain::Reject::NotAllowed`] for those who do not edit
    /// the product, [`domain::Reject::Archived`].
    pub async fn decide_use(
        &self,
        key: &ProductKey,
        kpi: RecordId,
        decision: UseDecision,
    ) -> Result<ItemKey, Error> {
        let product = self.edited_product(key).await?;
        let name = KPI.name_of(&self.kpi(product.id, kpi).await?);
        let named: String = name.chars().take(MAX_NAMED).collect();
        let title = Title::parse(&format!("{} “{named}”", decision.label()))?;
        let item_key = |number| ItemKey { product: key.clone(), number };
        let roadmap = self.view(product.roadmap).await?.roadmap;
        let mut open =
            roadmap.items().filter(|item| item.deleted.is_none() && !item.fields.status.is_settled());
        if let Some(present) = open.find(|item| item.fields.title == title) {
            return Ok(item_key(present.number));
        }
        let lane = roadmap.lane_order().first().copied();
        let lane =
            lane.ok_or_else(|| Error::Conflict("The roadmap has no lane. Add one first.".to_owned()))?;
        let mut fields = ItemFields::titled(title);
        fields.values.insert(FieldKey::try_from(KEY_FIGURE.to_owned())?, Value::Text(name));
        let (kind, investment) = match decision {
            UseDecision::Improve => (ItemKind::Enhancement, Investment::Retention),
            UseDecision::Retire => (ItemKind::Retirement, Investment::Retire),
        };
        (fields.kind, fields.investment) = (kind, Some(investment));
        let id = new_id(ItemId::new);
        let made = Op::CreateItem { id, lane, place: Place::Last, fields: Box::new(fields) };
        for answer in self.submit(product.roadmap, vec![made]).await? {
            if let Outcome::Refused(reject) = answer.outcome {
                return Err(reject.into());
            }
        }
        let roadmap = self.view(product.roadmap).await?.roadmap;
        let made = roadmap.item(id).ok_or_else(|| Error::internal("an item that was made is not there"))?;
        Ok(item_key(made.number))
    }
}
