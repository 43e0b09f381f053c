//! Numbers of things in a sentence.

use std::fmt;

/// `1 item`, `2 items`.
pub fn counted<N: Copy + fmt::Display + PartialEq + From<u8>>(number: N, one: &str, many: &str) -> String {
    format!("{number} {}", plural(number, one, many))
}

/// `item` of one, `items` of any other number.
pub fn plural<'a, N: PartialEq + From<u8>>(number: N, one: &'a str, many: &'a str) -> &'a str {
    if number == N::from(1) { one } else { many }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thing_is_not_several() {
        assert_eq!([0_u32, 1, 2].map(|n| counted(n, "item", "items")), ["0 items", "1 item", "2 items"]);
    }
}
