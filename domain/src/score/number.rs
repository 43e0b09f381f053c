//! Exact numbers.

use std::{cmp::Ordering, fmt, str::FromStr};

/// A fraction. Whatever is added, multiplied and divided stays exact, so that the same inputs rank the same way everywhere; only
/// where a fraction would need more than 128 bits are its parts rounded to nine decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Number {
    top: i128,
    /// Always above zero, without a divisor in common with `top`.
    bottom: i128,
}

/// One unit in the last place of a number that was rounded.
const ROUNDED: i128 = 1_000_000_000;

/// The most digits of a number that is typed, before and behind the point.
const MAX_DIGITS: (usize, usize) = (12, 6);

impl Number {
    pub const ZERO: Number = Number { top: 0, bottom: 1 };
    pub const ONE: Number = Number { top: 1, bottom: 1 };

    /// A whole number.
    pub const fn whole(number: i64) -> Self {
        Number { top: number as i128, bottom: 1 }
    }

    /// So many hundredths, as ratings and money are kept.
    pub fn hundredths(number: i64) -> Self {
        Self::of(i128::from(number), 100).unwrap_or(Self::ZERO)
    }

    pub fn thousandths(number: u64) -> Self {
        Self::of(i128::from(number), 1_000).unwrap_or(Self::ZERO)
    }

    /// `top / bottom`; `None` where `bottom` is zero, or the fraction cannot be held.
    pub fn fraction(top: i64, bottom: i64) -> Option<Self> {
        Self::of(i128::from(top), i128::from(bottom))
    }

    fn of(top: i128, bottom: i128) -> Option<Self> {
        if bottom == 0 || top == i128::MIN || bottom == i128::MIN {
            return None;
        }
        let shared = i128::try_from(gcd(top.unsigned_abs(), bottom.unsigned_abs())).ok()?.max(1);
        let sign = bottom.signum();
        Some(Number { top: top / shared * sign, bottom: bottom / shared * sign })
    }

    pub fn is_zero(self) -> bool {
        self.top == 0
    }

    pub fn is_negative(self) -> bool {
        self.top < 0
    }

    /// To nine decimals, where that makes it simpler.
    fn rounded(self) -> Self {
        if self.bottom <= ROUNDED {
            return self;
        }
        let (whole, rest) = (self.top.div_euclid(self.bottom), self.top.rem_euclid(self.bottom));
        // The rest is smaller than what it is divided by, so a shift keeps both within their bits.
        let shift = (128 - self.bottom.leading_zeros()).saturating_sub(90);
        let part = ((rest >> shift) * ROUNDED) / (self.bottom >> shift).max(1);
        let top = whole.checked_mul(ROUNDED).and_then(|top| top.checked_add(part));
        top.and_then(|top| Self::of(top, ROUNDED)).unwrap_or(self)
    }

    fn either(self, other: Self, work: fn(Self, Self) -> Option<Self>) -> Option<Self> {
        work(self, other).or_else(|| work(self.rounded(), other.rounded()))
    }

    /// `None` when the result cannot be held.
    pub fn plus(self, other: Self) -> Option<Self> {
        self.either(other, |a, b| {
            let top = a.top.checked_mul(b.bottom)?.checked_add(b.top.checked_mul(a.bottom)?)?;
            Self::of(top, a.bottom.checked_mul(b.bottom)?)
        })
    }

    /// `None` when the result cannot be held.
    pub fn minus(self, other: Self) -> Option<Self> {
        self.plus(other.negative())
    }

    /// `None` when the result cannot be held.
    pub fn times(self, other: Self) -> Option<Self> {
        self.either(other, |a, b| Self::of(a.top.checked_mul(b.top)?, a.bottom.checked_mul(b.bottom)?))
    }

    /// `None` when `other` is zero, or the result cannot be held.
    pub fn over(self, other: Self) -> Option<Self> {
        if other.is_zero() {
            return None;
        }
        self.either(other, |a, b| Self::of(a.top.checked_mul(b.bottom)?, a.bottom.checked_mul(b.top)?))
    }

    #[must_use]
    pub fn negative(self) -> Self {
        Number { top: -self.top, bottom: self.bottom }
    }

    /// The distance from zero.
    #[must_use]
    pub fn size(self) -> Self {
        Number { top: self.top.abs(), bottom: self.bottom }
    }

    /// How many times a step above zero fits into a number above zero.
    pub(super) fn steps_of(self, step: Self) -> u64 {
        let times = self.over(step).map_or(0, |times| times.top.div_euclid(times.bottom));
        u64::try_from(times.max(0)).unwrap_or(u64::MAX)
    }

