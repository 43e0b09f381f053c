//! Numbers of things in a sentence.

use std::fmt;

/// `1 item`, `2 items`.
pub fn counted<N: Copy + fmt::Display + PartialEq + From<u8>>(number: N, one: &str, many: &str) -> String {
    format!("{number} {}", if number == N::from(1) { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thing_is_not_several() {
        assert_eq!([0_u32, 1, 2].map(|n| counted(n, "item", "items")), ["0 items", "1 item", "2 items"]);
    }
}
