//! A person in a circle.

use leptos::prelude::*;

/// The initials of a person in their colour, with the name for those who hover or listen.
#[component]
pub(crate) fn Avatar(
    #[prop(into)] name: String,
    colour: u8,
    /// Drawn with a ring: present right now.
    #[prop(optional)]
    ring: bool,
) -> impl IntoView {
    let initials = initials(&name);
    let class = format!("avatar colour-{}{}", colour % 12, if ring { " avatar--ring" } else { "" });
    view! {
        <span class=class title=name.clone() role="img" aria-label=name>
            {initials}
        </span>
    }
}

/// First letters of the first and the last word; the style shows them as capitals.
fn initials(name: &str) -> String {
    let mut words = name.split_whitespace();
    let first = words.next().and_then(|word| word.chars().next());
    let last = words.next_back().and_then(|word| word.chars().next());
    first.into_iter().chain(last).collect()
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn initials_are_of_the_first_and_last_word() {
        assert_eq!(initials("Ada Byron Lovelace"), "AL");
        assert_eq!(initials("øystein"), "ø");
        assert_eq!(initials(" "), "");
    }
}
