//! How much load there is.

/// All of it, or little of it once, to see that everything runs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Load {
    pub(super) small: bool,
}

impl Load {
    /// So many connections, rooms or edits; fewer when little is wanted.
    pub(super) fn of(self, whole: usize) -> usize {
        if self.small { (whole / 20).max(1) } else { whole }
    }

    /// How often what is cheap to measure is measured; the median counts.
    pub(super) fn runs(self) -> usize {
        if self.small { 1 } else { 3 }
    }
}

/// A number as people read it: thousands apart.
pub(super) fn counted(number: usize) -> String {
    let digits = number.to_string();
    let split = digits.len().saturating_sub(3);
    if split == 0 { digits } else { format!("{},{}", &digits[..split], &digits[split..]) }
}
