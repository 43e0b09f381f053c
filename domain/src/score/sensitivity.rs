//! What would have to be different for two neighbours to change places.

use super::{Number, ScoreModel, Scored, Source};

/// The change of one input of an item that is enough for it to pass a neighbour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Swap {
    /// The place of the criterion.
    pub input: usize,
    pub from: Number,
    pub to: Number,
}

/// How many places between an input and its bound are tried before the interval is halved.
const TRIED: u64 = 16;

/// How far an input without a near bound is changed: to so many times of what it is.
const TIMES: i64 = 10;

/// The smallest change of one input of the item at `place` that swaps it with the item above it, or below it: small as a part of
/// what the input can be, so that inputs of different units compare; at most ten times what it is. A rating changes by hundredths,
/// effort by tenths of a person-day, others by one. Along the way to an input's bound sixteen places are tried and the first interval with
/// a swap is halved: where the score only rises or only falls with the input, as in every built-in model, no smaller change of
/// that input is enough. `None` where there is no neighbour, or no single input is enough.
pub fn swap(model: &ScoreModel, ranked: &[Scored], place: usize, above: bool) -> Option<Swap> {
    let item = ranked.get(place)?;
    let other = ranked.get(if above { place.checked_sub(1)? } else { place + 1 })?;
    // What has no score has no place in the order to give away.
    let (Ok(_), Ok(against)) = (&item.score, &other.score) else { return None };
    let mut values = item.values();
    let mut best = None::<(Number, Swap)>;
    for &input in model.formula.uses() {
        let Some(from) = values.get(input).copied().flatten() else { continue };
        let source = &model.criteria.get(input)?.source;
        let Some((low, high, step)) = reach(source, from) else { continue };
        let whole = high.minus(low)?;
        for up in [true, false] {
            let end = if up { high } else { low };
            let room = end.minus(from).map(Number::size)?.steps_of(step);
            let at = |steps: u64| {
                let by = step.times(Number::whole(i64::try_from(steps).ok()?))?;
                if up { from.plus(by) } else { from.minus(by) }
            };
            let mut passes = |steps: u64| {
                let Some(to) = at(steps) else { return false };
                values[input] = Some(to);
                let score = model.formula.value(&values);
                values[input] = Some(from);
                score.is_ok_and(|score| match score.cmp(against) {
                    std::cmp::Ordering::Equal => (item.own < other.own) == above,
                    order => order.is_gt() == above,
                })
            };
            let Some(steps) = first(room, &mut passes) else { continue };
            let to = at(steps)?;
            let part = to.minus(from)?.size().over(whole)?;
            if best.as_ref().is_none_or(|(smallest, _)| part < *smallest) {
                best = Some((part, Swap { input, from, to }));
            }
        }
    }
    best.map(|(_, swap)| swap)
}

/// Between what an input can be changed, and in which steps.
fn reach(source: &Source, from: Number) -> Option<(Number, Number, Number)> {
    let step = match source {
        Source::Rating(scale) if scale.choices().is_some() => Number::hundredths(1),
        Source::Field(field) => field.step(),
        Source::Rating(_) | Source::Upvotes | Source::VotingResult => Number::ONE,
    };
    let far = from.size().max(Number::ONE).times(Number::whole(TIMES))?;
    let (low, high) = match source.bounds() {
        // A wide scale says less about what is much than the number that is there.
        Some((low, high)) if matches!(source, Source::Rating(scale) if scale.choices().is_none()) => {
            (low.max(far.negative()), high.min(far))
        }
        Some(bounds) => bounds,
        None if from < Number::ZERO => (far.negative(), far),
        None => (Number::ZERO, far),
    };
    (low < high).then_some((low, high, step))
}

/// The fewest steps that pass, out of at most `room`.
fn first(room: u64, passes: &mut impl FnMut(u64) -> bool) -> Option<u64> {
    let mut before = 0;
    for tried in 1..=TRIED {
        let steps = u64::try_from(u128::from(room) * u128::from(tried) / u128::from(TRIED)).ok()?;
        if steps == before {
            continue;
        }
        if passes(steps) {
            let (mut short, mut enough) = (before, steps);
            while enough - short > 1 {
                let middle = short + (enough - short) / 2;
                if passes(middle) { enough = middle } else { short = middle }
            }
            return Some(enough);
        }
        before = steps;
    }
    None
}
