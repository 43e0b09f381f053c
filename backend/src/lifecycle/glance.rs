//! What the page of all stages shows of each product: who uses it, what it costs, and how it is doing.

use std::collections::HashMap;

use domain::{
    Health, Product, ProductId, Record, Retirement, RoadmapId, Stage, Vitals, kpi_is_on_target, money::Month,
};

use crate::{
    Error, Viewer,
    money::{Users, last_year},
};

/// A product at a glance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glance {
    pub users: Option<Users>,
    /// What is known of its cost in the four quarters that ended last, in hundredths.
    pub cost: Option<i64>,
    pub health: Health,
    /// Why it is in that health.
    pub reason: String,
    /// What its retirement plan adds up to: of products in retirement.
    pub retirement: Option<Retirement>,
}

impl Viewer {
    /// Products at a glance, with as many queries for all as for one. Returns with them the first month of their cost.
    pub(super) async fn glances(
        &self,
        products: &[Product],
    ) -> Result<(HashMap<ProductId, Glance>, Option<Month>), Error> {
        let (today, year) = (crate::now().utc().date, self.fiscal_year().await?);
        let ids: Vec<ProductId> = products.iter().map(|product| product.id).collect();
        let mut kpis: HashMap<ProductId, Vec<Record>> = HashMap::new();
        for kpi in self.all_kpis().await? {
            if let (Some(product), None) = (kpi.product, kpi.deleted)
                && ids.contains(&product)
            {
                kpis.entry(product).or_default().push(kpi);
            }
        }
        for kpis in kpis.values_mut() {
            kpis.sort_by_cached_key(|kpi| domain::KPI.name_of(kpi).to_lowercase());
        }
        let newest = self.newest_of_each(kpis.values().flatten().map(|kpi| kpi.id).collect()).await?;
        let since = last_year(year, today);
        let mut costs = match since {
            Some(first) => self.costs_of(&ids, first).await?,
            None => HashMap::new(),
        };
        let mut vitals: HashMap<RoadmapId, Vitals> = HashMap::new();
        for item in self.committed(products).await? {
            let vitals = vitals.entry(item.roadmap).or_default();
            let is_late = item.commitment.is_overdue(today) || item.commitment.slip(today).is_some();
            vitals.planned += 1;
            vitals.late += usize::from(is_late);
        }
        let retires = products.iter().any(|product| product.stage == Stage::Retirement);
        let mut plans = if retires { self.all_plans().await? } else { HashMap::new() };
        let mut glance = |product: &Product| {
            let kpis = kpis.get(&product.id).map_or(&[][..], Vec::as_slice);
            let mut vitals = vitals.get(&product.roadmap).copied().unwrap_or_default();
            for kpi in kpis {
                let value = newest.get(&kpi.id).map(|measurement| measurement.value);
                if let Some(is_on) = value.and_then(|value| kpi_is_on_target(kpi, value)) {
                    vitals.measured += 1;
                    vitals.off_target += usize::from(!is_on);
                }
            }
            let retires = product.stage == Stage::Retirement;
            Glance {
                users: Users::of(kpis, &newest),
                cost: costs.remove(&product.id),
                health: vitals.health(),
                reason: vitals.reason(),
                retirement: retires.then(|| plans.remove(&product.id).unwrap_or_default().sums(today)),
            }
        };
        Ok((products.iter().map(|product| (product.id, glance(product))).collect(), since))
    }
}
