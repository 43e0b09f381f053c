//! How long things took, of many things.

use rand::{Rng, RngExt as _};

/// The value below which this share of the values lies. Sorts them.
///
/// # Panics
/// Without a single value.
pub(crate) fn quantile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let index = ((values.len() as f64 * share).ceil() as usize).clamp(1, values.len()) - 1;
    values[index]
}

/// Values of which there may be more than should be kept: then each is kept with the same probability.
#[derive(Debug, Default)]
pub(crate) struct Sample {
    seen: usize,
    kept: Vec<f64>,
}

impl Sample {
    /// How many are kept. A p99 then rests on a thousand values.
    const MOST: usize = 100_000;

    pub(crate) fn add(&mut self, value: f64, rng: &mut impl Rng) {
        self.seen += 1;
        if self.kept.len() < Self::MOST {
            self.kept.push(value);
        } else if let Some(place) = self.kept.get_mut(rng.random_range(0..self.seen)) {
            *place = value;
        }
    }

    /// The value below which this share of those kept lies; `None` without any.
    pub(crate) fn quantile(&mut self, share: f64) -> Option<f64> {
        (!self.kept.is_empty()).then(|| quantile(&mut self.kept, share))
    }
}

#[cfg(test)]
mod tests {
    use rand::{SeedableRng as _, rngs::StdRng};

    use super::*;

    #[test]
    fn quantiles_are_values_that_were_measured() {
        let mut values: Vec<f64> = (1..=100).rev().map(f64::from).collect();
        assert_eq!(quantile(&mut values, 0.5), 50.0);
        assert_eq!(quantile(&mut values, 0.99), 99.0);
        assert_eq!(quantile(&mut [3.0], 0.99), 3.0);
    }

    #[test]
    fn a_sample_stays_small_and_holds_late_values_as_likely_as_early_ones() {
        let mut rng = StdRng::seed_from_u64(1);
        let mut sample = Sample::default();
        assert_eq!(sample.quantile(0.5), None);
        for number in 0..300_000 {
            sample.add(f64::from(number), &mut rng);
        }
        assert_eq!(sample.kept.len(), Sample::MOST);
        let middle = sample.quantile(0.5).unwrap();
        assert!((148_000.0..152_000.0).contains(&middle), "{middle}");
    }
}
