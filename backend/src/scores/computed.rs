//! What roadmaps show of items that is not in them.

use std::collections::BTreeMap;

use domain::{Computed, ItemId, ProductKey};

use crate::{Error, Viewer, funding::objectives};

impl Viewer {
    /// The scores of the items of these products, and which of the items serve an objective that is over its budget; as this person
    /// may see them. What has neither is left out.
    ///
    /// # Errors
    /// [`Error::NotFound`] when one of the products does not exist for this person.
    pub async fn computed(&self, keys: &[ProductKey]) -> Result<BTreeMap<ItemId, Computed>, Error> {
        let mut products = self.products().await?;
        products.retain(|product| !product.archived);
        let over = self.over_budget(&products).await?;
        let mut computed: BTreeMap<ItemId, Computed> = BTreeMap::new();
        for key in keys {
            let board = self.scoreboard(key).await?;
            for item in board.items {
                let Some(score) = item.scored.score.ok().and_then(|score| score.rounded_hundredths()) else {
                    continue;
                };
                computed.entry(item.scored.item).or_default().score = Some(score);
            }
            if over.is_empty() {
                continue;
            }
            let view = self.view(board.product.roadmap).await?;
            for item in view.roadmap.board_order().filter_map(|id| view.roadmap.item(id)) {
                if objectives(&item.fields.values).iter().any(|objective| over.contains(objective)) {
                    computed.entry(item.id).or_default().over_budget = true;
                }
            }
        }
        Ok(computed)
    }
}
