//! What a flow of money is worth.

/// One, in the fixed point of discount factors.
const ONE: i128 = 1_000_000_000_000_000_000;

/// The value of a flow at its first month, in the unit of the flow, rounded half away from zero.
///
/// NPV = Σ flow_t ÷ (1 + r)^(t ÷ 12), with t the months since the first one and r the yearly rate (Brealey, Myers, Allen: *Principles of
/// Corporate Finance*, chapter 2). A month is discounted by the effective monthly rate (1 + r)^(1/12) − 1, so that twelve of
/// them are a year exactly; the first month is not discounted. `rate` is in hundredths of a percent: 800 for 8 %, at most 100 %.
pub fn net_present_value(flow: &[i64], rate: u32) -> i64 {
    let yearly = ONE + i128::from(rate.min(10_000)) * (ONE / 10_000);
    let (year, month) = (ONE * ONE / yearly, ONE * ONE / twelfth_root(yearly));
    let (mut of_year, mut factor, mut sum) = (ONE, ONE, 0_i128);
    for (t, amount) in flow.iter().enumerate() {
        if t > 0 && t % 12 == 0 {
            of_year = of_year * year / ONE;
            factor = of_year;
        } else if t > 0 {
            factor = factor * month / ONE;
        }
        sum += i128::from(*amount) * factor;
    }
    let rounded = (sum.abs() + ONE / 2) / ONE * sum.signum();
    i64::try_from(rounded).unwrap_or(if rounded < 0 { i64::MIN } else { i64::MAX })
}

/// The number whose twelfth power is another, from 1 to 2, by halving.
fn twelfth_root(of: i128) -> i128 {
    // What is beyond 2 already grows no further: it is too much.
    let step = |base: i128, power: i128| if power > 2 * ONE { power } else { power * base / ONE };
    let power = |base: i128| (0..12).fold(ONE, |power, _| step(base, power));
    let (mut low, mut high) = (ONE, 2 * ONE);
    while high - low > 1 {
        let middle = i128::midpoint(low, high);
        if power(middle) <= of { low = middle } else { high = middle }
    }
    low
}

/// The first month, counted from 0, in which a flow has paid back what it took: its sum so far is not negative, after it was. A flow
/// that never takes anything has paid back in its first month; `None` where it never does. Nothing is discounted (Brealey, Myers,
/// Allen: *Principles of Corporate Finance*, chapter 5).
pub fn payback(flow: &[i64]) -> Option<usize> {
    let sums = flow.iter().scan(0_i64, |sum, amount| {
        *sum += amount;
        Some(*sum)
    });
    let sums: Vec<i64> = sums.collect();
    match sums.iter().position(|sum| *sum < 0) {
        Some(taken) => sums[taken..].iter().position(|sum| *sum >= 0).map(|after| taken + after),
        None => (!sums.is_empty()).then_some(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flow(months: usize, amounts: &[(usize, i64)]) -> Vec<i64> {
        let mut flow = vec![0; months];
        for (at, whole) in amounts {
            flow[*at] = whole * 100;
        }
        flow
    }

    /// By hand, at 8 % a year:
    ///
    /// - 1,000 now and 1,080 in twelve months: −1000 + 1080 ÷ 1.08 = 0.
    /// - 12,000 now, 6,000 in six months and 7,000 in eighteen: 1.08^0.5 = 1.0392305 and 1.08^1.5 = 1.1223689, so
    ///   −12000 + 5773.5027 + 6236.8084 = 10.3111, which is 10.31.
    /// - 100 in each of three months: 1.08^(1/12) = 1.0064340, its square 1.0129095, so 100 + 99.3607 + 98.7255 = 298.0862.
    #[test]
    fn the_value_is_that_of_a_hand_calculation() {
        assert_eq!(net_present_value(&flow(13, &[(0, -1_000), (12, 1_080)]), 800), 0);
        assert_eq!(net_present_value(&flow(19, &[(0, -12_000), (6, 6_000), (18, 7_000)]), 800), 1_031);
        assert_eq!(net_present_value(&[10_000; 3], 800), 29_809);
        // Without a rate it is the sum; at 100 % a year's amount is half.
        assert_eq!(net_present_value(&[-10_000, 5_000, 7_000], 0), 2_000);
        assert_eq!(net_present_value(&flow(13, &[(12, 500)]), 10_000), 25_000);
        assert_eq!(net_present_value(&[], 800), 0);
    }

    /// By hand, sums so far: −120, −60, 0 | −120, −60, −10 | 10, −90, 20.
    #[test]
    fn what_was_taken_is_paid_back_when_the_sum_is_not_negative_any_more() {
        assert_eq!(payback(&[-120, 60, 60]), Some(2));
        assert_eq!(payback(&[-120, 60, 50]), None);
        assert_eq!(payback(&[10, -100, 110]), Some(2), "what comes in first pays nothing back");
        assert_eq!(payback(&[10, 0, 5]), Some(0));
        assert_eq!(payback(&[]), None);
    }
}
