//! Key figures of products, what was measured, and the key results that follow them.

mod kpis;
mod measurements;
mod owners;
mod results;

use domain::{Date, Figure, Member, Product, ProductKey, Record, Timestamp, UserId};

pub use self::{
    kpis::KpiDraft,
    measurements::{Measured, Point},
    owners::Owners,
    results::{KeyResult, KeyResultDraft, MeasuredBy},
};
pub(crate) use self::{
    kpis::{changes, seen_changes},
    owners::of_products as owners_of,
};
use crate::{Error, Viewer};

/// The most measurements of a key figure that a page shows, the newest.
pub const SHOWN: u64 = 400;

/// The key figures of a product, as a person may see them.
#[derive(Clone, Debug)]
pub struct ProductFigures {
    pub product: Product,
    pub owners: Owners,
    pub members: Vec<Member>,
    pub kpis: Vec<Kpi>,
    /// Those in the bin, the latest first.
    pub removed: Vec<Record>,
}

/// A key figure with what was measured.
#[derive(Clone, Debug)]
pub struct Kpi {
    pub record: Record,
    /// The newest ones, by day: at most [`SHOWN`].
    pub measurements: Vec<Measurement>,
    /// How many there are.
    pub count: u64,
}

/// What a key figure was on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measurement {
    pub day: Date,
    pub value: Figure,
    /// Where it comes from, in a few words; may be empty.
    pub source: String,
    pub by: UserId,
    pub at: Timestamp,
}

impl Kpi {
    /// The newest measurement.
    pub fn newest(&self) -> Option<&Measurement> {
        self.measurements.last()
    }
}

impl Viewer {
    /// The key figures of a product with their newest measurements.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the product does not exist for this person.
    pub async fn product_figures(&self, key: &ProductKey) -> Result<ProductFigures, Error> {
        let product = self.product(key).await?;
        let (present, removed) = self.kpis_of(product.id).await?;
        let mut kpis = Vec::with_capacity(present.len());
        for record in present {
            let (measurements, count) = self.newest_of(record.id, SHOWN).await?;
            kpis.push(Kpi { record, measurements, count });
        }
        let owners = self.owners_of(product.id).await?;
        let members = self.members().await?;
        Ok(ProductFigures { product, owners, members, kpis, removed })
    }
}