    /// In hundredths, when it is so many and no fraction of one.
    pub fn as_hundredths(self) -> Option<i64> {
        let hundredths = self.times(Self::whole(100))?;
        (hundredths.bottom == 1).then(|| i64::try_from(hundredths.top).ok()).flatten()
    }

    /// In hundredths, rounded half away from zero; `None` where that cannot be held.
    pub fn rounded_hundredths(self) -> Option<i64> {
        let (whole, hundredths) = self.rounded_parts();
        let size = whole.checked_mul(100)?.checked_add(hundredths)?;
        i64::try_from(size * self.top.signum()).ok()
    }

    /// Its size as whole ones and hundredths, rounded.
    fn rounded_parts(self) -> (i128, i128) {
        let (whole, rest) = (self.top.abs() / self.bottom, self.top.abs() % self.bottom);
        let hundredths = match rest.checked_mul(200) {
            Some(twice) => (twice / self.bottom + 1) / 2,
            None => ((rest / 1_000) * 200 / (self.bottom / 1_000).max(1) + 1) / 2,
        };
        (whole + hundredths / 100, hundredths % 100)
    }

    /// How far along it is between two others, from 0 to 1000.
    pub fn permille(self, low: Self, high: Self) -> u32 {
        let share = self.minus(low).zip(high.minus(low)).and_then(|(a, b)| a.over(b));
        let permille = share.and_then(|share| share.times(Self::whole(1_000)));
        permille.map_or(0, |number| u32::try_from((number.top / number.bottom).clamp(0, 1_000)).unwrap_or(0))
    }
}

fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        // Numbers of 64 bits are divided much faster.
        if let (Ok(mut x), Ok(mut y)) = (u64::try_from(a), u64::try_from(b)) {
            while y != 0 {
                (x, y) = (y, x % y);
            }
            return u128::from(x);
        }
        (a, b) = (b, a % b);
    }
    a
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        let products = self.top.checked_mul(other.bottom).zip(other.top.checked_mul(self.bottom));
        if let Some((a, b)) = products {
            return a.cmp(&b);
        }
        // Too long to be multiplied: whole parts first, then what is left, the other way up.
        let (mut a, mut b) = (*self, *other);
        loop {
            let wholes = (a.top.div_euclid(a.bottom), b.top.div_euclid(b.bottom));
            let rests = (a.top.rem_euclid(a.bottom), b.top.rem_euclid(b.bottom));
            match (wholes.0.cmp(&wholes.1), rests) {
                (Ordering::Equal, (0, 0)) => return Ordering::Equal,
                (Ordering::Equal, (0, _)) => return Ordering::Less,
                (Ordering::Equal, (_, 0)) => return Ordering::Greater,
                (Ordering::Equal, (x, y)) => {
                    (a, b) = (Number { top: b.bottom, bottom: y }, Number { top: a.bottom, bottom: x });
                }
                (order, _) => return order,
            }
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// To two decimals at most, as people read it.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, hundredths) = self.rounded_parts();
        let sign = if self.top < 0 && (whole, hundredths) != (0, 0) { "−" } else { "" };
        match hundredths {
            0 => write!(f, "{sign}{whole}"),
            some if some % 10 == 0 => write!(f, "{sign}{whole}.{}", some / 10),
            some => write!(f, "{sign}{whole}.{some:02}"),
        }
    }
}

/// A decimal such as `3`, `0.25` or `-1.5`.
impl FromStr for Number {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (sign, digits) = match text.strip_prefix(['-', '−']) {
            Some(rest) => (-1, rest),
            None => (1, text),
        };
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let fits = whole.len() <= MAX_DIGITS.0 && part.len() <= MAX_DIGITS.1;
        if digits.is_empty() || digits.ends_with('.') || !is_number(whole) || !is_number(part) || !fits {
            return Err(());
        }
        let top: i128 = format!("0{whole}{part}").parse().map_err(|_| ())?;
        let bottom = part.bytes().fold(1_i128, |bottom, _| bottom * 10);
        Self::of(sign * top, bottom).ok_or(())
    }
}

impl Number {
    /// As a formula has it: a decimal that [`FromStr`] reads back, where it is one.
    pub(super) fn literal(self) -> String {
        let (mut bottom, mut top, mut places) = (self.bottom, self.top.abs(), 0_usize);
        while bottom != 1 && places < MAX_DIGITS.1 {
            let shared = i128::try_from(gcd(10, bottom.unsigned_abs())).unwrap_or(1);
            top = top.saturating_mul(10 / shared);
            bottom /= shared;
            places += 1;
        }
        let digits = format!("{top:0>width$}", width = places + 1);
        let (whole, part) = digits.split_at(digits.len() - places);
        let point = if places == 0 { "" } else { "." };
        format!("{whole}{point}{part}")
    }
}
